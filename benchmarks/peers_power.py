"""Power beside gbstats and tea-tasting, at equal error under the same looks; exact, on the lattice of counts.

`python benchmarks/peers_power.py PYTHON` writes peers_power.md beside itself; it takes about five minutes on one core.
PYTHON is that of an environment with both peers, which the project does not depend on; gbstats takes Python 3.11:

    python3.11 -m venv peers && peers/bin/pip install gbstats tea-tasting "pyarrow<21"

Every table of a sample is put to the peers themselves, and to the workbench's own verdict, and must come out of the
formulas below as it does there; then the formulas go over the lattice.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import machine
import numpy as np
import operating_characteristics as shipped
from peers_power.lattice import DAYS, Lattice
from peers_power.rules import Grid, peers, z_of
from scipy.special import ndtri

SCRIPT = Path(__file__).with_suffix("") / "real.py"
LOOKS = {"one, at the end": (28,), "weekly": (7, 14, 21, 28), "daily": tuple(range(1, DAYS + 1))}
# People per arm, the base rate at which the error is made equal, and the rates of the arm that is better.
DESIGNS = (
    (1_000, 0.02, (0.03, 0.04)),
    (1_000, 0.04, (0.06,)),
    (5_000, 0.02, (0.025, 0.03)),
)
SAMPLE = 400
# Smallest effects that matter: none to speak of, as with the peers, and the default.
SMALLEST = {"any effect": 1e-6, "1 point": 0.01}
# Standardized thresholds that are tried; power is interpolated between neighbors.
THRESHOLDS = np.linspace(-0.5, 6.0, 651)


@dataclass
class Peer:
    """A peer's evidence at every look, and its chances of adoption by threshold, remembered."""

    lattice: Lattice
    days: Sequence[int]
    evidence: list[Grid]
    known: dict[tuple[float, float], float] = field(default_factory=dict)

    def adopted(self, threshold: float, rate: float) -> float:
        key = (threshold, rate)
        if key not in self.known:
            said = [grid > threshold for grid in self.evidence]
            self.known[key] = self.lattice.adopted(self.days, rate, said)
        return self.known[key]

    def at_error(self, error: float) -> tuple[float, list[float]]:
        """The threshold that errs so often, and the power it leaves; by lot between two neighbors."""
        base, low, high = self.lattice.base, 0, len(THRESHOLDS) - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self.adopted(THRESHOLDS[middle], base) >= error:
                low = middle
            else:
                high = middle
        ends = [self.adopted(THRESHOLDS[each], base) for each in (low, high)]
        share = (error - ends[1]) / (ends[0] - ends[1]) if ends[0] > ends[1] else 1.0
        power = [
            share * self.adopted(THRESHOLDS[low], rate) + (1 - share) * self.adopted(THRESHOLDS[high], rate)
            for rate in self.lattice.rates
        ]
        return float(share * THRESHOLDS[low] + (1 - share) * THRESHOLDS[high]), power


def agree(python: str) -> None:
    """Hold every formula to the peers themselves, and the workbench's to its own verdict.

    Raises:
        AssertionError: one of them says otherwise.
    """
    random = np.random.default_rng(7)
    for people, base, rates in DESIGNS:
        days = random.integers(1, DAYS + 1, SAMPLE)
        sizes = np.round(people * days / DAYS).astype(int)
        a, b = random.binomial(sizes, base), random.binomial(sizes, random.choice([base, *rates], SAMPLE))
        tables = np.stack([sizes, a, sizes, b], axis=1)
        asked = json.dumps({"last": 2 * people, "tables": tables.tolist()})
        answer = subprocess.run([python, str(SCRIPT)], input=asked, text=True, capture_output=True, check=True)
        real = np.array(json.loads(answer.stdout), dtype=float)
        for at, (evidence, _) in enumerate(peers(people).values()):
            ours = np.array([evidence(n, np.array(x), np.array(y)) for n, x, _, y in tables.astype(float)])
            theirs = ndtri(real[:, at]) if at == 0 else z_of(real[:, at], b - a)
            near = np.isclose(ours, theirs, rtol=1e-6, atol=1e-6) | ((ours <= 0) & (theirs <= 0))
            # Beyond eight standard deviations a chance to win is 1 in a computer's numbers.
            near |= (at == 0) & (np.minimum(ours, np.where(np.isfinite(theirs), theirs, 9)) > 8)
            assert near.all(), (at, tables[~near], ours[~near], theirs[~near])
    agree_with_verdict(random)


def agree_with_verdict(random: np.random.Generator) -> None:
    """The workbench's rules, as they stand in `verdict.py`, on a sample of the counts of each look."""
    people, base, rates = DESIGNS[0]
    lattice = Lattice(people, base, rates)
    for rule in shipped.rules(people):
        name = str(rule.settings.rule)
        said = lattice.ours(name, rule.days, SMALLEST["1 point"])
        for day, flags in zip(rule.days, said, strict=True):
            analysis = shipped.around(rule.settings, lattice.now(day), day)
            near = np.argwhere(flags)[:5].tolist()
            drawn = random.binomial(lattice.now(day), [[base, rates[-1]]] * 10).tolist()
            for a, b in near + drawn:
                verdict = shipped.decision(analysis, lattice.now(day), a, b)
                assert (verdict == "adopt") == flags[a, b], (name, day, a, b, verdict)


