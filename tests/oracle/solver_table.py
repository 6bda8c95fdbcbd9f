"""The table ``knowledge/data/solvers.yaml`` of the program: made from the library's answers, and held to them.

A switch is written down as the solvers it takes away wherever they are offered, on every target. That is a model; it is
held against every answer, and a switch that does not fit is left out and named.
"""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from miopen import HERE, PASSES, TYPES, Answer, Cell, Library, Shape, shapes

from rdna_installer.amd.judge import is_switch
from rdna_installer.knowledge.load import load_book

DATA = HERE.parent.parent / "installer/rdna_installer/knowledge/data/solvers.yaml"
# Compute units of the largest card of a target; two solvers of gfx11 ask for them. 16 where none is known.
UNITS = {
    **{
        "gfx900": 64,
        "gfx902": 11,
        "gfx904": 20,
        "gfx906": 60,
        "gfx90c": 8,
        "gfx908": 120,
        "gfx90a": 104,
        "gfx942": 304,
    },
    **{"gfx950": 256, "gfx1010": 40, "gfx1011": 40, "gfx1012": 24, "gfx1013": 24, "gfx1030": 80, "gfx1031": 40},
    **{"gfx1032": 32, "gfx1033": 8, "gfx1034": 16, "gfx1035": 12, "gfx1036": 2, "gfx1100": 96, "gfx1101": 60},
    **{"gfx1102": 32, "gfx1103": 12, "gfx1150": 16, "gfx1151": 40, "gfx1152": 8, "gfx1153": 4, "gfx1200": 32},
    **{"gfx1201": 64},
}
FEW = ("resnet-3x3-56", "expand-1x1-56", "depthwise-3x3-56", "conv3d-3x3x3-16")
ALONE = "ConvBinWinograd3x3U"  # where it is applicable MIOpen looks at no family but Winograd
ALONE_OFF = {"MIOPEN_DEBUG_AMD_WINOGRAD_3X3": "0"}
# On or off of what is no single solver, or not on or off at all: their effect is no set of solvers.
OTHERS = {
    *("MIOPEN_DEBUG_COMPILE_ONLY", "MIOPEN_DEBUG_SAVE_TEMP_DIR", "MIOPEN_DEBUG_FORCE_IMMED_MODE_FALLBACK"),
    *("MIOPEN_DEBUG_CONV_IMMED_FALLBACK", "MIOPEN_DEBUG_ENABLE_AI_IMMED_MODE_FALLBACK"),
}
NOT_SWITCHES = (
    "_METADATA_",
    "_MAX",
    "_PERF_VALS",
    "_FIND_",
    "_ENFORCE",
    "_ATTRIB_",
    "_VALS",
    "_LEVEL",
    "_PATH",
    "_ARCH",
)

Switch = tuple[str, str]
Offers = Mapping[Cell, frozenset[str]]


def targets() -> list[str]:
    """All targets known from gfx900 to gfx1201."""
    return [
        gfx for gfx in load_book().targets.targets if (len(gfx) > 5 and gfx[3] == "9") or "gfx1010" <= gfx <= "gfx1201"
    ]


def known_switches(library: Library) -> list[Switch]:
    """Every switch of the catalogue that decides about solvers, turned off: on is their default."""
    keys = (key for key, entry in load_book().env.items() if entry.component == "MIOpen" and is_switch(entry))
    read = [key for key in keys if key.startswith("MIOPEN_DEBUG_") and key in library.variables]
    return [(key, "0") for key in read if "_DISABLE_" not in key and key not in OTHERS]


