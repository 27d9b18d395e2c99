"""What escapes and encodings in a text stand for: written so that a person does not read it, but a program does."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import unquote

ENCODED = re.compile(r"(?<![\w+/=-])(?:[A-Za-z0-9+/]{11,}|[A-Za-z0-9_-]{11,})={0,6}(?![\w+/=-])")
DIGITS_APART = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ :,-]){5,}[0-9a-fA-F]{2}(?!\w)")
BROKEN = re.compile(r"(?<=[\w+/])\s*\n\s*(?=[\w+/])")
# Of JSON and Python (their backslashes perhaps doubled), of mail, and of style sheets.
ESCAPE = re.compile(
    r"\\+u\{([0-9a-fA-F]{1,6})\}|\\+u([0-9a-fA-F]{4})|\\+U([0-9a-fA-F]{8})|\\+x([0-9a-fA-F]{2})|=([0-9A-F]{2})"
    r"|\\+([0-9a-fA-F]{2,6})"
)
SPACED = re.compile(r"(\\[0-9a-fA-F]{2,6}) (?=\\)")
WHITE = re.compile(r"\\+[nrt]")
EMPHASIS = re.compile(r"\*+|`+|~~|\\(?=[^\w\s])")


def unescaped(text: str) -> str:
    """The text with percent signs, entities, escapes and marks of emphasis resolved; the same where it has none."""
    plain = unquote(unescape(text))
    if "\\" in plain or "=" in plain:
        # A space ends the escape of a style sheet, where another follows.
        plain = ESCAPE.sub(_character, SPACED.sub(r"\1", plain))
        plain = WHITE.sub(" ", plain)
    return EMPHASIS.sub("", plain)


def decoded(text: str) -> Iterator[bytes]:
    """What base64, base32 or hexadecimal digits in a text stand for."""
    for token in ENCODED.findall(BROKEN.sub("", text)):
        yield from _bytes_of(token)
    for digits in DIGITS_APART.findall(text):
        yield bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", digits))


def text_in(raw: bytes) -> str | None:
    """Bytes as text, in UTF-8 or UTF-16; None where they are none."""
    wide = raw[1::2].count(0) > len(raw) // 4 or raw[::2].count(0) > len(raw) // 4
    for encoding in ("utf-16-le", "utf-16-be") if wide else ("utf-8",):
        try:
            text = raw.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        if text.isprintable() or "\n" in text:
            return text
    return None


def _character(escape: re.Match[str]) -> str:
    code = int(next(digits for digits in escape.groups() if digits), 16)
    return chr(code) if 0x20 <= code < 0xD800 or 0xDFFF < code <= 0x10FFFF else escape[0]


def _bytes_of(token: str) -> Iterator[bytes]:
    bare = token.rstrip("=")
    plain = bare.replace("-", "+").replace("_", "/")
    yield from _tried(lambda: base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    if re.fullmatch(r"[A-Z2-7]+|[a-z2-7]+", bare):
        yield from _tried(lambda: base64.b32decode(bare.upper() + "=" * (-len(bare) % 8)))
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", token):
        yield bytes.fromhex(token)


def _tried(decode: Callable[[], bytes]) -> Iterator[bytes]:
    try:
        yield decode()
    except binascii.Error:
        return
