"""The question before a change: only a clear yes is one. Enter, no and the end of input change nothing."""

from __future__ import annotations

import ast
import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_sample import Cli
from fixtures import wheelmaker
from test_cli_main_job import tree

import rdna_installer.cli
from rdna_installer.cli import probe

pytestmark = pytest.mark.processes  # modinfo

APPLY = ("apply", "--profile", "layered", "--trial", "off")
SETUP = ("setup", "--wheels", "/wheels", "--python", "cp311", "--gfx", "gfx1010")
ASKING = {
    "apply": APPLY, "rollback": ("rollback",), "uninstall": ("uninstall",), "cache": ("cache", "clear", "--all"),
    "setup": SETUP,
}  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(text))


@pytest.fixture
def asked(cli: Cli, sample: Path, request: pytest.FixtureRequest) -> Path:
    """A machine on which the command has something to do."""
    if request.node.callspec.params["command"] != "apply":
        assert cli(*APPLY, "--yes", "--root", str(sample)).code == 0
    if request.node.callspec.params["command"] == "setup":
        folder = sample / "wheels"
        wheelmaker.rocm_pieces(folder, "10.1.0", ("gfx1010",))
        wheelmaker.amd_split(folder, wheelmaker.SplitSet("2.14.0", "0.29.0", None, "10.1.0", ("cp311",), ("gfx1010",)))
        wheelmaker.generic(folder)
        for path in folder.glob("*/*"):
            path.rename(folder / path.name)
    cache = sample / "home/sam/.cache/miopen"
    cache.mkdir(parents=True)
    (cache / "gfx1010.ukdb").write_bytes(b"x" * 5000)
    return sample


@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize(("said", "code"), [("\n", 5), ("n\n", 5), ("N\n", 5), ("what\n\n", 5), ("", 130)])
def test_anything_but_yes_is_no(
    cli: Cli, asked: Path, command: str, said: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(asked)
    answer(monkeypatch, said)
    result = cli(*ASKING[command], "--root", str(asked))
    assert result.code == code and "nothing was changed" in result.err, result
    assert "[y/N" in result.err and tree(asked) == before


@pytest.mark.parametrize("command", [name for name in ASKING if name != "setup"])  # it fills the state only
def test_yes_is_yes(cli: Cli, asked: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(asked)
    answer(monkeypatch, "y\n")
    assert cli(*ASKING[command], "--root", str(asked)).code == 0
    assert tree(asked) != before


@pytest.mark.parametrize(("said", "code"), [("\n", 5), ("n\n", 5)])
def test_a_risky_probe(cli: Cli, said: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    task = SimpleNamespace(
        notes=(), site=SimpleNamespace(python="/x"), start=SimpleNamespace(sets=(), depth="default"), risky=True
    )
    monkeypatch.setattr(probe, "prepare", lambda *_, **__: task)
    monkeypatch.setattr(probe, "probe", lambda *_: pytest.fail("it was probed without a yes"))
    answer(monkeypatch, said)
    result = cli("probe")
    assert result.code == code and "Save your work first" in result.err, result


def test_no_other_command_asks() -> None:
    folder = Path(rdna_installer.cli.__file__).parent
    asking = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("consent", "agreed")
    }
    assert asking == {"apply", "rollback", "cache", "probe", "setup", "show"}, "a test of its Enter belongs here"
