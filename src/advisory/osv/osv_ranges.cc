// Sorting with a comparison that can fail: each version is first compared with itself, which fails
// exactly when the scheme cannot read it; after that every comparison holds.

#include "advisory/osv/osv_ranges.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kFirst = "0";    // before every version
constexpr std::string_view kNoLimit = "*";  // after every version

class Order {
 public:
  explicit Order(const version::Scheme* scheme) : scheme_(scheme) {}

  bool Reads(std::string_view version) const {
    return version == kFirst || version == kNoLimit ||
           (scheme_ != nullptr && version::Compare(*scheme_, version, version).has_value());
  }
  bool Less(std::string_view a, std::string_view b) const {
    if (a == b || b == kFirst || a == kNoLimit) return false;
    if (a == kFirst || b == kNoLimit) return true;
    const auto order = version::Compare(*scheme_, a, b);
    return order && *order < 0;
  }

 private:
  const version::Scheme* scheme_;
};

void Sort(std::vector<OsvEvent>& events, const Order& order) {
  std::vector<std::size_t> positions(events.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  std::ranges::sort(positions, [&](std::size_t a, std::size_t b) {
    if (order.Less(events[a].version, events[b].version)) return true;
    return a < b && !order.Less(events[b].version, events[a].version);
  });
  std::vector<OsvEvent> sorted;
  sorted.reserve(events.size());
  for (const std::size_t position : positions) sorted.push_back(std::move(events[position]));
  events = std::move(sorted);
}

std::vector<model::VersionRange> Sweep(const std::vector<OsvEvent>& events) {
  std::vector<model::VersionRange> ranges;
  bool open = false;
  for (const OsvEvent& event : events) {
    if (event.kind == OsvEventKind::kLimit || (event.kind == OsvEventKind::kIntroduced) == open) continue;
    open = !open;
    if (open) {
      ranges.emplace_back().introduced = event.version;
    } else {
      (event.kind == OsvEventKind::kFixed ? ranges.back().fixed : ranges.back().last_affected) = event.version;
    }
  }
  return ranges;
}

void Cut(std::vector<model::VersionRange>& ranges, std::string_view limit, const Order& order) {
  std::erase_if(ranges, [&](const auto& range) { return !order.Less(range.introduced, limit); });
  for (model::VersionRange& range : ranges) {
    const bool ends_before = (range.fixed && !order.Less(limit, *range.fixed)) ||
                             (range.last_affected && order.Less(*range.last_affected, limit));
    if (ends_before) continue;
    range.last_affected.reset();
    range.fixed = limit;
  }
}

}  // namespace

std::vector<model::VersionRange> IntervalsOf(std::vector<OsvEvent> events, std::string_view scheme) {
  const Order order(version::FindScheme(scheme));
  const bool orderable = std::ranges::all_of(events, [&](const auto& event) { return order.Reads(event.version); });
  if (orderable) Sort(events, order);
  std::vector<model::VersionRange> ranges = Sweep(events);
  const auto last_limit = std::ranges::find(events.rbegin(), events.rend(), OsvEventKind::kLimit, &OsvEvent::kind);
  if (orderable && last_limit != events.rend() && last_limit->version != kNoLimit)
    Cut(ranges, last_limit->version, order);
  return ranges;
}

}  // namespace holdfast::advisory
