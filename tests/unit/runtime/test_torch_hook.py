"""What the hook does when torch is imported: a stand-in torch, and a stand-in conv package that says it was called."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

STAND_IN_TORCH = {
    "torch/__init__.py": "from . import version\nfrom . import nn\nBODY_HAS_RUN = True\n",
    "torch/version.py": "hip = '6.2'\n",
    "torch/nn/__init__.py": "from . import functional\n",
    "torch/nn/functional.py": "",
}
STAND_IN_CONV = """
STRATEGIES = ("native", "no-miopen", "gemm", "cpu")
calls = []

def activate(strategy, *, memory_fraction=None, cap_bytes=None, explain=None):
    import torch
    assert torch.BODY_HAS_RUN
    calls.append([strategy, memory_fraction])
    explain("activated")

def current():
    return {"strategy": calls[-1][0] if calls else "native"}
"""
CALLS = """
import json, sys
conv = sys.modules.get("_rdna_hook.conv")
print(json.dumps([conv and conv.calls, [m for m in sys.meta_path if getattr(m, "__name__", "") == "_rdna_hook"] != []]))
"""
GEMM = {"RDNA_CONV": "gemm"}
DONE, NOTHING, WAITING = [[["gemm", None]], False], [None, False], [None, True]


@pytest.fixture
def torch_python(bare):
    """A venv with the hook for `gemm`, the stand-in torch beside it."""
    bare.remove()
    bare.install(GEMM)
    (bare.site_packages / "_rdna_hook/conv/__init__.py").write_text(STAND_IN_CONV)
    write(bare.site_packages, STAND_IN_TORCH)
    return bare


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def calls(python, code: str, *flags: str, env: dict[str, str] | None = None, err: str = "") -> object:
    ran = python.run(*flags, "-c", code + CALLS, env=env)
    assert (ran.code, ran.err) == (0, err)
    return json.loads(ran.out)


@pytest.mark.parametrize(
    "code",
    [
        "import torch",
        "import torch.nn",
        "import torch.nn.functional as F",
        "from torch import nn",
        "import importlib; importlib.import_module('torch.nn')",
        "import torch, importlib; importlib.reload(torch)",
        "import importlib.util; assert importlib.util.find_spec('torch').origin.endswith('__init__.py'); import torch",
        "import threading as t; ts = [t.Thread(target=__import__, args=('torch',)) for _ in range(8)]\n"
        "[x.start() for x in ts]; [x.join() for x in ts]",
        "import torch, _rdna_hook, importlib; importlib.reload(_rdna_hook); import json.tool",
    ],
)
def test_acts_once_after_the_body_and_stops_watching(torch_python, code: str) -> None:
    assert calls(torch_python, code) == DONE


def test_nothing_is_loaded_before_torch(torch_python) -> None:
    code = "import sys; print(sorted(n for n in sys.modules if 'rdna' in n)); import json, email, decimal"
    ran = torch_python.run("-c", code)
    assert (ran.out, ran.err) == ("['_rdna_hook']\n", "")
    assert calls(torch_python, "") == WAITING


def test_torch_keeps_its_own_loader(torch_python) -> None:
    code = """
