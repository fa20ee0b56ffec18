"""A headless Chromium, driven over its debugging pipe: nothing but Python's own library is needed."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]


def find_chromium():
    """The path of a Chromium: KUBELOOP_CHROMIUM, or one on the PATH; None when there is none."""
    named = os.environ.get("KUBELOOP_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


class BrowserError(Exception):
    pass


class Browser:
    """One tab. Collects what the console says, what throws and what is asked of the network."""

    def __init__(self, path, width=1280, height=900, is_dark=False):
        self.profile = tempfile.mkdtemp(prefix="kubeloop-browser-")
        theirs_in, self.out = os.pipe()
        self.inp, theirs_out = os.pipe()

        def hand_over():  # the pipe's ends must be 3 and 4
            os.dup2(theirs_in, 200)
            os.dup2(theirs_out, 201)
            os.dup2(200, 3)
            os.dup2(201, 4)

        command = [path, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   "--disable-background-networking", "--disable-component-update", "--no-first-run",
                   "--force-color-profile=srgb", f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(command, preexec_fn=hand_over, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.buffer = 0, b""
        self.console, self.requests, self.failures = [], [], []
        self.session = None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1,
                  uploadThroughput=-1)
        self.look(width, height, is_dark)

    def look(self, width, height, is_dark):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, motion])

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        return self._until(lambda answer: answer.get("id") == self.number, method)

    def _until(self, is_it, what, seconds=60):
        end = time.monotonic() + seconds
        while True:
            while b"\0" not in self.buffer:
                left = end - time.monotonic()
                if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                    raise BrowserError(f"{what}: no answer")
                chunk = os.read(self.inp, 1 << 16)
                if not chunk:
                    raise BrowserError(f"{what}: the browser is gone")
                self.buffer += chunk
            text, self.buffer = self.buffer.split(b"\0", 1)
            answer = json.loads(text)
            self._note(answer)
            if is_it(answer):
                if "error" in answer:
                    raise BrowserError(f"{what}: {answer['error']}")
                return answer.get("result", answer.get("params"))

    def _note(self, answer):
        method, params = answer.get("method"), answer.get("params", {})
        if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.console.append(" ".join(str(part.get("value", "?")) for part in params["args"]))
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.console.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Network.loadingFailed":
            self.failures.append(params["errorText"])

    def open(self, url):
        self.call("Page.navigate", url=url)
        self._until(lambda answer: answer.get("method") == "Page.loadEventFired", url)

    def run(self, script):
        """The value of the expression; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise BrowserError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def click(self, selector):
        """As a person does: with the pointer, in the middle of the element."""
        place = self.run(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;"
                         "e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();"
                         "return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        if place is None:
            raise BrowserError(f"{selector}: not on the page")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def key(self, key):
        text = key if len(key) == 1 else ""
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def wait(self, condition, seconds=20):
        """Until the expression is true; looked at with every frame."""
        script = f"new Promise((done) => {{ const end = performance.now() + {seconds * 1000};"
        script += f"const look = () => ({condition}) ? done(true) : performance.now() > end ? done(false)"
        script += ": requestAnimationFrame(look); look(); })"
        if not self.run(script):
            raise BrowserError(f"never true: {condition}")

    def screenshot(self, path, is_whole=False):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=is_whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.inp)
        shutil.rmtree(self.profile, ignore_errors=True)
