// The lists of an image's content as Anchore's API answers them at /images/{digest}/content/{type}: only what stands
// under "content"; the envelope is the API's. Absent values are Anchore's literals "Unknown" and "N/A".
#pragma once

#include <string_view>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/image_analysis.h"
#include "vfs/squash.h"

namespace holdfast::sbom {

struct AnchoreContentOptions {
  // Packages that were found in files of a distribution's package are what that package is: Anchore leaves them out.
  bool with_owned = false;
};

// A JSON array of the packages of one content type (see anchore_types.h), in the order of the analysis.
// kInvalidInput for a type that lists no packages.
[[nodiscard]] Result<void> WriteAnchorePackages(std::string_view content_type, const model::ImageAnalysis& analysis,
                                                const AnchoreContentOptions& options, io::ByteSink& sink);

// A JSON array of all files, folders before what is in them. A hard link shows size and digest of what it links to; of
// folders that no layer lists, owner and mode are 0, 0 and 0755.
[[nodiscard]] Result<void> WriteAnchoreFiles(const vfs::SquashedTree& tree, io::ByteSink& sink);

}  // namespace holdfast::sbom
