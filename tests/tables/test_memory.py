"""The engine keeps to its memory, and spills into the private folder alone."""

import stat

import ibis
import pytest

from workbench.refusal import Refused
from workbench.tables.memory import LIMIT, THREADS, keep_to_threads, keep_within_memory, share_of_memory
from workbench.tables.opening import open_source


@pytest.fixture
def root(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "params").mkdir()
    return tmp_path


@pytest.fixture
def engine():
    engine = ibis.duckdb.connect()
    yield engine
    engine.disconnect()


def setting(engine, name):
    return engine.con.execute(f"SELECT current_setting('{name}')").fetchall()[0][0]


def bytes_of(told):
    number, unit = told.split()
    return float(number) * 1024 ** ("KiB", "MiB", "GiB", "TiB").index(unit)


def test_a_source_is_opened_within_a_limit(project, monkeypatch):
    monkeypatch.setenv(LIMIT, "300MiB")
    engine = open_source("sample", project.root).whole("clinics").get_backend()
    assert setting(engine, "memory_limit") == "300.0 MiB"


def test_unless_told_an_engine_takes_a_third_of_what_it_would(engine, root, monkeypatch):
    monkeypatch.delenv(LIMIT, raising=False)
    would = bytes_of(setting(engine, "memory_limit"))
    keep_within_memory(engine, root)
    assert bytes_of(setting(engine, "memory_limit")) == pytest.approx(would / 3, rel=0.05)


def test_several_engines_share_what_one_would_take(engine, root, monkeypatch):
    monkeypatch.delenv(LIMIT, raising=False)
    would = bytes_of(setting(engine, "memory_limit"))
    monkeypatch.setenv(LIMIT, share_of_memory(4))
    keep_within_memory(engine, root)
    assert bytes_of(setting(engine, "memory_limit")) == pytest.approx(would / 12, rel=0.05)
    monkeypatch.setenv(LIMIT, "300MiB")
    assert share_of_memory(4) == "300MiB"


@pytest.mark.parametrize("given", ["much", "-1", "0GB", "2", "1GB'; --", "80%"])
def test_what_is_no_amount_is_refused(engine, root, monkeypatch, given):
    monkeypatch.setenv(LIMIT, given)
    with pytest.raises(Refused, match="Give one such as 2GB"):
        keep_within_memory(engine, root)


def test_what_does_not_fit_spills_where_its_owner_alone_may_look_and_is_gone_afterwards(
    engine, root, monkeypatch
):
    monkeypatch.setenv(LIMIT, "50MB")
    keep_within_memory(engine, root)
    spill = root / "data" / "spill"
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (root / "data", spill)] == [0o700, 0o700]
    engine.raw_sql("CREATE TEMP TABLE held AS SELECT md5(range::VARCHAR) AS key FROM range(3000000)")
    assert len(list(spill.iterdir())) == 1
    assert engine.con.execute("SELECT count(DISTINCT key) FROM held").fetchall() == [(3_000_000,)]
    engine.disconnect()
    assert list(spill.iterdir()) == []


def test_two_engines_spill_apart(root, monkeypatch):
    first, second = ibis.duckdb.connect(), ibis.duckdb.connect()
    for engine in (first, second):
        keep_within_memory(engine, root)
    assert setting(first, "temp_directory") != setting(second, "temp_directory")


def test_outside_a_project_nothing_spills(engine, tmp_path):
    keep_within_memory(engine, tmp_path)
    assert setting(engine, "temp_directory") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_source_is_opened_with_as_many_threads_as_are_named(project, monkeypatch):
    monkeypatch.setenv(THREADS, "1")
    engine = open_source("sample", project.root).whole("clinics").get_backend()
    assert setting(engine, "threads") == 1


@pytest.mark.parametrize("given", ["0", "-1", "many", "2; --", "1.5"])
def test_what_is_no_number_of_threads_is_refused(engine, monkeypatch, given):
    monkeypatch.setenv(THREADS, given)
    with pytest.raises(Refused, match="Give one such as 2"):
        keep_to_threads(engine)
