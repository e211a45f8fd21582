// The analysis archive.
#pragma once

#include "api/handler_table.h"
#include "store/accounts.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ImportImageArchive(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetArchiveSummary(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListArchiveRules(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> AddArchiveRule(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetArchiveRule(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteArchiveRule(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListArchivedImages(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ArchiveImages(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetArchivedImage(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteArchivedImage(Context& context, const Call& call);

// POST /images with source.archive.
[[nodiscard]] Result<http::ServerResponse> RestoreArchivedImage(Context& context, const store::Account& account,
                                                                std::string_view digest);

}  // namespace holdfast::api
