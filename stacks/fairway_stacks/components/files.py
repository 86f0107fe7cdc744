"""A folder of text files, in a ConfigMap with a name of its own: other contents are another folder to roll over to."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core import v1 as core

from fairway_stacks.components import marks
from fairway_stacks.components.request import Request


class Files:
    """files: path below `at` -> text."""

    def __init__(self, request: Request, files: Mapping[str, str], at: str, parent: pulumi.Resource) -> None:
        self._at, self._keys = at, {path: key(path) for path in files}
        self.folder = _folder(request, {self._keys[p]: text for p, text in files.items()}, parent) if files else None

    def mounts(self) -> list[core.VolumeMountArgs]:
        return [core.VolumeMountArgs(name="files", mount_path=self._at, read_only=True)] if self.folder else []

    def volumes(self) -> list[core.VolumeArgs]:
        if self.folder is None:
            return []
        items = [core.KeyToPathArgs(key=key, path=path) for path, key in self._keys.items()]
        source = core.ConfigMapVolumeSourceArgs(name=marks.name_of(self.folder), items=items)
        return [core.VolumeArgs(name="files", config_map=source)]


def key(path: str) -> str:
    """A ConfigMap's keys know no folders: `a/b` is `a_-b` there, and `_` is `__`, so that no two paths meet."""
    return path.replace("_", "__").replace("/", "_-")


def _folder(request: Request, data: Mapping[str, str], parent: pulumi.Resource) -> core.ConfigMap:
    return core.ConfigMap(
        f"{request.name}-files",
        metadata=marks.metadata(request),
        data=dict(data),
        opts=marks.under(parent),
    )
