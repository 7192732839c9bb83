"""Files on their way through the real front: large ones and many at once in bounded memory, servers that are killed, disks that fill up, clients that
dawdle, repeat themselves or change their mind. Whatever happens, a document has exactly the bytes that were sent, once."""

import os
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from instance import Instance, wait_for
from uploader import PIECE, Upload, picture

#: How large the files are, in bytes; docs/performance.md has figures for 100 MB.
SIZE = int(os.environ.get("ONEFIN_FAULTS_UPLOAD", "25000000"))
#: What a server's memory may grow by while eight files come, in MiB, however large they are. Measured: 10.
GROWTH = 64


@pytest.fixture(scope="module")
def running(cluster):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEFIN_TEST_DATABASE", f"host={cluster.socket} user=postgres")
        made = Instance()
        yield made
        made.close()


@pytest.fixture
def server(running):
    """The same, in good health, and with nothing half done."""
    yield running
    running.sql("UPDATE upload SET finished_at = now(), refusal = 'cancelled' WHERE finished_at IS NULL")


@pytest.fixture
def topic(server) -> int:
    return server.topic("Baraka", "bank")


def memory(server: Instance, name: str, key: str) -> float:
    """`VmRSS` or `VmHWM` (its highest since it was reset) of a server, in MiB."""
    text = Path(f"/proc/{server.processes[name].pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith(key)).split()[1]) / 1024


def documents(server: Instance, upload: Upload) -> int:
    return int(server.sql(f"SELECT count(*) FROM upload u JOIN document d ON d.id = u.document_id WHERE u.id = '{upload.id}'"))


def test_memory_is_bounded_however_much_comes(server, topic):
    uploads = [Upload(server, "malika", topic, picture(SIZE, seed)) for seed in range(8)]
    before = {}
    for name in ("chat", "rest"):
        Path(f"/proc/{server.processes[name].pid}/clear_refs").write_text("5")
        before[name] = memory(server, name, "VmRSS")
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda upload: upload.go_on(), uploads))
    took = time.monotonic() - start
    print(f"8 files of {SIZE / 1e6:.0f} MB in {took:.1f} s: {8 * SIZE / 1e6 / took:.0f} MB/s")
    for name in before:
        peak = memory(server, name, "VmHWM")
        print(f"{name}: {before[name]:.0f} MiB before, {peak:.0f} at most, {memory(server, name, 'VmRSS'):.0f} after")
        assert peak - before[name] < GROWTH
    assert len({document["document"] for document in made}) == 8
    assert all(upload.is_kept() for upload in uploads)


