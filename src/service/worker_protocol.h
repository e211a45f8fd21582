// Frames between an analyzer and its worker. For service only.
//
//   parent → worker   kHello (limits, searches), then any number of
//                       kLayerSlot… kLayerEnd            → the encoded record
//                       kRecordMore… kRecordLast, …, kAssemble → the encoded image analysis
//                       kDocumentMore… kDocumentLast     → the encoded document
//   worker → parent   kReady once confined, then one answer a request: kAnswerMore… kAnswerLast, or kError;
//                     kSlotsDone while it reads a layer
//
// The bytes of a layer are not in the frames but in shared memory, see layer_transfer.h.
//
// A worker that wants no more of a layer says kGaveUp, drops what comes up to the layer's end, and only then answers:
// so neither side ever waits for the other to read while the other does the same. The parent ends the layer as soon as
// it hears that; it may also have ended it already.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "base/result.h"
#include "catalog/search_config.h"
#include "sbom/document.h"

namespace holdfast::service {

enum class Message : std::uint8_t {
  kHello = 1,
  kReady,
  kLayerSlot,  // bytes of the layer are in the next slot: how many
  kLayerEnd,
  kLayerAbort,  // the layer's source failed: forget it
  kRecordMore,
  kRecordLast,
  kAssemble,
  kAnswerMore,
  kAnswerLast,
  kError,
  kGaveUp,     // in front of the answer to a layer
  kSlotsDone,  // it is done with the oldest kSlotsBack slots
  kDocumentMore,
  kDocumentLast,
};

[[nodiscard]] constexpr std::uint8_t Code(Message message) { return static_cast<std::uint8_t>(message); }

// The longest record, and so the longest answer: neither side takes more.
[[nodiscard]] constexpr std::uint64_t RecordBytesMax(const Limits& limits) {
  return limits.evidence_layer_bytes_max + limits.inventory_bytes_max;
}

[[nodiscard]] std::string EncodeError(const Error& error);
[[nodiscard]] Error DecodeError(std::string_view bytes);

[[nodiscard]] std::string EncodeDocument(const sbom::Document& document);
// kCorrupt.
[[nodiscard]] Result<sbom::Document> DecodeDocument(std::string_view bytes);

struct Hello {
  Limits limits;
  catalog::SearchConfig searches;
};
// Limits are a plain struct of numbers and both sides are the same program: they go as they are in memory.
[[nodiscard]] std::string EncodeHello(const Hello& hello);
[[nodiscard]] Result<Hello> DecodeHello(std::string_view bytes);

}  // namespace holdfast::service
