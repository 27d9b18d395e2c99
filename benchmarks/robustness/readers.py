"""Runners and readers on one store at the same time: nobody may see a broken file, nothing is published twice."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from robustness.small_project import SETS, SmallProject


@dataclass(frozen=True)
class Shared:
    """What runners did and readers saw."""

    sets: int
    published: int
    refused: int
    other: int
    twice: int
    reads: int
    broken: int
    faults: int


def runners_and_readers(project: SmallProject, runners: int, readers: int, minutes: float) -> Shared:
    """Let them loose on one store for some minutes."""
    project.start("run", "params").communicate()
    over = Event()
    with ThreadPoolExecutor(runners + readers) as pool:
        running = [pool.submit(_run, project, over) for _ in range(runners)]
        reading = [pool.submit(_read, project.root / "reports", over) for _ in range(readers)]
        time.sleep(60 * minutes)
        over.set()
        lines = [line for each in running for line in each.result()]
        seen = Counter()
        for each in reading:
            seen.update(each.result())
    states = Counter(line.split()[0] for line in lines if line and not line.startswith((" ", "Catalogue")))
    # Sets of the same parameters may publish versions of the same name within a second.
    names = [line.split(";")[0] for line in lines if line.startswith("published")]
    return Shared(
        sets=len(SETS),
        published=states["published"],
        refused=states["refused"],
        other=states.total() - states["published"] - states["refused"],
        twice=len(names) - len(set(names)),
        reads=seen["whole"] + seen["broken"],
        broken=seen["broken"],
        faults=len(project.store.faults()),
    )


def _run(project: SmallProject, over: Event) -> list[str]:
    lines = []
    while not over.is_set():
        process = project.start("run", "params", "--force")
        out, _ = process.communicate()
        lines += out.splitlines()
    return lines


def _read(store: Path, over: Event) -> Counter[str]:
    seen: Counter[str] = Counter()
    while not over.is_set():
        for whole in (_whole_catalogue(store), *_whole_versions(store)):
            seen["whole" if whole else "broken"] += 1
    return seen


def _whole_catalogue(store: Path) -> bool:
    return (store / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def _whole_versions(store: Path) -> Iterator[bool]:
    for name in SETS:
        # The link is followed once, as a browser does that opens a report and then what lies beside it.
        version = (store / "ab_test" / name / "latest").resolve()
        try:
            manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
            files = {file: (version / file).read_bytes() for file in manifest["files"]}
        except (OSError, ValueError):
            yield False
            continue
        yield all(
            hashlib.sha256(content).hexdigest() == manifest["files"][file] for file, content in files.items()
        )
