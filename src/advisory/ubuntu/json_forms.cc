#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "advisory/ubuntu/forms.h"
#include "advisory/ubuntu/status.h"
#include "base/format.h"
#include "base/text.h"
#include "model/purl.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kCvssMax = 16;

using model::FixState;
using Statements = std::vector<UbuntuStatement>;

model::Severity SeverityOf(io::JsonView word) {
  return model::ParseSeverity(word.StringOr("")).value_or(model::Severity::kUnknown);
}

std::string TextOf(io::JsonView text) { return std::string(Trim(text.StringOr("").substr(0, kUbuntuTextBytesMax))); }

Result<void> CheckCount(io::JsonView list, std::size_t max) {
  if (list.Size() > max) return Fail(ErrorKind::kLimit, Format("a list of {}, limit {}", list.Size(), max));
  return {};
}

Result<void> AddCves(io::JsonView list, model::Advisory& about) {
  HF_CHECK_OK(CheckCount(list, kUbuntuReferencesMax));
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
    if (const std::string_view id = list.At(i).StringOr(""); IsUbuntuCve(id)) about.related.emplace_back(id);
  return {};
}

Result<void> AddReferences(io::JsonView list, std::string_view field, model::Advisory& about) {
  HF_CHECK_OK(CheckCount(list, kUbuntuReferencesMax));
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
    const io::JsonView url = field.empty() ? list.At(i) : list.At(i)[field];
    if (!url.StringOr("").empty()) about.references.push_back({"WEB", std::string(url.StringOr(""))});
  }
  return {};
}

// Words that are unknown once are so in a thousand records, and told once a document.
class Unknown {
 public:
  explicit Unknown(AdvisorySink& sink) : sink_(sink) {}
  void Tell(std::string_view what, std::string_view word, std::string_view where) {
    constexpr std::size_t kWordsMax = 64;
    std::string clean = CleanText(word, 100);
    if (told_.size() == kWordsMax || !told_.insert(clean).second) return;
    sink_.Problem(Error(ErrorKind::kUnsupported, Format("{}: unknown {} \"{}\", here first", where, what, clean)));
  }

 private:
  AdvisorySink& sink_;
  std::set<std::string> told_;
};

// --- ubuntu.com/security/cves.json ---------------------------------------------------------------------------------

void TakeStatuses(io::JsonView package, std::string_view cve, Unknown& unknown, Statements& statements) {
  const std::string_view name = package["name"].StringOr("");
  const io::JsonView list = package["statuses"];
  for (std::size_t i = 0; i < list.Size(); ++i) {
    const io::JsonView said = list.At(i);
    const std::string_view codename = said["release_codename"].StringOr("");
    const UbuntuChannel channel = UbuntuChannelOf(said["pocket"].StringOr(""));
    // What other people released, and what is not yet a release.
    if (channel == UbuntuChannel::kOther || codename == "upstream" || codename == "devel") continue;
    const auto release = UbuntuRelease(codename);
    if (!release) {
      unknown.Tell("codename", codename, cve);
      continue;
    }
    const auto state = StateOfStatus(said["status"].StringOr(""), Trim(said["description"].StringOr("")));
    if (!state)
      unknown.Tell("status", said["status"].StringOr(""), cve);
    else if (*state)
      statements.push_back({*release, name, channel == UbuntuChannel::kPro, (*state)->state, (*state)->version});
  }
}

