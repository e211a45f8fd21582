#!/usr/bin/env python3
"""Compares the packages of one image as Holdfast and Syft list them (docs/comparison.md).

    holdfast sbom -q -o json=ours.json IMAGE && syft scan -q -o json=theirs.json IMAGE
    tools/compare_sbom.py ours.json theirs.json

Packages are compared by type, name and version; names of Python packages as PEP 503 normalises them, since one
tool writes what the package says and the other what the index says. Prints what only one of them has, and what
they have a different number of times. Ends with 1 when Syft has something that Holdfast lacks.
"""

import collections
import json
import re
import sys

UNKNOWN_VERSIONS = ("", "UNKNOWN")


def key_of(kind, name, version):
    if kind == "python":
        name = re.sub(r"[-_.]+", "-", name).lower()
    return kind, name, "" if version in UNKNOWN_VERSIONS else version


def read(path, list_name):
    """Key → where each package of that key is."""
    packages = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for package in json.load(file)[list_name]:
            key = key_of(package["type"], package["name"], package.get("version", ""))
            locations = package.get("locations") or [{"path": "?"}]
            packages[key].append("/" + locations[0]["path"].lstrip("/"))
    return packages


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ours, theirs = read(sys.argv[1], "packages"), read(sys.argv[2], "artifacts")
    kinds = collections.Counter(key[0] for key in set(ours) & set(theirs))
    print(f"{sum(map(len, ours.values()))} packages of Holdfast, {sum(map(len, theirs.values()))} of Syft;", "in both:",
          ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none")
    for title, some, others in (("only Syft", theirs, ours), ("only Holdfast", ours, theirs)):
        for key in sorted(set(some) - set(others)):
            print(f"{title:14}", *key, "at", ", ".join(some[key]))
    for key in sorted(set(ours) & set(theirs)):
        if len(ours[key]) != len(theirs[key]):
            print("other number  ", *key, "Holdfast", ", ".join(sorted(ours[key])), "Syft", ", ".join(sorted(theirs[key])))
    return 1 if set(theirs) - set(ours) else 0


if __name__ == "__main__":
    sys.exit(main())
