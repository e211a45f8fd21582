// The list of handlers: one line for each operation of the document, in its order. An operation that has none yet is
// in tests/api_missing_operations.txt.
#include <array>

#include "api/add_image_handler.h"
#include "api/artifact_handlers.h"
#include "api/content_handlers.h"
#include "api/handler_table.h"
#include "api/image_handlers.h"
#include "api/static_handlers.h"

namespace holdfast::api {
namespace {

constexpr std::array kHandlers = {
    HandlerEntry{"ping", &Ping},
    HandlerEntry{"health_check", &HealthCheck},
    HandlerEntry{"get_version", &GetVersion},
    HandlerEntry{"get_api_document", &GetApiDocument},
    HandlerEntry{"list_error_codes", &ListErrorCodes},

    HandlerEntry{"list_image_tags", &ListImageTags},
    HandlerEntry{"add_image", &AddImage},
    HandlerEntry{"list_images", &ListImages},
    HandlerEntry{"delete_images", &DeleteImages},
    HandlerEntry{"get_image", &GetImage},
    HandlerEntry{"delete_image", &DeleteImage},
    HandlerEntry{"get_image_by_id", &GetImageById},
    HandlerEntry{"delete_image_by_id", &DeleteImageById},
    HandlerEntry{"check_image", &CheckImage},
    HandlerEntry{"check_image_by_id", &CheckImage},
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

    HandlerEntry{"list_event_types", &ListEventTypes},
};

}  // namespace

std::span<const HandlerEntry> Handlers() { return kHandlers; }

}  // namespace holdfast::api
