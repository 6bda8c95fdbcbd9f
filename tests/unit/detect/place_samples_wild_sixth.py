# ruff: noqa: E501 - tables of texts, a case a line
"""Set I: a sixth set like place_samples_wild; its writer did not know the readers.

The writer had read none of the product's code and none of its tests but the head of place_samples_wild and the head and
end of place_samples_wild_fourth (for the form), and of the fifth set the comments and file names (so as not to repeat
it). Every case has its public source in the comment above it (stored files are those of a search over public
repositories): files as people wrote them, shortened, user names made sam's, /data for a container's own home. Where no
file with one of these variables was to be found in a dialect (kernel.json, mise, pixi, distrobox, supervisor), the
spelling is the manual's, and the comment says so. Written in one go and labelled before any run.

Run once, on the program that had learnt from set H: 34 of 36 places named with every labelled line and value (58 of 62
lines), 3 of 21 look-alikes claimed. ``MORE`` has what its writer was not asked about.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Label, Rows, s

SIXTH_WILD: Rows = {
    # lmstudio-ai/lmstudio-bug-tracker issue 426
    "desktop-of-lm-studio": (
        {
            "~/.local/share/applications/lmstudio.desktop": "[Desktop Entry]\nCategories=Development;\nComment[en_GB]=Use the chat UI or local server to experiment and develop with local LLMs.\nComment=Use the chat UI or local server to experiment and develop with local LLMs.\nExec=env §=11.0.1 /home/sam/.local/bin/lmstudio %U\nGenericName[en_GB]=\nGenericName=\nIcon=/home/sam/.local/share/zap/v2/icons/lmstudio..png\nKeywords=developer;llm;\nName[en_GB]=LM Studio (AppImage)\nName=LM Studio (AppImage)\nStartupNotify=true\nStartupWMClass=LM Studio\nTerminal=false\nTryExec=/home/sam/.local/bin/lmstudio\nType=Application\nX-AppImage-Version=0.3.9\nX-KDE-SubstituteUID=false\n"
        },
        (s("~/.local/share/applications/lmstudio.desktop:5", "LM Studio", "11.0.1"),),
    ),
    # a .zshrc (stored file 8991529777)
    "zsh-export-and-an-alias-of-docker": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": 'export ZSH="$HOME/.oh-my-zsh"\nexport TERM=xterm-256color\nexport PATH="$HOME/.local/bin:$HOME/go/bin:$PATH"\nexport §="10.3.0"\n\nexport JAVA_HOME="/usr/lib/jvm/java-21-openjdk/"\n\nalias backup_pkgs=\'pacman -Qqe > ~/.config/pkglist.txt\'\nalias clean_orphans=\'sudo pacman -Qtdq | sudo pacman -Rns -\'\n\nalias ollama_serve=\'docker run --name ollama_server --env §=10.3.0 -d --device /dev/kfd --device /dev/dri -v ollama:/data/.ollama -p 11434:11434 ollama/ollama:rocm\'\n\n# https://github.com/ohmyzsh/ohmyzsh/wiki/Themes\nZSH_THEME="robbyrussell"\n\n# Plugins\nplugins=(git z)\nsource $ZSH/oh-my-zsh.sh\n\nif [[ -n $SSH_CONNECTION ]]; then\n  export EDITOR=\'nvim\'\nfi\n',
        },
        (s("~/.zshrc:4", "sam's zsh"), s("~/.zshrc:11", "the container")),
    ),
    # functions/ollama-gpu.fish (stored file 55616301682)
    "fish-function-that-alias-saved": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/functions/ollama-gpu.fish": "function ollama-gpu --wraps='§=10.3.0 HIP_VISIBLE_DEVICES=0 ollama serve & disown' --description 'alias ollama-gpu=§=10.3.0 HIP_VISIBLE_DEVICES=0 ollama serve & disown'\n    §=10.3.0 HIP_VISIBLE_DEVICES=0 ollama serve & disown $argv\nend\n",
        },
        (
            s("~/.config/fish/functions/ollama-gpu.fish:2", "ollama"),
            s("~/.config/fish/functions/ollama-gpu.fish:2", "ollama", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # a ComfyUI guide's ~/.bashrc (stored file 26313501783; its closing quote mended)
    "alias-that-starts-comfyui": (
        {
            "~/.bashrc": "# ~/.bashrc: executed by bash(1) for non-login shells.\ncase $- in\n    *i*) ;;\n      *) return;;\nesac\nHISTCONTROL=ignoreboth\nalias ll='ls -alF'\nalias sce='§=10.3.0 python3 main.py'\n"
        },
        (s("~/.bashrc:8", "what sam starts with sce"),),
    ),
    # a guide for a 780M (stored file 15808728075); systemd.exec(5): one assignment, its value runs on to the closing quote
    "unit-with-all-in-one-pair-of-quotes": (
        {
            "/etc/systemd/system/ollama.service": "[Unit]\nDescription=Ollama Service\nAfter=network-online.target\n\n[Service]\nEnvironment='§=11.0.0 OLLAMA_HOST=192.168.1.135:11434 OLLAMA_ORIGINS=\"app://obsidian.md*\" OLLAMA_MAX_LOADED_MODELS=0'\nExecStart=/usr/bin/ollama serve\nUser=ollama\nGroup=ollama\nRestart=always\nRestartSec=3\n\n[Install]\nWantedBy=default.target\n"
        },
        (
            s(
                "/etc/systemd/system/ollama.service:6",
                "ollama.service",
                '11.0.0 OLLAMA_HOST=192.168.1.135:11434 OLLAMA_ORIGINS="app://obsidian.md*" OLLAMA_MAX_LOADED_MODELS=0',
            ),
        ),
    ),
    # what `conda env config vars set` of stored file 71349279743 (RX 6700 XT) leaves
    "conda-env-config-vars": (
        {
            "~/miniconda3/envs/cancer/conda-meta/history": "==> 2026-09-30 18:20:11 <==\n# cmd: /home/sam/miniconda3/bin/conda create -n cancer python=3.12\n# conda version: 25.7.0\n",
            "~/miniconda3/envs/cancer/conda-meta/state": '{"env_vars": {"§": "10.3.0"}, "version": 1}\n',
        },
        (s("~/miniconda3/envs/cancer/conda-meta/state:1", "the environment cancer"),),
    ),
    # a market model (stored file 48856209020)
    "putenv-before-the-models": (
        {
            "~/projects/market/main.py": 'import torch\nimport os\nimport time\nimport pandas as pd\n\nos.putenv("§", "10.3.0")\n\nfrom config import cfg # Import configuration\nfrom data import prepare_data\nfrom training import (\n    train_model,\n    evaluate_model,\n)\n\ndef main():\n    """Main function to run the market prediction model."""\n    model = train_model(prepare_data(cfg))\n    evaluate_model(model)\n\n\nif __name__ == "__main__":\n    main()\n'
        },
        (s("~/projects/market/main.py:6", "market"),),
    ),
    # a routing dashboard's starter (stored file 65779825523)
    "literal-with-the-environment-in-it": (
        {
            "~/projects/router/run.py": '#!/usr/bin/env python3\nimport os\nimport subprocess\nimport sys\nfrom pathlib import Path\n\nPROJECT_ROOT = Path(__file__).resolve().parent\nKUBECTL_PATH = "/usr/local/bin/kubectl"\n\n\nclass Daemons:\n    def __init__(self):\n        self._log_files = {}\n\n    def start(self, scenario, log_path):\n        cmd = [\n            sys.executable,\n            "-m",\n            "routing.daemon.cli",\n            "--scenario",\n            scenario,\n            "--interval",\n            "15",\n        ]\n        env = {**os.environ, "§": "11.0.0", "KUBECTL_PATH": KUBECTL_PATH}\n\n        log_file = open(log_path, "w")\n        proc = subprocess.Popen(\n            cmd,\n            cwd=str(PROJECT_ROOT),\n            env=env,\n            stdout=log_file,\n            stderr=subprocess.STDOUT,\n            start_new_session=True,\n        )\n        self._log_files[proc.pid] = log_file\n        return proc\n\n\nif __name__ == "__main__":\n    Daemons().start(sys.argv[1], "daemon.log").wait()\n'
        },
        (s("~/projects/router/run.py:25", "routing.daemon.cli", "11.0.0"),),
    ),
    # a fine-tuning server (stored file 56141732917)
    "dict-of-the-environment": (
        {
            "~/finetune/server.py": 'import json\nimport os\nimport subprocess\n\nBASE = os.path.dirname(os.path.abspath(__file__))\nVENV_PY = os.path.join(BASE, "venv/bin/python")\nFINETUNE = os.path.join(BASE, "finetune.py")\n\n\ndef run(name, base, steps, lr):\n    with open(os.path.join(BASE, f"{name}.log"), "w") as f:\n        f.write(json.dumps({"event": "phase", "phase": "finetune"}) + "\\n"); f.flush()\n        p = subprocess.Popen(\n            [VENV_PY, FINETUNE, "--base", base, "--steps", str(steps), "--lr", str(lr), "--merge"],\n            cwd=BASE, env=dict(os.environ, §="10.3.0"),\n            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)\n        for line in p.stdout:\n            if line.strip().startswith("{"):\n                f.write(line); f.flush()\n        p.wait()\n\n\nif __name__ == "__main__":\n    run("sam", "qwen2.5-0.5b", 200, 2e-4)\n'
        },
        (s("~/finetune/server.py:15", "finetune.py"),),
    ),
    # Foundry UI's backend (stored file 52457270152)
    "environment-updated-for-a-stage": (
        {
            "~/foundry/main.py": '#!/usr/bin/env python3\nimport asyncio\nimport os\nimport sys\nfrom pathlib import Path\n\nFOUNDRY_DIR = Path(__file__).resolve().parent\nVENV_PYTHON = str(FOUNDRY_DIR / ".venv" / "bin" / "python")\n\n\nasync def run_script(script_path: str) -> int:\n    env = os.environ.copy()\n    env.update({\n        "HSA_ENABLE_SDMA": "0",\n        "PYTORCH_HIP_ALLOC_CONF": "backend:native,expandable_segments:True",\n        "UNSLOTH_SKIP_TORCHVISION_CHECK": "1",\n        "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL": "1",\n        "PYTHONUNBUFFERED": "1",\n    })\n\n    proc = await asyncio.create_subprocess_exec(\n        VENV_PYTHON, "-u", script_path,\n        stdout=asyncio.subprocess.PIPE,\n        stderr=asyncio.subprocess.STDOUT,\n        env=env, cwd=str(FOUNDRY_DIR),\n        start_new_session=True,\n    )\n    await proc.wait()\n    return proc.returncode\n\n\nsys.exit(asyncio.run(run_script(sys.argv[1])))\n'
        },
        (
            s("~/foundry/main.py:14", "foundry's stages", "0", "HSA_ENABLE_SDMA"),
            s(
                "~/foundry/main.py:15",
                "foundry's stages",
                "backend:native,expandable_segments:True",
                "PYTORCH_HIP_ALLOC_CONF",
            ),
            s("~/foundry/main.py:17", "foundry's stages", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # a comfyui and an ollama module (stored files 61595180657, 52426447651)
    "nixos-dotted-environment-of-services": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{ config, pkgs, ... }:\n{\n  imports = [\n    ./hardware-configuration.nix\n    ./comfyui.nix\n    ./ollama.nix\n  ];\n  system.stateVersion = "25.05";\n}\n',
            "/etc/nixos/comfyui.nix": '{ pkgs, lib, ... }:\n{\n  systemd.services.comfyui = {\n    wantedBy = [ "multi-user.target" ];\n    after = [ "network.target" ];\n\n    # Hide the Ryzen iGPU from HIP so ComfyUI only sees the dGPU\n    environment.HIP_VISIBLE_DEVICES = "0";\n\n    serviceConfig = {\n      ExecStart = "${lib.getExe pkgs.comfyui} --listen 127.0.0.1 --port 8188";\n\n      # Models and outputs live in ~sam/.local/share/comfyui\n      User = "sam";\n      Group = "users";\n\n      Restart = "on-failure";\n    };\n  };\n}\n',
            "/etc/nixos/ollama.nix": '{ pkgs, ... }:\n{\n  services.ollama = {\n    enable = true;\n    package = pkgs.ollama-rocm;\n    host = "127.0.0.1";\n    port = 11434;\n  };\n\n  # RX 7900 XT is RDNA3 (gfx1100), required for ROCm to recognize the GPU.\n  systemd.services.ollama.environment.§ = "11.0.0";\n}\n',
        },
        (
            s("/etc/nixos/comfyui.nix:8", "comfyui.service", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/nixos/ollama.nix:11", "ollama.service", "11.0.0"),
        ),
    ),
    # a host with ComfyUI in an oci-container (stored file 61954864700)
    "nixos-container-of-comfyui": (
        {
            "/etc/NIXOS": "",
            "/etc/nixos/configuration.nix": '{ config, pkgs, ... }:\n{\n  virtualisation.oci-containers.backend = "podman";\n  virtualisation.oci-containers.containers.comfyui = {\n    image = "rocm/pytorch:latest";\n    extraOptions = [\n      "--device=/dev/kfd"\n      "--device=/dev/dri"\n      "--network=host"\n    ];\n    environment = {\n      # Spoof gfx1031 as gfx1030 — same pin as ollama and chatterbox.\n      § = "10.3.0";\n      # SDMA copies page-fault on gfx1030; disable them for PyTorch/ComfyUI stability.\n      HSA_ENABLE_SDMA = "0";\n      # Leave at 0 for normal async launches; 1 is debug-only and costs 30–50% throughput.\n      HIP_LAUNCH_BLOCKING = "0";\n      # gfx1030 isn\'t on AMD\'s AOTriton allowlist — enable experimental SDPA anyway.\n      TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL = "1";\n      MIOPEN_USER_DB_PATH = "/workspace/ComfyUI/.miopen";\n      # HYBRID find mode — use cached kernels when available, benchmark otherwise.\n      MIOPEN_FIND_MODE = "3";\n    };\n  };\n}\n',
        },
        (
            s("/etc/nixos/configuration.nix:13", "the container"),
            s("/etc/nixos/configuration.nix:15", "the container", "0", "HSA_ENABLE_SDMA"),
            s("/etc/nixos/configuration.nix:19", "the container", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
            s("/etc/nixos/configuration.nix:22", "the container", "3", "MIOPEN_FIND_MODE"),
        ),
    ),
    # a start script of a webui in Docker (stored file 48312890400)
    "docker-run-with-leftovers-below": (
        {
            "~/sdwebui/run.sh": 'set -e\nexport DOCKERX=$HOME/dockerx\nexport RENDER_GID=$(getent group render | cut -d: -f3)\necho "Setting up the working directory ($DOCKERX)"\n[ ! -r $DOCKERX ] || [ ! -w $DOCKERX  ] && echo "No R/W $DOCKERX" && exit 1\nmkdir -p $DOCKERX/webui_data\ndocker run -it --rm \\\n       --name stable_diffusion_webui \\\n       -e RENDER_GID \\\n       --env=§=10.3.0 \\\n       --env=LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4 \\\n       --group-add $RENDER_GID \\\n       --group-add=video \\\n       --ipc=host --cap-add=SYS_PTRACE --security-opt seccomp=unconfined \\\n       --device=/dev/kfd --device=/dev/dri \\\n       -v $DOCKERX:/dockerx \\\n       --network=host \\\n       rocm_torch:1.3.1_rocm5.2_bullseye \\\n       python /opt/stable-diffusion-webui/launch.py \\\n          --skip-install --skip-version-check \\\n          --precision full --no-half --medvram --opt-sub-quad-attention\n\n#       --env=PYTORCH_HIP_ALLOC_CONF=garbage_collection_threshold:0.6,max_split_size_mb:128 \\\n# python /opt/stable-diffusion-webui/launch.py --skip-install --skip-version-check\n'
        },
        (s("~/sdwebui/run.sh:10|~/sdwebui/run.sh:7", "the container"),),
    ),
    # a Makefile of a back-tester (stored file 21140353583)
    "recipe-with-a-comment-before-the-prefix": (
        {
            "~/projects/backtest/Makefile": "PY := python\n\n.PHONY: backtest-rocm-safe\nbacktest-rocm-safe:\n\t$(PY) -m src.cli --config configs/config.backtest.rocm-safe.yaml --mode backtest\n\n\n.PHONY: streamlit-rocm-safe\nstreamlit-rocm-safe:\n\t# ROCm tarafında JIT'i sakinleştiren güvenli bayraklar\n\t# (gfx1030 için § bazen gerekli)\n\tMIOPEN_FIND_MODE=1 §=10.3.0 \\\n\tPYTHONPATH=. streamlit run streamlit_app/app.py -- \\\n\t  --config configs/config.backtest.rocm-safe.yaml \\\n\t  --rocm-safe\n"
        },
        (
            s("~/projects/backtest/Makefile:12", "streamlit", "1", "MIOPEN_FIND_MODE"),
            s("~/projects/backtest/Makefile:12", "streamlit"),
        ),
    ),
    # an Ollama and Open WebUI compose (stored file 20509979943)
    "compose-default-without-a-colon": (
        {
            "~/open-webui/docker-compose.yml": "services:\n  ollama:\n    image: ollama/ollama:rocm\n    container_name: ollama\n    volumes:\n      - ollama:/data/.ollama\n    devices:\n      - /dev/kfd:/dev/kfd  # For AMD GPUs\n      - /dev/dri:/dev/dri  # For AMD GPUs\n      #- /dev/nvidia0:/dev/nvidia0  # For NVIDIA GPUs\n    environment:\n      # Uncomment the appropriate line depending on your GPU\n      - §=${§-11.0.0}  # For AMD GPUs\n      #- NVIDIA_VISIBLE_DEVICES=all  # For NVIDIA GPUs\n    tty: true\n    restart: unless-stopped\n    pull_policy: always\n\n  open-webui:\n    image: ghcr.io/open-webui/open-webui:main\n    depends_on:\n      - ollama\n\nvolumes:\n  ollama: {}\n"
        },
        (s("~/open-webui/docker-compose.yml:13", "the container", "11.0.0"),),
    ),
    # a start script of llama-server (stored file 35929353917)
    "sudo-with-the-variable-behind-it": (
        {
            "~/llama.cpp/run.sh": '#! /bin/bash\n\nLLM_DIR="/home/sam/Downloads/LLMs"\nMISTRAL_NEMO="Mistral-Nemo-Instruct-2407-Q6_K_L.gguf"\nCODESTRAL="Codestral-22B-v0.1-Q6_K.gguf"\n\n# Codestral 22b, mostly on 6800\nsudo §=10.3.0 ./llama-server \\\n        -m ${LLM_DIR}/${CODESTRAL}  \\\n        --ctx-size 8000 \\\n        -v \\\n        --gpu-layers 200 \\\n        -ts 65,35\n'
        },
        (s("~/llama.cpp/run.sh:8", "llama-server"),),
    ),
    # a start script with checks (stored file 52915957094)
    "exported-and-checked": (
        {
            "~/rag/start.sh": '#!/bin/bash\n# Startup script with GPU override for RX 6700 XT\nexport §=10.3.0\n\necho "--- Pre-flight environment check ---"\n\n# 1. Kontrollera miljövariabel\nif [ "$§" != "10.3.0" ]; then\n    echo "ERROR: § is not 10.3.0. Check hardware config."\n    exit 1\nfi\n\n# 2. Kontrollera GPU via Python/Torch\nsource .venv/bin/activate\npython3 -c "import torch; assert torch.cuda.is_available(), \'GPU not available (Torch)\'; print(\'GPU check passed\')" || { echo "GPU check failed"; exit 1; }\npython3 app.py\n'
        },
        (s("~/rag/start.sh:3", "rag"),),
    ),
    # Wyfi0/Stable-diffusion-docker-amd Dockerfile
    "entrypoint-with-a-prefix-in-its-chain": (
        {
            "~/Stable-diffusion-docker-amd/Dockerfile": 'FROM rocm/rocm-terminal:latest\n\nSHELL ["/bin/bash", "-c"]\n\n# Move to home/LLM/\nWORKDIR /home\nRUN mkdir LLM\nWORKDIR /home/LLM\n\nRUN pip3 install torch torchvision torchaudio --index-url https://download.pytorch.org/whl/rocm6.0\n\nWORKDIR /home/LLM\n\nENTRYPOINT cd ComfyUI \\\n    && pip3 install -r requirements.txt \\\n    && §=10.3.0 python3 main.py --listen\n\n# WORKDIR /home/LLM/ComfyUI\n\n# ENTRYPOINT pwd && python3 main.py --listen\n'
        },
        (
            s(
                "~/Stable-diffusion-docker-amd/Dockerfile:16|~/Stable-diffusion-docker-amd/Dockerfile:14",
                "the container",
            ),
        ),
    ),
    # Jeffser/Alpaca issue 83 (RX 6650 XT, set as a Flatpak override)
    "flatpak-override-of-alpaca": (
        {
            "~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "[Context]\nfilesystems=~/models;\n\n[Environment]\n§=10.3.0\n"
        },
        (s("~/.local/share/flatpak/overrides/com.jeffser.Alpaca:5", "com.jeffser.Alpaca"),),
    ),
    # ollama/ollama issue 8473 (RX 6600)
    "docker-run-with-quoted-values": (
        {
            "~/ollama/start.sh": '#!/bin/bash\ndocker rm -f ollama-rocm 2>/dev/null\ndocker run -d \\\n    --device /dev/kfd \\\n    --device /dev/dri \\\n    -v ollama:/data/.ollama \\\n    -p 11434:11434 \\\n    --restart unless-stopped \\\n    --env §="10.3.0" \\\n    --env OLLAMA_KEEP_ALIVE="-1" \\\n    --name ollama-rocm \\\n    ollama/ollama:rocm\n'
        },
        (s("~/ollama/start.sh:9|~/ollama/start.sh:3", "the container"),),
    ),
    # Comfy-Org/ComfyUI issue 2277, its second half
    "a-semicolon-after-every-line": (
        {
            "~/ComfyUI/run.sh": "#!/usr/bin/env sh\n\ncd ~/ComfyUI;\n. venv/bin/activate;\npip install -r requirements.txt;\nexport §=11.0.0;\npython main.py;\n"
        },
        (s("~/ComfyUI/run.sh:6", "ComfyUI", "11.0.0"),),
    ),
    # hkevin01/eeg2025 setup_gpu_env.sh, sourced from ~/.bashrc
    "bashrc-that-sources-a-project": (
        {
            "~/.bashrc": 'export PATH="$HOME/.local/bin:$PATH"\n# RX 5600 XT\nsource ~/eeg2025/setup_gpu_env.sh > /dev/null\n',
            "~/eeg2025/setup_gpu_env.sh": '#!/bin/bash\n# Setup safe GPU environment for AMD ROCm\n\n# AMD ROCm Environment Variables\nexport §="10.3.0"\nexport HIP_VISIBLE_DEVICES="0"\nexport ROCR_VISIBLE_DEVICES="0"\nexport GPU_MAX_HEAP_SIZE="100"\n\n# PyTorch Memory Management\nexport PYTORCH_HIP_ALLOC_CONF="max_split_size_mb:128"\nexport PYTORCH_CUDA_ALLOC_CONF="max_split_size_mb:128"\n\n# Disable problematic features\nexport HSA_ENABLE_SDMA="0"\n\necho "✅ GPU Environment configured for AMD ROCm"\necho "   §: $§"\necho "   HIP_VISIBLE_DEVICES: $HIP_VISIBLE_DEVICES"\n',
        },
        (
            s("~/eeg2025/setup_gpu_env.sh:5", "sam's bash"),
            s("~/eeg2025/setup_gpu_env.sh:6", "sam's bash", "0", "HIP_VISIBLE_DEVICES"),
            s("~/eeg2025/setup_gpu_env.sh:7", "sam's bash", "0", "ROCR_VISIBLE_DEVICES"),
            s("~/eeg2025/setup_gpu_env.sh:11", "sam's bash", "max_split_size_mb:128", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/eeg2025/setup_gpu_env.sh:15", "sam's bash", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # a ROCm devcontainer template's devcontainer.json as its README gives it (stored file 1918599953)
    "devcontainer-with-comments": (
        {
            "~/projects/my-ml-project/.devcontainer/devcontainer.json": '{\n  "name": "my-ml-project",\n  "image": "rocm/pytorch:rocm7.1-py3.11-pytorch-2.6.0-ubuntu22.04",\n  "runArgs": [\n    "--device=/dev/kfd",          // ROCm compute device\n    "--device=/dev/dri",          // GPU direct rendering\n    "--group-add=video",          // Video group for GPU access\n    "--ipc=host",                 // Shared memory\n    "--security-opt=seccomp=unconfined"\n  ],\n  "containerEnv": {\n    "HIP_VISIBLE_DEVICES": "0",              // Which GPU to use\n    "§": "11.0.0",    // gfx compatibility override\n    "ROCM_HOME": "/opt/rocm"                 // ROCm installation path\n  },\n  "postCreateCommand": "bash .devcontainer/setup-environment.sh",\n}\n'
        },
        (
            s(
                "~/projects/my-ml-project/.devcontainer/devcontainer.json:12",
                "the container",
                "0",
                "HIP_VISIBLE_DEVICES",
            ),
            s("~/projects/my-ml-project/.devcontainer/devcontainer.json:13", "the container", "11.0.0"),
        ),
    ),
    # KlimtechRAG v6.0's start script (stored file 52020878644)
    "a-dict-handed-to-a-starter": (
        {
            "~/KlimtechRAG/start_klimtech.py": '#!/usr/bin/env python3\nimport subprocess\nimport os\nimport sys\n\nBASE_DIR = "/home/sam/KlimtechRAG"\nLLAMA_DIR = os.path.join(BASE_DIR, "llama.cpp")\nPROCESSES = []\n\n\ndef start_process(name: str, command: list, cwd: str,\n                  env_vars: dict = None, wait_seconds: int = 5) -> bool:\n    print(f"\\n🚀 Uruchamianie: {name}...")\n    process_env = os.environ.copy()\n    if env_vars:\n        process_env.update(env_vars)\n    proc = subprocess.Popen(\n        command,\n        cwd=cwd,\n        start_new_session=True,\n        env=process_env,\n    )\n    PROCESSES.append(proc)\n    return proc.poll() is None\n\n\ndef main():\n    # 2. AMD GPU env (dla 1 karty; przyszłe 2 karty: HIP_VISIBLE_DEVICES=0,1)\n    amd_env = {\n        "HIP_VISIBLE_DEVICES": "0",\n        "GPU_MAX_ALLOC_PERCENT": "100",\n        "HSA_ENABLE_SDMA": "0",\n        "§": "9.0.6",   # dla AMD Instinct MI50/MI60\n    }\n\n    # 3. Uruchom LLM Server\n    llama_binary = os.path.join(LLAMA_DIR, "build", "bin", "llama-server")\n    if not start_process("LLM Server", [llama_binary, "--port", "8082"], LLAMA_DIR, env_vars=amd_env, wait_seconds=10):\n        print("\\n⛔ Start LLM nieudany.")\n        sys.exit(1)\n\n\nif __name__ == "__main__":\n    main()\n'
        },
        (
            s("~/KlimtechRAG/start_klimtech.py:30", "llama-server", "0", "HIP_VISIBLE_DEVICES"),
            s("~/KlimtechRAG/start_klimtech.py:32", "llama-server", "0", "HSA_ENABLE_SDMA"),
            s("~/KlimtechRAG/start_klimtech.py:33", "llama-server", "9.0.6"),
        ),
    ),
    # jamiepine/voicebox issue 469, backend/app.py
    "where-it-is-not-set-yet": (
        {
            "~/voicebox/app.py": '"""FastAPI application."""\nimport os\n\n# AMD GPU environment variables must be set before torch import\nif not os.environ.get("§"):\n    os.environ["§"] = "10.3.0"\nif not os.environ.get("MIOPEN_LOG_LEVEL"):\n    os.environ["MIOPEN_LOG_LEVEL"] = "4"\n\nimport torch\nfrom fastapi import FastAPI\n\napp = FastAPI(title="voicebox API")\n'
        },
        (s("~/voicebox/app.py:6", "voicebox"),),
    ),
    # a PM2 file with an audio gateway (stored file 61279155009, its paths those of a Linux machine; the head as nasirwasim8/infinia-rag-demo-v2's; the § line is added)
    "pm2-with-a-gateway": (
        {
            "~/audio-gateway/ecosystem.config.js": "/**\n * PM2 Ecosystem Config\n *\n * Usage:\n *   pm2 start ecosystem.config.js\n */\n\nconst appDir = __dirname\n\nmodule.exports = {\n    apps: [\n        {\n            name: 'audio-gateway',\n            cwd: appDir,\n            script: appDir + '/venv/bin/python',\n            args: '-m uvicorn main:app --host 0.0.0.0 --port 8000',\n            env: {\n                WHISPER_DEVICE: '0',\n                // ROCm/CUDA 설정\n                CUDA_VISIBLE_DEVICES: '0',\n                HIP_VISIBLE_DEVICES: '0',\n                §: '10.3.0',\n            },\n            autorestart: true,\n            min_uptime: '30s',  // 모델 로딩 시간 고려\n            watch: false,\n            merge_logs: true\n        }\n    ]\n}\n"
        },
        (
            s("~/audio-gateway/ecosystem.config.js:21", "audio-gateway", "0", "HIP_VISIBLE_DEVICES"),
            s("~/audio-gateway/ecosystem.config.js:22", "audio-gateway"),
        ),
    ),
    # a supervisord.conf of ComfyUI (code search: "supervisord.conf [program:comfyui]"), its environment as supervisord's configuration page spells it
    "supervisor-with-two-in-a-line": (
        {
            "/etc/supervisor/conf.d/comfyui.conf": '[program:comfyui]\ncommand=bash -c "source venv/bin/activate && python main.py --listen --disable-cuda-malloc"\ndirectory=/home/sam/ComfyUI\nuser=sam\nenvironment=HOME="/home/sam",§="10.3.0",\n    MIOPEN_FIND_MODE="FAST"\nautostart=true\nautorestart=true\nstderr_logfile=/var/log/comfyui.err.log\nstdout_logfile=/var/log/comfyui.out.log\n'
        },
        (
            s("/etc/supervisor/conf.d/comfyui.conf:5", "comfyui"),
            s(
                "/etc/supervisor/conf.d/comfyui.conf:6|/etc/supervisor/conf.d/comfyui.conf:5",
                "comfyui",
                "FAST",
                "MIOPEN_FIND_MODE",
            ),
        ),
    ),
    # ipykernel's kernelspec with jupyter_client's env key; values as hkevin01/eeg2025's setup_rocm_env.sh
    "kernel-of-jupyter": (
        {
            "~/.local/share/jupyter/kernels/rocm/kernel.json": '{\n "argv": [\n  "/home/sam/venvs/rocm/bin/python",\n  "-Xfrozen_modules=off",\n  "-m",\n  "ipykernel_launcher",\n  "-f",\n  "{connection_file}"\n ],\n "display_name": "Python 3 (ROCm)",\n "language": "python",\n "metadata": {\n  "debugger": true\n },\n "env": {\n  "§": "10.3.0",\n  "PYTORCH_ROCM_ARCH": "gfx1030",\n  "GPU_MAX_HW_QUEUES": "1"\n }\n}\n'
        },
        (
            s("~/.local/share/jupyter/kernels/rocm/kernel.json:16", "the kernel rocm"),
            s("~/.local/share/jupyter/kernels/rocm/kernel.json:17", "the kernel rocm", "gfx1030", "PYTORCH_ROCM_ARCH"),
            s("~/.local/share/jupyter/kernels/rocm/kernel.json:18", "the kernel rocm", "1", "GPU_MAX_HW_QUEUES"),
        ),
    ),
    # mise's reference ([env], [tasks.*]); values as a launcher's, stored file 59708964284
    "mise-with-a-table-and-a-task": (
        {
            "~/projects/voice/mise.toml": '[tools]\npython = "3.12"\nuv = "latest"\n\n[env]\n_.python.venv = { path = ".venv", create = true }\n§ = "11.0.0"\nMIOPEN_FIND_MODE = "FAST"\n# HSA_ENABLE_SDMA = "0"\n\n[tasks.serve]\ndescription = "Start the web UI"\nenv = { HIP_VISIBLE_DEVICES = "0" }\nrun = "python -m thenoise --listen"\n'
        },
        (
            s("~/projects/voice/mise.toml:7", "what mise starts in voice", "11.0.0"),
            s("~/projects/voice/mise.toml:8", "what mise starts in voice", "FAST", "MIOPEN_FIND_MODE"),
            s("~/projects/voice/mise.toml:13", "the task serve", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # pixi's manifest reference ([activation.env], [target.*.activation.env]); structure as stored file 56758563393
    "pixi-activation": (
        {
            "~/projects/sd/pixi.toml": '[workspace]\nname = "sd"\nchannels = ["conda-forge"]\nplatforms = ["linux-64", "win-64"]\n\n[activation.env]\nHF_HOME = "$PIXI_PROJECT_ROOT/models"\n\n[target.linux-64.activation.env]\n§ = "10.3.0"\nPYTORCH_HIP_ALLOC_CONF = "garbage_collection_threshold:0.8,max_split_size_mb:512"\n\n[tasks]\nui = "python launch.py --medvram"\n\n[dependencies]\npython = "3.10.*"\n'
        },
        (
            s("~/projects/sd/pixi.toml:10", "what pixi starts in sd"),
            s(
                "~/projects/sd/pixi.toml:11",
                "what pixi starts in sd",
                "garbage_collection_threshold:0.8,max_split_size_mb:512",
                "PYTORCH_HIP_ALLOC_CONF",
            ),
        ),
    ),
    # distrobox-assemble(1); additional_flags as stored file 60810989317 writes them, the box as mikusriekstins/dotfiles' llama-rocm-7.2
    "distrobox-with-flags": (
        {
            "~/distrobox.ini": '[llama-rocm-7.2]\nimage=docker.io/kyuz0/amd-strix-halo-toolboxes:rocm-7.2\ninit=false\nroot=false\nadditional_packages="git vim"\nadditional_flags="--device /dev/dri --device /dev/kfd --group-add video"\nadditional_flags="--env §=11.0.0"\nstart_now=false\n'
        },
        (s("~/distrobox.ini:7", "the container llama-rocm-7.2", "11.0.0"),),
    ),
    # a Chinese guide's webui-user.sh (stored file 4560299552) in A1111's own template
    "webui-user-with-a-choice": (
        {
            "~/stable-diffusion-webui/webui.sh": '#!/usr/bin/env bash\nif [[ -f "webui-user.sh" ]]\nthen\n    source ./webui-user.sh\nfi\nexec python3 -u launch.py "$@"\n',
            "~/stable-diffusion-webui/webui-user.sh": '#!/bin/bash\n#########################################################\n# Uncomment and change the variables below to your need:#\n#########################################################\n\n# Install directory without trailing slash\n#install_dir="/home/$(whoami)"\n\n# 添加进 webui-user.sh\nexport §=10.3.0 # gfx1030 Radeon RX 6800 6800 XT 6900 XT, gfx1031 Radeon RX 6700 XT.\n#export §=8.0.3 # gfx803 Radeon RX580\n# --medvram --lowvram --opt-sub-quad-attention --disable-nan-check\nexport COMMANDLINE_ARGS="--medvram --opt-sub-quad-attention"\n\n# install command for torch\n#export TORCH_COMMAND="pip install torch==1.12.1+cu113 --extra-index-url https://download.pytorch.org/whl/cu113"\n',
        },
        (s("~/stable-diffusion-webui/webui-user.sh:10", "stable-diffusion-webui"),),
    ),
    # a Russian ComfyUI guide for an RX 6700 XT (stored files 53154228077, 53480789237)
    "comfyui-with-notes-behind-the-values": (
        {
            "~/ai/run_comfyui.sh": "#!/bin/bash\n\ncd ~/ComfyUI # !!! Укажите правильный путь до папки ComfyUI\nsource venv/bin/activate\n\n#ROCm paths\nexport ROCM_PATH=/opt/rocm\nexport HIP_PATH=$ROCM_PATH\nexport PATH=$ROCM_PATH/bin:$ROCM_PATH/llvm/bin:$PATH\n\n#AMD GPU setting\nexport HIP_VISIBLE_DEVICES=0\nexport §=10.3.0 #  Для RDNA2 всегда должна быть 10.3.0, для RDNA3 11.0.0\n\n# TunableOp (rocBLAS only, no hipBLASLt)\nexport PYTORCH_TUNABLEOP_ENABLED=1 # Требуеют выключения hipBLASt\n\n# Triton and Attention\nexport TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL=1\n\npython main.py --use-pytorch-cross-attention\n"
        },
        (
            s("~/ai/run_comfyui.sh:12", "ComfyUI", "0", "HIP_VISIBLE_DEVICES"),
            s("~/ai/run_comfyui.sh:13", "ComfyUI"),
            s("~/ai/run_comfyui.sh:19", "ComfyUI", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),
        ),
    ),
    # a training plan's command (stored file 60921290663); only HIP_VISIBLE_DEVICES is set
    "env-that-takes-one-away": (
        {
            "~/TinyQuadJEPA/run.sh": '#!/usr/bin/env bash\nset -euo pipefail\ncd "$(dirname "$0")"\nenv -u § \\\n  ROCM_PATH=/opt/rocm-7.1.1 \\\n  HIP_VISIBLE_DEVICES=0 \\\n  PATH=/opt/rocm-7.1.1/bin:/usr/bin:/bin \\\n  bin/python \\\n  scripts/train_jepa_phase2i_source_action_utility.py \\\n  --epochs 3\n'
        },
        (s("~/TinyQuadJEPA/run.sh:6|~/TinyQuadJEPA/run.sh:4", "the training", "0", "HIP_VISIBLE_DEVICES"),),
    ),
    # an overnight queue (stored file 53112800057)
    "sg-with-a-command": (
        {
            "~/carnot/run.sh": '#!/bin/bash\nset -euo pipefail\ncd /home/sam/carnot\n\nlog() { echo "[$(date \'+%Y-%m-%d %H:%M:%S\')] $*"; }\n\nlog "=== AUTORESEARCH V6 STARTED ==="\n\n# Exp 42: Arithmetic constraint verification\nlog "--- Experiment 42: Arithmetic Constraints ---"\nsg render -c \'TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL=1 PYTHONUNBUFFERED=1 .venv/bin/python scripts/experiment_42_arithmetic_ising.py\' 2>&1 | tee /tmp/exp42.log || true\nlog "Exp 42 done"\n'
        },
        (s("~/carnot/run.sh:11", "experiment_42_arithmetic_ising.py", "1", "TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL"),),
    ),
    # an ablation runner (stored file 52272825683)
    "a-constant-put-into-the-environment": (
        {
            "~/ablation/main.py": 'import logging\nimport os\n\nfrom ablation_base_runner import run_experiment\n\nlogger = logging.getLogger(__name__)\n\n# ROCm Optimization Environment Variables\nROCM_OPTS = {\n    "HIP_FORCE_DEV_KERNARG": "1",        # Reduce kernel launch latency\n    "HSA_ENABLE_SDMA": "0",              # improve stability in multi-tenant environments\n    "PYTORCH_ROCM_ARCH": "gfx942",       # MI300X specific target\n}\n\ndef wrap_run(name, flags):\n    """Wrapper to run experiment in a subprocess"""\n    # Apply MI300X Optimization Vars\n    os.environ.update(ROCM_OPTS)\n    return run_experiment(name, flags)\n\n\nif __name__ == "__main__":\n    wrap_run("base", {})\n'
        },
        (
            s("~/ablation/main.py:11", "ablation", "0", "HSA_ENABLE_SDMA"),
            s("~/ablation/main.py:12", "ablation", "gfx942", "PYTORCH_ROCM_ARCH"),
        ),
    ),
}

SIXTH_CALM: Rows = {
    # a PKGBUILD of an Ollama (stored file 62740326910): its texts go to ${pkgdir}
    "a-package-that-is-built-elsewhere": (
        {
            "~/builds/ollama-rocm-large/PKGBUILD": 'pkgname=ollama-rocm-large\npkgver=0.17.0\npackage() {\n    install -Dm755 ollama "${pkgdir}/usr/bin/ollama"\n    cat > "${pkgdir}/usr/lib/systemd/system/ollama.service" << \'EOF\'\n[Service]\nEnvironmentFile=/etc/default/ollama\nExecStart=/usr/bin/ollama serve\nEnvironment=HIP_VISIBLE_DEVICES=0\nEnvironment=§=11.0.0\nEOF\n\n    cat > "${pkgdir}/etc/default/ollama" << EOF\nOLLAMA_NUM_PARALLEL=1\nHIP_VISIBLE_DEVICES=0\n§=11.0.0\nEOF\n}\n'
        },
        (),
    ),
    # a companion program (stored file 55120264310)
    "advice-that-is-printed": (
        {
            "~/hayeong/main.py": 'import requests\n\ndef check_ollama_gpu():\n    try:\n        requests.get("http://localhost:11434/", timeout=3)\n        print("✅ Ollama is running")\n    except Exception:\n        print("⚠️  Ollama not reachable — start Ollama before running Hayeong")\n        return\n    print(\n        "   GPU check: run \'ollama ps\' in a separate terminal after first response.\\n"\n        "   If GPU column is 0B: set OLLAMA_NUM_GPU=99 and "\n        "§=11.0.0, then restart Ollama."\n    )\n\ncheck_ollama_gpu()\n'
        },
        (),
    ),
    # a doctor for ComfyUI (stored file 55100220589)
    "recommended-and-printed": (
        {
            "~/comfy-rocm/main.py": 'import argparse\n\n\ndef get_recommended_env(gpu):\n    env = {\n        "§": gpu["gfx_version"],\n        "HIP_VISIBLE_DEVICES": "0",\n    }\n    if gpu["arch"] in ("gfx1101", "gfx1102", "gfx1031"):\n        env["§"] = "11.0.0" if gpu["arch"].startswith("gfx110") else "10.3.0"\n    return env\n\n\ndef main():\n    parser = argparse.ArgumentParser(prog="comfy-rocm")\n    parser.add_argument("arch")\n    args = parser.parse_args()\n    for key, value in get_recommended_env({"arch": args.arch, "gfx_version": "10.3.0"}).items():\n        print(f"export {key}={value}")\n\n\nif __name__ == "__main__":\n    main()\n'
        },
        (),
    ),
    # a GPU helper and a test in Go (stored files 1262002070, 68405347194)
    "source-of-a-go-program": (
        {
            "~/projects/boxes/gpu.go": 'package boxes\n\n// GPUEnvVars returns environment variables needed for GPU support.\nfunc GPUEnvVars(gpu *GPUInfo) []string {\n\tswitch gpu.Type {\n\tcase "amd":\n\t\treturn []string{\n\t\t\t"§=10.3.0",\n\t\t\t"ROCM_PATH=/opt/rocm",\n\t\t}\n\tdefault:\n\t\treturn nil\n\t}\n}\n',
            "~/projects/boxes/env_test.go": 'package boxes\n\nfunc TestParseEnvLines(t *testing.T) {\n\ttests := []struct {\n\t\tname string\n\t\tin   string\n\t\twant map[string]string\n\t}{\n\t\t{\n\t\t\tname: "two vars with blank line",\n\t\t\tin:   "§=12.0.1\\n\\nHF_TOKEN=abc",\n\t\t\twant: map[string]string{"§": "12.0.1", "HF_TOKEN": "abc"},\n\t\t},\n\t}\n}\n',
        },
        (),
    ),
    # a ROS node (stored file 39709194885)
    "a-choice-of-cards-in-comments": (
        {
            "~/detection/main.py": 'import math\nimport os\n\nimport rclpy\nfrom rclpy.node import Node\n\n# For AMD ROCm\n# os.putenv("§", "10.3.0")\n# For NVIDIA CUDA\n# torch.cuda.set_device(0)\n\nclass DetectionNode(Node):\n    def __init__(self):\n        super().__init__(\'detection_node\')\n'
        },
        (),
    ),
    # a compose.yaml and its README in German (stored file 56658497968)
    "compose-line-to-be-uncommented": (
        {
            "~/sdlab/compose.yaml": 'services:\n  ollama:\n    image: ollama/ollama:rocm\n    devices:\n      - /dev/kfd\n      - /dev/dri\n    environment:\n      OLLAMA_KEEP_ALIVE: "5m"\n      # Falls die GPU nicht erkannt wird:\n      # §: "12.0.1"\n',
            "~/sdlab/README.md": '## Konfiguration (compose.yaml)\n\nFalls die GPU nicht erkannt wird: in `compose.yaml` die Zeile\n`§: "12.0.1"` einkommentieren.\n',
        },
        (),
    ),
    # an example of a ROCm container (code search: "Example ROCm container run")
    "template-that-runs-nothing": (
        {
            "~/training/run.sh": '#!/usr/bin/env bash\n# Example ROCm container run (adjust image/tag for your environment)\n# docker run --rm --device=/dev/kfd --device=/dev/dri --group-add video \\\n#   --ipc=host --shm-size=8G --cap-add=SYS_PTRACE --security-opt seccomp=unconfined \\\n#   -e §=11.0.0 \\\n#   -v $PWD:/work -w /work rocm/pytorch-training:latest bash\necho "This is a template. Uncomment and adjust for your ROCm container."\n'
        },
        (),
    ),
    # an image generator over ssh (stored file 42880415465)
    "set-on-another-machine": (
        {
            "~/sd/run.sh": '#!/bin/bash\n# sd.cpp runs on junkpile, which has the card\nssh junkpile "§=10.3.0 sd-cli -m ~/models/sd15.safetensors -o /tmp/out.png"\nscp junkpile:/tmp/out.png .\n'
        },
        (),
    ),
    # tests of a trainer's doctor (stored files 62658555594, 68899209513)
    "tests-of-a-trainer": (
        {
            "~/trainer/tests/test_arch.py": 'import pytest\n\n\nclass TestArch:\n    def test_rdna2_with_the_matching_override_is_only_a_note(\n        self, monkeypatch: pytest.MonkeyPatch\n    ) -> None:\n        monkeypatch.setenv("§", "10.3.0")\n        monkeypatch.setenv("PYTORCH_ROCM_ARCH", "gfx1100")\n        issues = arch_issues([gpu(Vendor.AMD, arch="gfx1030", name="RX 6900 XT")])\n        assert issues[0].level == "info"\n'
        },
        (),
    ),
    # a diagnosis script (stored file 52587672643)
    "a-fix-that-is-shown": (
        {
            "~/llmdoctor/run.sh": '#!/usr/bin/env bash\ncheck_hsa() {\n    echo -e "${BCYN}┄ §${NC}"\n    local hsa="${§:-NOT SET}"\n    echo "  Current value: ${hsa}"\n    if [[ "$hsa" == "NOT SET" ]]; then\n        echo -e "  ${BYEL}Fix: export §=10.3.0${NC}"\n        echo "  Add to ~/.bashrc for permanence"\n    elif [[ "$hsa" == "10.3.0" ]]; then\n        echo -e "  ${OK}  Set correctly (${hsa})"\n    fi\n}\ncheck_hsa\n'
        },
        (),
    ),
    # a script that mends quadlets (stored file 61393285462)
    "a-remover-of-quadlet-lines": (
        {
            "~/fixes/main.py": "import re\nfrom pathlib import Path\n\nqf = Path.home() / \".config/containers/systemd/llm.container\"\ncontent = qf.read_text()\n\n# Fix 1: Remove §\nif \"§\" in content:\n    content = re.sub(\n        r'\\n\\s*Environment=§=[^\\n]*', '', content\n    )\nqf.write_text(content)\n",
            "~/.config/containers/systemd/llm.container": "[Container]\nImage=docker.io/ollama/ollama:rocm\nAddDevice=/dev/kfd\nAddDevice=/dev/dri\nEnvironment=OLLAMA_HOST=0.0.0.0\n",
        },
        (),
    ),
    # a karaoke program's run.sh (stored file 53787269451)
    "handed-on-where-it-was-set": (
        {
            "~/karaoke/run.sh": '#!/bin/bash\nSCRIPT_DIR="$(cd "$(dirname "$0")" && pwd)"\nexport MODEL_PATH="${MODEL_PATH:-$SCRIPT_DIR/core/models}"\n\n# PyTorch ROCm fix для AMD\nif [ "$§" ]; then\n    export §="$§"\nfi\n\n# Запускаем приложение\nexec python "$SCRIPT_DIR/core/main.py" "$@"\n'
        },
        (),
    ),
    # hkevin01/eeg2025 scripts/activate_sdk.sh, a TheRock build of Ollama (stored file 66185119628)
    "unset-for-a-build-of-its-own": (
        {
            "~/eeg2025/run.sh": '#!/bin/bash\n# Activate custom ROCm SDK with gfx1010 PyTorch support\nexport ROCM_SDK_PATH="/opt/rocm_sdk_612"\nexport PATH="${ROCM_SDK_PATH}/bin:${PATH}"\n\n# IMPORTANT: Unset HSA override - not needed with proper gfx1010 build\nunset §\n\nexec "${ROCM_SDK_PATH}/bin/python3" train.py\n',
            "~/ollama-build/build.sh": "#!/bin/bash\nexport ROCM_PATH=/opt/rocm\nexport HIP_PATH=/opt/rocm\nunset §\ngo build .\n",
        },
        (),
    ),
    # ollama/ollama issues 6520 and 8473
    "log-of-a-server": (
        {
            "~/ollama/server.log": '2024/08/26 21:05:04 routes.go:1125: INFO server config env="map[CUDA_VISIBLE_DEVICES: GPU_DEVICE_ORDINAL: HIP_VISIBLE_DEVICES: §:11.0.2 OLLAMA_DEBUG:false]"\ntime=2025-01-18T01:24:54.472Z level=INFO source=amd_linux.go:391 msg="skipping rocm gfx compatibility check" §=10.3.0\n'
        },
        (),
    ),
    # a chat client's constants (stored file 47023186039)
    "settings-for-documentation": (
        {
            "~/chat/src/ollamaConfig.ts": "// Note: These are system environment variables that should be set where Ollama runs\n// The browser cannot access process.env, so these are defaults for documentation\nexport const OLLAMA_GPU_CONFIG = {\n  // ROCm for AMD GPUs - set HIP_VISIBLE_DEVICES=0 in system environment\n  HIP_VISIBLE_DEVICES: '0',\n  // Enable GPU acceleration - set OLLAMA_GPU=true\n  OLLAMA_GPU: 'true',\n};\n"
        },
        (),
    ),
    # training data of an assistant (stored file 60417574427)
    "a-question-and-its-answer": (
        {
            "~/sophia/qa.json": '[\n  {\n    "q": "What environment variable forces ROCm to recognize the RX 7700 XT?",\n    "a": "§=11.0.1",\n    "category": "operations"\n  }\n]\n'
        },
        (),
    ),
    # lmstudio-ai/lmstudio-bug-tracker issue 426 (it did not help there), as a copy and with its line switched off
    "desktop-files-put-aside": (
        {
            "~/.local/share/applications/lmstudio.desktop": "[Desktop Entry]\nName=LM Studio (AppImage)\n#Exec=env §=11.0.1 /home/sam/.local/bin/lmstudio %U\nExec=/home/sam/.local/bin/lmstudio %U\nTerminal=false\nType=Application\n",
            "~/.local/share/applications/lmstudio.desktop.bak": "[Desktop Entry]\nName=LM Studio (AppImage)\nExec=env §=11.0.1 /home/sam/.local/bin/lmstudio %U\nTerminal=false\nType=Application\n",
        },
        (),
    ),
    # A1111's webui-user.sh with a guide's lines (stored file 4560299552), all switched off
    "webui-user-all-in-comments": (
        {
            "~/stable-diffusion-webui/webui-user.sh": '#!/bin/bash\n#########################################################\n# Uncomment and change the variables below to your need:#\n#########################################################\n\n#export §=10.3.0 # gfx1030 Radeon RX 6800 6800 XT 6900 XT, gfx1031 Radeon RX 6700 XT.\n#export §=8.0.3 # gfx803 Radeon RX580\n#export PYTORCH_HIP_ALLOC_CONF=garbage_collection_threshold:0.6,max_split_size_mb:128\nexport COMMANDLINE_ARGS="--medvram"\n'
        },
        (),
    ),
    # a supervisord.conf of ComfyUI (code search: "supervisord.conf [program:comfyui]"): a line behind a semicolon, a file that conf.d/*.conf leaves out
    "supervisor-switched-off": (
        {
            "/etc/supervisor/conf.d/comfyui.conf": '[program:comfyui]\ncommand=/home/sam/ComfyUI/venv/bin/python main.py --listen\ndirectory=/home/sam/ComfyUI\nuser=sam\n;environment=§="10.3.0"\nautostart=true\n',
            "/etc/supervisor/conf.d/comfystream.conf.disabled": '[program:comfystream]\ncommand=python server/app.py\nenvironment=§="10.3.0",HIP_VISIBLE_DEVICES="0"\n',
        },
        (),
    ),
    # pixi's manifest reference ([target.win-64.activation.env]); mise's file under an example's name
    "pixi-for-another-system": (
        {
            "~/projects/sd/pixi.toml": '[workspace]\nname = "sd"\nchannels = ["conda-forge"]\nplatforms = ["linux-64", "win-64"]\n\n[target.win-64.activation.env]\nHIP_VISIBLE_DEVICES = "1"\nPYTORCH_ROCM_ARCH = "gfx1010"\n\n[tasks]\nui = "python launch.py"\n',
            "~/projects/sd/mise.toml.example": '[env]\n§ = "10.3.0"\n',
        },
        (),
    ),
    # a writer of drop-ins in Rust (stored file 67513850345)
    "tests-of-a-drop-in-writer": (
        {
            "~/projects/ollamactl/src/dropin.rs": '#[test]\nfn dropin_appends_extra_vars_in_order() {\n    assert_eq!(\n        render_ollama_vulkan_dropin(&[("§", "11.5.0")]),\n        "[Service]\\nEnvironment=\\"OLLAMA_VULKAN=1\\"\\nEnvironment=\\"§=11.5.0\\"\\n"\n    );\n}\n'
        },
        (),
    ),
}

MORE: dict[str, tuple[Label, ...]] = {
    "nixos-container-of-comfyui": (
        s("/etc/nixos/configuration.nix:17", "the container", "0", "HIP_LAUNCH_BLOCKING"),
        s("/etc/nixos/configuration.nix:20", "the container", "/workspace/ComfyUI/.miopen", "MIOPEN_USER_DB_PATH"),
    ),
    "bashrc-that-sources-a-project": (
        s("~/eeg2025/setup_gpu_env.sh:12", "sam", "max_split_size_mb:128", "PYTORCH_CUDA_ALLOC_CONF"),
    ),
    "where-it-is-not-set-yet": (s("~/voicebox/app.py:8", "voicebox", "4", "MIOPEN_LOG_LEVEL"),),
    "pm2-with-a-gateway": (s("~/audio-gateway/ecosystem.config.js:20", "pm2", "0", "CUDA_VISIBLE_DEVICES"),),
    "comfyui-with-notes-behind-the-values": (
        s("~/ai/run_comfyui.sh:8", "ai", "/opt/rocm", "HIP_PATH"),
        s("~/ai/run_comfyui.sh:16", "ai", "1", "PYTORCH_TUNABLEOP_ENABLED"),
    ),
    "a-constant-put-into-the-environment": (s("~/ablation/main.py:10", "ablation", "1", "HIP_FORCE_DEV_KERNARG"),),
    "unset-for-a-build-of-its-own": (s("~/ollama-build/build.sh:3", "ollama-build", "/opt/rocm", "HIP_PATH"),),
}
SIXTH_WILD |= {name: (files, (*labels, *MORE.get(name, ()))) for name, (files, labels) in SIXTH_WILD.items()}
SIXTH_CALM |= {name: (files, (*labels, *MORE.get(name, ()))) for name, (files, labels) in SIXTH_CALM.items()}
