"""The Kubernetes API over HTTP: a raw ASGI application."""
