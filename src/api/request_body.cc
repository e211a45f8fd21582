#include "api/request_body.h"

#include <algorithm>

#include "api/form.h"
#include "api/validate.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

// Documents of users are shallow.
constexpr std::size_t kDepthMax = 64;

std::string_view MainType(const http::ServerRequest& request) {
  std::string_view type = request.headers.Find("Content-Type").value_or("");
  type = type.substr(0, std::min(type.find(';'), type.size()));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return type;
}

// No type at all is taken for JSON; "+json" for a kind of it.
bool IsJson(std::string_view type) {
  constexpr std::string_view kSuffix = "+json";
  return type.empty() || http::EqualsIgnoringCase(type, "application/json") ||
         (type.size() > kSuffix.size() && http::EqualsIgnoringCase(type.substr(type.size() - kSuffix.size()), kSuffix));
}

std::unexpected<Error> WrongType(std::string_view found, std::string_view wanted) {
  return Fail(ErrorKind::kUnsupported, Format("Content-Type is {:?}, not {}", found.substr(0, 100), wanted));
}

Result<RequestBody> ReadJson(const Operation& operation, const http::ServerRequest& request) {
  if (const std::string_view type = MainType(request); !IsJson(type)) return WrongType(type, "application/json");
  Result<io::JsonDocument> document =
      io::JsonDocument::Parse(request.body, {.bytes_max = operation.body_bytes_max, .depth_max = kDepthMax});
  // Whatever is wrong with it is the caller's.
  if (!document) return Fail(ErrorKind::kInvalidInput, Format("body: {}", document.error().Message()));
  HF_CHECK_OK(CheckValue(*operation.body_schema, document->Root()));
  RequestBody body;
  body.json = *std::move(document);
  return body;
}

Result<RequestBody> ReadForm(const Operation& operation, const http::ServerRequest& request, Params& params) {
  constexpr std::string_view kType = "application/x-www-form-urlencoded";
  NamedTexts fields;
  if (!request.body.empty()) {
    if (const std::string_view type = MainType(request); !http::EqualsIgnoringCase(type, kType))
      return WrongType(type, kType);
    HF_TRY(fields, ParseForm(request.body));
  }
  HF_CHECK_OK(ReadFormFields(operation, fields, params));
  return RequestBody();
}

Result<RequestBody> ReadMultipart(const Operation& operation, const http::ServerRequest& request) {
  const std::string_view type = request.headers.Find("Content-Type").value_or("");
  if (!IsMultipartForm(type)) return WrongType(MainType(request), "multipart/form-data");
  RequestBody body;
  HF_TRY(body.parts, ParseMultipart(type, request.body));
  for (const Parameter& parameter : operation.parameters)
    if (parameter.place == ParameterPlace::kForm && parameter.required &&
        std::ranges::find(body.parts, parameter.name, &FormPart::name) == body.parts.end())
      return Fail(ErrorKind::kInvalidInput, Format("{} is required", parameter.name));
  return body;
}

}  // namespace

Result<RequestBody> ReadBody(const Operation& operation, const http::ServerRequest& request, Params& params) {
  if (operation.body == BodyKind::kNone) return RequestBody();
  if (operation.needs_content_length && !request.headers.Find("Content-Length"))
    return Fail(ErrorKind::kInvalidInput, "Content-Length is required");
  if (request.body.empty() && operation.body_required) return Fail(ErrorKind::kInvalidInput, "body is required");
  switch (operation.body) {
    case BodyKind::kNone:
    case BodyKind::kRaw: return RequestBody();
    case BodyKind::kJson:
      if (request.body.empty()) return RequestBody();
      return ReadJson(operation, request);
    case BodyKind::kForm: return ReadForm(operation, request, params);
    case BodyKind::kMultipart: return ReadMultipart(operation, request);
  }
  return RequestBody();
}

}  // namespace holdfast::api
