// The document is cut by package, advisories are by vulnerability. Records are not gathered but sorted: a list of
// references into the document (40 bytes a record) brings together what belongs together, and only one advisory is in
// memory at a time. The cost is that of the sort.
//
// Urgencies are stated for each release. Where they differ the advisory states none, for the highest of both counts.

#include "advisory/debian/tracker.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "advisory/debian/release.h"
#include "base/format.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kLooksMax = 8;  // packages, and records of each, that recognising looks at
constexpr std::size_t kSummaryBytesMax = 200;
constexpr std::size_t kProblemBytesMax = 100;
constexpr std::size_t kWordsMax = 64;  // different unknown words that are told

struct Record {
  std::string_view id;
  std::string_view package;
  io::JsonView content;
};

bool IsRecordId(std::string_view id) { return IsDebianId(id) && (id.starts_with("CVE-") || id.starts_with("TEMP-")); }

// "low**": stars mark what was derived from NVD.
std::string_view WithoutStars(std::string_view urgency) {
  while (urgency.ends_with('*')) urgency.remove_suffix(1);
  return urgency;
}

bool LooksLikeRecord(std::string_view id, io::JsonView record) {
  const io::JsonView releases = record["releases"];
  if (!IsRecordId(id) || !releases.IsObject() || releases.Size() == 0) return false;
  const io::JsonView release = releases.At(0);
  return release["status"].IsString() && (release["repositories"].IsObject() || release["urgency"].IsString());
}

// Without splitting a character.
std::string Shortened(std::string_view text) {
  if (text.size() <= kSummaryBytesMax) return std::string(text);
  const std::size_t blank = text.substr(0, kSummaryBytesMax).find_last_of(' ');
  if (blank == std::string_view::npos) return {};
  return Format("{} …", text.substr(0, blank));
}

// What is decided about a release beside its state, for people: "11: 389-ds-base: ignored (Minor issue)".
std::string NoteOf(io::JsonView release, const model::Affected& row) {
  const auto text = release["nodsa"].String();
  if (!text || text->size() > kTrackerTextBytesMax) return {};
  const std::string_view reason = release["nodsa_reason"].StringOr("");
  return Format("Debian {}: {}: {}{}", row.release, row.package, reason.empty() ? "no-dsa" : reason,
                text->empty() ? "" : Format(" ({})", *text));
}

model::FixState OpenState(io::JsonView release) {
  const bool given_up = release["nodsa_reason"].StringOr("") == "ignored" ||
                        WithoutStars(release["urgency"].StringOr("")) == "end-of-life";
  return given_up ? model::FixState::kWontFix : model::FixState::kNotFixed;
}

Result<void> SetState(io::JsonView release, model::Affected& row) {
  const std::string_view status = release["status"].StringOr("");
  if (status == "resolved") {
    const std::string_view fixed = release["fixed_version"].StringOr("");
    row.fix_state = fixed == "0" ? model::FixState::kNotAffected : model::FixState::kFixed;
    if (fixed == "0") return {};
    if (!IsDebianVersion(fixed)) return Fail(ErrorKind::kCorrupt, "resolved without a usable version");
    row.ranges = {{"0", std::string(fixed), std::nullopt}};
    return {};
  }
  if (status != "open" && status != "undetermined") return Fail(ErrorKind::kCorrupt, "no known status");
  row.fix_state = status == "open" ? OpenState(release) : model::FixState::kUnderInvestigation;
  row.ranges.emplace_back();
  return {};
}

class TrackerReader {
 public:
  TrackerReader(AdvisorySink& sink, Statements& statements) : sink_(sink), statements_(statements) {}

  Result<void> Read(io::JsonView root) {
    if (root.Size() > kTrackerPackagesMax)
      return Fail(ErrorKind::kLimit, Format("{} packages, limit {}", root.Size(), kTrackerPackagesMax));
    for (std::size_t i = 0; i < root.Size(); ++i) HF_CHECK_OK(AddPackage(root.KeyAt(i), root.At(i)));
    std::ranges::sort(records_, {}, [](const Record& record) { return std::tuple(record.id, record.package); });
    for (auto begin = records_.begin(); begin != records_.end();) {
      const auto end =
          std::find_if(begin, records_.end(), [&](const Record& record) { return record.id != begin->id; });
      Give({begin, end});
      begin = end;
    }
    return {};
  }

 private:
  void Problem(ErrorKind kind, std::string_view package, std::string_view id, std::string_view what) {
    sink_.Problem(
        Error(kind, Format("{} {}: {}", package.substr(0, kProblemBytesMax), id.substr(0, kProblemBytesMax), what)));
  }

  // A new release would otherwise be a problem of each record.
  void UnknownWord(std::string_view what, std::string_view word, const Record& record) {
    if (unknown_words_.size() >= kWordsMax || !unknown_words_.emplace(word).second) return;
    Problem(ErrorKind::kUnsupported, record.package, record.id,
            Format("unknown {} \"{}\", here first", what, word.substr(0, kProblemBytesMax)));
  }

