# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set P: mostly look-alikes, by a second stranger, as the judge of an acceptance test would write them.

Run once: 23 of 24 places named, 1 of 56 look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

ROOT = "root"  # whose home is there

# Whom a machine-wide place is for, and the units' names: one word each, to be mapped by whoever runs the set.
ALL = "everyone"
OLLAMA = "ollama.service"

THIRTEENTH_WILD: Rows = {
    # pam_env.c, environ(7): the commented line is followed by a real one
    "environment-comment-then-real": (
        {"/etc/environment": "#§=10.1.0\n# was §=11.0.0\n§=10.3.0\n"},
        (s("/etc/environment:3", ALL),),
    ),
    # pam_env.conf(5): a non-empty OVERRIDE beats DEFAULT
    "pam-env-override-beats-default": (
        {"/etc/security/pam_env.conf": "#§ DEFAULT=11.0.0\n§ DEFAULT=10.1.0 OVERRIDE=10.3.0\n"},
        (s("/etc/security/pam_env.conf:2", ALL),),
    ),
    # environment.d(5): sorted by file name whatever the directory; the lower directory's file sorts later
    "environment-d-vendor-sorts-later": (
        {
            "/etc/environment.d/10-rocm.conf": "§=10.1.0\n",
            "/usr/lib/environment.d/60-rocm.conf": "§=10.3.0\n",
        },
        (s("/usr/lib/environment.d/60-rocm.conf:1", ALL),),
    ),
    # environment.d(5): the file of equal name in /etc replaces the vendor's
    "environment-d-etc-replaces-vendor": (
        {
            "/usr/lib/environment.d/90-rocm.conf": "§=10.1.0\n",
            "/etc/environment.d/90-rocm.conf": "# local\n§=10.3.0\n",
        },
        (s("/etc/environment.d/90-rocm.conf:2", ALL),),
    ),
    # bash(1), Debian's /etc/profile: unset in a file that sorts before the one which sets
    "profile-d-unset-before-set": (
        {
            "/etc/profile": "for i in /etc/profile.d/*.sh; do\n  [ -r \"$i\" ] && . \"$i\"\ndone\nunset i\n",
            "/etc/profile.d/00-clean.sh": "unset §\n",
            "/etc/profile.d/90-rocm.sh": "export §=10.3.0\n",
        },
        (s("/etc/profile.d/90-rocm.sh:1", ALL),),
    ),
    # bash(1): unset of another key
    "bashrc-unset-of-another": (
        {"~/.bashrc": "export §=10.3.0\nexport HIP_VISIBLE_DEVICES=1\nunset HIP_VISIBLE_DEVICES\n"},
        (s("~/.bashrc:1", "sam"),),
    ),
    # bash(1): the here-document ends, the line after it is a command
    "bashrc-after-heredoc": (
        {"~/.bashrc": ": <<'OFF'\nexport §=10.1.0\nOFF\nexport §=10.3.0\n"},
        (s("~/.bashrc:4", "sam"),),
    ),
    # bash(1): a '#' inside a word opens no comment
    "bashrc-hash-inside-word": (
        {"~/.bashrc": "PS1=#x; export §=10.3.0\n"},
        (s("~/.bashrc:1", "sam"),),
    ),
    # zshbuiltins(1): typeset -x exports; unset comes first
    "zshenv-unset-before": (
        {"/etc/passwd": ZSH, "~/.zshenv": "unset §\n#export §=10.1.0\ntypeset -gx §=10.3.0\n"},
        (s("~/.zshenv:3", "sam"),),
    ),
    # fish's set: erased first, set after
    "config-fish-erase-before-set": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -e §\n# set -gx § 10.1.0\nset -gx § 10.3.0\n"},
        (s("~/.config/fish/config.fish:3", "sam"),),
    ),
    # fish's env_universal_common.cpp: SETUVAR --export is exported, SETUVAR alone is not
    "fish-variables-one-exported": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/fish_variables": "# This file contains fish universal variable definitions.\n# VERSION: 3.0\n"
            "SETUVAR HIP_VISIBLE_DEVICES:1\nSETUVAR --export §:10\\x2e3\\x2e0\n",
        },
        (s("~/.config/fish/fish_variables:4", "sam"),),
    ),
    # systemd-system.conf(5), config_parse_environ: the empty assignment comes first
    "system-conf-reset-before": (
        {
            "/etc/systemd/system.conf.d/10-a.conf": "[Manager]\nDefaultEnvironment=§=10.1.0\n",
            "/etc/systemd/system.conf.d/20-b.conf": "[Manager]\nDefaultEnvironment=\nDefaultEnvironment=§=10.3.0\n",
        },
        (s("/etc/systemd/system.conf.d/20-b.conf:3", ALL),),
    ),
    # systemd.exec(5): UnsetEnvironment= of another key
    "unit-unset-of-another": (
        {
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment=\"§=10.3.0\"\n",
            "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nUnsetEnvironment=HIP_VISIBLE_DEVICES\n",
        },
        (s("/etc/systemd/system/ollama.service:3", OLLAMA),),
    ),
    # systemd.exec(5): settings of EnvironmentFile= override those of Environment=, also a later drop-in's
    "environment-file-beats-override": (
        {
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironmentFile=/etc/default/ollama\n",
            "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=§=10.1.0\n",
            "/etc/default/ollama": "; §=11.0.0\n§=10.3.0\n",
        },
        (s("/etc/default/ollama:2", OLLAMA),),
    ),
    # systemd.unit(5): drop-ins of all directories are sorted by name; /usr/lib's zz- comes after /etc's
    "dropin-vendor-sorts-later": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/etc/systemd/system/ollama.service.d/10-rocm.conf": "[Service]\nEnvironment=§=10.1.0\n",
            "/usr/lib/systemd/system/ollama.service.d/zz-rocm.conf": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (s("/usr/lib/systemd/system/ollama.service.d/zz-rocm.conf:2", OLLAMA),),
    ),
    # systemd.syntax(7): a comment line within a continued line is skipped, the assignment goes on
    "unit-comment-inside-continuation": (
        {
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\n"
            "Environment=OLLAMA_DEBUG=1 \\\n# §=10.1.0 \\\n  §=10.3.0\n",
        },
        (s("/etc/systemd/system/ollama.service:5", OLLAMA),),
    ),
    # crontab(5), cron's load_user: a setting holds for the entries below it; one below the last entry is for none
    "crontab-second-below-all-jobs": (
        {"/var/spool/cron/crontabs/sam": "#§=11.0.0\n§=10.3.0\n0 5 * * * /home/sam/train.sh\n§=10.1.0\n"},
        (s("/var/spool/cron/crontabs/sam:2", "sam"),),
    ),
    # sshd_config(5): the first obtained value is used
    "sshd-first-setenv": (
        {"/etc/ssh/sshd_config.d/x.conf": "# SetEnv §=11.0.0\nSetEnv §=10.3.0\nSetEnv §=10.1.0\n"},
        (s("/etc/ssh/sshd_config.d/x.conf:2", ALL),),
    ),
    # jupyter_client kernelspec.py: "env" of the top level; "metadata" is for front ends
    "kernel-json-metadata-and-env": (
        {
            "~/.local/share/jupyter/kernels/rocm/kernel.json": "{\n \"argv\": [\"python\", \"-m\", \"ipykernel_launcher\", \"-f\", \"{connection_file}\"],\n"
            " \"display_name\": \"x\",\n \"metadata\": {\"env\": {\"§\": \"10.1.0\"}},\n \"env\": {\"§\": \"10.3.0\"}\n}\n",
        },
        (s("~/.local/share/jupyter/kernels/rocm/kernel.json:5", "sam"),),
    ),
    # VS Code's settings are JSON with comments
    "vscode-comment-then-real": (
        {
            "~/.config/Code/User/settings.json": "{\n  // \"terminal.integrated.env.linux\": {\"§\": \"10.1.0\"},\n"
            "  \"terminal.integrated.env.osx\": {\"§\": \"11.0.0\"},\n"
            "  \"terminal.integrated.env.linux\": {\"§\": \"10.3.0\"}\n}\n",
        },
        (s("~/.config/Code/User/settings.json:4", "sam"),),
    ),
    # YAML merge key: the service's own key beats the merged one
    "compose-own-key-beats-merge": (
        {
            "~/comfy/docker-compose.yaml": "x-env: &env\n  §: 10.1.0\nservices:\n  c:\n    image: x\n    environment:\n      §: 10.3.0\n      <<: *env\n",
        },
        (s("~/comfy/docker-compose.yaml:7", "sam"),),
    ),
    # compose reads docker-compose.override.yaml by itself
    "compose-override-wins": (
        {
            "~/comfy/docker-compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      - §=10.1.0\n",
            "~/comfy/docker-compose.override.yaml": "services:\n  c:\n    environment:\n      # - §=11.0.0\n      - §=10.3.0\n",
        },
        (s("~/comfy/docker-compose.override.yaml:5", "sam"),),
    ),
    # stable-diffusion-webui/webui.sh sources webui-user.sh
    "webui-user-commented-then-real": (
        {"~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n#export §=10.1.0\n#export COMMANDLINE_ARGS=\"\"\nexport §=10.3.0\n"},
        (s("~/stable-diffusion-webui/webui-user.sh:4", "sam"),),
    ),
    # venv's activate: the unset stands in deactivate, which runs on leaving (and first, before the export)
    "activate-unset-only-in-deactivate": (
        {
            "~/venv/bin/activate": "deactivate () {\n    unset VIRTUAL_ENV\n    unset §\n}\ndeactivate nondestructive\n"
            "VIRTUAL_ENV=/home/sam/venv\nexport VIRTUAL_ENV\nexport §=10.3.0\n",
        },
        (s("~/venv/bin/activate:8", "sam"),),
    ),
}

