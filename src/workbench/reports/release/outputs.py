"""Only what was meant to be seen: the published notebook keeps no output but typed ones, and one result."""

from collections.abc import Iterator

from workbench.present.blocks import BLOCK_TYPE
from workbench.present.result import RESULT_TYPE, StudyResult
from workbench.reports.release.candidate import Candidate, Finding

CHECK = "only what was meant"
ADVICE = "Publish the notebook that harvest cleaned."


def find_unmeant(candidate: Candidate) -> Iterator[Finding]:
    """Stray outputs, widgets and attachments in the notebook, and a result that is not the candidate's."""
    results = []
    if "widgets" in candidate.notebook.metadata:
        yield Finding(CHECK, "notebook.ipynb, metadata", ADVICE)
    for at, cell in enumerate(candidate.notebook.cells, 1):
        data = [output.get("data", {}) for output in cell.get("outputs", [])]
        if (
            any(not each or not set(each) <= {RESULT_TYPE, BLOCK_TYPE} for each in data)
            or "attachments" in cell
        ):
            yield Finding(CHECK, f"notebook.ipynb, cell {at}", ADVICE)
        results += [each[RESULT_TYPE] for each in data if RESULT_TYPE in each]
    if [StudyResult.model_validate(result) for result in results] != [candidate.result]:
        yield Finding(CHECK, "notebook.ipynb", "The notebook displays the published result once, and no other.")
