// Import sessions: the parts of an image that was taken apart elsewhere, on their way in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace holdfast::store {

struct Import {
  std::string uuid;
  std::int64_t account_id = 0;
  std::string status;  // pending, queued, processing, complete, failed, expired, invalidated
  std::int64_t created_at = 0, expires_at = 0;
};
struct ImportContent {
  std::string import_uuid;
  std::string kind;  // packages, dockerfile, manifest, parent_manifest, image_config
  Digest digest;
  std::string object_key;
  std::int64_t created_at = 0;
};

[[nodiscard]] Result<void> InsertImport(Session& session, const Import& import);
[[nodiscard]] Result<std::optional<Import>> FindImport(Session& session, std::int64_t account_id,
                                                       std::string_view uuid);
[[nodiscard]] Result<std::vector<Import>> ListImports(Session& session, std::int64_t account_id);
// False when the session is not in state `from`.
[[nodiscard]] Result<bool> MoveImport(Session& session, std::string_view uuid, std::string_view from,
                                      std::string_view to);
[[nodiscard]] Result<void> PutImportContent(Session& session, const ImportContent& content);
// All kinds when `kind` is empty.
[[nodiscard]] Result<std::vector<ImportContent>> ListImportContents(Session& session, std::string_view uuid,
                                                                    std::string_view kind);
// Sessions that are pending beyond their time become expired.
[[nodiscard]] Result<void> ExpireImports(Session& session, std::int64_t now);
// Sessions that ended (complete, failed, expired, invalidated) before `before`, oldest first.
[[nodiscard]] Result<std::vector<Import>> ListEndedImports(Session& session, std::int64_t before, std::int64_t count);
[[nodiscard]] Result<void> DeleteImport(Session& session, std::string_view uuid);
[[nodiscard]] Result<void> DeleteImportsOf(Session& session, std::int64_t account_id);

}  // namespace holdfast::store
