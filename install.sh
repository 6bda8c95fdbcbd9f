#!/bin/sh
# Installs rdna-installer, and runs it: a menu on a terminal, flags for scripts. Thin on purpose: what may change on
# this machine, and how it is undone, is decided by the program. `./install.sh --help` lists everything.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
packages='python3 python3-click python3-jinja2 python3-yaml python3-distro python3-packaging kmod'
made='# made by install.sh of rdna-installer; ./install.sh --uninstall removes it'
action='' added='' missing='' yes='' dry_run='' python='' scratch='' lent='' staged='' style='' plain='' away=remove
umask 022

usage() {
    sed '1d; s/^  //' "$here/packaging/install.yaml"
}

say() {
    printf '%s\n' "$*" >&2
}

# fail CODE REFERENCE MESSAGE [WHAT TO DO]: the program's own form of an error.
fail() {
    # What is named may be anything: one line of plain ASCII.
    say "$(printf 'error: %s [%s]' "$3" "$2" | LC_ALL=C tr -c ' -~' '?' | fold -s -w 79)"
    [ -z "${4:-}" ] || say "  do:    $4"
    exit "$1"
}

# shellcheck disable=SC2317,SC2329  # called by trap
cleanup() {
    [ -z "$scratch" ] || rm -rf "$scratch"
    [ -z "$staged" ] || rm -rf "$staged"
    # Between the two renames of an update there is no program: put the old one back.
    [ ! -d "$old" ] || [ -e "$prefix" ] || mv "$old" "$prefix"
}

# shellcheck disable=SC2317,SC2329  # called by trap
stop() {
    trap '' INT TERM HUP
    say 'interrupted; the program was not installed or updated [interrupted]'
    exit 130
}

