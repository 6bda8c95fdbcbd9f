#!/bin/sh
# The main job on a sample machine: `./install.sh --demo` prepares the program in a scratch folder, runs this, and
# removes the folder. $1: that folder; its bin/ holds the command rdna-installer. No network, no GPU, no root.
set -eu

scratch=$1
here=$(cd "$(dirname "$0")" && pwd)
release=6.1.0-56-amd64
cd "$scratch"

# Nothing of the caller's may show, or be written to: neither settings nor state.
for name in $(env | sed -n 's/^\(HSA_[A-Z0-9_]*\|HIP_[A-Z0-9_]*\|ROCR_[A-Z0-9_]*\|XDG_[A-Z_]*\|SUDO_[A-Z]*\)=.*/\1/p'); do
    unset "$name"
done
unset VIRTUAL_ENV CONDA_PREFIX
export HOME="$scratch/home" PATH="$scratch/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

bold='' dim='' green='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    escape=$(printf '\033')
    bold="${escape}[1m" dim="${escape}[2m" green="${escape}[32m" plain="${escape}[0m"
fi

title() {
    printf '\n%s-- %s %s%s\n' "$bold" "$1" "$(printf '%*s' $((76 - ${#1})) '' | tr ' ' -)" "$plain"
}

text() {
    printf '%s\n' "$dim$1$plain"
}

# step COMMAND: show the very command, then run it. The demo ends where a step fails.
step() {
    printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"
    code=0
    sh -c "$1" || code=$?
    [ "$code" = 0 ] || { printf 'demo: that ended with exit code %s [demo-failed]\n' "$code" >&2; exit 1; }
}

# Type, mode, owner, name and content of everything below sample/, as one line each.
fingerprint() {
    find sample -path sample/var/lib/rdna-installer -prune -o -print | LC_ALL=C sort | while IFS= read -r path; do
        stat -c '%F %a %u:%g %n' "$path"
        [ ! -f "$path" ] || sha256sum <"$path"
    done
}

build_machine() {
    cp -R "$here/machine" sample
    mkdir -p home sample/var/lib sample/etc/environment.d
    printf 'sam:x:%s:%s:Sam:/home/sam:/bin/bash\n' "$(id -u)" "$(id -g)" >sample/etc/passwd
    modules=sample/lib/modules/$release
    file=kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko
    mkdir -p "$modules/$(dirname "$file")"
    printf '%s:\n' "$file" >"$modules/modules.dep"
    /usr/bin/env python3 -I "$here/sample_module.py" >"$modules/$file"
}

build_machine
fingerprint >before

title 'rdna-installer: a demonstration'
text "A sample machine: a folder that holds what a Debian 12 computer with a Radeon
RX 5600 XT shows of itself. Your own machine is neither read nor changed."
printf 'It is in %s/sample\n' "$scratch"

title '1. What is in the machine?'
text "Read from the kernel's own files, never guessed from names; nothing is run."
step 'rdna-installer detect --root sample'

title '2. What would be changed, and why?'
text 'Each setting names its rule; each refused one, the reason; each file, its diff.
Here the two layers of the system; the Python layer follows in the next step.'
step 'rdna-installer plan --root sample --profile layered --layer kernel --layer env'

title '3. Do it'
text 'All of it or nothing, also when the power fails half-way. The third layer is a
hook in the Python that has PyTorch (its hundred lines of code are not shown).'
step 'rdna-installer apply --root sample --profile layered --yes >/dev/null'
step 'rdna-installer status --root sample'

title '4. Is it really in force?'
text 'On a real machine this also reads, after the reboot, what the driver runs with.'
step 'rdna-installer verify --root sample'

title '5. Back to the state before'
step 'rdna-installer rollback --root sample --yes >/dev/null'

title '6. Is everything as it was?'
text "Each file and folder: content, mode and owner. (Left out: the program's own
history in var/lib/rdna-installer, which keeps what was undone.)"
fingerprint >after
step 'cmp before after && sha256sum before after'
printf '\n%s%s files and folders, byte for byte as before.%s\n' "$green" "$(grep -c ' sample' after)" "$plain"

title 'That was all of it'
text 'The scratch folder is removed now. On a machine with an AMD GPU:'
printf '\n  sudo ./install.sh             a menu; every change is shown before it is made\n'
printf '  ./install.sh --python-only    your own Pythons only: no root, no reboot\n'
