"""The demo plays on a bare Python too, and its recording is what the commands print today."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_sample import DEMO

from rdna_installer import __version__

pytestmark = pytest.mark.processes

FOLDER = DEMO.parents[1] / "installer/rdna_installer/demo"
DATA = FOLDER / "demo.json"


def plain(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d+ files|sudo ", "", text)
    return re.sub(r"(before|after): +\w+|looked in .*?PATH", "", text, flags=re.S)


@pytest.fixture(scope="module")
def played() -> dict[str, dict[str, str]]:
    sys.path.insert(0, str(FOLDER))
    import demo

    scenes = {title.split("\n")[0]: said for title, said in demo.play(json.loads(DATA.read_text()), True)}
    if os.environ.get("RDNA_UPDATE_GOLDEN"):
        data = json.loads(DATA.read_text())
        data["recorded"] = {"date": datetime.date.today().isoformat(), "version": __version__, **scenes}
        DATA.write_text(json.dumps(data, indent=1) + "\n")
    return scenes


def test_the_recording_is_what_is_printed_today(played: dict[str, dict[str, str]]) -> None:
    recorded = json.loads(DATA.read_text())["recorded"]
    assert list(played) == [name for name in recorded if name not in ("date", "version")]
    for title, said in played.items():
        for step, text in said.items():
            assert plain(text) == plain(recorded[title][step]), step


def test_it_shows_what_it_says(played: dict[str, dict[str, str]]) -> None:
    *_, recovered, back, error = [list(said.values()) for said in played.values()]
    assert "Killed" in recovered[0] and "undone" in recovered[1]
    before, after = re.findall(r": +(\w{16})", back[-1])
    assert before == after
    assert "~/.zshrc:2" in error[-1] and "11.0.0" in error[-1]
    assert all(len(said) and len("".join(said.values()).splitlines()) <= 50 for said in played.values())


def test_the_command_is_the_same_demo(tmp_path: Path) -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(FOLDER.parents[1]),
    }
    run = "import sys; from rdna_installer.cli.app import main; sys.exit(main())"
    ways = ([sys.executable, "-B", FOLDER / "demo.py"], [sys.executable, "-B", "-c", run, "demo", "--no-pause"])
    shown = [
        subprocess.run(way, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        for way in ways
    ]
    assert [done.returncode for done in shown] == [0, 0] and [done.stderr for done in shown] == ["", ""]
    assert plain(shown[0].stdout) == plain(shown[1].stdout) and "nothing runs now" not in shown[1].stdout
    assert list(tmp_path.iterdir()) == []


def test_a_bare_python_shows_the_recording_and_touches_nothing(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    # -S: without site-packages there is no click
    done = subprocess.run(
        [sys.executable, "-S", "-B", FOLDER / "demo.py"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stderr == "", done
    assert "Recorded on 20" in done.stdout and "nothing runs now" in done.stdout and "7 A real error" in done.stdout
    assert done.stdout.rstrip().endswith("rdna-installer doctor") and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(("redirect", "code"), [(">/dev/full", 1), (">&-", 0), ("<&-", 0), (">&- 2>&- <&-", 0)])
def test_nobody_reads_it(tmp_path: Path, redirect: str, code: int) -> None:
    """It ended with a traceback."""
    said = tmp_path / "said"
    command = f'"$1" -I -B "$2" --no-pause {"2>" + str(said) if "2>" not in redirect else ""} {redirect}'
    done = subprocess.run(
        ["sh", "-c", command, "sh", sys.executable, str(FOLDER / "demo.py")],
        check=False,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    text = said.read_text() if said.exists() else ""
    assert done.returncode == code and "Traceback" not in text, text
    assert (text == "error: the demo was ended: no space left on device. Nothing is left of it.\n") == (code == 1)
