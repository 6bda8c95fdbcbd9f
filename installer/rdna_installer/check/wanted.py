"""What the generation wants of the environment, and whether a value that somebody else has set may stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.model import Generation, Layer, Status, bulky
from rdna_installer.record import field, record

if TYPE_CHECKING:
    from rdna_installer.amd.case import Judged

DEFAULTED = r"\$\{(\w+):?[-=]([^${}`]*)\}"
Ask = Callable[..., "Judged"]  # amd/judge.py on key, value and site (None: all); it is loaded when first asked


@record(frozen=True)
class InForce:
    """Values by key: for the whole machine, and for each site (by python path)."""

    env: dict[str, str] = field(default_factory=dict)
    sites: dict[str, dict[str, str]] = field(default_factory=dict)
    applied: bool = False
    libraries: dict[str, str] = field(default_factory=dict)  # path -> digest of what was put into a torch

    def anywhere(self, key: str) -> dict[str, str]:
        """``key``'s wanted values by site; the machine-wide one under ``""``."""
        found = {site: values[key] for site, values in self.sites.items() if key in values}
        return {"": self.env[key], **found} if key in self.env else found


@record(frozen=True)
class MayStay:
    """Whether a value somebody set may stay."""

    status: Status
    wanted: str | None = None
    hint: str | None = None


def wanted_of(generation: Generation | None) -> InForce:
    """The environment and Python settings of a generation."""
    wanted = InForce(applied=generation is not None and generation.number > 0)
    for managed in generation.managed if generation else ():
        if bulky(managed.path) and managed.after.digest is not None:
            wanted.libraries[str(managed.path)] = managed.after.digest
    for setting in generation.settings if generation else ():
        if setting.layer is Layer.ENV:
            wanted.env[setting.key] = setting.value
        elif setting.layer is Layer.PYTHON and setting.site:
            wanted.sites.setdefault(setting.site, {})[setting.key] = setting.value
    return wanted


def judge(key: str, value: str, wanted: InForce, ask: Ask, site: str | None = None) -> MayStay:
    """Judge a value of a file (for one ``site`` or all) or of a session. Whatever the user has set wins over ours."""
    value = default_of(key, value)
    ours = {place: v for place, v in wanted.anywhere(key).items() if site is None or place in ("", site)}
    shown = " or ".join(dict.fromkeys(ours.values())) or None
    if key != "LD_LIBRARY_PATH" and ("$" in value or "`" in value):  # that one is a list: what is added shows
        if ours or re.fullmatch(OVERRIDE_KEY, key):
            return MayStay(Status.UNKNOWN, shown, "look into that file: it computes the value, so it is not known here")
        return MayStay(Status.OK)
    if ours.get("") == value:
        return MayStay(Status.OK, value)
    judged = ask(key, value, site)
    if judged.harmful:
        return MayStay(Status.FAILED if judged.malformed else Status.MISMATCH, shown, f"remove it: {judged.said}")
    others = {site: v for site, v in ours.items() if v != value}
    if others:
        where = ", ".join(filter(None, others))
        return MayStay(Status.MISMATCH, shown, f"remove it: it overrides the setting{where and f' in {where}'}")
    return MayStay(Status.OK, shown, told(judged))


def told(judged: Judged) -> str | None:
    """What is to be said of a value that may stay."""
    return f"{judged.answer.value}: {judged.said}" if judged.worth_saying else None


def default_of(key: str, value: str) -> str:
    """``${KEY:-10.3.0}`` is 10.3.0 unless something else has set KEY."""
    match = re.fullmatch(DEFAULTED, value)
    return match[2] if match and match[1] == key else value
