#include "advisory/photon/photon.h"

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "advisory/words.h"
#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"

namespace holdfast::advisory {
namespace {

using enum model::FixState;

constexpr std::size_t kRecordsMax = 20'000'000;  // of all documents
constexpr std::size_t kRowsMax = 100'000;        // of one vulnerability
constexpr std::size_t kProblemsMax = 1'000;      // told of one document
constexpr std::size_t kWordBytesMax = 256;
constexpr double kScoreMax = 10.0;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= kWordBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// "CVE-2020-1945", "BDSA-2025-13833": capitals, a year, a number.
bool IsVulnerabilityId(std::string_view id) {
  const std::size_t dash = id.find('-');
  if (dash == std::string_view::npos || dash == 0 || id.size() < dash + 7 || id.size() > 64 || id[dash + 5] != '-')
    return false;
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return std::ranges::all_of(id.substr(0, dash), capital) && std::ranges::all_of(id.substr(dash + 1, 4), IsDigit) &&
         std::ranges::all_of(id.substr(dash + 6), IsDigit);
}

// "1.10.8-2.ph1" → 1.0, "6.1.10-3.ph5-esx" → 5.0; empty for a version of no release.
std::string ReleaseOfVersion(std::string_view version) {
  constexpr std::string_view kMark = ".ph";
  const std::size_t mark = version.rfind(kMark);
  if (mark == std::string_view::npos) return {};
  const std::string_view tail = version.substr(mark + kMark.size());
  const std::string_view number = tail.substr(0, tail.find_first_not_of("0123456789"));
  return number.empty() || number.size() > 3 ? std::string() : Format("{}.0", number);
}

// "…/cve_data_photon5.0.json" → 5.0.
std::string ReleaseOfName(std::string_view name) {
  constexpr std::string_view kMark = "photon";
  const std::size_t mark = name.rfind(kMark);
  if (mark == std::string_view::npos) return {};
  std::string_view release = name.substr(mark + kMark.size());
  release = release.substr(0, release.find_first_not_of("0123456789."));
  while (release.ends_with('.')) release.remove_suffix(1);
  const bool numbered = release.contains('.') && !release.starts_with('.') && release.size() <= 8;
  return numbered ? std::string(release) : std::string();
}

struct Said {
  model::FixState state = kUnknown;
  std::string_view version;
};

Result<Said> StateOf(io::JsonView record) {
  const std::string_view status = record["status"].StringOr("");
  std::string_view version = Trim(record["res_ver"].StringOr(""));
  if (version == "NA" || version == "None") version = {};
  if (status == "Not Affected") return Said{kNotAffected, {}};
  if (status == "Not Fixed" || status == "Unfixed" || (status.empty() && version.empty())) return Said{kNotFixed, {}};
  if (!status.empty() && status != "Fixed")
    return Fail(ErrorKind::kUnsupported, Format("status \"{}\"", CleanText(status, 100)));
  if (!IsWord(version)) return Fail(ErrorKind::kCorrupt, "fixed in no version");
  return Said{kFixed, version};
}

bool LooksLikeRecord(io::JsonView record) {
  return record["cve_id"].IsString() && record["pkg"].IsString() && record["res_ver"].IsString() &&
         record["aff_ver"].IsString();
}

class Gatherer {
 public:
  Result<void> Take(io::JsonView list, std::string_view name, AdvisorySink& sink) {
    kept_ += list.Size();
    if (kept_ > kRecordsMax) return Fail(ErrorKind::kLimit, Format("more than {} records", kRecordsMax));
    HF_TRY(const std::string release, ReleaseOf(list, name));
    std::size_t problems = 0;
    for (const io::JsonView record : list) {
      const auto taken = TakeRecord(record, release, sink);
      if (!taken && ++problems <= kProblemsMax) sink.Problem(taken.error());
    }
    if (problems > kProblemsMax)
      sink.Problem(Error(ErrorKind::kCorrupt, Format("{} more records", problems - kProblemsMax)));
    return {};
  }

  void Give(AdvisorySink& sink) {
    for (auto& [id, subject] : std::exchange(subjects_, {})) {
      AddRows(subject);
      if (subject.head.affected.size() > kRowsMax)
        sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} packages", id, kRowsMax)));
      else
        sink.Add(subject.head);
    }
    words_ = {};
    kept_ = 0;
  }

 private:
  struct Statement {
    Word release = 0, package = 0, version = 0;
    model::FixState state = kUnknown;

