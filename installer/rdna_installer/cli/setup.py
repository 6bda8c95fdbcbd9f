"""``rdna-installer setup``: what an index has for this card, and an environment of it: proved, and to be taken back."""

from __future__ import annotations

import platform
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from rdna_installer.cli import options
from rdna_installer.cli.document import Document, Outcome
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, changed, consent, expected, recovered_first, shown_first, with_status
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.sites import SYSTEM, absolute, interpreter_at
from rdna_installer.environments.choose import Asking, Here
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, Status
from rdna_installer.plan.gpuset import choose
from rdna_installer.plan.summary import plural
from rdna_installer.record import replace
from rdna_installer.report.console import passing, progress
from rdna_installer.workflow import choosing

if TYPE_CHECKING:
    from rdna_installer.workflow.owners import Owner
    from rdna_installer.workflow.setting_up import SetupJob

CP = re.compile(r"cp3[0-9]{1,2}")
NAME_ANOTHER = "name the target of another card (--gfx gfx1010); why Linux shows none: rdna-installer doctor"
NAME_ANY = "--cpu needs a card to be named, too, and does not use it: add --gfx gfx1010"
OLDEST = 10  # of Python 3: what AMD's wheels begin with


@click.command("setup", cls=Command)
@options.with_options((options.FACTS[0], options.GPU, options.FACTS[2]), (options.YES, options.DRY_RUN), options.OUTPUT)
@click.option("--check-index", is_flag=True, help="Only say what the indexes serve for this card, and fetch nothing.")
@click.option("--index", metavar="URL", help="This index alone: an address, or amd-nightly, pytorch-rocm7.2, …")
@click.option("--wheels", metavar="DIR", type=options.AnyPath(), help="A folder of wheels, where there is no network.")
@click.option("--torch", metavar="VERSION", help="This torch, and no other.")
@click.option("--early", is_flag=True, help="Also alphas and candidates of the index you name.")
@click.option("--cpu", is_flag=True, help="A torch for the processor alone: the last resort.")
@click.option("--uv", is_flag=True, help="Install with uv instead of pip.")
@click.option("--repair", is_flag=True, help="Install the same packages again, in a new environment beside it.")
@click.option("--for", "program", type=options.AnyPath(), metavar="DIR", help="How a program uses it; changes nothing.")
@click.option("--prune", type=click.IntRange(min=0), metavar="N", help="Remove older environments but N.")
@click.option("--upgrade", is_flag=True, help="Take the newest set, where there is an environment already.")
def command(
    chosen: Chosen,
    check_index: bool,
    uv: bool,
    repair: bool,
    upgrade: bool,
    program: str | None,
    prune: int | None,
    **asked: Any,
) -> int:
    """Install PyTorch for this card in an environment of its own. Asks first; rollback brings back what was before."""
    from rdna_installer.workflow import environments, setting_up

    root = chosen.sysroot
    changed(None, reboot_required=False)
    if check_index:
        asking = _asking(chosen, detect(root, Ask(chosen.gfx, search_sites=False)), **asked)
        served = choosing.check(root, choosing.network(asking), asking)
        answer(chosen, "served", served, text="setup_text.served")
        return int(Exit.OK if any(item.choice for item in served) else Exit.REFUSED)
    with_status(chosen)
    if not chosen.dry_run and program is None:
        recovered_first(root)
    facts = detect(root, Ask(chosen.gfx, lenient=True))
    owner = setting_up.owner_here(root, facts.user)
    if program is not None:
        from rdna_installer.workflow.checkouts import use_of

        answer(chosen, "use_of", use_of(root, program, owner), text="setup_text.use_of")
        return int(Exit.OK)
    if prune is not None:
        return _prune(chosen, owner, prune)
    before = environments.in_force(owner)
    if before and not (repair or upgrade or any(asked.values())):
        environments.whole(owner.store, before)
        progress(f"torch {before.lock.torch} is set up: {before.prefix}/bin/python")
        progress("for a newer one: rdna-installer setup --upgrade")
        expected(False)
        return int(Exit.OK)
    if repair and before is None:
        raise environments.none_yet()
    like = before.lock if before and repair else None
    asking = _asking(chosen, facts, **(setting_up.same_again(like) if like else asked))
    job = setting_up.SetupJob(root, Ask(chosen.gfx), uv=uv, like=like, newer=upgrade and not repair)
    return _carry_out(chosen, asking, job, facts, owner)


