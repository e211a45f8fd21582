// Operation: one row of the API document, compiled.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/schema.h"
#include "base/limits.h"

namespace holdfast::api {

enum class ParameterPlace : std::uint8_t { kPath, kQuery, kForm };

struct Parameter {
  std::string name;
  ParameterPlace place = ParameterPlace::kQuery;
  bool required = false;
  const Schema* schema = nullptr;
};

enum class BodyKind : std::uint8_t {
  kNone,
  kJson,
  kRaw,  // goes to the handler as it came
  kForm,
  kMultipart,
};

// Where the permission for an operation is asked for.
enum class Domain : std::uint8_t {
  kAccount,        // the account that is acted for
  kSystem,         // the installation
  kAccountInPath,  // the account that the path's first parameter, "accountname", names
};

struct Operation {
  std::string id;                     // "list_images"
  std::string method;                 // "GET"
  std::vector<std::string> segments;  // of the path, without the version; "{imageDigest}" stands for a parameter
  // Path parameters first, in the order of the path.
  std::vector<Parameter> parameters;

  BodyKind body = BodyKind::kNone;
  bool body_required = false;
  const Schema* body_schema = nullptr;  // of JSON and raw bodies; null: none
  std::uint64_t body_bytes_max = kMiB;
  bool needs_content_length = false;

  bool open = false;   // to anybody, without credentials
  std::string action;  // "listImages"; empty: any caller with credentials may
  Domain domain = Domain::kAccount;
  bool account_header = false;  // acts for the account that the header x-anchore-account names

  [[nodiscard]] const Parameter* FindParameter(std::string_view name) const;
};

}  // namespace holdfast::api
