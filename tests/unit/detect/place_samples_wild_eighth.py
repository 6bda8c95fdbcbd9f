# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set K: an eighth set like place_samples_wild, by another stranger who knew neither the readers nor their tests.

Written kind after kind from the manuals and sources of those who read the files, then from public files (a stored file's
number is that of a search over public repositories). Rows of EIGHTH_CALM may have labels: what is set beside what is not.

Run once before anything was mended for it: 33 of 36 places named with every labelled line and value (49 of 52 lines). 3 of
36 look-alikes claimed: ~/.zshrc beside a ZDOTDIR, DefaultEnvironment= outside of [Manager], conda's ***unset***; and beside
a place a variable that sshd's pattern leaves out. Of the two missed one was the harness's: the uid that it runs as is not
1000. ``MORE`` has what its writer did not label, and why it is named.
"""

from __future__ import annotations

from place_samples_wild import DASH, FISH, ZSH, Label, Rows, s

# For whom, where it is not sam alone.
ALL = "all"            # every user of the machine
SYSTEM = "system"      # every system service
ROOT = "root"
OLLAMA = "ollama.service"
LLAMA = "llama.service"
COMFY_ART = "comfy-art.service"
QUADLET = "o.service"  # the unit that quadlet makes of o.container
SUPERVISED = "comfy"   # supervisor's program

HIP = "HIP_VISIBLE_DEVICES"
ROCR = "ROCR_VISIBLE_DEVICES"
SDMA = "HSA_ENABLE_SDMA"

EIGHTH_WILD: Rows = {
    # Linux-PAM pam_env.c, _parse_env_file: leading blanks skipped, quotes of either kind taken off
    "etc-environment-blank-and-single-quotes": (
        {"/etc/environment": "PATH=\"/usr/local/bin:/usr/bin:/bin\"\n  §='10.3.0'\n"},
        (s("/etc/environment:2", ALL),),
    ),
    # pam_env.conf(5): OVERRIDE, where it is not empty, wins over DEFAULT
    "pam-env-conf-override": (
        {"/etc/security/pam_env.conf": "# VARIABLE   [DEFAULT=[value]]  [OVERRIDE=[value]]\n§\tDEFAULT=8.0.3\tOVERRIDE=10.3.0\n"},
        (s("/etc/security/pam_env.conf:2", ALL),),
    ),
    # environment.d(5): "${FOO:-DEFAULT_VALUE}" is expanded
    "environmentd-default-value": (
        {"/etc/environment.d/60-gpu.conf": "# RX 6700 XT\n§=${GFX_OF_THIS_HOST:-10.3.0}\n"},
        (s("/etc/environment.d/60-gpu.conf:2", ALL),),
    ),
    # POSIX sh: ":" with := assigns, export after it
    "profiled-colon-assign": (
        {"/etc/profile.d/rocm.sh": "# ROCm\n: \"${§:=10.3.0}\"; export §\n"},
        (s("/etc/profile.d/rocm.sh:2", ALL),),
    ),
    # bash(1): declare -x
    "bash-bashrc-declare-x": (
        {"/etc/bash.bashrc": "[ -z \"${PS1:-}\" ] && return\nshopt -s checkwinsize\ndeclare -x §=\"10.3.0\"\n"},
        (s("/etc/bash.bashrc:3", ALL),),
    ),
    # zsh(1): ZDOTDIR set in ~/.zshenv moves .zshrc
    "zsh-zdotdir-moved": (
        {
            "/etc/passwd": ZSH,
            "~/.zshenv": "export ZDOTDIR=\"$HOME/.config/zsh\"\n",
            "~/.config/zsh/.zshrc": "setopt autocd\ntypeset -gx §=10.3.0\n",
        },
        (s("~/.config/zsh/.zshrc:2", "sam"),),
    ),
    # dash(1): an interactive shell reads the file that ENV names
    "dash-env-file": (
        {
            "/etc/passwd": DASH,
            "~/.profile": "PATH=$HOME/bin:$PATH\nENV=$HOME/.shrc; export ENV\n",
            "~/.shrc": "PS1='$ '\nexport §=10.3.0\n",
        },
        (s("~/.shrc:2", "sam"),),
    ),
    # fish: vendor_conf.d, long options; fish_variables with an escaped comma
    "fish-vendor-conf-and-universal": (
        {
            "/etc/passwd": FISH,
            "/usr/share/fish/vendor_conf.d/rocm.fish": "fish_add_path --global /opt/rocm/bin\nset --export --global § '10.3.0'\n",
            "~/.config/fish/fish_variables": "# This file contains fish universal variable definitions.\n# VERSION: 3.0\nSETUVAR --export HIP_VISIBLE_DEVICES:0\\x2c1\n",
        },
        (
            s("/usr/share/fish/vendor_conf.d/rocm.fish:2", ALL),
            s("~/.config/fish/fish_variables:3", "sam", "0,1", HIP),
        ),
    ),
    # a public config.fish (stored file 56570007440), shortened
    "fish-else-of-darwin": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": """\
