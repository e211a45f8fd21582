// application/x-www-form-urlencoded (WHATWG URL, section 5.1), as HTML forms and OAuth clients send it.
#pragma once

#include <string_view>

#include "api/validate.h"
#include "base/result.h"

namespace holdfast::api {

// kInvalidInput for broken percent-encoding, kLimit for more than 64 fields.
[[nodiscard]] Result<NamedTexts> ParseForm(std::string_view body);

}  // namespace holdfast::api
