#!/usr/bin/env python3
"""The platform in fourteen processes on PostgreSQL, each role twice and four analyzers, while processes are killed at
random and the database crashes: every image ends analysed, once; every notification arrives; nothing is left over.

HOLDFAST_STORM_SEED repeats a storm, as far as clocks allow; with HOLDFAST_SOAK it is a long one. Whoever adds images
does as clients do: asks again when there is no answer, or 503.
"""

import base64
import collections
import http.client
import http.server
import json
import lzma
import os
import pathlib
import random
import re
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import platform_server  # noqa: E402
import run_unittest  # noqa: E402
from image_registry import Image, Layer, Registry, tar_of  # noqa: E402
from platform_server import wait_until  # noqa: E402

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
IMAGES, KILLS, CRASHES = (500, 200, 10) if SOAK else (40, 12, 1)
ADDERS = 4
PATIENCE_S = 600 if SOAK else 120  # until an addition is taken, and until all is quiet after the storm


def dpkg_layer(number, packages):
    status = "".join(f"Package: lib{number}-{i}\nStatus: install ok installed\nVersion: 1.{i}-{number}\nArchitecture: amd64\n"
                     f"Maintainer: nobody\nDescription: of a test\n\n" for i in range(packages))
    return Layer(tar_of({"var/lib/dpkg/status": status.encode(), f"etc/mark{number}": os.urandom(20_000),
                         "etc/os-release": b"ID=debian\nVERSION_ID=12\nPRETTY_NAME=Debian\n"}))


def make_images(count, dice):
    """Images that share layers: one of a few bases, one of some middles, and a top of their own."""
    bases = [dpkg_layer(number, 40) for number in range(4)]
    bases.append(Layer(lzma.decompress((ROOT / "demo/image.tar.xz").read_bytes())))
    middles = [Layer(tar_of({f"opt/{number}/package.json": json.dumps({"name": f"m{number}", "version": "1.0.0"}).encode(),
                             f"opt/{number}/data": os.urandom(200_000)})) for number in range(10)]
    images = []
    for number in range(count):
        top = Layer(tar_of({f"usr/lib/node_modules/t{number}/package.json":
                            json.dumps({"name": f"top{number}", "version": f"{number}.0.0"}).encode(),
                            f"var/data{number}": os.urandom(300_000)}))
        history = [{"created": "2024-01-02T03:04:05Z", "created_by": f"step {n}"} for n in range(3)]
        images.append(Image([dice.choice(bases), dice.choice(middles), top], history))
    return images


class Receiver:
    """Keeps what is posted to it; slow now and then, so that a sender may be killed while it waits."""

    def __init__(self, dice):
        receiver = self
        self.posted = []
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                with receiver.lock:
                    receiver.posted.append(body)
                    pause = dice.random() * 0.3
                time.sleep(pause)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def notifications(self):
        """Of analyses: by subject, the ids of what was told, as often as it was."""
        told = collections.defaultdict(list)
        with self.lock:
            for body in self.posted:
                payload = body["data"]["notification_payload"]
                if body["data"]["notification_type"] == "analysis_update":
                    told[payload["subscription_key"]].append(payload["notificationId"])
        return told

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Client:
    """Talks to whichever API answers."""

    def __init__(self, platform):
        self.ports = [port for name, port in platform.ports.items() if name.startswith("api")]
        self.turn = 0
        self.retries = collections.Counter()

    def once(self, method, path, body=None):
        self.turn += 1
        port = self.ports[self.turn % len(self.ports)]
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v1{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{platform_server.PASSWORD}".encode()).decode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def call(self, method, path, body=None):
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.once(method, path, body)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]}") from error
                self.retries["503"] += 1
            except (OSError, http.client.HTTPException) as error:
                self.retries[type(error).__name__] += 1
            if time.monotonic() > end:
                raise AssertionError(f"{method} {path}: no answer for {PATIENCE_S} s")
            time.sleep(0.2)


class Storm:
    """Kills and crashes, one after the other, while images are added: as many of them as of the faults are done."""

    def __init__(self, platform, seed):
        self.platform = platform
        self.dice = random.Random(seed)
        self.done = 0
        self.log = []

    def run(self):
        crashes = sorted(self.dice.sample(range(1, KILLS), CRASHES))
        killed = 0
        while killed < KILLS:
            time.sleep(self.dice.uniform(0.05, 1.2))
            if crashes and crashes[0] <= killed:
                crashes.pop(0)
                self.log.append("postgres")
                self.platform.postgres.restart("immediate")
            # Now and then several at once: all queues, or a sender and what it told of.
            names = self.dice.sample(sorted(self.platform.processes), min(self.dice.choice([1, 1, 1, 2, 3]), KILLS - killed))
            for name in names:
                self.log.append(name)
                self.platform.kill(name)
            killed += len(names)
            # What could not start without the database is started again, too, as by whoever supervises processes.
            for name in self.platform.ended():
                self.platform.start_again(name)
            self.done = killed / KILLS


