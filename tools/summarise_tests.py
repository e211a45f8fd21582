#!/usr/bin/env python3
"""Counts the cases of all GoogleTest result files, names the skipped ones with their reason, and closes
with the line "N passed, N failed, N skipped"."""

import pathlib
import sys
import xml.etree.ElementTree as xml

passed = failed = 0
skipped = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
    for case in xml.parse(path).iter("testcase"):
        if (skip := case.find("skipped")) is not None:
            # GoogleTest puts the place in a line before the reason.
            skipped.append((f"{case.get('classname')}.{case.get('name')}", skip.get("message").splitlines()[-1]))
        elif case.find("failure") is not None:
            failed += 1
        else:
            passed += 1
for name, reason in skipped:
    print(f"skipped {name}: {reason}")
print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
sys.exit(1 if failed or not passed else 0)
