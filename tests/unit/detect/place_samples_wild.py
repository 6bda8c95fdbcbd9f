# ruff: noqa: E501 - tables of texts, a case a line
"""Set D: places as people have them, by somebody who had not read the readers; labelled and committed before one run.

A row: files (below the root; "~" is sam's home; "->X" is a link to X; § is HSA_OVERRIDE_GFX_VERSION; what starts with
"#!" is executable unless listed in PLAIN), then what is to be named: (file:line, key, value, for whom, "wins" or what
it beats). A row of CALM is to name nothing; what a row of WILD names beyond its labels is a false claim too.

Most spellings were seen in public repositories and threads (dotfiles with hl.env of Hyprland 0.55, `set -Ux` in
config.fish, installers' `: "${K:=v}"`, arrays of --setenv, text-generation-webui's one_click.py, Makefiles with a
variable of assignments, drop-ins that set it empty). Who reads what is by each reader's own manual or source: bash(1),
zsh(1), dash(1), fish's language reference, Fedora's setup (profile, sh.local) and openSUSE's aaa_base (profile.local),
Hyprland's wiki, sway's start-sway, bspwm(1), qtile's and uwsm's documentation, greetd(5), the Desktop Entry
specification, xfce4-panel's launchers, Doom's `doom env`, Neovim's lua guide, Zed's terminal settings, PyCharm's run
configurations, vscode-python's python.envFile, virtualenvwrapper's hooks, site (usercustomize), python-dotenv, GNU make,
npm scripts, PDM's and poe's scripts, mise's and direnv's references, Lmod's modulefiles, sbatch(1), slurm.conf(5), PM2's
ecosystem file, process-compose, supervisord's configuration, Debian's init scripts, systemd.environment-generator(7),
systemd.exec(5), docker-run(1) (pflag takes -eK=v), Apptainer's environment page, crontab(5), doas.conf(5), R's
Startup, Immich's hardware-acceleration page, Frigate's reference configuration, CasaOS, Coolify, k3s' HelmChart,
podman-systemd.unit(5), Rio's configuration, systemd's JSON user records, env(1).

Run once before anything was mended for it: 42 of 81 places named with line, key and value (44 by line alone); 8 of 38
look-alikes claimed, and 3 claims more beside places that were named (another host's branch, a default that nothing
exports, conf.d's value under config.fish's).
"""

from __future__ import annotations

Label = tuple[str, str, str, str, str]
Rows = dict[str, tuple[dict[str, str], tuple[Label, ...]]]
W = "wins"
FISH, ZSH, DASH = (
    f"root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:{s}\n"
    for s in ("/usr/bin/fish", "/usr/bin/zsh", "/bin/dash")
)


def s(place: str, whom: str, value: str = "10.3.0", key: str = "HSA_OVERRIDE_GFX_VERSION", wins: str = W) -> Label:
    return (place, key, value, whom, wins)


