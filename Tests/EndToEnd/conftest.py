"""Fixtures: a private 1fin, and people at browsers."""

import os

import pytest
from playwright.sync_api import Browser

from chromium import CHROMIUM, FLAGS
from instance import Instance
from seat import Seat
from socket_client import ChatSocket

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


def make_server(demo: bool, media: bool = False):
    if "ONEFIN_TEST_DATABASE" not in os.environ:
        pytest.exit("Set ONEFIN_TEST_DATABASE to a superuser's conninfo on a throw-away cluster; ./onefin test does it for you.")
    return Instance(demo, media)


@pytest.fixture(scope="module")
def server():
    """The demo firm, shared by the tests of a file."""
    instance = make_server(demo=True)
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def documents_server():
    """The demo firm with the worker that stamps, shared by the tests of a file."""
    instance = make_server(demo=True, media=True)
    yield instance
    instance.close()


@pytest.fixture
def fresh_server():
    """The demo firm for one test, which may do with it what it likes."""
    instance = make_server(demo=True)
    yield instance
    instance.close()


@pytest.fixture
def fresh_documents_server():
    """The same with the worker, for one test."""
    instance = make_server(demo=True, media=True)
    yield instance
    instance.close()


@pytest.fixture
def empty_server():
    """Nobody but an administrator: admin / first-admin-1."""
    instance = make_server(demo=False)
    instance.cli("admin", "create", "--login", "admin", "--name", "Akmal Yusupov", answers="first-admin-1\n")
    yield instance
    instance.close()


@pytest.fixture
def page_for(browser: Browser):
    """`page_for(server, login)`: that person at a browser of their own, signed in. Errors that the page logs fail the test."""
    seats: list[Seat] = []

    def open_seat(instance: Instance, login: str | None = None, **options) -> Seat:
        seat = Seat(browser, instance, login, **options)
        seats.append(seat)
        return seat

    yield open_seat
    for seat in seats:
        seat.context.close()
    problems = [f"{seat.login}: {problem}" for seat in seats for problem in seat.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def chat():
    """`chat(server, login)`: that person's socket."""
    sockets: list[ChatSocket] = []

    def open_socket(instance: Instance, login: str) -> ChatSocket:
        socket = ChatSocket(instance, instance.api(login).token)
        sockets.append(socket)
        return socket

    yield open_socket
    for socket in sockets:
        socket.close()
