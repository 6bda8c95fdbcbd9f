# ruff: noqa: E501 - tables of texts, a case a line
"""The 45 places again, each spelled as its reader also takes it, and look-alikes: written and committed before one run.

Rows as in place_samples_fresh. Labels are by the readers' own sources: pam_env.conf(5), systemd.exec(5),
environment.d(5), systemd-system.conf(5), bash(1), fish's set, podman-systemd.unit(5), compose's reference,
containers.conf(5), the CDI specification, flatpak-metadata(5), jupyter_client's kernelspec, crontab(5), sshd_config(5).

Run once before anything was mended for them: 25 of 36 places were named, 10 of 13 look-alikes left alone. Then all but
one, which an older table asks for the other way round (test_every_place.LEFT).
"""

from __future__ import annotations

PYTHON = "[Service]\nExecStart=/home/sam/venv/bin/python main.py\n"
Rows = dict[str, tuple[dict[str, str], tuple[str, ...]]]

FOURTH: Rows = {
    # PAM and logins
    "pam-conf-quoted": (
        {"/etc/security/pam_env.conf": '# x\nK\tDEFAULT="10.3.0"\n'},
        ("/etc/security/pam_env.conf:2=10.3.0",),
    ),
    "pam-conf-override": (
        {"/etc/security/pam_env.conf": "K  DEFAULT=  OVERRIDE=10.3.0\n"},
        ("/etc/security/pam_env.conf:1=10.3.0",),
    ),
    "environment-single-quotes": ({"/etc/environment": "PATH=/bin\n  K='10.3.0'\n"}, ("/etc/environment:2=10.3.0",)),
    "sshd-two-in-a-line": (
        {"/etc/ssh/sshd_config": 'UsePAM yes\nsetenv A=1 "K=10.3.0"\n'},
        ("/etc/ssh/sshd_config:2=10.3.0",),
    ),
    "sshd-match-address": (
        {"/etc/ssh/sshd_config.d/a.conf": "Match Address 10.0.0.0/8\n  SetEnv K=10.3.0\n"},
        ("/etc/ssh/sshd_config.d/a.conf:2=10.3.0",),
    ),
    # systemd
    "unit-one-quote-for-each": (
        {"/etc/systemd/system/c.service": PYTHON + "Environment='A=b c' 'K=10.3.0'\n"},
        ("/etc/systemd/system/c.service:3=10.3.0",),
    ),
    "unit-goes-on": (
        {"/etc/systemd/system/c.service": PYTHON + "Environment=A=1 \\\n  K=10.3.0\n"},
        ("/etc/systemd/system/c.service:3=10.3.0|/etc/systemd/system/c.service:4=10.3.0",),
    ),
    "unit-env-program": (
        {
            "/etc/systemd/system/c.service": "[Service]\nExecStart=/usr/bin/env A=1 K=10.3.0 /home/sam/venv/bin/python main.py\n"
        },
        ("/etc/systemd/system/c.service:2=10.3.0",),
    ),
    "unit-shell": (
        {
            "/etc/systemd/system/c.service": "[Service]\nExecStart=/bin/bash -lc 'export K=10.3.0; exec venv/bin/python main.py'\n"
        },
        ("/etc/systemd/system/c.service:2=10.3.0",),
    ),
    "envfile-goes-on": (
        {"/etc/systemd/system/c.service": PYTHON + "EnvironmentFile=/etc/c.env\n", "/etc/c.env": "A=1\nK=10.3.\\\n0\n"},
        ("/etc/c.env:2=10.3.0",),
    ),
    "dropin-local-lib": (
        {
            "/usr/lib/systemd/system/c.service": PYTHON,
            "/usr/local/lib/systemd/system/c.service.d/a.conf": "[Service]\nEnvironment=K=10.3.0\n",
        },
        ("/usr/local/lib/systemd/system/c.service.d/a.conf:2=10.3.0",),
    ),
    "manager-environment": (
        {"/etc/systemd/user.conf.d/a.conf": "[Manager]\nManagerEnvironment=K=10.3.0\n"},
        ("/etc/systemd/user.conf.d/a.conf:2=10.3.0",),
    ),
    "default-environment-quoted": (
        {"/etc/systemd/system.conf": '[Manager]\nDefaultEnvironment="A=b c" "K=10.3.0"\n'},
        ("/etc/systemd/system.conf:2=10.3.0",),
    ),
    "envd-default": (
        {"~/.config/environment.d/rocm.conf": "K=${K:-10.3.0}\n"},
        ("~/.config/environment.d/rocm.conf:1=10.3.0",),
    ),
    "envd-quoted": ({"/run/environment.d/rocm.conf": "# x\nK='10.3.0'\n"}, ("/run/environment.d/rocm.conf:2=10.3.0",)),
    # Shells
    "bash-ansi-quotes": ({"~/.bashrc": "export K=$'10.3.0'\n"}, ("~/.bashrc:1=10.3.0",)),
    "sh-exported-among-others": ({"~/.profile": "A=1\nK=10.3.0\nexport A K PATH\n"}, ("~/.profile:2=10.3.0",)),
    "zsh-braces": ({"~/.zprofile": "[[ -e /dev/kfd ]] && { export K=10.3.0 }\n"}, ("~/.zprofile:1=10.3.0",)),
    "bash-builtin": ({"~/.bash_profile": "builtin export K=10.3.0\n"}, ("~/.bash_profile:1=10.3.0",)),
    "csh-if": ({"/etc/csh.login": 'if ( -e /dev/kfd ) setenv K "10.3.0"\n'}, ("/etc/csh.login:1=10.3.0",)),
    "fish-dashes": ({"~/.config/fish/config.fish": "set -gx -- K 10.3.0\n"}, ("~/.config/fish/config.fish:1=10.3.0",)),
    "fish-inside-status": (
        {"/etc/fish/conf.d/a.fish": "if status is-interactive\n    set --global --export K 10.3.0\nend\n"},
        ("/etc/fish/conf.d/a.fish:2=10.3.0",),
    ),
    "venv-activate-csh": ({"~/venv/bin/activate.csh": "setenv K 10.3.0\n"}, ("~/venv/bin/activate.csh:1=10.3.0",)),
    # Containers
    "quadlet-relative-file": (
        {
            "/etc/containers/systemd/o.container": "[Container]\nImage=x\nEnvironmentFile=./gpu.env\n",
            "/etc/containers/systemd/gpu.env": "K=10.3.0\n",
        },
        ("/etc/containers/systemd/gpu.env:1=10.3.0",),
    ),
    "quadlet-podman-args": (
        {
            "~/.config/containers/systemd/o.container": "[Container]\nImage=x\nPodmanArgs=--device /dev/kfd --env=K=10.3.0\n"
        },
        ("~/.config/containers/systemd/o.container:3=10.3.0",),
    ),
    "compose-deeper": (
        {"~/docker/sd/compose.yaml": "services:\n  a:\n    environment:\n      K: 10.3.0\n"},
        ("~/docker/sd/compose.yaml:4=10.3.0",),
    ),
    "compose-dash-alone": (
        {"~/sd/compose.yml": "services:\n  a:\n    environment:\n      - K=${OVR-10.3.0}\n"},
        ("~/sd/compose.yml:4=10.3.0",),
    ),
    "containers-conf-lines": (
        {"~/.config/containers/containers.conf": '[containers]\nenv = [\n  "A=1",\n  "K=10.3.0",\n]\n'},
        ("~/.config/containers/containers.conf:4=10.3.0",),
    ),
    "cdi-of-a-device": (
        {
            "/etc/cdi/amd.yaml": "cdiVersion: 0.6.0\nkind: amd.com/gpu\ndevices:\n- name: '0'\n  containerEdits:\n    env:\n    - K=10.3.0\n"
        },
        ("/etc/cdi/amd.yaml:7=10.3.0",),
    ),
    "flatpak-metadata": (
        {
            "/var/lib/flatpak/app/org.x.App/current/active/metadata": "[Application]\nname=org.x.App\n\n[Environment]\nK=10.3.0\n"
        },
        ("/var/lib/flatpak/app/org.x.App/current/active/metadata:5=10.3.0",),
    ),
    # Jupyter, editors, launchers, jobs
    "kernel-env-first": (
        {
            "/usr/share/jupyter/kernels/rocm/kernel.json": '{\n "env": {\n  "A": "1",\n  "K": "10.3.0"\n },\n "argv": ["python"]\n}\n'
        },
        ("/usr/share/jupyter/kernels/rocm/kernel.json:4=10.3.0",),
    ),
    "code-workspace": (
        {
            "~/comfy/comfy.code-workspace": '{\n "settings": {\n  "terminal.integrated.env.linux": {"K": "10.3.0"}\n }\n}\n'
        },
        ("~/comfy/comfy.code-workspace:3=10.3.0",),
    ),
    "launcher-in-the-home": (
        {"~/start-comfy.sh": "#!/bin/bash\ncd ComfyUI\nK=10.3.0 venv/bin/python main.py\n"},
        ("~/start-comfy.sh:3=10.3.0",),
    ),
    "launcher-on-the-desktop": (
        {"~/Desktop/ComfyUI.desktop": "[Desktop Entry]\nType=Application\nExec=env K=10.3.0 /home/sam/comfy\n"},
        ("~/Desktop/ComfyUI.desktop:3=10.3.0",),
    ),
    "crontab-quoted": (
        {"/var/spool/cron/crontabs/sam": 'MAILTO=""\nK = "10.3.0"\n@daily /home/sam/job\n'},
        ("/var/spool/cron/crontabs/sam:2=10.3.0",),
    ),
    "crontab-of-a-command": (
        {"/etc/cron.d/train": "0 5 * * * sam cd /srv && env K=10.3.0 ./train\n"},
        ("/etc/cron.d/train:1=10.3.0",),
    ),
    # Look-alikes
    "no-lower-case-key": ({"/etc/systemd/system/c.service": PYTHON + "environment=K=10.3.0\n"}, ()),
    "no-section-unit": ({"/etc/systemd/system/c.service": "[Unit]\nEnvironment=K=10.3.0\n" + PYTHON}, ()),
    "no-semicolon-comment": (
        {
            "/etc/systemd/system/c.service": PYTHON + ";Environment=K=10.3.0\nEnvironmentFile=/etc/c.env\n",
            "/etc/c.env": ";K=10.3.0\n# K=10.3.0\n",
        },
        (),
    ),
    "no-start-pre": (
        {
            "/etc/systemd/system/c.service": "[Service]\nExecStartPre=/usr/bin/env K=10.3.0 /bin/true\nExecStart=/home/sam/venv/bin/python main.py\n"
        },
        (),
    ),
    "no-envd-export": (
        {"~/.config/environment.d/rocm.conf": "export K=10.3.0\n", "~/.config/environment.d/rocm": "K=10.3.0\n"},
        (),
    ),
    "no-echo-into-a-file": ({"~/.bashrc": 'grep -q K ~/.profile || echo "export K=10.3.0" >> ~/.profile\n'}, ()),
    "no-fish-not-exported": (
        {
            "~/.config/fish/config.fish": "set -g K 10.3.0\n",
            "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR K:10\\x2e3\\x2e0\n",
        },
        (),
    ),
    "no-quadlet-of-another": (
        {"/etc/containers/systemd/users/4321/o.container": "[Container]\nImage=x\nEnvironment=K=10.3.0\n"},
        (),
    ),
    "no-compose-build-args": (
        {"~/sd/compose.yaml": "services:\n  a:\n    build:\n      context: .\n      args:\n        K: 10.3.0\n"},
        (),
    ),
    "no-kernel-metadata": (
        {"~/.local/share/jupyter/kernels/r/kernel.json": '{"argv": ["python"], "metadata": {"env": {"K": "10.3.0"}}}'},
        (),
    ),
    "no-crontab-after-the-last-job": ({"/var/spool/cron/crontabs/sam": "@daily /home/sam/job\nK=10.3.0\n"}, ()),
    "no-ssh-of-the-client": (
        {"~/.ssh/config": "Host gpu\n  SetEnv K=10.3.0\n", "/etc/ssh/sshd_config": "AcceptEnv K\n"},
        (),
    ),
    "no-flatpak-other-section": ({"/var/lib/flatpak/overrides/org.x.App": "[Context]\nK=10.3.0\n"}, ()),
}
