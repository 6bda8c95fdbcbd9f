"""``rdna-installer explain``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.knowledge.explain import KeyGroup, explain, groups
from rdna_installer.report.console import show, show_json
from rdna_installer.workflow.foreign import load_rules


@click.command("explain")
@click.argument("key", required=False)
@options.with_options(options.OUTPUT)
def command(chosen: Chosen, key: str | None) -> int:
    """What is known about a variable, kernel parameter, rule, profile or gfx target, and what contradicts it.

    Without KEY everything that can be explained; KEY can also be targets, profiles, rules, claims, variables or
    parameters, or the PATH of a configuration file: what each of its lines does here.
    """
    place = chosen.sysroot
    book = load_rules(place)
    if key is not None and is_path(key):
        from rdna_installer.workflow.explaining import explain_file

        answer(chosen, "explain", explain_file(place, key, book))
    elif found := [group for group in groups(book) if key in (None, group.name)]:
        _list(chosen, found)
    else:
        answer(chosen, "explain", explain(book, str(key)))
    return 0


def is_path(key: str) -> bool:
    """Whether what is to be explained is a file."""
    return key.startswith(("/", "./", "../", "~"))


def _list(chosen: Chosen, found: Sequence[KeyGroup]) -> None:
    if chosen.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump({"keys": [name for group in found for name, _ in group.entries]}))
    else:
        from rdna_installer.report import explain_text

        if len(found) > 1:
            show(explain_text.keys, found, colour=chosen.colour)
        else:
            show(explain_text.group, found[0], colour=chosen.colour)
