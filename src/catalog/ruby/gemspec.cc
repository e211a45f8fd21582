#include "catalog/ruby/gemspec.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "catalog/control_text.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kItemsMax = 20'000;  // of one list
constexpr std::size_t kStubLines = 5;

std::optional<unsigned> HexValue(std::string_view digits) {
  if (digits.empty() || digits.size() > 6 || !IsHex(digits)) return std::nullopt;
  unsigned value = 0;
  for (const char c : LowerCase(digits)) value = value * 16 + static_cast<unsigned>(c >= 'a' ? c - 'a' + 10 : c - '0');
  return value;
}

void AppendUtf8(unsigned code, std::string& text) {
  const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    tail(6);
    tail(0);
  } else if (code < 0x110000) {
    text += static_cast<char>(0xf0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// `text` starts behind a backslash of a double-quoted string; takes the escape off it.
void TakeEscape(std::string_view& text, std::string& into) {
  const char c = text.front();
  text.remove_prefix(1);
  std::string_view digits;
  std::size_t used = 0;
  if (c == 'u' && text.starts_with('{')) {
    digits = text.substr(1, text.substr(0, 8).find('}') - 1);
    used = digits.size() + 2;
  } else if (c == 'u') {
    digits = text.substr(0, 4);
    used = digits.size();
  } else if (c == 'n' || c == 't' || c == 'r') {
    into += ' ';
    return;
  }
  const auto code = HexValue(digits);
  if (!code || used > text.size()) {
    into += c;
    return;
  }
  AppendUtf8(*code, into);
  text.remove_prefix(used);
}

char ClosingOf(char open) {
  switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case '<': return '>';
    default: return open;
  }
}

// The opening of a string literal: " ' or %q< and the like.
struct Opening {
  std::size_t size = 0;
  char close = 0;
  bool escapes = false;
};

std::optional<Opening> OpeningOf(std::string_view text) {
  if (text.starts_with('"') || text.starts_with('\'')) return Opening{1, text.front(), text.front() == '"'};
  if (text.size() >= 3 && (text.starts_with("%q") || text.starts_with("%Q")))
    return Opening{3, ClosingOf(text[2]), text[1] == 'Q'};
  return std::nullopt;
}

void SkipBlanks(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(std::min(begin, text.size()));
}

// Takes a string literal off `text`, cleaned; nothing when there is none or it does not end.
std::optional<std::string> TakeString(std::string_view& text) {
  constexpr std::string_view kFreeze = ".freeze";
  SkipBlanks(text);
  const auto opening = OpeningOf(text);
  if (!opening) return std::nullopt;
  text.remove_prefix(opening->size);
  std::string value;
  while (!text.empty() && text.front() != opening->close) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      value += c;
    } else if (opening->escapes) {
      TakeEscape(text, value);
    } else {
      if (text.front() != opening->close && text.front() != '\\') value += c;
      value += text.front();
      text.remove_prefix(1);
    }
  }
  if (text.empty()) return std::nullopt;
  text.remove_prefix(1);
  if (text.starts_with(kFreeze)) text.remove_prefix(kFreeze.size());
  return CleanText(value);
}

// %w[a b c]
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  std::string_view inside = text.substr(3, text.find(ClosingOf(text[2]), 3) - 3);
  while (words.size() < kItemsMax) {
    SkipBlanks(inside);
    if (inside.empty()) break;
    const std::size_t end = inside.find_first_of(" \t\r\n");
    words.push_back(CleanText(inside.substr(0, end)));
    inside.remove_prefix(std::min(end, inside.size()));
  }
  return words;
}

// A string, or an array of strings up to the first item that is something else.
std::vector<std::string> Strings(std::string_view text) {
  SkipBlanks(text);
  if (text.size() >= 3 && (text.starts_with("%w") || text.starts_with("%W"))) return Words(text);
  std::vector<std::string> strings;
  const bool array = text.starts_with('[');
  if (array) text.remove_prefix(1);
  while (strings.size() < kItemsMax) {
    auto item = TakeString(text);
    if (!item) break;
    if (!item->empty()) strings.push_back(*std::move(item));
    SkipBlanks(text);
    if (!array || !text.starts_with(',')) break;
    text.remove_prefix(1);
  }
  return strings;
}

std::string FirstString(std::string_view text) {
  auto strings = Strings(text);
  return strings.empty() ? std::string() : std::move(strings.front());
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// "s.name = …": "name"; empty for every other line. `value` is where the right side starts.
std::string_view AssignedName(std::string_view line, std::string_view& value) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  std::string_view left = Trim(line.substr(0, equals));
  const std::string_view object = TakeUntil(left, '.');
  if (!IsIdentifier(object) || !IsIdentifier(left)) return {};
  value = line.substr(equals + 1);
  return left;
}