  Result<void> AddPackage(std::string_view package, io::JsonView records) {
    if (!IsDebianPackageName(package) || !records.IsObject()) {
      Problem(ErrorKind::kCorrupt, package, "", "not a package");
      return {};
    }
    if (records_.size() + records.Size() > kTrackerRecordsMax)
      return Fail(ErrorKind::kLimit, Format("more than {} records", kTrackerRecordsMax));
    for (std::size_t i = 0; i < records.Size(); ++i) {
      const std::string_view id = records.KeyAt(i);
      const io::JsonView releases = records.At(i)["releases"];
      if (!IsRecordId(id) || !releases.IsObject())
        Problem(ErrorKind::kCorrupt, package, id, "not a record");
      else if (releases.Size() > kTrackerReleasesMax)
        Problem(ErrorKind::kLimit, package, id, "too many releases");
      else
        records_.push_back({id, package, records.At(i)});
    }
    return {};
  }

  // All records of one vulnerability.
  void Give(std::span<const Record> records) {
    const Record& first = records.front();
    model::Advisory advisory;
    advisory.id = Format("DEBIAN-{}", first.id);
    advisory.related = {std::string(first.id)};
    advisory.source = "debian";
    advisory.references = {{"ADVISORY", Format("https://security-tracker.debian.org/tracker/{}", first.id)}};
    std::string notes;
    for (const Record& record : records) {
      Describe(record, advisory);
      AddRows(record, advisory, notes);
    }
    for (const model::Affected& row : advisory.affected) statements_.Add(first.id, row);
    if (!notes.empty()) advisory.details.append(advisory.details.empty() ? "" : "\n\n").append(notes);
    ShareSeverity(advisory);
    sink_.Add(advisory);
  }

  void Describe(const Record& record, model::Advisory& advisory) {
    const std::string_view text = record.content["description"].StringOr("");
    if (text.size() > kTrackerTextBytesMax) {
      Problem(ErrorKind::kLimit, record.package, record.id, "description left out");
    } else if (advisory.details.empty() && !text.empty()) {
      advisory.details = text;
      advisory.summary = Shortened(text);
    }
    if (const auto bug = record.content["debianbug"].Integer(); bug && *bug > 0)
      advisory.references.push_back({"REPORT", Format("https://bugs.debian.org/{}", *bug)});
  }

  void AddRows(const Record& record, model::Advisory& advisory, std::string& notes) {
    const io::JsonView releases = record.content["releases"];
    if (advisory.affected.size() + releases.Size() > kTrackerRowsMax)
      return Problem(ErrorKind::kLimit, record.package, record.id, "too many packages");
    for (std::size_t i = 0; i < releases.Size(); ++i) {
      const auto release = DebianRelease(releases.KeyAt(i));
      if (!release) {
        UnknownWord("codename", releases.KeyAt(i), record);
        continue;
      }
      model::Affected row;
      row.ecosystem = "Debian";
      row.release = *release;
      row.package = record.package;
      row.version_scheme = "dpkg";
      if (const auto state = SetState(releases.At(i), row); !state) {
        Problem(state.error().Kind(), record.package, record.id,
                Format("{}: {}", releases.KeyAt(i), state.error().Message()));
        continue;
      }
      row.severity = SeverityOf(releases.At(i), record);
      if (const std::string note = NoteOf(releases.At(i), row); !note.empty())
        notes.append(notes.empty() ? "" : "\n").append(note);
      advisory.affected.push_back(std::move(row));
    }
  }

  model::Severity SeverityOf(io::JsonView release, const Record& record) {
    const std::string_view urgency = WithoutStars(release["urgency"].StringOr(""));
    if (const auto severity = model::ParseSeverity(urgency)) return *severity;
    if (!urgency.empty() && urgency != "not yet assigned" && urgency != "end-of-life")
      UnknownWord("urgency", urgency, record);
    return model::Severity::kUnknown;
  }

  static void ShareSeverity(model::Advisory& advisory) {
    if (advisory.affected.empty()) return;
    const auto common = advisory.affected.front().severity;
    if (!std::ranges::all_of(advisory.affected, [&](const auto& row) { return row.severity == common; })) return;
    advisory.severity = common.value_or(model::Severity::kUnknown);
    for (model::Affected& row : advisory.affected) row.severity.reset();
  }

  AdvisorySink& sink_;
  Statements& statements_;
  std::vector<Record> records_;
  std::set<std::string> unknown_words_;
};

}  // namespace

bool LooksLikeTracker(io::JsonView root) {
  if (!root.IsObject()) return false;
  for (std::size_t i = 0; i < std::min(root.Size(), kLooksMax); ++i) {
    const io::JsonView records = root.At(i);
    if (!records.IsObject() || !IsDebianPackageName(root.KeyAt(i))) continue;
    for (std::size_t j = 0; j < std::min(records.Size(), kLooksMax); ++j)
      if (LooksLikeRecord(records.KeyAt(j), records.At(j))) return true;
  }
  return false;
}

Result<void> ReadTracker(io::JsonView root, AdvisorySink& sink, Statements& statements) {
  return TrackerReader(sink, statements).Read(root);
}

}  // namespace holdfast::advisory