def _prune(chosen: Chosen, owner: Owner, keep: int) -> int:
    """Remove older environments, after a question."""
    from rdna_installer.workflow import environments

    numbers = environments.prunable(owner, keep)
    expected(numbers)
    if not numbers:
        progress("nothing to remove")
    for number in numbers:
        progress(f"to be removed: {environments.prefix(owner.store, number)}")
    if numbers and not chosen.dry_run:
        consent("They cannot be gone back to then.", "Remove them", yes=chosen.yes)
        environments.prune(owner.store, numbers)
        progress(f"done: {plural(len(numbers), 'environment')} removed")
        Document.here().outcome = Outcome.DONE
    return int(Exit.OK)


def _carry_out(chosen: Chosen, asking: Asking, job: SetupJob, facts: HostFacts, owner: Owner) -> int:
    """0, or 4 where the card computes wrong in what was set up."""
    from rdna_installer.workflow import setting_up

    if chosen.pythons and not CP.fullmatch(chosen.pythons[0]):
        job = replace(job, python=PurePosixPath(absolute(job.root, chosen.pythons[0])))
    net = choosing.network(asking)
    files = choosing.plan(job.root, net, asking)
    planned = setting_up.plan_setup(job, facts, owner, files)
    room = planned.room
    if job.newer and len(planned.preview.same) == len(files.choice.files):
        progress(f"nothing newer: torch {files.choice.torch} is the newest complete set, and it is set up")
        progress("the same again, where something is broken: rdna-installer setup --repair")
        expected(False)
        return int(Exit.OK)
    with shown_first():
        answer(chosen, "setup", files, room, planned.preview)
    if planned.refusal:
        raise planned.refusal
    expected(room.missing or job.root.live)
    if chosen.dry_run or not (room.missing or job.root.live):
        return int(Exit.OK)
    what = f"A new environment for {planned.preview.owner}, about {planned.preview.need >> 20} MiB"
    consent(f"{what}; nothing else is changed. Undo: rdna-installer rollback", "Set it up", yes=chosen.yes)
    Document.here().begun = bool(planned.lacks)  # what is added to the system stays, whatever comes then
    told = lambda name, done, whole: passing(f"{done * 100 // max(whole, 1)} %  {name}")  # noqa: E731
    applied = setting_up.set_up(planned, net, told, progress)
    if applied is None:
        Document.here().outcome = Outcome.DONE
        return int(Exit.OK)
    checks = setting_up.tried(planned)
    changed(applied, reboot_required=False)
    answer(chosen, "set_up", planned.preview.python, checks, text="setup_text.done")
    bad = any(check.status in (Status.FAILED, Status.MISMATCH) for check in checks)
    return int(Exit.MISMATCH if bad else Exit.OK)


def _asking(
    chosen: Chosen, facts: HostFacts, index: str | None, wheels: str | None, torch: str | None, early: bool, cpu: bool
) -> Asking:
    """What is asked of the indexes. Raises RdnaError("no-gpu", "python-unfit", …)."""
    root = chosen.sysroot
    try:
        gpu = choose(facts, chosen.gpu)[0]
    except RdnaError as err:
        if err.reference == "no-gpu":
            err.hint = NAME_ANY if cpu else NAME_ANOTHER
        raise
    folder = None if wheels is None else PurePosixPath(absolute(root, wheels))
    return Asking(gpu, here(root, chosen.pythons), index or ("pytorch-cpu" if cpu else None), folder, torch, early, cpu)


def here(root: Sysroot, pythons: tuple[str, ...]) -> Here:
    """The Python of the set: a tag (cp311), an interpreter, or the system's. Raises RdnaError("python-unfit", …)."""
    if len(pythons) > 1:
        raise click.UsageError("setup is for one --python")
    given = pythons[0] if pythons else SYSTEM
    if CP.fullmatch(given):
        tag = given
    else:
        version = interpreter_at(root, absolute(root, given)).version
        tag = f"cp{version.replace('.', '')}"
    if not tag[3:].isdecimal() or int(tag[3:]) < OLDEST:
        hint = f"name a Python 3.{OLDEST} or later: --python PATH"
        raise RdnaError("python-unfit", f"there are no such wheels for {given} ({tag})", hint=hint)
    major, _, minor = platform.libc_ver()[1].partition(".") if root.live else ("", "", "")
    return Here(tag, (int(major), int(minor))) if major.isdecimal() and minor.isdecimal() else Here(tag)
