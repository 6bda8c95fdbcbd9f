"""``rdna-installer recipe``: what can be built for this card, a directory that builds it, and the build."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.detect.host import Ask, detect
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import from_here
from rdna_installer.report.console import passing, progress
from rdna_installer.workflow import building

RUN = "run"


@click.command("recipe", cls=Command)
@options.with_options((*options.FACTS[:2], options.GPU), options.OUTPUT)
@click.argument("name", metavar="NAME|run")
@click.argument("folder", required=False, type=options.AnyPath(), metavar="[DIR]")
@click.option("--out", type=options.AnyPath(), metavar="DIR", help="Write the build directory here.")
def command(chosen: Chosen, name: str, folder: str | None, out: str | None) -> int:
    """Show what building NAME takes on this machine; with --out write the directory; run DIR builds it.

    NAME: pytorch, miopen, rocblas or rocm52-torch."""
    root = chosen.sysroot
    if (name == RUN) != (folder is not None) or (name == RUN and out):
        raise click.UsageError("it is: recipe NAME [--out DIR], then: recipe run DIR")
    if name == RUN:
        if os.geteuid() == 0:
            hint = "run it as the user whose environment it is for"
            raise RdnaError("not-as-root", "nothing is built with root's rights", hint=hint)
        place = PurePosixPath(from_here(folder or ""))
        tell = lambda text: passing(text) if " files" in text else progress(text)  # noqa: E731
        answer(chosen, "built", building.run(root, place, tell), text="recipe_text.built")
        return int(Exit.OK)
    facts = detect(root, Ask(chosen.gfx, chosen.rocm, search_sites=False))
    target = PurePosixPath(from_here(out or f"rdna-{name}"))
    prepared = building.prepare(root, facts, name, chosen.gpu, target)
    if out is not None:
        building.write(root, prepared, target)
    answer(chosen, "recipe", prepared, None if out is None else str(target))
    return int(Exit.OK)
