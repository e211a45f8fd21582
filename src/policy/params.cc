#include "policy/params.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "io/json.h"
#include "policy/words.h"
#include "regex/regex.h"

namespace holdfast::policy {
namespace {

constexpr std::size_t kDigitsMax = 9;

bool IsDigits(std::string_view text) {
  return !text.empty() && text.size() <= kDigitsMax && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Requires: IsDigits(text).
std::int64_t NumberOf(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

bool IsTextList(std::string_view value) { return !SplitList(value).empty(); }

bool IsIntegerList(std::string_view value) {
  // A comma too many is a slip that could have been a number.
  const auto commas = static_cast<std::size_t>(std::ranges::count(value, ','));
  const auto elements = SplitList(value);
  return elements.size() == commas + 1 && std::ranges::all_of(elements, IsDigits);
}

bool IsWholeNumber(std::string_view value) { return IsDigits(Trimmed(value)); }

bool IsDecimalNumber(std::string_view value) {
  value = Trimmed(value);
  if (value.starts_with('-')) value.remove_prefix(1);
  const std::size_t point = value.find('.');
  if (point == std::string_view::npos) return IsDigits(value);
  return IsDigits(value.substr(0, point)) && IsDigits(value.substr(point + 1));
}

bool IsRegex(std::string_view value) { return regex::Regex::Make(value).has_value(); }

bool Validator::Accepts(std::string_view value) const {
  if (accepts != nullptr) return accepts(value);
  if (words.empty()) return true;
  return std::ranges::any_of(words, [&](std::string_view word) { return SameIgnoringCase(word, Trimmed(value)); });
}

std::string Validator::Schema() const {
  if (words.empty()) return std::string(schema);
  io::JsonWriter writer;
  writer.BeginObject().Field("type", "string").Key("enum").BeginArray();
  for (const std::string_view word : words) writer.String(word);
  writer.EndArray().EndObject();
  return writer.Take();
}

std::string Validator::Wanted() const {
  if (words.empty()) return std::string(wanted);
  std::string list = "one of";
  for (const std::string_view word : words) list.append(list.size() == 6 ? " " : ", ").append(word);
  return list;
}

std::optional<std::string_view> Params::Find(std::string_view name) const {
  const auto spec = std::ranges::find(specs_, name, &ParamSpec::name);
  HF_ASSERT(spec != specs_.end());
  if (const auto found = given_.find(spec->name); found != given_.end()) return found->second;
  if (spec->fallback.empty()) return std::nullopt;
  return spec->fallback;
}

std::string Params::Text(std::string_view name) const { return std::string(Find(name).value_or("")); }
std::string Params::Word(std::string_view name) const { return LowerCase(Trimmed(Find(name).value_or(""))); }
bool Params::Flag(std::string_view name) const { return Word(name) == "true"; }

std::optional<std::int64_t> Params::Whole(std::string_view name) const {
  const auto text = Find(name);
  if (!text) return std::nullopt;
  return NumberOf(Trimmed(*text));
}

std::optional<double> Params::Decimal(std::string_view name) const {
  const auto text = Find(name);
  if (!text) return std::nullopt;
  const std::string_view trimmed = Trimmed(*text);
  double number = 0;
  std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
  return number;
}

std::vector<std::string> Params::List(std::string_view name) const {
  std::vector<std::string> list;
  for (const std::string_view element : SplitList(Find(name).value_or(""))) list.emplace_back(element);
  return list;
}

std::vector<std::int64_t> Params::WholeList(std::string_view name) const {
  std::vector<std::int64_t> list;
  for (const std::string_view element : SplitList(Find(name).value_or(""))) list.push_back(NumberOf(element));
  return list;
}

}  // namespace holdfast::policy
