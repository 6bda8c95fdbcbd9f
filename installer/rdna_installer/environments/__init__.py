"""Environments: index pages -> complete set -> lock; what proves an environment. Pure."""
