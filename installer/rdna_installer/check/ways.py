"""Which of a user's ways in to this machine get the settings of the layer env, and the one line for each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from rdna_installer.detect.dotfiles import Scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, Status, User
from rdna_installer.resources import table

NOT_REACHED = "not reached"


def check_ways(
    wanted: dict[str, str], generation: Generation, scan: Scan, root: Sysroot, user: User
) -> Iterator[Check]:
    """A line for each way that is here."""
    shell, pairs = PurePosixPath(user.shell).name, " ".join(f"{key}={value}" for key, value in wanted.items())
    ours = {str(m.path) for m in generation.managed if m.after.there}
    for way, shells, needs, own, others, say in table(__file__, "ways.tsv"):
        if (shells != "*" and shell not in shells.split()) or not any(map(root.exists, needs.split())):
            continue
        feeding = {*others.split()}
        has = {f.assignment.key: f.assignment.value for f in scan.found if {f.shown, f.reach} & feeding}
        if own in ours or wanted.items() <= has.items():
            source = own if own in ours else "a file of yours or the system's"
            yield Check(f"way:{way}", Status.OK, pairs, pairs, source)
        else:
            hint = f"the settings do not get there; {say.format(pairs=pairs)}"
            yield Check(f"way:{way}", Status.NOT_APPLICABLE, pairs, None, None, hint, NOT_REACHED)
