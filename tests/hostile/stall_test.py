#!/usr/bin/env python3
"""Sources that never end: each run is over soon after --timeout, with one clear error, and leaves no process behind."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import run_unittest  # noqa: E402

BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
# Ends a run that hangs, and so fails its test; far beyond what --timeout allows.
SECONDS_MAX = 120


def header(name, size):
    block = bytearray(512)
    block[:len(name)] = name
    block[100:108], block[124:136], block[156], block[257:265] = b"0000644\0", b"%011o\0" % size, ord("0"), b"ustar\0" + b"00"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


class Server:
    """Takes connections; answers with `head` and then a byte now and then, or never."""

    def __init__(self, head=b""):
        self.head, self.socket, self.open = head, socket.create_server(("127.0.0.1", 0)), True
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        self.socket.settimeout(0.1)
        peers = []
        while self.open:
            try:
                peer, _ = self.socket.accept()
                peers.append(peer)
                peer.sendall(self.head)
            except TimeoutError:
                pass
            for peer in peers if self.head else []:
                try:
                    peer.sendall(b" " * 20)
                except OSError:
                    peers.remove(peer)
        for peer in peers:
            peer.close()

    def __enter__(self):
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def __exit__(self, *_):
        self.open = False
        self.thread.join()
        self.socket.close()


class Stall(unittest.TestCase):
    def run_on(self, target, *flags, **named):
        result = subprocess.run([BINARY, "sbom", "-q", "--timeout", "1", *flags, str(target)], capture_output=True,
                                text=True, timeout=SECONDS_MAX, **named)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("longer than the 1 s", result.stderr)

    def test_standard_input_that_never_ends(self):
        for head in (b"", header(b"etc/hostname", 1 << 30) + b"x" * 100_000, header(b"manifest.json", 1 << 20)):
            read, write = os.pipe()
            os.set_blocking(write, False)
            if head:
                os.write(write, head[:60_000])
            self.run_on("-", stdin=read)
            os.close(read)
            os.close(write)

    def test_standard_input_without_end(self):
        # A file of 8 GiB, of which there is always more: read and hashed, in the worker.
        endless = ("import sys\nsys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))\n"
                   "while True: sys.stdout.buffer.write(b'x' * 65536)")
        for sandbox in ("require", "off"):
            with subprocess.Popen([sys.executable, "-c", endless, header(b"etc/hostname", 8 ** 11 - 1).hex()],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
                self.run_on("-", "--sandbox", sandbox, stdin=writer.stdout)
                writer.kill()

    def test_named_pipe_without_writer(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = pathlib.Path(folder) / "pipe"
            os.mkfifo(pipe)
            self.run_on(pipe)
            self.run_on(f"docker-archive:{pipe}")

    def test_registry_that_never_answers(self):
        with Server() as host:
            self.run_on(f"registry:{host}/a/b", "--insecure-registry", host)

    def test_registry_that_trickles(self):
        with Server(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n") as host:
            self.run_on(f"registry:{host}/a/b", "--insecure-registry", host)

    def test_no_time_at_all_makes_no_sense(self):
        for value in ("0", "-1", "soon", "99999999999"):
            result = subprocess.run([BINARY, "sbom", "--timeout", value, "x"], capture_output=True, text=True)
            self.assertEqual(result.returncode, 2)
            self.assertIn("--timeout", result.stderr)


if __name__ == "__main__":
    run_unittest.main()
