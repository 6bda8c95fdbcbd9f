"""The script of rdna-installer-trial.service: with a root of its own, and modprobe and mount that only say they ran."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
SCRIPT = TEMPLATES / "systemd/rdna-installer-trial"


def _finds_stubs(shell: str) -> bool:
    """Whether it is here and looks into PATH: Debian's busybox-static runs its own mount and modprobe first."""
    if shell != "busybox":
        return shutil.which(shell) is not None
    if shutil.which(shell) is None:
        return False
    done = subprocess.run([shell, "sh", "-c", "PATH=/nonexistent; true; ls /"], check=False, capture_output=True)
    return done.returncode != 0


SHELLS = [shell for shell in ("sh", "dash", "bash", "busybox") if _finds_stubs(shell)]
LOAD = "modprobe --ignore-install amdgpu"

pytestmark = pytest.mark.processes


@dataclass
class Machine:
    root: Path

    @property
    def counter(self) -> Path:
        return self.root / "var/lib/rdna-installer/trial.boots"

    @property
    def load(self) -> list[str]:
        """How the load of the boot at hand stands on the disk: its boot, then the words."""
        file = self.root / "var/lib/rdna-installer/trial.load"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def conf(self) -> Path:
        return self.root / "etc/modprobe.d/rdna-installer.conf"

    def boot(self, name: str, cmdline: str = "quiet", shell: str = "sh") -> list[str]:
        """A boot: /run is empty; returns what was run and said."""
        shutil.rmtree(self.root / "run", ignore_errors=True)
        (self.root / "run").mkdir()
        (self.root / "proc/sys/kernel/random/boot_id").write_text(f"{name}\n")
        (self.root / "proc/cmdline").write_text(f"{cmdline}\n")
        return self.again(shell)

    def again(self, shell: str = "sh") -> list[str]:
        argv = [shell, "sh"] if shell == "busybox" else [shell]
        path = f"{self.root / 'stubs'}:{os.environ['PATH']}"
        done = subprocess.run(
            [*argv, str(SCRIPT), str(self.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
            env={"PATH": path},
        )
        return done.stdout.replace(str(self.root), "").splitlines()

    @property
    def note(self) -> str:
        return (self.root / "run/rdna-installer/trial").read_text().strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for folder in ("etc/modprobe.d", "var/lib/rdna-installer", "proc/sys/kernel/random", "stubs"):
        (tmp_path / folder).mkdir(parents=True)
    made = Machine(tmp_path)
    made.conf.write_text("options amdgpu noretry=1\n")
    for tool in ("modprobe", "mount"):
        stub(made, tool, f'echo "{tool} $*"')
    return made


def stub(machine: Machine, tool: str, code: str) -> None:
    path = machine.root / "stubs" / tool
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("shell", SHELLS)
def test_two_boots_and_at_the_third_the_options_are_gone(machine: Machine, shell: str) -> None:
    for number, name in enumerate(("a", "b"), 1):
        said = machine.boot(name, shell=shell)
        assert said[0].endswith(f"trial boot {number} of 2: loading amdgpu with the new options")
        assert (said[1], machine.note) == (LOAD, "counted")
    said = machine.boot("c", shell=shell)
    assert said[1:3] == ["mount --bind /dev/null /etc/modprobe.d/rdna-installer.conf", LOAD]
    assert (machine.note, machine.counter.read_text()) == ("limit", "a\nb\n")


def test_it_is_counted_before_amdgpu_is_loaded(machine: Machine) -> None:
    stub(machine, "modprobe", f"cat {machine.counter}; kill -9 $PPID")
    with pytest.raises(subprocess.CalledProcessError) as died:
        machine.boot("a")
    assert died.value.stdout.splitlines()[-1] == "a"
    assert machine.counter.read_text() == "a\n"


def test_never_twice_in_one_boot(machine: Machine) -> None:
    machine.boot("a")
    assert machine.again() == []
    assert machine.counter.read_text() == "a\n"


def test_a_clock_that_jumps_and_a_boot_counted_already_change_nothing(machine: Machine) -> None:
    machine.boot("a")
    os.utime(machine.counter, (0, 0))
    shutil.rmtree(machine.root / "run/rdna-installer")
    machine.again()
    assert (machine.counter.read_text(), machine.note) == ("a\n", "counted")


@pytest.mark.parametrize("left", ["a\nb", "a\nb\n\n", "a\nb\n\0\0\0", "a\nb\nc\nd\n"])
def test_a_damaged_counter_errs_on_the_safe_side(machine: Machine, left: str) -> None:
    machine.counter.write_text(left)
    machine.boot("x")
    assert machine.note == "limit"


def test_a_number_cut_off_is_not_glued_to_the_next(machine: Machine) -> None:
    machine.counter.write_text("aaaa-bb")
    machine.boot("x")
    assert machine.counter.read_text() == "aaaa-bb\nx\n"


@pytest.mark.parametrize("spoil", ["unwritable", "sync", "folder"])
def test_a_boot_that_cannot_be_counted_goes_without_the_options(machine: Machine, spoil: str) -> None:
    if spoil == "unwritable":
        machine.counter.mkdir()
    elif spoil == "sync":
        stub(machine, "sync", "exit 1")
    else:
        machine.counter.parent.rmdir()
    said = machine.boot("a")
    assert (machine.note, LOAD in said) == ("uncounted", True)
    assert any(line.startswith("mount --bind") for line in said)


def test_the_switch_takes_the_options_out_and_counts_nothing(machine: Machine) -> None:
    said = machine.boot("a", "quiet rdna_installer=off splash")
    assert (machine.note, machine.counter.exists()) == ("rescue", False)
    assert said[1].startswith("mount --bind") and said[2] == LOAD
    assert machine.boot("b", "rdna_installer=offline xrdna_installer=off")[1] == LOAD
    assert machine.note == "counted"


@pytest.mark.parametrize("word", ["modprobe.blacklist=amdgpu", "module_blacklist=nouveau,amdgpu"])
def test_who_boots_without_amdgpu_gets_none(machine: Machine, word: str) -> None:
    said = machine.boot("a", f"quiet {word}")
    assert (machine.note, machine.counter.exists()) == ("blacklisted", False)
    assert not [line for line in said if line.startswith(("modprobe", "mount"))]


def test_where_nothing_can_be_mounted_the_file_goes(machine: Machine) -> None:
    stub(machine, "mount", "exit 32")
    machine.boot("a", "rdna_installer=off")
    assert not machine.conf.exists()


def test_where_it_cannot_go_either_modprobe_reads_no_configuration(machine: Machine) -> None:
    stub(machine, "mount", "exit 32")
    stub(machine, "rm", "exit 1")
    assert "modprobe -C /dev/null --ignore-install amdgpu" in machine.boot("a", "rdna_installer=off")


def test_a_load_that_fails_is_said(machine: Machine) -> None:
    stub(machine, "modprobe", "exit 1")
    assert machine.boot("a")[-1] == "rdna-installer: amdgpu did not load (modprobe: 1)"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("code", "how"),
    [("exit 0", "ended 0"), ("exit 1", "ended 1"), ("kill -9 $$", "signal 9"), ("kill $$", "signal 15")],
)
def test_how_the_load_ended_is_on_the_disk(machine: Machine, shell: str, code: str, how: str) -> None:
    stub(machine, "modprobe", code)
    said = machine.boot("a", shell=shell)
    assert machine.load == [f"a {how}"]
    assert any("amdgpu is loaded" in line for line in said) == (how == "ended 0")


def test_a_load_that_does_not_end_is_on_the_disk_as_begun(machine: Machine) -> None:
    stub(machine, "modprobe", f"cat {machine.root}/var/lib/rdna-installer/trial.load; kill -9 $PPID")
    with pytest.raises(subprocess.CalledProcessError):
        machine.boot("a")
    assert machine.load == ["a started"]
    stub(machine, "modprobe", "exit 0")
    machine.boot("b")
    assert machine.load == ["b ended 0"]


def test_it_is_on_the_disk_before_the_load_and_after_it(machine: Machine) -> None:
    for tool in ("sync", "modprobe"):
        stub(machine, tool, f'echo "{tool}" $(cut -d " " -f 2 {machine.root}/var/lib/rdna-installer/trial.load)')
    assert [line for line in machine.boot("a") if line.split()[0] in ("sync", "modprobe")] == [
        "sync started",
        "modprobe started",
        "sync ended",
    ]


@pytest.mark.parametrize("cmdline", ["rdna_installer=off", "modprobe.blacklist=amdgpu"])
def test_a_load_without_the_options_says_nothing_of_them(machine: Machine, cmdline: str) -> None:
    machine.boot("a", cmdline)
    assert machine.load == []


def test_the_programs_limit_is_the_scripts() -> None:
    from rdna_installer.plan.trial import LIMIT

    assert f"\nlimit={LIMIT}\n" in SCRIPT.read_text()
