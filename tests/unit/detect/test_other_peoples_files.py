"""What a unit, the file it names and a compose file set is found, each with its line; a container's is marked so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "check"))

from check_samples import facts
from detect_tree import Tree

import rdna_installer
from rdna_installer.detect.compose import in_compose
from rdna_installer.detect.dotfiles import scan
from rdna_installer.detect.users import user_of
from rdna_installer.model import PythonSite, Torch, TorchOrigin
from rdna_installer.workflow.foreign import whose


def _found(tree) -> dict[str, tuple[str | None, str, bool]]:
    tree.file("etc/passwd", "sam:x:0:0:Sam:/home/sam:/bin/bash\n")
    user = user_of(tree.root, 0)
    return {f.assignment.key: (f.assignment.value, f.where, f.contained) for f in scan(tree.root, user, ()).found}


def test_a_unit_and_the_file_it_names(tree) -> None:
    tree.file(
        "etc/systemd/system/llama.service",
        '[Service]\nEnvironmentFile=-/etc/llama.env\nEnvironment="HSA_OVERRIDE_GFX_VERSION=10.3.0" A=b\n',
    )
    tree.file("etc/llama.env", "KEY=x\nHSA_ENABLE_SDMA=0\n")
    assert _found(tree) == {
        "HSA_OVERRIDE_GFX_VERSION": ("10.3.0", "/etc/systemd/system/llama.service:3", False),
        "HSA_ENABLE_SDMA": ("0", "/etc/llama.env:2", False),
    }


def test_a_compose_file_below_the_home(tree) -> None:
    tree.file("home/sam/app/docker-compose.rocm.yml", "services:\n  a:\n    environment:\n      HSA_XNACK: '1'\n")
    tree.file("home/sam/compose.yaml", "services:\n  a:\n    environment:\n    - ROCBLAS_USE_HIPBLASLT=0 # why\n")
    assert _found(tree) == {
        "HSA_XNACK": ("1", "~/app/docker-compose.rocm.yml:4", True),
        "ROCBLAS_USE_HIPBLASLT": ("0", "~/compose.yaml:4", True),
    }


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('      - "HSA_XNACK=1"', "1"),
        ("      HSA_XNACK: 1", "1"),
        ('      "HSA_XNACK": "1"', "1"),
        ("      - HSA_XNACK=${HSA_XNACK:-1}", "1"),
        ("      - HSA_XNACK=${HSA_XNACK}", "${HSA_XNACK}"),
        ("      # HSA_XNACK: 1", None),
        ("    image: HSA_XNACK=1", None),
        ("      HSA_XNACK:", None),
        ("      - HSA_XNACK", None),
        ("    labels:\n      - HSA_XNACK=1", None),
        ("      <<: {HSA_XNACK: 1}", "1"),
        ("      HSA_XNACK: 1\n\tno: yaml", None),
    ],
)
def test_a_line_of_a_compose_file(line: str, value: str | None) -> None:
    text = f"services:\n  a:\n    environment:\n{line}\n"
    assert [a.value for a in in_compose(text)] == ([] if value is None else [value])


@pytest.fixture
def open_root() -> Iterator[Tree]:
    """A root that everybody may enter (pytest's own are closed), with a Python of root's in /root."""
    folder = Path(tempfile.mkdtemp(prefix="rdna-test-"))
    folder.chmod(0o755)
    tree = Tree(folder)
    tree.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1234:1234::/home/ann:/bin/sh\n")
    tree.file("root/venv/bin/activate", "export HSA_XNACK=1\n")
    tree.file("home/ann/.bashrc", "export HSA_ENABLE_SDMA=0\n")
    (folder / "root").chmod(0o700)
    yield tree
    shutil.rmtree(folder)


CLOSED = """
import sys
sys.path[:0] = sys.argv[1:2]
from rdna_installer.detect.dotfiles import scan
from rdna_installer.detect.users import user_of
from rdna_installer.machine.sysroot import Sysroot
root = Sysroot(sys.argv[2])
ann = user_of(root, 1234)
seen = scan(root, ann, (), (), [(ann, ())])
print([f.where for f in seen.found], seen.unreadable)
"""


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks as others")
def test_our_own_installation_may_be_closed_to_them(open_root: Tree, tmp_path: Path) -> None:
    """What a look as somebody else needs of ours is loaded by root, once it turns out to be out of their reach."""
    open_root.file("home/ann/compose.yaml", "services:\n  a:\n    environment:\n      HSA_XNACK: '1'\n")
    package = tmp_path / "ours"
    package.mkdir(0o700)
    for module in (rdna_installer, yaml):
        source = Path(module.__file__ or "").parent
        shutil.copytree(source, package / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-I", "-S", "-c", CLOSED, str(package), str(open_root.root.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "['~/.bashrc:1', '~/compose.yaml:4'] ()\n"


VENV = PurePosixPath("/root") / "venv"
TORCH = Torch("2.5.1", "6.2", (), TorchOrigin.PYTORCH_ORG)
ROOTS = PythonSite(VENV / "bin/python", VENV, VENV / "lib", "3.11", 0, 0, TORCH)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks as others")
def test_what_others_cannot_reach_is_not_theirs_to_read(open_root: Tree) -> None:
    """Root's Python in /root: its files are root's, and no word of it to those who cannot even enter."""
    ann = user_of(open_root.root, 1234)
    seen = scan(open_root.root, ann, (), (), [(ann, [ROOTS])])
    assert ([f.where for f in seen.found], seen.unreadable) == (["~/.bashrc:1"], ())
    both = scan(open_root.root, ann, (), (), [(ann, [ROOTS]), (user_of(open_root.root, 0), [ROOTS])])
    assert ([f.where for f in both.found], both.unreadable) == (["~/.bashrc:1", "~root/venv/bin/activate:1"], ())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks as others")
@pytest.mark.parametrize("asks", [0, 1234])
def test_a_python_in_the_home_of_root_is_root_s(open_root: Tree, asks: int) -> None:
    host = facts(user=user_of(open_root.root, asks), sites=(ROOTS,))
    assert whose(open_root.root, host)[0][0].uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks as others")
def test_root_reads_for_whoever_owns_a_program(open_root: Tree) -> None:
    anns = replace(ROOTS, prefix=PurePosixPath("/home/ann/venv"), owner=1234, group=1234)
    found = whose(open_root.root, facts(user=user_of(open_root.root, 0), sites=(anns,)))
    assert [(user.uid, sites) for user, sites in found] == [(1234, [anns])]
