#include "policy/action.h"

#include "policy/words.h"

namespace holdfast::policy {

std::string_view ActionName(Action action) {
  switch (action) {
    case Action::kGo: return "go";
    case Action::kWarn: return "warn";
    case Action::kStop: return "stop";
  }
  return "stop";
}

std::optional<Action> ParseAction(std::string_view text) {
  for (const Action action : {Action::kGo, Action::kWarn, Action::kStop})
    if (SameIgnoringCase(text, ActionName(action))) return action;
  return std::nullopt;
}

}  // namespace holdfast::policy
