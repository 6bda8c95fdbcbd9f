#!/usr/bin/python3
"""Manual pages for the program and each of its commands, from the commands themselves: they cannot drift.

Usage: man.py FOLDER. Needs the package on Python's path.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import yaml

from rdna_installer import __version__
from rdna_installer.change import store
from rdna_installer.cli.app import ALIASES, app
from rdna_installer.errors import Exit
from rdna_installer.knowledge import load
from rdna_installer.plan import render, trial

NAME = "rdna-installer"
MODULES = {"store": store, "load": load, "render": render, "trial": trial}
SECTIONS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8").format(**MODULES))


def main() -> None:
    """Write every page."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for words, context in walk(click.Context(app, info_name=NAME, **app.context_settings), (NAME,)):
        name = "-".join(words)
        (folder / f"{name}.1").write_text("\n".join(page(name, words, context)) + "\n", encoding="utf-8")


def walk(context: click.Context, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Context]]:
    """A command and those below it, with the words that call each."""
    yield words, context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is None:
                raise LookupError(name)
            yield from walk(click.Context(command, info_name=name, parent=context), (*words, name))


def page(name: str, words: tuple[str, ...], context: click.Context) -> Iterable[str]:
    """The lines of one page."""
    text = (context.command.help or "").split("\n\n")
    yield f'.TH {_text(name.upper())} 1 "" "{NAME} {__version__}" "User Commands"'
    yield from (".SH NAME", f"{_text(name)} \\- {_text(_lower(text[0].rstrip('.')))}")
    yield from (".SH SYNOPSIS", f".B {_text(' '.join(words))}")
    yield _text(" ".join(context.command.collect_usage_pieces(context)))
    yield ".SH DESCRIPTION"
    for paragraph in text:
        yield from (_text(" ".join(paragraph.split())), ".PP")
    yield from _commands(context)
    records = [record for p in context.command.get_params(context) if (record := p.get_help_record(context))]
    yield from _list("OPTIONS", dict(records))
    if context.parent is None:
        exits = SECTIONS["EXIT STATUS"]
        for title, entries in {**SECTIONS, "EXIT STATUS": {str(int(code)): exits[code.name] for code in Exit}}.items():
            yield from _list(title, entries)
        return
    yield from (".SH EXIT STATUS", f"As described in {_reference(NAME)}.")
    yield from (".SH SEE ALSO", ", ".join(_reference(other) for other in _others(context)))


def _commands(context: click.Context) -> Iterable[str]:
    group = context.command
    if not isinstance(group, click.Group):
        return
    entries = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        also = [alias for alias, of in ALIASES.items() if of == name and context.parent is None]
        entries[", ".join([name, *also])] = command.get_short_help_str(200) if command else ""
    yield from _list("COMMANDS", entries)
    start = context.command_path.replace(" ", "-")
    yield from (".PP", f"Each has a page of its own: {_reference(f'{start}-COMMAND')}.")


def _others(context: click.Context) -> Iterable[str]:
    yield NAME
    parent = context.parent
    if parent is None or not isinstance(parent.command, click.Group):
        return
    start = parent.command_path.replace(" ", "-")
    yield from (f"{start}-{name}" for name in parent.command.list_commands(parent) if name != context.info_name)


def _list(title: str, entries: dict[str, str]) -> Iterable[str]:
    if entries:
        yield f".SH {title}"
    for term, text in entries.items():
        yield from (".TP", f".B {_text(term)}", _text(text))


def _reference(name: str) -> str:
    return f"\\fB{_text(name)}\\fR(1)"


def _lower(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def _text(text: str) -> str:
    """Text as roff shows it: backslashes, hyphens, and dots at the start of a line mean something there."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("~", "\\(ti")
    return f"\\&{text}" if text.startswith(".") else text


if __name__ == "__main__":
    main()
