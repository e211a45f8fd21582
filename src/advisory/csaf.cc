// Ids are looked up in two tables: products, and relationships. What an id stands for is resolved when it is first
// named and remembered, so a document costs time in proportion to its length, however often it names a product. The
// tables are in order and not by hash, which a crafted document could fill with ids of one hash. Groups
// are the one thing that makes a short document long; their members count against kCsafNamedMax each time.

#include "advisory/csaf.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/format.h"

namespace holdfast::advisory {
namespace {

using io::JsonView;

Result<void> CheckCount(JsonView list, std::size_t max, std::string_view what) {
  if (list.Size() > max)
    return Fail(ErrorKind::kLimit, Format("CSAF document with {} {}, limit {}", list.Size(), what, max));
  return {};
}

// Counts what is left out for one reason, and remembers the first.
class Defects {
 public:
  void Add(std::string_view example) {
    if (count_++ == 0) first_ = example.substr(0, kExampleBytesMax);
  }
  void Report(std::string_view what, std::vector<Error>& problems) const {
    if (count_ > 0)
      problems.emplace_back(ErrorKind::kCorrupt, Format("{} {} left out, the first \"{}\"", count_, what, first_));
  }

 private:
  static constexpr std::size_t kExampleBytesMax = 200;
  std::size_t count_ = 0;
  std::string first_;
};

// The product tree: what ids stand for.
class ProductTree {
 public:
  Result<void> Read(JsonView tree) {
    HF_CHECK_OK(ReadBranches(tree["branches"], 0));
    const JsonView names = tree["full_product_names"];
    HF_CHECK_OK(CheckCount(names, kCsafProductsMax, "products"));
    for (std::size_t i = 0; names.IsArray() && i < names.Size(); ++i) HF_CHECK_OK(AddProduct(names.At(i)));
    HF_CHECK_OK(ReadRelationships(tree["relationships"]));
    return ReadGroups(tree["product_groups"]);
  }

  // Nothing for an id that the tree does not hold.
  std::optional<std::uint32_t> Find(std::string_view id, std::vector<CsafItem>& items) {
    if (const auto known = resolved_.find(id); known != resolved_.end()) return known->second;
    std::optional<std::uint32_t> index;
    if (const auto item = Resolve(id)) {
      index = static_cast<std::uint32_t>(items.size());
      items.push_back(*item);
    }
    resolved_.emplace(id, index);
    return index;
  }

  // The null view when there is no such group.
  JsonView Group(std::string_view id) const {
    const auto found = groups_.find(id);
    return found == groups_.end() ? JsonView() : found->second;
  }

  void Report(std::vector<Error>& problems) const {
    nameless_.Report("products without an id", problems);
    broken_relations_.Report("relationships without both ends", problems);
  }

 private:
  struct Relation {
    std::string_view component, platform;
  };

  Result<void> ReadBranches(JsonView branches, std::size_t depth) {
    if (!branches.IsArray()) return {};
    if (depth >= kCsafBranchDepthMax)
      return Fail(ErrorKind::kLimit, Format("CSAF document with branches deeper than {}", kCsafBranchDepthMax));
    HF_CHECK_OK(CheckCount(branches, kCsafProductsMax, "branches"));
    for (std::size_t i = 0; i < branches.Size(); ++i) {
      const JsonView branch = branches.At(i);
      if (branch["product"].IsObject()) HF_CHECK_OK(AddProduct(branch["product"]));
      HF_CHECK_OK(ReadBranches(branch["branches"], depth + 1));
    }
    return {};
  }

  Result<void> AddProduct(JsonView product) {
    const std::string_view id = product["product_id"].StringOr("");
    if (id.empty()) {
      nameless_.Add(product["name"].StringOr(""));
      return {};
    }
    const JsonView helper = product["product_identification_helper"];
    products_.insert_or_assign(id, CsafProduct{id, helper["purl"].StringOr(""), helper["cpe"].StringOr("")});
    if (products_.size() <= kCsafProductsMax) return {};
    return Fail(ErrorKind::kLimit, Format("CSAF document with more than {} products", kCsafProductsMax));
  }