def effective(asking: Asking) -> list[Switch]:
    """Every other switch of the library that changes an offer: found with few shapes on few targets."""
    named = {name for name in asking.library.variables if name.startswith("MIOPEN_DEBUG_")} - OTHERS
    known = known_switches(asking.library)
    every = [(name, value) for name in sorted(named) for value in "01"]
    tried = [each for each in every if each not in known and not any(part in each[0] for part in NOT_SWITCHES)]
    few = Asking(asking.library, tuple(shape for shape in shapes() if shape.name in FEW), asking.workers)
    found = set()
    for gfx in ("gfx906", "gfx90a", "gfx1010", "gfx1030", "gfx1100"):
        (plain,) = few.all([(gfx, {})])
        work = [switch for switch in tried if switch not in found]
        for switch, answer in zip(work, few.all((gfx, dict([each])) for each in work), strict=True):
            if answer.offers != plain.offers or answer.refused:
                found.add(switch)
    asking.count += few.count
    return [switch for switch in tried if switch in found]


def sets_of_rules() -> dict[str, dict[str, str]]:
    """What each profile and rule sets of MIOpen's switches, by its name; as far as this library reads it."""
    book = load_book()
    rules = [*book.rules, *(rule for name in book.profile_names for rule in book.profile(name).rules)]
    found = {r.id: {w.key: w.value for w in r.settings if w.key.startswith("MIOPEN_DEBUG_")} for r in rules}
    return {name: env for name, env in found.items() if env}


@dataclass
class Asking:
    """The answers, each asked for once."""

    library: Library
    over: tuple[Shape, ...] = field(default_factory=shapes)
    workers: int = 2
    count: int = 0

    def all(self, asked: Iterable[tuple[str, Mapping[str, str]]]) -> list[Answer]:
        """The answers for targets and environments, in order."""
        work = list(asked)
        self.count += len(work) * len(self.over) * len(TYPES) * len(PASSES)
        with ThreadPoolExecutor(self.workers) as pool:
            return list(
                pool.map(lambda each: self.library.ask(each[0], self.over, each[1], cu=UNITS.get(each[0], 16)), work)
            )


@dataclass
class Group:
    """Targets that are offered the same everywhere."""

    gfx: list[str]
    offers: dict[Cell, frozenset[str]]
    behind: dict[Cell, frozenset[str]] = field(default_factory=dict)
    removes: dict[Switch, frozenset[str]] = field(default_factory=dict)

    def model(self, env: Mapping[str, str]) -> dict[Cell, frozenset[str]]:
        """What the table says is offered with these switches."""
        gone = frozenset().union(*(self.removes.get(switch, frozenset()) for switch in env.items()))
        whole = {**self.offers, **self.behind} if ALONE in gone else self.offers
        return {cell: found - gone for cell, found in whole.items()}


def offers_of(answer: Answer) -> dict[Cell, frozenset[str]]:
    """Without the order. Raises ValueError for a refusal."""
    if answer.refused:
        raise ValueError(answer.refused)
    return {cell: frozenset(found) for cell, found in answer.offers.items()}


def differences(old: Answer, new: Answer) -> Iterator[tuple[str, ...]]:
    """Type, what became of a solver, its name, and for how many shapes it was and is offered, pass by pass; a row for
    each type that says how many solvers are the same. Raises ValueError for a refusal."""
    was, now = offers_of(old), offers_of(new)
    for type_ in TYPES:
        cells = [cell for cell in was if cell.type == type_]
        same = 0
        for name in sorted(frozenset().union(*(side[cell] for side in (was, now) for cell in cells))):
            before, after = ([cell for cell in cells if name in side[cell]] for side in (was, now))
            same += before == after
            if before != after:
                what = "added" if not before else "removed" if not after else "changed"
                yield type_, what, name, *("/".join(_by_pass(side)) for side in (before, after))
        yield type_, "same", str(same), "", ""


def _by_pass(cells: Iterable[Cell]) -> Iterator[str]:
    passes = [cell.pass_ for cell in cells]
    return (str(passes.count(pass_)) for pass_ in PASSES)


