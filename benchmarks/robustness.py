"""What becomes of the report store under harm: `python benchmarks/robustness.py` writes robustness.md beside itself.

Three parts: `kill -9` at random moments of a run; runners on one store, with readers, for minutes; and generated
parameter files, of which none may end in a traceback. About half an hour on two cores.
"""

import random
import tempfile
from pathlib import Path

import machine
from robustness.files import Files, refused_files
from robustness.killing import Killed, killed_runs
from robustness.readers import Shared, runners_and_readers
from robustness.small_project import small_project

KILLS = 200
RUNNERS, READERS, MINUTES = 8, 2, 4
FILES = 10_000
SEED = 20_261_128


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        killed = killed_runs(small_project(Path(folder) / "killed"), KILLS, random.Random(SEED))
        print(killed)
        shared = runners_and_readers(small_project(Path(folder) / "shared"), RUNNERS, READERS, MINUTES)
        print(shared)
        files = refused_files(small_project(Path(folder) / "files"), FILES, random.Random(SEED))
        print(files)
    parts = [_introduction(), _of_kills(killed), _of_runners(shared), _of_files(files)]
    Path(__file__).with_suffix(".md").write_text("\n".join(parts), encoding="utf-8")


def _introduction() -> str:
    return f"""# The report store under harm

A project with a simulated provider of 1,000 patients and a notebook that publishes at once, so that most of a run is
what is tried here. {machine.told()}
"""


def _of_kills(killed: Killed) -> str:
    return f"""## Killed at {KILLS:,} random moments

`workbench run --force` is ended by `kill -9` at a moment drawn from the {killed.seconds:.1f} seconds that it takes.

| | |
|---|---|
| kills | {killed.kills:,} |
| of these while it ran | {killed.hit:,} |
| versions after all | {killed.versions:,} |
| looks at the store that found a version not whole | {killed.broken:,} |
| faults that `workbench reports verify` finds after one more run | {killed.faults:,} |
| that run publishes | {"yes" if killed.recovers else "no"} |
"""


def _of_runners(shared: Shared) -> str:
    return f"""## {RUNNERS} runners on one store for {MINUTES} minutes

Each runs the same {shared.sets} parameter sets by force, again and again; {READERS} readers open the catalogue and each
set's `latest`, and hold every file against its manifest.

| | |
|---|---|
| versions published | {shared.published:,} |
| versions published twice | {shared.twice:,} |
| runs refused, for another of the same set was under way | {shared.refused:,} |
| runs that ended otherwise | {shared.other:,} |
| reads | {shared.reads:,} |
| reads of something broken | {shared.broken:,} |
| faults that `workbench reports verify` finds | {shared.faults:,} |
"""


def _of_files(files: Files) -> str:
    return f"""## {FILES:,} generated parameter files

A valid file is changed one to three times: {", ".join(files.kinds)}.

| | |
|---|---|
| files | {files.files:,} |
| accepted | {files.accepted:,} |
| refused | {files.refused:,} |
| faults told, each in a sentence | {files.faults:,} |
| longest of these, in characters | {files.longest:,} |
| tracebacks | {files.tracebacks:,} |
"""


if __name__ == "__main__":
    main()
