# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set T: look-alikes of two files and several facts each, and places that resemble them; by another stranger.

Run once, after O to R were learnt: 25 of 30 places named with every labelled line and value and nothing else (29 of 32 lines), 10 of
70 look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import DASH, FISH, ZSH, Rows, s

SEVENTEENTH_WILD: Rows = {
    # man 5 environment.d: files of all directories are sorted by name, the last assignment wins
    "envd-usr-late-beats-etc-early": (
        {"/etc/environment.d/50-rocm.conf": "# site\n§=10.3.0\n",
         "/usr/lib/environment.d/90-gpu.conf": "# vendor\n§=11.0.0\n"},
        (s("/usr/lib/environment.d/90-gpu.conf:2", "all", "11.0.0"),),
    ),
    # man 5 environment.d: same name, /etc replaces /usr/lib
    "envd-etc-same-name": (
        {"/usr/lib/environment.d/60-rocm.conf": "§=10.3.0\n",
         "/etc/environment.d/60-rocm.conf": ";§=9.0.0\n\n§=11.0.0\n"},
        (s("/etc/environment.d/60-rocm.conf:3", "all", "11.0.0"),),
    ),
    # pam_env and systemd: the last line of /etc/environment wins
    # man 5 systemd.exec: EnvironmentFile= beats Environment=, also of a later drop-in
    "unit-envfile-beats-dropin": (
        {"/usr/lib/systemd/system/ollama.service":
         "[Service]\nExecStart=/bin/true\nEnvironmentFile=-/etc/default/ollama\n",
         "/etc/default/ollama": "# GPU\n§=11.0.0\n",
         "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=§=10.3.0\n"},
        (s("/etc/default/ollama:2", "all", "11.0.0"),),
    ),
    # man 7 systemd.syntax: a comment line is never continued; comments between continued lines are skipped
    "unit-comment-backslash": (
        {"/etc/systemd/system/ollama.service":
         "[Service]\nExecStart=/bin/true\n# Environment=A=1 \\\nEnvironment=§=10.3.0\n"
         "Environment=B=1 \\\n# HIP_VISIBLE_DEVICES=7 \\\n  HIP_VISIBLE_DEVICES=1\n"},
        (s("/etc/systemd/system/ollama.service:4", "all"),
         s("/etc/systemd/system/ollama.service:7", "all", "1", "HIP_VISIBLE_DEVICES")),
    ),
    # man 5 systemd.exec: the empty assignment resets only what stands before it
    "unit-reset-then-set": (
        {"/usr/lib/systemd/system/ollama.service":
         "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/20-gpu.conf": "[Service]\nEnvironment=\nEnvironment=\"§=11.0.0\"\n"},
        (s("/etc/systemd/system/ollama.service.d/20-gpu.conf:3", "all", "11.0.0"),),
    ),
    # man 5 systemd.unit: drop-ins are ordered by file name over all directories
    "unit-dropins-by-name": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\n",
         "/etc/systemd/system/ollama.service.d/10-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/usr/lib/systemd/system/ollama.service.d/50-vendor.conf": "[Service]\nEnvironment=§=11.0.0\n"},
        (s("/usr/lib/systemd/system/ollama.service.d/50-vendor.conf:2", "all", "11.0.0"),),
    ),
    # man 5 systemd.exec: two files, the later read wins
    "unit-two-envfiles": (
        {"/etc/systemd/system/llama.service":
         "[Service]\nEnvironmentFile=/etc/default/llama\nEnvironmentFile=/etc/default/llama-gpu\nExecStart=/bin/true\n",
         "/etc/default/llama": "§=10.3.0\n", "/etc/default/llama-gpu": "; old\n§='11.0.0'\n"},
        (s("/etc/default/llama-gpu:2", "all", "11.0.0"),),
    ),
    # the user's own unit file wins; a reset of another list does not matter
    "user-unit-passenv": (
        {"~/.config/systemd/user/comfy.service":
         "[Unit]\nDescription=Environment=§=9.0.0\n[Service]\nPassEnvironment=§\nEnvironment=§=10.3.0\nExecStart=/bin/true\n",
         "~/.config/systemd/user/comfy.service.d/a.conf": "[Service]\nPassEnvironment=\nEnvironmentFile=\n"},
        (s("~/.config/systemd/user/comfy.service:5", "sam"),),
    ),
    # bash manual: declare -gx in a called function is global
    "bash-declare-g-in-function": (
        {"~/.bashrc": "gpu() {\n  declare -gx §=10.3.0\n  declare -x HIP_VISIBLE_DEVICES=1\n}\ngpu\n"},
        (s("~/.bashrc:2", "sam"),),
    ),
    # assigned first, exported later
    "bash-export-later": (
        {"~/.bashrc": "§=10.3.0\n. ~/.gpu_export\n", "~/.gpu_export": "# keep\nexport §\n"},
        (s("~/.bashrc:1", "sam"),),
    ),
    "bash-set-a-source": (
        {"~/.bashrc": "set -a\n. ~/rocm.env\nset +a\nHIP_VISIBLE_DEVICES=3\n", "~/rocm.env": "#§=9.0.0\n§=10.3.0\n"},
        (s("~/rocm.env:2", "sam"),),
    ),
    # an unset in a subshell does not reach the shell
    "bash-unset-in-subshell": (
        {"~/.bashrc": "export §=10.3.0\n( unset § )\nunset § | cat\n"},
        (s("~/.bashrc:1", "sam"),),
    ),
    "bash-unset-before-export": (
        {"~/.bashrc": "unset §\n. ~/.gpurc\n", "~/.gpurc": "if false; then\n  export §=9.0.0\nelse\n  export §=10.3.0\nfi\n"},
        (s("~/.gpurc:4", "sam"),),
    ),
    # a guard that keeps what is set: the first file wins
    "profiled-guard": (
        {"/etc/profile.d/10-rocm.sh": "export §=10.3.0\n",
         "/etc/profile.d/90-gpu.sh": "export §=\"${§:-11.0.0}\"\n"},
        (s("/etc/profile.d/10-rocm.sh:1", "all"),),
    ),
    # man zshbuiltins: typeset -x in a function implies -g (GLOBAL_EXPORT); local -x does not
    "zsh-typeset-x-in-function": (
        {"/etc/passwd": ZSH, "~/.zshenv": "gpu() {\n  typeset -x §=10.3.0\n  local -x HIP_VISIBLE_DEVICES=1\n}\ngpu\n"},
        (s("~/.zshenv:2", "sam"),),
    ),
    # man zsh: ZDOTDIR set in ~/.zshenv moves the other files
    "zsh-zdotdir": (
        {"/etc/passwd": ZSH, "~/.zshenv": "export ZDOTDIR=$HOME/.config/zsh\n",
         "~/.zshrc": "export §=10.3.0\n", "~/.config/zsh/.zshrc": "export §=11.0.0\n"},
        (s("~/.config/zsh/.zshrc:1", "sam", "11.0.0"),),
    ),
    # fish: conf.d is read before config.fish
    "fish-begin-global": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "begin\n  set -gx § 10.3.0\n  set -lx HIP_VISIBLE_DEVICES 1\nend\n"},
        (s("~/.config/fish/config.fish:2", "sam"),),
    ),
    # a global hides the universal one
    "fish-global-over-universal": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR --export §:10\\x2e3\\x2e0\n",
         "~/.config/fish/conf.d/gpu.fish": "set -gx § 11.0.0\n"},
        (s("~/.config/fish/conf.d/gpu.fish:1", "sam", "11.0.0"),),
    ),
    # man 5 crontab: a setting holds for the jobs below it
    "cron-between-jobs": (
        {"/etc/cron.d/llm": "0 4 * * * sam true\n§=10.3.0\n0 5 * * * sam true\nHIP_VISIBLE_DEVICES=1\n"},
        (s("/etc/cron.d/llm:2", "all"),),
    ),
    # sshd_config: the first SetEnv is used, later ones are not
    "sshd-first-setenv": (
        {"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n",
         "/etc/ssh/sshd_config.d/10-gpu.conf": "SetEnv LANG=C §=10.3.0\n",
         "/etc/ssh/sshd_config.d/20-gpu.conf": "SetEnv §=11.0.0\n"},
        (s("/etc/ssh/sshd_config.d/10-gpu.conf:1", "all"),),
    ),
    # podman-systemd.unit: the admin's file hides the vendor's
    "quadlet-etc-over-usr": (
        {"/usr/share/containers/systemd/o.container": "[Container]\nImage=x\nEnvironment=§=10.3.0\n",
         "/etc/containers/systemd/o.container": "[Container]\nImage=x\nLabel=§=9.0.0\nEnvironment=§=11.0.0\n"},
        (s("/etc/containers/systemd/o.container:4", "all", "11.0.0"),),
    ),
    # compose: environment beats env_file
    "compose-two-env-files": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    env_file:\n      - a.env\n      - b.env\n    labels:\n      - §=9.0.0\n",
         "~/comfy/a.env": "§=10.3.0\n", "~/comfy/b.env": "# §=9.0.6\n§=11.0.0\n"},
        (s("~/comfy/b.env:2", "sam", "11.0.0"),),
    ),
    "compose-override-file": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      §: 10.3.0\n",
         "~/comfy/compose.override.yaml": "services:\n  c:\n    environment:\n      - §=11.0.0\n"},
        (s("~/comfy/compose.override.yaml:4", "sam", "11.0.0"),),
    ),
    # an anchor that is merged; the local key wins over the merged one
    "compose-anchor-used": (
        {"~/comfy/docker-compose.yaml": "x-env: &e\n  §: 10.3.0\n  HIP_VISIBLE_DEVICES: \"1\"\nservices:\n  c:\n    image: x\n    environment:\n      <<: *e\n      §: 11.0.0\n"},
        (s("~/comfy/docker-compose.yaml:3", "sam", "1", "HIP_VISIBLE_DEVICES"),
         s("~/comfy/docker-compose.yaml:9", "sam", "11.0.0")),
    ),
    # GKeyFile: a group may stand twice; [Context] is not the environment
    "flatpak-two-groups": (
        {"/var/lib/flatpak/overrides/global": "[Context]\n§=9.0.0\ndevices=all;\n\n[Environment]\nA=1\n#§=9.0.6\n[Environment]\n§=10.3.0\n"},
        (s("/var/lib/flatpak/overrides/global:9", "all"),),
    ),
    "kernel-metadata-and-env": (
        {"~/.local/share/jupyter/kernels/rocm/kernel.json":
         "{\"argv\": [\"python\", \"-m\", \"ipykernel_launcher\", \"-f\", \"{connection_file}\"],\n \"display_name\": \"x\",\n"
         " \"metadata\": {\"env\": {\"§\": \"9.0.0\"}},\n \"env\": {\n  \"§\": \"10.3.0\"}}\n"},
        (s("~/.local/share/jupyter/kernels/rocm/kernel.json:5", "sam"),),
    ),
    # settings.json is JSON with comments
    "vscode-comments": (
        {"~/.config/Code/User/settings.json":
         "{\n  // \"terminal.integrated.env.linux\": {\"§\": \"9.0.0\"},\n  \"terminal.integrated.env.osx\": {\"§\": \"9.0.6\"},\n"
         "  \"terminal.integrated.env.linux\": {\n    /* \"§\": \"9.0.8\", */\n    \"§\": \"10.3.0\"\n  }\n}\n"},
        (s("~/.config/Code/User/settings.json:6", "sam"),),
    ),
    # deactivate() is only defined: its unset is not run
    "venv-deactivate-unsets": (
        {"~/venv/bin/activate":
         "deactivate () {\n    unset §\n    unset VIRTUAL_ENV\n}\nVIRTUAL_ENV=/home/sam/venv\nexport VIRTUAL_ENV\nexport §=10.3.0\n"},
        (s("~/venv/bin/activate:7", "sam"),),
    ),
    # man 5 systemd.exec: UnsetEnvironment=K=v removes only this very assignment
    "unit-unset-other-value": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/off.conf": "[Service]\nUnsetEnvironment=§=11.0.0 MY_§\n"},
        (s("/usr/lib/systemd/system/ollama.service:3", "all"),),
    ),
    # unset -f removes a function, never the variable
    "bash-unset-f": (
        {"~/.bashrc": ". ~/.gpu\nunset -f §\nnever() {\n  unset §\n}\n", "~/.gpu": "export §=9.0.0\nexport §=10.3.0\nreturn 0\nunset §\n"},
        (s("~/.gpu:2", "sam"),),
    ),
}