fish_add_path -g $HOME/.local/bin
if type -q go
    fish_add_path -g (go env GOPATH)/bin
end

if test (uname -s) = Darwin
    # LM Studio CLI (lms)
    fish_add_path -g $HOME/.lmstudio/bin
    abbr -a copy pbcopy
    alias vmrun '/Applications/VMware Fusion.app/Contents/Library/vmrun'
else
    # Linux
    fish_add_path -g /opt/rocm/bin
    set -gx LD_LIBRARY_PATH $LD_LIBRARY_PATH /opt/rocm/lib
    set -gx ROCM_PATH /opt/rocm
    set -gx § 10.3.0
    set -gx OLLAMA_DEBUG 1

    if test -n "$SSH_CONNECTION"
        set -gx TERM xterm-256color
    end
end

set -gx EDITOR nvim
""",
        },
        (s("~/.config/fish/config.fish:16", "sam"),),
    ),
    # bash: the words of a loop are exported; the usual line for a .env file, seen in many dotfiles
    "bash-exports-of-words": (
        {
            "~/.bashrc": "for kv in HIP_VISIBLE_DEVICES=0 HSA_ENABLE_SDMA=0; do export \"$kv\"; done\nexport $(grep -v '^#' ~/.config/rocm.env | xargs)\n",
            "~/.config/rocm.env": "#§=11.0.0\n§=10.3.0\n",
        },
        (
            s("~/.bashrc:1", "sam", "0", HIP),
            s("~/.bashrc:1", "sam", "0", SDMA),
            s("~/.config/rocm.env:2", "sam"),
        ),
    ),
    # systemd-system.conf(5): several quoted assignments in one DefaultEnvironment=; a user manager's ManagerEnvironment= is inherited
    "manager-conf-both": (
        {
            "/etc/systemd/system.conf.d/gpu.conf": "[Manager]\nDefaultEnvironment=\"§=10.3.0\" 'HSA_ENABLE_SDMA=0'\n",
            "/etc/systemd/user.conf.d/gpu.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n",
        },
        (
            s("/etc/systemd/system.conf.d/gpu.conf:2", SYSTEM),
            s("/etc/systemd/system.conf.d/gpu.conf:2", SYSTEM, "0", SDMA),
            s("/etc/systemd/user.conf.d/gpu.conf:2", ALL),
        ),
    ),
    # systemd.unit(5): foo-.service.d reaches foo-bar.service
    "unit-prefix-drop-in": (
        {
            "/etc/systemd/system/comfy-art.service": "[Service]\nUser=comfy\nExecStart=/opt/comfy/venv/bin/python /opt/comfy/main.py\n",
            "/etc/systemd/system/comfy-.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (s("/etc/systemd/system/comfy-.service.d/gpu.conf:2", COMFY_ART),),
    ),
    # systemd.exec(5): EnvironmentFile= takes a glob; quotes are taken off; ";" is a comment there
    "unit-environment-file-glob": (
        {
            "/etc/systemd/system/llama.service": "[Service]\nEnvironmentFile=-/etc/llama/*.env\nExecStart=/usr/bin/llama-server\n",
            "/etc/llama/10-gpu.env": "; card\n§='10.3.0'\n",
            "/etc/llama/20-gpu.env": "HIP_VISIBLE_DEVICES=0\n",
            "/etc/llama/30-gpu.env.old": "HIP_VISIBLE_DEVICES=1\n",
        },
        (s("/etc/llama/10-gpu.env:2", LLAMA), s("/etc/llama/20-gpu.env:1", LLAMA, "0", HIP)),
    ),
    # a public installer's drop-in (stored file 31001337009): the key twice, the later line wins
    "ollama-drop-in-twice": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nUser=ollama\n",
            "/etc/systemd/system/ollama.service.d/amd-gpu.conf": """\
[Service]
# AMD GPU configuration for ROCm/HIP
Environment="ROCm_PATH=/opt/rocm"
Environment="HIP_VISIBLE_DEVICES=0"
Environment="§=11.0.0"

# For AMD Radeon 890M (gfx1103), we may need to override the architecture
# Common values: gfx1100 (RDNA 3), gfx1103 (RDNA 3.5/Strix)
Environment="§=11.0.3"

# Ensure ollama can access GPU devices
SupplementaryGroups=video render
""",
        },
        (
            s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:4", OLLAMA, "0", HIP),
            s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:9", OLLAMA, "11.0.3"),
        ),
    ),
    # a public guide's unit (stored file 70647660333): the quotes stand inside the word
    "llama-unit-inner-quotes": (
        {
            "/etc/systemd/system/llama.service": """\
[Unit]
Description=llama.cpp server
After=network.target
[Service]
Type=simple
User=llama
Group=llama
Environment=§="9.0.6"
Environment=HSA_ENABLE_SDMA="0"
Environment=HIP_VISIBLE_DEVICES="0"
WorkingDirectory=/var/lib/llama
ExecStart=/usr/local/bin/llama-server --host 0.0.0.0 --port 8080 -ngl 99
Restart=always

