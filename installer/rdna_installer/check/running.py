"""``verify --running``: what a process that uses a GPU really has of each variable, and who set it. Pure.

/proc/PID/environ is what a program was started with. A Python with our hook sets the rest itself, which does not show
there: it is judged by the hook.
"""

from __future__ import annotations

import enum
import itertools
import re
import time
from collections.abc import Iterator, Mapping, Sequence

from rdna_installer.check.wanted import Ask, default_of
from rdna_installer.detect.dotfiles import MOST, FoundAssignment
from rdna_installer.detect.running import TICK, Container, Process
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.machine.systemd import commander
from rdna_installer.model import Check, RunningProgram, Status
from rdna_installer.plan.conflicts import PREFIXES
from rdna_installer.record import record

MANAGER = re.compile(r"user@([0-9]+)\.service")
LOGINS = re.compile(r"(sshd?|cron|crond|cronie|atd|(serial-|console-)?getty|gdm|sddm|lightdm)(@.*)?\.service")
LEADERS = frozenset({"sshd", "sshd-session", "login", "su", "cron", "crond", "atd"})
SERVERS = {
    "tmux: server": "`tmux set-environment -gu {}`, or end that server (`tmux kill-server`)",
    "screen": "end that screen and start a new one",
}
# Python's own options, which stand before the program, with -S among them.
NO_SITE = re.compile(r"[^\0]*(?:\0-(?:[WX](?:\0[^\0]*|[^\0]+)|[bBdEhiIOPqRsuvx]+))*\0-[bBdEhiIOPqRsuvx]*S")
COMPUTES = "/dev/kfd"
STARTER = "starter"  # a line of a script that starts it
BY_ITSELF = "set by the program or its launcher"
GRAPHICS = "only a render node is open (graphics, Vulkan): ROCm's variables are not read there"


class InProcess(enum.Enum):
    """How a variable stands in a running process. STALE: a start by now would have it right."""

    OK = "ok"
    WRONG = "WRONG"
    EMPTY = "empty"
    MISSING = "missing"
    STALE = "stale"
    UNREADABLE = "not readable"


@record(frozen=True)
class Place:
    """Where a process runs, by its cgroup. ``manager``: the uid whose services' manager started it; None: the system's.

    Start-up files reach a ``session``; they do not reach a ``service`` of the system.
    """

    service: str | None
    manager: int | None
    session: str | None


@record(frozen=True)
class Hook:
    """Our hook in a process's Python: what it sets, whether it does at a start now (None: not known), since when."""

    python: str
    sets: Mapping[str, str]
    ok: bool | None
    since: float
    why: str


@record(frozen=True)
class Around:
    """What decides over one process's variables: ``lines`` of its unit, of scripts that start it, of start-up files
    that reach it; its container; what its manager hands to all services (``block``); when its unit was ``changed``.
    """

    place: Place
    user: str
    wanted: Mapping[str, str]
    hook: Hook | None
    lines: Sequence[FoundAssignment]
    box: Container | None
    block: Mapping[str, str]
    changed: float
    reload: bool
    program: str | None = None  # as the judge knows it

    @property
    def control(self) -> str:
        """Who is told about its unit."""
        return commander(self.place.manager)

    @property
    def again(self) -> str:
        """How it gets what is set by now."""
        if self.place.service:
            first = f"{self.control} daemon-reload && " if self.reload else ""
            return f"`{first}{self.control} restart {self.place.service}`"
        return f"create the container {self.box.name} anew" if self.box else "start it again from a new login"

    def renewed(self, key: str) -> float:
        """When what would give it now was last changed."""
        hook = self.hook.since if self.hook and key in self.hook.sets else 0.0
        return max([hook, *(line.since for line in self.lines if line.assignment.key == key)])


def place_of(process: Process) -> Place:
    """By its cgroup; a service that lets people in (cron, sshd) holds sessions of theirs."""
    names = [part for part in process.cgroup.split("/") if part.endswith((".service", ".scope"))]
    manager = next((int(m[1]) for name in names if (m := MANAGER.fullmatch(name))), None)
    unit = next((n for n in names[-1:] if not MANAGER.fullmatch(n) and n != "init.scope"), "no unit")
    login = manager is None and (LOGINS.fullmatch(unit) or any(elder.name in LEADERS for elder in process.elders))
    service = None if login or not unit.endswith(".service") else unit
    return Place(service, manager, None if service else unit)


