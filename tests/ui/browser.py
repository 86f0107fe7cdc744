"""A browser without JavaScript: loads pages, sends forms, follows redirects."""

from dataclasses import dataclass
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient


@dataclass(frozen=True)
class Browser:
    client: TestClient[Litestar]
    csrf: str

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers={"Accept": "text/html", **headers})

    def send(self, path: str, **fields: Any) -> Response:
        """A form with the session's token; the answer is not followed."""
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers={"Accept": "text/html"})

    def submit(self, path: str, **fields: Any) -> Response:
        """Sends a form and loads the page that it leads to."""
        answer = self.send(path, **fields)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return self.get(answer.headers["location"])
