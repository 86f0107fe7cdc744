"""The bundled demo: a guest book that keeps its lines in the Postgres it is bound to.

`/` lists and adds lines, `/healthz` says that it serves, `/metrics` counts and times its requests.
"""

import argparse
import os
import signal
import sys
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from fairway_sandbox.programs.exporting import Sample, text
from fairway_sandbox.programs.guestbook import Guestbook, Unavailable

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LOOKS = {"1": ("Guest book", "#1f5f4a"), "2": ("Guest book, second edition", "#5a3e85")}
DRAIN_SECONDS = 0.5
LONGEST = 500
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}}
h1{{color:{colour}}}button,input{{font:inherit;padding:.4rem .6rem}}button{{background:{colour};color:#fff;border:0}}
footer{{color:#555;margin-top:2rem}}</style>
<h1>{title}</h1>
<form method="post"><label>A line <input name="line" maxlength="500" required></label> <button>Write</button></form>
{content}
<footer>Release {release}, served by {host}</footer>
</html>
"""


class Figures:
    """Requests by method and code, and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = {("GET", "200"): 0}
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._sum = 0.0

    def add(self, method: str, code: int, seconds: float) -> None:
        with self._lock:
            key = (method, str(code))
            self._counts[key] = self._counts.get(key, 0) + 1
            self._sum += seconds
            self._buckets[next((i for i, limit in enumerate(BUCKETS) if seconds <= limit), len(BUCKETS))] += 1

    def text(self) -> str:
        with self._lock:
            counts, buckets, total = dict(self._counts), list(self._buckets), self._sum
        samples = [
            Sample("http_requests_total", n, {"method": m, "code": c}, "counter") for (m, c), n in counts.items()
        ]
        name, running, lines = "http_request_duration_seconds", 0, []
        for limit, count in zip((*map(str, BUCKETS), "+Inf"), buckets, strict=True):
            running += count
            lines.append(f'{name}_bucket{{le="{limit}"}} {running}')
        lines += [f"{name}_sum {total:.9g}", f"{name}_count {running}"]
        return text(samples) + f"# TYPE {name} histogram\n" + "\n".join(lines) + "\n"


def handler(release: str, book: Guestbook, figures: Figures) -> type[BaseHTTPRequestHandler]:
    title, colour = LOOKS[release]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 75

        def do_GET(self) -> None:
            began, path = time.perf_counter(), urlsplit(self.path).path
            if path == "/metrics":
                self._answer(200, figures.text(), "text/plain; version=0.0.4; charset=utf-8")
                return
            if path == "/healthz":
                self._answer(200, "ok\n", "text/plain; charset=utf-8")
                return
            code, page = self._page() if path == "/" else (404, "not found\n")
            self._answer(code, page, "text/html; charset=utf-8")
            figures.add("GET", code, time.perf_counter() - began)

        def do_POST(self) -> None:
            began = time.perf_counter()
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace"))
            line = form.get("line", [""])[0].strip()[:LONGEST]
            try:
                if line:
                    book.write(line)
                code = 303
                self._answer(code, "", "text/plain", {"Location": "/"})
            except Unavailable as error:
                code = 503
                self._answer(code, f"{error}\n", "text/plain; charset=utf-8")
            figures.add("POST", code, time.perf_counter() - began)

        def _page(self) -> tuple[int, str]:
            try:
                lines = book.lines()
                content = "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
                code = 200
            except Unavailable as error:
                content, code = f"<p role=alert>{escape(str(error))}</p>", 503 if book.bound else 200
            host = escape(os.environ.get("HOSTNAME", ""))
            return code, PAGE.format(title=title, colour=colour, content=content, release=release, host=host)

        def _answer(self, code: int, body: str, type: str, headers: dict[str, str] | None = None) -> None:
            content = body.encode()
            self.send_response(code)
            self.send_header("Content-Type", type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if stopping.is_set():
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *values: object) -> None:
            print(format % values, flush=True)

    return Handler


stopping = threading.Event()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--release", choices=sorted(LOOKS), default="1")
    release = parser.parse_args().release
    book = Guestbook(os.environ.get("DATABASE_URL", ""))
    place = (os.environ.get("POD_IP", "0.0.0.0"), int(os.environ.get("PORT", "8080")))
    server = ThreadingHTTPServer(place, handler(release, book, Figures()))
    server.daemon_threads = True

    def end() -> None:
        """Whoever still has the old address is served a little longer."""
        time.sleep(DRAIN_SECONDS)
        server.shutdown()

    def begin_end(*_: object) -> None:
        stopping.set()
        threading.Thread(target=end, daemon=True).start()

    signal.signal(signal.SIGTERM, begin_end)
    print(f"release {release} listening on {place[0]}:{place[1]}", flush=True)
    server.serve_forever(poll_interval=0.1)
    sys.exit(0)


if __name__ == "__main__":
    main()
