// A package URL a line; blank lines and what follows a '#' at the start of a line or after a blank are comments. A '#'
// inside of a package URL begins its subpath (purl-spec, "Rules for each purl component").

#include <string>

#include "base/format.h"
#include "base/text.h"
#include "sbom/document_builder.h"
#include "sbom/document_readers.h"

namespace holdfast::sbom {
namespace {

std::string_view WithoutComment(std::string_view line) {
  line = Trim(line);
  if (line.starts_with('#')) return {};
  for (const std::string_view mark : {" #", "\t#"}) line = line.substr(0, line.find(mark));
  return Trim(line);
}

}  // namespace

Result<Document> ReadPurls(std::string_view text, const Limits& limits) {
  DocumentBuilder builder("package URLs", limits);
  builder.Analysis().source.kind = "purl";
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = WithoutComment(TakeLine(text));
    if (line.empty()) continue;
    const std::string which = Format("line {}", number);
    if (const auto purl = model::Purl::Parse(line); !purl) {
      builder.BadRecord(which, Error(ErrorKind::kCorrupt, purl.error().Message()));
      continue;
    }
    StatedPackage stated;
    stated.purl = line;
    HF_CHECK_OK(builder.Add(std::move(stated), which));
  }
  return builder.Finish();
}

}  // namespace holdfast::sbom
