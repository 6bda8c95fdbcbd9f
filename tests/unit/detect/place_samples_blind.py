# ruff: noqa: E501 - tables of texts, a case a line
"""Two sets by a stranger to the code, labelled and committed before one run.

A row: files (below the root; "~" is sam's home; "->X" is a link to X; K is HSA_OVERRIDE_GFX_VERSION), then what is to
be named: (file:line, key, value, for whom, "wins" or what beats it). Nothing to be named is a look-alike. Labels are by
the readers' own manuals and sources: pam_env.conf(5), systemd.unit(5), systemd.exec(5), systemd.environment-generator(7),
environment.d(5), tcsh(1), nushell's, xonsh's and elvish's language references, zsh(1), bash(1), cron(8), chpst(8),
podman-systemd.unit(5), compose's merge and interpolation pages, containers.dev's reference, conda's env_vars, pixi's
manifest, the Desktop Entry and Autostart specifications, Hyprland's wiki, Python's site, sshd_config(5) and servconf.c.

Run once before anything was mended for it: 25 of 30 places named with line, key, value and winner; 4 of 15 look-alikes were
claimed. Of these one label was wrong: the real pam_env, asked afterwards, takes K=V in pam_env.conf too (but no comment
behind anything), for it hands the whole word to pam_putenv(3) to take it away.
"""

from __future__ import annotations

Label = tuple[str, str, str, str, str]
Rows = dict[str, tuple[dict[str, str], tuple[Label, ...]]]
PYTHON = "[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"
W = "wins"


def k(place: str, whom: str, wins: str = W, value: str = "10.3.0") -> Label:
    return (place, "HSA_OVERRIDE_GFX_VERSION", value, whom, wins)


