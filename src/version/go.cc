// Module versions are SemVer with a leading v ("v1.2.3", pseudo-versions "v0.0.0-20210101000000-abcdef123456",
// "+incompatible" is build metadata; golang.org/ref/mod#versions). Toolchain and standard library versions
// are "go1.21rc2" or "1.21rc2", which golang.org/x/vuln reads as 1.21.0-rc.2; both forms have one order.

#include "version/go.h"

#include <string>

#include "version/digits.h"
#include "version/semver.h"

namespace holdfast::version {
namespace {

struct GoVersion {
  std::string rewritten;  // backs `parts` when the version was a toolchain's
  SemverParts parts;
};

bool Split(std::string_view text, GoVersion& version) {
  if (text.starts_with("go")) text.remove_prefix(2);
  if (text.starts_with('v')) text.remove_prefix(1);
  text = text.substr(0, text.find_first_of("+ "));
  std::string_view rest = text;
  version.parts.core = TakeWhile(rest, [](char c) { return IsDigit(c) || c == '.'; });
  if (version.parts.core.empty() || !IsDigit(version.parts.core.front())) return false;
  if (rest.starts_with('-')) {
    version.parts.prerelease = rest.substr(1);
    return true;
  }
  if (rest.empty()) return true;
  const std::string_view word = TakeWhile(rest, IsAlpha);
  if (word.empty()) return false;
  version.rewritten.append(word).append(rest.empty() ? "" : ".").append(rest);
  version.parts.prerelease = version.rewritten;
  return true;
}

}  // namespace

std::optional<std::strong_ordering> CompareGo(std::string_view a, std::string_view b) {
  GoVersion left, right;
  if (!Split(a, left) || !Split(b, right)) return std::nullopt;
  return CompareSemverParts(left.parts, right.parts);
}

}  // namespace holdfast::version
