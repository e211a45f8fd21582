// Regular expressions that take linear time, whoever wrote them (RE2; its syntax is Perl's without look-around
// and back references). Immutable; matching is safe from several threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace holdfast::regex {

class Regex {
 public:
  static constexpr std::size_t kTextBytesMax = 4096;
  static constexpr std::int64_t kMemoryBytesMax = 256 * 1024;  // compiled form and cache of states

  // kInvalidInput for bad syntax, kLimit for an expression that is too long or too large when compiled.
  [[nodiscard]] static Result<Regex> Make(std::string_view text);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // `text` is read as UTF-8; what is not counts as U+FFFD.
  [[nodiscard]] bool MatchesWhole(std::string_view text) const;
  [[nodiscard]] bool MatchesStart(std::string_view text) const;  // from the first character; the end is free
  // What one character of a text costs, in steps of StepBudget.
  [[nodiscard]] std::size_t StepsPerByte() const;

 private:
  struct Compiled;
  explicit Regex(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace holdfast::regex
