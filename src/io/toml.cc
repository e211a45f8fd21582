// TOML into the same tree as JSON, through toml++. Dates and times, and numbers that JSON has no form for, become
// strings as TOML writes them.
//
// toml++ makes one nested table for each part of a dotted key, and frees them by recursion; so a cheap look at the text
// bounds nesting before it parses.

#include <toml++/toml.h>
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <sstream>

#include "base/format.h"
#include "io/internal/json_tree.h"
#include "io/json.h"

namespace holdfast::io {
namespace json = boost::json;
namespace {

constexpr std::size_t kKeyPartsMax = 16;

// Walks over a text, and steps over its strings and comments.
class Structure {
 public:
  explicit Structure(std::string_view text) : text_(text) {}

  // The next character that is part of neither; nothing at the end. An open string ends the text: the parser tells.
  std::optional<char> Next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        SkipString(c);
      } else if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        ++at_;
        return c;
      }
    }
    return std::nullopt;
  }

 private:
  void SkipString(char quote) {
    const std::string three(3, quote);
    const bool many_lines = text_.substr(at_).starts_with(three);
    const std::string_view end = many_lines ? std::string_view(three) : std::string_view(three).substr(0, 1);
    at_ += end.size();
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
      if (text_[at_] == '\n' && !many_lines) return;
      at_ += text_[at_] == '\\' && quote == '"' ? 2U : 1U;
    }
    at_ += end.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<void> CheckNesting(std::string_view text, std::size_t depth_max) {
  Structure structure(text);
  std::size_t depth = 0, dots = 0;
  while (const auto c = structure.Next()) {
    if (*c == '[' || *c == '{') ++depth;
    if ((*c == ']' || *c == '}') && depth > 0) --depth;
    if (*c == '.')
      ++dots;
    else if (std::string_view("[]{}=,\n").contains(*c))
      dots = 0;
    if (depth > depth_max) return Fail(ErrorKind::kLimit, Format("TOML nested deeper than {}", depth_max));
    if (dots >= kKeyPartsMax) return Fail(ErrorKind::kLimit, Format("TOML key of more than {} parts", kKeyPartsMax));
  }
  return {};
}

class TreeBuilder {
 public:
  TreeBuilder(json::storage_ptr memory, const JsonLimits& limits) : memory_(std::move(memory)), limits_(limits) {}

  Result<json::value> Build(const toml::node& node, std::size_t depth) {
    if (depth > limits_.depth_max)
      return Fail(ErrorKind::kLimit, Format("TOML nested deeper than {}", limits_.depth_max));
    if (++nodes_ > limits_.nodes_max)
      return Fail(ErrorKind::kLimit, Format("TOML with more than {} nodes", limits_.nodes_max));
    if (const auto* table = node.as_table()) return Table(*table, depth);
    if (const auto* array = node.as_array()) return Array(*array, depth);
    if (const auto* text = node.as_string()) return Text(text->get());
    if (const auto* integer = node.as_integer()) return json::value(std::int64_t{integer->get()}, memory_);
    if (const auto* truth = node.as_boolean()) return json::value(truth->get(), memory_);
    if (const auto* number = node.as_floating_point(); number != nullptr && std::isfinite(number->get()))
      return json::value(number->get(), memory_);
    return Text(Written(node));
  }

 private:
  json::value Text(std::string_view text) const { return json::value(json::string(text, memory_), memory_); }

  static std::string Written(const toml::node& node) {
    std::ostringstream stream;
    node.visit([&stream](const auto& value) {
      if constexpr (toml::is_value<decltype(value)>) stream << value;
    });
    return stream.str();
  }

  Result<json::value> Table(const toml::table& table, std::size_t depth) {
    json::object object(memory_);
    for (const auto& [key, node] : table) {
      HF_TRY(auto value, Build(node, depth + 1));
      object.insert_or_assign(key.str(), std::move(value));
    }
    return json::value(std::move(object));
  }

  Result<json::value> Array(const toml::array& array, std::size_t depth) {
    json::array values(memory_);
    values.reserve(array.size());
    for (const toml::node& node : array) {
      HF_TRY(auto value, Build(node, depth + 1));
      values.push_back(std::move(value));
    }
    return json::value(std::move(values));
  }

  json::storage_ptr memory_;
  const JsonLimits& limits_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<JsonDocument> JsonDocument::ParseToml(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max)
    return Fail(ErrorKind::kLimit, Format("TOML document of {} bytes, limit {}", text.size(), limits.bytes_max));
  HF_CHECK_OK(CheckNesting(text, limits.depth_max));
  auto tree = std::make_unique<Tree>();
  try {
    const toml::table table = toml::parse(text);
    TreeBuilder builder(&tree->memory, limits);
    HF_TRY(tree->root, builder.Build(table, 0));
  } catch (const toml::parse_error& error) {
    return Fail(ErrorKind::kCorrupt,
                Format("not TOML: {} in line {}", error.description(), std::uint32_t{error.source().begin.line}));
  }
  return JsonDocument(std::move(tree));
}

}  // namespace holdfast::io
