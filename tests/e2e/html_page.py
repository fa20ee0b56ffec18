#!/usr/bin/env python3
"""Opens the page of a run in a headless Chromium without a network and uses it as a person does.

usage: html_page.py PAGE SCREENSHOT_FOLDER      the page of pod-creation, used in every way
       html_page.py PAGE                        a page of several runs, each opened and unfolded at every size
exit 0: all is well, 1: what is not is printed, 77: no Chromium was found
"""
import pathlib
import sys

from browser import Browser, BrowserError, find_chromium

SIZES = {"wide": (1280, 900), "phone": (390, 844)}


class Check:
    def __init__(self):
        self.failures = []

    def that(self, is_true, text):
        if not is_true:
            self.failures.append(text)

    def quiet(self, browser, page):
        self.that(not browser.console, f"the console says {browser.console[:3]}")
        self.that(not browser.failures, f"requests failed: {browser.failures}")
        strangers = [url for url in browser.requests if not url.startswith(page)]
        self.that(not strangers, f"the page asked for {strangers}")

    def fits(self, browser, what):
        over = browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.that(over <= 0, f"{what}: {over} pixels wider than the window")


LINES = "[...document.querySelectorAll('.rows .row')]"


def use(browser, page, check):
    """What the mouse and the keyboard do."""
    browser.open(page)
    count = browser.run(f"{LINES}.length")
    check.that(count > 10, f"only {count} lines in the story")
    check.that(browser.run("document.querySelector('h1').textContent") == "pod-creation", "no title")
    bind = browser.run(f"{LINES}.find((row) => row.textContent.includes('bind')).id")
    browser.click(f"#{bind} svg.lanes")
    browser.wait("document.querySelector('.inspector.is-open .diff')")
    shown = browser.run("document.querySelector('.inspector').textContent")
    check.that("spec.nodeName" in shown and "node-" in shown, f"the binding's diff is not shown: {shown[:300]}")
    check.that("decides" in shown, "the binding does not name its cause")
    check.that(browser.run("document.querySelectorAll('.row.is-before').length") >= 2, "no causes are marked")
    check.that(browser.run("document.querySelectorAll('.row.is-after').length") >= 2, "no effects are marked")
    check.that(browser.run("location.hash") == "#" + bind, "the address does not name the line")
    browser.key("j")
    check.that(browser.run("location.hash") == f"#line-{int(bind.split('-')[1]) + 1}", "j does not lead to the next line")
    browser.key("k")
    browser.key("h")
    chosen = browser.run("document.querySelector('.row.is-chosen').textContent")
    check.that("decides" in chosen, f"h does not lead to the cause but to {chosen}")
    check.that(browser.run("document.activeElement.classList.contains('hit')"), "the focus does not follow the keys")
    browser.key("Escape")
    check.that(not browser.run("document.querySelector('.inspector').classList.contains('is-open')"), "Esc changes nothing")
    filter_lines(browser, check, count)
    look_at_objects(browser, check)


def filter_lines(browser, check, count):
    browser.key("/")
    browser.type("nodeName")
    browser.wait(f"{LINES}.length < {count}")
    left = browser.run(f"{LINES}.map((row) => row.textContent)")
    check.that(left and all("nodeName" in text for text in left), f"the search shows {left}")
    browser.click(".filter button[type=reset]")
    browser.wait(f"{LINES}.length === {count}")
    browser.run("(() => { const actor = document.querySelector('[name=actor]'); actor.value = 'scheduler';"
                "actor.dispatchEvent(new Event('input', {bubbles: true})); })()")
    browser.wait(f"{LINES}.length < {count}")
    actors = browser.run(f"[...new Set({LINES}.map((row) => row.querySelector('.who').textContent))]")
    check.that(actors == ["scheduler"], f"the filter shows {actors}")
    browser.click(".filter button[type=reset]")
    browser.wait(f"{LINES}.length === {count}")


def look_at_objects(browser, check):
    check.that(browser.run("document.querySelectorAll('.pods .phase').length") >= 4, "the pod has no phases")
    browser.click(".pods .pod-name")
    browser.wait("document.querySelectorAll('.object-card[open] .revision').length >= 3")
    revision = browser.run("document.querySelector('.object-card[open] .revision').id")
    browser.run(f"location.hash = '#{revision}'")
    browser.wait(f"document.querySelector('#{revision}.is-found')")
    check.that(browser.run("document.querySelectorAll('caption').length") >= 3, "tables lack captions")


UNFOLD = "document.querySelectorAll('details').forEach((one, index) => { if (index < 60) one.open = true; })"


def open_all_runs(browser, page, check):
    """Every run at every size: drawn, quiet, nothing beyond the window, with all unfolded and a line chosen."""
    browser.open(page)
    runs = browser.run("document.querySelectorAll('article.run').length")
    check.that(runs > 1, "this is not a page of several runs")
    for number in range(1, runs + 1):
        for size, (width, height) in SIZES.items():
            browser.look(width, height, number % 2 == 0)
            browser.open(page)
            browser.run(f"location.hash = '#run-{number}/story'")
            browser.wait(f"!document.querySelector('article[data-run=\"{number - 1}\"]').hidden && {LINES}.length > 10")
            name = browser.run("document.querySelector('article:not([hidden]) h1').textContent") + ", " + size
            check.fits(browser, name)
            lanes = browser.run("document.querySelectorAll('.lane-head').length")
            check.that(3 <= lanes <= (5 if size == "phone" else 20), f"{name}: {lanes} lanes")
            browser.run(UNFOLD)
            browser.wait("document.querySelector('.object-card[open] .revision')")
            check.fits(browser, name + ", unfolded")
            browser.run(f"{LINES}[7].querySelector('.hit').click()")
            browser.wait("document.querySelector('.inspector.is-open')")
            check.fits(browser, name + ", a line chosen")
            check.quiet(browser, page)


def look_at(browser, page, folder, check):
    """Pictures at both widths, light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        for theme in ("light", "dark"):
            browser.look(width, height, theme == "dark")
            browser.open(page)
            check.fits(browser, f"{size}, {theme}")
            browser.screenshot(folder / f"{size}-{theme}.png", is_whole=True)
            browser.click("#line-9 .hit")
            browser.wait("document.querySelector('.inspector.is-open')")
            check.fits(browser, f"{size}, {theme}, a line chosen")
            browser.screenshot(folder / f"{size}-{theme}-line.png")


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    path = find_chromium()
    if not path:
        print("no Chromium was found: set KUBELOOP_CHROMIUM, or install chromium-headless-shell")
        return 77
    check = Check()
    browser = Browser(path)
    try:
        if len(sys.argv) > 2:
            use(browser, page, check)
            look_at(browser, page, pathlib.Path(sys.argv[2]), check)
        else:
            open_all_runs(browser, page, check)
        check.quiet(browser, page)
    except BrowserError as error:
        check.that(False, str(error))
    finally:
        browser.close()
    for failure in check.failures:
        print(failure)
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
