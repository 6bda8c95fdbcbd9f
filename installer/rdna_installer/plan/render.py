"""Policy -> the files that put it in force, through the templates. Pure, apart from reading our own templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from rdna_installer import resources
from rdna_installer.errors import RdnaError
from rdna_installer.model import FileState, HostFacts, Layer, Policy, PythonSite, ServiceUnit, Setting, regular
from rdna_installer.plan import quoting
from rdna_installer.plan.trial import OPTIONS_CONF, TRIAL_CONF
from rdna_installer.record import record

if TYPE_CHECKING:
    from jinja2 import Environment

PROFILE_SH = PurePosixPath("/etc/profile.d/rdna-installer.sh")
ENVIRONMENT_CONF = PurePosixPath("/etc/environment.d/60-rdna-installer.conf")
FISH = PurePosixPath("/etc/fish/conf.d/rdna-installer.fish")
DROP_IN = "60-rdna-installer.conf"  # before override.conf, which `systemctl edit` writes and which shall win
PACKAGE = "_rdna_hook"
RUNTIME = ("patch.py", "import_hook.py")  # modules of runtime/ installed beside the rendered __init__.py
CONV = "conv"  # the folder of runtime/ with the convolution strategies, installed whole
COSTS = f"{CONV}/measured.json"  # where conv/costs.py looks for what a probe fitted
# PEP 829: from 3.15 on a matching .start replaces the import line of the .pth, which without one is read up to 3.17.
# So it comes where nothing else works: on 3.15.0 a .start imports 29 modules at each start, reports a damaged hook each
# time, and Python does not start at all where it raises SystemExit; the guarded line does none of that.
START_FILES_SINCE = (3, 18)

# A template without statements is filled here, as Jinja2 would (a test holds both against each other): to load Jinja2
# costs 135 million instructions, a quarter of a plan for one Python. What fills a hole is not looked into.
STATEMENT = "{%"
HOLE = re.compile(r"\{\{ (\w+) \}\}")

# The dynamic linker reads LD_LIBRARY_PATH before any of this runs and would mix in other libraries; the other two
# hide GPUs from every program of the machine (facts: design, layer 2).
NEVER = {
    Layer.ENV: ("LD_LIBRARY_PATH", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"),
    Layer.PYTHON: ("LD_LIBRARY_PATH",),
    Layer.SERVICES: ("LD_LIBRARY_PATH",),
}


@record(frozen=True)
class Stamp:
    """What the header of a file says about its origin: the generation that writes it and our version."""

    generation: int
    version: str


def render(policy: Policy, facts: HostFacts, stamp: Stamp, trial: bool = False) -> tuple[FileState, ...]:
    """Every file of the layers and sites that have settings, sorted as layers come (kernel, env, python).

    ``trial``: with the file that puts kernel options on trial.

    Raises RdnaError: "bad-key", "bad-value" (what a format cannot hold), "unknown-site", "variable-refused",
    "shared-site-packages" (two interpreters, one folder, different settings).
    """
    # Each kind of GPU once, without slot or node: a card moved to another slot must not change our files.
    gpus = dict.fromkeys(f"{gpu.gfx} ({gpu.name})" if gpu.name else gpu.gfx for gpu in policy.gpus)
    context = {
        "version": quoting.comment(stamp.version),
        "literal": quoting.python_literal(stamp.version),
        "generation": str(stamp.generation),
        "gpus": "".join(f"\n# For {quoting.comment(gpu)}" for gpu in gpus),
        "package": PACKAGE,
    }
    files = [*_kernel(policy, context, trial), *_env(policy, facts, context), *_services(policy, facts, context)]
    for site, settings in _by_site(policy, facts):
        files += _site(site, settings, context, dict(policy.costs).get(str(site.python)))
    return _merge(files)


def _kernel(policy: Policy, context: Mapping[str, Any], trial: bool) -> list[FileState]:
    settings = [s for s in policy.settings if s.layer is Layer.KERNEL]
    if not settings:
        return []
    modules: dict[str, list[tuple[str, str]]] = {}
    for setting in settings:
        module, parameter = quoting.module_parameter(setting.key)
        modules.setdefault(module, []).append((parameter, setting.value))
    files = [_file(OPTIONS_CONF, "modprobe.d/rdna-installer.conf", {**context, "modules": modules}, settings)]
    if trial:
        files.append(_file(TRIAL_CONF, "modprobe.d/rdna-installer-trial.conf", context))
    return files


def _env(policy: Policy, facts: HostFacts, context: Mapping[str, Any]) -> list[FileState]:
    settings = _variables(policy.settings, Layer.ENV)
    if not settings:
        return []
    fish = "\n".join(quoting.fish_line(s.key, s.value) for s in settings)
    return [
        _file(PROFILE_SH, "profile.d/rdna-installer.sh", context, settings),
        _file(ENVIRONMENT_CONF, "environment.d/60-rdna-installer.conf", context, settings),
        *([_file(FISH, "fish/rdna-installer.fish", {**context, "lines": fish}, settings)] if facts.fish else []),
    ]


def _services(policy: Policy, facts: HostFacts, context: Mapping[str, Any]) -> list[FileState]:
    files = []
    chosen = _variables(policy.settings, Layer.SERVICES)
    for unit in facts.services:
        if settings := [s for s in chosen if s.site == str(unit.folder)]:
            holes = {**context, "lines": section(unit, ((s.key, s.value) for s in settings))}
            path, template = unit.folder / DROP_IN, "systemd-unit/60-rdna-installer.conf"
            files.append(_file(path, template, holes, settings, owner=unit.owner, group=unit.group))
    return files


def section(unit: ServiceUnit, pairs: Iterable[tuple[str, str]]) -> str:
    """What our drop-in of a service or quadlet says."""
    head = "[Container]" if unit.name.endswith(".container") else "[Service]"
    return "\n".join((head, *(quoting.SESSION_FORMATS["systemd"](key, value) for key, value in pairs)))


def _site(site: PythonSite, settings: list[Setting], context: Mapping[str, Any], costs: str | None) -> list[FileState]:
    own = _variables(settings, Layer.PYTHON)
    lines = [f"    {quoting.python_literal(s.key)}: {quoting.python_literal(s.value)}," for s in own]
    holes = {**context, "variables": "\n".join(lines)}

    def file(name: str) -> FileState:
        path, template = site.site_packages / name, f"site-packages/{name}"
        return _file(path, template, holes, own, owner=site.owner, group=site.group)

    files = [file("rdna_hook.pth")]
    if tuple(map(int, re.findall(r"\d+", site.python_version)[:2])) >= START_FILES_SINCE:
        files.append(file("rdna_hook.start"))
    files.append(file(f"{PACKAGE}/__init__.py"))
    head = f"{_header(context, site.owner)}\n".encode()
    measured = {COSTS: costs} if costs else {}
    for name, source in {**runtime_sources(), **measured}.items():
        # Data has no comments to hold a header.
        content = (head if name.endswith(".py") else b"") + source.encode("ascii")
        files.append(regular(site.site_packages / PACKAGE / name, content, 0o644, site.owner, site.group))
    return files


def snippet(whom: str, pairs: Sequence[tuple[str, str]], groups: Iterable[int]) -> str:
    """The whole text for a place that is not ours. ``groups``: those that open the GPU, by this machine's numbers."""
    forms = {name: [form(*pair) for pair in pairs] for name, form in quoting.SESSION_FORMATS.items()}
    lines = {
        "units": forms["systemd"],
        "groups": [f'      - "{number}"' for number in groups],
        "yaml": [f"      {key}: {quoting.compose_word(value)}" for key, value in pairs],
        "flags": [f"    {flag} \\" for flag in forms["docker"]],
        "inline": [quoting.sh_quoted(" ".join(forms["docker"]))],  # distrobox has a shell evaluate it again
        "shell": forms["sh"],
        "fish": [quoting.fish_line(key, value) for key, value in pairs],
    }
    text = _filled(f"session/{whom}", {name: "\n".join(found) for name, found in lines.items()})
    return "\n".join(line for line in text.split("\n") if line)


