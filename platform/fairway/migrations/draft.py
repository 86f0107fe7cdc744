"""Write a migration from what the models say beyond the newest one: `python -m fairway.migrations.draft MESSAGE`."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from fairway.db.database import Database
from fairway.db.migrate import alembic_config, migrate


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'draft.db'}")
        migrate(database)
        database.close()
        config = alembic_config(database.url)
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    main(sys.argv[1])
