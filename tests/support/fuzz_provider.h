// What the fuzz targets of providers that read whole XML documents have in common.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisory/provider.h"

namespace holdfast::test {

// Each advisory that is given has an id, and says of which package of which release it speaks.
class CheckingSink final : public advisory::AdvisorySink {
 public:
  void Add(const model::Advisory& advisory) override {
    if (advisory.id.empty()) std::abort();
    for (const auto& affected : advisory.affected)
      if (affected.package.empty() || affected.release.empty()) std::abort();
  }
  void AddFacts(const model::VulnerabilityFacts&) override {}
  void AddReleaseLife(const model::ReleaseLife&) override {}
  void LeaveOut() override {}
  void Problem(const Error&) override {}
};

// Whether it is recognised or not, it is read, and the provider's end is told.
inline void FuzzXml(advisory::Provider& provider, const std::uint8_t* data, std::size_t size) {
  const advisory::Document document{.name = "x.xml",
                                    .source = "x",
                                    .notation = advisory::Notation::kXml,
                                    .text = {reinterpret_cast<const char*>(data), size},
                                    .root = {}};
  CheckingSink sink;
  (void)provider.Recognises(document);
  (void)provider.Read(document, sink);
  provider.Finish(sink);
}

}  // namespace holdfast::test
