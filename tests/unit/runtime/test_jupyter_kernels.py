"""Whether the hook reaches a real kernel of Jupyter, whoever starts it, and what wins over it.

jupyter_client and ipykernel come from the package index, into a venv: ``RDNA_TEST_LONG=1`` tries it, half a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from effort import LONG
from hook_venv import VARIABLES, Python

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not LONG, reason="real kernels of Jupyter were not tried: RDNA_TEST_LONG=1 tries them"),
]

# KERNEL: starts it as a notebook's server does, and prints what it has.
ASK = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name=sys.argv[1], startup_timeout=300)
said = []
code = "import json, os; print(json.dumps(dict(os.environ)))"
client.execute_interactive(code, output_hook=lambda m: said.append(m["content"].get("text", "")), timeout=300)
client.stop_channels()
manager.shutdown_kernel(now=True)
print("".join(said))
"""
KEY = "HSA_OVERRIDE_GFX_VERSION"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Python:
    folder = tmp_path_factory.mktemp("jupyter")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=600)
    pip = [folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "jupyter_client", "ipykernel"], capture_output=True, check=False, timeout=1200)
    if done.returncode != 0:
        pytest.skip(f"ipykernel could not be installed, its kernels were not tried: {done.stderr.decode()[-200:]}")
    version = "{}.{}".format(*sys.version_info)
    python = Python(folder / "bin/python", folder / f"lib/python{version}/site-packages", version)
    python.install()
    return python


def kernel(python: Python, home: Path, name: str = "python3", **env: str) -> dict[str, str]:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(home), **env}
    done = subprocess.run(
        [python.executable, "-c", ASK, name], env=clean, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_the_venvs_own_kernel_has_it(notebook: Python, tmp_path: Path) -> None:
    assert VARIABLES.items() <= kernel(notebook, tmp_path).items()


def test_what_the_server_has_wins(notebook: Python, tmp_path: Path) -> None:
    assert kernel(notebook, tmp_path, **{KEY: "11.0.0"})[KEY] == "11.0.0"


def write_spec(python: Python, home: Path, **more: object) -> None:
    spec = home / ".local/share/jupyter/kernels/mine/kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(python.executable), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "m", "language": "python", **more}))


def test_what_a_kernelspec_sets_wins(notebook: Python, tmp_path: Path) -> None:
    write_spec(notebook, tmp_path, env={KEY: "11.0.0"})
    found = kernel(notebook, tmp_path, "mine")
    assert found[KEY] == "11.0.0" and found["MIOPEN_FIND_MODE"] == VARIABLES["MIOPEN_FIND_MODE"]


def test_a_kernel_that_another_python_starts_has_it(notebook: Python, tmp_path: Path) -> None:
    """The server's own Python has no hook: the kernel's has."""
    write_spec(notebook, tmp_path)
    code = f"import sys; sys.path.insert(0, {str(notebook.site_packages)!r})\n{ASK}"
    argv = [sys.executable, "-I", "-S", "-c", code, "mine"]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done
    assert VARIABLES.items() <= json.loads(done.stdout).items()


def test_without_the_hook_it_has_nothing(notebook: Python, tmp_path: Path) -> None:
    notebook.remove()
    try:
        assert KEY not in kernel(notebook, tmp_path)
    finally:
        notebook.install()
