// SUSE's OVAL: whatever is recognised is read, and what is given has an id and a release.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/suse/suse.h"

namespace advisory = holdfast::advisory;

namespace {

class Sink final : public advisory::AdvisorySink {
 public:
  void Add(const holdfast::model::Advisory& advisory) override {
    if (advisory.id.empty()) std::abort();
    for (const auto& affected : advisory.affected)
      if (affected.package.empty() || affected.release.empty()) std::abort();
  }
  void LeaveOut() override {}
  void Problem(const holdfast::Error&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const advisory::Document document{.name = "x.xml",
                                    .source = "x",
                                    .notation = advisory::Notation::kXml,
                                    .text = {reinterpret_cast<const char*>(data), size},
                                    .root = {}};
  const auto provider = advisory::MakeSuseProvider();
  Sink sink;
  (void)provider->Recognises(document);
  (void)provider->Read(document, sink);
  provider->Finish(sink);
  return 0;
}
