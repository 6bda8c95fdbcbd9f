#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Whether the settings of a machine are really in force."""

DOCUMENTATION = r"""
module: verify
short_description: Check that the settings of a machine with AMD GPUs are in force
description:
  - Runs C(rdna-installer verify). Changes nothing.
version_added: 0.1.0
options:
  compute: {description: "Also compute on the GPU, in a process that may die.", type: bool, default: false}
  running: {description: Also what each program that uses the GPU now really has., type: bool, default: false}
  wait:
    description: Seconds to wait for the boot check of the boot that runs; it ends at once where somebody must log in.
    type: int
    default: 0
  on_mismatch:
    description: What a machine is on which something is not in force.
    type: str
    choices: [fail, report]
    default: fail
attributes:
  check_mode: {support: full, description: Changes nothing.}
extends_documentation_fragment: [rdna.installer.cli, rdna.installer.cli.owner, rdna.installer.cli.hardware]
"""
EXAMPLES = r"""
- name: Everything is in force, and the card computes
  rdna.installer.verify:
    compute: true
"""
RETURN = r"""
ok: {description: "Whether all is good, or only a reboot pending.", type: bool, returned: always}
reboot_required: {description: Whether something waits for a reboot., type: bool, returned: always}
boot: {description: What the last boot check found., type: dict, returned: always}
boot_outcome: {description: "The same, of the boot that runs only.", type: str, returned: always, sample: confirmed}
wrong: {description: The checks that found something., type: list, elements: dict, returned: always}
checks: {description: All checks., type: list, elements: dict, returned: always}
"""

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
        boot = cli.call(module, "status", "--wait=%d" % min(left, 5)).get("boot")
        outcome = boot["outcome"] if boot and boot["boot_id"] == now else None
        if outcome or not left:
            return {"boot": boot, "boot_outcome": outcome}


def main():
    """Read the options, run the command, judge by its document."""
    spec = dict(cli.PROGRAM, **cli.OWNER, **cli.HARDWARE)
    spec.update(compute={"type": "bool", "default": False}, running={"type": "bool", "default": False})
    spec["on_mismatch"] = {"type": "str", "choices": ["fail", "report"], "default": "fail"}
    spec["wait"] = {"type": "int", "default": 0}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    result = this_boot(module)
    asked = [word for name, word in (("compute", "--gpu"), ("running", "--running")) if module.params[name]]
    document = cli.call(module, "verify", *asked, *cli.words(module.params, cli.OWNER, cli.HARDWARE))
    if document["error"]:
        module.fail_json(msg=cli.said(document["error"]), reference=document["error"]["reference"])
    wrong = cli.wrong(document)
    result.update(ok=document["ok"], reboot_required=document["reboot_pending"], wrong=wrong, checks=document["checks"])
    if not document["ok"] and module.params["on_mismatch"] == "fail":
        told = ["%s: %s (wanted %s, found %s)" % (c["id"], c["status"], c["wanted"], c["running"]) for c in wrong]
        module.fail_json(msg="; ".join(told), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
