"""Paths and addresses as a container knows them, turned into the ones that hold on this machine."""

import os
import re
from collections.abc import Mapping

LOCAL = re.compile(r"(?<![\w.-])(localhost|127\.0\.0\.1|0\.0\.0\.0)(?![\w-]|\.\w)")
REFERENCE = re.compile(r"\$\(([A-Za-z0-9_]+)\)")


def rewritten(text: str, mounts: Mapping[str, str], address: str) -> str:
    """Mount paths become their directories, and the pod's own loopback becomes its address."""
    for path in sorted(mounts, key=len, reverse=True):
        pattern = r"(?<![\w/.-])" + re.escape(path) + r"(?=$|[/\s\"':,])"
        text = re.sub(pattern, mounts[path].replace("\\", r"\\"), text)
    return LOCAL.sub(address, text)


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` becomes the variable's value where there is one."""
    return REFERENCE.sub(lambda m: variables.get(m.group(1), m.group(0)), text)


def with_parents(mounts: Mapping[str, str], folder: str) -> dict[str, str]:
    """The mounts, and for each parent that this machine lacks a directory whose links lead to them.

    So `/bindings` itself can be read where only `/bindings/db` is a volume.
    """
    found = dict(mounts)
    for path, directory in mounts.items():
        parent = os.path.dirname(path)
        while parent not in ("", "/") and not os.path.exists(parent) and parent not in mounts:
            own = folder + parent
            os.makedirs(own, exist_ok=True)
            found[parent] = own
            parent = os.path.dirname(parent)
        link = folder + path
        if os.path.dirname(path) in found and os.path.dirname(path) not in mounts:
            if os.path.islink(link):
                os.unlink(link)
            if not os.path.exists(link):
                os.symlink(directory, link)
    return found