    friend auto operator<=>(const Statement&, const Statement&) = default;
  };
  struct Subject {
    model::Advisory head;
    std::vector<Statement> statements;
  };

  // Of the first version that tells it.
  static Result<std::string> ReleaseOf(io::JsonView list, std::string_view name) {
    for (const io::JsonView record : list)
      if (std::string release = ReleaseOfVersion(record["res_ver"].StringOr("")); !release.empty()) return release;
    std::string release = ReleaseOfName(name);
    if (release.empty()) return Fail(ErrorKind::kCorrupt, "neither versions nor its name say of which release it is");
    return release;
  }

  Result<void> TakeRecord(io::JsonView record, std::string_view release, AdvisorySink& sink) {
    const std::string_view id = record["cve_id"].StringOr(""), package = record["pkg"].StringOr("");
    if (!LooksLikeRecord(record) || !IsWord(package))
      return Fail(ErrorKind::kCorrupt,
                  Format("\"{}\" of \"{}\": not a record", CleanText(id, 100), CleanText(package, 100)));
    if (!IsVulnerabilityId(id)) {
      sink.LeaveOut();
      return {};
    }
    const auto said = StateOf(record);
    if (!said) return std::unexpected(said.error().In(Format("{} of {}", id, package)));
    if (const std::string own = ReleaseOfVersion(said->version); !own.empty() && own != release)
      return Fail(ErrorKind::kCorrupt,
                  Format("{} of {}: a version of Photon OS {} among those of {}", id, package, own, release));
    Subject& subject = subjects_[std::string(id)];
    if (subject.head.id.empty()) subject.head = Head(id);
    if (const auto score = record["cve_score"].Double(); score && *score > 0 && *score <= kScoreMax)
      subject.head.severity =
          std::max(subject.head.severity, cvss::SeverityOf(cvss::RatingOf(cvss::Version::k31, *score)));
    subject.statements.push_back({words_.Of(release), words_.Of(package), words_.Of(said->version), said->state});
    return {};
  }

  static model::Advisory Head(std::string_view id) {
    model::Advisory head;
    head.id = Format("PHOTON-{}", id);
    head.source = "photon";
    head.related = {std::string(id)};
    head.references = {{"WEB", "https://github.com/vmware/photon/wiki/Security-Advisories"}};
    return head;
  }

  // Fixed outweighs what is said besides.
  void AddRows(Subject& subject) const {
    std::vector<Statement>& statements = subject.statements;
    std::ranges::sort(statements);
    const auto repeated = std::ranges::unique(statements);
    statements.erase(repeated.begin(), repeated.end());
    for (auto first = statements.begin(); first != statements.end();) {
      const auto last = std::find_if(first, statements.end(), [&](const Statement& s) {
        return s.release != first->release || s.package != first->package;
      });
      const auto has = [&](model::FixState state) {
        return std::any_of(first, last, [&](const Statement& s) { return s.state == state; });
      };
      const model::FixState taken = has(kFixed) ? kFixed : has(kNotFixed) ? kNotFixed : kNotAffected;
      for (; first != last; ++first)
        if (first->state == taken) subject.head.affected.push_back(Row(*first));
    }
  }

  [[nodiscard]] model::Affected Row(const Statement& statement) const {
    model::Affected row;
    row.ecosystem = "Photon OS";
    row.release = words_.Text(statement.release);
    row.package = words_.Text(statement.package);
    row.version_scheme = "rpm";
    row.fix_state = statement.state;
    const std::string& version = words_.Text(statement.version);
    if (statement.state == kFixed) row.ranges.push_back({"0", version, std::nullopt});
    if (statement.state == kNotFixed) row.ranges.emplace_back();
    return row;
  }

  Words words_;
  std::map<std::string, Subject> subjects_;
  std::size_t kept_ = 0;
};

class PhotonProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "photon"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return document.notation == Notation::kJson && document.root.IsArray() && LooksLikeRecord(document.root.At(0));
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (!document.root.IsArray()) return Fail(ErrorKind::kCorrupt, "not a list");
    return gatherer_.Take(document.root, document.name, sink);
  }
  void Finish(AdvisorySink& sink) override { gatherer_.Give(sink); }

 private:
  Gatherer gatherer_;
};

}  // namespace

std::unique_ptr<Provider> MakePhotonProvider() { return std::make_unique<PhotonProvider>(); }

}  // namespace holdfast::advisory
