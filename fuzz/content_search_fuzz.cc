// A pattern, a line end, and a file: whatever the pattern is, the result does not depend on how the file is cut, and
// lines are ascending and in the file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "catalog/content_search.h"

namespace {

using holdfast::catalog::PatternLines;

std::vector<PatternLines> Search(const holdfast::catalog::SearchPlan& plan, std::string_view text, std::size_t chunk) {
  holdfast::Limits limits;
  limits.search_steps_max = 1'000'000;
  holdfast::catalog::ContentSearcher searcher(plan, limits);
  if (!searcher.Begin(text.size())) return {};
  while (!text.empty()) {
    searcher.Write(holdfast::AsBytes(text.substr(0, chunk)));
    text.remove_prefix(std::min(chunk, text.size()));
  }
  return searcher.Finish();
}

bool Equal(const PatternLines& a, const PatternLines& b) {
  return a.pattern == b.pattern && a.lines == b.lines && a.cut == b.cut;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 200'000) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  holdfast::catalog::SearchConfig config = holdfast::catalog::DefaultSearchConfig();
  if (end > 0 && end < 200) config.contents.patterns = {{"X", std::string(input.substr(0, end))}};
  const auto plan = holdfast::catalog::SearchPlan::Make(config);
  if (!plan) return 0;
  const std::string_view text = input.substr(std::min(end + 1, input.size()));
  const auto whole = Search(**plan, text, text.size() + 1);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{4099}}) {
    const auto cut = Search(**plan, text, chunk);
    if (!std::ranges::equal(whole, cut, Equal)) std::abort();
  }
  const auto line_ends = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  for (const PatternLines& found : whole) {
    if (found.lines.empty() || !std::ranges::is_sorted(found.lines) || found.lines.back() > line_ends) std::abort();
  }
  return 0;
}
