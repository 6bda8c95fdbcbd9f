# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set U: of each row of shared/lab/reach's list what others would not think of first, one fact a row. By a stranger.

Run once, after O to T were learnt: 40 of 50 places named with every labelled line and value and nothing else, 10 of 70
look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import DASH, FISH, ZSH, Rows, s

EIGHTEENTH_WILD: Rows = {
    # pam_env(8) envfile=, Debian's /etc/pam.d/sshd; tried with libpam
    "phi-default-locale": (
        {"/etc/pam.d/sshd": "session required pam_env.so\nsession required pam_env.so envfile=/etc/default/locale\n",
         "/etc/default/locale": "LANG=de_DE.UTF-8\n§=10.3.0\n"},
        (s("/etc/default/locale:2", "all"),),
    ),
    # pam_env environment file: quotes are stripped; tried with libpam
    "phi-environment-export-single": ({"/etc/environment": "PATH=\"/usr/bin:/bin\"\nexport §='10.3.0'\n"}, (s("/etc/environment:2", "all"),)),
    # pam_env.conf(5): OVERRIDE beats DEFAULT; tried with libpam
    "phi-pam-env-override": ({"/etc/security/pam_env.conf": "§ DEFAULT=9.0.0 OVERRIDE=10.3.0\n"}, (s("/etc/security/pam_env.conf:1", "all"),)),
    # pam_env.conf(5): an OVERRIDE that expands to nothing leaves the DEFAULT; tried with libpam
    "phi-pam-env-override-empty": ({"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0 OVERRIDE=${GFX_OF_NOBODY}\n"}, (s("/etc/security/pam_env.conf:1", "all"),)),
    # environment.d(5): the empty assignment is rejected, so the earlier one stays; tried with the generator
    "phi-environment-d-empty-later": (
        {"/etc/environment.d/50-gpu.conf": "§=10.3.0\n", "/etc/environment.d/60-gpu.conf": "§=\n"},
        (s("/etc/environment.d/50-gpu.conf:1", "all"),),
    ),
    # environment.d(5): sorted as text, 9.conf after 10.conf; tried with the generator
    "phi-environment-d-order": (
        {"/etc/environment.d/10.conf": "§=9.0.0\n", "/etc/environment.d/9.conf": "§=10.3.0\n"},
        (s("/etc/environment.d/9.conf:1", "all"),),
    ),
    # environment.d(5): /run and /usr/local/lib are searched too
    "phi-environment-d-usr-local": ({"/usr/local/lib/environment.d/70-rocm.conf": "# site\n§=\"10.3.0\"\n"}, (s("/usr/local/lib/environment.d/70-rocm.conf:2", "all"),)),
    # environment.d(5): ${X:+y}; tried with the generator
    "phi-environment-d-plus": ({"~/.config/environment.d/gpu.conf": "GPU=navi\n§=${GPU:+10.3.0}\n"}, (s("~/.config/environment.d/gpu.conf:2", "sam"),)),
    # sh(1): read from a here-document; tried with dash
    "phi-profile-d-while-read": (
        {"/etc/profile.d/gpu.sh": "while read -r kv; do\n  export \"$kv\"\ndone <<EOF\n§=10.3.0\nEOF\n"},
        (s("/etc/profile.d/gpu.sh:4", "all"),),
    ),
    # bash(1): ;& falls through to the next list; tried
    "phi-bash-case-fallthrough": (
        {"/etc/bash.bashrc": "case x in\n  x) : ;&\n  y) export §=10.3.0 ;;\nesac\n"},
        (s("/etc/bash.bashrc:3", "all"),),
    ),
    # bash(1): declare -g in a function that is called; tried
    "phi-bash-declare-g": ({"~/.bashrc": "_gpu() {\n  declare -gx §=10.3.0\n}\n_gpu\n"}, (s("~/.bashrc:2", "sam"),)),
    # bash(1): . of a here-document; tried
    "phi-bash-source-heredoc": ({"~/.bashrc": ". /dev/stdin <<'EOF'\nexport §=10.3.0\nEOF\n"}, (s("~/.bashrc:2", "sam"),)),
    # zshbuiltins(1): emulate -c; tried
    "phi-zsh-emulate": ({"/etc/zsh/zshenv": "emulate sh -c 'export §=10.3.0'\n"}, (s("/etc/zsh/zshenv:1", "all"),)),
    # zshmisc(1): anonymous function, export is typeset -gx; tried
    "phi-zsh-anonymous": ({"/etc/passwd": ZSH, "/etc/zsh/zlogin": "() {\n  export §=10.3.0\n}\n"}, (s("/etc/zsh/zlogin:2", "all"),)),
    # zshmisc(1): short if; tried
    "phi-zsh-short-if": ({"/etc/passwd": ZSH, "~/.zshenv": "if [[ $OSTYPE = linux* ]] export §=10.3.0\n"}, (s("~/.zshenv:1", "sam"),)),
    # fish(1): vendor_conf.d below XDG_DATA_HOME; tried
    "phi-fish-user-vendor": ({"/etc/passwd": FISH, "~/.local/share/fish/vendor_conf.d/gpu.fish": "set -gx § 10.3.0\n"}, (s("~/.local/share/fish/vendor_conf.d/gpu.fish:1", "sam"),)),
    # fish: read -gx; tried
    "phi-fish-read": ({"/etc/fish/conf.d/gpu.fish": "echo 10.3.0 | read -gx §\n"}, (s("/etc/fish/conf.d/gpu.fish:1", "all"),)),
    # fish: an autoloaded function that is called; tried
    "phi-fish-autoload": (
        {"/etc/passwd": FISH, "~/.config/fish/functions/gpu.fish": "function gpu\n    set -gx § 10.3.0\nend\n", "~/.config/fish/config.fish": "gpu\n"},
        (s("~/.config/fish/functions/gpu.fish:2", "sam"),),
    ),
    # fish 2's format, without the VERSION line; tried with fish 3.6
    "phi-fish-variables-2": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# This file contains fish universal variable definitions.\nSET_EXPORT §:10\\x2e3\\x2e0\n"},
        (s("~/.config/fish/fish_variables:2", "sam"),),
    ),
    # xprofile, dbus-update-activation-environment(1)
    "phi-xprofile-set-environment": ({"~/.xprofile": "systemctl --user set-environment LANG=C §=10.3.0\n"}, (s("~/.xprofile:1", "sam"),)),
    # Debian Xsession.d: sourced by sh
    "phi-xsession-d-default": ({"/etc/X11/Xsession.d/45gpu": ": \"${§:=10.3.0}\"\nexport §\n"}, (s("/etc/X11/Xsession.d/45gpu:1", "all"),)),
    "phi-xsessionrc-dbus": ({"~/.xsessionrc": "dbus-update-activation-environment --systemd §=10.3.0\n"}, (s("~/.xsessionrc:1", "sam"),)),
    # startplasma.cpp: plasma-workspace/env in every XDG config directory
    "phi-plasma-xdg": ({"/etc/xdg/plasma-workspace/env/gpu.sh": "export §=10.3.0\n"}, (s("/etc/xdg/plasma-workspace/env/gpu.sh:1", "all"),)),
    # systemd-system.conf(5): second quoted word
    "phi-system-conf-usr-local": (
        {"/usr/local/lib/systemd/system.conf.d/gpu.conf": "[Manager]\nDefaultEnvironment=\"LANG=C\" '§=10.3.0'\n"},
        (s("/usr/local/lib/systemd/system.conf.d/gpu.conf:2", "all"),),
    ),
    # systemd-system.conf(5): ManagerEnvironment= is inherited by what the user managers start
    "phi-user-conf-manager": ({"/etc/systemd/user.conf.d/gpu.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n"}, (s("/etc/systemd/user.conf.d/gpu.conf:2", "all"),)),
    # systemd.syntax(7): comment lines inside a continued value are ignored
    "phi-unit-continued": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=LANG=C \\\n# the card\n  §=10.3.0\n"},
        (s("/etc/systemd/system/ollama.service:5", "all"),),
    ),
    # systemd.exec(5): UnsetEnvironment= of another exact assignment removes nothing
    "phi-unit-unset-other": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\nUnsetEnvironment=§=9.0.0\n"},
        (s("/usr/lib/systemd/system/ollama.service:3", "all"),),
    ),
    # systemd.unit(5): prefix-.service.d
    "phi-unit-prefix-dropin": (
        {"/etc/systemd/system/ollama-gpu.service": "[Service]\nExecStart=/usr/bin/ollama serve\n", "/etc/systemd/system/ollama-.service.d/x.conf": "[Service]\nEnvironment=§=10.3.0\n"},
        (s("/etc/systemd/system/ollama-.service.d/x.conf:2", "all"),),
    ),
    # systemd.exec(5): specifiers in EnvironmentFile=
    "phi-environmentfile-specifier": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironmentFile=-/etc/sysconfig/%N\n", "/etc/sysconfig/ollama": "; local\n§='10.3.0'\n"},
        (s("/etc/sysconfig/ollama:2", "all"),),
    ),
    # systemd.unit(5): service.d of the distribution
    "phi-service-d-usr": ({"/usr/lib/systemd/system/service.d/10-gpu.conf": "[Service]\nEnvironment='§=10.3.0'\n"}, (s("/usr/lib/systemd/system/service.d/10-gpu.conf:2", "all"),)),
    # systemd.unit(5): user units of ~/.local/share
    "phi-user-unit-local-share": (
        {"~/.local/share/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\nEnvironment=\"§=10.3.0\"\n"},
        (s("~/.local/share/systemd/user/comfy.service:3", "sam"),),
    ),
    # podman-systemd.unit(5): truncated drop-in directory
    "phi-quadlet-prefix-dropin": (
        {"/etc/containers/systemd/o-gpu.container": "[Container]\nImage=x\n", "/etc/containers/systemd/o-.container.d/x.conf": "[Container]\nEnvironment=§=10.3.0\n"},
        (s("/etc/containers/systemd/o-.container.d/x.conf:2", "all"),),
    ),
    # ~/.pam_environment: syntax of pam_env.conf(5); tried with libpam
    "phi-pam-environment-override": ({"~/.pam_environment": "§ OVERRIDE=10.3.0\n"}, (s("~/.pam_environment:1", "sam"),)),
    # podman-systemd.unit(5): directory of one uid
    "phi-quadlet-uid": ({"/etc/containers/systemd/users/1000/o.container": "[Container]\nImage=x\nEnvironment=\"§=10.3.0\"\n"}, (s("/etc/containers/systemd/users/1000/o.container:3", "sam"),)),
    # podman-systemd.unit(5): PodmanArgs
    "phi-quadlet-podmanargs": ({"/usr/share/containers/systemd/o.container": "[Container]\nImage=x\nPodmanArgs=--env=§=10.3.0\n"}, (s("/usr/share/containers/systemd/o.container:3", "all"),)),
    # containers.conf(5): several lines, trailing comma
    "phi-containers-conf-user": (
        {"~/.config/containers/containers.conf": "[containers]\nenv = [\n  \"LANG=C\", # x\n  '§=10.3.0',\n]\n"},
        (s("~/.config/containers/containers.conf:4", "sam"),),
    ),
    # CDI: env of one device, YAML
    "phi-cdi-yaml-device": (
        {"/etc/cdi/amd.yaml": "cdiVersion: 0.6.0\nkind: amd.com/gpu\ndevices:\n  - name: all\n    containerEdits:\n      env:\n        - §=10.3.0\n"},
        (s("/etc/cdi/amd.yaml:7", "all"),),
    ),
    # flatpak-metadata(5): spaces around =; tried with flatpak override --show
    "phi-flatpak-spaces": ({"~/.local/share/flatpak/overrides/global": "[Context]\nshared=ipc;\n[Environment]\n  § = 10.3.0\n"}, (s("~/.local/share/flatpak/overrides/global:4", "sam"),)),
    # crontab(5): quoted name and value; tried with crontab -n
    "phi-cron-quoted": ({"/var/spool/cron/crontabs/sam": "\"§\" = \"10.3.0\"\n@reboot true\n"}, (s("/var/spool/cron/crontabs/sam:1", "sam"),)),
    "phi-etc-crontab": ({"/etc/crontab": "SHELL=/bin/sh\n   § =   '10.3.0'\n@reboot sam true\n"}, (s("/etc/crontab:2", "all"),)),
    # sshd_config(5): first value wins except in a Match, keyword=value; tried with sshd -T
    "phi-sshd-match": ({"/etc/ssh/sshd_config": "UsePAM yes\nMatch User sam\n  setenv LANG=C \"§=10.3.0\"\n"}, (s("/etc/ssh/sshd_config:3", "sam"),)),
    # sshd_config(5): PermitUserEnvironment as a pattern list
    "phi-ssh-environment": ({"/etc/ssh/sshd_config": "PermitUserEnvironment LANG,HSA_*\n", "~/.ssh/environment": "# x\n§=10.3.0\n"}, (s("~/.ssh/environment:2", "sam"),)),
    # sh(1): ENV of an interactive shell
    "phi-dash-env": ({"/etc/passwd": DASH, "~/.profile": "ENV=$HOME/.shinit; export ENV\n", "~/.shinit": "export §=10.3.0\n"}, (s("~/.shinit:1", "sam"),)),
    # jupyter kernelspec: argv through env(1)
    "phi-kernel-argv-env": (
        {"~/.local/share/jupyter/kernels/rocm/kernel.json": "{\n \"argv\": [\"env\",\n  \"§=10.3.0\",\n  \"python\", \"-m\", \"ipykernel_launcher\", \"-f\", \"{connection_file}\"],\n \"display_name\": \"x\"\n}\n"},
        (s("~/.local/share/jupyter/kernels/rocm/kernel.json:3", "sam"),),
    ),
    # VS Code: environment of one terminal profile
    "phi-vscode-profile-env": (
        {"~/.config/Code/User/settings.json": "{\n  // mine\n  \"terminal.integrated.profiles.linux\": {\n    \"rocm\": { \"path\": \"bash\",\n      \"env\": { \"§\": \"10.3.0\" } },\n  },\n}\n"},
        (s("~/.config/Code/User/settings.json:5", "sam"),),
    ),
    # compose: COMPOSE_FILE in .env chooses the file; tried with docker-compose config
    "phi-compose-file": (
        {"~/comfy/.env": "COMPOSE_FILE=gpu.yaml\n", "~/comfy/gpu.yaml": "services:\n  c:\n    image: x\n    environment:\n      §: 10.3.0\n", "~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      §: 9.0.0\n"},
        (s("~/comfy/gpu.yaml:5", "sam"),),
    ),
    # compose: the later env_file wins, export and quotes; tried with docker-compose config
    "phi-compose-env-files": (
        {"~/comfy/docker-compose.yml": "services:\n  c:\n    image: x\n    env_file: [a.env, b.env]\n", "~/comfy/a.env": "§=9.0.0\n", "~/comfy/b.env": "export §=\"10.3.0\"\n"},
        (s("~/comfy/b.env:1", "sam"),),
    ),
    # compose: extends another file; tried with docker-compose config
    "phi-compose-extends": (
        {"~/comfy/docker-compose.yml": "services:\n  c:\n    extends:\n      file: base.yaml\n      service: g\n", "~/comfy/base.yaml": "services:\n  g:\n    image: x\n    environment:\n      §: 10.3.0\n"},
        (s("~/comfy/base.yaml:5", "sam"),),
    ),
    # webui-user.sh: sourced by webui.sh; two assignments in one export
    "phi-webui-second-word": ({"~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\nexport COMMANDLINE_ARGS=\"--medvram\" §=\"10.3.0\"\n"}, (s("~/stable-diffusion-webui/webui-user.sh:2", "sam"),)),
    # site(3): import lines of a .pth
    "phi-venv-pth": (
        {"~/venv/pyvenv.cfg": "home = /usr/bin\n", "~/venv/lib/python3.11/site-packages/gpu.pth": "import os; os.environ['§'] = '10.3.0'\n"},
        (s("~/venv/lib/python3.11/site-packages/gpu.pth:1", "sam"),),
    ),
}

