#include "catalog/dpkg/copyright.h"

#include <algorithm>
#include <set>

#include "catalog/control_text.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kLicensesMax = 200;
constexpr std::size_t kExpressionBytesMax = 400;

std::string_view TakeWord(std::string_view& text) {
  text = Trim(text);
  return TakeUntil(text, ' ');
}

// "GPL-2+ with OpenSSL exception, and BSD-3-clause" fits; the first line of a licence's text, which some files have
// in this place, does not: names are single words, joined by "and", "or" and "with … exception".
bool IsExpression(std::string_view text) {
  if (text.size() > kExpressionBytesMax) return false;
  while (true) {
    if (TakeWord(text).empty()) return false;
    std::string_view joint = TakeWord(text);
    if (EqualsIgnoreCase(joint, "with")) {
      std::string_view word;
      while (!(word = TakeWord(text)).empty())
        if (LowerCase(word).starts_with("exception")) break;
      if (word.empty()) return false;
      joint = TakeWord(text);
    }
    if (joint.empty()) return true;
    if (!EqualsIgnoreCase(joint, "or") && !EqualsIgnoreCase(joint, "and") && !EqualsIgnoreCase(joint, "and/or"))
      return false;
  }
}

bool IsMachineReadable(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (Trim(line).empty()) continue;
    // "Format-Specification" in drafts of the standard.
    return LowerCase(line.substr(0, 6)) == "format" && line.find(':') != std::string_view::npos;
  }
  return false;
}

void FromLicenseFields(std::string_view text, std::set<std::string>& licenses) {
  constexpr std::string_view kField = "License:";
  while (!text.empty() && licenses.size() < kLicensesMax) {
    const std::string_view line = TakeLine(text);
    if (line.size() < kField.size() || !EqualsIgnoreCase(line.substr(0, kField.size()), kField)) continue;
    std::string name = CleanText(line.substr(kField.size()));
    if (name.ends_with('.')) name.pop_back();
    if (IsExpression(name)) licenses.insert(std::move(name));
  }
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

void FromReferences(std::string_view text, std::set<std::string>& licenses) {
  constexpr std::string_view kFolder = "/usr/share/common-licenses/";
  for (std::size_t at = text.find(kFolder); at != std::string_view::npos && licenses.size() < kLicensesMax;
       at = text.find(kFolder, at + 1)) {
    const std::string_view rest = text.substr(at + kFolder.size(), kExpressionBytesMax);
    const auto end = std::ranges::find_if_not(rest, IsNameCharacter);
    std::string_view name = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    while (name.ends_with('.')) name.remove_suffix(1);  // of the sentence
    if (!name.empty()) licenses.insert(std::string(name));
  }
}

}  // namespace

std::vector<std::string> ParseCopyright(std::string_view text) {
  std::set<std::string> licenses;
  if (IsMachineReadable(text))
    FromLicenseFields(text, licenses);
  else
    FromReferences(text, licenses);
  return {licenses.begin(), licenses.end()};
}

}  // namespace holdfast::catalog
