"""Documents in the browser: from the drop to the stamped preview and the logged download, and the work on them."""

import random
import struct
import subprocess
import zlib

import pytest
from playwright.sync_api import Locator, expect

from instance import wait_for
from seat import Seat
from test_access import check


def png(width: int = 640, height: int = 480, red: int = 40) -> bytes:
    """A picture of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = b"\0" + bytes((red, 110, 120)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")


def pdf(*texts: str, padding: int = 0) -> bytes:
    """A paper with a line on each page. `padding`: so many bytes besides, that no packer makes smaller, in each page."""
    noise, texts = random.Random(7), texts or ("Shartnoma",)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * page) for page in range(len(texts)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(texts)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for page, text in enumerate(texts):
        content = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET\n%".encode() + noise.randbytes(padding).replace(b"\n", b"").replace(b"\r", b"") + b"\n"
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * page),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]  # fmt: skip
    out, offsets = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = len(out)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, end,
    )  # fmt: skip


def drop(seat: Seat, name: str, media_type: str, content: bytes) -> None:
    """Drops a file on the open topic, as from the desktop."""
    transfer = seat.page.evaluate_handle(
        """([name, type, bytes]) => {
          const transfer = new DataTransfer()
          transfer.items.add(new File([new Uint8Array(bytes)], name, { type }))
          return transfer
        }""",
        [name, media_type, list(content)],
    )
    for event in ("dragenter", "dragover", "drop"):
        seat.get("work").dispatch_event(event, {"dataTransfer": transfer})


def choose(seat: Seat, name: str, media_type: str, content: bytes) -> None:
    seat.get("attach-input").set_input_files({"name": name, "mimeType": media_type, "buffer": content})


def card(seat: Seat, name: str) -> Locator:
    return seat.get("document").filter(has_text=name)


def both_at(topic: int, server, page_for) -> tuple[Seat, Seat]:
    """The accountant and the client, looking at the same topic."""
    seats = page_for(server, "nodira"), page_for(server, "malika")
    for seat in seats:
        seat.open(topic)
    return seats


def actions(server, login: str) -> list[str]:
    """What the action log says of documents that this person looked at."""
    rows = server.sql(
        "SELECT l.action || ' ' || coalesce(l.detail ->> 'rendition', '') FROM action_log l JOIN account a ON a.id = l.account_id "
        f"WHERE a.login = '{login}' AND l.action LIKE 'document.%' ORDER BY l.id"
    )
    return rows.split("\n") if rows else []


def test_from_the_drop_to_the_stamped_preview_to_the_logged_download(documents_server, page_for):
    server = documents_server
    accountant, client = both_at(server.topic("Baraka", "dogovor"), server, page_for)

    drop(accountant, "Shartnoma 12.png", "image/png", png())
    expect(accountant.get("attached").get_by_test_id("upload")).to_have_attribute("data-state", "done")
    accountant.write("Imzolangan nusxa")
    mine = card(accountant, "Shartnoma 12.png")
    theirs = card(client, "Shartnoma 12.png")
    # The message is there at once; the picture when it is stamped, which the `document` event tells.
    expect(mine).to_have_count(1)
    for one in (mine, theirs):
        expect(one).to_have_attribute("data-media", "ready", timeout=60_000)
        expect(one.get_by_test_id("doc-stamp")).to_be_visible()
        expect(one.get_by_test_id("thumbnail")).to_be_visible()
        assert one.get_by_test_id("thumbnail").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100

    # The client looks at it, and saves it: what is saved is not what was dropped.
    theirs.get_by_test_id("document-open").click()
    expect(client.get("viewer-image")).to_be_visible()
    assert client.get("viewer-image").evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    with client.page.expect_download() as saved:
        client.get("viewer-download").click()
    content = saved.value.path().read_bytes()
    assert content != png() and len(content) > 500
    assert saved.value.suggested_filename.startswith("Shartnoma 12")
    client.page.keyboard.press("Escape")
    expect(client.get("viewer")).to_have_count(0)
    wait_for("the rows of the action log", lambda: {"document.view file", "document.download file"} <= set(actions(server, "malika")))
    assert "document.view thumbnail" in actions(server, "malika")

    # Nobody else has the address, and nobody gets the original without being the admin.
    foreign = page_for(server, "sardor")
    assert foreign.page.request.get(saved.value.url).status == 404


def sheet(seat: Seat, number: int) -> Locator:
    return seat.page.locator(f"[data-testid=viewer-sheet][data-number='{number}']")


def test_a_paper_is_read_page_by_page_and_that_is_one_look(documents_server, page_for):
    server = documents_server
    topic = server.topic("Baraka", "dogovor")
    accountant, client = page_for(server, "nodira"), page_for(server, "sardor")
    accountant.open(topic)
    client.open(topic)
    paper = pdf(*(f"Hisobot, {page}-bet" for page in range(1, 9)), padding=150_000)
    drop(accountant, "Hisobot.pdf", "application/pdf", paper)
    expect(accountant.get("attached").get_by_test_id("upload")).to_have_attribute("data-state", "done")
    accountant.write("Yillik hisobot")
    theirs = card(client, "Hisobot.pdf")
    expect(theirs).to_have_attribute("data-media", "ready", timeout=60_000)
    parts = []
    client.page.on("request", lambda request: parts.append(request.headers.get("range")) if "/file?" in request.url else None)
    theirs.get_by_test_id("document-open").click()
    # The first page is there as a picture, before the file is.
    expect(client.get("viewer-preview")).to_be_visible()
    expect(client.get("viewer-papers")).to_have_attribute("data-pages", "8")
    expect(client.get("viewer-number")).to_have_value("1")
    expect(sheet(client, 1)).to_have_attribute("data-state", "drawn")
    expect(sheet(client, 1)).to_contain_text("Hisobot, 1-bet")
    # By number, and by the keys.
    client.get("viewer-number").fill("2")
    client.get("viewer-number").press("Enter")
    expect(sheet(client, 2)).to_have_attribute("data-state", "drawn")
    expect(sheet(client, 2)).to_contain_text("Hisobot, 2-bet")
    dark = """sheet => {
      const canvas = sheet.querySelector("canvas")
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
      return pixels.filter((value, at) => at % 4 === 0 && value < 80).length
    }"""
    assert sheet(client, 2).evaluate(dark) > 100, "letters are drawn"
    client.get("viewer-papers").focus()
    client.page.keyboard.press("End")
    expect(client.get("viewer-number")).to_have_value("8")
    expect(sheet(client, 8)).to_contain_text("Hisobot, 8-bet")
    expect(sheet(client, 1)).to_have_count(0)
    wide = client.get("viewer-page").last.bounding_box()["width"]
    client.page.keyboard.press("+")
    expect(client.get("viewer-zoom")).to_have_text("125 %")
    assert client.get("viewer-page").last.bounding_box()["width"] == pytest.approx(wide * 1.25, abs=2)
    with client.page.expect_download() as saved:
        client.get("viewer-download").click()
    content = saved.value.path().read_bytes()
    assert content.startswith(b"%PDF") and content != paper
    client.page.keyboard.press("Escape")
    expect(client.get("viewer")).to_have_count(0)
    assert len(parts) > 3 and all(parts), f"it is read in parts: {parts}"
    wait_for("the row of the download", lambda: "document.download file" in actions(server, "sardor"))
    assert actions(server, "sardor").count("document.view file") == 1
    assert actions(server, "sardor").count("document.download file") == 1


def test_fingers_make_a_paper_larger_and_a_lost_network_costs_only_time(documents_server, page_for):
    server = documents_server
    topic = server.topic("Baraka", "bank")
    phone = page_for(server, "malika", width=360, height=740, touch=True)
    phone.open(topic)
    choose(phone, "Koʻchirma.pdf", "application/pdf", pdf(*(f"{page}-bet" for page in range(1, 7)), padding=150_000))
    expect(phone.get("upload")).to_have_attribute("data-state", "done")
    phone.get("send").tap()
    mine = card(phone, "Koʻchirma.pdf")
    expect(mine).to_have_attribute("data-media", "ready", timeout=60_000)
    mine.get_by_test_id("document-open").tap()
    expect(sheet(phone, 1)).to_have_attribute("data-state", "drawn")
    devtools = phone.context.new_cdp_session(phone.page)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        fingers = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (150, 300), (210, 300))
    for apart in range(0, 60, 6):
        touch("touchMove", (150 - apart, 300), (210 + apart, 300))
    touch("touchEnd")
    expect(phone.get("viewer-zoom")).not_to_have_text("100 %")
    assert phone.page.evaluate("visualViewport.scale") == 1, "the paper grows, and not the page"
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get("viewer-zoom").tap()
    expect(phone.get("viewer-zoom")).to_have_text("100 %")

    phone.context.set_offline(True)
    phone.get("viewer-number").fill("6")
    phone.get("viewer-number").press("Enter")
    expect(phone.get("viewer-rest")).to_be_visible()
    phone.context.set_offline(False)
    expect(sheet(phone, 6)).to_contain_text("6-bet")
    expect(phone.get("viewer-rest")).to_have_count(0)


def test_a_newer_version_takes_the_place_once_it_is_sent(documents_server, page_for):
    seat = page_for(documents_server, "nodira")
    seat.open(documents_server.topic("Baraka", "faktura"))
    choose(seat, "Qaydnoma.pdf", "application/pdf", pdf("birinchi"))
    seat.get("send").click()
    old = card(seat, "Qaydnoma.pdf")
    expect(old).to_have_attribute("data-media", "ready", timeout=60_000)
    old.get_by_test_id("document-menu").click()
    with seat.page.expect_file_chooser():
        seat.get("menu-replace").click()
    # The dialog is given up, and a photo taken: that takes nothing's place.
    seat.get("camera-input").set_input_files({"name": "Surat.pdf", "mimeType": "application/pdf", "buffer": pdf("surat")})
    expect(seat.get("upload")).to_have_attribute("data-state", "done")
    expect(seat.get("upload")).not_to_contain_text("oʻrniga")
    seat.get("upload").get_by_role("button").click()
    expect(seat.get("upload")).to_have_count(0)
    old.get_by_test_id("document-menu").click()
    with seat.page.expect_file_chooser() as chooser:
        seat.get("menu-replace").click()
    chooser.value.set_files({"name": "Yangisi.pdf", "mimeType": "application/pdf", "buffer": pdf("ikkinchi")})
    expect(seat.get("upload")).to_have_attribute("data-state", "done")
    expect(seat.get("upload")).to_contain_text("«Qaydnoma.pdf» oʻrniga")
    expect(old).not_to_contain_text("eski nusxa")
    seat.get("send").click()
    expect(card(seat, "Yangisi.pdf")).to_contain_text("yangi nusxa")
    expect(old).to_contain_text("eski nusxa")


def test_the_work_on_a_clients_document_goes_its_way(documents_server, page_for):
    server = documents_server
    accountant, client = both_at(server.topic("Baraka", "faktura"), server, page_for)
    choose(client, "Akt 7.pdf", "application/pdf", pdf())
    expect(client.get("attached").get_by_test_id("upload")).to_have_attribute("data-state", "done")
    # Without a word: the document is the message.
    client.get("send").click()
    theirs, mine = card(accountant, "Akt 7.pdf"), card(client, "Akt 7.pdf")
    expect(theirs).to_have_attribute("data-media", "ready", timeout=60_000)
    expect(theirs.get_by_test_id("doc-stamp")).to_have_count(0)
    theirs.get_by_test_id("doc-inWork").click()
    expect(mine.get_by_test_id("doc-state")).to_have_attribute("data-state", "inWork")
    theirs.get_by_test_id("doc-processed").click()
    expect(mine.get_by_test_id("doc-state")).to_have_attribute("data-state", "processed")
    mine.get_by_test_id("doc-returned").click()
    client.get("return-reason").fill("Sana notoʻgʻri")
    client.get("return-confirm").click()
    expect(theirs.get_by_test_id("doc-state")).to_have_attribute("data-state", "returned")
    expect(accountant.get("document-marked").last).to_contain_text("Sana notoʻgʻri")
    theirs.get_by_test_id("doc-state").click()
    expect(accountant.get("doc-history")).to_contain_text("Nodira")
    accountant.page.keyboard.press("Escape")
    # The gallery has it, by its kind, and a reload shows the same.
    client.page.reload()
    expect(mine.get_by_test_id("doc-state")).to_have_attribute("data-state", "returned")
    if client.get("details").count() == 0:
        client.get("details-toggle").click()
    expect(client.get("gallery-item").filter(has_text="Akt 7.pdf")).to_have_count(1)
    client.get("gallery-filter").click()
    client.get("gallery-image").click()
    expect(client.get("gallery-item").filter(has_text="Akt 7.pdf")).to_have_count(0)
    client.get("gallery-pdf").click()
    expect(client.get("gallery-item").filter(has_text="Akt 7.pdf")).to_have_count(1)


def test_what_is_not_taken_says_why_and_an_upload_survives_a_reload(documents_server, page_for):
    server = documents_server
    topic = server.topic("Baraka", "ttn")
    client = page_for(server, "malika")
    client.open(topic)
    choose(client, "rasm.png", "image/png", b"<html><script>alert(1)</script></html>" * 10)
    refused = client.get("upload")
    expect(refused).to_have_attribute("data-state", "refused")
    expect(refused.get_by_role("alert")).not_to_be_empty()
    expect(client.get("send")).to_be_disabled()
    refused.get_by_test_id("upload-remove").click()
    expect(client.get("upload")).to_have_count(0)

    # REST goes away in the middle; the message waits for its file, over a reload, and goes when it is back.
    server.stop_rest()
    choose(client, "Yuk xati.png", "image/png", png(red=200))
    expect(client.get("upload")).to_have_attribute("data-state", "resting")
    client.write("Yuk xati")
    expect(client.get("waits-for-files")).to_be_visible()
    server.start_rest()
    server.wait_ready()
    client.page.reload()
    expect(card(client, "Yuk xati.png")).to_have_count(1, timeout=60_000)
    expect(client.get("upload")).to_have_count(0)
    assert server.sql(f"SELECT count(*) FROM document WHERE topic_id = {topic}") == "1"


def test_a_stamp_is_checked_by_anybody(documents_server, page_for):
    server = documents_server
    guest = page_for(server)
    guest.page.goto("/v/AAAAAAAAAAAAAAAAAAAAAA")
    expect(guest.get("verify-unknown")).to_be_visible()
    expect(guest.get("signin")).to_have_count(0)


def test_a_file_is_compared_with_its_stamp(documents_server, page_for, tmp_path):
    server = documents_server
    accountant = page_for(server, "nodira")
    accountant.open(server.topic("Baraka", "dogovor"))
    choose(accountant, "Guvohnoma.png", "image/png", png(1200, 900))
    accountant.get("send").click()
    mine = card(accountant, "Guvohnoma.png")
    expect(mine).to_have_attribute("data-media", "ready", timeout=60_000)
    mine.get_by_test_id("document-open").click()
    with accountant.page.expect_download() as saved:
        accountant.get("viewer-download").click()
    stamped = tmp_path / "Guvohnoma.png"
    saved.value.save_as(stamped)
    # The code is read as a phone reads it, off the picture.
    read = subprocess.run(["zbarimg", "--quiet", "--raw", stamped], capture_output=True, text=True, check=True).stdout.strip()
    guest = page_for(server)
    guest.page.goto(read)
    expect(guest.get("verify-uploader")).to_contain_text("Nodira Tosheva")

    def compare(content: bytes) -> None:
        guest.get("verify-file").set_input_files({"name": "nusxa.png", "mimeType": "image/png", "buffer": content})

    content = stamped.read_bytes()
    compare(content)
    expect(guest.get("verify-result")).to_have_attribute("data-state", "same")
    compare(content[:-1] + bytes([content[-1] ^ 1]))
    expect(guest.get("verify-result")).to_have_attribute("data-state", "other")
    compare(content)
    expect(guest.get("verify-result")).to_have_attribute("data-state", "same")
    # Longer than the stamped file by far: the answer comes without sending it.
    compare(content + bytes(30_000_000))
    expect(guest.get("verify-result")).to_have_attribute("data-state", "other")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_documents_have_no_violations(documents_server, page_for, dark):
    server = documents_server
    topic = server.topic("Baraka", "bank")
    seat = page_for(server, "malika", dark=dark)
    seat.open(topic)
    name = f"Toʻlov {'tun' if dark else 'kun'}.png"
    choose(seat, name, "image/png", png())
    expect(seat.get("upload")).to_have_attribute("data-state", "done")
    check(seat)
    seat.get("send").click()
    expect(card(seat, name)).to_have_attribute("data-media", "ready", timeout=60_000)
    if seat.get("details").count() == 0:
        seat.get("details-toggle").click()
    seat.get("gallery-filter").click()
    expect(seat.get("gallery-item").first).to_be_visible()
    check(seat)
    card(seat, name).get_by_test_id("document-open").click()
    expect(seat.get("viewer-image")).to_be_visible()
    check(seat)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_administration_of_documents_has_no_violations(documents_server, page_for, dark):
    seat = page_for(documents_server, "admin", dark=dark)
    seat.page.goto("/admin/watermark")
    expect(seat.get("watermark-sample")).to_have_attribute("data-state", "ready", timeout=60_000)
    check(seat)
    seat.page.goto("/admin/files")
    expect(seat.get("files-size")).to_be_visible()
    check(seat)


def test_the_admin_sets_the_watermark_and_what_goes_without(documents_server, page_for):
    server = documents_server
    seat = page_for(server, "admin")
    seat.page.goto("/admin/watermark")
    expect(seat.page.get_by_alt_text("Logotip")).to_have_count(0)
    seat.get("watermark-text").fill("Hisobchi MChJ")
    seat.page.get_by_text("Pastki chap").click()
    seat.get("watermark-logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": png(64, 64)})
    expect(seat.page.get_by_alt_text("Logotip")).to_be_visible()
    assert seat.page.get_by_alt_text("Logotip").evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
    expect(seat.get("watermark-sample")).to_have_attribute("data-state", "ready", timeout=60_000)
    seat.get("watermark-save").click()
    expect(seat.get("watermark-save")).to_be_disabled()
    seat.page.reload()
    expect(seat.get("watermark-text")).to_have_value("Hisobchi MChJ")
    expect(seat.get("watermark-bottomLeft")).to_be_checked()
    seat.page.goto("/admin/files")
    seat.get("files-size").fill("0")
    expect(seat.get("files-save")).to_be_disabled()
    seat.get("files-size").fill("50")
    seat.get("files-unstamped-xml").check()
    seat.get("files-save").click()
    expect(seat.get("files-save")).to_be_disabled()
    seat.page.reload()
    expect(seat.get("files-size")).to_have_value("50")
    expect(seat.get("files-unstamped-xml")).to_be_checked()


def test_360_pixels_hold_documents(documents_server, page_for):
    server = documents_server
    seat = page_for(server, "malika", width=360, height=740)
    seat.open(server.topic("Baraka", "dovernost"))
    choose(seat, "Ishonchnoma juda uzun nomli hujjat 2026-yil noyabr oyi uchun.png", "image/png", png())
    expect(seat.get("upload")).to_have_attribute("data-state", "done")
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= 360
    seat.get("send").click()
    sent = card(seat, "Ishonchnoma juda uzun")
    expect(sent).to_have_attribute("data-media", "ready", timeout=60_000)
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= 360
    sent.get_by_test_id("document-open").click()
    expect(seat.get("viewer-image")).to_be_visible()
    assert seat.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_demo_hands_its_documents_in(fresh_documents_server, page_for):
    server = fresh_documents_server
    for _ in range(2):
        # The second time there is nothing to do.
        server.cli("demo", "--documents", server.address)
    assert server.sql("SELECT count(*) FROM document WHERE message IS NOT NULL") == "12"
    wait_for("what the worker makes", lambda: server.sql("SELECT count(*) FROM document WHERE media IN ('waiting')") == "0", 120)
    assert server.sql("SELECT count(*) FROM document WHERE media NOT IN ('ready', 'pending')") == "0"
    states = server.sql("SELECT DISTINCT state FROM document_mark ORDER BY 1").split("\n")
    assert states == ["inWork", "processed", "returned"]

    client = page_for(server, "sardor")
    asked = []
    client.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/links") else None)
    client.open(server.topic("Baraka", "faktura"))
    invoices = card(client, "Hisob-faktura 421.pdf")
    expect(invoices.first).to_contain_text("eski nusxa")
    expect(invoices.last).to_contain_text("yangi nusxa")
    if client.get("details").count() == 0:
        client.get("details-toggle").click()
    expect(client.get("gallery-item")).to_have_count(4)
    for item in client.get("gallery-item").filter(has_text=".pdf").all():
        expect(item.get_by_test_id("thumbnail")).to_be_visible()
    assert asked and all(url.endswith("/documents/links") for url in asked), f"thumbnails are asked for together: {asked}"
    assert len(asked) <= 3
    # The table has no picture: the viewer says so, and offers to save it.
    card(client, "Qoldiqlar.xlsx").get_by_test_id("document-open").click()
    expect(client.get("viewer-papers").or_(client.get("viewer-image")).or_(client.get("viewer-none"))).to_be_visible()