[Install]
WantedBy=multi-user.target
"""
        },
        (
            s("/etc/systemd/system/llama.service:8", LLAMA, "9.0.6"),
            s("/etc/systemd/system/llama.service:9", LLAMA, "0", SDMA),
            s("/etc/systemd/system/llama.service:10", LLAMA, "0", HIP),
        ),
    ),
    # systemd.unit(5), user unit search path: $XDG_DATA_HOME/systemd/user
    "user-unit-in-data-home": (
        {"~/.local/share/systemd/user/comfy.service": "[Service]\nEnvironment='§=10.3.0'\nExecStart=%h/comfy/run.sh\n"},
        (s("~/.local/share/systemd/user/comfy.service:2", "sam"),),
    ),
    # podman-systemd.unit(5): /etc/containers/systemd/users/$(UID)
    "quadlet-of-uid-1000": (
        {"/etc/containers/systemd/users/1000/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nAddDevice=/dev/kfd\nEnvironment=§=10.3.0 HSA_ENABLE_SDMA=0\n"},
        (
            s("/etc/containers/systemd/users/1000/o.container:4", "sam"),
            s("/etc/containers/systemd/users/1000/o.container:4", "sam", "0", SDMA),
        ),
    ),
    # podman-systemd.unit(5): top-level type drop-ins, container.d
    "quadlet-type-drop-in": (
        {
            "/etc/containers/systemd/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n",
            "/etc/containers/systemd/container.d/10-gpu.conf": "[Container]\nEnvironment=\"§=10.3.0\"\n",
        },
        (s("/etc/containers/systemd/container.d/10-gpu.conf:2", QUADLET),),
    ),
    # podman-systemd.unit(5): EnvironmentFile= relative to the quadlet
    "quadlet-environment-file": (
        {
            "~/.config/containers/systemd/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nEnvironmentFile=./rocm.env\n",
            "~/.config/containers/systemd/rocm.env": "# card 0\n§=10.3.0\n",
        },
        (s("~/.config/containers/systemd/rocm.env:2", "sam"),),
    ),
    # containers.conf(5): a TOML array over lines
    "containers-conf-array": (
        {"~/.config/containers/containers.conf": "[containers]\nenv = [\n  \"HSA_ENABLE_SDMA=0\", # PCIe 3\n  '§=10.3.0',\n]\n"},
        (
            s("~/.config/containers/containers.conf:3", "sam", "0", SDMA),
            s("~/.config/containers/containers.conf:4", "sam"),
        ),
    ),
    # CDI spec: YAML, edits of one device
    "cdi-yaml-device-edits": (
        {
            "/etc/cdi/amd.yaml": """\
cdiVersion: "0.6.0"
kind: amd.com/gpu
devices:
  - name: "0"
    containerEdits:
      env:
        - §=10.3.0
      deviceNodes:
        - path: /dev/kfd
        - path: /dev/dri/renderD128