WILD: Rows = {
    # compositors and desktops
    "hyprland-lua": (
        {
            "~/.config/hypr/hyprland.lua": 'local home = os.getenv("HOME")\nhl.env("XCURSOR_SIZE", "24")\nhl.env("§", "10.3.0")\n'
        },
        (s("~/.config/hypr/hyprland.lua:3", "sam's session"),),
    ),
    "hyprland-lua-required": (
        {
            "~/.config/hypr/hyprland.lua": 'require("conf/env")\n',
            "~/.config/hypr/conf/env.lua": 'hl.env("ROCR_VISIBLE_DEVICES",  "1")\nhl.env("§", "11.0.0")\n',
        },
        (
            s("~/.config/hypr/conf/env.lua:2", "sam's session", "11.0.0"),
            s("~/.config/hypr/conf/env.lua:1", "sam's session", "1", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    "hyprland-variable": (
        {"~/.config/hypr/hyprland.conf": "$gfx = 10.3.0\n$term = kitty\nenv = §,$gfx\n"},
        (s("~/.config/hypr/hyprland.conf:3", "sam's session"),),
    ),
    "hyprland-sets-the-manager's": (
        {
            "~/.config/hypr/hyprland.conf": "monitor=,preferred,auto,1\nexec-once = systemctl --user set-environment §=10.3.0\n"
        },
        (s("~/.config/hypr/hyprland.conf:2", "sam's user services"),),
    ),
    "sway-activation-environment": (
        {
            "~/.config/sway/config": "set $mod Mod4\nexec dbus-update-activation-environment --systemd §=10.3.0 WAYLAND_DISPLAY\n"
        },
        (s("~/.config/sway/config:2", "what D-Bus and sam's manager start"),),
    ),
    "sway-environment-of-fedora": (
        {"~/.config/sway/environment": "# read by start-sway\n§=10.3.0\n"},
        (s("~/.config/sway/environment:2", "sam's session"),),
    ),
    "bspwmrc": (
        {"~/.config/bspwm/bspwmrc": "#!/bin/sh\nexport §=10.3.0\npgrep -x sxhkd > /dev/null || sxhkd &\n"},
        (s("~/.config/bspwm/bspwmrc:2", "what bspwm's start starts"),),
    ),
    "qtile": (
        {"~/.config/qtile/config.py": "import os\nfrom libqtile import bar\n\nos.environ['§'] = '10.3.0'\n"},
        (s("~/.config/qtile/config.py:4", "sam's session"),),
    ),
    "uwsm-of-one-compositor": (
        {"~/.config/uwsm/env-hyprland": "export AQ_DRM_DEVICES=/dev/dri/card1\nexport §=10.3.0\n"},
        (s("~/.config/uwsm/env-hyprland:2", "sam's session"),),
    ),
    "greetd": (
        {
            "/etc/greetd/config.toml": '[terminal]\nvt = 1\n\n[default_session]\ncommand = "tuigreet --cmd \'env §=10.3.0 sway\'"\nuser = "greeter"\n'
        },
        (s("/etc/greetd/config.toml:5", "the session"),),
    ),
    "wayland-session": (
        {
            "/usr/local/share/wayland-sessions/sway-rocm.desktop": "[Desktop Entry]\nName=Sway (ROCm)\nExec=env §=10.3.0 sway\nType=Application\n"
        },
        (s("/usr/local/share/wayland-sessions/sway-rocm.desktop:3", "who chooses that session"),),
    ),
    "gnomerc": ({"~/.gnomerc": "export §=10.3.0\n"}, (s("~/.gnomerc:1", "sam's GNOME"),)),
    "xinitrc-exec-env": (
        {"~/.xinitrc": "[ -f ~/.Xresources ] && xrdb -merge ~/.Xresources\nexec env §=10.3.0 startplasma-x11\n"},
        (s("~/.xinitrc:2", "sam's session"),),
    ),
    "xfce-panel": (
        {
            "~/.config/xfce4/panel/launcher-7/17012345671.desktop": "[Desktop Entry]\nVersion=1.0\nType=Application\nName=Blender\nExec=env §=10.3.0 blender\n"
        },
        (s("~/.config/xfce4/panel/launcher-7/17012345671.desktop:5", "sam's panel"),),
    ),
    "appimage-entry": (
        {
            "~/.local/share/applications/lm-studio.desktop": "[Desktop Entry]\nName=LM Studio\nType=Application\nExec=env DESKTOPINTEGRATION=1 §=10.3.0 /home/sam/AppImages/lm-studio.appimage %U\nX-AppImage-Version=0.3.9\n"
        },
        (s("~/.local/share/applications/lm-studio.desktop:4", "LM Studio"),),
    ),
    # shells
    "fish-universal-of-the-interactive": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "if status is-interactive\n    set -g fish_greeting\n    set -Ux § 10.3.0\nend\n",
        },
        (s("~/.config/fish/config.fish:3", "sam's fish"),),
    ),
    "fish-local-of-a-function": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/functions/comfy.fish": "function comfy\n    set -lx § 10.3.0\n    python ~/ComfyUI/main.py $argv\nend\n",
        },
        (s("~/.config/fish/functions/comfy.fish:2", "sam, who runs comfy"),),
    ),
    "fish-config-over-conf.d": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/rocm.fish": "set -x § 10.1.0\n",
            "~/.config/fish/config.fish": "# Tide\nset -x § 11.0.0\n",
        },
        (s("~/.config/fish/config.fish:2", "sam's fish", "11.0.0", wins="conf.d/rocm.fish:1"),),
    ),
    "sh.local-of-fedora": (
        {
            "/etc/profile": 'for i in /etc/profile.d/*.sh /etc/profile.d/sh.local ; do\n    if [ -r "$i" ]; then\n        . "$i" >/dev/null\n    fi\ndone\n',
            "/etc/profile.d/sh.local": "#Add any required envvar overrides to this file\n§=10.3.0\nexport §\n",
        },
        (s("/etc/profile.d/sh.local:2|/etc/profile.d/sh.local:3", "login shells"),),
    ),
    "profile.local-of-suse": (
        {
            "/etc/profile": "test -s /etc/profile.local && . /etc/profile.local\n",
            "/etc/profile.local": "export §=10.3.0\n",
        },
        (s("/etc/profile.local:1", "login shells"),),
    ),
    "bashrc-of-fedora": (
        {
            "/etc/bashrc": "# /etc/bashrc\nexport §=10.3.0\n",
            "~/.bashrc": "if [ -f /etc/bashrc ]; then\n    . /etc/bashrc\nfi\n",
        },
        (s("/etc/bashrc:2", "bash"),),
    ),
    "zshenv-of-fedora": ({"/etc/passwd": ZSH, "/etc/zshenv": "export §=10.3.0\n"}, (s("/etc/zshenv:1", "zsh"),)),
    "bash-env": (
        {"/etc/environment": "BASH_ENV=/etc/rocm.sh\n", "/etc/rocm.sh": "export §=10.3.0\n"},
        (s("/etc/rocm.sh:1", "bash scripts"),),
    ),
    "env-of-dash": (
        {"/etc/passwd": DASH, "~/.profile": 'ENV="$HOME/.shrc"\nexport ENV\n', "~/.shrc": "export §=10.3.0\n"},
        (s("~/.shrc:1", "sam's interactive sh"),),
    ),
    "zsh-loop-over-a-glob": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": "for f in ~/.zsh/*.zsh(N); do\n  source $f\ndone\nunset f\n",
            "~/.zsh/gpu.zsh": "export §=10.3.0\n",
        },
        (s("~/.zsh/gpu.zsh:1", "sam's zsh"),),
    ),
    "exported-line-by-line": (
        {
            "~/.bashrc": 'while IFS= read -r line; do\n  export "$line"\ndone < ~/.rocm.env\n',
            "~/.rocm.env": "§=10.3.0\n",
        },
        (s("~/.rocm.env:1", "sam's bash"),),
    ),
    "value-of-a-variable": (
        {"~/.bashrc": 'GFX_VERSION=10.3.0\nexport §="${GFX_VERSION}"\n'},
        (s("~/.bashrc:2", "sam's bash"),),
    ),
    "function-that-is-called": (
        {"~/.bashrc": "rocm_env() {\n  export HIP_VISIBLE_DEVICES=0\n  export §=10.3.0\n}\nrocm_env\n"},
        (s("~/.bashrc:3", "sam's bash"), s("~/.bashrc:2", "sam's bash", "0", "HIP_VISIBLE_DEVICES")),
    ),
    "default-by-colon": (
        {
            "~/.bashrc": '[ -f "$HOME/.config/rocm/env.sh" ] && source "$HOME/.config/rocm/env.sh"\n',
            "~/.config/rocm/env.sh": ': "${§:=10.3.0}"\n: "${PYTORCH_TUNABLEOP_ENABLED:=0}"\nexport §\n',
        },
        (s("~/.config/rocm/env.sh:1|~/.config/rocm/env.sh:3", "sam's bash"),),
    ),
    "case-of-this-host": (
        {
            "/etc/hostname": "rig-6600\n",
            "~/.bashrc": 'case "$(hostname)" in\n  rig-6600)\n    export §=10.3.0\n    ;;\n  laptop)\n    export ROCR_VISIBLE_DEVICES=1\n    ;;\nesac\n',
        },
        (s("~/.bashrc:3", "sam's bash"),),
    ),
    "declare-read-only": (
        {"~/.bash_profile": ". ~/.bashrc\ndeclare -rx §=10.3.0\n", "~/.bashrc": ""},
        (s("~/.bash_profile:2", "sam's login bash"),),
    ),
    "linked-dotfiles": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": "->dotfiles/zsh/.zshrc",
            "~/dotfiles/zsh/.zshrc": "setopt autocd\nexport §=10.3.0\n",
        },
        (s("~/.zshrc:2|~/dotfiles/zsh/.zshrc:2", "sam's zsh"),),
    ),
    "apptainer": (
        {"~/.bashrc": "module load apptainer\nexport APPTAINERENV_§=10.3.0\n"},
        (s("~/.bashrc:2", "sam's containers of apptainer"),),
    ),
    # editors, tools of developers
    "doom-env": (
        {
            "~/.config/emacs/.local/env": ';; -*- mode: lisp-interaction; coding: utf-8-unix; -*-\n(\n "EDITOR=vi"\n "§=10.3.0"\n)\n'
        },
        (s("~/.config/emacs/.local/env:4", "sam's Emacs"),),
    ),
    "nvim-module": (
        {
            "~/.config/nvim/init.lua": 'require("config.options")\n',
            "~/.config/nvim/lua/config/options.lua": 'vim.opt.number = true\nvim.env.§ = "10.3.0"\n',
        },
        (s("~/.config/nvim/lua/config/options.lua:2", "sam's Neovim"),),
    ),
    "zed": (
        {
            "~/.config/zed/settings.json": '// Zed settings\n{\n  "vim_mode": true,\n  "terminal": {\n    "env": {\n      "§": "10.3.0",\n    },\n  },\n}\n'
        },
        (s("~/.config/zed/settings.json:6", "sam's terminals of Zed"),),
    ),
    "pycharm-run": (
        {
            "~/src/train/.idea/runConfigurations/main.xml": '<component name="ProjectRunConfigurationManager">\n  <configuration name="main" type="PythonConfigurationType">\n    <envs>\n      <env name="PYTHONUNBUFFERED" value="1" />\n      <env name="§" value="10.3.0" />\n    </envs>\n  </configuration>\n</component>\n'
        },
        (s("~/src/train/.idea/runConfigurations/main.xml:5", "main of the project"),),
    ),
    "vscode-python-envfile": (
        {
            "~/src/train/.vscode/settings.json": '{\n  "python.envFile": "${workspaceFolder}/rocm.env"\n}\n',
            "~/src/train/rocm.env": "§=10.3.0\n",
        },
        (s("~/src/train/rocm.env:1", "Python in the editor"),),
    ),
    "rio": (
        {"~/.config/rio/config.toml": 'theme = "dracula"\nenv-vars = ["A=b", "§=10.3.0"]\n'},
        (s("~/.config/rio/config.toml:2", "sam's terminals of Rio"),),
    ),
    # Python
    "virtualenvwrapper": (
        {
            "~/.virtualenvs/comfy/pyvenv.cfg": "home = /usr/bin\n",
            "~/.virtualenvs/comfy/bin/postactivate": "#!/usr/bin/zsh\n# This hook is sourced after this virtualenv is activated.\nexport §=10.3.0\n",
        },
        (s("~/.virtualenvs/comfy/bin/postactivate:3", "who works on comfy"),),
    ),
    "activate.fish": (
        {
            "~/ComfyUI/.venv/pyvenv.cfg": "home = /usr/bin\n",
            "~/ComfyUI/.venv/bin/activate.fish": 'set -gx VIRTUAL_ENV /home/sam/ComfyUI/.venv\nset -gx § "10.3.0"\n',
        },
        (s("~/ComfyUI/.venv/bin/activate.fish:2", "who activates it in fish"),),
    ),
    "usercustomize": (
        {
            "~/.local/lib/python3.11/site-packages/usercustomize.py": 'import os\n\nos.environ.setdefault("§", "10.3.0")\n'
        },
        (s("~/.local/lib/python3.11/site-packages/usercustomize.py:3", "sam's Python 3.11"),),
    ),
    "python-dotenv": (
        {
            "~/voicebox/app.py": "from dotenv import load_dotenv\n\nload_dotenv()\n\nimport torch\n",
            "~/voicebox/.env": "PORT=8000\n§=10.3.0\n",
        },
        (s("~/voicebox/.env:2", "voicebox"),),
    ),
    "environment-of-a-child": (
        {
            "~/llama/launch.py": "import os\nimport subprocess\n\nenv = os.environ.copy()\nenv['§'] = '10.3.0'\nsubprocess.run(['./llama-server', '-m', 'x.gguf'], env=env)\n"
        },
        (s("~/llama/launch.py:5", "llama-server"),),
    ),
    "one_click": (
        {
            "~/text-generation-webui/one_click.py": "import os\nimport sys\n\n# Remove the '# ' from the following lines as needed for your AMD GPU on Linux\nos.environ[\"§\"] = '10.3.0'\n# os.environ[\"HCC_AMDGPU_TARGET\"] = 'gfx1030'\n"
        },
        (s("~/text-generation-webui/one_click.py:5", "text-generation-webui"),),
    ),
    "pdm-script": (
        {
            "~/src/train/pyproject.toml": '[project]\nname = "train"\n\n[tool.pdm.scripts]\nstart = {cmd = "python main.py", env = {§ = "10.3.0"}}\n'
        },
        (s("~/src/train/pyproject.toml:5", "pdm run start"),),
    ),
    "poe-env": (
        {"~/src/train/pyproject.toml": '[tool.poe.env]\n§ = "10.3.0"\n\n[tool.poe.tasks]\nstart = "python main.py"\n'},
        (s("~/src/train/pyproject.toml:2", "poe's tasks"),),
    ),
    "shebang": ({"~/bin/sd": "#!/usr/bin/env -S §=10.3.0 python3\nimport torch\n"}, (s("~/bin/sd:1", "sd"),)),
    # launchers and projects
    "unless-it-is-set": (
        {
            "~/ComfyUI/start.sh": '#!/bin/bash\nset -e\n\nif [ -z "$§" ]; then\n    export §=10.3.0\nfi\npython3 main.py --listen\n'
        },
        (s("~/ComfyUI/start.sh:5", "ComfyUI"),),
    ),
    "swarmui": (
        {
            "~/SwarmUI/launch-linux.sh": '#!/usr/bin/env bash\nexport §="10.3.0" HIP_VISIBLE_DEVICES="0"\n./src/bin/live_release/SwarmUI $@\n'
        },
        (
            s("~/SwarmUI/launch-linux.sh:2", "SwarmUI"),
            s("~/SwarmUI/launch-linux.sh:2", "SwarmUI", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "make-variable-of-assignments": (
        {
            "~/demucs/Makefile": "ROCM_ENV = §=10.3.0 MIOPEN_LOG_LEVEL=0\n\ntrain:\n\t$(ROCM_ENV) ./venv/bin/python3 train.py\n"
        },
        (
            s("~/demucs/Makefile:1|~/demucs/Makefile:4", "make train"),
            s("~/demucs/Makefile:1|~/demucs/Makefile:4", "make train", "0", "MIOPEN_LOG_LEVEL"),  # was forgotten
        ),
    ),
    "npm-script": (
        {
            "~/ai-ui/package.json": '{\n  "name": "ai-ui",\n  "scripts": {\n    "start": "§=10.3.0 node server.js"\n  }\n}\n'
        },
        (s("~/ai-ui/package.json:4", "npm start"),),
    ),
    "mise-local": (
        {"~/ComfyUI/mise.local.toml": '[env]\n§ = "10.3.0"\n'},
        (s("~/ComfyUI/mise.local.toml:2", "the project"),),
    ),
    "direnv-local": (
        {
            "~/ComfyUI/.envrc": "layout python3\nsource_env_if_exists .envrc.local\n",
            "~/ComfyUI/.envrc.local": "export §=10.3.0\n",
        },
        (s("~/ComfyUI/.envrc.local:1", "the project"),),
    ),
    "pm2-ecosystem": (
        {
            "~/comfy/ecosystem.config.js": 'module.exports = {\n  apps: [{\n    name: "comfy",\n    script: "main.py",\n    interpreter: "./venv/bin/python",\n    env: {\n      §: "10.3.0",\n    },\n  }],\n};\n'
        },
        (s("~/comfy/ecosystem.config.js:7", "comfy"),),
    ),
    "process-compose": (
        {
            "~/stack/process-compose.yaml": 'version: "0.5"\nenvironment:\n  - "§=10.3.0"\nprocesses:\n  llama:\n    command: ./llama-server -m x.gguf\n'
        },
        (s("~/stack/process-compose.yaml:3", "its processes"),),
    ),
    "lmod": (
        {
            "/etc/modulefiles/rocm/6.4.lua": 'help([[ROCm 6.4]])\nprepend_path("PATH", "/opt/rocm/bin")\nsetenv("§", "10.3.0")\n'
        },
        (s("/etc/modulefiles/rocm/6.4.lua:3", "who loads rocm/6.4"),),
    ),
    "sbatch": (
        {"~/jobs/train.sbatch": "#!/bin/bash\n#SBATCH --gres=gpu:1\nexport §=10.3.0\nsrun python train.py\n"},
        (s("~/jobs/train.sbatch:3", "the job"),),
    ),
    "slurm-task-prolog": (
        {
            "/etc/slurm/slurm.conf": "ClusterName=lab\nTaskProlog=/etc/slurm/task_prolog.sh\n",
            "/etc/slurm/task_prolog.sh": '#!/bin/sh\necho "export §=10.3.0"\n',
        },
        (s("/etc/slurm/task_prolog.sh:2", "slurm's tasks"),),
    ),
    "r-environ": ({"~/.Renviron": "# reticulate\n§=10.3.0\n"}, (s("~/.Renviron:2", "sam's R"),)),
    # services
    "supervisord-for-all": (
        {
            "/etc/supervisor/supervisord.conf": '[supervisord]\nlogfile=/var/log/supervisord.log\nenvironment=§="10.3.0"\n\n[program:comfy]\ncommand=/home/sam/venv/bin/python main.py\n'
        },
        (s("/etc/supervisor/supervisord.conf:3", "all its programs"),),
    ),
    "init-script": (
        {
            "/etc/init.d/comfy": "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: comfy\n### END INIT INFO\nNAME=comfy\n[ -r /etc/default/$NAME ] && . /etc/default/$NAME\nexport §\nstart-stop-daemon --start --background --exec /opt/comfy/venv/bin/python -- /opt/comfy/main.py\n",
            "/etc/default/comfy": "§=10.3.0\n",
        },
        (s("/etc/default/comfy:1|/etc/init.d/comfy:7", "comfy"),),
    ),
    "generator-with-a-here-document": (
        {"/usr/lib/systemd/system-environment-generators/60-rocm": "#!/bin/sh\ncat <<EOF\n§=10.3.0\nEOF\n"},
        (s("/usr/lib/systemd/system-environment-generators/60-rocm:3", "all services"),),
    ),
    "runtime-drop-in": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/run/systemd/system/ollama.service.d/override.conf": '[Service]\nEnvironment="§=10.3.0"\n',
        },
        (s("/run/systemd/system/ollama.service.d/override.conf:2", "ollama.service"),),
    ),
    "drop-in-that-empties": (
        {
            "/etc/systemd/system/ollama.service": '[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment="§=11.0.0"\n',
            "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\n# native gfx1151, no override needed\nEnvironment=§=\nEnvironment=HSA_ENABLE_SDMA=0\n",
        },
        (
            s("/etc/systemd/system/ollama.service.d/override.conf:3", "ollama.service", "", wins="ollama.service:3"),
            s("/etc/systemd/system/ollama.service.d/override.conf:4", "ollama.service", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    "unit-login-shell": (
        {
            "~/.config/systemd/user/comfy.service": "[Unit]\nDescription=ComfyUI\n[Service]\nWorkingDirectory=%h/ComfyUI\nExecStart=/bin/bash -lc 'export §=10.3.0; exec venv/bin/python main.py'\n"
        },
        (s("~/.config/systemd/user/comfy.service:5", "comfy.service of sam"),),
    ),
    "unit-docker-run": (
        {
            "/etc/systemd/system/docker-ollama.service": "[Service]\nExecStartPre=-/usr/bin/docker rm ollama\nExecStart=/usr/bin/docker run --rm --name ollama \\\n  --device /dev/kfd --device /dev/dri \\\n  -e §=10.3.0 \\\n  ollama/ollama:rocm\n"
        },
        (
            s(
                "/etc/systemd/system/docker-ollama.service:5|/etc/systemd/system/docker-ollama.service:3",
                "the container",
            ),
        ),
    ),
    "systemd-run-array": (
        {
            "~/bin/llama-gpu": '#!/usr/bin/env bash\nENV_ARGS=(\n  --setenv=§=10.3.0\n  --setenv=HSA_ENABLE_SDMA=0\n)\nsystemd-run --user --unit=llama --collect "${ENV_ARGS[@]}" llama-server -m x.gguf\n'
        },
        (s("~/bin/llama-gpu:3", "llama"), s("~/bin/llama-gpu:4", "llama", "0", "HSA_ENABLE_SDMA")),
    ),
    "reboot-job": (
        {"/var/spool/cron/crontabs/sam": "# m h dom\n@reboot §=10.3.0 /home/sam/ComfyUI/run.sh >/dev/null 2>&1\n"},
        (s("/var/spool/cron/crontabs/sam:2", "the job of sam"),),
    ),
    "doas": (
        {"/etc/doas.conf": "permit persist :wheel\npermit nopass setenv { §=10.3.0 } sam as ollama\n"},
        (s("/etc/doas.conf:2", "what sam does as ollama"),),
    ),
    "user-record": (
        {
            "/etc/userdb/sam.user": '{\n  "userName": "sam",\n  "uid": 1000,\n  "environment": [\n    "§=10.3.0"\n  ]\n}\n'
        },
        (s("/etc/userdb/sam.user:5", "sam's logins"),),
    ),
    # containers
    "docker-run-attached": (
        {"~/ollama.sh": "#!/bin/sh\ndocker run -d --device=/dev/kfd --device=/dev/dri -e§=10.3.0 ollama/ollama:rocm\n"},
        (s("~/ollama.sh:2", "the container"),),
    ),
    "compose-empty-default": (
        {
            "~/ollama/docker-compose.yml": "services:\n  ollama:\n    image: ollama/ollama:rocm\n    devices: [/dev/kfd, /dev/dri]\n    environment:\n      - §=${§:-}\n"
        },
        (s("~/ollama/docker-compose.yml:6", "ollama", ""),),
    ),
    "immich-env": (
        {
            "~/immich-app/docker-compose.yml": "name: immich\nservices:\n  immich-machine-learning:\n    image: ghcr.io/immich-app/immich-machine-learning:release-rocm\n    env_file:\n      - .env\n    restart: always\n",
            "~/immich-app/.env": "UPLOAD_LOCATION=./library\n§=10.3.0\n",
        },
        (s("~/immich-app/.env:2", "immich-machine-learning"),),
    ),
    "immich-hwaccel": (
        {
            "~/immich-app/docker-compose.yml": "services:\n  immich-machine-learning:\n    image: immich-machine-learning:release-rocm\n    extends:\n      file: hwaccel.ml.yml\n      service: rocm\n",
            "~/immich-app/hwaccel.ml.yml": "services:\n  cpu: {}\n  rocm:\n    devices:\n      - /dev/dri:/dev/dri\n      - /dev/kfd:/dev/kfd\n    environment:\n      - §=10.3.0\n",
        },
        (s("~/immich-app/hwaccel.ml.yml:8", "immich-machine-learning"),),
    ),
    "frigate": (
        {"~/frigate/config/config.yml": "mqtt:\n  enabled: false\nenvironment_vars:\n  §: 10.3.0\ncameras: {}\n"},
        (s("~/frigate/config/config.yml:4", "Frigate"),),
    ),
    "casaos": (
        {
            "/var/lib/casaos/apps/ollama/docker-compose.yml": 'name: ollama\nservices:\n  ollama:\n    environment:\n      §: "10.3.0"\n    image: ollama/ollama:rocm\n'
        },
        (s("/var/lib/casaos/apps/ollama/docker-compose.yml:5", "ollama"),),
    ),
    "coolify": (
        {
            "/data/coolify/services/gk4o0w/docker-compose.yml": "services:\n  ollama:\n    image: 'ollama/ollama:rocm'\n    environment:\n      §: '10.3.0'\n"
        },
        (s("/data/coolify/services/gk4o0w/docker-compose.yml:5", "ollama"),),
    ),
    "k3s-chart": (
        {
            "/var/lib/rancher/k3s/server/manifests/ollama.yaml": 'apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata:\n  name: ollama\nspec:\n  chart: ollama\n  valuesContent: |-\n    extraEnv:\n      - name: §\n        value: "10.3.0"\n'
        },
        (
            s(
                "/var/lib/rancher/k3s/server/manifests/ollama.yaml:9|/var/lib/rancher/k3s/server/manifests/ollama.yaml:10",
                "ollama",
            ),
        ),
    ),
    "drop-in-for-every-container": (
        {
            "/etc/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n",
            "/etc/containers/systemd/container.d/10-rocm.conf": "[Container]\nEnvironment=§=10.3.0\n",
        },
        (s("/etc/containers/systemd/container.d/10-rocm.conf:2", "every quadlet container"),),
    ),
    "quadlet-of-the-image": (
        {
            "/usr/share/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nEnvironment=A=b §=10.3.0\n"
        },
        (s("/usr/share/containers/systemd/ollama.container:3", "ollama"),),
    ),
}

WILD_CALM: Rows = {
    "another-host": (
        {"/etc/hostname": "laptop\n", "~/.bashrc": 'if [ "$(hostname)" = "rig-6600" ]; then\n  export §=10.3.0\nfi\n'},
        (),
    ),
    "another-system": (
        {"/etc/passwd": ZSH, "~/.zshrc": 'if [[ "$OSTYPE" == darwin* ]]; then\n  export §=10.3.0\nfi\n'},
        (),
    ),
    "function-of-a-script-never-called": (
        {"~/ComfyUI/start.sh": "#!/bin/bash\nsetup_old_card() {\n  export §=10.3.0\n}\npython main.py\n"},
        (),
    ),
    "function-of-the-shell-never-called": (
        {"~/.bashrc": "_gpu_off() {\n  export HIP_VISIBLE_DEVICES=-1\n}\numask 022\n"},
        (),
    ),
    "after-exit": ({"~/sd/run.sh": "#!/bin/sh\npython main.py\nexit 0\nexport §=10.3.0\npython main.py\n"}, ()),
    "after-exec": ({"~/sd/run.sh": '#!/bin/sh\nexec python main.py "$@"\nexport §=10.3.0\n'}, ()),
    "trash": (
        {
            "~/.local/share/Trash/files/stable-diffusion-webui/webui-user.sh": "export §=10.3.0\n",
            "~/.local/share/Trash/files/webui-user.sh": "export §=10.3.0\n",
        },
        (),
    ),
    "snapshot": (
        {
            "/timeshift/snapshots/2026-01-01_10-00-00/localhost/etc/environment": "§=10.3.0\n",
            "/.snapshots/1/snapshot/etc/environment": "§=10.3.0\n",
        },
        (),
    ),
    "chezmoi-source": (
        {
            "~/.local/share/chezmoi/dot_bashrc": "export §=10.3.0\n",
            "~/.local/share/chezmoi/dot_config/environment.d/10-gpu.conf": "§=10.3.0\n",
        },
        (),
    ),
    "dotfiles-not-linked": (
        {
            "~/dotfiles/bash/.bashrc": "export §=10.3.0\n",
            "~/dotfiles/fish/.config/fish/config.fish": "set -gx § 10.3.0\n",
        },
        (),
    ),
    "dpkg-dist": (
        {
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironmentFile=-/etc/default/ollama\n",
            "/etc/default/ollama.dpkg-dist": "§=10.3.0\n",
        },
        (),
    ),
    "before-oh-my-zsh": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc.pre-oh-my-zsh": "export §=10.3.0\n",
            "~/.zshrc": "setopt autocd\n",
            "~/.zshrc.bak": "export §=10.3.0\n",
        },
        (),
    ),
    "examples-beside": (
        {
            "~/ComfyUI/.envrc.example": "export §=10.3.0\n",
            "~/ComfyUI/.env.example": "§=10.3.0\n",
            "~/ComfyUI/start.sh.orig": "#!/bin/sh\nexport §=10.3.0\npython main.py\n",
        },
        (),
    ),
    "accepted-only": ({"/etc/ssh/sshd_config": "AcceptEnv LANG LC_* § HSA_*\n"}, ()),
    "kept-only": ({"/etc/sudoers.d/rocm": 'Defaults env_keep += "§ HIP_VISIBLE_DEVICES"\n'}, ()),
    "make-variable-not-exported": ({"~/open-webui/Makefile": "§ = 10.3.0\n\nrun:\n\tpython main.py\n"}, ()),
    "workflow-of-a-forge": (
        {
            "~/src/train/.github/workflows/ci.yml": "on: push\nenv:\n  §: 10.3.0\njobs:\n  test:\n    runs-on: ubuntu-latest\n",
            "~/src/train/.gitlab-ci.yml": "variables:\n  §: 10.3.0\n",
        },
        (),
    ),
    "one_click-as-it-comes": (
        {
            "~/text-generation-webui/one_click.py": "import os\n\n# Remove the '# ' from the following lines as needed for your AMD GPU on Linux\n# os.environ[\"ROCM_PATH\"] = '/opt/rocm'\n# os.environ[\"§\"] = '10.3.0'\n"
        },
        (),
    ),
    "test-of-a-project": (
        {
            "~/src/train/tests/test_env.py": 'import os\n\ndef test_env(monkeypatch):\n    monkeypatch.setenv("§", "10.3.0")\n    assert os.environ["§"] == "10.3.0"\n'
        },
        (),
    ),
    "import-environment": (
        {
            "~/.config/sway/config": "exec systemctl --user import-environment § PATH\nexec dbus-update-activation-environment --systemd §\n"
        },
        (),
    ),
    "nvidia's": (
        {
            "/etc/environment": "NVIDIA_VISIBLE_DEVICES=all\nCUDA_CACHE_PATH=/var/cache/cuda\n__GLX_VENDOR_LIBRARY_NAME=nvidia\n"
        },
        (),
    ),
    "another-user": (
        {
            "/etc/passwd": "sam:x:1000:1000::/home/sam:/bin/bash\nbob:x:4321:4321::/home/bob:/bin/bash\n",
            "/home/bob/.config/environment.d/rocm.conf": "§=10.3.0\n",
            "/home/bob/.config/systemd/user/c.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
            "/home/bob/ComfyUI/start.sh": "#!/bin/sh\nexport §=10.3.0\n",
        },
        (),
    ),
    "masked-user-unit": (
        {
            "/usr/lib/systemd/user/comfy.service": "[Service]\nExecStart=/usr/bin/comfy\nEnvironment=§=10.3.0\n",
            "~/.config/systemd/user/comfy.service": "->/dev/null",
        },
        (),
    ),
    "git": (
        {
            "~/ComfyUI/.git/hooks/post-checkout.sample": "#!/bin/sh\nexport §=10.3.0\n",
            "~/dotfiles/.git/COMMIT_EDITMSG": "export §=10.3.0\n",
            "~/ComfyUI/.git/config": "[core]\n\tbare = false\n",
        },
        (),
    ),
    "documentation": (
        {
            "~/notes/rocm.md": "```bash\nexport §=10.3.0\n```\n",
            "/usr/share/doc/ollama/examples/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\n",
            "~/ComfyUI/docs/install.rst": "   §=10.3.0 python main.py\n",
        },
        (),
    ),
    "block-comment-of-the-shell": ({"~/.profile": "umask 022\n: <<'OFF'\nexport §=10.3.0\nOFF\n"}, ()),
    "python-elsewhere": (
        {
            "~/sd/launch.py": 'import os\nimport platform\n\nif platform.system() == "Windows":\n    os.environ["§"] = "10.3.0"\nif False:\n    os.environ["HIP_VISIBLE_DEVICES"] = "0"\n'
        },
        (),
    ),
    "python-dictionary": (
        {
            "~/jarvis/app.py": 'import os\n\nDEFAULTS = {\n    "§": "11.0.0",\n    "HIP_VISIBLE_DEVICES": "0",\n}\nprint(DEFAULTS)\n'
        },
        (),
    ),
    "compose-put-aside": (
        {
            "~/ai/compose.yaml": "services:\n  c:\n    image: c\n",
            "~/ai/compose.override.yaml.disabled": "services:\n  c:\n    environment:\n      § : 10.3.0\n",
            "~/ai/docker-compose.yml.bak": "services:\n  c:\n    environment:\n      - §=10.3.0\n",
        },
        (),
    ),
    "compose-text-of-a-config": (
        {
            "~/ai/compose.yaml": "services:\n  c:\n    image: c\n    configs: [env]\nconfigs:\n  env:\n    content: |\n      §=10.3.0\n"
        },
        (),
    ),
    "cron.daily-not-executable": (
        {"/etc/cron.daily/train": "#!/bin/sh\nexport §=10.3.0\n/home/sam/venv/bin/python /home/sam/train.py\n"},
        (),
    ),
    "generator-not-executable": (
        {"/etc/systemd/user-environment-generators/50-rocm": '#!/bin/sh\necho "§=10.3.0"\n'},
        (),
    ),
    "hyprland-lua-comment": (
        {
            "~/.config/hypr/hyprland.lua": '-- hl.env("§", "10.3.0")\n--[[\nhl.env("§", "10.3.0")\n]]\nhl.env("XCURSOR_SIZE", "24")\n'
        },
        (),
    ),
    "fish-erased-by-a-later-file": (
        {
            "/etc/passwd": FISH,
            "/etc/fish/conf.d/rocm.fish": "set -gx § 10.3.0\n",
            "~/.config/fish/conf.d/zz.fish": "set -e §\n",
        },
        (),
    ),
    "checkpoint-of-a-notebook": (
        {
            "~/notebooks/.ipynb_checkpoints/sd-checkpoint.ipynb": '{\n "cells": [\n  {\n   "cell_type": "code",\n   "source": [\n    "%env §=10.3.0\\n"\n   ]\n  }\n ],\n "nbformat": 4\n}\n'
        },
        (),
    ),
    "terminal-of-macos": (
        {"~/.config/Code/User/settings.json": '{\n  "terminal.integrated.env.osx": {\n    "§": "10.3.0"\n  }\n}\n'},
        (),
    ),
    "quadlet-put-aside": (
        {
            "~/.config/containers/systemd/ollama.container.bak": "[Container]\nImage=o\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/override": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
        },
        (),
    ),
    "docker-run-commented-line": (
        {
            "~/ollama.sh": "#!/bin/sh\n# docker run -e §=10.3.0 ollama/ollama:rocm\ndocker run -d --device=/dev/kfd ollama/ollama:rocm # -e §=10.3.0\n"
        },
        (),
    ),
}
# Files that start with "#!" and may not be run.
PLAIN = frozenset({"/etc/cron.daily/train", "/etc/systemd/user-environment-generators/50-rocm"})
