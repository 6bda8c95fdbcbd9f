# ruff: noqa: E501 - tables of texts, a case a line
"""Places, spellings and look-alikes that were written down, with what each should come to, before the readers were looked at.

A row: the files of a machine (`~` is sam's home, his shell is bash; a text that begins with -> is a link), and what has
to be named as `file:line=value`, the winner only where several set it for the same program. Nothing to be named: a
look-alike. K stands for the variable. ``|``: either will do.

Run once, before anything was mended for them: of FIRST 24 of 83 places were named and 22 of 34 look-alikes left alone,
of SECOND (written after FIRST's kinds were mended) 38 of 47 and 23 of 24, of THIRD (after SECOND's) 30 of 30 and 17 of 18.
"""

from __future__ import annotations

UNIT = "[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"
Rows = dict[str, tuple[dict[str, str], tuple[str, ...]]]

FIRST: Rows = {
    # Shells: for a program only.
    "alias": ({"~/.bashrc": "alias comfy='K=10.3.0 python main.py'\n"}, ("~/.bashrc:1=10.3.0",)),
    "alias-env": ({"~/.bash_aliases": 'alias ollama="env K=10.3.0 ollama"\n'}, ("~/.bash_aliases:1=10.3.0",)),
    "function-prefix": (
        {"~/.bashrc": 'comfy() {\n  cd ~/ComfyUI\n  K=10.3.0 python main.py "$@"\n}\n'},
        ("~/.bashrc:3=10.3.0",),
    ),
    "function-export": ({"~/.zshrc": "function rocm {\n  export K=10.3.0\n}\nrocm\n"}, ("~/.zshrc:2=10.3.0",)),
    "fish-function-file": (
        {"~/.config/fish/functions/comfy.fish": "function comfy\n    env K=10.3.0 python main.py $argv\nend\n"},
        ("~/.config/fish/functions/comfy.fish:2=10.3.0",),
    ),
    "fish-alias": (
        {"~/.config/fish/config.fish": "alias comfy 'K=10.3.0 python main.py'\n"},
        ("~/.config/fish/config.fish:1=10.3.0",),
    ),
    # Shells: spellings.
    "export-quoted-whole": ({"~/.bashrc": 'export "K=10.3.0"\n'}, ("~/.bashrc:1=10.3.0",)),
    "export-default": ({"~/.bashrc": 'export K="${K:-10.3.0}"\n'}, ("~/.bashrc:1=10.3.0",)),
    "case-host": ({"~/.bashrc": "case $(hostname) in\n  gpu*) export K=10.3.0 ;;\nesac\n"}, ("~/.bashrc:2=10.3.0",)),
    "eval": ({"~/.bashrc": 'eval "export K=10.3.0"\n'}, ("~/.bashrc:1=10.3.0",)),
    "sourced-in-a-loop": (
        {
            "~/.bashrc": 'for f in ~/.config/shell/*.sh; do\n  . "$f"\ndone\n',
            "~/.config/shell/rocm.sh": "export K=10.3.0\n",
        },
        ("~/.config/shell/rocm.sh:1=10.3.0",),
    ),
    "mkshrc": ({"~/.mkshrc": "export K=10.3.0\n"}, ("~/.mkshrc:1=10.3.0",)),
    "zdotdir-own": (
        {"~/.zshenv": 'export ZDOTDIR="$HOME/.zsh"\n', "~/.zsh/.zshrc": "export K=10.3.0\n"},
        ("~/.zsh/.zshrc:1=10.3.0",),
    ),
    "bash-login": ({"~/.bash_login": "export K=10.3.0\n"}, ("~/.bash_login:1=10.3.0",)),
    "interactive-guard": (
        {"~/.bashrc": "case $- in\n  *i*) ;;\n  *) return;;\nesac\nexport K=10.3.0\n"},
        ("~/.bashrc:5=10.3.0",),
    ),
    "nushell-load-env": (
        {"~/.config/nushell/env.nu": 'load-env { K: "10.3.0" }\n'},
        ("~/.config/nushell/env.nu:1=10.3.0",),
    ),
    "elvish": ({"~/.config/elvish/rc.elv": "set-env K 10.3.0\n"}, ("~/.config/elvish/rc.elv:1=10.3.0",)),
    "hm-session-vars": (
        {
            "~/.profile": '. "$HOME/.nix-profile/etc/profile.d/hm-session-vars.sh"\n',
            "~/.nix-profile/etc/profile.d/hm-session-vars.sh": '# Only source this once.\nexport K="10.3.0"\n',
        },
        ("~/.nix-profile/etc/profile.d/hm-session-vars.sh:2=10.3.0",),
    ),
    # systemd
    "unit-prefix-dropin": (
        {
            "/etc/systemd/system/comfy-a.service": UNIT,
            "/etc/systemd/system/comfy-.service.d/x.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        ("/etc/systemd/system/comfy-.service.d/x.conf:2=10.3.0",),
    ),
    "envfile-glob": (
        {
            "/etc/systemd/system/l.service": UNIT + "EnvironmentFile=/etc/rocm/*.env\n",
            "/etc/rocm/gpu.env": "K=10.3.0\n",
        },
        ("/etc/rocm/gpu.env:1=10.3.0",),
    ),
    "envfile-of-an-instance": (
        {
            "/etc/systemd/system/llama@.service": UNIT + "EnvironmentFile=/etc/llama/%i.env\n",
            "/etc/systemd/system/multi-user.target.wants/llama@big.service": "->/etc/systemd/system/llama@.service",
            "/etc/llama/big.env": "K=10.3.0\n",
        },
        ("/etc/llama/big.env:1=10.3.0",),
    ),
    "envfile-spaces": (
        {"/etc/systemd/system/l.service": UNIT + "EnvironmentFile=/etc/default/l\n", "/etc/default/l": "K = 10.3.0\n"},
        ("/etc/default/l:1=10.3.0",),
    ),
    "unit-starts-a-script": (
        {
            "/etc/systemd/system/comfy.service": "[Service]\nExecStart=/opt/comfy/run-gpu\n",
            "/opt/comfy/run-gpu": "#!/bin/bash\nexport K=10.3.0\nexec venv/bin/python main.py\n",
        },
        ("/opt/comfy/run-gpu:2=10.3.0",),
    ),
    "user-manager-unit": (
        {
            "/usr/lib/systemd/system/user@.service": "[Service]\nExecStart=/usr/lib/systemd/systemd --user\n",
            "/etc/systemd/system/user@.service.d/rocm.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        ("/etc/systemd/system/user@.service.d/rocm.conf:2=10.3.0",),
    ),
    "xdg-user-unit": (
        {"/etc/xdg/systemd/user/comfy.service": UNIT + "Environment=K=10.3.0\n"},
        ("/etc/xdg/systemd/user/comfy.service:3=10.3.0",),
    ),
    "transient-unit": (
        {"/run/systemd/transient/run-u7.service": UNIT + "Environment=K=10.3.0\n"},
        ("/run/systemd/transient/run-u7.service:3=10.3.0",),
    ),
    "nspawn": (
        {"/etc/systemd/nspawn/gpu.nspawn": "[Exec]\nBoot=yes\nEnvironment=K=10.3.0\n"},
        ("/etc/systemd/nspawn/gpu.nspawn:3=10.3.0",),
    ),
    "envd-local": (
        {"/usr/local/lib/environment.d/a.conf": "K=10.3.0\n"},
        ("/usr/local/lib/environment.d/a.conf:1=10.3.0",),
    ),
    # Who wins.
    "dropin-order": (
        {
            "/etc/systemd/system/l.service": UNIT + "Environment=K=9.0.0\n",
            "/etc/systemd/system/l.service.d/10-a.conf": "[Service]\nEnvironment=K=11.0.0\n",
            "/usr/lib/systemd/system/l.service.d/90-b.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        ("/usr/lib/systemd/system/l.service.d/90-b.conf:2=10.3.0",),
    ),
    "envd-order": (
        {"/usr/lib/environment.d/99-z.conf": "K=10.3.0\n", "~/.config/environment.d/10-a.conf": "K=11.0.0\n"},
        ("/usr/lib/environment.d/99-z.conf:1=10.3.0",),
    ),
    "environment-twice": ({"/etc/environment": "K=11.0.0\nA=1\nK=10.3.0\n"}, ("/etc/environment:3=10.3.0",)),
    "compose-environment-over-env-file": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    env_file: gpu.env\n    environment:\n      K: 10.3.0\n",
            "~/c/gpu.env": "K=11.0.0\n",
        },
        ("~/c/compose.yaml:5=10.3.0",),
    ),
    "compose-override-wins": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    environment:\n      - K=11.0.0\n",
            "~/c/compose.override.yaml": "services:\n  c:\n    environment:\n      K: 10.3.0\n",
        },
        ("~/c/compose.override.yaml:4=10.3.0",),
    ),
    # Containers
    "compose-anchor": (
        {
            "~/c/compose.yaml": "x-rocm: &rocm\n  K: 10.3.0\nservices:\n  c:\n    image: x\n    environment:\n      <<: *rocm\n      A: 1\n"
        },
        ("~/c/compose.yaml:2=10.3.0",),
    ),
    "compose-pass-through": (
        {"~/c/compose.yaml": "services:\n  c:\n    environment:\n      - K\n", "~/c/.env": "K=10.3.0\n"},
        ("~/c/.env:1=10.3.0|~/c/compose.yaml:4=10.3.0",),
    ),
    "compose-extends": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    extends:\n      file: gpu.yml\n      service: rocm\n",
            "~/c/gpu.yml": "services:\n  rocm:\n    environment:\n      K: 10.3.0\n",
        },
        ("~/c/gpu.yml:4=10.3.0",),
    ),
    "compose-include": (
        {
            "~/c/compose.yaml": "include:\n  - rocm/gpu.yml\nservices: {}\n",
            "~/c/rocm/gpu.yml": "services:\n  o:\n    environment:\n      K: 10.3.0\n",
        },
        ("~/c/rocm/gpu.yml:4=10.3.0",),
    ),
    "dockerfile": ({"~/c/Dockerfile": "FROM rocm/pytorch\nENV A=1 K=10.3.0\n"}, ("~/c/Dockerfile:2=10.3.0",)),
    "kube-play": (
        {
            "~/.config/containers/systemd/a.kube": "[Kube]\nYaml=a.yml\n",
            "~/.config/containers/systemd/a.yml": 'spec:\n  containers:\n  - env:\n    - name: K\n      value: "10.3.0"\n',
        },
        ("~/.config/containers/systemd/a.yml:5=10.3.0|~/.config/containers/systemd/a.yml:4=10.3.0",),
    ),
    "docker-container": (
        {
            "/var/lib/docker/containers/0123456789ab/config.v2.json": '{"Config":{"Image":"ollama/ollama:rocm","Env":["PATH=/bin","K=10.3.0"]},"Name":"/ollama"}'
        },
        ("/var/lib/docker/containers/0123456789ab/config.v2.json:1=10.3.0",),
    ),
    "distrobox-ini": (
        {"~/distrobox.ini": '[rocm]\nimage=fedora:42\nadditional_flags="--device /dev/kfd --env K=10.3.0"\n'},
        ("~/distrobox.ini:3=10.3.0",),
    ),
    "lxc": ({"/var/lib/lxc/gpu/config": "lxc.environment = K=10.3.0\n"}, ("/var/lib/lxc/gpu/config:1=10.3.0",)),
    "flatpak-app-system": (
        {"/var/lib/flatpak/overrides/org.blender.Blender": "[Context]\ndevices=all;\n\n[Environment]\nK=10.3.0\n"},
        ("/var/lib/flatpak/overrides/org.blender.Blender:5=10.3.0",),
    ),
    "devcontainer-run-args": (
        {
            "~/p/.devcontainer/devcontainer.json": '{\n "image": "x",\n "runArgs": ["--device=/dev/kfd", "-e", "K=10.3.0"]\n}\n'
        },
        ("~/p/.devcontainer/devcontainer.json:3=10.3.0",),
    ),
    # Project and environment tools
    "direnv": ({"~/ComfyUI/.envrc": "source venv/bin/activate\nexport K=10.3.0\n"}, ("~/ComfyUI/.envrc:2=10.3.0",)),
    "mise-global": ({"~/.config/mise/config.toml": '[env]\nK = "10.3.0"\n'}, ("~/.config/mise/config.toml:2=10.3.0",)),
    "mise-project": (
        {"~/ComfyUI/mise.toml": "[tools]\npython = '3.12'\n[env]\nK = '10.3.0'\n"},
        ("~/ComfyUI/mise.toml:4=10.3.0",),
    ),
    "pixi": ({"~/ComfyUI/pixi.toml": '[activation.env]\nK = "10.3.0"\n'}, ("~/ComfyUI/pixi.toml:2=10.3.0",)),
    "conda-env-config": (
        {"~/miniconda3/envs/sd/conda-meta/state": '{"env_vars": {"K": "10.3.0"}}'},
        ("~/miniconda3/envs/sd/conda-meta/state:1=10.3.0",),
    ),
    "vscode-launch": (
        {"~/ComfyUI/.vscode/launch.json": '{\n "configurations": [{\n  "env": {"K": "10.3.0"}\n }]\n}\n'},
        ("~/ComfyUI/.vscode/launch.json:3=10.3.0",),
    ),
    "vscodium": (
        {"~/.config/VSCodium/User/settings.json": '{"terminal.integrated.env.linux":{"K":"10.3.0"}}'},
        ("~/.config/VSCodium/User/settings.json:1=10.3.0",),
    ),
    "pth": (
        {"~/venv/lib/python3.11/site-packages/rocm.pth": "import os; os.environ['K'] = '10.3.0'\n"},
        ("~/venv/lib/python3.11/site-packages/rocm.pth:1=10.3.0",),
    ),
    "jupyter-server-config": (
        {"~/.jupyter/jupyter_server_config.py": "import os\nos.environ['K'] = '10.3.0'\n"},
        ("~/.jupyter/jupyter_server_config.py:2=10.3.0",),
    ),
    "jupyterhub": (
        {"/etc/jupyterhub/jupyterhub_config.py": "c.Spawner.environment = {\n    'K': '10.3.0',\n}\n"},
        ("/etc/jupyterhub/jupyterhub_config.py:2=10.3.0",),
    ),
    "kernel-machine-wide": (
        {"/usr/local/share/jupyter/kernels/rocm/kernel.json": '{"argv":["python"],"env":{"K":"10.3.0"}}'},
        ("/usr/local/share/jupyter/kernels/rocm/kernel.json:1=10.3.0",),
    ),
    "llama-swap": (
        {"~/.config/llama-swap/config.yaml": "models:\n  m:\n    cmd: llama-server\n    env:\n      - K=10.3.0\n"},
        ("~/.config/llama-swap/config.yaml:5=10.3.0",),
    ),
    # Desktops and terminals
    "applications-system": (
        {"/usr/share/applications/blender.desktop": "[Desktop Entry]\nName=Blender\nExec=env K=10.3.0 blender %f\n"},
        ("/usr/share/applications/blender.desktop:3=10.3.0",),
    ),
    "desktop-action": (
        {
            "~/.local/share/applications/blender.desktop": "[Desktop Entry]\nExec=blender\n[Desktop Action hip]\nExec=env A=1 K=10.3.0 blender\n"
        },
        ("~/.local/share/applications/blender.desktop:4=10.3.0",),
    ),
    "autostart-system": (
        {"/etc/xdg/autostart/c.desktop": "[Desktop Entry]\nExec=/usr/bin/env K=10.3.0 /opt/c\n"},
        ("/etc/xdg/autostart/c.desktop:2=10.3.0",),
    ),
    "sway-exec": ({"~/.config/sway/config": "exec env K=10.3.0 lm-studio\n"}, ("~/.config/sway/config:1=10.3.0",)),
    "i3-exec": (
        {"~/.config/i3/config": "exec --no-startup-id K=10.3.0 ~/comfy/start\n"},
        ("~/.config/i3/config:1=10.3.0",),
    ),
    "hypr-envd": ({"~/.config/hypr/hyprland.conf": "envd = K,10.3.0\n"}, ("~/.config/hypr/hyprland.conf:1=10.3.0",)),
    "niri": (
        {"~/.config/niri/config.kdl": 'environment {\n    K "10.3.0"\n}\n'},
        ("~/.config/niri/config.kdl:2=10.3.0",),
    ),
    "labwc": ({"~/.config/labwc/environment": "K=10.3.0\n"}, ("~/.config/labwc/environment:1=10.3.0",)),
    "openbox": ({"~/.config/openbox/environment": "export K=10.3.0\n"}, ("~/.config/openbox/environment:1=10.3.0",)),
    "lxqt": (
        {"~/.config/lxqt/session.conf": "[General]\nwindow_manager=openbox\n[Environment]\nK=10.3.0\n"},
        ("~/.config/lxqt/session.conf:4=10.3.0",),
    ),
    "plasma-env-system": (
        {"/etc/xdg/plasma-workspace/env/rocm.sh": "export K=10.3.0\n"},
        ("/etc/xdg/plasma-workspace/env/rocm.sh:1=10.3.0",),
    ),
    "xinitrc.d": (
        {"/etc/X11/xinit/xinitrc.d/50-rocm.sh": "export K=10.3.0\n"},
        ("/etc/X11/xinit/xinitrc.d/50-rocm.sh:1=10.3.0",),
    ),
    "tmux": ({"~/.tmux.conf": "set-environment -g K 10.3.0\n"}, ("~/.tmux.conf:1=10.3.0",)),
    "screenrc": ({"~/.screenrc": "setenv K 10.3.0\n"}, ("~/.screenrc:1=10.3.0",)),
    "kitty": ({"~/.config/kitty/kitty.conf": "env K=10.3.0\n"}, ("~/.config/kitty/kitty.conf:1=10.3.0",)),
    "alacritty": (
        {"~/.config/alacritty/alacritty.toml": "[env]\nK = '10.3.0'\n"},
        ("~/.config/alacritty/alacritty.toml:2=10.3.0",),
    ),
    "foot": ({"~/.config/foot/foot.ini": "[environment]\nK=10.3.0\n"}, ("~/.config/foot/foot.ini:2=10.3.0",)),
    "emacs": ({"~/.emacs.d/init.el": '(setenv "K" "10.3.0")\n'}, ("~/.emacs.d/init.el:1=10.3.0",)),
    # Launchers, jobs, logins
    "own-wrapper": (
        {"~/.local/bin/ollama": '#!/bin/sh\nK=10.3.0 exec /usr/local/bin/ollama "$@"\n'},
        ("~/.local/bin/ollama:2=10.3.0",),
    ),
    "usr-local-wrapper": (
        {"/usr/local/bin/comfyui": "#!/bin/bash\nexport K=10.3.0\ncd /opt/ComfyUI && exec venv/bin/python main.py\n"},
        ("/usr/local/bin/comfyui:2=10.3.0",),
    ),
    "main.py": (
        {"~/ComfyUI/main.py": "import os\nos.environ.setdefault('K', '10.3.0')\nimport torch\n"},
        ("~/ComfyUI/main.py:2=10.3.0",),
    ),
    "launch-prefix": (
        {"~/ComfyUI-Installer/launch.sh": "#!/bin/sh\nargs=$@\nK=10.3.0 python main.py $args\n"},
        ("~/ComfyUI-Installer/launch.sh:3=10.3.0",),
    ),
    "pinokio": ({"~/pinokio/ENVIRONMENT": "K=10.3.0\n"}, ("~/pinokio/ENVIRONMENT:1=10.3.0",)),
    "cron-spool-elsewhere": ({"/var/spool/cron/sam": "K=10.3.0\n@reboot x\n"}, ("/var/spool/cron/sam:1=10.3.0",)),
    "sshd-match-user": (
        {"/etc/ssh/sshd_config": "Match User sam\n    SetEnv K=10.3.0\n"},
        ("/etc/ssh/sshd_config:2=10.3.0",),
    ),
    "authorized-keys": (
        {
            "/etc/ssh/sshd_config": "PermitUserEnvironment yes\n",
            "~/.ssh/authorized_keys": 'environment="K=10.3.0" ssh-ed25519 AAAA sam@x\n',
        },
        ("~/.ssh/authorized_keys:1=10.3.0",),
    ),
    "pam-envfile": (
        {
            "/etc/pam.d/common-session": "session required pam_env.so envfile=/etc/default/rocm\n",
            "/etc/default/rocm": "K=10.3.0\n",
        },
        ("/etc/default/rocm:1=10.3.0",),
    ),
    # Look-alikes
    "no-alias-echo": ({"~/.bashrc": "alias help='echo K=10.3.0'\n"}, ()),
    "no-unalias": ({"~/.bashrc": "alias c='K=10.3.0 python main.py'\nunalias c\n"}, ()),
    "no-if-false": ({"~/.bashrc": "if false; then\n  export K=10.3.0\nfi\n"}, ()),
    "no-after-return": ({"~/.bashrc": "return\nexport K=10.3.0\n"}, ()),
    "no-subshell": ({"~/.bashrc": "( export K=10.3.0 )\n"}, ()),
    "no-env-u": ({"~/.bashrc": "alias c='env -u K python main.py'\n"}, ()),
    "no-unset-of-two": ({"~/.bashrc": "export K=10.3.0\nunset A K\n"}, ()),
    "no-bash-logout": ({"~/.bash_logout": "export K=10.3.0\n"}, ()),
    "no-zlogout": ({"~/.zlogout": "export K=10.3.0\n"}, ()),
    "no-history": ({"~/.bash_history": "export K=10.3.0\n"}, ()),
    "no-bash-login-hidden": ({"~/.bash_profile": "umask 022\n", "~/.bash_login": "export K=10.3.0\n"}, ()),
    "no-profile.d-name": ({"/etc/profile.d/rocm": "export K=10.3.0\n"}, ()),
    "no-xsession.d-name": ({"/etc/X11/Xsession.d/90rocm.sh": "export K=10.3.0\n"}, ()),
    "no-fish-masked": (
        {"/etc/fish/conf.d/rocm.fish": "set -gx K 10.3.0\n", "~/.config/fish/conf.d/rocm.fish": "# mine\n"},
        (),
    ),
    "no-envd-masked": (
        {"/usr/lib/environment.d/90-x.conf": "K=10.3.0\n", "/etc/environment.d/90-x.conf": "->/dev/null"},
        (),
    ),
    "no-envd-replaced": (
        {"/etc/environment.d/90-x.conf": "K=10.3.0\n", "~/.config/environment.d/90-x.conf": "A=1\n"},
        (),
    ),
    "no-user-unit-replaced": (
        {"/usr/lib/systemd/user/x.service": UNIT + "Environment=K=10.3.0\n", "~/.config/systemd/user/x.service": UNIT},
        (),
    ),
    "no-compose-other-file": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    image: x\n",
            "~/c/docker-compose.yml": "services:\n  c:\n    environment:\n      K: 10.3.0\n",
        },
        (),
    ),
    "no-compose-unread-dotenv": (
        {"~/c/compose.yaml": "services:\n  c:\n    environment:\n      - A=1\n", "~/c/.env": "K=10.3.0\n"},
        (),
    ),
    "no-compose-anchor-unused": (
        {"~/c/compose.yaml": "x-rocm: &rocm\n  K: 10.3.0\nservices:\n  c:\n    environment:\n      A: 1\n"},
        (),
    ),
    "no-dockerfile-arg": ({"~/c/Dockerfile": "FROM x\nARG K=10.3.0\n# ENV K=10.3.0\n"}, ()),
    "no-quadlet-build": ({"~/.config/containers/systemd/i.build": "[Build]\nEnvironment=K=10.3.0\n"}, ()),
    "no-containers-engine": ({"/etc/containers/containers.conf": '[engine]\nenv=["K=10.3.0"]\n'}, ()),
    "no-ssh-client": ({"~/.ssh/config": "Host gpu\n  SetEnv K=10.3.0\n"}, ()),
    "no-sshd-match-other": ({"/etc/ssh/sshd_config": "Match User bob\n    SetEnv K=10.3.0\n"}, ()),
    "no-authorized-keys": ({"~/.ssh/authorized_keys": 'environment="K=10.3.0" ssh-ed25519 AAAA x\n'}, ()),
    "no-greeter": ({"/etc/sddm.conf": "[General]\nGreeterEnvironment=K=10.3.0\n"}, ()),
    "no-mise-false": ({"~/.config/mise/config.toml": "[env]\nK = false\n[tasks.x]\nrun = 'K=10.3.0 x'\n"}, ()),
    "no-kitty-comment": ({"~/.config/kitty/kitty.conf": "# env K=10.3.0\n"}, ()),
    "no-sway-comment": ({"~/.config/sway/config": "# exec env K=10.3.0 x\nbindsym x exec echo K=10.3.0\n"}, ()),
    "no-readme": ({"~/ComfyUI/README.md": "export K=10.3.0\n", "~/ComfyUI/notes.sh.txt": "export K=10.3.0\n"}, ()),
    "no-wrapper-comment": ({"~/.local/bin/x": "#!/bin/sh\n# K=10.3.0 python main.py\nexec python main.py\n"}, ()),
    "no-desktop-tryexec": (
        {"~/.local/share/applications/c.desktop": "[Desktop Entry]\nExec=c\nX-Note=env K=10.3.0 c\n"},
        (),
    ),
    "no-python-read": ({"~/ComfyUI/main.py": "import os\nif os.environ.get('K') == '10.3.0':\n    pass\n"}, ()),
}

