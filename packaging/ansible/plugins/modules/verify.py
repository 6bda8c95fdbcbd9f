#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Whether the settings of a machine are really in force."""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rdna.installer.plugins.module_utils import cli


def this_boot(module):
    """What the boot check said, and its outcome if it is of the boot that runs; waits for that as long as is asked."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        now = file.read().strip()
    end = time.time() + module.params["wait"]
    while True:
        left = max(0, int(end - time.time()))
        boot = cli.answer(module, "status", "--wait=%d" % min(left, 5))["boot"]
        outcome = boot["outcome"] if boot and boot["boot_id"] == now else None
        if outcome or not left:
            return {"boot": boot, "boot_id": now, "boot_outcome": outcome}


def main():
    """Read the options, run the command, judge by its document."""
    spec = dict(cli.PROGRAM, **cli.OWNER, **cli.HARDWARE, **cli.LOOKS)
    spec["on_mismatch"] = {"type": "str", "choices": ["fail", "report"], "default": "fail"}
    spec["wait"] = {"type": "int", "default": 0}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    result = this_boot(module)
    document = cli.answer(module, "verify", *cli.words(module.params, cli.OWNER, cli.HARDWARE, cli.LOOKS))
    wrong = cli.wrong(document)
    result.update(ok=document["ok"], reboot_required=document["reboot_pending"], wrong=wrong, checks=document["checks"])
    if not document["ok"] and module.params["on_mismatch"] == "fail":
        told = ["%s: %s (wanted %s, found %s)" % (c["id"], c["status"], c["wanted"], c["running"]) for c in wrong]
        module.fail_json(msg="; ".join(told), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
