"""A real Kubernetes of one node, built from its Go modules and run in namespaces of its own."""
