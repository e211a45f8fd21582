// LayerRecord: everything that is kept of one layer, made by one walk over its bytes. Immutable, and a
// function of those bytes and of kLayerRecordVersion, the catalogers' claims and the searches, so it can be cached by
// layer digest for as long as these stay the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/result.h"
#include "catalog/evidence.h"
#include "io/retain.h"
#include "vfs/inventory.h"

namespace holdfast::catalog {

// +1 when the encoding changes, or when the walk would make another record of the same bytes.
inline constexpr std::uint32_t kLayerRecordVersion = 3;

// One file's evidence: a range of the record's store.
struct EvidenceItem {
  std::uint32_t entry = 0;  // in the inventory
  EvidenceForm form = EvidenceForm::kRaw;
  std::uint64_t offset = 0, size_bytes = 0;
};

// Lines of one file that match one pattern.
struct SearchItem {
  std::uint32_t entry = 0;           // in the inventory
  std::uint32_t pattern = 0;         // in SearchConfig::Patterns
  std::vector<std::uint64_t> lines;  // counted from 0, ascending
};

// One file that is kept whole: a range of the record's store.
struct RetrievedItem {
  std::uint32_t entry = 0;
  std::uint64_t offset = 0, size_bytes = 0;
};

struct LayerRecord {
  DiffId diff_id;           // of the uncompressed tar, as read
  std::uint64_t bytes = 0;  // of the uncompressed tar
  vfs::Inventory inventory;
  std::vector<EvidenceItem> evidence;  // sorted by entry, then form
  std::shared_ptr<const io::ChunkedBlob> store;
  std::vector<Problem> problems;  // a layer that broke off in the middle has one with an empty path
  std::uint64_t problems_dropped = 0;
  std::string search_id;                 // SearchConfig::Id of the searches that were made
  std::vector<SearchItem> hits;          // sorted by entry, then pattern
  std::vector<RetrievedItem> retrieved;  // sorted by entry

  [[nodiscard]] const EvidenceItem* Find(std::uint32_t entry, EvidenceForm form) const;

  // The record as bytes: a fixed header, the zstd-compressed index, the store as it is.
  [[nodiscard]] Result<std::string> Encode() const;
  // kUnsupported for another version, kCorrupt for anything that Encode cannot have made. The record
  // copies what it needs from `bytes`.
  [[nodiscard]] static Result<LayerRecord> Decode(std::string_view bytes, const Limits& limits);
};

// Collects problems up to a number, and counts the rest. What they quote is cut to a length: names in a hostile layer
// may take a mebibyte each.
class ProblemList {
 public:
  ProblemList(std::vector<Problem>& problems, std::uint64_t& dropped, std::uint64_t problems_max)
      : problems_(problems), dropped_(dropped), problems_max_(problems_max) {}
  void Add(std::string_view path, const Error& error) {
    if (problems_.size() >= problems_max_)
      ++dropped_;
    else
      problems_.push_back({Cut(path), error.Kind(), Cut(error.Message())});
  }

 private:
  static std::string Cut(std::string_view text) {
    constexpr std::size_t kBytesMax = Limits{}.path_bytes_max;
    return text.size() <= kBytesMax ? std::string(text) : std::string(text.substr(0, kBytesMax)) + "…";
  }

  std::vector<Problem>& problems_;
  std::uint64_t& dropped_;
  std::uint64_t problems_max_;
};

}  // namespace holdfast::catalog
