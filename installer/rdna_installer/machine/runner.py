"""Who runs a Python environment's interpreter, decided before anything of it runs; for everybody who has to run one."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import rights_of, with_rights
from rdna_installer.machine.bounds import REPORT, Ended, Limits, OnReport, Rights
from rdna_installer.machine.process import PATH
from rdna_installer.machine.whose import free_uid, owner_of_site
from rdna_installer.model import PythonSite, User
from rdna_installer.record import record

REPORT_FD = "{report}"  # in argv: replaced by the number of the report's descriptor
CACHES = (
    "HOME", "TMPDIR", "XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TRITON_CACHE_DIR",
    "TORCHINDUCTOR_CACHE_DIR",
)  # fmt: skip
NAME = "rdna-check"  # what a free uid is called in its environment: getpass and torch.compile want a name
NO_FILES: Mapping[PurePosixPath, bytes] = MappingProxyType({})
SCRATCH, LEFT = "rdna-installer-scratch-", 86400  # its name begins so; seconds after which nobody works in it any more
BELOW = "/tmp"  # noqa: S108 - the directory is made by mkdtemp; not $TMPDIR: root's may be closed to the user the files are for


@record(frozen=True)
class Runner:
    """Rights, and the variables that tell a program who it is. ``files``: the directory with those it was given."""

    rights: Rights
    name: str
    variables: Mapping[str, str]
    files: Path | None = None

    def run(
        self, argv: Sequence[str], env: Mapping[str, str], limits: Limits, on_report: OnReport = lambda new: None
    ) -> Ended:
        """One program of that user's, with ``env`` over the variables."""
        from rdna_installer.machine.foreign import foreign

        command = [word.replace(REPORT_FD, str(REPORT)) for word in argv]
        whole = {"PATH": PATH, "LC_ALL": "C.UTF-8", **self.variables, **env}  # and nothing of ours
        return foreign(command, self.rights, limits, env=whole, on_report=on_report)

    def closed(self, site: PythonSite) -> str | None:
        """What of the interpreter and its start-up files cannot be read with these rights: then nothing is known.
        Python leaves such files out without a word. Raises RdnaError("child-died")."""
        return with_rights(self.rights, lambda: _closed(site), str | None, who=self.name)


@contextmanager
def runner_of(
    site: PythonSite, asker: User, files: Mapping[PurePosixPath, bytes] = NO_FILES, *, gpu: bool = False
) -> Iterator[Runner]:
    """Who runs ``site``, with ``files`` in a directory of theirs.

    Root gets its only owner, or a uid that nobody has where it is root's or several people's; ``gpu``: with the group
    of the GPU's device nodes. Who is not root is themselves, in what is theirs or root's. Raises RdnaError
    ("not-yours", "no-free-uid", "child-died"), OSError.
    """
    with ExitStack() as stack:
        if os.geteuid() != 0:
            runner = of_user(_not_root(site, asker))
        elif (owner := owner_of_site(site)) is not None:
            runner = of_user(asker if asker.uid == owner else _user(owner, site))
        else:
            runner = _of_nobody(stack, gpu)
        if files:
            folder = stack.enter_context(scratch_tree(files, runner.rights, runner.name))
            runner = Runner(runner.rights, runner.name, runner.variables, folder)
        yield runner


@contextmanager
def builder(user: User | None) -> Iterator[Runner]:
    """Who builds what will be ``user``'s (None: the system's, by a uid that nobody has), where he is told: never root.
    Raises RdnaError("no-free-uid"), OSError."""
    if user is not None or os.geteuid() != 0:
        yield of_user(user or _user(os.geteuid(), None))
        return
    with free_uid() as uid:
        yield Runner(Rights(uid, uid), NAME, {"USER": NAME, "LOGNAME": NAME})


def of_user(user: User) -> Runner:
    """Who runs a program of the user's own (a login shell)."""
    told = {"HOME": str(user.home), "USER": user.name, "LOGNAME": user.name}
    return Runner(rights_of(user), user.name, told)


