#include "config/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "support/test_support.h"

namespace holdfast::config {
namespace {

using test::ExpectError;
using test::Value;

// Files by path.
class FakeFiles {
 public:
  explicit FakeFiles(std::map<std::string, std::string> files = {}) : files_(std::move(files)) {}
  [[nodiscard]] ReadFile Reader() const {
    return [this](const std::string& path) -> Result<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return Fail(ErrorKind::kNotFound, path + ": not there");
      return found->second;
    };
  }

 private:
  std::map<std::string, std::string> files_;
};

Checked CheckText(std::string_view text, const Environment& environment = {}, const FakeFiles& files = FakeFiles()) {
  const ReadFile reader = files.Reader();
  return Check(text, environment, reader);
}

std::vector<std::string> Problems(const Checked& checked) {
  std::vector<std::string> texts;
  for (const ConfigProblem& problem : checked.problems) texts.push_back(problem.Text());
  return texts;
}
std::vector<std::string> ProblemsOf(std::string_view text, const Environment& environment = {}) {
  return Problems(CheckText(text, environment));
}
using Lines = std::vector<std::string>;

// The sample and the variables of the image that goes with it.
Checked CheckSample() {
  const FakeFiles files({{"/env", test::ReadFile(HF_TESTDATA "/environment.txt")}});
  return CheckText(test::ReadFile(HF_TESTDATA "/anchore_engine_1_1.yaml"), {{"ANCHORE_ENV_FILE", "/env"}}, files);
}

TEST(Config, AnEmptyFileIsTheDefaults) {
  for (const std::string_view text : {"", "# nothing\n", "---\n", "null"}) {
    const Checked checked = CheckText(text);
    EXPECT_EQ(Problems(checked), Lines{});
    const Configuration& c = checked.configuration;
    EXPECT_EQ(c.log_level, "INFO");
    EXPECT_EQ(c.apiext.service.port, 8228);
    EXPECT_EQ(c.catalog.service.port, 8082);
    EXPECT_EQ(c.catalog.cycle_timers.vulnerability_scan, 300);
    EXPECT_EQ(c.catalog.object_store.storage_driver.name, "db");
    EXPECT_FALSE(c.catalog.object_store.configured);
    EXPECT_EQ(c.database.db_pool_size, 30);
    EXPECT_TRUE(c.database.db_connect.Empty());
    EXPECT_EQ(c.webhooks.targets.size(), 7U);
    EXPECT_TRUE(checked.origins.empty());
  }
}

TEST(Config, ReadsAWholeFileOfAnchoreEngine) {
  const Checked checked = CheckSample();
  EXPECT_TRUE(checked.Usable());
  const Configuration& c = checked.configuration;
  EXPECT_EQ(c.data_dir, "/anchore_service");
  EXPECT_EQ(c.tmp_dir, "/analysis_scratch");
  EXPECT_EQ(c.host_id, "anchore-quickstart");
  EXPECT_FALSE(c.internal_ssl_verify);
  EXPECT_TRUE(c.allow_awsecr_iam_auto);
  EXPECT_EQ(c.max_compressed_image_size_mb, -1);
  EXPECT_TRUE(c.metrics_enabled);
  EXPECT_EQ(c.default_admin_password.Reveal(), "foobar");
  EXPECT_TRUE(c.keys.secret.Empty());
  EXPECT_EQ(c.keys.public_key_path, "");
  EXPECT_EQ(c.policy_bundles_dir, "bundles/");
  EXPECT_EQ(c.database.db_connect.Reveal(), "postgresql://postgres:my%23secret%3A%20%27pass%27@db:5432/postgres");
  EXPECT_EQ(c.database.sslmode, "verify-full");
  EXPECT_EQ(c.database.sslrootcert, "/certs/db.pem");
  EXPECT_EQ(c.database.db_pool_max_overflow, 75);
  EXPECT_EQ(c.webhooks.notification_retry_timeout, 60);
  EXPECT_EQ(c.webhooks.webhook_pass.Reveal(), "hookpass");
  EXPECT_EQ(c.webhooks.targets.at("general").url, "");
  EXPECT_EQ(c.webhooks.targets.at("policy_eval").url, "http://hooks.example/<notification_type>/<userId>");
  EXPECT_EQ(c.webhooks.targets.at("policy_eval").webhook_pass.Reveal(), "otherpass");
  EXPECT_EQ(c.apiext.service.endpoint_hostname, "catalog");
  EXPECT_EQ(c.apiext.service.external_port, 0);
  EXPECT_EQ(c.catalog.cycle_timers.image_watcher, 3600);
  EXPECT_EQ(c.catalog.cycle_timers.notifications, 30);
  EXPECT_EQ(c.catalog.cycle_timers.import_gc, 60);
  EXPECT_EQ(c.catalog.event_notification_level, (Texts{"error", "info"}));
  const ObjectStore& store = c.catalog.object_store;
  EXPECT_TRUE(store.configured);
  EXPECT_TRUE(store.compression.enabled);
  EXPECT_EQ(store.compression.min_size_kbytes, 200);
  EXPECT_EQ(store.storage_driver.name, "s3");
  EXPECT_EQ(store.storage_driver.secret_key.Reveal(), "verysecret");
  EXPECT_EQ(store.storage_driver.region, "eu-west-1");
  EXPECT_TRUE(store.storage_driver.create_bucket);
  EXPECT_TRUE(c.catalog.analysis_archive.configured);
  EXPECT_TRUE(c.catalog.analysis_archive.compression.enabled);
  EXPECT_EQ(c.catalog.analysis_archive.storage_driver.archive_data_dir, "/archive");
  EXPECT_EQ(c.analyzer.max_threads, 4);
  EXPECT_EQ(c.analyzer.image_analyzer_timer, 1);
  EXPECT_EQ(c.policy_engine.cycle_timers.feed_sync, 21600);
  EXPECT_EQ(c.policy_engine.sync_data.at("grypedb").url,
            "https://toolbox-data.anchore.io/grype/databases/listing.json");
  EXPECT_FALSE(c.policy_engine.sync_data.at("packages").enabled);
}

TEST(Config, SaysWhatOfThatFileHasNoEffect) {
  Lines keys;
  for (const ConfigProblem& problem : CheckSample().problems) {
    const bool no_s3 = problem.key == "services.catalog.object_store.storage_driver.name";
    EXPECT_EQ(problem.severity, no_s3 ? Severity::kWarning : Severity::kNote) << problem.Text();
    EXPECT_NE(problem.line, 0U) << problem.Text();
    keys.push_back(problem.key);
  }
  EXPECT_EQ(keys, (Lines{"tmp_dir",
                         "cleanup_images",
                         "allow_awsecr_iam_auto",
                         "auto_restart_services",
                         "docker_conn",
                         "docker_conn_timeout",
                         "skopeo_global_timeout",
                         "grype_db_dir",
                         "user_authentication.hashed_passwords",
                         "credentials.database.db_echo",
                         "webhooks.notification_retry_timeout",
                         "services.apiext.authorization_handler_config",
                         "services.catalog.object_store.storage_driver.name",
                         "services.catalog.cycle_timer_seconds",
                         "services.catalog.cycle_timers.analyzer_queue",
                         "services.catalog.cycle_timers.policy_bundle_sync",
                         "services.catalog.analysis_archive.compression.enabled",
                         "services.catalog.analysis_archive.storage_driver.name",
                         "services.catalog.analysis_archive.storage_driver.config.archive_data_dir",
                         "services.analyzer.cycle_timer_seconds",
                         "services.analyzer.cycle_timers.image_analyzer",
                         "services.analyzer.analyzer_driver",
                         "services.analyzer.layer_cache_enable",
                         "services.analyzer.layer_cache_max_gigabytes",
                         "services.analyzer.keep_image_analysis_tmpfiles",
                         "services.policy_engine.cycle_timers.feed_sync_checker",
                         "services.policy_engine.cycle_timers.grypedb_sync",
                         "services.policy_engine.vulnerabilities.sync.data.grypedb.url",
                         "services.policy_engine.vulnerabilities.sync.data.packages.enabled",
                         "services.policy_engine.vulnerabilities.sync.data.packages.url"}));
}

TEST(Config, ATruthValueThatIsAsItAlwaysIsNeedsNoWord) {
  EXPECT_EQ(ProblemsOf("services: {apiext: {require_auth: true}}\nallow_awsecr_iam_auto: false\n"), Lines{});
  EXPECT_EQ(ProblemsOf("services:\n  apiext:\n    require_auth: false\n"),
            Lines{"note: services.apiext.require_auth (line 3): has no effect: credentials are always asked for"});
}

TEST(Config, TellsAllProblemsWithTheirLines) {
  EXPECT_EQ(ProblemsOf("log_level: LOUD\n"
                       "metrics:\n"
                       "  enabled: maybe\n"
                       "services:\n"
                       "  catalog:\n"
                       "    port: 70000\n"
                       "    cycle_timers:\n"
                       "      image_watcher: soon\n"
                       "    event_log: 7\n"
                       "  apiext:\n"
                       "    listen: [a, b]\n"
                       "queue_url: ftp://x\n"
                       "listen: here\n"
                       "ssrf:\n"
                       "  allow: [10.0.0.0/8, 10.0.0.0/40]\n"),
            (Lines{"error: log_level (line 1): wants one of FATAL, ERROR, WARN, INFO, DEBUG, SPEW",
                   "error: metrics.enabled (line 3): wants true or false",
                   "error: services.catalog.port (line 6): wants a whole number from 1 to 65535",
                   "error: services.catalog.cycle_timers.image_watcher (line 8): wants a whole number of seconds",
                   "error: services.catalog.event_log (line 9): wants a block of keys",
                   "error: services.apiext.listen (line 11): wants one value, not a list or block",
                   "error: queue_url (line 12): wants a URL that begins with http:// or https://",
                   "error: listen (line 13): wants an address and a port, as 0.0.0.0:8228",
                   "error: ssrf.allow (line 15): wants networks, as 10.0.0.0/8 or fd00::/8"}));
}

TEST(Config, UnknownKeysNameTheNearest) {
  EXPECT_EQ(ProblemsOf("log_levle: INFO\n"
                       "services:\n"
                       "  catalog:\n"
                       "    prot: 8082\n"
                       "    cycle_timers: {image_wacher: 600}\n"
                       "    max_threads: 4\n"
                       "  catalogue: {port: 1}\n"
                       "webhooks: {genral: {url: x}}\n"
                       "elephants: 3\n"
                       "serivces: {}\n"),
            (Lines{"warning: log_levle (line 1): is not a known key; did you mean log_level?",
                   "warning: services.catalog.prot (line 4): is not a known key; did you mean services.catalog.port?",
                   "warning: services.catalog.cycle_timers.image_wacher (line 5): is not a known key; did you mean "
                   "services.catalog.cycle_timers.image_watcher?",
                   "warning: services.catalog.max_threads (line 6): is not a known key; did you mean "
                   "services.analyzer.max_threads?",
                   "warning: services.catalogue (line 7): is not a known key; did you mean services.catalog?",
                   "warning: webhooks.genral (line 8): is not a known key; did you mean webhooks.general?",
                   "warning: elephants (line 9): is not a known key",
                   "warning: serivces (line 10): is not a known key; did you mean services?"}));
}

TEST(Config, EnterpriseServicesAreKnownAndWithoutEffect) {
  const Checked checked = CheckText("services:\n  reports: {enabled: true}\n  rbac_manager:\n    port: 8229\n");
  ASSERT_EQ(checked.problems.size(), 2U);
  EXPECT_EQ(checked.problems[0].key, "services.reports");
  EXPECT_EQ(checked.problems[1].severity, Severity::kNote);
}

TEST(Config, BadTextsAreOneProblem) {
  EXPECT_EQ(ProblemsOf("[1, 2]"), (Lines{"error: configuration: wants keys and values"}));
  EXPECT_EQ(ProblemsOf("a: [1").size(), 1U);
  EXPECT_EQ(ProblemsOf("a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: 1}}}}}}}}}}}}}}}}").size(),
            1U);
  EXPECT_EQ(ProblemsOf(std::string(kFileBytesMax + 1, '#')).size(), 1U);
}

TEST(Config, ManyProblemsAreCutButErrorsAreNotLost) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "unknown_key_" + std::to_string(i) + ": 1\n";
  const Checked checked = CheckText(text + "log_level: LOUD\n");
  EXPECT_EQ(checked.problems.size(), 500U);
  EXPECT_FALSE(checked.Usable());
}

