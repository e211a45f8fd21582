#!/usr/bin/env python3
"""The API document as it is served, against the schema of OpenAPI 3.0 and the rules that a schema cannot say.

Needs HOLDFAST_PRINT_API_DOCUMENT, python3-jsonschema and Debian's openapi-specification."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

SPECIFICATION = pathlib.Path("/usr/share/openapi-specification/schemas/v3.0/schema.json")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def walk(node):
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


class ApiDocument(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = json.loads(subprocess.run([os.environ["HOLDFAST_PRINT_API_DOCUMENT"]], capture_output=True, check=True).stdout)

    def resolve(self, node):
        """The node itself, or what its reference names."""
        if "$ref" not in node:
            return node
        found = self.document
        for part in node["$ref"].split("/")[1:]:
            found = found[part]
        return found

    def operations(self):
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, item, method, item[method]

    def test_keeps_to_the_schema_of_openapi(self):
        validator = jsonschema.Draft4Validator(json.loads(SPECIFICATION.read_text()))
        self.assertEqual([f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(self.document)], [])

    def test_references_lead_somewhere(self):
        references = {n["$ref"] for n in walk(self.document) if isinstance(n, dict) and isinstance(n.get("$ref"), str)}
        self.assertGreater(len(references), 100)
        for reference in references:
            self.assertRegex(reference, r"^#/components/\w+/\w+$")
            node = self.document
            for part in reference.split("/")[1:]:
                self.assertIn(part, node, reference)
                node = node[part]

    def test_operations_are_told_apart_and_described(self):
        ids = [operation["operationId"] for _, _, _, operation in self.operations()]
        self.assertEqual(len(ids), len(set(ids)))
        for _, _, _, operation in self.operations():
            self.assertRegex(operation["operationId"], r"^[a-z][a-z_]+$")
            self.assertGreater(len(operation["summary"]), 5, operation["operationId"])

    def test_paths_and_their_parameters_agree(self):
        shapes = [re.sub(r"{\w+}", "{}", path) for path in self.document["paths"]]
        self.assertEqual(len(shapes), len(set(shapes)))
        for path, item, method, operation in self.operations():
            parameters = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
            named = [p["name"] for p in parameters if p["in"] == "path"]
            self.assertEqual(named, re.findall(r"{(\w+)}", path), f"{method} {path}")
            keys = [(p["name"], p["in"]) for p in parameters]
            self.assertEqual(len(keys), len(set(keys)), f"{method} {path}")

    def test_defaults_keep_to_their_schemas(self):
        count = 0
        for node in walk(self.document):
            if isinstance(node, dict) and "default" in node and "type" in node:
                schema = {key: value for key, value in node.items() if key not in ("default", "format")}
                jsonschema.Draft4Validator(schema).validate(node["default"])
                count += 1
        self.assertGreater(count, 30)

    def test_answers_tell_what_can_go_wrong(self):
        for path, _, method, operation in self.operations():
            where = f"{method} {path}"
            responses = operation["responses"]
            self.assertTrue({"200", "204"} & responses.keys(), where)
            self.assertIn("500", responses, where)
            if operation.get("security") != []:
                self.assertLessEqual({"401", "403"}, responses.keys(), where)
            if "{" in path:
                self.assertIn("404", responses, where)


if __name__ == "__main__":
    run_unittest.main()
