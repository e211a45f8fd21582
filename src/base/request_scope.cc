#include "base/request_scope.h"

#include <utility>

namespace holdfast {
namespace {

// The one thing that threads have of their own: handing an id through every call would be the alternative.
thread_local const RequestScope* innermost = nullptr;

}  // namespace

RequestScope::RequestScope(std::string request_id)
    : request_id_(std::move(request_id)), outer_(std::exchange(innermost, this)) {}

RequestScope::~RequestScope() { innermost = outer_; }

std::string_view RequestScope::Current() {
  return innermost == nullptr ? std::string_view() : std::string_view(innermost->request_id_);
}

}  // namespace holdfast
