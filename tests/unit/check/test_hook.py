"""run_hook against real interpreters: the hook staged and installed, sound and broken, and Pythons that are not."""

from __future__ import annotations

import ast
import dataclasses
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest

from rdna_installer.check import hook
from rdna_installer.check.hook import HookResult, run_hook
from rdna_installer.errors import RdnaError
from rdna_installer.machine import runner, whose
from rdna_installer.machine.bounds import Ended, How
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Layer, Policy, PythonSite, Setting, Status, User, Verdict
from rdna_installer.plan.render import Stamp, render
from rdna_installer.workflow import applying

pytestmark = pytest.mark.processes

ME = User(os.geteuid(), os.getegid(), "me", PurePosixPath("/"), "/bin/sh", frozenset())
NOBODY = User(65534, 65534, "nobody", PurePosixPath("/"), "/bin/sh", frozenset())
VARIABLES = {"HSA_OVERRIDE_GFX_VERSION": "10.3.0", "HSA_ENABLE_SDMA": "0"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to act for another user")

ONE = "look: another start-up file sets "


def site_of(python: Path, packages: Path, user: User = ME) -> PythonSite:
    version = "{}.{}".format(*sys.version_info)
    prefix = PurePosixPath(python.parent.parent)
    return PythonSite(PurePosixPath(python), prefix, PurePosixPath(packages), version, user.uid, user.gid, None)


def files_for(
    site: PythonSite, variables: dict[str, str] = VARIABLES, generation: int = 5
) -> dict[PurePosixPath, bytes]:
    settings = tuple(Setting(Layer.PYTHON, str(site.python), k, v, "test") for k, v in variables.items())
    policy = Policy("test", Verdict.WORKS, (), (), settings, (), ())
    facts = SimpleNamespace(sites=(site,), services=(), fish=False)
    files = render(policy, facts, Stamp(generation, "0.1.0"))  # type: ignore[arg-type]
    return {f.path: f.content or b"" for f in files}


def install(files: dict[PurePosixPath, bytes]) -> None:
    for path, content in files.items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_bytes(content)


@pytest.fixture(scope="module")
def venv(everybodys_python: str) -> Iterator[PythonSite]:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        subprocess.run([everybodys_python, "-m", "venv", "--without-pip", folder], check=True)
        yield site_of(folder / "bin/python", next(folder.glob("lib/python3*/site-packages")))


@pytest.fixture
def site(venv: PythonSite) -> Iterator[PythonSite]:
    yield venv
    for path in Path(venv.site_packages).iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def tree(folder: PurePosixPath) -> list[str]:
    return sorted(str(path) for path in Path(folder).rglob("*"))


@pytest.mark.parametrize("flags", [[], ["-I"], ["-E"], ["-s"]])
@pytest.mark.parametrize("staged", [True, False])
def test_in_force(
    site: PythonSite, staged: bool, flags: list[str], open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_path.chmod(0o1777)
    monkeypatch.setattr(runner, "BELOW", str(open_path))
    files = files_for(site)
    if not staged:
        install(files)
    before = tree(site.site_packages)
    result = run_hook(site, ME, files if staged else None, flags)
    assert result.ok, result
    assert (result.seen, result.detail) == (VARIABLES, "2 variable(s) in force")
    assert tree(site.site_packages) == before, "asking must write nothing"
    assert list(open_path.iterdir()) == []


def test_what_is_staged_is_tried_not_what_is_installed(site: PythonSite) -> None:
    install(files_for(site, {"HSA_OVERRIDE_GFX_VERSION": "9.0.0", "HSA_XNACK": "1"}, generation=4))
    result = run_hook(site, ME, files_for(site))
    assert (result.status, result.seen) == (Status.OK, VARIABLES)


def test_files_of_other_places_are_left_out(site: PythonSite) -> None:
    staged = {**files_for(site), PurePosixPath("/etc/profile.d/rdna-installer.sh"): b"exit 1"}
    assert run_hook(site, ME, staged).ok


def test_the_callers_environment_does_not_count(site: PythonSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSA_OVERRIDE_GFX_VERSION", "11.0.0")
    monkeypatch.setenv("RDNA_HOOK", "0")
    assert run_hook(site, ME, files_for(site)).seen == VARIABLES


INIT = "_rdna_hook/__init__.py"
SPOILT = {
    "no package": ({INIT: None}, Status.FAILED, "cannot be imported"),
    "syntax": ({INIT: b"def ("}, Status.FAILED, "cannot be imported: SyntaxError"),
    "exits": ({INIT: b"raise SystemExit"}, Status.FAILED, "cannot be imported: SystemExit"),
    "no pth": ({"rdna_hook.pth": None}, Status.FAILED, "rdna_hook.pth is missing"),
    "noise": ({"rdna_hook.pth": b"import no_such_thing\n"}, Status.FAILED, ""),
    "kills Python": ({"rdna_hook.pth": b"import os; os._exit(9)\n"}, Status.FAILED, "ended with status 9: it said"),
    "not ours": ({INIT: b"x = 1"}, Status.FAILED, "cannot be imported: ImportError"),
    "no patch module": ({"_rdna_hook/patch.py": None}, Status.FAILED, "cannot be imported: ModuleNotFoundError"),
}


@pytest.mark.parametrize("staged", [True, False], ids=["staged", "installed"])
@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_hook_is_seen(site: PythonSite, case: str, staged: bool) -> None:
    changes, status, detail = SPOILT[case]
    files = files_for(site)
    for name, content in changes.items():
        if content is None:
            del files[site.site_packages / name]
        else:
            files[site.site_packages / name] = content
    if not staged:
        install(files)
    result = run_hook(site, ME, files if staged else None)
    assert result.status is status, result
    assert detail in result.detail


def test_another_pth_that_sets_it_first_is_a_mismatch(site: PythonSite) -> None:
    install(files_for(site))
    (Path(site.site_packages) / "a.pth").write_text("import os; os.environ['HSA_ENABLE_SDMA'] = '1'; print('noise')\n")
    result = run_hook(site, ME)
    assert (result.status, result.detail) == (Status.MISMATCH, f"{ONE}HSA_ENABLE_SDMA")
    assert result.seen == {**VARIABLES, "HSA_ENABLE_SDMA": "1"}


def test_noise_of_others_does_not_confuse(site: PythonSite) -> None:
    install(files_for(site))
    noise = (
        "import sys, atexit; print('{\"loaded\": 1}'); sys.stderr.write('warning\\n'); atexit.register(print, 'bye')\n"
    )
    (Path(site.site_packages) / "a.pth").write_text(noise)
    assert run_hook(site, ME).ok


PYTHONS = {
    "gone": (None, "could not be started: cannot start"),
    "says nothing": ("#!/bin/sh\nexit 0\n", "ended with status 0: it said nothing"),
    "fails": ("#!/bin/sh\necho one >&2; echo 'no encodings' >&2; exit 1\n", "ended with status 1: no encodings"),
    "killed": ("#!/bin/sh\nkill -SEGV $$\n", "ended with status -11"),
    "garbage": ("#!/bin/sh\nhead -c 4096 /dev/urandom\n", "ended with status 0"),
    "answers nonsense": ("#!/bin/sh\necho 'rdna-hook-answer {nonsense'\n", "ended with status 0"),
    "answers a list": ("#!/bin/sh\necho 'rdna-hook-answer []'\n", "ended with status 0"),
    "answers nothing": ("#!/bin/sh\necho 'rdna-hook-answer {}'\n", "ended with status 0"),
    "answers half": ("#!/bin/sh\necho 'rdna-hook-answer {\"loaded\": true}'\n", "ended with status 0"),
    "answers other types": ('#!/bin/sh\necho \'rdna-hook-answer {"error": 1, "table": 7}\'\n', "ended with status 0"),
    "error and nonsense": ('#!/bin/sh\necho \'rdna-hook-answer {"error": "x", "table": 7}\'\n', "imported: x"),
    "draws on the terminal": ("#!/bin/sh\nprintf '\\033[2Jhello' >&2; exit 1\n", "status 1: ?[2Jhello"),
    "no program": ("not a program\n", "could not be started"),
    "hangs": ("#!/bin/sh\nsleep 60 & sleep 60\n", "gave no answer within 1 s"),
}


@pytest.mark.parametrize("case", PYTHONS)
def test_a_broken_interpreter_is_a_result(case: str, open_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "TIME_LIMIT", 1.0)
    script, detail = PYTHONS[case]
    python = open_path / "bin" / "python"
    python.parent.mkdir()
    if script is not None:
        python.write_text(script)
        python.chmod(0o755)
    broken = site_of(python, open_path / "site-packages")
    result = run_hook(broken, ME, files_for(broken))
    assert result.status is Status.FAILED
    assert detail in result.detail


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (Ended(How.NOT_STARTED, errno.EAGAIN, why="Resource temporarily unavailable"), "no more processes (ulimit -u)"),
        (Ended(How.SIGNAL, None), "ended before it began"),
        (OSError(errno.EROFS, "Read-only file system", "/tmp/x"), "the filesystem is read-only: /tmp/x"),
    ],
)
def test_what_is_our_fault_says_nothing_of_that_python(
    site: PythonSite, monkeypatch: pytest.MonkeyPatch, ended: Ended | OSError, says: str
) -> None:
    """It was "does not work in this Python: run it as its owner", where nobody had asked it."""

    def answer(*_: object) -> Ended:
        if isinstance(ended, OSError):
            raise ended
        return ended

    monkeypatch.setattr(hook, "_run", answer)
    result = run_hook(site, ME, files_for(site))
    assert result.status is Status.UNKNOWN and says in result.detail and "owner" not in result.detail, result
    planned: Any = SimpleNamespace(facts=SimpleNamespace(sites=(site,), user=ME))
    monkeypatch.setattr(applying, "_staged", lambda *_: files_for(site))
    with pytest.raises(RdnaError, match="was not tried in this Python") as caught:
        applying._prove_hooks(planned, Sysroot(), print)
    assert caught.value.reference == "hook-untried"


@pytest.fixture
def others() -> Iterator[PythonSite]:
    """A venv of nobody's, made with the system's Python (reachable for everybody)."""
    system = shutil.which("python3", path="/usr/bin")
    if system is None:
        pytest.skip("there is no /usr/bin/python3: not tested with another user's venv")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        subprocess.run([system, "-m", "venv", "--without-pip", f"{folder}/v"], check=True)
        subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
        yield site_of(Path(folder, "v/bin/python"), next(Path(folder).glob("v/lib/python3*/site-packages")), NOBODY)


@as_root
@pytest.mark.parametrize("staged", [True, False])
def test_another_users_python_runs_with_that_users_rights(others: PythonSite, staged: bool) -> None:
    files = files_for(others)
    if not staged:
        install(files)
    told = Path(others.prefix) / "who"
    told.touch()
    os.chown(told, 65534, 65534)
    tell = f"import os; open({str(told)!r}, 'w').write(str((os.getuid(), os.geteuid(), os.getgid(), os.getgroups())))\n"
    (Path(others.site_packages) / "a.pth").write_text(tell)
    result = run_hook(others, NOBODY, files if staged else None)
    assert result.ok, result
    assert told.read_text() == "(65534, 65534, 65534, [65534])"


@as_root
@pytest.mark.parametrize("foreign", ["pyvenv.cfg", "bin/python", "lib", ""])
def test_a_python_of_several_people_is_run_as_nobody(others: PythonSite, foreign: str) -> None:
    subprocess.run(["chown", "-R", "-h", "0:0", str(others.prefix)], check=True)
    subprocess.run(["chown", "-h", "65534", str(others.prefix / foreign)], check=True)
    packages = PurePosixPath(others.prefix / "lib") if foreign == "lib" else others.site_packages
    told = Path(others.prefix, "who")
    told.touch()
    told.chmod(0o666)
    (Path(others.site_packages) / "a.pth").write_text(
        f"import os; open({str(told)!r}, 'w').write(str(os.getresuid()))\n"
    )
    install(files_for(others))
    result = run_hook(dataclasses.replace(others, site_packages=packages, owner=0), ME)
    assert result.ok, result
    real, effective, saved = ast.literal_eval(told.read_text())
    assert real == effective == saved and real in whose.RANGE


@as_root
@pytest.mark.parametrize("closed", ["lib", "site-packages", "rdna_hook.pth", "_rdna_hook", "pyvenv.cfg", ""])
def test_what_cannot_be_read_is_unknown(others: PythonSite, closed: str) -> None:
    """Python leaves such files out without a word: that is no failure of the hook."""
    subprocess.run(["chown", "-R", "-h", "0:0", str(others.prefix)], check=True)
    install(files_for(others))
    places = {
        "lib": others.prefix,
        "pyvenv.cfg": others.prefix,
        "": others.prefix,
        "site-packages": others.site_packages.parent,
    }
    path = Path(places.get(closed, others.site_packages) / closed)
    path.chmod(0o700 if path.is_dir() else 0o600)
    result = run_hook(dataclasses.replace(others, owner=0), ME)
    assert result.status is Status.UNKNOWN and str(path) in result.detail, result


def test_an_unknown_is_no_pass() -> None:
    assert not HookResult(Status.UNKNOWN, "").ok
