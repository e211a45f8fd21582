// Contract: the OpenAPI document of this API, which is data in the binary (src/api/openapi), and what the server makes
// of it. The files are merged: paths and each kind of components are united, all else is main.yaml's. A name that two
// files have is an error, and so is anything the server would not obey.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/openapi_files.h"
#include "api/operation.h"
#include "api/schema.h"
#include "base/result.h"

namespace holdfast::api {

class Contract {
 public:
  // Errors are bugs of the document: kCorrupt or kInternal.
  [[nodiscard]] static Result<std::unique_ptr<Contract>> Load(std::span<const OpenApiFile> files = OpenApiFiles());

  Contract(const Contract&) = delete;
  Contract& operator=(const Contract&) = delete;

  // In the order of files and paths. Valid, like all that is returned here, as long as this object.
  [[nodiscard]] const std::vector<Operation>& Operations() const { return operations_; }
  [[nodiscard]] const Operation* FindOperation(std::string_view id) const;
  // One of components.schemas; null when there is none of that name.
  [[nodiscard]] const Schema* FindSchema(std::string_view name) const { return schemas_.Find(name); }
  // The document as one JSON text, and its info.version.
  [[nodiscard]] const std::string& Json() const { return json_; }
  [[nodiscard]] const std::string& Version() const { return version_; }

 private:
  Contract() = default;
  Result<void> Compile(io::JsonView root);
  Result<void> AddOperation(io::JsonView root, std::string_view path, std::string_view method);

  std::string json_, version_;
  SchemaSet schemas_;
  std::vector<Operation> operations_;
};

}  // namespace holdfast::api
