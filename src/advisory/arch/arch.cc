#include "advisory/arch/arch.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

using enum model::FixState;

constexpr std::size_t kGroupsMax = 1'000'000;
constexpr std::size_t kPackagesMax = 10'000;  // of one group
constexpr std::size_t kNamesMax = 10'000;     // vulnerabilities and advisories of one group, each
constexpr std::size_t kWordBytesMax = 256;

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= kWordBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// pacman orders whatever it is given, but nothing is below a text that is no version.
bool IsVersion(std::string_view text) {
  const version::Scheme* scheme = version::FindScheme("pacman");
  return IsWord(text) && scheme != nullptr && version::Compare(*scheme, text, text).has_value();
}

std::string_view NameOf(io::JsonView group) { return group["name"].StringOr(""); }

bool LooksLikeGroup(io::JsonView group) {
  return NameOf(group).starts_with("AVG-") && group["packages"].IsArray() && group["issues"].IsArray();
}

Result<model::FixState> StateOf(io::JsonView group) {
  static constexpr auto kStates = std::to_array<std::pair<std::string_view, model::FixState>>({
      {"Fixed", kFixed},
      {"Testing", kNotFixed},
      {"Vulnerable", kNotFixed},
      {"Unknown", kUnderInvestigation},
      {"Not affected", kNotAffected},
  });
  const std::string_view status = group["status"].StringOr("");
  const auto* found = std::ranges::find(kStates, status, &std::pair<std::string_view, model::FixState>::first);
  if (found == kStates.end()) return Fail(ErrorKind::kUnsupported, Format("status \"{}\"", CleanText(status, 100)));
  return found->second;
}

// What all rows of the group share.
Result<model::Affected> RowOf(io::JsonView group) {
  model::Affected row;
  row.ecosystem = "Arch Linux";
  row.version_scheme = "pacman";
  HF_TRY(row.fix_state, StateOf(group));
  if (row.fix_state == kNotAffected) return row;
  const auto fixed = group["fixed"].String();
  if (fixed ? !IsVersion(*fixed) : row.fix_state == kFixed) return Fail(ErrorKind::kCorrupt, "fixed in no version");
  row.ranges.emplace_back();
  if (fixed) row.ranges.back().fixed = *fixed;
  return row;
}

Result<void> AddNames(io::JsonView group, model::Advisory& advisory) {
  const io::JsonView issues = group["issues"], advisories = group["advisories"];
  if (issues.Size() > kNamesMax || advisories.Size() > kNamesMax)
    return Fail(ErrorKind::kLimit, Format("more than {} vulnerabilities or advisories", kNamesMax));
  advisory.references.push_back({"ADVISORY", Format("https://security.archlinux.org/{}", advisory.id)});
  for (const io::JsonView issue : issues)
    if (const std::string_view id = issue.StringOr(""); IsWord(id)) advisory.related.emplace_back(id);
  for (std::size_t i = 0; advisories.IsArray() && i < advisories.Size(); ++i)
    if (const std::string_view id = advisories.At(i).StringOr(""); IsWord(id))
      advisory.references.push_back({"ADVISORY", Format("https://security.archlinux.org/{}", id)});
  return {};
}

Result<model::Advisory> AdvisoryOf(io::JsonView group) {
  if (!LooksLikeGroup(group) || !IsWord(NameOf(group))) return Fail(ErrorKind::kCorrupt, "not a group");
  model::Advisory advisory;
  advisory.id = NameOf(group);
  advisory.source = "arch";
  advisory.summary = CleanText(group["type"].StringOr(""));
  advisory.severity = model::ParseSeverity(group["severity"].StringOr("")).value_or(model::Severity::kUnknown);
  HF_CHECK_OK(AddNames(group, advisory));
  const io::JsonView packages = group["packages"];
  if (packages.Size() > kPackagesMax) return Fail(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax));
  HF_TRY(model::Affected row, RowOf(group));
  for (const io::JsonView package : packages) {
    if (!IsWord(package.StringOr(""))) return Fail(ErrorKind::kCorrupt, "a package without a name");
    row.package = package.StringOr("");
    advisory.affected.push_back(row);
  }
  if (advisory.affected.empty()) return Fail(ErrorKind::kCorrupt, "no packages");
  return advisory;
}

class ArchProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "arch"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (document.notation != Notation::kJson) return false;
    return LooksLikeGroup(document.root.IsArray() ? document.root.At(0) : document.root);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (!document.root.IsArray()) {
      HF_TRY(const model::Advisory advisory, AdvisoryOf(document.root));
      sink.Add(advisory);
      return {};
    }
    if (document.root.Size() > kGroupsMax) return Fail(ErrorKind::kLimit, Format("more than {} groups", kGroupsMax));
    for (const io::JsonView group : document.root) {
      if (const auto advisory = AdvisoryOf(group))
        sink.Add(*advisory);
      else
        sink.Problem(advisory.error().In(CleanText(NameOf(group), 100)));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeArchProvider() { return std::make_unique<ArchProvider>(); }

}  // namespace holdfast::advisory
