"""report: what this machine, its settings, changes, logs and probes say, as far as it may be shared; and its file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from rdna_installer import __version__
from rdna_installer.change.store import now
from rdna_installer.codec import MisfitError
from rdna_installer.detect.host import Ask, find_distro
from rdna_installer.detect.users import invoking_user
from rdna_installer.diagnose.finding import Diagnosis
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.sysroot import Sysroot, from_here
from rdna_installer.model import HostFacts, Policy, Request
from rdna_installer.probe.types import Probed
from rdna_installer.record import replace
from rdna_installer.share.redact import Seen, redact
from rdna_installer.share.schema import SIZE_LIMIT, Shared, read
from rdna_installer.workflow.boot_status import trial_status
from rdna_installer.workflow.diagnosing import Diagnosing, diagnose_journal
from rdna_installer.workflow.doctor import topics_of
from rdna_installer.workflow.foreign import load_rules
from rdna_installer.workflow.inspecting import look_over, read_history
from rdna_installer.workflow.kept_results import read_kept
from rdna_installer.workflow.owners import SYSTEM
from rdna_installer.workflow.planning import decide


def gather(root: Sysroot, ask: Ask, log: Diagnosis | None = None) -> Shared:
    """What may be shared of this machine; ``log``: what was found in one, else the kernel log is looked at."""
    book = load_rules(root)
    start = Seen(__version__, now(), book)
    if log is not None and log.elsewhere:
        return redact(replace(start, log=log))
    ask = replace(ask, lenient=True)
    facts, generation, others, checked = look_over(root, ask)
    policy = _policy(root, facts)
    kernel_log = _kernel_log(root) if log is None else None
    history = read_history(root)
    system = next((known.generations for known in history if known.name == SYSTEM), ())
    trial = trial_status(root, system[-1] if system else None)
    return redact(
        replace(
            start,
            facts=facts,
            distro=find_distro(root),
            verdict=policy.verdict.value if policy else None,
            sites=policy.sites if policy else (),
            checks=checked.checks,
            scan=others.files,
            session=others.environ if root.live else {},
            in_force=generation.settings if generation else (),
            made=tuple((known.name == SYSTEM, known.generations) for known in history),
            topics=tuple((t.name, t.mark, t.command) for t in topics_of(root, facts, generation, checked)),
            boots=None if trial.boots is None else len(trial.boots),
            last_boot=trial.last,
            log=log or kernel_log,
            source="file" if log else "kernel",
            probes=tuple(_probes(root, facts)),
        )
    )


def _policy(root: Sysroot, facts: HostFacts) -> Policy | None:
    try:
        return decide(root, facts, Request()).policy
    except RdnaError:  # no GPU, or none that anything is known of
        return None


def _kernel_log(root: Sysroot) -> Diagnosis | None:
    try:
        return diagnose_journal(Diagnosing(root, Ask(search_sites=False)))
    except RdnaError:  # not the running system's, or not for this user
        return None


def _probes(root: Sysroot, facts: HostFacts) -> Iterator[Probed]:
    for site in facts.sites:
        try:
            kept = read_kept(root, facts, site) if site.torch else None
        except RdnaError:  # damaged: it says so where it would be used
            continue
        if kept is not None:
            yield kept


def place_of(path: str) -> PurePosixPath:
    """Where a file that the user named is."""
    return PurePosixPath(from_here(os.path.expanduser(path)))


def save(path: str, content: bytes) -> None:
    """Write a file that the user named, as the user who asks. A file that is there is replaced, and nothing else is: a
    device or link has readers of its own. Raises RdnaError("unsafe-directory", "cannot-write-report")."""
    place, here = place_of(path), Sysroot()

    def work() -> None:
        with Folder.open(here, place.parent, writing=True) as folder:
            if there := folder.special(place.name or "."):
                hint = "name a file, or a place where nothing is; --json without FILE prints the report"
                message = f"this is {there}, and would be replaced"
                raise RdnaError("cannot-write-report", message, context=str(place), hint=hint, exit_code=Exit.USAGE)
            durable.replace(folder, place.name, content, 0o644)

    try:
        as_user(invoking_user(here), work, None)
    except OSError as err:
        message = f"this file cannot be written: {(err.strerror or str(err)).lower()}"
        hint = "name one in a folder of yours: --html ~/report.html"
        raise RdnaError("cannot-write-report", message, context=str(place), hint=hint, exit_code=Exit.USAGE) from err


def check(path: str) -> tuple[Shared, bytes]:
    """The report in a file that somebody gave away, and the file. Raises RdnaError("cannot-read-report",
    "not-a-report")."""
    place, here = place_of(path), Sysroot()
    try:
        content = as_user(invoking_user(here), lambda: here.read_bytes(place, limit=SIZE_LIMIT + 1), bytes)
    except OSError as err:
        message = f"this report cannot be read: {(err.strerror or str(err)).lower()}"
        raise RdnaError("cannot-read-report", message, context=str(place), exit_code=Exit.USAGE) from err
    try:
        return read(content, place.name), content
    except MisfitError as err:
        hint = "ask for the file as it was written; one of a newer version needs that version here"
        message = f"this is no report of this program ({err})"
        raise RdnaError("not-a-report", message, context=str(place), hint=hint, exit_code=Exit.MISMATCH) from err
