"""The service catalog: offerings as YAML, their schema, loading and validation."""
