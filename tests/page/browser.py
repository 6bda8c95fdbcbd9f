"""A headless Chromium, driven through a pipe by its own protocol: no toolkit, no port."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--force-color-profile=srgb", "--remote-debugging-pipe"),
)
PATIENCE = 60.0  # seconds for one answer


class Browser:
    """One page at a time. ``events`` are those since the last ``open``."""

    def __init__(self, profile: Path) -> None:
        there, here = os.pipe(), os.pipe()  # its 3 reads, its 4 writes

        def place() -> None:
            spare = [os.dup(fd) for fd in (there[0], here[1])]
            high = [os.dup2(fd, 50 + n) for n, fd in enumerate(spare)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        env = {"PATH": os.environ["PATH"], "HOME": str(profile)}
        argv = [str(PROGRAM), *ARGUMENTS, f"--user-data-dir={profile}", "about:blank"]
        self.child = subprocess.Popen(  # its wrapper must not close what it is given
            argv, preexec_fn=place,  # noqa: PLW1509 - no threads here
            pass_fds=(3, 4), env=env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(there[0])
        os.close(here[1])
        self.to, self.of, self.held, self.number = there[1], here[0], b"", 0
        self.events: list[dict[str, Any]] = []
        self.session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait(10)
        os.close(self.to)
        os.close(self.of)

    def _message(self) -> dict[str, Any]:
        ends = time.monotonic() + PATIENCE
        while b"\0" not in self.held:
            ready, _, _ = select.select([self.of], [], [], max(0.0, ends - time.monotonic()))
            assert ready, "Chromium gave no answer"
            piece = os.read(self.of, 1 << 20)
            assert piece, "Chromium has ended"
            self.held += piece
        whole, _, self.held = self.held.partition(b"\0")
        return json.loads(whole)  # type: ignore[no-any-return]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        asked = {"id": self.number, "method": method, "params": parameters}
        text = json.dumps({**asked, "sessionId": self.session} if self.session else asked).encode() + b"\0"
        while text:
            text = text[os.write(self.to, text) :]
        while (answer := self._message()).get("id") != self.number:
            self.events.append(answer)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]  # type: ignore[no-any-return]

    def open(self, page: Path, width: int, scheme: str = "light", media: str = "screen", script: bool = True) -> None:
        """Load a file; back when it is there."""
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.events = []
        self.call("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page, awaited."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def requests(self) -> list[str]:
        """The addresses asked for since it was opened."""
        sent = (e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent")
        return [url for url in sent if not url.startswith("data:")]

    def said(self) -> list[str]:
        """What the console and the log hold."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"])[:300] for event in self.events if event.get("method") in kinds]

    def height(self) -> int:
        return int(self.call("Page.getLayoutMetrics")["cssContentSize"]["height"])

    def shoot(self, to: Path, most: int = 12000) -> None:
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": 1}
        to.write_bytes(
            base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"])
        )

    def pdf(self) -> bytes:
        """The page as it is printed on A4."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True}
        return base64.b64decode(self.call("Page.printToPDF", **paper)["data"])
