// SquashedTree: the file tree that a container would see after layers were put on top of each other.
//
// Layers are applied one by one, as containerd and overlayfs do (OCI image-spec, layer.md, "Applying
// Changesets"; containerd's pkg/archive, applyNaive, for what the specification leaves open):
//   - ".wh.NAME" removes NAME of lower layers, ".wh..wh..opq" all that lower layers put into its folder;
//     neither touches what its own layer brings, wherever it stands in the tar;
//   - a folder over a folder merges; anything else replaces what was there, with all below it;
//   - parent folders that are symlinks are followed inside the root, missing ones are made;
//   - a hard link shares the content of its target, which may lie in a lower layer.
//
// A layer of a few kilobytes can describe a tree of any depth, through links that lead through links. So depth
// and length of paths are limited, and all steps that links cause in the life of a tree have one budget.
//
// Inventories given to Apply must outlive the tree. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "base/problem.h"
#include "vfs/inventory.h"

namespace holdfast::vfs {

// An entry of one of the applied layers.
struct EntryRef {
  std::uint32_t layer = 0;
  std::uint32_t entry = 0;
  friend auto operator<=>(const EntryRef&, const EntryRef&) = default;
};

class SquashedTree {
 public:
  explicit SquashedTree(const Limits& limits = {});

  // Puts the next layer on top. Problems: links that lead nowhere, paths too deep or too long. Of each call at most
  // Limits::problems_max are given; the rest is counted in ProblemsDropped.
  [[nodiscard]] std::vector<Problem> Apply(const Inventory& layer);
  [[nodiscard]] std::uint64_t ProblemsDropped() const { return problems_dropped_; }
  // Was the budget of steps spent? Then what lies behind links is no longer found.
  [[nodiscard]] bool LinksExhausted() const { return link_steps_ >= kLinkStepsMax; }
  [[nodiscard]] std::uint32_t Layers() const { return static_cast<std::uint32_t>(layers_.size()); }

  struct File {
    std::string path;
    FileType type = FileType::kRegular;  // never kHardLink: those show what they link to
    // Where its metadata and its content come from; they differ for hard links. Nothing for folders
    // that no layer lists.
    std::optional<EntryRef> entry;
    std::optional<EntryRef> content;
  };

  // Every visible file, folders before what is in them, siblings in byte order.
  void ForEach(const std::function<void(const File&)>& visit) const;
  [[nodiscard]] std::uint64_t Count() const { return count_; }

  // What is at `path` (clean form). Symlinks are followed in the folders on the way, and for the last
  // segment when `follow_last`; loops and links to nowhere find nothing.
  [[nodiscard]] std::optional<File> Find(std::string_view path, bool follow_last) const;
  // The visible file that a path leads to, all symlinks followed, as a number: equal for two paths when they lead to
  // one place. Lives until the next Apply.
  using Place = std::uint32_t;
  [[nodiscard]] std::optional<Place> Locate(std::string_view path) const;

  // The entry behind a reference.
  [[nodiscard]] Entry At(EntryRef ref) const { return layers_[ref.layer]->At(ref.entry); }

 private:
  using NodeId = std::uint32_t;
  static constexpr NodeId kNone = static_cast<NodeId>(-1);
  static constexpr NodeId kRoot = 0;
  // Seconds of work. Images follow a few links for each file.
  static constexpr std::uint64_t kLinkStepsMax = 200'000'000;

  struct Node {
    std::string_view name;  // in an inventory, or in names_
    NodeId parent = kNone, first_child = kNone, next = kNone, previous = kNone;
    std::uint32_t touched_by = 0;  // the last layer that brought it, or something below it
    std::uint32_t cleared_in = 0;  // as of this number of layers, all below it was brought by the last of them
    std::uint32_t path_bytes = 0;  // with a '/' in front
    std::uint16_t depth = 0;
    FileType type = FileType::kDirectory;
    bool listed = false;  // has an entry; else a folder made in passing
    EntryRef entry, content;
  };
  struct ChildKey {
    NodeId parent;
    std::string_view name;
    friend bool operator==(const ChildKey&, const ChildKey&) = default;
  };
  struct ChildHash {
    std::size_t operator()(const ChildKey& key) const noexcept {
      return std::hash<std::string_view>()(key.name) ^ (std::size_t{key.parent} * 0x9e3779b97f4a7c15ULL);
    }
  };

  void ApplyEntry(const Inventory& layer, std::uint32_t index, std::vector<Problem>& problems);
  void ApplyWhiteout(std::string_view folder, std::string_view name);
  void HideLower(NodeId node);
  void HideBelow(NodeId folder);
  void Report(std::string_view path, ErrorKind kind, std::string message, std::vector<Problem>& problems);
  // Whether another segment fits below `parent`.
  [[nodiscard]] bool HasRoom(NodeId parent, std::string_view name) const;
  // Accounts for following a link; false when the budget is spent.
  [[nodiscard]] bool TakeLinkSteps(std::string_view target) const;
  // The folder at `path`, made where it is missing; kNone for a loop of symlinks, or one too deep.
  [[nodiscard]] NodeId MakeFolders(std::string_view path);
  [[nodiscard]] NodeId Replace(NodeId parent, std::string_view name, FileType type);
  [[nodiscard]] NodeId Child(NodeId parent, std::string_view name) const;
  [[nodiscard]] NodeId AddChild(NodeId parent, std::string_view name);
  void Remove(NodeId node);
  [[nodiscard]] NodeId Walk(std::string_view path, bool follow_last) const;
  template <typename Make>
  NodeId Traverse(std::string_view path, bool follow_last, bool all_folders, Make make) const;
  [[nodiscard]] File Describe(NodeId node) const;
  [[nodiscard]] std::string PathOf(NodeId node) const;
  void Touch(NodeId node);
  [[nodiscard]] std::uint32_t CurrentLayer() const { return Layers() - 1; }

  std::vector<const Inventory*> layers_;
  std::vector<Node> nodes_;
  std::vector<NodeId> free_;
  std::unordered_map<ChildKey, NodeId, ChildHash> children_;
  std::uint64_t count_ = 0;
  std::uint64_t problems_dropped_ = 0;
  mutable std::uint64_t link_steps_ = 0;
  // The folder of the entry applied last: entries of one folder follow one another. Forgotten when anything goes.
  std::string_view last_folder_;
  NodeId last_parent_ = kNone;
  Limits limits_;
};

}  // namespace holdfast::vfs
