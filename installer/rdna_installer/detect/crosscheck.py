"""Our reading of modprobe.d held against modprobe's own: ``modprobe -c`` merges it all, but names no files."""

from __future__ import annotations

import os
from collections.abc import Iterable

from rdna_installer.detect.modprobe import parse_conf
from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import find, run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeOption

Words = list[tuple[str, str, str]]


def disagreement(root: Sysroot, ours: Iterable[ModprobeOption], modules: frozenset[str]) -> str | None:
    """What modprobe itself takes for ``modules`` where that is not what we read; None when both agree.

    On the live root, or below another one in a chroot, which only root can do: else None as well, for there is
    nobody to ask.
    """
    if find("modprobe", root) is None or not (root.live or os.geteuid() == 0):
        return None
    try:
        done = run(["modprobe", "-c"], root=root)
    except RdnaError:
        return None
    if done.code != 0:
        return None
    theirs = (item for item in parse_conf(done.text, "modprobe -c") if isinstance(item, ModprobeOption))
    read, said = _words(ours, modules), _words(theirs, modules)
    if read == said:
        return None
    return f"`modprobe -c` says {_shown(said)}, the files read one by one say {_shown(read)}: look before you reboot"


def _words(options: Iterable[ModprobeOption], modules: frozenset[str]) -> Words:
    return [(o.module, o.key, o.value) for o in options if o.module in modules]


def _shown(words: Words) -> str:
    return " ".join(f"{module}.{key}={value}" for module, key, value in words) or "nothing"
