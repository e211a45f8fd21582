#include "advisory/grype/constraint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kOperatorCharacters = "<>=!";
constexpr std::string_view kOr = "||";
constexpr std::size_t kSemverParts = 3, kNugetParts = 4;

Result<Interval> ParseComparison(std::string_view text) {
  text = Trim(text);
  const std::size_t end = std::min(text.find_first_not_of(kOperatorCharacters), text.size());
  const Comparator comparator{end == 0 ? "=" : text.substr(0, end), Trim(text.substr(end))};
  const bool plain = std::ranges::all_of(
      comparator.version, [](char c) { return c > ' ' && c < '\x7f' && !kOperatorCharacters.contains(c) && c != '|'; });
  if (comparator.version.empty() || !plain)
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" compares with no version", CleanText(text, kVersionBytesMax)));
  if (comparator.version.size() > kVersionBytesMax)
    return Fail(ErrorKind::kLimit, Format("a version of over {} bytes", kVersionBytesMax));
  return FromOperator(comparator);
}

Result<Interval> ParseAlternative(std::string_view text, const version::Scheme& scheme) {
  Interval interval;
  std::size_t count = 0;
  while (!text.empty()) {
    if (++count > kComparatorsMax) return Fail(ErrorKind::kLimit, Format("more than {} comparisons", kComparatorsMax));
    HF_TRY(Interval one, ParseComparison(TakeUntil(text, ',')));
    if ((one.from && interval.from) || (one.to && interval.to)) {
      HF_CHECK_OK(Narrow(interval, one, scheme));
      continue;
    }
    if (one.from) interval.from = std::move(one.from);
    if (one.to) interval.to = std::move(one.to);
  }
  return interval;
}

// "1.2.4-0" after 1.2.3 and, of four numbers, "1.2.3.1-0"; "1.2.3-rc.0" after 1.2.3-rc.
std::string NextOfNumbers(std::string_view version, std::size_t parts) {
  version = version.substr(0, version.find('+'));
  if (version.contains('-')) return Format("{}.0", version);
  std::string whole(version);
  for (auto stated = static_cast<std::size_t>(std::ranges::count(version, '.')) + 1; stated < parts; ++stated)
    whole += ".0";
  const std::size_t dot = whole.rfind('.');
  std::uint64_t last = 0;
  std::from_chars(whole.data() + dot + 1, whole.data() + whole.size(), last);
  return Format("{}.{}-0", whole.substr(0, dot), last + 1);
}

std::string NextOfApk(std::string_view version) {
  const std::size_t revision = version.rfind("-r");
  if (revision == std::string_view::npos) return Format("{}-r0", version);
  std::uint64_t number = 0;
  std::from_chars(version.data() + revision + 2, version.data() + version.size(), number);
  return Format("{}-r{}", version.substr(0, revision), number + 1);
}

std::string Next(std::string_view scheme, std::string_view version) {
  constexpr auto kSuffixes = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"dpkg", "A~"},
      {"rpm", "^"},
      {"pep440", ".post0.dev0"},
      {"maven", "-sp"},
      {"gem", ".0.0.1"},
      {"calver", "+"},
  });
  for (const auto& [id, suffix] : kSuffixes)
    if (scheme == id) return Format("{}{}", version, suffix);
  if (scheme == "apk") return NextOfApk(version);
  if (scheme == "nuget") return NextOfNumbers(version, kNugetParts);
  if (scheme == "composer")
    return Format("{}{}", version, version.find_first_not_of("0123456789.") == std::string_view::npos ? "-p" : ".0");
  return NextOfNumbers(version, kSemverParts);
}

// The place right above it, if there is one that the scheme itself takes for one.
std::string Above(const version::Scheme& scheme, std::string_view version) {
  std::string next = Next(scheme.id, version);
  const auto order = version::Compare(scheme, version, next);
  return order && *order < 0 ? next : std::string(version);
}

}  // namespace

Result<std::vector<Interval>> ParseGrypeConstraint(std::string_view text, const version::Scheme& scheme) {
  if (text.size() > kGrypeConstraintBytesMax)
    return Fail(ErrorKind::kLimit, Format("a constraint of over {} bytes", kGrypeConstraintBytesMax));
  if (Trim(text).empty()) return std::vector<Interval>(1);
  std::vector<Interval> intervals;
  for (bool more = true; more;) {
    if (intervals.size() >= kGrypeAlternativesMax)
      return Fail(ErrorKind::kLimit, Format("more than {} alternatives", kGrypeAlternativesMax));
    const std::size_t end = text.find(kOr);
    const std::string_view alternative = Trim(text.substr(0, end));
    more = end != std::string_view::npos;
    if (more) text.remove_prefix(end + kOr.size());
    if (alternative.empty()) return Fail(ErrorKind::kCorrupt, "an alternative without a comparison");
    HF_TRY(Interval interval, ParseAlternative(alternative, scheme));
    intervals.push_back(std::move(interval));
  }
  return intervals;
}

void AddInterval(const Interval& interval, const version::Scheme& scheme, model::Affected& row) {
  const bool single = interval.from && interval.to && interval.from->inclusive && interval.to->inclusive &&
                      interval.from->version == interval.to->version;
  if (single) return row.versions.push_back(interval.from->version);
  row.ranges.push_back(RangeOf(interval, [&](std::string_view version) { return Above(scheme, version); }));
}

}  // namespace holdfast::advisory
