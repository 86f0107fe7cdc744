"""`python -m fairway.cli`."""

from fairway.cli import main

main()
