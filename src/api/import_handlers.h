// Import sessions, and images made of them.
#pragma once

#include "api/handler_table.h"
#include "store/accounts.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> CreateImport(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListImports(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImport(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> InvalidateImport(Context& context, const Call& call);
// Which kind of content is meant is told by the operation: "list_import_KIND", "upload_import_KIND".
[[nodiscard]] Result<http::ServerResponse> ListImportContent(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> UploadImportContent(Context& context, const Call& call);

// POST /images with source.import. `manifest` is that member, as the schema wants it; `annotations` a JSON object.
[[nodiscard]] Result<http::ServerResponse> AddImportedImage(Context& context, const Call& call,
                                                            const store::Account& account, io::JsonView manifest,
                                                            const std::optional<std::string>& annotations);

}  // namespace holdfast::api
