"""The embedded cluster: a Kubernetes-compatible API whose pods are real processes."""
