# ruff: noqa: E501 - tables of texts, a case a line
"""Set F: a third set like place_samples_wild, written after all that D and E left was mended; committed before one run.

Its writer had read the readers. Spellings from public repositories (local names in fish, sh's export in fish, a host's
`&& export`, an alias of docker run, arrays of --env words, dictionaries of a launcher, x- anchors, nix's lists and
`let`, a Makefile's recipe over lines, kohya's env file with `export`, profile.d below /usr/etc); who reads what by each
reader's manual or source: bash(1), zsh(1), csh(1), fish's language, oh-my-zsh, Gentoo's env-update, Guix Home, Home
Manager, OpenRC, runit's chpst(8), execline, supervisord, anacrontab(5), crontab(5), pam_env.conf(5), systemd.unit(5),
systemd.exec(5), environment.d(5), systemd-system.conf(5), podman-systemd.unit(5), compose's reference, devcontainer.json's
reference, Dockerfile's reference, bwrap(1), firejail-profile(5), sesman.ini(5), hyprland's and wayfire's wiki, niri's
configuration, Waybar, Sunshine's apps.json, tmuxinator, tmuxp, zellij's layouts, flox' manifest, mise's tasks, direnv's
stdlib, just, Task, hatch, pytest-env, VS Code's tasks, conda's state, virtualenv's activate, subprocess and os.

Run once before anything was mended for it: 50 of 81 places named with every line, key and value (64 of 101 lines); 3 of
34 look-alikes claimed, and 4 wrong values beside places whose line was named.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

TCSH = "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/bin/tcsh\n"

THIRD_WILD: Rows = {
    # shells
    "fish-local-names": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/20-rocm.fish": 'set -l device 0 # the 6500M\nset -l arch gfx1030\nset -x § "10.3.0"\nset -x HIP_VISIBLE_DEVICES $device\n# set -x ROCR_VISIBLE_DEVICES (math $device + 1)\nset -e ROCR_VISIBLE_DEVICES\nset -x PYTORCH_ROCM_ARCH $arch\n',
        },
        (
            s("~/.config/fish/conf.d/20-rocm.fish:3", "sam's fish"),
            s("~/.config/fish/conf.d/20-rocm.fish:4", "sam's fish", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/fish/conf.d/20-rocm.fish:7", "sam's fish", "gfx1030", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    "fish-export-as-in-sh": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": 'alias vim="nvim"\nexport §=8.0.3\nset -g theme x\n'},
        (s("~/.config/fish/config.fish:2", "sam's fish", "8.0.3"),),
    ),
    "fish-by-a-function-of-its-own": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "function shenv; set -gx $argv; end\nshenv § 10.3.0\n"},
        (s("~/.config/fish/config.fish:2", "sam's fish"),),
    ),
    "fish-of-this-host": (
        {
            "/etc/passwd": FISH,
            "/etc/hostname": "rig\n",
            "~/.config/fish/config.fish": "if test (hostname) = rig\n    set -gx § 10.3.0\nelse\n    set -gx § 11.0.0\nend\n",
        },
        (s("~/.config/fish/config.fish:2", "sam's fish"),),
    ),
    "host-and-export": (
        {
            "/etc/passwd": ZSH,
            "/etc/hostname": "archlinux\n",
            "~/.zshrc": '[[ $HOSTNAME == "Termux" ]] && export HIP_VISIBLE_DEVICES=1\n# Fix pytorch on rocm\n[[ $HOST == "archlinux" ]] && export §=10.3.0\n',
        },
        (s("~/.zshrc:3", "sam's zsh"),),
    ),
    "alias-of-docker-run": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": "export ZSH=\"$HOME/.oh-my-zsh\"\nalias ollama_serve='docker run --name ollama_server --env §=10.3.0 -d --device /dev/kfd --device /dev/dri ollama/ollama:rocm'\nplugins=(git z)\nsource $ZSH/oh-my-zsh.sh\n",
        },
        (s("~/.zshrc:2", "sam, who runs ollama_serve"),),
    ),
    "plugin-of-oh-my-zsh": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": 'export ZSH="$HOME/.oh-my-zsh"\nplugins=(git rocm)\nsource $ZSH/oh-my-zsh.sh\n',
            "~/.oh-my-zsh/custom/plugins/rocm/rocm.plugin.zsh": "export §=10.3.0\n",
        },
        (s("~/.oh-my-zsh/custom/plugins/rocm/rocm.plugin.zsh:1", "sam's zsh"),),
    ),
    "header-of-debian's-bashrc": (
        {
            "~/.bashrc": "# If not running interactively, don't do anything\ncase $- in\n    *i*) ;;\n      *) return;;\nesac\nHISTSIZE=1000\nexport §=10.3.0\n"
        },
        (s("~/.bashrc:7", "sam's bash"),),
    ),
    "header-of-an-older-bashrc": (
        {"~/.bashrc": '[ -z "$PS1" ] && return\n[[ $- != *i* ]] && return\nexport §=10.3.0\n'},
        (s("~/.bashrc:3", "sam's bash"),),
    ),
    "declare-of-a-function-that-is-called": (
        {"~/.bashrc": "rocm_env() {\n  declare -gx §=10.3.0\n}\n[ -d /opt/rocm ] && rocm_env\n"},
        (s("~/.bashrc:2", "sam's bash"),),
    ),
    "typeset-of-zsh": (
        {"/etc/passwd": ZSH, "~/.zshenv": "typeset -U path\ntypeset -x §=10.3.0 HSA_ENABLE_SDMA=0\n"},
        (s("~/.zshenv:2", "sam's zsh"), s("~/.zshenv:2", "sam's zsh", "0", "HSA_ENABLE_SDMA")),
    ),
    "printf-v": (
        {"~/.bashrc": "gfx=1030\nprintf -v § '%s' 10.3.0\nexport §\n"},
        (s("~/.bashrc:2|~/.bashrc:3", "sam's bash"),),
    ),
    "one-line-and-its-export": (
        {"~/.profile": "§=10.3.0 HSA_ENABLE_SDMA=0\nexport § HSA_ENABLE_SDMA\n"},
        (
            s("~/.profile:1|~/.profile:2", "sam's login shell"),
            s("~/.profile:1|~/.profile:2", "sam's login shell", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    "read-only-then-exported": (
        {"~/.bashrc": "readonly §=10.3.0\nexport §\n"},
        (s("~/.bashrc:1|~/.bashrc:2", "sam's bash"),),
    ),
    "all-exported-from-a-file": (
        {"~/.bash_profile": "set -a\n. ~/.config/rocm.env\nset +a\n", "~/.config/rocm.env": "# gpu\n§=10.3.0\n"},
        (s("~/.config/rocm.env:2", "sam's login bash"),),
    ),
    "loop-over-assignments": (
        {"~/.bashrc": 'for kv in §=10.3.0 HSA_ENABLE_SDMA=0; do\n  export "$kv"\ndone\n'},
        (
            s("~/.bashrc:1|~/.bashrc:2", "sam's bash"),
            s("~/.bashrc:1|~/.bashrc:2", "sam's bash", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    "map-that-is-exported": (
        {
            "~/.bashrc": 'declare -A rocm=(\n  [§]=10.3.0\n  [HSA_ENABLE_SDMA]=0\n)\nfor k in "${!rocm[@]}"; do export "$k=${rocm[$k]}"; done\n'
        },
        (s("~/.bashrc:2", "sam's bash"), s("~/.bashrc:3", "sam's bash", "0", "HSA_ENABLE_SDMA")),
    ),
    "array-before-a-program": (
        {
            "~/bin/comfy": '#!/usr/bin/env bash\nGPU_ENV=(§=10.3.0 HSA_ENABLE_SDMA=0)\ncd ~/ComfyUI || exit 1\nexec env "${GPU_ENV[@]}" .venv/bin/python main.py "$@"\n'
        },
        (s("~/bin/comfy:2", "ComfyUI"), s("~/bin/comfy:2", "ComfyUI", "0", "HSA_ENABLE_SDMA")),
    ),
    "words-of-an-array": (
        {
            "~/bin/strix": '#!/usr/bin/env bash\nset -euo pipefail\npodman_args=(\n    run --rm\n    --device /dev/dri --device /dev/kfd\n    --env VK_ICD_FILENAMES="${icd}"\n    --env §=11.5.1\n    --workdir /work\n)\npodman_args+=("${image}" bash)\nexec podman "${podman_args[@]}"\n'
        },
        (s("~/bin/strix:7", "the container", "11.5.1"),),
    ),
    "only-where-it-is-empty": (
        {
            "~/nanochat/run.sh": '#!/bin/bash\nIS_HALO=0\nif rocminfo | grep -q "gfx1151"; then\n    IS_HALO=1\nfi\nif [ "$IS_HALO" -eq 1 ]; then\n    [ -z "$§" ] && export §=11.5.1\n    export HSA_ENABLE_SDMA=0\nfi\nexec python "$@"\n'
        },
        (s("~/nanochat/run.sh:7", "nanochat", "11.5.1"), s("~/nanochat/run.sh:8", "nanochat", "0", "HSA_ENABLE_SDMA")),
    ),
    "by-taskset": (
        {"~/ollama/start.sh": "#!/bin/bash\ntaskset -c 0-5 env §=8.0.3 ollama serve\n"},
        (s("~/ollama/start.sh:2", "ollama", "8.0.3"),),
    ),
    "process-substitution": (
        {
            "~/.bashrc": "source <(grep -v '^#' ~/.rocm.env | sed 's/^/export /')\n",
            "~/.rocm.env": "# RX 6600\n§=10.3.0\n",
        },
        (s("~/.rocm.env:2", "sam's bash"),),
    ),
    "passed-on-by-name": (
        {"~/bin/vllm": "#!/bin/sh\nexport §=11.0.0\ndocker run --rm --device /dev/kfd -e § -e HF_TOKEN rocm/vllm\n"},
        (s("~/bin/vllm:2", "vllm", "11.0.0"),),
    ),
    "cshrc-with-a-condition": (
        {"/etc/passwd": TCSH, "~/.cshrc": "if ( -d /opt/rocm ) then\n  setenv § 10.3.0\nendif\nset prompt='%m> '\n"},
        (s("~/.cshrc:2", "sam's tcsh"),),
    ),
    "load-env-of-nushell": (
        {
            "/etc/passwd": "sam:x:1000:1000::/home/sam:/usr/bin/nu\n",
            "~/.config/nushell/env.nu": "load-env {\n  EDITOR: hx\n  §: '10.3.0'\n}\n",
        },
        (s("~/.config/nushell/env.nu:3", "sam's nushell"),),
    ),
    # distributions
    "profile.d-below-usr-etc": (
        {
            "/etc/profile": 'for s in /usr/etc/profile.d/*.sh /etc/profile.d/*.sh; do\n  test -r "$s" && . "$s"\ndone\n',
            "/usr/etc/profile.d/hsa_override.sh": "export §=11.0.0\n",
        },
        (s("/usr/etc/profile.d/hsa_override.sh:1", "login shells", "11.0.0"),),
    ),
    "gentoo": (
        {
            "/etc/env.d/99rocm": '§="10.3.0"\n',
            "/etc/profile": "if [[ -e /etc/profile.env ]] ; then\n\t. /etc/profile.env\nfi\n",
            "/etc/profile.env": "# THIS FILE IS AUTOMATICALLY GENERATED BY env-update.\nexport EDITOR='/bin/nano'\nexport §='10.3.0'\n",
        },
        (s("/etc/profile.env:3|/etc/env.d/99rocm:1", "login shells"),),
    ),
    "guix-home": (
        {
            "~/.profile": "HOME_ENVIRONMENT=$HOME/.guix-home\n. $HOME_ENVIRONMENT/setup-environment\n$HOME_ENVIRONMENT/on-first-login\n",
            "~/.guix-home/setup-environment": 'export HISTFILE="$XDG_CACHE_HOME/.bash_history"\nexport §="10.3.0"\n',
        },
        (s("~/.guix-home/setup-environment:2", "sam's login shell"),),
    ),
    "home-manager's-output": (
        {
            "~/.profile": '. "/etc/profiles/per-user/sam/etc/profile.d/hm-session-vars.sh"\n',
            "/etc/profiles/per-user/sam/etc/profile.d/hm-session-vars.sh": '# Only source this once.\nif [ -n "$__HM_SESS_VARS_SOURCED" ]; then return; fi\nexport __HM_SESS_VARS_SOURCED=1\n\nexport §="10.3.0"\n',
        },
        (s("/etc/profiles/per-user/sam/etc/profile.d/hm-session-vars.sh:5", "sam's login shell"),),
    ),
    "nixos-list": (
        {
            "/etc/nixos/configuration.nix": '{ lib, ... }: {\n  systemd.services.llama = {\n    serviceConfig = {\n      ExecStart = "/run/current-system/sw/bin/llama-server";\n      Environment = [\n        "§=10.3.0"\n        "HSA_ENABLE_SDMA=0"\n      ];\n    };\n  };\n}\n'
        },
        (
            s("/etc/nixos/configuration.nix:6", "llama"),
            s("/etc/nixos/configuration.nix:7", "llama", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    "nixos-let": (
        {
            "/etc/nixos/configuration.nix": '{ ... }:\nlet\n  rocmEnv = {\n    § = "11.0.3";\n  };\nin {\n  services.ollama.enable = true;\n  services.ollama.environmentVariables = rocmEnv // { OLLAMA_FLASH_ATTENTION = "1"; };\n}\n'
        },
        (s("/etc/nixos/configuration.nix:4", "ollama", "11.0.3"),),
    ),
    # logins and services
    "pam_env-both-ways": (
        {
            "/etc/security/pam_env.conf": '# comment\n§\tDEFAULT=10.3.0\nHIP_VISIBLE_DEVICES DEFAULT="0" OVERRIDE=@{PAM_RHOST}\n'
        },
        (
            s("/etc/security/pam_env.conf:2", "logins"),
            s("/etc/security/pam_env.conf:3", "logins", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "sesman": (
        {
            "/etc/xrdp/sesman.ini": "[Globals]\nListenPort=3350\n\n[SessionVariables]\nPULSE_SCRIPT=/etc/xrdp/pulse\n§=10.3.0\n"
        },
        (s("/etc/xrdp/sesman.ini:6", "remote desktops"),),
    ),
    "openrc-conf.d": (
        {
            "/etc/init.d/ollama": "#!/sbin/openrc-run\ncommand=/usr/bin/ollama\ncommand_args=serve\ncommand_background=true\n",
            "/etc/conf.d/ollama": '# ollama\nexport §="10.3.0"\n',
        },
        (s("/etc/conf.d/ollama:2", "ollama"),),
    ),
    "runit-envdir": (
        {
            "/etc/sv/ollama/run": "#!/bin/sh\nexec 2>&1\nexec chpst -u ollama -e ./env ollama serve\n",
            "/etc/sv/ollama/env/HSA_OVERRIDE_GFX_VERSION": "10.3.0\n",
        },
        (s("/etc/sv/ollama/env/HSA_OVERRIDE_GFX_VERSION:1", "ollama"),),
    ),
    "execline-envfile": (
        {
            "/etc/s6/sv/ollama/run": "#!/bin/execlineb -P\nfdmove -c 2 1\nenvfile /etc/ollama.env\nollama serve\n",
            "/etc/ollama.env": "§=10.3.0\n",
        },
        (s("/etc/ollama.env:1", "ollama"),),
    ),
    "supervisord-command": (
        {
            "/etc/supervisor/conf.d/comfy.conf": "[program:comfy]\ndirectory=/opt/comfy\ncommand=/usr/bin/env §=10.3.0 /opt/comfy/venv/bin/python main.py\nuser=sam\n"
        },
        (s("/etc/supervisor/conf.d/comfy.conf:3", "comfy"),),
    ),
    "supervisord-of-a-home": (
        {
            "~/comfy/supervisord.conf": '[supervisord]\nnodaemon=true\n\n[program:comfy]\ncommand=python main.py\nenvironment=A="b",§="10.3.0"\n'
        },
        (s("~/comfy/supervisord.conf:6", "comfy"),),
    ),
    "anacron": (
        {
            "/etc/anacrontab": "SHELL=/bin/sh\n# period delay job command\n7\t10\ttrain\t§=10.3.0 /usr/local/sbin/train\n"
        },
        (s("/etc/anacrontab:3", "the job"),),
    ),
    "unit-that-reads-a-file": (
        {
            "/etc/systemd/system/llm.service": "[Service]\nExecStart=/bin/bash -lc 'source /opt/llm/env.sh && exec uvicorn app:app'\n",
            "/opt/llm/env.sh": "export §=9.0.6\n",
        },
        (s("/opt/llm/env.sh:1", "llm.service", "9.0.6"),),
    ),
    "unit-over-lines": (
        {
            "/etc/systemd/system/llm.service": '[Service]\nEnvironment="A=b" \\\n  # the card\n  "§=10.3.0" \\\n  HSA_ENABLE_SDMA=0\nExecStart=/usr/bin/llm\n'
        },
        (
            s("/etc/systemd/system/llm.service:2|/etc/systemd/system/llm.service:4", "llm.service"),
            s(
                "/etc/systemd/system/llm.service:2|/etc/systemd/system/llm.service:5",
                "llm.service",
                "0",
                "HSA_ENABLE_SDMA",
            ),
        ),
    ),
    "drop-in-of-a-snap": (
        {
            "/etc/systemd/system/snap.ollama.listener.service": "[Service]\nExecStart=/usr/bin/snap run ollama.listener\n",
            "/etc/systemd/system/snap.ollama.listener.service.d/override.conf": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (s("/etc/systemd/system/snap.ollama.listener.service.d/override.conf:2", "snap.ollama.listener"),),
    ),
    "drop-in-of-the-users'-manager": (
        {
            "/usr/lib/systemd/system/user@.service": "[Service]\nUser=%i\nExecStart=/lib/systemd/systemd --user\n",
            "/etc/systemd/system/user@.service.d/rocm.conf": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (s("/etc/systemd/system/user@.service.d/rocm.conf:2", "every user's services"),),
    ),
    "drop-in-of-every-service": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/etc/systemd/system/service.d/10-rocm.conf": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (s("/etc/systemd/system/service.d/10-rocm.conf:2", "all services"),),
    ),
    "environment.d-default": (
        {"/etc/environment.d/50-rocm.conf": "GFX=${GFX:-10.3.0}\n§=${GFX}\nMIOPEN_FIND_MODE=${MODE:-FAST}\n"},
        (
            s("/etc/environment.d/50-rocm.conf:2", "users' services"),
            s("/etc/environment.d/50-rocm.conf:3", "users' services", "FAST", "MIOPEN_FIND_MODE"),
        ),
    ),
    # desktops
    "hyprland-with-a-comment": (
        {"~/.config/hypr/hyprland.conf": "env = XCURSOR_SIZE,24\nenv = §,10.3.0 # RX 6600\n"},
        (s("~/.config/hypr/hyprland.conf:2", "sam's session"),),
    ),
    "wayfire-autostart": (
        {"~/.config/wayfire.ini": "[core]\nplugins = autostart\n\n[autostart]\nai = env §=10.3.0 lm-studio\n"},
        (s("~/.config/wayfire.ini:5", "what wayfire starts"),),
    ),
    "niri-environment": (
        {"~/.config/niri/config.kdl": 'environment {\n    // the card\n    § "10.3.0"\n    DISPLAY null\n}\n'},
        (s("~/.config/niri/config.kdl:3", "sam's session"),),
    ),
    "waybar-click": (
        {
            "~/.config/waybar/config.jsonc": '{\n  "custom/blender": {\n    "format": "B",\n    "on-click": "§=10.3.0 blender"\n  }\n}\n'
        },
        (s("~/.config/waybar/config.jsonc:4", "Blender"),),
    ),
    "action-of-an-entry": (
        {
            "~/.local/share/applications/blender.desktop": "[Desktop Entry]\nType=Application\nName=Blender\nExec=blender %f\nActions=rocm;\n\n[Desktop Action rocm]\nName=With ROCm\nExec=env §=10.3.0 blender %f\n"
        },
        (s("~/.local/share/applications/blender.desktop:9", "Blender"),),
    ),
    "steam-with-quotes": (
        {
            "~/.local/share/Steam/userdata/77/config/localconfig.vdf": '"UserLocalConfigStore"\n{\n\t"apps"\n\t{\n\t\t"365670"\n\t\t{\n\t\t\t"LaunchOptions"\t\t"env §=\\"10.3.0\\" gamemoderun %command%"\n\t\t}\n\t}\n}\n'
        },
        (s("~/.local/share/Steam/userdata/77/config/localconfig.vdf:7", "Blender of Steam"),),
    ),
    "firejail": (
        {"~/.config/firejail/lm-studio.local": "# more\nenv §=10.3.0\nignore nogroups\n"},
        (s("~/.config/firejail/lm-studio.local:2", "LM Studio"),),
    ),
    "bwrap": (
        {
            "~/.local/bin/lms": '#!/bin/sh\nexec bwrap --dev-bind / / \\\n  --setenv § 10.3.0 \\\n  /opt/lms/lm-studio "$@"\n'
        },
        (s("~/.local/bin/lms:3|~/.local/bin/lms:2", "LM Studio"),),
    ),
    "sunshine": (
        {
            "~/.config/sunshine/apps.json": '{\n  "env": {\n    "PATH": "$(PATH):$(HOME)/.local/bin",\n    "§": "10.3.0"\n  },\n  "apps": []\n}\n'
        },
        (s("~/.config/sunshine/apps.json:4", "what Sunshine starts"),),
    ),
    "tmuxinator": (
        {
            "~/.config/tmuxinator/ai.yml": "name: ai\nroot: ~/ComfyUI\npre_window: export §=10.3.0\nwindows:\n  - comfy: python main.py\n"
        },
        (s("~/.config/tmuxinator/ai.yml:3", "the session ai"),),
    ),
    "tmuxp": (
        {"~/.tmuxp/ai.yaml": "session_name: ai\nenvironment:\n  §: 10.3.0\nwindows:\n  - panes: [python main.py]\n"},
        (s("~/.tmuxp/ai.yaml:3", "the session ai"),),
    ),
    "zellij-layout": (
        {
            "~/.config/zellij/layouts/ai.kdl": 'layout {\n    pane command="env" {\n        args "§=10.3.0" "ollama" "serve"\n    }\n}\n'
        },
        (s("~/.config/zellij/layouts/ai.kdl:3", "ollama"),),
    ),
    # projects
    "flox": (
        {
            "~/src/train/.flox/env/manifest.toml": 'version = 1\n\n[vars]\n§ = "10.3.0"\n\n[install]\nuv.pkg-path = "uv"\n'
        },
        (s("~/src/train/.flox/env/manifest.toml:4", "who activates it"),),
    ),
    "mise-task": (
        {
            "~/src/train/mise.toml": '[tools]\npython = "3.12"\n\n[tasks.run]\nenv = { § = "10.3.0" }\nrun = "python main.py"\n'
        },
        (s("~/src/train/mise.toml:5", "mise run run"),),
    ),
    "envrc-of-others": (
        {
            "~/src/train/.envrc": "source_env_if_exists .envrc.local\ndotenv_if_exists .env.gpu\n",
            "~/src/train/.envrc.local": "export §=10.3.0\n",
            "~/src/train/.env.gpu": "HIP_VISIBLE_DEVICES=0\n",
        },
        (
            s("~/src/train/.envrc.local:1", "who is there"),
            s("~/src/train/.env.gpu:1", "who is there", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "recipe-with-a-shebang": (
        {
            "~/src/train/justfile": "default:\n    @just --list\n\nrun *args:\n    #!/usr/bin/env bash\n    set -euo pipefail\n    export §=10.3.0\n    python main.py {{args}}\n"
        },
        (s("~/src/train/justfile:7", "just run"),),
    ),
    "task-dotenv": (
        {
            "~/src/train/Taskfile.yml": "version: '3'\ndotenv: ['.rocm.env']\ntasks:\n  run:\n    cmds: [python main.py]\n",
            "~/src/train/.rocm.env": "§=10.3.0\n",
        },
        (s("~/src/train/.rocm.env:1", "task run"),),
    ),
    "recipe-over-lines": (
        {
            "~/src/bt/Makefile": "PY ?= python\n\nrocm-safe:\n\t# sometimes needed: § for gfx1030\n\tMIOPEN_FIND_MODE=1 §=10.3.0 \\\n\tPYTHONPATH=. streamlit run app.py\n"
        },
        (
            s("~/src/bt/Makefile:5", "make rocm-safe"),
            s("~/src/bt/Makefile:5", "make rocm-safe", "1", "MIOPEN_FIND_MODE"),
        ),
    ),
    "hatch": (
        {
            "~/src/train/pyproject.toml": '[tool.hatch.envs.default]\ndependencies = ["torch"]\n\n[tool.hatch.envs.default.env-vars]\n§ = "10.3.0"\n'
        },
        (s("~/src/train/pyproject.toml:5", "hatch run"),),
    ),
    "pytest-env": (
        {"~/src/train/pyproject.toml": '[tool.pytest.ini_options]\nenv = [\n  "§=10.3.0",\n]\ntestpaths = ["tests"]\n'},
        (s("~/src/train/pyproject.toml:3", "pytest"),),
    ),
    "tasks-of-the-editor": (
        {
            "~/src/train/.vscode/tasks.json": '{\n  "version": "2.0.0",\n  "tasks": [\n    {\n      "label": "train",\n      "type": "shell",\n      "command": "python main.py",\n      "options": { "env": { "§": "10.3.0" } }\n    }\n  ]\n}\n'
        },
        (s("~/src/train/.vscode/tasks.json:8", "the task train"),),
    ),
    # Python
    "activate-with-its-way-back": (
        {
            "~/sd/venv/pyvenv.cfg": "home = /usr/bin\n",
            "~/sd/venv/bin/activate": 'deactivate () {\n    unset -f pydoc >/dev/null 2>&1 || true\n    unset §\n    if [ ! "${1:-}" = "nondestructive" ] ; then\n        unset -f deactivate\n    fi\n}\n\ndeactivate nondestructive\nVIRTUAL_ENV=/home/sam/sd/venv\nexport VIRTUAL_ENV\nexport §=10.3.0\n',
        },
        (s("~/sd/venv/bin/activate:12", "who activates it"),),
    ),
    "conda-variables": (
        {
            "~/venv/pyvenv.cfg": "",
            "~/venv/conda-meta/history": "",
            "~/venv/conda-meta/state": '{"env_vars": {"HIP_VISIBLE_DEVICES": "0", "§": "10.3.0"}}',
        },
        (
            s("~/venv/conda-meta/state:1", "who activates it"),
            s("~/venv/conda-meta/state:1", "who activates it", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "environment-updated": (
        {
            "~/speaches/main.py": 'import os\n\n# ROCm\nos.environ.update(\n    {\n        "§": "10.3.0",\n        "HIP_VISIBLE_DEVICES": "0",\n    }\n)\n'
        },
        (s("~/speaches/main.py:6", "speaches"), s("~/speaches/main.py:7", "speaches", "0", "HIP_VISIBLE_DEVICES")),
    ),
    "environment-or-ed": (
        {"~/speaches/server.py": 'import os\n\nos.environ |= {"§": "10.3.0"}\nimport torch\n'},
        (s("~/speaches/server.py:3", "speaches"),),
    ),
    "dictionary-for-a-child": (
        {
            "~/klim/start.py": 'import os\nimport subprocess\n\nAMD_ENV = {\n    "HIP_VISIBLE_DEVICES": "0",\n    "§": "9.0.6",\n}\n\nenv = os.environ.copy()\nenv.update(AMD_ENV)\nsubprocess.Popen(["llama-server"], env=env)\n'
        },
        (
            s("~/klim/start.py:6", "llama-server", "9.0.6"),
            s("~/klim/start.py:5", "llama-server", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "environment-by-keywords": (
        {
            "~/iso/run.py": 'import os\nimport subprocess\n\nsubprocess.run(["./matmul"], env=dict(os.environ, §="11.0.0"), check=True)\n'
        },
        (s("~/iso/run.py:4", "matmul", "11.0.0"),),
    ),
    "set-where-it-is-not": (
        {"~/vox/app.py": 'import os\n\nif "§" not in os.environ:\n    os.environ["§"] = "11.0.0"\nimport torch\n'},
        (s("~/vox/app.py:4", "vox", "11.0.0"),),
    ),
    # containers
    "compose-x-anchor": (
        {
            "~/pdf/docker-compose.yml": 'x-rocm: &rocm\n  devices: [/dev/kfd, /dev/dri]\n  environment:\n    §: "11.0.0"   # RX 7800 XT\n    HIP_VISIBLE_DEVICES: "0"\n\nservices:\n  tts:\n    <<: *rocm\n    image: tts\n  stt:\n    <<: *rocm\n    image: stt\n    environment:\n      §: "11.0.1"\n'
        },
        (
            s("~/pdf/docker-compose.yml:4", "tts", "11.0.0"),
            s("~/pdf/docker-compose.yml:5", "tts", "0", "HIP_VISIBLE_DEVICES"),
            s("~/pdf/docker-compose.yml:15", "stt", "11.0.1", wins="line 4"),
        ),
    ),
    "compose-file-with-export": (
        {
            "~/kohya/docker-compose.yml": "services:\n  kohya:\n    image: kohya\n    env_file:\n      - path: ./kohya_ss.env\n        required: false\n",
            "~/kohya/kohya_ss.env": "export §=10.3.0\n",
        },
        (s("~/kohya/kohya_ss.env:1", "kohya"),),
    ),
    "stack-of-dockge": (
        {
            "/opt/stacks/ollama/compose.yaml": 'services:\n  ollama:\n    image: ollama/ollama:rocm\n    environment:\n      - "§=10.3.0"\n      - OLLAMA_DEBUG=1\n'
        },
        (s("/opt/stacks/ollama/compose.yaml:5", "ollama"),),
    ),
    "quadlet-arguments": (
        {
            "~/.config/containers/systemd/hal.container": "[Container]\nImage=ghcr.io/hal/toolbox\nAddDevice=/dev/kfd\nPodmanArgs=--ipc=host --env §=11.5.1\nExec=llama-server\n"
        },
        (s("~/.config/containers/systemd/hal.container:4", "hal", "11.5.1"),),
    ),
    "pod-value-first": (
        {
            "~/k8s/ollama.yaml": 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: ollama\n      image: ollama/ollama:rocm\n      env:\n        - value: "10.3.0"\n          name: §\n'
        },
        (s("~/k8s/ollama.yaml:8|~/k8s/ollama.yaml:9", "ollama"),),
    ),
    "devcontainer-arguments": (
        {
            "~/src/train/.devcontainer/devcontainer.json": '{\n  "image": "rocm/pytorch",\n  "runArgs": ["--device=/dev/kfd", "-e", "§=10.3.0"],\n  "remoteEnv": {\n    "HIP_VISIBLE_DEVICES": "0"\n  }\n}\n'
        },
        (
            s("~/src/train/.devcontainer/devcontainer.json:3", "the container"),
            s("~/src/train/.devcontainer/devcontainer.json:5", "the container", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "dockerfile-by-an-argument": (
        {"~/src/train/Dockerfile": "FROM rocm/pytorch\nARG GFX=10.3.0\nENV A=b \\\n    §=${GFX}\nCMD python main.py\n"},
        (s("~/src/train/Dockerfile:4|~/src/train/Dockerfile:3", "the container"),),
    ),
    "singularity-of-a-job": (
        {
            "~/jobs/train.sbatch": "#!/bin/bash\n#SBATCH --gres=gpu:1\nexport SINGULARITYENV_§=10.3.0\nsingularity exec --rocm train.sif python train.py\n"
        },
        (s("~/jobs/train.sbatch:3", "the container"),),
    ),
}

THIRD_CALM: Rows = {
    "greeter-only": ({"/etc/sddm.conf.d/rocm.conf": "[General]\nGreeterEnvironment=§=10.3.0\n"}, ()),
    "slash-dash": ({"~/.config/niri/config.kdl": '/-environment {\n    § "10.3.0"\n}\n'}, ()),
    "ssh-client": ({"~/.ssh/config": "Host far\n  SetEnv §=10.3.0\n  SendEnv HSA_*\n"}, ()),
    "udev-property": ({"/etc/udev/rules.d/99-gpu.rules": 'SUBSYSTEM=="drm", ENV{§}="10.3.0"\n'}, ()),
    "launchd": (
        {
            "~/Library/LaunchAgents/ollama.plist": "<plist><dict>\n<key>EnvironmentVariables</key><dict>\n<key>§</key><string>10.3.0</string>\n</dict></dict></plist>\n"
        },
        (),
    ),
    "batch-file": ({"~/ComfyUI/run_amd.bat": "@echo off\nset §=10.3.0\npython main.py\n"}, ()),
    "env-that-nobody-names": (
        {
            "~/ai/compose.yaml": "services:\n  c:\n    image: c\n    environment:\n      - A=b\n",
            "~/ai/.env": "§=10.3.0\n",
        },
        (),
    ),
    "anchor-that-nobody-uses": (
        {"~/ai/compose.yaml": "x-rocm: &rocm\n  environment:\n    §: 10.3.0\nservices:\n  c:\n    image: c\n"},
        (),
    ),
    "argument-of-a-build": (
        {"~/ai/compose.yaml": "services:\n  c:\n    build:\n      context: .\n      args:\n        §: 10.3.0\n"},
        (),
    ),
    "only-while-it-is-built": (
        {
            "~/src/train/Dockerfile": "FROM rocm/pytorch\nARG §=10.3.0\nRUN §=10.3.0 python build.py\nRUN export §=10.3.0 && make\nLABEL gpu=§=10.3.0\n"
        },
        (),
    ),
    "quoted-block": ({"~/.bashrc": "umask 022\n: '\nexport §=10.3.0\n'\n"}, ()),
    "here-document-with-a-dash": (
        {"~/.bashrc": "write_env() {\n\tcat > /tmp/env.sh <<-'EOT'\n\texport §=10.3.0\n\tEOT\n}\nwrite_env\n"},
        (),
    ),
    "sentences": (
        {
            "~/.bashrc": 'echo "tip: export §=10.3.0"\nprintf \'%s\\n\' "§=10.3.0 python main.py"\nread -rp "export §=10.3.0? " _\n'
        },
        (),
    ),
    "one-program-at-login": ({"~/.profile": "§=10.3.0 rocminfo >/dev/null 2>&1\n"}, ()),
    "subshell": ({"~/.bashrc": "(export §=10.3.0; rocminfo > ~/.rocminfo)\n"}, ()),
    "taken-back": (
        {
            "~/.bashrc": "export §=10.3.0\nexport -n §\n",
            "~/.profile": "export HIP_VISIBLE_DEVICES=0\n. ~/.profile.local\n",
            "~/.profile.local": "unset HIP_VISIBLE_DEVICES\n",
        },
        (),
    ),
    "not-exported-in-zsh": ({"/etc/passwd": ZSH, "~/.zshrc": "§=10.3.0\nlocal HIP_VISIBLE_DEVICES=0\n"}, ()),
    "not-exported-in-fish": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "set § 10.3.0\nset -g HIP_VISIBLE_DEVICES 0\nset -U ROCR_VISIBLE_DEVICES 0\n",
        },
        (),
    ),
    "switch-of-another-host": (
        {
            "/etc/passwd": FISH,
            "/etc/hostname": "laptop\n",
            "~/.config/fish/config.fish": "switch (hostname)\n    case rig 'gpu*'\n        set -gx § 10.3.0\n    case '*'\n        set -gx EDITOR vim\nend\n",
        },
        (),
    ),
    "local-of-a-function-that-is-called": (
        {"~/.bashrc": "probe() {\n  local §=10.3.0\n  echo probing\n}\nprobe\n"},
        (),
    ),
    "default-of-a-question": (
        {
            "~/sd/main.py": 'import os\n\ngfx = os.environ.get("§", "10.3.0")\nif os.environ.get("HIP_VISIBLE_DEVICES") == "0":\n    print(gfx)\n'
        },
        (),
    ),
    "dictionary-to-compare-with": (
        {
            "~/pool/main.py": 'import os\n\nREQUIRED = {\n    "HSA_ENABLE_SDMA": "0",\n    "§": "10.3.0",\n}\nfor key, value in REQUIRED.items():\n    assert os.environ.get(key) == value, f"--setenv={key}={value}"\n'
        },
        (),
    ),
    "usage-of-a-script": (
        {
            "~/pool/train.py": '"""Train.\n\nUsage:\n    §=9.0.0 python -m train.ppo\n    os.environ["§"] = "9.0.0"\n"""\n\nimport torch\n'
        },
        (),
    ),
    "nix-file-that-nobody-imports": (
        {
            "/etc/nixos/configuration.nix": "{ ... }: {\n  imports = [ ./hardware-configuration.nix ];\n}\n",
            "/etc/nixos/hardware-configuration.nix": "{ ... }: { }\n",
            "/etc/nixos/old-gpu.nix": '{ ... }: {\n  environment.variables.§ = "10.3.0";\n}\n',
        },
        (),
    ),
    "commented-json": (
        {
            "~/.config/Code/User/settings.json": '{\n  // "terminal.integrated.env.linux": { "§": "10.3.0" },\n  "terminal.integrated.env.linux": {\n    // "§": "10.3.0"\n  }\n}\n'
        },
        (),
    ),
    "autostart-switched-off": (
        {
            "~/.config/autostart/lms.desktop": "[Desktop Entry]\nType=Application\nName=LM Studio\nExec=env §=10.3.0 lm-studio\nX-GNOME-Autostart-enabled=false\n",
            "~/.config/autostart/c.desktop": "[Desktop Entry]\nType=Application\nName=C\n#Exec=env §=10.3.0 c\nExec=c\nHidden=false\n",
        },
        (),
    ),
    "environment.d-without-its-ending": (
        {"~/.config/environment.d/rocm": "§=10.3.0\n", "~/.config/environment.d/10.conf.bak": "§=10.3.0\n"},
        (),
    ),
    "put-aside-by-hand": (
        {
            "/etc/profile.d/rocm.sh.disabled": "export §=10.3.0\n",
            "/etc/profile.d/rocm.sh~": "export §=10.3.0\n",
            "/etc/fish/conf.d/rocm.fish.off": "set -gx § 10.3.0\n",
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/etc/systemd/system/ollama.service.d/override.conf.old": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    "in-the-wrong-section": (
        {
            "/etc/systemd/system/c.service": "[Unit]\nEnvironment=§=10.3.0\n[Service]\nExecStart=/usr/bin/c\nPassEnvironment=§\n[Install]\nEnvironment=§=10.3.0\n"
        },
        (),
    ),
    "commented-out": (
        {
            "~/.config/sway/config": "# exec env §=10.3.0 lm-studio\nset $mod Mod4\n",
            "~/.config/hypr/hyprland.conf": "#env = §,10.3.0\n  # exec-once = env §=10.3.0 lms\n",
            "/var/spool/cron/crontabs/sam": "# 0 3 * * * §=10.3.0 train\n#§=10.3.0\n",
            "~/.tmux.conf": "# setenv -g § 10.3.0\n",
        },
        (),
    ),
    "tmux-and-back": ({"~/.tmux.conf": "set-environment -g § 10.3.0\nset-environment -gu §\n"}, ()),
    "group-of-others": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/bin/bash\n",
            "/etc/group": "sam:x:1000:\nlab:x:2000:bob\n",
            "/etc/ssh/sshd_config": "Match Group lab\n  SetEnv §=10.3.0\nMatch User !sam,*\n  SetEnv HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    "record-of-another": ({"/etc/userdb/bob.user": '{"userName": "bob", "environment": ["§=10.3.0"]}\n'}, ()),
    "framework-that-nobody-reads": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": "# source ~/.oh-my-zsh/oh-my-zsh.sh\nsetopt autocd\n",
            "~/.oh-my-zsh/custom/rocm.zsh": "export §=10.3.0\n",
        },
        (),
    ),
}
