"""``rdna-installer explain``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.knowledge.explain import explain, groups, known_keys
from rdna_installer.knowledge.load import Book
from rdna_installer.report.console import show, show_json
from rdna_installer.workflow.planning import load_rules


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

        found = explain_file(place, key, book)
        if chosen.as_json:
            from rdna_installer.report import asjson

            show_json(asjson.dump(asjson.explanation(found)))
        else:
            from rdna_installer.report import explain_text

            show(explain_text.render, found, colour=chosen.colour)
    elif chosen.as_json:
        show_json(_json(book, key))
    else:
        _show(book, key, colour=chosen.colour)
    return 0


def is_path(key: str) -> bool:
    """Whether what is to be explained is a file."""
    return key.startswith(("/", "./", "../", "~"))


def _json(book: Book, key: str | None) -> str:
    from rdna_installer.report import asjson

    chosen = [group for group in groups(book) if group.name == key]
    if key is None:
        return asjson.dump({"keys": list(known_keys(book))})
    if chosen:
        return asjson.dump({"keys": [name for name, _ in chosen[0].entries]})
    return asjson.dump(asjson.explanation(explain(book, key)))


def _show(book: Book, key: str | None, *, colour: bool) -> None:
    from rdna_installer.report import explain_text

    found = groups(book) if key is None else [group for group in groups(book) if group.name == key]
    if key is None:
        show(explain_text.keys, found, colour=colour)
    elif found:
        show(explain_text.group, found[0], colour=colour)
    else:
        show(explain_text.render, explain(book, key), colour=colour)
