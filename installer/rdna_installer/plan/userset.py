"""``--set``, ``--unset``, ``--conv`` and ``--gtt-size``: checked against the catalogues before anything is decided.

The last is how much memory integrated GPUs may map, as the module that is there counts it (4 KiB pages).
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from rdna_installer.amd.case import Case, Judged, describe
from rdna_installer.amd.judge import judge_setting
from rdna_installer.amd.override import CROSS, crosses_major, node_of
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.knowledge.catalogue import Emit, Entry, find
from rdna_installer.knowledge.fields import closest
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.rules import CONV_VARIABLE
from rdna_installer.model import HostFacts, Layer, Rejected, Setting
from rdna_installer.parameter import canonical
from rdna_installer.plan.findings import SET_RANK, Findings
from rdna_installer.plan.prove import deciding_kernel
from rdna_installer.record import replace

SET = "--set"
UNSET = "--unset"
CONV = "--conv"
GTT_SIZE = "--gtt-size"
PAGES_PER_GIB = 262144  # pages of 4 KiB
LEFT = 2  # GiB the system needs at least
MISSPELT = "gtt_size"  # in circulation since document 003; the parameter is gttsize
SAME_LIMIT = ("gttsize", "ttm.pages_limit", "amdttm.pages_limit")


def normalise(key: str) -> str:
    """The key as the catalogue has it: ``amdgpu.noretry`` is ``noretry``."""
    return canonical(key) if key == key.lower() else key.strip()


def check_entry(book: Book, key: str) -> Entry:
    """The catalogue entry of a key. Raises RdnaError("unknown-setting") with the closest known one."""
    kernel = key == key.lower()
    entry = find(book.kernel if kernel else book.env, key)
    if entry is None:
        what, listed = ("kernel parameter", "parameters") if kernel else ("variable", "variables")
        why = f"unknown {what} {key!r}: its valid values are not known, so it is not set"
        hint = closest(key, {**book.env, **book.kernel}) or f"all known ones: rdna-installer explain {listed}"
        raise RdnaError("unknown-setting", why, hint=hint, exit_code=Exit.USAGE)
    return entry


def wishes(case: Case, findings: Findings) -> None:
    """Put what ``--set`` asks for into the findings. Raises RdnaError for anything that cannot be done."""
    asked = [(normalise(key), value, SET) for key, value in case.request.set]
    if case.request.conv is not None:
        asked.append((CONV_VARIABLE, case.request.conv, CONV))
    _check_together(case, [key for key, _, _ in asked])
    for key, value, wish in asked:
        entry = check_entry(case.book, key)
        # A library here may read a variable that no release reads: its own strings say so.
        read_here = any(site.torch is not None and site.torch.reads.get(key, False) for site in case.facts.sites)
        places = _places(case, entry) if entry.emit is not Emit.NEVER or read_here else []
        _refuse(entry, key, value, places)
        answers = [_judge(case, key, value, site) for _, site in places]
        _refuse_override(case, key, value, answers, entry)
        for layer, site in places:
            findings.want(Setting(layer, site, key, value, wish), SET_RANK)
        _say(key, value, answers, findings)


def said_of_own(case: Case, own: Set[str], settings: Sequence[Setting], findings: Findings) -> None:
    """What is said of a wish is said, too, of what the rules ``own`` set, which are the user's."""
    shipped = replace(case, book=replace(case.book, rules=tuple(r for r in case.book.rules if r.id not in own)))
    for s in settings:
        if s.rule in own:
            _say(s.key, s.value, [_judge(shipped, s.key, s.value, s.site)], findings)


def _say(key: str, value: str, answers: Sequence[Judged], findings: Findings) -> None:
    for judged in answers:
        if judged.worth_saying:
            findings.warnings[f"{key}={value} is {judged.answer.value}: {judged.said}"] = None


def _refuse(entry: Entry, key: str, value: str, places: Sequence[tuple[Layer, str | None]]) -> None:
    """Raises RdnaError for what is never set here, and for what its reader does not take."""
    hint = f"rdna-installer explain {entry.key}"
    if entry.emit is Emit.NEVER and not places:
        raise RdnaError("refused-setting", f"{key} is never set by this program: {entry.reason}", hint=hint)
    problem = entry.problem(value)
    if problem:
        raise RdnaError("invalid-value", problem, hint=hint, exit_code=Exit.USAGE)


def _judge(case: Case, key: str, value: str, site: str | None) -> Judged:
    program = next((s for s in case.facts.sites if str(s.python) == site), None)
    return judge_setting(case, key, value, program)


def _refuse_override(case: Case, key: str, value: str, answers: Sequence[Judged], entry: Entry) -> None:
    """Raises RdnaError for an override that no GPU can have, or to another major version: ROCm itself rejects it."""
    if not re.fullmatch(OVERRIDE_KEY, key):
        return
    hint = f"rdna-installer explain {entry.key}"
    malformed = next((judged for judged in answers if judged.malformed), None)
    if malformed is not None:
        raise RdnaError("invalid-value", f"{key}={value}: {malformed.said}", hint=hint, exit_code=Exit.USAGE)
    node = node_of(key)
    for gpu in case.gpus if node is None else case.facts.gpus:
        if node in (None, gpu.kfd_node) and crosses_major(gpu.gfx, value):
            sources = ", ".join(evidence.url for evidence in CROSS)
            message = (
                f"{key}={value} is for another family than {gpu.gfx}: it crashes or resets the GPU, and ROCm "
                f"itself rejects it since 2026 ({sources})"
            )
            raise RdnaError("invalid-value", message, hint=hint)


