// Who asks, by passwords and tokens of the platform's own users.
#pragma once

#include "api/authenticator.h"
#include "api/context.h"

namespace holdfast::api {

inline constexpr std::string_view kTokenIssuer = "holdfast";

class ServiceAuthenticator final : public Authenticator {
 public:
  // `services` outlives it.
  explicit ServiceAuthenticator(const Services& services) : services_(services) {}
  [[nodiscard]] Result<Identity> Authenticate(const Credentials& credentials) override;

 private:
  const Services& services_;
};

}  // namespace holdfast::api
