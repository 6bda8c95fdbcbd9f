"""Every command that our texts suggest exists and is understood: messages, advice, rules, routes, written files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rdna_installer.cli.app import ALIASES, COMMANDS, Commands
from rdna_installer.knowledge.explain import known_keys
from rdna_installer.knowledge.load import load_book

PROJECT = Path(__file__).resolve().parents[2]
MENTION = re.compile(r"rdna-installer +(?P<words>[a-z].*)")
PLACE = re.compile(r"\{[^}]*\}")  # of a value filled in later
END = ".,;:)]}`'\""
GROUP = Commands()
KEYS = frozenset(known_keys(load_book())) | {"MIOPEN"}  # and the library itself


def joined(node: ast.JoinedStr) -> str:
    """A formatted string with a place for each value."""
    return "".join(str(piece.value) if isinstance(piece, ast.Constant) else "{x}" for piece in node.values)


def texts() -> Iterator[tuple[str, str]]:
    """(file, text) of everything we may print or write; program text only where it is a string."""
    for path in sorted((PROJECT / "installer").rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        filled = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        pieces = {id(piece) for node in filled for piece in node.values}
        yield from ((path.name, joined(node)) for node in filled)
        for constant in nodes:
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str) and id(constant) not in pieces:
                yield path.name, constant.value
    for folder in ("installer", "templates"):
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.is_file() and path.suffix in {".yaml", ".j2", ".sh", ".conf", ".service", ".snippet"}:
                yield path.name, path.read_text(encoding="utf-8")


def mentions() -> Iterator[tuple[str, str]]:
    """(file, command line) of each mention that begins with the name of a command."""
    for file, text in texts():
        for found in MENTION.finditer(text):
            words = found["words"]
            if re.split(r"[^a-z]", words)[0] in {*COMMANDS, *ALIASES}:
                yield file, words


def argv_of(words: str) -> tuple[click.Command, list[str], list[str]]:
    """The command, its options as they are written, and what stands after them, up to where prose goes on."""
    name = re.split("[^a-z]", words)[0]
    tokens = PLACE.sub("x", words[len(name) :]).split()
    command = GROUP.get_command(click.Context(GROUP), name)
    assert command is not None
    values = {o for p in command.params if not getattr(p, "is_flag", True) for o in (*p.opts, *p.secondary_opts)}
    taken: list[str] = []
    while tokens and re.match("--?[a-z]", tokens[0]):
        token = tokens.pop(0)
        taken.append(token.rstrip(END))
        if token != taken[-1]:
            break
        if token in values and tokens:
            taken.append(tokens.pop(0).rstrip(END))
    return command, taken, tokens


@pytest.mark.parametrize(("file", "words"), sorted(set(mentions())))
def test_a_suggested_command_is_understood(file: str, words: str) -> None:
    command, taken, after = argv_of(words)
    context = click.Context(command, info_name=command.name)
    command.make_parser(context).parse_args(taken)
    if command.name == "explain" and after and re.fullmatch(r"[A-Z][A-Z_0-9]{5,}", after[0].strip(END)):
        assert after[0].strip(END) in KEYS
    if command.name == "cache" and re.match("cache [a-z]", words):
        assert after[0].strip(END) == "clear"


def test_there_are_many() -> None:
    assert len(set(mentions())) > 80
