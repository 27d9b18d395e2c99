"""The verdict: may the tables be used as they are, used with what was found in mind, or not before they are mended?"""

from typing import Literal

from workbench.outreach.inspection import Inspection

DataQualityDecision = Literal["fit_for_use", "fit_with_findings", "not_fit", "invalid"]


def decide(inspection: Inspection) -> DataQualityDecision:
    """A fault makes the tables not fit, a finding is told; where no check could be asked nothing can be said."""
    if inspection.with_status("fault"):
        return "not_fit"
    if inspection.with_status("finding"):
        return "fit_with_findings"
    return "fit_for_use" if inspection.with_status("passed") else "invalid"
