// A whole request, from the route to the handler: "METHOD /path?query", then the body. Every operation is handled, with
// a handler that reads all parameters.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_server.h"
#include "api/form.h"

namespace {

namespace api = holdfast::api;
namespace http = holdfast::http;

class Everybody final : public api::Authenticator {
 public:
  holdfast::Result<api::Identity> Authenticate(const api::Credentials& credentials) override {
    return api::Identity{.username = credentials.username, .account = "team", .administers = true};
  }
};

void Read(const api::Params& params, const api::Parameter& parameter) {
  switch (parameter.schema->type) {
    case api::SchemaType::kBoolean: static_cast<void>(params.Bool(parameter.name)); break;
    case api::SchemaType::kInteger: static_cast<void>(params.Integer(parameter.name)); break;
    case api::SchemaType::kArray: static_cast<void>(params.List(parameter.name)); break;
    case api::SchemaType::kString: static_cast<void>(params.Text(parameter.name)); break;
    case api::SchemaType::kAny:
    case api::SchemaType::kObject:
    case api::SchemaType::kNumber: break;
  }
  if (parameter.required && parameter.place != api::ParameterPlace::kForm && !params.Has(parameter.name))
    __builtin_trap();
}

holdfast::Result<http::ServerResponse> ReadAll(api::Context&, const api::Call& call) {
  for (const api::Parameter& parameter : call.operation.parameters) Read(call.params, parameter);
  if (call.operation.body == api::BodyKind::kJson && call.operation.body_required && call.body.IsNull())
    __builtin_trap();
  return http::ServerResponse();
}

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments(1);
  for (const char c : path) {
    if (c != '/')
      segments.back().push_back(c);
    else if (!segments.back().empty())
      segments.emplace_back();
  }
  if (segments.back().empty()) segments.pop_back();
  return segments;
}

struct Fixture {
  std::unique_ptr<api::Contract> contract = *api::Contract::Load();
  holdfast::NullLogger logger;
  api::Context context{*contract, logger, "1", "1"};
  Everybody authenticator;
  std::unique_ptr<api::Authorizer> authorizer = api::MakeNativeAuthorizer();
  std::vector<api::HandlerEntry> handlers;
  std::unique_ptr<api::ApiServer> server;

  Fixture() {
    for (const api::Operation& operation : contract->Operations()) handlers.push_back({operation.id, &ReadAll});
    server = std::make_unique<api::ApiServer>(context, authenticator, *authorizer, handlers);
  }
};

http::ServerRequest Request(std::string_view text) {
  http::ServerRequest request;
  const std::size_t line = std::min(text.find('\n'), text.size());
  std::string_view head = text.substr(0, line);
  const std::size_t blank = std::min(head.find(' '), head.size());
  request.method = head.substr(0, blank);
  head.remove_prefix(std::min(blank + 1, head.size()));
  const std::size_t question = std::min(head.find('?'), head.size());
  request.segments = Segments(head.substr(0, question));
  if (auto query = api::ParseForm(head.substr(std::min(question + 1, head.size())))) request.query = *std::move(query);
  request.body = text.substr(std::min(line + 1, text.size()));
  request.headers.Add("Authorization", "Basic YTpi");
  request.headers.Add("Content-Length", std::to_string(request.body.size()));
  if (request.segments.size() == 2 && request.segments.front() == "oauth")
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fixture& fixture = *new Fixture();  // loaded once; reachable to the end
  const http::ServerRequest request = Request({reinterpret_cast<const char*>(data), size});
  static_cast<void>(fixture.server->BodyBytesMax(request));
  const int status = fixture.server->Handle(request).status;
  // A request can be wrong, but never make the server fail.
  if (status != 200 && (status < 400 || status > 499)) __builtin_trap();
  return 0;
}
