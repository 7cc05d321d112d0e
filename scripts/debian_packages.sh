#!/usr/bin/env bash
# Installs the Debian packages named as arguments, those only that are missing. Needs root (or sudo) when one is.
set -euo pipefail
missing=()
for package in "$@"; do
  # A program may also have come another way: "name=program" asks for the program instead of the package.
  name=${package%%=*}; program=${package#*=}
  case "$package" in
    *=*) command -v "$program" >/dev/null 2>&1 || missing+=("$name") ;;
    *) dpkg -s "$name" >/dev/null 2>&1 || missing+=("$name") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing Debian packages: ${missing[*]}" >&2
run=(); [ "$(id -u)" -eq 0 ] || run=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${run[@]}" apt-get update -qq
"${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
