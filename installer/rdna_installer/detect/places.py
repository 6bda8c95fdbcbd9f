"""Where Pythons are looked for: below a home and in /opt, level by level, bounded, nothing executed."""

from __future__ import annotations

import itertools
import os
import re
from collections import deque
from collections.abc import Iterator
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Listing, Sysroot, real
from rdna_installer.resources import table

ENVIRONMENTS, HIDDEN, SKIPPED, LOCAL = (tuple(words.split(" ")) for _, words in table(__file__, "search.tsv"))
CONDA_LIST = ".conda/environments.txt"
KERNELS = ".local/share/jupyter/kernels"
KERNEL = r'"argv"\s*:\s*\[\s*"(/[^"]+)/bin/python[\d.]*"'
OURS = "rdna-installer/environments/current"  # of `setup`, in the state directory of the system or of a user
INSIDE = (*ENVIRONMENTS, ".pixi", ".hatch")  # hidden names of a project's own environments
# Where people keep what is for all, or too big for a home.
SHARED = tuple(map(PurePosixPath, ("/opt", "/usr/local", "/srv", "/data", "/mnt", "/media")))
DEPTH = 6  # levels below a home
SHARED_DEPTH = 4
LINKED = 2  # levels on which links to folders are followed
FOLDERS = 1000  # looked into below one place
ENTRIES = 2000  # of one folder
WAITING = 2 * FOLDERS  # folders remembered to be looked into: more than that are not reached anyway
FOUND = 200  # environments of one place
LINES = 100  # of conda's list
MOUNTINFO = "/proc/self/mountinfo"  # proc_pid_mountinfo(5)


class PlaceSearch:
    """One search. ``stopped`` says afterwards that its bounds ended it. Paths are texts here: there are thousands."""

    def __init__(self, root: Sysroot) -> None:
        self.root = root
        self.looked = 0
        self.stopped = False
        self.seen: set[str] = set()
        self.distant = frozenset(str(mount) for mount in distant_mounts(root))

    def below_home(self, home: PurePosixPath) -> Iterator[str]:
        """Prefixes of Pythons below a home, the shallow ones before the deep; then what conda and Jupyter list."""
        there = self.root.listing(home, ENTRIES).folders
        hidden = [f"{home}/{name}" for name in HIDDEN if name.split("/")[0] in there]
        ours = [place for place in (f"{home}/.local/state/{OURS}",) if self.root.exists(place)]
        found = itertools.chain(ours, self._below([str(home), *hidden], DEPTH), self._listed(home))
        yield from itertools.islice(found, FOUND)

    def below(self, place: PurePosixPath) -> Iterator[str]:
        """Prefixes of Pythons below a folder of the system's."""
        yield from itertools.islice(self._below([str(place)], SHARED_DEPTH), FOUND)

    def _listed(self, home: PurePosixPath) -> Iterator[str]:
        lines = (self.root.read_optional(home / CONDA_LIST) or "").splitlines()[:LINES]
        yield from (line.strip() for line in lines if line.startswith("/"))
        for name in self.root.names(home / KERNELS)[:LINES]:  # Jupyter's kernels name theirs
            spec = re.search(KERNEL, self.root.read_optional(home / KERNELS / name / "kernel.json") or "")
            yield from [spec[1]] if spec else []

    def _below(self, starts: list[str], depth: int) -> Iterator[str]:
        todo = deque((start, str(real(self.root, start)), 0) for start in starts)
        while todo:
            place, where, level = todo.popleft()
            if where in self.seen:
                continue
            if self.looked >= FOLDERS:
                self.stopped = True
                return
            self.seen.add(where)
            self.looked += 1
            listing = self.root.listing(place, ENTRIES)
            if level and _is_python(self.root, place, listing):
                yield place
                if "envs" in listing.folders:  # conda keeps its environments there
                    todo.append((f"{place}/envs", f"{where}/envs", level))
            elif level < depth:
                for name, to in self._inside(place, where, level, listing)[: max(WAITING - len(todo), 0)]:
                    likely = name in ENVIRONMENTS  # before its neighbours, however many they are
                    (todo.appendleft if likely else todo.append)((f"{place}/{name}", to, level + 1))

    def _inside(self, place: str, where: str, level: int, listing: Listing) -> list[tuple[str, str]]:
        """The folders of a folder that are worth a look, and what they are with their links resolved."""
        inside = [(name, f"{where}/{name}") for name in listing.folders if _worth_it(name)]
        if self.distant:
            inside = [(name, to) for name, to in inside if to not in self.distant]
        for name in listing.links if level < LINKED else ():
            link = f"{place}/{name}"
            if _worth_it(name) and not self._leads_away(where, link) and self.root.is_dir(link):
                inside.append((name, str(real(self.root, link))))
        return sorted(inside)

    def _leads_away(self, where: str, link: str) -> bool:
        """Whether a link's own text leads onto a mount that may not answer; the mount is not asked."""
        target = os.path.normpath(os.path.join(where, self.root.readlink(link) or ""))
        return any(target == mount or target.startswith(f"{mount}/") for mount in self.distant)


def _worth_it(name: str) -> bool:
    return name not in SKIPPED and (not name.startswith(".") or name in INSIDE)


def _is_python(root: Sysroot, place: str, listing: Listing) -> bool:
    """A venv, a conda environment, or another prefix with its own Python."""
    if "pyvenv.cfg" in listing.others or "conda-meta" in listing.folders:
        return True
    own = "bin" in listing.folders and "lib" in listing.folders
    return own and root.exists(f"{place}/bin/python3")


def distant_mounts(root: Sysroot) -> tuple[PurePosixPath, ...]:
    """Mount points whose file system is none on a disk or in memory here. None below another root."""
    return tuple(place for place, kind in mounts(root) if kind not in LOCAL and str(place) != "/")


def mounts(root: Sysroot) -> Iterator[tuple[PurePosixPath, str]]:
    """Mount points with the kind of their file system. None below another root."""
    for line in ((root.read_optional(MOUNTINFO) or "") if root.live else "").splitlines():
        place, _, kind = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) > 4:
            yield PurePosixPath(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[4])), kind.split(" ")[0]
