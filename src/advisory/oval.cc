#include "advisory/oval.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

OvalOperation OperationOf(std::string_view word) {
  struct Row {
    std::string_view word;
    OvalOperation operation;
  };
  constexpr std::array kRows = {Row{"", OvalOperation::kEquals},
                                Row{"equals", OvalOperation::kEquals},
                                Row{"not equal", OvalOperation::kNotEqual},
                                Row{"less than", OvalOperation::kLess},
                                Row{"less than or equal", OvalOperation::kLessOrEqual},
                                Row{"greater than", OvalOperation::kGreater},
                                Row{"greater than or equal", OvalOperation::kGreaterOrEqual},
                                Row{"pattern match", OvalOperation::kPattern}};
  const auto* row = std::ranges::find(kRows, word, &Row::word);
  return row != kRows.end() ? row->operation : OvalOperation::kOther;
}

bool IsPackageTest(std::string_view kind) {
  return kind == "rpminfo_test" || kind == "dpkginfo_test" || kind == "textfilecontent54_test";
}

// Lays out one definition's tree.
class Layout {
 public:
  // Every way in which `criteria` holds.
  Result<std::vector<OvalAlternative>> Of(io::XmlView criteria, std::size_t depth) {
    if (depth > kOvalCriteriaDepthMax)
      return Fail(ErrorKind::kLimit, Format("criteria nested deeper than {}", kOvalCriteriaDepthMax));
    const std::string_view word = criteria.Attribute("operator");
    const bool all = word.empty() || word == "AND";
    if (!all && word != "OR") return Fail(ErrorKind::kUnsupported, Format("criteria with the operator {}", word));
    if (criteria.Attribute("negate") == "true") return Fail(ErrorKind::kUnsupported, "negated criteria");
    std::vector<OvalAlternative> result;
    bool first = true;
    for (const io::XmlView child : criteria.Children()) {
      HF_TRY(std::vector<OvalAlternative> ways, OfChild(child, depth));
      if (first || !all) {
        std::ranges::move(ways, std::back_inserter(result));
      } else {
        HF_TRY(result, Both(result, ways));
      }
      first = false;
    }
    if (first) return Fail(ErrorKind::kCorrupt, "criteria without a criterion");
    return result;
  }

  [[nodiscard]] std::size_t Spent() const { return spent_; }

 private:
  Result<std::vector<OvalAlternative>> OfChild(io::XmlView child, std::size_t depth) {
    if (child.Name() == "criteria") return Of(child, depth + 1);
    if (child.Name() != "criterion") return Fail(ErrorKind::kUnsupported, Format("{} in criteria", child.Name()));
    HF_CHECK_OK(Spend(1));
    return std::vector<OvalAlternative>{
        {{child.Attribute("test_ref"), child.Attribute("comment"), child.Attribute("negate") == "true"}}};
  }

  Result<std::vector<OvalAlternative>> Both(const std::vector<OvalAlternative>& left,
                                            const std::vector<OvalAlternative>& right) {
    std::vector<OvalAlternative> result;
    for (const OvalAlternative& a : left) {
      for (const OvalAlternative& b : right) {
        HF_CHECK_OK(Spend(a.size() + b.size()));
        OvalAlternative& both = result.emplace_back(a);
        both.insert(both.end(), b.begin(), b.end());
      }
    }
    return result;
  }

  Result<void> Spend(std::size_t criteria) {
    spent_ += criteria;
    if (spent_ <= kOvalCriteriaMax) return {};
    return Fail(ErrorKind::kLimit, Format("more than {} criteria", kOvalCriteriaMax));
  }

  std::size_t spent_ = 0;
};

}  // namespace

bool IsOvalOf(const Document& document, std::string_view product) {
  if (document.notation != Notation::kXml) return false;
  const std::string_view head = document.text.substr(0, kOvalRecognitionBytes);
  const std::size_t root = head.find("oval_definitions");
  const std::size_t name = head.find("product_name>", root == std::string_view::npos ? head.size() : root);
  return name != std::string_view::npos && head.substr(head.find('>', name) + 1).starts_with(product);
}

OvalDocument::OvalDocument(io::XmlDocument document) : document_(std::move(document)) {
  const auto index = [this](std::string_view list, Index& by_id) {
    for (const io::XmlView item : Root()[list].Children()) by_id.emplace(item.Attribute("id"), item);
  };
  index("tests", tests_);
  index("objects", objects_);
  index("states", states_);
  index("variables", variables_);
}

Result<OvalDocument> OvalDocument::Parse(std::string_view text) {
  HF_TRY(io::XmlDocument document,
         io::XmlDocument::Parse(text, {.bytes_max = kDocumentBytesMax, .nodes_max = kOvalNodesMax}));
  if (document.Root().Name() != "oval_definitions" || document.Root()["definitions"].IsNull())
    return Fail(ErrorKind::kCorrupt, "no OVAL definitions");
  return OvalDocument(std::move(document));
}

