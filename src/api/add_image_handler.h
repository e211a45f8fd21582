// POST /images: the one operation that takes an image in, from a registry, an archive or an import.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> AddImage(Context& context, const Call& call);

}  // namespace holdfast::api
