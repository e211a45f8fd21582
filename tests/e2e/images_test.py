#!/usr/bin/env python3
"""Every sample image against the package list of its own tool, through every kind of source, and layer by layer.

Needs HOLDFAST_BINARY and, for the sample images, HOLDFAST_SHARED_DATA (skipped with a line where absent)."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
SHARED = pathlib.Path(os.environ.get("HOLDFAST_SHARED_DATA", ROOT.parent / "shared/data"))
GOLDENS = ROOT / "tests/e2e/testdata"
KINDS = {"rpm", "deb", "apk"}


def sbom(*arguments, stdin=None):
    result = subprocess.run([BINARY, "sbom", "-q", "-o", "json", *map(str, arguments)], capture_output=True, stdin=stdin,
                            timeout=120)
    if result.returncode != 0:
        raise AssertionError(f"{arguments}: exit {result.returncode}: {result.stderr.decode()}")
    return json.loads(result.stdout)


def packages(document):
    return sorted(f"{p['name']} {p['version']} {p['architecture']}" for p in document["packages"] if p["type"] in KINDS)


def image_of(name):
    return next((SHARED / "images").glob(name + ".tar.?z"))


@unittest.skipUnless((SHARED / "images").is_dir(), "no shared sample data")
class SampleImages(unittest.TestCase):
    def test_each_image_has_the_packages_its_own_tool_lists(self):
        goldens = sorted(GOLDENS.glob("packages_*.txt"))
        self.assertGreaterEqual(len(goldens), 10)
        for golden in goldens:
            with self.subTest(golden.stem):
                document = sbom(image_of(golden.stem.removeprefix("packages_")))
                self.assertEqual(packages(document), sorted(golden.read_text().splitlines()))
                self.assertTrue(document["complete"], document["problems"])

    def test_every_image_has_a_golden(self):
        named = {golden.stem.removeprefix("packages_") for golden in GOLDENS.glob("packages_*.txt")}
        for image in (SHARED / "images").glob("*.tar.?z"):
            self.assertIn(image.name.split(".tar.")[0], named | {"busybox-oci-layout.tar.zst".split(".tar.")[0]})

    def test_all_sources_agree(self):
        with tempfile.TemporaryDirectory() as folder:
            base = pathlib.Path(folder)
            archive = base / "alpine.tar"
            archive.write_bytes(subprocess.run(["gzip", "-dc", image_of("alpine-39")], capture_output=True, check=True).stdout)
            subprocess.run(["skopeo", "copy", "-q", f"docker-archive:{archive}", f"oci:{base}/layout:tag"], check=True)
            subprocess.run(["skopeo", "copy", "-q", f"docker-archive:{archive}", f"oci-archive:{base}/oci.tar:tag"], check=True)
            subprocess.run(["skopeo", "copy", "-q", f"docker-archive:{archive}", f"docker-archive:{base}/again.tar:x:y"], check=True)
            reference = sbom(archive)
            with open(image_of("alpine-39"), "rb") as compressed:
                documents = {"stdin": sbom("-", stdin=compressed)}
            for target in (image_of("alpine-39"), f"docker-archive:{archive}", f"oci-dir:{base}/layout", base / "layout",
                           f"oci-archive:{base}/oci.tar", base / "oci.tar", base / "again.tar"):
                documents[str(target)] = sbom(target)
            for target, document in documents.items():
                self.assertEqual(document["packages"], reference["packages"], target)
                self.assertEqual([l["diffId"] for l in document["source"]["layers"]],
                                 [l["diffId"] for l in reference["source"]["layers"]], target)
            root = base / "root"
            root.mkdir()
            with tarfile.open(archive) as outer:
                layer = json.load(outer.extractfile("manifest.json"))[0]["Layers"][0]
                subprocess.run(["tar", "-x", "-C", root, "--exclude=dev/*"], input=outer.extractfile(layer).read(), check=True)
            self.assertEqual(packages(sbom(f"dir:{root}")), packages(reference))


def layer(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def docker_archive(path, layers):
    diff_ids = ["sha256:" + hashlib.sha256(blob).hexdigest() for blob in layers]
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["t:1"], "Layers": [f"{i}.tar" for i in range(len(layers))]}]).encode()
    path.write_bytes(layer({**{f"{i}.tar": blob for i, blob in enumerate(layers)}, "config.json": config, "manifest.json": manifest}))


def status(*names):
    return "".join(f"Package: {n}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n" for n in names).encode()


class Layers(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.base)

    def test_a_package_belongs_to_the_layer_that_brought_it(self):
        package_json = b'{"name": "left-pad", "version": "1.0.0"}'
        docker_archive(self.base / "image.tar", [
            layer({"etc/os-release": b"ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": status("base", "gone")}),
            layer({"var/lib/dpkg/status": status("base", "gone", "added"), "app/node_modules/left-pad/package.json": package_json,
                   "app/node_modules/doomed/package.json": b'{"name": "doomed", "version": "1.0.0"}'}),
            layer({"var/lib/dpkg/status": status("added", "base"), "app/node_modules/.wh.doomed": b""}),
        ])
        document = sbom(self.base / "image.tar")
        found = {p["name"]: p["locations"][0]["layer"] for p in document["packages"]}
        self.assertEqual(found, {"base": 0, "added": 1, "left-pad": 1})

    def test_a_language_package_that_a_distribution_package_owns_says_so(self):
        metadata = b"Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\n"
        path = "usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA"
        docker_archive(self.base / "image.tar", [layer({
            "etc/os-release": b"ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": status("python3-yaml"),
            "var/lib/dpkg/info/python3-yaml.list": f"/.\n/usr\n/{path}\n".encode(), path: metadata})])
        document = sbom(self.base / "image.tar")
        names = [p["name"] for p in document["packages"]]
        owns = [r for r in document["relations"] if r["kind"] == "owns"]
        self.assertEqual([(names[r["from"]], names[r["to"]]) for r in owns], [("python3-yaml", "PyYAML")])

    def test_a_wrong_diff_id_is_told(self):
        docker_archive(self.base / "image.tar", [layer({"etc/os-release": b"ID=debian\n"})])
        content = (self.base / "image.tar").read_bytes()
        digest = hashlib.sha256(layer({"etc/os-release": b"ID=debian\n"})).hexdigest().encode()
        (self.base / "image.tar").write_bytes(content.replace(digest, b"0" * 64))
        result = subprocess.run([BINARY, "sbom", "-q", "-o", "json", self.base / "image.tar"], capture_output=True)
        self.assertEqual(result.returncode, 4)
        self.assertIn("config states", json.loads(result.stdout)["problems"][0]["message"])


if __name__ == "__main__":
    if not os.access(BINARY, os.X_OK):
        print(f"no program at {BINARY}: set HOLDFAST_BINARY")
        sys.exit(1)
    run_unittest.main()
