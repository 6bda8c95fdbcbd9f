# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set R: what people with such cards have in public files, shortened, and look-alikes made of them; by another stranger.

Run once, after O and P were learnt: 37 of 40 places named with every labelled line and value and nothing else (74 of 76 lines; one
of the three named a library path that the stranger had not labelled), 2 of 50 look-alikes claimed.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

K = "HSA_OVERRIDE_GFX_VERSION"
H = "HIP_VISIBLE_DEVICES"
R = "ROCR_VISIBLE_DEVICES"
A = "PYTORCH_ROCM_ARCH"
D = "HSA_ENABLE_SDMA"
HC = "PYTORCH_HIP_ALLOC_CONF"
CC = "PYTORCH_CUDA_ALLOC_CONF"

FIFTEENTH_WILD: Rows = {
    # a dotfiles .bashrc with a "PyTorch + ROCm" block in the middle
    "bashrc-rocm-block": (
        {"~/.bashrc": "alias diff=colordiff\nulimit -c unlimited\nPATH=$PATH:/opt/java/bin:~/.npm-global/bin\nexport PATH\n"
                      "# PyTorch + ROCm\nexport §=10.3.0\nexport HIP_VISIBLE_DEVICES=0\nred=\"\\[$(tput setaf 1 2>/dev/null)\\]\"\n"},
        (s("~/.bashrc:6", "sam"), s("~/.bashrc:7", "sam", "0", H)),
    ),
    # configure-amd-gpu-framework.sh: profile.d for shells, environment.d for services
    "framework-two-places": (
        {"/etc/profile.d/amd-rocm.sh": "# AMD ROCm environment for Framework 13\nexport §=11.0.0\nexport HSA_ENABLE_SDMA=0\n",
         "/etc/environment.d/50-amd-rocm.conf": "# also for services\n§=11.0.2\nHIP_VISIBLE_DEVICES=1\n"},
        (s("/etc/profile.d/amd-rocm.sh:2", "all", "11.0.0"), s("/etc/profile.d/amd-rocm.sh:3", "all", "0", D),
         s("/etc/environment.d/50-amd-rocm.conf:2", "all", "11.0.2"),
         s("/etc/environment.d/50-amd-rocm.conf:3", "all", "1", H)),
    ),
    # 890M installer: the same key twice in one drop-in, the last wins
    "ollama-dropin-twice": (
        {"/etc/systemd/system/ollama.service": "[Unit]\nDescription=Ollama Service\n\n[Service]\nExecStart=/usr/local/bin/ollama serve\nUser=ollama\n",
         "/etc/systemd/system/ollama.service.d/amd-gpu.conf":
            "[Service]\n# AMD GPU configuration for ROCm/HIP\nEnvironment=\"ROCm_PATH=/opt/rocm\"\nEnvironment=\"HIP_VISIBLE_DEVICES=0\"\n"
            "Environment=\"§=11.0.0\"\n\n# Common values: gfx1100 (RDNA 3), gfx1103\nEnvironment=\"§=11.0.3\"\nEnvironment=\"OLLAMA_DEBUG=1\"\n"
            "SupplementaryGroups=video render\n"},
        (s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:4", "all", "0", H),
         s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:8", "all", "11.0.3")),
    ),
    # llamacpp-chat.service: EnvironmentFile beats Environment=, though it stands before it
    "llamacpp-environmentfile": (
        {"/etc/systemd/system/llamacpp-chat.service":
            "[Unit]\nAfter=network-online.target\n\n[Service]\nUser=root\nEnvironmentFile=/etc/llamacpp.env\n"
            "Environment=\"HIP_VISIBLE_DEVICES=0,1\"\nEnvironment=\"§=10.3.0\"\nExecStart=/opt/llama.cpp/build/bin/llama-server \\\n"
            "    --host 0.0.0.0 --port 8080\nRestart=always\n",
         "/etc/llamacpp.env": "LLAMACPP_API_KEY=changeme\n# V620\n§=10.3.1\n"},
        (s("/etc/systemd/system/llamacpp-chat.service:7", "all", "0,1", H), s("/etc/llamacpp.env:3", "all", "10.3.1")),
    ),
    # a README's ollama.service: several words unquoted on one Environment= line
    "ollama-one-line": (
        {"/etc/systemd/system/ollama.service":
            "[Unit]\nDescription=Ollama Service\n\n[Service]\nEnvironment=§=11.0.0 OLLAMA_HOST=192.168.1.135:11434 \"HIP_VISIBLE_DEVICES=0\"\n"
            "ExecStart=/usr/bin/ollama serve\nUser=ollama\n\n[Install]\nWantedBy=default.target\n"},
        (s("/etc/systemd/system/ollama.service:5", "all", "11.0.0"), s("/etc/systemd/system/ollama.service:5", "all", "0", H)),
    ),
    # image-api installer: unit with many Environment= lines
    "image-api-unit": (
        {"/etc/systemd/system/image-api.service":
            "[Service]\nType=simple\nUser=sam\nEnvironment=IMAGE_API_PORT=7700\nEnvironment=IMAGE_DEVICE=cuda\nEnvironment=§=10.3.0\n"
            "Environment=PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\nExecStart=/opt/image/venv/bin/python -m image_api\n"},
        (s("/etc/systemd/system/image-api.service:6", "all"),
         s("/etc/systemd/system/image-api.service:7", "all", "expandable_segments:True", CC)),
    ),
    # OSWispa installer: a user unit
    "oswispa-user-unit": (
        {"~/.config/systemd/user/oswispa.service":
            "[Unit]\nDescription=OSWispa Voice-to-Text Service\nAfter=graphical-session.target\n\n[Service]\nType=simple\n"
            "ExecStart=/usr/local/bin/oswispa\nEnvironment=RUST_LOG=info\nEnvironment=HIP_VISIBLE_DEVICES=0\nEnvironment=ROCR_VISIBLE_DEVICES=1\n"
            "Environment=§=11.0.0\n\n[Install]\nWantedBy=default.target\n"},
        (s("~/.config/systemd/user/oswispa.service:9", "sam", "0", H), s("~/.config/systemd/user/oswispa.service:10", "sam", "1", R),
         s("~/.config/systemd/user/oswispa.service:11", "sam", "11.0.0")),
    ),
    # moonbit/ollama dotfiles: config.fish with Darwin / else
    "fish-darwin-else": (
        {"/etc/passwd": FISH,
         "~/.config/fish/config.fish":
            "if test (uname -s) = Darwin\n    fish_add_path -g /Library/TeX/texbin\n    abbr -a copy pbcopy\nelse\n    # Linux\n"
            "    fish_add_path -g /opt/rocm/bin\n    set -gx ROCM_PATH /opt/rocm\n    set -gx § 10.3.0\n    set -gx OLLAMA_DEBUG 1\nend\n"
            "set -gx EDITOR nvim\n"},
        (s("~/.config/fish/config.fish:8", "sam"),),
    ),
    # salman-farooq-sh/.files 20-rocm-vars.fish
    "fish-confd-rocm-vars": (
        {"/etc/passwd": FISH,
         "~/.config/fish/conf.d/20-rocm-vars.fish":
            "set -x ROCM_PATH /opt/rocm-6.1.3\n# set -x ROCM_PATH /opt/rocm\nset -x § \"10.3.0\"\nset -x HIP_VISIBLE_DEVICES 0\n"
            "# set -x ROCR_VISIBLE_DEVICES (math 0 + 1)\nset -e ROCR_VISIBLE_DEVICES\nset -x PYTORCH_ROCM_ARCH gfx1030\n"},
        (s("~/.config/fish/conf.d/20-rocm-vars.fish:3", "sam"), s("~/.config/fish/conf.d/20-rocm-vars.fish:4", "sam", "0", H),
         s("~/.config/fish/conf.d/20-rocm-vars.fish:7", "sam", "gfx1030", A)),
    ),
    # utylee's config.fish: old value commented above the live one
    "fish-strix-halo": (
        {"/etc/passwd": FISH,
         "~/.config/fish/config.fish":
            "set -x ROCM_PATH /opt/rocm\n# Strix Halo(RDNA 3.5)\n# set -x § 11.5.0\nset -x § 11.0.0\n# ===> upscaling faster\n"
            "set -x HSA_ENABLE_SDMA 0\n# set -x HSA_ENABLE_SDMA 1\n"},
        (s("~/.config/fish/config.fish:4", "sam", "11.0.0"), s("~/.config/fish/config.fish:6", "sam", "0", D)),
    ),
    # README: alias "start comfy env"
    "bashrc-alias-sce": (
        {"~/.bashrc": "alias ll='ls -alF'\nalias sce='§=10.3.0 python3 main.py'\n"},
        (s("~/.bashrc:2", "sam"),),
    ),
    # Arch/Hyprland dotfiles
    "hyprland-env": (
        {"~/.config/hypr/hyprland.conf":
            "exec-once = waybar\n# ENVIRONMENT VARIABLES\nenv = XCURSOR_SIZE,24\nenv = XMODIFIERS,@im=fcitx\n"
            "# ROCm / HIP: force RDNA3 (gfx1100) target\nenv = §,11.0.0\n$terminal = kitty\nworkspace = 9, monitor:DP-3, default:true\n"},
        (s("~/.config/hypr/hyprland.conf:6", "sam", "11.0.0"),),
    ),
    # Hyprland split over files by source=
    "hyprland-sourced-env": (
        {"~/.config/hypr/hyprland.conf": "monitor = ,preferred,auto,1\nsource = ~/.config/hypr/envs.conf\n",
         "~/.config/hypr/envs.conf": "env = QT_QPA_PLATFORM,wayland\nenv = §,10.3.0\nenv = HIP_VISIBLE_DEVICES,0\n"},
        (s("~/.config/hypr/envs.conf:2", "sam"), s("~/.config/hypr/envs.conf:3", "sam", "0", H)),
    ),
    # Chinese webui guide: webui-user.sh
    "webui-user-two-cards": (
        {"~/stable-diffusion-webui/webui-user.sh":
            "#!/bin/bash\n# Commandline arguments for webui.py\nexport §=10.3.0 # gfx1030 RX 6800, gfx1031 RX 6700 XT\n"
            "#export §=8.0.3 # gfx803 Radeon RX580\nexport COMMANDLINE_ARGS=\"--skip-torch-cuda-test --autolaunch\"\n"
            "export PYTORCH_HIP_ALLOC_CONF=garbage_collection_threshold:0.8,max_split_size_mb:512\n"},
        (s("~/stable-diffusion-webui/webui-user.sh:3", "sam"),
         s("~/stable-diffusion-webui/webui-user.sh:6", "sam", "garbage_collection_threshold:0.8,max_split_size_mb:512", HC)),
    ),
    # llama.cpp on a 6750 XT: list with a YAML comment behind the value
    "compose-list-comment": (
        {"~/llm/docker-compose.yml":
            "services:\n  llama:\n    image: ghcr.io/ggml-org/llama.cpp:server-rocm\n    devices:\n      - /dev/kfd:/dev/kfd\n"
            "    environment:\n      - §=10.3.0   # gfx1031 -> pretend to be gfx1030\n      # - ROCR_VISIBLE_DEVICES=0\n"},
        (s("~/llm/docker-compose.yml:7", "sam"),),
    ),
    # parakeet-rocm: map
    "compose-map-parakeet": (
        {"~/parakeet-rocm/docker-compose.yaml":
            "services:\n  parakeet-rocm:\n    image: parakeet-rocm:latest\n    environment:\n      §: \"10.3.0\"\n"
            "      LD_LIBRARY_PATH: \"/opt/rocm/lib\"\n      HIP_VISIBLE_DEVICES: \"0\"          # GPU index\n    devices:\n      - \"/dev/kfd\"\n"},
        (s("~/parakeet-rocm/docker-compose.yaml:5", "sam"), s("~/parakeet-rocm/docker-compose.yaml:7", "sam", "0", H),
         s("~/parakeet-rocm/docker-compose.yaml:6", "sam", "/opt/rocm/lib", "LD_LIBRARY_PATH")),
    ),
    # ollama stack: default in the interpolation, no .env
    "compose-default": (
        {"~/ollama/docker-compose.yml":
            "services:\n  ollama:\n    image: ollama/ollama:${OLLAMA_DOCKER_TAG-rocm}\n    environment:\n"
            "      - '§=${§-11.0.0}'\n      - OLLAMA_KEEP_ALIVE=24h\n"},
        (s("~/ollama/docker-compose.yml:5", "sam", "11.0.0"),),
    ),
    # strata-mi50: env_file; environment beats it for one key
    "compose-env-file": (
        {"~/strata/docker-compose.yml":
            "services:\n  strata:\n    image: xxdoman/strata-mi50:latest\n    env_file: rocm.env\n    environment:\n"
            "      - HIP_VISIBLE_DEVICES=1\n",
         "~/strata/rocm.env": "# MI50\n§=9.0.6\nHIP_VISIBLE_DEVICES=0\n"},
        (s("~/strata/rocm.env:2", "sam", "9.0.6"), s("~/strata/docker-compose.yml:6", "sam", "1", H)),
    ),
    # several ROCm services share an anchor
    "compose-anchor": (
        {"~/ai/docker-compose.yml":
            "version: \"3.8\"\nx-rocm: &rocm-env\n  §: \"10.3.0\"\n  HSA_ENABLE_SDMA: \"0\"\nservices:\n  comfyui:\n    image: yanwk/comfyui-boot:rocm\n"
            "    environment:\n      <<: *rocm-env\n      CLI_ARGS: \"--lowvram\"\n"},
        (s("~/ai/docker-compose.yml:3", "sam"), s("~/ai/docker-compose.yml:4", "sam", "0", D)),
    ),
    # upstream compose file + own override beside it
    "compose-override-wins": (
        {"~/open-webui/docker-compose.yml": "version: \"3\"\nservices:\n  ollama:\n    image: ollama/ollama:rocm\n    environment:\n      - §=10.3.0\n      - ROCR_VISIBLE_DEVICES=0\n",
         "~/open-webui/docker-compose.override.yml": "version: \"3\"\nservices:\n  ollama:\n    environment:\n      - §=11.0.0\n"},
        (s("~/open-webui/docker-compose.override.yml:5", "sam", "11.0.0"), s("~/open-webui/docker-compose.yml:7", "sam", "0", R)),
    ),
    # hal0: a rootless quadlet
    "quadlet-hal0": (
        {"~/.config/containers/systemd/hal0-slot.container":
            "[Unit]\nDescription=hal0 container inference slot\n\n[Container]\nImage=ghcr.io/hal0ai/hal0-toolbox:latest\nAddDevice=/dev/kfd\n"
            "SecurityLabelDisable=true\nEnvironment=§=11.5.1\nEnvironment=HAL0_RUNTIME=container\n\n[Service]\nRestart=always\n"},
        (s("~/.config/containers/systemd/hal0-slot.container:8", "sam", "11.5.1"),),
    ),
    # immich-ml on an AMD card, system quadlet, two words on one line
    "quadlet-immich": (
        {"/etc/containers/systemd/immich-ml.container":
            "[Container]\nImage=ghcr.io/immich-app/immich-machine-learning:release-rocm\nAddDevice=/dev/dri\n"
            "Environment=§=10.3.0 HSA_USE_SVM=0\n\n[Install]\nWantedBy=default.target\n"},
        (s("/etc/containers/systemd/immich-ml.container:4", "all"),
         s("/etc/containers/systemd/immich-ml.container:4", "all", "0", "HSA_USE_SVM")),
    ),
    # vllm gfx906: one ENV instruction over several lines
    "dockerfile-continued": (
        {"~/vllm-gfx906/Dockerfile":
            "FROM rocm/dev-ubuntu-24.04:6.3\nENV PYTORCH_ROCM_ARCH=gfx906 \\\n    TOKENIZERS_PARALLELISM=false \\\n"
            "    §=9.0.6\nRUN pip install torch --index-url https://download.pytorch.org/whl/rocm6.3\n"},
        (s("~/vllm-gfx906/Dockerfile:2", "sam", "gfx906", A), s("~/vllm-gfx906/Dockerfile:4", "sam", "9.0.6")),
    ),
    # dev container template for ROCm
    "devcontainer-rocm": (
        {"~/my-ml-project/.devcontainer/devcontainer.json":
            "{\n  // AMD ROCm dev container\n  \"image\": \"rocm/pytorch:latest\",\n  \"runArgs\": [\"--device=/dev/kfd\", \"--ipc=host\"],\n  \"containerEnv\": {\n"
            "    \"HIP_VISIBLE_DEVICES\": \"0\",              // Which GPU to use\n    \"§\": \"11.0.0\"\n  }\n}\n"},
        (s("~/my-ml-project/.devcontainer/devcontainer.json:6", "sam", "0", H),
         s("~/my-ml-project/.devcontainer/devcontainer.json:7", "sam", "11.0.0")),
    ),
    # VS Code settings with comments
    "vscode-terminal-env": (
        {"~/.config/Code/User/settings.json":
            "{\n    \"editor.fontSize\": 14,\n    \"terminal.integrated.env.linux\": {\n        // RX 6700 XT\n        // \"§\": \"10.1.0\",\n"
            "        \"§\": \"10.3.0\"\n    },\n    \"terminal.integrated.env.osx\": {\n        \"§\": \"11.0.0\"\n    }\n}\n"},
        (s("~/.config/Code/User/settings.json:6", "sam"),),
    ),
    # TinyOwl launcher: default if nothing is inherited
    "launcher-default": (
        {"~/tinyowl/chat.sh":
            "#!/usr/bin/env bash\n# TinyOwl Chat Launcher for Rofi\nset -euo pipefail\n\n# Enable HIP kernels on Navi 23\n"
            "export §=${§:-10.3.0}\ncd \"$HOME/tinyowl\"\nexec ./venv/bin/python chat.py\n"},
        (s("~/tinyowl/chat.sh:6", "sam"),),
    ),
    # RX 5500 PyTorch image: docker run, continued lines
    "docker-run-script": (
        {"~/dockerx/run.sh":
            "#!/bin/bash\nexport RENDER_GID=$(getent group render | cut -d: -f3)\ndocker run -it --user 0:0 \\\n       -e RENDER_GID \\\n"
            "       --env=§=10.3.0 \\\n       --env=PYTORCH_HIP_ALLOC_CONF=max_split_size_mb:128 \\\n       --group-add=video --device=/dev/kfd \\\n"
            "       -v $HOME/dockerx:/dockerx \\\n       docker.io/setsoft/rx5500_pt:latest\n"},
        (s("~/dockerx/run.sh:5", "sam"), s("~/dockerx/run.sh:6", "sam", "max_split_size_mb:128", HC)),
    ),
    # train_rocm.sh for MI50
    "train-script": (
        {"~/worldmodel/train_rocm.sh":
            "#!/usr/bin/env bash\n# Usage:\n#   ./train_rocm.sh [extra args passed to train.py]\nset -e\nexport §=9.0.6\nexport PYTORCH_ROCM_ARCH=gfx906\n"
            "export TOKENIZERS_PARALLELISM=false\nexport HIP_VISIBLE_DEVICES=0\nexport OMP_NUM_THREADS=1\npython3 train.py \"$@\"\n"},
        (s("~/worldmodel/train_rocm.sh:5", "sam", "9.0.6"), s("~/worldmodel/train_rocm.sh:6", "sam", "gfx906", A),
         s("~/worldmodel/train_rocm.sh:8", "sam", "0", H)),
    ),
    # ROCm note "gfx version": unset first, then set again
    "comfy-reset-then-set": (
        {"~/ComfyUI/run_amd.sh":
            "#!/bin/bash\ncd ~/ComfyUI\n# start from a clean environment\nexport §=10.3.0\nunset § PYTORCH_ROCM_ARCH\nexport §=9.0.6  # original gfx906 instead\n"
            "export HIP_VISIBLE_DEVICES=0\nexec python main.py --lowvram\n"},
        (s("~/ComfyUI/run_amd.sh:6", "sam", "9.0.6"), s("~/ComfyUI/run_amd.sh:7", "sam", "0", H)),
    ),
    # FloodNet benchmark: set before import torch
    "python-before-torch": (
        {"~/floodnet/benchmark.py":
            "import os\nos.environ[\"§\"] = \"10.3.0\"\nos.environ[\"MIOPEN_LOG_LEVEL\"] = \"3\"\n\nimport time\n\n\ndef benchmark():\n"
            "    print(\"Using device:\", os.environ[\"§\"])\n\n\nbenchmark()\n"},
        (s("~/floodnet/benchmark.py:2", "sam"), s("~/floodnet/benchmark.py:3", "sam", "3", "MIOPEN_LOG_LEVEL")),
    ),
    # studio script for an 880M: setdefault
    "python-setdefault": (
        {"~/lora/train.py":
            "import os\nos.environ.setdefault(\"TOKENIZERS_PARALLELISM\", \"false\")\nos.environ.setdefault(\"MIOPEN_FIND_MODE\", \"FAST\")\n"
            "os.environ.setdefault('§', '11.0.0')\nimport sys\n"},
        (s("~/lora/train.py:3", "sam", "FAST", "MIOPEN_FIND_MODE"), s("~/lora/train.py:4", "sam", "11.0.0")),
    ),
    # a ROCm kernel for Jupyter
    "jupyter-kernel": (
        {"~/.local/share/jupyter/kernels/pytorch-rocm/kernel.json":
            "{\n \"argv\": [\"/home/sam/torch/bin/python\", \"-m\", \"ipykernel_launcher\", \"-f\", \"{connection_file}\"],\n \"display_name\": \"PyTorch (ROCm)\",\n"
            " \"language\": \"python\",\n \"env\": {\n  \"§\": \"10.3.0\",\n  \"PYTORCH_ROCM_ARCH\": \"gfx1030\"\n }\n}\n"},
        (s("~/.local/share/jupyter/kernels/pytorch-rocm/kernel.json:6", "sam"),
         s("~/.local/share/jupyter/kernels/pytorch-rocm/kernel.json:7", "sam", "gfx1030", A)),
    ),
    # Blender menu entry
    "blender-desktop": (
        {"~/.local/share/applications/blender.desktop":
            "[Desktop Entry]\nType=Application\nName=Blender (HIP)\nComment=3D modeling\nExec=env §=10.3.0 HIP_VISIBLE_DEVICES=0 blender %f\n"
            "Icon=blender\nTerminal=false\nCategories=Graphics;\n"},
        (s("~/.local/share/applications/blender.desktop:5", "sam"), s("~/.local/share/applications/blender.desktop:5", "sam", "0", H)),
    ),
    # demucs Makefile
    "makefile-export": (
        {"~/demucs/Makefile":
            "PYTHON ?= ./venv/bin/python3\nexport § := 10.3.0\nexport MIOPEN_LOG_LEVEL = 0\n\nall: separate\n\nseparate:\n\t$(PYTHON) -m demucs track.wav\n"},
        (s("~/demucs/Makefile:2", "sam"), s("~/demucs/Makefile:3", "sam", "0", "MIOPEN_LOG_LEVEL")),
    ),
    # zsh: .zshrc sources an env file (mlstack_env)
    "zsh-sourced-env": (
        {"/etc/passwd": ZSH,
         "~/.zshrc": "export ZSH=\"$HOME/.oh-my-zsh\"\nplugins=(git)\n[ -f ~/.mlstack_env ] && source ~/.mlstack_env\n",
         "~/.mlstack_env": "# ML Stack\nexport ROCM_PATH=/opt/rocm\nexport §=11.0.0\nexport HIP_VISIBLE_DEVICES=0,1\n"},
        (s("~/.mlstack_env:3", "sam", "11.0.0"), s("~/.mlstack_env:4", "sam", "0,1", H)),
    ),
    # conda environment for ComfyUI
    "conda-activate-d": (
        {"~/miniconda3/envs/comfy/etc/conda/activate.d/env_vars.sh":
            "#!/bin/sh\nexport §=10.3.0\nexport PYTORCH_HIP_ALLOC_CONF=expandable_segments:True\n"},
        (s("~/miniconda3/envs/comfy/etc/conda/activate.d/env_vars.sh:2", "sam"),
         s("~/miniconda3/envs/comfy/etc/conda/activate.d/env_vars.sh:3", "sam", "expandable_segments:True", HC)),
    ),
    # /etc/environment as a Strix Halo installer leaves it after two runs
    "etc-environment-twice": (
        {"/etc/environment": "PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n§=11.0.0\n§=11.5.1\n"},
        (s("/etc/environment:3", "all", "11.5.1"),),
    ),
    # sam's crontab: nightly captioning
    "crontab-nightly": (
        {"/var/spool/cron/crontabs/sam":
            "# m h  dom mon dow   command\nSHELL=/bin/bash\n§=10.3.0\nHIP_VISIBLE_DEVICES=0\n0 3 * * * cd ~/caption && ./venv/bin/python nightly.py\n"},
        (s("/var/spool/cron/crontabs/sam:3", "sam"), s("/var/spool/cron/crontabs/sam:4", "sam", "0", H)),
    ),
    # NixOS: services.ollama; the module adds rocmOverrideGfx after environmentVariables (`//`), so it wins
    "nixos-ollama": (
        {"/etc/nixos/configuration.nix":
            "{ config, pkgs, ... }:\n{\n  services.ollama = {\n    enable = true;\n    package = pkgs.ollama-rocm;\n    environmentVariables = {\n"
            "      HIP_VISIBLE_DEVICES = \"0\";\n      § = \"12.0.0\";\n    };\n    rocmOverrideGfx = \"12.0.1\";\n  };\n}\n"},
        (s("/etc/nixos/configuration.nix:7", "all", "0", H), s("/etc/nixos/configuration.nix:10", "all", "12.0.1")),
    ),
    # shell.nix of a TTS project
    "shell-nix-hook": (
        {"~/tts/shell.nix":
            "{ pkgs ? import <nixpkgs> {} }:\npkgs.mkShell {\n  buildInputs = [ pkgs.portaudio ];\n  shellHook = ''\n    export HIP_VISIBLE_DEVICES=0,1\n"
            "    export §=11.0.0\n  '';\n}\n"},
        (s("~/tts/shell.nix:5", "sam", "0,1", H), s("~/tts/shell.nix:6", "sam", "11.0.0")),
    ),
}

FIFTEENTH_CALM: Rows = {
    # start_comfyui_amd.sh: echo says it, the line itself is commented
    "start-comfy-echo-only": (
        {"~/ComfyUI/start_comfyui_amd.sh": "#!/bin/bash\nsource venv/bin/activate\n# Set environment variable for RX 5700 XT\necho \"Setting §=10.3.0\"\n#export §=10.3.0\npython main.py \"$@\"\nexit 0\n"}, ()),
    # ollama override with both comment marks of systemd
    "ollama-override-commented": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\n",
         "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=\"OLLAMA_VULKAN=1\"\n#Environment=\"§=10.3.0\"\n;Environment=\"HIP_VISIBLE_DEVICES=0\"\n"}, ()),
    # a later drop-in empties the list, as after the move to Vulkan
    "dropin-reset": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment=\"HIP_VISIBLE_DEVICES=0\"\n",
         "/etc/systemd/system/ollama.service.d/10-gfx-override.conf": "# RX 6600-class\n[Service]\nEnvironment=\"§=10.3.0\"\n",
         "/etc/systemd/system/ollama.service.d/override.conf": "[Service]\nEnvironment=\nEnvironment=\"OLLAMA_VULKAN=1\"\n"}, ()),
    "dropin-unsetenvironment": (
        {"/etc/systemd/system/llama-server.service": "[Service]\nEnvironment=\"ROCM_PATH=/opt/rocm\"\nEnvironment=\"§=11.5.1\"\nExecStart=/opt/llama/bin/llama-server\n",
         "/etc/systemd/system/llama-server.service.d/native.conf": "[Service]\n# ROCm 7 has native gfx1151\nUnsetEnvironment=§\n"}, ()),
    "unit-masked": (
        {"/usr/lib/systemd/system/comfyui.service": "[Service]\nEnvironment=§=10.3.0\nExecStart=/opt/ComfyUI/venv/bin/python main.py\n",
         "/etc/systemd/system/comfyui.service": "->/dev/null"}, ()),
    "unit-shadowed-by-etc": (
        {"/usr/lib/systemd/system/ollama.service": "[Service]\nEnvironment=§=10.3.0\nExecStart=/usr/bin/ollama serve\n",
         "/etc/systemd/system/ollama.service": "[Service]\nEnvironment=OLLAMA_HOST=0.0.0.0\nExecStart=/usr/bin/ollama serve\n"}, ()),
    "unit-renamed": (
        {"/etc/systemd/system/oswispa.service.disabled": "[Service]\nEnvironment=§=11.0.0\nExecStart=/usr/local/bin/oswispa\n",
         "/etc/systemd/system/image-api.service.bak": "[Service]\nEnvironment=§=10.3.0\nExecStart=/usr/local/bin/image-api\n"}, ()),
    "dropin-backup": (
        {"/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\n",
         "/etc/systemd/system/ollama.service.d/override.conf~": "[Service]\nEnvironment=\"§=9.0.0\"\n",
         "/etc/systemd/system/ollama.service.d/gpu.conf.old": "[Service]\nEnvironment=\"§=11.0.0\"\n"}, ()),
    # Environment= written under [Unit]: systemd ignores it
    "unit-wrong-section": (
        {"/etc/systemd/system/whisper.service": "[Unit]\nDescription=whisper\nEnvironment=\"§=10.3.0\"\n\n[Service]\nExecStart=/opt/whisper/bin/server\n\n[Install]\nWantedBy=multi-user.target\n"}, ()),
    "environmentfile-dpkg-old": (
        {"/etc/systemd/system/llama.service": "[Service]\nEnvironmentFile=-/etc/default/llama\nExecStart=/usr/bin/llama-server\n",
         "/etc/default/llama": "LLAMA_ARGS=\"--port 8080\"\n#§=10.3.0\n",
         "/etc/default/llama.dpkg-old": "§=11.0.0\n"}, ()),
    "environment-d-off": ({"/etc/environment.d/50-amd-rocm.conf.off": "§=11.0.0\nHIP_VISIBLE_DEVICES=0\n", "~/.config/environment.d/rocm": "§=10.3.0\n"}, ()),
    # troubleshooting advice followed: set early, unset at the end
    "bashrc-unset-later": ({"~/.bashrc": "export §=10.3.0\nexport HIP_VISIBLE_DEVICES=0\nalias ll='ls -l'\n# gfx1151 is native on ROCm 7\nunset § HIP_VISIBLE_DEVICES\n"}, ()),
    "bashrc-export-n": ({"~/.bashrc": "export §=10.3.0\n# only for this shell's own use\nexport -n §\n"}, ()),
    "bashrc-not-exported": ({"~/.bashrc": "# value for my docker alias\nPS1='\\u@\\h:\\w\\$ '\n§=10.3.0\necho \"ROCm override: $§\"\n"}, ()),
    # an if for another system, user
    "bashrc-darwin": ({"~/.bashrc": "if [ \"$(uname -s)\" = \"Darwin\" ]; then\n    export §=11.0.0\n    alias copy=pbcopy\nfi\n"}, ()),
    "bashrc-other-user": ({"~/.bashrc": "# shared dotfiles\nif [ \"$USER\" = kim ]; then\n    export §=11.0.0\n    export HIP_VISIBLE_DEVICES=1\nfi\nexport EDITOR=vim\n"}, ()),
    "bashrc-other-host": ({"/etc/hostname": "navi-desktop\n", "~/.bashrc": "if [ \"$(hostname)\" = strix-halo ]; then\n    export §=11.5.1\n    export HSA_ENABLE_SDMA=0\nfi\n"}, ()),
    "bashrc-root-only": ({"~/.bashrc": "if [[ $EUID -eq 0 ]]; then\n    export §=10.3.0\nfi\nexport EDITOR=vim\n"}, ()),
    # a card map whose chosen entry is another one
    "script-case-other-card": (
        {"~/sd/start.sh": "#!/bin/sh\nset -e\nNAME=gfx1201\ncase \"$NAME\" in\n    gfx1030|gfx1031|gfx1032)\n        export §=10.3.0\n        ;;\n    gfx1100|gfx1101|gfx1102)\n        export §=11.0.0\n        ;;\n    *) echo \"native: $NAME\" ;;\nesac\nexec python3 launch.py\n"}, ()),
    # functions defined, never called
    "script-uncalled-function": (
        {"~/genai/update.sh": "#!/bin/bash\nset -euo pipefail\nuse_override() {\n    export §=10.3.0\n    export HIP_VISIBLE_DEVICES=0\n}\necho \"ROCDXG rebuilt\"\nexec ./venv/bin/python update.py\n"}, ()),
    "script-after-exec": (
        {"~/ComfyUI/run.sh": "#!/bin/bash\ncd ~/ComfyUI\nexec python main.py --port 48189\n# old 5700 XT settings\nexport §=10.3.0\nexport ROCR_VISIBLE_DEVICES=0\n"}, ()),
    "script-env-u": (
        {"~/bench/run.sh": "#!/bin/sh\nexec env -u § -u HIP_VISIBLE_DEVICES ./llama-bench -m model.gguf\n"}, ()),
    # COMFY_LAUNCH for Bazzite: unset for the native card
    "comfy-launch-unset": (
        {"~/ComfyUI/launch.sh": "#!/bin/bash\ncd ~/ComfyUI\nexport §=11.0.0\nsource venv/bin/activate\nunset §\nexport HIP_VISIBLE_DEVICES=0\nexport HSA_ENABLE_SDMA=0\npython3 main.py\n"},
        (s("~/ComfyUI/launch.sh:6", "sam", "0", H), s("~/ComfyUI/launch.sh:7", "sam", "0", D))),
    # check script: gives advice, sets nothing
    "script-advice": (
        {"~/bin/gpu-check": "#!/usr/bin/env bash\nhsa=\"${§:-NOT SET}\"\nif [[ \"$hsa\" == \"NOT SET\" ]]; then\n    echo \"ROCm may not recognize your GPU.\"\n    echo \"export §=10.3.0  (add to ~/.bashrc)\"\nelse\n    echo \"§=${hsa}\"\nfi\n"}, ()),
    "script-compare": (
        {"~/bin/is-override": "#!/bin/sh\nif [ \"$§\" = 10.3.0 ] || test \"${HIP_VISIBLE_DEVICES:-}\" = 0; then\n    printf 'override active: %s\\n' \"$§\"\nfi\n"}, ()),
    "script-usage-heredoc": (
        {"~/bin/rocm-help": "#!/bin/bash\nusage() {\n    cat <<EOF\nUsage: rocm-help [card]\n\n  export §=10.3.0    RX 6600/6700\n  export §=11.0.0    RX 7600\nEOF\n}\nusage\n"}, ()),
    "bashrc-noop-heredoc": (
        {"~/.bashrc": "export EDITOR=nvim\n: <<'ROCM'\nexport §=10.3.0\nexport HIP_VISIBLE_DEVICES=0\nROCM\nalias ..='cd ..'\n"}, ()),
    # fish
    "fish-local-global": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -l § 10.3.0\nset -g HIP_VISIBLE_DEVICES 0\nset -gx EDITOR micro\n"}, ()),
    "fish-erased": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "set -gx § 10.3.0\nset -gx ROCM_PATH /opt/rocm\n# RX 9070 XT now, native\nset -e §\n"}, ()),
    "fish-darwin": (
        {"/etc/passwd": FISH, "~/.config/fish/config.fish": "if test (uname -s) = Darwin\n    set -gx § 11.0.0\nend\nswitch (uname)\n    case FreeBSD\n        set -gx HIP_VISIBLE_DEVICES 0\nend\n"}, ()),
    "zshrc-unset": (
        {"/etc/passwd": ZSH, "~/.zshrc": "export §=10.3.0\nplugins=(git)\nexport PATH=$PATH:/opt/rocm/bin\nunset §\n"}, ()),
    # compose
    "compose-profile": (
        {"~/ollama/docker-compose.yml":
            "services:\n  ollama:\n    image: ollama/ollama:latest\n    environment:\n      - OLLAMA_NUM_THREADS=8\n  ollama-amd:\n    image: ollama/ollama:rocm\n"
            "    environment:\n      - §=11.0.0  # Adjust for your AMD GPU\n    profiles:\n      - amd\n"}, ()),
    "compose-unused-anchor": (
        {"~/ai/docker-compose.yml":
            "version: \"3.8\"\nx-rocm: &rocm-env\n  §: \"10.3.0\"\nservices:\n  comfyui:\n    image: yanwk/comfyui-boot:cpu\n    environment:\n      CLI_ARGS: \"--cpu\"\n"}, ()),
    "compose-example-file": (
        {"~/hypno/docker-compose.yml.example": "services:\n  hub:\n    image: hub\n    environment:\n      - §=11.0.0\n",
         "~/hypno/.env.example": "DISPLAY=:0\n§=11.0.0\nROCR_VISIBLE_DEVICES=0\n"}, ()),
    # images and containers
    "dockerfile-commented-and-arg": (
        {"~/ai-docker/Dockerfile": "FROM ubuntu:24.04\nARG §=10.3.0\n# For 6700, 6600 and maybe other RDNA2:\n#ENV §=\"10.3.0\"\n#ENV PYTORCH_ROCM_ARCH=\"gfx1030\"\nENV USE_CUDA=0\n"}, ()),
    # tuner's RamaLama file: the key names an image, not a variable's value
    "ramalama-images-key": (
        {"/etc/ramalama/ramalama.conf": "# This GPU has no ROCm support, so use the Vulkan image\n[ramalama]\nimage = \"quay.io/ramalama/ramalama:latest\"\n\n[ramalama.images]\nHIP_VISIBLE_DEVICES = \"quay.io/ramalama/ramalama:latest\"\n"}, ()),
    "desktop-comment-key": (
        {"~/.local/share/applications/blender.desktop": "[Desktop Entry]\nType=Application\nName=Blender\nComment=Run with §=10.3.0 on RX 6700\n#Exec=env §=10.3.0 blender %f\nExec=blender %f\n"}, ()),
    "vscode-other-os": (
        {"~/.config/Code/User/settings.json": "{\n    \"terminal.integrated.env.osx\": {\n        \"§\": \"11.0.0\"\n    },\n    \"terminal.integrated.env.windows\": {\n        \"§\": \"10.3.0\"\n    }\n}\n"}, ()),
    "windows-launchers": (
        {"~/stable-diffusion-webui/webui-user.bat": "@echo off\nset \"§=10.3.0\"\nset COMMANDLINE_ARGS=--medvram\ncall webui.bat\n",
         "~/llm/start.ps1": "$env:§ = \"11.0.0\"\n.\\llama-server.exe\n"}, ()),
    # Python
    "python-reads": (
        {"~/jarvis/doctor.py": "import os\n\n\ndef check_hsa_override(issues):\n    val = os.environ.get(\"§\", \"\")\n    if val == \"11.0.0\":\n        issues.append(f\"§={val} is set\")\n    else:\n        issues.append(\"fix: export §=11.0.0\")\n\n\ncheck_hsa_override([])\n"}, ()),
    "python-popped": (
        {"~/bench/run.py": "import os\nos.environ[\"§\"] = \"10.3.0\"\nos.environ[\"HIP_VISIBLE_DEVICES\"] = \"0\"\n# native kernels for gfx1201\nos.environ.pop(\"§\", None)\ndel os.environ[\"HIP_VISIBLE_DEVICES\"]\n"}, ()),
    "python-windows-only": (
        {"~/lora/env.py": "import os\nimport sys\nif sys.platform == \"win32\":\n    os.environ[\"§\"] = \"12.0.1\"\nif os.name == \"nt\":\n    os.environ[\"HIP_VISIBLE_DEVICES\"] = \"0\"\n"}, ()),
    "python-docstring": (
        {"~/torchsim/bench.py": "\"\"\"Performance comparison.\n\n    export §=11.0.0\n    os.environ[\"§\"] = \"11.0.0\"\n    python bench.py --stage standard\n\"\"\"\n#export §=10.3.0\nimport argparse\n"}, ()),
    # build files
    "makefile-plain-variable": (
        {"~/ollama-open-webui/Makefile": "§ = 10.3.0\n\nrun-rocm:\n\tdocker compose -f docker-compose.rocm.yaml up -d\n"}, ()),
    "nixos-commented": (
        {"/etc/nixos/configuration.nix": "{ pkgs, ... }:\n{\n  services.ollama.enable = true;\n  #  services.ollama = {\n  #    environmentVariables = {\n  #      § = \"11.0.3\";\n  #      HSA_ENABLE_SDMA = \"0\";\n  #    };\n  #  };\n}\n"}, ()),
    # texts
    "readme-and-docs": (
        {"~/wolf-and-word/README.md": "**4. ROCm override for RX 6000-series**\n\n```bash\nexport §=10.3.0\n```\n",
         "~/wolf-and-word/docs/gpu.md": "```ini\n[Service]\nEnvironment=\"§=11.0.0\"\n```\n",
         "~/wolf-and-word/CHANGELOG": "0.2: set §=11.0.0 by hand no more\n"}, ()),
    "history-and-log": (
        {"~/.bash_history": "export §=10.3.0\nollama serve\nHIP_VISIBLE_DEVICES=0 python main.py\n",
         "~/ollama.log": "INFO server config env=\"map[HIP_VISIBLE_DEVICES:0 §:10.3.0 OLLAMA_DEBUG:false]\"\n"}, ()),
    "name-ends-alike": (
        {"~/.config/environment.d/ai.conf": "AI_§=10.3.0\nPDF_INGEST_§=11.0.0\nLEWM_HIP_VISIBLE_DEVICES=0\n", "~/.bashrc": "export OLD_§=10.1.0\n"}, ()),
    "crontab-commented": ({"/var/spool/cron/crontabs/sam": "SHELL=/bin/bash\n#§=10.3.0\n0 3 * * * echo \"§=10.3.0\" >> ~/note.txt\n"}, ()),
    "webui-user-backup": (
        {"~/stable-diffusion-webui/webui-user.sh.bak": "# Uncomment to change the install directory\nexport §=10.3.0\n",
         "~/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n#export §=8.0.3\nexport COMMANDLINE_ARGS=\"--medvram\"\n",
         "~/.bashrc.orig": "export §=11.0.0\n"}, ()),
}
