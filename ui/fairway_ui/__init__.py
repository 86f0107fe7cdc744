"""The web interface: pages, templates, static files."""
