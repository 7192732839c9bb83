#!/usr/bin/env python3
"""Pictures of a running demo for README.md, and for looking at: each role, wide and 360 px, light and dark, Uzbek and Russian.

usage: .onefin/venv/bin/python tools/screenshots.py [--address http://127.0.0.1:8080] [--out .onefin/screenshots] [--only WORD]

`./onefin run` must be running with the demo; `./onefin format` or `./onefin test` has installed the tools. Files are named
ROLE-VIEW-LANGUAGE-WIDTH-THEME.png; --only takes those whose name contains the word. Changes the language of demo accounts and puts it back.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error as PlaywrightError, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from chromium import CHROMIUM, FLAGS  # noqa: E402
from instance import PASSWORD, Api  # noqa: E402


@dataclass
class View:
    """What to show: who (None: nobody), a name, the address below the root, what must be there, and what to do first."""

    login: str | None
    name: str
    path: str
    ready: str
    prepare: str = ""


def views(address: str) -> list[View]:
    """Topics of the demo by what lies in them."""
    organisations = {item["name"]: item["topics"] for item in Api(address).sign_in("admin").get("/organisations")["items"]}

    def topic(organisation: str, kind: str) -> int:
        topics = next(topics for name, topics in organisations.items() if organisation in name)
        return next(one["id"] for one in topics if one["kind"] == kind)

    bank, faktura, rated = topic("Baraka", "bank"), topic("Baraka", "faktura"), topic("Samarqand", "dovernost")
    return [
        View(None, "sign-in", "/", "signin"),
        View("sardor", "list", "/", "topic"),
        View("sardor", "chat", f"/t/{bank}", "message"),
        View("bahrom", "rate", f"/t/{rated}", "rate-card"),
        View("nodira", "list", "/", "topic"),
        View("nodira", "chat", f"/t/{faktura}", "message"),
        View("gulnora", "wall", "/watch", "wall-card"),
        View("gulnora", "reason", f"/watch/{bank}", "ghost-dialog"),
        View("gulnora", "ghost", f"/watch/{bank}", "message", prepare="watch"),
        View("admin", "users", "/admin/users", "row"),
        View("admin", "organisations", "/admin/organisations", "row"),
        View("admin", "departments", "/admin/departments", "row"),
        View("admin", "assignments", "/admin/assignments", "row"),
    ]


def sign_in(browser: Browser, address: str, login: str) -> dict:
    """Signs in once by the form and keeps the cookies."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/")
    page.get_by_test_id("login").fill(login)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("signin-submit").click()
    expect(page.get_by_test_id("signin")).to_have_count(0)
    state = context.storage_state()
    context.close()
    return state


def show(page: Page, view: View, language: str) -> None:
    """Brings the page to the view."""
    page.goto(view.path)
    if view.login is None:
        page.get_by_test_id(f"language-{language}").click()
    if view.prepare == "watch":
        page.get_by_test_id("ghost-reason").fill("Sifat nazorati" if language == "uz" else "Контроль качества")
        page.get_by_test_id("ghost-open").click()
    expect(page.get_by_test_id(view.ready).first).to_be_visible()
    page.wait_for_load_state("networkidle")


def take(browser: Browser, address: str, view: View, language: str, state: dict | None, out: Path, only: str) -> list[str]:
    """Takes a view in both sizes and themes; gives what could not be shown."""
    failed = []
    for width, height in ((1280, 800), (360, 740)):
        for theme in ("light", "dark"):
            name = f"{view.login or 'nobody'}-{view.name}-{language}-{width}-{theme}"
            if only not in name:
                continue
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce", storage_state=state
            )
            page = context.new_page()
            try:
                show(page, view, language)
                page.screenshot(path=out / f"{name}.png")
            except (AssertionError, PlaywrightError) as error:
                failed.append(f"{name}: {str(error).splitlines()[0]}")
                page.screenshot(path=out / f"{name}-failed.png")
            context.close()
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="http://127.0.0.1:8080")
    parser.add_argument("--out", type=Path, default=ROOT / ".onefin/screenshots")
    parser.add_argument("--only", default="", metavar="WORD")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    todo = views(options.address)
    logins = sorted({view.login for view in todo if view.login})
    apis = {login: Api(options.address).sign_in(login) for login in logins}
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        states = {login: sign_in(browser, options.address, login) for login in logins}
        for language in ("uz", "ru"):
            for login in logins:
                apis[login].call("PUT", "/me/language", {"language": language})
            for view in todo:
                state = states[view.login] if view.login else None
                failed += take(browser, options.address, view, language, state, options.out, options.only)
        browser.close()
    for login, api in apis.items():
        api.call("PUT", "/me/language", {"language": api.account["language"]})
        api.call("DELETE", "/session")
    print(f"{len(list(options.out.glob('*.png')))} pictures in {options.out}")
    print("\n".join(failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