BLIND: Rows = {
    "pam-conf-override": (
        {"/etc/security/pam_env.conf": "# for the Radeon\nK DEFAULT=10.1.0 OVERRIDE=10.3.0\n"},
        (k("/etc/security/pam_env.conf:2", "everyone who logs in"),),
    ),
    "pam-envfile-of-locale": (
        {
            "/etc/pam.d/login": "session required pam_env.so readenv=1\nsession required pam_env.so readenv=1 envfile=/etc/default/locale\n",
            "/etc/default/locale": "LANG=de_DE.UTF-8\nK=10.3.0\n",
        },
        (k("/etc/default/locale:2", "everyone who logs in"),),
    ),
    "instance-over-template": (
        {
            "~/.config/systemd/user/comfy@.service": PYTHON
            + "Environment=K=10.1.0\n[Install]\nWantedBy=default.target\n",
            "~/.config/systemd/user/default.target.wants/comfy@8188.service": "->../comfy@.service",
            "~/.config/systemd/user/comfy@8188.service.d/gpu.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        (k("~/.config/systemd/user/comfy@8188.service.d/gpu.conf:2", "comfy@8188.service of sam"),),
    ),
    "drop-in-for-every-service": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/etc/systemd/system/service.d/10-rocm.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        (k("/etc/systemd/system/service.d/10-rocm.conf:2", "all services"),),
    ),
    "drop-in-by-prefix": (
        {
            "/etc/systemd/system/sd-webui.service": PYTHON,
            "/etc/systemd/system/sd-.service.d/gpu.conf": "[Service]\n\nEnvironment='K=10.3.0' A=b\n",
        },
        (k("/etc/systemd/system/sd-.service.d/gpu.conf:3", "sd-webui.service"),),
    ),
    "user-manager-default": (
        {"/etc/systemd/user.conf.d/rocm.conf": '[Manager]\nDefaultEnvironment="A=b c" "K=10.3.0"\n'},
        (k("/etc/systemd/user.conf.d/rocm.conf:2", "user services"),),
    ),
    "environment-d-name-decides": (
        {"/usr/lib/environment.d/99-rocm.conf": "K=10.3.0\n", "~/.config/environment.d/10-gpu.conf": "K=10.1.0\n"},
        (k("/usr/lib/environment.d/99-rocm.conf:1", "everyone"),),
    ),
    "environment-generator": (
        {"/etc/systemd/user-environment-generators/50-rocm": '#!/bin/sh\n# for all sessions\necho "K=10.3.0"\n'},
        (k("/etc/systemd/user-environment-generators/50-rocm:3", "user services and sessions"),),
    ),
    "kernel-command-line": (
        {
            "/proc/cmdline": "root=/dev/sda2 ro quiet systemd.setenv=K=10.3.0\n",
            "/etc/default/grub.d/50-rocm.cfg": 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT systemd.setenv=K=10.3.0"\n',
        },
        (k("/proc/cmdline:1|/etc/default/grub.d/50-rocm.cfg:1", "services"),),
    ),
    "envfiles-by-glob": (
        {
            "/etc/systemd/system/comfy.service": PYTHON + "EnvironmentFile=-/etc/comfy/*.env\nEnvironment=K=10.1.0\n",
            "/etc/comfy/10-a.env": "K=10.1.0\n",
            "/etc/comfy/20-b.env": "# Navi\nK='10.3.0'\n",
        },
        (k("/etc/comfy/20-b.env:2", "comfy.service", "wins over comfy.service:4 and 10-a.env:1"),),
    ),
    "continued-with-a-comment": (
        {
            "/etc/systemd/system/comfy.service": '[Service]\nExecStart=/home/sam/venv/bin/python main.py\nEnvironment="A=b c" \\\n# the card is a 5700\n  "K=10.3.0" \\\n  D=e\n'
        },
        (
            k(
                "/etc/systemd/system/comfy.service:5|/etc/systemd/system/comfy.service:3|/etc/systemd/system/comfy.service:3-6",
                "comfy.service",
            ),
        ),
    ),
    "csh-of-everyone": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/bin/tcsh\n",
            "/etc/csh.cshrc": "# system-wide\nif ( -d /opt/rocm ) then\n  set path = ( $path /opt/rocm/bin )\nendif\nsetenv K 10.3.0\n",
        },
        (k("/etc/csh.cshrc:5", "csh and tcsh"),),
    ),
    "nushell-load-env": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/usr/bin/nu\n",
            "~/.config/nushell/config.nu": '$env.config.show_banner = false\nload-env {\n  "EDITOR": "vi"\n  "K": "10.3.0"\n}\n',
        },
        (k("~/.config/nushell/config.nu:4", "sam"),),
    ),
    "xonsh-rc-d": (
        {"~/.config/xonsh/rc.d/rocm.xsh": "$EDITOR = 'vi'\n$K = '10.3.0'\n"},
        (k("~/.config/xonsh/rc.d/rocm.xsh:2", "sam"),),
    ),
    "elvish-rc": (
        {"~/.config/elvish/rc.elv": "use path\nset-env EDITOR vi\nset E:K = 10.3.0\n"},
        (k("~/.config/elvish/rc.elv:3", "sam"),),
    ),
    "zdotdir-moved": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/usr/bin/zsh\n",
            "/etc/zsh/zshenv": 'export ZDOTDIR="$HOME/.config/zsh"\n',
            "~/.config/zsh/.zshrc": "setopt autocd\ntypeset -x K=10.3.0\n",
        },
        (k("~/.config/zsh/.zshrc:2", "sam"),),
    ),
    "bashrc-d": (
        {
            "~/.bashrc": '# .bashrc\nif [ -d ~/.bashrc.d ]; then\n  for rc in ~/.bashrc.d/*; do\n    if [ -f "$rc" ]; then\n      . "$rc"\n    fi\n  done\nfi\nunset rc\n',
            "~/.bashrc.d/rocm": "export K=10.3.0\n",
        },
        (k("~/.bashrc.d/rocm:1", "sam"),),
    ),
    "alias": (
        {
            "~/.bashrc": "if [ -f ~/.bash_aliases ]; then\n    . ~/.bash_aliases\nfi\n",
            "~/.bash_aliases": "alias ll='ls -l'\nalias comfy='cd ~/ComfyUI && K=10.3.0 python main.py'\n",
        },
        (k("~/.bash_aliases:2", "sam, who runs the alias"),),
    ),
    "cron-d-in-the-command": (
        {
            "/etc/cron.d/train": "SHELL=/bin/sh\n# nightly\n0 3 * * * sam cd /home/sam && K=10.3.0 /home/sam/venv/bin/python train.py\n"
        },
        (k("/etc/cron.d/train:3", "the job of sam"),),
    ),
    "supervisor": (
        {
            "/etc/supervisor/supervisord.conf": "[supervisord]\nlogfile=/var/log/supervisord.log\n[include]\nfiles = /etc/supervisor/conf.d/*.conf\n",
            "/etc/supervisor/conf.d/comfy.conf": '[program:comfy]\ncommand=/home/sam/venv/bin/python main.py\nuser=sam\nenvironment=HOME="/home/sam",\n  HIP_VISIBLE_DEVICES="-1"\n',
        },
        (
            (
                "/etc/supervisor/conf.d/comfy.conf:5|/etc/supervisor/conf.d/comfy.conf:4",
                "HIP_VISIBLE_DEVICES",
                "-1",
                "comfy",
                W,
            ),
        ),
    ),
    "runit-envdir": (
        {
            "/etc/sv/comfy/run": "#!/bin/sh\nexec 2>&1\nexec chpst -u sam -e ./env /home/sam/venv/bin/python /home/sam/ComfyUI/main.py\n",
            "/etc/sv/comfy/env/K": "10.3.0\n",
            "/etc/service/comfy": "->/etc/sv/comfy",
        },
        (k("/etc/sv/comfy/env/K:1|/etc/service/comfy/env/K:1", "comfy"),),
    ),
    "compose-anchor": (
        {
            "~/ai/compose.yaml": 'x-rocm: &rocm\n  K: "10.3.0"\n  TZ: Europe/Berlin\nservices:\n  comfy:\n    image: comfyui:rocm\n    devices: [/dev/kfd, /dev/dri]\n    environment:\n      <<: *rocm\n      PORT: 8188\n'
        },
        (k("~/ai/compose.yaml:2|~/ai/compose.yaml:9", "comfy"),),
    ),
    "quadlet-of-a-user-by-root": (
        {
            "/etc/containers/systemd/users/1000/ollama.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nAddDevice=/dev/kfd\n",
            "/etc/containers/systemd/users/1000/ollama.container.d/gpu.conf": "[Container]\nEnvironment=K=10.3.0\n",
        },
        (k("/etc/containers/systemd/users/1000/ollama.container.d/gpu.conf:2", "ollama of sam"),),
    ),
    "distrobox-assemble": (
        {
            "~/.config/distrobox/distrobox.ini": '[rocm]\nimage=docker.io/rocm/pytorch:latest\nadditional_flags="--device /dev/kfd --env K=10.3.0"\n'
        },
        (k("~/.config/distrobox/distrobox.ini:3", "the box rocm"),),
    ),
    "devcontainer": (
        {
            "~/src/train/.devcontainer/devcontainer.json": '// For format details, see https://aka.ms/devcontainer.json\n{\n  "name": "train",\n  "image": "rocm/pytorch",\n  "runArgs": ["--device=/dev/kfd"],\n  "remoteEnv": {\n    "K": "10.3.0", // 5700 XT\n  },\n}\n'
        },
        (k("~/src/train/.devcontainer/devcontainer.json:7", "the container"),),
    ),
    "conda-env-vars": (
        {
            "~/miniconda3/envs/comfy/conda-meta/history": "",
            "~/miniconda3/envs/comfy/conda-meta/state": '{\n  "env_vars": {\n    "K": "10.3.0"\n  }\n}',
        },
        (k("~/miniconda3/envs/comfy/conda-meta/state:3", "the environment comfy"),),
    ),
    "pixi-activation": (
        {
            "~/src/train/pixi.toml": '[workspace]\nname = "train"\nchannels = ["conda-forge"]\n\n[target.linux-64.activation.env]\nK = "10.3.0"\n'
        },
        (k("~/src/train/pixi.toml:6", "the project"),),
    ),
    "desktop-entry-of-the-user": (
        {
            "/usr/share/applications/blender.desktop": "[Desktop Entry]\nType=Application\nName=Blender\nExec=blender %f\n",
            "~/.local/share/applications/blender.desktop": "[Desktop Entry]\nType=Application\nName=Blender\nExec=env K=10.3.0 blender %f\n",
        },
        (k("~/.local/share/applications/blender.desktop:4", "sam"),),
    ),
    "hyprland": (
        {
            "~/.config/hypr/hyprland.conf": "monitor=,preferred,auto,1\nsource = ~/.config/hypr/env.conf\n",
            "~/.config/hypr/env.conf": "# Radeon\nenv = K,10.3.0\n",
        },
        (k("~/.config/hypr/env.conf:2", "sam's session"),),
    ),
    "pth-in-the-venv": (
        {"~/venv/lib/python3.11/site-packages/zz_rocm.pth": "import os; os.environ['K'] = '10.3.0'\n"},
        (k("~/venv/lib/python3.11/site-packages/zz_rocm.pth:1", "the venv"),),
    ),
}

