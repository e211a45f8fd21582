// Debian's security data: first byte even → the tracker's JSON, odd → a list of advisories; the rest is the document.
// A list that speaks of the same things follows.
#include <cstdint>
#include <string_view>

#include "advisory/debian/debian.h"
#include "io/json.h"

namespace advisory = holdfast::advisory;
namespace io = holdfast::io;

namespace {

class Nowhere final : public advisory::AdvisorySink {
 public:
  void Add(const holdfast::model::Advisory&) override {}
  void AddFacts(const holdfast::model::VulnerabilityFacts&) override {}
  void AddReleaseLife(const holdfast::model::ReleaseLife&) override {}
  void LeaveOut() override {}
  void Problem(const holdfast::Error&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  advisory::Document document;
  document.text = {reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto tree = io::JsonDocument::Parse(data[0] % 2 == 0 ? document.text : "{}");
  if (!tree) return 0;
  document.notation = data[0] % 2 == 0 ? advisory::Notation::kJson : advisory::Notation::kText;
  document.root = tree->Root();
  Nowhere sink;
  const auto provider = advisory::MakeDebianProvider();
  (void)provider->Recognises(document);
  (void)provider->Read(document, sink);
  document.notation = advisory::Notation::kText;
  document.text = "[29 Feb 2024] DSA-1-1 libfoo - security update\n\t{CVE-2024-1}\n\t[bookworm] - libfoo 1:2.0-3\n";
  (void)provider->Read(document, sink);
  provider->Finish(sink);
  return 0;
}
