"""Models as files: the same risks after loading, a hash that stays, and refusals in sentences."""

import stat
from dataclasses import replace
from fractions import Fraction

import pytest
import skops.io

from workbench.no_show.models.recalibrated import Recalibrated
from workbench.no_show.models.saving import MODEL_FILE, hash_of, load_model, model_hash, save_model
from workbench.no_show.models.training import MODELS, train, unfitted
from workbench.no_show.scores.calibration import Line
from workbench.refusal import Refused


@pytest.fixture
def model(block):
    return train(unfitted("own_rate", 1), block(300, 1), block(300, 2))


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_gives_the_same_risks_and_has_the_same_hash(block, tmp_path, name):
    words = {"type": ["a", "b"] * 250}
    fitted = train(unfitted(name, 1), block(500, 1, **words), block(500, 2, **words))
    saved = save_model(fitted, tmp_path)
    again = load_model(tmp_path / MODEL_FILE, saved)
    rows = block(500, 3, **words)
    assert (again.probability(rows) == fitted.probability(rows)).all()
    # What is loaded stands elsewhere in memory, and is the same model.
    assert model_hash(again) == model_hash(fitted) == saved


def test_another_line_is_another_model(model):
    assert model_hash(model) != model_hash(replace(model, line=Line(0.1, 1.0)))


def test_what_trained_on_the_same_rows_is_the_same_model(block):
    first, second = (train(unfitted("boosting", 1), block(500, 1), block(300, 2)) for _ in range(2))
    assert model_hash(first) == model_hash(second)


def test_a_file_is_its_owners_alone_and_never_overwritten(model, tmp_path):
    save_model(model, tmp_path)
    path = tmp_path / MODEL_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(Refused, match="a model already"):
        save_model(model, tmp_path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_refused(model, tmp_path):
    with pytest.raises(Refused, match="cannot be written"):
        save_model(model, tmp_path / "none")


def test_a_changed_file_is_refused(model, tmp_path):
    expected = save_model(model, tmp_path)
    path = tmp_path / MODEL_FILE
    path.write_bytes(skops.io.dumps(replace(model, line=Line(5.0, 1.0))))
    with pytest.raises(Refused, match="its hash is not the one expected"):
        load_model(path, expected)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / MODEL_FILE
    path.write_bytes(content)
    with pytest.raises(Refused, match="not a saved model"):
        load_model(path, "0")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(Refused, match="cannot be read"):
        load_model(tmp_path / MODEL_FILE, "0")


def test_a_type_that_is_not_trusted_is_refused_though_the_hash_holds(model, tmp_path):
    strange = Recalibrated(Fraction(1, 3), model.line)
    data = skops.io.dumps(strange)
    path = tmp_path / MODEL_FILE
    path.write_bytes(data)
    with pytest.raises(Refused, match=r"not trusted \(fractions.Fraction\)"):
        load_model(path, hash_of(data))


def test_what_is_trusted_and_no_recalibrated_model_is_refused(model, tmp_path):
    data = skops.io.dumps(model.line)
    path = tmp_path / MODEL_FILE
    path.write_bytes(data)
    with pytest.raises(Refused, match="no recalibrated model"):
        load_model(path, hash_of(data))
