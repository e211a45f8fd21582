"""A registry on loopback that misbehaves, for registry_test.cc. Prints its port, then serves until its input ends.

The first part of the repository's name says how: /v2/<behaviour>/app/... One image is served under each, and each
is a mirror of /v2/well/app as /v2/<behaviour>/well/app/... /log answers what was seen, as lines
"<behaviour> <method> <what> <notes>".
"""

import base64
import gzip
import hashlib
import http.server
import io
import json
import sys
import tarfile
import threading
import time
import urllib.parse


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def make_layer():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        content = bytes(i * 7919 % 251 for i in range(300_000))
        info = tarfile.TarInfo("file")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


LAYER = make_layer()
CONFIG = json.dumps({"architecture": "amd64", "os": "linux",
                     "rootfs": {"type": "layers", "diff_ids": [sha256(LAYER)]}}).encode()


def make_manifest(layer_size):
    return json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(CONFIG), "size": len(CONFIG)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": sha256(LAYER), "size": layer_size}],
    }).encode()


LOG = []
SEEN = {}
LOCK = threading.Lock()


def times_seen(key):
    with LOCK:
        SEEN[key] = SEEN.get(key, 0) + 1
        return SEEN[key]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.answer(405)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        authorization = self.headers.get("Authorization", "-").split(" ")[0]
        if url.path == "/log":
            with LOCK:
                return self.answer(200, "\n".join(LOG).encode())
        if url.path == "/token":
            return self.token(urllib.parse.parse_qs(url.query))
        if url.path == "/elsewhere":
            with LOCK:
                LOG.append(f"elsewhere {self.headers['Host'].split(':')[0]} {authorization}")
            return self.answer(200, LAYER)
        parts = url.path.split("/")
        if len(parts) == 7 and parts[3] == "well":
            del parts[3]
        if len(parts) != 6 or parts[1] != "v2" or parts[3] != "app":
            return self.answer(404)
        behaviour, kind, key = parts[2], parts[4], parts[5]
        with LOCK:
            LOG.append(f"{behaviour} GET {kind} {authorization} {self.headers.get('Range', '-')}")
        if not self.allowed(behaviour):
            return None
        if kind == "manifests":
            return self.manifest(behaviour)
        if key == sha256(CONFIG):
            return self.answer(200, CONFIG)
        return self.layer(behaviour)

    def allowed(self, behaviour):
        here = f"http://{self.headers['Host']}"
        challenge = None
        if behaviour == "loop-401":
            challenge = f'Bearer realm="{here}/token",service="bad",scope="repository:loop-401/app:pull"'
        if behaviour == "token" and self.headers.get("Authorization") != "Bearer good":
            challenge = f'Bearer realm="{here}/token",service="bad",scope="repository:token/app:pull"'
        if behaviour == "realm-link-local":
            challenge = 'Bearer realm="http://[fe80::1]/token",service="bad"'
        if behaviour == "redirect" and self.headers.get("Authorization") != "Basic " + base64.b64encode(b"me:secret").decode():
            challenge = 'Basic realm="bad"'
        if challenge:
            self.answer(401, b"", [("WWW-Authenticate", challenge)])
        return challenge is None

    def token(self, query):
        right = query.get("scope") == ["repository:token/app:pull"] and query.get("service") == ["bad"]
        known = self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:secret").decode()
        self.answer(200, json.dumps({"token": "good" if right and known else "bad"}).encode())

    def manifest(self, behaviour):
        if behaviour == "endless":
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b" " * 65536)
            except OSError:
                return
        if behaviour == "headers":
            return self.answer(200, b"{}", [(f"X-{i}", "x" * 100) for i in range(1000)])
        if behaviour == "busy" and times_seen("busy") <= 2:
            return self.answer(429, b"", [("Retry-After", str(times_seen("busy-after") - 1))])
        body = make_manifest(1000 if behaviour == "lying-size" else len(LAYER))
        headers = [("Content-Type", "application/vnd.oci.image.manifest.v1+json")]
        if behaviour == "gzip":
            body = gzip.compress(body)
            headers.append(("Content-Encoding", "gzip"))
        if behaviour == "bomb":
            body = gzip.compress(b" " * 200_000_000)
            headers.append(("Content-Encoding", "gzip"))
        return self.answer(200, body, headers)

    def layer(self, behaviour):
        if behaviour == "wrong-digest":
            return self.answer(200, LAYER[:-1] + b"x")
        if behaviour == "redirect":
            port = self.headers["Host"].split(":")[1]
            return self.answer(307, b"", [("Location", f"http://localhost:{port}/elsewhere")])
        if behaviour in ("redirect-link-local", "redirect-metadata"):
            host = "[fe80::1]" if behaviour == "redirect-link-local" else "metadata.google.internal"
            return self.answer(307, b"", [("Location", f"http://{host}/layer")])
        if behaviour == "lacks-layer":
            return self.answer(404)
        if behaviour == "failing":
            return self.answer(503)
        if behaviour == "slow":
            self.send_response(200)
            self.send_header("Content-Length", str(len(LAYER)))
            self.end_headers()
            try:
                for i in range(60):
                    self.wfile.write(LAYER[i:i + 1])
                    self.wfile.flush()
                    time.sleep(1)
            except OSError:
                pass
            self.close_connection = True
            return None
        if behaviour == "half" and times_seen(behaviour) > 1:
            return self.answer(404)
        if behaviour == "half" or (behaviour in ("drop", "no-range") and times_seen(behaviour) == 1):
            self.send_response(200)
            self.send_header("Content-Length", str(len(LAYER)))
            self.end_headers()
            self.wfile.write(LAYER[:100_000])
            self.wfile.flush()
            self.close_connection = True
            return None
        asked = self.headers.get("Range")
        if behaviour in ("drop", "well") and asked:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            return self.answer(206, LAYER[start:], [("Content-Range", f"bytes {start}-{len(LAYER) - 1}/{len(LAYER)}")])
        return self.answer(200, LAYER)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


main()