Result<std::vector<OvalAlternative>> OvalDocument::Alternatives(io::XmlView definition) {
  const io::XmlView criteria = definition["criteria"];
  if (criteria.IsNull()) return Fail(ErrorKind::kCorrupt, "no criteria");
  if (laid_out_ > kOvalDocumentCriteriaMax)
    return Fail(ErrorKind::kLimit, Format("more than {} criteria in the document", kOvalDocumentCriteriaMax));
  Layout layout;
  auto alternatives = layout.Of(criteria, 1);
  laid_out_ += layout.Spent();
  return alternatives;
}

Result<std::vector<std::string_view>> OvalDocument::NamesOf(io::XmlView object) const {
  const io::XmlView name = object[object["name"].IsNull() ? "pattern" : "name"];
  const std::string_view reference = name.Attribute("var_ref");
  std::vector<std::string_view> names;
  if (reference.empty()) {
    if (!name.Text().empty()) names.push_back(name.Text());
  } else if (const auto variable = variables_.find(reference); variable != variables_.end()) {
    for (const io::XmlView value : variable->second.Named("value")) {
      if (names.size() == kOvalNamesMax) return Fail(ErrorKind::kLimit, Format("too many values of {}", reference));
      if (!value.Text().empty()) names.push_back(value.Text());
    }
  }
  if (names.empty()) return Fail(ErrorKind::kCorrupt, Format("{} names no package", object.Attribute("id")));
  return names;
}

Result<const OvalTest*> OvalDocument::FindTest(std::string_view id) {
  auto known = resolved_.find(id);
  if (known == resolved_.end()) {
    const auto found = tests_.find(id);
    if (found == tests_.end()) return Fail(ErrorKind::kCorrupt, Format("there is no test \"{}\"", CleanText(id, 200)));
    known = resolved_.emplace(found->first, Resolve(found->second)).first;
  }
  if (!known->second) return std::unexpected(known->second.error());
  return &*known->second;
}

Result<OvalTest> OvalDocument::Resolve(io::XmlView node) const {
  const std::string_view id = node.Attribute("id");
  if (!IsPackageTest(node.Name())) return Fail(ErrorKind::kUnsupported, Format("{} is a {}", id, node.Name()));
  OvalTest test;
  test.id = id;
  test.comment = node.Attribute("comment");
  test.none_exists = node.Attribute("check_existence") == "none_exist";
  const auto object = objects_.find(node["object"].Attribute("object_ref"));
  if (object == objects_.end()) return Fail(ErrorKind::kCorrupt, Format("{} has no object", id));
  HF_TRY(test.packages, NamesOf(object->second));
  for (const io::XmlView reference : node.Named("state")) {
    const auto state = states_.find(reference.Attribute("state_ref"));
    if (state == states_.end()) return Fail(ErrorKind::kCorrupt, Format("{} has no state", id));
    for (const io::XmlView entity : state->second.Children()) {
      if (test.conditions.size() == kOvalStatesMax) return Fail(ErrorKind::kLimit, Format("{} has many states", id));
      test.conditions.push_back({entity.Name(), OperationOf(entity.Attribute("operation")), entity.Text()});
    }
  }
  return test;
}

Result<void> ReadOval(std::string_view text, AdvisorySink& sink,
                      const std::function<Result<void>(OvalDocument&, io::XmlView)>& read) {
  HF_TRY(OvalDocument document, OvalDocument::Parse(text));
  std::size_t count = 0;
  for (const io::XmlView definition : document.Definitions()) {
    if (++count > kOvalDefinitionsMax) return Fail(ErrorKind::kLimit, "too many definitions");
    if (const auto result = read(document, definition); !result)
      sink.Problem(result.error().In(CleanText(definition.Attribute("id"), 100)));
  }
  if (count == 0) return Fail(ErrorKind::kCorrupt, "no definitions");
  return {};
}

Result<model::VersionRange> OvalRpmRange(std::span<const OvalCondition> conditions) {
  model::VersionRange range;
  for (const OvalCondition& condition : conditions) {
    if (condition.entity != "evr") continue;
    const std::string value(condition.value);
    if (value.empty()) return Fail(ErrorKind::kCorrupt, "an empty version");
    const bool ended = range.fixed || range.last_affected;
    switch (condition.operation) {
      case OvalOperation::kLess:
        if (ended) return Fail(ErrorKind::kUnsupported, "two upper ends of versions");
        range.fixed = value;
        break;
      case OvalOperation::kLessOrEqual:
        if (ended) return Fail(ErrorKind::kUnsupported, "two upper ends of versions");
        range.last_affected = value;
        break;
      case OvalOperation::kGreater:
      case OvalOperation::kGreaterOrEqual:
        if (range.introduced != "0") return Fail(ErrorKind::kUnsupported, "two lower ends of versions");
        range.introduced = condition.operation == OvalOperation::kGreater ? value + '^' : value;
        break;
      case OvalOperation::kEquals:
        if (ended || range.introduced != "0") return Fail(ErrorKind::kUnsupported, "a version and a range");
        range.introduced = value;
        range.last_affected = value;
        break;
      default: return Fail(ErrorKind::kUnsupported, Format("versions other than {} are no range", value));
    }
  }
  return range;
}

std::string_view OvalValue(const OvalTest& test, std::string_view entity) {
  const auto found = std::ranges::find(test.conditions, entity, &OvalCondition::entity);
  return found != test.conditions.end() ? found->value : std::string_view();
}

}  // namespace holdfast::advisory
