#include "api/validate.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/base64.h"
#include "base/clock.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

// A value from outside as messages show it: short, whatever its length.
std::string Shown(std::string_view text) {
  constexpr std::size_t kShownMax = 64;
  return io::RepairUtf8(text.size() <= kShownMax ? text : text.substr(0, kShownMax)) +
         (text.size() <= kShownMax ? "" : "…");
}

template <typename... Args>
std::unexpected<Error> Refuse(fmt::format_string<Args...> text, Args&&... args) {
  return Fail(ErrorKind::kInvalidInput, Format(text, std::forward<Args>(args)...));
}

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == kShape.size() && std::ranges::equal(text, kShape, [](char c, char shape) {
           if (shape == '-') return c == '-';
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// Base64 as files of it come: in lines.
bool IsBase64(std::string_view text) {
  std::string one_line(text);
  std::erase_if(one_line, [](char c) { return c == '\n' || c == '\r'; });
  return DecodeBase64(one_line).has_value();
}

Result<void> CheckFormat(SchemaFormat format, std::string_view text, std::string_view field) {
  switch (format) {
    case SchemaFormat::kNone: return {};
    case SchemaFormat::kDateTime:
      if (!ParseTime(text)) return Refuse("{} is no time such as 2026-01-31T12:00:00Z: '{}'", field, Shown(text));
      return {};
    case SchemaFormat::kBase64:
      if (!IsBase64(text)) return Refuse("{} is not base64", field);
      return {};
    case SchemaFormat::kUuid:
      if (!IsUuid(text)) return Refuse("{} is no UUID: '{}'", field, Shown(text));
      return {};
  }
  return {};
}

std::string Listed(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

Result<void> CheckText(const Schema& schema, std::string_view text, std::string_view field) {
  if (text.find('\0') != std::string_view::npos) return Refuse("{} has a NUL character", field);
  // Bytes first: they are a bound of code points, and at hand.
  if (text.size() < schema.length_min || (schema.length_min > 0 && CodePoints(text) < schema.length_min))
    return Refuse("{} is shorter than {} characters", field, schema.length_min);
  if (text.size() > schema.length_max && CodePoints(text) > schema.length_max)
    return Refuse("{} is longer than {} characters", field, schema.length_max);
  if (!schema.values.empty() && std::ranges::find(schema.values, text) == schema.values.end())
    return Refuse("{} is '{}', not one of: {}", field, Shown(text), Listed(schema.values));
  if (schema.pattern != nullptr && !schema.pattern(text))
    return Refuse("{} is '{}', which does not match {}", field, Shown(text), schema.pattern_text);
  return CheckFormat(schema.format, text, field);
}

Result<void> CheckInteger(const Schema& schema, std::int64_t number, std::string_view field) {
  if (schema.minimum && number < *schema.minimum)
    return Refuse("{} is {}, less than {}", field, number, *schema.minimum);
  if (schema.maximum && number > *schema.maximum)
    return Refuse("{} is {}, more than {}", field, number, *schema.maximum);
  return {};
}

Result<void> CheckCount(const Schema& schema, std::size_t count, std::string_view field) {
  if (count < schema.items_min) return Refuse("{} has {} elements, at least {}", field, count, schema.items_min);
  if (count > schema.items_max) return Refuse("{} has {} elements, at most {}", field, count, schema.items_max);
  return {};
}

// ---- Parameters: texts that stand for values.

Result<void> CheckPrintable(std::string_view text, std::string_view field) {
  if (!io::IsUtf8(text)) return Refuse("{} is not UTF-8", field);
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return Refuse("{} has a control character", field);
  return {};
}

Result<ParameterValue> ReadBool(std::string_view text, std::string_view field) {
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  return Refuse("{} is neither true nor false: '{}'", field, Shown(text));
}

Result<ParameterValue> ReadInteger(const Schema& schema, std::string_view text, std::string_view field) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size())
    return Refuse("{} is no whole number, or too large: '{}'", field, Shown(text));
  HF_CHECK_OK(CheckInteger(schema, number, field));
  return number;
}

Result<ParameterValue> ReadList(const Schema& schema, std::string_view text, std::string_view field) {
  std::vector<std::string> items;
  for (bool more = !text.empty(); more;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    if (schema.items != nullptr) HF_CHECK_OK(CheckText(*schema.items, item, Format("{}[{}]", field, items.size())));
    items.emplace_back(item);
    more = comma < text.size();
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  HF_CHECK_OK(CheckCount(schema, items.size(), field));
  return items;
}

Result<ParameterValue> ReadValue(const Parameter& parameter, std::string_view text) {
  const Schema& schema = *parameter.schema;
  HF_CHECK_OK(CheckPrintable(text, parameter.name));
  switch (schema.type) {
    case SchemaType::kBoolean: return ReadBool(text, parameter.name);
    case SchemaType::kInteger: return ReadInteger(schema, text, parameter.name);
    case SchemaType::kArray: return ReadList(schema, text, parameter.name);
    case SchemaType::kString:
    case SchemaType::kNumber:
    case SchemaType::kObject:
    case SchemaType::kAny: break;
  }
  HF_CHECK_OK(CheckText(schema, text, parameter.name));
  return std::string(text);
}

std::optional<std::string> FindText(const Parameter& parameter, const NamedTexts& texts) {
  std::optional<std::string> found;
  for (const auto& [name, value] : texts) {
    if (name != parameter.name) continue;
    if (found && parameter.schema->type == SchemaType::kArray)
      found->append(",").append(value);
    else
      found = value;
  }
  return found;
}

Result<void> ReadNamed(const Operation& operation, ParameterPlace place, const NamedTexts& texts, Params& params) {
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.place != place) continue;
    if (const auto text = FindText(parameter, texts)) {
      HF_TRY(ParameterValue value, ReadValue(parameter, *text));
      params.Set(parameter.name, std::move(value));
    } else if (parameter.required) {
      return Refuse("{} is required", parameter.name);
    } else if (parameter.schema->fallback) {
      params.Set(parameter.name, *parameter.schema->fallback);
    }
  }
  return {};
}

