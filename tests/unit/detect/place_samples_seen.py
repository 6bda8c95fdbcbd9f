# ruff: noqa: E501 - tables of texts, a case a line
"""How people wrote it: all spellings of one search in public repositories, none left out for being easy or hard.

Rows as in place_samples_fresh; the texts are ours, shaped as what was found (a search for the variable's name with what
stands before it in shells, units, fish, Python, docker and make), put where such a file lies on a machine. Written and
committed before one run: 10 of 13 places were named (an eleventh too, which set another of our variables as well: the
text was changed) and all 10 look-alikes left alone.
"""

from __future__ import annotations

Rows = dict[str, tuple[dict[str, str], tuple[str, ...]]]

SEEN: Rows = {
    "docker-arguments-in-an-array": (
        {"~/x/run.sh": '#!/bin/bash\nARGS=(\n    -e A="${A}"\n    -e K="${K:-9.4.2}"\n)\ndocker run "${ARGS[@]}" x\n'},
        ("~/x/run.sh:4=9.4.2",),
    ),
    "docker-over-lines": (
        {
            "~/x/serve.sh": "docker run --rm \\\n  --device=/dev/kfd \\\n  -v ~:/home/$(whoami) \\\n  -e K=12.0.1 \\\n  gsplat /bin/bash\n"
        },
        ("~/x/serve.sh:4=12.0.1",),
    ),
    "make-docker": (
        {
            "~/x/Makefile": "test:\n\tdocker run --rm \\\n\t\t--group-add $(RENDER_GID) \\\n\t\t-e K=$${K:-11.0.0} \\\n\t\t$(IMAGE):hip\n"
        },
        ("~/x/Makefile:4=$${K:-11.0.0}|~/x/Makefile:4=$$${K:-11.0.0}",),
    ),
    "alias-docker": (
        {
            "~/.zshrc": "alias drun='sudo docker run -it --ipc=host -v $HOME/dockerx:/dockerx -e K=10.3.0'\neval $(thefuck --alias)\n"
        },
        ("~/.zshrc:1=10.3.0",),
    ),
    "sudo-keeps-and-sets": (
        {"~/x/start.sh": "sudo -E K=9.0.6 \\\n     A=0 \\\n     /usr/local/bin/ollama serve &\n"},
        ("~/x/start.sh:1=9.0.6",),
    ),
    "fish-deep": (
        {
            "~/.config/fish/config.fish": "switch (uname)\n    case Linux\n        set -gx K 10.3.0\n\n        if set -q XDG_RUNTIME_DIR\n            true\n        end\nend\n"
        },
        ("~/.config/fish/config.fish:3=10.3.0",),
    ),
    "shell-hook": (
        {
            "~/x/flake.nix": "{\n  devShell = pkgs.mkShell {\n    shellHook = ''\n      export HIP=0,1\n      export K=11.0.0\n      poetry run zsh\n    '';\n  };\n}\n"
        },
        ("~/x/flake.nix:5=11.0.0",),
    ),
    "nix-optional": (
        {
            "/etc/nixos/configuration.nix": '{lib, ...}: let\n  rocmEnv = lib.optionalAttrs true {\n    K = "11.0.3";\n  };\nin {\n  environment.variables = rocmEnv;\n}\n'
        },
        ("/etc/nixos/configuration.nix:3=11.0.3",),
    ),
    "putenv-imported": (
        {"~/x/main.py": 'from os import putenv\nputenv("K", "10.3.0")\nimport torch\n'},
        ("~/x/main.py:2=10.3.0",),
    ),
    "environ-in-a-method": (
        {
            "~/x/app.py": 'import os\nclass A:\n    def __init__(self):\n        log("Setting K=10.3.0")\n        os.environ["K"] = "10.3.0"\n'
        },
        ("~/x/app.py:5=10.3.0",),
    ),
    "ramalama": (
        {"/etc/ramalama/ramalama.conf": '[ramalama]\nenv = [\n  "K=10.3.0",\n]\n'},
        ("/etc/ramalama/ramalama.conf:3=10.3.0",),
    ),
    "powershell-without-spaces": (
        {"~/.config/powershell/profile.ps1": '$env:K="10.3.0"\n$env:A="0"\n'},
        ("~/.config/powershell/profile.ps1:1=10.3.0",),
    ),
    "unit-of-llama.cpp": (
        {
            "/etc/systemd/system/llama.service": '[Service]\nEnvironment="HIP=0,1"\nEnvironment="K=10.3.0"\nExecStart=/opt/llama.cpp/build/bin/llama-server \\\n    --model x\n'
        },
        ("/etc/systemd/system/llama.service:3=10.3.0",),
    ),
    # Look-alikes
    "no-file-that-a-script-writes": (
        {
            "~/x/setup.sh": "#!/bin/bash\nset -euo pipefail\ncat > /etc/profile.d/amd-rocm.sh << 'EOF'\n# x\nexport K=11.0.0\nEOF\nsudo tee /etc/a.conf <<EOF\n[Service]\nEnvironment=\"K=10.3.0\"\nEOF\n"
        },
        (),
    ),
    "no-sed": (
        {
            "~/x/setup.sh": '#!/bin/bash\nif grep -q "set -gx K" "$rc"; then\n  sed -i "s/set -gx K .*/set -gx K $v/" "$rc"\nelse\n  echo "set -gx K $v" >> "$rc"\nfi\n'
        },
        (),
    ),
    "no-advice": (
        {"~/x/check.sh": 'finding "warn" \\\n  "K not set" \\\n  "export K=${hint}  (add to ~/.bashrc)"\n'},
        (),
    ),
    "no-name-in-a-list": (
        {"~/x/main.py": 'import os\nNAMES = (\n    "A",\n    "K",\n)\nprint(os.environ.get("K"))\n'},
        (),
    ),
    "no-unit-in-a-program": (
        {
            "~/x/main.py": 'CONF = """\\\n[Service]\nEnvironment="K=10.3.0"\n"""\nRUN = f"""\nos.environ["K"] = "1"\n"""\n'
        },
        (),
    ),
    "no-make-variable": (
        {
            "~/x/Makefile": "ifeq ($(GPU), gfx1030)\n  K = 10.3.0\nelse\n  K = 11.0.0\nendif\nrun:\n\tdocker compose up -d\n"
        },
        (),
    ),
    "no-usage": (
        {
            "~/x/main.py": '"""Runs N of them.\n\nUsage:\n    K=9.0.0 python -m train.ppo \\\\\n      > out 2>&1 &\n"""\nimport os\n'
        },
        (),
    ),
    "no-unset-in-a-script": ({"~/x/build.sh": 'export A=1\nunset K\necho "K: $K"\n'}, ()),
    "no-env-u-over-lines": ({"~/x/start.sh": "env -u K \\\n  A=/opt \\\n  python main.py\n"}, ()),
    "no-compose-commented": (
        {"~/x/compose.yaml": 'services:\n  o:\n    environment:\n      A: "2"     # max\n      # K: "10.3.0"\n'},
        (),
    ),
}
