"""What is told of each version: taken from its files, kept, and taken anew where a file changed."""

from datetime import date

import pytest

import workbench.reports.summaries as module
from workbench.reports.store import RESULTS_FILE
from workbench.reports.summaries import SUMMARIES, summaries

METRIC = {"name": "difference", "of": {"arm": "warm"}, "value": 0.02, "low": 0.01, "high": 0.03}
METRIC |= {"level": 0.95, "interval": "credible", "unit": "proportion"}
KEY = {"name": "difference", "of": {"arm": "warm"}, "label": "More", "scale": 1000}
PLAYBOOK = {"playbook": "tone", "experiment": "greeting", "enrollment_ends": "2026-09-28"}


def told(project):
    return summaries(project.store, "ab_test", "wording")


def kept(project):
    return project.store.folder / SUMMARIES / "ab_test-wording.json"


@pytest.fixture
def reads(monkeypatch):
    """The folders of versions that were read from their files."""
    read = []
    original = module.read_version
    monkeypatch.setattr(
        module, "read_version", lambda folder, reviews: read.append(folder.name) or original(folder, reviews)
    )
    return read


def test_a_summary_tells_what_manifest_and_results_say(project, published):
    checks = [{"name": name, "passed": passed, "detail": ""} for name, passed in (("A", True), ("B", False))]
    of_result = {"metrics": [METRIC], "headline_metric": KEY, "checks": checks}
    folder = published(project.store, of_result=of_result, of_manifest={"parameters": PLAYBOOK})
    (summary,) = told(project)
    assert (summary.study, summary.name, summary.version) == ("ab_test", "wording", folder.name)
    assert (summary.title, summary.owner, summary.simulated) == (
        "Motivational wording",
        "Outreach analytics",
        True,
    )
    assert (summary.decision, summary.headline) == ("keep_collecting", "It is too early to say.")
    assert summary.number.shown == "20 (10 to 30)"
    assert summary.failed_checks == ("B",)
    assert (summary.asked.question, summary.asked.origin) == ("tone", "sample/greeting")
    assert summary.asked.gathered_until == date(2026, 9, 28)


@pytest.mark.parametrize(
    ("parameters", "origin", "gathered"),
    [
        ({"playbook": "overbooking"}, "sample/ab_test", date(2026, 11, 16)),
        (PLAYBOOK | {"enrollment_ends": None}, "sample/greeting", date(2026, 11, 16)),
        (PLAYBOOK | {"enrollment_ends": "2026-12-21"}, "sample/greeting", date(2026, 11, 16)),
    ],
)
def test_data_are_gathered_until_enrollment_ends_or_the_day_looked_from(
    project, published, parameters, origin, gathered
):
    published(project.store, of_manifest={"parameters": parameters})
    (summary,) = told(project)
    assert (summary.asked.origin, summary.asked.gathered_until) == (origin, gathered)


@pytest.mark.parametrize("parameters", [{}, {"playbook": None}, {"playbook": "astrology"}, {"playbook": 3}])
def test_what_names_no_question_known_is_not_for_the_playbook(project, published, parameters):
    published(project.store, of_manifest={"parameters": parameters})
    assert told(project)[0].asked is None


def test_the_newest_comes_first_and_nothing_is_read_twice(project, published, reads):
    old = published(project.store, second=1)
    first = told(project)
    new = published(project.store, second=2)
    assert [summary.version for summary in told(project)] == [new.name, old.name]
    assert told(project)[1] == first[0]
    assert reads == [old.name, new.name]


def test_a_changed_or_removed_file_is_seen(project, published, reads):
    folder = published(project.store)
    (before,) = told(project)
    results = folder / RESULTS_FILE
    results.write_text(results.read_text().replace("too early", "much too early"))
    assert told(project)[0].headline != before.headline
    results.unlink()
    assert told(project) == []
    assert len(reads) == 2


@pytest.mark.parametrize("content", ["", "{", '{"form": 0, "kept": {}}', '{"form": 1, "kept": {"a": {}}}'])
def test_summaries_that_cannot_be_read_are_made_anew(project, published, content):
    published(project.store)
    before = told(project)
    kept(project).write_text(content)
    assert told(project) == before
    assert kept(project).read_text() != content


def test_a_version_removed_is_forgotten(project, published):
    folder = published(project.store, second=1)
    published(project.store, second=2)
    told(project)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert len(told(project)) == 1
    assert folder.name not in kept(project).read_text()


def test_a_set_without_a_version_leaves_nothing(project):
    assert told(project) == []
    assert not kept(project).exists()


def test_the_ratios_of_an_experiment_are_taken_with_their_prior(project, published):
    rate = {"of": {"arm": "plain", "outcome": "outcome"}, "value": 0.1, "n": 900, "unit": "probability"}
    ratio = {"of": {"arm": "warm", "versus": "plain", "outcome": "outcome"}, "unit": "ratio"}
    bounds = {"low": 1.0, "high": 1.7, "level": 0.95, "interval": "credible", "direction": "higher_is_better"}
    metrics = [
        {"name": "rate", **rate},
        {"name": "ratio", **ratio, "value": 1.3, **bounds},
        {"name": "ratio", **ratio, "value": None},
    ]
    parameters = {"control": "plain", "log_ratio_sd": 0.35, "prior_tails": "normal"}
    published(project.store, of_result={"metrics": metrics}, of_manifest={"parameters": parameters})
    (summary,) = summaries(project.store, "ab_test", "wording")
    (told,) = summary.ratios
    assert (told.arm, told.ratio, told.low, told.high, told.sign, told.prior_sd) == (
        "warm",
        1.3,
        1.0,
        1.7,
        1,
        0.35,
    )
    assert told.control_variance == pytest.approx(0.9 / 90)
