"""Everything once more on a real Kubernetes: its node, its images, the mirror and the chart."""
