#include "regex/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "io/json.h"

namespace holdfast::regex {
namespace {

RE2::Options OptionsOf() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(Regex::kMemoryBytesMax);
  return options;
}

bool Matches(const RE2& expression, std::string_view text, RE2::Anchor anchor) {
  return expression.Match(text, 0, text.size(), anchor, nullptr, 0);
}

// Bytes that are not UTF-8 match no "." in RE2, so they would hide what they stand in.
bool MatchesRepaired(const RE2& expression, std::string_view text, RE2::Anchor anchor) {
  if (io::IsUtf8(text)) return Matches(expression, text, anchor);
  return Matches(expression, io::RepairUtf8(text), anchor);
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(std::string_view text) : expression(text, OptionsOf()) {}
  RE2 expression;
};

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::Make(std::string_view text) {
  if (text.size() > kTextBytesMax)
    return Fail(ErrorKind::kLimit, Format("a regular expression of {} bytes, limit {}", text.size(), kTextBytesMax));
  auto compiled = std::make_unique<Compiled>(text);
  if (compiled->expression.ok()) return Regex(std::move(compiled));
  const bool too_large = compiled->expression.error_code() == RE2::ErrorPatternTooLarge;
  return Fail(too_large ? ErrorKind::kLimit : ErrorKind::kInvalidInput,
              Format("not a usable regular expression: {}", compiled->expression.error()));
}

bool Regex::MatchesWhole(std::string_view text) const {
  return MatchesRepaired(compiled_->expression, text, RE2::ANCHOR_BOTH);
}

bool Regex::MatchesStart(std::string_view text) const {
  return MatchesRepaired(compiled_->expression, text, RE2::ANCHOR_START);
}

std::size_t Regex::StepsPerByte() const {
  return 1 + static_cast<std::size_t>(std::max(0, compiled_->expression.ProgramSize())) / 64;
}

}  // namespace holdfast::regex
