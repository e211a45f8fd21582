// Import sessions: an image that was catalogued elsewhere comes in part by part, then becomes an image of the account.
//
// What was uploaded belongs to its session: objects "imports/SESSION/KIND/DIGEST", removed with it. An imported
// analysis is of one account's saying, so it has a key of its own and never serves another account, nor the same
// content when a registry has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/images.h"
#include "store/imports.h"

namespace holdfast::service {

inline constexpr std::uint64_t kImportBytesMax = 104'857'600;  // of one upload
inline constexpr std::int64_t kImportLifeMs = 86'400'000;
// The annotation of an imported image that holds its session.
inline constexpr std::string_view kImportAnnotation = "anchore.system/import_operation_id";

[[nodiscard]] Result<store::Import> CreateImport(const Platform& platform, const store::Account& account);
[[nodiscard]] Result<std::vector<store::Import>> ListImports(const Platform& platform, const store::Account& account);
// kNotFound. What is pending beyond its time is expired.
[[nodiscard]] Result<store::Import> GetImport(const Platform& platform, const store::Account& account,
                                              std::string_view uuid);
// Gives up what is pending; what has ended stays as it is. kNotFound.
[[nodiscard]] Result<store::Import> InvalidateImport(const Platform& platform, const store::Account& account,
                                                     std::string_view uuid);

// kNotFound. `kind`: packages, dockerfile, manifest, parent_manifest, image_config.
[[nodiscard]] Result<std::vector<store::ImportContent>> ListImportContents(const Platform& platform,
                                                                           const store::Account& account,
                                                                           std::string_view uuid,
                                                                           std::string_view kind);
// Keeps `bytes`; their digest is the content's name. kNotFound, kInvalidInput for a session that is not pending and
// for what is not of that kind, kLimit.
[[nodiscard]] Result<store::ImportContent> UploadImportContent(const Platform& platform, const store::Account& account,
                                                               std::string_view uuid, std::string_view kind,
                                                               std::string_view bytes);

// Which uploads make the image, and what it is called.
struct ImportManifest {
  std::string operation_uuid;
  Digest digest;
  std::optional<Digest> parent_digest;
  std::string local_image_id;
  std::vector<std::string> tags;
  Digest packages, manifest, image_config;
  std::optional<Digest> parent_manifest, dockerfile;
};
struct ImportOptions {
  std::optional<std::string> annotations;  // JSON object of texts
  bool force = false;                      // replaces the analysis of a known image
  bool watch_tag = false;
};
// Records the image with its analysis; its findings follow as of any other image. The session is then complete, or
// failed when the documents cannot be read. kInvalidInput for a session that is not pending, contents that it does not
// have, documents that make no sense; kConflict for an image that is analysed, without force.
[[nodiscard]] Result<store::Image> AddImportedImage(const Platform& platform, const store::Account& account,
                                                    const ImportManifest& manifest, const ImportOptions& options);

}  // namespace holdfast::service
