"""`holdfast serve` for end-to-end tests: all roles in one process on SQLite, or each role in processes of its own on a
private PostgreSQL. Stopped, with all its processes, by stop()."""

import base64
import os
import pathlib
import pwd
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("HOLDFAST_BINARY") or os.environ.get("HOLDFAST_FALLBACK_BINARY") or str(ROOT / "build/release/holdfast")
POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
PASSWORD = "an-end-to-end-password"
DEADLINE_S = 120  # of waiting for anything; never asserted


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE_S
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"still waiting for {what} after {DEADLINE_S} s")
        time.sleep(0.1)
    return result


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


class Postgres:
    """A PostgreSQL 15 of its own on loopback. It refuses to run as root, so root hands it to user postgres."""

    def __init__(self, folder):
        self.data = folder / "postgres"
        self.data.mkdir()
        self.port = free_port()
        self.prefix = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.data, user.pw_uid, user.pw_gid)
            folder.chmod(0o755)
            self.prefix = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", "postgres")
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o",
                  f"-p {self.port} -k {self.data} -c listen_addresses=127.0.0.1 -c fsync=off", "start")

    def _run(self, program, *arguments):
        subprocess.run([*self.prefix, str(POSTGRES / program), *map(str, arguments)], check=True,
                       stdout=subprocess.DEVNULL)

    @property
    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def restart(self, mode="fast"):
        """Mode "immediate" is a crash: the server recovers from its log."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "-l", self.data / "log", "restart")

    def stop(self):
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")


class Platform:
    """A running platform with account admin (PASSWORD) and the advisories of demo/advisories. Apart: each role in
    `replicas` processes of its own ("api", "api-1", …), and four analyzers that share the queues."""

    def __init__(self, folder, webhook_url="", apart=False, replicas=1):
        self.folder = folder
        self.starts = {}
        self.processes = {}
        self.ports = {}
        self.postgres = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        (folder / "config.yaml").write_text(self._configuration(webhook_url))
        self.environment = {"PATH": os.environ["PATH"], "ANCHORE_ADMIN_PASSWORD": PASSWORD,
                            "HOLDFAST_ADVISORY_SOURCE": str(ROOT / "demo/advisories")}
        if apart:
            self._start_apart(replicas)
        else:
            self.start("all", [], self.port)
        wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/health"), "the API")

    @staticmethod
    def _configuration(webhook_url):
        lines = ["ssrf:", "  allow: [127.0.0.0/8]", "services:", "  catalog:", "    cycle_timers:", "      notifications: 10",
                 "      image_gc: 60", "metrics:", "  enabled: true"]
        if webhook_url:
            lines += ["webhooks:", "  general:", f"    url: {webhook_url}"]
        return "\n".join(lines) + "\n"

    def _start_apart(self, replicas):
        self.postgres = Postgres(self.folder)
        self.environment |= {"ANCHORE_DB_HOST": "127.0.0.1", "ANCHORE_DB_PORT": str(self.postgres.port),
                             "ANCHORE_DB_USER": "postgres", "ANCHORE_DB_PASSWORD": "unused", "ANCHORE_DB_NAME": "postgres",
                             "HOLDFAST_INTERNAL_TOKEN": "a-token-for-end-to-end-tests",
                             "HOLDFAST_SECRET_KEY_FILE": str(self.folder / "secret.key")}
        queues = []
        for number in range(replicas):
            suffix = f"-{number}" if number else ""
            self.start("api" + suffix, ["api"], free_port() if number else self.port)
            for role in ("catalog", "policy-engine", "feeds"):
                self.start(role + suffix, [role], free_port())
            queues.append(free_port())
            self.start("queue" + suffix, ["queue"], queues[-1])
        for number in range(4):
            self.start(f"analyzer-{number}", ["analyzer"], free_port(),
                       {"HOLDFAST_QUEUE_URL": f"http://127.0.0.1:{queues[number % replicas]}"})

    def start(self, name, roles, port, environment=None):
        self.starts[name] = (roles, port, environment)
        self.ports[name] = port
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [BINARY, "serve", *roles, "--config", str(self.folder / "config.yaml"), "--data", str(self.folder / name),
                 "--listen", f"127.0.0.1:{port}"],
                env=self.environment | {"ANCHORE_HOST_ID": f"host-{name}"} | (environment or {}), stdout=log, stderr=log)

    def kill(self, name):
        """As when its machine is gone: nothing is said, nothing is tidied up."""
        self.processes[name].kill()
        self.processes[name].wait()

    def start_again(self, name):
        self.start(name, *self.starts[name])

    def ended(self):
        """Names of the processes that ended by themselves, or were killed."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def stop_processes(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()

    def command(self, *words):
        """Runs the program with the configuration of the platform, as its operator would."""
        home = self.folder / next(iter(self.processes))
        return subprocess.run([BINARY, *words, "--config", str(self.folder / "config.yaml"), "--data", str(home)],
                              env=self.environment, capture_output=True, text=True)

    def metrics(self, role):
        """The figures of the process that has a role, by name and labels."""
        port = self.ports.get(role, self.port)
        request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics")
        request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

    def stop(self):
        self.stop_processes()
        if self.postgres is not None:
            self.postgres.stop()

    def logs(self):
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-4000:]}" for log in sorted(self.folder.glob("*.log")))
