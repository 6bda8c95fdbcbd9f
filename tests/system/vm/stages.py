"""Disks that several cases start from, each made once a run by really booting: installed, applied, confirmed.

They are kept in one folder for all processes of a test run; ``RDNA_VM_STAGES`` names a folder that outlives it, for
who works on a case (only as long as the program has not changed).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import guest_image
from disk import Disk
from guest import PATIENCE, Guest

APPLY = "rdna-installer apply --profile layered --layer kernel --layer env --yes"
OPTIONS = {"noretry": "1", "vm_fragment_size": "9", "vm_update_mode": "0"}  # what `layered` sets
DEFAULTS = {"noretry": "-1", "vm_fragment_size": "-1", "vm_update_mode": "-1"}
TRIAL_CONF = "/etc/modprobe.d/rdna-installer-trial.conf"
CONF = "/etc/modprobe.d/rdna-installer.conf"
MINUTES = 60 * PATIENCE
TREE = "cd /etc && find . -printf '%p %y %m %U %G %l\\n' | sort && find . -type f | sort | xargs -d '\\n' sha256sum"
IMAGE = 5 * MINUTES  # an image is rebuilt


@dataclass(frozen=True)
class Stage:
    """A disk never to be written to, what was said while it was made, /etc at its end, and the writes it took."""

    disk: Disk
    said: str
    tree: str
    writes: int


class Stages:
    """All of them, by name, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.environ.get("RDNA_VM_STAGES") or folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def installed(self) -> Stage:
        """install.sh has run; nothing is applied."""
        return self._made("installed", self._base, _install)

    def applied(self) -> Stage:
        """`layered` is applied; its trial begins with the next boot."""
        return self._made("applied", self.installed, _apply)

    def confirmed(self) -> Stage:
        """The trial boot has confirmed it."""
        return self._made("confirmed", self.applied, _confirm)

    def _base(self) -> Stage:
        return Stage(Disk(guest_image.base_disk()), "", "", 0)

    def _made(self, name: str, before: Callable[[], Stage], make: Callable[[Guest], str]) -> Stage:
        disk, kept = self.folder / f"{name}.ext4", self.folder / f"{name}.json"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not disk.exists():
                self._make(disk, kept, before(), make)
        return Stage(Disk(disk), **json.loads(kept.read_text()))

    def _make(self, disk: Path, kept: Path, before: Stage, make: Callable[[Guest], str]) -> None:
        work = Path(tempfile.mkdtemp(dir=self.folder, prefix=f"{disk.stem}-"))
        guest = Guest(before.disk.copy(work / "disk"), work)
        try:
            kept.write_text(json.dumps(_made(guest, make)))
        finally:
            guest.cut()
        guest.disk.path.rename(disk)
        shutil.rmtree(work)


def _made(guest: Guest, make: Callable[[Guest], str]) -> dict[str, object]:
    if not guest.disk.exists("/srv/rdna-installer.tar"):
        guest_image.write_checkout(guest.disk)
    guest.boot()
    assert guest.monitor is not None
    before = guest.monitor.writes()
    said = make(guest)
    writes = guest.monitor.writes() - before
    tree = guest.must(TREE)
    guest.shut_down()
    return {"said": said, "tree": tree, "writes": writes}


def _install(guest: Guest) -> str:
    install = "cd /srv && tar xf rdna-installer.tar && cd rdna-installer && ./install.sh --install-only --yes"
    return guest.must(install, 2 * MINUTES)


def _apply(guest: Guest) -> str:
    return guest.must(APPLY, IMAGE)


def _confirm(guest: Guest) -> str:
    guest.wait_console("rdna-installer: boot check: confirmed", IMAGE)
    values = parameters(guest)
    assert values == OPTIONS, values
    return guest.console() + guest.must("rdna-installer status && rdna-installer verify")


def parameters(guest: Guest) -> dict[str, str]:
    """The options of `layered` as the running amdgpu has them; {} when it is not loaded."""
    code, said = guest.run(f"cd /sys/module/amdgpu/parameters && cat {' '.join(OPTIONS)}")
    return dict(zip(OPTIONS, said.split(), strict=True)) if code == 0 else {}


def image_names(guest: Guest) -> list[str]:
    """Our files inside the image that the next boot uses."""
    said = guest.must("lsinitramfs /boot/initrd.img-$(uname -r) | grep rdna-installer || true")
    return sorted(f"/{line}" for line in said.split())


def checks(guest: Guest) -> dict[str, dict[str, Any]]:
    """What ``verify`` says of each thing; its exit code must fit."""
    code, said = guest.run("rdna-installer verify --json 2>/dev/null")
    report = json.loads(said)
    assert (code == 0) == report["ok"], said
    return {check["id"]: check for check in report["checks"]}