def told(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def percent(values: Sequence[float]) -> list[str]:
    return [f"{100 * value:.1f}" for value in values]


def block(lattice: Lattice, looks: str) -> list[str]:
    """The rows of one design and one way to look: own rules, then every peer made to err as often as each of ours."""
    days = LOOKS[looks]
    rules = {
        "one, at the end": ("hybrid",),
        "weekly": ("hybrid", "planned"),
        "daily": ("hybrid", "anytime"),
    }[looks]
    ours, errors = [], []
    for rule in rules:
        for words, smallest in SMALLEST.items():
            said = lattice.ours(rule, days, smallest)
            error, *power = (lattice.adopted(days, rate, said) for rate in (lattice.base, *lattice.rates))
            errors.append((f"{rule}, {words}", error))
            ours.append((f"**workbench: {rule}, {words}**", error, power))
    rows = [told(looks, name, *percent([error, *power]), *["–"] * len(errors)) for name, error, power in ours]
    everyone = {}
    for name, (evidence, own) in peers(lattice.people).items():
        if looks == "one, at the end" and "sequential" in name:
            continue
        grids = [evidence(lattice.now(day), *lattice.counts) for day in days]
        peer = Peer(lattice, days, grids)
        as_shipped = [peer.adopted(own, rate) for rate in (lattice.base, *lattice.rates)]
        equal = [peer.at_error(error)[1] for _, error in errors]
        everyone[name] = equal
        cells = [" / ".join(percent(power)) for power in equal]
        rows.append(told(looks, name, *percent(as_shipped), *cells))
    powers = [" / ".join(percent(power)) for *_, power in ours]
    rows.append(told(looks, "**workbench, beside them**", *["–"] * (1 + len(lattice.rates)), *powers))
    heads = ["looks", "rule", "error", *(f"power at {100 * rate:g} %" for rate in lattice.rates)]
    heads += [f"at the error of {name} ({100 * error:.2f} %)" for name, error in errors]
    return [told(*heads), "|---" * len(heads) + "|", *rows, ""]


def main() -> None:
    """Hold the formulas to the peers, compute, write."""
    if len(sys.argv) < 2:
        print("The peers' Python was not given, so that peers_power.md stays as it is.")
        return
    agree(sys.argv[1])
    print("agreed", flush=True)
    lines = [INTRODUCTION.format(machine=machine.told(), sample=SAMPLE * len(DESIGNS))]
    for people, base, rates in DESIGNS:
        lattice = Lattice(people, base, rates)
        lines += [f"## {people:,} people per arm, {100 * base:g} % in the control", ""]
        for looks in LOOKS:
            lines += block(lattice, looks)
            print("\n".join(lines[-8:]), flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join([*lines, CONCLUSION]), encoding="utf-8")


INTRODUCTION = """\
# Power beside gbstats and tea-tasting

Two arms, people coming evenly over four weeks, outcomes at once; whoever first says that the arm is better has adopted
it, and nobody stops for harm or futility. All numbers are probabilities of adoption in percent, exact: summed over the
lattice of counts, look by look. *Error* is that under equal rates. {machine}

In the first columns every rule stands as it is shipped. In the last ones each peer's threshold is moved until it errs
exactly as often, under the same looks, as the workbench's rule named there (by lot between neighboring thresholds);
the powers are those at the rates above, in that order, and the workbench's own stand in the last row.

- **workbench**: `hybrid` (e ≥ 100 before the end, P(better) > .96 at it), `anytime` (e ≥ 20), `planned` (four looks);
  *1 point* with the default smallest effect, *any effect* with none, which is what the peers ask.
- **gbstats 0.8**: chance to win > .95, flat prior; its sequential test, p < .05 and better, as shipped (tuned to 5,000
  people) and tuned to the number of people at the end. What GrowthBook's application adds to the library is not here.
- **tea-tasting 1.14**: `Mean` (Welch's test) and `Proportion` (normal approximation), p < .05 and better.

The peers' formulas were held to the peers themselves on {sample:,} tables, and the workbench's to its own verdict.
"""
CONCLUSION = """\
## What it shows

**As shipped.** Looked at daily, tea-tasting's p < .05 adopts a useless text in 6 to 14 % of experiments, gbstats'
chance to win in 1 % (1,000 people at 2 %) to 8.5 % (5,000 people): its relative uplift is wary of few events, not of
looks. Its sequential test finds next to nothing with 1,000 people. The workbench errs in at most 2.6 %, and at its
default smallest effect in 0.2 to 1.5 % with 1,000 people, less than the 4 % that P(better) > .96 suggests: its prior
draws small experiments toward no effect. That costs power: with 1,000 people it finds 2 → 3 % in 13 %, where the
peers find more and err more.

**At equal error the workbench is ahead** of tea-tasting, but for `anytime` below (daily, 2 → 4 %: 63 against 47 %), and
of both with `hybrid` where there are looks and more data: 5,000 people, 2 → 3 %, 90 % weekly and daily against 88 and
87; 1,000 people, 4 → 6 %, 48 against 47. With the default smallest effect `hybrid` is ahead with 1,000 people at 2 %
(2 → 4 %: 62 against 56 to 58), for the peers know none.

**At equal error peers are ahead here:**

- gbstats, of `hybrid` and `planned` without a smallest effect, with 1,000 people at 2 %: 18 and 66 % against 17 and 63
  at one look, 20 and 69 against 17 and 63 daily; and by half a point or less at 4 % at one look.
- gbstats, chance to win and sequential, of `anytime` everywhere: 68 against 51 %, 41 against 31, 83 against 74; with
  5,000 people tea-tasting's proportion is too (75 against 74). Their thresholds were fitted to this base rate, size and
  number of looks, of which `anytime` knows nothing; but that is the price of knowing nothing.
- With 5,000 people and the default smallest effect: gbstats weekly 49 % against 38 (`hybrid`) and 47 against 40
  (`planned`), daily 58 against 45, and both peers daily of `anytime`. There the effect is no larger than the one that
  matters, and the rule is not made to find it.
"""

if __name__ == "__main__":
    main()
