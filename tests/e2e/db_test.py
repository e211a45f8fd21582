#!/usr/bin/env python3
"""Advisory snapshots on their way from site to site, by the real program: mirrors behind a web server that fails in many
ways, exported files, what is told of a snapshot, feeds that break, and a platform that follows a mirror."""

import datetime
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
import run_unittest  # noqa: E402
from platform_server import BINARY, answers, wait_until  # noqa: E402
from serve_test import Processes  # noqa: E402

ADVISORIES = 1500


def advisory(number, summary="says something", modified="2026-01-01T00:00:00Z"):
    return {"schema_version": "1.6.0", "id": f"PYSEC-2026-{number}", "modified": modified, "summary": f"{summary} {number * 7919}",
            "aliases": [f"CVE-2026-{number:05}"], "details": f"details of {number}",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [{"package": {"ecosystem": "PyPI", "name": f"package-{number}"},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"{number}.1"}]}]}]}


class Mirror:
    """A web server over a folder. `fault(path, how often it was asked)` may name a fault: a status, "cut" or "wrong"."""

    def __init__(self, folder):
        mirror = self
        self.asked, self.statuses, self.fault = [], [], lambda path, times: None

        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def do_GET(self):
                mirror.asked.append(self.path)
                fault = mirror.fault(self.path, mirror.asked.count(self.path))
                if isinstance(fault, int):
                    self.send_response(fault)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif fault:
                    body = pathlib.Path(self.translate_path(self.path)).read_bytes()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body[:len(body) // 2] if fault == "cut" else bytes(len(body)))
                    self.close_connection = fault == "cut"
                else:
                    super().do_GET()

            def send_response(self, code, message=None):
                mirror.statuses.append(code)
                super().send_response(code, message)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def chunks_asked(self):
        return sum("/chunks/" in path for path in self.asked)

    def forget(self):
        self.asked.clear()
        self.statuses.clear()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Site(unittest.TestCase):
    """One site that publishes, and one that follows."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.feeds, self.site, self.copy = self.folder / "feeds", self.folder / "site.hfdb", self.folder / "data/copy.hfdb"
        self.published, self.key, self.day = self.folder / "published", self.folder / "key", 0
        for number in range(ADVISORIES):
            self.write(number)

    def write(self, number, **what):
        path = self.feeds / f"{'first' if number % 2 else 'second'}/{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(advisory(number, **what)))

    def run_db(self, *arguments, code=0, day=None):
        """`holdfast db`: its standard output and its talk; it must end with `code`."""
        now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10) + datetime.timedelta(days=day or self.day)
        done = subprocess.run([BINARY, "db", *map(str, arguments)], capture_output=True, text=True, timeout=300,
                              env=os.environ | {"SOURCE_DATE_EPOCH": str(int(now.timestamp()))})
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def build(self, *arguments):
        self.day += 1
        return self.run_db("build", self.feeds, "-o", self.site, *arguments)[1]

    def publish(self, *arguments):
        if not self.key.exists():
            self.run_db("keygen", self.key)
        return self.run_db("export", "--db", self.site, "--to", self.published, "--sign", self.key, *arguments)[1]

    def follow(self, source, *arguments, code=0):
        return self.run_db("update", "--db", self.copy, "--from", source, "--key", f"{self.key}.pub", *arguments, code=code)[1]

    def mirror(self):
        server = Mirror(self.published)
        self.addCleanup(server.stop)
        return server

    def assert_same(self):
        self.assertEqual(self.copy.read_bytes(), self.site.read_bytes())

    def test_what_changed_moves_over_http(self):
        self.build()
        self.publish()
        mirror = self.mirror()
        talk = self.follow(mirror.url)
        self.assertRegex(talk, r"(\d+) of \1 chunks moved")
        self.assert_same()
        all_chunks = mirror.chunks_asked()
        self.assertGreater(all_chunks, 5)

        # What was published in the second in which it is fetched could change in it: that is asked for whole once more.
        os.utime(self.published / "latest.json", (time.time() - 5,) * 2)
        mirror.forget()
        self.assertIn("nothing is new", self.follow(mirror.url + "/"))
        mirror.forget()
        self.assertIn("nothing is new", self.follow(mirror.url + "/"))
        self.assertEqual((mirror.asked, mirror.statuses), (["/latest.json"], [304]), "one question, answered in one word")

        self.write(17, summary="says something else")
        self.build()
        self.assertRegex(self.publish(), r"[12] of \d+ chunks are new")
        mirror.forget()
        self.assertIn("signed by", self.follow(mirror.url))
        self.assertLessEqual(mirror.chunks_asked(), 2)
        self.assert_same()
        self.run_db("check", "--db", self.copy)

    def test_a_server_that_fails_is_asked_again_and_what_came_is_kept(self):
        self.build()
        self.publish()
        mirror = self.mirror()
        chunk = sorted(path for path in self.published.glob("chunks/*/*"))[0]
        name = "/" + str(chunk.relative_to(self.published))
        # Once each: overload, a body that ends too early.
        mirror.fault = lambda path, times: {1: 503, 2: "cut"}.get(times) if path == name else None
        self.follow(mirror.url)
        self.assert_same()
        self.assertEqual(mirror.asked.count(name), 3)
        self.copy.unlink()

        for fault, complaint in ((404, "404"), (403, "403"), ("wrong", "its content is not what its name says")):
            mirror.fault = lambda path, times: fault if path == name else None
            self.assertIn(complaint, self.follow(mirror.url, code=5))
            self.assertFalse(self.copy.exists())
        kept = len(list((self.folder / "data").glob("copy.hfdb.chunks/*")))
        self.assertGreater(kept, 0)
        mirror.fault = lambda path, times: None
        mirror.forget()
        self.follow(mirror.url)
        self.assert_same()
        self.assertEqual(mirror.chunks_asked(), len(list(self.published.glob("chunks/*/*"))) - kept)
        self.assertEqual(list((self.folder / "data").glob("copy.hfdb.chunks")), [])
        # Nobody answers.
        mirror.stop()
        self.assertIn("127.0.0.1", self.follow("http://127.0.0.1:1", code=5))
        self.assert_same()

    def test_whose_snapshots_are_taken(self):
        self.build()
        self.publish()
        update = ("update", "--db", self.copy, "--from", self.published)
        self.assertIn("--key FILE", self.run_db(*update, code=2)[1])
        stranger = self.folder / "stranger"
        self.run_db("keygen", stranger)
        self.assertIn("trusted key", self.run_db(*update, "--key", f"{stranger}.pub", code=5)[1])
        self.assertIn("line", self.run_db(*update, "--key", self.key, code=5)[1])
        self.assertIn("is there already", self.run_db("keygen", stranger, code=5)[1])
        # One of several keys is enough.
        self.run_db(*update, "--key", f"{stranger}.pub", "--key", f"{self.key}.pub")
        self.assert_same()

        self.build()
        talk = self.run_db("export", "--db", self.site, "--to", self.published)[1]
        self.assertIn("not signed", talk)
        self.assertIn("not signed", self.follow(self.published, code=5))
        self.run_db(*update, "--allow-unsigned")
        self.assert_same()

        older = self.folder / "older"
        self.day -= 2
        self.build()
        self.run_db("export", "--db", self.site, "--to", older, "--sign", self.key)
        self.assertIn("--allow-older", self.follow(older, code=5))
        self.follow(older, "--allow-older")
        self.assert_same()
        self.assertIn("neither a folder nor", self.follow(self.folder / "nowhere", code=5))
        self.assertIn("--out or --to", self.run_db("export", "--db", self.site, code=2)[1])

    def test_one_file_goes_where_no_network_does(self):
        self.build()
        self.publish()
        exported = self.folder / "exported.tar"
        self.run_db("export", "--db", self.site, "--out", exported, "--sign", self.key)
        take = ("import", "--db", self.copy, "--key", f"{self.key}.pub")
        cut = self.folder / "cut.tar"
        cut.write_bytes(exported.read_bytes()[:exported.stat().st_size // 2])
        self.run_db(*take, cut, code=5)
        self.assertFalse(self.copy.exists())
        self.assertRegex(self.run_db(*take, exported)[1], r"chunks moved")
        self.assert_same()
        self.assertIn("nothing is new", self.run_db(*take, self.published)[1])
        self.run_db(*take, self.folder / "gone", code=2)

    def test_a_snapshot_can_be_asked(self):
        self.write(3, modified="2999-01-01T00:00:00Z")
        self.build()
        old = self.folder / "old.hfdb"
        shutil.copy(self.site, old)
        self.write(4, summary="says something else")
        (self.feeds / "first/5.json").unlink()
        self.write(5000)
        self.build()

        text, _ = self.run_db("diff", old, self.site)
        self.assertIn("advisories       1 added, 1 changed, 1 removed", text)
        text, _ = self.run_db("diff", "-v", old, self.site)
        self.assertIn("  removed  package-5@PyPI\n", text)
        difference = json.loads(self.run_db("diff", "-o", "json", old, self.site)[0])
        self.assertEqual(difference["advisories"], {"added": ["PYSEC-2026-5000"], "changed": ["PYSEC-2026-4"], "removed": ["PYSEC-2026-5"]})
        self.assertEqual(difference["packages"]["added"], ["package-5000@PyPI"])
        self.run_db("diff", old, self.key, code=2)
        damaged = self.folder / "damaged.hfdb"
        damaged.write_bytes(old.read_bytes()[:-1] + b"x")
        self.assertIn("damaged.hfdb", self.run_db("diff", old, damaged, code=5)[1])

        search = ("search", "--db", self.site)
        for what in ("CVE-2026-00007", "cve-2026-00007", "PYSEC-2026-7", "package-7", "Package_7@pypi", "package-7@PyPI:"):
            found = json.loads(self.run_db(*search, "-o", "json", what)[0])
            self.assertEqual([(row["advisory"], row["package"].lower().replace("_", "-"), row["versions"]) for row in found["affected"]],
                             [("PYSEC-2026-7", "package-7", "< 7.1")], what)
            self.assertEqual(found["advisories"][0]["details"], "details of 7")
            self.assertEqual(found["advisories"][0]["cvss"][0]["score"], 9.8)
        text, _ = self.run_db(*search, "CVE-2026-00007")
        self.assertRegex(text, r"CVSS +9.8  CVSS:3.1/AV:N")
        text, talk = self.run_db(*search, "nothing-of-this-name")
        self.assertEqual(text, "")
        self.assertIn("nothing about", talk)
        self.assertIn("there are: PyPI", self.run_db(*search, "package-7@nix", code=2)[1])
        self.assertIn("there are: (none)", self.run_db(*search, "package-7@pypi:12", code=2)[1])

        text, talk = self.run_db("status", "--db", self.site)
        self.assertRegex(text, r"first .* 2999-01-01T00:00:00Z +odd date")
        self.assertEqual(talk, "")
        status = json.loads(self.run_db("status", "--db", self.site, "-o", "json", day=self.day + 9)[0])
        self.assertTrue(status["old"])
        first, second = status["sources"]
        self.assertEqual((first["age_days"], first["odd_date"]), (None, True))
        self.assertGreater(second["age_days"], 9)
        self.assertIn("built 9 days ago", self.run_db("status", "--db", self.site, day=self.day + 9)[1])
        self.assertEqual(self.run_db("status", "--db", self.site, "--max-age", 10, day=self.day + 9)[1], "")

    def test_a_feed_that_breaks_keeps_its_data(self):
        keep = ("--keep", self.folder / "kept")
        self.build(*keep)
        before = json.loads(self.run_db("status", "--db", self.site, "-o", "json")[0])
        read = before["sources"][0]["read"]
        for path in list((self.feeds / "first").iterdir())[:ADVISORIES // 3]:
            path.unlink()
        (self.feeds / "first/1.json").write_text('{"id": ')
        self.assertRegex(self.build(*keep), r"first: its data of \S+ is kept: it gives \d+ of the 750 .* first/1.json: ")
        after = json.loads(self.run_db("status", "--db", self.site, "-o", "json")[0])
        self.assertEqual(after["content"], before["content"])
        self.assertEqual(after["sources"][0]["read"], read)
        self.assertIn("first/1.json", after["sources"][0]["failure"])
        self.assertNotIn("failure", after["sources"][1])
        self.assertIn("kept: it gives", self.run_db("status", "--db", self.site)[0])
        # What is said of it goes to those who follow.
        self.publish()
        self.follow(self.published)
        self.assertIn("first/1.json", self.run_db("status", "--db", self.copy)[1])
        self.assertNotIn("is kept", self.build(*keep, "--keep-below", 10))
        self.assertNotEqual(json.loads(self.run_db("status", "--db", self.site, "-o", "json")[0])["content"], before["content"])

    def test_a_platform_follows_a_mirror(self):
        self.build("--keep", self.folder / "kept")
        self.publish()
        mirror = self.mirror()
        server = Processes(self.folder, f"""
advisory_mirror: {{url: "{mirror.url}", key_files: ["{self.key}.pub"]}}
services: {{policy_engine: {{cycle_timers: {{feed_sync: 86400}}}}}}
""")
        self.addCleanup(server.stop)
        port = server.start("all")
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "the API")

        def sync():
            """The status of the feed's synchronisation; another one may run."""
            status, answer = wait_until(lambda: (lambda a: a if a[0] != 409 else None)(server.ask("all", "POST", "/system/feeds")), "a turn")
            self.assertEqual(status, 200, answer)
            return answer[0]

        def events(kind):
            return [e["event"] for e in server.ask("all", "GET", f"/events?event_type=system.feeds.sync.{kind}")[1]["results"]]

        self.assertEqual(sync()["status"], "success")
        groups = server.ask("all", "GET", "/system/feeds")[1][0]["groups"]
        self.assertEqual([(g["name"], g["record_count"]) for g in groups], [("github:python", ADVISORIES)])

        # What is not signed by the key does not come into force; nor what breaks on its way.
        self.write(9000)
        for path in list((self.feeds / "first").iterdir())[:ADVISORIES // 3]:
            path.unlink()
        self.build("--keep", self.folder / "kept")
        self.run_db("export", "--db", self.site, "--to", self.published)
        self.assertEqual(sync()["status"], "failure")
        self.assertEqual(server.ask("all", "GET", "/system/feeds")[1][0]["groups"], groups)
        self.assertIn("not signed", json.dumps(events("failed")))
        self.publish()
        mirror.fault = lambda path, times: "wrong" if "/chunks/" in path else None
        self.assertEqual(sync()["status"], "failure")
        mirror.fault = lambda path, times: None
        mirror.forget()
        self.assertEqual(sync()["status"], "success")
        self.assertLess(mirror.chunks_asked(), len(list(self.published.glob("chunks/*/*"))) // 2)
        groups = server.ask("all", "GET", "/system/feeds")[1][0]["groups"]
        self.assertEqual(groups[0]["record_count"], ADVISORIES + 1, "the source that broke keeps its data")
        self.assertIn("it gives", json.dumps(events("group_failed")))


if __name__ == "__main__":
    run_unittest.main()
