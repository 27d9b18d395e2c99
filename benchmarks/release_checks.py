"""How long the release checks take, and what memory: watch lists of many people, and a page held against them.

`python benchmarks/release_checks.py` writes release_checks.md beside itself; it takes about two minutes on one core.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import machine
import nbformat

from workbench.present.disclosure import CMS
from workbench.present.result import StudyResult
from workbench.protection.watch_list import WatchList
from workbench.reports.release import Candidate, examine
from workbench.reports.release.holding import hold

SIZES = (100_000, 1_000_000, 5_000_000)
SAMPLE = Path(__file__).parents[1] / "docs/samples/no_show"


def candidate() -> Candidate:
    """The largest of the sample reports, as it was published, beside itself as the version before."""
    result = StudyResult.model_validate_json((SAMPLE / "results.json").read_text(encoding="utf-8"))
    return Candidate(
        html=(SAMPLE / "report.html").read_text(encoding="utf-8"),
        notebook=nbformat.read(SAMPLE / "notebook.ipynb", as_version=4),
        result=result,
        manifest={},
        file_names=("report.html",),
        previous=result,
    )


def timed[T](work: Callable[[], T]) -> tuple[float, T]:
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def measured(size: int) -> str:
    """One row of the table; in a process of its own, since the most memory a process held is asked for."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    build, listed = timed(lambda: WatchList.of(f"p{number:015x}" for number in range(size)))
    most = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    kept = listed.to_bytes()
    read, _ = timed(lambda: WatchList.from_bytes(kept))
    joined, _ = timed(lambda: listed.joined(f"q{number:015x}" for number in range(size // 100)))
    page = candidate()
    examine(page, WatchList.of(["Maria Lopez-Ortega"]), CMS)  # what is made once in a process is made here
    whole, findings = timed(lambda: examine(page, listed, CMS))
    assert not findings
    times = " | ".join(f"{seconds:.2f}" for seconds in (read, joined, whole))
    return f"| {size:,} | {build:.2f} | {len(kept) / 2**20:.0f} | {most:.0f} | {times} |"


def main() -> None:
    rows = [
        subprocess.run(
            [sys.executable, __file__, str(size)], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        for size in SIZES
    ]
    page = candidate()
    held, _ = timed(lambda: hold(page.result, page.previous, CMS))
    table = "".join(rows)
    Path(__file__).with_suffix(".md").write_text(
        f"""# The release checks: time and memory

Seconds of one core, and MiB. Examined is the sample report of the no-show study, {len(page.html) / 1024:.0f} KiB of
page, with all checks and the version before. {machine.told()}

| pseudonyms on the list | build | list | most memory in building | read again | join 1 % more | examine a report |
|---|---|---|---|---|---|---|
{table}
To hold that report's numbers against the version before takes {held:.2f} seconds, whatever the list.
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measured(int(sys.argv[1])))
    else:
        main()
