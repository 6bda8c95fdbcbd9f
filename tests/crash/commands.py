"""A sample machine, and the real command line on it. The only stand-in is the boot image.

The image is one file that the "tool" rewrites in place, in two steps: less atomic than any real one.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "installer"), str(PROJECT / "tests/fixtures")]

import roclibs  # noqa: E402

from rdna_installer.cli import app  # noqa: E402
from rdna_installer.errors import RdnaError  # noqa: E402
from rdna_installer.knowledge import load  # noqa: E402
from rdna_installer.machine.sysroot import Sysroot  # noqa: E402
from rdna_installer.model import Change, InitramfsTool, Step, StepKind, User  # noqa: E402
from rdna_installer.plan import render  # noqa: E402
from rdna_installer.workflow import applying, committing, foreign, owners, planning, recovering, rolling_back, swapping  # noqa: E402

DEMO = PROJECT / "tests/sample"
RELEASE = "6.1.0-56-amd64"
MODULE = "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"
CONF = PurePosixPath("/etc/modprobe.d/rdna-installer.conf")
IMAGE = "boot/image"
UNIT = "etc/systemd/system/ollama.service"
OWN = "home/sam/.config/systemd/user/own.service"
DROP_IN = f"/{UNIT}.d/60-rdna-installer.conf"
LOADED = "boot/systemd"  # what systemd has read of it
RELOAD = Step(StepKind.RELOAD, InitramfsTool.NONE, (), "daemon-reload")
STEP = Step(StepKind.INITRAMFS, InitramfsTool.INITRAMFS_TOOLS, (RELEASE,), "rebuild the image")
SAM = 12345
TORCH = "home/sam/venv/lib/python3.11/site-packages/torch"
BUILT = "home/sam/build"
SYNC = os.fsync
THEIRS = b"# somebody else's\noptions amdgpu dc=1\n"


def seed(root: Path, *, foreign: bool = False, sam: int | None = None, miopen: bool = False) -> None:
    """The demo's machine. ``foreign``: with somebody else's files in our places; ``sam``: owner of the venv;
    ``miopen``: its torch brings one, and there is another in ``BUILT``."""
    shutil.copytree(DEMO / "machine", root, symlinks=True)
    for folder in ("var/lib", "etc/environment.d", "boot", f"lib/modules/{RELEASE}/{Path(MODULE).parent}"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/environment.d").rmdir()
    owner = os.getuid() if sam is None else sam
    (root / "etc/passwd").write_text(f"root:x:0:0::/root:/bin/sh\nsam:x:{owner}:{owner}:Sam:/home/sam:/bin/bash\n")
    modules = root / "lib/modules" / RELEASE
    (modules / "modules.dep").write_text(f"{MODULE}:\n")
    made = subprocess.run([sys.executable, "-I", DEMO / "sample_module.py"], capture_output=True, check=True)
    (modules / MODULE).write_bytes(made.stdout)
    conf = root / CONF.relative_to("/")
    if foreign:
        conf.write_bytes(THEIRS)
        conf.chmod(0o640)
    (root / IMAGE).write_bytes(THEIRS if foreign else b"")
    (root / UNIT).parent.mkdir(parents=True, exist_ok=True)
    (root / UNIT).write_text("[Service]\nExecStart=/usr/local/bin/ollama serve\n")
    (root / LOADED).write_bytes(b"")
    if miopen:
        roclibs.torch_folder(root / TORCH / "lib", 7)
        roclibs.miopen(root / BUILT, roclibs.hip(root / BUILT / "hip", 7), mark="patched")
        (root / roclibs.CLANG[1:]).parent.mkdir(parents=True, exist_ok=True)
        (root / roclibs.CLANG[1:]).touch()
    (root / OWN).parent.mkdir(parents=True)
    (root / OWN).write_text("[Service]\nExecStart=/usr/local/bin/ollama serve\n")
    root.chmod(0o755)
    if sam is not None:
        for path in (root / "home/sam", *(root / "home/sam").rglob("*")):
            os.chown(path, sam, sam, follow_symlinks=False)


class Image:
    """Stands in for update-initramfs; the first ``failures`` rebuilds fail half way."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures

    def __call__(
        self,
        step: Step,
        root: Sysroot,
        wanted: Mapping[PurePosixPath, bytes | None],
        on_line: Callable[[str], None],
        *_: object,
    ) -> None:
        reload = step.kind is StepKind.RELOAD
        image = root.path("/" + (LOADED if reload else IMAGE))
        on_line("rebuilding")
        _write(image, b"half")
        if self.failures:
            self.failures -= 1
            raise RdnaError("initramfs-failed", "update-initramfs failed")
        if reload:  # all that is there is read, whatever the change was
            _write(image, root.read_bytes(DROP_IN) if root.exists(DROP_IN) else b"")
        elif CONF in wanted:
            _write(image, wanted[CONF] or b"")


