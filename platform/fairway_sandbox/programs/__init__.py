"""Programs that run inside pods: the demo application, the exporters, and a small redis-cli."""
