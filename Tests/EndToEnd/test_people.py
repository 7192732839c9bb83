"""Devices, second steps, one-time links, many at once."""

import base64
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from instance import PASSWORD

NEW_PASSWORD = "yangi-parol-5678"


def code(secret: str, step: int | None = None) -> str:
    """RFC 6238: what an authenticator shows."""
    step = int(time.time()) // 30 if step is None else step
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    offset = mac[19] & 15
    return f"{(struct.unpack('>I', mac[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def menu(seat, entry: str) -> None:
    seat.get("profile").click()
    seat.get(f"menu-{entry}").click()


def next_code(secret: str, used: int) -> str:
    """The code of a step after the one that was used; the server takes one step ahead."""
    return code(secret, max(int(time.time()) // 30, used + 1))


def test_who_comes_for_the_first_time_reads_the_notice_once(fresh_server, page_for):
    # Some of the demo's people have confirmed it, since they have uploaded something.
    login = fresh_server.sql(
        "SELECT a.login FROM account a JOIN membership m ON m.account_id = a.id AND m.role = 'client' "
        "WHERE NOT EXISTS (SELECT FROM acknowledgement k WHERE k.account_id = a.id) ORDER BY a.id LIMIT 1"
    )
    seat = page_for(fresh_server)
    seat.get("login").fill(login)
    seat.get("password").fill(PASSWORD)
    seat.get("signin-submit").click()
    expect(seat.get("notice")).to_be_visible()
    # The servers know it too: nothing is answered but what the page needs to ask.
    answers = seat.page.evaluate(
        "Promise.all(['/api/v1/users', '/api/v1/notifications'].map(one => fetch(one).then(async answer => [answer.status, await answer.text()])))"
    )
    assert [status for status, _ in answers] == [403, 403] and all('"notice"' in text for _, text in answers)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in seat.context.cookies())
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"ws://127.0.0.1:{fresh_server.port}/ws", subprotocols=["1fin.v1"], origin=fresh_server.address,
            additional_headers={"Cookie": cookie},
        )  # fmt: skip
    assert refused.value.response.status_code == 403
    # Not by another address either.
    seat.page.goto("/t/1")
    expect(seat.get("notice")).to_be_visible()
    seat.get("notice-agree").click()
    expect(seat.page.locator(".app")).to_be_visible()
    seat.page.reload()
    expect(seat.page.locator(".app")).to_be_visible()
    expect(seat.get("notice")).to_have_count(0)


def test_an_owner_invites_a_colleague(fresh_server, page_for):
    owner = page_for(fresh_server, "sardor")
    menu(owner, "invite")
    expect(owner.get("invite-role")).to_be_visible()
    # Roles of the firm aren't even offered.
    roles = owner.get("invite-role").locator("option").evaluate_all("all => all.map(one => one.value)")
    assert set(roles) == {"client", "sales", "warehouse", "production", "agent", "driver"}
    owner.get("invite-name").fill("Lola Karimova")
    owner.get("invite-role").select_option("client")
    if owner.get("invite-organisation").count():
        owner.pick_first("invite-organisation")
    owner.get("invite-make").click()
    address = owner.get("made-link-address").input_value()
    assert "/link#" in address
    expect(owner.get("open-link").filter(has_text="Lola Karimova")).to_be_visible()

    guest = page_for(fresh_server)
    guest.page.goto(address)
    expect(guest.get("link-name")).to_have_value("Lola Karimova")
    # Whoever is invited chooses the language; the account keeps it.
    guest.get("language-ru").click()
    expect(guest.page.locator("html")).to_have_attribute("lang", "ru")
    expect(guest.get("language-ru")).to_have_attribute("aria-checked", "true")
    expect(guest.get("link-name")).to_have_value("Lola Karimova")
    guest.get("link-login").fill("sardor")
    guest.get("link-password").fill(NEW_PASSWORD)
    guest.get("link-again").fill(NEW_PASSWORD)
    guest.get("link-submit").click()
    expect(guest.get("link-login")).to_have_attribute("aria-invalid", "true")
    guest.get("link-login").fill("Lola.K")
    guest.get("link-submit").click()
    guest.get("link-go").click()
    guest.sign_in("lola.k", NEW_PASSWORD)
    expect(guest.get("topic").first).to_be_visible()
    assert fresh_server.sql("SELECT language FROM account WHERE login = 'lola.k'") == "ru"

    again = page_for(fresh_server)
    again.page.goto(address)
    expect(again.get("link-dead")).to_be_visible()


