#include "api/params.h"

#include <algorithm>

#include "base/result.h"

namespace holdfast::api {
namespace {

template <typename T>
const T* As(const ParameterValue* value) {
  if (value == nullptr) return nullptr;
  HF_ASSERT(std::holds_alternative<T>(*value));
  return std::get_if<T>(value);
}

}  // namespace

void Params::Set(std::string_view name, ParameterValue value) {
  const Parameter* parameter = operation_ == nullptr ? nullptr : operation_->FindParameter(name);
  HF_ASSERT(parameter != nullptr);
  const auto found = std::ranges::find(values_, name, [](const auto& pair) { return pair.first; });
  if (found == values_.end())
    values_.emplace_back(parameter->name, std::move(value));
  else
    found->second = std::move(value);
}

bool Params::Has(std::string_view name) const { return Find(name) != nullptr; }

bool Params::Bool(std::string_view name, bool fallback) const {
  const auto* value = As<bool>(Find(name));
  return value == nullptr ? fallback : *value;
}

std::int64_t Params::Integer(std::string_view name, std::int64_t fallback) const {
  const auto* value = As<std::int64_t>(Find(name));
  return value == nullptr ? fallback : *value;
}

std::string_view Params::Text(std::string_view name, std::string_view fallback) const {
  const auto* value = As<std::string>(Find(name));
  return value == nullptr ? fallback : std::string_view(*value);
}

const std::vector<std::string>& Params::List(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto* value = As<std::vector<std::string>>(Find(name));
  return value == nullptr ? kNone : *value;
}

const ParameterValue* Params::Find(std::string_view name) const {
  HF_ASSERT(operation_ != nullptr && operation_->FindParameter(name) != nullptr);
  const auto found = std::ranges::find(values_, name, [](const auto& pair) { return pair.first; });
  return found == values_.end() ? nullptr : &found->second;
}

}  // namespace holdfast::api
