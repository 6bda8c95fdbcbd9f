# ruff: noqa: E501 - tables of texts, a case a line
"""Set G: a fourth, smaller set like place_samples_wild, written after set F's misses and their siblings were mended.

Its writer knew the readers. Spellings as a search for seven variables in public repositories gave them, one after the
other (flags of docker in a text, a prefix in `if` and in loops, chains of `export … && \\`, fish's `switch (uname)`,
a file beside the configuration that git ignores, a start script with functions, setdefault before the imports, an
environment that is copied in a function, ENV over lines, pods, a job that makes a script), and look-alikes from the
same answers (tests, plans of an installer, help, logs, commented pods, scripts that only are written).

Run once before anything was mended for it: 20 of 25 places named with every line, key and value (35 of 42 lines); none of
15 look-alikes claimed, and 1 wrong value beside a place that was named (a pod's value with the comment after it).
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

FOURTH_WILD: Rows = {
    "flags-in-a-text": (
        {
            "~/ironcore/run.sh": '#!/usr/bin/env bash\ncase "$1" in\n    rocm)\n        GPU_FLAGS="--device=/dev/kfd \\\n            -e HSA_ENABLE_DXG_DETECTION=1 \\\n            -e §=11.0.0 \\\n            --shm-size 8G"\n        ;;\n    *)\n        GPU_FLAGS="--gpus=all"\n        ;;\nesac\ndocker run --rm $GPU_FLAGS ironcore\n'
        },
        (
            s("~/ironcore/run.sh:6|~/ironcore/run.sh:4|~/ironcore/run.sh:13", "the container", "11.0.0"),
            s(
                "~/ironcore/run.sh:5|~/ironcore/run.sh:4|~/ironcore/run.sh:13",
                "the container",
                "1",
                "HSA_ENABLE_DXG_DETECTION",
            ),
        ),
    ),
    "prefix-in-a-condition": (
        {
            "~/omni/run_tests.sh": "#!/bin/bash\nif ROCR_VISIBLE_DEVICES=0 \\\n   ./omniprobe -i -- ./kernel > out.txt 2>&1; then\n    echo ok\nfi\n"
        },
        (s("~/omni/run_tests.sh:2", "omniprobe", "0", "ROCR_VISIBLE_DEVICES"),),
    ),
    "prefix-in-a-loop": (
        {
            "~/fa/run.sh": "#!/bin/bash\ndevice=4\nfor seqlen in 21 64 256; do\n    ROCR_VISIBLE_DEVICES=$device ./fwd.exe -s=$seqlen\ndone\n"
        },
        (s("~/fa/run.sh:4", "fwd.exe", "4", "ROCR_VISIBLE_DEVICES"),),
    ),
    "chain-of-exports": (
        {
            "~/vix/run.sh": "#!/bin/bash\nexport PYTHONPATH=/workspace && \\\nexport HIP_VISIBLE_DEVICES=0,1 && \\\nexport PYTORCH_HIP_ALLOC_CONF='expandable_segments:True,max_split_size_mb:128' && \\\npython src/ml/train.py --epochs 50\n"
        },
        (
            s("~/vix/run.sh:3", "vix", "0,1", "HIP_VISIBLE_DEVICES"),
            s("~/vix/run.sh:4", "vix", "expandable_segments:True,max_split_size_mb:128", "PYTORCH_HIP_ALLOC_CONF"),
        ),
    ),
    "fish-switch-of-the-system": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "switch (uname)\n    case Darwin\n        set -gx HIP_VISIBLE_DEVICES 3\n    case Linux\n        if test -f /etc/os-release\n            set DIST debian\n        end\n        fish_add_path /opt/rocm/bin\n        set -gx § 10.3.0\nend\n",
        },
        (s("~/.config/fish/config.fish:9", "sam's fish"),),
    ),
    "fish-of-this-machine-only": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": 'set -gx ROCM_PATH /opt/rocm\nif test -r "$HOME/.config/fish/config.fish.local"\n    source "$HOME/.config/fish/config.fish.local"\nend\n',
            "~/.config/fish/config.fish.local": "set -gx § 11.5.1\nset -gx HSA_XNACK 1\n",
        },
        (
            s("~/.config/fish/config.fish.local:1", "sam's fish", "11.5.1"),
            s("~/.config/fish/config.fish.local:2", "sam's fish", "1", "HSA_XNACK"),
        ),
    ),
    "setdefault-before-the-imports": (
        {
            "~/sam3/node.py": '#!/usr/bin/env python3\nimport os\nos.environ.setdefault("PYTORCH_HIP_ALLOC_CONF", "expandable_segments:True")\nos.environ.setdefault("HSA_XNACK", "1")\n\nimport torch\n'
        },
        (
            s("~/sam3/node.py:3", "sam3", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
            s("~/sam3/node.py:4", "sam3", "1", "HSA_XNACK"),
        ),
    ),
    "where-it-is-rocm": (
        {
            "~/chess/play.py": 'import os\n\nimport torch\n\nif torch.version.hip is not None:\n    os.environ.setdefault("MIOPEN_FIND_MODE", "FAST")\n\nfrom helper import move\n'
        },
        (s("~/chess/play.py:6", "chess", "FAST", "MIOPEN_FIND_MODE"),),
    ),
    "in-a-method": (
        {
            "~/tts/device.py": 'import os\nimport torch\n\n\nclass Engine:\n    def __init__(self):\n        if torch.cuda.is_available():\n            # 780M\n            os.environ["§"] = "11.0.1"\n            self.device = "cuda"\n\n\nengine = Engine()\n'
        },
        (s("~/tts/device.py:9", "tts", "11.0.1"),),
    ),
    "copied-in-a-function": (
        {
            "~/yi/bench_server.py": 'import os\nimport subprocess\n\n\ndef start_server(port: int = 11435):\n    env = os.environ.copy()\n    env["HSA_XNACK"] = "1"\n    env["§"] = "11.0.0"\n    return subprocess.Popen(["llama-server", "--port", str(port)], env=env)\n\n\nif __name__ == "__main__":\n    start_server()\n'
        },
        (
            s("~/yi/bench_server.py:8", "llama-server", "11.0.0"),
            s("~/yi/bench_server.py:7", "llama-server", "1", "HSA_XNACK"),
        ),
    ),
    "start-of-tabby": (
        {
            "~/tabbyAPI/start.py": 'import os\n\n\ndef get_install_features(lib_name=None):\n    if lib_name == "amd":\n        # Override env vars for ROCm support on non-supported GPUs\n        os.environ["ROCM_PATH"] = "/opt/rocm"\n        os.environ["§"] = "10.3.0"\n    return lib_name\n\n\nget_install_features("amd")\n'
        },
        (s("~/tabbyAPI/start.py:8", "tabbyAPI"),),
    ),
    "image-over-lines": (
        {
            "~/rdna4/docker/Dockerfile": "FROM rocm/dev AS builder\nRUN make\nFROM rocm/dev\nENV ROCM_PATH=/opt/rocm ENV_NAME=sglang \\\n    SGLANG_USE_AITER=0 HIP_FORCE_DEV_KERNARG=1 \\\n    GPU_MAX_HW_QUEUES=8 PYTORCH_HIP_ALLOC_CONF=expandable_segments:True\nCOPY --from=builder /x /x\n"
        },
        (
            s("~/rdna4/docker/Dockerfile:5|~/rdna4/docker/Dockerfile:4", "the container", "1", "HIP_FORCE_DEV_KERNARG"),
            s("~/rdna4/docker/Dockerfile:6|~/rdna4/docker/Dockerfile:4", "the container", "8", "GPU_MAX_HW_QUEUES"),
            s(
                "~/rdna4/docker/Dockerfile:6|~/rdna4/docker/Dockerfile:4",
                "the container",
                "expandable_segments:True",
                "PYTORCH_HIP_ALLOC_CONF",
            ),
        ),
    ),
    "several-on-a-line": (
        {
            "~/mi/serve.sh": '#!/bin/bash\nGPU_IDS=0,1\nexec ${DRY_RUN:+echo} docker run --name vllm --ipc=host \\\n  --device /dev/kfd --device /dev/dri \\\n  -e ROCR_VISIBLE_DEVICES="$GPU_IDS" -e HIP_VISIBLE_DEVICES="$GPU_IDS" -e HF_HUB_OFFLINE=1 \\\n  vllm\n'
        },
        (
            s("~/mi/serve.sh:5", "vllm", "0,1", "ROCR_VISIBLE_DEVICES"),
            s("~/mi/serve.sh:5", "vllm", "0,1", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "pod-over-notes": (
        {
            "~/k8s/ollama.yaml": 'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: ollama\n          env:\n            # AMD APU optimizations\n            - name: §\n              value: "10.3.0"  # adjust\n            - name: OLLAMA_FLASH_ATTENTION\n              value: "1"\n'
        },
        (s("~/k8s/ollama.yaml:9|~/k8s/ollama.yaml:10", "ollama"),),
    ),
    "overlay-for-rocm": (
        {
            "~/studio/compose.yml": "services:\n  worker:\n    image: w\n",
            "~/studio/docker-compose.rocm.yml": 'services:\n  worker:\n    devices: [/dev/kfd]\n    environment:\n      §: "${§:-11.0.0}"\n      PYTORCH_HIP_ALLOC_CONF: expandable_segments:True\n',
            "~/studio/start.sh": "#!/bin/sh\ndocker compose -f compose.yml -f docker-compose.rocm.yml up -d\n",
        },
        (
            s("~/studio/docker-compose.rocm.yml:5", "worker", "11.0.0"),
            s("~/studio/docker-compose.rocm.yml:6", "worker", "expandable_segments:True", "PYTORCH_HIP_ALLOC_CONF"),
        ),
    ),
    "job-with-a-common-part": (
        {
            "~/frontier/train.sbatch": "#!/bin/bash\n#SBATCH -N 1\nexport MASTER_PORT=29518\nsource scripts/_common.sh\nsrun python train.py\n",
            "~/frontier/scripts/_common.sh": "export HSA_ENABLE_SDMA=0\nexport MIOPEN_FIND_MODE=1\n",
        },
        (
            s("~/frontier/scripts/_common.sh:1", "the job", "0", "HSA_ENABLE_SDMA"),
            s("~/frontier/scripts/_common.sh:2", "the job", "1", "MIOPEN_FIND_MODE"),
        ),
    ),
    "recipe-of-a-target": (
        {
            "~/rag/Makefile": "up-vllm:\n\tdocker run --rm -it \\\n    --name vllm \\\n    -e §=11.0.0 \\\n    -e HIP_VISIBLE_DEVICES=0 \\\n    rocm/vllm\n"
        },
        (
            s("~/rag/Makefile:4|~/rag/Makefile:2", "the container", "11.0.0"),
            s("~/rag/Makefile:5|~/rag/Makefile:2", "the container", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "by-a-node-script": (
        {
            "~/flywheel/server.js": "const { spawn } = require('child_process');\n\nconst proc = spawn('bash', ['run.sh'], {\n  env: {\n    ...process.env,\n    §: '12.0.0',\n    PYTHONUNBUFFERED: '1',\n  },\n});\n"
        },
        (s("~/flywheel/server.js:6", "what flywheel starts", "12.0.0"),),
    ),
    "env-file-of-a-drop-in": (
        {
            "/usr/lib/systemd/system/ollama.service": "[Service]\nExecStart=/usr/bin/ollama serve\n",
            "/etc/systemd/system/ollama.service.d/10-env.conf": "[Service]\nEnvironmentFile=-/etc/ollama/ollama.env\n",
            "/etc/ollama/ollama.env": "# GPU\n§=10.3.0\nROCR_VISIBLE_DEVICES=0\n",
        },
        (
            s("/etc/ollama/ollama.env:2", "ollama.service"),
            s("/etc/ollama/ollama.env:3", "ollama.service", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    "unit-of-an-installer": (
        {
            "~/.config/systemd/user/oswispa.service": "[Unit]\nDescription=OSWispa\n\n[Service]\nExecStart=%h/.local/bin/oswispa\nEnvironment=RUST_LOG=info\nEnvironment=§=11.0.0\nEnvironment=LD_LIBRARY_PATH=/opt/rocm/lib:/opt/rocm/hip/lib\n\n[Install]\nWantedBy=default.target\n"
        },
        (
            s("~/.config/systemd/user/oswispa.service:7", "oswispa.service", "11.0.0"),
            s(
                "~/.config/systemd/user/oswispa.service:8",
                "oswispa.service",
                "/opt/rocm/lib:/opt/rocm/hip/lib",
                "LD_LIBRARY_PATH",
            ),
        ),
    ),
    "nix-shell-hook": (
        {
            "~/tts/shell.nix": "{ pkgs ? import <nixpkgs> {} }:\npkgs.mkShell {\n  buildInputs = [ pkgs.poetry ];\n  shellHook = ''\n    export HIP_VISIBLE_DEVICES=0,1\n    export §=11.0.0\n    poetry run zsh\n  '';\n}\n"
        },
        (
            s("~/tts/shell.nix:6", "who is in it", "11.0.0"),
            s("~/tts/shell.nix:5", "who is in it", "0,1", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    "function-with-an-argument": (
        {
            "/etc/hostname": "archlinux\n",
            "~/.bashrc": 'pyvenv()\n{\n\tif [ -z "$1" ]; then\n\t\treturn 1\n\tfi\n\n\tif [[ $1 == "pytorch" ]]; then\n\t\t[[ $HOSTNAME == "archlinux" ]] && export §=10.3.0\n\tfi\n\tsource "$HOME/.local/python-venv/$1/bin/activate"\n}\n',
        },
        (s("~/.bashrc:8", "sam, who runs pyvenv"),),
    ),
    "env-file-beside": (
        {
            "~/bots/run.sh": '#!/bin/bash\ncd "$(dirname "$0")"\nset -a\n[ -f .env ] && . ./.env\nset +a\nexec python bot.py\n',
            "~/bots/.env": "TOKEN=x\n§=10.3.0\n",
        },
        (s("~/bots/.env:2", "bots"),),
    ),
    "zsh-export-with-quotes": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": 'export PATH="$HOME/.local/bin:$HOME/go/bin:$PATH"\nexport §="10.3.0"\n\nexport JAVA_HOME="/usr/lib/jvm/java-21-openjdk/"\nZSH_THEME="robbyrussell"\n',
        },
        (s("~/.zshrc:2", "sam's zsh"),),
    ),
    "profile-by-an-image": (
        {
            "/etc/profile.d/amd-rocm.sh": "# AMD ROCm environment for Framework 13\nexport §=11.0.0\nexport HIP_VISIBLE_DEVICES=0\n",
            "/etc/environment.d/50-amd-rocm.conf": "§=11.0.0\nHIP_VISIBLE_DEVICES=0\n",
        },
        (
            s("/etc/profile.d/amd-rocm.sh:2", "login shells", "11.0.0"),
            s("/etc/profile.d/amd-rocm.sh:3", "login shells", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/environment.d/50-amd-rocm.conf:1", "users' services", "11.0.0"),
            s("/etc/environment.d/50-amd-rocm.conf:2", "users' services", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
}

FOURTH_CALM: Rows = {
    "script-that-a-job-makes": (
        {
            "~/gmx/run.sbatch": "#!/bin/bash\n#SBATCH -N 1\ncat << EOF > select_gpu\n#!/bin/bash\n\nexport ROCR_VISIBLE_DEVICES=\\$SLURM_LOCALID\nexec \\$*\nEOF\nchmod +x ./select_gpu\nsrun ./select_gpu gmx mdrun\n"
        },
        (s("~/gmx/run.sbatch:6", "gmx", "$SLURM_LOCALID", "ROCR_VISIBLE_DEVICES"),),
    ),
    "said-by-every-rank": (
        {
            "~/bind/run.sh": '#!/bin/bash\nsrun -N 1 bash -c \'echo "rank $SLURM_PROCID ROCR_VISIBLE_DEVICES=0 cpus=$(nproc)"\' | sort -n\necho "HIP_VISIBLE_DEVICES: ${HIP_VISIBLE_DEVICES:-NOT SET}"\n'
        },
        (),
    ),
    "kept-for-later": (
        {
            "~/vllm/start.sh": '#!/bin/bash\nORIGINAL_HIP_VISIBLE_DEVICES=$HIP_VISIBLE_DEVICES\nlog() { echo "$*"; }\nlog "Original HIP_VISIBLE_DEVICES=0 of $ORIGINAL_HIP_VISIBLE_DEVICES"\npython serve.py\n'
        },
        (),
    ),
    "pod-commented": (
        {
            "~/k8s/ollama.yaml": 'kind: Pod\nspec:\n  containers:\n  - name: ollama\n    env:\n    #  - name: §\n    #    value: "10.3.0"\n    - name: OLLAMA_HOST\n      value: "0.0.0.0"\n'
        },
        (),
    ),
    "plan-of-an-installer": (
        {
            "~/ods/app.py": 'def plan(env):\n    updates = {}\n    managed = {\n        "§": "11.5.1",\n        "LEMONADE": "x",\n    }\n    updates["§"] = "11.5.1"\n    return updates, managed\n\n\nprint(plan({}))\n'
        },
        (),
    ),
    "fixture-of-a-test": (
        {
            "~/yard/test_app.py": 'import os\nfrom unittest.mock import patch\n\n\ndef test_spoof(monkeypatch):\n    monkeypatch.setenv("§", "9.0.0")\n    env = {"FAKE": "1"}\n    env["§"] = "11.0.0"\n    with patch.dict(os.environ, env, clear=False):\n        assert os.environ["§"] == "11.0.0"\n'
        },
        (),
    ),
    "notes-in-a-docstring": (
        {
            "~/trellis/server.py": '"""\n3D model generation.\n\nROCm note: always run with §=11.0.0 in the environment.\n    export §=11.0.0\n"""\nimport torch\n'
        },
        (),
    ),
    "switched-off-in-python": (
        {
            "~/unc/train.py": '# AMD GPU setup (comment out if using NVIDIA)\n# os.environ["PYTORCH_ROCM_ARCH"] = "gfx1100"\n# os.environ["§"] = "11.0.0"\nimport torch\n'
        },
        (),
    ),
    "unit-that-a-script-writes": (
        {
            "~/img/install.sh": "#!/bin/bash\nsudo tee /etc/systemd/system/image.service >/dev/null <<UNIT\n[Service]\nEnvironment=§=10.3.0\nExecStart=/usr/bin/python -m image\nUNIT\nmkdir -p /etc/environment.d\ncat > /etc/environment.d/50-rocm.conf << 'EOF'\n§=11.0.0\nEOF\n"
        },
        (),
    ),
    "set-in-another's-shell": (
        {
            "~/sr/setup.sh": '#!/bin/bash\nsed -i "s/set -gx § .*/set -gx § $gfx/" "$shell_rc"\ngrep -o "§ [^ ]*" "$shell_rc" | cut -d" " -f2\nprintf "export §=%s\\n" 10.3.0 >> "$shell_rc"\n'
        },
        (),
    ),
    "drop-in-commented": (
        {
            "~/.config/systemd/user/llama.service": '[Service]\nEnvironment="MODEL=t"\n# to use the card, uncomment\n# Environment="§=10.3.0"\nExecStart=/usr/bin/llama-server \\\n  --model m.gguf \\\n  --port 1234\n# --metrics \\\n# Environment=HIP_VISIBLE_DEVICES=0\n'
        },
        (),
    ),
    "only-where-it-was-set": (
        {
            "~/olstart/start.sh": '#!/bin/bash\n[[ -n "${§:-}" ]] && export §\nexport ROCR_VISIBLE_DEVICES\nnohup ollama serve &\n'
        },
        (),
    ),
    "another-name": (
        {
            "~/hal/config.yaml": "hardware:\n  hsa_override_gfx_version: '10.3.0'\n  note: §=10.3.0\n",
            "~/.config/hal/config.yaml": "hardware:\n  hsa_override_gfx_version: '10.3.0'\n  note: run with §=10.3.0\n",
        },
        (),
    ),
    "fish-in-a-comment-and-a-history": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": "# set -gx § 10.3.0\nset -g greeting 'set -gx § 10.3.0'\nabbr -a gfx echo '§=10.3.0'\n",
            "~/.local/share/fish/fish_history": "- cmd: set -Ux § 11.0.0\n",
        },
        (),
    ),
    "workflow-of-a-runner": (
        {
            "~/ci/.github/workflows/gpu.yml": "jobs:\n  gpu:\n    env:\n      §: 10.3.0\n",
            "~/ci/.woodpecker.yml": "steps:\n  - name: t\n    environment:\n      §: 10.3.0\n",
        },
        (),
    ),
}
