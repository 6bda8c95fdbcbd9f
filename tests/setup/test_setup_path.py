"""The whole path with hand-made wheels, for root and for a user: installed, proved, committed, taken back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import setups
from effort import spread
from fixtures import wheelmaker
from setups import Machine

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
]
NEW, OLD = "2.14.0+rocm10.1.0", "2.12.0+rocm10.1.0"


def whole(machine: Machine, torch: str) -> int:
    found = machine.look()
    assert (found["torch"], found["wrong"], found["stray"]) == (torch, [], []), found
    assert machine.imports(found["current"]) == torch
    return int(str(found["current"]))


def test_there_and_back(machine: Machine, sets: Path) -> None:
    said = machine.setup(sets / "new")
    assert "Not proved: that this card computes right" in said and "bin/python app.py" in said
    first = whole(machine, NEW)
    said = " ".join(machine.setup(sets / "old").split())
    assert (
        f"Instead of environment {first} (torch {NEW}): it stays" in said and "torchaudio==2.11.0.2+rocm10.1.0" in said
    )  # there is none in the older set
    assert whole(machine, OLD) != first
    left = next((machine.state / "environments").glob("*.left.txt"))
    assert left.read_text() == "torchaudio==2.11.0.2+rocm10.1.0\n"
    assert "file" in machine("verify", "--gfx", setups.TARGET, code=4)
    machine("rollback", "--yes")
    assert whole(machine, NEW) == first
    machine("uninstall", "--yes")
    assert machine.look()["current"] is None
    place = machine.state if machine.user else Path("/var/lib/rdna-installer")
    said = machine("uninstall", "--purge", "--dry-run")  # each environment that was made, and what was fetched
    gone = [line.split() for line in said.splitlines() if f"  {place}/" in line]
    assert [line[-1] for line in gone] == [f"{place}/{name}" for name in ("environments/1", "environments/2", "wheels")]
    assert all(line[1] in ("KiB", "MiB") and float(line[0]) > 0 for line in gone), said
    asked = machine("uninstall", "--purge", "--dry-run", "--json")
    document = "".join(line for line in asked.splitlines() if not line.startswith("note: "))  # those are on stderr
    held = {path["path"]: path["bytes"] for path in json.loads(document)["removes"]}
    real = sum(path.lstat().st_size for path in (machine.state / "wheels").rglob("*") if path.is_file())
    assert held[f"{place}/wheels"] == real and machine.state.exists()
    said = machine("uninstall", "--purge", "--yes")
    assert "Removed for good" in said and f"{place}/environments/1\n" in said
    assert not machine.state.exists() or not list(machine.state.iterdir())


def test_what_belongs_to_whom(machine: Machine, sets: Path) -> None:
    machine.setup(sets / "new")
    owner = setups.USER if machine.user else 0
    paths = [machine.state / "environments", *(machine.state / "environments").rglob("*")]
    assert {path.lstat().st_uid for path in paths} == {owner}
    files = [path for path in paths if path.is_file() and not path.is_symlink()]
    assert not [path for path in files if path.stat().st_mode & 0o7022]
    if not machine.user:  # for everybody to use
        assert not [path for path in files if path.name != "lock" and not path.stat().st_mode & 0o004]


def test_nothing_of_the_packages_runs_as_root(machine: Machine, sets: Path, open_path: Path) -> None:
    """The source package's setup.py, and torch when it is imported, say who runs them."""
    told = open_path / "told"
    told.touch()
    told.chmod(0o666)
    folder = open_path / "set"
    shutil.copytree(sets / "new", folder)
    setups.tell(folder, told)
    machine.setup(folder)
    ran = {line.split()[0]: int(line.split()[1]) for line in told.read_text().splitlines()}
    assert {*ran} == {"setup.py", "torch"}
    assert 0 not in ran.values() and (setups.USER in ran.values()) is machine.user


HOSTILE = "[global]\nindex-url = http://127.0.0.1:9/\nno-binary = :all:\nconstraint = /nowhere\ntarget = /tmp/nowhere\n"


