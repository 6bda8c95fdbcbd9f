"""What a file may ask of its reader has an end: few bytes do not cost minutes, nor the reader's own stack."""

from __future__ import annotations

import struct
import time
from pathlib import Path, PurePosixPath

import pytest
from elf_sample import elf

from rdna_installer.check.replacement import look
from rdna_installer.detect import compose, dotfiles, sshd
from rdna_installer.detect.assignments import in_shell, settled
from rdna_installer.detect.modprobe import parse_conf
from rdna_installer.detect.symbols import linking
from rdna_installer.detect.torch import Installed
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeOption

SECONDS = 10.0  # of processor time, for what takes a tenth of one when it is right


def test_eval_of_eval_is_the_same_eval() -> None:
    found = in_shell("eval " * 5000 + "export HSA_X=1")
    assert [(a.line, a.key, a.value) for a in found] == [(1, "HSA_X", "1")]


def test_the_lines_of_a_joined_line_are_found_quickly() -> None:
    began = time.process_time()
    found = [o for o in parse_conf("options amdgpu " + "b=1 \\\n" * 50_000, "a.conf") if isinstance(o, ModprobeOption)]
    assert time.process_time() - began < SECONDS
    assert [found[at].source for at in (0, 1, -1)] == ["a.conf:1", "a.conf:2", "a.conf:50000"]


def test_aliases_of_aliases_are_read_once() -> None:
    many = 1000
    text = "a: &a {HSA_X: '1'}\n"
    for name, of in (("b", "a"), ("c", "b")):
        text += f"{name}: &{name}\n  <<: [{','.join([f'*{of}'] * many)}]\n"
    began = time.process_time()
    found = compose.in_compose(f"{text}environment:\n  <<: [{','.join(['*c'] * many)}]\n  HSA_Y: '2'\n")
    assert time.process_time() - began < SECONDS
    assert [(a.key, a.value) for a in found] == [("HSA_X", "1"), ("HSA_Y", "2")]


def test_a_long_chain_of_compose_files_ends(tmp_path: Path) -> None:
    for number in range(300):
        below = tmp_path / f"{number}.yml"
        below.write_text(f"include: ['{number + 1}.yml']\nservices: {{a: {{environment: {{HSA_{number}: '1'}}}}}}\n")
    found = list(compose.decided(Sysroot(tmp_path), PurePosixPath("/0.yml")))
    assert (len(found), found[-1][1].key) == (compose.FILES, "HSA_0")


def test_sshd_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "etc/ssh/d"
    folder.mkdir(parents=True)
    (folder.parent / "sshd_config").write_text("Include d/*\nPermitUserEnvironment yes\n")
    for number in range(40):
        (folder / f"{number}.conf").write_text("Include d/*\nInclude d/*\n")
    began = time.process_time()
    assert [*sshd.permitted(Sysroot(tmp_path), [dotfiles.Assignment(1, "HSA_X", "1")])]
    assert time.process_time() - began < SECONDS


def test_links_to_themselves_do_not_multiply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).symlink_to(".")
    monkeypatch.setattr(dotfiles, "PATHS", 100, raising=False)
    assert len(dotfiles.matching(Sysroot(tmp_path), "/*" * 12)) <= 200


def test_a_section_beyond_the_files_end_is_no_end_of_the_program(tmp_path: Path) -> None:
    """As of a file of debug symbols, or a download that was cut and padded."""
    (tmp_path / "old.so").write_bytes(elf(soname="libMIOpen.so.1"))
    data = elf({".rodata": b"x"}, soname="libMIOpen.so.1")
    row = len(data) - 5 * 64 + 64 + 32  # the size of the first section
    assert struct.unpack_from("<Q", data, row) == (1,)
    (tmp_path / "new.so").write_bytes(data[:row] + struct.pack("<Q", 1 << 40) + data[row + 8 :])
    torch = Installed(PurePosixPath("/site"), PurePosixPath("/site/torch"), ())
    fit = look(Sysroot(tmp_path), torch, PurePosixPath("/old.so"), PurePosixPath("/new.so"), ("gfx1010",))
    assert fit is not None and fit.problems[-1].startswith("it has no code for gfx1010")


def test_versions_that_count_each_other_are_broken(tmp_path: Path) -> None:
    """Every row of a list points to a list of those that follow it."""
    rows = struct.pack("<HHIII", 1, 10_000, 0, 16, 16) * 30_000
    sections = {".dynsym": bytes(24), ".dynstr": b"\0miopenCreate\0", ".gnu.version_r": rows}
    (tmp_path / "a.so").write_bytes(elf(sections))
    began = time.process_time()
    assert linking(Sysroot(tmp_path), "/a.so", "miopen") is None
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("kind", "again"),
    [
        ("shell", "cat <<A > b\nx\nA\n"),
        ("shell", "cat > b <<A\n"),
        ("shell", "$(uname -r)"),
        ("shell", "case $(uname -r) in\nwsl"),
        ("shell", "f() {\nf() {\n"),
        ("launcher", "mpirun -x "),
        ("launcher", "srun \\\n"),
        ("python", "for k, v in ("),
        ("python", "for k, v in X.items():\n env[k] = v\n"),
        ("python", "if 'wsl' in x"),
        ("js", "for (const [a,b] of Object.entries("),
        ("js", "{...process.env, "),
        ("nix", "a = { enable = false;"),
        ("nix", 'Environment = [ "'),
        ("python", "A = ('a'  " + "'a'  " * 50 + "x\n"),
        ("python", "if 'a' == ('a' , " + "'a'  ,  " * 30 + "x:\n"),
        ("python", "HOST = 'a'\nif HOST in ('a',"),
        ("python", "if 'a' == 'a' or 'b' == 'c' and\n"),
        ("js", "if ((((os.hostname() "),
        ("nix", "a.enable = false;\n"),
        ("tmux", "bind a new-window -e "),
        ("xfconf", "<!-- "),
        ("make", "A=B=c D=e\n\t$(A)\n"),
    ],
)
def test_what_is_said_again_and_again_is_read_in_time(kind: str, again: str) -> None:
    """Patterns that look ahead, or over lines, look so far and no further."""
    text = "HSA_X=1\n" + again * (100_000 // len(again))
    began = time.process_time()
    ways = ("bare", "answers") if kind == "shell" else ("code",)
    answers = [row for way in ways for row in dotfiles.dialects()[way]]
    dotfiles.read_as(kind, settled(text, answers, {"'host'": "'rig'"}))
    assert time.process_time() - began < SECONDS
