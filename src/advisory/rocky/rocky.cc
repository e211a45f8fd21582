#include "advisory/rocky/rocky.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "advisory/errata.h"
#include "advisory/updateinfo.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using io::JsonView;

constexpr std::string_view kSender = "releng@rockylinux.org";
constexpr std::string_view kEcosystem = "Rocky Linux";
constexpr std::size_t kErrataMax = 1'000'000;   // of one document
constexpr std::size_t kPackagesMax = 200'000;   // of one erratum
constexpr std::size_t kReferencesMax = 10'000;  // likewise
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kTextBytesMax = 64'000;

bool IsId(std::string_view id) {
  const auto known = [&](std::string_view kind) { return id.starts_with(kind); };
  return id.size() <= kIdBytesMax && (known("RLSA-") || known("RLBA-") || known("RLEA-")) &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

Result<ErratumBuild> BuildOf(JsonView package) {
  HF_TRY(RpmFile file, ParseNevra(package["nevra"].StringOr("")));
  const std::string_view product = package["product_name"].StringOr("");
  ErratumBuild build;
  build.ecosystem = kEcosystem;
  build.release = MajorAfter("Rocky Linux ", product);
  if (build.release.empty())
    return Fail(ErrorKind::kCorrupt, Format("{} of the product \"{}\"", file.name, CleanText(product, 100)));
  build.name = std::move(file.name);
  build.evr = std::move(file.evr);
  build.architecture = std::move(file.architecture);
  const std::string_view module = package["module_name"].StringOr(""), stream = package["module_stream"].StringOr("");
  if (!module.empty() && !stream.empty())
    build.module_label = Format("{}:{}", CleanText(module, 100), CleanText(stream, 100));
  return build;
}

// The list holds each package once for each of its products, which mostly come to the same.
Result<std::vector<ErratumBuild>> BuildsOf(JsonView list) {
  if (list.Size() > kPackagesMax) return Fail(ErrorKind::kLimit, "too many packages");
  std::vector<ErratumBuild> builds;
  for (const JsonView package : list) {
    HF_TRY(ErratumBuild build, BuildOf(package));
    builds.push_back(std::move(build));
  }
  return builds;
}

void AddScores(JsonView cve, model::Advisory& head) {
  const std::string_view vector = cve["cvss3_scoring_vector"].StringOr("");
  if (vector.starts_with("CVSS:3.") && vector.size() > 9)
    head.cvss.push_back({std::string(vector.substr(5, 3)), std::string(vector), "Rocky Linux"});
  if (const std::string_view cwe = cve["cwe"].StringOr(""); cwe.starts_with("CWE-") && cwe.size() <= kIdBytesMax)
    head.cwes.emplace_back(cwe);
}

Result<model::Advisory> HeadOf(JsonView erratum) {
  model::Advisory head;
  head.id = erratum["name"].StringOr("");
  if (!IsId(head.id)) return Fail(ErrorKind::kCorrupt, "not an id of Rocky Linux's");
  head.summary = CleanText(erratum["synopsis"].StringOr(""));
  head.details = erratum["description"].StringOr("").substr(0, kTextBytesMax);
  head.severity = ErratumSeverity(erratum["severity"].StringOr(""));
  head.published = ErratumDate(erratum["published_at"].StringOr(""));
  head.modified = ErratumDate(erratum["updated_at"].StringOr(""));
  head.references.push_back({"ADVISORY", Format("https://errata.rockylinux.org/{}", head.id)});
  const JsonView cves = erratum["cves"], fixes = erratum["fixes"];
  if (cves.Size() > kReferencesMax || fixes.Size() > kReferencesMax)
    return Fail(ErrorKind::kLimit, "too many references");
  std::string named;
  for (const JsonView cve : cves) named += Format("{} ", cve["cve"].StringOr(""));
  AddCvesOf(named, head.related);
  // Vectors rate a CVE each, and an advisory's rate all of it.
  if (cves.Size() == 1) AddScores(cves.At(0), head);
  for (const JsonView fix : fixes)
    if (const std::string_view url = fix["source"].StringOr(""); !url.empty())
      head.references.push_back({"REPORT", std::string(url)});
  return head;
}

class RockyProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "rocky"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (IsUpdateinfoFrom(document, kSender)) return true;
    const JsonView first = document.root["advisories"].At(0);
    return IsId(first["name"].StringOr("")) && first["kind"].IsString() && first["packages"].IsArray();
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (document.notation == Notation::kXml)
      return ReadUpdateinfo(document.text, sink, [&](Update& update) { return TakeUpdate(update, sink); });
    const JsonView errata = document.root["advisories"];
    if (!errata.IsArray()) return Fail(ErrorKind::kCorrupt, "no list of advisories");
    if (errata.Size() > kErrataMax) return Fail(ErrorKind::kLimit, "too many advisories");
    for (const JsonView erratum : errata)
      if (const auto taken = TakeErratum(erratum, sink); !taken)
        sink.Problem(taken.error().In(CleanText(erratum["name"].StringOr(""), 100)));
    return {};
  }
  void Finish(AdvisorySink& sink) override { errata_.Give(sink); }

 private:
  Result<void> TakeErratum(JsonView erratum, AdvisorySink& sink) {
    HF_TRY(model::Advisory head, HeadOf(erratum));
    HF_TRY(std::vector<ErratumBuild> builds, BuildsOf(erratum["packages"]));
    return errata_.Take("rocky", std::move(head), std::move(builds), erratum["kind"].StringOr("") == "Security", sink);
  }

  Result<void> TakeUpdate(Update& update, AdvisorySink& sink) {
    if (!IsId(update.head.id)) return Fail(ErrorKind::kCorrupt, "not an id of Rocky Linux's");
    std::string release = MajorAfter("rocky-linux-", update.collection);
    if (release.empty()) release = MajorAfter("Rocky Linux ", update.release);
    if (release.empty())
      return Fail(ErrorKind::kCorrupt, Format("of the release \"{}\"", CleanText(update.release, 100)));
    for (ErratumBuild& build : update.builds) {
      build.ecosystem = kEcosystem;
      build.release = release;
    }
    return errata_.Take("rocky", std::move(update.head), std::move(update.builds), update.type == "security", sink);
  }

  Errata errata_;
};

}  // namespace

std::unique_ptr<Provider> MakeRockyProvider() { return std::make_unique<RockyProvider>(); }

}  // namespace holdfast::advisory
