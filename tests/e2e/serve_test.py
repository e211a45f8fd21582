#!/usr/bin/env python3
"""What the configuration and the API promise, kept by running `holdfast serve` processes: limits of its servers, which
addresses are asked, what new accounts get, requests that can be followed from role to role, and TLS between roles."""

import base64
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import resource
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import platform_server  # noqa: E402
import run_unittest  # noqa: E402
from image_registry import MANIFEST_TYPE, Image, Layer, Registry, tar_of  # noqa: E402
from platform_server import BINARY, PASSWORD, Postgres, answers, free_port, wait_until  # noqa: E402

STATUS = "var/lib/dpkg/status"
PACKAGES = b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n"
OPEN_FILES = 256


class Processes:
    """Processes of `holdfast serve` with one configuration file and one environment."""

    def __init__(self, folder, configuration, environment=None):
        self.folder, self.ports, self.processes = folder, {}, {}
        (folder / "config.yaml").write_text(configuration)
        self.environment = {"PATH": os.environ["PATH"], "ANCHORE_ADMIN_PASSWORD": PASSWORD,
                            "HOLDFAST_ADVISORY_SOURCE": str(ROOT / "demo/advisories")} | (environment or {})

    def start(self, name, roles=(), port=None, environment=None, open_files=None):
        self.ports[name] = port = port or free_port()
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))) if open_files else None
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [BINARY, "serve", *roles, "--config", str(self.folder / "config.yaml"),
                 "--data", str(self.folder / name), "--listen", f"127.0.0.1:{port}"],
                env=self.environment | {"ANCHORE_HOST_ID": f"host-{name}"} | (environment or {}), stdout=log, stderr=log,
                preexec_fn=limit)
        return port

    def stop(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()

    def entries(self, name):
        """The structured log of a process so far."""
        entries = []
        for line in (self.folder / f"{name}.log").read_text(errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                entries.append(json.loads(line))
        return entries

    def ask(self, name, method, path, body=None, user="admin", password=PASSWORD, headers=None, source=None):
        """The status and the JSON of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=60,
                                                source_address=(source, 0) if source else None)
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        connection.request(method, "/v1" + path, json.dumps(body) if body is not None else None,
                           {"Authorization": "Basic " + token, "Content-Type": "application/json"} | (headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        with contextlib.suppress(ValueError):
            text = json.loads(text)
        return answer.status, text


class Web:
    """A web server on all addresses; `answer(path)` gives status, headers and body. Keeps what was asked and posted."""

    def __init__(self, answer):
        web = self
        self.posted, self.asked = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append(self.path)
                status, headers, body = answer(self.path)
                self.send_response(status)
                for key, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body if self.command == "GET" else b"")

            do_HEAD = do_GET

            def do_POST(self):
                web.posted.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6

            def server_bind(self):
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                super().server_bind()

            def handle_error(self, *_):  # a client that went away
                pass

        self.server = Server(("::", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def image_answer(image, path):
    """What a registry answers that has one image under any name; None for what it does not know."""
    if path == "/v2/":
        return 200, {}, b""
    if "/manifests/" in path:
        return 200, {"Content-Type": MANIFEST_TYPE, "Docker-Content-Digest": image.digest}, image.manifest_bytes
    blob = image.blobs.get(path.rsplit("/", 1)[-1])
    return None if blob is None else (200, {}, blob)


def bundle_of(identity):
    return {"id": identity, "name": identity, "version": "1_0", "whitelists": [], "policies": [
        {"id": "p", "name": "p", "version": "1_0", "rules": []}], "mappings": [
        {"id": "m", "name": "m", "registry": "*", "repository": "*", "image": {"type": "tag", "value": "*"},
         "policy_ids": ["p"], "whitelist_ids": []}]}


def own_addresses():
    """Addresses of this host that are not loopback, as URLs have them."""
    words = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    return [f"[{word}]" if ":" in word else word for word in words]


def private_address():
    """One of them that is private; None when there is none."""
    return next((a for a in own_addresses() if re.match(r"10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[f[cd]", a)), None)


class OneProcess(unittest.TestCase):
    """All roles in one process on SQLite."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        folder = pathlib.Path(temporary.name)
        cls.registry = Web(cls.answer_of_registry)
        cls.addClassCleanup(cls.registry.stop)
        folders = "usr/lib/python3/dist-packages"
        cls.owned = Image([Layer(tar_of({
            STATUS: PACKAGES + b"Package: python3-requests\nStatus: install ok installed\nArchitecture: all\nVersion: 2.28-1\n",
            "var/lib/dpkg/info/python3-requests.list": f"/{folders}/requests-2.28.dist-info/METADATA\n".encode(),
            f"{folders}/requests-2.28.dist-info/METADATA": b"Metadata-Version: 2.1\nName: requests\nVersion: 2.28\n",
            f"{folders}/flask-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: flask\nVersion: 1.0\n"}))], [])
        cls.hooks = Web(lambda _: (200, {}, b""))
        cls.addClassCleanup(cls.hooks.stop)
        (folder / "bundles").mkdir()
        for name in ("strict", "lax"):
            (folder / f"bundles/{name}.json").write_text(json.dumps(bundle_of(name)))
        cls.server = Processes(folder, f"""
default_bundle_file: bundles/strict.json
policy_bundles_dir: bundles
login_throttle: {{attempts_max: 3}}
ssrf: {{allow: [127.0.0.0/8]}}
metrics: {{enabled: true}}
webhooks:
  event_log: {{url: "http://127.0.0.1:{cls.hooks.port}/events"}}
  policy_eval: {{url: "http://169.254.169.254/hook"}}
  tag_update: {{url: "http://{private_address() or '10.0.0.1'}:{cls.hooks.port}/hook"}}
services:
  apiext: {{external_hostname: api.example.org, external_port: 443, external_tls: true}}
  catalog:
    event_log: {{notification: {{enabled: true, level: [error]}}}}
    cycle_timers: {{notifications: 10}}
  policy_engine: {{log_level: DEBUG}}
""")
        cls.addClassCleanup(cls.server.stop)
        port = cls.server.start("all", open_files=OPEN_FILES)
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "the API")

    @classmethod
    def answer_of_registry(cls, path):
        inside = f"http://127.0.0.1:{cls.registry.port}"
        if path.startswith("/v2/redirect-metadata/"):
            return 307, {"Location": "http://169.254.169.254/latest/meta-data"}, b""
        if path.startswith("/v2/redirect-inside/"):
            return 307, {"Location": inside + "/v2/inside/app/manifests/1"}, b""
        if path.startswith("/v2/token-metadata/"):
            return 401, {"WWW-Authenticate": 'Bearer realm="http://169.254.169.254/token",service="x"'}, b""
        if path.startswith("/v2/token-inside/"):
            return 401, {"WWW-Authenticate": f'Bearer realm="{inside}/token",service="x"'}, b""
        if path.startswith("/v2/busy/"):
            return 429, {"Retry-After": "40"}, b""
        if path.startswith("/v2/owned/"):
            return image_answer(cls.owned, path)
        return 404, {}, b""

    # Bundles, logins, logs, links

    def test_new_accounts_get_the_configured_bundles(self):
        self.assertEqual(self.server.ask("all", "POST", "/accounts", {"name": "newcomer"})[0], 200)
        _, policies = self.server.ask("all", "GET", "/policies", headers={"x-anchore-account": "newcomer"})
        self.assertEqual(sorted((p["policyId"], p["active"]) for p in policies), [("lax", False), ("strict", True)])
        _, own = self.server.ask("all", "GET", "/policies")
        self.assertEqual([p["policyId"] for p in own if p["active"]], ["strict"])

    def test_who_guesses_a_password_is_slowed_down_and_nobody_else(self):
        self.server.ask("all", "POST", "/accounts", {"name": "guessed"})
        self.server.ask("all", "POST", "/accounts/guessed/users", {"username": "victim", "password": "the right one"})

        def login(password, source):
            return self.server.ask("all", "GET", "/account", user="victim", password=password, source=source)[0]
        self.assertEqual([login("a wrong one", "127.0.0.2") for _ in range(5)], [401, 401, 401, 503, 503])
        self.assertEqual(login("the right one", "127.0.0.3"), 200)
        self.assertEqual(login("another wrong one", "127.0.0.3"), 401)

    def test_the_most_talkative_service_of_a_process_decides(self):
        self.server.ask("all", "GET", "/health")
        levels = {entry["level"] for entry in self.server.entries("all")}
        self.assertIn("DEBUG", levels)

    def test_each_request_is_logged_without_what_it_carries(self):
        self.server.ask("all", "GET", "/images?fulltag=docker.io%2Fa%2Fhidden-value%3A1",
                        headers={"X-Request-Id": "log-me"})
        self.server.ask("all", "GET", "/no-such-path-hidden-value", headers={"X-Request-Id": "log-me-not-found"})

        def lines():
            return {e["request_id"]: e for e in self.server.entries("all") if e["message"] == "request"}
        wait_until(lambda: "log-me-not-found" in lines(), "the access log")
        entry = lines()["log-me"]
        self.assertEqual([entry[key] for key in ("method", "path", "status", "account", "peer")],
                         ["GET", "/images", 404, "admin", "127.0.0.1"])
        self.assertGreater(entry["bytes"], 0)
        self.assertGreaterEqual(entry["ms"], 0)
        self.assertEqual(lines()["log-me-not-found"]["path"], "*")
        log = (self.server.folder / "all.log").read_text()
        self.assertNotIn("hidden-value", log)
        self.assertNotIn(PASSWORD, log)

    def metrics(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.ports['all']}/metrics")
        request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode())
        return urllib.request.urlopen(request, timeout=60).read().decode()

    def test_figures_of_use_cases_are_there(self):
        text = self.metrics()
        for name in ("anchore_import_success", "anchore_import_time_seconds_bucket",
                     "anchore_policy_evaluation_time_seconds_bucket", "holdfast_matching_seconds_count"):
            self.assertIn(name, text)

    # Addresses

    def add(self, reference):
        status, answer = self.server.ask("all", "POST", "/images", {"tag": reference})
        return status, answer["message"]

    def test_metadata_addresses_are_never_asked(self):
        for host in ("169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "0xa9.0xfe.0xa9.0xfe", "[::ffff:a9fe:a9fe]"):
            status, message = self.add(f"{host}/team/app:1")
            self.assertGreaterEqual(status, 400, host)
            self.assertRegex(message, "refused", host)
        status, _ = self.server.ask("all", "POST", "/registries", {"registry": "169.254.169.254", "registry_type": "docker_v2",
                                                                   "registry_user": "u", "registry_pass": "secret-word"})
        self.assertGreaterEqual(status, 400)

    def test_a_registry_leads_to_no_metadata_address(self):
        for name in ("redirect-metadata", "token-metadata"):
            status, message = self.add(f"127.0.0.1:{self.registry.port}/{name}/app:1")
            self.assertEqual(status, 404, message)
            self.assertIn("refused", message)

    def test_a_registry_leads_to_no_address_more_private_than_its_own(self):
        addresses = own_addresses()
        if not addresses:
            self.skipTest("this host has no address but loopback")
        for address in addresses:
            host = f"{address}:{self.registry.port}"
            status, answer = self.server.ask("all", "POST", "/registries?validate=false", {
                "registry": host, "registry_type": "docker_v2", "registry_user": "u", "registry_pass": "secret-word",
                "registry_verify": False})
            self.assertEqual(status, 200, answer)
            for name in ("redirect-inside", "token-inside"):
                before = len(self.registry.asked)
                status, message = self.add(f"{host}/{name}/app:1")
                self.assertEqual(status, 404, message)
                self.assertIn("127.0.0.1 is a loopback address: refused", message)
                asked = self.registry.asked[before:]
                self.assertTrue(asked)
                self.assertFalse([path for path in asked if "/inside/" in path or path.startswith("/token")])
        # The same ways are open to a registry that is as private itself.
        _, message = self.add(f"127.0.0.1:{self.registry.port}/redirect-inside/app:1")
        self.assertNotIn("refused", message)

    def test_packages_that_the_distribution_owns_are_left_out(self):
        tag = f"127.0.0.1:{self.registry.port}/owned/app:1"
        status, images = self.server.ask("all", "POST", "/images", {"tag": tag})
        self.assertEqual(status, 200, images)
        digest = images[0]["imageDigest"]
        wait_until(lambda: self.server.ask("all", "GET", f"/images/{digest}")[1][0]["analysis_status"] == "analyzed", "the analysis")
        content = self.server.ask("all", "GET", f"/images/{digest}/content/python")[1]["content"]
        self.assertEqual([package["package"] for package in content], ["flask"])

        # What that came to is counted.
        self.server.ask("all", "GET", f"/images/{digest}/check?tag={tag}")
        text = self.metrics()
        for figure in (r'holdfast_policy_evaluations{result="go"} [1-9]', r"anchore_policy_evaluation_time_seconds_count [1-9]",
                       r'holdfast_layers{record="new"} [1-9]', r"anchore_analysis_success [1-9]"):
            self.assertRegex(text, figure)

    def test_webhooks_go_to_allowed_addresses_only(self):
        status, answer = self.server.ask("all", "POST", "/system/webhooks/event_log/test?notification_type=tag_update")
        self.assertEqual(status, 200, answer)
        for name in ("policy_eval", "tag_update"):
            status, answer = self.server.ask("all", "POST", f"/system/webhooks/{name}/test?notification_type={name}")
            self.assertGreaterEqual(status, 400)
            self.assertIn("refused", answer["message"])
        self.assertFalse([path for path, _ in self.hooks.posted if path == "/hook"])

    def test_a_registry_that_asks_to_be_left_alone_is(self):
        host = f"localhost:{self.registry.port}"
        status, message = self.add(f"{host}/busy/app:1")
        self.assertEqual((status, message), (500, f"{host} asks to be left alone: it is asked again in 40 s"))
        before = len(self.registry.asked)
        self.assertRegex(self.add(f"{host}/other/app:1")[1], r"asks to be left alone: it is asked again in \d+ s")
        self.assertEqual(len(self.registry.asked), before)

    # Servers

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.server.ports["all"]), timeout=60)

    def answer(self, connection):
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                data += piece
        connection.close()
        return int(data.split(b" ", 2)[1]) if data else None

    def test_a_slow_head_is_cut(self):
        connection = self.connect()
        connection.sendall(b"GET /v1/images HTTP/1.1\r\nHost: a\r\n")
        with contextlib.suppress(OSError):
            while not select_readable(connection, 0.5):
                connection.sendall(b"X-A: b\r\n")
        self.assertEqual(self.answer(connection), 408)

    def test_a_slow_body_is_cut(self):
        connection = self.connect()
        token = base64.b64encode(f"admin:{PASSWORD}".encode())
        connection.sendall(b"POST /v1/images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"
                           b"Authorization: Basic " + token + b"\r\n\r\n{")
        with contextlib.suppress(OSError):
            while not select_readable(connection, 0.5):
                connection.sendall(b" ")
        self.assertEqual(self.answer(connection), 408)

    def test_a_huge_head_is_refused(self):
        connection = self.connect()
        with contextlib.suppress(OSError):
            connection.sendall(b"GET /v1/images HTTP/1.1\r\nHost: a\r\n" + b"X-A: " + b"b" * 200_000 + b"\r\n\r\n")
        self.assertEqual(self.answer(connection), 431)

    def test_a_huge_body_is_refused_before_it_is_sent(self):
        for length in (b"Content-Length: 99999999999", b"Content-Length: 9999999"):
            connection = self.connect()
            connection.sendall(b"POST /v1/images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + length + b"\r\n\r\n")
            self.assertEqual(self.answer(connection), 413)
        connection = self.connect()
        with contextlib.suppress(OSError):
            connection.sendall(b"POST /v1/images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n" + b"fffff\r\n" + b" " * 0xfffff + b"\r\nfffff\r\n" + b" " * 0xfffff)
        self.assertEqual(self.answer(connection), 413)

    def test_more_connections_than_it_takes(self):
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(self.connect()) for _ in range(OPEN_FILES // 2)]
            over = self.connect()
            over.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            self.assertEqual(self.answer(over), 503)
            # Far over, they are closed; those that are in are still answered.
            for _ in range(OPEN_FILES):
                with contextlib.suppress(OSError):
                    stack.enter_context(self.connect())
            held[0].sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            self.assertEqual(self.answer(held[0]), 200)
        wait_until(lambda: answers(f"http://127.0.0.1:{self.server.ports['all']}/health"), "the API after the crowd")


def select_readable(connection, seconds):
    return bool(select.select([connection], [], [], seconds)[0])


def make_authority(folder, name):
    """A certificate authority; its certificate's file."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"],
                   check=True, stderr=subprocess.DEVNULL)
    return folder / f"{name}.crt"


def make_certificate(folder, authority):
    """A certificate of that authority for 127.0.0.1: queue.crt and queue.key."""
    (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\n")
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=queue",
                    "-keyout", folder / "queue.key", "-out", folder / "queue.csr"], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["openssl", "x509", "-req", "-in", folder / "queue.csr", "-CA", authority, "-CAkey", authority.with_suffix(".key"),
                    "-CAcreateserial", "-days", "2", "-extfile", folder / "extensions", "-out", folder / "queue.crt"],
                   check=True, stderr=subprocess.DEVNULL)


class Apart(unittest.TestCase):
    """A process for each role on PostgreSQL; analyzers reach the queue over TLS."""

    @classmethod
    def setUpClass(cls):
        for program in ("docker-registry", "openssl"):
            if shutil.which(program) is None:
                raise AssertionError(f"{program} is not installed (tools/install_packages.sh test)")
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = folder = pathlib.Path(temporary.name)
        cls.authority = make_authority(folder, "authority")
        cls.stranger = make_authority(folder, "stranger")
        make_certificate(folder, cls.authority)
        postgres = Postgres(folder)
        cls.addClassCleanup(postgres.stop)
        (folder / "registry").mkdir()
        cls.registry = Registry(folder / "registry")
        cls.addClassCleanup(cls.registry.stop)
        queue = free_port()
        cls.server = Processes(folder, f"""
metrics: {{enabled: true, auth_disabled: true}}
services:
  simplequeue: {{ssl_enable: true, ssl_cert: {folder}/queue.crt, ssl_key: {folder}/queue.key}}
""", {"ANCHORE_DB_HOST": "127.0.0.1", "ANCHORE_DB_PORT": str(postgres.port), "ANCHORE_DB_USER": "postgres",
      "ANCHORE_DB_PASSWORD": "unused", "ANCHORE_DB_NAME": "postgres", "HOLDFAST_INTERNAL_TOKEN": "a-token-for-end-to-end-tests",
      "HOLDFAST_SECRET_KEY_FILE": str(folder / "secret.key"), "HOLDFAST_QUEUE_URL": f"https://127.0.0.1:{queue}"})
        cls.addClassCleanup(cls.server.stop)
        port = cls.server.start("api", ["api"])
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "the API")
        for role in ("catalog", "policy-engine"):
            cls.server.start(role, [role])
        cls.server.start("queue", ["queue"], queue)
        cls.server.start("stranger", ["analyzer"], environment={"HOLDFAST_INTERNAL_SSL_CA_FILE": str(cls.stranger)})

    def push(self, name, content=PACKAGES):
        return self.registry.upload(Image([Layer(tar_of({STATUS: content}))], []), name, "1")

    def test_analyzers_trust_the_queue_of_their_own_authority_only(self):
        def refusals():
            return [e for e in self.server.entries("stranger") if "the TLS certificate is not trusted" in e["message"]]
        wait_until(refusals, "the analyzer with another authority to refuse")
        tag = self.push("team/tls")
        status, images = self.server.ask("api", "POST", "/images", {"tag": tag}, headers={"X-Request-Id": "follow-me"})
        self.assertEqual(status, 200, images)
        self.assertEqual(images[0]["analysis_status"], "not_analyzed")
        digest = images[0]["imageDigest"]
        waiting = self.server.ask("api", "GET", f"/images/{digest}")[1][0]
        self.assertEqual(waiting["analysis_queue"], {"jobs_ahead": 0, "wait_seconds": None})
        self.server.start("analyzer", ["analyzer"], environment={"HOLDFAST_INTERNAL_SSL_CA_FILE": str(self.authority)})

        def analyzed():
            image = self.server.ask("api", "GET", f"/images/{digest}")[1][0]
            return image if image["analysis_status"] == "analyzed" else None
        self.assertNotIn("analysis_queue", wait_until(analyzed, "the analysis"))
        self.assertFalse([e for e in self.server.entries("stranger") if "analysed in" in e["message"]])

        # The request is found in the log of every role that did something for it.
        def messages(role):
            return [e["message"] for e in self.server.entries(role) if e.get("request_id") == "follow-me"]
        self.assertIn("request", wait_until(lambda: messages("api"), "the API's log"))
        self.assertTrue(any("analysed in" in message for message in messages("analyzer")), messages("analyzer"))
        self.assertIn("request", messages("queue"))
        self.assertIn("image analyzed", messages("policy-engine"))
        _, events = self.server.ask("api", "GET", "/events?event_type=user.image.analysis.completed")
        self.assertEqual({e["event"]["source"]["request_id"] for e in events["results"]
                          if e["event"]["resource"]["id"] == tag}, {"follow-me"})

        # Queued images wait as long as the platform's pace lets them.
        second = self.server.ask("api", "POST", "/images", {"tag": self.push("team/other", PACKAGES + b"\n")})[1][0]
        wait_until(lambda: self.server.ask("api", "GET", f"/images/{second['imageDigest']}")[1][0]["analysis_status"] == "analyzed",
                   "the second analysis")
        analyzer = self.server.processes.pop("analyzer")
        analyzer.terminate()
        analyzer.wait()
        third = self.server.ask("api", "POST", "/images", {"tag": self.push("team/third", PACKAGES + b"\n\n")})[1][0]
        third = self.server.ask("api", "GET", f"/images/{third['imageDigest']}")[1][0]
        self.assertEqual(third["analysis_queue"]["jobs_ahead"], 0)
        self.assertGreaterEqual(third["analysis_queue"]["wait_seconds"], 0)
        status = subprocess.run([BINARY, "queue", "status", "--config", str(self.folder / "config.yaml")],
                                env=self.server.environment, capture_output=True, text=True).stdout
        self.assertRegex(status, r"analyze +on_demand +1 .*about \d+ s")

    def test_a_pause_holds_for_all_replicas(self):
        registry = Web(lambda path: (429, {"Retry-After": "600"}, b""))
        self.addCleanup(registry.stop)
        replica = self.server.start("api-2", ["api"])
        wait_until(lambda: answers(f"http://127.0.0.1:{replica}/health"), "the second API")
        host = f"127.0.0.1:{registry.port}"
        _, answer = self.server.ask("api", "POST", "/images", {"tag": f"{host}/team/app:1"})
        self.assertEqual(answer["message"], f"{host} asks to be left alone: it is asked again in 600 s")
        asked = len(registry.asked)
        status, answer = self.server.ask("api-2", "POST", "/images", {"tag": f"{host}/team/app:1"})
        self.assertEqual(status, 500)
        self.assertIn("asks to be left alone", answer["message"])
        self.assertEqual(len(registry.asked), asked)


class Impatient(unittest.TestCase):
    """A server with short limits, before a registry that never comes to an end."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.over = threading.Event()
        cls.image = Image([Layer(tar_of({STATUS: PACKAGES}))], [])
        cls.registry = Web(cls.answer_of_registry)
        cls.addClassCleanup(cls.registry.stop)
        cls.addClassCleanup(cls.over.set)
        cls.server = Processes(pathlib.Path(temporary.name), f"""
server_request_timeout_seconds: 2
image_analyze_timeout_seconds: 3
ssrf: {{allow: [127.0.0.0/8]}}
webhooks:
  event_log: {{url: "http://127.0.0.1:{cls.registry.port}/events"}}
services:
  feeds: {{enabled: false}}
  catalog:
    event_log: {{notification: {{enabled: true, level: [error]}}}}
""")
        cls.addClassCleanup(cls.server.stop)
        port = cls.server.start("all")
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "the API")

    @classmethod
    def answer_of_registry(cls, path):
        layer = f'/{json.loads(cls.image.manifest_bytes)["layers"][0]["digest"]}'
        if path.startswith("/v2/busy-layer/") and path.endswith(layer):
            return 429, {"Retry-After": "600"}, b""
        if path.startswith("/v2/slow-manifest/") or path.endswith(layer):
            cls.over.wait(platform_server.DEADLINE_S)
        return image_answer(cls.image, path) or (404, {}, b"")

    def test_a_service_that_is_not_enabled_does_not_run(self):
        def names():
            states = self.server.ask("all", "GET", "/system")[1]["service_states"]
            return {state["servicename"] for state in states}
        wait_until(lambda: "analyzer" in names(), "the services")
        self.assertEqual(names(), {"apiext", "catalog", "simplequeue", "policy_engine", "analyzer"})

    def test_an_image_of_a_registry_that_asks_to_be_left_alone_waits(self):
        status, images = self.server.ask("all", "POST", "/images", {"tag": f"[::1]:{self.registry.port}/busy-layer/app:1"})
        self.assertEqual(status, 200, images)

        def postponed():
            image = self.server.ask("all", "GET", f"/images/{images[0]['imageDigest']}")[1][0]
            return image if "analysis_status_detail" in image else None
        image = wait_until(postponed, "the analyzer to hear of it")
        self.assertEqual(image["analysis_status"], "not_analyzed")
        self.assertIn("asks to slow down", image["analysis_status_detail"])
        self.assertLessEqual(image["analysis_queue"]["wait_seconds"], 600)
        self.assertGreater(image["analysis_queue"]["wait_seconds"], 600 - platform_server.DEADLINE_S)

    def test_a_request_has_its_time(self):
        status, answer = self.server.ask("all", "POST", "/images", {"tag": f"localhost:{self.registry.port}/slow-manifest/app:1"})
        # Whoever notices first: the server, or who waits for the registry.
        self.assertIn(status, (500, 503))
        self.assertRegex(answer["message"], "the request took longer than 2000 ms|takes longer than the 2 s")
        self.assertEqual(self.server.ask("all", "GET", "/images")[0], 200)

    def test_an_analysis_has_its_time_and_its_failure_is_posted(self):
        tag = f"127.0.0.1:{self.registry.port}/slow-layer/app:1"
        status, images = self.server.ask("all", "POST", "/images", {"tag": tag})
        self.assertEqual(status, 200, images)

        def failed():
            image = self.server.ask("all", "GET", f"/images/{images[0]['imageDigest']}")[1][0]
            return image if image["analysis_status"] == "analysis_failed" else None
        self.assertIn("takes longer than the 3 s", wait_until(failed, "the analysis to be given up")["analysis_status_detail"])
        path, posted = wait_until(lambda: self.registry.posted, "the event to be posted")[0]
        self.assertEqual(path, "/events")
        self.assertEqual(posted["data"]["notification_type"], "event_log")
        event = posted["data"]["notification_payload"]["event"]
        self.assertEqual((event["type"], event["level"], event["resource"]["id"]), ("user.image.analysis.failed", "error", tag))


class Elsewhere(unittest.TestCase):
    """A folder that is no installation."""

    def test_commands_that_look_make_nothing(self):
        with tempfile.TemporaryDirectory() as parent:
            folder = pathlib.Path(parent) / "mistyped"
            for command in (["fsck"], ["fsck", "--repair"], ["queue", "status"], ["queue", "dead"]):
                done = subprocess.run([BINARY, *command, "--data", str(folder)], capture_output=True, text=True)
                self.assertNotIn(done.returncode, (0, 1), command)
                self.assertIn(f"there is no database at {folder}/holdfast.db", done.stderr)
            self.assertFalse(folder.exists())


class Configured(unittest.TestCase):
    """Without a running server: what cannot be obeyed is said."""

    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "config.yaml"
            path.write_text(text)
            return subprocess.run([BINARY, "config", "check", "--config", path], env={"PATH": os.environ["PATH"]},
                                  capture_output=True, text=True).stdout

    def test_keys_without_effect_are_named(self):
        self.assertIn("note: services.analyzer.enable_hints (line 1): has no effect: hints files are not read",
                      self.check("services: {analyzer: {enable_hints: true}}\n"))

    def test_a_bundle_that_is_none_ends_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "bad.json").write_text('{"id": "x"}')
            (pathlib.Path(folder) / "config.yaml").write_text("default_bundle_file: bad.json\n")
            done = subprocess.run([BINARY, "serve", "--config", f"{folder}/config.yaml", "--data", f"{folder}/data"],
                                  env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=platform_server.DEADLINE_S)
        self.assertEqual(done.returncode, 2)
        self.assertIn("bad.json is no valid policy bundle", done.stderr)


if __name__ == "__main__":
    run_unittest.main()
