"""What a command is given in a file."""

import sys
from pathlib import Path

from fairway.cli.failure import usage


def read_text(file: str) -> str:
    """`-` is standard input. Raises Failure."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise usage(f"Cannot read {file}: {getattr(error, 'strerror', None) or 'it is no text'}") from error
