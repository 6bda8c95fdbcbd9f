"""Every setting that the source documents get wrong, in every way a user can meet it: one table, rows and ways.

A way is a wish (--set of plan and env), the profile of that document, a rule file of one's own, a value somebody has
in a file of theirs (plan, advise, env, run, verify), and explain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_sample import Cli
from situations import OVERRIDE, STOCK64
from user_machines import Card, build

from rdna_installer.cli import env as run_command
from rdna_installer.cli import options

pytestmark = pytest.mark.processes  # modinfo
NAVI10 = Card(100100, 0x731F)
TWO = (NAVI10, Card(100306, 0x164E, integrated=True))


@dataclass(frozen=True)
class Row:
    """A row of facts/source-errors.md. ``says``: what a note must have; ``wish``: how --set ends, refused or said.

    ``profile``: the one that carries that document's settings, and what it says of this one.
    """

    claim: str
    key: str
    value: str
    says: str
    refused: bool = False
    profile: tuple[str, str] | None = None
    cards: tuple[Card, ...] = (NAVI10,)
    explains: str | None = None

    @property
    def pair(self) -> str:
        return f"{self.key}={self.value}"


NEVER = "miopen-solvers"
ROWS = (
    Row("HSA_OVERRIDE_GFX_VERSION=10.3.0", OVERRIDE, "10.3.0", "RDNA 1 is not RDNA 2",
        profile=(NEVER, "does not execute RDNA 2 code"), explains="internal debugging"),
    Row("OCL_WRW2=0", "MIOPEN_DEBUG_CONV_GEMM", "0", "gfx1031", profile=(NEVER, "unproven")),
    Row("OCL_WRW2=0", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW2", "0", "gfx1031", profile=(NEVER, "unproven")),
    Row("OCL_WRW2=0", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "0", "gfx1031", profile=(NEVER, "unproven"),
        explains="wrong results"),
    Row("MIOPEN_DEBUG_CONV_DIRECT=0", "MIOPEN_DEBUG_CONV_DIRECT", "0", "No suitable algorithm", True,
        (NEVER, "last fallback")),
    Row("MIOPEN_DEBUG_CONV_WINOGRAD=1", "MIOPEN_DEBUG_CONV_WINOGRAD", "1", "1 is the default",
        profile=(NEVER, "does not force Winograd")),
    Row("MIOPEN_FIND_MODE=normal", "MIOPEN_FIND_MODE", "normal", "every applicable solver", profile=(NEVER, "FAST"),
        explains="the faulty ones"),
    Row("GPU_DEVICE_ORDINAL", "GPU_DEVICE_ORDINAL", "0", "not read it under Linux", True, (NEVER, "OpenCL only"),
        explains="no effect on HIP"),
    Row("GPU_DEVICE_ORDINAL", "PYTORCH_ROCM_ARCH", "gfx1030", "when PyTorch or an extension is built", True,
        (NEVER, "read when PyTorch is built"), explains="is built"),
    Row("GPU_DEVICE_ORDINAL", "HIP_VISIBLE_DEVICES", "0", "hides", True, (NEVER, "hides GPUs"), TWO),
    Row("GPU_DEVICE_ORDINAL", "CUDA_VISIBLE_DEVICES", "0", "hides", True, (NEVER, "hides GPUs"), TWO),
    Row("GPU_DEVICE_ORDINAL", "LD_LIBRARY_PATH", "/opt/rocm/lib", "brings its own", True, (NEVER, "bring their own"),
        explains="bring their own"),
    Row("AMD_WINOGRAD_RXS", "MIOPEN_DEBUG_AMD_WINOGRAD_RXS", "0", "no effect on RDNA",
        profile=("miopen-strict", "no effect on RDNA")),
    Row("gtt_size", "gtt_size", "8192", "ignored", True, ("layered", "it is gttsize"),
        explains="no such parameter"),
    Row("gtt_size", "noretry", "0", "retry faults ON", profile=("layered", "turns retries on"), explains="retry"),
    Row("gtt_size", "vm_fragment_size", "9", "the default since GFX9", profile=("layered", "are the defaults")),
    Row("gtt_size", "mtype_local", "1", "has no parameter 'mtype_local'",
        profile=("layered", "MI300"), explains="no effect"),
    Row("NO_HIP_MEMORY_CACHING", "PYTORCH_NO_HIP_MEMORY_CACHING", "1", "17 % slower",
        profile=("layered", "17 % slower")),
    Row("FORCE_RDNA1", "MIOPEN_FORCE_RDNA1", "1", "no release of MIOpen", True,
        ("rocm52-spoof", "no release reads it")),
)  # fmt: skip


@pytest.fixture
def machine(row: Row, tmp_path: Path, module: Path) -> Path:
    return build(tmp_path / "root", row.cards, STOCK64, "6.12.63+deb13-amd64", module)


def plain(text: str) -> str:
    return " ".join(text.split())


def put(row: Row, machine: Path) -> None:
    """Somebody's own file with it."""
    if row.key == row.key.lower():
        (machine / "etc/modprobe.d/theirs.conf").write_text(f"options amdgpu {row.pair}\n")
    else:
        (machine / "home/sam/.bashrc").write_text(f"export {row.pair}\n")