  Result<void> ReadRelationships(JsonView list) {
    HF_CHECK_OK(CheckCount(list, kCsafProductsMax, "relationships"));
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
      const JsonView item = list.At(i);
      const std::string_view id = item["full_product_name"]["product_id"].StringOr("");
      const Relation relation{item["product_reference"].StringOr(""),
                              item["relates_to_product_reference"].StringOr("")};
      if (id.empty() || relation.component.empty() || relation.platform.empty()) {
        broken_relations_.Add(id);
        continue;
      }
      relations_.insert_or_assign(id, relation);
    }
    return {};
  }

  Result<void> ReadGroups(JsonView list) {
    HF_CHECK_OK(CheckCount(list, kCsafProductsMax, "product groups"));
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
      groups_.insert_or_assign(list.At(i)["group_id"].StringOr(""), list.At(i)["product_ids"]);
    return {};
  }

  // Follows the first ends of relationships down to a product.
  const CsafProduct* Component(std::string_view id) const {
    for (std::size_t depth = 0; depth <= kCsafRelationDepthMax; ++depth) {
      if (const auto product = products_.find(id); product != products_.end()) return &product->second;
      const auto relation = relations_.find(id);
      if (relation == relations_.end()) return nullptr;
      id = relation->second.component;
    }
    return nullptr;
  }

  std::optional<CsafItem> Resolve(std::string_view id) const {
    CsafItem item;
    const CsafProduct* component = Component(id);
    if (component == nullptr) return std::nullopt;
    item.component = *component;
    auto relation = relations_.find(id);
    for (std::size_t depth = 0; relation != relations_.end(); ++depth) {
      const std::string_view above = relation->second.platform;
      const CsafProduct* platform = Component(above);
      if (platform == nullptr || depth >= kCsafRelationDepthMax) return std::nullopt;
      if (!item.platform.id.empty()) item.container = item.platform;
      item.platform = *platform;
      relation = relations_.find(above);
    }
    return item;
  }

  std::map<std::string_view, CsafProduct> products_;
  std::map<std::string_view, Relation> relations_;
  std::map<std::string_view, JsonView> groups_;
  std::map<std::string_view, std::optional<std::uint32_t>> resolved_;
  Defects nameless_, broken_relations_;
};

Result<std::vector<CsafNote>> ReadNotes(JsonView list) {
  HF_CHECK_OK(CheckCount(list, kCsafTextsMax, "notes"));
  std::vector<CsafNote> notes;
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
    notes.push_back({list.At(i)["category"].StringOr(""), list.At(i)["text"].StringOr("")});
  return notes;
}

Result<std::vector<CsafReference>> ReadReferences(JsonView list) {
  HF_CHECK_OK(CheckCount(list, kCsafTextsMax, "references"));
  std::vector<CsafReference> references;
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
    if (const std::string_view url = list.At(i)["url"].StringOr(""); !url.empty())
      references.push_back({list.At(i)["category"].StringOr("external"), url});
  return references;
}

Result<std::vector<model::CvssVector>> ReadScores(JsonView list) {
  HF_CHECK_OK(CheckCount(list, kCsafTextsMax, "scores"));
  std::vector<model::CvssVector> vectors;
  std::set<std::string_view> known;
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
    for (const std::string_view key : {"cvss_v4", "cvss_v3", "cvss_v2"}) {
      const JsonView score = list.At(i)[key];
      const std::string_view vector = score["vectorString"].StringOr("");
      if (vector.empty() || !known.insert(vector).second) continue;
      const std::string_view fallback = key == "cvss_v2" ? "2.0" : "";
      vectors.push_back({std::string(score["version"].StringOr(fallback)), std::string(vector), ""});
    }
  }
  return vectors;
}

struct StatusKey {
  std::string_view key;
  CsafStatus status;
};
constexpr auto kStatuses = std::to_array<StatusKey>({{"known_not_affected", CsafStatus::kNotAffected},
                                                     {"under_investigation", CsafStatus::kUnderInvestigation},
                                                     {"known_affected", CsafStatus::kAffected},
                                                     {"fixed", CsafStatus::kFixed}});

