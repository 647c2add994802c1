#!/usr/bin/env python3
"""Drives a real Chromium 49 (the engine of Qt 5.7.1) through a script of steps.

    python3 tests/browser/old/run49.py script.json        (under Linux, Python 3.8 to 3.12)

The script is a JSON list; a step is one of
    {"open": "http://127.0.0.1:8080/", "wait": 800}       load a page, then wait some milliseconds
    {"run": "document.title", "expect": "首页 - …"}        run JavaScript; its value may be compared, "within" milliseconds
    {"until": "document.querySelector('.x') !== null", "within": 8000}    wait for a true value
    {"shot": "home.png"}                                   picture, relative to the folder given by --out
    {"resize": [375, 800]}
    {"run": "…", "in": "window"}, {"until": "…", "in": "window"}    the same in the window that the page opened last
    {"close": "window"}                                   close that window
    {"click": "document.querySelector('.x')"}              a real click in the middle of an element
    {"files": ["/tmp/a.jpg"]}                             what the next file dialogue chooses
or an object {"flags": ["--use-fake-device-for-media-stream"], "prelude": "var …", "steps": [...]}; the prelude comes
before every piece of JavaScript.
Any console error fails the run; {"allow": "text"} lets errors that contain the text pass.
The answer is one JSON object on the standard output: {"ok": …, "engine": …, "steps": […], "console": […]}.
The engine is installed once into tests/browser/.old-venv; it starts itself under xvfb-run when no display is there.
"""

import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE.parent / ".old-venv"
# The interpreter that has the engine, where somebody else installed it.
GIVEN = os.environ.get("CHROMIUM49_PYTHON", "")
PYTHON = pathlib.Path(GIVEN) if GIVEN and pathlib.Path(GIVEN).exists() else VENV / "bin" / "python"


def say(text):
    print(text, file=sys.stderr, flush=True)


def install():
    """A virtual environment with the pinned wheels; done when its mark names the same pins."""
    if VENV not in PYTHON.parents:
        return
    pins = (HERE / "requirements.txt").read_text()
    mark = VENV / "pins.txt"
    if mark.exists() and mark.read_text() == pins and PYTHON.exists():
        return
    say("installing the old engine …")
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True, stdout=sys.stderr)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(pip + ["-r", str(HERE / "requirements.txt")], check=True, stdout=sys.stderr)
    mark.write_text(pins)


def enter():
    """Starts this file again with the right interpreter, display and environment."""
    env = dict(os.environ, RUN49_INSIDE="1")
    env.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    env.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    env.setdefault("XDG_RUNTIME_DIR", "/tmp")
    command = [str(PYTHON), str(HERE / "run49.py")] + sys.argv[1:]
    if not env.get("DISPLAY"):
        display = shutil.which("xvfb-run")
        if not display:
            say("xvfb-run is missing: apt-get install xvfb xauth")
            return 2
        command = [display, "-a", "-s", "-screen 0 1400x1000x24"] + command
    return subprocess.run(command, env=env).returncode


def load_qt():
    import PyQt5.sip as sip

    # PyQt5 5.7.1 looks for a module named sip whose capsule is named sip._C_API.
    rename = ctypes.pythonapi.PyCapsule_SetName
    rename.argtypes = [ctypes.py_object, ctypes.c_char_p]
    name = ctypes.c_char_p(b"sip._C_API")
    rename(sip._C_API, name)
    sys.modules["sip"] = sip
    from PyQt5 import QtCore, QtTest, QtWebEngineWidgets, QtWidgets

    return name, QtCore, QtTest, QtWidgets, QtWebEngineWidgets


