"""Who could take part, who comes, and how past texts went: on a few people, at the edges."""

import pytest

from workbench.experiments.planning.traffic import Segment, check_plan, count_traffic
from workbench.refusal import Refused

# As of 1 June 2026, with a window of 14 days and 1 for recording, texts up to 17 May are looked at.
LAST = "2026-05-17"


@pytest.fixture
def counted(clinic, planned):
    """The traffic of the clinic as a plan with fixed base rates sees it."""

    def count(**changed):
        plan = planned(**{"base_rate": 0.04, "guardrail_rate": 0.01, **changed})
        return count_traffic(clinic.known(plan), plan)

    return count


@pytest.mark.parametrize(
    ("changed", "eligible"),
    [
        ({}, 2),
        ({"birth_year": 2008}, 1),
        ({"birth_year": None}, 1),
        ({"ended_at": "2026-05-31"}, 1),
        ({"ended_at": "2026-06-01"}, 2),
        ({"deceased_at": "2026-05-31"}, 1),
        ({"do_not_text": True}, 1),
        ({"consent": "opt_out"}, 1),
        ({"consent": None}, 1),
        ({"phase": "active"}, 1),
        ({"since": "2026-06-01"}, 1),
    ],
)
def test_who_could_take_part(clinic, counted, changed, eligible):
    clinic.person()
    clinic.person(**changed)
    assert counted(treatment_phases=("lapsed",)).eligible == eligible


@pytest.mark.parametrize(
    ("at", "overlap", "eligible", "elsewhere"),
    [
        ("2026-05-10", "keep_out", 1, 1),
        ("2026-05-10", "tell", 2, 1),
        ("2026-05-03", "keep_out", 2, 0),
        ("2026-06-01", "keep_out", 2, 0),
    ],
)
def test_people_of_other_running_experiments(clinic, counted, at, overlap, eligible, elsewhere):
    clinic.person()
    clinic.assigned(clinic.person(), "another", at)
    found = counted(overlap=overlap)
    assert (found.eligible, found.elsewhere) == (eligible, elsewhere)


def test_the_experiment_itself_is_no_other(clinic, counted):
    clinic.assigned(clinic.person(), "invitation", "2026-05-20")
    assert (counted().eligible, counted().elsewhere) == (1, 0)


def test_arrivals_are_those_who_were_not_eligible_some_weeks_before(clinic, counted):
    # Twelve weeks before is 9 March.
    clinic.person(since="2026-03-08")
    clinic.person(since="2026-03-10")
    clinic.person(since="2026-01-01", enrolled_at="2026-04-01", group="trauma")
    found = counted(treatment_phases=("lapsed",), segment_by="diagnosis_group")
    assert found.segments == (Segment("anxiety", 2, 1), Segment("trauma", 1, 1))
    assert found.arrived == 2


@pytest.mark.parametrize(
    ("text", "texted"),
    [
        ({"at": LAST}, 1),
        ({"at": "2026-05-18"}, 0),
        ({"at": "2025-05-16"}, 0),
        ({"at": LAST, "kind": "reminder"}, 0),
        ({"at": LAST, "status": "canceled"}, 0),
        ({"at": LAST, "status": "undelivered"}, 1),
    ],
)
def test_past_texts_are_those_of_the_kind_whose_window_has_closed(clinic, counted, text, texted):
    clinic.text(clinic.person(), **text)
    assert counted().texted == texted


def test_what_followed_a_text_counts_within_its_window_and_once(clinic, counted):
    for booked in ([], ["2026-04-10"], ["2026-04-24", "2026-04-12"], ["2026-04-25"], ["2026-04-09"]):
        name = clinic.person()
        clinic.text(name, "2026-04-10")
        clinic.text(name, "2026-04-20")
        for at in booked:
            clinic.books(name, at)
    out = clinic.person()
    clinic.text(out, "2026-04-10")
    clinic.consents(out, "opt_out", "2026-04-11")
    unasked = clinic.person(consent=None)
    clinic.text(unasked, "2026-04-10")
    found = counted()
    assert (found.texted, found.booked, found.opted_out) == (6, 1, 1)
    # Who withdrew is still counted as texted, and is not eligible any more.
    assert found.eligible == 5


def test_what_became_known_later_counts_for_nothing(clinic, counted):
    name = clinic.person()
    clinic.text(name, "2026-04-10")
    clinic.books(name, "2026-04-12", known_at="2026-06-02")
    assert counted().booked == 0


def test_clusters_lessen_what_people_tell(clinic, counted, planned):
    for _ in range(3):
        clinic.person(household_id="h1")
    clinic.person(household_id="h2")
    clinic.person()
    clinic.person()
    found = counted(cluster_by="household_id")
    assert (found.clusters.number, found.clusters.squares) == (4, 9 + 1 + 1 + 1)
    # People live, on average, in a household of two.
    assert found.design_effect(planned(cluster_by="household_id", cluster_correlation=0.1)) == pytest.approx(
        1.1
    )
    assert counted().design_effect(planned()) == 1


@pytest.mark.parametrize("asked", [count_traffic, check_plan])
def test_a_plan_without_people_or_past_is_refused(clinic, planned, asked):
    clinic.person(phase="active")
    nobody = planned(treatment_phases=("lapsed",))
    with pytest.raises(Refused, match='nobody is left at the step "in the phases asked for"'):
        asked(clinic.known(nobody), nobody)
    with pytest.raises(Refused, match="tells a base rate"):
        asked(clinic.known(planned()), planned())
