#!/usr/bin/env python3
"""Counts the cases of all GoogleTest result files, names the skipped ones with their reason, and closes
with the line "N passed, N failed, N skipped"."""

import json
import pathlib
import sys

passed = failed = 0
skipped = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    for suite in json.loads(path.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{suite['name']}.{case['name']}"
            if case.get("result") == "SKIPPED":
                reason = " ".join(s.get("message", "") for s in case.get("skipped", []))
                skipped.append((name, reason.strip().splitlines()[-1] if reason.strip() else "no reason given"))
            elif case.get("failures"):
                failed += 1
            else:
                passed += 1
for name, reason in skipped:
    print(f"skipped {name}: {reason}")
print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
sys.exit(1 if failed or not passed else 0)
