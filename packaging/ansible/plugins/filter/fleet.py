# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Which machines are alike, who goes first, who may follow, and what is said of all of them."""

COLUMNS = ("host", "state", "cards", "gfx", "verdict", "rocm", "torch", "kernel", "generation", "note")
COMPARED = ("version", "rocm", "torch", "kernel", "distribution", "initramfs", "verdict", "generation")


def gpu_class(facts, layers):
    """Machines of one class take a change alike: the cards, and what the layers of the change depend on."""
    parts = facts["device_ids"] + facts["gfx"]
    if not layers or "kernel" in layers:
        parts = parts + [facts["kernel"], facts["distribution"], facts["initramfs"]]
    if not layers or set(layers) - {"kernel"}:
        parts = parts + sorted("%(origin)s-%(version)s" % found for found in facts["torch"])
    return "/".join(str(part) for part in parts).replace(" ", "-")


def gpu_rollout(hosts, hostvars):
    """The first of each class, or the one marked with gpu_canary; the others in turns, so that batches mix classes."""
    classes = {}
    for host in sorted(hosts, key=lambda name: (not hostvars[name].get("gpu_canary", False), name)):
        classes.setdefault(hostvars[host]["gpu_class"], []).append(host)
    turns = [(turn, host) for members in classes.values() for turn, host in enumerate(members)]
    return {"canaries": [h for turn, h in turns if not turn], "followers": [h for turn, h in sorted(turns) if turn]}


def gpu_stopped(host, canaries, followers, hostvars, allowed):
    """Why a follower must not be touched, or "": its canary did not pass, or too many of its class failed since."""
    mine = hostvars[host]["gpu_class"]
    first = [name for name in canaries if hostvars[name]["gpu_class"] == mine]
    if not first or hostvars[first[0]].get("gpu_passed") is not True:
        return "not touched: %s, the first of its class, did not pass" % ", ".join(first)
    alike = [name for name in followers if hostvars[name]["gpu_class"] == mine]
    failed = [name for name in alike if hostvars[name].get("gpu_passed") is False]
    return "not touched: of its class failed: %s" % ", ".join(failed) if len(failed) > int(allowed) else ""


def gpu_rows(hosts, hostvars):
    """What is known of each machine, also of those that did not answer."""
    rows = {}
    for host in hosts:
        known = hostvars[host]
        row = dict((known.get("ansible_facts") or {}).get("rdna") or {})
        row.update(host=host, state=known.get("gpu_state") or "unknown", passed=known.get("gpu_passed"))
        row["class"] = known.get("gpu_class")
        out = row["state"] in ("current", "refused", "outdated")  # nothing was to be done
        row["done"] = out if row["passed"] is None else row["passed"]
        notes = [known.get("gpu_why")] + (["%(message)s [%(reference)s]" % row["error"]] if row.get("error") else [])
        if known.get("gpu_stood") not in (None, row["state"]) and row["passed"] is None and not notes[0]:
            notes += ["stepped out: it was %s" % known["gpu_stood"]]
        notes += ["verdict: %s" % row["verdict"]] if row["state"] == "refused" and not row.get("error") else []
        notes += ["drift: %s" % entry["path"] for entry in row.get("drift") or []]
        notes += ["reboot to put it in force"] if row.get("reboot_required") else []
        switched = not row.get("version") or row.get("way_back") or known.get("gpu_power_command")
        notes += [] if switched else ["nothing boots it after a panic"]
        row["note"] = "; ".join(dict.fromkeys(" ".join(note.split()) for note in notes if note))
        rows[host] = row
    return rows


def _text(value):
    if isinstance(value, dict):
        return " ".join("%s:%s" % item for item in sorted(value.items()))
    if isinstance(value, list):
        return " ".join(dict.fromkeys(str(v["version"] if isinstance(v, dict) else v) for v in value))
    return "" if value is None else str(value)


def gpu_differences(rows):
    """In what machines with the same cards differ: the value, and who has it."""
    alike, found = {}, []
    for host, row in sorted(rows.items()):
        if row.get("device_ids"):
            alike.setdefault(" ".join(row["device_ids"]), []).append(host)
    for cards, hosts in sorted(alike.items()):
        for field in COMPARED:
            values = {}
            for host in hosts:
                values.setdefault(_text(rows[host].get(field)), []).append(host)
            if len(values) > 1:
                found.append({"cards": cards, "field": field, "values": values})
    return found


def gpu_table(rows):
    """Text, one line a machine; then the differences."""
    lines = [[name.upper() for name in COLUMNS]] + [[_text(row.get(c)) for c in COLUMNS] for row in rows.values()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS) - 1)] + [0]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    for entry in gpu_differences(rows):
        shown = ["%s (%s)" % (value or "none", ", ".join(hosts)) for value, hosts in entry["values"].items()]
        text.append("differs among %s: %s: %s" % (entry["cards"], entry["field"], "; ".join(shown)))
    return "\n".join(text) + "\n"


class FilterModule:
    """What Ansible loads."""

    def filters(self):
        """By the names that plays use."""
        return {f.__name__: f for f in (gpu_class, gpu_rollout, gpu_stopped, gpu_rows, gpu_differences, gpu_table)}
