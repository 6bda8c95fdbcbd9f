"""``python3 -m rdna_installer``: the same program as the console script."""

from rdna_installer.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
