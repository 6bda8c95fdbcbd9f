"""``--set``, ``--unset`` and ``--conv``: checked against the catalogues before anything is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.catalogue import Emit, Entry, find
from rdna_installer.knowledge.fields import closest
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.rules import CONV_VARIABLE
from rdna_installer.knowledge.targets import override_value
from rdna_installer.knowledge.versions import Range
from rdna_installer.model import Layer, PythonSite, Rejected, Setting
from rdna_installer.plan.scene import SET_RANK, Findings, Scene
from rdna_installer.plan.spoof import OVERRIDE

SET = "--set"
UNSET = "--unset"
CONV = "--conv"


def normalise(key: str) -> str:
    """The key as the catalogue has it: ``amdgpu.noretry`` is ``noretry``."""
    return key.strip().removeprefix("amdgpu.")


def check_entry(book: Book, key: str) -> Entry:
    """The catalogue entry of a key. Raises RdnaError("unknown-setting") with the closest known one."""
    kernel = key == key.lower()
    entry = find(book.kernel if kernel else book.env, key)
    if entry is None:
        what, listed = ("kernel parameter", "parameters") if kernel else ("variable", "variables")
        raise RdnaError(
            "unknown-setting",
            f"{key!r} is no {what} of the catalogue: its valid values are not known, so it is not set",
            hint=closest(key, book.kernel if kernel else book.env)
            or f"all known ones: rdna-installer explain {listed}",
        )
    return entry


def wishes(scene: Scene, book: Book, findings: Findings) -> None:
    """Put what ``--set`` asks for into the findings. Raises RdnaError for anything that cannot be done."""
    asked = [(normalise(key), value, SET) for key, value in scene.request.set]
    if scene.request.conv is not None:
        asked.append((CONV_VARIABLE, scene.request.conv, CONV))
    _check_together(scene, [key for key, _, _ in asked])
    for key, value, wish in asked:
        entry = check_entry(book, key)
        if entry.emit is Emit.NEVER:
            raise RdnaError(
                "refused-setting",
                f"{key} is never set by this program: {entry.reason}",
                hint=f"rdna-installer explain {entry.key}",
            )
        problem = entry.problem(value) or _cross_family(scene, key, value)
        if problem:
            raise RdnaError("invalid-value", problem, hint=f"rdna-installer explain {entry.key}")
        for layer, site in _places(scene, entry):
            findings.want(Setting(layer, site, key, value, wish), SET_RANK)
        for text in _unread(scene, entry, key):
            findings.warnings[text] = None


def leave_out(scene: Scene, book: Book, settings: Sequence[Setting]) -> tuple[list[Setting], list[Rejected]]:
    """The settings without those of ``--unset``, and what was left out."""
    unset = {normalise(key) for key in scene.request.unset}
    for key in unset:
        check_entry(book, key)
    kept = [setting for setting in settings if setting.key not in unset]
    gone = [s for s in settings if s.key in unset]
    return kept, [Rejected(f"{s.key}={s.value}", f"left out: you asked for {UNSET}", s.rule, s.site) for s in gone]


def _check_together(scene: Scene, keys: list[str]) -> None:
    both = {normalise(key) for key in scene.request.unset} & set(keys)
    twice = {key for key in keys if keys.count(key) > 1}
    if both or twice:
        key = min(both or twice)
        ways = f"{CONV}, {SET} and {UNSET}" if key == CONV_VARIABLE else f"{SET} and {UNSET}"
        raise RdnaError("contradiction", f"{key} is given twice in {ways}", exit_code=Exit.USAGE)
    same = [key for key in ("gttsize", "ttm.pages_limit", "amdttm.pages_limit") if key in keys]
    if len(same) > 1:
        raise RdnaError("contradiction", f"{' and '.join(same)} set the same limit; give one", exit_code=Exit.USAGE)


def _cross_family(scene: Scene, key: str, value: str) -> str | None:
    """An override to another major version: ROCm rejects it since 2026, and before it reset GPUs."""
    if not key.startswith(OVERRIDE):
        return None
    major = value.partition(".")[0]
    for gpu in scene.gpus:
        if gpu.gfx in scene.targets.targets and override_value(gpu.gfx).partition(".")[0] != major:
            return (
                f"{key}={value} reports {gpu.gfx} as another family: code of another family crashes or resets the GPU "
                "(ROCm#2527), and ROCm itself rejects it since 2026 (rocm-systems#5686)"
            )
    return None


def _unread(scene: Scene, entry: Entry, key: str) -> list[str]:
    """Which of the torches here are too old to read a variable. Linux's parameters are proved by its modules."""
    since = re.fullmatch(r"(ROCm|torch) ([0-9]+(?:[.][0-9]+)*)", entry.since or "")  # not "… or before"
    if since is None or entry.layer is Layer.KERNEL:
        return []
    wanted, name = Range(f">={since[2]}"), since[1]
    found = [(s.python, s.torch.rocm if name == "ROCm" else s.torch.version) for s in _sites(scene) if s.torch]
    return [
        f"{key} is read from {since[0]} on; {python} has {version}, which ignores it"
        for python, version in found
        if version and wanted.contains(version) is False
    ]


def _places(scene: Scene, entry: Entry) -> list[tuple[Layer, str | None]]:
    """Where a setting goes: its layer, or the chosen sites where a machine's variable has no chosen layer."""
    chosen = scene.request.layers
    if entry.layer is not Layer.PYTHON and entry.layer in chosen:
        return [(entry.layer, None)]
    if entry.layer is Layer.KERNEL or Layer.PYTHON not in chosen:
        needed = entry.layer.value
        raise RdnaError(
            "setting-has-no-place",
            f"{entry.key} belongs to the {needed} layer, which was not chosen",
            hint=f"add --layer {needed}",
        )
    sites = _sites(scene)
    if not sites:
        raise RdnaError(
            "setting-has-no-place",
            f"{entry.key} belongs to a torch installation, and none was found",
            hint="name its interpreter or venv with --python PATH",
        )
    return [(Layer.PYTHON, str(site.python)) for site in sites]


def _sites(scene: Scene) -> list[PythonSite]:
    with_rocm = [site for site in scene.facts.sites if site.torch and site.torch.for_rocm]
    return with_rocm or list(scene.facts.sites)
