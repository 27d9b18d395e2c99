"""Who is randomized, once, by which plan; and what stands in the lists."""

import fcntl
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from workbench.experiments.planning.people import declared_cohort
from workbench.experiments.randomization import record
from workbench.experiments.randomization.people import sending_hours
from workbench.experiments.randomization.randomizing import randomize
from workbench.protection.audit import entries
from workbench.refusal import Refused
from workbench.tables.opening import data_files, open_source

TODAY = date(2026, 11, 17)
MOMENT = datetime(2026, 11, 16, tzinfo=UTC)


def lists(project, experiment="invitation"):
    folder = project.root / "data" / "assigned" / "sample" / experiment
    return {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}


def texted(project, plan):
    known = open_source("sample", project.root).known(plan.as_of, declared_cohort(plan))
    return set(known.may_be_texted(plan.consent_purpose).execute()["patient_id"])


def test_everybody_who_may_be_texted_is_drawn_once_and_nobody_else(project, plan):
    chosen = plan(overlap="tell", holdout=0.2, stratify_by=("clinic_id",))
    done = randomize(chosen, project.root, TODAY)
    found = lists(project)
    drawn, held = set(found["assignments"]["patient_id"]), set(found["holdout"]["patient_id"])
    assert drawn | held == texted(project, chosen)
    assert not drawn & held
    assert len(drawn) == len(found["assignments"]) == done.people["people"].sum() == done.units
    assert len(held) == done.held_out > 0
    rows = found["assignments"]
    assert set(rows["assigned_at"]) == {pd.Timestamp(MOMENT)}
    assert set(rows["probability"]) == {0.5}
    assert set(rows["epoch"]) == {0}
    by_arm = rows.groupby(["stratum", "arm"]).size().unstack()
    assert (abs(by_arm["usual"] - by_arm["new"]) <= 1).all()
    assert len(by_arm) > 1


def test_the_source_reads_what_was_drawn_and_knows_it_from_the_day_after(project, plan):
    randomize(plan(), project.root, TODAY)
    tables = open_source("sample", project.root)
    rows = lists(project)["assignments"].sort_values("patient_id", ignore_index=True)
    read = tables.whole("assignments")
    own = pd.read_parquet(project.data / "assignments.parquet")
    assert read.count().execute() == len(own) + len(rows)
    mine = read.filter(read["experiment_id"] == "invitation").order_by("patient_id").execute()
    assert mine["patient_id"].tolist() == rows["patient_id"].tolist()
    assert mine["arm"].tolist() == rows["arm"].tolist()
    for day, seen in ((date(2026, 11, 16), 0), (date(2026, 11, 17), len(rows))):
        known = tables.known(day, declared_cohort(plan())).table("assignments")
        assert known.filter(known["experiment_id"] == "invitation").count().execute() == seen
    assert [file.parent.name for file in data_files(tables.source, project.root)][-1] == "invitation"


def test_of_a_drawn_experiment_the_list_counts_whatever_a_copy_says(project, plan, change):
    randomize(plan(), project.root, TODAY)
    drawn = lists(project)["assignments"]
    change("assignments", lambda rows: pd.concat([rows, drawn.assign(arm="other")], ignore_index=True))
    read = open_source("sample", project.root).whole("assignments")
    arms = read.filter(read["experiment_id"] == "invitation")["arm"].execute()
    assert len(arms) == len(drawn)
    assert set(arms) == {"usual", "new"}


def test_a_source_without_assignments_has_those_that_are_drawn(project, plan):
    (project.data / "assignments.parquet").unlink()
    done = randomize(plan(), project.root, TODAY)
    read = open_source("sample", project.root).whole("assignments")
    assert read.count().execute() == done.people["people"].sum()


def test_files_are_their_owner_s_alone_and_the_log_says_who_drew(project, plan):
    done = randomize(plan(), project.root, TODAY)
    assert done.folder == project.root / "data" / "assigned" / "sample" / "invitation"
    for path in (done.folder, done.folder.parent, done.folder.parent.parent):
        assert path.stat().st_mode & 0o777 == 0o700
    for path in done.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    (entry,) = entries(project.root)
    assert (entry.action, entry.about) == ("randomized", "sample: invitation")
    assert entry.details["ethics_reference"] == "QI-2026-041"
    told = json.loads((done.folder / "manifest.json").read_text())
    assert told["parameters"]["arms"] == {"usual": 0.5, "new": 0.5}
    assert not any(name in json.dumps(told) for name in lists(project)["assignments"]["patient_id"])


