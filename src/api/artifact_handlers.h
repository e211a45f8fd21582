// What the analysis took out of an image's files: files that were kept whole, and lines that searches hit.
#pragma once

#include <string>

#include "api/handler_table.h"
#include "model/image_analysis.h"

namespace holdfast::api {

[[nodiscard]] Result<http::ServerResponse> GetRetrievedFiles(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetFileContentSearch(Context& context, const Call& call);
[[nodiscard]] Result<http::ServerResponse> GetSecretSearch(Context& context, const Call& call);

// The documents themselves; [] also when nothing was searched. RetrievedFileList:
[[nodiscard]] std::string RetrievedFilesJson(const model::ImageAnalysis& analysis);
// SecretSearchList and FileContentSearchList.
[[nodiscard]] std::string SearchHitsJson(const model::ImageAnalysis& analysis, model::SearchKind kind);

}  // namespace holdfast::api