def test_killed_in_the_middle_it_goes_on_from_what_came(server, topic):
    upload = Upload(server, "malika", topic, picture(3 * PIECE))
    status, said = upload.piece(0)
    assert (status, said["offset"]) == (200, PIECE)
    # More of it is on its way when the server is gone.
    line = upload.half(PIECE, PIECE // 2)
    part = next((server.logs / "uploads").glob(f"*-{upload.id}"))
    wait_for("some of the second piece has come", lambda: part.stat().st_size > PIECE)
    server.processes["rest"].send_signal(signal.SIGKILL)
    server.processes["rest"].wait()
    line.close()
    assert upload.ask("GET")[0] in (502, 503)
    server.start_rest()
    server.wait_ready()
    at = upload.offset()
    assert PIECE < at <= PIECE + PIECE // 2
    # Whoever doesn't ask is told.
    status, said = upload.piece(PIECE)
    assert (status, said["code"], said["offset"]) == (409, "upload_offset", at)
    upload.go_on()
    assert upload.is_kept() and documents(server, upload) == 1


def test_killed_at_its_end_it_is_one_document(server, topic):
    """At random moments of the end: while the file is hashed, kept, or written down."""
    for number in range(4):
        upload = Upload(server, "malika", topic, picture(PIECE, number))
        line = upload.half(0, PIECE)
        time.sleep(0.01 * number**2)
        server.processes["rest"].send_signal(signal.SIGKILL)
        server.processes["rest"].wait()
        line.close()
        server.start_rest()
        server.wait_ready()
        at = upload.offset()
        status, said = upload.ask("PATCH", upload.content[at:], at)
        assert status == 200 and said["document"]["size"] == PIECE, said
        assert upload.is_kept() and documents(server, upload) == 1
    # What the killed ones had begun to put takes no room for ever.
    wait_for("left-overs are swept", lambda: not list((server.logs / "blobs/incoming").iterdir()))


@contextmanager
def small_disk(folder: Path, megabytes: int):
    """A disk of its own below a folder. Needs the right to mount."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def told(server: Instance, **environment: str):
    """RestAPI with other settings for a while."""
    server.stop_rest()
    server.environment = environment
    server.start_rest()
    server.wait_ready()
    try:
        yield
    finally:
        server.stop_rest()
        server.environment = {}
        server.start_rest()
        server.wait_ready()


def fill(folder: Path, name: str = "ballast") -> Path:
    """Takes all the room that is left."""
    with open(folder / name, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    return folder / name


def test_a_full_disk_of_uploads(server, topic, tmp_path):
    with small_disk(tmp_path / "disk", 24) as disk, told(server, REST_UPLOAD_FOLDER=str(disk)):
        upload = Upload(server, "malika", topic, picture(2 * PIECE))
        assert upload.piece(0)[0] == 200
        ballast = fill(disk)
        # Seen before a byte is taken, at the beginning and in the middle; and when the room goes while the bytes come.
        status, said = upload.piece(PIECE)
        assert (status, said["code"], upload.offset()) == (507, "disk_full", PIECE)
        with pytest.raises(Exception, match="507"):
            Upload(server, "malika", topic, picture(1000))
        os.truncate(ballast, ballast.stat().st_size - PIECE - (1 << 20))
        line = upload.half(PIECE, 1000)
        wait_for("some of it has come", lambda: upload.offset() > PIECE)
        more = fill(disk, "more")
        line.sendall(upload.content[PIECE + 1000 :])
        answer = line.recv(65536).decode()
        assert " 507 " in answer.splitlines()[0] and "disk_full" in answer, answer
        line.close()
        # Other requests go on meanwhile.
        assert server.api("malika").get(f"/topics/{topic}/documents")["next"] is None
        more.unlink()
        ballast.unlink()
        upload.go_on()
        assert upload.is_kept() and documents(server, upload) == 1


def test_a_full_disk_of_blobs(server, topic, tmp_path):
    old = Upload(server, "malika", topic, picture(PIECE, 77))
    old.go_on()
    with small_disk(tmp_path / "disk", 32) as disk:
        # The old file alone moves to the small disk.
        place = disk / old.hash[:2] / old.hash[2:4]
        place.mkdir(parents=True)
        shutil.copy(server.logs / "blobs" / place.relative_to(disk) / old.hash, place)
        with told(server, BLOB_STORE=f"folder:{disk}"):
            ballast = fill(disk)
            upload = Upload(server, "malika", topic, picture(2 * PIECE, 78))
            assert upload.piece(0)[0] == 200
            status, said = upload.piece(PIECE)
            assert (status, said["code"]) == (507, "disk_full")
            # Nothing half is left, what was there is whole, and the upload waits.
            assert not list((disk / "incoming").iterdir())
            assert _kept(disk, old) and not _kept(disk, upload) and documents(server, upload) == 0
            assert upload.offset() == 2 * PIECE
            ballast.unlink()
            assert upload.ask("PATCH", b"", 2 * PIECE)[1]["document"]["size"] == 2 * PIECE
            assert _kept(disk, upload) and _kept(disk, old)


def _kept(disk: Path, upload: Upload) -> bool:
    return any(path.read_bytes() == upload.content for path in disk.rglob(upload.hash))


def test_whoever_dawdles_holds_up_nobody(server, topic):
    """Connections that send a byte now and then: each newer one takes over, and others' files come meanwhile."""
    slow = Upload(server, "malika", topic, picture(PIECE, 5))
    before = memory(server, "rest", "VmRSS")
    lines = [slow.half(0, 0) for _ in range(200)]
    for line in lines[::7]:
        line.sendall(b"\xff")
    quick = Upload(server, "nodira", topic, picture(PIECE, 6))
    quick.go_on()
    assert quick.is_kept()
    assert memory(server, "rest", "VmRSS") - before < GROWTH
    # Its owner comes back on a new connection and isn't held up either; the old ones get no byte in any more.
    at = slow.offset()
    assert at <= 1
    slow.go_on()
    for line in lines:
        line.close()
    assert slow.is_kept() and documents(server, slow) == 1


def test_two_tabs_send_the_same_piece(server, topic):
    for number in range(5):
        upload = Upload(server, "malika", topic, picture(2 * PIECE, 20 + number))
        for at in (0, PIECE):
            barrier = threading.Barrier(2)

            def send(_, at=at, upload=upload, barrier=barrier):
                barrier.wait()
                return upload.piece(at)

            with ThreadPoolExecutor(2) as pool:
                answers = list(pool.map(send, range(2)))
            assert {status for status, _ in answers} <= {200, 409}, answers
            assert all(said.get("code") in ("upload_offset", "taken_over") for status, said in answers if status == 409), answers
            if at == 0 and upload.offset() < PIECE:
                upload.ask("PATCH", upload.content[upload.offset() : PIECE], upload.offset())
        document = upload.go_on()
        assert document["size"] == 2 * PIECE and upload.is_kept() and documents(server, upload) == 1


def test_what_is_sent_again_changes_nothing(server, topic):
    upload = Upload(server, "malika", topic, picture(PIECE + 5, 30))
    assert upload.piece(0)[0] == 200
    assert upload.piece(0)[0] == 409
    document = upload.go_on()
    rows = "SELECT count(*) FROM document"
    count = server.sql(rows)
    for at in (0, PIECE, PIECE + 5):
        status, said = upload.piece(at)
        assert (status, said["document"]) == (200, document)
    again = server.api("malika").post("/uploads", {"id": upload.id, "topic": topic, "name": "surat.jpg", "size": PIECE + 5})
    assert again["document"] == document and server.sql(rows) == count


def test_who_cancels_at_the_end_gets_one_or_the_other(server, topic):
    seen = set()
    for number in range(8):
        upload = Upload(server, "malika", topic, picture(PIECE, 40 + number))
        barrier = threading.Barrier(2)

        def cancel(upload=upload, barrier=barrier, number=number):
            barrier.wait()
            time.sleep(0.015 * number)
            return upload.ask("DELETE")

        def send(upload=upload, barrier=barrier):
            barrier.wait()
            return upload.piece(0)

        with ThreadPoolExecutor(2) as pool:
            cancelling, sending = pool.submit(cancel), pool.submit(send)
            (gone, _), (status, said) = cancelling.result(), sending.result()
        is_document = status == 200 and "document" in said
        assert (gone, is_document) in ((204, False), (409, True)), (gone, status, said)
        assert documents(server, upload) == int(is_document)
        assert not list((server.logs / "uploads").glob(f"*-{upload.id}"))
        _, now = upload.ask("GET")
        assert ("document" in now) == is_document and now.get("refusal") == (None if is_document else "cancelled")
        seen.add(is_document)
    print("cancelled, and not:", seen)
