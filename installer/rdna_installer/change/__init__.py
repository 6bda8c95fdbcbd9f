"""The transaction: journal, generations, recovery, activation."""