class FaultStorm(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.folder.chmod(0o755)  # the database is run by another user
        self.seed = int(os.environ.get("HOLDFAST_STORM_SEED") or random.SystemRandom().randrange(10**6))
        print(f"HOLDFAST_STORM_SEED={self.seed}", flush=True)
        dice = random.Random(self.seed + 1)
        self.images = make_images(IMAGES, dice)
        (self.folder / "registry").mkdir()
        self.registry = Registry(self.folder / "registry")
        self.addCleanup(self.registry.stop)
        self.names = [self.registry.upload(image, f"team/app{number % 5}", str(number))
                      for number, image in enumerate(self.images)]
        self.receiver = Receiver(dice)
        self.addCleanup(self.receiver.stop)
        (self.folder / "platform").mkdir()
        self.platform = platform_server.Platform(self.folder / "platform", self.receiver.url, apart=True, replicas=2)
        self.addCleanup(self.platform.stop)
        self.client = Client(self.platform)

    def keep_logs(self):
        """What is needed to find out why: where HOLDFAST_STORM_LOGS says."""
        folder = os.environ.get("HOLDFAST_STORM_LOGS")
        if folder:
            for log in (self.folder / "platform").glob("*.log"):
                (pathlib.Path(folder) / log.name).write_bytes(log.read_bytes())

    def test_storm(self):
        try:
            self.storm_and_look()
        finally:
            self.keep_logs()

    def storm_and_look(self):
        storm = Storm(self.platform, self.seed)
        waiting = list(enumerate(self.names))
        failures = []

        def add():
            while waiting and not failures:
                number, name = waiting.pop(0)
                while storm.done < number / IMAGES and not failures:
                    time.sleep(0.02)
                try:
                    self.client.call("POST", "/images", {"tag": name})
                except AssertionError as error:
                    failures.append(str(error))

        looks = collections.Counter()

        def look():
            """Nothing contradicts itself at any time; what is young is nobody's waste. 2: the database was away."""
            while storm.done < 1 and not failures:
                looked = self.platform.command("fsck", "--deep", "-o", "json")
                looks[looked.returncode] += 1
                if looked.returncode not in (0, 2):
                    failures.append(f"fsck during the storm: {looked.returncode}\n{looked.stdout}{looked.stderr}")
                time.sleep(1)

        threads = [threading.Thread(target=add) for _ in range(ADDERS)] + [threading.Thread(target=look)]
        for thread in threads:
            thread.start()
        start = time.monotonic()
        try:
            storm.run()
        finally:
            storm.done = 1
            for thread in threads:
                thread.join()
        print(f"{len(storm.log)} faults in {time.monotonic() - start:.0f} s: {' '.join(storm.log)}; "
              f"asked again: {dict(self.client.retries)}; fsck meanwhile: {dict(looks)}", flush=True)
        self.assertEqual(failures, [])
        self.assertGreater(looks[0], 0)
        self.wait_for_calm()
        print(f"all is quiet after {time.monotonic() - start:.0f} s", flush=True)
        self.look_at_images()
        self.look_at_notifications(sum(name.startswith("catalog") for name in storm.log))
        self.look_at_stores()

    def wait_for_calm(self):
        end = time.monotonic() + PATIENCE_S
        while True:
            for name in self.platform.ended():
                self.platform.start_again(name)
            states = collections.Counter(image["analysis_status"] for image in self.client.call("GET", "/images"))
            queues = self.platform.command("queue", "status")
            if states == {"analyzed": IMAGES} and not queues.stdout and queues.returncode == 0:
                return
            if states["analysis_failed"] or time.monotonic() > end:
                self.fail(f"{dict(states)}\n{queues.stdout}{self.platform.command('queue', 'dead').stdout}")
            time.sleep(0.5)

    def look_at_images(self):
        """Each was analysed once: one event says so, and no result was taken twice."""
        completed = collections.Counter()
        page, more = 1, True
        while more:
            answer = self.client.call("GET", f"/events?event_type=user.image.analysis.completed&limit=100&page={page}")
            completed.update(record["event"]["resource"]["id"] for record in answer["results"])
            page, more = page + 1, answer["next_page"]
        self.assertEqual(completed, collections.Counter(self.names))
        taken = collections.Counter()
        for log in (self.folder / "platform").glob("analyzer-*.log"):
            taken.update(re.findall(r"@(sha256:[0-9a-f]{64}): analysed in ", log.read_text(errors="replace")))
        self.assertEqual({digest: count for digest, count in taken.items() if count > 1}, {})

    def look_at_notifications(self, lost_senders):
        """One for each image. One that was sent again has the same id: its sender was killed before it could note that
        it had arrived. No sender has two under way to one webhook."""
        told = self.receiver.notifications()
        self.assertEqual({subject: len(set(ids)) for subject, ids in told.items()}, dict.fromkeys(self.names, 1))
        again = sum(len(ids) - 1 for ids in told.values())
        print(f"{again} of {IMAGES} notifications were sent again", flush=True)
        self.assertLessEqual(again, lost_senders)

    def look_at_stores(self):
        self.platform.stop_processes()
        looked = self.platform.command("fsck", "--deep", "--grace", "0", "-o", "json")
        self.assertEqual(looked.returncode, 0, looked.stdout + looked.stderr)
        report = json.loads(looked.stdout)
        self.assertTrue(report["clean"])
        self.assertGreater(report["objects"]["read"], 2 * IMAGES)


if __name__ == "__main__":
    run_unittest.main()
