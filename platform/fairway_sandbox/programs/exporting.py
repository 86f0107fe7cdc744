"""A small exporter: reads its server at each scrape and tells what it found in Prometheus' text format."""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Sample:
    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)
    type: str = "gauge"


Collect = Callable[[], Iterable[Sample]]


def text(samples: Iterable[Sample]) -> str:
    """Samples of one name stand together below its type."""
    families: dict[str, list[Sample]] = {}
    for sample in samples:
        families.setdefault(sample.name, []).append(sample)
    lines = []
    for name, family in families.items():
        lines.append(f"# TYPE {name} {family[0].type}")
        lines += [f"{name}{_labels(s.labels)} {s.value:.17g}" for s in family]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{k}="{_escaped(v)}"' for k, v in sorted(labels.items())) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def serve(up: str, collect: Collect) -> None:
    """Answer /metrics on the pod's address; `up` is 0 while the server cannot be read."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                samples = [Sample(up, 1), *collect()]
            except Exception as error:
                print(f"cannot read the server: {error}", file=sys.stderr, flush=True)
                samples = [Sample(up, 0)]
            body = text(samples).encode() if self.path.startswith("/metrics") else b"see /metrics\n"
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            """Scrapes are not news."""

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    place = (os.environ["POD_IP"], int(os.environ["EXPORTER_PORT"]))
    print(f"listening on {place[0]}:{place[1]}", flush=True)
    ThreadingHTTPServer(place, Handler).serve_forever()
