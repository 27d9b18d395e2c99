"""The catalogue is made from the store alone."""

import re

from workbench.reports.catalogue_page import (
    CATALOGUE_FILE,
    PLAYBOOK_FILE,
    catalogue_entries,
    write_catalogue,
)
from workbench.reports.manifest import MANIFEST_FILE
from workbench.reports.records import open_run
from workbench.reports.store import RESULTS_FILE


def end(store, state, reason="", name="wording"):
    open_run(store.records_folder, "ab_test", name, f"params/ab_test/{name}.yaml", None).end(state, reason)


def test_an_entry_tells_what_its_newest_version_says(project, published):
    old, new = published(project.store, second=1, headline="An older one."), published(project.store, second=2)
    end(project.store, "failed", "Cell 3 failed.")
    (entry,) = catalogue_entries(project.store)
    assert (entry.study, entry.study_title, entry.name) == ("ab_test", "A/B analysis", "wording")
    assert (entry.title, entry.owner) == ("Motivational wording", "Outreach analytics")
    assert entry.audience == ("clinical leads",)
    assert [version.version for version in entry.versions] == [new.name, old.name]
    assert entry.versions[0].href == f"ab_test/wording/{new.name}/report.html"
    assert (project.store.folder / entry.versions[0].href).is_file()
    assert (entry.last_run.state, entry.last_run.reason) == ("failed", "Cell 3 failed.")


def test_a_set_that_never_published_is_named_after_its_file(project):
    end(project.store, "refused", "It has one arm.", name="personal_greeting")
    (entry,) = catalogue_entries(project.store)
    assert (entry.title, entry.versions, entry.valid_until) == ("Personal greeting", (), None)
    assert entry.last_run.state == "refused"


def test_the_page_is_written_whole_and_anew(project, published):
    write_catalogue(project.store)
    page = project.store.folder / CATALOGUE_FILE
    assert "Nothing has been run yet" in page.read_text(encoding="utf-8")
    published(project.store)
    write_catalogue(project.store)
    assert "It is too early to say." in page.read_text(encoding="utf-8")


def test_a_vandalized_version_does_not_keep_the_others_from_being_shown(project, published):
    for name in ("wording", "greeting", "evening"):
        published(project.store, name=name)
    versions = {name: project.store.latest("ab_test", name).folder for name in ("greeting", "evening")}
    (versions["greeting"] / RESULTS_FILE).unlink()
    manifest = versions["evening"] / MANIFEST_FILE
    manifest.write_text(manifest.read_text().replace('"study": "ab_test"', '"study": "../.."'))
    write_catalogue(project.store)
    assert [(entry.name, len(entry.versions)) for entry in catalogue_entries(project.store)] == [
        ("evening", 0),
        ("greeting", 0),
        ("wording", 1),
    ]


def records(project, *states):
    for number, state in enumerate(states):
        end(project.store, state, f"Reason {number}.")
    return project.store.records()


def test_since_when_a_set_fails_is_told(project, published):
    published(project.store)
    first, *_, last = records(project, "failed", "failed", "failed")
    (entry,) = catalogue_entries(project.store)
    assert (entry.last_run.in_a_row, entry.last_run.since) == (3, first.ended_at)
    assert entry.last_run.ended_at == last.ended_at


def test_the_playbook_is_made_beside_and_each_links_to_the_other(project, published):
    asked = {"parameters": {"playbook": "tone", "experiment": "greeting"}}
    published(project.store, of_manifest=asked, decision="adopt", headline="Greet them.")
    write_catalogue(project.store)
    catalogue, playbook = (project.store.folder / file for file in (CATALOGUE_FILE, PLAYBOOK_FILE))
    assert f'<a href="{PLAYBOOK_FILE}">' in catalogue.read_text(encoding="utf-8")
    told = playbook.read_text(encoding="utf-8")
    assert f'<a href="{CATALOGUE_FILE}">' in told
    assert "Greet them." in told
    links = [link for link in re.findall(r'href="([^"#]+)"', told) if link != CATALOGUE_FILE]
    assert links
    assert all((project.store.folder / link).is_file() for link in links)
