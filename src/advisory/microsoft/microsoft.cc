#include "advisory/microsoft/microsoft.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "advisory/errata.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "base/text.h"
#include "io/xml.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kRecognitionBytes = 8 * 1024;
constexpr std::size_t kNodesMax = 60'000'000;
constexpr std::size_t kVulnerabilitiesMax = 100'000;  // of one document
constexpr std::size_t kStatementsMax = 20'000'000;    // products of vulnerabilities, of all documents
constexpr std::size_t kSupersededMax = 5'000'000;     // likewise
constexpr std::size_t kListedMax = 50'000'000;        // updates in all rows
constexpr std::size_t kProductsMax = 10'000;          // of one vulnerability
constexpr std::size_t kFixesMax = 100;                // of one product in it: a handful of rollups
constexpr std::size_t kVectorsMax = 16;               // likewise: products have mostly the same
constexpr std::size_t kIdBytesMax = 32;
constexpr std::size_t kTextBytesMax = 64'000;
constexpr std::string_view kNoUpdate = "base";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsId(std::string_view id) {
  return (id.starts_with("CVE-") || id.starts_with("ADV")) && id.size() <= kIdBytesMax && IsRpmName(id);
}

bool IsProduct(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

// Articles in "3140745", "KB3140745", "3140745 in MS16-026; 3138910": numbers of six to eight digits.
std::vector<std::string> ArticlesIn(std::string_view text) {
  constexpr std::size_t kArticlesMax = 1'000;
  std::vector<std::string> articles;
  while (!text.empty() && articles.size() < kArticlesMax) {
    const auto start = std::ranges::find_if(text, IsDigit);
    text.remove_prefix(static_cast<std::size_t>(start - text.begin()));
    const auto end = std::ranges::find_if_not(text, IsDigit);
    const std::string_view number = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    if (number.size() >= 6 && number.size() <= 8) articles.emplace_back(number);
    text.remove_prefix(number.size());
  }
  return articles;
}

struct Product {
  model::Severity severity = model::Severity::kUnknown;
  std::set<std::string> fixes;  // articles
  bool fixed_otherwise = false;
};
using Products = std::map<std::string, Product>;

struct Vulnerability {
  model::Advisory head;
  Products products;
};

std::string_view DescriptionOf(io::XmlView vulnerability) {
  for (const io::XmlView note : vulnerability["Notes"].Named("Note"))
    if (note.Attribute("Type") == "Description") return note.Text();
  return {};
}

void AddVectors(io::XmlView vulnerability, model::Advisory& head) {
  for (const io::XmlView set : vulnerability["CVSSScoreSets"].Named("ScoreSet")) {
    const std::string_view vector = set["Vector"].Text();
    const auto known = [&](const model::CvssVector& other) { return other.vector == vector; };
    if (!vector.starts_with("CVSS:") || vector.size() < 10 || std::ranges::any_of(head.cvss, known)) continue;
    if (head.cvss.size() == kVectorsMax) return;
    head.cvss.push_back({std::string(vector.substr(5, 3)), std::string(vector), "Microsoft"});
  }
}

class Gatherer {
 public:
  Result<void> Take(io::XmlView view, std::string_view published, std::string_view modified) {
    const std::string_view id = view["CVE"].Text();
    if (!IsId(id)) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no vulnerability", CleanText(id, 100)));
    HF_TRY(Products products, AffectedProducts(view));
    AddSeverities(view, products);
    HF_CHECK_OK(AddFixes(view, products));
    Vulnerability& vulnerability = vulnerabilities_[std::string(id)];
    if (vulnerability.head.id.empty() || modified > vulnerability.head.modified)
      vulnerability.head = Head(view, id, published, modified);
    for (auto& [product, said] : products) {
      Product& known = vulnerability.products[product];
      known.severity = std::max(known.severity, said.severity);
      known.fixes.merge(said.fixes);
      known.fixed_otherwise = known.fixed_otherwise || said.fixed_otherwise;
    }
    return {};
  }

  void Give(AdvisorySink& sink) {
    std::size_t listed = 0;
    for (auto& [id, vulnerability] : std::exchange(vulnerabilities_, {})) {
      model::Advisory& advisory = vulnerability.head;
      for (const auto& [product, said] : vulnerability.products) {
        if (said.fixes.empty() && said.fixed_otherwise) continue;
        advisory.affected.push_back(Row(product, said));
        advisory.severity = std::max(advisory.severity, said.severity);
        listed += advisory.affected.back().versions.size();
      }
      if (listed > kListedMax)
        return sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} updates in all", id, kListedMax)));
      if (advisory.affected.empty())
        sink.LeaveOut();
      else
        sink.Add(advisory);
    }
    superseded_.clear();
    statements_ = edges_ = 0;
  }

 private:
  static model::Advisory Head(io::XmlView view, std::string_view id, std::string_view published,
                              std::string_view modified) {
    model::Advisory head;
    head.id = Format("MSRC-{}", id);
    if (id.starts_with("CVE-")) head.related.emplace_back(id);
    head.source = "microsoft";
    head.summary = CleanText(view["Title"].Text());
    head.details = DescriptionOf(view).substr(0, kTextBytesMax);
    head.published = published;
    head.modified = modified;
    head.references.push_back({"ADVISORY", Format("https://msrc.microsoft.com/update-guide/vulnerability/{}", id)});
    if (const std::string_view cwe = view["CWE"].Attribute("ID"); cwe.starts_with("CWE-") && cwe.size() <= kIdBytesMax)
      head.cwes.emplace_back(cwe);
    AddVectors(view, head);
    return head;
  }

  Result<Products> AffectedProducts(io::XmlView view) {
    Products products;
    for (const io::XmlView status : view["ProductStatuses"].Named("Status")) {
      if (status.Attribute("Type") != "Known Affected") continue;
      for (const io::XmlView product : status.Named("ProductID")) {
        if (!IsProduct(product.Text())) return Fail(ErrorKind::kCorrupt, "a product without a number");
        products.try_emplace(std::string(product.Text()));
        if (products.size() > kProductsMax) return Fail(ErrorKind::kLimit, "too many products");
      }
    }
    statements_ += products.size();
    if (statements_ > kStatementsMax) return Fail(ErrorKind::kLimit, Format("more than {} statements", kStatementsMax));
    return products;
  }

  static void AddSeverities(io::XmlView view, Products& products) {
    for (const io::XmlView threat : view["Threats"].Named("Threat")) {
      const auto severity = model::ParseSeverity(threat["Description"].Text());
      if (!severity || threat.Attribute("Type") != "Severity") continue;
      for (const io::XmlView id : threat.Named("ProductID"))
        if (const auto product = products.find(std::string(id.Text())); product != products.end())
          product->second.severity = std::max(product->second.severity, *severity);
    }
  }

  Result<void> AddFixes(io::XmlView view, Products& products) {
    for (const io::XmlView remedy : view["Remediations"].Named("Remediation")) {
      if (remedy.Attribute("Type") != "Vendor Fix") continue;
      const std::vector<std::string> fixes = ArticlesIn(remedy["Description"].Text());
      const std::vector<std::string> older = ArticlesIn(remedy["Supercedence"].Text());
      for (const io::XmlView id : remedy.Named("ProductID")) {
        const auto product = products.find(std::string(id.Text()));
        if (product == products.end()) continue;
        product->second.fixed_otherwise = product->second.fixed_otherwise || fixes.empty();
        product->second.fixes.insert(fixes.begin(), fixes.end());
        if (product->second.fixes.size() > kFixesMax) return Fail(ErrorKind::kLimit, "too many fixes of a product");
        HF_CHECK_OK(AddSuperseded(product->first, fixes, older));
      }
    }
    return {};
  }

  Result<void> AddSuperseded(const std::string& product, const std::vector<std::string>& fixes,
                             const std::vector<std::string>& older) {
    edges_ += fixes.size() * older.size();
    if (edges_ > kSupersededMax)
      return Fail(ErrorKind::kLimit, Format("more than {} updates are superseded", kSupersededMax));
    for (const std::string& fix : fixes) superseded_[product][fix].insert(older.begin(), older.end());
    return {};
  }

  // All that the fixes supersede, one through another.
  [[nodiscard]] std::set<std::string> Before(const std::string& product, const std::set<std::string>& fixes) const {
    std::set<std::string> before;
    const auto updates = superseded_.find(product);
    if (updates == superseded_.end()) return before;
    std::vector<std::string> open(fixes.begin(), fixes.end());
    while (!open.empty()) {
      const auto update = updates->second.find(open.back());
      open.pop_back();
      if (update == updates->second.end()) continue;
      for (const std::string& older : update->second)
        if (!fixes.contains(older) && before.insert(older).second) open.push_back(older);
    }
    return before;
  }

  [[nodiscard]] model::Affected Row(const std::string& product, const Product& said) const {
    model::Affected row;
    row.ecosystem = "Microsoft";
    row.package = product;
    row.version_scheme = "kb";
    row.severity = said.severity == model::Severity::kUnknown ? std::nullopt : std::optional(said.severity);
    row.versions.emplace_back(kNoUpdate);
    if (said.fixes.empty()) {
      row.fix_state = model::FixState::kNotFixed;
      row.ranges.push_back({"0", std::nullopt, std::nullopt});
      return row;
    }
    row.fix_state = model::FixState::kFixed;
    for (const std::string& older : Before(product, said.fixes)) row.versions.push_back(older);
    for (const std::string& fix : said.fixes) row.ranges.push_back({fix, fix, std::nullopt});
    return row;
  }

  std::map<std::string, Vulnerability> vulnerabilities_;
  std::map<std::string, std::map<std::string, std::set<std::string>>> superseded_;  // by product and update
  std::size_t statements_ = 0, edges_ = 0;
};

class MicrosoftProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "microsoft"; }
  // The API's documents have names without an ending.
  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (document.notation != Notation::kXml && document.notation != Notation::kText) return false;
    const std::string_view head = document.text.substr(0, kRecognitionBytes);
    return head.contains("cvrfdoc") && head.contains("secure@microsoft.com");
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const io::XmlDocument tree,
           io::XmlDocument::Parse(document.text, {.bytes_max = kDocumentBytesMax, .nodes_max = kNodesMax}));
    const io::XmlView root = tree.Root();
    if (root.Name() != "cvrfdoc") return Fail(ErrorKind::kCorrupt, "no CVRF document");
    const io::XmlView tracking = root["DocumentTracking"];
    const auto date = [&](std::string_view name) {
      const std::string_view text = tracking[name].Text();
      return text.empty() || text.ends_with('Z') ? std::string(text) : Format("{}Z", text);
    };
    const std::string published = date("InitialReleaseDate"), modified = date("CurrentReleaseDate");
    std::size_t count = 0;
    for (const io::XmlView vulnerability : root.Named("Vulnerability")) {
      if (++count > kVulnerabilitiesMax) return Fail(ErrorKind::kLimit, "too many vulnerabilities");
      if (const auto taken = gatherer_.Take(vulnerability, published, modified); !taken)
        sink.Problem(taken.error().In(CleanText(vulnerability["CVE"].Text(), 100)));
    }
    if (count == 0) return Fail(ErrorKind::kCorrupt, "no vulnerabilities");
    return {};
  }
  void Finish(AdvisorySink& sink) override { gatherer_.Give(sink); }

 private:
  Gatherer gatherer_;
};

}  // namespace

std::unique_ptr<Provider> MakeMicrosoftProvider() { return std::make_unique<MicrosoftProvider>(); }

}  // namespace holdfast::advisory
