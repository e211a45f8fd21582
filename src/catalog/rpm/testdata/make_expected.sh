#!/bin/sh
# make_expected.sh BACKEND DATABASE: what rpm itself makes of a database; BACKEND is sqlite, bdb_ro or ndb.
set -eu
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
backend=$1
if [ "$1" = ndb ]; then
  backend=sqlite
  rpmdb --define "_db_backend sqlite" --dbpath "$folder" --initdb
  python3 "$here/ndb.py" export "$2" > "$folder/headers"
  rpmdb --define "_db_backend sqlite" --dbpath "$folder" --importdb < "$folder/headers"
elif [ "$1" = sqlite ]; then
  cp "$2" "$folder/rpmdb.sqlite"
else
  cp "$2" "$folder/Packages"
fi
rpm -qa --define "_db_backend $backend" --dbpath "$folder" \
  --qf '%{NAME} %{EPOCH} %{VERSION} %{RELEASE} %{ARCH} %{SOURCERPM} %{MODULARITYLABEL}\n' 2> /dev/null | LC_ALL=C sort
