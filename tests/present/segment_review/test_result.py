"""What a reader sees of a review: every decision and alarm in words, and no count of few."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from workbench.present.disclosure import CMS, FlowStep, cohort_flow
from workbench.present.fragments import fragment
from workbench.present.segment_review import sections
from workbench.present.segment_review.kept import shown_in_words
from workbench.present.segment_review.result import review_result
from workbench.present.segment_review.sentences import lineage_in_words
from workbench.reports.release.honesty import find_dishonesty
from workbench.segments.features import FEATURES
from workbench.segments.weekly.alarms import Alarm, Condition
from workbench.segments.weekly.definition import Definition, Lineage, RefitCondition
from workbench.segments.weekly.migration import Migration, Movement
from workbench.segments.weekly.parameters import SegmentReview
from workbench.segments.weekly.review import Review, Week
from workbench.segments.weekly.verdict import ReviewVerdict, decide

COUNTS = [[3202, 15, 41, 213], [21, 2130, 11, 161], [42, 4, 926, 68], [253, 169, 74, 0]]
DAYS = (date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16))


def settings(**given):
    values = {
        "title": "Review",
        "audience": ("analysts",),
        "owner": "Analytics",
        "as_of": DAYS[-1],
        "source": "sample",
        "seed": 3,
        "question": "What changed?",
        "segmentation": "groups",
        "who_must_act": "The team looks at it.",
    }
    return SegmentReview(**{**values, **given})


def condition(people):
    return Condition(
        people=int(people.sum()),
        shares=people / people.sum(),
        means=np.array([0.1, -0.2]),
        spreads=np.array([1.0, 1.1]),
        centers=np.zeros((3, 2)),
        scatter=0.7,
        certainty=0.9,
    )


def review(counts=COUNTS, alarms=(), observed=60, until=datetime(2026, 11, 15, tzinfo=UTC), **given):
    migration = Migration(np.array(counts))
    refit = RefitCondition.of(condition(migration.before))
    definition = Definition(
        name="groups",
        as_of=DAYS[0],
        letters=("A", "B", "C"),
        names=("come often", "by video", "miss often"),
        used_letters=("A", "B", "C"),
        yardstick={"features": [{"name": "due"}], "categorical": []},
        model={"method": "mixture"},
        refit=refit,
        lineage=None,
        parameters={},
    ).sealed()
    people = (migration.before, migration.before, migration.after)
    movement = Movement(
        6_000, observed, 40.0, 30.0, 50.0, 0.01 if observed > 50 else 0.5, 199, np.zeros((3, 3))
    )
    values = {
        "settings": settings(),
        "definition": definition,
        "version": "20261102-0123abcd",
        "features": FEATURES[:2],
        "weeks": tuple(Week(day, n, condition(n)) for day, n in zip(DAYS, people, strict=True)),
        "migration": migration,
        "movement": movement,
        "movement_over": movement,
        "alarms": tuple(alarms),
        "flow": (),
        "data_until": until,
    }
    return Review(**{**values, **given})


@pytest.fixture(autouse=True)
def a_flow(monkeypatch):
    made = cohort_flow([FlowStep("Patients known by then", 7_000)], CMS)
    monkeypatch.setattr("workbench.present.segment_review.tables.cohort_flow", lambda *_: made)


def shown(found):
    result = review_result(found, decide(found))
    blocks = [
        block
        for section in (
            sections.what_calls_for_a_look,
            sections.what_changed,
            sections.who_moved,
            sections.can_it_be_trusted,
            sections.who_was_studied,
        )
        for block in section(found, result)
    ]
    return result, "".join(fragment(block) for block in blocks)


ALARMS = [
    (Alarm("dissolving", 2, 0.03, 0.05), "Group C is dissolving: it holds 3 % of 5 % needed."),
    (
        Alarm("dissolved", None, 14, 0, "D"),
        "At the refit 14 days ago group D was not found again: it is dissolved.",
    ),
    (Alarm("born", None, 14, 0, "E"), "group E was born: none of those before matches it."),
    (
        Alarm("share", 0, 0.04, 0.02),
        "Group A has gained 4 points of everybody since 2 Nov 2026, more than chance.",
    ),
    (Alarm("share", 1, -0.04, 0.02), "Group B has lost"),
    (Alarm("yardstick", 0, -0.3, 0.25), "by −0.30 standard deviations since the groups were found"),
    (Alarm("yardstick", 0, 1.4, 1.25), "differ in “Appointments” 1.40 times as much"),
    (Alarm("scatter", None, 1.2, 1.15), "People lie 1.20 times as far"),
    (Alarm("certainty", None, -0.07, -0.05), "has fallen by 7 points"),
    (Alarm("movement", 1, 30, 40), "More people moved over 2 weeks than noise explains."),
    (Alarm("refit_due", None, 95, 91), "The groups were found 95 days ago; they are due to be found anew."),
]


@pytest.mark.parametrize(("alarm", "told"), ALARMS, ids=lambda each: getattr(each, "kind", ""))
def test_every_alarm_is_told_with_what_to_do(alarm, told):
    result, _ = shown(review(alarms=[alarm]))
    row = result.table("alarms").rows[0]
    assert told in row[1]
    assert row[2].endswith(".")
    assert row[1] in result.verdict.reasons
    assert list(find_dishonesty(result)) == []


def test_where_nothing_happened_the_page_says_so():
    result, page = shown(review(observed=35))
    assert result.verdict.decision == "fit_for_use"
    assert "No alarm." in page
    assert "no more than noise" in page
    assert result.headline_number.value == 0


def test_moves_beyond_noise_are_counted_about():
    result, _ = shown(review(observed=60))
    assert result.table("movement").rows[0][4] == "about 20"
    assert result.table("movement").rows[0][2] == "about 60"
    none, _ = shown(review(observed=12))
    assert none.table("movement").rows[0][2] == "under 20"


@pytest.mark.parametrize("count", [4, 11, 15])
def test_no_flow_under_twenty_is_on_the_page(count):
    result, page = shown(review())
    cells = [cell for row in result.table("migration").rows for cell in row[1:]]
    assert not {str(count), f"about {count}"} & set(cells)
    assert f">{count}<" not in page


def test_a_group_of_few_hides_itself_and_another():
    counts = [[800, 20, 5, 40], [30, 600, 4, 30], [1, 2, 3, 0], [30, 20, 1, 0]]
    result, _ = shown(review(counts=counts))
    assert [row[3] for row in result.table("groups").rows].count(None) >= 2
    assert result.table("weeks").rows[0][3] == "–"


def test_a_group_of_a_few_percent_is_shown_as_its_people_are():
    counts = [[3202, 15, 41, 213], [21, 2130, 11, 161], [42, 4, 126, 68], [253, 169, 74, 0]]
    result, _ = shown(review(counts=counts))
    row = result.table("groups").rows[2]
    assert row[2:] == [240, 252, "4 %"]
    assert result.table("weeks").rows[-1][3] == "4 %"


def test_weeks_give_back_no_group_of_few():
    counts = [[240, 5, 0, 5], [4, 36, 1, 1], [1, 1, 6, 0], [5, 0, 1, 0]]
    result, _ = shown(review(counts=counts))
    assert result.table("weeks").rows[-1][2:] == ["–", "–"]


def test_an_alarm_gives_back_no_group_of_few():
    counts = [[240, 5, 0, 5], [4, 36, 1, 1], [1, 1, 6, 0], [5, 0, 1, 0]]
    alarms = [Alarm("dissolving", 1, 0.14, 0.16), Alarm("dissolving", 2, 0.03, 0.16)]
    result, _ = shown(review(counts=counts, alarms=alarms))
    assert [row[1] for row in result.table("alarms").rows] == [
        "Group B is dissolving: it holds less than the 16 % needed.",
        "Group C is dissolving: it holds 10 or fewer people of 16 % needed.",
    ]


def test_the_figure_tells_in_words_what_it_draws():
    figure = sections.flows(review())
    assert "Stayed: A 3,200, B 2,130, C 930" in figure.alt
    assert "from C to A 40" in figure.alt
    assert "<svg" in figure.narrow
    nothing = [[12, 3, 0], [2, 30, 1], [0, 0, 0]]
    small = review()
    assert sections.flows(Review(**{**small.__dict__, "migration": Migration(np.array(nothing))})) is None


def test_without_groups_or_data_nothing_is_claimed():
    nobody = review(definition=None, migration=None, movement=None, movement_over=None, weeks=(), features=())
    result, page = shown(nobody)
    assert result.verdict.decision == "no_groups"
    assert "There are no groups to follow." in page
    old = review(until=datetime(2026, 9, 1, tzinfo=UTC))
    result, _ = shown(old)
    assert result.verdict.decision == "invalid"
    assert list(find_dishonesty(result)) == []


def test_a_definition_out_of_date_is_not_fit():
    result, _ = shown(review(alarms=[Alarm("scatter", None, 1.2, 1.15)]))
    assert result.verdict.decision == "not_fit"
    assert "out of date" in result.verdict.headline


def test_lineage_is_told_in_letters():
    lineage = Lineage(
        version="20260801-0123abcd",
        as_of=date(2026, 8, 1),
        went_on=["A", "B"],
        born=["D"],
        dissolved=["C"],
        split={"A": ["A", "D"]},
        merged={"B": ["B", "C"]},
    )
    told = lineage_in_words(lineage, by_rules=False)
    assert "went on: A, B; born: D; dissolved: C; A split into A and D; B merged from B and C" in told
    anew = lineage.model_copy(update={"why_not": "Other features."})
    assert lineage_in_words(anew, by_rules=False) == "Other features."


def test_the_terminal_tells_no_share_of_few():
    found = review(counts=[[800, 20, 5, 40], [30, 600, 4, 30], [1, 2, 3, 0], [30, 20, 1, 0]])

    class Kept:
        name, version, as_of = "groups", "20261102-0123abcd", DAYS[0]

    lines = list(shown_in_words(Kept(), found.definition, None, CMS))
    assert any("C: miss often (few)" in line for line in lines)


def test_the_verdict_rests_on_current_data():
    assert decide(review()) == ReviewVerdict("fit_for_use", True)
