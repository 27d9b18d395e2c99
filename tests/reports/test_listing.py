"""The store in lines of text."""

from workbench.reports.listing import description, listing
from workbench.reports.records import open_run


def end(store, state, reason="", name="wording"):
    open_run(store.records_folder, "ab_test", name, f"params/ab_test/{name}.yaml", None).end(state, reason)


def test_an_empty_store_says_what_to_do(project):
    assert list(listing(project.store)) == ["There are no reports yet: run `workbench run params/`."]


def test_each_set_has_a_line_with_its_newest_version_and_verdict(project, published):
    published(project.store, second=1, headline="An older one.")
    newest = published(project.store, second=2)
    published(project.store, name="greeting")
    lines = list(listing(project.store))
    assert [line.split()[0] for line in lines] == ["ab_test/greeting", "ab_test/wording"]
    assert newest.name in lines[1]
    assert "Keep collecting" in lines[1]
    assert lines[1].endswith("It is too early to say.")


def test_a_last_run_that_went_wrong_is_told_below_and_one_that_went_well_is_not(project, published):
    published(project.store)
    end(project.store, "failed", "Cell 3 failed with ValueError.\nKept for those who may read it.")
    assert list(listing(project.store))[1] == "  last run failed: Cell 3 failed with ValueError."
    end(project.store, "unchanged")
    assert len(list(listing(project.store))) == 1


def test_failures_in_a_row_are_counted_and_a_skipped_run_does_not_hide_them(project, published):
    published(project.store)
    for state in ("failed", "withheld", "skipped"):
        end(project.store, state, f"It {state}.")
    assert list(listing(project.store))[1] == "  last run withheld, number 2 in a row: It withheld."


def test_a_set_that_never_published_is_listed(project):
    end(project.store, "skipped")
    assert list(listing(project.store)) == ["ab_test/wording  never published", "  last run skipped"]


def test_a_version_is_described(project, published):
    folder = published(
        project.store,
        facts=[{"label": "Who must act", "text": "The campaign lead waits."}],
        reasons=["Too few people.", "Too early."],
    )
    assert list(description(project.store, "ab_test/wording")) == [
        f"Motivational wording (ab_test/wording/{folder.name})",
        "Keep collecting. It is too early to say.",
        "  Too few people.",
        "  Too early.",
        "",
        "Who must act: The campaign lead waits.",
        "",
        "As of 16 Nov 2026, valid until 14 Dec 2026",
        "Parameters params/ab_test/wording.yaml, source sample, seed 1",
        f"Page {folder / 'report.html'}",
    ]
