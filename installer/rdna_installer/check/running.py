"""``verify --running``: what a process that uses a GPU really has of each variable, and who set it. Pure.

/proc/PID/environ is what a program was started with. A Python with our hook sets the rest itself, which does not show
there: it is judged by the hook.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence

from rdna_installer.check.wanted import Ask, default_of
from rdna_installer.detect.running import Container, Process
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.model import InProcess, RunningProgram, RunningValue
from rdna_installer.plan.assignment import PREFIXES
from rdna_installer.record import record

MANAGER = re.compile(r"user@([0-9]+)\.service")
LOGINS = re.compile(r"(sshd?|cron|crond|cronie|atd|(serial-|console-)?getty|gdm|sddm|lightdm)(@.*)?\.service")
LEADERS = frozenset({"sshd", "sshd-session", "login", "su", "cron", "crond", "atd"})
SERVERS = {
    "tmux: server": "`tmux set-environment -gu {}`, or end that server (`tmux kill-server`)",
    "screen": "end that screen and start a new one",
}
TICK = 0.05  # seconds by which the start of a process may be told too early
COMPUTES = "/dev/kfd"
BY_ITSELF = "set by the program or its launcher"
GRAPHICS = "only a render node is open (graphics, Vulkan): ROCm's variables are not read there"


@record(frozen=True)
class Place:
    """Where a process runs, by its cgroup. ``manager``: the uid whose services' manager started it; None: the system's.

    Start-up files reach a ``session``; they do not reach a ``service`` of the system.
    """

    service: str | None
    manager: int | None
    session: str | None


@record(frozen=True)
class Line:
    """A line of a file that sets a variable, and when the file was last changed."""

    where: str
    key: str
    value: str
    since: float


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
    """What decides over one process's variables: lines of its unit, of start-up files that reach it, of scripts that
    start it, its container, what its manager hands to all services (``block``), when its unit's files were ``changed``.
    """

    place: Place
    user: str
    elders: Sequence[Process]
    wanted: Mapping[str, str]
    hook: Hook | None
    unit: Sequence[Line]
    starts: Sequence[Line]
    scripts: Sequence[Line]
    box: Container | None
    block: Mapping[str, str]
    changed: float
    reload: bool

    @property
    def control(self) -> str:
        """Who is told about its unit."""
        return "sudo systemctl" if self.place.manager is None else "systemctl --user"

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
        return max([hook, *(line.since for line in self.starts if line.key == key)])


def place_of(process: Process, elders: Sequence[Process]) -> Place:
    """By its cgroup; a service that lets people in (cron, sshd) holds sessions of theirs."""
    names = [part for part in process.cgroup.split("/") if part.endswith((".service", ".scope"))]
    manager = next((int(m[1]) for name in names if (m := MANAGER.fullmatch(name))), None)
    unit = next((n for n in names[-1:] if not MANAGER.fullmatch(n) and n != "init.scope"), "no unit")
    login = manager is None and (LOGINS.fullmatch(unit) or any(elder.name in LEADERS for elder in elders))
    service = None if login or not unit.endswith(".service") else unit
    return Place(service, manager, None if service else unit)


def judge_process(process: Process, around: Around, ask: Ask, problems: tuple[str, ...]) -> RunningProgram:
    """One row."""
    place, abroad = around.place, "another namespace" if process.abroad else None
    graphics = process.uses and not process.loaded and COMPUTES not in process.uses
    notes = [GRAPHICS] if graphics else []
    if around.reload:
        notes.append(f"NeedDaemonReload: files of {place.service} were changed since systemd read them: {around.again}")
    return RunningProgram(
        process.pid,
        " ".join(process.command)[:200] or process.name,
        around.user,
        clock(process.started),
        (*process.uses, *dict.fromkeys(path.rpartition("/")[2] for path in process.loaded)),
        place.service,
        around.box.name if around.box else abroad,
        place.session,
        () if graphics else tuple(_variables(process, around, ask)),
        () if graphics else problems,
        tuple(notes),
    )


def _variables(process: Process, around: Around, ask: Ask) -> Iterator[RunningValue]:
    seen, hook = process.variables, around.hook
    if seen is None:
        for key in sorted(around.wanted) or ["variables"]:
            yield RunningValue(key, InProcess.UNREADABLE, None, around.wanted.get(key), None, process.closed)
        return
    for key in sorted({*around.wanted, *(key for key in seen if key.startswith(PREFIXES))}):
        value, wanted = seen.get(key), around.wanted.get(key, "")
        if hook and key in hook.sets and not value:
            yield _hooked(key, wanted, process, around, hook)
        elif value is None:
            yield _missing(key, wanted, process, around)
        elif key in around.wanted and value == wanted:
            yield RunningValue(key, InProcess.OK, value, wanted, _origin(key, value, process, around)[0])
        else:
            yield from _other(key, value, process, around, ask)


def _hooked(key: str, wanted: str, process: Process, around: Around, hook: Hook) -> RunningValue:
    """The hook sets what has no value."""
    verdict, why, hint = InProcess.OK, f"it does not show in /proc/{process.pid}/environ", None
    if (process.variables or {}).get("RDNA_HOOK") == "0":
        verdict, why, hint = InProcess.MISSING, "RDNA_HOOK=0 switches it off", "start it without that"
    elif _has_flag(process.command, "S"):
        verdict, why, hint = InProcess.MISSING, "python -S never runs it", "start it without that"
    elif hook.ok is False:
        verdict, why, hint = InProcess.MISSING, hook.why, "see the line of the hook"
    elif hook.since > process.started + TICK:
        verdict, why, hint = InProcess.STALE, f"of {clock(hook.since)}, and this began before", around.again
    elif hook.ok is None:
        verdict, why, hint = InProcess.UNREADABLE, hook.why, "unknown, run with sudo"
    value = wanted if verdict is InProcess.OK else None
    return RunningValue(key, verdict, value, wanted, f"our hook in {hook.python}: {why}", hint)


def _has_flag(command: Sequence[str], letter: str) -> bool:
    """Whether Python's own options, which stand before the program, have this one."""
    words = iter(command[1:])
    for word in words:
        options = re.match(r"-([^-cmWX]*)([cmWX]?)(.*)", word)
        if options is None or letter in options[1] or options[2] in ("c", "m"):
            return options is not None and letter in options[1]
        if options[2] and not options[3]:
            next(words, None)
    return False


