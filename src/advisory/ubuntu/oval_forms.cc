// Canonical's OVAL. Tests look for binary packages; the source packages, by which Ubuntu's are looked up, stand in the
// sentences of the criteria, with the tracker's state. A notice's sentences tell no package: its title does.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "advisory/oval.h"
#include "advisory/ubuntu/forms.h"
#include "advisory/ubuntu/status.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using Criteria = std::vector<io::XmlView>;

// All criteria, however they hang together: each is about a package of its own. That the machine runs the release
// stands beside them as an extended definition or a criterion that names it.
Result<void> Collect(io::XmlView criteria, std::size_t depth, Criteria& found) {
  if (depth > kUbuntuCriteriaDepthMax) return Fail(ErrorKind::kLimit, "criteria nested too deep");
  for (const io::XmlView child : criteria.Children()) {
    if (child.Name() == "criteria") HF_CHECK_OK(Collect(child, depth + 1, found));
    if (child.Name() != "criterion") continue;
    if (found.size() == kOvalCriteriaMax) return Fail(ErrorKind::kLimit, "too many criteria");
    found.push_back(child);
  }
  return {};
}

Result<Criteria> CriteriaOf(io::XmlView definition) {
  Criteria found;
  HF_CHECK_OK(Collect(definition["criteria"], 1, found));
  if (found.empty()) return Fail(ErrorKind::kCorrupt, "no criteria");
  return found;
}

std::optional<UbuntuPlace> PlaceOf(io::XmlView definition) {
  return PlaceOfPlatform(definition["metadata"]["affected"]["platform"].Text());
}

model::Severity SeverityOf(std::string_view word) {
  return model::ParseSeverity(Trim(word)).value_or(model::Severity::kUnknown);
}

std::string_view TextOf(std::string_view text) { return Trim(text.substr(0, kUbuntuTextBytesMax)); }

// What follows is not about the vulnerability but about this document's release.
std::string_view WithoutInstructions(std::string_view description) {
  return Trim(description.substr(0, description.find("Update Instructions:")));
}

