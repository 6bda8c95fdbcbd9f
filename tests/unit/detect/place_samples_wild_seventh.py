# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set J: a seventh set like place_samples_wild, by a stranger who knew neither the readers nor their tests.

The number behind "id" is that of the public file (of a search over public repositories) that a case was shortened from;
where there is none the manual that is named has the spelling. "For whom": the user for what lies in a home, the unit's
name for a system service, "all" for what every login, shell or container of the machine reads.

Run once before anything was mended for it: 35 of 36 places named with every labelled line and value (73 of 76 lines), one
look-alike claimed, a compose service behind a profile, and what ``MORE`` says. The place that was missed: ZDOTDIR.
"""

from __future__ import annotations

from place_samples_wild import DASH, FISH, ZSH, Label, Rows, s

EVERYONE = "all"

LENA = (
    "root:x:0:0:root:/root:/bin/bash\n"
    "sam:x:1000:1000:Sam:/home/sam:/bin/bash\n"
    "lena:x:1001:1001:Lena:/home/lena:/bin/bash\n"
)

SEVENTH_WILD: Rows = {
    # ---- compositors and the session -------------------------------------------------------------------------------
    # Hyprland's Lua configuration: id 59671577839, id 71504738610
    "hyprland-lua": (
        {
            "~/.config/hypr/hyprland.lua": (
                '-- Resolve $HOME and $XDG_* to actual paths\n'
                'local home = os.getenv("HOME")\n'
                'local data_home = home .. "/.local/share"\n'
                '\n'
                'hl.env("XCURSOR_SIZE", "24")\n'
                'hl.env("RUSTICL_ENABLE", "radeonsi")\n'
                'hl.env("§", "10.3.0")\n'
                'hl.env("ROCR_VISIBLE_DEVICES",  "1")\n'
                '-- hl.env("HIP_VISIBLE_DEVICES", "0")\n'
                'hl.env("CARGO_HOME", data_home .. "/cargo")\n'
            ),
        },
        (
            s("~/.config/hypr/hyprland.lua:7", "sam"),
            s("~/.config/hypr/hyprland.lua:8", "sam", "1", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # hyprland.conf with a sourced file: id 53365651273; envd: the wiki
    "hyprland-source": (
        {
            "~/.config/hypr/hyprland.conf": (
                "$terminal    = kitty\n"
                "source = ~/.config/hypr/env.conf\n"
                "bind = SUPER, Return, exec, $terminal\n"
            ),
            "~/.config/hypr/env.conf": (
                "env = XCURSOR_SIZE,24\n"
                "env = QT_QPA_PLATFORM,wayland\n"
                "\n"
                "# ROCm / HIP: force RDNA3 (gfx1100) target - remove if not using ROCm.\n"
                "env = §,11.0.0\n"
                "envd = HIP_VISIBLE_DEVICES,0\n"
            ),
        },
        (
            s("~/.config/hypr/env.conf:5", "sam", "11.0.0"),
            s("~/.config/hypr/env.conf:6", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # niri's manual, "environment"
    "niri-environment": (
        {
            "~/.config/niri/config.kdl": (
                'input {\n'
                '    keyboard { xkb { layout "us"; }; }\n'
                '}\n'
                'environment {\n'
                '    QT_QPA_PLATFORM "wayland"\n'
                '    // RX 6600\n'
                '    § "10.3.0"\n'
                '    HSA_ENABLE_SDMA "0"\n'
                '    CUDA_VISIBLE_DEVICES null\n'
                '}\n'
                'spawn-at-startup "waybar"\n'
            ),
        },
        (
            s("~/.config/niri/config.kdl:7", "sam"),
            s("~/.config/niri/config.kdl:8", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # uwsm's manual: env, env-${compositor}; labwc-config(5): environment
    "uwsm-and-labwc-env": (
        {
            "~/.config/labwc/environment": (
                "XKB_DEFAULT_LAYOUT=se\n"
                "# ROCm on the RX 6700 XT\n"
                "§=10.3.0\n"
            ),
            "~/.config/uwsm/env": (
                "export XCURSOR_SIZE=24\n"
                "export §=11.0.0\n"
            ),
            "~/.config/uwsm/env-hyprland": "export AQ_DRM_DEVICES=/dev/dri/card1\n",
        },
        (
            s("~/.config/labwc/environment:3", "sam"),
            s("~/.config/uwsm/env:2", "sam", "11.0.0"),
        ),
    ),
    # pam_env.conf(5): OVERRIDE, when not empty, is used rather than DEFAULT
    "pam-env-override": (
        {
            "/etc/security/pam_env.conf": (
                "#REMOTEHOST\tDEFAULT=localhost OVERRIDE=@{PAM_RHOST}\n"
                "#DISPLAY\tDEFAULT=${REMOTEHOST}:0.0 OVERRIDE=${DISPLAY}\n"
                "§\tDEFAULT=10.3.0 OVERRIDE=11.0.0\n"
            ),
        },
        (s("/etc/security/pam_env.conf:3", EVERYONE, "11.0.0"),),
    ),
    # sshd: only the first SetEnv directive counts (servconf.c, sSetEnv)
    "sshd-first-setenv": (
        {
            "/etc/ssh/sshd_config": (
                "Include /etc/ssh/sshd_config.d/*.conf\n"
                "UsePAM yes\n"
                "SetEnv §=10.3.0\n"
                "Subsystem sftp /usr/lib/openssh/sftp-server\n"
            ),
            "/etc/ssh/sshd_config.d/10-rocm.conf": "SetEnv §=11.0.0 HIP_VISIBLE_DEVICES=0\n",
        },
        (
            s("/etc/ssh/sshd_config.d/10-rocm.conf:1", EVERYONE, "11.0.0"),
            s("/etc/ssh/sshd_config.d/10-rocm.conf:1", EVERYONE, "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # ---- shells ----------------------------------------------------------------------------------------------------
    # Nushell: id 60234791253, id 58081811111
    "nushell": (
        {
            "~/.config/nushell/env.nu": (
                '# ~/.config/nushell/env.nu\n'
                '$env.EDITOR = "nvim"\n'
                '\n'
                '# -- AMD RX 480 ROCm override --\n'
                '$env.§ = "8.0.3"\n'
                '$env.ROCR_VISIBLE_DEVICES     = "0"\n'
                '$env.GPU_TARGET_LIST          = "gfx803"\n'
                '\n'
                '$env.LANG   = "en_US.UTF-8"\n'
            ),
            "~/.config/nushell/config.nu": (
                'alias c = cd\n'
                'load-env { HSA_ENABLE_SDMA: "0" }\n'
            ),
        },
        (
            s("~/.config/nushell/env.nu:5", "sam", "8.0.3"),
            s("~/.config/nushell/env.nu:6", "sam", "0", "ROCR_VISIBLE_DEVICES"),
            s("~/.config/nushell/config.nu:2", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # salman-farooq-sh/.files, .config/fish/conf.d/20-rocm-vars.fish
    "fish-conf-variables": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/20-rocm-vars.fish": (
                'set -l device 0 # 0 = 6500m, 1 = 680m\n'
                'set -l arch gfx1030 # gfx1034 = 6500m, gfx1035 = 680m\n'
                'set -x § "10.3.0"\n'
                'set -x HIP_VISIBLE_DEVICES $device\n'
                '# set -x ROCR_VISIBLE_DEVICES (math $device + 1)\n'
                '# set -x ROCR_VISIBLE_DEVICES $device\n'
                'set -e ROCR_VISIBLE_DEVICES\n'
                'set -x PYTORCH_ROCM_ARCH $arch\n'
                'set -x HCC_AMDGPU_TARGET $arch\n'
            ),
        },
        (
            s("~/.config/fish/conf.d/20-rocm-vars.fish:3", "sam"),
            s("~/.config/fish/conf.d/20-rocm-vars.fish:4", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/fish/conf.d/20-rocm-vars.fish:8", "sam", "gfx1030", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # an alias with the override: id 18078025684
    "bash-alias-ollama": (
        {
            "/etc/os-release": 'NAME="Arch Linux"\nID=arch\n',
            "~/.bashrc": (
                '[[ $- != *i* ]] && return\n'
                'if [[ $(cat /etc/os-release | grep \'^ID=.*$\' | cut -d "=" -f2) = "arch" ]]; then\n'
                '    alias dim="ddcutil -d 1 setvcp 10 0"\n'
                '    # Ollama GPU override on Arch\n'
                '    alias ollama="§=\\"10.3.0\\" ollama"\n'
                'fi\n'
            ),
        },
        (s("~/.bashrc:5", "sam"),),
    ),
    # a function that starts the program in a subshell: id 37129207917
    "zsh-function-subshell": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": (
                'export DOCKER_WHISPER_ROCM_DIR="$HOME/src/docker-whisper-rocm"\n'
                '\n'
                'function whisper-gpu() {\n'
                '  (\n'
                '    export §="${§:-11.0.0}"\n'
                '    export VIDEO_GID="${VIDEO_GID:-44}"\n'
                '    ~/.local/bin/whisper-gpu "$@"\n'
                '  )\n'
                '}\n'
            ),
        },
        (s("~/.zshrc:5", "sam", "11.0.0"),),
    ),
    # ZDOTDIR (zsh manual, STARTUP/SHUTDOWN FILES): the .zshrc in the home is not read any more
    "zsh-zdotdir": (
        {
            "/etc/passwd": ZSH,
            "~/.zshenv": 'export ZDOTDIR="$HOME/.config/zsh"\n',
            "~/.config/zsh/.zshrc": (
                "HISTFILE=~/.local/state/zsh/history\n"
                "source $ZDOTDIR/gpu.zsh\n"
            ),
            "~/.config/zsh/gpu.zsh": (
                "typeset -gx §=11.0.0\n"
                "export HSA_ENABLE_SDMA=0 HIP_VISIBLE_DEVICES=1\n"
            ),
            "~/.zshrc": "export §=10.3.0\n",
        },
        (
            s("~/.config/zsh/gpu.zsh:1", "sam", "11.0.0"),
            s("~/.config/zsh/gpu.zsh:2", "sam", "0", "HSA_ENABLE_SDMA"),
            s("~/.config/zsh/gpu.zsh:2", "sam", "1", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # set -a around an environment file (POSIX sh)
    "dash-allexport": (
        {
            "/etc/passwd": DASH,
            "~/.profile": (
                'PATH="$HOME/bin:$PATH"\n'
                'if [ -r "$HOME/.config/rocm.env" ]; then\n'
                '    set -a\n'
                '    . "$HOME/.config/rocm.env"\n'
                '    set +a\n'
                'fi\n'
            ),
            "~/.config/rocm.env": (
                "# RX 6800M\n"
                "§='10.3.0'\n"
                "MIOPEN_FIND_MODE=FAST\n"
            ),
        },
        (
            s("~/.config/rocm.env:2", "sam"),
            s("~/.config/rocm.env:3", "sam", "FAST", "MIOPEN_FIND_MODE"),
        ),
    ),
    # ---- systemd, other supervisors ---------------------------------------------------------------------------------
    # id 3734740545: several DefaultEnvironment lines add up (systemd-system.conf(5))
    "system-conf-default-environment": (
        {
            "/etc/systemd/system.conf.d/rocm-rdna1.conf": (
                "[Manager]\n"
                "# ROCm RDNA1 Configuration for system services\n"
                'DefaultEnvironment="§=10.3.0"\n'
                'DefaultEnvironment="MIOPEN_DEBUG_CONV_WINOGRAD=0" "MIOPEN_FIND_ENFORCE=3"\n'
            ),
        },
        (
            s("/etc/systemd/system.conf.d/rocm-rdna1.conf:3", EVERYONE),
            s("/etc/systemd/system.conf.d/rocm-rdna1.conf:4", EVERYONE, "0", "MIOPEN_DEBUG_CONV_WINOGRAD"),
            s("/etc/systemd/system.conf.d/rocm-rdna1.conf:4", EVERYONE, "3", "MIOPEN_FIND_ENFORCE"),
        ),
    ),
    # EnvironmentFile= beats every Environment= (systemd.exec(5)); the unit: id 56969650134
    "unit-environment-file-wins": (
        {
            "/etc/systemd/system/llama-server.service": (
                "[Unit]\n"
                "Description=llama.cpp AI Engine (llama-server)\n"
                "After=network.target\n"
                "\n"
                "[Service]\n"
                "Type=simple\n"
                "Environment=§=10.3.0 HIP_VISIBLE_DEVICES=1\n"
                "EnvironmentFile=-/etc/default/llama-server\n"
                "ExecStart=/opt/llama.cpp/build/bin/llama-server --host 0.0.0.0 --port 8080\n"
                "Restart=on-failure\n"
                "\n"
                "[Install]\n"
                "WantedBy=multi-user.target\n"
            ),
            "/etc/systemd/system/multi-user.target.wants/llama-server.service":
                "->/etc/systemd/system/llama-server.service",
            "/etc/default/llama-server": (
                "# read by llama-server.service\n"
                'LLAMA_ARG_N_GPU_LAYERS=99\n'
                '§="11.0.0"\n'
            ),
        },
        (
            s("/etc/systemd/system/llama-server.service:7", "llama-server.service", "1", "HIP_VISIBLE_DEVICES"),
            s("/etc/default/llama-server:3", "llama-server.service", "11.0.0"),
        ),
    ),
    # a template: one unit per card; %i is the instance (systemd.unit(5), SPECIFIERS)
    "unit-template-instance": (
        {
            "/etc/systemd/system/comfy@.service": (
                "[Unit]\n"
                "Description=ComfyUI on GPU %i\n"
                "\n"
                "[Service]\n"
                "WorkingDirectory=/srv/ComfyUI\n"
                "Environment=HIP_VISIBLE_DEVICES=%i\n"
                "ExecStart=/srv/ComfyUI/venv/bin/python main.py --port 818%i\n"
                "\n"
                "[Install]\n"
                "WantedBy=multi-user.target\n"
            ),
            "/etc/systemd/system/comfy@1.service.d/override.conf": (
                "[Service]\n"
                "Environment=\"§=10.3.0\"\n"
            ),
            "/etc/systemd/system/multi-user.target.wants/comfy@1.service": "->/etc/systemd/system/comfy@.service",
        },
        (
            s("/etc/systemd/system/comfy@.service:6", "comfy@1.service", "1", "HIP_VISIBLE_DEVICES"),
            s("/etc/systemd/system/comfy@1.service.d/override.conf:2", "comfy@1.service"),
        ),
    ),
    # a user unit and the wrapper that it starts: id 53258496267
    "user-unit-wrapper": (
        {
            "~/.config/systemd/user/ollama-rocm.service": (
                "[Unit]\n"
                "Description=Ollama on ROCm (Vega 64)\n"
                "\n"
                "[Service]\n"
                "ExecStart=%h/.local/bin/ollama-rocm-serve\n"
                "Environment=§=9.0.0\n"
                "Environment=OLLAMA_HOST=127.0.0.1:11435\n"
                "\n"
                "[Install]\n"
                "WantedBy=default.target\n"
            ),
            "~/.config/systemd/user/default.target.wants/ollama-rocm.service":
                "->/home/sam/.config/systemd/user/ollama-rocm.service",
            "~/.local/bin/ollama-rocm-serve": (
                "#!/usr/bin/env bash\n"
                'ROCM_OLLAMA_BIN="/usr/bin/ollama"\n'
                "export OLLAMA_HOST=127.0.0.1:11435\n"
                "export HSA_ENABLE_SDMA=0\n"
                'exec "$ROCM_OLLAMA_BIN" serve\n'
            ),
        },
        (
            s("~/.config/systemd/user/ollama-rocm.service:6", "sam", "9.0.0"),
            s("~/.local/bin/ollama-rocm-serve:4", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # systemd.nspawn(5)
    "nspawn-environment": (
        {
            "/etc/systemd/nspawn/ai.nspawn": (
                "[Exec]\n"
                "Boot=no\n"
                "Environment=§=11.0.0\n"
                "Parameters=/usr/bin/ollama serve\n"
                "\n"
                "[Files]\n"
                "Bind=/dev/kfd\n"
                "Bind=/dev/dri\n"
            ),
        },
        (s("/etc/systemd/nspawn/ai.nspawn:3", "ai", "11.0.0"),),
    ),
    # supervisor's manual: environment is KEY="val",KEY2="val2"
    "supervisor-program": (
        {
            "/etc/supervisor/conf.d/vllm.conf": (
                "[program:vllm]\n"
                "command=/opt/vllm-venv/bin/vllm serve /srv/models/qwen --port 8000\n"
                "autostart=true\n"
                "autorestart=true\n"
                'environment=HOME="/srv",HIP_VISIBLE_DEVICES="0,1",PYTORCH_ROCM_ARCH="gfx1100"\n'
                "stdout_logfile=/var/log/vllm.out.log\n"
            ),
        },
        (
            s("/etc/supervisor/conf.d/vllm.conf:5", "vllm", "0,1", "HIP_VISIBLE_DEVICES"),
            s("/etc/supervisor/conf.d/vllm.conf:5", "vllm", "gfx1100", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # OpenRC: conf.d is sourced by openrc-run; only what is exported reaches the daemon
    "openrc-confd": (
        {
            "/etc/init.d/ollama": (
                "#!/sbin/openrc-run\n"
                'name="ollama"\n'
                'command="/usr/bin/ollama"\n'
                'command_args="serve"\n'
                'command_background="yes"\n'
                'pidfile="/run/ollama.pid"\n'
            ),
            "/etc/conf.d/ollama": (
                "# configuration for /etc/init.d/ollama\n"
                'export §="10.3.0"\n'
                'export HIP_VISIBLE_DEVICES="0"\n'
            ),
            "/etc/runlevels/default/ollama": "->/etc/init.d/ollama",
        },
        (
            s("/etc/conf.d/ollama:2", "ollama"),
            s("/etc/conf.d/ollama:3", "ollama", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # runit: run script and chpst -e's directory (chpst(8))
    "runit-chpst-envdir": (
        {
            "/etc/sv/ollama/run": (
                "#!/bin/sh\n"
                "exec 2>&1\n"
                "export §=10.3.0\n"
                "exec chpst -u ollama:render -e /etc/sv/ollama/env /usr/bin/ollama serve\n"
            ),
            "/etc/sv/ollama/env/ROCR_VISIBLE_DEVICES": "0\n",
            "/var/service/ollama": "->/etc/sv/ollama",
        },
        (
            s("/etc/sv/ollama/run:3", "ollama"),
            s("/etc/sv/ollama/env/ROCR_VISIBLE_DEVICES:1", "ollama", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # a user's crontab: a KEY=value line and a job's own variable (crontab(5))
    "crontab-both": (
        {
            "/var/spool/cron/crontabs/sam": (
                "# m h  dom mon dow   command\n"
                "SHELL=/bin/bash\n"
                "§ = 10.3.0\n"
                "0 3 * * * cd $HOME/q2bot && MIOPEN_FIND_MODE=FAST venv/bin/python -m train.ppo >> ppo.log 2>&1\n"
            ),
        },
        (
            s("/var/spool/cron/crontabs/sam:3", "sam"),
            s("/var/spool/cron/crontabs/sam:4", "sam", "FAST", "MIOPEN_FIND_MODE"),
        ),
    ),
    # ---- containers --------------------------------------------------------------------------------------------------
    # a quadlet and its drop-in: id 58400254914, podman-systemd.unit(5)
    "quadlet-drop-in-wins": (
        {
            "~/.config/containers/systemd/llama.container": (
                "[Unit]\n"
                "Description=container inference slot\n"
                "\n"
                "[Container]\n"
                "Image=ghcr.io/ggml-org/llama.cpp:server-rocm\n"
                "AddDevice=/dev/kfd\n"
                "AddDevice=/dev/dri\n"
                "Environment=§=11.5.1\n"
                "Environment=HSA_ENABLE_SDMA=0\n"
                "PublishPort=127.0.0.1:8081:8081\n"
                "\n"
                "[Install]\n"
                "WantedBy=default.target\n"
            ),
            "~/.config/containers/systemd/llama.container.d/10-gfx.conf": (
                "[Container]\n"
                "Environment=§=11.0.0\n"
            ),
        },
        (
            s("~/.config/containers/systemd/llama.container:9", "sam", "0", "HSA_ENABLE_SDMA"),
            s("~/.config/containers/systemd/llama.container.d/10-gfx.conf:2", "sam", "11.0.0"),
        ),
    ),
    # a quadlet of kind kube (podman-systemd.unit(5)); the pod: id 41852250530
    "quadlet-kube": (
        {
            "/etc/containers/systemd/ollama.kube": (
                "[Kube]\n"
                "Yaml=ollama.yml\n"
                "\n"
                "[Install]\n"
                "WantedBy=multi-user.target\n"
            ),
            "/etc/containers/systemd/ollama.yml": (
                "apiVersion: v1\n"
                "kind: Pod\n"
                "metadata:\n"
                "  name: ollama\n"
                "spec:\n"
                "  containers:\n"
                "    - name: ollama\n"
                "      image: docker.io/ollama/ollama:rocm\n"
                "      env:\n"
                '        - {name: §, value: "10.3.0"}\n'
                '        - {name: OLLAMA_KEEP_ALIVE, value: "10m"}\n'
            ),
        },
        (s("/etc/containers/systemd/ollama.yml:10", "ollama.service"),),
    ),
    # compose: an anchored map, merged into two services (docs.docker.com, fragments)
    "compose-anchor-merge": (
        {
            "~/ai/compose.yaml": (
                "x-rocm: &rocm\n"
                "  §: 11.0.0\n"
                '  HIP_VISIBLE_DEVICES: "0"\n'
                "\n"
                "services:\n"
                "  comfyui:\n"
                "    image: rocm/comfyui:latest\n"
                "    environment:\n"
                "      <<: *rocm\n"
                "      MIOPEN_FIND_MODE: 2\n"
                "  ollama:\n"
                "    image: ollama/ollama:rocm\n"
                "    environment: *rocm\n"
                "    devices: [/dev/kfd, /dev/dri]\n"
            ),
        },
        (
            s("~/ai/compose.yaml:2", "sam", "11.0.0"),
            s("~/ai/compose.yaml:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/ai/compose.yaml:10", "sam", "2", "MIOPEN_FIND_MODE"),
        ),
    ),
    # compose: environment beats env_file; ${K-default}: open-webui's docker-compose.amdgpu.yaml
    "compose-env-file-loses": (
        {
            "~/open-webui/docker-compose.yaml": (
                "services:\n"
                "  ollama:\n"
                "    image: ollama/ollama:${OLLAMA_DOCKER_TAG-rocm}\n"
                "    devices:\n"
                "      - /dev/kfd:/dev/kfd\n"
                "      - /dev/dri:/dev/dri\n"
                "    env_file:\n"
                "      - rocm.env\n"
                "    environment:\n"
                "      - '§=${§-11.0.0}'\n"
                "    restart: unless-stopped\n"
            ),
            "~/open-webui/rocm.env": (
                "§=10.3.0\n"
                "ROCR_VISIBLE_DEVICES=0\n"
            ),
        },
        (
            s("~/open-webui/docker-compose.yaml:10", "sam", "11.0.0"),
            s("~/open-webui/rocm.env:2", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # a launcher of podman: id 31227860757
    "podman-run-script": (
        {
            "~/rocm-base/run.sh": (
                "#!/bin/bash\n"
                "\n"
                "CONTAINER='rocm-base'\n"
                "VOLUME=${1:-'./volume'}\n"
                "\n"
                "podman run -ditq --rm \\\n"
                "\t--name $CONTAINER \\\n"
                "\t--device /dev/kfd:/dev/kfd \\\n"
                "\t--device /dev/dri:/dev/dri \\\n"
                "\t-e PORT=80 \\\n"
                "\t-v \"$VOLUME\":/data/volume:U,z \\\n"
                "\t-e PYTORCH_HIP_ALLOC_CONF='garbage_collection_threshold:0.9,max_split_size_mb:256' \\\n"
                "\t-e §='10.3.0' \\\n"
                "\t$CONTAINER\n"
            ),
        },
        (
            s("~/rocm-base/run.sh:12", "sam", "garbage_collection_threshold:0.9,max_split_size_mb:256",
              "PYTORCH_HIP_ALLOC_CONF"),
            s("~/rocm-base/run.sh:13", "sam"),
        ),
    ),
    # devcontainer.json with comments: id 1918599953 and the specification
    "devcontainer": (
        {
            "~/src/my-ml-project/.devcontainer/devcontainer.json": (
                "// For format details, see https://aka.ms/devcontainer.json\n"
                "{\n"
                '  "name": "my-ml-project",\n'
                '  "image": "rocm/dev-ubuntu-24.04:6.4-complete",\n'
                '  "runArgs": ["--device=/dev/kfd", "--device=/dev/dri", "--group-add=video"],\n'
                '  "containerEnv": {\n'
                '    "HIP_VISIBLE_DEVICES": "0",          // Which GPU to use\n'
                '    "§": "11.0.0"  // gfx compatibility override\n'
                "  },\n"
                '  "remoteEnv": { "HSA_ENABLE_SDMA": "0" }\n'
                "}\n"
            ),
        },
        (
            s("~/src/my-ml-project/.devcontainer/devcontainer.json:7", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/src/my-ml-project/.devcontainer/devcontainer.json:8", "sam", "11.0.0"),
            s("~/src/my-ml-project/.devcontainer/devcontainer.json:10", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # ---- build tools, environments of languages, editors ----------------------------------------------------------
    # a justfile with tabs and shebang recipes: id 21069212280
    "justfile-export": (
        {
            "~/src/assistant/justfile": (
                'export § := "11.0.0"\n'
                'export HIP_VISIBLE_DEVICES := "0"\n'
                '\n'
                'export CXX := "/opt/rocm/bin/hipcc"\n'
                '\n'
                'tts:\n'
                '\t#!/usr/bin/env bash\n'
                '\tcd tts\n'
                '\tvenv/bin/python main.py\n'
            ),
        },
        (
            s("~/src/assistant/justfile:1", "sam", "11.0.0"),
            s("~/src/assistant/justfile:2", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # a Makefile: exported variable (id 59982963909), a recipe's own (id 21140353583)
    "makefile-export-and-recipe": (
        {
            "~/src/tinylm/Makefile": (
                "export § := 10.3.0\n"
                "export HCC_AMDGPU_TARGET := gfx1030\n"
                "\n"
                ".PHONY: train streamlit\n"
                "\n"
                "train:\n"
                "\tpython scripts/train.py\n"
                "\n"
                "streamlit:\n"
                "\t# (gfx1030: calm the JIT)\n"
                "\tMIOPEN_FIND_MODE=1 PYTHONPATH=. \\\n"
                "\tstreamlit run streamlit_app/app.py\n"
            ),
        },
        (
            s("~/src/tinylm/Makefile:1", "sam"),
            s("~/src/tinylm/Makefile:11", "sam", "1", "MIOPEN_FIND_MODE"),
        ),
    ),
    # conda env config vars set (id 71475763270): conda keeps them in conda-meta/state
    "conda-state": (
        {
            "~/miniconda3/envs/cancer/conda-meta/state":
                '{"version": 1, "env_vars": {"§": "10.3.0", "PYTORCH_ROCM_ARCH": "gfx1030"}}\n',
            "~/miniconda3/envs/cancer/conda-meta/history": "==> 2026-05-02 10:00:00 <==\n# cmd: conda create -n cancer\n",
        },
        (
            s("~/miniconda3/envs/cancer/conda-meta/state:1", "sam"),
            s("~/miniconda3/envs/cancer/conda-meta/state:1", "sam", "gfx1030", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # mise's manual: [env], _.file
    "mise-env-file": (
        {
            "~/src/ragbot/mise.toml": (
                "[tools]\n"
                'python = "3.12"\n'
                "\n"
                "[env]\n"
                '_.file = ".env.rocm"\n'
                '_.python.venv = { path = ".venv", create = true }\n'
                '§ = "11.0.0"\n'
            ),
            "~/src/ragbot/.env.rocm": "HIP_VISIBLE_DEVICES=0\n",
        },
        (
            s("~/src/ragbot/mise.toml:7", "sam", "11.0.0"),
            s("~/src/ragbot/.env.rocm:1", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # VS Code: launch.json and the workspace's settings.json
    "vscode-workspace": (
        {
            "~/src/q2bot/.vscode/launch.json": (
                "{\n"
                '  // Use IntelliSense to learn about possible attributes.\n'
                '  "version": "0.2.0",\n'
                '  "configurations": [\n'
                '    {\n'
                '      "name": "train.ppo",\n'
                '      "type": "debugpy",\n'
                '      "request": "launch",\n'
                '      "module": "train.ppo",\n'
                '      "env": { "§": "9.0.0", "AMD_SERIALIZE_KERNEL": "3" }\n'
                '    }\n'
                '  ]\n'
                '}\n'
            ),
            "~/src/q2bot/.vscode/settings.json": (
                "{\n"
                '  "python.defaultInterpreterPath": ".venv/bin/python",\n'
                '  "terminal.integrated.env.osx": { "ROCR_VISIBLE_DEVICES": "1" },\n'
                '  "terminal.integrated.env.linux": {\n'
                '    "§": "9.0.0",\n'
                '  },\n'
                '}\n'
            ),
        },
        (
            s("~/src/q2bot/.vscode/launch.json:10", "sam", "9.0.0"),
            s("~/src/q2bot/.vscode/launch.json:10", "sam", "3", "AMD_SERIALIZE_KERNEL"),
            s("~/src/q2bot/.vscode/settings.json:5", "sam", "9.0.0"),
        ),
    ),
    # NixOS' services.ollama.rocmOverrideGfx: id 25189958819, id 60505777693
    "nixos-ollama": (
        {
            "/etc/nixos/configuration.nix": (
                "{ config, pkgs, ... }:\n"
                "{\n"
                "  services.ollama = {\n"
                "    enable = true;\n"
                '    acceleration = "rocm";\n'
                '    rocmOverrideGfx = "10.3.0";\n'
                "    environmentVariables = {\n"
                '      HIP_VISIBLE_DEVICES = "1"; # verify after reboot\n'
                '      # HSA_ENABLE_SDMA = "0";\n'
                "    };\n"
                "  };\n"
                "  services.open-webui.enable = true;\n"
                "}\n"
            ),
        },
        (
            s("/etc/nixos/configuration.nix:6", "ollama.service"),
            s("/etc/nixos/configuration.nix:8", "ollama.service", "1", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # Emacs' init.el: id 7811348198; Julia's startup.jl: id 44613932866
    "emacs-and-julia": (
        {
            "~/.config/emacs/init.el": (
                "(setq inhibit-startup-screen t)\n"
                ";; Allow for using ROCM with my GPU\n"
                '(setenv "§" "10.3.0")\n'
                '(message "init.el loaded successfully")\n'
            ),
            "~/.julia/config/startup.jl": (
                'ENV["JULIA_EDITOR"] = "nvim"\n'
                'ENV["§"] = "11.0.0"\n'
            ),
        },
        (
            s("~/.config/emacs/init.el:3", "sam"),
            s("~/.julia/config/startup.jl:2", "sam", "11.0.0"),
        ),
    ),
    # a trainer: os.environ before torch (id 53823216257), os.putenv (id 34842506732)
    "python-trainer": (
        {
            "~/src/cv/train.py": (
                '#!/usr/bin/env python3\n'
                '"""Train the flood model.\n'
                '\n'
                'Usage: §=11.0.0 python train.py\n'
                '"""\n'
                'import os\n'
                'from os import putenv\n'
                '\n'
                '# env vars BEFORE torch\n'
                'putenv("§", "10.3.0")\n'
                'os.environ["MIOPEN_LOG_LEVEL"] = "3"\n'
                'os.environ.setdefault("HSA_ENABLE_SDMA", "0")\n'
                '\n'
                'import torch\n'
                'print(torch.cuda.is_available())\n'
            ),
        },
        (
            s("~/src/cv/train.py:10", "sam"),
            s("~/src/cv/train.py:11", "sam", "3", "MIOPEN_LOG_LEVEL"),
            s("~/src/cv/train.py:12", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # llama-swap's config.yaml (its README: env), Nomad's job: id 66391518303
    "llama-swap-and-nomad": (
        {
            "~/.config/llama-swap/config.yaml": (
                "healthCheckTimeout: 90\n"
                "models:\n"
                '  "qwen2.5-coder":\n'
                "    cmd: /opt/llama.cpp/llama-server --port ${PORT} -m /srv/models/qwen.gguf\n"
                "    env:\n"
                '      - "§=10.3.0"\n'
            ),
            "~/nomad/worker.nomad.hcl": (
                'job "fortran" {\n'
                '  group "g" {\n'
                '    task "fortran-worker" {\n'
                '      driver = "docker"\n'
                '      env {\n'
                '        OMP_NUM_THREADS     = "8"\n'
                '        HIP_VISIBLE_DEVICES = "0"\n'
                '        § = "11.0.0"  # For RDNA 4 if needed\n'
                '      }\n'
                '    }\n'
                '  }\n'
                '}\n'
            ),
        },
        (
            s("~/.config/llama-swap/config.yaml:6", "sam"),
            s("~/nomad/worker.nomad.hcl:7", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/nomad/worker.nomad.hcl:8", "sam", "11.0.0"),
        ),
    ),
}

SEVENTH_CALM: Rows = {
    # ---- moved on, undone, not this machine ------------------------------------------------------------------------
    # bash(1): ~/.bash_profile is there, so ~/.profile is not read
    "bash-profile-first": (
        {
            "~/.bash_profile": (
                "[[ -f ~/.bashrc ]] && . ~/.bashrc\n"
                "export §=11.0.0\n"
            ),
            "~/.profile": "export §=10.3.0\nexport HIP_VISIBLE_DEVICES=0\n",
            "~/.bashrc": "alias ll='ls -lah'\n",
        },
        (s("~/.bash_profile:2", "sam", "11.0.0"),),
    ),
    # fish, Darwin and else: id 56570007440; --export: id 70478498190
    "fish-darwin-branch": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": (
                'if test (uname) = Darwin\n'
                '    fish_add_path /opt/homebrew/bin\n'
                '    set -gx HIP_VISIBLE_DEVICES 1\n'
                'else\n'
                '    # Linux\n'
                '    fish_add_path -g /opt/rocm/bin\n'
                '    set -gx ROCM_PATH /opt/rocm\n'
                '    set --export § "10.3.0"\n'
                'end\n'
                'alias copy wl-copy\n'
            ),
        },
        (s("~/.config/fish/config.fish:8", "sam"),),
    ),
    # id 2718986571: erased by config.fish, which is read after conf.d
    "fish-erased": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/rocm.fish": "set -gx § 11.0.0\nset -gx ROCM_PATH /opt/rocm\n",
            "~/.config/fish/config.fish": (
                "# unset the HSA override: torch 2.9 knows the card\n"
                "set -e §\n"
                "set -x LD_LIBRARY_PATH /opt/rocm/lib $LD_LIBRARY_PATH\n"
            ),
        },
        (),
    ),
    # id 66185119628, id 55703535295: unset after the old export
    "bash-unset-later": (
        {
            "~/.bashrc": (
                "export §=10.3.0\n"
                "export HIP_VISIBLE_DEVICES=0\n"
                "\n"
                "# TheRock\n"
                "export ROCM_PATH=/opt/rocm\n"
                "export PATH=/opt/rocm/bin:$PATH\n"
                "unset § HIP_VISIBLE_DEVICES\n"
            ),
        },
        (),
    ),
    # a launcher that clears: hkevin01/eeg2025, scripts/activate_sdk.sh; env -u: id 60921290663
    "launcher-clears": (
        {
            "~/src/jepa/train.sh": (
                "#!/usr/bin/env bash\n"
                "set -euo pipefail\n"
                "# IMPORTANT: Unset HSA override - not needed with a proper gfx1010 build\n"
                "unset §\n"
                "exec env -u § -u ROCR_VISIBLE_DEVICES \\\n"
                "  ROCM_PATH=/opt/rocm-7.1.1 \\\n"
                "  .venv/bin/python scripts/train.py \"$@\"\n"
            ),
        },
        (),
    ),
    # no export: a variable of the shell alone (bash(1), ENVIRONMENT)
    "bash-not-exported": (
        {
            "~/.bashrc": (
                "case $- in *i*) ;; *) return;; esac\n"
                "§=10.3.0\n"
                'gpuinfo() { echo "override would be $§"; }\n'
            ),
        },
        (),
    ),
    # a comment block that the shell never runs
    "bash-colon-heredoc": (
        {
            "~/.bashrc": (
                "export EDITOR=nvim\n"
                ": <<'OLD_GPU'\n"
                "export §=9.0.0\n"
                "export HSA_ENABLE_SDMA=0\n"
                "OLD_GPU\n"
                "alias gs='git status'\n"
            ),
        },
        (),
    ),
    # dotfiles of several machines (no public file found)
    "bashrc-other-host": (
        {
            "/etc/hostname": "laptop\n",
            "~/.bashrc": (
                'if [ "$(cat /etc/hostname)" = "tower" ]; then\n'
                "    export §=10.3.0\n"
                "    export HIP_VISIBLE_DEVICES=0\n"
                "fi\n"
                "export EDITOR=vim\n"
            ),
        },
        (),
    ),
    # uname, for FreeBSD and macOS (no public file found: sh's spelling)
    "profile-other-os": (
        {
            "~/.profile": (
                'case "$(uname -s)" in\n'
                "  Darwin)  export §=10.3.0 ;;\n"
                "  FreeBSD) export HIP_VISIBLE_DEVICES=0 ;;\n"
                "  Linux)   export LIBVA_DRIVER_NAME=radeonsi ;;\n"
                "esac\n"
            ),
        },
        (),
    ),
    # somebody else's home
    "lenas-own-files": (
        {
            "/etc/passwd": LENA,
            "/home/lena/.bashrc": "export §=10.3.0\n",
            "/home/lena/.config/environment.d/rocm.conf": "HIP_VISIBLE_DEVICES=1\n",
            "~/.bashrc": "export EDITOR=vim\n",
        },
        (),
    ),
    # names that only end alike: id 68313497610, id 70147159529
    "names-that-end-alike": (
        {
            "~/.bashrc": (
                "export ASR_§=10.3.0\n"
                "export PDF_INGEST_§=10.3.0\n"
                "export RAY_EXPERIMENTAL_NOSET_HIP_VISIBLE_DEVICES=1\n"
                "export ARG_PYTORCH_ROCM_ARCH=gfx1100\n"
            ),
        },
        (),
    ),
    # ---- texts about it ----------------------------------------------------------------------------------------------
    # a here-document that only prints; its text: id 71133637736
    "installer-heredoc-printed": (
        {
            "~/Downloads/show-amd-gpu.sh": (
                "#!/usr/bin/env bash\n"
                "set -euo pipefail\n"
                "cat << 'EOF'\n"
                "# put this into /etc/profile.d/amd-rocm.sh\n"
                "export §=11.0.0\n"
                "export HIP_VISIBLE_DEVICES=0\n"
                "export HSA_ENABLE_SDMA=0\n"
                "EOF\n"
                'echo "AMD ROCm: see above (gfx1103 -> 11.0.0 override)."\n'
            ),
        },
        (),
    ),
    # id 52443113501, id 55724622346: hints in echo and log
    "hints-in-echo": (
        {
            "~/bin/check-ollama": (
                "#!/bin/bash\n"
                'log() { echo "$@"; }\n'
                'log "    3. Create /etc/systemd/system/ollama.service.d/override.conf:"\n'
                'log "         [Service]"\n'
                'log "         Environment=§=9.0.0"\n'
                'echo "  flatpak override --user $APP --env=§=<x.y.z>"\n'
                'echo "export §=10.3.0  (add to ~/.bashrc)"\n'
            ),
        },
        (),
    ),
    # id 54651715487: a playbook for readers
    "readme-and-docs": (
        {
            "~/src/comfy/README.md": (
                "## Environment\n"
                "```bash\n"
                "echo 'export §=11.0.0' >> ~/.bashrc\n"
                "source ~/.bashrc\n"
                "```\n"
                "Fish: `set -Ux § 11.0.0`\n"
            ),
            "~/src/comfy/docs/gpu.md": (
                "```ini\n"
                "[Service]\n"
                'Environment="§=11.0.0"\n'
                "```\n"
            ),
        },
        (),
    ),
    # history is what was typed once (no public file found: bash's and fish's own form)
    "histories": (
        {
            "~/.bash_history": (
                "ollama serve\n"
                "export §=10.3.0\n"
                "§=10.3.0 python main.py\n"
            ),
            "~/.local/share/fish/fish_history": (
                "- cmd: set -Ux § 11.0.0\n"
                "  when: 1760000000\n"
            ),
        },
        (),
    ),
    # id 70211048862: ollama's log line
    "ollama-log": (
        {
            "~/.ollama/logs/server.log": (
                'time=2026-09-01T14:22:46.896+02:00 level=INFO source=routes.go:1933 msg="server config" '
                'env="map[CUDA_VISIBLE_DEVICES: HIP_VISIBLE_DEVICES:0 §:10.3.0 OLLAMA_DEBUG:INFO]"\n'
            ),
        },
        (),
    ),
    # a patch that nobody has applied
    "patch-file": (
        {
            "~/src/webui/rocm.patch": (
                "--- a/webui-user.sh\n"
                "+++ b/webui-user.sh\n"
                "@@ -1,2 +1,3 @@\n"
                " #!/bin/bash\n"
                "+export §=10.3.0\n"
                " export COMMANDLINE_ARGS=\"--medvram\"\n"
            ),
        },
        (),
    ),
    # ---- Python ------------------------------------------------------------------------------------------------------
    # id 71261659772 (read), id 52787018789 (pop), id 60011474010 (a test)
    "python-reads-and-pops": (
        {
            "~/src/gfx/check.py": (
                "import os\n"
                'os.environ.pop("§", None)\n'
                'if override := os.environ.get("HSA_ENABLE_SDMA"):\n'
                '    print(f"  WARNING: HSA_ENABLE_SDMA={override} is set; unset it.")\n'
                'assert os.getenv("PYTORCH_ROCM_ARCH", "gfx1030") == "gfx1030"\n'
                "import torch\n"
            ),
            "~/src/gfx/tests/test_env.py": (
                "def test_local_env_overrides_inherited(monkeypatch):\n"
                '    monkeypatch.setenv("§", "9.0.0")\n'
                '    ctx = _ctx(local_env={"§": "11.0.0"})\n'
                '    assert _env(ctx)["§"] == "11.0.0"\n'
            ),
        },
        (),
    ),
    # set, then deleted before torch comes
    "python-set-then-del": (
        {
            "~/src/gfx/train.py": (
                "import os\n"
                'os.environ["§"] = "10.3.0"\n'
                "# rocm 7 knows gfx1032\n"
                'del os.environ["§"]\n'
                "import torch\n"
                "print(torch.cuda.get_device_name(0))\n"
            ),
        },
        (),
    ),
    # ---- other systems' files ---------------------------------------------------------------------------------------
    # id 55218690143, id 57470468356, id 3872082068
    "windows-launchers": (
        {
            "~/ComfyUI/run_amd.bat": (
                "@echo off\r\n"
                "set §=10.3.0\r\n"
                "set HIP_VISIBLE_DEVICES=0\r\n"
                'setx PYTORCH_ROCM_ARCH "gfx1030"\r\n'
                "python main.py\r\n"
            ),
            "~/ComfyUI/run_amd.ps1": (
                '$env:§ = "10.3.0"\n'
                '[Environment]::SetEnvironmentVariable("HIP_VISIBLE_DEVICES", "0", "User")\n'
            ),
        },
        (),
    ),
    # id 59659124500: a workflow runs on the forge's machine
    "github-workflow": (
        {
            "~/src/aka/.github/workflows/rdna4-hardware.yml": (
                "on: workflow_dispatch\n"
                "jobs:\n"
                "  rdna4:\n"
                "    runs-on: [self-hosted, linux, x64, rocm, gfx1200]\n"
                "    env:\n"
                '      HIP_VISIBLE_DEVICES: "0"\n'
                "      §: 12.0.0\n"
                "    steps:\n"
                "      - run: python scripts/validate.py\n"
            ),
        },
        (),
    ),
    # ---- udev, sessions ----------------------------------------------------------------------------------------------
    # id 3734740545: ENV{} is a property of the device, no process gets it
    "udev-env-property": (
        {
            "/etc/udev/rules.d/90-rocm-rdna1.rules": (
                "# RX 5600 XT / RX 5700 XT (Device ID: 731F)\n"
                'SUBSYSTEM=="pci", ATTR{vendor}=="0x1002", ATTR{device}=="0x731f", \\\n'
                '    ENV{§}="10.3.0", \\\n'
                '    ENV{MIOPEN_DEBUG_CONV_GEMM}="1"\n'
            ),
        },
        (),
    ),
    # comments of three compositors; a file that nobody sources; niri's null
    "compositors-commented": (
        {
            "~/.config/hypr/hyprland.conf": (
                "env = XCURSOR_SIZE,24\n"
                "# env = §,11.0.0\n"
                "# source = ~/.config/hypr/rocm.conf\n"
            ),
            "~/.config/hypr/rocm.conf": "env = HIP_VISIBLE_DEVICES,0\n",
            "~/.config/niri/config.kdl": (
                "environment {\n"
                "    // § \"10.3.0\"\n"
                "    HSA_ENABLE_SDMA null\n"
                "    /-PYTORCH_ROCM_ARCH \"gfx1030\"\n"
                "}\n"
            ),
        },
        (),
    ),
    # environment.d(5): only *.conf, and no "export"; profile.d: only *.sh
    "wrong-suffix-and-export": (
        {
            "/etc/environment.d/90-rocm.conf.disabled": "§=10.3.0\n",
            "/etc/environment.d/91-rocm.conf": "export §=10.3.0\n",
            "/etc/profile.d/rocm.txt": "export §=10.3.0\n",
            "/etc/profile.d/rocm.sh.rpmsave": "export HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # only handed on, if somebody had it: sshd_config(5), ssh_config(5)
    "ssh-accept-and-send": (
        {
            "/etc/ssh/sshd_config": (
                "Include /etc/ssh/sshd_config.d/*.conf\n"
                "AcceptEnv LANG LC_* § HIP_VISIBLE_DEVICES\n"
                "#SetEnv §=10.3.0\n"
            ),
            "~/.ssh/config": (
                "Host gpu45\n"
                "  SendEnv § HIP_VISIBLE_DEVICES\n"
            ),
            "/etc/ssh/sshd_config.d/rocm.conf~": "SetEnv §=10.3.0\n",
        },
        (),
    ),
    # ---- systemd -----------------------------------------------------------------------------------------------------
    # masked by the administrator
    "unit-masked": (
        {
            "/usr/lib/systemd/system/ollama.service": (
                "[Unit]\n"
                "Description=Ollama Service\n"
                "[Service]\n"
                "ExecStart=/usr/bin/ollama serve\n"
                'Environment="§=10.3.0"\n'
                "[Install]\n"
                "WantedBy=default.target\n"
            ),
            "/etc/systemd/system/ollama.service": "->/dev/null",
        },
        (),
    ),
    # wiped by a later drop-in, and one that is no .conf
    "drop-in-wiped": (
        {
            "/etc/systemd/system/ollama.service": (
                "[Unit]\n"
                "Description=Ollama Service\n"
                "[Service]\n"
                "ExecStart=/usr/local/bin/ollama serve\n"
                "User=ollama\n"
                "[Install]\n"
                "WantedBy=default.target\n"
            ),
            "/etc/systemd/system/default.target.wants/ollama.service": "->/etc/systemd/system/ollama.service",
            "/etc/systemd/system/ollama.service.d/10-rocm.conf": (
                "[Service]\n"
                'Environment="§=11.0.0"\n'
                'Environment="HIP_VISIBLE_DEVICES=0"\n'
            ),
            "/etc/systemd/system/ollama.service.d/override.conf": (
                "[Service]\n"
                "# TheRock has native kernels - no HSA override needed\n"
                "Environment=\n"
                "Environment=OLLAMA_DEBUG=1\n"
            ),
            "/etc/systemd/system/ollama.service.d/override.conf.bak": '[Service]\nEnvironment="§=10.3.0"\n',
        },
        (),
    ),
    # UnsetEnvironment= is the last word (systemd.exec(5)); PassEnvironment= sets nothing by itself
    "unit-unset-environment": (
        {
            "~/.config/systemd/user/comfy.service": (
                "[Service]\n"
                "ExecStart=%h/ComfyUI/venv/bin/python main.py\n"
                "Environment=§=10.3.0 CUDA_VISIBLE_DEVICES=0\n"
                "EnvironmentFile=-%h/ComfyUI/rocm.env\n"
                "PassEnvironment=HSA_ENABLE_SDMA\n"
                "UnsetEnvironment=§ CUDA_VISIBLE_DEVICES HIP_VISIBLE_DEVICES\n"
                "[Install]\n"
                "WantedBy=default.target\n"
            ),
            "~/.config/systemd/user/default.target.wants/comfy.service":
                "->/home/sam/.config/systemd/user/comfy.service",
            "~/ComfyUI/rocm.env": "HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # Environment= under [Unit], a comment, a file name that is no unit's: id 45283161129
    "unit-wrong-section": (
        {
            "/etc/systemd/system/mi50-llm.service": (
                "[Unit]\n"
                "Description=MI50 LLM FastAPI Server\n"
                "Environment=§=9.0.6\n"
                "\n"
                "[Service]\n"
                "Environment=PYTHONUNBUFFERED=1\n"
                "# Environment=HSA_ENABLE_SDMA=0\n"
                ";Environment=§=9.0.6\n"
                "ExecStart=/opt/mi50-llm/venv/bin/uvicorn src.server:app\n"
                "\n"
                "[Install]\n"
                "WantedBy=multi-user.target\n"
            ),
            "/etc/systemd/system/multi-user.target.wants/mi50-llm.service":
                "->/etc/systemd/system/mi50-llm.service",
            "/etc/systemd/system/mi50-llm.service.old": "[Service]\nEnvironment=HIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # ---- containers --------------------------------------------------------------------------------------------------
    # id 55795646556: only with --profile rocm; id 56658497968: commented
    "compose-profile-and-comment": (
        {
            "~/voice/compose.yaml": (
                "services:\n"
                "  app:\n"
                "    image: voice:cpu\n"
                "    environment:\n"
                "      BACKEND: cpu\n"
                '      # §: "12.0.1"\n'
                "  app-rocm:\n"
                "    image: voice:rocm\n"
                "    devices: [/dev/kfd, /dev/dri]\n"
                "    environment:\n"
                "      - BACKEND=rocm\n"
                "      - §=11.0.0\n"
                '    profiles: ["rocm"]\n'
            ),
            "~/voice/.env.example": "§=11.0.0\nHIP_VISIBLE_DEVICES=0\n",
        },
        (),
    ),
    # a name without a value is taken from the caller, who has none (compose file reference, podman-run(1))
    "pass-through-only": (
        {
            "~/llm/compose.yaml": (
                "services:\n"
                "  ollama:\n"
                "    image: ollama/ollama:rocm\n"
                "    environment:\n"
                "      - §\n"
                "      - OLLAMA_HOST=0.0.0.0\n"
            ),
            "~/llm/shell.sh": (
                "#!/bin/sh\n"
                "exec podman run --rm -it --device /dev/kfd --env § -e HIP_VISIBLE_DEVICES \\\n"
                "    docker.io/rocm/pytorch:latest bash\n"
            ),
        },
        (),
    ),
    # id 67210528115 without its ENV: an ARG ends with the build
    "dockerfile-arg-only": (
        {
            "~/src/webui/Dockerfile": (
                "ARG ROCM_VERSION=6.2\n"
                "ARG §=10.3.0\n"
                "FROM rocm/dev-ubuntu-22.04:${ROCM_VERSION}-complete\n"
                "ARG PYTORCH_ROCM_ARCH=gfx1030\n"
                "# ENV §=${§}\n"
                "RUN pip install -r requirements.txt\n"
                'CMD ["python", "launch.py"]\n'
            ),
        },
        (),
    ),
    # podman-systemd.unit(5): only *.container; flatpak-metadata(5): unset-environment; containers.conf(5)
    "containers-put-aside": (
        {
            "~/.config/containers/systemd/ollama.container.disabled": (
                "[Container]\n"
                "Image=docker.io/ollama/ollama:rocm\n"
                "Environment=§=10.3.0\n"
            ),
            "~/.config/containers/containers.conf": (
                "[containers]\n"
                '#env = ["§=10.3.0"]\n'
                'tz = "local"\n'
            ),
            "~/.local/share/flatpak/overrides/com.jeffser.Alpaca": (
                "[Context]\n"
                "devices=all;\n"
                "unset-environment=§;HIP_VISIBLE_DEVICES;\n"
            ),
        },
        (),
    ),
    # ---- build tools, Nix --------------------------------------------------------------------------------------------
    # HardAndHeavy/ollama-open-webui, Makefile: make's own variables, not exported
    "makefile-own-variables": (
        {
            "~/ollama-open-webui/Makefile": (
                "ROCM_GPU ?= $(strip $(shell rocminfo | grep -m 1 -E gfx[^0]{1}))\n"
                "ifeq ($(ROCM_GPU), gfx1030)\n"
                "  § = 10.3.0\n"
                "else\n"
                "  § = 11.0.0\n"
                "endif\n"
                "\n"
                "show:\n"
                "\t@echo \"§=$(§)\"\n"
            ),
        },
        (),
    ),
    # id 28383319333: enable = false; id 65971509720: comments
    "nix-off-and-commented": (
        {
            "/etc/nixos/configuration.nix": (
                "{ pkgs, ... }:\n"
                "{\n"
                "  services.ollama = {\n"
                "    enable = false;\n"
                '    rocmOverrideGfx = "11.0.0";\n'
                "    environmentVariables = {\n"
                '      HIP_VISIBLE_DEVICES = "0";\n'
                "    };\n"
                "  };\n"
                "}\n"
            ),
            "~/.config/home-manager/home.nix": (
                "{ pkgs, ... }:\n"
                "{\n"
                "  home.sessionVariables = {\n"
                '    EDITOR = "nvim";\n'
                '    #§ = "10.3.0";\n'
                '    #PYTORCH_ROCM_ARCH = "gfx90c";\n'
                "    /* HSA_ENABLE_SDMA = \"0\"; */\n"
                "  };\n"
                "}\n"
            ),
        },
        (),
    ),
    # a crontab's comment, a deactivate hook, tmux's unset (crontab(5), conda's manual, tmux(1))
    "cron-conda-tmux": (
        {
            "/var/spool/cron/crontabs/sam": (
                "# §=10.3.0\n"
                "#0 3 * * * HIP_VISIBLE_DEVICES=0 $HOME/bin/train\n"
                "0 4 * * * $HOME/bin/backup\n"
            ),
            "~/miniforge3/envs/rocm/etc/conda/deactivate.d/env_vars.sh": "unset §\nunset HIP_VISIBLE_DEVICES\n",
            "~/.tmux.conf": (
                "set -g mouse on\n"
                "set-environment -gu §\n"
                "#set-environment -g HIP_VISIBLE_DEVICES 0\n"
            ),
        },
        (),
    ),
}

# Lines that are read and were not labelled, and why.
MORE: dict[str, tuple[Label, ...]] = {
    # bash does not read it, but the Xsession of gdm and of lightdm does: /etc/gdm3/Xsession, /etc/X11/Xsession.d
    "bash-profile-first": (
        s("~/.profile:1", "sam's desktop"),
        s("~/.profile:2", "sam's desktop", "0", "HIP_VISIBLE_DEVICES"),
    ),
    # any variable that leads programs to ROCm's libraries is told
    "fish-erased": (s("~/.config/fish/config.fish:3", "sam", "/opt/rocm/lib $LD_LIBRARY_PATH", "LD_LIBRARY_PATH"),),
}
SEVENTH_WILD |= {name: (files, (*labels, *MORE.get(name, ()))) for name, (files, labels) in SEVENTH_WILD.items()}
SEVENTH_CALM |= {name: (files, (*labels, *MORE.get(name, ()))) for name, (files, labels) in SEVENTH_CALM.items()}
