"""Places, overrides and layouts nobody had written down: each with the answer an expert gives, end to end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli
from situations import OVERRIDE, STOCK64
from user_machines import VENV, Card, Wheel, build

pytestmark = pytest.mark.processes  # modinfo
XTX = Card(110000, 0x744C)
BIG = Card(100300, 0x73BF)
SMALL = Card(100302, 0x73FF)
R9070 = Card(120001, 0x7550)
CUDA = Wheel("2.13.0+cu130", (), more="cuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n")
CONDA_CPU = Wheel("2.5.1", (), more="cuda = None\n")


@dataclass(frozen=True)
class Place:
    """A machine whose only torch is moved to ``to``. ``named``: where a value is that must be named, and how."""

    card: Card
    wheel: Wheel
    verdict: str
    to: str = VENV
    files: dict[str, str] = field(default_factory=dict)
    kind: str = "rocm"
    named: tuple[str, ...] = ()
    answer: str = ""
    broken: tuple[str, ...] = ()
    change: Callable[[Path], object] = lambda site: None


def conda(prefix: Path) -> None:
    (prefix / "pyvenv.cfg").unlink()
    (prefix / "conda-meta").mkdir(exist_ok=True)


def only_cpu(prefix: Path) -> None:
    conda(prefix)
    library = prefix / "lib/python3.11/site-packages/torch/lib"
    library.mkdir()
    (library / "libtorch_cpu.so").write_bytes(b"\x7fELF")


def own_python(prefix: Path) -> None:
    """A Python of its own, as images for containers have it."""
    (prefix / "pyvenv.cfg").unlink()
    (prefix / "bin/python").rename(prefix / "bin/python3.11")
    for name in ("python3", "python"):
        (prefix / "bin" / name).symlink_to("python3.11")


def leftover(prefix: Path) -> None:
    (prefix / "lib/python3.11/site-packages/torch-2.9.1+rocm6.4.dist-info").mkdir()


def linked(prefix: Path) -> None:
    """pyenv-virtualenv: the environment lies in its version's envs/, and versions/ has a link to it."""
    link = prefix.parents[2] / prefix.name
    link.symlink_to(f"3.11.9/envs/{prefix.name}")


def miopen_of_the_system(prefix: Path) -> None:
    lib = prefix / "lib/python3.11/site-packages/torch/lib"
    (lib / "libMIOpen.so").symlink_to("/opt/rocm-7.0.2/lib/libMIOpen.so.1")