Result<void> AddReferences(io::XmlView notice, model::Advisory& about) {
  for (const io::XmlView reference : notice.Named("ref")) {
    if (about.references.size() == kUbuntuReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
    if (!reference.Text().empty()) about.references.push_back({"WEB", std::string(reference.Text())});
  }
  return {};
}

void AddCve(io::XmlView cve, model::Advisory& about) {
  AddUbuntuCvss(cve.Attribute("cvss_vector"), "NVD", about);
  about.severity = SeverityOf(cve.Attribute("priority"));
}

bool IsInstallation(io::XmlView criterion) { return criterion.Attribute("comment").contains("The host is "); }

Result<void> TakeCve(io::XmlView definition, const UbuntuReading& reading) {
  const io::XmlView metadata = definition["metadata"];
  std::string_view title = Trim(metadata["title"].Text());
  if (definition.Attribute("class") == "inventory") return {};
  const std::string_view cve = TakeUntil(title, ' ');
  if (!IsUbuntuCve(cve)) return Fail(ErrorKind::kCorrupt, Format("titled \"{}\", not by a CVE", CleanText(cve, 100)));
  const auto place = PlaceOf(definition);
  if (!place) {
    reading.sink.LeaveOut();
    return {};
  }
  HF_TRY(const Criteria criteria, CriteriaOf(definition));
  model::Advisory about = AboutUbuntuCve(cve);
  const io::XmlView notice = metadata["advisory"];
  AddCve(notice["cve"], about);
  about.details = TextOf(WithoutInstructions(metadata["description"].Text()));
  if (about.severity == model::Severity::kUnknown) about.severity = SeverityOf(notice["severity"].Text());
  about.published = UbuntuTime(notice["public_date"].Text());
  HF_CHECK_OK(AddReferences(notice, about));
  std::vector<UbuntuStatement> statements;
  for (const io::XmlView criterion : criteria) {
    if (IsInstallation(criterion)) continue;
    const auto sentence = ParseSentence(Trim(criterion.Attribute("comment")));
    if (!sentence)
      reading.sink.Problem(sentence.error().In(cve));
    else if (sentence->state)
      statements.push_back(
          {place->release, sentence->package, place->pro, sentence->state->state, sentence->state->version});
  }
  return reading.statements.Add(std::move(about), statements);
}

// A definition is a package, and each criterion names the vulnerability that it is about.
Result<void> TakePackage(io::XmlView definition, const UbuntuReading& reading) {
  const io::XmlView metadata = definition["metadata"];
  if (definition.Attribute("class") == "inventory") return {};
  const auto place = PlaceOf(definition);
  if (!place) {
    reading.sink.LeaveOut();
    return {};
  }
  HF_TRY(const Criteria criteria, CriteriaOf(definition));
  std::unordered_map<std::string_view, io::XmlView> cves;
  for (const io::XmlView cve : metadata["advisory"].Named("cve")) cves.emplace(Trim(cve.Text()), cve);
  for (const io::XmlView criterion : criteria) {
    if (IsInstallation(criterion)) continue;
    const auto sentence = ParseSentence(Trim(criterion.Attribute("comment")));
    if (!sentence || !IsUbuntuCve(sentence->cve)) {
      const Error error(ErrorKind::kUnsupported, "a criterion that names no vulnerability");
      reading.sink.Problem((sentence ? error : sentence.error()).In(CleanText(metadata["title"].Text(), 100)));
      continue;
    }
    if (!sentence->state) continue;
    model::Advisory about = AboutUbuntuCve(sentence->cve);
    if (const auto cve = cves.find(sentence->cve); cve != cves.end()) AddCve(cve->second, about);
    const UbuntuStatement said{place->release, sentence->package, place->pro, sentence->state->state,
                               sentence->state->version};
    HF_CHECK_OK(reading.statements.Add(std::move(about), {&said, 1}));
  }
  return {};
}

// "USN-6561-1 -- libssh vulnerability" → libssh; empty where several packages are named, or a product.
std::string_view PackageOfTitle(std::string_view title) {
  constexpr std::string_view kMark = " -- ";
  const std::size_t mark = title.find(kMark);
  if (mark == std::string_view::npos) return {};
  title = Trim(title.substr(mark + kMark.size()));
  const std::size_t end = title.rfind(" vulnerabilit");
  const std::string_view name = end == std::string_view::npos ? std::string_view() : title.substr(0, end);
  return IsUbuntuPackageName(name) ? name : std::string_view();
}

Result<std::string_view> FixedVersionOf(OvalDocument& document, std::string_view test_id) {
  HF_TRY(const OvalTest* test, document.FindTest(test_id));
  for (const OvalCondition& condition : test->conditions)
    if (condition.operation == OvalOperation::kLess &&
        (condition.entity == "evr" || condition.entity == "subexpression")) {
      std::string_view version = condition.value;
      // An epoch is added where there is none, which is the same.
      if (version.starts_with("0:")) version.remove_prefix(2);
      if (IsUbuntuVersion(version)) return version;
    }
  return Fail(ErrorKind::kUnsupported, Format("{} names no fixed version", CleanText(test_id, 100)));
}

Result<void> TakeNotice(OvalDocument& document, io::XmlView definition, const UbuntuReading& reading) {
  const io::XmlView metadata = definition["metadata"];
  if (definition.Attribute("class") == "inventory") return {};
  const std::string_view title = Trim(metadata["title"].Text());
  const std::string_view id = title.substr(0, title.find(' '));
  if (!id.starts_with("USN-") || id.size() > kUbuntuIdBytesMax)
    return Fail(ErrorKind::kCorrupt, Format("titled \"{}\", not by a notice", CleanText(id, 100)));
  const auto place = PlaceOf(definition);
  const std::string_view package = PackageOfTitle(title);
  if (!place || package.empty()) {
    reading.sink.LeaveOut();
    return {};
  }
  HF_TRY(const Criteria criteria, CriteriaOf(definition));
  const io::XmlView notice = metadata["advisory"];
  model::Advisory about = AboutUbuntuNotice(id);
  about.summary = CleanText(title);
  about.details = TextOf(WithoutInstructions(metadata["description"].Text()));
  about.severity = SeverityOf(notice["severity"].Text());
  about.published = UbuntuTime(notice["issued"].Attribute("date"));
  for (const io::XmlView reference : metadata.Named("reference")) {
    if (about.related.size() == kUbuntuReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
    if (IsUbuntuCve(reference.Attribute("ref_id"))) about.related.emplace_back(reference.Attribute("ref_id"));
  }
  std::vector<UbuntuStatement> statements;
  for (const io::XmlView criterion : criteria) {
    if (IsInstallation(criterion)) continue;
    HF_TRY(const std::string_view version, FixedVersionOf(document, criterion.Attribute("test_ref")));
    const bool pro = place->pro || criterion.Attribute("comment").contains("Ubuntu Pro");
    statements.push_back({place->release, package, pro, model::FixState::kFixed, version});
  }
  return reading.statements.Add(std::move(about), statements);
}

}  // namespace

Result<void> ReadUbuntuCveOval(const Document& document, const UbuntuReading& reading) {
  return ReadOval(document.text, reading.sink,
                  [&](OvalDocument&, io::XmlView definition) { return TakeCve(definition, reading); });
}

Result<void> ReadUbuntuPackageOval(const Document& document, const UbuntuReading& reading) {
  return ReadOval(document.text, reading.sink,
                  [&](OvalDocument&, io::XmlView definition) { return TakePackage(definition, reading); });
}

Result<void> ReadUbuntuNoticeOval(const Document& document, const UbuntuReading& reading) {
  return ReadOval(document.text, reading.sink,
                  [&](OvalDocument& oval, io::XmlView definition) { return TakeNotice(oval, definition, reading); });
}

}  // namespace holdfast::advisory
