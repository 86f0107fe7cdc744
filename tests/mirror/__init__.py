"""The mirror: the same questions to the sandbox and to a real Kubernetes, and how far their answers agree."""
