// Documents are gathered in numbers: texts are kept once, and a statement is a few of their indexes, for SUSE's
// documents together make millions.

#include "advisory/suse/suse.h"

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "advisory/oval.h"
#include "advisory/suse/product.h"
#include "advisory/words.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kStatementsMax = 100'000'000;  // of all documents: some 3 GB
constexpr std::size_t kAffectedMax = 100'000;        // of one vulnerability
constexpr std::size_t kReferencesMax = 1'000;        // of one definition
constexpr std::size_t kTextBytesMax = 64'000;        // of one description
constexpr std::size_t kIdBytesMax = 64;

// In ascending order of what they outweigh: a fix is worth more than "affected", and both more than "not affected".
enum class Kind : std::uint8_t { kNotAffected, kAffected, kFixed };

// What is said of a package, whichever the product.
struct PackageWord {
  Word package = 0, architecture = 0, version = 0;
  Kind kind = Kind::kNotAffected;

  friend auto operator<=>(const PackageWord&, const PackageWord&) = default;
};

struct Statement {
  Word ecosystem = 0, release = 0;
  bool long_term = false;
  PackageWord said;

  friend auto operator<=>(const Statement&, const Statement&) = default;
};

struct Vulnerability {
  model::Advisory head;  // without `affected`
  std::vector<Statement> statements;
};

std::string_view Before(std::string_view text, std::string_view ending) {
  return text.ends_with(ending) ? Trim(text.substr(0, text.size() - ending.size())) : std::string_view();
}

// "(s390x)" → s390x; a pattern of several architectures is what the product is made for, and holds for all.
std::string_view OnlyArchitecture(std::string_view pattern) {
  if (pattern.starts_with('(') && pattern.ends_with(')')) pattern = pattern.substr(1, pattern.size() - 2);
  return pattern.contains('|') || pattern == "noarch" || pattern == ".*" ? std::string_view() : pattern;
}

class Gatherer {
 public:
  // Statements of one definition.
  Result<void> Take(OvalDocument& document, io::XmlView definition) {
    const io::XmlView metadata = definition["metadata"];
    const std::string id(Trim(metadata["title"].Text()));
    if (!id.starts_with("CVE-") || id.size() > kIdBytesMax)
      return Fail(ErrorKind::kCorrupt, Format("titled \"{}\", not by a CVE", CleanText(id, 100)));
    HF_TRY(const std::vector<OvalAlternative> alternatives, document.Alternatives(definition));
    std::vector<Statement> statements;
    std::optional<Error> first;
    for (const OvalAlternative& alternative : alternatives) {
      auto statement = Read(document, alternative);
      if (!statement && !first) first = statement.error();
      if (statement && *statement) statements.push_back(**statement);
    }
    HF_CHECK_OK(Keep(id, metadata, statements));
    if (first) return std::unexpected(*std::move(first));
    return {};
  }

  // Tests are found again by their ids within one document only.
  void BeginDocument() { tests_.clear(); }