def hostile(machine: Machine) -> None:
    """The user's configuration, and for the system's owner the machine's."""
    for name in (".config/pip/pip.conf", ".pip/pip.conf", ".config/uv/uv.toml", "global-pip.conf"):
        path = machine.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HOSTILE if path.suffix == ".conf" else "no-binary = true\n")
    machine.more = {"PIP_TARGET": "/tmp/nowhere", "PIP_NO_BINARY": ":all:", "PYTHONPATH": str(machine.folder)}
    machine.more |= {"PIP_CONFIG_FILE": str(machine.folder / ".pip/pip.conf"), "VIRTUAL_ENV": "/nowhere"}
    (machine.folder / "sitecustomize.py").write_text("raise SystemExit('hostile')\n")


def test_a_hostile_configuration_of_pip(machine: Machine, sets: Path) -> None:
    hostile(machine)
    machine.setup(sets / "new")
    machine.more = {}
    whole(machine, NEW)


@pytest.mark.parametrize("machine", ["system"], indirect=True)
@pytest.mark.parametrize("version", spread(["22.0", "22.3.1", "23.0.1", "24.0", "25.0.1", ""], 5))
def test_every_pip(machine: Machine, sets: Path, version: str) -> None:
    """The distribution's pip is that one (the newest for ""), and everybody's configuration is hostile."""
    folder = machine.folder / "python-wheels"
    asked = f"pip=={version}" if version else "pip"
    words = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), asked]
    if subprocess.run(words, capture_output=True, timeout=120, check=False).returncode:
        pytest.skip(f"no network: {asked} was not tried")
    for path in Path("/usr/share/python-wheels").glob("setuptools-*"):
        shutil.copy(path, folder)
    (pip,) = folder.glob("pip-*")
    assert not version or pip.name.startswith(f"pip-{version}-")
    hostile(machine)
    machine.setup(sets / "new")
    machine.more = {}
    number = whole(machine, NEW)
    said = machine.run(f"/var/lib/rdna-installer/environments/{number}", "-m", "pip", "--version")
    assert said.startswith(f"pip {pip.name.split('-')[1]} "), said


def test_a_changed_file_is_refused_and_nothing_stays(machine: Machine, sets: Path, open_path: Path) -> None:
    machine.setup(sets / "old")
    before = whole(machine, OLD)
    folder = open_path / "set"
    shutil.copytree(sets / "new", folder)
    wheel = next(folder.glob("torchvision-*"))
    wheel.write_bytes(wheel.read_bytes().replace(b"__version__", b"__versiom__"))
    assert "[install-failed]" in machine.setup(folder, code=1)
    assert whole(machine, OLD) == before


def test_a_package_that_is_not_what_it_says(machine: Machine, sets: Path, open_path: Path) -> None:
    """Installed without a complaint, and seen by the proof: a file that its list has with another digest."""
    folder = open_path / "set"
    shutil.copytree(sets / "new", folder)
    setups.edit(folder, "torchvision", "torchvision/__init__.py", lambda text: b"other", record=False)
    assert "torchvision/__init__.py: not what its package holds" in " ".join(machine.setup(folder, code=1).split())
    assert machine.look()["stray"] == []


def test_torch_without_its_kernels(machine: Machine, sets: Path, open_path: Path) -> None:
    folder = open_path / "set"
    shutil.copytree(sets / "new", folder)
    setups.edit(folder, "amd_torch_device_gfx1010", "torch/.kpack/torch_gfx1010.kpack", lambda _: None)
    assert "has no code for gfx1010" in " ".join(machine.setup(folder, code=1).split())
    assert machine.look()["stray"] == []


