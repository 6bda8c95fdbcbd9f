# ruff: noqa: E501 - tables of texts, a case a line
"""Places that set a variable for some program, as its readers take them, and what only looks like one.

The first 45 were tried on Debian 12 and 13: who reads each is in the comment. `~` is the home of who owns the torch.
"""

from __future__ import annotations

KEY = "HSA_OVERRIDE_GFX_VERSION"
UNIT = "[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"

# (path, text, the line that decides); K stands for the variable.
TRIED = (
    ("/etc/environment", "K=10.3.0", 1),  # every PAM login, cron, su; user manager
    ("/etc/environment", "export K=10.3.0", 1),  # PAM only (systemd rejects the line)
    ("/etc/security/pam_env.conf", "K DEFAULT=10.3.0", 1),  # every PAM login
    ("/etc/environment.d/90-x.conf", "K=10.3.0", 1),  # user manager
    ("/usr/lib/environment.d/90-x.conf", "K=10.3.0", 1),  # user manager
    ("/etc/profile.d/x.sh", "export K=10.3.0", 1),  # login shells
    ("/etc/bash.bashrc", "export K=10.3.0", 1),  # bash interactive, ssh cmd
    ("/etc/zsh/zshenv", "export K=10.3.0", 1),  # every zsh
    ("/etc/zsh/zlogin", "export K=10.3.0", 1),  # zsh login
    ("/etc/fish/conf.d/x.fish", "set -gx K 10.3.0", 1),  # every fish
    ("/etc/xprofile", "export K=10.3.0", 1),  # SDDM/GDM X11
    ("/etc/set-environment", 'export K="10.3.0"', 1),  # NixOS, by every shell
    ("/etc/nixos/configuration.nix", '{\n  environment.variables.K = "10.3.0";\n}', 2),  # what it is made from
    ("/etc/nixos/gpu.nix", '  systemd.services.ollama.environment.K = "10.3.0";', 1),
    ("~/.config/home-manager/home.nix", '  home.sessionVariables = {\n    K = "10.3.0";\n  };', 2),
    ("/etc/X11/Xsession.d/90x", "export K=10.3.0", 1),  # Debian X11 sessions
    ("/etc/systemd/system.conf.d/x.conf", "[Manager]\nDefaultEnvironment=K=10.3.0", 2),  # every system service
    ("/etc/systemd/user.conf.d/x.conf", "[Manager]\nDefaultEnvironment=K=10.3.0", 2),  # every user service
    ("/etc/systemd/system/ollama.service", '[Service]\nExecStart=/bin/true\nEnvironment="K=10.3.0"', 3),  # the service
    ("/etc/systemd/system/ollama.service.d/override.conf", '[Service]\nEnvironment="K=10.3.0"', 2),  # the service
    ("/etc/systemd/system/service.d/x.conf", "[Service]\nEnvironment=K=10.3.0", 2),  # every service
    (
        "/usr/lib/systemd/system/ollama.service",
        "[Service]\nExecStart=/bin/true\nEnvironment=K=10.3.0",
        3,
    ),  # the service
    ("/etc/default/ollama", "K=10.3.0", 1),  # by EnvironmentFile=
    ("/etc/containers/systemd/o.container", "[Container]\nImage=x\nEnvironment=K=10.3.0", 3),  # the container
    ("/etc/containers/systemd/o.container.d/x.conf", "[Container]\nEnvironment=K=10.3.0", 2),  # the container
    (
        "/etc/containers/containers.conf.d/x.conf",
        '[containers]\nenv=["K=10.3.0"]',
        2,
    ),  # every podman container without it in the image
    (
        "/etc/cdi/x.json",
        '{"cdiVersion":"0.6.0","kind":"a.b/c","devices":[],"containerEdits":{"env":["K=10.3.0"]}}',
        1,
    ),  # containers with that device; beats --env
    ("/var/lib/flatpak/overrides/global", "[Environment]\nK=10.3.0", 2),  # every flatpak
    ("/var/spool/cron/crontabs/sam", "K=10.3.0\n0 5 * * * true", 1),  # cron jobs
    ("/etc/cron.d/x", "K=10.3.0\n0 5 * * * sam true", 1),  # cron jobs
    ("/etc/ssh/sshd_config.d/x.conf", "SetEnv K=10.3.0", 1),  # ssh
    ("~/.pam_environment", "K DEFAULT=10.3.0", 1),  # Debian 12 ssh/at only
    ("~/.config/environment.d/x.conf", "K=10.3.0", 1),  # user manager
    ("~/.profile", "export K=10.3.0", 1),  # sh logins
    ("~/.bashrc", "export K=10.3.0", 1),  # bash
    ("~/.zshenv", "export K=10.3.0", 1),  # zsh
    ("~/.xprofile", "export K=10.3.0", 1),  # X11
    ("~/.xsessionrc", "export K=10.3.0", 1),  # Debian X11
    ("~/.config/plasma-workspace/env/x.sh", "export K=10.3.0", 1),  # Plasma
    ("~/.config/fish/config.fish", "set -gx K 10.3.0", 1),  # fish
    ("~/.config/fish/fish_variables", "# VERSION: 3.0\nSETUVAR --export K:10\\x2e3\\x2e0", 2),  # fish, universal
    ("~/.config/systemd/user/comfy.service", "[Service]\nExecStart=/bin/true\nEnvironment=K=10.3.0", 3),  # user service
    ("~/.config/containers/systemd/o.container", "[Container]\nImage=x\nEnvironment=K=10.3.0", 3),  # rootless quadlet
    (
        "~/.local/share/jupyter/kernels/rocm/kernel.json",
        '{"argv":["python"],"display_name":"x","env":{"K":"10.3.0"}}',
        1,
    ),  # the kernel; beats the server
    ("~/.local/share/flatpak/overrides/com.jeffser.Alpaca", "[Environment]\nK=10.3.0", 2),  # that flatpak
    ("~/.config/Code/User/settings.json", '{"terminal.integrated.env.linux":{"K":"10.3.0"}}', 1),  # VS Code terminals
    ("~/comfy/docker-compose.yaml", "services:\n  c:\n    image: x\n    environment:\n      - K=10.3.0", 5),  # compose
    ("~/stable-diffusion-webui/webui-user.sh", "export K=10.3.0", 1),  # A1111 / forge
    ("~/venv/bin/activate", "export K=10.3.0", 1),  # an activated venv
)
# name: (files, the places that are named); a text that begins with -> is a link.
SPELLINGS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "unit-multi": (
        {"/etc/systemd/system/comfy.service": UNIT + "Environment=\"FOO=1\" 'K=10.3.0'\n"},
        ("/etc/systemd/system/comfy.service:3",),
    ),
    "unit-continued": (
        {"/etc/systemd/system/comfy.service": UNIT + "Environment=FOO=1 \\\n  K=10.3.0\n"},
        ("/etc/systemd/system/comfy.service:4",),
    ),
    "template-instance": (
        {
            "/etc/systemd/system/comfy@.service": UNIT,
            "/etc/systemd/system/comfy@b.service.d/60.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        ("/etc/systemd/system/comfy@b.service.d/60.conf:2",),
    ),
    "run-unit": (
        {"/run/systemd/system/x.service": UNIT + "Environment=K=10.3.0\n"},
        ("/run/systemd/system/x.service:3",),
    ),
    "local-lib-unit": (
        {"/usr/local/lib/systemd/system/x.service": UNIT + "Environment=K=10.3.0\n"},
        ("/usr/local/lib/systemd/system/x.service:3",),
    ),
    "envfile-beats": (
        {
            "/etc/systemd/system/x.service": UNIT + "Environment=K=10.3.0\nEnvironmentFile=-/etc/sysconfig/llama\n",
            "/etc/sysconfig/llama": "K=11.0.0\n",
        },
        ("/etc/sysconfig/llama:1",),
    ),
    "user-envfile": (
        {
            "~/.config/systemd/user/x.service": UNIT + "EnvironmentFile=/home/sam/comfy.env\n",
            "~/comfy.env": '# x\nK="10.3.0"\n',
        },
        ("~/comfy.env:2",),
    ),
    "user-envfile-%h": (
        {"~/.config/systemd/user/x.service": UNIT + "EnvironmentFile=%h/comfy.env\n", "~/comfy.env": "K=10.3.0\n"},
        ("~/comfy.env:1",),
    ),
    "local-share-user-unit": (
        {"~/.local/share/systemd/user/x.service": UNIT + "Environment=K=10.3.0\n"},
        ("~/.local/share/systemd/user/x.service:3",),
    ),
    "system.conf": (
        {"/etc/systemd/system.conf": '[Manager]\nDefaultEnvironment="A=1" "K=10.3.0"\n'},
        ("/etc/systemd/system.conf:2",),
    ),
    "usr-lib-system.conf.d": (
        {"/usr/lib/systemd/system.conf.d/x.conf": "[Manager]\nDefaultEnvironment=K=10.3.0\n"},
        ("/usr/lib/systemd/system.conf.d/x.conf:2",),
    ),
    "ManagerEnvironment-no": ({"/etc/systemd/system.conf": "[Manager]\nManagerEnvironment=K=10.3.0\n"}, ()),
    "quadlet-subdir": (
        {"~/.config/containers/systemd/ai/o.container": "[Container]\nImage=x\nEnvironment=K=10.3.0\n"},
        ("~/.config/containers/systemd/ai/o.container:3",),
    ),
    "quadlet-users": (
        {"/etc/containers/systemd/users/o.container": "[Container]\nImage=x\nEnvironment=K=10.3.0\n"},
        ("/etc/containers/systemd/users/o.container:3",),
    ),
    "quadlet-envfile": (
        {
            "~/.config/containers/systemd/o.container": "[Container]\nImage=x\nEnvironmentFile=./o.env\n",
            "~/.config/containers/systemd/o.env": "K=10.3.0\n",
        },
        ("~/.config/containers/systemd/o.env:1",),
    ),
    "containers.conf-multiline": (
        {"~/.config/containers/containers.conf": '[containers]\nenv = [\n  "A=1",\n  "K=10.3.0",\n]\n'},
        ("~/.config/containers/containers.conf:4",),
    ),
    "cdi-yaml": (
        {"/etc/cdi/amd.yaml": "cdiVersion: 0.6.0\ncontainerEdits:\n  env:\n  - K=10.3.0\n"},
        ("/etc/cdi/amd.yaml:4",),
    ),
    "cron-spaces": ({"/etc/cron.d/x": 'K = "10.3.0"\n0 5 * * * sam true\n'}, ("/etc/cron.d/x:1",)),
    "cron-inline": ({"/etc/cron.d/x": "0 5 * * * sam K=10.3.0 python3 train.py\n"}, ("/etc/cron.d/x:1",)),
    "crontab": ({"/etc/crontab": "K=10.3.0\n"}, ("/etc/crontab:1",)),
    "sshd-two": ({"/etc/ssh/sshd_config": "Port 22\nsetenv A=1 K=10.3.0\n"}, ("/etc/ssh/sshd_config:2",)),
    "sshd-equals": ({"/etc/ssh/sshd_config.d/x.conf": "SetEnv=K=10.3.0\n"}, ("/etc/ssh/sshd_config.d/x.conf:1",)),
    "fish-universal-x": (
        {"~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR HSA_X:1\nSETUVAR --export K:10\\x2e3\\x2e0\n"},
        ("~/.config/fish/fish_variables:3",),
    ),
    "csh": ({"~/.cshrc": "setenv K 10.3.0\n"}, ("~/.cshrc:1",)),
    "tcsh": ({"~/.tcshrc": 'setenv K "10.3.0"\n'}, ("~/.tcshrc:1",)),
    "login": ({"~/.login": "setenv K 10.3.0\n"}, ("~/.login:1",)),
    "xinitrc": ({"~/.xinitrc": "export K=10.3.0\nexec i3\n"}, ("~/.xinitrc:1",)),
    "xsession": ({"~/.xsession": "export K=10.3.0\n"}, ("~/.xsession:1",)),
    "dconf-hypr": ({"~/.config/hypr/hyprland.conf": "env = K,10.3.0\n"}, ("~/.config/hypr/hyprland.conf:1",)),
    "uwsm": ({"~/.config/uwsm/env": "export K=10.3.0\n"}, ("~/.config/uwsm/env:1",)),
    "kernel-venv": (
        {
            "~/venv/share/jupyter/kernels/python3/kernel.json": '{\n "argv": ["python"],\n "env": {\n  "K": "10.3.0"\n }\n}\n'
        },
        ("~/venv/share/jupyter/kernels/python3/kernel.json:4",),
    ),
    "vscode-multi": (
        {
            "~/.config/Code/User/settings.json": '{\n  // mine\n  "terminal.integrated.env.linux": {\n    "K": "10.3.0",\n  },\n}\n'
        },
        ("~/.config/Code/User/settings.json:4",),
    ),
    "compose-override": (
        {"~/comfy/compose.override.yaml": 'services:\n  c:\n    environment:\n      K: "10.3.0"\n'},
        ("~/comfy/compose.override.yaml:4",),
    ),
    "compose-env-file": (
        {"~/c/compose.yaml": "services:\n  c:\n    env_file: gpu.env\n", "~/c/gpu.env": "# x\nK=10.3.0\n"},
        ("~/c/gpu.env:2",),
    ),
    "compose-env-files": (
        {
            "~/c/compose.yaml": "services:\n  c:\n    env_file:\n      - a.env\n      - path: ./b.env\n",
            "~/c/a.env": "K=10.3.0\n",
            "~/c/b.env": "K='11.0.0'\n",
        },
        ("~/c/b.env:1",),  # the last file wins
    ),
    "compose-env-file-that-nobody-names": ({"~/c/compose.yaml": "services:\n", "~/c/a.env": "K=10.3.0\n"}, ()),
    "devcontainer": (
        {"~/p/.devcontainer/devcontainer.json": '{\n "containerEnv": {"K": "10.3.0"}\n}\n'},
        ("~/p/.devcontainer/devcontainer.json:2",),
    ),
    "ssh-environment": (
        {"~/.ssh/environment": "K=10.3.0\n", "/etc/ssh/sshd_config": "PermitUserEnvironment yes\n"},
        ("~/.ssh/environment:1",),
    ),
    "ssh-environment-that-nobody-reads": (
        {"~/.ssh/environment": "K=10.3.0\n", "/etc/ssh/sshd_config": "PermitUserEnvironment no\n"},
        (),
    ),
    "ssh-environment-by-default": ({"~/.ssh/environment": "K=10.3.0\n"}, ()),
    "webui-of-navi-1": (
        {
            "~/sd/webui.sh": 'case "$gpu_info" in\n  *"Navi 1"*)\n    export K=10.3.0\n  ;;\n  *"Navi 2"*) export K=9.0.0\n  ;;\nesac'
        },
        ("~/sd/webui.sh:3",),
    ),
    "start-script": ({"~/x/start_linux.sh": "#!/bin/sh\nexport K=10.3.0\nexec x\n"}, ("~/x/start_linux.sh:2",)),
    "compose-opt": (
        {"/opt/ollama/docker-compose.yml": "services:\n  c:\n    environment:\n      - K=10.3.0\n"},
        ("/opt/ollama/docker-compose.yml:4",),
    ),
    "image": (
        {
            "~/.local/share/containers/storage/overlay-images/abc/=bWFuaWZlc3Q=": '{"config":{"Env":["PATH=/bin","K=10.3.0"]}}'
        },
        ("~/.local/share/containers/storage/overlay-images/abc/=bWFuaWZlc3Q=:1",),
    ),
    "etc-profile": ({"/etc/profile": "export K=10.3.0\n"}, ("/etc/profile:1",)),
    "bash_aliases": ({"~/.bash_aliases": "export K=10.3.0\n"}, ("~/.bash_aliases:1",)),
    "bashrc.d": ({"~/.bashrc.d/rocm.sh": "export K=10.3.0\n"}, ("~/.bashrc.d/rocm.sh:1",)),
    "webui-user-deep": (
        {"~/ai/stable-diffusion-webui/webui-user.sh": "export K=10.3.0\n"},
        ("~/ai/stable-diffusion-webui/webui-user.sh:1",),
    ),
    "desktop-entry": (
        {
            "~/.local/share/applications/comfy.desktop": "[Desktop Entry]\nExec=env K=10.3.0 /home/sam/venv/bin/python main.py\n"
        },
        ("~/.local/share/applications/comfy.desktop:2",),
    ),
    "pam-override": ({"/etc/security/pam_env.conf": 'K OVERRIDE="10.3.0"\n'}, ("/etc/security/pam_env.conf:1",)),
    "zdotdir-config": ({"~/.config/zsh/.zshrc": "export K=10.3.0\n"}, ("~/.config/zsh/.zshrc:1",)),
    "no-comment-nix": ({"/etc/nixos/configuration.nix": '  # environment.variables.K = "10.3.0";\n'}, ()),
    "no-nix-of-another-name": ({"/etc/nixos/configuration.nix": '  environment.variables.MY_K = "10.3.0";\n'}, ()),
    "no-comment-unit": ({"/etc/systemd/system/x.service": UNIT + "#Environment=K=10.3.0\n;Environment=K=10.3.0\n"}, ()),
    "no-reset": (
        {
            "/etc/systemd/system/x.service": UNIT + "Environment=K=10.3.0\n",
            "/etc/systemd/system/x.service.d/o.conf": "[Service]\nEnvironment=\n",
        },
        (),
    ),
    "no-unset": ({"/etc/systemd/system/x.service": UNIT + "Environment=K=10.3.0\nUnsetEnvironment=K\n"}, ()),
    "no-masked": (
        {
            "/usr/lib/systemd/system/x.service": UNIT + "Environment=K=10.3.0\n",
            "/etc/systemd/system/x.service": "->/dev/null",
        },
        (),
    ),
    "no-masked-dropin": (
        {
            "/usr/lib/systemd/system/x.service": UNIT,
            "/usr/lib/systemd/system/x.service.d/a.conf": "[Service]\nEnvironment=K=10.3.0\n",
            "/etc/systemd/system/x.service.d/a.conf": "->/dev/null",
        },
        (),
    ),
    "no-replaced-unit": (
        {"/usr/lib/systemd/system/x.service": UNIT + "Environment=K=10.3.0\n", "/etc/systemd/system/x.service": UNIT},
        (),
    ),
    "no-passenv": ({"/etc/systemd/system/x.service": UNIT + "PassEnvironment=K\n"}, ()),
    "no-unset-later": ({"~/.bashrc": "export K=10.3.0\nunset K\n"}, ()),
    "no-fish-erase": ({"~/.config/fish/config.fish": "set -gx K 10.3.0\nset -e K\n"}, ()),
    "no-fish-unexported": ({"~/.config/fish/fish_variables": "SETUVAR K:10\\x2e3\\x2e0\n"}, ()),
    "no-other-users-crontab": ({"/var/spool/cron/crontabs/bob": "K=10.3.0\n"}, ()),
    "no-vscode-windows": (
        {"~/.config/Code/User/settings.json": '{"terminal.integrated.env.windows":{"K":"10.3.0"}}'},
        (),
    ),
    "no-vscode-comment": (
        {"~/.config/Code/User/settings.json": '{"terminal.integrated.env.linux":{\n//"K":"10.3.0"\n}}'},
        (),
    ),
    "no-kernel-metadata": (
        {"~/.local/share/jupyter/kernels/r/kernel.json": '{"argv":["python"],"metadata":{"K":"10.3.0"}}'},
        (),
    ),
    "no-containers-comment": ({"/etc/containers/containers.conf": '[containers]\n#env = ["K=10.3.0"]\n'}, ()),
    "no-compose-comment": ({"~/c/compose.yaml": "services:\n  c:\n    environment:\n#     - K=10.3.0\n"}, ()),
    "no-flatpak-unset": ({"~/.local/share/flatpak/overrides/x": "[Context]\nunset-environment=K;\n"}, ()),
    "no-cron-comment": ({"/etc/cron.d/x": "#K=10.3.0\n"}, ()),
    "no-cron-dots": ({"/etc/cron.d/x.dpkg-old": "K=10.3.0\n"}, ()),
    "no-sshd-comment": ({"/etc/ssh/sshd_config": "#SetEnv K=10.3.0\nAcceptEnv K\n"}, ()),
    "no-backup": ({"/etc/profile.d/x.sh.bak": "export K=10.3.0\n"}, ()),
    "no-envd-txt": ({"/etc/environment.d/x.txt": "K=10.3.0\n"}, ()),
    "no-echo": ({"~/.bashrc": 'echo "export K=10.3.0"\n'}, ()),
    "no-other-user": ({"/home/bob/.bashrc": "export K=10.3.0\n"}, ()),
    "no-masked-with-dropin": (
        {
            "/etc/systemd/system/x.service": "->/dev/null",
            "/etc/systemd/system/x.service.d/a.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        (),
    ),
    "no-conmon": (
        {"~/.config/containers/systemd/o.container": "[Container]\nImage=x\n[Service]\nEnvironment=K=10.3.0\n"},
        (),
    ),
    "no-section": ({"/etc/systemd/system/x.service": "[Unit]\nEnvironment=K=10.3.0\n" + UNIT}, ()),
    "no-heredoc": ({"~/.bashrc": "cat > /tmp/x <<E\nexport K=10.3.0\nE\n"}, ()),
    "no-function-arg": ({"~/.zshrc": "grep K=10.3.0 x\n"}, ()),
    "no-dropin-not-conf": (
        {
            "/etc/systemd/system/x.service": UNIT,
            "/etc/systemd/system/x.service.d/a.conf.bak": "[Service]\nEnvironment=K=10.3.0\n",
        },
        (),
    ),
    "no-pam-comment": ({"/etc/security/pam_env.conf": "# K DEFAULT=10.3.0\n"}, ()),
    "no-desktop-name": ({"~/.local/share/applications/c.desktop": "[Desktop Entry]\nName=K=10.3.0\n"}, ()),
    # Found blind or too eager by a set written before the readers were looked at: 37 of 65 places, 12 of 28 look-alikes
    # said to set something.
    "bash-two-on-a-line": ({"~/.bashrc": "export A=1 K=10.3.0 B=2\n"}, ("~/.bashrc:1",)),
    "declare-x": ({"~/.bashrc": "declare -x K=10.3.0\n"}, ("~/.bashrc:1",)),
    "typeset-gx": ({"~/.zshrc": "typeset -gx K=10.3.0\n"}, ("~/.zshrc:1",)),
    "assign-then-export": ({"~/.profile": "K=10.3.0\nexport K\n"}, ("~/.profile:1",)),
    "assign-semicolon-export": ({"~/.profile": "K=10.3.0; export K\n"}, ("~/.profile:1",)),
    "set-a": ({"~/.profile": "set -a\nK=10.3.0\nset +a\n"}, ("~/.profile:2",)),
    "default-value": ({"~/.bashrc": ': "${K:=10.3.0}"\nexport K\n'}, ("~/.bashrc:1",)),
    "and-list": ({"~/.bashrc": "[ -e /dev/kfd ] && export K=10.3.0\n"}, ("~/.bashrc:1",)),
    "if-block": ({"~/.bashrc": "if [ -e /dev/kfd ]; then\n    export K=10.3.0\nfi\n"}, ("~/.bashrc:2",)),
    "trailing-comment": ({"~/.bashrc": "export K='10.3.0' # for rocm\n"}, ("~/.bashrc:1",)),
    "dollar-quote": ({"~/.bashrc": "export K=$'10.3.0'\n"}, ("~/.bashrc:1",)),
    "continued": ({"~/.bashrc": "export A=1 \\\n  K=10.3.0\n"}, ("~/.bashrc:2",)),
    "sourced": ({"~/.bashrc": ". ~/.rocmrc\n", "~/.rocmrc": "export K=10.3.0\n"}, ("~/.rocmrc:1",)),
    "sourced-home": (
        {"~/.zshrc": '[ -f "$HOME/.rocm.env" ] && source "$HOME/.rocm.env"\n', "~/.rocm.env": "export K=10.3.0\n"},
        ("~/.rocm.env:1",),
    ),
    "fish-global-long": (
        {"~/.config/fish/config.fish": "set --global --export K 10.3.0\n"},
        ("~/.config/fish/config.fish:1",),
    ),
    "fish-xg": (
        {"~/.config/fish/config.fish": "if status is-interactive\n    set -xg K 10.3.0\nend\n"},
        ("~/.config/fish/config.fish:2",),
    ),
    "fish-export": ({"~/.config/fish/config.fish": "export K=10.3.0\n"}, ("~/.config/fish/config.fish:1",)),
    "nushell": ({"~/.config/nushell/env.nu": '$env.K = "10.3.0"\n'}, ("~/.config/nushell/env.nu:1",)),
    "nushell-config": ({"~/.config/nushell/config.nu": "$env.K = '10.3.0'\n"}, ("~/.config/nushell/config.nu:1",)),
    "xonsh": ({"~/.xonshrc": "$K = '10.3.0'\n"}, ("~/.xonshrc:1",)),
    "tcsh-system": ({"/etc/csh.cshrc": "setenv K 10.3.0\n"}, ("/etc/csh.cshrc:1",)),
    "kde-env-new": (
        {"~/.config/plasma-workspace/env/a.sh": "export K=10.3.0\n"},
        ("~/.config/plasma-workspace/env/a.sh:1",),
    ),
    "unit-template-system": (
        {"/etc/systemd/system/llama@.service": UNIT + "Environment=K=10.3.0\n"},
        ("/etc/systemd/system/llama@.service:3",),
    ),
    "unit-single-quotes": (
        {"/etc/systemd/system/l.service": UNIT + "Environment='K=10.3.0'\n"},
        ("/etc/systemd/system/l.service:3",),
    ),
    "unit-two": (
        {"/etc/systemd/system/l.service": UNIT + 'Environment="A=1 2" K=10.3.0\n'},
        ("/etc/systemd/system/l.service:3",),
    ),
    "unit-execstart-env": (
        {"/etc/systemd/system/l.service": "[Service]\nExecStart=/usr/bin/env K=10.3.0 /opt/x\n"},
        ("/etc/systemd/system/l.service:2",),
    ),
    "unit-execstart-sh": (
        {"/etc/systemd/system/l.service": "[Service]\nExecStart=/bin/sh -c 'K=10.3.0 exec /opt/x'\n"},
        ("/etc/systemd/system/l.service:2",),
    ),
    "envfile-conf.d": (
        {"/etc/systemd/system/l.service": UNIT + "EnvironmentFile=/etc/conf.d/l\n", "/etc/conf.d/l": "K=10.3.0\n"},
        ("/etc/conf.d/l:1",),
    ),
    "user-unit-every": (
        {"/etc/systemd/user/comfy.service": UNIT + "Environment=K=10.3.0\n"},
        ("/etc/systemd/user/comfy.service:3",),
    ),
    "usr-lib-user-unit": (
        {
            "/usr/lib/systemd/user/comfy.service.d/x.conf": "[Service]\nEnvironment=K=10.3.0\n",
            "/usr/lib/systemd/user/comfy.service": UNIT,
        },
        ("/usr/lib/systemd/user/comfy.service.d/x.conf:2",),
    ),
    "user.conf.d-home": (
        {"~/.config/systemd/user.conf.d/x.conf": "[Manager]\nDefaultEnvironment=K=10.3.0\n"},
        ("~/.config/systemd/user.conf.d/x.conf:2",),
    ),
    "user.conf-home": (
        {"~/.config/systemd/user.conf": "[Manager]\nDefaultEnvironment=K=10.3.0\n"},
        ("~/.config/systemd/user.conf:2",),
    ),
    "compose-map": (
        {"~/ai/docker-compose.yml": "services:\n  o:\n    image: x\n    environment:\n      K: 10.3.0\n"},
        ("~/ai/docker-compose.yml:5",),
    ),
    "compose-quoted": (
        {"~/ai/compose.yml": "services:\n  o:\n    environment:\n      - 'K=10.3.0'\n"},
        ("~/ai/compose.yml:4",),
    ),
    "compose-flow": (
        {"~/ai/compose.yml": "services:\n  o:\n    environment: {K: '10.3.0'}\n"},
        ("~/ai/compose.yml:3",),
    ),
    "compose-default": (
        {"~/ai/compose.yml": "services:\n  o:\n    environment:\n      - K=${K-10.3.0}\n"},
        ("~/ai/compose.yml:4",),
    ),
    "compose-dotenv": (
        {"~/ai/compose.yml": "services:\n  o:\n    environment:\n      - K=${HSA}\n", "~/ai/.env": "HSA=10.3.0\n"},
        ("~/ai/compose.yml:4",),
    ),
    "quadlet-podmanargs": (
        {"~/.config/containers/systemd/o.container": "[Container]\nImage=x\nPodmanArgs=--env K=10.3.0\n"},
        ("~/.config/containers/systemd/o.container:3",),
    ),
    "quadlet-quoted": (
        {"/etc/containers/systemd/o.container": '[Container]\nImage=x\nEnvironment="K=10.3.0"\n'},
        ("/etc/containers/systemd/o.container:3",),
    ),
    "run-script-docker": ({"~/ai/run.sh": "#!/bin/sh\ndocker run -e K=10.3.0 x\n"}, ("~/ai/run.sh:2",)),
    "autostart-env": (
        {"~/.config/autostart/c.desktop": "[Desktop Entry]\nExec=env K=10.3.0 /opt/c\n"},
        ("~/.config/autostart/c.desktop:2",),
    ),
    "crontab-quoted": ({"/var/spool/cron/crontabs/sam": "K='10.3.0'\n"}, ("/var/spool/cron/crontabs/sam:1",)),
    "anacrontab": ({"/etc/anacrontab": "K=10.3.0\n1 5 x true\n"}, ("/etc/anacrontab:1",)),
    "supervisor": (
        {"/etc/supervisor/conf.d/c.conf": '[program:c]\ncommand=x\nenvironment=A="1",K="10.3.0"\n'},
        ("/etc/supervisor/conf.d/c.conf:3",),
    ),
    "sitecustomize": (
        {"~/venv/lib/python3.11/site-packages/sitecustomize.py": "import os\nos.environ['K'] = '10.3.0'\n"},
        ("~/venv/lib/python3.11/site-packages/sitecustomize.py:2",),
    ),
    "ipython-startup": (
        {"~/.ipython/profile_default/startup/00.py": "import os\nos.environ['K'] = '10.3.0'\n"},
        ("~/.ipython/profile_default/startup/00.py:2",),
    ),
    "jupyter-home-env": (
        {"~/.local/share/jupyter/kernels/r/kernel.json": '{\n "argv": [],\n "env": {\n  "K": "10.3.0"\n }\n}\n'},
        ("~/.local/share/jupyter/kernels/r/kernel.json:4",),
    ),
    "stability-matrix": (
        {"~/StabilityMatrix/Data/settings.json": '{"EnvironmentVariables":{"K":"10.3.0"}}\n'},
        ("~/StabilityMatrix/Data/settings.json:1",),
    ),
    "profile-d-csh": ({"/etc/profile.d/rocm.csh": "setenv K 10.3.0\n"}, ("/etc/profile.d/rocm.csh:1",)),
    "env-vars-of-conda-2": (
        {"~/venv/etc/conda/activate.d/z.sh": 'export K="10.3.0"\n'},
        ("~/venv/etc/conda/activate.d/z.sh:1",),
    ),
    "pam-env-home-override": ({"~/.pam_environment": "K OVERRIDE=10.3.0\n"}, ("~/.pam_environment:1",)),
    "envd-quoted": ({"~/.config/environment.d/a.conf": 'K="10.3.0"\n'}, ("~/.config/environment.d/a.conf:1",)),
    "envd-ref": ({"~/.config/environment.d/a.conf": "V=10.3.0\nK=${V}\n"}, ("~/.config/environment.d/a.conf:2",)),
    "environment-spaces": ({"/etc/environment": "  K=10.3.0\n"}, ("/etc/environment:1",)),
    "systemd-generator": (
        {"/etc/systemd/system.conf.d/a.conf": '[Manager]\nDefaultEnvironment="A=1" "K=10.3.0"\n'},
        ("/etc/systemd/system.conf.d/a.conf:2",),
    ),
    "no-export-n": ({"~/.bashrc": "export K=10.3.0\nexport -n K\n"}, ()),
    "no-plain-assign": ({"~/.bashrc": "K=10.3.0\n"}, ()),
    "no-local": ({"~/.bashrc": "f() {\n  local K=10.3.0\n}\n"}, ()),
    "no-printf": ({"~/.bashrc": "printf 'export K=10.3.0\\n' > /tmp/x\n"}, ()),
    "no-multi-line-string": ({"~/.bashrc": "HELP='\nexport K=10.3.0\n'\n"}, ()),
    "no-colon": ({"~/.bashrc": ": export K=10.3.0\n"}, ()),
    "no-fish-comment": ({"~/.config/fish/config.fish": "# set -gx K 10.3.0\n"}, ()),
    "no-fish-local": ({"~/.config/fish/config.fish": "begin\n  set -lx K 10.3.0\nend\n"}, ()),
    "no-fish-query": ({"~/.config/fish/config.fish": "set -q K; and echo 10.3.0\n"}, ()),
    "no-compose-label": ({"~/a/compose.yml": "services:\n  o:\n    labels:\n      - K=10.3.0\n"}, ()),
    "no-compose-command": ({"~/a/compose.yml": "services:\n  o:\n    x-note: K=10.3.0\n"}, ()),
    "no-compose-build-arg": (
        {"~/a/compose.yml": "services:\n  o:\n    build:\n      context: .\n      args:\n        K: 10.3.0\n"},
        (),
    ),
    "no-unit-description": ({"/etc/systemd/system/l.service": "[Unit]\nDescription=with K=10.3.0\n" + UNIT}, ()),
    "no-unit-continued-comment": (
        {"/etc/systemd/system/l.service": UNIT + "# a comment \\\nEnvironment=A=1\n#Environment=K=10.3.0\n"},
        (),
    ),
    "no-unit-disabled-suffix": ({"/etc/systemd/system/l.service.bak": UNIT + "Environment=K=10.3.0\n"}, ()),
    "no-envfile-comment": (
        {
            "/etc/systemd/system/l.service": UNIT + "EnvironmentFile=/etc/default/l\n",
            "/etc/default/l": "#K=10.3.0\n;K=10.3.0\n",
        },
        (),
    ),
    "no-envfile-export": (
        {
            "/etc/systemd/system/l.service": UNIT + "EnvironmentFile=/etc/default/l\n",
            "/etc/default/l": "export K=10.3.0\n",
        },
        (),
    ),
    "no-json-string": ({"~/.config/Code/User/settings.json": '{"note":"K=10.3.0"}\n'}, ()),
    "no-desktop-comment": ({"~/.config/autostart/c.desktop": "[Desktop Entry]\nComment=env K=10.3.0\nExec=c\n"}, ()),
    "no-desktop-hidden": ({"~/.config/autostart/c.desktop": "[Desktop Entry]\nHidden=true\nExec=env K=10.3.0 c\n"}, ()),
    "no-hypr-comment": ({"~/.config/hypr/hyprland.conf": "# env = K,10.3.0\n"}, ()),
    "no-cron-job-text": ({"/etc/cron.d/x": "0 5 * * * sam echo K=10.3.0\n"}, ()),
    "no-overwritten": ({"~/.bashrc": "export K=10.3.0\nexport K=10.3.0\n"}, ("~/.bashrc:2",)),
}
