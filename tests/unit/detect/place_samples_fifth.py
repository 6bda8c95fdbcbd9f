# ruff: noqa: E501 - tables of texts, a case a line
"""Further places, spellings and look-alikes: written and committed before one run, with the readers already known.

Rows as in place_samples_fresh. Labels are by the readers' own sources: bash(1), fish's set, systemd.syntax(7),
systemd.environment-generator(7), sshd's servconf.c (a second SetEnv is ignored), openrc-run(8), supervisord's
configuration, pct.conf(5), NixOS's services.ollama, devbox, task and pipenv's documentation, PyCharm's workspace.xml,
vscode-python's envFile, Neovim's vim.env, sxhkd(1), zellij's env, Steam's localconfig.vdf, k3s's manifests, IPython's
%env, PM2's dump, modulefile(4), udev(7).

Run once before anything was mended for them: 2 of 44 places were named and 9 of 17 look-alikes left alone (one only
by a fault of the test, which put `train~` elsewhere). They were sought where the readers were known not to look.
"""

from __future__ import annotations

PYTHON = "[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"
Rows = dict[str, tuple[dict[str, str], tuple[str, ...]]]

FIFTH: Rows = {
    # Shells
    "allexport-of-a-file": (
        {"~/.bashrc": "set -a\n. ~/.config/rocm.env\nset +a\n", "~/.config/rocm.env": "# mine\nK=10.3.0\n"},
        ("~/.config/rocm.env:2=10.3.0",),
    ),
    "export-of-a-file": (
        {"~/.bashrc": "export $(grep -v '^#' ~/.rocm.env | xargs)\n", "~/.rocm.env": "# mine\nK=10.3.0\n"},
        ("~/.rocm.env:2=10.3.0",),
    ),
    "declared-later": ({"~/.bashrc": "K=10.3.0\ndeclare -x K\n"}, ("~/.bashrc:1=10.3.0",)),
    "exported-then-changed": ({"~/.profile": "export K=9.0.0\nK=10.3.0\n"}, ("~/.profile:2=10.3.0",)),
    "fish-exported-then-changed": (
        {"~/.config/fish/config.fish": "set -gx K 9.0.0\nset K 10.3.0\n"},
        ("~/.config/fish/config.fish:2=10.3.0",),
    ),
    "oh-my-zsh-custom": (
        {
            "~/.zshrc": 'export ZSH="$HOME/.oh-my-zsh"\nplugins=(git)\nsource $ZSH/oh-my-zsh.sh\n',
            "~/.oh-my-zsh/oh-my-zsh.sh": 'for config_file ("$ZSH_CUSTOM"/*.zsh(N)); do\n  source "$config_file"\ndone\n',
            "~/.oh-my-zsh/custom/rocm.zsh": "export K=10.3.0\n",
        },
        ("~/.oh-my-zsh/custom/rocm.zsh:1=10.3.0",),
    ),
    "powershell": (
        {"~/.config/powershell/Microsoft.PowerShell_profile.ps1": "$env:K = '10.3.0'\n"},
        ("~/.config/powershell/Microsoft.PowerShell_profile.ps1:1=10.3.0",),
    ),
    "xonsh-rc.d": ({"~/.config/xonsh/rc.d/gpu.xsh": '$K = "10.3.0"\n'}, ("~/.config/xonsh/rc.d/gpu.xsh:1=10.3.0",)),
    "csh-not-yet-set": ({"/etc/csh.cshrc": "if ( ! $?K ) setenv K 10.3.0\n"}, ("/etc/csh.cshrc:1=10.3.0",)),
    "gentoo-profile.env": (
        {
            "/etc/profile": "if [ -e /etc/profile.env ] ; then\n\t. /etc/profile.env\nfi\n",
            "/etc/profile.env": "export EDITOR='/bin/nano'\nexport K='10.3.0'\n",
        },
        ("/etc/profile.env:2=10.3.0",),
    ),
    # systemd and other managers of services
    "unit-comment-in-a-long-line": (
        {"/etc/systemd/system/c.service": PYTHON + "Environment=A=1 \\\n# my card\n  K=10.3.0\n"},
        ("/etc/systemd/system/c.service:3=10.3.0|/etc/systemd/system/c.service:5=10.3.0",),
    ),
    "systemd-run": (
        {"~/bin/comfy": "#!/bin/sh\nexec systemd-run --user --setenv=K=10.3.0 ~/venv/bin/python main.py\n"},
        ("~/bin/comfy:2=10.3.0",),
    ),
    "environment-generator": (
        {"/etc/systemd/user-environment-generators/90-rocm": "#!/bin/sh\necho K=10.3.0\n"},
        ("/etc/systemd/user-environment-generators/90-rocm:2=10.3.0",),
    ),
    "openrc-conf.d": (
        {
            "/etc/init.d/ollama": "#!/sbin/openrc-run\ncommand=/usr/bin/ollama\n",
            "/etc/conf.d/ollama": "export K=10.3.0\n",
        },
        ("/etc/conf.d/ollama:1=10.3.0",),
    ),
    "runit": (
        {"/etc/sv/ollama/run": "#!/bin/sh\nexec 2>&1\nexport K=10.3.0\nexec chpst -u ollama ollama serve\n"},
        ("/etc/sv/ollama/run:3=10.3.0",),
    ),
    "supervisor-lines": (
        {"/etc/supervisor/conf.d/c.conf": '[program:c]\ncommand=x\nenvironment=\n    A="1",\n    K="10.3.0"\n'},
        ("/etc/supervisor/conf.d/c.conf:5=10.3.0|/etc/supervisor/conf.d/c.conf:3=10.3.0",),
    ),
    "cron.daily": (
        {"/etc/cron.daily/train": "#!/bin/sh\nexport K=10.3.0\n/srv/train/run\n"},
        ("/etc/cron.daily/train:2=10.3.0",),
    ),
    "sshd-the-first-counts": (
        {"/etc/ssh/sshd_config": "SetEnv K=10.3.0\nSetEnv K=11.0.0\n"},
        ("/etc/ssh/sshd_config:1=10.3.0",),
    ),
    # NixOS and tools of projects
    "nixos-of-ollama": (
        {
            "/etc/nixos/configuration.nix": '{\n  # HSA: K\n  services.ollama = {\n    enable = true;\n    rocmOverrideGfx = "10.3.0";\n  };\n}\n'
        },
        ("/etc/nixos/configuration.nix:5=10.3.0",),
    ),
    "nixos-modules": (
        {
            "/etc/nixos/configuration.nix": "{ imports = [ ./modules/ollama.nix ]; }\n",
            "/etc/nixos/modules/ollama.nix": '{\n  services.ollama.environmentVariables = {\n    K = "10.3.0";\n  };\n}\n',
        },
        ("/etc/nixos/modules/ollama.nix:3=10.3.0",),
    ),
    "nix-shell": (
        {"~/ComfyUI/shell.nix": 'pkgs.mkShell {\n  env = {\n    K="10.3.0";\n  };\n}\n'},
        ("~/ComfyUI/shell.nix:3=10.3.0",),
    ),
    "devbox": (
        {"~/ComfyUI/devbox.json": '{\n  "packages": ["python@3.12"],\n  "env": {\n    "K": "10.3.0"\n  }\n}\n'},
        ("~/ComfyUI/devbox.json:4=10.3.0",),
    ),
    "taskfile": (
        {"~/ComfyUI/Taskfile.yml": 'version: "3"\nenv:\n  K: 10.3.0\ntasks:\n  run: python main.py\n'},
        ("~/ComfyUI/Taskfile.yml:3=10.3.0",),
    ),
    "makefile-of-a-command": (
        {"~/ComfyUI/Makefile": "run:\n\tA=1 K=10.3.0 python main.py\n"},
        ("~/ComfyUI/Makefile:2=10.3.0",),
    ),
    "pipenv": ({"~/ComfyUI/Pipfile": "[packages]\n", "~/ComfyUI/.env": "K=10.3.0\n"}, ("~/ComfyUI/.env:1=10.3.0",)),
    "modulefile": (
        {"/etc/modulefiles/rocm/6.4": "#%Module\nprepend-path PATH /opt/rocm/bin\nsetenv K 10.3.0\n"},
        ("/etc/modulefiles/rocm/6.4:3=10.3.0",),
    ),
    # Editors, terminals, desktops
    "pycharm": (
        {
            "~/ComfyUI/.idea/workspace.xml": '<project>\n <envs>\n  <env name="PYTHONUNBUFFERED" value="1" />\n  <env name="K" value="10.3.0" />\n </envs>\n</project>\n'
        },
        ("~/ComfyUI/.idea/workspace.xml:4=10.3.0",),
    ),
    "vscode-env-file": (
        {
            "~/ComfyUI/.vscode/launch.json": '{"configurations": [{\n "envFile": "${workspaceFolder}/.env"\n}]}\n',
            "~/ComfyUI/.env": "K=10.3.0\n",
        },
        ("~/ComfyUI/.env:1=10.3.0",),
    ),
    "vscode-flatpak": (
        {
            "~/.var/app/com.visualstudio.code/config/Code/User/settings.json": '{"terminal.integrated.env.linux":{"K":"10.3.0"}}'
        },
        ("~/.var/app/com.visualstudio.code/config/Code/User/settings.json:1=10.3.0",),
    ),
    "nvim-lua": ({"~/.config/nvim/init.lua": 'vim.env.K = "10.3.0"\n'}, ("~/.config/nvim/init.lua:1=10.3.0",)),
    "zellij": (
        {"~/.config/zellij/config.kdl": 'env {\n    K "10.3.0"\n}\n'},
        ("~/.config/zellij/config.kdl:2=10.3.0",),
    ),
    "sxhkd": (
        {"~/.config/sxhkd/sxhkdrc": "# blender\nsuper + b\n    K=10.3.0 blender\n"},
        ("~/.config/sxhkd/sxhkdrc:3=10.3.0",),
    ),
    "desktop-in-a-folder": (
        {"~/.local/share/applications/ai/comfy.desktop": "[Desktop Entry]\nExec=env K=10.3.0 /opt/comfy\n"},
        ("~/.local/share/applications/ai/comfy.desktop:2=10.3.0",),
    ),
    "steam-launch-options": (
        {
            "~/.local/share/Steam/userdata/1234/config/localconfig.vdf": '"UserLocalConfigStore"\n{\n\t"365670"\n\t{\n\t\t"LaunchOptions"\t\t"K=10.3.0 %command%"\n\t}\n}\n'
        },
        ("~/.local/share/Steam/userdata/1234/config/localconfig.vdf:5=10.3.0",),
    ),
    # Containers
    "compose-of-dockge": (
        {"/opt/stacks/ollama/compose.yaml": "services:\n  o:\n    environment:\n      - K=10.3.0\n"},
        ("/opt/stacks/ollama/compose.yaml:4=10.3.0",),
    ),
    "k3s-manifest": (
        {
            "/var/lib/rancher/k3s/server/manifests/ollama.yaml": 'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: o\n        env:\n        - name: K\n          value: "10.3.0"\n'
        },
        (
            "/var/lib/rancher/k3s/server/manifests/ollama.yaml:8=10.3.0|/var/lib/rancher/k3s/server/manifests/ollama.yaml:9=10.3.0",
        ),
    ),
    "proxmox": (
        {"/etc/pve/lxc/101.conf": "cores: 4\nlxc.environment: K=10.3.0\n"},
        ("/etc/pve/lxc/101.conf:2=10.3.0",),
    ),
    "podman-env-file": (
        {"~/bin/ol": "#!/bin/sh\npodman run --env-file ~/.gpu.env ollama/ollama:rocm\n", "~/.gpu.env": "K=10.3.0\n"},
        ("~/.gpu.env:1=10.3.0",),
    ),
    # Programs and their launchers
    "llama-swap-command": (
        {
            "~/.config/llama-swap/config.yaml": "models:\n  m:\n    cmd: |\n      env K=10.3.0\n      llama-server --port ${PORT}\n"
        },
        ("~/.config/llama-swap/config.yaml:4=10.3.0",),
    ),
    "notebook": (
        {
            "~/notebooks/sd.ipynb": '{\n "cells": [\n  {\n   "cell_type": "code",\n   "source": [\n    "%env K=10.3.0\\n",\n    "import torch"\n   ]\n  }\n ]\n}\n'
        },
        ("~/notebooks/sd.ipynb:6=10.3.0",),
    ),
    "environ-update-by-name": (
        {"~/text-generation-webui/server.py": "import os\nos.environ.update(K='10.3.0')\nimport torch\n"},
        ("~/text-generation-webui/server.py:2=10.3.0",),
    ),
    "invoke.sh": (
        {"~/invokeai/invoke.sh": "#!/bin/bash\nset -eu\nexport K=10.3.0\n. .venv/bin/activate\ninvokeai-web\n"},
        ("~/invokeai/invoke.sh:3=10.3.0",),
    ),
    "webui-user-in-opt": (
        {"/opt/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\nexport K=10.3.0\n"},
        ("/opt/stable-diffusion-webui/webui-user.sh:2=10.3.0",),
    ),
    "pm2-dump": (
        {
            "~/.pm2/dump.pm2": '[\n  {\n    "name": "comfy",\n    "env": {\n      "A": "1",\n      "K": "10.3.0"\n    }\n  }\n]\n'
        },
        ("~/.pm2/dump.pm2:6=10.3.0",),
    ),
    # Look-alikes
    "no-udev": ({"/etc/udev/rules.d/70-kfd.rules": 'SUBSYSTEM=="kfd", ENV{K}="10.3.0"\n'}, ()),
    "no-second-setenv": ({"/etc/ssh/sshd_config": "SetEnv A=1\nSetEnv K=10.3.0\n"}, ()),
    "no-other-stage": ({"~/c/Dockerfile": "FROM x AS build\nENV K=10.3.0\nFROM y\nCOPY --from=build /a /a\n"}, ()),
    "no-fish-local-of-a-block": (
        {"~/.config/fish/config.fish": "if status is-interactive\n    set -lx K 10.3.0\nend\n"},
        (),
    ),
    "no-after-false": ({"~/.bashrc": "false && export K=10.3.0\n"}, ()),
    "no-other-names": ({"~/.bashrc": 'export MY_K=10.3.0\nexport NOTE="set K=10.3.0"\n'}, ()),
    "no-socket": ({"/etc/systemd/system/o.socket": "[Socket]\nListenStream=1\nEnvironment=K=10.3.0\n"}, ()),
    "no-drop-ins-of-a-wrong-name": (
        {
            "/etc/systemd/system/c.service": PYTHON,
            "/etc/systemd/system/c.d/a.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        (),
    ),
    "no-tabbed-heredoc": ({"~/.bashrc": "cat >> ~/.profile <<-'EOF'\n\texport K=10.3.0\n\tEOF\n"}, ()),
    "no-healthcheck": (
        {
            "~/c/compose.yaml": 'services:\n  c:\n    image: x\n    healthcheck:\n      test: ["CMD", "env", "K=10.3.0", "ollama", "ps"]\n'
        },
        (),
    ),
    "no-json-block-comment": (
        {"~/p/.vscode/launch.json": '{\n /* "env": {\n  "K": "10.3.0"\n } */\n "version": "0.2.0"\n}\n'},
        (),
    ),
    "no-nix-block-comment": (
        {"/etc/nixos/configuration.nix": '{\n  /*\n  environment.variables.K = "10.3.0";\n  */\n}\n'},
        (),
    ),
    "no-lua-block-comment": (
        {"~/.wezterm.lua": 'return {\n  --[[\n  set_environment_variables = { K = "10.3.0" },\n  ]]\n}\n'},
        (),
    ),
    "no-docstring": ({"~/ComfyUI/main.py": '"""Old cards:\n\nos.environ["K"] = "10.3.0"\n"""\nimport torch\n'}, ()),
    "no-cron-backup": ({"/etc/cron.d/train~": "K=10.3.0\n0 5 * * * sam x\n"}, ()),
    "no-unset-after-sourcing": ({"~/.bashrc": ". ~/.g\nunset K\n", "~/.g": "export K=10.3.0\n"}, ()),
    "no-notebook-output": (
        {
            "~/notebooks/a.ipynb": '{\n "cells": [\n  {\n   "cell_type": "markdown",\n   "source": [\n    "%env K=10.3.0\\n"\n   ]\n  },\n  {\n   "cell_type": "code",\n   "outputs": [{"text": ["os.environ[\'K\'] = \'10.3.0\'\\n"]}],\n   "source": []\n  }\n ]\n}\n'
        },
        (),
    ),
}
