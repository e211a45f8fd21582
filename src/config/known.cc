// Keys and variables of Anchore that are known and have no key of their own here.

#include "config/internal/keys.h"

namespace holdfast::config::internal {
namespace {

constexpr std::string_view kNoDocker = "images come from registries, not from a local Docker";
constexpr std::string_view kRecords = "layer records are kept in the object store, each layer is analysed once";
constexpr std::string_view kOnePlatform =
    "Holdfast has no such service; what it did is part of the others, or not there";
constexpr std::string_view kEnterprise = "a setting of Anchore Enterprise that Holdfast does not have";

constexpr IgnoredKey kIgnored[] = {
    {"cleanup_images", "nothing of an image is left on disk"},
    {"docker_conn", kNoDocker},
    {"docker_conn_timeout", kNoDocker},
    {"skopeo_global_timeout", "images are fetched without skopeo; transfers have time limits of their own"},
    {"auto_restart_services", "services are threads of one process; restarting that is the work of its supervisor"},
    {"grype_db_dir", "advisory snapshots are kept in data_dir"},
    {"feeds", "since Anchore Engine 1.0 this is services.policy_engine.vulnerabilities.sync"},
    {"user_authentication.hashed_passwords", "passwords are always hashed"},
    {"audit", kEnterprise},
    {"domains", kEnterprise},
    {"server", kEnterprise},
    {"api_driven_configuration_enabled", kEnterprise},
    {"max_import_content_size_mb", kEnterprise},
    {"max_source_import_size_mb", kEnterprise},
    {"image_content_cache", kEnterprise},
    {"license_file", "Holdfast needs no licence key"},
    {"credentials.database.db_echo", "statements are in the metrics; their values are never logged"},
    {"credentials.database.db_engine_args", "options of SQLAlchemy, which is not used"},
    {"credentials.database.db_connect_args.channel_binding", "libpq's default is used"},
    {"services.*.cycle_timer_seconds", "background work waits for what is due instead of waking each second"},
    {"services.*.enable_swagger_ui", "the API description is served, a user interface for it is not"},
    {"services.apiext.authorization_handler_config", "there is only the native handler"},
    {"services.catalog.cycle_timers.policy_bundle_sync", "it had no effect in Anchore Engine either"},
    {"services.catalog.object_store.migrate_from_storage_driver", "name the old store on the migration's command line"},
    {"services.catalog.runtime_inventory", kEnterprise},
    {"services.analyzer.analyzer_driver", "there is one analyzer"},
    {"services.analyzer.layer_cache_enable", kRecords},
    {"services.analyzer.layer_cache_max_gigabytes", kRecords},
    {"services.analyzer.keep_image_analysis_tmpfiles", "nothing of an image is written to disk"},
    {"services.policy_engine.enable_package_db_load",
     "files of packages are in the layer records, not in the database"},
    {"services.policy_engine.enable_images_by_vulnerability_api", "it is always on"},
    {"services.rbac_manager", kOnePlatform},
    {"services.rbac_authorizer", kOnePlatform},
    {"services.reports", kOnePlatform},
    {"services.reports_worker", kOnePlatform},
    {"services.notifications", kOnePlatform},
    {"services.component_catalog", kOnePlatform},
    {"services.data_syncer", kOnePlatform},
    {"services.kubernetes_webhook", kOnePlatform},
};

constexpr KeyAlias kAliases[] = {
    {"service_dir", "data_dir"},
    {"services.catalog.archive", "services.catalog.object_store"},
};

constexpr OtherVariable kVariables[] = {
    {"ANCHORE_CONFIG_DIR", "Folder of config.yaml; /config"},
    {"ANCHORE_ENV_FILE",
     "Files of more variables, separated by commas, with lines NAME=value; the environment goes first"},
    {"HOLDFAST_CREDENTIALS_DIR",
     "Folder in which each file is a variable by its name; and root.crt, postgresql.crt, postgresql.key of the "
     "database"},
    {"ANCHORE_DB_HOST", "Host of PostgreSQL, when there is no db_connect"},
    {"ANCHORE_DB_PORT", "Its port; 5432"},
    {"ANCHORE_DB_NAME", "Its database; postgres"},
    {"ANCHORE_DB_USER", "Its user; postgres"},
    {"ANCHORE_DB_PASSWORD", "That user's password; also for a db_connect that has none"},
    {"SET_HOSTID_TO_HOSTNAME", "true: HOSTNAME is the host_id"},
    {"ANCHORE_GRYPE_DB_URL", "", "services.policy_engine.vulnerabilities.sync.data.grypedb.url"},
    {"ANCHORE_WEBHOOK_DESTINATION_URL", "", "webhooks.general.url"},
    {"ANCHORE_CLI_USER", "For the command-line client"},
    {"ANCHORE_CLI_PASS", "For the command-line client"},
    {"ANCHORE_CLI_URL", "For the command-line client"},
};

}  // namespace

std::span<const IgnoredKey> IgnoredKeys() { return kIgnored; }
std::span<const KeyAlias> KeyAliases() { return kAliases; }
std::span<const OtherVariable> OtherVariables() { return kVariables; }

}  // namespace holdfast::config::internal