TEST(Config, PlaceholdersComeFromTheEnvironment) {
  const Environment environment = {{"ANCHORE_LEVEL", "debug"},
                                   {"ANCHORE_EMPTY", ""},
                                   {"ANCHORE_NULL", "null"},
                                   {"MY_NAME", "me"},
                                   {"ANCHORE_PORT", "9000"}};
  const Checked checked = CheckText(
      "log_level: ${ANCHORE_LEVEL}\n"
      "host_id: a-${MY_NAME}-${ANCHORE_EMPTY}-${NOT_THERE:-x:-y}-$${MY_NAME}-$5\n"
      "default_admin_email: ${ANCHORE_NULL}\n"
      "services: {apiext: {port: \"${ANCHORE_PORT}\", listen: '${ANCHORE_EMPTY:-1.2.3.4}', external_port: "
      "${ANCHORE_NULL}}}\n",
      environment);
  // In braces a plain scalar cannot hold braces: that line is not YAML.
  EXPECT_FALSE(checked.Usable());
  const Checked good = CheckText(
      "log_level: ${ANCHORE_LEVEL}\n"
      "host_id: a-${MY_NAME}-${ANCHORE_EMPTY}-${NOT_THERE:-x:-y}-$${MY_NAME}-$5\n"
      "default_admin_email: ${ANCHORE_NULL}\n"
      "services: {apiext: {port: \"${ANCHORE_PORT}\", listen: '${ANCHORE_EMPTY:-1.2.3.4}', external_port: "
      "'${ANCHORE_NULL}'}}\n",
      environment);
  EXPECT_EQ(Problems(good), Lines{});
  EXPECT_EQ(good.configuration.log_level, "DEBUG");
  EXPECT_EQ(good.configuration.host_id, "a-me--x:-y-${MY_NAME}-$5");
  EXPECT_EQ(good.configuration.default_admin_email, "admin@myanchore");
  EXPECT_EQ(good.configuration.apiext.service.port, 9000);
  EXPECT_EQ(good.configuration.apiext.service.listen, "1.2.3.4");
  EXPECT_EQ(good.configuration.apiext.service.external_port, 0);
}

