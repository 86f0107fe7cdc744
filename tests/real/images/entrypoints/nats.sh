#!/bin/sh
# The contract of the official image: options alone mean nats-server.
set -e
case "$1" in -*) set -- nats-server "$@" ;; esac
exec "$@"
