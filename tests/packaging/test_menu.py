"""install.sh on a terminal: a menu that fits who calls it and where, and packages that go as they came."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
PROJECT = Path(__file__).resolve().parents[2]
FOUND = "has_gpu() { return 0; }"
NONE = "has_gpu() { return 1; }"
PATIENCE = 120  # seconds; only what hangs needs so long
ANY = ["check", "roll back", "uninstall", "demo"]


def menu(tmp_path: Path, keys: list[str], gpu: str, uid: int, *, program: bool = True) -> tuple[int, str]:
    """install.sh with a machine and a caller put into its mouth; what it would do is said instead of done."""
    script = (PROJECT / "install.sh").read_text()
    for name, body in (
        ("has_gpu", gpu),
        ("has_program", f"has_program() {{ return {int(not program)}; }}"),
        ("apply", 'apply() { say "applies $*"; }'),
        ("demo", 'demo() { say "plays"; }'),
    ):
        start = script.index(f"\n{name}() {{")
        end = script.index("\n}\n", start)
        script = f"{script[:start]}\n{body}{script[end + 2 :]}"
    place = tmp_path / "install.sh"
    here = script.replace('here=$(cd "$(dirname "$0")" && pwd -P)', f"here={PROJECT}")
    place.write_text(here.replace("$(id -u)", str(uid)))
    return typed(["sh", str(place)], keys)


def typed(argv: list[str], keys: list[str], **env: str) -> tuple[int, str]:
    """A command on a terminal; each question gets the next key."""
    master, slave = pty.openpty()
    child = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "NO_COLOR": "1", **env})
    os.close(slave)
    seen, answered = "", 0  # a question may come in pieces: each is answered once
    while True:
        try:
            assert select.select([master], [], [], PATIENCE)[0], f"nothing more came after {seen!r}"
            piece = os.read(master, 4096).decode()
        except OSError:
            break
        seen += piece
        if seen[answered:].rstrip().endswith(("Your choice:", "[y/N]", "[y/N/d]:")):
            if not keys:  # a question too many
                break
            os.write(master, (keys.pop(0) + "\n").encode())
            seen += "\n"
            answered = len(seen)
    os.close(master)
    return child.wait(PATIENCE), seen


@pytest.mark.parametrize(
    ("gpu", "uid", "there", "missing"),
    [
        (FOUND, 0, ["install PyTorch", "full installation", "Python only", "kernel only", *ANY], ["sudo", "No AMD"]),
        (FOUND, 1000, ["install PyTorch", "Python only", "sudo ./", *ANY], ["full installation", "kernel only"]),
        (NONE, 0, ["No AMD GPU", *ANY], ["full installation", "Python only"]),
        (NONE, 1000, ["No AMD GPU", *ANY], ["full installation", "Python only"]),
    ],
)
def test_entries_fit(tmp_path: Path, gpu: str, uid: int, there: list[str], missing: list[str]) -> None:
    code, seen = menu(tmp_path, ["q"], gpu, uid)
    assert code == 0 and "Nothing was changed." in seen
    assert [words for words in there if words not in seen] == [] == [words for words in missing if words in seen]


def test_a_wrong_key_is_asked_about_again(tmp_path: Path) -> None:
    code, seen = menu(tmp_path, ["x", "10", "0", "12", "-1", "*", "3"], FOUND, 0)
    assert code == 0 and seen.count("There is no such choice. Type a number from 1 to 9, or q.") == 6, seen
    assert "applies --layer python" in seen


def test_nothing_is_offered_that_must_fail(tmp_path: Path) -> None:
    code, seen = menu(tmp_path, ["1"], NONE, 1000, program=False)
    assert code == 0 and "plays" in seen and [words for words in ANY[:3] if words in seen] == []


def test_every_number_does_what_it_says(tmp_path: Path) -> None:
    assert "applies --layer python" in menu(tmp_path, ["2"], FOUND, 1000)[1]
    assert "plays" in menu(tmp_path, ["4"], NONE, 1000)[1]
    assert "applies --layer kernel" in menu(tmp_path, ["5"], FOUND, 0)[1]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample machine of the tests, without a kernel."""
    root = tmp_path / "sample"
    shutil.copytree(PROJECT / "tests/sample/machine", root, symlinks=True)
    (root / "var/lib").mkdir(parents=True, exist_ok=True)
    (root / "etc/passwd").write_text(f"sam:x:{os.getuid()}:{os.getgid()}:Sam:/home/sam:/bin/bash\n")
    return root


