"""Which Python a path names, and where its site-packages are: from files, never by running it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot, real
from rdna_installer.record import record

BINARY = r"python(?:3(?:\.[0-9]{1,3}t?)?)?"
LIBRARY = r"python(3\.[0-9]{1,3}t?)"
MAX_LINKS = 10


@record(frozen=True)
class Interpreter:
    """One Python. ``folders``: where its packages are, the one to write to first; ``marker``: the file or folder
    whose owner must own ``folders[0]`` too (None: an interpreter that is no environment)."""

    python: PurePosixPath
    prefix: PurePosixPath
    version: str
    folders: tuple[PurePosixPath, ...]
    marker: PurePosixPath | None


def interpreter_at(root: Sysroot, path: str) -> Interpreter:
    """The Python that ``path`` names: a venv, a conda environment, another prefix, or the program itself.

    Raises RdnaError: "not-a-python" (wrong argument, exit 2), or "python-gone" for a venv whose Python was removed
    (a missing precondition, exit 3).
    """
    given = PurePosixPath("/") / path
    found = _prefix(root, given) if root.is_dir(given) else _program(root, given)
    if found is None:
        raise RdnaError(
            "not-a-python",
            "this is neither a Python interpreter nor a virtual or conda environment",
            context=f"--python {path}" + ("" if root.live else f" (inside {root.root})"),
            hint="name the environment's folder, or its bin/python",
            exit_code=Exit.USAGE,
        )
    return found


def _prefix(root: Sysroot, prefix: PurePosixPath) -> Interpreter | None:
    """A folder that holds bin/python and lib/python3.N."""
    prefix = real(root, prefix)
    is_venv = root.exists(prefix / "pyvenv.cfg")
    names = ("python", "python3")
    python = next((prefix / "bin" / name for name in names if root.exists(prefix / "bin" / name)), None)
    if python is None:
        if is_venv:
            raise _gone(root, prefix)
        return None
    return _venv(root, prefix, python) if is_venv else _base(root, prefix, python)


def _program(root: Sysroot, path: PurePosixPath) -> Interpreter | None:
    """A program named like Python; its links are followed until one lies in a prefix that has the library."""
    for _ in range(MAX_LINKS):
        prefix = path.parent.parent
        if path.parent.name == "bin" and re.fullmatch(BINARY, path.name):
            if root.exists(prefix / "pyvenv.cfg"):
                return _prefix(root, prefix)
            if root.exists(path) and (found := _base(root, real(root, prefix), path)):
                return found
        target = root.readlink(path)
        if target is None:
            return None
        path = path.parent / target
    return None


def _gone(root: Sysroot, prefix: PurePosixPath) -> RdnaError:
    names = ("bin/python", "bin/python3")
    target = next((text for name in names if (text := root.readlink(prefix / name))), "bin/python")
    return RdnaError(
        "python-gone",
        f"the virtual environment's Python no longer exists ({target})",
        context=str(prefix),
        hint="recreate the environment, or install that Python again",
    )


def _venv(root: Sysroot, prefix: PurePosixPath, python: PurePosixPath) -> Interpreter | None:
    config = _pyvenv(root.read_optional(prefix / "pyvenv.cfg") or "")
    version = _version(root, prefix, python, config)
    if version is None:
        return None
    folders = [prefix / f"lib/python{version}/site-packages", prefix / f"lib64/python{version}/site-packages"]
    if config.get("include-system-site-packages", "").lower() == "true" and config.get("home", "").startswith("/"):
        folders += _base_folders(PurePosixPath(config["home"]).parent, version)
    return _interpreter(root, folders, python=python, prefix=prefix, version=version, marker=prefix / "pyvenv.cfg")


def _pyvenv(text: str) -> Mapping[str, str]:
    pairs = (line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, value in pairs}


def _base(root: Sysroot, prefix: PurePosixPath, python: PurePosixPath) -> Interpreter | None:
    version = _version(root, prefix, python, {})
    if version is None:
        return None
    conda = prefix / "conda-meta"
    folders = _base_folders(prefix, version)
    marker = conda if root.is_dir(conda) else None
    return _interpreter(root, folders, python=python, prefix=prefix, version=version, marker=marker)


def _base_folders(prefix: PurePosixPath, version: str) -> list[PurePosixPath]:
    """Debian's dist-packages (the administrator's before dpkg's), then site-packages; Fedora has lib64 as well."""
    folders = [prefix / f"lib/python{version}/site-packages", prefix / f"lib64/python{version}/site-packages"]
    if prefix == PurePosixPath("/usr"):
        local = prefix / "local"
        debian = [local / f"lib/python{version}/dist-packages", prefix / "lib/python3/dist-packages"]
        fedora = [local / f"{lib}/python{version}/site-packages" for lib in ("lib", "lib64")]
        folders = [*debian, *folders, *fedora]
    return folders


def _interpreter(
    root: Sysroot,
    folders: Sequence[PurePosixPath],
    *,
    python: PurePosixPath,
    prefix: PurePosixPath,
    version: str,
    marker: PurePosixPath | None,
) -> Interpreter | None:
    there = tuple(dict.fromkeys(real(root, folder) for folder in folders if root.is_dir(folder)))
    return Interpreter(python, prefix, version, there, marker) if there else None


def _version(root: Sysroot, prefix: PurePosixPath, python: PurePosixPath, config: Mapping[str, str]) -> str | None:
    """ "3.11" from the real program's name, pyvenv.cfg, or the only lib/python3.N; it must have that library."""
    versions = [found[1] for name in root.names(prefix / "lib") if (found := re.fullmatch(LIBRARY, name))]
    named = re.fullmatch(LIBRARY, real(root, python).name)
    told = re.match(r"3\.[0-9]{1,3}", config.get("version", "") or config.get("version_info", ""))
    wanted = [named[1] if named else None, told[0] if told else None]
    return next((v for v in wanted if v in versions), versions[0] if len(versions) == 1 else None)
