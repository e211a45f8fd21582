// Written by hand over twenty-five years, and so read: any blanks in front of a line, one or several between its words,
// two forms of dates, ids with and without revision, headings without title or package. Column one tells a heading
// from what belongs to it.

#include "advisory/debian/list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "advisory/debian/release.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kProblemBytesMax = 100;

std::string_view Trim(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// The next word; `text` is left behind it.
std::string_view NextWord(std::string_view& text, std::string_view separators = kBlanks) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(separators)));
  const std::string_view word = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(word.size());
  return word;
}

std::optional<int> LeadingNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

std::optional<int> MonthOf(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* month = std::ranges::find(kMonths, word.substr(0, 3));
  if (month == kMonths.end()) return std::nullopt;
  return static_cast<int>(month - kMonths.begin()) + 1;
}

// "29 Mar 2023", "August 26th, 2005" → RFC 3339.
std::optional<std::string> DateOf(std::string_view text) {
  const std::string_view first = NextWord(text, " ,");
  const std::string_view second = NextWord(text, " ,");
  const auto year = LeadingNumber(NextWord(text, " ,"));
  const bool day_first = LeadingNumber(first).has_value();
  const auto day = LeadingNumber(day_first ? first : second);
  const auto month = MonthOf(day_first ? second : first);
  if (!year || !month || !day || *year < 1993 || *year > 9999 || *day < 1 || *day > 31) return std::nullopt;
  return Format("{:04}-{:02}-{:02}T00:00:00Z", *year, *month, *day);
}

bool IsListId(std::string_view id) {
  return IsDebianId(id) && (id.starts_with("DSA-") || id.starts_with("DLA-") || id.starts_with("DTSA-")) &&
         LeadingNumber(id.substr(id.find('-') + 1)).value_or(-1) >= 0;
}

