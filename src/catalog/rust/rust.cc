// {"packages": [{"name": "serde", "version": "1.0.1", "source": "crates.io", "kind": "build" (absent: runtime),
//                "dependencies": [2, 5] (indexes into packages; may be absent), "root": true (absent: false)}]}
#include "catalog/rust/rust.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "catalog/executable.h"
#include "io/json.h"

namespace holdfast::catalog {
namespace {

constexpr std::array kClaims = {Claim{"", EvidenceForm::kExecutable, 0}};
constexpr CatalogerInfo kInfo{.name = "rust-binary", .version = 1, .claims = kClaims};

constexpr std::size_t kCratesMax = 50'000;
constexpr std::size_t kEdgesMax = 1'000'000;  // of one document
constexpr io::JsonLimits kJsonLimits{.bytes_max = 16 * kMiB, .depth_max = 16};

bool IsRuntime(io::JsonView crate) { return crate["kind"].StringOr("runtime") != "build"; }

// Names of the runtime dependencies, sorted. Indexes that point nowhere are a problem; cycles do no harm.
Result<std::vector<std::string>> Dependencies(io::JsonView crates, io::JsonView indexes, std::size_t& edges) {
  std::vector<std::string> names;
  for (const io::JsonView index : indexes) {
    if (++edges > kEdgesMax) return Fail(ErrorKind::kLimit, Format("more than {} dependencies of crates", kEdgesMax));
    const auto number = index.Integer();
    if (!number || *number < 0 || static_cast<std::uint64_t>(*number) >= crates.Size())
      return Fail(ErrorKind::kCorrupt, "a dependency that is no index of a crate");
    const io::JsonView crate = crates.At(static_cast<std::size_t>(*number));
    const std::string_view name = crate["name"].StringOr("");
    if (IsRuntime(crate) && !name.empty()) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<void> AddCrate(const EvidenceFile& file, io::JsonView crate, std::vector<std::string> depends,
                      PackageSink& sink) {
  model::Package package;
  package.name = crate["name"].StringOr("");
  package.version = crate["version"].StringOr("");
  if (package.name.empty() || package.version.empty())
    return Fail(ErrorKind::kCorrupt, "a crate without name or version");
  package.type = "rust-crate";
  package.language = "rust";
  package.version_scheme = "semver";
  package.ecosystem = "crates.io";
  package.purl =
      model::Purl::Make({.type = "cargo", .name = package.name, .version = package.version}).value_or(model::Purl());
  package.locations.push_back(file.Here());
  package.depends = std::move(depends);
  if (crate["root"].Bool().value_or(false)) package.attributes.emplace_back("rust:root", "true");
  if (const std::string_view source = crate["source"].StringOr(""); !source.empty())
    package.attributes.emplace_back("rust:source", source);
  sink.Add(std::move(package));
  return {};
}

Result<void> Parse(const EvidenceFile& file, const Parts& parts, PackageSink& sink) {
  const Part* before = nullptr;
  for (const Part& part : parts) {
    if (part.name == "rust.problem") sink.Problem(file.path, ErrorOfPart(part.bytes));
    if (part.name != "rust.audit") continue;
    // The slices of a universal binary mostly say the same.
    if (before == nullptr || before->bytes != part.bytes) HF_CHECK_OK(ParseRustAudit(file, part.bytes, sink));
    before = &part;
  }
  return {};
}

}  // namespace

Result<void> ParseRustAudit(const EvidenceFile& file, std::string_view json, PackageSink& sink) {
  HF_TRY(const auto document, io::JsonDocument::Parse(json, kJsonLimits));
  const io::JsonView crates = document.Root()["packages"];
  if (!crates.IsArray()) return Fail(ErrorKind::kCorrupt, "no list of packages");
  if (crates.Size() > kCratesMax) return Fail(ErrorKind::kLimit, Format("more than {} crates", kCratesMax));
  std::size_t edges = 0;
  for (const io::JsonView crate : crates) {
    if (!IsRuntime(crate)) continue;
    auto depends = Dependencies(crates, crate["dependencies"], edges);
    if (!depends) sink.Problem(file.path, depends.error());
    const auto added = AddCrate(file, crate, std::move(depends).value_or(std::vector<std::string>()), sink);
    if (!added) sink.Problem(file.path, added.error());
  }
  return {};
}

std::unique_ptr<Cataloger> MakeRustBinaryCataloger() { return FromPartsParser(kInfo, Parse); }

}  // namespace holdfast::catalog
