// multipart/form-data (RFC 7578, RFC 2046 section 5.1.1): files that HTML forms and scripts upload. The whole body is
// in memory already; parts are views into it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::api {

struct FormPart {
  std::string name;          // of the field
  std::string file_name;     // as the client says; never a path to open
  std::string content_type;  // as the client says; may be empty
  std::string_view content;  // lives as long as the body
};

// Is this Content-Type multipart/form-data?
[[nodiscard]] bool IsMultipartForm(std::string_view content_type);

// At most 32 parts with 8 KiB of headers each, else kLimit. kInvalidInput for a missing boundary, an unfinished part,
// a part without a name.
[[nodiscard]] Result<std::vector<FormPart>> ParseMultipart(std::string_view content_type, std::string_view body);

}  // namespace holdfast::api