def test_a_replaced_torch_is_seen(machine: Machine, sets: Path) -> None:
    machine.setup(sets / "new")
    number = whole(machine, NEW)
    site = next((machine.state / f"environments/{number}/lib").glob("python3*/site-packages"))
    (site / "torch/version.py").write_text("__version__ = '2.15.0'\ncuda = '13.0'\nhip = None\nrocm = None\n")
    (site / "torch/lib/libtorch_hip.so").rename(site / "torch/lib/libtorch_cuda.so")
    for info in site.glob("torch-*.dist-info"):
        os.utime(info, (1_790_000_000, 1_790_000_000))
    said = " ".join(machine("status").split())
    assert "torch was replaced by 2.15.0 (a CUDA build, for NVIDIA cards), on 2026-09-21, by pip" in said
    said = " ".join(machine("verify", "--gfx", setups.TARGET, code=4).split())
    assert "rdna-installer setup --repair" in said
    machine("setup", "--repair", "--wheels", str(sets / "new"), "--gfx", setups.TARGET, "--yes")
    assert whole(machine, NEW) != number


def test_a_program_that_goes_on_with_it_keeps_torch(machine: Machine, sets: Path) -> None:
    """pip in the environment reads its pip.conf: another torch is refused."""
    machine.setup(sets / "new")
    number = whole(machine, NEW)
    place = machine.state if machine.user else Path("/var/lib/rdna-installer")
    prefix = f"{place}/environments/{number}"
    words = ["install", "--no-index", "--find-links", str(sets / "old"), "--no-deps", "--dry-run", f"torch=={OLD}"]
    said = machine.run(prefix, "-m", "pip", *words)
    assert "conflict" in said.lower() or "Could not find a version" in said, said
    assert f"UV_CONSTRAINT={prefix}/constraints.txt" in machine("env", "--gfx", setups.TARGET).replace("'", "")


def test_a_program_may_have_its_own_versions_of_the_rest(machine: Machine, sets: Path, open_path: Path) -> None:
    """Fooocus pins NumPy 1.23.5, text-generation-webui Jinja2 3.1.6: only what belongs to torch is kept."""
    wheelmaker.wheel(open_path, "numpy", "1.23.5")
    wheelmaker.wheel(open_path, "triton", "3.2.0")
    machine.setup(sets / "new")
    prefix = f"{machine.state if machine.user else '/var/lib/rdna-installer'}/environments/{whole(machine, NEW)}"
    links = [f"--find-links={folder}" for folder in open_path.iterdir()]
    words = ["install", "--no-index", *links, "--no-deps", "--dry-run", "--disable-pip-version-check"]
    assert "Would install numpy-1.23.5" in machine.run(prefix, "-m", "pip", *words, "numpy==1.23.5")
    assert "conflict" in machine.run(prefix, "-m", "pip", *words, "triton==3.2.0").lower()


def test_an_environment_that_has_gone_is_no_way_back(machine: Machine, sets: Path) -> None:
    """A user removed its folder; of the system's nothing is left."""
    machine.setup(sets / "new")
    first = whole(machine, NEW)
    machine.setup(sets / "old")
    shutil.rmtree(machine.state / f"environments/{first}")
    if not machine.user:
        (machine.state / f"environments/{first}.json").unlink()
    said = machine("rollback", "--to", "1", "--yes", code=3)
    assert "[environment-gone]" in said and "[Errno" not in said and "rdna-installer history" in said, said
    assert machine.look()["torch"] == OLD and not (machine.state / f"environments/{first}").exists()
    lines = [line.split() for line in machine("history").splitlines()]
    at = [n for n, line in enumerate(lines) if line[:4] == ["no", "way", "back", "to"]]
    assert [lines[n - 1][0] for n in at] == ["1"], lines
    said = " ".join(machine("rollback", "--yes", code=3).split())
    assert "[environment-gone]" in said and "rdna-installer rollback --to 0" in said, said
    assert machine.look()["torch"] == OLD
    machine("rollback", "--to", "0", "--yes")
    assert machine.look()["current"] is None


