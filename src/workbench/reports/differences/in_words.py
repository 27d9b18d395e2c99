"""A difference in words: a few lines for the top of a report, and tables for whoever asks further."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.present import numbers
from workbench.present.fragments import DECISIONS
from workbench.present.result import Table
from workbench.reports.differences.amounts import amounts, direction, metric_name
from workbench.reports.differences.comparison import Difference, MetricChange, Metrics, Pair, Side, compare
from workbench.reports.differences.tables import difference_tables, parameter_text

FIRST = "There is none before it to compare it with."
SAME = "Nothing: data, parameters, code and results are the same."
NAMED = 2
"""How many moved numbers the lines name; the tables hold the others."""
LONG = 40


@dataclass(frozen=True)
class Line:
    """One line of what changed: a label of one word, and a sentence or two."""

    label: str
    text: str


@dataclass(frozen=True)
class DifferenceInWords:
    """What is told of a difference. Where there are no lines, `remark` says why."""

    heading: str
    remark: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...]


def since_last(previous: Side | None, now: Side) -> DifferenceInWords:
    """What a report's page says of the version before."""
    if previous is None:
        return DifferenceInWords("First version", FIRST, (), ())
    heading = f"Since the last version (as of {numbers.day(previous.manifest.as_of)})"
    return in_words(compare(previous, now), heading)


def in_words(difference: Difference, heading: str, *, whole: bool = False) -> DifferenceInWords:
    """The difference in lines and tables; with `whole`, numbers within noise are in the tables too."""
    if difference.is_same:
        return DifferenceInWords(heading, SAME, (), ())
    words = _Words(difference)
    return DifferenceInWords(heading, "", tuple(words.lines()), difference_tables(difference, whole=whole))


@dataclass(frozen=True)
class _Words:
    difference: Difference

    def lines(self) -> Iterator[Line]:
        told = {
            "Verdict": self._verdict(),
            "Numbers": numbers_line(self.difference.metrics, same_data=self.difference.data.are_same),
            "Cohort": self._cohort(),
            "Checks": self._checks(),
            "Parameters": self._parameters(),
            "Code": self._code(),
            "Data": self._data(),
        }
        yield from (Line(label, text) for label, text in told.items() if text)
        unchanged = [label.lower() for label in ("Checks", "Parameters", "Code", "Data") if not told[label]]
        if unchanged:
            yield Line("Unchanged", f"{', '.join(unchanged).capitalize()}.")

    def _verdict(self) -> str:
        decision = self.difference.decision
        before, after = (DECISIONS[each].words for each in (decision.before, decision.after))
        return f"“{after}”, as before." if before == after else f"“{after}” now; “{before}” before."

    def _cohort(self) -> str:
        cohort = self.difference.cohort
        if cohort is None:
            return ""
        now = f"{numbers.count(cohort.studied.people)} {cohort.counted} studied"
        return f"{now}, {self._more(cohort.studied.more, grew=cohort.grew)}."

    def _more(self, more: int | None, *, grew: bool) -> str:
        if more == 0:
            return "as many as before"
        if more is None:
            return f"{self.difference.profile.fewer_than} {'more' if grew else 'less'} than before"
        about = "about " if self.difference.profile.round_to > 1 else ""
        return f"{about}{numbers.count(abs(more))} {'more' if grew else 'fewer'} than before"

    def _checks(self) -> str:
        checks = self.difference.checks
        failed = [name for name, pair in checks.items() if pair.after == "failed"]
        passed = [name for name, pair in checks.items() if pair.after == "passed"]
        others = len(checks) - len(failed) - len(passed)
        parts = [
            *([f"Failed now, and did not before: {_listed(failed)}."] if failed else []),
            *([f"Passed now, and did not before: {_listed(passed)}."] if passed else []),
            *([f"{numbers.count(others)} noted or gone."] if others else []),
        ]
        return " ".join(parts)

    def _parameters(self) -> str:
        parameters = self.difference.parameters
        if not parameters:
            return ""
        if len(parameters) == 1:
            ((key, pair),) = parameters.items()
            before, after = parameter_text(pair.before), parameter_text(pair.after)
            return f"{key} is {after}, before {before}." if max(len(before), len(after)) <= LONG else f"{key}."
        return f"{_listed(list(parameters), most=4)}."

    def _code(self) -> str:
        code = self.difference.code
        if not code.parts:
            return ""
        commit = code.commit
        told = "" if commit is None else f"; commit {_commit(commit.after)}, before {_commit(commit.before)}"
        return _sentence(f"{_listed(list(code.parts))}{told}")

    def _data(self) -> str:
        data = self.difference.data
        parts = [
            *(["the source's file changed"] if data.source else []),
            *(["other data"] if data.contents and not data.until else []),
            *([f"until {_days(data.until)}"] if data.until else []),
            *([f"as of {_days(data.as_of)}"] if data.as_of and not data.until else []),
            *(["files as before"] if data.as_of and not data.contents else []),
        ]
        return _sentence("; ".join(parts))


