// Policy bundles of accounts, and the verdicts that were given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace holdfast::store {

struct Policy {
  std::int64_t account_id = 0;
  std::string policy_id;
  bool active = false;
  std::string source = "local";
  std::string document;  // JSON
  Sha256Value digest;    // of the document
  std::int64_t created_at = 0, updated_at = 0;
};

// Inserts it, or replaces document, digest and source of the one that is there. Whether it is active stays.
[[nodiscard]] Result<Policy> PutPolicy(Session& session, const Policy& policy, std::int64_t now);
[[nodiscard]] Result<std::optional<Policy>> FindPolicy(Session& session, std::int64_t account_id,
                                                       std::string_view policy_id);
[[nodiscard]] Result<std::optional<Policy>> FindActivePolicy(Session& session, std::int64_t account_id);
[[nodiscard]] Result<std::vector<Policy>> ListPolicies(Session& session, std::int64_t account_id);
// Makes it the only active one; kNotFound.
[[nodiscard]] Result<void> ActivatePolicy(Session& session, std::int64_t account_id, std::string_view policy_id,
                                          std::int64_t now);
// With the verdicts that it gave.
[[nodiscard]] Result<void> DeletePolicy(Session& session, std::int64_t account_id, std::string_view policy_id);

struct Evaluation {
  std::int64_t id = 0, account_id = 0, image_row = 0;
  std::string tag;  // full tag
  std::string policy_id;
  std::string final_action;  // go, warn, stop
  Sha256Value key;           // hash of all that the verdict depends on
  std::string document;      // the result, as the caller encoded it
  std::int64_t created_at = 0;
};
[[nodiscard]] Result<Evaluation> InsertEvaluation(Session& session, Evaluation evaluation);
// Newest first, at most `count`.
[[nodiscard]] Result<std::vector<Evaluation>> ListEvaluations(Session& session, std::int64_t image_row,
                                                              std::string_view tag, std::string_view policy_id,
                                                              std::int64_t count);
// All of an image, newest first, at most `count`.
[[nodiscard]] Result<std::vector<Evaluation>> ListEvaluationsOf(Session& session, std::int64_t image_row,
                                                                std::int64_t count);
[[nodiscard]] Result<void> DeletePoliciesOf(Session& session, std::int64_t account_id);

}  // namespace holdfast::store
