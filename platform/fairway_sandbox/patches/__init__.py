"""The four ways to change an object in part: merge, JSON, strategic merge, and apply with field owners."""
