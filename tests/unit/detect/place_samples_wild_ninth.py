# ruff: noqa: E501 - tables of texts, a case a line
# fmt: off
"""Set L: a ninth set like place_samples_wild, by another stranger who knew neither the readers nor their tests.

From dotfiles and homelab repositories; a number is that of a stored file in a search over public repositories.

Run once before anything was mended for it, after J and K were learnt (and before, with the same score): 33 of 36 places
named with every labelled line and value (45 of 49 lines): a Node program's own file by another name than those that are
looked for, a Rust program's source, Konsole's Command=. 2 of 36 look-alikes claimed: other hosts' branch of a Python
program, and a compose service behind a profile. Rows of NINTH_CALM may have labels: what is set beside what is not.

A Rust program's source is no place: what was built of it sets the variable, wherever that lies. It is a look-alike here.
"""

from __future__ import annotations

from place_samples_wild import FISH, ZSH, Rows, s

OLLAMA_UNIT = """\
[Unit]
Description=Ollama Service
After=network-online.target

[Service]
ExecStart=/usr/bin/ollama serve
User=ollama
Group=ollama
Restart=always

[Install]
WantedBy=multi-user.target
"""

NINTH_WILD: Rows = {
    # 56570007440: one config.fish for a Mac and a Linux box
    "fish-mac-else-linux": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": """\
if test (uname) = Darwin
    fish_add_path -g $HOME/.bun/bin
    if test -x /opt/homebrew/bin/brew
        /opt/homebrew/bin/brew shellenv | source
    end
    abbr -a copy pbcopy
else
    # Linux
    fish_add_path -g /opt/rocm/bin
    set -gx ROCM_PATH /opt/rocm
    set -gx § 10.3.0
    set -gx LIBVIRT_DEFAULT_URI qemu:///system
    if test -n "$SSH_CONNECTION"
        set -gx TERM xterm-256color
    end
    abbr -a copy wl-copy
end
""",
        },
        (s("~/.config/fish/config.fish:11", "sam"),),
    ),
    # 55616301682: a funcsaved alias of fish
    "fish-funcsave-alias": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/functions/ollama-gpu.fish": """\
function ollama-gpu --wraps='§=10.3.0 HIP_VISIBLE_DEVICES=0 ollama serve & disown' --description 'alias ollama-gpu=§=10.3.0 HIP_VISIBLE_DEVICES=0 ollama serve & disown'
    §=10.3.0 HIP_VISIBLE_DEVICES=0 ollama serve & disown $argv
end
""",
        },
        (
            s("~/.config/fish/functions/ollama-gpu.fish:2", "sam"),
            s("~/.config/fish/functions/ollama-gpu.fish:2", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # 46153169072: set -Ux kept in config.fish
    "fish-universal-in-config": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": """\
# set -Ux HTTP_PROXY http://10.1.1.22:7897
set -Ux EDITOR nvim
set -Ux VISUAL neovide
set -Ux § 10.3.0
# fnm
fnm env --use-on-cd --shell fish | source
starship init fish | source
""",
        },
        (s("~/.config/fish/config.fish:4", "sam"),),
    ),
    # 53753895136: a fish function that starts the server (here without home-manager)
    "fish-function-set-x": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/functions/llm-start.fish": """\
function llm-start --description "Start Ollama LLM server in background (ROCm)"
    if pgrep -x ollama > /dev/null
        echo "Ollama is already running"
        return 0
    end
    set -x § 11.0.0
    ollama serve > /tmp/ollama.log 2>&1 &
    disown
    sleep 1
    echo "Ollama started — use llm-log to watch output"
end
""",
        },
        (s("~/.config/fish/functions/llm-start.fish:6", "sam", "11.0.0"),),
    ),
    # 8991529777: .zshrc with an export and an alias for docker
    "zshrc-export-and-docker-alias": (
        {
            "/etc/passwd": ZSH,
            "~/.zshrc": """\
export ZSH="$HOME/.oh-my-zsh"
export TERM=xterm-256color
export §="10.3.0"

export JAVA_HOME="/usr/lib/jvm/java-21-openjdk/"

alias backup_pkgs='pacman -Qqe > ~/.config/pkglist.txt'
alias ollama_serve='docker run --name ollama_server --env §=10.3.0 -d --device /dev/kfd --device /dev/dri -v ollama:/data/.ollama -p 11434:11434 ollama/ollama:rocm'

ZSH_THEME="robbyrussell"
plugins=(git z)
source $ZSH/oh-my-zsh.sh
""",
        },
        (s("~/.zshrc:3", "sam"), s("~/.zshrc:8", "sam")),
    ),
    # 26313501783: "start comfy env"
    "bash-alias-sce": (
        {
            "~/.bashrc": """\
case $- in
    *i*) ;;
      *) return;;
esac
HISTCONTROL=ignoreboth
alias ll='ls -alF'
alias sce='§=10.3.0 python3 main.py'
""",
        },
        (s("~/.bashrc:7", "sam"),),
    ),
    # 54571518681: home-manager's rendering of Service.Environment
    "user-unit-two-single-quoted": (
        {
            "~/.config/systemd/user/voxtype.service": """\
[Unit]
Description=VoxType push-to-talk

[Service]
Environment='VOXTYPE_VULKAN_DEVICE=amd' '§=10.3.0'
ExecStart=%h/.local/bin/voxtype daemon
Restart=on-failure

[Install]
WantedBy=graphical-session.target
""",
        },
        (s("~/.config/systemd/user/voxtype.service:5", "sam"),),
    ),
    # 31001337009: the same key twice in one drop-in
    "dropin-key-twice": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA_UNIT,
            "/etc/systemd/system/ollama.service.d/amd-gpu.conf": """\
