"""A watch beside a run: what is too long is interrupted, then killed, and what is not is left alone."""

from threading import Event

import pytest

from workbench.runs import bounds
from workbench.runs.bounds import Bounds, Exceeded, Watch
from workbench.settings import Limits


def within(**given: float) -> Bounds:
    return Bounds(Limits.model_construct(**{"run_minutes": 240, "cell_minutes": None, "retries": 0, **given}))


def test_a_run_within_its_bounds_is_left_alone():
    def not_called():
        raise AssertionError

    with Watch(within(cell_minutes=100), not_called, not_called) as watch:
        watch.cell_begins(0)
        watch.cell_begins(1)
    assert watch.exceeded is None


@pytest.mark.parametrize(
    ("given", "cell", "exceeded"),
    [
        ({"run_minutes": 0.0001}, None, Exceeded("run_minutes", 0.0001, None)),
        ({"run_minutes": 0.0001}, 4, Exceeded("run_minutes", 0.0001, 4)),
        ({"cell_minutes": 0.0001}, 4, Exceeded("cell_minutes", 0.0001, 4)),
        ({"run_minutes": 0.0001, "cell_minutes": 5}, 4, Exceeded("run_minutes", 0.0001, 4)),
    ],
)
def test_the_limit_that_was_passed_is_told(given, cell, exceeded):
    ended = Event()
    watch = Watch(within(**given), ended.set, ended.set)
    if cell is not None:
        watch.cell_begins(cell)
    with watch:
        assert ended.wait(30)
    assert watch.exceeded == exceeded


def test_what_does_not_heed_an_interrupt_is_killed_until_it_is_gone(monkeypatch):
    monkeypatch.setattr(bounds, "GRACE", 0.0)
    monkeypatch.setattr(bounds, "_AGAIN", 0.0)
    done, gone = [], Event()

    def kill():
        done.append("kill")
        if done.count("kill") == 3:
            gone.set()

    watch = Watch(within(run_minutes=0), lambda: done.append("interrupt"), kill)
    watch.cell_begins(0)
    with watch:
        assert gone.wait(30)
    assert done[:4] == ["interrupt", "kill", "kill", "kill"]


def test_what_heeds_an_interrupt_is_not_killed():
    interrupted, killed = Event(), []
    watch = Watch(within(run_minutes=0), interrupted.set, lambda: killed.append(True))
    watch.cell_begins(0)
    with watch:
        assert interrupted.wait(30)
    assert killed == []


def test_a_kernel_that_only_starts_is_killed_at_once():
    interrupted, killed = [], Event()
    with Watch(within(run_minutes=0), lambda: interrupted.append(True), killed.set):
        assert killed.wait(30)
    assert interrupted == []
