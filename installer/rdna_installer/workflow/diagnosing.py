"""diagnose, wired: a log from a file, standard input, the journal or a command, with the facts of its machine."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rdna_installer.amd.conditions import known_faults
from rdna_installer.detect.gpus import given
from rdna_installer.detect.host import Ask, detect
from rdna_installer.diagnose.diagnose import diagnose
from rdna_installer.diagnose.finding import Diagnosis, Scanned
from rdna_installer.diagnose.scan import CHUNK, Scanner, scan
from rdna_installer.diagnose.situation import Machine, gfx_of, is_elsewhere
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.signatures import Kind, Signatures, load_signatures
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, Request, bulky
from rdna_installer.record import record, replace
from rdna_installer.workflow.foreign import load_rules
from rdna_installer.workflow.owners import find_owners
from rdna_installer.workflow.planning import decide

STDIN = "-"
SHOWN = ("--no-pager", "-o", "short")
FAULTS = frozenset(
    {"gcvm-l2-page-fault", "gpu-lost", "gpu-reset", "hang-timeout", "hw-exception", "memory-access-fault"}
    | {"ring-timeout", "vm-context1-page-fault"}
)
ROUTES, PIP = ("wheel", "upgrade", "older"), "pip install"
PATIENCE = 120.0  # seconds for a journal of a long uptime


@record(frozen=True)
class Diagnosing:
    """One ``diagnose``: where, what is told; ``here``: the log is of this machine, whatever it looks like."""

    root: Sysroot
    ask: Ask
    here: bool = False

    @functools.cached_property
    def book(self) -> Book:
        """The rules that hold here."""
        return load_rules(self.root)

    @functools.cached_property
    def signatures(self) -> Signatures:
        """What is looked for."""
        return load_signatures(self.book.targets.targets)

    def diagnose(self, seen: Scanned, source: str) -> Diagnosis:
        """What a log's failures mean on its machine."""
        if self.here:  # what it says of a card is not believed
            sightings = tuple(s for s in seen.sightings if s.context.kind is not Kind.GFX)
            seen = replace(seen, hits=tuple(replace(hit, gfx=None) for hit in seen.hits), sightings=sightings)
        machine = functools.partial(_machine, self, seen)
        return diagnose(seen, source, machine, self.signatures.nothing)


def diagnose_log(job: Diagnosing, log: str, tell: Callable[[str], None]) -> Diagnosis:
    """Diagnose a file, or standard input for ``-``. ``tell``: how far it is. Raises RdnaError("cannot-read-log")."""
    return job.diagnose(scan(_told(_chunks(log), tell), job.signatures), "standard input" if log == STDIN else log)


def _told(chunks: Iterator[bytes], tell: Callable[[str], None]) -> Iterator[bytes]:
    for number, chunk in enumerate(chunks, 1):
        if number * CHUNK % (1 << 24) == 0:
            tell(f"{number * CHUNK >> 20} MiB read")
        yield chunk
    tell("")


def diagnose_journal(job: Diagnosing, unit: str | None = None, since: str | None = None) -> Diagnosis:
    """Diagnose the kernel log, or a unit's; of this boot, or from a time on. Raises RdnaError("no-kernel-log")."""
    if not job.root.live:
        message = "--kernel-log and --unit read the logs of the running system, not of another root"
        hint = "save the log of journalctl -k -b there, then: rdna-installer diagnose FILE"
        raise RdnaError("no-kernel-log", message, hint=hint, exit_code=Exit.USAGE)
    problems = []
    for command in _journals(unit, since):
        scanner = Scanner(job.signatures)
        problem = _feed(scanner, command)
        if problem is None:
            shown = command[: command.index(SHOWN[0])] if SHOWN[0] in command else command
            return replace(job, here=True).diagnose(scanner.finish(), " ".join(shown))
        problems.append(f"{command[0]}: {problem}")
    what, option = (f"the log of {unit}", f"--unit {unit}") if unit else ("the kernel log", "--kernel-log")
    hint = f"join the group systemd-journal, or look as root: sudo rdna-installer diagnose {option}"
    raise RdnaError("no-kernel-log", f"{what} cannot be read", context="; ".join(problems), hint=hint)


def diagnose_command(
    job: Diagnosing, argv: tuple[str, ...], tell: Callable[[str], None]
) -> tuple[int, Diagnosis | None]:
    """Run a command in the environment of ``run``: its exit code and, where that is not 0, why it failed.
    ``tell``: that its output is lost."""
    from rdna_installer.machine.watch import watch
    from rdna_installer.workflow.session import session

    scanner, batch = Scanner(job.signatures), bytearray()

    def take(piece: bytes) -> None:
        batch.extend(piece)
        if len(batch) >= CHUNK:
            scanner.feed(bytes(batch))
            batch.clear()

    try:
        env = session(job.root, job.ask, Request()).over(os.environ)
    except RdnaError:  # no GPU, say: which is what is to be found out
        env = dict(os.environ)
    begun = time.strftime("%Y-%m-%d %H:%M:%S")
    code = watch(argv, env, take, tell)
    if code == 0:
        return 0, None
    scanner.feed(bytes(batch) + b"\n")
    next((True for command in _journals(None, begun) if _feed(scanner, command) is None), None)
    return code, replace(job, here=True).diagnose(scanner.finish(), " ".join(argv))