"""
        },
        (s("/etc/cdi/amd.yaml:7", ALL),),
    ),
    # flatpak-override(1) --user --env without an application
    "flatpak-user-global": (
        {"~/.local/share/flatpak/overrides/global": "[Context]\ndevices=all;\n\n[Environment]\n§=10.3.0\n"},
        (s("~/.local/share/flatpak/overrides/global:5", "sam"),),
    ),
    # crontab(5): blanks around "=" and quotes are taken off; anacrontab(5): assignments too
    "crontab-blanks-and-quotes": (
        {
            "/var/spool/cron/crontabs/sam": "SHELL=/bin/sh\n§ = \"10.3.0\"\n@reboot /home/sam/bin/serve\n",
            "/etc/anacrontab": "SHELL=/bin/sh\n§=10.3.0\n1 5 cron.daily run-parts --report /etc/cron.daily\n",
        },
        (s("/var/spool/cron/crontabs/sam:2", "sam"), s("/etc/anacrontab:2", ROOT)),
    ),
    # sshd_config(5): SetEnv in a Match block, several names
    "sshd-match-sam": (
        {"/etc/ssh/sshd_config": "PasswordAuthentication no\nMatch User sam\n    setenv §=10.3.0 HIP_VISIBLE_DEVICES=0\n"},
        (s("/etc/ssh/sshd_config:3", "sam"), s("/etc/ssh/sshd_config:3", "sam", "0", HIP)),
    ),
    # sshd_config(5): PermitUserEnvironment takes a pattern list
    "ssh-environment-by-pattern": (
        {
            "/etc/ssh/sshd_config": "UsePAM yes\nPermitUserEnvironment LANG,HSA_*\n",
            "~/.ssh/environment": "§=10.3.0\nHIP_VISIBLE_DEVICES=1\n",
        },
        (s("~/.ssh/environment:1", "sam"),),
    ),
    # jupyter_core: /usr/local/share/jupyter is on everybody's path
    "kernel-json-usr-local": (
        {
            "/usr/local/share/jupyter/kernels/rocm/kernel.json": """\
{
 "argv": ["/opt/rocm-venv/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
 "display_name": "ROCm",
 "language": "python",
 "env": {
  "HIP_VISIBLE_DEVICES": "0",
  "§": "10.3.0"
 }
}
"""
        },
        (
            s("/usr/local/share/jupyter/kernels/rocm/kernel.json:6", ALL, "0", HIP),
            s("/usr/local/share/jupyter/kernels/rocm/kernel.json:7", ALL),
        ),
    ),
    # VS Code: Remote-SSH's machine settings, JSON with comments and a trailing comma
    "vscode-machine-settings": (
        {
            "~/.vscode-server/data/Machine/settings.json": """\
{
    // "terminal.integrated.env.linux": { "§": "11.0.0" },
    "terminal.integrated.env.linux": {
        "§": "10.3.0", /* RX 6700 XT */
    },
}
"""
        },
        (s("~/.vscode-server/data/Machine/settings.json:4", "sam"),),
    ),
    # compose spec: fragments, merge key, default in interpolation; the service's own key wins over the merged one
    "compose-merge-key": (
        {
            "~/ollama/compose.yaml": """\
x-rocm: &rocm
  §: "${OLLAMA_GFX:-10.3.0}"
  HIP_VISIBLE_DEVICES: "0"
services:
  ollama:
    image: ollama/ollama:rocm
    environment:
      <<: *rocm
      HIP_VISIBLE_DEVICES: "1"
    devices:
      - /dev/kfd
      - /dev/dri
"""
        },
        (s("~/ollama/compose.yaml:2", "sam"), s("~/ollama/compose.yaml:9", "sam", "1", HIP)),
    ),
    # conda env config vars set: conda-meta/state
    "conda-state": (
        {
            "~/miniconda3/envs/comfy/conda-meta/history": "==> 2026-03-01 10:00:00 <==\n",
            "~/miniconda3/envs/comfy/conda-meta/state": "{\"version\": 1,\n \"env_vars\": {\"§\": \"10.3.0\"}}\n",
        },
        (s("~/miniconda3/envs/comfy/conda-meta/state:2", "sam"),),
    ),
    # Hyprland: source with a glob, a variable of the sourcing file
    "hyprland-sourced-with-variable": (
        {
            "~/.config/hypr/hyprland.conf": "$gfx = 10.3.0\nsource = ~/.config/hypr/conf.d/*.conf\nmonitor=,preferred,auto,1\n",
            "~/.config/hypr/conf.d/env.conf": "env = XCURSOR_SIZE,24\nenv = §,$gfx\n",
        },
        (s("~/.config/hypr/conf.d/env.conf:2", "sam"),),
    ),
    # NixOS module services.ollama: rocmOverrideGfx becomes the variable
    "nixos-rocm-override-gfx": (
        {
            "/etc/nixos/configuration.nix": """\
{ config, pkgs, ... }:
{
  imports = [ ./hardware-configuration.nix ];
  services.ollama = {
    enable = true;
    acceleration = "rocm";
    rocmOverrideGfx = "10.3.0"; # gfx1031
  };
}
"""
        },
        (s("/etc/nixos/configuration.nix:7", OLLAMA),),
    ),
    # runit: chpst -e, a directory of files named as the variables
    "runit-chpst-env-dir": (
        {
            "/etc/sv/ollama/run": "#!/bin/sh\nexec 2>&1\nexec chpst -u ollama:render -e ./env ollama serve\n",
            "/etc/sv/ollama/env/HSA_OVERRIDE_GFX_VERSION": "10.3.0\n",
        },
        (s("/etc/sv/ollama/env/HSA_OVERRIDE_GFX_VERSION:1", "ollama"),),
    ),
    # a public Makefile (stored file 70837010537), shortened
    "makefile-export-conditional": (
        {
            "~/personas/Makefile": """\
CONFIG ?= configs/qwen3-8b-personas.yaml
UV     ?= uv

# RX 7600 (RDNA 3 / gfx1102)
# Exporta para todas as receitas do Makefile
export § ?= 11.0.0

.PHONY: setup train

setup:
\t$(UV) sync --extra train --extra eval --extra dev

train:
\t$(UV) run python scripts/02_train.py --config $(CONFIG)
"""
        },
        (s("~/personas/Makefile:6", "sam", "11.0.0"),),
    ),
    # a public starter (stored file 24107892171), shortened; the value is what stands there
    "docker-run-continued": (
        {
            "~/cpp/run.sh": """\
#!/bin/bash
set -e

docker build . -t cpp
docker run -it \\
    --device=/dev/kfd \\
    --device=/dev/dri \\
    --group-add=$(getent group render | cut -d: -f3) \\
    --security-opt seccomp=unconfined \\
    -e HIP_VISIBLE_DEVICES=0 \\
    -e §=gfx1100 \\
    -p 9001:9001 \\
    cpp:latest /home/cpp/llama.cpp/build/bin/llama-server \\
        --n-gpu-layers 9999 \\
        --jinja
"""
        },
        (s("~/cpp/run.sh:10", "sam", "0", HIP), s("~/cpp/run.sh:11", "sam", "gfx1100")),
    ),
    # a public pm2 file (stored file 57354745737), shortened
    "pm2-ecosystem": (
        {
            "~/trading/ecosystem.config.js": """\
module.exports = {
    apps: [
        {
            name: "aegis-live",
            script: "/home/sam/trading/.venv/bin/python",
            args: "-m aegis.live",
            // growth.
            max_memory_restart: "14336M",
            watch: false,
            env: {
                "PYTHONPATH": "/home/sam/trading/src",
                "§": "10.3.0",
                "LD_LIBRARY_PATH": "/opt/rocm-6.2.0/lib:/opt/rocm-6.2.0/lib64"
            }
        }
    ]
};
"""
        },
        (s("~/trading/ecosystem.config.js:12", "sam"),),
    ),
    # a public driver of ComfyUI (stored file 67133513761), shortened: the child's environment
    "python-popen-env": (
        {
            "~/comfy/render.py": """\
#!/usr/bin/env python3
import os
import subprocess
from pathlib import Path

COMFY = Path("/home/sam/ComfyUI")


def start_comfy():
    command = [
        str(COMFY / "venv/bin/python"), str(COMFY / "main.py"),
        "--listen", "127.0.0.1", "--port", "8188", "--disable-auto-launch",
    ]
    env = {**os.environ, "§": "10.3.0"}
    return subprocess.Popen(command, cwd=COMFY, env=env, stdout=None, stderr=None, text=True)


start_comfy().wait()
"""
        },
        (s("~/comfy/render.py:14", "sam"),),
    ),
}

EIGHTH_CALM: Rows = {
    # neither pam_env (a blank in the name) nor systemd's environment.d parser (no valid name) takes the line
    "etc-environment-set": (
        {"/etc/environment": "PATH=\"/usr/local/bin:/usr/bin:/bin\"\nset §=10.3.0\n"},
        (),
    ),
    # pam_env.conf(5): only DEFAULT= and OVERRIDE= are known
    "pam-env-conf-wrong-keyword": (
        {"/etc/security/pam_env.conf": "# § DEFAULT=10.3.0\n§ VALUE=10.3.0\n"},
        (),
    ),
    # environment.d(5): a link to /dev/null of the same name in /etc masks the vendor's file; only *.conf, no directories below
    "environmentd-masked-and-wrong-suffix": (
        {
            "/usr/lib/environment.d/90-rocm.conf": "§=10.3.0\n",
            "/etc/environment.d/90-rocm.conf": "->/dev/null",
            "~/.config/environment.d/rocm.env": "§=10.3.0\n",
            "~/.config/environment.d/old/rocm.conf": "§=10.3.0\n",
        },
        (),
    ),
    # a public file for WSL (stored file 59510073027), and one that /etc/profile does not read
    "profiled-commented-and-disabled": (
        {
            "/etc/profile.d/aetherstack-rocm.sh": """\
# AetherStack / ROCm on WSL - source from /etc/profile.d or ~/.bashrc
export LD_LIBRARY_PATH="/opt/rocm/lib:/usr/lib/wsl/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PATH="/opt/rocm/bin${PATH:+:$PATH}"
# RDNA2 consumer cards often need this for some ROCm apps:
# export §=10.3.0
""",
            "/etc/profile.d/rocm.sh.disabled": "export §=10.3.0\n",
        },
        (),
    ),
    # bash(1): declare without -x, and +x takes the attribute away
    "bash-not-exported": (
        {"~/.bashrc": "declare HIP_VISIBLE_DEVICES=1\nexport §=10.3.0\ndeclare +x §\n"},
        (),
    ),
    # zsh(1): with ZDOTDIR in ~/.zshenv, ~/.zshrc is nobody's
    "zsh-zdotdir-leaves-zshrc": (
        {
            "/etc/passwd": ZSH,
            "~/.zshenv": "export ZDOTDIR=$HOME/.config/zsh\n",
            "~/.zshrc": "export §=10.3.0\n",
            "~/.config/zsh/.zshrc": "setopt autocd\n",
        },
        (),
    ),
    # fish: local to its block, only global but not exported, universal but not exported
    "fish-local-and-unexported": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "begin\n    set -lx § 10.3.0\nend\nset -g HIP_VISIBLE_DEVICES 1\n",
            "~/.config/fish/fish_variables": "# This file contains fish universal variable definitions.\n# VERSION: 3.0\nSETUVAR ROCR_VISIBLE_DEVICES:1\n",
        },
        (),
    ),
    # bash(1): ~/.bash_login is not read where ~/.bash_profile is; for another system; after an unconditional return
    "bash-hidden-darwin-and-return": (
        {
            "~/.bash_profile": "[ -f ~/.bashrc ] && . ~/.bashrc\n",
            "~/.bash_login": "export §=10.3.0\n",
            "~/.bashrc": """\
case "$(uname -s)" in
    Darwin) export HIP_VISIBLE_DEVICES=1 ;;