Result<void> TakeCve(io::JsonView record, Unknown& unknown, const UbuntuReading& reading) {
  const std::string_view cve = record["id"].StringOr("");
  const io::JsonView packages = record["packages"];
  if (!IsUbuntuCve(cve) || !packages.IsArray())
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no record of a CVE", CleanText(cve, 100)));
  if (record["status"].StringOr("") == "rejected") {
    reading.sink.LeaveOut();
    return {};
  }
  HF_CHECK_OK(CheckCount(packages, kUbuntuPackagesMax));
  model::Advisory about = AboutUbuntuCve(cve);
  about.details = TextOf(record["description"]);
  about.severity = SeverityOf(record["priority"]);
  about.published = UbuntuTime(record["published"].StringOr(""));
  about.modified = UbuntuTime(record["updated_at"].StringOr(""));
  AddUbuntuCvss(record["impact"]["baseMetricV3"]["cvssV3"]["vectorString"].StringOr(""), "NVD", about);
  HF_CHECK_OK(AddReferences(record["references"], "", about));
  Statements statements;
  for (const io::JsonView package : packages) {
    const std::string_view name = package["name"].StringOr("");
    if (!IsUbuntuPackageName(name) || !package["statuses"].IsArray() ||
        package["statuses"].Size() > kUbuntuPackagesMax) {
      reading.sink.Problem(Error(ErrorKind::kCorrupt, Format("{}: \"{}\": not a package", cve, CleanText(name, 100))));
      continue;
    }
    TakeStatuses(package, cve, unknown, statements);
    if (statements.size() > kUbuntuRowsMax) return Fail(ErrorKind::kLimit, Format("{}: too many statements", cve));
  }
  return reading.statements.Add(std::move(about), statements);
}

// --- notices: ubuntu.com/security/notices.json and usn.ubuntu.com/usn-db/database-all.json ---------------------------

// In which channel a release's packages came. Sources do not say it, the binary packages made from them do.
class Pockets {
 public:
  void Add(std::string_view pocket, std::string_view version) {
    if (pocket.empty()) return;
    const bool pro = UbuntuChannelOf(pocket) == UbuntuChannel::kPro;
    some_base_ = some_base_ || !pro;
    some_pro_ = some_pro_ || pro;
    (pro ? pro_ : base_).insert(version);
  }
  // Kernels' binary packages have other versions than their source; then all of the release decide.
  [[nodiscard]] bool IsPro(std::string_view version) const {
    if (base_.contains(version)) return false;
    return pro_.contains(version) || (some_pro_ && !some_base_);
  }

 private:
  std::set<std::string_view> base_, pro_;
  bool some_base_ = false, some_pro_ = false;
};

using Sources = std::vector<std::pair<std::string_view, std::string_view>>;  // package and version

void AddFixes(std::string_view release, const Sources& sources, const Pockets& pockets, Statements& statements) {
  for (const auto& [package, version] : sources)
    if (IsUbuntuPackageName(package) && IsUbuntuVersion(version))
      statements.push_back({release, package, pockets.IsPro(version), FixState::kFixed, version});
}

Result<void> TakeListedPackages(io::JsonView list, std::string_view release, Statements& statements) {
  HF_CHECK_OK(CheckCount(list, kUbuntuPackagesMax));
  Sources sources;
  Pockets pockets;
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
    const io::JsonView package = list.At(i);
    const std::string_view version = package["version"].StringOr("");
    if (package["is_source"].Bool().value_or(false)) sources.emplace_back(package["name"].StringOr(""), version);
    pockets.Add(package["pocket"].StringOr(""), version);
  }
  AddFixes(release, sources, pockets, statements);
  return {};
}

Result<void> TakeNamedPackages(io::JsonView named, std::string_view release, Statements& statements) {
  const io::JsonView listed = named["sources"], binaries = named["binaries"];
  HF_CHECK_OK(CheckCount(listed, kUbuntuPackagesMax));
  HF_CHECK_OK(CheckCount(binaries, kUbuntuPackagesMax));
  Sources sources;
  Pockets pockets;
  for (std::size_t i = 0; listed.IsObject() && i < listed.Size(); ++i)
    sources.emplace_back(listed.KeyAt(i), listed.At(i)["version"].StringOr(""));
  for (std::size_t i = 0; binaries.IsObject() && i < binaries.Size(); ++i)
    pockets.Add(binaries.At(i)["pocket"].StringOr(""), binaries.At(i)["version"].StringOr(""));
  AddFixes(release, sources, pockets, statements);
  return {};
}

