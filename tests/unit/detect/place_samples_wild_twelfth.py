# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set O: as the judge of an acceptance test would write it, by a stranger who knew neither the readers nor their tests:
further places, spellings and look-alikes of shared/lab/reach's families, tried on real programs where one was at hand.

Run once: 34 of 40 places named with every labelled line and value and nothing else (45 of 50 lines), 5 of 40 look-alikes
claimed.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

ALL = "all"  # a machine-wide file: whoever logs in, runs it


def _passwd(shell: str) -> str:
    return f"root:x:0:0:root:/root:/bin/bash\nsam:x:1000:1000:Sam:/home/sam:{shell}\n"


HIP = "HIP_VISIBLE_DEVICES"
SDMA = "HSA_ENABLE_SDMA"
UNIT = "[Service]\nExecStart=/bin/true\n"

TWELFTH_WILD: Rows = {
    # zsh(1): $ZDOTDIR/.zprofile takes the place of ~/.zprofile once zshenv has set ZDOTDIR
    "zdotdir-moved": (
        {
            "/etc/passwd": ZSH,
            "~/.zshenv": 'export ZDOTDIR="$HOME/.config/zsh"\n',
            "~/.config/zsh/.zprofile": f"export §=10.3.0 {HIP}=1 # cards\n",
            "~/.zprofile": "export §=11.0.0\n",
        },
        (s("~/.config/zsh/.zprofile:1", "sam"), s("~/.config/zsh/.zprofile:1", "sam", "1", HIP)),
    ),
    # zsh run: anonymous function, export is global unless local
    "zsh-anonymous-function": (
        {"/etc/passwd": ZSH, "~/.zshenv": "() {\n  export §=10.3.0\n}\n"},
        (s("~/.zshenv:2", "sam"),),
    ),
    # zsh(1): system file of login shells
    "zprofile-etc": (
        {"/etc/passwd": ZSH, "/etc/zsh/zprofile": "typeset -gx §='10.3.0'\n"},
        (s("/etc/zsh/zprofile:1", ALL),),
    ),
    # bash run: assignment, exported on a later line
    "bash-export-later": (
        {"~/.bashrc": f"§=10.3.0\n{HIP}=0\nexport § {HIP}\n"},
        (s("~/.bashrc:1", "sam"), s("~/.bashrc:2", "sam", "0", HIP)),
    ),
    # bash run: the export attribute first, the value after it
    "bash-export-first": ({"~/.bashrc": "export §\n§=10.3.0\n"}, (s("~/.bashrc:2", "sam"),)),
    # bash run: default assignment
    "bash-colon-default": ({"~/.profile": ': "${§:=10.3.0}"; export §\n'}, (s("~/.profile:1", "sam"),)),
    # bash run: one export over several lines
    "bash-continued-export": (
        {"~/.bashrc": f'export EDITOR=vi \\\n  "§=10.3.0" \\\n  {SDMA}=0\n'},
        (s("~/.bashrc:2", "sam"), s("~/.bashrc:3", "sam", "0", SDMA)),
    ),
    # bash run: set -a around a sourced file; the name after set +a is not exported
    "bash-allexport-source": (
        {
            "~/.profile": f'set -a\n. "$HOME/.config/gpu.env"\nset +a\n{HIP}=3\n',
            "~/.config/gpu.env": "# the card\n§='10.3.0'\n",
        },
        (s("~/.config/gpu.env:2", "sam"),),
    ),
    # bash run: declare -gx in a function which the file calls
    "bash-declare-gx": (
        {"~/.bashrc": "gpu() {\n  declare -gx §=10.3.0\n}\ngpu\n"},
        (s("~/.bashrc:2", "sam"),),
    ),
    # Fedora's ~/.bashrc idiom; the backup does not match the pattern
    "bashrc-d-loop": (
        {
            "~/.bashrc": 'for rc in ~/.bashrc.d/*.sh; do\n  [ -r "$rc" ] && . "$rc"\ndone\n',
            "~/.bashrc.d/rocm.sh": "declare -x §=10.3.0\n",
            "~/.bashrc.d/rocm.sh.bak": "declare -x §=11.0.0\n",
        },
        (s("~/.bashrc.d/rocm.sh:1", "sam"),),
    ),
    # fish run: long options, two on one line
    "fish-long-options": (
        {"/etc/passwd": FISH, "~/.config/fish/conf.d/rocm.fish": f"set --global --export § '10.3.0'; set -xg {SDMA} 0\n"},
        (s("~/.config/fish/conf.d/rocm.fish:1", "sam"), s("~/.config/fish/conf.d/rocm.fish:1", "sam", "0", SDMA)),
    ),
    # fish docs, "Configuration files": of equal names only the first directory's file is run (/etc before vendor)
    "fish-same-name-vendor": (
        {
            "/etc/passwd": FISH,
            "/etc/fish/conf.d/rocm.fish": "export §=10.3.0\n",
            "/usr/share/fish/vendor_conf.d/rocm.fish": "set -gx § 11.0.0\n",
        },
        (s("/etc/fish/conf.d/rocm.fish:1", ALL),),
    ),
    # fish run: the usual guard, with a comment at the end
    "fish-guard": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "# card\nset -q §; or set -gx § \"10.3.0\" # Navi 22\n"},
        (s("~/.config/fish/config.fish:2", "sam"),),
    ),
    # mksh(1): ~/.mkshrc is the default of ENV
    "mkshrc": (
        {"/etc/passwd": _passwd("/bin/mksh"), "~/.mkshrc": "typeset -x §=10.3.0\n"},
        (s("~/.mkshrc:1", "sam"),),
    ),
    # tcsh(1): ~/.tcshrc, or else ~/.cshrc
    "tcshrc-before-cshrc": (
        {"/etc/passwd": _passwd("/bin/tcsh"), "~/.tcshrc": f"setenv § 10.3.0; setenv {HIP} 0\n", "~/.cshrc": "setenv § 11.0.0\n"},
        (s("~/.tcshrc:1", "sam"), s("~/.tcshrc:1", "sam", "0", HIP)),
    ),
    # nushell book, "Environment"
    "nushell": (
        {
            "/etc/passwd": _passwd("/usr/bin/nu"),
            "~/.config/nushell/env.nu": "$env.§ = '10.3.0'\n",
            "~/.config/nushell/config.nu": f'load-env {{ {SDMA}: "0" }}\n',
        },
        (s("~/.config/nushell/env.nu:1", "sam"), s("~/.config/nushell/config.nu:1", "sam", "0", SDMA)),
    ),
    # systemd-user.conf(5): ~/.config/systemd/user.conf
    "systemd-own-user-conf": (
        {"~/.config/systemd/user.conf": f'[Manager]\nDefaultEnvironment="§=10.3.0" {SDMA}=0\n'},
        (s("~/.config/systemd/user.conf:2", "sam"), s("~/.config/systemd/user.conf:2", "sam", "0", SDMA)),
    ),
    # systemd-system.conf(5): ManagerEnvironment "inherited by processes spawned by user managers"
    "systemd-user-managerenvironment": (
        {"/etc/systemd/user.conf.d/gpu.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n"},
        (s("/etc/systemd/user.conf.d/gpu.conf:2", ALL),),
    ),
    # systemd.unit(5): instance of a template; %h and %i in EnvironmentFile
    "systemd-instance-envfile": (
        {
            "~/.config/systemd/user/comfy@.service": "[Service]\nEnvironmentFile=-%h/comfy/%i.env\nExecStart=/bin/true\n",
            "~/.config/systemd/user/default.target.wants/comfy@one.service": "->/home/sam/.config/systemd/user/comfy@.service",
            "~/comfy/one.env": '# card\n§="10.3.0"\n',
        },
        (s("~/comfy/one.env:2", "sam"),),
    ),
    # systemd.unit(5): foo-.service.d reaches foo-bar.service
    "systemd-prefix-dropin": (
        {
            "~/.config/systemd/user/comfy-web.service": UNIT,
            "~/.config/systemd/user/comfy-.service.d/gpu.conf": "[Service]\nEnvironment='§=10.3.0'\n",
        },
        (s("~/.config/systemd/user/comfy-.service.d/gpu.conf:2", "sam"),),
    ),
    # systemd.unit(5): drop-ins sorted by name over all directories
    "systemd-dropin-order": (
        {
            "~/.local/share/systemd/user/comfy.service": UNIT,
            "~/.local/share/systemd/user/comfy.service.d/20-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "~/.config/systemd/user/comfy.service.d/10-gpu.conf": "[Service]\nEnvironment=§=11.0.0\n",
        },
        (s("~/.local/share/systemd/user/comfy.service.d/20-gpu.conf:2", "sam"),),
    ),
    # systemd.exec(5): wildcards in EnvironmentFile
    "systemd-envfile-glob": (
        {
            "~/.config/systemd/user/llama.service": "[Service]\nExecStart=/bin/true\nEnvironmentFile=/etc/llama/*.env\n",
            "/etc/llama/gpu.env": "§='10.3.0'\n",
            "/etc/llama/gpu.env.bak": "§=11.0.0\n",
        },
        (s("/etc/llama/gpu.env:1", "sam"),),
    ),
    # systemd.syntax(7): a comment line does not continue
    "systemd-comment-backslash": (
        {"~/.config/systemd/user/comfy.service": "[Service]\n# Environment=A=1 \\\nEnvironment=§=10.3.0\nExecStart=/bin/true\n"},
        (s("~/.config/systemd/user/comfy.service:3", "sam"),),
    ),
    # systemd.syntax(7): comment lines within a continuation are left out
    "systemd-comment-in-continuation": (
        {"~/.config/systemd/user/comfy.service": "[Service]\nExecStart=/bin/true\nEnvironment=A=1 \\\n# the card\n  §=10.3.0\n"},
        (s("~/.config/systemd/user/comfy.service:5", "sam"),),
    ),
    # conf-parser.c: UTF-8 BOM of the first line is skipped; fileio.c read_line takes \r\n
    "systemd-bom-crlf": (
        {"~/.config/systemd/user/comfy.service": "\ufeff[Service]\r\nEnvironment=§=10.3.0\r\nExecStart=/bin/true\r\n"},
        (s("~/.config/systemd/user/comfy.service:2", "sam"),),
    ),
    # env(1) as the program of a unit
    "systemd-exec-env": (
        {"~/.config/systemd/user/comfy.service": f'[Service]\nExecStart=/usr/bin/env §=10.3.0 "{HIP}=1" /usr/bin/python3 main.py\n'},
        (s("~/.config/systemd/user/comfy.service:2", "sam"), s("~/.config/systemd/user/comfy.service:2", "sam", "1", HIP)),
    ),
    # generator run: leading blanks, ":-" default, ";" comment
    "environment-d-default": (
        {"~/.config/environment.d/gpu.conf": f"  §=${{§:-10.3.0}}\n;{HIP}=2\n"},
        (s("~/.config/environment.d/gpu.conf:1", "sam"),),
    ),
    # environment.d(5): sorted by file name whatever the directory; an empty value is refused (run)
    "environment-d-order": (
        {
            "/etc/environment.d/10-gpu.conf": "§=11.0.0\n",
            "/usr/lib/environment.d/90-gpu.conf": "§=10.3.0\n",
            "/etc/environment.d/95-gpu.conf": "§=\n",
        },
        (s("/usr/lib/environment.d/90-gpu.conf:1", ALL),),
    ),
    # pam_env.conf(5): OVERRIDE, where it is not empty, before DEFAULT
    "pam-override": (
        {"/etc/security/pam_env.conf": "§\tDEFAULT=11.0.0 OVERRIDE=10.3.0\n"},
        (s("/etc/security/pam_env.conf:1", ALL),),
    ),
    # pam_env(8): envfile=
    "pam-envfile": (
        {"/etc/pam.d/sshd": "session required pam_env.so envfile=/etc/gpu.env\n", "/etc/gpu.env": "export §='10.3.0'\n"},
        (s("/etc/gpu.env:1", ALL),),
    ),
    # sshd -T run: keyword in any case, quoting, the first SetEnv wins
    "sshd-first-setenv": (
        {"/etc/ssh/sshd_config": 'setenv LANG=C "§=10.3.0"\nSetEnv §=11.0.0\n'},
        (s("/etc/ssh/sshd_config:1", ALL),),
    ),
    # sshd(8): ~/.ssh/environment under PermitUserEnvironment
    "ssh-environment": (
        {"/etc/ssh/sshd_config": "PermitUserEnvironment yes\n", "~/.ssh/environment": "# gpu\n§=10.3.0\n"},
        (s("~/.ssh/environment:2", "sam"),),
    ),
    # crontab(5): blanks around "=", quotes; env(1) in the command
    "crontab-spaces": (
        {"/var/spool/cron/crontabs/sam": f'§ = "10.3.0"\n0 5 * * * env {HIP}=1 /usr/bin/python3 x.py\n'},
        (s("/var/spool/cron/crontabs/sam:1", "sam"), s("/var/spool/cron/crontabs/sam:2", "sam", "1", HIP)),
    ),
    # tmux run: set-environment and a bare assignment
    "tmux": (
        {"~/.config/tmux/tmux.conf": f"set-environment -g § '10.3.0'\n{HIP}=1\n"},
        (s("~/.config/tmux/tmux.conf:1", "sam"), s("~/.config/tmux/tmux.conf:2", "sam", "1", HIP)),
    ),
    # niri wiki, environment {}; null unsets
    "niri": (
        {"~/.config/niri/config.kdl": f'environment {{\n    § "10.3.0"\n    {HIP} null\n}}\n'},
        (s("~/.config/niri/config.kdl:2", "sam"),),
    ),
    # containers.conf(5): array over several lines, literal strings, trailing comma
    "containers-conf-array": (
        {"~/.config/containers/containers.conf": "[containers]\nenv = [\n  'TZ=UTC',\n  '§=10.3.0', # card\n]\n"},
        (s("~/.config/containers/containers.conf:4", "sam"),),
    ),
    # podman-systemd.unit(5): users/$(UID)
    "quadlet-users-uid": (
        {"/etc/containers/systemd/users/1000/o.container": '[Container]\nImage=x\nEnvironment=A=b "§=10.3.0"\n'},
        (s("/etc/containers/systemd/users/1000/o.container:3", "sam"),),
    ),
    # podman-systemd.unit(5): EnvironmentFile relative to the unit file, unit in a subdirectory
    "quadlet-subdir-envfile": (
        {
            "~/.config/containers/systemd/ai/o.container": "[Container]\nImage=x\nEnvironmentFile=./gpu.env\n",
            "~/.config/containers/systemd/ai/gpu.env": "§=10.3.0\n",
        },
        (s("~/.config/containers/systemd/ai/gpu.env:1", "sam"),),
    ),
    # compose docs, "Merge": the override file wins; a map against a list
    "compose-override": (
        {
            "~/ai/compose.yaml": 'services:\n  c:\n    image: x\n    environment: {"§": "11.0.0"}\n',
            "~/ai/compose.override.yaml": 'services:\n  c:\n    environment:\n      - "§=10.3.0"\n',
        },
        (s("~/ai/compose.override.yaml:4", "sam"),),
    ),
    # VS Code docs: settings.json is JSON with comments; VSCodium's folder; CRLF
    "vscodium-jsonc-crlf": (
        {"~/.config/VSCodium/User/settings.json": '{\r\n  // card\r\n  "terminal.integrated.env.linux": {\r\n    "§": "10.3.0",\r\n  },\r\n}\r\n'},
        (s("~/.config/VSCodium/User/settings.json:4", "sam"),),
    ),
}