CsafRemedy RemedyOf(std::string_view category) {
  if (category == "vendor_fix") return CsafRemedy::kVendorFix;
  if (category == "none_available") return CsafRemedy::kNoneAvailable;
  if (category == "no_fix_planned") return CsafRemedy::kNoFixPlanned;
  return CsafRemedy::kUnstated;
}

// Reads the vulnerabilities of one document.
class Reader {
 public:
  explicit Reader(CsafRecommended recommended) : recommended_(recommended) {}

  Result<CsafDocument> Read(JsonView root) {
    HF_CHECK_OK(ReadHead(root["document"]));
    HF_CHECK_OK(tree_.Read(root["product_tree"]));
    const JsonView list = root["vulnerabilities"];
    HF_CHECK_OK(CheckCount(list, kCsafVulnerabilitiesMax, "vulnerabilities"));
    if (!list.IsArray() && !list.IsNull())
      return Fail(ErrorKind::kCorrupt, Format("{}: vulnerabilities are no list", document_.id));
    if (list.IsNull() && document_.category == "csaf_vex")
      return Fail(ErrorKind::kCorrupt, Format("{}: a VEX document without vulnerabilities", document_.id));
    for (std::size_t i = 0; i < list.Size(); ++i) HF_CHECK_OK(ReadVulnerability(list.At(i)));
    tree_.Report(document_.problems);
    unknown_.Report("product ids that the product tree does not hold", document_.problems);
    return std::move(document_);
  }

 private:
  Result<void> ReadHead(JsonView head) {
    const JsonView tracking = head["tracking"];
    document_.category = head["category"].StringOr("");
    document_.title = head["title"].StringOr("");
    document_.id = tracking["id"].StringOr("");
    document_.published = tracking["initial_release_date"].StringOr("");
    document_.modified = tracking["current_release_date"].StringOr("");
    document_.aggregate_severity = head["aggregate_severity"]["text"].StringOr("");
    if (document_.id.empty()) return Fail(ErrorKind::kCorrupt, "CSAF document without a tracking id");
    HF_TRY(document_.notes, ReadNotes(head["notes"]));
    HF_TRY(document_.references, ReadReferences(head["references"]));
    return {};
  }

  Result<void> ReadVulnerability(JsonView view) {
    CsafVulnerability& vulnerability = document_.vulnerabilities.emplace_back();
    vulnerability.cve = view["cve"].StringOr("");
    vulnerability.title = view["title"].StringOr("");
    vulnerability.cwe = view["cwe"]["id"].StringOr("");
    vulnerability.published = view["release_date"].StringOr("");
    HF_TRY(vulnerability.notes, ReadNotes(view["notes"]));
    HF_TRY(vulnerability.references, ReadReferences(view["references"]));
    HF_TRY(vulnerability.cvss, ReadScores(view["scores"]));
    statement_of_.clear();
    // In ascending weight: who is stated twice has the weightier status.
    for (const auto& [key, status] : kStatuses)
      HF_CHECK_OK(VisitIds(view["product_status"][key],
                           [&](std::string_view id) { AddStatement(id, status, vulnerability.statements); }));
    if (recommended_ == CsafRecommended::kIsFixed)
      HF_CHECK_OK(VisitIds(view["product_status"]["recommended"], [&](std::string_view id) {
        AddStatement(id, CsafStatus::kFixed, vulnerability.statements);
      }));
    HF_CHECK_OK(ReadRemediations(view["remediations"], vulnerability));
    return ReadThreats(view["threats"], vulnerability);
  }

  void AddStatement(std::string_view id, CsafStatus status, std::vector<CsafStatement>& statements) {
    const auto item = tree_.Find(id, document_.items);
    if (!item) return unknown_.Add(id);
    const auto [known, fresh] = statement_of_.emplace(id, statements.size());
    if (!fresh) {
      statements[known->second].status = status;
      return;
    }
    CsafStatement& statement = statements.emplace_back();
    statement.item = *item;
    statement.status = status;
  }

  Result<void> ReadRemediations(JsonView list, CsafVulnerability& vulnerability) {
    HF_CHECK_OK(CheckCount(list, kCsafNamedMax, "remediations"));
    std::set<std::string_view> urls;
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
      HF_CHECK_OK(ReadRemediation(list.At(i), urls, vulnerability));
    return {};
  }

