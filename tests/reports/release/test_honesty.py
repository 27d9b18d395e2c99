import pytest

from workbench.present.result import Check, Verdict
from workbench.reports.release.honesty import find_dishonesty


def check(passed: bool | None) -> Check:
    return Check(name="Sample ratio", passed=passed, detail="")


@pytest.mark.parametrize(
    "decision", ["adopt", "reject", "equivalent", "harmful", "fit_for_use", "fit_with_findings"]
)
@pytest.mark.parametrize(
    ("checks", "honest"),
    [
        ([True], True),
        ([True, None], True),
        ([True, False], False),
        ([False], False),
        ([None], False),
        ([], False),
    ],
)
def test_a_verdict_needs_its_checks(examined, decision, checks, honest):
    verdict = Verdict(decision=decision, headline="x", reasons=["y"])
    result = examined.candidate().result.model_copy(
        update={"verdict": verdict, "checks": [check(passed) for passed in checks]}
    )
    assert (list(find_dishonesty(result)) == []) is honest


@pytest.mark.parametrize("decision", ["keep_collecting", "invalid", "describe", "not_fit"])
@pytest.mark.parametrize("checks", [[], [False], [True]])
def test_who_claims_nothing_needs_none(examined, decision, checks):
    verdict = Verdict(decision=decision, headline="x", reasons=["y"])
    result = examined.candidate().result.model_copy(
        update={"verdict": verdict, "checks": [check(passed) for passed in checks]}
    )
    assert list(find_dishonesty(result)) == []


@pytest.mark.parametrize(("headline", "reasons"), [("x", []), ("x", [" "]), (" ", ["y"])])
def test_no_verdict_without_why(examined, headline, reasons):
    verdict = Verdict(decision="keep_collecting", headline=headline, reasons=reasons)
    assert list(find_dishonesty(examined.candidate().result.model_copy(update={"verdict": verdict})))
