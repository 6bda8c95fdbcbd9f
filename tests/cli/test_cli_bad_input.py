"""Every wrong input: one clear error, its exit code, and nothing changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from cli_sample import Cli
from test_cli_main_job import tree

from rdna_installer.cli.app import COMMANDS, Commands
from rdna_installer.cli.options import AnyPath

pytestmark = pytest.mark.processes  # modinfo

Prepare = Callable[[Path], None]


def nothing(root: Path) -> None:
    """The sample as it is."""


def no_gpu(root: Path) -> None:
    shutil.rmtree(root / "sys/class")


def builtin(root: Path) -> None:
    modules = next((root / "lib/modules").iterdir())
    (modules / "modules.dep").write_text("")
    (modules / "modules.builtin").write_text("kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko\n")


def ostree(root: Path) -> None:
    (root / "run").mkdir(exist_ok=True)
    (root / "run/ostree-booted").touch()
    (root / "usr/bin").mkdir(parents=True, exist_ok=True)
    (root / "usr/bin/rpm-ostree").touch()


def nixos(root: Path) -> None:
    (root / "etc/os-release").write_text("ID=nixos\nVERSION_ID=25.05\n")


def foreign_option(root: Path) -> None:
    (root / "etc/modprobe.d/zz-mine.conf").write_text("# mine\noptions amdgpu noretry=0\n")


def bad_rule(root: Path) -> None:
    folder = root / "etc/rdna-installer/rules.d"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("rules:\n  - id: mine\n    when: [oops\n")


def stock_torch(root: Path) -> None:
    site = root / "home/sam/venv/lib/python3.11/site-packages"
    shutil.rmtree(site)
    (site / "torch/lib/rocblas/library").mkdir(parents=True)
    (site / "torch/version.py").write_text("__version__ = '2.5.1+rocm6.2'\nhip = '6.2.41133'\n")
    (site / "torch-2.5.1+rocm6.2.dist-info").mkdir()
    for gfx in ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100"):
        (site / f"torch/lib/rocblas/library/TensileLibrary_lazy_{gfx}.dat").touch()


APPLY = ("apply", "--yes")
LAYERED = (*APPLY, "--profile", "layered")
CASES = [
    (no_gpu, APPLY, 3, "no-gpu", ["--demo", "--gfx"]),
    (no_gpu, ("plan",), 3, "no-gpu", ["looked at", "/sys/class/kfd"]),
    (builtin, LAYERED, 3, "kernel-layer-builtin", ["amdgpu.noretry=1"]),
    (ostree, LAYERED, 3, "kernel-layer-rpm-ostree", ["--append-if-missing=amdgpu.noretry=1"]),
    (nixos, LAYERED, 3, "kernel-layer-nixos", ["boot.kernelParams"]),
    (nothing, (*APPLY, "--set", "nosuch=1"), 2, "", ["nosuch"]),
    (nothing, (*APPLY, "--set", "gtt_size=8192"), 3, "", ["gttsize"]),
    (nothing, (*APPLY, "--set", "noretry=banana"), 2, "", ["noretry"]),
    (nothing, (*APPLY, "--set", "noretry=7"), 2, "", ["noretry"]),
    (nothing, (*APPLY, "--set", "MIOPEN_FIND_MODE=banana"), 2, "", ["MIOPEN_FIND_MODE"]),
    (nothing, (*APPLY, "--set", "MIOPEN_DEBUG_CONV_DIRECT=0"), 3, "", ["MIOPEN_DEBUG_CONV_DIRECT"]),
    (nothing, (*APPLY, "--set", "LD_LIBRARY_PATH=/opt/rocm/lib"), 3, "", ["LD_LIBRARY_PATH"]),
    (nothing, (*APPLY, "--set", "novalue"), 2, "bad-set", ["KEY=VALUE"]),
    (nothing, (*APPLY, "--keep", "--overwrite"), 2, "keep-or-overwrite", []),
    (foreign_option, LAYERED, 3, "conflict", ["/etc/modprobe.d/zz-mine.conf:2"]),
    (bad_rule, APPLY, 3, "bad-rule", ["/etc/rdna-installer/rules.d/mine.yaml:"]),
    (
        nothing,
        (*APPLY, "--python", "/home/sam/nowhere"),
        2,
        "not-a-python",
        ["nothing at this place", "/home/sam/nowhere"],
    ),
    (nothing, (*APPLY, "--gfx", "gfx9999"), 2, "unknown-gfx", ["gfx9999"]),
    (nothing, (*APPLY, "--profile", "layerd"), 2, "unknown-profile", ["layered"]),
    (nothing, (*APPLY, "--gpu", "7"), 3, "gpu-not-found", ["0000:03:00.0"]),
    (nothing, (*APPLY, "--layer", "firmware"), 2, None, ["firmware"]),
    (nothing, ("no-such-command",), 2, None, ["no-such-command"]),
    (nothing, ("rollback", "--yes"), 3, "nothing-to-roll-back", []),
    (nothing, ("explain", "HSA_OVERIDE_GFX_VERSION"), 2, "unknown-key", ["HSA_OVERRIDE_GFX_VERSION"]),
    (stock_torch, APPLY, 3, "unusable", ["device-gfx101"]),
    (stock_torch, ("plan",), 3, "unusable", ["device-gfx101"]),
]


@pytest.mark.parametrize(("prepare", "argv", "code", "reference", "said"), CASES)
def test_one_clear_error(
    cli: Cli, sample: Path, prepare: Prepare, argv: tuple[str, ...], code: int, reference: str | None, said: list[str]
) -> None:
    prepare(sample)
    before = tree(sample)
    root = () if argv[0] == "no-such-command" else ("--root", str(sample))
    result = cli(*argv, *root)
    assert (result.code, result.err.lower().count("error:")) == (code, 1), result
    if reference is not None:
        assert f"{reference}]" in result.err
    whole = " ".join((result.err + result.out).split())
    assert [word for word in said if word not in whole] == []
    assert "Traceback" not in result.err
    assert tree(sample) == before


def test_a_venv_whose_python_is_gone(cli: Cli, sample: Path) -> None:
    python = sample / "home/sam/venv/bin/python"
    python.unlink()
    python.symlink_to("/usr/bin/python3.99")
    result = cli("apply", "--yes", "--python", "/home/sam/venv", "--root", str(sample))
    assert (result.code, "python-gone]" in result.err) == (3, True), result


def test_no_terminal_needs_consent(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(sample)
    with open(os.devnull) as null:
        monkeypatch.setattr("sys.stdin", null)
        result = cli("apply", "--root", str(sample))
    assert (result.code, "--yes" in result.err) == (5, True)
    assert tree(sample) == before


def test_dry_run_changes_nothing(cli: Cli, sample: Path) -> None:
    before = tree(sample)
    assert cli("apply", "--dry-run", "--root", str(sample)).code == 0
    assert tree(sample) == before


def test_a_bug_is_one_line_naming_the_log_of_that_root(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("rdna_installer.cli.detect.detect", broken)
    result = cli("detect", "--root", str(sample))
    assert result.code == 70
    log = sample / "var/lib/rdna-installer/log"
    said = " ".join(result.err.split())
    assert said.startswith(f"error: a bug in rdna-installer (ZeroDivisionError) [bug] where: details are in {log} do:")
    assert "ZeroDivisionError: planted" in log.read_text()


def _texts() -> list[tuple[str, click.Parameter]]:
    """Every option and argument that takes a text or a path, by its command's name."""
    group, found = Commands(), []
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        subs = [(f"{name} {sub}", each) for sub, each in getattr(command, "commands", {}).items()]
        for title, each in subs or [(name, command)]:
            found += [(title, p) for p in each.params if p.type is click.STRING or isinstance(p.type, AnyPath)]
    return found