# Written after the kinds of FIRST were mended, before it was run once.
SECOND: Rows = {
    "alias-docker": (
        {"~/.zshrc": "alias sd='docker run --rm --device /dev/kfd -e K=10.3.0 rocm/pytorch'\n"},
        ("~/.zshrc:1=10.3.0",),
    ),
    "alias-two-on-a-line": (
        {"~/.bash_aliases": "alias a=ls c='A=0 K=10.3.0 python x'; alias d=df\n"},
        ("~/.bash_aliases:1=10.3.0",),
    ),
    "function-paren-newline": (
        {"~/.bashrc": "sd()\n{\n    local here=$PWD\n    env -C ~/sd K=10.3.0 ./webui.sh\n}\n"},
        ("~/.bashrc:4=10.3.0",),
    ),
    "fish-function-in-config": (
        {"~/.config/fish/config.fish": "function sd\n    set -lx K 10.3.0\n    python launch.py\nend\n"},
        ("~/.config/fish/config.fish:2=10.3.0",),
    ),
    "fish-abbr": (
        {"~/.config/fish/config.fish": "abbr -a comfy 'env K=10.3.0 python main.py'\n"},
        ("~/.config/fish/config.fish:1=10.3.0",),
    ),
    "fish-vendor": (
        {"/usr/share/fish/vendor_conf.d/rocm.fish": "set -gx K 10.3.0\n"},
        ("/usr/share/fish/vendor_conf.d/rocm.fish:1=10.3.0",),
    ),
    "else-branch": (
        {"~/.profile": 'if [ "$HOSTNAME" = x ]; then\n  A=1\nelse\n  K=10.3.0; export K\nfi\n'},
        ("~/.profile:4=10.3.0",),
    ),
    "after-guard": ({"~/.bashrc": '[ -z "$PS1" ] && return\nexport K=10.3.0\n'}, ("~/.bashrc:2=10.3.0",)),
    "source-braced": (
        {
            "~/.zshrc": 'source "${XDG_CONFIG_HOME:-$HOME/.config}/rocm/env.sh"\n',
            "~/.config/rocm/env.sh": "export K=10.3.0\n",
        },
        ("~/.config/rocm/env.sh:1=10.3.0",),
    ),
    "script-sources-beside": (
        {
            "~/ai/start.sh": '#!/bin/bash\ncd "$(dirname "$0")"\nsource ./rocm.env\npython main.py\n',
            "~/ai/rocm.env": "export K=10.3.0\n",
        },
        ("~/ai/rocm.env:1=10.3.0",),
    ),
    "direnv-dotenv": (
        {"~/ComfyUI/.envrc": "layout python3\ndotenv\n", "~/ComfyUI/.env": "K=10.3.0\n"},
        ("~/ComfyUI/.env:1=10.3.0",),
    ),
    "yaml-map-merge-list": (
        {
            "~/c/docker-compose.yml": "x-a: &a {A: '1'}\nx-b: &b\n  K: '10.3.0'\nservices:\n  c:\n    environment:\n      <<: [*a, *b]\n"
        },
        ("~/c/docker-compose.yml:3=10.3.0",),
    ),
    "compose-file-in-dotenv": (
        {
            "~/c/.env": "COMPOSE_FILE=base.yml:amd.yml\n",
            "~/c/compose.yaml": "services: {}\n",
            "~/c/base.yml": "services:\n  c:\n    image: x\n",
            "~/c/amd.yml": "services:\n  c:\n    environment:\n      K: 10.3.0\n",
        },
        ("~/c/amd.yml:4=10.3.0",),
    ),
    "compose-extends-same-file": (
        {
            "~/c/compose.yaml": "services:\n  base:\n    environment:\n      - K=11.0.0\n  gpu:\n    extends: base\n    environment:\n      - K=10.3.0\n"
        },
        ("~/c/compose.yaml:4=11.0.0", "~/c/compose.yaml:8=10.3.0"),
    ),
    "compose-named-file": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    image: x\n",
            "~/c/docker-compose.rocm.yml": "services:\n  c:\n    environment:\n      - K=10.3.0\n",
        },
        ("~/c/docker-compose.rocm.yml:4=10.3.0",),
    ),
    "compose-env-file-required": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    env_file:\n      - path: gpu.env\n        required: false\n",
            "~/c/gpu.env": "export K=10.3.0\n",
        },
        ("~/c/gpu.env:1=10.3.0",),
    ),
    "dockerfile-continued": (
        {"~/c/Dockerfile.rocm": "FROM x\nENV A=1 \\\n    K=10.3.0 \\\n    B=2\n"},
        ("~/c/Dockerfile.rocm:3=10.3.0",),
    ),
    "dockerfile-old": ({"~/c/Containerfile": "FROM x\nENV K 10.3.0\n"}, ("~/c/Containerfile:2=10.3.0",)),
    "docker-image": (
        {
            "/var/lib/docker/image/overlay2/imagedb/content/sha256/0123abc": '{"architecture":"amd64","config":{"Env":["PATH=/bin","K=10.3.0"]}}'
        },
        ("/var/lib/docker/image/overlay2/imagedb/content/sha256/0123abc:1=10.3.0",),
    ),
    "podman-container": (
        {
            "~/.local/share/containers/storage/overlay-containers/0a/userdata/config.json": '{"process":{"env":["TERM=xterm","K=10.3.0"]}}'
        },
        ("~/.local/share/containers/storage/overlay-containers/0a/userdata/config.json:1=10.3.0",),
    ),
    "quadlet-dropin-wins": (
        {
            "/etc/containers/systemd/o.container": "[Container]\nImage=x\nEnvironment=K=11.0.0\n",
            "/etc/containers/systemd/o.container.d/10.conf": "[Container]\nEnvironment=K=10.3.0\n",
        },
        ("/etc/containers/systemd/o.container.d/10.conf:2=10.3.0",),
    ),
    "unit-alias-dropin": (
        {
            "/usr/lib/systemd/system/ollama.service": UNIT,
            "/etc/systemd/system/llm.service": "->/usr/lib/systemd/system/ollama.service",
            "/etc/systemd/system/llm.service.d/a.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        ("/etc/systemd/system/llm.service.d/a.conf:2=10.3.0",),
    ),
    "exec-of-a-shell-script": (
        {
            "~/.config/systemd/user/comfy.service": "[Service]\nExecStart=/bin/bash /home/sam/ComfyUI/go.bash\n",
            "~/ComfyUI/go.bash": "#!/usr/bin/env bash\nK=10.3.0 exec python main.py\n",
        },
        ("~/ComfyUI/go.bash:2=10.3.0",),
    ),
    "timer-unit-env": (
        {
            "/etc/systemd/system/train.service": "[Service]\nType=oneshot\nExecStart=/usr/bin/env -S K=10.3.0 python t.py\n"
        },
        ("/etc/systemd/system/train.service:3=10.3.0",),
    ),
    "envfile-second-wins": (
        {
            "/etc/systemd/system/l.service": UNIT + "EnvironmentFile=/etc/default/a\nEnvironmentFile=/etc/default/b\n",
            "/etc/default/a": "K=11.0.0\n",
            "/etc/default/b": "K='10.3.0'\n",
        },
        ("/etc/default/b:1=10.3.0",),
    ),
    "mise-env-file": (
        {"~/ComfyUI/mise.toml": '[env]\n_.file = ".env.gpu"\n', "~/ComfyUI/.env.gpu": "K=10.3.0\n"},
        ("~/ComfyUI/.env.gpu:1=10.3.0",),
    ),
    "mise-default": (
        {"~/ComfyUI/.mise.toml": '[env]\nK = { default = "10.3.0" } # my card\n'},
        ("~/ComfyUI/.mise.toml:2=10.3.0",),
    ),
    "pixi-in-pyproject": (
        {"~/ComfyUI/pyproject.toml": '[project]\nname = "x"\n[tool.pixi.feature.rocm.activation.env]\nK = "10.3.0"\n'},
        ("~/ComfyUI/pyproject.toml:4=10.3.0",),
    ),
    "toml-inline": (
        {"~/ComfyUI/pixi.toml": '[activation]\nenv = { A = "1", K = "10.3.0" }\n'},
        ("~/ComfyUI/pixi.toml:2=10.3.0",),
    ),
    "vscode-tasks": (
        {"~/ComfyUI/.vscode/tasks.json": '{\n "tasks": [{\n  "options": { "env": {\n   "K": "10.3.0"\n  } }\n }]\n}\n'},
        ("~/ComfyUI/.vscode/tasks.json:4=10.3.0",),
    ),
    "ghostty": ({"~/.config/ghostty/config": "env = K=10.3.0\n"}, ("~/.config/ghostty/config:1=10.3.0",)),
    "wezterm": (
        {"~/.wezterm.lua": 'return {\n  set_environment_variables = {\n    K = "10.3.0",\n  },\n}\n'},
        ("~/.wezterm.lua:3=10.3.0",),
    ),
    "konsole": (
        {"~/.local/share/konsole/a.profile": "[General]\nEnvironment=TERM=xterm-256color,K=10.3.0\n"},
        ("~/.local/share/konsole/a.profile:2=10.3.0",),
    ),
    "tmux-xdg": ({"~/.config/tmux/tmux.conf": 'setenv -g K "10.3.0"\n'}, ("~/.config/tmux/tmux.conf:1=10.3.0",)),
    "hypr-exec-once": (
        {"~/.config/hypr/autostart.conf": "exec-once = [workspace 2 silent] env K=10.3.0 lm-studio\n"},
        ("~/.config/hypr/autostart.conf:1=10.3.0",),
    ),
    "sway-bindsym": (
        {"~/.config/sway/config.d/gpu": "bindsym --locked Mod4+b exec env K=10.3.0 blender\n"},
        ("~/.config/sway/config.d/gpu:1=10.3.0",),
    ),
    "niri-spawn": (
        {"~/.config/niri/config.kdl": 'spawn-at-startup "env" "K=10.3.0" "blender"\n'},
        ("~/.config/niri/config.kdl:1=10.3.0",),
    ),
    "waybar-like-script": (
        {"~/bin/blender-hip": '#!/usr/bin/env bash\nenv K=10.3.0 blender "$@"\n'},
        ("~/bin/blender-hip:2=10.3.0",),
    ),
    "desktop-quoted": (
        {"~/.local/share/applications/lm.desktop": '[Desktop Entry]\nExec=env "K=10.3.0" /opt/LM-Studio.AppImage\n'},
        ("~/.local/share/applications/lm.desktop:2=10.3.0",),
    ),
    "desktop-sh": (
        {"/usr/local/share/applications/c.desktop": '[Desktop Entry]\nExec=sh -c "K=10.3.0 exec comfy"\n'},
        ("/usr/local/share/applications/c.desktop:2=10.3.0",),
    ),
    "environ-update": (
        {"~/ComfyUI/main.py": "import os\nos.environ.update({\n    'A': '1',\n    'K': '10.3.0',\n})\n"},
        ("~/ComfyUI/main.py:4=10.3.0",),
    ),
    "jupyterhub-item": (
        {"/etc/jupyterhub/jupyterhub_config.py": "c = get_config()\nc.Spawner.environment.update({'K': '10.3.0'})\n"},
        ("/etc/jupyterhub/jupyterhub_config.py:2=10.3.0",),
    ),
    "makefile": (
        {"~/ComfyUI/Makefile": "export K := 10.3.0\nrun:\n\tpython main.py\n"},
        ("~/ComfyUI/Makefile:1=10.3.0",),
    ),
    "sshd-dropin-match": (
        {"/etc/ssh/sshd_config.d/gpu.conf": "Match User bob,sam\n  SetEnv A=1 K=10.3.0\nMatch all\n"},
        ("/etc/ssh/sshd_config.d/gpu.conf:2=10.3.0",),
    ),
    "lxc-user": (
        {"~/.local/share/lxc/gpu/config": "lxc.environment = K=10.3.0\n"},
        ("~/.local/share/lxc/gpu/config:1=10.3.0",),
    ),
    "at-job": (
        {
            "/var/spool/cron/atjobs/a00001": "#!/bin/sh\n# atrun uid=1000 gid=1000\numask 22\nK=10.3.0; export K\npython t.py\n"
        },
        ("/var/spool/cron/atjobs/a00001:4=10.3.0",),
    ),
    "cmdline": ({"/proc/cmdline": "quiet systemd.setenv=K=10.3.0\n"}, ("/proc/cmdline:1=10.3.0",)),
    # Look-alikes
    "no-alias-later-redefined": ({"~/.bashrc": "alias c='K=10.3.0 python x'\nalias c='python x'\n"}, ()),
    "no-function-unset": ({"~/.bashrc": "off() {\n  unset K\n}\n"}, ()),
    "no-prefix-at-top": ({"~/.bashrc": "K=10.3.0 rocminfo >/dev/null\n"}, ()),
    "no-exit-after": ({"~/.profile": "exec fish\n", "~/.shrc": "export K=10.3.0\n"}, ()),
    "no-fish-functions-other-dir": ({"~/.config/fish/completions/c.fish": "set -gx K 10.3.0\n"}, ()),
    "no-sourced-comment": ({"~/.bashrc": "# . ~/.rocm.env\n", "~/.rocm.env": "export K=10.3.0\n"}, ()),
    "no-compose-profile-example": (
        {"~/c/compose.yaml.example": "services:\n  c:\n    environment:\n      K: 10.3.0\n"},
        (),
    ),
    "no-compose-secrets": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    image: x\nsecrets:\n  s:\n    environment: K\n",
            "~/c/.env": "K=10.3.0\n",
        },
        (),
    ),
    "no-compose-extended-away": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    image: x\n",
            "~/c/compose.override.yml": "services:\n  c:\n    command: echo K=10.3.0\n",
        },
        (),
    ),
    "no-dockerfile-run": ({"~/c/Dockerfile": "FROM x\nRUN echo ENV K=10.3.0\nLABEL K=10.3.0\n"}, ()),
    "no-unit-condition": ({"/etc/systemd/system/l.service": "[Unit]\nConditionEnvironment=K=10.3.0\n" + UNIT}, ()),
    "no-exec-comment-script": (
        {
            "/etc/systemd/system/l.service": "[Service]\nExecStart=/opt/l/run.sh\n",
            "/opt/l/run.sh": "#!/bin/sh\n# export K=10.3.0\nunset K\nexec x\n",
        },
        (),
    ),
    "no-instance-not-enabled": (
        {
            "/etc/systemd/system/llama@.service": UNIT + "EnvironmentFile=/etc/llama/%i.env\n",
            "/etc/llama/big.env": "K=10.3.0\n",
        },
        (),
    ),
    "no-mise-task-env-string": ({"~/ComfyUI/mise.toml": '[vars]\nK = "10.3.0"\n'}, ()),
    "no-pyproject-other": ({"~/ComfyUI/pyproject.toml": '[tool.x]\nK = "10.3.0"\n'}, ()),
    "no-vscode-windows-launch": (
        {"~/ComfyUI/.vscode/settings.json": '{"terminal.integrated.env.osx":{"K":"10.3.0"}}'},
        (),
    ),
    "no-tmux-unset": ({"~/.tmux.conf": "set-environment -gu K 10.3.0\n"}, ()),
    "no-tmux-update": ({"~/.tmux.conf": 'set -g update-environment "K"\nset -g status-left "K=10.3.0"\n'}, ()),
    "no-wrapper-binary": ({"~/.local/bin/x": "\x7fELF\nexport K=10.3.0\n"}, ()),
    "no-wrapper-help": ({"~/bin/x": '#!/bin/sh\necho "try: K=10.3.0 $0"\n'}, ()),
    "no-python-doc": (
        {"~/ComfyUI/main.py": "import os\n# os.environ['K'] = '10.3.0'\nprint(\"set 'K': '10.3.0'\")\n"},
        (),
    ),
    "no-desktop-hidden-system": (
        {
            "/usr/share/applications/b.desktop": "[Desktop Entry]\nExec=env K=10.3.0 blender\n",
            "~/.local/share/applications/b.desktop": "[Desktop Entry]\nExec=blender\n",
        },
        (),
    ),
    "no-autostart-overridden": (
        {
            "/etc/xdg/autostart/b.desktop": "[Desktop Entry]\nExec=env K=10.3.0 b\n",
            "~/.config/autostart/b.desktop": "[Desktop Entry]\nHidden=true\n",
        },
        (),
    ),
    "no-pamd-comment": (
        {
            "/etc/pam.d/login": "# session required pam_env.so envfile=/etc/default/rocm\n",
            "/etc/default/rocm": "K=10.3.0\n",
        },
        (),
    ),
}