def test_a_dry_run_tells_the_same_and_writes_nothing(project, plan):
    told = randomize(plan(), project.root, TODAY, write=False)
    assert told.folder is None
    assert not (project.root / "data" / "assigned").exists()
    assert entries(project.root) == ()
    done = randomize(plan(), project.root, TODAY)
    pd.testing.assert_frame_equal(told.people, done.people)


def test_the_order_of_the_rows_moves_nothing(project, plan, change):
    chosen = plan(stratify_by=("clinic_id", "diagnosis_group"), holdout=0.1)
    randomize(chosen, project.root, TODAY)
    before = lists(project)
    for table in ("patients", "patient_states", "consents"):
        change(table, lambda rows: rows.sample(frac=1, random_state=1))
    (project.root / "data" / "assigned").rename(project.root / "elsewhere")
    randomize(chosen, project.root, TODAY)
    for name, rows in lists(project).items():
        pd.testing.assert_frame_equal(rows, before[name])


def test_a_second_draw_is_refused_and_the_first_stands(project, plan):
    randomize(plan(), project.root, TODAY)
    before = lists(project)["assignments"]
    with pytest.raises(Refused, match="people were assigned to it before"):
        randomize(plan(seed=8), project.root, TODAY)
    pd.testing.assert_frame_equal(lists(project)["assignments"], before)


def test_an_experiment_that_was_assigned_elsewhere_is_refused_too(project, plan):
    with pytest.raises(Refused, match="people were assigned to it before"):
        randomize(plan(experiment="motivational_wording"), project.root, TODAY)
    assert not list((project.root / "data" / "assigned" / "sample").glob("[!.]*"))


def test_who_was_drawn_on_the_same_day_is_kept_out_of_another_experiment(project, plan):
    randomize(plan(holdout=0.4), project.root, TODAY)
    other = plan(experiment="another", holdout=0.0)
    done = randomize(other, project.root, TODAY)
    assert done.overlapping >= len(lists(project)["assignments"])
    drawn = [set(lists(project, name)["assignments"]["patient_id"]) for name in ("invitation", "another")]
    assert not drawn[0] & drawn[1]
    told = randomize(plan(experiment="third", overlap="tell"), project.root, TODAY, write=False)
    assert told.overlapping >= done.people["people"].sum()


def test_experiments_of_one_seed_hold_out_the_same(project, plan):
    randomize(plan(holdout=0.2), project.root, TODAY)
    randomize(plan(experiment="another", holdout=0.2, overlap="tell"), project.root, TODAY)
    first, other = (set(lists(project, name)["holdout"]["patient_id"]) for name in ("invitation", "another"))
    assert first <= other


def test_clusters_are_never_split(project, plan, change):
    def at_home(rows):
        codes = rows["patient_id"].map(lambda name: f"h{sum(name.encode()) % 150}")
        return rows.assign(household_id=codes.where(codes != "h7"))

    change("patients", at_home)
    done = randomize(plan(cluster_by="household_id", holdout=0.2, overlap="tell"), project.root, TODAY)
    found = lists(project)
    rows = found["assignments"]
    homes = rows.groupby("cluster_id")
    assert (homes["arm"].nunique() == 1).all()
    assert homes.ngroups + rows["cluster_id"].isna().sum() == done.units
    patients = pd.read_parquet(project.data / "patients.parquet").set_index("patient_id")["household_id"]
    assert not set(patients[found["holdout"]["patient_id"]].dropna()) & set(rows["cluster_id"].dropna())
    # A clinic's people are drawn together too.
    randomize(plan(experiment="clinics", cluster_by="clinic_id", overlap="tell"), project.root, TODAY)
    assert (lists(project, "clinics")["assignments"].groupby("cluster_id")["arm"].nunique() == 1).all()


