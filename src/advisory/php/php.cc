#include "advisory/php/php.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <utility>

#include "advisory/intervals.h"
#include "base/format.h"
#include "base/text.h"
#include "model/ecosystem.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kReference = "composer://";
constexpr std::size_t kNameBytesMax = 256;

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-_.").contains(c);
  });
}

bool IsPackage(std::string_view name) {
  const std::string_view vendor = TakeUntil(name, '/');
  return IsWord(vendor) && IsWord(name);
}

bool IsNumbers(std::string_view version) { return version.find_first_not_of("0123456789.") == std::string_view::npos; }

// "1.2.3-p" is above 1.2.3 and below 1.2.3-p1 and 1.2.3.1, "1.2-rc1.0" above 1.2-rc1; nothing is published between.
std::string ComposerSuccessor(std::string_view version) {
  return Format("{}{}", version, IsNumbers(version) ? "-p" : ".0");
}

// The start of a ">=": "0" is the beginning of all.
std::string WithPreReleases(std::string_view version) {
  if (version.find_first_not_of("0.") == std::string_view::npos) return "0";
  return IsNumbers(version) ? Format("{}-dev", version) : std::string(version);
}

Result<Interval> ParseBranch(io::JsonView versions) {
  if (!versions.IsArray() || versions.Size() == 0) return Fail(ErrorKind::kCorrupt, "branch without versions");
  if (versions.Size() > kComparatorsMax)
    return Fail(ErrorKind::kLimit, Format("branch of more than {} comparisons", kComparatorsMax));
  const version::Scheme& composer = *version::FindScheme("composer");
  Interval interval;
  for (const io::JsonView item : versions) {
    HF_TRY(const auto comparators, SplitRequirement(item.StringOr("")));
    for (const Comparator& comparator : comparators) {
      HF_TRY(Interval one, FromOperator(comparator));
      if (comparator.op == ">=") one.from->version = WithPreReleases(comparator.version);
      HF_CHECK_OK(Narrow(interval, one, composer));
    }
  }
  return interval;
}

// Earliest of the branches, as RFC 3339; "2013-04-08 13:16:10" is UTC, which some state with an offset.
void ReadTime(std::string_view time, model::Advisory& advisory) {
  constexpr std::size_t kDateBytes = 10, kSecondBytes = 19;
  if (time.size() < kSecondBytes || time[kDateBytes] != ' ') return;
  std::string text =
      Format("{}T{}Z", time.substr(0, kDateBytes), time.substr(kDateBytes + 1, kSecondBytes - kDateBytes - 1));
  if (advisory.published.empty() || text < advisory.published) advisory.published = std::move(text);
}

// The highest version that has a fix; nothing when none has.
std::optional<std::string> HighestFix(const std::vector<Interval>& intervals) {
  const version::Scheme& composer = *version::FindScheme("composer");
  std::optional<std::string> highest;
  for (const Interval& interval : intervals)
    if (interval.to && !interval.to->inclusive &&
        (!highest || version::Compare(composer, *highest, interval.to->version) == std::strong_ordering::less))
      highest = interval.to->version;
  return highest;
}

// Whoever is in a branch without a fix can go to a later one that has it.
bool IsBelow(const Interval& interval, const std::optional<std::string>& fix) {
  if (!interval.to || !fix) return false;
  const auto order = version::Compare(*version::FindScheme("composer"), interval.to->version, *fix);
  return order && *order <= 0;
}

Result<std::vector<Interval>> ReadBranches(io::JsonView branches, model::Advisory& advisory) {
  if (!branches.IsObject() || branches.Size() == 0) return Fail(ErrorKind::kCorrupt, "PHP advisory without branches");
  if (branches.Size() > kPhpBranchesMax)
    return Fail(ErrorKind::kLimit, Format("PHP advisory of more than {} branches", kPhpBranchesMax));
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < branches.Size(); ++i) {
    const io::JsonView branch = branches.At(i);
    HF_TRY_IN(Format("branch {}", CleanText(branches.KeyAt(i), kNameBytesMax)), Interval interval,
              ParseBranch(branch["versions"]));
    ReadTime(branch["time"].StringOr(""), advisory);
    intervals.push_back(std::move(interval));
  }
  return intervals;
}

void AddAffected(const std::vector<Interval>& intervals, const model::Affected& package, model::Advisory& advisory) {
  model::Affected fixed = package, open = package;
  fixed.fix_state = model::FixState::kFixed;
  open.fix_state = model::FixState::kNotFixed;
  const auto fix = HighestFix(intervals);
  for (const Interval& interval : intervals)
    (IsBelow(interval, fix) ? fixed : open).ranges.push_back(RangeOf(interval, ComposerSuccessor));
  if (!fixed.ranges.empty()) advisory.affected.push_back(std::move(fixed));
  if (!open.ranges.empty()) advisory.affected.push_back(std::move(open));
}

class PhpProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "php"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return document.notation == Notation::kYaml && LooksLikePhp(document.root);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const auto advisory, ParsePhp(document.name, document.root));
    sink.Add(advisory);
    return {};
  }
};

}  // namespace

bool LooksLikePhp(io::JsonView root) {
  return root.IsObject() && root["reference"].StringOr("").starts_with(kReference) && root["branches"].IsObject() &&
         root["title"].IsString() && root["id"].IsNull();
}

Result<model::Advisory> ParsePhp(std::string_view name, io::JsonView root) {
  const std::string_view reference = root["reference"].StringOr("");
  const std::string_view stated = reference.substr(std::min(reference.size(), kReference.size()));
  if (!reference.starts_with(kReference) || !IsPackage(stated))
    return Fail(ErrorKind::kCorrupt, "PHP advisory without a package");
  const std::string_view file = FileNameOf(name);
  const std::string_view stem = file.substr(0, file.find(".y"));
  if (!IsWord(stem)) return Fail(ErrorKind::kCorrupt, "PHP advisory without a usable name");
  model::Affected package;
  package.ecosystem = "Packagist";
  package.package = model::NormalisePackageName("Packagist", stated);
  package.version_scheme = "composer";
  model::Advisory advisory;
  advisory.id = Format("FriendsOfPHP/{}/{}", package.package, stem);
  advisory.source = "php";
  if (const std::string_view cve = Trim(root["cve"].StringOr("")); IsWord(cve) && cve.starts_with("CVE-"))
    advisory.aliases.emplace_back(cve);
  advisory.summary = Trim(root["title"].StringOr(""));
  if (const std::string_view link = root["link"].StringOr(""); !link.empty())
    advisory.references.push_back({"ADVISORY", std::string(link)});
  HF_TRY(const auto intervals, ReadBranches(root["branches"], advisory));
  AddAffected(intervals, package, advisory);
  return advisory;
}

std::unique_ptr<Provider> MakePhpProvider() { return std::make_unique<PhpProvider>(); }

}  // namespace holdfast::advisory
