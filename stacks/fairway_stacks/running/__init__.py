"""Where programs run: a warm process, and the children that it forks. Imports nothing of the engine."""
