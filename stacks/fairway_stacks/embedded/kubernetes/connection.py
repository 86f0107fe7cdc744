"""HTTP to one cluster: the official package loads the kubeconfig, authenticates and connects; answers stay JSON."""

import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml
from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.kube_config import load_kube_config_from_dict

from fairway_stacks.embedded.kubernetes.errors import ApiError
from fairway_stacks.port import ClusterUnreachable, EngineError

CONNECT = 5.0
ANSWER = 60.0


class Connection:
    """Thread-safe; credentials are loaded again when the cluster rejects them."""

    def __init__(self, kubeconfig: str) -> None:
        self._kubeconfig = kubeconfig
        self._lock = threading.Lock()
        self._configuration: Any = None
        self._pool: Any = None
        self._load()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Any:
        """The answer's JSON. Raises ApiError and ClusterUnreachable."""
        return json.loads(self._checked(method, path, query, body, content_type) or b"{}")

    def text(self, path: str, query: Mapping[str, str] | None = None) -> str:
        return self._checked("GET", path, query, None, "").decode(errors="replace")

    def close(self) -> None:
        self._pool.clear()

    def _checked(self, method: str, path: str, query: Any, body: Any, content_type: str) -> bytes:
        answer = self._send(method, path, query, body, content_type)
        if answer.status == 401:
            with self._lock:
                self._load()
            answer = self._send(method, path, query, body, content_type)
        if not 200 <= answer.status < 300:
            raise ApiError(answer.status, _document(answer.data))
        return answer.data

    def _send(self, method: str, path: str, query: Any, body: Any, content_type: str) -> urllib3.BaseHTTPResponse:
        with self._lock:
            configuration, pool = self._configuration, self._pool
            credential = configuration.get_api_key_with_prefix("BearerToken", "authorization")
        headers = {"Accept": "application/json, */*", "User-Agent": "fairway"}
        if credential:
            headers["Authorization"] = credential
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            answer: urllib3.BaseHTTPResponse = pool.request(
                method,
                configuration.host + path + (f"?{urlencode(query)}" if query else ""),
                body=None if body is None else json.dumps(body).encode(),
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT, read=ANSWER),
                retries=urllib3.Retry(2 if method == "GET" else 0, redirect=0, status=0, backoff_factor=0.2),
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterUnreachable(f"{configuration.host} does not answer: {_why(error)}") from error
        return answer

    def _load(self) -> None:
        configuration = Configuration()
        configuration.connection_pool_maxsize = 16
        try:
            load_kube_config_from_dict(  # type: ignore[no-untyped-call]
                yaml.safe_load(self._kubeconfig), client_configuration=configuration, persist_config=False
            )
        except (ConfigException, yaml.YAMLError, TypeError, AttributeError) as error:
            raise EngineError("The cluster's kubeconfig does not work") from error
        self._configuration = configuration
        self._pool = RESTClientObject(configuration).pool_manager


def _document(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": data.decode(errors="replace")[:500]}


def _why(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return str(cause).rsplit(": ", 1)[-1][:200]
