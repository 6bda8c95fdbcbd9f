"""Our reading of modprobe.d held against modprobe's own: ``modprobe -c`` merges it all, but names no files.

Only on the machine itself: another root's modprobe is not ours to run, and ours would add this machine's command line.
"""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.detect.modprobe import parse_conf
from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import find, run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeOption

UNASKED = (
    "the module options of that root are as its files say, read by us alone: nothing of another root is run to ask its "
    "own modprobe"
)

Words = list[tuple[str, str, str]]


def disagreement(root: Sysroot, ours: Iterable[ModprobeOption], modules: frozenset[str]) -> str | None:
    """What modprobe itself takes for ``modules`` where that is not what we read; None when both agree.

    None as well where there is no modprobe to ask. Below another root nobody is asked, which is said where there is
    anything to ask about.
    """
    if not root.live:
        return UNASKED if _words(ours, modules) else None
    if find("modprobe") is None:
        return None
    try:
        done = run(["modprobe", "-c"])
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
