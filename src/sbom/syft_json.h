// Syft's own JSON ("syft-json"), by which Anchore's clients exchange package lists: read in every shape from schema
// 1.0 (2021) to 16, written as 16.
//
// The shapes, as the schemas at github.com/anchore/syft/tree/main/schema/json have them:
//   1    licences and CPEs are strings; distro has name, version, idLike, all of them ids; source has a target
//   3    distro is os-release(5)
//   8    licences are objects
//   9    source has metadata instead of a target
//   12   the metadata of packages goes by other names ("RpmMetadata" is "rpm-db-entry"), with the same fields
//   14   pairs (manifests, build settings) are lists of key and value, before they were objects
//   16   CPEs are objects
// The reader does not ask for the version: every field is taken in any of its shapes.
#pragma once

#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "io/byte_source.h"
#include "model/cpe.h"
#include "model/image_analysis.h"
#include "sbom/write_options.h"

namespace holdfast::sbom {

// What Anchore's API takes at most.
inline constexpr std::uint64_t kSyftJsonBytesMax = 100'000'000;
// The schema that is written, and the newest major version known.
inline constexpr std::string_view kSyftSchemaVersion = "16.1.0";
inline constexpr int kSyftSchemaMajorMax = 16;

using model::kCpesAttribute;

// The source of CPE names that were guessed by the writer (see sbom/cpe.h); the reader leaves them out.
inline constexpr std::string_view kGeneratedCpeSource = "generated";

// Packages are as Holdfast's own catalogers make them: what advisories are asked by is the same for the same package.
// Records that cannot be read, types that no advisory speaks of, and a schema newer than all known are problems of the
// result. kCorrupt: no JSON; kInvalidInput: JSON of another kind, the message says which; kLimit: over `limits` or
// kSyftJsonBytesMax.
[[nodiscard]] Result<model::ImageAnalysis> ParseSyftJson(std::string_view text, const Limits& limits = {});

// Ids are made from what a package is, so that they are the same in each document that has it.
[[nodiscard]] Result<void> WriteSyftJson(const model::ImageAnalysis& analysis, const WriteOptions& options,
                                         io::ByteSink& sink);

}  // namespace holdfast::sbom
