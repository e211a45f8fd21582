#include "advisory/php/php.h"

#include <algorithm>
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
constexpr std::size_t kNumbers = 4;  // that Composer fills a version up to

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

// Nothing is published between a version and the same with one number more: "1.2.3.0.0" after 1.2.3.
std::string ComposerSuccessor(std::string_view version) {
  std::string successor(version);
  if (IsNumbers(version))
    for (auto numbers = static_cast<std::size_t>(std::ranges::count(version, '.')) + 1; numbers < kNumbers; ++numbers)
      successor += ".0";
  return successor + ".0";
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

Result<void> ReadBranches(io::JsonView branches, const model::Affected& package, model::Advisory& advisory) {
  if (!branches.IsObject() || branches.Size() == 0) return Fail(ErrorKind::kCorrupt, "PHP advisory without branches");
  if (branches.Size() > kPhpBranchesMax)
    return Fail(ErrorKind::kLimit, Format("PHP advisory of more than {} branches", kPhpBranchesMax));
  model::Affected fixed = package, open = package;
  fixed.fix_state = model::FixState::kFixed;
  open.fix_state = model::FixState::kNotFixed;
  for (std::size_t i = 0; i < branches.Size(); ++i) {
    const io::JsonView branch = branches.At(i);
    HF_TRY_IN(Format("branch {}", CleanText(branches.KeyAt(i), kNameBytesMax)), const Interval interval,
              ParseBranch(branch["versions"]));
    ReadTime(branch["time"].StringOr(""), advisory);
    const bool has_fix = interval.to && !interval.to->inclusive;
    (has_fix ? fixed : open).ranges.push_back(RangeOf(interval, ComposerSuccessor));
  }
  if (!fixed.ranges.empty()) advisory.affected.push_back(std::move(fixed));
  if (!open.ranges.empty()) advisory.affected.push_back(std::move(open));
  return {};
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
  HF_CHECK_OK(ReadBranches(root["branches"], package, advisory));
  return advisory;
}

std::unique_ptr<Provider> MakePhpProvider() { return std::make_unique<PhpProvider>(); }

}  // namespace holdfast::advisory
