// Arch Linux's tracker: whatever is recognised is read, and what is given has an id and names packages.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/arch/arch.h"
#include "io/json.h"

namespace {

namespace advisory = holdfast::advisory;

// The one ecosystem of a provider that has no releases.
class NamedSink final : public advisory::AdvisorySink {
 public:
  void Add(const holdfast::model::Advisory& advisory) override {
    if (advisory.id.empty() || advisory.affected.empty()) std::abort();
    for (const auto& affected : advisory.affected)
      if (affected.package.empty() || !affected.release.empty()) std::abort();
  }
  void AddFacts(const holdfast::model::VulnerabilityFacts&) override {}
  void AddReleaseLife(const holdfast::model::ReleaseLife&) override {}
  void LeaveOut() override {}
  void Problem(const holdfast::Error&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tree = holdfast::io::JsonDocument::Parse(text);
  if (!tree) return 0;
  const auto provider = advisory::MakeArchProvider();
  const advisory::Document document{.name = "x.json", .source = "x", .text = text, .root = tree->Root()};
  NamedSink sink;
  if (provider->Recognises(document)) (void)provider->Read(document, sink);
  return 0;
}
