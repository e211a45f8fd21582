// The table of keys: what is read, checked, shown and documented is here and nowhere else. Defaults are those of a
// default Configuration.
//
// A table belongs to a struct and is mounted where that struct is: the keys of a service under each service.

#include "config/internal/keys.h"

#include <array>

#include "base/format.h"

namespace holdfast::config::internal {
namespace {

template <typename Owner>
struct Row {
  KeySpec spec;
  Slot (*slot)(Owner&);
};

constexpr std::int64_t kAnyMin = -1;
constexpr std::int64_t kPortMax = 65535;
constexpr std::int64_t kDaySeconds = 86400;
constexpr std::string_view kLogLevels = "FATAL|ERROR|WARN|INFO|DEBUG|SPEW";

constexpr std::string_view kLocalAdvisories = "advisories come from advisory_source";
constexpr std::string_view kNoArchiveStore = "archived analyses are kept in services.catalog.object_store";
constexpr std::string_view kNoErrorEvents = "nothing is told of that type: events go to webhooks.event_log";

constexpr Row<Configuration> kTop[] = {
    {{.name = "data_dir", .meaning = "Folder of this process's own state", .env = "ANCHORE_SERVICE_DIR"},
     [](Configuration& c) -> Slot { return &c.data_dir; }},
    {{.name = "listen",
      .meaning = "Address of this process for everything it serves, instead of the listen and port of its services",
      .env = "HOLDFAST_LISTEN",
      .form = Form::kAddress},
     [](Configuration& c) -> Slot { return &c.listen; }},
    {{.name = "queue_url",
      .meaning = "Where analyzers in processes of their own find the queue",
      .env = "HOLDFAST_QUEUE_URL",
      .form = Form::kUrl},
     [](Configuration& c) -> Slot { return &c.queue_url; }},
    {{.name = "advisory_source",
      .meaning = "Folder of advisory data, or a snapshot file, that feed synchronisation takes; empty: advisories in "
                 "data_dir",
      .env = "HOLDFAST_ADVISORY_SOURCE"},
     [](Configuration& c) -> Slot { return &c.advisory_source; }},
    {{.name = "advisory_mirror.url",
      .meaning =
          "Where another site publishes its snapshots (db export --to): the URL of a web server, or a folder; feed "
          "synchronisation follows it instead of taking advisory_source",
      .env = "HOLDFAST_ADVISORY_MIRROR_URL"},
     [](Configuration& c) -> Slot { return &c.advisory_mirror.url; }},
    {{.name = "advisory_mirror.key_files",
      .meaning = "Files of public keys (db keygen), by one of which what is published there must be signed",
      .env = "HOLDFAST_ADVISORY_MIRROR_KEY_FILES"},
     [](Configuration& c) -> Slot { return &c.advisory_mirror.key_files; }},
    {{.name = "advisory_mirror.allow_unsigned",
      .meaning = "Take what is published there whoever signed it, or nobody",
      .env = "HOLDFAST_ADVISORY_MIRROR_ALLOW_UNSIGNED"},
     [](Configuration& c) -> Slot { return &c.advisory_mirror.allow_unsigned; }},
    {{.name = "secret_key_file",
      .meaning = "File of the keys that seal stored secrets; made when absent; empty: secret.key in data_dir",
      .env = "HOLDFAST_SECRET_KEY_FILE"},
     [](Configuration& c) -> Slot { return &c.secret_key_file; }},
    {{.name = "internal_token",
      .meaning = "What the services of one installation show each other, at least 16 characters",
      .env = "HOLDFAST_INTERNAL_TOKEN"},
     [](Configuration& c) -> Slot { return &c.internal_token; }},
    {{.name = "ssrf.allow",
      .meaning = "Private networks and loopback addresses that webhooks may be in; other such targets are refused, "
                 "and link-local and metadata addresses always",
      .env = "HOLDFAST_SSRF_ALLOW",
      .form = Form::kNetworks},
     [](Configuration& c) -> Slot { return &c.ssrf_allow; }},
    {{.name = "login_throttle.enabled", .meaning = "Slow down who guesses passwords"},
     [](Configuration& c) -> Slot { return &c.login_throttle.enabled; }},
    {{.name = "login_throttle.attempts_max",
      .meaning = "Failed logins of one user from one address before it has to wait",
      .min = 1,
      .max = 1'000'000},
     [](Configuration& c) -> Slot { return &c.login_throttle.attempts_max; }},
    {{.name = "login_throttle.window_seconds",
      .meaning = "Time in which failed logins are counted",
      .min = 1,
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.login_throttle.window_seconds; }},
    {{.name = "tmp_dir", .meaning = "Scratch folder", .no_effect = "nothing of an image is written to disk"},
     [](Configuration& c) -> Slot { return &c.tmp_dir; }},
    {{.name = "log_level",
      .meaning = "What is logged by services that have no log_level of their own",
      .env = "ANCHORE_LOG_LEVEL",
      .choices = kLogLevels},
     [](Configuration& c) -> Slot { return &c.log_level; }},
    {{.name = "host_id",
      .meaning = "Name of this instance; empty: one is made and kept in data_dir",
      .env = "ANCHORE_HOST_ID"},
     [](Configuration& c) -> Slot { return &c.host_id; }},
    {{.name = "image_analyze_timeout_seconds",
      .meaning = "An analysis that takes longer is ended; one whose analyzer does not end it is queued again",
      .min = 1},
     [](Configuration& c) -> Slot { return &c.image_analyze_timeout_seconds; }},
    {{.name = "internal_ssl_verify",
      .meaning = "Verify certificates between services",
      .env = "ANCHORE_INTERNAL_SSL_VERIFY"},
     [](Configuration& c) -> Slot { return &c.internal_ssl_verify; }},
    {{.name = "internal_ssl_ca_file",
      .meaning = "Certificates (PEM) of authorities that services trust when they call each other, beside the system's",
      .env = "HOLDFAST_INTERNAL_SSL_CA_FILE"},
     [](Configuration& c) -> Slot { return &c.internal_ssl_ca_file; }},
    {{.name = "allow_awsecr_iam_auto",
      .meaning = "Let registry credentials say awsauto: the role of the host",
      .no_effect = "credentials that a cloud makes are not supported"},
     [](Configuration& c) -> Slot { return &c.allow_awsecr_iam_auto; }},
    {{.name = "default_admin_password",
      .meaning = "Password of the user admin at the first start; empty: one is made and logged once",
      .env = "ANCHORE_ADMIN_PASSWORD"},
     [](Configuration& c) -> Slot { return &c.default_admin_password; }},
    {{.name = "default_admin_email", .meaning = "Mail address of the account admin", .env = "ANCHORE_ADMIN_EMAIL"},
     [](Configuration& c) -> Slot { return &c.default_admin_email; }},
    {{.name = "default_bundle_file",
      .meaning = "Policy bundle that is active in new accounts; empty: the built-in one; a relative path begins at the "
                 "folder of this file"},
     [](Configuration& c) -> Slot { return &c.default_bundle_file; }},
    {{.name = "policy_bundles_dir",
      .meaning = "Folder of more policy bundles (*.json) that new accounts get; a relative path likewise"},
     [](Configuration& c) -> Slot { return &c.policy_bundles_dir; }},
    {{.name = "global_client_connect_timeout",
      .meaning = "Seconds to connect to another service; 0: 30",
      .env = "ANCHORE_GLOBAL_CLIENT_CONNECT_TIMEOUT",
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.global_client_connect_timeout; }},
    {{.name = "global_client_read_timeout",
      .meaning = "Seconds in which nothing comes from another service, before it is given up; 0: 60",
      .env = "ANCHORE_GLOBAL_CLIENT_READ_TIMEOUT",
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.global_client_read_timeout; }},
    {{.name = "server_request_timeout_seconds",
      .meaning = "Seconds that a request may take before it is answered with status 503",
      .env = "ANCHORE_GLOBAL_SERVER_REQUEST_TIMEOUT_SEC",
      .min = 1,
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.server_request_timeout_seconds; }},
    {{.name = "max_compressed_image_size_mb",
      .meaning = "Larger images are refused; -1: no limit",
      .env = "ANCHORE_MAX_COMPRESSED_IMAGE_SIZE_MB",
      .min = kAnyMin},
     [](Configuration& c) -> Slot { return &c.max_compressed_image_size_mb; }},
    {{.name = "metrics.enabled", .meaning = "Serve /metrics", .env = "ANCHORE_ENABLE_METRICS"},
     [](Configuration& c) -> Slot { return &c.metrics_enabled; }},
    {{.name = "metrics.auth_disabled",
      .meaning = "Serve /metrics without credentials",
      .env = "ANCHORE_DISABLE_METRICS_AUTH"},
     [](Configuration& c) -> Slot { return &c.metrics_auth_disabled; }},
    {{.name = "keys.secret", .meaning = "What tokens are signed with", .env = "ANCHORE_AUTH_SECRET"},
     [](Configuration& c) -> Slot { return &c.keys.secret; }},
    {{.name = "keys.public_key_path",
      .meaning = "Anchore's public key of tokens; here they are signed with keys.secret",
      .env = "ANCHORE_AUTH_PUBKEY"},
     [](Configuration& c) -> Slot { return &c.keys.public_key_path; }},
    {{.name = "keys.private_key_path",
      .meaning = "Anchore's private key of tokens; likewise",
      .env = "ANCHORE_AUTH_PRIVKEY"},
     [](Configuration& c) -> Slot { return &c.keys.private_key_path; }},
    {{.name = "user_authentication.oauth.enabled",
      .meaning = "Give tokens for passwords",
      .env = "ANCHORE_OAUTH_ENABLED"},
     [](Configuration& c) -> Slot { return &c.oauth.enabled; }},
    {{.name = "user_authentication.oauth.default_token_expiration_seconds",
      .meaning = "How long a token lasts",
      .env = "ANCHORE_OAUTH_TOKEN_EXPIRATION",
      .min = 1,
      .max = 366 * kDaySeconds},
     [](Configuration& c) -> Slot { return &c.oauth.default_token_expiration_seconds; }},
    {{.name = "webhooks.webhook_user", .meaning = "User for targets that name none"},
     [](Configuration& c) -> Slot { return &c.webhooks.webhook_user; }},
    {{.name = "webhooks.webhook_pass", .meaning = "Password for targets that name none"},
     [](Configuration& c) -> Slot { return &c.webhooks.webhook_pass; }},
    {{.name = "webhooks.signing_secret",
      .meaning = "Signs deliveries (X-Holdfast-Signature); empty: they are not signed"},
     [](Configuration& c) -> Slot { return &c.webhooks.signing_secret; }},
    {{.name = "webhooks.ssl_verify", .meaning = "Verify certificates of targets"},
     [](Configuration& c) -> Slot { return &c.webhooks.ssl_verify; }},
    {{.name = "webhooks.notification_retry_timeout",
      .meaning = "Seconds for which a failed delivery is tried again",
      .max = kDaySeconds,
      .no_effect = "failed deliveries are tried again for a week"},
     [](Configuration& c) -> Slot { return &c.webhooks.notification_retry_timeout; }},
};

constexpr Row<Database> kDatabase[] = {
    {{.name = "db_connect",
      .meaning = "postgresql://user:password@host:port/name, or sqlite:///path; empty: put together from "
                 "ANCHORE_DB_*, else a SQLite database in data_dir"},
     [](Database& d) -> Slot { return &d.db_connect; }},
    {{.name = "db_password", .meaning = "Password for a db_connect that has none"},
     [](Database& d) -> Slot { return &d.db_password; }},
    {{.name = "db_connect_args.timeout", .meaning = "Seconds to connect and for one statement", .max = kDaySeconds},
     [](Database& d) -> Slot { return &d.timeout; }},
    {{.name = "db_connect_args.ssl", .meaning = "Demand TLS: sslmode require, when none is said"},
     [](Database& d) -> Slot { return &d.ssl; }},
    {{.name = "db_connect_args.sslmode",
      .meaning = "As of libpq",
      .choices = "disable|allow|prefer|require|verify-ca|verify-full"},
     [](Database& d) -> Slot { return &d.sslmode; }},
    {{.name = "db_connect_args.sslrootcert", .meaning = "Certificates that the server's is verified with"},
     [](Database& d) -> Slot { return &d.sslrootcert; }},
    {{.name = "db_connect_args.sslcert", .meaning = "Certificate of the client"},
     [](Database& d) -> Slot { return &d.sslcert; }},
    {{.name = "db_connect_args.sslkey", .meaning = "Key of the client's certificate"},
     [](Database& d) -> Slot { return &d.sslkey; }},
    {{.name = "db_pool_size", .meaning = "Connections that one process keeps", .min = 1, .max = 10'000},
     [](Database& d) -> Slot { return &d.db_pool_size; }},
    {{.name = "db_pool_max_overflow", .meaning = "Connections that it opens beyond them under load", .max = 10'000},
     [](Database& d) -> Slot { return &d.db_pool_max_overflow; }},
};

constexpr Row<Webhook> kWebhook[] = {
    {{.name = "url", .meaning = "Where notifications are posted; may hold `<userId>` and `<notification_type>`"},
     [](Webhook& w) -> Slot { return &w.url; }},
    {{.name = "webhook_user", .meaning = "User of this target"}, [](Webhook& w) -> Slot { return &w.webhook_user; }},
    {{.name = "webhook_pass", .meaning = "Password of this target"},
     [](Webhook& w) -> Slot { return &w.webhook_pass; }},
};

constexpr Row<Service> kService[] = {
    {{.name = "enabled", .meaning = "Run it when no service is named on the command line"},
     [](Service& s) -> Slot { return &s.enabled; }},
    {{.name = "require_auth", .meaning = "Ask for credentials", .no_effect = "credentials are always asked for"},
     [](Service& s) -> Slot { return &s.require_auth; }},
    {{.name = "endpoint_hostname",
      .meaning = "Name under which other services reach it",
      .env = "ANCHORE_ENDPOINT_HOSTNAME"},
     [](Service& s) -> Slot { return &s.endpoint_hostname; }},
    {{.name = "listen", .meaning = "Address to listen on"}, [](Service& s) -> Slot { return &s.listen; }},
    {{.name = "port",
      .meaning = "Port to listen on; catalog 8082, simplequeue 8083, analyzer 8084, policy_engine 8087, feeds 8448",
      .env = "ANCHORE_SERVICE_PORT",
      .min = 1,
      .max = kPortMax},
     [](Service& s) -> Slot { return &s.port; }},
    {{.name = "external_hostname",
      .meaning = "Name for links to the API, when it is reached through a proxy; of apiext"},
     [](Service& s) -> Slot { return &s.external_hostname; }},
    {{.name = "external_port",
      .meaning = "Port for links to the API; 0: port",
      .env = "ANCHORE_EXTERNAL_PORT",
      .max = kPortMax},
     [](Service& s) -> Slot { return &s.external_port; }},
    {{.name = "external_tls", .meaning = "Links to the API begin with https", .env = "ANCHORE_EXTERNAL_TLS"},
     [](Service& s) -> Slot { return &s.external_tls; }},
    {{.name = "ssl_enable", .meaning = "Serve TLS; needs ssl_cert and ssl_key"},
     [](Service& s) -> Slot { return &s.ssl_enable; }},
    {{.name = "ssl_cert", .meaning = "Certificate (PEM)"}, [](Service& s) -> Slot { return &s.ssl_cert; }},
    {{.name = "ssl_key", .meaning = "Key of the certificate (PEM)"}, [](Service& s) -> Slot { return &s.ssl_key; }},
    {{.name = "ssl_chain", .meaning = "Certificates between it and the root (PEM)"},
     [](Service& s) -> Slot { return &s.ssl_chain; }},
    {{.name = "max_request_threads", .meaning = "Requests at the same time", .min = 1, .max = 10'000},
     [](Service& s) -> Slot { return &s.max_request_threads; }},
    {{.name = "request_timeout",
      .meaning = "Seconds that a request may take; 0: server_request_timeout_seconds",
      .max = kDaySeconds},
     [](Service& s) -> Slot { return &s.request_timeout; }},
    {{.name = "task_handlers_enabled", .meaning = "Do background work"},
     [](Service& s) -> Slot { return &s.task_handlers_enabled; }},
    {{.name = "enable_access_logging", .meaning = "Log each request that is answered"},
     [](Service& s) -> Slot { return &s.enable_access_logging; }},
    {{.name = "log_level",
      .meaning =
          "What it logs; empty: the log_level of all; services of one process log what the most talkative one does",
      .choices = kLogLevels},
     [](Service& s) -> Slot { return &s.log_level; }},
};

constexpr Row<Configuration> kServices[] = {
    {{.name = "services.apiext.authorization_handler",
      .meaning = "Who decides what a user may do",
      .env = "ANCHORE_AUTHZ_HANDLER",
      .choices = "native"},
     [](Configuration& c) -> Slot { return &c.apiext.authorization_handler; }},
    {{.name = "services.catalog.image_gc.max_worker_threads",
      .meaning = "Images that are deleted at the same time",
      .min = 1,
      .max = 64,
      .no_effect = "images are deleted in batches"},
     [](Configuration& c) -> Slot { return &c.catalog.image_gc_max_worker_threads; }},
    {{.name = "services.catalog.event_log.notification.enabled",
      .meaning = "Post events to webhooks.event_log and webhooks.general",
      .env = "ANCHORE_EVENTS_NOTIFICATIONS_ENABLED"},
     [](Configuration& c) -> Slot { return &c.catalog.event_notification_enabled; }},
    {{.name = "services.catalog.event_log.notification.level",
      .meaning = "Levels of events that are posted: error, info"},
     [](Configuration& c) -> Slot { return &c.catalog.event_notification_level; }},
    {{.name = "services.catalog.event_log.max_retention_age_days",
      .meaning = "Days for which events are kept; 0: for ever",
      .max = 36'500},
     [](Configuration& c) -> Slot { return &c.catalog.event_log_max_retention_age_days; }},
    {{.name = "services.catalog.fair_share_image_analysis_queueing",
      .meaning = "Accounts take turns in the queue",
      .no_effect = "accounts always take turns"},
     [](Configuration& c) -> Slot { return &c.catalog.fair_share_image_analysis_queueing; }},
    {{.name = "services.catalog.down_analyzer_task_requeue",
      .meaning = "Queue an image again when its analyzer is gone",
      .no_effect = "it is always queued again, within half a minute"},
     [](Configuration& c) -> Slot { return &c.catalog.down_analyzer_task_requeue; }},
    {{.name = "services.policy_engine.vulnerabilities.provider",
      .meaning = "Anchore's choice of a matcher; there is one",
      .env = "ANCHORE_VULNERABILITIES_PROVIDER",
      .choices = "grype|legacy"},
     [](Configuration& c) -> Slot { return &c.policy_engine.vulnerabilities_provider; }},
    {{.name = "services.policy_engine.vulnerabilities.sync.enabled",
      .meaning = "Fetch advisories",
      .env = "ANCHORE_FEEDS_ENABLED"},
     [](Configuration& c) -> Slot { return &c.policy_engine.sync_enabled; }},
    {{.name = "services.policy_engine.vulnerabilities.sync.ssl_verify",
      .meaning = "Verify the certificate of advisory_mirror.url",
      .env = "ANCHORE_FEEDS_SSL_VERIFY"},
     [](Configuration& c) -> Slot { return &c.policy_engine.sync_ssl_verify; }},
    {{.name = "services.policy_engine.vulnerabilities.sync.connection_timeout_seconds",
      .meaning = "Seconds to connect to it",
      .min = 1,
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.policy_engine.sync_connection_timeout_seconds; }},
    {{.name = "services.policy_engine.vulnerabilities.sync.read_timeout_seconds",
      .meaning = "Seconds in which nothing comes from it, before it is given up",
      .min = 1,
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.policy_engine.sync_read_timeout_seconds; }},
    {{.name = "services.analyzer.max_threads",
      .meaning = "Images that one analyzer takes at the same time",
      .min = 1,
      .max = 1024},
     [](Configuration& c) -> Slot { return &c.analyzer.max_threads; }},
    {{.name = "services.analyzer.enable_hints",
      .meaning = "Read packages from a hints file in the image",
      .env = "ANCHORE_HINTS_ENABLED",
      .no_effect = "hints files are not read"},
     [](Configuration& c) -> Slot { return &c.analyzer.enable_hints; }},
    {{.name = "services.analyzer.enable_owned_package_filtering",
      .meaning = "Leave out packages that belong to a package of the distribution",
      .env = "ANCHORE_ENABLE_PACKAGE_FILTERING"},
     [](Configuration& c) -> Slot { return &c.analyzer.enable_owned_package_filtering; }},
    {{.name = "services.analyzer.analyzer_config_file",
      .meaning =
          "Settings of file retrieval and content and secret search; empty: analyzer_config.yaml beside this file"},
     [](Configuration& c) -> Slot { return &c.analyzer.analyzer_config_file; }},
    {{.name = "services.analyzer.catalog_client_conn_timeout",
      .meaning = "Seconds to connect to the platform; 0: global_client_connect_timeout",
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.analyzer.catalog_client_conn_timeout; }},
    {{.name = "services.analyzer.catalog_client_read_timeout",
      .meaning = "Seconds to wait for the platform; 0: global_client_read_timeout",
      .max = kDaySeconds},
     [](Configuration& c) -> Slot { return &c.analyzer.catalog_client_read_timeout; }},
};

constexpr Row<Configuration> kTimers[] = {
    {{.name = "services.catalog.cycle_timers.image_watcher",
      .meaning = "Asks registries for new digests of watched tags",
      .min = 300,
      .max = 604800},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.image_watcher; }},
    {{.name = "services.catalog.cycle_timers.repo_watcher",
      .meaning = "Looks for new tags in watched repositories",
      .min = 60,
      .max = 604800},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.repo_watcher; }},
    {{.name = "services.catalog.cycle_timers.policy_eval",
      .meaning = "Evaluates subscribed tags",
      .min = 60,
      .max = 172800},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.policy_eval; }},
    {{.name = "services.catalog.cycle_timers.vulnerability_scan",
      .meaning = "Matches images of subscribed tags",
      .min = 60,
      .max = 172800},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.vulnerability_scan; }},
    {{.name = "services.catalog.cycle_timers.analyzer_queue",
      .meaning = "Queues images and finds lost analyses",
      .min = 1,
      .max = 7200,
      .no_effect = "images are queued when they are added, and lost analyses found within seconds"},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.analyzer_queue; }},
    {{.name = "services.catalog.cycle_timers.notifications",
      .meaning = "Delivers notifications",
      .env = "ANCHORE_CATALOG_NOTIFICATION_INTERVAL_SEC",
      .min = 10,
      .max = 172800},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.notifications; }},
    {{.name = "services.catalog.cycle_timers.archive_tasks", .meaning = "Runs archive rules", .min = 60, .max = 432000},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.archive_tasks; }},
    {{.name = "services.catalog.cycle_timers.image_gc", .meaning = "Deletes images", .min = 60, .max = 86400},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.image_gc; }},
    {{.name = "services.catalog.cycle_timers.import_gc",
      .meaning = "Removes imports that were not finished",
      .min = 60,
      .max = 86400},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.import_gc; }},
    {{.name = "services.catalog.cycle_timers.events_gc", .meaning = "Removes old events", .min = 60, .max = 432000},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.events_gc; }},
    {{.name = "services.catalog.cycle_timers.service_watcher",
      .meaning = "Marks instances that are gone",
      .min = 1,
      .max = 300},
     [](Configuration& c) -> Slot { return &c.catalog.cycle_timers.service_watcher; }},
    {{.name = "services.policy_engine.cycle_timers.feed_sync",
      .meaning = "Fetches advisories",
      .env = "ANCHORE_FEED_SYNC_INTERVAL_SEC",
      .min = 1800,
      .max = 604800},
     [](Configuration& c) -> Slot { return &c.policy_engine.cycle_timers.feed_sync; }},
    {{.name = "services.policy_engine.cycle_timers.feed_sync_checker",
      .meaning = "Looks whether advisories are due",
      .min = 300,
      .max = 604800,
      .no_effect = "feed_sync alone says when"},
     [](Configuration& c) -> Slot { return &c.policy_engine.cycle_timers.feed_sync_checker; }},
    {{.name = "services.policy_engine.cycle_timers.grypedb_sync",
      .meaning = "Takes over a newer advisory snapshot",
      .min = 60,
      .max = 3600,
      .no_effect = "a newer snapshot is taken over at once"},
     [](Configuration& c) -> Slot { return &c.policy_engine.cycle_timers.grypedb_sync; }},
    {{.name = "services.policy_engine.cycle_timers.image_vulnerabilities_refresh",
      .meaning = "Matches images again after a newer snapshot",
      .min = 60,
      .max = 86400,
      .no_effect = "images are matched again at once"},
     [](Configuration& c) -> Slot { return &c.policy_engine.cycle_timers.image_vulnerabilities_refresh; }},
    {{.name = "services.analyzer.cycle_timers.image_analyzer",
      .meaning = "Asks the queue for an image",
      .min = 1,
      .max = 120,
      .no_effect = "an analyzer is told at once when there is work"},
     [](Configuration& c) -> Slot { return &c.analyzer.image_analyzer_timer; }},
};

