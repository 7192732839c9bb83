"""The action log, the integrity page, and everybody's own check: what is there, and what is found when somebody changes the database behind it."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from instance import wait_for


def verified(server) -> bool:
    return server.sql("SELECT count(*) FROM audit_run") != "0" and server.sql("SELECT count(*) FROM daily_root") != "0"


def behind_their_backs(server, *statements: str) -> None:
    """What a superuser of the database does, past every trigger."""
    server.sql("SET session_replication_role = replica; " + "; ".join(statements))


def test_the_admin_filters_the_log_opens_a_row_and_exports(server, page_for):
    admin, client = page_for(server, "admin"), page_for(server, "irina")
    topic = server.topic("Tekstil", "dogovor")
    client.open(topic)
    client.edit(client.say("Nazorat uchun xabar"), "Nazorat uchun xabar, tuzatilgan")
    admin.get("nav-audit").click()
    expect(admin.get("action").first).to_be_visible()

    admin.get("filter-action").select_option("message.edit")
    rows = admin.page.locator("[data-testid=action][data-action='message.edit']")
    expect(rows.first).to_be_visible()
    expect(admin.page.locator("[data-testid=action]:not([data-action='message.edit'])")).to_have_count(0)
    rows.first.get_by_role("button").click()
    expect(admin.get("action-detail")).to_contain_text("versiya")
    admin.get("filter-address").fill("203.0.113.9")
    admin.get("filter-address").press("Enter")
    expect(admin.get("log-empty")).to_be_visible()
    # A day that is half typed narrows nothing; it is taken away with the rest.
    admin.get("filter-from").fill("01.0")
    admin.get("filter-clear").click()
    expect(admin.get("action").first).to_be_visible()
    expect(admin.get("filter-from")).to_have_value("")
    expect(admin.get("filter-from")).not_to_have_attribute("aria-invalid", "true")

    admin.get("filter-action").select_option("session.start")
    expect(admin.page.locator("[data-testid=action][data-action='session.start']").first).to_be_visible()
    admin.get("export").click()
    with admin.page.expect_download() as download:
        admin.get("menu-csv").click()
    lines = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig")), delimiter=";"))
    assert len(lines) > 1 and {line[1] for line in lines[1:]} == {"session.start"}
    admin.get("filter-action").select_option("action_log.export")
    expect(admin.get("action")).to_have_count(1)


def test_a_filter_survives_a_reload_and_what_could_not_be_read_is_never_called_empty(server, page_for):
    admin = page_for(server, "admin")
    admin.page.goto("/audit/log")
    admin.get("filter-action").select_option("session.start")
    rows = admin.page.locator("[data-testid=action][data-action='session.start']")
    others = admin.page.locator("[data-testid=action]:not([data-action='session.start'])")
    expect(rows.first).to_be_visible()
    expect(others).to_have_count(0)
    admin.page.reload()
    expect(rows.first).to_be_visible()
    expect(others).to_have_count(0)
    expect(admin.get("filter-action")).to_have_value("session.start")

    # A search that finds nothing, then one that the server can't answer: the old rows are gone, and nothing is called empty.
    admin.get("filter-address").fill("203.0.113.9")
    admin.get("filter-address").press("Enter")
    expect(admin.get("log-empty")).to_be_visible()
    asked = []
    admin.page.route(re.compile(r"/api/v1/actions(\?|$)"), lambda route: (asked.append(route.request.url), route.fulfill(status=503)))
    admin.get("filter-clear").click()
    expect(admin.get("log-failed")).to_be_visible()
    expect(admin.get("log-empty")).to_have_count(0)
    expect(admin.get("action")).to_have_count(0)
    with admin.page.expect_response(re.compile(r"/api/v1/actions(\?|$)")):
        admin.get("log-failed").get_by_role("button").click()
    expect(admin.get("log-failed")).to_be_visible()
    admin.page.unroute_all()
    admin.get("log-failed").get_by_role("button").click()
    expect(admin.get("action").first).to_be_visible()
    assert all("cursor" not in url for url in asked)


def test_a_narrowed_log_says_so_while_names_are_away_and_gets_them_again(server, page_for):
    admin = page_for(server, "admin", width=360, height=740)
    me = server.sql("SELECT id FROM account WHERE login = 'admin'")
    lists = re.compile(r"/api/v1/(users|actions/names)(\?|$)")
    admin.page.route(lists, lambda route: route.fulfill(status=503))
    admin.page.goto(f"/audit/log?account={me}&action=session.start")
    expect(admin.get("action").first).to_be_visible()
    # On a phone the filters stand behind a button, which says how many there are.
    expect(admin.get("filter-account")).to_be_hidden()
    expect(admin.get("filter-toggle")).to_contain_text("2")
    admin.get("filter-toggle").click()
    expect(admin.get("filter-account").locator("option:checked")).to_have_text(f"№{me}")
    expect(admin.get("filter-action")).to_have_value("session.start")
    expect(admin.get("filter-organisation").locator("option").nth(1)).to_be_attached()
    expect(admin.get("filter-organisation-again")).to_have_count(0)
    admin.get("export").click()
    expect(admin.get("menu-bundle")).to_be_visible()
    admin.page.keyboard.press("Escape")
    admin.page.unroute(lists)
    admin.get("filter-account-again").click()
    expect(admin.get("filter-account").locator("option:checked")).to_have_text("Akmal Yusupov")
    expect(admin.get("filter-account-again")).to_have_count(0)

    # A day that is none says why, to everybody.
    admin.get("filter-from").press_sequentially("31022026")
    admin.get("filter-from").blur()
    expect(admin.get("filter-from")).to_have_accessible_description(re.compile("KK.OO.YYYY"))
    admin.get("filter-from").fill("")
    admin.get("filter-from").press_sequentially("01112026")
    expect(admin.get("filter-from")).to_have_value("01.11.2026")
    expect(admin.page).to_have_url(re.compile("from=2026-11-01"))
    admin.get("filter-clear").click()
    expect(admin.get("filter-from")).to_have_value("")


def test_nobody_else_sees_it(server, page_for):
    for login in ("nodira", "irina"):
        seat = page_for(server, login)
        expect(seat.get("nav-audit")).to_have_count(0)
        seat.page.goto("/audit/log")
        expect(seat.get("action-log")).to_have_count(0)


def test_the_integrity_page_says_until_when_and_names_what_was_changed(fresh_server, page_for):
    server = fresh_server
    wait_for("the first verification", lambda: verified(server), 60)
    admin = page_for(server, "admin")
    admin.page.goto("/audit/integrity")
    expect(admin.get("verdict")).to_have_attribute("data-state", "ok")
    expect(admin.get("run")).to_have_count(1)
    expect(admin.get("root")).to_be_visible()

    # A day and a half without a check is no good news any more, whatever the last one said.
    behind_their_backs(server, "UPDATE audit_run SET started_at = started_at - interval '37 hours', finished_at = finished_at - interval '37 hours'")
    admin.page.reload()
    expect(admin.get("verdict")).to_have_attribute("data-state", "late")
    expect(admin.get("run-late")).to_be_visible()
    expect(admin.get("root-late")).to_have_count(0)

    topic = server.topic("Tekstil", "dogovor")
    server.stop_rest()
    accountant = server.sql("SELECT min(account_id) FROM salary")
    behind_their_backs(
        server, f"UPDATE topic_body SET body = 'boshqa' WHERE topic_id = {topic} AND seq = 1",
        f"UPDATE salary SET amount = amount * 2 WHERE account_id = {accountant}", "DELETE FROM audit_run",
    )  # fmt: skip
    server.start_rest()
    server.wait_ready()
    wait_for("the next verification", lambda: verified(server), 60)
    admin.page.reload()
    expect(admin.get("verdict")).to_have_attribute("data-state", "bad")
    expect(admin.get("faults")).to_contain_text(f"{topic}-mavzu, 1-qator")
    expect(admin.get("faults")).to_contain_text(f"{accountant}-hisobning oyligi, 1-versiya")
    expect(admin.get("faults")).to_contain_text("amallar jurnalidagi bilan bir xil emas")

    # Nobody has to wait for tomorrow: what it finds comes by itself, and says who asked.
    runs = admin.get("run").count()
    admin.get("check-now").click()
    expect(admin.get("run")).to_have_count(runs + 1, timeout=60_000)
    expect(admin.get("run").first).to_contain_text("soʻradi")
    expect(admin.get("check-now")).to_be_enabled()
    assert server.sql("SELECT count(*) FROM action_log WHERE action = 'audit.verify'") == "1"


@pytest.mark.parametrize("width", [1280, 360])
def test_a_client_works_the_own_topics_out_and_finds_a_forged_row(fresh_server, page_for, width):
    server = fresh_server
    wait_for("the daily root", lambda: verified(server), 60)
    client = page_for(server, "irina", width=width)
    client.page.goto("/check")
    client.get("check-start").click()
    topics = client.get("check-topic")
    for index in range(topics.count()):
        expect(topics.nth(index).locator("[data-outcome=well]")).to_be_visible()
    assert topics.count() == 5

    topic = server.topic("Tekstil", "dogovor")
    behind_their_backs(server, f"UPDATE topic_body SET body = 'boshqa' WHERE topic_id = {topic} AND seq = 2")
    client.get("check-start").click()
    forged = client.page.locator(f"[data-testid=check-topic][data-topic='{topic}']")
    expect(forged.locator("[data-outcome=fault]")).to_contain_text("2")
    expect(client.page.locator("[data-outcome=well]")).to_have_count(4)


def test_a_device_alarms_when_the_root_that_it_holds_is_gone(fresh_server, page_for):
    server = fresh_server
    wait_for("the daily root", lambda: verified(server), 60)
    client = page_for(server, "irina")
    wait_for("the root is remembered", lambda: client.page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('1fin:root:'))"))
    client.page.reload()
    expect(client.get("root-alarm")).to_have_count(0)
    behind_their_backs(server, "UPDATE daily_root SET root = sha256('x')")
    client.page.reload()
    expect(client.get("root-alarm")).to_be_visible()
    # What it says stays until somebody has looked into it.
    client.page.reload()
    expect(client.get("root-alarm")).to_be_visible()
    client.get("root-alarm-dismiss").click()
    expect(client.get("root-alarm")).to_have_count(0)
