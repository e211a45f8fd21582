#!/usr/bin/env python3
"""Sample images with random damage: each run must end in a result (exit 0), a partial result that says so (4), or one
clear error (3); in bounded time and memory. HOLDFAST_SOAK runs 1,000 truncations and 10,000 byte flips an image."""

import bz2
import collections
import gzip
import json
import lzma
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
SHARED = pathlib.Path(os.environ.get("HOLDFAST_SHARED_DATA", ROOT.parent / "shared/data"))
SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
TRUNCATIONS, FLIPS = (1000, 10_000) if SOAK else (6, 14)
SECONDS_MAX = 30
MEMORY_KIB_MAX = 400 * 1024


def plain(path):
    """The archive without its compression: flips in there reach the parsers, not the checksum of gzip."""
    data = path.read_bytes()
    opener = {b"\x1f\x8b": gzip.decompress, b"\xfd7": lzma.decompress, b"BZ": bz2.decompress}.get(data[:2])
    return opener(data) if opener else data


@unittest.skipUnless((SHARED / "images").is_dir(), "no shared sample data")
class Damage(unittest.TestCase):
    def run_on(self, file):
        result = subprocess.run([BINARY, "sbom", "-q", "-o", "json", str(file)],
                                capture_output=True, timeout=SECONDS_MAX)
        detail = f"{file.name}: exit {result.returncode}: {result.stderr.decode(errors='replace')[:500]}"
        self.assertIn(result.returncode, (0, 3, 4), detail)
        if result.returncode == 3:
            self.assertEqual(result.stderr.count(b"\n"), 1, detail)
        else:
            self.assertEqual(json.loads(result.stdout)["complete"], result.returncode == 0, detail)
        return result.returncode

    def check(self, image, seed):
        rng = random.Random(seed)
        outcomes = collections.Counter()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / image.name
            packed, unpacked = image.read_bytes(), plain(image)
            for _ in range(TRUNCATIONS):
                file.write_bytes(packed[:rng.randrange(len(packed))])
                outcomes[self.run_on(file)] += 1
            for flip in range(FLIPS):
                data = bytearray(packed if flip % 4 == 0 else unpacked)
                # Headers are few among so many bytes: half of the flips go for the first of them.
                reach = len(data) if flip % 2 == 0 else min(len(data), 4096)
                data[rng.randrange(reach)] ^= rng.randrange(1, 256)
                file.write_bytes(data)
                outcomes[self.run_on(file)] += 1
        print(f"{image.name}: {dict(sorted(outcomes.items()))}", file=sys.stderr)

    def test_damaged_images(self):
        for number, image in enumerate(sorted((SHARED / "images").glob("*.tar.?z"))):
            with self.subTest(image.name):
                self.check(image, number)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak, MEMORY_KIB_MAX)


if __name__ == "__main__":
    run_unittest.main()
