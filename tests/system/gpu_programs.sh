#!/bin/bash
# Makes a booted Debian into a machine with programs that use a GPU. There is none: /dev/kfd is a node of /dev/null's
# numbers, a program that has it open (or has mapped a file called libamdhip64.so) is the edge of what is real here.
#   gpu_programs.sh people | before | after | ready | containers | last
# Text for other shells, homes and files is what most of this is.
# shellcheck disable=SC2059,SC2016,SC2088
set -eu
K=HSA_OVERRIDE_GFX_VERSION

as() { su - "$1" -c "$2" </dev/null >/dev/null 2>&1; }
unit() { # NAME LINES…
    { printf '[Service]\n'; shift; printf '%s\n' "$@"; } >"/etc/systemd/system/${unit:?}.service"
}

people() {
    groupadd -r render 2>/dev/null || true
    for name in sam zoe dan; do useradd -m -s /bin/bash "$name"; done
    usermod -aG render sam
    mknod /dev/kfd c 1 3
    chgrp render /dev/kfd
    chmod 660 /dev/kfd
    mkdir -p /dev/dri
    mknod /dev/dri/renderD128 c 1 3
    chmod 666 /dev/dri/renderD128
    cat >/usr/local/bin/gpu <<'X'
#!/bin/bash
# gpu NAME [NODE]: a program that has the compute device open
exec 9<>"${2:-/dev/kfd}"
exec -a "gpu-$1" sleep 9999
X
    cp /usr/bin/sleep /usr/local/bin/llama-server
    chmod 755 /usr/local/bin/*
    as sam 'python3 -m venv --without-pip ~/venv'
    packages=$(echo /home/sam/venv/lib/python3*/site-packages)
    mkdir -p "$packages/torch" "$packages/torch-2.5.1+rocm6.2.dist-info"
    printf '__version__ = "2.5.1+rocm6.2"\nhip = "6.2.41133"\ncuda = None\n' >"$packages/torch/version.py"
    printf 'Metadata-Version: 2.1\nName: torch\nVersion: 2.5.1+rocm6.2\n' >"$packages/torch-2.5.1+rocm6.2.dist-info/METADATA"
    cat >/home/sam/job.py <<'X'
import ctypes, mmap, os, subprocess, sys, time
if "child" in sys.argv:  # a launcher that sets it for what it starts
    os.environ["HSA_OVERRIDE_GFX_VERSION"] = "11.0.0"
    subprocess.run([sys.executable, __file__, "by-program"])
if "mapped" in sys.argv:
    kfd = open("/opt/rocm/lib/libamdhip64.so.6", "rb")
    held = mmap.mmap(kfd.fileno(), 0, prot=mmap.PROT_READ)
else:
    kfd = open("/dev/kfd", "r+b", buffering=0)
if "overwritten" in sys.argv:
    fields = open("/proc/self/stat").read().rpartition(")")[2].split()
    ctypes.memset(int(fields[47]), 0, int(fields[48]) - int(fields[47]))
time.sleep(9999)
X
    mkdir -p /opt/rocm/lib
    printf 'no library' >/opt/rocm/lib/libamdhip64.so.6
    chown -R sam:sam /home/sam
    loginctl enable-linger sam
    loginctl enable-linger zoe
    until [ -S /run/user/"$(id -u zoe)"/systemd/private ] && [ -S /run/user/"$(id -u sam)"/systemd/private ]; do sleep 0.1; done
    usermod -aG render zoe
}

