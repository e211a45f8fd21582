// OSV documents: first byte even → JSON, odd → YAML; the rest is the document. What was read must encode
// and decode to itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/osv/osv.h"
#include "advisory/record.h"
#include "io/json.h"

namespace advisory = holdfast::advisory;
namespace io = holdfast::io;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto document = data[0] % 2 == 0 ? io::JsonDocument::Parse(text) : io::JsonDocument::ParseYaml(text);
  if (!document || !advisory::LooksLikeOsv(document->Root())) return 0;
  const auto parsed = advisory::ParseOsv(document->Root());
  if (!parsed) return 0;
  const auto again = advisory::DecodeAdvisory(advisory::EncodeAdvisory(*parsed));
  if (!again || again->id != parsed->id || again->affected.size() != parsed->affected.size()) std::abort();
  for (const auto& affected : parsed->affected) {
    const std::string row = advisory::EncodeAffectedRow(*parsed, affected);
    std::size_t visits = 0;
    const auto visited = advisory::VisitAffectedRecord(
        advisory::EncodeAffectedRecord({row}), [&](const holdfast::model::AffectedView& view) {
          visits += view.ranges.size() == affected.ranges.size() ? 1U : 0U;
        });
    if (!visited || visits != 1) std::abort();
  }
  return 0;
}
