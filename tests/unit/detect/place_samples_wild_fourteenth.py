# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set Q: two facts in a row: a drop-in that resets beside a file that sets, a template's beside an instance's, a file that is
read in and unsets. By a stranger, as the judge of an acceptance test would write it, mostly tried on the real programs.

Run once, after O and P were learnt: 35 of 40 places named with every labelled line and value and nothing else (51 of 55 lines), 5 of
50 look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import DASH, FISH, ZSH, Rows, s

HIP = "HIP_VISIBLE_DEVICES"
SVC = "[Service]\nExecStart=/usr/bin/ollama serve\n"

FOURTEENTH_WILD: Rows = {
    # systemd.exec(5): an empty Environment= resets; EnvironmentFile= takes globs, "-" ignores what is missing, last file wins
    "dropin-resets-glob-envfile-sets": (
        {"/etc/systemd/system/ollama.service": SVC + "Environment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/override.conf":
             "[Service]\nEnvironment=\nEnvironmentFile=-/etc/ollama/*.env\nEnvironmentFile=-/etc/ollama/missing\n",
         "/etc/ollama/10-a.env": "§=11.0.0\n",
         "/etc/ollama/20-b.env": "# local\n§ = '11.0.1'\n"},
        (s("/etc/ollama/20-b.env:2", "all", "11.0.1"),),
    ),
    # systemd.unit(5): prefix drop-ins llama-.service.d; the file of the same name in the unit's own directory masks it
    "prefix-dropin-of-another-name-wins": (
        {"/etc/systemd/system/llama-server.service": SVC,
         "/etc/systemd/system/llama-server.service.d/10-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/llama-.service.d/90-gpu.conf": "[Service]\nEnvironment='§=11.0.0'\n"},
        (s("/etc/systemd/system/llama-.service.d/90-gpu.conf:2", "all", "11.0.0"),),
    ),
    # drop-ins are sorted by file name over all directories: vendor's 99 beats the admin's 10
    "vendor-99-over-admin-10": (
        {"/usr/lib/systemd/system/ollama.service": SVC + "Environment=§=9.0.0\n",
         "/usr/lib/systemd/system/ollama.service.d/99-vendor.conf": "[Service]\nEnvironment=\"§=11.0.0\"\n",
         "/etc/systemd/system/ollama.service.d/10-mine.conf": "[Service]\nEnvironment=\"§=10.3.0\"\n"},
        (s("/usr/lib/systemd/system/ollama.service.d/99-vendor.conf:2", "all", "11.0.0"),),
    ),
    # /etc's unit hides /usr/lib's, the drop-in in /usr/local/lib is still read
    "etc-unit-over-lib-plus-local-dropin": (
        {"/usr/lib/systemd/system/ollama.service": SVC + "Environment=§=9.0.0\n",
         "/etc/systemd/system/ollama.service": SVC,
         "/usr/local/lib/systemd/system/ollama.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n"},
        (s("/usr/local/lib/systemd/system/ollama.service.d/gpu.conf:2", "all"),),
    ),
    # systemd.syntax(7): comments inside a continuation are skipped; a comment ending in a backslash does not continue
    "continued-environment-with-comment": (
        {"/etc/systemd/system/comfy.service":
             "[Service]\nExecStart=/usr/bin/python3 main.py\n# old \\\nEnvironment=\"LANG=C\" \\\n"
             "; the card\n    \"§=10.3.0\" \\\n    HIP_VISIBLE_DEVICES=0\n"},
        (s("/etc/systemd/system/comfy.service:6", "all"), s("/etc/systemd/system/comfy.service:7", "all", "0", HIP)),
    ),
    # systemd.exec(5): UnsetEnvironment=K=v removes only that very value
    "unsetenvironment-of-another-value": (
        {"/etc/systemd/system/ollama.service": SVC + "Environment=§=10.3.0\nUnsetEnvironment=§=11.0.0\n"},
        (s("/etc/systemd/system/ollama.service:3", "all"),),
    ),
    # a later drop-in empties UnsetEnvironment= again
    "unsetenvironment-reset": (
        {"/etc/systemd/system/ollama.service": SVC + "Environment=§=10.3.0\nUnsetEnvironment=§\n",
         "/etc/systemd/system/ollama.service.d/z.conf": "[Service]\nUnsetEnvironment=\n"},
        (s("/etc/systemd/system/ollama.service:3", "all"),),
    ),
    # a template and another instance's drop-in: every other instance has the template's, gpu0 its own
    "template-and-instance-dropin": (
        {"/etc/systemd/system/comfy@.service": SVC,
         "/etc/systemd/system/comfy@.service.d/10-t.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/comfy@gpu0.service.d/20-i.conf": "[Service]\nEnvironment=§=11.0.0\n"},
        (s("/etc/systemd/system/comfy@.service.d/10-t.conf:2", "all"),
         s("/etc/systemd/system/comfy@gpu0.service.d/20-i.conf:2", "all", "11.0.0")),
    ),
    # EnvironmentFile beats Environment=, also that of a later drop-in
    "envfile-crlf-beats-late-dropin": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=/etc/default/ollama\n",
         "/etc/systemd/system/ollama.service.d/zz.conf": "[Service]\nEnvironment=§=11.0.0\n",
         "/etc/default/ollama": "; the card\r\n§=\"10.3.0\"\r\n"},
        (s("/etc/default/ollama:2", "all"),),
    ),
    # a list of EnvironmentFile= emptied, then another one
    "envfile-list-reset": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=/etc/default/ollama\nEnvironmentFile=\n"
                                               "EnvironmentFile=-/etc/sysconfig/ollama\n",
         "/etc/default/ollama": "§=10.3.0\n",
         "/etc/sysconfig/ollama": "§=11.0.0\n"},
        (s("/etc/sysconfig/ollama:1", "all", "11.0.0"),),
    ),
    # systemd-system.conf(5): the drop-in of the same name in /etc masks /usr/lib's; drop-ins beat the main file
    "system-conf-dropins": (
        {"/etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=§=9.0.0\n",
         "/usr/lib/systemd/system.conf.d/50-gpu.conf": "[Manager]\nDefaultEnvironment=§=11.0.0\n",
         "/etc/systemd/system.conf.d/50-gpu.conf": "[Manager]\nDefaultEnvironment=\"§=10.3.0\" \"LANG=C\"\n"},
        (s("/etc/systemd/system.conf.d/50-gpu.conf:2", "all"),),
    ),
    # systemd-user.conf(5): $XDG_CONFIG_HOME/systemd/user.conf.d
    "own-user-conf-d": (
        {"~/.config/systemd/user.conf.d/gpu.conf": "[Manager]\nDefaultEnvironment='§=10.3.0'\n"},
        (s("~/.config/systemd/user.conf.d/gpu.conf:2", "sam"),),
    ),
    # ~/.local/share/systemd/user is in the user manager's path; the drop-in stands in ~/.config
    "share-user-unit-with-dropin": (
        {"~/.local/share/systemd/user/comfy.service": SVC + "Environment=§=9.0.0 HIP_VISIBLE_DEVICES=1\n",
         "~/.config/systemd/user/comfy.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n"},
        (s("~/.config/systemd/user/comfy.service.d/gpu.conf:2", "sam"),
         s("~/.local/share/systemd/user/comfy.service:3", "sam", "1", HIP)),
    ),
    # environment.d(5): sorted by name over /usr/lib and /etc; expansion
    "environment-d-expansion-and-order": (
        {"/etc/environment.d/10-base.conf": "GFX=10.3.0\n§=9.0.0\n",
         "/usr/lib/environment.d/90-gpu.conf": "# card\n§=\"${GFX}\"\n"},
        (s("/usr/lib/environment.d/90-gpu.conf:2", "all"),),
    ),
    "environment-d-default": (
        {"~/.config/environment.d/gpu.conf": "§=${MY_GFX:-10.3.0}\n"},
        (s("~/.config/environment.d/gpu.conf:1", "sam"),),
    ),
    # pam_env.conf(5): OVERRIDE beats DEFAULT
    "pam-env-default-and-override": (
        {"/etc/security/pam_env.conf": "# § DEFAULT=9.0.0\n§\tDEFAULT=11.0.0 OVERRIDE=10.3.0\n"},
        (s("/etc/security/pam_env.conf:2", "all"),),
    ),
    # sshd_config(5): the first SetEnv wins, also over the drop-in that follows; several on one line
    "sshd-first-setenv-wins": (
        {"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nSetEnv §=9.0.0\n",
         "/etc/ssh/sshd_config.d/10-a.conf": "setenv HIP_VISIBLE_DEVICES=0 \"§=10.3.0\"\n",
         "/etc/ssh/sshd_config.d/20-b.conf": "SetEnv §=11.0.0\n"},
        (s("/etc/ssh/sshd_config.d/10-a.conf:1", "all"), s("/etc/ssh/sshd_config.d/10-a.conf:1", "all", "0", HIP)),
    ),
    # crontab(5): the last assignment before the job
    "crontab-last-before-the-job": (
        {"/var/spool/cron/crontabs/sam": "§=9.0.0\n§ = \"10.3.0\"\n@daily /usr/bin/train\n§=11.0.0\n"},
        (s("/var/spool/cron/crontabs/sam:2", "sam"),),
    ),
    "crontab-two-jobs": (
        {"/etc/cron.d/train": "§=10.3.0\n0 5 * * * sam /usr/bin/a\n§='11.0.0'\n0 6 * * * sam /usr/bin/b\n"},
        (s("/etc/cron.d/train:1", "all"), s("/etc/cron.d/train:3", "all", "11.0.0")),
    ),
    # bash: an unset between two sets
    "bash-unset-between": (
        {"~/.bashrc": "export §=9.0.0\nunset §\n§=10.3.0\nexport HIP_VISIBLE_DEVICES=0 §\n"},
        (s("~/.bashrc:3", "sam"), s("~/.bashrc:4", "sam", "0", HIP)),
    ),
    "bash-allexport-sourced-env-then-unset-one": (
        {"~/.bashrc": "set -a\n. ~/gpu.env\nset +a\nunset HIP_VISIBLE_DEVICES\n",
         "~/gpu.env": "HIP_VISIBLE_DEVICES=1\n§=10'.3.'0 # card\n"},
        (s("~/gpu.env:2", "sam"),),
    ),
    "bash-default-keeps-the-first": (
        {"~/.bashrc": "export \\\n  §=10.3.0\nexport §=${§:-11.0.0}\n: \"${HIP_VISIBLE_DEVICES:=1}\"; export HIP_VISIBLE_DEVICES\n"},
        (s("~/.bashrc:2", "sam"), s("~/.bashrc:4", "sam", "1", HIP)),
    ),
    "bash-function-called": (
        {"~/.bashrc": "gpu() {\n  declare -gx §=$'10.3.0'\n}\nother() { export §=11.0.0; }\ngpu\n"},
        (s("~/.bashrc:2", "sam"),),
    ),
    # zsh(1): ZDOTDIR set in ~/.zshenv moves .zshrc
    "zsh-zdotdir": (
        {"/etc/passwd": ZSH, "~/.zshenv": "export ZDOTDIR=$HOME/.config/zsh\n",
         "~/.zshrc": "export §=11.0.0\n", "~/.config/zsh/.zshrc": "typeset -gx §=10.3.0\n"},
        (s("~/.config/zsh/.zshrc:1", "sam"),),
    ),
    "zsh-sourced-file-overrides": (
        {"/etc/passwd": ZSH, "~/.zshrc": "export §=9.0.0\n[[ -f ~/.zsh_gpu ]] && source ~/.zsh_gpu\n",
         "~/.zsh_gpu": "unset §\nexport §=\"10.3.0\"  # RDNA2\n"},
        (s("~/.zsh_gpu:2", "sam"),),
    ),
    # dash(1): ENV for interactive shells
    "dash-env-file": (
        {"/etc/passwd": DASH, "~/.profile": "ENV=$HOME/.shrc; export ENV\n", "~/.shrc": "§=10.3.0; export §\n"},
        (s("~/.shrc:1", "sam"),),
    ),
    # fish: /etc's conf.d masks the vendor's file of the same name
    "fish-conf-d-masks-vendor": (
        {"/etc/passwd": FISH, "/usr/share/fish/vendor_conf.d/gpu.fish": "set -gx § 11.0.0\n",
         "/etc/fish/conf.d/gpu.fish": "set --export --global § '10.3.0'\n"},
        (s("/etc/fish/conf.d/gpu.fish:1", "all"),),
    ),
    "fish-global-shadows-universal": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR --export §:11\\x2e0\\x2e0\n",
         "~/.config/fish/config.fish": "if status is-login; or true\n    set -xg § 10.3.0\nend\n"},
        (s("~/.config/fish/config.fish:2", "sam"),),
    ),
    # an executable launcher: the last assignment of env is the one
    "launcher-env-twice": (
        {"~/ComfyUI/run.sh": "#!/bin/sh\nexport §=9.0.0\nexec env HIP_VISIBLE_DEVICES=0 \\\n  §=10.3.0 \\\n  python3 main.py\n"},
        (s("~/ComfyUI/run.sh:4", "sam"), s("~/ComfyUI/run.sh:3", "sam", "0", HIP)),
    ),
    # compose: environment beats env_file, the other variable of the file stays
    "compose-environment-over-env-file": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    env_file: [gpu.env]\n    environment: {§: \"10.3.0\"}\n",
         "~/comfy/gpu.env": "§=11.0.0\nHIP_VISIBLE_DEVICES='0'\n"},
        (s("~/comfy/compose.yaml:5", "sam"), s("~/comfy/gpu.env:2", "sam", "0", HIP)),
    ),
    "compose-two-env-files": (
        {"~/comfy/docker-compose.yml": "services:\n  c:\n    image: x\n    env_file:\n      - a.env\n      - \"./b.env\"\n",
         "~/comfy/a.env": "§=11.0.0\n", "~/comfy/b.env": "# card\n§=\"10.3.0\"\n"},
        (s("~/comfy/b.env:2", "sam"),),
    ),
    "compose-override": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      §: 11.0.0\n      HIP_VISIBLE_DEVICES: \"0\"\n",
         "~/comfy/compose.override.yaml": "services:\n  c:\n    environment:\n      - §=10.3.0\n"},
        (s("~/comfy/compose.override.yaml:4", "sam"), s("~/comfy/compose.yaml:6", "sam", "0", HIP)),
    ),
    "compose-interpolated-default": (
        {"~/comfy/docker-compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      - '§=${GFX:-11.0.0}'\n      - HIP_VISIBLE_DEVICES=${DEV-1}\n",
         "~/comfy/.env": "GFX=10.3.0\n"},
        (s("~/comfy/docker-compose.yaml:5", "sam"), s("~/comfy/docker-compose.yaml:6", "sam", "1", HIP)),
    ),
    "compose-anchor-own-key-wins": (
        {"~/comfy/compose.yml": "x-gpu: &gpu\n  §: 11.0.0\n  HIP_VISIBLE_DEVICES: '0'\nservices:\n  c:\n    image: x\n    environment:\n      <<: *gpu\n      §: 10.3.0\n"},
        (s("~/comfy/compose.yml:9", "sam"), s("~/comfy/compose.yml:3", "sam", "0", HIP)),
    ),
    "compose-extends-other-file": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    extends:\n      file: base.yml\n      service: gpu\n    environment:\n      - HIP_VISIBLE_DEVICES=1\n",
         "~/comfy/base.yml": "services:\n  gpu:\n    image: x\n    environment:\n      - HIP_VISIBLE_DEVICES=0\n      - \"§=10.3.0\"\n"},
        (s("~/comfy/base.yml:6", "sam"), s("~/comfy/compose.yaml:7", "sam", "1", HIP)),
    ),
    # quadlet: an empty Environment= in the drop-in resets
    "quadlet-dropin-resets-and-sets": (
        {"/etc/containers/systemd/o.container": "[Container]\nImage=x\nEnvironment=§=11.0.0\n",
         "/etc/containers/systemd/o.container.d/20.conf": "[Container]\nEnvironment=\nEnvironment=HIP_VISIBLE_DEVICES=0 \"§=10.3.0\"\n"},
        (s("/etc/containers/systemd/o.container.d/20.conf:3", "all"),
         s("/etc/containers/systemd/o.container.d/20.conf:3", "all", "0", HIP)),
    ),
    "quadlet-template": (
        {"~/.config/containers/systemd/comfy@.container": "[Container]\nImage=x\nEnvironment=§=10.3.0 \\\n  HIP_VISIBLE_DEVICES=0\n"
                                                             "[Service]\nEnvironment=HSA_ENABLE_SDMA=0\n"},
        (s("~/.config/containers/systemd/comfy@.container:3", "sam"),
         s("~/.config/containers/systemd/comfy@.container:4", "sam", "0", HIP)),
    ),
    # /usr/local/share/jupyter stands before /usr/share/jupyter; a JSON key given twice: the last
    "kernelspec-local-over-share": (
        {"/usr/share/jupyter/kernels/rocm/kernel.json": '{"argv":["python3"],"display_name":"x","env":{"§":"11.0.0"}}\n',
         "/usr/local/share/jupyter/kernels/rocm/kernel.json":
             '{"argv":["python3"],"display_name":"x",\n "env":{"§":"9.0.0",\n  "§":"10\\u002e3.0"}}\n'},
        (s("/usr/local/share/jupyter/kernels/rocm/kernel.json:3", "all"),),
    ),
    # CDI in YAML, of one device
    "cdi-yaml-of-device": (
        {"/etc/cdi/amd.yaml": "cdiVersion: 0.6.0\nkind: amd.com/gpu\ndevices:\n- name: \"0\"\n  containerEdits:\n    env:\n    - '§=10.3.0'\n"},
        (s("/etc/cdi/amd.yaml:7", "all"),),
    ),
    # make: exported later
    "makefile-export-later": (
        {"~/llama/Makefile": "§ := 9.0.0\n§ = 10.3.0\nexport §\nrun:\n\t./server\n"},
        (s("~/llama/Makefile:2", "sam"),),
    ),
}

