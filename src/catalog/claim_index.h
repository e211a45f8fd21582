// ClaimIndex: the claims of all catalogers, arranged so that the walk can ask for each of thousands of
// paths at the cost of two hash look-ups.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What is to be kept of one file.
struct Wanted {
  bool raw = false;
  bool archive = false;
  std::uint64_t raw_bytes_max = 0;
};

class ClaimIndex {
 public:
  // The claims are plain data with static lifetime; the catalogers need not outlive the index. `extra` are claims
  // of the engine itself.
  ClaimIndex(std::span<const std::unique_ptr<Cataloger>> catalogers, std::span<const Claim> extra,
             const Limits& limits);

  [[nodiscard]] Wanted Match(std::string_view path) const;
  // Are executables, recognised by their content, to be distilled?
  [[nodiscard]] bool WantsExecutables() const { return wants_executables_; }

 private:
  void Add(const Claim& claim);

  std::uint64_t bytes_max_default_;
  bool wants_executables_ = false;
  // By the last segment of the glob: literal names, and patterns by what follows their last '.'.
  std::unordered_map<std::string_view, std::vector<const Claim*>> by_name_;
  std::unordered_map<std::string_view, std::vector<const Claim*>> by_extension_;
  std::vector<const Claim*> others_;
};

}  // namespace holdfast::catalog
