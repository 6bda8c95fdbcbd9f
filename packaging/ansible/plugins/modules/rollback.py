#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Go back to an earlier state."""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rdna.installer.plugins.module_utils import cli


def main():
    """Read the options, run the command."""
    to = {"to": {"type": "int"}}
    module = AnsibleModule(argument_spec=dict(cli.PROGRAM, **cli.OWNER, **cli.CHANGE, **to), supports_check_mode=True)
    cli.change(module, "rollback", cli.words(module.params, cli.OWNER, to))


if __name__ == "__main__":
    main()
