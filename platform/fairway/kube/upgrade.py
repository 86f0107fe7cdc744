"""What a WebSocket to a cluster's API server needs, from the official package's configuration."""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from urllib3.util.ssl_ import create_urllib3_context

from fairway.kube.transport import Transport


@dataclass(frozen=True)
class Way:
    """security: None without TLS; server_name: where the certificate has another name than the URL."""

    url: str
    security: ssl.SSLContext | None
    server_name: str | None
    proxy: str | None
    authorization: str


def prepared(transport: Transport, target: str) -> Way:
    """As the official package connects. Blocks: an exec plugin may be asked, files are read."""
    configuration, authorization = transport.configuration, transport.authorization()
    scheme, _, rest = configuration.host.partition("://")
    host = urlsplit(configuration.host).hostname or ""
    proxy = configuration.proxy if configuration.proxy and not proxy_bypass(host) else None
    if scheme == "http":
        return Way(f"ws://{rest}{target}", None, None, proxy, authorization)
    security = create_urllib3_context()
    if configuration.ssl_ca_cert:
        security.load_verify_locations(configuration.ssl_ca_cert)
    else:
        security.load_default_certs()
    security.check_hostname = configuration.verify_ssl and configuration.assert_hostname is not False
    security.verify_mode = ssl.CERT_REQUIRED if configuration.verify_ssl else ssl.CERT_NONE
    if configuration.cert_file:
        security.load_cert_chain(configuration.cert_file, configuration.key_file)
    return Way(f"wss://{rest}{target}", security, configuration.tls_server_name, proxy, authorization)