_U = "[Service]\nExecStart=/usr/bin/ollama serve\n"
_C = "services:\n  c:\n    image: x\n"
_E = _C + "    environment:\n      §: 10.3.0\n"

EIGHTEENTH_CALM: Rows = {
    # pam_env: a bare name takes the variable away; systemd rejects the export line; tried with libpam and the generator
    "phi-environment-bare-name": ({"/etc/environment": "export §=10.3.0\n§\n"}, ()),
    # pam_env.conf is read before /etc/environment; tried
    "phi-pam-env-then-bare": ({"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0\n", "/etc/environment": "§\n"}, ()),
    "phi-pam-env-lower": ({"/etc/security/pam_env.conf": "§ default=10.3.0\n"}, ()),
    "phi-pam-env-default-nothing": ({"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0\n§ DEFAULT=\n"}, ()),
    # environment.d(5); tried with the generator
    "phi-environment-d-masked": ({"/usr/lib/environment.d/90-x.conf": "§=10.3.0\n", "/etc/environment.d/90-x.conf": "->/dev/null"}, ()),
    "phi-environment-d-export": ({"/etc/environment.d/90-x.conf": "export §=10.3.0\n"}, ()),
    "phi-environment-d-config": ({"~/.config/environment.d/x.config": "§=10.3.0\n"}, ()),
    "phi-environment-d-in-quotes": ({"~/.config/environment.d/x.conf": "FOO=\"a\n§=10.3.0\n\"\n"}, ()),
    "phi-environment-d-continued": ({"~/.config/environment.d/x.conf": "FOO=a\\\n§=10.3.0\n"}, ()),
    # sh(1), tried with dash
    "phi-profile-d-pipe-read": ({"/etc/profile.d/x.sh": "echo §=10.3.0 | while read -r l; do export \"$l\"; done\n"}, ()),
    "phi-profile-brace-pipe": ({"~/.profile": "{ export §=10.3.0; } | true\n"}, ()),
    "phi-profile-d-allexport-late": ({"/etc/profile.d/x.sh": "§=10.3.0\nset -a\nLANG=C\nset +a\n"}, ()),
    "phi-profile-d-default-unexported": ({"/etc/profile.d/x.sh": ": \"${§:=10.3.0}\"\n"}, ()),
    # bash(1), tried
    "phi-bash-declare-local": ({"/etc/bash.bashrc": "_gpu() { declare -x §=10.3.0; }\n_gpu\n"}, ()),
    "phi-bash-background": ({"/etc/bash.bashrc": "export §=10.3.0 &\n"}, ()),
    "phi-bash-unset-prefix": ({"~/.bashrc": "export §=10.3.0\nunset \"${!HSA_@}\"\n"}, ()),
    "phi-bash-declare-plus-x": ({"~/.bashrc": "export §=10.3.0\ndeclare +x §\n"}, ()),
    "phi-bash-login-shadowed": ({"~/.bash_profile": "umask 022\n", "~/.bash_login": "export §=10.3.0\n"}, ()),
    "phi-bash-string": ({"~/.bashrc": "GPU_HELP=\"\nexport §=10.3.0\n\"\n"}, ()),
    # zsh, tried
    "phi-zsh-unset-m": ({"/etc/passwd": ZSH, "/etc/zsh/zshenv": "export §=10.3.0\nunset -m 'HSA_*'\n"}, ()),
    "phi-zsh-no-rcs": ({"/etc/passwd": ZSH, "~/.zshenv": "setopt no_rcs\n", "~/.zshrc": "export §=10.3.0\n"}, ()),
    "phi-zsh-zlogin-plus-x": ({"/etc/passwd": ZSH, "/etc/zsh/zlogin": "export §=10.3.0\ntypeset +x §\n"}, ()),
    "phi-zsh-anon-local": ({"/etc/passwd": ZSH, "~/.zshrc": "() { local -x §=10.3.0 }\n"}, ()),
    # fish, tried
    "phi-fish-function-local": ({"/etc/passwd": FISH, "/etc/fish/conf.d/x.fish": "function g\n    set -x § 10.3.0\nend\ng\n"}, ()),
    "phi-fish-unexport": ({"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -gx § 10.3.0\nset --global --unexport § $§\n"}, ()),
    "phi-fish-functions-file": ({"/etc/passwd": FISH, "~/.config/fish/functions/gpu.fish": "set -gx § 10.3.0\n"}, ()),
    "phi-fish-vendor-masked": ({"/etc/passwd": FISH, "/usr/share/fish/vendor_conf.d/x.fish": "set -gx § 10.3.0\n", "/etc/fish/conf.d/x.fish": "true\n"}, ()),
    "phi-fish-variables-unexported": ({"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR §:10\\x2e3\\x2e0\n"}, ()),
    "phi-fish-variables-erased": ({"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR --export §:10\\x2e3\\x2e0\n", "~/.config/fish/conf.d/z.fish": "set -Ue §\n"}, ()),
    # X11 and Plasma
    "phi-xprofile-unset": ({"/etc/xprofile": "export §=10.3.0\nunset -v §\n"}, ()),
    "phi-xsession-d-dot": ({"/etc/X11/Xsession.d/90gpu.sh": "export §=10.3.0\n"}, ()),
    "phi-xsession-d-later": ({"/etc/X11/Xsession.d/45gpu": "export §=10.3.0\n", "/etc/X11/Xsession.d/95gpu": "unset §\n"}, ()),
    "phi-xsessionrc-subshell": ({"~/.xsessionrc": "(\n  export §=10.3.0\n)\n"}, ()),
    "phi-plasma-ext": ({"~/.config/plasma-workspace/env/gpu.sh.off": "export §=10.3.0\n"}, ()),
    # systemd-system.conf(5)
    "phi-system-conf-manager": ({"/etc/systemd/system.conf.d/x.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n"}, ()),
    "phi-system-conf-masked": ({"/usr/lib/systemd/system.conf.d/x.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n", "/etc/systemd/system.conf.d/x.conf": "->/dev/null"}, ()),
    "phi-user-conf-section": ({"/etc/systemd/user.conf.d/x.conf": "[Service]\nDefaultEnvironment=§=10.3.0\n"}, ()),
    # systemd.unit(5), systemd.syntax(7), systemd.exec(5)
    "phi-unit-replaced": ({"/usr/lib/systemd/system/ollama.service": _U + "Environment=§=10.3.0\n", "/run/systemd/system/ollama.service": _U}, ()),
    "phi-unit-comment-in-continuation": ({"/etc/systemd/system/ollama.service": _U + "Environment=LANG=C \\\n;§=10.3.0 \\\n  LC_ALL=C\n"}, ()),
    "phi-unit-unset-exact": ({"/etc/systemd/system/ollama.service": _U + "UnsetEnvironment=§=10.3.0\nEnvironment=§=10.3.0\n"}, ()),
    "phi-unit-dropin-ext": ({"/etc/systemd/system/ollama.service": _U, "/etc/systemd/system/ollama.service.d/override.conf.dpkg-old": "[Service]\nEnvironment=§=10.3.0\n"}, ()),
    "phi-unit-dropin-masked": ({"/usr/lib/systemd/system/ollama.service": _U, "/usr/lib/systemd/system/ollama.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n", "/etc/systemd/system/ollama.service.d/gpu.conf": "->/dev/null"}, ()),
    "phi-service-d-masked": ({"/usr/lib/systemd/system/service.d/x.conf": "[Service]\nEnvironment=§=10.3.0\n", "/etc/systemd/system/service.d/x.conf": "->/dev/null"}, ()),
    "phi-environmentfile-reset": ({"/etc/systemd/system/ollama.service": _U + "EnvironmentFile=/etc/default/ollama\n", "/etc/systemd/system/ollama.service.d/z.conf": "[Service]\nEnvironmentFile=\n", "/etc/default/ollama": "§=10.3.0\n"}, ()),
    "phi-environmentfile-export": ({"/etc/systemd/system/ollama.service": _U + "EnvironmentFile=-/etc/default/ollama\n", "/etc/default/ollama": "export §=10.3.0\n"}, ()),
    "phi-user-unit-shadowed": ({"/usr/lib/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n", "/etc/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\n"}, ()),
    # podman-systemd.unit(5)
    "phi-quadlet-shadowed": ({"/usr/share/containers/systemd/o.container": "[Container]\nImage=x\nEnvironment=§=10.3.0\n", "/etc/containers/systemd/o.container": "[Container]\nImage=x\n"}, ()),
    # the service's environment is podman's, not the container's
    "phi-quadlet-dropin-service": ({"/etc/containers/systemd/o.container": "[Container]\nImage=x\n", "/etc/containers/systemd/o.container.d/x.conf": "[Service]\nEnvironment=§=10.3.0\n"}, ()),
    "phi-quadlet-label": ({"~/.config/containers/systemd/o.container": "[Container]\nImage=x\nLabel=§=10.3.0\n"}, ()),
    # containers.conf(5): the later file replaces the list
    "phi-containers-conf-replaced": ({"/etc/containers/containers.conf": "[containers]\nenv=[\"§=10.3.0\"]\n", "/etc/containers/containers.conf.d/z.conf": "[containers]\nenv=[\"LANG=C\"]\n"}, ()),
    # CDI: cdi scans *.json and *.yaml of the directory itself; env of a hook is the hook's
    "phi-cdi-hook-env": ({"/etc/cdi/x.json": "{\"cdiVersion\":\"0.6.0\",\"kind\":\"a.b/c\",\"devices\":[{\"name\":\"0\",\"containerEdits\":{\"hooks\":[{\"hookName\":\"createContainer\",\"path\":\"/bin/true\",\n\"env\":[\"§=10.3.0\"]}]}}]}\n"}, ()),
    "phi-cdi-yml": ({"/etc/cdi/x.yml": "cdiVersion: 0.6.0\nkind: a.b/c\ndevices: []\ncontainerEdits:\n  env:\n    - §=10.3.0\n"}, ()),
    # flatpak; tried with flatpak override --show
    "phi-flatpak-app-unset": ({"/var/lib/flatpak/app/com.x.App/current/active/metadata": "[Application]\nname=com.x.App\n\n[Environment]\n§=10.3.0\n", "/var/lib/flatpak/overrides/com.x.App": "[Context]\nunset-environment=§;\n"}, ()),
    "phi-flatpak-section": ({"~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Context]\n§=10.3.0\n"}, ()),
    # crontab(5)
    "phi-cron-after": ({"/var/spool/cron/crontabs/sam": "0 5 * * * true\n§=10.3.0\n"}, ()),
    "phi-cron-percent": ({"/var/spool/cron/crontabs/sam": "0 5 * * * cat%§=10.3.0\n"}, ()),
    "phi-cron-export": ({"/etc/cron.d/gpu": "export §=10.3.0\n0 5 * * * sam true\n"}, ()),
    # sshd_config(5); tried with sshd -T
    "phi-sshd-second-setenv": ({"/etc/ssh/sshd_config": "SetEnv LANG=C\nSetEnv §=10.3.0\n"}, ()),
    "phi-sshd-environment-list": ({"/etc/ssh/sshd_config": "PermitUserEnvironment LANG,LC_*\n", "~/.ssh/environment": "§=10.3.0\n"}, ()),
    "phi-ssh-client": ({"~/.ssh/config": "Host gpu-box\n  SetEnv §=10.3.0\n"}, ()),
    # ~/.pam_environment has pam_env.conf's syntax
    "phi-pam-environment-bare": ({"~/.pam_environment": "§ OVERRIDE=10.3.0\n§\n"}, ()),
    # jupyter_client: only "env" of the kernelspec, only in a directory of its own
    "phi-kernel-metadata": ({"~/.local/share/jupyter/kernels/rocm/kernel.json": "{\"argv\":[\"python\"],\"display_name\":\"x\",\n\"metadata\":{\"env\":{\"§\":\"10.3.0\"}}}\n"}, ()),
    # VS Code
    "phi-vscode-block-comment": ({"~/.config/Code/User/settings.json": "{\"terminal.integrated.env.linux\":{ /*\n\"§\":\"10.3.0\"\n*/ \"LANG\":\"C\"}}\n"}, ()),
    # compose; tried with docker-compose config
    "phi-compose-shadowed": ({"~/comfy/docker-compose.yml": _C, "~/comfy/docker-compose.yaml": _E}, ()),
    "phi-compose-file-other": ({"~/comfy/.env": "COMPOSE_FILE=gpu.yaml\n", "~/comfy/gpu.yaml": _C, "~/comfy/compose.yaml": _E}, ()),
    "phi-compose-anchor-unused": ({"~/comfy/docker-compose.yaml": "x-g: &g\n  environment:\n    §: 10.3.0\n" + _C}, ()),
    "phi-compose-extends-other": ({"~/comfy/docker-compose.yml": "services:\n  c:\n    extends:\n      file: base.yaml\n      service: g\n", "~/comfy/base.yaml": "services:\n  g:\n    image: x\n  h:\n    image: x\n    environment:\n      §: 10.3.0\n"}, ()),
    # A1111: sourced, not exported
    "phi-webui-unexported": ({"~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n§=10.3.0\n"}, ()),
    # venv
    "phi-venv-unset": ({"~/venv/pyvenv.cfg": "home = /usr/bin\n", "~/venv/bin/activate": "export §=10.3.0\nVIRTUAL_ENV=$HOME/venv; export VIRTUAL_ENV\nunset §\n"}, ()),
    "phi-venv-pth-path": ({"~/venv/pyvenv.cfg": "home = /usr/bin\n", "~/venv/lib/python3.11/site-packages/x.pth": "os.environ['§'] = '10.3.0'\n"}, ()),
}