@pytest.mark.parametrize("machine", ["user"], indirect=True)
def test_what_is_said_of_one_in_force_that_has_gone_helps(machine: Machine, sets: Path, open_path: Path) -> None:
    """Its folder was removed: nothing goes on as if it were there, and each way that is named is gone to its end."""
    machine.setup(sets / "new")
    shutil.rmtree(machine.state / "environments/1")
    for words, code in ((("status",), 0), (("setup",), 3), (("setup", "--for", str(open_path)), 3), (("verify",), 4)):
        said = machine(*words, code=code)
        assert "rdna-installer setup --repair" in said and "--overwrite" not in said, said
        assert "[Errno" not in said and "is set up" not in said, said
    assert "[environment-gone]" in machine("rollback", "--to", "1", "--overwrite", "--yes", code=3)
    assert not (machine.state / "environments/1").exists()
    said = " ".join(machine("setup", "--repair", "--gfx", setups.TARGET, "--yes").split())
    assert "Instead of environment 1 (torch 2.14.0+rocm10.1.0): its Python is no longer there" in said, said
    assert whole(machine, NEW) == 2
    assert ", 21 files, unchanged since" in machine("status") and "environments/1/" not in machine("status", "-v")


@pytest.mark.parametrize("machine", ["user"], indirect=True)
def test_what_the_small_change_would_refuse_is_refused_before(machine: Machine, sets: Path) -> None:
    machine.setup(sets / "new")
    place = machine.state / "environments"
    again = ("setup", "--repair", "--gfx", setups.TARGET, "--yes")
    hook = next(place.glob("1/lib/*/site-packages/_rdna_hook/__init__.py"))
    whole_text, before = hook.read_text(), sorted(path.name for path in place.iterdir())
    (place / "current").unlink()
    (place / "current").mkdir()
    said = machine(*again, code=3)
    assert "[not-a-file]" in said and "Installing" not in said, said
    (place / "current").rmdir()
    (place / "current").symlink_to("../elsewhere")
    os.chown(place / "current", setups.USER, setups.USER, follow_symlinks=False)
    said = machine(*again, code=3)
    assert "[drift]" in said and f"{place}/current" in "".join(said.split()) and "Installing" not in said, said
    machine(*said[said.index("rdna-installer rollback") :].split()[1:6], "--overwrite", "--yes")
    assert (place / "current").readlink() == Path("1")
    hook.write_text(f"{whole_text}# mine\n")
    said = machine(*again, code=3)
    assert "[drift]" in said and "Installing" not in said, said
    assert sorted(path.name for path in place.iterdir()) == before
    machine(*said[said.index("rdna-installer rollback") :].split()[1:6], "--overwrite", "--yes")
    assert hook.read_text() == whole_text and whole(machine, NEW) == 1


def installing(machine: Machine, wheels: Path) -> subprocess.Popen[str]:
    """A setup that has begun to install."""
    process = machine.start("setup", "--wheels", str(wheels), "--gfx", setups.TARGET, "--yes")
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Installing"):
            break
    return process


@pytest.mark.parametrize("machine", ["user"], indirect=True)
def test_what_the_small_change_refuses_in_the_end_leaves_nothing(machine: Machine, sets: Path) -> None:
    machine.setup(sets / "old")
    process = installing(machine, sets / "new")
    link = machine.state / "environments/current"
    link.unlink()
    link.mkdir()
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 3 and "[not-a-file]" in said, said
    assert not [*link.parent.glob("2*")]


