"""HTTP to one cluster: the official package loads the kubeconfig, authenticates and connects; answers stay JSON."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml
from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.kube_config import load_kube_config_from_dict

from fairway.kube import errors

CONNECT = 5.0
ANSWER = 30.0
LARGEST_ANSWER = 64 * 2**20
Query = Mapping[str, str | int | bool | None]


class Transport:
    """Thread-safe. Connections are kept and shared; credentials are loaded again when the cluster rejects them."""

    def __init__(self, kubeconfig: str) -> None:
        self._kubeconfig = kubeconfig
        self._lock = threading.Lock()
        self._configuration: Any = None
        self._pool: Any = None

    def json(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        content_type: str = "application/json",
        timeout: float = ANSWER,
    ) -> dict[str, Any]:
        """Asks and parses. Raises the errors of fairway.kube.errors."""
        with self.open(method, path, query, body, content_type, timeout) as response:
            data = _read(response)
        try:
            document: dict[str, Any] = json.loads(data)
        except ValueError as error:
            raise errors.ClusterFailed(f"{method} {path}: the answer is not JSON") from error
        return document

    def text(self, path: str, query: Query | None = None, timeout: float = ANSWER, largest: int = 2**23) -> str:
        """A GET whose answer is text, of up to `largest` bytes."""
        with self.open("GET", path, query, timeout=timeout) as response:
            return _read(response, largest).decode(errors="replace")

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        content_type: str = "application/json",
        timeout: float = ANSWER,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """The answer as it comes in. timeout: the longest silence, in seconds."""
        response = self._ask(method, path, query, body, content_type, timeout)
        if response.status == 401 and self._reload():
            response.drain_conn()
            response = self._ask(method, path, query, body, content_type, timeout)
        ended = False
        try:
            if not 200 <= response.status < 300:
                data, ended = _read(response), True
                raise errors.of(response.status, data)
            yield response
            ended = True
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise errors.ClusterUnreachable(f"The connection to the cluster broke: {_why(error)}") from error
        finally:
            if ended:
                response.release_conn()
            else:
                response.close()

    @property
    def configuration(self) -> Any:
        """The official package's Configuration, for what it connects by itself (websockets)."""
        return self._ready()[0]

    def authorization(self) -> str:
        """The Authorization header, empty when certificates do it; renewed when it has expired."""
        configuration = self.configuration
        with self._lock:
            return str(configuration.get_api_key_with_prefix("BearerToken", "authorization") or "")

    def close(self) -> None:
        with self._lock:
            if self._pool is not None:
                self._pool.clear()

    def _ask(
        self, method: str, path: str, query: Query | None, body: Any, content_type: str, timeout: float
    ) -> urllib3.BaseHTTPResponse:
        configuration, pool = self._ready()
        headers = {"Accept": "application/json, */*", "User-Agent": "fairway"}
        if authorization := self.authorization():
            headers["Authorization"] = authorization
        data = None
        if body is not None:
            headers["Content-Type"] = content_type
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            answer: urllib3.BaseHTTPResponse = pool.request(
                method,
                configuration.host + path + _encode(query),
                body=data,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(CONNECT, timeout), read=timeout),
                retries=urllib3.Retry(1 if method == "GET" else 0, redirect=0, status=0, raise_on_redirect=False),
                preload_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise errors.ClusterUnreachable(f"{configuration.host} does not answer: {_why(error)}") from error
        return answer

    def _ready(self) -> tuple[Any, Any]:
        with self._lock:
            if self._pool is None:
                self._load()
            return self._configuration, self._pool

    def _reload(self) -> bool:
        """Tokens in files are renewed behind our back; an exec plugin may have a newer one."""
        with self._lock:
            before = self._configuration.api_key.get("BearerToken")
            self._load()
            return bool(self._configuration.api_key.get("BearerToken") != before)

    def _load(self) -> None:
        configuration = Configuration()
        configuration.connection_pool_maxsize = 16
        configuration.keep_alive = True
        try:
            load_kube_config_from_dict(  # type: ignore[no-untyped-call]
                yaml.safe_load(self._kubeconfig), client_configuration=configuration, persist_config=False
            )
        except ConfigException as error:
            raise errors.CredentialsRejected(f"The kubeconfig does not work: {str(error)[:300]}") from error
        self._configuration = configuration
        self._pool = RESTClientObject(configuration).pool_manager


def _encode(query: Query | None) -> str:
    words = {True: "true", False: "false"}
    plain = {k: words[v] if isinstance(v, bool) else v for k, v in (query or {}).items() if v not in (None, "")}
    return "?" + urlencode(plain) if plain else ""


def _read(response: urllib3.BaseHTTPResponse, largest: int = LARGEST_ANSWER) -> bytes:
    data = response.read(largest + 1)
    if len(data) > largest:
        raise errors.ClusterFailed(f"The answer is larger than {largest // 2**20} MiB")
    return data


def _why(error: BaseException) -> str:
    """The innermost reason, short."""
    if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason is not None:
        return _why(error.reason)
    if isinstance(error, urllib3.exceptions.NewConnectionError | OSError) and error.__cause__ is not None:
        return _why(error.__cause__)
    if isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return "no answer in time"
    strerror = getattr(error, "strerror", None)
    return str(strerror or error)[:200]
