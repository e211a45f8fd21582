// Debian's security data: first byte even → the tracker's JSON, odd → a list of advisories; the rest is the document.
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
  if (provider->Read(document, sink)) provider->Finish(sink);
  return 0;
}
