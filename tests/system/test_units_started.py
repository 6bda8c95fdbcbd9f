"""Our units under a real systemd: what they hide is hidden from the whole machine; the boot check can do its work."""

from __future__ import annotations

import re
from collections.abc import Iterator

import booted
import debian_root
import pytest
from booted import Booted
from debian_machine import Machine

pytestmark = pytest.mark.system

SYSTEMD = debian_root.Recipe(("systemd-sysv", "udev", "dbus", "e2fsprogs", *debian_root.INITRAMFS_TOOLS.packages))
CONF = "/etc/modprobe.d/rdna-installer.conf"
TRIAL_CONF = "/etc/modprobe.d/rdna-installer-trial.conf"
BOOTS = "/var/lib/rdna-installer/trial.boots"
CHECK = "rdna-installer-boot.service"
OFF = "rdna_installer=off"
VENV = "/opt/venv"  # root's own: its hook is the system's
TORCH = "tests/sample/machine/home/sam/venv/lib/python3.11/site-packages"
APPLY = ("rdna-installer", "apply", "--yes", "--gfx", "gfx1010", "--profile", "layered", "--python", VENV)
# `systemd-analyze security` without the directives, on systemd 252: boot 9.6, rescue 9.5, trial 9.5.
EXPOSED = {"boot": 5.7, "rescue": 3.8, "trial": 3.9}


@pytest.fixture(scope="module")
def debian() -> Iterator[Machine]:
    """Installed; boot images with one module, made in seconds; root's own venv."""
    if why := debian_root.missing() or booted.missing():
        pytest.skip(why)
    with debian_root.scratch_root(SYSTEMD) as root:
        machine = Machine(root)
        machine.path("/etc/initramfs-tools/conf.d/quick").write_text("MODULES=list\n")
        machine.path("/etc/initramfs-tools/modules").write_text("amdgpu\n")
        assert machine.install("--install-only", "--yes").returncode == 0
        machine.must("python3", "-m", "venv", "--without-pip", VENV)
        machine.must("sh", "-c", f"cp -r {TORCH}/* {VENV}/lib/python3*/site-packages/")
        yield machine


def apply(machine: Machine, how: str, *options: str) -> None:
    """Anew: a trial whose boots are used up; for the rescue, options that are not on trial."""
    machine.must("rm", "-rf", *(f"/etc/systemd/system/rdna-installer-{name}.service.d" for name in EXPOSED))
    machine.must("rdna-installer", "uninstall", "--purge", "--overwrite", "--yes", *options)
    machine.must(*APPLY, "--trial", "on" if how == "trial" else "off", *options)
    assert machine.path(CONF).is_file() and hooks(machine)
    if how == "trial":
        machine.path(BOOTS).write_text("one\ntwo\n")


def hooks(machine: Machine) -> list[str]:
    return [path.name for path in machine.path(VENV).glob("lib/python3*/site-packages/*rdna_hook*")]


