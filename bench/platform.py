"""The measuring part of bench/platform."""

import base64
import collections
import concurrent.futures
import http.client
import json
import lzma
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
import platform_server  # noqa: E402
from image_registry import Image, Layer, Registry  # noqa: E402
from platform_server import PASSWORD, Platform, wait_until  # noqa: E402

LIMIT_STATEMENTS = 4
LIMIT_DATABASE_MS = 20
LIMIT_MEMORY_MB = 256
LIMIT_START_S = 1
CLIENTS = 200
SECONDS = 10
IDLE_SECONDS = 10
ROLES = ("api", "catalog", "policy-engine", "feeds", "queue")  # analyzers have no connection


class Client:
    """The API, as one client after another asks it."""

    def __init__(self, platform):
        self.address = f"127.0.0.1:{platform.port}"
        self.authorization = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=120)
        connection.request(method, "/v1" + path, json.dumps(body) if body is not None else None,
                           {"Authorization": self.authorization, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text)

    def analysed(self):
        return sum(image["analysis_status"] == "analyzed" for image in self.ask("GET", "/images"))


def statements(platform):
    """Number and seconds of each statement so far, of all processes."""
    counts, seconds = collections.Counter(), collections.Counter()
    for role in ROLES:
        for name, value in platform.metrics(role).items():
            if match := re.fullmatch(r'holdfast_db_statement_seconds_(count|sum)\{.*statement="([^"]+)".*\}', name):
                (counts if match[1] == "count" else seconds)[match[2]] += value
    return counts, seconds


def since(platform, before):
    """The same, from `before` till now."""
    return [after - earlier for after, earlier in zip(statements(platform), before)]


def push_images(registry, images):
    """Tags 0, 1, … of bench/image: one layer, each with a configuration of its own."""
    layer = Layer(lzma.decompress((ROOT / "demo/image.tar.xz").read_bytes()))
    for number in range(images):
        history = [{"created": "2024-01-02T03:04:05Z", "created_by": f"ADD number {number}"}]
        registry.upload(Image([layer], history), "bench/image", str(number))


class Idle:
    """What the platform asks its database for without any image, taken off what it asks while there are some."""

    def __init__(self, platform):
        before = statements(platform)
        time.sleep(IDLE_SECONDS)
        self.each = [{name: value / IDLE_SECONDS for name, value in figures.items()} for figures in since(platform, before)]

    def take_off(self, figures, took):
        for counter, idle in zip(figures, self.each):
            for name, value in idle.items():
                counter[name] -= value * took
        return figures


def signal_analyzers(platform, number):
    for name, process in platform.processes.items():
        if name.startswith("analyzer"):
            process.send_signal(number)


def report(what, figures, images, detail, limits=("", "")):
    counts, seconds = figures
    print(f"statements       {sum(counts.values()) / images:.1f} an image {what}{limits[0]}")
    print(f"database time    {1000 * sum(seconds.values()) / images:.1f} ms an image {what}{limits[1]}")
    if detail:
        for name, count in counts.most_common():
            if count / images >= 0.02:
                print(f"  {name:40} {count / images:6.2f} an image {1000 * seconds[name] / images:7.2f} ms")


def known_layers(platform, client, registry, images, detail):
    """Adds images whose layers are known already, then lets the analyzers have them; figures per image."""
    client.ask("POST", "/images", {"tag": f"{registry.host}/bench/image:0"})
    wait_until(lambda: client.analysed() == 1, "the first image")
    idle = Idle(platform)
    many = images - 1
    signal_analyzers(platform, signal.SIGSTOP)
    before, start = statements(platform), time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: client.ask("POST", "/images", {"tag": f"{registry.host}/bench/image:{n}"}), range(1, images)))
    took = time.perf_counter() - start
    print(f"added            {many / took:.0f} images/s by 8 clients")
    report("added", idle.take_off(since(platform, before), took), many, detail)
    before, start = statements(platform), time.perf_counter()
    signal_analyzers(platform, signal.SIGCONT)
    deadline = time.monotonic() + platform_server.DEADLINE_S
    while client.analysed() < images:  # seldom: what is asked here is counted
        if time.monotonic() > deadline:
            raise TimeoutError("not all images are analysed")
        time.sleep(1)
    took = time.perf_counter() - start
    print(f"analysed         {many / took:.0f} images/s, layers known, 4 analyzers")
    report("analysed", idle.take_off(since(platform, before), took), many, detail,
           (f" (limit {LIMIT_STATEMENTS})", f" (limit {LIMIT_DATABASE_MS})"))


def many_clients(platform, client):
    """Latencies of reading operations at 200 connections, by wrk."""
    digest = client.ask("GET", "/images")[0]["imageDigest"]
    for path in ("/system", f"/images/{digest}", f"/images/{digest}/vuln/all", f"/images/{digest}/check?tag=x/bench/image:0"):
        out = subprocess.run(["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", "--timeout", "30s", "-H",
                              f"Authorization: {client.authorization}", f"http://{client.address}/v1{path}"],
                             check=True, capture_output=True, text=True).stdout
        figure = {name: re.search(pattern, out) for name, pattern in
                  (("p50", r"\n +50% +(\S+)"), ("p99", r"\n +99% +(\S+)"), ("rate", r"Requests/sec:\s+(\S+)"), ("bad", r"Non-2xx.*: (\d+)"))}
        print(f"{re.sub('sha256:[0-9a-f]+', 'DIGEST', path):38} p50 {figure['p50'][1]:>9}, p99 {figure['p99'][1]:>9}, "
              f"{float(figure['rate'][1]):.0f}/s, not 2xx: {figure['bad'][1] if figure['bad'] else 0}")


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def one_process(folder, registry):
    """All roles in one process."""
    start = time.perf_counter()
    process_platform = Platform(folder)
    started = time.perf_counter() - start
    try:
        client = Client(process_platform)
        pid = process_platform.processes["all"].pid
        print(f"start            {started:.2f} s to the first answer, all roles, SQLite (limit {LIMIT_START_S})")
        for number in range(20):
            client.ask("POST", "/images", {"tag": f"{registry.host}/bench/image:{number}"})
        wait_until(lambda: client.analysed() == 20, "20 images")
        print(f"memory           {resident_mb(pid):.0f} MB resident after 20 images, all roles (limit {LIMIT_MEMORY_MB})")
    finally:
        process_platform.stop()


def main():
    images = int(sys.argv[1])
    platform_server.DEADLINE_S = 180
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        folder.chmod(0o755)
        (folder / "registry").mkdir()
        registry = Registry(folder / "registry")
        try:
            push_images(registry, images)
            (folder / "one").mkdir()
            one_process(folder / "one", registry)
            (folder / "apart").mkdir()
            platform = Platform(folder / "apart", apart=True)
            try:
                client = Client(platform)
                known_layers(platform, client, registry, images, "-v" in sys.argv)
                many_clients(platform, client)
                for name, process in platform.processes.items():
                    print(f"memory           {resident_mb(process.pid):.0f} MB resident, {name}")
            except Exception:
                print(platform.logs())
                raise
            finally:
                platform.stop()
        finally:
            registry.stop()


if __name__ == "__main__":
    sys.exit(main())
