#include "model/source_rpm.h"

#include <string>

namespace holdfast::model {

std::optional<Upstream> ParseSourceRpm(std::string_view file_name) {
  for (const std::string_view suffix : {".src.rpm", ".nosrc.rpm"})
    if (file_name.ends_with(suffix)) {
      const std::string_view rest = file_name.substr(0, file_name.size() - suffix.size());
      const std::size_t release = rest.rfind('-');
      if (release == std::string_view::npos || release == 0) return std::nullopt;
      const std::size_t version = rest.rfind('-', release - 1);
      if (version == std::string_view::npos || version == 0) return std::nullopt;
      return Upstream{std::string(rest.substr(0, version)), std::string(rest.substr(version + 1))};
    }
  return std::nullopt;
}

}  // namespace holdfast::model