def inside(script, out):
    keep, core, qtest, widgets, web = load_qt()
    plan = json.loads(pathlib.Path(script).read_text(encoding="utf-8"))
    flags = plan.get("flags", []) if isinstance(plan, dict) else []
    prelude = plan.get("prelude", "") if isinstance(plan, dict) else ""
    steps = plan["steps"] if isinstance(plan, dict) else plan
    app = widgets.QApplication(["run49"] + flags)
    console, allowed, done, windows, files = [], [], [], [], []

    class Page(web.QWebEnginePage):
        def javaScriptConsoleMessage(self, level, message, line, source):
            console.append({"level": int(level), "text": message, "line": line, "source": source})

        def certificateError(self, error):
            return True

        def chooseFiles(self, mode, old, kinds):
            return list(files)

        def createWindow(self, kind):
            windows.append(opened())
            return windows[-1][0]

    def opened():
        page, view = Page(), web.QWebEngineView()
        grant = lambda url, feature: page.setFeaturePermission(
            url, feature, web.QWebEnginePage.PermissionGrantedByUser
        )
        page.featurePermissionRequested.connect(grant)
        view.setPage(page)
        view.resize(1280, 900)
        view.show()
        return page, view

    page, view = opened()

    def spin(start, most=30000):
        """Runs the event loop until the callback is called; answers its value."""
        loop, box = core.QEventLoop(), []

        def finish(value=None):
            box.append(value)
            loop.quit()

        core.QTimer.singleShot(most, loop.quit)
        start(finish)
        if not box:
            loop.exec_()
        if not box:
            raise TimeoutError("no answer within %d ms" % most)
        return box[0]

    def wait(milliseconds):
        spin(lambda finish: core.QTimer.singleShot(milliseconds, finish), milliseconds + 30000)

    def evaluate(code, where=""):
        if where == "window" and not windows:
            return None
        target = windows[-1][0] if where == "window" else page
        return spin(lambda finish: target.runJavaScript(prelude + code, finish))

    def click(node):
        spot = evaluate(
            "(function (n) { n.scrollIntoView(); window.scrollBy(0, -120); var b = n.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; }(" + node + "))"
        )
        if not spot:
            raise AssertionError("not on the page: " + node)
        wait(200)
        place = core.QPoint(int(spot[0]), int(spot[1]))
        qtest.QTest.mouseClick(view.focusProxy() or view, core.Qt.LeftButton, core.Qt.NoModifier, place)
        wait(400)

    def open_page(url):
        def start(finish):
            def loaded(good):
                page.loadFinished.disconnect(loaded)
                finish(good)

            page.loadFinished.connect(loaded)
            page.load(core.QUrl(url))

        # The engine may tell of a load that ended before this one; the mark is gone when the new page is there.
        spin(lambda finish: page.runJavaScript("document.leftBehind = true", finish))
        if not spin(start, 60000):
            raise AssertionError("not loaded: " + url)
        hold("!document.leftBehind && document.readyState === 'complete'", 30000)

    def hold(condition, most, where=""):
        left = most
        while not evaluate("!!(" + condition + ")", where):
            if left <= 0:
                raise AssertionError("never became true: " + condition + " on " + str(evaluate("location.pathname", where)))
            wait(200)
            left -= 200

    def take(step):
        if "allow" in step:
            allowed.append(step["allow"])
        if "files" in step:
            files[:] = step["files"]
        if step.get("close") == "window" and windows:
            windows.pop()[1].close()
        if "resize" in step:
            view.resize(*step["resize"])
            wait(300)
        if "open" in step:
            open_page(step["open"])
            wait(step.get("wait", 800))
        if "until" in step:
            hold(step["until"], step.get("within", 8000), step.get("in", ""))
        if "run" in step:
            value = evaluate(step["run"], step.get("in", ""))
            patience = step.get("within", 0)
            while "expect" in step and value != step["expect"] and patience > 0:
                wait(200)
                patience -= 200
                value = evaluate(step["run"], step.get("in", ""))
            if "expect" in step and value != step["expect"]:
                raise AssertionError("%r is %r, expected %r" % (step["run"], value, step["expect"]))
            if "wait" in step and "open" not in step:
                wait(step["wait"])
            return value
        if "click" in step:
            click(step["click"])
        if "shot" in step:
            wait(step.get("wait", 400))
            target = pathlib.Path(out) / step["shot"]
            target.parent.mkdir(parents=True, exist_ok=True)
            view.grab().save(str(target))
            return str(target)
        return None

    answer = {"ok": True, "engine": "", "steps": done, "console": console}
    try:
        answer["engine"] = evaluate("navigator.userAgent")
        for step in steps:
            done.append({"step": step, "value": take(step)})
    except (AssertionError, TimeoutError) as problem:
        answer["ok"] = False
        answer["problem"] = str(problem)
        failed = pathlib.Path(out) / "failed-49.png"
        failed.parent.mkdir(parents=True, exist_ok=True)
        view.grab().save(str(failed))
    errors = [m for m in console if m["level"] == 2 and not any(a in m["text"] for a in allowed)]
    if errors:
        answer["ok"] = False
        answer.setdefault("problem", "console error: " + errors[0]["text"])
    print(json.dumps(answer, ensure_ascii=False, indent=1), flush=True)
    # The engine of that time does not always close down cleanly; everything is said, so leave at once.
    os._exit(0 if answer["ok"] else 1)


def main():
    arguments = sys.argv[1:]
    out = "."
    if "--out" in arguments:
        at = arguments.index("--out")
        out = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2 :]
    if arguments == ["--install"]:
        install()
        return 0
    if len(arguments) != 1:
        say(__doc__)
        return 2
    if os.environ.get("RUN49_INSIDE"):
        return inside(arguments[0], out)
    install()
    return enter()


if __name__ == "__main__":
    sys.exit(main())