def leave_out(case: Case, settings: Sequence[Setting]) -> tuple[list[Setting], list[Rejected]]:
    """The settings without those of ``--unset``, and what was left out."""
    unset = {normalise(key) for key in case.request.unset}
    for key in unset:
        check_entry(case.book, key)
    kept = [setting for setting in settings if setting.key not in unset]
    gone = [s for s in settings if s.key in unset]
    return kept, [Rejected(f"{s.key}={s.value}", f"left out: you asked for {UNSET}", s.rule, s.site) for s in gone]


def _check_together(case: Case, keys: list[str]) -> None:
    both = {normalise(key) for key in case.request.unset} & set(keys)
    twice = {key for key in keys if keys.count(key) > 1}
    if both or twice:
        key = min(both or twice)
        ways = f"{CONV}, {SET} and {UNSET}" if key == CONV_VARIABLE else f"{SET} and {UNSET}"
        raise RdnaError("contradiction", f"{key} is given twice in {ways}", exit_code=Exit.USAGE)
    same = [key for key in SAME_LIMIT if key in keys]
    if len(same) > 1:
        raise RdnaError("contradiction", f"{' and '.join(same)} set the same limit; give one", exit_code=Exit.USAGE)


def _places(case: Case, entry: Entry) -> list[tuple[Layer, str | None]]:
    """Where a setting goes: its layer, or the chosen sites where a machine's variable has no chosen layer."""
    chosen = case.request.layers
    if Layer.SERVICES in chosen and entry.layer is not Layer.KERNEL:
        return [(Layer.SERVICES, None)]
    if entry.layer is not Layer.PYTHON and entry.layer in chosen:
        return [(entry.layer, None)]
    if entry.layer is Layer.KERNEL or Layer.PYTHON not in chosen:
        needed = entry.layer.value
        raise _homeless(f"{entry.key} belongs to the {needed} layer, which was not chosen", f"add --layer {needed}")
    sites = [site for site in case.facts.sites if site.torch and site.torch.for_rocm] or case.facts.sites
    if not sites:
        why = f"{entry.key} needs a PyTorch, and none was found"
        raise _homeless(why, "name its interpreter or venv with --python PATH")
    return [(Layer.PYTHON, str(site.python)) for site in sites]


def wish_gtt(case: Case, gib: int, findings: Findings) -> None:
    """Put the limit into the findings. Raises RdnaError where it has no place or no sense."""
    _check_gtt(case, gib)
    kernel = deciding_kernel(case.facts.kernels, case.facts.running_kernel)
    key = f"{'amdttm' if kernel is not None and kernel.amdttm else 'ttm'}.pages_limit"
    findings.want(Setting(Layer.KERNEL, None, key, str(gib * PAGES_PER_GIB), GTT_SIZE), SET_RANK)
    for option in case.facts.modprobe:
        if (option.module, option.key) == ("amdgpu", MISSPELT):
            said = f"{option.source} sets amdgpu.{MISSPELT}={option.value}, which no kernel reads: it limits nothing"
            findings.warnings[f"{said}; {GTT_SIZE} does what it was meant for, remove it there"] = None
    if case.facts.ram_bytes is None:
        findings.warnings["how much memory this machine has is not known here: leave enough for the system"] = None


def _homeless(message: str, hint: str) -> RdnaError:
    return RdnaError("setting-has-no-place", message, hint=hint)


def _check_gtt(case: Case, gib: int) -> None:
    discrete = next((gpu for gpu in case.gpus if not gpu.integrated), None)
    if discrete is not None:
        raise _refused(
            f"{describe(discrete)} has memory of its own: the limit is for integrated GPUs, which have none",
            "name the integrated GPU, if there is one, with --gpu",
        )
    if Layer.KERNEL not in case.request.layers:
        raise _homeless(f"{GTT_SIZE} belongs to the kernel layer, which was not chosen", "add --layer kernel")
    twice = [key for key, _ in case.request.set if canonical(key) in SAME_LIMIT]
    if twice:
        why = f"{GTT_SIZE} and {twice[0]} set the same limit; give one"
        raise RdnaError("contradiction", why, exit_code=Exit.USAGE)
    _check_limit(case.facts, gib)


def _check_limit(facts: HostFacts, gib: int) -> None:
    """Against the memory that is there, and gttsize of somebody else: two limits for one (ROCm#5562, #5595)."""
    there = None if facts.ram_bytes is None else facts.ram_bytes >> 30
    if there is not None and gib > there - LEFT:
        hint = f"give at most {GTT_SIZE} {there - LEFT}" if there > LEFT else "leave it out: there is too little memory"
        raise _refused(f"{gib} GiB for the GPU of the {there} GiB here leave the system less than {LEFT}", hint)
    for option in facts.modprobe:
        if option.module == "amdgpu" and option.key == "gttsize" and option.value != "-1":
            raise _refused(
                f"{option.source} sets gttsize={option.value}, which is the same limit by its old name",
                "remove it there; only one of the two may be set",
            )


def _refused(message: str, hint: str) -> RdnaError:
    return RdnaError("gtt-size", f"{GTT_SIZE}: {message}", hint=hint)
