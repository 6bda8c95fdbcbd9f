"""``verify --running``, judged on processes made by hand; real ones are in tests/system/test_running_programs.py."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from check_samples import BOOK, NAVI22, facts, put

from rdna_installer import codec
from rdna_installer.amd.case import Judged, case_of
from rdna_installer.amd.judge import judge_setting
from rdna_installer.check.running import NO_SITE, Around, Hook, InProcess, Place, judge_process, place_of
from rdna_installer.check.wanted import InForce
from rdna_installer.detect.dotfiles import MOST, Assignment, FoundAssignment
from rdna_installer.detect.running import Process, Running, container_of, find_running
from rdna_installer.machine import asuser
from rdna_installer.machine.bounds import Limits
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Report, Status
from rdna_installer.workflow import running

KEY = "HSA_OVERRIDE_GFX_VERSION"
PYTHON = "/home/ann/venv/bin/python"
USER = "/user.slice/user-1000.slice/user@1000.service"
BASE = Process(
    812, 1, 1000, 1000, (), "python", 1000.0, (PYTHON, "main.py"), "/user.slice/user-1000.slice/session-3.scope"
)
HOOK = Hook(PYTHON, {KEY: "10.3.0"}, True, 500.0, "")


def process(value: str | None = None, elders: tuple[Process, ...] = (), **changes: object) -> Process:
    variables = {} if value is None else {KEY: value}
    return replace(BASE, **{"uses": ("/dev/kfd",), "variables": variables, "elders": elders, **changes})


def line(
    value: str, since: float = 0.0, unit: str | None = None, where: str = "/etc/profile.d/x.sh"
) -> FoundAssignment:
    return FoundAssignment(PurePosixPath(where), where, Assignment(3, KEY, value), unit=unit, since=since)


def ask(key: str, value: str, site: str | None = None) -> Judged:
    return judge_setting(case_of(facts(gpus=(NAVI22,)), BOOK), key, value)


def judged(seen: Process, hook: Hook | None = HOOK, block: Mapping[str, str] = {}, **around: object) -> Check:
    base = Around(place_of(seen), "ann", hook.sets if hook else {KEY: "10.3.0"}, hook, (), None, block, 0.0, False)
    (found,) = [c for c in judge_process(seen, replace(base, **around), ask, ()).checks if c.id == KEY]
    return found


def test_what_the_hook_sets_does_not_show_and_is_there() -> None:
    for value in (None, ""):
        found = judged(process(value))
        assert (found.verdict, found.running) == ("ok", "10.3.0")


@pytest.mark.parametrize(
    ("changes", "hook", "verdict"),
    [
        ({"command": (PYTHON, "-S", "x.py")}, HOOK, InProcess.MISSING),
        ({"variables": {"RDNA_HOOK": "0"}}, HOOK, InProcess.MISSING),
        ({"started": 400.0}, HOOK, InProcess.STALE),
        ({}, replace(HOOK, ok=False, why="gone"), InProcess.MISSING),
        ({}, replace(HOOK, ok=None), InProcess.UNREADABLE),
    ],
)
def test_a_hook_that_is_not_in_force_there(changes: dict[str, object], hook: Hook, verdict: InProcess) -> None:
    assert judged(process(**changes), hook).verdict == verdict.value


def test_what_is_set_wins_over_the_hook() -> None:
    assert judged(process("11.0.0")).verdict == InProcess.WRONG.value


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("-S", "x"), True),
        (("-sS", "x"), True),
        (("-X", "dev", "-S"), True),
        (("-Wignore", "-S"), True),
        (("x.py", "-S"), False),
        (("-c", "-S"), False),
        (("-m", "torch", "-S"), False),
        (("-W", "-S", "x"), False),
        (("-u", "x"), False),
    ],
)
def test_pythons_own_options(words: tuple[str, ...], there: bool) -> None:
    assert bool(NO_SITE.match("\0".join((PYTHON, *words)))) is there


def test_a_file_outranks_the_ancestor_that_handed_it_on() -> None:
    elder = process("11.0.0", pid=7, name="bash", started=900.0)
    found = judged(process("11.0.0", (elder,)), lines=(line("11.0.0"),))
    assert found.verdict == InProcess.WRONG.value
    assert found.source == "/etc/profile.d/x.sh:3, handed on by bash (pid 7)"


@pytest.mark.parametrize(
    ("command", "elders", "unit", "name", "text", "lines"),
    [
        (("/opt/run", "x"), (), "", "opt/run", "#!/bin/sh\nexport {}\n", [2]),
        (("/bin/sh", "-e", "run.sh"), (), "", "srv/app/run.sh", "export {}\n", [1]),
        ((PYTHON,), (("bash", "../app/run.sh"), ("tmux",)), "", "srv/app/run.sh", "#!/bin/sh\n{} x\n", [2]),
        ((PYTHON,), (), "{ path=/x ; argv[]=/bin/env /opt/run ; pid=0 }", "opt/run", "#!/bin/sh\nexport {}\n", [2]),
        (("/opt/run",), (), "", "opt/run", "#!/bin/sh\nunset {}\n", []),
        ((PYTHON, "/opt/run"), (), "", "opt/run", "export {}\n", []),
        (("/bin/sh", "-e", "-u", "/opt/run.sh"), (), "", "opt/run.sh", "export {}\n", []),
    ],
    ids=["the program", "where it works", "of an ancestor", "of the unit", "unset", "no script", "an argument of it"],
)
def test_what_starts_it_is_read(
    tmp_path: Path,
    command: tuple[str, ...],
    elders: tuple[tuple[str, ...], ...],
    unit: str,
    name: str,
    text: str,
    lines: list[int],
) -> None:
    put(tmp_path, name, text.format(f"{KEY}=11.0.0"))
    before = tuple(process(command=words, folder="/srv/app") for words in elders)
    seen = process("11.0.0", before, command=command, folder="/srv/app")
    found = running._scripts(Sysroot(tmp_path), seen, unit)
    assert [(str(each.path), each.assignment.line, each.assignment.value) for each in found] == [
        (f"/{name}", number, "11.0.0") for number in lines
    ]
    if lines:
        assert judged(seen, lines=found).source == f"/{name}:{lines[0]}, a script that starts it"


def test_the_oldest_ancestor_that_had_it() -> None:
    elders = tuple(process(v, pid=n, name=name) for n, (v, name) in enumerate([("1", "a"), ("11.0.0", "b")]))
    assert "set by the program or its launcher, a (pid 0)" in str(judged(process("11.0.0", elders)).source)
    assert "inherited from b (pid 1" in str(judged(process("11.0.0", elders[1:])).source)


def test_stale_only_where_something_changed_after_it_began() -> None:
    service = {"cgroup": "/system.slice/x.service"}
    for since, verdict in ((999.0, InProcess.WRONG), (1001.0, InProcess.STALE)):
        found = judged(process("11.0.0", **service), lines=(line("10.3.0", since, "x.service"),))
        assert found.verdict == verdict.value


def test_missing_because_its_session_is_older_than_the_line() -> None:
    """Somebody else's ancestor (a login's) has read nothing for this user."""
    told = (line("10.3.0", 800.0),)
    shell = process(None, pid=7, name="tmux", started=700.0)
    for elder, verdict in ((shell, InProcess.STALE), (replace(shell, uid=0), InProcess.MISSING)):
        found = judged(process(None, (elder,)), hook=None, lines=told)
        assert found.verdict == verdict.value, found
        assert ("tmux (pid 7) began before" in str(found)) == (verdict is InProcess.STALE)


@pytest.mark.parametrize(
    ("units", "place", "wheres"),
    [
        (["x@1.service", "x@.service"], "x@1.service", [0]),
        (["x@2.service", "x@.service"], "x@1.service", [1]),
        (["x.container", "y.service"], "x.service", [0]),
        (["~x.service", "x.service"], "x.service", [1]),
    ],
)
def test_what_its_unit_sets(units: list[str], place: str, wheres: list[int]) -> None:
    """Of an instance without files of its own its template's."""
    files = tuple(line("1", unit=unit, where=f"/etc/{n}") for n, unit in enumerate(units))
    seen = running._Seen(Sysroot("/nowhere"), facts(), InForce(), files, (), {}, {})
    found = running._of_unit(seen, Place(place, None, None), facts().user)
    assert [each.where for each in found] == [f"/etc/{n}:3" for n in wheres]


