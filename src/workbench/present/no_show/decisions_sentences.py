"""Clinic days in words: how totals vary, what idle time can be told, and whether extra bookings pay."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.decisions.attendance import Attendance
from workbench.no_show.decisions.overbooking import FEWEST_SESSIONS, Policy
from workbench.no_show.decisions.recommendation import recommended, within_caps
from workbench.no_show.parameters import Overbooking
from workbench.present import numbers
from workbench.present.disclosure import PROFILES
from workbench.present.no_show.decisions_tables import told_level
from workbench.present.no_show.words import listed

NO_SESSIONS = (
    "Idle time cannot be told: the source records no sessions that the appointments lie in, so that nobody "
    "knows when a "
    "clinician was there."
)
OFF = (
    "Overbooking is off. Where it is asked for, extra bookings in full sessions are simulated, up to a hard "
    "limit and within "
    "caps on waiting."
)


def attendance_in_words(analysis: Analysis) -> str:
    """How far totals can be foretold, and whether their distributions hold."""
    found = analysis.clinic_days
    if not found.attendance:
        return "How many come on a day cannot be told: the calibration or the test holds too few days."
    told = next(each for each in found.attendance if each.level == told_level(found))
    return (
        f"Of those booked, {numbers.number(told.attended / told.groups, 1)} came on a {told.level}, on "
        "average, where "
        f"{numbers.number(told.expected / told.groups, 1)} were expected. Totals varied "
        f"{numbers.number(told.ratio, 2)} times as much as those of independent patients would; with what "
        "patients of a "
        f"{told.level} have in common, {numbers.number(told.expected_ratio, 2)} times was foretold. "
        f"{_held(told)} A risk is that of a patient; a total is a sum of "
        "all of them, and no list."
    )


def _held(told: Attendance) -> str:
    independent, mixed = told.independent, told.with_effect
    return (
        f"95 % prediction intervals held {numbers.percent(mixed.covered, 0)} of the totals "
        f"({numbers.percent(independent.covered, 0)} without). A test of the distributions (are totals spread "
        "evenly over "
        f"them?) gives p = {p_words(mixed.p)} with, and {p_words(independent.p)} without."
    )


def p_words(p: float) -> str:
    """A p-value in words: below a thousandth no digits are told."""
    return "less than 0.001" if p < 0.001 else numbers.number(p, 3)


def idle_in_words(analysis: Analysis) -> str:
    """Idle time of sessions, or why it cannot be told."""
    times = analysis.clinic_days.times
    if times is None:
        return NO_SESSIONS
    variation = (analysis.settings.overbooking or Overbooking()).visit_variation
    return (
        f"{numbers.count(times.sessions)} sessions of the test had somebody booked at the moment of prediction; "
        f"{numbers.percent(times.full / times.sessions, 0)} were full, and "
        f"{numbers.percent(times.over / times.sessions, 0)} "
        f"had more booked than places. Of a session's minutes {numbers.number(times.expected[0])} were "
        "expected to be idle, "
        f"and with those who came {numbers.number(times.found[0])} were, if visits take their planned minutes with a "
        f"standard deviation of {numbers.percent(variation, 0)} (an assumption)."
    )


def overbooking_in_words(analysis: Analysis) -> str:
    """Whether extra bookings would pay within the caps, or why that is not told."""
    asked, found = analysis.settings.overbooking, analysis.clinic_days
    if asked is None:
        return OFF
    if found.times is None:
        return "Extra bookings cannot be simulated without sessions."
    if not found.policies:
        return (
            "Extra bookings are not simulated: fewer than "
            f"{FEWEST_SESSIONS} sessions are full, or every appointment in them is of a type (or of none "
            "recorded) beside which "
            "nothing may be booked."
        )
    best = recommendation(analysis)
    if best is None:
        return (
            "**No extra bookings**: the risk of an empty slot is off by more than was declared, so that nothing may "
            "rest on it."
        )
    return f"{_recommended(best, found.policies, asked, few_groups(analysis))} {_rules(asked)}"


def recommendation(analysis: Analysis) -> Policy | None:
    """The policy recommended; None where nothing was simulated, or the risks may not be used."""
    asked, found = analysis.settings.overbooking, analysis.clinic_days
    if asked is None or not found.policies or not found.usable:
        return None
    return recommended(found.policies, asked, few_groups(analysis))


def few_groups(analysis: Analysis) -> set[tuple[str, str]]:
    """Groups of too few patients to be shown, which are not judged either."""
    profile = PROFILES[analysis.settings.disclosure]
    return {
        (group.by, group.group)
        for policy in analysis.clinic_days.policies
        for group in policy.groups
        if profile.is_few(group.patients)
    }


def _recommended(
    best: Policy, policies: tuple[Policy, ...], asked: Overbooking, few: set[tuple[str, str]]
) -> str:
    if best.extra:
        return (
            f"**Up to {best.extra} extra {'booking' if best.extra == 1 else 'bookings'} in a full session** "
            "would save "
            f"{numbers.number(best.gain.value, 1)} idle minutes' worth per session and keep within the caps."
        )
    one = next(policy for policy in policies if policy.extra == 1)
    why = []
    if not within_caps(policies[0], asked, few):
        why.append("waiting, overtime or late ends are over a cap as it is")
    elif not within_caps(one, asked, few):
        why.append("with one, waiting, overtime or late ends are over a cap, for all or for a group")
    if one.gain.low <= 0:
        why.append("one saves nothing beyond noise")
    return f"**No extra bookings**: {listed(why)}."


def _rules(asked: Overbooking) -> str:
    never = f"beside {listed(list(asked.never))} nothing is booked; " if asked.never else ""
    return (
        f"Rules: at most {asked.limit} extra in a session that is full; {never}beside whom, the lot decides and no "
        f"risk. Caps: a mean wait of {numbers.number(asked.longest_wait)} minutes and "
        f"{numbers.percent(asked.largest_late, 0)} of the visits ending after the session, over all and in each group "
        "that is large enough to judge; a mean overtime of "
        f"{numbers.number(asked.longest_overtime)} minutes. A minute that a patient waits counts "
        f"{numbers.number(asked.waiting_minute, 2)} idle minutes, one of overtime "
        f"{numbers.number(asked.overtime_minute, 2)}."
    )
