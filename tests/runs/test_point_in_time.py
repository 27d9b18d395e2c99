"""No study is moved by what became known later, nor by people outside its cohort.

Every registered study loads its data from a small provider and from the same provider scrambled: by its own parameter
sets on the source "sample", looked at from a day some weeks before the data end. What it loads must be equal
to the last bit; its analysis is a function of that and of its settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, get_args

import ibis
import numpy as np
import pandas as pd
import pytest

from workbench.parameters.sets import find_parameter_files, read_parameter_set
from workbench.refusal import Refused
from workbench.runs.studies import MODELS, STUDIES
from workbench.segments.families import Family
from workbench.tables.cohort import ADULT_FROM, Cohort
from workbench.tables.known import KNOWN_FROM, KnownTables, Tables
from workbench.tables.schema import TABLES
from workbench.tables.source import Source
from workbench.tables.versions import VERSIONED

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 10, 5)
MOMENT = pd.Timestamp(datetime.combine(AS_OF, time(), UTC))
# One scrambling moves everything that it may; below, readers that leak are caught by this one.
SEED = 1

Frames = Mapping[str, pd.DataFrame]


def on_sample(study: str) -> list[Any]:
    """The parameters of the study's sets on the sample, as of the day of these tests."""
    folder = ROOT / "params" / study
    found = [
        read_parameter_set(file, ROOT, MODELS, date(2100, 1, 1)).parameters
        for file in (find_parameter_files([folder], ROOT) if folder.is_dir() else ())
    ]
    return [settings.model_copy(update={"as_of": AS_OF}) for settings in found if settings.source == "sample"]


def every_feature() -> Any:
    """A segmentation that asks for every feature of every family."""
    return on_sample("segmentation")[0].model_copy(update={"features": get_args(Family), "measures": "all"})


SETS = [
    *(
        pytest.param(name, settings, id=f"{name}-{place}")
        for name in STUDIES
        for place, settings in enumerate(on_sample(name))
    ),
    pytest.param("segmentation", every_feature(), id="segmentation-every-feature"),
]


@pytest.fixture(scope="module")
def frames(provider_folder: Path) -> Frames:
    return {name: pd.read_parquet(provider_folder / f"{name}.parquet") for name in TABLES}


def opened(frames: Frames) -> Tables:
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    return Tables(
        Source(title="Small provider", location="nowhere"),
        {name: engine.create_table(name, rows, schema=_schema(name, rows)) for name, rows in frames.items()},
    )


def _schema(name: str, rows: pd.DataFrame) -> ibis.Schema:
    return ibis.schema({column: TABLES[name].columns[column].dtype.type for column in rows.columns})


@pytest.fixture(scope="module")
def tables(frames: Frames) -> Tables:
    return opened(frames)


@pytest.fixture(scope="module")
def before(tables: Tables) -> Callable[[str, Any], Any]:
    """What a study loads from the tables as they are, once for each of its sets."""
    found: dict[tuple[str, str], Any] = {}

    def load(name: str, settings: Any) -> Any:
        key = name, settings.model_dump_json()
        if key not in found:
            found[key] = loaded(name, settings, tables)
        return found[key]

    return load


def loaded(name: str, settings: Any, tables: Tables, cohort: Cohort | None = None) -> Any:
    """What the study loads, after its check; a refusal is an answer too."""
    study = STUDIES[name]
    known = tables.known(AS_OF, cohort or study.cohort(settings))
    try:
        study.check(known, settings)
        return study.load(known, settings)
    except Refused as refused:
        return str(refused)


