// Layers from bytes: each entry is a type, a path and a target of a few letters. The tree must stay one: every
// visible path can be found again, and the count is right.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "io/tar.h"
#include "vfs/squash.h"

namespace {

using holdfast::vfs::FileType;
using holdfast::vfs::Inventory;

constexpr std::string_view kSegments[] = {"a", "b", "c", "..", ".", "", ".wh.a", ".wh..wh..opq", ".wh.b", "a/b/c/d"};

std::string Path(std::uint8_t one, std::uint8_t two) {
  std::string path;
  for (const int pick : {one & 15, one >> 4, two & 15, two >> 4})
    if (pick < static_cast<int>(std::size(kSegments))) path.append(kSegments[pick]).push_back('/');
  return path;
}

// Five bytes an entry; 0xff begins the next layer.
std::vector<std::unique_ptr<Inventory>> MakeLayers(const std::uint8_t* data, std::size_t size) {
  std::vector<std::unique_ptr<Inventory>> layers;
  layers.push_back(std::make_unique<Inventory>());
  std::string clean, target;
  for (std::size_t i = 0; i + 5 <= size && i < 4000; i += 5) {
    if (data[i] == 0xff) {
      layers.push_back(std::make_unique<Inventory>());
      continue;
    }
    holdfast::vfs::Entry entry;
    entry.type = static_cast<FileType>(data[i] % 4);
    if (!holdfast::io::CleanPath(Path(data[i + 1], data[i + 2]), clean)) std::abort();
    entry.path = clean;
    const std::string raw = (data[i] >= 0x80 ? "/" : "") + Path(data[i + 3], data[i + 4]);
    if (!holdfast::io::CleanPath(raw, target)) std::abort();
    if (entry.type == FileType::kSymlink) entry.link_target = raw;
    if (entry.type == FileType::kHardLink) entry.link_target = target;
    if (!layers.back()->Add(entry, holdfast::kMiB)) std::abort();
  }
  return layers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto layers = MakeLayers(data, size);
  holdfast::Limits limits;
  limits.path_depth_max = 16;
  limits.path_bytes_max = 64;
  holdfast::vfs::SquashedTree tree(limits);
  for (const auto& layer : layers) (void)tree.Apply(*layer);
  std::uint64_t seen = 0;
  tree.ForEach([&](const holdfast::vfs::SquashedTree::File& file) {
    ++seen;
    if (file.path.size() > limits.path_bytes_max) std::abort();
    const auto again = tree.Find(file.path, false);
    if (!again || again->path != file.path || again->type != file.type) std::abort();
    (void)tree.Locate(file.path);
  });
  if (seen != tree.Count()) std::abort();
  return 0;
}