choose_action() {
    [ -z "$action" ] || fail 2 usage "--$action and $1 are two actions" 'name one'
    action=${1#--}
}

# --- where things are -----------------------------------------------------------------------------------------------

set_places() {
    if [ "$(id -u)" = 0 ]; then
        parent=/opt bin=/usr/local/bin data=/usr/local/share
    else
        parent=${XDG_DATA_HOME:-${HOME:?}/.local/share} bin=$HOME/.local/bin
        data=$parent
    fi
    prefix=$parent/rdna-installer
    old=$parent/.rdna-installer.old
    wrapper=$bin/rdna-installer
}

on_debian() {
    [ -e /etc/debian_version ] && command -v apt-get >/dev/null
}

refuse_debian_package() {
    status=$(dpkg-query -W -f '${db:Status-Status}' rdna-installer 2>/dev/null) || return 0
    [ "$status" != installed ] ||
        fail 3 debian-package 'rdna-installer is already installed, as a Debian package' 'sudo rdna-installer apply'
}

# Somebody's clone in our place, or another program's command of this name, is not ours to replace.
refuse_foreign_program() {
    [ ! -e "$prefix" ] || [ -e "$prefix/.made-by-install.sh" ] ||
        fail 3 foreign-program "$prefix was not made by install.sh (a clone of the project?)" \
            'move it away, or run it from there: it is not replaced'
    [ ! -e "$wrapper" ] || grep -qsF "$made" "$wrapper" ||
        fail 3 foreign-program "$wrapper was not made by install.sh (pip?)" 'remove it first; it is not replaced'
}

# --- what the program needs -----------------------------------------------------------------------------------------

missing_packages() {
    for package in $packages; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf ' %s' "$package"
    done
}

# whole_list PACKAGES: with all that apt installs for them.
whole_list() {
    # shellcheck disable=SC2086  # a list of package names
    apt-get -s install --no-install-recommends $1 2>/dev/null | sed -n 's/^Inst \([^ ]*\).*/\1/p' | tr '\n' ' '
}

# A fresh system has no package lists yet.
find_packages() {
    added=$(whole_list "$1")
    [ -n "$added" ] || [ "$(id -u)" != 0 ] || apt-get -qq update >&2 ||
        fail 1 apt-failed 'apt-get update failed (its message is above)'
    added=$(whole_list "$1")
    added=${added% }
    [ -n "$added" ] || fail 1 apt-failed "apt-get does not find these packages:$1" 'sudo apt-get update'
}

apt_install() {
    find_packages "$1"
    say 'Installing packages (a minute)'
    # shellcheck disable=SC2086  # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $1 </dev/null >/dev/null ||
        fail 1 apt-failed 'apt-get install failed (its message is above)' 'sudo apt-get -f install'
    say "Installed packages: $added"
}

# What is missing is unpacked in a scratch folder, for the plan to be shown before anything is installed.
borrow() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    [ -n "$dry_run" ] || { [ "$(id -u)" = 0 ] && { [ -n "$yes" ] || { [ -t 0 ] && [ -t 2 ]; }; }; } ||
        fail 3 packages-missing "these packages are missing:$missing" "sudo apt-get install --no-install-recommends$missing"
    find_packages "$missing"
    say "Missing packages, for now only unpacked in a scratch folder: $added"
    make_scratch
    lent=$scratch/lent
    # shellcheck disable=SC2086  # a list of package names
    (mkdir "$lent" && cd "$scratch" && apt-get -qq -o APT::Sandbox::User=root download $added &&
        for file in *.deb; do dpkg-deb -x "$file" "$lent"; done) >&2 ||
        fail 1 apt-failed 'the packages cannot be downloaded (the message of apt-get is above)'
    added=''
    [ ! -x "$lent/usr/bin/python3" ] || LD_LIBRARY_PATH=$(printf '%s:' "$lent"/lib/*-linux-gnu* "$lent"/usr/lib/*-linux-gnu*)/
    export LD_LIBRARY_PATH
}

# Ours to remove is what was missing before, and no more; apt-get shows what else would go, and asks.
remove_packages() {
    [ "$(id -u)" = 0 ] && [ -n "$added" ] || return 0
    say "install.sh had installed these packages: $added"
    # shellcheck disable=SC2086  # a list of package names
    { [ -z "$yes" ] && ask 'Remove them too?' && apt-get "$away" $added >&2; } ||
        say "They stay. To remove them: sudo apt-get $away $added"
}

require_python() {
    if on_debian; then
        borrow
        python=$lent/usr/bin/python3
        [ -x "$python" ] || python=/usr/bin/python3
    else
        python=$(command -v python3) || fail 3 no-python 'there is no python3' 'install Python 3.10 or later'
    fi
    "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail 3 old-python "$("$python" --version) is too old: 3.10 or later is needed"
}

ask() {
    printf '%s [y/N] ' "$1" >&2
    read -r answer || answer=
    case $answer in [yY] | [yY][eE][sS]) return 0 ;; *) return 1 ;; esac
}

# --- the program: staged in a folder, then put in place -------------------------------------------------------------

# Fills the folder $1. Everything in it belongs to us and is readable by all, whatever the checkout's modes are.
stage() {
    mkdir -p "$1" || return
    if on_debian; then stage_copy "$1"; else stage_venv "$1"; fi || return
    [ "$(id -u)" != 0 ] || chown -R -h 0:0 "$1"
}

stage_copy() {
    cp -R "$here/installer/rdna_installer" "$1/" && rm -rf "$1/rdna_installer/templates" &&
        cp -R "$here/templates" "$1/rdna_installer/templates" || return
    find "$1" -name __pycache__ -prune -exec rm -rf {} + || return
    [ -z "$(find "$1" ! -type f ! -type d)" ] || fail 3 bad-source "links or devices in $here/installer or templates"
    "$python" -I -c 'import sys
sys.path[:0] = sys.argv[1].split(":")
from rdna_installer import resources
from rdna_installer.knowledge.shipped import parse_all
for name, content in parse_all(resources.data()).items():
    (resources.data() / name).write_bytes(content)' "$(modules "$1")" >&2 || return
    # Compiled once here: nobody but root could write it later, and every start would pay for it.
    "$python" -I -m compileall -q -x /templates/ -s "$1" -p "$prefix" "$1/rdna_installer" >&2 || return
    find "$1" -type d -exec chmod 755 {} + && find "$1" -type f -exec chmod 644 {} +
}

stage_venv() {
    say 'Preparing a virtual environment with pip (a minute)'
    "$python" -I -m venv "$1/venv" &&
        "$1/venv/bin/python" -I -m pip install --quiet --disable-pip-version-check "$here" >&2 &&
        chmod -R u=rwX,go=rX "$1"
}

interpreter() {
    for file in "$1/venv/bin/python" "$lent/usr/bin/python3"; do
        [ ! -x "$file" ] || { echo "$file"; return; }
    done
    echo /usr/bin/python3
}

# modules FOLDER: where Python finds the program in that folder, and what was lent for it.
modules() {
    echo "$1${lent:+:$lent/usr/lib/python3/dist-packages}"
}

# program FOLDER ARGUMENTS…: run it from a staged or installed folder. It handles Ctrl-C itself: wait for its answer.
program() {
    folder=$1
    shift
    trap : INT TERM HUP
    code=0
    "$(interpreter "$folder")" -I -c 'import sys
sys.path[:0] = sys.argv[1].split(":")
del sys.argv[:2]
from rdna_installer.cli.app import main
raise SystemExit(main())' "$(modules "$folder")" "$wrapper" "$@" || code=$?
    trap stop INT TERM HUP
    return "$code"
}

# write_wrapper COMMAND FOLDER: python3 -I ignores PYTHONPATH and the user's own packages, so it is told the folder.
write_wrapper() {
    shebang=$(interpreter "$2")
    case $shebang in
        *[!A-Za-z0-9/._+-]*) fail 3 bad-prefix "no program can be started from $2 (blanks or signs in its name)" ;;
    esac
    quoted=$("$python" -I -c 'import sys; print(ascii(sys.argv[1]))' "$2") || return
    cat >"$1" <<WRAPPER || return
#!$shebang -I
$made
import sys

sys.path.insert(0, $quoted)
from rdna_installer.cli.app import main

raise SystemExit(main())
WRAPPER
    chmod 755 "$1"
}

# --- what acts at boot: our units, their script, and the initramfs script ---------------------------------------------

# A chroot or an image at rest is known by its init. Without systemd nothing could run the units: none are put there.
boots_with_systemd() {
    [ "$(id -u)" = 0 ] || return 1
    [ -d /run/systemd/system ] && return 0
    case $(readlink /sbin/init 2>/dev/null || readlink /usr/sbin/init 2>/dev/null) in systemd | */systemd) ;; *) return 1 ;; esac
}

