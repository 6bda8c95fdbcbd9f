#!/usr/bin/python3
"""Manual pages for the program and each of its commands, from the commands themselves: they cannot drift.

Usage: man.py FOLDER. Needs the package on Python's path.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from rdna_installer import __version__
from rdna_installer.change.store import SYSTEM
from rdna_installer.cli.app import ALIASES, app
from rdna_installer.errors import Exit
from rdna_installer.knowledge.load import SYSTEM_RULES
from rdna_installer.plan.render import ENVIRONMENT_CONF, PROFILE_SH
from rdna_installer.plan.trial import OPTIONS_CONF, TRIAL_CONF

NAME = "rdna-installer"
EXITS = {
    Exit.OK: "Done, or nothing to do. Of verify: all is well, or only a reboot is pending.",
    Exit.FAILED: "Failed; everything was undone.",
    Exit.USAGE: "Wrong usage.",
    Exit.REFUSED: "Refused: an unsupported machine, a missing right or precondition, a conflict with somebody's file.",
    Exit.MISMATCH: "Verification found a mismatch, a failure or an unknown.",
    Exit.DECLINED: "Declined, or consent was needed and there was no terminal.",
    Exit.INCOMPLETE: "Committed but not activated, or undoing it is not complete: recover finishes it.",
    Exit.CHANGES: "Of plan --detailed-exitcode: there are changes.",
    Exit.BUG: "A bug; the line printed names the file with its details.",
}
FILES = {
    str(OPTIONS_CONF): "Options of the amdgpu module: the kernel layer.",
    str(TRIAL_CONF): "Holds amdgpu back at boot while new options are on trial; only then is it there.",
    str(PROFILE_SH): "The environment of login shells.",
    str(ENVIRONMENT_CONF): "The environment of graphical sessions and of users' services.",
    "rdna_hook.pth, _rdna_hook/": "The Python layer, in the site-packages of each chosen interpreter.",
    str(SYSTEM): "State of the system: its generations. In each, restore.sh goes back without this program.",
    "~/.local/state/rdna-installer": "The same of a user, whose own Pythons need no root.",
    f"{SYSTEM_RULES}, ~/.config/rdna-installer/rules.d": "Your own rules, in YAML.",
}
BOOT = {
    "rdna_installer=off": "Options of ours are taken out before amdgpu loads, and rolled back once the machine is up.",
    "modprobe.blacklist=amdgpu": "amdgpu is not loaded in this boot; needs nothing of ours.",
}
ENVIRONMENT = {
    "RDNA_HOOK": "0 switches the Python layer off for one run.",
    "XDG_STATE_HOME, XDG_CONFIG_HOME": "Where a user's state and rules are.",
    "NO_COLOR": "If set, output has no colours.",
}


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
        yield from _list("FILES", FILES)
        yield from _list("KERNEL COMMAND LINE", BOOT)
        yield from _list("ENVIRONMENT", ENVIRONMENT)
        yield from _list("EXIT STATUS", {str(int(code)): EXITS[code] for code in Exit})
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