esac
return 0
# below: what I used with the old card
export §=10.3.0
""",
        },
        (),
    ),
    # Debian's Xsession takes the names of run-parts: no dots
    "xsessiond-name-with-dot": (
        {"/etc/X11/Xsession.d/90rocm.sh": "export §=10.3.0\n"},
        (),
    ),
    # startplasma: shutdown scripts run at logout; env takes *.sh
    "plasma-shutdown": (
        {
            "~/.config/plasma-workspace/shutdown/rocm.sh": "#!/bin/sh\nexport §=10.3.0\n",
            "~/.config/plasma-workspace/env/rocm.sh.off": "export §=10.3.0\n",
        },
        (),
    ),
    # systemd-system.conf(5): the system manager's ManagerEnvironment= is not inherited by services; DefaultEnvironment= is [Manager]'s
    "system-conf-manager-environment": (
        {
            "/etc/systemd/system.conf.d/gpu.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n",
            "/etc/systemd/system.conf.d/gpu2.conf": "[Service]\nDefaultEnvironment=§=10.3.0\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    # systemd.exec(5): UnsetEnvironment= is applied last
    "unit-unset-environment": (
        {
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironmentFile=-/etc/default/ollama\n",
            "/etc/default/ollama": "§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/zz-no-override.conf": "[Service]\nUnsetEnvironment=§\n",
        },
        (),
    ),
    # systemd.unit(5): the unit in /etc hides the vendor's of the same name
    "unit-in-etc-hides-usr": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/opt/ollama/bin/ollama serve\nUser=ollama\n",
        },
        (),
    ),
    # systemd.unit(5): a drop-in of /usr masked by name; wrong section; wrong suffix
    "unit-drop-ins-masked-or-misplaced": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/usr/lib/systemd/system/ollama.service.d/60-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/60-gpu.conf": "->/dev/null",
            "/etc/systemd/system/ollama.service.d/70-gpu.conf": "[Unit]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/80-gpu.conf.save": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    # systemd.unit(5): comfy.service.d is not the prefix directory (comfy-.service.d) of comfy-art.service
    "unit-prefix-without-dash": (
        {
            "/etc/systemd/system/comfy-art.service": "[Service]\nUser=comfy\nExecStart=/opt/comfy/venv/bin/python /opt/comfy/main.py\n",
            "/etc/systemd/system/comfy.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    # an EnvironmentFile= is no shell script: "export KEY" is no valid name
    "unit-environment-file-export": (
        {
            "/etc/systemd/system/llama.service": "[Service]\nEnvironmentFile=/etc/llama.env\nExecStart=/usr/bin/llama-server\n",
            "/etc/llama.env": "export §=10.3.0\n",
        },
        (),
    ),
    # systemd.unit(5): a user's mask
    "user-unit-masked": (
        {
            "~/.local/share/systemd/user/comfy.service": "[Service]\nEnvironment=§=10.3.0\nExecStart=%h/comfy/run.sh\n",
            "~/.config/systemd/user/comfy.service": "->/dev/null",
        },
        (),
    ),
    # quadlet: [Service] is podman's and conmon's; /etc/containers/systemd/users/1001 is another user's
    "quadlet-service-section-and-other-uid": (
        {
            "~/.config/containers/systemd/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n\n[Service]\nEnvironment=§=10.3.0\nRestart=always\n",
            "/etc/containers/systemd/users/1001/p.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    # containers.conf(5): [engine] env is for the engine itself
    "containers-conf-engine": (
        {"/etc/containers/containers.conf": "[containers]\n# env = [\"§=10.3.0\"]\n\n[engine]\nenv = [\"§=10.3.0\"]\n"},
        (),
    ),
    # CDI: spec files of /etc/cdi and /var/run/cdi, .json and .yaml
    "cdi-not-read": (
        {
            "/etc/cdi/amd.json.bak": '{"cdiVersion":"0.6.0","kind":"amd.com/gpu","devices":[],"containerEdits":{"env":["§=10.3.0"]}}\n',
            "~/.config/cdi/amd.json": '{"cdiVersion":"0.6.0","kind":"amd.com/gpu","devices":[],"containerEdits":{"env":["§=10.3.0"]}}\n',
        },
        (),
    ),
    # flatpak-metadata(5): variables stand in [Environment]
    "flatpak-wrong-group": (
        {"~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Context]\ndevices=all;\n§=10.3.0\nunset-environment=HIP_VISIBLE_DEVICES;\n"},
        (),
    ),
    # crontab(5): an assignment reaches the entries below it; cron.d skips a package manager's leftovers
    "cron-too-late-and-leftover": (
        {
            "/var/spool/cron/crontabs/sam": "0 5 * * * /home/sam/bin/train\n@daily echo §=10.3.0\n§=10.3.0\n",
            "/etc/cron.d/train.rpmsave": "§=10.3.0\n0 5 * * * sam /home/sam/bin/train\n",
        },
        (),
    ),
    # sshd_config(5): the first SetEnv counts; a Match block of somebody else
    "sshd-second-setenv": (
        {"/etc/ssh/sshd_config": "SetEnv LC_GPU=yes\nSetEnv §=10.3.0\nMatch User bob\n    SetEnv HIP_VISIBLE_DEVICES=1\n"},
        (),
    ),
    # sshd_config(5): PermitUserEnvironment is "no" by default; ssh_config's SetEnv is for the other machine
    "ssh-environment-not-permitted": (
        {
            "/etc/ssh/sshd_config": "#PermitUserEnvironment yes\nUsePAM yes\n",
            "~/.ssh/environment": "§=10.3.0\n",
            "~/.ssh/authorized_keys": "environment=\"§=10.3.0\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample sam@laptop\n",
            "~/.ssh/config": "Host gpubox\n    SetEnv §=10.3.0\n",
        },
        (),
    ),
    # jupyter_client: metadata is not the environment; kernels/NAME/kernel.json only
    "kernel-json-metadata": (
        {
            "~/.local/share/jupyter/kernels/rocm/kernel.json": """\
{
 "argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
 "display_name": "ROCm",
 "language": "python",
 "metadata": {"debugger": true, "env": {"§": "10.3.0"}}
}
""",
            "~/.local/share/jupyter/kernels/kernel.json": '{"argv": ["python3"], "display_name": "x", "env": {"§": "10.3.0"}}\n',
        },
        (),
    ),
    # VS Code: other systems' keys
    "vscode-other-systems": (
        {
            "~/.config/Code/User/settings.json": """\
{
    "terminal.integrated.env.osx": { "§": "10.3.0" },
    "terminal.integrated.env.windows": { "§": "10.3.0" },
    "terminal.integrated.env.linux": {
        // "§": "10.3.0",
        "EDITOR": "code --wait"
    }
}
"""
        },
        (),
    ),
    # compose: of compose.yaml and docker-compose.yml in one folder only the former is used; !reset takes the key out
    "compose-hidden-and-reset": (
        {
            "~/ollama/compose.yaml": "services:\n  ollama:\n    image: ollama/ollama:rocm\n    environment:\n      §: \"10.3.0\"\n",
            "~/ollama/compose.override.yaml": "services:\n  ollama:\n    environment:\n      §: !reset null\n",
            "~/ollama/docker-compose.yml": "services:\n  ollama:\n    image: ollama/ollama:rocm\n    environment:\n      - HIP_VISIBLE_DEVICES=1\n",
        },
        (),
    ),
    # conda env config vars unset leaves ***unset*** in the state file
    "conda-state-unset": (
        {
            "~/miniconda3/envs/comfy/conda-meta/history": "==> 2026-03-01 10:00:00 <==\n",
            "~/miniconda3/envs/comfy/conda-meta/state": "{\"version\": 1, \"env_vars\": {\"§\": \"***unset***\"}}\n",
            "~/miniconda3/envs/comfy/etc/conda/deactivate.d/rocm.sh": "unset §\n",
        },
        (),
    ),
    # Hyprland reads what is sourced; niri's KDL has /- for a node that does not count
    "hyprland-unsourced-niri-slashdash": (
        {
            "~/.config/hypr/hyprland.conf": "# source = ~/.config/hypr/env.conf\nenv = XCURSOR_SIZE,24\n",
            "~/.config/hypr/env.conf": "env = §,10.3.0\n",
            "~/.config/niri/config.kdl": "prefer-no-csd\n/-environment {\n    § \"10.3.0\"\n}\n",
        },
        (),
    ),
    # OpenRC sources conf.d without exporting; just exports only where told
    "openrc-and-just-unexported": (
        {
            "/etc/init.d/ollama": "#!/sbin/openrc-run\ncommand=/usr/bin/ollama\ncommand_args=serve\ncommand_background=true\npidfile=/run/ollama.pid\n",
            "/etc/conf.d/ollama": "§=\"10.3.0\"\n",
            "~/llm/justfile": "§ := \"10.3.0\"\n\nserve:\n    ollama serve\n",
        },
        (),
    ),
    # a public starter of a Bazzite guide (stored file 55942799042), shortened
    "comfy-starter-unset": (
        {
            "~/ComfyUI/run.sh": """\