def theirs(row: Row) -> str:
    return "/etc/modprobe.d/theirs.conf:1" if row.key == row.key.lower() else "~/.bashrc:1"


def a_wish(command: str) -> Callable[[Row, Path, Cli, pytest.MonkeyPatch], None]:
    def way(row: Row, machine: Path, cli: Cli, _: pytest.MonkeyPatch) -> None:
        done = cli(command, "--set", row.pair, "--root", str(machine))
        if row.refused:
            assert (done.code, f"{row.key} is never set" in plain(done.err)) == (3, True)
            return
        note = next(n for n in re.split(r"\bnote: ", plain(done.out + done.err)) if n.startswith(f"{row.pair} is "))
        assert row.says in note

    return way


def a_profile(row: Row, machine: Path, cli: Cli, _: pytest.MonkeyPatch) -> None:
    assert row.profile is not None
    name, says = row.profile
    plan = json.loads(cli("plan", "--json", "--profile", name, "--root", str(machine)).out)
    said = [r["reason"] for r in plan["rejected"] if r["key"] == row.pair] or plan["warnings"]
    assert any(says in text for text in said)
    set_by_it = {f"{s['key']}={s['value']}" for s in plan["settings"]}
    assert row.pair not in set_by_it or said is plan["warnings"]


def a_rule_of_ones_own(row: Row, machine: Path, cli: Cli, _: pytest.MonkeyPatch) -> None:
    layer = "kernel" if row.key == row.key.lower() else "python"
    folder = machine / "home/sam/.config/rdna-installer/rules.d"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(
        f"rules:\n- id: mine\n  why: a document says so\n  settings:\n    {layer}: {{{row.key}: '{row.value}'}}\n"
        "  evidence: [{url: 'https://example.org', says: x, strength: medium}]\n"
    )
    done = cli("plan", "--root", str(machine))
    text = plain(done.out + done.err)
    if row.refused:
        assert (done.code, "[bad-rule]" in done.err, row.key in text) == (3, True, True)
        return
    assert row.says in text


def in_force(command: str) -> Callable[[Row, Path, Cli, pytest.MonkeyPatch], None]:
    def way(row: Row, machine: Path, cli: Cli, _: pytest.MonkeyPatch) -> None:
        put(row, machine)
        done = cli(command, "--root", str(machine))
        text = plain(done.out + done.err)
        assert theirs(row) in text
        at = text.index(row.pair, text.index(theirs(row)) - 60 if command == "advise" else 0)
        assert row.says in text[at : at + 700]

    return way


def run(row: Row, machine: Path, cli: Cli, patch: pytest.MonkeyPatch) -> None:
    put(row, machine)
    started: list[tuple[str, ...]] = []
    patch.setattr(run_command, "replace_with", lambda argv, _: started.append(tuple(argv)))
    patch.setattr(options, "Sysroot", lambda _root, given=options.Sysroot: given(str(machine)))
    done = cli("run", "--", "true")
    assert row.says in plain(done.err)
    assert row.pair in plain(done.err)
    assert started == [("true",)]


def explained(row: Row, machine: Path, cli: Cli, _: pytest.MonkeyPatch) -> None:
    done = cli("explain", row.key)
    assert done.code == 0
    assert (row.explains or row.says) in plain(done.out)


WAYS: dict[str, Callable[[Row, Path, Cli, pytest.MonkeyPatch], None]] = {
    "plan --set": a_wish("plan"),
    "env --set": a_wish("env"),
    "profile": a_profile,
    "own rule": a_rule_of_ones_own,
    "plan": in_force("plan"),
    "advise": in_force("advise"),
    "env": in_force("env"),
    "verify": in_force("verify"),
    "run": run,
    "explain": explained,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", ROWS, ids=[row.pair for row in ROWS])
def test_the_row_holds(row: Row, way: str, machine: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    WAYS[way](row, machine, cli, monkeypatch)


def test_every_claim_with_a_setting_is_in_the_table(facts_dir: Path) -> None:
    lines = [line for line in (facts_dir / "source-errors.md").read_text().splitlines() if line.count("|") >= 5]
    claims = [line.split("|")[2] for line in lines[2:]]
    named = {claim for claim in claims if re.search(r"[A-Z]{3,}_[A-Z_]+|\b[a-z]+_[a-z_]+=|gtt_size", claim)}
    named -= {claim for claim in named if "MTYPE_CC" in claim}  # of hardware: nothing to set
    assert {claim for claim in named if not any(row.claim in claim for row in ROWS)} == set()