SEVENTEENTH_CALM: Rows = {
    # --- PAM
    # man 5 pam_env.conf: empty DEFAULT undefines
    "dot-pam-environment": ({"~/.pam_environment": "#§ DEFAULT=10.3.0\n# §=11.0.0\n", "~/.pam_environment.old": "§=9.0.0\n"}, ()),
    # --- environment.d
    "envd-masked-null": (
        {"/usr/lib/environment.d/90-rocm.conf": "§=10.3.0\n", "/etc/environment.d/90-rocm.conf": "->/dev/null"}, ()),
    # --- systemd
    "unit-masked": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service": "->/dev/null"}, ()),
    "unit-reset-by-dropin": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=\nEnvironment=A=1\n"}, ()),
    "dropin-reset-by-vendor-later-name": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\n",
         "/etc/systemd/system/ollama.service.d/10-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/usr/lib/systemd/system/ollama.service.d/90-clean.conf": "[Service]\nEnvironment=\n"}, ()),
    "dropin-masked-same-name": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\n",
         "/usr/lib/systemd/system/ollama.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/gpu.conf": "# off\n#Environment=§=11.0.0\n"}, ()),
    "dropin-extension-directory": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\n",
         "/etc/systemd/system/ollama.service.d/gpu.conf.bak": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/gpu": "[Service]\nEnvironment=§=11.0.0\n",
         "/etc/systemd/system/ollama.d/gpu.conf": "[Service]\nEnvironment=§=9.0.0\n"}, ()),
    "unit-unset-environment": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\nEnvironmentFile=/etc/default/ollama\n",
         "/etc/default/ollama": "§=11.0.0\n",
         "/etc/systemd/system/ollama.service.d/off.conf": "[Service]\nUnsetEnvironment=§\n"}, ()),
    "unit-continued-environment": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironment=A=1 \\\nEnvironment=§=10.3.0\n"}, ()),
    "unit-quoted-note": (
        {"/etc/systemd/system/ollama.service":
         "[Service]\nExecStart=/bin/true\nEnvironment=\"NOTE=use §=10.3.0 §=11.0.0\" A=1\n# Environment=§=9.0.0\n; Environment=§=9.0.6\n"}, ()),
    "unit-pass-and-pre": (
        {"/etc/systemd/system/ollama.service":
         "[Service]\nPassEnvironment=§\nExecStartPre=/bin/sh -c 'echo §=10.3.0'\nExecStart=/bin/true\n"}, ()),
    "envfile-list-reset": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironmentFile=-/etc/default/ollama\n",
         "/etc/default/ollama": "§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/o.conf": "[Service]\nEnvironmentFile=\n"}, ()),
    "service-d-masked": (
        {"/usr/lib/systemd/system/service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/service.d/gpu.conf": "->/dev/null",
         "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\n"}, ()),
    "system-conf-reset": (
        {"/etc/systemd/system.conf.d/10-gpu.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
         "/etc/systemd/system.conf.d/20-off.conf": "[Manager]\nDefaultEnvironment=\n"}, ()),
    "user-unit-reset": (
        {"~/.config/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\nEnvironment=§=10.3.0\n",
         "~/.config/systemd/user/comfy.service.d/z.conf": "[Service]\nUnsetEnvironment=§\n"}, ()),
    # --- shells
    "bash-unset-in-sourced": (
        {"~/.bashrc": "export §=10.3.0\nexport HIP_VISIBLE_DEVICES=1\n. ~/.gpu_off\n", "~/.gpu_off": "unset § HIP_VISIBLE_DEVICES\n"}, ()),
    "bash-export-n": (
        {"~/.bashrc": "export §=10.3.0\nexport HIP_VISIBLE_DEVICES=1\nexport -n §\ndeclare +x HIP_VISIBLE_DEVICES\n"}, ()),
    "bash-subshell-pipeline": (
        {"~/.bashrc": "( export §=10.3.0 )\nexport §=11.0.0 | cat\nx=$(export §=9.0.0; echo a)\n{ export §=9.0.6; } &\nwait\n"}, ()),
    "bash-function-local": (
        {"~/.bashrc": "gpu() {\n  local -x §=10.3.0\n  declare -x HIP_VISIBLE_DEVICES=1\n}\ngpu\nold_gpu() {\n  export §=11.0.0\n}\n"}, ()),
    "bash-other-shell-os": (
        {"~/.bashrc": "if [ -n \"$ZSH_VERSION\" ]; then\n  export §=10.3.0\nfi\nif [[ $OSTYPE == darwin* ]]; then\n  export §=11.0.0\nfi\n"
         "if [ \"$(uname -s)\" = FreeBSD ]; then export §=9.0.0; fi\nif false; then\n  . ~/.gpu\nfi\n", "~/.gpu": "export §=9.0.6\n"}, ()),
    "bash-heredoc-print": (
        {"~/.bashrc": "cat <<EOF\nexport §=10.3.0\nEOF\n: <<'OLD'\nexport §=11.0.0\nOLD\necho \"export §=9.0.0\"\nprintf '%s\\n' 'export §=9.0.6'\n"}, ()),
    "bash-not-exported-source": (
        {"~/.bashrc": "set -a\nset +a\n. ~/rocm.env\n", "~/rocm.env": "§=10.3.0\nHIP_VISIBLE_DEVICES=1\nLD_LIBRARY_PATH_OLD=/opt/rocm/lib\n"}, ()),
    "bash-sourced-return": (
        {"~/.bashrc": ". ~/.gpu\n", "~/.gpu": "# nothing below is wanted\nreturn 0\nexport §=10.3.0\nexport LD_LIBRARY_PATH=/opt/rocm/lib\n"}, ()),
    "bash-read-only-uses": (
        {"~/.bashrc": "[ -n \"$§\" ] && echo \"gfx ${§:-10.3.0}\"\n[ \"${§:-}\" = 11.0.0 ] && echo navi3\nx=\"${§:-9.0.0}\"\n"}, ()),
    # man bash: the first of .bash_profile, .bash_login, .profile
    "bash-login-shadowed": ({"~/.bash_profile": "[ -f ~/.bashrc ] && . ~/.bashrc\n", "~/.bash_login": "export §=10.3.0\n", "~/.bashrc": "PS1='$ '\n"}, ()),
    "bash-bashrc-commented": (
        {"/etc/bash.bashrc": "# export §=10.3.0\n[ \"${§+x}\" ] && true\nMY_§=11.0.0\nexport MY_§\n", "/etc/bash.bashrc.dpkg-old": "export §=9.0.0\n"}, ()),
    "dash-profile": (
        {"/etc/passwd": DASH, "~/.profile": "§=10.3.0\nif [ -n \"$BASH_VERSION\" ]; then\n  export HIP_VISIBLE_DEVICES=1\nfi\n. \"$HOME/.gpu\"\n",
         "~/.gpu": "unset §\nif grep -qi microsoft /proc/version; then\n  export §=11.0.0\nfi\n"}, ()),
    "zsh-env-unexported": (
        {"/etc/passwd": ZSH, "~/.zshenv": "export §=10.3.0\nsource ~/.gpu.zsh\n", "~/.gpu.zsh": "typeset +x §\nif [[ $OSTYPE == darwin* ]]; then\n  export §=11.0.0\nfi\n"}, ()),
    "zsh-env-local": (
        {"/etc/passwd": ZSH, "~/.zshenv": "() {\n  local -x §=10.3.0\n}\nif [[ -n $BASH_VERSION ]]; then export §=11.0.0; fi\n§=9.0.0\n"}, ()),
    "zsh-zdotdir-old-rc": (
        {"/etc/passwd": ZSH, "~/.zshenv": "ZDOTDIR=$HOME/.config/zsh\n", "~/.zshrc": "export §=10.3.0\n", "~/.zprofile": "export §=11.0.0\n",
         "~/.config/zsh/.zshrc": "PS1='%% '\n"}, ()),
    "zsh-system-files": (
        {"/etc/passwd": ZSH, "/etc/zsh/zshenv": "# export §=10.3.0\n", "/etc/zsh/zlogin": "export §=11.0.0\nunset §\n", "/etc/zsh/zshenv.zwc.old": "export §=9.0.0\n"}, ()),
    "fish-not-exported": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -g § 10.3.0\nset -gx HIP_VISIBLE_DEVICES 1\nset -gu HIP_VISIBLE_DEVICES\n",
         "~/.config/fish/conf.d/gpu.fish.bak": "set -gx § 11.0.0\n"}, ()),
    "fish-block-function": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "begin\n  set -lx § 10.3.0\nend\nif test (uname) = Darwin\n  set -gx § 11.0.0\nend\necho set -gx § 9.0.0\n",
         "~/.config/fish/functions/oldgpu.fish": "function oldgpu\n  set -gx § 9.0.6\nend\n"}, ()),
    "fish-vendor-masked": (
        {"/etc/passwd": FISH, "/usr/share/fish/vendor_conf.d/gpu.fish": "set -gx § 10.3.0\n", "/etc/fish/conf.d/gpu.fish": "# set -gx § 11.0.0\n"}, ()),
    "fish-universal-not-exported": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR §:10\\x2e3\\x2e0\nSETUVAR --export MY_§:11\\x2e0\\x2e0\n# SETUVAR --export §:9\\x2e0\\x2e0\n"}, ()),
    # --- X, Plasma
    "xprofile-unset": ({"/etc/xprofile": "#export §=9.0.0\n", "~/.xprofile": "export §=10.3.0\n. ~/.xgpu\n", "~/.xgpu": "unset §\n"}, ()),
    # x11-common's run_parts: only letters, digits, _ and -
    "xsession-d-names": (
        {"/etc/X11/Xsession.d/90rocm.sh": "export §=10.3.0\n", "/etc/X11/Xsession.d/90rocm.dpkg-old": "export §=11.0.0\n",
         "/etc/X11/Xsession.d/91gpu": "# export §=9.0.0\n"}, ()),
    "xsessionrc-subshell": ({"~/.xsessionrc": "( . ~/.xgpu )\nif false; then . ~/.xgpu; fi\n§=11.0.0\n", "~/.xgpu": "export §=10.3.0\n"}, ()),
    # startplasma: only *.sh
    "plasma-env-names": (
        {"~/.config/plasma-workspace/env/rocm.sh.off": "export §=10.3.0\n", "~/.config/plasma-workspace/env/gpu.sh": "# export §=11.0.0\ntest -z \"$§\" || echo \"$§\"\n"}, ()),
    # --- cron
    # --- sshd
    "sshd-second-setenv": (
        {"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nSetEnv §=10.3.0\n", "/etc/ssh/sshd_config.d/x.conf": "SetEnv LANG=C\nSetEnv §=11.0.0\n"}, ()),
    "sshd-accept-client": (
        {"/etc/ssh/sshd_config.d/x.conf": "AcceptEnv §\n#SetEnv §=10.3.0\n", "/etc/ssh/sshd_config.d/x.conf.off": "SetEnv §=11.0.0\n",
         "~/.ssh/config": "Host gpubox\n  # SetEnv §=9.0.0\n  SendEnv §\n"}, ()),
    # --- containers
    "quadlet-wrong-keys": (
        {"/etc/containers/systemd/o.container": "[Container]\nImage=x\nLabel=§=10.3.0\nAnnotation=§=11.0.0\n#Environment=§=9.0.0\n",
         "/etc/containers/systemd/p.container.bak": "[Container]\nImage=x\nEnvironment=§=9.0.6\n"}, ()),
    "quadlet-shadowed": (
        {"/usr/share/containers/systemd/o.container": "[Container]\nImage=x\nEnvironment=§=10.3.0\n", "/etc/containers/systemd/o.container": "[Container]\nImage=x\n"}, ()),
    "quadlet-dropin-extension": (
        {"~/.config/containers/systemd/o.container": "[Container]\nImage=x\n", "~/.config/containers/systemd/o.container.d/gpu.conf.off": "[Container]\nEnvironment=§=10.3.0\n",
         "~/.config/containers/systemd/o.container.d/a.conf": "[Unit]\nEnvironment=§=11.0.0\n"}, ()),
    "containers-conf-replaced": (
        {"/etc/containers/containers.conf.d/50-gpu.conf": "[containers]\nenv = [\"§=10.3.0\"]\n", "/etc/containers/containers.conf.d/60-off.conf": "[containers]\nenv = [\"A=1\"]\n"}, ()),
    "containers-conf-table": (
        {"/etc/containers/containers.conf.d/x.conf": "[containers]\nannotations = [\"§=10.3.0\"]\n# env = [\"§=11.0.0\"]\n[network]\nenv = [\"§=9.0.0\"]\n",
         "/etc/containers/containers.conf.d/y.conf.bak": "[containers]\nenv = [\"§=9.0.6\"]\n"}, ()),
    "cdi-annotations": (
        {"/etc/cdi/x.json": "{\"cdiVersion\":\"0.6.0\",\"kind\":\"a.b/c\",\"annotations\":{\"x.y/note\":\"§=10.3.0\"},\n\"devices\":[{\"name\":\"0\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/kfd\"}]}}]}\n",
         "/etc/cdi/x.json.bak": "{\"cdiVersion\":\"0.6.0\",\"kind\":\"a.b/c\",\"devices\":[],\"containerEdits\":{\"env\":[\"§=11.0.0\"]}}\n"}, ()),
    "compose-profile-anchor": (
        {"~/comfy/docker-compose.yaml": "x-env: &e\n  §: 10.3.0\nservices:\n  c:\n    image: x\n    labels:\n      - §=9.0.0\n  rocm:\n    image: x\n    profiles: [rocm]\n    environment:\n      - §=11.0.0\n"}, ()),
    # --- flatpak
    "flatpak-context": (
        {"/var/lib/flatpak/overrides/global": "[Context]\n§=10.3.0\nunset-environment=§;\n\n[Environment]\n#§=11.0.0\nA=1\n",
         "~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Session Bus Policy]\n§=9.0.0\n"}, ()),
    # --- Jupyter, VS Code, launchers, venv
    "kernel-wrong-level": (
        {"~/.local/share/jupyter/kernels/rocm/kernel.json": "{\"argv\": [\"python\"], \"display_name\": \"§=9.0.0\",\n \"metadata\": {\"env\": {\"§\": \"10.3.0\"}},\n \"§\": \"11.0.0\"}\n",
         "~/.local/share/jupyter/kernels/rocm/kernel.json.bak": "{\"argv\": [\"python\"], \"display_name\": \"x\", \"env\": {\"§\": \"9.0.6\"}}\n"}, ()),
    "vscode-other-os": (
        {"~/.config/Code/User/settings.json": "{\n  \"terminal.integrated.env.osx\": {\"§\": \"10.3.0\"},\n  \"terminal.integrated.env.windows\": {\"§\": \"11.0.0\"},\n"
         "  // \"terminal.integrated.env.linux\": {\"§\": \"9.0.0\"},\n  \"terminal.integrated.env.linux\": {\"§\": null}\n}\n"}, ()),
    "webui-not-exported": (
        {"~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n#export §=10.3.0\n§=11.0.0\nexport COMMANDLINE_ARGS=\"--no-half\"\n",
         "~/stable-diffusion-webui/webui-user.bat": "@echo off\nset §=9.0.0\ncall webui.bat\n"}, ()),
    "venv-in-uncalled-function": (
        {"~/venv/bin/activate": "deactivate () {\n    unset VIRTUAL_ENV\n}\n_old_gpu () {\n    export §=10.3.0\n}\ndeactivate nondestructive\nexport §=11.0.0\nunset §\n",
         "~/venv/bin/activate.bat": "set §=9.0.0\n"}, ()),
    # --- Python and documents
    # --- several files, later word wins
    "environment-comments": (
        {"/etc/environment": "PATH=\"/usr/bin:/bin\"\n  # §=10.3.0\n#§=11.0.0\nMY_§=9.0.0\nset §=9.0.6\nsetenv § 9.0.8\n",
         "/etc/environment.bak": "§=8.0.3\n", "/etc/environment.dpkg-old": "§=9.0.10\n"}, ()),
    # man 5 pam_env.conf: a name without values is undefined again
    "pam-env-conf-undefined-later": (
        {"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0\nHIP_VISIBLE_DEVICES DEFAULT=1\n§ DEFAULT=\nHIP_VISIBLE_DEVICES\n# § DEFAULT=11.0.0\nMY_§ DEFAULT=9.0.0\n"}, ()),
    "envd-names-export": (
        {"/etc/environment.d/90-rocm.conf.disabled": "§=10.3.0\n", "/etc/environment.d/90-gpu.env": "§=11.0.0\n",
         "~/.config/environment.d/old/90-rocm.conf": "§=9.0.0\n", "~/.config/environment.d/90-rocm.conf": "export §=9.0.6\nset §=9.0.8\n"}, ()),
    "envd-continued-quoted": (
        {"/etc/environment.d/90-rocm.conf": "NOTE=wanted \\\n§=10.3.0\n; §=11.0.0\n", "~/.config/environment.d/91-rocm.conf": "TEXT='\n§=9.0.0\n'\n"}, ()),
    "unit-wrong-section": (
        {"/etc/systemd/system/ollama.service":
         "[Unit]\nEnvironment=§=10.3.0\n[Service]\nExecStart=/bin/true\nEnviroment=§=9.0.0\n§=9.0.6\n[Install]\nEnvironment=§=11.0.0\nWantedBy=multi-user.target\n"}, ()),
    "envfile-export-comment": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/bin/true\nEnvironmentFile=/etc/default/ollama\n",
         "/etc/default/ollama": "export §=10.3.0\n;§=11.0.0\nNOTE=a \\\n§=9.0.0\n", "/etc/default/ollama.dpkg-dist": "§=9.0.6\n"}, ()),
    "user-conf-masked": (
        {"/usr/lib/systemd/user.conf.d/gpu.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
         "/etc/systemd/user.conf.d/gpu.conf": "[Service]\nDefaultEnvironment=§=9.0.0\n[Manager]\n# DefaultEnvironment=§=11.0.0\nEnvironment=§=9.0.6\n"}, ()),
    "profiled-unset-later": (
        {"/etc/profile.d/10-rocm.sh": "export §=10.3.0\nexport LD_LIBRARY_PATH=/opt/rocm/lib\n", "/etc/profile.d/90-off.sh": "unset §\nunset LD_LIBRARY_PATH\n",
         "/etc/profile.d/rocm.sh.disabled": "export §=11.0.0\n", "/etc/profile.d/old/rocm.sh": "export §=9.0.0\n"}, ()),
    "bash-never-true": (
        {"/etc/hostname": "gpubox\n",
         "~/.bashrc": "false && export §=10.3.0\ntrue || export §=11.0.0\nwhile false; do export §=9.0.0; done\ncase linux in darwin) export §=9.0.6 ;; esac\n"
         "if [ \"$USER\" = root ]; then\n  export HIP_VISIBLE_DEVICES=1\nfi\n[ \"$(hostname)\" = otherbox ] && export HIP_VISIBLE_DEVICES=2\n"}, ()),
    "bash-unset-loop": (
        {"~/.bashrc": "export §=10.3.0 HIP_VISIBLE_DEVICES=1\n. ~/.gpu_off\n", "~/.gpu_off": "for v in § HIP_VISIBLE_DEVICES; do\n  unset \"$v\"\ndone\n"}, ()),
    "zsh-unset-pattern": (
        {"/etc/passwd": ZSH, "~/.zshenv": "export §=10.3.0\nexport HIP_VISIBLE_DEVICES=1\n. ~/.gpu_off\n", "~/.gpu_off": "unset -m 'HSA_*'\nunset -v HIP_VISIBLE_DEVICES\n"}, ()),
    "fish-erased-in-config": (
        {"/etc/passwd": FISH, "~/.config/fish/conf.d/gpu.fish": "set -gx § 10.3.0\nset -gx HIP_VISIBLE_DEVICES 1\n",
         "~/.config/fish/config.fish": "set --erase --global § HIP_VISIBLE_DEVICES\n"}, ()),
    # x11-common: 40x11-common_xsessionrc sources ~/.xsessionrc, 90… comes later
    "xsessionrc-unset-by-90": (
        {"~/.xsessionrc": "export §=10.3.0\n", "/etc/X11/Xsession.d/90off": "unset §\n"}, ()),
    # startplasma sources the files of one directory in the order of their names, in one shell
    "plasma-env-unset-later": (
        {"~/.config/plasma-workspace/env/10-rocm.sh": "export §=10.3.0\n", "~/.config/plasma-workspace/env/90-off.sh": "unset §\n"}, ()),
    "cron-below-all-jobs": (
        {"/etc/cron.d/llm": "SHELL=/bin/sh\n0 5 * * * sam true\n§=10.3.0\n# §=11.0.0\n",
         "/etc/cron.d/llm.disabled": "§=9.0.6\n0 5 * * * sam true\n",
         "/var/spool/cron/crontabs/sam": "0 6 * * * echo §=9.0.0\nHIP_VISIBLE_DEVICES=1\n"}, ()),
    "quadlet-dropin-other-group": (
        {"/etc/containers/systemd/o.container": "[Container]\nImage=x\nExec=echo §=9.0.0\n",
         "/etc/containers/systemd/o.container.d/x.conf": "[Container]\n;Environment=§=10.3.0\nLabel=§=11.0.0\n"}, ()),
    # .env only feeds ${}; command is an argument list
    "compose-dotenv-unused": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    command: [\"echo\", \"§=11.0.0\"]\n    environment:\n      A: \"1\"\n",
         "~/comfy/.env": "§=10.3.0\n", "~/comfy/.env.example": "§=9.0.0\n"}, ()),
}