// ---- JSON.

std::string Member(std::string_view field, std::string_view name) {
  return field.empty() || field == "body" ? Shown(name) : Format("{}.{}", field, Shown(name));
}

std::string_view TypeText(SchemaType type) {
  switch (type) {
    case SchemaType::kAny: return "a value";
    case SchemaType::kObject: return "an object";
    case SchemaType::kArray: return "an array";
    case SchemaType::kString: return "a string";
    case SchemaType::kInteger: return "a whole number";
    case SchemaType::kNumber: return "a number";
    case SchemaType::kBoolean: return "true or false";
  }
  return "a value";
}

Result<void> CheckObject(const Schema& schema, io::JsonView value, std::string_view field) {
  std::vector<bool> seen(schema.properties.size(), false);
  for (std::size_t i = 0; i < value.Size(); ++i) {
    const std::string_view name = value.KeyAt(i);
    if (name.find('\0') != std::string_view::npos) return Refuse("{} has a name with a NUL character", field);
    const Property* property = schema.FindProperty(name);
    const Schema* member = property != nullptr ? property->schema : schema.additional;
    if (property != nullptr) seen[static_cast<std::size_t>(property - schema.properties.data())] = true;
    if (member != nullptr) HF_CHECK_OK(CheckValue(*member, value.At(i), Member(field, name)));
  }
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (schema.properties[i].required && !seen[i])
      return Refuse("{} is required", Member(field, schema.properties[i].name));
  return {};
}

Result<void> CheckArray(const Schema& schema, io::JsonView value, std::string_view field) {
  HF_CHECK_OK(CheckCount(schema, value.Size(), field));
  if (schema.items == nullptr) return {};
  for (std::size_t i = 0; i < value.Size(); ++i)
    HF_CHECK_OK(CheckValue(*schema.items, value.At(i), Format("{}[{}]", field, i)));
  return {};
}

}  // namespace

Result<Params> ReadParameters(const Operation& operation, std::span<const std::string_view> path_values,
                              const NamedTexts& query) {
  Params params(operation);
  for (std::size_t i = 0; i < path_values.size(); ++i) {
    const Parameter& parameter = operation.parameters.at(i);
    Result<ParameterValue> value = ReadValue(parameter, path_values[i]);
    if (!value) return Fail(ErrorKind::kNotFound, value.error().Message());
    params.Set(parameter.name, *std::move(value));
  }
  HF_CHECK_OK(ReadNamed(operation, ParameterPlace::kQuery, query, params));
  return params;
}

Result<void> ReadFormFields(const Operation& operation, const NamedTexts& fields, Params& params) {
  return ReadNamed(operation, ParameterPlace::kForm, fields, params);
}

// As deep as the document, which has a limit of depth.
Result<void> CheckValue(const Schema& schema, io::JsonView value, std::string_view field) {
  if (value.IsNull() && schema.type != SchemaType::kAny)
    return schema.nullable ? Result<void>() : Refuse("{} is null, not {}", field, TypeText(schema.type));
  bool fits = true;
  switch (schema.type) {
    case SchemaType::kAny: return {};
    case SchemaType::kObject:
      if (value.IsObject()) return CheckObject(schema, value, field);
      fits = false;
      break;
    case SchemaType::kArray:
      if (value.IsArray()) return CheckArray(schema, value, field);
      fits = false;
      break;
    case SchemaType::kString:
      if (const auto text = value.String()) return CheckText(schema, *text, field);
      fits = false;
      break;
    case SchemaType::kInteger:
      if (const auto number = value.Integer()) return CheckInteger(schema, *number, field);
      fits = false;
      break;
    case SchemaType::kNumber: fits = value.Double().has_value(); break;
    case SchemaType::kBoolean: fits = value.Bool().has_value(); break;
  }
  return fits ? Result<void>() : Refuse("{} is not {}", field, TypeText(schema.type));
}

}  // namespace holdfast::api
