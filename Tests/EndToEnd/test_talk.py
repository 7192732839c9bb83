"""The product's main job: a client and an accountant talk in two browsers, a supervisor watches unseen, and the server dies under them."""

import re

from playwright.sync_api import expect


def test_a_client_and_an_accountant_talk_while_a_supervisor_watches_and_the_server_dies(fresh_server, page_for, chat):
    server = fresh_server
    topic = server.topic("Baraka", "dogovor")
    client, accountant = page_for(server, "malika"), page_for(server, "nodira")
    client.open(topic)
    accountant.open(topic)

    # The supervisor asks to watch: nothing is shown before a reason is given.
    supervisor = page_for(server, "gulnora")
    supervisor.page.goto(f"/watch/{topic}")
    expect(supervisor.get("message")).to_have_count(0)
    supervisor.get("ghost-reason").fill("Shikoyat boʻyicha tekshiruv")
    supervisor.get("ghost-open").click()
    expect(supervisor.get("ghost-frame")).to_be_visible()
    expect(supervisor.get("composer")).to_have_count(0)

    # Typing is seen by the other side and by the ghost.
    client.get("composer").press_sequentially("Shart")
    expect(accountant.get("log").locator(".typing")).to_contain_text("Malika")
    expect(supervisor.get("log").locator(".typing")).to_contain_text("Malika")

    # Send, and it is read: ✓ turns into ✓✓.
    question = client.say("Shartnoma qachon tayyor boʻladi?")
    expect(accountant.message("Shartnoma qachon tayyor")).to_have_count(1)
    client.expect_state(question, "read")
    expect(supervisor.message("Shartnoma qachon tayyor")).to_have_count(1)

    # Answer, edit, open the versions.
    answer = accountant.say("Ertaga soat 10 da")
    accountant.edit(answer, "Bugun soat 17 da")
    expect(client.message("Bugun soat 17 da")).to_have_count(1)
    changed = client.message("Bugun soat 17 da")
    changed.get_by_test_id("edited").click()
    expect(changed.get_by_test_id("versions")).to_contain_text("Ertaga soat 10 da")

    # What staff delete stays readable behind its tombstone; what a client deletes does not, but to those who oversee.
    slip = accountant.say("Bu xabar oʻchiriladi")
    accountant.delete(slip)
    expect(client.message("Bu xabar oʻchiriladi")).to_have_count(0)
    tombstone = client.get("tombstone").last
    tombstone.get_by_test_id("tombstone-open").click()
    expect(client.get("tombstone-body")).to_contain_text("Bu xabar oʻchiriladi")
    secret = client.say("Karta raqamim 8600")
    client.delete(secret)
    expect(accountant.message("Karta raqamim 8600")).to_have_count(0)
    expect(supervisor.get("log")).to_contain_text("Karta raqamim 8600")

    # The ghost is in no list and no count: people, presence and readers of the participants don't know her.
    for seat in (client, accountant):
        expect(seat.page.locator("body")).not_to_contain_text("Gulnora")

    # kill -9 under them; what is written meanwhile waits, and arrives once.
    server.kill_chat()
    client.write("Yozilgan paytda server yoʻq edi")
    accountant.write("Men ham yozdim")
    expect(client.get("offline")).to_be_visible()
    expect(accountant.get("offline")).to_be_visible()
    client.expect_state(client.message("server yoʻq edi"), "sending")
    server.start_chat()
    for seat in (client, accountant, supervisor):
        expect(seat.get("offline")).to_have_count(0, timeout=30_000)
        expect(seat.message("server yoʻq edi")).to_have_count(1, timeout=30_000)
        expect(seat.message("Men ham yozdim")).to_have_count(1, timeout=30_000)
    client.expect_state(client.message("server yoʻq edi"), "sent|read")
    after = client.say("Endi hammasi joyida")
    expect(accountant.message("Endi hammasi joyida")).to_have_count(1)
    client.expect_state(after, "read")

    # Close and rate. The client's last word waits for no answer, which has to be said.
    accountant.get("close-case").click()
    accountant.get("dismiss-confirm").click()
    expect(accountant.get("dismiss-dialog")).to_be_visible()
    accountant.get("no-answer").check()
    accountant.get("dismiss-confirm").click()
    expect(client.get("rate-card")).to_be_visible()
    client.get("star-5").click()
    client.get("rate-comment").fill("Rahmat!")
    client.get("rate").click()
    expect(client.get("case-rated").last).to_be_visible()
    expect(accountant.get("case-rated").last).to_contain_text("Rahmat!")

    # All of them hold the same log, and it is the database's.
    rows = chat(server, "nodira").ok("subscribe", topic=topic)["entries"]
    for body in ("Yozilgan paytda server yoʻq edi", "Men ham yozdim", "Endi hammasi joyida"):
        assert sum(row.get("body") == body for row in rows) == 1
    assert [row["seq"] for row in rows] == list(range(rows[0]["seq"], rows[0]["seq"] + len(rows)))
    assert "0 broken" in server.cli("audit", "verify")
    watched = server.sql("SELECT reason FROM observation")
    assert watched == "Shikoyat boʻyicha tekshiruv"


