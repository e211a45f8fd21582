// The files of an OpenAPI document as one JSON text.
#pragma once

#include <span>
#include <string>

#include "api/openapi_files.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::api {

// See contract.h. kCorrupt for a file that is no YAML, kConflict for a name that two files define.
[[nodiscard]] Result<std::string> MergeDocument(std::span<const OpenApiFile> files);

}  // namespace holdfast::api
