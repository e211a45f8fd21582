// Texts kept once and known by number, for providers that gather millions of statements about few packages and
// releases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace holdfast::advisory {

using Word = std::uint32_t;

class Words {
 public:
  Word Of(std::string_view text) {
    const auto [entry, fresh] = numbers_.emplace(text, static_cast<Word>(texts_.size()));
    if (fresh) texts_.push_back(&entry->first);
    return entry->second;
  }
  // Requires: a number that Of gave.
  [[nodiscard]] const std::string& Text(Word word) const { return *texts_.at(word); }

 private:
  std::unordered_map<std::string, Word> numbers_;
  std::vector<const std::string*> texts_;
};

}  // namespace holdfast::advisory
