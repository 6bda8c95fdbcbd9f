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
from rdna_installer.model import InProcess, PythonSite, RunningProgram, RunningValue
from rdna_installer.plan.assignment import PREFIXES
from rdna_installer.record import record

MANAGER = re.compile(r"user@([0-9]+)\.service")
LOGINS = re.compile(
    r"(ssh|sshd|cron|crond|cronie|atd|getty|serial-getty|console-getty|gdm|sddm|lightdm)(@.*)?\.service"
)
LEADERS = frozenset({"sshd", "sshd-session", "login", "su", "cron", "crond", "atd"})
SERVERS = {"tmux: server": "`tmux set-environment -gu {}`, or end that server (tmux kill-server)"}
TICK = 0.05  # seconds by which the start of a process is told too early, and a file's time too late
COMPUTES = "/dev/kfd"
BY_ITSELF = "set by the program or its launcher"
SUDO = "unknown, run with sudo"


@record(frozen=True)
class Place:
    """Where a process runs by its cgroup. ``manager``: whose services' manager started it (a uid); None: the system's."""

    unit: str | None
    manager: int | None
    session: str | None

    @property
    def of_system(self) -> bool:
        """A service that no login goes before: start-up files do not reach it."""
        return self.manager is None and self.service is not None

    @property
    def service(self) -> str | None:
        """The unit where it is a service of its own."""
        return self.unit if self.unit and self.unit.endswith(".service") and self.session is None else None


@record(frozen=True)
class Line:
    """A line of a file that sets (or hands on) a variable, and when that file was last changed."""

    where: str
    key: str
    value: str
    since: float


@record(frozen=True)
class Hook:
    """Our hook in the Python of a process: whether it is in force at a start now (None: not known), and since when."""

    sets: Mapping[str, str]
    ok: bool | None
    since: float
    why: str = ""


@record(frozen=True)
class Around:
    """What decides over the variables of one process.

    ``unit``, ``starts``, ``launchers``: lines of its unit, of start-up files that reach it, of the scripts that start
    it; ``block``: what its manager hands to every service. ``changed``: when the directories of its unit were.
    """

    place: Place
    user: str
    elders: Sequence[Process]
    wanted: Mapping[str, str]
    site: PythonSite | None = None
    hook: Hook | None = None
    unit: Sequence[Line] = ()
    starts: Sequence[Line] = ()
    launchers: Sequence[Line] = ()
    container: Container | None = None
    block: Mapping[str, str] = {}
    changed: float = 0.0
    reload: bool = False


def place_of(process: Process, elders: Sequence[Process]) -> Place:
    """By its cgroup; a service that lets people in (cron, sshd) is a session of theirs."""
    names = [part for part in process.cgroup.split("/") if part.endswith((".service", ".scope"))]
    manager = next((int(m[1]) for name in names if (m := MANAGER.fullmatch(name))), None)
    unit = names[-1] if names and not MANAGER.fullmatch(names[-1]) and names[-1] != "init.scope" else None
    login = any(elder.name in LEADERS for elder in elders) or (unit is not None and LOGINS.fullmatch(unit))
    scope = unit is None or not unit.endswith(".service")
    return Place(unit, manager, (unit or "no unit") if scope or (login and manager is None) else None)


def judge_process(process: Process, around: Around, ask: Ask) -> RunningProgram:
    """One row."""
    place, computes = around.place, bool(process.loaded) or COMPUTES in process.uses or not process.uses
    names = tuple(dict.fromkeys(path.rpartition("/")[2] for path in process.loaded))
    notes: tuple[str, ...] = (
        () if computes else ("only a render node is open (graphics, Vulkan): ROCm's variables are not read there",)
    )
    if around.reload:
        again = f"{_systemctl(around)} daemon-reload"
        notes += (f"NeedDaemonReload: files of {place.unit} were changed after systemd read them: `{again}`",)
    return RunningProgram(
        process.pid,
        " ".join(process.command)[:200] or process.name,
        around.user,
        _clock(process.started),
        (*process.uses, *names),
        place.service,
        around.container.name if around.container else "another namespace" if process.abroad else None,
        place.session,
        tuple(_variables(process, around, ask)) if computes else (),
        (),
        notes,
    )


