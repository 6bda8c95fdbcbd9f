"""Sources installed into the user's site-packages as ``_rdna_hook``: stdlib only, Python 3.7 to 3.15, ASCII.

The package's ``__init__`` is rendered from templates/site-packages/_rdna_hook, so that a start of Python imports one
module and nothing else; the modules here are loaded when somebody asks for them.
"""
