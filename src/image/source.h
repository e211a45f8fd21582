// Source: where an image comes from. Registry, archive, layout, daemon and directory all look the same
// from here: layers as byte streams, then a description of the image.
//
// Bytes are pushed, not pulled: an archive read from a pipe delivers layers in the order in which they
// lie there, often before the manifest that names them. So layers go by a key that the source chooses,
// and the description at the end says which keys, in which order, make up the image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/problem.h"
#include "base/result.h"
#include "io/byte_source.h"
#include "model/image_analysis.h"

namespace holdfast::image {

// What is known of a layer before its bytes are read.
struct LayerDescriptor {
  std::string key;                // unique within one source
  std::optional<Digest> digest;   // of the blob as stored
  std::optional<DiffId> diff_id;  // of the uncompressed tar, from the image config
  std::string media_type;         // as stated; the bytes are sniffed, this is information
  std::uint64_t size_bytes = 0;   // as stored; 0: not known
};

class LayerSink {
 public:
  virtual ~LayerSink() = default;
  // May the source leave this layer out, because its record is known already?
  [[nodiscard]] virtual bool IsKnown(const LayerDescriptor& layer) = 0;
  // One layer: a tar, plain or compressed. The sink reads to the end, else returns an error. Each key
  // comes at most once, or again after an error, when other bytes came than those stated and the right ones are
  // found elsewhere; streams may hold tars that turn out not to belong to the image.
  [[nodiscard]] virtual Result<void> Layer(const LayerDescriptor& layer, io::ByteSource& bytes) = 0;
  // For progress: bytes expected in all, as soon as that is known.
  virtual void ExpectBytes(std::uint64_t /*total*/) {}
};

struct ImageDescription {
  model::ImageSource source;
  std::vector<LayerDescriptor> layers;  // base layer first; each key was delivered or known
  std::vector<Problem> problems;        // e.g. a foreign layer that was left out
};

class Source {
 public:
  virtual ~Source() = default;
  // Delivers the layers and then describes the image. Every digest and size that the image states is
  // verified on the way; a mismatch is kCorrupt. Diff ids are not: only who decompresses the layer can tell.
  // Called once.
  [[nodiscard]] virtual Result<ImageDescription> Pull(LayerSink& sink) = 0;
};

}  // namespace holdfast::image
