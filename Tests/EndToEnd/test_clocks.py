"""Who waits and for how long: pauses, the queue, the bell, the calendar, the targets, handing a topic over."""

import re

from playwright.sync_api import expect

from instance import wait_for


def test_a_pause_is_seen_rejected_and_counts_again(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    client, accountant = page_for(server, "malika"), page_for(server, "nodira")
    client.open(topic)
    accountant.open(topic)
    client.say("Dalolatnoma tayyormi?")
    expect(accountant.get("work").get_by_test_id("waiting")).to_be_visible()

    # The accountant says what is wanted; the client sees it, and nobody else's clock says so to the client.
    accountant.get("pause-case").click()
    accountant.get("pause-confirm").click()
    expect(accountant.get("pause-dialog")).to_be_visible()
    accountant.get("pause-text").fill("Imzolangan dalolatnoma")
    accountant.get("pause-confirm").click()
    expect(client.get("pause-card")).to_contain_text("Imzolangan dalolatnoma")
    expect(client.get("waiting")).to_have_count(0)
    expect(accountant.get("work").get_by_test_id("waiting")).to_have_attribute("data-state", "paused")

    # The bell says so too, in the client's language, and leads there.
    client.get("bell").click()
    line = client.page.locator("[data-testid=bell-line][data-kind='pause.wanted']").first
    expect(line).to_contain_text("sizdan bir narsa soʻradi")
    line.click()
    expect(client.get("bell-panel")).to_have_count(0)

    # The queue says it too.
    accountant.get("nav-queue").click()
    row = accountant.page.locator(f"[data-testid=queue-row][data-topic='{topic}']")
    expect(row).to_have_attribute("data-state", "paused")
    expect(row).to_contain_text("Imzolangan dalolatnoma")

    # The client has sent it long ago.
    client.get("reject-pause").click()
    client.get("reject-text").fill("Kecha yuborganman")
    client.get("reject-confirm").click()
    expect(client.get("pause-card")).to_have_count(0)
    expect(client.get("case-resumed")).to_contain_text("Kecha yuborganman")
    expect(row).to_have_attribute("data-state", re.compile("ok|soon|late"))
    accountant.get("bell").click()
    rejected = accountant.page.locator("[data-testid=bell-line][data-kind='pause.rejected']").first
    expect(rejected).to_contain_text("kutishni rad etdi")
    accountant.page.keyboard.press("Escape")

    # A click leads there; an answer takes it out of the queue.
    row.click()
    expect(accountant.get("composer")).to_be_visible()
    accountant.say("Topdim, tayyor")
    accountant.get("nav-queue").click()
    expect(row).to_have_count(0)


def test_the_bell_rings_and_is_read(fresh_server, page_for, chat):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    supervisor, accountant, client = page_for(server, "gulnora"), page_for(server, "nodira"), page_for(server, "malika")
    expect(supervisor.get("bell")).to_be_visible()
    client.open(topic)
    accountant.open(topic)
    client.say("Rahmat!")
    expect(accountant.message("Rahmat!")).to_have_count(1)
    accountant.dismiss_case()
    expect(accountant.get("case-closed").last).to_contain_text("javob kerak emas")
    # The demo has closes of its own further up: this is the one after the message.
    closed = client.message("Rahmat!").locator("xpath=following::*[@data-testid='case-closed']")
    expect(closed).to_have_count(1)
    expect(closed).not_to_contain_text("javob kerak emas")

    # Lines of the demo may stand below it.
    expect(supervisor.get("bell").locator(".badge")).to_be_visible()
    supervisor.get("bell").click()
    line = supervisor.page.locator("[data-testid=bell-line][data-kind='case.dismissed']").first
    expect(line).to_contain_text("Nodira")
    expect(line).to_have_attribute("data-unread", "true")
    supervisor.get("bell-read").click()
    expect(line).not_to_have_attribute("data-unread", "true")


def test_an_administrator_sets_the_calendar_and_the_targets(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/calendar")
    expect(admin.get("calendar-suggested")).to_be_visible()
    expect(admin.get("weekday-6")).to_have_value("")
    admin.get("weekday-6").fill("9-13")
    admin.get("save-week").click()
    expect(admin.get("calendar-error")).to_be_visible()
    admin.get("weekday-6").fill("9:00-13:00")
    admin.get("save-week").click()
    expect(admin.get("weekday-6")).to_have_value("09:00-13:00")
    expect(admin.get("calendar-error")).to_have_count(0)

    days = admin.get("calendar-day").count()
    year = admin.get("calendar-year").inner_text()
    admin.get("add-day").click()
    day = admin.get("calendar-day").last
    day.get_by_test_id("day-date").fill(f"27.03.{year}")
    day.get_by_test_id("day-name").fill("Ish shanbasi")
    day.get_by_test_id("day-shifts").fill("09:00-14:00")
    admin.get("save-days").click()
    expect(admin.get("calendar-suggested")).to_have_count(0)
    admin.page.reload()
    expect(admin.get("calendar-day")).to_have_count(days + 1)
    names = [admin.get("day-name").nth(place).input_value() for place in range(days + 1)]
    assert "Ish shanbasi" in names and "Navroʻz" in names

    admin.page.goto("/admin/sla")
    expect(admin.get("target-bank")).to_have_value("120")
    admin.get("target-bank").fill("45")
    admin.get("save-bank").click()
    expect(admin.get("save-bank")).to_be_disabled()
    admin.pick_first("target-client")
    admin.get("target-minutes").fill("15")
    admin.get("save-client").click()
    expect(admin.get("client-target")).to_have_count(1)
    expect(admin.get("warning-percent")).to_have_value("25")
    admin.get("warning-percent").fill("95")
    admin.get("save-warning").click()
    expect(admin.get("sla-error")).to_be_visible()
    admin.get("warning-percent").fill("40")
    admin.get("save-warning").click()
    expect(admin.get("save-warning")).to_be_disabled()
    admin.page.reload()
    expect(admin.get("warning-percent")).to_have_value("40")
    expect(admin.get("target-bank")).to_have_value("45")
    expect(admin.get("client-target")).to_contain_text("15")


def test_saving_one_thing_keeps_what_was_typed_into_another(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/calendar")
    year = int(admin.get("calendar-year").inner_text())
    admin.get("add-day").click()
    admin.get("calendar-day").last.get_by_test_id("day-date").fill(f"27.03.{year}")
    admin.get("weekday-6").fill("9:00-13:00")
    admin.get("next-year").click()
    expect(admin.get("calendar-year")).to_have_text(str(year + 1))
    expect(admin.get("calendar-day").first).to_be_visible()
    admin.get("save-week").click()
    expect(admin.get("week-unsaved")).to_have_count(0)
    expect(admin.get("weekday-6")).to_have_value("09:00-13:00")
    # A year that can't be read says so, and gets there.
    admin.page.route("**/settings/calendar?year=*", lambda route: route.fulfill(status=503))
    admin.get("next-year").click()
    expect(admin.get("calendar-failed")).to_be_visible()
    admin.page.unroute_all()
    admin.get("calendar-failed").get_by_role("button").click()
    expect(admin.get("calendar-day").first).to_be_visible()
    for _ in range(2):
        admin.get("previous-year").click()
    expect(admin.get("calendar-day").last.get_by_test_id("day-date")).to_have_value(f"27.03.{year}")
    expect(admin.get("days-unsaved")).to_be_visible()
    admin.get("weekday-7").fill("10:00-12:00")
    admin.get("save-days").click()
    expect(admin.get("days-unsaved")).to_have_count(0)
    expect(admin.get("weekday-7")).to_have_value("10:00-12:00")

    admin.page.goto("/admin/sla")
    admin.get("target-bank").fill("45")
    admin.get("target-ttn").fill("77")
    admin.get("save-bank").click()
    expect(admin.get("save-bank")).to_be_disabled()
    expect(admin.get("target-ttn")).to_have_value("77")
    admin.page.route("**/settings/targets/clients/*", lambda route: route.fulfill(status=503))
    admin.pick_first("target-client")
    admin.get("target-minutes").fill("15")
    admin.get("save-client").click()
    expect(admin.get("sla-error")).to_be_visible()
    expect(admin.get("target-minutes")).to_have_value("15")
    admin.page.unroute_all()
    # What was typed for one client, and what was said of it, is nothing of another's.
    admin.pick("target-client", "Tekstil")
    expect(admin.get("sla-error")).to_have_count(0)
    expect(admin.get("target-minutes")).to_have_value("")
    admin.get("target-minutes").fill("0")
    admin.get("save-client").click()
    expect(admin.get("sla-error")).to_be_visible()
    admin.get("target-minutes").fill("15")
    expect(admin.get("sla-error")).to_have_count(0)
    admin.get("save-client").click()
    expect(admin.get("client-target")).to_have_count(1)
    expect(admin.get("target-minutes")).to_have_value("")
    expect(admin.get("target-client")).to_have_value("")
    # Who has a target isn't offered another, and without a client there is nothing to save.
    admin.get("target-client").click()
    expect(admin.get("choice").first).to_be_visible()
    expect(admin.get("choice").filter(has_text="Tekstil")).to_have_count(0)
    admin.page.keyboard.press("Escape")
    admin.get("save-client").click()
    expect(admin.get("target-client")).to_be_focused()
    expect(admin.get("target-client")).to_have_attribute("aria-invalid", "true")
    expect(admin.get("target-ttn")).to_have_value("77")


def test_a_supervisor_hands_a_topic_over(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    supervisor = page_for(server, "gulnora")
    supervisor.page.goto(f"/watch/{topic}")
    supervisor.get("ghost-reason").fill("Taʼtil oldidan")
    supervisor.get("ghost-open").click()
    expect(supervisor.get("ghost-frame")).to_be_visible()
    supervisor.get("ghost-assigned").click()
    expect(supervisor.get("assigned-row").first).to_contain_text("Nodira")
    before = supervisor.get("assigned-row").count()
    supervisor.get("cover").first.click()
    supervisor.pick_first("reassign-account")
    supervisor.get("reassign-form-save").click()
    expect(supervisor.get("reassign-form")).to_be_visible()
    supervisor.get("reassign-to").fill("31.12.2099")
    supervisor.get("reassign-form-save").click()
    expect(supervisor.get("reassign-form")).to_have_count(0)
    expect(supervisor.get("assigned-row")).to_have_count(before + 1)


def test_nobody_writes_over_what_another_administrator_has_saved_meanwhile(fresh_server, page_for):
    server = fresh_server
    other = server.api("admin")
    admin = page_for(server, "admin")
    admin.page.goto("/admin/calendar")
    year = int(admin.get("calendar-year").inner_text())
    admin.get("add-day").click()
    admin.get("calendar-day").last.get_by_test_id("day-date").press_sequentially(f"0505{year}")
    expect(admin.get("calendar-day").last.get_by_test_id("day-date")).to_have_value(f"05.05.{year}")

    before = other.get(f"/settings/calendar?year={year}")
    extra = {"date": f"{year}-06-06", "name": "Korxona kuni", "shifts": [], "approximate": False}
    theirs = other.call("PUT", f"/settings/calendar/years/{year}", {"version": before["version"], "days": [*before["days"], extra]})
    admin.get("save-days").click()
    expect(admin.get("meanwhile")).to_be_visible()
    expect(admin.get("meanwhile-row")).to_have_count(2)
    expect(admin.get("meanwhile-row").filter(has_text=f"06.06.{year}")).to_contain_text("Korxona kuni")
    expect(admin.get("save-days")).to_be_disabled()
    assert other.get(f"/settings/calendar?year={year}") == theirs

    # Kept is what was typed here, but only now that both were seen.
    admin.get("meanwhile-mine").click()
    expect(admin.get("meanwhile")).to_have_count(0)
    expect(admin.get("save-days")).to_be_focused()
    admin.page.keyboard.press("Enter")
    expect(admin.get("days-unsaved")).to_have_count(0)
    saved = [day["date"] for day in other.get(f"/settings/calendar?year={year}")["days"]]
    assert f"{year}-05-05" in saved and f"{year}-06-06" not in saved

    # A week of somebody else's is taken over, and what is typed after it is saved at once.
    admin.get("weekday-6").fill("9:00-13:00")
    now = other.get(f"/settings/calendar?year={year}")
    other.call("PUT", "/settings/calendar/week", {"version": now["version"], "weekly": [*now["weekly"][:5], ["10:00-12:00"], []]})
    admin.get("save-week").click()
    expect(admin.get("weekday-6")).to_have_attribute("data-differs", "true")
    admin.get("meanwhile-theirs").click()
    expect(admin.get("weekday-6")).to_have_value("10:00-12:00")
    admin.get("weekday-6").fill("10:00-13:00")
    admin.get("save-week").click()
    expect(admin.get("week-unsaved")).to_have_count(0)
    assert other.get(f"/settings/calendar?year={year}")["weekly"][5] == ["10:00-13:00"]

    # So it is with the targets.
    admin.page.goto("/admin/sla")
    admin.get("target-bank").fill("45")
    other.call("PUT", "/settings/targets/topics/bank", {"minutes": 90})
    admin.get("save-bank").click()
    expect(admin.get("meanwhile")).to_contain_text("90")
    assert other.get("/settings/targets")["topics"]["bank"] == 90
    admin.get("meanwhile-mine").click()
    admin.get("save-bank").click()
    wait_for("it is saved", lambda: other.get("/settings/targets")["topics"]["bank"] == 45)


def test_what_is_wrong_with_a_calendar_stands_beside_its_button_and_takes_the_focus(server, page_for):
    admin = page_for(server, "admin", width=360, height=740)
    admin.page.goto("/admin/calendar")
    admin.get("add-day").click()
    bad = admin.get("calendar-day").last.get_by_test_id("day-date")
    bad.fill("31.02.2026")
    admin.get("save-days").click()
    expect(admin.get("calendar-error")).to_be_in_viewport()
    expect(bad).to_be_focused()
    expect(bad).to_have_attribute("aria-invalid", "true")
    expect(bad).to_have_attribute("aria-describedby", re.compile("."))
    bad.fill("")
    expect(admin.get("calendar-error")).to_have_count(0)


def test_the_queue_keeps_its_filter_and_shows_first_how_much_time_is_left(server, page_for):
    supervisor = page_for(server, "gulnora", width=360, height=740, language="ru")
    supervisor.page.goto("/queue")
    expect(supervisor.get("queue-row").first).to_be_visible()
    expect(supervisor.get("queue-all")).to_have_attribute("aria-checked", "true")
    # Nothing of a card lies over anything else of it, and what is left stands at the right of its first line.
    overlaps = supervisor.page.evaluate(
        """() => [...document.querySelectorAll("[data-testid=queue-row]")].flatMap((row) => {
             const boxes = [...row.querySelectorAll("td")].map((cell) => {
               const range = document.createRange()
               range.selectNodeContents(cell)
               return range.getBoundingClientRect()
             }).filter((box) => box.width > 0)
             const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
             return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => over(a, b)))
           }).length"""
    )
    assert overlaps == 0
    card = supervisor.get("queue-row").first
    left, row = card.locator(".queue__left").bounding_box(), card.bounding_box()
    assert left["y"] - row["y"] < 20 and row["x"] + row["width"] - left["x"] - left["width"] < 20

    supervisor.get("queue-all").focus()
    supervisor.page.keyboard.press("ArrowLeft")
    expect(supervisor.get("queue-paused")).to_be_focused()
    expect(supervisor.get("queue-paused")).to_have_attribute("aria-checked", "true")
    expect(supervisor.page.locator("[data-testid=queue-row]:not([data-state=paused])")).to_have_count(0)
    supervisor.page.reload()
    expect(supervisor.get("queue-paused")).to_have_attribute("aria-checked", "true")
    expect(supervisor.page.locator("[data-testid=queue-row][data-state=paused]").or_(supervisor.get("queue-empty")).first).to_be_visible()
    expect(supervisor.page.locator("[data-testid=queue-row]:not([data-state=paused])")).to_have_count(0)
    server.api("gulnora").call("PUT", "/me/language", {"language": "uz"})
