#include "image/members.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "io/decompress.h"
#include "io/tar.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kTarBlock = 512;

bool IsHexDigits(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsLayerName(std::string_view name) {
  return name.ends_with(".tar") || name.ends_with(".tar.gz") || name.ends_with(".tgz") || name.ends_with(".tar.zst");
}

// A header's checksum: the sum of its bytes, with the field itself read as blanks.
bool HasTarChecksum(std::string_view block) {
  constexpr std::size_t kAt = 148, kSize = 8;
  std::uint32_t sum = 0, stated = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i)
    sum += i >= kAt && i < kAt + kSize ? std::uint32_t{' '} : static_cast<std::uint8_t>(block[i]);
  for (const char c : block.substr(kAt, kSize))
    if (c >= '0' && c <= '7') stated = stated * 8 + static_cast<std::uint32_t>(c - '0');
  return sum == stated;
}

}  // namespace

void LinkTable::AddSymlink(const std::string& path, std::string_view target) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos || target.starts_with('/') ? "" : path.substr(0, slash + 1);
  std::string clean;
  if (io::CleanPath(folder + std::string(target), clean)) links_[path] = clean;
}

void LinkTable::AddHardLink(const std::string& path, std::string_view target) {
  std::string clean;
  if (io::CleanPath(target, clean)) links_[path] = clean;
}

std::optional<std::string> LinkTable::Follow(std::string_view path) const {
  for (std::size_t hop = 0; hop < kHopsMax; ++hop) {
    const auto found = links_.find(path);
    if (found == links_.end()) return std::string(path);
    path = found->second;
  }
  return std::nullopt;
}

MemberKind KindOfMember(std::string_view path, bool is_folder) {
  if (path.empty()) return MemberKind::kIgnored;
  const std::size_t slash = path.find('/');
  const std::string_view top = path.substr(0, slash);
  if (slash == std::string_view::npos) {
    if (top == "blobs" || (top.size() == 64 && IsHexDigits(top)))
      return is_folder ? MemberKind::kIgnored : MemberKind::kForeign;
    if (is_folder) return MemberKind::kForeign;
    if (top == "repositories" || top == "oci-layout" || top.ends_with(".json")) return MemberKind::kDocument;
    if (top.starts_with("sha256:") && IsHexDigits(top.substr(7))) return MemberKind::kBlob;
    return IsLayerName(top) ? MemberKind::kLayer : MemberKind::kForeign;
  }
  const std::string_view rest = path.substr(slash + 1);
  if (top == "blobs") {
    if (is_folder || !rest.starts_with("sha256/")) return MemberKind::kIgnored;
    return IsHexDigits(rest.substr(7)) ? MemberKind::kBlob : MemberKind::kIgnored;
  }
  if (top.size() != 64 || !IsHexDigits(top)) return MemberKind::kForeign;
  if (rest == "json") return MemberKind::kDocument;
  return rest == "layer.tar" ? MemberKind::kLayer : MemberKind::kIgnored;
}

bool LooksLikeJson(std::string_view head) {
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (head[first] == '{' || head[first] == '[');
}

bool LooksLikeLayer(std::string_view head) {
  if (io::SniffCompression(AsBytes(head)) != io::Compression::kNone) return true;
  if (head.size() < kTarBlock) return false;
  const std::string_view block = head.substr(0, kTarBlock);
  return HasTarChecksum(block) || std::ranges::all_of(block, [](char c) { return c == 0; });
}

}  // namespace holdfast::image