@cache
def runtime_sources() -> dict[str, str]:
    """Our modules for the user's site-packages, by their path below the hook's package."""
    runtime = resources.PACKAGE / "runtime"
    conv = sorted(p.name for p in (runtime / CONV).iterdir() if p.suffix in (".py", ".json"))
    names = [*RUNTIME, *(f"{CONV}/{name}" for name in conv)]
    return {name: (runtime / name).read_text(encoding="ascii") for name in names}


def _file(
    path: PurePosixPath,
    template: str,
    context: Mapping[str, Any],
    settings: Sequence[Setting] = (),
    *,
    owner: int = 0,
    group: int = 0,
) -> FileState:
    why = (f"#   {quoting.comment(s.key)}: rule {quoting.comment(s.rule)}" for s in settings)
    reasons = "\n".join(("# Why each is set (rdna-installer explain KEY):", *why))
    holes = {**context, "header": _header(context, owner), "reasons": reasons, "settings": settings}
    return regular(path, _filled(template, holes).encode(), 0o644, owner, group)


def _header(context: Mapping[str, Any], owner: int) -> str:
    return _filled("header", {**context, "sudo": "" if owner else "sudo "}).rstrip("\n")


def _filled(template: str, holes: Mapping[str, Any]) -> str:
    text = _template(template)
    return _jinja().from_string(text).render(holes) if STATEMENT in text else HOLE.sub(lambda at: holes[at[1]], text)


