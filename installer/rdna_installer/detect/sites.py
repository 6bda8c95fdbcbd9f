"""The Python environments the python layer may be written to: those named, and those with a torch in usual places."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from rdna_installer.detect.interpreters import Interpreter, interpreter_at
from rdna_installer.detect.paths import real
from rdna_installer.detect.torch import read_torch
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.oserrors import explaining
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite, Torch, User
from rdna_installer.record import record

ENVIRONMENTS = ("venv", ".venv", "env", ".env")
SHELVES = (
    "venvs", ".venvs", "envs", ".virtualenvs", ".local/share/virtualenvs", ".local/share/pipx/venvs",
    ".cache/pypoetry/virtualenvs", ".pyenv/versions", ".conda/envs", ".unsloth/studio",
)  # fmt: skip
CONDAS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")
PROGRAMS = (
    "ComfyUI", "stable-diffusion-webui", "stable-diffusion-webui-forge", "stable-diffusion-webui-amdgpu", "sdnext",
    "automatic", "kohya_ss", "text-generation-webui", "InvokeAI", "invokeai", "SwarmUI", "ai-toolkit", "OneTrainer",
    "LLaMA-Factory", "axolotl", "vllm", "Fooocus", "FramePack", "Wan2GP", "SD.Next", "Scriberr", "scriberr",
)  # fmt: skip
SHELF_LIMIT = 100  # environments looked at on one shelf


@record(frozen=True)
class Found:
    """Sites found by themselves, and those left out with the reason."""

    sites: tuple[PythonSite, ...]
    notes: tuple[str, ...]


def find_sites(root: Sysroot, pythons: Sequence[str], user: User) -> tuple[PythonSite, ...]:
    """The sites named with --python, each once, torch or not.

    Raises RdnaError: "not-a-python", "python-gone", "mixed-owners"; what the disk says of one that cannot be read.
    """
    sites = (_site(root, _named(root, _absolute(root, path)), user) for path in pythons)
    return tuple({site.site_packages: site for site in sites}.values())


def _named(root: Sysroot, path: str) -> Interpreter:
    try:
        return interpreter_at(root, path)
    except RdnaError:
        with explaining(Exit.REFUSED):
            root.require_readable(path)
        raise


def search_sites(root: Sysroot, user: User) -> Found:
    """The system's Python and the user's usual places, as far as they hold a torch."""
    sites: dict[PurePosixPath, PythonSite] = {}
    notes = []
    for path in _usual(root, user):
        try:
            site = _site(root, interpreter_at(root, path), user)
        except RdnaError as err:
            if err.reference != "not-a-python":
                notes.append(f"{path}: {err.message}")
            continue
        if site.torch:
            sites.setdefault(site.site_packages, site)
    return Found(tuple(sites.values()), tuple(dict.fromkeys(notes)))


def _absolute(root: Sysroot, path: str) -> str:
    return os.path.abspath(path) if root.live else path


def _usual(root: Sysroot, user: User) -> Iterator[str]:
    """Folders that are there, in the order of their likelihood (each place is listed once, not probed name by name)."""
    if root.live:
        yield from (os.environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name))
    yield "/usr/bin/python3"
    home = str(user.home)
    here = root.names(home)
    for base in [home, *(f"{home}/{name}" for name in PROGRAMS if name in here), *_working_folder(root)]:
        names = here if base == home else root.names(base)
        yield from (f"{base}/{name}" for name in ENVIRONMENTS if name in names)
    condas = [f"{home}/{name}" for name in CONDAS if name in here]
    yield from condas
    shelves = [f"{home}/{name}" for name in SHELVES if name.split("/")[0] in here]
    for shelf in [*shelves, *(f"{conda}/envs" for conda in condas)]:
        yield from (f"{shelf}/{name}" for name in root.names(shelf)[:SHELF_LIMIT])


def _working_folder(root: Sysroot) -> list[str]:
    try:
        return [str(Path.cwd())] if root.live else []
    except OSError:  # it was removed under us
        return []


def _site(root: Sysroot, found: Interpreter, user: User) -> PythonSite:
    folders = [*_user_folders(root, found, user), *found.folders]
    torch, place = _first_torch(root, folders)
    folder = place if place and place not in found.folders else found.folders[0]
    status = root.status(folder)
    if status is None:
        raise RdnaError("site-unreadable", "cannot tell who owns this environment", context=str(folder))
    if folder == found.folders[0]:
        _refuse_mixed_owners(root, found, status.st_uid)
    return PythonSite(
        python=found.python,
        prefix=found.prefix,
        site_packages=folder,
        python_version=found.version,
        owner=status.st_uid,
        group=status.st_gid,
        torch=torch,
    )


def _user_folders(root: Sysroot, found: Interpreter, user: User) -> list[PurePosixPath]:
    """The user's own packages (pip install --user) come before the system's; environments do not see them."""
    if found.prefix != PurePosixPath("/usr"):
        return []
    folder = user.home / f".local/lib/python{found.version}/site-packages"
    return [real(root, folder)] if root.is_dir(folder) else []


def _first_torch(root: Sysroot, folders: Sequence[PurePosixPath]) -> tuple[Torch | None, PurePosixPath | None]:
    for folder in folders:
        if torch := read_torch(root, folder):
            return torch, folder
    return None, None


def _refuse_mixed_owners(root: Sysroot, found: Interpreter, owner: int) -> None:
    """One site is one owner's transaction; the interpreter does not count: a venv's python links to the system's."""
    status = root.status(found.marker) if found.marker else None
    if status is not None and status.st_uid != owner:
        raise RdnaError(
            "mixed-owners",
            f"{found.marker} belongs to user {status.st_uid}, but {found.folders[0]} to user {owner}",
            context=str(found.prefix),
            hint=f"give the environment one owner, e.g. chown -R {status.st_uid} {found.prefix}",
        )
