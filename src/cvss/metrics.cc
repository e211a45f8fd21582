#include "cvss/metrics.h"

namespace holdfast::cvss {
namespace {

constexpr auto kMetrics2 = std::to_array<Metric>({
    {"AV", Group::kBase, {"N", "A", "L"}},
    {"AC", Group::kBase, {"L", "M", "H"}},
    {"Au", Group::kBase, {"N", "S", "M"}},
    {"C", Group::kBase, {"C", "P", "N"}},
    {"I", Group::kBase, {"C", "P", "N"}},
    {"A", Group::kBase, {"C", "P", "N"}},
    {"E", Group::kThreat, {"H", "F", "POC", "U"}},
    {"RL", Group::kThreat, {"U", "W", "TF", "OF"}},
    {"RC", Group::kThreat, {"C", "UR", "UC"}},
    {"CDP", Group::kEnvironmental, {"H", "MH", "LM", "L", "N"}},
    {"TD", Group::kEnvironmental, {"H", "M", "L", "N"}},
    {"CR", Group::kEnvironmental, {"H", "M", "L"}},
    {"IR", Group::kEnvironmental, {"H", "M", "L"}},
    {"AR", Group::kEnvironmental, {"H", "M", "L"}},
});

constexpr auto kMetrics3 = std::to_array<Metric>({
    {"AV", Group::kBase, {"N", "A", "L", "P"}},
    {"AC", Group::kBase, {"L", "H"}},
    {"PR", Group::kBase, {"N", "L", "H"}},
    {"UI", Group::kBase, {"N", "R"}},
    {"S", Group::kBase, {"U", "C"}},
    {"C", Group::kBase, {"H", "L", "N"}},
    {"I", Group::kBase, {"H", "L", "N"}},
    {"A", Group::kBase, {"H", "L", "N"}},
    {"E", Group::kThreat, {"H", "F", "P", "U"}},
    {"RL", Group::kThreat, {"U", "W", "T", "O"}},
    {"RC", Group::kThreat, {"C", "R", "U"}},
    {"CR", Group::kEnvironmental, {"H", "M", "L"}},
    {"IR", Group::kEnvironmental, {"H", "M", "L"}},
    {"AR", Group::kEnvironmental, {"H", "M", "L"}},
    {"MAV", Group::kEnvironmental, {"N", "A", "L", "P"}},
    {"MAC", Group::kEnvironmental, {"L", "H"}},
    {"MPR", Group::kEnvironmental, {"N", "L", "H"}},
    {"MUI", Group::kEnvironmental, {"N", "R"}},
    {"MS", Group::kEnvironmental, {"U", "C"}},
    {"MC", Group::kEnvironmental, {"H", "L", "N"}},
    {"MI", Group::kEnvironmental, {"H", "L", "N"}},
    {"MA", Group::kEnvironmental, {"H", "L", "N"}},
});

constexpr auto kMetrics4 = std::to_array<Metric>({
    {"AV", Group::kBase, {"N", "A", "L", "P"}},
    {"AC", Group::kBase, {"L", "H"}},
    {"AT", Group::kBase, {"N", "P"}},
    {"PR", Group::kBase, {"N", "L", "H"}},
    {"UI", Group::kBase, {"N", "P", "A"}},
    {"VC", Group::kBase, {"H", "L", "N"}},
    {"VI", Group::kBase, {"H", "L", "N"}},
    {"VA", Group::kBase, {"H", "L", "N"}},
    {"SC", Group::kBase, {"H", "L", "N"}},
    {"SI", Group::kBase, {"H", "L", "N"}},
    {"SA", Group::kBase, {"H", "L", "N"}},
    {"E", Group::kThreat, {"A", "P", "U"}},
    {"CR", Group::kEnvironmental, {"H", "M", "L"}},
    {"IR", Group::kEnvironmental, {"H", "M", "L"}},
    {"AR", Group::kEnvironmental, {"H", "M", "L"}},
    {"MAV", Group::kEnvironmental, {"N", "A", "L", "P"}},
    {"MAC", Group::kEnvironmental, {"L", "H"}},
    {"MAT", Group::kEnvironmental, {"N", "P"}},
    {"MPR", Group::kEnvironmental, {"N", "L", "H"}},
    {"MUI", Group::kEnvironmental, {"N", "P", "A"}},
    {"MVC", Group::kEnvironmental, {"H", "L", "N"}},
    {"MVI", Group::kEnvironmental, {"H", "L", "N"}},
    {"MVA", Group::kEnvironmental, {"H", "L", "N"}},
    {"MSC", Group::kEnvironmental, {"H", "L", "N"}},
    {"MSI", Group::kEnvironmental, {"S", "H", "L", "N"}},
    {"MSA", Group::kEnvironmental, {"S", "H", "L", "N"}},
    {"S", Group::kSupplemental, {"P", "N"}},
    {"AU", Group::kSupplemental, {"Y", "N"}},
    {"R", Group::kSupplemental, {"I", "U", "A"}},
    {"V", Group::kSupplemental, {"C", "D"}},
    {"RE", Group::kSupplemental, {"H", "M", "L"}},
    {"U", Group::kSupplemental, {"Red", "Amber", "Green", "Clear"}},
});
static_assert(kMetrics4.size() <= kMetricsMax);

}  // namespace

std::span<const Metric> MetricsOf(Version version) {
  switch (version) {
    case Version::k20: return kMetrics2;
    case Version::k30:
    case Version::k31: return kMetrics3;
    case Version::k40: break;
  }
  return kMetrics4;
}

std::string_view UndefinedValue(Version version) { return version == Version::k20 ? "ND" : "X"; }

}  // namespace holdfast::cvss
