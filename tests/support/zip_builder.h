// Builds zips in memory, byte by byte, so that tests can also build wrong ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

class ZipBuilder {
 public:
  // CRC-32 of zip (polynomial 0xedb88320), the slow way.
  static std::uint32_t Crc(std::string_view text) {
    std::uint32_t crc = 0xffffffffU;
    for (const char c : text) {
      crc ^= static_cast<std::uint8_t>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0);
    }
    return ~crc;
  }

  struct Options {
    bool descriptor = false;  // sizes after the data; the data is deflated (as stored blocks)
    bool listed = true;       // in the central directory
    bool deflate = false;
    std::uint16_t flags = 0, method_override = 0xffff;
    std::uint32_t crc_xor = 0;
  };

  ZipBuilder& Add(const std::string& name, const std::string& content) { return Add(name, content, Options()); }
  ZipBuilder& Add(const std::string& name, const std::string& content, const Options& options) {
    const bool deflate = options.deflate || options.descriptor;
    const std::string data = deflate ? StoredBlocks(content) : content;
    const std::uint32_t crc = Crc(content) ^ options.crc_xor;
    Entry entry{name,
                crc,
                static_cast<std::uint32_t>(data.size()),
                static_cast<std::uint32_t>(content.size()),
                static_cast<std::uint32_t>(bytes_.size()),
                deflate,
                options};
    Number(0x04034b50, 4);
    Common(entry, options.descriptor);
    Number(name.size(), 2);
    Number(0, 2);
    bytes_ += name + data;
    if (options.descriptor) {
      Number(0x08074b50, 4);
      Number(crc, 4);
      Number(entry.compressed, 4);
      Number(entry.size, 4);
    }
    if (options.listed) entries_.push_back(entry);
    return *this;
  }
  // Bytes between entries, or in front of them.
  ZipBuilder& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  // An entry of the central directory for nothing.
  ZipBuilder& Lie(const std::string& name) {
    entries_.push_back({name, 0, 0, 0, 0, false, {}});
    return *this;
  }

  [[nodiscard]] std::string Finish() {
    const std::size_t directory = bytes_.size();
    for (const Entry& entry : entries_) {
      Number(0x02014b50, 4);
      Number(20, 2);
      Common(entry, false);
      Number(entry.name.size(), 2);
      Number(0, 2);
      Number(0, 2);
      Number(0, 2);
      Number(0, 2);
      Number(0, 4);
      Number(entry.offset, 4);
      bytes_ += entry.name;
    }
    const std::size_t size = bytes_.size() - directory;
    Number(0x06054b50, 4);
    Number(0, 4);
    Number(entries_.size(), 2);
    Number(entries_.size(), 2);
    Number(size, 4);
    Number(directory, 4);
    Number(0, 2);
    return bytes_;
  }

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc, compressed, size, offset;
    bool deflated;
    Options options;
  };

  void Number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }
  // From "version needed" to the sizes, which both headers share.
  void Common(const Entry& entry, bool sizes_follow) {
    Number(20, 2);
    Number(static_cast<std::uint64_t>(entry.options.flags) | (entry.options.descriptor ? 8U : 0U), 2);
    Number(entry.options.method_override != 0xffff ? entry.options.method_override : entry.deflated ? 8U : 0U, 2);
    Number(0, 4);
    Number(sizes_follow ? 0 : entry.crc, 4);
    Number(sizes_follow ? 0 : entry.compressed, 4);
    Number(sizes_follow ? 0 : entry.size, 4);
  }
  // Deflate without compression (RFC 1951 section 3.2.4).
  static std::string StoredBlocks(std::string_view text) {
    std::string out;
    do {
      const std::string_view part = text.substr(0, 65535);
      text.remove_prefix(part.size());
      out.push_back(text.empty() ? 1 : 0);
      const auto size = static_cast<std::uint16_t>(part.size());
      for (const unsigned value : {unsigned{size}, 0xffffU ^ size}) {
        out.push_back(static_cast<char>(value & 0xff));
        out.push_back(static_cast<char>(value >> 8));
      }
      out += part;
    } while (!text.empty());
    return out;
  }

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace holdfast::test