def kernel_faults(root: Sysroot) -> frozenset[str] | None:
    """The kinds of GPU fault in the kernel log of this boot; None where it cannot be read."""
    try:
        found = diagnose_journal(Diagnosing(root, Ask(search_sites=False))).findings
    except RdnaError:
        return None
    return frozenset(finding.name for finding in found if finding.name in FAULTS)


def _journals(unit: str | None, since: str | None) -> tuple[tuple[str, ...], ...]:
    """The commands that show a log, one as good as the other."""
    when = ("--since", since) if since else ("-b",)
    if unit is not None:
        return tuple(("journalctl", option, unit, *when, *SHOWN) for option in ("-u", "--user-unit"))
    kernel = "_TRANSPORT=kernel" if since else "-k"  # -k is this boot only
    return ("journalctl", kernel, *when, *SHOWN), ("dmesg", *(when if since else ()))


def _feed(scanner: Scanner, command: tuple[str, ...]) -> str | None:
    """Let a scanner see what a tool shows; why it shows nothing, if so."""
    batch: list[str] = []

    def take(line: str) -> None:
        batch.append(line)
        if len(batch) >= CHUNK // 100:
            scanner.feed("\n".join([*batch, ""]).encode("utf-8", "replace"))
            batch.clear()

    try:
        done = run(command, timeout=PATIENCE, on_line=take)
    except RdnaError as err:
        return err.message
    if done.code != 0:
        return batch[-1] if batch else f"ended with {done.code}"
    # Without the right to see it journalctl says so, shows "-- No entries --" and ends with 0.
    if len(done.out) < 400 and b"No entries" in done.out:
        return "it shows no entries to this user"
    scanner.feed("\n".join([*batch, ""]).encode("utf-8", "replace"))
    return None


def _chunks(log: str) -> Iterator[bytes]:
    try:
        if log == STDIN:
            yield from iter(lambda: sys.stdin.buffer.read(CHUNK), b"")
        else:
            with Path(log).open("rb") as file:
                yield from iter(lambda: file.read(CHUNK), b"")
    except OSError as err:
        message = f"this log cannot be read: {err.strerror}"
        context = "standard input" if log == STDIN else log
        raise RdnaError("cannot-read-log", message, context=context, exit_code=Exit.USAGE) from err


def _machine(job: Diagnosing, seen: Scanned) -> Machine:
    facts, book = detect(job.root, job.ask), job.book
    override = os.environ.get(OVERRIDE) if job.root.live else None
    elsewhere = not job.here and is_elsewhere(seen, facts, override)
    if elsewhere:  # what it tells of its machine
        gfx, kernel = gfx_of(seen), seen.best(Kind.KERNEL)
        release = (kernel.value if kernel else None) or "unknown"
        gpus = (given(gfx),) if gfx else ()
        facts = replace(facts, gpus=gpus, sites=(), rocm=(), kernels=(), running_kernel=release)
    wheel = functools.partial(_wheel, facts, book)
    others = tuple(text for rule in known_faults(facts, book) for text in rule.said) if facts.gpus else ()
    others += () if elsewhere else tuple(_swapped(job.root, facts))
    if elsewhere or not facts.gpus:
        mine = None if elsewhere else override
        return Machine(facts, None, mine, book.targets, others, book.rules, elsewhere, wheel)
    decided = decide(job.root, facts, Request(), book)
    files = (item.value for item in decided.items if item.key == OVERRIDE)
    override = override or next(files, None)
    others = (*others, *decided.others.lines)
    return Machine(decided.facts, decided.policy, override, book.targets, others, book.rules, False, wheel)


def _swapped(root: Sysroot, facts: HostFacts) -> Iterator[str]:
    """What is to be said of libraries that we put into a torch: whatever fails in them may be theirs alone."""
    known = [owner for owner in find_owners(root, facts.user, facts.sites) if owner.problem is None]
    for managed in (m for owner in known if (now := owner.current()) for m in now.managed if bulky(m.path)):
        text = f"change {managed.generation} put another {managed.path.name} there than its torch came with"
        yield f"{managed.path}: {text}; try without it: rdna-installer rollback"


def _wheel(facts: HostFacts, book: Book, gfx: str) -> str | None:
    """The first line by which this machine gets a torch with kernels for a target."""
    from rdna_installer.plan.advise import advise

    try:
        about = facts if any(gpu.gfx == gfx for gpu in facts.gpus) else replace(facts, gpus=(given(gfx),), sites=())
        answers = advise(about, book, Request())
    except RdnaError:
        return None
    options = (option for answer in answers if answer.gpu.gfx == gfx for option in answer.options)
    lines = (line for o in options if o.kind in ROUTES and o.symptom is None for line in o.commands)
    return next((line[line.index(PIP) :] for line in lines if PIP in line), None)