TEST(Config, PlaceholdersWithoutAValueAreErrors) {
  EXPECT_EQ(
      ProblemsOf("advisory_source: /x\nhost_id: ${ANCHORE_HOST}\nlog_level: ${ANCHORE_\ndata_dir: ${}\n"),
      (Lines{
          "error: host_id (line 2): no value for ${ANCHORE_HOST}: it is not in the environment",
          "error: log_level (line 3): a placeholder without its '}'",
          "error: data_dir (line 4): '${' begins a placeholder, as ${ANCHORE_NAME}; write '$${' for the characters"}));
}

TEST(Config, AValueStaysOneValueWhateverItIsMadeOf) {
  const std::string nasty = "a: b\n- c # '\"{}[]&*!|>%@`${HOME}";
  const Checked checked = CheckText("default_admin_password: ${P}\n", {{"P", nasty}});
  EXPECT_EQ(Problems(checked), Lines{});
  EXPECT_EQ(checked.configuration.default_admin_password.Reveal(), nasty);
}

TEST(Config, VariablesFillWhatTheFileLeavesOut) {
  const Environment environment = {{"ANCHORE_LOG_LEVEL", "WARN"},
                                   {"ANCHORE_ADMIN_EMAIL", "a@b"},
                                   {"ANCHORE_AUTH_SECRET", "null"},
                                   {"ANCHORE_ENDPOINT_HOSTNAME", "api"},
                                   {"ANCHORE_WEBHOOK_DESTINATION_URL", "http://h"},
                                   {"ANCHORE_GRYPE_DB_URL", "http://g"},
                                   {"ANCHORE_CATALOG_NOTIFICATION_INTERVAL_SEC", "20"},
                                   {"HOLDFAST_QUEUE_URL", "http://queue:8083"},
                                   {"HOLDFAST_SSRF_ALLOW", "10.0.0.0/8, fd00::/8"}};
  const Checked checked = CheckText("log_level: ERROR\n", environment);
  EXPECT_EQ(Problems(checked), Lines{"note: services.policy_engine.vulnerabilities.sync.data.grypedb.url: has no "
                                     "effect: advisories come from advisory_source"});
  const Configuration& c = checked.configuration;
  EXPECT_EQ(c.log_level, "ERROR");
  EXPECT_EQ(c.default_admin_email, "a@b");
  EXPECT_TRUE(c.keys.secret.Empty());
  EXPECT_EQ(c.catalog.service.endpoint_hostname, "api");
  EXPECT_EQ(c.feeds.service.endpoint_hostname, "api");
  EXPECT_EQ(c.webhooks.targets.at("general").url, "http://h");
  EXPECT_EQ(c.policy_engine.sync_data.at("grypedb").url, "http://g");
  EXPECT_EQ(c.catalog.cycle_timers.notifications, 20);
  EXPECT_EQ(c.queue_url, "http://queue:8083");
  EXPECT_EQ(c.ssrf_allow, (Texts{"10.0.0.0/8", "fd00::/8"}));
  EXPECT_EQ(checked.origins.at("log_level"), "file");
  EXPECT_EQ(checked.origins.at("default_admin_email"), "environment ANCHORE_ADMIN_EMAIL");
}

