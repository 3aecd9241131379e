#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make test-browser: headless Chromium on this host opens a page with images from `sequent serve --http --relay`, which runs
in a network namespace of its own, and takes a screenshot, build/browser/page.png. The images are squares of one colour
each, PNG and SVG; each must be found in the screenshot, where the page's style sheet and its script have put it, and
nothing but a good status may have been answered. Prints TAP."""
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SIDE, IMAGES, LARGE = 64, 24, 1500
WIDTH, HEIGHT = 800, 600


def chunk(kind, data):
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))


def png(width, height, row):
    """A picture of 8-bit RGB; row(y): its bytes."""
    raw = b"".join(b"\0" + row(y) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(raw, 0)) + chunk(b"IEND", b""))


def unpng(data):
    """Width, and the rows of a PNG of 8-bit RGB or RGBA as lists of (r, g, b)."""
    at, parts, body = 8, b"", None
    while at < len(data):
        n, kind = struct.unpack("!I4s", data[at:at + 8])
        if kind == b"IHDR":
            body = struct.unpack("!IIBBBBB", data[at + 8:at + 21])
        if kind == b"IDAT":
            parts += data[at + 8:at + 8 + n]
        at += n + 12
    width, height, depth, colour, _, _, interlace = body
    assert (depth, interlace) == (8, 0) and colour in (2, 6), body
    size, raw = {2: 3, 6: 4}[colour], zlib.decompress(parts)
    stride, last, rows = width * size, bytes(width * size), []
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            a = line[i - size] if i >= size else 0
            b, c = last[i], last[i - size] if i >= size else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[kind]) % 256
        last = bytes(line)
        rows.append([tuple(last[i:i + 3]) for i in range(0, stride, size)])
    return width, rows


def colour(i):
    return (40 + 9 * i % 200, 250 - 9 * i, 30 + 53 * i % 200)


def site(folder):
    cells = []
    for i in range(IMAGES):
        rgb = colour(i)
        if i % 3 == 2:
            with open(f"{folder}/{i}.svg", "w", encoding="ascii") as f:
                f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}"><rect width="100%" height="100%" fill="rgb{rgb}"/></svg>')
            cells.append(f"<img src={i}.svg>")
        else:
            with open(f"{folder}/{i}.png", "wb") as f:
                f.write(png(SIDE, SIDE, lambda y, rgb=rgb: bytes(rgb) * SIDE))
            cells.append(f"<img src={i}.png>")
    with open(f"{folder}/large.png", "wb") as f:            # stored, not compressed: 6.7 MB
        f.write(png(LARGE, LARGE, lambda y: bytes((200, 100, 50)) * LARGE))
    with open(f"{folder}/style.css", "w", encoding="ascii") as f:
        f.write(f"body{{margin:0;background:#fff}}img{{position:absolute;width:{SIDE}px;height:{SIDE}px}}#large{{left:0;top:400px;width:200px;height:200px}}")
    with open(f"{folder}/place.js", "w", encoding="ascii") as f:
        f.write(f"document.querySelectorAll('div img').forEach((e, i) => {{ e.style.left = i % 8 * {SIDE + 10} + 'px'; e.style.top = Math.floor(i / 8) * {SIDE + 10} + 'px' }})")
    with open(f"{folder}/index.html", "w", encoding="ascii") as f:
        f.write("<!doctype html><meta charset=utf-8><title>Sequent</title><link rel=stylesheet href=style.css><link rel=icon href=0.png>"
                f"<div>{''.join(cells)}</div><img id=large src=large.png><script src=place.js></script>")


def start(program, www, out):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    child = subprocess.Popen([program, "serve", "--http", www, "--relay", str(port), "--verify"], stdout=out, stderr=subprocess.STDOUT)
    for _ in range(200):
        time.sleep(0.05)
        if "curl" in open(out.name, encoding="utf-8").read() or child.poll() is not None:
            break
    return child, port


def check(number, good, name, why=""):
    print(f"{'ok' if good else 'not ok'} {number} - {name}" + (f"\n# {why}" if not good and why else ""), flush=True)
    return bool(good)


def main():
    os.chdir(ROOT)
    program, browser = os.environ.get("SEQUENT") or "build/sequent", shutil.which("chromium")
    if browser is None:
        print("1..0 # SKIP no chromium (5 tests not run)")
        return 0
    print("1..5")
    os.makedirs("build/browser", exist_ok=True)
    folder = tempfile.mkdtemp(prefix="sequent-browser.")
    good = True
    try:
        os.mkdir(f"{folder}/www")
        site(f"{folder}/www")
        with open(f"{folder}/out", "w", encoding="utf-8") as out:
            child, port = start(program, f"{folder}/www", out)
        shot = os.path.abspath("build/browser/page.png")
        if os.path.exists(shot):
            os.remove(shot)
        run = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
                              "--force-device-scale-factor=1", f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{HEIGHT}",
                              "--timeout=60000", "--virtual-time-budget=30000", f"--screenshot={shot}", f"http://127.0.0.1:{port}/"],
                             capture_output=True, text=True, timeout=150, check=False)
        good &= check(1, os.path.exists(shot), "Chromium opens the page and leaves a screenshot, build/browser/page.png", run.stderr[-500:])
        child.send_signal(signal.SIGINT)
        ended = child.wait(20)
        counters = dict(re.findall(r"^(\w+) (\d+)$", open(f"{folder}/out", encoding="utf-8").read(), re.M))
        wrong = {k: v for k, v in counters.items() if re.match(r"http_[45]|http_cut|relay_refused|tcp_checksum", k) and v != "0"}
        good &= check(2, int(counters.get("http_200", 0)) >= IMAGES + 4 and not wrong, "page, style, script and images were answered by 200, nothing by an error",
                      f"{counters.get('http_200')} times 200, {wrong}")
        missing, width, rows = [], 0, []
        if os.path.exists(shot):
            with open(shot, "rb") as f:
                width, rows = unpng(f.read())
            for i in range(IMAGES):
                x, y = i % 8 * (SIDE + 10) + SIDE // 2, i // 8 * (SIDE + 10) + SIDE // 2
                if rows[y][x] != colour(i):
                    missing.append((i, rows[y][x], colour(i)))
        good &= check(3, width == WIDTH and not missing, f"each of the {IMAGES} images stands where script and style put it, in its colour", missing[:3])
        good &= check(4, rows and rows[500][100] == (200, 100, 50), "so does the one of 6.7 MB", rows and rows[500][100])
        good &= check(5, ended == 0, "the endpoint ends with status 0")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


sys.exit(main())
