"""The contract with scripts: with --json every command answers in exactly one document, whatever comes of it."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path
from typing import Any

import click
import pytest
import schemas
from cli_sample import Cli, Result
from trial_sample import Acted, outcomes

from rdna_installer.change import finish
from rdna_installer.change.store import Store
from rdna_installer.cli.app import COMMANDS, app
from rdna_installer.cli.document import OF_CODE, Document, Outcome
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import replace
from rdna_installer.workflow import rolling_back
from rdna_installer.workflow.owners import Owner

try:
    import jsonschema
except ImportError:
    jsonschema = None  # a dependency of tests alone

pytestmark = pytest.mark.processes  # modinfo

LAYERED = ("--profile", "layered", "--trial", "off")
APPLY = ("apply", "--yes", *LAYERED)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def validate(data: dict[str, Any]) -> None:
    """Hold a document against the published schema of its command, where the validator is installed."""
    if jsonschema is not None and data["command"] in schemas.VIEWS:
        published = json.loads((schemas.FOLDER / f"{data['command'].replace(' ', '-')}.json").read_text())
        jsonschema.Draft202012Validator(published).validate(data)


def read(result: Result) -> dict[str, Any]:
    """The one document; it says of the end what the exit code says."""
    data = json.loads(result.out)
    assert isinstance(data, dict) and list(data)[:5] == ["schema", "format", "command", "outcome", "error"], result
    validate(data)
    error = data["error"]
    assert (error is None) or error["exit_code"] == result.code, result
    if data["outcome"] != "nothing-to-do" and result.code:
        assert data["outcome"] == OF_CODE[Exit(result.code)].value, result
    return data


def test_every_code_has_an_outcome() -> None:
    assert {*OF_CODE} == {*Exit} and {*OF_CODE.values()} | {Outcome.NOTHING} == {*Outcome}


LOOKING = ["detect", "plan", "verify", "status", "history", "advise", "explain", "recover", "confirm", "uninstall"]


@pytest.mark.parametrize("command", LOOKING)
def test_a_document_of_each_command(cli: Cli, sample: Path, command: str) -> None:
    result = cli(command, "--json", "--root", str(sample))
    data = read(result)
    assert (data["command"], data["error"]) == (command, None), result


ENDS = [
    (("plan",), 0, "changes", None),
    (("plan", "--detailed-exitcode"), 10, "changes", None),
    (("apply", "--dry-run"), 0, "changes", None),
    (("apply",), 5, "declined", "consent-needed"),
    (("apply", "--yes"), 0, "done", None),
    (("uninstall", "--yes"), 0, "nothing-to-do", None),
    (("rollback", "--yes"), 3, "refused", "nothing-to-roll-back"),
    (("plan", "--python", "/nowhere"), 2, "usage", "not-a-python"),
    (("plan", "--set", "noretry=7"), 2, "usage", "invalid-value"),
    (("plan", "--nosuch"), 2, "usage", "usage"),
    (("plan", "--use", "nosuch"), 2, "usage", "usage"),
    (("cache", "clear"), 0, "nothing-to-do", None),
    (("explain", "nosuch"), 2, "usage", "unknown-key"),
    (("confirm",), 0, "nothing-to-do", None),
]


@pytest.mark.parametrize(("argv", "code", "outcome", "reference"), ENDS)
def test_how_it_ended(
    cli: Cli, sample: Path, argv: tuple[str, ...], code: int, outcome: str, reference: str | None
) -> None:
    result = cli(*argv, "--json", "--root", str(sample))
    data = read(result)
    error = data["error"] and data["error"]["reference"]
    assert (result.code, data["outcome"], error) == (code, outcome, reference), result
    assert data["command"] == " ".join(argv[:2] if argv[0] == "cache" else argv[:1])


def test_a_command_that_does_not_exist(cli: Cli) -> None:
    data = read(cli("aply", "--json"))
    assert (data["command"], data["error"]["reference"]) == (None, "usage")


def test_the_error_is_what_the_screen_says(cli: Cli, sample: Path) -> None:
    result = cli("plan", "--json", "--set", "noretri=1", "--root", str(sample))
    error = read(result)["error"]
    assert list(error) == ["reference", "message", "context", "hint", "exit_code", "consequence"]
    said = " ".join(result.err.split())
    assert f"error: {error['message']} [{error['reference']}]" in said and f"do: {error['hint']}" in said


def test_what_apply_and_rollback_have_done(cli: Cli, sample: Path) -> None:
    root = ("--json", "--root", str(sample))
    before = read(cli(*APPLY[:1], *LAYERED, *root))
    assert (before["applied"], before["change"], before["next"], before["reboot_required"]) == ([], None, [], False)
    assert before["status"]["owners"][0]["generation"] is None and before["reboot_needed"] is True
    done = read(cli(*APPLY, *root))
    assert done["applied"] == [{"owner": "system", "generation": 1, "reason": "apply"}]
    assert (done["reboot_required"], done["outcome"], done["left"]) == (True, "done", [])
    assert done["change"] and any("reboot" in line for line in done["next"])
    assert done["status"]["owners"][0]["generation"]["number"] == 1
    again = read(cli(*APPLY, *root))
    assert (again["outcome"], again["applied"], again["reboot_required"]) == ("nothing-to-do", [], False)
    back = read(cli("rollback", "--yes", *root))
    assert [item["generation"] for item in back["applied"]] == [2] and back["reboot_required"] is True
    assert back["trial"] is False and back["change"] not in (None, done["change"])


def test_a_refused_plan_is_whole_and_says_why(cli: Cli, sample: Path) -> None:
    (sample / "etc/modprobe.d/zz.conf").write_text("options amdgpu noretry=0\n")
    for command in ("plan", "apply"):
        data = read(cli(command, *LAYERED, "--json", "--root", str(sample)))
        assert data["outcome"] == "refused" and data["error"]["reference"] == "conflict" and data["conflicts"]


def test_a_short_diff_says_how_much(cli: Cli, sample: Path) -> None:
    root = ("--json", "--root", str(sample))
    whole, short = (read(cli("plan", *LAYERED, *form, *root))["changes"] for form in ((), ("--diff", "short")))
    assert [c["diff"] for c in short] == [""] * len(short) and all(c["diff"] for c in whole)
    assert [{**c, "diff": ""} for c in whole] == short
    change = next(c for c in whole if c["path"].endswith("modprobe.d/rdna-installer.conf"))
    assert change["added"] > 3 and change["removed"] == 0 and change["digest"].startswith("sha256:")


@pytest.mark.parametrize("command", ["apply", "rollback", "uninstall", "cache"])
def test_nothing_is_asked_on_a_terminal_either(
    cli: Cli, sample: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = ("--json", "--root", str(sample))
    if command != "apply":
        cli(*APPLY, *root)
    cache = sample / "home/sam/.cache/miopen"
    cache.mkdir(parents=True)
    (cache / "gfx1010.ukdb").write_bytes(b"x" * 5000)
    argv = ("cache", "clear", "--all") if command == "cache" else (command,)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    result = cli(*argv, *root)
    assert result.code == 5 and read(result)["error"]["reference"] == "consent-needed", result
    assert "[y/N]" not in result.err and (cache / "gfx1010.ukdb").exists()


def broken(*_: object) -> None:
    raise ZeroDivisionError("planted")


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("what", "code", "reference"), [(broken, 70, "bug"), (interrupted, 130, "interrupted")])
def test_a_bug_and_an_interruption(
    cli: Cli, sample: Path, what: Any, code: int, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rdna_installer.cli.apply.make_plan", what)
    result = cli("apply", "--json", "--yes", "--root", str(sample))
    data = read(result)
    assert (result.code, data["error"]["reference"], data["applied"]) == (code, reference, [])


def test_a_signal_before_we_listen_is_an_interruption_too(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rdna_installer.machine.interrupts.Interrupts.__enter__", interrupted)
    result = cli("detect", "--json", "--root", str(sample))
    assert (result.code, read(result)["outcome"]) == (130, "interrupted") and "Traceback" not in result.err


def test_a_document_begun_before_an_error_is_one(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was shown first and what came of it."""

    def fails(*_: object) -> None:
        raise RdnaError("disk-full", "no space left; everything was undone", exit_code=Exit.FAILED)

    monkeypatch.setattr("rdna_installer.cli.apply.apply", fails)
    result = cli(*APPLY, "--json", "--root", str(sample))
    data = read(result)
    assert (result.code, data["outcome"], data["applied"]) == (1, "failed", []) and data["changes"]


