#include "regex/pattern_set.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "regex/boundary.h"
#include "regex/literal_scan.h"

namespace holdfast::regex {
namespace {

RE2::Options OptionsOf() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(PatternSet::kMemoryBytesMax);
  return options;
}

bool BeginsWithAnything(std::string_view expression) {
  // Flags and groups in front change nothing.
  while (true) {
    if (expression.starts_with("(?")) {
      const std::size_t end = expression.find_first_of(":)");
      if (end == std::string_view::npos) return false;
      expression.remove_prefix(end + 1);
    } else if (expression.starts_with("(")) {
      expression.remove_prefix(1);
    } else {
      return expression.starts_with(".*");
    }
  }
}

}  // namespace

struct PatternSet::Compiled {
  re2::FilteredRE2 expressions{static_cast<int>(LiteralScanner::kLiteralBytesMin)};
  LiteralScanner scanner;
  std::vector<bool> starts_freely, needs_every_line;
};

PatternSet::PatternSet(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

Result<PatternSet> PatternSet::Make(std::span<const std::string> expressions) {
  if (expressions.size() > kPatternsMax)
    return Fail(ErrorKind::kLimit, Format("{} regular expressions, limit {}", expressions.size(), kPatternsMax));
  auto compiled = std::make_unique<Compiled>();
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const std::string& expression = expressions[i];
    if (expression.size() > kPatternBytesMax)
      return Fail(ErrorKind::kLimit,
                  Format("{}: a regular expression of {} bytes, limit {}", i, expression.size(), kPatternBytesMax));
    const std::string translated = TranslateBoundaries(expression);
    int id = 0;
    const auto code = compiled->expressions.Add(translated, OptionsOf(), &id);
    if (code != RE2::NoError)
      return Fail(code == RE2::ErrorPatternTooLarge ? ErrorKind::kLimit : ErrorKind::kInvalidInput,
                  Format("{}: not a usable regular expression: {}", i, RE2(translated, OptionsOf()).error()));
    compiled->starts_freely.push_back(BeginsWithAnything(translated));
  }
  compiled->needs_every_line.resize(expressions.size());
  if (!expressions.empty()) {
    std::vector<std::string> literals;
    compiled->expressions.Compile(&literals);
    compiled->scanner = LiteralScanner(std::move(literals));
    std::vector<int> always;
    compiled->expressions.AllPotentials({}, &always);
    for (const int id : always) compiled->needs_every_line[static_cast<std::size_t>(id)] = true;
  }
  return PatternSet(std::move(compiled));
}

std::size_t PatternSet::Size() const { return compiled_->starts_freely.size(); }
bool PatternSet::StartsFreely(std::uint32_t pattern) const { return compiled_->starts_freely[pattern]; }
bool PatternSet::NeedsEveryLine(std::uint32_t pattern) const { return compiled_->needs_every_line[pattern]; }

std::size_t PatternSet::FindHint(std::string_view text) const {
  return compiled_->scanner.Empty() ? std::string_view::npos : compiled_->scanner.FindFirst(text);
}

void PatternSet::FindCandidates(std::string_view line, std::vector<int>& candidates) const {
  candidates.clear();
  if (compiled_->scanner.Empty()) return;
  std::vector<int> literals;
  compiled_->scanner.FindAll(line, literals);
  if (literals.empty()) return;
  compiled_->expressions.AllPotentials(literals, &candidates);
  std::erase_if(candidates, [&](int id) { return bool{compiled_->needs_every_line[static_cast<std::size_t>(id)]}; });
  std::ranges::sort(candidates);
}

bool PatternSet::Matches(std::uint32_t pattern, std::string_view line) const {
  return compiled_->expressions.GetRE2(static_cast<int>(pattern))
      .Match(line, 0, line.size(), RE2::ANCHOR_START, nullptr, 0);
}

std::uint64_t PatternSet::StepsPerByte(std::uint32_t pattern) const {
  const int size = compiled_->expressions.GetRE2(static_cast<int>(pattern)).ProgramSize();
  return 1 + static_cast<std::uint64_t>(std::max(0, size)) / 8;
}

}  // namespace holdfast::regex