  void Give(AdvisorySink& sink) {
    for (auto& [id, vulnerability] : std::exchange(vulnerabilities_, {})) {
      model::Advisory& advisory = vulnerability.head;
      Rows(vulnerability.statements, advisory);
      if (advisory.affected.size() > kAffectedMax) {
        sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} statements", advisory.id, kAffectedMax)));
      } else if (advisory.affected.empty()) {
        sink.LeaveOut();
      } else {
        sink.Add(advisory);
      }
    }
    kept_ = 0;
  }

 private:
  // Nothing: said of no product that is kept.
  Result<std::optional<Statement>> Read(OvalDocument& document, const OvalAlternative& alternative) {
    std::optional<SuseProduct> product;
    const OvalCriterion* package = nullptr;
    bool several = false;
    for (const OvalCriterion& criterion : alternative) {
      if (criterion.comment.contains("kernel-livepatch")) return std::nullopt;
      if (criterion.comment.contains(" is signed with ")) continue;
      if (IsSuseProductSentence(criterion.comment)) {
        product = ParseSuseProduct(criterion.comment);
        if (!product) return std::nullopt;
      } else {
        several = package != nullptr;
        package = &criterion;
      }
    }
    if (!product) return std::nullopt;
    if (package == nullptr || several || package->negated)
      return Fail(ErrorKind::kUnsupported, "criteria that are not about one package");
    HF_TRY(const PackageWord said, Package(document, *package));
    return Statement{words_.Of(product->ecosystem), words_.Of(product->release), product->long_term, said};
  }

  Result<PackageWord> Package(OvalDocument& document, const OvalCriterion& criterion) {
    if (const auto name = Before(criterion.comment, " is not affected"); !name.empty())
      return PackageWord{words_.Of(name), words_.Of(""), words_.Of(""), Kind::kNotAffected};
    if (const auto name = Before(criterion.comment, " is affected"); !name.empty())
      return PackageWord{words_.Of(name), words_.Of(""), words_.Of(""), Kind::kAffected};
    const auto known = tests_.find(criterion.test);
    if (known != tests_.end()) return known->second;
    HF_TRY(const PackageWord said, Resolve(document, criterion));
    tests_.emplace(criterion.test, said);
    return said;
  }

  Result<PackageWord> Resolve(OvalDocument& document, const OvalCriterion& criterion) {
    HF_TRY(const OvalTest* test, document.FindTest(criterion.test));
    HF_TRY(const model::VersionRange range, OvalRpmRange(test->conditions));
    if (test->packages.size() != 1 || test->none_exists || !range.fixed || range.introduced != "0")
      return Fail(ErrorKind::kUnsupported, Format("criterion \"{}\"", CleanText(criterion.comment, 200)));
    return PackageWord{words_.Of(test->packages.front()), words_.Of(OnlyArchitecture(OvalValue(*test, "arch"))),
                       words_.Of(*range.fixed), Kind::kFixed};
  }

  Result<void> Keep(const std::string& id, io::XmlView metadata, const std::vector<Statement>& statements) {
    kept_ += statements.size();
    if (kept_ > kStatementsMax) return Fail(ErrorKind::kLimit, Format("more than {} statements", kStatementsMax));
    const auto [entry, fresh] = vulnerabilities_.try_emplace(id);
    if (fresh) entry->second.head = Head(id, metadata);
    auto& all = entry->second.statements;
    all.insert(all.end(), statements.begin(), statements.end());
    return {};
  }

  static model::Advisory Head(const std::string& id, io::XmlView metadata) {
    const io::XmlView notice = metadata["advisory"];
    model::Advisory advisory;
    advisory.id = Format("SUSE-{}", id);
    advisory.related = {id};
    advisory.source = "suse";
    advisory.details = metadata["description"].Text().substr(0, kTextBytesMax);
    advisory.severity = model::ParseSeverity(notice["severity"].Text()).value_or(model::Severity::kUnknown);
    const auto date = [&](std::string_view name) {
      const std::string_view day = notice[name].Attribute("date");
      return day.empty() ? std::string() : Format("{}T00:00:00Z", day);
    };
    advisory.published = date("issued");
    advisory.modified = date("updated");
    std::size_t count = 0;
    for (const io::XmlView reference : metadata.Named("reference")) {
      if (++count > kReferencesMax) break;
      const bool own = reference.Attribute("source") == "SUSE CVE";
      if (const auto url = reference.Attribute("ref_url"); !url.empty())
        advisory.references.push_back({own ? "ADVISORY" : "WEB", std::string(url)});
    }
    for (const io::XmlView cve : notice.Named("cve")) AddCvss(cve, advisory);
    return advisory;
  }

  // cvss3="3.7/CVSS:3.1/AV:N/...": the score and the vector, of SUSE or of NVD by what is linked.
  static void AddCvss(io::XmlView cve, model::Advisory& advisory) {
    const std::string_view source = cve.Attribute("href").contains("nvd.nist.gov") ? "NVD" : "SUSE";
    for (const std::string_view name : {"cvss4", "cvss3"}) {
      const std::string_view value = cve.Attribute(name);
      const std::size_t start = value.find("CVSS:");
      if (start == std::string_view::npos || value.size() < start + 9 || advisory.cvss.size() == 8) continue;
      const std::string_view vector = value.substr(start);
      advisory.cvss.push_back({std::string(vector.substr(5, 3)), std::string(vector), std::string(source)});
    }
  }

  // One product's package has one kind of statement: the one that outweighs the others; the product's own, where there
  // is one, before those of its long-term support.
  void Rows(std::vector<Statement>& statements, model::Advisory& advisory) const {
    const auto key = [](const Statement& s) { return std::tuple(s.ecosystem, s.release, s.said.package); };
    std::ranges::sort(statements, {}, [&](const Statement& s) { return std::tuple_cat(key(s), std::tuple(s)); });
    const auto repeated = std::ranges::unique(statements);
    statements.erase(repeated.begin(), repeated.end());
    for (auto first = statements.begin(); first != statements.end();) {
      const auto last =
          std::find_if(first, statements.end(), [&](const Statement& s) { return key(s) != key(*first); });
      const bool long_term = std::all_of(first, last, [](const Statement& s) { return s.long_term; });
      Kind kind = Kind::kNotAffected;
      for (auto s = first; s != last; ++s)
        if (s->long_term == long_term) kind = std::max(kind, s->said.kind);
      for (; first != last; ++first)
        if (first->long_term == long_term && first->said.kind == kind) advisory.affected.push_back(Row(*first));
    }
  }

  [[nodiscard]] model::Affected Row(const Statement& statement) const {
    model::Affected row;
    row.ecosystem = words_.Text(statement.ecosystem);
    row.release = words_.Text(statement.release);
    row.package = words_.Text(statement.said.package);
    row.version_scheme = "rpm";
    row.architecture = words_.Text(statement.said.architecture);
    switch (statement.said.kind) {
      case Kind::kNotAffected: row.fix_state = model::FixState::kNotAffected; break;
      case Kind::kAffected:
        row.fix_state = model::FixState::kNotFixed;
        row.ranges.push_back({"0", std::nullopt, std::nullopt});
        break;
      case Kind::kFixed:
        row.fix_state = model::FixState::kFixed;
        row.ranges.push_back({"0", words_.Text(statement.said.version), std::nullopt});
        break;
    }
    return row;
  }

  Words words_;
  std::unordered_map<std::string_view, PackageWord> tests_;
  std::map<std::string, Vulnerability> vulnerabilities_;
  std::size_t kept_ = 0;
};

class SuseProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "suse"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return IsOvalOf(document, "Marcus Updateinfo to OVAL Converter");
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    gatherer_.BeginDocument();
    const auto read = ReadOval(document.text, sink, [&](OvalDocument& oval, io::XmlView definition) {
      if (definition.Attribute("class") == "vulnerability") return gatherer_.Take(oval, definition);
      sink.LeaveOut();
      return Result<void>();
    });
    gatherer_.BeginDocument();  // what it remembers are texts of this document
    return read;
  }
  void Finish(AdvisorySink& sink) override { gatherer_.Give(sink); }

 private:
  Gatherer gatherer_;
};

}  // namespace

std::unique_ptr<Provider> MakeSuseProvider() { return std::make_unique<SuseProvider>(); }

}  // namespace holdfast::advisory
