"""Controls planted in state, rules, logs and arguments: the whole command line prints lines of ours, and valid JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from cli_sample import Cli, Result
from effort import spread

from rdna_installer import codec
from rdna_installer.change.boot_counting import RESULT
from rdna_installer.cli.app import ALIASES, BOOT_CHECK, COMMANDS, app
from rdna_installer.knowledge.load import SYSTEM_RULES
from rdna_installer.workflow import boot_check

pytestmark = pytest.mark.processes  # modinfo

EVIL = "a\x1b]0;x\x07\x1b[2J\r\n\x7f\x85\x9b31m\u202e\u2066\u200f\u061c\u2028\u2029\x0b\udcff\ndone: forged"
APPLY = ("apply", "--yes", "--profile", "layered", "--trial", "off", "--python", "/home/sam/venv")
READING = (("status",), ("history",), ("verify",), ("uninstall", "-n"), ("rollback", "-n"), ("recover",))
STATE = "var/lib/rdna-installer"


def sound(result: Result) -> None:
    """No bug, no control, no line of theirs."""
    assert result.code != 70 and "Traceback" not in result.err, result
    for line in (result.out + result.err).split("\n"):
        assert line.isprintable() and not line.startswith("done: forged"), result


def sound_json(result: Result) -> None:
    assert result.code != 70, result
    if result.code in (0, 4, 10):
        for part in strings(json.loads(result.out)):
            part.encode("utf-8")
    assert result.out.isascii()
    sound(result)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(item)


def fields(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every string, of a list's items the first and the last only."""
    if isinstance(value, str):
        yield way
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from fields(item, (*way, key))
    elif isinstance(value, list) and value:
        for number in {0, len(value) - 1}:
            yield from fields(value[number], (*way, number))


def plant(value: Any, way: tuple[Any, ...], prefix: str) -> Any:
    if not way:
        return prefix + EVIL
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = plant(value[way[0]], way[1:], prefix)
    return copy


def signed(data: dict[str, Any]) -> bytes:
    """A record of the state as its owner could write it: with a checksum that fits."""
    rest = {key: value for key, value in data.items() if key != "checksum"}
    text = json.dumps(rest, indent=1).encode("ascii")
    return codec.CHECKSUM + codec.digest(text).encode("ascii") + b'",' + text[1:] + b"\n"


@pytest.fixture
def applied(cli: Cli, sample: Path) -> Path:
    assert cli(*APPLY, "--root", str(sample)).code == 0
    return sample


@pytest.mark.parametrize("file", ["current.json", "generations/1/manifest.json"])
def test_every_string_of_the_state(cli: Cli, applied: Path, file: str) -> None:
    """At each place one or two of eight readings, in turn; in the long run (tests/effort.py) all eight."""
    place = applied / STATE / file
    held = json.loads(place.read_text())
    ways = list(fields(held))
    assert {way[-1] for way in ways} >= {"reason", "time", "profile", "path", "key", "value", "rule"}
    tries = [(prefix, argv) for argv in (*READING[:3], ("status", "--json")) for prefix in ("", "/etc/")]
    for number, way in enumerate(ways):
        for prefix, argv in spread(tries, 5, number):
            place.write_bytes(signed(plant(held, way, prefix)))
            (sound_json if "--json" in argv else sound)(cli(*argv, "--root", str(applied)))


@pytest.mark.parametrize("argv", READING)
def test_all_that_is_only_shown_at_once(cli: Cli, applied: Path, argv: tuple[str, ...]) -> None:
    for place in (applied / STATE / "current.json", applied / STATE / "generations/1/manifest.json"):
        held = json.loads(place.read_text())
        generation = held.get("generation", held)
        assert {"reason", "time", "profile"} <= set(generation), generation
        generation.update(dict.fromkeys(("reason", "time", "profile", "boot_id"), EVIL))
        place.write_bytes(signed(held))
    sound(cli(*argv, "--root", str(applied)))
    sound_json(cli(*argv, "--json", "--root", str(applied)))


