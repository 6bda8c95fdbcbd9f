"""What MIOpen chooses from on each target, and what a switch really takes away: solvers.yaml, read when asked for."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rdna_installer.knowledge.fields import Fields
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.record import record

NAIVE = "ConvDirectNaiveConv"  # with Fwd, Bwd or Wrw behind it: right everywhere, and very slow
NOTHING = "removes nothing"
TYPES = ("float32", "float16", "bfloat16")
Names = frozenset[str]
Counts = Counter[tuple[str, str]]  # of shapes, by type and pass
Cells = Mapping[tuple[str, str, str], Names]  # by type, pass, shape


@record(frozen=True)
class Solvers:
    """The table. ``removes``: by KEY=VALUE, the solvers it takes away wherever they are. ``behind``: what a target is
    offered once ``alone`` is gone, beside which MIOpen looks at no other family."""

    source: str
    shapes: Mapping[str, str]  # in words
    names: Names
    later: Names  # of solvers that only newer libraries or other builds have
    alone: str
    removes: Mapping[str, Names]
    offers: Mapping[str, Cells]
    behind: Mapping[str, Cells]

    def here(self, gfx: str) -> Names:
        """All that a target is offered for anything."""
        return frozenset[str]().union(*self.offers[gfx].values(), *self.behind[gfx].values())

    def gone(self, gfx: str, switches: Iterable[str]) -> Names:
        """What some KEY=VALUE take away on a target."""
        return frozenset[str]().union(*(self.removes.get(s, ()) for s in switches)) & self.here(gfx)

    def switch_of(self, name: str) -> str | None:
        """The KEY=VALUE that takes a solver away and the fewest others with it."""
        ways = sorted((len(names), switch) for switch, names in self.removes.items() if name in names)
        return ways[0][1] if ways else None

    def left(self, gfx: str, switches: Iterable[str]) -> tuple[Counts, Counts]:
        """Where a target is left nothing but a naive solver, and where it loses all."""
        gone = self.gone(gfx, switches)
        counts: tuple[Counts, Counts] = (Counter(), Counter())
        for cell, before in self.offers[gfx].items():
            after = (self.behind[gfx].get(cell, before) if self.alone in gone else before) - gone
            if before - after and all(name.startswith(NAIVE) for name in after):
                counts[not after][cell[:2]] += 1
        return counts

    def where(self, found: Counts, brief: bool = False) -> str:
        """That in words; ``brief`` names types only."""
        said, every = [], len(self.shapes)
        for type_ in TYPES:
            here = {pass_: count for (of, pass_), count in found.items() if of == type_}
            each = ", ".join(name if n == every else f"{name} of {n} in {every} shapes" for name, n in here.items())
            part = f"some of {type_}" if brief else f"{type_} ({each})"
            said += [type_ if list(here.values()) == [every] * 3 else part] if here else []
        return "; ".join(said)

    def effect(self, gfx: str, switch: str) -> str:
        """What KEY=VALUE does on a target, in a sentence without its subject."""
        gone = ", ".join(sorted(self.gone(gfx, [switch])))
        naive, dead = self.left(gfx, [switch])
        parts = [f"removes exactly {gone}" if gone else NOTHING]
        parts += [f"only the naive solver is left, which is slow, in {self.where(naive)}"] if naive else []
        return "; ".join([*parts, f"nothing is left in {self.where(dead)}"] if dead else parts)

    def about(self, key: str, only: str | None) -> Iterator[tuple[str, str]]:
        """What each value of a switch does, target by target; nothing of a key that is none."""
        asked = [switch for switch in self.removes if switch.partition("=")[0] == key]
        for switch in asked:
            said: dict[str, list[str]] = {}
            for gfx in self.offers if only is None else [only]:
                said.setdefault(self.effect(gfx, switch), []).append(gfx)
            if switch.endswith("=0") or list(said) != [NOTHING]:
                yield from ((switch[len(key) + 1 :], f"on {' '.join(on)} {text}") for text, on in said.items())
        yield from (("known of", self.source) for _ in asked[:1])

    def together(self, switches: Sequence[str], targets: Iterable[str]) -> Iterator[str]:
        """Where some KEY=VALUE together leave only a naive solver, or nothing; targets of one answer stand together."""
        said: dict[str, list[str]] = {}
        for gfx in targets if any(switch in self.removes for switch in switches) else ():
            for what, found in zip(("only the naive solver", "no solver"), self.left(gfx, switches), strict=True):
                if found:
                    said.setdefault(f"{what} in {self.where(found, brief=True)}", []).append(gfx)
        yield from (f"{text}, on {' '.join(on)}" for text, on in said.items())

    def of_shape(self, gfx: str, shape: str) -> Iterator[tuple[str, str]]:
        """What MIOpen chooses from for one shape on a target, by type and pass."""
        for (type_, pass_, of), names in self.offers[gfx].items():
            if of == shape:
                then = self.behind[gfx].get((type_, pass_, of), frozenset())
                more = f"; without {self.alone} also {', '.join(sorted(then - names))}" if then - names else ""
                yield f"{type_} {pass_}", (", ".join(sorted(names)) or "nothing") + more
        yield "known of", self.source

    def choice(self, only: str | None) -> Iterator[tuple[str, str]]:
        """What MIOpen chooses from: on one target by type and pass, with how many shapes; else all of each target."""
        groups: dict[str, list[str]] = {}
        for gfx in self.offers if only is None else ():
            groups.setdefault(", ".join(sorted(self.here(gfx))), []).append(gfx)
        yield from (("on", f"{' '.join(on)}: {text}") for text, on in groups.items())
        found: dict[str, Counter[str]] = {}
        for (type_, pass_, _), names in self.offers[only].items() if only else ():
            found.setdefault(f"{type_} {pass_}", Counter()).update(names)
        every = len(self.shapes)
        for label, count in found.items():
            yield (
                label,
                ", ".join(n if c == every else f"{n} ({c} of {every} shapes)" for n, c in sorted(count.items())),
            )
        yield "known of", self.source


@functools.cache
def table() -> Solvers:
    """The shipped table. Raises RdnaError("bad-rule")."""
    fields = Fields(shipped("solvers"), "table of solvers")
    sets, shapes = _names(fields, "sets"), {name: str(node.value) for name, node in fields.mapping("shapes").items()}
    offers: dict[str, Cells] = {}
    behind: dict[str, Cells] = {}
    for group in (Fields(node, "targets") for node in fields.items("targets")):
        rows = [((t, p), str(row.value).split()) for t in TYPES for p, row in group.mapping(t).items()]
        codes = {(*at, s): code.split("|") for at, row in rows for s, code in zip(shapes, row, strict=True)}
        for gfx in group.texts("gfx"):
            offers[gfx] = {cell: sets[code[0]] for cell, code in codes.items()}
            behind[gfx] = {cell: sets[code[1]] for cell, code in codes.items() if len(code) > 1}
    source = f"{fields.text('library')}, asked on {fields.text('date')}"
    names, later = (frozenset(fields.text(key).split()) for key in ("names", "later"))
    return Solvers(source, shapes, names, later, fields.text("alone"), _names(fields, "removes"), offers, behind)


def _names(fields: Fields, key: str) -> dict[str, Names]:
    return {name: frozenset(str(node.value).split()) - {"none"} for name, node in fields.mapping(key).items()}
