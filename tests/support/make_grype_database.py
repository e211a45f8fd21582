#!/usr/bin/python3
"""Makes a database as Grype's builder does (schema 6.1: tables only, no indexes), for tests.

    make_grype_database.py OUT             every case of tests/matching/grype_test.cc
    make_grype_database.py OUT --rows N    about N rows of packages, as they are in a published database
    make_grype_database.py OUT --model M   only the metadata of another model; 5: the tables of that one
    make_grype_database.py OUT --early     as OUT, without the columns and tables of later revisions

Made from the description of the schema, and not from our reader.
"""
import argparse
import json
import os
import sqlite3

SCHEMA = """
CREATE TABLE db_metadata (build_timestamp datetime NOT NULL, model integer NOT NULL, revision integer NOT NULL, addition integer NOT NULL);
CREATE TABLE providers (id text, version text, processor text, date_captured datetime, input_digest text, PRIMARY KEY (id));
CREATE TABLE vulnerability_handles (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL, status text, published_date datetime,
    modified_date datetime, withdrawn_date datetime, provider_id text NOT NULL, blob_id integer);
CREATE TABLE vulnerability_aliases (name text, alias text NOT NULL, PRIMARY KEY (name, alias));
CREATE TABLE operating_systems (id integer PRIMARY KEY AUTOINCREMENT, name text, release_id text, major_version text, minor_version text,
    label_version text, codename text, channel text, eol_date datetime, eoas_date datetime);
CREATE TABLE operating_system_specifier_overrides (alias text, version text, version_pattern text, codename text, channel text, replacement text);
CREATE TABLE packages (id integer PRIMARY KEY AUTOINCREMENT, ecosystem text, name text);
CREATE TABLE affected_package_handles (id integer PRIMARY KEY AUTOINCREMENT, vulnerability_id integer NOT NULL, operating_system_id integer,
    package_id integer, blob_id integer);
CREATE TABLE unaffected_package_handles (id integer PRIMARY KEY AUTOINCREMENT, vulnerability_id integer NOT NULL, operating_system_id integer,
    package_id integer, blob_id integer);
CREATE TABLE cpes (id integer PRIMARY KEY AUTOINCREMENT, part text NOT NULL, vendor text, product text NOT NULL, edition text, language text,
    software_edition text, target_hardware text, target_software text, other text);
CREATE TABLE package_cpes (cpe_id integer, package_id integer, PRIMARY KEY (cpe_id, package_id));
CREATE TABLE affected_cpe_handles (id integer PRIMARY KEY AUTOINCREMENT, vulnerability_id integer NOT NULL, cpe_id integer, blob_id integer);
CREATE TABLE unaffected_cpe_handles (id integer PRIMARY KEY AUTOINCREMENT, vulnerability_id integer NOT NULL, cpe_id integer, blob_id integer);
CREATE TABLE known_exploited_vulnerability_handles (id integer PRIMARY KEY AUTOINCREMENT, cve text NOT NULL, blob_id integer);
CREATE TABLE epss_handles (id integer PRIMARY KEY AUTOINCREMENT, cve text NOT NULL, epss real NOT NULL, percentile real NOT NULL);
CREATE TABLE epss_metadata (date datetime NOT NULL);
CREATE TABLE cwe_handles (id integer PRIMARY KEY AUTOINCREMENT, cve text NOT NULL, cwe text, source text, type text);
CREATE TABLE blobs (id integer PRIMARY KEY AUTOINCREMENT, value text NOT NULL);
"""
CAPTURED = "2026-07-01 00:12:13.123456+00:00"
V3_CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


