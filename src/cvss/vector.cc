// Reading is one loop for all versions, driven by the tables of metrics.h. Tested by vector_test.cc; the fuzz target
// holds that what parses prints as text that parses to the same.

#include "cvss/vector.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "cvss/metrics.h"

namespace holdfast::cvss {
namespace {

constexpr std::array<std::string_view, 4> kVersionNames = {"2.0", "3.0", "3.1", "4.0"};
constexpr std::string_view kPrefix = "CVSS:";
constexpr std::size_t kQuotedBytesMax = 32;

std::unexpected<Error> Invalid(Version version, std::string_view what) {
  return Fail(ErrorKind::kInvalidInput, Format("not a CVSS {} vector: {}", VersionName(version), what));
}

// Untrusted text in a message: short, and harmless to print.
std::string Quoted(std::string_view text) {
  std::string shown(text.substr(0, kQuotedBytesMax));
  std::ranges::replace_if(shown, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return Format("'{}'", shown);
}

// Takes "CVSS:3.1/" off the text. Version 2, which has no such prefix, begins with its first metric.
Result<Version> TakeVersion(std::string_view& text) {
  if (!text.starts_with(kPrefix)) return Version::k20;
  text.remove_prefix(kPrefix.size());
  const std::string_view name = TakeUntil(text, '/');
  const auto* const found = std::ranges::find(kVersionNames, name);
  // "CVSS:2.0/" is nobody's form.
  if (found == kVersionNames.end() || found == kVersionNames.begin())
    return Fail(ErrorKind::kUnsupported, Format("a CVSS vector of version {}", Quoted(name)));
  return static_cast<Version>(found - kVersionNames.begin());
}

}  // namespace

std::string_view VersionName(Version version) { return kVersionNames[static_cast<std::size_t>(version)]; }

Result<Vector> Vector::Parse(std::string_view text) {
  if (text.size() > kVectorBytesMax)
    return Fail(ErrorKind::kLimit, Format("a CVSS vector of {} bytes, limit {}", text.size(), kVectorBytesMax));
  if (text.empty()) return Fail(ErrorKind::kInvalidInput, "an empty CVSS vector");
  HF_TRY(const cvss::Version version, TakeVersion(text));
  if (text.empty()) return Invalid(version, "it has no metrics");
  Vector vector(version);
  std::bitset<kMetricsMax> stated;
  std::size_t index_min = 0;
  // A slash at the end announces a metric that is not there, so it is the last one's delimiter too.
  for (bool more = true; more;) {
    more = text.contains('/');
    HF_TRY(const std::size_t index, vector.Set(TakeUntil(text, '/'), index_min));
    if (stated.test(index))
      return Invalid(version, Format("metric {} is stated twice", MetricsOf(version)[index].name));
    stated.set(index);
    if (version == Version::k40) index_min = index;
  }
  HF_CHECK_OK(vector.CheckComplete());
  return vector;
}

Result<std::size_t> Vector::Set(std::string_view part, std::size_t index_min) {
  const std::span<const Metric> metrics = MetricsOf(version_);
  if (part.empty()) return Invalid(version_, "a metric is empty");
  const bool valued = part.contains(':');
  const std::string_view name = TakeUntil(part, ':');
  const auto metric = std::ranges::find(metrics, name, &Metric::name);
  if (metric == metrics.end()) return Invalid(version_, Format("there is no metric {}", Quoted(name)));
  if (!valued || part.empty()) return Invalid(version_, Format("metric {} has no value", name));
  const auto index = static_cast<std::size_t>(metric - metrics.begin());
  if (index < index_min) return Invalid(version_, Format("metric {} stands after {}", name, metrics[index_min].name));
  if (metric->group != Group::kBase && part == UndefinedValue(version_)) return index;
  const auto* const value = std::ranges::find(metric->values, part);
  if (value == metric->values.end()) return Invalid(version_, Format("metric {} cannot be {}", name, Quoted(part)));
  places_[index] = static_cast<std::uint8_t>(value - metric->values.begin() + 1);
  return index;
}

Result<void> Vector::CheckComplete() const {
  const std::span<const Metric> metrics = MetricsOf(version_);
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i].group == Group::kBase && places_[i] == 0)
      return Invalid(version_, Format("metric {} is missing", metrics[i].name));
  return {};
}

std::string Vector::Text() const {
  std::string text = version_ == Version::k20 ? "" : Format("{}{}", kPrefix, VersionName(version_));
  const std::span<const Metric> metrics = MetricsOf(version_);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (places_[i] == 0) continue;
    if (!text.empty()) text.push_back('/');
    text += Format("{}:{}", metrics[i].name, metrics[i].values[places_[i] - 1U]);
  }
  return text;
}

std::string_view Vector::Value(std::string_view metric) const {
  const std::span<const Metric> metrics = MetricsOf(version_);
  const auto found = std::ranges::find(metrics, metric, &Metric::name);
  if (found == metrics.end()) return {};
  const std::size_t place = places_[static_cast<std::size_t>(found - metrics.begin())];
  return place == 0 ? UndefinedValue(version_) : found->values[place - 1];
}

bool Vector::Defines(Group group) const {
  const std::span<const Metric> metrics = MetricsOf(version_);
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i].group == group && places_[i] != 0) return true;
  return false;
}

Vector Vector::Without(Group group) const {
  HF_ASSERT(group != Group::kBase);
  Vector less = *this;
  const std::span<const Metric> metrics = MetricsOf(version_);
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i].group == group) less.places_[i] = 0;
  return less;
}

}  // namespace holdfast::cvss
