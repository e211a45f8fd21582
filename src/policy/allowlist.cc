#include "policy/allowlist.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;

bool LooksLikeMessageId(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

// The smallest index that fits so far.
struct AllowlistIndex::Search {
  std::int64_t now = 0;
  StepBudget& budget;
  std::uint32_t best = kNone;
};

AllowlistIndex::AllowlistIndex(const std::vector<AllowlistItem>& items) : items_(&items) {
  for (std::uint32_t i = 0; i < items.size(); ++i) AddItem(i);
}

void AllowlistIndex::AddPart(PartTable& table, std::string_view part, std::uint32_t index) {
  table.items[std::string(part)].push_back(index);
  const auto place = std::ranges::lower_bound(table.lengths, part.size());
  if (place == table.lengths.end() || *place != part.size()) table.lengths.insert(place, part.size());
}

void AllowlistIndex::AddItem(std::uint32_t index) {
  const AllowlistItem& item = (*items_)[index];
  Gate& gate = gates_[item.gate];
  const std::string_view text = item.trigger_id;
  const std::size_t first = text.find('*');
  if (first == std::string_view::npos) {
    gate.exact[item.trigger_id].push_back(index);
    gate.names_message_ids = gate.names_message_ids || LooksLikeMessageId(text);
    return;
  }
  const std::string_view prefix = text.substr(0, std::min(first, kPartBytesMax));
  std::string_view suffix = text.substr(text.rfind('*') + 1);
  suffix = suffix.substr(suffix.size() - std::min(suffix.size(), kPartBytesMax));
  if (prefix.empty() && suffix.empty()) {
    gate.loose.push_back(index);
  } else if (prefix.size() >= suffix.size()) {
    AddPart(gate.prefixes, prefix, index);
  } else {
    AddPart(gate.suffixes, suffix, index);
  }
}

// Candidates are in list order, so the first that fits ends it.
void AllowlistIndex::Consider(const Items& candidates, std::string_view trigger_id, Search& search) const {
  for (const std::uint32_t index : candidates) {
    if (index >= search.best || !search.budget.Take(1)) return;
    const AllowlistItem& item = (*items_)[index];
    if (item.expires_at && search.now >= *item.expires_at) continue;
    if (!WildcardMatches(item.trigger_id, trigger_id, search.budget)) continue;
    search.best = index;
    return;
  }
}

void AllowlistIndex::FindIn(const Gate& gate, std::string_view trigger_id, Search& search) const {
  if (const auto found = gate.exact.find(trigger_id); found != gate.exact.end())
    Consider(found->second, trigger_id, search);
  for (const std::size_t length : gate.prefixes.lengths) {
    if (length > trigger_id.size()) break;
    const auto found = gate.prefixes.items.find(trigger_id.substr(0, length));
    if (found != gate.prefixes.items.end()) Consider(found->second, trigger_id, search);
  }
  for (const std::size_t length : gate.suffixes.lengths) {
    if (length > trigger_id.size()) break;
    const auto found = gate.suffixes.items.find(trigger_id.substr(trigger_id.size() - length));
    if (found != gate.suffixes.items.end()) Consider(found->second, trigger_id, search);
  }
  Consider(gate.loose, trigger_id, search);
}

const AllowlistItem* AllowlistIndex::Find(std::string_view gate, const std::vector<std::string>& trigger_ids,
                                          std::int64_t now, StepBudget& budget) const {
  const auto found = gates_.find(gate);
  if (found == gates_.end()) return nullptr;
  Search search{.now = now, .budget = budget, .best = kNone};
  for (const std::string& trigger_id : trigger_ids) FindIn(found->second, trigger_id, search);
  if (search.best == kNone || budget.spent) return nullptr;
  return &(*items_)[search.best];
}

bool AllowlistIndex::NamesMessageIds(std::string_view gate) const {
  const auto found = gates_.find(gate);
  return found != gates_.end() && found->second.names_message_ids;
}

}  // namespace holdfast::policy
