"""What the program knows, held against the sources it was read in: for maintainers, not in the package."""
