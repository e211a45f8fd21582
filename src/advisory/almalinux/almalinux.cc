#include "advisory/almalinux/almalinux.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "advisory/errata.h"
#include "advisory/updateinfo.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using io::JsonView;

constexpr std::string_view kSender = "packager@almalinux.org";
constexpr std::string_view kAddress = "https://errata.almalinux.org/";
constexpr std::size_t kErrataMax = 1'000'000;   // of one document
constexpr std::size_t kPackagesMax = 200'000;   // of one erratum
constexpr std::size_t kReferencesMax = 10'000;  // likewise
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kTextBytesMax = 64'000;
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of 9999

bool IsId(std::string_view id) {
  const auto known = [&](std::string_view kind) { return id.starts_with(kind); };
  return id.size() <= kIdBytesMax && (known("ALSA-") || known("ALBA-") || known("ALEA-")) &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

std::string DateOf(JsonView seconds) {
  const std::int64_t value = seconds.Integer().value_or(0);
  return value > 0 && value <= kSecondsMax ? FormatTime(value * 1000) : std::string();
}

// "mariadb:10.3:8050020220427075058:c5368500:x86_64" → mariadb:10.3.
std::string ModuleOf(std::string_view label) {
  const std::size_t name = label.find(':');
  if (name == std::string_view::npos || name == 0) return {};
  return CleanText(label.substr(0, label.find(':', name + 1)), 200);
}

Result<ErratumBuild> BuildOf(JsonView package, const std::string& release) {
  ErratumBuild build;
  build.ecosystem = "AlmaLinux";
  build.release = release;
  build.name = package["name"].StringOr("");
  build.architecture = package["arch"].StringOr("");
  build.module_label = ModuleOf(package["module"].StringOr(""));
  HF_TRY(build.evr,
         RpmVersionOf(package["epoch"].StringOr(""), package["version"].StringOr(""), package["release"].StringOr("")));
  if (!IsRpmName(build.name)) return Fail(ErrorKind::kCorrupt, Format("{} of no package", build.evr));
  if (!IsRpmName(build.architecture))
    return Fail(ErrorKind::kCorrupt, Format("{} without an architecture", build.name));
  return build;
}

Result<std::vector<ErratumBuild>> BuildsOf(JsonView list, const std::string& release) {
  if (list.Size() > kPackagesMax) return Fail(ErrorKind::kLimit, "too many packages");
  std::vector<ErratumBuild> builds;
  for (const JsonView package : list) {
    HF_TRY(ErratumBuild build, BuildOf(package, release));
    builds.push_back(std::move(build));
  }
  return builds;
}

// The dist tag of the first package that has one: "18.module_el8.5.0+2632+14ced695" → 8. Empty where none has.
std::string ReleaseByTag(JsonView packages) {
  for (const JsonView package : packages) {
    const std::string_view text = package["release"].StringOr("");
    for (std::size_t at = text.find("el"); at != std::string_view::npos; at = text.find("el", at + 1)) {
      const std::string release = MajorAfter("el", text.substr(at));
      if (at > 0 && (text[at - 1] == '.' || text[at - 1] == '_') && !release.empty()) return release;
    }
  }
  return {};
}

// The references, and the release that the erratum's own address is of; empty without one.
Result<std::string> AddReferences(JsonView list, model::Advisory& head) {
  if (list.Size() > kReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
  std::string named, release;
  for (const JsonView reference : list) {
    const bool own = reference["type"].StringOr("") == "self";
    const std::string_view url = reference["href"].StringOr("");
    named += Format("{} ", reference["id"].StringOr(""));
    if (own && release.empty()) release = MajorAfter(kAddress, url);
    if (!url.empty()) head.references.push_back({own ? "ADVISORY" : "WEB", std::string(url)});
  }
  AddCvesOf(named, head.related);
  return release;
}

class AlmaLinuxProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "almalinux"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (IsUpdateinfoFrom(document, kSender)) return true;
    const JsonView first = document.root["data"].At(0);
    return IsId(first["id"].StringOr("")) && first["packages"].IsArray();
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (document.notation == Notation::kXml)
      return ReadUpdateinfo(document.text, sink, [&](Update& update) { return TakeUpdate(update, sink); });
    const JsonView errata = document.root["data"];
    if (!errata.IsArray()) return Fail(ErrorKind::kCorrupt, "no list of errata");
    if (errata.Size() > kErrataMax) return Fail(ErrorKind::kLimit, "too many errata");
    for (const JsonView erratum : errata)
      if (const auto taken = TakeErratum(erratum, sink); !taken)
        sink.Problem(taken.error().In(CleanText(erratum["id"].StringOr(""), 100)));
    return {};
  }
  void Finish(AdvisorySink& sink) override { errata_.Give(sink); }

 private:
  Result<void> TakeErratum(JsonView erratum, AdvisorySink& sink) {
    model::Advisory head;
    head.id = erratum["id"].StringOr("");
    if (!IsId(head.id)) return Fail(ErrorKind::kCorrupt, "not an id of AlmaLinux's");
    head.summary = CleanText(erratum["title"].StringOr(""));
    head.details = erratum["description"].StringOr("").substr(0, kTextBytesMax);
    head.severity = ErratumSeverity(erratum["severity"].StringOr(""));
    head.published = DateOf(erratum["issued_date"]);
    head.modified = DateOf(erratum["updated_date"]);
    HF_TRY(std::string release, AddReferences(erratum["references"], head));
    if (release.empty()) release = ReleaseByTag(erratum["packages"]);
    if (release.empty()) return Fail(ErrorKind::kCorrupt, "of no release");
    HF_TRY(std::vector<ErratumBuild> builds, BuildsOf(erratum["packages"], release));
    return errata_.Take("almalinux", std::move(head), std::move(builds), erratum["type"].StringOr("") == "security",
                        sink);
  }

  Result<void> TakeUpdate(Update& update, AdvisorySink& sink) {
    if (!IsId(update.head.id)) return Fail(ErrorKind::kCorrupt, "not an id of AlmaLinux's");
    const std::string release = MajorAfter("almalinux-", update.collection);
    if (release.empty())
      return Fail(ErrorKind::kCorrupt, Format("of the repository \"{}\"", CleanText(update.collection, 100)));
    for (ErratumBuild& build : update.builds) {
      build.ecosystem = "AlmaLinux";
      build.release = release;
    }
    return errata_.Take("almalinux", std::move(update.head), std::move(update.builds), update.type == "security", sink);
  }

  Errata errata_;
};

}  // namespace

std::unique_ptr<Provider> MakeAlmaLinuxProvider() { return std::make_unique<AlmaLinuxProvider>(); }

}  // namespace holdfast::advisory
