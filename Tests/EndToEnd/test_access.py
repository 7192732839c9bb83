"""WCAG A and AA by axe, and 360 px."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def check(seat) -> None:
    result = Axe().run(seat.page, options=RULES)
    found = [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in result.response["violations"] for node in one["nodes"]]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_sign_in_has_no_violations(server, page_for, dark):
    seat = page_for(server, dark=dark)
    expect(seat.get("signin")).to_be_visible()
    check(seat)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("login, kind", [("sardor", "bank"), ("nodira", "faktura")])
def test_the_chat_has_no_violations(server, page_for, login, kind, dark):
    seat = page_for(server, login, dark=dark)
    seat.open(server.topic("Baraka", kind))
    expect(seat.get("message").first).to_be_visible()
    check(seat)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_administration_has_no_violations(server, page_for, dark):
    seat = page_for(server, "admin", dark=dark)
    for section in ("users", "organisations", "departments", "assignments"):
        seat.page.goto(f"/admin/{section}")
        expect(seat.get("row").first).to_be_visible()
        check(seat)


def test_360_pixels_show_one_pane_at_a_time_and_nothing_sticks_out(server, page_for):
    seat = page_for(server, "sardor", width=360, height=740)
    topic = server.topic("Baraka", "bank")
    row = seat.topic_row(topic)
    expect(row).to_be_visible()
    expect(seat.get("composer")).to_be_hidden()
    row.click()
    expect(seat.get("composer")).to_be_visible()
    expect(row).to_be_hidden()
    seat.say("Telefondan yozyapman")
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= 360
    seat.get("details-toggle").click()
    expect(seat.get("details")).to_be_visible()
    seat.page.keyboard.press("Escape")
    seat.get("back").click()
    expect(row).to_be_visible()
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= 360
    check(seat)
