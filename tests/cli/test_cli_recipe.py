"""``recipe``: what it shows, what it writes, and what it says to whom it cannot serve."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli_sample import Cli

NAMES = ("pytorch", "miopen", "rocblas", "rocm52-torch")


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_takes_and_what_is_unproved_on_one_screen_of_columns(cli: Cli, name: str) -> None:
    done = cli("recipe", name, "--gfx", "gfx1010", "--rocm", "6.2.4", "--no-pager")
    assert done.code == 0, done.err
    for word in ("Takes", "disk", "time", "Not proved", "Then", "gfx1010"):
        assert word in done.out
    long = [line for line in done.out.splitlines() if len(line) > 80]
    assert all("rdna-installer" in line or "https://" in line for line in long), long


def test_advise_names_what_the_older_documents_do_by_hand_each_with_what_its_recipe_says_it_takes(cli: Cli) -> None:
    """A torch of one's own (002 A), a MIOpen of one's own (002 B) put in place (004), the older ROCm (002 C)."""
    told = " ".join(cli("advise", "--gfx", "gfx1010", "--rocm", "6.2.4", "--no-pager").out.split())
    for name in NAMES:
        taken = json.loads(cli("recipe", name, "--gfx", "gfx1010", "--rocm", "6.2.4", "--json").out)
        assert f"recipe {name}" in told
        assert f"{taken['disk_gib']} GB" in told
    assert "rdna-installer apply --miopen" in told
    assert "every convolution still failed" in told
    assert "rocm-build builds all of ROCm 5.3" in told


def test_pins_are_those_of_the_rocm_that_is_here(cli: Cli) -> None:
    found = {
        rocm: json.loads(cli("recipe", "miopen", "--gfx", "gfx1010", "--rocm", rocm, "--json").out)
        for rocm in ("6.2.4", "6.3.1", "7.0.2")
    }
    commits = [found[rocm]["sources"][0]["commit"][:8] for rocm in ("6.2.4", "6.3.1")]
    assert commits == ["e5d16286", "219c1776"]
    assert any("ROCm 7.0.2 is here" in text for text in found["7.0.2"]["lacks"])


def test_a_directory_is_written_once_and_again_and_not_over_anothers(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "build"
    argv = ("recipe", "miopen", "--gfx", "gfx1010", "--rocm", "6.2.4", "--out", str(out))
    assert cli(*argv).code == 0
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    assert next(path.name for path in before if path.suffix == ".sh") == "01-sources.sh"
    (out / "state.json").write_text("kept\n")
    assert cli(*argv).code == 0
    assert {path: path.read_bytes() for path in before} == before
    assert (out / "state.json").read_text() == "kept\n"
    theirs = cli("recipe", "miopen", "--gfx", "gfx1010", "--out", str(tmp_path))
    assert (theirs.code, "something else" in theirs.err) == (3, True)


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("tensorflow",), 2, "there is no recipe tensorflow"),
        (("run",), 2, "recipe run DIR"),
        (("miopen", "somewhere"), 2, "recipe run DIR"),
        (("miopen", "--gfx", "gfx9999"), 2, "gfx9999"),
        ((), 2, "NAME"),
    ],
)
def test_bad_input_is_one_error(cli: Cli, argv: tuple[str, ...], code: int, says: str) -> None:
    given = () if "--gfx" in argv or argv[:1] != ("tensorflow",) else ("--gfx", "gfx1010")
    done = cli("recipe", *argv, *given)
    assert (done.code, says in done.err) == (code, True), done.err
    assert "Traceback" not in done.err


def test_a_folder_that_is_no_build_and_root(cli: Cli, tmp_path: Path) -> None:
    done = cli("recipe", "run", str(tmp_path))
    says = "root's rights" if os.geteuid() == 0 else "no build directory"
    assert (done.code, says in done.err) == (3, True), done.err
