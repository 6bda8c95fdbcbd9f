"""What detection costs, in things that can be counted exactly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rdna_installer.detect.gpus import find_gpus

INSTALLER = Path(__file__).resolve().parents[3] / "installer"
HEAVY = ("yaml", "distro", "packaging", "tempfile", "importlib.metadata", "json", "email")


def _calls(action: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the file system was asked for something."""
    count = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("open", "stat", "lstat", "listdir", "scandir", "readlink"):
            patch.setattr(os, name, counted(getattr(os, name)))
        action()
    return count


def test_grows_linearly_in_kfd_nodes(new_tree, monkeypatch) -> None:
    counts = {}
    for size in (1, 8, 64):
        tree = new_tree(f"n{size}")
        for n in range(size):
            tree.gpu_node(n + 1, 90402, 0x74A1, location_id=(n + 1) << 8, domain=0)
            tree.card(n, "1002:74A1", f"0000:{n + 1:02x}:00.0", "00")
        counts[size] = _calls(lambda tree=tree: find_gpus(tree.root), monkeypatch)
        assert len(find_gpus(tree.root).gpus) == size
    each = (counts[8] - counts[1]) // 7
    assert 0 < each < 60, "one read of properties, one of uevent, one of revision, with their paths resolved"
    assert counts[8] == counts[1] + 7 * each
    assert counts[64] == counts[1] + 63 * each


@pytest.mark.processes
def test_loads_nothing_heavy(tmp_path) -> None:
    program = (
        "import sys\n"
        "from rdna_installer.detect.host import Ask, detect\n"
        "from rdna_installer.machine.sysroot import Sysroot\n"
        f"detect(Sysroot({str(tmp_path)!r}), Ask())\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(INSTALLER)!r})\n{program}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # Root looks at what may be somebody's in a child, which answers in JSON.
    assert done.stdout == ("['json']\n" if os.geteuid() == 0 else "[]\n")
