// Every bound on what untrusted input may cost, with its default. Limits is a value: it is passed to
// whoever reads input, and serialised to the sandboxed worker. An overrun is an Error of kind kLimit
// or a reported cut, never a crash. Sizes are bytes.
#pragma once

#include <cstdint>

namespace holdfast {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

struct Limits {
  // A layer, or any other stream that is decompressed.
  std::uint64_t layer_compressed_bytes_max = 64 * kGiB;
  std::uint64_t layer_bytes_max = 256 * kGiB;
  // Uncompressed to compressed, judged only beyond ratio_floor_bytes, so that small files of zeros
  // pass. Real layers stay below 50; deflate cannot exceed 1032.
  std::uint64_t decompression_ratio_max = 1100;
  std::uint64_t decompression_ratio_floor_bytes = 64 * kMiB;
  // zstd frames and xz streams state how large a window they need.
  std::uint64_t decoder_window_bytes_max = 32 * kMiB;

  // Tar.
  std::uint64_t layer_entries_max = 20'000'000;
  std::uint64_t path_bytes_max = 4096 + 256;
  std::uint64_t tar_header_bytes_max = 1 * kMiB;  // PAX records and GNU long names of one entry, all together
  std::uint64_t tar_sparse_extents_max = 100'000;
  std::uint64_t layer_hole_bytes_max = 4 * kGiB;   // holes of sparse files that are filled and hashed
  std::uint64_t path_depth_max = 1024;             // folders in each other, in the squashed tree
  std::uint64_t inventory_bytes_max = 512 * kMiB;  // memory for the list of files of one layer

  // Zip and what nests in it.
  std::uint64_t zip_entries_max = 1'000'000;
  std::uint64_t archive_depth_max = 16;
  // All that is inflated of one archive and of those inside it: this much is always allowed, more only in
  // this proportion to the archive's own size.
  std::uint64_t archive_inflated_floor_bytes = 256 * kMiB;
  std::uint64_t archive_inflated_ratio_max = 200;

  // Evidence kept of one file, and of one layer (compressed).
  std::uint64_t evidence_file_bytes_max = 64 * kMiB;
  std::uint64_t evidence_database_bytes_max = 512 * kMiB;  // package databases
  std::uint64_t evidence_layer_bytes_max = 256 * kMiB;

  // Searches in the files of a layer: lines that are listed of one file and pattern, and of all; work of expressions,
  // in steps of their automata; and what is retrieved of an image.
  std::uint64_t search_lines_max = 1000;
  std::uint64_t search_layer_lines_max = 1'000'000;
  std::uint64_t search_steps_max = 40'000'000'000;
  std::uint64_t retrieved_bytes_max = 64 * kMiB;

  // Documents: image manifests and configs, package metadata.
  std::uint64_t document_bytes_max = 4 * kMiB;
  std::uint64_t document_depth_max = 64;
  std::uint64_t layers_max = 4096;
  std::uint64_t packages_max = 5'000'000;
  std::uint64_t problems_max = 10'000;  // reported; the rest is counted

  // Reading one image, from the first byte of its source to the analysis, by the clock on the wall.
  std::uint64_t scan_time_ms_max = 3'600'000;
  // Address space of the worker that parses untrusted bytes.
  std::uint64_t worker_memory_bytes_max = 1 * kGiB;
};

}  // namespace holdfast
