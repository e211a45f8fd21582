// Images of an account: lists, records, deletion.
#pragma once

#include <vector>

#include "api/handler_table.h"
#include "store/accounts.h"
#include "store/images.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> ListImageTags(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> ListImages(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteImages(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetImage(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteImage(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> DeleteImageById(Context& context, const Call& call);

// The records of images, with how long those of the first few wait that are queued.
[[nodiscard]] Result<http::ServerResponse> ImagesResponse(Context& context, const store::Account& account,
                                                          const std::vector<store::Image>& images);

// The image that the path names, by imageDigest or imageId.
[[nodiscard]] Result<store::Image> ImageOf(Context& context, const Call& call, const store::Account& account);
// The same; kNotFound while it is not analysed.
[[nodiscard]] Result<store::Image> AnalysedImageOf(Context& context, const Call& call, const store::Account& account);

}  // namespace holdfast::api
