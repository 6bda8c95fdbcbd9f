"""Help: grouped, with examples that run, rare options on demand, and a guess at what was meant."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli_sample import Cli

from rdna_installer.cli.app import ALIASES, COMMANDS, app
from rdna_installer.cli.helping import meant, words
from rdna_installer.errors import Exit


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(app)
    for name in COMMANDS:
        command = app.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield f"{name} {inner}", found
        else:
            yield name, command


ALL = dict(commands())


def test_every_command_is_in_one_group_and_on_one_screen(cli: Cli) -> None:
    grouped = [name for group in words()["groups"].values() for name in group]
    assert len(grouped) == len({*grouped}) and {*COMMANDS} <= {*grouped}
    result = cli("--help")
    assert result.code == 0 and result.out == cli("help").out
    lines = result.out.splitlines()
    assert len(lines) <= 50 and all(len(line) <= 80 for line in lines)
    shown = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in COMMANDS]
    assert sorted(shown) == sorted(COMMANDS)


@pytest.mark.parametrize("name", ALL)
def test_rare_options_on_demand(cli: Cli, name: str) -> None:
    brief, whole = cli(*name.split(), "--help"), cli(*name.split(), "--help-all")
    assert (brief.code, whole.code) == (0, 0) and brief.out == cli("help", *name.split()).out
    options = [o for o in ALL[name].params if isinstance(o, click.Option) and not o.hidden]
    rare = [o.opts[-1] for o in options if o.name in words()["rare"]]
    assert all(o in whole.out for o in rare) and [o for o in rare if f"{o} " in brief.out.split("Examples")[0]] == []
    assert all(o.opts[-1] in brief.out for o in options if o.name not in words()["rare"])
    assert brief.out.count("\n") <= 36, "one screen and a bit"


def test_no_rare_option_is_misspelt() -> None:
    assert {*words()["rare"]} <= {p.name for command in ALL.values() for p in command.params}


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, each in words()["examples"].items() for line in each]
)
def test_examples_are_understood(name: str, line: str) -> None:
    tokens = shlex.split(line.replace("; ", " ; ").replace('"$(', " ").replace(')"', " "))
    argv = tokens[tokens.index("rdna-installer") + 1 :]
    typed = name.split() or argv[:1]
    assert argv[: len(typed)] == typed, "an example of another command"
    ALL[" ".join(typed)].make_context(typed[-1], argv[len(typed) :])


@pytest.mark.parametrize(
    ("word", "guess"),
    [
        ("aply", "apply"), ("undo", "rollback"), ("remove", "uninstall"), ("check", "verify"), ("fix", "advise"),
        ("doctor", "verify"), ("verfy", "verify"), ("statsu", "status"), ("install", "apply"),
    ],
)  # fmt: skip
def test_what_was_meant(cli: Cli, word: str, guess: str) -> None:
    if word in COMMANDS:
        pytest.skip("a command of its own")
    result = cli(word)
    said = " ".join(result.err.split())
    guesses = {guess, *words()["synonyms"].get(word, ())}
    assert result.code == 2 and any(f'no command "{word}". Did you mean {name}?' in said for name in guesses), said


@pytest.mark.parametrize("word", ["frobnicate", "xyz", "--nosuch"])
def test_nothing_is_guessed_from_afar(cli: Cli, word: str) -> None:
    assert meant("frobnicate", COMMANDS) == ""
    result = cli(word)
    assert result.code == 2 and "Did you mean" not in result.err


def test_every_synonym_leads_somewhere() -> None:
    assert all({*found} & {*COMMANDS} for found in words()["synonyms"].values())
    assert not {*words()["synonyms"]} & {*ALIASES}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("explain", "NORETRY"), "did you mean noretry?"),
        (("plan", "--set", "NORETRY=1"), "did you mean noretry?"),
        (("plan", "--set", "HSA_OVERRIDE_GFX_VERSION=10.3"), "three numbers, like 10.3.0"),
        (("plan", "--set", "HSA_OVERIDE_GFX_VERSION=10.3.0"), "did you mean HSA_OVERRIDE_GFX_VERSION?"),
    ],
)
def test_values_too(cli: Cli, sample: Path, argv: tuple[str, ...], said: str) -> None:
    result = cli(*argv, "--root", str(sample))
    assert result.code == 2 and said in " ".join(result.err.split()), result


def test_the_topics(cli: Cli) -> None:
    codes = cli("help", "exit-codes").out
    assert [int(line.split()[0]) for line in codes.splitlines()] == sorted(Exit)
    assert all(len(line) <= 80 for line in codes.splitlines() + cli("help", "json").out.splitlines())
    assert cli("help", "nosuch").code == 2
    assert cli("plan", "--json", "--help").out == cli("plan", "--help").out
