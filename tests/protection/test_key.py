"""The key comes from the environment or from a file that its owner alone can open; without one nothing goes on."""

import stat

import pytest
from cryptography.fernet import Fernet

from workbench.protection.key import decrypted, make_key, read_key
from workbench.refusal import Refused


@pytest.fixture(autouse=True)
def no_key(monkeypatch, tmp_path):
    monkeypatch.delenv("WORKBENCH_KEY", raising=False)
    monkeypatch.setenv("WORKBENCH_KEY_FILE", str(tmp_path / "keys" / "key"))
    return tmp_path / "keys" / "key"


def test_a_key_that_was_made_is_read(no_key):
    make_key(no_key)
    assert stat.S_IMODE(no_key.stat().st_mode) == 0o600
    sealed = read_key().encrypt(b"who is who")
    assert decrypted(sealed, read_key(), "crosswalk") == b"who is who"


def test_the_environment_counts_before_the_file(no_key, monkeypatch):
    make_key(no_key)
    named = Fernet.generate_key()
    monkeypatch.setenv("WORKBENCH_KEY", named.decode())
    assert read_key().decrypt(Fernet(named).encrypt(b"x")) == b"x"


def test_no_key_is_written_over(no_key):
    make_key(no_key)
    before = no_key.read_bytes()
    with pytest.raises(Refused, match="already"):
        make_key(no_key)
    assert no_key.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_open_is_refused(no_key, mode):
    make_key(no_key)
    no_key.chmod(mode)
    with pytest.raises(Refused, match="chmod 600"):
        read_key()


@pytest.mark.parametrize("text", ["", "short", "é", "A" * 44])
def test_what_is_no_key_is_refused_and_not_repeated(no_key, text):
    no_key.parent.mkdir()
    no_key.write_text(text, encoding="utf-8")
    no_key.chmod(0o600)
    with pytest.raises(Refused) as refused:
        read_key()
    assert not text or text not in str(refused.value)


def test_without_a_key_the_way_to_one_is_told():
    with pytest.raises(Refused, match="workbench key new"):
        read_key()


def test_what_was_altered_does_not_open():
    key = Fernet(Fernet.generate_key())
    sealed = bytearray(key.encrypt(b"x"))
    sealed[20] ^= 1
    with pytest.raises(Refused, match="altered"):
        decrypted(bytes(sealed), key, "crosswalk")
