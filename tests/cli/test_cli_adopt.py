"""adopt: leftovers of guides and tools are named with what they do, taken away by consent; rollback restores them."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
from pathlib import Path

import pytest
from cli_sample import SAM, Cli
from effort import LONG
from test_cli_main_job import tree

from rdna_installer.errors import Exit, explain

pytestmark = pytest.mark.processes  # modinfo

WRONG = "HSA_OVERRIDE_GFX_VERSION=10.3.0"
GONE = {  # of the documents' own project, and of guides
    "etc/profile.d/rocm-rdna1.sh": f"export {WRONG}\nexport MIOPEN_DEBUG_CONV_GEMM=1\n",
    "etc/environment.d/90-rocm-rdna1.conf": f"{WRONG}\n",
    "etc/systemd/system.conf.d/rocm-rdna1.conf": f'[Manager]\nDefaultEnvironment="{WRONG}"\n',
    "etc/udev/rules.d/90-rocm-rdna1.rules": 'SUBSYSTEM=="pci", ENV{HSA_OVERRIDE_GFX_VERSION}="10.3.0"\n',
    "etc/rocm-rdna1-fix.info": "To Remove: …\n",
    "etc/modprobe.d/amdgpu-fix.conf": "options amdgpu noretry=0\noptions amdgpu gtt_size=8192\n",
    "etc/modprobe.d/amdgpu-fix.conf.backup.1700000000": "options amdgpu noretry=0\n",
    "etc/modprobe.d/amdgpu-mtype.conf": "options amdgpu mtype_local=1 noretry=0 vm_fragment_size=9\n",
    "etc/profile.d/gpu.sh": f"# from a guide\nexport {WRONG}\n",
}
LINES = {  # the rest of the file is its owner's
    "home/sam/.zshrc": f"alias ll=ls\nif true; then\n  export {WRONG}\nfi\nexport PATH=$PATH:/x\n",
    "home/sam/.config/environment.d/rocm.conf": f"EDITOR=vi\n{WRONG}\n",
}
BY_HAND = {
    "etc/environment": (f"LANG=C\n{WRONG}\n", "sudo sed -i '2s/^/# /' /etc/environment"),
    "home/sam/.bashrc": (f"alias t='{WRONG} python3'; export {WRONG} && true\n", "nano +1 /home/sam/.bashrc"),
    "opt/rocm/lib/libhsa-runtime64.so.1.backup": ("x", "sudo mv /opt/rocm/lib/libhsa-runtime64.so.1.backup "),
    "home/sam/venv/lib/python3.11/site-packages/torch/lib/libMIOpen.so.original": ("x", "libMIOpen.so.original /home"),
    "etc/profile.d/amd-package.sh": (f"export {WRONG}\n", "/etc/profile.d/amd-package.sh"),
}


@pytest.fixture
def left(sample: Path) -> Path:
    files = {**GONE, **LINES, **{path: text for path, (text, _) in BY_HAND.items()}}
    for path, text in files.items():
        (sample / path).parent.mkdir(parents=True, exist_ok=True)
        (sample / path).write_text(text)
    (sample / "etc/profile.d/rocm-rdna1.sh").chmod(0o755)
    (sample / "var/lib/dpkg").mkdir()
    (sample / "var/lib/dpkg/status").write_text("Package: a\nConffiles:\n /etc/profile.d/amd-package.sh 0123 \n")
    return sample


def test_a_name_is_no_command(cli: Cli, left: Path) -> None:
    """A file may be called anything; its name was copied as a command of its own."""
    (left / "etc/profile.d/a;touch pwned;.sh").write_text(f"EDITOR=vi\nexport {WRONG}\n")
    said = json.loads(cli("adopt", "--json", "--dry-run", "--root", str(left)).out)["leftovers"]
    item = next(item for item in said if "pwned" in item["path"])
    assert shlex.split(item["command"])[-1] == item["path"], item


def test_all_is_named_taken_away_and_comes_back(cli: Cli, left: Path) -> None:
    root, before = ("--root", str(left)), tree(left)
    found = {item["path"]: item for item in json.loads(cli("adopt", "--json", "--dry-run", *root).out)["leftovers"]}
    assert {path for path, item in found.items() if item["done"]} == {f"/{path}" for path in {**GONE, **LINES}}
    assert all(says.strip() for item in found.values() for _, says in item["lines"])
    for path, (_, command) in BY_HAND.items():
        assert command in found[f"/{path}"]["command"] and not found[f"/{path}"]["done"], found[f"/{path}"]
    assert tree(left) == before, "--dry-run changes nothing"

    done = cli("adopt", "--yes", *root)
    assert done.code == 4 and "By hand" in done.out, done
    assert not any((left / path).exists() for path in GONE)
    assert f": #   export {WRONG}" in (left / "home/sam/.zshrc").read_text()
    assert os.system(f"sh -n {left / 'home/sam/.zshrc'}") == 0, "it still reads"
    assert (left / "home/sam/.config/environment.d/rocm.conf").read_text() == f"EDITOR=vi\n# {WRONG}\n"
    assert all((left / path).read_text() == text for path, (text, _) in BY_HAND.items())
    again = {i["path"] for i in json.loads(cli("adopt", "--json", "--dry-run", *root).out)["leftovers"]}
    assert again == {f"/{path}" for path in BY_HAND}

    assert cli("rollback", "--yes", *root).code == 0
    assert tree(left) == before, "byte for byte"


def test_an_apply_does_not_bring_them_back_and_uninstall_does(cli: Cli, left: Path) -> None:
    root, before = ("--root", str(left)), tree(left)
    for path in BY_HAND:
        if "profile" in path or "environment" in path or "bashrc" in path:
            (left / path).unlink()
    before = tree(left)
    assert cli("adopt", "--yes", *root).code == 4
    assert cli("apply", "--yes", "--profile", "layered", "--trial", "off", *root).code == 0
    assert not any((left / path).exists() for path in GONE)
    assert cli("apply", "--yes", *root).code == 0
    assert not any((left / path).exists() for path in GONE)
    assert cli("uninstall", "--yes", *root).code == 0
    assert tree(left) == before


def test_who_goes_on_with_his_own_file_is_no_drift(cli: Cli, left: Path) -> None:
    root = ("--root", str(left))
    assert cli("adopt", "--yes", *root).code == 4
    (left / "home/sam/.zshrc").write_text("mine\n")
    assert json.loads(cli("status", "--json", *root).out)["owners"][0]["drift"] == []
    assert cli("rollback", "--yes", *root).code == 0
    assert (left / "home/sam/.zshrc").read_text() == "mine\n"


def test_going_back_to_it_by_its_number_is_still_adopting(cli: Cli, left: Path) -> None:
    root = ("--root", str(left))
    for path in BY_HAND:
        (left / path).unlink()
    assert cli("adopt", "--yes", *root).code == 0
    adopted = tree(left)
    assert cli("rollback", "--yes", *root).code == 0
    assert cli("rollback", "--yes", "--to", "1", *root).code == 0
    assert {k: v for k, v in tree(left).items() if "rdna-installer" not in k} == {
        k: v for k, v in adopted.items() if "rdna-installer" not in k
    }
    assert cli("apply", "--yes", *root).code == 0
    assert not any((left / path).exists() for path in GONE), "apply does not bring them back"
    (left / "home/sam/.zshrc").write_text("mine\n")
    assert json.loads(cli("status", "--json", *root).out)["owners"][0]["drift"] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to a user")
def test_a_users_lines_are_changed_as_that_user(cli: Cli, shared: Path) -> None:
    file = shared / "home/sam/.zshrc"
    file.write_text(f"export {WRONG}\nalias x=y\n")
    os.chown(file, SAM, SAM)
    (shared / "etc/modprobe.d/amdgpu-mtype.conf").write_text("options amdgpu mtype_local=1\n")
    before, root = tree(shared), ("--root", str(shared))
    assert cli("adopt", "--yes", *root).code == 0
    assert file.read_text().startswith(": # export") and file.stat().st_uid == SAM
    assert cli("rollback", "--yes", *root).code == 0
    assert tree(shared) == {**tree(shared), **before}


@pytest.mark.parametrize(
    ("unit", "text", "command"),
    [
        ("x.service", f"[Service]\nExecStart=/home/sam/venv/bin/python x\nEnvironment={WRONG}\n", "sudo nano +3 "),
        ("x.service.d/gpu.conf", f"[Service]\nEnvironment={WRONG}\n", "sudo nano +2 "),
    ],
)
def test_what_apply_sends_here_is_here(cli: Cli, sample: Path, unit: str, text: str, command: str) -> None:
    """A line that stops apply and that doctor sees is one that adopt knows: nobody is sent in a circle."""
    (sample / "etc/systemd/system/x.service.d").mkdir(parents=True)
    (sample / "etc/systemd/system/x.service").write_text("[Service]\nExecStart=/home/sam/venv/bin/python x\n")
    (sample / "etc/systemd/system" / unit).write_text(text)
    root = ("--root", str(sample))
    assert "rdna-installer adopt" in cli("plan", *root).err and "rdna-installer adopt" in cli("doctor", *root).out
    done = cli("adopt", "--yes", "--json", *root)
    (found,) = json.loads(done.out)["leftovers"]
    assert (done.code, found["command"]) == (4, f"{command}/etc/systemd/system/{unit}")


def test_a_file_of_roots_in_a_home_stops_nothing_else(cli: Cli, shared: Path) -> None:
    """Root does not write there, and least of all is the home to become root's."""
    for file in ("home/sam/.profile", "etc/profile.d/gpu.sh"):
        (shared / file).write_text(f"export {WRONG}\n")
    done = cli("adopt", "--yes", "--root", str(shared))
    assert done.code == 4 and "sed -i '1s/^/: # /' /home/sam/.profile" in done.out, done
    assert not (shared / "etc/profile.d/gpu.sh").exists() and "chown" not in done.err


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to a user")
def test_a_hard_link_to_anothers_file_is_for_a_hand(cli: Cli, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It broke off all of it, and who ran it with sudo was told to."""
    file = shared / "home/sam/.zshrc"
    file.write_text(f"export {WRONG}\nalias x=y\n")
    os.chown(file, SAM + 1, SAM + 1)
    (shared / "etc/profile.d/gpu.sh").write_text(f"export {WRONG}\n")
    monkeypatch.setenv("SUDO_UID", str(SAM))
    monkeypatch.setenv("SUDO_USER", "sam")
    done = cli("adopt", "--yes", "--json", "--root", str(shared))
    found = {item["path"]: item for item in json.loads(done.out)["leftovers"]}
    assert done.code == 4 and "sudo" not in done.err, done
    assert not found["/home/sam/.zshrc"]["done"] and found["/home/sam/.zshrc"]["command"].startswith("sed -i ")
    assert file.read_text().startswith("export") and not (shared / "etc/profile.d/gpu.sh").exists()


def test_root_is_not_told_to_be_root() -> None:
    for number in (errno.EACCES, errno.EPERM):
        hint = explain(OSError(number, "x", "/x"), Exit.FAILED).hint
        assert hint and ("sudo" in hint) == (os.geteuid() != 0)


def test_nothing_left_and_no_card(cli: Cli, sample: Path, tmp_path: Path) -> None:
    assert cli("adopt", "--root", str(sample)).code == 0
    (tmp_path / "empty/etc").mkdir(parents=True)
    assert cli("adopt", "--root", str(tmp_path / "empty")).code == 0


CAPTURES = Path(__file__).resolve().parents[3] / "shared/captures"
CAPTURED = [*sorted(CAPTURES.glob("situations/*/root")), *sorted(CAPTURES.glob("machines/*"))]
CONFIGS = [file for file in sorted(CAPTURES.glob("configs/*")) if file.suffix != ".source"]


@pytest.mark.skipif(not CAPTURED, reason="the captured machines are not here: adopt was tried on made ones only")
@pytest.mark.parametrize("captured", CAPTURED, ids=lambda path: str(path.relative_to(CAPTURES)))
def test_captured_machines_are_as_before_after_rollback(cli: Cli, tmp_path: Path, captured: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(captured, root, symlinks=True, dirs_exist_ok=True)
    (root / "var/lib").mkdir(parents=True, exist_ok=True)
    before, where = tree(root), ("--root", str(root))
    doctor = cli("doctor", *where)
    assert doctor.code in (0, 4) and len(doctor.out.splitlines()) <= 40, doctor
    done = cli("adopt", "--yes", *where)
    assert done.code in (0, 3, 4), done
    if "done: change 1" in done.err:
        assert tree(root) != before
        assert cli("rollback", "--yes", *where).code == 0
    assert {k: v for k, v in tree(root).items() if not k.startswith("run")} == {
        k: v for k, v in before.items() if not k.startswith("run")
    }


def place(root: Path, file: Path) -> None:
    """A captured file where its owner has it."""
    folder = (
        "etc/profile.d" if ".sh" in file.name else "etc/modprobe.d" if file.suffix == ".conf" else "etc/default/grub.d"
    )
    target = root / (
        "proc/cmdline" if file.name.startswith("cmdline-") and not file.suffix else f"{folder}/{file.name}"
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


ALONE = CONFIGS if LONG else CONFIGS[::8]


@pytest.mark.skipif(not CONFIGS, reason="the captured files are not here: adopt was tried on made ones only")
@pytest.mark.parametrize(
    "files", [CONFIGS, *([file] for file in ALONE)], ids=lambda f: f[0].name if len(f) == 1 else "all"
)
def test_captured_files_are_as_before_after_rollback(cli: Cli, sample: Path, files: list[Path]) -> None:
    for file in files:
        place(sample, file)
    before, where = tree(sample), ("--root", str(sample))
    done = cli("adopt", "--yes", *where)
    assert done.code in (0, 3, 4), done
    assert ("done: change 1" in done.err) is (tree(sample) != before)
    if "done: change 1" in done.err:
        assert cli("rollback", "--yes", *where).code == 0
    assert tree(sample) == before
    assert files[1:] == [] or "done: change 1" in done.err, "of all of them some do harm"
