"""Git repositories, read by their refs: never a work tree, never the network, nothing of theirs is run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

Version = tuple[int, ...]
# A partial clone answers "missing" and asks nobody; what the clone's owner configured is not run.
QUIET = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1"}
OFFLINE = ("-c", "protocol.allow=never", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "--no-pager")
LIMIT = 600  # seconds of one git


def version(text: str) -> Version:
    """``6.17.8`` as numbers."""
    return tuple(map(int, re.findall(r"\d+", text)))


@dataclass(frozen=True)
class Clone:
    """One repository here. ``repo``: its name as owner/name."""

    repo: str
    path: Path

    def git(self, *arguments: str, given: bytes | None = None) -> bytes | None:
        """What git answers, or None where it fails: no such ref, or an object that this clone lacks."""
        command = ["git", *OFFLINE, f"--git-dir={self.path}", *arguments]
        done = subprocess.run(
            command, input=given, capture_output=True, env={**os.environ, **QUIET}, timeout=LIMIT, check=False
        )
        return done.stdout if done.returncode == 0 else None

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """All full names of refs."""
        return tuple((self.git("for-each-ref", "--format=%(refname)") or b"").decode(errors="replace").split("\n"))

    @cached_property
    def newest(self) -> tuple[str, date] | None:
        """The commit HEAD is, and its day."""
        words = (self.git("log", "-1", "--format=%h %cs", "HEAD") or b"").decode().split()
        return (words[0], date.fromisoformat(words[1])) if len(words) == 2 else None

    def commit(self, ref: str) -> str | None:
        """What a ref of an address is here: main and its like are HEAD."""
        names = ("HEAD",) if ref in ("main", "master", "develop", "HEAD") else (ref, f"refs/remotes/origin/{ref}")
        return next((n for n in names if self.git("rev-parse", "--verify", "-q", n + "^{commit}") is not None), None)

    def files(self, ref: str, folders: Sequence[str]) -> dict[str, str] | None:
        """Paths with their blobs; None where the tree cannot be read."""
        listed = self.git("ls-tree", "-r", "-z", ref, "--", *(folder or "." for folder in folders))
        if listed is None:
            return None
        rows = (row.split("\t", 1) for row in listed.decode(errors="replace").split("\0") if "\t" in row)
        return {path: words.split()[2] for words, path in rows if words.split()[1] == "blob"}

    def read(self, blobs: Sequence[str]) -> Iterator[tuple[str, str | None]]:
        """The texts of blobs; None for one that is not here."""
        out, at = self.git("cat-file", "--batch", given="\n".join(blobs).encode() + b"\n") or b"", 0
        for blob in blobs if blobs else ():
            head, _, _ = out[at : at + 200].partition(b"\n")
            at += len(head) + 1
            if not head[-1:].isdigit():
                yield blob, None
                continue
            size = int(head.split()[-1])
            yield blob, out[at : at + size].decode(errors="replace")
            at += size + 1

    def text(self, ref: str, path: str) -> str | None:
        """One file; None where it is not there, or cannot be read."""
        found = self.git("cat-file", "blob", f"{ref}:{path}")
        return None if found is None else found.decode(errors="replace")


def find_clone(below: Path, repo: str) -> Clone | None:
    """A repository in a directory of clones, however it is laid out there."""
    owner, name = repo.split("/")
    for place in (f"{owner}+{name}/repo", f"{owner}+{name}", repo, f"{repo}.git", name, f"{name}.git"):
        for path in (below / place / ".git", below / place):
            if (path / "HEAD").is_file() and (path / "objects").is_dir():
                return Clone(repo, path)
    return None


@dataclass(frozen=True)
class Release:
    """A state of a component: a version, or what is newest ("HEAD", without one)."""

    clone: Clone
    ref: str
    folders: tuple[str, ...]
    version: Version | None


@dataclass(frozen=True)
class Component:
    """Where a component is: its releases, oldest first, and the newest state of its present place that is here.
    ``clone`` is None where nothing of it is; ``age``: how many days old a clone of it may be."""

    name: str
    clone: Clone | None
    head: Release | None
    releases: tuple[Release, ...]
    age: int

    def stale(self, today: date) -> int | None:
        """How many days its clone is old, where that is too many."""
        days = (today - self.clone.newest[1]).days if self.clone and self.clone.newest else None
        return days if days is not None and days > self.age else None

    @property
    def covers(self) -> Version:
        """The last release that can be looked at."""
        return max((r.version for r in self.releases if r.version), default=())


def find_component(below: Path, name: str, said: Mapping[str, Any]) -> Component:
    """A component as tools/upstream.yaml describes it. A place whose folder is not in that ref does not count."""
    head: Release | None = None
    releases: dict[Version, Release] = {}
    for place in said["places"]:
        clone = find_clone(below, place["repo"])
        folders = tuple(place.get("folders", [""]))
        if clone is None or not clone.files("HEAD", folders):
            continue
        head = head or Release(clone, "HEAD", folders, None)
        for ref in clone.refs:
            if match := re.fullmatch(str(place.get("releases", "(?!)")), ref):
                number = version(match[1])
                releases.setdefault(number, Release(clone, ref, folders, number))
    ordered = tuple(releases[number] for number in sorted(releases))
    return Component(name, head.clone if head else None, head, ordered, said.get("age", 60))
