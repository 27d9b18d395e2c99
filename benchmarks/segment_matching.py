"""Groups followed from week to week: matching at a refit, false claims of movement and their power, false alarms.

`python benchmarks/segment_matching.py` writes segment_matching.md beside itself; it takes a few minutes on one core.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import machine
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from workbench.segments.weekly.alarms import condition_of, drifting_shares, worse_fit
from workbench.segments.weekly.labels import crossed
from workbench.segments.weekly.matching import match_groups
from workbench.segments.weekly.migration import group_on, tell_movement
from workbench.segments.weekly.unchanged import Counted, Unchanged

Real = NDArray[np.float64]
Labels = NDArray[np.int64]

SEED = 20_261_128
PEOPLE, FEATURES, GROUPS, APART = 1_000, 5, 4, 3.0
REFITS, RUNS, DRAWS, WEEKS = 100, 150, 39, 52
COUNTED = (Counted("due", "weeks", "rate"), Counted("missed", "due", "share"))
SHARES = np.array([0.4, 0.3, 0.2, 0.1])


# Matching


def centers_of(rng: np.random.Generator, groups: int) -> Real:
    """Centers of which any two lie at least `APART` standard deviations of a group apart."""
    while True:
        centers = rng.normal(0, 2.2, (groups, FEATURES))
        apart = np.linalg.norm(centers[:, None] - centers[None], axis=2)
        if apart[np.triu_indices(groups, 1)].min() >= APART:
            return centers


def refit(rng: np.random.Generator, drift: float) -> tuple[Labels, Labels, Real, Real, list[int]]:
    """The same people after all centers drifted: groups before and after, centers of both, and the true match."""
    centers = centers_of(rng, GROUPS)
    away = rng.normal(size=centers.shape)
    moved = centers + drift * away / np.linalg.norm(away, axis=1, keepdims=True)
    kind = rng.choice(GROUPS, PEOPLE, p=SHARES)
    now = moved[kind] + rng.normal(size=(PEOPLE, FEATURES))
    before = np.argmin(((now[:, None] - centers[None]) ** 2).sum(axis=2), axis=1)
    found = KMeans(GROUPS, n_init=2, random_state=0).fit(now)
    after = found.labels_.astype(np.int64)
    kinds = crossed(kind, after, GROUPS, GROUPS)
    of, to = linear_sum_assignment(kinds, maximize=True)
    truth = [int(of[np.flatnonzero(to == group)[0]]) for group in range(GROUPS)]
    return before, after, centers, found.cluster_centers_, truth


def by_size(before: Labels, after: Labels) -> list[int]:
    """Groups of the same rank by size taken for the same, as where groups are lettered by size at each run."""
    old, new = (np.argsort(-np.bincount(each, minlength=GROUPS), kind="stable") for each in (before, after))
    return [int(old[np.flatnonzero(new == group)[0]]) for group in range(GROUPS)]


def matching_rows() -> Iterator[str]:
    for drift in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5):
        rng = np.random.default_rng(SEED)
        right = np.zeros(4)
        for _ in range(REFITS):
            before, after, old, new, truth = refit(rng, drift)
            scale = np.sqrt(((old - old.mean(axis=0)) ** 2).mean(axis=0) + 1)
            found = match_groups(before, after, old / scale, new / scale)
            of, to = linear_sum_assignment(found.shared, maximize=True)
            people = [int(of[np.flatnonzero(to == group)[0]]) for group in range(GROUPS)]
            of, to = linear_sum_assignment(found.closeness, maximize=True)
            places = [int(of[np.flatnonzero(to == group)[0]]) for group in range(GROUPS)]
            right += [
                list(found.before_of) == truth,
                people == truth,
                places == truth,
                by_size(before, after) == truth,
            ]
        yield f"| {drift} | " + " | ".join(percent(each / REFITS) for each in right) + " |"


def changes_rows() -> Iterator[str]:
    """A group split in two, two merged, one gone, one new: how often it is told, and told of that group alone."""
    for what in ("nothing", "split", "merged", "dissolved", "born"):
        rng = np.random.default_rng(SEED)
        told = 0
        for _ in range(REFITS):
            told += changed_as_told(rng, what)
        yield f"| {what} | {percent(told / REFITS)} |"


def changed_as_told(rng: np.random.Generator, what: str) -> bool:
    centers = centers_of(rng, GROUPS + 1)
    kind = rng.choice(GROUPS, PEOPLE, p=SHARES)
    new_kind, places = kind.copy(), list(centers[:GROUPS])
    if what == "split":
        new_kind[(kind == 0) & (rng.random(PEOPLE) < 0.45)] = GROUPS
        away = rng.normal(size=FEATURES)
        places.append(centers[0] + 2.5 * away / np.linalg.norm(away))
    elif what == "merged":
        new_kind[kind == 2] = 1
    elif what == "dissolved":
        new_kind[kind == 3] = rng.choice(3, (kind == 3).sum())
    elif what == "born":
        new_kind[rng.random(PEOPLE) < 0.12] = GROUPS
        places.append(centers[GROUPS])
    here, after = np.unique(new_kind, return_inverse=True)
    # The model before puts people where they were: into the group of old that they are of.
    means = np.vstack([np.array(places)[group] for group in here])
    found = match_groups(kind, after.astype(np.int64), centers[:GROUPS] / 2.5, means / 2.5)
    if what == "split":
        return 0 in found.split and found.born == (GROUPS,) and not found.dissolved
    if what == "merged":
        return found.merged == {1: (1, 2)} and found.dissolved == (2,)
    if what == "dissolved":
        return found.dissolved == (3,) and not found.born
    if what == "born":
        return found.born == (GROUPS,) and not found.dissolved
    return found.is_same and list(found.before_of) == list(range(GROUPS))


# Movement


def regular(rng: np.random.Generator, rate: Real) -> NDArray[np.int64]:
    """Events by rule: as many in a week as were due since the last."""
    due = np.cumsum(rate, axis=1) + rng.random((len(rate), 1))
    return np.diff(np.floor(due), axis=1, prepend=np.floor(due[:, :1])).astype(np.int64)


def poisson(rng: np.random.Generator, rate: Real) -> NDArray[np.int64]:
    return rng.poisson(rate)


def in_bursts(rng: np.random.Generator, rate: Real) -> NDArray[np.int64]:
    """Events in bursts: twice the variance of a week."""
    return rng.poisson(rng.gamma(rate, 1.0, rate.shape))


def provider(
    rng: np.random.Generator, people: int, gap: int, changed: float, events: Callable[..., NDArray[np.int64]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two days `gap` weeks apart; of some the habits change after the first, to those of the other kind."""
    often = rng.random(people) < 0.5
    rate = np.where(often, rng.gamma(8, 0.6 / 8, people), rng.gamma(8, 0.25 / 8, people))
    misses = np.where(often, rng.beta(3, 17, people), rng.beta(9, 11, people))
    changes = rng.random(people) < changed
    rates = np.repeat(rate[:, None], WEEKS + gap, axis=1)
    shares = np.repeat(misses[:, None], WEEKS + gap, axis=1)
    rates[changes, WEEKS:] = np.where(often[changes], 0.05, 1.5)[:, None]
    shares[changes, WEEKS:] = np.where(often[changes], 0.9, 0.02)[:, None]
    due = events(rng, rates)
    missed = rng.binomial(due, shares)

    def seen(first: int) -> pd.DataFrame:
        days = slice(first, first + WEEKS)
        counts = {"due": due[:, days].sum(axis=1), "missed": missed[:, days].sum(axis=1)}
        return pd.DataFrame(counts | {"weeks": np.full(people, float(WEEKS))})

    return seen(0), seen(gap)


