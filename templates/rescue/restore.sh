# Puts every file back as it was before rdna-installer, without rdna-installer and without Python.
#
#   sh restore.sh [--root DIR] [--dry-run] [--force] [--no-images]
#
#   --root DIR    the machine's root directory, when it is not / (a rescue system)
#   --dry-run     say what would be done
#   --force       also where somebody changed a file since: theirs is kept beside it (NAME.rdna-installer-saved)
#   --no-images   leave the boot images as they are
#
# Needs a POSIX shell with coreutils or busybox. Safe to run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused,
# 6 files are back but the boot images are not rebuilt.
set -eu
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
here=$(cd "$(dirname "$0")" && pwd -P)
root='' dry_run='' force='' images=yes foreign='' kernel='' reload=''
umask 022

# A name may hold anything; what is printed is one line of plain ASCII.
line() {
    printf '%s' "$*" | tr -c ' -~' '?'
    printf '\n'
}

say() {
    line "$@" >&2
}

fail() {
    code=$1
    shift
    say "error: $*"
    exit "$code"
}

# --- looking --------------------------------------------------------------------------------------------------------
# A word is what can be at a path: none, file:SHA256 (content in blobs/), link:TARGET.

# place PATH: sets target and folder. A link on the way must not lead out of another root.
place() {
    target=$root$1
    folder=${target%/*}
    [ -n "$root" ] || return 0
    real=$(cd -P "$folder" 2>/dev/null && pwd -P) || return 0
    case $real/ in
        "$root"/*) ;;
        *) fail 3 "$folder leads out of $root: use chroot $root sh $here/restore.sh" ;;
    esac
}

same() {
    if command -v sha256sum >/dev/null; then
        sum=$(sha256sum <"$1") && [ "${sum%% *}" = "$2" ]
    else
        cmp -s "$1" "$here/blobs/$2"
    fi
}

holds() {
    case $2 in
        none) [ ! -e "$1" ] && [ ! -L "$1" ] ;;
        link:*) [ -L "$1" ] && [ "$(readlink "$1")" = "${2#link:}" ] ;;
        file:*) [ -f "$1" ] && [ ! -L "$1" ] && same "$1" "${2#file:}" ;;
        *) return 1 ;;
    esac
}

holds_any() {
    file=$1
    shift
    for word in "$@"; do
        ! holds "$file" "$word" || return 0
    done
    return 1
}

# --- the two passes: each check, then each put_back: PATH ORIGIN MODE OWNER GROUP OURS… -------------------------------

check() {
    path=$1 origin=$2
    place "$path"
    ! holds "$target" "$origin" || return 0
    case $path in
        /etc/modprobe.d/*) kernel=yes ;;
        *.service.d/* | *.container.d/*) reload="systemctl daemon-reload" ;;
    esac
    case $origin in
        file:*) same "$here/blobs/${origin#file:}" "${origin#file:}" || fail 1 "the copy of $path is missing or damaged" ;;
    esac
    shift 5
    holds_any "$target" "$@" || foreign="$foreign $path"
}

put_back() {
    path=$1 origin=$2 mode=$3 owner=$4 group=$5
    place "$path"
    shift 5
    if ! holds "$target" "$origin"; then
        announce
        [ -z "$dry_run" ] || return 0
        holds_any "$target" "$@" || set_aside
        make_origin
    fi
    [ -n "$dry_run" ] || [ "${origin%%:*}" != file ] || dress "$target"
    # What an interrupted run of the program left beside it.
    [ -n "$dry_run" ] || rm -f "$folder"/.rdna-installer.????????.*
}

announce() {
    if [ "$origin" = none ]; then line "remove $root$path"; else line "put back $root$path"; fi
}

set_aside() {
    saved=$target.rdna-installer-saved
    number=0
    while [ -e "$saved" ] || [ -L "$saved" ]; do
        number=$((number + 1))
        saved=$target.rdna-installer-saved.$number
    done
    mv "$target" "$saved"
    say "somebody changed $path: kept as $saved"
}

make_origin() {
    new=$folder/.rdna-installer.restore
    case $origin in
        none)
            rm -f "$target"
            return
            ;;
        link:*)
            rm -f "$new"
            ln -s "${origin#link:}" "$new"
            chown -h "$owner:$group" "$new"
            ;;
        file:*)
            mkdir -p "$folder"
            place "$path"
            rm -f "$new"
            cp "$here/blobs/${origin#file:}" "$new"
            dress "$new"
            sync
            ;;
    esac
    mv -f "$new" "$target"
}

dress() {
    chown "$owner:$group" "$1"
    chmod "$mode" "$1"
}

# attribute PATH NAME VALUE (0x…): extended attributes, where there is a tool for them.
attribute() {
    place "$1"
    [ -z "$dry_run" ] || return 0
    setfattr -n "$2" -v "$3" "$target" 2>/dev/null || say "not put back: the attribute $2 of $target"
}

# A directory of ours goes when nothing but Python's cache is left in it.
remove_folder() {
    place "$1/."
    [ -z "$dry_run" ] && [ -d "$folder" ] && [ ! -L "$folder" ] || return 0
    if [ "$(ls -A "$folder")" = __pycache__ ]; then
        rm -f "$folder"/__pycache__/*.pyc
        rmdir "$folder/__pycache__" 2>/dev/null || :
    fi
    rmdir "$folder" 2>/dev/null || [ -n "$(ls -A "$folder")" ] || say "not removed, though empty: $folder"
}

# --- boot images ----------------------------------------------------------------------------------------------------

in_root() {
    if [ -n "$root" ]; then chroot "$root" "$@"; else "$@"; fi
}

# Looked for, not asked for: a dry run runs nothing of another root.
has() {
    for bin in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
        [ ! -x "$root$bin/$1" ] && [ ! -L "$root$bin/$1" ] || return 0
    done
    return 1
}

# What others than root can change of what would run there as root; chroot keeps nothing in.
others_may_change() {
    set --
    above=$root
    while [ -n "$above" ]; do
        set -- "$@" "$above"
        above=${above%/*}
    done
    for below in usr usr/local usr/share etc lib lib64 usr/lib usr/lib64; do
        set -- "$@" "$root/$below"
    done
    {
        find "$@" -prune ! -type l '(' ! -user 0 -o '(' ! -perm -1000 '(' -perm -20 -o -perm -2 ')' ')' ')' || :
        cd "$root/" && find usr/local/sbin usr/local/bin usr/sbin usr/bin sbin bin etc/initramfs-tools \
            usr/share/initramfs-tools etc/dracut.conf.d usr/lib/dracut etc/mkinitcpio.d etc/initcpio usr/lib/initcpio \
            ! -type l '(' ! -user 0 -o -perm -20 -o -perm -2 ')'
    } 2>/dev/null | head -n 1
}

require_trusted() {
    [ -n "$root" ] && [ -n "$kernel" ] && [ -n "$images" ] && [ "$(id -u)" = 0 ] || return 0
    theirs=$(others_may_change)
    [ -z "$theirs" ] || fail 3 "others than root can change $theirs, so no program of $root is run as root: --no-images"
}

rebuild() {
    for tool in 'update-initramfs -u -k all' 'dracut --force --regenerate-all' 'mkinitcpio -P'; do
        has "${tool%% *}" || continue
        [ -z "$dry_run" ] || { line "run $tool"; return 0; }
        say "$tool"
        # shellcheck disable=SC2086  # a command with its options
        in_root $tool </dev/null >&2 || fail 6 "$tool failed: the files are back, the boot images are not; run this again"
        return 0
    done
    say 'No tool for boot images found: rebuild them yourself, if there are any.'
}

# --- all of it ------------------------------------------------------------------------------------------------------

options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --root)
                [ $# -gt 1 ] || fail 2 '--root needs a directory'
                root=$(cd -P "$2" && pwd -P) || fail 2 "there is no directory $2"
                root=${root%/}
                shift
                ;;
            --dry-run) dry_run=yes ;;
            --force) force=yes ;;
            --no-images) images='' ;;
            *) fail 2 "there is no option $1: sh restore.sh [--root DIR] [--dry-run] [--force] [--no-images]" ;;
        esac
        shift
    done
}

newest() {
    for other in "$here"/../*/restore.sh; do
        other=$(basename "$(dirname "$other")")
        case $other in *[!0-9]*) continue ;; esac
        [ "$other" -le "$generation" ] || fail 3 "generation $other is newer: run $(dirname "$here")/$other/restore.sh"
    done
}

# main GENERATION USER OPTIONS…
main() {
    generation=$1 by=$2
    shift 2
    options "$@"
    [ -n "$dry_run" ] || [ "$(id -u)" = "$by" ] || fail 3 "run it as user $by, who owns these files"
    [ -n "$force" ] || newest
    each check
    [ -z "$foreign" ] || [ -n "$force" ] || [ -n "$dry_run" ] ||
        fail 3 "somebody changed since:$foreign; --force keeps theirs beside it"
    [ -n "$dry_run" ] || require_trusted
    # Stays until the images are rebuilt: a second run must not take the files' being back for the end.
    pending=$here/images.pending
    [ ! -e "$pending" ] || kernel=yes
    [ -z "$kernel" ] || [ -n "$dry_run" ] || : >"$pending" || :
    each put_back
    attributes
    folders
    [ -n "$dry_run" ] || sync
    [ -z "$kernel" ] || [ -z "$images" ] || rebuild
    [ -n "$dry_run" ] || rm -f "$pending"
    [ "$by" = 0 ] || reload=${reload:+systemctl --user daemon-reload}
    [ -z "$reload" ] || [ -n "$root" ] || say "Then, so that services know of it: $reload; start them again"
}