@pytest.mark.parametrize(("name", "param"), _texts(), ids=lambda item: getattr(item, "name", item))
def test_an_empty_word_is_a_usage_error(name: str, param: click.Parameter) -> None:
    """--root "$UNSET" was the working directory, report --check "" our own report, --index "" the usual index."""
    words = [param.opts[-1], ""] if isinstance(param, click.Option) else [""]
    command = Commands().get_command(click.Context(Commands()), name.partition(" ")[0])
    assert command is not None
    if rest := name.partition(" ")[2]:
        command = command.commands[rest]  # type: ignore[attr-defined]
    needed = [p for p in command.params if isinstance(p, click.Argument) and p.required and p is not param]
    with (
        pytest.raises(click.BadParameter, match="it is empty"),
        command.make_context(name, [*words, *("x" for _ in needed)]),
    ):
        pass


def test_empty_words_on_the_command_line(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sample)
    was = tree(sample)
    for words in (
        ("apply", "--yes", "--root", ""),
        ("--root", "", "status"),
        ("report", "--json", ""),
        ("report", "--json="),
    ):
        result = cli(*words)
        assert result.code == 2 and result.err.count("error:") == 1 and "it is empty" in result.err, result
    assert tree(sample) == was
    assert cli("run", "--", "").code == 3
