"""The pseudonyms that no report may show are the same on every engine."""

from workbench.tables.identifiers import pseudonyms


def test_the_pseudonyms_are_the_same(engine, tables_in):
    found = list(pseudonyms(engine))
    assert sorted(found) == sorted(pseudonyms(tables_in("duckdb")))
    assert len(set(found)) > 1_000
    assert all(isinstance(pseudonym, str) for pseudonym in found)
