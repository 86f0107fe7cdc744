#!/bin/bash
# The contract of the official image: the server is never root, takes the place of its script, and has long names only
# where its host has. RABBITMQ_DEFAULT_USER, _PASS and _VHOST it reads by itself; what the official image refuses is
# refused here.
set -euo pipefail
if [[ "$1" == rabbitmq* ]] && [ "$(id -u)" = 0 ]; then
  [ "$1" != rabbitmq-server ] || find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq {} +
  exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups "$0" "$@"
fi
for name in RABBITMQ_DEFAULT_PASS_FILE RABBITMQ_DEFAULT_USER_FILE RABBITMQ_VM_MEMORY_HIGH_WATERMARK; do
  [ -z "${!name:-}" ] || { echo "error: $name is set but deprecated; use a configuration file" >&2; exit 1; }
done
case "$(< /proc/sys/kernel/hostname)" in *.*) export RABBITMQ_USE_LONGNAME="${RABBITMQ_USE_LONGNAME:-true}" ;; esac
export RUNNING_UNDER_SYSTEMD=true
exec "$@"
