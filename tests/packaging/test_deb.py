"""The Debian package: built twice the same, clean for lintian, and its life from install to purge on a real root."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import debian_root
import pytest
from deb_built import Built, quick_images
from debian_machine import Machine
from debian_tree import Entry, differences, snapshot

pytestmark = pytest.mark.system

CONF = "/etc/modprobe.d/rdna-installer.conf"
TRIAL = "/etc/modprobe.d/rdna-installer-trial.conf"
UNITS = "/usr/lib/systemd/system"
STATE = "/var/lib/rdna-installer"
APPLY = ("rdna-installer", "apply", "--yes", "--gfx", "gfx1010", "--profile", "layered")
SAM = "1000:1000"
VENV = "/home/sam/venv"
TORCH = "tests/sample/machine/home/sam/venv/lib/python3.11/site-packages"
EVERYTHING = ("/etc", "/usr", "/var", "/boot", "/opt", "/root", "/home")
# What debian/tests/control asks for.
AUTOPKGTEST = (
    *debian_root.INITRAMFS_TOOLS.packages,
    *("python3-pytest", "python3-pytest-mock", "python3-hypothesis", "strace", "busybox"),
)
# dpkg's own records (info/ is looked at by itself), logs, and initramfs-tools' note of an image that was rebuilt.
NOT_OURS = ("/var/lib/dpkg", "/var/log", "/var/lib/initramfs-tools", "/home/sam")


def digests(folder: Path) -> dict[str, str]:
    names = [path for path in folder.iterdir() if path.suffix in (".deb", ".xz", ".dsc")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in names}


def image(machine: Machine) -> str:
    (found,) = machine.path("/boot").glob("initrd.img-*")
    return f"/boot/{found.name}"


def listing(machine: Machine) -> list[str]:
    return machine.must("lsinitramfs", image(machine)).splitlines()


def whole(machine: Machine) -> dict[str, Entry]:
    """Everything on the machine; of the boot image, whose bytes differ with its time, the list of its files."""
    found = snapshot(machine.root, EVERYTHING, (*NOT_OURS, image(machine)))
    return found | {"boot image": ("-", 0, 0, 0, "\n".join(listing(machine)))}


def remove_as_told(machine: Machine) -> None:
    """The package refuses beside install.sh's program, and names the commands that remove that one."""
    done = machine.run("dpkg", "-i", "/srv/new.deb")
    assert done.returncode != 0
    assert not machine.path("/usr/share/rdna-installer").exists()
    lines = [line for line in done.stderr.splitlines() if line.strip().startswith("rm ")]
    machine.must("sh", "-ec", "\n".join(lines))


def test_lintian_finds_nothing(built: Built) -> None:
    assert built.lintian == ""


def test_built_again_it_is_the_same_to_the_bit(built: Built, build_machine: Machine) -> None:
    """From its own source package, in another folder, time zone, language and umask."""
    shutil.copytree(built.source, build_machine.path("/srv/built"))
    script = "umask 077; dpkg-source -x /srv/built/*.dsc /srv/again && /srv/again/packaging/build-deb /out/again"
    elsewhere = ("DEB_BUILD_OPTIONS=nocheck", "TZ=Asia/Kathmandu", "LC_ALL=C", "LANGUAGE=de", "TMPDIR=/var/tmp")
    build_machine.must("env", *elsewhere, "sh", "-c", script)
    assert digests(build_machine.path("/out/again")) == digests(built.source)


