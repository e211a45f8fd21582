// What is in an image, what is wrong with it, and the verdict on it.
#pragma once

#include "api/handler_table.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> GetImageContent(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImageFiles(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImageJava(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImageMalware(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImageMetadata(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetNativeSbom(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImageVulnerabilities(Context& context, const Call& call);
// Why the image has a vulnerability, or why it has not (match/why.h).
[[nodiscard]] Result<http::ServerResponse> ExplainImageVulnerability(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> CheckImage(Context& context, const Call& call);

}  // namespace holdfast::api