TWELFTH_CALM: Rows = {
    # Debian's Xsession run_parts: names of [[:alnum:]_-] only
    "xsession-d-dot": ({"/etc/X11/Xsession.d/90rocm.sh": "export §=10.3.0\n"}, ()),
    # cron(8): names with a dot / .rpmsave are passed over (Debian and cronie)
    "cron-d-rpmsave": ({"/etc/cron.d/comfy.rpmsave": "§=10.3.0\n0 5 * * * sam true\n"}, ()),
    # sshd_config(5)
    "ssh-environment-not-permitted": (
        {"/etc/ssh/sshd_config": "#PermitUserEnvironment yes\nPermitUserEnvironment no\n", "~/.ssh/environment": "§=10.3.0\n"},
        (),
    ),
    # sshd(8): environment= in authorized_keys wants PermitUserEnvironment (default no)
    "authorized-keys-not-permitted": (
        {"/etc/ssh/sshd_config": "PasswordAuthentication no\n", "~/.ssh/authorized_keys": 'environment="§=10.3.0" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA sam@laptop\n'},
        (),
    ),
    # systemd-system.conf(5): ManagerEnvironment of the system manager is not inherited by its services
    "system-managerenvironment": ({"/etc/systemd/system.conf": "[Manager]\nManagerEnvironment=§=10.3.0\n"}, ()),
    # DefaultEnvironment belongs to [Manager]
    "system-conf-wrong-section": ({"/etc/systemd/system.conf.d/gpu.conf": "[Service]\nDefaultEnvironment=§=10.3.0\n"}, ()),
    # systemd.exec(5): Environment= belongs to [Service]
    "unit-wrong-section": (
        {"/etc/systemd/system/ollama.service": "[Unit]\nEnvironment=§=10.3.0\n[Service]\nExecStart=/bin/true\n"}, ()
    ),
    # systemd.syntax(7): directives are case sensitive; a misspelling is ignored
    "unit-wrong-case": (
        {"/etc/systemd/system/ollama.service": UNIT + f"environment=§=10.3.0\nEnviroment={SDMA}=0\n"}, ()
    ),
    # systemd.unit(5): drop-ins end in .conf
    "dropin-wrong-extension": (
        {
            "~/.config/systemd/user/comfy.service": UNIT,
            "~/.config/systemd/user/comfy.service.d/gpu.txt": "[Service]\nEnvironment=§=10.3.0\n",
            "~/.config/systemd/user/comfy.service.d/override.conf.bak": "[Service]\nEnvironment=§=11.0.0\n",
        },
        (),
    ),
    # systemd.unit(5): link to /dev/null of the same name earlier in the path
    "user-unit-masked": (
        {
            "~/.config/systemd/user/comfy.service": "->/dev/null",
            "~/.local/share/systemd/user/comfy.service": UNIT + "Environment=§=10.3.0\n",
        },
        (),
    ),
    # systemd.unit(5): a drop-in masked by a link to /dev/null of the same name
    "dropin-masked": (
        {
            "/etc/systemd/system/ollama.service": UNIT,
            "/usr/lib/systemd/system/ollama.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/gpu.conf": "->/dev/null",
        },
        (),
    ),
    # systemd.exec(5): UnsetEnvironment has the last word
    "unit-unsetenvironment": (
        {
            "/etc/systemd/system/ollama.service": UNIT + "Environment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/z.conf": "[Service]\nUnsetEnvironment=§\n",
        },
        (),
    ),
    # systemd.exec(5): the empty string resets the list
    "unit-reset": (
        {
            "~/.config/systemd/user/comfy.service": UNIT + f'Environment="§=10.3.0" {HIP}=0\n',
            "~/.config/systemd/user/comfy.service.d/10.conf": "[Service]\nEnvironment=\n",
        },
        (),
    ),
    # systemd.exec(5): the empty EnvironmentFile= resets the list of files
    "unit-envfile-reset": (
        {
            "/etc/systemd/system/ollama.service": UNIT + "EnvironmentFile=/etc/llama/gpu.env\n",
            "/etc/systemd/system/ollama.service.d/z.conf": "[Service]\nEnvironmentFile=\n",
            "/etc/llama/gpu.env": "§=10.3.0\n",
        },
        (),
    ),
    # generator run: only *.conf; "export" is no variable name
    "environment-d-bad": (
        {"~/.config/environment.d/gpu.env": "§=10.3.0\n", "~/.config/environment.d/gpu.conf": "export §=11.0.0\n"},
        (),
    ),
    # environment.d(5): subdirectories are not read
    "environment-d-subdir": ({"~/.config/environment.d/old/gpu.conf": "§=10.3.0\n"}, ()),
    # environment.d(5): /dev/null in /etc disables the vendor's file
    "environment-d-masked": (
        {"/usr/lib/environment.d/90-gpu.conf": "§=10.3.0\n", "/etc/environment.d/90-gpu.conf": "->/dev/null"},
        (),
    ),
    # /etc/profile sources *.sh only
    "profile-d-names": (
        {"/etc/profile.d/rocm.sh.bak": "export §=10.3.0\n", "/etc/profile.d/rocm": "export §=11.0.0\n", "/etc/profile.d/rocm.sh~": "export §=9.0.0\n"},
        (),
    ),
    # bash(1): the first of .bash_profile, .bash_login, .profile
    "bash-login-shadowed": ({"~/.bash_profile": "PATH=$HOME/bin:$PATH\n", "~/.bash_login": "export §=10.3.0\n"}, ()),
    # tcsh(1): ~/.cshrc only if there is no ~/.tcshrc
    "cshrc-shadowed": (
        {"/etc/passwd": _passwd("/bin/tcsh"), "~/.tcshrc": "set prompt='%m> '\n", "~/.cshrc": "setenv § 10.3.0\n"},
        (),
    ),
    # bash run
    "bash-export-n": ({"~/.bashrc": f"export §=10.3.0\nexport -n §\ndeclare -x {HIP}=1\ntypeset +x {HIP}\n"}, ()),
    # bash run
    "bash-subshell": ({"~/.bashrc": f"(export §=10.3.0)\nexport {HIP}=1 | cat\n"}, ()),
    # bash run
    "bash-after-return": ({"~/.bashrc": "alias ll='ls -l'\nreturn\nexport §=10.3.0\n"}, ()),
    # bash run: local dies with the function
    "bash-local-x": ({"~/.bashrc": "gpu() {\n  local -x §=10.3.0\n}\ngpu\n"}, ()),
    # bash run
    "bash-false-and": ({"~/.bashrc": "false && export §=10.3.0\n"}, ()),
    # bash run: nothing exports it
    "bash-not-exported": ({"~/.bashrc": f"§=10.3.0\nset -a\nset +a\n{HIP}=0\n"}, ()),
    # zsh run: local -x in a function
    "zsh-local-x": ({"/etc/passwd": ZSH, "~/.zshrc": "gpu() {\n  local -x §=10.3.0\n}\ngpu\n"}, ()),
    # zsh(1): ZDOTDIR moved, the old ~/.zprofile is not read
    "zsh-zdotdir-left": (
        {"/etc/passwd": ZSH, "~/.zshenv": "ZDOTDIR=$HOME/.config/zsh\n", "~/.zprofile": "export §=10.3.0\n"},
        (),
    ),
    # fish run: unexported, erased, block-local
    "fish-unexported": ({"/etc/passwd": FISH, "~/.config/fish/config.fish": f"set -gx § 10.3.0\nset -gu § 10.3.0\nset -g {HIP} 1\n"}, ()),
    # fish run
    "fish-erased": ({"/etc/passwd": FISH, "~/.config/fish/config.fish": f"set -gx § 10.3.0\nset --erase §\nbegin\n  set -lx {HIP} 1\nend\n"}, ()),
    # fish run ("invalid variable name"); conf.d reads *.fish only
    "fish-equals-sign": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -gx §=10.3.0\n", "~/.config/fish/conf.d/rocm.fish.off": "set -gx § 11.0.0\n"},
        (),
    ),
    # tmux run: hidden, removed later
    "tmux-hidden": ({"~/.tmux.conf": f"set-environment -gh § 10.3.0\nsetenv -g {HIP} 1\nsetenv -gu {HIP}\n"}, ()),
    # KDL: "/-" comments the whole node out
    "niri-slashdash": ({"~/.config/niri/config.kdl": f'/-environment {{\n    § "10.3.0"\n}}\n// environment {{ {HIP} "1"; }}\n'}, ()),
    # CDI cache: *.json and *.yaml only; podman 5.4.2 does not read ~/.config/cdi (facts)
    "cdi-wrong-place": (
        {
            "/etc/cdi/amd.yml": 'cdiVersion: "0.6.0"\nkind: amd.com/gpu\ncontainerEdits:\n  env: ["§=10.3.0"]\n',
            "~/.config/cdi/amd.json": '{"cdiVersion":"0.6.0","kind":"a.b/c","devices":[],"containerEdits":{"env":["§=11.0.0"]}}\n',
        },
        (),
    ),
    # containers.conf.d: *.conf only
    "containers-conf-d-extension": ({"/etc/containers/containers.conf.d/gpu.conf.disabled": '[containers]\nenv = ["§=10.3.0"]\n'}, ()),
    # quadlet reads *.container only; drop-ins end in .conf
    "quadlet-extensions": (
        {
            "~/.config/containers/systemd/o.container": "[Container]\nImage=x\n# Environment=§=9.0.0\n",
            "~/.config/containers/systemd/o.container.bak": "[Container]\nImage=x\nEnvironment=§=10.3.0\n",
            "~/.config/containers/systemd/o.container.d/gpu.txt": "[Container]\nEnvironment=§=11.0.0\n",
        },
        (),
    ),
    # autostart specification: Hidden=true is as if it were deleted
    "autostart-hidden": (
        {"~/.config/autostart/comfy.desktop": "[Desktop Entry]\nType=Application\nName=Comfy\nExec=env §=10.3.0 /opt/comfy/run\nHidden=true\n"},
        (),
    ),
    # jupyter_client kernelspec: only the top-level "env"
    "kernel-json-wrong-key": (
        {"~/.local/share/jupyter/kernels/rocm/kernel.json": f'{{"argv":["python"],"display_name":"x",\n"metadata":{{"env":{{"§":"10.3.0"}}}},\n"environment":{{"{HIP}":"1"}}}}\n'},
        (),
    ),
    # VS Code docs: null unsets; .osx is another system's
    "vscode-null": (
        {"~/.config/Code/User/settings.json": '{"terminal.integrated.env.osx": {"§": "10.3.0"},\n "terminal.integrated.env.linux": {"§": null}}\n'},
        (),
    ),
    # compose docs: compose.yaml is preferred where both are present
    "compose-both-names": (
        {
            "~/ai/compose.yaml": "services:\n  c:\n    image: x\n",
            "~/ai/docker-compose.yml": "services:\n  c:\n    image: x\n    environment:\n      - §=10.3.0\n",
        },
        (),
    ),
}