#!/bin/bash
cd ~/ComfyUI
source venv/bin/activate
unset §
export HIP_VISIBLE_DEVICES=0
export HSA_ENABLE_SDMA=0
python3 main.py
""",
            "~/ComfyUI/run.sh.old": "#!/bin/bash\nexport §=10.3.0\npython3 main.py\n",
        },
        (s("~/ComfyUI/run.sh:5", "sam", "0", HIP), s("~/ComfyUI/run.sh:6", "sam", "0", SDMA)),
    ),
    # a public starter of vLLM (stored file 62243989167), shortened
    "vllm-starter-commented": (
        {
            "~/serve/vllm.sh": """\
#!/usr/bin/env bash
#   so § is NOT set by default. Only set it if the
#   runtime complains the device is unsupported (escape hatch for older drivers).
set -euo pipefail

MODEL="${1:-Qwen/Qwen3-30B-A3B}"
PORT="${PORT:-8000}"
DEVICE_IDS="${ROCR_VISIBLE_DEVICES:-0}"

export ROCR_VISIBLE_DEVICES="${DEVICE_IDS}"

# Uncomment only if the runtime fails to detect the GPU:
# export §=9.4.2   # gfx942 = MI300X

exec vllm serve "${MODEL}" --port "${PORT}" --trust-remote-code
"""
        },
        (s("~/serve/vllm.sh:10", "sam", "0", ROCR),),
    ),
    # a public latency test (stored file 56797099053), shortened
    "tts-pop": (
        {
            "~/tts/latency.py": """\