def compared(asking: Sequence[Asking], names: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
    """A table in Markdown of what the second library offers otherwise than the first; targets that have the same rows
    are one. Raises ValueError for a refusal."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for gfx, *sides in zip(names, *(each.all((gfx, env) for gfx in names) for each in asking), strict=True):
        for row in differences(*sides):
            rows.setdefault(row, []).append(gfx)
    yield "| type | | solver | first | second | targets |"
    yield "|---|---|---|---|---|---|"
    for row, gfx in sorted(rows.items(), key=lambda each: (each[0][1] == "same", [*TYPES].index(each[0][0]), each[0])):
        yield "| " + " | ".join((*row, " ".join(gfx))) + " |"


def group(asking: Asking, names: Sequence[str]) -> list[Group]:
    """Ask every target what it is offered without a switch."""
    groups: list[Group] = []
    for gfx, answer in zip(names, asking.all((gfx, {}) for gfx in names), strict=True):
        offers = offers_of(answer)
        same = next((known for known in groups if known.offers == offers), None)
        if same:
            same.gfx.append(gfx)
        else:
            groups.append(Group([gfx], offers))
    for known, answer in zip(groups, asking.all((known.gfx[0], ALONE_OFF) for known in groups), strict=True):
        found = offers_of(answer)
        known.behind = {cell: found[cell] for cell, was in known.offers.items() if ALONE in was}
    return groups


def learn(known: Group, switch: Switch, answer: Answer, behind: Answer | None) -> str | None:
    """Note what a switch takes away on a group, alone and with ``ALONE_OFF``; why it is not in the table, or None."""
    refused = answer.refused or (behind and behind.refused)
    if refused:
        return f"{'='.join(switch)} on {known.gfx[0]}: {refused}"
    after = offers_of(answer)
    pairs = [
        (known.behind.get(cell, was) if ALONE not in after[cell] else was, after[cell])
        for cell, was in known.offers.items()
    ]
    if behind:
        found = offers_of(behind)
        pairs += [(was, found[cell]) for cell, was in known.behind.items()]
    hidden = {ALONE for cell, was in known.offers.items() if ALONE in was - after[cell]}
    gone = frozenset(hidden).union(*(was - now for was, now in pairs))
    brought = frozenset().union(*(now - was for was, now in pairs))
    odd = [was for was, now in pairs if now - brought != was - gone]
    if odd:
        return f"{'='.join(switch)} on {known.gfx[0]}: not the same solvers in each of {len(odd)} cells"
    if gone:
        known.removes[switch] = gone
    return None


def unfit(known: Group, env: Mapping[str, str], answer: Answer) -> list[str]:
    """Where the library answers otherwise than the table says."""
    after, said = offers_of(answer), known.model(env)
    where = f"{known.gfx[0]} {' '.join(map('='.join, env.items()))}"
    return [f"{where}: {cell}: {sorted(after[cell] ^ said[cell])}" for cell in said if after[cell] != said[cell]]


def make(asking: Asking, names: Sequence[str], say: Callable[[str], None]) -> str:
    """The whole table as YAML. Raises ValueError where profiles and rules do not fit it."""
    groups = group(asking, names)
    say(f"{len(names)} targets in {len(groups)} groups")
    tried = [*known_switches(asking.library), *effective(asking)]
    say(f"{len(tried)} switches")
    left_out = set()
    for known in groups:
        answers = asking.all((known.gfx[0], dict([each])) for each in tried)
        with_it = asking.all((known.gfx[0], {**ALONE_OFF, **dict([each])}) for each in tried) if known.behind else []
        for switch, answer, behind in itertools.zip_longest(tried, answers, with_it):
            if why := learn(known, switch, answer, behind):
                left_out.add(switch)
                say(why)
        say(f"{known.gfx[0]}: {len(known.removes)} switches remove something")
    for switch in tried:
        usual = _usual(groups, switch)
        if other := [known.gfx[0] for known in groups if known.removes.get(switch, frozenset()) != usual & _all(known)]:
            left_out.add(switch)
            say(f"{'='.join(switch)}: not the same solvers on {' '.join(other)}")
    together = sets_of_rules()
    for known in groups:
        known.removes = {switch: gone for switch, gone in known.removes.items() if switch not in left_out}
        answers = asking.all((known.gfx[0], env) for env in together.values())
        wrong = [
            line for env, answer in zip(together.values(), answers, strict=True) for line in unfit(known, env, answer)
        ]
        if wrong:
            raise ValueError("\n".join(wrong))
    looked = asking.library.ask(names[0], asking.over, {}).names
    say(f"{asking.count} questions; {len(looked)} solvers")
    return "".join(_yaml(asking.library, groups, looked, tried, left_out))


def _yaml(
    library: Library, groups: Sequence[Group], looked: Iterable[str], tried: Sequence[Switch], left_out: set[Switch]
) -> Iterator[str]:
    later = (HERE / "later.txt").read_text().split()
    yield "# What MIOpen chooses from, target by target, and what its switches take away: what is offered,\n"
    yield "# not what is fast or right. Made by `tests/oracle/ask --table` from a real library and GPUs that are only\n"
    yield "# claimed: not to be edited.\n"
    yield f"library: {json.dumps(f'MIOpen {library.version} (Debian: {library.package})')}\n"
    yield f'date: "{datetime.date.today().isoformat()}"\n'
    yield "shapes:\n"
    yield from (f"  {shape.name}: {json.dumps(shape.said)}\n" for shape in shapes())
    yield "# Every solver it looks at, and those of newer libraries or other builds (tests/oracle/later.txt).\n"
    yield f"names: {json.dumps(' '.join(sorted(looked)))}\nlater: {json.dumps(' '.join(later))}\n"
    yield "# Where it is offered nothing else is looked at but Winograd; after a | what there is once it is gone.\n"
    yield f"alone: {ALONE}\n"
    usual = {s: _usual(groups, s) for s in tried if s not in left_out}
    yield "# What a switch takes away wherever it is offered; none: it was tried, and takes nothing away anywhere.\n"
    yield "removes:\n"
    yield from (f"  {'='.join(s)}: {json.dumps(' '.join(sorted(gone)) or 'none')}\n" for s, gone in usual.items())
    sets = sorted({o for known in groups for o in (*known.offers.values(), *known.behind.values())}, key=sorted)
    names = {found: f"s{number}" for number, found in enumerate(sets)}
    yield "sets:\n"
    yield from (f"  {name}: {json.dumps(' '.join(sorted(found)) or 'none')}\n" for found, name in names.items())
    yield "targets:\n"
    for known in groups:
        yield from _group(known, names)


def _usual(groups: Sequence[Group], switch: Switch) -> frozenset[str]:
    """What it takes away on all targets together, but for what one of them keeps."""
    every = [known.removes.get(switch, frozenset()) for known in groups]
    whole = frozenset().union(*every)
    kept = {name for known, gone in zip(groups, every, strict=True) for name in (whole & _all(known)) - gone}
    return whole - kept


def _all(known: Group) -> frozenset[str]:
    return frozenset().union(*known.offers.values(), *known.behind.values())


def _group(known: Group, names: Mapping[frozenset[str], str]) -> Iterator[str]:
    yield f"- gfx: [{', '.join(known.gfx)}]\n"
    for type_, pass_ in itertools.product(TYPES, PASSES):
        cells = [Cell(shape.name, type_, pass_) for shape in shapes()]
        row = ["|".join(names[o[cell]] for o in (known.offers, known.behind) if cell in o) for cell in cells]
        if pass_ == PASSES[0]:
            yield f"  {type_}:\n"
        yield f"    {pass_}: {' '.join(row)}\n"


def write(text: str, path: Path = DATA) -> None:
    """Put the table where it is shipped."""
    path.write_text(text)
