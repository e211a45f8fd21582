#include "advisory/json_list.h"

#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks over a text, string by string and bracket by bracket.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t Place() const { return place_; }
  [[nodiscard]] char Front() const { return place_ < text_.size() ? text_[place_] : '\0'; }
  void Blanks() {
    while (IsBlank(Front())) ++place_;
  }
  bool Take(char c) {
    Blanks();
    if (Front() != c || place_ == text_.size()) return false;
    ++place_;
    return true;
  }
  // With its quotes; nothing where none begins or it has no end.
  std::optional<std::string_view> String() {
    Blanks();
    if (Front() != '"') return std::nullopt;
    const std::size_t begin = place_++;
    while (place_ < text_.size() && text_[place_] != '"') place_ += text_[place_] == '\\' ? 2U : 1U;
    if (place_ >= text_.size()) return std::nullopt;
    return text_.substr(begin, ++place_ - begin);
  }
  // Up to the comma or bracket behind it; nothing where brackets do not match.
  std::optional<std::string_view> Value() {
    Blanks();
    const std::size_t begin = place_;
    std::size_t depth = 0;
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (depth == 0 && (c == ',' || c == ']' || c == '}')) return Trim(text_.substr(begin, place_ - begin));
      if (c == '"') {
        if (!String()) return std::nullopt;
        continue;
      }
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
      ++place_;
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
  std::size_t place_ = 0;
};

Error Damaged() { return {ErrorKind::kCorrupt, "JSON whose brackets or quotes do not match"}; }

Result<void> TakeElements(Scanner& scanner, std::size_t elements_max, JsonList& list) {
  scanner.Blanks();
  if (scanner.Take(']')) return {};
  while (true) {
    const auto element = scanner.Value();
    if (!element || element->empty()) return std::unexpected(Damaged());
    if (list.elements.size() == elements_max)
      return Fail(ErrorKind::kLimit, Format("list of more than {} elements", elements_max));
    list.elements.push_back(*element);
    if (scanner.Take(']')) return {};
    if (!scanner.Take(',')) return std::unexpected(Damaged());
  }
}

}  // namespace

Result<JsonList> SplitJsonList(std::string_view text, std::string_view key, std::size_t elements_max) {
  const std::string quoted = Format("\"{}\"", key);
  Scanner scanner(text);
  if (!scanner.Take('{')) return Fail(ErrorKind::kCorrupt, "JSON that is no object");
  while (true) {
    const auto name = scanner.String();
    if (!name || !scanner.Take(':')) return Fail(ErrorKind::kCorrupt, Format("object without a list of {}", key));
    scanner.Blanks();
    if (*name == quoted && scanner.Front() == '[') break;
    if (!scanner.Value()) return std::unexpected(Damaged());
    if (!scanner.Take(',')) return Fail(ErrorKind::kCorrupt, Format("object without a list of {}", key));
  }
  JsonList list;
  list.rest = text.substr(0, scanner.Place() + 1);
  (void)scanner.Take('[');
  HF_CHECK_OK(TakeElements(scanner, elements_max, list));
  list.rest += text.substr(scanner.Place() - 1);
  return list;
}

}  // namespace holdfast::advisory