[Service]
# AMD GPU configuration for ROCm/HIP
Environment="HIP_VISIBLE_DEVICES=0"
Environment="§=11.0.0"

# For AMD Radeon 890M (gfx1103), we may need to override the architecture
# Common values: gfx1100 (RDNA 3), gfx1103 (RDNA 3.5/Strix)
Environment="§=11.0.3"

# Ensure ollama can access GPU devices
SupplementaryGroups=video render
""",
        },
        (
            s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:3", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("/etc/systemd/system/ollama.service.d/amd-gpu.conf:8", "sam", "11.0.3"),
        ),
    ),
    # 15808728075: the whole list in one pair of quotes is one value
    "unit-whole-list-in-quotes": (
        {
            "/etc/systemd/system/ollama.service": """\
[Unit]
Description=Ollama Service
After=network-online.target

[Service]
Environment='§=11.0.0 OLLAMA_HOST=192.168.1.135:11434 OLLAMA_MAX_LOADED_MODELS=0'
ExecStart=/usr/bin/ollama serve
User=ollama
Group=ollama
Restart=always
RestartSec=3

[Install]
WantedBy=default.target
""",
        },
        (
            s(
                "/etc/systemd/system/ollama.service:6",
                "sam",
                "11.0.0 OLLAMA_HOST=192.168.1.135:11434 OLLAMA_MAX_LOADED_MODELS=0",
            ),
        ),
    ),
    # 55054320128: llama-server with a draft model on two V620
    "unit-llamacpp-two-cards": (
        {
            "/etc/llamacpp.env": "LLAMACPP_API_KEY=sk-local-1\n",
            "/etc/systemd/system/llamacpp-chat.service": """\
[Unit]
Description=llama.cpp chat (V620 ROCm, tensor-split 1,1)
After=network-online.target

[Service]
Type=simple
User=root
WorkingDirectory=/opt/llama.cpp
EnvironmentFile=/etc/llamacpp.env
Environment="HIP_VISIBLE_DEVICES=0,1"
Environment="§=10.3.0"
Environment="HIP_FORCE_DEV_KERNARG=1"
ExecStart=/opt/llama.cpp/build/bin/llama-server \\
    --model /opt/models/qwen3.6-35b-a3b-ud-q4_k_m.gguf \\
    --api-key ${LLAMACPP_API_KEY} \\
    --tensor-split 1,1

[Install]
WantedBy=multi-user.target
""",
        },
        (
            s("/etc/systemd/system/llamacpp-chat.service:10", "sam", "0,1", "HIP_VISIBLE_DEVICES"),
            s("/etc/systemd/system/llamacpp-chat.service:11", "sam"),
            s("/etc/systemd/system/llamacpp-chat.service:12", "sam", "1", "HIP_FORCE_DEV_KERNARG"),
        ),
    ),
    # 58400254914: a quadlet per slot
    "quadlet-slot": (
        {
            "/etc/containers/systemd/hal0-slot-chat.container": """\
[Unit]
Description=hal0 container inference slot (chat)

[Container]
Image=ghcr.io/hal0ai/hal0-toolbox-rocmfp4:latest
ContainerName=hal0-slot-chat
AutoRemove=yes
Network=host
AddDevice=/dev/kfd
AddDevice=/dev/dri/renderD128
GroupAdd=993
SecurityOpt=seccomp=unconfined
Volume=/mnt/ai-models:/mnt/ai-models:ro,z
Environment=§=11.5.1
Environment=HAL0_RUNTIME=container
PublishPort=127.0.0.1:8081:8081
Exec=llama-server --host 0.0.0.0 --port 8081 --model /mnt/ai-models/foo.gguf

[Service]
Restart=always
""",
        },
        (s("/etc/containers/systemd/hal0-slot-chat.container:14", "sam", "11.5.1"),),
    ),
    # 71078065247: MI50 homelab
    "compose-strata": (
        {
            "~/strata/docker-compose.yml": """\
services:
  strata:
    image: xxdoman/strata-mi50:latest
    container_name: strata
    restart: unless-stopped
    devices:
      - /dev/kfd:/dev/kfd
      - /dev/dri:/dev/dri
    ports:
      - "8085:8085"     # engine (API + built-in chat)
    environment:
      - §=9.0.6
      - CONFIG=/srv/strata-config.json
      # - ROCR_VISIBLE_DEVICES=0     # multi-GPU: which AMD card (index from rocm-smi)
    volumes:
      - ~/strata/gguf:/models
""",
        },
        (s("~/strata/docker-compose.yml:12", "sam", "9.0.6"),),
    ),
    # 31339044587 (its .env), read by env_file
    "compose-env-file": (
        {
            "~/hub/docker-compose.yml": """\
services:
  hypno-hub:
    build: .
    env_file:
      - hub.env
    devices:
      - "/dev/kfd:/dev/kfd"
      - "/dev/dri:/dev/dri"
""",
            "~/hub/hub.env": """\
OLLAMA_URL=http://host.docker.internal:11434

# AMD GPU configuration (7800 XT / RDNA 3)
§=11.0.0
ROCR_VISIBLE_DEVICES=0

# Logging
LOG_LEVEL=INFO
""",
        },
        (
            s("~/hub/hub.env:4", "sam", "11.0.0"),
            s("~/hub/hub.env:5", "sam", "0", "ROCR_VISIBLE_DEVICES"),
        ),
    ),
    # 62655656544: llama-swap
    "llama-swap-env-list": (
        {
            "~/.config/llama-swap/config.yaml": """\
models:
  "qwen3.6-35b:256k":
    ttl: 1200
    env:
      - "HIP_VISIBLE_DEVICES=0"
      - "§=11.0.0"
    cmd: >
      /opt/llama.cpp/build-hip/bin/llama-server
      --host 127.0.0.1
      --port ${PORT}
      -m /srv/llm/Qwen3.6-35B-A3B.Q8_0.gguf
      -ngl 999
    checkEndpoint: /health