def assert_same(before: Any, after: Any, where: str = "loaded") -> None:
    """Equal to the last bit in whatever the two are made of."""
    assert type(before) is type(after), where
    if isinstance(before, pd.DataFrame):
        pd.testing.assert_frame_equal(before, after, check_exact=True, obj=where)
    elif is_dataclass(before):
        for field in fields(before):
            assert_same(getattr(before, field.name), getattr(after, field.name), f"{where}.{field.name}")
    elif isinstance(before, tuple):
        assert len(before) == len(after), where
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            assert_same(one, other, f"{where}[{place}]")
    else:
        assert before == after or (pd.isna(before) and pd.isna(after)), where


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_can_be_scrambled(name: str, before: Callable[[str, Any], Any]) -> None:
    sets = on_sample(name)
    what = f'the study {name} has no parameter set on the source "sample" that can be loaded as of {AS_OF}'
    mend = f"add one to params/{name}/, and these tests scramble what it reads."
    assert any(is_dataclass(before(name, settings)) for settings in sets), f"{what}: {mend}"


# What became known later


def scrambled(frames: Frames, seed: int) -> Frames:
    """The same before the moment; all that became known from it on is changed, deleted and added to at random."""
    rng = np.random.default_rng(seed)
    mixed = {name: rows.copy() for name, rows in frames.items()}
    for name, known_from in KNOWN_FROM.items():
        if name != "patients":
            mixed[name] = _with_another_future(name, frames[name], known_from, rng)
    mixed["patients"] = _patients_with_another_future(frames["patients"], rng)
    sessions = frames["sessions"]
    mixed["sessions"] = pd.concat([sessions[sessions["starts_at"] < MOMENT]] * 2, ignore_index=True)
    return mixed


