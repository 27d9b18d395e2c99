"""The engine of a source file: every fault at once, and no secret ever repeated."""

import pytest

from workbench.parameters.validation import validated
from workbench.refusal import Refused
from workbench.tables.source import Source

URL = "postgres://analyst@db.example.org:5432/clinic?sslmode=verify-full"


def source(**keys):
    return validated(Source, {"title": "Clinic", **keys}, lambda path: ".".join(map(str, path)))


def faults(**keys):
    with pytest.raises(Refused) as refused:
        source(**keys)
    assert "hunter2" not in str(refused.value)
    return [(fault.where, fault.what) for fault in refused.value.faults]


def test_a_url_is_taken_apart_without_losing_what_urls_may_not_hold():
    engine = source(engine={"url": URL, "schema": "canonical", "password_from": "CLINIC_PASSWORD"}).engine
    assert (engine.kind, engine.schema_name, engine.settings) == (
        "postgres",
        "canonical",
        {"sslmode": "verify-full"},
    )
    spark = source(engine={"url": "pyspark://local[2]?spark.driver.memory=4g"}).engine
    assert (spark.kind, spark.place, spark.settings) == (
        "pyspark",
        "local[2]",
        {"spark.driver.memory": "4g"},
    )
    assert source(engine={"url": "postgresql://db/clinic"}).engine.kind == "postgres"


@pytest.mark.parametrize(
    "url",
    [
        "postgres://analyst:hunter2@db/clinic",
        "postgres://:hunter2@db/clinic",
        "postgres://analyst:hunter2/x?y@db/clinic",
        "postgres://analyst:hunter2@hunter2@db/clinic",
    ],
)
def test_a_password_in_the_url_is_refused(url):
    assert faults(engine={"url": url}) == [
        ("engine.url", "it holds a password, which no file of the project may.")
    ]


@pytest.mark.parametrize("name", ["password", "sslpassword", "access_token", "client_secret", "PWD"])
def test_a_secret_among_the_settings_is_refused(name):
    told = f'it holds a secret ("{name}"), which no file of the project may.'
    assert faults(engine={"url": f"{URL}&{name}=hunter2"}) == [("engine.url", told)]


@pytest.mark.parametrize(
    "url", [URL, "postgres://analyst:@db/clinic", "postgres://db:5432/clinic", "duckdb://a.duckdb"]
)
def test_what_is_no_secret_is_none(url):
    assert source(engine={"url": url}).engine.url == url


def test_a_password_in_the_place_of_something_else_is_not_repeated():
    assert faults(engine={"url": URL, "password_from": "hunter2"}) == [
        ("engine.password_from", "it is no name of an environment variable.")
    ]
    assert faults(engine="postgres://analyst:hunter2@db/clinic") == [("engine", "it is no group of keys.")]
    assert faults(engine={"url": URL, "password": "hunter2"}) == [
        ("engine.password", "this key is not known here.")
    ]


def test_all_faults_come_at_once():
    keys = {"url": "postgre://a:hunter2@db/clinic", "password_from": "Hunter", "schema": "canonical"}
    assert [where for where, _ in faults(engine=keys)] == ["engine.url", "engine.url", "engine.password_from"]
    engine = {"url": "pyspark://local[2]", "schema": "canonical"}
    assert [where for where, _ in faults(engine=engine, location="data", tables={})] == ["tables", "engine"]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, ("location", "this key is missing.")),
        ({"engine": {"url": URL}, "location": "data"}, ("location", "postgres reads no files.")),
        ({"engine": {"url": URL}, "tables": {}}, ("tables", "an engine's tables are read as they are.")),
        (
            {"engine": {"url": "pyspark://local[1]", "password_from": "PASSWORD"}},
            ("engine.password_from", "a Spark session takes no password."),
        ),
        (
            {"engine": {"url": "clinic"}},
            ("engine.url", "it does not begin with the name of an engine that Ibis speaks to."),
        ),
    ],
)
def test_what_does_not_go_together_is_told(keys, told):
    assert faults(**keys) == [told]


def test_the_variable_that_holds_the_password_is_read_late(monkeypatch):
    engine = source(engine={"url": URL, "password_from": "CLINIC_PASSWORD"}).engine
    monkeypatch.setenv("CLINIC_PASSWORD", "hunter2")
    assert engine.password("here") == "hunter2"
    monkeypatch.delenv("CLINIC_PASSWORD")
    with pytest.raises(
        Refused, match="here: the variable CLINIC_PASSWORD, which holds the password, is not set"
    ):
        engine.password("here")
    assert "hunter2" not in repr(engine)
