"""Facts in the texts of sources: one pure function a kind of fact, from a text to its keys and what is said of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

Facts = dict[str, dict[str, str]]
Text = Callable[[str], Facts]

DECLARED = re.compile(
    r"MIOPEN_DECLARE_ENV_VAR(?:_(BOOL|UINT64|STR))?\s*\(\s*([A-Z][A-Z0-9_]+)\s*(?:,\s*([^)]*))?\)"
    r'|(?<!\w)(?:secure_)?(getenv)\s*\(\s*"([A-Z][A-Z0-9_]+)"'
)
TYPES = ("bool", "uint64_t", "std::string")  # of a variable, where its macro names one before the default
READ = re.compile(
    r'(?:GetEnvVar|IsEnvVarSet|getenv|get_env|check_env|environ\.get)\(\s*"([A-Z][A-Z0-9_]+?)(_%[du])?"'
    r'|snprintf\([^"]*"([A-Z][A-Z0-9_]+?)(_%[du])"'
)
FLAG = re.compile(r"(?:release|debug|release_on_stg)\s*\(\s*\w+\s*,\s*([A-Z][A-Z0-9_]+)\s*,\s*([^,]+?)\s*,")
KNOB = re.compile(r'env_(\w+)\(\s*"([A-Z][A-Z0-9_]+)"\s*(?:,\s*([^)]*))?\)')
PARAMETER = re.compile(r"module_param(_named|_string|_array|_cb|_hw)?(_unsafe)?\s*\(\s*([^;]*?)\)\s*;", re.DOTALL)
DESCRIBED = re.compile(r'MODULE_PARM_DESC\s*\(\s*(\w+)\s*,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)')
DRIVEN = re.compile(r"\{\s*0x1002,\s*0x([0-9A-Fa-f]{4}),[^}]*?(CHIP_\w+)")
TARGET = re.compile(r'^therock_add_amdgpu_target\(\s*(gfx\w+)\s+"[^"]*"([^)]*)\)', re.MULTILINE)
TICKED = re.compile(r"\|\s*\**[\w. ]+?\**\s*\|\s*\**(gfx\w+)\**\s*\|(.*)\|")
APPLICABLE = re.compile(r"bool\s+(?:\w+::)*?(\w+)(?:<[^>]*>)?::IsApplicable\w*\s*\(")
REGISTERED = re.compile(r"Register(?:WithSolver)?\(\s*registry,\s*\+\+id,[^;]*?(?:\w+::)*(\w+)(?:<([^>]*)>)?\{\}")
BUILT_FOR = re.compile(r'PYTORCH_ROCM_ARCH="?((?:gfx\w+;?)+)')


def without_comments(text: str) -> str:
    """C or C++ without its comments; the lines stay where they are."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)
    return re.sub(r"(?<!:)//.*", "", text)


def miopen_variables(text: str) -> Facts:
    """What MIOpen declares, by macro or by a literal getenv: how, and with which default."""
    found: Facts = {}
    for kind, name, default, plain, literal in DECLARED.findall(without_comments(text)):
        if name != "NAME":  # the macro's own definition
            words = [word for word in re.split(r"\s*,\s*", default.strip()) if word not in TYPES]
            found.setdefault(name or literal, {"kind": plain or kind, "default": ", ".join(words)})
    return found


def read_variables(text: str) -> Facts:
    """What ROCr, its thunk, HIP and torch read by name. NAME_%d, made for each node, is NAME_N."""
    matches = READ.finditer(without_comments(text))
    return {(m[1] or m[3]) + ("_N" if m[2] or m[4] else ""): {} for m in matches}


def hip_flags(text: str) -> Facts:
    """HIP's flags with their defaults, and what it reads by name beside them."""
    flags = {name: {"default": default} for name, default in FLAG.findall(without_comments(text))}
    return {**read_variables(text), **flags}


def triton_knobs(text: str) -> Facts:
    """Triton's knobs with their defaults."""
    return {name: {"kind": kind, "default": default.strip()} for kind, name, default in KNOB.findall(text)}


def kernel_parameters(text: str) -> Facts:
    """Parameters of a module: type, whether setting it taints, the text, and what its variable starts with."""
    plain = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    found: Facts = {}
    for form, unsafe, inside in PARAMETER.findall(plain):
        words = [word.strip() for word in inside.split(",")]
        at = {"_named": 2, "": 1}.get(form)
        type_ = words[at] if at and len(words) > at else "string" if form == "_string" else form + unsafe
        found[words[0]] = {"type": type_, "unsafe": "yes" if unsafe else ""}
        variable = words[1] if form == "_named" else words[0]
        if start := re.search(rf"^(?:static )?[\w ]+ \**{re.escape(variable)}\s*=\s*([^;]+);", plain, re.MULTILINE):
            found[words[0]]["default"] = start[1].strip()
    for name, strings in DESCRIBED.findall(plain):
        said = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', strings))
        found.setdefault(name, {"type": "", "unsafe": ""})["text"] = said
    return found


