#include "api/schema.h"

#include <algorithm>
#include <array>

#include "api/name_patterns.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

constexpr std::string_view kReferencePrefix = "#/components/schemas/";

constexpr std::array<std::string_view, 20> kKeywords = {
    "type",    "format",   "nullable", "description", "properties", "required",  "additionalProperties",
    "items",   "minItems", "maxItems", "enum",        "minLength",  "maxLength", "pattern",
    "minimum", "maximum",  "default",  "title",       "example",    "readOnly",
};

struct TypeName {
  std::string_view name;
  SchemaType type;
};
constexpr std::array kTypes = {
    TypeName{"object", SchemaType::kObject}, TypeName{"array", SchemaType::kArray},
    TypeName{"string", SchemaType::kString}, TypeName{"integer", SchemaType::kInteger},
    TypeName{"number", SchemaType::kNumber}, TypeName{"boolean", SchemaType::kBoolean},
};

// Formats of which only people make something are kNone.
struct FormatName {
  std::string_view name;
  SchemaFormat format;
};
constexpr std::array kFormats = {
    FormatName{"date-time", SchemaFormat::kDateTime}, FormatName{"byte", SchemaFormat::kBase64},
    FormatName{"uuid", SchemaFormat::kUuid},          FormatName{"binary", SchemaFormat::kNone},
    FormatName{"password", SchemaFormat::kNone},
};

std::unexpected<Error> NotUnderstood(std::string_view what, std::string_view value) {
  return Fail(ErrorKind::kInternal, Format("API document: {} {:?} is not understood", what, value));
}

Result<void> CheckKeywords(io::JsonView from) {
  if (!from.IsObject()) return NotUnderstood("a schema that is no object", "");
  for (std::size_t i = 0; i < from.Size(); ++i)
    if (std::ranges::find(kKeywords, from.KeyAt(i)) == kKeywords.end())
      return NotUnderstood("schema keyword", from.KeyAt(i));
  return {};
}

Result<std::optional<ParameterValue>> ReadDefault(io::JsonView value) {
  if (value.IsNull()) return std::nullopt;
  if (const auto boolean = value.Bool()) return *boolean;
  if (const auto integer = value.Integer()) return *integer;
  if (const auto text = value.String()) return std::string(*text);
  if (!value.IsArray()) return NotUnderstood("a default that is", "an object");
  std::vector<std::string> items;
  items.reserve(value.Size());
  for (const io::JsonView item : value) items.emplace_back(item.StringOr(""));
  return items;
}

Result<void> ReadBounds(Schema& schema, io::JsonView from) {
  const auto bound = [&from](std::string_view name, std::size_t& to) {
    if (const auto value = from[name].Integer(); value && *value >= 0) to = static_cast<std::size_t>(*value);
  };
  bound("minItems", schema.items_min);
  bound("maxItems", schema.items_max);
  bound("minLength", schema.length_min);
  bound("maxLength", schema.length_max);
  schema.minimum = from["minimum"].Integer();
  schema.maximum = from["maximum"].Integer();
  HF_TRY(schema.fallback, ReadDefault(from["default"]));
  return {};
}

}  // namespace

const Property* Schema::FindProperty(std::string_view name) const {
  const auto found = std::ranges::lower_bound(properties, name, {}, &Property::name);
  return found != properties.end() && found->name == name ? &*found : nullptr;
}

Result<void> SchemaSet::AddNamed(io::JsonView schemas) {
  // All names first, since any may refer to any.
  std::vector<Schema*> fresh;
  for (std::size_t i = 0; i < schemas.Size(); ++i) {
    fresh.push_back(&all_.emplace_back());
    named_.emplace(schemas.KeyAt(i), fresh.back());
  }
  for (std::size_t i = 0; i < schemas.Size(); ++i)
    if (auto filled = Fill(*fresh[i], schemas.At(i)); !filled)
      return std::unexpected(std::move(filled).error().In(schemas.KeyAt(i)));
  return {};
}

Result<const Schema*> SchemaSet::Add(io::JsonView schema) {
  if (const auto reference = schema["$ref"].String()) {
    const Schema* found =
        reference->starts_with(kReferencePrefix) ? Find(reference->substr(kReferencePrefix.size())) : nullptr;
    if (found == nullptr) return NotUnderstood("reference", *reference);
    return found;
  }
  Schema& fresh = all_.emplace_back();
  HF_CHECK_OK(Fill(fresh, schema));
  return &fresh;
}

const Schema* SchemaSet::Find(std::string_view name) const {
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : found->second;
}

Result<void> SchemaSet::Fill(Schema& schema, io::JsonView from) {
  HF_CHECK_OK(CheckKeywords(from));
  if (const std::string_view type = from["type"].StringOr(""); !type.empty()) {
    const auto* found = std::ranges::find(kTypes, type, &TypeName::name);
    if (found == kTypes.end()) return NotUnderstood("type", type);
    schema.type = found->type;
  }
  schema.nullable = from["nullable"].Bool().value_or(false);
  HF_CHECK_OK(ReadBounds(schema, from));
  HF_CHECK_OK(FillText(schema, from));
  if (from["items"].IsObject()) {
    HF_TRY(schema.items, Add(from["items"]));
  }
  return FillObject(schema, from);
}

Result<void> SchemaSet::FillText(Schema& schema, io::JsonView from) {
  for (const io::JsonView value : from["enum"]) {
    if (!value.IsString()) return NotUnderstood("an enumeration of", "other than text");
    schema.values.emplace_back(value.StringOr(""));
  }
  if (const std::string_view format = from["format"].StringOr(""); !format.empty()) {
    const auto* found = std::ranges::find(kFormats, format, &FormatName::name);
    if (found == kFormats.end()) return NotUnderstood("format", format);
    schema.format = found->format;
  }
  if (const std::string_view pattern = from["pattern"].StringOr(""); !pattern.empty()) {
    schema.pattern = FindPattern(pattern);
    if (schema.pattern == nullptr) return NotUnderstood("pattern", pattern);
    schema.pattern_text = pattern;
  }
  return {};
}

Result<void> SchemaSet::FillObject(Schema& schema, io::JsonView from) {
  const io::JsonView properties = from["properties"];
  for (std::size_t i = 0; i < properties.Size(); ++i) {
    HF_TRY_IN(properties.KeyAt(i), const Schema* property, Add(properties.At(i)));
    schema.properties.push_back({std::string(properties.KeyAt(i)), property, false});
  }
  std::ranges::sort(schema.properties, {}, &Property::name);
  for (const io::JsonView name : from["required"]) {
    const auto found = std::ranges::find(schema.properties, name.StringOr(""), &Property::name);
    if (found == schema.properties.end()) return NotUnderstood("required property", name.StringOr(""));
    found->required = true;
  }
  if (from["additionalProperties"].IsObject()) {
    HF_TRY(schema.additional, Add(from["additionalProperties"]));
  }
  return {};
}

}  // namespace holdfast::api