using PackagesReader = Result<void> (*)(io::JsonView, std::string_view, Statements&);

// By codename. A notice in which no version of a source package is known says nothing to match by.
Result<void> AddNotice(model::Advisory about, io::JsonView releases, PackagesReader take, Unknown& unknown,
                       const UbuntuReading& reading) {
  Statements statements;
  for (std::size_t i = 0; i < releases.Size(); ++i) {
    if (const auto release = UbuntuRelease(releases.KeyAt(i)))
      HF_CHECK_OK(take(releases.At(i), *release, statements));
    else
      unknown.Tell("codename", releases.KeyAt(i), about.id);
    if (statements.size() > kUbuntuRowsMax) return Fail(ErrorKind::kLimit, Format("{}: too many packages", about.id));
  }
  return reading.statements.Add(std::move(about), statements);
}

Result<void> TakeApiNotice(io::JsonView record, Unknown& unknown, const UbuntuReading& reading) {
  const std::string_view id = record["id"].StringOr("");
  const bool live_patch = id.starts_with("LSN-");
  if ((!id.starts_with("USN-") && !live_patch) || id.size() > kUbuntuIdBytesMax ||
      !record["release_packages"].IsObject())
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no record of a notice", CleanText(id, 100)));
  if (live_patch) {
    reading.sink.LeaveOut();
    return {};
  }
  model::Advisory about = AboutUbuntuNotice(id);
  about.summary = CleanText(record["title"].StringOr(""));
  about.details = TextOf(record["description"]);
  about.published = UbuntuTime(record["published"].StringOr(""));
  HF_CHECK_OK(AddCves(record["cves_ids"], about));
  HF_CHECK_OK(AddReferences(record["references"], "", about));
  return AddNotice(std::move(about), record["release_packages"], &TakeListedPackages, unknown, reading);
}

Result<void> TakeDatabaseNotice(io::JsonView record, Unknown& unknown, const UbuntuReading& reading) {
  const std::string id = Format("USN-{}", record["id"].StringOr(""));
  if (id.size() > kUbuntuIdBytesMax || !record["releases"].IsObject())
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no record of a notice", CleanText(id, 100)));
  model::Advisory about = AboutUbuntuNotice(id);
  about.summary = CleanText(record["title"].StringOr(""));
  about.details = TextOf(record["description"]);
  HF_CHECK_OK(AddCves(record["cves"], about));
  return AddNotice(std::move(about), record["releases"], &TakeNamedPackages, unknown, reading);
}

using RecordReader = Result<void> (*)(io::JsonView, Unknown&, const UbuntuReading&);

Result<void> ReadRecords(io::JsonView list, RecordReader take, const UbuntuReading& reading) {
  HF_CHECK_OK(CheckCount(list, kUbuntuRecordsMax));
  Unknown unknown(reading.sink);
  for (std::size_t i = 0; i < list.Size(); ++i)
    if (const auto taken = take(list.At(i), unknown, reading); !taken) reading.sink.Problem(taken.error());
  return {};
}

Result<void> ReadRecord(io::JsonView record, RecordReader take, const UbuntuReading& reading) {
  Unknown unknown(reading.sink);
  return take(record, unknown, reading);
}

Result<void> ReadCves(const Document& document, const UbuntuReading& reading) {
  return ReadRecords(document.root["cves"], &TakeCve, reading);
}
Result<void> ReadCve(const Document& document, const UbuntuReading& reading) {
  return ReadRecord(document.root, &TakeCve, reading);
}
Result<void> ReadNotices(const Document& document, const UbuntuReading& reading) {
  return ReadRecords(document.root["notices"], &TakeApiNotice, reading);
}
Result<void> ReadNotice(const Document& document, const UbuntuReading& reading) {
  return ReadRecord(document.root, &TakeApiNotice, reading);
}
Result<void> ReadDatabase(const Document& document, const UbuntuReading& reading) {
  return ReadRecords(document.root, &TakeDatabaseNotice, reading);
}

