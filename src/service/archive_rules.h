// Rules that move analyses to the archive, and out of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/json.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/archives.h"

namespace holdfast::service {

// What an image is called; "*" stands for any run of characters.
struct TagSelector {
  std::string registry = "*", repository = "*", tag = "*";
};

struct ArchiveRule {
  std::string rule_id;
  bool archive = true;  // else: deletes what is archived
  TagSelector selector;
  std::int64_t tag_versions_newer = -1;  // so many newer images of the tag, at least; -1: any number
  std::int64_t analysis_age_days = -1;   // older than that; of archived ones since they were; -1: any age
  bool system_global = false;            // for all accounts
  std::optional<TagSelector> exclude;    // what the rule leaves alone
  std::int64_t exclude_days = -1;        // until so many days after its creation; -1: for ever
  std::int64_t images_max = -1;          // per account: the oldest beyond it are archived; nothing else counts then
  std::int64_t created_at = 0, updated_at = 0;

  // As the API's document has it.
  void Write(io::JsonWriter& writer) const;
};

// Of the API's document. kInvalidInput for what excludes each other.
[[nodiscard]] Result<ArchiveRule> ReadArchiveRule(io::JsonView document);

// The rule with its id. kInvalidInput when it is the second one in the system with images_max.
[[nodiscard]] Result<ArchiveRule> AddArchiveRule(const Platform& platform, const store::Account& account,
                                                 ArchiveRule rule);
[[nodiscard]] Result<std::vector<ArchiveRule>> ListArchiveRules(const Platform& platform, const store::Account& account,
                                                                bool with_global);
// kNotFound. The account's own, or one for all accounts.
[[nodiscard]] Result<ArchiveRule> GetArchiveRule(const Platform& platform, const store::Account& account,
                                                 std::string_view rule_id);
// The same; kDenied for a rule for all accounts unless `admin`.
[[nodiscard]] Result<void> RemoveArchiveRule(const Platform& platform, const store::Account& account,
                                             std::string_view rule_id, bool admin);

struct RuleRun {
  std::size_t archived = 0, deleted = 0, failed = 0;
};
// Runs the rules for all accounts together with the account's own. An image is archived, and leaves the working set,
// when each of its tags is meant by some rule; what is archived is deleted likewise.
[[nodiscard]] Result<RuleRun> RunArchiveRules(const Platform& platform, const store::Account& account);

}  // namespace holdfast::service
