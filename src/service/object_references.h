// The keys of all objects that rows refer to, one after the other in order. For service/integrity.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "service/record_store.h"
#include "store/database.h"

namespace holdfast::service {

struct ObjectReference {
  enum class What : std::uint8_t { kAnalysis, kLayerRecord, kDocument, kImportContent, kSnapshot, kArchive };
  std::string key;
  What what = What::kDocument;
  Digest digest;          // of an analysis: its content key; of a record: the layer
  std::string search_id;  // of a record
};

// Reads pages of rows as it goes; belongs to one thread.
class ObjectReferences {
 public:
  explicit ObjectReferences(store::Database& database);

  // In order of keys, each once; nothing at the end.
  [[nodiscard]] Result<std::optional<ObjectReference>> Next();

 private:
  // One table's keys, in order.
  struct Stream {
    std::function<Result<std::vector<ObjectReference>>()> next_page;  // empty: the end
    std::vector<ObjectReference> page = {};
    std::size_t at = 0;
    bool ended = false;
  };
  [[nodiscard]] static Result<const ObjectReference*> Peek(Stream& stream);

  std::vector<Stream> streams_;
  std::optional<std::string> last_;
};

// Whether a row refers to it now, whatever it is.
[[nodiscard]] Result<bool> IsReferred(store::Session& session, const std::string& key);

}  // namespace holdfast::service