  Result<void> ReadRemediation(JsonView item, std::set<std::string_view>& urls, CsafVulnerability& vulnerability) {
    const CsafRemedy remedy = RemedyOf(item["category"].StringOr(""));
    if (remedy == CsafRemedy::kUnstated) return {};
    const std::string_view url = item["url"].StringOr("");
    const std::string_view details = item["details"].StringOr("");
    if (remedy == CsafRemedy::kVendorFix && !url.empty() && urls.insert(url).second)
      vulnerability.fix_urls.push_back(url);
    return VisitProducts(item, [&](std::string_view id) {
      CsafStatement* statement = StatementOf(id, vulnerability);
      if (statement == nullptr) return;
      statement->remedy = remedy;
      statement->remedy_details = details;
      statement->remedy_url = url;
    });
  }

  // A threat without products is about all of them.
  Result<void> ReadThreats(JsonView list, CsafVulnerability& vulnerability) {
    HF_CHECK_OK(CheckCount(list, kCsafNamedMax, "threats"));
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
      const JsonView item = list.At(i);
      const auto impact = model::ParseSeverity(item["details"].StringOr(""));
      if (!impact || item["category"].StringOr("") != "impact") continue;
      vulnerability.impact = std::max(vulnerability.impact, *impact);
      HF_CHECK_OK(VisitProducts(item, [&](std::string_view id) {
        if (CsafStatement* statement = StatementOf(id, vulnerability); statement != nullptr)
          statement->impact = std::max(statement->impact, *impact);
      }));
    }
    return {};
  }

  CsafStatement* StatementOf(std::string_view id, CsafVulnerability& vulnerability) {
    const auto found = statement_of_.find(id);
    return found == statement_of_.end() ? nullptr : &vulnerability.statements[found->second];
  }

  template <typename Visit>
  Result<void> VisitProducts(JsonView holder, const Visit& visit) {
    HF_CHECK_OK(VisitIds(holder["product_ids"], visit));
    const JsonView groups = holder["group_ids"];
    for (std::size_t i = 0; groups.IsArray() && i < groups.Size(); ++i) {
      HF_CHECK_OK(Count(1));
      HF_CHECK_OK(VisitIds(tree_.Group(groups.At(i).StringOr("")), visit));
    }
    return {};
  }

  template <typename Visit>
  Result<void> VisitIds(JsonView list, const Visit& visit) {
    if (!list.IsArray()) return {};
    HF_CHECK_OK(Count(list.Size()));
    for (std::size_t i = 0; i < list.Size(); ++i) visit(list.At(i).StringOr(""));
    return {};
  }

  Result<void> Count(std::size_t ids) {
    named_ += ids;
    if (named_ <= kCsafNamedMax) return {};
    return Fail(ErrorKind::kLimit, Format("{}: more than {} product ids are named", document_.id, kCsafNamedMax));
  }

  CsafRecommended recommended_;
  CsafDocument document_;
  ProductTree tree_;
  std::map<std::string_view, std::size_t> statement_of_;  // of the vulnerability that is being read
  std::size_t named_ = 0;
  Defects unknown_;
};

}  // namespace

bool LooksLikeCsaf(JsonView root) {
  const JsonView head = root["document"];
  return head["csaf_version"].StringOr("").starts_with("2.") && head["category"].IsString() &&
         head["tracking"].IsObject() && head["publisher"].IsObject();
}

std::string_view CsafPublisher(JsonView root) { return root["document"]["publisher"]["namespace"].StringOr(""); }

Result<CsafDocument> ParseCsaf(JsonView root, CsafRecommended recommended) {
  if (!LooksLikeCsaf(root)) return Fail(ErrorKind::kCorrupt, "not a CSAF 2 document");
  return Reader(recommended).Read(root);
}

std::string_view NoteOf(const std::vector<CsafNote>& notes, std::string_view category) {
  const auto found = std::ranges::find(notes, category, &CsafNote::category);
  return found == notes.end() ? std::string_view() : found->text;
}

}  // namespace holdfast::advisory