@pytest.fixture
def debian(tmp_path: Path) -> dict[str, str]:
    """A Debian that lacks kmod, and an apt-get that says what it was asked for."""
    tools = tmp_path / "tools"
    tools.mkdir()
    had = tmp_path / "has-kmod"
    asked = f'echo "$*" >>{tmp_path}/asked'
    for name, text in {
        "dpkg-query": f"case $* in *kmod) [ -e {had} ] || exit 1 ;; *rdna-installer) exit 1 ;; esac; printf installed",
        "apt-get": f"{asked}; case $* in *-s*) echo 'Inst kmod (30)' ;; *remove*) rm {had} ;;"
        f" *download*) touch kmod.deb ;; *install*) touch {had} ;; esac",
        "dpkg-deb": "exit 0",
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    script = (
        (PROJECT / "install.sh")
        .read_text()
        .replace("parent=/opt bin=/usr/local/bin", f"parent={tmp_path}/opt bin={tmp_path}/bin")
        .replace("data=/usr/local/share", f"data={tmp_path}/share")
    )
    script = script.replace('here=$(cd "$(dirname "$0")" && pwd -P)', f"here={PROJECT}").replace(
        "boots_with_systemd() {", "boots_with_systemd() { return 1"
    )
    (tmp_path / "install.sh").write_text(script.replace("units=/usr/local/lib", f"units={tmp_path}/units"))
    return {"PATH": f"{tools}:{tmp_path}/bin:{os.environ['PATH']}", "HOME": str(tmp_path)}


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/etc/debian_version").exists(), reason="needs root and Debian")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_packages_go_as_they_came(tmp_path: Path, debian: dict[str, str], answer: str) -> None:
    command = ["sh", str(tmp_path / "install.sh")]
    code, seen = typed([*command, "--install-only"], ["y"], **debian)
    assert code == 0 and "Installed packages: kmod" in seen and "Installed: " in seen, seen
    code, seen = typed([*command, "--install-only"], [], **debian)
    assert code == 0 and "Installed packages" not in seen, "an update forgets nothing and installs nothing"
    script = (tmp_path / "install.sh").read_text()
    (tmp_path / "install.sh").write_text(script.replace('program "$found" uninstall $yes $dry_run "$@" || return', ":"))
    assert sorted(p.name for p in (tmp_path / "share").rglob("*") if p.is_file()) == [
        "_rdna-installer", "rdna-installer", "rdna-installer.fish",
    ]  # fmt: skip
    code, seen = typed([*command, "--uninstall"], ["y", answer], **debian)
    assert not [*(tmp_path / "share").rglob("*")]
    assert code == 0 and "install.sh had installed these packages: kmod" in seen, seen
    asked = (tmp_path / "asked").read_text().splitlines()
    assert ("remove kmod" in asked) is (answer == "y")
    assert ("They stay. To remove them: sudo apt-get remove kmod" in seen) is (answer == "n")
    assert not (tmp_path / "opt/rdna-installer").exists()


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/etc/debian_version").exists(), reason="needs root and Debian")
@pytest.mark.parametrize(("answers", "code"), [("n", 5), ("d n", 5), ("y", 0)])
def test_nothing_is_installed_before_the_plan_was_accepted(
    tmp_path: Path, sample: Path, debian: dict[str, str], answers: str, code: int
) -> None:
    """The plan is that of a sample machine."""
    command = ["sh", str(tmp_path / "install.sh")]
    script = (
        (tmp_path / "install.sh")
        .read_text()
        .replace(
            "from rdna_installer.cli.app import main\nraise",
            f'sys.argv += ["--root", "{sample}"]\nfrom rdna_installer.cli.app import main\nraise',
        )
    )
    (tmp_path / "install.sh").write_text(script)
    done, seen = typed([*command, "--python-only", "--gfx", "gfx1010"], answers.split(), **debian)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert done == code and seen.index("2 settings, ") < seen.index("Apply? y = yes"), seen
    assert "If you accept the plan below" in seen.split("2 settings, ")[0]
    installed = [line for line in asked if "install kmod" in line and "-s" not in line.split()]
    assert (tmp_path / "opt/rdna-installer").exists() is bool(installed) is (code == 0)
    assert (tmp_path / "bin/rdna-installer").exists() is (code == 0) is ("Installed packages: kmod" in seen)
    assert bool([*sample.rglob("rdna_hook.pth")]) is (code == 0) is ("done: change 1" in seen)
    assert ("Nothing was installed." in seen) is (code == 5)
    if code == 0:
        assert seen.count("Apply? y = yes") == 1 and seen.count("files, no reboot. Undo") == 2, "the plan is shown once"


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="needs Debian")
def test_without_a_gpu_nothing_is_installed(tmp_path: Path, debian: dict[str, str]) -> None:
    script = (tmp_path / "install.sh").read_text()
    start = script.index("\nhas_gpu() {")
    (tmp_path / "install.sh").write_text(
        f"{script[:start]}\n{NONE}{script[script.index(chr(10) + '}' + chr(10), start) + 2 :]}"
    )
    code, seen = typed(["sh", str(tmp_path / "install.sh"), "--python-only"], [], **debian)
    assert code == 3 and "[no-gpu]" in seen and not (tmp_path / "asked").exists(), seen
