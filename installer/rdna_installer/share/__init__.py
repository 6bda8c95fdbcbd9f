"""What may leave this machine: the schema that is the allow-list, and what of the facts fits it."""
