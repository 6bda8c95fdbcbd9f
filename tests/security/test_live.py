"""A root login on the live machine, where another user has been at root's own venvs: nothing of theirs runs as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import live
import pytest
from live import EVE, TOLD, build, evil

from rdna_installer.machine.whose import RANGE

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="not root: rights were not dropped"),
    pytest.mark.skipif(not Path(live.PYTHON).exists(), reason="no interpreter that another user may run"),
]
WANTED = ("--layer", "python", "--gfx", "gfx1010", "--python", "/home/t/venv")
COMMANDS = f"""
for command in 'apply --yes' verify 'probe --cpu --yes' verify 'rollback --yes'; do
    options=
    case $command in apply*) options='{" ".join(WANTED)}' ;; probe*) options='--python /home/t/venv' ;; esac
    code=0
    "$@" $command $options >/tmp/said.$$ 2>&1 || code=$?
    echo "= $code $command"
    grep -q Traceback /tmp/said.$$ && cat /tmp/said.$$
    rm -f /tmp/said.$$
done
echo LOG
cat {TOLD}
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rdna-live-") as name:
        folder = Path(name, "t")
        folder.mkdir()
        (folder / "log").touch()
        (folder / "log").chmod(0o666)
        yield folder


def shared_lib(home: Path, site: Path) -> None:
    os.chown(site.parent, 0, EVE)
    site.parent.chmod(0o775)
    os.chown(site, 0, EVE)
    site.chmod(0o775)
    evil(site / "x.pth")


def one_pth(home: Path, site: Path) -> None:
    evil(site / "x.pth")


def bin_entry(home: Path, site: Path) -> None:
    os.chown(home / "venv/bin/python", EVE, EVE)


def sticky_later(home: Path, site: Path) -> None:
    site.chmod(0o1777)
    evil(site / "x.pth")


def folder_above(home: Path, site: Path) -> None:
    os.chown(home, EVE, EVE)
    evil(site / "x.pth")


def nothing(home: Path, site: Path) -> None:
    evil(site / "x.pth", 0)


ATTACKS: dict[str, Callable[[Path, Path], None]] = {
    "root's own": nothing,
    "lib for a group": shared_lib,
    "one .pth": one_pth,
    "an entry of bin": bin_entry,
    "1777": sticky_later,
    "the folder above": folder_above,
}


