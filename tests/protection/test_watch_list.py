import tracemalloc

import pytest

from workbench.protection.watch_list import DIGEST, Digests, WatchList


@pytest.fixture(scope="module")
def names():
    return WatchList.of(["Maria del Carmen Lopez", "Ann Lee", "7001234", "Bo", "12345", "0044 7700 900123"])


@pytest.mark.parametrize(
    "text",
    [
        "for Ann Lee.",
        "LEE, ANN",
        "Änn Lée",
        "ＡＮＮ Lee",
        "ann_lee.csv",
        "Maria del Carmen Lopez",
        "no. 7001234",
        "700-1234",
        "+44 7700 900123",
        "00447700900123",
    ],
)
def test_contains_what_is_listed_however_it_is_written(names, text):
    assert names.contains(text)


@pytest.mark.parametrize("text", ["", "Ann", "Lee and Ann", "Annlee", "70012345", "Bo", "12345", "a7001234"])
def test_contains_nothing_else(names, text):
    assert not names.contains(text)


def test_keys_are_random_and_the_list_tells_nothing():
    first, second = WatchList.of(["Ann Lee"]), WatchList.of(["Ann Lee"])
    assert first.key != second.key
    assert first.hashes.isdisjoint(second.hashes)
    assert "ann" not in repr(first).lower()
    assert b"ann" not in first.to_bytes().lower()


def test_kept_and_read_again(names):
    again = WatchList.from_bytes(names.to_bytes())
    assert again == names
    assert again.contains("Ann Lee")


def test_a_cut_off_list_is_refused(names):
    with pytest.raises(ValueError, match="cut off"):
        WatchList.from_bytes(names.to_bytes()[:-1])


def test_numbers_side_by_side_make_no_name():
    assert not WatchList.of(["412398"]).contains_run("412 398")
    assert WatchList.of(["Ann Lee"]).contains_run("412 Ann Lee 398")


def test_digests_are_a_set_however_they_end():
    first, second = b"a" * 10 + b"\0\0", b"a" * 10 + b"\0b"
    digests = Digests(second + first + second)
    assert digests == {first, second}
    assert list(digests) == [first, second]
    assert digests.to_bytes() == first + second
    assert b"z" * DIGEST not in digests
    assert len(Digests(b"")) == 0
    assert first not in Digests(b"")
    assert digests.isdisjoint([b"z" * DIGEST])
    assert not digests.isdisjoint([b"z" * DIGEST, second])
    assert digests.isdisjoint([])
    assert Digests(first) | Digests(second) | {first} == digests
    assert digests & {first} == {first}


def test_a_long_list_takes_little_more_than_its_digests():
    count = 20_000
    tracemalloc.start()
    try:
        names = WatchList.of(f"p{number:x}zz" for number in range(count))
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(names.hashes) == count
    assert held < 2 * count * DIGEST
    assert most < 6 * count * DIGEST


@pytest.mark.parametrize(
    "text", ["Maria Lopez-Ortega", "Maria Lopez Ortega", "lopez_ortega_maria", "Lopez\u2010Ortega, Maria"]
)
def test_a_name_with_a_hyphen_is_found_without_it(text):
    listed = WatchList.of(["Maria Lopez-Ortega"])
    assert listed.contains(text)
    assert not listed.contains("Maria Lopez")
    assert not listed.contains("Lopez Ortega")


def test_digests_that_begin_alike_are_told_apart():
    alike = [b"a" * 8 + bytes([end, 1, 2, 3]) for end in (9, 3, 7)]
    digests = Digests(b"".join(alike) + alike[0])
    assert list(digests) == sorted(alike)
    assert all(each in digests for each in alike)
