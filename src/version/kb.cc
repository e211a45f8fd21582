// Microsoft's updates are named by the article that describes them: "KB5034441" or "5034441". The number tells
// which update it is. That it is higher does not say that the update holds what a lower one did, so advisories
// have to name updates one by one, not as a range; the order only makes lists of them stable
// (learn.microsoft.com/troubleshoot/windows-client/installing-updates-features-roles,
// "Description of the standard terminology that is used to describe Microsoft software updates").

#include "version/kb.h"

#include "version/digits.h"

namespace holdfast::version {
namespace {

std::string_view NumberOf(std::string_view text) {
  text = TrimBlanks(text);
  if (StartsWithWord(text, "kb")) text.remove_prefix(2);
  return text;
}

}  // namespace

std::optional<std::strong_ordering> CompareKb(std::string_view a, std::string_view b) {
  const std::string_view left = NumberOf(a), right = NumberOf(b);
  if (!AllDigits(left) || !AllDigits(right)) return std::nullopt;
  return CompareDigits(left, right);
}

}  // namespace holdfast::version
