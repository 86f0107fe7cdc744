"""Property values to and from the JSON of a checkpoint, secrets encrypted."""

import json
from typing import Any

from fairway_stacks.state.passphrase import Passphrase
from fairway_stacks.state.values import SECRET_SIGNATURE, SIGNATURE, UNKNOWN, UNKNOWN_TEXT, Secret


def seal(value: Any, box: Passphrase) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Secret):
        text = json.dumps(seal(value.value, box), separators=(",", ":"), sort_keys=True)
        return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": box.encrypt(text)}
    if isinstance(value, dict):
        return {key: seal(value[key], box) for key in sorted(value)}
    return [seal(part, box) for part in value] if isinstance(value, list) else value


def unseal(value: Any, box: Passphrase) -> Any:
    if value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET_SIGNATURE:
            text = box.decrypt(value["ciphertext"]) if "ciphertext" in value else value["plaintext"]
            return Secret(unseal(json.loads(text), box))
        return {key: unseal(part, box) for key, part in value.items()}
    return [unseal(part, box) for part in value] if isinstance(value, list) else value