// --- OSV -------------------------------------------------------------------------------------------------------------

// The one version before which all are affected, or none. Canonical states nothing else.
Result<std::string_view> FixedVersionOf(io::JsonView affected) {
  std::string_view fixed;
  const io::JsonView ranges = affected["ranges"];
  HF_CHECK_OK(CheckCount(ranges, kUbuntuPackagesMax));
  for (std::size_t i = 0; ranges.IsArray() && i < ranges.Size(); ++i) {
    const io::JsonView events = ranges.At(i)["events"];
    HF_CHECK_OK(CheckCount(events, kUbuntuPackagesMax));
    for (std::size_t j = 0; events.IsArray() && j < events.Size(); ++j) {
      const io::JsonView event = events.At(j);
      const std::string_view version = event["fixed"].StringOr("");
      const bool odd = event["introduced"].StringOr("0") != "0" || !event["last_affected"].IsNull() ||
                       (!event["fixed"].IsNull() && (!fixed.empty() || !IsUbuntuVersion(version)));
      if (odd) return Fail(ErrorKind::kUnsupported, "a range that is not \"before a version\"");
      if (!version.empty()) fixed = version;
    }
  }
  return fixed;
}

Result<void> TakeAffected(io::JsonView affected, std::vector<UbuntuPlace>& places, Statements& statements) {
  const io::JsonView package = affected["package"];
  const auto place = PlaceOfEcosystem(package["ecosystem"].StringOr(""));
  if (!place) return {};
  const io::JsonView specific = affected["ecosystem_specific"];
  if (specific["availability"].StringOr("").starts_with("Livepatch")) return {};
  const std::string_view name = package["name"].StringOr("");
  if (!IsUbuntuPackageName(name)) return Fail(ErrorKind::kCorrupt, "a package without a name");
  HF_TRY(const std::string_view fixed, FixedVersionOf(affected));
  places.push_back(*place);
  statements.push_back({"", name, place->pro, fixed.empty() ? FixState::kNotFixed : FixState::kFixed, fixed,
                        SeverityOf(specific["ubuntu_priority"])});
  return {};
}

void AddOsvSeverities(io::JsonView list, model::Advisory& about) {
  for (std::size_t i = 0; list.IsArray() && i < std::min(list.Size(), kCvssMax); ++i) {
    const io::JsonView item = list.At(i);
    if (item["type"].StringOr("") == "Ubuntu") about.severity = SeverityOf(item["score"]);
    AddUbuntuCvss(item["score"].StringOr(""), "", about);
  }
}

Result<void> ReadOsv(const Document& document, const UbuntuReading& reading) {
  const io::JsonView root = document.root;
  const std::string_view id = root["id"].StringOr("");
  const bool notice = id.starts_with("USN-");
  if (id.starts_with("LSN-") || !root["withdrawn"].StringOr("").empty()) {
    reading.sink.LeaveOut();
    return {};
  }
  const std::string_view cve = id.substr(std::min(id.size(), std::string_view("UBUNTU-").size()));
  if (id.size() > kUbuntuIdBytesMax || (!notice && !IsUbuntuCve(cve)))
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no id", CleanText(id, 100)));
  model::Advisory about = notice ? AboutUbuntuNotice(id) : AboutUbuntuCve(cve);
  about.summary = CleanText(root["summary"].StringOr(""));
  about.details = TextOf(root["details"]);
  about.published = root["published"].StringOr("");
  about.modified = root["modified"].StringOr("");
  if (notice) {
    HF_CHECK_OK(AddCves(root["upstream"], about));
    HF_CHECK_OK(AddCves(root["related"], about));
  }
  AddOsvSeverities(root["severity"], about);
  HF_CHECK_OK(AddReferences(root["references"], "url", about));
  const io::JsonView affected = root["affected"];
  HF_CHECK_OK(CheckCount(affected, kUbuntuPackagesMax));
  std::vector<UbuntuPlace> places;
  Statements statements;
  for (std::size_t i = 0; i < affected.Size(); ++i)
    if (const auto taken = TakeAffected(affected.At(i), places, statements); !taken)
      reading.sink.Problem(taken.error().In(id));
  for (std::size_t i = 0; i < statements.size(); ++i) statements[i].release = places[i].release;
  return reading.statements.Add(std::move(about), statements);
}

