#include "model/severity.h"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::model {

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kUnknown: return "Unknown";
    case Severity::kNegligible: return "Negligible";
    case Severity::kLow: return "Low";
    case Severity::kMedium: return "Medium";
    case Severity::kHigh: return "High";
    case Severity::kCritical: return "Critical";
  }
  return "Unknown";
}

std::optional<Severity> ParseSeverity(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Severity>, 10> kWords = {
      {{"unknown", Severity::kUnknown},
       {"negligible", Severity::kNegligible},
       {"unimportant", Severity::kNegligible},
       {"none", Severity::kNegligible},
       {"low", Severity::kLow},
       {"medium", Severity::kMedium},
       {"moderate", Severity::kMedium},
       {"high", Severity::kHigh},
       {"important", Severity::kHigh},
       {"critical", Severity::kCritical}}};
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; };
  for (const auto& [word, severity] : kWords)
    if (std::equal(text.begin(), text.end(), word.begin(), word.end(), same)) return severity;
  return std::nullopt;
}

}  // namespace holdfast::model
