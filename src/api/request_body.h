// RequestBody: the body of a request, read as its operation wants it.
#pragma once

#include <optional>
#include <vector>

#include "api/multipart.h"
#include "api/operation.h"
#include "api/params.h"
#include "http/server.h"
#include "io/json.h"

namespace holdfast::api {

struct RequestBody {
  std::optional<io::JsonDocument> json;
  std::vector<FormPart> parts;  // views into the request
};

// Fields of forms go into `params`, files stay in `parts`. kInvalidInput for what the document does not allow,
// kUnsupported for a wrong Content-Type.
[[nodiscard]] Result<RequestBody> ReadBody(const Operation& operation, const http::ServerRequest& request,
                                           Params& params);

}  // namespace holdfast::api
