"""Pods as processes: volumes, environment, probes, restarts, logs, resource figures and an orderly end."""
