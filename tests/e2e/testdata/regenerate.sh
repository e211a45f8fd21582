#!/usr/bin/env bash
# Makes packages_*.txt from the shared sample images with the ecosystems' own tools:
#   regenerate.sh SHARED-DATA-FOLDER
# "name version arch" a line, sorted. RPM: rpm -qa (without gpg-pubkey, which is a key); dpkg: the fields of status.d,
# which dpkg-query cannot read; apk: the records P, V and A of the database, which `apk info -v` prints.
set -euo pipefail
cd "$(dirname "$0")"
shared=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flatten() { # IMAGE FOLDER: all layers of a docker archive, or the one root file system, on top of each other
  mkdir -p "$2"
  tar -tf "$1" > "$2.list"
  if grep -qx manifest.json "$2.list"; then
    mkdir "$2.save" && tar -xf "$1" -C "$2.save"
    for layer in $(jq -r '.[0].Layers[]' "$2.save/manifest.json"); do
      tar -xf "$2.save/$layer" -C "$2" --exclude='dev/*' 2>/dev/null || true
    done
  else
    tar -xf "$1" -C "$2" --exclude='./dev/*' 2>/dev/null || true
  fi
}
for image in "$shared"/images/*.tar.?z; do
  name=$(basename "$image" | sed 's/\.tar\..*//')
  root=$work/$name
  flatten "$image" "$root"
  if [[ -f $root/lib/apk/db/installed ]]; then
    awk '/^P:/{p=substr($0,3)} /^V:/{v=substr($0,3)} /^A:/{a=substr($0,3)} /^$/{if(p)print p,v,a; p=""}' "$root/lib/apk/db/installed"
  elif [[ -d $root/var/lib/dpkg/status.d ]]; then
    for file in "$root"/var/lib/dpkg/status.d/*; do
      [[ $file == *.md5sums ]] || awk '/^Package:/{p=$2} /^Version:/{v=$2} /^Architecture:/{a=$2} END{print p,v,a}' "$file"
    done
  else
    rm -f "$root"/var/lib/rpm/__db.* "$root"/var/lib/rpm/.*.lock
    rpm -qa --dbpath "$root/var/lib/rpm" --qf '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH}\n' 2>/dev/null | grep -v ^gpg-pubkey
  fi | LC_ALL=C sort > "packages_$name.txt"
  wc -l "packages_$name.txt"
done
