"""The default world and the idle one are what they were before other worlds could be named."""

import hashlib
import json

import pytest

from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings

# Of 600 patients by seed 11: whoever changes these, changes every sample and every number compared with it.
ALIKE = {
    "patients": "1aad33c538d959a1",
    "patient_states": "44439f7a63f139fe",
    "assignments": "5c81aabe289ab48b",
    "sessions": "be366d25e15efec0",
    "clinics": "71e0e83275d21f94",
    "types": "d50604e9b6fa37f9",
}
BEFORE = {
    "default": ALIKE
    | {
        "consents": "8cca205c5ef51211",
        "messages": "bb200370e647437c",
        "replies": "ad50e089b45adfa4",
        "appointments": "91083f02762195dc",
        "surveys": "4c3f73c4a8cb5685",
        "truth": "2070fba76c72a2ff",
    },
    "nothing": ALIKE
    | {
        "consents": "ac6f16852309b55b",
        "messages": "2bdd8507dc67788c",
        "replies": "eb46c3eb5223ff1f",
        "appointments": "ec1349765b63f3fb",
        "surveys": "c5c18d43bb3b2693",
        "truth": "fe009b813a9c1db0",
    },
}


def digest(table):
    found = hashlib.sha256()
    for name in table.column_names:
        found.update(json.dumps([name, table[name].to_pylist()], default=str).encode())
    return found.hexdigest()[:16]


@pytest.mark.parametrize("scenario", BEFORE)
def test_tables_and_truth_are_the_same(scenario):
    provider = simulate_provider(ProviderSettings(patients=600, seed=11, scenario=scenario))
    now = {name: digest(table) for name, table in provider.tables.items()}
    now["types"] = digest(provider.types)
    now["truth"] = hashlib.sha256(json.dumps(provider.truth, allow_nan=False).encode()).hexdigest()[:16]
    assert now == BEFORE[scenario]
