#!/usr/bin/env python3
"""./onefin bench media: what stamping a file costs, beside ImageMagick and the qpdf command doing the same work in the same run.

Each figure is a whole process from its start to its end: for 1fin a child of MediaWorker in its sandbox, with preview and thumbnail. Seconds are wall
time, the best and the median of the runs; memory is the most that the process, or the largest of those it ran, held at once.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

from server import load_average, stamp

STAMP = {
    "address": "https://1fin.example.uz/v/" + "q" * 22, "firm": "Hisob-kitob Plus MChJ", "number": 1042, "uploader": 17,
    "time": "21.11.2026 15:03", "opacity": 0.12, "position": "bottomRight",
}  # fmt: skip


@dataclass
class Cost:
    seconds: float
    memory: int


def measure(command: list[str], folder: Path, order: str | None = None) -> Cost:
    """Runs a command to its end."""
    with open(folder / "order", "w+") as source, open(folder / "said", "w+") as said:
        source.write(order or "")
        source.seek(0)
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdin=source, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read()
    # qpdf ends with 3 when it has warned.
    if child.returncode not in (0, 3) or (order and '"outcome":"ready"' not in words):
        sys.exit(f"{command[0]} ended with {child.returncode}: {words}")
    return Cost(seconds, usage.ru_maxrss * 1024)


def ours(worker: str, kind: str, source: Path, folder: Path) -> Cost:
    shutil.copy(source, folder / "original")
    order = {
        "work": "paper", "type": kind, "stamp": STAMP, "tools": {"pdftoppm": shutil.which("pdftoppm")},
        "limits": {"pixels": 120_000_000, "side": 40_000, "pages": 2_000, "inflated": 512 << 20},
        "sandbox": {"memory": 2 << 30, "seconds": 60, "file": 1 << 30, "files": 256, "user": 0, "parent": os.getpid()},
    }  # fmt: skip
    return measure([worker, "--child"], folder, json.dumps(order))


def imagemagick(source: Path, folder: Path, size: tuple[int, int]) -> Cost:
    """The same steps: upright, without metadata, a tiled layer and a card over it, JPEG, preview and thumbnail. The layers are made beforehand."""
    tile, card = folder / "tile.png", folder / "card.png"
    letters = "Hisob-kitob Plus MChJ - ID 17 - 21.11.2026 15:03"
    small = str(round((size[0] * size[1]) ** 0.5 * 0.019))
    subprocess.run(
        [
            "convert", "-size", "1900x700", "xc:none", "-font", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "-fill", "#142b4c20",
            "-pointsize", small, "-gravity", "center", "-annotate", "-25", letters, tile,
        ],
        check=True,
    )  # fmt: skip
    subprocess.run(["convert", "-size", "840x315", "xc:#ffffffee", card], check=True)
    return measure(
        [
            "convert", str(source), "-auto-orient", "-strip", "-size", f"{size[0]}x{size[1]}", f"tile:{tile}", "-composite", str(card),
            "-gravity", "southeast", "-geometry", "+76+76", "-composite", "-quality", "86", "-write", "rendition.jpg", "-resize", "1600x1600>",
            "-quality", "80", "-write", "preview.jpg", "-resize", "320x320>", "thumbnail.jpg",
        ],
        folder,
    )  # fmt: skip


def qpdf(source: Path, folder: Path) -> Cost:
    """The stamp over every page, and nothing else: no look for bombs, no cleaning, no preview."""
    sheet = folder / "sheet.pdf"
    sheet.write_bytes(pdf(1))
    return measure(["qpdf", str(source), "--overlay", str(sheet), "--from=", "--repeat=1", "--", "out.pdf"], folder)


def pdf(pages: int) -> bytes:
    """Pages of small print, about 3 KB each."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, b" ".join(b"%d 0 R" % (4 + 2 * page) for page in range(pages))),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for page in range(pages):
        lines = b"".join(
            b"(Line %d of page %d: quantity %d, price %d, sum %d) Tj T*\n" % (line, page, line * 7 % 13, page * line % 977, line * page)
            for line in range(58)
        )
        content = zlib.compress(b"BT /F1 11 Tf 13 TL 60 790 Td\n" + lines + b"ET\n")
        objects[4 + 2 * page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * page)
        )
        objects[5 + 2 * page] = b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    data, places = b"%PDF-1.7\n", {}
    for number, body in sorted(objects.items()):
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(data),
    )  # fmt: skip


def photograph(path: Path, size: tuple[int, int]) -> Path:
    """Something as hard to compress as a photograph, made once."""
    if not path.exists():
        subprocess.run(
            ["convert", "-size", f"{size[0]}x{size[1]}", "-seed", "7", "plasma:", "-attenuate", "0.15", "+noise", "Gaussian", "-quality", "90", path],
            check=True,
        )  # fmt: skip
    return path


def row(name: str, costs: list[Cost]) -> str:
    seconds = [cost.seconds for cost in costs]
    memory = max(cost.memory for cost in costs)
    return f"| {name} | {min(seconds):.2f} | {statistics.median(seconds):.2f} | {memory / 1e6:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    lines = [
        f"# Stamping, {stamp()}", "",
        f"{platform.machine()}, {os.cpu_count()} CPUs, load before {load_average()}; {options.runs} runs each, one after the other and in turn.", "",
        "| file and program | best s | median s | peak MB |", "|---|--:|--:|--:|",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in [(4000, 3000), (1600, 1200)]:
            source = photograph(options.bench / f"photograph-{size[0]}.jpg", size)
            pairs = [(ours(options.worker, "jpeg", source, folder), imagemagick(source, folder, size)) for _ in range(options.runs)]
            what = f"JPEG {size[0]} × {size[1]} ({source.stat().st_size / 1e6:.1f} MB)"
            lines += [row(f"{what}: 1fin", [pair[0] for pair in pairs]), row(f"{what}: ImageMagick", [pair[1] for pair in pairs])]
        for pages in (100, 10):
            source = options.bench / f"paper-{pages}.pdf"
            source.write_bytes(pdf(pages))
            pairs = [(ours(options.worker, "pdf", source, folder), qpdf(source, folder)) for _ in range(options.runs)]
            what = f"PDF of {pages} pages ({source.stat().st_size / 1e3:.0f} KB)"
            lines += [row(f"{what}: 1fin", [pair[0] for pair in pairs]), row(f"{what}: qpdf --overlay alone", [pair[1] for pair in pairs])]
    table = "\n".join(lines) + "\n"
    (options.bench / f"media-{time.strftime('%Y%m%d-%H%M%S')}.md").write_text(table)
    print(table)


if __name__ == "__main__":
    main()
