#include "catalog/evidence_view.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/format.h"
#include "catalog/glob.h"

namespace holdfast::catalog {
namespace {

constexpr std::array kForms = {EvidenceForm::kRaw, EvidenceForm::kExecutable, EvidenceForm::kArchive};

// A range of a record's store.
class ItemSource final : public io::RandomSource {
 public:
  ItemSource(std::shared_ptr<const io::ChunkedBlob> store, const EvidenceItem& item)
      : store_(std::move(store)), reader_(store_->Open()), item_(item) {}

  std::uint64_t Size() const override { return item_.size_bytes; }
  Result<void> ReadAt(std::uint64_t offset, MutableBytes into) const override {
    if (offset > item_.size_bytes || into.size() > item_.size_bytes - offset)
      return Fail(ErrorKind::kCorrupt, "points outside of the file");
    return reader_->ReadAt(item_.offset + offset, into);
  }

 private:
  std::shared_ptr<const io::ChunkedBlob> store_;
  std::unique_ptr<io::RandomSource> reader_;
  EvidenceItem item_;
};

}  // namespace

bool IsClaimed(std::span<const Claim> claims, std::string_view path, EvidenceForm form) {
  return std::any_of(claims.begin(), claims.end(), [&](const Claim& claim) {
    return claim.form == form && (form == EvidenceForm::kExecutable || GlobMatches(claim.glob, path));
  });
}

std::vector<VisibleEvidence> CollectVisible(const vfs::SquashedTree& tree, std::span<const LayerRecord> layers) {
  std::vector<VisibleEvidence> visible;
  tree.ForEach([&](const vfs::SquashedTree::File& file) {
    if (file.type != vfs::FileType::kRegular || !file.content) return;
    const LayerRecord& record = layers[file.content->layer];
    for (const EvidenceForm form : kForms)
      if (const EvidenceItem* item = record.Find(file.content->entry, form); item != nullptr)
        visible.push_back({file.path, file.entry->layer, file.content->layer, item, tree.At(*file.content).size_bytes});
  });
  // ForEach goes folder by folder; catalogers are promised plain byte order.
  std::sort(visible.begin(), visible.end(), [](const auto& a, const auto& b) {
    return std::tie(a.path, a.item->form) < std::tie(b.path, b.item->form);
  });
  return visible;
}

EvidenceStores::EvidenceStores(std::span<const LayerRecord> layers) : layers_(layers) {
  for (const LayerRecord& record : layers) readers_.push_back(record.store->Open());
}

EvidenceView::EvidenceView(const vfs::SquashedTree& tree, const EvidenceStores& stores,
                           const std::vector<VisibleEvidence>& visible, std::span<const Claim> claims,
                           const model::Distro& distro)
    : tree_(tree), stores_(stores), visible_(visible), distro_(distro) {
  for (std::size_t i = 0; i < visible.size(); ++i)
    if (const auto& file = visible[i]; IsClaimed(claims, file.path, file.item->form))
      files_.push_back({file.path, file.layer, file.item->form, file.size_bytes, i});
}

Result<std::unique_ptr<io::RandomSource>> EvidenceView::Open(const EvidenceFile& file) const {
  const VisibleEvidence& visible = visible_[file.id];
  return std::make_unique<ItemSource>(stores_.Record(visible.content_layer).store, *visible.item);
}

Result<std::string> EvidenceView::Read(const EvidenceFile& file, std::uint64_t bytes_max) const {
  const VisibleEvidence& visible = visible_[file.id];
  const std::uint64_t size = visible.item->size_bytes;
  if (size > bytes_max) return Fail(ErrorKind::kLimit, Format("{} bytes, limit {}", size, bytes_max));
  std::string content(static_cast<std::size_t>(size), '\0');
  HF_CHECK_OK(stores_.Reader(visible.content_layer)
                  .ReadAt(visible.item->offset, {reinterpret_cast<std::uint8_t*>(content.data()), content.size()}));
  return content;
}

const EvidenceFile* EvidenceView::Find(std::string_view path) const {
  const auto found =
      std::lower_bound(files_.begin(), files_.end(), path,
                       [](const EvidenceFile& file, std::string_view wanted) { return file.path < wanted; });
  return found != files_.end() && found->path == path ? &*found : nullptr;
}

bool EvidenceView::Exists(std::string_view path) const { return tree_.Find(path, false).has_value(); }

}  // namespace holdfast::catalog