""",
        },
        (
            s("~/.config/llama-swap/config.yaml:5", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/.config/llama-swap/config.yaml:6", "sam", "11.0.0"),
        ),
    ),
    # 52853589437 (hallm), flow style so that name and value share a line
    "k8s-deployment-flow": (
        {
            "~/hallm/k8s/ollama.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ollama
  namespace: ollama
spec:
  replicas: 1
  selector:
    matchLabels: { app: ollama }
  template:
    metadata:
      labels: { app: ollama }
    spec:
      containers:
        - name: ollama
          image: ollama/ollama:rocm
          env:
            - { name: §, value: "10.3.0" }
          resources:
            limits:
              amd.com/gpu: "1"
""",
        },
        (s("~/hallm/k8s/ollama.yaml:18", "sam"),),
    ),
    # 21069212280: export NAME := in a justfile
    "justfile-export": (
        {
            "~/llm/justfile": """\
export § := "11.0.0"
export HIP_VISIBLE_DEVICES := "0"

export CXX := "/opt/rocm/bin/hipcc"
export CC := "/opt/rocm/bin/hipcc"
export CMAKE_ARGS := "-DLLAMA_HIPBLAS=on"

setup-text-generation:
\t#!/usr/bin/env bash
\tcd text-generation
\tpython3 -m venv venv
""",
        },
        (
            s("~/llm/justfile:1", "sam", "11.0.0"),
            s("~/llm/justfile:2", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # 59982963909: export in a Makefile
    "makefile-export": (
        {
            "~/tinylm/Makefile": """\
export § := 10.3.0
export HCC_AMDGPU_TARGET := gfx1030

.PHONY: gpu-check tokenize train

gpu-check:
\tpython scripts/check_gpu.py

train:
\tpython scripts/train.py
""",
        },
        (s("~/tinylm/Makefile:1", "sam"),),
    ),
    # 21126664670: --build-arg sets nothing at run time, --env does
    "makefile-docker-run": (
        {
            "~/webui/Makefile": """\
.DEFAULT_GOAL := help

bold := $(shell tput bold)

build:
\tdocker build --tag webui .

run:
\tdocker run \\
\t\t--tty \\
\t\t--interactive \\
\t\t--device /dev/dri \\
\t\t--device /dev/kfd \\
\t\t--network host \\
\t\t--group-add render \\
\t\t--env §=10.3.0 \\
\t\t--volume $(PWD)/models:/models \\
\t\twebui
""",
        },
        (s("~/webui/Makefile:16", "sam"),),
    ),
    # 53365651273
    "hyprland-env": (
        {
            "~/.config/hypr/hyprland.conf": """\
exec-once = nm-applet --indicator

# ENVIRONMENT VARIABLES
env = XCURSOR_SIZE,24
env = HYPRCURSOR_SIZE,24
env = XMODIFIERS,@im=fcitx

# ROCm / HIP: force RDNA3 (gfx1100) target — remove if not using ROCm.
env = §,11.0.0

$terminal    = kitty
$fileManager = pcmanfm-qt
""",
        },
        (s("~/.config/hypr/hyprland.conf:9", "sam", "11.0.0"),),
    ),
    # 59671577839: Hyprland's Lua configuration
    "hyprland-lua-env": (
        {
            "~/.config/hypr/hyprland.lua": """\
local home = os.getenv("HOME")
local config_home = home .. "/.config"

-- Cursor and rendering
hl.env("XCURSOR_THEME", "Qogir-cursors")
hl.env("XCURSOR_SIZE", "24")
hl.env("QT_QPA_PLATFORM", "wayland")
hl.env("RUSTICL_ENABLE", "radeonsi")
hl.env("§", "10.3.0")

hl.env("XDG_CONFIG_HOME", config_home)
""",
        },
        (s("~/.config/hypr/hyprland.lua:9", "sam"),),
    ),
    # 25189958819: the NixOS option
    "nixos-rocmOverrideGfx": (
        {
            "/etc/nixos/configuration.nix": """\
{ config, pkgs, ... }:
{
  imports = [ ./hardware-configuration.nix ];

  # services.openssh.enable = true;

  services.ollama = {
    enable = true;
    acceleration = "rocm";
    # results in environment variable "§=10.3.0"
    rocmOverrideGfx = "10.3.0";
  };

  services.open-webui.enable = true;
}
""",
        },
        (s("/etc/nixos/configuration.nix:11", "sam"),),
    ),
    # 12128954325: sessionVariables by attribute path
    "nixos-sessionVariables": (
        {
            "/etc/nixos/configuration.nix": """\
{ config, pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    rocmPackages.rocm-smi
    rocmPackages.clr
  ];

  systemd.tmpfiles.rules = [
    "L+    /opt/rocm/hip   -    -    -     -    ${pkgs.rocmPackages.clr}"
  ];

  environment.sessionVariables.§ = "10.3.0";
}
""",
        },
        (s("/etc/nixos/configuration.nix:12", "sam"),),
    ),
    # 68883994148 and 3045243803: home-manager
    "home-manager-sessionVariables": (
        {
            "~/.config/home-manager/home.nix": """\
{ config, pkgs, ... }:
{
  home.username = "sam";
  home.homeDirectory = "/home/sam";
  home.stateVersion = "24.05";

  home.sessionVariables = {
    EDITOR = "hx";
    # HIP_VISIBLE_DEVICES=1;
    § = "10.3.0";
    # PYTORCH_ROCM_ARCH="gfx1030";
    NIXPKGS_ALLOW_UNFREE = 1;
  };

  programs.bash.enable = true;
}
""",
        },
        (s("~/.config/home-manager/home.nix:10", "sam"),),
    ),
    # 53822652191
    "python-serve-setdefault": (
        {
            "~/colony/serve.py": '''\
"""
Launch the Colony web server.
Usage: python serve.py [--port 8000]
"""
import argparse
import os

# Must be first — sets HSA env var before torch loads
os.environ.setdefault("§", "10.3.0")

import uvicorn

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    args = parser.parse_args()
    uvicorn.run("colony.api.server:app", port=args.port, reload=False)
''',
        },
        (s("~/colony/serve.py:9", "sam"),),
    ),
    # 33126567434: from os import putenv
    "python-putenv": (
        {
            "~/market/train.py": """\
from os import putenv

putenv("PYTORCH_ROCM_ARCH", "gfx1011")
putenv("§", "10.1.1")

import os
import torch
import torch.nn as nn

print(torch.cuda.is_available())
""",
        },
        (
            s("~/market/train.py:3", "sam", "gfx1011", "PYTORCH_ROCM_ARCH"),
            s("~/market/train.py:4", "sam", "10.1.1"),
        ),
    ),
    # 53194842812
    "python-environ-block": (
        {
            "~/tune/infer.py": """\
import os

os.environ["§"] = "12.0.1"
os.environ["HSA_ENABLE_SDMA"] = "0"
os.environ["HIP_VISIBLE_DEVICES"] = "0"

import json
import torch

# if torch.cuda.is_available():
#     torch.cuda.set_per_process_memory_fraction(0.95, device=0)

from transformers import AutoModelForCausalLM, AutoTokenizer
""",
        },
        (
            s("~/tune/infer.py:3", "sam", "12.0.1"),
            s("~/tune/infer.py:4", "sam", "0", "HSA_ENABLE_SDMA"),
            s("~/tune/infer.py:5", "sam", "0", "HIP_VISIBLE_DEVICES"),
        ),
    ),
    # 54836340096: env= of a child
    "python-subprocess-env": (
        {
            "~/probe/selfsense.py": """\
import os
import subprocess

SELFSENSE = "/home/sam/probe/build/selfsense"


def selfsense(wg, window=1500000):
    out = subprocess.run([SELFSENSE, str(wg), str(window)],
                         capture_output=True, text=True, timeout=30,
                         env={**os.environ, "§": "11.0.0"})
    return out.stdout.split()


if __name__ == "__main__":
    print(selfsense(8))
""",
        },
        (s("~/probe/selfsense.py:10", "sam", "11.0.0"),),
    ),
    # 55644100219
    "node-spawn-env": (
        {
            "~/apps/gallery/ollama.js": """\
const cp = require('child_process')

async function ensureOllama(bin, log) {
  log('info', `Levantando Ollama: ${bin}`)
  // required for AMD RDNA2 GPUs that are not in Ollama's bundled TensileLibrary.
  const ollamaProcess = cp.spawn(bin, ['serve'], {
    detached: false,
    stdio: 'ignore',
    env: { ...process.env, §: '10.3.0' },
  })
  ollamaProcess.unref()
}

module.exports = { ensureOllama }
""",
        },
        (s("~/apps/gallery/ollama.js:9", "sam"),),
    ),
    # 56246468310
    "rust-command-env": (
        {
            "~/src/onebitd/src/main.rs": """\
use std::process::Command;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut cmd = Command::new(&args.bitnet_decode);
    cmd.arg("--server").arg("--bind").arg("127.0.0.1");

    // Set ROCm environment for the child
    cmd.env("§", "11.5.1");
    cmd.env("HSA_ENABLE_SDMA", "0");

    let child = cmd.spawn().expect("Failed to start bitnet_decode");
    Ok(())
}
""",
        },
        (
            s("~/src/onebitd/src/main.rs:9", "sam", "11.5.1"),
            s("~/src/onebitd/src/main.rs:10", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # 36900440501
    "dockerfile-env": (
        {
            "~/whisper/Dockerfile": """\
# Use an official Python runtime as a parent image
FROM python:3.10-slim

# Set environment variables
ENV PYTHONUNBUFFERED=1
ENV TZ=Europe/Amsterdam
ENV ROCM_PATH=/opt/rocm
ENV §=10.3.0

RUN apt-get update -y && apt-get install -y --no-install-recommends ffmpeg
WORKDIR /app
COPY requirements-rocm-v7-0.txt .
""",
        },
        (s("~/whisper/Dockerfile:8", "sam"),),
    ),
    # 7498111381: ARG with a default, then the old ENV form
    "dockerfile-arg-then-env": (
        {
            "~/InvokeAI/Dockerfile": """\
FROM rocm/pytorch as base

# Build Args
ARG §=11.0.0

ENV DEBIAN_FRONTEND=noninteractive \\
    PYTHONUNBUFFERED=1 \\
    PYTHONIOENCODING=UTF-8

# Set the ROCm environment variable for AMD GPUs
ENV § $§

RUN apt-get update && apt-get install -y wget git python3
""",
        },
        (s("~/InvokeAI/Dockerfile:11", "sam", "11.0.0"),),
    ),
    # 4560299552
    "webui-user-two-candidates": (
        {
            "~/stable-diffusion-webui/webui-user.sh": """\
#!/bin/bash
export §=10.3.0 # gfx1030 Radeon RX 6800 6800 XT 6900 XT, gfx1031 Radeon RX 6700 XT.
#export §=8.0.3 # gfx803 Radeon RX580
# --medvram --lowvram --opt-sub-quad-attention --disable-nan-check
export COMMANDLINE_ARGS="--skip-torch-cuda-test --autolaunch --listen"
""",
        },
        (s("~/stable-diffusion-webui/webui-user.sh:2", "sam"),),
    ),
    # 6393949538: mpirun -x
    "mpirun-x": (
        {
            "~/moreh/run_worker.sh": """\
#!/bin/bash
PORT=$1
shift

mpirun -np 1 -H localhost --bind-to none \\
    --mca btl_openib_allow_ib 1 \\
    -x MOREH_BACKEND_TYPE=ucx \\
    -x §=10.3.0 \\
    -x MODNN_SEND_RECV_PIPE=1 \\
    /opt/moreh/bin/moreh_worker $PORT $@
""",
        },
        (s("~/moreh/run_worker.sh:8", "sam"),),
    ),
    # 41662012605: a Konsole profile
    "konsole-profile-command": (
        {
            "~/.local/share/konsole/AI-Env.profile": """\
[Appearance]
ColorScheme=Breeze
Font=DejaVu Sans Mono,10,-1,5,50,0,0,0,0,0

[General]
Command=/bin/bash -c 'export §=11.0.0; source /home/sam/ai-env/bin/activate && echo "AI Environment Active (ROCm 6.3.2)" && exec bash'
Name=AI Environment
Parent=FALLBACK/
""",
        },
        (s("~/.local/share/konsole/AI-Env.profile:6", "sam", "11.0.0"),),
    ),
    # 54214734481: distrobox enter -- env
    "distrobox-enter-env": (
        {
            "~/bin/alunotes-ai": """\
#!/usr/bin/env bash
set -euo pipefail
cd "$HOME/src/alunotes-ai"
exec distrobox enter ubuntu24 -- env §=10.3.0 \\
    .venv/bin/python -m alunotes "$@"
""",
        },
        (s("~/bin/alunotes-ai:4", "sam"),),
    ),
    # 1918599953: devcontainer.json with comments
    "devcontainer-container-env": (
        {
            "~/my-ml-project/.devcontainer/devcontainer.json": """\
{
  "name": "my-ml-project",
  "image": "rocm/pytorch:latest",
  "runArgs": [
    "--device=/dev/kfd",          // ROCm compute device
    "--device=/dev/dri",          // GPU direct rendering
    "--group-add=video"
  ],
  "containerEnv": {
    "HIP_VISIBLE_DEVICES": "0",              // Which GPU to use
    "§": "11.0.0",    // gfx compatibility override
    "ROCM_HOME": "/opt/rocm"
  }
}
""",
        },
        (
            s("~/my-ml-project/.devcontainer/devcontainer.json:10", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/my-ml-project/.devcontainer/devcontainer.json:11", "sam", "11.0.0"),
        ),
    ),
}

NINTH_CALM: Rows = {
    # 54651715487: a guide kept in the home
    "guide-fish-bash-systemd": (
        {
            "~/Documents/ollama-cachyos.md": """\
## Making it permanent

**Bash:**
```bash
echo 'export §=11.0.0' >> ~/.bashrc
source ~/.bashrc
```

**Fish - Option A: Universal Variable (recommended)**
```fish
set -Ux § 11.0.0
```

Paste the following into override.conf:

```ini
[Service]
Environment="§=11.0.0"
```
""",
        },
        (),
    ),
    # 53036627205
    "bashrc-commented-rocm": (
        {
            "~/.bashrc": """\
# User specific environment
if ! [[ "$EDITOR" ]]
then
    export EDITOR=vim
fi

# PyTorch + ROCm
#export §=10.3.0
#export HIP_VISIBLE_DEVICES=0

red="\\[$(tput setaf 1)\\]"
export THEME_CHECK_SUDO=false
""",
        },
        (),
    ),
    # 17066681435: says it, but the export is commented out
    "comfy-echo-but-commented": (
        {
            "~/ComfyUI/start_comfyui_amd.sh": """\
#!/bin/bash
VENV_DIR="$HOME/ComfyUI/venv"
source "$VENV_DIR/bin/activate"
if [ $? -ne 0 ]; then
    echo "Error: Failed to activate virtual environment."
    exit 1
fi

# Set environment variable for RX 5700 XT
echo "Setting §=10.3.0"
#export §=10.3.0

# Launch ComfyUI
python main.py "$@"
exit 0
""",
        },
        (),
    ),
    # 55942799042: the launcher removes an inherited value
    "comfy-unset-native": (
        {
            "~/ComfyUI/launch.sh": """\
#!/bin/bash
cd ~/ComfyUI
source venv/bin/activate
unset §
export HIP_VISIBLE_DEVICES=0
export HSA_ENABLE_SDMA=0
python3 main.py
""",
        },
        (
            s("~/ComfyUI/launch.sh:5", "sam", "0", "HIP_VISIBLE_DEVICES"),
            s("~/ComfyUI/launch.sh:6", "sam", "0", "HSA_ENABLE_SDMA"),
        ),
    ),
    # 66953287061
    "powershell-launcher": (
        {
            "~/Projects/ollama-win/start-amd.ps1": """\
Get-Process | Where-Object {$_.ProcessName -like "*ollama*"} | Stop-Process -Force
$ollama = "C:\\Users\\sam\\AppData\\Local\\Programs\\Ollama\\ollama.exe"

$env:§ = "10.3.0"
$env:GPU_MAX_ALLOC_PERCENT = "100"

Write-Host "Starting Ollama with ROCm..."
& $ollama serve
""",
        },
        (),
    ),
    # 55218690143
    "batch-launcher": (
        {
            "~/Projects/comfyui-rinsei/launch.bat": """\
@echo off
:: comfyui-rinsei launch script — AMD RDNA2 gfx1031 (RX 6700 XT)
set COMFYUI_DIR=C:\\comfyui-rinsei

:: gfx1031 RDNA2 core overrides
set §=10.3.0
set HIP_VISIBLE_DEVICES=0
set ROCR_VISIBLE_DEVICES=0

cd /d %COMFYUI_DIR%
python main.py
""",
        },
        (),
    ),
    # 67210528115: only ARG
    "dockerfile-arg-only": (
        {
            "~/rocm-build/Dockerfile": """\
ARG ROCM_VERSION=6.2
ARG UBUNTU_VERSION=22.04
ARG §=10.3.0
ARG USER_ID=1000

FROM rocm/dev-ubuntu-${UBUNTU_VERSION}:${ROCM_VERSION}-complete

# Redeclare args after FROM for use in RUN commands
ARG USER_ID=1000
ARG §=10.3.0

ENV DEBIAN_FRONTEND=noninteractive
""",
        },
        (),
    ),
    # 2579806272 (instructlab), as a script
    "podman-build-arg": (
        {
            "~/bin/build-instructlab": """\
#!/bin/sh
set -e
cd "$HOME/src/instructlab"
podman build \\
    --build-arg AMDGPU_ARCH="gfx1030" \\
    --build-arg §="10.3.0" \\
    -f container/rocm/Containerfile \\
    -t localhost/instructlab:rocm-gf1030
""",
        },
        (),
    ),
    # 11928929423
    "nixos-commented-service": (
        {
            "/etc/nixos/configuration.nix": """\
{ config, pkgs, ... }:
{
  # amd gpu accelerated ollama
  #  services.ollama = {
  #    enable = true;
  #    acceleration = "rocm";
  #    rocmOverrideGfx = "11.0.3";
  #    environmentVariables = {
  #      § = "11.0.3";
  #      AMD_SERIALIZE_KERNEL = "3";
  #      HSA_ENABLE_SDMA = "0";
  #    };
  #  };

  virtualisation.containers.enable = true;
}
""",
        },
        (),
    ),
    # 15097838041
    "nix-commented-wrapper": (
        {
            "~/.config/home-manager/home.nix": """\
{ pkgs, unstable, mkWrapper, ... }:
{
  home.username = "sam";
  home.packages = with pkgs; [
    (unstable.openai-whisper.override {triton = null;})
    # (mkWrapper pkgs (unstable.openai-whisper.override {triton = null;})
    #   ''
    #     wrapProgram "$out/bin/whisper" \\
    #       --set PYTORCH_ROCM_ARCH  "gfx1030" \\
    #       --set § "10.3.0"
    #   '')
    git
    direnv
  ];
}
""",
        },
        (),
    ),
    # 54811573394
    "pytest-monkeypatch": (
        {
            "~/src/atom/tests/test_rdna2.py": """\
from atom.runtime import rdna2_runtime_detected


def test_rdna2_runtime_detection_uses_rocm_arch_env(monkeypatch):
    monkeypatch.delenv("§", raising=False)
    monkeypatch.delenv("PYTORCH_ROCM_ARCH", raising=False)
    assert rdna2_runtime_detected() is False

    monkeypatch.setenv("§", "10.3.0")
    assert rdna2_runtime_detected() is True

    monkeypatch.delenv("§", raising=False)
    monkeypatch.setenv("PYTORCH_ROCM_ARCH", "gfx1030")
    assert rdna2_runtime_detected() is True
""",
        },
        (),
    ),
    # 53811086458
    "go-test-setenv": (
        {
            "~/src/launcher/ollama_test.go": """\
package main

import (
\t"os"
\t"testing"
)

func TestStartOllama_ROCm_HSAOverrideGfxVersion(t *testing.T) {
\tt.Setenv("§", "9.0.0")
\tdefer func() { _ = os.Unsetenv("§") }()
\tif err := startOllama("ollama/ollama:rocm", "", nil); err != nil {
\t\tt.Fatalf("startOllama rocm HSA: %v", err)
\t}
}
""",
        },
        (),
    ),
    # 55819533305
    "python-reads-arch": (
        {
            "~/src/flydsl/device.py": """\
import functools
import os


def get_rocm_arch() -> str:
    \"\"\"Best-effort ROCm GPU arch string (e.g. 'gfx942').\"\"\"
    env = os.environ.get("FLYDSL_GPU_ARCH") or os.environ.get("§")
    if env:
        if env.startswith("gfx"):
            return env
        if env.count(".") == 2:
            parts = env.split(".")
            return f"gfx{parts[0]}{parts[1]}{parts[2]}"
    return _arch_from_hardware()
""",
        },
        (),
    ),
    # 56114279121: a default of get is no setting
    "python-logs-default": (
        {
            "~/bot/train.py": """\
import logging
import os

import torch

logger = logging.getLogger(__name__)
logger.info(
    "ROCm env: HIP_VISIBLE_DEVICES=%s | §=%s | OMP_NUM_THREADS=%s",
    os.environ.get("HIP_VISIBLE_DEVICES", "0"),
    os.environ.get("§", "11.0.0"),
    os.environ.get("OMP_NUM_THREADS", "1"),
)
""",
        },
        (),
    ),
    # 56797099053: popped before torch; one other key is really set
    "python-pop-before-torch": (
        {
            "~/reachy/bench_tts.py": """\
from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("MIOPEN_LOG_LEVEL", "3")
os.environ.pop("§", None)

import numpy as np
import torch

DEFAULT_MODEL = "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice"
""",
        },
        (s("~/reachy/bench_tts.py:7", "sam", "3", "MIOPEN_LOG_LEVEL"),),
    ),
    # 70958991023: text that an installer would write
    "python-installer-constant": (
        {
            "~/src/setup-desktop/setup.py": '''\
import re
from pathlib import Path

SCRIPT = "setup.py"
OLLAMA_OVERRIDE = "/etc/systemd/system/ollama.service.d/10-gfx-override.conf"
OLLAMA_OVERRIDE_CONTENT = f"""\\
# Managed by {SCRIPT}. RX 6600-class GPUs (gfx1032/gfx1034) have no ROCm
# support; run them as gfx1030 (same instruction set).
[Service]
Environment="§=10.3.0"
"""


def install():
    Path(OLLAMA_OVERRIDE).write_text(OLLAMA_OVERRIDE_CONTENT)
''',
        },
        (),
    ),
    # 71133637736: an installer's here-document
    "installer-heredoc-profile": (
        {
            "~/Downloads/configure-amd-gpu-framework.sh": """\
#!/usr/bin/env bash
# AMD ROCm environment for Framework 13 AMD (Ryzen 7040U / Phoenix).
# no kernels for gfx1103; §=11.0.0 makes it run gfx1100 code.
set -euo pipefail

cat > /etc/profile.d/amd-rocm.sh << 'EOF'
# AMD ROCm environment for Framework 13 (Ryzen 7040 / RDNA3 APU)
export §=11.0.0
export HIP_VISIBLE_DEVICES=0
export HSA_ENABLE_SDMA=0
EOF
""",
        },
        (),
    ),
    # 61634105223
    "k8s-commented-env": (
        {
            "~/k8s/open-webui.yaml": """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ollama
  namespace: open-webui
spec:
  template:
    spec:
      containers:
      - name: ollama
        image: ollama/ollama:rocm
        env:
        # AMD GPU Configuration for RDNA 2 (Radeon 680M in Ryzen 7 5825U)
        #      - name: §
        #        value: "10.3.0"
        - name: TZ
          value: "Europe/Berlin"
""",
        },
        (),
    ),
    # 6091037190: one service for each vendor, none without its profile
    "compose-behind-profile": (
        {
            "~/stack/docker-compose.yml": """\
services:
  ollama-cpu:
    image: ollama/ollama:latest
    cpus: 8
    mem_limit: 16g

  # AMD GPU variant (ROCm)
  ollama-amd:
    image: ollama/ollama:rocm
    devices:
      - /dev/kfd:/dev/kfd
      - /dev/dri:/dev/dri
    environment:
      - §=11.0.0  # Adjust for your AMD GPU
    profiles:
      - amd

volumes:
  ollama-models:
""",
        },
        (),
    ),
    # 67103502991
    "dotenv-example": (
        {
            "~/vllm-rocm/.env.example": """\
# AMD ROCm settings
# Auto-detected. Only override if needed.
§=12.0.1
HIP_VISIBLE_DEVICES=0

# Host group IDs for GPU device access inside the container.
#HOST_VIDEO_GID=
""",
        },
        (),
    ),
    # 45283161129
    "unit-commented-mitigations": (
        {
            "/etc/systemd/system/mi50-llm.service": """\
[Unit]
Description=MI50 LLM FastAPI Server
After=network.target

[Service]
Type=simple
Environment=PYTHONUNBUFFERED=1
# opzionali mitigazioni
# Environment=HSA_ENABLE_SDMA=0
# Environment=§=9.0.6
WorkingDirectory=/opt/mi50-llm
ExecStart=/opt/mi50-llm/venv/bin/uvicorn src.server:app --port 8000
User=sam

[Install]
WantedBy=multi-user.target
""",
        },
        (),
    ),
    # 57472985722 ("no HSA override needed"), with UnsetEnvironment
    "dropin-unsets-old-override": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA_UNIT,
            "/etc/systemd/system/ollama.service.d/10-gpu.conf": """\
[Service]
Environment="§=11.0.0"
""",
            "/etc/systemd/system/ollama.service.d/override.conf": """\
[Service]
# TheRock has native gfx1151 — no HSA override needed
UnsetEnvironment=§
""",
        },
        (),
    ),
    # 30369943615 (amd-gpu.conf) and 58735501825: moved to Vulkan, list wiped first
    "dropin-wiped-for-vulkan": (
        {
            "/etc/systemd/system/ollama.service": OLLAMA_UNIT,
            "/etc/systemd/system/ollama.service.d/amd-gpu.conf": """\
[Service]
Environment="§=11.0.3"
SupplementaryGroups=video render
""",
            "/etc/systemd/system/ollama.service.d/vulkan.conf": """\
[Service]
Environment=
Environment="OLLAMA_VULKAN=1"
""",
        },
        (),
    ),
    # 7811348198: Emacs' list of values that are only called safe
    "emacs-safe-local-values": (
        {
            "~/.config/emacs/custom.el": """\
(custom-set-variables
 '(safe-local-variable-values
   '((citar-bibliography . "biblio.bib")
     (python-shell-process-environment "§=10.3.0")
     (python-shell-virtualenv-root . "/home/sam/Development/sefa/.venv/"))))
""",
        },
        (),
    ),
    # 26359448967 / 9406547334: a saved log
    "ollama-log": (
        {
            "~/ollama.log": """\
$ ollama serve
2025/03/28 15:48:35 routes.go:1230: INFO server config env="map[CUDA_VISIBLE_DEVICES: GPU_DEVICE_ORDINAL: HIP_VISIBLE_DEVICES:0 §:11.0.0 HTTPS_PROXY: OLLAMA_DEBUG:false]"
level=WARN msg="user overrode visible devices" §=11.0.0
level=INFO msg="ROCm GPU detected" device="Radeon 890M"
""",
        },
        (),
    ),
    # 54565545532
    "typescript-reads": (
        {
            "~/src/gpu-panel/src/amd.ts": """\
import { run } from './shell';

export function amdGpus() {
  const gpus = [];
  const vram = run('rocm-smi --showmeminfo vram 2>/dev/null');
  gpus.push({
    vendor: 'amd',
    hsaOverrideGfx: process.env.§,
    visible: process.env.ROCR_VISIBLE_DEVICES ?? 'all',
    vram,
  });
  return gpus;
}
""",
        },
        (),
    ),
    # 71615878979 and 52738637678: C and Go that only clear or speak of it
    "c-unsetenv-go-hint": (
        {
            "~/src/lie/tests/device.c": """\
#include <stdlib.h>
#include "lie.h"

int main(void) {
    lie_error error = {0};
    CHECK(!unsetenv("§"));
    CHECK(lie_gufo_device_validate(&error) == LIE_OK);
    return 0;
}
""",
            "~/src/ollama/discover/amd.go": """\
package discover

func dropUnsupported(dev DeviceInfo, gfx string) {
\tslog.Warn("dropping ROCm device — no rocblas support for gfx target",
\t\t"device", dev.Name, "gfx_target", gfx,
\t\t"hint", "set § to map to a supported target, e.g. §=10.3.0")
}
""",
        },
        (),
    ),
    # 66361269696
    "node-test-deep-equal": (
        {
            "~/src/hub/tests/ollama_env.test.ts": """\
import assert from 'node:assert'
import { test } from 'node:test'
import { withAmdOllamaEnvironment } from '../src/ollama_env'

test('adds the override without changing unrelated env', () => {
  assert.deepEqual(
    withAmdOllamaEnvironment(['NVIDIA_VISIBLE_DEVICES=all'], '11.0.0'),
    [
      'NVIDIA_VISIBLE_DEVICES=all',
      '§=11.0.0',
    ]
  )
})
""",
        },
        (),
    ),
    # 60822146277 and 55549728021: names that only end or begin alike
    "names-alike": (
        {
            "~/pool/settings.py": """\
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    llama_base_port: int = 9100
    # RDNA4 (gfx1200/gfx1201): helps HIP find the GPU when ROCm mis-detects the arch.
    rocm_hsa_override_gfx_version: str = "12.0.1"
""",
            "~/.profile": """\
export JARVIS_ROCM_GFX=11.0.0
export JARVIS_§=11.0.0
export OLD_HIP_VISIBLE_DEVICES=1
""",
        },
        (),
    ),
    # 43539903345: make variables that are not exported, only build arguments
    "makefile-unexported-build-arg": (
        {
            "~/frigate-rocm/Makefile": """\
GPU_INFO := $(strip $(shell lspci -nnk | grep -i -E "VGA|3D|Display"))

ROCM_GPU := gfx900
§ := 9.0.0

ifneq (,$(or $(findstring 8060S,$(GPU_INFO)),$(findstring 8050S,$(GPU_INFO))))
  ROCM_GPU := gfx1151
  § := 11.5.1
endif

build:
\tdocker build --build-arg ROCM_GPU=$(ROCM_GPU) \\
\t\t--build-arg GFX=$(§) -t frigate:rocm .
""",
        },
        (),
    ),
    # 32284137401: only on two other hosts
    "python-other-hosts": (
        {
            "/etc/hostname": "desk\n",
            "~/prng/train_worker.py": """\
import os
import socket

HOST = socket.gethostname()
if HOST in ["rig-6600", "rig-6600b"]:
    os.environ.setdefault("§", "10.3.0")
    os.environ.setdefault("HSA_ENABLE_SDMA", "0")
os.environ.setdefault("ROCM_PATH", "/opt/rocm")

import numpy as np
import torch
""",
        },
        (),
    ),
    # 32250503854 turned off: a NixOS service that is not enabled
    "nixos-service-disabled": (
        {
            "/etc/nixos/configuration.nix": """\
{ config, lib, pkgs, ... }:
{
  services.ollama = {
    enable = false;
    port = 11434;
    acceleration = "rocm";
    rocmOverrideGfx = "11.0.0";
    environmentVariables = {
      HIP_VISIBLE_DEVICES = "0";
    };
  };

  services.gvfs.enable = true;
}
""",
        },
        (),
    ),
    # 52633326820 (the unit), as a package ships it, masked by the owner
    "masked-packaged-unit": (
        {
            "/usr/lib/systemd/system/llama-server.service": """\
[Unit]
Description=Llama.cpp Server with ROCm GPU Acceleration

[Service]
Environment="§=11.5.1"
ExecStart=/opt/llama/llama.cpp/build/bin/llama-server --port 8080

[Install]
WantedBy=multi-user.target
""",
            "/etc/systemd/system/llama-server.service": "->/dev/null",
        },
        (),
    ),
    # 52658278431 with the repair that its owner put below
    "fish-erased-below": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": """\
set fish_greeting ""

# AMD override
set -gx § 10.3.0

set -x MANROFFOPT "-c"

# ROCm 7 knows the card, see the wiki
set -e §
""",
        },
        (),
    ),
    # 58269723277, copies that nobody reads
    "fish-backups": (
        {
            "/etc/passwd": FISH,
            "~/.config/fish/config.fish": """\
source /usr/share/cachyos-fish-config/cachyos-config.fish
set -gx EDITOR micro
""",
            "~/.config/fish/config.fish.bak": """\
source /usr/share/cachyos-fish-config/cachyos-config.fish
set -gx § 10.3.0
set -gx EDITOR micro
""",
            "~/.config/fish/conf.d/rocm.fish.disabled": "set -gx § 10.3.0\n",
        },
        (),
    ),
    # 53144374828: the line and the sourced file are both commented out
    "hyprland-commented": (
        {
            "~/.config/hypr/hyprland.conf": """\
# source = ~/.config/hypr/rocm.conf
env = XCURSOR_SIZE,24
env = QT_QPA_PLATFORM,wayland

# ROCm / HIP: force RDNA3 (gfx1100) target.
# Remove this line if you are not using ROCm.
# env = §,11.0.0

exec-once = swaync
""",
            "~/.config/hypr/rocm.conf": "env = §,11.0.0\n",
        },
        (),
    ),
}

NINTH_CALM["rust-source"] = (NINTH_WILD.pop("rust-command-env")[0], ())