import torch, inspect, pickle, pkgutil
assert type(torch.__loader__).__name__ == type(torch.__spec__.loader).__name__ == "SourceFileLoader"
assert "BODY_HAS_RUN" in inspect.getsource(torch) and pkgutil.get_data("torch", "version.py")
pickle.loads(pickle.dumps(torch.__spec__.name))
"""
    assert calls(torch_python, code) == DONE


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"RDNA_HOOK": "0"}, NOTHING),
        ({"RDNA_CONV": "native"}, NOTHING),
        ({"RDNA_CONV": ""}, [[["gemm", None]], False]),  # empty is no wish
        ({"RDNA_CONV": "cpu"}, [[["cpu", None]], False]),
        ({"RDNA_CONV": "bogus"}, [[["bogus", None]], False]),  # the strategies' own word on it
        ({"RDNA_MEMORY_FRACTION": "0.8"}, [[["gemm", 0.8]], False]),
        ({"RDNA_MEMORY_FRACTION": "0.5", "RDNA_CONV": "native"}, [[["native", 0.5]], False]),
    ],
)
def test_per_process(torch_python, env: dict[str, str], wanted: object) -> None:
    assert calls(torch_python, "import torch", env=env) == wanted


@pytest.mark.parametrize("bad", ["1.5", "0", "-1", "nan", "80%", "a lot"])
def test_a_bad_fraction_is_one_line_and_no_cap(torch_python, bad: str) -> None:
    line = f"rdna-installer: RDNA_MEMORY_FRACTION={bad} is not above 0 and at most 1: no memory cap\n"
    assert calls(torch_python, "import torch", env={"RDNA_MEMORY_FRACTION": bad}, err=line) == DONE


def test_only_in_a_rocm_build_unless_told(torch_python) -> None:
    write(torch_python.site_packages, {"torch/version.py": "hip = None\n"})
    assert calls(torch_python, "import torch") == NOTHING
    assert calls(torch_python, "import torch", env={"RDNA_CONV_ANY": "1"}) == DONE
    told = torch_python.run("-c", "import torch", env={"RDNA_HOOK": "verbose"}).err
    assert "no ROCm build" in told
    write(torch_python.site_packages, {"torch/__init__.py": "BODY_HAS_RUN = True\n"})  # no version at all
    assert calls(torch_python, "import torch") == NOTHING


@pytest.mark.parametrize("flags", [["-I"], ["-E"], ["-s"], ["-O"], ["-W", "error"], ["-X", "dev"]])
def test_with_flags(torch_python, flags: list[str]) -> None:
    assert calls(torch_python, "import torch", *flags) == DONE


def test_a_body_that_raises_raises_and_the_next_try_counts(torch_python) -> None:
    write(
        torch_python.site_packages,
        {"torch/nn/functional.py": "import os\nif 'FAIL' in os.environ: raise OSError('x')\n"},
    )
    code = """
import os
os.environ["FAIL"] = "1"
try:
    import torch
except OSError:
    del os.environ["FAIL"]
import torch
"""
    assert calls(torch_python, code) == DONE


def test_no_torch_is_the_usual_error(torch_python) -> None:
    code = """
import shutil, sys
try:
    import torch
except ImportError as err:
    assert err.name == "torch"
"""
    for name in STAND_IN_TORCH:
        (torch_python.site_packages / name).unlink()
    for folder in ("torch/nn", "torch"):
        for left in (torch_python.site_packages / folder).glob("__pycache__/*"):
            left.unlink()
    env = {"PYTHONDONTWRITEBYTECODE": "1"}
    code = code.replace("import torch\n", "import torch.nothing\n")
    assert calls(torch_python, "import torch\nassert torch.__spec__.origin in (None, 'namespace')", env=env) == WAITING


OTHERS = {
    "one that looks first, as wrapt's does": """
class First:
    busy = False
    def find_spec(self, name, path=None, target=None):
        if name != "torch" or First.busy: return None
        First.busy = True
        import importlib.util
        try: spec = importlib.util.find_spec(name)
        finally: First.busy = False
        loader = spec.loader
        class Chained:
            def __getattr__(self, name): return getattr(loader, name)
            def create_module(self, spec): return None
            def exec_module(self, module): loader.exec_module(module)
        spec.loader = Chained()
        return spec
sys.meta_path.insert(0, First())
""",
    "one that answers for torch without asking anybody": """
from importlib.machinery import PathFinder
class Rude:
    def find_spec(self, name, path=None, target=None):
        return PathFinder.find_spec(name, path, target) if name == "torch" else None
sys.meta_path.insert(0, Rude())
""",
    "one behind us that asks everybody again": """
class Behind:
    busy = False
    def find_spec(self, name, path=None, target=None):
        if name != "torch" or Behind.busy: return None
        Behind.busy = True
        import importlib.util
        try: return importlib.util.find_spec(name)
        finally: Behind.busy = False
sys.meta_path.insert(1, Behind())
""",
    "one that raises": """
class Raises:
    def find_spec(self, name, path=None, target=None):
        if name == "torch": raise ValueError("not mine")
sys.meta_path.append(Raises())
""",
    "a lazy loader": """
