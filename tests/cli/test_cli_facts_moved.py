"""The machine changes between the plan that was shown and the answer to it: nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_sample import Cli
from trial_sample import LAYERED

from rdna_installer.cli import apply as command

pytestmark = pytest.mark.processes  # modinfo


def other_words(root: Path) -> None:
    (root / "proc/cmdline").write_text("quiet nomodeset\n")


def other_options(root: Path) -> None:
    (root / "etc/modprobe.d/zz.conf").write_text("options amdgpu lockup_timeout=9000\n")


@pytest.mark.parametrize("move", [other_words, other_options])
def test_refused_and_nothing_written(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch, move: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(command, "consent", lambda *_, **__: move(sample))
    done = cli("apply", *LAYERED, "--root", str(sample))
    assert (done.code, "[facts-moved]" in done.err) == (3, True), done.err
    assert not (sample / "etc/modprobe.d/rdna-installer.conf").exists()
