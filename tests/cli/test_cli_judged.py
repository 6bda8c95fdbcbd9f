"""env and run say what plan says; the owner of a program decides whose files are read; a verify of nothing says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli_sample import Cli
from user_machines import Card, build

from rdna_installer.cli import env as run_command
from rdna_installer.cli.app import main

pytestmark = pytest.mark.processes  # modinfo
OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ("MIOPEN_FIND_MODE=normal", "is harmful: it executes every applicable solver"),
        ("MIOPEN_DEBUG_CONV_WINOGRAD=1", "is superfluous: 1 is the default"),
        ("noretry=0", "is harmful: 0 turns retry faults ON"),
        ("mtype_local=1", "is unread: amdgpu of kernel 6.1.0-56-amd64 has no parameter 'mtype_local'"),
        ("gttsize=8192", "is superfluous: deprecated for ttm.pages_limit"),
        (f"{OVERRIDE}=10.3.0", "is harmful: /home/sam/venv/bin/python already has code for gfx1010"),
    ],
)
def test_the_documents_worst_advice_is_said(sample: Path, cli: Cli, wish: str, says: str) -> None:
    root = ("--set", wish, "--root", str(sample))
    key = wish.partition("=")[0]
    warnings = json.loads(cli("plan", "--json", *root).out)["warnings"]
    policy = _plain(cli("plan", *root).out)
    assert says in _plain(" ".join(warnings)) or says in policy
    assert "https://" in policy or "linux 7" in policy
    assert says in _plain(cli("env", *root).err)
    assert key in says or key in _plain(cli("env", *root).err)


@pytest.mark.parametrize(
    ("wish", "code"),
    [("MIOPEN_DEBUG_FIND_ONLY_SOLVER=anything", 2), ("MIOPEN_FIND_MODE=banana", 2), (f"{OVERRIDE}=11.0.0", 3)],
)
def test_what_breaks_is_refused_everywhere(sample: Path, cli: Cli, wish: str, code: int) -> None:
    for command in ("plan", "env"):
        done = cli(command, "--set", wish, "--root", str(sample))
        assert (done.code, "[invalid-value]" in done.err) == (code, True)


def test_run_says_it_before_the_program_starts(
    sample: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    started: list[list[str]] = []

    def replace(argv: tuple[str, ...], env: dict[str, str]) -> None:
        started.append([*argv])

    monkeypatch.setattr(run_command, "replace_with", replace)
    from rdna_installer.cli import options

    monkeypatch.setattr(options, "Sysroot", lambda _root, given=options.Sysroot: given(str(sample)))
    main(["run", "--set", "MIOPEN_FIND_MODE=normal", "--", "true"])
    assert "is harmful: it executes every applicable solver" in _plain(capfd.readouterr().err)
    assert started == [["true"]]


def test_a_verify_of_nothing_does_not_say_that_all_is_well(sample: Path, cli: Cli) -> None:
    done = cli("verify", "--root", str(sample))
    assert done.code == 0
    assert "rdna-installer has applied nothing here" in _plain(done.out)
    assert "Everything checked is right" not in done.out


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads what is another's")
@pytest.mark.parametrize("sudo", [True, False])
def test_whose_files_are_read_is_decided_by_the_owner(
    sample: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, sudo: bool
) -> None:
    """The same venv gets the same answer under sudo and as plain root."""
    (sample / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/bash\nsam:x:1234:1234:Sam:/home/sam:/bin/bash\n"
        "eve:x:1235:1235:Eve:/home/eve:/bin/bash\n"
    )
    for place in (sample / "home/sam", *(sample / "home/sam").rglob("*")):
        os.chown(place, 1234, 1234, follow_symlinks=False)
    (sample / "home/eve").mkdir()
    (sample / "home/eve/.bashrc").write_text(f"export {OVERRIDE}=11.0.0\n")
    (sample / "home/sam/.bashrc").write_text(f"export {OVERRIDE}=10.3.0\n")
    (sample / "home/sam/venv/bin/activate").write_text("export MIOPEN_FIND_MODE=normal\n")
    os.chown(sample / "home/sam/venv/bin/activate", 1234, 1234)
    if sudo:
        monkeypatch.setenv("SUDO_UID", "1235")
        monkeypatch.setenv("SUDO_GID", "1235")
    sample.chmod(0o755)
    for place in sample.parents:
        if str(place).startswith("/tmp/"):
            place.chmod(0o755)
    options = ("--python", "/home/sam/venv", "--root", str(sample))
    done = cli("plan", "--json", *options)
    found = [(c["found"], c["source"]) for c in json.loads(done.out)["conflicts"]]
    assert (done.code, found) == (3, [("10.3.0", "~sam/.bashrc:1")])
    assert any(w.startswith("~sam/venv/bin/activate:1 sets") for w in json.loads(done.out)["warnings"])
    checks = json.loads(cli("verify", "--json", *options).out)["checks"]
    assert [c["source"] for c in checks if c["status"] == "mismatch"] == ["~sam/.bashrc:1", "~sam/venv/bin/activate:1"]


def test_a_setting_names_the_program_it_is_for(sample: Path, cli: Cli) -> None:
    """``site`` keeps its meaning; ``consumer`` stands beside it, in the plan and in what was applied."""
    root = ("--profile", "layered", "--root", str(sample))
    python = "/home/sam/venv/bin/python"
    planned = json.loads(cli("plan", "--json", *root).out)["settings"]
    assert {(s["layer"], s["site"], s["consumer"]) for s in planned} == {
        ("kernel", None, None), ("env", None, None), ("python", python, f"torch:{python}"),
    }  # fmt: skip
    assert cli("apply", "--yes", *root).code == 0
    (owner,) = json.loads(cli("status", "--json", "--root", str(sample)).out)["owners"]
    assert [s["consumer"] for s in owner["generation"]["settings"]] == [s["consumer"] for s in planned]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads what is another's")
def test_where_root_asks_and_nobody_owns_a_torch_everybodys_files_count(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A distribution's Python, or none: root's own files say nothing of the people who use the GPU."""
    monkeypatch.delenv("SUDO_UID", raising=False)
    root = build(tmp_path / "root", (Card(100100, 0x731F),), None, "6.12.37-1-MANJARO", None)
    (root / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
        "sam:x:1234:1234:Sam:/home/sam:/bin/bash\nnobody:x:65534:65534::/home/sam:/bin/false\n"
    )
    (root / "home/sam/app").mkdir(parents=True)
    (root / "home/sam/.bashrc").write_text(f"export {OVERRIDE}=10.1.0\n")
    (root / "home/sam/app/docker-compose.yml").write_text(
        f"services:\n  app:\n    environment:\n      - {OVERRIDE}=10.3.0\n"
    )
    for place in (root, *root.parents):
        if str(place).startswith("/tmp/"):
            place.chmod(0o755)
    warnings = json.loads(cli("plan", "--json", "--root", str(root)).out)["warnings"]
    assert [text.partition(". That")[0].partition(",")[0] for text in warnings if OVERRIDE in text] == [
        f"~sam/.bashrc:1 sets {OVERRIDE}=10.1.0",
        f"~sam/app/docker-compose.yml:4 sets {OVERRIDE}=10.3.0",
    ]
