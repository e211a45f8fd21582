// The public API over a platform of its own: a request in, an answer out, through authentication, permission, routes
// and validation.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_server.h"
#include "api/contract.h"
#include "api/service_authenticator.h"
#include "io/json.h"
#include "support/platform_fixture.h"

namespace holdfast::test {

struct Answer {
  int status = 0;
  std::string body;
  http::Headers headers;

  // The body, which must be JSON.
  [[nodiscard]] io::JsonDocument Json() const;
};

struct Ask {
  std::string user;  // whose password is kTestPassword; empty: no credentials
  std::string method = "GET";
  std::string target;  // "/policies/a%2Fb?detail=true"
  std::string body = {};
  std::string content_type = "application/json";
  std::string account = {};        // header x-anchore-account
  std::string authorization = {};  // instead of the user's
};

class ApiFixture : public PlatformFixture {
 public:
  ApiFixture();

  Answer Send(const Ask& ask);
  Answer Get(std::string_view user, std::string_view target);
  Answer Post(std::string_view user, std::string_view target, std::string_view body = {});
  Answer Put(std::string_view user, std::string_view target, std::string_view body = {});
  Answer Delete(std::string_view user, std::string_view target);

  std::unique_ptr<api::Contract> contract_;
  service::Logins logins_;
  api::Services services_;
  api::Context context_;
  api::ServiceAuthenticator authenticator_;
  std::unique_ptr<api::Authorizer> authorizer_;
  api::ApiServer server_;
};

// Expects an error of the API: the status, and the body that clients read, with a message that has `part` in it.
void ExpectApiError(const Answer& answer, int status, std::string_view part = {});
// Expects that a schema did not let the request pass.
void ExpectRefusedBySchema(const Answer& answer);

[[nodiscard]] std::string BasicAuthorization(std::string_view user, std::string_view password);

}  // namespace holdfast::test