class Database:
    def __init__(self, path):
        if os.path.exists(path):
            os.remove(path)
        self.connection = sqlite3.connect(path)
        self.connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        self.connection.execute("INSERT INTO db_metadata VALUES (?, 6, 1, 9)", [CAPTURED])
        self.blobs, self.systems, self.packages, self.cpes, self.providers = {}, {}, {}, {}, set()

    def insert(self, table, **columns):
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        return self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values())).lastrowid

    def blob(self, value):
        text = value if isinstance(value, str) else json.dumps(value)
        if text not in self.blobs:
            self.blobs[text] = self.insert("blobs", value=text)
        return self.blobs[text]

    def provider(self, name):
        if name not in self.providers:
            self.providers.add(name)
            self.insert("providers", id=name, version="1", processor="vunnel@0.40", date_captured=CAPTURED, input_digest="xxh64:1")
        return name

    def system(self, name, major="", minor="", label="", channel="", release_id=None, codename="", eol=None, eoas=None):
        key = (name, major, minor, label, channel)
        if key not in self.systems:
            self.systems[key] = self.insert(
                "operating_systems", name=name, release_id=release_id or name, major_version=major, minor_version=minor,
                label_version=label, codename=codename, channel=channel, eol_date=eol, eoas_date=eoas)
        return self.systems[key]

    def package(self, ecosystem, name):
        key = (ecosystem, name)
        if key not in self.packages:
            self.packages[key] = self.insert("packages", ecosystem=ecosystem, name=name)
        return self.packages[key]

    def cpe(self, part, vendor, product, target=""):
        key = (part, vendor, product, target)
        if key not in self.cpes:
            self.cpes[key] = self.insert("cpes", part=part, vendor=vendor, product=product, target_software=target)
        return self.cpes[key]

    def vulnerability(self, provider, name, severity="high", aliases=(), status="active", published="2024-01-02 03:04:05+00:00",
                      modified="2024-02-03 04:05:06+00:00", withdrawn=None, severities=None, refs=None, description=None):
        blob = {"id": name, "description": description or f"What {name} is.", "aliases": list(aliases),
                "refs": refs if refs is not None else [{"url": f"https://example.org/{name}"}],
                "severities": severities if severities is not None else [{"scheme": "CHML", "value": severity, "rank": 1}]}
        for alias in aliases:
            self.connection.execute("INSERT OR IGNORE INTO vulnerability_aliases VALUES (?, ?)", [name, alias])
        return self.insert("vulnerability_handles", name=name, status=status, published_date=published, modified_date=modified,
                           withdrawn_date=withdrawn, provider_id=self.provider(provider), blob_id=self.blob(blob))

    def affected(self, vulnerability, package, blob, system=None, table="affected"):
        self.insert(f"{table}_package_handles", vulnerability_id=vulnerability, operating_system_id=system, package_id=package,
                    blob_id=self.blob(blob))

    def unaffected(self, vulnerability, package, blob, system=None):
        self.affected(vulnerability, package, blob, system, "unaffected")

    def close(self):
        self.connection.commit()
        self.connection.close()


def package_blob(*ranges, kind="dpkg", cves=(), **qualifiers):
    """Ranges are (constraint, state, fixed version)."""
    blob = {"ranges": [{"version": {"type": kind, "constraint": constraint}, "fix": {"version": fix, "state": state}}
                       for constraint, state, fix in ranges]}
    if cves:
        blob["cves"] = list(cves)
    if qualifiers:
        blob["qualifiers"] = qualifiers
    return blob


def fixed(version, kind="dpkg", **rest):
    return package_blob((f"< {version}", "fixed", version), kind=kind, **rest)


def add_debian(db):
    bookworm = db.system("debian", "12", codename="bookworm", eol="2028-06-30 00:00:00+00:00", eoas="2026-06-10 00:00:00+00:00")
    bullseye, sid = db.system("debian", "11"), db.system("debian", label="unstable", codename="sid")
    openssl = db.package("deb", "openssl")
    # A record for each release.
    first = db.vulnerability("debian", "CVE-2024-0001", "high")
    second = db.vulnerability("debian", "CVE-2024-0001", "low")
    db.affected(first, openssl, fixed("3.0.11-1"), bookworm)
    db.affected(first, openssl, fixed("3.1.4-1"), sid)
    db.affected(second, openssl, package_blob(("", "not-fixed", "")), bullseye)
    won_t = db.vulnerability("debian", "CVE-2024-0002")
    db.affected(won_t, openssl, package_blob(("", "wont-fix", "")), bookworm)
    never = db.vulnerability("debian", "CVE-2024-0003")
    db.unaffected(never, openssl, package_blob(("", "", "")), bookworm)
    db.affected(never, openssl, package_blob(("< 1.1.1n-1", "fixed", "1.1.1n-1")), bullseye)
    undated = db.vulnerability("debian", "CVE-2024-0005", published=None, modified=None)
    db.affected(undated, db.package("deb", "zlib"), fixed("1:1.2.13-2"), bookworm)


