"""What a stack of a server hands over: addresses in the clear, the credential as a secret."""

from urllib.parse import quote

import pulumi


def export(uri: str, password: pulumi.Output[str], **fields: pulumi.Input[str | int]) -> None:
    """uri: a template over the fields and `{password}`, which is quoted as a URI wants it."""
    for name, value in fields.items():
        pulumi.export(name, value)
    secret: pulumi.Output[str] = pulumi.Output.secret(password)
    pulumi.export("password", secret)
    pulumi.export("uri", pulumi.Output.all(password=secret, **fields).apply(lambda known: _uri(uri, known)))


def _uri(template: str, known: dict[str, str | int]) -> str:
    return template.format(**{**known, "password": quote(str(known["password"]), safe="")})
