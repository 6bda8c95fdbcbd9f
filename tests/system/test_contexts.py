"""Whom profile.d, environment.d and /etc/environment reach, and so our settings: in Debians booted for it.

Cron needs its minute, sessions of desktops two packages: ``RDNA_TEST_LONG=1 tests/run tests/system/test_contexts.py``
tries both.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator

import booted
import debian_root
import pytest
import reach_roots
from booted import Booted
from debian_machine import CHECKOUT, Machine
from effort import LONG

pytestmark = pytest.mark.system

SHELLS = {
    "sam": "/bin/bash",
    "dan": "/bin/dash",
    "mia": "/bin/mksh",
    "zoe": "/bin/zsh",
    "fin": "/usr/bin/fish",
    "cas": "/bin/csh",
}
MARKS = ("R_PROFILE", "R_ENVD", "R_ETC")
USERS = ("systemd-run", "--user", "--machine=sam@.host", "--pipe", "--wait", "-q", "env")
# Context -> its command, and which of the marks arrive there.
CONTEXTS = {
    "login bash": (("su", "-", "sam", "-c", "env"), {"R_PROFILE", "R_ETC"}),
    "login dash": (("su", "-", "dan", "-c", "env"), {"R_PROFILE", "R_ETC"}),
    "login mksh": (("su", "-", "mia", "-c", "env"), {"R_PROFILE", "R_ETC"}),
    "login zsh": (("su", "-", "zoe", "-c", "env"), {"R_ETC"}),
    "login fish": (("su", "-", "fin", "-c", "env"), {"R_ETC"}),
    "login csh": (("su", "-", "cas", "-c", "env"), {"R_ETC"}),
    "su without a login": (("su", "sam", "-c", "env"), {"R_ETC"}),
    "sudo": (("sudo", "-u", "sam", "env"), set()),
    "sudo -i": (("sudo", "-i", "-u", "sam", "env"), {"R_PROFILE"}),
    "ssh with a command": (
        ("ssh", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR", "sam@127.0.0.1", "env"),
        {"R_ETC"},
    ),
    "a service of the user": (USERS, {"R_ENVD", "R_ETC"}),
    "a service of the system": (("systemd-run", "--pipe", "--wait", "-q", "env"), set()),
}


def marks(text: str) -> set[str]:
    return {line.partition("=")[0] for line in text.splitlines() if line.startswith(MARKS)}


@pytest.fixture(scope="module", params=reach_roots.TRIED)
def running(request: pytest.FixtureRequest) -> Iterator[Booted]:
    if why := debian_root.missing() or booted.missing():
        pytest.skip(why)
    with debian_root.scratch_root(reach_roots.RELEASES[request.param]) as root:
        machine = Machine(root)
        machine.path("/etc/profile.d/marks.sh").write_text("export R_PROFILE=1\n")
        machine.path("/etc/environment.d").mkdir(exist_ok=True)
        machine.path("/etc/environment.d/50-marks.conf").write_text("R_ENVD=1\n")
        machine.path("/etc/environment").write_text("R_ETC=1\n")
        for name, shell in SHELLS.items():
            machine.must("useradd", "-m", "-s", shell, name)
        machine.must("sh", "-c", "mkdir -p ~/.ssh && ssh-keygen -q -N '' -f ~/.ssh/id_ed25519 -t ed25519")
        machine.must("install", "-d", "-o", "sam", "-m", "700", "/home/sam/.ssh")
        machine.must("sh", "-c", "install -o sam ~/.ssh/id_ed25519.pub /home/sam/.ssh/authorized_keys")
        with booted.boot(machine, target="multi-user.target") as up:
            up.must("loginctl", "enable-linger", "sam")
            up.must("systemctl", "start", "ssh", "cron")
            program = ("env", f"PYTHONPATH={CHECKOUT}/installer", "python3", "-m", "rdna_installer")
            up.must(*program, "apply", "--yes", "--gfx", "gfx1031", "--set", "HSA_USE_SVM=0")
            up.must("systemctl", "--user", "--machine=sam@.host", "daemon-reload")
            yield up


@pytest.mark.parametrize("context", CONTEXTS)
def test_what_arrives(running: Booted, context: str) -> None:
    command, arrives = CONTEXTS[context]
    seen = running.must(*command)
    assert marks(seen) == arrives
    ours = bool(arrives & {"R_PROFILE", "R_ENVD"}) or context == "login fish"  # our three places
    assert ("HSA_USE_SVM=0" in seen.splitlines()) == ours


# Whose way in, as verify calls it -> the command that takes it.
WAYS = {
    ("zoe", "login with zsh"): "login zsh",
    ("fin", "fish"): "login fish",
    ("sam", "services of your own (systemctl --user)"): "a service of the user",
    ("sam", "ssh HOST COMMAND"): "ssh with a command",
    ("sam", "sudo COMMAND"): "sudo",
}


@pytest.mark.parametrize(("user", "way"), WAYS)
def test_verify_says_which_ways_get_the_settings(running: Booted, user: str, way: str) -> None:
    verify = f"PYTHONPATH={CHECKOUT}/installer python3 -m rdna_installer verify --json --gfx gfx1031"
    told = json.loads(running.run("su", "-", user, "-c", verify).stdout)["checks"]
    (found,) = [check for check in told if check["id"] == f"way:{way}"]
    command, _ = CONTEXTS[WAYS[user, way]]
    reached = "HSA_USE_SVM=0" in running.must(*command).splitlines()
    assert (found["status"] == "ok") == reached, found
    assert reached or found["hint"]


def test_a_tmux_that_began_before_keeps_what_it_had(running: Booted) -> None:
    old = "cd && HSA_USE_SVM=1 tmux -L old new-session -d 'sleep 99' && tmux -L old new-window 'bash -lc env >tmux.env'"
    running.must("su", "-", "sam", "-c", old)
    file = running.machine.path("/home/sam/tmux.env")
    end = time.monotonic() + 60
    while not (file.exists() and "HSA_USE_SVM" in file.read_text()):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert "HSA_USE_SVM=1" in file.read_text().splitlines()


@pytest.mark.skipif(not LONG, reason="cron waits for the minute: RDNA_TEST_LONG=1 tries it")
def test_cron(running: Booted) -> None:
    running.must(
        "sh", "-c", "echo '* * * * * env >/home/sam/cron.env.new && mv cron.env.new cron.env' | crontab -u sam -"
    )
    file = running.machine.path("/home/sam/cron.env")
    end = time.monotonic() + 90
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.5)
    assert marks(file.read_text()) == {"R_ETC"}


# What display managers start a session with, as Debian has it: the shell it is chosen by -> what arrives.
PROFILE = {"R_PROFILE"}
SDDM = {"sam": PROFILE, "dan": PROFILE, "mia": PROFILE, "zoe": set(), "fin": PROFILE, "cas": set()}
GNOME = {**SDDM, "fin": set()}
SESSIONS = {
    "/opt/desktop/usr/share/sddm/scripts/wayland-session": SDDM,
    "/opt/desktop/etc/sddm/wayland-session": SDDM,
    "/opt/desktop/usr/share/sddm/scripts/Xsession": SDDM,
    "/opt/desktop/usr/bin/gnome-session": GNOME,
}


@pytest.fixture(scope="module")
def desktop(running: Booted, tmp_path_factory: pytest.TempPathFactory) -> Booted:
    """The start scripts of SDDM and GNOME, out of this machine's Debian; no greeter runs."""
    folder = tmp_path_factory.mktemp("desktop")
    done = subprocess.run(
        ["apt-get", "download", "-q", "sddm", "gnome-session-bin"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"the sessions of SDDM and GNOME were not tried: {done.stderr}")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, running.machine.path("/opt/desktop")], check=True, timeout=600)
    binary = running.machine.path("/usr/libexec/gnome-session-binary")  # the program that the script starts
    binary.parent.mkdir(exist_ok=True)
    binary.write_text("#!/bin/sh\nexec env\n")
    binary.chmod(0o755)
    return running


@pytest.mark.skipif(not LONG, reason="sessions of SDDM and GNOME were not tried: RDNA_TEST_LONG=1 tries them")
@pytest.mark.parametrize("user", SHELLS)
@pytest.mark.parametrize("script", SESSIONS)
def test_what_a_desktop_session_has(desktop: Booted, script: str, user: str) -> None:
    if not desktop.machine.path(script).exists():
        pytest.skip(f"this Debian's packages have no {script}")
    rights = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "env", "-i", f"HOME=/home/{user}")
    session = (f"SHELL={SHELLS[user]}", f"USER={user}", "PATH=/usr/bin:/bin", "XDG_SESSION_TYPE=wayland")
    seen = desktop.must(*rights, *session, script, "env")
    assert marks(seen) == SESSIONS[script][user]
    assert ("HSA_USE_SVM=0" in seen.splitlines()) == (bool(SESSIONS[script][user]) or user == "fin")
