"""Real Debian roots for the system tests: built once by mmdebstrap, cached, and handed out as throw-away copies.

For every system test that needs a machine to change (``conftest.py`` makes fixtures of these):

* ``base_root(recipe) -> Path``: a built root, shared by all tests and never to be written to. Kept under
  ``$RDNA_TEST_CACHE`` (default ``~/.cache/rdna-installer-tests``), keyed by the recipe; building takes 1-2 minutes.
* ``scratch_root(recipe) -> Iterator[Path]``: a context manager around a copy of it that may be changed at will
  (an overlay, or a real copy where overlays do not work), with ``/proc``, ``/sys`` and ``/dev`` of this machine.
  The mounts live in a mount namespace of this test process alone, so even a killed test leaves none behind.
* ``in_root(root, *argv)``: run something below a chroot and return its output.

Package sources are those this machine's apt uses for the same suite (or the file named by
``$RDNA_TEST_APT_SOURCES``); its proxies are passed on. Needs root and mmdebstrap: ``missing()`` says what is not there.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNS = 0x00020000
PYTHON = ("python3", "python3-click", "python3-yaml", "python3-distro")


@dataclass(frozen=True)
class Recipe:
    """What a root is made of; a changed recipe is another root."""

    packages: tuple[str, ...]
    suite: str = "bookworm"

    @property
    def key(self) -> str:
        return hashlib.sha256(repr(("1", self.suite, sorted(self.packages))).encode()).hexdigest()[:16]


INITRAMFS_TOOLS = Recipe(("kmod", "initramfs-tools", "linux-image-amd64", "zstd", "busybox", *PYTHON))
DRACUT = Recipe(("kmod", "dracut", "linux-image-amd64", "zstd", *PYTHON))
SUITES = ("bookworm", "trixie")


def missing() -> str | None:
    """What this machine lacks to build and use a root, or None."""
    if os.geteuid() != 0:
        return "real Debian roots need root"
    absent = [tool for tool in ("mmdebstrap", "chroot", "mount") if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


def _place(recipe: Recipe) -> Path:
    cache = Path(os.environ.get("RDNA_TEST_CACHE") or Path.home() / ".cache" / "rdna-installer-tests")
    return cache / f"{recipe.suite}-{recipe.key}"


def is_built(recipe: Recipe) -> bool:
    """Whether ``base_root`` has it already."""
    return _place(recipe).is_dir()


def base_root(recipe: Recipe = INITRAMFS_TOOLS) -> Path:
    """The built root of ``recipe``; built now if it is not in the cache. Never write to it."""
    root = _place(recipe)
    cache = root.parent
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            _build(recipe, root)
    return root


def _build(recipe: Recipe, root: Path) -> None:
    partial = root.with_name(f"{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={','.join(recipe.packages)}"]
    # A mirror may be a frozen copy, whose testing suite says that it has expired.
    command += ['--aptopt=Acquire::Check-Valid-Until "false"', *(f"--aptopt={line}" for line in _proxies())]
    with tempfile.TemporaryDirectory(prefix="rdna-apt-") as folder:
        sources = _sources(recipe.suite, Path(folder))
        subprocess.run([*command, recipe.suite, str(partial), *map(str, sources)], check=True)
    partial.rename(root)


def _sources(suite: str, folder: Path) -> list[Path]:
    """The files of this machine's apt that serve ``suite``, else those of another suite with its name in them.

    None: mmdebstrap's own default.
    """
    if given := os.environ.get("RDNA_TEST_APT_SOURCES"):
        return [Path(given)]
    if served := _serving(suite):
        return served
    return [_renamed(file, other, suite, folder) for other in SUITES for file in _serving(other)]


def _serving(suite: str) -> list[Path]:
    apt = Path("/etc/apt")
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    wanted = ("deb", f"{suite}-updates")
    return [f for f in files if f.is_file() and all(w in f.read_text(errors="replace").split() for w in wanted)]


def _renamed(file: Path, old: str, new: str, folder: Path) -> Path:
    copy = folder / f"{new}-{file.name}"
    copy.write_text(file.read_text().replace(old, new))
    return copy


def _proxies() -> list[str]:
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return [line for line in dump.splitlines() if "::proxy" in line.lower() and not line.endswith('"";')]


@functools.cache
def _private_mounts() -> None:
    """Give this process a mount namespace of its own (once): what it mounts ends with it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNS)")
    _mount("--make-rprivate", "/")


def _mount(*argv: str) -> None:
    subprocess.run(["mount", *argv], check=True, capture_output=True)


@contextlib.contextmanager
def scratch_root(recipe: Recipe = INITRAMFS_TOOLS) -> Iterator[Path]:
    """A copy of ``base_root(recipe)`` to change at will, gone afterwards."""
    base = base_root(recipe)
    _private_mounts()
    folder = Path(tempfile.mkdtemp(prefix="rdna-root-"))
    try:
        with contextlib.ExitStack() as undo:
            root = _copy(base, folder, undo)
            for argv in (("-t", "proc", "proc"), ("--rbind", "/sys"), ("--rbind", "/dev")):
                target = root / argv[-1].strip("/")
                _mount(*argv, str(target))
                undo.callback(_unmount, target)
            yield root
    finally:
        # Removing a tree with this machine's /dev still mounted in it would remove the devices.
        if str(folder) in Path("/proc/self/mountinfo").read_text():
            raise RuntimeError(f"still mounted below {folder}: left in place")
        shutil.rmtree(folder)


def _copy(base: Path, folder: Path, undo: contextlib.ExitStack) -> Path:
    root, upper, work = (folder / name for name in ("root", "upper", "work"))
    for path in (root, upper, work):
        path.mkdir(mode=0o755)
    try:
        _mount("-t", "overlay", "overlay", "-o", f"lowerdir={base},upperdir={upper},workdir={work}", str(root))
    except subprocess.CalledProcessError:
        # This machine's file system is itself an overlay, or has none: pay for a real copy.
        subprocess.run(["cp", "-a", "--reflink=auto", f"{base}/.", str(root)], check=True)
    else:
        undo.callback(_unmount, root)
    return root


def _unmount(target: Path) -> None:
    subprocess.run(["umount", "--recursive", "--lazy", str(target)], check=True, capture_output=True)


def in_root(root: Path, *argv: str) -> str:
    """Standard output of a command run below a chroot; raises CalledProcessError with its output when it fails."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    command = ["chroot", str(root), *argv]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout
