"""All experiments on a question together: priors taken off, nobody counted twice, nothing chosen by its verdict."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from scipy.special import ndtri

from workbench.experiments.models.meta import StudyEffect, pool_experiments
from workbench.reports.evidence import Finding
from workbench.reports.playbook import render_playbook
from workbench.reports.pooling import pooled
from workbench.reports.summaries import ArmRatio, Asked, VersionSummary

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def ratio(log_ratio, error, prior_sd=0.35, arm="warm", **given):
    """As a study with a normal prior would publish an arm's ratio."""
    precision = error**-2 + (prior_sd**-2 if prior_sd else 0.0)
    mean, sd = log_ratio * error**-2 / precision, precision**-0.5
    low, high = np.exp(mean + sd * ndtri([0.025, 0.975]))
    return ArmRatio(arm=arm, ratio=np.exp(mean), low=low, high=high, level=0.95, prior_sd=prior_sd, **given)


def finding(name, *ratios, decision="inconclusive", origin=None, day=16, **given):
    values = {
        "study": "ab_test",
        "study_title": "A/B analysis",
        "name": name,
        "version": "20261123T060000Z-3f9a2c1d",
        "title": f"Title of {name}",
        "audience": ("clinical_leads",),
        "owner": "Outreach",
        "as_of": date(2026, 11, day),
        "valid_until": date(2026, 12, 14),
        "published_at": NOW,
        "simulated": False,
        "decision": decision,
        "headline": f"Headline of {name}.",
        "number": None,
        "failed_checks": (),
        "ratios": ratios,
    }
    asked = Asked(question="tone", origin=origin or f"source/{name}", gathered_until=date(2026, 9, 28))
    return Finding(VersionSummary(asked=asked, **(values | given)), asked)


def effect(log_ratio, error, experiment, arm="warm"):
    return StudyEffect(f"source/{experiment}", arm, "tone", log_ratio, error)


def test_the_studies_priors_are_taken_off_before_experiments_are_pooled():
    found = pooled([finding("a", ratio(0.4, 0.2)), finding("b", ratio(0.1, 0.1, prior_sd=None))])
    (told,) = pool_experiments([effect(0.4, 0.2, "a"), effect(0.1, 0.1, "b")])
    assert found.experiments == 2
    assert found.mean.mean == pytest.approx(told.mean.mean, abs=1e-9)
    assert found.next.sd == pytest.approx(told.next.sd, abs=1e-9)


def test_inconclusive_experiments_count_and_those_that_do_not_know_do_not():
    conclusive = finding("a", ratio(0.4, 0.1), decision="adopt")
    alone = pooled([conclusive])
    others = [finding("b", ratio(-0.1, 0.1))]
    assert pooled([conclusive, *others]).mean.mean < alone.mean.mean
    unknown = [
        finding("c", ratio(-0.9, 0.1), decision="invalid"),
        finding("d", ratio(-0.9, 0.1), decision="keep_collecting"),
        finding("e", ratio(-0.9, 0.1), withdrawn=True),
        finding("f", ratio(-0.9, 0.1), simulated=True),
        finding("g"),
    ]
    assert pooled([conclusive, *unknown]) == alone
    assert pooled(unknown[:3]) is None


def test_the_same_people_count_once_by_their_newest_analysis():
    newest = finding("a", ratio(0.3, 0.1), origin="source/trial", day=16)
    older = finding("b", ratio(-0.3, 0.1), origin="source/trial", day=9)
    assert pooled([newest, older]) == pooled([newest])


def test_where_fewer_events_are_better_the_sign_is_turned():
    fewer = pooled([finding("a", ratio(-0.3, 0.1, sign=-1))])
    more = pooled([finding("a", ratio(0.3, 0.1))])
    assert fewer.mean.mean == pytest.approx(more.mean.mean, abs=1e-9)


def test_an_arm_of_which_nothing_is_known_beyond_its_prior_is_left_out():
    # As wide as its prior: the data said nothing.
    low, high = np.exp(0.35 * ndtri([0.025, 0.975]))
    silent = ArmRatio(arm="warm", ratio=1.0, low=low, high=high, level=0.95, prior_sd=0.35)
    assert pooled([finding("a", silent)]) is None


def test_arms_of_one_experiment_share_their_control():
    arms = [ratio(0.3, 0.1, arm=arm, control_variance=0.008) for arm in ("warm", "cold")]
    together = pooled([finding("a", *arms)])
    apart = pooled([finding("a", ratio(0.3, 0.1)), finding("b", ratio(0.3, 0.1))])
    assert together.experiments == 1
    assert together.mean.sd > apart.mean.sd


def test_the_playbook_tells_it_from_two_experiments_on():
    one, two = finding("a", ratio(0.2, 0.1)), finding("b", ratio(0.3, 0.1))
    assert "Over 2 experiments (2 arms), inconclusive ones too" in render_playbook([one, two], NOW)
    assert "experiments (" not in render_playbook([one], NOW)
