#!/bin/sh
# make_databases.sh FOLDER: two small packages, as a database of each format.
set -eu
out=$1
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
spec() {
  cat > "$work/$1.spec" <<SPEC
Name: $1
Version: $2
Release: 1.el9
$3
Summary: Sample package $1
License: MIT
Vendor: Holdfast
URL: https://example.org/$1
BuildArch: noarch
%description
Sample.
%install
mkdir -p %{buildroot}/usr/share/$1
for i in \$(seq $4); do echo "$1 \$i" > %{buildroot}/usr/share/$1/a_file_with_a_long_name_\$i; done
%files
/usr/share/$1
SPEC
  rpmbuild -bb --quiet --define "_topdir $work" --define "_build_id_links none" --define "source_date_epoch_from_changelog 0" \
    --define "_buildhost example.org" "$work/$1.spec"
}
spec holdfast-one 1.2.3 'Epoch: 2
Requires: /usr/share/holdfast-two/a_file_with_a_long_name_1
Requires: holdfast-two >= 1' 3
spec holdfast-two 4.5~rc1 'Provides: virtual(two) = 1
ModularityLabel: sample:1:1:abc' 60
rpm --define "_db_backend sqlite" --dbpath "$work/sqlite" --initdb
rpm --define "_db_backend sqlite" --dbpath "$work/sqlite" --force-debian --justdb --nodeps --nodigest --nosignature \
  -i "$work"/RPMS/noarch/*.rpm
# In small pages, since most of the indexes are almost empty.
rm -f "$out/small_rpmdb.sqlite"
python3 - "$work/sqlite/rpmdb.sqlite" "$out/small_rpmdb.sqlite" << 'PYTHON'
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("pragma journal_mode = delete")
database.execute("pragma page_size = 512")
database.execute("vacuum into ?", (sys.argv[2],))
PYTHON
python3 "$(dirname "$0")/ndb.py" make "$out/small_rpmdb.sqlite" "$out/small_Packages.db"
for order in 1234 4321; do
  rm -f "$work/Packages"
  python3 "$(dirname "$0")/ndb.py" dump "$out/small_rpmdb.sqlite" $order | db5.3_load "$work/Packages"
  cp "$work/Packages" "$out/small_Packages_$order"
done
# A log in which one package is gone, and which no checkpoint has brought into the database yet.
python3 - "$out/small_rpmdb.sqlite" "$work/logged.sqlite" "$out/small_rpmdb.sqlite-wal" << 'PYTHON'
import shutil, sqlite3, sys
shutil.copy(sys.argv[1], sys.argv[2])
database = sqlite3.connect(sys.argv[2])
database.execute("pragma journal_mode = wal")
database.execute("delete from Packages where hnum = (select min(hnum) from Packages)")
database.commit()
shutil.copy(sys.argv[2] + "-wal", sys.argv[3])
PYTHON
