"""A person at a browser: what they do and see, in words of the product. Test ids are listed in web/tests/README.md."""

import re

from playwright.sync_api import Browser, ConsoleMessage, Locator, expect

from instance import PASSWORD, Instance

expect.set_options(timeout=10_000)


class Seat:
    """A browser context of its own with one page. Signs in by the form."""

    #: Cookies of those who signed in before, by server and login: sign-ins are throttled.
    known: dict[tuple[str, str], dict] = {}

    def __init__(
        self, browser: Browser, instance: Instance, login: str | None = None, password: str = PASSWORD, width: int = 1280, height: int = 800,
        dark: bool = False, language: str | None = None, touch: bool = False,
    ):  # fmt: skip
        self.instance, self.login = instance, login
        known = Seat.known.get((instance.address, login or ""))
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", base_url=instance.address,
            storage_state=known, reduced_motion="reduce", has_touch=touch, is_mobile=touch,
        )  # fmt: skip
        #: What went wrong in the page; tests may take entries out that they caused.
        self.problems: list[str] = []
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"error in the page: {error}"))
        self.page.on("console", self._console)
        if login and language:
            # The account's language counts for whoever is signed in.
            instance.api(login, password).call("PUT", "/me/language", {"language": language})
        self.page.goto("/")
        if not login and language:
            self.get(f"language-{language}").click()
        if login and not known:
            self.sign_in(login, password)
            Seat.known[(instance.address, login)] = {"cookies": self.context.cookies(), "origins": []}

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium logs every refused or failed request as an error; those are part of many tests.
        if message.type == "error" and "Failed to load resource" not in message.text and "WebSocket connection to" not in message.text:
            self.problems.append(f"console: {message.text}")

    def get(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def pick(self, testid: str, text: str) -> None:
        """Chooses what is found by a text in a field that offers what fits."""
        self.get(testid).click()
        self.get(testid).fill(text)
        self.page.get_by_role("option", name=text).click()
        expect(self.get(testid)).to_have_attribute("data-chosen", re.compile(r"^\d+$"))

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        self.get("login").fill(login)
        self.get("password").fill(password)
        self.get("signin-submit").click()
        # Whoever signs in for the first time reads first that supervisors may watch.
        notice = self.get("notice-agree")
        expect(notice.or_(self.page.locator(".app"))).to_be_visible()
        if notice.is_visible():
            notice.click()
            expect(notice).to_have_count(0)

    def pick_first(self, testid: str) -> str:
        """Chooses the first that such a field offers; says what that is."""
        self.get(testid).click()
        self.get("choice").first.click()
        expect(self.get(testid)).to_have_attribute("data-chosen", re.compile(r"^\d+$"))
        return self.get(testid).input_value()

    # The list and the log

    def open(self, topic: int) -> None:
        self.page.goto(f"/t/{topic}")
        expect(self.get("composer")).to_be_visible()

    def topic_row(self, topic: int) -> Locator:
        return self.page.locator(f"[data-testid=topic][data-topic='{topic}']")

    def message(self, text: str) -> Locator:
        """The message that shows this text, tombstones included."""
        return self.get("message").filter(has_text=text)

    def write(self, text: str) -> None:
        self.get("composer").fill(text)
        self.get("composer").press("Enter")

    def say(self, text: str) -> Locator:
        """Writes and waits until the server has it."""
        self.write(text)
        message = self.message(text)
        self.expect_state(message, "sent|read")
        return message

    def expect_state(self, message: Locator, states: str) -> None:
        expect(message).to_have_attribute("data-state", re.compile(f"^({states})$"))

    def act(self, message: Locator, action: str) -> None:
        """Opens the message's menu and takes an entry."""
        message.hover()
        message.get_by_test_id("tool-more").click()
        self.get(f"menu-{action}").click()

    def edit(self, message: Locator, text: str) -> None:
        self.act(message, "edit")
        expect(self.get("composer-mode")).to_be_visible()
        self.write(text)

    def delete(self, message: Locator) -> None:
        self.act(message, "delete")
        self.get("delete-dialog-confirm").click()

    def dismiss_case(self) -> None:
        """Closes the case of the topic that is open over a client who waits: it needs no answer."""
        self.get("close-case").click()
        self.get("no-answer").check()
        self.get("dismiss-confirm").click()

    def texts(self) -> list[str]:
        """What the log shows, in order, one line for each message."""
        return [text.replace("\n", " ") for text in self.get("message").all_inner_texts()]
