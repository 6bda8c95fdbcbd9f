"""Programs with kernels of their own: found below a root by what they are; what each needs is said, and no more."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "check"))

from check_samples import BOOK, NAVI22, facts, put

from rdna_installer.amd.case import case_of
from rdna_installer.detect.places import PlaceSearch
from rdna_installer.detect.programs import find_programs
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.plan.programs import for_programs, said_of

HOME = PurePosixPath("/home/ann")
OLLAMA = "/usr/local/bin/ollama"


def ollama(root: Path, *targets: str, below: str = "rocm/") -> None:
    put(root, OLLAMA, "x", 0o755)
    for gfx in targets:
        put(root, f"/usr/local/lib/ollama/{below}rocblas/library/TensileLibrary_lazy_{gfx}.dat", "x")


@pytest.mark.parametrize("below", ["", "rocm/", "rocm_v7/"])
def test_ollama_and_its_own_kernels(tmp_path: Path, below: str) -> None:
    ollama(tmp_path, "gfx1030", "gfx1100", below=below)
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert (found.name, str(found.path), found.gfx_targets) == ("ollama", OLLAMA, ("gfx1030", "gfx1100"))


def test_llama_cpp_that_was_built_in_a_home(tmp_path: Path) -> None:
    put(tmp_path, "/home/ann/llama.cpp/build/bin/llama-server", "x", 0o755)
    put(tmp_path, "/home/ann/llama.cpp/build/bin/libggml-hip.so", "no ELF")
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert (found.name, found.gfx_targets) == ("llama.cpp", ())


def test_a_name_alone_is_no_program(tmp_path: Path) -> None:
    put(tmp_path, "/usr/local/lib/ollama/rocm/rocblas/library/TensileLibrary_lazy_gfx1030.dat", "x")
    assert find_programs(Sysroot(tmp_path), HOME) == ()


def test_the_global_override_is_what_it_needs(tmp_path: Path) -> None:
    ollama(tmp_path, "gfx1030")
    case = case_of(facts(gpus=(NAVI22,)), BOOK)
    found = find_programs(Sysroot(tmp_path), HOME)
    assert for_programs(case, found) == {OLLAMA: {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}}
    (said,) = said_of(case, found)
    assert (
        "it needs HSA_OVERRIDE_GFX_VERSION=10.3.0: sudo rdna-installer apply --layer services --service ollama" in said
    )


def test_with_its_own_kernels_it_needs_nothing(tmp_path: Path) -> None:
    ollama(tmp_path, "gfx1030", "gfx1031")
    case = case_of(facts(gpus=(NAVI22,)), BOOK)
    found = find_programs(Sysroot(tmp_path), HOME)
    assert for_programs(case, found) == {}
    assert list(said_of(case, found)) == []


def test_none_that_would_do_is_said(tmp_path: Path) -> None:
    ollama(tmp_path, "gfx942")
    (said,) = said_of(case_of(facts(gpus=(NAVI22,)), BOOK), find_programs(Sysroot(tmp_path), HOME))
    assert "neither for" in said


CYCLES = ("kernel_gfx1030.fatbin.zst", "kernel_gfx1100.fatbin.zst", "kernel_sm_75.cubin.zst", "kernel_rt_gfx.hipfb.zst")
FLATPAK = "app/org.blender.Blender/current/active/files/blender"
STORES = ("/var/lib/containers/storage", "/home/ann/.local/share/containers/storage")
VENDOR = "extensions/backends/vendor/linux-llama-rocm-vendor"


@pytest.mark.parametrize(
    ("program", "library"),
    [
        ("/opt/blender-4.4.3-linux-x64/blender", "/opt/blender-4.4.3-linux-x64/4.4/scripts/addons_core/cycles/lib"),
        ("/home/ann/blender-3.6/blender", "/home/ann/blender-3.6/3.6/scripts/addons/cycles/lib"),
        ("/usr/bin/blender", "/usr/share/blender/4.3/scripts/addons_core/cycles/lib"),
        ("/usr/bin/blender", "/usr/lib64/blender/4.5/scripts/addons_core/cycles/lib"),
        ("/snap/blender/current/blender", "/snap/blender/current/4.2/scripts/addons_core/cycles/lib"),
        (f"/var/lib/flatpak/{FLATPAK}/blender", f"/var/lib/flatpak/{FLATPAK}/4.4/scripts/addons_core/cycles/lib"),
    ],
)
def test_blender_and_the_kernels_of_cycles(tmp_path: Path, program: str, library: str) -> None:
    put(tmp_path, program, "x", 0o755)
    for name in CYCLES:
        put(tmp_path, f"{library}/{name}", "x")
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert (found.name, str(found.path), found.gfx_targets) == ("Blender", program, ("gfx1030", "gfx1100"))
    case = case_of(facts(gpus=(NAVI22,)), BOOK)
    assert for_programs(case, (found,)) == {program: {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}}


@pytest.mark.parametrize("home", [".lmstudio", ".cache/lm-studio"])
@pytest.mark.parametrize("version", ["", "-v3"])
def test_lm_studio_by_its_vendor_folder(tmp_path: Path, home: str, version: str) -> None:
    """With -vN only: a folder without a number would be another thing. The names are of lmstudio-bug-tracker#1502."""
    place = f"/home/ann/{home}/{VENDOR}{version}/rocblas/library"
    for gfx in ("gfx90a", "gfx1102", "gfx1201"):
        put(tmp_path, f"{place}/TensileLibrary_lazy_{gfx}.dat", "x")
    found = find_programs(Sysroot(tmp_path), HOME)
    wanted = [("LM Studio", place, ("gfx90a", "gfx1102", "gfx1201"))] if version else []
    assert [(f.name, str(f.path), f.gfx_targets) for f in found] == wanted


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("layer", ["overlay/{}/diff", "vfs/dir/{}"])
@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("usr/lib/ollama/rocm/rocblas/library", "ollama in a container image"),
        ("usr/lib/ollama/rocblas/library", "ollama in a container image"),
        ("opt/rocm/lib/rocblas/library", "ROCm in a container image"),
    ],
)
def test_layers_of_images_and_whose_they_are(tmp_path: Path, store: str, layer: str, library: str, name: str) -> None:
    """Of the image that has the layer below its own, and of no other; two names of one are two."""
    driver = layer.partition("/")[0]
    images = '[{"id":"a","names":["d.io/a:1","d.io/a:2"],"layer":"top"},{"id":"b","names":["d.io/b:1"],"layer":"x"},{}]'
    put(tmp_path, f"{store}/{driver}-images/images.json", images)
    put(tmp_path, f"{store}/{driver}-layers/layers.json", '[{"id":"top","parent":"low"},{"id":"low"},{"id":"x"}]')
    put(tmp_path, f"{store}/{layer.format('low')}/{library}/TensileLibrary_lazy_gfx1030.dat", "x")
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert (found.name, found.gfx_targets, found.images) == (name, ("gfx1030",), ("d.io/a:1", "d.io/a:2"))
    assert store in str(found.path)


