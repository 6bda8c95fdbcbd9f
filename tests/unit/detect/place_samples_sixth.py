# ruff: noqa: E501 - tables of texts, a case a line
"""Whether the fifth set's mending carried over: written and committed before one run.

Rows as in place_samples_fresh. Labels are by the readers' own sources: systemd.unit(5)'s specifiers, podman-generate-systemd(1),
VS Code's terminal profiles, jupyter_client's argv, direnv(1), conda's activate.d, make's and just's manuals, tox's set_env,
hatch's env-vars, dinit-service(5), execline's export, start-stop-daemon(8), bash(1), fish's set, zsh's parameters,
sshd(8) on ~/.ssh/rc, compose's --env-file.

Run once before anything was mended for them: 5 of 20 places were named and 10 of 11 look-alikes left alone. They too were
sought where the readers were known not to look.
"""

from __future__ import annotations

PYTHON = "[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"
Rows = dict[str, tuple[dict[str, str], tuple[str, ...]]]

SIXTH: Rows = {
    "envfile-in-the-configuration": (
        {
            "~/.config/systemd/user/c.service": PYTHON + "EnvironmentFile=%E/comfy.env\n",
            "~/.config/comfy.env": "K=10.3.0\n",
        },
        ("~/.config/comfy.env:1=10.3.0",),
    ),
    "envfile-named-like-the-unit": (
        {
            "/etc/systemd/system/comfy.service": PYTHON + "EnvironmentFile=-/etc/default/%p\n",
            "/etc/default/comfy": "K=10.3.0\n",
        },
        ("/etc/default/comfy:1=10.3.0",),
    ),
    "unit-runs-a-container": (
        {
            "~/.config/systemd/user/container-o.service": "[Service]\nExecStart=/usr/bin/podman run \\\n  --rm --device /dev/kfd \\\n  --env K=10.3.0 ollama/ollama:rocm\n"
        },
        ("~/.config/systemd/user/container-o.service:2=10.3.0|~/.config/systemd/user/container-o.service:4=10.3.0",),
    ),
    "vscode-terminal-profile": (
        {
            "~/.config/Code/User/settings.json": '{\n "terminal.integrated.profiles.linux": {\n  "rocm": {\n   "path": "bash",\n   "env": {"K": "10.3.0"}\n  }\n }\n}\n'
        },
        ("~/.config/Code/User/settings.json:5=10.3.0",),
    ),
    "kernel-argv": (
        {
            "~/.local/share/jupyter/kernels/r/kernel.json": '{\n "argv": [\n  "env",\n  "K=10.3.0",\n  "python", "-m", "ipykernel_launcher", "-f", "{connection_file}"\n ]\n}\n'
        },
        ("~/.local/share/jupyter/kernels/r/kernel.json:4=10.3.0",),
    ),
    "direnv-deeper": ({"~/src/ComfyUI/.envrc": "export K=10.3.0\n"}, ("~/src/ComfyUI/.envrc:1=10.3.0",)),
    "direnv-source-env": (
        {"~/ComfyUI/.envrc": "source_env ../gpu.envrc\n", "~/gpu.envrc": "export K=10.3.0\n"},
        ("~/gpu.envrc:1=10.3.0",),
    ),
    "conda-activate-fish": (
        {"~/venv/etc/conda/activate.d/rocm.fish": "set -gx K 10.3.0\n"},
        ("~/venv/etc/conda/activate.d/rocm.fish:1=10.3.0",),
    ),
    "make-exported-later": (
        {"~/ComfyUI/Makefile": "K ?= 10.3.0\nexport K\nrun:\n\tpython main.py\n"},
        ("~/ComfyUI/Makefile:1=10.3.0",),
    ),
    "just-exports-all": (
        {"~/ComfyUI/justfile": 'set export\n\nK := "10.3.0"\n\nrun:\n    python main.py\n'},
        ("~/ComfyUI/justfile:3=10.3.0",),
    ),
    "tox": (
        {"~/ComfyUI/tox.ini": "[testenv]\nsetenv =\n    A = 1\n    K = 10.3.0\ncommands = pytest\n"},
        ("~/ComfyUI/tox.ini:4=10.3.0",),
    ),
    "hatch": (
        {"~/ComfyUI/pyproject.toml": '[tool.hatch.envs.default.env-vars]\nK = "10.3.0"\n'},
        ("~/ComfyUI/pyproject.toml:2=10.3.0",),
    ),
    "old-doom": ({"~/.doom.d/config.el": '(setenv "K" "10.3.0")\n'}, ("~/.doom.d/config.el:1=10.3.0",)),
    "dinit": (
        {
            "/etc/dinit.d/ollama": "type = process\ncommand = /usr/bin/ollama serve\nenv-file = /etc/dinit.d/config/ollama.env\n",
            "/etc/dinit.d/config/ollama.env": "K=10.3.0\n",
        },
        ("/etc/dinit.d/config/ollama.env:1=10.3.0",),
    ),
    "s6": (
        {"/etc/s6/sv/ollama/run": "#!/bin/execlineb -P\nfdmove -c 2 1\nexport K 10.3.0\nollama serve\n"},
        ("/etc/s6/sv/ollama/run:3=10.3.0",),
    ),
    "openrc-arguments": (
        {
            "/etc/init.d/ollama": '#!/sbin/openrc-run\ncommand=/usr/bin/ollama\nstart_stop_daemon_args="--env K=10.3.0"\n'
        },
        ("/etc/init.d/ollama:3=10.3.0",),
    ),
    "readonly-then-export": ({"~/.bashrc": "readonly K=10.3.0\nexport K\n"}, ("~/.bashrc:1=10.3.0",)),
    "fish-unless-set": (
        {"~/.config/fish/conf.d/rocm.fish": "set -q K; or set -gx K 10.3.0\n"},
        ("~/.config/fish/conf.d/rocm.fish:1=10.3.0",),
    ),
    "zsh-where-a-command-is": (
        {"~/.zshrc": "if (( $+commands[rocminfo] )); then\n  export K=10.3.0\nfi\n"},
        ("~/.zshrc:2=10.3.0",),
    ),
    "config-map": (
        {"~/k8s/ollama.yaml": 'kind: ConfigMap\nmetadata:\n  name: ollama-env\ndata:\n  K: "10.3.0"\n'},
        ("~/k8s/ollama.yaml:5=10.3.0",),
    ),
    # Look-alikes
    "no-ssh-rc": ({"~/.ssh/rc": "export K=10.3.0\n"}, ()),
    "no-after-allexport": ({"~/.bashrc": "set -a\nA=1\nset +a\nK=10.3.0\n"}, ()),
    "no-unset-between": ({"~/.bashrc": "export K=9.0.0\nunset K\nK=10.3.0\n"}, ()),
    "no-declare-plus": ({"~/.bashrc": "export K=10.3.0\ndeclare +x K\n"}, ()),
    "no-env-file-of-compose": (
        {"~/bin/up": "#!/bin/sh\nexec docker compose --env-file ~/.gpu.env up\n", "~/.gpu.env": "K=10.3.0\n"},
        (),
    ),
    "no-module-that-is-not-imported": (
        {
            "/etc/nixos/configuration.nix": "{\n  imports = [\n    # ./old/gpu.nix\n  ];\n}\n",
            "/etc/nixos/old/gpu.nix": '{\n  environment.variables.K = "10.3.0";\n}\n',
        },
        (),
    ),
    "no-notebook-comment": (
        {"~/a.ipynb": '{"cells": [{\n "cell_type": "code",\n "source": [\n  "# %env K=10.3.0\\n"\n ]\n}]}\n'},
        (),
    ),
    "no-tox-passenv": (
        {"~/ComfyUI/tox.ini": "[testenv]\npassenv = K\ncommands =\n    python -c 'print(\"K=10.3.0\")'\n"},
        (),
    ),
    "no-windows-profile": (
        {
            "~/.config/Code/User/settings.json": '{"terminal.integrated.profiles.windows": {"a": {"path": "cmd", "env": {"K": "10.3.0"}}}}\n'
        },
        (),
    ),
    "no-generator-comment": ({"/etc/systemd/user-environment-generators/90-rocm": "#!/bin/sh\n# echo K=10.3.0\n"}, ()),
    "no-envfile-of-another-section": (
        {"/etc/systemd/system/c.service": "[Unit]\nEnvironmentFile=/etc/c.env\n" + PYTHON, "/etc/c.env": "K=10.3.0\n"},
        (),
    ),
}
