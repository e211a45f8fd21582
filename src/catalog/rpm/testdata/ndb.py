#!/usr/bin/env python3
"""Debian's rpm is built without NDB, so this stands between the two.

ndb.py export Packages.db > headers    the headers of a database, for `rpmdb --importdb`
ndb.py make rpmdb.sqlite Packages.db   the same packages as an NDB database
ndb.py dump rpmdb.sqlite ORDER         the same for db5.3_load, for a hash file of byte order 1234 (little) or 4321
Format: rpm 4.18, lib/backend/ndb/rpmpkg.c.
"""
import sqlite3
import struct
import sys
import zlib


def export(path):
    data = open(path, "rb").read()
    pages = struct.unpack_from("<I", data, 12)[0]
    for at in range(32, pages * 4096, 16):
        magic, number, block, _ = struct.unpack_from("<4sIII", data, at)
        assert magic == b"Slot"
        if number == 0:
            continue
        magic, same, _, length = struct.unpack_from("<4sIII", data, block * 16)
        assert magic == b"BlbS" and same == number
        sys.stdout.buffer.write(b"\x8e\xad\xe8\x01\0\0\0\0" + data[block * 16 + 16:block * 16 + 16 + length])


def make(source, target):
    rows = sqlite3.connect(source).execute("select hnum, blob from Packages order by hnum").fetchall()
    slots, blobs, block = b"", b"", 256
    for number, header in rows:
        blob = struct.pack("<4sIII", b"BlbS", number, 1, len(header)) + header
        blob += bytes(-(len(blob) + 12) % 16)
        blob += struct.pack("<II4s", zlib.adler32(blob), len(header), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, block, len(blob) // 16)
        blobs += blob
        block += len(blob) // 16
    slots += struct.pack("<4sIII", b"Slot", 0, 0, 0) * ((4096 - 32 - len(slots)) // 16)
    start = struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(rows) + 1, 0, 0, 0)
    open(target, "wb").write(start + slots + blobs)


def dump(source, order):
    print(f"VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=512\ndb_lorder={order}\nHEADER=END")
    number_format = "<I" if order == "1234" else ">I"
    rows = sqlite3.connect(source).execute("select hnum, blob from Packages order by hnum").fetchall()
    for number, value in [(0, struct.pack(number_format, len(rows)))] + rows:
        print(f" {struct.pack(number_format, number).hex()}\n {value.hex()}")
    print("DATA=END")


if sys.argv[1] == "export":
    export(sys.argv[2])
elif sys.argv[1] == "dump":
    dump(sys.argv[2], sys.argv[3])
else:
    make(sys.argv[2], sys.argv[3])
