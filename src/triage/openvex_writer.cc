#include "triage/openvex_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/format.h"
#include "image/reference.h"
#include "io/json.h"
#include "io/sha256.h"
#include "model/purl.h"
#include "triage/vex.h"

namespace holdfast::triage {
namespace {

constexpr std::string_view kContext = "https://openvex.dev/ns/v0.2.0";
constexpr std::string_view kIdPrefix = "https://openvex.dev/docs/public/vex-";

// The specification's, "Status Justifications".
constexpr auto kJustifications = std::to_array<std::string_view>(
    {"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
     "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"});

struct Said {
  VexStatus status = VexStatus::kAffected;
  std::string justification, text;
};

std::string ActionOf(const model::Finding& finding) {
  if (finding.fix_state == model::FixState::kWontFix) return "The vendor will not fix it.";
  if (finding.fixed_versions.empty()) return "There is no fix yet.";
  std::string versions;
  for (const std::string& version : finding.fixed_versions) versions += (versions.empty() ? "" : " or ") + version;
  return Format("Update to {}.", versions);
}

Said SaidOf(const model::Finding& finding) {
  if (finding.vex && finding.vex->status == VexStatusName(VexStatus::kUnderInvestigation))
    return {VexStatus::kUnderInvestigation, "", finding.vex->statement};
  return {VexStatus::kAffected, "", ActionOf(finding)};
}

std::optional<Said> SaidOf(const model::SilencedFinding& silenced) {
  switch (silenced.by) {
    case model::SilencedBy::kFoundInOwner: return std::nullopt;  // the owner's own finding says it
    case model::SilencedBy::kNotAffected: return Said{VexStatus::kNotAffected, "", silenced.statement};
    case model::SilencedBy::kFixedByOwner: return Said{VexStatus::kFixed, "", silenced.statement};
    case model::SilencedBy::kNoCode:
      return Said{VexStatus::kNotAffected, "vulnerable_code_not_present", silenced.statement};
    case model::SilencedBy::kIgnoreRule:
      return Said{VexStatus::kAffected, "", Format("Ignored: {}", silenced.statement)};
    case model::SilencedBy::kVex: break;
  }
  const bool fixed = silenced.statement.starts_with(VexStatusName(VexStatus::kFixed));
  return Said{fixed ? VexStatus::kFixed : VexStatus::kNotAffected, silenced.justification, silenced.statement};
}

// The image as a package URL where its registry and digest are known (purl-spec, "oci"), else as it was named.
std::string ProductOf(const model::ImageSource& source) {
  const auto reference = image::Reference::Parse(source.reference);
  if (!reference || source.manifest_digest.empty()) return source.reference;
  model::Purl purl;
  purl.type = "oci";
  purl.name = reference->path.substr(reference->path.rfind('/') + 1);
  purl.version = source.manifest_digest;
  purl.qualifiers = {{"repository_url", reference->Name()}};
  if (!reference->tag.empty()) purl.qualifiers.emplace_back("tag", reference->tag);
  const auto made = model::Purl::Make(std::move(purl));
  return made ? made->Text() : source.reference;
}

class Writer {
 public:
  Writer(const model::ImageAnalysis& analysis, io::JsonWriter& json)
      : analysis_(analysis), product_(ProductOf(analysis.source)), json_(json) {}

  void Statement(const model::Finding& finding, const Said& said) {
    const model::Purl& purl = analysis_.packages[finding.package].purl;
    if (purl.type.empty()) return;
    json_.BeginObject();
    json_.Key("vulnerability").BeginObject().Field("name", finding.id);
    if (std::ranges::any_of(finding.aliases, &NamesVulnerability)) {
      json_.Key("aliases").BeginArray();
      for (const std::string& alias : finding.aliases)
        if (NamesVulnerability(alias)) json_.String(alias);
      json_.EndArray();
    }
    json_.EndObject().Key("products").BeginArray().BeginObject().Field("@id", product_);
    json_.Key("subcomponents").BeginArray().BeginObject().Field("@id", purl.Text()).EndObject().EndArray();
    json_.EndObject().EndArray().Field("status", VexStatusName(said.status));
    Reason(said);
    json_.EndObject();
  }

 private:
  // "not_affected" has a justification or an impact statement, "affected" an action statement.
  void Reason(const Said& said) {
    const bool known = std::ranges::find(kJustifications, said.justification) != kJustifications.end();
    if (known && said.status == VexStatus::kNotAffected) json_.Field("justification", said.justification);
    switch (said.status) {
      case VexStatus::kNotAffected: json_.Field("impact_statement", said.text); break;
      case VexStatus::kAffected: json_.Field("action_statement", said.text); break;
      case VexStatus::kFixed:
      case VexStatus::kUnderInvestigation: json_.OptionalField("status_notes", said.text); break;
    }
  }

  const model::ImageAnalysis& analysis_;
  std::string product_;
  io::JsonWriter& json_;
};

}  // namespace

Result<void> WriteOpenVex(const model::ImageAnalysis& analysis, std::span<const model::Finding> findings,
                          std::span<const model::SilencedFinding> silenced, const OpenVexOptions& options,
                          io::ByteSink& sink) {
  io::JsonWriter statements;
  statements.BeginArray();
  Writer writer(analysis, statements);
  for (const model::Finding& finding : findings) writer.Statement(finding, SaidOf(finding));
  for (const model::SilencedFinding& each : silenced)
    if (const auto said = SaidOf(each)) writer.Statement(each.finding, *said);
  statements.EndArray();
  const std::string text = statements.Take();
  const std::string hash = Digest(io::Sha256Of(text)).Text();

  io::JsonWriter document;
  document.BeginObject();
  document.Field("@context", kContext);
  document.Field("@id", Format("{}{}", kIdPrefix, hash.substr(hash.find(':') + 1)));
  document.Field("author", options.author.empty() ? "Holdfast" : options.author);
  document.Field("timestamp", options.timestamp).Key("version").Integer(1);
  document.OptionalField("tooling", options.tool);
  document.Key("statements").Raw(text);
  document.EndObject();
  HF_CHECK_OK(sink.WriteText(document.Take()));
  return sink.WriteText("\n");
}

}  // namespace holdfast::triage