def _variables(process: Process, around: Around, ask: Ask) -> Iterator[RunningValue]:
    seen = process.variables
    if seen is None:
        for key in sorted(around.wanted) or ["variables"]:
            hint = SUDO if process.closed.endswith("you") else process.closed
            yield RunningValue(key, InProcess.UNREADABLE, None, around.wanted.get(key), None, hint)
        return
    for key in sorted({*around.wanted, *(key for key in seen if key.startswith(PREFIXES))}):
        value, wanted = seen.get(key), around.wanted.get(key)
        if around.hook and wanted is not None and key in around.hook.sets and not value:
            yield _hooked(key, wanted, process, around, around.hook)
        elif wanted is not None and value == wanted:
            yield RunningValue(key, InProcess.OK, value, wanted, _origin(key, value, process, around).text)
        elif value is None:
            yield _missing(key, wanted or "", process, around)
        else:
            yield from _other(key, value, process, around, ask)


def _hooked(key: str, wanted: str, process: Process, around: Around, hook: Hook) -> RunningValue:
    """The hook sets what is not set."""
    where = f"our hook in {around.site.python if around.site else '?'}"
    again = _again(around)
    seen = process.variables or {}
    if "S" in _flags(process.command) or seen.get("RDNA_HOOK") == "0":
        why = "python -S never runs it" if seen.get("RDNA_HOOK") != "0" else "RDNA_HOOK=0 switches it off"
        return RunningValue(key, InProcess.MISSING, None, wanted, f"{where}: {why}", f"start it without: {again}")
    if hook.ok is False:
        return RunningValue(key, InProcess.MISSING, None, wanted, f"{where}: {hook.why}", "see the line of the hook")
    if hook.since > process.started + TICK:
        why = f"{where} is of {_clock(hook.since)}, this began before"
        return RunningValue(key, InProcess.STALE, None, wanted, why, again)
    if hook.ok is None:
        return RunningValue(key, InProcess.UNREADABLE, None, wanted, f"{where}: {hook.why}", SUDO)
    return RunningValue(key, InProcess.OK, wanted, wanted, f"{where} (it does not show in /proc/{process.pid}/environ)")


def _flags(command: Sequence[str]) -> str:
    """The letters of Python's own options, which stand before the program."""
    letters = ""
    words = iter(command[1:])
    for word in words:
        if word[:1] != "-" or word[1:2] in ("", "-"):
            break
        letters += re.split("[cmWX]", word[1:])[0]
        if word[-1:] in ("W", "X"):
            next(words, None)
        elif "c" in word or "m" in word:
            break
    return letters


@record(frozen=True)
class _Origin:
    """Who set a value; ``stale``: what it comes from has been changed since; ``hint``: what helps."""

    text: str
    stale: bool
    hint: str


def _other(key: str, value: str, process: Process, around: Around, ask: Ask) -> Iterator[RunningValue]:
    """A value that is not the wanted one, or of a variable of which none is wanted."""
    wanted = around.wanted.get(key)
    judged = ask(key, value, str(around.site.python) if around.site else None)
    told = OVERRIDE_KEY.fullmatch(key) is not None or judged.worth_saying
    if wanted is None and not judged.harmful:
        if told and value:
            yield RunningValue(key, InProcess.OK, value, None, _origin(key, value, process, around).text, judged.reason)
        return
    origin = _origin(key, value, process, around)
    verdict = InProcess.STALE if origin.stale else InProcess.EMPTY if value == "" else InProcess.WRONG
    why = f"{judged.said}; " if judged.harmful else ""
    yield RunningValue(key, verdict, value, wanted, origin.text, f"{why}{origin.hint}")


def _origin(key: str, value: str, process: Process, around: Around) -> _Origin:
    """The first that explains it: its unit, the scripts that start it, its container, its manager, who started it."""
    again = _again(around)
    lines = [line for line in around.unit if line.key == key]
    if exact := _exact(lines, value):
        return _Origin(exact, False, f"change it there, then {again}")
    if newer := next((line for line in lines if line.since > process.started + TICK), None):
        return _Origin(f"an earlier {newer.where}, which says {newer.value!r} now", True, again)
    if exact := _exact([line for line in around.launchers if line.key == key], value):
        return _Origin(f"{exact} (a script that starts it)", False, "change it there, then start it again")
    if around.container is not None or process.abroad:
        return _of_container(key, value, around, again)
    if around.block.get(key) == value and not _exact([x for x in around.starts if x.key == key], value):
        text = f"the environment of the manager of {'the system' if around.place.of_system else around.user}'s services"
        hint = f"`{_systemctl(around)} unset-environment {key}`, then {again}"
        return _Origin(
            f"{text} (a session imported it, or set-environment)", _renewed(key, around) > process.started, hint
        )
    return _handed_on(key, value, process, around, again)