constexpr Row<ObjectStore> kObjectStore[] = {
    {{.name = "compression.enabled", .meaning = "Compress values"},
     [](ObjectStore& s) -> Slot { return &s.compression.enabled; }},
    {{.name = "compression.min_size_kbytes", .meaning = "Smaller values are not", .max = 1'000'000},
     [](ObjectStore& s) -> Slot { return &s.compression.min_size_kbytes; }},
    {{.name = "storage_driver.name",
      .meaning = "Where values are kept; db and db2 are the database",
      .choices = "db|db2|s3|swift|localfs"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.name; }},
    {{.name = "storage_driver.config.archive_data_dir", .meaning = "localfs: the folder"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.archive_data_dir; }},
    {{.name = "storage_driver.config.access_key", .meaning = "s3: access key"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.access_key; }},
    {{.name = "storage_driver.config.secret_key", .meaning = "s3: secret key"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.secret_key; }},
    {{.name = "storage_driver.config.iamauto", .meaning = "s3: the role of the host instead of keys"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.iamauto; }},
    {{.name = "storage_driver.config.url",
      .meaning = "s3: endpoint of a server that is not Amazon's",
      .form = Form::kUrl},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.url; }},
    {{.name = "storage_driver.config.region", .meaning = "s3: region of Amazon"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.region; }},
    {{.name = "storage_driver.config.bucket", .meaning = "s3: bucket"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.bucket; }},
    {{.name = "storage_driver.config.create_bucket", .meaning = "s3: make the bucket when it is absent"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.create_bucket; }},
    {{.name = "storage_driver.config.prefix", .meaning = "s3: what keys begin with"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.prefix; }},
    {{.name = "storage_driver.config.container", .meaning = "swift: container"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.container; }},
    {{.name = "storage_driver.config.create_container", .meaning = "swift: make the container when it is absent"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.create_container; }},
    {{.name = "storage_driver.config.anchore_key_prefix", .meaning = "swift: what keys begin with"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.anchore_key_prefix; }},
    {{.name = "storage_driver.config.*", .meaning = "swift: options of its client, as auth, user, key, os_options"},
     [](ObjectStore& s) -> Slot { return &s.storage_driver.options; }},
};

