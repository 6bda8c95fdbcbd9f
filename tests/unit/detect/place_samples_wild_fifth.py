# ruff: noqa: E501 - tables of texts, a case a line
"""Set H: a fifth set like place_samples_wild, by somebody who did not know the readers.

Its writer had read none of the product's code and did not run it: only the form of a row, from the first lines of two of
these files. Files are as people wrote them in public repositories and threads, shortened to what is needed with the
structure kept; the comment above a row names its source (repository and path where the index gave them, else the number
of the stored file in the index of public code, whose text it is). Where one lies is chosen by what it is (a start
script's folder is invented; sam and /home/sam stand for the owner). Variables that nobody was asked about (PYTORCH_CUDA_
ALLOC_CONF, HSA_USE_SVM, CUDA_VISIBLE_DEVICES, …) were left out of the texts.

Where a file's lines alone would not run, glue was added by the writer: a call at the end, a file that loads the other, a
package.json, a second value that differs (the merged compose), a name that is not read (.disabled, .dpkg-old).

A label's place is the line of the assignment alone, not what loads it; value None is a value that no reading of files
can know, and the comment above says why. 54 places with 100 lines, 36 look-alikes.

Run once before anything was mended for it (but for the kinds of place_samples_kinds, which were mended unread): 37 of 54
places named with every line, key and value (73 of 100 lines), 43 with at least one line; 1 of 36 look-alikes claimed (a
NixOS service that is off), and 16 wrong values beside places: 5 that keep their `${…}`, 4 of LD_LIBRARY_PATH with
/opt/rocm that no label asked for (they have labels now: this reader names them on purpose), 6 of a Makefile's variable
where it is used, 1 of a compose file that .env fills.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

FIFTH_WILD: Rows = {
    # tarot-777/whyCARE env.nu (stored file 60234791253)
    "nushell-env": (
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nsam:x:1000:1000::/home/sam:/usr/bin/nu\n",
            "~/.config/nushell/env.nu": '# ~/.config/nushell/env.nu\n$env.UV_PYTHON_PREFERENCE = "only-managed"\n$env.EDITOR = "nvim"\n$env.XDG_RUNTIME_DIR        = $"/run/user/($env | get -i UID | default "1000")"\n\n# ── AMD RX 480 ROCm override ──\n$env.§ = "8.0.3"\n$env.ROCR_VISIBLE_DEVICES     = "0"\n$env.GPU_TARGET_LIST          = "gfx803"\n\n$env.PROMPT_INDICATOR            = ""\n',
        },
        (
            s("~/.config/nushell/env.nu:7", "sam's nushell", "8.0.3"),
            s("~/.config/nushell/env.nu:8", "sam's nushell", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # salman-farooq-sh/.files .config/fish/conf.d/20-rocm-vars.fish
    "fish-conf-d-with-local-names": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/20-rocm-vars.fish": 'set -l device 0 # 0 = 6500m, 1 = 680m\nset -l arch gfx1030 # gfx1034 = 6500m, gfx1035 = 680m\nset -x § "10.3.0"\nset -x HIP_VISIBLE_DEVICES $device\n# set -x ROCR_VISIBLE_DEVICES (math $device + 1)\n# set -x ROCR_VISIBLE_DEVICES $device\nset -e ROCR_VISIBLE_DEVICES\nset -x AMDGPU_TARGETS $arch\nset -x PYTORCH_ROCM_ARCH $arch\n',
        },
        (
            s("~/.config/fish/conf.d/20-rocm-vars.fish:3", "sam's fish"),
            s("~/.config/fish/conf.d/20-rocm-vars.fish:4", "sam's fish", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/fish/conf.d/20-rocm-vars.fish:9", "sam's fish", "gfx1030", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # a config.fish for a Mac and a Linux machine (stored file 56570007440)
    "fish-not-the-other-system": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": 'if status is-interactive\n    set -g fish_greeting\nend\n\nif test (uname) = Darwin\n    fish_add_path -g $HOME/.lmstudio/bin\n    set -gx HIP_VISIBLE_DEVICES 1\n    abbr -a copy pbcopy\nelse\n    # Linux\n    fish_add_path -g /opt/rocm/bin\n    set -gx LD_LIBRARY_PATH $LD_LIBRARY_PATH /opt/rocm/lib\n    set -gx § 10.3.0\n    set -gx OLLAMA_HOST 0.0.0.0:11434\n    if test -n "$SSH_CONNECTION"\n        set -gx TERM xterm-256color\n    end\n    abbr -a copy wl-copy\nend\n',
        },
        (
            s("~/.config/fish/config.fish:12", "sam's fish", "$LD_LIBRARY_PATH /opt/rocm/lib", "LD_LIBRARY_PATH"),
            s("~/.config/fish/config.fish:13", "sam's fish"),
        ),
    ),
    # gabrielmscampos/dotfiles .zshrc; in force only on a gfx1031, which the file cannot know
    "zshrc-where-the-card-is-a-gfx1031": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": 'export ZSH="$HOME/.oh-my-zsh"\nZSH_THEME="robbyrussell"\nplugins=(git asdf zsh-autosuggestions zsh-syntax-highlighting)\nsource $ZSH/oh-my-zsh.sh\nif [[ $TERM = "foot" ]]; then\n    alias ssh=\'TERM=linux ssh\'\nfi\n\n# If using AMD GPU gfx1031, we need to override GFX to pretend gfx1030\nif command -v rocminfo &> /dev/null && rocminfo | grep -q "gfx1031";\nthen \n    export §=10.3.0\nfi\nalias vim=\'nvim\'\n',
        },
        (s("~/.zshrc:12", "sam's zsh"),),
    ),
    # a piece of a .bashrc (stored file 6012235626)
    "bashrc-where-rocm-is-installed": (
        {
            "/opt/rocm/bin/rocminfo": "\x7fELF",
            "~/.bashrc": '[[ $- != *i* ]] && return\nif [ -f /opt/rocm/bin/rocminfo ]; then\n    export ROCM_PATH=/opt/rocm\n    export PATH="${ROCM_PATH}/bin:$PATH"\n    export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:${ROCM_PATH}/lib"\n    # rocm has shoddy official support for gfx1103 (780m), and this helps, maybe\n    export §=11.0.0\n    export HSA_ENABLE_SDMA=0\nfi\nexport THEROCK_AMDGPU_FAMILIES=gfx110X-igpu\n',
        },
        (
            s("~/.bashrc:5", "sam's bash", "$LD_LIBRARY_PATH:/opt/rocm/lib", "LD_LIBRARY_PATH"),
            s("~/.bashrc:7", "sam's bash", "11.0.0"),
            s("~/.bashrc:8", "sam's bash", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # what the installer of daMustermann/rocm-wsl-ai, 1_setup_pytorch_rocm_wsl.sh (stored file 23263211198), leaves: ~/.rocm_env in ~/.bashrc; the semicolons are not quoted there, so only gfx1100 is the value; the default with := sets nothing, gpu.env was before it
    "file-of-an-installer-before-a-default": (
        {
            "~/.bashrc": "case $- in\n    *i*) ;;\n      *) return;;\nesac\n\n# ROCm Environment\nsource ~/.rocm_env\n",
            "~/.rocm_env": '# ROCm Environment Configuration\nexport ROCM_PATH=/opt/rocm\nexport PATH=$ROCM_PATH/bin:$ROCM_PATH/llvm/bin:$PATH\n\n# Source auto-detected GPU environment if available (fallback keeps previous default)\n[ -f "$HOME/.config/rocm-wsl-ai/gpu.env" ] && source "$HOME/.config/rocm-wsl-ai/gpu.env"\n: "${§:=11.0.0}"\nexport HIP_VISIBLE_DEVICES=0\n\n# ROCm ML Framework Configuration\nexport PYTORCH_ROCM_ARCH=gfx1100;gfx1101;gfx1102;gfx1103\nexport ROCM_HOME=/opt/rocm\n',
            "~/.config/rocm-wsl-ai/gpu.env": 'export §="10.3.0"\n',
        },
        (
            s("~/.config/rocm-wsl-ai/gpu.env:1", "sam's bash"),
            s("~/.rocm_env:8", "sam's bash", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.rocm_env:11", "sam's bash", "gfx1100", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # /etc/profile.d piece of AetherStack (stored file 59510073027)
    "profile-of-wsl": (
        {
            "/etc/profile.d/rocm-wsl.sh": '# AetherStack / ROCm on WSL — source from /etc/profile.d or ~/.bashrc\nexport HSA_ENABLE_DXG_DETECTION=1\nexport LD_LIBRARY_PATH="/opt/rocm/lib:/usr/lib/wsl/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\nexport PATH="/opt/rocm/bin${PATH:+:$PATH}"\n# RDNA2 consumer cards often need this for some ROCm apps:\n# export §=10.3.0\n'
        },
        (
            s("/etc/profile.d/rocm-wsl.sh:2", "login shells", "1", "HSA_ENABLE_DXG_DETECTION"),
            s(
                "/etc/profile.d/rocm-wsl.sh:3",
                "login shells",
                "/opt/rocm/lib:/usr/lib/wsl/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}",
                "LD_LIBRARY_PATH",
            ),
        ),
    ),
    # OpenFOAM's environment of a GPU build (code search: "export HSA_XNACK=1 … ROCM4FOAM")
    "settings-of-openfoam-in-bashrc": (
        {
            "~/.bashrc": "test -r ~/OpenFOAM/prefs-gpu.sh && . ~/OpenFOAM/prefs-gpu.sh\n",
            "~/OpenFOAM/prefs-gpu.sh": "export HSA_XNACK=1\nexport OMP_NUM_THREADS=1\nexport OMPX_DISABLE_USM_MAPS=1\nexport GPU_MAX_HW_QUEUES=4\n#export HSA_FORCE_STORESC1=0\n\n#set ROCm and MPI paths\nexport ROCM4FOAM=${ROCM_PATH:-/opt/rocm}\nexport MPI4FOAM=${MPI_PATH:-/opt/ompi}\nexport OMPI_CXX=clang++\nexport PATH=${ROCM4FOAM}/bin:${ROCM4FOAM}/llvm/bin:$PATH\n",
        },
        (
            s("~/OpenFOAM/prefs-gpu.sh:1", "sam's bash", "1", "HSA_XNACK"),
            s("~/OpenFOAM/prefs-gpu.sh:4", "sam's bash", "4", "GPU_MAX_HW_QUEUES"),
        ),
    ),
    # what mybigday/ml-intern-kit bootstrap.sh appends to .venv/bin/activate (stored file 52818193329)
    "lines-appended-to-a-venv": (
        {
            "~/ml/.venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.12.3\n",
            "~/ml/.venv/bin/activate": '# This file must be used with "source bin/activate" *from bash*\ndeactivate () {\n    if [ -n "${_OLD_VIRTUAL_PATH:-}" ] ; then\n        PATH="${_OLD_VIRTUAL_PATH:-}"\n        export PATH\n    fi\n}\nVIRTUAL_ENV=/home/sam/ml/.venv\nexport VIRTUAL_ENV\nPATH="$VIRTUAL_ENV/bin:$PATH"\nexport PATH\n\n# ml-intern-kit rocm hints — gfx1151 / Strix Halo (added by bootstrap.sh)\nexport PYTORCH_HIP_ALLOC_CONF=${PYTORCH_HIP_ALLOC_CONF:-expandable_segments:True}\nexport TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL=${TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL:-1}\n',
        },
        (
            s("~/ml/.venv/bin/activate:14", "the venv", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/ml/.venv/bin/activate:15", "the venv", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # an init.el with its faces above (stored file 7811348198)
    "emacs-sets-it": (
        {
            "~/.emacs.d/init.el": '(require \'package)\n(custom-set-faces\n \'(writegood-passive-voice-face ((t (:underline (:color "#88c0d0" :style wave :position nil)))))\n \'(writegood-weasels-face ((t (:underline (:color "#d08770" :style wave :position nil))))))\n\n;; Allow for using ROCM with my GPU\n(setenv "§" "10.3.0")\n\n(message "init.el loaded successfully")\n'
        },
        (s("~/.emacs.d/init.el:7", "Emacs"),),
    ),
    # Makefile of a demucs fork (stored file 56765883793)
    "make-variable-before-commands": (
        {
            "~/demucs/Makefile": 'PYTHON ?= ./venv/bin/python3\nPIP ?= ./venv/bin/pip\nROCM_TORCHAUDIO_INDEX ?= https://download.pytorch.org/whl/rocm7.2\n\nROCM_ENV = §=10.3.0 MIOPEN_LOG_LEVEL=0 MIOPEN_ENABLE_LOGGING=0\n\nall: linter tests\n\ninstall-python: ## Create/update venv and install Demucs with dev dependencies.\n\tpython3 -m venv venv --system-site-packages\n\t$(ROCM_ENV) $(PIP) install -e ".[dev]"\n\nlinter:\n\t$(PYTHON) -m flake8 demucs\n\ntest_train: tests/musdb ## Run the small training test.\n\t_DORA_TEST_PATH=/tmp/demucs $(ROCM_ENV) $(PYTHON) -m dora run --clear \\\n\t\tdset.musdb=./tests/musdb dset.segment=4 epochs=2 model=demucs\n'
        },
        (
            s("~/demucs/Makefile:5", "demucs"),
            s("~/demucs/Makefile:5", "demucs", "0", "MIOPEN_LOG_LEVEL"),
            s("~/demucs/Makefile:5", "demucs", "0", "MIOPEN_ENABLE_LOGGING"),
        ),
    ),
    # Makefile of a small language model (stored file 59982963909)
    "make-exports-with-colon": (
        {
            "~/projects/tinylm/Makefile": "export § := 10.3.0\n\n.PHONY: gpu-check train eval\n\ngpu-check:\n\tpython scripts/check_gpu.py\n\ntrain:\n\tpython scripts/train.py\n"
        },
        (s("~/projects/tinylm/Makefile:1", "tinylm"),),
    ),
    # stable-diffusion-webui-rocm's Makefile of HardAndHeavy (stored file 47365005848)
    "make-looks-at-the-card": (
        {
            "~/stable-diffusion-webui-rocm/Makefile": "ROCM_GPU ?= $(strip $(shell rocminfo | grep -m 1 -E gfx[^0]{1} | sed -e 's/ *Name: *//'))\nifeq ($(ROCM_GPU), gfx1030)\n  § = 10.3.0\nelse ifeq ($(ROCM_GPU), gfx1100)\n  § = 11.0.0\nelse\n  § = \"GFX version detection error\"\nendif\nCUR_VERSION = 2.7.0\n\nrun:\n\tdocker run -it --rm \\\n\t\t-p 80:80 \\\n\t\t--device=/dev/kfd \\\n\t\t--device=/dev/dri \\\n\t\t-e §=$(§) \\\n\t\t-v ./data/home:/sd-home \\\n\t\thardandheavy/stable-diffusion-webui-rocm:$(CUR_VERSION)\n"
        },
        (
            # no value: rocminfo's answer chooses 10.3.0, 11.0.0 or a text of an error
            s("~/stable-diffusion-webui-rocm/Makefile:16", "the container", None),  # type: ignore[arg-type]
        ),
    ),
    # justfile of a llama.cpp and TTS server (stored file 21069212280)
    "justfile-exports": (
        {
            "~/ai/justfile": 'export § := "11.0.0"\nexport HIP_VISIBLE_DEVICES := "0"\n\nexport CXX := "/opt/rocm/bin/hipcc"\nexport CMAKE_ARGS := "-DLLAMA_HIPBLAS=on"\nexport GPU_MAX_HW_QUEUES := "1"\n\nsetup-tts:\n\t#!/usr/bin/env bash\n\tcd tts\n\tpython -m venv venv\n\ntts:\n\t#!/usr/bin/env bash\n\tcd tts\n\tvenv/bin/python main.py\n'
        },
        (
            s("~/ai/justfile:1", "ai", "11.0.0"),
            s("~/ai/justfile:2", "ai", "0", "HIP_VISIBLE_DEVICES"),
            s("~/ai/justfile:6", "ai", "1", "GPU_MAX_HW_QUEUES"),
        ),
    ),
    # Soliprem/nix-config system/ollamaRocm.nix; nixpkgs' module makes rocmOverrideGfx the variable
    "nixos-option-of-a-service": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{ config, pkgs, ... }:\n{\n  imports = [\n    ./hardware-configuration.nix\n    ./ollamaRocm.nix\n  ];\n  networking.hostName = "nix";\n}\n',
            "/etc/nixos/ollamaRocm.nix": '_: {\n  services.ollama = {\n    enable = true;\n    acceleration = "rocm";\n    environmentVariables = {\n      # HCC_AMDGPU_TARGET = "gfx1030";\n      "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL" = "1";\n    };\n    rocmOverrideGfx = "11.0.0";\n  };\n  virtualisation.docker.enable = true;\n}\n',
        },
        (
            s("/etc/nixos/ollamaRocm.nix:9", "ollama", "11.0.0"),
            s("/etc/nixos/ollamaRocm.nix:7", "ollama", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # a configuration.nix for a Vega APU (stored file 56302904423)
    "nixos-for-all-units-and-all-shells": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{ config, pkgs, lib, ... }:\n{\n  users.users.sam.extraGroups = [\n    "video"\n    "render"\n  ];\n\n  programs.wireshark.enable = true;\n\n  # --- GPU AMD (Vega/Renoir): Ollama y ROCm reconocen la iGPU ---\n  systemd.globalEnvironment.§ = "9.0.0";\n  environment.variables = {\n    § = "9.0.0";\n    OLLAMA_GPU_OVERHEAD = "1";\n  };\n}\n',
        },
        (
            s("/etc/nixos/configuration.nix:11", "all units", "9.0.0"),
            s("/etc/nixos/configuration.nix:13", "all shells", "9.0.0"),
        ),
    ),
    # serviceConfig.Environment as a list (stored file 55120051750)
    "nixos-list-of-a-unit": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{ config, pkgs, lib, ... }:\n{\n  systemd.services.lemond.serviceConfig = {\n    ProcSubset = lib.mkForce "all";\n    Environment = [\n      # rocm-smi (GPU backend for the performance monitor) is appended to PATH.\n      "PATH=/run/current-system/sw/bin:${pkgs.rocmPackages.rocm-smi}/bin"\n      "XDG_CACHE_HOME=/var/cache"\n      # Force correct gfx1151 identification on recent kernels (else misdetected as gfx1100).\n      "§=11.5.1"\n      # Avoid the buggy SDMA copy path on unified memory.\n      "HSA_ENABLE_SDMA=0"\n    ];\n  };\n}\n',
        },
        (
            s("/etc/nixos/configuration.nix:10", "lemond", "11.5.1"),
            s("/etc/nixos/configuration.nix:12", "lemond", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # a voxtype module (stored file 54571518681)
    "home-manager-unit": (
        {
            "~/.config/home-manager/home.nix": '{ config, lib, pkgs, ... }:\n{\n  home.username = "sam";\n  wayland.windowManager.hyprland.settings = {\n    bind = [ "$mod, B, exec, voxtype record start" ];\n    bindr = [ "$mod, B, exec, voxtype record stop" ];\n  };\n\n  systemd.user.services.voxtype = {\n    Service.Environment = "\'VOXTYPE_VULKAN_DEVICE=amd\' \'§=10.3.0\'";\n  };\n}\n'
        },
        (s("~/.config/home-manager/home.nix:10", "voxtype"),),
    ),
    # knightpp/nix-tensorflow-rocm shell.nix
    "nix-shell-looks-up-a-set": (
        {
            "~/projects/tf/shell.nix": '{pkgs ? import <nixpkgs> {}}: let\n  amdgpuVersions = {\n    gfx1030 = "10.3.0";\n    gfx900 = "9.0.0";\n    gfx906 = "9.0.6";\n    gfx90a = "9.0.a";\n  };\n  libs = pkgs.lib.makeLibraryPath (with pkgs; [rocm-runtime miopen rccl]);\nin\n  pkgs.mkShell {\n    name = "dev-env";\n\n    env = {\n      LD_LIBRARY_PATH = libs;\n      # CUDA_PATH = pkgs.cudaPackages.cudatoolkit;\n      § = amdgpuVersions.gfx1030;\n    };\n\n    shellHook = \'\'\n      exec fish\n    \'\';\n  }\n'
        },
        (s("~/projects/tf/shell.nix:16", "the nix-shell"),),
    ),
    # a devenv.nix for Genesis (code search: "env.HSA_OVERRIDE_GFX_VERSION devenv")
    "devenv-dotted": (
        {
            "~/projects/genesis/devenv.nix": '{ pkgs, lib, config, inputs, ... }:\n\n{\n  # https://devenv.sh/basics/\n  env.§ = "10.3.0";\n  # env.LD_LIBRARY_PATH="/run/opengl-driver/lib:/run/opengl-driver-32/lib";\n  env.PYOPENGL_PLATFORM = "glx";\n\n  packages = with pkgs; [\n    git\n    libdrm # for wayland monitor\n  ];\n}\n'
        },
        (s("~/projects/genesis/devenv.nix:5", "devenv"),),
    ),
    # a start script of an Ollama in a folder (stored file 60192118324)
    "systemd-run-in-a-script": (
        {
            "~/ollama/start-rocm.sh": '#!/usr/bin/env bash\nset -euo pipefail\n\ncd "$(dirname "$0")"\nroot_dir="$PWD/ollama-local/root"\nollama_bin="$root_dir/bin/ollama"\n\nsystemctl --user stop ollama-rocm.service 2>/dev/null || true\n\nsystemd-run --user \\\n  --unit=ollama-rocm \\\n  --same-dir \\\n  --setenv=OLLAMA_HOST=0.0.0.0:11434 \\\n  --setenv=OLLAMA_DEBUG=1 \\\n  --setenv=HIP_VISIBLE_DEVICES=0 \\\n  --setenv=§=11.0.0 \\\n  --setenv=OLLAMA_MODELS="$HOME/.ollama/models" \\\n  "$ollama_bin" serve\n\nfor _ in {1..30}; do\n  curl -fsS http://127.0.0.1:11434/api/tags >/dev/null 2>&1 && break\n  sleep 1\ndone\n'
        },
        (
            s("~/ollama/start-rocm.sh:15", "ollama-rocm", "0", "HIP_VISIBLE_DEVICES"),
            s("~/ollama/start-rocm.sh:16", "ollama-rocm", "11.0.0"),
        ),
    ),
    # a script that starts an embedding server in a scope (stored file 69588467302)
    "systemd-run-with-arrays": (
        {
            "~/llama/run.sh": '#!/usr/bin/env bash\nset -u\nSERVER=$HOME/llama.cpp/build/bin/llama-server\nDEVICE_ARGS=(\n  --property=DevicePolicy=strict\n  --property=\'DeviceAllow=/dev/dri/\'\n  --property=\'DeviceAllow=/dev/kfd\'\n)\nENV_ARGS=(\n  --setenv=§=11.5.1\n  --setenv=HSA_ENABLE_SDMA=0\n)\n\nSCOPE="llama-rag-soak-$$"\nsystemd-run --unit="$SCOPE" --collect \\\n  "${DEVICE_ARGS[@]}" "${ENV_ARGS[@]}" \\\n  "$SERVER" --embedding -m "$MODEL" --host 127.0.0.1 --port 8090 \\\n  >/dev/null\n'
        },
        (
            s("~/llama/run.sh:10", "llama-server", "11.5.1"),
            s("~/llama/run.sh:11", "llama-server", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # a worker's start script (stored file 6393949538)
    "flags-of-mpirun": (
        {
            "~/moreh/run.sh": "#!/bin/bash\nPORT=${1:-3720}\nMOREH_BACKEND_PATH=/opt/moreh-24.10.3001-Linux\n\nMOREH_LIB_PATH+=:/opt/rocm/lib\nMOREH_LIB_PATH+=:/opt/openmpi/lib\n[[ ! -z $CONDA_PREFIX ]] && MOREH_LIB_PATH+=:${CONDA_PREFIX}/lib\n\nmpirun -np 1 -H localhost --bind-to none \\\n    --mca btl_openib_allow_ib 1 \\\n    -x MOREH_BACKEND_TYPE=ucx \\\n    -x §=10.3.0 \\\n    -x LD_LIBRARY_PATH=$MOREH_LIB_PATH \\\n    $MOREH_BACKEND_PATH/bin/moreh_worker $PORT $@\n"
        },
        (s("~/moreh/run.sh:12", "moreh_worker"),),
    ),
    # a fine-tuning script with notes in Portuguese (stored file 69445190722)
    "default-then-export-on-its-own": (
        {
            "~/diffusionpen/run.sh": '#!/usr/bin/env bash\n# Fine-tune do zero, em blocos de 5 epocas.\nset -u\n\nexport PYTORCH_HIP_ALLOC_CONF=expandable_segments:True\n\n# A RX 6600 XT e gfx1032 e o ROCm so tem kernels para gfx1030; sem isto os\n# resultados sao silenciosamente errados.\n: "${§:=10.3.0}"\nexport §\n\nSAVE_PATH=./model_bressay_v2\ncomum=(\n  --dataset bressay\n  --save_path "$SAVE_PATH"\n)\nwhile true; do\n  python train.py "${comum[@]}" --epochs 5 2>&1 | tee -a run.log\n  codigo=${PIPESTATUS[0]}\n  [ "$codigo" -eq 3 ] || break\ndone\n'
        },
        (
            s("~/diffusionpen/run.sh:5", "diffusionpen", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/diffusionpen/run.sh:9", "diffusionpen"),
        ),
    ),
    # start of a llama server for Strix Halo (stored file 16461486642)
    "default-in-a-called-function": (
        {
            "~/llama-uma/start.sh": '#!/usr/bin/env bash\nset -euo pipefail\nBUILD=rocm\n\nlog() { printf \'%s\\n\' "$*"; }\n\nstart_server() {\n    local -a cmd=("$HOME/llama-uma/build/bin/llama-server")\n    if [[ "$BUILD" == "rocm" ]]; then\n        cmd+=(-fit off)\n    else\n        cmd+=(--flash-attn on)\n    fi\n    log "Command: ${cmd[*]}"\n\n    # Set environment variables for ROCm\n    export §="${§:-11.5.1}"\n    export HIP_VISIBLE_DEVICES="${HIP_VISIBLE_DEVICES:-0}"\n    exec "${cmd[@]}"\n}\n\nstart_server\n'
        },
        (
            s("~/llama-uma/start.sh:17", "llama-uma", "11.5.1"),
            s("~/llama-uma/start.sh:18", "llama-uma", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # strix-halo-podman-test.sh (stored file 57997129895)
    "podman-with-an-array": (
        {
            "~/colibri/run.sh": '#!/usr/bin/env bash\nset -euo pipefail\ncontainer_image="${CONTAINER_IMAGE:-docker.io/kyuz0/amd-strix-halo-toolboxes:vulkan-radv}"\nnpu_args=()\n\npodman_args=(\n    run --rm\n    --name colibri\n    --device /dev/dri\n    --device /dev/kfd\n    "${npu_args[@]+"${npu_args[@]}"}"\n    --security-opt label=disable\n    --env XDNA2_VERBOSE=1\n    --env §=11.5.1\n    # The repository root is mounted because the NPU backend compiles the driver.\n    --volume "$PWD:/work:rw,z"\n)\n\npodman_args+=("${container_image}" bash -lc \'\nset -euo pipefail\necho "--- build ---"\nmake\n\')\n\n{\n    podman "${podman_args[@]}"\n} 2>&1 | tee test_output.log\n'
        },
        (s("~/colibri/run.sh:14", "the container", "11.5.1"),),
    ),
    # a script for a box of UIs (stored file 31408363027)
    "podman-with-empty-continued-lines": (
        {
            "~/rocm-box/run.sh": "#!/bin/bash\n\nVOLUME=${1:-'./volume'}\nAPP=${2:-'comfyui'}\nNAME='rocm-base'\n\npodman build --no-cache --tag $NAME - < Containerfile\n\npodman run -ditq --rm --replace \\\n\t--name $NAME \\\n\t--device /dev/kfd:/dev/kfd \\\n\t-p 8080:80 \\\n\t-v \"$VOLUME\":/vol:U,z \\\n\t\\\n\t-e PYTORCH_HIP_ALLOC_CONF='garbage_collection_threshold:0.9,max_split_size_mb:256' \\\n\t-e §='10.3.0' \\\n\t\\\n\t$NAME \\\n\ncase $APP in\n  'comfyui')\n\tpodman exec -i $NAME bash -c 'python3 main.py --listen 0.0.0.0'\n\t;;\nesac\npodman attach $NAME\n"
        },
        (
            s(
                "~/rocm-box/run.sh:15",
                "the container",
                "garbage_collection_threshold:0.9,max_split_size_mb:256",
                "PYTORCH_HIP_ALLOC_CONF",
            ),
            s("~/rocm-box/run.sh:16", "the container"),
        ),
    ),
    # HAMM3REXTREME/ComfyUI-Installer launch.sh
    "args-before-a-prefix": (
        {
            "~/ComfyUI-Installer/launch.sh": "#!/bin/sh\n# ComfyUI-Installer, launcher script.\n\nargs=$@ # User passed command line args\nsource venv/bin/activate\ncd ComfyUI\n\n# Add any env vars or custom args below\n§=10.3.0 python main.py $args\n"
        },
        (s("~/ComfyUI-Installer/launch.sh:9", "ComfyUI-Installer"),),
    ),
    # the file that DisPatch Chat's panel writes and its start-comfyui.sh (stored file 69734022440)
    "environment-file-with-set-a": (
        {
            "~/comfyui/start-comfyui.sh": '#!/usr/bin/env bash\nset -euo pipefail\nHERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\ncd "$HERE"\nset -a\nsource "$HERE/comfyui.env"\nset +a\nexec "$HERE/venv/bin/python" main.py --listen 127.0.0.1 --port "$COMFY_PORT" $COMFY_ARGS\n',
            "~/comfyui/comfyui.env": '# Managed by DisPatch Chat — edited via the ComfyUI panel. One KEY=VALUE per line.\nCOMFY_PORT="8188"\nCOMFY_ARGS="--use-pytorch-cross-attention"\n\n# GPU / ROCm environment (Strix Halo gfx1151)\n§="11.5.1"\nPYTORCH_HIP_ALLOC_CONF="expandable_segments:True"\nTORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL="1"\n',
        },
        (
            s("~/comfyui/comfyui.env:6", "comfyui", "11.5.1"),
            s("~/comfyui/comfyui.env:7", "comfyui", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/comfyui/comfyui.env:8", "comfyui", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # rfhold/homelab docker/vllm-rocm/scripts/vllm-env.sh, started as on a host
    "sourced-before-an-eval-of-python": (
        {
            "~/vllm/start.sh": '#!/usr/bin/env bash\ncd "$(dirname "$0")"\n. ./vllm-env.sh\nexec vllm serve Qwen/Qwen3-8B --port 8000\n',
            "~/vllm/vllm-env.sh": '#!/usr/bin/env bash\n\nexport PYTORCH_ROCM_ARCH=gfx1151\nexport TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL=1\n\neval "$(\npython3 - <<\'PY\'\ntry:\n    import pathlib, _rocm_sdk_core as r\n    lib = pathlib.Path(r.__file__).parent / "lib"\n    print(f\'export LD_LIBRARY_PATH="{lib}:$LD_LIBRARY_PATH"\')\nexcept ImportError:\n    pass\nPY\n)" 2>/dev/null || true\n',
        },
        (
            s("~/vllm/vllm-env.sh:3", "vllm", "gfx1151", "PYTORCH_ROCM_ARCH"),
            s("~/vllm/vllm-env.sh:4", "vllm", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # a serve script with all its defaults in a line (stored file 68321303112)
    "defaults-in-one-line": (
        {
            "~/m3/serve.sh": '#!/usr/bin/env bash\n# Env: GPUS PORT MEMFRAC STEPS LOG\n: "${GPUS:=0,1,2,3}" "${PORT:=30001}" "${MEMFRAC:=0.85}" "${EXTRA:=}" "${TP:=4}"\n: "${LOG:=${M3_WORK:-/scratch}/logs/server_${PORT}.log}"\nexport HIP_VISIBLE_DEVICES=$GPUS HF_HUB_OFFLINE=1\nexport SGLANG_USE_AITER=1 NCCL_MIN_NCHANNELS=112\nexec python3 -m sglang.launch_server --port "$PORT" --tp "$TP" $EXTRA > "$LOG" 2>&1\n'
        },
        (s("~/m3/serve.sh:5", "m3", "0,1,2,3", "HIP_VISIBLE_DEVICES"),),
    ),
    # a sweep that starts a run on each card (stored file 56711031307)
    "a-card-for-each-run": (
        {
            "~/freeze/run.sh": '#!/usr/bin/env bash\nset -euo pipefail\nPIDS=()\nfor i in 0 1 2 3; do\n    LOGOUT="logs/gpu$i.out"\n    (\n        # Pin this process to a single GPU.\n        export HIP_VISIBLE_DEVICES="$i"\n        [[ -n "${H:-}" ]] && export FREEZE_HIDDEN_DIM="$H"\n        python scripts/training/run_sweep.py >"$LOGOUT" 2>&1\n    ) &\n    PIDS+=($!)\ndone\nwait "${PIDS[@]}"\n'
        },
        (
            # no value: 0, 1, 2 and 3, one for each run of the loop
            s("~/freeze/run.sh:8", "freeze", None, "HIP_VISIBLE_DEVICES"),  # type: ignore[arg-type]
        ),
    ),
    # CliMA/CGDycore.jl BatchScripts/lumi/runBaroWave.sh
    "job-that-writes-its-selector": (
        {
            "~/cgdycore/runBaroWave.sh": '#!/bin/bash\n#SBATCH --job-name=benchmark\n#SBATCH --nodes=1\n#SBATCH --gpus-per-node=1\n#SBATCH --partition=dev-g\n\ncat << EOF > select_gpu\n#!/bin/bash\n\nexport JuliaDevice="GPU"\nexport MPICH_GPU_SUPPORT_ENABLED=1\nexport ROCR_VISIBLE_DEVICES=\\$SLURM_LOCALID\nexec \\$*\nEOF\n\nchmod +x ./select_gpu\n\nsrun --cpu-bind=cores --unbuffered  ./select_gpu ./Jobs/NHSphere/BaroWaveDrySphere\n'
        },
        (
            # no value: Slurm's number of the task
            s("~/cgdycore/runBaroWave.sh:12", "the job", None, "ROCR_VISIBLE_DEVICES"),  # type: ignore[arg-type]
        ),
    ),
    # a job for Frontier (stored file 619248793)
    "job-with-srun-export": (
        {
            "~/srcnn/run.sh": "#!/bin/bash\n#SBATCH -N 1\n#SBATCH -t 00:30:00\nmodule load rocm/6.4.1\nconda activate torch_rocm\n\nexport NCCL_SOCKET_IFNAME=hsn0\nexport MASTER_ADDR=$(hostname -i)\nexport MASTER_PORT=29500   # <-- YOU MUST ADD THIS\n\nsrun -N1 -n1 -c7 --gpus-per-task=1 --gpu-bind=closest \\\n     --export=ALL,MASTER_ADDR=$MASTER_ADDR,MASTER_PORT=$MASTER_PORT,HIP_VISIBLE_DEVICES=$SLURM_LOCALID \\\n     python3 -u SRCNN_frontier.py\n"
        },
        (
            # no value: Slurm's number of the task
            s("~/srcnn/run.sh:12", "the job", None, "HIP_VISIBLE_DEVICES"),  # type: ignore[arg-type]
        ),
    ),
    # a QUDA job in tcsh (stored file 47371994424)
    "job-in-tcsh": (
        {
            "~/milc/job.csh": '#!/bin/tcsh\n#SBATCH --job-name=ks\n#SBATCH --gres=gpu:8\n\nsetenv OMP_NUM_THREADS 16\nsetenv QUDA_ENABLE_P2P 0    # P2P can still have issues so disable\nsetenv SB_LOG 1\nsetenv HIP_VISIBLE_DEVICES 0,1,2,3,4,5,6,7\nsetenv ROCR_VISIBLE_DEVICES 0,1,2,3,4,5,6,7\n\nrm -f module_* prop* gprop*\necho "host= " `hostname`\nsrun ./ks_spectrum_hisq in.ks\n'
        },
        (
            s("~/milc/job.csh:8", "the job", "0,1,2,3,4,5,6,7", "HIP_VISIBLE_DEVICES"),
            s("~/milc/job.csh:9", "the job", "0,1,2,3,4,5,6,7", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # the module that a Kokkos install script leaves (stored file 53451275535)
    "modulefile-in-lua": (
        {
            "/etc/lmod/modules/kokkos/4.7.01.lua": 'whatis("Name: Kokkos")\nwhatis("Version: 4.7.01")\nwhatis("Description: Kokkos version 4.7.01 - Performance Portability Language")\n\nprereq("rocm/6.4.1")\nprepend_path("PATH","/opt/rocmplus-6.4.1/kokkos")\nsetenv("Kokkos_ROOT","/opt/rocmplus-6.4.1/kokkos")\nsetenv("HSA_XNACK","1")\n'
        },
        (s("/etc/lmod/modules/kokkos/4.7.01.lua:8", "the module", "1", "HSA_XNACK"),),
    ),
    # a bridge to LeVo (stored file 67114040662)
    "update-with-names-before-runs": (
        {
            "~/studio/main.py": 'import os\nimport subprocess\nimport sys\nfrom pathlib import Path\n\n\ndef run_phase(cmd, cwd, environment):\n    subprocess.run(cmd, cwd=cwd, env=environment, check=True)\n\n\ndef run_levo(work_root):\n    python = sys.executable\n    environment = os.environ.copy()\n    flow_vae = str(work_root / "codeclm" / "tokenizer")\n    environment.update(\n        TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL="1",\n        MIOPEN_FIND_MODE="2",\n        §="10.3.0",\n        PYTHONPATH=flow_vae + os.pathsep + environment.get("PYTHONPATH", ""),\n    )\n    run_phase([python, "tokens2audio.py"], work_root, environment)\n\n\ndef main() -> int:\n    run_levo(Path.home() / "levo")\n    return 0\n\n\nif __name__ == "__main__":\n    raise SystemExit(main())\n'
        },
        (
            s("~/studio/main.py:16", "studio", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
            s("~/studio/main.py:17", "studio", "2", "MIOPEN_FIND_MODE"),
            s("~/studio/main.py:18", "studio"),
        ),
    ),
    # a fine-tuning class with notes in Italian (stored file 16636795551)
    "a-dict-that-a-loop-sets": (
        {
            "~/qwen3/main.py": 'import logging\nimport os\n\nlogger = logging.getLogger(__name__)\n\n\nclass Qwen3Trainer:\n    """Classe per fine-tuning Qwen3 con supporto AMD ROCm."""\n\n    def __init__(self, config):\n        self.config = config\n\n    def setup_amd_environment(self):\n        """Configura variabili ambiente per AMD GPU."""\n        env_vars = {\n            \'§\': \'10.3.0\',\n            \'PYTORCH_ROCM_ARCH\': \'gfx1030\',\n            \'HIP_VISIBLE_DEVICES\': \'0\'\n        }\n\n        for key, value in env_vars.items():\n            os.environ[key] = value\n            logger.info(f"Set {key}={value}")\n\n    def run_complete_pipeline(self):\n        self.setup_amd_environment()\n        import torch\n        return torch.cuda.is_available()\n\n\ndef main():\n    trainer = Qwen3Trainer({})\n    trainer.run_complete_pipeline()\n\n\nif __name__ == "__main__":\n    main()\n'
        },
        (
            s("~/qwen3/main.py:16", "qwen3"),
            s("~/qwen3/main.py:17", "qwen3", "gfx1030", "PYTORCH_ROCM_ARCH"),
            s("~/qwen3/main.py:18", "qwen3", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # an analysis program with a window (stored file 34108424856)
    "only-where-nothing-is-set": (
        {
            "~/piu/app.py": 'import os\n\n# La RX 6750 XT (gfx1031) se hace pasar por gfx1030\nif not os.environ.get("§"):\n    os.environ["§"] = "10.3.0"\n\n# Desactivar SDMA si hay problemas de coherencia de memoria\nif not os.environ.get("HSA_ENABLE_SDMA"):\n    os.environ["HSA_ENABLE_SDMA"] = "0"\n\nprint(f"[DEBUG] § set to: {os.environ.get(\'§\')}")\n\nimport torch\nfrom ultralytics import YOLO\n'
        },
        (s("~/piu/app.py:5", "piu"), s("~/piu/app.py:9", "piu", "0", "HSA_ENABLE_SDMA")),
    ),
    # a detector of faces (stored files 2557495314, 34675619858)
    "putenv-imported": (
        {
            "~/emotion/main.py": 'from os import putenv\nputenv("§", "10.3.0")\nputenv("ROCM_PATH", "/opt/rocm-6.3.3")\n\nimport numpy as np\nimport tensorflow as tf\n\n\ndef run():\n    print(tf.config.list_physical_devices("GPU"), np.zeros(1))\n\n\nrun()\n'
        },
        (s("~/emotion/main.py:2", "emotion"),),
    ),
    # a depth program (stored file 70287770707)
    "pairs-that-a-loop-sets": (
        {
            "~/vda/main.py": 'import os\nimport sys\n\n\ndef prepare():\n    if sys.platform != "linux":\n        return\n    for k, v in (("MIOPEN_FIND_ENFORCE", "1"), ("MIOPEN_FIND_MODE", "2"),\n                 ("MIOPEN_LOG_LEVEL", "0"),\n                 ("TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL", "1")):\n        os.environ.setdefault(k, v)\n\n\nprepare()\nimport torch\n'
        },
        (
            s("~/vda/main.py:8", "vda", "1", "MIOPEN_FIND_ENFORCE"),
            s("~/vda/main.py:8", "vda", "2", "MIOPEN_FIND_MODE"),
            s("~/vda/main.py:9", "vda", "0", "MIOPEN_LOG_LEVEL"),
            s("~/vda/main.py:10", "vda", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # a driver of ComfyUI in a container (stored file 53129024618)
    "docker-as-lists-in-python": (
        {
            "~/wave/run.py": '#!/usr/bin/env python3\nimport os\nimport subprocess\n\nIMAGE = os.environ.get("COMFY_IMAGE", "comfyui-ltx23")\nMODELS_DIR = os.path.expanduser("~/comfy-models")\n\nDOCKER_ENV = [\n    "-e", "§=11.5.1",\n    "-e", "LIBRARY_PATH=/opt/venv/lib/python3.13/site-packages/_rocm_sdk_devel/lib",\n]\nDOCKER_GPU = [\n    "--device", "/dev/dri", "--device", "/dev/kfd",\n    "--security-opt", "seccomp=unconfined",\n]\n\n\ndef main():\n    cmd = ["docker", "run", "--rm"] + DOCKER_GPU + DOCKER_ENV\n    cmd += ["-v", f"{MODELS_DIR}:/models", IMAGE, "python", "main.py"]\n    subprocess.run(cmd, check=True)\n\n\nif __name__ == "__main__":\n    main()\n'
        },
        (s("~/wave/run.py:9", "the container", "11.5.1"),),
    ),
    # a desktop program that starts Ollama (stored file 67105449609), as a server
    "spread-where-it-is-linux": (
        {
            "~/cvapp/package.json": '{\n  "name": "cvapp",\n  "main": "server.js",\n  "scripts": { "start": "node server.js" }\n}\n',
            "~/cvapp/server.js": "const cp = require('child_process')\n\nfunction ensureOllama(bin) {\n  const ollamaProcess = cp.spawn(bin, ['serve'], {\n    detached: process.platform !== 'win32',\n    stdio: 'ignore',\n    windowsHide: true,\n    env: {\n      ...process.env,\n      ...(process.platform === 'linux' ? { §: '10.3.0' } : {}),\n      OLLAMA_NUM_PARALLEL: '3',\n    },\n  })\n  ollamaProcess.unref()\n}\n\nensureOllama('ollama')\n",
        },
        (s("~/cvapp/server.js:10", "ollama"),),
    ),
    # a tuning server with notes in Japanese (stored file 54525785608)
    "object-spread-into-a-child": (
        {
            "~/tuner/package.json": '{ "name": "tuner", "scripts": { "start": "node server.js" } }\n',
            "~/tuner/server.js": "const path = require('path');\nconst { spawn } = require('child_process');\n\nfunction startTuning(jobDir) {\n  // 環境変数: AMD Radeon AI PRO R9700 (gfx1201) 安定化対策\n  const tuningEnv = {\n    §: '12.0.1',\n    PYTORCH_HIP_ALLOC_CONF: 'expandable_segments:True',\n    HIP_VISIBLE_DEVICES: '0',  // 単一GPU限定\n  };\n  const proc = spawn('python3', ['tune.py', jobDir], {\n    cwd: __dirname,\n    env: { ...process.env, ...tuningEnv, JOB_DIR: jobDir },\n  });\n  proc.stdout.on('data', (d) => process.stdout.write(d));\n}\n\nstartTuning(path.join(__dirname, 'job'));\n",
        },
        (
            s("~/tuner/server.js:7", "tuner", "12.0.1"),
            s("~/tuner/server.js:8", "tuner", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/tuner/server.js:9", "tuner", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # a benchmark of Dagger with AMDGPU.jl (stored file 55205498423)
    "julia-before-using": (
        {
            "~/dagger/run.jl": '#!/usr/bin/env julia\n"""\nDevice identity here is 1-based `proc.device_id` throughout.\n"""\n\n# gfx1032 (RX 6600 / Navi 23) has no rocBLAS Tensile library; override to its\n# binary-compatible RDNA2 sibling gfx1030. MUST be set before `using AMDGPU`.\nENV["§"] = "10.3.0"\n\nusing Pkg, LinearAlgebra\nusing AMDGPU\n\nresults = main()\n'
        },
        (s("~/dagger/run.jl:8", "dagger"),),
    ),
    # the compose file of a PDF reader (stored file 70210652973): the block's lines hold for the service without an environment of its own
    "compose-with-a-merged-block": (
        {
            "~/pdftotts/docker-compose.yml": 'name: pdftotts\n\nx-rocm: &rocm\n  devices:\n    - /dev/kfd\n    - /dev/dri\n  group_add:\n    - video\n    - render\n  environment:\n    §: "11.0.0"   # RX 7800 XT (gfx1101) spoofed as gfx1100\n    HIP_VISIBLE_DEVICES: "0"\n\nservices:\n  xtts:\n    build: { context: ./workers/xtts }\n    <<: *rocm\n  kokoro-tts:\n    build: { context: ./workers/kokoro-tts }\n    <<: *rocm\n    environment:\n      §: "11.0.1"\n      HIP_VISIBLE_DEVICES: "1"\n      MODEL_DIR: "/models/kokoro"\n'
        },
        (
            s("~/pdftotts/docker-compose.yml:11", "xtts", "11.0.0"),
            s("~/pdftotts/docker-compose.yml:12", "xtts", "0", "HIP_VISIBLE_DEVICES"),
            s("~/pdftotts/docker-compose.yml:22", "kokoro-tts", "11.0.1"),
            s("~/pdftotts/docker-compose.yml:23", "kokoro-tts", "1", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # docker-compose.amd.yml that the installer of an embedding worker writes (stored file 54541641117)
    "compose-in-two-files-by-its-env": (
        {
            "~/embedding-worker/.env": "COMPOSE_FILE=docker-compose.yml:docker-compose.amd.yml\n§=11.0.0\nPRECISION=float16\n",
            "~/embedding-worker/docker-compose.yml": 'services:\n  embedding-worker:\n    build: .\n    ports:\n      - "8090:8090"\n',
            "~/embedding-worker/docker-compose.amd.yml": "services:\n  embedding-worker:\n    devices:\n      - /dev/kfd:/dev/kfd\n      - /dev/dri:/dev/dri\n    group_add:\n      - video\n      - render\n    environment:\n      - §=${§:-}\n      - ROCR_VISIBLE_DEVICES=0\n      - HIP_VISIBLE_DEVICES=0\n",
        },
        (
            s("~/embedding-worker/.env:2", "embedding-worker", "11.0.0"),
            s("~/embedding-worker/docker-compose.amd.yml:11", "embedding-worker", "0", "ROCR_VISIBLE_DEVICES"),
            s("~/embedding-worker/docker-compose.amd.yml:12", "embedding-worker", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # a compose of Ollama and ds4 with HSA_…_OLLAMA and HSA_…_DS4 in .env (names from the README, stored file 66846905189)
    "compose-from-names-of-its-own": (
        {
            "~/ds4/.env": "§_OLLAMA=11.0.0\n§_DS4=11.5.1\nDS4_CTX=100000\n",
            "~/ds4/docker-compose.yml": 'services:\n  ollama:\n    image: ollama/ollama:rocm\n    devices: [/dev/kfd, /dev/dri]\n    environment:\n      §: ${§_OLLAMA:-10.3.0}\n  ds4:\n    build: ./ds4\n    devices: [/dev/kfd, /dev/dri]\n    environment:\n      §: "${§_DS4}"\n',
        },
        (s("~/ds4/docker-compose.yml:6", "ollama", "11.0.0"), s("~/ds4/docker-compose.yml:11", "ds4", "11.5.1")),
    ),
    # an Ollama in a StatefulSet (stored file 61634105223)
    "pods-of-k3s-with-one-commented": (
        {
            "/var/lib/rancher/k3s/server/manifests/ollama.yaml": 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: open-webui\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: ollama\n  namespace: open-webui\nspec:\n  serviceName: ollama\n  replicas: 1\n  template:\n    spec:\n      containers:\n      - name: ollama\n        image: ollama/ollama:rocm\n        env:\n        # AMD GPU Configuration for RDNA 2 (Radeon 680M in Ryzen 7 5825U)\n        #      - name: §\n        #        value: "10.3.0"\n        - name: OLLAMA_NUM_GPU\n          value: "999"\n        # Enable ROCm\n        - name: HIP_VISIBLE_DEVICES\n          value: "0"\n        - name: ROCR_VISIBLE_DEVICES\n          value: "0"\n        volumeMounts:\n            #- name: models\n'
        },
        (
            s("/var/lib/rancher/k3s/server/manifests/ollama.yaml:26", "the pod", "0", "HIP_VISIBLE_DEVICES"),
            s("/var/lib/rancher/k3s/server/manifests/ollama.yaml:28", "the pod", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # a llama-swap configuration (stored file 53499486290)
    "llama-swap": (
        {
            "~/.config/llama-swap/config.yaml": 'healthCheckTimeout: 300\nmodels:\n  qwen36-35b-a3b-v2-q8:256k:\n    ttl: 1200\n    env:\n      - "LD_LIBRARY_PATH=/opt/llama.cpp/build-hip/bin:/opt/rocm/lib"\n      - "HIP_VISIBLE_DEVICES=0"\n      - "§=11.0.0"\n    cmd: >\n      /opt/llama.cpp/build-hip/bin/llama-server\n      --host 127.0.0.1\n      --port ${PORT}\n      -ngl 999\n'
        },
        (
            s(
                "~/.config/llama-swap/config.yaml:6",
                "llama-server",
                "/opt/llama.cpp/build-hip/bin:/opt/rocm/lib",
                "LD_LIBRARY_PATH",
            ),
            s("~/.config/llama-swap/config.yaml:7", "llama-server", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/llama-swap/config.yaml:8", "llama-server", "11.0.0"),
        ),
    ),
    # a Dockerfile for many cards (stored file 35192516755)
    "image-from-its-arguments": (
        {
            "~/aibox/Dockerfile": 'FROM debian:trixie-20251117\n\nENV DEBIAN_FRONTEND=noninteractive\n\n# Examples: "gfx1100" for RDNA3, "gfx1030" for RDNA2, "gfx906" for Vega\nARG GFX="gfx1100"\nARG GFX_VERSION="11.0.0"\n\n# Set GPU environment variables for ROCm and PyTorch\nENV §=${GFX_VERSION}\nENV PYTORCH_ROCM_ARCH=${GFX}\nENV GFX=${GFX}\n\nENV AI_PATH=/AI\nENV PATH="${AI_PATH}/.local/bin:${PATH}"\n'
        },
        (
            s("~/aibox/Dockerfile:10", "the container", "11.0.0"),
            s("~/aibox/Dockerfile:11", "the container", "gfx1100", "PYTORCH_ROCM_ARCH"),
        ),
    ),
    # chirvo/ai-docker-containers dockerfiles/services/comfyui.dockerfile
    "image-with-most-of-it-commented": (
        {
            "~/ai-docker-containers/dockerfiles/services/comfyui.dockerfile": 'FROM chirvo/base/ubuntu_rocm_pytorch:latest\n\n# For 6700, 6600 and maybe other RDNA2 or older:\n#ENV §=10.3.0\n# For AMD 7600 and maybe other RDNA3 cards:\n#ENV §=11.0.0\nENV TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL=1\n\n# ENV PYTORCH_HIP_ALLOC_CONF=garbage_collection_threshold:0.6,max_split_size_mb:6144\n\nRUN git clone https://github.com/comfyanonymous/ComfyUI.git /app\nWORKDIR /app\nCMD ["/bin/sh", "-c", "LD_PRELOAD=libtcmalloc_minimal.so.4 python main.py --listen" ]\n'
        },
        (
            s(
                "~/ai-docker-containers/dockerfiles/services/comfyui.dockerfile:7",
                "the container",
                "1",
                "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL",
            ),
        ),
    ),
    # the runtime stage of a Whisper image (stored file 59473219595)
    "last-stage-of-an-image": (
        {
            "~/whisper/Dockerfile": '# syntax=docker/dockerfile:1.7\nARG BASE_IMAGE=rocm/dev-ubuntu-24.04:7.2.3\nFROM ${BASE_IMAGE} AS build\nENV CTRANSLATE2_ROOT=/opt/ctranslate2\nRUN python3 -m pip wheel --no-deps -w /tmp/wheels .\n\nFROM ${BASE_IMAGE} AS runtime\n\nENV DEBIAN_FRONTEND=noninteractive\nENV ROCBLAS_TENSILE_LIBPATH=/opt/rocm/lib/rocblas/library\nENV §=11.0.0\nENV WHISPER_MODEL=large-v3-turbo\n\nCOPY --from=build /tmp/wheels/*.whl /tmp/\nCMD ["python3", "-m", "app"]\n'
        },
        (
            s("~/whisper/Dockerfile:10", "the container", "/opt/rocm/lib/rocblas/library", "ROCBLAS_TENSILE_LIBPATH"),
            s("~/whisper/Dockerfile:11", "the container", "11.0.0"),
        ),
    ),
    # llama-server.service of an MI50 (stored file 70647660333); systemd takes the quotes inside a word away
    "unit-with-quoted-values": (
        {
            "/etc/systemd/system/llama-server.service": '[Unit]\nDescription=llama.cpp server\nAfter=network.target\n[Service]\nType=simple\nUser=llama\nGroup=llama\nEnvironment=§="9.0.6"\nEnvironment=HSA_ENABLE_SDMA="0"\nEnvironment=HIP_VISIBLE_DEVICES="0"\nWorkingDirectory=/var/lib/llama\nExecStart=/usr/local/bin/llama-server --host 0.0.0.0 --port 8080 -ngl 99 -np 2 -fa on --jinja\n\n[Install]\nWantedBy=multi-user.target\n'
        },
        (
            s("/etc/systemd/system/llama-server.service:8", "llama-server.service", "9.0.6"),
            s("/etc/systemd/system/llama-server.service:9", "llama-server.service", "0", "HSA_ENABLE_SDMA"),
            s("/etc/systemd/system/llama-server.service:10", "llama-server.service", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
}

FIFTH_CALM: Rows = {
    # HardAndHeavy/ollama-open-webui Makefile (not exported, and the compose file does not name it)
    "make-variables-that-nothing-takes": (
        {
            "~/ollama-open-webui/Makefile": "ROCM_GPU ?= $(strip $(shell rocminfo | grep -m 1 -E gfx[^0]{1} | sed -e 's/ *Name: *//'))\nifeq ($(ROCM_GPU), gfx1030)\n  § = 10.3.0\nelse ifeq ($(ROCM_GPU), gfx1100)\n  § = 11.0.0\nelse\n  § = \"GFX version detection error\"\nendif\n\nrun-rocm:\n\tdocker compose -f docker-compose.rocm.yaml up -d\n",
            "~/ollama-open-webui/docker-compose.rocm.yaml": "services:\n  ollama:\n    image: ollama/ollama:rocm\n    devices:\n      - /dev/kfd\n      - /dev/dri\n",
        },
        (),
    ),
    # an ollama module with enable = false (code search: "services.ollama rocmOverrideGfx")
    "nixos-service-that-is-off": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{pkgs, ...}: {\n  services.ollama = {\n    enable = false;\n    package = pkgs.ollama-rocm;\n    rocmOverrideGfx = "11.0.2";\n  };\n}\n',
        },
        (),
    ),
    # a configuration with its old Ollama in comments (stored file 11928929423)
    "nixos-block-commented": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{ pkgs, ... }:\n{\n  # amd gpu accelerated ollama\n  #  services.ollama = {\n  #    enable = true;\n  #    rocmOverrideGfx = "11.0.3";\n  #    environmentVariables = {\n  #      § = "11.0.3";\n  #      AMD_SERIALIZE_KERNEL = "3";\n  #      HSA_ENABLE_SDMA = "0";\n  #    };\n  #  };\n  virtualisation.containers.enable = true;\n}\n',
        },
        (),
    ),
    # a shell.nix whose hook is all comments and a home.nix (stored files 46355498070, 3045243803)
    "nix-strings-with-comments": (
        {
            "~/projects/vision/shell.nix": "{ pkgs ? import <nixpkgs> {} }:\npkgs.mkShell {\n  shellHook = ''\n    # export QT_QPA_PLATFORM=\"xcb\"\n    # export §=10.3.0\n    # export HSA_ENABLE_SDMA=0\n  '';\n}\n",
            "~/.config/home-manager/home.nix": '{ pkgs, ... }:\n{\n  home.sessionVariables = {\n    EDITOR = "hx";\n    # HIP_VISIBLE_DEVICES=1;\n    # § = "10.3.0";\n    # PYTORCH_ROCM_ARCH="gfx1030";\n    NIXPKGS_ALLOW_UNFREE=1;\n  };\n}\n',
        },
        (),
    ),
    # a ComfyUI start script (stored file 66507327553)
    "start-script-with-all-of-it-commented": (
        {
            "~/ComfyUI/run.sh": "#!/bin/bash\n#unset NO_PROXY HTTP_PROXY HTTPS_PROXY ALL_PROXY\n#export PYTORCH_HIP_ALLOC_CONF=expandable_segments:True\nexport CUDNN_BENCHMARK=1\n#export MIOPEN_FIND_MODE=2\n#export §=11.0.0\n#export ROCR_VISIBLE_DEVICES=0\n\npython $PWD/main.py --port 48189 --listen 0.0.0.0 \\\n    --preview-method taesd \\\n    $@\n    #--use-flash\n"
        },
        (),
    ),
    # a mapper of names to lines (code search: "amdgpu-arch gfx1030 echo HSA_OVERRIDE")
    "says-what-to-set": (
        {
            "~/hip/start.sh": '#!/bin/sh\nset -e\nNAME=$1\nif test -z "$NAME"; then\n    NAME=$(amdgpu-arch)\nfi\ncase "$NAME" in\n\tgfx1030 | gfx1031 | gfx1032)\n        echo "AMDGPU_ARCH=gfx1030"\n        echo "§=10.3.0"\n\t\t;;\n\tgfx1100 | gfx1101 | gfx1102)\n        echo "§=11.0.0"\n\t\t;;\n\t*)\n\t\techo "ERROR: unknown or unsupported GFX name \'$NAME\'" >&2\n\t\texit 2\nesac\n'
        },
        (),
    ),
    # sbeierle/rocm-6.2-build-qwen gfx1100_build/collect_env_info.sh
    "shows-the-environment": (
        {
            "~/rocm-build/start.sh": '#!/bin/bash\n\necho "🧹 ROCm Info Summary:"\nrocminfo | grep -E "Name:|gfx"\n\necho "🧹 Environment Variables:"\necho "ROCM_HOME=$ROCM_HOME"\necho "§=$§"\npython3 -c "import torch; print(\'Torch CUDA available:\', torch.cuda.is_available())"\n'
        },
        (),
    ),
    # an entrypoint's guards (stored files 70387288011, 71044469630)
    "dies-or-takes-it-away": (
        {
            "~/strata/start.sh": '#!/usr/bin/env bash\nlog() { printf \'strata: %s\\n\' "$*"; }\ndie() { printf \'strata: ERROR: %s\\n\' "$*" >&2; exit 1; }\nif [ -n "${§:-}" ] && [ "${STRATA_ALLOW_HSA_OVERRIDE:-0}" != "1" ]; then\n  die "§=\'$§\' is set; on gfx1101 it makes the code object\n       fail to load. Remove it, or set STRATA_ALLOW_HSA_OVERRIDE=1 if you know why."\nfi\nunset §\n[ -n "${AMD_SERIALIZE_KERNEL:-}" ] && { log "unsetting AMD_SERIALIZE_KERNEL"; unset AMD_SERIALIZE_KERNEL; }\nexec /opt/strata/bin/strata "$@"\n'
        },
        (),
    ),
    # a training program for a card that is known (stored file 52787018789)
    "taken-away-before-the-import": (
        {
            "~/trainer/main.py": 'import os\n\n# Same env as training entry — required before torch import.\nos.environ.pop("§", None)\nos.environ.setdefault("TOKENIZERS_PARALLELISM", "false")\n\nimport torch\n'
        },
        (),
    ),
    # salman-farooq-sh/.files' older file (stored file 38835722835)
    "fish-all-of-it-commented": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/conf.d/20-rocm-vars.fish": "set -l device 1 # 0 = 6500m, 1 = 680m\nset -l arch gfx1030\n\n# set -x HIP_PATH /opt/rocm\n# set -x § 10.3.0\n# set -x HIP_VISIBLE_DEVICES $device\n# set -e ROCR_VISIBLE_DEVICES\n# set -x PYTORCH_ROCM_ARCH $arch\n",
        },
        (),
    ),
    # a config.fish with set -g only (stored file 52215289733)
    "fish-global-that-is-not-exported": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "if status is-interactive\n    set -g fish_greeting\nend\n\nset -g XDG_CACHE_HOME $HOME/.cache\nset -g ROCM_PATH /opt/rocm\nset -g § 11.0.0\n\nset -g EDITOR vim\nabbr sf source $FISH_CONFIG_HOME/config.fish\n",
        },
        (),
    ),
    # tests of a doctor command and of a launcher (stored files 66569193035, 61394075363)
    "tests-that-patch": (
        {
            "~/doctor/tests/test_doctor.py": 'from doctor import check_env_vars\n\n\ndef test_hsa_override_flagged(monkeypatch):\n    monkeypatch.setenv("§", "11.0.0")\n    check = check_env_vars()\n    assert "§" in check.detail\n',
            "~/doctor/tests/models.bats": '@test "models_up hands the environment over" {\n    run models_sh \'DOCKER_CODE_MODELS_GPU=rocm \\\n        DOCKER_CODE_OLLAMA_ENV="§=11.0.0 HIP_VISIBLE_DEVICES=0" models_up\'\n    [ "${status}" -eq 0 ]\n    [[ "${calls}" == *"--env §=11.0.0"* ]]\n}\n',
        },
        (),
    ),
    # a detector with the line behind two # (stored file 54492035127)
    "switched-off-where-it-was": (
        {
            "~/yolo/main.py": "import os\nimport subprocess\n\nhas_amd = \"amd\" in subprocess.getoutput(\"lspci\").lower()\nif has_amd:\n    # Override to gfx1100 so HIP kernels can be found.\n    if '§' not in os.environ:\n        ## print(\"[AMD GPU Setup] Setting §=11.0.0 (gfx1100)\", flush=True)\n        ## dunp os.environ['§'] = '11.0.0'\n        pass\n\nfrom ultralytics import YOLO\n"
        },
        (),
    ),
    # a tool that looks for bottlenecks, and one that looks for a card (stored files 56133119081, 55656869507)
    "findings-of-a-checker": (
        {
            "~/bp/run.sh": '#!/usr/bin/env bash\n_bp_finding() { printf \'%s %s\\n  %s\\n  %s\\n\' "$@"; }\nhsa="${§:-NOT SET}"\nif [[ "$hsa" == "NOT SET" ]]; then\n    gfx_hint="11.0.0"\n    _bp_finding "warn" "§ not set" \\\n        "ROCm may not recognize your GPU without this variable." \\\n        "export §=${gfx_hint}  (add to ~/.bashrc)"\nelse\n    _bp_finding "ok" "§=${hsa}" "ROCm GPU hint is set." ""\nfi\n',
            "~/bp/main.py": 'import torch\n\ninfo = {"cuda_available": torch.cuda.is_available()}\nif not info["cuda_available"]:\n    info["hint"] = "§=10.3.0 설정 여부 확인"\nif torch.cuda.get_device_properties(0).gcnArchName != "gfx1030":\n    raise RuntimeError("§=10.3.0 is required on hbox")\nprint(info)\n',
        },
        (),
    ),
    # a script that comments the lines (stored file 35463900299) and the file after it
    "mended-bashrc-and-what-mended-it": (
        {
            "~/.bashrc": "# export §=10.3.0  # COMMENTED OUT - gfx1010 does not need this!\n# export HIP_VISIBLE_DEVICES=0  # COMMENTED OUT - not needed\nexport PATH=$HOME/bin:$PATH\n",
            "~/fix/start.sh": "#!/bin/bash\nread -p \"Do you want to FIX this by commenting out these lines? (y/n) \" -n 1 -r\nif [[ $REPLY =~ ^[Yy]$ ]]; then\n    sed -i 's/^export §=10.3.0/# export §=10.3.0  # COMMENTED OUT - gfx1010 does not need this!/' ~/.bashrc\n    sed -i 's/^export HIP_VISIBLE_DEVICES=0/# export HIP_VISIBLE_DEVICES=0  # COMMENTED OUT - not needed/' ~/.bashrc\n    grep -n \"§\\|HIP_VISIBLE_DEVICES\" ~/.bashrc\nfi\n",
        },
        (),
    ),
    # two scripts of a Fedora image (code search: "Setting Environment Variable for ROCM"): they run where the image is made
    "image-recipe-that-appends": (
        {
            "~/ublue/files/scripts/rocm.sh": "#!/usr/bin/env bash\nset -oue pipefail\n\n# Your code goes here.\necho 'Setting Environment Variable for ROCM'\n\necho 'export §=11.0.0' >> /usr/etc/profile.d/hsa_override.sh\n"
        },
        (),
    ),
    # a stack's set-up (stored file 53764451631); it has not been run, ~/.bashrc has no line
    "stack-that-would-append": (
        {
            "~/.bashrc": "alias ll='ls -l'\n",
            "~/llm-stack/llm-stack.sh": '#!/usr/bin/env bash\nset -euo pipefail\nok() { echo "ok $*"; }\ncmd_setup() {\n    if ! grep -q \'§\' "$HOME/.bashrc" 2>/dev/null; then\n        printf \'\\n# LLM Stack — AMD AI Max+ 395 ROCm\\nexport §=11.5.1\\nexport LLAMA_HIP_UMA=1\\n\' \\\n            >> "$HOME/.bashrc"\n        ok "Added ROCm env vars to ~/.bashrc"\n    else\n        ok "ROCm env vars already in ~/.bashrc"\n    fi\n}\ncase "${1:-}" in setup) cmd_setup ;; esac\n',
        },
        (),
    ),
    # benchmark_comparison.py of hip_nl (stored file 22462962459)
    "usage-in-a-docstring-for-csh": (
        {
            "~/hip_nl/main.py": '#!/usr/bin/env python\n"""Staged performance comparison between standard_nl and hip_nl.\n\nStage 1 - Benchmark standard_nl (uses PyTorch GPU):\n    setenv § 11.0.0\n    python benchmark_comparison.py --stage standard\n\n    HSA_XNACK=1 python benchmark_comparison.py --compare\n"""\n\nimport argparse\n\nimport torch\n'
        },
        (),
    ),
    # llvm-project offload/test (stored file 6423611907)
    "run-line-of-a-compiler-test": (
        {
            "~/llvm-project/offload/test/offloading/multi.c": "// clang-format off\n// RUN: %libomptarget-compile-generic -fopenmp-target-multi-device\n// RUN: env HSA_XNACK=1 OMPX_APU_MAPS=1 LIBOMPTARGET_NUM_MULTI_DEVICES=2 \\\n// RUN: %libomptarget-run-generic 2>&1 | %fcheck-generic\n// clang-format on\nint main(void) { return 0; }\n"
        },
        (),
    ),
    # ITlusions/ITL.K8S docs/GPU/QUICK_FIX_GPU_DETECTION.md
    "pod-in-a-page": (
        {
            "~/ITL.K8S/docs/GPU/QUICK_FIX_GPU_DETECTION.md": '# Fix for alexnet-tf-gpu-pod-v2 ROCm Detection Issue\n\n```bash\nkubectl apply -f - <<EOF\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: tensorflow-rocm\n    env:\n    - name: HIP_VISIBLE_DEVICES\n      value: "0"\n    - name: §\n      value: "10.3.0"  # May need adjustment for your GPU\nEOF\n```\n'
        },
        (),
    ),
    # start files for Windows (stored files 58174615075, 65738484491)
    "start-for-the-other-system": (
        {
            "~/ghostlink/start.bat": '@echo off\nREM GPU settings for AMD Radeon 860M\nset "§=gfx906"\n',
            "~/ghostlink/start.ps1": "$env:PYTHONUNBUFFERED = '1'\n$env:§ = \"11.5.1\"\n$env:TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL = '1'\n& \"$PSScriptRoot\\.venv\\Scripts\\python.exe\" main.py\n",
        },
        (),
    ),
    # a child-wrapper, and a starter of terminals (stored files 71609685447, 25875782469)
    "wrapper-to-be-filled": (
        {
            "~/m36/start.sh": '#!/usr/bin/env bash\nset -e\n\nbinary=$1\nshift\n\n# Customize the child\'s environment or arguments here.\n# export HIP_VISIBLE_DEVICES=0\necho "child-wrapper: starting $binary" >&2\nexec "$binary" "$@"\n',
            "~/sentiment/start.sh": "#!/bin/bash\n# Open third terminal and run the third command\n#gnome-terminal -- bash -c '§=10.3.0 python sentiment_BERT.py; exec bash'\n\n# Open fourth terminal and run the fourth command\n#gnome-terminal -- bash -c 'pnpm run dev; exec bash'\n",
        },
        (),
    ),
    # frigate's docker/rocm/Dockerfile, shortened to its ARGs (code search: "ARG HSA_OVERRIDE_GFX_VERSION")
    "image-with-arguments-only": (
        {
            "~/frigate/docker/rocm/Dockerfile": '# syntax=docker/dockerfile:1.4\nARG DEBIAN_FRONTEND=noninteractive\nARG ROCM=6.3.3\nARG AMDGPU=gfx900\nARG §=9.0.0\n\nFROM debian:12-slim AS rocm\nARG ROCM\nARG §\nRUN echo "building for $§"\nCMD ["/init"]\n'
        },
        (),
    ),
    # stages for a gfx906 (stored file 51794128480), the last one from another image
    "image-with-it-in-a-stage-before": (
        {
            "~/gfx906/Dockerfile": 'FROM rocm/dev-ubuntu-22.04:6.3 AS build_triton\nENV PYTORCH_ROCM_ARCH=gfx906\nENV §=9.0.6\nWORKDIR /app/triton\nRUN python3 setup.py bdist_wheel --dist-dir=/dist\n\nFROM python:3.12-slim\nCOPY --from=build_triton /dist /dist\nRUN pip install /dist/*.whl\nCMD ["python3"]\n'
        },
        (),
    ),
    # a worker's log and an environment that a build left as a text (stored files 53305751119, 23634673862)
    "log-and-dump": (
        {
            "~/sensor/logs/worker.log": "[entrypoint] Handing off to: celery -A app.worker.celery_app worker ...\n[GPU WARMUP] GPU access interface detected:\n  § = 11.0.0\n  HSA_ENABLE_DXG_DETECTION = 1\n§=11.0.0\n[GPU WARMUP] Device : AMD Radeon RX 7900 XT | VRAM: 20.00 GiB | CUs: 84\n",
            "~/sensor/logs/env.log": 'declare -x BUILD_ENVIRONMENT="rocm"\ndeclare -x PYTORCH_ROCM_ARCH="gfx942;gfx950"\ndeclare -x ROCM_PATH="/opt/rocm"\n',
        },
        (),
    ),
    # commands from ROCm's issues as they lie in a history (stored file 57128396451; ROCm/ROCm's issues)
    "histories": (
        {
            "~/.bash_history": "groups\nexport  HSA_ENABLE_SDMA=0\n/opt/rocm/bin/rocminfo\n§=10.3.0 ollama serve\n",
            "~/.python_history": 'import os\nos.environ["§"] = "10.3.0"\nimport torch\n',
        },
        (),
    ),
    # doorman's render_unit (stored file 56859554900)
    "units-rendered-by-a-program": (
        {
            "~/doorman/src/main.rs": 'fn render_unit(ep: Ep) -> String {\n    let mut env = String::new();\n    env.push_str("Environment=RUST_LOG=info\\n");\n    match ep {\n        Ep::Rocm => {\n            env.push_str("Environment=ROCR_VISIBLE_DEVICES=1\\n");\n            env.push_str("Environment=§=11.0.0\\n");\n        }\n    }\n    env\n}\n'
        },
        (),
    ),
    # k1212gh/linux-web-os: the unit as an installer there writes it (stored file 53469775280), masked afterwards
    "unit-that-is-masked": (
        {
            "/usr/lib/systemd/system/linux-web-os.service": "[Unit]\nDescription=Linux Web OS\nAfter=network.target\n\n[Service]\nType=simple\nEnvironment=§=10.3.0\nExecStart=/opt/web-os/.venv/bin/uvicorn main:app --host 127.0.0.1 --port 8000\n\n[Install]\nWantedBy=multi-user.target\n",
            "/etc/systemd/system/linux-web-os.service": "->/dev/null",
        },
        (),
    ),
    # an Ollama drop-in (stored file 11094058377) under names that systemd does not read
    "drop-ins-set-aside": (
        {
            "/etc/systemd/system/ollama.service": "[Service]\nExecStart=/usr/local/bin/ollama serve\n",
            "/etc/systemd/system/ollama.service.d/rocm.conf.disabled": '[Service]\nEnvironment="§=9.0.6"\nEnvironment="ROCR_VISIBLE_DEVICES=0"\n',
            "/etc/systemd/system/ollama.service.d/override.conf~": '[Service]\nEnvironment="HIP_VISIBLE_DEVICES=0"\n',
        },
        (),
    ),
    # a debugging guide that only prints (stored file 66617801732)
    "instructions-in-a-here-document": (
        {
            "~/alcufe/start.sh": "#!/bin/bash\necho \"Option 4: HIP built-in error checking\"\ncat << 'EOF'\n# Enable HIP error checking\nexport AMD_SERIALIZE_KERNEL=3  # Wait for completion after each kernel\nexport §=10.3.0\n\npython important_tests/test_all_phases.py 2>&1 | tee debug_output.log\nEOF\n"
        },
        (),
    ),
    # a setting of a stack's own (stored file 68515521154) that nothing here hands over
    "name-with-something-before": (
        {
            "~/stack/.env": "AI_ACCELERATOR=rocm\nAI_§=11.0.0\nLEWM_HIP_VISIBLE_DEVICES=0\n",
            "~/stack/docker-compose.yml": "services:\n  llm:\n    image: ghcr.io/ggml-org/llama.cpp:server-vulkan\n    environment:\n      - AI_ACCELERATOR=${AI_ACCELERATOR}\n",
        },
        (),
    ),
    # a slime start script (stored file 27871081427)
    "exports-doubly-commented": (
        {
            "~/slime/run.sh": '#!/bin/bash\n# export GPU_ARCHS="gfx942"\n# export PYTORCH_ROCM_ARCH="gfx90a;gfx942"\n\n# # AMD ROCm setting\n# # export HSA_ENABLE_SDMA=0\n# export AMD_SERIALIZE_KERNEL=3\n# export ROCR_VISIBLE_DEVICES=0,1,2,3,4,5,6,7\npython3 train.py\n'
        },
        (),
    ),
    # the .bashrc piece of stored file 6012235626 as a diff
    "patch-not-applied": (
        {
            "~/dotfiles/rocm.patch": "--- a/.bashrc\n+++ b/.bashrc\n@@ -1,2 +1,6 @@\n [[ $- != *i* ]] && return\n+if [ -f /opt/rocm/bin/rocminfo ]; then\n+    export §=11.0.0\n+export HSA_ENABLE_SDMA=0\n+fi\n"
        },
        (),
    ),
    # mi50-llm.service (stored file 45283161129), its lines under the wrong heads
    "unit-in-the-wrong-section": (
        {
            "/etc/systemd/system/mi50-llm.service": "[Unit]\nDescription=MI50 LLM FastAPI Server\nAfter=network.target\nEnvironment=HSA_ENABLE_SDMA=0\n\n[Service]\nType=simple\nWorkingDirectory=/opt/mi50-llm\nExecStart=/opt/mi50-llm/venv/bin/uvicorn src.server:app --host 0.0.0.0 --port 8000\n\n[Install]\nWantedBy=multi-user.target\nEnvironment=§=9.0.6\n"
        },
        (),
    ),
    # a library of a benchmark (stored file 66249485540) in the script that uses the rest of it
    "function-that-nobody-calls": (
        {
            "~/bench/run.sh": '#!/usr/bin/env bash\ngpu_detect_vendor() {\n  if command -v rocm-smi >/dev/null 2>&1; then\n    echo amd; return\n  fi\n  echo unknown\n}\n\ngpu_setup_env() {\n  local vendor; vendor="$(gpu_detect_vendor)"\n  if [ "$vendor" = amd ]; then\n    # gfx1201 (R9700) needs 12.0.1; other AMD cards: pre-set it yourself.\n    : "${§:=12.0.1}"\n    export §\n  fi\n}\n\ngpu_meta() {\n  echo "gpu_vendor=$(gpu_detect_vendor)"\n}\n\ngpu_meta\n'
        },
        (),
    ),
    # what configure-amd-gpu-framework.sh writes (stored file 71133637736), under names that are not read
    "copies-beside-the-places": (
        {
            "/etc/profile.d/amd-rocm.sh.dpkg-old": "# AMD ROCm environment for Framework 13 (Ryzen 7040 / RDNA3 APU)\nexport §=11.0.0\nexport HIP_VISIBLE_DEVICES=0\nexport HSA_ENABLE_SDMA=0\n",
            "/etc/environment.d/50-amd-rocm.conf.bak": "§=11.0.0\nHIP_VISIBLE_DEVICES=0\n",
            "~/.config/environment.d/50-amd-rocm.conf.example": "HSA_ENABLE_SDMA=0\n",
        },
        (),
    ),
}
