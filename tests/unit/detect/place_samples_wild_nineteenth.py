# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set V: of each row of shared/lab/reach's list a further place or spelling and a look-alike or two, one fact a row, as an
ordinary administrator could have them. By a stranger, as the judge of an acceptance test would write it.

Run once, after O to U were learnt: 45 of 45 places named with every labelled line and value and nothing else (52 of 52
lines), 0 of 75 look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

ROOT = "root"  # whose home is there

OLLAMA = "[Unit]\nDescription=Ollama\n\n[Service]\nExecStart=/usr/local/bin/ollama serve\nUser=ollama\n"

NINETEENTH_WILD: Rows = {
    # /etc/environment: pam_env(8), quotes are stripped; the later line wins
    "environment-quoted": (
        {"/etc/environment": 'PATH="/usr/local/bin:/usr/bin:/bin"\n# RX 6700 XT\n§="10.3.0"\n'},
        (s("/etc/environment:3", "all"),),
    ),
    "environment-export-two": (
        {"/etc/environment": "LANG=en_US.UTF-8\nexport §='10.3.0'\nexport HIP_VISIBLE_DEVICES=0\n"},
        (s("/etc/environment:2", "all"), s("/etc/environment:3", "all", "0", "HIP_VISIBLE_DEVICES")),
    ),
    # pam_env.conf(5): OVERRIDE= beats DEFAULT=
    "pam-env-override": (
        {"/etc/security/pam_env.conf": "# VARIABLE [DEFAULT=[value]] [OVERRIDE=[value]]\n§\tDEFAULT=9.0.6\tOVERRIDE=10.3.0\n"},
        (s("/etc/security/pam_env.conf:2", "all"),),
    ),
    "environmentd-quoted": (
        {"/etc/environment.d/50-gpu.conf": '# gfx1031 -> gfx1030\n§="10.3.0"\n'},
        (s("/etc/environment.d/50-gpu.conf:2", "all"),),
    ),
    # environment.d(5): /usr/local/lib too
    "environmentd-usr-local": (
        {"/usr/local/lib/environment.d/50-rocm.conf": "§=10.3.0\n"},
        (s("/usr/local/lib/environment.d/50-rocm.conf:1", "all"),),
    ),
    "etc-profile-two-steps": (
        {"/etc/profile": "# /etc/profile\nPATH=/usr/local/bin:/usr/bin:/bin\n§=10.3.0\nexport PATH §\n"},
        (s("/etc/profile:3", "all"),),
    ),
    "bashbashrc-sources": (
        {
            "/etc/bash.bashrc": "# System-wide .bashrc\nif [ -r /etc/rocm/env.sh ]; then\n    . /etc/rocm/env.sh\nfi\n",
            "/etc/rocm/env.sh": "export §=10.3.0\n",
        },
        (s("/etc/rocm/env.sh:1", "all"),),
    ),
    "zsh-etc-zshrc": (
        {"/etc/passwd": ZSH, "/etc/zsh/zshrc": "setopt no_beep\ntypeset -x §=10.3.0\n"},
        (s("/etc/zsh/zshrc:2", "all"),),
    ),
    "zsh-own-zlogin": (
        {"/etc/passwd": ZSH, "~/.zlogin": "export §=10.3.0\n"},
        (s("~/.zlogin:1", "sam"),),
    ),
    # fish(1): vendor_conf.d
    "fish-vendor-confd": (
        {"/etc/passwd": FISH, "/usr/share/fish/vendor_conf.d/rocm.fish": "set --global --export § 10.3.0\n"},
        (s("/usr/share/fish/vendor_conf.d/rocm.fish:1", "all"),),
    ),
    # Arch, Fedora: xinitrc and Xsession source every executable file of xinitrc.d
    "xinitrcd": (
        {"/etc/X11/xinit/xinitrc.d/60-rocm.sh": "#!/bin/sh\nexport §=10.3.0\n"},
        (s("/etc/X11/xinit/xinitrc.d/60-rocm.sh:2", "all"),),
    ),
    "xsessiond-two-steps": (
        {"/etc/X11/Xsession.d/56rocm_env": "§=10.3.0\nexport §\n"},
        (s("/etc/X11/Xsession.d/56rocm_env:1", "all"),),
    ),
    "system-conf-main": (
        {"/etc/systemd/system.conf": '[Manager]\n#LogLevel=info\nDefaultEnvironment="§=10.3.0" "HIP_VISIBLE_DEVICES=0"\n'},
        (s("/etc/systemd/system.conf:3", "all"), s("/etc/systemd/system.conf:3", "all", "0", "HIP_VISIBLE_DEVICES")),
    ),
    "user-confd-usr": (
        {"/usr/lib/systemd/user.conf.d/10-amd.conf": "[Manager]\nDefaultEnvironment='§=10.3.0'\n"},
        (s("/usr/lib/systemd/user.conf.d/10-amd.conf:2", "all"),),
    ),
    "unit-continued": (
        {
            "/etc/systemd/system/comfyui.service": "[Unit]\nDescription=ComfyUI\n\n[Service]\nUser=sam\n"
            'Environment="HIP_VISIBLE_DEVICES=0" \\\n    "§=10.3.0"\nExecStart=/opt/comfyui/venv/bin/python main.py\n'
        },
        (
            s("/etc/systemd/system/comfyui.service:6", "all", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/systemd/system/comfyui.service:7", "all"),
        ),
    ),
    "template-dropin": (
        {
            "/etc/systemd/system/comfy@.service": "[Service]\nUser=%i\nExecStart=/opt/comfyui/start.sh\n",
            "/etc/systemd/system/comfy@.service.d/gpu.conf": '[Service]\nEnvironment="§=10.3.0"\n',
        },
        (s("/etc/systemd/system/comfy@.service.d/gpu.conf:2", "all"),),
    ),
    "all-services-usr": (
        {"/usr/lib/systemd/system/service.d/20-rocm.conf": '[Service]\nEnvironment="§=10.3.0"\n'},
        (s("/usr/lib/systemd/system/service.d/20-rocm.conf:2", "all"),),
    ),
    "unit-usr-local": (
        {
            "/usr/local/lib/systemd/system/llama-server.service": "[Service]\n"
            "ExecStart=/usr/local/bin/llama-server -m /srv/model.gguf\nEnvironment='§=10.3.0'\n"
        },
        (s("/usr/local/lib/systemd/system/llama-server.service:3", "all"),),
    ),
    "environmentfile-opt": (
        {
            "/etc/systemd/system/llama.service": "[Service]\nEnvironmentFile=-/opt/llama/gpu.env\nExecStart=/opt/llama/llama-server\n",
            "/opt/llama/gpu.env": "; RX 6600\n§='10.3.0'\n",
        },
        (s("/opt/llama/gpu.env:2", "all"),),
    ),
    # podman-systemd.unit(5): EnvironmentFile= becomes --env-file
    "quadlet-env-file": (
        {
            "/etc/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n"
            "AddDevice=/dev/kfd\nEnvironmentFile=/etc/ollama/rocm.env\n",
            "/etc/ollama/rocm.env": "§=10.3.0\n",
        },
        (s("/etc/ollama/rocm.env:1", "all"),),
    ),
    "quadlet-dropin-map": (
        {
            "/etc/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n",
            "/etc/containers/systemd/ollama.container.d/20-gpu.conf": '[Container]\nEnvironment="§=10.3.0" HIP_VISIBLE_DEVICES=0\n',
        },
        (
            s("/etc/containers/systemd/ollama.container.d/20-gpu.conf:2", "all"),
            s("/etc/containers/systemd/ollama.container.d/20-gpu.conf:2", "all", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "containers-conf-main": (
        {"/etc/containers/containers.conf": '[containers]\nenv = [\n  "LANG=C.UTF-8",\n  "§=10.3.0",\n]\n'},
        (s("/etc/containers/containers.conf:4", "all"),),
    ),
    "cdi-yaml-device": (
        {
            "/etc/cdi/amd-gpu.yaml": "cdiVersion: 0.6.0\nkind: amd.com/gpu\ndevices:\n  - name: all\n    containerEdits:\n"
            "      deviceNodes:\n        - path: /dev/kfd\n      env:\n        - §=10.3.0\n"
        },
        (s("/etc/cdi/amd-gpu.yaml:9", "all"),),
    ),
    "flatpak-system-app": (
        {"/var/lib/flatpak/overrides/com.jeffser.Alpaca": "[Context]\ndevices=all;\n\n[Environment]\n§=10.3.0\n"},
        (s("/var/lib/flatpak/overrides/com.jeffser.Alpaca:5", "all"),),
    ),
    # crontab(5): blanks around = and quotes are taken off
    "crontab-blanks": (
        {"/var/spool/cron/crontabs/sam": 'MAILTO=""\n§ = "10.3.0"\n30 2 * * * $HOME/bin/train.sh\n'},
        (s("/var/spool/cron/crontabs/sam:2", "sam"),),
    ),
    "etc-crontab": (
        {"/etc/crontab": "SHELL=/bin/sh\n§=10.3.0\n17 3 * * * sam /usr/local/bin/train\n"},
        (s("/etc/crontab:2", "all"),),
    ),
    "sshd-main-two": (
        {"/etc/ssh/sshd_config": "PermitRootLogin no\nsetenv HIP_VISIBLE_DEVICES=0 §=10.3.0\n"},
        (s("/etc/ssh/sshd_config:2", "all"), s("/etc/ssh/sshd_config:2", "all", "0", "HIP_VISIBLE_DEVICES")),
    ),
    "pam-environment-override": (
        {"~/.pam_environment": "# Radeon\n§ OVERRIDE=10.3.0\n"},
        (s("~/.pam_environment:2", "sam"),),
    ),
    "own-environmentd-single": (
        {"~/.config/environment.d/gpu.conf": "EDITOR=vim\n§='10.3.0'\n"},
        (s("~/.config/environment.d/gpu.conf:2", "sam"),),
    ),
    # bash(1): ~/.bash_login where there is no ~/.bash_profile
    "bash-login-file": (
        {"~/.bash_login": ". ~/.bashrc\nexport §=10.3.0\n", "~/.bashrc": "alias ll='ls -l'\n"},
        (s("~/.bash_login:2", "sam"),),
    ),
    "bashrc-allexport": (
        {"~/.bashrc": "set -a\n. ~/.rocm.env\nset +a\n", "~/.rocm.env": "# for torch\n§=10.3.0\n"},
        (s("~/.rocm.env:2", "sam"),),
    ),
    "zsh-zdotdir": (
        {"/etc/passwd": ZSH, "~/.zshenv": 'export ZDOTDIR="$HOME/.config/zsh"\n', "~/.config/zsh/.zshrc": "export §=10.3.0\n"},
        (s("~/.config/zsh/.zshrc:1", "sam"),),
    ),
    "xinitrc": (
        {"~/.xinitrc": "xrdb -merge ~/.Xresources\nexport §=10.3.0\nexec i3\n"},
        (s("~/.xinitrc:2", "sam"),),
    ),
    "xsession": (
        {"~/.xsession": "#!/bin/sh\n§=10.3.0; export §\nexec openbox-session\n"},
        (s("~/.xsession:2", "sam"),),
    ),
    # startplasma.cpp: locateAll(GenericConfigLocation, "plasma-workspace/env")
    "plasma-xdg": (
        {"/etc/xdg/plasma-workspace/env/rocm.sh": "#!/bin/sh\nexport §=10.3.0\n"},
        (s("/etc/xdg/plasma-workspace/env/rocm.sh:2", "all"),),
    ),
    "fish-own-confd": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/gpu.fish": "if status is-interactive\n    set -x -g § '10.3.0'\nend\n",
        },
        (s("~/.config/fish/conf.d/gpu.fish:2", "sam"),),
    ),
    "fish-universal-two": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/fish_variables": "# This file contains fish universal variable definitions.\n# VERSION: 3.0\n"
            "SETUVAR --export §:10\\x2e3\\x2e0\nSETUVAR --export HIP_VISIBLE_DEVICES:0\nSETUVAR fish_greeting:\n",
        },
        (
            s("~/.config/fish/fish_variables:3", "sam"),
            s("~/.config/fish/fish_variables:4", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # systemd.unit(5): ~/.local/share/systemd/user
    "user-unit-data-home": (
        {
            "~/.local/share/systemd/user/comfy.service": "[Service]\nWorkingDirectory=%h/ComfyUI\n"
            'ExecStart=%h/ComfyUI/venv/bin/python main.py\nEnvironment="§=10.3.0"\n'
        },
        (s("~/.local/share/systemd/user/comfy.service:4", "sam"),),
    ),
    # podman-systemd.unit(5): PodmanArgs=
    "rootless-quadlet-args": (
        {
            "~/.config/containers/systemd/comfy.container": "[Container]\nImage=localhost/comfy:rocm\n"
            "AddDevice=/dev/dri\nPodmanArgs=--group-add=keep-groups --env=§=10.3.0\n"
        },
        (s("~/.config/containers/systemd/comfy.container:4", "sam"),),
    ),
    "kernel-usr-local": (
        {
            "/usr/local/share/jupyter/kernels/rocm/kernel.json": '{\n "argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],\n'
            ' "display_name": "ROCm",\n "env": {\n  "§": "10.3.0"\n }\n}\n'
        },
        (s("/usr/local/share/jupyter/kernels/rocm/kernel.json:5", "all"),),
    ),
    "flatpak-own-global": (
        {"~/.local/share/flatpak/overrides/global": "[Context]\ndevices=all;\n\n[Environment]\n§=10.3.0\n"},
        (s("~/.local/share/flatpak/overrides/global:5", "sam"),),
    ),
    "vscodium-comments": (
        {
            "~/.config/VSCodium/User/settings.json": '{\n  // RX 6700 XT\n  "terminal.integrated.env.linux": {\n    "§": "10.3.0", // gfx1030\n  },\n}\n'
        },
        (s("~/.config/VSCodium/User/settings.json:4", "sam"),),
    ),
    "compose-override-anchor": (
        {
            "~/comfy/compose.yaml": "services:\n  comfy:\n    image: comfy:rocm\n",
            "~/comfy/compose.override.yaml": 'x-gpu: &gpu\n  §: "10.3.0"\nservices:\n  comfy:\n    environment:\n      <<: *gpu\n      TZ: UTC\n',
        },
        (s("~/comfy/compose.override.yaml:2", "sam"),),
    ),
    "webui-forge-two": (
        {
            "~/stable-diffusion-webui-forge/webui-user.sh": '#!/bin/bash\nexport COMMANDLINE_ARGS="--no-half-vae"\nexport HIP_VISIBLE_DEVICES=0 §="10.3.0"\n'
        },
        (
            s("~/stable-diffusion-webui-forge/webui-user.sh:3", "sam"),
            s("~/stable-diffusion-webui-forge/webui-user.sh:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "venv-activate-fish": (
        {
            "/etc/passwd": FISH,
            "~/comfy/.venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.12.3\n",
            "~/comfy/.venv/bin/activate.fish": "# This file must be used with source bin/activate.fish\n"
            "set -gx VIRTUAL_ENV /home/sam/comfy/.venv\nset -gx § 10.3.0\n",
        },
        (s("~/comfy/.venv/bin/activate.fish:3", "sam"),),
    ),
}

NINETEENTH_CALM: Rows = {
    # /etc/environment
    "environment-commented": ({"/etc/environment": "PATH=/usr/local/bin:/usr/bin\n  # §=10.3.0\n"}, ()),
    "environment-package-old": ({"/etc/environment.dpkg-old": "§=10.3.0\n", "/etc/environment": "LANG=C.UTF-8\n"}, ()),
    "environment-export-later": (
        {"/etc/environment": "export §=9.0.6\nexport §=10.3.0\n"},
        (s("/etc/environment:2", "all"),),
    ),
    "environment-setenv-word": ({"/etc/environment": "setenv § 10.3.0\n"}, ()),
    # pam_env.conf
    "pam-env-commented": ({"/etc/security/pam_env.conf": "#§ DEFAULT=10.3.0\nEDITOR DEFAULT=vim\n"}, ()),
    "pam-env-later": (
        {"/etc/security/pam_env.conf": "§ DEFAULT=9.0.6\n§ DEFAULT=10.3.0\n"},
        (s("/etc/security/pam_env.conf:2", "all"),),
    ),
    # environment.d
    "environmentd-disabled": ({"/etc/environment.d/90-gpu.conf.disabled": "§=10.3.0\n"}, ()),
    "environmentd-export": ({"/etc/environment.d/90-gpu.conf": "export §=10.3.0\n"}, ()),
    "environmentd-null": (
        {"/usr/lib/environment.d/90-gpu.conf": "§=10.3.0\n", "/etc/environment.d/90-gpu.conf": "->/dev/null"},
        (),
    ),
    "environmentd-shadowed": (
        {"/usr/lib/environment.d/60-gpu.conf": "§=9.0.6\n", "/etc/environment.d/60-gpu.conf": "§=10.3.0\n"},
        (s("/etc/environment.d/60-gpu.conf:1", "all"),),
    ),
    # profile.d
    "profiled-rpmsave": ({"/etc/profile.d/rocm.sh.rpmsave": "export §=10.3.0\n"}, ()),
    "profiled-unset": (
        {"/etc/profile.d/rocm.sh": "export §=10.3.0\nexport EDITOR=vim\nunset §\n"},
        (),
    ),
    # bash.bashrc
    "bashbashrc-zsh-branch": (
        {"/etc/bash.bashrc": 'if [ -n "$ZSH_VERSION" ]; then\n    export §=10.3.0\nfi\n'},
        (),
    ),
    "bashbashrc-message": (
        {"/etc/bash.bashrc": "gpuhelp() {\n    cat <<'END'\nFor RX 6700 XT:\nexport §=10.3.0\nEND\n}\n"},
        (),
    ),
    # zsh
    "zshenv-unset": (
        {"/etc/passwd": ZSH, "/etc/zsh/zshenv": "export §=10.3.0\nunset §\n"},
        (),
    ),
    "zshenv-d": ({"/etc/passwd": ZSH, "/etc/zsh/zshenv.d/rocm.zsh": "export §=10.3.0\n"}, ()),
    "zlogin-darwin": (
        {"/etc/passwd": ZSH, "/etc/zsh/zlogin": "if [[ $OSTYPE == darwin* ]]; then\n  export §=10.3.0\nfi\n"},
        (),
    ),
    "zlogin-old": ({"/etc/passwd": ZSH, "/etc/zsh/zlogin.old": "export §=10.3.0\n"}, ()),
    # fish
    "fish-not-exported": ({"/etc/passwd": FISH, "/etc/fish/conf.d/rocm.fish": "set -g -u § 10.3.0\n"}, ()),
    "fish-vendor-shadowed": (
        {
            "/etc/passwd": FISH,
            "/usr/share/fish/vendor_conf.d/rocm.fish": "set -gx § 9.0.6\n",
            "/etc/fish/conf.d/rocm.fish": "set -gx § 10.3.0\n",
        },
        (s("/etc/fish/conf.d/rocm.fish:1", "all"),),
    ),
    # xprofile
    "xprofile-commented": ({"/etc/xprofile": "# export §=10.3.0\nexport QT_QPA_PLATFORMTHEME=qt5ct\n"}, ()),
    "xprofile-tilde": ({"/etc/xprofile~": "export §=10.3.0\n"}, ()),
    # Xsession.d: names with a dot are not run (run-parts)
    "xsessiond-dot": ({"/etc/X11/Xsession.d/90rocm.dpkg-old": "export §=10.3.0\n"}, ()),
    "xsessiond-other-host": (
        {
            "/etc/hostname": "studio\n",
            "/etc/X11/Xsession.d/90rocm": 'if [ "$(hostname)" = otherbox ]; then\n    export §=10.3.0\nfi\n',
        },
        (),
    ),
    # system.conf.d, user.conf.d
    "system-confd-section": ({"/etc/systemd/system.conf.d/gpu.conf": "[Service]\nDefaultEnvironment=§=10.3.0\n"}, ()),
    "system-confd-null": (
        {
            "/usr/lib/systemd/system.conf.d/gpu.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
            "/etc/systemd/system.conf.d/gpu.conf": "->/dev/null",
        },
        (),
    ),
    "user-confd-off": ({"/etc/systemd/user.conf.d/gpu.conf.off": "[Manager]\nDefaultEnvironment=§=10.3.0\n"}, ()),
    "user-confd-reset": (
        {
            "/etc/systemd/user.conf.d/10-gpu.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
            "/etc/systemd/user.conf.d/90-none.conf": "[Manager]\nDefaultEnvironment=\n",
        },
        (),
    ),
    # units
    "unit-unsetenvironment": (
        {"/etc/systemd/system/ollama.service": OLLAMA + 'Environment="§=10.3.0"\nUnsetEnvironment=§\n'},
        (),
    ),
    "unit-misspelt": ({"/etc/systemd/system/ollama.service": OLLAMA + 'Enviroment="§=10.3.0"\n'}, ()),
    "dropin-reset": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA,
            "/etc/systemd/system/ollama.service.d/override.conf": '[Service]\nEnvironment="§=10.3.0"\n',
            "/etc/systemd/system/ollama.service.d/zz-clean.conf": "[Service]\nEnvironment=\n",
        },
        (),
    ),
    "dropin-backup": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA,
            "/etc/systemd/system/ollama.service.d/override.conf.bak": '[Service]\nEnvironment="§=10.3.0"\n',
        },
        (),
    ),
    "service-d-section": ({"/etc/systemd/system/service.d/gpu.conf": "[Unit]\nEnvironment=§=10.3.0\n"}, ()),
    "service-d-null": (
        {
            "/usr/lib/systemd/system/service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/service.d/gpu.conf": "->/dev/null",
        },
        (),
    ),
    "usr-unit-shadowed": (
        {
            "/usr/lib/systemd/system/ollama.service": OLLAMA + "Environment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": OLLAMA,
        },
        (),
    ),
    "usr-unit-masked": (
        {
            "/usr/lib/systemd/system/ollama.service": OLLAMA + "Environment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": "->/dev/null",
        },
        (),
    ),
    "environmentfile-other-name": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA + "EnvironmentFile=-/etc/default/ollama\n",
            "/etc/default/ollama": "OLLAMA_HOST=0.0.0.0\n",
            "/etc/default/ollama.ucf-dist": "§=10.3.0\n",
        },
        (),
    ),
    "environmentfile-semicolon": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA + "EnvironmentFile=-/etc/default/ollama\n",
            "/etc/default/ollama": ";§=10.3.0\nOLLAMA_HOST=0.0.0.0\n",
        },
        (),
    ),
    # quadlets
    "quadlet-txt": ({"/etc/containers/systemd/ollama.container.txt": "[Container]\nImage=x\nEnvironment=§=10.3.0\n"}, ()),
    "quadlet-commented": (
        {"/etc/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n;Environment=§=10.3.0\n"},
        (),
    ),
    "quadlet-dropin-off": (
        {
            "/etc/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n",
            "/etc/containers/systemd/ollama.container.d/gpu.conf.off": "[Container]\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    "quadlet-dropin-wins": (
        {
            "/etc/containers/systemd/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nEnvironment=§=9.0.6\n",
            "/etc/containers/systemd/ollama.container.d/gpu.conf": "[Container]\nEnvironment=§=10.3.0\n",
        },
        (s("/etc/containers/systemd/ollama.container.d/gpu.conf:2", "all"),),
    ),
    # containers.conf
    "containers-confd-orig": ({"/etc/containers/containers.conf.d/gpu.conf.orig": '[containers]\nenv = ["§=10.3.0"]\n'}, ()),
    "containers-confd-commented": (
        {"/etc/containers/containers.conf.d/gpu.conf": '[containers]\nenv = [\n  "LANG=C.UTF-8",\n  # "§=10.3.0",\n]\n'},
        (),
    ),
    # CDI
    "cdi-bak": (
        {"/etc/cdi/amd.json.bak": '{"cdiVersion":"0.6.0","kind":"amd.com/gpu","devices":[],"containerEdits":{"env":["§=10.3.0"]}}\n'},
        (),
    ),
    "cdi-subdirectory": (
        {
            "/etc/cdi/old/amd.json": '{"cdiVersion":"0.6.0","kind":"amd.com/gpu","devices":[{"name":"0","containerEdits":{"env":["§=10.3.0"]}}]}\n'
        },
        (),
    ),
    # flatpak
    "flatpak-global-section": ({"/var/lib/flatpak/overrides/global": "[Context]\ndevices=all;\n§=10.3.0\n"}, ()),
    "flatpak-global-unset": (
        {"/var/lib/flatpak/overrides/global": "[Environment]\n§=10.3.0\n\n[Context]\nunset-environment=§;\n"},
        (),
    ),
    # cron
    "crontab-commented": ({"/var/spool/cron/crontabs/sam": "# §=10.3.0\n0 5 * * * true\n"}, ()),
    "crontab-reassigned": (
        {"/var/spool/cron/crontabs/sam": "§=9.0.6\n§=10.3.0\n0 5 * * * $HOME/bin/train.sh\n"},
        (s("/var/spool/cron/crontabs/sam:2", "sam"),),
    ),
    "crond-rpmsave": ({"/etc/cron.d/train.rpmsave": "§=10.3.0\n0 5 * * * sam true\n"}, ()),
    "crond-tilde": ({"/etc/cron.d/train~": "§=10.3.0\n0 5 * * * sam true\n"}, ()),
    # sshd: the first SetEnv line counts; Include *.conf
    "sshd-first-wins": (
        {"/etc/ssh/sshd_config": "PermitRootLogin no\nSetEnv §=10.3.0\nSetEnv §=9.0.6\n"},
        (s("/etc/ssh/sshd_config:2", "all"),),
    ),
    "sshd-d-bak": (
        {
            "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n",
            "/etc/ssh/sshd_config.d/gpu.conf.bak": "SetEnv §=10.3.0\n",
        },
        (),
    ),
    "sshd-no-include": (
        {"/etc/ssh/sshd_config": "PermitRootLogin no\nUsePAM yes\n", "/etc/ssh/sshd_config.d/gpu.conf": "SetEnv §=10.3.0\n"},
        (),
    ),
    # ~/.pam_environment
    "pam-environment-bob": ({"/home/bob/.pam_environment": "§ DEFAULT=10.3.0\n"}, ()),
    "pam-environment-commented": ({"~/.pam_environment": "# § DEFAULT=10.3.0\nLC_TIME DEFAULT=de_DE.UTF-8\n"}, ()),
    # ~/.config/environment.d
    "own-environmentd-env": ({"~/.config/environment.d/gpu.env": "§=10.3.0\n"}, ()),
    # ~/.profile
    "profile-not-read": (
        {"~/.bash_profile": ". ~/.bashrc\n", "~/.bashrc": "alias ll='ls -l'\n", "~/.bash_login": "export §=10.3.0\n"},
        (),
    ),
    # ~/.bashrc
    "bashrc-bob-root": ({"/home/bob/.bashrc": "export §=10.3.0\n", f"/{ROOT}/.bashrc": "export §=9.0.6\n"}, ()),
    "bashrc-never-called": ({"~/.bashrc": "rocm_on() {\n    export §=10.3.0\n}\nunset -f rocm_on\n"}, ()),
    # ~/.zshenv
    "zsh-zdotdir-old-zshrc": (
        {
            "/etc/passwd": ZSH,
            "~/.zshenv": 'export ZDOTDIR="$HOME/.config/zsh"\n',
            "~/.zshrc": "export §=10.3.0\n",
            "~/.config/zsh/.zshrc": "setopt no_beep\n",
        },
        (),
    ),
    # ~/.xprofile, ~/.xsessionrc, Plasma
    "xprofile-for-bob": ({"~/.xprofile": 'if [ "$(id -un)" = bob ]; then\n    export §=10.3.0\nfi\n'}, ()),
    "xsessionrc-not-exported": ({"~/.xsessionrc": "§=10.3.0\n"}, ()),
    "plasma-shutdown": ({"~/.config/plasma-workspace/shutdown/gpu.sh": "#!/bin/sh\nexport §=10.3.0\n"}, ()),
    # fish
    "fish-erased": ({"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -gx § 10.3.0\nset -e §\n"}, ()),
    "fish-universal-not-exported": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR §:10\\x2e3\\x2e0\n"},
        (),
    ),
    # user units, rootless quadlets
    "user-unit-masked": (
        {
            "~/.local/share/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
            "~/.config/systemd/user/comfy.service": "->/dev/null",
        },
        (),
    ),
    "rootless-quadlet-old": ({"~/.config/containers/systemd/o.container.old": "[Container]\nImage=x\nEnvironment=§=10.3.0\n"}, ()),
    # Jupyter
    "kernel-metadata": (
        {
            "~/.local/share/jupyter/kernels/rocm/kernel.json": '{"argv":["python"],"display_name":"x",\n "metadata":{"env":{"§":"10.3.0"}}}\n'
        },
        (),
    ),
    # flatpak of the user
    "flatpak-own-commented": (
        {"~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Context]\ndevices=all;\n\n[Environment]\n#§=10.3.0\n"},
        (),
    ),
    # VS Code
    "vscode-windows": ({"~/.config/Code/User/settings.json": '{\n  "terminal.integrated.env.windows": {"§": "10.3.0"}\n}\n'}, ()),
    # compose
    "compose-override-wins": (
        {
            "~/comfy/docker-compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      - §=9.0.6\n",
            "~/comfy/docker-compose.override.yaml": "services:\n  c:\n    environment:\n      - §=10.3.0\n",
        },
        (s("~/comfy/docker-compose.override.yaml:4", "sam"),),
    ),
    # A1111, venv
    "webui-unset": (
        {"~/stable-diffusion-webui/webui-user.sh": '#!/bin/bash\nexport §=10.3.0\nexport COMMANDLINE_ARGS="--medvram"\nunset §\n'},
        (),
    ),
    "venv-activate-bak": (
        {"~/venv/bin/activate": "VIRTUAL_ENV=/home/sam/venv\nexport VIRTUAL_ENV\n", "~/venv/bin/activate.bak": "export §=10.3.0\n"},
        (),
    ),
}
