// An SPDX document as all its forms state it, before packages are made of it. For sbom's readers only.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "sbom/document_builder.h"

namespace holdfast::sbom {

struct SpdxExternalRef {
  std::string type, locator;  // "purl", "cpe23Type"
};

struct SpdxPackage {
  std::string id, name, version, supplier, originator, homepage, source_info, purpose, file_name;
  std::string license_declared, license_concluded;
  std::vector<SpdxExternalRef> refs;
  std::vector<std::string> comments;  // of annotations
};

class SpdxDocument {
 public:
  SpdxDocument(std::string format, const Limits& limits) : builder_(std::move(format), limits), limits_(limits) {}

  void SetName(std::string_view name);
  // "Tool: syft-1.2.0"; other creators are passed over.
  void AddCreator(std::string_view creator);
  void SetComment(std::string_view comment);
  [[nodiscard]] Result<void> Add(SpdxPackage package);
  // The text that stands for "LicenseRef-…".
  void AddLicenseText(std::string id, std::string_view name, std::string_view text);
  void AddRelationship(std::string_view from, std::string_view type, std::string_view to, std::string_view comment);

  // Which packages are the document's subject is known only when all was read.
  [[nodiscard]] Result<Document> Finish();

 private:
  [[nodiscard]] bool IsSubject(const SpdxPackage& package) const;
  [[nodiscard]] StatedPackage State(SpdxPackage& package) const;

  DocumentBuilder builder_;
  const Limits& limits_;
  std::vector<SpdxPackage> packages_;
  std::set<std::string> described_;
  std::unordered_map<std::string, std::string> license_texts_;
};

}  // namespace holdfast::sbom
