#include "api/contract.h"

#include <algorithm>
#include <array>

#include "api/merge_document.h"
#include "base/format.h"

namespace holdfast::api {
namespace {

constexpr std::string_view kParameterPrefix = "#/components/parameters/";
constexpr std::string_view kAccountHeader = "x-anchore-account";

struct MethodName {
  std::string_view in_document, in_requests;
};
constexpr std::array kMethods = {MethodName{"get", "GET"}, MethodName{"post", "POST"}, MethodName{"put", "PUT"},
                                 MethodName{"delete", "DELETE"}};

struct MediaType {
  std::string_view name;
  BodyKind kind;
};
constexpr std::array kMediaTypes = {
    MediaType{"application/json", BodyKind::kJson},
    MediaType{"text/plain", BodyKind::kRaw},
    MediaType{"application/x-www-form-urlencoded", BodyKind::kForm},
    MediaType{"multipart/form-data", BodyKind::kMultipart},
};

std::unexpected<Error> Wrong(std::string_view what, std::string_view value) {
  return Fail(ErrorKind::kInternal, Format("API document: {} {:?}", what, value));
}

std::vector<std::string> SplitPath(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

// The parameter itself, where a reference may stand for it.
io::JsonView Referred(io::JsonView root, io::JsonView parameter) {
  const std::string_view reference = parameter["$ref"].StringOr("");
  if (!reference.starts_with(kParameterPrefix)) return parameter;
  return root["components"]["parameters"][reference.substr(kParameterPrefix.size())];
}

// Fields of a form are parameters too.
void AddFormFields(const Schema& form, Operation& operation) {
  for (const Property& property : form.properties)
    operation.parameters.push_back({property.name, ParameterPlace::kForm, property.required, property.schema});
}

Result<void> ReadExtensions(io::JsonView from, Operation& operation) {
  operation.action = from["x-action"].StringOr("");
  operation.open = from["security"].IsArray() && from["security"].Size() == 0;
  if (const std::string_view domain = from["x-domain"].StringOr(""); domain == "system")
    operation.domain = Domain::kSystem;
  else if (domain == "account-in-path")
    operation.domain = Domain::kAccountInPath;
  else if (!domain.empty())
    return Wrong("unknown x-domain", domain);
  if (operation.domain == Domain::kAccountInPath &&
      (operation.parameters.empty() || operation.parameters.front().name != "accountname"))
    return Wrong("the first parameter is no account in", operation.id);
  if (operation.account_header != from["x-account-header"].Bool().value_or(false))
    return Wrong("x-account-header and the parameter of that name disagree in", operation.id);
  if (const auto bytes = from["x-body-bytes-max"].Integer()) {
    if (*bytes < 0) return Wrong("negative x-body-bytes-max of", operation.id);
    operation.body_bytes_max = static_cast<std::uint64_t>(*bytes);
  }
  operation.needs_content_length = from["x-content-length-required"].Bool().value_or(false);
  if (from["x-body-raw"].Bool().value_or(false)) operation.body = BodyKind::kRaw;
  return {};
}

Result<void> ReadBody(io::JsonView from, SchemaSet& schemas, Operation& operation) {
  if (from.IsNull()) return {};
  operation.body_required = from["required"].Bool().value_or(false);
  const io::JsonView content = from["content"];
  if (content.Size() != 1) return Wrong("other than one media type for the body of", operation.id);
  const auto* media = std::ranges::find(kMediaTypes, content.KeyAt(0), &MediaType::name);
  if (media == kMediaTypes.end()) return Wrong("unknown media type", content.KeyAt(0));
  operation.body = media->kind;
  HF_TRY_IN(operation.id, operation.body_schema, schemas.Add(content.At(0)["schema"]));
  if (media->kind == BodyKind::kForm || media->kind == BodyKind::kMultipart)
    AddFormFields(*operation.body_schema, operation);
  return {};
}

Result<void> ReadParameter(io::JsonView from, SchemaSet& schemas, Operation& operation) {
  Parameter parameter;
  parameter.name = from["name"].StringOr("");
  parameter.required = from["required"].Bool().value_or(false);
  const std::string_view place = from["in"].StringOr("");
  if (place == "header" && parameter.name == kAccountHeader) {
    operation.account_header = true;
    return {};
  }
  if (place != "query" && place != "path") return Wrong("unknown place of parameter", parameter.name);
  parameter.place = place == "path" ? ParameterPlace::kPath : ParameterPlace::kQuery;
  HF_TRY_IN(parameter.name, parameter.schema, schemas.Add(from["schema"]));
  if (parameter.schema->type == SchemaType::kObject || parameter.schema->type == SchemaType::kAny)
    return Wrong("no type for parameter", parameter.name);
  operation.parameters.push_back(std::move(parameter));
  return {};
}

// The path's own parameters must be those that its template names, in that order.
Result<void> CheckPathParameters(const Operation& operation) {
  std::size_t next = 0;
  for (const std::string& segment : operation.segments) {
    if (!segment.starts_with('{')) continue;
    if (next == operation.parameters.size() || operation.parameters[next].place != ParameterPlace::kPath ||
        Format("{{{}}}", operation.parameters[next].name) != segment)
      return Wrong("no parameter, or not in its turn, for", segment);
    ++next;
  }
  return {};
}

}  // namespace

const Parameter* Operation::FindParameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

Result<std::unique_ptr<Contract>> Contract::Load(std::span<const OpenApiFile> files) {
  std::unique_ptr<Contract> contract(new Contract());
  HF_TRY(contract->json_, MergeDocument(files));
  HF_TRY(const io::JsonDocument document, io::JsonDocument::Parse(contract->json_));
  HF_CHECK_OK(contract->Compile(document.Root()));
  return contract;
}

const Operation* Contract::FindOperation(std::string_view id) const {
  const auto found = std::ranges::find(operations_, id, &Operation::id);
  return found == operations_.end() ? nullptr : &*found;
}

Result<void> Contract::Compile(io::JsonView root) {
  version_ = root["info"]["version"].StringOr("");
  HF_CHECK_OK(schemas_.AddNamed(root["components"]["schemas"]));
  const io::JsonView paths = root["paths"];
  for (std::size_t i = 0; i < paths.Size(); ++i) {
    const io::JsonView item = paths.At(i);
    for (std::size_t m = 0; m < item.Size(); ++m)
      if (item.KeyAt(m) != "parameters") HF_CHECK_OK(AddOperation(root, paths.KeyAt(i), item.KeyAt(m)));
  }
  return {};
}

Result<void> Contract::AddOperation(io::JsonView root, std::string_view path, std::string_view method) {
  const auto* known = std::ranges::find(kMethods, method, &MethodName::in_document);
  if (known == kMethods.end()) return Wrong("unknown method", method);
  const io::JsonView item = root["paths"][path];
  const io::JsonView from = item[method];
  Operation operation;
  operation.id = from["operationId"].StringOr("");
  operation.method = known->in_requests;
  operation.segments = SplitPath(path);
  if (operation.id.empty() || FindOperation(operation.id) != nullptr) return Wrong("missing or second", operation.id);
  for (const io::JsonView parameter : item["parameters"])
    HF_CHECK_OK(ReadParameter(Referred(root, parameter), schemas_, operation));
  for (const io::JsonView parameter : from["parameters"])
    HF_CHECK_OK(ReadParameter(Referred(root, parameter), schemas_, operation));
  HF_CHECK_OK(CheckPathParameters(operation));
  HF_CHECK_OK(ReadBody(from["requestBody"], schemas_, operation));
  HF_CHECK_OK(ReadExtensions(from, operation));
  operations_.push_back(std::move(operation));
  return {};
}

}  // namespace holdfast::api
