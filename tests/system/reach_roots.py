"""The Debian releases on which it is tried who gets which variable, and what ``verify --running`` makes of it."""

from __future__ import annotations

import debian_root
from effort import LONG

EVERY = (
    "systemd-sysv", "libpam-systemd", "dbus", "dbus-user-session", "sudo", "tmux", "cron", "zsh", "fish", "mksh",
    "csh", "openssh-server", "openssh-client", "procps", "strace", *debian_root.PYTHON,
)  # fmt: skip
RELEASES = {
    "bookworm": debian_root.Recipe(EVERY),
    "trixie": debian_root.Recipe((*EVERY, "podman", "crun", "catatonit", "uidmap", "fuse-overlayfs"), "trixie"),
}
TRIED = [*RELEASES] if LONG else ["trixie"]  # the two differ in ~/.pam_environment and in podman, which 12 has not here
