"""From `--empty`: one administrator builds the firm, and then a client and an accountant talk."""

from playwright.sync_api import expect

from instance import wait_for


def save(seat, form: str) -> None:
    seat.get(f"{form}-save").click()
    expect(seat.get(form)).to_have_count(0)


def add_user(seat, name: str, login: str, role: str, place: str | None = None) -> None:
    seat.get("add-user").click()
    seat.get("user-name").fill(name)
    seat.get("user-login").fill(login)
    seat.get("user-role").select_option(role)
    if place and role == "client":
        seat.pick("user-organisation", place)
    elif place:
        seat.get("user-department").select_option(label=place)
    seat.get("user-password").fill(f"{login}-password-1")
    save(seat, "user-form")
    seat.page.keyboard.press("Escape")
    expect(seat.get("row").filter(has_text=name)).to_be_visible()


def test_an_administrator_builds_a_firm_and_its_people_talk(empty_server, page_for):
    admin = page_for(empty_server, "admin", password="first-admin-1")

    admin.page.goto("/admin/departments")
    admin.get("add-department").click()
    admin.get("department-name").fill("Savdo boʻlimi")
    save(admin, "department-form")
    expect(admin.get("row").filter(has_text="Savdo boʻlimi")).to_be_visible()

    admin.page.goto("/admin/organisations")
    admin.get("add-organisation").click()
    admin.get("organisation-name").fill("Yangi Mijoz MChJ")
    admin.get("organisation-stir").fill("123456789")
    if admin.get("organisation-department").input_value() == "":
        admin.get("organisation-department").select_option(label="Savdo boʻlimi")
    save(admin, "organisation-form")
    expect(admin.get("row").filter(has_text="Yangi Mijoz MChJ")).to_be_visible()

    admin.page.goto("/admin/users")
    add_user(admin, "Nodira Tosheva", "nodira", "accountant", "Savdo boʻlimi")
    add_user(admin, "Sardor Aliyev", "sardor", "client", "Yangi Mijoz MChJ")

    admin.page.goto("/admin/assignments")
    admin.get("add-assignment").click()
    admin.pick("assignment-account", "Nodira Tosheva")
    admin.pick("assignment-organisation", "Yangi Mijoz MChJ")
    save(admin, "assignment-form")
    expect(admin.get("row").filter(has_text="Nodira Tosheva")).to_be_visible()

    topic = empty_server.topic("Yangi Mijoz", "bank")
    client = page_for(empty_server, "sardor", password="sardor-password-1")
    accountant = page_for(empty_server, "nodira", password="nodira-password-1")
    accountant.open(topic)
    client.open(topic)
    client.say("Assalomu alaykum, birinchi xabar")
    expect(accountant.message("birinchi xabar")).to_have_count(1)
    accountant.say("Vaalaykum assalom")
    expect(client.message("Vaalaykum assalom")).to_have_count(1)

    # Taking the assignment away ends it at once: the accountant's list and log are empty without a reload.
    admin.get("assignment-end").click()
    admin.get("assignment-end-dialog-confirm").click()
    expect(accountant.get("message")).to_have_count(0)
    expect(accountant.topic_row(topic)).to_have_count(0)


def test_a_taken_login_is_told_at_its_field(server, page_for):
    admin = page_for(server, "admin")
    admin.page.goto("/admin/users")
    admin.get("add-user").click()
    admin.get("user-name").fill("Boshqa Sardor")
    admin.get("user-login").fill("sardor")
    admin.get("user-role").select_option("accountant")
    admin.get("user-department").select_option(index=1)
    admin.get("user-password").fill("another-password-1")
    admin.get("user-form-save").click()
    expect(admin.get("user-login")).to_have_attribute("aria-invalid", "true")
    expect(admin.get("user-form")).to_be_visible()


def test_a_disabled_person_is_out_within_a_second(server, page_for):
    admin, client = page_for(server, "admin"), page_for(server, "irina")
    client.open(server.topic("Tekstil", "bank"))
    admin.page.goto("/admin/users")
    admin.get("row").filter(has_text="Ирина Назарова").get_by_test_id("user-menu").click()
    admin.get("menu-disable").click()
    admin.get("disable-dialog-confirm").click()
    expect(client.get("signin")).to_be_visible(timeout=2_000)


def test_an_accountant_is_found_by_the_keyboard_among_many(fresh_server, page_for):
    fresh_server.sql(
        "WITH made AS (INSERT INTO account (name, login, password_hash, language) SELECT 'Buxgalter ' || n, 'bux' || n, '', 'uz' "
        "FROM generate_series(1, 120) n RETURNING id) "
        "INSERT INTO membership (account_id, role, department_id) SELECT id, 'accountant', (SELECT min(id) FROM department) FROM made"
    )
    admin = page_for(fresh_server, "admin")
    admin.page.goto("/admin/assignments")
    admin.get("add-assignment").click()
    field = admin.get("assignment-account")
    field.click()
    # As many as one can look through, and a word that there are more.
    expect(admin.get("choice")).to_have_count(50)
    expect(admin.get("assignment-form").get_by_role("status")).to_contain_text("50")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.fill("buxgalter 117")
    expect(admin.get("choice")).to_have_count(1)
    active = field.get_attribute("aria-activedescendant")
    expect(admin.page.locator(f"[id='{active}']")).to_have_text("Buxgalter 117")
    field.press("Enter")
    expect(field).to_have_value("Buxgalter 117")
    expect(admin.get("choice")).to_have_count(0)
    # Escape closes the list and not the dialog, and half a name changes nothing.
    field.fill("yoʻq bunday odam")
    expect(admin.get("assignment-form").get_by_role("status")).to_have_text("Bu qidiruvga mos yozuv yoʻq")
    field.press("Escape")
    expect(field).to_have_value("Buxgalter 117")
    expect(admin.get("assignment-form")).to_be_visible()
    # What is emptied is chosen no longer.
    field.fill("")
    field.press("Tab")
    admin.get("assignment-form-save").click()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_what_a_field_offers_stays_at_the_field(server, page_for):
    admin = page_for(server, "admin", width=360, height=420)
    admin.page.goto("/admin/assignments")
    admin.get("add-assignment").click()
    field, offered = admin.get("assignment-organisation"), admin.page.locator(".picker__pop")
    field.click()
    expect(admin.get("choice").first).to_be_visible()

    def apart() -> float:
        at, box = field.bounding_box(), offered.bounding_box()
        return min(abs(box["y"] - at["y"] - at["height"]), abs(at["y"] - box["y"] - box["height"]))

    before = field.bounding_box()["y"]
    assert apart() < 6
    scrolled = "dialog => { for (const one of [dialog, ...dialog.querySelectorAll('*')]) one.scrollTop += 40 }"
    admin.get("assignment-form").evaluate(scrolled)
    assert field.bounding_box()["y"] != before
    wait_for("it has followed", lambda: apart() < 6)
