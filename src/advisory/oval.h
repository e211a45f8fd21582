// OVAL 5 definitions (oval.mitre.org, schemas 5.3 to 5.11), as far as publishers of package advisories use them.
//
// A definition has criteria: a tree of AND and OR over references to tests. A test names an object (which package) and
// states (what must be true of it), all by id and each in a list of its own. Here the tree is laid out as alternatives,
// each a list of criteria that hold together, and a test is given with what it refers to: what a provider makes of
// "Oracle Linux 8 is installed" is its own affair.
//
// Read are rpminfo and dpkginfo tests, with names of objects written out or taken from a constant variable, and
// textfilecontent54 tests of a list of packages (Ubuntu's, of images), whose names are the patterns of its lines. Other
// tests are kUnsupported when they are asked for, so that a provider reports those whose comment tells it nothing. Not
// read: extend_definition, the operators ONE and XOR, negated criteria (a negated criterion is told as such).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "advisory/provider.h"
#include "advisory/source_reader.h"
#include "base/result.h"
#include "io/xml.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kOvalNodesMax = 60'000'000;  // a tree of some 4 GB
inline constexpr std::size_t kOvalDefinitionsMax = 1'000'000;
inline constexpr std::size_t kOvalCriteriaDepthMax = 16;                // one within another
inline constexpr std::size_t kOvalCriteriaMax = 1'000'000;              // of one definition, over all its alternatives
inline constexpr std::size_t kOvalDocumentCriteriaMax = 1'000'000'000;  // likewise of one document
inline constexpr std::size_t kOvalStatesMax = 64;                       // of one test
inline constexpr std::size_t kOvalNamesMax = 10'000;                    // of one object's variable
inline constexpr std::size_t kOvalRecognitionBytes = 8 * 1024;          // the generator stands before the definitions

enum class OvalOperation : std::uint8_t {
  kEquals,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPattern,
  kOther,
};

// All texts are of the document.
struct OvalCondition {
  std::string_view entity;  // "evr", "version", "arch", "signature_keyid", "subexpression"
  OvalOperation operation = OvalOperation::kEquals;
  std::string_view value;
};

// A package of one of these names is installed, and all conditions hold for it. No conditions: it is installed.
struct OvalTest {
  std::string_view id, comment;
  std::vector<std::string_view> packages;  // never empty
  std::vector<OvalCondition> conditions;
  bool none_exists = false;  // the test asks that there be no such package
};

struct OvalCriterion {
  std::string_view test, comment;
  bool negated = false;
};
using OvalAlternative = std::vector<OvalCriterion>;

// Whether it is an OVAL document whose generator's product is that. A cheap look at its beginning.
[[nodiscard]] bool IsOvalOf(const Document& document, std::string_view product);

class OvalDocument {
 public:
  // kCorrupt when it is not XML, not OVAL, or has no definitions; kLimit.
  [[nodiscard]] static Result<OvalDocument> Parse(std::string_view text);

  [[nodiscard]] io::XmlView Root() const { return document_.Root(); }
  [[nodiscard]] io::XmlView::Range Definitions() const { return Root()["definitions"].Named("definition"); }

  // Ways in which the definition holds. kCorrupt, kUnsupported, kLimit.
  [[nodiscard]] Result<std::vector<OvalAlternative>> Alternatives(io::XmlView definition);
  // Never null; lives as long as the document, which remembers what it resolved. kCorrupt for a reference to nothing,
  // kUnsupported for a test of another kind, kLimit.
  [[nodiscard]] Result<const OvalTest*> FindTest(std::string_view id);

 private:
  using Index = std::unordered_map<std::string_view, io::XmlView>;

  explicit OvalDocument(io::XmlDocument document);
  [[nodiscard]] Result<std::vector<std::string_view>> NamesOf(io::XmlView object) const;
  [[nodiscard]] Result<OvalTest> Resolve(io::XmlView node) const;

  io::XmlDocument document_;
  Index tests_, objects_, states_, variables_;
  std::unordered_map<std::string_view, Result<OvalTest>> resolved_;
  std::size_t laid_out_ = 0;
};

// Gives each definition of the document to `read`, whose error is a problem of that definition alone and names it.
// Fails as OvalDocument::Parse, and for a document without a definition.
[[nodiscard]] Result<void> ReadOval(std::string_view text, AdvisorySink& sink,
                                    const std::function<Result<void>(OvalDocument&, io::XmlView)>& read);

// The versions that the conditions of an rpminfo test on "evr" let through, all together. "Greater than 1-2" becomes
// "from 1-2^ on", the least version above it. kUnsupported for conditions that are no range.
[[nodiscard]] Result<model::VersionRange> OvalRpmRange(std::span<const OvalCondition> conditions);

// The value that the test wants of an entity; empty when it wants none.
[[nodiscard]] std::string_view OvalValue(const OvalTest& test, std::string_view entity);

}  // namespace holdfast::advisory
