#!/usr/bin/env python3
"""Sample images with random damage: each run must end in a result (exit 0), a partial result that says so (4), or one
clear error (3); in bounded time and memory.

Most cases run inside hf_damage (see its source), some through the program itself. With HOLDFAST_SOAK and
HOLDFAST_DAMAGE (an hf_damage built for speed), 1,000 truncations and 10,000 byte flips an image: about an hour."""

import bz2
import collections
import gzip
import io
import json
import lzma
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
DAMAGE = os.environ.get("HOLDFAST_DAMAGE") or os.environ.get("HOLDFAST_FALLBACK_DAMAGE") or str(ROOT / "build/soak/tests/hf_damage")
SHARED = pathlib.Path(os.environ.get("HOLDFAST_SHARED_DATA", ROOT.parent / "shared/data"))
SOAK = bool(os.environ.get("HOLDFAST_SOAK") and os.environ.get("HOLDFAST_DAMAGE"))
TRUNCATIONS, FLIPS = (1000, 10_000) if SOAK else (5, 30)
PROGRAM_TRUNCATIONS, PROGRAM_FLIPS = (20, 60) if SOAK else (2, 6)
SECONDS_MAX = 60
MEMORY_KIB_MAX = 400 * 1024


def unpacked(path):
    """The archive without its compression: flips in there reach the parsers, not the checksum of gzip."""
    data = path.read_bytes()
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
    opener = {b"\x1f\x8b": gzip.decompress, b"\xfd7": lzma.decompress, b"BZ": bz2.decompress}.get(data[:2])
    return opener(data) if opener else data


def write_tar(path, contents):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def rpm_databases(folder):
    """A root file system around each database of RPM: the binary formats among the package databases."""
    with tarfile.open(fileobj=io.BytesIO(unpacked(SHARED / "rpmdb/rpmdb.tar.zst"))) as tar:
        for member in tar:
            path = pathlib.PurePath(member.name)
            if path.name in ("rpmdb.sqlite", "Packages.db", "Packages") and member.size > 0:
                archive = folder / f"{path.parent.name}.tar"
                write_tar(archive, {"etc/os-release": b"ID=fedora\nVERSION_ID=40\n",
                                    f"var/lib/rpm/{path.name}": tar.extractfile(member).read()})
                yield archive


def oci_archive(folder):
    """One of the layouts in the sample as an archive of its own, with all digests that an image can state."""
    prefix = "busybox-amd64/musl/amd64/"
    with tarfile.open(fileobj=io.BytesIO(unpacked(SHARED / "images/busybox-oci-layout.tar.zst"))) as tar:
        names = [name for name in tar.getnames() if name.startswith(prefix)]
        contents = {name.removeprefix(prefix): tar.extractfile(name).read() for name in names
                    if not tar.getmember(name).isdir()}
    wanted = {name: content for name, content in contents.items() if name.startswith("blobs/") or "/" not in name}
    for name in ("image-config.json", "image-manifest.json", "rootfs.tar.gz"):
        wanted.pop(name)
    write_tar(folder / "busybox-musl-oci.tar", wanted)
    yield folder / "busybox-musl-oci.tar"


@unittest.skipUnless((SHARED / "images").is_dir(), "no shared sample data")
class Damage(unittest.TestCase):
    def images(self, folder):
        yield from sorted((SHARED / "images").glob("*.tar.*"))
        yield from oci_archive(folder)
        yield from rpm_databases(folder)

    def test_damaged_images(self):
        with tempfile.TemporaryDirectory() as folder:
            for seed, image in enumerate(self.images(pathlib.Path(folder))):
                with self.subTest(image.name):
                    command = [DAMAGE, image, "--truncations", TRUNCATIONS, "--flips", FLIPS, "--seed", seed,
                               "--seconds-max", SECONDS_MAX, "--memory-mib-max", MEMORY_KIB_MAX // 1024]
                    run = subprocess.run([*map(str, command)], capture_output=True, text=True)
                    print(f"{image.name}: {run.stdout.strip()}", file=sys.stderr)
                    self.assertEqual(run.returncode, 0, run.stderr[-4000:])
                    counts = json.loads(run.stdout)
                    self.assertEqual(counts["failed"], 0)
                    self.assertGreater(counts["partial"] + counts["error"], TRUNCATIONS // 2)
                    self.assertEqual(counts["result"] + counts["partial"] + counts["error"], counts["cases"])

    def run_program(self, file):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as talk:
            program = subprocess.Popen([BINARY, "sbom", "-q", "-o", "json", str(file)], stdout=output, stderr=talk)
            watchdog = threading.Timer(SECONDS_MAX, program.kill)
            watchdog.start()
            _, status, usage = os.wait4(program.pid, 0)
            watchdog.cancel()
            code = program.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            talk.seek(0)
            complaint = talk.read()
            detail = f"{file.name}: exit {code}: {complaint.decode(errors='replace')[:500]}"
            self.assertIn(code, (0, 3, 4), detail)
            self.assertLess(usage.ru_maxrss, MEMORY_KIB_MAX, detail)
            if code == 3:
                self.assertEqual(complaint.count(b"\n"), 1, detail)
            else:
                self.assertEqual(json.loads(output.read())["complete"], code == 0, detail)
        return code

    def damage_for_program(self, image, seed):
        rng = random.Random(seed)
        outcomes = collections.Counter()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / image.name
            packed, plain = image.read_bytes(), unpacked(image)
            for _ in range(PROGRAM_TRUNCATIONS):
                file.write_bytes(packed[:rng.randrange(len(packed))])
                outcomes[self.run_program(file)] += 1
            for flip in range(PROGRAM_FLIPS):
                data = bytearray(packed if flip % 4 == 0 else plain)
                # Headers are few among so many bytes: half of the flips go for the first of them.
                reach = len(data) if flip % 2 == 0 else min(len(data), 4096)
                data[rng.randrange(reach)] ^= rng.randrange(1, 256)
                file.write_bytes(data)
                outcomes[self.run_program(file)] += 1
        print(f"{image.name}: {dict(sorted(outcomes.items()))}", file=sys.stderr)

    def test_damaged_images_through_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            for seed, image in enumerate(self.images(pathlib.Path(folder))):
                with self.subTest(image.name):
                    self.damage_for_program(image, seed)


if __name__ == "__main__":
    run_unittest.main()
