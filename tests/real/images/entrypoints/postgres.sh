#!/bin/bash
# The contract of the official image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA, POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD, each also as a ..._FILE, and scripts in /docker-entrypoint-initdb.d for a new database.
set -euo pipefail

from_file() {
  local file="${1}_FILE"
  [ -z "${!file:-}" ] || export "$1"="$(< "${!file}")"
}

[ "${1:0:1}" != "-" ] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_INITDB_ARGS; do from_file "$name"; done
user="${POSTGRES_USER:-postgres}" database="${POSTGRES_DB:-${POSTGRES_USER:-postgres}}"

mkdir -p "$PGDATA" /var/run/postgresql
if [ "$(id -u)" = 0 ]; then
  chown -R postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
chmod 0700 "$PGDATA"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo "Error: a new database needs POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust" >&2
    exit 1
  fi
  eval "initdb --username=\"$user\" --pwfile=<(printf '%s\n' \"${POSTGRES_PASSWORD:-}\") ${POSTGRES_INITDB_ARGS:-}"
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  PGUSER="$user" PGPASSWORD="${POSTGRES_PASSWORD:-}" pg_ctl -w start -o "-c listen_addresses='' -p 5432"
  [ "$database" = postgres ] || createdb --username="$user" --no-password "$database"
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) psql -v ON_ERROR_STOP=1 --username="$user" --no-password --dbname="$database" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | psql -v ON_ERROR_STOP=1 --username="$user" --no-password --dbname="$database" ;;
    esac
  done
  pg_ctl -m fast -w stop
fi
unset POSTGRES_PASSWORD
exec "$@"
