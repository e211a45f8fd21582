// YAML into the same tree as JSON, through yaml-cpp's event parser: events are counted and bounded
// as they come, and an alias is a copy that counts again, so that an alias bomb hits nodes_max instead
// of memory.

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <sstream>
#include <vector>

#include "base/format.h"
#include "io/internal/json_tree.h"
#include "io/json.h"

namespace holdfast::io {
namespace json = boost::json;
namespace {

// Leaves the event loop when a limit is hit; never leaves this file.
struct LimitHit {
  std::string message;
};

// YAML 1.2 core schema, section 10.3.2, without hexadecimal and octal numbers, which no feed uses.
json::value PlainScalar(const std::string& text, const json::storage_ptr& memory) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return json::value(nullptr, memory);
  if (text == "true" || text == "True" || text == "TRUE") return json::value(true, memory);
  if (text == "false" || text == "False" || text == "FALSE") return json::value(false, memory);
  const char* begin = text.data();
  const char* end = begin + text.size();
  std::int64_t integer = 0;
  if (auto [stop, error] = std::from_chars(begin, end, integer); error == std::errc() && stop == end)
    return json::value(integer, memory);
  return json::value(json::string(text, memory), memory);
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(json::storage_ptr memory, const JsonLimits& limits) : memory_(std::move(memory)), limits_(limits) {}

  json::value TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { Add(json::value(nullptr, memory_), anchor); }
  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw LimitHit{"YAML alias without a finished anchor"};
    Count(found->second.second);
    Place(json::value(found->second.first, memory_));
  }
  void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
    // yaml-cpp tags plain scalars "?" and quoted ones "!".
    if (tag == "?")
      Add(PlainScalar(text, memory_), anchor, &text);
    else
      Add(json::value(json::string(text, memory_), memory_), anchor, &text);
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Push(json::array(memory_), anchor);
  }
  void OnSequenceEnd() override { Pop(); }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Push(json::object(memory_), anchor);
  }
  void OnMapEnd() override { Pop(); }

 private:
  struct Open {
    json::value value;
    YAML::anchor_t anchor;
    std::size_t nodes_before;
    std::string key;
    bool have_key = false;
  };

  void Count(std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes_max) throw LimitHit{Format("YAML with more than {} nodes", limits_.nodes_max)};
  }
  void Push(json::value container, YAML::anchor_t anchor) {
    if (open_.size() >= limits_.depth_max) throw LimitHit{Format("YAML nested deeper than {}", limits_.depth_max)};
    const std::size_t before = nodes_;
    Count(1);
    open_.push_back({std::move(container), anchor, before, {}, false});
  }
  void Pop() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_.insert_or_assign(done.anchor, std::pair(done.value, nodes_ - done.nodes_before));
    Place(std::move(done.value));
  }
  void Add(json::value value, YAML::anchor_t anchor, const std::string* text = nullptr) {
    Count(1);
    if (anchor != 0) anchors_.insert_or_assign(anchor, std::pair(value, std::size_t{1}));
    Place(std::move(value), text);
  }
  // A key keeps its text: the key 1.0 stays "1.0".
  void Place(json::value value, const std::string* text = nullptr) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (parent.value.is_array()) {
      parent.value.get_array().push_back(std::move(value));
    } else if (!parent.have_key) {
      parent.key = text != nullptr ? *text : json::serialize(value);
      parent.have_key = true;
    } else {
      parent.value.get_object()[parent.key] = std::move(value);
      parent.have_key = false;
    }
  }

  json::storage_ptr memory_;
  const JsonLimits& limits_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::pair<json::value, std::size_t>> anchors_;
  std::size_t nodes_ = 0;
  json::value root_;
};

}  // namespace

Result<JsonDocument> JsonDocument::ParseYaml(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max)
    return Fail(ErrorKind::kLimit, Format("YAML document of {} bytes, limit {}", text.size(), limits.bytes_max));
  auto tree = std::make_unique<Tree>();
  // The parser recurses once a level; refuse flow nesting before it can exhaust the stack.
  std::size_t depth = 0;
  for (const char c : text) {
    depth += c == '[' || c == '{' ? 1U : 0U;
    if (depth > 50'000) return Fail(ErrorKind::kLimit, "YAML with too many brackets");
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(&tree->memory, limits);
    if (parser.HandleNextDocument(builder)) tree->root = builder.TakeRoot();
  } catch (const LimitHit& hit) {
    return Fail(ErrorKind::kLimit, hit.message);
  } catch (const YAML::Exception& error) {
    return Fail(ErrorKind::kCorrupt, Format("not YAML: {}", error.what()));
  }
  return JsonDocument(std::move(tree));
}

}  // namespace holdfast::io
