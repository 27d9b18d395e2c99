"""Phone numbers and e-mail addresses in one form each, so that two vendors that name one contact point agree.

A phone number takes the form of E.164, such as +15555550123 (ITU-T Recommendation E.164: a country code, at most 15
digits in all). The rules are substitutions, one after the other, in the part of regular expressions that Python and
DuckDB share; both run the same ones.
"""

import re

COUNTRY_CODE = r"[1-9][0-9]{0,2}"
NORTH_AMERICA = "1"
# In these countries a number keeps its leading zero after the country code.
ZERO_STAYS = ("39", "378", "379")
E164 = r"^(\+(?:1[2-9][0-9]{9}|[2-9][0-9]{6,14}))$"
EMAIL = r"^([^@ \t\r\n]+@[^@ \t\r\n]+)$"

_BARE = (
    (r"(?i)^[ \t]*(?:tel|sms|whatsapp):", ""),
    (r"(?is)[ ,;]*(?:extension|ext|x|#|;).*", ""),
    # Letters and @ make it something else, such as a name or an address.
    (r"(?s)^.*[A-Za-z@].*$", ""),
    # The zero in +44 (0)20 is dialed inside the country alone.
    (r"^([^0-9+]*(?:\+|00)[^()]*)\(0\)", r"\1"),
    (r"[^0-9+]", ""),
)
_ADDRESS = ((r"(?i)^[ \t\r\n]*(?:mailto:)?[ \t\r\n]*", ""), (r"[ \t\r\n]+$", ""))


def normalized_phone(text: str, country: str) -> str | None:
    """The number in the form E.164, or None where it is none, such as a short code, or lacks its area code.

    Args:
        text: as people and vendors write it: with spaces, brackets, an extension, `tel:`, + or 00 before it.
        country: the code of the country whose numbers stand without one, such as "1" or "44".
    """
    for pattern, put in _steps(country):
        text = re.sub(pattern, put, text)
    return text if re.fullmatch(E164, text) else None


def phone_sql(column: str, country: str) -> str:
    """The same in DuckDB's SQL: an expression of text, null where `normalized_phone` gives None.

    Args:
        column: an expression of text.
        country: as there; validated settings alone may come here, since it becomes part of the statement.
    """
    return f"nullif(regexp_extract({_substituted(column, _steps(country))}, '{E164}', 1), '')"


def normalized_email(text: str) -> str | None:
    """The address in lower case, without `mailto:` and spaces around; None where it is none."""
    for pattern, put in _ADDRESS:
        text = re.sub(pattern, put, text)
    return text.lower() if re.fullmatch(EMAIL, text) else None


def email_sql(column: str) -> str:
    """The same in DuckDB's SQL: an expression of text, null where `normalized_email` gives None."""
    return f"nullif(regexp_extract(lower({_substituted(column, _ADDRESS)}), '{EMAIL}', 1), '')"


def _steps(country: str) -> tuple[tuple[str, str], ...]:
    """Patterns and what is put in their places: what is no digit goes, then the country's code is put before."""
    if not re.fullmatch(COUNTRY_CODE, country):
        raise ValueError(f"{country!r} is no country code")
    if country == NORTH_AMERICA:
        return (*_BARE, (r"^(?:00|011)", "+"), (r"^1?([2-9][0-9]{9})$", r"+1\1"))
    zero = "" if country in ZERO_STAYS else "0?"
    first = "[0-9]" if country in ZERO_STAYS else "[1-9]"
    return (*_BARE, ("^00", "+"), (rf"^{zero}({first}[0-9]{{5,13}})$", rf"+{country}\1"))


def _substituted(column: str, steps: tuple[tuple[str, str], ...]) -> str:
    expression = column
    for pattern, put in steps:
        expression = f"regexp_replace({expression}, '{pattern}', '{put}', 'g')"
    return expression