constexpr Row<FeedData> kFeedData[] = {
    {{.name = "enabled", .meaning = "Take this part of the advisories", .no_effect = kLocalAdvisories},
     [](FeedData& f) -> Slot { return &f.enabled; }},
    {{.name = "url", .meaning = "Where it is fetched from; empty: the built-in place", .no_effect = kLocalAdvisories},
     [](FeedData& f) -> Slot { return &f.url; }},
};

struct MountOptions {
  bool timers = false;
  std::string_view no_effect = {};  // of all keys of the table there
};

template <typename Owner, std::size_t size>
void Mount(std::vector<BoundKey>& keys, const Row<Owner> (&table)[size], Owner& owner, std::string_view at,
           std::string_view display, const MountOptions& options = {}) {
  const auto join = [](std::string_view front, std::string_view name) {
    return front.empty() ? std::string(name) : Format("{}.{}", front, name);
  };
  for (const Row<Owner>& row : table)
    keys.push_back({.path = join(at, row.spec.name),
                    .display = join(display, row.spec.name),
                    .spec = &row.spec,
                    .timer = options.timers,
                    .no_effect = options.no_effect.empty() ? row.spec.no_effect : options.no_effect,
                    .slot = row.slot(owner)});
}

}  // namespace

std::vector<BoundKey> BindKeys(Configuration& c) {
  std::vector<BoundKey> keys;
  keys.reserve(320);
  Mount(keys, kTop, c, "", "");
  for (auto& [name, target] : c.webhooks.targets)
    Mount(keys, kWebhook, target, "webhooks." + name, "webhooks.<type>",
          {.no_effect = name == "error_event" ? kNoErrorEvents : std::string_view()});
  Mount(keys, kDatabase, c.database, "credentials.database", "credentials.database");
  struct Named {
    std::string_view name;
    Service& service;
  };
  for (const Named& named :
       {Named{"apiext", c.apiext.service}, Named{"catalog", c.catalog.service},
        Named{"simplequeue", c.simplequeue.service}, Named{"policy_engine", c.policy_engine.service},
        Named{"analyzer", c.analyzer.service}, Named{"feeds", c.feeds.service}})
    Mount(keys, kService, named.service, Format("services.{}", named.name), "services.<name>");
  Mount(keys, kServices, c, "", "");
  Mount(keys, kTimers, c, "", "", {.timers = true});
  Mount(keys, kObjectStore, c.catalog.object_store, "services.catalog.object_store", "services.catalog.object_store");
  Mount(keys, kObjectStore, c.catalog.analysis_archive, "services.catalog.analysis_archive",
        "services.catalog.analysis_archive", {.no_effect = kNoArchiveStore});
  constexpr std::string_view kData = "services.policy_engine.vulnerabilities.sync.data";
  for (auto& [name, data] : c.policy_engine.sync_data)
    Mount(keys, kFeedData, data, Format("{}.{}", kData, name), Format("{}.<name>", kData));
  return keys;
}

}  // namespace holdfast::config::internal

namespace holdfast::config {

Configuration::Configuration() {
  for (const std::string_view name :
       {"general", "policy_eval", "tag_update", "vuln_update", "analysis_update", "event_log", "error_event"})
    webhooks.targets.emplace(name, Webhook());
  for (const std::string_view name : {"grypedb", "vulnerabilities", "nvdv2", "github", "packages", "vulndb"})
    policy_engine.sync_data.emplace(name, FeedData());
}

}  // namespace holdfast::config