def judge_process(process: Process, around: Around, ask: Ask, access: Sequence[Check]) -> RunningProgram:
    """One row. ``access``: whether it gets at the GPU."""
    place, seen, checks = around.place, process.variables, list(access)
    if around.reload:
        said = f"NeedDaemonReload: files of {place.service} were changed since systemd read them: {around.again}"
        checks.append(Check("note", Status.OK, hint=said))
    if process.uses and not process.loaded and COMPUTES not in process.uses:
        checks = [Check("note", Status.OK, hint=GRAPHICS)]
    elif seen is None:
        keys = sorted(around.wanted) or ["variables"]
        checks += [_told(InProcess.UNREADABLE, k, around.wanted.get(k), None, None, process.closed) for k in keys]
    else:
        others = {key for key in seen if key.startswith(PREFIXES)} - {*around.wanted}
        # Those of single cards (_12) last: whoever has thousands hides none that counts for all.
        first = sorted(others, key=lambda key: (key[-1:].isdigit(), key))[:MOST]
        keys = sorted([*around.wanted, *first])
        checks += [check for key in keys for check in _variable(key, seen.get(key), process, around, ask)]
        if left := len(others) - len(first):
            checks.append(
                Check("variables", Status.UNKNOWN, running=f"{left} of {len(others)} more were not looked at")
            )
    return RunningProgram(
        process.pid,
        " ".join(process.command)[:200] or process.name,
        around.user,
        clock(process.started),
        (*process.uses, *dict.fromkeys(path.rpartition("/")[2] for path in process.loaded)),
        place.service,
        around.box.name if around.box else "another namespace" if process.abroad else None,
        place.session,
        tuple(checks),
    )


def _told(
    verdict: InProcess, key: str, wanted: str | None, value: str | None, origin: str | None, hint: str | None
) -> Check:
    status = {InProcess.OK: Status.OK, InProcess.UNREADABLE: Status.UNKNOWN}.get(verdict, Status.MISMATCH)
    return Check(key, status, wanted, value, origin, hint, verdict.value)


def _variable(key: str, value: str | None, process: Process, around: Around, ask: Ask) -> Iterator[Check]:
    wanted, hook = around.wanted.get(key), around.hook
    if hook and key in hook.sets and not value:
        yield _hooked(key, process, around, hook)
        return
    if value is None:
        yield _missing(key, wanted or "", process, around)
        return
    judged = None if value == wanted else ask(key, value, hook.python if hook else around.program)
    origin, stale, hint = _origin(key, value, process, around)
    if judged is None:
        yield _told(InProcess.OK, key, wanted, value, origin, None)
    elif wanted is not None or judged.harmful:
        verdict = InProcess.STALE if stale else InProcess.EMPTY if value == "" else InProcess.WRONG
        yield _told(verdict, key, wanted, value, origin, f"{judged.said}; {hint}" if judged.harmful else hint)
    elif re.fullmatch(OVERRIDE_KEY, key) or judged.worth_saying:
        yield _told(InProcess.OK, key, None, value, origin, judged.said)


def _hooked(key: str, process: Process, around: Around, hook: Hook) -> Check:
    """The hook sets what has no value."""
    verdict, why, hint = InProcess.OK, f"not to be seen in /proc/{process.pid}/environ", None
    if (process.variables or {}).get("RDNA_HOOK") == "0":
        verdict, why, hint = InProcess.MISSING, "RDNA_HOOK=0 switches it off", "start it without that"
    elif NO_SITE.match("\0".join(process.command)):
        verdict, why, hint = InProcess.MISSING, "python -S never runs it", "start it without that"
    elif hook.ok is False:
        verdict, why, hint = InProcess.MISSING, hook.why, "see the line of the hook"
    elif hook.since > process.started + TICK:
        verdict, why, hint = InProcess.STALE, f"it is of {clock(hook.since)}, this began before", around.again
    elif hook.ok is None:
        verdict, why, hint = InProcess.UNREADABLE, hook.why, "run it with sudo: only root can see this"
    value = hook.sets[key] if verdict is InProcess.OK else None
    return _told(verdict, key, hook.sets[key], value, f"our hook in {hook.python} ({why})", hint)


