// Schema: what a value of the API may be, compiled from the schema objects of the OpenAPI document (OpenAPI 3.0.3,
// section 4.7.24), of which it understands what the document uses; anything else fails when the document is loaded.
//
// Patterns are no regular expressions at run time: each pattern that the document may use has a hand-written check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "io/json.h"

namespace holdfast::api {

enum class SchemaType : std::uint8_t { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean };
enum class SchemaFormat : std::uint8_t { kNone, kDateTime, kBase64, kUuid };

// What a parameter, or a default, is: never an object.
using ParameterValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

struct Schema;

struct Property {
  std::string name;
  const Schema* schema = nullptr;
  bool required = false;
};

struct Schema {
  SchemaType type = SchemaType::kAny;
  SchemaFormat format = SchemaFormat::kNone;
  bool nullable = false;

  std::vector<Property> properties;    // by name
  const Schema* additional = nullptr;  // of members that are not listed; null: anything
  const Schema* items = nullptr;       // null: anything
  std::size_t items_min = 0, items_max = std::numeric_limits<std::size_t>::max();

  std::vector<std::string> values;  // the only texts allowed, unless empty
  std::size_t length_min = 0, length_max = std::numeric_limits<std::size_t>::max();  // code points
  bool (*pattern)(std::string_view) = nullptr;
  std::string pattern_text;

  std::optional<std::int64_t> minimum, maximum;
  std::optional<ParameterValue> fallback;  // "default"

  // Null when there is none of that name.
  [[nodiscard]] const Property* FindProperty(std::string_view name) const;
};

// Owns schemas; pointers to them live as long as it does. Not movable for their sake.
class SchemaSet {
 public:
  SchemaSet() = default;
  SchemaSet(const SchemaSet&) = delete;
  SchemaSet& operator=(const SchemaSet&) = delete;

  // The member components.schemas of a document. Once. kInternal for what is not understood.
  [[nodiscard]] Result<void> AddNamed(io::JsonView schemas);
  // A schema that stands somewhere else; it may refer to named ones.
  [[nodiscard]] Result<const Schema*> Add(io::JsonView schema);
  // Null when there is none of that name.
  [[nodiscard]] const Schema* Find(std::string_view name) const;

 private:
  Result<void> Fill(Schema& schema, io::JsonView from);
  Result<void> FillObject(Schema& schema, io::JsonView from);
  Result<void> FillText(Schema& schema, io::JsonView from);

  std::deque<Schema> all_;
  std::map<std::string, const Schema*, std::less<>> named_;
};

}  // namespace holdfast::api
