#include "model/finding.h"

namespace holdfast::model {

std::string_view SilencedByName(SilencedBy kind) {
  switch (kind) {
    case SilencedBy::kNotAffected: return "not-affected";
    case SilencedBy::kFixedByOwner: return "fixed-by-owner";
    case SilencedBy::kFoundInOwner: return "found-in-owner";
    case SilencedBy::kNoCode: return "no-vulnerable-code";
    case SilencedBy::kVex: return "vex";
    case SilencedBy::kIgnoreRule: return "ignore-rule";
  }
  return {};
}

}  // namespace holdfast::model