units=/usr/local/lib/systemd/system
starts='sysinit.target.wants/rdna-installer-rescue.service sysinit.target.wants/rdna-installer-trial.service
multi-user.target.wants/rdna-installer-boot.service'
boot_script=/usr/local/sbin/rdna-installer-trial
init_top=/etc/initramfs-tools/scripts/init-top/aa-rdna

put_boot_files() {
    boots_with_systemd || return 0
    from=$prefix/rdna_installer/templates
    [ -d "$from" ] || from=$here/templates
    mkdir -p "$units" "${boot_script%/*}" || return
    for start in $starts; do
        unit=${start##*/}
        mkdir -p "$units/${start%/*}" && put "$from/systemd/$unit" "$units/$unit" 644 &&
            ln -sfn "../$unit" "$units/$start" || return
    done
    put "$from/systemd/rdna-installer-trial" "$boot_script" 755 || return
    [ ! -d /etc/initramfs-tools ] ||
        { mkdir -p "${init_top%/*}" && put "$from/initramfs/aa-rdna" "$init_top" 755; } || return
    say "Installed: $units/rdna-installer-*.service
           $boot_script
           $init_top"
    tell_systemd daemon-reload
    # A boot check that waits for a login must not go on with half of the old program.
    tell_systemd try-restart rdna-installer-boot.service
}

# put FILE PLACE MODE: whole or not at all.
put() {
    rm -f "$2.new" && cp "$1" "$2.new" && chmod "$3" "$2.new" && mv "$2.new" "$2"
}

remove_boot_files() {
    tell_systemd stop rdna-installer-boot.service
    for start in $starts; do
        rm -f "$units/$start" "$units/${start##*/}"
    done
    rm -f "$boot_script" "$init_top"
    rmdir "$units/sysinit.target.wants" "$units/multi-user.target.wants" "$units" "${units%/*}" 2>/dev/null || :
    tell_systemd daemon-reload
}

tell_systemd() {
    [ ! -d /run/systemd/system ] || systemctl --quiet "$@" >&2 || :
}

new_stage() {
    staged=$parent/.rdna-installer.new
    # A run that was killed may have left these; no program is ever run from them.
    rm -rf "$staged"
    stage "$staged" || fail 1 cannot-install "cannot write the program below $parent (its message is above)"
}

put_in_place() {
    lent=''
    unset LD_LIBRARY_PATH
    [ -z "$missing" ] || apt_install "$missing"
    fresh=$bin/.rdna-installer.new
    # Which packages an earlier run, or this one, had to install.
    { cat "$prefix/.made-by-install.sh" 2>/dev/null || :; printf '%s' "${added:+$added }"; } >"$staged/.made-by-install.sh" ||
        fail 1 cannot-install "cannot write below $staged"
    { mkdir -p "$bin" && write_wrapper "$fresh" "$prefix"; } ||
        { rm -f "$fresh"; fail 1 cannot-install "cannot write the command $wrapper"; }
    sync -f "$staged" "$fresh" 2>/dev/null || sync
    rm -rf "$old"
    { [ ! -e "$prefix" ] || mv "$prefix" "$old"; } || fail 1 cannot-install "cannot move $prefix aside"
    { mv "$staged" "$prefix" && mv "$fresh" "$wrapper"; } || fail 1 cannot-install "cannot put the program at $prefix"
    staged=''
    rm -rf "$old"
    put_boot_files || fail 1 cannot-install 'cannot put the boot units in place (its message is above)'
    put_completions
    export RDNA_INSTALLER_INSTALLED=1 # what the program refuses now is not "nothing was changed"
    say "Installed: $wrapper
           $prefix"
    case :$PATH: in
        *:"$bin":*) ;;
        *) say "$bin is not on your PATH. Run it as:
  $wrapper" ;;
    esac
}

