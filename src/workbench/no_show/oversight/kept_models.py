"""Models that were made: files of the private folder, each under the hash of the model.

`data/models/<hash>/` holds `model.skops` and `manifest.json`. Whether a model may be used stands elsewhere: in the
approvals of the report store, which those who decide can reach.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.models.saving import MODEL_FILE, load_model, save_model
from workbench.no_show.oversight.reasons import Reference
from workbench.project import private_folder
from workbench.protection.private_files import FOLDER_MODE, write_private
from workbench.refusal import Fault, Refused

FOLDER, MANIFEST_FILE = "models", "manifest.json"
HASH_PATTERN = r"^[0-9a-f]{64}$"


class ModelManifest(BaseModel):
    """What is kept beside a model: all `parameters` of its study, and as `reference` what is usual of each feature."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    hash: str = Field(pattern=HASH_PATTERN)
    kind: str
    name: str
    parameters: dict[str, Any]
    reference: dict[str, float | str | None]
    made_by: str
    made_at: AwareDatetime


@dataclass(frozen=True)
class KeptModel:
    """A model read back, and its manifest."""

    model: Recalibrated
    manifest: ModelManifest


def keep_model(
    model: Recalibrated,
    kind: str,
    name: str,
    parameters: dict[str, Any],
    reference: Reference,
    made: tuple[str, AwareDatetime],
    root: Path,
) -> ModelManifest:
    """Write a model below the private folder, whole or not at all; the same model again changes nothing.

    Args:
        model: trained and recalibrated.
        kind: what kind of model it is.
        name: the parameter set.
        parameters: its values.
        reference: from `reference_of`.
        made: by which account, and when.
        root: the project's root.

    Raises:
        Refused: the folder cannot be written.
    """
    try:
        parent = _place(root)
        beside = Path(tempfile.mkdtemp(prefix=".", suffix=".partial", dir=parent))
        try:
            new = beside / "new"
            new.mkdir(mode=FOLDER_MODE)
            manifest = ModelManifest(
                hash=save_model(model, new),
                kind=kind,
                name=name,
                parameters=parameters,
                reference=dict(reference),
                made_by=made[0],
                made_at=made[1],
            )
            if (parent / manifest.hash / MANIFEST_FILE).is_file():
                return read_manifest(manifest.hash, root)
            write_private(
                new / MANIFEST_FILE, (manifest.model_dump_json(by_alias=True, indent=2) + "\n").encode()
            )
            new.rename(parent / manifest.hash)
        finally:
            shutil.rmtree(beside)
    except OSError as error:
        mend = "See that the project's folder data belongs to you, on a disk with room."
        raise Refused(
            Fault(f"data/{FOLDER}", f"the model cannot be written ({error.strerror}).", mend)
        ) from None
    return manifest


def read_manifest(hash: str, root: Path) -> ModelManifest:
    """What is kept beside a model.

    Raises:
        Refused: there is none, or it is broken.
    """
    try:
        manifest = ModelManifest.model_validate_json(
            (root / "data" / FOLDER / hash / MANIFEST_FILE).read_bytes()
        )
    except (OSError, ValidationError):
        manifest = None
    if manifest is None or manifest.hash != hash:
        what = "its file is not in the folder data of this project, or is broken."
        raise Refused(Fault(f"model {hash[:12]}", what, "Make it anew by: workbench model make")) from None
    return manifest


def read_model(hash: str, root: Path) -> KeptModel:
    """A model, if it is still the one of that hash; see `load_model`."""
    manifest = read_manifest(hash, root)
    return KeptModel(load_model(root / "data" / FOLDER / hash / MODEL_FILE, hash), manifest)


def _place(root: Path) -> Path:
    folder = private_folder(root) / FOLDER
    if folder.is_symlink():
        what = "its folder would lie outside the private folder."
        raise Refused(Fault(f"data/{FOLDER}", what, "Remove what leads elsewhere."))
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    os.chmod(folder, FOLDER_MODE)
    return folder