BLIND_CALM: Rows = {
    "xsession-d-with-a-dot": ({"/etc/X11/Xsession.d/95rocm.sh": "export K=10.3.0\n"}, ()),
    "cron-d-with-a-dot": (
        {"/etc/cron.d/train.disabled": "K=10.3.0\n0 3 * * * sam /home/sam/venv/bin/python train.py\n"},
        (),
    ),
    "bash-login-behind-bash-profile": (
        {"~/.bash_profile": ". ~/.bashrc\n", "~/.bashrc": "umask 022\n", "~/.bash_login": "export K=10.3.0\n"},
        (),
    ),
    "cshrc-behind-tcshrc": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/bin/tcsh\n",
            "~/.tcshrc": "set autolist\n",
            "~/.cshrc": "setenv K 10.3.0\n",
        },
        (),
    ),
    "unset-environment": (
        {
            "/etc/systemd/system/comfy.service": PYTHON + "Environment=K=10.3.0\n",
            "/etc/systemd/system/comfy.service.d/50-gpu.conf": "[Service]\nUnsetEnvironment=A K\n",
        },
        (),
    ),
    "masked-unit": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=K=10.3.0\n",
            "/etc/systemd/system/ollama.service": "->/dev/null",
            "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        (),
    ),
    "heredoc": ({"~/.bashrc": "mkdemo() {\ncat > demo.sh <<'EOF'\nexport K=10.3.0\nEOF\n}\n"}, ()),
    "nushell-hidden-again": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/usr/bin/nu\n",
            "~/.config/nushell/env.nu": '$env.K = "10.3.0"\nhide-env K\n',
        },
        (),
    ),
    "environment-d-masked": (
        {"/usr/lib/environment.d/60-rocm.conf": "K=10.3.0\n", "/etc/environment.d/60-rocm.conf": "->/dev/null"},
        (),
    ),
    "sshd-second-setenv": (
        {
            "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nSetEnv K=10.3.0\n",
            "/etc/ssh/sshd_config.d/10-lang.conf": "SetEnv LANG=C.UTF-8\n",
        },
        (),
    ),
    "compose-older-name": (
        {
            "~/ai/compose.yaml": "services:\n  comfy:\n    image: comfyui:rocm\n",
            "~/ai/docker-compose.yml": "services:\n  comfy:\n    image: comfyui:rocm\n    environment:\n      - K=10.3.0\n",
        },
        (),
    ),
    "ssh-environment-not-permitted": ({"/etc/ssh/sshd_config": "UsePAM yes\n", "~/.ssh/environment": "K=10.3.0\n"}, ()),
    "environment-in-the-unit-section": (
        {
            "/etc/systemd/system/comfy.service": "[Unit]\nDescription=x\nEnvironment=K=10.3.0\n[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"
        },
        (),
    ),
    "autostart-hidden": (
        {
            "/etc/xdg/autostart/lmstudio.desktop": "[Desktop Entry]\nType=Application\nName=x\nExec=lm-studio\n",
            "~/.config/autostart/lmstudio.desktop": "[Desktop Entry]\nType=Application\nName=x\nExec=env K=10.3.0 lm-studio\nHidden=true\n",
        },
        (),
    ),
    "pam-conf-in-the-other-dialect": (
        {"/etc/security/pam_env.conf": "K=10.3.0\n"},
        (k("/etc/security/pam_env.conf:1", "everyone who logs in"),),  # was (): see above
    ),
    "pam-conf-with-a-comment-behind": (
        {"/etc/security/pam_env.conf": "K=10.3.0 # 5700\nK DEFAULT=10.3.0 # 5700\n"},
        (),
    ),
}