CYCLES_LIB = "4.4/scripts/addons_core/cycles/lib/kernel_gfx1030.fatbin"
BACKENDS = "/home/ann/.lmstudio/extensions/backends"
LOOK_ALIKES = {
    "cycles' kernels without a Blender": f"/home/ann/backup/{CYCLES_LIB}.zst",
    "a Blender that is a folder of files": f"/home/ann/blender-files/{CYCLES_LIB}",
    "LM Studio's processor backend": f"{BACKENDS}/llama.cpp-linux-x86_64-avx2-1.50.2/libggml.so",
    "LM Studio's Vulkan": f"{BACKENDS}/vendor/linux-llama-vulkan-vendor-v1/x.so",
    "a layer without kernels": "/var/lib/containers/storage/overlay/x/diff/usr/bin/ollama",
    "a container's own layer of logs": "/var/lib/containers/storage/overlay/x/diff/srv/.ollama/logs/rocblas/library/x",
    "another's home": "/home/bob/ollama/bin/ollama",
    "the model store": "/usr/share/ollama/.ollama/models/blobs/sha256-x",
    "a client's configuration": "/home/ann/.ollama/history",
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_only_looks_like_one(tmp_path: Path, name: str) -> None:
    put(tmp_path, LOOK_ALIKES[name], "x")
    assert find_programs(Sysroot(tmp_path), HOME) == ()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', '[{"id": [], "layer": [], "names": 3, "parent": {}}]',
                                  '[{"id": "l", "parent": "l", "names": ["n"], "layer": "l"}]'])  # fmt: skip
def test_lists_of_a_store_that_are_none(tmp_path: Path, text: str) -> None:
    put(tmp_path, f"{STORES[0]}/overlay/l/diff/opt/rocm/lib/rocblas/library/TensileLibrary_lazy_gfx1030.dat", "x")
    for name in ("images/images", "layers/layers"):
        put(tmp_path, f"{STORES[0]}/overlay-{name}.json", text)
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert found.images == (("n",) if 'names": [' in text else ())


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        ('["/srv/gpu/bin/python", "-m", "ipykernel_launcher"]', ["/srv/gpu"]),
        ('[ "/srv/gpu/bin/python3.12",\n "-m"]', ["/srv/gpu"]),
        ('["python", "-m", "ipykernel_launcher"]', []),  # that of who opens the server
        ('["/usr/bin/R", "--slave"]', []),
        ('["bash", "/srv/gpu/bin/python"]', []),
    ],
)
def test_a_kernelspec_names_its_python(tmp_path: Path, argv: str, named: list[str]) -> None:
    """Its kernels are those of that environment's torch, wherever it lies."""
    put(
        tmp_path, "/home/ann/.local/share/jupyter/kernels/rocm/kernel.json", f'{{"argv": {argv}, "language": "python"}}'
    )
    assert [*PlaceSearch(Sysroot(tmp_path)).below_home(HOME)] == named
