// TOML into the same tree as JSON, through toml++. Dates and times, and numbers that JSON has no form for, become
// strings as TOML writes them.
//
// toml++ makes one nested table for each part of a dotted key, and frees them by recursion; so a cheap look at the text
// bounds nesting before it parses.
//
// Nor is it safe with characters beyond ASCII where it looks for blanks (U+00A1 makes it execute what it calls
// unreachable), so it gets none: each of their bytes is written as '~' and two hexadecimal digits, which are read back
// from keys and strings.

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

// What toml++ takes for granted does not hold for every text (it asserts that a key begins where one is due), and where
// NDEBUG is set it lets the compiler rely on it. So its assertions are on in every build, and throw.
namespace holdfast::io {
namespace {
struct BrokenAssumption {};
// A function, since some assertions stand where a plain throw would be warned of.
[[noreturn]] void BreakOff() { throw BrokenAssumption(); }
}  // namespace
}  // namespace holdfast::io
#define TOML_ASSERT(expression)                    \
  do {                                             \
    if (!(expression)) ::holdfast::io::BreakOff(); \
  } while (false)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

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
    // Up to two quotes more belong to the string.
    for (int i = 0; i < 2 && many_lines && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
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

constexpr char kMark = '~';
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool NeedsMarking(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

std::string Mark(std::string_view text) {
  std::string marked;
  marked.reserve(text.size() * 2);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != kMark) {
      marked.push_back(c);
    } else {
      marked.push_back(kMark);
      marked.push_back(kHexDigits[byte >> 4U]);
      marked.push_back(kHexDigits[byte & 0xFU]);
    }
  }
  return marked;
}

std::string Unmark(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1, 2);
    const std::size_t high = digits.size() == 2 ? kHexDigits.find(digits[0]) : std::string_view::npos;
    const std::size_t low = digits.size() == 2 ? kHexDigits.find(digits[1]) : std::string_view::npos;
    const bool marked = text[i] == kMark && high != std::string_view::npos && low != std::string_view::npos;
    plain.push_back(marked ? static_cast<char>(high << 4U | low) : text[i]);
    if (marked) i += 2;
  }
  return plain;
}

// An escape that stands for the mark would be taken for one.
bool EscapesMark(std::string_view text) {
  return text.contains("\\u007e") || text.contains("\\u007E") || text.contains("\\U0000007e") ||
         text.contains("\\U0000007E");
}

class TreeBuilder {
 public:
  TreeBuilder(json::storage_ptr memory, const JsonLimits& limits, bool marked)
      : memory_(std::move(memory)), limits_(limits), marked_(marked) {}

  Result<json::value> Build(const toml::node& node, std::size_t depth) {
    if (depth > limits_.depth_max)
      return Fail(ErrorKind::kLimit, Format("TOML nested deeper than {}", limits_.depth_max));
    if (++nodes_ > limits_.nodes_max)
      return Fail(ErrorKind::kLimit, Format("TOML with more than {} nodes", limits_.nodes_max));
    if (const auto* table = node.as_table()) return Table(*table, depth);
    if (const auto* array = node.as_array()) return Array(*array, depth);
    if (const auto* text = node.as_string()) return marked_ ? Text(Unmark(text->get())) : Text(text->get());
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
      object.insert_or_assign(marked_ ? Unmark(key.str()) : std::string(key.str()), std::move(value));
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
  bool marked_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<JsonDocument> JsonDocument::ParseToml(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max)
    return Fail(ErrorKind::kLimit, Format("TOML document of {} bytes, limit {}", text.size(), limits.bytes_max));
  HF_CHECK_OK(CheckNesting(text, limits.depth_max));
  if (!IsUtf8(text)) return Fail(ErrorKind::kCorrupt, "not TOML: not UTF-8");
  const bool marked = NeedsMarking(text);
  if (marked && EscapesMark(text)) return Fail(ErrorKind::kUnsupported, "TOML with an escape of '~'");
  auto tree = std::make_unique<Tree>();
  try {
    const toml::table table = marked ? toml::parse(Mark(text)) : toml::parse(text);
    TreeBuilder builder(&tree->memory, limits, marked);
    HF_TRY(tree->root, builder.Build(table, 0));
  } catch (const BrokenAssumption&) {
    return Fail(ErrorKind::kCorrupt, "not TOML");
  } catch (const toml::parse_error& error) {
    return Fail(ErrorKind::kCorrupt,
                Format("not TOML: {} in line {}", error.description(), std::uint32_t{error.source().begin.line}));
  }
  return JsonDocument(std::move(tree));
}

}  // namespace holdfast::io