def add_ubuntu(db):
    jammy, jammy_esm = db.system("ubuntu", "22", "04"), db.system("ubuntu", "22", "04", channel="esm")
    bionic_esm = db.system("ubuntu", "18", "04", channel="esm")
    varnish = db.package("deb", "varnish")
    only_esm = db.vulnerability("ubuntu", "CVE-2024-0004")
    db.affected(only_esm, varnish, package_blob(("", "not-fixed", "")), jammy)
    db.affected(only_esm, varnish, fixed("6.6.1-1ubuntu0.2+esm1"), jammy_esm)
    db.affected(only_esm, varnish, fixed("5.2.1-1ubuntu0.1+esm1"), bionic_esm)
    both = db.vulnerability("ubuntu", "CVE-2024-0006")
    db.affected(both, varnish, fixed("6.6.1-1ubuntu0.1"), jammy)
    db.affected(both, varnish, fixed("6.6.1-1ubuntu0.3+esm1"), jammy_esm)


def add_redhat(db):
    minors = {minor: db.system("redhat", "9", str(minor), release_id="rhel") for minor in range(10)}
    nine = db.system("redhat", "9", release_id="rhel", eol="2032-05-31 00:00:00+00:00")
    eus = db.system("redhat", "9", "2", channel="eus", release_id="rhel")
    eight = {minor: db.system("redhat", "8", str(minor), release_id="rhel") for minor in range(11)}
    bash, node = db.package("rpm", "bash"), db.package("rpm", "nodejs")
    plain = dict(kind="rpm", rpm_modularity="")
    repeated = db.vulnerability("rhel", "CVE-2024-0010", severities=[
        {"scheme": "CVSS", "value": {"vector": V3_CRITICAL, "version": "3.1"}, "source": "nvd@nist.gov", "rank": 2},
        {"scheme": "CHMLN", "value": "medium", "rank": 1}])
    for minor, system in minors.items():
        db.affected(repeated, bash, fixed(f"0:5.0-4.el9_{minor}", **plain) if minor == 4 else fixed("0:5.0-9.el9", **plain), system)
    db.affected(repeated, bash, fixed("0:5.0-9.el9", **plain), nine)
    db.affected(repeated, bash, fixed("0:5.0-99.el9_2", **plain), eus)
    only_minors = db.vulnerability("rhel", "CVE-2024-0011")
    for minor, system in eight.items():
        db.affected(only_minors, bash, fixed(f"0:4.4-{minor}.el8_{minor}", **plain), system)
    modular = db.vulnerability("rhel", "CVE-2024-0012")
    db.affected(modular, node, fixed("1:18.20.4-1.module+el9.4.0+1", kind="rpm", rpm_modularity="nodejs:18"), nine)
    db.unaffected(modular, node, package_blob(("", "", ""), kind="rpm", rpm_modularity="nodejs:20"), nine)
    scoped = db.vulnerability("rhel", "CVE-2024-0013")
    db.affected(scoped, db.package("rpm", "glibc"), fixed("0:2.34-100.el9", architecture="src", **plain), nine)
    db.affected(scoped, db.package("rpm", "curl"), fixed("0:7.76-30.el9", architecture="binary-no-arch-specified", **plain), nine)
    db.affected(scoped, db.package("rpm", "zlib"), fixed("0:1.2-30.el9", architecture="aarch64", **plain), nine)
    db.affected(scoped, db.package("rpm", "expat"), fixed("0:2.5-2.el9", **plain), nine)