def test_the_result_of_a_boot(cli: Cli, applied: Path) -> None:
    result = {"outcome": "failed", "generation": 1, "boot_id": EVIL, "time": EVIL, "lines": [EVIL, EVIL]}
    (applied / STATE / RESULT).write_bytes(signed({"format": 2, **result}))
    shown = cli("status", "--no-color", "--root", str(applied))
    sound(shown)
    assert "boot check: failed" in shown.out
    sound_json(cli("status", "--json", "--root", str(applied)))


@pytest.mark.parametrize("name", ["v\n\x1b[2Jdone: forged", "v\u202e\u2066x", "v\udcff\x85"])
def test_the_name_of_a_venv(cli: Cli, sample: Path, name: str) -> None:
    shutil.move(sample / "home/sam/venv", sample / "home/sam" / name)
    root = ("--python", f"/home/sam/{name}", "--root", str(sample))
    for argv in (("detect",), ("plan",), ("advise",), ("verify",), ("env",), (*APPLY[:-2],)):
        sound(cli(*argv, *root))
        if argv[0] not in ("env", "apply"):
            sound_json(cli(*argv, "--json", *root))
    for argv in READING:
        sound(cli(*argv, "--root", str(sample)))
    sound(cli("uninstall", "--yes", "--root", str(sample)))
    assert all(line.isprintable() for line in (sample / STATE / "log").read_text().split("\n"))


def test_a_log(cli: Cli, sample: Path, tmp_path: Path) -> None:
    log = tmp_path / f"run\x1b[2J\ndone: forged{'x'}.log"
    known = "MIOpen Error: miopenStatusUnknownError" + EVIL.replace("\n", " ")
    fault = "Memory access fault by GPU node-1 (Agent handle: 0x55d5) on address 0x7f00. Reason: Page not present"
    log.write_bytes(f"{EVIL}\n{known}\n{fault}{EVIL}\n".encode("utf-8", "surrogateescape"))
    shown = cli("diagnose", str(log), "--root", str(sample))
    sound(shown)
    assert "line" in shown.out
    sound_json(cli("diagnose", str(log), "--json", "--root", str(sample)))


RULE = """
schema: 1
rules:
  - id: "evil\\e[2J\\ndone: forged"
    summary: "\\e]0;x\\a\\ndone: forged\\u202E"
    "\\e[31mkey": "\\x9b"
"""


@pytest.mark.parametrize("text", [RULE, "\x1b[2J: [", '"a\\e[2J\\ndone: forged": 1', "a: \u202e\u2028", "rules: {"])
@pytest.mark.parametrize("name", ["90-x.yaml", "9\n\x1b[2Jdone: forged.yaml"])
def test_a_rule(cli: Cli, sample: Path, text: str, name: str) -> None:
    folder = sample / str(SYSTEM_RULES).lstrip("/")
    folder.mkdir(parents=True)
    (folder / name).write_text(text)
    for argv in (("plan",), ("explain",), ("explain", "evil\x1b[2J\ndone: forged"), ("advise",)):
        sound(cli(*argv, "--root", str(sample)))
        sound_json(cli(*argv, "--json", "--root", str(sample)))


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(app)
    for name in (*COMMANDS, *ALIASES, BOOT_CHECK):
        command = app.get_command(context, name)
        assert command is not None
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, sub), inner) for sub, inner in command.commands.items())


def calls() -> Iterator[Any]:
    """Every option that takes a value, an option that is none, and an argument, for every command."""
    for words, command in commands():
        options = [o.opts[0] for o in command.params if isinstance(o, click.Option) and not o.is_flag]
        for given in [*((option, EVIL) for option in options), ("--" + EVIL,), (EVIL,)]:
            yield pytest.param(
                (*words, *given), id=f"{' '.join(words)} {given[0] if given[0] in options else len(given)}"
            )


@pytest.mark.parametrize("argv", [*calls(), (EVIL,), ("--" + EVIL,), ("-" + EVIL,)])
def test_every_argument(cli: Cli, sample: Path, argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot_check, "boot_check", lambda *_: ())
    words = {name for name in argv if name in COMMANDS or name in ALIASES}
    rooted = words and not words & {"run", "probe"} and "--root" not in argv
    sound(cli(*argv, *(("--root", str(sample)) if rooted else ())))
