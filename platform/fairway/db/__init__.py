"""The database: engine and transactions, ids, time, encryption at rest."""
