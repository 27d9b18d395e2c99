"""A model as a file: saved with skops, never pickled, and loaded only if it is the one that is meant.

A model tells of the people it learned from: its file belongs into a private folder, and is its owner's alone.
"""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import skops.io

from workbench.no_show.models.boosting import Boosting
from workbench.no_show.models.design import Design
from workbench.no_show.models.logistic import SplineLogistic
from workbench.no_show.models.own_rate import OwnRate
from workbench.no_show.models.pooled import PooledLogistic
from workbench.no_show.models.pooled_posterior import PooledPosterior
from workbench.no_show.models.rates import BaseRate, LeadTime
from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.scores.calibration import Line
from workbench.protection.private_files import write_private
from workbench.refusal import Fault, Refused

MODEL_FILE = "model.skops"

_OWN = (
    Recalibrated,
    Line,
    BaseRate,
    LeadTime,
    OwnRate,
    SplineLogistic,
    Boosting,
    PooledLogistic,
    PooledPosterior,
    Design,
)
# Beside what skops trusts itself: what scikit-learn's own estimators hold. A partial calls only what is trusted too.
_HELD = (
    "numpy.dtype",
    "functools.partial",
    "scipy.interpolate._bsplines.BSpline",
    "scipy.interpolate._bsplines._BSpline",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils.validation.check_array",
)
TRUSTED = (*(f"{kind.__module__}.{kind.__qualname__}" for kind in _OWN), *_HELD)


def save_model(model: Recalibrated, folder: Path) -> str:
    """Write `model.skops` into a private folder, readable by its owner alone; gives the model's hash.

    Raises:
        Refused: there is such a file already, or the folder cannot be written.
    """
    data = skops.io.dumps(model)
    path = folder / MODEL_FILE
    try:
        write_private(path, data)
    except FileExistsError:
        raise Refused(
            Fault(str(path), "there is a model already.", "Name another folder; no model is overwritten.")
        ) from None
    except OSError as error:
        path.unlink(missing_ok=True)
        mend = "Name a folder that you may write to, on a disk with room."
        raise Refused(Fault(str(path), f"it cannot be written ({error.strerror}).", mend)) from error
    return hash_of(data)


def load_model(path: Path, expected: str) -> Recalibrated:
    """Read a model back.

    Args:
        path: of the file.
        expected: the hash that the model must have.

    Raises:
        Refused: the file is missing or no model, its hash is another, or it holds a type that is not trusted.
    """
    try:
        data = path.read_bytes()
        found = hash_of(data)
    except OSError as error:
        raise _refused(path, f"it cannot be read ({error.strerror})", "Name the model's file.") from error
    except (BadZipFile, KeyError, ValueError):
        raise _refused(path, "it is not a saved model", "Name the model's file.") from None
    if found != expected:
        raise _refused(
            path, "its hash is not the one expected", "Use the model as it was approved, or approve it anew."
        )
    strange = sorted(set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED))
    if strange:
        raise _refused(
            path,
            f"it holds types that are not trusted ({', '.join(strange)})",
            "Make the model anew, and load that.",
        )
    model = skops.io.loads(data, trusted=list(TRUSTED))
    if not isinstance(model, Recalibrated):
        raise _refused(path, "it holds no recalibrated model", "Name the model's file.")
    return model


def model_hash(model: Recalibrated) -> str:
    """The hash of a model, the same whenever it is saved."""
    return hash_of(skops.io.dumps(model))


def hash_of(data: bytes) -> str:
    """sha256 of all that a saved model holds; of its objects' addresses in memory only who shares which counts."""
    with ZipFile(BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        arrays = {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name != "schema.json"
        }
    numbers: dict[int, int] = {}

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(each) for each in node]
        if not isinstance(node, dict):
            return node
        made: dict[str, Any] = {}
        for key, value in node.items():
            if key == "__id__":
                made[key] = numbers.setdefault(value, len(numbers))
            elif key == "file":
                made[key] = arrays[value]
            else:
                made[key] = plain(value)
        return made

    return hashlib.sha256(json.dumps(plain(schema), sort_keys=True).encode()).hexdigest()


def _refused(path: Path, what: str, mend: str) -> Refused:
    return Refused(Fault(str(path), f"{what}.", mend))
