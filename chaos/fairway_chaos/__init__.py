"""Chaos experiments: model, victims, guards, probes, engine, journal."""
