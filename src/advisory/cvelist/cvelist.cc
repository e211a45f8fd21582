#include "advisory/cvelist/cvelist.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisory/cve.h"
#include "base/format.h"
#include "base/text.h"
#include "cvss/vector.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kSource = "cve";
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kWordBytesMax = 32;
constexpr std::size_t kDateBytes = 10;
constexpr std::array<std::string_view, 4> kCvssKeys = {"cvssV2_0", "cvssV3_0", "cvssV3_1", "cvssV4_0"};

// English, else the first.
std::string_view TextOf(io::JsonView texts) {
  if (!texts.IsArray()) return {};
  for (const io::JsonView text : texts)
    if (text["lang"].StringOr("").starts_with("en")) return text["value"].StringOr("");
  return texts.At(0)["value"].StringOr("");
}

// An answer to that decision point, in lower case. CISA has a list of objects with one member each.
std::string WordOf(io::JsonView options, std::string_view name) {
  for (std::size_t i = 0; i < std::min(options.Size(), kCveMetricsMax); ++i)
    if (const auto word = options.At(i)[name].String()) return LowerCase(word->substr(0, kWordBytesMax));
  return {};
}

// One container's part of a record.
class ContainerReader {
 public:
  ContainerReader(io::JsonView container, std::string_view assigner, CveRecord& record)
      : container_(container), record_(record) {
    const std::string_view name = container["providerMetadata"]["shortName"].StringOr(assigner);
    provider_ = name.substr(0, kNameBytesMax);
  }

  void ReadAll() {
    for (const io::JsonView metric : Bounded(container_["metrics"], "metrics")) ReadMetric(metric);
    for (const io::JsonView type : Bounded(container_["problemTypes"], "problem types"))
      for (const io::JsonView text : Bounded(type["descriptions"], "problem types")) ReadWeakness(text);
  }

 private:
  std::vector<io::JsonView> Bounded(io::JsonView list, std::string_view what) {
    std::vector<io::JsonView> items;
    if (!list.IsArray()) return items;
    if (list.Size() > kCveMetricsMax)
      record_.problems.push_back(Format("{} of {} {} of {} read", kCveMetricsMax, list.Size(), what, provider_));
    for (std::size_t i = 0; i < std::min(list.Size(), kCveMetricsMax); ++i) items.push_back(list.At(i));
    return items;
  }

  void ReadMetric(io::JsonView metric) {
    for (const std::string_view key : kCvssKeys)
      if (metric[key].IsObject()) ReadScore(metric[key]);
    const io::JsonView other = metric["other"];
    const std::string_view type = other["type"].StringOr("");
    if (type == "ssvc") ReadDecision(other["content"]);
    if (type == "kev") ReadKnown(other["content"]);
  }

  void ReadScore(io::JsonView score) {
    const std::string_view text = score["vectorString"].StringOr("");
    const auto vector = cvss::Vector::Parse(text);
    if (!vector) {
      record_.problems.push_back(Format("a CVSS vector of {}: {}", provider_, vector.error().Message()));
      return;
    }
    model::CvssVector row{std::string(cvss::VersionName(vector->Version())), std::string(text), std::string(provider_)};
    auto& cvss = record_.facts.cvss;
    if (std::ranges::find(cvss, row) == cvss.end() && cvss.size() < kCveMetricsMax) cvss.push_back(std::move(row));
  }

  // Others put decisions of other trees under the same name: theirs have other questions.
  void ReadDecision(io::JsonView content) {
    const io::JsonView options = content["options"];
    model::Ssvc ssvc;
    ssvc.exploitation = WordOf(options, "Exploitation");
    ssvc.automatable = WordOf(options, "Automatable");
    ssvc.technical_impact = WordOf(options, "Technical Impact");
    ssvc.decided = UtcTime(content["timestamp"].StringOr(""));
    if (ssvc.exploitation.empty()) return;
    auto& kept = record_.facts.ssvc;
    if (!kept || kept->decided < ssvc.decided) kept = std::move(ssvc);
  }

  void ReadKnown(io::JsonView content) {
    const std::string_view added = content["dateAdded"].StringOr("");
    if (added.size() != kDateBytes || UtcTime(added).empty()) return;
    record_.facts.known_exploited.emplace().added = added;
  }

  void ReadWeakness(io::JsonView text) {
    std::string_view cwe = CweOf(text["cweId"].StringOr(""));
    if (cwe.empty()) cwe = CweOf(text["description"].StringOr(""));
    auto& cwes = record_.facts.cwes;
    if (!cwe.empty() && std::ranges::find(cwes, cwe) == cwes.end() && cwes.size() < kCveMetricsMax)
      cwes.emplace_back(cwe);
  }

  io::JsonView container_;
  CveRecord& record_;
  std::string_view provider_;
};

class CveListProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "cvelist"; }
  [[nodiscard]] bool Recognises(const Document& document) const override { return LooksLikeCveRecord(document.root); }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const CveRecord record, ParseCveRecord(document.root));
    for (const std::string& problem : record.problems)
      sink.Problem(Error(ErrorKind::kCorrupt, Format("{}: {}", record.facts.id, problem)));
    sink.AddFacts(record.facts);
    return {};
  }
};

}  // namespace

bool LooksLikeCveRecord(io::JsonView root) {
  return root["dataType"].StringOr("") == "CVE_RECORD" && root["dataVersion"].StringOr("").starts_with("5.") &&
         root["cveMetadata"].IsObject();
}

Result<CveRecord> ParseCveRecord(io::JsonView root) {
  const io::JsonView metadata = root["cveMetadata"], assigner = root["containers"]["cna"];
  CveRecord record;
  model::VulnerabilityFacts& facts = record.facts;
  HF_TRY(facts.id, CveIdOf(metadata["cveId"].StringOr("")));
  const std::string_view state = metadata["state"].StringOr("");
  if (state != "PUBLISHED" && state != "REJECTED")
    return Fail(ErrorKind::kCorrupt, Format("{} is of no known state", facts.id));
  if (!assigner.IsObject()) return Fail(ErrorKind::kCorrupt, Format("{} has nothing of its assigner", facts.id));
  facts.source = kSource;
  facts.rejected = state == "REJECTED";
  facts.published = UtcTime(metadata["datePublished"].StringOr(""));
  facts.modified = UtcTime(metadata["dateUpdated"].StringOr(""));
  facts.description =
      CutText(TextOf(assigner[facts.rejected ? "rejectedReasons" : "descriptions"]), kDescriptionBytesMax);
  ContainerReader(assigner, metadata["assignerShortName"].StringOr(""), record).ReadAll();
  const io::JsonView others = root["containers"]["adp"];
  if (others.Size() > kCveContainersMax)
    record.problems.push_back(Format("{} of {} containers read", kCveContainersMax, others.Size()));
  for (std::size_t i = 0; others.IsArray() && i < std::min(others.Size(), kCveContainersMax); ++i)
    ContainerReader(others.At(i), "", record).ReadAll();
  return record;
}

std::unique_ptr<Provider> MakeCveListProvider() { return std::make_unique<CveListProvider>(); }

}  // namespace holdfast::advisory