# Where each shell looks for them by itself. Without them the program is as good: nothing fails here.
completions="bash:bash-completion/completions/rdna-installer zsh:zsh/site-functions/_rdna-installer
fish:fish/vendor_completions.d/rdna-installer.fish"

put_completions() {
    made_here=$prefix/completions
    PYTHONPATH=$prefix "$(interpreter "$prefix")" "$here/packaging/completions.py" "$made_here" >&2 || return 0
    for each in $completions; do
        place=$data/${each#*:}
        [ ! -e "$place" ] || grep -qs _RDNA_INSTALLER_COMPLETE "$place" || continue
        { mkdir -p "${place%/*}" && put "$made_here/${each%%:*}" "$place" 644; } || :
    done
}

remove_completions() {
    for each in $completions; do
        place=$data/${each#*:}
        grep -qs _RDNA_INSTALLER_COMPLETE "$place" || continue
        rm -f "$place"
        rmdir -p --ignore-fail-on-non-empty "${place%/*}" 2>/dev/null || :
    done
}

remove_program() {
    [ -e "$prefix/.made-by-install.sh" ] || return 0
    [ -n "$yes" ] || ask "Remove the program too ($wrapper)?" || { say "The program stays: $wrapper"; return 0; }
    ! grep -qsF "$made" "$wrapper" || rm -f "$wrapper"
    added=$(cat "$prefix/.made-by-install.sh")
    added=${added% }
    rm -rf "$prefix"
    remove_completions
    [ "$(id -u)" != 0 ] || remove_boot_files
    say "Removed: $wrapper
         $prefix"
    remove_packages
}

# The folder of a program to run now: the installed one, else this checkout's, staged in a scratch folder.
find_program() {
    for folder in "$prefix" /opt/rdna-installer; do
        [ ! -e "$folder/.made-by-install.sh" ] || { found=$folder; return; }
    done
    stage_in_scratch
}

stage_in_scratch() {
    require_python
    make_scratch
    found=$scratch/program
    stage "$found" || fail 1 cannot-stage "cannot write the program below $scratch"
}

make_scratch() {
    [ -n "$scratch" ] || scratch=$(mktemp -d "${TMPDIR:-/tmp}/rdna-installer.XXXXXX") ||
        fail 1 cannot-stage 'cannot make a scratch folder'
}

# --- actions --------------------------------------------------------------------------------------------------------

require_root() {
    [ "$(id -u)" = 0 ] || [ -n "$dry_run" ] ||
        fail 3 not-root "$1 needs root; --python-only does not" "sudo ./install.sh --$action"
}

require_consent() {
    [ -n "$yes" ] || [ -n "$dry_run" ] || { [ -t 0 ] && [ -t 2 ]; } ||
        fail 5 consent-needed 'there is no terminal to ask on, so nothing was changed' \
            'add --yes; --dry-run only looks'
}

# Nothing is downloaded or installed for a machine that has no use for it; --gfx may say what cannot be seen.
require_gpu() {
    case " $*" in *' --gfx'*) return 0 ;; esac
    has_gpu || [ -z "$(on_debian && missing_packages)" ] ||
        fail 3 no-gpu 'no AMD GPU was found on this machine; nothing was installed' \
            'name a card that cannot be seen with --gfx, or see what this is about:
         ./install.sh --demo'
}

# Install or update the program, and apply. Nothing is put in place before the plan was shown and accepted.
apply() {
    require_consent
    refuse_foreign_program
    require_gpu "$@"
    if [ -n "$dry_run" ]; then
        stage_in_scratch
        program "$found" apply --dry-run "$@"
        return
    fi
    require_python
    new_stage
    accepted "$@" || { code=$?; say "Nothing was installed."; return "$code"; }
    put_in_place
    if [ -z "$yes" ] && [ "$plan" = "$(planned "$prefix" "$@")" ]; then
        program "$prefix" apply --yes "$@" >/dev/null
    else
        program "$prefix" apply $yes "$@"
    fi
}

planned() {
    from=$1
    shift
    # How the command is called differs once it is there, and with it where lines are broken.
    program "$from" apply --dry-run "$@" 2>/dev/null | tr -s '[:space:]' ' ' | sed "s|$wrapper|rdna-installer|g" | cksum
}

# The plan as it is now, and the answer to it.
accepted() {
    if [ -n "$yes" ]; then
        words=$(program "$staged" apply --dry-run "$@" 2>&1 >/dev/null) || { code=$?; say "$words"; return "$code"; }
        return
    fi
    plan=$(planned "$staged" "$@")
    printf '%s\n' 'If you accept the plan below, this is installed too:' "  $prefix" "  $wrapper" \
        ${missing:+"  packages:$missing"} '' >&2
    code=0
    program "$staged" apply --ask-only "$@" || code=$?
    case $code in
        10) ;; # accepted
        0) ask "Install the program ($wrapper) all the same?" || return 5 ;;
        *) return "$code" ;;
    esac
}

