// The list of handlers: one line for each operation of the document, in its order. An operation that has none yet is
// in tests/api_missing_operations.txt.
#include <array>

#include "api/account_handlers.h"
#include "api/add_image_handler.h"
#include "api/archive_handlers.h"
#include "api/artifact_handlers.h"
#include "api/content_handlers.h"
#include "api/event_handlers.h"
#include "api/feed_handlers.h"
#include "api/handler_table.h"
#include "api/image_handlers.h"
#include "api/import_handlers.h"
#include "api/policy_handlers.h"
#include "api/query_handlers.h"
#include "api/registry_handlers.h"
#include "api/static_handlers.h"
#include "api/subscription_handlers.h"
#include "api/system_handlers.h"
#include "api/token_handlers.h"
#include "api/webhook_handlers.h"

namespace holdfast::api {
namespace {

constexpr std::array kHandlers = {
    HandlerEntry{"ping", &Ping},
    HandlerEntry{"health_check", &HealthCheck},
    HandlerEntry{"get_version", &GetVersion},
    HandlerEntry{"get_api_document", &GetApiDocument},
    HandlerEntry{"get_status", &GetStatus},
    HandlerEntry{"get_system_status", &GetSystemStatus},
    HandlerEntry{"list_feeds", &ListFeeds},
    HandlerEntry{"sync_feeds", &SyncFeeds},
    HandlerEntry{"toggle_feed", &ToggleFeed},
    HandlerEntry{"delete_feed", &DeleteFeed},
    HandlerEntry{"toggle_feed_group", &ToggleFeedGroup},
    HandlerEntry{"delete_feed_group", &DeleteFeedGroup},
    HandlerEntry{"list_services", &ListServices},
    HandlerEntry{"get_services_by_name", &GetServicesByName},
    HandlerEntry{"get_service", &GetService},
    HandlerEntry{"delete_service", &DeleteService},
    HandlerEntry{"get_policy_spec", &GetPolicySpec},
    HandlerEntry{"list_error_codes", &ListErrorCodes},

    HandlerEntry{"list_image_tags", &ListImageTags},
    HandlerEntry{"add_image", &AddImage},
    HandlerEntry{"list_images", &ListImages},
    HandlerEntry{"delete_images", &DeleteImages},
    HandlerEntry{"get_image", &GetImage},
    HandlerEntry{"delete_image", &DeleteImage},
    HandlerEntry{"get_image_by_id", &GetImage},
    HandlerEntry{"delete_image_by_id", &DeleteImageById},
    HandlerEntry{"check_image", &CheckImage},
    HandlerEntry{"check_image_by_id", &CheckImage},
    HandlerEntry{"explain_image_vulnerability", &ExplainImageVulnerability},
    HandlerEntry{"get_image_vulnerabilities", &GetImageVulnerabilities},
    HandlerEntry{"get_image_vulnerabilities_by_id", &GetImageVulnerabilities},
    HandlerEntry{"get_image_content", &GetImageContent},
    HandlerEntry{"get_image_content_by_id", &GetImageContent},
    HandlerEntry{"get_image_files", &GetImageFiles},
    HandlerEntry{"get_image_files_by_id", &GetImageFiles},
    HandlerEntry{"get_image_java", &GetImageJava},
    HandlerEntry{"get_image_java_by_id", &GetImageJava},
    HandlerEntry{"get_image_malware", &GetImageMalware},
    HandlerEntry{"get_retrieved_files", &GetRetrievedFiles},
    HandlerEntry{"get_file_content_search", &GetFileContentSearch},
    HandlerEntry{"get_secret_search", &GetSecretSearch},
    HandlerEntry{"get_image_metadata", &GetImageMetadata},
    HandlerEntry{"get_native_sbom", &GetNativeSbom},
    HandlerEntry{"list_vulnerability_types", &ListVulnerabilityTypes},
    HandlerEntry{"list_content_types", &ListContentTypes},
    HandlerEntry{"list_metadata_types", &ListMetadataTypes},
    HandlerEntry{"list_vulnerability_types_by_id", &ListVulnerabilityTypes},
    HandlerEntry{"list_content_types_by_id", &ListContentTypes},

    HandlerEntry{"list_policies", &ListPolicies},
    HandlerEntry{"add_policy", &AddPolicy},
    HandlerEntry{"get_policy", &GetPolicy},
    HandlerEntry{"update_policy", &UpdatePolicy},
    HandlerEntry{"delete_policy", &DeletePolicy},

    HandlerEntry{"list_subscriptions", &ListSubscriptions},
    HandlerEntry{"add_subscription", &AddSubscription},
    HandlerEntry{"get_subscription", &GetSubscription},
    HandlerEntry{"update_subscription", &UpdateSubscription},
    HandlerEntry{"delete_subscription", &DeleteSubscription},
    HandlerEntry{"add_repository", &AddRepository},

    HandlerEntry{"list_registries", &ListRegistries},
    HandlerEntry{"add_registry", &AddRegistry},
    HandlerEntry{"get_registry", &GetRegistry},
    HandlerEntry{"update_registry", &UpdateRegistry},
    HandlerEntry{"delete_registry", &DeleteRegistry},

    HandlerEntry{"list_event_types", &ListEventTypes},
    HandlerEntry{"list_events", &ListEvents},
    HandlerEntry{"delete_events", &DeleteEvents},
    HandlerEntry{"get_event", &GetEvent},
    HandlerEntry{"delete_event", &DeleteEvent},

    HandlerEntry{"list_accounts", &ListAccounts},
    HandlerEntry{"create_account", &CreateAccount},
    HandlerEntry{"get_account", &GetAccount},
    HandlerEntry{"delete_account", &DeleteAccount},
    HandlerEntry{"update_account_state", &UpdateAccountState},
    HandlerEntry{"list_users", &ListUsers},
    HandlerEntry{"create_user", &CreateUser},
    HandlerEntry{"get_account_user", &GetAccountUser},
    HandlerEntry{"delete_user", &DeleteUser},
    HandlerEntry{"list_user_credentials", &ListUserCredentials},
    HandlerEntry{"create_user_credential", &CreateUserCredential},
    HandlerEntry{"delete_user_credential", &DeleteUserCredential},
    HandlerEntry{"get_own_account", &GetOwnAccount},
    HandlerEntry{"get_own_user", &GetOwnUser},
    HandlerEntry{"list_own_credentials", &ListOwnCredentials},
    HandlerEntry{"create_own_credential", &CreateOwnCredential},
    HandlerEntry{"create_token", &CreateToken},

    HandlerEntry{"test_webhook", &TestWebhook},

    HandlerEntry{"create_import", &CreateImport},
    HandlerEntry{"list_imports", &ListImports},
    HandlerEntry{"get_import", &GetImport},
    HandlerEntry{"invalidate_import", &InvalidateImport},
    HandlerEntry{"list_import_packages", &ListImportContent},
    HandlerEntry{"upload_import_packages", &UploadImportContent},
    HandlerEntry{"list_import_dockerfile", &ListImportContent},
    HandlerEntry{"upload_import_dockerfile", &UploadImportContent},
    HandlerEntry{"list_import_manifest", &ListImportContent},
    HandlerEntry{"upload_import_manifest", &UploadImportContent},
    HandlerEntry{"list_import_parent_manifest", &ListImportContent},
    HandlerEntry{"upload_import_parent_manifest", &UploadImportContent},
    HandlerEntry{"list_import_image_config", &ListImportContent},
    HandlerEntry{"upload_import_image_config", &UploadImportContent},

    HandlerEntry{"query_images_by_vulnerability", &QueryImagesByVulnerability},
    HandlerEntry{"query_images_by_package", &QueryImagesByPackage},
    HandlerEntry{"query_vulnerabilities", &QueryVulnerabilities},

    HandlerEntry{"import_image_archive", &ImportImageArchive},
    HandlerEntry{"get_archive_summary", &GetArchiveSummary},
    HandlerEntry{"list_archive_rules", &ListArchiveRules},
    HandlerEntry{"add_archive_rule", &AddArchiveRule},
    HandlerEntry{"get_archive_rule", &GetArchiveRule},
    HandlerEntry{"delete_archive_rule", &DeleteArchiveRule},
    HandlerEntry{"list_archived_images", &ListArchivedImages},
    HandlerEntry{"archive_images", &ArchiveImages},
    HandlerEntry{"get_archived_image", &GetArchivedImage},
    HandlerEntry{"delete_archived_image", &DeleteArchivedImage},
};

}  // namespace

std::span<const HandlerEntry> Handlers() { return kHandlers; }

}  // namespace holdfast::api
