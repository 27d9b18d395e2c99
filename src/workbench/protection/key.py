"""The key of the crosswalk: from the environment, or from a file that its owner alone can open."""

import os
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from workbench.protection.private_files import private_folder_at, write_private
from workbench.refusal import Fault, Refused

VARIABLE = "WORKBENCH_KEY"
FILE_VARIABLE = "WORKBENCH_KEY_FILE"
USUAL_FILE = Path("~/.config/workbench/key")
MAKE_ONE = "Make one by: workbench key new"


def key_file() -> Path:
    """Where the key's file is looked for: `WORKBENCH_KEY_FILE`, else in the user's own settings."""
    return Path(os.environ.get(FILE_VARIABLE) or USUAL_FILE).expanduser()


def make_key(path: Path) -> None:
    """Write a new random key into a file of mode 600.

    Raises:
        Refused: a file is there already; a lost key cannot be made again, so none is written over.
    """
    try:
        private_folder_at(path.parent)
        write_private(path, Fernet.generate_key() + b"\n")
    except FileExistsError:
        what = "a file is there already, and a key that is written over is lost with all it opens."
        raise Refused(Fault(str(path), what, "Name another file.")) from None
    except OSError as error:
        what = f"the key cannot be written ({error.strerror})."
        raise Refused(Fault(str(path), what, "Name a file in a folder of your own.")) from None


def read_key() -> Fernet:
    """The key, ready to encrypt and decrypt (Fernet: AES-128-CBC and HMAC-SHA256).

    Raises:
        Refused: there is no key, its file can be read by others, or it is no key.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return _fernet(named.strip(), VARIABLE)
    path = key_file()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            what = f"others than its owner can open the key's file (mode {mode:o})."
            raise Refused(Fault(str(path), what, f"Close it by: chmod 600 {path}"))
        return _fernet(path.read_text(encoding="ascii").strip(), str(path))
    except FileNotFoundError:
        what = f"there is no key: {VARIABLE} is not set, and there is no file {path}."
        raise Refused(Fault("key of the crosswalk", what, MAKE_ONE)) from None
    except (OSError, UnicodeDecodeError):
        raise Refused(Fault(str(path), "the key's file cannot be read.", MAKE_ONE)) from None


def decrypted(content: bytes, key: Fernet, label: str) -> bytes:
    """What was encrypted under the key.

    Raises:
        Refused: it was encrypted under another key, or altered since.
    """
    try:
        return key.decrypt(content)
    except InvalidToken:
        what = "it does not open with this key: the key is another one, or the file was altered."
        raise Refused(Fault(label, what, "Take the key it was made with, or a whole copy of it.")) from None


def _fernet(text: str, where: str) -> Fernet:
    try:
        return Fernet(text)
    except ValueError:
        what = "what stands there is no key: 32 bytes in URL-safe base64."
        raise Refused(Fault(where, what, MAKE_ONE)) from None