def test_a_draft_survives_a_reload(server, page_for):
    topic = server.topic("Baraka", "ttn")
    client = page_for(server, "sardor")
    client.open(topic)
    client.get("composer").fill("Hali tugatmagan xabarim")
    client.page.reload()
    expect(client.get("composer")).to_have_value("Hali tugatmagan xabarim")
    client.get("composer").press("Enter")
    client.expect_state(client.message("Hali tugatmagan xabarim"), "sent|read")
    client.page.reload()
    expect(client.get("composer")).to_have_value("")
    expect(client.message("Hali tugatmagan xabarim")).to_have_count(1)


def test_offline_banner_and_what_was_written_meanwhile(server, page_for):
    topic = server.topic("Tekstil", "faktura")
    client = page_for(server, "irina")
    client.open(topic)
    client.context.set_offline(True)
    expect(client.get("offline")).to_be_visible()
    client.write("Написано без сети")
    client.expect_state(client.message("Написано без сети"), "sending")
    client.context.set_offline(False)
    expect(client.get("offline")).to_have_count(0, timeout=30_000)
    client.expect_state(client.message("Написано без сети"), "sent|read")
    client.page.reload()
    expect(client.message("Написано без сети")).to_have_count(1)


def test_a_message_written_offline_survives_a_reload(server, page_for, chat):
    topic = server.topic("Tekstil", "dovernost")
    client = page_for(server, "shoxruh")
    client.open(topic)
    server.kill_chat()
    client.write("Server oʻchganda yozildi")
    client.expect_state(client.message("Server oʻchganda yozildi"), "sending")
    server.start_chat()
    server.wait_ready()
    client.page.reload()
    client.expect_state(client.message("Server oʻchganda yozildi"), "sent|read")
    rows = chat(server, "jasur").ok("subscribe", topic=topic)["entries"]
    assert sum(row.get("body") == "Server oʻchganda yozildi" for row in rows) == 1


def test_reply_quotes_and_unread_counts(server, page_for, chat):
    topic = server.topic("Samarqand", "dogovor")
    accountant = page_for(server, "jasur")
    accountant.page.goto("/")
    writer = chat(server, "bahrom")
    before = accountant.topic_row(topic).get_by_test_id("badge")
    writer.send(topic, "Oʻqilmagan bitta savol")
    expect(before).to_have_text("1")
    accountant.open(topic)
    expect(accountant.get("unread-line")).to_be_visible()
    question = accountant.message("Oʻqilmagan bitta savol")
    question.hover()
    question.get_by_test_id("tool-reply").click()
    accountant.write("Mana javobi")
    expect(accountant.message("Mana javobi").get_by_test_id("quote")).to_contain_text("Oʻqilmagan bitta savol")
    expect(accountant.topic_row(topic).get_by_test_id("badge")).to_have_count(0)


def test_what_looks_like_markup_stays_text(server, page_for, chat):
    topic = server.topic("Art Mebel", "ttn")
    text = "<img src=x onerror=alert(1)> <b>жирно</b> https://example.uz/?a=1&b=2"
    chat(server, "elena").send(topic, text)
    accountant = page_for(server, "olga")
    accountant.open(topic)
    message = accountant.message("onerror")
    expect(message).to_contain_text(text)
    expect(message.locator("img, b:not(.m)")).to_have_count(0)
    link = message.get_by_role("link")
    expect(link).to_have_attribute("href", re.compile(r"^https://example\.uz/\?a=1&b=2$"))
    expect(link).to_have_attribute("rel", re.compile("noreferrer|noopener"))


def test_the_browser_and_the_chat_agree_on_stateless_compression(server, page_for):
    client = page_for(server, "malika")
    extensions, size = client.page.evaluate(
        """() => new Promise((done, fail) => {
          const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws", "1fin.v1");
          socket.onerror = () => fail(new Error("no socket"));
          socket.onopen = () => socket.send(JSON.stringify({ id: 1, do: "inbox" }));
          socket.onmessage = (event) => { if (JSON.parse(event.data).ok) done([socket.extensions, event.data.length]); };
        })"""
    )
    # No context is taken over either way: so that a frame is compressed once for everybody, and an idle connection holds no window.
    assert {word.strip() for word in extensions.split(";")} >= {"permessage-deflate", "server_no_context_takeover", "client_no_context_takeover"}
    assert size > 500
