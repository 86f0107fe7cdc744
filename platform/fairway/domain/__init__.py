"""The domain verbs: every change that Fairway can make, each checking who asks and leaving an audit row.

A verb takes `session` (a write session of the caller), `actor`, then what it is about. Pages, REST and workers call
the same verbs. Reading verbs take a read session. Nothing here waits for a cluster or an engine, unless it says so.
"""