install_only() {
    [ $# = 0 ] || fail 2 usage "--install-only takes no further options: $*"
    require_consent
    refuse_foreign_program
    [ -z "$dry_run" ] || { say "Would install $prefix and $wrapper"; return; }
    require_python
    new_stage
    program "$staged" --version >/dev/null || fail 1 cannot-install 'the program does not start (its message is above)'
    [ -z "$missing" ] || [ -n "$yes" ] || ask "Install these packages too:$missing?" || fail 5 declined 'declined; nothing was installed'
    put_in_place
}

# Install the program where it is not there yet, then hand over: it shows what it would install, and asks.
setup() {
    require_consent
    require_gpu "$@"
    [ -n "$dry_run" ] || [ -e "$prefix/.made-by-install.sh" ] || install_only
    find_program
    program "$found" setup $yes $dry_run "$@"
}

uninstall() {
    require_consent
    find_program
    program "$found" uninstall $yes $dry_run "$@" || return
    [ -n "$dry_run" ] || remove_program
}

# It installs nothing and needs no package: where the program cannot run, its recorded output is shown.
demo() {
    for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && break
        python=
    done
    [ -n "$python" ] || fail 3 no-python 'the demo needs Python 3.10 or later' 'sudo apt-get install python3'
    trap - INT TERM HUP
    exec "$python" -B "$here/installer/rdna_installer/demo/demo.py" "$@"
}

has_gpu() {
    for device in /sys/bus/pci/devices/*; do
        case $(cat "$device/vendor" "$device/class" 2>/dev/null) in 0x1002*0x03*) return 0 ;; esac
    done
    [ -e /dev/kfd ] || [ -e /dev/dxg ] || [ -e /sys/class/kfd/kfd/topology/nodes/1 ]
}

# Something that can be checked or undone.
has_program() {
    [ -e "$prefix" ] || [ -e /var/lib/rdna-installer/format ] ||
        [ -e "$HOME/.local/state/rdna-installer/format" ] || [ -e "${XDG_STATE_HOME:-}/rdna-installer/format" ]
}

# What usage says of an action.
title() {
    sed -n "s/^    --$1  *//p" "$here/packaging/install.yaml"
}

# What this caller can do on this machine; a wrong key is asked about again.
menu() {
    { [ -t 0 ] && [ -t 2 ]; } || { usage >&2; fail 2 usage 'name an action: there is no terminal for the menu'; }
    [ -n "${NO_COLOR:-}" ] || [ "${TERM:-dumb}" = dumb ] || { style=$(printf '\033[1m') plain=$(printf '\033[0m'); }
    set -- demo
    ! has_program || set -- verify rollback uninstall demo
    if ! has_gpu; then
        note='No AMD GPU was found on this machine: nothing can be set up here.'
    elif [ "$(id -u)" = 0 ]; then
        set -- setup full python-only env-only kernel-only "$@"
        note=''
    else
        set -- setup python-only "$@"
        note='Without root: kernel and environment are set up with sudo ./install.sh'
    fi
    printf '\n%s\n\n' "${style}rdna-installer${plain}: PyTorch and ROCm on AMD GPUs, with a way back" >&2
    while :; do
        number=0
        for entry in "$@"; do
            number=$((number + 1))
            say "  $number  $(title "$entry")"
        done
        printf '%s\n\n' '  q  quit' ${note:+"$note"} 'The plan is shown, and you are asked, before anything changes.' >&2
        printf 'Your choice: ' >&2
        read -r choice || choice=q
        case $choice in
            q | Q | '') say 'Nothing was changed.'; exit 0 ;;
            [1-9]) [ "$choice" -gt $# ] || { shift $((choice - 1)); action=$1; return; } ;;
        esac
        say "There is no such choice. Type a number from 1 to $#, or q."
    done
}

