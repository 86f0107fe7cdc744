"""What turns wishes into objects: one small reconciler a kind, driven by the store's events."""
