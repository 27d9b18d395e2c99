"""One plain scikit-learn model of so many people on the same features: `python plain.py PROJECT PEOPLE`."""

import json
import sys
import time
from pathlib import Path

import asked
from sklearn.mixture import GaussianMixture

from workbench.segments.features import Yardstick


def main(project: Path, size: int) -> None:
    """Fit as many groups as the definition has to everybody, put everybody into one, and answer."""
    people = asked.people(project, size)
    kept = json.loads((project / asked.DEFINITION).read_text(encoding="utf-8"))
    scaled = Yardstick.from_json(kept["yardstick"]).frame(people.rows).scaled
    groups = len(kept["model"]["weights"])
    begun = time.perf_counter()
    labels = GaussianMixture(
        groups, covariance_type="tied", n_init=2, max_iter=200, random_state=1
    ).fit_predict(scaled)
    asked.answer(time.perf_counter() - begun, people=len(labels), groups=groups)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