def _other(key: str, value: str, process: Process, around: Around, ask: Ask) -> Iterator[RunningValue]:
    """A value that is not the wanted one, or of a variable of which none is wanted."""
    wanted, judged = around.wanted.get(key), ask(key, value, around.hook.python if around.hook else None)
    origin, stale, hint = _origin(key, value, process, around)
    if wanted is not None or judged.harmful:
        verdict = InProcess.STALE if stale else InProcess.EMPTY if value == "" else InProcess.WRONG
        why = f"{judged.said}; " if judged.harmful else ""
        yield RunningValue(key, verdict, value, wanted, origin, f"{why}{hint}")
    elif OVERRIDE_KEY.fullmatch(key) or judged.worth_saying:
        yield RunningValue(key, InProcess.OK, value, None, origin, judged.said)


def _origin(key: str, value: str, process: Process, around: Around) -> tuple[str, bool, str]:
    """Who set it, by the first that explains it; whether that has been changed since; what helps."""
    again, lines = around.again, [line for line in around.unit if line.key == key]
    if exact := _exact(lines, value):
        return exact, False, f"change it there, then {again}"
    if newer := next((line for line in lines if line.since > process.started + TICK), None):
        return f"an earlier {newer.where}, which says {newer.value!r} now", True, again
    if exact := _exact([line for line in around.scripts if line.key == key], value):
        return f"{exact}, a script that starts it", False, "change it there, then start it again"
    starts = [line for line in around.starts if line.key == key]
    if around.box or process.abroad:
        return _of_container(key, value, around, _exact(starts, value))
    if around.block.get(key) == value and not _exact(starts, value):
        whose = around.user if around.place.manager is not None else "the system"
        hint = f"`{around.control} unset-environment {key}`, then {again}"
        text = f"the environment of the manager of {whose}'s services (imported by a session, or set-environment)"
        return text, around.renewed(key) > process.started + TICK, hint
    return _handed_on(key, value, process, around, starts)


