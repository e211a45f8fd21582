#!/usr/bin/env python3
"""Anchore's own client, anchore-cli 0.9.3, against a running server: every command and subcommand, as text and as JSON.

The client is in build/venv (tools/python_env.sh). Images are made here, pushed to a docker-registry on loopback, and
analysed by the server. What the client sends and reads is listed in docs/anchore-compatibility.md.
"""

import base64
import hashlib
import http.server
import io
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
import zipfile

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import platform_server  # noqa: E402
import run_unittest  # noqa: E402
from image_registry import Registry, make_layout, tar_of  # noqa: E402
from platform_server import free_port, wait_until  # noqa: E402

UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"
UNKNOWN_DIGEST = "sha256:" + "0" * 64


APART = os.environ.get("HOLDFAST_TEST_PLATFORM") == "apart"


def start_server(folder, webhook_url):
    """The platform, in one process or (HOLDFAST_TEST_PLATFORM=apart) with a process for each role and four analyzers."""
    return platform_server.Platform(folder, webhook_url, APART)


class Receiver:
    """A web server on loopback that serves files (for the policy hub) and keeps what is posted to it (for webhooks)."""

    def __init__(self, files):
        receiver = self
        self.posted = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b"")

            def do_POST(self):
                receiver.posted.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def jar_of(group, artifact, version):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\r\nImplementation-Version: {version}\r\n\r\n")
        jar.writestr(f"META-INF/maven/{group}/{artifact}/pom.properties",
                     f"groupId={group}\nartifactId={artifact}\nversion={version}\n")
    return out.getvalue()


# A package of each language that needs no compiler.
LANGUAGE_LAYER = {
    "app/node_modules/lodash/package.json": json.dumps({"name": "lodash", "version": "4.17.15", "license": "MIT"}).encode(),
    "usr/lib/python3/dist-packages/requests-2.26.0.dist-info/METADATA":
        b"Metadata-Version: 2.1\nName: requests\nVersion: 2.26.0\nLicense: Apache 2.0\nAuthor: Kenneth Reitz\n",
    "usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.3.gemspec":
        b'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.2.3"\n'
        b'  s.licenses = ["MIT".freeze]\nend\n',
    "app/lib/snakeyaml-1.29.jar": jar_of("org.yaml", "snakeyaml", "1.29"),
}


def bundle_of(identity, rules):
    return {"id": identity, "name": identity, "version": "1_0", "comment": "of a test", "whitelists": [],
            "whitelisted_images": [], "blacklisted_images": [],
            "policies": [{"id": "policy-1", "name": "policy", "version": "1_0", "rules": rules}],
            "mappings": [{"id": "mapping-1", "name": "all", "registry": "*", "repository": "*",
                          "image": {"type": "tag", "value": "*"}, "policy_ids": ["policy-1"], "whitelist_ids": []}]}


STOP_ALWAYS = [{"id": "rule-1", "gate": "always", "trigger": "always", "action": "STOP", "params": []}]
HUB_INDEX = {"name": "hub", "content": [
    {"name": "hub_bundle", "type": "bundle", "description": "A bundle of the hub", "location": "bundles/hub.json"},
    {"name": "not_a_bundle", "type": "other", "description": "", "location": ""}]}


