#!/usr/bin/env python3
"""Outputs of the real program against published schemas, and the program's behaviour on its command line.

Needs HOLDFAST_BINARY and python3-jsonschema. The CycloneDX schema comes from the shared sample data; without it
that part is skipped, with a line."""

import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
SHARED = pathlib.Path(os.environ.get("HOLDFAST_SHARED_DATA", ROOT.parent / "shared/data"))
DEMO = ROOT / "demo/image.tar.xz"
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}


def run(*arguments, **options):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, env=ENVIRONMENT, timeout=120, **options)


def layer(files):
    """A tar of path → content (bytes), as bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


HOSTILE = layer({
    "usr/lib/node_modules/evil/package.json": json.dumps({
        "name": "e\x1b[2Jvil\n<script>\"'\\", "version": "1.0.0\u202e", "license": "MIT OR \x07Nonsense",
        "author": "A\u0000B", "homepage": "javascript:alert(1)"}).encode(),
    "usr/lib/node_modules/long/package.json": json.dumps({"name": "n" * 100_000, "version": "1"}).encode(),
    "usr/lib/python3/dist-packages/x-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: b\xff\xfed\nVersion: 1\nLicense: \xc3(\n",
    "var/lib/dpkg/status": b"Package: ok\nStatus: install ok installed\nVersion: 1:2-3\nArchitecture: all\nMaintainer: \"Q\" <q@x>\n\n",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
})


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        base = pathlib.Path(cls.folder.name)
        cls.database = base / "demo.hfdb"
        built = run("db", "build", ROOT / "demo/advisories", "-o", cls.database)
        assert built.returncode == 0, built.stderr
        cls.targets = {"demo": DEMO, "hostile": base / "hostile.tar", "empty": base / "empty.tar", "broken": base / "broken.tar"}
        cls.targets["hostile"].write_bytes(HOSTILE)
        cls.targets["empty"].write_bytes(layer({"a": b""}))
        cls.targets["broken"].write_bytes(HOSTILE[:-12000])
        cls.base = base

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def scan(self, name, output, command="scan"):
        arguments = [command, "-q", "-o", output, self.targets[name]]
        result = run(*arguments, *(["--db", self.database] if command == "scan" else []))
        self.assertIn(result.returncode, (0, 4), result.stderr)
        return json.loads(result.stdout)

    def test_native_json_is_what_the_schema_says(self):
        validator = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schema/holdfast-1.json").read_text()))
        for name in self.targets:
            for command in ("scan", "sbom"):
                document = self.scan(name, "json", command)
                errors = [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document)]
                self.assertEqual(errors, [], name)
                self.assertEqual("findings" in document, command == "scan")
                count = len(document["packages"])
                for relation in document["relations"]:
                    self.assertLess(max(relation["from"], relation["to"]), count)
        self.assertGreater(len(self.scan("demo", "json")["findings"]), 20)

    def test_cyclonedx_is_valid(self):
        archive = SHARED / "formats/schemas-and-purl.tar.zst"
        if not archive.is_file():
            self.skipTest("no shared sample data")
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", self.base], check=True)
        schemas = self.base / "cyclonedx/schema"
        store = {}
        for path in schemas.glob("*.json"):
            document = json.loads(path.read_text())
            store[document.get("$id", path.name)] = document
            store["http://cyclonedx.org/schema/" + path.name] = document
        main = json.loads((schemas / "bom-1.6.schema.json").read_text())
        resolver = jsonschema.RefResolver(base_uri=main["$id"], referrer=main, store=store)
        validator = jsonschema.Draft7Validator(main, resolver=resolver)
        for name in self.targets:
            for command in ("scan", "sbom"):
                document = self.scan(name, "cyclonedx-json", command)
                errors = [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document)]
                self.assertEqual(errors, [], name)
                refs = [component["bom-ref"] for component in document["components"]]
                self.assertEqual(len(refs), len(set(refs)))
                for dependency in document["dependencies"]:
                    self.assertIn(dependency["ref"], refs)

    def test_spdx_has_what_the_specification_requires(self):
        # SPDX 2.3 clauses 6, 7, 10 and 11: mandatory fields, unique ids, references to ids that exist.
        for name in self.targets:
            document = self.scan(name, "spdx-json", "sbom")
            for field in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"):
                self.assertTrue(document[field])
            ids = {"SPDXRef-DOCUMENT"}
            licences = {entry["licenseId"] for entry in document["hasExtractedLicensingInfos"]}
            for package in document["packages"]:
                self.assertRegex(package["SPDXID"], r"^SPDXRef-[a-zA-Z0-9.-]+$")
                self.assertNotIn(package["SPDXID"], ids)
                ids.add(package["SPDXID"])
                self.assertTrue(package["name"])
                self.assertIn("downloadLocation", package)
                for word in package["licenseDeclared"].replace("(", " ").replace(")", " ").split():
                    if word.startswith("LicenseRef-"):
                        self.assertIn(word, licences)
            for relationship in document["relationships"]:
                self.assertIn(relationship["spdxElementId"], ids)
                self.assertIn(relationship["relatedSpdxElement"], ids)

    def test_syft_json_has_what_its_schema_requires(self):
        # Required fields of schema 16.1.0, unique ids, relations between ids that exist.
        for name in self.targets:
            document = self.scan(name, "syft-json", "sbom")
            self.assertEqual(list(document)[0], "artifacts")
            self.assertEqual(list(document)[-1], "schema")  # readers look for it at the end
            self.assertLessEqual({"artifactRelationships", "source", "distro", "descriptor"}, set(document))
            self.assertLessEqual({"id", "name", "version", "type", "metadata"}, set(document["source"]))
            ids = {document["source"]["id"]}
            for artifact in document["artifacts"]:
                for field in ("id", "name", "version", "type", "foundBy", "language", "purl"):
                    self.assertIsInstance(artifact[field], str, field)
                for field in ("locations", "licenses", "cpes"):
                    self.assertIsInstance(artifact[field], list, field)
                self.assertRegex(artifact["id"], "^[0-9a-f]{16}$")
                self.assertNotIn(artifact["id"], ids)
                ids.add(artifact["id"])
            for relationship in document["artifactRelationships"]:
                self.assertIn(relationship["parent"], ids)
                self.assertIn(relationship["child"], ids)

    def test_equal_input_gives_equal_bytes(self):
        for output in ("json", "cyclonedx-json", "spdx-json", "syft-json", "table"):
            first, second = (run("scan", "-q", "--db", self.database, "-o", output, DEMO).stdout for _ in range(2))
            self.assertEqual(first, second, output)

    def test_the_table_is_safe_for_terminals(self):
        result = run("sbom", "-q", self.targets["hostile"])
        self.assertNotIn(b"\x1b", result.stdout)
        self.assertNotIn("\u202e".encode(), result.stdout)


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.base = pathlib.Path(cls.folder.name)
        cls.database = cls.base / "demo.hfdb"
        run("db", "build", ROOT / "demo/advisories", "-o", cls.database)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def code(self, *arguments):
        result = run(*arguments)
        return result.returncode, result.stdout.decode(), result.stderr.decode()

    def test_exit_codes(self):
        scan = ["scan", "--db", self.database]
        broken = self.base / "broken.tar"
        broken.write_bytes(HOSTILE[:-12000])
        cases = [
            (0, [*scan, DEMO], ""),
            (0, [*scan, "--fail-on", "critical", DEMO], ""),
            (1, [*scan, "--fail-on", "high", DEMO], ""),
            (2, [*scan, "--fail-on", "terrible", DEMO], "terrible"),
            (2, [*scan, "-o", "yaml", DEMO], "unknown output format 'yaml'"),
            (2, [*scan], "TARGET is required"),
            (2, ["frobnicate"], "frobnicate"),
            (3, [*scan, "oci-archive:/nonexistent.tar"], "nonexistent"),
            (4, [*scan, broken], "truncated"),
            (5, ["scan", "--db", "/nonexistent.hfdb", DEMO], "no advisory snapshot at /nonexistent.hfdb"),
            (5, ["scan", "--db", DEMO, DEMO], ""),
            (6, [*scan, "-o", "json=/nonexistent/out.json", DEMO], "/nonexistent/out.json"),
        ]
        for expected, arguments, part in cases:
            code, _out, err = self.code(*arguments)
            self.assertEqual(code, expected, (arguments, err))
            self.assertIn(part, err)

    def test_data_and_talk_are_apart(self):
        code, out, err = self.code("scan", "--db", self.database, "-o", "json", DEMO)
        self.assertEqual((code, err), (0, ""))
        json.loads(out)

    def test_outputs_may_be_several(self):
        target = self.base / "out.json"
        code, out, _err = self.code("scan", "--db", self.database, "-o", "table", "-o", f"json={target}", DEMO)
        self.assertEqual(code, 0)
        self.assertIn("22 packages", out)
        self.assertEqual(len(json.loads(target.read_text())["packages"]), 22)
        self.assertEqual(self.code("scan", "-o", "json", "-o", "table", DEMO)[0], 2)

    def test_filters(self):
        all_of_them = json.loads(self.code("scan", "--db", self.database, "-o", "json", DEMO)[1])["findings"]
        fixed = json.loads(self.code("scan", "--db", self.database, "--only-fixed", "-o", "json", DEMO)[1])["findings"]
        self.assertEqual(fixed, [f for f in all_of_them if f["fix"]["versions"]])

    def test_secrets_are_listed_when_asked_for_and_never_shown(self):
        target = self.base / "secrets.tar"
        password = "correct0horse1battery2staple"
        target.write_bytes(layer({
            "app/.env": b"# nothing\nAPI_KEY=" + password.encode() + b"\n",
            "app/id": b"-----BEGIN " + b"PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"}))
        scan = ["scan", "-vv", "--db", self.database, "-o", "json"]
        self.assertNotIn("secrets", json.loads(self.code(*scan, target)[1]))
        schema = json.loads((ROOT / "docs/schema/holdfast-1.json").read_text())
        for sandbox in ("require", "off"):
            code, out, err = self.code(*scan, "--secrets", "--sandbox", sandbox, target)
            self.assertEqual(code, 0, err)
            document = json.loads(out)
            jsonschema.Draft202012Validator(schema).validate(document)
            found = [(s["path"], s["name"], s["lines"]) for s in document["secrets"]]
            self.assertEqual(found, [("app/.env", "API_KEY", [1]), ("app/id", "PRIV_KEY", [0])])
            self.assertNotIn(password, out + err)
            self.assertIn("2 files hold what looks like secrets", err)

    def test_standard_input_gives_the_same(self):
        with open(DEMO, "rb") as image:
            piped = run("sbom", "-q", "-o", "json", "-", stdin=image)
        self.assertEqual(piped.returncode, 0, piped.stderr)
        direct = json.loads(run("sbom", "-q", "-o", "json", DEMO).stdout)
        self.assertEqual(json.loads(piped.stdout)["packages"], direct["packages"])

    def test_a_reader_that_leaves_early_does_no_harm(self):
        result = subprocess.run(f"'{BINARY}' sbom -q -o json '{DEMO}' | head -c 10", shell=True, capture_output=True)
        self.assertEqual((result.returncode, len(result.stdout)), (0, 10))
        self.assertNotIn(b"Traceback", result.stderr)

    def test_completion_and_manual(self):
        script = run("completion", "bash").stdout.decode()
        subprocess.run(["bash", "-n"], input=script.encode(), check=True)
        words = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(holdfast scan --fa); COMP_CWORD=2; _holdfast; echo ${COMPREPLY[@]}"],
                               capture_output=True, check=True).stdout.decode()
        self.assertIn("--fail-on", words)
        for shell in ("zsh", "fish"):
            self.assertIn("holdfast", run("completion", shell).stdout.decode())
        manual = run("manual").stdout.decode()
        for part in (".TH HOLDFAST 1", ".SH EXIT STATUS", "fail\\-on", "HOLDFAST_DB"):
            self.assertIn(part, manual)

    def test_sandbox_modes_agree(self):
        required = run("sbom", "-q", "--sandbox=require", "-o", "json", DEMO)
        off = run("sbom", "-q", "--sandbox=off", "-o", "json", DEMO)
        self.assertEqual((required.returncode, off.returncode), (0, 0), required.stderr)
        self.assertEqual(required.stdout, off.stdout)


if __name__ == "__main__":
    if not os.access(BINARY, os.X_OK):
        print(f"no program at {BINARY}: set HOLDFAST_BINARY")
        sys.exit(1)
    run_unittest.main()