# The second set, labelled after the first was mended and before it was run: other programs, as people have them.
# Sources: the kubelet's static pods, tljh's config, IPython's startup folder, gitlab-runner's advanced configuration, the
# GitHub runner's .env, Gentoo's env-update(1), Lutris' games, rc.local of systemd, tmux(1), podman-systemd.unit(5),
# Portainer's stacks, Unraid's templates, Blender's startup scripts, Julia's startup.jl, sudoers(5), crontab(5), pct.conf(5),
# useradd(8), containers.conf(5), sddm.conf(5).
# Run once before anything was mended for it: 2 of 15 named, 3 of 8 look-alikes claimed. They were sought where the tables
# were known not to look.

OTHERS: Rows = {
    "static-pod": (
        {
            "/etc/kubernetes/manifests/comfy.yaml": 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: comfy\nspec:\n  containers:\n  - name: comfy\n    image: rocm/pytorch\n    env:\n    - name: K\n      value: "10.3.0"\n'
        },
        (k("/etc/kubernetes/manifests/comfy.yaml:10|/etc/kubernetes/manifests/comfy.yaml:11", "the pod"),),
    ),
    "littlest-jupyterhub": (
        {
            "/opt/tljh/config/jupyterhub_config.d/gpu.py": "# the 5700\nc.Spawner.environment = {\n    'A': 'b',\n    'K': '10.3.0',\n}\n"
        },
        (k("/opt/tljh/config/jupyterhub_config.d/gpu.py:4", "the hub's servers"),),
    ),
    "ipython-magic": (
        {"~/.ipython/profile_default/startup/00-gpu.ipy": "%load_ext autoreload\n%env K=10.3.0\n"},
        (k("~/.ipython/profile_default/startup/00-gpu.ipy:2", "sam's notebooks"),),
    ),
    "gitlab-runner": (
        {
            "/etc/gitlab-runner/config.toml": 'concurrent = 1\n[[runners]]\n  name = "gpu"\n  executor = "docker"\n  environment = ["A=b", "K=10.3.0"]\n'
        },
        (k("/etc/gitlab-runner/config.toml:5", "jobs"),),
    ),
    "github-runner": (
        {"~/actions-runner/.runner": "{}\n", "~/actions-runner/.env": "LANG=C.UTF-8\nK=10.3.0\n"},
        (k("~/actions-runner/.env:2", "jobs"),),
    ),
    "gentoo": (
        {
            "/etc/env.d/99rocm": '# rocm\nK="10.3.0"\n',
            "/etc/profile.env": "# THIS FILE IS AUTOMATICALLY GENERATED BY env-update.\nexport K='10.3.0'\n",
            "/etc/profile": "if [ -e /etc/profile.env ] ; then\n\t. /etc/profile.env\nfi\n",
        },
        (k("/etc/env.d/99rocm:2|/etc/profile.env:2", "everyone"),),
    ),
    "lutris": (
        {
            "~/.config/lutris/games/comfy-1700000000.yml": "game:\n  exe: /home/sam/ComfyUI/run.sh\nname: ComfyUI\nsystem:\n  env:\n    K: 10.3.0\n  gamemode: false\n"
        },
        (k("~/.config/lutris/games/comfy-1700000000.yml:6", "the game"),),
    ),
    "rc-local": (
        {
            "/etc/rc.local": "#!/bin/sh -e\nexport K=10.3.0\nsu sam -c '/home/sam/venv/bin/python /home/sam/main.py' &\nexit 0\n"
        },
        (k("/etc/rc.local:2", "what it starts"),),
    ),
    "tmux-source-file": (
        {
            "~/.tmux.conf": "set -g mouse on\nsource-file ~/.tmux/gpu.conf\n",
            "~/.tmux/gpu.conf": "set-environment -g K 10.3.0\n",
        },
        (k("~/.tmux/gpu.conf:1", "what runs in tmux"),),
    ),
    "quadlet-env-file": (
        {
            "~/.config/containers/systemd/comfy.container": "[Container]\nImage=docker.io/rocm/pytorch\nEnvironmentFile=./comfy.env\n",
            "~/.config/containers/systemd/comfy.env": "K=10.3.0\n",
        },
        (k("~/.config/containers/systemd/comfy.env:1", "comfy"),),
    ),
    "portainer-stack": (
        {
            "/var/lib/docker/volumes/portainer_data/_data/compose/3/docker-compose.yml": "services:\n  ollama:\n    image: ollama/ollama:rocm\n    environment:\n      K: 10.3.0\n"
        },
        (k("/var/lib/docker/volumes/portainer_data/_data/compose/3/docker-compose.yml:5", "ollama"),),
    ),
    "unraid-template": (
        {
            "/boot/config/plugins/dockerMan/templates-user/my-ollama.xml": '<?xml version="1.0"?>\n<Container version="2">\n  <Name>ollama</Name>\n  <Config Name="gfx" Target="K" Default="" Mode="" Description="" Type="Variable" Display="always" Required="false" Mask="false">10.3.0</Config>\n</Container>\n'
        },
        (k("/boot/config/plugins/dockerMan/templates-user/my-ollama.xml:4", "ollama"),),
    ),
    "blender-startup": (
        {"~/.config/blender/4.2/scripts/startup/gpu.py": "import os\nos.environ['K'] = '10.3.0'\n"},
        (k("~/.config/blender/4.2/scripts/startup/gpu.py:2", "Blender"),),
    ),
    "julia": (
        {"~/.julia/config/startup.jl": 'using Revise\nENV["K"] = "10.3.0"\n'},
        (k("~/.julia/config/startup.jl:2", "Julia"),),
    ),
    "sudo-env-file": (
        {
            "/etc/sudoers": "Defaults env_reset\n@includedir /etc/sudoers.d\n",
            "/etc/sudoers.d/gpu": 'Defaults env_file="/etc/sudo.env"\n',
            "/etc/sudo.env": "export K=10.3.0\n",
        },
        (k("/etc/sudo.env:1", "what sudo starts"),),
    ),
}

