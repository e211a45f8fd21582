// The object of an archived image: a tar.gz with all that is known of it, so that it can come back here or elsewhere.
//
//   archive_manifest        JSON: account, image_digest, metadata {versions, image_id, image_record}, artifacts
//   analysis                the analysis, as the object store has it (zstd)
//   documents/KIND          manifest, parent_manifest, config, dockerfile, sbom
//   evaluations/NUMBER      verdicts, JSON; what else belongs to them is in the manifest
//   vulnerabilities         the report at the time, JSON; for people, it is made anew after a restore
//
// `artifacts` says what is where: {name, metadata, source {bucket, key}, dest {tarfile_path}}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "store/images.h"
#include "store/policies.h"

namespace holdfast::service {

struct ArchivePackage {
  std::string account;  // its name
  std::string service_version;
  // digest, parent_digest, image_id, annotations, dockerfile_mode, created_at, analyzed_at, tags, and of the analysis
  // its content_key and version.
  store::Image image;
  std::string analysis;                                        // zstd
  std::vector<std::pair<std::string, std::string>> documents;  // kind and content
  std::vector<store::Evaluation> evaluations;                  // documents are JSON here
  std::string vulnerabilities;                                 // JSON; not read back
};

[[nodiscard]] std::string PackArchive(const ArchivePackage& package);
// Of bytes from anywhere. kInvalidInput for what is no such archive, kLimit when it unpacks to more than half a
// gibibyte.
[[nodiscard]] Result<ArchivePackage> UnpackArchive(std::string_view bytes, const Limits& limits);

}  // namespace holdfast::service
