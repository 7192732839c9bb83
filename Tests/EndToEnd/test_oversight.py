"""Those who oversee, and who oversees them: the ledger of ghosts, joining visibly, redaction, erasure by two, legal holds."""

import re

from playwright.sync_api import expect


def watch(seat, topic: int, reason: str) -> None:
    seat.page.goto(f"/watch/{topic}")
    seat.get("ghost-reason").fill(reason)
    seat.get("ghost-open").click()
    expect(seat.get("ghost-frame")).to_be_visible()


def test_what_a_supervisor_watched_is_seen_and_acknowledged_by_somebody_else(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    supervisor = page_for(server, "gulnora")
    watch(supervisor, topic, "Mijoz shikoyati")
    expect(supervisor.get("message").first).to_be_visible()
    supervisor.get("ghost-leave").click()
    expect(supervisor.get("ghost-frame")).to_have_count(0)

    # Her own stay stands in her ledger; she can't acknowledge it.
    supervisor.get("watch-ledger").click()
    row = supervisor.get("row").filter(has_text="Mijoz shikoyati")
    expect(row).to_have_count(1)
    row.get_by_role("button").click()
    expect(supervisor.get("stay-chain").get_by_role("listitem").first).to_be_visible()
    expect(supervisor.get("stay-own")).to_be_visible()
    expect(supervisor.get("stay-acknowledge")).to_have_count(0)
    supervisor.page.keyboard.press("Escape")

    # The admin finds it among what nobody has acknowledged, and does.
    admin = page_for(server, "admin")
    admin.page.goto("/watch/ledger")
    admin.get("filter-unacknowledged").click()
    row = admin.get("row").filter(has_text="Mijoz shikoyati")
    row.get_by_role("button").click()
    admin.get("stay-remark").fill("Koʻrdim, asosli")
    admin.get("stay-acknowledge").click()
    expect(admin.get("stay-dialog")).to_have_count(0)
    expect(row).to_contain_text("Akmal Yusupov")
    admin.get("oversee-report").click()
    expect(admin.get("row")).to_contain_text("Gulnora Rahimova")
    expect(admin.get("row")).to_contain_text("Baraka")

    # Nobody else has a way in, and the ledger verifies.
    client = page_for(server, "malika")
    client.page.goto("/watch/ledger")
    expect(client.get("ledger")).to_have_count(0)
    expect(client.page.locator("body")).not_to_contain_text("Gulnora")
    assert "broken" not in server.cli("ghosts", "verify")
    assert server.sql("SELECT string_agg(kind::text, ' ' ORDER BY seq) FROM ghost_ledger") == "1 2 5 6"


def test_the_ledger_keeps_its_filter_and_finds_whoever_oversees_nobody_any_more(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    supervisor = page_for(server, "gulnora")
    watch(supervisor, topic, "Oxirgi kun")
    supervisor.get("ghost-leave").click()
    expect(supervisor.get("ghost-frame")).to_have_count(0)
    gulnora = server.sql("SELECT id FROM account WHERE login = 'gulnora'")
    admin_api = server.api("admin")
    for membership in server.sql(f"SELECT id FROM membership WHERE account_id = {gulnora} AND ended_at IS NULL").split():
        admin_api.call("DELETE", f"/memberships/{membership}")

    admin = page_for(server, "admin")
    admin.page.goto("/watch/ledger")
    admin.get("filter-account").select_option(label="Gulnora Rahimova")
    expect(admin.get("row")).to_have_count(1)
    admin.get("filter-unacknowledged").click()
    expect(admin.page).to_have_url(re.compile(f"account={gulnora}.*show=unacknowledged"))
    admin.page.reload()
    expect(admin.get("filter-account").locator("option:checked")).to_have_text("Gulnora Rahimova")
    expect(admin.get("filter-unacknowledged")).to_have_attribute("aria-pressed", "true")
    expect(admin.get("row")).to_contain_text("Oxirgi kun")
    # Without anybody's name the filter still says that it narrows. The rows tell whose they are, and who else there is can be asked again.
    names, rows = re.compile(r"/api/v1/users(\?|$)"), re.compile(r"/api/v1/ghosts(\?|$)")
    for path in (names, rows):
        admin.page.route(path, lambda route: route.fulfill(status=503))
    admin.page.reload()
    expect(admin.get("filter-account").locator("option:checked")).to_have_text(f"№{gulnora}")
    admin.page.unroute(rows)
    admin.get("list-failed").get_by_role("button").click()
    expect(admin.get("filter-account").locator("option:checked")).to_have_text("Gulnora Rahimova")
    admin.page.unroute(names)
    admin.get("filter-account-again").click()
    expect(admin.get("filter-account-again")).to_have_count(0)
    expect(admin.get("filter-account").locator("option:checked")).to_have_text("Gulnora Rahimova")


def test_what_was_closed_unanswered_is_narrowed_kept_over_a_reload_and_leads_to_its_message(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    client, accountant = page_for(server, "malika"), page_for(server, "nodira")
    client.open(topic)
    accountant.open(topic)
    client.say("Javobsiz qolgan savol")
    expect(accountant.message("Javobsiz qolgan savol")).to_have_count(1)
    accountant.dismiss_case()
    expect(accountant.get("case-closed").last).to_contain_text("javob kerak emas")

    supervisor = page_for(server, "gulnora")
    supervisor.page.goto("/watch/unanswered")
    expect(supervisor.get("row").filter(has_text="Nodira Tosheva").first).to_be_visible()
    supervisor.get("unanswered-any").focus()
    supervisor.page.keyboard.press("ArrowRight")
    expect(supervisor.get("unanswered-dismissed")).to_be_focused()
    expect(supervisor.get("unanswered-dismissed")).to_have_attribute("aria-checked", "true")
    expect(supervisor.page).to_have_url(re.compile(r"\?way=dismissed$"))
    supervisor.page.reload()
    expect(supervisor.get("unanswered-dismissed")).to_have_attribute("aria-checked", "true")
    message = server.sql(f"SELECT seq FROM topic_body WHERE topic_id = {topic} AND body = 'Javobsiz qolgan savol'")
    link = supervisor.page.locator(f"[data-testid=unanswered-open][href='/t/{topic}/{message}']")
    expect(link).to_have_text("Baraka Savdo MChJ")

    # Whoever takes no part in the conversation watches it, at the message, and comes back to what was narrowed.
    link.click()
    expect(supervisor.page).to_have_url(re.compile(f"/watch/{topic}/{message}$"))
    supervisor.get("ghost-reason").fill("Nega javobsiz?")
    supervisor.get("ghost-open").click()
    expect(supervisor.message("Javobsiz qolgan savol")).to_be_in_viewport()
    supervisor.get("ghost-leave").click()
    supervisor.page.goto("/watch/unanswered?way=silent")
    expect(supervisor.get("unanswered-silent")).to_have_attribute("aria-checked", "true")


def test_a_list_that_could_not_be_read_is_read_again_and_a_hold_waits_for_its_companies(server, page_for):
    admin = page_for(server, "admin")
    lists = re.compile(r"/api/v1/(ghosts|erasures|legal-holds)\?")
    for page in ("ledger", "erasures", "holds"):
        admin.page.route(lists, lambda route: route.fulfill(status=503))
        admin.page.goto(f"/watch/{page}")
        expect(admin.get("list-failed")).to_be_visible()
        admin.page.unroute(lists)
        admin.get("list-failed").get_by_role("button").click()
        expect(admin.get("row").first.or_(admin.get("list-empty"))).to_be_visible()

    # Without a company no hold is asked for; the field says why it offers none, and looks again.
    companies, asked = re.compile(r"/api/v1/organisations"), []
    admin.page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    admin.page.route(companies, lambda route: route.fulfill(status=503))
    admin.get("hold-add").click()
    admin.get("hold-organisation").click()
    expect(admin.get("hold-dialog").get_by_role("status")).to_have_text(re.compile("^(?!Qidirilmoqda).+"))
    expect(admin.get("choice")).to_have_count(0)
    admin.get("hold-dialog-reason").fill("Sud qarori")
    expect(admin.get("hold-dialog-confirm")).to_be_disabled()
    admin.get("hold-dialog-reason").press("Enter")
    admin.page.unroute(companies)
    admin.pick_first("hold-organisation")
    expect(admin.get("hold-dialog-confirm")).to_be_enabled()
    assert not [url for url in asked if url.endswith("/legal-holds")]


def test_a_supervisor_joins_where_everybody_sees_it_and_leaves_again(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    client = page_for(server, "malika")
    client.open(topic)
    expect(client.get("details")).to_be_visible()
    supervisor = page_for(server, "gulnora")
    watch(supervisor, topic, "Kechikkan javob")
    expect(client.page.locator("body")).not_to_contain_text("Gulnora")
    supervisor.get("ghost-join").click()
    supervisor.get("join-dialog-confirm").click()
    expect(supervisor.get("composer")).to_be_visible(timeout=20_000)
    # Whoever is new here begins at what they haven't read.
    supervisor.get("to-bottom").click()
    supervisor.say("Assalomu alaykum, men boʻlim rahbariman")
    expect(client.message("men boʻlim rahbariman")).to_have_count(1)
    expect(client.get("details")).to_contain_text("Gulnora Rahimova")
    assert server.sql("SELECT count(*) FROM observation WHERE ended_at IS NULL") == "0"
    if supervisor.get("leave-topic").count() == 0:
        supervisor.get("details-toggle").click()
    supervisor.get("leave-topic").click()
    supervisor.get("leave-dialog-confirm").click()
    expect(supervisor.get("ghost-dialog").or_(supervisor.get("wall-search")).first).to_be_visible()
    expect(client.get("details").get_by_test_id("person").filter(has_text="Gulnora")).to_have_count(0)
    assert server.sql("SELECT count(*) FROM topic_participant p JOIN account a ON a.id = p.account_id WHERE a.login = 'gulnora'") == "0"


def test_a_message_is_redacted_then_erased_by_two_people_unless_a_hold_stands(fresh_server, page_for):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    client = page_for(server, "malika")
    client.open(topic)
    client.say("Pasport AB1234567")
    client.say("Karta 8600 1234")

    # Redacted inside an observation: everybody reads why, and the text is gone from the page at once.
    supervisor = page_for(server, "gulnora")
    watch(supervisor, topic, "Shaxsiy maʼlumot")
    supervisor.act(supervisor.message("Karta 8600"), "redact")
    supervisor.get("redact-dialog-confirm").click()
    expect(supervisor.get("redact-dialog").get_by_role("alert")).to_be_visible()
    supervisor.get("redact-dialog-reason").fill("karta raqami")
    supervisor.get("redact-dialog-confirm").click()
    expect(client.get("log")).not_to_contain_text("Karta 8600")
    expect(client.get("tombstone").last).to_contain_text("karta raqami")

    # The admin asks for an erasure; a hold stands in its way first.
    admin = page_for(server, "admin")
    watch(admin, topic, "Sud qarori")
    admin.act(admin.message("Pasport AB"), "erase")
    admin.get("erase-dialog-reason").fill("Sud qarori 12/7")
    admin.get("erase-dialog-confirm").click()
    expect(admin.get("erase-dialog")).to_have_count(0)
    admin.page.goto("/watch/holds")
    admin.get("hold-add").click()
    admin.pick("hold-organisation", "Baraka Savdo MChJ")
    admin.get("hold-dialog-reason").fill("Soliq tekshiruvi")
    admin.get("hold-dialog-confirm").click()
    expect(admin.get("row")).to_contain_text("Soliq tekshiruvi")
    # Whoever may confirm is told, and led there.
    supervisor.get("bell").click()
    supervisor.page.locator("[data-testid=bell-line][data-kind='erasure.create']").first.click()
    expect(supervisor.page).to_have_url(re.compile("/watch/erasures$"))
    expect(supervisor.get("erasure-confirm")).to_be_disabled()
    admin.get("hold-lift").click()
    admin.get("lift-dialog-reason").fill("Tekshiruv tugadi")
    admin.get("lift-dialog-confirm").click()
    expect(admin.get("lift-dialog")).to_have_count(0)

    # Not the one who asked, but the second person. It goes from every page at once.
    admin.page.goto("/watch/erasures")
    expect(admin.get("row")).to_contain_text("Sud qarori 12/7")
    expect(admin.get("erasure-confirm")).to_have_count(0)
    expect(client.message("Pasport AB")).to_have_count(1)
    supervisor.page.reload()
    supervisor.get("erasure-confirm").click()
    supervisor.get("erasure-confirm-dialog-confirm").click()
    expect(supervisor.get("row")).to_contain_text("Gulnora Rahimova")
    expect(client.get("log")).not_to_contain_text("Pasport AB", timeout=20_000)
    admin.get("bell").click()
    expect(admin.page.locator("[data-testid=bell-line][data-kind='erasure.confirm']")).to_contain_text("Gulnora")
    assert server.sql("SELECT count(*) FROM topic_body WHERE body LIKE 'Pasport%'") == "0"
    assert "0 broken" in server.cli("audit", "verify")