#!/usr/bin/env python3
from __future__ import annotations

import argparse
import os

os.environ.setdefault("MIOPEN_LOG_LEVEL", "3")
os.environ.pop("§", None)

import numpy as np

PIPELINE_SAMPLE_RATE = 16000
"""
        },
        (s("~/tts/latency.py:7", "sam", "3", "MIOPEN_LOG_LEVEL"),),
    ),
    # public tests of a HIP library (stored file 22604644140), shortened
    "pytest-fixture": (
        {
            "~/torchsim/hip_nl/dev_tests/test_hip_nl.py": '''\
"""Tests for hip_nl - HIP-accelerated neighbor list for AMD GPUs.

Run these tests in isolation:
    cd hip_nl/dev_tests
    setenv § 11.0.0
    pytest test_hip_nl.py -v
"""

import os

import pytest


@pytest.fixture(scope="module", autouse=True)
def set_hip_nl_env():
    """Set environment variables for hip_nl tests."""
    old_hsa = os.environ.get("§")
    os.environ["§"] = "11.0.0"
    yield
    if old_hsa is None:
        os.environ.pop("§", None)
    else:
        os.environ["§"] = old_hsa
'''
        },
        (),
    ),
    # a public repair script (stored file 35463900299), shortened: it only comments lines out
    "repair-script": (
        {
            "~/bin/fix-bashrc.sh": """\
