"""Two ChatServer processes on one database: each delivers to its own subscribers."""

from types import SimpleNamespace

from instance import free_port, wait_for
from socket_client import ChatSocket


def test_a_second_process_delivers_to_its_own_subscribers(fresh_server):
    first, port = fresh_server.port, free_port()
    topic = fresh_server.topic("Baraka", "bank")
    writer = ChatSocket(fresh_server, fresh_server.api("sardor").token)
    token = fresh_server.api("nodira").token
    original = fresh_server.processes.pop("chat")
    fresh_server.port = port
    fresh_server.start_chat()
    second = fresh_server.processes["chat"]
    try:
        reader = wait_for("the second server lets one in", lambda: ChatSocket(SimpleNamespace(port=port), token))
        head = reader.ok("subscribe", topic=topic)["head"]
        sent = [writer.send(topic, f"tugun {number}")["seq"] for number in range(20)]
        heard = [reader.event(lambda frame: frame.get("event") == "entry")["entry"] for _ in sent]
        assert [entry["seq"] for entry in heard] == sent == list(range(head + 1, head + 21))
        assert [entry["body"] for entry in heard] == [f"tugun {number}" for number in range(20)]
        reader.close()
        writer.close()
    finally:
        second.kill()
        second.wait()
        fresh_server.port, fresh_server.processes["chat"] = first, original
