"""What qemu counts: the writes to the guest's disk, over its monitor socket."""

from __future__ import annotations

import json
import socket
from typing import Any


class Monitor:
    """A connection to a running qemu's QMP socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._lines = self._socket.makefile("r")
        self._lines.readline()  # the greeting
        self._ask("qmp_capabilities")

    def writes(self) -> int:
        """Write requests to the disk so far."""
        return int(self._ask("query-blockstats")[0]["stats"]["wr_operations"])

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def _ask(self, command: str) -> Any:
        self._socket.sendall(json.dumps({"execute": command}).encode() + b"\n")
        while True:
            line = self._lines.readline()
            if not line:
                raise ConnectionError("qemu is gone")
            answer = json.loads(line)
            if "return" in answer:  # the others are events
                return answer["return"]
