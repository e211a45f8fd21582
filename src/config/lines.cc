#include "config/internal/lines.h"

#include <utility>
#include <vector>

namespace holdfast::config::internal {
namespace {

constexpr std::size_t kDepthMax = 32;

// "key" of `key: value`, `"key": value` and `key:`; empty when the line has none.
std::string_view KeyOf(std::string_view line) {
  if (line.starts_with('"') || line.starts_with('\'')) {
    const std::size_t end = line.find(line.front(), 1);
    if (end == std::string_view::npos || !line.substr(end + 1).starts_with(':')) return {};
    return line.substr(1, end - 1);
  }
  for (std::size_t at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1))
    if (at + 1 == line.size() || line[at + 1] == ' ' || line[at + 1] == '\t' || line[at + 1] == '\r')
      return line.substr(0, at);
  return {};
}

}  // namespace

LineMap FindLines(std::string_view yaml) {
  struct Open {
    std::size_t indent;
    std::string path;
  };
  LineMap lines;
  std::vector<Open> open;
  for (std::size_t number = 1; !yaml.empty(); ++number) {
    const std::string_view line = yaml.substr(0, yaml.find('\n'));
    yaml.remove_prefix(std::min(yaml.size(), line.size() + 1));
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos || line[indent] == '#' || line[indent] == '-') continue;
    const std::string_view key = KeyOf(line.substr(indent));
    if (key.empty()) continue;
    while (!open.empty() && open.back().indent >= indent) open.pop_back();
    if (open.size() >= kDepthMax) continue;
    std::string path = open.empty() ? std::string(key) : open.back().path + "." + std::string(key);
    lines.try_emplace(path, number);
    open.push_back({indent, std::move(path)});
  }
  return lines;
}

std::size_t LineOf(const LineMap& lines, std::string_view path) {
  while (!path.empty()) {
    if (const auto found = lines.find(path); found != lines.end()) return found->second;
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) break;
    path = path.substr(0, dot);
  }
  return 0;
}

}  // namespace holdfast::config::internal
