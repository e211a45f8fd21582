// What the fuzz targets of providers have in common.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "advisory/provider.h"
#include "io/json.h"

namespace holdfast::test {

// Each advisory that is given has an id, and says of which package of which release it speaks; Gentoo and Echo have no
// releases.
class CheckingSink final : public advisory::AdvisorySink {
 public:
  void Add(const model::Advisory& advisory) override {
    if (advisory.id.empty()) std::abort();
    for (const auto& affected : advisory.affected)
      if (affected.package.empty() || (affected.release.empty() && HasReleases(affected.ecosystem))) std::abort();
  }
  void AddFacts(const model::VulnerabilityFacts&) override {}
  void AddReleaseLife(const model::ReleaseLife&) override {}
  void LeaveOut() override {}
  void Problem(const Error&) override {}

 private:
  static bool HasReleases(std::string_view ecosystem) {
    return ecosystem != "Gentoo" && ecosystem != "Echo" && ecosystem != "Microsoft";
  }
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

// Text that begins with '<' as XML, all other as JSON.
inline void FuzzXmlOrJson(advisory::Provider& provider, const std::uint8_t* data, std::size_t size) {
  if (size > 0 && data[0] == '<') return FuzzXml(provider, data, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = io::JsonDocument::Parse(text);
  if (!parsed) return;
  const advisory::Document document{
      .name = "x.json", .source = "x", .notation = advisory::Notation::kJson, .text = text, .root = parsed->Root()};
  CheckingSink sink;
  (void)provider.Recognises(document);
  (void)provider.Read(document, sink);
  provider.Finish(sink);
}

// All facts are of a vulnerability, and come from somebody; lives are of a release of a distribution.
class FactsCheckingSink final : public advisory::AdvisorySink {
 public:
  void Add(const model::Advisory& advisory) override {
    if (advisory.id.empty()) std::abort();
    for (const auto& affected : advisory.affected)
      if (affected.package.empty() || affected.ecosystem.empty()) std::abort();
  }
  void AddFacts(const model::VulnerabilityFacts& facts) override {
    if (!facts.id.starts_with("CVE-") || facts.source.empty()) std::abort();
    if (facts.epss && !(facts.epss->probability >= 0 && facts.epss->percentile <= 1)) std::abort();
  }
  void AddReleaseLife(const model::ReleaseLife& life) override {
    if (life.distro_id.empty() || life.release.empty()) std::abort();
  }
  void LeaveOut() override {}
  void Problem(const Error&) override {}
};

// Whether it is recognised or not, it is read, and the provider's end is told.
inline void FuzzFacts(advisory::Provider& provider, advisory::Notation notation, std::string_view text) {
  advisory::Document document{.name = "x", .source = "x", .notation = notation, .text = text, .root = {}};
  std::optional<io::JsonDocument> parsed;
  if (notation == advisory::Notation::kJson) {
    auto tree = io::JsonDocument::Parse(text);
    if (!tree) return;
    document.root = parsed.emplace(*std::move(tree)).Root();
  }
  FactsCheckingSink sink;
  (void)provider.Recognises(document);
  (void)provider.Read(document, sink);
  provider.Finish(sink);
}

// Likewise, of JSON and where it is recognised.
inline void FuzzJson(advisory::Provider& provider, const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckingSink sink;
  if (const auto tree = io::JsonDocument::Parse(text)) {
    const advisory::Document document{.name = "x.json", .source = "x", .text = text, .root = tree->Root()};
    if (provider.Recognises(document)) (void)provider.Read(document, sink);
  }
  provider.Finish(sink);
}

}  // namespace holdfast::test
