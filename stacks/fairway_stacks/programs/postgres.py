"""PostgreSQL: the official image on a volume of its own, with postgres_exporter."""

from fairway_stacks.components import outputs, quantity, request
from fairway_stacks.components.exporter import Exporter
from fairway_stacks.components.image import Image
from fairway_stacks.components.probes import Check
from fairway_stacks.components.request import Request
from fairway_stacks.components.server import Server

PORT = 5432
USERNAME = "app"
FOLDER = "/var/lib/postgresql/data"

# The image sets the password only when it makes the database. This sets it whenever the credential is another one,
# with the server's single-user mode, so that there is no moment at which the old password still works.
SET_PASSWORD = """\
set -eu
marker="$(dirname "$PGDATA")/credential"
if [ -s "$PGDATA/PG_VERSION" ] && [ "$(cat "$marker" 2>&1)" != "$CREDENTIAL" ]; then
  password=$(printf '%s' "$POSTGRES_PASSWORD" | sed "s/'/''/g")
  printf "ALTER ROLE \\"%s\\" PASSWORD '%s'\\n" "$POSTGRES_USER" "$password" |
    postgres --single -c exit_on_error=true -D "$PGDATA" postgres > /dev/null
  echo "The password of $POSTGRES_USER is now the one in $CREDENTIAL"
fi
printf '%s' "$CREDENTIAL" > "$marker"
"""


def main() -> None:
    wanted, seeds = request.read()
    credential = {"username": USERNAME, "password": seeds.password, "database": wanted.parameters["database"]}
    server = Server("Postgres", wanted, image(wanted), credential)
    outputs.export(
        "postgresql://{username}:{password}@{host}:{port}/{database}",
        seeds.password,
        host=server.host,
        port=server.port,
        username=USERNAME,
        database=wanted.parameters["database"],
    )


def image(wanted: Request) -> Image:
    parameters = wanted.parameters
    return Image(
        reference=f"postgres:{parameters['version']}",
        user=999,
        ports={"postgres": PORT},
        data_path=FOLDER,
        args=settings(parameters["max_connections"], quantity.in_bytes(wanted.size.memory)),
        ready=Check(PORT, command=["sh", "-c", 'exec pg_isready -q -h "$POD_IP" -U "$POSTGRES_USER"']),
        exporter=exporter(parameters["database"]),
        variables={
            "PGDATA": f"{FOLDER}/pgdata",
            "POSTGRES_USER": USERNAME,
            "POSTGRES_DB": parameters["database"],
        },
        secrets={"POSTGRES_PASSWORD": "password"},
        scratch=("/var/run/postgresql",),
        shared_memory=True,
        preparation=SET_PASSWORD,
    )


def settings(max_connections: int, memory: int) -> list[str]:
    """A quarter of the memory for shared buffers, as PostgreSQL's manual advises."""
    buffers = memory // 4 // 2**20
    return ["-c", f"max_connections={max_connections}", "-c", f"shared_buffers={buffers}MB"]


def exporter(database: str) -> Exporter:
    return Exporter(
        image="prometheuscommunity/postgres-exporter:v0.18.1",
        port=9187,
        variables={"DATA_SOURCE_URI": f"localhost:{PORT}/{database}?sslmode=disable", "DATA_SOURCE_USER": USERNAME},
        secrets={"DATA_SOURCE_PASS": "password"},
    )