FOURTEENTH_CALM: Rows = {
    "unsetenvironment-beats-envfile": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=/etc/default/ollama\n",
         "/etc/systemd/system/ollama.service.d/a.conf": "[Service]\nUnsetEnvironment=LANG §\n",
         "/etc/default/ollama": "§=10.3.0\n"}, ()),
    "unit-masked-dropin-left": (
        {"/usr/lib/systemd/system/ollama.service": SVC + "Environment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service": "->/dev/null",
         "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=§=11.0.0\n"}, ()),
    "dropin-masked-by-link": (
        {"/usr/lib/systemd/system/ollama.service": SVC,
         "/usr/lib/systemd/system/ollama.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/gpu.conf": "->/dev/null"}, ()),
    "prefix-dropin-masked-by-own": (
        {"/etc/systemd/system/llama-server.service": SVC,
         "/etc/systemd/system/llama-.service.d/gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/llama-server.service.d/gpu.conf": "[Service]\nNice=5\n"}, ()),
    "dropin-empties-environment": (
        {"/etc/systemd/system/ollama.service": SVC + "Environment=\"§=10.3.0\"\n",
         "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=\n"}, ()),
    "dropin-empties-envfile": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=-/etc/default/ollama\n",
         "/etc/systemd/system/ollama.service.d/x.conf": "[Service]\nEnvironmentFile=\n",
         "/etc/default/ollama": "§=10.3.0\n"}, ()),
    "unit-wrong-section-and-case": (
        {"/etc/systemd/system/ollama.service":
             "[Unit]\nEnvironment=§=10.3.0\n" + SVC + "environment=§=11.0.0\nEnviroment=§=9.0.0\n[Install]\nEnvironment=§=9.0.6\n"}, ()),
    "unit-section-lower-case": (
        {"/etc/systemd/system/ollama.service": SVC, "/etc/systemd/system/ollama.service.d/a.conf": "[service]\nEnvironment=§=10.3.0\n"}, ()),
    "unit-spaces-around-equals": ({"/etc/systemd/system/ollama.service": SVC + "Environment=§ = 10.3.0\n"}, ()),
    "dropin-wrong-extension": (
        {"/etc/systemd/system/ollama.service": SVC,
         "/etc/systemd/system/ollama.service.d/override.conf.rpmsave": "[Service]\nEnvironment=§=10.3.0\n",
         "/etc/systemd/system/ollama.service.d/gpu": "[Service]\nEnvironment=§=11.0.0\n"}, ()),
    "envfile-with-export": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=/etc/default/ollama\n",
         "/etc/default/ollama": "export §=10.3.0\n;§=11.0.0\n"}, ()),
    "envfile-relative-path": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=default.env\n",
         "/etc/systemd/system/default.env": "§=10.3.0\n"}, ()),
    "envfile-glob-does-not-match": (
        {"/etc/systemd/system/ollama.service": SVC + "EnvironmentFile=-/etc/ollama/*.env\n",
         "/etc/ollama/gpu.env.bak": "§=10.3.0\n", "/etc/ollama/.hidden.env": "§=11.0.0\n"}, ()),
    "envfile-value-over-unit-value": (
        {"/etc/systemd/system/ollama.service": SVC + "Environment=HIP_VISIBLE_DEVICES=1\nEnvironmentFile=/etc/default/ollama\n",
         "/etc/default/ollama": "HIP_VISIBLE_DEVICES=2\n# §=10.3.0\n"},
        (s("/etc/default/ollama:1", "all", "2", HIP),)),
    "system-conf-reset": (
        {"/etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
         "/etc/systemd/system.conf.d/z.conf": "[Manager]\nDefaultEnvironment=\n"}, ()),
    "system-conf-wrong-section": ({"/etc/systemd/system.conf.d/x.conf": "[Service]\nDefaultEnvironment=§=10.3.0\n"}, ()),
    "environment-d-masked": (
        {"/usr/lib/environment.d/60-gpu.conf": "§=10.3.0\n", "/etc/environment.d/60-gpu.conf": "# nothing\n"}, ()),
    "environment-d-export-and-ext": (
        {"~/.config/environment.d/gpu.conf": "export §=10.3.0\n", "~/.config/environment.d/gpu.env": "§=11.0.0\n",
         "~/.config/environment.d/old/gpu.conf": "§=9.0.0\n"}, ()),
    "user-unit-config-hides-share": (
        {"~/.local/share/systemd/user/comfy.service": SVC + "Environment=§=10.3.0\n",
         "~/.config/systemd/user/comfy.service": SVC}, ()),
    "pam-env-undefined-later-and-lower-case": (
        {"/etc/security/pam_env.conf": "§ DEFAULT=10.3.0\n§ DEFAULT= OVERRIDE=\nHIP_VISIBLE_DEVICES default=1\n"}, ()),
    "sshd-earlier-setenv-takes-all": (
        {"/etc/ssh/sshd_config": "SetEnv LANG=C\nInclude /etc/ssh/sshd_config.d/*.conf\n",
         "/etc/ssh/sshd_config.d/10-gpu.conf": "SetEnv §=10.3.0\n"}, ()),
    "sshd-wrong-extension-acceptenv": (
        {"/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nAcceptEnv §\n#SetEnv §=9.0.0\n",
         "/etc/ssh/sshd_config.d/gpu.conf.bak": "SetEnv §=10.3.0\n"}, ()),
    "ssh-environment-not-permitted": (
        {"/etc/ssh/sshd_config": "PermitUserEnvironment no\nPermitUserEnvironment yes\n", "~/.ssh/environment": "§=10.3.0\n"}, ()),
    "cron-after-the-last-job": ({"/var/spool/cron/crontabs/sam": "@daily /usr/bin/train\n§=10.3.0\n"}, ()),
    "cron-d-backup-names": (
        {"/etc/cron.d/train~": "§=10.3.0\n0 5 * * * sam /usr/bin/train\n",
         "/etc/cron.d/train.rpmsave": "§=11.0.0\n0 5 * * * sam /usr/bin/train\n"}, ()),
    "bash-sourced-file-unsets": (
        {"~/.bashrc": "export §=10.3.0\n[ -r ~/.bash_gpu ] && . ~/.bash_gpu\n", "~/.bash_gpu": "unset §\n"}, ()),
    "bash-unexported": ({"~/.bashrc": "export §=10.3.0\nexport -n §\nHIP_VISIBLE_DEVICES=0\n"}, ()),
    "bash-subshell-pipe-background": (
        {"~/.bashrc": "( export §=10.3.0 )\nexport §=11.0.0 | cat\nexport §=9.0.0 &\nx=$(export §=9.0.6)\n"}, ()),
    "bash-after-return": ({"~/.bashrc": "alias ll='ls -l'\nreturn\nexport §=10.3.0\n"}, ()),
    "bash-heredoc-and-echo": (
        {"~/.bashrc": ": <<'EOF'\nexport §=10.3.0\nEOF\necho \"\nexport §=11.0.0\n\"\nif false; then export §=9.0.0; fi\n"}, ()),
    "bash-local-in-called-function": ({"~/.bashrc": "f() {\n  local -x §=10.3.0\n  true\n}\nf\n"}, ()),
    "zsh-no-rcs": (
        {"/etc/passwd": ZSH, "~/.zshenv": "setopt no_rcs\n", "~/.zshrc": "export §=10.3.0\n", "~/.zprofile": "export §=11.0.0\n"}, ()),
    "zsh-typeset-plus-x": ({"/etc/passwd": ZSH, "~/.zshrc": "export §=10.3.0\ntypeset +x §\n"}, ()),
    "dash-shrc-without-env": ({"/etc/passwd": DASH, "~/.profile": "ENV2=$HOME/.shrc\n", "~/.shrc": "export §=10.3.0\n"}, ()),
    "fish-not-exported-local": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -g § 10.3.0\nbegin\n  set -lx HIP_VISIBLE_DEVICES 0\nend\n"}, ()),
    "fish-erased-later": (
        {"/etc/passwd": FISH, "~/.config/fish/conf.d/a.fish": "set -gx § 10.3.0\n", "~/.config/fish/config.fish": "set -e §\n"}, ()),
    "fish-vendor-masked-by-empty": (
        {"/etc/passwd": FISH, "/usr/share/fish/vendor_conf.d/gpu.fish": "set -gx § 10.3.0\n", "/etc/fish/conf.d/gpu.fish": "# off\n"}, ()),
    "fish-universal-not-exported": (
        {"/etc/passwd": FISH, "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR §:10\\x2e3\\x2e0\n"}, ()),
    "launcher-env-u": ({"~/ComfyUI/run.sh": "#!/bin/sh\nexport §=10.3.0\nexec env -u § python3 main.py\n"}, ()),
    "compose-dot-env-unused": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      - LANG=C\n", "~/comfy/.env": "§=10.3.0\n"}, ()),
    "compose-reset-in-override": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      §: 10.3.0\n",
         "~/comfy/compose.override.yaml": "services:\n  c:\n    environment:\n      §: !reset null\n"}, ()),
    "compose-null-in-override": (
        {"~/comfy/compose.yaml": "services:\n  c:\n    image: x\n    environment:\n      - §=10.3.0\n",
         "~/comfy/compose.override.yaml": "services:\n  c:\n    environment:\n      §:\n"}, ()),
    "compose-args-labels-unused-anchor": (
        {"~/comfy/compose.yaml": "x-env: &e\n  §: 10.3.0\nservices:\n  c:\n    build:\n      context: .\n      args:\n        §: 11.0.0\n    labels:\n      §: 9.0.0\n"}, ()),
    "quadlet-service-section-and-reset": (
        {"/etc/containers/systemd/o.container": "[Container]\nImage=x\nEnvironment=§=10.3.0\nEnvironment=\n[Service]\nEnvironment=§=11.0.0\n"}, ()),
    # flatpak: unset-environment of the same file comes after [Environment] (tried: `flatpak override --user --env=ZZ=1` then writes "§=")
    "flatpak-set-and-unset": (
        {"~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Environment]\n§=10.3.0\n\n[Context]\nunset-environment=§;\n"}, ()),
    "kernelspec-env-in-metadata": (
        {"~/.local/share/jupyter/kernels/rocm/kernel.json": '{"argv":["python3"],"display_name":"x","metadata":{"env":{"§":"10.3.0"}},"ENV":{"§":"11.0.0"}}\n'}, ()),
    "cdi-yml-is-not-read": (
        {"/etc/cdi/amd.yml": "cdiVersion: 0.6.0\nkind: amd.com/gpu\ncontainerEdits:\n  env: ['§=10.3.0']\ndevices: []\n"}, ()),
    "makefile-unexport": ({"~/llama/Makefile": "export § := 10.3.0\nunexport §\nrun:\n\t./server\n"}, ()),
    "flatpak-wrong-group": (
        {"~/.local/share/flatpak/overrides/global": "[Context]\n§=10.3.0\n[environment]\n§=11.0.0\n#[Environment]\n"}, ()),
    "vscode-other-os": (
        {"~/.config/Code/User/settings.json": '{\n  "terminal.integrated.env.osx": {"§": "10.3.0"},\n  // "terminal.integrated.env.linux": {"§": "11.0.0"},\n  "terminal.integrated.env.windows": {"§": "9.0.0"}\n}\n'}, ()),
}