import importlib.util
spec = importlib.util.find_spec("torch")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = sys.modules["torch"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import decimal
assert "nn" not in object.__getattribute__(module, "__dict__")
module.nn
""",
}


@pytest.mark.parametrize("other", OTHERS)
def test_beside_other_import_hooks(torch_python, other: str) -> None:
    code = f"import sys\n{OTHERS[other]}\nimport torch\nimport wave, torch.nn\nassert torch.BODY_HAS_RUN\n"
    assert calls(torch_python, code) == DONE


def test_zipped(torch_python, tmp_path: Path) -> None:
    archive = tmp_path / "torch.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in STAND_IN_TORCH.items():
            file.writestr(name, text)
    code = f"import sys; sys.path.insert(0, {str(archive)!r}); import torch; assert 'torch.zip' in torch.__file__\n"
    code += "assert torch.__loader__.get_data(torch.__file__)"
    assert calls(torch_python, code) == DONE


def test_editable(torch_python, tmp_path: Path) -> None:
    """As setuptools and scikit-build-core do it: a finder of their own, put behind all others by another .pth."""
    write(tmp_path, {f"source/{name}": text for name, text in STAND_IN_TORCH.items()})
    finder = f"""
import sys
from importlib.util import spec_from_file_location
class Editable:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name == "torch":
            where = {str(tmp_path / "source/torch")!r}
            return spec_from_file_location(name, where + "/__init__.py", submodule_search_locations=[where])
sys.meta_path.append(Editable)
"""
    for name in STAND_IN_TORCH:
        (torch_python.site_packages / name).unlink()
    (torch_python.site_packages / "__editable__torch.py").write_text(finder)
    try:
        code = "import __editable__torch, torch; assert 'source' in torch.__file__"
        import shutil

        shutil.rmtree(torch_python.site_packages / "torch")
        assert calls(torch_python, code) == DONE
    finally:
        (torch_python.site_packages / "__editable__torch.py").unlink()


CHILDREN = """
import multiprocessing, subprocess, sys

def look(queue):
    import torch
    queue.put(sys.modules["_rdna_hook.conv"].calls)

if __name__ == "__main__":
    if sys.argv[1] == "after":
        import torch
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        child = context.Process(target=look, args=(queue,))
        child.start()
        print(queue.get(timeout=30))
        child.join()
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_children(torch_python, tmp_path: Path, when: str) -> None:
    script = tmp_path / "children.py"
    script.write_text(CHILDREN)
    ran = torch_python.run("-W", "ignore", str(script), when)
    assert (ran.code, ran.err, ran.out) == (0, "", "[['gemm', None]]\n" * 3)


@pytest.mark.parametrize("damage", ["import_hook.py", "conv/__init__.py", "conv"])
def test_half_removed(torch_python, damage: str) -> None:
    """Start-up is silent; the import of torch works, and says that the strategy is not there."""
    import shutil

    target = torch_python.site_packages / "_rdna_hook" / damage
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    quiet = torch_python.run("-c", "print('up')")
    assert (quiet.code, quiet.out, quiet.err) == (0, "up\n", "")
    ran = torch_python.run("-c", "import torch; print(torch.BODY_HAS_RUN)")
    assert (ran.code, ran.out) == (0, "True\n")
    assert len(ran.err.splitlines()) == (0 if damage == "import_hook.py" else 1)


def test_apply_patch_before_torch_without_the_pth(torch_python) -> None:
    (torch_python.site_packages / "rdna_hook.pth").unlink()
    code = "from _rdna_hook import apply_patch; apply_patch(conv='cpu', memory_fraction=0.5); import torch"
    assert calls(torch_python, "import torch") == NOTHING
    assert calls(torch_python, code) == [[["cpu", 0.5]], False]


def test_apply_patch_after_torch(torch_python) -> None:
    code = "import torch; from _rdna_hook import apply_patch; apply_patch(conv='cpu'); apply_patch()"
    assert calls(torch_python, code) == [[["gemm", None], ["cpu", None]], False]
    (torch_python.site_packages / "rdna_hook.pth").unlink()
    assert calls(torch_python, code) == [[["gemm", None], ["cpu", None]], False]
    assert calls(torch_python, "import torch; import _rdna_hook") == DONE
    back = "import torch; from _rdna_hook import apply_patch; apply_patch(conv='native')"
    assert calls(torch_python, back) == [[["gemm", None], ["native", None]], False]


def test_apply_patch_with_a_wrong_name(torch_python) -> None:
    code = "from _rdna_hook import apply_patch; apply_patch(conv='gem'); import torch"
    line = "unknown convolution strategy 'gem' (native, no-miopen, gemm, cpu): PyTorch is left as it is"
    assert calls(torch_python, code, err=f"rdna-installer: {line}\n") == [[], False]
    assert calls(torch_python, code, env={"RDNA_HOOK": "0"}) == NOTHING


def test_verbose_says_what_happens(torch_python) -> None:
    ran = torch_python.run("-c", "import torch", env={"RDNA_HOOK": "verbose"})
    assert ran.err.splitlines() == [
        "rdna-hook 0.1.0 (generation 3): RDNA_CONV set to gemm",
        "rdna-hook 0.1.0 (generation 3): waiting for torch",
        "rdna-installer: activated",
    ]
