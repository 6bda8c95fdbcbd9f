# ruff: noqa: E501 - tables of texts, a case a line
"""Kinds that no set asked for: by who wrote the reader, each with its siblings and what only looks like it.

Rows as in place_samples_wild.
"""

from __future__ import annotations

from place_samples_wild import ZSH, Rows, s

BASH, FISHES = "~/.bashrc", "~/.config/fish/config.fish"
TWO = {BASH: "if %s; then\n  export §=1\nelse\n  export §=2\nfi\n"}


def asked(condition: str, line: int) -> tuple[dict[str, str], tuple[tuple[str, str, str, str, str], ...]]:
    """A condition of shell, and which of the two branches is run here."""
    return {BASH: TWO[BASH].replace("%s", condition)}, (s(f"{BASH}:{line}", "sam", "1" if line == 2 else "2"),)


def shell(text: str, *lines: tuple[int, str]) -> tuple[dict[str, str], tuple[tuple[str, str, str, str, str], ...]]:
    return {BASH: text}, tuple(s(f"{BASH}:{line}", "sam", value) for line, value in lines)


def code(
    name: str, text: str, *lines: tuple[int, str]
) -> tuple[dict[str, str], tuple[tuple[str, str, str, str, str], ...]]:
    return {f"~/a/{name}": text}, tuple(s(f"~/a/{name}:{line}", "a", value) for line, value in lines)