// "[29 Mar 2023] DSA-5380-1 xorg-server - security update"
std::optional<model::Advisory> ReadHeading(std::string_view line) {
  const std::size_t end = line.find(']');
  if (!line.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  auto date = DateOf(line.substr(1, end - 1));
  std::string_view rest = line.substr(end + 1);
  const std::string_view id = NextWord(rest);
  if (!date || !IsListId(id)) return std::nullopt;
  model::Advisory advisory;
  advisory.id = id;
  advisory.source = "debian";
  advisory.summary = Trim(rest);
  advisory.published = advisory.modified = *std::move(date);
  advisory.references.push_back({"ADVISORY", Format("https://security-tracker.debian.org/tracker/{}", id)});
  return advisory;
}

// What stands in a row for a version that has the fix.
Result<void> SetFix(std::string_view word, model::Affected& row) {
  if (!word.starts_with('<')) {
    if (!IsDebianVersion(word)) return Fail(ErrorKind::kCorrupt, "not a version");
    row.fix_state = model::FixState::kFixed;
    row.ranges = {{"0", std::string(word), std::nullopt}};
    return {};
  }
  using enum model::FixState;
  constexpr std::array<std::pair<std::string_view, model::FixState>, 8> kStates = {{
      {"<not-affected>", kNotAffected},
      {"<unfixed>", kNotFixed},
      {"<no-dsa>", kNotFixed},
      {"<postponed>", kNotFixed},
      {"<ignored>", kWontFix},
      {"<end-of-life>", kWontFix},
      {"<undetermined>", kUnderInvestigation},
      {"<removed>", kNotFixed},
  }};
  const auto* state = std::ranges::find(kStates, word, &std::pair<std::string_view, model::FixState>::first);
  if (state == kStates.end()) return Fail(ErrorKind::kCorrupt, "unknown state");
  row.fix_state = state->second;
  if (row.fix_state != kNotAffected) row.ranges.emplace_back();
  return {};
}

// "[bullseye] - xorg-server 2:1.20.11-1+deb11u6 (note)"; without a codename it is about unstable.
Result<model::Affected> ReadRow(std::string_view line) {
  std::string_view release = "unstable";
  if (line.starts_with('[')) {
    const std::size_t end = line.find(']');
    if (end == std::string_view::npos) return Fail(ErrorKind::kCorrupt, "unreadable row");
    const std::string_view codename = line.substr(1, end - 1);
    const auto known = DebianRelease(codename);
    if (!known) return Fail(ErrorKind::kUnsupported, "unknown codename");
    release = *known;
    line.remove_prefix(end + 1);
  }
  const std::string_view dash = NextWord(line);
  const std::string_view package = NextWord(line);
  const std::string_view version = NextWord(line);
  if (dash != "-" || !IsDebianPackageName(package)) return Fail(ErrorKind::kCorrupt, "unreadable row");
  model::Affected row;
  row.ecosystem = "Debian";
  row.release = release;
  row.package = package;
  row.version_scheme = "dpkg";
  HF_CHECK_OK(SetFix(version, row));
  return row;
}

// Notices that were sent as advisories, and name no vulnerability.
bool IsNotice(const model::Advisory& advisory) {
  if (!advisory.related.empty()) return false;
  if (advisory.affected.empty()) return true;
  constexpr std::array<std::string_view, 11> kNotices = {
      "regression",  "new upstream version",      "timezone",       "bugfix",      "database update", "end-of-life",
      "end of life", "version number correction", "end of support", "new package", "- update"};
  return std::ranges::any_of(kNotices, [&](std::string_view notice) { return advisory.summary.contains(notice); });
}

class ListReader {
 public:
  ListReader(AdvisorySink& sink, std::vector<model::Advisory>& advisories) : sink_(sink), advisories_(advisories) {}

  Result<void> Read(std::string_view text) {
    while (!text.empty()) {
      const std::string_view line = TakeUntil(text, '\n');
      if (Trim(line).empty()) continue;
      if (line.size() > kListLineBytesMax) {
        Problem(ErrorKind::kLimit, Format("line of {} bytes, limit {}", line.size(), kListLineBytesMax), line);
      } else if (kBlanks.contains(line.front())) {
        Detail(Trim(line));
      } else {
        Close();
        if (advisories_.size() >= kListAdvisoriesMax)
          return Fail(ErrorKind::kLimit, Format("more than {} advisories", kListAdvisoriesMax));
        current_ = ReadHeading(line);
        if (!current_) Problem(ErrorKind::kCorrupt, "not a heading", line);
      }
    }
    Close();
    return {};
  }

 private:
  void Problem(ErrorKind kind, std::string_view what, std::string_view line) {
    sink_.Problem(Error(kind, Format("{}: {}: \"{}\"", current_ ? std::string_view(current_->id) : "list", what,
                                     Trim(line).substr(0, kProblemBytesMax))));
  }

  void Detail(std::string_view line) {
    if (!current_ || line.starts_with("NOTE:") || line.starts_with("TODO:")) return;
    if (line.starts_with('{')) return Ids(line);
    auto row = ReadRow(line);
    if (!row) return Problem(row.error().Kind(), row.error().Message(), line);
    if (current_->affected.size() >= kListRowsMax) return Problem(ErrorKind::kLimit, "too many rows", line);
    current_->affected.push_back(*std::move(row));
  }

  // "{CVE-2023-1528 CVE-2023-1529}"
  void Ids(std::string_view line) {
    if (!line.ends_with('}')) return Problem(ErrorKind::kCorrupt, "unclosed list of vulnerabilities", line);
    std::string_view words = line.substr(1, line.size() - 2);
    for (std::string_view id = NextWord(words); !id.empty(); id = NextWord(words)) {
      if (!IsDebianId(id)) {
        Problem(ErrorKind::kCorrupt, "not an id", id);
      } else if (current_->related.size() >= kListIdsMax) {
        return Problem(ErrorKind::kLimit, "too many vulnerabilities", line);
      } else if (ids_.emplace(id).second) {
        current_->related.emplace_back(id);
      }
    }
  }

  void Close() {
    ids_.clear();
    if (!current_) return;
    if (IsNotice(*current_))
      sink_.LeaveOut();
    else
      advisories_.push_back(*std::move(current_));
    current_.reset();
  }

  AdvisorySink& sink_;
  std::vector<model::Advisory>& advisories_;
  std::optional<model::Advisory> current_;
  std::set<std::string> ids_;  // of current_
};

}  // namespace

bool LooksLikeAdvisoryList(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = TakeUntil(text, '\n');
    if (!Trim(line).empty()) return line.size() <= kListLineBytesMax && ReadHeading(line).has_value();
  }
  return false;
}

Result<void> ReadAdvisoryList(std::string_view text, AdvisorySink& sink, std::vector<model::Advisory>& advisories) {
  return ListReader(sink, advisories).Read(text);
}

}  // namespace holdfast::advisory
