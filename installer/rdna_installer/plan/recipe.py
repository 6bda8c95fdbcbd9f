"""A recipe for one card and one ROCm: its sources, its scripts, and how much of it is done. Pure.

Each script is POSIX sh, needs no root and nothing of this program, and may be run again after it was ended anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil

from rdna_installer import codec
from rdna_installer.knowledge.recipes import Recipe, Source
from rdna_installer.plan.quoting import sh_path
from rdna_installer.record import record

COMPILED = re.compile(rb"\[\s*(\d{1,6})/(\d{1,6})\]")  # ninja's status, and cmake's with it


@record(frozen=True)
class Order:
    """What was asked for. ``rocm`` is "6.2.4" or "" where none is needed."""

    recipe: str
    gfx: str
    rocm: str
    rocm_path: str = ""


def sources_for(recipe: Recipe, rocm: str) -> tuple[Source, ...]:
    """Those for this ROCm, or for the oldest where none is here; one of each name."""
    fit = [s for s in recipe.sources if s.rocm is None or s.rocm.contains(rocm) is not False]
    return tuple({s.name: s for s in reversed(fit)}.values())


def scripts(recipe: Recipe, order: Order, shell: str) -> dict[str, str]:
    """The steps by the name of their file, in order."""
    sources = sources_for(recipe, order.rocm)
    gets = [f"get {s.name} {sh_path(s.url)} {s.commit} {s.tree}" for s in sources]
    puts = [f"fresh {name}" for name in dict.fromkeys(p.of for p in recipe.patches)]
    puts += [f"put {p.of} {p.id}.patch" for p in recipe.patches]
    steps = [("sources", f"fetch {', '.join(s.name for s in sources)}", "\n".join(gets))] if gets else []
    steps += [("patches", "apply our patches", "\n".join(puts))] if puts else []
    steps += [(step.id, step.says, step.script) for step in recipe.steps]
    known = {"GFX": order.gfx, "ROCM": order.rocm, "ROCM_PATH": order.rocm_path}
    made = {}
    for number, (name, says, body) in enumerate(steps, 1):
        head = f"#!/bin/sh\n# Step {number} of {len(steps)} of the recipe {recipe.id}: {says}.\n"
        head += "# It may be stopped at any moment and run again. MAX_JOBS: compilers at once.\nset -eu\n"
        head += 'here=$(cd "$(dirname "$0")/.." && pwd -P)\ncd "$here"\n'
        head += "".join(
            f"{key}={sh_path(value)}\n" for key, value in known.items() if re.search(rf"\${{?{key}\b", body)
        )
        head += "JOBS=${MAX_JOBS:-1}\n" if "$JOBS" in body else ""
        functions = re.findall(r"(?ms)^((\w+)\(\) \{.*?^\}\n)", shell + "\n")
        head += "".join(text for text, called in functions if re.search(rf"(?m)^{called} ", body))
        made[f"{number:02d}-{name}.sh"] = f"{head}\n{body.strip()}\n"
    return made


def chain(made: Mapping[str, str]) -> dict[str, str]:
    """What a step's being done depends on: its own text and that of all before it."""
    found, before = {}, ""
    for name, text in made.items():
        before = codec.digest(f"{before}{name}{text}".encode())
        found[name] = before
    return found


def compiled(said: bytes) -> tuple[int, int] | None:
    """How many files of how many are compiled, by the last that was said."""
    found = COMPILED.findall(said)
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def jobs(processors: int, free_mib: int, job_mib: int) -> int:
    """Compilers at once: no more than memory has room for."""
    return max(1, min(processors, free_mib // max(job_mib, 1)))


def hours(recipe: Recipe, at_once: int) -> str:
    """The time it takes here, in words."""
    minutes = ceil(int(recipe.minutes) / at_once)
    return f"about {minutes} minutes" if minutes < 100 else f"about {ceil(minutes / 60)} hours"