#!/bin/bash
echo "2. Current lines:"
grep -n "§\\|HIP_VISIBLE_DEVICES" ~/.bashrc
read -p "Do you want to FIX this by commenting out these lines? (y/n) " -n 1 -r
if [[ $REPLY =~ ^[Yy]$ ]]; then
    sed -i 's/^export §=10.3.0/# export §=10.3.0  # COMMENTED OUT - gfx1010 does not need this!/' ~/.bashrc
    sed -i 's/^export HIP_VISIBLE_DEVICES=0/# export HIP_VISIBLE_DEVICES=0  # COMMENTED OUT - not needed/' ~/.bashrc
fi
cat <<'MSG'
To get it back:
export §=10.3.0
MSG
""",
            "~/.bashrc": "# export §=10.3.0  # COMMENTED OUT - gfx1010 does not need this!\n",
        },
        (),
    ),
    # a public manifest (stored file 61634105223), shortened
    "k8s-commented": (
        {
            "~/k8s/ollama.yaml": """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ollama
  namespace: open-webui
spec:
  serviceName: ollama
  replicas: 1
  template:
    spec:
      containers:
      - name: ollama
        image: ollama/ollama:rocm
        env:
        # AMD GPU Configuration for RDNA 2 (Radeon 680M in Ryzen 7 5825U)
        #      - name: §
        #        value: "10.3.0"
        - name: LC_ALL
          value: "C.UTF-8"
        volumeMounts:
        - name: dev-kfd
          mountPath: /dev/kfd
"""
        },
        (),
    ),
}

# Lines that are read and were not labelled, and why.
LIBRARIES = "LD_LIBRARY_PATH"
MORE: dict[str, tuple[Label, ...]] = {
    # any variable that leads programs to ROCm's libraries is told
    "fish-else-of-darwin": (s("~/.config/fish/config.fish:14", "sam", "$LD_LIBRARY_PATH /opt/rocm/lib", LIBRARIES),),
    "pm2-ecosystem": (s("~/trading/ecosystem.config.js:13", "aegis-live", "/opt/rocm-6.2.0/lib:/opt/rocm-6.2.0/lib64", LIBRARIES),),
    "profiled-commented-and-disabled": (
        s("/etc/profile.d/aetherstack-rocm.sh:2", ALL, "/opt/rocm/lib:/usr/lib/wsl/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}", LIBRARIES),
    ),
    # with "(there is no comfy.service here)" behind it: it is left over, or waits for a unit that comes back
    "unit-prefix-without-dash": (s("/etc/systemd/system/comfy.service.d/gpu.conf:2", "comfy.service"),),
}
EIGHTH_WILD |= {name: (files, (*labels, *MORE.get(name, ()))) for name, (files, labels) in EIGHTH_WILD.items()}
EIGHTH_CALM |= {name: (files, (*labels, *MORE.get(name, ()))) for name, (files, labels) in EIGHTH_CALM.items()}
