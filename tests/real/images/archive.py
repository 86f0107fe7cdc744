"""Images as archives that containerd imports: layers, configurations, and the names that they go by.

The form is the one that `docker save` writes; layers are shared between the images of an archive.
"""

import hashlib
import io
import json
import os
import platform
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real.cluster import packages, places
from tests.real.images import contents
from tests.real.images.contents import Image

CREATED = "2025-01-01T00:00:00Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# A package's manuals and translations.
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/info", "./usr/share/lintian")


@dataclass(frozen=True)
class Layer:
    """digest: of the archive at `path`, in hex."""

    digest: str
    path: Path


def made() -> list[Path]:
    """The archives, made now or before: `pause.tar` and `catalog.tar`. Raises Unable."""
    folder = places.cache() / "images" / places.digest(_inputs())
    if not folder.is_dir():
        shutil.rmtree(folder.parent, ignore_errors=True)
        half = folder.with_suffix(".half")
        half.mkdir(parents=True)
        print("Making the images ...", flush=True)
        archive([contents.pause()], half / "pause.tar")
        archive(contents.catalog(), half / "catalog.tar")
        half.rename(folder)
    return sorted(folder.glob("*.tar"))


def archive(images: Sequence[Image], path: Path) -> None:
    """Writes one archive with all of them."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch, tarfile.open(path, "w") as out:
        layers: dict[str, Layer] = {}
        manifest = []
        for image in images:
            own = _layers(image, Path(scratch))
            configuration = json.dumps(_configuration(image, own)).encode()
            name = f"{hashlib.sha256(configuration).hexdigest()}.json"
            _add(out, name, configuration)
            layers |= {layer.digest: layer for layer in own}
            below = [f"{layer.digest}/layer.tar" for layer in own]
            manifest.append({"Config": name, "RepoTags": list(image.names), "Layers": below})
        for layer in layers.values():
            out.add(layer.path, f"{layer.digest}/layer.tar")
        _add(out, "manifest.json", json.dumps(manifest).encode())


def _layers(image: Image, scratch: Path) -> list[Layer]:
    below: list[Path] = []
    if not image.alone:
        below.append(_base(scratch))
    if image.packages:
        below.append(_packages(image))
    own = _own(image, Path(tempfile.mkdtemp(dir=scratch)))
    if image.packages:
        index = packages.index(below, Path(tempfile.mkdtemp(dir=scratch)) / "index")
        (own / "etc").mkdir(exist_ok=True)
        shutil.copy(index, own / "etc/ld.so.cache")
    return [_layer(folder, scratch) for folder in (*below, own) if any(folder.iterdir())]


def _packages(image: Image) -> Path:
    """Without what the base has already."""
    return packages.unpacked(image.packages, (*packages.closure(contents.BASE), *contents.UNUSED))


def _base(scratch: Path) -> Path:
    """Debian's smallest, with the users of all images."""
    folder = scratch / "base"
    if not folder.is_dir():
        shutil.copytree(packages.unpacked(contents.BASE), folder, symlinks=True)
        (folder / "etc").mkdir(exist_ok=True)
        users = "".join(f"{n}:x:{i}:{i}::/tmp:/bin/sh\n" for n, i in contents.USERS.items())
        (folder / "etc/passwd").write_text(users)
        (folder / "etc/nsswitch.conf").write_text("hosts: files dns\n")
        (folder / "etc/group").write_text("".join(f"{n}:x:{i}:\n" for n, i in contents.USERS.items()))
        for name, mode in (("tmp", 0o1777), ("run", 0o755), ("proc", 0o555), ("sys", 0o555), ("dev", 0o755)):
            (folder / name).mkdir(exist_ok=True)
            (folder / name).chmod(mode)
        for name in ("run", "lock"):
            shutil.rmtree(folder / "var" / name, ignore_errors=True)
        (folder / "var/run").symlink_to("/run")
        sh = folder / "usr/bin/sh"
        if not sh.is_symlink():
            sh.symlink_to("dash")
    return folder


def _own(image: Image, folder: Path) -> Path:
    for target, source in image.files.items():
        place = folder / target
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, place)
            place.chmod(0o755)
    for target, owner in image.folders.items():
        place = folder / target.replace("var/run/", "run/")
        place.mkdir(parents=True, exist_ok=True)
        os.chown(place, contents.USERS[owner], contents.USERS[owner])
        place.chmod(0o1777)
    for target, pointed in image.links.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).symlink_to(pointed)
    for target, (old, new) in image.edits.items():
        text = (_packages(image) / target).read_text()
        assert old in text, f"{target} has no {old!r}"
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_text(text.replace(old, new))
    return folder


def _layer(folder: Path, scratch: Path) -> Layer:
    """The folder as an archive; made once, since several images have the same."""
    path = scratch / f"{folder.name}.layer"
    if not path.exists():
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as out:
            out.add(folder, ".", filter=_kept)
    with path.open("rb") as file:
        return Layer(hashlib.file_digest(file, "sha256").hexdigest(), path)


def _kept(item: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if item.name.startswith(LEFT_OUT):
        return None
    return item


def _configuration(image: Image, layers: Iterable[Layer]) -> object:
    environment = {"PATH": contents.SHELL_PATH, **image.environment}
    return {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "created": CREATED,
        "config": {
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "Entrypoint": list(image.entrypoint) or None,
            "Cmd": list(image.command) or None,
            "User": image.user,
            "WorkingDir": image.directory,
            "StopSignal": image.stop,
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.digest}" for layer in layers]},
        "history": [{"created": CREATED, "created_by": "fairway"} for _ in layers],
    }


def _add(out: tarfile.TarFile, name: str, content: bytes) -> None:
    item = tarfile.TarInfo(name)
    item.size = len(content)
    out.addfile(item, io.BytesIO(content))


def _inputs() -> Iterable[bytes]:
    folders = (contents.HERE, contents.ROOT / "platform" / "fairway_sandbox" / "programs", places.HERE / "modules")
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.read_bytes()
