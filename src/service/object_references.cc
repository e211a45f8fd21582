#include "service/object_references.h"

#include <algorithm>
#include <array>
#include <utility>

#include "catalog/layer_record.h"
#include "service/analysis_store.h"
#include "store/object_references.h"

namespace holdfast::service {
namespace {

using What = ObjectReference::What;

constexpr std::int64_t kPage = 10'000;

struct Column {
  store::ObjectColumn column;
  What what;
};
constexpr std::array kColumns = {Column{store::ObjectColumn::kImageDocuments, What::kDocument},
                                 Column{store::ObjectColumn::kImportContents, What::kImportContent},
                                 Column{store::ObjectColumn::kSnapshots, What::kSnapshot},
                                 Column{store::ObjectColumn::kArchivedImages, What::kArchive}};

using Page = std::vector<ObjectReference>;

// Keys that stand in a column.
class ColumnPages {
 public:
  ColumnPages(store::Database& database, const Column& column) : database_(database), column_(column) {}
  Result<Page> operator()() {
    HF_TRY(const auto keys, database_.Read([&](store::Session& session) {
      return store::ListObjectKeys(session, column_.column, after_, kPage);
    }));
    Page page;
    for (const std::string& key : keys)
      page.push_back({.key = key, .what = column_.what, .digest = {}, .search_id = {}});
    if (!keys.empty()) after_ = keys.back();
    return page;
  }

 private:
  store::Database& database_;
  Column column_;
  std::string after_;
};

// Records lie below their version, then the id of their searches, then their digest.
class LayerPages {
 public:
  explicit LayerPages(store::Database& database) : database_(database) {}
  Result<Page> operator()() {
    if (!started_) HF_CHECK_OK(Start());
    for (; at_ < search_ids_.size(); ++at_, after_.clear()) {
      const std::string& id = search_ids_[at_];
      HF_TRY(const auto layers, database_.Read([&](store::Session& session) {
        return store::ListLayers(session, catalog::kLayerRecordVersion, id, after_, kPage);
      }));
      if (layers.empty()) continue;
      Page page;
      for (const Digest& layer : layers) page.push_back({LayerRecordKey({layer, id}), What::kLayerRecord, layer, id});
      after_ = layers.back().Hex();
      return page;
    }
    return Page{};
  }

 private:
  Result<void> Start() {
    HF_TRY(search_ids_, database_.Read([](store::Session& session) {
      return store::ListSearchIds(session, catalog::kLayerRecordVersion);
    }));
    std::ranges::sort(search_ids_, {}, [](const std::string& id) { return LayerRecordKey({Digest(), id}); });
    started_ = true;
    return {};
  }

  store::Database& database_;
  bool started_ = false;
  std::vector<std::string> search_ids_;
  std::size_t at_ = 0;
  std::string after_;
};

class AnalysisPages {
 public:
  explicit AnalysisPages(store::Database& database) : database_(database) {}
  Result<Page> operator()() {
    if (!started_) HF_CHECK_OK(Start());
    for (; at_ < versions_.size(); ++at_, after_.reset()) {
      HF_TRY(const auto keys, database_.Read([&](store::Session& session) {
        return store::ListContentKeys(session, versions_[at_], after_, kPage);
      }));
      if (keys.empty()) continue;
      Page page;
      for (const Digest& key : keys) page.push_back({AnalysisKey(key, versions_[at_]), What::kAnalysis, key, {}});
      after_ = keys.back();
      return page;
    }
    return Page{};
  }

 private:
  Result<void> Start() {
    HF_TRY(versions_, database_.Read(&store::ListAnalysisVersions));
    std::ranges::sort(versions_, {}, [](std::int64_t version) { return AnalysisKey(Digest(), version); });
    started_ = true;
    return {};
  }

  store::Database& database_;
  bool started_ = false;
  std::vector<std::int64_t> versions_;
  std::size_t at_ = 0;
  std::optional<Digest> after_;
};

std::vector<std::string> Segments(const std::string& key) {
  std::vector<std::string> segments(1);
  for (const char c : key)
    if (c == '/')
      segments.emplace_back();
    else
      segments.back() += c;
  return segments;
}

// A key made of columns is recognised when it is the one that would be made of what it says.
Result<bool> HasDerivedKey(store::Session& session, const std::string& key) {
  const auto segments = Segments(key);
  const auto hash = Sha256Value::FromHex(segments.back());
  if (!hash) return false;
  const Digest digest(*hash);
  if (segments.front() == "analyses") {
    HF_TRY(const auto analysis, store::FindAnalysis(session, digest));
    return analysis && AnalysisKey(digest, analysis->version) == key;
  }
  if (segments.front() != "layer_records" || segments.size() != 5) return false;
  const RecordKey record{digest, segments[2] == "none" ? std::string() : segments[2]};
  if (LayerRecordKey(record) != key) return false;
  return store::HasLayer(
      session, {.digest = digest, .record_version = catalog::kLayerRecordVersion, .search_id = record.search_id});
}

}  // namespace

ObjectReferences::ObjectReferences(store::Database& database) {
  streams_.push_back({.next_page = AnalysisPages(database)});
  streams_.push_back({.next_page = LayerPages(database)});
  for (const Column& column : kColumns) streams_.push_back({.next_page = ColumnPages(database, column)});
}

Result<const ObjectReference*> ObjectReferences::Peek(Stream& stream) {
  if (stream.at == stream.page.size() && !stream.ended) {
    HF_TRY(stream.page, stream.next_page());
    stream.at = 0;
    stream.ended = stream.page.empty();
  }
  return stream.ended ? nullptr : &stream.page[stream.at];
}

Result<std::optional<ObjectReference>> ObjectReferences::Next() {
  while (true) {
    Stream* least = nullptr;
    for (Stream& stream : streams_) {
      HF_TRY(const ObjectReference* const head, Peek(stream));
      if (head != nullptr && (least == nullptr || head->key < least->page[least->at].key)) least = &stream;
    }
    if (least == nullptr) return std::nullopt;
    ObjectReference& reference = least->page[least->at++];
    if (last_ && *last_ == reference.key) continue;
    last_ = reference.key;
    return std::move(reference);
  }
}

Result<bool> IsReferred(store::Session& session, const std::string& key) {
  HF_TRY(const bool derived, HasDerivedKey(session, key));
  if (derived) return true;
  const std::vector<std::string> keys = {key};
  for (const Column& column : kColumns) {
    HF_TRY(const auto found, store::FindObjectKeys(session, column.column, keys));
    if (!found.empty()) return true;
  }
  return false;
}

}  // namespace holdfast::service
