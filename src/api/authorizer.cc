#include "api/authorizer.h"

#include "base/format.h"

namespace holdfast::api {
namespace {

class NativeAuthorizer final : public Authorizer {
 public:
  Result<void> Authorize(const Identity& identity, const Permission& permission) override {
    if (identity.administers) return {};
    if (permission.domain == kSystemDomain) return Fail(ErrorKind::kDenied, "this needs an administrator");
    if (identity.account == permission.domain) return {};
    return Fail(ErrorKind::kDenied, Format("user {} may not act for account {}", identity.username, permission.domain));
  }
};

}  // namespace

std::unique_ptr<Authorizer> MakeNativeAuthorizer() { return std::make_unique<NativeAuthorizer>(); }

}  // namespace holdfast::api
