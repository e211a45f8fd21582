// The tree is an array of nodes with intrusive child lists, and one hash table (parent, name) → node.
// Names are views into the inventories. Tested against a naive map of paths, and against umoci, in
// squash_test.cc.

#include "vfs/squash.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::vfs {
namespace {

constexpr std::string_view kWhiteoutPrefix = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::string_view kAufsPrefix = ".wh..wh.";  // bookkeeping of AUFS, not content
constexpr int kLinksMax = 255;                        // as containerd follows

std::pair<std::string_view, std::string_view> SplitLast(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// The segments of a path, last first, onto `pending`.
void PushSegments(std::string_view path, std::vector<std::string_view>& pending) {
  while (!path.empty()) {
    const auto [folder, segment] = SplitLast(path);
    if (!segment.empty() && segment != ".") pending.push_back(segment);
    path = folder;
  }
}

}  // namespace

SquashedTree::SquashedTree(const Limits& limits) : limits_(limits) { nodes_.emplace_back(); }

std::vector<Problem> SquashedTree::Apply(const Inventory& layer) {
  layers_.push_back(&layer);
  if (CurrentLayer() == 0) {
    nodes_.reserve(layer.Size());
    children_.reserve(layer.Size());
  }
  last_parent_ = kNone;
  std::vector<Problem> problems;
  for (std::uint32_t i = 0; i < layer.Size(); ++i) ApplyEntry(layer, i, problems);
  return problems;
}

void SquashedTree::Report(std::string_view path, ErrorKind kind, std::string message, std::vector<Problem>& problems) {
  if (problems.size() >= limits_.problems_max)
    ++problems_dropped_;
  else
    problems.push_back({std::string(path), kind, std::move(message)});
}

void SquashedTree::ApplyEntry(const Inventory& layer, std::uint32_t index, std::vector<Problem>& problems) {
  const Entry entry = layer.At(index);
  const EntryRef ref{CurrentLayer(), index};
  if (entry.path.empty()) {
    nodes_[kRoot].listed = true;
    nodes_[kRoot].entry = nodes_[kRoot].content = ref;
    return;
  }
  const auto [folder, name] = SplitLast(entry.path);
  if (name.starts_with(kWhiteoutPrefix)) {
    ApplyWhiteout(folder, name);
    return;
  }
  if (last_parent_ == kNone || folder != last_folder_) {
    last_parent_ = MakeFolders(folder);
    last_folder_ = folder;
  }
  const NodeId parent = last_parent_;
  if (parent == kNone) {
    Report(entry.path, ErrorKind::kCorrupt, "its folder is a loop of symbolic links, or too deep", problems);
    return;
  }
  if (!HasRoom(parent, name)) {
    Report(entry.path, ErrorKind::kLimit, "too deep, or too long a path", problems);
    return;
  }
  if (entry.type == FileType::kHardLink) {
    const NodeId target = Walk(entry.link_target, false);
    if (target == kNone || nodes_[target].type == FileType::kDirectory) {
      Report(entry.path, ErrorKind::kCorrupt,
             Format("a hard link to {}, which is not a file of the image", entry.link_target), problems);
      return;
    }
    const EntryRef content = nodes_[target].content;
    const FileType type = nodes_[target].type;
    const NodeId node = Replace(parent, name, type);
    nodes_[node].entry = ref;
    nodes_[node].content = content;
    return;
  }
  const NodeId node = Replace(parent, name, entry.type);
  nodes_[node].entry = nodes_[node].content = ref;
}

void SquashedTree::ApplyWhiteout(std::string_view folder, std::string_view name) {
  if (name != kOpaque && name.starts_with(kAufsPrefix)) return;
  const NodeId parent = Walk(folder, true);
  if (parent == kNone) return;
  if (name == kOpaque) {
    HideBelow(parent);
    return;
  }
  const NodeId child = Child(parent, name.substr(kWhiteoutPrefix.size()));
  if (child != kNone) HideLower(child);
}

// Removes what lower layers brought at and below a node, and keeps what the current layer brought.
void SquashedTree::HideLower(NodeId top) {
  if (nodes_[top].touched_by != CurrentLayer()) {
    Remove(top);
    return;
  }
  if (nodes_[top].listed && nodes_[top].entry.layer != CurrentLayer()) nodes_[top].listed = false;
  HideBelow(top);
}

// Each folder is cleared once a layer, however many markers ask for it.
void SquashedTree::HideBelow(NodeId folder) {
  std::vector<NodeId> pending{folder};
  while (!pending.empty()) {
    Node& node = nodes_[pending.back()];
    pending.pop_back();
    if (node.cleared_in == Layers()) continue;
    node.cleared_in = Layers();
    for (NodeId child = node.first_child; child != kNone;) {
      const NodeId next = nodes_[child].next;
      if (nodes_[child].touched_by != CurrentLayer()) {
        Remove(child);
      } else {
        if (nodes_[child].listed && nodes_[child].entry.layer != CurrentLayer()) nodes_[child].listed = false;
        pending.push_back(child);
      }
      child = next;
    }
  }
}

bool SquashedTree::HasRoom(NodeId parent, std::string_view name) const {
  return nodes_[parent].depth < limits_.path_depth_max &&
         nodes_[parent].path_bytes + name.size() <= limits_.path_bytes_max;
}

bool SquashedTree::TakeLinkSteps(std::string_view target) const {
  if (LinksExhausted()) return false;
  // Also segments that are skipped at once cost time.
  link_steps_ += 1 + static_cast<std::uint64_t>(std::count(target.begin(), target.end(), '/'));
  return true;
}

// Goes down a path, following symlinks inside the root: also the last segment when `follow_last`. Where
// there is nothing, or no folder where one must be (before the last segment, and there when `all_folders`),
// `make` says what to go on with; kNone ends the walk.
template <typename Make>
SquashedTree::NodeId SquashedTree::Traverse(std::string_view path, bool follow_last, bool all_folders,
                                            Make make) const {
  std::vector<std::string_view> pending;
  PushSegments(path, pending);
  NodeId at = kRoot;
  for (int links = 0; !pending.empty();) {
    const std::string_view segment = pending.back();
    pending.pop_back();
    if (segment == "..") {
      at = at == kRoot ? kRoot : nodes_[at].parent;
      continue;
    }
    NodeId child = Child(at, segment);
    if (child != kNone && nodes_[child].type == FileType::kSymlink && (follow_last || !pending.empty())) {
      const std::string_view target = At(nodes_[child].content).link_target;
      if (++links > kLinksMax || !TakeLinkSteps(target)) return kNone;
      if (target.starts_with('/')) at = kRoot;
      PushSegments(target, pending);
      continue;
    }
    const bool must_be_folder = all_folders || !pending.empty();
    if (child == kNone || (must_be_folder && nodes_[child].type != FileType::kDirectory))
      child = make(at, segment, child);
    if (child == kNone) return kNone;
    at = child;
  }
  return at;
}

SquashedTree::NodeId SquashedTree::MakeFolders(std::string_view path) {
  return Traverse(path, true, true, [this](NodeId parent, std::string_view name, NodeId obstacle) {
    if (!HasRoom(parent, name)) return kNone;
    if (obstacle != kNone) Remove(obstacle);
    const NodeId folder = AddChild(parent, name);
    ++count_;
    nodes_[folder].type = FileType::kDirectory;
    Touch(folder);
    return folder;
  });
}

SquashedTree::NodeId SquashedTree::Walk(std::string_view path, bool follow_last) const {
  return Traverse(path, follow_last, false, [](NodeId, std::string_view, NodeId) { return kNone; });
}

// The node for a new entry: a folder over a folder stays with its children, all else starts afresh.
SquashedTree::NodeId SquashedTree::Replace(NodeId parent, std::string_view name, FileType type) {
  NodeId node = Child(parent, name);
  if (node != kNone && !(type == FileType::kDirectory && nodes_[node].type == FileType::kDirectory)) {
    Remove(node);
    node = kNone;
  }
  if (node == kNone) {
    node = AddChild(parent, name);
    ++count_;
  }
  nodes_[node].type = type;
  nodes_[node].listed = true;
  Touch(node);
  return node;
}

void SquashedTree::Touch(NodeId node) {
  nodes_[node].touched_by = CurrentLayer();
  // What is above a touched node is touched.
  for (node = nodes_[node].parent; node != kNone && nodes_[node].touched_by != CurrentLayer();
       node = nodes_[node].parent)
    nodes_[node].touched_by = CurrentLayer();
}

SquashedTree::NodeId SquashedTree::Child(NodeId parent, std::string_view name) const {
  const auto found = children_.find({parent, name});
  return found == children_.end() ? kNone : found->second;
}

SquashedTree::NodeId SquashedTree::AddChild(NodeId parent, std::string_view name) {
  NodeId node = 0;
  if (free_.empty()) {
    node = static_cast<NodeId>(nodes_.size());
    nodes_.emplace_back();
  } else {
    node = free_.back();
    free_.pop_back();
    nodes_[node] = Node{};
  }
  nodes_[node].name = name;
  nodes_[node].parent = parent;
  nodes_[node].depth = static_cast<std::uint16_t>(nodes_[parent].depth + 1);
  nodes_[node].path_bytes = nodes_[parent].path_bytes + 1 + static_cast<std::uint32_t>(name.size());
  nodes_[node].next = nodes_[parent].first_child;
  if (nodes_[node].next != kNone) nodes_[nodes_[node].next].previous = node;
  nodes_[parent].first_child = node;
  children_.emplace(ChildKey{parent, name}, node);
  return node;
}

void SquashedTree::Remove(NodeId node) {
  last_parent_ = kNone;
  Node& gone = nodes_[node];
  if (gone.previous != kNone)
    nodes_[gone.previous].next = gone.next;
  else
    nodes_[gone.parent].first_child = gone.next;
  if (gone.next != kNone) nodes_[gone.next].previous = gone.previous;

  std::vector<NodeId> pending{node};
  while (!pending.empty()) {
    const NodeId dead = pending.back();
    pending.pop_back();
    for (NodeId child = nodes_[dead].first_child; child != kNone; child = nodes_[child].next) pending.push_back(child);
    children_.erase({nodes_[dead].parent, nodes_[dead].name});
    free_.push_back(dead);
    --count_;
  }
}

std::string SquashedTree::PathOf(NodeId node) const {
  std::size_t size = 0;
  for (NodeId at = node; at != kRoot; at = nodes_[at].parent) size += nodes_[at].name.size() + 1;
  std::string path(size == 0 ? 0 : size - 1, '/');
  std::size_t end = path.size();
  for (NodeId at = node; at != kRoot; at = nodes_[at].parent) {
    end -= nodes_[at].name.size();
    path.replace(end, nodes_[at].name.size(), nodes_[at].name);
    if (end > 0) --end;
  }
  return path;
}

SquashedTree::File SquashedTree::Describe(NodeId node) const {
  const Node& found = nodes_[node];
  File file{.path = PathOf(node), .type = found.type, .entry = std::nullopt, .content = std::nullopt};
  if (found.listed) {
    file.entry = found.entry;
    file.content = found.content;
  }
  return file;
}

std::optional<SquashedTree::File> SquashedTree::Find(std::string_view path, bool follow_last) const {
  const NodeId node = Walk(path, follow_last);
  if (node == kNone) return std::nullopt;
  return Describe(node);
}

std::optional<SquashedTree::Place> SquashedTree::Locate(std::string_view path) const {
  const NodeId node = Walk(path, true);
  if (node == kNone) return std::nullopt;
  return node;
}

void SquashedTree::ForEach(const std::function<void(const File&)>& visit) const {
  std::vector<NodeId> pending, siblings;
  const auto push_children = [&](NodeId node) {
    siblings.clear();
    for (NodeId child = nodes_[node].first_child; child != kNone; child = nodes_[child].next) siblings.push_back(child);
    // Last first, since the pending ones are taken from the back.
    std::sort(siblings.begin(), siblings.end(), [&](NodeId a, NodeId b) { return nodes_[a].name > nodes_[b].name; });
    pending.insert(pending.end(), siblings.begin(), siblings.end());
  };
  push_children(kRoot);
  while (!pending.empty()) {
    const NodeId node = pending.back();
    pending.pop_back();
    visit(Describe(node));
    push_children(node);
  }
}

}  // namespace holdfast::vfs
