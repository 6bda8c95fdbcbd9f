"""``rdna-installer setup``: what an index has for this card, and what would be fetched."""

from __future__ import annotations

import os
import platform
import re
from pathlib import PurePosixPath

import click

from rdna_installer.cli import options
from rdna_installer.cli.document import Document, Outcome
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, consent, expected, shown_first
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.sites import SYSTEM, absolute, interpreter_at
from rdna_installer.detect.users import invoking_user
from rdna_installer.environments.choose import Here
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.plan.gpuset import choose
from rdna_installer.report.console import passing, progress
from rdna_installer.workflow import choosing
from rdna_installer.workflow.choosing import Asking

OLDEST = 10  # of Python 3: what AMD's wheels begin with


@click.command("setup", cls=Command)
@options.with_options((options.FACTS[0], options.GPU, options.FACTS[2]), (options.YES, options.DRY_RUN), options.OUTPUT)
@click.option("--check-index", is_flag=True, help="Only say what the indexes serve for this card, and fetch nothing.")
@click.option("--index", metavar="URL", help="This index alone: an address, or amd-nightly, pytorch-rocm7.2, …")
@click.option("--wheels", metavar="DIR", type=options.AnyPath(), help="A folder of wheels, where there is no network.")
@click.option("--torch", metavar="VERSION", help="This torch, and no other.")
@click.option("--early", is_flag=True, help="Also alphas and candidates of the index you name.")
@click.option("--cpu", is_flag=True, help="A torch for the processor alone: the last resort.")
def command(
    chosen: Chosen, check_index: bool, index: str | None, wheels: str | None, torch: str | None, early: bool, cpu: bool
) -> int:
    """Fetch a complete, proved set of PyTorch wheels for this card. Asks first; installs nothing yet."""
    root = chosen.sysroot
    gpu = choose(detect(root, Ask(gfx=chosen.gfx, lenient=True)), chosen.gpu)[0]
    folder = None if wheels is None else PurePosixPath(absolute(root, wheels))
    asking = Asking(
        gpu, here(root, chosen.pythons), index or ("pytorch-cpu" if cpu else None), folder, torch, early, cpu
    )
    net = choosing.network(asking)
    if check_index:
        served = choosing.check(root, net, asking)
        answer(chosen, "served", served, text="setup_text.served")
        return int(Exit.OK if any(item.choice for item in served) else Exit.REFUSED)
    from rdna_installer.workflow import fetching

    plan = choosing.plan(root, net, asking)
    user = invoking_user(root)
    base = fetching.store(None if os.geteuid() == 0 else user)
    room = fetching.room(root, base, plan)
    with shown_first():
        answer(chosen, "setup", plan, room)
    expected(room.missing)
    if chosen.dry_run or not room.missing:
        return int(Exit.OK)
    consent(f"This fetches {len(plan.choice.files)} files.", "Fetch", yes=chosen.yes)
    fetching.fetch(root, base, plan, net, lambda name, done, all_: passing(f"{done * 100 // max(all_, 1)} %  {name}"))
    Document.here().outcome = Outcome.DONE
    progress(f"done: {len(plan.choice.files)} files are in {room.place}")
    return int(Exit.OK)


def here(root: Sysroot, pythons: tuple[str, ...]) -> Here:
    """The Python of the set: a tag (cp311), an interpreter, or the system's. Raises RdnaError("python-unfit", …)."""
    if len(pythons) > 1:
        raise click.UsageError("setup is for one --python")
    given = pythons[0] if pythons else SYSTEM
    if re.fullmatch(r"cp3[0-9]{1,2}", given):
        tag = given
    else:
        version = interpreter_at(root, absolute(root, given)).version
        tag = f"cp{version.replace('.', '')}"
    if not tag[3:].isdecimal() or int(tag[3:]) < OLDEST:
        hint = f"name a Python 3.{OLDEST} or later: --python PATH"
        raise RdnaError("python-unfit", f"there are no such wheels for {given} ({tag})", hint=hint)
    major, _, minor = platform.libc_ver()[1].partition(".") if root.live else ("", "", "")
    return Here(tag, (int(major), int(minor))) if major.isdecimal() and minor.isdecimal() else Here(tag)
