"""Fairway inside the cluster: its chart, its image, its rights, two replicas on a Postgres."""
