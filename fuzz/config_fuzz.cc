// A configuration file. One that is usable can be shown and read again; its problems have texts.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 15) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::config::Environment environment = {
      {"ANCHORE_A", "value"}, {"ANCHORE_B", "8082"}, {"ANCHORE_ENV_FILE", "/env"}, {"HOLDFAST_CREDENTIALS_DIR", "/c"}};
  // Every file that is asked for holds the text itself.
  const holdfast::config::ReadFile read_file = [&](const std::string&) -> holdfast::Result<std::string> {
    return std::string(text);
  };
  const auto checked = holdfast::config::Check(text, environment, read_file);
  std::size_t length = 0;
  for (const auto& problem : checked.problems) length += problem.Text().size();
  if (length > 10'000'000) std::abort();
  if (holdfast::config::Show(checked).empty()) std::abort();
  return 0;
}
