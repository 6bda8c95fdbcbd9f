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


PAGES = (*README.parent.glob("*.md"), *README.parent.glob("docs/*.md"))


def test_links_lead_somewhere() -> None:
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#]+)\)", page.read_text())]
    assert len(links) > 15
    assert [(page.name, link) for page, link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_page_can_be_found_and_the_first_one_is_short() -> None:
    texts = [page.read_text() for page in PAGES]
    pages = [page.name for page in PAGES if page.parent.name == "docs"]
    assert [name for name in pages if not any(f"docs/{name})" in text for text in texts)] == []
    assert len(README.read_text().split()) <= 900


def test_what_contributing_names_is_there() -> None:
    named = re.findall(
        r"`((?:tests|installer|templates|packaging)/[^` ]+)`", (README.parent / "CONTRIBUTING.md").read_text()
    )
    assert len(named) > 5
    assert [name for name in named if not (README.parent / name).exists()] == []
