"""The run: components found, their facts read once a blob, claims compared, rows printed."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from upstream.book import ISSUE, Claim, Product, Source, claims, load, sources
from upstream.clones import Clone, Component, Release, find_clone, find_component
from upstream.compare import Known, Row, compare, news, show
from upstream.extract import KINDS, Facts, function

HERE = Path(__file__).resolve().parents[2]
KNOWLEDGE = HERE / "installer/rdna_installer"
BLOB = re.compile(r"https://github\.com/([^/]+/[^/]+)/(?:blob|tree)/([^/]+)/([^#?\s]+)")
PLAIN = re.compile(r"linux (\d+\.\d+(?:\.\d+)?) (\S+?)(?::(\d+))?$")
SILENT = ("not coverable", "unreadable")
OLD = 60  # days after which an issue that a range leans on is to be read again


class Reader:
    """Facts of releases; a blob is read and understood once, in however many releases it is."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], Facts | None] = {}

    def facts(self, said: Mapping[str, Any], release: Release) -> tuple[Facts, int] | None:
        """What one release says, and how many of its files cannot be read; None where its tree cannot."""
        listed = release.clone.files(release.ref, release.folders)
        if listed is None:
            return None
        wanted, skipped = re.compile(said["paths"]), re.compile(said.get("skip", "(?!)"))
        blobs = {path: blob for path, blob in listed.items() if wanted.search(path) and not skipped.search(path)}
        extract, name = KINDS[said.get("as", said["kind"])], said["kind"]
        missing = list({blob for blob in blobs.values() if (name, blob) not in self.seen})
        for blob, text in release.clone.read(missing):
            self.seen[name, blob] = None if text is None else extract(text)
        found: Facts = {}
        for blob in blobs.values():
            for key, fact in (self.seen[name, blob] or {}).items():
                found.setdefault(said.get("prefix", "") + key, fact)
        return found, sum(self.seen[name, blob] is None for blob in blobs.values())


def learn(reader: Reader, said: Mapping[str, Any], components: Sequence[Component]) -> Known:
    """A kind of fact in everything that is here of its components."""
    releases: dict[tuple[int, ...], Facts] = {}
    now: Facts | None = None
    holes = 0
    for component in components:
        for release in (*component.releases, *([component.head] if component.head else [])):
            read = reader.facts(said, release)
            found, lost = read or ({}, 1)
            holes += lost
            if release.version is None:
                now = {**(now or {}), **found}
            elif read is not None:
                releases[release.version] = {**releases.get(release.version, {}), **found}
    return Known(said["kind"], sorted(releases.items()), now, holes)


@dataclass(frozen=True)
class World:
    """All that the clones say. ``known``: by kind of fact."""

    components: Mapping[str, Component]
    known: Mapping[str, Known]
    chips: Mapping[str, str]
    below: Path


def look(below: Path) -> World:
    """Read a directory of clones."""
    said = yaml.safe_load((HERE / "tools/upstream.yaml").read_text())
    components = {name: find_component(below, name, each) for name, each in said["components"].items()}
    reader, known = Reader(), dict[str, Known]()
    for fact in said["facts"]:
        # Half of what a library reads is no answer about the other half.
        parts = [components[name] for name in fact["components"]]
        one = learn(reader, fact, parts if all(part.clone for part in parts) else [])
        if other := known.get(fact["kind"]):
            both = {n: {**dict(other.releases).get(n, {}), **f} for n, f in one.releases}
            one = Known(
                one.kind, sorted(both.items()), {**(other.now or {}), **(one.now or {})}, one.holes + other.holes
            )
        known[fact["kind"]] = one
    return World(components, known, said["chips"], below)


def judge(product: Product, world: World) -> Iterator[Row]:
    """All claims. One read in several places is borne out by any of them."""
    for claim in claims(product):
        answers = [list(compare(claim, world.known[kind], world.chips)) for kind in claim.kinds]
        yield from min(answers, key=lambda rows: [row.outcome not in SILENT for row in rows])


def cited(found: Sequence[Source], world: World) -> Iterator[Row]:
    """Files that evidence names and that are gone, and functions that are not as they were when they were read."""
    seen: dict[tuple[Clone, str, str], str | None] = {}
    for source in {(s.owner, s.url, str(s.watch)): s for s in found}.values():
        owner, url, watch = source.owner, source.url, source.watch
        blob, plain = BLOB.match(url), PLAIN.match(url)
        if not blob and not plain:
            continue
        repo, ref, path = (
            blob.groups() if blob else ("torvalds/linux", f"v{plain[1]}", plain[2]) if plain else ("",) * 3
        )
        clone = find_clone(world.below, repo)
        name = clone.commit(ref) if clone else None
        if clone is None or name is None:
            yield Row("I", "not coverable", owner, "no clone here has that ref", url)
            continue
        at = (clone, name, path.rstrip("/"))
        if at not in seen:
            listed = clone.git("cat-file", "-t", f"{name}:{at[2]}") if clone.git("ls-tree", name, at[2]) else None
            seen[at] = None if listed is None else clone.text(name, at[2]) if listed == b"blob\n" else ""
        text = seen[at]
        if text is None and not clone.git("rev-list", "-1", name, "--", at[2]):
            # Never there: it is newer than this clone, or older than the part of history that it has.
            yield Row("I", "not coverable", owner, "not in the history of this clone", url)
        elif text is None:
            yield Row("W", "removed", owner, "its evidence is gone: no such path in the newest ref", url)
        elif watch and clone.newest and clone.newest[1].isoformat() < (source.read or ""):
            yield Row("I", "not coverable", owner, f"this clone is older than what was read on {source.read}", url)
        elif watch and (now := function(text, watch["symbol"])) != watch["sha1"]:
            yield Row("W", "read again", owner, f"{watch['symbol']} is {now or 'gone'}, was {watch['sha1']}", url)
        elif plain and plain[3] and int(plain[3]) > text.count("\n") + 1:
            yield Row("W", "removed", owner, f"its evidence has no line {plain[3]}", url)


