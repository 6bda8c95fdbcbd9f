# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""One call of rdna-installer: options in, one JSON document out (its schemas are in docs/schemas of the project)."""

import json
import re
import time

# What the modules take, and the option of the command line each value is handed on with.
PROGRAM = {"executable": {"type": "path", "default": "rdna-installer"}, "root": {"type": "path", "default": "/"}}
OWNER = {"owner": {"type": "str"}}
HARDWARE = {"gfx": {"type": "str"}, "rocm": {"type": "str"}, "pythons": {"type": "list", "elements": "path"}}
REQUEST = {
    "profile": {"type": "str"},
    "use": {"type": "str", "choices": ["training", "inference", "both"]},
    "layers": {"type": "list", "elements": "str", "choices": ["kernel", "env", "python", "services"]},
    "services": {"type": "list", "elements": "str"},
    "gpu": {"type": "str"},
    "settings": {"type": "dict", "default": {}},
    "unset": {"type": "list", "elements": "str"},
    "conv": {"type": "str", "choices": ["native", "no-miopen", "gemm", "cpu", "probe"]},
    "gtt_size": {"type": "int"},
    "trial": {"type": "str", "choices": ["on", "off"]},
}
WAYS = {
    "on_drift": {"type": "str", "choices": ["fail", "keep", "overwrite"], "default": "fail"},
    "initramfs": {"type": "bool", "default": True},
}
ONCE = {"retries": {"type": "int", "default": 3}, "delay": {"type": "int", "default": 5}}
ONCE["restart"] = {"type": "list", "elements": "str"}
CHANGE = dict(WAYS, **ONCE)
LOOKS = {"compute": {"type": "bool", "default": False}, "running": {"type": "bool", "default": False}}
WORDS = {"layers": "layer", "pythons": "python", "services": "service"}
FLAGS = {"on_drift": {"keep": "--keep", "overwrite": "--overwrite"}, "initramfs": {False: "--no-initramfs"}}
FLAGS.update(compute={True: "--gpu"}, running={True: "--running"})
# This machine cannot have it, whoever asks: no fault of the play. no-permission, drift and the like are faults.
REFUSED = re.compile("no-gpu|gpu-not-found|unusable|wsl|no-trial|unproved-option|conflict|kernel-layer-.*")
AGAIN = ("busy", "changed-meanwhile")  # somebody else changes this machine now


def words(params, *specs):
    """The options of one command out of the module's parameters."""
    found = []
    for name in sorted(name for spec in specs for name in spec):
        value = params[name]
        if name in FLAGS:
            found += [FLAGS[name][value]] if value in FLAGS[name] else []
        elif name == "settings":  # a `yes` of YAML is a 1 there
            found += ["--set=%s=%s" % (k, int(v) if isinstance(v, bool) else v) for k, v in sorted(value.items())]
        elif value is not None:
            values = value if isinstance(value, list) else [value]
            found += ["--%s=%s" % (WORDS.get(name, name.replace("_", "-")), item) for item in values]
    return found


def call(module, *argv):
    """The document of one command. What printed none is no rdna-installer that this collection knows."""
    root = module.params["root"]
    line = [module.params["executable"]] + list(argv) + ["--json"] + ([] if root == "/" else ["--root=" + root])
    code, out, err = module.run_command(line, environ_update={"LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
    try:
        return json.loads(out)
    except ValueError:
        module.fail_json(msg="%s: exit %d, and no JSON on stdout: %s" % (" ".join(line), code, err.strip()), rc=code)


def answer(module, *argv):
    """The same of a command that only reads: an error of it ends the task."""
    document = call(module, *argv)
    if document["error"]:
        module.fail_json(msg=said(document["error"]), reference=document["error"]["reference"])
    return document


def said(error):
    """An error of the document as one text; "" for none."""
    parts = [error[key] for key in ("message", "context", "hint", "consequence") if error.get(key)] if error else []
    return "%s [%s]" % ("; ".join(parts), error["reference"]) if error else ""


def wrong(document):
    """The checks of verify that found something."""
    good = ("ok", "pending-reboot", "not-applicable")
    return [check for check in document.get("checks", []) if check["status"] not in good]


def standing(document):
    """What the document says of the machine, in the names that all modules return."""
    status = document.get("status") or {}
    owners = status.get("owners") or []
    return {
        "generation": {o["owner"]: (o["generation"] or {}).get("number") for o in owners},
        "drift": [entry for owner in owners for entry in owner["drift"]],
        "trial": status.get("trial"),
        "boot": status.get("boot"),
    }


def change(module, command, options):
    """Run a changing command with these options, again while somebody else is at it, and end the task."""
    params = module.params
    options = options + words(params, WAYS, ["restart"]) + (["--dry-run"] if module.check_mode else ["--yes"])
    for left in range(params["retries"], -1, -1):
        document = call(module, command, "--diff=full" if module._diff else "--diff=short", *options)
        error = document["error"] or {}
        if error.get("reference") not in AGAIN or not left:
            break
        time.sleep(params["delay"])
    result = dict(standing(document), outcome=document["outcome"], error=error or None)
    result["reference"] = error.get("reference")
    result.update(changed=bool(document.get("applied")), refused=False, next=document.get("next", []))
    if module.check_mode:
        result["changed"] = document["outcome"] == "changes"
    result["reboot_required"] = bool(document.get("reboot_needed" if module.check_mode else "reboot_required"))
    result.update((key, document[key]) for key in ("verdict", "change") if key in document)
    result["advice"] = document.get("warnings", [])
    if module._diff:
        result["diff"] = [_shown(entry) for entry in document.get("changes", [])]
    for part in document.get("left", []):
        module.warn("left as it was: %s" % part)
    if REFUSED.fullmatch(result["reference"] or ""):
        result.update(refused=True, routes=[way for site in document.get("sites", []) for way in site["route"]])
        if params.get("on_refused") == "report":
            module.exit_json(msg=said(error), **result)
    if error:
        module.fail_json(msg=said(error), **result)
    module.exit_json(**result)


def _shown(entry, limit=40):
    """A file of a diff; a long one (the hook is thousands of lines) as its number of lines."""
    text = entry["diff"]
    if text.count("\n") > limit:
        text = "%s %s (+%s -%s)\n" % (entry["kind"], entry["path"], entry["added"], entry["removed"])
    return {"prepared": text}
