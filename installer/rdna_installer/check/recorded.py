"""One file against its line in a wheel's RECORD."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from rdna_installer.detect.distributions import Recorded
from rdna_installer.machine.parts import parts_of
from rdna_installer.machine.sysroot import Sysroot

ALGORITHMS = {"sha256": 32, "sha384": 48, "sha512": 64}
CHUNK = 1 << 20


def difference(root: Sysroot, path: PurePosixPath, line: Recorded, budget: int) -> str | None:
    """What is there instead, in words; None where it is the recorded file, as far as ``budget`` bytes may be digested.

    Raises OSError where it cannot be read.
    """
    target = root.readlink(path)
    if target is not None:  # a wheel has no links
        return f"a link to {target}"
    status = root.status(path)
    if status is None:
        root.require_readable(path)
        return "nothing"
    if line.size is not None and status.st_size != line.size:
        return f"another file ({status.st_size} bytes instead of {line.size})"
    wanted = _digest(line.digest)
    if wanted is None or status.st_size > budget:
        return None
    algorithm, value = wanted
    import hashlib  # heavy, and most machines have nothing to digest

    state = hashlib.new(algorithm)
    with parts_of(root, path, status.st_size) as parts:
        for place in range(0, status.st_size, CHUNK):
            state.update(parts.up_to(place, CHUNK))
    return None if state.digest() == value else "another file of the same size (its digest differs)"


def _digest(text: str) -> tuple[str, bytes] | None:
    """ "sha256=" and base64url without padding, or hexadecimal; None for what is neither."""
    algorithm, _, value = text.partition("=")
    import base64
    import binascii

    length = ALGORITHMS.get(algorithm)
    if length is None:
        return None
    try:
        if re.fullmatch(rf"[0-9a-fA-F]{{{2 * length}}}", value):
            return algorithm, bytes.fromhex(value)
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return None
    return (algorithm, raw) if len(raw) == length else None
