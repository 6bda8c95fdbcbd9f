"""The main job on a real Debian 12: kmod, initramfs-tools and a Debian kernel, from install.sh to the initrd and back.

A chroot shares the kernel of this machine: its boot id and command line are what the program sees there.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import debian_root
import pytest
from debian_machine import NOBODY, Machine, Terminal
from debian_tree import Entry, differences, snapshot

pytestmark = pytest.mark.system

CONF = "/etc/modprobe.d/rdna-installer.conf"
OPTIONS = "options amdgpu noretry=1 vm_fragment_size=9 vm_update_mode=0"
SYSTEM = ("/etc", "/usr", "/var/lib")
COMPLETIONS = ("bash-completion", "zsh", "fish")
# The program stays where an apply fails or is taken back; its own uninstall is tested in tests/packaging/test_menu.py.
OURS = ("/var/lib/rdna-installer", "/usr/local/bin/rdna-installer", *(f"/usr/local/share/{c}" for c in COMPLETIONS))
LAYERED = ("--full", "--yes", "--gfx", "gfx1010", "--profile", "layered")
AMD = [path for path in Path("/sys/class/drm").glob("card*/device/vendor") if path.read_text().strip() == "0x1002"]


def kernel(machine: Machine) -> str:
    return next(path.name for path in machine.path("/lib/modules").iterdir())


def image(machine: Machine) -> str:
    return f"/boot/initrd.img-{kernel(machine)}"


def inside_image(machine: Machine, path: str) -> bytes | None:
    """A file's bytes as the initrd has them, None when it is not inside."""
    folder = "/tmp/unpacked"
    machine.must("rm", "-rf", folder)
    machine.must("unmkinitramfs", image(machine), folder)
    unpacked = machine.path(folder)
    found = (unpacked / path.lstrip("/"), unpacked / "main" / path.lstrip("/"))
    content = next((p.read_bytes() for p in found if p.is_file()), None)
    machine.must("rm", "-rf", folder)
    return content


def whole(machine: Machine) -> dict[str, Entry]:
    """Everything that must come back. Left out: our own state and command, and initramfs-tools' own note of the
    checksum of an image that it rebuilt."""
    return snapshot(machine.root, SYSTEM, (*OURS, f"/var/lib/initramfs-tools/{kernel(machine)}"))


def unchanged(machine: Machine, before: dict[str, Entry]) -> None:
    assert differences(before, whole(machine)) == []


