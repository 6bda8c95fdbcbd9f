"""A choice to a locked folder of files: resumable, every byte held against a digest, the lock written last.

What breaks off leaves ``NAME.<state>.part``, which the next call goes on with: <state> is of the host's validator, so
that a part of another file is never gone on with. Nothing that is fetched is run here, and what is read of it is data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.environments.index import IndexFile, metadata_in
from rdna_installer.environments.lock import FORMAT, HashFrom, Lock, LockedFile, expected
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder, exclusive
from rdna_installer.machine.net import Net
from rdna_installer.machine.sysroot import Sysroot, parts_of
from rdna_installer.record import record
from rdna_installer.workflow.choosing import SetupPlan
from rdna_installer.workflow.shelves import LOOKS, opened

SPARE = 64 << 20  # bytes that stay free beside what is fetched
AGAIN = "run it again: what has come is kept, and it goes on there"
CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]  # the file, bytes that are there of all, bytes of all


def folder_of(base: PurePosixPath, index: str) -> PurePosixPath:
    """The folder for what comes from one index; two indexes may have two files of one name."""
    return base / hashlib.sha256(index.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def lock_name(plan: SetupPlan) -> str:
    """The name of the lock of a plan."""
    return f"lock-{plan.choice.torch}-{plan.choice.target}-{plan.choice.python}.json"


def read_lock(root: Sysroot, path: PurePosixPath) -> Lock | None:
    """A lock that was written; None where there is none. Raises RdnaError("lock-damaged")."""
    try:
        return codec.read(Lock, root.read_bytes(path), "lock", FORMAT)
    except FileNotFoundError:
        return None
    except codec.MisfitError as err:
        hint = f"remove it, then run it again: {path}"
        raise RdnaError("lock-damaged", f"this lock cannot be believed: {err}", context=str(path), hint=hint) from err


def fetch(root: Sysroot, base: PurePosixPath, plan: SetupPlan, net: Net, on_progress: Progress) -> Lock:
    """Everything of ``plan`` in ``folder_of(base, index)``, and its lock. As whoever owns ``base``.
    Raises RdnaError("disk-full", "net-…", "file-changed", "wheel-…", "set-not-whole", "busy", …)."""
    place = folder_of(base, plan.source.place)
    with explaining(Exit.FAILED, note=AGAIN):
        durable.make_folders(root, place, 0o755)
        with Folder.open(root, place, writing=True) as folder, exclusive(folder, ".lock"):
            _require_space(room(root, base, plan))
            fetcher = _Fetcher(root, place, folder, net, plan, on_progress)
            files = tuple(map(fetcher.file, plan.choice.files))
            choice, source = plan.choice, plan.source.place
            about = (choice.torch, choice.rocm, choice.target, choice.python, source, plan.read)
            lock = Lock(*about, files, choice.layout)
            for problem in expected(lock, lock.target):
                raise RdnaError(problem.reference, problem.message, context=str(place), exit_code=Exit.FAILED)
            durable.replace(folder, lock_name(plan), codec.write(lock, FORMAT), 0o644)
    return lock


class _Fetcher:
    def __init__(
        self, root: Sysroot, place: PurePosixPath, folder: Folder, net: Net, plan: SetupPlan, on_progress: Progress
    ) -> None:
        self.root, self.place, self.folder, self.net, self.plan = root, place, folder, net, plan
        self.on_progress, self.done, self.total = on_progress, 0, plan.size
        before = read_lock(root, place / lock_name(plan))
        self.recorded = {file.filename: file.sha256 for file in before.files} if before else {}

    def file(self, file: IndexFile) -> LockedFile:
        """One file, there and proved."""
        trusted = file.sha256 or self.recorded.get(file.filename)
        status = self.folder.status(file.filename)
        if status is not None and file.size in (None, status.st_size):
            self.on_progress(file.filename, self.done, self.total)
            digest, size = durable.file_digest(self.folder, file.filename)
            if trusted in (None, digest):
                return self.locked(file, digest, size)
        durable.discard(self.folder, file.filename)
        self.bring(file, trusted)
        digest, size = durable.file_digest(self.folder, file.filename)
        return self.locked(file, digest, size)

    def locked(self, file: IndexFile, digest: str, size: int) -> LockedFile:
        self.done += size
        url = None if file.url.startswith("/") else file.url
        said = HashFrom.INDEX if file.sha256 else HashFrom.ARRIVAL
        return LockedFile(file.filename, file.name, file.version, digest, size, url, said, file.sdist)

    def bring(self, file: IndexFile, trusted: str | None) -> None:
        """Fetch a file; what was gone on with and is wrong is fetched anew once, and what is wrong then is refused."""
        for _ in range(2):
            part, resumed = self.arrive(file)
            digest, size = durable.file_digest(self.folder, part)
            if trusted in (None, digest) and file.size in (None, size):
                self.prove(file, part)
                durable.move(self.folder, part, file.filename)
                durable.sync(self.folder)
                return
            durable.discard(self.folder, part)
            if not resumed:
                break
        what = f"{file.filename} is not what it should be: sha256 {digest[:16]}… with {size} bytes"
        known = "the index says" if file.sha256 else "an earlier download had"
        what += f"; {known} {trusted[:16]}…" if trusted else f"; the index says {file.size}"
        hint = "run it again; if it stays so, it was changed on the way or at the index: do not install it"
        raise RdnaError("file-changed", what, context=file.url, hint=hint, exit_code=Exit.FAILED)

    def arrive(self, file: IndexFile) -> tuple[str, bool]:
        """The name of the part that holds all of a file now, and whether an earlier one was gone on with."""
        if file.url.startswith("/"):
            part = f"{file.filename}.copy.part"
            with parts_of(self.root, file.url, 1 << 48) as source:
                whole = (source.up_to(at, CHUNK) for at in range(0, source.size, CHUNK))
                durable.receive(self.folder, part, 0, self.counted(file, 0, whole))
            return part, False
        head = self.net.head(file.url)
        state = hashlib.sha256(f"{head.validator}\n{head.size}\n{file.sha256}".encode()).hexdigest()[:16]
        part = f"{file.filename}.{state}.part"
        for name in self.folder.names():
            if name.startswith(f"{file.filename}.") and name.endswith(".part") and name != part:
                durable.discard(self.folder, name)
        status = self.folder.status(part)
        start = status.st_size if status and (head.validator or file.sha256) else 0
        if head.size is not None and start == head.size:
            return part, True
        start = 0 if head.size is None or start > head.size else start
        with self.net.stream(file.url, start, head.validator) as (got, chunks):
            durable.receive(self.folder, part, got.start, self.counted(file, got.start, chunks))
        return part, got.start > 0

    def counted(self, file: IndexFile, start: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same; more than was announced is an error, and the way is told."""
        came = start
        for chunk in chunks:
            came += len(chunk)
            if file.size is not None and came > file.size:
                raise RdnaError("file-changed", f"{file.filename} is longer than announced", context=file.url)
            self.on_progress(file.filename, self.done + came, self.total)
            yield chunk

    def prove(self, file: IndexFile, part: str) -> None:
        """A wheel is what its name says, before it gets that name. Raises RdnaError("wheel-damaged", "wheel-lies")."""
        if file.sdist:
            return
        try:
            with parts_of(self.root, self.place / part, LOOKS) as parts:
                metadata_in(opened(parts.at, parts.size), file)
        except RdnaError:
            durable.discard(self.folder, part)
            raise


