"""``setup --for``: folders as the programs' own repositories have them, what speaks against an environment, and what
each is started with.

The lines are those of ComfyUI (requirements.txt of 2026), stable-diffusion-webui and its Forge (webui.sh), InvokeAI
(pyproject.toml, invoke.sh), text-generation-webui (one_click.py of 2025 and 2026), Fooocus and SwarmUI.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import checkouts
from rdna_installer.workflow.checkouts import UseOf

ENV = "/var/lib/rdna-installer/environments/3"
OVERRIDE = "HSA_OVERRIDE_GFX_VERSION=10.3.0"
WEBUI = """#!/usr/bin/env bash
gpu_info=$(lspci 2>/dev/null | grep -E "VGA|Display")
case "$gpu_info" in
    *"Navi 1"*)
        export HSA_OVERRIDE_GFX_VERSION=10.3.0
        if [[ -z "${TORCH_COMMAND}" ]]
        then
            export TORCH_COMMAND="pip install https://download.pytorch.org/whl/nightly/rocm5.2/torch-2.0.0.whl"
        fi
    ;;
    *"Navi 2"*) export HSA_OVERRIDE_GFX_VERSION=10.3.0
    ;;
esac
"""
WEBUI_USER = '#python_cmd="python3"\n#venv_dir="venv"\n#export TORCH_COMMAND="pip install torch==1.12.1+cu113"\n'
OLD_CLICK = '# os.environ["HSA_OVERRIDE_GFX_VERSION"] = \'10.3.0\'\nTORCH_VERSION = "2.6.0"\n'
KERNEL = '{"argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],\n "env": {\n  %s\n }}\n'
# name: its files, the program that is recognised, what it is started with, what overrides, what would replace torch.
SEEN: dict[str, tuple[dict[str, str], str, str, list[str], list[str]]] = {
    "comfyui": (
        {
            "main.py": "", "comfy/model_management.py": "",
            "requirements.txt": "comfyui-frontend-package==1.53.6\ntorch\ntorchsde\ntorchvision\nnumpy>=1.25.0\n",
            "custom_nodes/x/requirements.txt": "--extra-index-url https://download.pytorch.org/whl/cu128\n"
            "https://download.pytorch.org/whl/cu128/torch-2.9.1%2Bcu128-cp312-cp312-linux_x86_64.whl\ntorch-directml\n",
            "run.sh": f"{OVERRIDE} python main.py --use-pytorch-cross-attention\n",
        },
        "ComfyUI", f"{ENV}/bin/python /app/main.py", [f"/app/run.sh:1: {OVERRIDE}"],
        ["/app/requirements.txt:2: torch", "/app/requirements.txt:4: torchvision",
         "/app/custom_nodes/x/requirements.txt:1: --extra-index-url https://download.pytorch.org/whl/cu128",
         "/app/custom_nodes/x/requirements.txt:2: https://download.pytorch.org/whl/cu128/torch-2.9.1%2Bcu128-cp312-cp312-linux_x86_64.whl"],
    ),
    "forge": (
        {
            "webui.sh": WEBUI, "launch.py": "", "webui-user.sh": WEBUI_USER,
            "requirements_versions.txt": "pytorch_lightning==1.9.4\ntomesd==0.1.3\ntorch\ntorchdiffeq==0.2.3\n",
        },
        "stable-diffusion-webui", f"VIRTUAL_ENV={ENV} python_cmd={ENV}/bin/python /app/webui.sh",
        ["/app/webui.sh:8: TORCH_COMMAND=pip install https://download.pytorch.org/whl/nightly/rocm5.2/torch-2.0.0.whl",
         f"/app/webui.sh:5: {OVERRIDE}", f"/app/webui.sh:11: {OVERRIDE}"],
        ["/app/requirements_versions.txt:3: torch"],
    ),
    "webui-with-a-python-of-its-own": (
        {"webui.sh": "", "launch.py": "", "webui-user.sh": f'python_cmd="python3.10"\nexport {OVERRIDE}\n'},
        "stable-diffusion-webui", f"VIRTUAL_ENV={ENV} python_cmd={ENV}/bin/python /app/webui.sh",
        ['/app/webui-user.sh:1: python_cmd="python3.10"', f"/app/webui-user.sh:2: {OVERRIDE}"], [],
    ),
    "invokeai-installed": (
        {"invokeai.yaml": "", "invoke.sh": f". .venv/bin/activate\nexport {OVERRIDE}\ninvokeai-web\n"},
        "InvokeAI", f"{ENV}/bin/invokeai-web --root /app", [f"/app/invoke.sh:2: {OVERRIDE}"], [],
    ),
    "invokeai-cloned": (
        {
            "invokeai/version/invokeai_version.py": "",
            "pyproject.toml": 'dependencies = [\n  "diffusers[torch]",\n  "torch",\n  "timm",\n  "torchvision",\n]\n',
        },
        "InvokeAI", f"{ENV}/bin/invokeai-web", [],
        ['/app/pyproject.toml:3: "torch",', '/app/pyproject.toml:5: "torchvision",'],
    ),
    "textgen-2026": (
        {
            "one_click.py": 'TORCH_VERSION = "2.9.1"\n', "server.py": "", "start_linux.sh": "python one_click.py $@\n",
            "requirements/full/requirements_amd.txt": "accelerate==1.12.*\ntorchao==0.15.*\n",
            "extensions/whisper_stt/requirements.txt": "torch\n",
        },
        "text-generation-webui", f"{ENV}/bin/python /app/server.py", [],
        ["/app/extensions/whisper_stt/requirements.txt:1: torch"],
    ),
    "textgen-2025-as-shipped": (
        {"one_click.py": OLD_CLICK, "server.py": ""},
        "text-generation-webui", f"{ENV}/bin/python /app/server.py", [], [],
    ),
    "textgen-2025-uncommented": (
        {"one_click.py": OLD_CLICK.removeprefix("# "), "server.py": ""},
        "text-generation-webui", f"{ENV}/bin/python /app/server.py", [f"/app/one_click.py:1: {OVERRIDE}"], [],
    ),
    "fooocus": (
        {
            "launch.py": "", "fooocus_version.py": "", "entry_with_update.py": "", "run.sh": f"export {OVERRIDE}\n",
            "requirements_versions.txt": "torchsde==0.2.5\nnumpy==1.23.5\n",
        },
        "Fooocus", f"{ENV}/bin/python /app/entry_with_update.py", [f"/app/run.sh:1: {OVERRIDE}"], [],
    ),
    "swarmui": (
        {
            "launch-linux.sh": "export ASPNETCORE_ENVIRONMENT=Production\n", "src/SwarmUI.csproj": "",
            "my-start.sh": f"{OVERRIDE} ./launch-linux.sh\n", "dlbackend/ComfyUI/requirements.txt": "torch\n",
        },
        "SwarmUI", f"PATH={ENV}/bin:$PATH /app/launch-linux.sh", [f"/app/my-start.sh:1: {OVERRIDE}"],
        ["/app/dlbackend/ComfyUI/requirements.txt:1: torch"],
    ),
    "jupyter-environment": (
        {"pyvenv.cfg": "", "bin/jupyter": "", "share/jupyter/kernels/python3/kernel.json": KERNEL % ""},
        "Jupyter", f"{ENV}/bin/python -m ipykernel install --prefix /app --name rdna", [], [],
    ),
    "jupyter-of-a-user": (
        {"kernels/torch/kernel.json": KERNEL % '"HSA_OVERRIDE_GFX_VERSION": "10.3.0"', "runtime/x.json": ""},
        "Jupyter", f"{ENV}/bin/python -m ipykernel install --user --name rdna",
        [f"/app/kernels/torch/kernel.json:3: {OVERRIDE}"], [],
    ),
}  # fmt: skip


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(checkouts, "in_force", lambda _: SimpleNamespace(prefix=PurePosixPath(ENV), there=True))

    def use(files: dict[str, str], folder: str = "/app") -> UseOf:
        for name, text in files.items():
            path = tmp_path / folder[1:] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        before = tree(tmp_path)
        found = checkouts.use_of(Sysroot(tmp_path), folder, SimpleNamespace(store=None, is_system=False))  # type: ignore[arg-type]
        assert tree(tmp_path) == before
        return found

    return use


def tree(folder: Path) -> list[tuple[str, float]]:
    """Nothing of it may be edited."""
    return sorted((str(path), os.lstat(path).st_mtime_ns) for path in folder.rglob("*"))


@pytest.mark.parametrize("case", SEEN)
def test_what_speaks_against_it(case: str, used: object) -> None:
    files, name, start, overriding, replacing = SEEN[case]
    found = used(files)  # type: ignore[operator]
    assert (found.name, found.start) == (name, start)
    assert (list(found.overriding), list(found.replacing)) == (overriding, replacing)
    assert found.says.endswith(".") or "/bin/python" in found.says
    assert "{" not in found.start + found.says


def test_a_folder_with_a_space(used: object) -> None:
    found = used({"main.py": "", "comfy/model_management.py": ""}, "/home/my apps/ComfyUI")  # type: ignore[operator]
    assert found.start == f"{ENV}/bin/python '/home/my apps/ComfyUI'/main.py"
    assert found.says.endswith(f"{ENV}/bin/python -m pip install -r '/home/my apps/ComfyUI'/requirements.txt")


def test_what_is_none_of_them(used: object) -> None:
    with pytest.raises(RdnaError) as caught:
        used({"main.py": "", "README.md": "# a program"})  # type: ignore[operator]
    assert caught.value.reference == "not-a-checkout"
    assert all(f" {name}" in f" {caught.value.message}" for name in ("ComfyUI", "Fooocus", "SwarmUI"))