KINDS: Rows = {
    # arithmetic
    **{f"arithmetic-{n}": asked(c, 4) for n, c in enumerate((
        "((1 > 2))", "(( 3 <= 2 ))", "((2==3))", "(( 2 != 2 ))", "! ((2 > 1))", "((0))", "[ 3 -ge 4 ]", "[[ 2 -eq 3 ]]",
        "((2 > 1)) && ((1 > 2))",
    ))},
    **{f"arithmetic-holds-{n}": asked(c, 2) for n, c in enumerate(("((2 > 1))", "((10>=9))", "! ((1 > 2))", "((1 != 2))", "[ 4 -ge 4 ]"))},
    "arithmetic-of-names": shell("x=3\nif ((x > 2)); then\n export §=1\nelse\n export §=2\nfi\n", (3, "1")),
    "arithmetic-of-names-not": shell("x=1\nif (( $x >= 2 )); then\n export §=1\nelse\n export §=2\nfi\n", (5, "2")),
    "arithmetic-unknown": shell("if ((COLUMNS > 2)); then\n export §=1\nelse\n export §=2\nfi\n", (2, "1"), (4, "2")),
    "arithmetic-value": shell("n=$((1 > 2))\nexport §=1\n", (2, "1")),
    "arithmetic-loop": shell("for ((i=0; i<2; i++)); do\n export §=1\ndone\n", (2, "1")),
    # only in WSL
    **{f"wsl-{n}": asked(c, 4) for n, c in enumerate((
        "grep -qi microsoft /proc/version", "grep -qEi '(microsoft|wsl)' /proc/version &> /dev/null",
        "grep -q icrosoft /proc/sys/kernel/osrelease 2>/dev/null", "[[ $(uname -r) == *microsoft* ]]",
        '[[ "$(uname -r)" =~ [Mm]icrosoft ]]', "uname -r | grep -qi wsl", "cat /proc/version | grep -q Microsoft",
        '[ -n "$WSL_DISTRO_NAME" ]', "[[ -n ${WSL_INTEROP:-} ]]", '[ "$WSL_DISTRO_NAME" ]', "[[ -v WSL_DISTRO_NAME ]]",
        "[ -e /dev/dxg ]", "[ -f /proc/sys/fs/binfmt_misc/WSLInterop ]", "[ -d /run/WSL ]", "command -v wslpath >/dev/null 2>&1",
        '[[ "$(< /proc/version)" == *[Mm]icrosoft* ]]', "test -d /mnt/c", "which wsl.exe > /dev/null",
    ))},
    **{f"wsl-not-{n}": asked(c, 2) for n, c in enumerate((
        "! grep -qi microsoft /proc/version", '[ -z "$WSL_DISTRO_NAME" ]', "[[ $(uname -r) != *microsoft* ]]",
        "! [ -e /dev/dxg ]",
    ))},
    "wsl-and": shell("grep -qi microsoft /proc/version && export §=1\n"),
    "wsl-or": shell("grep -qi microsoft /proc/version || export §=1\n", (1, "1")),
    "wsl-return": shell("grep -qi microsoft /proc/version && return\nexport §=1\n", (2, "1")),
    "wsl-return-not": shell("[ -n \"$WSL_DISTRO_NAME\" ] || return\nexport §=1\n"),
    "wsl-case": shell("case $(uname -r) in\n *[Mm]icrosoft*) export §=1 ;;\n *) export §=2 ;;\nesac\n", (3, "2")),
    "wsl-case-quoted": shell('case "$(uname -a)" in\n *WSL*)\n  export §=1\n  ;;\nesac\n'),
    "wsl-here": ({"/proc/version": "Linux version 5.15.1-microsoft-standard-WSL2\n", BASH: TWO[BASH].replace("%s", "grep -qi microsoft /proc/version")}, (s(f"{BASH}:2", "sam", "1"), s(f"{BASH}:4", "sam", "2"))),
    "wsl-here-not": ({"/proc/version": "Linux version 6.1.0-25-amd64\n", BASH: TWO[BASH].replace("%s", '[ -n "$WSL_DISTRO_NAME" ]')}, (s(f"{BASH}:4", "sam", "2"),)),
    "wsl-fish": ({FISHES: "if string match -qi '*microsoft*' (uname -r)\n  set -gx § 1\nelse\n  set -gx § 2\nend\n"}, (s(f"{FISHES}:4", "sam", "2"),)),
    "wsl-fish-set": ({FISHES: "if set -q WSL_DISTRO_NAME\n  set -gx § 1\nend\nif test -n \"$WSL_DISTRO_NAME\"\n  set -gx § 2\nend\n"}, ()),
    "another-file": (*asked("grep -qi microsoft /etc/apt/sources.list", 2)[0:1], (s(f"{BASH}:2", "sam", "1"), s(f"{BASH}:4", "sam", "2"))),
    "another-disk": (*asked("[ -d /mnt/data ]", 2)[0:1], (s(f"{BASH}:2", "sam", "1"), s(f"{BASH}:4", "sam", "2"))),
    "wsl-python": (*code("main.py", 'import os\nimport platform\nif "microsoft" in platform.uname().release.lower():\n    os.environ["§"] = "1"\nos.environ["HSA_X"] = "2"\n')[0:1], (s("~/a/main.py:5", "a", "2", "HSA_X"),)),
    # made twice
    "twice": shell("f() { export §=1; }\nf() { export §=2; }\nf\n", (2, "2")),
    "twice-keyword": shell("function f {\n  export §=1\n}\nfunction f {\n  export §=2\n}\nf\n", (5, "2")),
    "twice-called-between": ({"~/a.sh": "#!/bin/sh\nf() { export §=1; }\nf\npython a.py\nf() { export HSA_X=2; }\nf\npython b.py\n"}, (s("~/a.sh:2", "a", "1"), s("~/a.sh:5", "a", "2", "HSA_X"))),
    "twice-in-a-script": ({"~/a.sh": "#!/bin/sh\nf() {\n  export §=1\n}\nf() {\n  export §=2\n}\nf\nexec python a.py\n"}, (s("~/a.sh:6", "a", "2"),)),
    "twice-by-a-branch": (*shell("if [ -d /x ]; then\nf() { export §=1; }\nelse\nf() { export HSA_X=2; }\nfi\nf\n", (2, "1"))[0:1], (s(f"{BASH}:2", "sam", "1"), s(f"{BASH}:4", "sam", "2", "HSA_X"))),
    "twice-in-fish": ({FISHES: "function f\n  set -gx § 1\nend\nfunction f\n  set -gx § 2\nend\nf\n"}, (s(f"{FISHES}:5", "sam", "2"),)),
    "two-functions": (*shell("f() { export §=1; }\ng() { export HSA_X=2; }\nf; g\n", (1, "1"))[0:1], (s(f"{BASH}:1", "sam", "1"), s(f"{BASH}:2", "sam", "2", "HSA_X"))),
    "calls-itself": shell("f() { export §=1; [ -n \"$1\" ] && f; }\nf x\n", (1, "1")),
    # read
    "read-string": shell("read -r § <<< 10.3.0\nexport §\n", (1, "10.3.0")),
    "read-quoted": shell('read § <<< "10.3.0"\nexport §\n', (1, "10.3.0")),
    "read-two": shell('read -r A § <<< "x 10.3.0"\nexport §\n', (1, "10.3.0")),
    "read-document": ({BASH: "read § <<EOF\n10.3.0\nEOF\nexport §\n"}, (s(f"{BASH}:1|{BASH}:2", "sam"),)),
    "read-echo": shell("read -r § < <(echo 10.3.0)\nexport §\n", (1, "10.3.0")),
    "read-and-not-exported": shell("read -r § <<< 10.3.0\necho $§\n"),
    "read-another": (*shell('read -r -p "§? " answer <<< 10.3.0\nexport HSA_X=1\n')[0:1], (s(f"{BASH}:2", "sam", "1", "HSA_X"),)),
    "read-in-a-text": shell("cat <<'EOF' > /tmp/x\nread § <<< 10.3.0\nexport §\nEOF\n"),
    # Python's loops and constants
    "loop-of-a-table": (*code("main.py", 'import os\nfor k, v in {\n    "§": "10.3.0",\n    "HSA_X": "1",\n}.items():\n    os.environ[k] = v\n', (3, "10.3.0"))[0:1], (s("~/a/main.py:3", "a"), s("~/a/main.py:4", "a", "1", "HSA_X"))),
    "loop-of-a-named-table": code("main.py", 'import os\nWANTED = {"§": "10.3.0"}\nfor name, value in WANTED.items():\n    os.environ.setdefault(name, value)\n', (2, "10.3.0")),
    "loop-of-a-dict": code("main.py", 'import os\nWANTED = dict(§="10.3.0")\nfor name, value in sorted(WANTED.items()):\n    print(name)\n    os.environ[name] = value\n', (2, "10.3.0")),
    "loop-that-prints": code("main.py", 'WANTED = {"§": "10.3.0"}\nfor name, value in WANTED.items():\n    print(name, value)\n'),
    "key-by-name": code("main.py", 'import os\nKEY = "§"\nos.environ[KEY] = "10.3.0"\n', (3, "10.3.0")),
    "key-and-value-by-name": code("main.py", 'import os\nKEY = "§"\nGFX: str = "10.3.0"\nos.environ.setdefault(KEY, GFX)  # 10.3.0\n', (4, "10.3.0")),
    "key-by-name-in-a-table": code("main.py", 'import os\nimport subprocess\nKEY = "§"\nsubprocess.run(["x"], env={**os.environ, KEY: "10.3.0"})\n', (4, "10.3.0")),
    "value-by-name-in-a-table": code("main.py", 'import os\nimport subprocess\nGFX = "10.3.0"\nsubprocess.run(["x"], env={**os.environ, "§": GFX})\n', (4, "10.3.0")),
    "key-that-is-read": code("main.py", 'import os\nKEY = "§"\nprint(os.environ[KEY])\nprint(os.environ.get(KEY, "10.3.0"))\n'),
    "key-of-nothing": code("main.py", 'import os\nKEY = make()\nos.environ[KEY] = "10.3.0"\n'),
    # JavaScript
    **{f"spread-{n}": code(n, "import { spawn } from 'node:child_process'\nspawn('x', [], {\n  env: { ...process.env, §: '10.3.0' },\n})\n", (3, "10.3.0")) for n in ("start.mjs", "start.js", "dev.ts", "tool.cjs")},
    "spread-in-a-name": code("start.mjs", "const made = {\n  ...process.env,\n  '§': \"\",\n}\nspawn('x', { env: made })\n", (3, "")),
    "spread-passed": code("start.ts", "export function env(): Env {\n  return { ...process.env, § : `10.3.0` }\n}\n", (2, "10.3.0")),
    "assigned-to-all": code("start.mjs", "Object.assign(process.env, { §: '10.3.0' })\n", (1, "10.3.0")),
    "assigned-to-a-copy": code("start.js", "const env = Object.assign({}, process.env, {\n  §: '10.3.0',\n})\n", (2, "10.3.0")),
    "entries": code("start.js", "for (const [k, v] of Object.entries({ §: '10.3.0' })) {\n  process.env[k] = v\n}\n", (1, "10.3.0")),
    "entries-of-a-name": code("start.js", "const ROCM = { §: '10.3.0' }\nfor (const [k, v] of Object.entries(ROCM)) process.env[k] = v\n", (1, "10.3.0")),
    "js-key-by-name": code("start.js", "const KEY = '§'\nprocess.env[KEY] = '10.3.0'\nspawn('x', { env: { ...process.env, [KEY]: '9.0.0' } })\n", (2, "10.3.0"), (3, "9.0.0")),
    "js-value-by-name": code("start.js", "const gfx = '10.3.0'\nspawn('x', { env: { ...process.env, §: gfx } })\n", (2, "10.3.0")),
    "js-comment": code("start.js", "// spawn('x', { env: { ...process.env, §: '10.3.0' } })\n/* Object.assign(process.env, { §: '1' }) */\n"),
    "js-spread-of-others": code("start.js", "const shown = { ...labels, §: '10.3.0' }\nconsole.log(shown)\n"),
    "js-read": code("start.js", "const v = process.env.§ === '10.3.0'\nconst w = process.env['§'] ?? '10.3.0'\n"),
    # what set H missed, with siblings
    "mpirun": (*code("run.sh", "#!/bin/bash\nmpirun -np 2 \\\n  -x PATH \\\n  -x §=10.3.0 -x HSA_X=1 ./prog\n", (4, "10.3.0"))[:1], (s("~/a/run.sh:4", "a"), s("~/a/run.sh:4", "a", "1", "HSA_X"))),
    "mpirun-passes-on": code("run.sh", "#!/bin/bash\nmpirun -np 2 -x § ./prog\n# mpirun -x §=1 ./prog\ngrep -x §=1 list\n"),
    "sbatch-export": (*code("job.sbatch", "#!/bin/bash\n#SBATCH --export=ALL,§=10.3.0,HIP_VISIBLE_DEVICES=0,1\nsrun ./prog\n", (2, "10.3.0"))[:1], (s("~/a/job.sbatch:2", "a"), s("~/a/job.sbatch:2", "a", "0,1", "HIP_VISIBLE_DEVICES"))),
    "sbatch-commented": code("job.sbatch", "#!/bin/bash\n##SBATCH --export=ALL,§=10.3.0\n# srun --export=ALL,§=1 ./prog\nsrun --export=ALL ./prog\n"),
    "written-and-run": (*code("run.sh", "#!/bin/bash\ncat > /tmp/one.sh <<'EOF'\nexport §=10.3.0\nexec \"$@\"\nEOF\nbash /tmp/one.sh python a.py\nHSA_X=1 python b.py\n", (3, "10.3.0"))[:1], (s("~/a/run.sh:3", "a"), s("~/a/run.sh:7", "a", "1", "HSA_X"))),
    "written-and-kept": code("run.sh", "#!/bin/bash\ncat > /tmp/one.sh <<'EOF'\nexport §=10.3.0\nexec \"$@\"\nEOF\nchmod +x /tmp/one.sh\ncat /tmp/one.sh\necho run ./one.sh\n"),
    "tcsh": code("job.csh", "#!/bin/tcsh\nsetenv § 10.3.0 # as ever\nsetenv HSA_X 1\nunsetenv HSA_X\n./prog\n", (2, "10.3.0")),
    "zsh-script": code("go.zsh", "#!/bin/zsh\nexport §=10.3.0\npython a.py\n", (2, "10.3.0")),
    "fish-script": code("go.fish", "#!/usr/bin/fish\nset -x § 10.3.0\npython a.py\n", (2, "10.3.0")),
    "default-of-a-name": code("run.sh", '#!/bin/sh\n: "${GFX:=10.3.0}"\nexport §=$GFX\npython a.py\n', (3, "10.3.0")),
    "default-of-a-name-that-is-set": code("run.sh", '#!/bin/sh\nGFX=9.0.0\n: "${GFX:=10.3.0}"\nexport §=$GFX\npython a.py\n', (4, "9.0.0")),
    "own-default": shell("export §=${§:-10.3.0}\n", (1, "10.3.0")),
    "own-default-of-what-is-set": ({"/etc/environment": "§=9.0.0\n", BASH: "export §=${§:-10.3.0}\n"}, (s("/etc/environment:1", "all", "9.0.0"),)),
    "update-with-a-call": code("main.py", 'import os\nenv = os.environ.copy()\nenv.update(PATH=os.pathsep.join(["a"]), §="10.3.0")\n', (3, "10.3.0")),
    "dict-of-all": (*code("main.py", 'import os\nimport subprocess\nsubprocess.run(["x"], env=dict(os.environ, §="10.3.0"))\nsubprocess.run(["x"], env=dict(**os.environ, HSA_X="1"))\n', (3, "10.3.0"))[:1], (s("~/a/main.py:3", "a"), s("~/a/main.py:4", "a", "1", "HSA_X"))),
    "update-of-something-else": code("main.py", 'labels = {}\nlabels.update(§="10.3.0")\n'),
    "pairs-in-a-list": (*code("main.py", 'import os\nfor name, value in [("§", "10.3.0"), ("HSA_X", "1")]:\n    os.environ[name] = value\n', (2, "10.3.0"))[:1], (s("~/a/main.py:2", "a"), s("~/a/main.py:2", "a", "1", "HSA_X"))),
    "pairs-by-name": code("main.py", 'import os\nPAIRS = (\n    ("§", "10.3.0"),\n)\nfor name, value in PAIRS:\n    os.environ.setdefault(name, value)\n', (3, "10.3.0")),
    "pairs-that-are-shown": code("main.py", 'for name, value in [("§", "10.3.0")]:\n    print(f"set {name} to {value}")\n'),
    "julia": code("run.jl", '# ENV["§"] = "1"\nENV["§"] = "10.3.0"\nusing AMDGPU\n', (2, "10.3.0")),
    "make-variable-of-assignments": (*code("Makefile", "AMD := §=10.3.0 HSA_X=1\nrun:\n\t$(AMD) python a.py\n", (1, "10.3.0"))[:1], (s("~/a/Makefile:1", "a"), s("~/a/Makefile:1", "a", "1", "HSA_X"))),
    "make-variable-nobody-uses": code("Makefile", "AMD := §=10.3.0 HSA_X=1\nrun:\n\tpython a.py\n"),
    "image-of-another-name": ({"~/a/docker/images/comfy.dockerfile": "FROM x\nENV §=10.3.0\n", "~/b/rocm.Dockerfile": "FROM x\nENV HSA_X=1\n"}, (s("~/a/docker/images/comfy.dockerfile:2", "c"), s("~/b/rocm.Dockerfile:2", "c", "1", "HSA_X"))),
    "nix-off-by-a-dot": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": '{\n  services.ollama.enable = false;\n  services.ollama.environmentVariables = {\n    § = "10.3.0";\n  };\n  environment.variables.HSA_X = "1";\n}\n'}, (s("/etc/nixos/configuration.nix:6", "all", "1", "HSA_X"),)),
    "nix-on": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": '{\n  services.openssh = { enable = false; };\n  services.ollama = {\n    enable = true;\n    environmentVariables = { § = "10.3.0"; };\n  };\n}\n'}, (s("/etc/nixos/configuration.nix:5", "ollama"),)),
    "nix-by-a-name": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": 'let\n  gfx = "10.3.0";\nin {\n  environment.sessionVariables = {\n    § = gfx;\n    HSA_X = "${gfx}";\n  };\n}\n'}, (s("/etc/nixos/configuration.nix:5", "all"), s("/etc/nixos/configuration.nix:6", "all", "10.3.0", "HSA_X"))),
    "compose-from-env": ({"~/a/.env": "X=1\n§=10.3.0\n", "~/a/compose.yaml": "services:\n  a:\n    environment:\n      § : ${§}\n"}, (s("~/a/.env:2", "a"),)),
    "compose-default-without-env": ({"~/a/.env": "X=1\n", "~/a/compose.yaml": "services:\n  a:\n    environment:\n      §: ${§:-10.3.0}\n"}, (s("~/a/compose.yaml:4", "a"),)),
    # what sets J and K missed, with siblings
    **{f"zdotdir-{n}": ({"/etc/passwd": ZSH, file: text, "~/.zshrc": "export §=1\n", "~/.zlogin": "export §=1\n", "~/.z/.zshrc": "export §=2\n"}, (s("~/.z/.zshrc:1", "sam", "2"),)) for n, (file, text) in enumerate((
        ("~/.zshenv", "export ZDOTDIR=~/.z\n"), ("~/.zshenv", 'ZDOTDIR="${HOME}/.z"\n'), ("~/.zshenv", ": ${ZDOTDIR:=$HOME/.z}\n"),
        ("~/.zshenv", 'typeset -gx ZDOTDIR="${ZDOTDIR:-$HOME/.z}"\n'), ("~/.zshenv", "[[ -d ~/.z ]] && export ZDOTDIR=$HOME/.z\n"),
        ("/etc/zsh/zshenv", "export ZDOTDIR=$HOME/.z\n"), ("/etc/zshenv", "ZDOTDIR=~/.z\n"), ("~/.config/environment.d/zsh.conf", "ZDOTDIR=$HOME/.z\n"),
        ("/etc/environment", "ZDOTDIR=/home/sam/.z\n"),
    ))},
    "zdotdir-by-xdg": ({"~/.zshenv": 'export ZDOTDIR="${XDG_CONFIG_HOME:-$HOME/.config}/z"\n', "~/.zshrc": "export §=1\n", "~/.config/z/.zprofile": "export §=2\n"}, (s("~/.config/z/.zprofile:1", "sam", "2"),)),
    "zdotdir-of-all": ({"/etc/zsh/zshenv": "export ZDOTDIR=$HOME/.z\n", "~/.zshenv": "export §=1\n", "~/.z/.zshenv": "export §=2\n"}, (s("~/.z/.zshenv:1", "sam", "2"),)),
    "zdotdir-in-a-comment": ({"~/.zshenv": "# export ZDOTDIR=~/.z\n", "~/.zshrc": "export §=1\n", "~/.z/.zshrc": "export §=2\n"}, (s("~/.zshrc:1", "sam", "1"),)),
    "zdotdir-is-home": ({"~/.zshenv": "export ZDOTDIR=$HOME\n", "~/.zshrc": "export §=1\n", "~/.config/zsh/.zshrc": "export §=2\n"}, (s("~/.zshrc:1", "sam", "1"),)),
    "zdotdir-unknown": ({"~/.zshenv": "export ZDOTDIR=$(mine)\n", "~/.zshrc": "export §=1\n"}, (s("~/.zshrc:1", "sam", "1"),)),
    **{f"zdotdir-beside-{n}": ({"~/.zshenv": "export ZDOTDIR=~/.z\n", "~/.z/.zshrc": f"source {name}/gpu.zsh\n", "~/.z/gpu.zsh": "export §=1\n"}, (s("~/.z/gpu.zsh:1", "sam", "1"),)) for n, name in enumerate(("$ZDOTDIR", "${ZDOTDIR}", '"${ZDOTDIR:-$HOME}"', "${ZDOTDIR:-${HOME}}"))},
    "zdotdir-not-set": ({"~/.zshrc": "source ${ZDOTDIR:-$HOME}/.gpu.zsh\n", "~/.gpu.zsh": "export §=1\n"}, (s("~/.gpu.zsh:1", "sam", "1"),)),
    "sshd-patterns": ({"/etc/ssh/sshd_config": "PermitUserEnvironment HIP_*,!HIP_V*,HSA_?VERRIDE*\n", "~/.ssh/environment": "§=1\nHIP_VISIBLE_DEVICES=0\nHIP_X=2\n", "~/.ssh/authorized_keys": 'environment="HSA_X=1" ssh-ed25519 A\nenvironment="HIP_X=3" ssh-ed25519 B\n'}, (s("~/.ssh/environment:1", "sam", "1"), s("~/.ssh/environment:3", "sam", "2", "HIP_X"), s("~/.ssh/authorized_keys:2", "sam", "3", "HIP_X"))),
    "sshd-yes-comes-second": ({"/etc/ssh/sshd_config": "PermitUserEnvironment no\nPermitUserEnvironment yes\n", "~/.ssh/environment": "§=1\n"}, ()),
    "manager-drop-in-wins": ({"/etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=§=1 HSA_X=1\n", "/etc/systemd/system.conf.d/a.conf": "[Manager]\nDefaultEnvironment=§=2\n", "/usr/lib/systemd/system.conf": "[Manager]\nDefaultEnvironment=HIP_X=1\n"}, (s("/etc/systemd/system.conf.d/a.conf:2", "system", "2"), s("/etc/systemd/system.conf:2", "system", "1", "HSA_X"))),
    "manager-emptied": ({"/etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=§=1\nDefaultEnvironment=\nDefaultEnvironment=HSA_X=1\n"}, (s("/etc/systemd/system.conf:4", "system", "1", "HSA_X"),)),
    "manager-of-a-user": ({"~/.config/systemd/user.conf": "[Manager]\nDefaultEnvironment=§=1\n[Service]\nDefaultEnvironment=HSA_X=1\n", "/etc/systemd/user.conf": "[Manager]\nDefaultEnvironment=HIP_X=1\n"}, (s("~/.config/systemd/user.conf:2", "sam", "1"),)),
    "default-in-a-unit": ({"/etc/systemd/system/a.service": "[Service]\nDefaultEnvironment=§=1\nExecStart=/bin/true\n"}, ()),
    "nspawn-of-another-section": ({"/etc/systemd/nspawn/a.nspawn": "[Service]\nEnvironment=§=1\n[Exec]\nDefaultEnvironment=§=1\n"}, ()),
    "conda-package-unset": ({"~/venv/etc/conda/env_vars.d/a.json": '{"§": "***unset***", "HSA_X": "1"}\n', "~/venv/conda-meta/state": '{"env_vars": {"HIP_X": "***unset***", "HIP_Y": "2"}}\n'}, (s("~/venv/conda-meta/state:1", "venv", "2", "HIP_Y"), s("~/venv/etc/conda/env_vars.d/a.json:1", "venv", "1", "HSA_X"))),
    "quadlet-of-all-users": ({"/usr/share/containers/systemd/users/o.container": "[Container]\nImage=x\nEnvironment=§=1\n"}, (s("/usr/share/containers/systemd/users/o.container:3", "sam", "1"),)),
    "sway-name-of-another-file": ({"~/.config/sway/config": "set $gfx 1\nset $run env\ninclude ~/.config/sway/x/*\n", "~/.config/sway/x/a": "set $more 2\nexec $run §=$gfx HSA_X=$more ollama\n"}, (s("~/.config/sway/x/a:2", "sam", "1"), s("~/.config/sway/x/a:2", "sam", "2", "HSA_X"))),
    "hyprland-name-made-again": ({"~/.config/hypr/hyprland.conf": "$gfx = 1\nsource = ~/.config/hypr/x/a.conf\n", "~/.config/hypr/x/a.conf": "$gfx = 2\nenv = §,$gfx\n"}, (s("~/.config/hypr/x/a.conf:2", "sam", "2"),)),
    "hyprland-name-of-a-sourced-file": ({"~/.config/hypr/hyprland.conf": "source = ~/.config/hypr/x/a.conf\nenv = §,$gfx\n", "~/.config/hypr/x/a.conf": "$gfx = 2\n"}, (s("~/.config/hypr/hyprland.conf:2", "sam", "2"),)),
    "template-and-drop-in": ({"/etc/systemd/system/a@.service": "[Service]\nEnvironment=§=%i\nExecStart=/bin/x\n", "/etc/systemd/system/a@.service.d/x.conf": "[Service]\nEnvironment=HSA_X=%i\n"}, (s("/etc/systemd/system/a@.service:2", "a@.service", "%i"), s("/etc/systemd/system/a@.service.d/x.conf:2", "a@.service", "%i", "HSA_X"))),
    # a function as a condition; a condition of which words are missing
    "asked-function": shell("is_wsl() { grep -qi microsoft /proc/version; }\nif is_wsl; then\n export §=1\nelse\n export §=2\nfi\n", (5, "2")),
    "asked-function-of-lines": (*shell('is_wsl() {\n  [ -n "$WSL_DISTRO_NAME" ]\n}\nis_wsl && export §=1\nis_wsl || export HSA_X=1\n')[:1], (s(f"{BASH}:5", "sam", "1", "HSA_X"),)),
    "asked-function-not": shell("function is_wsl {\n  grep -qi microsoft /proc/version\n}\nif ! is_wsl; then\n export §=1\nfi\n", (5, "1")),
    "asked-function-of-two": shell("maybe() { [ -d /x ] && return 0; false; }\nif maybe; then\n export §=1\nelse\n export §=2\nfi\n", (3, "1"), (5, "2")),
    "asked-function-of-fish": ({FISHES: "function is_wsl\n  string match -qi '*microsoft*' (uname -r)\nend\nif is_wsl\n  set -gx § 1\nelse\n  set -gx § 2\nend\n"}, (s(f"{FISHES}:7", "sam", "2"),)),
    "texts-compared": shell("if [[ a > b ]]; then\n export §=1\nelse\n export §=2\nfi\n", (2, "1"), (4, "2")),
    "texts-compared-to-a-name": shell('v=6.1\nif [[ "$v" < "6.4" ]]; then\n export §=1\nelse\n export §=2\nfi\n', (3, "1"), (5, "2")),
    # keys with one value; lists of pairs in JavaScript
    "keys-with-one-value": (*code("main.py", 'import os\nfor key in ("§", "HSA_X"):\n    os.environ[key] = "1"\nfor key in [\n    "HIP_X",\n]:\n    env.setdefault(key, "2")\n')[:1], (s("~/a/main.py:2", "a", "1"), s("~/a/main.py:2", "a", "1", "HSA_X"), s("~/a/main.py:5", "a", "2", "HIP_X"))),
    "keys-that-are-taken-away": code("main.py", 'import os\nfor key in ("§", "HSA_X"):\n    os.environ.pop(key, None)\nfor key in ("§",):\n    print(os.environ[key])\n'),
    "js-pairs": (*code("start.js", "for (const [k, v] of [['§', '1'], ['HSA_X', '2']]) process.env[k] = v\n")[:1], (s("~/a/start.js:1", "a", "1"), s("~/a/start.js:1", "a", "2", "HSA_X"))),
    "js-pairs-by-name": code("start.js", "const ROCM = [\n  ['§', '1'],\n]\nfor (const [k, v] of ROCM) {\n  process.env[k] = v\n}\n", (2, "1")),
    "js-map": code("start.js", "new Map([['§', '1']]).forEach((v, k) => { process.env[k] = v })\n", (1, "1")),
    "handed-on": code("main.py", 'import os\nimport subprocess\nAMD = {\n    "§": "1",\n}\n\ndef start(command, extra_env):\n    env = os.environ | extra_env\n    subprocess.run(command, env=env)\n\nstart(["x"], extra_env=AMD)\n', (4, "1")),
    "handed-on-to-be-shown": code("main.py", 'import os\nAMD = {\n    "§": "1",\n}\nprint(os.environ, sep=AMD)\n'),
    "nix-off-below": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": '{\n  services.ollama.environmentVariables = {\n    § = "1";\n  };\n  environment.variables.HSA_X = "1";\n  services.ollama.enable = false;\n}\n'}, (s("/etc/nixos/configuration.nix:5", "all", "1", "HSA_X"),)),
    "nix-another-off-below": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": '{\n  services.ollama.environmentVariables = {\n    § = "1";\n  };\n  services.open-webui.enable = false;\n  services.ollama.enable = true;\n}\n'}, (s("/etc/nixos/configuration.nix:3", "ollama", "1"),)),
    "sshd-with-a-comment": ({"/etc/ssh/sshd_config": "PermitUserEnvironment yes # for the cluster\n", "~/.ssh/environment": "§=1\n"}, (s("~/.ssh/environment:1", "sam", "1"),)),
    "js-pairs-shown": code("start.js", "for (const [k, v] of [['§', '1']]) console.log(k, v)\nconst ROCM = [['§', '1']]\nfor (const [k, v] of ROCM) console.log(process.env[k])\n"),
    # hosts and systems in other languages than shells
    **{f"python-host-{n}": ({"/etc/hostname": "rig\n", "~/a/main.py": f'import os, platform, socket, sys\nHOST = socket.gethostname()\nOTHERS = ("box", "desk")\nif {c}:\n    os.environ["§"] = "1"\nelse:\n    os.environ["§"] = "2"\n'}, (s("~/a/main.py:7", "a", "2"),)) for n, c in enumerate((
        "HOST == 'box'", 'HOST != "rig"', "HOST in OTHERS", 'HOST not in ("rig", "rig2")', 'HOST.startswith("bo")', 'HOST.startswith(("bo", "de"))', 'not HOST.endswith("ig")',
        '"ox" in HOST', 'socket.gethostname() == "box"', "platform.node().lower() == 'box'", "os.uname().nodename == 'box'", 'os.uname()[1] in {"box", "desk"}', "socket.getfqdn().split('.')[0] == 'box'",
        'HOST == "box" and ready()', 'HOST == "box" or HOST == "desk"', '(HOST == "box")', 'platform.system() != "Linux"', 'sys.platform == "win32"', 'sys.platform.startswith("darwin")', 'os.name == "nt"', 'platform.system().lower() == "windows"',
    ))},
    **{f"python-host-here-{n}": ({"/etc/hostname": "rig\n", "~/a/main.py": f'import os, platform, socket, sys\n\ndef start():\n    host = socket.gethostname()\n    if {c}:\n        os.environ["§"] = "1"\n    elif ready():\n        os.environ["§"] = "2"\n    else:\n        os.environ["§"] = "3"\nstart()\n'}, (s("~/a/main.py:6", "a", "1"),)) for n, c in enumerate((
        'host == "rig"', 'host in ["box", "rig"]', 'host.startswith("ri") or ready()', 'host == "rig" and sys.platform == "linux"  # mine', 'not host == "box"',
    ))},
    **{f"python-host-unknown-{n}": ({"/etc/hostname": name, "~/a/main.py": f'import os, socket\nHOST = socket.gethostname()\nif {c}:\n    os.environ["§"] = "1"\nelse:\n    os.environ["HSA_X"] = "2"\n'}, (s("~/a/main.py:4", "a", "1"), s("~/a/main.py:6", "a", "2", "HSA_X"))) for n, (name, c) in enumerate((
        ("", 'HOST == "box"'), ("rig\n", "HOST == mine()"), ("rig\n", "ready()"), ("rig\n", 'HOST == "rig" and ready()'), ("\\1\n", 'HOST == "box"'), ("rig\n", 'os.environ.get("HOST") == "box"'),
    ))},
    "python-host-bound-twice": ({"/etc/hostname": "rig\n", "~/a/main.py": 'import os, socket\nHOST = socket.gethostname()\nHOST = os.environ.get("AS", HOST)\nif HOST == "box":\n    os.environ["§"] = "1"\n'}, (s("~/a/main.py:5", "a", "1"),)),
    "python-host-of-a-loop": ({"/etc/hostname": "rig\n", "~/a/main.py": 'import os, socket\nif socket.gethostname() == "rig":\n    print(1)\nfor each in ():\n    pass\nelse:\n    os.environ["§"] = "1"\n'}, (s("~/a/main.py:7", "a", "1"),)),
    "js-host": ({"/etc/hostname": "rig\n", "~/a/start.js": "const host = os.hostname()\nif (host === 'box') {\n  process.env.§ = '1'\n} else if (['rig', 'rig2'].includes(host)) {\n  process.env.§ = '2'\n} else {\n  process.env.§ = '3'\n}\n"}, (s("~/a/start.js:5", "a", "2"),)),
    "js-platform": ({"~/a/start.js": "if (process.platform === 'win32' || os.type() == 'Darwin') {\n  process.env.§ = '1'\n} else {\n  process.env.HSA_X = '2'\n}\nif (process.platform !== 'linux') {\n  process.env.HIP_X = '3'\n}\n"}, (s("~/a/start.js:4", "a", "2", "HSA_X"),)),
    "nvim-host": ({"/etc/hostname": "rig\n", "~/.config/nvim/init.lua": "if vim.fn.hostname() == 'box' then\n  vim.env.§ = '1'\nelse\n  vim.env.HSA_X = '2'\nend\nif vim.fn.has('win32') == 1 then\n  vim.env.HIP_X = '3'\nend\n"}, (s("~/.config/nvim/init.lua:4", "nvim", "2", "HSA_X"),)),
    "vim-host": ({"/etc/hostname": "rig\n", "~/.vimrc": "if hostname() ==# 'box'\n  let $§ = '1'\nelse\n  let $HSA_X = '2'\nendif\n"}, (s("~/.vimrc:4", "vim", "2", "HSA_X"),)),
    "julia-host": ({"/etc/hostname": "rig\n", "~/a/run.jl": 'if gethostname() == "box"\n    ENV["§"] = "1"\nelse\n    ENV["HSA_X"] = "2"\nend\n'}, (s("~/a/run.jl:4", "a", "2", "HSA_X"),)),
    "nushell-host": ({"/etc/hostname": "rig\n", "~/.config/nushell/env.nu": 'if (sys host | get hostname) == "box" {\n  $env.§ = "1"\n} else {\n  $env.HSA_X = "2"\n}\n'}, (s("~/.config/nushell/env.nu:4", "sam", "2", "HSA_X"),)),
    "tcsh-host": ({"/etc/passwd": "sam:x:1000:1000::/home/sam:/bin/tcsh\n", "/etc/hostname": "rig\n", "~/.tcshrc": 'if ("$HOST" == "box") then\n  setenv § 1\nelse\n  setenv HSA_X 2\nendif\n'}, (s("~/.tcshrc:4", "sam", "2", "HSA_X"),)),
    # compose's profiles
    **{f"compose-profile-{n}": ({"~/a/.env": env, "~/a/compose.yaml": f"services:\n  b: {{depends_on: [a], image: x}}\n  a:\n    environment: [§=1]\n    profiles: {which}\n"}, (s("~/a/compose.yaml:4", "a", "1"),)) for n, (env, which) in enumerate((
        ("COMPOSE_PROFILES=amd\n", "[amd]"), ('COMPOSE_PROFILES="cpu,amd"\n', "[gpu, amd]"), ("COMPOSE_PROFILES=*\n", "[amd]"), ("", "[]"),
    ))},
    **{f"compose-profile-not-{n}": ({"~/a/.env": env, "~/a/compose.yaml": "services:\n  b: {depends_on: [a], image: x}\n  a:\n    environment: [§=1]\n    profiles: [amd]\n"}, ()) for n, env in enumerate(("", "COMPOSE_PROFILES=\n", "COMPOSE_PROFILES=cpu\n", "#COMPOSE_PROFILES=amd\n"))},
    "compose-profile-of-an-override": ({"~/a/compose.yaml": "services:\n  a:\n    environment: [§=1]\n", "~/a/compose.override.yaml": "services:\n  a:\n    profiles: [amd]\n"}, ()),
    "compose-profile-of-who-includes": ({"~/a/.env": "COMPOSE_PROFILES=amd\n", "~/a/compose.yaml": "include: [b/c.yaml]\n", "~/a/b/c.yaml": "services:\n  a:\n    environment: [§=1]\n    profiles: [amd]\n"}, (s("~/a/b/c.yaml:3", "a", "1"),)),
    "konsole-command": ({"~/.local/share/konsole/a.profile": "[General]\nCommand=env §=1 /bin/bash\nName=§=2\n"}, (s("~/.local/share/konsole/a.profile:2", "konsole", "1"),)),
    "konsole-command-of-nothing": ({"~/.local/share/konsole/a.profile": "[General]\nCommand=/bin/bash -c 'echo §=1'\n#Command=env §=2 sh\n"}, ()),
    # terminals, menus and launchers
    **{f"terminal-{n}": ({f"~/{file}": f"{pre}{line}\n"}, (s(f"~/{file}:{pre.count(chr(10)) + 1}", "sam", "1"),)) for n, (file, pre, line) in enumerate((
        (".config/kitty/kitty.conf", "", "map f1 launch --env §=1 --type=tab ollama"), (".config/kitty/kitty.conf", "", "shell env §=1 bash"), (".config/kitty/a.session", "new_tab a\n", "launch --env §=1 bash"),
        (".config/ghostty/config", "", "command = env §=1 bash"), (".config/ghostty/config.ghostty", "", "env = §=1"), (".tmux.conf", "", 'set -g default-command "env §=1 bash"'),
        (".tmux.conf", "", "bind o new-window -n ollama '§=1 ollama serve'"), (".config/byobu/.tmux.conf", "", "bind-key o neww -e §=1 ollama"), (".local/share/kio/servicemenus/a.desktop", "[Desktop Action a]\n", "Exec=env §=1 upscale %f"),
        (".local/share/kservices5/ServiceMenus/a.desktop", "", "Exec=env §=1 upscale %f"), (".local/share/nemo/actions/a.nemo_action", "[Nemo Action]\n", "Exec=env §=1 upscale %F"), (".config/Thunar/uca.xml", "<actions><action>\n", "<command>env §=1 upscale %f</command>"),
        (".config/khotkeysrc", "[Data_1Actions0]\n", "CommandURL=env §=1 ollama serve"), (".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml", "<channel>\n", '<property name="F1" type="string" value="env §=1 ollama serve"/>'),
        (".config/xfce4/terminal/terminalrc", "[Configuration]\n", "CustomCommand=env §=1 bash"), (".local/share/nautilus/scripts/a", "#!/bin/sh\n", "§=1 upscale"), (".local/share/nemo/scripts/a", "#!/bin/sh\n", "export §=1; upscale"),
    ))},
    "kitty-startup-session": ({"~/.config/kitty/kitty.conf": "startup_session work.conf\n", "~/.config/kitty/work.conf": "launch --env §=1 bash\n"}, (s("~/.config/kitty/work.conf:1", "kitty", "1"),)),
    **{f"terminal-not-{n}": ({f"~/{file}": f"{line}\n"}, ()) for n, (file, line) in enumerate((
        (".config/kitty/kitty.conf", "# map f1 launch --env §=1 ollama"), (".config/kitty/kitty.conf", "map f1 send_text all export §=1"), (".config/kitty/work.conf", "launch --env §=1 bash"),
        (".config/ghostty/config", "title = §=1"), (".tmux.conf", '# set -g default-command "env §=1 bash"'), (".tmux.conf", "bind o display-message '§=1'"), (".tmux.conf", 'set -g status-left "§=1"'),
        (".config/Thunar/uca.xml", "<!-- <command>env §=1 upscale</command> --><description>§=1 a</description>"), (".config/khotkeysrc", "[Data_1]\nComment=needs §=1"), (".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml", '<!-- <property name="F1" value="env §=1 ollama"/> --><property name="echo §=1" value="xterm"/>'),
        (".local/share/nemo/actions/a.nemo_action", "Comment=env §=1 a\n#Exec=env §=1 b"), (".local/share/nautilus/scripts/a", "§=1 upscale"),
    ))},
    "nix-off-far-above": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": '{\n  services.ollama.enable = false;\n  networking.hostName = "rig";\n  services.ollama.acceleration = "rocm";\n  services.ollama.environmentVariables = {\n    § = "1";\n  };\n  environment.variables.HSA_X = "1";\n}\n'}, (s("/etc/nixos/configuration.nix:8", "all", "1", "HSA_X"),)),
    "nix-another-off-above": ({"/etc/NIXOS": "", "/etc/nixos/configuration.nix": '{\n  services.open-webui.enable = false;\n  networking.hostName = "rig";\n  services.ollama.environmentVariables = {\n    § = "1";\n  };\n}\n'}, (s("/etc/nixos/configuration.nix:5", "ollama", "1"),)),
    "manager-emptied-by-a-drop-in": ({"/etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=§=1 HSA_X=1\n", "/etc/systemd/system.conf.d/a.conf": "[Manager]\nDefaultEnvironment=HIP_Y=1\n", "/etc/systemd/system.conf.d/b.conf": "[Manager]\nDefaultEnvironment=\nDefaultEnvironment=HIP_X=2\n"}, (s("/etc/systemd/system.conf.d/b.conf:3", "system", "2", "HIP_X"),)),
    "manager-emptied-by-a-users": ({"~/.config/systemd/user.conf": "[Manager]\nDefaultEnvironment=§=1\n", "~/.config/systemd/user.conf.d/b.conf": "[Manager]\nDefaultEnvironment=\n"}, ()),
    "manager-emptied-elsewhere": ({"/etc/systemd/system.conf": "[Manager]\nDefaultEnvironment=§=1\n", "/etc/systemd/system.conf.d/b.conf": "[Service]\nDefaultEnvironment=\n"}, (s("/etc/systemd/system.conf:2", "system", "1"),)),
    "text-before-a-shells": (*shell("cat <<A > x\nexport §=1\nA\nsh <<B\nexport HSA_X=2 && python x\nB\nexport HIP_X=3\n", (7, "3"))[:1], (s(f"{BASH}:5", "x", "2", "HSA_X"), s(f"{BASH}:7", "sam", "3", "HIP_X"))),
    "two-texts-of-a-line": shell("diff <(cat <<A) - <<B\nexport §=1\nA\nexport §=2\nB\nexport §=3\n", (6, "3")),
}  # fmt: skip
