#include "image/tar_header.h"

#include <algorithm>
#include <string_view>

#include "base/format.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameBytes = 100;
constexpr std::uint64_t kIdMax = 07777777;
constexpr std::uint64_t kSizeMax = 077777777777;

void PutText(std::string& block, std::size_t at, std::size_t size, std::string_view text) {
  std::ranges::copy(text.substr(0, size), block.begin() + static_cast<std::ptrdiff_t>(at));
}
void PutOctal(std::string& block, std::size_t at, std::size_t size, std::uint64_t value) {
  PutText(block, at, size, Format("{:0{}o}", value, size - 1));
}

char TypeFlag(io::TarType type) {
  switch (type) {
    case io::TarType::kHardLink: return '1';
    case io::TarType::kSymlink: return '2';
    case io::TarType::kCharDevice: return '3';
    case io::TarType::kBlockDevice: return '4';
    case io::TarType::kDirectory: return '5';
    case io::TarType::kFifo: return '6';
    case io::TarType::kRegular:
    case io::TarType::kUnknown: break;
  }
  return '0';
}

std::string Block(const io::TarEntry& entry, char type) {
  std::string block(kBlock, '\0');
  PutText(block, 0, kNameBytes, entry.path);
  PutOctal(block, 100, 8, entry.mode & 07777U);
  PutOctal(block, 108, 8, std::min(entry.uid, kIdMax));
  PutOctal(block, 116, 8, std::min(entry.gid, kIdMax));
  PutOctal(block, 124, 12, std::min(entry.size, kSizeMax));
  PutOctal(block, 136, 12, static_cast<std::uint64_t>(std::clamp<std::int64_t>(entry.mtime, 0, kSizeMax)));
  PutText(block, 148, 8, "        ");
  block[156] = type;
  PutText(block, 157, kNameBytes, entry.link_target);
  PutText(block, 257, 8,
          std::string_view("ustar\0"
                           "00",
                           8));
  PutOctal(block, 329, 8, std::min<std::uint64_t>(entry.device_major, kIdMax));
  PutOctal(block, 337, 8, std::min<std::uint64_t>(entry.device_minor, kIdMax));
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<std::uint8_t>(c);
  PutText(block, 148, 7, Format("{:06o}", sum) + std::string(1, '\0'));
  return block;
}

// "<length> <key>=<value>\n", where the length counts its own digits.
void AddRecord(std::string& records, std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (rest + std::to_string(length).size() != length) length = rest + std::to_string(length).size();
  records += Format("{} {}={}\n", length, key, value);
}

}  // namespace

std::size_t TarPadding(std::uint64_t size_bytes) {
  return static_cast<std::size_t>((kBlock - size_bytes % kBlock) % kBlock);
}

std::string TarEnd() { return std::string(2 * kBlock, '\0'); }

std::string TarHeader(const io::TarEntry& entry) {
  std::string records;
  if (entry.path.size() > kNameBytes) AddRecord(records, "path", entry.path);
  if (entry.link_target.size() > kNameBytes) AddRecord(records, "linkpath", entry.link_target);
  if (entry.size > kSizeMax) AddRecord(records, "size", std::to_string(entry.size));
  if (entry.uid > kIdMax) AddRecord(records, "uid", std::to_string(entry.uid));
  if (entry.gid > kIdMax) AddRecord(records, "gid", std::to_string(entry.gid));
  if (entry.mtime < 0) AddRecord(records, "mtime", std::to_string(entry.mtime));
  std::string blocks;
  if (!records.empty()) {
    const std::size_t padding = TarPadding(records.size());
    blocks = Block({.path = "PaxHeaders/entry", .mode = 0644, .size = records.size()}, 'x');
    blocks.append(records).append(padding, '\0');
  }
  return blocks + Block(entry, TypeFlag(entry.type));
}

}  // namespace holdfast::image
