"""A machine for `setup`: the system's state in a mount namespace of its own, or a user who is nobody else's; both real.

The packages are hand-made with the exact names and layouts of AMD's stable index. What they run says who runs it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fixtures import wheelmaker

PYTHON = "/usr/bin/python3"
USER = 23456  # without a name
TARGET = "gfx1010"
ROCM = "10.1.0"  # the first that runs on this card with a kernel from 6.12 on
# Ours and what it needs, without the standard library of the Python that runs the tests.
PATHS = [path for path in sys.path if path.endswith(("site-packages", "installer"))]
SCRIPT = """
set -eu
mount --make-rprivate /
# Nothing of the machine's own: whoever removes a folder there takes away what others have mounted on it.
mount -t tmpfs none /var/lib
mkdir /var/lib/rdna-installer
mount --bind "$1" /var/lib/rdna-installer
pip=$1/../../global-pip.conf
if [ -e "$pip" ] && [ -e /etc/pip.conf ]; then
    mount --bind "$pip" /etc/pip.conf
elif [ -e "$pip" ] && [ -d /etc/xdg ]; then
    mount -t tmpfs none /etc/xdg
    mkdir /etc/xdg/pip
    cp "$pip" /etc/xdg/pip/pip.conf
fi
uv=$1/../../uv
if [ -e "$uv" ]; then
    mount -t tmpfs none /usr/local/bin
    cp "$uv" /usr/local/bin/uv
fi
wheels=$1/../../python-wheels
[ ! -d "$wheels" ] || mount --bind "$wheels" /usr/share/python-wheels
shift
exec "$@"
"""
# Run with the owner's rights, where his environments are: what of the one in force is not as it must be.
LOOK = """
import json, os, sys
from pathlib import PurePosixPath
from rdna_installer.change.store import Store
from rdna_installer.check.installed import wrong_with
from rdna_installer.detect.sites import find_sites
from rdna_installer.detect.users import user_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import environments as e
root = Sysroot()
user = user_of(root, os.geteuid())
store = Store.open(root, user if os.geteuid() else None)
place = e.reference(store).parent
current = e.number_in(store.current(), store)
link = root.readlink(place / "current")
wrong = [] if str(current or "") == (link or "") else [f"{current} is in force, and the link says {link}"]
wrong += ["to be recovered"] * store.needs_recovery()
torch = None
if current:
    made = e.read(store, current)
    torch = made.lock.torch
    site = find_sites(root, [str(made.prefix)], user)[0]
    wrong += wrong_with(root, site, made.lock)