def test_the_rows_stand_behind_what_was_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(running, "find_running", lambda root: Running((), (), 0))
    first = Check("x", Status.OK)
    report = running.with_running(
        Report((first,), False, None), Sysroot(tmp_path), replace(facts(), live=True), InForce(), lambda *_: None
    )
    assert report.checks[0] == first


def test_thousands_of_variables_are_not_all_listed_and_it_is_said() -> None:
    """Those of single cards come last: none of them hides the one for all."""
    many = {f"{KEY}_{number}": "9.9.9" for number in range(3000)}
    seen = process(variables={**many, KEY: "11.0.0", "HSA_XNACK": "2"})
    base = Around(place_of(seen), "ann", {}, None, (), None, {}, 0.0, False)
    checks = judge_process(seen, base, ask, ()).checks
    assert len(checks) <= MOST + 1 and KEY in [check.id for check in checks]
    said = (checks[-1].id, checks[-1].status, checks[-1].running)
    assert said == ("variables", Status.UNKNOWN, "2962 of 3002 more were not looked at")
    few = judge_process(process(variables={KEY: "11.0.0"}), base, ask, ()).checks
    assert [check.id for check in few] == [KEY]


def test_what_cannot_be_read_is_no_pass() -> None:
    found = judged(process(variables=None, closed="not readable: unknown, run with sudo"))
    assert (found.status.value, found.hint) == ("unknown", "not readable: unknown, run with sudo")


