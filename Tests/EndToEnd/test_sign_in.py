"""The door, in three languages."""

import pytest
from playwright.sync_api import expect

TITLES = {"uz": "Kirish", "ru": "Вход", "en": "Sign in"}


@pytest.mark.parametrize("language", TITLES)
def test_sign_in_speaks_three_languages(server, page_for, language):
    seat = page_for(server)
    seat.get(f"language-{language}").click()
    expect(seat.page.get_by_role("heading", level=1)).to_have_text(TITLES[language])
    expect(seat.page.locator("html")).to_have_attribute("lang", language)
    seat.page.reload()
    expect(seat.page.get_by_role("heading", level=1)).to_have_text(TITLES[language])


def test_a_wrong_password_is_told_and_the_right_one_lets_in(server, page_for):
    seat = page_for(server)
    seat.get("login").fill("olga")
    seat.get("password").fill("not the password")
    seat.get("signin-submit").click()
    expect(seat.get("password")).to_have_attribute("aria-invalid", "true")
    expect(seat.get("signin")).to_be_visible()
    seat.sign_in("olga")
    # The account's own language counts from here.
    expect(seat.page.locator("html")).to_have_attribute("lang", "ru")


def test_a_language_picked_at_the_door_stays(server, page_for):
    seat = page_for(server)
    seat.get("language-en").click()
    seat.sign_in("shoxruh")
    html = seat.page.locator("html")
    expect(html).to_have_attribute("lang", "en")
    expect(seat.get("topic").first).to_be_visible()
    seat.page.reload()
    expect(html).to_have_attribute("lang", "en")


def test_empty_fields_are_named_without_asking_the_server(server, page_for):
    seat = page_for(server)
    seat.get("signin-submit").click()
    expect(seat.get("login")).to_have_attribute("aria-invalid", "true")
    expect(seat.get("login")).to_be_focused()


def test_signing_out_leaves_nothing_behind(server, page_for):
    seat = page_for(server)
    seat.sign_in("bahrom")
    topic = server.topic("Samarqand", "bank")
    seat.open(topic)
    seat.get("profile").click()
    seat.get("menu-signout").click()
    expect(seat.get("signin")).to_be_visible()
    seat.page.goto(f"/t/{topic}")
    expect(seat.get("signin")).to_be_visible()
    expect(seat.get("message")).to_have_count(0)


def test_an_ended_session_says_so(server, page_for):
    seat = page_for(server)
    seat.sign_in("elena")
    expect(seat.get("topic").first).to_be_visible()
    server.sql(
        "WITH gone AS (UPDATE session SET ended_at = now(), end_reason = 'test' WHERE kind = 'browser' AND ended_at IS NULL "
        "AND account_id = (SELECT id FROM account WHERE login = 'elena') RETURNING id), "
        "news AS (INSERT INTO outbox (channel, payload) SELECT 'session', jsonb_build_object('sessions', jsonb_agg(id)) FROM gone) "
        "SELECT pg_notify('onefin_outbox', '')"
    )
    expect(seat.get("signin")).to_be_visible()
