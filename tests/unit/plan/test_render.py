"""Rendering, by golden file over gfx, ROCm, profile and layer (RDNA_UPDATE_GOLDEN=1 writes them anew)."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer import resources
from rdna_installer.errors import RdnaError
from rdna_installer.model import (
    FileState,
    GfxSource,
    Gpu,
    HostFacts,
    Initramfs,
    InitramfsTool,
    Layer,
    ModuleState,
    Policy,
    PythonSite,
    Setting,
    Torch,
    TorchOrigin,
    User,
    Verdict,
)
from rdna_installer.plan.render import Stamp, render, runtime_sources

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "render"
NAMES = {
    "gfx1010": "Navi 10 [Radeon RX 5600 OEM/5600 XT / 5700/5700 XT]",
    "gfx1031": "Navi 22 [Radeon RX 6700/6700 XT/6750 XT / 6800M/6850M XT]",
    "gfx1036": None,
    "gfx1151": "Strix Halo",
}
SOLVERS = {"MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW2": "0", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53": "0"}
LAYERED = {"noretry": "1", "vm_fragment_size": "9", "vm_update_mode": "0"}
K, E, P = Layer.KERNEL, Layer.ENV, Layer.PYTHON

# (gfx …, ROCm, profile) -> layer -> what the policy set; python settings go to the site named beside them
TABLE: dict[tuple[tuple[str, ...], str, str], dict[Layer, dict[str, str]]] = {
    (("gfx1010",), "5.2", "rocm52-spoof"): {E: {"HSA_ENABLE_SDMA": "0"}, P: {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}},
    (("gfx1010",), "6.2", "layered"): {K: LAYERED, E: {"MIOPEN_FIND_MODE": "FAST"}, P: {"MIOPEN_FIND_MODE": "FAST"}},
    (("gfx1010",), "6.2", "miopen-solvers"): {E: {"MIOPEN_DEBUG_CONV_GEMM": "0", **SOLVERS}},
    (("gfx1031",), "6.2", "recommended"): {E: SOLVERS, P: {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}},
    (("gfx1031",), "7.0", "layered"): {K: LAYERED, P: {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}},
    (("gfx1031", "gfx1036"), "6.4", "recommended"): {P: {"HSA_OVERRIDE_GFX_VERSION_1": "10.3.0", **SOLVERS}},
    (("gfx1151",), "7.0", "recommended"): {K: {"cwsr_enable": "0", "ttm.pages_limit": "27648000"}},
}
CASES = [(*machine, layer) for machine, layers in TABLE.items() for layer in layers]
USER = User(1000, 1000, "ada", PurePosixPath("/home/ada"), "/bin/bash", frozenset())


STAMP = Stamp(3, "0.1.0")


def gpu(gfx: str) -> Gpu:
    return Gpu(gfx, NAMES[gfx], "0000:03:00.0", "1002", "731f", 1, GfxSource.KFD, False)


def site(prefix: str = "/home/ada/venv", version: str = "3.11", owner: int = 1000, rocm: str = "6.2") -> PythonSite:
    folder = PurePosixPath(prefix)
    return PythonSite(
        python=folder / "bin/python",
        prefix=folder,
        site_packages=folder / f"lib/python{version}/site-packages",
        python_version=version,
        owner=owner,
        group=owner,
        torch=Torch(f"2.5.1+rocm{rocm}", rocm, (), TorchOrigin.PYTORCH_ORG),
    )


def facts(*sites: PythonSite, gpus: tuple[Gpu, ...] = ()) -> HostFacts:
    return HostFacts(
        gpus=gpus,
        hidden_nodes=0,
        unidentified=(),
        rocm=(),
        sites=sites,
        running_kernel="6.1.0-56-amd64",
        kernels=(),
        cmdline="",
        modprobe=(),
        amdgpu=ModuleState(True, False, None, {}),
        initramfs=Initramfs(InitramfsTool.INITRAMFS_TOOLS),
        init="systemd",
        user=USER,
        boot_id=None,
        ram_bytes=None,
        live=False,
    )


def policy(settings: list[Setting], gfx: tuple[str, ...] = ("gfx1010",), profile: str = "layered") -> Policy:
    return Policy(profile, Verdict.WORKS, tuple(map(gpu, gfx)), (), tuple(settings), (), ())


def in_layer(layer: Layer, values: dict[str, str], rule: str, where: PythonSite | None = None) -> list[Setting]:
    return [Setting(layer, str(where.python) if where else None, key, value, rule) for key, value in values.items()]


def rendered(settings: list[Setting], *sites: PythonSite, stamp: Stamp = STAMP) -> dict[str, FileState]:
    files = render(policy(settings), facts(*sites), stamp)
    assert all(file.there and file.content is not None for file in files)
    return {str(file.path): file for file in files}


def show(files: tuple[FileState, ...]) -> str:
    return "".join(
        f"==> {f.path} {f.mode:04o} {f.owner}:{f.group}\n{shown(f)}" for f in files if "/conv/" not in str(f.path)
    )


def shown(file: FileState) -> str:
    """Our own modules by their header: their source is in runtime/. The strategies have a test of their own."""
    text = file.content.decode()
    source = runtime_sources().get(in_package(file))
    assert source is None or text.endswith(source)
    return text if source is None else text.removesuffix(source) + "(its source)\n"


def in_package(file: FileState) -> str:
    return str(file.path).rpartition("_rdna_hook/")[2]


def is_data(path: str) -> bool:
    return path.endswith(".json")


@pytest.mark.parametrize(("gfx", "rocm", "profile", "layer"), CASES, ids=lambda x: getattr(x, "value", str(x)))
def test_golden(gfx: tuple[str, ...], rocm: str, profile: str, layer: Layer) -> None:
    venv = site(version="3.18" if rocm == "7.0" else "3.11", rocm=rocm)
    where = venv if layer is Layer.PYTHON else None
    wanted = in_layer(layer, TABLE[gfx, rocm, profile][layer], f"{profile}-{'-'.join(gfx)}", where)
    files = render(policy(wanted, gfx, profile), facts(venv, gpus=tuple(map(gpu, gfx))), Stamp(3, "0.1.0"))
    text = show(files)  # type: ignore[arg-type]
    golden = GOLDEN / f"{'+'.join(gfx)}-rocm{rocm}-{profile}-{layer.value}.txt"
    if os.environ.get("RDNA_UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_golden_file_has_its_case() -> None:
    known = {f"{'+'.join(gfx)}-rocm{rocm}-{profile}-{layer.value}.txt" for gfx, rocm, profile, layer in CASES}
    assert {path.name for path in GOLDEN.iterdir()} == known


def test_the_line_of_profile_layered() -> None:
    conf = rendered(in_layer(K, LAYERED, "layered"))["/etc/modprobe.d/rdna-installer.conf"]
    assert b"\noptions amdgpu noretry=1 vm_fragment_size=9 vm_update_mode=0\n" in conf.content


def test_every_site_gets_the_strategies() -> None:
    folder = resources.PACKAGE / "runtime" / "conv"
    venv = site()
    files = rendered(in_layer(P, SOLVERS, "r", venv), venv)
    installed = {in_package(file) for file in files.values() if "/conv/" in str(file.path)}
    assert installed == {f"conv/{path.name}" for path in folder.iterdir() if path.is_file()}
    assert {"conv/__init__.py", "conv/costs.json"} <= installed


def test_no_settings_no_files() -> None:
    assert render(policy([]), facts(site()), Stamp(1, "0.1.0")) == ()


def test_every_file_says_who_for_what_and_how_to_undo() -> None:
    venv, system = site(version="3.18"), site("/usr/local", "3.18", owner=0)
    wanted = in_layer(K, LAYERED, "r") + in_layer(E, SOLVERS, "r") + in_layer(P, SOLVERS, "r", venv)
    wanted += in_layer(P, SOLVERS, "r", system)
    files = rendered(wanted, venv, system, stamp=Stamp(7, "1.2.3"))
    assert len(files) == 3 + 2 * (3 + len(runtime_sources()))
    for path, file in files.items():
        if is_data(path):
            json.loads(file.content)
            continue
        header = file.content.decode("ascii").splitlines()[:3]
        assert all(line.startswith("# ") for line in header)
        assert "rdna-installer 1.2.3, generation 7." in header[0]
        assert header[1] == "# For gfx1010 (Navi 10 [Radeon RX 5600 OEM/5600 XT / 5700/5700 XT])"
        assert "rdna-installer rollback" in header[2]
        assert ("sudo" in header[2]) == (not path.startswith("/home"))
        assert file.content.endswith(b"\n") and not file.content.endswith(b"\n\n")
        assert (file.owner, file.group) == ((1000, 1000) if path.startswith("/home") else (0, 0))
        assert file.mode == 0o644


def test_only_the_number_tells_two_generations_apart() -> None:
    venv = site()
    wanted = in_layer(K, LAYERED, "r") + in_layer(P, SOLVERS, "r", venv)
    third, fourth = (rendered(wanted, venv, stamp=Stamp(n, "0.1.0")) for n in (3, 4))
    for path in third:
        if is_data(path):
            assert third[path] == fourth[path]
            continue
        assert third[path].content != fourth[path].content
        assert (
            re.sub(rb"\b3\b", b"4", third[path].content, count=1).split(b"GENERATION")[0]
            == (fourth[path].content.split(b"GENERATION")[0])
        )


@pytest.mark.parametrize(
    ("version", "has"), [("3.7", False), ("3.15", False), ("3.17", False), ("3.18", True), ("3.20", True)]
)
def test_start_file_where_the_import_line_is_no_longer_read(version: str, has: bool) -> None:
    venv = site(version=version)
    files = rendered(in_layer(P, SOLVERS, "r", venv), venv)
    assert (str(venv.site_packages / "rdna_hook.start") in files) is has


def test_the_pth_holds_comments_and_one_import_line() -> None:
    venv = site()
    files = rendered(in_layer(P, SOLVERS, "r", venv), venv)
    lines = files[str(venv.site_packages / "rdna_hook.pth")].content.decode("ascii").splitlines()
    assert [line.split(" ")[0] for line in lines if not line.startswith("#")] == ["import"]


def test_python_files_are_valid_in_37_and_import_the_standard_library_only() -> None:
    venv = site()
    files = rendered(in_layer(P, {"MIOPEN_CUSTOM_CACHE_DIR": "/home/josé/cache"}, "r", venv), venv)
    for path in [path for path in files if path.endswith(".py")]:
        text = files[path].content.decode("ascii")
        tree = ast.parse(text, feature_version=(3, 7))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        allowed = {"torch"} if "/conv/" in path else set()
        assert names <= set(sys.stdlib_module_names) | {"_rdna_hook"} | allowed, path


@pytest.mark.parametrize("name", ["a\nimport os", "Caf\u00e9 \u2028", "ends in a backslash\\", "\x1b[31mred"])
def test_a_strange_gpu_name_stays_in_its_comment(name: str) -> None:
    strange = dataclasses.replace(gpu("gfx1010"), name=name)
    venv = site(version="3.18")
    wanted = in_layer(K, LAYERED, "r") + in_layer(E, SOLVERS, "r") + in_layer(P, SOLVERS, "r", venv)
    for file in render(dataclasses.replace(policy(wanted), gpus=(strange,)), facts(venv), Stamp(1, "0.1.0")):
        assert file.there
        if is_data(file.path.name):
            continue
        line = file.content.decode("ascii").splitlines()[1]
        assert line.startswith("# For gfx1010 (") and line.endswith(")") and "\\" not in line


def test_two_names_of_one_interpreter_share_their_files() -> None:
    one = site("/usr", owner=0)
    two = dataclasses.replace(one, python=PurePosixPath("/usr/bin/python3.11"))
    same = in_layer(P, SOLVERS, "r", one) + in_layer(P, SOLVERS, "r", two)
    assert len(rendered(same, one, two)) == 2 + len(runtime_sources())
    with pytest.raises(RdnaError) as caught:
        rendered(in_layer(P, SOLVERS, "r", one) + in_layer(P, {"HSA_XNACK": "0"}, "r", two), one, two)
    assert caught.value.reference == "shared-site-packages"


@pytest.mark.parametrize(
    ("layer", "key", "value", "reference"),
    [
        (K, "noretry", "1\noptions amdgpu x=1", "bad-value"),
        (K, "noretry", "", "bad-value"),
        (K, "noretry; rm", "1", "bad-key"),
        (K, "a.b.c", "1", "bad-key"),
        (E, "HSA_ENABLE_SDMA", "", "bad-value"),
        (E, "HSA_ENABLE_SDMA", "0\nexport X=1", "bad-value"),
        (E, "hsa", "1", "bad-key"),
        (E, "A}$(id)", "1", "bad-key"),
        (E, "LD_LIBRARY_PATH", "/opt/rocm/lib", "variable-refused"),
        (E, "HIP_VISIBLE_DEVICES", "0", "variable-refused"),
        (E, "CUDA_VISIBLE_DEVICES", "0", "variable-refused"),
        (P, "LD_LIBRARY_PATH", "/opt/rocm/lib", "variable-refused"),
        (P, "conv", "gemm", "bad-key"),
        (P, "HSA_XNACK", "", "bad-value"),
        (P, "HSA_XNACK", "0'\n", "bad-value"),
    ],
)
def test_refused(layer: Layer, key: str, value: str, reference: str) -> None:
    venv = site()
    with pytest.raises(RdnaError) as caught:
        rendered(in_layer(layer, {key: value}, "r", venv if layer is P else None), venv)
    assert caught.value.reference == reference


def test_a_setting_for_an_unknown_python_is_refused() -> None:
    with pytest.raises(RdnaError, match="no Python at"):
        rendered(in_layer(P, SOLVERS, "r", site("/nowhere")), site())


SOURCED = """
set -eu
MIOPEN_FIND_MODE=mine; export MIOPEN_FIND_MODE
MIOPEN_LOG_LEVEL=''
. "$1"; . "$1"
printf '%s\\n' "$HSA_ENABLE_SDMA" "$MIOPEN_FIND_MODE" "[$MIOPEN_LOG_LEVEL]" "$MIOPEN_CUSTOM_CACHE_DIR" $?
"""


@pytest.mark.processes
@pytest.mark.parametrize("shell", [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["zsh"],
                                   ["zsh", "--emulate", "sh"], ["ksh"], ["mksh"]], ids=" ".join)  # fmt: skip
def test_profile_sets_what_has_no_value_under_set_eu_in(shell: list[str], tmp_path: Path) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed: the profile was not tested with it")
    values = {"HSA_ENABLE_SDMA": "0", "MIOPEN_FIND_MODE": "FAST", "MIOPEN_LOG_LEVEL": "3",
              "MIOPEN_CUSTOM_CACHE_DIR": "/x/$HOME `id` 'q'"}  # fmt: skip
    script = tmp_path / "rdna-installer.sh"
    script.write_bytes(rendered(in_layer(E, values, "r"))["/etc/profile.d/rdna-installer.sh"].content)
    done = subprocess.run([*shell, "-c", SOURCED, "sh", script], capture_output=True, text=True, check=False, env=PATH)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == ["0", "mine", "[3]", "/x/$HOME `id` 'q'", "0"]


PATH = {"PATH": os.environ["PATH"]}


@pytest.mark.processes
def test_what_the_profile_sets_reaches_children(tmp_path: Path) -> None:
    script = tmp_path / "p.sh"
    script.write_bytes(rendered(in_layer(E, {"HSA_XNACK": "0"}, "r"))["/etc/profile.d/rdna-installer.sh"].content)
    done = subprocess.run(
        ["sh", "-c", '. "$1"; exec env', "sh", script], capture_output=True, text=True, check=False, env=PATH
    )
    assert "HSA_XNACK=0" in done.stdout.splitlines()


@pytest.mark.processes
def test_modprobe_merges_the_whole_file(tmp_path: Path) -> None:
    modprobe = shutil.which("modprobe", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if modprobe is None:
        pytest.skip("modprobe is not installed: the modprobe.d file was not read by it")
    wanted = in_layer(K, {**LAYERED, "ttm.pages_limit": "27648000"}, "r")
    (tmp_path / "x.conf").write_bytes(rendered(wanted)["/etc/modprobe.d/rdna-installer.conf"].content)
    done = subprocess.run([modprobe, "-c", "-C", tmp_path], capture_output=True, text=True, check=True)
    options = [line for line in done.stdout.splitlines() if line.startswith(("options amdgpu", "options ttm"))]
    assert options == [
        "options amdgpu noretry=1 vm_fragment_size=9 vm_update_mode=0",
        "options ttm pages_limit=27648000",
    ]
    assert done.stderr == ""


@pytest.mark.processes
def test_systemd_reads_the_whole_file(tmp_path: Path) -> None:
    generator = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
    if not generator.exists():
        pytest.skip("systemd's generator is not installed: the environment.d file was not read by it")
    folder = tmp_path / "environment.d"
    folder.mkdir()
    files = rendered(in_layer(E, {"HSA_XNACK": "0", "MIOPEN_FIND_MODE": "FAST", "MIOPEN_LOG_LEVEL": "3"}, "r"))
    (folder / "60-x.conf").write_bytes(files["/etc/environment.d/60-rdna-installer.conf"].content)
    (folder / "10-mine.conf").write_text("MIOPEN_LOG_LEVEL=7\n")
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "MIOPEN_FIND_MODE": "HYBRID", **PATH}
    done = subprocess.run([generator], capture_output=True, text=True, check=True, env=environment)
    assert {"HSA_XNACK=0", "MIOPEN_FIND_MODE=HYBRID", "MIOPEN_LOG_LEVEL=7"} <= set(done.stdout.splitlines())
    assert done.stderr == ""


def test_what_fills_a_hole_is_not_looked_into() -> None:
    where = site()
    chosen = in_layer(P, {"MIOPEN_FIND_MODE": "{{ header }}"}, "{{ package }}", where)
    (hook,) = (f for f in render(policy(chosen), facts(where), STAMP) if f.path.name == "__init__.py" and f.content
               and b"VARIABLES" in f.content)  # fmt: skip
    text = (hook.content or b"").decode()
    assert "'MIOPEN_FIND_MODE': '{{ header }}'," in text
    assert "#   MIOPEN_FIND_MODE: rule {{ package }}\n" in text
    assert text.count("{{") == 2


def test_what_is_filled_without_jinja_is_what_jinja_makes_of_it() -> None:
    from rdna_installer.plan import render as module

    filled = [path for path in resources.templates().rglob("*.j2") if "{%" not in path.read_text()]
    assert len(filled) >= 5
    for path in filled:
        name = str(path.relative_to(resources.templates()))[: -len(".j2")]
        holes = {hole: f"<{hole}> {{{{ x }}}}\n" for hole in module.HOLE.findall(path.read_text())}
        assert module._filled(name, holes) == module._jinja().from_string(path.read_text()).render(holes), name


def test_a_hole_that_nothing_fills_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from rdna_installer.plan import render as module

    monkeypatch.setattr(module, "_template", lambda _name: "{{ nobody }}")
    with pytest.raises(KeyError, match="nobody"):
        render(policy(in_layer(E, {"MIOPEN_FIND_MODE": "FAST"}, "rule")), facts(), STAMP)