@pytest.mark.parametrize(
    ("cgroup", "place"),
    [
        ("/system.slice/ollama.service", Place("ollama.service", None, None)),
        ("/system.slice/cron.service", Place(None, None, "cron.service")),
        (f"{USER}/app.slice/comfy.service", Place("comfy.service", 1000, None)),
        (f"{USER}/tmux-spawn-1.scope", Place(None, 1000, "tmux-spawn-1.scope")),
        ("/user.slice/user-1000.slice/session-3.scope", Place(None, None, "session-3.scope")),
        ("/system.slice/o.service/libpod-payload-0a", Place("o.service", None, None)),
        ("/", Place(None, None, "no unit")),
    ],
)
def test_where_it_runs(cgroup: str, place: Place) -> None:
    assert place_of(replace(BASE, cgroup=cgroup)) == place


def proc(root: Path, pid: int, parent: int = 1, state: str = "S", flags: int = 0, **files: str | bytes) -> Path:
    fields = [state, str(parent), *["0"] * 4, str(flags), *["0"] * 12, "100", *["0"] * 10]
    put(root, f"/proc/{pid}/stat", f"{pid} (a) b) {' '.join(fields)}")
    put(root, f"/proc/{pid}/status", "Uid:\t5\t6\t5\t5\nGid:\t7\t8\t7\t7\nGroups:\t44 109 \n")
    for name, content in {"maps": "", "environ": "", "cmdline": "x\0", "comm": "x\n", **files}.items():
        put(root, f"/proc/{pid}/{name}", content)
    return root


def test_a_process_is_read_whole(tmp_path: Path) -> None:
    proc(tmp_path, 1)
    proc(tmp_path, 50, comm="bash\n")
    maps = "7f0-7f1 r-xp 0 0:0 1   /opt/x y/libamdhip64.so.6 (deleted)\n7f2-7f3 rw-p 0 0:0 0\n"
    old = "9:name=systemd:/system.slice/x.service\n0::/\n"
    proc(tmp_path, 60, 50, maps=maps, environ=f"{KEY}=1\0{KEY}=2\0HOME=/x\0", cmdline="a\0\0b\0", cgroup=old)
    for number, target in enumerate(("/dev/kfd", "/dev/dri/renderD128", "/dev/dri/card0")):
        (tmp_path / "proc/60/fd").mkdir(exist_ok=True)
        (tmp_path / f"proc/60/fd/{number}").symlink_to(target)
    put(tmp_path, "/sys/class/drm/renderD128/device/vendor", "0x10de\n")
    found = find_running(Sysroot(tmp_path))
    (seen,) = found.processes
    assert (seen.uid, seen.gid, seen.groups, seen.command) == (6, 8, (44, 109), ("a", "", "b"))
    assert (seen.uses, seen.loaded) == (("/dev/kfd",), ("/opt/x y/libamdhip64.so.6",))
    assert (seen.variables, seen.cgroup) == ({KEY: "1"}, "/system.slice/x.service")
    assert [elder.name for elder in seen.elders] == ["bash"]
    assert found.unseen == 0


