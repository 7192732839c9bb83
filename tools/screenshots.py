#!/usr/bin/env python3
"""Pictures of a running demo for README.md, and for looking at: each role, wide and 360 px, light and dark, Uzbek and Russian.

usage: .onefin/venv/bin/python tools/screenshots.py [--address http://127.0.0.1:8080] [--out .onefin/screenshots] [--only WORD]

`./onefin run` must be running with the demo; `./onefin format` or `./onefin test` has installed the tools. Files are named
ROLE-VIEW-LANGUAGE-WIDTH-THEME.png; --only takes those whose name contains the word. Changes the language of demo accounts and puts it back.
A stamp's page is found as a phone finds it, by the QR code on the paper (zbarimg); without that program it is the page of an unknown stamp.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

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
    prepare: Callable[[Page, str], None] | None = None


def watch(page: Page, language: str) -> None:
    page.get_by_test_id("ghost-reason").fill("Sifat nazorati" if language == "uz" else "Контроль качества")
    page.get_by_test_id("ghost-open").click()


def gallery(page: Page, _: str) -> None:
    toggle = page.get_by_test_id("details-toggle")
    expect(toggle).to_be_visible()
    if toggle.get_attribute("aria-pressed") != "true":
        toggle.click()
    page.get_by_test_id("gallery-filter").click()
    page.get_by_test_id("gallery").scroll_into_view_if_needed()


def document(name: str, number: int = 0) -> Callable[[Page, str], None]:
    """Opens the last document of that name in the viewer; of a paper, its page `number`."""

    def open_it(page: Page, _: str) -> None:
        card = page.get_by_test_id("document").filter(has_text=name).last
        expect(card).to_have_attribute("data-media", "ready", timeout=60_000)
        card.get_by_test_id("document-open").click()
        if number:
            expect(page.get_by_test_id("viewer-papers")).to_have_attribute("data-pages", "3")
            page.get_by_test_id("viewer-number").fill(str(number))
            page.get_by_test_id("viewer-number").press("Enter")
            sheet = page.locator(f"[data-testid=viewer-sheet][data-number='{number}']")
            expect(sheet).to_have_attribute("data-state", "drawn")

    return open_it


def sample(page: Page, _: str) -> None:
    expect(page.get_by_test_id("watermark-sample")).to_have_attribute("data-state", "ready", timeout=60_000)


def stamp(api: Api, topic: int) -> str:
    """The path that the QR code of a paper of the topic leads to."""
    if not shutil.which("zbarimg"):
        return "/v/AAAAAAAAAAAAAAAAAAAAAA"
    papers = api.get(f"/topics/{topic}/documents?kind=pdf")["items"]
    paper = next(one["document"] for one in papers if one["staff"] and one["media"] == "ready")
    link = api.post(f"/documents/{paper}/links", {"rendition": "file"})["address"]
    request = urllib.request.Request(api.address + link, headers={"Authorization": f"Bearer {api.token}"})
    with tempfile.TemporaryDirectory() as folder:
        with urllib.request.urlopen(request, timeout=30) as answer:
            Path(folder, "paper.pdf").write_bytes(answer.read())
        subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", f"{folder}/paper.pdf", f"{folder}/paper"], check=True)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", f"{folder}/paper.png"], capture_output=True, text=True, check=True)
    return urlsplit(read.stdout.strip()).path


def views(address: str) -> list[View]:
    """Topics of the demo by what lies in them."""
    organisations = {item["name"]: item["topics"] for item in Api(address).sign_in("admin").get("/organisations")["items"]}

    def topic(organisation: str, kind: str) -> int:
        topics = next(topics for name, topics in organisations.items() if organisation in name)
        return next(one["id"] for one in topics if one["kind"] == kind)

    bank, faktura, rated = topic("Baraka", "bank"), topic("Baraka", "faktura"), topic("Samarqand", "dovernost")
    mebel = topic("Art Mebel", "faktura")
    return [
        View(None, "sign-in", "/", "signin"),
        View("sardor", "list", "/", "topic"),
        View("sardor", "chat", f"/t/{bank}", "message"),
        View("bahrom", "rate", f"/t/{rated}", "rate-card"),
        View("nodira", "list", "/", "topic"),
        View("nodira", "chat", f"/t/{faktura}", "message"),
        View("gulnora", "wall", "/watch", "wall-card"),
        View("gulnora", "reason", f"/watch/{bank}", "ghost-dialog"),
        View("gulnora", "ghost", f"/watch/{bank}", "message", watch),
        View("nodira", "gallery", f"/t/{faktura}", "gallery-item", gallery),
        View("nodira", "paper", f"/t/{faktura}", "viewer-papers", document("Hisob-faktura 421.pdf", 2)),
        View("sardor", "photo", f"/t/{bank}", "viewer-image", document("Chek 88.png")),
        View("elena", "documents", f"/t/{mebel}", "thumbnail"),
        View(None, "stamp", stamp(Api(address).sign_in("nodira"), faktura), "verify"),
        View("admin", "users", "/admin/users", "row"),
        View("admin", "organisations", "/admin/organisations", "row"),
        View("admin", "departments", "/admin/departments", "row"),
        View("admin", "assignments", "/admin/assignments", "row"),
        View("admin", "watermark", "/admin/watermark", "watermark-sample", sample),
        View("admin", "files", "/admin/files", "files-size"),
    ]


def sign_in(browser: Browser, address: str, login: str) -> dict:
    """Signs in once by the form and keeps the cookies."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/")
    page.get_by_test_id("login").fill(login)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("signin-submit").click()
    notice = page.get_by_test_id("notice-agree")
    expect(notice.or_(page.locator(".app"))).to_be_visible()
    if notice.is_visible():
        notice.click()
        expect(page.locator(".app")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


def show(page: Page, view: View, language: str) -> None:
    """Brings the page to the view."""
    page.goto(view.path)
    if view.login is None:
        page.get_by_test_id(f"language-{language}").click()
    if view.prepare:
        view.prepare(page, language)
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
