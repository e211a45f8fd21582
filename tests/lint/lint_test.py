#!/usr/bin/env python3
"""Checks of the repository itself: layers, third-party headers, registration, sizes, tests, words.

Each check is a function that yields complaints. Run by ctest; prints every complaint and fails when
there is one. Exceptions live in exceptions.txt, and an exception that is no longer needed is a complaint.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

# Ranks of ARCHITECTURE.md: a module includes lower ranks only.
RANKS = {
    "base": 0,
    "io": 1, "model": 1, "version": 1, "crypto": 1, "metrics": 1,
    "vfs": 2, "cvss": 2, "http": 2, "sandbox": 2, "config": 2, "regex": 2,
    "image": 3, "blob": 3, "catalog": 3, "sbom": 3, "advisory": 3, "match": 3, "policy": 3, "store": 3,
    "report": 4, "triage": 4,
    "service": 5,
    "api": 6, "cli": 6,
    "app": 7,
}
PLUGIN_RANK = 4
# Lists of plug-ins: they see every plug-in of their parent.
LISTS = {"catalog/builtin", "advisory/builtin"}

# A third-party header belongs to one module; the C and C++ libraries and the kernel are everybody's.
THIRD_PARTY = {
    "fmt/": "base",
    "boost/json": "io", "boost/system": "io", "yaml-cpp/": "io", "toml++/": "io", "zstd.h": "io", "lzma.h": "io", "bzlib.h": "io",
    "isa-l": "io", "isa-l/": "io", "igzip_lib.h": "io", "openssl/": "io", "pugixml.hpp": "io", "zlib.h": "io",
    "curl/": "http", "boost/asio": "http", "boost/beast": "http",
    "sodium.h": "crypto", "prometheus/": "metrics", "libpq-fe.h": "store",
    "sqlite3.h": ("io", "store"),  # files that others made, and our own database
    "seccomp.h": "sandbox",
    "lmdb.h": "advisory",
    "re2/": "regex",
    "kainjow/": "report",
    "CLI/": "cli",
}
LINES_MAX = {".cc": 800, ".h": 300}
FUNCTION_LINES_MAX = 70
BANNED = [
    (re.compile(r"\bTODO\(now\)|\bFIXME\b|\bXXX\b"), "unfinished work"),
    (re.compile(r"std::(cout|cerr)\b"), "iostreams"),
    (re.compile(r"#include <(iostream|regex)>"), "a heavy header"),
    (re.compile(r"\busing namespace (?!std::literals)"), "using namespace"),
    (re.compile(r"/work/|\b(issue|sitting|session) #?\d+\b", re.I), "words of a workplace"),
]
BANNED_FOLDERS = {"common", "utils", "util", "helpers", "misc"}


def tracked():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                         check=True)
    return [ROOT / line for line in out.stdout.splitlines() if (ROOT / line).is_file()]


FILES = tracked()
CODE = [f for f in FILES if f.suffix in (".cc", ".h") and SRC in f.parents]
EXCEPTIONS = {}
for line in (ROOT / "tests/lint/exceptions.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        check, path, _reason = line.split(None, 2)
        EXCEPTIONS[(check, path)] = False


def excepted(check, path):
    key = (check, str(path.relative_to(ROOT)))
    if key in EXCEPTIONS:
        EXCEPTIONS[key] = True
        return True
    return False


def unit_of(path):
    """("catalog", None) for a module's own file, ("catalog", "dpkg") for a plug-in's."""
    parts = path.relative_to(SRC).parts
    if len(parts) == 2 or parts[1] in ("internal", "testdata", "migrations"):
        return parts[0], None
    return parts[0], parts[1]


def includes(path):
    return re.findall(r'^\s*#include [<"]([^>"]+)[>"]', path.read_text(errors="replace"), re.M)


def check_layers():
    for path in CODE:
        module, plugin = unit_of(path)
        if module not in RANKS:
            yield f"{path}: module '{module}' has no rank"
            continue
        rank = PLUGIN_RANK if plugin else RANKS[module]
        for include in includes(path):
            target = SRC / include
            if not target.is_file():
                continue
            other, other_plugin = unit_of(target)
            if (other, other_plugin) == (module, plugin) or other not in RANKS:
                continue
            if other_plugin and f"{module}/{plugin}" in LISTS and other == module:
                continue
            if path.name.endswith("_test.cc") and "support/" in include:
                continue
            other_rank = PLUGIN_RANK if other_plugin else RANKS[other]
            if other_plugin and f"{other}/{other_plugin}" in LISTS:
                other_rank = PLUGIN_RANK
            if plugin and other == module and not other_plugin:
                continue  # a plug-in sees its parent
            if path.name.endswith("_test.cc") and other_rank == rank and not other_plugin:
                continue  # a test may use a neighbour to make its input
            if other_rank >= rank:
                yield f"{path}: rank {rank} includes {include} of rank {other_rank}"


def check_third_party():
    for path in CODE:
        if path.name.endswith("_test.cc"):
            continue
        for include in includes(path):
            owners = {owner for prefix, listed in THIRD_PARTY.items() if include.startswith(prefix)
                      for owner in ([listed] if isinstance(listed, str) else listed)}
            if owners and unit_of(path)[0] not in owners:
                yield f"{path}: {include} belongs to {' and '.join(sorted(owners))} alone"


def check_sizes():
    for path in FILES:
        if path.suffix in LINES_MAX and (SRC in path.parents or path.parts[-2] in ("fuzz", "bench", "support")):
            lines = len(path.read_text(errors="replace").splitlines())
            if lines > LINES_MAX[path.suffix] and not excepted("size", path):
                yield f"{path}: {lines} lines, at most {LINES_MAX[path.suffix]}"


def check_function_sizes():
    # With the formatting that clang-format gives, a function body ends with a '}' in the column of its first line.
    start = re.compile(r"^( {0,4})[A-Za-z_~].*\) ?(const ?)?(noexcept ?)?(override ?)?(final ?)?(-> .*)?\{$")
    for path in CODE:
        if path.name.endswith("_test.cc"):
            continue
        lines = path.read_text(errors="replace").splitlines()
        for number, line in enumerate(lines):
            match = start.match(line)
            if not match or line.lstrip().startswith(("namespace", "if ", "for ", "while ", "switch ", "class ", "struct ", "else", "do ")):
                continue
            end = next((n for n in range(number + 1, len(lines)) if lines[n].startswith(match.group(1) + "}")), None)
            if end and end - number - 1 > FUNCTION_LINES_MAX and not excepted("function", path):
                yield f"{path}:{number + 1}: a function of {end - number - 1} lines, at most {FUNCTION_LINES_MAX}"


def check_plugins_registered():
    for module, interface in (("catalog", "Cataloger"), ("advisory", "Provider")):
        listed = (SRC / module / "builtin/builtin.cc").read_text()
        for header in SRC.glob(f"{module}/*/*.h"):
            for maker in re.findall(rf"std::unique_ptr<{interface}> (Make\w+)\(\)", header.read_text()):
                if f"{maker}()" not in listed:
                    yield f"{header}: {maker} is not in {module}/builtin/builtin.cc"


def check_triggers_registered():
    """Each list of triggers is in the builtin list, and each trigger's description in its gate's list."""
    listed = (SRC / "policy/gates/builtin.cc").read_text()
    for header in SRC.glob("policy/gates/*.h"):
        for lister in re.findall(r"std::span<const Trigger> (\w+Triggers)\(\)", header.read_text()):
            if f"{lister}()" not in listed:
                yield f"{header}: {lister} is not in policy/gates/builtin.cc"
    for source in SRC.glob("policy/gates/*.cc"):
        text = source.read_text()
        for info in re.findall(r"\bTriggerInfo (k\w+)", text):
            if not re.search(rf"\{{{info}, &", text):
                yield f"{source}: trigger {info} is in no list of triggers"


def check_tests_run():
    cmake = "\n".join(p.read_text() for p in FILES if p.name == "CMakeLists.txt")
    for path in CODE:
        if not path.name.endswith("_test.cc"):
            continue
        module, plugin = unit_of(path)
        wanted = rf"hf_plugin\({module} {plugin}\b" if plugin else rf"hf_module\({module}\b"
        if not re.search(wanted, cmake):
            yield f"{path}: its folder is in no CMake target, so it never runs"
        if re.search(r"\bDISABLED_", path.read_text()):
            yield f"{path}: a disabled test"
    for path in FILES:
        if path.parent == ROOT / "fuzz" and path.name.endswith("_fuzz.cc"):
            name = path.name.removesuffix("_fuzz.cc")
            if not re.search(rf"hf_fuzz\({name}\b", cmake):
                yield f"{path}: not in fuzz/CMakeLists.txt"
            if not any((ROOT / "fuzz/corpus" / name).glob("*")):
                yield f"{path}: no seeds in fuzz/corpus/{name}"
        if path.parent == ROOT / "bench" and path.name.endswith("_bench.cc"):
            if not re.search(rf"hf_bench\({path.name.removesuffix('_bench.cc')}\b", cmake):
                yield f"{path}: not in bench/CMakeLists.txt"
        if path.parent == ROOT / "tests/e2e" and re.search(r"_test\.(py|sh)$", path.name) and path.name not in cmake:
            yield f"{path}: not in tests/CMakeLists.txt"


def check_fixtures():
    for path in FILES:
        if "testdata" not in path.parts:
            continue
        if path.stat().st_size > 64 * 1024 and not excepted("fixture", path):
            yield f"{path}: a fixture of {path.stat().st_size} bytes, at most 65536"
        folder = next(p for p in path.parents if p.name == "testdata")
        if not (folder / "PROVENANCE.md").is_file():
            yield f"{folder}: no PROVENANCE.md"


def check_words():
    for path in FILES:
        relative = path.relative_to(ROOT)
        if BANNED_FOLDERS & set(relative.parts[:-1]):
            yield f"{path}: a folder named {sorted(BANNED_FOLDERS & set(relative.parts))}"
        if path.suffix not in (".cc", ".h", ".py", ".sh", ".md", ".cmake", ".txt") or "testdata" in relative.parts \
                or "corpus" in relative.parts or path == pathlib.Path(__file__).resolve() or "demo" in relative.parts:
            continue
        text = path.read_text(errors="replace")
        for pattern, what in BANNED:
            about_code = "words" not in what and "unfinished" not in what
            if about_code and (path not in CODE or path.name.endswith("_test.cc")):
                continue
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                if not excepted("words", path):
                    yield f"{path}:{line}: {what}: {match.group(0)!r}"


def check_format():
    files = [f for f in FILES if f.suffix in (".cc", ".h")]
    run = subprocess.run(["clang-format-19", "--dry-run", "--Werror", *files], capture_output=True, text=True)
    for line in run.stderr.splitlines():
        if "error:" in line:
            yield line


def check_exceptions_needed():
    for (check, path), used in EXCEPTIONS.items():
        if not used:
            yield f"tests/lint/exceptions.txt: {check} {path} is no longer needed"


def main():
    failed = 0
    checks = [value for name, value in globals().items() if name.startswith("check_") and name != "check_exceptions_needed"]
    for check in checks + [check_exceptions_needed]:
        complaints = sorted(set(check()))
        print(f"{'FAILED' if complaints else 'ok':6} {check.__name__}")
        for complaint in complaints:
            print("  ", complaint.replace(str(ROOT) + "/", ""))
        failed += bool(complaints)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
