// The list of handlers: one line for each operation of the document, in its order. An operation that has none yet is
// in tests/api_missing_operations.txt.
#include <array>

#include "api/handler_table.h"
#include "api/static_handlers.h"

namespace holdfast::api {
namespace {

constexpr std::array kHandlers = {
    HandlerEntry{"ping", &Ping},
    HandlerEntry{"health_check", &HealthCheck},
    HandlerEntry{"get_version", &GetVersion},
    HandlerEntry{"get_api_document", &GetApiDocument},
    HandlerEntry{"list_error_codes", &ListErrorCodes},

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
