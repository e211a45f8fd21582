#include "advisory/ubuntu/statements.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "advisory/ubuntu/status.h"
#include "base/format.h"

namespace holdfast::advisory {
namespace {

using enum model::FixState;

int Weight(model::FixState state) {
  switch (state) {
    case kFixed: return 5;
    case kNotAffected: return 4;
    case kWontFix: return 3;
    case kNotFixed: return 2;
    case kUnderInvestigation: return 1;
    case kUnknown: return 0;
  }
  return 0;
}

void Fill(std::string& known, std::string&& more) {
  if (known.empty()) known = std::move(more);
}

// Whether all had room.
template <typename T>
bool Append(std::vector<T>& known, std::vector<T>&& more) {
  const std::size_t room = kUbuntuReferencesMax - std::min(known.size(), kUbuntuReferencesMax);
  const bool fits = more.size() <= room;
  if (!fits) more.resize(room);
  std::ranges::move(more, std::back_inserter(known));
  return fits;
}

// The order stays.
template <typename T, typename Key>
void DropRepeated(std::vector<T>& items, Key key) {
  std::unordered_set<std::string> known;
  std::erase_if(items, [&](const T& item) { return !known.insert(key(item)).second; });
}

// Whether all of it was taken.
bool Merge(model::Advisory& known, model::Advisory&& more) {
  Fill(known.summary, std::move(more.summary));
  Fill(known.details, std::move(more.details));
  Fill(known.published, std::move(more.published));
  known.modified = std::max(known.modified, more.modified);
  if (known.severity == model::Severity::kUnknown) known.severity = more.severity;
  if (known.cvss.empty()) known.cvss = std::move(more.cvss);
  const bool related = Append(known.related, std::move(more.related));
  return Append(known.references, std::move(more.references)) && related;
}

}  // namespace

Result<void> UbuntuStatements::Add(model::Advisory about, std::span<const UbuntuStatement> statements) {
  kept_ += statements.size();
  if (kept_ > kUbuntuStatementsMax)
    return Fail(ErrorKind::kLimit, Format("more than {} statements", kUbuntuStatementsMax));
  const auto [entry, fresh] = subjects_.try_emplace(about.id);
  Subject& subject = entry->second;
  if (fresh)
    subject.about = std::move(about);
  else if (!Merge(subject.about, std::move(about)))
    subject.cut = true;
  for (const UbuntuStatement& said : statements)
    subject.statements.push_back({words_.Of(said.release), words_.Of(said.package), words_.Of(said.version),
                                  said.pro || IsProVersion(said.version), said.of_archive, said.state, said.severity});
  return {};
}

void UbuntuStatements::Settle(Subject& subject) {
  std::ranges::sort(subject.statements);
  const auto repeated = std::ranges::unique(subject.statements);
  subject.statements.erase(repeated.begin(), repeated.end());
  DropRepeated(subject.about.related, [](const std::string& id) { return id; });
  DropRepeated(subject.about.references, [](const model::Reference& reference) { return reference.url; });
}

model::Affected UbuntuStatements::Row(const Statement& statement, model::FixState state) const {
  model::Affected row;
  row.ecosystem = "Ubuntu";
  row.release = words_.Text(statement.release);
  row.package = words_.Text(statement.package);
  row.version_scheme = "dpkg";
  row.fix_state = state;
  if (statement.severity != model::Severity::kUnknown) row.severity = statement.severity;
  if (state == kNotAffected) return row;
  const std::string& version = words_.Text(statement.version);
  row.ranges.push_back({"0", version.empty() ? std::nullopt : std::optional(version), std::nullopt});
  return row;
}

// `alike` are of one package of one release.
void UbuntuStatements::AddRows(Statements alike, model::Advisory& advisory) const {
  model::FixState base = kUnknown, pro = kUnknown;
  for (const Statement& statement : alike) {
    model::FixState& best = statement.pro ? pro : base;
    if (Weight(statement.state) > Weight(best)) best = statement.state;
  }
  const bool fixed_for_some = base != kFixed && base != kNotAffected && pro == kFixed;
  const bool safe_for_some = base != kFixed && pro == kNotAffected;
  const bool of_pro = fixed_for_some || safe_for_some || base == kUnknown;
  const model::FixState taken = of_pro ? pro : base;
  const auto counts = [&](const Statement& s) { return s.pro == of_pro && s.state == taken; };
  const bool exact = std::ranges::any_of(alike, [&](const Statement& s) { return counts(s) && !s.of_archive; });
  for (const Statement& statement : alike)
    if (counts(statement) && !(exact && statement.of_archive))
      advisory.affected.push_back(Row(statement, fixed_for_some ? kWontFix : taken));
}

bool UbuntuStatements::SaysSame(const std::vector<Statement>& known, const Statement& statement) {
  const auto place = [](const Statement& s) { return std::tuple(s.release, s.package, s.version); };
  const auto [first, last] = std::ranges::equal_range(known, place(statement), {}, place);
  return std::any_of(first, last, [](const Statement& s) { return s.state == kFixed; });
}

// Whether all of a notice's vulnerabilities are known of the package, one of them otherwise than the notice says.
bool UbuntuStatements::Replaced(Statements alike, const std::vector<std::string>& cves) const {
  if (alike.size() > kUbuntuVersionsMax) return false;
  bool differs = false;
  for (const std::string& cve : cves) {
    const auto subject = subjects_.find(Format("UBUNTU-{}", cve));
    if (subject == subjects_.end()) return false;
    const auto& known = subject->second.statements;
    const auto place = [](const Statement& s) { return std::tuple(s.release, s.package); };
    if (!std::ranges::binary_search(known, place(alike.front()), {}, place)) return false;
    differs = differs || !std::ranges::all_of(alike, [&](const Statement& s) { return SaysSame(known, s); });
  }
  return differs;
}

void UbuntuStatements::Rows(Subject& subject) const {
  model::Advisory& advisory = subject.about;
  const std::vector<Statement> statements = std::exchange(subject.statements, {});
  const bool notice = advisory.id.starts_with("USN-");
  for (auto first = statements.begin(); first != statements.end();) {
    const auto last = std::find_if(first, statements.end(), [&](const Statement& s) {
      return s.release != first->release || s.package != first->package;
    });
    if (!notice || !Replaced({first, last}, advisory.related)) AddRows({first, last}, advisory);
    first = last;
  }
  // The priority may differ from package to package; the advisory's is the highest.
  const bool stated = advisory.severity != model::Severity::kUnknown;
  for (model::Affected& row : advisory.affected)
    if (!stated && row.severity) advisory.severity = std::max(advisory.severity, *row.severity);
  for (model::Affected& row : advisory.affected)
    if (row.severity == advisory.severity) row.severity.reset();
}

void UbuntuStatements::Give(AdvisorySink& sink) {
  for (auto& [id, subject] : subjects_) Settle(subject);
  // Notices ("USN-") look at vulnerabilities ("UBUNTU-"), and so they come first.
  const auto give = [&](std::string_view prefix) {
    for (auto& [id, subject] : subjects_) {
      if (!id.starts_with(prefix)) continue;
      if (subject.cut)
        sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} references", id, kUbuntuReferencesMax)));
      Rows(subject);
      if (subject.about.affected.size() > kUbuntuRowsMax)
        sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} rows", id, kUbuntuRowsMax)));
      else if (subject.about.affected.empty())
        sink.LeaveOut();
      else
        sink.Add(subject.about);
      subject = {};
    }
  };
  give("USN-");
  give("UBUNTU-");
  subjects_.clear();
  words_ = {};
  kept_ = 0;
}

}  // namespace holdfast::advisory