@record(frozen=True)
class Room:
    """Where a plan's files go. ``missing`` and ``free``: bytes to be fetched yet, and free there."""

    place: PurePosixPath
    missing: int
    free: int


def room(root: Sysroot, base: PurePosixPath, plan: SetupPlan) -> Room:
    """What is there of a plan, by names and sizes, and what is free. Raises RdnaError."""
    place = folder_of(base, plan.source.place)
    sizes = {name: status.st_size for name in root.names(place) if (status := root.status(place / name))}
    whole = all(f.filename in sizes and f.size in (None, sizes[f.filename]) for f in plan.choice.files)
    held = [[n for name, n in sizes.items() if name.startswith(f.filename)] for f in plan.choice.files]  # parts, too
    first = next(path for path in (place, *place.parents) if root.is_dir(path))
    missing = (
        0 if whole and lock_name(plan) in sizes else max(1, plan.size - sum(max(each, default=0) for each in held))
    )
    with explaining(Exit.REFUSED):
        return Room(place, missing, root.free_bytes(first))


def _require_space(found: Room) -> None:
    needed = found.missing + SPARE
    if found.free < needed:
        message = f"{needed >> 20} MiB are to be fetched, and {found.free >> 20} MiB are free; nothing was fetched"
        raise RdnaError("disk-full", message, context=str(found.place), hint="free some space, then run it again")