def add_other_systems(db):
    openssl = db.package("apk", "openssl")
    alpine = db.vulnerability("alpine", "CVE-2024-0020")
    db.affected(alpine, openssl, fixed("3.3.1-r0", kind="apk"), db.system("alpine", "3", "20"))
    db.affected(alpine, openssl, fixed("3.4.0-r0", kind="apk"), db.system("alpine", label="edge"))
    never = db.vulnerability("alpine", "CVE-2024-0021")
    db.affected(never, openssl, package_blob(("< 0", "not-fixed", ""), kind="apk"), db.system("alpine", "3", "20"))
    db.affected(db.vulnerability("wolfi", "CVE-2024-0022"), openssl, fixed("3.3.2-r1", kind="apk"), db.system("wolfi", label="rolling"))
    rpm = [
        ("amazon", "ALAS2023-2024-001", db.system("amazonlinux", "2023", release_id="amzn"), "curl", "8.5.0-1.amzn2023.0.1"),
        ("oracle", "ELSA-2024-1234", db.system("oraclelinux", "8", release_id="ol"), "curl", "7.61.1-34.el8"),
        ("sles", "CVE-2024-0031", db.system("sles", "15", "5"), "curl", "8.0.1-150400.5.41.1"),
        ("mariner", "CVE-2024-0032", db.system("mariner", "2", "0"), "curl", "8.8.0-1.cm2"),
        ("mariner", "CVE-2024-0033", db.system("azurelinux", "3", "0"), "curl", "8.8.0-2.azl3"),
        ("photon", "CVE-2024-0034", db.system("photon", "5", "0"), "curl", "8.1.2-10.ph5"),
        ("fedora", "FEDORA-2024-0123456789", db.system("fedora", "40"), "curl", "8.6.0-7.fc40"),
    ]
    for provider, name, system, package, version in rpm:
        vulnerability = db.vulnerability(provider, name, aliases=() if name.startswith("CVE") else ["CVE-2024-0030"])
        db.affected(vulnerability, db.package("rpm", package), fixed(version, kind="rpm", rpm_modularity=""), system)
    alma = db.vulnerability("alma", "ALSA-2024:0001", aliases=["CVE-2024-0035"])
    db.unaffected(alma, db.package("rpm", "curl"), package_blob((">= 7.76.1-29.el9_4", "", ""), kind="rpm", rpm_modularity=""),
                  db.system("almalinux", "9"))
    db.affected(db.vulnerability("arch", "AVG-2900"), db.package("alpm", "curl"), fixed("8.5.0-1", kind="pacman"),
                db.system("archlinux", label="rolling", release_id="arch"))
    db.affected(db.vulnerability("hummingbird", "CVE-2024-0036"), db.package("rpm", "curl"), fixed("1-1", kind="rpm"),
                db.system("hummingbird", label="rolling"))


def add_languages(db):
    def ghsa(number, ecosystem, name, blob, **rest):
        vulnerability = db.vulnerability("github", f"GHSA-aaaa-bbbb-{number:04}", aliases=[f"CVE-2024-1{number:03}"], **rest)
        db.affected(vulnerability, db.package(ecosystem, name), blob)
    ghsa(1, "npm", "left-pad", package_blob((">= 1.0.0,< 1.2.3", "fixed", "1.2.3"), (">=2.0.0,<2.0.1", "fixed", "2.0.1"), kind="semver"))
    ghsa(2, "python", "Zope.Interface", package_blob(("< 5.0 || = 6.0", "fixed", "5.0"), kind="python"))
    ghsa(3, "java-archive", "org.acme:core", package_blob(("> 1.0, <= 1.5", "fixed", "1.6"), kind="maven"))
    ghsa(4, "gem", "rack", package_blob(("<= 2.2.8", "not-fixed", ""), kind="gem"))
    ghsa(5, "rust-crate", "time", package_blob(("= 0.3.1", "fixed", "0.3.2"), kind="semver"))
    ghsa(6, "dotnet", "Newtonsoft.Json", package_blob(("< 13.0.1", "fixed", "13.0.1"), kind="semver"))
    ghsa(7, "php-composer", "Symfony/HttpKernel", package_blob((">= 5, < 5.4.20", "fixed", "5.4.20"), kind="semver"))
    ghsa(8, "npm", "withdrawn", package_blob(("", "not-fixed", ""), kind="semver"), status="rejected",
         withdrawn="2024-03-04 00:00:00+00:00")
    ghsa(9, "wordpress-plugin", "akismet", package_blob(("", "not-fixed", "")))
    ghsa(10, "npm", "broken", package_blob(("< 1.0, nonsense", "fixed", "1.0"), kind="semver"))
    go = db.vulnerability("govulndb", "GO-2024-0001", aliases=["CVE-2024-1100"])
    db.affected(go, db.package("go-module", "golang.org/x/net"),
                package_blob(("< 0.23.0", "fixed", "0.23.0"), kind="go",
                             go_imports=[{"path": "golang.org/x/net/http2", "symbols": ["Server.ServeConn"]}, {"path": "golang.org/x/net/html"}]))
    patched = db.vulnerability("rootio", "CVE-2024-1101")
    db.affected(patched, db.package("python", "requests"), package_blob(("< 2.0", "fixed", "2.0"), kind="python", rootio=True))


