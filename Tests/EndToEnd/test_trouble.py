"""What goes wrong at somebody's desk: a program part that does not load, a sign-out that fails, two people at one browser."""

import re

from playwright.sync_api import expect


def test_a_part_that_does_not_load_is_offered_again(server, page_for):
    seat = page_for(server, "admin")
    expect(seat.get("profile")).to_be_visible()
    first_paint = re.compile(r"/assets/(main|boot|chunk)-")

    def lose(route):
        if first_paint.search(route.request.url):
            route.continue_()
        else:
            route.abort()

    seat.page.route("**/assets/*.js", lose)
    seat.page.goto("/admin/users")
    expect(seat.get("broken")).to_be_visible()
    # The rest of the page lives on.
    expect(seat.get("profile")).to_be_visible()
    seat.page.unroute("**/assets/*.js")
    seat.get("broken-reload").click()
    expect(seat.get("add-user")).to_be_visible()
    seat.problems.clear()


def test_a_sign_out_that_fails_says_so(server, page_for):
    seat = page_for(server, "bahrom")
    expect(seat.get("topic").first).to_be_visible()

    def refuse(route):
        if route.request.method == "DELETE":
            route.fulfill(status=502, body="<html>")
        else:
            route.continue_()

    seat.page.route("**/api/v1/session", refuse)
    seat.get("profile").click()
    seat.get("menu-signout").click()
    expect(seat.get("signout-failed")).to_be_visible()
    seat.page.unroute("**/api/v1/session")
    seat.get("signout-retry").click()
    expect(seat.get("signin")).to_be_visible()
    expect(seat.get("signout-failed")).to_have_count(0)
    seat.problems.clear()


def test_what_one_wrote_is_never_sent_as_another(server, page_for):
    seat = page_for(server)
    seat.sign_in("nodira")
    topic = server.topic("Baraka", "dogovor")
    seat.open(topic)
    text = "navbatdagi xabar"
    seat.page.context.set_offline(True)
    expect(seat.get("offline")).to_be_visible()
    seat.write(text)
    expect(seat.message(text)).to_have_attribute("data-state", "sending")
    # Another person signs in at the same browser, in another tab: the cookie is theirs when the network returns.
    seat.context.add_cookies(page_for(server, "sardor").context.cookies())
    seat.page.context.set_offline(False)
    expect(seat.page.get_by_test_id("message").filter(has_text=text)).to_have_count(0)
    seat.get("profile").click()
    expect(seat.get("profile-menu")).to_contain_text("Sardor")
    assert server.sql(f"SELECT count(*) FROM topic_body WHERE body = '{text}'") == "0"
    # It waits for whoever wrote it.
    waiting = seat.page.evaluate("Object.keys(localStorage).filter(key => key.includes(':out:')).length")
    assert waiting == 1
    seat.problems.clear()


def test_an_edit_in_progress_survives_a_reload(server, page_for):
    seat = page_for(server, "nodira")
    seat.open(server.topic("Baraka", "dogovor"))
    message = seat.say("asl matn")
    seat.act(message, "edit")
    seat.get("composer").fill("asl matn, tuzatilgan")
    seat.page.reload()
    expect(seat.get("composer")).to_have_value("asl matn, tuzatilgan")
    expect(seat.get("composer-mode")).to_be_visible()
    seat.get("composer").press("Enter")
    expect(seat.message("asl matn, tuzatilgan").get_by_test_id("edited")).to_be_visible()
    expect(seat.get("composer-mode")).to_have_count(0)
