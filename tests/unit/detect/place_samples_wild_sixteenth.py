# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set S: a further place or spelling and a look-alike or two for each row of shared/lab/reach's list, one fact a row. By a
stranger, as the judge of an acceptance test would write it, tried on the real programs where one was at hand.

Run once, after O to R were learnt: 44 of 45 places named with every labelled line and value and nothing else (48 of 49 lines), 2 of
60 look-alikes claimed (one a drop-in whose quadlet is not there, as the list itself has one).
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

# one row of places.tsv after the other: a further place or spelling of its family
SIXTEENTH_WILD: Rows = {
    # 1 /etc/environment: blank in front, single quotes, the later line wins (pam_env.so run; systemd's reader agrees)
    "environment-quoted-later": (
        {"/etc/environment": "LANG=C.UTF-8\n§=9.0.0\n   §='10.3.0'\n"},
        (s("/etc/environment:3", "all"),),
    ),
    # 2 export with double quotes (pam_env.so run)
    "environment-export-quoted": (
        {"/etc/environment": 'export LANG="C.UTF-8"\nexport §="10.3.0"\n'},
        (s("/etc/environment:2", "all"),),
    ),
    # 3 pam_env.conf: OVERRIDE wins over DEFAULT (pam_env.so run)
    "pam-env-conf-override": (
        {"/etc/security/pam_env.conf": "# local\n§\tDEFAULT=9.0.0 OVERRIDE=10.3.0\n"},
        (s("/etc/security/pam_env.conf:2", "all"),),
    ),
    # 4 environment.d: a section header is only a line without "=" (generator run)
    "environment-d-header": (
        {"/etc/environment.d/10-gpu.conf": "[Environment]\n§=9.0.0\n", "/etc/environment.d/20-gpu.conf": "[Environment]\n§ = 10.3.0\n"},
        (s("/etc/environment.d/20-gpu.conf:2", "all"),),
    ),
    # 5 /usr/local/lib/environment.d, ${X:-default} (environment.d(5), generator run)
    "environment-d-usr-local-lib": (
        {"/usr/local/lib/environment.d/50-rocm.conf": "# site package\n§=${NOT_SET_HERE:-10.3.0}\n"},
        (s("/usr/local/lib/environment.d/50-rocm.conf:2", "all"),),
    ),
    # 6 profile.d: := assigns, export publishes (bash, dash run)
    "profile-d-colon-equals": (
        {"/etc/profile.d/rocm.sh": '# only if nobody said otherwise\n: "${§:=10.3.0}"\nexport §\n'},
        (s("/etc/profile.d/rocm.sh:2", "all"),),
    ),
    # 7 bash.bashrc: declare -x (bash run)
    "bash-bashrc-declare": (
        {"/etc/bash.bashrc": '[ -z "${PS1-}" ] && [ -z "${SSH_CLIENT-}" ] && return\ndeclare -x §="10.3.0"\n'},
        (s("/etc/bash.bashrc:2", "all"),),
    ),
    # 8 zshenv: typeset -gx (zsh run)
    "zshenv-typeset-gx": (
        {"/etc/passwd": ZSH, "/etc/zsh/zshenv": "typeset -U path\ntypeset -gx §=10.3.0\n"},
        (s("/etc/zsh/zshenv:2", "all"),),
    ),
    # 9 zlogin: behind a test that is true in every login shell (zsh -l run)
    "zlogin-and-list": (
        {"/etc/passwd": ZSH, "/etc/zsh/zlogin": "# site\n[[ -o login ]] && export §=10.3.0\n"},
        (s("/etc/zsh/zlogin:2", "all"),),
    ),
    # 10 fish's vendor directory, long options (fish run; $__fish_vendor_confdirs holds /usr/share/fish/vendor_conf.d)
    "fish-vendor-conf-d": (
        {"/etc/passwd": FISH, "/usr/share/fish/vendor_conf.d/rocm.fish": "# package rocm-fish\nset --global --export § 10.3.0\n"},
        (s("/usr/share/fish/vendor_conf.d/rocm.fish:2", "all"),),
    ),
    # 11 xprofile sources another file under set -a (sh run)
    "xprofile-sources-allexport": (
        {"/etc/xprofile": "set -a\n. /etc/gpu.env\nset +a\n", "/etc/gpu.env": "# read by /etc/xprofile\n§=10.3.0\n"},
        (s("/etc/gpu.env:2", "all"),),
    ),
    # 12 Xsession.d: name of letters, digits, hyphens (run-parts); assignment and export apart
    "xsession-d-two-steps": (
        {"/etc/X11/Xsession.d/60local-gpu": "# sourced by Xsession\n§=10.3.0\nexport §\n"},
        (s("/etc/X11/Xsession.d/60local-gpu:2", "all"),),
    ),
    # 13 system.conf itself, several assignments (systemd-system.conf(5))
    "system-conf-two-values": (
        {"/etc/systemd/system.conf": '[Manager]\n#LogLevel=info\nDefaultEnvironment="§=10.3.0" HIP_VISIBLE_DEVICES=1\n'},
        (s("/etc/systemd/system.conf:3", "all"), s("/etc/systemd/system.conf:3", "all", "1", "HIP_VISIBLE_DEVICES")),
    ),
    # 14 ManagerEnvironment= of user managers is inherited by what they start (systemd-system.conf(5))
    "user-conf-manager-environment": (
        {"/etc/systemd/user.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n"},
        (s("/etc/systemd/user.conf:2", "all"),),
    ),
    # 15 unit: Environment= continued; the assignment stands on the last physical line
    "unit-continued": (
        {"/etc/systemd/system/ollama.service": '[Unit]\nDescription=Ollama\n\n[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment="PATH=/usr/local/bin:/usr/bin" \\\n    "§=10.3.0"\n\n[Install]\nWantedBy=multi-user.target\n'},
        (s("/etc/systemd/system/ollama.service:7", "all"),),
    ),
    # 16 drop-in directory of a name prefix (systemd.unit(5): foo-.service.d)
    "dropin-prefix": (
        {"/etc/systemd/system/comfy-main.service": "[Service]\nExecStart=/usr/bin/python3 /opt/comfy/main.py\n\n[Install]\nWantedBy=multi-user.target\n", "/etc/systemd/system/comfy-.service.d/gpu.conf": "[Service]\nEnvironment='§=10.3.0'\n"},
        (s("/etc/systemd/system/comfy-.service.d/gpu.conf:2", "all"),),
    ),
    # 17 type-wide drop-in below /usr/local/lib (systemd.unit(5), unit path)
    "service-d-usr-local": (
        {"/usr/local/lib/systemd/system/service.d/10-gpu.conf": "[Service]\nEnvironment=\nEnvironment=§=10.3.0\n"},
        (s("/usr/local/lib/systemd/system/service.d/10-gpu.conf:3", "all"),),
    ),
    # 18 unit below /usr/local/lib, the later Environment= of the same name wins (systemd.exec(5))
    "unit-usr-local-later": (
        {"/usr/local/lib/systemd/system/llama.service": "[Service]\nExecStart=/usr/local/bin/llama-server\nEnvironment=§=9.0.0\nEnvironment=§=10.3.0\n\n[Install]\nWantedBy=multi-user.target\n"},
        (s("/usr/local/lib/systemd/system/llama.service:4", "all"),),
    ),
    # 19 EnvironmentFile= with a wildcard; "-" allows it to be missing; file beats Environment= (systemd.exec(5))
    "environment-file-glob": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment=§=9.0.0\nEnvironmentFile=-/etc/ollama.d/*.env\n\n[Install]\nWantedBy=multi-user.target\n", "/etc/ollama.d/gpu.env": '; ollama\n§="10.3.0"\n'},
        (s("/etc/ollama.d/gpu.env:2", "all"),),
    ),
    # 20 quadlet of the distribution (podman-systemd.unit(5)), two values on a line
    "quadlet-usr-share": (
        {"/usr/share/containers/systemd/comfy.container": '[Container]\nImage=docker.io/x/comfy:latest\nEnvironment=ROCR_VISIBLE_DEVICES=0 "§=10.3.0"\n\n[Install]\nWantedBy=multi-user.target\n'},
        (s("/usr/share/containers/systemd/comfy.container:3", "all"), s("/usr/share/containers/systemd/comfy.container:3", "all", "0", "ROCR_VISIBLE_DEVICES")),
    ),
    # 21 the drop-in names a file: podman run --env-file
    "quadlet-dropin-environment-file": (
        {"/etc/containers/systemd/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n", "/etc/containers/systemd/o.container.d/10-env.conf": "[Container]\nEnvironmentFile=/etc/o.env\n", "/etc/o.env": "# for the container\n§=10.3.0\n"},
        (s("/etc/o.env:2", "all"),),
    ),
    # 22 the distribution's containers.conf, list over several lines
    "containers-conf-usr-share": (
        {"/usr/share/containers/containers.conf": '[containers]\nenv = [\n  "TERM=xterm",\n  "§=10.3.0",\n]\n'},
        (s("/usr/share/containers/containers.conf:4", "all"),),
    ),
    # 23 CDI as YAML, edits of a device (CDI SPEC.md)
    "cdi-yaml-device": (
        {"/etc/cdi/amd.yaml": 'cdiVersion: "0.6.0"\nkind: amd.com/gpu\ndevices:\n  - name: "0"\n    containerEdits:\n      deviceNodes:\n        - path: /dev/kfd\n      env:\n        - "§=10.3.0"\n'},
        (s("/etc/cdi/amd.yaml:9", "all"),),
    ),
    # 24 one application, machine-wide installation; key file with blanks around "="
    "flatpak-system-app": (
        {"/var/lib/flatpak/overrides/org.blender.Blender": "[Context]\ndevices=all;\n\n[Environment]\n§ = 10.3.0\n"},
        (s("/var/lib/flatpak/overrides/org.blender.Blender:5", "all"),),
    ),
    # 25 crontab: name = "value" (crontab(5))
    "crontab-blanks-quotes": (
        {"/var/spool/cron/crontabs/sam": '# nightly\n§ = "10.3.0"\n0 5 * * * /home/sam/train.sh\n'},
        (s("/var/spool/cron/crontabs/sam:2", "sam"),),
    ),
    # 26 /etc/crontab
    "etc-crontab": (
        {"/etc/crontab": "SHELL=/bin/sh\n§='10.3.0'\n17 * * * * sam /home/sam/train.sh\n"},
        (s("/etc/crontab:2", "all"),),
    ),
    # 27 sshd: keyword in any case, the first SetEnv line is the only one (sshd -T run)
    "sshd-first-setenv": (
        {"/etc/ssh/sshd_config": "PermitRootLogin no\nsetenv §=10.3.0\nSetEnv §=9.0.0\n"},
        (s("/etc/ssh/sshd_config:2", "all"),),
    ),
    # 28 ~/.pam_environment with OVERRIDE= (pam_env.so run)
    "pam-environment-override": (
        {"~/.pam_environment": "LANG DEFAULT=C.UTF-8\n§ OVERRIDE=10.3.0\n"},
        (s("~/.pam_environment:2", "sam"),),
    ),
    # 29 value taken from a variable of the line before (generator run)
    "user-environment-d-variable": (
        {"~/.config/environment.d/gpu.conf": "GFX_OF_CARD=10.3.0\n§=$GFX_OF_CARD\n"},
        (s("~/.config/environment.d/gpu.conf:2", "sam"),),
    ),
    # 30 bash reads ~/.bash_login when there is no ~/.bash_profile (bash(1))
    "bash-login": (
        {"~/.bash_login": "umask 022\nexport §=10.3.0\n"},
        (s("~/.bash_login:2", "sam"),),
    ),
    # 31 ~/.bashrc.d as in Fedora's skeleton
    "bashrc-d": (
        {"~/.bashrc": 'if [ -d ~/.bashrc.d ]; then\n    for rc in ~/.bashrc.d/*; do\n        if [ -f "$rc" ]; then\n            . "$rc"\n        fi\n    done\nfi\nunset rc\n', "~/.bashrc.d/rocm": "export \\\n    HIP_VISIBLE_DEVICES=1 \\\n    §=10.3.0\n"},
        (s("~/.bashrc.d/rocm:3", "sam"), s("~/.bashrc.d/rocm:2", "sam", "1", "HIP_VISIBLE_DEVICES")),
    ),
    # 32 ZDOTDIR set in ~/.zshenv moves .zshrc (zsh run)
    "zdotdir": (
        {"/etc/passwd": ZSH, "~/.zshenv": 'export ZDOTDIR="$HOME/.config/zsh"\n', "~/.config/zsh/.zshrc": "setopt autocd\nexport §=10.3.0\n"},
        (s("~/.config/zsh/.zshrc:2", "sam"),),
    ),
    # 33 startx
    "xinitrc": (
        {"~/.xinitrc": "#!/bin/sh\nexport §=10.3.0\nexec i3\n"},
        (s("~/.xinitrc:2", "sam"),),
    ),
    # 34 ~/.xsessionrc: exported first, given its value later (sh run)
    "xsessionrc-export-first": (
        {"~/.xsessionrc": "export §\n§=10.3.0\n"},
        (s("~/.xsessionrc:2", "sam"),),
    ),
    # 35 Plasma looks in plasma-workspace/env below every XDG configuration directory (startplasma.cpp, locateAll)
    "plasma-env-xdg": (
        {"/etc/xdg/plasma-workspace/env/rocm.sh": "#!/bin/sh\n§=10.3.0; export §\n"},
        (s("/etc/xdg/plasma-workspace/env/rocm.sh:2", "all"),),
    ),
    # 36 fish has an export function (fish run)
    "fish-export": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "fish_add_path ~/.local/bin\nexport §=10.3.0\n"},
        (s("~/.config/fish/config.fish:2", "sam"),),
    ),
    # 37 the file of fish 2, which fish 3 still reads (fish 3.6 run)
    "fish-variables-old": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# This file is automatically generated by the fish.\nSET_EXPORT §:10\\x2e3\\x2e0\n"},
        (s("~/.config/fish/fish_variables:2", "sam"),),
    ),
    # 38 units of packages in the user's home (systemd.unit(5))
    "user-unit-data-home": (
        {"~/.local/share/systemd/user/comfy.service": '[Service]\nExecStart=/usr/bin/python3 %h/ComfyUI/main.py\nEnvironment="§=10.3.0"\n\n[Install]\nWantedBy=default.target\n'},
        (s("~/.local/share/systemd/user/comfy.service:3", "sam"),),
    ),
    # 39 quadlets of one user kept by the administrator (podman-systemd.unit(5): users/$(UID))
    "quadlet-users-uid": (
        {"/etc/containers/systemd/users/1000/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nEnvironment=§=10.3.0\n\n[Install]\nWantedBy=default.target\n"},
        (s("/etc/containers/systemd/users/1000/o.container:3", "sam"),),
    ),
    # 40 kernel of the machine (Jupyter: jupyter --paths)
    "kernel-usr-local": (
        {"/usr/local/share/jupyter/kernels/rocm/kernel.json": '{\n "argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],\n "display_name": "ROCm",\n "language": "python",\n "env": {\n  "§": "10.3.0"\n }\n}\n'},
        (s("/usr/local/share/jupyter/kernels/rocm/kernel.json:6", "all"),),
    ),
    # 41 all flatpaks of the user
    "flatpak-user-global": (
        {"~/.local/share/flatpak/overrides/global": "[Context]\ndevices=all;\n\n[Environment]\nLANG=C\n§=10.3.0\n"},
        (s("~/.local/share/flatpak/overrides/global:6", "sam"),),
    ),
    # 42 VS Code over ssh: the machine's settings of the server, with comments
    "vscode-server-machine": (
        {"~/.vscode-server/data/Machine/settings.json": '{\n  // this machine\n  "terminal.integrated.env.linux": {\n    "§": "10.3.0", // RX 6600\n  },\n}\n'},
        (s("~/.vscode-server/data/Machine/settings.json:4", "sam"),),
    ),
    # 43 compose.override.yaml wins over compose.yaml, list over map (docker-compose config run)
    "compose-override": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      §: 9.0.0\n", "~/comfy/compose.override.yaml": "services:\n  c:\n    environment:\n      - §=10.3.0\n"},
        (s("~/comfy/compose.override.yaml:4", "sam"),),
    ),
    # 44 forge, two on a line
    "forge-webui-user": (
        {"~/stable-diffusion-webui-forge/webui-user.sh": '#!/bin/bash\n#export COMMANDLINE_ARGS=""\nexport HIP_VISIBLE_DEVICES="1" §="10.3.0"\n'},
        (s("~/stable-diffusion-webui-forge/webui-user.sh:3", "sam"), s("~/stable-diffusion-webui-forge/webui-user.sh:3", "sam", "1", "HIP_VISIBLE_DEVICES")),
    ),
    # 45 activation for fish
    "venv-activate-fish": (
        {"/etc/passwd": FISH, "~/ComfyUI/venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n", "~/ComfyUI/venv/bin/activate.fish": 'set -gx VIRTUAL_ENV "/home/sam/ComfyUI/venv"\nset -gx PATH "$VIRTUAL_ENV/bin" $PATH\nset -gx § 10.3.0\n'},
        (s("~/ComfyUI/venv/bin/activate.fish:3", "sam"),),
    ),
}

# look-alikes of the same families, in the same order
SIXTEENTH_CALM: Rows = {
    "environment-comment-indented": ({"/etc/environment": "LANG=C.UTF-8\n   # §=10.3.0\n"}, ()),
    # 2 neither pam_env.so nor systemd takes these (both run)
    "environment-setenv": ({"/etc/environment": "setenv § 10.3.0\n§: 10.3.0\nset §=10.3.0\n"}, ()),
    # 3 pam_env.so run: a blank before "=" is no setting; a later DEFAULT= takes it away
    "pam-env-conf-wrong-form": ({"/etc/security/pam_env.conf": "§ = 10.3.0\n§ VALUE=10.3.0\n"}, ()),
    "pam-env-conf-taken-away": ({"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0\n§ DEFAULT= OVERRIDE=\n"}, ()),
    # 4 only *.conf is read (generator run)
    "environment-d-extension": ({"/etc/environment.d/90-gpu.env": "§=10.3.0\n", "/etc/environment.d/90-gpu.conf.off": "§=10.3.0\n"}, ()),
    # 5 masked by a link to /dev/null (environment.d(5))
    "environment-d-masked": ({"/usr/lib/environment.d/90-gpu.conf": "§=10.3.0\n", "/etc/environment.d/90-gpu.conf": "->/dev/null"}, ()),
    "environment-d-shadowed": ({"/usr/lib/environment.d/90-gpu.conf": "§=10.3.0\n", "/run/environment.d/90-gpu.conf": "# nothing today\n"}, ()),
    # 6 bash and dash run
    "profile-d-unset-later": ({"/etc/profile.d/10-rocm.sh": "export §=10.3.0\n", "/etc/profile.d/90-site.sh": "unset §\n"}, ()),
    "profile-d-subshell": ({"/etc/profile.d/rocm.sh": "( export §=10.3.0 )\n"}, ()),
    # 7 bash run: published no more; a string given to ":"
    "bash-bashrc-export-n": ({"/etc/bash.bashrc": "export §=10.3.0\nexport -n §\n"}, ()),
    "bash-bashrc-string": ({"/etc/bash.bashrc": ": '\nexport §=10.3.0\n'\n"}, ()),
    # 8 zsh run: typeset +x
    "zshenv-plus-x": ({"/etc/passwd": ZSH, "/etc/zsh/zshenv": "export §=10.3.0\ntypeset +x §\n"}, ()),
    # 9 read when the shell ends
    "zlogout": ({"/etc/passwd": ZSH, "/etc/zsh/zlogout": "export §=10.3.0\n"}, ()),
    # 10 fish run: not exported; not a *.fish, in a directory below
    "fish-not-exported": ({"/etc/passwd": FISH, "/etc/fish/conf.d/rocm.fish": "set -g § 10.3.0\n"}, ()),
    "fish-conf-d-bak": ({"/etc/passwd": FISH, "/etc/fish/conf.d/rocm.fish.bak": "set -gx § 10.3.0\n", "/etc/fish/conf.d/off/rocm.fish": "set -gx § 10.3.0\n"}, ()),
    # 11
    "xprofile-unset": ({"/etc/xprofile": "export §=10.3.0\nunset §\n"}, ()),
    # 12 run-parts: a name with a dot is not taken
    "xsession-d-dot": ({"/etc/X11/Xsession.d/90gpu.sh": "export §=10.3.0\n"}, ()),
    # 13 systemd-system.conf(5): the system manager's own, not inherited by services
    "system-conf-manager-environment": ({"/etc/systemd/system.conf.d/gpu.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n"}, ()),
    # 14 masked (systemd-analyze cat-config run)
    "user-conf-masked": ({"/usr/lib/systemd/user.conf.d/10-gpu.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n", "/etc/systemd/user.conf.d/10-gpu.conf": "->/dev/null"}, ()),
    # 15 systemd.exec(5), systemd.unit(5)
    "unit-unset-environment": ({"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment=§=10.3.0\nUnsetEnvironment=§\n\n[Install]\nWantedBy=multi-user.target\n"}, ()),
    "unit-wrong-section": ({"/etc/systemd/system/ollama.service": "[Unit]\nDescription=Ollama\nEnvironment=§=10.3.0\n\n[Service]\nExecStart=/usr/local/bin/ollama serve\n\n[Install]\nWantedBy=multi-user.target\nEnvironment=§=10.3.0\n"}, ()),
    # 16 emptied by a later drop-in; drop-in masked under its name
    "dropin-emptied": ({"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\n\n[Install]\nWantedBy=multi-user.target\n", "/etc/systemd/system/ollama.service.d/10-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n", "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=\n"}, ()),
    "dropin-masked": ({"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n", "/usr/lib/systemd/system/ollama.service.d/10-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n", "/etc/systemd/system/ollama.service.d/10-gpu.conf": "->/dev/null"}, ()),
    # 17 only *.conf is read
    "service-d-extension": ({"/etc/systemd/system/service.d/gpu.conf.disabled": "[Service]\nEnvironment=§=10.3.0\n"}, ()),
    # 18 /etc's unit of the same name replaces it; masked unit
    "unit-shadowed": ({"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\n", "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n"}, ()),
    "unit-masked": ({"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\n", "/etc/systemd/system/ollama.service": "->/dev/null"}, ()),
    # 19 the list of files is emptied; ";" starts a comment (systemd.exec(5))
    "environment-file-reset": ({"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironmentFile=/etc/default/ollama\n\n[Install]\nWantedBy=multi-user.target\n", "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironmentFile=\n", "/etc/default/ollama": "§=10.3.0\n"}, ()),
    "environment-file-semicolon": ({"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironmentFile=/etc/default/ollama\n\n[Install]\nWantedBy=multi-user.target\n", "/etc/default/ollama": "; §=10.3.0\n"}, ()),
    # 20 no quadlet by its extension
    "quadlet-extension": ({"/etc/containers/systemd/o.container.bak": "[Container]\nImage=x\nEnvironment=§=10.3.0\n"}, ()),
    # 21 drop-in of a container that is not there
    "quadlet-dropin-orphan": ({"/etc/containers/systemd/o.container": "[Container]\nImage=x\n", "/etc/containers/systemd/p.container.d/gpu.conf": "[Container]\nEnvironment=§=10.3.0\n"}, ()),
    # 22 containers.conf(5): wrong table; must end in .conf
    "containers-conf-wrong-table": ({"/etc/containers/containers.conf": '[network]\nenv = ["§=10.3.0"]\n'}, ()),
    "containers-conf-extension": ({"/etc/containers/containers.conf.d/gpu.toml": '[containers]\nenv = ["§=10.3.0"]\n'}, ()),
    # 23 CDI reads *.json and *.yaml only
    "cdi-extension": ({"/etc/cdi/amd.json.orig": '{"cdiVersion":"0.6.0","kind":"amd.com/gpu","devices":[{"name":"0","containerEdits":{"env":["§=10.3.0"]}}],"containerEdits":{}}\n'}, ()),
    # 24 unset-environment beats [Environment] (flatpak-metadata(5), common/flatpak-context.c); wrong group
    "flatpak-unset-environment": ({"/var/lib/flatpak/overrides/org.blender.Blender": "[Context]\nunset-environment=§;\n\n[Environment]\n§=10.3.0\n"}, ()),
    "flatpak-wrong-group": ({"/var/lib/flatpak/overrides/global": "[Context]\n§=10.3.0\n"}, ()),
    # 25 comment
    "crontab-comment": ({"/var/spool/cron/crontabs/sam": "# §=10.3.0\n0 5 * * * /home/sam/train.sh\n"}, ()),
    # 26 cron(8): a name with a dot is not read
    "cron-d-dot": ({"/etc/cron.d/train.dpkg-old": "§=10.3.0\n0 5 * * * sam /home/sam/train.sh\n"}, ()),
    # 27 sshd -T run: only accepted from the client; another user's
    "sshd-accept-env": ({"/etc/ssh/sshd_config": "AcceptEnv LANG §\n#SetEnv §=10.3.0\n"}, ()),
    "sshd-match-other-user": ({"/etc/ssh/sshd_config": "PermitRootLogin no\nMatch User git\n    SetEnv §=10.3.0\n"}, ()),
    # 28 pam_env.so run: no such form
    "pam-environment-export": ({"~/.pam_environment": "export §=10.3.0\n# § DEFAULT=10.3.0\n"}, ()),
    # 29 generator run: "invalid variable name, ignoring"
    "user-environment-d-export": ({"~/.config/environment.d/gpu.conf": "export §=10.3.0\n"}, ()),
    # 30 dash and bash run: printed only
    "profile-here-document": ({"~/.profile": "cat >/dev/null <<EOF\nexport §=10.3.0\nEOF\n"}, ()),
    # 31 the skeleton is for accounts still to come; behind return
    "bashrc-skel": ({"/etc/skel/.bashrc": "export §=10.3.0\n", "~/.bashrc": "alias ll='ls -l'\n"}, ()),
    "bashrc-after-return": ({"~/.bashrc": "alias ll='ls -l'\nreturn 0\nexport §=10.3.0\n"}, ()),
    # 32 zsh run: another system's
    "zshenv-darwin": ({"/etc/passwd": ZSH, "~/.zshenv": "if [[ $OSTYPE == darwin* ]]; then\n  export §=10.3.0\nfi\n"}, ()),
    # 33
    "xprofile-backup": ({"~/.xprofile": "xset b off\n", "~/.xprofile~": "export §=10.3.0\n"}, ()),
    # 34 never exported (sh run)
    "xsessionrc-not-exported": ({"~/.xsessionrc": "§=10.3.0\n"}, ()),
    # 35 Plasma runs these at the end of the session, as programs
    "plasma-shutdown": ({"~/.config/plasma-workspace/shutdown/rocm.sh": "#!/bin/sh\nexport §=10.3.0\n"}, ()),
    # 36 fish run: local to a block
    "fish-local-block": ({"/etc/passwd": FISH, "~/.config/fish/config.fish": "begin\n    set -lx § 10.3.0\nend\n"}, ()),
    # 37 fish run: universal but not exported
    "fish-variables-not-exported": ({"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# This file contains fish universal variable definitions.\n# VERSION: 3.0\nSETUVAR §:10\\x2e3\\x2e0\n"}, ()),
    # 38 masked for the user
    "user-unit-masked": ({"~/.local/share/systemd/user/comfy.service": "[Service]\nExecStart=/usr/bin/true\nEnvironment=§=10.3.0\n", "~/.config/systemd/user/comfy.service": "->/dev/null"}, ()),
    # 39 a user who is not there (podman-systemd.unit(5): users/$(UID))
    "quadlet-users-other-uid": ({"/etc/containers/systemd/users/4242/o.container": "[Container]\nImage=x\nEnvironment=§=10.3.0\n"}, ()),
    # 40 jupyter_client reads the top-level "env" only
    "kernel-metadata-env": ({"~/.local/share/jupyter/kernels/rocm/kernel.json": '{"argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "x", "language": "python",\n "metadata": {"env": {"§": "10.3.0"}}}\n'}, ()),
    # 41
    "flatpak-user-comment": ({"~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Environment]\n#§=10.3.0\n"}, ()),
    # 42 other systems' key; commented
    "vscode-osx": ({"~/.config/Code/User/settings.json": '{\n  "terminal.integrated.env.osx": {"§": "10.3.0"},\n  "terminal.integrated.env.windows": {"§": "10.3.0"}\n  // "terminal.integrated.env.linux": {"§": "10.3.0"}\n}\n'}, ()),
    # 43 docker-compose config run: an anchor nobody uses; a label
    "compose-unused-anchor": ({"~/comfy/docker-compose.yaml": 'x-gpu: &gpu\n  §: "10.3.0"\nservices:\n  c:\n    image: x\n'}, ()),
    "compose-labels": ({"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    labels:\n      - §=10.3.0\n"}, ()),
    # 44 Windows' file; commented
    "webui-user-bat": ({"~/stable-diffusion-webui/webui-user.bat": "@echo off\nset §=10.3.0\ncall webui.bat\n", "~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n#export §=10.3.0\n"}, ()),
    # 45 not a key that sets anything; taken away again in the same file
    "venv-pyvenv-cfg": ({"~/venv/pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = false\n§ = 10.3.0\n"}, ()),
    "venv-activate-unset": ({"~/venv/pyvenv.cfg": "home = /usr/bin\n", "~/venv/bin/activate": 'export §=10.3.0\nVIRTUAL_ENV="/home/sam/venv"\nexport VIRTUAL_ENV\nunset §\n'}, ()),
}