@cache
def _jinja() -> Environment:
    from jinja2 import Environment, StrictUndefined

    found = Environment(  # noqa: S701 - nothing here is HTML; each format has its own filter
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    for quote in (quoting.sh_word, quoting.modprobe_value, quoting.environment_d_value):
        found.filters[quote.__name__] = quote
    return found


@cache
def _template(name: str) -> str:
    return (resources.templates() / f"{name}.j2").read_text(encoding="utf-8")


def _variables(settings: Iterable[Setting], layer: Layer) -> list[Setting]:
    chosen = [s for s in settings if s.layer is layer]
    for setting in chosen:
        if quoting.variable_name(setting.key) in NEVER[layer]:
            why = f"{setting.key} is never set in the {layer.value} layer"
            raise RdnaError("variable-refused", why, hint=f"rdna-installer explain {setting.key}")
    return chosen


def _by_site(policy: Policy, facts: HostFacts) -> list[tuple[PythonSite, list[Setting]]]:
    sites = {str(site.python): site for site in facts.sites}
    chosen: dict[str, list[Setting]] = {}
    for setting in policy.settings:
        if setting.layer is Layer.PYTHON:
            chosen.setdefault(str(setting.site), []).append(setting)
    for python in chosen:
        if python not in sites:
            hint = "see which there are: rdna-installer detect"
            raise RdnaError("unknown-site", f"there is no Python at {python}", hint=hint)
    return [(sites[python], settings) for python, settings in chosen.items()]


def _merge(files: Iterable[FileState]) -> tuple[FileState, ...]:
    """One file per path: /usr/bin/python3 and python3.11 share a folder, and so do all of Debian's dist-packages."""
    merged: dict[PurePosixPath, FileState] = {}
    for file in files:
        if merged.setdefault(file.path, file) != file:
            why = "two interpreters share this folder but would get different settings"
            hint = "choose one of them with --python"
            raise RdnaError("shared-site-packages", why, context=str(file.path), hint=hint)
    return tuple(merged.values())
