"""WCAG A and AA by axe, and 360 px."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def violations(seat) -> list[str]:
    result = Axe().run(seat.page, options=RULES)
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in result.response["violations"] for node in one["nodes"]]


def check(seat) -> None:
    found = violations(seat)
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
    # A field in which one looks for somebody, with what it offers.
    seat.get("add-assignment").click()
    seat.get("assignment-account").click()
    expect(seat.get("choice").first).to_be_visible()
    check(seat)
    seat.get("assignment-account").press("ArrowDown")
    expect(seat.page.get_by_role("option", selected=True)).to_have_count(1)
    check(seat)


#: Every page of those who oversee and administrate, by who has it.
PAGES = {
    "admin": [
        "queue", "audit/log", "audit/integrity", "watch/ledger", "watch/report", "watch/unanswered", "watch/erasures", "watch/holds",
        "admin/users", "admin/calendar", "admin/sla", "admin/watermark", "admin/files", "admin/roles", "admin/sessions", "admin/rules",
        "kpi/figures", "kpi/bonuses", "kpi/rules", "kpi/salaries", "kpi/months",
    ],
    "nodira": ["kpi/figures", "kpi/bonuses", "queue"],
    "malika": ["check"],
}  # fmt: skip


@pytest.mark.parametrize("width, dark", [(1280, False), (360, True)], ids=["wide-light", "phone-dark"])
@pytest.mark.parametrize("login", PAGES)
def test_no_page_of_oversight_has_violations_or_sticks_out(server, page_for, login, width, dark):
    seat = page_for(server, login, width=width, height=800, dark=dark)
    found = []
    for page in PAGES[login]:
        seat.page.goto(f"/{page}")
        expect(seat.page.locator("main h1").first).to_be_visible()
        expect(seat.page.locator(".skeletons")).to_have_count(0)
        found += [f"{page}: {problem}" for problem in violations(seat)]
        if (wide := seat.page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{page}: {wide} px wide")
    assert not found, "\n".join(found)


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
