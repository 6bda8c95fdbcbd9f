# ruff: noqa: E501 - tables of texts, a case a line
"""Set E: a second, smaller set like place_samples_wild, written after that one's misses were mended; before one run.

Its writer knew the tables by then. Spellings of public repositories (a fish file for two systems, `env.setdefault`, a
recipe that runs docker, the loop over ~/.{path,exports}, notebooks' startup commands), and by the readers' own manuals:
fish's language, CPython, zsh(1), bash(1), systemd.unit(5), systemd.exec(5), environment.d(5), podman-systemd.unit(5),
compose's merges, vscode-jupyter's runStartupCommands, the Desktop Entry specification, riverctl(1), awesome's
awful.spawn, crontab(5), nushell's with-env, cargo's [env], CMake's presets, pixi's features, conda's env_vars.d,
flatpak-run(1), sudoers(5), doas.conf(5), Neovim's lua guide, GNU make, npm's package.json.

Run once before anything was mended for it: 19 of 28 places named with line, key and value; 4 of 18 look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

SECOND_WILD: Rows = {
    "fish-of-two-systems": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "if test (uname) = Darwin\n    set -gx HIP_VISIBLE_DEVICES 1\nelse\n    # Linux\n    set -gx § 10.3.0\nend\n",
        },
        (s("~/.config/fish/config.fish:5", "sam's fish"),),
    ),
    "setdefault-of-a-copy": (
        {
            "~/halo/serve.py": "import os\nimport subprocess\n\nenv = os.environ.copy()\nenv.setdefault('§', '11.5.1')\nenv.setdefault(\"HIP_VISIBLE_DEVICES\", \"0\")\nsubprocess.Popen(['llama-server'], env=env)\n"
        },
        (
            s("~/halo/serve.py:5", "llama-server", "11.5.1"),
            s("~/halo/serve.py:6", "llama-server", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "start-with-a-find-mode": (
        {
            "~/github/KoeRelay/start.sh": '#!/usr/bin/env bash\ncd "$(dirname "$0")"\nexport MIOPEN_FIND_MODE=FAST\nexec .venv/bin/python app.py\n'
        },
        (s("~/github/KoeRelay/start.sh:3", "KoeRelay", "FAST", "MIOPEN_FIND_MODE"),),
    ),
    "alias-after-an-activation": (
        {
            "~/.bash_aliases": "alias a11='mamba activate a11; §=10.3.0 ~/stable-diffusion-webui/webui.sh; mamba deactivate'\n",
            "~/.bashrc": ". ~/.bash_aliases\n",
        },
        (s("~/.bash_aliases:1", "sam, who runs a11"),),
    ),
    "function-in-a-subshell": (
        {"~/.bashrc": 'comfy() {\n  (cd ~/ComfyUI && §=10.3.0 .venv/bin/python main.py "$@")\n}\n'},
        (s("~/.bashrc:2", "sam, who runs comfy"),),
    ),
    "loop-with-braces": (
        {
            "~/.bash_profile": 'for file in ~/.{path,bash_prompt,exports,aliases}; do\n\t[ -r "$file" ] && [ -f "$file" ] && source "$file"\ndone\nunset file\n',
            "~/.exports": "export EDITOR=vim\nexport §=10.3.0\n",
        },
        (s("~/.exports:2", "sam's login bash"),),
    ),
    "zshrc-local": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": "[[ -f ~/.zshrc.local ]] && source ~/.zshrc.local\n",
            "~/.zshrc.local": "export §=10.3.0\n",
        },
        (s("~/.zshrc.local:1", "sam's zsh"),),
    ),
    "zsh-where-rocm-is": (
        {"/etc/passwd": ZSH, "~/.zshrc": "(( $+commands[rocminfo] )) && export §=10.3.0\n"},
        (s("~/.zshrc:1", "sam's zsh"),),
    ),
    "profile-reads-a-vendor's": (
        {
            "/etc/profile.d/rocm.sh": "[ -r /opt/rocm-custom/env.sh ] && . /opt/rocm-custom/env.sh\n",
            "/opt/rocm-custom/env.sh": "export ROCM_HOME=/opt/rocm-custom\nexport §=10.3.0\n",
        },
        (s("/opt/rocm-custom/env.sh:2", "login shells"),),
    ),
    "wrapper-that-is-another-name": (
        {"~/.local/bin/blender": '#!/bin/bash\n§=10.3.0 exec -a blender /opt/blender/blender "$@"\n'},
        (s("~/.local/bin/blender:2", "Blender"),),
    ),
    "docker-by-a-variable": (
        {
            "~/bin/run-vllm": '#!/bin/bash\nGFX=11.0.0\nexec docker run --rm -it \\\n  --device /dev/kfd \\\n  -e §="$GFX" \\\n  rocm/vllm:latest\n'
        },
        (s("~/bin/run-vllm:5|~/bin/run-vllm:3", "the container", "11.0.0"),),
    ),
    "recipe-that-runs-docker": (
        {
            "~/src/rag/Makefile": "up-vllm-small:\n\tdocker run --rm -it \\\n    --name vllm-test \\\n    -e §=11.0.0 \\\n    --device /dev/kfd --device /dev/dri \\\n    rocm/vllm\n"
        },
        (s("~/src/rag/Makefile:4|~/src/rag/Makefile:2", "the container", "11.0.0"),),
    ),
    "drop-in-of-a-user's-unit": (
        {
            "~/.config/systemd/user/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "~/.config/systemd/user/ollama.service.d/gfx.conf": '[Service]\nEnvironment="A=b" "§=10.3.0"\n',
        },
        (s("~/.config/systemd/user/ollama.service.d/gfx.conf:2", "ollama.service of sam"),),
    ),
    "envfile-of-an-instance-in-a-home": (
        {
            "~/.config/systemd/user/comfy@.service": "[Service]\nExecStart=/usr/bin/comfy\nEnvironmentFile=%h/.config/comfy/%i.env\n",
            "~/.config/systemd/user/default.target.wants/comfy@gpu0.service": "->../comfy@.service",
            "~/.config/comfy/gpu0.env": "§=10.3.0\n",
            "~/.config/comfy/gpu1.env": "§=11.0.0\n",
        },
        (s("~/.config/comfy/gpu0.env:1", "comfy@gpu0.service of sam"),),
    ),
    "envfile-of-a-quadlet-in-a-home": (
        {
            "~/.config/containers/systemd/vllm.container": "[Container]\nImage=rocm/vllm\nEnvironmentFile=%h/ai/rocm.env\n",
            "~/ai/rocm.env": "§=10.3.0\n",
        },
        (s("~/ai/rocm.env:1", "vllm"),),
    ),
    "environment.d-by-another-file": (
        {"~/.config/environment.d/10-gfx.conf": "GFX=10.3.0\n", "~/.config/environment.d/20-rocm.conf": "§=$GFX\n"},
        (s("~/.config/environment.d/20-rocm.conf:1", "sam's user services"),),
    ),
    "compose-own-over-merged": (
        {
            "~/ai/compose.yaml": 'x-base: &base\n  §: "10.1.0"\nservices:\n  c:\n    image: c\n    environment:\n      <<: *base\n      §: "10.3.0"\n'
        },
        (s("~/ai/compose.yaml:8", "c", wins="line 2"),),
    ),
    "notebooks-startup-command": (
        {"~/.config/Code/User/settings.json": '{\n  "jupyter.runStartupCommands": [\n    "%env §=10.3.0"\n  ]\n}\n'},
        (s("~/.config/Code/User/settings.json:3", "notebooks in the editor"),),
    ),
    "entry-by-a-shell": (
        {
            "~/.local/share/applications/blender.desktop": '[Desktop Entry]\nType=Application\nName=Blender\nExec=sh -c "§=10.3.0 exec /opt/blender/blender %f"\n'
        },
        (s("~/.local/share/applications/blender.desktop:4", "Blender"),),
    ),
    "river-spawn": (
        {"~/.config/river/init": "#!/bin/sh\nriverctl map normal Super B spawn 'env §=10.3.0 blender'\n"},
        (s("~/.config/river/init:2", "the key"),),
    ),
    "awesome": (
        {"~/.config/awesome/rc.lua": 'local awful = require("awful")\nawful.spawn.with_shell("§=10.3.0 lm-studio")\n'},
        (s("~/.config/awesome/rc.lua:2", "what awesome starts"),),
    ),
    "job-reads-a-file": (
        {
            "/var/spool/cron/crontabs/sam": "*/30 * * * * . $HOME/.rocm.sh; /home/sam/venv/bin/python /home/sam/train.py\n",
            "~/.rocm.sh": "export §=10.3.0\n",
        },
        (s("~/.rocm.sh:1", "the job of sam"),),
    ),
    "nushell-with-env": (
        {
            "/etc/passwd": "sam:x:1000:1000::/home/sam:/usr/bin/nu\n",
            "~/.config/nushell/config.nu": 'def comfy [] {\n  with-env { §: "10.3.0" } { python main.py }\n}\n',
        },
        (s("~/.config/nushell/config.nu:2", "sam, who runs comfy"),),
    ),
    "cargo": (
        {"~/src/burn/.cargo/config.toml": '[env]\n§ = "10.3.0"\n'},
        (s("~/src/burn/.cargo/config.toml:2", "cargo run"),),
    ),
    "cmake-presets": (
        {
            "~/src/llama.cpp/CMakeUserPresets.json": '{\n  "version": 6,\n  "testPresets": [\n    {\n      "name": "hip",\n      "environment": {\n        "§": "10.3.0"\n      }\n    }\n  ]\n}\n'
        },
        (s("~/src/llama.cpp/CMakeUserPresets.json:7", "ctest"),),
    ),
    "pixi-feature": (
        {
            "~/src/train/pyproject.toml": '[tool.pixi.feature.rocm.activation.env]\n§ = "10.3.0"\n\n[tool.pixi.environments]\nrocm = ["rocm"]\n'
        },
        (s("~/src/train/pyproject.toml:2", "the environment rocm"),),
    ),
    "conda-env_vars.d": (
        {
            "~/venv/pyvenv.cfg": "",
            "~/venv/conda-meta/history": "",
            "~/venv/etc/conda/env_vars.d/rocm.json": '{\n  "§": "10.3.0"\n}\n',
        },
        (s("~/venv/etc/conda/env_vars.d/rocm.json:2", "who activates it"),),
    ),
    "flatpak-run-in-a-wrapper": (
        {"~/.local/bin/alpaca": "#!/bin/sh\nexec flatpak run --env=§=10.3.0 com.jeffser.Alpaca\n"},
        (s("~/.local/bin/alpaca:2", "Alpaca"),),
    ),
}

SECOND_CALM: Rows = {
    "uname-and": ({"~/.profile": '[ "$(uname)" = "Darwin" ] && export §=10.3.0\n'}, ()),
    "case-of-the-system": (
        {
            "~/.bashrc": 'case "$OSTYPE" in\n  darwin*)\n    export §=10.3.0\n    ;;\n  linux*)\n    umask 022\n    ;;\nesac\n'
        },
        (),
    ),
    "another-user's-branch": (
        {
            "~/.bashrc": '[ "$USER" = "bob" ] && export §=10.3.0\nif [ "$(id -un)" = bob ]; then\n  export §=10.3.0\nfi\n'
        },
        (),
    ),
    "numbers": (
        {"~/.bashrc": "if [ 1 -eq 0 ]; then\n  export §=10.3.0\nfi\nif ((0)); then\n  export §=10.3.0\nfi\n"},
        (),
    ),
    "loop-that-never-runs": (
        {"~/ComfyUI/run.sh": "#!/bin/sh\nwhile false; do\n  export §=10.3.0\ndone\npython main.py\n"},
        (),
    ),
    "python-of-windows": (
        {
            "~/sd/main.py": 'import os\nimport sys\n\nif sys.platform.startswith("win"):\n    # for the driver\n    os.environ["§"] = "10.3.0"\nimport torch\n'
        },
        (),
    ),
    "python-that-prints": (
        {"~/sd/main.py": "import os\n\nprint(\"export §=10.3.0\")\nprint(f\"os.environ['§'] = '10.3.0'\")\n"},
        (),
    ),
    "written-elsewhere": (
        {
            "~/rocm/install.sh": "#!/bin/sh\necho 'export §=10.3.0' >> ~/.bashrc\nprintf '§=10.3.0\\n' | sudo tee -a /etc/environment\nsudo sed -i 's/^§=.*/§=10.3.0/' /etc/default/ollama\n"
        },
        (),
    ),
    "unset-of-exactly-that": (
        {
            "/etc/systemd/system/c.service": "[Service]\nExecStart=/usr/bin/c\nEnvironment=§=10.3.0\nUnsetEnvironment=§=10.3.0\n"
        },
        (),
    ),
    "compose-null": ({"~/ai/compose.yaml": "services:\n  c:\n    image: c\n    environment:\n      §:\n"}, ()),
    "history-of-an-editor": (
        {
            "~/.config/Code/User/History/4f2a/aB3d.json": '{\n  "terminal.integrated.env.linux": {\n    "§": "10.3.0"\n  }\n}\n',
            "~/.local/share/fish/fish_history": "- cmd: set -gx § 10.3.0\n  when: 1700000000\n",
        },
        (),
    ),
    "log": ({"~/ComfyUI/user/comfyui.log": "export §=10.3.0\n§=10.3.0\n", "~/.xsession-errors": "§=10.3.0\n"}, ()),
    "hyprland-file-that-nobody-reads": (
        {"~/.config/hypr/hyprland.conf": "monitor=,preferred,auto,1\n", "~/.config/hypr/old.conf": "env = §,10.3.0\n"},
        (),
    ),
    "nvim-module-that-nobody-requires": (
        {
            "~/.config/nvim/init.lua": "vim.opt.number = true\n",
            "~/.config/nvim/lua/attic/rocm.lua": 'vim.env.§ = "10.3.0"\n',
        },
        (),
    ),
    "description-of-a-package": (
        {
            "~/ai-ui/package.json": '{\n  "name": "ai-ui",\n  "description": "§=10.3.0 node server.js",\n  "scripts": {\n    "start": "node server.js"\n  }\n}\n'
        },
        (),
    ),
    "help-of-make": ({"~/src/rag/Makefile": 'help:\n\t@echo "§=10.3.0 make run"\n'}, ()),
    "taken-from-root's-commands": (
        {"/etc/sudoers.d/gpu": 'Defaults env_delete += "§"\n', "/etc/doas.conf": "permit setenv { -§ LANG } sam\n"},
        (),
    ),
    "block-of-a-guard": ({"~/.bashrc": "return 0 2>/dev/null\nexport §=10.3.0\n"}, ()),
}