TEST(Config, BadVariablesAreNamed) {
  EXPECT_EQ(
      ProblemsOf("advisory_source: /x\n", {{"ANCHORE_ENABLE_METRICS", "perhaps"}, {"HOLDFAST_QUEU_URL", "x"}}),
      (Lines{"error: metrics.enabled: ANCHORE_ENABLE_METRICS: wants true or false",
             "warning: configuration: the variable HOLDFAST_QUEU_URL is not known; did you mean HOLDFAST_QUEUE_URL?"}));
  EXPECT_EQ(ProblemsOf("host_id: ${HOLDFAST_MINE}\n", {{"HOLDFAST_MINE", "x"}}), Lines{});
}

TEST(Config, EnvironmentFilesGoBehindTheEnvironment) {
  const FakeFiles files(
      {{"/a", "# comment\nexport ANCHORE_X='one two'\r\n\nANCHORE_Y = \"y\"\nANCHORE_Z=a=b # not a comment\n"},
       {"/b", "ANCHORE_X=second\nbroken line\n"}});
  const std::string text = "host_id: ${ANCHORE_X}|${ANCHORE_Y}|${ANCHORE_Z}\n";
  const Checked one = CheckText(text, {{"ANCHORE_ENV_FILE", "/a"}, {"ANCHORE_Y", "environment"}}, files);
  EXPECT_EQ(Problems(one), Lines{});
  EXPECT_EQ(one.configuration.host_id, "one two|environment|a=b # not a comment");
  const Checked both = CheckText(text, {{"ANCHORE_ENV_FILE", "/a, /b,/absent"}}, files);
  EXPECT_EQ(Problems(both), (Lines{"error: configuration: ANCHORE_ENV_FILE: /b: line 2 is not NAME=value",
                                   "error: configuration: ANCHORE_ENV_FILE: /absent: not there"}));
  EXPECT_EQ(both.configuration.host_id, "second|y|a=b # not a comment");
}