# --- the command line -----------------------------------------------------------------------------------------------

set_places
trap cleanup EXIT
trap stop INT TERM HUP

# Each word is taken from the front; what is the program's goes to the back, so that no value is ever split.
left=$#
while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
        --setup | --full | --python-only | --env-only | --kernel-only | --install-only) choose_action "$word" ;;
        --verify | --rollback | --uninstall | --demo) choose_action "$word" ;;
        --yes | -y) yes=--yes ;;
        --dry-run | -n) dry_run=--dry-run ;;
        --help | -h) usage; exit 0 ;;
        --index | --wheels | --torch | --gfx | --rocm | --python | --profile | --use | --layer | --gpu | --set | --unset | --conv | --trial | --to)
            [ "$left" -gt 0 ] || fail 2 usage "$word needs a value"
            set -- "$@" "$word" "$1"
            shift
            left=$((left - 1))
            ;;
        --index=* | --wheels=* | --torch=* | --gfx=* | --rocm=* | --python=* | --profile=* | --use=* | --layer=* | --gpu=* | \
            --set=* | --unset=* | --conv=* | --trial=* | --to=*)
            set -- "$@" "$word"
            ;;
        --early | --cpu | --uv | --repair | --upgrade | --json | --keep | --overwrite | --no-initramfs | --no-color | --no-pause) set -- "$@" "$word" ;;
        --purge) away=purge; set -- "$@" "$word" ;;
        *) fail 2 usage "there is no option $word" 'see all: ./install.sh --help' ;;
    esac
done

[ -n "$action" ] || menu
[ "$action" = demo ] || refuse_debian_package

code=0
case $action in
    setup) setup "$@" || code=$? ;;
    full) require_root 'a full installation'; apply "$@" || code=$? ;;
    env-only) require_root 'the environment layer'; apply --layer env "$@" || code=$? ;;
    kernel-only) require_root 'the kernel layer'; apply --layer kernel "$@" || code=$? ;;
    python-only) apply --layer python "$@" || code=$? ;;
    install-only) install_only "$@" || code=$? ;;
    verify) find_program; program "$found" verify "$@" || code=$? ;;
    rollback) require_consent; find_program; program "$found" rollback $yes $dry_run "$@" || code=$? ;;
    uninstall) uninstall "$@" || code=$? ;;
    demo) demo "$@" || code=$? ;;
esac
exit "$code"