def read_again(found: Sequence[Source], today: date) -> list[tuple[str, str, str]]:
    """Issues and pull requests that a range leans on, read more than OLD days ago or on no day that is known."""
    rows = {(s.url, s.read or "never dated", s.owner) for s in found if s.ranged and ISSUE.match(s.url)}
    return sorted(r for r in rows if not r[1][:1].isdigit() or (today - date.fromisoformat(r[1])).days > OLD)


def run(arguments: Sequence[str] | None = None) -> int:
    """The command. 1 where something is wrong that a rule, a route or --set leans on, 2 where it cannot be run."""
    parser = argparse.ArgumentParser(
        prog="upstream-check", description="Hold our knowledge against clones of its sources."
    )
    parser.add_argument("clones", type=Path, help="a directory of git repositories: owner+name, owner/name or name")
    parser.add_argument(
        "--since", type=Path, metavar="STATE", help="what --json printed earlier: show what is new since"
    )
    parser.add_argument("--json", action="store_true", help="everything, as one document")
    given = parser.parse_args(arguments)
    if not given.clones.is_dir():
        parser.error(f"{given.clones} is not a directory")
    try:
        before = json.loads(given.since.read_text())["state"] if given.since else None
    except (OSError, ValueError, KeyError, TypeError) as err:
        parser.error(f"{given.since} is not what --json printed: {err}")
    product, world, today = (
        load(KNOWLEDGE / "knowledge/data", KNOWLEDGE / "detect/pciids.tsv"),
        look(given.clones),
        date.today(),
    )
    found = list(sources(product))
    rows = [*judge(product, world), *cited(found, world)]
    if before is not None:
        ours: dict[str, dict[str, Claim]] = {}
        for claim in claims(product):
            for kind in claim.kinds:
                ours.setdefault(kind, {})[claim.key] = claim
        state = ((kind, known.latest) for kind, known in world.known.items() if kind in before)
        rows += [row for kind, facts in state for row in news(kind, before[kind], facts, ours.get(kind, {}))]
    again = read_again(found, today)
    if given.json:
        kept = {kind: known.latest for kind, known in world.known.items() if known.latest}
        document = {"clones": list(_clones(world, today)), "rows": [asdict(row) for row in rows], "state": kept}
        print(json.dumps({**document, "read_again": again}, indent=1, sort_keys=True))
    else:
        _print(rows, again, world, today)
    return int(any(row.level in "EW" and row.outcome not in SILENT for row in rows))


def _clones(world: World, today: date) -> Iterator[dict[str, Any]]:
    for name, component in world.components.items():
        repo, newest = (component.clone.repo, component.clone.newest) if component.clone else (None, None)
        commit, day = (newest[0], newest[1].isoformat()) if newest else (None, None)
        yield {
            "component": name,
            "repository": repo,
            "commit": commit,
            "date": day,
            "stale": component.stale(today),
            "releases": len(component.releases),
            "to": show(component.covers),
        }


def _print(rows: Sequence[Row], again: Sequence[tuple[str, str, str]], world: World, today: date) -> None:
    for each in _clones(world, today):
        said = (
            f"{each['repository']} {each['commit']} of {each['date']}"
            if each["commit"]
            else "not coverable: no clone here"
        )
        stale = f"; stale clone, {each['stale']} days: nothing newer is said" if each["stale"] else ""
        print(
            f"{each['component']:<10}{said}"
            + f", {each['releases']} releases to {each['to']}" * bool(each["to"])
            + stale
        )
    for row in sorted(rows, key=lambda row: ("EWIN".index(row.level), row.outcome, row.key)):
        if row.outcome not in SILENT:
            print(f"{row.level} {row.outcome}: {row.key}: {row.says}" + f"\n    {row.where}" * bool(row.where))
    counted = Counter(row.outcome for row in rows if row.outcome in SILENT)
    for outcome, count in counted.items():
        print(f"{outcome}: {count} (--json names them)")
    for url, day, owner in again:
        print(f"read again: {owner}: {url} ({day})")
