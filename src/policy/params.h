// Parameters of triggers: described as data, checked once when a bundle is read, then read as typed values.
// In bundles every value is a string.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::policy {

// Which values a parameter takes: a JSON-schema fragment for the description, and a check that agrees with it (but
// for the case of letters in words, which the check ignores).
struct Validator {
  std::string_view schema;                      // empty: an enumeration of `words`
  bool (*accepts)(std::string_view) = nullptr;  // nullptr: every text, or the words
  std::span<const std::string_view> words;

  [[nodiscard]] bool Accepts(std::string_view value) const;
  [[nodiscard]] std::string Schema() const;
  // What to tell somebody whose value was refused: "one of a, b", "a whole number".
  [[nodiscard]] std::string Wanted() const;
  std::string_view wanted;
};

[[nodiscard]] bool IsTextList(std::string_view value);     // at least one element that is not blank
[[nodiscard]] bool IsIntegerList(std::string_view value);  // elements of at most nine digits
[[nodiscard]] bool IsWholeNumber(std::string_view value);  // at most nine digits
[[nodiscard]] bool IsDecimalNumber(std::string_view value);
[[nodiscard]] bool IsRegex(std::string_view value);

inline constexpr std::string_view kBoolWords[] = {"true", "false"};

inline constexpr Validator kAnyText{.schema = R"({"type":"string"})", .wanted = "a text"};
inline constexpr Validator kTextList{.schema = R"({"type":"string","pattern":"[^,\\s]"})",
                                     .accepts = &IsTextList,
                                     .wanted = "texts separated by commas"};
inline constexpr Validator kIntegerList{
    .schema = R"({"type":"string","pattern":"^\\s*[0-9]{1,9}\\s*(,\\s*[0-9]{1,9}\\s*)*$"})",
    .accepts = &IsIntegerList,
    .wanted = "whole numbers separated by commas"};
inline constexpr Validator kBoolText{.words = kBoolWords};
inline constexpr Validator kWholeNumber{.schema = R"({"type":"string","pattern":"^\\s*[0-9]{1,9}\\s*$"})",
                                        .accepts = &IsWholeNumber,
                                        .wanted = "a whole number of at most nine digits"};
inline constexpr Validator kDecimalNumber{
    .schema = R"({"type":"string","pattern":"^\\s*-?[0-9]{1,9}(\\.[0-9]{1,9})?\\s*$"})",
    .accepts = &IsDecimalNumber,
    .wanted = "a decimal number"};
inline constexpr Validator kRegexText{.schema = R"({"type":"string","format":"regex"})",
                                      .accepts = &IsRegex,
                                      .wanted = "a regular expression (RE2 syntax)"};
[[nodiscard]] constexpr Validator OneOf(std::span<const std::string_view> words) { return {.words = words}; }

struct ParamSpec {
  std::string_view name;  // lower case
  std::string_view description;
  std::string_view example;
  bool required = false;
  Validator validator = kAnyText;
  std::string_view fallback;  // the value when none is given; empty: there is none
  std::string_view alias;     // an old name that is still understood; may be empty
};

// The parameters of one rule, all valid. Names are those of the trigger's ParamSpecs; asking for another one is a bug.
class Params {
 public:
  Params(std::span<const ParamSpec> specs, std::map<std::string_view, std::string> given)
      : specs_(specs), given_(std::move(given)) {}

  // As given, else the fallback. The views live as long as this.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;
  [[nodiscard]] std::string Text(std::string_view name) const;  // "" when there is none
  [[nodiscard]] std::string Word(std::string_view name) const;  // the same, in lower case
  [[nodiscard]] bool Flag(std::string_view name) const;         // false when there is none
  [[nodiscard]] std::optional<std::int64_t> Whole(std::string_view name) const;
  [[nodiscard]] std::optional<double> Decimal(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> List(std::string_view name) const;
  [[nodiscard]] std::vector<std::int64_t> WholeList(std::string_view name) const;

 private:
  std::span<const ParamSpec> specs_;
  std::map<std::string_view, std::string> given_;
};

}  // namespace holdfast::policy