HOME = "home/sam"
PLACES = {
    "pipx": Place(BIG, STOCK64, "native", f"{HOME}/.local/share/pipx/venvs/invokeai"),
    "uv-tool-cuda": Place(BIG, CUDA, "unusable", f"{HOME}/.local/share/uv/tools/comfy-cli", kind="cuda"),
    "conda-cpu": Place(BIG, CONDA_CPU, "unusable", f"{HOME}/anaconda3/envs/sd", kind="cpu", change=only_cpu),
    "pyenv-virtualenv": Place(BIG, STOCK64, "native", f"{HOME}/.pyenv/versions/3.11.9/envs/comfy", change=linked),
    "krita": Place(BIG, STOCK64, "native", f"{HOME}/.local/share/krita/ai_diffusion/server/venv"),
    "stability-matrix": Place(
        BIG, STOCK64, "native", f"{HOME}/Applications/StabilityMatrix/Data/Packages/ComfyUI/venv"
    ),
    "pixi": Place(BIG, STOCK64, "native", f"{HOME}/diffusion/.pixi/envs/default", change=conda),
    "srv": Place(BIG, STOCK64, "native", "srv/comfyui/venv"),
    "usr-local": Place(BIG, STOCK64, "native", "usr/local/share/ai/venv"),
    "media": Place(BIG, STOCK64, "native", "media/sam/disk/ComfyUI/venv"),
    "mnt": Place(BIG, STOCK64, "native", "mnt/ssd/ai/ComfyUI/venv"),
    "hatch-in-project": Place(BIG, STOCK64, "native", f"{HOME}/src/tool/.hatch/tool"),
    "direnv": Place(
        XTX, STOCK64, "native", f"{HOME}/ComfyUI/venv",
        {f"{HOME}/ComfyUI/.envrc": f"export {OVERRIDE}=10.3.0\n"}, named=("ComfyUI/.envrc:1",), answer="harmful",
    ),
    "start-script": Place(
        XTX, STOCK64, "native", f"{HOME}/ComfyUI/venv",
        {f"{HOME}/ComfyUI/start.sh": f"#!/bin/sh\nexport {OVERRIDE}=10.3.0\nexec venv/bin/python main.py\n"},
        named=("ComfyUI/start.sh:2",), answer="harmful",
    ),
    "right-in-activate": Place(
        SMALL, STOCK64, "works", f"{HOME}/ComfyUI/venv",
        {f"{HOME}/ComfyUI/venv/bin/activate": f"export {OVERRIDE}=10.3.0\n"}, answer="right",
    ),
    "python-image": Place(BIG, STOCK64, "native", "usr/local", change=own_python),
    "activate-of-the-venv": Place(
        XTX, STOCK64, "native", f"{HOME}/ComfyUI/venv",
        {f"{HOME}/ComfyUI/venv/bin/activate": f"# This file must be used\nexport {OVERRIDE}=10.3.0\n"},
        named=("ComfyUI/venv/bin/activate:2",), answer="harmful",
    ),
    "activate-d-of-conda": Place(
        XTX, STOCK64, "native", f"{HOME}/miniforge3/envs/llm",
        {f"{HOME}/miniforge3/envs/llm/etc/conda/activate.d/env_vars.sh": f"export {OVERRIDE}=10.3.0\n"},
        named=("activate.d/env_vars.sh:1",), answer="harmful", change=conda,
    ),
    "conda-env-config-vars": Place(
        XTX, STOCK64, "native", f"{HOME}/miniforge3/envs/llm",
        {f"{HOME}/miniforge3/envs/llm/conda-meta/state": f'{{"env_vars": {{"A": "1", "{OVERRIDE}": "10.3.0"}}}}'},
        named=("envs/llm/conda-meta/state:1",), answer="harmful", change=conda,
    ),
    "webui-user.sh": Place(
        BIG, STOCK64, "native", f"{HOME}/stable-diffusion-webui/venv",
        {f"{HOME}/stable-diffusion-webui/webui-user.sh": f"#!/bin/bash\nexport {OVERRIDE}=11.0.0\n"},
        named=("stable-diffusion-webui/webui-user.sh:2",), answer="harmful",
    ),
    "user-unit": Place(
        XTX, STOCK64, "native", f"{HOME}/ComfyUI/.venv",
        {f"{HOME}/.config/systemd/user/comfyui.service.d/gpu.conf": f"[Service]\nEnvironment={OVERRIDE}=10.3.0\n"},
        named=("systemd/user/comfyui.service.d/gpu.conf:2",), answer="harmful",
    ),
    "leftover-dist-info": Place(BIG, CUDA, "unusable", kind="cuda", change=leftover),
    "miopen-of-the-system": Place(BIG, STOCK64, "native", broken=("libMIOpen.so",), change=miopen_of_the_system),
    "quoted-in-environment": Place(
        SMALL, STOCK64, "works", files={"etc/environment": f'{OVERRIDE}="10.3.0"\n'}, answer="right"
    ),
    "plasma-env": Place(
        R9070, STOCK64, "native",
        files={f"{HOME}/.config/plasma-workspace/env/rocm.sh": f"export {OVERRIDE}=12.0.0\n"},
        named=("plasma-workspace/env/rocm.sh:1",), answer="harmful",
    ),
}  # fmt: skip


def machine(found: Place, tmp_path: Path) -> Path:
    root = build(tmp_path / "root", (found.card,), found.wheel, "6.12.48-amd64", None)
    if found.to != VENV:
        (root / found.to).parent.mkdir(parents=True)
        shutil.move(root / VENV, root / found.to)
    for path, text in found.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found.change(root / found.to)
    return root


@pytest.mark.parametrize("name", PLACES)
def test_what_an_expert_says(name: str, tmp_path: Path, cli: Cli) -> None:
    found = PLACES[name]
    root = ("--root", str(machine(found, tmp_path)))

    torch: list[dict[str, Any]] = json.loads(cli("detect", "--json", *root).out)["torch"]
    assert [(t["python"].removesuffix("3"), t["kind"]) for t in torch] == [(f"/{found.to}/bin/python", found.kind)]

    plan = json.loads(cli("plan", "--json", *root).out)
    assert plan["verdict"] == found.verdict
    assert len(plan["sites"]) == 1
    said = [*(f"{c['source']} {c['hint']}" for c in plan["conflicts"]), *plan["warnings"]]
    for place in found.named:
        assert any(place in text for text in said), f"plan says nothing of {place}"
        assert any(place in text for text in (cli("env", *root).err.replace("\n      ", " "),))
    if found.answer == "right":
        assert not [text for text in said if OVERRIDE in text]

    done = cli("verify", "--json", "--python", f"/{found.to}", *root)
    bad = [c for c in json.loads(done.out)["checks"] if c["status"] in ("mismatch", "failed")]
    assert bool([c for c in bad if c["id"].startswith("user-env:")]) is (found.answer == "harmful")
    assert [c["id"].split(":")[1] for c in bad if c["id"].startswith("library:")] == list(found.broken)
    assert done.code == (4 if bad else 0)
