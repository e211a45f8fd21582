#include "advisory/intervals.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kOperatorCharacters = "<>=~^!";

bool IsVersionText(std::string_view text) {
  return !text.empty() && text.size() <= kVersionBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-+_").contains(c);
  });
}

Result<Comparator> ParseComparator(std::string_view text) {
  text = Trim(text);
  const std::size_t end = std::min(text.find_first_not_of(kOperatorCharacters), text.size());
  const Comparator comparator{text.substr(0, end), Trim(text.substr(end))};
  if (!IsVersionText(comparator.version))
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" compares with no version", CleanText(text, kVersionBytesMax)));
  return comparator;
}

// Only for bounds that were checked: then every comparison holds.
std::strong_ordering Order(const Bound& a, const Bound& b, const version::Scheme& scheme) {
  return version::Compare(scheme, a.version, b.version).value_or(std::strong_ordering::equal);
}

Result<void> CheckReadable(const Interval& interval, const version::Scheme& scheme) {
  for (const auto& bound : {interval.from, interval.to})
    if (bound && !version::Compare(scheme, bound->version, bound->version))
      return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no version of {}", bound->version, scheme.id));
  return {};
}

// Among equal versions the inclusive start is the lower one, and the inclusive end the higher.
std::strong_ordering OrderOfStarts(const Interval& a, const Interval& b, const version::Scheme& scheme) {
  if (!a.from || !b.from) return a.from.has_value() <=> b.from.has_value();
  const auto order = Order(*a.from, *b.from, scheme);
  return order != 0 ? order : b.from->inclusive <=> a.from->inclusive;
}

std::strong_ordering OrderOfEnds(const Interval& a, const Interval& b, const version::Scheme& scheme) {
  if (!a.to || !b.to) return b.to.has_value() <=> a.to.has_value();
  const auto order = Order(*a.to, *b.to, scheme);
  return order != 0 ? order : a.to->inclusive <=> b.to->inclusive;
}

bool IsEmpty(const Interval& interval, const version::Scheme& scheme) {
  if (!interval.from || !interval.to) return false;
  const auto order = Order(*interval.from, *interval.to, scheme);
  return order > 0 || (order == 0 && !(interval.from->inclusive && interval.to->inclusive));
}

Bound Opposite(Bound bound) {
  bound.inclusive = !bound.inclusive;
  return bound;
}

}  // namespace

Result<std::vector<Comparator>> SplitRequirement(std::string_view text) {
  std::vector<Comparator> comparators;
  while (!text.empty()) {
    if (comparators.size() >= kComparatorsMax)
      return Fail(ErrorKind::kLimit, Format("requirement of more than {} comparisons", kComparatorsMax));
    HF_TRY(const Comparator comparator, ParseComparator(TakeUntil(text, ',')));
    comparators.push_back(comparator);
  }
  if (comparators.empty()) return Fail(ErrorKind::kCorrupt, "requirement without a comparison");
  return comparators;
}

Result<void> Narrow(Interval& interval, const Interval& by, const version::Scheme& scheme) {
  HF_CHECK_OK(CheckReadable(interval, scheme));
  HF_CHECK_OK(CheckReadable(by, scheme));
  if (OrderOfStarts(interval, by, scheme) < 0) interval.from = by.from;
  if (OrderOfEnds(interval, by, scheme) > 0) interval.to = by.to;
  return {};
}

Result<Interval> FromOperator(const Comparator& comparator) {
  const Bound inclusive{std::string(comparator.version), true}, exclusive{std::string(comparator.version), false};
  if (comparator.op == "<") return Interval{.from = {}, .to = exclusive};
  if (comparator.op == "<=") return Interval{.from = {}, .to = inclusive};
  if (comparator.op == ">") return Interval{.from = exclusive, .to = {}};
  if (comparator.op == ">=") return Interval{.from = inclusive, .to = {}};
  if (comparator.op == "=" || comparator.op == "==") return Interval{.from = inclusive, .to = inclusive};
  return Fail(ErrorKind::kUnsupported, Format("operator \"{}\" before {}", comparator.op, comparator.version));
}

Result<void> ReadRequirements(io::JsonView list, RequirementParser parse, std::vector<Interval>& safe) {
  if (!list.IsNull() && !list.IsArray()) return Fail(ErrorKind::kCorrupt, "requirements that are no list");
  if (list.Size() > kRequirementsMax)
    return Fail(ErrorKind::kLimit, Format("more than {} requirements", kRequirementsMax));
  for (const io::JsonView item : list) {
    // "2" without quotes is a number in YAML.
    const auto number = item.Integer();
    HF_TRY(auto interval, parse(number ? Format("{}", *number) : std::string(item.StringOr(""))));
    safe.push_back(std::move(interval));
  }
  return {};
}

Result<std::vector<Interval>> Complement(std::vector<Interval> covered, const version::Scheme& scheme) {
  for (const Interval& interval : covered) HF_CHECK_OK(CheckReadable(interval, scheme));
  std::erase_if(covered, [&](const Interval& interval) { return IsEmpty(interval, scheme); });
  std::ranges::sort(covered, [&](const auto& a, const auto& b) { return OrderOfStarts(a, b, scheme) < 0; });
  std::vector<Interval> gaps;
  std::optional<Bound> from;  // where what is not covered yet begins
  for (const Interval& interval : covered) {
    if (interval.from) {
      Interval gap{.from = from, .to = Opposite(*interval.from)};
      if (!IsEmpty(gap, scheme)) gaps.push_back(std::move(gap));
    }
    if (!interval.to) return gaps;
    Bound next = Opposite(*interval.to);
    const Interval reached{.from = from, .to = {}}, reaches{.from = next, .to = {}};
    if (OrderOfStarts(reached, reaches, scheme) < 0) from = std::move(next);
  }
  gaps.push_back({.from = std::move(from), .to = {}});
  return gaps;
}

model::VersionRange RangeOf(const Interval& interval, const Successor& successor) {
  model::VersionRange range;
  if (interval.from)
    range.introduced = interval.from->inclusive ? interval.from->version : successor(interval.from->version);
  if (interval.to) (interval.to->inclusive ? range.last_affected : range.fixed) = interval.to->version;
  return range;
}

Result<std::vector<model::Affected>> AffectedBesides(std::vector<Interval> safe, const model::Affected& package,
                                                     const Successor& successor) {
  const version::Scheme* scheme = version::FindScheme(package.version_scheme);
  if (scheme == nullptr) return Fail(ErrorKind::kInternal, Format("no scheme {}", package.version_scheme));
  HF_TRY(const auto gaps, Complement(std::move(safe), *scheme));
  model::Affected ended = package, open = package;
  ended.fix_state = model::FixState::kFixed;
  open.fix_state = model::FixState::kNotFixed;
  for (const Interval& gap : gaps) (gap.to ? ended : open).ranges.push_back(RangeOf(gap, successor));
  std::vector<model::Affected> rows;
  if (!ended.ranges.empty()) rows.push_back(std::move(ended));
  if (!open.ranges.empty()) rows.push_back(std::move(open));
  return rows;
}

}  // namespace holdfast::advisory