def test_what_is_no_program_or_says_nothing(tmp_path: Path) -> None:
    proc(tmp_path, 1)
    proc(tmp_path, 70, state="Z", cmdline="ollama\0")
    proc(tmp_path, 71, flags=0x00200000, cmdline="ollama\0")
    proc(tmp_path, 72, cmdline="/usr/bin/ollama\0serve\0", environ="\0\0\0\0")
    put(tmp_path, "/proc/73/stat", "garbage")
    (seen,) = find_running(Sysroot(tmp_path)).processes
    assert (seen.pid, seen.variables) == (72, None)
    assert "written over" in seen.closed


def test_names_that_are_no_numbers_are_no_processes(tmp_path: Path) -> None:
    proc(tmp_path, 50, maps=b"", cmdline=b"ollama\0serve\0", environ=b"")
    for name in ("\u00b2", "5\u0660", "--5"):
        (tmp_path / "proc" / name).mkdir()
        (tmp_path / "sys/class/kfd/kfd/proc" / name).mkdir(parents=True)
    assert [process.pid for process in find_running(Sysroot(tmp_path)).processes] == [50]


def test_who_hides_may_use_one_unless_the_driver_says_who_does(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    proc(tmp_path, 1)
    (proc(tmp_path, 80) / "proc/80/maps").chmod(0)
    assert find_running(Sysroot(tmp_path)).unseen == 1
    (tmp_path / "sys/class/kfd/kfd/proc").mkdir(parents=True)
    assert find_running(Sysroot(tmp_path)).unseen == 0


def test_dockers_container_and_its_image(tmp_path: Path) -> None:
    number, image = "0a" * 32, "0b" * 32
    put(tmp_path, f"/var/lib/docker/containers/{number}/config.v2.json", f'{{"Name":"/sd","Image":"sha256:{image}"}}')
    config = f'{{"config":{{"Env":["PATH=/bin","{KEY}=11.0.0"]}}}}'
    put(tmp_path, f"/var/lib/docker/image/overlay2/imagedb/content/sha256/{image}", config)
    box = container_of(Sysroot(tmp_path), process(cgroup=f"/system.slice/docker-{number}.scope"))
    assert box is not None
    assert box.name == "sd"
    assert judged(process("11.0.0"), None, box=box).source == f"ENV of the image {image[:12]}"


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root waits for his own only")
def test_a_process_that_answers_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command line or variables may lie on a file system that its owner serves, or not."""
    monkeypatch.setattr(asuser, "LOOK", Limits(total=1.0, report=1 << 20))
    monkeypatch.setattr(running, "find_running", lambda root: time.sleep(600))
    here, begun = replace(facts(), live=True), time.monotonic()
    report = running.with_running(Report((), False, None), Sysroot(tmp_path), here, InForce(), lambda *given: None)
    assert time.monotonic() - begun < 100
    (check,) = report.checks
    assert (check.id, check.status, report.ok) == ("running", Status.UNKNOWN, False)
    assert "no answer in time" in (check.running or "")


@pytest.mark.processes
def test_what_a_child_read_comes_back_whole(tmp_path: Path) -> None:
    family = (process("10.3.0"), process(None, name="tmux"))
    told = Running((process("9.0.0", family, loaded=("/x/libamdhip64.so.6",)),), (process(),), 3)
    assert codec.decode_as(Running, codec.encode_as(Running, told), "answer") == told
