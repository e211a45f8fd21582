// Claims' globs against a matcher that tries everything. The input: a glob, a newline, a path.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "catalog/glob.h"

namespace {

// By the definition: "**/" is any number of whole segments, '*' any number of characters but '/'.
bool Matches(std::string_view glob, std::string_view path) {
  if (glob.starts_with("**/")) {
    if (Matches(glob.substr(3), path)) return true;
    const std::size_t slash = path.find('/');
    return slash != std::string_view::npos && Matches(glob, path.substr(slash + 1));
  }
  const std::size_t glob_end = glob.find('/'), path_end = path.find('/');
  const auto segment = [](auto&& self, std::string_view g, std::string_view t) -> bool {
    if (g.empty()) return t.empty();
    if (g[0] == '*') return self(self, g.substr(1), t) || (!t.empty() && self(self, g, t.substr(1)));
    return !t.empty() && g[0] == t[0] && self(self, g.substr(1), t.substr(1));
  };
  if (!segment(segment, glob.substr(0, glob_end), path.substr(0, path_end))) return false;
  if (glob_end == std::string_view::npos || path_end == std::string_view::npos) return glob_end == path_end;
  return Matches(glob.substr(glob_end + 1), path.substr(path_end + 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 24) return 0;  // trying everything takes exponential time
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view glob = text.substr(0, line), path = text.substr(line + 1);
  if (holdfast::catalog::GlobMatches(glob, path) != Matches(glob, path)) std::abort();
  return 0;
}
