"""Switches of rules that the library of a site does not read: left out. Pure.

A rule names a renamed switch under both names; each site gets the one it reads. What was asked for by name stays, and
is said to be unread.
"""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.amd.case import ASKED
from rdna_installer.amd.judge import unread_by
from rdna_installer.knowledge.catalogue import find
from rdna_installer.knowledge.load import Book
from rdna_installer.model import HostFacts, Setting


def read_ones(facts: HostFacts, book: Book, settings: Sequence[Setting]) -> list[Setting]:
    """The settings that their site reads."""
    sites = {str(site.python): site for site in facts.sites}
    kept = []
    for setting in settings:
        site = sites.get(setting.site) if setting.site else None
        entry = find(book.env, setting.key) if site is not None and setting.rule not in ASKED else None
        if entry is None or unread_by(entry, setting.key, site) is None:
            kept.append(setting)
    return kept