def give(machine: Machine, unit: str, *lines: str) -> None:
    """More directives for a unit."""
    folder = machine.path(f"/etc/systemd/system/{unit}.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "more.conf").write_text("\n".join(["[Service]", *lines, ""]))


def image(machine: Machine) -> set[str]:
    kernel = next(path.name for path in machine.path("/lib/modules").iterdir())
    return set(machine.must("lsinitramfs", f"/boot/initrd.img-{kernel}").splitlines())


def hidden(running: Booted) -> bool:
    """As the machine sees it, outside of every unit."""
    return running.run("test", "-c", CONF).returncode == 0


def words_of(how: str) -> tuple[str, ...]:
    return (OFF,) if how == "rescue" else ()


@pytest.mark.parametrize(("how", "outcome"), [("rescue", "rescued"), ("trial", "rolled-back")])
def test_hidden_from_the_machine_then_rolled_back_with_a_whole_image(debian: Machine, how: str, outcome: str) -> None:
    apply(debian, how)
    full = image(debian)
    with booted.boot(debian, *words_of(how)) as running:
        assert hidden(running), running.journal()
        running.start("multi-user.target")
        running.ended(CHECK)
        assert f"boot check: {outcome}" in running.journal(CHECK)
        assert running.run("test", "-e", CONF).returncode == 1
    assert hooks(debian) != [], "the kernel layer alone is taken out: what runs in a venv starts no driver"
    ours = {CONF[1:], TRIAL_CONF[1:]}
    assert full - image(debian) == full & ours


@pytest.mark.parametrize("how", ["rescue", "trial"])
def test_one_directive_with_a_mount_namespace_and_nothing_would_be_hidden(debian: Machine, how: str) -> None:
    """What the case above can see: the unit says that all went well."""
    apply(debian, how, "--no-initramfs")
    give(debian, f"rdna-installer-{how}.service", "PrivateTmp=yes")
    with booted.boot(debian, *words_of(how)) as running:
        assert running.state(f"rdna-installer-{how}.service", "Result") == "success"
        assert not hidden(running)


LOADS = """#!/bin/sh
# modprobe: amdgpu appears in /sys, and then
[ "$*" = '--ignore-install amdgpu' ] || exec /sbin/modprobe "$@"
mount -t tmpfs tmpfs /sys/module
mkdir /sys/module/amdgpu
mkdir /sys/module/amdgpu/parameters
cd /sys/module/amdgpu/parameters
echo 1 >noretry
echo 9 >vm_fragment_size
echo 0 >vm_update_mode
"""


@pytest.mark.parametrize(
    ("then", "outcome", "why"),
    [
        ("exit 0", "confirmed", ""),
        ("exit 1", "failed", "modprobe ended 1"),
        ("rm -r ../parameters; kill -9 $$", "failed", "modprobe signal 9"),
        ("kill -9 $$", "failed", "modprobe signal 9"),
        ("sleep 1000", "failed", "it has begun and has not ended"),
    ],
)
def test_only_a_load_that_ended_well_is_confirmed(debian: Machine, then: str, outcome: str, why: str) -> None:
    """Without a screen the checks alone confirm; all options are in force in /sys, or nothing of them can be seen."""
    apply(debian, "trial", "--no-initramfs")
    debian.path(BOOTS).unlink()
    give(debian, "rdna-installer-trial.service", "TimeoutStartSec=2")
    modprobe = debian.path("/usr/local/sbin/modprobe")
    modprobe.write_text(f"{LOADS}{then}\n")
    modprobe.chmod(0o755)
    try:
        with booted.boot(debian, target="sysinit.target") as running:
            running.start("multi-user.target")
            said = running.said("boot check: ", CHECK)
        assert f"boot check: {outcome}" in said
        assert why in said
        assert debian.path(TRIAL_CONF).exists() == (outcome != "confirmed")
    finally:
        modprobe.unlink()


WITNESS = r"""#!/bin/sh
# What other packages' hooks do: copy keys and set-uid programs, look at devices.
[ "$1" != prereqs ] || exit 0
install -m 4755 /bin/true "$DESTDIR/witness-suid" || rm -f "$DESTDIR/witness-suid"
cp /root/key "$DESTDIR/witness-key"
[ ! -b /dev/disk0 ] || : >"$DESTDIR/witness-disk"
! (exec 3<>/dev/fuse) || : >"$DESTDIR/witness-device"
! echo a | grep -qP a || : >"$DESTDIR/witness-jit"
! ischroot || : >"$DESTDIR/witness-chroot"
exit 0
"""

OPERATIONS = {
    "write /etc": "cd /etc/modprobe.d && cp /etc/passwd .t && mv .t t && rm t",
    "write the state": "cd /var/lib/rdna-installer && touch t && chown 1000 t && sync t . && rm t",
    "write /run": "mkdir -p /run/motd.d /run/rdna-installer && touch /run/motd.d/t && rm /run/motd.d/t",
    "write /boot": "touch /boot/t && rm /boot/t",
    "write root's venvs": "for at in /opt /srv /usr/local /root /home; do touch $at/t && rm $at/t || exit; done",
    "kernel log by dmesg": "dmesg",
    "kernel log by journalctl": "journalctl -k -n 1 --no-pager",
    "who is at the seat": "loginctl list-sessions --no-legend",
    "modinfo": "modinfo -k $(ls /lib/modules) amdgpu",
    "modprobe -c": "modprobe -c",
    "what was booted": "cat /proc/cmdline /proc/sys/kernel/random/boot_id && ls /sys/module /sys/class",
    "a child with a user's rights": "setpriv --reuid 1000 --regid 1000 --clear-groups true",
    "a child in namespaces": "unshare --pid --ipc --mount --fork true",
    "boot images": "update-initramfs -u -k all",
}


def operate(running: Booted, *directives: str) -> tuple[list[str], set[str]]:
    """What of the boot check's operations fails under its directives (and ``directives``); the image it made."""
    machine = running.machine
    lines = [
        f"( {code} ) >/tmp/said 2>&1 || {{ echo '{name}'; tail -n 3 /tmp/said; }}" for name, code in OPERATIONS.items()
    ]
    script = machine.path("/usr/local/sbin/operations")
    script.write_text("\n".join(["#!/bin/sh", "exec >/var/lib/operations 2>&1", *lines, "echo end", ""]))
    script.chmod(0o755)
    give(machine, CHECK, "Type=oneshot", "ExecStart=", f"ExecStart=/usr/local/sbin/{script.name}", *directives)
    machine.path("/var/lib/operations").unlink(missing_ok=True)
    running.must("systemctl", "daemon-reload")
    running.start(CHECK)
    *failed, end = machine.path("/var/lib/operations").read_text().splitlines()
    assert end == "end", failed
    return failed, image(machine)


@pytest.fixture(scope="module")
def working(debian: Machine) -> Iterator[tuple[Booted, set[str]]]:
    """Booted, with a strange hook of initramfs-tools; and the image as root makes it outside of every unit."""
    apply(debian, "rescue", "--no-initramfs")
    hook = debian.path("/etc/initramfs-tools/hooks/witness")
    hook.write_text(WITNESS)
    hook.chmod(0o755)
    debian.path("/root/key").write_text("a key\n")
    with booted.boot(debian) as running:
        running.must("mknod", "/dev/disk0", "b", "254", "0")
        running.must("mknod", "/dev/fuse", "c", "10", "229")
        running.must("update-initramfs", "-u", "-k", "all")
        yield running, image(debian)
    hook.unlink()


def test_the_boot_check_can_do_all_it_does_and_makes_the_same_image(working: tuple[Booted, set[str]]) -> None:
    running, whole = working
    assert {
        "witness-key",
        "witness-disk",
        "witness-device",
        "witness-suid",
        "witness-jit",
    } < whole and "witness-chroot" not in whole
    failed, made = operate(running)
    assert failed == []
    assert made == whole


def test_directives_that_would_spoil_the_image_without_a_word(working: tuple[Booted, set[str]]) -> None:
    """Why they are not in the unit: update-initramfs ends with 0, and the next boot does without."""
    running, whole = working
    spoil = {
        "ProtectKernelModules=yes": "amdgpu.ko",
        "PrivateDevices=yes": "witness-disk",
        "DevicePolicy=closed": "witness-device",
        "ProtectHome=yes": "witness-key",
        "RestrictSUIDSGID=yes": "witness-suid",
    }
    failed, made = operate(running, *spoil)
    assert "boot images" not in failed
    assert [name for name in spoil.values() if not any(name in path for path in whole - made)] == []


def test_how_exposed_the_units_are(working: tuple[Booted, set[str]]) -> None:
    running, _ = working
    running.machine.must("rm", "-rf", f"/etc/systemd/system/{CHECK}.d")
    running.must("systemctl", "daemon-reload")
    found = {}
    for name in EXPOSED:
        said = running.run("systemd-analyze", "security", "--no-pager", f"rdna-installer-{name}.service").stdout
        (figure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)
        found[name] = float(figure)
    print(found)
    assert {name: figure for name, figure in found.items() if figure > EXPOSED[name]} == {}
