// One reader for each form. For document.cc only; what they share is in document_builder.h. Errors are those of
// ReadDocument.
#pragma once

#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "io/json.h"
#include "io/xml.h"
#include "sbom/document.h"

namespace holdfast::sbom {

[[nodiscard]] Result<Document> ReadCycloneDx(io::JsonView root, const Limits& limits);
[[nodiscard]] Result<Document> ReadCycloneDx(io::XmlView root, const Limits& limits);
[[nodiscard]] Result<Document> ReadSpdx2(io::JsonView root, const Limits& limits);
[[nodiscard]] Result<Document> ReadSpdx3(io::JsonView root, const Limits& limits);
[[nodiscard]] Result<Document> ReadSpdxTagValue(std::string_view text, const Limits& limits);
[[nodiscard]] Result<Document> ReadNative(io::JsonView root, const Limits& limits);
[[nodiscard]] Result<Document> ReadSyft(io::JsonView root, const Limits& limits);
[[nodiscard]] Result<Document> ReadPurls(std::string_view text, const Limits& limits);

}  // namespace holdfast::sbom
