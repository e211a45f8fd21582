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

    def findings(self, *arguments, **options):
        """Code, what the findings are and where, and the whole document."""
        result = run("scan", "-q", "--db", self.database, "-o", "json", *arguments, **options)
        if not result.stdout:
            return result.returncode, None, None
        document = json.loads(result.stdout)
        packages = document["packages"]
        found = sorted(
            json.dumps([f["id"], f["severity"], f["fix"], f["reason"], packages[f["package"]]["name"],
                        [where["path"] for where in packages[f["package"]]["locations"]][:1]]) for f in document["findings"])
        return result.returncode, found, document

    def test_what_is_written_is_read_again(self):
        _code, expected, _document = self.findings(DEMO)
        self.assertGreater(len(expected), 20)
        validator = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schema/holdfast-1.json").read_text()))
        for output in ("json", "cyclonedx-json", "spdx-json", "syft-json"):
            for command, database in (("scan", ["--db", self.database]), ("sbom", [])):
                target = self.base / "a file of no telling name"
                self.assertEqual(run(command, "-q", *database, "-o", f"{output}={target}", DEMO).returncode, 0)
                for sandbox in ("require", "off"):
                    code, found, document = self.findings("--sandbox", sandbox, target)
                    self.assertEqual((code, found), (0, expected), (output, command, sandbox))
                    self.assertEqual((document["document"]["grade"], document["document"]["gaps"]), ("A", []), output)
                    self.assertEqual([e.message for e in validator.iter_errors(document)], [])
                code, found, document = self.findings(f"sbom:{target}")
                self.assertEqual((code, found), (0, expected), output)
                with open(target, "rb") as stream:
                    self.assertEqual(self.findings("-", stdin=stream)[:2], (0, expected), output)
                with open(target, "rb") as stream:
                    self.assertEqual(self.findings("sbom:-", stdin=stream)[:2], (0, expected), output)

    def test_package_urls(self):
        openssl = "pkg:rpm/almalinux/openssl-libs@3.0.7-24.el9?arch=aarch64&distro=almalinux-9.3&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm"
        code, single, document = self.findings(openssl)
        self.assertEqual(code, 0)
        self.assertGreater(len(single), 10)
        self.assertEqual(document["packages"][0]["version"], "1:3.0.7-24.el9")
        self.assertEqual(document["document"]["grade"], "B")
        listed = self.base / "list"
        listed.write_text(f"# what runs here\n{openssl}  # patched?\n\npkg:npm/nothing-of-that-name@1.0.0\n")
        for target in (listed, f"purl:{listed}"):
            self.assertEqual(self.findings(target)[:2], (0, single))
        listed.write_text(f"{openssl}\nno package url\n")
        code, found, document = self.findings(f"purl:{listed}")
        self.assertEqual((code, found, document["document"]["grade"]), (4, single, "C"))

    def test_incomplete_empty_and_foreign_documents_are_never_clean(self):
        cases = [
            (4, "empty.json", '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}', "lists no packages"),
            (4, "bare.json", '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"openssl","version":"3"}]}',
             "neither a package URL nor a type"),
            (4, "distro.json", '{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"SPDXRef-a","name":"a","externalRefs":[{"referenceType":"purl",'
             '"referenceLocator":"pkg:deb/a@1?upstream=b"}]}]}', "distribution is not stated"),
            (3, "cut.json", '{"bomFormat":"CycloneDX","components":[', "document"),
            (4, "foreign.json", '{"SchemaVersion":2,"Results":[]}', "no document of a known format"),
            (4, "page.xml", "<html/>", "no document of a known format"),
            (4, "zeros.json", '{"bomFormat":' + "\0" * 600, "no document of a known format"),
            (0, "script.sh", "#!/bin/sh\n", ""),
            (3, "sbom:foreign.json", "", "JSON of another kind"),
            (3, "sbom:page.xml", "", "XML of another kind"),
            (3, "sbom:nothing.json", "", "nothing.json"),
            (3, "purl:empty", "", "empty"),
        ]
        for expected, target, content, part in cases:
            if content:
                (self.base / target).write_text(content)
            if target == "purl:empty":
                (self.base / "empty").write_text("")
            scheme, _, name = target.rpartition(":")
            where = f"{scheme}:{self.base / name}" if scheme else self.base / name
            for sandbox in ("require", "off"):
                code, out, err = self.code("scan", "--db", self.database, "--sandbox", sandbox, where)
                self.assertEqual(code, expected, (target, out, err))
                self.assertIn(part, err, target)
        result = run("scan", "--db", self.database, "-", input=b'{"a":1}')
        self.assertEqual(result.returncode, 3)
        self.assertIn(b"JSON of another kind", result.stderr)
        self.assertIn("completeness F", self.code("scan", "--db", self.database, self.base / "empty.json")[1])

    def test_a_document_that_is_too_long_is_refused(self):
        long = self.base / "long.json"
        with open(long, "wb") as file:
            file.write(b'{"bomFormat":"CycloneDX","components":[' + b" " * 8192)
            file.truncate(100_000_001)
        code, _out, err = self.code("sbom", long)
        self.assertEqual(code, 3)
        self.assertIn("100000000 bytes", err)
        long.unlink()

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
