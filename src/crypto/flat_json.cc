#include "crypto/internal/flat_json.h"

#include <charconv>
#include <cmath>

#include "base/format.h"

namespace holdfast::crypto::internal {
namespace {

constexpr int kDepthMax = 8;
constexpr double kExactMax = 9007199254740992.0;  // 2^53

std::unexpected<Error> Bad(std::string_view what) { return Fail(ErrorKind::kCorrupt, Format("not JSON: {}", what)); }

void AppendUtf8(std::string& text, std::uint32_t point) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | point >> 6);
    add(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    add(0xe0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3f));
    add(0x80 | (point & 0x3f));
  } else {
    add(0xf0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3f));
    add(0x80 | (point >> 6 & 0x3f));
    add(0x80 | (point & 0x3f));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<FlatObject> Whole() {
    FlatObject members;
    if (!Take('{')) return Bad("an object is wanted");
    HF_CHECK_OK(Members(&members, 1));
    Blanks();
    if (!rest_.empty()) return Bad("something after the end");
    return members;
  }

 private:
  void Blanks() {
    const std::size_t end = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
  }
  bool Take(char c) {
    Blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // After '{'. Members of inner objects go nowhere.
  Result<void> Members(FlatObject* into, int depth) {
    if (Take('}')) return {};
    do {
      if (!Take('"')) return Bad("a name is wanted");
      HF_TRY(std::string name, Text());
      if (!Take(':')) return Bad("no ':' after a name");
      HF_TRY(FlatValue value, Value(depth));
      if (into != nullptr && !into->emplace(std::move(name), std::move(value)).second) return Bad("a name comes twice");
    } while (Take(','));
    if (!Take('}')) return Bad("an object without an end");
    return {};
  }

  // After '['.
  Result<void> Elements(int depth) {
    if (Take(']')) return {};
    do {
      HF_TRY([[maybe_unused]] const FlatValue value, Value(depth));
    } while (Take(','));
    if (!Take(']')) return Bad("an array without an end");
    return {};
  }

  Result<FlatValue> Value(int depth) {
    if (depth > kDepthMax) return Bad("nested too deep");
    if (Take('{')) {
      HF_CHECK_OK(Members(nullptr, depth + 1));
      return FlatValue(Nested{});
    }
    if (Take('[')) {
      HF_CHECK_OK(Elements(depth + 1));
      return FlatValue(Nested{});
    }
    if (Take('"')) {
      HF_TRY(std::string text, Text());
      return FlatValue(std::move(text));
    }
    if (TakeWord("true")) return FlatValue(true);
    if (TakeWord("false")) return FlatValue(false);
    if (TakeWord("null")) return FlatValue(nullptr);
    return Number();
  }

  Result<FlatValue> Number() {
    const std::size_t size = std::min(rest_.find_first_not_of("0123456789+-.eE"), rest_.size());
    const std::string_view text = rest_.substr(0, size);
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    const bool padded = digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
    if (digits.empty() || digits[0] < '0' || digits[0] > '9' || padded || digits.ends_with('.'))
      return Bad("a value is wanted");
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return Bad("a bad number");
    if (!(std::abs(number) <= kExactMax)) return Bad("a number out of range");
    rest_.remove_prefix(size);
    return FlatValue(static_cast<std::int64_t>(std::floor(number)));
  }

  // After the opening quote.
  Result<std::string> Text() {
    std::string text;
    while (true) {
      if (rest_.empty()) return Bad("a string without an end");
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20) return Bad("a control character in a string");
      if (c != '\\') {
        text += c;
        continue;
      }
      HF_CHECK_OK(Escape(text));
    }
    if (!IsUtf8(text)) return Bad("a string that is not UTF-8");
    return text;
  }

  Result<void> Escape(std::string& text) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return Bad("a string without an end");
    const char name = rest_.front();
    rest_.remove_prefix(1);
    if (const std::size_t at = kNames.find(name); at != std::string_view::npos) {
      text += kMeanings[at];
      return {};
    }
    if (name != 'u') return Bad("an unknown escape");
    HF_TRY(std::uint32_t point, Hex());
    if (point >= 0xd800 && point < 0xdc00 && TakeWord("\\u")) {
      HF_TRY(const std::uint32_t low, Hex());
      if (low < 0xdc00 || low > 0xdfff) return Bad("half a surrogate pair");
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    if (point >= 0xd800 && point < 0xe000) return Bad("half a surrogate pair");
    AppendUtf8(text, point);
    return {};
  }

  Result<std::uint32_t> Hex() {
    const std::string_view digits = rest_.substr(0, 4);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) return Bad("a bad \\u escape");
    rest_.remove_prefix(4);
    return value;
  }

  std::string_view rest_;
};

}  // namespace

Result<FlatObject> ParseFlatJson(std::string_view text) { return Parser(text).Whole(); }

std::string QuoteJson(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      quoted += Format("\\u{:04x}", static_cast<unsigned>(c));
    else
      quoted += c;
  }
  return quoted += '"';
}

bool IsUtf8(std::string_view text) {
  // RFC 3629 section 4: the length by the lead byte, then the second byte's range where it is narrower.
  while (!text.empty()) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    const std::size_t size = lead < 0x80                    ? 1
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
    if (size == 0 || size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i)
      if ((byte(i) & 0xc0U) != 0x80) return false;
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) || (lead == 0xf0 && byte(1) < 0x90) ||
        (lead == 0xf4 && byte(1) > 0x8f))
      return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace holdfast::crypto::internal
