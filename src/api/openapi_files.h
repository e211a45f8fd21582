// The files of src/api/openapi, as they are in the binary.
#pragma once

#include <span>
#include <string_view>

namespace holdfast::api {

struct OpenApiFile {
  std::string_view name;  // "images.yaml"
  std::string_view content;
};

[[nodiscard]] std::span<const OpenApiFile> OpenApiFiles();

}  // namespace holdfast::api
