// The analysis archive: analyses of images that are not in the working set (any more), each as one object
// (archive_package.h) with a row that says what it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/archives.h"
#include "store/images.h"

namespace holdfast::service {

struct Archiving {
  std::string digest;
  std::string status;  // archived, error
  std::string detail;
};
// Copies an image that is active and analyzed into the archive; the image stays. What is archived already is replaced.
// What is wrong with the image is a status, not an error.
[[nodiscard]] Result<Archiving> ArchiveImage(const Platform& platform, const store::Account& account,
                                             std::string_view digest);

// All, oldest first.
[[nodiscard]] Result<std::vector<store::ArchivedImage>> ListArchived(const Platform& platform,
                                                                     const store::Account& account);
// kNotFound.
[[nodiscard]] Result<store::ArchivedImage> GetArchived(const Platform& platform, const store::Account& account,
                                                       std::string_view digest);
// kNotFound; kInvalidInput for what is not wholly archived, without force.
[[nodiscard]] Result<void> DeleteArchived(const Platform& platform, const store::Account& account,
                                          std::string_view digest, bool force);

// Full tags of what is archived.
[[nodiscard]] std::vector<store::ImageTag> TagsOf(const store::ArchivedImage& image);

// Brings an image back, with its tags, times and verdicts; it stays archived too. kNotFound when it is not archived,
// kConflict when the account has it.
[[nodiscard]] Result<store::Image> RestoreImage(const Platform& platform, const store::Account& account,
                                                std::string_view digest);
// The same for an archive's bytes from elsewhere. Its analysis is of the caller's saying and serves this account only.
// kConflict also for what is no archive.
[[nodiscard]] Result<store::Image> ImportArchive(const Platform& platform, const store::Account& account,
                                                 std::string_view bytes);

}  // namespace holdfast::service
