"""The examination: every release check, run on one candidate. It fails closed."""

from collections.abc import Callable, Iterable

from workbench.present.disclosure import Profile
from workbench.protection.watch_list import WatchList
from workbench.reports.release import honesty, identifiers, outputs, readability, safety, small_cells
from workbench.reports.release.candidate import Candidate, Finding


def examine(candidate: Candidate, watch_list: WatchList, profile: Profile) -> tuple[Finding, ...]:
    """What keeps a candidate from being published; nothing, if it may be.

    A check that cannot be completed is a finding too.
    """
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        outputs.CHECK: lambda: outputs.find_unmeant(candidate),
        identifiers.CHECK: lambda: identifiers.find_identifiers(candidate, watch_list),
        small_cells.CHECK: lambda: small_cells.find_small_cells(candidate, profile),
        safety.CHECK: lambda: safety.find_unsafe(candidate.html),
        readability.CHECK: lambda: readability.find_unreadable(candidate.html),
        honesty.CHECK: lambda: honesty.find_dishonesty(candidate.result),
    }
    return tuple(
        dict.fromkeys(finding for name, check in checks.items() for finding in _completed(name, check))
    )


def _completed(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a check, nothing may leave
        # The error's own text may carry data; its kind does not.
        kind = type(error).__name__
        return [Finding(name, "the check itself", f"It could not be completed ({kind}), so nothing may leave.")]