OTHERS_CALM: Rows = {
    "crontab-after-the-job": (
        {"/etc/cron.d/train": "SHELL=/bin/sh\n0 3 * * * sam /home/sam/venv/bin/python train.py\nK=10.3.0\n"},
        (),
    ),
    "sudoers-d-with-a-dot": (
        {
            "/etc/sudoers": "@includedir /etc/sudoers.d\n",
            "/etc/sudoers.d/gpu.conf": 'Defaults env_file="/etc/sudo.env"\n',
            "/etc/sudo.env": "K=10.3.0\n",
        },
        (),
    ),
    "unset-by-a-later-file": (
        {"/etc/profile.d/10-rocm.sh": "export K=10.3.0\n", "/etc/profile.d/90-local.sh": "unset K\n"},
        (),
    ),
    "proxmox-snapshot": (
        {
            "/etc/pve/lxc/101.conf": "arch: amd64\nhostname: gpu\nparent: before\n\n[before]\narch: amd64\nlxc.environment: K=10.3.0\nsnaptime: 1700000000\n"
        },
        (),
    ),
    "skeleton": ({"/etc/skel/.bashrc": "export K=10.3.0\n", "/etc/skel/.profile": "export K=10.3.0\n"}, ()),
    "containers-conf-other-name": (
        {"/etc/containers/containers.conf.d/rocm.conf.bak": '[containers]\nenv = ["K=10.3.0"]\n'},
        (),
    ),
    "greeter-only": ({"/etc/sddm.conf.d/gpu.conf": "[General]\nGreeterEnvironment=K=10.3.0\n"}, ()),
    "static-pod-hidden": (
        {
            "/etc/kubernetes/manifests/.comfy.yaml": 'kind: Pod\nspec:\n  containers:\n  - name: comfy\n    env:\n    - name: K\n      value: "10.3.0"\n'
        },
        (),
    ),
}
