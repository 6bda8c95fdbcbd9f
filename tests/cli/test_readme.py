"""README.md says what the program does today. RDNA_UPDATE_GOLDEN=1 writes the transcript anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest
from cli_sample import Cli

from rdna_installer.cli.app import COMMANDS, app

README = Path(__file__).resolve().parents[2] / "README.md"
SHOWN = ("detect", "plan --layer python", "apply --layer python --yes >plan.txt", "verify", "rollback --yes")
HOOK = re.compile(r"\d+ files(, \d+ lines)?")  # the size of the hook's own code is open
BLOCK = re.compile(r"(<!-- transcript -->\n```\n)(.*?)(```\n<!-- /transcript -->)", re.S)


@pytest.mark.processes  # modinfo
def test_the_transcript_is_what_the_commands_print(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sample.parent)
    text = ""
    for line in SHOWN:
        argv, _, file = line.partition(" >")
        result = cli(*argv.split(), "--root", "sample")
        assert result.code == 0, result
        text += f"$ rdna-installer {line}\n{'' if file else result.out}{result.err}\n"
    readme = README.read_text()
    if os.environ.get("RDNA_UPDATE_GOLDEN"):
        README.write_text(BLOCK.sub(lambda m: m[1] + text + m[3], readme))
        return
    found = BLOCK.search(readme)
    assert found is not None
    assert HOOK.sub("", found[2]) == HOOK.sub("", text)


def test_every_command_is_named_and_explains_itself() -> None:
    readme = README.read_text()
    context = click.Context(app)
    for name in COMMANDS:
        assert f"`{name}" in readme, f"README does not name {name}"
        command = app.get_command(context, name)  # type: ignore[attr-defined]
        assert command is not None and command.help
        assert command.get_help(click.Context(command, info_name=name)).startswith(f"Usage: {name}")


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text())
    assert [link for link in links if "://" not in link and not (README.parent / link).exists()] == []
