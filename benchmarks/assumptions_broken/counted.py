"""What the study would have counted of made-up people, and the parameters by which it looks at them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import operating_characteristics as shipped
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from assumptions_broken.people import DAYS, PEOPLE, WINDOW, Flags, Ints, People
from workbench.experiments.counting.cells import CELL_COLUMNS, ordered
from workbench.experiments.counting.counts import NO_CLUSTERS, ExperimentCounts
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.counting.units import NO_UNITS
from workbench.experiments.metrics import USUAL_METRICS
from workbench.experiments.models.clusters import ClusterCells, plain_difference
from workbench.experiments.parameters import ABTest

# The probability that adoption of one arm takes at the planned look.
NEEDED = 0.96


def settings_at(as_of: int) -> ABTest:
    usual = shipped.rules(PEOPLE)[0].settings
    start = shipped.END
    return usual.model_copy(
        update={
            "metrics": USUAL_METRICS,
            "control": "a",
            "as_of": start + timedelta(days=as_of),
            "enrollment_ends": start + timedelta(days=DAYS),
            "recording_lag_days": 0,
            "factors": None,
            "cure_model": False,
        }
    )


def counted(people: People, settings: ABTest, as_of: int) -> ExperimentCounts:
    """What the study would have counted of them."""
    known = people.day < min(as_of, DAYS)
    epoch = np.zeros(known.size, np.int64) if people.epoch is None else people.epoch
    followed = np.clip(np.floor(as_of - people.day), 0, WINDOW).astype(np.int64)
    arm = np.array(["a", "b"])[people.arm]
    frames = []
    for metric in settings.metrics:
        if metric is settings.primary:
            value = np.where(np.floor(people.delay) < followed, np.floor(people.delay), np.nan)
        else:
            value = np.where(people.opted_out & (followed == WINDOW), 1.0, np.nan)
        frames.append(
            pd.DataFrame(
                {"metric": metric.name, "arm": arm, "epoch": epoch, "followed": followed, "value": value}
            )[known]
        )
    rows = pd.concat(frames).groupby(["metric", "arm", "epoch", "followed", "value"], dropna=False)
    cells = rows.size().reset_index(name="people").assign(segment=None, of=np.nan)
    sizes = pd.DataFrame({"epoch": epoch, "arm": arm})[known].groupby(["epoch", "arm"]).size()
    allocation = sizes.reset_index(name="people")
    treated = np.array(people.shares)[allocation["epoch"]]
    allocation["share"] = np.where(allocation["arm"] == "b", treated, 1 - treated)
    allocation["triggered"] = np.nan
    designed = allocation["share"] * allocation["people"]
    by_arm = allocation["arm"]
    shares = (designed.groupby(by_arm).sum() / allocation["people"].groupby(by_arm).sum()).to_dict()
    nobody = {each: GivenArm(1, 1, dict.fromkeys((m.name for m in settings.metrics), 0)) for each in "ab"}
    closed = (followed == WINDOW) & known
    return replace(
        given_counts(settings, nobody, shares),
        cells=ordered(cells, CELL_COLUMNS),
        allocation=allocation,
        weekly=weekly(arm, people, known, closed),
        clusters=clusters(arm, people, closed),
        units=units(arm, people, known),
        data_until=pd.Timestamp(settings.as_of, tz="UTC").to_pydatetime(),
    )


def weekly(arm: NDArray[np.str_], people: People, known: Flags, closed: Flags) -> pd.DataFrame:
    """People enrolled by week and arm."""
    weeks = [shipped.END + timedelta(days=7 * int(day // 7)) for day in people.day]
    frame = pd.DataFrame({"week": weeks, "arm": arm, "enrolled": 1, "closed": closed.astype(int)})
    frame["events"] = (closed & (people.delay < WINDOW)).astype(int)
    return frame[known].groupby(["week", "arm"], as_index=False)[["enrolled", "closed", "events"]].sum()


def clusters(arm: NDArray[np.str_], people: People, closed: Flags) -> pd.DataFrame:
    """How many clusters there are of each kind."""
    if people.cluster is None:
        return NO_CLUSTERS
    frame = pd.DataFrame({"arm": arm, "cluster": people.cluster, "events": people.delay < WINDOW})[closed]
    each = frame.groupby(["arm", "cluster"])["events"].agg(size="size", events="sum").reset_index()
    return each.groupby(["arm", "size", "events"]).size().reset_index(name="clusters").astype({"events": int})


def units(arm: NDArray[np.str_], people: People, known: Flags) -> pd.DataFrame:
    """How many clusters were randomized into each arm."""
    if people.cluster is None:
        return NO_UNITS
    frame = pd.DataFrame({"arm": arm, "cluster": people.cluster})[known].drop_duplicates()
    return frame.groupby("arm").size().reset_index(name="units").assign(epoch=0, triggered=0)


def sure_by_cluster(people: People, as_of: int) -> bool:
    """Whether the gain is surely one with the cluster-robust error, as the rule asks where clusters were randomized."""
    if people.cluster is None:
        return True
    closed = (people.day < min(as_of, DAYS)) & (as_of - people.day >= WINDOW)
    found = clusters(np.array(["a", "b"])[people.arm], people, closed)
    place = (found["arm"] == "b").to_numpy().astype(np.int64)
    columns = (found[name].to_numpy(np.int64) for name in ("size", "events", "clusters"))
    plain = plain_difference(ClusterCells(("a", "b"), place, *columns), 1)
    return bool(plain.error > 0 and norm.cdf(plain.mean / plain.error) > NEEDED)


def closed_counts(people: People, as_of: int) -> Ints:
    """People, bookings, opt-outs of the control and of the arm, of closed windows; shape (2, 3)."""
    closed = (people.day < min(as_of, DAYS)) & (as_of - people.day >= WINDOW)
    books = people.delay < WINDOW
    return np.array(
        [
            [
                (chosen := closed & (people.arm == arm)).sum(),
                (chosen & books).sum(),
                (chosen & people.opted_out).sum(),
            ]
            for arm in (0, 1)
        ]
    )
