// SPDX in tag-value form (spdx-spec/v2.3, clause 4.4 and the tags of clauses 6 to 12): "Tag: value", a line each; a
// value that has lines of its own stands between <text> and </text>. A section lasts until the tag that begins the next
// one.
//
//   SPDXVersion: SPDX-2.3
//   PackageName: openssl
//   SPDXID: SPDXRef-1
//   ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/openssl@3.0.11-1?arch=amd64
//   Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-1

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "sbom/document_readers.h"
#include "sbom/spdx_document.h"

namespace holdfast::sbom {
namespace {

constexpr std::size_t kItemsMax = 10'000;

using Field = std::string SpdxPackage::*;
constexpr auto kPackageTags = std::to_array<std::pair<std::string_view, Field>>({
    {"SPDXID", &SpdxPackage::id},
    {"PackageVersion", &SpdxPackage::version},
    {"PackageSupplier", &SpdxPackage::supplier},
    {"PackageOriginator", &SpdxPackage::originator},
    {"PackageHomePage", &SpdxPackage::homepage},
    {"PackageSourceInfo", &SpdxPackage::source_info},
    {"PrimaryPackagePurpose", &SpdxPackage::purpose},
    {"PackageFileName", &SpdxPackage::file_name},
    {"PackageLicenseDeclared", &SpdxPackage::license_declared},
    {"PackageLicenseConcluded", &SpdxPackage::license_concluded},
});

struct Line {
  std::string_view tag, value;
};

class TagValueReader {
 public:
  TagValueReader(std::string_view text, std::string format, const Limits& limits)
      : rest_(text), document_(std::move(format), limits) {}

  Result<Document> Read() {
    while (const auto line = Next()) HF_CHECK_OK(Take(*line));
    if (unfinished_text_) return Fail(ErrorKind::kCorrupt, "the text after <text> has no end");
    HF_CHECK_OK(EndPackage());
    EndLicense();
    return document_.Finish();
  }

 private:
  // Nothing at the end. Comments, blank lines, and lines without a tag are passed over.
  std::optional<Line> Next();
  [[nodiscard]] Result<void> Take(const Line& line);
  void TakeOfPackage(const Line& line);
  void TakeOfDocument(const Line& line);
  void TakeRelationship(std::string_view value);
  [[nodiscard]] Result<void> EndPackage();
  void EndLicense();

  std::string_view rest_;
  SpdxDocument document_;
  std::optional<SpdxPackage> package_;
  std::string license_id_, license_name_, license_text_;
  bool unfinished_text_ = false;
};

std::optional<Line> TagValueReader::Next() {
  constexpr std::string_view kText = "<text>", kTextEnd = "</text>";
  while (!rest_.empty()) {
    const std::string_view at = rest_;
    const std::string_view text = TakeLine(rest_);
    const std::size_t colon = text.find(':');
    if (text.starts_with('#') || colon == std::string_view::npos) continue;
    Line line{Trim(text.substr(0, colon)), Trim(text.substr(colon + 1))};
    if (!line.value.starts_with(kText)) return line;
    std::string_view long_text = at.substr(static_cast<std::size_t>(line.value.data() - at.data()) + kText.size());
    const std::size_t end = long_text.find(kTextEnd);
    if (end == std::string_view::npos) {
      unfinished_text_ = true;
      rest_ = {};
      return std::nullopt;
    }
    line.value = Trim(long_text.substr(0, end));
    rest_ = long_text.substr(end + kTextEnd.size());
    (void)TakeLine(rest_);
    return line;
  }
  return std::nullopt;
}

Result<void> TagValueReader::EndPackage() {
  if (!package_) return {};
  HF_CHECK_OK(document_.Add(*std::move(package_)));
  package_.reset();
  return {};
}

void TagValueReader::EndLicense() {
  if (!license_id_.empty()) document_.AddLicenseText(std::move(license_id_), license_name_, license_text_);
  license_id_.clear();
  license_name_.clear();
  license_text_.clear();
}

Result<void> TagValueReader::Take(const Line& line) {
  if (line.tag == "PackageName") {
    HF_CHECK_OK(EndPackage());
    package_.emplace();
    package_->name = line.value;
  } else if (line.tag == "FileName" || line.tag == "SnippetSPDXID" || line.tag == "LicenseID") {
    HF_CHECK_OK(EndPackage());
    EndLicense();
    if (line.tag == "LicenseID") license_id_ = line.value;
  } else if (line.tag == "Relationship") {
    TakeRelationship(line.value);
  } else if (package_) {
    TakeOfPackage(line);
  } else {
    TakeOfDocument(line);
  }
  return {};
}

void TagValueReader::TakeOfPackage(const Line& line) {
  for (const auto& [tag, field] : kPackageTags)
    if (line.tag == tag) *package_.*field = line.value;
  if (line.tag == "ExternalRef" && package_->refs.size() < kItemsMax) {
    std::string_view rest = line.value;
    (void)TakeUntil(rest, ' ');  // the category
    rest = Trim(rest);
    std::string type(TakeUntil(rest, ' '));
    package_->refs.push_back({std::move(type), std::string(Trim(rest))});
  }
  if (line.tag == "AnnotationComment" && package_->comments.size() < kItemsMax)
    package_->comments.emplace_back(line.value);
}

void TagValueReader::TakeOfDocument(const Line& line) {
  if (line.tag == "DocumentName") document_.SetName(line.value);
  if (line.tag == "Creator") document_.AddCreator(line.value);
  if (line.tag == "CreatorComment") document_.SetComment(line.value);
  if (line.tag == "LicenseName") license_name_ = line.value;
  if (line.tag == "ExtractedText") license_text_ = line.value;
}

void TagValueReader::TakeRelationship(std::string_view value) {
  const std::string_view from = TakeUntil(value, ' ');
  value = Trim(value);
  const std::string_view type = TakeUntil(value, ' ');
  document_.AddRelationship(from, type, Trim(value), {});
}

}  // namespace

Result<Document> ReadSpdxTagValue(std::string_view text, const Limits& limits) {
  constexpr std::string_view kTag = "SPDXVersion:";
  const std::size_t at = text.find(kTag);
  std::string_view rest = at == std::string_view::npos ? std::string_view() : text.substr(at + kTag.size());
  std::string_view version = Trim(TakeLine(rest));
  if (version.starts_with("SPDX-")) version.remove_prefix(5);
  constexpr std::size_t kVersionBytesMax = 20;
  return TagValueReader(text, Format("SPDX {} tag-value", CleanText(version, kVersionBytesMax)), limits).Read();
}

}  // namespace holdfast::sbom