def add_nvd(db):
    nvd = db.vulnerability("nvd", "CVE-2024-2001", severities=[
        {"scheme": "CVSS", "value": {"vector": V3_CRITICAL, "version": "3.1"}, "source": "nvd@nist.gov", "rank": 1}])
    server = db.cpe("a", "acme", "Web\\+Server")
    blob = package_blob((">= 1.0, < 1.4.2", "fixed", "1.4.2"), ("= 2.0-rc1", "not-fixed", ""), kind="unknown",
                        platform_cpes=["cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", "cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"])
    db.insert("affected_cpe_handles", vulnerability_id=nvd, cpe_id=server, blob_id=db.blob(blob))
    plug_in = db.cpe("a", "acme", "plugin", "wordpress")
    db.insert("affected_cpe_handles", vulnerability_id=nvd, cpe_id=plug_in, blob_id=db.blob(package_blob(("> 3.0", "not-fixed", ""))))
    db.insert("unaffected_cpe_handles", vulnerability_id=nvd, cpe_id=db.cpe("a", "acme", "other"), blob_id=db.blob(package_blob(("", "", ""))))
    db.insert("affected_cpe_handles", vulnerability_id=nvd, cpe_id=db.cpe("h", "acme", "router"), blob_id=db.blob(blob))
    rejected = db.vulnerability("nvd", "CVE-2024-2002", status="rejected")
    db.insert("affected_cpe_handles", vulnerability_id=rejected, cpe_id=server, blob_id=db.blob(package_blob(("", "", ""))))
    db.insert("cwe_handles", cve="CVE-2024-2001", cwe="CWE-79", source="nvd@nist.gov", type="Primary")
    db.insert("cwe_handles", cve="CVE-2024-2001", cwe="CWE-20", source="nvd@nist.gov", type="Secondary")
    db.insert("cwe_handles", cve="CVE-2024-2001", cwe="NVD-CWE-noinfo", source="nvd@nist.gov", type="Primary")
    db.insert("cwe_handles", cve="CVE-2020-0001", cwe="CWE-787", source="nvd@nist.gov", type="Primary")


def add_facts(db):
    db.provider("kev")
    kev = {"cve": "CVE-2024-2001", "vendor_project": "Acme", "product": "Server", "date_added": "2024-05-30", "due_date": "2024-06-20",
           "required_action": "Apply the update.", "known_ransomware_campaign_use": "Known", "notes": "n", "cwes": ["CWE-79"]}
    db.insert("known_exploited_vulnerability_handles", cve=kev["cve"], blob_id=db.blob(kev))
    db.insert("known_exploited_vulnerability_handles", cve="CVE-2024-2002", blob_id=999999)
    db.insert("epss_metadata", date="2026-06-30 00:00:00+00:00")
    db.insert("epss_handles", cve="CVE-2024-2001", epss=0.91234, percentile=0.999)
    db.insert("epss_handles", cve="CVE-2024-2002", epss=1.5, percentile=0.5)


def add_dangling(db):
    bash = db.package("rpm", "bash")
    for column in ("vulnerability_id", "operating_system_id", "package_id"):
        row = {"vulnerability_id": 1, "operating_system_id": 1, "package_id": bash, "blob_id": 1, column: 888888}
        db.insert("affected_package_handles", **row)
    lost = db.vulnerability("rhel", "CVE-2024-0099")
    db.insert("affected_package_handles", vulnerability_id=lost, operating_system_id=db.system("redhat", "9", release_id="rhel"),
              package_id=bash, blob_id=777777)
    db.connection.execute("INSERT INTO vulnerability_handles (name, provider_id) VALUES ('CVE-2024-0098', 'nobody')")


