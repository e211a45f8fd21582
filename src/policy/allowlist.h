// AllowlistIndex: which item of an allowlist covers a finding. Items may be many thousands, findings too, so an item
// is looked at only when the text before its first "*", or after its last one, agrees.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/pattern.h"

namespace holdfast::policy {

struct AllowlistItem {
  std::string id;                          // may be empty
  std::string gate;                        // lower case
  std::string trigger_id;                  // may hold "*"
  std::optional<std::int64_t> expires_at;  // epoch seconds; from then on it covers nothing

  friend bool operator==(const AllowlistItem&, const AllowlistItem&) = default;
};

class AllowlistIndex {
 public:
  // `items` must live, unchanged and in the same place, as long as the index.
  explicit AllowlistIndex(const std::vector<AllowlistItem>& items);
  AllowlistIndex() = default;  // covers nothing

  // The first item in list order of this gate (lower case) whose trigger id fits one of `trigger_ids` and that has
  // not expired at `now`. nullptr when there is none, or when the budget is spent.
  [[nodiscard]] const AllowlistItem* Find(std::string_view gate, const std::vector<std::string>& trigger_ids,
                                          std::int64_t now, StepBudget& budget) const;
  // Does an item of this gate name an id in the form of AnchoreMessageId?
  [[nodiscard]] bool NamesMessageIds(std::string_view gate) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Items = std::vector<std::uint32_t>;
  using Table = std::unordered_map<std::string, Items, Hash, std::equal_to<>>;
  // Items by a fixed part of their text, which is at most kPartBytesMax long, and the lengths that occur.
  struct PartTable {
    Table items;
    std::vector<std::size_t> lengths;  // ascending
  };
  struct Gate {
    Table exact;
    PartTable prefixes, suffixes;
    Items loose;  // "*" at both ends
    bool names_message_ids = false;
  };
  struct Search;
  static constexpr std::size_t kPartBytesMax = 32;

  void AddItem(std::uint32_t index);
  static void AddPart(PartTable& table, std::string_view part, std::uint32_t index);
  void FindIn(const Gate& gate, std::string_view trigger_id, Search& search) const;
  void Consider(const Items& candidates, std::string_view trigger_id, Search& search) const;

  const std::vector<AllowlistItem>* items_ = nullptr;
  std::map<std::string, Gate, std::less<>> gates_;
};

}  // namespace holdfast::policy
