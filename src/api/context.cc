#include "api/context.h"

#include "base/result.h"

namespace holdfast::api {

Services& Context::Use() const {
  HF_ASSERT(services != nullptr);
  return *services;
}

}  // namespace holdfast::api