def run(home: Path, script: str) -> str:
    code = f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}; from rdna_installer.cli.app import main; "
    ours = [sys.executable, "-I", "-c", code + "sys.exit(main())"]
    command = ["unshare", "-m", "/bin/sh", "-c", live.SCRIPT, "sh", str(home), "/bin/sh", "-c", script, "sh", *ours]
    env = {"PATH": os.environ["PATH"], "HOME": "/root"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0 and "Traceback" not in done.stdout, done
    return done.stdout


def daemons() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [str(path)] if b"rdna-evil-daemon" in path.read_bytes() else []
        except OSError:
            continue
    return found


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_venv_runs_as_root(home: Path, attack: str) -> None:
    ATTACKS[attack](home, build(home, "venv"))
    said, _, log = run(home, COMMANDS).partition("LOG\n")
    codes = [int(line.split()[1]) for line in said.splitlines() if line.startswith("= ")]
    refused = attack in ("lib for a group", "the folder above")  # somebody else may exchange what root would write
    assert codes == ([3, 4, 4, 4, 3] if refused else [0, 4, 4, 4, 0]), said
    ran = {tuple(line.split()) for line in log.splitlines()}
    assert {int(uid) for _, uid in ran} <= set(RANGE), ran
    assert [uid for what, uid in ran if what == "interpreter"], "nothing was run at all"
    assert daemons() == [], "what a .pth started outlived the command"


# A parent directory that eve owns: root's venv and hers change places at full speed.
RACE = f"""
python3 -I - 20000 <<'END' &
import ctypes, os, sys
os.setgroups([]); os.setresgid({EVE}, {EVE}, {EVE}); os.setresuid({EVE}, {EVE}, {EVE})
exchange, turns = ctypes.CDLL(None).renameat2, 0
while not os.path.exists("/home/t/stop"):
    for _ in range(500):
        assert exchange(-100, b"/home/t/venv", -100, b"/home/t/hers", 2) == 0
    turns += 500
    open("/home/t/turns", "w").write(str(turns))
END
for round in 1 2 3 4; do
    for command in 'apply --yes' verify 'probe --cpu --yes' boot-check 'rollback --yes'; do
        options=
        case $command in apply*) options='{" ".join(WANTED)}' ;; probe*) options='--python /home/t/venv' ;; esac
        code=0
        timeout 120 "$@" $command $options >/dev/null 2>&1 || code=$?
        echo "= $code $command"
    done
done
touch /home/t/stop
wait
timeout 120 "$@" probe --cpu --yes --python /home/t/venv >/dev/null 2>&1 # unraced: whatever won is asked now
echo "TURNS $(cat /home/t/turns)"
echo LOG
cat {TOLD}
"""


def test_a_parent_swapped_at_full_speed(home: Path) -> None:
    evil(build(home, "venv") / "x.pth", 0)
    evil(build(home, "hers", EVE) / "x.pth")
    os.chown(home, EVE, EVE)
    said, _, log = run(home, RACE).partition("LOG\n")
    lines = said.splitlines()
    codes = [int(line.split()[1]) for line in lines if line.startswith("= ")]
    assert len(codes) == 20 and set(codes) <= {0, 1, 2, 3, 4, 6}, said
    assert int(lines[-1].split()[1]) >= 20_000, said
    uids = {int(line.split()[1]) for line in log.splitlines()}
    assert uids and uids <= {EVE, *RANGE}, said


# Mounts that hang.

SHORT = (
    "from rdna_installer.machine import asuser; from rdna_installer.machine.bounds import Limits; "
    "asuser.LOOK = asuser.WORK = Limits(total=1.0, grace=1.0, report=1 << 20);"
)
HUNG = """
mkdir /home/t/hung
python3 "$1" /home/t/hung "$2" >/home/t/up &
server=$!
shift 2
n=0; until [ -s /home/t/up ]; do sleep 0.1; n=$((n + 1)); [ $n -lt 50 ] || { echo NOMOUNT; exit 0; }; done
for options in 'verify --python /home/t/hung' 'plan --gfx gfx1010 --python /home/t/hung/venv' \
    'apply --yes --gfx gfx1010 --layer python --python /home/t/hung' 'probe --yes --python /home/t/hung/bin/python'; do
    code=0
    begun=$(date +%s%N)
    "$@" $options >/home/t/said 2>&1 || code=$?
    echo "= $code $((($(date +%s%N) - begun) / 1000000)) $options"
    cat /home/t/said
done
kill $server
"""


@pytest.mark.skipif(not Path("/dev/fuse").exists(), reason="no /dev/fuse: not tried with a mount that hangs")
@pytest.mark.parametrize("mode", ["dead", "deaf"])
def test_a_hung_mount_as_a_venv(home: Path, mode: str) -> None:
    code = (
        f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}; {SHORT} from rdna_installer.cli.app import main; "
    )
    ours = [sys.executable, "-I", "-c", code + "sys.exit(main())"]
    server = Path(__file__).with_name("hungfs.py")
    script = ["/bin/sh", "-c", HUNG, "sh", str(server), mode, *ours]
    command = ["unshare", "-m", "/bin/sh", "-c", live.SCRIPT, "sh", str(home), *script]
    env = {"PATH": os.environ["PATH"], "HOME": "/root"}
    begun = time.monotonic()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    if "NOMOUNT" in done.stdout:
        pytest.skip("FUSE cannot be mounted here: not tried with a mount that hangs")
    told = [line.split()[1:3] for line in done.stdout.splitlines() if line.startswith("= ")]
    assert [code for code, _ in told] == ["4", "3", "3", "3"], done  # verify checks all else
    assert all(int(milliseconds) < 15_000 for _, milliseconds in told), done
    assert done.stdout.count("[child-died]") == 3 and "hang" in done.stdout, done
    assert time.monotonic() - begun < 100
