// PatternSet: many expressions against many lines, in linear time.
//
// RE2 tells which short texts a line must hold before an expression can match it; these are looked for first, so that
// lines without any are passed over at the speed of memory. An expression without such a text is tried on each line.
//
// Expressions are matched from the start of a line, as Python's re.match does it, and see bytes: "." is any byte but
// a line end, and letters beyond ASCII may stand in texts but not in classes. Look-around is as in boundary.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::regex {

// Immutable; safe to share.
class PatternSet {
 public:
  static constexpr std::size_t kPatternsMax = 512;
  static constexpr std::size_t kPatternBytesMax = 4096;
  static constexpr std::int64_t kMemoryBytesMax = 512 * 1024;  // of one expression, compiled and running

  // kInvalidInput for bad syntax, kLimit for an expression that is too long or too large when compiled; the message
  // begins with the index of the expression.
  [[nodiscard]] static Result<PatternSet> Make(std::span<const std::string> expressions);
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  [[nodiscard]] std::size_t Size() const;
  // Does the expression begin with ".*", so that it matters not where the line begins?
  [[nodiscard]] bool StartsFreely(std::uint32_t pattern) const;
  // Is there no text that a line must hold before the expression matches?
  [[nodiscard]] bool NeedsEveryLine(std::uint32_t pattern) const;
  // A place in the first line of `text` in which something is to be looked at by those that do not need every line;
  // npos: nowhere.
  [[nodiscard]] std::size_t FindHint(std::string_view text) const;
  // Those of the others that may match the line, for what texts it holds; sorted.
  void FindCandidates(std::string_view line, std::vector<int>& candidates) const;
  // `line` has no line end.
  [[nodiscard]] bool Matches(std::uint32_t pattern, std::string_view line) const;
  // What a byte of a line costs at worst, in steps of the automaton.
  [[nodiscard]] std::uint64_t StepsPerByte(std::uint32_t pattern) const;

 private:
  struct Compiled;
  explicit PatternSet(std::unique_ptr<const Compiled> compiled);
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace holdfast::regex
