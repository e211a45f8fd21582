#include "advisory/azurelinux/azurelinux.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "advisory/oval.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kAffectedMax = 1'000;    // of one definition: today each has one
constexpr std::size_t kReferencesMax = 100;    // likewise
constexpr std::size_t kTextBytesMax = 64'000;  // of one description

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "oval:com.microsoft.azurelinux:def:50124" → AZL-50124.
Result<std::string> IdOf(io::XmlView definition) {
  const std::string_view id = definition.Attribute("id");
  const std::string_view number = id.substr(id.rfind(':') + 1);
  if (!id.contains(":def:") || !IsNumber(number))
    return Fail(ErrorKind::kCorrupt, Format("definition with the id \"{}\"", CleanText(id, 100)));
  return Format("AZL-{}", number);
}

// ".cm2" or ".azl3" at the end of a version: the release's number.
std::string_view ReleaseTag(std::string_view version) {
  const std::size_t dot = version.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view tag = version.substr(dot + 1);
  for (const std::string_view prefix : {"cm", "azl"})
    if (tag.starts_with(prefix) && IsNumber(tag.substr(prefix.size()))) return tag.substr(prefix.size());
  return {};
}

// A few versions are written without a release ("0:0.9.0.cm2", said of "versions less than 0.9.0"), and the tag, which
// belongs to the release, would count as a part of the version: 0.9.0-1.cm2 would be below it.
Result<void> Repair(std::optional<std::string>& version) {
  if (!version) return {};
  const std::string_view bare = std::string_view(*version).substr(version->find(':') + 1);
  if (bare.starts_with("null.")) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no version", *version));
  if (!version->contains('-')) version->resize(version->rfind('.'));
  return {};
}

Result<model::Affected> AffectedBy(OvalDocument& document, const OvalAlternative& alternative, model::FixState state) {
  std::vector<OvalCondition> conditions;
  std::string_view package;
  for (const OvalCriterion& criterion : alternative) {
    HF_TRY(const OvalTest* test, document.FindTest(criterion.test));
    if (criterion.negated || test->none_exists) return Fail(ErrorKind::kUnsupported, "a negated criterion");
    if (test->packages.size() != 1 || (!package.empty() && package != test->packages.front()))
      return Fail(ErrorKind::kUnsupported, "a criterion about several packages");
    package = test->packages.front();
    conditions.insert(conditions.end(), test->conditions.begin(), test->conditions.end());
  }
  HF_TRY(model::VersionRange range, OvalRpmRange(conditions));
  const std::string end = range.fixed.value_or(range.last_affected.value_or(""));
  model::Affected affected;
  affected.ecosystem = "Azure Linux";
  affected.release = ReleaseTag(end);
  if (affected.release.empty()) return Fail(ErrorKind::kCorrupt, Format("the version \"{}\" names no release", end));
  affected.package = package;
  affected.version_scheme = "rpm";
  affected.fix_state = state;
  HF_CHECK_OK(Repair(range.fixed));
  HF_CHECK_OK(Repair(range.last_affected));
  affected.ranges.push_back(std::move(range));
  return affected;
}

void AddReferences(io::XmlView metadata, model::Advisory& advisory) {
  std::size_t count = 0;
  for (const io::XmlView reference : metadata.Named("reference")) {
    if (++count > kReferencesMax) return;
    const std::string_view id = reference.Attribute("ref_id");
    if (id.starts_with("CVE-")) advisory.related.emplace_back(id);
    if (const std::string_view url = reference.Attribute("ref_url"); !url.empty())
      advisory.references.push_back({"ADVISORY", std::string(url)});
  }
}

// Nothing: withdrawn by "Not Applicable".
Result<std::optional<model::FixState>> StateOf(io::XmlView metadata) {
  const std::string_view patchable = metadata["patchable"].Text();
  if (EqualsIgnoreCase(patchable, "true")) return model::FixState::kFixed;
  if (EqualsIgnoreCase(patchable, "false")) return model::FixState::kNotFixed;
  if (EqualsIgnoreCase(patchable, "Not Applicable")) return std::nullopt;
  return Fail(ErrorKind::kCorrupt, Format("patchable is \"{}\"", CleanText(patchable, 100)));
}

Result<model::Advisory> AdvisoryOf(OvalDocument& document, io::XmlView definition, model::FixState state) {
  const io::XmlView metadata = definition["metadata"];
  model::Advisory advisory;
  HF_TRY(advisory.id, IdOf(definition));
  advisory.source = "azurelinux";
  advisory.summary = metadata["title"].Text().substr(0, kTextBytesMax);
  advisory.details = metadata["description"].Text().substr(0, kTextBytesMax);
  advisory.severity = model::ParseSeverity(metadata["severity"].Text()).value_or(model::Severity::kUnknown);
  advisory.published = metadata["advisory_date"].Text();
  AddReferences(metadata, advisory);
  if (advisory.related.empty()) return Fail(ErrorKind::kCorrupt, "names no CVE");
  HF_TRY(const std::vector<OvalAlternative> alternatives, document.Alternatives(definition));
  if (alternatives.size() > kAffectedMax) return Fail(ErrorKind::kLimit, "too many packages");
  for (const OvalAlternative& alternative : alternatives) {
    HF_TRY(model::Affected affected, AffectedBy(document, alternative, state));
    advisory.affected.push_back(std::move(affected));
  }
  return advisory;
}

class AzureLinuxProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "azurelinux"; }

  [[nodiscard]] bool Recognises(const Document& document) const override {
    return IsOvalOf(document, "CBL-Mariner OVAL") || IsOvalOf(document, "Azure Linux OVAL");
  }

  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    return ReadOval(document.text, sink, [&sink](OvalDocument& oval, io::XmlView definition) {
      return ReadDefinition(oval, definition, sink);
    });
  }

 private:
  static Result<void> ReadDefinition(OvalDocument& oval, io::XmlView definition, AdvisorySink& sink) {
    HF_TRY(const std::optional<model::FixState> state, StateOf(definition["metadata"]));
    if (!state) {
      sink.LeaveOut();
      return {};
    }
    HF_TRY(const model::Advisory advisory, AdvisoryOf(oval, definition, *state));
    sink.Add(advisory);
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeAzureLinuxProvider() { return std::make_unique<AzureLinuxProvider>(); }

}  // namespace holdfast::advisory