class AnchoreCli(unittest.TestCase):
    """One server for all tests; the image team/app:1 is analysed before the first. Tests change only what they made."""

    maxDiff = None
    ran = set()

    @classmethod
    def setUpClass(cls):
        for program in ("docker-registry", "skopeo"):
            if shutil.which(program) is None:
                raise AssertionError(f"{program} is not installed (tools/install_packages.sh test)")
        cls.bin = pathlib.Path(subprocess.run([ROOT / "tools/python_env.sh"], check=True, capture_output=True,
                                              text=True).stdout.strip())
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.receiver = Receiver({"/index.json": json.dumps(HUB_INDEX).encode(),
                                 "/bundles/hub.json": json.dumps(bundle_of("hub-bundle", STOP_ALWAYS)).encode()})
        cls.addClassCleanup(cls.receiver.stop)
        cls.server = start_server(cls.folder, cls.receiver.url + "/webhook")
        cls.addClassCleanup(cls.server.stop)
        (cls.folder / "registry").mkdir()
        cls.registry = Registry(cls.folder / "registry")
        cls.addClassCleanup(cls.registry.stop)
        cls.commands = cls._all_commands()
        cls.base = lzma.decompress((ROOT / "demo/image.tar.xz").read_bytes())
        cls.app, cls.digest, cls.image_id = cls._push("team/app:1", [cls.base, tar_of(LANGUAGE_LAYER)])
        cls.run_ok("system", "wait", "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5")
        cls.run_ok("image", "add", cls.app, "--annotation", "team=blue")
        cls.run_ok("image", "wait", cls.app, "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5")

    @classmethod
    def _push(cls, name, layers):
        folder = cls.folder / hashlib.sha256(name.encode()).hexdigest()
        history = [{"created": "2024-01-02T03:04:05Z", "created_by": f"/bin/sh -c #(nop) ADD file:{n} in / "}
                   for n in range(len(layers))]
        history.append({"created": "2024-01-02T03:04:06Z", "empty_layer": True,
                        "created_by": '/bin/sh -c #(nop)  CMD ["/bin/bash"]'})
        digest, image_id = make_layout(folder, layers, history)
        cls.registry.push(folder, name)
        return f"{cls.registry.host}/{name}", digest, image_id

    @classmethod
    def _all_commands(cls):
        walk = ("import click, json, anchorecli.cli as c\n"
                "def leaves(command, path):\n"
                "    if isinstance(command, click.Group):\n"
                "        for name, sub in command.commands.items(): yield from leaves(sub, path + [name])\n"
                "    else: yield ' '.join(path)\n"
                "print(json.dumps(sorted(leaves(c.main_entry, []))))")
        out = subprocess.run([cls.bin / "python", "-c", walk], check=True, capture_output=True, text=True).stdout
        return set(json.loads(out)) - {"help"}

    @classmethod
    def cli(cls, *arguments, stdin="", user=None, password=None, options=(), environment=None):
        """Runs the client; which of its commands ran is remembered."""
        words = [str(argument) for argument in arguments]
        named = [command for command in cls.commands if words[:len(command.split())] == command.split()]
        cls.ran.update(named)
        variables = {"PATH": os.environ["PATH"], "HOME": str(cls.folder), "LC_ALL": "C.UTF-8",
                     "ANCHORE_CLI_URL": cls.server.url, "ANCHORE_CLI_USER": user or "admin",
                     "ANCHORE_CLI_PASS": password or platform_server.PASSWORD, "ANCHORE_CLI_HUB_URL": cls.receiver.url}
        return subprocess.run([cls.bin / "anchore-cli", *options, *words], input=stdin, capture_output=True, text=True,
                              timeout=2 * platform_server.DEADLINE_S, env=variables | (environment or {}))

    @classmethod
    def run_ok(cls, *arguments, code=0, **named):
        result = cls.cli(*arguments, **named)
        if result.returncode != code:
            raise AssertionError(f"{arguments}: exit {result.returncode}, not {code}\n{result.stdout}\n{result.stderr}")
        # The client prints this, and the raw answer, when a field that it wants is missing.
        if "WARNING: failed to format output" in result.stdout:
            raise AssertionError(f"{arguments}: {result.stdout}")
        return result.stdout

    @classmethod
    def run_json(cls, *arguments, code=0, **named):
        return json.loads(cls.run_ok(*arguments, code=code, options=("--json",), **named))

    def both(self, *arguments, **named):
        return self.run_ok(*arguments, **named), self.run_json(*arguments, **named)

    def error_of(self, *arguments, code=1, http=None, **named):
        """The error that a command prints as JSON."""
        error = self.run_json(*arguments, code=code, **named)
        self.assertIn("message", error)
        if http is not None:
            self.assertEqual(error["httpcode"], http)
        return error

    def row(self, table, *cells):
        """Asserts a line of a table that has all of these."""
        self.assertTrue(any(all(cell in line for cell in cells) for line in table.splitlines()), f"{cells}\n{table}")

    # System

    def test_system_status(self):
        text, document = self.both("system", "status")
        for service in ("catalog", "apiext", "policy_engine", "simplequeue", "analyzer"):
            self.assertRegex(text, rf"Service {service} \(.*\): up")
        self.assertNotIn("Not Found", text)
        self.assertRegex(text, r"Engine DB Version: \S+")
        self.assertRegex(text, r"Engine Code Version: \S+")
        for state in document["service_states"]:
            self.assertIs(state["status"], True)
            self.assertIs(state["service_detail"]["up"], True)

    def test_metrics(self):
        for role, names in {
                "api": ["anchore_db_read_seconds_count", 'anchore_service_info{host_id="', "anchore_http_request_duration_seconds_count{",
                        'holdfast_db_statement_seconds_count{statement="user.find"}'],
                "catalog": ["anchore_db_write_seconds_count", 'anchore_monitor_runtime_seconds_count{function="'],
                "queue": ['anchore_queue_length{queuename="images_to_analyze"}', 'holdfast_db_statement_seconds_count{statement="job.']
        }.items():
            figures = self.server.metrics(role)
            for name in names:
                self.assertTrue(any(figure.startswith(name) for figure in figures), (role, name, sorted(figures)))
        if "all" in self.server.processes:
            self.assertGreaterEqual(self.server.metrics("all")["anchore_analysis_success"], 1)

    def test_dead_jobs(self):
        name, digest, _ = self._push("team/broken:1", [b"this is no layer" * 100])
        self.run_ok("image", "add", name)

        def dead():
            return [line for line in self.server.command("queue", "dead").stdout.splitlines() if "/team/broken@" in line]
        platform_server.wait_until(dead, "the analysis to fail for good")
        self.assertIn("not a layer", dead()[0])
        self.assertEqual(self.run_json("image", "get", digest)[0]["analysis_status"], "analysis_failed")
        self.assertRegex(self.server.command("queue", "status").stdout, r"analyze +on_demand +0 +0 +1")
        job = dead()[0].split()[0]
        again = self.server.command("queue", "requeue", job)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("1 put back", again.stderr)
        platform_server.wait_until(dead, "the analysis to fail again")
        self.assertEqual(self.server.command("queue", "drop", dead()[0].split()[0]).returncode, 0)
        self.assertEqual(dead(), [])
        gone = self.server.command("queue", "requeue", job)
        self.assertEqual(gone.returncode, 2)
        self.assertIn(f"job {job} is not among the dead", gone.stderr)
        self.assertEqual(self.server.command("queue", "requeue").returncode, 2)

    def test_system_wait(self):
        result = self.cli("system", "wait", "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5")
        self.assertEqual(result.returncode, 0, result.stdout)
        for line in ("API availability: Success.", "Service availability: Success.", "Feed sync: Success."):
            self.assertIn(line, result.stderr)
        self.run_ok("system", "wait", "--timeout", "1", "--interval", "0.2", "--servicesready", "no_such_service", code=2)

    def test_system_errorcodes(self):
        text, document = self.both("system", "errorcodes")
        for code in ("REGISTRY_PERMISSION_DENIED", "REGISTRY_IMAGE_NOT_FOUND", "REGISTRY_NOT_ACCESSIBLE",
                     "REGISTRY_NOT_SUPPORTED", "SKOPEO_UNKNOWN_ERROR", "UNKNOWN", "FEED_SYNC_ALREADY_IN_PROGRESS",
                     "OSARCH_MISMATCH"):
            self.assertIn(code, text)
            self.assertIn(code, [entry["name"] for entry in document])

    def test_system_del(self):
        # A service that runs cannot be deleted; one that is unknown is not there.
        status = self.run_json("system", "status")["service_states"][0]
        self.error_of("system", "del", status["hostid"], status["servicename"], http=409)
        self.error_of("system", "del", "no-such-host", "catalog")

    def test_system_feeds(self):
        text, document = self.both("system", "feeds", "list")
        feed = next(feed for feed in document if feed["name"] == "vulnerabilities")
        self.assertTrue(feed["last_full_sync"])
        self.assertTrue(feed["enabled"])
        group = next(group for group in feed["groups"] if group["name"] == "almalinux:9")
        self.assertGreater(group["record_count"], 0)
        self.row(text, "vulnerabilities", "almalinux:9", group["last_sync"])

        self.assertIn("vulnerabilities", self.run_ok("system", "feeds", "sync", stdin="y\n"))
        self.assertIn("WARNING", self.run_ok("system", "feeds", "sync", stdin="n\n"))
        self.run_ok("system", "feeds", "sync", "--flush", stdin="y\n")

        try:
            self.assertIn("vulnerabilities(disabled)",
                          self.run_ok("system", "feeds", "config", "vulnerabilities", "--disable"))
            self.run_ok("system", "feeds", "delete", "vulnerabilities")
        finally:
            enabled = self.run_json("system", "feeds", "config", "vulnerabilities", "--enable")
            self.run_ok("system", "feeds", "sync", stdin="y\n")
        self.assertIs(enabled[0]["enabled"], True)
        self.error_of("system", "feeds", "delete", "vulnerabilities", http=409)
        self.error_of("system", "feeds", "config", "vulnerabilities", "--group", "almalinux:9", "--disable", http=501)
        self.error_of("system", "feeds", "delete", "vulnerabilities", "--group", "almalinux:9", http=501)

    def test_system_webhook(self):
        before = len(self.receiver.posted)
        self.assertIn("Success", self.run_ok("system", "webhook", "test", "general", "--ntype", "tag_update"))
        wait_until(lambda: len(self.receiver.posted) > before, "the webhook")
        self.assertEqual(json.loads(self.receiver.posted[-1][1])["data"]["notification_type"], "tag_update")

    def test_credentials_are_checked(self):
        self.assertIn("Unauthorized", self.run_ok("image", "list", code=2, password="wrong"))

    # Accounts

    def test_accounts(self):
        text, document = self.both("account", "whoami")
        self.assertIn("Username: " + "admin", text)
        self.assertEqual(document["account"]["type"], "admin")

        text = self.run_ok("account", "add", "crew", "--email", "crew@example.org")
        for line in ("Name: crew", "Email: crew@example.org", "Type: user", "State: enabled"):
            self.assertIn(line, text)
        self.error_of("account", "add", "crew")
        self.assertEqual(self.run_json("account", "get", "crew")["email"], "crew@example.org")
        self.row(self.run_ok("account", "list"), "crew", "crew@example.org", "enabled")

        text = self.run_ok("account", "user", "add", "sailor", "password1", "--account", "crew")
        self.assertIn("Name: sailor", text)
        self.assertIn("Type: native", text)
        self.assertIn("sailor", self.run_ok("account", "user", "list", "--account", "crew"))
        self.assertEqual(self.run_json("account", "user", "get", "sailor", "--account", "crew")["username"], "sailor")
        self.assertIn("AccountName: crew", self.run_ok("account", "whoami", user="sailor", password="password1"))
        self.assertEqual(self.run_json("image", "list", user="sailor", password="password1"), [])
        as_crew = self.run_ok("image", "list", options=("--json", "--as-account", "crew"))
        self.assertEqual(json.loads(as_crew), [])
        self.assertIn("success", self.run_ok("account", "user", "setpassword", "password2", "--username", "sailor",
                                             "--account", "crew"))
        self.run_ok("account", "whoami", user="sailor", password="password1", code=2)
        self.run_ok("account", "whoami", user="sailor", password="password2")
        self.assertIn("Success", self.run_ok("account", "user", "del", "sailor", "--account", "crew"))
        self.error_of("account", "user", "get", "sailor", "--account", "crew", http=404)

        self.assertIn("must be disabled", self.run_ok("account", "del", "crew", "--dontask", code=1))
        self.assertIn("Success", self.run_ok("account", "disable", "crew"))
        self.assertEqual(self.run_json("account", "get", "crew")["state"], "disabled")
        self.assertIn("Success", self.run_ok("account", "enable", "crew"))
        self.run_ok("account", "disable", "crew")
        self.assertIn("Success", self.run_ok("account", "del", "crew", "--dontask"))
        wait_until(lambda: self.cli("account", "get", "crew").returncode == 1, "the account's end")

    # Images

    def test_image_get_and_list(self):
        text, document = self.both("image", "get", self.app)
        record = document[0]
        self.assertEqual(record["imageDigest"], self.digest)
        self.assertEqual(record["analysis_status"], "analyzed")
        self.assertEqual(record["annotations"], {"team": "blue"})
        metadata = record["image_content"]["metadata"]
        self.assertEqual((metadata["distro"], metadata["distro_version"], metadata["layer_count"],
                          metadata["dockerfile_mode"]), ("almalinux", "9.3", 2, "Guessed"))
        self.assertEqual(record["image_detail"][0]["imageId"], self.image_id)
        for line in (f"Image Digest: {self.digest}", "Analysis Status: analyzed", "Image Type: docker",
                     f"Image ID: {self.image_id}", "Dockerfile Mode: Guessed", "Distro: almalinux",
                     "Distro Version: 9.3", "Layer Count: 2", "Annotations: team=blue", f"Full Tag: {self.app}"):
            self.assertIn(line, text)
        self.assertEqual(self.run_json("image", "get", self.digest)[0]["imageDigest"], self.digest)
        self.assertEqual(self.run_json("image", "get", self.image_id)[0]["imageDigest"], self.digest)
        self.assertEqual(self.run_json("image", "get", self.app, "--show-history")[0]["imageDigest"], self.digest)
        self.error_of("image", "get", UNKNOWN_DIGEST, http=404)

        text, document = self.both("image", "list")
        self.row(text, self.app, self.digest, "analyzed")
        self.assertIn(self.digest, [record["imageDigest"] for record in document])
        self.row(self.run_ok("image", "list", "--full"), self.app, self.digest, self.image_id)
        self.row(self.run_ok("image", "list", "--show-all"), self.app, self.digest)

    def test_image_add_and_del(self):
        name, digest, _ = self._push("team/gone:1", [tar_of({"etc/motd": b"hello\n"})])
        dockerfile = self.folder / "Dockerfile"
        dockerfile.write_text("FROM scratch\nCOPY motd /etc/motd\n")
        text = self.run_ok("image", "add", name, "--dockerfile", dockerfile, "--noautosubscribe")
        self.assertIn("Analysis Status: not_analyzed", text)
        self.assertIn("Analysis Status: analyzed",
                      self.run_ok("image", "wait", name, "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5"))
        self.assertEqual(self.run_json("image", "get", name)[0]["image_content"]["metadata"]["dockerfile_mode"], "Actual")
        self.assertIn("COPY motd", self.run_ok("image", "metadata", name, "dockerfile"))
        # Unchanged when added again, analysed again with --force.
        self.assertEqual(self.run_json("image", "add", name)[0]["analysis_status"], "analyzed")
        self.assertEqual(self.run_json("image", "add", name, "--force")[0]["analysis_status"], "not_analyzed")
        self.run_ok("image", "wait", name, "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5")
        self.assertEqual(self.run_json("image", "del", name, "--force")["status"], "deleting")
        wait_until(lambda: self.cli("image", "get", digest).returncode == 1, "the image's end")

        self.error_of("image", "add", f"{self.registry.host}/team/missing:1")
        self.error_of("image", "add", self.digest, code=2)
        self.error_of("image", "wait", f"{self.registry.host}/team/missing:1", "--timeout", "1", code=2)

    def test_image_del_is_refused_for_the_newest_of_a_subscribed_tag(self):
        self.run_ok("subscription", "activate", "tag_update", self.app)
        self.run_ok("image", "del", self.app, code=1)
        self.assertEqual(self.run_json("image", "get", self.app)[0]["image_status"], "active")

    def test_image_del_all(self):
        # In an account of its own: it deletes everything that the account has.
        self.run_ok("account", "add", "cleaner")
        self.run_ok("account", "user", "add", "broom", "password1", "--account", "cleaner")
        as_broom = {"user": "broom", "password": "password1"}
        self.run_ok("image", "add", self.app, **as_broom)
        self.run_ok("image", "wait", self.app, "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5", **as_broom)
        self.assertIn(self.app, self.run_ok("image", "del", "--all", "--force", **as_broom))
        wait_until(lambda: self.run_json("image", "list", **as_broom) == [], "the images' end")
        self.run_ok("account", "disable", "cleaner")
        self.run_ok("account", "del", "cleaner", "--dontask")

    def test_image_import(self):
        # The path that this command posts to was gone before the last release of the API.
        export = self.folder / "export.json"
        export.write_text(json.dumps([{"image": {}}]))
        self.error_of("image", "import", "--infile", export, http=404)

    def test_image_content(self):
        text, types = self.both("image", "content", self.app)
        self.assertLessEqual({"os", "files", "npm", "gem", "python", "java", "binary", "go", "malware"}, set(types))
        self.assertIn("os: available", text)

        text, document = self.both("image", "content", self.app, "os")
        self.assertEqual((document["imageDigest"], document["content_type"]), (self.digest, "os"))
        bash = next(entry for entry in document["content"] if entry["package"] == "bash")
        self.assertEqual((bash["version"], bash["type"], bash["license"]), ("5.1.8-6.el9_1", "rpm", "GPLv3+"))
        self.assertTrue(bash["size"].isdigit())
        self.row(text, "bash", "5.1.8-6.el9_1", "GPLv3+")

        for kind, package, version, location in (
                ("npm", "lodash", "4.17.15", "/app/node_modules/lodash/package.json"),
                ("gem", "rack", "2.2.3", "/usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.3.gemspec"),
                ("python", "requests", "2.26.0", "/usr/lib/python3/dist-packages")):
            text, document = self.both("image", "content", self.digest, kind)
            self.row(text, package, version, location)
            self.assertEqual([entry["type"] for entry in document["content"]], [kind.upper()])
            self.assertTrue(document["content"][0]["cpes"][0].startswith("cpe:2.3:a:"))

        text, document = self.both("image", "content", self.app, "java")
        self.row(text, "snakeyaml", "/app/lib/snakeyaml-1.29.jar")
        self.assertEqual((document["content"][0]["maven-version"], document["content"][0]["type"]), ("1.29", "JAVA-JAR"))

        text, document = self.both("image", "content", self.app, "files")
        entry = next(entry for entry in document["content"] if entry["filename"] == "/app/lib/snakeyaml-1.29.jar")
        jar = LANGUAGE_LAYER["app/lib/snakeyaml-1.29.jar"]
        self.assertEqual((entry["size"], entry["type"], entry["mode"], entry["sha256"]),
                         (len(jar), "file", "00644", hashlib.sha256(jar).hexdigest()))
        self.assertIn("/app/lib/snakeyaml-1.29.jar", text)

        # Nothing to list: the client says so, and fails.
        for kind in ("go", "binary"):
            self.assertEqual(self.run_json("image", "content", self.app, kind)["content"], [])
            self.assertIn("There is no image content", self.run_ok("image", "content", self.app, kind, code=2))
        # Nothing looks for malware: that is said, and not an empty list.
        self.error_of("image", "content", self.app, "malware", http=400)
        self.error_of("image", "content", self.app, "no_such_type", code=2, http=500)

    def test_image_metadata(self):
        text, types = self.both("image", "metadata", self.app)
        self.assertEqual(sorted(types), ["docker_history", "dockerfile", "manifest"])
        self.assertIn("dockerfile: available", text)
        document = self.run_json("image", "metadata", self.app, "dockerfile")
        self.assertEqual(base64.b64decode(document["metadata"]).decode(),
                         'FROM scratch\nADD file:0 in /\nADD file:1 in /\nCMD ["/bin/bash"]\n')
        history = json.loads(base64.b64decode(self.run_json("image", "metadata", self.app, "docker_history")["metadata"]))
        self.assertEqual([step["Id"] == "<missing>" for step in history], [False, False, True])
        manifest = base64.b64decode(self.run_json("image", "metadata", self.app, "manifest")["metadata"])
        self.assertEqual("sha256:" + hashlib.sha256(manifest).hexdigest(), self.digest)
        self.assertIn(f"Image Digest: {self.digest}", self.run_ok("image", "metadata", self.app, "manifest"))

    def test_image_vuln(self):
        text, types = self.both("image", "vuln", self.app)
        self.assertEqual(types, ["os", "non-os", "all"])
        self.assertIn("non-os: available", text)
        text, document = self.both("image", "vuln", self.app, "all")
        self.assertEqual((document["imageDigest"], document["vulnerability_type"]), (self.digest, "all"))
        findings = document["vulnerabilities"]
        for finding in findings:
            for key in ("vuln", "severity", "url", "fix", "package", "package_name", "package_version", "package_type",
                        "package_cpe", "package_cpe23", "package_path", "feed", "feed_group"):
                self.assertIsInstance(finding[key], str, key)
            self.assertIn(finding["severity"], ("Unknown", "Negligible", "Low", "Medium", "High", "Critical"))
        glibc = next(f for f in findings if f["vuln"] == "CVE-2024-2961" and f["package_name"] == "glibc")
        self.assertEqual((glibc["package_type"], glibc["package_path"], glibc["feed_group"]),
                         ("rpm", "pkgdb", "almalinux:9"))
        self.row(text, "CVE-2024-2961", "glibc-2.34-83.el9_3.7", "rpm", "pkgdb")
        snakeyaml = next(f for f in findings if f["package_name"] == "snakeyaml" and f["package_type"] == "java")
        self.assertEqual((snakeyaml["feed_group"], snakeyaml["package_path"]), ("github:java", "/app/lib/snakeyaml-1.29.jar"))
        parts = {kind: self.run_json("image", "vuln", self.app, kind)["vulnerabilities"] for kind in ("os", "non-os")}
        self.assertEqual({f["package_type"] for f in parts["os"]}, {"rpm"})
        self.assertNotIn("rpm", {f["package_type"] for f in parts["non-os"]})
        self.assertEqual(len(parts["os"]) + len(parts["non-os"]), len(findings))
        everything = self.run_json("image", "vuln", self.app, "all", "--vendor-only", "False")["vulnerabilities"]
        self.assertGreaterEqual(len(everything), len(findings))
        self.error_of("image", "vuln", self.app, "no_such_type", http=404)
        self.error_of("image", "vuln", UNKNOWN_DIGEST, "all", http=404)

    # Policies

    def _add_policy(self, identity, rules):
        path = self.folder / (identity + ".json")
        path.write_text(json.dumps(bundle_of(identity, rules)))
        return self.run_ok("policy", "add", path)

    def test_policies(self):
        active = next(record["policyId"] for record in self.run_json("policy", "list") if record["active"])
        text = self._add_policy("stop-all", STOP_ALWAYS)
        for line in ("Policy ID: stop-all", "Active: False", "Source: local"):
            self.assertIn(line, text)
        self.row(self.run_ok("policy", "list"), "stop-all", "False")
        self.assertIn("Policy ID: stop-all", self.run_ok("policy", "get", "stop-all"))
        self.assertEqual(json.loads(self.run_ok("policy", "get", "stop-all", "--detail"))["id"], "stop-all")
        self.assertEqual(self.run_json("policy", "get", "stop-all")[0]["policybundle"], {})
        try:
            self.assertIn("Success: stop-all activated", self.run_ok("policy", "activate", "stop-all"))
            self.assertEqual([r["policyId"] for r in self.run_json("policy", "list") if r["active"]], ["stop-all"])
            self.run_ok("policy", "del", "stop-all", code=2)  # the active one stays
        finally:
            self.run_ok("policy", "activate", active)
        self.assertIn("Success", self.run_ok("policy", "del", "stop-all"))
        self.error_of("policy", "get", "stop-all", http=404)
        bad = self.folder / "bad.json"
        bad.write_text(json.dumps(bundle_of("bad", [{"gate": "no_such_gate", "trigger": "x", "action": "STOP"}])))
        self.error_of("policy", "add", bad, http=400)

    def test_policy_describe(self):
        text = self.run_ok("policy", "describe")
        for gate in ("always", "dockerfile", "vulnerabilities", "packages"):
            self.row(text, gate)
        self.row(self.run_ok("policy", "describe", "--gate", "vulnerabilities"), "package")
        self.row(self.run_ok("policy", "describe", "--gate", "vulnerabilities", "--trigger", "package"), "package_type")
        self.run_ok("policy", "describe", "--all")
        spec = self.run_json("policy", "describe")
        self.assertLessEqual({"name", "description", "state", "triggers"}, set(spec[0]))

    def test_policy_hub(self):
        text, document = self.both("policy", "hub", "list")
        self.row(text, "hub_bundle", "A bundle of the hub")
        self.assertNotIn("not_a_bundle", text)
        self.assertEqual(document, HUB_INDEX)
        self.assertIn("Policy Bundle ID: hub-bundle", self.run_ok("policy", "hub", "get", "hub_bundle"))
        self.assertIn("Policy ID: hub-bundle", self.run_ok("policy", "hub", "install", "hub_bundle"))
        self.run_ok("policy", "hub", "install", "hub_bundle", code=2)  # it is there already
        self.assertIn("Policy ID: mine", self.run_ok("policy", "hub", "install", "hub_bundle", "--target-id", "mine"))
        self.run_ok("policy", "hub", "install", "hub_bundle", "--force")
        for identity in ("hub-bundle", "mine"):
            self.run_ok("policy", "del", identity)

    def test_evaluate_check(self):
        self._add_policy("check-stop", STOP_ALWAYS)
        self._add_policy("check-go", [])
        text = self.run_ok("evaluate", "check", self.app, "--policy", "check-stop", code=1)
        for line in (f"Image Digest: {self.digest}", f"Full Tag: {self.app}", "Status: fail", "Policy ID: check-stop"):
            self.assertIn(line, text)
        text = self.run_ok("evaluate", "check", self.app, "--policy", "check-stop", "--detail", code=1)
        for line in (f"Image ID: {self.image_id}", "Final Action: stop", "Final Action Reason: policy_evaluation"):
            self.assertIn(line, text)
        self.row(text, "always", "always", "stop")
        self.assertIn("Status: pass", self.run_ok("evaluate", "check", self.app, "--policy", "check-go"))
        document = self.run_json("evaluate", "check", self.digest, "--tag", self.app, "--policy", "check-stop",
                                 "--detail", code=1)
        evaluation = document[0][self.digest][self.app][0]
        self.assertEqual(evaluation["detail"]["policy"]["id"], "check-stop")
        self.assertEqual(evaluation["detail"]["result"]["result"][self.image_id]["result"]["final_action"], "stop")
        self.assertIn("check-stop", self.run_ok("evaluate", "check", self.app, "--policy", "check-stop", "--show-history",
                                                code=1))
        self.run_ok("evaluate", "check", self.digest, code=2)  # a digest needs a tag
        self.error_of("evaluate", "check", self.app, "--policy", "no-such-policy")
        for identity in ("check-stop", "check-go"):
            self.run_ok("policy", "del", identity)

    # Subscriptions, repositories, registries

    def test_subscriptions(self):
        text, document = self.both("subscription", "list")
        mine = {record["subscription_type"]: record for record in document if record["subscription_key"] == self.app}
        self.assertEqual(set(mine), {"policy_eval", "tag_update", "vuln_update", "analysis_update"})
        self.assertTrue(mine["analysis_update"]["active"])
        self.row(text, self.app, "policy_eval", "False")
        identity = mine["policy_eval"]["subscription_id"]
        self.row(self.run_ok("subscription", "list", "--full"), self.app, "policy_eval", identity)
        self.assertIn("Success", self.run_ok("subscription", "activate", "policy_eval", self.app))
        self.row(self.run_ok("subscription", "get", identity), self.app, "policy_eval", "True", identity)
        self.assertIn("Success", self.run_ok("subscription", "deactivate", "policy_eval", self.app))
        self.assertIs(self.run_json("subscription", "get", identity)[0]["active"], False)
        self.assertIn("Success", self.run_ok("subscription", "del", identity))
        self.assertEqual(self.run_json("subscription", "get", identity), [])
        self.run_ok("subscription", "activate", "policy_eval", f"{self.registry.host}/team/missing:1", code=2)

    def test_repositories(self):
        self._push("team/watched:1", [tar_of({"a": b"1"})])
        repository = f"{self.registry.host}/team/watched"
        text = self.run_ok("repo", "add", repository, "--noautosubscribe", "--dryrun")
        self.assertIn("DRY RUN: Repository not added", text)
        self.assertEqual(self.run_json("repo", "get", repository), [])
        self.row(self.run_ok("repo", "add", repository, "--noautosubscribe", "--lookuptag", "1"), repository, "True", "1")
        self.row(self.run_ok("repo", "list"), repository, "True")
        self.row(self.run_ok("repo", "get", repository), repository, "True", "1")
        self.row(self.run_ok("repo", "unwatch", repository), repository, "False")
        self.assertIs(self.run_json("repo", "get", repository)[0]["active"], False)
        self.row(self.run_ok("repo", "watch", repository), repository, "True")
        self.assertIn("Success", self.run_ok("repo", "del", repository))
        self.assertEqual(self.run_json("repo", "get", repository), [])
        self.error_of("repo", "add", f"{self.registry.host}/team/missing")

    def test_registries(self):
        registry = self.registry.host
        text = self.run_ok("registry", "add", registry, "somebody", "secret", "--insecure", "--registry-name", "mine")
        for line in (f"Registry: {registry}", "Name: mine", "User: somebody", "Type: docker_v2", "Verify TLS: False"):
            self.assertIn(line, text)
        self.assertNotIn("secret", text)
        self.row(self.run_ok("registry", "list"), registry, "mine", "docker_v2", "somebody")
        document = self.run_json("registry", "get", registry)
        self.assertEqual(document[0]["registry_user"], "somebody")
        self.assertNotIn("secret", json.dumps(document))
        self.assertIn("User: other", self.run_ok("registry", "update", registry, "other", "secret", "--insecure"))
        self.assertIn("Success", self.run_ok("registry", "del", registry))
        self.error_of("registry", "get", registry, http=404)
        unreachable = f"127.0.0.1:{free_port()}"
        self.error_of("registry", "add", unreachable, "somebody", "secret", "--insecure", http=406)
        self.run_ok("registry", "add", unreachable, "somebody", "secret", "--insecure", "--skip-validate",
                    "--registry-type", "docker_v2")
        self.run_ok("registry", "del", unreachable)

    # Events, queries

    def test_events(self):
        text, document = self.both("event", "list", "--all")
        completed = next(record for record in document["results"]
                         if record["event"]["type"] == "user.image.analysis.completed")
        identity = completed["generated_uuid"]
        self.row(text, "user.image.analysis.completed", identity)
        self.row(self.run_ok("event", "list", "--full"), "user.image.analysis.completed", "image_tag")
        self.assertIn("type: user.image.analysis.completed", self.run_ok("event", "get", identity))
        self.assertEqual(self.run_json("event", "get", identity)["generated_uuid"], identity)
        for filters in (("--level", "info"), ("--event_type", "user.image.*"), ("--resource_type", "image_tag"),
                        ("--since", "2020-01-01T00:00:00Z")):
            self.assertTrue(self.run_json("event", "list", *filters)["results"], filters)
        for filters in (("--before", "2020-01-01T00:00:00Z"), ("--service", "no_such"), ("--host", "no_such"),
                        ("--event_type", "no_such")):
            self.assertEqual(self.run_json("event", "list", *filters)["results"], [], filters)
        self.assertEqual(self.run_json("event", "list", "no-such-resource")["results"], [])
        self.run_ok("event", "list", "--level", "loud", code=2)
        self.run_ok("event", "delete", identity)
        self.error_of("event", "get", identity, http=404)
        self.assertIn("No matching events found", self.run_ok("event", "delete", "--before", "2020-01-01T00:00:00Z"))
        self.assertIn("Deleted", self.run_ok("event", "delete", "--all", "--dontask"))
        self.run_ok("event", "delete", code=2)  # of what?

    def test_queries(self):
        text, document = self.both("query", "images-by-vulnerability", "--vulnerability-id", "CVE-2024-2961")
        self.row(text, self.app, "glibc-2.34-83.el9_3.7", "rpm", "almalinux:9", self.digest)
        image = next(image for image in document["images"] if image["image"]["imageDigest"] == self.digest)
        self.assertIn(self.app, [tag["fulltag"] for tag in image["image"]["tag_history"]])
        severity = image["vulnerable_packages"][0]["severity"]
        for filters, found in ((("--package", "glibc"), True), (("--package", "bash"), False),
                               (("--namespace", "almalinux:9"), True), (("--namespace", "debian:12"), False),
                               (("--severity", severity), True), (("--vendor_only",), True)):
            images = self.run_json("query", "images-by-vulnerability", "--vulnerability-id", "CVE-2024-2961", *filters)
            self.assertEqual(bool(images["images"]), found, filters)
        text, document = self.both("query", "images-by-package", "--name", "bash")
        self.row(text, self.app, "bash-5.1.8-6.el9_1", "rpm", self.digest)
        for filters, found in ((("--version", "5.1.8-6.el9_1"), True), (("--version", "1"), False),
                               (("--package-type", "rpm"), True), (("--package-type", "dpkg"), False)):
            images = self.run_json("query", "images-by-package", "--name", "bash", *filters)
            self.assertEqual(bool(images["images"]), found, filters)

    # Archive

    def test_analysis_archive(self):
        name, digest, _ = self._push("team/archived:1", [tar_of({"a": b"archived"})])
        self.run_ok("image", "add", name, "--noautosubscribe")
        self.run_ok("image", "wait", name, "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5")
        self.row(self.run_ok("analysis-archive", "images", "add", digest), digest, "archived")
        self.assertEqual(self.run_json("analysis-archive", "images", "add", UNKNOWN_DIGEST)[0]["status"], "error")
        self.row(self.run_ok("analysis-archive", "images", "list"), digest, name, "archived")
        self.row(self.run_ok("analysis-archive", "images", "get", digest), digest, name, "archived")
        self.assertGreater(self.run_json("analysis-archive", "images", "get", digest)[0]["archive_size_bytes"], 0)
        self.error_of("analysis-archive", "images", "restore", digest, http=409)  # the image is here
        self.run_ok("image", "del", name, "--force")
        wait_until(lambda: self.cli("image", "get", digest).returncode == 1, "the image's end")
        self.assertIn(f"Image Digest: {digest}", self.run_ok("analysis-archive", "images", "restore", digest))
        self.assertEqual(self.run_json("image", "get", name)[0]["analysis_status"], "analyzed")
        self.run_ok("analysis-archive", "images", "restore", "not-a-digest", code=2)
        self.run_ok("image", "del", name, "--force")
        self.assertIn("Success", self.run_ok("analysis-archive", "images", "del", digest, "--force"))
        wait_until(lambda: self.cli("analysis-archive", "images", "get", digest).returncode == 1, "the archive's end")

    def test_analysis_archive_rules(self):
        rule = self.run_json("analysis-archive", "rules", "add", "90", "2", "archive", "--registry-selector", "*.example",
                             "--repository-selector", "team/*", "--tag-selector", "v*", "--registry-exclude", "r",
                             "--repository-exclude", "p", "--tag-exclude", "t", "--exclude-expiration-days", "30")
        identity = rule["rule_id"]
        self.assertEqual(rule["selector"], {"registry": "*.example", "repository": "team/*", "tag": "v*"})
        self.assertEqual(rule["exclude"]["expiration_days"], 30)
        for command in (("get", identity), ("list",)):
            self.row(self.run_ok("analysis-archive", "rules", *command), identity, "False", "archive", "90", "2",
                     "*.example", "team/*", "v*")
        self.assertIn("Success", self.run_ok("analysis-archive", "rules", "del", identity))
        self.error_of("analysis-archive", "rules", "get", identity, http=404)
        rule = self.run_json("analysis-archive", "rules", "add", "0", "5", "archive", "--is-global",
                             "--max-images-per-account", "10")
        self.assertEqual((rule["system_global"], rule["max_images_per_account"]), (True, 10))
        self.run_ok("analysis-archive", "rules", "del", rule["rule_id"])
        self.run_ok("analysis-archive", "rules", "add", "1", "1", "archive", "--max-images-per-account", "10", code=2)

    # Enterprise

    def test_enterprise_corrections(self):
        # Corrections belong to Anchore's commercial product; its open engine answers 404 too.
        self.error_of("enterprise", "corrections", "add", "--match", "package=snakeyaml", "--package_type", "java",
                      "--replace", "package=yaml", code=2)
        self.error_of("enterprise", "corrections", "list", code=2)
        self.error_of("enterprise", "corrections", "get", UNKNOWN_UUID, code=2)
        self.error_of("enterprise", "corrections", "delete", UNKNOWN_UUID, code=2)

    def test_zy_database_and_objects_agree(self):
        """After all that was done to them here."""
        result = self.server.command("fsck", "--deep", "-o", "json")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        report = json.loads(result.stdout)
        schema = json.loads((ROOT / "docs/schema/holdfast-fsck-1.json").read_text())
        errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(report)]
        self.assertEqual(errors, [])
        self.assertGreater(report["objects"]["read"], 10)
        page = (ROOT / "docs/integrity.md").read_text()
        self.assertEqual([kind for kind in report["looked_for"] if f"`{kind}`" not in page], [])
        self.assertEqual(self.server.command("fsck").stdout, "")
        # What a deleted image leaves is waste when no time is granted.
        name, digest, _ = self._push("team/wasted:1", [tar_of({"a": b"wasted"})])
        self.run_ok("image", "add", name, "--noautosubscribe")
        self.run_ok("image", "wait", name, "--timeout", str(platform_server.DEADLINE_S), "--interval", "0.5")
        self.run_ok("image", "del", name, "--force")
        wait_until(lambda: self.cli("image", "get", digest).returncode == 1, "the image's end")
        waste = self.server.command("fsck", "--grace", "0")
        self.assertEqual(waste.returncode, 1, waste.stdout + waste.stderr)
        self.assertIn("analysis.unused", waste.stdout)
        self.assertEqual(self.server.command("fsck", "--grace", "3600", "--repair").returncode, 0)

    def test_zz_every_command_ran(self):
        """The last by its name: of the whole class, no command was left out."""
        self.assertEqual(self.commands - self.ran, set())


if __name__ == "__main__":
    run_unittest.main()