def driver_ids(text: str) -> Facts:
    """Devices in amdgpu's own table, with the chip it takes each for; newer ones are found without it."""
    return {device.upper(): {"chip": chip} for device, chip in DRIVEN.findall(text)}


def products(text: str) -> Facts:
    """libdrm's products by device:revision. One may stand there twice, with two names: both are kept."""
    found: Facts = {}
    rows = (line.split(",", 2) for line in text.splitlines() if not line.startswith("#"))
    for device, revision, name in (map(str.strip, row) for row in rows if len(row) == 3):
        key = f"{device.upper()}:{revision.lower()}"
        found[key] = {"name": "|".join(filter(None, [found.get(key, {}).get("name"), name]))}
    return found


def pci_names(text: str) -> Facts:
    """Devices of vendor 1002 in pci.ids."""
    part = re.search(r"^1002  .*?(?=^[0-9a-f]{4}  |\Z)", text, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\t([0-9a-f]{4})  (.*)", part[0] if part else "", re.MULTILINE)
    return {device.upper(): {"name": name.strip()} for device, name in rows}


def therock_targets(text: str) -> Facts:
    """TheRock's targets: their families, and what is not built for them; a call runs over several lines."""
    found: Facts = {}
    for gfx, inside in TARGET.findall(re.sub(r"#.*", "", text)):
        family, _, excluded = inside.partition("EXCLUDE_TARGET_PROJECTS")
        families = family.partition("FAMILY")[2].split()
        found[gfx] = {"family": " ".join(sorted(families)), "excluded": " ".join(sorted(excluded.split()))}
    return found


def therock_table(text: str) -> Facts:
    """The ticks of SUPPORTED_GPUS.md for Linux. A tick is no test."""
    found: Facts = {}
    linux = False
    for line in text.splitlines():
        linux = "Linux" in line if line.startswith("##") else linux
        if linux and (match := TICKED.match(line)):
            found[match[1]] = {"ticks": " ".join("y" if "✅" in cell else "-" for cell in match[2].split("|"))}
    return found


def solver_gates(text: str) -> Facts:
    """Which targets a solver names where it decides whether it applies; none: all, or a helper decides."""
    plain = without_comments(text)
    bodies = ((match[1], body(plain, match.start())) for match in APPLICABLE.finditer(plain))
    return {name: {"gfx": " ".join(sorted(set(re.findall(r'"(gfx[0-9a-f]*)"', said))))} for name, said in bodies}


def solver_names(text: str) -> Facts:
    """The solvers MIOpen registers; templates once, without what they are made for. One is known by other names."""
    found = REGISTERED.findall(without_comments(text))
    known_as = {"ConvBinWinogradRxSf" + "x".join(each.split(", ")) for name, each in found if name == "ConvBinWinoRxS"}
    return {name: {} for name in (*(name for name, _ in found), *sorted(known_as))}


def wheel_targets(text: str) -> Facts:
    """The lists a wheel's build script has, each as one key."""
    return {" ".join(sorted(filter(None, found.split(";")))): {} for found in BUILT_FOR.findall(text)}


def gfx_literals(text: str) -> Facts:
    """Every gfx name in a list that holds nothing else."""
    return {name: {} for name in re.findall(r"\bgfx[0-9a-f]{3,5}\b", re.sub(r"#.*", "", text))}


def addresses(text: str) -> Facts:
    """Every address in a text, up to its last directory."""
    return {found.rstrip("/").removesuffix("/simple"): {} for found in re.findall(r"https?://[\w./-]+", text)}


def body(text: str, start: int) -> str:
    """What stands from ``start`` to the end of its outermost braces."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return text[start : match.end()]
    return text[start:]


def function(text: str, name: str) -> str | None:
    """The digest of a function's definition, whatever its comments and blanks are; None where there is none."""
    plain = without_comments(text)
    for match in re.finditer(rf"\b{re.escape(name)}\s*\([^;{{}}]*?\)[^;{{}}()]*\{{", plain):
        words = " ".join(body(plain, match.start()).split())
        return hashlib.sha1(words.encode(), usedforsecurity=False).hexdigest()[:12]
    return None


KINDS: Mapping[str, Text] = {
    each.__name__: each
    for each in (
        miopen_variables,
        read_variables,
        hip_flags,
        triton_knobs,
        kernel_parameters,
        driver_ids,
        products,
        pci_names,
        therock_targets,
        therock_table,
        solver_gates,
        solver_names,
        wheel_targets,
        gfx_literals,
        addresses,
    )
}
