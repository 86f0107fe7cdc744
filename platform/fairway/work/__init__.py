"""The workers: runs carried out durably, previews computed, what was missed swept up.

A run's row is committed first; its workflow has the run's id and is started idempotently, and a sweep starts what has
none. Every step can be repeated: a process killed at any instant resumes where the engine and the rows are.
"""

from fairway.work.fake import FakeEngine
from fairway.work.worker import Worker

__all__ = ["FakeEngine", "Worker"]
