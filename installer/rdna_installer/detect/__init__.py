"""Read-only facts about this machine."""
