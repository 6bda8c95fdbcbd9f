"""What the start-up hook costs each CPython: python3 tests/benchmarks/hook_speed.py [--starts N] [PYTHON ...].

Instructions of `python -c pass` in a venv (valgrind --tool=callgrind, .pyc files written) beyond those of the same venv
with a .pth file that holds a comment: with our hook, and with setuptools' distutils-precedence.pth. The setuptools is
the one that Python's own ensurepip brings, where it has such a file; and the newest one this interpreter can import.
Then milliseconds: the median difference of so many pairs of starts, without and with the hook, one after the other.
Without PYTHON: every CPython 3.7 to 3.15 on PATH, and below $PYENV_ROOT.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "installer"), str(PROJECT / "tests/unit/runtime")]
from hook_venv import Python  # noqa: E402

TABLE = {"RDNA_CONV": "gemm", "HSA_OVERRIDE_GFX_VERSION": "10.3.0", "MIOPEN_FIND_MODE": "FAST"}
START = ("-c", "pass")
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
HACK, PTH = "_distutils_hack", "distutils-precedence.pth"


def interpreters() -> list[str]:
    named = [shutil.which(f"python3.{minor}") for minor in range(7, 16)]
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT", "/nowhere")).glob("versions/3.*/bin/python3"))
    return [*filter(None, named), *map(str, pyenv)]


def version_of(interpreter: str) -> str | None:
    """ "3.11" where it is a CPython from 3.7 on that starts."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
    done = subprocess.run([interpreter, "-I", "-c", ask], capture_output=True, text=True, check=False)
    version, _, name = done.stdout.strip().partition(" ")
    return version if name == "cpython" and int(version.split(".")[1]) >= 7 else None


def instructions(python: Python) -> int:
    subprocess.run([python.executable, *START], env=ENVIRONMENT, check=True)  # writes the .pyc files
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", python.executable, *START]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found.group(1))


def bundled(interpreter: str) -> zipfile.ZipFile | None:
    """The setuptools of Python's own ensurepip, where it has a .pth file."""
    ask = "import ensurepip, os; print(os.path.dirname(ensurepip.__file__))"
    folder = subprocess.run([interpreter, "-I", "-c", ask], capture_output=True, text=True, check=False).stdout.strip()
    for wheel in Path(folder).glob("_bundled/setuptools-*.whl") if folder else ():
        archive = zipfile.ZipFile(wheel)
        if PTH in archive.namelist():
            return archive
    return None


def with_bundled(python: Python, archive: zipfile.ZipFile) -> int:
    names = [name for name in archive.namelist() if name.startswith(HACK + "/") or name == PTH]
    archive.extractall(python.site_packages, names)
    return without_setuptools(python, instructions(python))


def with_newest(python: Python) -> int | None:
    spec = importlib.util.find_spec(HACK)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    shutil.copytree(folder, python.site_packages / HACK, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(folder.parent / PTH, python.site_packages)
    return without_setuptools(python, instructions(python))


def without_setuptools(python: Python, found: int) -> int:
    shutil.rmtree(python.site_packages / HACK)
    (python.site_packages / PTH).unlink()
    return found


def seconds(python: Python) -> float:
    begun = time.perf_counter()
    os.waitpid(os.posix_spawn(python.executable, [python.executable, *START], ENVIRONMENT), 0)
    return time.perf_counter() - begun


def milliseconds(bare: Python, hooked: Python, pairs: int) -> float:
    """The median difference of `pairs` pairs of starts, each pair in the other order than the one before."""
    differences = []
    for number in range(pairs):
        if number % 2:
            with_hook, without = seconds(hooked), seconds(bare)
        else:
            without, with_hook = seconds(bare), seconds(hooked)
        differences.append(with_hook - without)
    return 1e3 * statistics.median(differences)


def venv(interpreter: str, version: str, folder: Path) -> Python:
    subprocess.run([interpreter, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
    python = Python(folder / "bin/python", folder / f"lib/python{version}/site-packages", version)
    (python.site_packages / "nothing.pth").write_text("# nothing\n")
    return python


def measure(interpreter: str, version: str, pairs: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        bare, other = (venv(interpreter, version, Path(folder) / name) for name in ("bare", "other"))
        ground = instructions(bare)
        other.install(TABLE)
        ours, slower = instructions(other), milliseconds(bare, other, pairs)
        other.remove()
        archive = bundled(interpreter)
        theirs = [with_bundled(other, archive) if archive else None, with_newest(other)]
    cells = [f"{(n - ground) / 1e6:8.2f} M" if n else f"{'-':>10}" for n in (ours, *theirs)]
    return f"{version:6} {ground / 1e6:8.1f} M {' '.join(cells)} {slower:9.2f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--starts", type=int, default=200, help="pairs of starts that are timed")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("no valgrind: instructions cannot be counted", file=sys.stderr)
        return 3
    print(f"{'Python':6} {'start':>10} {'our hook':>10} {'ensurepip':>10} {'newest':>10} {'our hook':>12}")
    seen = set()
    for interpreter in arguments.pythons or interpreters():
        version = version_of(interpreter)
        if version is not None and version not in seen:
            seen.add(version)
            print(measure(interpreter, version, arguments.starts), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
