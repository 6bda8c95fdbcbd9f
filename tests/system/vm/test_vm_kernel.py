"""A newer kernel, installed after us by its package: its image has our options, and what it does not know is said."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from guest import Guest
from newer_kernel import newer_kernel
from stages import APPLY, CONF, IMAGE, OPTIONS, Stage, Stages, checks, parameters

pytestmark = [pytest.mark.vm, pytest.mark.system]
VANISHED = "mes"  # in Linux 6.1 and 6.12, gone in 7.2


def test_g_newer_kernel(stages: Stages, new_guest: Callable[[Stage], Guest]) -> None:
    package = newer_kernel()
    release = package.stem
    guest = new_guest(stages.confirmed())
    guest.disk.write(package, "/srv/kernel.deb")
    guest.boot()
    guest.must(f"{APPLY} --set {VANISHED}=0 --trial off", IMAGE)
    guest.must("dpkg -i /srv/kernel.deb", 2 * IMAGE)
    known = guest.run(f"modinfo -k {release} -F parm amdgpu | grep ^{VANISHED}:")[0] == 0
    said = guest.must("rdna-installer status --json 2>/dev/null")
    warned = [line for line in json.loads(said)["kernels"] if VANISHED in line and release in line]
    assert bool(warned) is not known, said
    assert CONF in guest.must(f"lsinitramfs /boot/initrd.img-{release} | sed s,^,/,").splitlines()
    guest.reboot()
    guest.wait_console("rdna-installer: boot check: ok")
    assert guest.must("uname -r").strip() == release
    assert parameters(guest) == OPTIONS
    found = checks(guest)[f"kernel:{VANISHED}"]
    assert found["status"] == ("ok" if known else "failed"), found
    assert known or "no such parameter" in found["hint"], found