def test_an_admin_gives_a_link_to_a_new_password(fresh_server, page_for):
    client = page_for(fresh_server, "sardor")
    expect(client.get("topic").first).to_be_visible()
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/users")
    admin.get("row").filter(has_text="sardor").get_by_test_id("user-menu").click()
    admin.get("menu-reset-link").click()
    admin.get("reset-link-make").click()
    address = admin.get("made-link-address").input_value()

    guest = page_for(fresh_server)
    guest.page.goto(address)
    guest.get("link-password").fill(NEW_PASSWORD)
    guest.get("link-again").fill("something-else-1")
    guest.get("link-submit").click()
    expect(guest.get("link-again")).to_have_attribute("aria-invalid", "true")
    guest.get("link-again").fill(NEW_PASSWORD)
    guest.get("link-submit").click()
    guest.get("link-go").click()
    # Whoever was signed in with the old one is out.
    expect(client.get("signin")).to_be_visible()
    guest.sign_in("sardor", NEW_PASSWORD)
    expect(guest.get("topic").first).to_be_visible()


def test_one_device_too_many_ends_the_oldest_when_its_user_agrees(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/rules")
    admin.get("rules-client").fill("1")
    admin.get("rules-next-client").select_option("replace")
    admin.get("rules-save").click()
    expect(admin.get("rules-save")).to_be_disabled()

    first = page_for(fresh_server)
    first.sign_in("sardor")
    expect(first.get("topic").first).to_be_visible()
    second = page_for(fresh_server)
    second.get("login").fill("sardor")
    second.get("password").fill(PASSWORD)
    second.get("signin-submit").click()
    expect(second.get("busy-device")).to_have_count(1)
    # Until then nothing has happened.
    expect(first.get("topic").first).to_be_visible()
    second.get("limit-replace").click()
    expect(second.get("topic").first).to_be_visible()
    expect(first.get("signin")).to_be_visible()


def test_the_second_step_is_turned_on_used_and_turned_off(fresh_server, page_for):
    seat = page_for(fresh_server, "sardor")
    menu(seat, "factor")
    seat.get("factor-enable").click()
    seat.get("enrol-password").fill(PASSWORD)
    seat.get("enrol-next").click()
    expect(seat.get("qr")).to_be_visible()
    secret = seat.get("enrol-secret").inner_text().replace(" ", "")
    seat.get("enrol-code").fill("000000")
    seat.get("enrol-next").click()
    expect(seat.get("enrol-code")).to_have_attribute("aria-invalid", "true")
    used = int(time.time()) // 30
    seat.get("enrol-code").fill(code(secret, used))
    seat.get("enrol-next").click()
    expect(seat.get("codes").locator("code")).to_have_count(10)
    codes = seat.get("codes").locator("code").all_inner_texts()
    assert len(set(codes)) == 10
    # They are shown once: no key takes them away before somebody has said that they are kept.
    for _ in range(3):
        seat.page.keyboard.press("Escape")
    expect(seat.get("codes")).to_be_visible()
    seat.get("codes-kept").click()
    expect(seat.get("factor-on")).to_be_visible()

    other = page_for(fresh_server)
    other.get("login").fill("sardor")
    other.get("password").fill(PASSWORD)
    other.get("signin-submit").click()
    # What was used already is worth nothing.
    other.get("code").fill(code(secret, used))
    other.get("code-submit").click()
    expect(other.get("code")).to_have_attribute("aria-invalid", "true")
    other.get("code").fill(next_code(secret, used))
    other.get("code-submit").click()
    expect(other.get("topic").first).to_be_visible()

    seat.get("factor-end").click()
    seat.get("proof-password").fill(PASSWORD)
    seat.get("proof-code").fill(codes[0].lower())
    seat.get("proof-submit").click()
    expect(seat.get("factor-enable")).to_be_visible()


def test_an_admin_sees_and_ends_anybodys_devices(fresh_server, page_for):
    client = page_for(fresh_server, "sardor")
    expect(client.get("topic").first).to_be_visible()
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/sessions")
    admin.get("sessions-search").fill("sardor")
    row = admin.get("session-row")
    expect(row.first).to_contain_text("Chrome")
    row.first.get_by_test_id("session-end-all").click()
    admin.get("session-end-dialog-confirm").click()
    expect(client.get("signin")).to_be_visible()


def test_a_table_of_companies_is_judged_and_then_written(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/organisations")
    rows = admin.get("row")
    expect(rows.first).to_be_visible()
    before = rows.count()
    department = fresh_server.api("admin").get("/departments")["items"][0]["name"]
    admin.get("import-organisations").click()
    bad = f"nomi;inn;bolim\nYangi korxona;301234567;{department}\nYana bir;12;{department}\n"
    admin.get("import-file").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": bad.encode()})
    expect(admin.get("import-line")).to_have_count(1)
    expect(admin.get("import-line")).to_contain_text("stir")
    expect(admin.get("import-apply")).to_be_disabled()
    good = bad.replace(";12;", ";301234568;")
    admin.get("import-file").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": good.encode()})
    expect(admin.get("import-line")).to_have_count(2)
    admin.get("import-apply").click()
    expect(admin.get("import-dialog")).to_have_count(0)
    expect(rows).to_have_count(before + 2)


def test_the_links_of_imported_people_are_not_lost_by_a_key(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    company = fresh_server.api("admin").get("/organisations")["items"][0]["name"]
    admin.page.goto("/admin/users")
    admin.get("import-users").click()
    table = f"name;login;language;role;organisation;department\nYangi Odam;yangi.odam;uz;sales;{company};\n"
    admin.get("import-file").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": table.encode()})
    expect(admin.get("import-line")).to_have_count(1)

    # While it is being written nothing closes the dialog.
    held = []
    admin.page.route("**/api/v1/imports/users?digest=*", lambda route: held.append(route))
    with admin.page.expect_request("**/api/v1/imports/users?digest=*"):
        admin.get("import-apply").click()
    for _ in range(3):
        admin.page.keyboard.press("Escape")
    expect(admin.get("import-dialog")).to_be_visible()
    held[0].continue_()
    expect(admin.get("welcomes").get_by_role("listitem")).to_have_count(1)

    # Nor does anything close the links, before they are saved or somebody says that they may go.
    for _ in range(3):
        admin.page.keyboard.press("Escape")
    expect(admin.get("welcomes-owed")).to_be_visible()
    with admin.page.expect_download() as download:
        admin.get("welcomes-save").click()
    name, login, link = download.value.path().read_text().strip().split("\t")
    assert (name, login) == ("Yangi Odam", "yangi.odam") and "/link#" in link
    expect(admin.get("welcomes-owed")).to_have_count(0)
    admin.get("welcomes-close").click()
    expect(admin.get("import-dialog")).to_have_count(0)


def test_signing_out_before_the_second_step_is_over_only_when_the_server_says_so(server, page_for):
    seat = page_for(server)
    seat.sign_in("nodira")
    expect(seat.page.locator(".app")).to_be_visible()

    def owing(route):
        if route.request.method != "GET":
            return route.fallback()
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"owesSecondFactor": True})

    seat.page.route("**/api/v1/session", owing)
    seat.page.reload()
    expect(seat.get("owed")).to_be_visible()
    away = {"status": 503, "content_type": "application/problem+json", "body": '{"code": "unavailable", "status": 503}'}
    seat.page.route("**/api/v1/session", lambda route: route.fulfill(**away) if route.request.method == "DELETE" else route.fallback())
    seat.get("owed-out").click()
    expect(seat.get("owed").get_by_role("alert")).to_be_visible()
    assert seat.page.request.get(f"{server.address}/api/v1/session").status == 200
    seat.page.unroute_all()
    seat.get("owed-out").click()
    expect(seat.get("signin")).to_be_visible()
    assert seat.page.request.get(f"{server.address}/api/v1/session").status == 401


def test_an_import_whose_answer_is_lost_gives_its_people_new_links(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    company = fresh_server.api("admin").get("/organisations")["items"][0]["name"]
    admin.page.goto("/admin/users")
    admin.get("import-users").click()
    table = f"name;login;language;role;organisation;department\nYangi Odam;yangi.odam;uz;sales;{company};\n"
    admin.get("import-file").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": table.encode()})
    expect(admin.get("import-line")).to_have_count(1)

    def lose(route):
        route.fetch()
        route.abort()

    admin.page.route("**/api/v1/imports/users?digest=*", lose)
    admin.get("import-apply").click()
    expect(admin.get("import-error")).to_be_visible()
    admin.get("import-again").click()
    expect(admin.get("welcomes").get_by_role("listitem")).to_have_count(1)
    with admin.page.expect_download() as download:
        admin.get("welcomes-save").click()
    link = download.value.path().read_text().strip().split("\t")[2]
    guest = page_for(fresh_server)
    guest.page.goto(link)
    expect(guest.get("link-reset")).to_contain_text("Yangi Odam")


def test_a_file_that_is_refused_leaves_one_in_the_app(server, page_for):
    admin = page_for(server, "admin")
    refused = {"status": 409, "content_type": "application/problem+json", "body": '{"code": "conflict", "status": 409}'}
    admin.page.route("**/api/v1/exports/*", lambda route: route.fulfill(**refused))
    admin.page.route("**/api/v1/actions/export*", lambda route: route.fulfill(**refused))
    admin.page.goto("/admin/organisations")
    admin.get("export-organisations").click()
    expect(admin.get("toasts")).to_contain_text("boshqa kishi")
    expect(admin.page).to_have_url(re.compile("/admin/organisations$"))
    admin.page.goto("/audit/log")
    admin.get("export").click()
    admin.get("menu-csv").click()
    expect(admin.get("toasts")).to_contain_text("boshqa kishi")
    expect(admin.get("action").first).to_be_visible()
    admin.page.unroute_all()
    admin.page.goto("/admin/organisations")
    with admin.page.expect_download() as download:
        admin.get("export-organisations").click()
    assert download.value.suggested_filename == "organisations.xlsx" and download.value.path().read_bytes()[:2] == b"PK"
    # The browser took it itself: an export of hundreds of megabytes never lies in the page's memory.
    assert download.value.url.startswith(f"{server.address}/api/v1/exports/")
    # Asking whether it is given is no export.
    assert server.sql("SELECT count(*) FROM action_log WHERE action = 'organisation.export'") == "1"


def test_what_is_refused_at_no_field_is_said_all_the_same(server, page_for):
    admin = page_for(server, "admin")
    admin.page.goto("/admin/departments")
    answer = '{"code": "invalid", "status": 422, "fields": {"topics": "invalid"}}'
    admin.page.route(
        "**/api/v1/departments", lambda route: route.fulfill(status=422, content_type="application/problem+json", body=answer)
        if route.request.method == "POST" else route.continue_())  # fmt: skip
    admin.get("add-department").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("Yangi")
    dialog.get_by_role("textbox").first.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Mavzular")


def test_many_companies_get_an_accountant_at_once(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/assignments")
    admin.get("plan").click()
    admin.pick("plan-account", "Nodira")
    admin.get("plan-all").click()
    admin.get("plan-preview").click()
    steps = admin.get("plan-step")
    expect(steps.first).to_be_visible()
    assert steps.count() > 1
    admin.get("plan-execute").click()
    expect(admin.get("plan-dialog")).to_have_count(0)
    # What is there already isn't made again.
    admin.get("plan").click()
    admin.pick("plan-account", "Nodira")
    admin.get("plan-all").click()
    admin.get("plan-preview").click()
    expect(steps.first).to_have_attribute("data-effect", "same")
    expect(admin.get("plan-execute")).to_be_disabled()


def test_a_supervisor_plans_the_assignments_of_the_own_department(fresh_server, page_for):
    boss = page_for(fresh_server, "gulnora")
    boss.get("nav-admin").click()
    expect(boss.get("assignments")).to_be_visible()
    # Nothing else of the administration, by no address.
    boss.page.goto("/admin/users")
    expect(boss.get("assignments")).to_be_visible()
    expect(boss.get("admin-users")).to_have_count(0)
    own = fresh_server.sql(
        "SELECT string_agg(o.id::text, ' ' ORDER BY o.id) FROM organisation o JOIN membership m ON m.department_id = o.department_id "
        "JOIN account a ON a.id = m.account_id WHERE a.login = 'gulnora' AND m.role = 'supervisor' AND o.closed_at IS NULL"
    ).split()
    boss.get("plan").click()
    offered = boss.page.locator("[data-testid^=plan-org-]")
    expect(offered.first).to_be_visible()
    assert sorted(one.get_attribute("data-testid").removeprefix("plan-org-") for one in offered.all()) == sorted(own)
    boss.pick_first("plan-account")
    boss.get("plan-all").click()
    boss.get("plan-preview").click()
    expect(boss.get("plan-step")).to_have_count(len(own))
    boss.get("plan-execute").click()
    expect(boss.get("plan-dialog")).to_have_count(0)
    planned = "SELECT count(*) FROM action_log l JOIN account a ON a.id = l.account_id WHERE l.action = 'assignment.plan' AND a.login = 'gulnora'"
    assert int(fresh_server.sql(planned)) > 0


def test_a_department_is_taken_out_of_use_once_nothing_belongs_to_it(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/departments")
    admin.get("row").first.get_by_test_id("department-retire").click()
    dialog = admin.get("department-retire-dialog")
    admin.get("department-retire-dialog-confirm").click()
    expect(dialog).to_contain_text(re.compile("tashkilot", re.I))
    admin.page.keyboard.press("Escape")
    admin.get("add-department").click()
    admin.get("department-name").fill("Vaqtincha")
    admin.get("department-form-save").click()
    row = admin.get("row").filter(has_text="Vaqtincha")
    row.get_by_test_id("department-retire").click()
    admin.get("department-retire-dialog-confirm").click()
    expect(row).to_have_count(0)
    # It is found and taken back.
    admin.get("departments-retired").click()
    expect(admin.get("retired")).to_contain_text("Vaqtincha")
    admin.get("department-restore").click()
    expect(admin.get("retired-none")).to_be_visible()
    admin.page.keyboard.press("Escape")
    expect(row).to_be_visible()


def test_people_are_searched_on_the_server(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/users")
    expect(admin.get("row").nth(5)).to_be_visible()
    with admin.page.expect_response(lambda answer: "/users?" in answer.url and "search=SARDOR" in answer.url):
        admin.get("users-search").fill("SARDOR")
    expect(admin.get("row")).to_have_count(1)
    expect(admin.get("row").first).to_contain_text("Sardor Aliyev")
    admin.get("users-search").fill("nobody at all")
    expect(admin.get("row")).to_have_count(0)


def test_a_company_leaves(fresh_server, page_for, tmp_path):
    client = page_for(fresh_server, "sardor")
    expect(client.get("topic").first).to_be_visible()
    name = client.page.locator("[data-testid=topic]").first.get_attribute("data-topic")
    organisation = fresh_server.sql(f"SELECT o.name FROM topic t JOIN organisation o ON o.id = t.organisation_id WHERE t.id = {name}")
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/organisations")
    row = admin.get("row").filter(has_text=organisation)
    row.get_by_test_id("organisation-close").click()
    expect(admin.get("closing-effects")).to_be_visible()
    # Nobody has given this server a key that signs.
    expect(admin.get("bundle-command")).to_contain_text("onefin-cli audit export --organisation")
    admin.get("closing-form-save").click()
    expect(admin.get("closing-reason")).to_have_attribute("aria-invalid", "true")
    admin.get("closing-reason").fill("Shartnoma tugadi")
    admin.get("closing-form-save").click()
    expect(row.get_by_test_id("organisation-close")).to_have_count(0)
    expect(client.page.locator(f"[data-testid=topic][data-topic='{name}']")).to_have_count(0)
    row.get_by_test_id("organisation-bundle").click()
    expect(admin.get("bundle-dialog").get_by_test_id("bundle-command")).to_be_visible()
    open_cases = "SELECT count(*) FROM topic t JOIN organisation o ON o.id = t.organisation_id WHERE o.closed_at IS NOT NULL AND t.case_open"
    assert fresh_server.sql(open_cases) == "0"

    # With a key its archive comes out of the page, and is what was signed anywhere.
    key, archive = tmp_path / "key.pem", tmp_path / "bundle.tar"
    fresh_server.cli("audit", "key", str(key))
    fresh_server.environment = {"REST_AUDIT_KEY": str(key)}
    fresh_server.stop_rest()
    fresh_server.start_rest()
    fresh_server.wait_ready()
    admin.page.goto("/admin/organisations")
    row.get_by_test_id("organisation-bundle").click()
    with admin.page.expect_download() as download:
        admin.get("bundle-download").click()
    download.value.save_as(archive)
    fresh_server.cli("audit", "verify", str(archive), "--key", f"{key}.pub")
    assert fresh_server.sql("SELECT count(*) FROM action_log WHERE action = 'audit.export' AND organisation_id IS NOT NULL") == "1"


def test_the_roles_say_what_they_are_for_and_who_has_them(fresh_server, page_for):
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/roles")
    expect(admin.get("role-row")).to_have_count(9)
    admin.page.locator("[data-testid=role-row][data-role=client]").get_by_test_id("role-people").click()
    expect(admin.get("role-dialog")).to_contain_text("Sardor Aliyev")
