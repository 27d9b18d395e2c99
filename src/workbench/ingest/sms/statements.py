"""Texts as they stand in SQL statements."""


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: tuple[str, ...]) -> str:
    """Texts as the list that IN takes; NULL, which nothing is in, where there are none."""
    return "(" + (", ".join(literal(text) for text in texts) or "NULL") + ")"