_OLLAMA = "[Service]\nExecStart=/usr/local/bin/ollama serve\n"

THIRTEENTH_CALM: Rows = {
    # /etc/environment
    "environment-other-name": ({"/etc/environment": "MY_§=10.3.0\nNOT§=11.0.0\n§: 10.1.0\n"}, ()),
    "environment-twice": (
        {"/etc/environment": "§=10.1.0\nLANG=C.UTF-8\n§=10.3.0\n"},
        (s("/etc/environment:3", ALL),),
    ),
    # pam_env.conf(5); _check_var: neither DEFAULT nor OVERRIDE undefines
    "pam-env-undefined-later": ({"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0\n§\n"}, ()),
    # environment.d(5)
    "environment-d-wrong-extension": (
        {"/etc/environment.d/90-rocm.conf.bak": "§=10.3.0\n", "/etc/environment.d/91-rocm.env": "§=11.0.0\n"},
        (),
    ),
    "environment-d-vendor-masked": (
        {"/usr/lib/environment.d/90-rocm.conf": "§=10.3.0\n", "/etc/environment.d/90-rocm.conf": "->/dev/null"},
        (),
    ),
    "environment-d-home-wrong-place": (
        {"~/.environment.d/rocm.conf": "§=10.3.0\n", "~/.config/environment.d/rocm/x.conf": "§=11.0.0\n"},
        (),
    ),
    # Debian's /etc/profile: *.sh only
    "profile-d-wrong-extension": (
        {"/etc/profile.d/rocm.sh.disabled": "export §=10.3.0\n", "/etc/profile.d/rocm.conf": "export §=11.0.0\n"},
        (),
    ),
    "profile-d-unset-later": (
        {"/etc/profile.d/10-rocm.sh": "export §=10.3.0\n", "/etc/profile.d/zz-clean.sh": "unset §\n"},
        (),
    ),
    "profile-d-return-before": ({"/etc/profile.d/rocm.sh": "# gone with the old card\nreturn 0\nexport §=10.3.0\n"}, ()),
    # bash(1)
    "bash-bashrc-heredoc-if-false": ({"/etc/bash.bashrc": "rocm_help() {\ncat <<'EOF'\nTry:\nexport §=10.3.0\nEOF\n}\nrocm_help\nif false; then\n  export §=11.0.0\nfi\n"}, ()),
    "bashrc-block-comment": ({"~/.bashrc": ": <<'OFF'\nexport §=10.3.0\nexport HIP_VISIBLE_DEVICES=0\nOFF\n"}, ()),
    "bashrc-not-exported": ({"~/.bashrc": "§=10.3.0\n"}, ()),
    "bashrc-export-n": ({"~/.bashrc": "export §=10.3.0\nexport -n §\n"}, ()),
    "bashrc-function-never-called": ({"~/.bashrc": "rocm_old() {\n  export §=10.3.0\n  unset -f rocm_old\n}\nunset -f rocm_old\n"}, ()),
    "bashrc-values-only-read": ({"~/.bashrc": "echo \"§=${§:-10.3.0}\"\n[ \"$§\" = 10.1.0 ] && echo old\nenv -u § true\n"}, ()),
    "bashrc-of-root-and-bob": ({f"/{ROOT}/.bashrc": "export §=10.3.0\n", "/home/bob/.bashrc": "export §=11.0.0\n"}, ()),
    "profile-printf": ({"~/.profile": "printf 'export §=10.3.0\\n'\necho \"export §=11.0.0\" >/dev/null\n"}, ()),
    # zsh
    "zshenv-unset": ({"/etc/passwd": ZSH, "~/.zshenv": "export §=10.3.0\nunset §\n"}, ()),
    "etc-zshenv-not-exported": ({"/etc/passwd": ZSH, "/etc/zsh/zshenv": "# export §=11.0.0\ntypeset -g §=10.3.0\n"}, ()),
    "etc-zlogin-anonymous-local": ({"/etc/passwd": ZSH, "/etc/zsh/zlogin": "() {\n  local -x §=10.3.0\n}\n"}, ()),
    # fish
    "fish-conf-d-erased": ({"/etc/passwd": FISH, "/etc/fish/conf.d/rocm.fish": "set -gx § 10.3.0\nset -e §\n"}, ()),
    "fish-conf-d-vendor-masked": (
        {
            "/etc/passwd": FISH,
            "/usr/share/fish/vendor_conf.d/rocm.fish": "set -gx § 10.3.0\n",
            "/etc/fish/conf.d/rocm.fish": "# nothing\n",
        },
        (),
    ),
    "config-fish-block-local": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "if true\n  set -lx § 10.3.0\nend\n"},
        (),
    ),
    "fish-variables-not-exported": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR §:10\\x2e3\\x2e0\n"},
        (),
    ),
    # X11 sessions, Plasma
    "xprofile-text": ({"/etc/xprofile": "# export §=10.3.0\necho 'export §=11.0.0'\n", "~/.xprofile": "unset §\n"}, ()),
    "xsession-d-dot-in-name": ({"/etc/X11/Xsession.d/90rocm.bak": "export §=10.3.0\n"}, ()),
    "xsessionrc-unset": ({"~/.xsessionrc": "export §=10.3.0\nunset §\n"}, ()),
    "plasma-env-wrong-extension": (
        {"~/.config/plasma-workspace/env/rocm.sh.off": "export §=10.3.0\n", "~/.config/plasma-workspace/env/rocm.conf": "§=11.0.0\n"},
        (),
    ),
    # systemd-system.conf(5)
    "system-conf-wrong-section": (
        {"/etc/systemd/system.conf.d/x.conf": "[Service]\nDefaultEnvironment=§=10.3.0\n[Manager]\n#DefaultEnvironment=§=11.0.0\n"},
        (),
    ),
    "system-conf-reset-later": (
        {
            "/etc/systemd/system.conf.d/10-a.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
            "/etc/systemd/system.conf.d/20-b.conf": "[Manager]\nDefaultEnvironment=\n",
        },
        (),
    ),
    "user-conf-vendor-masked": (
        {
            "/usr/lib/systemd/user.conf.d/50-rocm.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
            "/etc/systemd/user.conf.d/50-rocm.conf": "->/dev/null",
        },
        (),
    ),
    # systemd.exec(5), systemd.unit(5)
    "unit-wrong-section-misspelt": (
        {
            "/etc/systemd/system/ollama.service": "[Unit]\nDescription=§=10.1.0\nEnvironment=§=10.3.0\n" + _OLLAMA
            + "Enviroment=§=11.0.0\nPassEnvironment=§\n",
        },
        (),
    ),
    "unit-reset-in-dropin": (
        {
            "/etc/systemd/system/ollama.service": _OLLAMA + "Environment=\"§=10.3.0\"\n",
            "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=\n",
        },
        (),
    ),
    "unit-unset-in-dropin": (
        {
            "/etc/systemd/system/ollama.service": _OLLAMA + "Environment=\"§=10.3.0\"\n",
            "/etc/systemd/system/ollama.service.d/10-off.conf": "[Service]\nUnsetEnvironment=§\n",
            "/etc/systemd/system/ollama.service.d/20-on.conf": "[Service]\nEnvironment=§=11.0.0\n",
        },
        (),
    ),
    "unit-vendor-masked": (
        {
            "/usr/lib/systemd/system/ollama.service": _OLLAMA + "Environment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": "->/dev/null",
        },
        (),
    ),
    "dropin-masked-by-equal-name": (
        {
            "/usr/lib/systemd/system/ollama.service": _OLLAMA,
            "/usr/lib/systemd/system/ollama.service.d/50-rocm.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/50-rocm.conf": "[Service]\n",
            "/etc/systemd/system/ollama.service.d/60-rocm.conf.dpkg-old": "[Service]\nEnvironment=§=11.0.0\n",
        },
        (),
    ),
    "default-file-nobody-names": (
        {
            "/etc/systemd/system/ollama.service": _OLLAMA + "EnvironmentFile=/etc/default/ollama\nEnvironmentFile=\n",
            "/etc/default/ollama": "§=10.3.0\n",
        },
        (),
    ),
    "default-file-export-rejected": (
        {
            "/etc/systemd/system/ollama.service": _OLLAMA + "EnvironmentFile=-/etc/default/ollama\n",
            "/etc/default/ollama": "export §=10.3.0\n;§=11.0.0\n#§=10.1.0\n",
        },
        (),
    ),
    "service-d-misspelt": (
        {
            "/etc/systemd/system/services.d/x.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/service.d/x.conf.off": "[Service]\nEnvironment=§=11.0.0\n",
        },
        (),
    ),
    "user-unit-vendor-replaced": (
        {
            "/usr/lib/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
            "/etc/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\n# Environment=§=11.0.0\n",
        },
        (),
    ),
    # podman-systemd.unit(5), containers.conf(5), CDI's SPEC.md
    "quadlet-label-and-comment": (
        {"/etc/containers/systemd/o.container": "[Container]\nImage=x\nLabel=§=10.3.0\n#Environment=§=11.0.0\nAnnotation=§=10.1.0\n"},
        (),
    ),
    "quadlet-home-dropin-wrong-extension": (
        {
            "~/.config/containers/systemd/o.container": "[Container]\nImage=x\n",
            "~/.config/containers/systemd/o.container.d/x.conf.bak": "[Container]\nEnvironment=§=10.3.0\n",
            "~/.config/containers/systemd/p.container.old": "[Container]\nImage=x\nEnvironment=§=11.0.0\n",
        },
        (),
    ),
    "containers-conf-wrong-table": (
        {"/etc/containers/containers.conf.d/x.conf": "[containers]\n#env = [\"§=11.0.0\"]\nannotations = [\"§=10.3.0\"]\n"},
        (),
    ),
    "cdi-annotations": (
        {
            "/etc/cdi/x.json": "{\"cdiVersion\": \"0.6.0\", \"kind\": \"a.b/c\", \"annotations\": {\"env\": \"§=10.3.0\"},\n"
            " \"devices\": [{\"name\": \"0\", \"containerEdits\": {\"deviceNodes\": [{\"path\": \"/dev/kfd\"}]}}]}\n",
            "/etc/cdi/x.json.bak": "{\"cdiVersion\": \"0.6.0\", \"kind\": \"a.b/d\", \"devices\": [], \"containerEdits\": {\"env\": [\"§=11.0.0\"]}}\n",
        },
        (),
    ),
    # flatpak
    "flatpak-commented": ({"/var/lib/flatpak/overrides/global": "[Context]\ndevices=all;\n\n[Environment]\n#§=10.3.0\n"}, ()),
    "flatpak-app-wrong-group": (
        {"~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Context]\ndevices=all;\n§=10.3.0\n\n[Environment]\nMY_§=11.0.0\n"},
        (),
    ),
    # crontab(5), cron(8)
    "crontab-below-all-jobs": ({"/var/spool/cron/crontabs/sam": "0 5 * * * true\n§=10.3.0\n"}, ()),
    "crontab-of-root": ({"/var/spool/cron/crontabs/root": "§=10.3.0\n0 5 * * * true\n"}, ()),
    "cron-d-dot-in-name": ({"/etc/cron.d/x.dpkg-old": "§=10.3.0\n0 5 * * * sam true\n", "/etc/cron.d/y": "#§=11.0.0\n0 5 * * * sam true\n"}, ()),
    # sshd_config(5), pam_env(8)
    "sshd-accept-and-other-user": (
        {
            "/etc/ssh/sshd_config.d/x.conf": "AcceptEnv §\n#SetEnv §=10.3.0\nMatch User bob\n  SetEnv §=11.0.0\n",
            "/etc/ssh/sshd_config.d/y.conf.off": "SetEnv §=10.1.0\n",
        },
        (),
    ),
    "home-pam-environment-commented": ({"~/.pam_environment": "# § DEFAULT=10.3.0\n#§=11.0.0\n"}, ()),
    # jupyter_client kernelspec.py, VS Code, compose, webui, venv
    "kernel-json-wrong-level": (
        {
            "~/.local/share/jupyter/kernels/rocm/kernel.json": "{\"argv\": [\"python\"], \"display_name\": \"§=11.0.0\",\n"
            " \"metadata\": {\"env\": {\"§\": \"10.3.0\"}}}\n",
        },
        (),
    ),
    "vscode-other-systems": (
        {
            "~/.config/Code/User/settings.json": "{\n  \"terminal.integrated.env.osx\": {\"§\": \"10.3.0\"},\n"
            "  /* \"terminal.integrated.env.linux\": {\"§\": \"11.0.0\"}, */\n  \"terminal.integrated.env.windows\": {\"§\": \"10.1.0\"}\n}\n",
        },
        (),
    ),
    "compose-unused-anchor-and-labels": (
        {
            "~/comfy/docker-compose.yaml": "x-env: &env\n  §: 10.3.0\nservices:\n  c:\n    image: x\n    labels:\n      - §=11.0.0\n"
            "    environment:\n      # - §=10.1.0\n      - LANG=C\n",
        },
        (),
    ),
    "webui-user-commented": (
        {"~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n#export §=10.3.0\n#export COMMANDLINE_ARGS=\"--medvram\"\n"},
        (),
    ),
    "activate-only-in-deactivate": (
        {"~/venv/bin/activate": "deactivate () {\n    unset §\n}\nVIRTUAL_ENV=/home/sam/venv\nexport VIRTUAL_ENV\n# export §=10.3.0\n"},
        (),
    ),
}
