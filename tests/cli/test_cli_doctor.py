"""doctor: one screen of what works and what does not, by the judges of the other commands; also the bare command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_sample import Cli

pytestmark = pytest.mark.processes  # modinfo


def topics(cli: Cli, *root: str) -> dict[str, dict[str, str]]:
    return {topic["name"]: topic for topic in json.loads(cli("doctor", "--json", *root).out)["topics"]}


def test_a_machine_in_order(cli: Cli, sample: Path) -> None:
    done = cli("doctor", "--root", str(sample))
    assert done.code == 0 and "nothing needs attention" in done.out, done
    assert len(done.out.splitlines()) <= 20 and all(len(line) <= 80 for line in done.out.splitlines())
    assert list(topics(cli, "--root", str(sample))) == [
        "GPU", "driver", "firmware", "kernel", "access", "ROCm", "PyTorch", "settings", "changes",
    ]  # fmt: skip


def test_a_wrong_override_is_named_with_the_command(cli: Cli, sample: Path) -> None:
    (sample / "home/sam/.zshrc").write_text("\nexport HSA_OVERRIDE_GFX_VERSION=11.0.0\n")
    done = cli("doctor", "--root", str(sample))
    assert done.code == 4 and "~/.zshrc:2: HSA_OVERRIDE_GFX_VERSION=11.0.0" in done.out, done
    assert done.out.splitlines()[-1] == "  rdna-installer adopt"
    assert topics(cli, "--root", str(sample))["settings"]["mark"] == "attention"
    assert cli("adopt", "--yes", "--root", str(sample)).code == 0
    assert cli("doctor", "--root", str(sample)).code == 0


def test_our_own_state(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli("apply", "--yes", "--profile", "layered", "--trial", "off", *root).code == 0
    assert topics(cli, *root)["changes"]["mark"] == "ok"
    (sample / "etc/modprobe.d/rdna-installer.conf").write_text("# mine\n")
    changes = topics(cli, *root)["changes"]
    assert changes["mark"] == "attention" and changes["command"] == "rdna-installer verify", changes


def test_no_card_and_no_torch(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    found = topics(cli, "--root", str(tmp_path))
    assert (found["GPU"]["mark"], found["PyTorch"]["mark"]) == ("problem", "attention")
    assert cli("doctor", "--root", str(tmp_path)).code == 4


def test_the_bare_command_is_doctor(cli: Cli) -> None:
    assert cli().out.splitlines()[0] == cli("doctor").out.splitlines()[0]


def test_the_root_alone_is_doctor_of_that_root(cli: Cli, sample: Path) -> None:
    told = cli("doctor", "--root", str(sample))
    assert "RX 5600 XT" in told.out
    for words in (("--root", str(sample)), (f"--root={sample}",)):
        alone = cli(*words)
        assert (alone.code, alone.out) == (told.code, told.out)
