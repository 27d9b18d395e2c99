"""Where an ingested source's tables stand now: one of several generations, named by a link."""

from pathlib import Path

CURRENT = "current"
GENERATIONS = "generations"
WATCH_LIST = "watch_list"


def current_generation(location: Path) -> Path | None:
    """The folder of the generation that counts, the link followed; None where there is none."""
    link = location / CURRENT
    return link.resolve() if link.is_symlink() and link.is_dir() else None