def by_border(rows: pd.DataFrame) -> Labels:
    """A frozen definition: two groups on either side of a border through rate and share."""
    share = (rows["missed"] + 0.6) / (rows["due"] + 2)
    odds = np.log(share / (1 - share))
    return (odds - 0.9 * np.log(rows["due"] / rows["weeks"] + 0.02) > 0.1).to_numpy().astype(np.int64)


def movement_row(label: str, people: int, gap: int, changed: float, events: Callable[..., Labels]) -> str:
    claimed, observed, expected = 0, 0.0, 0.0
    for run in range(RUNS):
        before, after = provider(np.random.default_rng([SEED, run]), people, gap, changed, events)
        drawn = Unchanged(before, after, COUNTED, gap).draws(np.random.default_rng([SEED, run, 1]))
        found = tell_movement(by_border(before), by_border(after), drawn, by_border, 2, DRAWS)
        claimed += found.is_real()
        observed += found.observed / RUNS
        expected += found.expected / RUNS
    return f"| {label} | {people:,} | {gap} | {observed:.1f} | {expected:.1f} | {percent(claimed / RUNS)} |"


def movement_rows() -> Iterator[str]:
    yield movement_row("nobody; events at random", 500, 1, 0.0, poisson)
    yield movement_row("nobody; events at random", 1_000, 1, 0.0, poisson)
    yield movement_row("nobody; events at random", 1_000, 4, 0.0, poisson)
    yield movement_row("nobody; events by rule", 1_000, 4, 0.0, regular)
    yield movement_row("nobody; events in bursts", 1_000, 4, 0.0, in_bursts)
    for changed in (0.02, 0.05, 0.1):
        yield movement_row(f"{changed:.0%} of the people", 1_000, 4, changed, poisson)
    yield movement_row("5% of the people", 1_000, 8, 0.05, poisson)


