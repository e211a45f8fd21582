// Params: the path, query and form parameters of one call, of the types that the API document gives them, checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"

namespace holdfast::api {

// Asking for a name that the operation does not declare, or as another type, is a bug and ends the process: it shows
// with the first call of the handler.
class Params {
 public:
  Params() = default;
  // The operation outlives this object.
  explicit Params(const Operation& operation) : operation_(&operation) {}

  void Set(std::string_view name, ParameterValue value);

  // Was it given, or has it a default?
  [[nodiscard]] bool Has(std::string_view name) const;
  // The value, else `fallback`. A default of the document counts as given.
  [[nodiscard]] bool Bool(std::string_view name, bool fallback = false) const;
  [[nodiscard]] std::int64_t Integer(std::string_view name, std::int64_t fallback = 0) const;
  [[nodiscard]] std::string_view Text(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] const std::vector<std::string>& List(std::string_view name) const;  // else empty

 private:
  const ParameterValue* Find(std::string_view name) const;

  const Operation* operation_ = nullptr;
  std::vector<std::pair<std::string_view, ParameterValue>> values_;  // names are the operation's
};

}  // namespace holdfast::api