before() {
    as sam "$K=11.0.0 tmux new-session -d -s old"
    as sam 'setsid ~/venv/bin/python ~/job.py before-hook &'
    unit=stale unit x "Environment=$K=11.0.0" 'ExecStart=/usr/local/bin/gpu stale-unit'
    unit=unread unit x "Environment=$K=11.0.0" 'ExecStart=/usr/local/bin/gpu unread-unit'
    printf "$K=11.0.0\n" >/etc/default/envfile
    unit=envfile unit x 'EnvironmentFile=-/etc/default/envfile' 'ExecStart=/usr/local/bin/gpu stale-file'
    unit=dropped unit x 'ExecStart=/usr/local/bin/gpu dropped-in'
    mkdir -p /etc/systemd/system/dropped.service.d
    printf "[Service]\nEnvironment=$K=11.0.0\n" >/etc/systemd/system/dropped.service.d/override.conf
    systemctl daemon-reload
    systemctl start stale unread envfile dropped
    sleep 0.5
    unit=stale unit x "Environment=$K=10.3.0" 'ExecStart=/usr/local/bin/gpu stale-unit'
    printf "$K=10.3.0\n" >/etc/default/envfile
    unit=unread unit x "Environment=$K=10.3.0" 'ExecStart=/usr/local/bin/gpu unread-unit'
    rm /etc/systemd/system/dropped.service.d/override.conf
    printf "[Service]\nEnvironment=$K=10.3.0\n" >/etc/systemd/system/dropped.service.d/60-new.conf
    systemctl daemon-reload
}

after() {
    python='~/venv/bin/python ~/job.py'
    as sam "tmux new-window -t old '$python stale-tmux'"
    as sam "setsid $python hooked &"
    as sam "cd ~ && . venv/bin/activate && setsid python job.py activated &"
    as sam "setsid $python mapped &"
    as sam "RDNA_HOOK=0 setsid $python hook-off &"
    as sam "setsid ~/venv/bin/python -S ~/job.py no-site &"
    as sam "$K= setsid $python empty-inherited &"
    as sam "setsid $python overwritten &"
    as sam "setsid $python child &"
    as sam 'setsid gpu graphics /dev/dri/renderD128 &'
    printf "#!/bin/sh\nexport $K=11.0.0\n$python by-script\n" >/home/sam/start.sh
    as sam 'setsid sh ~/start.sh &'
    as sam "export $K=11.0.0; setsid sh -c 'exec 9<>/dev/kfd; exec unshare -Ur bash -c \"exec -a gpu-userns sleep 9999\"' &"
    printf "\nexport $K=11.0.0\n" >>/home/zoe/.profile
    as zoe 'setsid gpu of-zoe &'
    unit=wrong unit x "Environment=$K=11.0.0" 'ExecStart=/usr/local/bin/gpu wrong-unit'
    printf "#!/bin/sh\nexport $K=11.0.0\nexec gpu launched\n" >/usr/local/bin/launch
    chmod 755 /usr/local/bin/launch
    unit=launched unit x "Environment=$K=10.3.0" 'ExecStart=/usr/local/bin/launch'
    unit=closed unit x 'User=dan' 'ExecStart=/usr/local/bin/llama-server 9999'
    unit=healthy unit x 'User=sam' "Environment=HSA_USE_SVM=0" 'ExecStart=/home/sam/venv/bin/python /home/sam/job.py healthy-unit'
    # Never started.
    for name in dan sam; do unit=idle-$name unit x "User=$name" 'ExecStart=/home/sam/venv/bin/python /home/sam/job.py x'; done
    unit=idle-private unit x 'User=sam' PrivateDevices=yes 'ExecStart=/home/sam/venv/bin/python /home/sam/job.py x'
    unit=idle-dynamic unit x DynamicUser=yes 'ExecStart=/usr/local/bin/ollama serve'
    mkdir -p /usr/local/lib/ollama/rocm/rocblas/library
    touch /usr/local/lib/ollama/rocm/rocblas/library/TensileLibrary_lazy_gfx1030.dat
    cp /usr/bin/sleep /usr/local/bin/ollama
    unit=ollama unit x 'User=sam' 'ExecStart=/usr/local/bin/ollama 9999'
    systemctl daemon-reload
    systemctl start wrong launched closed healthy ollama
    systemd-run -q --unit=transient "--setenv=$K=11.0.0" /usr/local/bin/gpu transient
    user=$(id -u sam)
    mkdir -p /home/sam/.config/systemd/user
    printf '[Service]\nExecStart=%%h/venv/bin/python %%h/job.py user-service\n' >/home/sam/.config/systemd/user/good.service
    printf '[Service]\nExecStart=/usr/local/bin/gpu imported\n' >/home/sam/.config/systemd/user/imported.service
    printf "[Service]\nEnvironment=$K=11.0.0\nExecStart=/usr/local/bin/gpu user-wrong\n" >/home/sam/.config/systemd/user/mine.service
    chown -R sam:sam /home/sam
    as sam "export XDG_RUNTIME_DIR=/run/user/$user; systemctl --user daemon-reload; systemctl --user start good mine;
        systemctl --user set-environment $K=11.0.0; systemctl --user start imported; systemctl --user unset-environment HSA_USE_SVM"
    sleep 1
}