TEST(Config, SecretsComeFromFiles) {
  const FakeFiles files({{"/run/token", "0123456789abcdef\n"}, {"/run/two", "a\n\n"}, {"/run/pw", " p w \r\n"}});
  const Checked checked = CheckText(
      "internal_token_file: /run/token\n"
      "default_admin_password: file:/run/pw\n"
      "webhooks: {webhook_pass_file: /run/two, general: {webhook_pass_file: /run/pw}}\n",
      {{"ANCHORE_AUTH_SECRET_FILE", "/run/token"}}, files);
  EXPECT_EQ(Problems(checked), Lines{});
  EXPECT_EQ(checked.configuration.internal_token.Reveal(), "0123456789abcdef");
  EXPECT_EQ(checked.configuration.default_admin_password.Reveal(), " p w ");
  EXPECT_EQ(checked.configuration.webhooks.webhook_pass.Reveal(), "a\n");
  EXPECT_EQ(checked.configuration.webhooks.targets.at("general").webhook_pass.Reveal(), " p w ");
  EXPECT_EQ(checked.configuration.keys.secret.Reveal(), "0123456789abcdef");
  // Only secrets have such siblings; what is a path already stays one.
  EXPECT_EQ(ProblemsOf("host_id_file: /x\n").size(), 1U);
  EXPECT_EQ(CheckText("secret_key_file: /k\n").configuration.secret_key_file, "/k");
}

