// Reads one text through a provider of advisories and keeps what it gave.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "advisory/provider.h"
#include "base/format.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::test {

class AdvisoryRecorder final : public advisory::AdvisorySink {
 public:
  void Add(const model::Advisory& advisory) override { advisories.push_back(advisory); }
  void AddFacts(const model::VulnerabilityFacts& facts) override { vulnerabilities.push_back(facts); }
  void AddReleaseLife(const model::ReleaseLife& life) override { lives.push_back(life); }
  void LeaveOut() override { ++left_out; }
  void Problem(const Error& error) override {
    problems.push_back(Format("{}: {}", ErrorKindName(error.Kind()), error.Message()));
  }

  // Of an XML document: the provider's own answer; Finish is called when it is a success.
  Result<void> ReadXml(advisory::Provider& provider, std::string_view text) {
    const advisory::Document document{
        .name = "x.xml", .source = "x", .notation = advisory::Notation::kXml, .text = text, .root = {}};
    recognised = provider.Recognises(document);
    HF_CHECK_OK(provider.Read(document, *this));
    provider.Finish(*this);
    return {};
  }

  // Likewise of a JSON document.
  Result<void> ReadJson(advisory::Provider& provider, std::string_view text) {
    HF_TRY(const io::JsonDocument parsed, io::JsonDocument::Parse(text));
    const advisory::Document document{
        .name = "x.json", .source = "x", .notation = advisory::Notation::kJson, .text = text, .root = parsed.Root()};
    recognised = provider.Recognises(document);
    HF_CHECK_OK(provider.Read(document, *this));
    provider.Finish(*this);
    return {};
  }

  // Likewise of a document of any notation; JSON is parsed.
  Result<void> Read(advisory::Provider& provider, advisory::Notation notation, std::string_view name,
                    std::string_view text) {
    advisory::Document document{.name = name, .source = "x", .notation = notation, .text = text, .root = {}};
    std::optional<io::JsonDocument> parsed;
    if (notation == advisory::Notation::kJson) {
      HF_TRY(auto tree, io::JsonDocument::Parse(text));
      document.root = parsed.emplace(std::move(tree)).Root();
    }
    recognised = provider.Recognises(document);
    HF_CHECK_OK(provider.Read(document, *this));
    provider.Finish(*this);
    return {};
  }

  std::vector<model::Advisory> advisories;
  std::vector<model::VulnerabilityFacts> vulnerabilities;
  std::vector<model::ReleaseLife> lives;
  std::vector<std::string> problems;
  int left_out = 0;
  bool recognised = false;
};

}  // namespace holdfast::test