# Written after SECOND's kinds were mended, before it was run once.
THIRD: Rows = {
    "zsh-global-typeset": ({"~/.zprofile": "typeset -xg K='10.3.0'\n"}, ("~/.zprofile:1=10.3.0",)),
    "function-in-function": (
        {"~/.zshrc": "sd() {\n  if [[ -n $1 ]]; then\n    K=10.3.0 python $1\n  fi\n}\nalias x=y\n"},
        ("~/.zshrc:3=10.3.0",),
    ),
    "alias-sudo-env": ({"~/.bashrc": 'alias g="sudo -E env K=10.3.0 rocminfo"\n'}, ("~/.bashrc:1=10.3.0",)),
    "fish-function-prefix": (
        {"~/.config/fish/functions/ol.fish": "function ol --wraps ollama\n  K=10.3.0 ollama serve $argv\nend\n"},
        ("~/.config/fish/functions/ol.fish:2=10.3.0",),
    ),
    "source-then-own": (
        {"~/.profile": ". ~/.env.d/gpu\nexport K=10.3.0\n", "~/.env.d/gpu": "export A=1\n"},
        ("~/.profile:2=10.3.0",),
    ),
    "loop-of-two-files": (
        {"~/.zshrc": "for f in ~/.a ~/.b; do source $f; done\n", "~/.a": ":\n", "~/.b": "export K=10.3.0\n"},
        ("~/.b:1=10.3.0",),
    ),
    "plasma-script-sources": (
        {"~/.config/plasma-workspace/env/a.sh": "#!/bin/sh\n. $HOME/.gpu\n", "~/.gpu": "export K=10.3.0\n"},
        ("~/.gpu:1=10.3.0",),
    ),
    "unit-three-files": (
        {
            "/etc/systemd/user/c.service": UNIT + "Environment=K=9.0.0\n",
            "~/.config/systemd/user/c.service.d/z.conf": "[Service]\nEnvironment=K=10.3.0\n",
            "/etc/systemd/user/c.service.d/a.conf": "[Service]\nEnvironment=K=11.0.0\n",
        },
        ("~/.config/systemd/user/c.service.d/z.conf:2=10.3.0",),
    ),
    "instance-i-dropin": (
        {
            "/etc/systemd/system/comfy@.service": UNIT,
            "/etc/systemd/system/comfy@.service.d/e.conf": "[Service]\nEnvironmentFile=-/etc/comfy/%I\n",
            "/etc/systemd/system/default.target.wants/comfy@b.service": "->../comfy@.service",
            "/etc/comfy/b": "# b\nK=10.3.0\n",
        },
        ("/etc/comfy/b:2=10.3.0",),
    ),
    "envd-run": ({"/run/environment.d/g.conf": "K=10.3.0\n"}, ("/run/environment.d/g.conf:1=10.3.0",)),
    "user.conf.d-run": (
        {"/usr/local/lib/systemd/user.conf.d/g.conf": "[Manager]\nDefaultEnvironment='K=10.3.0'\n"},
        ("/usr/local/lib/systemd/user.conf.d/g.conf:2=10.3.0",),
    ),
    "compose-mapping-null": (
        {"~/c/compose.yml": "services:\n  c:\n    environment:\n      K:\n", "~/c/.env": 'K="10.3.0"\n'},
        ("~/c/.env:1=10.3.0|~/c/compose.yml:4=10.3.0",),
    ),
    "compose-part-of-value": (
        {"~/c/compose.yml": "services:\n  c:\n    environment:\n      K: ${MAJOR}.3.0\n", "~/c/.env": "MAJOR=10\n"},
        ("~/c/compose.yml:4=10.3.0",),
    ),
    "compose-in-opt-with-override": (
        {
            "/srv/ai/docker-compose.yml": "services:\n  c:\n    environment: [K=11.0.0]\n",
            "/srv/ai/docker-compose.override.yml": "services:\n  c:\n    environment: [K=10.3.0]\n",
        },
        ("/srv/ai/docker-compose.override.yml:3=10.3.0",),
    ),
    "compose-extends-override": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    extends: {file: ../base/b.yml, service: s}\n    environment:\n      K: 10.3.0\n",
            "~/base/b.yml": "services:\n  s:\n    environment:\n      K: 11.0.0\n",
        },
        ("~/c/compose.yaml:5=10.3.0",),
    ),
    "quadlet-env-file-second": (
        {
            "/etc/containers/systemd/o.container": "[Container]\nImage=x\nEnvironmentFile=/etc/a.env\nEnvironmentFile=/etc/b.env\n",
            "/etc/a.env": "K=11.0.0\n",
            "/etc/b.env": "K=10.3.0\n",
        },
        ("/etc/b.env:1=10.3.0",),
    ),
    "cdi-device": (
        {"/etc/cdi/x.json": '{"devices":[{"name":"0","containerEdits":{\n"env":["A=1","K=10.3.0"]}}]}'},
        ("/etc/cdi/x.json:2=10.3.0",),
    ),
    "nspawn-machines": (
        {"/var/lib/machines/gpu.nspawn": '[Exec]\nEnvironment="K=10.3.0"\n'},
        ("/var/lib/machines/gpu.nspawn:2=10.3.0",),
    ),
    "vscode-remote-workspace": (
        {
            "~/p/.vscode/settings.json": '{\n // a\n "terminal.integrated.env.linux": {\n  "A": "1",\n  "K": "10.3.0"\n }\n}\n'
        },
        ("~/p/.vscode/settings.json:5=10.3.0",),
    ),
    "mise-value-table": (
        {"~/.config/mise/conf.d/g.toml": "[env]\nK = { value = '10.3.0' }\n"},
        ("~/.config/mise/conf.d/g.toml:2=10.3.0",),
    ),
    "vim": ({"~/.vimrc": "let $K = '10.3.0'\n"}, ("~/.vimrc:1=10.3.0",)),
    "emacs-xdg": (
        {"~/.config/emacs/init.el": '(use-package x)\n  (setenv "K" "10.3.0")\n'},
        ("~/.config/emacs/init.el:2=10.3.0",),
    ),
    "hypr-bind": (
        {"~/.config/hypr/binds.conf": "bind = SUPER SHIFT, B, exec, env K=10.3.0 blender\n"},
        ("~/.config/hypr/binds.conf:1=10.3.0",),
    ),
    "i3-always": ({"~/.config/i3/config": 'exec_always "env K=10.3.0 lms"\n'}, ("~/.config/i3/config:1=10.3.0",)),
    "desktop-flatpak-run": (
        {
            "~/.local/share/applications/a.desktop": "[Desktop Entry]\nExec=flatpak run --env=K=10.3.0 com.jeffser.Alpaca\n"
        },
        ("~/.local/share/applications/a.desktop:2=10.3.0",),
    ),
    "wrapper-exports-two": (
        {"/usr/local/bin/sd": "#!/bin/sh -e\n: x\nexport A=1 K=10.3.0\nexec /opt/sd/run\n"},
        ("/usr/local/bin/sd:3=10.3.0",),
    ),
    "python-putenv": ({"~/sd/launch.py": "import os\nos.putenv('K', '10.3.0')\n"}, ("~/sd/launch.py:2=10.3.0",)),
    "pam-conffile": (
        {
            "/etc/pam.d/sshd": "session    required     pam_env.so user_readenv=1 envfile=/etc/default/locale\n",
            "/etc/default/locale": "LANG=C\nK=10.3.0\n",
        },
        ("/etc/default/locale:2=10.3.0",),
    ),
    "justfile": ({"~/sd/justfile": 'export K := "10.3.0"\n'}, ("~/sd/justfile:1=10.3.0",)),
    "devcontainer-env-eq": (
        {"~/p/.devcontainer/devcontainer.json": '{"runArgs": [\n"--env=K=10.3.0"]}\n'},
        ("~/p/.devcontainer/devcontainer.json:2=10.3.0",),
    ),
    # Look-alikes
    "no-env-i": ({"~/.bashrc": "alias c='env -i A=1 python x'\n"}, ()),
    "no-alias-note": ({"~/.bashrc": "alias h='grep K=10.3.0 ~/notes'\n"}, ()),
    "no-else-of-false": ({"~/.bashrc": "if false; then\n  export K=10.3.0\nelse\n  :\nfi\n"}, ()),
    "no-return-in-sourced": ({"~/.bashrc": ". ~/.g\n", "~/.g": "return 0\nexport K=10.3.0\n"}, ()),
    "no-screen-comment": ({"~/.screenrc": "# setenv K 10.3.0\n"}, ()),
    "no-emacs-comment": ({"~/.emacs": ';; (setenv "K" "10.3.0")\n'}, ()),
    "no-lua-comment": ({"~/.wezterm.lua": 'return { set_environment_variables = {\n-- K = "10.3.0",\n} }\n'}, ()),
    "no-vim-comment": ({"~/.vimrc": "\" let $K = '10.3.0'\n"}, ()),
    "no-niri-comment": ({"~/.config/niri/config.kdl": 'environment {\n    // K "10.3.0"\n}\n'}, ()),
    "no-makefile-target": ({"~/sd/Makefile": "K = 10.3.0\nhelp:\n\t@echo export K=10.3.0\n"}, ()),
    "no-docker-env-comment": ({"~/c/Dockerfile": "FROM x\nENV A=1 \\\n    # K=10.3.0\n    B=2\n"}, ()),
    "no-compose-override-empty-away": (
        {
            "~/c/compose.yml": "services:\n  c:\n    environment: {K: 10.3.0}\n",
            "~/c/compose.override.yml": "services:\n  c:\n    environment: !reset null\n",
        },
        (),
    ),
    "no-unit-unset-in-dropin": (
        {
            "/etc/systemd/user/c.service": UNIT + "Environment=K=10.3.0\n",
            "~/.config/systemd/user/c.service.d/z.conf": "[Service]\nUnsetEnvironment=K\n",
        },
        (),
    ),
    "no-json-comment": ({"~/p/.vscode/launch.json": '{"env": {\n  // "K": "10.3.0"\n  "A": "1"\n}}\n'}, ()),
    "no-toml-comment": ({"~/sd/pixi.toml": '[activation.env]\n# K = "10.3.0"\n'}, ()),
    "no-flatpak-unset-both": (
        {"~/.local/share/flatpak/overrides/a.b": "[Context]\nunset-environment=A;K;\n\n[Environment]\nK=\n"},
        (),
    ),
    "no-match-group": (
        {"/etc/ssh/sshd_config": "Match User bob,eve\n  AllowTcpForwarding no\n  SetEnv K=10.3.0\n"},
        (),
    ),
    "no-python-else": ({"~/sd/main.py": 'HELP = "export K=10.3.0"\nimport os\ndel os.environ["K"]\n'}, ()),
}
