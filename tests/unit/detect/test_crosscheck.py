"""modprobe's own word against our reading, with the real modprobe in a chroot-free way: the live root, read only."""

from __future__ import annotations

from pathlib import Path

import pytest

from rdna_installer.detect import modprobe
from rdna_installer.detect.modprobe import disagreement, scan_modprobe
from rdna_installer.machine.process import Finished, find
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeOption

AMDGPU = frozenset({"amdgpu"})
MINE = ModprobeOption("amdgpu", "noretry", "1", "/etc/modprobe.d/a.conf:1")


@pytest.mark.processes
@pytest.mark.host
@pytest.mark.skipif(find("modprobe") is None, reason="no kmod here: modprobe was not asked")
def test_agrees_with_the_real_modprobe_of_this_machine() -> None:
    root = Sysroot()
    assert disagreement(root, scan_modprobe(root)[0], AMDGPU) is None
    assert "amdgpu.noretry=1" in (disagreement(root, [*scan_modprobe(root)[0], MINE], AMDGPU) or "")


def test_below_another_root_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(modprobe, "run", lambda argv: pytest.fail(f"{argv} was run"))
    assert disagreement(Sysroot(tmp_path), [], AMDGPU) is None
    assert "nothing of another root is run" in (disagreement(Sysroot(tmp_path), [MINE], AMDGPU) or "")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Finished(0, b"options amdgpu noretry=1\noptions other x=1\n", b""), None),
        (Finished(0, b"options amdgpu noretry=0\n", b""), "amdgpu.noretry=0"),
        (Finished(0, b"", b""), "says nothing"),
        (Finished(1, b"", b"broken"), None),
    ],
)
def test_what_modprobe_says(monkeypatch: pytest.MonkeyPatch, answer: Finished, expected: str | None) -> None:
    # A stand-in for modprobe's output, at the one place where it is asked.
    monkeypatch.setattr(modprobe, "run", lambda argv: answer)
    monkeypatch.setattr(modprobe, "find", lambda tool: "/sbin/modprobe")
    said = disagreement(Sysroot(), [MINE], AMDGPU)
    assert (said is None) == (expected is None)
    assert expected is None or (said is not None and expected in said)
