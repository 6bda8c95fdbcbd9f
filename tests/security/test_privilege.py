"""No code of a user runs as root, and what root keeps is not for others to read."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import commands
import injector
import pytest
from harness import STATE, Fault, needs_faults
from hostile import APPLY, SAM, Machine

from rdna_installer.machine.asuser import as_user
from rdna_installer.model import User

pytestmark = pytest.mark.processes

EVE = 23456
PYTHON = "/usr/bin/python3"
OLD, NEW = "rocm7.15", "rocm10.1"  # on the kernels of today the sample's torch runs nothing, so nothing is applied
# In a mount namespace of its own: the live root, but for the users, their homes and the state.
SCRIPT = """
set -eu
mount --make-rprivate /
mount -t tmpfs none /home
mkdir -p /var/lib/rdna-installer
mount -t tmpfs none /var/lib/rdna-installer
cp -a "$1" /home/eve
mount --bind "$2" /etc/passwd
cd /home/eve/here
shift 2
for command in plan 'apply --yes' verify status 'apply --yes --set MIOPEN_LOG_LEVEL=3' 'rollback --yes' recover; do
    options=
    case $command in plan | apply*) options='--layer python --gfx gfx1010 --python /home/eve/venv' ;; esac
    echo "+ $command"
    code=0
    # shellcheck disable=SC2086
    "$@" $command $options || code=$?
    echo "= $code"
done
echo LOG
cat /home/eve/log
"""


def spoil(home: Path) -> None:
    """A venv and a home in which everything tells who runs it."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", home / "venv"], check=True)
    (home / "venv/pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n")
    (home / "venv/bin/python").unlink()
    (home / "venv/bin/python").write_text(
        f'#!/bin/bash\necho interpreter $(id -u) >>/home/eve/log\nexec -a /home/eve/venv/bin/python {PYTHON} "$@"\n'
    )
    site = next((home / "venv/lib").glob("python3*")) / "site-packages"
    for place in (commands.DEMO / "machine/home/sam/venv/lib/python3.11/site-packages").iterdir():
        shutil.copytree(place, site / place.name.replace(OLD, NEW))
    version = site / "torch/version.py"
    version.write_text(version.read_text().replace(OLD, NEW))
    tell = "import os; open('/home/eve/log', 'a').write('WHAT %d\\n' % os.getuid())"
    (site / "evil.pth").write_text(tell.replace("WHAT", "pth") + "\n")
    (site / "torch/__init__.py").write_text(tell.replace("WHAT", "torch") + "\n")
    for folder in (site, home / "here", home / "here/yaml"):
        folder.mkdir(exist_ok=True)
        for name in ("sitecustomize", "usercustomize", "__init__", "yaml", "click"):
            (folder / f"{name}.py").write_text(tell.replace("WHAT", name) + "\n")
    (home / "bin").mkdir()
    for tool in ("modinfo", "sh", "bash", "id", "env", "chroot", "dkms", "uname", "python3", "update-initramfs"):
        (home / "bin" / tool).write_text(f"#!/bin/dash\necho tool-{tool} $(/usr/bin/id -u) >>/home/eve/log\n")
    (home / "evil.sh").write_text("echo shell $(/usr/bin/id -u) >>/home/eve/log\n")
    (home / ".profile").write_text("echo profile $(/usr/bin/id -u) >>/home/eve/log\n")
    (home / "log").touch()
    for path in (home, *home.rglob("*")):
        os.chown(path, EVE, EVE, follow_symlinks=False)
        if path.parent.name == "bin" and not path.is_symlink():
            path.chmod(0o755)
    (home / "log").chmod(0o666)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="not root: rights were not dropped")
@pytest.mark.skipif(not Path(PYTHON).exists(), reason=f"no {PYTHON}: no interpreter that another user may run")
def test_nothing_of_a_user_runs_as_root(tmp_path: Path) -> None:
    home = tmp_path / "eve"
    home.mkdir(mode=0o755)
    spoil(home)
    passwd = tmp_path / "passwd"
    passwd.write_text(Path("/etc/passwd").read_text() + f"eve:x:{EVE}:{EVE}:Eve:/home/eve:/bin/sh\n")
    passwd.chmod(0o644)
    start = f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}; from rdna_installer.cli.app import main; "
    argv = [sys.executable, "-I", "-c", start + "sys.exit(main())"]
    env = {
        "PATH": f"/home/eve/bin:{os.environ['PATH']}", "PYTHONPATH": "/home/eve/here", "BASH_ENV": "/home/eve/evil.sh",
        "ENV": "/home/eve/evil.sh", "PYTHONSTARTUP": "/home/eve/here/click.py", "HOME": "/root",
    }  # fmt: skip
    command = ["unshare", "-m", "/bin/dash", "-c", SCRIPT, "dash", str(home), str(passwd), *argv]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    said, _, log = done.stdout.partition("LOG\n")
    assert done.returncode == 0 and "Traceback" not in done.stderr, done
    assert [line for line in said.splitlines() if line.startswith("= ")][1] == "= 0", done
    ran = {tuple(line.split()) for line in log.splitlines()}
    assert ("interpreter", str(EVE)) in ran and ("pth", str(EVE)) in ran, "the hook was not proved at all"
    assert {uid for _, uid in ran} == {str(EVE)}, ran
    assert not {what for what, _ in ran} & {"tool-modinfo", "tool-chroot", "tool-update-initramfs"}


@needs_faults
def test_state_is_for_its_owner(machine: Machine) -> None:
    """Finished and half way: only what `status` needs is for everybody."""
    assert machine.run(*APPLY).code == 0
    assert readable(machine.root / STATE) == {"current.json", "format", "outcomes.json"}

    def rollback() -> int:
        commands.stand_in()
        return commands.call(machine.root, ("rollback", "--yes"))

    assert injector.run(rollback, Fault("renameat", 9)).code != 0
    assert list((machine.root / STATE).glob("tx*")) or list(machine.state.glob("tx*"))
    assert readable(machine.root / STATE) == {"current.json", "format", "outcomes.json"}
    assert readable(machine.state) == set()


def readable(state: Path) -> set[str]:
    """What a third user can read below it."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setresgid(SAM + 1, SAM + 1, SAM + 1)
        os.setresuid(SAM + 1, SAM + 1, SAM + 1)
        found = [p.name for p in state.rglob("*") if p.is_file() and os.access(p, os.R_OK)] if _open(state) else []
        os.write(write, "\n".join(found).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(write)
    with os.fdopen(read) as stream:
        return set(stream.read().split())


def _open(state: Path) -> bool:
    return os.access(state, os.R_OK | os.X_OK)


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: rights were not dropped")
def test_a_child_whose_parent_died_goes_nowhere(tmp_path: Path) -> None:
    """It finishes its work and ends; it must not go on as its parent, undoing or reporting with a user's rights."""
    tmp_path.chmod(0o777)
    went_on = tmp_path / "went-on"
    sam = User(SAM, SAM, "sam", PurePosixPath("/"), "/bin/sh", frozenset())
    parent = os.fork()
    if parent == 0:
        try:
            as_user(sam, lambda: time.sleep(0.5), None)
        finally:
            went_on.write_text(str(os.getuid()))
            os._exit(0)
    time.sleep(0.2)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    time.sleep(1)
    assert not went_on.exists()
