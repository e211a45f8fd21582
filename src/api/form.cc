#include "api/form.h"

#include <algorithm>
#include <charconv>

namespace holdfast::api {
namespace {

constexpr std::size_t kFieldsMax = 64;

Result<std::string> Decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || stop != digits.data() + 2)
      return Fail(ErrorKind::kInvalidInput, "the form has a broken percent-encoding");
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

}  // namespace

Result<NamedTexts> ParseForm(std::string_view body) {
  NamedTexts fields;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, std::min(body.find('&'), body.size()));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    if (field.empty()) continue;
    if (fields.size() == kFieldsMax) return Fail(ErrorKind::kLimit, "the form has more than 64 fields");
    const std::size_t equals = std::min(field.find('='), field.size());
    HF_TRY(std::string name, Decode(field.substr(0, equals)));
    HF_TRY(std::string value, Decode(field.substr(std::min(equals + 1, field.size()))));
    fields.emplace_back(std::move(name), std::move(value));
  }
  return fields;
}

}  // namespace holdfast::api
