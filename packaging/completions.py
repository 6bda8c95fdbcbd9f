#!/usr/bin/python3
"""Completions for bash, zsh and fish, from the commands themselves. Static: nothing of ours runs at a Tab.

Usage: completions.py FOLDER. Writes FOLDER/{bash,zsh,fish}. Needs the package on Python's path.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from rdna_installer.cli.app import ALIASES, app
from rdna_installer.knowledge.explain import known_keys
from rdna_installer.knowledge.load import load_book
from rdna_installer.plan.render import environment

BOOK = load_book()
WORDS = {
    "--gfx": tuple(sorted(BOOK.targets.targets)),
    "--profile": BOOK.profile_names,
    "--set": tuple(f"{key}=" for key in sorted({*BOOK.env, *BOOK.kernel})),
    "--unset": tuple(sorted({*BOOK.env, *BOOK.kernel})),
    "key": known_keys(BOOK),
}
PLACES = {"PATH": "file", "FILE": "file"}


@dataclass(frozen=True)
class Option:
    """One option. ``kind``: flag, words (one of them), file, folder or text (nothing to offer)."""

    names: tuple[str, ...]
    help: str
    kind: str
    words: tuple[str, ...]
    repeatable: bool


@dataclass(frozen=True)
class Command:
    """One command; ``words`` and ``kind`` are what its argument may be."""

    names: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    kind: str
    words: tuple[str, ...]


def main() -> None:
    """Write all three."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    commands = [_command(name) for name in app.list_commands(click.Context(app))]
    valued = {o.names: o for command in commands for o in command.options if o.kind != "flag"}
    templates = environment(Path(__file__).resolve().parent / "completions", zsh=_zsh, fish=_fish)
    for shell in ("bash", "zsh", "fish"):
        template = templates.get_template(f"{shell}.j2")
        (folder / shell).write_text(template.render(commands=commands, valued=list(valued.values())), encoding="utf-8")


def _command(name: str) -> Command:
    context = click.Context(app)
    command = app.get_command(context, name)
    if command is None:
        raise LookupError(name)
    parts = [command]
    words: tuple[str, ...] = ()
    if isinstance(command, click.Group):
        words = tuple(command.list_commands(context))
        parts += [part for word in words if (part := command.get_command(context, word))]
    # part.params, not get_params: --help, the same everywhere, is in the templates.
    params = [p for part in parts for p in part.params if not getattr(p, "hidden", False)]
    options = {o.names: o for p in params if isinstance(p, click.Option) for o in [_option(p)]}
    arguments = [_kind(p, p.name or "") for p in params if isinstance(p, click.Argument)]
    kind, more = arguments[0] if arguments else ("words", ())
    names = (name, *(alias for alias, of in ALIASES.items() if of == name))
    return Command(names, command.get_short_help_str(200), tuple(options.values()), kind, (*words, *more))


def _option(option: click.Option) -> Option:
    names = (*option.opts, *option.secondary_opts)
    long = next(name for name in names if name.startswith("--"))
    kind, words = ("flag", ()) if option.is_flag or option.count else _kind(option, long)
    return Option(names, option.help or "", kind, words, option.multiple)


def _kind(param: click.Parameter, name: str) -> tuple[str, tuple[str, ...]]:
    if isinstance(param.type, click.Choice):
        return "words", tuple(str(choice) for choice in param.type.choices)
    if name in WORDS:
        return "words", tuple(WORDS[name])
    if isinstance(param.type, click.Path):
        return ("file" if param.type.file_okay else "folder"), ()
    return PLACES.get(param.metavar or "", "text"), ()


def _zsh(text: str) -> str:
    r"""Text inside '…[text]' or '…:text' of _arguments."""
    for sign in "\\[]:":
        text = text.replace(sign, "\\" + sign)
    return text.replace("'", "'\\''")


def _fish(text: str | Iterable[str]) -> str:
    """Text inside '…' of fish."""
    return str(text).replace("\\", "\\\\").replace("'", "\\'")


if __name__ == "__main__":
    main()
