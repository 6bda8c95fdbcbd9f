"""What the system lacks: by apt where apt is, recorded before it is done, never a line of its sources edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import Finished
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import system_steps
from rdna_installer.workflow.system_steps import Added, Lack, add, added, commands_of, take_away, to_take_away

SOURCES = "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sysroot:
    """A Debian, with an apt-get that says what it is asked for."""
    for name in ("etc/apt/sources.list.d", "var/lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc/debian_version").write_text("13.1\n")
    (tmp_path / "etc/os-release").write_text("ID=debian\n")
    (tmp_path / "etc/group").write_text("render:x:104:\nvideo:x:44:\n")
    (tmp_path / "etc/apt/sources.list.d/debian.sources").write_text(SOURCES)
    monkeypatch.setattr(system_steps, "find", lambda tool: f"/usr/bin/{tool}")
    return Sysroot(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    words: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Finished:
        words.append(list(argv))
        said = {"-s": b"Inst python3.13-venv (3)\nInst python3-venv (3)\nConf x\n", "policy": b"  Candidate: (none)\n"}
        return Finished(0, next((text for word, text in said.items() if word in argv), b""), b"")

    monkeypatch.setattr(system_steps, "run", run)
    return words


def facts(real: bool, container: str | None = None) -> object:
    from types import SimpleNamespace

    from rdna_installer.model import GfxSource

    gpu = SimpleNamespace(source=GfxSource.KFD if real else GfxSource.GIVEN)
    user = SimpleNamespace(uid=1000, name="sam", groups=frozenset({"video"}))
    return SimpleNamespace(gpus=(gpu,), user=user, container=container)


def test_what_is_missing_on_debian(root: Sysroot, asked: list[list[str]]) -> None:
    found = {lack.what: lack for lack in system_steps._lacking(root, facts(True), pip=False)}  # type: ignore[arg-type]
    assert [*found] == ["python3-venv", "firmware-amd-graphics", "group render"]
    assert found["python3-venv"].command == "apt-get --no-install-recommends install python3-venv"
    assert found["firmware-amd-graphics"].argv == ()  # apt does not offer it: the line is shown
    line = "/etc/apt/sources.list.d/debian.sources: Components: main non-free-firmware"
    assert line in found["firmware-amd-graphics"].why
    assert found["group render"].command == "usermod -aG render sam"
    assert root.read_text("/etc/apt/sources.list.d/debian.sources") == SOURCES


def test_what_is_said_to_who_may_not_do_it(root: Sysroot, asked: list[list[str]]) -> None:
    """The exact command; where there is none, what the reader has to do."""
    said = [lack.said for lack in system_steps._lacking(root, facts(True), pip=False)]  # type: ignore[arg-type]
    assert said == [
        "missing: python3-venv: it brings the pip that installs: "
        "sudo apt-get --no-install-recommends install python3-venv",
        "missing: firmware-amd-graphics: the card does not start without it; first put this into "
        "/etc/apt/sources.list.d/debian.sources: Components: main non-free-firmware",
        "missing: group render: sam has to be in it to use the card; log in again then: sudo usermod -aG render sam",
    ]


@pytest.mark.parametrize(
    ("tool", "typed"),
    [
        ("dnf", "dnf install amd-gpu-firmware"),
        ("pacman", "pacman -S linux-firmware-amdgpu"),
        ("zypper", "zypper install kernel-firmware-amdgpu"),
    ],
)
def test_elsewhere_the_command_is_for_the_reader(
    root: Sysroot, monkeypatch: pytest.MonkeyPatch, tool: str, typed: str
) -> None:
    root.path("/etc/debian_version").unlink()
    monkeypatch.setattr(system_steps, "find", lambda name: f"/usr/bin/{name}" if name == tool else None)
    firmware, _ = system_steps._lacking(root, facts(True), pip=True)  # type: ignore[arg-type]
    assert (firmware.argv, firmware.said.endswith(f"the card does not start without it: sudo {typed}")) == ((), True)


def test_in_a_container_firmware_and_groups_are_the_hosts(root: Sysroot, asked: list[list[str]]) -> None:
    assert [*system_steps._lacking(root, facts(True, "docker"), pip=True)] == []  # type: ignore[arg-type]


def test_a_card_that_was_only_named_needs_nothing(root: Sysroot, asked: list[list[str]]) -> None:
    assert [*system_steps._lacking(root, facts(False), pip=True)] == []  # type: ignore[arg-type]


def test_recorded_before_it_is_done_and_taken_away(root: Sysroot, asked: list[list[str]]) -> None:
    lacks = (
        Lack("python3-venv", "", (*system_steps.APT, "python3-venv")),
        Lack("group render", "", ("usermod", "-aG", "render", "sam")),
    )
    add(root, lacks)
    assert added(root) == Added(("python3.13-venv", "python3-venv"), (("sam", "render"),))
    commands = commands_of(added(root))
    assert commands == (("apt-get", "purge", "python3.13-venv", "python3-venv"), ("gpasswd", "-d", "sam", "render"))
    asked.clear()
    take_away(commands)
    assert asked[0][:3] == ["apt-get", "-y", "purge"] and asked[1] == ["gpasswd", "-d", "sam", "render"]


def test_what_came_since_and_needs_it_keeps_it(root: Sysroot, monkeypatch: pytest.MonkeyPatch) -> None:
    """b is needed by "theirs", which is not ours; gone is removed, never is not known; sam has left the group."""
    needs = {"a": ["a"], "b": ["b", "theirs"], "c": ["c", "a"], "gone": ["gone"]}

    def run(argv: list[str], **_: object) -> Finished:
        if argv[0] == "dpkg-query":
            return Finished(1, b"ii a\nii b\nhi c\nrc gone\n", b"no packages found matching never")
        lines = sorted({f"Remv {name} [1]" for asked in argv[3:] for name in needs[asked]})
        return Finished(0, "\n".join(lines).encode(), b"")

    known = Added(("a", "b", "c", "gone", "never"), (("sam", "render"), ("eve", "video")))
    monkeypatch.setattr(system_steps, "run", run)
    monkeypatch.setattr(system_steps, "added", lambda _: known)
    monkeypatch.setattr(system_steps.os, "geteuid", lambda: 0)
    monkeypatch.setattr(root, "live", True)
    monkeypatch.setattr(root, "read_optional", lambda _: "render:x:104:\nvideo:x:44:al,eve\n")
    commands, kept = to_take_away(root)
    assert commands == (("apt-get", "purge", "a", "c"), ("gpasswd", "-d", "eve", "video"))
    assert kept == ("b",)


def test_a_tool_that_fails_says_so(root: Sysroot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_steps, "run", lambda argv, **_: Finished(100, b"", b"E: no network\n"))
    with pytest.raises(RdnaError) as caught:
        add(root, (Lack("python3-venv", "", (*system_steps.APT, "python3-venv")),))
    assert (caught.value.reference, caught.value.context) == ("step-failed", "E: no network")
