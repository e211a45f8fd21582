#include "service/worker_protocol.h"

#include <cstring>
#include <type_traits>

#include "base/wire.h"
#include "model/image_analysis_wire.h"

namespace holdfast::service {

static_assert(std::is_trivially_copyable_v<Limits>);

std::string EncodeError(const Error& error) {
  WireWriter writer;
  writer.Unsigned(static_cast<std::uint64_t>(error.Kind())).Text(error.Message());
  return writer.Take();
}

Error DecodeError(std::string_view bytes) {
  WireReader reader(bytes);
  const auto kind = reader.Enumerator(ErrorKind::kInternal);
  const std::string message(reader.Text());
  if (!reader.Finish("error")) return {ErrorKind::kInternal, "the worker sent an error that cannot be read"};
  return {kind, message};
}

std::string EncodeDocument(const sbom::Document& document) {
  const sbom::Completeness& completeness = document.completeness;
  WireWriter writer;
  writer.Text(completeness.format).Text(completeness.tool).Unsigned(static_cast<std::uint64_t>(completeness.grade));
  writer.Unsigned(completeness.gaps.size());
  for (const sbom::Gap& gap : completeness.gaps) writer.Text(gap.id).Unsigned(gap.packages).Text(gap.message);
  return writer.Take() + model::EncodeImageAnalysis(document.analysis);
}

Result<sbom::Document> DecodeDocument(std::string_view bytes) {
  constexpr std::size_t kGapBytesMin = 3;
  sbom::Document document;
  WireReader reader(bytes);
  document.completeness.format = reader.Text();
  document.completeness.tool = reader.Text();
  document.completeness.grade = reader.Enumerator(sbom::Grade::kF);
  for (std::uint64_t gaps = reader.Count(kGapBytesMin); gaps > 0 && reader.Ok(); --gaps) {
    sbom::Gap gap;
    gap.id = reader.Text();
    gap.packages = reader.Unsigned();
    gap.message = reader.Text();
    document.completeness.gaps.push_back(std::move(gap));
  }
  if (!reader.Ok()) return Fail(ErrorKind::kCorrupt, "damaged document");
  HF_TRY(document.analysis, model::DecodeImageAnalysis(reader.Rest()));
  return document;
}

std::string EncodeHello(const Hello& hello) {
  std::string bytes(reinterpret_cast<const char*>(&hello.limits), sizeof(hello.limits));
  return bytes + hello.searches.Encode();
}

Result<Hello> DecodeHello(std::string_view bytes) {
  Hello hello;
  if (bytes.size() < sizeof(hello.limits)) return Fail(ErrorKind::kInternal, "limits of another size");
  std::memcpy(&hello.limits, bytes.data(), sizeof(hello.limits));
  HF_TRY(hello.searches, catalog::SearchConfig::Decode(bytes.substr(sizeof(hello.limits))));
  return hello;
}

}  // namespace holdfast::service
