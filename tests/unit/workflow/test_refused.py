"""What a plan is refused with: which reference, what is said, and the way on."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.model import Change, ChangeKind, FileState, Rejected
from rdna_installer.printable import Lines
from rdna_installer.workflow import refusals

PATH = PurePosixPath("/etc/modprobe.d/rdna-installer.conf")
EDITED = Change(PATH, ChangeKind.REPLACE, Lines(""), FileState(PATH), FileState(PATH))
NEITHER = (Rejected("amdgpu.a", "6.1.0 has no a", "rule-a"), Rejected("amdgpu.b", "6.1.0 has no b", None))
NO_KMOD = (Rejected("amdgpu.a", "modinfo of kmod is not here", None),)


@pytest.mark.parametrize(
    ("err", "reference", "parts", "hint"),
    [
        (refusals.unproved(NEITHER), "unproved-option", ("has no a; 6.1.0 has no b", "rule-a"), "--unset amdgpu.b"),
        (refusals.unproved(NO_KMOD), "unproved-option", ("modinfo",), "install kmod"),
        (refusals.foreign_files([EDITED]), "drift", (str(PATH), "removed by another program"), "--keep leaves"),
        (refusals.no_room(3 << 20, 1 << 20, "/boot"), "no-room", ("3 MiB are needed", "1 MiB", "/boot"), "free some"),
    ],
)
def test_each_refusal(err: RdnaError, reference: str, parts: tuple[str, ...], hint: str) -> None:
    assert (err.reference, err.exit_code) == (reference, Exit.REFUSED)
    assert all(part in f"{err.message} {err.context}" for part in parts) and hint in str(err.hint)


def test_nothing_is_no_refusal() -> None:
    assert (refusals.unproved(()), refusals.foreign_files(()), refusals.no_room(1, 1, "/")) == (None, None, None)
