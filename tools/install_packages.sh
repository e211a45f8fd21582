#!/usr/bin/env bash
# Installs the Debian packages of the named sections of packages.txt that are not there yet.
#   install_packages.sh build test
set -euo pipefail
cd "$(dirname "$0")"

wanted=()
for section in "$@"; do
  mapfile -t -O "${#wanted[@]}" wanted < <(sed -n "/^\[$section\]/,/^\[/{/^[a-z0-9]/p}" packages.txt)
done
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi
echo "== installing ${#missing[@]} Debian packages: ${missing[*]}"
as_root=()
if ((EUID != 0)); then
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