def _origin(key: str, value: str, process: Process, around: Around) -> tuple[str, bool, str]:
    """Who set it, by the first that explains it; whether that has been changed since; what helps."""
    again, block = around.again, around.block.get(key) == value
    lines = [line for line in around.lines if line.assignment.key == key]
    unit = [line for line in lines if line.unit]
    if exact := _exact(unit, value):
        return exact, False, f"change it there, then {again}"
    if newer := next((line for line in unit if line.since > process.started + TICK), None):
        return f"an earlier {newer.where}, which says {newer.assignment.value!r} now", True, again
    if exact := _exact([line for line in lines if line.reach == STARTER], value):
        return f"{exact}, a script that starts it", False, "change it there, then start it again"
    exact = _exact([line for line in lines if not line.unit], value)
    if around.box or process.abroad:
        return _of_container(key, value, around.box, exact)
    if block and not exact:
        whose = around.user if around.place.manager is not None else "the system"
        text = f"the environment of the manager of {whose}'s services (imported by a session, or set-environment)"
        stale = around.renewed(key) > process.started + TICK
        return text, stale, f"`{around.control} unset-environment {key}`, then {again}"
    return _handed_on(key, value, process, around, exact)


def _of_container(key: str, value: str, box: Container | None, exact: str) -> tuple[str, bool, str]:
    if box is None:
        return f"{BY_ITSELF}, in another namespace", False, "change it where that is started"
    anew = f"create {box.name} anew: it keeps what it was made with"
    if any((a.key, a.value) == (key, value) for a in box.variables):
        return f"ENV of the image {box.image}", False, f"{anew} (--env {key}=… wins)"
    made = f"the command that created the container {box.name}"
    look = f"{anew} (`podman inspect -f '{{{{.Config.CreateCommand}}}}' {box.name}` shows how)"
    return f"{made}, or {exact}" if "computed" in exact else exact or made, False, look


def _handed_on(key: str, value: str, process: Process, around: Around, exact: str) -> tuple[str, bool, str]:
    """From an ancestor, by the oldest that has it; a start-up file that says so still is where it is from."""
    had = itertools.takewhile(lambda e: e.variables is not None and e.variables.get(key) == value, process.elders)
    oldest = ([process, *had])[-1]
    holder = oldest if oldest is not process else next(iter(process.elders), process)
    server, by = SERVERS.get(holder.name, "").format(key), f"{holder.name} (pid {holder.pid}"
    if exact:
        text = exact if oldest is process else f"{exact}, handed on by {by})"
        return text, False, f"remove it there, then {server or around.again}"
    if oldest is not process:
        stale = bool(server) or oldest.started + TICK < around.renewed(key)
        text = f"inherited from {by}, started {clock(oldest.started)})"
        return text, stale, server or f"end that one, or {around.again}"
    if around.changed > process.started + TICK:
        return f"its unit as it was: its files were changed at {clock(around.changed)}", True, around.again
    return f"{BY_ITSELF}, {by})", False, server or f"look into what starts it, then {around.again}"


def _exact(lines: Sequence[FoundAssignment], value: str) -> str:
    """Where just this value is set; else where one is computed, which may be it. "" where nowhere."""
    told = [(line, default_of(line.assignment.key, line.assignment.value or "")) for line in lines]
    plain = dict.fromkeys(line.where for line, text in told if text == value)
    computed = [x.where for x, text in told if {"$", "`"} & set(text) and (value == "" or x.reach != "container")]
    return ", ".join([*plain][-3:]) or ", ".join(f"{where} (computed there)" for where in computed[-1:])


def _missing(key: str, wanted: str, process: Process, around: Around) -> Check:
    """Stale where what would give it now is younger than the program, or than the session it is in."""
    began = [process, *(elder for elder in process.elders if elder.uid == process.uid)]
    first = min(began, key=lambda each: each.started) if around.place.session else process
    sources = (line for line in around.lines if (line.assignment.key, line.assignment.value) == (key, wanted))
    if late := next((line for line in sources if line.since > first.started + TICK), None):
        who = "it" if first is process else f"{first.name} (pid {first.pid})"
        return _told(InProcess.STALE, key, wanted, None, f"{who} began before {late.where} was there", around.again)
    hint = f"set it, then {around.again}"
    if around.box:
        hint = f"make {around.box.name} again with --env {key}={wanted}"
    elif service := around.place.service:
        hint = (
            f"start-up files reach no service; below [Service] write Environment={key}={wanted}: "
            f"{around.control} edit {service}"
        )
    return _told(InProcess.MISSING, key, wanted, None, "nothing that reaches it sets it", hint)


def clock(seconds: float) -> str:
    """A time as people read it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
