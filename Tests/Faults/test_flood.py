"""More than ten thousand connections that never ask, and such that ask a byte at a time: bounded memory, real users are served meanwhile, and whoever
dawdles is sent away in the time that docs/protocol.md says."""

import resource
import threading
import time

from halfopen import Halves, request, upgrade

#: More than the server lets owe their head at once.
COUNT = 14_000
#: How long a request's head may take (docs/protocol.md), how often the server looks, and what other work may add, in seconds.
PATIENCE, SLACK = 10, 4
#: The most memory that all of them may cost: 3 KB each.
MEMORY = 40 << 20


def possible(count: int) -> int:
    """As many as this machine's limit on descriptors lets be."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = min(count, most - 1_000)
    if count < COUNT:
        print(f"only {count} connections: no more descriptors than {most} are allowed here")
    return count


class Visitor:
    """A real user who comes again and again, on a thread of their own, and notes how long it took to be let in."""

    def __init__(self, firm):
        self.firm, self.isOver = firm, False
        self.took: list[float] = []
        self.failures: list[str] = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.isOver:
            start = time.monotonic()
            try:
                upgrade(self.firm.port, self.firm.seats[0][2]).close()
                self.took.append(time.monotonic() - start)
            except (AssertionError, OSError) as error:
                self.failures.append(f"{error!r}")

    def stop(self) -> None:
        self.isOver = True
        self.thread.join()


def test_half_open_and_slow(firm):
    """Most connect and say nothing; the others send their upgrade one byte at a time, which must not win them any time."""
    count = possible(COUNT)
    gathering = firm.gather()
    gathering.talk()
    gathering.until("they talk", lambda: gathering.count >= 200)
    silent, slow = Halves(firm.port, "127.1"), Halves(firm.port, "127.2")
    text = iter(request(firm.seats[0][2]))
    visitor = Visitor(firm)
    try:
        memory, most, start = firm.resident(), 0, time.monotonic()
        for halves, share in ((silent, count * 3 // 4), (slow, count // 4)):
            while halves.opened < share:
                halves.open(min(250, share - halves.opened))
                silent.notice()
        opened, acked = time.monotonic(), gathering.count
        print(f"{count} opened in {opened - start:.2f} s, {len(silent.open_ones) + len(slow.open_ones)} of them still open")
        while (silent.open_ones or slow.open_ones) and time.monotonic() < opened + PATIENCE + SLACK:
            slow.send(bytes([next(text)]))
            slow.notice(0.2)
            silent.notice()
            most = max(most, firm.resident() - memory)
        print(f"all gone {time.monotonic() - opened:.1f} s after the last one came; memory grew by {most / 1e6:.1f} MB at most")
        print(f"the silent ones were answered {silent.answers}, the slow ones {slow.answers}")
        left = len(silent.open_ones) + len(slow.open_ones)
    finally:
        visitor.stop()
        silent.close()
        slow.close()
    print(f"a real user was let in {len(visitor.took)} times, at most in {max(visitor.took, default=-1):.2f} s; failures {visitor.failures[:5]}")
    assert left == 0, f"{left} were not sent away"
    assert slow.answers.get(b"408", 0) > 0
    assert most <= MEMORY
    assert len(visitor.took) > 10 and not visitor.failures
    gathering.until("they still talk", lambda: gathering.count >= acked + 300)
    assert gathering.opened == len(gathering.members), [(member.name, member.closings) for member in gathering.members]
    gathering.hush()


def test_frames_one_byte_at_a_time(firm):
    """Signed in, and then a frame of 64 KiB in little pieces: that costs what was sent, and delays nobody."""
    gathering = firm.gather()
    memory = firm.resident()
    sockets = [upgrade(firm.port, firm.seats[number % len(firm.seats)][2]) for number in range(400)]
    try:
        for connection in sockets:
            connection.sendall(b"\x81\xfe\xff\xff" + bytes(4))
        for _ in range(20):
            for connection in sockets:
                connection.sendall(b" ")
        gathering.talk()
        gathering.until("they talk", lambda: gathering.count >= 300)
        grown = firm.resident() - memory
        print(f"400 started frames: memory grew by {grown / 1e6:.1f} MB")
        assert grown <= 400 * 70_000
        gathering.hush()
    finally:
        for connection in sockets:
            connection.close()
    assert gathering.opened == len(gathering.members)
