"""The shelves a set is chosen from: an index by the network, or a folder of wheels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from typing import IO, cast

from rdna_installer.environments import index
from rdna_installer.environments.index import IndexFile, Metadata, metadata_in, named, read_metadata, read_page
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine.net import Net
from rdna_installer.machine.sysroot import Sysroot, parts_of
from rdna_installer.record import record, replace

WINDOW = 1 << 16  # bytes of one look into a wheel
LOOKS = 32 << 20  # bytes of one wheel that a look may take: a directory of 100,000 files has less


class WebShelf:
    """An index. Each page and METADATA is asked for once; of a wheel the end is enough, which tells its size too."""

    def __init__(self, net: Net, url: str) -> None:
        self.net, self.url = net, url
        self.refused: list[str] = []
        self.sizes: dict[str, int | None] = {}
        self.files, self.metadata = cache(self._files), cache(self._metadata)

    def _files(self, project: str) -> tuple[IndexFile, ...]:
        answer = self.net.page(f"{self.url}{project}/", index.PAGE_LIMIT, index.ACCEPT)
        if answer is None:
            return ()
        page = read_page(answer.body, answer.kind, answer.url, project)
        self.refused += page.refused
        return page.files

    def sized(self, file: IndexFile) -> IndexFile:
        """The same with its size. Raises RdnaError("net-…")."""
        if file.size is None and file.url not in self.sizes:
            self.sizes[file.url] = self.net.head(file.url).size
        return file if file.size is not None else replace(file, size=self.sizes[file.url])

    def _metadata(self, file: IndexFile) -> Metadata:
        try:
            answer = None if file.metadata is None else self.net.page(f"{file.url}.metadata", index.METADATA_LIMIT)
        except RdnaError as err:
            if err.reference != "net-refused":
                raise
            answer = None  # a proxy that has the promise of its upstream, and not the file
        if answer is None:
            end = self._end(file)
            size = self.sized(file).size or 0
            return metadata_in(opened(lambda at, n: self.net.part(file.url, at, n)[1], size, end), file)
        if file.metadata not in ("", hashlib.sha256(answer.body).hexdigest()):
            hint = "run it again; if it stays so, tell whoever keeps the index"
            raise RdnaError("bad-index", "METADATA is not what the page says", context=file.filename, hint=hint)
        return read_metadata(answer.body, file)

    def _end(self, file: IndexFile) -> bytes:
        """The last bytes of a wheel; none where a host only knows parts that are counted from the beginning, and all
        of a small wheel where it knows no parts."""
        try:
            head, end = self.net.part(file.url, None, WINDOW)
        except RdnaError as err:
            if err.reference == "net-no-ranges" and (self.sized(file).size or 0) < LOOKS:
                answer = self.net.page(file.url, LOOKS)
                whole = answer.body if answer else b""
                self.sizes[file.url] = len(whole)
                return whole
            if err.reference not in ("net-no-ranges", "net-refused", "net-too-much"):
                raise
            return b""
        self.sizes[file.url] = head.size
        return end


def opened(read: Callable[[int, int], bytes], size: int, end: bytes = b"") -> IO[bytes]:
    """A file to be read by parts, of which the ``end`` is known: as much of one as zipfile needs."""
    return cast("IO[bytes]", _Remote(read, size, end))


class _Remote:
    """A file of an index, read by windows. Raises RdnaError("net-…", "wheel-damaged")."""

    def __init__(self, read: Callable[[int, int], bytes], size: int, end: bytes) -> None:
        self.ask, self.size, self.at, self.taken = read, size, 0, 0
        self.window, self.begin = end, size - len(end)
        self.tell, self.seekable = lambda: self.at, lambda: True

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file's."""
        self.at = max(0, offset + (0, self.at, self.size)[whence])
        return self.at

    def read(self, count: int = -1) -> bytes:
        """As a file's; what is not in the window is asked for, with what is around it."""
        left = max(0, self.size - self.at)
        count = left if count < 0 else min(count, left)
        if not self.begin <= self.at <= self.at + count <= self.begin + len(self.window):
            wanted = max(count, WINDOW)
            start = min(self.at, max(0, self.size - wanted))
            wanted = min(max(wanted, self.at + count - start), self.size - start)
            self.taken += wanted
            if self.taken > LOOKS:
                raise RdnaError("wheel-damaged", "this wheel has too long a list of files")
            self.window, self.begin = self.ask(start, wanted), start
        found = self.window[self.at - self.begin :][:count]
        self.at += len(found)
        return found


class FolderShelf:
    """A folder of wheels, for who has no network there. Below ``root``."""

    def __init__(self, root: Sysroot, folder: PurePosixPath) -> None:
        self.root, self.folder = root, folder
        self.refused: list[str] = []
        self.metadata = cache(self._metadata)
        self.files = cache(self._files)
        with explaining(Exit.REFUSED):
            root.require_readable(folder)
        if not root.is_dir(folder):
            raise RdnaError(
                "no-wheels", "there is no such folder", context=str(folder), hint="name another: --wheels DIR"
            )

    def _files(self, project: str) -> tuple[IndexFile, ...]:
        return tuple(file for file in self._all() if file.name == project)

    @cache  # noqa: B019 - one shelf a run
    def _all(self) -> tuple[IndexFile, ...]:
        found = []
        for name in self.root.names(self.folder):
            file = named(name, str(self.folder / name)) if index.safe_name(name) else None
            status = self.root.status(self.folder / name)
            if file is not None and status is not None:
                found.append(replace(file, size=status.st_size))
        return tuple(found)

    def sized(self, file: IndexFile) -> IndexFile:
        """Known already."""
        return file

    def _metadata(self, file: IndexFile) -> Metadata:
        with explaining(Exit.REFUSED), parts_of(self.root, file.url, LOOKS) as parts:
            return metadata_in(opened(parts.at, parts.size), file)


Shelf = WebShelf | FolderShelf


@record(frozen=True)
class Source:
    """Where a set may come from: ``label`` for people; an address that ends with a slash, or an absolute folder."""

    label: str
    place: str
    layout: str | None = None
    early: bool = False
