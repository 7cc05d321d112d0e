#!/usr/bin/env bash
# Runs a command against a throw-away PostgreSQL cluster on loopback: DATABASE_URL is set for it, and
# cluster and folder are gone afterwards, however the command ends.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL 未安装:请先运行 make install-dev" >&2; exit 1; }
folder=$(mktemp -d)
as=()
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; as=(runuser -u postgres --); fi
cleanup() {
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap cleanup EXIT
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
cd "$folder"  # the server's user must be able to stand where it is started
"${as[@]}" "$bin/initdb" -D "$folder/data" -U minzheng -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c fsync=${MINZHENG_PG_FSYNC:-off}" start >/dev/null \
  || { cat "$folder/log" >&2; exit 1; }
"$bin/createdb" -h 127.0.0.1 -p "$port" -U minzheng minzheng
cd "$OLDPWD"
export DATABASE_URL="postgresql://minzheng@127.0.0.1:$port/minzheng"
"$@"
