"""The measuring part of bench/scan: runs both commands in turn and compares medians."""

import os
import statistics
import subprocess
import sys
import threading
import time

LIMIT_RATIO = 1.3
LIMIT_MEMORY_MB = 128


def family(pid):
    """The process and all its descendants."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return [pid] + [p for child in children.read().split() for p in family(int(child))]
    except OSError:
        return []


def resident_kib(pid):
    try:
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    except (OSError, IndexError):
        return 0


def run(command, watch):
    """Wall seconds, CPU seconds, and the peak of the summed resident memory in KiB (when watched)."""
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0
    done = threading.Event()

    def sample():
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, sum(resident_kib(p) for p in family(process.pid)))

    thread = threading.Thread(target=sample)
    if watch:
        thread.start()
    code = process.wait()
    wall = time.perf_counter() - start
    done.set()
    if watch:
        thread.join()
    after = os.times()
    cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    if code not in (0, 1, 4):
        sys.exit(f"{command[0]} ended with {code}")
    return wall, cpu, peak


def main():
    holdfast, database, layer, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    igzip = ["igzip", "-dc", layer]
    scan = [holdfast, "scan", "-q", "--db", database, "-o", "json", layer]
    run(igzip, False)  # the file is in the page cache for both
    peak = run(scan, True)[2]
    walls = {"igzip": [], "scan": []}
    cpus = {"igzip": [], "scan": []}
    for _ in range(rounds):
        for name, command in (("igzip", igzip), ("scan", scan)):
            wall, cpu, _peak = run(command, False)
            walls[name].append(wall)
            cpus[name].append(cpu)
    median = {name: statistics.median(values) for name, values in walls.items()}
    ratio = median["scan"] / median["igzip"]
    print(f"layer            {os.path.getsize(layer) / 1e6:.0f} MB compressed, {rounds} rounds in turn")
    for name in walls:
        print(f"{name:16} {median[name]:.2f} s wall, {statistics.median(cpus[name]):.2f} s CPU (median)")
    print(f"ratio            {ratio:.2f} (limit {LIMIT_RATIO})")
    print(f"peak memory      {peak / 1024:.0f} MB over all processes (limit {LIMIT_MEMORY_MB}), scratch disk 0")
    return 0 if ratio <= LIMIT_RATIO and peak / 1024 <= LIMIT_MEMORY_MB else 1


if __name__ == "__main__":
    sys.exit(main())