# Alarms


def share_alarms(moving: float, drift: float) -> float:
    rng = np.random.default_rng(SEED)
    rung = 0
    runs = 500
    for _ in range(runs):
        before = rng.choice(GROUPS, PEOPLE, p=SHARES)
        moves = rng.random(PEOPLE) < moving
        after = np.where(moves, rng.choice(GROUPS, PEOPLE, p=SHARES), before)
        after = np.where((rng.random(PEOPLE) < drift) & (before == 1), 0, after)
        ids = np.array([f"{at:05d}" for at in range(PEOPLE)], dtype=object)
        here, there = rng.random(PEOPLE) < 0.97, rng.random(PEOPLE) < 0.97
        steps = group_on(ids[here], before[here], ids[there], after[there], GROUPS)
        rung += any(drifting_shares(*steps, GROUPS))
    return rung / runs


def fit_alarms(people: int, shift: float) -> float:
    rng = np.random.default_rng(SEED)
    rung = 0
    for _ in range(REFITS):
        centers = centers_of(rng, GROUPS)

        def seen(off: float, centers: Real = centers) -> tuple[Real, Labels, Real]:
            scaled = centers[rng.choice(GROUPS, people, p=SHARES)] + rng.normal(size=(people, FEATURES))
            scaled[:, 0] += off
            odds = np.exp(-((scaled[:, None] - centers[None]) ** 2).sum(axis=2) / 2) * SHARES + 1e-300
            return scaled, odds.argmax(axis=1).astype(np.int64), odds / odds.sum(axis=1, keepdims=True)

        before = seen(0.0)
        deviation = before[0].std(axis=0)
        refitted = condition_of(before[0] / deviation, before[1], before[2])
        now = seen(shift * deviation[0])
        rung += any(worse_fit(condition_of(now[0] / deviation, now[1], now[2], refitted.centers), refitted))
    return rung / REFITS


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def page() -> str:
    lines = [
        "# Groups followed from week to week",
        "",
        "How it is done is told in `docs/methods/segment-review.md`.",
        machine.told(),
        "",
        "## Matching at a refit",
        "",
        f"{GROUPS} groups of {PEOPLE:,} people in {FEATURES} features, any two centers at least {APART:g} standard "
        f"deviations apart; every center drifts in a direction of its own, and k-means numbers its groups anew. "
        f"Share of {REFITS} refits in which every group is matched as it was planted, by people and centers "
        "together, by either alone, and by rank of size, as where letters are given by size at every run.",
        "",
        "| drift, standard deviations | both | people alone | centers alone | rank of size |",
        "|---|---|---|---|---|",
        *matching_rows(),
        "",
        "Share of as many refits in which what happened is told, of the right groups, and nothing else:",
        "",
        "| what happened | told |",
        "|---|---|",
        *changes_rows(),
        "",
        "## Movement",
        "",
        f"Two groups on either side of a border through a rate and a share, counted over {WEEKS} weeks; {RUNS} runs of "
        f"{DRAWS} draws; movement is claimed at 5 %. Seen: people in another group on the later day. By noise: as many "
        "as would seem to be, had nobody changed, by the bootstrap. Whoever counts every such person as moved would "
        "claim movement in all of these runs.",
        "",
        "| whose habits changed | people | weeks between | seen | by noise | movement claimed |",
        "|---|---|---|---|---|---|",
        *movement_rows(),
        "",
        "## Alarms",
        "",
        "A share that drifts: 500 runs, of 1,000 people, 3 % of whom are not followed on either day.",
        "",
        "| people who move to and fro | of the second group, who go over to the first | alarm |",
        "|---|---|---|",
        *(
            f"| {moving:.0%} | {drift:.0%} | {percent(share_alarms(moving, drift))} |"
            for moving, drift in ((0.02, 0.0), (0.1, 0.0), (0.3, 0.0), (0.05, 0.1), (0.05, 0.2))
        ),
        "",
        f"A definition that fits worse: {REFITS} runs, the people of the later day drawn anew, all of them moved in "
        "one feature.",
        "",
        "| people | moved, standard deviations | alarm |",
        "|---|---|---|",
        *(
            f"| {people:,} | {shift} | {percent(fit_alarms(people, shift))} |"
            for people, shift in ((300, 0.0), (2_000, 0.0), (2_000, 0.15), (2_000, 0.35))
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(page())
