"""Claims held against what sources say: a row for each that is not borne out, or that no clone here can speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from upstream.book import Claim
from upstream.clones import Version, version
from upstream.extract import Facts

DATED = re.compile(r"(?:ROCm |Triton |torch |PyTorch )?(\d+\.\d+(?:\.\d+)*)( or before)?")
BROAD = frozenset({"dgpu-all", "igpu-all", "dcgpu-all"})  # families of no single target
SPARE = {"true": "1", "false": "0", "nullptr": "", "null": ""}
ALIKE = 0.6  # share of words two names have in common where one may be the other, renamed


@dataclass(frozen=True)
class Row:
    """One finding. ``level``: E, W, I as of the claim, N for what the program does not know and is new."""

    level: str
    outcome: str
    key: str
    says: str
    where: str = ""


@dataclass(frozen=True)
class Known:
    """What a kind of fact is: in each release, oldest first, and now. ``now`` is None where no clone can say;
    ``holes``: files that this clone cannot read."""

    kind: str
    releases: Sequence[tuple[Version, Facts]]
    now: Facts | None
    holes: int = 0

    @property
    def covers(self) -> Version:
        """The last release looked at."""
        return self.releases[-1][0] if self.releases else ()

    @property
    def latest(self) -> Facts:
        """The newest state there is."""
        return self.now if self.now is not None else self.releases[-1][1] if self.releases else {}


def show(number: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, number))


def compare(claim: Claim, known: Known, chips: Mapping[str, str]) -> Iterator[Row]:
    """The rows of one claim. Nothing where it is borne out."""
    if known.now is None and not known.releases:
        yield Row("I", "not coverable", claim.key, f"no clone here has {known.kind}")
    elif known.kind in ("therock_targets", "driver_ids", "products", "wheel_targets"):
        yield from _listed(claim, known, chips)
    else:
        found = [(number, claim.key in facts) for number, facts in known.releases]
        rows = list(_dates(claim, known, found))
        yield from rows or _properties(claim, known)


def _row(claim: Claim, outcome: str, says: str) -> Row:
    return Row("I" if outcome in ("not coverable", "unreadable") else claim.level, outcome, claim.key, says)


def _dates(claim: Claim, known: Known, found: Sequence[tuple[Version, bool]]) -> Iterator[Row]:
    since, until = claim.said.get("since", ""), claim.said.get("until", "")
    there = [number for number, has in found if has]
    present = claim.key in known.latest
    named = [version(word) for word in re.findall(r"\d+\.\d+(?:\.\d+)*", since)]
    if since.startswith("no "):
        if there or present:
            yield _row(claim, "wrong", f"said to be in {since}; it is in {_span(there) or 'the newest'}")
        return
    if not there and not present:
        yield from _absent(claim, known, named)
        return
    if (dated := DATED.match(since)) and found:
        yield from _wrong_since(claim, version(dated[1]), bool(dated[2]), there, found)
    gone = DATED.match(until)
    if gone and found:
        yield from _wrong_until(claim, version(gone[1]), there, present, found)
    elif not until and not present:
        yield _renamed(claim, known, there)


def _absent(claim: Claim, known: Known, named: Sequence[Version]) -> Iterator[Row]:
    if known.holes:
        yield _row(claim, "unreadable", f"{known.holes} files cannot be read here")
    elif not named and "since" in claim.said and known.kind != "solver_names":
        yield _row(claim, "not coverable", f"since {claim.said['since']}: no release to look at")
    elif known.covers and named and max(named) > known.covers[: len(max(named))]:
        yield _row(claim, "not coverable", f"since {claim.said['since']}; the clone ends at {show(known.covers)}")
    else:
        yield _row(claim, "removed", f"in no release looked at, to {show(known.covers)}, and not in the newest")


def _wrong_since(
    claim: Claim, said: Version, loose: bool, there: Sequence[Version], found: Sequence[tuple[Version, bool]]
) -> Iterator[Row]:
    """``loose``: "or before"; it may still not be later than a release that lacks it is old."""
    size, order = len(said), [number for number, _ in found]
    if not there:
        if said <= order[-1][:size]:
            yield _row(claim, "dated wrong", f"said since {show(said)}; in no release to {show(order[-1])}")
        return
    first = there[0]
    before = max((number for number in order if number < first), default=None)
    late = said > first[:size]
    early = before is not None and said <= before[:size]
    if late or early:
        yield _row(claim, "dated wrong", f"said since {show(said)}{' or before' * loose}; first in {show(first)}")


def _wrong_until(
    claim: Claim, said: Version, there: Sequence[Version], present: bool, found: Sequence[tuple[Version, bool]]
) -> Iterator[Row]:
    size, order = len(said), [number for number, _ in found]
    last = there[-1] if there else None
    after = min((number for number in order if last is not None and number > last), default=None)
    if last is not None and last[:size] >= said:
        yield _row(claim, "dated wrong", f"said until {show(said)}; still in {show(last)}")
    elif after is not None and after[:size] < said:
        yield _row(claim, "dated wrong", f"said until {show(said)}; gone in {show(after)}")
    elif after is None and not present and said > order[-1][:size]:
        yield _row(claim, "dated wrong", f"said until {show(said)}; not in the newest, after {show(order[-1])}")


def _renamed(claim: Claim, known: Known, there: Sequence[Version]) -> Row:
    """Gone: what came in the same step and is named alike may be it."""
    steps = [*known.releases, *([((), known.now)] if known.now is not None else [])]
    at = max(index for index, (_, facts) in enumerate(steps) if claim.key in facts)
    came = steps[at + 1][1].keys() - steps[at][1].keys() if at + 1 < len(steps) else set()
    best = max(came, key=lambda name: (_alike(name, claim.key), name), default=None)
    where = f"last in {show(there[-1])}" if there else "not in the newest"
    if best and _alike(best, claim.key) >= ALIKE:
        return _row(claim, "renamed?", f"{claim.key} -> {best}, {where}")
    return _row(claim, "removed", f"{where}, and not in the newest")


def _alike(one: str, other: str) -> float:
    words = [set(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", name)) for name in (one, other)]
    return len(words[0] & words[1]) / len(words[0] | words[1])


def _span(there: Sequence[Version]) -> str:
    return f"{show(there[0])} to {show(there[-1])}" if there else ""


def _properties(claim: Claim, known: Known) -> Iterator[Row]:
    fact = known.latest.get(claim.key, {})
    said, default = claim.said.get("default"), fact.get("default", "").strip('"')
    default = SPARE.get(default, default)
    if said and re.fullmatch(r"-?\d+", default) and "*" not in said.split() and default not in said.split():
        yield _row(claim, "default changed", f"said to be {said}; it is {default}")
    type_ = claim.said.get("type")
    if fact.get("type") and type_ and type_ != fact["type"]:
        yield _row(claim, "wrong", f"said to be {type_}; it is {fact['type']}")
    if "unsafe" in fact:
        yield from _taints(claim, known, claim.said.get("taints", ""))


def _taints(claim: Claim, known: Known, said: str) -> Iterator[Row]:
    if "where" in said:  # the driver's own code decides: no parser sees that
        return
    flags = [(number, bool(facts[claim.key].get("unsafe"))) for number, facts in known.releases if claim.key in facts]
    there = [number for number, has in flags if has]
    dated = DATED.match(said)
    if dated and flags:
        yield from _wrong_since(claim, version(dated[1]), bool(dated[2]), there, flags)
    elif not said and (there or known.latest[claim.key].get("unsafe")):
        yield _row(claim, "wrong", f"setting it taints the kernel, in {_span(there) or 'the newest'}; nothing says so")


def _listed(claim: Claim, known: Known, chips: Mapping[str, str]) -> Iterator[Row]:
    fact = known.latest.get(claim.key)
    if known.kind == "driver_ids":
        chip = chips.get((fact or {}).get("chip", ""))
        if chip and chip != claim.said["chip"]:
            yield _row(claim, "wrong", f"said to be {claim.said['chip']}; amdgpu takes it for {chip}")
    elif known.kind == "products":
        names = (fact or {}).get("name", "").split("|")
        # Ours may say in brackets what tells two cards apart, or name all that libdrm has for one revision.
        ours = set(re.sub(r"\(.*?\)", "", claim.said["name"]).split()) - {"or"}
        each = [set(name.split()) for name in names]
        if ours not in (*each, set[str]().union(*each)):
            yield _row(
                claim, "wrong" if fact else "removed", f"said: {claim.said['name']}; libdrm: {' or '.join(names)}"
            )
    elif known.kind == "wheel_targets":
        if fact is None:
            yield _row(claim, "wrong", "no list of the build script is that of the newest row of wheels")
    else:
        said, family = claim.said["family"], (fact or {}).get("family", "")
        mine, theirs = (set(names.lower().split()) - BROAD for names in (said, family))
        if fact is None and mine:
            yield _row(claim, "removed", f"not a target of TheRock any more; its families: {' '.join(sorted(mine))}")
        elif fact is not None and mine != theirs:
            more, less = " ".join(sorted(theirs - mine)), " ".join(sorted(mine - theirs))
            yield _row(
                claim,
                "wrong",
                "families of TheRock" + f"; lacks {more}" * bool(more) + f"; too many: {less}" * bool(less),
            )


def news(kind: str, before: Facts, now: Facts, ours: Mapping[str, Claim]) -> Iterator[Row]:
    """What is new or other than in an earlier run: of keys the program has, and of those it lacks."""
    for key in sorted(now.keys() - before.keys() - ours.keys()):
        yield Row("N", "new", key, kind)
    for key in sorted(now.keys() & before.keys()):
        for name in sorted(now[key].keys() & before[key].keys() & {"default", "gfx", "ticks", "excluded"}):
            if now[key][name] != before[key][name] and (name != "default" or before[key][name]):
                outcome = "default changed" if name == "default" else "gate changed"
                level = ours[key].level if key in ours else "N"
                yield Row(level, outcome, key, f"{kind}: {before[key][name] or 'none'} -> {now[key][name] or 'none'}")