// What the calls "s.add_…dependency(%q<rack>.freeze, [">= 1"])" name. RubyGems writes them twice, for versions that
// know the kinds of dependencies and, behind "else", all alike with add_dependency for those that do not.
class Dependencies {
 public:
  void Take(std::string_view line) {
    std::string_view call = Trim(line);
    if (!IsIdentifier(TakeUntil(call, '.'))) return;
    for (std::size_t kind = 0; kind < kMethods.size(); ++kind) {
      if (!call.starts_with(kMethods[kind]) || names_[kind].size() >= kItemsMax) continue;
      const std::string_view arguments = call.substr(kMethods[kind].size());
      if (!arguments.starts_with('(') && !arguments.starts_with(' ')) continue;
      if (std::string name = FirstString(arguments.substr(1)); !name.empty()) names_[kind].insert(std::move(name));
    }
  }

  std::vector<std::string> AtRunTime() && {
    auto& [runtime, plain, development] = names_;
    for (const std::string& name : development) plain.erase(name);
    runtime.merge(plain);
    return {runtime.begin(), runtime.end()};
  }

 private:
  static constexpr std::array<std::string_view, 3> kMethods = {"add_runtime_dependency", "add_dependency",
                                                               "add_development_dependency"};
  std::array<std::set<std::string>, kMethods.size()> names_;
};

// "# stub: nokogiri 1.13.10 x86_64-linux lib"
void TakeStub(std::string_view line, Gemspec& gem) {
  constexpr std::string_view kStub = "# stub: ";
  if (!line.starts_with(kStub)) return;
  line.remove_prefix(kStub.size());
  const std::string name = CleanText(TakeUntil(line, ' '));
  const std::string version = CleanText(TakeUntil(line, ' '));
  const std::string platform = CleanText(TakeUntil(line, ' '));
  if (name.empty() || version.empty() || platform.empty()) return;
  gem.name = name;
  gem.version = version;
  gem.platform = platform;
}

struct TextField {
  std::string_view name;
  std::string Gemspec::* member;
};
constexpr std::array kTexts = {TextField{"name", &Gemspec::name}, TextField{"version", &Gemspec::version},
                               TextField{"platform", &Gemspec::platform}, TextField{"homepage", &Gemspec::homepage},
                               TextField{"summary", &Gemspec::summary}};

struct ListField {
  std::string_view name;
  std::vector<std::string> Gemspec::* member;
};
constexpr std::array kLists = {ListField{"author", &Gemspec::authors}, ListField{"authors", &Gemspec::authors},
                               ListField{"license", &Gemspec::licenses}, ListField{"licenses", &Gemspec::licenses},
                               ListField{"files", &Gemspec::files}};

// Reads every field once, so that a file of nothing but unfinished strings costs no more than a few passes over it.
class Reader {
 public:
  explicit Reader(Gemspec& gem) : gem_(gem) {}

  // `rest` starts at the value: lists may go on for lines.
  void Assign(std::string_view name, std::string_view rest) {
    for (std::size_t i = 0; i < kTexts.size(); ++i)
      if (name == kTexts[i].name && !std::exchange(text_seen_[i], true)) AssignText(gem_.*kTexts[i].member, rest);
    for (std::size_t i = 0; i < kLists.size(); ++i)
      if (name == kLists[i].name && !std::exchange(list_seen_[i], true) && (gem_.*kLists[i].member).empty())
        gem_.*kLists[i].member = Strings(rest);
  }

 private:
  static void AssignText(std::string& member, std::string_view rest) {
    constexpr std::string_view kVersion = "Gem::Version.new(";
    if (!member.empty()) return;  // the stub said it
    SkipBlanks(rest);
    if (rest.starts_with(kVersion)) rest.remove_prefix(kVersion.size());
    member = FirstString(rest);
  }

  Gemspec& gem_;
  std::array<bool, kTexts.size()> text_seen_{};
  std::array<bool, kLists.size()> list_seen_{};
};

}  // namespace

Gemspec ParseGemspec(std::string_view text) {
  Gemspec gem;
  std::string_view head = text;
  for (std::size_t i = 0; i < kStubLines && gem.name.empty(); ++i) TakeStub(TakeLine(head), gem);
  Reader reader(gem);
  Dependencies dependencies;
  while (!text.empty()) {
    const std::string_view from_here = text;
    const std::string_view line = TakeLine(text);
    std::string_view value;
    if (const std::string_view name = AssignedName(line, value); !name.empty()) {
      reader.Assign(name, from_here.substr(static_cast<std::size_t>(value.data() - from_here.data())));
    } else {
      dependencies.Take(line);
    }
  }
  gem.depends = std::move(dependencies).AtRunTime();
  if (gem.platform == "ruby") gem.platform.clear();
  return gem;
}

}  // namespace holdfast::catalog