def _write(image: Path, content: bytes) -> None:
    with image.open("wb") as stream:
        stream.write(content)
        stream.flush()
        SYNC(stream.fileno())


def stand_in(failures: int = 0) -> None:
    """Put the image's stand-in in place of the real activation. In a child only."""
    committing.activate = Image(failures)
    applying.require_ready = lambda step, root: {}
    planning.plan_step = rolling_back.plan_step = lambda facts: (STEP, None)
    planning.reload_steps = rolling_back.reload_steps = _reloads
    foreign.load_book = _load_book


def _reloads(changes: Iterable[Change], root: Sysroot, user: User | None) -> tuple[Step, ...]:
    return (RELOAD,) if user is None and any(str(change.path) == DROP_IN for change in changes) else ()


def shorten_hook(count: int = 4) -> None:
    """So few modules in the hook: its files are all written by the same calls, over and over. In a child only."""
    few = dict(list(render.runtime_sources().items())[:count])
    render.runtime_sources = lambda: few


def pause_at_commit(pause: Callable[[], None]) -> None:
    """Have ``pause`` called where the plan is made and the first that is written for it begins. In a child only."""
    pauses = iter([pause])

    def after(real: Callable[..., Any]) -> Callable[..., Any]:
        def paused(*args: Any, **more: Any) -> Any:
            next(pauses, lambda: None)()
            return real(*args, **more)

        return paused

    applying.commit_all = rolling_back.commit_all = after(committing.commit_all)
    swapping.bring_in = after(swapping.bring_in)


def become_sam() -> None:
    """Go on as sam, for whom this is the machine and not a scratch root of his own. In a child only."""
    os.setgroups([])
    os.setresgid(SAM, SAM, SAM)
    os.setresuid(SAM, SAM, SAM)
    owners.system_uid = rolling_back.system_uid = lambda root: 0
    for module in (applying, committing, recovering, rolling_back):
        module.may_write = _is_sams


def _is_sams(root: Sysroot, owner: owners.Owner) -> bool:
    return owner.user is not None and owner.user.uid == SAM


def _load_book(
    folders: Sequence[PurePosixPath], root: Sysroot, owner: int, user: User, about: object = None
) -> load.Book:
    """Our rules are read once and for all; somebody's own each time."""
    if any(root.names(str(folder)) for folder in folders):
        return load.load_book(folders, root, owner, user)
    return _our_book()


@functools.cache
def _our_book() -> load.Book:
    return load.load_book()


@functools.cache
def prepare() -> None:
    """Import and read all that comes late, so that a child forked from here does nothing but the work itself."""
    for name in app.COMMANDS:
        app.app.get_command(None, name)  # type: ignore[arg-type]
    import ast  # noqa: F401
    import difflib  # noqa: F401
    import grp  # noqa: F401
    import pickle  # noqa: F401

    import rdna_installer.report.asjson
    import rdna_installer.report.plan_text
    import rdna_installer.workflow.bug  # noqa: F401

    _our_book()
    with tempfile.TemporaryDirectory() as work, contextlib.redirect_stdout(io.StringIO()):
        seed(Path(work, "root"))
        app.main(["plan", "--profile", "layered", "--root", f"{work}/root"])
    gc.collect()
    gc.freeze()  # a fork is cheap as long as nobody writes into what is shared


def clean_environment() -> None:
    """What would lead detection elsewhere. In the child only."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HSA_OVERRIDE_GFX_VERSION"):
        os.environ.pop(name, None)
    for name in [name for name in os.environ if name.startswith("SUDO_")]:
        del os.environ[name]


def call(root: Path, argv: tuple[str, ...]) -> int:
    """One command in this process, as ``python -m rdna_installer`` would run it."""
    sys.argv = ["rdna-installer", *argv]
    clean_environment()
    try:
        return app.main([*argv, "--root", str(root)])
    except BaseException:
        traceback.print_exc()
        return 99


def alone(root: str, argv: list[str]) -> None:
    """The whole of a process of its own: start, work and end as ``python -m rdna_installer`` has them."""
    stand_in()
    clean_environment()
    sys.exit(app.main([*argv, "--root", root]))


def begin() -> None:
    """Say that all is imported: from here on a signal is the program's business."""
    try:
        sys.stderr.write("begin\n")
        sys.stderr.flush()
    except KeyboardInterrupt:
        sys.exit(1)
