"""What is known and by whose word: rules, profiles, catalogues."""