TEST(Config, SecretFilesThatCannotBeRead) {
  const FakeFiles files({{"/t", "0123456789abcdef"}});
  const Checked checked = CheckText("internal_token_file: /absent\nkeys:\n  secret: file:/absent\n",
                                    {{"ANCHORE_ADMIN_PASSWORD_FILE", "/absent"}}, files);
  EXPECT_EQ(Problems(checked), (Lines{"error: default_admin_password: ANCHORE_ADMIN_PASSWORD_FILE: /absent: not there",
                                      "error: internal_token_file (line 1): /absent: not there",
                                      "error: keys.secret (line 3): /absent: not there"}));
  EXPECT_EQ(Problems(CheckText("internal_token: 0123456789abcdef\ninternal_token_file: /t\n", {}, files)),
            (Lines{"error: internal_token_file (line 2): internal_token is set twice"}));
  EXPECT_EQ(Problems(CheckText("service_dir: /a\ndata_dir: /b\n")),
            (Lines{"error: data_dir (line 2): data_dir is set twice"}));
}

TEST(Config, ASecretThatYamlReadsAsANumberIsPointedOut) {
  const Lines problems = ProblemsOf("default_admin_password: 0123\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("quotes"), std::string::npos);
  EXPECT_EQ(problems[0].find("123"), std::string::npos);
}

TEST(Config, TheCredentialsFolderGivesVariablesAndCertificates) {
  const FakeFiles files({{"/credentials/ANCHORE_DB_PASSWORD", "s3cr/t\n"},
                         {"/credentials/ANCHORE_DB_HOST", "db.example"},
                         {"/credentials/root.crt", "PEM"},
                         {"/credentials/postgresql.key", "PEM"}});
  const Checked checked = CheckText("credentials: {database: {db_connect_args: {sslmode: verify-full}}}\n",
                                    {{"HOLDFAST_CREDENTIALS_DIR", "/credentials"}}, files);
  EXPECT_EQ(Problems(checked), Lines{});
  const Database& database = checked.configuration.database;
  EXPECT_EQ(database.db_connect.Reveal(), "postgresql://postgres:s3cr%2Ft@db.example:5432/postgres");
  EXPECT_EQ(database.sslrootcert, "/credentials/root.crt");
  EXPECT_EQ(database.sslkey, "/credentials/postgresql.key");
  EXPECT_EQ(database.sslcert, "");
}

TEST(Config, DatabaseAddressesInEveryForm) {
  const auto connect = [](std::string_view text, const Environment& environment = {}) {
    return std::string(CheckText(text, environment).configuration.database.db_connect.Reveal());
  };
  const auto in_file = [&](const std::string& url, const Environment& environment = {}) {
    return connect("credentials:\n  database:\n    db_connect: '" + url + "'\n", environment);
  };
  EXPECT_EQ(in_file("postgresql+pg8000://u:p@h:1/n"), "postgresql://u:p@h:1/n");
  EXPECT_EQ(in_file("postgres://u:p@h/n?x=1"), "postgresql://u:p@h/n?x=1");
  EXPECT_EQ(in_file("sqlite:////data/holdfast.db"), "sqlite:////data/holdfast.db");
  EXPECT_EQ(in_file("postgresql://u@h/n", {{"ANCHORE_DB_PASSWORD", "p@ss"}}), "postgresql://u:p%40ss@h/n");
  EXPECT_EQ(in_file("postgresql://u:have@h/n", {{"ANCHORE_DB_PASSWORD", "p"}}), "postgresql://u:have@h/n");
  EXPECT_EQ(in_file("postgresql://h/n", {{"ANCHORE_DB_PASSWORD", "p"}}), "postgresql://h/n");
  EXPECT_EQ(connect("", {{"ANCHORE_DB_HOST", "h"}, {"ANCHORE_DB_USER", "a b"}, {"ANCHORE_DB_NAME", "null"}}),
            "postgresql://a%20b@h:5432/postgres");
  EXPECT_EQ(connect("credentials: {database: {db_connect: 'postgresql://u@h/n', db_password: x}}"),
            "postgresql://u:x@h/n");
  EXPECT_EQ(
      ProblemsOf("credentials:\n  database:\n    db_connect: mysql://u:secret@h/n\n"),
      (Lines{"error: credentials.database.db_connect (line 3): wants postgresql://user:password@host:port/name or "
             "sqlite:///path"}));
  EXPECT_EQ(CheckText("credentials: {database: {db_connect_args: {ssl: true}}}").configuration.database.sslmode,
            "require");
}

TEST(Config, TimersAreBroughtIntoTheirRanges) {
  const Checked checked = CheckText(
      "services:\n"
      "  catalog:\n"
      "    cycle_timers:\n"
      "      image_watcher: 5\n"
      "      repo_watcher: 9999999\n"
      "      policy_eval: 0\n"
      "      vulnerability_scan: -1\n"
      "      image_gc: 60\n"
      "      notifications: -9223372036854775808\n");
  const CatalogTimers& timers = checked.configuration.catalog.cycle_timers;
  EXPECT_EQ(timers.image_watcher, 300);
  EXPECT_EQ(timers.repo_watcher, 604800);
  EXPECT_EQ(timers.policy_eval, 0);
  EXPECT_EQ(timers.vulnerability_scan, 1);
  EXPECT_EQ(timers.image_gc, 60);
  EXPECT_EQ(timers.notifications, 172800);
  ASSERT_EQ(checked.problems.size(), 2U);
  EXPECT_EQ(checked.problems[0].severity, Severity::kNote);
  EXPECT_EQ(checked.problems[0].line, 4U);
  EXPECT_EQ(checked.problems[1].key, "services.catalog.cycle_timers.repo_watcher");
}

TEST(Config, StorageDriversNeedTheirParts) {
  const auto problems = [](const std::string& config) {
    return ProblemsOf("services: {catalog: {object_store: {storage_driver: " + config + "}}}");
  };
  EXPECT_EQ(problems("{name: db, config: {}}"), Lines{});
  const std::string no_s3 =
      "warning: services.catalog.object_store.storage_driver.name (line 1): s3 is not there: holdfast serve does not "
      "start with it; db and localfs are";
  EXPECT_EQ(problems("{name: s3, config: {iamauto: true, bucket: b, region: r}}"), Lines{no_s3});
  EXPECT_EQ(problems("{name: s3, config: {access_key: a, secret_key: s, bucket: b, url: 'http://minio:9000'}}"),
            Lines{no_s3});
  EXPECT_EQ(problems("{name: s3, config: {access_key: a, region: r, url: 'http://x'}}").size(), 4U);
  EXPECT_EQ(problems("{name: localfs}").size(), 1U);
  EXPECT_EQ(problems("{name: swift, config: {}}").size(), 2U);
  EXPECT_EQ(problems("{name: tape}").size(), 1U);
  EXPECT_EQ(
      problems("{name: s3, config: {iamauto: true, bukcet: b, bucket: b, region: r}}"),
      (Lines{no_s3,
             "warning: services.catalog.object_store.storage_driver.config.bukcet (line 1): is not a known key; did "
             "you mean services.catalog.object_store.storage_driver.config.bucket?"}));
}

TEST(Config, SwiftTakesTheOptionsOfItsClient) {
  const Checked checked = CheckText(
      "services: {catalog: {object_store: {storage_driver: {name: swift, config: {container: c, auth: 'http://a', "
      "user: u, "
      "key: 7, os_options: {region_name: r}}}}}}");
  EXPECT_TRUE(checked.Usable());
  const auto& options = checked.configuration.catalog.object_store.storage_driver.options;
  ASSERT_EQ(options.size(), 4U);
  EXPECT_EQ(options.at("key").Reveal(), "7");
  EXPECT_EQ(options.at("os_options.region_name").Reveal(), "r");
}

TEST(Config, KeysThatBelongTogether) {
  EXPECT_EQ(ProblemsOf("services:\n  apiext:\n    ssl_enable: true\n    ssl_cert: /c\n").size(), 1U);
  EXPECT_EQ(ProblemsOf("services:\n  apiext:\n    ssl_enable: true\n    ssl_cert: /c\n    ssl_key: /k\n"), Lines{});
  EXPECT_EQ(ProblemsOf("keys: {public_key_path: /p}").size(), 1U);
  EXPECT_EQ(CheckText("keys: {public_key_path: /p, private_key_path: /q}").problems.at(0).severity, Severity::kNote);
  EXPECT_FALSE(CheckText("user_authentication: {oauth: {enabled: true}}\n"
                         "keys: {public_key_path: /p, private_key_path: /q}")
                   .Usable());
  EXPECT_EQ(ProblemsOf("user_authentication: {oauth: {enabled: true}}\nkeys: {secret: s}"), Lines{});
  EXPECT_EQ(ProblemsOf("internal_token: short").size(), 1U);
  EXPECT_EQ(ProblemsOf("services: {catalog: {event_log: {notification: {level: [fatal]}}}}").size(), 1U);
}

TEST(Config, TheHostIsNamedAfterItsHostname) {
  EXPECT_EQ(
      CheckText("host_id: x\n", {{"SET_HOSTID_TO_HOSTNAME", "true"}, {"HOSTNAME", "pod-1"}}).configuration.host_id,
      "pod-1");
  EXPECT_EQ(
      CheckText("host_id: x\n", {{"SET_HOSTID_TO_HOSTNAME", "false"}, {"HOSTNAME", "pod-1"}}).configuration.host_id,
      "x");
}

TEST(Load, GivesAllErrorsOrTheConfiguration) {
  const FakeFiles files;
  const ReadFile reader = files.Reader();
  ExpectError(
      Load("log_level: LOUD\nqueue_url: x\nelephants: 1\n", {}, reader), ErrorKind::kInvalidInput,
      "error: log_level (line 1): wants one of FATAL, ERROR, WARN, INFO, DEBUG, SPEW\nerror: queue_url (line 2)");
  EXPECT_EQ(Value(Load("elephants: 1\nlog_level: WARN\n", {}, reader)).log_level, "WARN");
}

TEST(Show, CanBeLoadedAgainAndHidesSecrets) {
  const Checked checked = CheckSample();
  const std::string shown = Show(checked);
  for (const std::string_view secret :
       {"foobar", "secret: 'pass", "my%23secret", "hookpass", "otherpass", "verysecret"})
    EXPECT_EQ(shown.find(secret), std::string::npos) << secret;
  EXPECT_NE(shown.find("default_admin_password: \"********\"  # file\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\nservices:\n  analyzer:\n    analyzer_config_file: null\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("        level: [\"error\", \"info\"]  # file\n"), std::string::npos) << shown;
  // But for the masked connection, the same again.
  std::string again_text = shown;
  const std::string masked = "db_connect: \"********\"";
  again_text.replace(again_text.find(masked), masked.size(), "db_connect: postgresql://u:p@h/n");
  const Checked again = CheckText(again_text);
  EXPECT_TRUE(again.Usable());
  EXPECT_TRUE(std::ranges::none_of(again.problems, [](const ConfigProblem& problem) {
    return problem.severity == Severity::kWarning && !problem.message.starts_with("s3 ");
  }));
  const auto without_comments = [](const std::string& text) {
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      kept += line.substr(0, line.find("  # ")) + "\n";
      at = end + 1;
    }
    return kept;
  };
  EXPECT_EQ(without_comments(Show(again)), without_comments(shown));
}

TEST(Show, KeepsTextsThatLookLikePlaceholders) {
  const Checked checked = CheckText("host_id: a$${X}\"b\n");
  EXPECT_EQ(checked.configuration.host_id, "a${X}\"b");
  EXPECT_EQ(CheckText(Show(checked)).configuration.host_id, "a${X}\"b");
}

// HOLDFAST_ACCEPT=1 writes the page instead.
TEST(DescribeKeys, IsThePageInDocs) {
  const std::string path = HF_SOURCE_DIR "/docs/configuration.md";
  if (std::getenv("HOLDFAST_ACCEPT") != nullptr) test::WriteFile(path, DescribeKeys());
  EXPECT_EQ(test::ReadFile(path), DescribeKeys()) << "set HOLDFAST_ACCEPT=1 to write it";
}

TEST(ReadSmallFile, ReadsAndRefuses) {
  const test::TemporaryFolder folder;
  const std::string path = folder.Path() / "x";
  test::WriteFile(path, "content\n");
  EXPECT_EQ(Value(ReadSmallFile(path)), "content\n");
  ExpectError(ReadSmallFile(path + "y"), ErrorKind::kNotFound, path);
  test::WriteFile(path, std::string(kFileBytesMax + 1, 'x'));
  ExpectError(ReadSmallFile(path), ErrorKind::kLimit, path);
}

}  // namespace
}  // namespace holdfast::config
