#include "image/layout_source.h"

#include <utility>

#include "base/format.h"
#include "image/deliver.h"
#include "io/file.h"
#include "io/tar.h"

namespace holdfast::image {
namespace {

class FolderMembers final : public Members {
 public:
  FolderMembers(std::filesystem::path folder, const Limits& limits) : folder_(std::move(folder)), limits_(limits) {}

  std::optional<std::string> Resolve(std::string_view path) override {
    std::string clean;
    std::error_code error;
    if (!io::CleanPath(path, clean, limits_)) return std::nullopt;
    // Regular files only: opening a pipe would wait for ever.
    if (!std::filesystem::is_regular_file(folder_ / clean, error)) return std::nullopt;
    return clean;
  }
  std::uint64_t SizeBytes(const std::string& path) override {
    std::error_code error;
    const auto size = std::filesystem::file_size(folder_ / path, error);
    return error ? 0 : size;
  }
  Result<std::string> ReadDocument(const std::string& path) override {
    HF_TRY(const auto file, io::OpenFile(folder_ / path));
    return file->ReadText(limits_.document_bytes_max);
  }

 private:
  std::filesystem::path folder_;
  const Limits& limits_;
};

class LayoutSource final : public Source {
 public:
  LayoutSource(std::filesystem::path folder, std::string reference, PlanOptions options)
      : folder_(std::move(folder)), reference_(std::move(reference)), options_(std::move(options)) {}

  Result<ImageDescription> Pull(LayerSink& sink) override {
    options_.format = ArchiveFormat::kOci;
    FolderMembers members(folder_, options_.limits);
    HF_TRY_IN(folder_.string(), Plan plan, MakePlan(members, options_));
    HF_CHECK_OK(
        DeliverPlanned(plan, sink, [&](const LayerDescriptor& layer) { return io::OpenFile(folder_ / layer.key); }));
    plan.source.kind = "oci-dir";
    plan.source.reference = reference_;
    return ImageDescription{std::move(plan.source), std::move(plan.layers), std::move(plan.problems)};
  }

 private:
  std::filesystem::path folder_;
  std::string reference_;
  PlanOptions options_;
};

}  // namespace

std::unique_ptr<Source> MakeLayoutSource(std::filesystem::path folder, std::string reference, PlanOptions options) {
  return std::make_unique<LayoutSource>(std::move(folder), std::move(reference), std::move(options));
}

bool IsLayout(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_regular_file(folder / "oci-layout", error)) return true;
  return std::filesystem::is_regular_file(folder / "index.json", error) &&
         std::filesystem::is_directory(folder / "blobs", error);
}

}  // namespace holdfast::image
