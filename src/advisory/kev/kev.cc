#include "advisory/kev/kev.h"

#include <algorithm>
#include <utility>

#include "advisory/cve.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kActionBytesMax = 4096;
constexpr std::size_t kCwesMax = 100;
constexpr std::size_t kDateBytes = 10;

// "2024-05-30".
Result<std::string> DateOf(io::JsonView entry, std::string_view key) {
  const std::string_view text = entry[key].StringOr("");
  if (text.size() == kDateBytes && !UtcTime(text).empty()) return std::string(text);
  return Fail(ErrorKind::kCorrupt, Format("{} is no date", key));
}

Result<model::VulnerabilityFacts> ParseEntry(io::JsonView entry) {
  model::VulnerabilityFacts facts;
  HF_TRY(facts.id, CveIdOf(entry["cveID"].StringOr("")));
  auto& known = facts.known_exploited.emplace();
  HF_TRY(known.added, DateOf(entry, "dateAdded"));
  HF_TRY(known.due, DateOf(entry, "dueDate"));
  known.required_action = CleanText(entry["requiredAction"].StringOr(""), kActionBytesMax);
  known.ransomware = EqualsIgnoreCase(entry["knownRansomwareCampaignUse"].StringOr(""), "Known");
  const io::JsonView cwes = entry["cwes"];
  for (std::size_t i = 0; cwes.IsArray() && i < std::min(cwes.Size(), kCwesMax); ++i)
    if (const std::string_view cwe = CweOf(cwes.At(i).StringOr("")); !cwe.empty()) facts.cwes.emplace_back(cwe);
  return facts;
}

class KevProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "kev"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    const io::JsonView root = document.root;
    return root["catalogVersion"].IsString() && root["dateReleased"].IsString() && root["vulnerabilities"].IsArray();
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    const io::JsonView entries = document.root["vulnerabilities"];
    if (!entries.IsArray()) return Fail(ErrorKind::kCorrupt, "catalogue without vulnerabilities");
    if (entries.Size() > kKevEntriesMax)
      return Fail(ErrorKind::kLimit, Format("catalogue of {} entries, limit {}", entries.Size(), kKevEntriesMax));
    const auto stated = document.root["count"].Integer();
    if (stated && std::cmp_greater(*stated, entries.Size()))
      return Fail(ErrorKind::kCorrupt, Format("catalogue with {} of {} entries", entries.Size(), *stated));
    const std::string released = UtcTime(document.root["dateReleased"].StringOr(""));
    for (std::size_t i = 0; i < entries.Size(); ++i) {
      auto facts = ParseEntry(entries.At(i));
      if (!facts) {
        sink.Problem(Error(facts.error().Kind(),
                           Format("entry {} ({}): {}", i, entries.At(i)["cveID"].StringOr("").substr(0, 64),
                                  facts.error().Message())));
        continue;
      }
      facts->source = Id();
      facts->modified = released;
      sink.AddFacts(*facts);
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeKevProvider() { return std::make_unique<KevProvider>(); }

}  // namespace holdfast::advisory
