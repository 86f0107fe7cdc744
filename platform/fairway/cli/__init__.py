"""The command line. It speaks to a server over HTTP like anyone else; only `up`, `serve` and `sandbox` start things.

Nothing heavy is imported before a command needs it: shells call this often, and completion at each Tab.
"""

import sys


def main() -> None:
    """The entry point `fairway`."""
    from fairway.cli.program import run

    sys.exit(run(sys.argv[1:]))
