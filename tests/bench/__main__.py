"""`make bench`: what a platform costs in time and memory, as ratios against the field's tools in the same run."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import footprint, killing, provisioning
from tests.bench.figures import Figure, table
from tests.e2e.platform import Platform


def main() -> None:
    data = Path(tempfile.mkdtemp(prefix="fairway-bench-"))
    platform = Platform(data / "platform", scrape_seconds=15)
    began = time.monotonic()
    platform.start()
    figures = [Figure("start of a fresh platform", time.monotonic() - began, "s", "30", lambda v: v < 30)]
    try:
        for part in (provisioning.measure, killing.measure, footprint.measure):
            figures += part(platform)
    finally:
        platform.end()
        shutil.rmtree(data, ignore_errors=True)
    print(table(figures))
    missing = [name for name in ("kubectl", "chaos") if shutil.which(name) is None]
    if missing:
        print(f"Not compared, since not on the PATH: {', '.join(missing)}.", file=sys.stderr)
    if any(not figure.holds for figure in figures):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd}: {error.stderr or error.stdout}")