image() { # a small one, made of this machine's own bash and sleep
    for file in /bin/bash /bin/sleep $(ldd /bin/bash /bin/sleep | grep -o '/[^ ]*' | grep -v :); do
        mkdir -p "/tmp/image$(dirname "$file")"
        cp -L "$file" "/tmp/image$file"
    done
    tar -C /tmp/image -cf /tmp/image.tar .
    chmod 644 /tmp/image.tar
}

box() { # NAME OPTIONS…: a program in a container that has the device open
    name=$1
    shift
    printf 'podman run -d --name %s --network none --cgroups=disabled --device /dev/kfd --device /dev/dri %s' "$name" "$*"
    printf " localhost/t:1 bash -c 'exec 9<>/dev/kfd; exec -a gpu-%s sleep 9999'\n" "$name"
}

ready() { # for containers of sam's and root's
    image
    # This root is an overlay itself: on it another one cannot be.
    mount -t tmpfs none /var/lib/containers
    # Over a /proc of which anything is hidden the kernel allows no user namespace another one.
    umount /proc/cmdline /proc/sys/kernel/random/boot_id
    mkdir -p /home/sam/.config/containers
    printf '[storage]\ndriver="vfs"\n' >/home/sam/.config/containers/storage.conf
    chown -R sam:sam /home/sam/.config
}

containers() {
    ready
    import='podman import -q --change ENV=%s /tmp/image.tar localhost/t:1\n'
    for who in sam root; do
        { printf 'cd; export XDG_RUNTIME_DIR=/run/user/$(id -u)\n'
            printf "$import" "$K=11.0.0"
            box "$who-image" --group-add keep-groups
            box "$who-command" --group-add keep-groups --env "$K=9.0.0"
            box "$who-empty" --group-add keep-groups --env "$K="
            printf 'podman run -d --name %s --network none --cgroups=disabled --device /dev/kfd' "$who-closed"
            printf ' localhost/t:1 bash -c "exec -a llama-server sleep 9998"\n'
            printf 'podman run -d --name %s --network none --cgroups=disabled' "$who-without"
            printf ' localhost/t:1 bash -c "exec -a llama-server sleep 9997"\n'
        } >"/tmp/boxes-$who.sh"
    done
    mkdir -p /home/sam/comfy /etc/containers/systemd
    printf "services:\n  a:\n    environment:\n      - $K=\${$K}\n" >/home/sam/comfy/compose.yaml
    chown -R sam:sam /home/sam/comfy
    su - sam -c 'bash -e /tmp/boxes-sam.sh' </dev/null
    bash -e /tmp/boxes-root.sh </dev/null
    { printf "[Container]\nImage=localhost/t:1\nContainerName=quad\nNetwork=none\nPodmanArgs=--cgroups=disabled\n"
        printf "AddDevice=/dev/kfd\nEnvironment=$K=9.0.0\nExec=bash -c 'exec 9<>/dev/kfd; exec -a gpu-quadlet sleep 9999'\n"
    } >/etc/containers/systemd/quad.container
    mkdir -p /home/sam/.config/containers/systemd
    for name in closed open; do
        printf '[Container]\nImage=localhost/t:1\nAddDevice=/dev/kfd\nAddDevice=/dev/dri\n' >"/home/sam/.config/containers/systemd/later-$name.container"
    done
    echo 'GroupAdd=keep-groups' >>/home/sam/.config/containers/systemd/later-open.container
    chown -R sam:sam /home/sam/.config/containers
    systemctl --user --machine=sam@.host daemon-reload
    systemctl daemon-reload
    systemctl start quad
    sleep 1
}

last() { echo '# changed' >>/etc/systemd/system/unread.service; }

"$1"