def _with_another_future(name: str, rows: pd.DataFrame, known_from: str, rng: Any) -> pd.DataFrame:
    past, future = rows[rows[known_from] < MOMENT], rows[rows[known_from] >= MOMENT]
    assert len(past) > 20, f"{name} has no past to keep"
    # Of the past some are told anew: a later version where the table keeps versions, else a row of its own.
    told = past.sample(frac=0.2, random_state=rng).assign(**{known_from: _later(len(past) // 5 + 1, rng)[0]})
    told[known_from] = _later(len(told), rng)
    key = (TABLES[name].unique or [None])[0]
    if key and name not in VERSIONED:
        told[key] = [f"told-{place}" for place in range(len(told))]
    future = future.sample(frac=0.7, random_state=rng)
    others = [column for column in rows.columns if column not in (known_from, key)]
    changed = pd.concat(
        [
            _shuffled(part, [c for c in others if c != "patient_id" or part is future], rng)
            for part in (told, future)
        ]
    )
    return _of_types(pd.concat([past, changed]).sample(frac=1, random_state=rng), rows)


def _patients_with_another_future(rows: pd.DataFrame, rng: Any) -> pd.DataFrame:
    unborn = rows["enrolled_at"] >= MOMENT
    past, future = rows[~unborn].copy(), rows[unborn]
    for column in ("ended_at", "deceased_at"):
        open_ended = past[column].isna() | (past[column] >= MOMENT)
        past.loc[open_ended, column] = np.where(
            rng.random(open_ended.sum()) < 0.5, _later(int(open_ended.sum()), rng), pd.NaT
        )
    told = past.sample(frac=0.3, random_state=rng)
    told = _shuffled(told, ["birth_year", "sex", "language", "time_zone", "enrolled_at"], rng)
    told["do_not_text"] = ~told["do_not_text"]
    told["ended_at"] = told["enrolled_at"]
    new = future.assign(patient_id=[f"new-{place}" for place in range(len(future))])
    past["known_at"], told["known_at"] = pd.NaT, _later(len(told), rng)
    mixed = pd.concat([past, told, new, _shuffled(future, ["birth_year", "sex"], rng)])
    mixed["known_at"] = pd.to_datetime(mixed["known_at"], utc=True).astype("datetime64[us, UTC]")
    return _of_types(mixed.sample(frac=1, random_state=rng), rows)


def _later(number: int, rng: Any) -> pd.DatetimeIndex:
    """Moments from the first that is too late on."""
    seconds = rng.integers(0, 60 * 86_400, number)
    seconds[:1] = 0
    return MOMENT + pd.to_timedelta(seconds, unit="s")


def _shuffled(rows: pd.DataFrame, columns: list[str], rng: Any) -> pd.DataFrame:
    """Each of the columns in an order of its own."""
    return rows.assign(**{name: rows[name].to_numpy()[rng.permutation(len(rows))] for name in columns})


def _of_types(rows: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    return rows.astype({name: kind for name, kind in like.dtypes.items() if rows[name].dtype != kind})


@pytest.fixture(scope="module")
def later(frames: Frames) -> Tables:
    return opened(scrambled(frames, SEED))


def test_the_past_stays_and_every_table_s_future_moves(frames: Frames) -> None:
    mixed = scrambled(frames, SEED)
    for name, known_from in KNOWN_FROM.items():
        before, after = frames[name], mixed[name]
        assert (before[known_from] < MOMENT).sum() <= (after[known_from] < MOMENT).sum()
        future = [rows[rows[known_from] >= MOMENT].reset_index(drop=True) for rows in (before, after)]
        assert not future[0].equals(future[1]), name
    assert mixed["patients"]["known_at"].notna().any()
    for name, key in VERSIONED.items():
        assert mixed[name].duplicated(key).sum() > frames[name].duplicated(key).sum(), name


@pytest.mark.parametrize(("name", "settings"), SETS)
def test_nothing_that_became_known_later_moves_a_study(
    name: str, settings: Any, before: Callable[[str, Any], Any], later: Tables
) -> None:
    assert_same(before(name, settings), loaded(name, settings, later))


@pytest.mark.parametrize(
    ("table", "name"),
    [
        # Of other tables the studies take what held at a moment of their own besides, which guards them twice.
        ("appointments", "no_show"),
        ("appointments", "segmentation"),
        ("assignments", "ab_test"),
        ("messages", "segmentation"),
        ("patients", "segmentation"),
    ],
)
def test_a_reader_that_lets_later_rows_of_a_table_through_is_caught(
    table: str, name: str, tables: Tables, later: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = KnownTables.table

    def leaking(self: KnownTables, asked: str) -> Any:
        return self._tables.whole(asked) if asked == table else reads(self, asked)

    monkeypatch.setattr(KnownTables, "table", leaking)
    settings = on_sample(name)[0]
    with pytest.raises(AssertionError):
        assert_same(loaded(name, settings, tables), loaded(name, settings, later))


def test_a_reader_that_tells_of_later_ends_is_caught(
    tables: Tables, later: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KnownTables, "_without_later_ends", lambda self, patients: patients)
    settings = on_sample("segmentation")[0]
    with pytest.raises(AssertionError):
        assert_same(loaded("segmentation", settings, tables), loaded("segmentation", settings, later))


# People outside the cohort


def outside(frames: Frames, cohort: Cohort) -> tuple[set[str], set[str]]:
    """Who is not in the cohort for age, and for consent: found row by row, by another way than the tables' own."""
    born = frames["patients"].set_index("patient_id")["birth_year"]
    adult = (AS_OF.year - born >= ADULT_FROM).fillna(False)
    of_age = {"exclude": adult, "only": born.notna() & ~adult, "include": pd.Series(True, index=born.index)}
    too_young = set(born.index[~of_age[cohort.minors]])
    if cohort.consent is None:
        return too_young, set()
    (asked,) = (rows for rows in frames.values() if cohort.consent.at in rows.columns)
    consents = frames["consents"].sort_values(["changed_at", "status"])
    changes = {
        who: list(zip(rows["changed_at"], rows["status"], strict=True))
        for who, rows in consents[
            (consents["channel"] == "sms")
            & ((consents["purpose"] == cohort.consent.purpose) | (consents["scope"] == "all"))
        ].groupby("patient_id")
    }
    agreed = {
        who
        for who, at in zip(asked["patient_id"], asked[cohort.consent.at], strict=True)
        if [status for when, status in changes.get(who, ()) if when <= at][-1:] == ["opt_in"]
    }
    return too_young, set(asked["patient_id"]) - agreed


def scrambled_outside(
    frames: Frames, cohort: Cohort, outsiders: tuple[set[str], set[str]], seed: int
) -> Frames:
    """Rows of people outside the cohort changed and deleted at random; they stay outside it.

    Which arms an experiment has is its design, not about anybody: people change arms within it, and take two.
    """
    rng = np.random.default_rng(seed)
    too_young, without_consent = outsiders
    mixed = dict(frames)
    for name, rows in frames.items():
        if "patient_id" not in rows.columns:
            continue
        # What keeps people outside is left: the year of birth within its group, and what was agreed to and when.
        fixed = {"patient_id", *(TABLES[name].unique or ()), *([cohort.consent.at] if cohort.consent else [])}
        groups = [too_young] if name == "consents" else [too_young, without_consent - too_young]
        parts = [rows[~rows["patient_id"].isin(set().union(*groups))]]
        for group in groups:
            part = rows[rows["patient_id"].isin(group)]
            free = [column for column in rows.columns if column not in fixed]
            if name == "assignments":
                parts += [_shuffled(of_one, free, rng) for _, of_one in [*part.groupby("experiment_id")] * 2]
            else:
                kept = part if name == "patients" else part.sample(frac=0.6, random_state=rng)
                parts.append(_shuffled(kept, free, rng))
        mixed[name] = pd.concat(parts).sample(frac=1, random_state=rng)
    return mixed


def without(loaded: Any, **fields: Any) -> Any:
    """What was loaded with other values in those of the fields that it has."""
    return replace(loaded, **{name: value for name, value in fields.items() if hasattr(loaded, name)})


def without_exclusions(loaded: Any, cohort: Cohort) -> Any:
    """What was loaded without what may move: the flow up to the cohort's last step, and how far the data reach."""
    if not is_dataclass(loaded) or isinstance(loaded, type):
        return loaded
    parts = {each.name: getattr(loaded, each.name) for each in fields(loaded)}
    parts = {name: without_exclusions(part, cohort) for name, part in parts.items() if is_dataclass(part)}
    loaded = replace(loaded, **parts)
    # A study of everybody has no flow: nobody is left out.
    if not hasattr(loaded, "flow"):
        return loaded
    own = [cohort.told_as.format(word) for word in ("adults", "minors")]
    own += [f"with consent at {cohort.consent.moment}"] if cohort.consent else []
    last = max((place for place, step in enumerate(loaded.flow) if step.label in own), default=0)
    flow = tuple(replace(step, left=0) if place < last else step for place, step in enumerate(loaded.flow))
    return without(loaded, flow=flow, data_until=None)


@pytest.mark.parametrize(("name", "settings"), SETS)
def test_nobody_outside_the_cohort_moves_a_study(
    name: str, settings: Any, frames: Frames, before: Callable[[str, Any], Any]
) -> None:
    cohort = STUDIES[name].cohort(settings)
    outsiders = outside(frames, cohort)
    after = loaded(name, settings, opened(scrambled_outside(frames, cohort, outsiders, SEED)))
    assert_same(*(without_exclusions(found, cohort) for found in (before(name, settings), after)))


def leaves_people_out(name: str) -> bool:
    """Whether the cohort that a study declares is not everybody, so that it can be told from another."""
    cohort = STUDIES[name].cohort(on_sample(name)[0])
    return cohort.minors != "include" or cohort.consent is not None


@pytest.mark.parametrize("name", [name for name in STUDIES if leaves_people_out(name)])
def test_a_study_of_another_cohort_than_it_declares_is_caught(
    name: str, frames: Frames, tables: Tables
) -> None:
    settings = on_sample(name)[0]
    cohort = STUDIES[name].cohort(settings)
    mixed = opened(scrambled_outside(frames, cohort, outside(frames, cohort), SEED))
    before, after = (loaded(name, settings, source, Cohort("include")) for source in (tables, mixed))
    # A study that cannot do without consent refuses such a cohort by itself.
    if isinstance(before, str):
        assert "consent" in before
        return
    with pytest.raises(AssertionError):
        assert_same(*(without(found, flow=(), data_until=None) for found in (before, after)))
