"""The simulated provider in the shapes of vendors' exports, with the source file that reads them back."""

import json
import os
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.parameters.writing import yaml_lines
from workbench.protection.private_files import write_private
from workbench.refusal import Fault, Refused, nearest
from workbench.simulate.course import Report
from workbench.simulate.provider import Provider, keep_quiet
from workbench.whole_folder import written_whole

SOURCE_FILE = "source.yaml"
# In the order in which feeds are read; each shape's writer is imported when it is asked for.
SHAPES = ("fhir", "twilio", "qualtrics", "csv")


def write_vendors(
    provider: Provider, folder: Path, shapes: Sequence[str], place: str, report: Report = keep_quiet
) -> None:
    """Write a provider's tables as vendors would export them, readable by their owner alone.

    The folder appears, or replaces older exports of a simulated provider, whole or not at all.

    Args:
        provider: what to write.
        folder: where to.
        shapes: of `SHAPES`, those that are wanted.
        place: what the source file calls the folder, from the project's root.
        report: called with one sentence for each shape.

    Raises:
        Refused: a shape that there is not; the folder holds anything else, or cannot be written.
    """
    chosen = chosen_shapes(shapes)
    exported_at = datetime.fromtimestamp(provider.settings.end, UTC)
    feeds = []
    with written_whole(folder, _is_exports, "a simulated provider's exports") as new:
        for shape in chosen:
            report(f"Writing {shape}.")
            feeds.append(_write(shape, provider.tables, new, place, provider.settings.seed, exported_at))
        write_private(new / SOURCE_FILE, source_text(place, feeds).encode())


def chosen_shapes(shapes: Sequence[str]) -> tuple[str, ...]:
    """The shapes that are asked for, in the order of `SHAPES`.

    Raises:
        Refused: there is none, or one that there is not.
    """
    unknown = [shape for shape in shapes if shape not in SHAPES]
    mend = f"Give some of: {', '.join(SHAPES)}."
    if unknown:
        raise Refused(
            *(Fault("--as", f'there is no shape "{shape}".{nearest(shape, SHAPES)}', mend) for shape in unknown)
        )
    if not shapes:
        raise Refused(Fault("--as", "no shape is given.", mend))
    return tuple(shape for shape in SHAPES if shape in shapes)


def place_of(folder: Path, root: Path) -> str:
    """What a source file calls a folder: its path from the project's root.

    Raises:
        Refused: it does not lie below the root.
    """
    path = Path(os.path.abspath(folder.expanduser()))
    if not path.is_relative_to(root) or path == root:
        mend = "Name a folder below the project, such as data/exports."
        raise Refused(Fault(str(folder), "a source file can name exports below the project alone.", mend))
    return path.relative_to(root).as_posix()


def source_text(place: str, feeds: Sequence[Mapping[str, Any]]) -> str:
    """A source file that reads exports back.

    Args:
        place: the exports' folder, from the project's root.
        feeds: an entry under `feeds` for each of them.
    """
    name = Path(place).name
    # What two entries share is written out twice: readers of YAML do not agree on references.
    written_out = json.loads(json.dumps(list(feeds)))
    return (
        yaml_lines(
            {
                "title": "Simulated provider, from vendors' exports",
                "description": "Made-up exports by `workbench simulate --as`; nobody in them is real.",
                "location": f"data/{name}_ingested",
                "simulated": True,
                "made_by": "workbench ingest, with the name of this file",
                "ingest": {"exports": place, "feeds": written_out},
            }
        )
        + "\n"
    )


def _is_exports(names: Set[str]) -> bool:
    return SOURCE_FILE in names and names <= {SOURCE_FILE, *SHAPES}


def _write(
    shape: str, tables: Mapping[str, pa.Table], folder: Path, place: str, seed: int, exported_at: datetime
) -> dict[str, Any]:
    """Write one shape; returns the entry under `feeds` that reads it back."""
    match shape:
        case "fhir":
            from workbench.simulate.vendors.fhir import fhir_feed_settings, write_fhir  # noqa: PLC0415

            write_fhir(tables, folder, exported_at=exported_at)
            return fhir_feed_settings(exported_at)
        case "twilio":
            from workbench.simulate.vendors.twilio import REGISTRY, twilio_feed_settings, write_twilio  # noqa: PLC0415

            # Of Twilio's two shapes the one that tells when a message was updated.
            write_twilio(tables, folder, form="json", seed=seed)
            own = {"templates": f"{place}/{REGISTRY}"} if (folder / REGISTRY).is_file() else {}
            told = {"exported_at": exported_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
            return twilio_feed_settings("json") | own | told
        case "qualtrics":
            from workbench.simulate.vendors.qualtrics import (  # noqa: PLC0415
                qualtrics_feed_settings,
                write_qualtrics,
            )

            write_qualtrics(tables, folder, seed=seed)
            return qualtrics_feed_settings(exported_at)
    from workbench.simulate.vendors.csv import csv_feed_settings, write_csv  # noqa: PLC0415

    write_csv(tables, folder)
    return csv_feed_settings(exported_at)