def _of_container(key: str, value: str, around: Around, again: str) -> _Origin:
    box = around.container
    if box is None:
        return _Origin(f"{BY_ITSELF}, in another namespace", False, "change it where that is started")
    lines = [line for line in around.starts if line.key == key]
    if inside := next((a for a in box.variables if (a.key, a.value) == (key, value)), None):
        text = f"ENV of the image {box.image} ({box.place}:{inside.line})"
        return _Origin(text, False, f"give --env {key}=… or another image, and create {box.name} anew")
    text = _exact(lines, value) or f"the command that created the container {box.name}"
    hint = f"create {box.name} anew: its environment is fixed (`podman inspect -f '{{{{.Config.CreateCommand}}}}' {box.name}`)"
    return _Origin(text, False, hint)


def _handed_on(key: str, value: str, process: Process, around: Around, again: str) -> _Origin:
    """From an ancestor, by the oldest that has it; a start-up file that still says so is where it is from."""
    had = [process]
    for elder in around.elders:
        if elder.variables is None or elder.variables.get(key) != value:
            break
        had.append(elder)
    oldest, lines = had[-1], [line for line in around.starts if line.key == key]
    by = f"{oldest.name} (pid {oldest.pid}, started {_clock(oldest.started)})"
    server = SERVERS.get(oldest.name, "").format(key)
    if exact := _exact(lines, value):
        text = f"{exact}, handed on by {by}" if oldest is not process else exact
        return _Origin(text, False, f"remove it there, then {server or again}")
    if oldest is not process:
        return _Origin(
            f"inherited from {by}", oldest.started + TICK < _renewed(key, around), server or f"end that one, or {again}"
        )
    if around.changed > process.started + TICK:
        return _Origin(f"its unit as it was: its files have changed since {_clock(process.started)}", True, again)
    parent = around.elders[0] if around.elders else None
    text = f"{BY_ITSELF} ({parent.name}, pid {parent.pid})" if parent else BY_ITSELF
    server = SERVERS.get(parent.name, "").format(key) if parent else ""
    return _Origin(text, False, server or f"look into what starts it, then {again}")


def _renewed(key: str, around: Around) -> float:
    """When what would give it now was last changed."""
    hook = around.hook.since if around.hook and key in around.hook.sets else 0.0
    return max([hook, *(line.since for line in around.starts if line.key == key)])


def _exact(lines: Sequence[Line], value: str) -> str:
    """Where just this value is set; else where one is computed that could be it. "" where nowhere."""
    plain = [line.where for line in lines if default_of(line.key, line.value) == value]
    computed = [line.where for line in lines if {"$", "`", "{"} & set(line.value)]
    return ", ".join(dict.fromkeys(plain[-3:])) or ", ".join(f"{where} (computed there)" for where in computed[-1:])


def _missing(key: str, wanted: str, process: Process, around: Around) -> RunningValue:
    """Stale where what would give it now is younger than the program, or than who started it."""
    again = _again(around)
    sources = [line for line in (*around.unit, *around.starts) if (line.key, line.value) == (key, wanted)]
    login = [process, *(elder for elder in around.elders if elder.uid == process.uid)]
    first = min(login, key=lambda each: each.started) if around.place.session else process
    if late := next((line for line in sources if line.since > first.started + TICK), None):
        began = "it" if first is process else f"{first.name} (pid {first.pid})"
        hint = SERVERS.get(first.name, again).format(key)
        return RunningValue(key, InProcess.STALE, None, wanted, f"{began} began before {late.where} was there", hint)
    unit = around.place.service
    hint = (
        f"start-up files do not reach a service: `{_systemctl(around)} edit {unit}`"
        if unit
        else f"set it, then {again}"
    )
    if around.container is not None:
        hint = f"create {around.container.name} anew with --env {key}={wanted}"
    return RunningValue(key, InProcess.MISSING, None, wanted, "nothing that reaches it sets it", hint)


def _systemctl(around: Around) -> str:
    return "sudo systemctl" if around.place.manager is None else "systemctl --user"


def _again(around: Around) -> str:
    """How it gets what is set now."""
    unit = around.place.service
    if around.container is not None and not unit:
        return f"create the container {around.container.name} anew"
    if unit is None:
        return "start it again from a new login"
    ctl = _systemctl(around)
    return f"`{f'{ctl} daemon-reload && ' if around.reload else ''}{ctl} restart {unit}`"


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
