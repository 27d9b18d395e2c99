"""Copy the newest report of each study's sample parameter set from the store to docs/samples/<study>/."""

import shutil
from pathlib import Path

from workbench.project import project_root, reports_folder
from workbench.reports.store import Store

# For each study, the parameter set on simulated data that stands for it.
SAMPLES = {
    "ab_test": "motivational_wording",
    "data_quality": "sample",
    "experiment_plan": "shorter_invitation",
    "message_load": "opt_out_by_load",
    "no_show": "three_days_ahead",
    "segment_review": "behavior_groups",
    "segmentation": "behavior_groups",
}


def main() -> None:
    """Replace every sample by the newest version."""
    root = project_root()
    store = Store(reports_folder(root))
    for study, name in SAMPLES.items():
        version = store.latest(study, name)
        if version is None:
            raise SystemExit(f"There is no report {study}/{name}: run `make reports`.")
        target = root / "docs" / "samples" / study
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(version.folder, target)
        print(Path("docs/samples") / study)


if __name__ == "__main__":
    main()