def test_texts_go_by_the_patient_s_clock_outside_quiet_hours(project, plan):
    randomize(plan(send_from_hour=10, send_until_hour=18), project.root, TODAY)
    found = lists(project)
    zones = pd.read_parquet(project.data / "patients.parquet").drop_duplicates("patient_id")
    zones = zones.set_index("patient_id")["time_zone"]
    assert set(found["sending"]["patient_id"]) == set(found["assignments"]["patient_id"])
    for row in found["sending"].itertuples():
        first, last = (
            moment.tz_convert(ZoneInfo(zones[row.patient_id])) for moment in (row.send_from, row.send_until)
        )
        assert (first.hour, last.hour, first.date()) == (10, 18, last.date())
        assert row.send_from >= MOMENT


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/New_York", "2026-03-08 13:00"),
        ("America/Los_Angeles", "2026-03-08 16:00"),
        ("Asia/Tokyo", "2026-03-08 00:00"),
        ("Pacific/Auckland", "2026-03-08 20:00"),
    ],
)
def test_the_first_hours_lie_after_the_draw_also_where_clocks_change(plan, zone, first):
    start, end = sending_hours(zone, date(2026, 3, 8), plan())
    assert start == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert end - start == timedelta(hours=11)


def test_whose_time_zone_is_unknown_is_not_randomized(project, plan, change):
    one = min(texted(project, plan()))
    change(
        "patients",
        lambda rows: rows.assign(time_zone=rows["time_zone"].where(rows["patient_id"] != one, "Nowhere/Town")),
    )
    done = randomize(plan(overlap="tell"), project.root, TODAY)
    assert one not in set(lists(project)["assignments"]["patient_id"])
    assert done.flow[-2].left - done.flow[-1].left == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ethics_reference": None}, "nobody is randomized without"),
        ({"cluster_by": "clinic_id", "stratify_by": ("clinic_id",)}, "nothing is left to balance"),
        ({"cluster_by": "household_id"}, 'patients has no column "household_id"'),
        ({"treatment_phases": ("no such phase",)}, "nobody to randomize"),
    ],
)
def test_what_nobody_may_be_randomized_by_is_refused(project, plan, changed, told):
    with pytest.raises(Refused, match=told):
        randomize(plan(**changed), project.root, TODAY)
    assert not list((project.root / "data").glob("assigned/sample/[!.]*"))


@pytest.mark.parametrize(("today", "refused"), [(17, False), (18, True)])
def test_a_day_that_is_past_is_refused_but_for_made_up_people(project, plan, today, refused):
    project.write_source("sample", simulated=False)
    if refused:
        with pytest.raises(Refused, match="2026-11-16 is past"):
            randomize(plan(), project.root, date(2026, 11, today))
    else:
        assert randomize(plan(), project.root, date(2026, 11, today)).folder


def test_a_draw_that_cannot_be_recorded_is_not_made(project, plan, monkeypatch):
    def full(*given, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record, "_onto_the_disk", full)
    with pytest.raises(Refused, match="No space left on device"):
        randomize(plan(), project.root, TODAY)
    monkeypatch.undo()
    (project.root / "data" / "audit.jsonl").mkdir()
    with pytest.raises(Refused, match="nothing was done"):
        randomize(plan(), project.root, TODAY)
    left = list((project.root / "data" / "assigned" / "sample").iterdir())
    assert [path.name for path in left] == [".lock"]
    # What was not drawn can be drawn.
    (project.root / "data" / "audit.jsonl").rmdir()
    assert randomize(plan(), project.root, TODAY).folder.is_dir()


def test_two_draws_at_once_are_told_apart(project, plan):
    place = project.root / "data" / "assigned" / "sample"
    place.mkdir(parents=True)
    with Path(place / ".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="another draw from its people is under way"):
            randomize(plan(), project.root, TODAY)
    assert randomize(plan(), project.root, TODAY).folder.is_dir()


def test_a_place_that_leads_elsewhere_is_refused(project, plan, tmp_path):
    (tmp_path / "outside").mkdir()
    os.symlink(tmp_path / "outside", project.root / "data" / "assigned")
    with pytest.raises(Refused, match="outside the private folder"):
        randomize(plan(), project.root, TODAY)
    assert list((tmp_path / "outside").iterdir()) == []
