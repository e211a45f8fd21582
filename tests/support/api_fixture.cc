#include "support/api_fixture.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "base/format.h"

namespace holdfast::test {
namespace {

std::string Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

http::ServerRequest ToRequest(const Ask& ask) {
  http::ServerRequest request;
  request.method = ask.method;
  request.target = ask.target;
  request.body = ask.body;
  request.request_id = "request-1";
  const std::string_view target = ask.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  for (const std::string_view segment : Split(target.substr(0, mark), '/')) request.segments.push_back(Decode(segment));
  for (const std::string_view pair : Split(target.substr(std::min(mark + 1, target.size())), '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query.emplace_back(Decode(pair.substr(0, equals)), Decode(pair.substr(std::min(equals + 1, pair.size()))));
  }
  if (!ask.authorization.empty())
    request.headers.Add("Authorization", ask.authorization);
  else if (!ask.user.empty())
    request.headers.Add("Authorization", BasicAuthorization(ask.user, kTestPassword));
  if (!ask.account.empty()) request.headers.Add("x-anchore-account", ask.account);
  if (!ask.body.empty()) {
    request.headers.Add("Content-Type", ask.content_type);
    request.headers.Add("Content-Length", Format("{}", ask.body.size()));
  }
  return request;
}

}  // namespace

std::string BasicAuthorization(std::string_view user, std::string_view password) {
  return "Basic " + EncodeBase64(Format("{}:{}", user, password));
}

io::JsonDocument Answer::Json() const { return Value(io::JsonDocument::Parse(body)); }

ApiFixture::ApiFixture()
    : contract_(Value(api::Contract::Load())),
      logins_(platform_, {.cost = kTestPasswordCost}),
      services_{.platform = platform_,
                .logins = logins_,
                .registries = registries_,
                .settings = {.oauth = true, .token_key = crypto::Secret(std::string(32, 't'))}},
      context_{*contract_, logger_, "1.2.3", "1", &services_},
      authenticator_(services_),
      authorizer_(api::MakeNativeAuthorizer()),
      server_(context_, authenticator_, *authorizer_) {}

Answer ApiFixture::Send(const Ask& ask) {
  http::ServerResponse response = server_.Handle(ToRequest(ask));
  return {response.status, std::move(response.body), std::move(response.headers)};
}

Answer ApiFixture::Get(std::string_view user, std::string_view target) {
  return Send({.user = std::string(user), .method = "GET", .target = std::string(target)});
}

Answer ApiFixture::Post(std::string_view user, std::string_view target, std::string_view body) {
  return Send({.user = std::string(user), .method = "POST", .target = std::string(target), .body = std::string(body)});
}

Answer ApiFixture::Put(std::string_view user, std::string_view target, std::string_view body) {
  return Send({.user = std::string(user), .method = "PUT", .target = std::string(target), .body = std::string(body)});
}

Answer ApiFixture::Delete(std::string_view user, std::string_view target) {
  return Send({.user = std::string(user), .method = "DELETE", .target = std::string(target)});
}

void ExpectApiError(const Answer& answer, int status, std::string_view part) {
  EXPECT_EQ(answer.status, status) << answer.body;
  const io::JsonDocument document = answer.Json();
  EXPECT_EQ(document.Root()["httpcode"].Integer(), status) << answer.body;
  EXPECT_NE(document.Root()["message"].StringOr("").find(part), std::string_view::npos) << answer.body;
  EXPECT_TRUE(document.Root()["detail"]["error_codes"].IsArray()) << answer.body;
}

void ExpectRefusedBySchema(const Answer& answer) {
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_EQ(answer.headers.Find("Content-Type").value_or(""), "application/problem+json") << answer.body;
}

}  // namespace holdfast::test