// --- OpenVEX ---------------------------------------------------------------------------------------------------------

// Canonical's statements of today; before 2025-04 they stood below "metadata".
io::JsonView VexHead(io::JsonView root) { return root["metadata"].IsObject() ? root["metadata"] : root; }

Result<FixState> VexState(io::JsonView statement) {
  const std::string_view status = statement["status"].StringOr("");
  const std::string_view action = statement["action_statement"].StringOr("");
  const bool deferred = statement["status_notes"].StringOr("").contains("deferred");
  if (status == "not_affected") return FixState::kNotAffected;
  if (status == "fixed") return FixState::kFixed;
  if (status == "under_investigation") return deferred ? FixState::kNotFixed : FixState::kUnderInvestigation;
  if (status != "affected")
    return Fail(ErrorKind::kUnsupported, Format("unknown status \"{}\"", CleanText(status, 100)));
  const bool given_up = action.contains("decided to not fix") || action.contains("is no longer supported");
  return given_up ? FixState::kWontFix : FixState::kNotFixed;
}

// "Ubuntu Security Team classified this CVE as of Medium priority."
model::Severity VexPriority(io::JsonView statement) {
  constexpr std::string_view kBefore = "classified this CVE as of ";
  for (const std::string_view key : {"status_notes", "action_statement"}) {
    const std::string_view text = statement[key].StringOr("");
    const std::size_t at = text.find(kBefore);
    if (at == std::string_view::npos) continue;
    const std::string_view word = text.substr(at + kBefore.size());
    return model::ParseSeverity(word.substr(0, word.find(' '))).value_or(model::Severity::kUnknown);
  }
  return model::Severity::kUnknown;
}

struct VexProduct {
  std::string release, package, version;
  bool pro = false;
};

// pkg:deb/ubuntu/curl@7.81.0-1ubuntu1.20?arch=source&distro=esm-infra/focal. Binary packages do not say of which
// release they are.
std::optional<VexProduct> ParseVexProduct(std::string_view id, Unknown& unknown, std::string_view name) {
  if (!id.contains("arch=source")) return std::nullopt;
  const auto purl = model::Purl::Parse(id);
  if (!purl || purl->type != "deb" || purl->name_space != "ubuntu" || !IsUbuntuPackageName(purl->name))
    return std::nullopt;
  std::string_view codename = purl->Qualifier("distro");
  const std::size_t slash = codename.find('/');
  const auto channel =
      UbuntuChannelOf(slash == std::string_view::npos ? std::string_view() : codename.substr(0, slash));
  if (slash != std::string_view::npos) codename.remove_prefix(slash + 1);
  if (channel == UbuntuChannel::kOther || codename == "devel" || codename == "upstream") return std::nullopt;
  const auto release = UbuntuRelease(codename);
  if (!release) {
    unknown.Tell("codename", codename, name);
    return std::nullopt;
  }
  return VexProduct{std::string(*release), purl->name, purl->version, channel == UbuntuChannel::kPro};
}