known = e.referenced(store)
names = [*root.names(place), *(n for n in root.names(store.base) if n.startswith("tx") or n.endswith(".new"))]
kept = ("current", "lock", *(f"{n}{end}" for n in known for end in ("", ".json", ".txt", ".left.txt")))
stray = [name for name in names if name not in kept]
print(json.dumps({"current": current, "torch": torch, "wrong": wrong, "stray": stray, "known": sorted(known)}))
"""


def wheels(folder: Path, torch: str, vision: str, audio: str | None) -> None:
    """One complete set as a folder of files."""
    tree = folder.with_name(f"{folder.name}.tree")
    wheelmaker.rocm_pieces(tree, ROCM, (TARGET,))
    made = wheelmaker.SplitSet(torch, vision, audio, ROCM, (f"cp3{minor()}",), (TARGET,))
    wheelmaker.amd_split(tree, made)
    wheelmaker.generic(tree, real_setuptools=True)
    shutil.rmtree(tree / "rocm-sdk-devel")
    folder.mkdir(parents=True)
    for path in tree.glob("*/*"):
        shutil.copy(path, folder)
    shutil.rmtree(tree)


def shelves(folder: Path, *sets: Path) -> Path:
    """The same files as an index has them."""
    for path in (path for one in sets for path in one.iterdir()):
        name = path.name.split("-")[0].replace("_", "-").lower()
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)
    return folder


def edit(
    folder: Path, project: str, name: str, change: Callable[[bytes], bytes | None], *, record: bool = True
) -> None:
    """Change a file in a wheel (None: leave it out), ``record``: its list of files says so."""
    path = next(folder.glob(f"{project}-[0-9]*.whl"))
    with zipfile.ZipFile(path) as archive:
        held: dict[str, bytes] = {entry: archive.read(entry) for entry in archive.namelist()}
    new = change(held.pop(name))
    if new is not None:
        held[name] = new
    listing = next(entry for entry in held if entry.endswith("RECORD"))
    if record:
        rows = [line for line in held[listing].decode().splitlines() if not line.startswith(f"{name},")]
        rows += [f"{name},sha256={hashlib.sha256(new).hexdigest()},{len(new)}"] if new is not None else []
        held[listing] = "".join(f"{row}\n" for row in rows).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in held.items():
            archive.writestr(entry, content)


def tell(folder: Path, told: Path) -> None:
    """Let the source package's setup.py and torch say who runs them."""
    line = "import os as _os\nopen({!r}, 'a').write('{} %d\\n' % _os.getuid())\n"
    edit(folder, "torch", "torch/__init__.py", lambda text: text + line.format(str(told), "torch").encode())
    path = next(folder.glob("rocm-*.tar.gz"))
    with tarfile.open(path) as archive:
        held = {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as archive:
        for name, content in held.items():
            more = line.format(str(told), "setup.py").encode() if name.endswith("setup.py") else b""
            entry = tarfile.TarInfo(name)
            entry.size = len(more + content)
            archive.addfile(entry, io.BytesIO(more + content))


def minor() -> int:
    """Of the machine's own Python."""
    said = subprocess.run([PYTHON, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, check=True)
    return int(said.stdout)


@dataclass
class Machine:
    """One owner's. ``folder`` holds his state, and what he sees."""

    folder: Path
    user: bool
    more: dict[str, str]

    @property
    def state(self) -> Path:
        return self.folder / "state/rdna-installer"

    def argv(self, code: str, *words: str) -> list[str]:
        code = f"import sys; sys.path[:0] = {PATHS!r}\n{code}"
        ours = [PYTHON, "-I", "-c", code, *words]
        if self.user:
            return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *ours]
        return ["unshare", "-m", "/bin/sh", "-c", SCRIPT, "sh", str(self.state), *ours]

    @property
    def env(self) -> dict[str, str]:
        mine = {"XDG_STATE_HOME": str(self.folder / "state")} if self.user else {}
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder), **mine, **self.more}

    def start(self, *words: str) -> subprocess.Popen[str]:
        code = "from rdna_installer.cli.app import main\nsys.exit(main())"
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(
            self.argv(code, *words),
            env=self.env,
            text=True,
            start_new_session=True,
            **pipes,  # type: ignore[call-overload]
        )

    def __call__(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == code and "Traceback" not in said, (words, process.returncode, said)
        return said

    def setup(self, wheels: Path, *words: str, code: int = 0) -> str:
        return self("setup", "--wheels", str(wheels), "--gfx", TARGET, "--yes", *words, code=code)

    def look(self) -> dict[str, object]:
        done = subprocess.run(self.argv(LOOK), env=self.env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def imports(self, number: object) -> str:
        """What torch says in an environment that is in force, run with nobody's rights or the user's."""
        place = self.state if self.user else Path("/var/lib/rdna-installer")
        return self.run(f"{place}/environments/{number}", "-B", "-c", "import torch; print(torch.__version__)")

    def run(self, prefix: str, *words: str) -> str:
        """What a program of an environment says."""
        code = f"import os\nos.execv({prefix + '/bin/python'!r}, [{prefix + '/bin/python'!r}, *{words!r}])"
        done = subprocess.run(self.argv(code), env=self.env, capture_output=True, text=True, timeout=120, check=False)
        return done.stdout.strip() or done.stderr


def kill(process: subprocess.Popen[str], after: float) -> bool:
    """SIGKILL to all of a run's session; whether it came before the end."""
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    if process.stdout:
        process.stdout.close()
    return process.returncode < 0


def settle(machine: Machine) -> None:
    """A keeper that lost its parent ends by a signal of the kernel's, a moment later."""
    until = time.monotonic() + 30
    while time.monotonic() < until and _builders(machine):
        time.sleep(0.05)


def _builders(machine: Machine) -> bool:
    mark = f"{machine.state}/environments" if machine.user else "/var/lib/rdna-installer/environments"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False
