// A Dockerfile, and its lines as a history. What was read must be bounded by the text and go through the gate.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "policy/dockerfile.h"
#include "policy/gates/dockerfile.h"

namespace policy = holdfast::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> history;
  if (const auto parsed = policy::ParseDockerfile(text)) {
    std::size_t bytes = 0;
    for (const auto& line : parsed->lines) {
      bytes += line.instruction.size() + line.arguments.size();
      if (line.instruction.empty()) std::abort();
    }
    if (bytes > size) std::abort();
    if (policy::EffectiveUser(*parsed).empty()) std::abort();
  }
  for (std::size_t at = 0; at < size;) {
    const std::size_t end = text.find('\n', at);
    history.emplace_back(text.substr(at, end - at));
    at = end == std::string_view::npos ? size : end + 1;
  }
  if (const auto guessed = policy::GuessDockerfile(history); guessed && guessed->lines.size() > history.size())
    std::abort();
  return 0;
}