Result<void> TakeVexStatement(io::JsonView statement, Unknown& unknown, const UbuntuReading& reading) {
  const io::JsonView vulnerability = statement["vulnerability"], list = statement["products"];
  const std::string_view name = vulnerability["name"].StringOr("");
  const bool notice = name.starts_with("USN-");
  if ((!notice && !IsUbuntuCve(name)) || name.size() > kUbuntuIdBytesMax || !list.IsArray())
    return Fail(ErrorKind::kCorrupt, Format("\"{}\": no statement", CleanText(name, 100)));
  HF_CHECK_OK(CheckCount(list, kUbuntuRecordsMax));
  const auto state = VexState(statement);
  if (!state) return std::unexpected(state.error().In(name));
  // A package that the release does not have.
  if (statement["justification"].StringOr("") == "component_not_present") return {};
  model::Advisory about = notice ? AboutUbuntuNotice(name) : AboutUbuntuCve(name);
  about.severity = VexPriority(statement);
  about.details = TextOf(vulnerability["description"]);
  about.published = UbuntuTime(statement["timestamp"].StringOr(""));
  if (notice) HF_CHECK_OK(AddCves(vulnerability["aliases"], about));
  std::vector<VexProduct> products;
  for (const io::JsonView product : list)
    if (auto parsed = ParseVexProduct(product["@id"].StringOr(""), unknown, name))
      products.push_back(*std::move(parsed));
  Statements statements;
  for (const VexProduct& product : products) {
    const bool fixed = *state == FixState::kFixed;
    if (fixed && !IsUbuntuVersion(product.version)) {
      reading.sink.Problem(Error(ErrorKind::kCorrupt, Format("{}: {} fixed in no version", name, product.package)));
      continue;
    }
    statements.push_back({.release = product.release,
                          .package = product.package,
                          .pro = product.pro,
                          .state = *state,
                          .version = fixed ? std::string_view(product.version) : std::string_view(),
                          .of_archive = !notice});
  }
  return reading.statements.Add(std::move(about), statements);
}

Result<void> ReadVex(const Document& document, const UbuntuReading& reading) {
  return ReadRecords(document.root["statements"], &TakeVexStatement, reading);
}

// --- recognition -----------------------------------------------------------------------------------------------------

bool IsCveRecord(io::JsonView record) {
  const io::JsonView package = record["packages"].At(0);
  return IsUbuntuCve(record["id"].StringOr("")) && package["statuses"].IsArray() &&
         package["ubuntu"].StringOr("").contains("ubuntu.com");
}

bool IsNoticeRecord(io::JsonView record) {
  return record["release_packages"].IsObject() && record["cves_ids"].IsArray() && record["id"].IsString();
}

bool IsDatabase(io::JsonView root) {
  const io::JsonView first = root.At(0);
  return root.IsObject() && first["releases"].IsObject() && first["isummary"].IsString() &&
         first["id"].StringOr("") == root.KeyAt(0);
}

bool IsOsv(io::JsonView root) {
  const std::string_view id = root["id"].StringOr("");
  if (!root["affected"].IsArray()) return false;
  return id.starts_with("UBUNTU-CVE-") ||
         ((id.starts_with("USN-") || id.starts_with("LSN-")) &&
          root["affected"].At(0)["package"]["ecosystem"].StringOr("").starts_with("Ubuntu:"));
}

bool IsVex(io::JsonView root) {
  const io::JsonView head = VexHead(root);
  return root["statements"].IsArray() && head["@context"].StringOr("").contains("openvex") &&
         head["author"].StringOr("").starts_with("Canonical");
}

}  // namespace

UbuntuReader FindUbuntuJsonReader(io::JsonView root) {
  if (!root.IsObject()) return nullptr;
  if (IsOsv(root)) return &ReadOsv;
  if (IsVex(root)) return &ReadVex;
  if (root["cves"].IsArray() && IsCveRecord(root["cves"].At(0))) return &ReadCves;
  if (IsCveRecord(root)) return &ReadCve;
  if (root["notices"].IsArray() && IsNoticeRecord(root["notices"].At(0))) return &ReadNotices;
  if (IsNoticeRecord(root)) return &ReadNotice;
  return IsDatabase(root) ? &ReadDatabase : nullptr;
}

}  // namespace holdfast::advisory
