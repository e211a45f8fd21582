// Registry credentials of accounts, and how many requests each registry host may be sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

struct Registry {
  std::int64_t account_id = 0;
  std::string registry;  // host[:port], or host[:port]/prefix*
  std::string name;
  std::string type = "docker_v2";
  std::string username;
  std::string secret;  // sealed
  bool verify = true;
  std::int64_t created_at = 0, updated_at = 0;
};

// kConflict when there is one of that name.
[[nodiscard]] Result<void> InsertRegistry(Session& session, const Registry& registry);
// False: there is none of that name.
[[nodiscard]] Result<bool> UpdateRegistry(Session& session, const Registry& registry);
[[nodiscard]] Result<std::optional<Registry>> FindRegistry(Session& session, std::int64_t account_id,
                                                           std::string_view registry);
// By account, then name.
[[nodiscard]] Result<std::vector<Registry>> ListRegistriesOf(Session& session, std::span<const std::int64_t> accounts);
[[nodiscard]] inline Result<std::vector<Registry>> ListRegistries(Session& session, std::int64_t account_id) {
  return ListRegistriesOf(session, {&account_id, 1});
}
[[nodiscard]] Result<void> DeleteRegistry(Session& session, std::int64_t account_id, std::string_view registry);
[[nodiscard]] Result<void> DeleteRegistriesOf(Session& session, std::int64_t account_id);

// A token bucket for each host, shared by all replicas.
struct HostBudget {
  double capacity = 20;          // requests at once
  double refill_per_second = 5;  // in the long run
};
// 0 when one request may be sent now (it is counted), else milliseconds to wait before asking again.
[[nodiscard]] Result<std::int64_t> TakeHostToken(Session& session, std::string_view host, const HostBudget& budget,
                                                 std::int64_t now);
// Counts requests that nobody asked a token for: the budget goes into debt, at most as deep as its capacity.
// Until when the host is not to be asked; 0: it may be.
[[nodiscard]] Result<std::int64_t> ChargeHost(Session& session, std::string_view host, const HostBudget& budget,
                                              std::int64_t requests, std::int64_t now);
// Until when the host is not to be asked; 0: it may be.
[[nodiscard]] Result<std::int64_t> FindHostPause(Session& session, std::string_view host);
// The host asked to be left alone (429, Retry-After).
[[nodiscard]] Result<void> PauseHost(Session& session, std::string_view host, std::int64_t until);

}  // namespace holdfast::store
