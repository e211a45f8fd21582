// The analysis archive: what was archived, and the rules by which it happens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace holdfast::store {

struct ArchivedImage {
  std::int64_t id = 0, account_id = 0;
  Digest digest;
  std::optional<Digest> parent_digest, image_id;
  std::string status;                      // archiving, archived, deleting, error
  std::optional<std::string> annotations;  // JSON object
  std::string tags = "[]";                 // JSON array, see the schema
  std::string object_key;
  std::int64_t size_bytes = 0;
  std::optional<std::int64_t> analyzed_at;
  std::int64_t created_at = 0, updated_at = 0;
};

// Inserts it, or replaces all of the one with that digest but created_at.
[[nodiscard]] Result<ArchivedImage> PutArchivedImage(Session& session, const ArchivedImage& image);
[[nodiscard]] Result<std::optional<ArchivedImage>> FindArchivedImage(Session& session, std::int64_t account_id,
                                                                     const Digest& digest);
// Oldest first, ids greater than `after`.
[[nodiscard]] Result<std::vector<ArchivedImage>> ListArchivedImages(Session& session, std::int64_t account_id,
                                                                    std::int64_t after, std::int64_t count);
[[nodiscard]] Result<void> SetArchivedStatus(Session& session, std::int64_t id, std::string_view status,
                                             std::int64_t now);
[[nodiscard]] Result<void> DeleteArchivedImage(Session& session, std::int64_t id);

struct ArchiveRule {
  std::int64_t id = 0;
  std::string rule_id;
  std::int64_t account_id = 0;
  bool system_global = false;
  std::string document;  // JSON
  std::int64_t created_at = 0, updated_at = 0;
};
[[nodiscard]] Result<void> InsertArchiveRule(Session& session, const ArchiveRule& rule);
// Of the account, and, when wanted, those for all accounts; oldest first.
[[nodiscard]] Result<std::vector<ArchiveRule>> ListArchiveRules(Session& session, std::int64_t account_id,
                                                                bool with_global);
// Of any account.
[[nodiscard]] Result<std::optional<ArchiveRule>> FindArchiveRule(Session& session, std::string_view rule_id);
[[nodiscard]] Result<void> DeleteArchiveRule(Session& session, std::string_view rule_id);
[[nodiscard]] Result<void> DeleteArchiveRulesOf(Session& session, std::int64_t account_id);

}  // namespace holdfast::store