class TestTheWholeJob:
    """In the order of the day; each step needs the one before."""

    before: dict[str, Entry]

    def test_full_installation(self, lasting_machine: Machine) -> None:
        type(self).before = whole(lasting_machine)
        assert inside_image(lasting_machine, CONF) is None
        done = lasting_machine.install(*LAYERED)
        assert done.returncode == 0, done.stdout + done.stderr
        assert OPTIONS in lasting_machine.path(CONF).read_text().splitlines()
        assert len([*lasting_machine.path("/opt").rglob("knowledge/data/rules/*.json")]) > 3  # parsed once, here

    def test_the_initrd_has_it_byte_for_byte(self, lasting_machine: Machine) -> None:
        assert inside_image(lasting_machine, CONF) == lasting_machine.path(CONF).read_bytes()

    def test_modprobe_merges_it(self, lasting_machine: Machine) -> None:
        merged = [line for line in lasting_machine.must("modprobe", "-c").splitlines() if "options amdgpu" in line]
        assert OPTIONS in merged

    def test_verify_says_a_reboot_is_pending(self, lasting_machine: Machine) -> None:
        done = lasting_machine.run("rdna-installer", "verify", "--json")
        report = json.loads(done.stdout)
        assert report["reboot_pending"] is True, done.stdout
        # No GPU is in this root: the device checks say so, and rightly fail.
        others = [c for c in report["checks"] if not c["id"].startswith("device:")]
        assert {c["status"] for c in others} <= {"ok", "pending-reboot", "not-applicable"}, done.stdout

    def test_applying_again_changes_nothing(self, lasting_machine: Machine) -> None:
        done = lasting_machine.run("rdna-installer", "plan", "--detailed-exitcode", *LAYERED[2:])
        assert done.returncode == 0, done.stdout + done.stderr

    def test_the_program_belongs_to_root_and_to_no_one_else(self, lasting_machine: Machine) -> None:
        program = snapshot(lasting_machine.root, ["/opt/rdna-installer"])
        assert {(kind, mode) for kind, mode, *_ in program.values()} == {("d", 0o755), ("-", 0o644)}
        assert {(owner, group) for _, _, owner, group, _ in program.values()} == {(0, 0)}

    def test_rollback_takes_it_out_of_both(self, lasting_machine: Machine) -> None:
        done = lasting_machine.run("rdna-installer", "rollback", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert not lasting_machine.path(CONF).exists()
        assert inside_image(lasting_machine, CONF) is None

    def test_everything_is_as_it_was(self, lasting_machine: Machine) -> None:
        unchanged(lasting_machine, self.before)

    def test_uninstall_leaves_nothing_but_the_history(self, lasting_machine: Machine) -> None:
        done = lasting_machine.install("--uninstall", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert not lasting_machine.path("/opt/rdna-installer").exists()
        assert not lasting_machine.path("/usr/local/bin/rdna-installer").exists()
        unchanged(lasting_machine, self.before)


class TestTheProgram:
    """What install.sh itself puts into place."""

    def test_running_it_again_updates(self, machine: Machine) -> None:
        assert machine.install("--install-only", "--yes").returncode == 0
        stale = machine.path("/opt/rdna-installer/rdna_installer/stale.py")
        stale.write_text("")
        done = machine.install("--install-only", "--yes")
        assert done.returncode == 0, done.stderr
        assert not stale.exists()
        assert not list(machine.path("/opt").glob(".rdna-installer*"))
        assert "rdna-installer" in machine.must("rdna-installer", "--version")

    def test_hostile_python_environment_is_ignored(self, machine: Machine) -> None:
        assert machine.install("--install-only", "--yes").returncode == 0
        machine.path("/tmp/evil").mkdir()
        machine.path("/tmp/evil/click.py").write_text("raise SystemExit(99)")
        machine.must("env", "PYTHONPATH=/tmp/evil", "PYTHONSTARTUP=/tmp/evil/click.py", "rdna-installer", "--version")

    def test_refused_beside_the_debian_package(self, machine: Machine) -> None:
        control = machine.path("/tmp/deb/DEBIAN/control")
        control.parent.mkdir(parents=True)
        control.write_text(
            "Package: rdna-installer\nVersion: 9\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: stub\n"
        )
        machine.must("dpkg-deb", "--build", "/tmp/deb", "/tmp/stub.deb")
        machine.must("dpkg", "-i", "/tmp/stub.deb")
        done = machine.install(*LAYERED)
        assert done.returncode == 3
        assert "sudo rdna-installer apply" in done.stderr
        assert not machine.path("/opt/rdna-installer").exists()

    def test_somebody_elses_program_is_not_replaced(self, machine: Machine) -> None:
        machine.path("/opt/rdna-installer").mkdir()
        done = machine.install("--install-only", "--yes")
        assert (done.returncode, "foreign-program" in done.stderr) == (3, True)

    def test_full_disk_keeps_the_old_program(self, machine: Machine) -> None:
        mount_full_tmpfs(machine, "/opt", kilobytes=300)
        done = machine.install("--install-only", "--yes")
        assert done.returncode == 1, done.stderr
        assert "cannot-install" in done.stderr
        assert list(machine.path("/opt").iterdir()) == []


class TestPythonOnly:
    """An ordinary user, his own venv: no root, no reboot, nothing of the system's touched."""

    SAM = "1000:1000"
    VENV = "/home/sam/venv"
    # The sample machine's torch: the names TheRock's wheel has, and nothing that could run.
    TORCH = "tests/sample/machine/home/sam/venv/lib/python3.11/site-packages"
    # What is proposed depends on the kernel of the machine below this root: the profile is asked for by name.
    OPTIONS = ("--python-only", "--yes", "--gfx", "gfx1010", "--profile", "layered", "--python", VENV)

    @pytest.fixture
    def sams(self, machine: Machine) -> Machine:
        machine.must("useradd", "--create-home", "--uid", "1000", "--shell", "/bin/bash", "sam")
        machine.must("python3", "-m", "venv", "--without-pip", self.VENV)
        machine.must("sh", "-c", f"cp -r {self.TORCH}/* {self.VENV}/lib/python3*/site-packages/")
        machine.must("chown", "-R", self.SAM, "/home/sam")
        return machine

    def as_sam(self, machine: Machine, *command: str) -> subprocess.CompletedProcess[str]:
        return machine.run(*command, user=self.SAM, home="/home/sam")

    def test_there_and_back(self, sams: Machine) -> None:
        system = snapshot(sams.root, (*SYSTEM, "/opt"))
        venv = snapshot(sams.root, [self.VENV])
        done = self.as_sam(sams, "./install.sh", *self.OPTIONS)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "no reboot" in done.stdout
        seen = self.as_sam(sams, f"{self.VENV}/bin/python", "-c", "import _rdna_hook; print(_rdna_hook.applied)")
        assert "AMDGCN_USE_BUFFER_OPS" in seen.stdout, seen.stderr
        assert {owner for _, _, owner, _, _ in snapshot(sams.root, ["/home/sam"]).values()} == {1000}

        program = "/home/sam/.local/bin/rdna-installer"
        status = self.as_sam(sams, program, "status", "--json")
        assert json.loads(status.stdout)["schema"] == 1
        done = self.as_sam(sams, program, "rollback", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert differences(venv, snapshot(sams.root, [self.VENV])) == []
        done = self.as_sam(sams, "./install.sh", "--uninstall", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert not sams.path(program).exists()
        assert differences(system, snapshot(sams.root, (*SYSTEM, "/opt"))) == []

    def test_root_writes_it_with_the_owners_rights(self, sams: Machine) -> None:
        done = sams.install(*self.OPTIONS)
        assert done.returncode == 0, done.stdout + done.stderr
        assert {owner for _, _, owner, _, _ in snapshot(sams.root, ["/home/sam"]).values()} == {1000}


class TestRefused:
    """One clear error, its exit code, nothing changed."""

    @pytest.mark.skipif(bool(AMD), reason="this machine has an AMD GPU")
    def test_no_amd_gpu(self, machine: Machine) -> None:
        before = whole(machine)
        done = machine.install("--full", "--yes")
        assert done.returncode == 3, done.stdout + done.stderr
        assert "--demo" in done.stderr
        assert "--gfx" in done.stderr
        assert not machine.path("/opt/rdna-installer").exists()
        unchanged(machine, before)

    @pytest.mark.parametrize("action", ["--full", "--env-only", "--kernel-only"])
    def test_not_root(self, machine: Machine, action: str) -> None:
        done = machine.install(action, "--yes", "--gfx", "gfx1010", user=NOBODY)
        assert done.returncode == 3
        assert f"sudo ./install.sh {action}" in done.stderr

    def test_nobody_to_ask(self, machine: Machine) -> None:
        done = machine.install("--full", "--gfx", "gfx1010")
        assert done.returncode == 5
        assert "--yes" in done.stderr
        assert not machine.path("/opt/rdna-installer").exists()

    def test_dry_run_changes_nothing(self, machine: Machine) -> None:
        before = whole(machine)
        done = machine.install("--full", "--dry-run", "--gfx", "gfx1010", "--profile", "layered")
        assert done.returncode == 0, done.stderr
        assert {"noretry=1", "vm_fragment_size=9", "vm_update_mode=0", CONF} <= {*done.stdout.split()}
        assert not machine.path("/opt/rdna-installer").exists()
        unchanged(machine, before)

    def test_unknown_option(self, machine: Machine) -> None:
        done = machine.install("--full", "--frobnicate")
        assert (done.returncode, "--frobnicate" in done.stderr) == (2, True)

    def test_read_only_etc(self, machine: Machine) -> None:
        before = whole(machine)
        etc = str(machine.path("/etc"))
        debian_root._mount("--bind", etc, etc)
        debian_root._mount("-o", "remount,bind,ro", etc)
        try:
            done = machine.install(*LAYERED)
        finally:
            debian_root._unmount(Path(etc))
        assert done.returncode == 1, done.stdout + done.stderr
        assert "read-only" in done.stderr
        assert "Traceback" not in done.stderr
        unchanged(machine, before)

    @pytest.mark.parametrize("folder", ["/etc/modprobe.d", "/etc/profile.d", "/var/lib/rdna-installer"])
    def test_full_disk(self, machine: Machine, folder: str) -> None:
        before = whole(machine)
        machine.path(folder).mkdir(exist_ok=True)
        with_filler = mount_full_tmpfs(machine, folder)
        done = machine.install(*LAYERED)
        umount(machine, folder)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "no space left" in done.stderr
        assert "Traceback" not in done.stderr
        assert with_filler == ["filler"]
        unchanged(machine, before)


class TestInterrupted:
    """Ctrl-C on a terminal."""

    def test_at_the_question(self, machine: Machine) -> None:
        before = whole(machine)
        terminal = Terminal(machine.argv("./install.sh", "--full", "--gfx", "gfx1010", "--profile", "layered"))
        terminal.expect("Apply?")
        terminal.type("\x03")
        assert terminal.close() == 130, terminal.seen
        assert "Traceback" not in terminal.seen
        unchanged(machine, before)

    def test_declined(self, machine: Machine) -> None:
        before = whole(machine)
        terminal = Terminal(machine.argv("./install.sh", "--full", "--gfx", "gfx1010", "--profile", "layered"))
        terminal.expect("Apply?")
        terminal.type("n\n")
        assert terminal.close() == 5, terminal.seen
        unchanged(machine, before)

    def test_while_the_image_is_rebuilt(self, machine: Machine) -> None:
        before = whole(machine)
        terminal = Terminal(machine.argv("./install.sh", *LAYERED))
        terminal.expect("update-initramfs: Generating")
        terminal.type("\x03")
        assert terminal.close() == 130, terminal.seen
        assert "Traceback" not in terminal.seen
        assert inside_image(machine, CONF) is None
        unchanged(machine, before)

    def test_menu(self, machine: Machine) -> None:
        terminal = Terminal(machine.argv("./install.sh"))
        terminal.expect("Your choice:")
        terminal.type("42\n")
        terminal.expect("There is no such choice")
        terminal.expect("Your choice:")
        terminal.type("q\n")
        assert terminal.close() == 0, terminal.seen
        # Nothing was applied here: nothing to check or to undo is offered.
        assert "demo" in terminal.seen and "roll back" not in terminal.seen


def mount_full_tmpfs(machine: Machine, folder: str, kilobytes: int = 0) -> list[str]:
    """A small file system with ``kilobytes`` left (0: none), so that writing below ``folder`` fails."""
    target = machine.path(folder)
    debian_root._mount("-t", "tmpfs", "-o", f"size={kilobytes or 16}k,mode=755", "tmpfs", str(target))
    if kilobytes:
        return []
    with (target / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            pass
    return [path.name for path in target.iterdir()]


def umount(machine: Machine, folder: str) -> None:
    debian_root._unmount(machine.path(folder))