def test_setup_makes_another_where_all_of_it_has_gone(machine: Machine, sets: Path) -> None:
    """Somebody removed the folder: what `verify` and `status` say leads out of it."""
    machine.setup(sets / "old")
    first = whole(machine, OLD)
    for path in (machine.state / "environments").glob(f"{first}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "this environment was removed" in " ".join(machine("status").split())
    said = " ".join(machine("verify", "--gfx", setups.TARGET, code=4).split())
    assert "rdna-installer setup" in said, said
    assert "[no-environment]" in machine("setup", "--repair", "--gfx", setups.TARGET, code=3)
    machine.setup(sets / "new")
    assert whole(machine, NEW) != first


def test_interrupted_leaves_the_old(machine: Machine, sets: Path) -> None:
    machine.setup(sets / "old")
    process = installing(machine, sets / "new")
    assert process.stdout
    os.kill(process.pid, signal.SIGINT)
    said = process.stdout.read()
    assert process.wait(60) == 130 and "nothing was changed" in said, said
    process.stdout.close()
    whole(machine, OLD)


def test_recover_removes_what_is_half_built(machine: Machine, sets: Path) -> None:
    machine.setup(sets / "old")
    half = machine.state / "environments/7/lib"
    half.mkdir(parents=True)
    (half / "left.py").write_text("x")
    cut = machine.state / "environments/.7.txt.new"
    cut.touch()
    for path in (half, half.parent, half / "left.py", cut):
        os.chown(path, *([setups.USER] * 2 if machine.user else [61200] * 2))
    assert "environment 7 is not in use" in machine("status")
    assert "removed: environment 7" in machine("recover")
    assert whole(machine, OLD) == 1


def test_pruned_by_count(machine: Machine, sets: Path) -> None:
    def there() -> set[str]:
        return {path.name for path in (machine.state / "environments").iterdir() if path.name.isdigit()}

    for name in ("new", "old", "new"):
        machine.setup(sets / name)
    assert "nothing to remove" in machine("setup", "--prune", "3", "--yes")
    assert there() == {"1", "2", "3"}
    assert "done: 1 environment removed" in machine("setup", "--prune", "1", "--yes")
    assert there() == {"2", "3"}
    machine("setup", "--prune", "0", "--yes")
    names = [path.name for path in (machine.state / "environments").iterdir()]
    assert there() == {"3"} and not [name for name in names if name.startswith(("1", "2"))]
    assert "[environment-gone]" in machine("rollback", "--to", "2", "--yes", code=3)
    assert whole(machine, NEW) == 3
    assert "[environment-gone]" in machine("rollback", "--yes", code=3)
    machine("uninstall", "--yes")
    machine("setup", "--prune", "0", "--yes")
    assert "rollback --to" not in machine("rollback", "--yes")  # to what is no longer there


def test_how_a_program_uses_it(machine: Machine, sets: Path, open_path: Path) -> None:
    folder = open_path / "ComfyUI"
    (folder / "comfy").mkdir(parents=True)
    (folder / "comfy/model_management.py").touch()
    (folder / "main.py").touch()
    (folder / "requirements.txt").write_text("torch\ntorchsde\n")
    (folder / "run.sh").write_text("export HSA_OVERRIDE_GFX_VERSION=10.3.0\npython main.py\n")
    assert "[no-environment]" in machine("setup", "--for", str(folder), code=3)
    machine.setup(sets / "new")
    said = machine("setup", "--for", str(folder))
    assert f"environments/1/bin/python {folder}/main.py" in said
    if not machine.user:  # whoever has none of his own
        other = (
            f"import os\nos.setresgid(1, 1, 1)\nos.setresuid({setups.USER + 1}, {setups.USER + 1}, {setups.USER + 1})\n"
        )
        code = f"{other}from rdna_installer.cli.app import main\nsys.exit(main())"
        argv = machine.argv(code, "setup", "--for", str(folder))
        done = subprocess.run(argv, env=machine.env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 3 and done.stdout == "", done
        assert "of your own, without sudo:\n         rdna-installer setup\n" in done.stderr, done
        os.chown(folder, setups.USER, setups.USER)  # a user's program, started with pip's own words, would need root
        theirs = " ".join(machine("setup", "--for", str(folder), code=3).split())
        assert f"as {setups.USER}, without sudo: rdna-installer setup" in theirs, theirs
    assert f"{folder}/run.sh:1: HSA_OVERRIDE_GFX_VERSION=10.3.0" in said
    assert f"{folder}/requirements.txt:1: torch\n" in said and "torchsde" not in said
    assert "[not-a-checkout]" in machine("setup", "--for", str(open_path), code=3)


def test_dry_run_and_no_answer(machine: Machine, sets: Path) -> None:
    words = ("setup", "--wheels", str(sets / "new"), "--gfx", setups.TARGET)
    machine(*words, "--dry-run")
    assert "[consent-needed]" in machine(*words, code=5)
    assert not (machine.state / "environments").exists()
