// From what RPM says of a package to a Package.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/rpm/header.h"
#include "model/package.h"

namespace holdfast::catalog {

// What the packages of one database may hold together; counts down. A full desktop has some 500,000 files, whose paths
// have 40 MB, and 100,000 needs.
struct RpmBudget {
  std::size_t files_left = 1'000'000;
  std::size_t path_bytes_left = std::size_t{128} << 20;
  std::size_t names_left = 2'000'000;  // needed and provided
  bool cut = false;                    // something was left out
};

struct RpmContext {
  std::string_view root;  // folder that the database calls '/'; "" for the image's own
  const model::Distro& distro;
};

// The facts that both the databases and the manifests of distroless images have.
struct RpmIdentity {
  std::string_view name, version, release, architecture, source_rpm, module_label;
  std::optional<std::uint64_t> epoch;
};

// With name, version, type, architecture, module label, upstream, purl and the attributes that go with them.
// kCorrupt without a name or a version.
[[nodiscard]] Result<model::Package> MakeRpmPackage(const RpmIdentity& identity, const RpmContext& context);

// All but the location.
[[nodiscard]] Result<model::Package> ParseRpmPackage(const RpmHeader& header, const RpmContext& context,
                                                     RpmBudget& budget);

// Key id, 16 lower-case hexadecimal digits, of the OpenPGP signature in `packet` (RFC 4880, sections 4.2, 5.2); empty
// when it has none.
[[nodiscard]] std::string SignatureKeyId(Bytes packet);

}  // namespace holdfast::catalog