def make_cases(path):
    db = Database(path)
    for add in (add_debian, add_ubuntu, add_redhat, add_other_systems, add_languages, add_nvd, add_facts, add_dangling):
        add(db)
    db.close()


def make_early(path):
    make_cases(path)
    connection = sqlite3.connect(path)
    for table in ("unaffected_package_handles", "unaffected_cpe_handles", "cwe_handles", "epss_handles", "epss_metadata",
                  "known_exploited_vulnerability_handles"):
        connection.execute(f"DROP TABLE {table}")
    for column in ("eol_date", "eoas_date", "channel"):
        connection.execute(f"ALTER TABLE operating_systems DROP COLUMN {column}")
    connection.commit()
    connection.close()


def make_model(path, model):
    if os.path.exists(path):
        os.remove(path)
    connection = sqlite3.connect(path)
    if model == 5:
        connection.execute("CREATE TABLE id (build_timestamp, schema_version)")
        connection.execute("CREATE TABLE vulnerability (id, package_name, namespace)")
        connection.execute("CREATE TABLE vulnerability_match_exclusion (id)")
    else:
        connection.execute("CREATE TABLE db_metadata (build_timestamp, model, revision, addition)")
        connection.execute("INSERT INTO db_metadata VALUES ('2030-01-01', ?, 0, 0)", [model])
    connection.commit()
    connection.close()


def make_large(path, rows):
    """Half of the rows are Red Hat's for minor releases, and most others Ubuntu's; each vulnerability has a blob of its own."""
    db = Database(path)
    redhat = [db.system("redhat", "9", str(minor), release_id="rhel") for minor in range(11)] + [db.system("redhat", "9", release_id="rhel")]
    ubuntu = [db.system("ubuntu", str(year), month) for year in range(14, 25) for month in ("04", "10")]
    rpms = [db.package("rpm", f"package-{i}") for i in range(20000)]
    debs = [db.package("deb", f"source-{i}") for i in range(30000)]
    cpes = [db.cpe("a", f"vendor{i % 5000}", f"product{i}") for i in range(60000)]
    count = 0
    add = db.connection.execute
    for number in range(10 ** 9):
        if count >= rows:
            break
        name = f"CVE-{2000 + number % 26}-{number:06}"
        for provider, systems, packages, kind in (("rhel", redhat, rpms, "rpm"), ("ubuntu", ubuntu, debs, "dpkg")):
            if number % 5 > 1:
                continue
            vulnerability = db.vulnerability(provider, name, "medium", description="x" * 80)
            blob = db.blob(fixed(f"1.{number}-1", kind=kind))
            for i in range(4 if kind == "rpm" else 2):
                package = packages[(number * 7 + i * 13) % len(packages)]
                for system in systems:
                    add("INSERT INTO affected_package_handles (vulnerability_id, operating_system_id, package_id, blob_id) VALUES (?,?,?,?)",
                        (vulnerability, system, package, blob))
                    count += 1
        vulnerability = db.vulnerability("nvd", name, description="What somebody can do with it. " * 10)
        blob = db.blob(package_blob((f">= 1.0, < 1.{number}", "fixed", f"1.{number}"), kind="unknown"))
        for i in range(2):
            add("INSERT INTO affected_cpe_handles (vulnerability_id, cpe_id, blob_id) VALUES (?,?,?)",
                (vulnerability, cpes[(number * 3 + i) % len(cpes)], blob))
            count += 1
        add("INSERT INTO epss_handles (cve, epss, percentile) VALUES (?, 0.1, 0.5)", (name,))
        db.blobs.clear()
    db.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--model", type=int)
    parser.add_argument("--early", action="store_true")
    options = parser.parse_args()
    if options.rows:
        make_large(options.out, options.rows)
    elif options.model:
        make_model(options.out, options.model)
    elif options.early:
        make_early(options.out)
    else:
        make_cases(options.out)


if __name__ == "__main__":
    main()