def _of_container(key: str, value: str, around: Around, exact: str) -> tuple[str, bool, str]:
    box = around.box
    if box is None:
        return f"{BY_ITSELF}, in another namespace", False, "change it where that is started"
    anew = f"create {box.name} anew: it keeps what it was made with"
    inside = next((a for a in box.variables if (a.key, a.value) == (key, value)), None)
    if inside is not None:
        return f"ENV of the image {box.image} ({box.place}:{inside.line})", False, f"{anew} (--env {key}=… wins)"
    made = f"the command that created the container {box.name}"
    look = f"{anew} (`podman inspect -f '{{{{.Config.CreateCommand}}}}' {box.name}` shows how)"
    return f"{made}, or {exact}" if "computed" in exact else exact or made, False, look


def _handed_on(key: str, value: str, process: Process, around: Around, lines: Sequence[Line]) -> tuple[str, bool, str]:
    """From an ancestor, by the oldest that has it; a start-up file that says so still is where it is from."""
    oldest = process
    for elder in around.elders:
        if elder.variables is None or elder.variables.get(key) != value:
            break
        oldest = elder
    by = f"{oldest.name} (pid {oldest.pid}, started {clock(oldest.started)})"
    server = SERVERS.get(oldest.name, "").format(key)
    if exact := _exact(lines, value):
        text = exact if oldest is process else f"{exact}, handed on by {by}"
        return text, False, f"remove it there, then {server or around.again}"
    if oldest is not process:
        stale = bool(server) or oldest.started + TICK < around.renewed(key)
        return f"inherited from {by}", stale, server or f"end that one, or {around.again}"
    if around.changed > process.started + TICK:
        return f"its unit as it was: its files were changed at {clock(around.changed)}", True, around.again
    parent = around.elders[0] if around.elders else None
    text = f"{BY_ITSELF} ({parent.name}, pid {parent.pid})" if parent else BY_ITSELF
    server = SERVERS.get(parent.name, "").format(key) if parent else ""
    return text, False, server or f"look into what starts it, then {around.again}"


def _exact(lines: Sequence[Line], value: str) -> str:
    """Where just this value is set; else where one is computed, which may be it. "" where nowhere."""
    plain = dict.fromkeys(line.where for line in lines if default_of(line.key, line.value) == value)
    computed = [
        line.where for line in lines if {"$", "`"} & set(line.value) and (value == "" or ".y" not in line.where)
    ]
    return ", ".join([*plain][-3:]) or ", ".join(f"{where} (computed there)" for where in computed[-1:])


def _missing(key: str, wanted: str, process: Process, around: Around) -> RunningValue:
    """Stale where what would give it now is younger than the program, or than the session it is in."""
    began = [process, *(elder for elder in around.elders if elder.uid == process.uid)]
    first = min(began, key=lambda each: each.started) if around.place.session else process
    sources = [line for line in (*around.unit, *around.starts) if (line.key, line.value) == (key, wanted)]
    if late := next((line for line in sources if line.since > first.started + TICK), None):
        who = "it" if first is process else f"{first.name} (pid {first.pid})"
        hint = SERVERS.get(first.name, around.again).format(key)
        return RunningValue(key, InProcess.STALE, None, wanted, f"{who} began before {late.where} was there", hint)
    hint = f"set it, then {around.again}"
    if around.box:
        hint = f"create {around.box.name} anew with --env {key}={wanted}"
    elif service := around.place.service:
        hint = (
            f"start-up files reach no service: `{around.control} edit {service}`, [Service], Environment={key}={wanted}"
        )
    return RunningValue(key, InProcess.MISSING, None, wanted, "nothing that reaches it sets it", hint)


def clock(seconds: float) -> str:
    """A time as people read it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
