"""Drawing by lot: a keyed hash of whom it is about, so that no order of rows, engine or library moves a draw."""

import hashlib
import hmac

# Bits of a hash that make a number between 0 and 1.
_BITS = 53


def lot(seed: int, *about: str) -> float:
    """A number from 0 to below 1, evenly spread, that hangs on the seed and on what it is about."""
    # Parts are told apart by their lengths: no two lists of parts make one text.
    text = "".join(f"{len(part)}:{part}" for part in about)
    digest = hmac.digest(str(seed).encode(), text.encode(), hashlib.sha256)
    return (int.from_bytes(digest[:8]) >> (64 - _BITS)) / 2**_BITS
