"""What the kernel says about the GPU: whether a fault made it reset the card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import run

FAULT = re.compile(
    r"amdgpu.*(GPU reset|ring \S+ timeout|page fault|VM_L2_PROTECTION_FAULT|HW Exception|GPU hang|wedged)"
    r"|amdgpu: (Failed to|failed to) (evict|quiesce|remove|unmap) queue|\[drm\] (GPU recovery|device wedged)",
    re.IGNORECASE,
)
READERS = (("dmesg", "--notime"), ("journalctl", "-k", "-b", "-o", "cat", "--no-pager", "-n", "2000"))
SHOWN = 3


def read_log() -> tuple[str, ...] | None:
    """The kernel's lines of this boot, None where this user may not read them."""
    for command in READERS:
        try:
            finished = run(command, timeout=10)
        except RdnaError:
            continue
        if finished.code == 0 and finished.out.strip():
            return tuple(finished.text.splitlines())
    return None


def new_faults(before: Sequence[str] | None, after: Sequence[str] | None) -> tuple[str, ...]:
    """GPU faults among the lines that are new. Pure."""
    if before is None or after is None:
        return ()
    start = 0
    if before and before[-1] in after:  # the buffer may have dropped its oldest lines since
        start = len(after) - list(reversed(after)).index(before[-1])
    return tuple(line for line in after[start:] if FAULT.search(line))[:SHOWN]