class TestTheWholeLife:
    """Installed, applied, upgraded, removed, purged: each step needs the one before."""

    before: dict[str, Entry]
    venv: dict[str, Entry]
    told: str
    applied: dict[str, Entry]

    def files_in_force(self, target: Machine) -> dict[str, Entry]:
        return snapshot(target.root, ["/etc", STATE])

    def as_sam(self, target: Machine, *command: str) -> str:
        done = target.run(*command, user=SAM, home="/home/sam")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def test_installed_it_changes_nothing(self, target: Machine) -> None:
        target.must("useradd", "--create-home", "--uid", "1000", "sam")
        target.must("python3", "-m", "venv", "--without-pip", VENV)
        target.must("sh", "-c", f"cp -r {TORCH}/* {VENV}/lib/python3*/site-packages/")
        target.must("chown", "-R", SAM, "/home/sam")
        cls = type(self)
        cls.before, cls.venv = whole(target), snapshot(target.root, [VENV])
        target.must("dpkg", "-i", "/srv/old.deb")
        ours = ("/usr/bin/rdna-installer", "/usr/sbin/rdna-installer-trial", UNITS, "/usr/share/")
        changed = [line.split(":")[0] for line in differences(cls.before, whole(target))]
        assert changed and [path for path in changed if not path.startswith(ours)] == []
        assert target.must("rdna-installer", "--version").split()[-1] == "0.0.1"
        assert target.must("dpkg", "-V", "rdna-installer") == ""
        data = target.path("/usr/share/rdna-installer/rdna_installer/knowledge/data")
        yaml, parsed = ({p.with_suffix("") for p in data.rglob(f"*.{kind}")} for kind in ("yaml", "json"))
        assert yaml == parsed and len(yaml) > 10  # parsed where it was built, not at each start

    def test_nobody_gets_into_the_program(self, target: Machine) -> None:
        target.must("mkdir", "/tmp/evil")
        target.must("sh", "-c", "echo 'raise SystemExit(99)' >/tmp/evil/click.py")
        target.must("env", "PYTHONPATH=/tmp/evil", "sh", "-c", "cd /tmp/evil && rdna-installer --version")

    def test_the_main_job(self, target: Machine) -> None:
        target.must(*APPLY)
        assert "options amdgpu noretry=1" in target.path(CONF).read_text()
        assert CONF[1:] in listing(target)
        self.as_sam(
            target,
            "rdna-installer",
            "apply",
            "--yes",
            "--gfx",
            "gfx1010",
            "--profile",
            "layered",
            "--layer",
            "python",
            "--python",
            VENV,
        )
        assert list(target.path(VENV).glob("lib/python3*/site-packages/rdna_hook.pth"))
        type(self).applied = self.files_in_force(target)

    def test_an_upgrade_and_a_second_installation_keep_it(self, target: Machine) -> None:
        for _ in range(2):
            target.must("dpkg", "-i", "/srv/new.deb")
            assert differences(self.applied, self.files_in_force(target)) == []
        assert target.must("rdna-installer", "--version").split()[-1] != "0.0.1"
        said = target.must("rdna-installer", "status")
        assert "change 1" in said
        assert f"a new apply would change:\n    {CONF}\n" in said, "the older version has another rule"

    def test_removed_it_stays_in_force_and_says_so(self, target: Machine) -> None:
        """Once the change that somebody is just making has ended."""
        busy = f"flock {STATE}/lock sleep 2 & sleep 0.5; dpkg -r rdna-installer"
        done = target.run("sh", "-c", busy)
        assert done.returncode == 0, done.stderr
        assert "waiting for the end of" in done.stderr
        assert "stays in force" in done.stderr and f"remove {CONF}" in done.stderr
        assert "modprobe.blacklist=amdgpu" in done.stderr
        assert not target.path("/usr/share/rdna-installer").exists()
        assert differences(self.applied, self.files_in_force(target)) == []

    def test_installed_again_it_knows_what_is_applied(self, target: Machine) -> None:
        target.must("dpkg", "-i", "/srv/new.deb")
        assert "change 1" in target.must("rdna-installer", "status")
        target.must("dpkg", "-r", "rdna-installer")

    def test_purged_the_machine_is_as_before(self, target: Machine) -> None:
        """Without Python, and with a file that somebody edited."""
        real = target.path("/usr/bin/python3")
        real.rename(real.with_name("python3-away"))
        edited = target.path("/etc/profile.d/rdna-installer.sh")
        edited.write_text("# by somebody\n")
        try:
            done = target.run("dpkg", "-P", "rdna-installer")
        finally:
            real.with_name("python3-away").rename(real)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "update-initramfs -u -k all" in done.stderr
        saved = edited.with_name(f"{edited.name}.rdna-installer-saved")
        assert (
            saved.read_text() == "# by somebody\n"
            and f"kept as {saved.relative_to(target.root)}" in done.stderr.replace("as /", "as ")
        )
        saved.unlink()
        assert differences(self.before, whole(target)) == []
        assert list(target.path("/var/lib/dpkg/info").glob("rdna-installer*")) == []
        assert "the Python layer of sam is not touched" in done.stderr
        told = [line.strip() for line in done.stderr.splitlines() if "~/.local" in line]
        assert len(told) == 1, done.stderr
        type(self).told = told[0]

    def test_sam_removes_his_hook_as_he_was_told(self, target: Machine) -> None:
        self.as_sam(target, "sh", "-c", self.told)
        assert not target.path("/home/sam/.local/state/rdna-installer").exists()
        assert differences(self.venv, snapshot(target.root, [VENV])) == []


