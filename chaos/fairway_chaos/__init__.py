"""Chaos trials: kill pods of one workload on purpose, and measure what its users noticed.

Pure: what it needs of the world it declares in `ports` (Cluster, Prober, Clock, Record). Durations are in seconds of
a monotonic clock; a trial that cannot say something says nothing rather than a guess.
"""
