"""The real activation in place of the stand-in image of commands.py; only the initramfs tool itself is ours.

The tool is standin_tool.py, a program of its own. The real tools are in tests/system.
"""

from __future__ import annotations

import sys
from pathlib import Path

import commands
import standin_tool
from harness import copy

from rdna_installer.change import activation
from rdna_installer.machine.process import run as real_run
from rdna_installer.workflow import applying, committing, planning, rolling_back

RELEASES = ("6.1.0-56-amd64", "6.9.1-1-amd64")
CALLS = "tmp-calls"  # where the tool counts how often it was called
_REAL = (committing.activate, applying.require_ready, planning.plan_step, rolling_back.plan_step)


def furnish(root: Path) -> None:
    """Two kernels with their images, and a tool that looks real."""
    modules = root / "lib/modules"
    copy(modules / RELEASES[0], modules / RELEASES[1])
    for name in ("usr/sbin/mkinitramfs", "usr/sbin/update-initramfs"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"#!/bin/sh\nexit 1\n")
        (root / name).chmod(0o755)
    (root / commands.IMAGE).unlink()
    for release in RELEASES:
        (root / f"boot/initrd.img-{release}").write_bytes(standin_tool.build(root))


def use(root: Path, mode: str = "good", seconds: float = 60) -> None:
    """Put the real activation in place, with the tool in ``mode``. In a child only."""

    def run(command: list[str], *, root: object, **more: object) -> object:
        return real_run([sys.executable, "-S", standin_tool.__file__, str(place), mode, *command[1:]], **more)  # type: ignore[arg-type]

    place = root
    activation.run = run  # type: ignore[assignment]
    activation.BUILD_SECONDS = seconds
    activation._require_devices = lambda root: None  # mknod needs root
    committing.activate, applying.require_ready, planning.plan_step, rolling_back.plan_step = _REAL