class TestAnOlderOne:
    """A downgrade over an open change: the installed program ends it first, or the older one does not come."""

    STUB = "/usr/sbin/update-initramfs"

    def test_it_is_refused_while_a_change_can_not_be_ended(self, target: Machine) -> None:
        target.must("dpkg", "-i", "/srv/new.deb")
        target.must("mv", self.STUB, f"{self.STUB}.real")
        target.path(self.STUB).write_text("#!/bin/sh\ntouch /tmp/began\nsleep 600\n")
        target.path(self.STUB).chmod(0o755)
        killed = f"{' '.join(APPLY)} & n=0; while [ ! -e /tmp/began ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done"
        target.must("sh", "-c", f"({killed}; kill -9 $!; wait $!) >/tmp/said 2>&1 || :")
        assert target.path(f"{STATE}/generations/1/undo.json").exists(), target.must("cat", "/tmp/said")
        target.path(self.STUB).write_text("#!/bin/sh\necho the disk is on fire\nexit 1\n")
        done = target.run("dpkg", "-i", "/srv/old.deb")
        assert done.returncode != 0 and "not replaced by the older 0.0.1" in done.stderr, done
        assert target.must("rdna-installer", "--version").split()[-1] != "0.0.1"
        assert target.must("dpkg-query", "-W", "-f", "${Status}", "rdna-installer") == "install ok installed"

    def test_what_can_be_ended_is_ended_first(self, target: Machine) -> None:
        target.must("mv", f"{self.STUB}.real", self.STUB)
        done = target.run("dpkg", "-i", "/srv/old.deb")
        assert done.returncode == 0, done
        assert target.must("rdna-installer", "--version").split()[-1] == "0.0.1"
        assert target.must("find", STATE, "-name", "undo.json", "-o", "-name", "tx*") == ""
        assert target.must("rdna-installer", "recover") == "nothing to recover\n"


class TestOneCopyOnly:
    """install.sh and the package refuse each other, and the command each names works."""

    def test_the_package_refuses_beside_install_sh(self, target: Machine) -> None:
        assert target.install("--install-only", "--yes").returncode == 0
        remove_as_told(target)
        target.must("dpkg", "-i", "/srv/new.deb")

    def test_install_sh_refuses_beside_the_package(self, target: Machine) -> None:
        done = target.install("--install-only", "--yes")
        assert done.returncode == 3
        assert "sudo rdna-installer apply" in done.stderr
        target.must("apt-get", "remove", "-y", "rdna-installer")
        assert target.install("--install-only", "--yes").returncode == 0

    def test_purge_leaves_the_state_that_install_sh_has_taken_over(self, target: Machine) -> None:
        target.must("mkdir", STATE)
        done = target.run("dpkg", "-P", "rdna-installer")
        assert done.returncode == 0 and "not touched" in done.stderr
        assert target.path(STATE).is_dir()


@pytest.mark.packaging
class TestATrial:
    """Where systemd boots, new kernel options are on trial first; a removed program could not end one."""

    before: dict[str, Entry]

    def test_what_acts_at_boot_is_there_and_sound(self, systemd_target: Machine) -> None:
        systemd_target.must("dpkg", "-i", "/srv/new.deb")
        units = [f"/usr/lib/systemd/system/{path.name}" for path in systemd_target.path(UNITS).glob("rdna-*.service")]
        assert len(units) == 3
        done = systemd_target.run("systemd-analyze", "verify", "--man=no", *units)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
        started = {path.name for path in systemd_target.path(UNITS).glob("*.wants/rdna-*.service") if path.exists()}
        assert started == {unit.rpartition("/")[2] for unit in units}
        type(self).before = snapshot(systemd_target.root, ["/etc"])

    def test_applied_the_boot_image_holds_the_trial_and_the_rescue(self, systemd_target: Machine) -> None:
        said = systemd_target.must(*APPLY)
        assert {CONF[1:], TRIAL[1:], "scripts/init-top/aa-rdna"} <= set(listing(systemd_target)), said

    def test_an_upgrade_does_not_end_it(self, systemd_target: Machine) -> None:
        systemd_target.must("dpkg", "-i", "/srv/new.deb")
        assert systemd_target.path(TRIAL).exists()

    def test_removed_it_is_rolled_back_because_nobody_has_booted_with_it(self, systemd_target: Machine) -> None:
        done = systemd_target.run("dpkg", "-r", "rdna-installer")
        assert done.returncode == 0, done.stderr
        assert "which ends now" in done.stderr and "stays in force" not in done.stderr
        self.is_as_before(systemd_target)

    def test_without_python_the_way_back_is_a_script(self, systemd_target: Machine) -> None:
        systemd_target.must("dpkg", "-i", "/srv/new.deb")
        systemd_target.must(*APPLY)
        systemd_target.must("chmod", "-x", "/usr/bin/rdna-installer")
        systemd_target.must("dpkg", "-r", "rdna-installer")
        self.is_as_before(systemd_target)

    def test_what_install_sh_has_put_there_goes_as_the_package_says(self, systemd_target: Machine) -> None:
        assert systemd_target.install("--install-only", "--yes").returncode == 0
        assert systemd_target.path("/usr/local/sbin/rdna-installer-trial").exists()
        remove_as_told(systemd_target)
        assert systemd_target.must("find", "/usr/local", "/opt", "/etc", "-name", "*rdna*") == ""

    def is_as_before(self, target: Machine) -> None:
        assert differences(self.before, snapshot(target.root, ["/etc"])) == []
        assert not {CONF[1:], TRIAL[1:]} & set(listing(target))