def numbers_line(metrics: Metrics, *, same_data: bool) -> str:
    """What became of the numbers, in a sentence or two."""
    if metrics.incomparable:
        named = _listed(list(metrics.incomparable), most=3)
        return f"Not compared: what they mean may have changed with {named}."
    parts = [_moved(metrics, same_data=same_data)]
    changed = len(metrics.moving("changed"))
    if changed:
        parts.append(
            f"{_counted(changed, 'number')} without an interval changed: whether by chance cannot be told."
        )
    apart = {
        "new": metrics.appeared,
        "gone": metrics.vanished,
        "shown in one version alone": metrics.unshown,
        "of groups that are not the same groups": metrics.renamed,
    }
    told = [f"{numbers.count(len(found))} {what}" for what, found in apart.items() if found]
    return " ".join([*parts, *([f"Not compared: {', '.join(told)}."] if told else [])]).strip()


def _moved(metrics: Metrics, *, same_data: bool) -> str:
    if not metrics.changes:
        return f"All {numbers.count(metrics.compared)} are the same." if metrics.compared else ""
    moved = metrics.moving("moved")
    if not metrics.judged:
        return ""
    noise = "a sampler's noise on the same data" if same_data else "chance"
    if not moved:
        return f"None of {numbers.count(metrics.judged)} moved by more than {noise} would."
    by_chance = ""
    if not same_data:
        digits = 0 if metrics.by_chance >= 1 else 1
        by_chance = f" (by chance alone at most about {numbers.number(metrics.by_chance, digits)})"
    named = "; ".join(_change_in_words(change) for change in moved[:NAMED])
    rest = f"; and {numbers.count(len(moved) - NAMED)} more" if len(moved) > NAMED else ""
    of = f"{numbers.count(len(moved))} of {numbers.count(metrics.judged)}"
    return f"{of} moved by more than {noise} would{by_chance}. {named}{rest}."


def _change_in_words(change: MetricChange) -> str:
    name = metric_name(change.after)
    if change.few:
        return f"{name}, {direction(change.before, change.after)}"
    before, after = amounts(change.before, change.after, with_intervals=False)
    return f"{name}, {direction(change.before, change.after)} to {after}, before {before}"


def _days(pair: Pair[str] | Pair[str | None]) -> str:
    """Two moments by their days; in full, where they are of one day."""
    before, after = (None if each is None else numbers.day(each) for each in (pair.before, pair.after))
    if before == after:
        before, after = (None if each is None else numbers.moment(each) for each in (pair.before, pair.after))
    return f"{after or 'unknown'}, before {before or 'unknown'}"


def _commit(commit: str | None) -> str:
    return "none" if commit is None else commit[:9]


def _listed(words: list[str], most: int = 3) -> str:
    rest = len(words) - most
    return ", ".join(words) if rest <= 0 else f"{', '.join(words[:most])} and {rest} more"


def _counted(count: int, what: str) -> str:
    return f"{numbers.count(count)} {what}{'' if count == 1 else 's'}"


def _sentence(text: str) -> str:
    """The text with a capital, and a full stop; nothing stays nothing."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""
