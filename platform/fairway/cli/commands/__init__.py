"""One command or noun a file."""