@pytest.mark.packaging
def test_purge_rebuilds_the_image_of_every_kernel(target: Machine) -> None:
    """Also where the newest kernel's is not the only one."""
    (modules,) = target.path("/lib/modules").iterdir()
    older = f"{modules.name}-older"
    quick_images(target)
    target.must("cp", "-a", f"/lib/modules/{modules.name}", f"/lib/modules/{older}")
    for name in ("vmlinuz", "config"):
        target.must("cp", f"/boot/{name}-{modules.name}", f"/boot/{name}-{older}")
    target.must("update-initramfs", "-c", "-k", older)
    target.must("update-initramfs", "-u", "-k", modules.name)
    images = [f"/boot/initrd.img-{name}" for name in (modules.name, older)]
    before = [target.must("lsinitramfs", image) for image in images]
    target.must("dpkg", "-i", "/srv/new.deb")
    target.must(*APPLY)
    assert all(CONF[1:] in target.must("lsinitramfs", image) for image in images)
    target.must("dpkg", "-P", "rdna-installer")
    assert [target.must("lsinitramfs", image) for image in images] == before


@pytest.mark.packaging
def test_the_build_runs_the_tests(build_machine: Machine) -> None:
    build_machine.must("packaging/build-deb", "/out/checked")


@pytest.mark.packaging
@pytest.mark.parametrize("name", ["main-job", "fast"])
def test_autopkgtest(built: Built, name: str) -> None:
    """What autopkgtest would run, on the installed package and the release's own versions."""
    with debian_root.scratch_root(debian_root.Recipe(AUTOPKGTEST, built.suite)) as root:
        machine = Machine(root)
        shutil.copy(built.new, machine.path("/srv/new.deb"))
        quick_images(machine)
        machine.must("dpkg", "-i", "/srv/new.deb")
        machine.must("mkdir", "/tmp/work")
        machine.must("env", "AUTOPKGTEST_TMP=/tmp/work", f"packaging/debian/tests/{name}")


@contextlib.contextmanager
def fresh_system(suite: str) -> Iterator[Machine]:
    """Next to nothing, and apt that works."""
    with debian_root.scratch_root(debian_root.Recipe(("apt",), suite)) as root:
        machine = Machine(root)
        for file in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copy(file, machine.path(file))
        machine.path("/etc/apt/apt.conf.d/00test").write_text("".join(f"{x}\n" for x in debian_root._proxies()))
        machine.must("apt-get", "-q", "update")
        yield machine


@pytest.mark.packaging
def test_one_command_builds_it_from_a_clone(built: Built) -> None:
    """It installs what it needs, and what comes out does not depend on what else is there."""
    with fresh_system(built.suite) as machine:
        options = ("DEB_BUILD_OPTIONS=nocheck", "DEB_BUILD_PROFILES=nocheck")
        machine.must("env", *options, "packaging/build-deb", "--install-missing", "/out/clone")
        (deb,) = machine.path("/out/clone").glob("*.deb")
        assert deb.read_bytes() == built.new.read_bytes()


@pytest.mark.packaging
def test_a_fresh_system_has_all_it_needs(built: Built) -> None:
    """apt finds every dependency in the distribution; purged, nothing of ours is left."""
    with fresh_system(built.suite) as machine:
        shutil.copy(built.new, machine.path("/srv/new.deb"))
        machine.must("apt-get", "-q", "install", "-y", "--no-install-recommends", "/srv/new.deb")
        assert "nothing applied" in machine.must("rdna-installer", "status")
        machine.must("apt-get", "-q", "purge", "-y", "rdna-installer")
        ours = machine.must(
            "find", "/", "-xdev", "-name", "*rdna*", "-not", "-path", "/srv/*", "-not", "-path", "/proc/*"
        )
        assert ours.split() == []
