#include "model/advisory.h"

namespace holdfast::model {

std::string_view FixStateName(FixState state) {
  switch (state) {
    case FixState::kUnknown: return "unknown";
    case FixState::kFixed: return "fixed";
    case FixState::kNotFixed: return "not-fixed";
    case FixState::kWontFix: return "wont-fix";
    case FixState::kNotAffected: return "not-affected";
    case FixState::kUnderInvestigation: return "under-investigation";
  }
  return "unknown";
}

}  // namespace holdfast::model