def _not_root(site: PythonSite, asker: User) -> User:
    if site.owner in (0, asker.uid):
        return asker
    message = "its site-packages belong to another user, whose start-up code is not run as you"
    raise RdnaError("not-yours", message, context=str(site.python), hint="run it as that user")


def _user(uid: int, site: PythonSite | None) -> User:
    import pwd

    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(
            uid, site.group if site else os.getegid(), str(uid), PurePosixPath("/nonexistent"), "/bin/sh", frozenset()
        )
    return User(uid, entry.pw_gid, entry.pw_name, PurePosixPath(entry.pw_dir), entry.pw_shell, frozenset())


def _of_nobody(stack: ExitStack, gpu: bool) -> Runner:
    uid = stack.enter_context(free_uid())
    rights = Rights(uid, uid, _device_groups() if gpu else ())
    home = str(stack.enter_context(scratch_tree(NO_FILES, rights, NAME)))
    return Runner(rights, NAME, {"USER": NAME, "LOGNAME": NAME, **dict.fromkeys(CACHES, home)})


def _device_groups() -> tuple[int, ...]:
    """The groups that open the GPU's nodes, by the nodes themselves and never by a name; not root's."""
    try:
        nodes = ["/dev/kfd", *(f"/dev/dri/{name}" for name in os.listdir("/dev/dri") if name.startswith("renderD"))]
    except OSError:
        nodes = ["/dev/kfd"]
    found = set()
    for node in nodes:
        try:
            status = os.stat(node)
        except OSError:
            continue
        if stat.S_ISCHR(status.st_mode) and status.st_mode & 0o060 == 0o060 and status.st_gid != 0:
            found.add(status.st_gid)
    return tuple(sorted(found))


def _closed(site: PythonSite) -> str | None:
    """The first that is there and refuses us, of the ways to it, its directories and its start-up files."""
    ways = (*reversed(site.prefix.parents), *reversed(site.site_packages.parents))
    folders = (site.prefix, site.site_packages, site.site_packages / "_rdna_hook")
    checks = [*((folder, os.X_OK) for folder in ways), (site.python, os.X_OK)]
    checks += [(folder, os.R_OK | os.X_OK) for folder in folders]
    closed = next((str(path) for path, mode in checks if _refuses(path, mode)), None)
    if closed is not None or not os.path.isdir(site.site_packages):
        return closed
    starts = [site.site_packages / name for name in os.listdir(site.site_packages) if name.endswith(".pth")]
    return next((str(path) for path in (site.prefix / "pyvenv.cfg", *starts) if _refuses(path, os.R_OK)), None)


def _refuses(path: PurePosixPath, mode: int) -> bool:
    if os.access(path, mode):
        return False
    try:
        os.stat(path)
    except OSError as err:
        return not isinstance(err, (FileNotFoundError, NotADirectoryError))
    return True


def _is_left(folder: Path) -> bool:
    """Whether it is ours, of a run that was killed: none of them lasts so long."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    return mine and time.time() - status.st_mtime > LEFT


@contextmanager
def scratch_tree(files: Mapping[PurePosixPath, bytes], rights: Rights, who: str) -> Iterator[Path]:
    """A directory (0700) holding ``files`` (relative paths), made and removed with these rights. Raises OSError."""
    import shutil
    import tempfile  # both are slow to load, and most commands never come here

    def make() -> PurePosixPath:
        ours = os.umask(0o077)  # the caller's may close even what is one's own
        try:
            for old in filter(_is_left, Path(BELOW).glob(f"{SCRATCH}*")):
                shutil.rmtree(old, ignore_errors=True)
            return filled(tempfile.mkdtemp(prefix=SCRATCH, dir=BELOW))
        finally:
            os.umask(ours)

    def filled(folder: str) -> PurePosixPath:
        try:
            for name, content in files.items():
                target = Path(folder) / name
                os.makedirs(target.parent, exist_ok=True)
                target.write_bytes(content)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return PurePosixPath(folder)

    folder = Path(with_rights(rights, make, PurePosixPath, who=who))
    try:
        yield folder
    finally:
        with_rights(rights, lambda: shutil.rmtree(folder, ignore_errors=True), None, who=who)
