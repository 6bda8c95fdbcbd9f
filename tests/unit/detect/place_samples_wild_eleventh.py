# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set N: an eleventh set like place_samples_wild, by a stranger who knew neither the readers nor their tests.

Half from public files (a number is that of a stored file in a search over public repositories), half from manuals.

Run once, after set M: 36 of 36 places named with every labelled line and value (83 of 83 lines); 4 of 36 look-alikes
claimed: a section of containers.conf that is not [containers]' and an earlier drop-in's list, a branch for another
shell, what .zlogin takes away, and /etc/environment where all services of PAM are told not to read it.
"""

from __future__ import annotations

from place_samples_wild import DASH, FISH, ZSH, Rows, s

TCSH = FISH.replace("/fish", "/tcsh")

ELEVENTH_WILD: Rows = {
    # found by hl.env("HSA_OVERRIDE, id 71504738610 (Hyprland in Lua)
    "hyprland-lua": (
        {
            "~/.config/hypr/hyprland.lua": 'hl.env("WINEESYNC", "1")\n\n-- ROCm / AMD GPU compute\n'
            'hl.env("ROCR_VISIBLE_DEVICES",  "1")\nhl.env("§", "11.0.0")\n-- hl.env("HIP_VISIBLE_DEVICES", "0")\n'
            'hl.env("LIBVA_DRIVER_NAME", "radeonsi")\n',
        },
        (
            s("~/.config/hypr/hyprland.lua:4", "sam", "1", "ROCR_VISIBLE_DEVICES"),
            s("~/.config/hypr/hyprland.lua:5", "sam", "11.0.0"),
        ),
    ),
    # found by $env.HSA_OVERRIDE_GFX_VERSION, id 60234791253 (nushell, niri, RX 480)
    "nushell-env": (
        {
            "~/.config/nushell/env.nu": '$env.XDG_CURRENT_DESKTOP    = "niri"\n# AMD RX 480 ROCm override\n'
            '$env.§ = "8.0.3"\n$env.ROCR_VISIBLE_DEVICES     = "0"\n$env.LANG   = "en_US.UTF-8"\n',
        },
        (
            s("~/.config/nushell/env.nu:3", "sam", "8.0.3"),
            s("~/.config/nushell/env.nu:4", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # found by export MIOPEN_FIND_MODE, id 65944283293 (ComfyUI launcher, Radeon VII)
    "comfy-radeon-vii": (
        {
            "~/ComfyUI/start.sh": "#!/bin/bash\n#export HIP_VISIBLE_DEVICES=1\nexport COMFYUI_USE_HIP=1\n"
            "#export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n#export §=9.0.6\n"
            "export MIOPEN_FIND_MODE=2\nexport MIOPEN_USE_ROCBLAS=1\n#export ROCBLAS_LAYER=0\nulimit -c 0\n"
            "python main.py --fast\n",
        },
        (
            s("~/ComfyUI/start.sh:6", "sam", "2", "MIOPEN_FIND_MODE"),
            s("~/ComfyUI/start.sh:7", "sam", "1", "MIOPEN_USE_ROCBLAS"),
        ),
    ),
    # found by export HIP_VISIBLE_DEVICES=, id 59929217783 (MI50 training)
    "mi50-resume": (
        {
            "~/llm/resume.sh": "#!/bin/bash\nset -e\ncd ~/llm\nsource .venv/bin/activate\n\nexport §=9.0.6\n"
            "export ROCR_VISIBLE_DEVICES=0,1,2,3\nexport HIP_VISIBLE_DEVICES=0,1,2,3\n"
            'export GPU_DEVICE_ORDINAL=0,1,2,3\necho "Resuming"\naccelerate launch -m axolotl.cli.train cfg.yaml\n',
        },
        (
            s("~/llm/resume.sh:6", "sam", "9.0.6"),
            s("~/llm/resume.sh:7", "sam", "0,1,2,3", "ROCR_VISIBLE_DEVICES"),
            s("~/llm/resume.sh:8", "sam", "0,1,2,3", "HIP_VISIBLE_DEVICES"),
            s("~/llm/resume.sh:9", "sam", "0,1,2,3", "GPU_DEVICE_ORDINAL"),
        ),
    ),
    # found by HSA_OVERRIDE_GFX_VERSION = ", id 55867933373 (NixOS, eGPU)
    "nixos-variables": (
        {
            "/etc/nixos/configuration.nix": "{ pkgs, ... }:\n{\n  environment.variables = {\n"
            '    ROCM_PATH = "/opt/rocm"; # Set ROCm path\n    HIP_VISIBLE_DEVICES = "1"; # Use only the eGPU\n'
            '    § = "9.0.0"; # Set GFX version override\n  };\n}\n',
        },
        (
            s("/etc/nixos/configuration.nix:5", "sam", "1", "HIP_VISIBLE_DEVICES"),
            s("/etc/nixos/configuration.nix:6", "sam", "9.0.0"),
        ),
    ),
    # found by rocmOverrideGfx, id 25189958819
    "nixos-override-gfx": (
        {
            "/etc/nixos/configuration.nix": "{ config, pkgs, ... }:\n{\n  services.ollama = {\n    enable = true;\n"
            '    acceleration = "rocm";\n    # results in environment variable "§=10.3.0"\n'
            '    rocmOverrideGfx = "10.3.0";\n  };\n  services.open-webui.enable = true;\n}\n',
        },
        (s("/etc/nixos/configuration.nix:7", "sam"),),
    ),
    # found by set -x HSA_OVERRIDE_GFX_VERSION, id 42443204070 (CachyOS fish)
    "cachyos-fish": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "source /usr/share/cachyos-fish-config/cachyos-config.fish\n\n"
            "set -x § 11.0.0\nset -x HIP_VISIBLE_DEVICES 0\nset -x ROCR_VISIBLE_DEVICES 0\n"
            "set -x OLLAMA_FLASH_ATTENTION 1\n",
        },
        (
            s("~/.config/fish/config.fish:3", "sam", "11.0.0"),
            s("~/.config/fish/config.fish:4", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/fish/config.fish:5", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # found by systemd drop-in, id 31001337009 (the later line wins)
    "dropin-twice": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/etc/systemd/system/ollama.service.d/amd-gpu.conf": '[Service]\nEnvironment="ROCm_PATH=/opt/rocm"\n'
            'Environment="HIP_VISIBLE_DEVICES=0"\nEnvironment="§=11.0.0"\n\n# Common values: gfx1100, gfx1103\n'
            'Environment="§=11.0.3"\nSupplementaryGroups=video render\n',
        },
        (
            s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:7", "sam", "11.0.3"),
        ),
    ),
    # found by Environment=HIP_VISIBLE_DEVICES, id 54254763333
    "unit-strix-daemon": (
        {
            "/etc/systemd/system/talos-omni.service": "[Unit]\nDescription=Cognitive Daemon\n\n[Service]\nUser=sam\n"
            "ExecStart=/opt/talos/venv/bin/python daemon.py\nEnvironment=§=11.5.1\nEnvironment=HSA_XNACK=1\n"
            "Environment=HSA_ENABLE_SDMA=0\n"
            "Environment=PYTORCH_HIP_ALLOC_CONF=garbage_collection_threshold:0.8,max_split_size_mb:512\n\n"
            "[Install]\nWantedBy=multi-user.target\n",
        },
        (
            s("/etc/systemd/system/talos-omni.service:7", "sam", "11.5.1"),
            s("/etc/systemd/system/talos-omni.service:8", "sam", "1", "HSA_XNACK"),
            s("/etc/systemd/system/talos-omni.service:9", "sam", "0", "HSA_ENABLE_SDMA"),
            s(
                "/etc/systemd/system/talos-omni.service:10",
                "sam",
                "garbage_collection_threshold:0.8,max_split_size_mb:512",
                "PYTORCH_HIP_ALLOC_CONF",
            ),
        ),
    ),
    # found by environment=HSA_..., id 58400254914 (quadlet)
    "quadlet-slot": (
        {
            "/etc/containers/systemd/slot.container": "[Unit]\nDescription=slot\n\n[Container]\n"
            "Image=ghcr.io/x/toolbox-rocm:1\nContainerName=slot\nAddDevice=/dev/kfd\nGroupAdd=993\n"
            "Environment=§=11.5.1\nEnvironment=HAL0_RUNTIME=container\nExec=llama-server --port 8081\n",
        },
        (s("/etc/containers/systemd/slot.container:9", "sam", "11.5.1"),),
    ),
    # found by os.environ["MIOPEN, id 2882365931
    "python-head": (
        {
            "~/speech/test.py": 'import os\nos.environ["MIOPEN_FIND_MODE"] = "FAST"\nos.environ["§"] = "10.3.0"\n\n'
            'import torch\nDEVICE = torch.device("cuda:0")\n',
        },
        (
            s("~/speech/test.py:2", "sam", "FAST", "MIOPEN_FIND_MODE"),
            s("~/speech/test.py:3", "sam"),
        ),
    ),
    # found by "HSA_OVERRIDE_GFX_VERSION": ", id 60880566486 (a child's environment)
    "python-subprocess": (
        {
            "~/gfx/health.py": "import os, subprocess, sys\n\n\ndef probe():\n    return subprocess.run(\n"
            '        [sys.executable, "-c", "import torch"],\n        timeout=30,\n        env={\n'
            '            **os.environ,\n            "§": "9.0.0",\n            "HSA_XNACK": "0",\n'
            '            "PYTHONUNBUFFERED": "1",\n        },\n    )\n\n\nprobe()\n',
        },
        (
            s("~/gfx/health.py:10", "sam", "9.0.0"),
            s("~/gfx/health.py:11", "sam", "0", "HSA_XNACK"),
        ),
    ),
    # found by MIOPEN_FIND_MODE=1 HSA_..., id 21140353583 (a recipe's prefix)
    "makefile-recipe": (
        {
            "~/bot/Makefile": "PY ?= python\n\n.PHONY: streamlit-rocm-safe\nstreamlit-rocm-safe:\n"
            "\t# gfx1030 için § bazen gerekli\n\tMIOPEN_FIND_MODE=1 §=10.3.0 \\\n"
            "\tPYTHONPATH=. streamlit run app.py -- --rocm-safe\n",
        },
        (
            s("~/bot/Makefile:6", "sam", "1", "MIOPEN_FIND_MODE"),
            s("~/bot/Makefile:6", "sam"),
        ),
    ),
    # found by --env HSA_..., id 8991529777 (zshrc with an alias of docker run)
    "zshrc-alias-docker": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": 'export ZSH="$HOME/.oh-my-zsh"\nexport TERM=xterm-256color\nexport §="10.3.0"\n\n'
            "alias ollama_serve='docker run --name o --env §=10.3.0 -d --device /dev/kfd ollama/ollama:rocm'\n"
            'ZSH_THEME="robbyrussell"\n',
        },
        (s("~/.zshrc:3", "sam"), s("~/.zshrc:5", "sam")),
    ),
    # found by name: HSA_..., id 61634105223 (k3s auto-deployed manifest)
    "k3s-manifest": (
        {
            "/var/lib/rancher/k3s/server/manifests/ollama.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
            "  name: ollama\nspec:\n  template:\n    spec:\n      containers:\n      - name: ollama\n"
            "        image: ollama/ollama:rocm\n        env:\n        #  - name: §\n        #    value: \"10.3.0\"\n"
            '        - name: OLLAMA_HOST\n          value: "0.0.0.0:11434"\n        - {name: HIP_VISIBLE_DEVICES, value: "0"}\n',
        },
        (s("/var/lib/rancher/k3s/server/manifests/ollama.yaml:16", "sam", "0", "HIP_VISIBLE_DEVICES"),),
    ),
    # found by ENV PYTORCH_ROCM_ARCH, id 51798823562 / 41277831169
    "dockerfile-env": (
        {
            "~/comfy/Dockerfile": "FROM rocm/pytorch:rocm7.2_ubuntu24.04_py3.13_pytorch_release_2.10.0\n\n"
            'ENV PYTORCH_ROCM_ARCH="gfx1100"\nENV FORCE_CUDA=1 \\\n    PIP_NO_CACHE_DIR=1 \\\n    §=11.0.0\n\n'
            "WORKDIR /app\n",
        },
        (
            s("~/comfy/Dockerfile:3", "sam", "gfx1100", "PYTORCH_ROCM_ARCH"),
            s("~/comfy/Dockerfile:6", "sam", "11.0.0"),
        ),
    ),
    # found by HSA_OVERRIDE_GFX_VERSION: ", id 70210652973 (compose, merge key overridden as a whole)
    "compose-merge": (
        {
            "~/pdftotts/docker-compose.yml": "name: pdftotts\n\nx-rocm: &rocm\n  devices:\n    - /dev/kfd\n"
            '    - /dev/dri\n  environment:\n    §: "11.0.0"\n    HIP_VISIBLE_DEVICES: "0"\n\nservices:\n'
            "  kokoro-tts:\n    image: kokoro\n    <<: *rocm\n",
        },
        (
            s("~/pdftotts/docker-compose.yml:8", "sam", "11.0.0"),
            s("~/pdftotts/docker-compose.yml:9", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # found by setenv HSA_... (hip_nl's README), tcsh(1): ~/.tcshrc, else ~/.cshrc
    "tcsh-cshrc": (
        {"/etc/passwd": TCSH, "~/.cshrc": "set prompt='%m %~> '\nsetenv § 11.0.0\nsetenv USE_HIP_NL 1\n"},
        (s("~/.cshrc:2", "sam", "11.0.0"),),
    ),
    # ---- from manuals: the kinds of places.tsv in another spelling
    # pam_env.conf(5): DEFAULT on a joined line
    "pam-env-override": (
        {
            "/etc/security/pam_env.conf": "# PAM\nREMOTEHOST DEFAULT=localhost OVERRIDE=@{PAM_RHOST}\n"
            '§ \\\n  DEFAULT="10.3.0"\nHIP_VISIBLE_DEVICES  DEFAULT=0\n',
        },
        (
            s("/etc/security/pam_env.conf:3", "sam"),
            s("/etc/security/pam_env.conf:5", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # pam_env(8), environment.d(5): quotes and both comment signs
    "environment-files-quoted": (
        {
            "/etc/environment": "LANG=de_DE.UTF-8\n#§=11.0.0\nHSA_ENABLE_SDMA='0'\n",
            "/etc/environment.d/80-gpu.conf": "# Radeon\n;§=9.0.0\n§='10.3.0'\n",
            "/usr/lib/environment.d/70-miopen.conf": 'MIOPEN_FIND_MODE="FAST"\n',
            "~/.config/environment.d/90-mine.conf": "\nROCR_VISIBLE_DEVICES=0\n",
        },
        (
            s("/etc/environment:3", "sam", "0", "HSA_ENABLE_SDMA"),
            s("/etc/environment.d/80-gpu.conf:3", "sam"),
            s("/usr/lib/environment.d/70-miopen.conf:1", "sam", "FAST", "MIOPEN_FIND_MODE"),
            s("~/.config/environment.d/90-mine.conf:2", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # bash(1): declare -x, typeset -x, several in one export
    "bash-spellings": (
        {
            "~/.bashrc": "shopt -s histappend\ndeclare -x §=10.3.0\nPS1='$ '\n",
            "/etc/bash.bashrc": "[ -z \"$PS1\" ] && return\ntypeset -x HIP_VISIBLE_DEVICES='0'\n",
            "/etc/profile.d/zz-gpu.sh": "export EDITOR=vi HSA_ENABLE_SDMA=0 \\\n  LESS=-R\n",
        },
        (
            s("~/.bashrc:2", "sam"),
            s("/etc/bash.bashrc:2", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/profile.d/zz-gpu.sh:1", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # dash(1): assigned first, exported after
    "profile-assign-export": (
        {
            "/etc/passwd": DASH,
            "~/.profile": "umask 022\n§=10.3.0; export §\nROCR_VISIBLE_DEVICES=0 && export ROCR_VISIBLE_DEVICES\n",
        },
        (s("~/.profile:2", "sam"), s("~/.profile:3", "sam", "0", "ROCR_VISIBLE_DEVICES")),
    ),
    # zshbuiltins(1): typeset -gx, export
    "zsh-system": (
        {
            "/etc/passwd": ZSH,
            "/etc/zsh/zshenv": "typeset -gx §=10.3.0\n",
            "/etc/zsh/zlogin": "export HSA_ENABLE_SDMA='0' # slow\n",
            "~/.zshenv": "typeset -U path\nexport ROCR_VISIBLE_DEVICES=0;\n",
        },
        (
            s("/etc/zsh/zshenv:1", "sam"),
            s("/etc/zsh/zlogin:1", "sam", "0", "HSA_ENABLE_SDMA"),
            s("~/.zshenv:2", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # Debian's Xsession(5), SDDM, Plasma
    "x11-session-files": (
        {
            "/etc/xprofile": 'export "§=10.3.0"\n',
            "~/.xprofile": "export HIP_VISIBLE_DEVICES='0'\n",
            "/etc/X11/Xsession.d/95rocm_local": "ROCR_VISIBLE_DEVICES=0; export ROCR_VISIBLE_DEVICES\n",
            "~/.xsessionrc": "export XCURSOR_SIZE=24 HSA_ENABLE_SDMA=0\n",
            "~/.config/plasma-workspace/env/gpu.sh": "#!/bin/sh\nexport MIOPEN_FIND_MODE=2\n",
        },
        (
            s("/etc/xprofile:1", "sam"),
            s("~/.xprofile:1", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/X11/Xsession.d/95rocm_local:1", "sam", "0", "ROCR_VISIBLE_DEVICES"),
            s("~/.xsessionrc:1", "sam", "0", "HSA_ENABLE_SDMA"),
            s("~/.config/plasma-workspace/env/gpu.sh:2", "sam", "2", "MIOPEN_FIND_MODE"),
        ),
    ),
    # systemd.exec(5): several assignments in one line, both quotes; a drop-in of every service
    "unit-one-line": (
        {
            "/usr/local/lib/systemd/system/llama.service": "[Unit]\nDescription=llama\n\n[Service]\n"
            "ExecStart=/usr/local/bin/llama-server\nEnvironment=\"LANG=C\" '§=10.3.0' HIP_VISIBLE_DEVICES=0\n",
            "/etc/systemd/system/service.d/50-gpu.conf": '[Service]\nEnvironment = "AMD_SERIALIZE_KERNEL=3"\n',
        },
        (
            s("/usr/local/lib/systemd/system/llama.service:6", "sam"),
            s("/usr/local/lib/systemd/system/llama.service:6", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/systemd/system/service.d/50-gpu.conf:2", "sam", "3", "AMD_SERIALIZE_KERNEL"),
        ),
    ),
    # systemd-system.conf(5)
    "manager-default": (
        {
            "/etc/systemd/user.conf": '[Manager]\n#LogLevel=info\nDefaultEnvironment="MOZ_ENABLE_WAYLAND=1" "§=10.3.0"\n',
            "/etc/systemd/system.conf.d/gpu.conf": "# site\n[Manager]\nDefaultEnvironment='HSA_ENABLE_SDMA=0' LANG=C\n",
        },
        (
            s("/etc/systemd/user.conf:3", "sam"),
            s("/etc/systemd/system.conf.d/gpu.conf:3", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # systemd.unit(5): prefix drop-in directory; a user unit
    "dropin-prefix-user-unit": (
        {
            "/etc/systemd/system/comfy-main.service": "[Service]\nExecStart=/opt/comfy/run\nUser=sam\n",
            "/etc/systemd/system/comfy-.service.d/gpu.conf": "[Service]\nEnvironment = §=10.3.0\n",
            "~/.config/systemd/user/whisper.service": "[Service]\nEnvironment='HIP_VISIBLE_DEVICES=1'\nExecStart=%h/whisper/run\n",
        },
        (
            s("/etc/systemd/system/comfy-.service.d/gpu.conf:2", "sam"),
            s("~/.config/systemd/user/whisper.service:2", "sam", "1", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # systemd.exec(5): EnvironmentFile, leading blanks, both comment signs
    "sysconfig-file": (
        {
            "/usr/lib/systemd/system/llama.service": "[Service]\nEnvironmentFile=-/etc/sysconfig/llama\n"
            "ExecStart=/usr/bin/llama-server\n",
            "/etc/sysconfig/llama": "# args\nLLAMA_ARGS='-ngl 99'\n  §=10.3.0\n; HIP_VISIBLE_DEVICES=1\n",
        },
        (s("/etc/sysconfig/llama:3", "sam"),),
    ),
    # containers.conf(5), podman-systemd.unit(5), CDI in YAML
    "podman-three": (
        {
            "~/.config/containers/containers.conf": "[containers]\nkeyring = false\nenv = [\n"
            "  'TZ=UTC',\n  \"MIOPEN_FIND_MODE=2\", # fast\n  #\"HIP_VISIBLE_DEVICES=0\",\n]\n",
            "~/.config/containers/systemd/o.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\n",
            "~/.config/containers/systemd/o.container.d/gpu.conf": '[Container]\nEnvironment="TZ=UTC" "§=10.3.0"\n',
            "/etc/cdi/radeon.yaml": 'cdiVersion: "0.6.0"\nkind: amd.com/gpu\ndevices:\n  - name: "0"\n'
            "    containerEdits:\n      deviceNodes:\n        - path: /dev/kfd\n      env:\n        - ROCR_VISIBLE_DEVICES=0\n",
        },
        (
            s("~/.config/containers/containers.conf:5", "sam", "2", "MIOPEN_FIND_MODE"),
            s("~/.config/containers/systemd/o.container.d/gpu.conf:2", "sam"),
            s("/etc/cdi/radeon.yaml:9", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # flatpak-override(1): the system's override of one application, and the user's of all
    "flatpak-system-app": (
        {
            "/var/lib/flatpak/overrides/org.blender.Blender": "[Context]\ndevices=all;\n\n[Environment]\n§=10.3.0\n",
            "~/.local/share/flatpak/overrides/global": "[Environment]\nGTK_THEME=Adwaita\nHIP_VISIBLE_DEVICES=0\n",
        },
        (
            s("/var/lib/flatpak/overrides/org.blender.Blender:5", "sam"),
            s("~/.local/share/flatpak/overrides/global:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # crontab(5): blanks around =, quotes; a prefix in the command
    "crontab-blanks": (
        {
            "/etc/crontab": 'SHELL=/bin/sh\n§ = "10.3.0"\n# m h dom mon dow user command\n'
            "0 5 * * * sam MIOPEN_FIND_MODE=2 /usr/local/bin/nightly\n",
        },
        (s("/etc/crontab:2", "sam"), s("/etc/crontab:4", "sam", "2", "MIOPEN_FIND_MODE")),
    ),
    # sshd_config(5): SetEnv with several, any case of the keyword; ~/.ssh/environment let in
    "sshd-setenv-two": (
        {
            "/etc/ssh/sshd_config": "Port 22\nUsePAM yes\nsetenv §=10.3.0 HIP_VISIBLE_DEVICES=0\nPermitUserEnvironment yes\n",
            "~/.ssh/environment": "# gpu\nHSA_ENABLE_SDMA=0\n",
        },
        (
            s("/etc/ssh/sshd_config:3", "sam"),
            s("/etc/ssh/sshd_config:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.ssh/environment:2", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # fish documentation: long options, bundled options, a universal exported variable
    "fish-long-options": (
        {
            "/etc/passwd": FISH,
            "/etc/fish/conf.d/10-rocm.fish": "set --global --export § 10.3.0\nset -xg HIP_VISIBLE_DEVICES '0'\n",
            "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR fish_greeting:\nSETUVAR --export PYTORCH_ROCM_ARCH:gfx1030\n",
        },
        (
            s("/etc/fish/conf.d/10-rocm.fish:1", "sam"),
            s("/etc/fish/conf.d/10-rocm.fish:2", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/fish/fish_variables:3", "sam", "gfx1030", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # jupyter_client documentation: kernel.json; VS Code: comments in settings
    "kernel-json-vscode": (
        {
            "/usr/local/share/jupyter/kernels/rocm/kernel.json": '{\n "argv": ["python3", "-m", "ipykernel_launcher"],\n'
            ' "display_name": "ROCm",\n "env": {\n  "§": "10.3.0"\n },\n "language": "python"\n}\n',
            "~/.config/Code/User/settings.json": '{\n  // terminals\n  "terminal.integrated.env.linux": {\n'
            '    "HIP_VISIBLE_DEVICES": "0", // the big card\n  },\n}\n',
        },
        (
            s("/usr/local/share/jupyter/kernels/rocm/kernel.json:5", "sam"),
            s("~/.config/Code/User/settings.json:4", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # A1111's webui-user.sh, venv's activate in its own style
    "webui-user-venv": (
        {
            "~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n#export HSA_ENABLE_SDMA=0\n"
            'export §="10.3.0" PYTORCH_HIP_ALLOC_CONF="expandable_segments:True"\nexport COMMANDLINE_ARGS=""\n',
            "~/venv/bin/activate": "VIRTUAL_ENV=/srv/venv\nexport VIRTUAL_ENV\n"
            'HIP_VISIBLE_DEVICES="0" ; export HIP_VISIBLE_DEVICES\nhash -r 2> /dev/null\n',
        },
        (
            s("~/stable-diffusion-webui/webui-user.sh:3", "sam"),
            s("~/stable-diffusion-webui/webui-user.sh:3", "sam", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/venv/bin/activate:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # niri's wiki: environment node
    "niri-kdl": (
        {
            "~/.config/niri/config.kdl": 'environment {\n    QT_QPA_PLATFORM "wayland"\n    § "10.3.0"\n'
            '    // HIP_VISIBLE_DEVICES "0"\n}\nspawn-at-startup "waybar"\n',
        },
        (s("~/.config/niri/config.kdl:3", "sam"),),
    ),
}

ELEVENTH_CALM: Rows = {
    # found by HSA_OVERRIDE_GFX_VERSION, id 66185119628: a build script unsets it
    "script-unset": (
        {
            "~/build/rebuild.sh": "#!/bin/bash\nset -e\nexport §=10.3.0\n# Load ROCm environment\n"
            "export ROCM_PATH=/opt/rocm\nunset §\nhipcc --version | head -3\ncmake --build build\n",
        },
        (),
    ),
    # found by HSA_OVERRIDE_GFX_VERSION = ", id 11928929423
    "nixos-commented": (
        {
            "/etc/nixos/configuration.nix": '{ pkgs, ... }:\n{\n  services.ollama = {\n    enable = true;\n  };\n'
            '  #  services.ollama = {\n  #    rocmOverrideGfx = "11.0.3";\n  #    environmentVariables = {\n'
            '  #      § = "11.0.3";\n  #      AMD_SERIALIZE_KERNEL = "3";\n  #    };\n  #  };\n'
            '  /* environment.variables.§ = "10.3.0"; */\n}\n',
        },
        (),
    ),
    # found by ENV PYTORCH_ROCM_ARCH, id 23246099867
    "dockerfile-commented": (
        {
            "~/sd/Dockerfile": "FROM ubuntu:noble\nARG PYTORCH_ROCM_ARCH=gfx1030\nENV USE_ROCM=1\n"
            '# For 6700, 6600:\n#ENV §="10.3.0"\n#ENV PYTORCH_ROCM_ARCH="gfx1030"\nRUN apt update\n',
        },
        (),
    ),
    # found by setenv("HIP_VISIBLE_DEVICES, id 69518200717: a test
    "pytest-monkeypatch": (
        {
            "~/proj/tests/test_devices.py": "def test_rocr_wins(monkeypatch) -> None:\n"
            '    monkeypatch.setenv("ROCR_VISIBLE_DEVICES", "4,5")\n    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "0,1")\n'
            "    assert resolve(4) == [4, 5]\n",
        },
        (),
    ),
    # found by HSA_OVERRIDE_GFX_VERSION, id 52437829688: a README's section
    "readme-bash": (
        {
            "~/agent/README.md": "# Agent\n\n### AMD GPU environment (add to `~/.bashrc`)\n```bash\nexport §=11.0.0\n"
            "export HSA_ENABLE_SDMA=0\n```\n",
        },
        (),
    ),
    # found by pop("HIP_VISIBLE_DEVICES, id 71068488566
    "python-pop": (
        {
            "~/rl/train.py": 'import os\n\nos.environ["HIP_VISIBLE_DEVICES"] = "0"\n'
            'os.environ["§"] = "10.3.0"\nos.environ.pop("HIP_VISIBLE_DEVICES", None)\ndel os.environ["§"]\n'
            "import torch\n",
        },
        (),
    ),
    # found by pop("HIP_VISIBLE_DEVICES, id 58005989544: values only read
    "python-read": (
        {
            "~/rl/report.py": 'import os\n\ncuda = os.environ.get("CUDA_VISIBLE_DEVICES")\n'
            'hip = os.environ.get("HIP_VISIBLE_DEVICES", "0")\ngfx = os.getenv("§", "10.3.0")\n'
            'if os.environ.get("§") == "10.3.0":\n    print("override", gfx)\n',
        },
        (),
    ),
    # found by Environment=HIP_VISIBLE_DEVICES, id 60904817837: the commented line of a unit
    "unit-commented": (
        {
            "/etc/systemd/system/llama-server.service": "[Service]\nUser=sam\n# Environment=§=9.0.6\n"
            ";Environment=HIP_VISIBLE_DEVICES=0\nExecStart=/usr/local/bin/llama-server\n",
        },
        (),
    ),
    # found by HSA_..., id 354541328: PowerShell
    "powershell": (
        {
            "~/gpu/optimize.ps1": '$env:§="10.3.0"\n$env:ROCR_VISIBLE_DEVICES="0"\n',
            "~/gpu/run.bat": "@echo off\r\nset §=10.3.0\r\nset HIP_VISIBLE_DEVICES=0\r\nollama serve\r\n",
        },
        (),
    ),
    # found by, ids 57129709323, 55549728021: names that only end alike
    "alike-names": (
        {
            "~/.bashrc": "export RAY_EXPERIMENTAL_NOSET_HIP_VISIBLE_DEVICES=1\nexport OLD_§=10.3.0\n"
            "export JARVIS_ROCM_GFX=11.0.0\nexport MY_PYTORCH_ROCM_ARCH=gfx1030\n",
        },
        (),
    ),
    # found by HSA_OVERRIDE_GFX_VERSION, id 37087095338: an example
    "env-example": (
        {
            "~/artifex/.env.example": "§=10.3.0\nGPU_DEVICE_ORDINAL=0\n",
            "~/artifex/.env.template": "HIP_VISIBLE_DEVICES=0\n",
            "~/artifex/compose.yaml": "services:\n  a:\n    image: x\n    environment:\n      - TZ=UTC\n",
        },
        (),
    ),
    # ---- from manuals
    # systemctl(1) mask
    "unit-masked": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": "->/dev/null",
        },
        (),
    ),
    # systemd.unit(5): the same name in /etc wins over /usr/lib
    "unit-shadowed": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=HSA_ENABLE_SDMA=0\n",
        },
        (s("/etc/systemd/system/ollama.service:3", "sam", "0", "HSA_ENABLE_SDMA"),),
    ),
    # systemd.unit(5): a drop-in of the same name, linked to /dev/null
    "dropin-masked": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/usr/lib/systemd/system/ollama.service.d/10-gpu.conf": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/ollama.service.d/10-gpu.conf": "->/dev/null",
        },
        (),
    ),
    # systemd.exec(5): the empty assignment resets the list
    "dropin-reset": (
        {
            "/etc/systemd/system/comfy.service": "[Service]\nExecStart=/opt/comfy/run\nEnvironment=§=10.3.0 HIP_VISIBLE_DEVICES=1\n",
            "/etc/systemd/system/comfy.service.d/zz.conf": "[Service]\nEnvironment=\nEnvironment=HIP_VISIBLE_DEVICES=0\n",
        },
        (s("/etc/systemd/system/comfy.service.d/zz.conf:3", "sam", "0", "HIP_VISIBLE_DEVICES"),),
    ),
    # systemd.exec(5): UnsetEnvironment
    "unit-unset-environment": (
        {
            "/etc/systemd/system/comfy.service": "[Service]\nExecStart=/opt/comfy/run\nEnvironment=§=10.3.0\n"
            "UnsetEnvironment=§\nPassEnvironment=HIP_VISIBLE_DEVICES\n",
        },
        (),
    ),
    # systemd.unit(5): only *.conf; a section that knows no Environment
    "dropin-suffix-section": (
        {
            "/etc/systemd/system/comfy.service": "[Unit]\nDescription=c\nEnvironment=§=10.3.0\n\n[Service]\n"
            "ExecStart=/opt/comfy/run\n\n[Install]\nWantedBy=default.target\nEnvironment=HIP_VISIBLE_DEVICES=0\n",
            "/etc/systemd/system/comfy.service.d/gpu.conf.bak": "[Service]\nEnvironment=§=10.3.0\n",
            "/etc/systemd/system/comfy.service.d/gpu.txt": "[Service]\nEnvironment=§=10.3.0\n",
        },
        (),
    ),
    # systemd.exec(5): EnvironmentFile beats Environment; the package's old copy is nobody's
    "sysconfig-rpmsave": (
        {
            "/usr/lib/systemd/system/llama.service": "[Service]\nEnvironmentFile=-/etc/sysconfig/llama\n"
            "ExecStart=/usr/bin/llama-server\nEnvironment=HIP_VISIBLE_DEVICES=1\n",
            "/etc/sysconfig/llama": "#§=10.3.0\nHIP_VISIBLE_DEVICES=0\n",
            "/etc/sysconfig/llama.rpmsave": "§=10.3.0\n",
        },
        (s("/etc/sysconfig/llama:2", "sam", "0", "HIP_VISIBLE_DEVICES"),),
    ),
    # systemd-system.conf(5): a later empty assignment
    "manager-reset": (
        {
            "/etc/systemd/system.conf.d/10-rocm.conf": "[Manager]\nDefaultEnvironment=§=10.3.0\n",
            "/etc/systemd/system.conf.d/90-site.conf": "[Manager]\nDefaultEnvironment=\n",
        },
        (),
    ),
    # environment.d(5): the same name in /etc wins; other suffixes are not read
    "environment-d-shadowed": (
        {
            "/usr/lib/environment.d/60-rocm.conf": "§=10.3.0\n",
            "/etc/environment.d/60-rocm.conf": "# nothing for this machine\n",
            "~/.config/environment.d/70-gpu.conf.off": "HIP_VISIBLE_DEVICES=0\n",
            "~/.config/environment.d/rocm.env": "§=10.3.0\n",
        },
        (),
    ),
    # pam_env(8): readenv=0 and user_readenv=0
    "pam-readenv-off": (
        {
            "/etc/environment": "§=10.3.0\n",
            "~/.pam_environment": "HIP_VISIBLE_DEVICES DEFAULT=0\n",
            "/etc/pam.d/login": "session required pam_env.so readenv=0 user_readenv=0\nsession required pam_unix.so\n",
            "/etc/pam.d/sshd": "session required pam_env.so readenv=0 user_readenv=0\n",
            "/etc/pam.d/systemd-user": "session required pam_env.so readenv=0 user_readenv=0\n",
            "/etc/pam.d/cron": "session required pam_env.so readenv=0 user_readenv=0\n",
            "/etc/pam.d/su": "session required pam_env.so readenv=0 user_readenv=0\n",
        },
        (),
    ),
    # sshd_config(5), ssh_config(5): names only accepted, only sent, for another host, and a file not read
    "ssh-not-read": (
        {
            "/etc/ssh/sshd_config": "AcceptEnv LANG LC_* HSA_* HIP_VISIBLE_DEVICES\nPermitUserEnvironment no\n"
            "#SetEnv §=10.3.0\n",
            "~/.ssh/environment": "§=10.3.0\n",
            "~/.ssh/config": "Host gpubox\n  SendEnv §\n  SetEnv HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # sshd_config(5): Match for another user
    "sshd-match-other": (
        {"/etc/ssh/sshd_config": "UsePAM yes\nMatch User builder\n    SetEnv §=10.3.0\n"},
        (),
    ),
    # bash(1): a shell variable that is not exported
    "not-exported": (
        {
            "~/.bashrc": "§=10.3.0\nexport HIP_VISIBLE_DEVICES=0\nexport -n HIP_VISIBLE_DEVICES\n"
            'echo "export §=10.3.0 if torch fails"\nalias gfx=\'echo $§\'\n',
        },
        (),
    ),
    # bash(1): conditions for another shell, host, system
    "other-shell-host-os": (
        {
            "/etc/hostname": "sambox\n",
            "~/.bashrc": 'if [ -n "$ZSH_VERSION" ]; then\n  export §=10.3.0\nfi\n'
            'if [ "$(hostname)" = "officebox" ]; then\n  export HIP_VISIBLE_DEVICES=1\nfi\n'
            'case "$OSTYPE" in\n  darwin*) export HSA_ENABLE_SDMA=0 ;;\nesac\n',
        },
        (),
    ),
    # bash(1): a here-document that only prints
    "heredoc-print": (
        {
            "~/bin/gpu-help": "#!/bin/sh\ncat <<'EOF'\nAdd to ~/.profile:\nexport §=10.3.0\nexport HSA_ENABLE_SDMA=0\n"
            "EOF\nprintf '%s\\n' 'HIP_VISIBLE_DEVICES=0 python main.py'\n",
        },
        (),
    ),
    # fish documentation: set --erase; a universal variable without --export
    "fish-erased": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/rocm.fish": "set -gx § 10.3.0\n",
            "~/.config/fish/config.fish": "set -e §\nset -l HIP_VISIBLE_DEVICES 0\n",
            "~/.config/fish/fish_variables": "# VERSION: 3.0\nSETUVAR ROCR_VISIBLE_DEVICES:0\n",
        },
        (),
    ),
    # zsh(1): .zlogin is read after .zprofile
    "zsh-unset-later": (
        {
            "/etc/passwd": ZSH,
            "~/.zprofile": "export §=10.3.0\n",
            "~/.zlogin": "unset §\n",
            "~/.zshrc.pre-oh-my-zsh": "export HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # useradd(8), Debian's Xsession (run-parts takes no dots), profile.d's suffix, backups
    "not-read-copies": (
        {
            "/etc/skel/.bashrc": "export §=10.3.0\n",
            "/etc/X11/Xsession.d/90rocm.sh": "export §=10.3.0\n",
            "/etc/profile.d/rocm.sh.dpkg-old": "export §=10.3.0\n",
            "~/.bashrc~": "export HIP_VISIBLE_DEVICES=0\n",
            "~/.profile.bak": "export §=10.3.0\n",
            "/var/backups/sam/.bashrc": "export §=10.3.0\n",
        },
        (),
    ),
    # docs.docker.com: profiles
    "compose-profile": (
        {
            "~/ai/compose.yaml": "services:\n  web:\n    image: w\n    environment:\n      - TZ=UTC\n  gpu:\n    image: g\n"
            "    profiles: [rocm]\n    environment:\n      §: 10.3.0\n"
            "  # old:\n  #   environment:\n  #     - HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # containers.conf(5): a later drop-in replaces the array; the key in another table
    "containers-conf-replaced": (
        {
            "/etc/containers/containers.conf.d/10-rocm.conf": '[containers]\nenv = ["§=10.3.0"]\n',
            "/etc/containers/containers.conf.d/90-site.conf": '[containers]\nenv = ["TZ=UTC"]\n\n[network]\nenv = ["HIP_VISIBLE_DEVICES=0"]\n',
        },
        (),
    ),
    # flatpak-override(1): --unset-env; the wrong group; CDI's suffix
    "flatpak-unset-cdi-suffix": (
        {
            "~/.local/share/flatpak/overrides/org.blender.Blender": "[Context]\nunset-environment=§;\n\n"
            "[Session Bus Policy]\nHIP_VISIBLE_DEVICES=0\n",
            "/etc/cdi/amd.json.disabled": '{"cdiVersion":"0.6.0","kind":"amd.com/gpu","devices":[],'
            '"containerEdits":{"env":["§=10.3.0"]}}\n',
        },
        (),
    ),
    # cron(8): names with a tilde are skipped; comments in a crontab; a job's text
    "cron-skipped": (
        {
            "/etc/cron.d/rocm~": "§=10.3.0\n0 5 * * * sam true\n",
            "/var/spool/cron/crontabs/sam": "#§=10.3.0\n0 5 * * * echo 'no §=10.3.0 today' >> ~/log\n",
        },
        (),
    ),
    # jupyter: the key under metadata is no environment; VS Code: other systems; a copy
    "kernel-metadata-vscode-other": (
        {
            "~/.local/share/jupyter/kernels/rocm/kernel.json": '{"argv":["python"],"display_name":"x",\n'
            ' "metadata":{"§":"10.3.0"}}\n',
            "~/.local/share/jupyter/kernels/rocm/kernel.json.bak": '{"argv":["python"],"env":{"§":"10.3.0"}}\n',
            "~/.config/Code/User/settings.json": '{\n  "terminal.integrated.env.windows": {"§": "10.3.0"},\n'
            '  "terminal.integrated.env.osx": {"HIP_VISIBLE_DEVICES": "0"}\n'
            '  // "terminal.integrated.env.linux": {"§": "10.3.0"}\n}\n',
        },
        (),
    ),
    # KDL: slashdash comments a node out; Hyprland's comments; a venv's deactivate
    "compositors-commented": (
        {
            "~/.config/niri/config.kdl": '/-environment {\n    § "10.3.0"\n}\nenvironment {\n    QT_QPA_PLATFORM "wayland"\n}\n',
            "~/.config/hypr/hyprland.conf": "#env = §,10.3.0\n# env = HIP_VISIBLE_DEVICES,0\nenv = XCURSOR_SIZE,24\n",
        },
        (),
    ),
    # Arch wiki: launcher scripts with the lines commented; sudoers keeps a name only
    "launcher-commented-sudoers": (
        {
            "~/stable-diffusion-webui/webui-user.sh": '#!/bin/bash\n#export §=10.3.0\n# export HIP_VISIBLE_DEVICES="0"\n'
            'export COMMANDLINE_ARGS="--medvram"\n',
            "/etc/sudoers.d/rocm": 'Defaults env_keep += "§ HIP_VISIBLE_DEVICES"\n',
            "~/venv/bin/activate": "deactivate () {\n    unset §\n}\nVIRTUAL_ENV=~/venv\nexport VIRTUAL_ENV\n",
        },
        (),
    ),
}
