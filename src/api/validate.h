// Validation: what a request says against what the API document allows. Unknown query parameters and unknown members
// of bodies are accepted and ignored. Each refusal names the field: "source.tag.pullstring is required".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "api/params.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::api {

// What came in under names: a query or a form, decoded. A name that comes twice counts with its last value; lists
// are joined.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

// The path and query parameters, with defaults. `path_values` are in the order of the path. kNotFound when a path
// parameter can be nothing that exists, kInvalidInput for the rest.
[[nodiscard]] Result<Params> ReadParameters(const Operation& operation, std::span<const std::string_view> path_values,
                                            const NamedTexts& query);
// Adds the fields of a form, with defaults. kInvalidInput.
[[nodiscard]] Result<void> ReadFormFields(const Operation& operation, const NamedTexts& fields, Params& params);

// A JSON value against a schema. `field` is its name in messages. kInvalidInput.
[[nodiscard]] Result<void> CheckValue(const Schema& schema, io::JsonView value, std::string_view field = "body");

}  // namespace holdfast::api
