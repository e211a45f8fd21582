// A template over a small report, with small limits: whatever is taken must render or say why not.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "report/template.h"
#include "support/sample_report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::report::TemplateLimits limits{.template_bytes_max = 1 << 16,
                                                .sections_depth_max = 8,
                                                .values_max = 1000,
                                                .work_bytes_max = 1 << 20,
                                                .line_bytes_max = 1 << 18};
  const auto parsed = holdfast::report::Template::Parse(text, limits);
  if (!parsed) return 0;
  const holdfast::model::ImageAnalysis analysis = holdfast::test::SampleAnalysis();
  const std::vector<holdfast::model::Finding> findings = holdfast::test::SampleFindings();
  const holdfast::sbom::WriteOptions options{.with_findings = true};
  holdfast::io::StringSink sink;
  const auto rendered = parsed->Render({analysis, findings, options}, sink);
  if (!rendered && rendered.error().Kind() != holdfast::ErrorKind::kLimit) __builtin_trap();
  if (sink.Text().find('\x1b') != std::string::npos && text.find('\x1b') == std::string_view::npos) __builtin_trap();
  return 0;
}
