// Policy bundles of accounts, and verdicts on images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/images.h"
#include "store/policies.h"

namespace holdfast::service {

// The platform's initial bundles. Within the transaction that makes the account.
[[nodiscard]] Result<void> InstallInitialPolicies(const Platform& platform, store::Session& session,
                                                  std::int64_t account_id);

// What is wrong with a bundle that was refused; `details` is Anchore's JSON list validation_details.
struct PolicyRefusal {
  std::string details;
};
// Nothing when the bundle is valid.
[[nodiscard]] std::optional<PolicyRefusal> CheckPolicy(std::string_view document);

// Requires: CheckPolicy found nothing. The bundle's own id names it; the same id again replaces the document.
[[nodiscard]] Result<store::Policy> PutPolicy(const Platform& platform, const store::Account& account,
                                              std::string_view document);
// kNotFound. An empty id is the active one.
[[nodiscard]] Result<store::Policy> GetPolicy(const Platform& platform, const store::Account& account,
                                              std::string_view policy_id);
[[nodiscard]] Result<std::vector<store::Policy>> ListPolicies(const Platform& platform, const store::Account& account);
// kInvalidInput for the attempt to leave the account without an active bundle.
[[nodiscard]] Result<store::Policy> SetPolicyActive(const Platform& platform, const store::Account& account,
                                                    std::string_view policy_id, bool active);
// kConflict for the active one, kNotFound.
[[nodiscard]] Result<void> RemovePolicy(const Platform& platform, const store::Account& account,
                                        std::string_view policy_id);

struct StoredVerdict {
  std::string policy_id, final_action;
  std::string result;    // JSON: Anchore's result document
  std::string document;  // JSON: the bundle
  std::int64_t created_at = 0;
  [[nodiscard]] bool Passes() const { return final_action != "stop"; }
};
struct EvaluationRequest {
  std::string policy_id;  // empty: the active one
  std::string tag;        // full tag
  bool store = true;      // remember the verdict when it differs from the last one
};
// kNotFound: no such bundle. Requires: the image is analysed.
[[nodiscard]] Result<StoredVerdict> EvaluateImage(const Platform& platform, const store::Account& account,
                                                  const store::Image& image, const EvaluationRequest& request);
// Newest first.
[[nodiscard]] Result<std::vector<StoredVerdict>> ListVerdicts(const Platform& platform, const store::Account& account,
                                                              const store::Image& image,
                                                              const EvaluationRequest& request);

}  // namespace holdfast::service
