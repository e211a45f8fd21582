#include "advisory/gentoo/gentoo.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "advisory/errata.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "base/text.h"
#include "io/xml.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kRecognitionBytes = 2 * 1024;
constexpr std::uint64_t kGlsaBytesMax = 4 * kMiB;
constexpr std::size_t kPackagesMax = 1'000;  // of one advisory
constexpr std::size_t kRangesMax = 1'000;    // of one package
constexpr std::size_t kReferencesMax = 10'000;
constexpr std::size_t kArchitecturesMax = 64;  // of one package
constexpr std::size_t kIdBytesMax = 32;
constexpr std::size_t kTextBytesMax = 64'000;

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax &&
         std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

// "category/name" in the characters that the Package Manager Specification allows (sections 3.1.1, 3.1.2).
bool IsPackage(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() && name.size() <= kVersionBytesMax &&
         name.find('/', slash + 1) == std::string_view::npos && std::ranges::all_of(name, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  std::string_view("/+_-.").contains(c);
         });
}

// Gentoo's keywords, where others say it otherwise.
std::string_view Architecture(std::string_view keyword) {
  if (keyword == "amd64") return "x86_64";
  return keyword == "arm64" ? "aarch64" : keyword;
}

model::Severity SeverityOf(std::string_view word) {
  if (word == "normal") return model::Severity::kMedium;
  if (word == "minimal") return model::Severity::kNegligible;
  return model::ParseSeverity(word).value_or(model::Severity::kUnknown);
}

// Documents of before 2018 had dates in words.
std::string DateOf(std::string_view text) {
  const bool is_date = text.size() == 10 && text[4] == '-' && text[7] == '-';
  return is_date ? ErratumDate(text) : std::string();
}

Result<std::vector<Interval>> IntervalsOf(io::XmlView package, std::string_view kind) {
  std::vector<Interval> intervals;
  for (const io::XmlView range : package.Named(kind)) {
    if (intervals.size() >= kRangesMax) return Fail(ErrorKind::kLimit, "too many ranges");
    HF_TRY(Interval interval, GentooInterval(range.Attribute("range"), range.Text(), range.Attribute("slot")));
    intervals.push_back(std::move(interval));
  }
  return intervals;
}

// Rows of what is vulnerable, without what is unaffected.
Result<std::vector<model::Affected>> RowsOf(io::XmlView package) {
  static constexpr std::string_view kScheme = "portage";
  model::Affected row;
  row.ecosystem = "Gentoo";
  row.package = package.Attribute("name");
  row.version_scheme = kScheme;
  if (!IsPackage(row.package))
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no package", CleanText(row.package, 100)));
  HF_TRY(const std::vector<Interval> vulnerable, IntervalsOf(package, "vulnerable"));
  HF_TRY(std::vector<Interval> safe, IntervalsOf(package, "unaffected"));
  HF_TRY(std::vector<Interval> others, Complement(vulnerable, *version::FindScheme(kScheme)));
  std::ranges::move(others, std::back_inserter(safe));
  return AffectedBesides(std::move(safe), row, GentooSuccessor);
}

// The same rows for each architecture of the package's list.
Result<void> AddRows(io::XmlView package, std::vector<model::Affected>& rows) {
  HF_TRY(const std::vector<model::Affected> own, RowsOf(package));
  std::string_view keywords = package.Attribute("arch");
  std::size_t count = 0;
  for (bool more = true; more; more = !Trim(keywords).empty()) {
    keywords = Trim(keywords);
    const std::string_view keyword = TakeUntil(keywords, ' ');
    if (++count > kArchitecturesMax) return Fail(ErrorKind::kLimit, "too many architectures");
    for (model::Affected row : own) {
      if (keyword != "*") row.architecture = Architecture(keyword);
      rows.push_back(std::move(row));
    }
  }
  return {};
}

Result<void> AddReferences(io::XmlView glsa, model::Advisory& advisory) {
  std::string named;
  std::size_t count = 0;
  for (const io::XmlView uri : glsa["references"].Named("uri")) {
    if (++count > kReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
    named += Format("{} {} ", uri.Text(), uri.Attribute("link"));
    if (const std::string_view url = uri.Attribute("link"); !url.empty())
      advisory.references.push_back({"WEB", std::string(url)});
  }
  for (const io::XmlView bug : glsa.Named("bug")) {
    if (++count > kReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
    if (IsId(bug.Text())) advisory.references.push_back({"REPORT", Format("https://bugs.gentoo.org/{}", bug.Text())});
  }
  AddCvesOf(named, advisory.related);
  return {};
}

Result<model::Advisory> AdvisoryOf(io::XmlView glsa) {
  const std::string_view id = glsa.Attribute("id");
  if (!IsId(id)) return Fail(ErrorKind::kCorrupt, Format("a GLSA with the id \"{}\"", CleanText(id, 100)));
  model::Advisory advisory;
  advisory.id = Format("GLSA-{}", id);
  advisory.source = "gentoo";
  advisory.summary = CleanText(glsa["title"].Text());
  advisory.details = CleanText(glsa["synopsis"].Text(), kTextBytesMax);
  advisory.severity = SeverityOf(glsa["impact"].Attribute("type"));
  advisory.published = DateOf(glsa["announced"].Text());
  advisory.modified = DateOf(glsa["revised"].Text());
  advisory.references.push_back({"ADVISORY", Format("https://security.gentoo.org/glsa/{}", id)});
  HF_CHECK_OK(AddReferences(glsa, advisory));
  std::size_t count = 0;
  for (const io::XmlView package : glsa["affected"].Named("package")) {
    if (++count > kPackagesMax) return Fail(ErrorKind::kLimit, Format("{}: too many packages", advisory.id));
    if (const auto added = AddRows(package, advisory.affected); !added)
      return std::unexpected(
          added.error().In(Format("{}: {}", advisory.id, CleanText(package.Attribute("name"), 100))));
  }
  return advisory;
}

class GentooProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "gentoo"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (document.notation != Notation::kXml) return false;
    const std::string_view head = document.text.substr(0, kRecognitionBytes);
    const std::size_t root = head.find("<glsa ");
    return root != std::string_view::npos && head.substr(root, head.find('>', root) - root).contains("id=");
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const io::XmlDocument tree, io::XmlDocument::Parse(document.text, {.bytes_max = kGlsaBytesMax}));
    if (tree.Root().Name() != "glsa") return Fail(ErrorKind::kCorrupt, "no GLSA");
    if (const std::string_view type = tree.Root()["product"].Attribute("type"); !type.empty() && type != "ebuild") {
      sink.LeaveOut();
      return {};
    }
    HF_TRY(const model::Advisory advisory, AdvisoryOf(tree.Root()));
    if (advisory.affected.empty())
      sink.LeaveOut();
    else
      sink.Add(advisory);
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeGentooProvider() { return std::make_unique<GentooProvider>(); }

}  // namespace holdfast::advisory
