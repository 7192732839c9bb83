"""Figures and pay: from the rows of a month that is over to its closing, at the pages."""

import re
from datetime import datetime, timedelta, timezone

from playwright.sync_api import expect

TASHKENT = timezone(timedelta(hours=5))


def past_month() -> str:
    """The month before the last one: nothing of it can be rated any more."""
    first = datetime.now(TASHKENT).replace(day=1)
    return ((first - timedelta(days=1)).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def first_tuesday(month: str) -> datetime:
    day = datetime.strptime(month, "%Y-%m").replace(tzinfo=TASHKENT)
    return day + timedelta(days=(1 - day.weekday()) % 7)


def make_work(server) -> tuple[str, int]:
    """A client of Nodira's own with one answered case, one late answer, a processed paper and five stars, all in a month that is over."""
    admin = server.api("admin")
    department = admin.get("/departments")["items"][0]["id"]
    organisation = admin.post("/organisations", {"name": "Oʻtgan Oy MChJ", "department": department})
    topics = {topic["kind"]: topic["id"] for topic in organisation["topics"]}
    accountant = int(server.sql("SELECT id FROM account WHERE login = 'nodira'"))
    client = int(server.sql("SELECT account_id FROM membership WHERE role = 'client' LIMIT 1"))
    month = past_month()
    day = first_tuesday(month)
    server.sql(f"UPDATE membership SET created_at = '2020-01-01' WHERE account_id = {accountant}")
    server.sql(
        "INSERT INTO assignment (account_id, organisation_id, topics, starts_on, created_by, created_at) "
        f"VALUES ({accountant}, {organisation['id']}, '{{1,2,3,4,5}}', '2020-01-01', {accountant}, '2020-01-01')"
    )

    # Whichever month it is, its days are no holidays.
    year = month[:4]
    version = admin.get(f"/settings/calendar?year={year}")["version"]
    admin.call("PUT", f"/settings/calendar/years/{year}", {"version": version, "days": []})
    server.sql(
        "INSERT INTO response_target (organisation_id, minutes, since, changed_by) "
        f"VALUES ({organisation['id']}, 30, '2020-01-01', {accountant})"
    )

    def row(topic: int, seq: int, kind: int, minute: int, author: int, staff: bool, stars: int = 0) -> None:
        at = (day + timedelta(hours=10, minutes=minute)).isoformat()
        message, version = (seq, 1) if kind == 1 else (0, 0)
        server.sql(
            "INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, stars, prev_hash, hash) "
            f"VALUES ({topic}, {seq}, {kind}, '{at}', {author}, {staff}, 1, {message}, {version}, {stars}, "
            "sha256('a'), sha256('b'))"
        )
        if kind == 1:
            server.sql(f"INSERT INTO topic_body (topic_id, seq, salt, body) VALUES ({topic}, {seq}, decode(repeat('00', 16), 'hex'), 'qator {seq}')")

    def case(topic: int, close: int, minute: int, stars: int | None) -> None:
        opened = (day + timedelta(hours=10)).isoformat()
        closed = (day + timedelta(hours=10, minutes=minute)).isoformat()
        rated = f"{close + 1}, '{closed}', {client}, {stars}" if stars else "NULL, NULL, NULL, NULL"
        server.sql(
            "INSERT INTO topic_case (topic_id, number, opened_seq, opened_at, closed_seq, closed_at, closed_by, rated_seq, rated_at, rated_by, stars) "
            f"VALUES ({topic}, 1, 1, '{opened}', {close}, '{closed}', {accountant}, {rated})"
        )
        server.sql(f"UPDATE topic SET head = {close + (1 if stars else 0)}, case_number = 1 WHERE id = {topic}")

    bank, ttn = topics["bank"], topics["ttn"]
    row(bank, 1, 1, 0, client, False)
    row(bank, 2, 1, 20, accountant, True)
    row(bank, 3, 7, 30, accountant, True)
    row(bank, 4, 9, 40, client, False, 5)
    case(bank, 3, 30, 5)
    row(ttn, 1, 1, 0, client, False)
    row(ttn, 2, 1, 60, accountant, True)
    row(ttn, 3, 7, 70, accountant, True)
    case(ttn, 3, 70, None)
    return month, bank


def test_figures_open_their_rows_and_a_month_is_paid_and_closed(fresh_server, page_for):
    month, bank = make_work(fresh_server)
    admin = page_for(fresh_server, "admin")

    # Figures, each a way to its messages.
    admin.page.goto(f"/kpi/figures/{month}")
    expect(admin.get("strip-hits")).to_have_text("50,0 %")
    for figure, count in [("first", 2), ("responses", 2), ("hits", 1), ("misses", 1), ("ratings", 1)]:
        admin.get(f"strip-{figure}").click()
        expect(admin.get("figure-row")).to_have_count(count)
        admin.page.keyboard.press("Escape")
    nodira = admin.get("figures-row").filter(has_text="Nodira")
    expect(nodira).to_be_visible()
    nodira.get_by_test_id("open-misses").click()
    expect(admin.get("figure-row")).to_have_count(1)
    admin.page.keyboard.press("Escape")
    nodira.get_by_test_id("open-hits").click()
    admin.get("figure-row").click()
    # The admin takes no part: text is read inside an observation.
    admin.page.wait_for_url(f"**/watch/{bank}/1")

    # What isn't a message leads to its own line in the log. How figures are grouped stands in the address.
    admin.page.goto(f"/kpi/figures/{month}?by=topic")
    expect(admin.get("by-topic")).to_have_attribute("aria-pressed", "true")
    admin.get("by-person").click()
    nodira.get_by_test_id("open-ratings").click()
    admin.get("figure-row").first.click()
    admin.page.wait_for_url(re.compile(r"/watch/\d+/\d+$"))
    seq = admin.page.url.rsplit("/", 1)[1]
    admin.get("ghost-reason").fill("Baho tekshiruvi")
    admin.get("ghost-open").click()
    row = admin.page.locator(f".event[data-seq='{seq}']")
    expect(row).to_be_visible()
    expect(row).to_have_attribute("data-marked", "true")
    expect(row.get_by_test_id("case-rated")).to_be_visible()
    admin.get("ghost-leave").click()

    # Rules, with what they would pay.
    admin.page.goto(f"/kpi/rules/{month}")
    admin.get("rule-sla-from-0").fill("50")
    admin.get("rule-month").select_option(month)
    admin.get("rules-preview").click()
    expect(admin.get("preview")).to_contain_text("24\u00a0000")
    admin.get("rules-save").click()
    expect(admin.get("rule-version")).to_have_count(2)

    # What comes late of a draft that is another one by now isn't shown beside the new one.
    held: list = []
    admin.page.route("**/api/v1/bonus/preview", lambda route: held.append(route))
    admin.get("rules-preview").click()
    expect(admin.get("rules-preview")).to_be_disabled()
    admin.get("rule-documents-minimum").fill("900")
    held[0].continue_()
    expect(admin.get("rules-preview")).to_be_enabled()
    expect(admin.get("preview")).to_have_count(0)
    admin.page.unroute("**/api/v1/bonus/preview")
    admin.get("rules-preview").click()
    expect(admin.get("preview").get_by_role("columnheader")).to_have_count(4)

    # The accountant sees the own bonus with its formula, and doubts a line.
    accountant = page_for(fresh_server, "nodira")
    accountant.page.goto(f"/kpi/bonuses/{month}")
    expect(accountant.get("bonus-total")).to_have_text("24\u00a0000")
    expect(accountant.get("line-positive")).to_contain_text("1 × 20\u00a0000")
    expect(accountant.get("kpi-rules")).to_have_count(0)
    accountant.get("contest-positive").click()
    accountant.get("contest-form-save").click()
    text = accountant.get("contest-form-text")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(accountant.page.locator(f"[id='{text.get_attribute('aria-describedby')}']")).to_be_visible()
    text.fill("Yana bitta baho bor edi")
    # While it is on its way nobody leaves: a refusal would be told to nobody.
    held.clear()
    accountant.page.route("**/api/v1/contests", lambda route: held.append(route))
    accountant.get("contest-form-save").click()
    expect(accountant.get("contest-form").get_by_role("button", name="Bekor qilish")).to_be_disabled()
    accountant.page.keyboard.press("Escape")
    expect(accountant.get("contest-form")).to_be_visible()
    held[0].continue_()
    expect(accountant.get("toasts")).to_have_text("Eʼtiroz yuborildi")
    accountant.page.unroute("**/api/v1/contests")
    expect(accountant.get("contest")).to_contain_text("Yana bitta baho bor edi")
    # Another window of the own has doubted the same line meanwhile.
    nodira_api = fresh_server.api("nodira")
    second = nodira_api.post("/contests", {"month": month, "line": "negative", "text": "Boshqa oynadan"})["id"]
    accountant.get("contest-negative").click()
    accountant.get("contest-form-text").fill("Yana bir marta")
    accountant.get("contest-form-save").click()
    expect(accountant.get("contest-form-error")).to_have_text("Bu qator boʻyicha eʼtiroz allaqachon javob kutmoqda")
    accountant.page.keyboard.press("Escape")
    fresh_server.api("admin").post(f"/contests/{second}/answer", {"accepted": False, "text": "Hammasi joyida"})

    # What stands in the way comes first; then the month is closed as it was shown.
    admin.page.goto(f"/kpi/months/{month}")
    expect(admin.get("blocker-contests")).to_be_visible()
    expect(admin.get("close-month")).to_be_disabled()
    admin.page.goto(f"/kpi/bonuses/{month}")
    admin.get("answer").click()
    # An answer is final, so that nothing is chosen beforehand.
    admin.get("answer-form-text").fill("Ikkinchisi ham shu ishniki")
    admin.get("answer-form-save").click()
    expect(admin.get("answer-choose")).to_be_visible()
    admin.get("accept").click()
    admin.get("correct-positive").fill("+1")
    admin.get("answer-form-save").click()
    # What was put right pays, and stands above the rows that it isn't among: (0 + 2 × 20 000) × 1,2.
    expect(admin.get("contest").first).to_contain_text("Ikkinchisi ham shu ishniki")
    expect(admin.get("correction")).to_contain_text("+1")
    expect(admin.get("bonus-total")).to_have_text("48\u00a0000")
    expect(admin.get("fix-positive")).to_be_visible()
    admin.get("from-positive").click()
    expect(admin.get("figure-fix")).to_contain_text("Ikkinchisi ham shu ishniki")
    expect(admin.get("figure-row")).to_have_count(1)
    admin.page.keyboard.press("Escape")
    admin.page.goto(f"/kpi/months/{month}")
    admin.get("close-month").click()
    # The sums are no longer what was shown: the dialog shows the new ones, and confirming those works.
    changed = '{"code": "conflict", "status": 409}'
    closing = re.compile("/months/[^/]*/close$")
    admin.page.route(closing, lambda route: route.fulfill(status=409, content_type="application/problem+json", body=changed), times=1)
    with admin.page.expect_response(re.compile(f"/api/v1/months/{month}$")):
        admin.get("close-yes").click()
    expect(admin.get("close-dialog").get_by_role("alert")).to_be_visible()
    # Doubts that came since are counted, and named no longer when the dialog is opened anew.
    doubts = [nodira_api.post("/contests", {"month": month, "line": line, "text": "Yana savol"})["id"] for line in ("documents", "sla")]
    admin.get("close-yes").click()
    expect(admin.get("close-error")).to_have_text("2 ta eʼtiroz javobsiz")
    expect(admin.get("close-yes")).to_be_disabled()
    admin.page.keyboard.press("Escape")
    for doubt in doubts:
        fresh_server.api("admin").post(f"/contests/{doubt}/answer", {"accepted": False, "text": "Hammasi joyida"})
    admin.page.reload()
    admin.get("close-month").click()
    expect(admin.get("close-dialog").get_by_role("alert")).to_have_count(0)
    admin.get("close-yes").click()
    expect(admin.get("seal")).to_have_text(re.compile(r"^[0-9a-f]{64}$"))
    with admin.page.expect_download() as download:
        admin.get("payroll-xlsx").click()
    assert download.value.suggested_filename == f"payroll-{month}.xlsx"
    assert fresh_server.sql("SELECT count(*) FROM action_log WHERE action IN ('month.close', 'month.export')") == "2"

    # A closed month offers nothing that is always refused. Doubts are taken until the month after it is closed as well.
    admin.page.goto(f"/kpi/salaries/{month}")
    expect(admin.get("salary-row").first).to_be_visible()
    expect(admin.get("salary-edit")).to_have_count(0)
    later = (datetime.strptime(month, "%Y-%m") + timedelta(days=31)).strftime("%Y-%m")
    admin.page.goto(f"/kpi/salaries/{later}")
    expect(admin.get("salary-edit").first).to_be_visible()
    accountant.page.goto(f"/kpi/bonuses/{month}")
    expect(accountant.get("contest-positive")).to_be_visible()
    sums = fresh_server.api("admin").get(f"/months/{later}")
    fresh_server.api("admin").post(f"/months/{later}/close", {"bonuses": sums["bonuses"], "salaries": sums["salaries"]})
    accountant.page.reload()
    expect(accountant.get("line-positive")).to_be_visible()
    expect(accountant.get("contest-positive")).to_have_count(0)


def test_charts_are_readable_on_a_phone_and_by_ear(fresh_server, page_for):
    month, _ = make_work(fresh_server)
    admin = page_for(fresh_server, "admin", width=360, height=740)
    admin.page.goto(f"/kpi/figures/{month}")
    expect(admin.page.locator("svg.chart")).to_have_count(2)
    # One unit of the drawing is a pixel, so that words are as large as the style says.
    sizes = admin.page.locator("svg.chart text").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"
    )
    assert sizes and min(sizes) >= 11
    inside = admin.page.locator("svg.chart").evaluate_all("all => all.every(one => one.getBoundingClientRect().right <= innerWidth)")
    assert inside
    table = admin.get("chart-table").last
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table).to_contain_text("100,0 %")


def test_a_client_has_no_figures(server, page_for):
    client = page_for(server, "sardor")
    expect(client.get("nav-chat")).to_be_visible()
    expect(client.get("nav-kpi")).to_have_count(0)
