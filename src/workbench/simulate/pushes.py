"""How strong a text is: as it was set, or, where a rate is designed, solved for on the very people."""

from dataclasses import dataclass, replace

import numpy as np

from workbench.simulate.columns import DAY, NEVER, happened_between
from workbench.simulate.designed import designed_count, solve
from workbench.simulate.enrollment import Enrollment
from workbench.simulate.experiments import Arm
from workbench.simulate.latent import Latent
from workbench.simulate.randomness import Index, Real, Seconds, Truth

# No push on a person is stronger than this, on the scale of willingness and on that of log annoyance.
STRONGEST_PUSH = 40.0


@dataclass(frozen=True)
class Anyway:
    """What happens without any experiment's doing: packed and sorted events, a patient and a moment each."""

    bookings: Index
    opt_outs: Index

    def books(self, who: Index, after: Seconds, until: Seconds) -> Truth:
        """Whether each person books in an interval, its end included."""
        return happened_between(self.bookings, who, after, until)

    def opts_out(self, who: Index, after: Seconds, until: Seconds) -> Truth:
        """Whether each person opts out in an interval, its end included."""
        return happened_between(self.opt_outs, who, after, until)


def solved_shift(
    enrollment: Enrollment, until: Seconds, happens_at: Seconds, anyway: Truth, inclination: Real, share: float
) -> float:
    """The push at which a designed share of the eligible have an outcome within the window.

    Args:
        enrollment: the people; only the eligible count.
        until: when each window ends.
        happens_at: when it would happen to each, `NEVER` to those to whom it cannot.
        anyway: to whom it happens without the push.
        inclination: it happens where this and the push are more than 0.
        share: the designed share.
    """
    counted = enrollment.eligible
    in_time = counted & (happens_at <= until) & ~anyway
    already = int((counted & anyway).sum())
    return solve(
        lambda push: already + int((in_time & (inclination + push > 0)).sum()),
        designed_count(share, int(counted.sum())),
        -STRONGEST_PUSH,
        STRONGEST_PUSH,
    )


def appeal_of(
    enrollment: Enrollment,
    anyway: Anyway,
    latent: Latent,
    place: int,
    acts_at: Seconds,
    stays: Seconds,
    before: list[Real],
) -> Real:
    """An arm's appeal to each person, solved for stage by stage where its rate is designed."""
    arm = enrollment.experiment.arms[place]
    appeal = latent.appeal[:, place]
    if not arm.booking:
        return appeal
    weight = np.ones(appeal.size)
    if arm.half_life is not None:
        appeal = before[0]
        age = (enrollment.assigned_at - enrollment.assigned_at.min()) / DAY
        weight = 0.5 ** (age / arm.half_life)
    after = enrollment.assigned_at
    until = after + enrollment.experiment.window_days * DAY
    booked_anyway = anyway.books(enrollment.patient, after, np.minimum(until, stays))
    appeal = appeal.copy()
    for epoch in range(len(arm.booking)):
        rows = enrollment.epoch == epoch if len(arm.booking) > 1 else np.ones(appeal.size, bool)
        push = solved_shift(
            replace(enrollment, eligible=enrollment.eligible & rows),
            until,
            acts_at,
            booked_anyway,
            (latent.willing + appeal) / weight,
            arm.booking[epoch],
        )
        appeal[rows] += push * weight[rows]
    return appeal


def stopped_under(
    enrollment: Enrollment, anyway: Anyway, latent: Latent, arm: Arm, place: int, stops_at: Seconds
) -> Seconds:
    """When each person opts out under an arm, its annoyance solved for where its rate is designed."""
    annoyance = latent.annoyance[:, place]
    if arm.opt_out is not None:
        after = enrollment.assigned_at
        until = after + enrollment.experiment.window_days * DAY
        inclination = annoyance - np.log(latent.patience)
        out_anyway = anyway.opts_out(enrollment.patient, after, until)
        annoyance = annoyance + solved_shift(enrollment, until, stops_at, out_anyway, inclination, arm.opt_out)
    return np.where(latent.patience < np.exp(annoyance), stops_at, NEVER)