def test_json_of_another_command_is_not_ours() -> None:
    assert not Document(("diagnose", "--", "ls", "--json")).as_json
    assert Document(("plan", "--json")).as_json


def test_root_before_the_command(cli: Cli, sample: Path) -> None:
    after = json.loads(cli("plan", "--json", "--root", str(sample)).out)
    before = json.loads(cli("--root", str(sample), "plan", "--json").out)
    assert before == after and before["gpus"]
    nested = cli("--root", str(sample), "cache", "clear", "--json")
    assert read(nested)["user"] == "sam", nested
    both = cli("--root", "/", "plan", "--json", "--root", str(sample))
    assert json.loads(both.out)["gpus"] == after["gpus"]
    refused = cli("--root", str(sample), "run", "--", "true")
    assert refused.code == 2 and "no --root" in refused.err


def test_a_copy_of_a_problem_keeps_its_code() -> None:
    problem = RdnaError("x", "y", exit_code=Exit.FAILED).problem
    assert replace(problem, hint="z").exit_code is Exit.FAILED


def test_status_waits_for_the_end_of_a_trial(cli: Cli, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = ("--json", "--root", str(machine))
    naps: list[float] = []
    really = time.sleep
    monkeypatch.setattr("time.sleep", naps.append)
    assert (cli("status", "--wait", "1", *root).code, naps) == (0, [])
    assert cli("apply", "--yes", "--profile", "layered", *root).code == 0
    waited = cli("status", "--wait", "0", *root)
    data = read(waited)
    assert (waited.code, data["settled"], data["outcome"], data["trial"]["boots"]) == (4, False, "attention", 0)
    assert read(cli("status", *root))["error"] is None

    def rolled_back(seconds: float) -> None:
        monkeypatch.setattr("time.sleep", really)
        assert cli("rollback", "--yes", *root).code == 0

    monkeypatch.setattr("time.sleep", rolled_back)
    assert read(cli("status", "--wait", "60", *root))["settled"] is True


@pytest.mark.parametrize(("outcome", "code"), [("confirmed", 0), ("rolled-back", 4)])
def test_status_wait_says_how_it_settled(
    cli: Cli, machine: Path, boot: Acted, outcome: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("apply", "--yes", "--profile", "layered", "--root", str(machine)).code == 0
    found = outcomes(boot("counted" if outcome == "confirmed" else "limit"))
    assert outcome in found, found
    result = cli("status", "--wait", "0", "--json", "--root", str(machine))
    assert (result.code, read(result)["settled"]) == (code, True), result


def test_the_published_schemas_are_what_the_codec_says() -> None:
    made = schemas.files()
    if os.environ.get("RDNA_UPDATE_GOLDEN"):
        schemas.main()
    assert {path.name: path.read_text() for path in schemas.FOLDER.iterdir()} == made


def test_every_command_with_json_has_one() -> None:
    context = click.Context(app)
    found = set()
    for name in COMMANDS:
        command = app.get_command(context, name)
        parts = [command]
        if isinstance(command, click.Group):
            parts = [command.get_command(context, inner) for inner in command.list_commands(context)]
        of = {part.name: part for part in parts if part and any(p.name == "as_json" for p in part.params)}
        found |= {name if len(parts) == 1 and command in parts else f"{name} {inner}" for inner in of}
    assert found == {*schemas.VIEWS}


@pytest.mark.skipif(jsonschema is None, reason="jsonschema is not installed: documents are not held against schemas")
def test_a_wrong_document_is_seen(cli: Cli, sample: Path) -> None:
    data = read(cli("detect", "--json", "--root", str(sample)))
    for wrong in ({"gpus": "none"}, {"outcome": "perhaps"}, {"error": {}}):
        with pytest.raises(jsonschema.ValidationError):
            validate(data | wrong)
    with pytest.raises(jsonschema.ValidationError):
        validate({key: value for key, value in data.items() if key != "kernel"})


@pytest.mark.parametrize("on_path", [True, False])
def test_what_comes_next_can_be_typed(
    cli: Cli, sample: Path, tmp_path: Path, on_path: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "bin/rdna-installer"
    place.parent.mkdir()
    place.touch(0o755)
    monkeypatch.setattr("sys.argv", [str(place)])
    monkeypatch.setenv("PATH", f"{place.parent}:/usr/bin" if on_path else "/usr/bin")
    lines = read(cli(*APPLY, "--json", "--root", str(sample)))["next"]
    wanted = "rdna-installer verify" if on_path else f"{place} verify"
    assert any(line.endswith(f": {wanted}") for line in lines), lines


def test_an_error_says_how_the_machine_stands(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = cli("apply", "--json", "--yes", "--set", "noretry=1", "--trial", "off", "--root", str(sample / "etc"))
    assert read(refused)["error"]["consequence"] == "nothing was changed" and "now:" in refused.err, refused
    read_only = cli("plan", "--json", "--root", str(sample / "etc"))
    assert read(read_only)["error"]["consequence"] == "nothing was changed" and "now:" not in read_only.err, read_only
    back = finish.undone(RdnaError("initramfs-failed", "it failed", exit_code=Exit.FAILED))
    assert isinstance(back, RdnaError) and back.problem.consequence == "everything was undone"
    # Once something is done that no journal undoes (setup adds packages), nobody says that nothing was changed.
    begun = Document.__init__

    def init(self: Document, argv: object = ()) -> None:
        begun(self, argv)  # type: ignore[arg-type]
        self.begun = True

    monkeypatch.setattr(Document, "__init__", init)
    late = cli("apply", "--json", "--yes", "--root", str(sample / "etc"))
    assert read(late)["error"]["consequence"] is None and "now:" not in late.err, late


def test_a_history_without_its_beginning_is_damaged_and_no_bug(tmp_path: Path) -> None:
    owner = Owner("system", Store.open(Sysroot(tmp_path)))
    with pytest.raises(RdnaError, match="the first of them is missing"):
        rolling_back._history(owner)
