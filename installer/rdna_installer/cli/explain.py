"""``rdna-installer explain``."""

from __future__ import annotations

import sys

import click

from rdna_installer.cli import options
from rdna_installer.knowledge.explain import Explanation, explain, groups, known_keys
from rdna_installer.knowledge.load import Book
from rdna_installer.report.console import Style
from rdna_installer.workflow.planning import load_rules


@click.command("explain")
@click.argument("key", required=False)
@options.with_options(options.OUTPUT)
def command(key: str | None, as_json: bool, no_color: bool, root: str) -> int:
    """What is known about a variable, kernel parameter, rule, profile or gfx target, and what contradicts it.

    Without KEY everything that can be explained; KEY can also be targets, profiles, rules, claims, variables or
    parameters, or the PATH of a configuration file: what each of its lines does here.
    """
    place = options.sysroot(root)
    book = load_rules(place)
    if key is not None and is_path(key):
        from rdna_installer.workflow.explaining import explain_file

        click.echo(_one(explain_file(place, key, book), Style(sys.stdout, allowed=not no_color), as_json))
        return 0
    click.echo(_json(book, key) if as_json else _text(book, key, Style(sys.stdout, allowed=not no_color)))
    return 0


def is_path(key: str) -> bool:
    """Whether what is to be explained is a file."""
    return key.startswith(("/", "./", "../", "~"))


def _one(found: Explanation, style: Style, as_json: bool) -> str:
    if as_json:
        from rdna_installer.report import asjson

        return asjson.dump(asjson.explanation(found))
    from rdna_installer.report import explain_text

    return explain_text.render(found, style)


def _json(book: Book, key: str | None) -> str:
    from rdna_installer.report import asjson

    chosen = [group for group in groups(book) if group.name == key]
    if key is None:
        return asjson.dump({"keys": list(known_keys(book))})
    if chosen:
        return asjson.dump({"keys": [name for name, _ in chosen[0].entries]})
    return asjson.dump(asjson.explanation(explain(book, key)))


def _text(book: Book, key: str | None, style: Style) -> str:
    from rdna_installer.report import explain_text

    found = groups(book) if key is None else [group for group in groups(book) if group.name == key]
    if key is None:
        return explain_text.keys(found, style)
    return explain_text.group(found[0], style) if found else explain_text.render(explain(book, key), style)
