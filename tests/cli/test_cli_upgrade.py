"""After an upgrade: nothing has changed, and status says what the same apply would change now."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli_sample import Cli

from rdna_installer import __version__
from rdna_installer.change import records, staging
from rdna_installer.change.records import Manifest
from rdna_installer.workflow import planning

pytestmark = pytest.mark.processes  # modinfo

WORDS = ("--profile", "layered", "--layer", "kernel", "--layer", "env", "--unset", "vm_update_mode")
CONF = "/etc/modprobe.d/rdna-installer.conf"
RULE = """rules:
- id: newer
  why: the next version knows more
  settings: {kernel: {cwsr_enable: "0"}}
  evidence: [{url: "https://example.org", says: so, strength: strong}]
"""


@pytest.fixture
def upgraded(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Something applied by an older version."""
    with monkeypatch.context() as older:
        for module in (staging, planning):
            older.setattr(module, "__version__", "0.0.1")
        done = cli("apply", "--yes", *WORDS, "--root", str(sample))
    assert done.code == 0, done.err
    assert "rdna-installer 0.0.1" in (sample / CONF[1:]).read_text()
    return sample


def test_another_version_alone_is_no_change(cli: Cli, upgraded: Path) -> None:
    root = ("--root", str(upgraded))
    text = cli("status", *root).out
    assert f"Written by version 0.0.1; this is {__version__}." in text
    assert "a new apply would change nothing" in text
    assert f"rdna-installer plan {' '.join(WORDS)}\n" in text
    assert json.loads(cli("plan", "--json", *WORDS, *root).out)["changes"] == []


def test_what_would_change_is_named(cli: Cli, upgraded: Path) -> None:
    root = ("--root", str(upgraded))
    rules = upgraded / "etc/rdna-installer/rules.d"
    rules.mkdir(parents=True)
    (rules / "newer.yaml").write_text(RULE)
    text = cli("status", *root).out
    assert f"a new apply would change:\n    {CONF}\n  details:" in text
    found = json.loads(cli("status", "--json", *root).out)["upgrade"]
    assert found == {"versions": ["0.0.1"], "words": list(WORDS), "changes": [CONF], "problem": None}
    assert cli("apply", "--yes", *WORDS, *root).code == 0
    assert "a new apply would change nothing" in cli("status", *root).out, (
        "of the environment, which is still the older"
    )


def test_what_cannot_be_planned_any_more_is_said(cli: Cli, upgraded: Path) -> None:
    current = upgraded / "var/lib/rdna-installer/generations/1/manifest.json"
    manifest = records.parse(Manifest, current.read_bytes(), current)
    words = tuple(word.replace("--profile", "--profil-e") for word in manifest.generation.words)
    current.write_bytes(records.dump(replace(manifest, generation=replace(manifest.generation, words=words))))
    done = cli("status", "--root", str(upgraded))
    assert done.code == 0
    assert "The same change would be refused now: No such option" in done.out


def test_nothing_is_said_without_an_upgrade(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli("apply", "--yes", *WORDS, *root).code == 0
    assert "Written by" not in cli("status", *root).out
    assert json.loads(cli("status", "--json", *root).out)["upgrade"] is None
