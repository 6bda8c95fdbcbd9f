"""Make an environment of a lock and a folder of its files: with nobody's rights for the system, and never root's.

Everything of a package, of pip and of uv runs as who owns the environment, for the system as a user id that nobody has;
then the tree is given to root. It is proved after that, where nobody but its owner can change it any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.change.store import ENVIRONMENTS, Store
from rdna_installer.check.installed import wrong_with
from rdna_installer.detect.sites import find_sites, interpreter_at
from rdna_installer.environments import lock as locks
from rdna_installer.environments.choose import constraints
from rdna_installer.environments.lock import HashFrom, Lock, LockedFile, requirements
from rdna_installer.environments.proof import name_of
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import with_rights
from rdna_installer.machine.bounds import Limits
from rdna_installer.machine.built import give, sync_filesystem
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.process import find_own
from rdna_installer.machine.runner import CACHES, Runner, builder, runner_of
from rdna_installer.machine.sysroot import Sysroot, digested
from rdna_installer.model import PythonSite, User
from rdna_installer.printable import printable
from rdna_installer.record import record, replace
from rdna_installer.workflow.environments import prefix, remove

WHEELS = "/usr/share/python-wheels"  # where distributions put pip, and what builds packages, for new environments
PIP = re.compile(r"pip-([0-9.]+)-py[0-9.py]*-none-any\.whl")
PIP_OPTIONS = ("--isolated", "--no-input", "--no-cache-dir", "--disable-pip-version-check", "--no-index", "-q")
UV_OPTIONS = ("--no-index", "--no-cache", "--offline", "--no-config", "-q", "--link-mode=copy")
QUIET = {"PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1", "LC_ALL": "C.UTF-8"}
LIMITS = Limits(total=3600.0, output=8 << 20, grace=10.0)
IMPORTS = ("torch", "torchvision", "torchaudio")
IMPORT_LIMITS = Limits(total=300.0)
IMPORT = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\nprint('imported')\n"
Progress = Callable[[str], None]


@record(frozen=True)
class Work:
    """What is to be made: of which files (in ``wheels``), by which interpreter. ``left``: what does not come along."""

    lock: Lock
    wheels: PurePosixPath
    python: PurePosixPath
    uv: bool = False
    left: tuple[str, ...] = ()


def pip_of(root: Sysroot, python: PurePosixPath) -> PurePosixPath | None:
    """A wheel of pip to install with: the interpreter's own (ensurepip), else the distribution's; never fetched."""
    base = interpreter_at(root, str(python))
    bundled = [base.prefix / f"{lib}/python{base.version}/ensurepip/_bundled" for lib in ("lib", "lib64")]
    for folder in (*bundled, PurePosixPath(WHEELS)):
        found = [(match[1], name) for name in root.names(folder) if (match := PIP.fullmatch(name))]
        if found:
            return folder / max(found, key=lambda item: [int(n) for n in item[0].split(".") if n])[1]
    return None


def no_pip() -> RdnaError:
    """What is said where nothing could install anything."""
    message = "neither the interpreter nor the distribution has a pip to install with"
    return RdnaError("pip-missing", message, hint="on Debian and Ubuntu: sudo apt-get install python3-venv")


def install(store: Store, number: int, work: Work, user: User, progress: Progress) -> PythonSite:
    """A whole environment, on the disk and proved, that nothing refers to yet; whoever builds holds the lock of
    environments. Whatever goes wrong takes all of it away again. Raises RdnaError, OSError, KeyboardInterrupt."""
    with store.folder(ENVIRONMENTS) as folder:
        try:
            with explaining(Exit.FAILED, note="what was begun was removed"):
                _build(store, folder, number, work, progress)
                site = find_sites(store.root, [str(prefix(store, number))], user)[0]
                progress("Proving it: every file by its digest, kernels, imports")
                _prove(store.root, site, work.lock, user)
                durable.replace(folder, f"{number}.json", codec.write(work.lock, locks.FORMAT), 0o644)
                return site
        except BaseException:
            remove(folder, number)
            raise


def _build(store: Store, folder: Folder, number: int, work: Work, progress: Progress) -> None:
    name, scratch = str(number), f"{number}.tmp"
    with builder(store.user) as who:
        for made, mode in ((name, 0o755), (scratch, 0o700)):
            durable.make_folder(folder, made, mode, who.rights.uid, who.rights.gid)
        temporary = store.base / ENVIRONMENTS / scratch
        tools = Tools(store.root, who, prefix(store, number), temporary, work)
        tools.venv()
        built = tools.build_sources()
        asked = requirements(work.lock, built).encode()
        durable.replace(folder, f"{number}.txt", asked, 0o644)
        progress(f"Installing {len(work.lock.files)} packages (minutes)")
        tools.install(temporary.with_name(f"{number}.txt"), built)
        durable.remove_tree(folder, scratch)
        if who.rights.uid != durable.ourselves().owner:
            give(folder, name, who.rights.uid)
    if work.left:
        durable.replace(folder, f"{number}.left.txt", "".join(f"{line}\n" for line in work.left).encode(), 0o644)
    with folder.child(name) as inner:
        kept = f"[install]\nconstraint = {prefix(store, number) / 'constraints.txt'}\n"
        files = {"constraints.txt": constraints(work.lock), "pip.conf": kept}
        durable.write_tree(inner, {each: text.encode() for each, text in files.items()}, 0o644)
        sync_filesystem(inner)


@record(frozen=True)
class Tools:
    """venv, and pip or uv, run as ``who`` with nothing of the caller's environment or configuration."""

    root: Sysroot
    who: Runner
    place: PurePosixPath
    temporary: PurePosixPath
    work: Work

    @property
    def python(self) -> str:
        """The new environment's interpreter."""
        return str(self.place / "bin/python")

    def venv(self) -> None:
        """The empty environment. Raises RdnaError."""
        self._run(
            [str(self.work.python), "-I", "-m", "venv", "--without-pip", str(self.place)], "making the environment"
        )

    def build_sources(self) -> tuple[LockedFile, ...]:
        """Wheels of the source packages, built offline for the lock's own target. Raises RdnaError."""
        sources = [file for file in self.work.lock.files if file.sdist]
        if not sources:
            return ()
        built = self.temporary / "built"
        more = ("--find-links", WHEELS) if self.root.is_dir(WHEELS) else ()  # the distribution's setuptools
        files = [str(self.work.wheels / file.filename) for file in sources]
        self._run([*self._pip("wheel"), "--no-deps", *more, "-w", str(built), *files], "building rocm from its source")
        return with_rights(
            self.who.rights, partial(self._found, built, sources), tuple[LockedFile, ...], who=self.who.name
        )

    def _found(self, built: PurePosixPath, sources: Sequence[LockedFile]) -> tuple[LockedFile, ...]:
        of = {file.name: file for file in sources}
        made = {name: of.get(name_of(name.partition("-")[0])) for name in self.root.names(built)}
        arrived = partial(replace, hash_from=HashFrom.ARRIVAL, sdist=False)
        return tuple(
            arrived(file, filename=name, sha256=digested(self.root, built / name, follow=False).hex())
            for name, file in made.items()
            if file
        )

    def install(self, asked: PurePosixPath, built: Sequence[LockedFile]) -> None:
        """All that is asked for, each file by its digest, and pip itself for who goes on with it. Raises RdnaError."""
        folder = ("--find-links", str(self.temporary / "built")) if built else ()  # uv wants it to be there
        options = ("--require-hashes", "--no-deps", "-r", str(asked), *folder)
        if self.work.uv:
            wheels = ("--find-links", str(self.work.wheels))
            argv = [find_own("uv") or "uv", "pip", "install", "--python", self.python, *UV_OPTIONS, *wheels, *options]
            self._run(argv, "installing with uv")
        else:
            self._run([*self._pip("install"), "--no-compile", *options], "installing with pip")
        own = str(self._wheel_of_pip())
        self._run(
            [*self._pip("install"), "--no-compile", "--no-deps", "--no-warn-script-location", own], "installing pip"
        )

    def _wheel_of_pip(self) -> PurePosixPath:
        wheel = pip_of(self.root, self.work.python)
        if wheel is None:
            raise no_pip()
        return wheel

    def _pip(self, command: str) -> list[str]:
        pip = str(self._wheel_of_pip() / "pip")
        return [self.python, "-I", pip, command, *PIP_OPTIONS, "--find-links", str(self.work.wheels)]

    def _run(self, argv: Sequence[str], what: str) -> None:
        home = dict.fromkeys(CACHES, str(self.temporary))
        ended = self.who.run(argv, {**QUIET, **home, "ROCM_SDK_TARGET_FAMILY": self.work.lock.target}, LIMITS)
        if ended.well:
            return
        said = (ended.err or ended.out).decode("utf-8", "replace")
        lines = [printable(line) for line in said.splitlines() if line.strip()]
        if any("No space left" in line for line in lines):
            hint, message = "free some space, then run it again", f"no space left while {what}; it was removed again"
            raise RdnaError("disk-full", message, hint=hint, exit_code=Exit.FAILED)
        how = ended.how.value if ended.code is None else f"status {ended.code}"
        message = f"{what} failed ({how}); what was begun was removed"
        raise RdnaError("install-failed", message, context=" | ".join(lines[-3:]) or None, exit_code=Exit.FAILED)


def _prove(root: Sysroot, site: PythonSite, lock: Lock, user: User) -> None:
    """Raises RdnaError("not-proved")."""
    wrong = [*wrong_with(root, site, lock), *_not_imported(root, site, lock, user)]
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        message = f"the new environment is not what was locked, and was removed: {'; '.join(wrong[:3])}{more}"
        raise RdnaError("not-proved", message, context=str(site.prefix), exit_code=Exit.FAILED)


def _not_imported(root: Sysroot, site: PythonSite, lock: Lock, user: User) -> Iterator[str]:
    names = [name for name in IMPORTS if lock.file(name)]
    with runner_of(site, user) as runner:
        ended = runner.run([str(site.python), "-B", "-c", IMPORT, *names], {}, IMPORT_LIMITS)
    if not ended.well or not ended.out.endswith(b"imported\n"):
        last = printable(ended.err.decode("utf-8", "replace").strip().rpartition("\n")[2])
        yield f"{', '.join(names)} cannot be imported ({last or ended.how.value})"
