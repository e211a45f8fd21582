// What comes from a mirror, by the first byte: a manifest, the file of a chunk, the records of a chunk, latest.json,
// signatures, public keys.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "advisory/snapshot_chunks.h"
#include "advisory/snapshot_manifest.h"
#include "crypto/signature.h"
#include "io/sha256.h"
#include "service/snapshot_mirror.h"

namespace advisory = holdfast::advisory;

namespace {

// A manifest that was read says the same when it is written again.
void Manifest(std::string_view text) {
  const auto manifest = advisory::DecodeManifest(text);
  if (!manifest) return;
  const auto again = advisory::DecodeManifest(advisory::EncodeManifest(*manifest));
  if (!again || *again != *manifest) std::abort();
}

// The name is right, so that what is behind it is looked at.
void ChunkFile(std::string_view text) {
  advisory::Chunk chunk;
  chunk.file = holdfast::io::Sha256Of(text);
  chunk.file_bytes = text.size();
  chunk.records_bytes = 1U << 16U;
  (void)advisory::UnpackChunk(chunk, text);
}

void Records(std::string_view text) {
  advisory::Manifest manifest;
  manifest.chunks.resize(2);
  manifest.chunks[0].first_key = "a";
  manifest.chunks[1].first_key = "m";
  std::string before;
  (void)advisory::VisitRecords(manifest, 0, text,
                               [&](std::string_view key, std::string_view) -> holdfast::Result<void> {
                                 if (key <= before || key >= "m") std::abort();
                                 before = key;
                                 return {};
                               });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: Manifest(text); break;
    case 1: ChunkFile(text); break;
    case 2: Records(text); break;
    case 3: (void)holdfast::service::ParseLatest(text); break;
    case 4: (void)holdfast::crypto::TrustedKeys().Verify("document", text); break;
    default: (void)holdfast::crypto::TrustedKeys::Parse(text); break;
  }
  return 0;
}
