#!/usr/bin/env bash
# Makes .venv from the hashed requirements and copies the portal's assets. Usage: install.sh base|dev
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-base}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新版本" >&2; exit 1; }

bash scripts/debian_packages.sh nodejs=node npm=npm fonts-noto-cjk
if [ "$kind" = dev ]; then
  bash scripts/debian_packages.sh chromium postgresql=/usr/lib/postgresql/15/bin/initdb default-jre-headless=java
fi

requirements=requirements/$kind.txt
stamp=.venv/.installed-$kind
digest=$(cat "$requirements" pyproject.toml | sha256sum | cut -c1-64)
if [ ! -x .venv/bin/minzheng ] || [ "$(cat "$stamp" 2>/dev/null)" != "$digest" ]; then
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  if command -v uv >/dev/null 2>&1; then pip=(uv pip install -q --python .venv/bin/python); else pip=(.venv/bin/python -m pip install -q --disable-pip-version-check); fi
  echo "Installing $requirements …" >&2
  "${pip[@]}" --require-hashes -r "$requirements"
  "${pip[@]}" --no-deps --no-build-isolation -e .
  echo "$digest" > "$stamp"
fi

stamp=node_modules/.installed
digest=$(cat package-lock.json scripts/copy_assets.mjs | sha256sum | cut -c1-64)
if [ "$(cat "$stamp" 2>/dev/null)" != "$digest" ] || [ ! -d minzheng/portals/staff/static/vendor ]; then
  echo "Installing assets …" >&2
  npm ci --silent --no-audit --no-fund
  node scripts/copy_assets.mjs
  echo "$digest" > "$stamp"
fi
