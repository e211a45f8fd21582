// Configuration: what one file (config.yaml, in the shape of Anchore Engine's) and the environment say, typed and with
// every default in place. The file is the same for all services; each takes its own part of it.
//
// A field is named as its key. What a key means, its range and its environment variable are in the table of keys
// (keys.cc), from which docs/configuration.md is made. Empty text: not set.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crypto/secret.h"

namespace holdfast::config {

using crypto::Secret;
using Texts = std::vector<std::string>;

// services.<name>: what all services have.
struct Service {
  bool enabled = true;
  bool require_auth = true;
  std::string endpoint_hostname = "localhost";
  std::string listen = "0.0.0.0";
  std::int64_t port = 8228;
  std::string external_hostname;
  std::int64_t external_port = 0;
  bool external_tls = false;
  bool ssl_enable = false;
  std::string ssl_cert, ssl_key, ssl_chain;
  std::int64_t max_request_threads = 50;
  std::int64_t request_timeout = 0;
  bool task_handlers_enabled = true;
  bool enable_access_logging = true;
  std::string log_level;
};

struct Apiext {
  Service service;
  std::string authorization_handler = "native";
};

struct Compression {
  bool enabled = false;
  std::int64_t min_size_kbytes = 100;
};

// storage_driver {name, config}. Fields belong to the drivers that read them.
struct StorageDriver {
  std::string name = "db";  // db, db2, s3, swift, localfs
  std::string archive_data_dir;
  std::string access_key;
  Secret secret_key;
  bool iamauto = false;
  std::string url, region, bucket;
  bool create_bucket = false;
  std::string prefix;
  std::string container;
  bool create_container = false;
  std::string anchore_key_prefix;
  std::map<std::string, Secret> options;  // what else stands there: options of swift
};

struct ObjectStore {
  bool configured = false;  // the file has such a block
  Compression compression;
  StorageDriver storage_driver;
};

// Seconds between two beginnings; 0: never. Values of the file were brought into their ranges.
struct CatalogTimers {
  std::int64_t image_watcher = 600;
  std::int64_t repo_watcher = 60;
  std::int64_t policy_eval = 300;
  std::int64_t vulnerability_scan = 300;
  std::int64_t analyzer_queue = 5;
  std::int64_t notifications = 10;
  std::int64_t archive_tasks = 43200;
  std::int64_t image_gc = 60;
  std::int64_t import_gc = 60;
  std::int64_t events_gc = 43200;
  std::int64_t service_watcher = 10;
};

struct Catalog {
  Service service{.port = 8082};
  CatalogTimers cycle_timers;
  ObjectStore object_store;
  ObjectStore analysis_archive;  // not configured: the object store serves
  std::int64_t image_gc_max_worker_threads = 1;
  bool event_notification_enabled = false;
  Texts event_notification_level = {"error"};
  std::int64_t event_log_max_retention_age_days = 180;
  bool fair_share_image_analysis_queueing = true;
  bool down_analyzer_task_requeue = true;
};

struct Simplequeue {
  Service service{.port = 8083};
};

struct FeedData {
  bool enabled = true;
  std::string url;
};

struct PolicyEngineTimers {
  std::int64_t feed_sync = 3600;
  std::int64_t feed_sync_checker = 600;
  std::int64_t grypedb_sync = 60;
  std::int64_t image_vulnerabilities_refresh = 600;
};

struct PolicyEngine {
  Service service{.port = 8087};
  PolicyEngineTimers cycle_timers;
  std::string vulnerabilities_provider = "grype";
  bool sync_enabled = true;
  bool sync_ssl_verify = true;
  std::int64_t sync_connection_timeout_seconds = 3;
  std::int64_t sync_read_timeout_seconds = 60;
  std::map<std::string, FeedData> sync_data;  // grypedb, vulnerabilities, nvdv2, github, packages, vulndb
};

struct Analyzer {
  Service service{.port = 8084};
  std::int64_t image_analyzer_timer = 5;
  std::int64_t max_threads = 1;
  bool enable_hints = false;
  bool enable_owned_package_filtering = true;
  std::string analyzer_config_file;
  std::int64_t catalog_client_conn_timeout = 0;
  std::int64_t catalog_client_read_timeout = 0;
};

// The service that makes advisory snapshots.
struct Feeds {
  Service service{.port = 8448};
};

struct Webhook {
  std::string url;  // may hold <userId> and <notification_type>
  std::string webhook_user;
  Secret webhook_pass;
};

struct Webhooks {
  std::string webhook_user;
  Secret webhook_pass;
  Secret signing_secret;
  bool ssl_verify = true;
  std::int64_t notification_retry_timeout = 30;
  std::map<std::string, Webhook> targets;  // general, policy_eval, tag_update, …: all there, perhaps without a url
};

// credentials.database.
struct Database {
  // "postgresql://user:password@host:port/name" or "sqlite:///path"; whole, whatever it was put together from. Empty:
  // a SQLite database in data_dir.
  Secret db_connect;
  Secret db_password;
  std::int64_t timeout = 120;  // seconds
  bool ssl = false;
  std::string sslmode, sslrootcert, sslcert, sslkey;
  std::int64_t db_pool_size = 30;
  std::int64_t db_pool_max_overflow = 100;
};

struct Keys {
  Secret secret;
  std::string public_key_path, private_key_path;
};

struct Oauth {
  bool enabled = false;
  std::int64_t default_token_expiration_seconds = 3600;
};

struct LoginThrottle {
  bool enabled = true;
  std::int64_t attempts_max = 10;
  std::int64_t window_seconds = 300;
};

// Advisory snapshots that another site publishes, instead of advisory_source.
struct AdvisoryMirror {
  std::string url;  // or a folder
  Texts key_files;
  bool allow_unsigned = false;
};

struct Configuration {
  Configuration();

  // Anchore's.
  std::string tmp_dir = "/tmp";
  std::string log_level = "INFO";  // FATAL, ERROR, WARN, INFO, DEBUG, SPEW
  std::int64_t image_analyze_timeout_seconds = 36000;
  bool internal_ssl_verify = true;
  std::string internal_ssl_ca_file;
  bool allow_awsecr_iam_auto = false;
  std::string host_id;
  Secret default_admin_password;
  std::string default_admin_email = "admin@myanchore";
  std::string default_bundle_file;
  std::string policy_bundles_dir;
  std::int64_t global_client_connect_timeout = 0;
  std::int64_t global_client_read_timeout = 0;
  std::int64_t server_request_timeout_seconds = 180;
  std::int64_t max_compressed_image_size_mb = -1;
  bool metrics_enabled = false;
  bool metrics_auth_disabled = false;
  Keys keys;
  Oauth oauth;
  Webhooks webhooks;
  Database database;

  Apiext apiext;
  Catalog catalog;
  Simplequeue simplequeue;
  PolicyEngine policy_engine;
  Analyzer analyzer;
  Feeds feeds;

  // Holdfast's own.
  std::string data_dir = "/var/lib/holdfast";
  std::string listen;
  std::string queue_url;
  std::string advisory_source;
  AdvisoryMirror advisory_mirror;
  std::string secret_key_file;
  Secret internal_token;
  Texts ssrf_allow;
  LoginThrottle login_throttle;
};

}  // namespace holdfast::config
