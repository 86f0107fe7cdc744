"""Plain HTTPS to an API server: the bytes of each question and answer, with nothing added."""

import base64
import json
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

PATIENCE = 90.0


@dataclass(frozen=True)
class Raw:
    status: int
    headers: Mapping[str, str]
    text: str


class Server:
    """kubeconfig: text, with certificates or a token in it."""

    def __init__(self, url: str, known: httpx.Client, unknown: httpx.Client) -> None:
        self._url, self._known, self._unknown = url, known, unknown

    @classmethod
    def of(cls, kubeconfig: str) -> Self:
        document = yaml.safe_load(kubeconfig)
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        known = httpx.Client(verify=_trust(cluster, user), headers=headers, timeout=PATIENCE)
        return cls(cluster["server"], known, httpx.Client(verify=_trust(cluster, {}), timeout=PATIENCE))

    def request(
        self, method: str, path: str, body: Any, content: str, accept: str, headers: Mapping[str, str], anonymous: bool
    ) -> Raw:
        """body: a document, or text that is sent as it is."""
        sent = {"Accept": accept, "User-Agent": "mirror", **headers}
        if body is not None:
            sent["Content-Type"] = content
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        client = self._unknown if anonymous else self._known
        answer = client.request(method, self._url + path, content=text, headers=sent)
        return Raw(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._known.close()
        self._unknown.close()


def _trust(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if "client-certificate-data" in user:
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("certificate", "key")]
            for file, key in zip(files, ("client-certificate-data", "client-key-data"), strict=True):
                file.touch(mode=0o600)
                file.write_bytes(base64.b64decode(user[key]))
            context.load_cert_chain(files[0], files[1])
    return context
