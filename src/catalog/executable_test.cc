// Executables are built here, byte by byte: each test shows the layout that it is about. Real binaries are compared
// with Go's own tool in go/go_test.cc.
#include "catalog/executable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "catalog/kept_content.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::ExpectError;
using test::Value;

// A buffer into which numbers of either byte order are put at any offset.
struct Image {
  std::string bytes;
  bool big_endian = false;

  void Put(std::size_t at, std::string_view text) {
    if (bytes.size() < at + text.size()) bytes.resize(at + text.size());
    bytes.replace(at, text.size(), text);
  }
  void Put(std::size_t at, std::uint64_t value, std::size_t width) {
    std::string text(width, '\0');
    for (std::size_t i = 0; i < width; ++i)
      text[big_endian ? width - 1 - i : i] = static_cast<char>(value >> (8 * i) & 0xff);
    Put(at, text);
  }
};

constexpr std::string_view kMark = "\xff Go buildinf:";
constexpr std::string_view kModules = "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t\n";

std::string Framed(std::string_view modules) { return "0123456789abcdef" + std::string(modules) + "fedcba9876543210"; }

std::string InlineBlob(std::string_view version = "go1.22.3", std::string_view modules = kModules) {
  const std::string framed = Framed(modules);
  std::string blob = std::string(kMark) + '\x08' + '\x02' + std::string(16, '\0');
  for (const std::string_view text : {version, std::string_view(framed)}) {
    std::uint64_t size = text.size();
    for (; size >= 0x80; size >>= 7U) blob += static_cast<char>((size & 0x7fU) | 0x80U);
    blob += static_cast<char>(size);
    blob += text;
  }
  return blob;
}

// zlib, stored: RFC 1950 and 1951.
std::string Zlib(std::string_view text) {
  std::string out = "\x78\x01\x01";
  const std::size_t size = text.size();
  for (const std::size_t part : {size, ~size}) {
    out += static_cast<char>(part & 0xff);
    out += static_cast<char>(part >> 8U & 0xff);
  }
  out += text;
  std::uint32_t a = 1, b = 0;
  for (const char c : text) {
    a = (a + static_cast<std::uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  for (const std::uint32_t sum : {b, a}) {
    out += static_cast<char>(sum >> 8U);
    out += static_cast<char>(sum & 0xff);
  }
  return out;
}

constexpr std::uint64_t kBase = 0x400000;
constexpr std::size_t kData = 0x1000;   // file offset of the build information
constexpr std::size_t kAudit = 0x2000;  // of .dep-v0
constexpr std::size_t kNames = 0x3000;
constexpr std::size_t kTable = 0x3100;

struct ElfShape {
  bool wide = true;
  bool big_endian = false;
  bool sections = true;
  bool extended = false;
  std::string blob = InlineBlob();
  std::string audit;
};

void PutSection(Image& elf, bool wide, std::size_t index, std::array<std::uint64_t, 6> fields) {
  const auto [name, type, address, offset, size, link] = fields;
  const std::size_t at = kTable + index * (wide ? 64 : 40), word = wide ? 8 : 4;
  elf.Put(at, name, 4);
  elf.Put(at + 4, type, 4);
  elf.Put(at + (wide ? 16 : 12), address, word);
  elf.Put(at + (wide ? 24 : 16), offset, word);
  elf.Put(at + (wide ? 32 : 20), size, word);
  elf.Put(at + (wide ? 40 : 24), link, 4);
  elf.Put(at + (wide ? 63 : 39), "\0");
}

// One writable segment that is the whole file; sections: null, names, .go.buildinfo, .dep-v0.
Image Elf(const ElfShape& shape = {}) {
  const bool wide = shape.wide;
  const std::size_t word = wide ? 8 : 4;
  Image elf{.big_endian = shape.big_endian};
  elf.Put(0,
          "\x7f"
          "ELF");
  elf.Put(4, wide ? 2 : 1, 1);
  elf.Put(5, shape.big_endian ? 2 : 1, 1);
  elf.Put(wide ? 32 : 28, 64, word);
  const std::size_t counts = wide ? 54 : 42;
  elf.Put(counts, wide ? 56 : 32, 2);
  elf.Put(counts + 2, 1, 2);
  elf.Put(64, 1, 4);
  elf.Put(64 + (wide ? 4U : 24U), 6, 4);
  elf.Put(64 + (wide ? 16U : 8U), kBase, word);
  elf.Put(64 + (wide ? 32U : 16U), 0x4000, word);
  elf.Put(64 + (wide ? 40U : 20U), 0x4000, word);
  elf.Put(kData, shape.blob);
  elf.Put(kAudit, shape.audit);
  elf.bytes.resize(0x4000);
  if (!shape.sections) return elf;
  elf.Put(wide ? 40 : 32, kTable, word);
  elf.Put(counts + 4, wide ? 64 : 40, 2);
  elf.Put(counts + 6, shape.extended ? 0 : 4, 2);
  elf.Put(counts + 8, shape.extended ? 0xffff : 1, 2);
  elf.Put(kNames, std::string_view("\0.go.buildinfo\0.dep-v0\0", 23));
  PutSection(elf, wide, 0, {0, 0, 0, 0, shape.extended ? 4U : 0U, 1});
  PutSection(elf, wide, 1, {0, 3, 0, kNames, 23, 0});
  PutSection(elf, wide, 2, {1, 1, kBase + kData, kData, 0x1000, 0});
  if (!shape.audit.empty()) PutSection(elf, wide, 3, {15, 1, kBase + kAudit, kAudit, shape.audit.size(), 0});
  return elf;
}

Result<Parts> Distil(std::string_view bytes, std::size_t chunk = io::kAnySize) {
  io::MemorySource source(bytes, chunk);
  KeptContent kept;
  return DistilExecutable(source, kept, Limits{});
}

const Parts kGoParts = {{"go.buildinfo", "go1.22.3\n" + std::string(kModules)}};

TEST(Executable, LooksAtTheMagicNumber) {
  for (const std::string_view head : {"\x7f"
                                      "ELF",
                                      "MZ\x90\x01", "\xfe\xed\xfa\xcf", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"})
    EXPECT_TRUE(LooksExecutable(AsBytes(head)));
  EXPECT_TRUE(LooksExecutable(AsBytes(std::string_view("\xca\xfe\xba\xbe\0\0\0\2", 8))));
  EXPECT_FALSE(LooksExecutable(AsBytes(std::string_view("\xca\xfe\xba\xbe\0\0\0\x34", 8)))) << "a Java class";
  for (const std::string_view head : {"",
                                      "\x7f"
                                      "EL",
                                      "#!/bin/sh"})
    EXPECT_FALSE(LooksExecutable(AsBytes(head)));
}

TEST(Executable, ReadsEveryShapeOfElf) {
  for (const bool wide : {false, true})
    for (const bool big : {false, true})
      for (const bool sections : {false, true})
        EXPECT_EQ(Value(Distil(Elf({.wide = wide, .big_endian = big, .sections = sections}).bytes)), kGoParts)
            << wide << big << sections;
}

TEST(Executable, ReadsTheSameHoweverTheBytesAreCut) {
  const std::string bytes = Elf({.audit = Zlib("{}")}).bytes;
  Parts expected = kGoParts;
  expected.push_back({"rust.audit", "{}"});
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{4093}, io::kAnySize})
    EXPECT_EQ(Value(Distil(bytes, chunk)), expected);
}

TEST(Executable, FollowsExtendedNumbering) {
  for (const bool wide : {false, true})
    EXPECT_EQ(Value(Distil(Elf({.wide = wide, .extended = true, .blob = "", .audit = Zlib("{}")}).bytes)),
              (Parts{{"rust.audit", "{}"}}));
}

TEST(Executable, ReadsThePointerFormat) {
  for (const bool wide : {false, true})
    for (const bool big : {false, true}) {
      Image elf = Elf({.wide = wide, .big_endian = big, .blob = ""});
      const std::size_t word = wide ? 8 : 4;
      const std::string modules = Framed(kModules);
      elf.Put(kData, std::string(kMark) + static_cast<char>(word) + (big ? '\1' : '\0'));
      elf.Put(kData + 16, kBase + 0x1100, word);
      elf.Put(kData + 16 + word, kBase + 0x1200, word);
      elf.Put(0x1100, kBase + 0x1300, word);
      elf.Put(0x1100 + word, 6, word);
      elf.Put(0x1200, kBase + 0x1400, word);
      elf.Put(0x1200 + word, modules.size(), word);
      elf.Put(0x1300, "go1.17");
      elf.Put(0x1400, modules);
      EXPECT_EQ(Value(Distil(elf.bytes)), (Parts{{"go.buildinfo", "go1.17\n" + std::string(kModules)}}));
    }
}

TEST(Executable, HasNoPartsWithoutAnythingOfInterest) {
  EXPECT_EQ(Value(Distil(Elf({.blob = ""}).bytes)), Parts());
  EXPECT_EQ(Value(Distil("\x7f"
                         "ELF")),
            Parts());
  EXPECT_EQ(Value(Distil("MZ is how this text begins, which is no program at all, however long it may be")), Parts());
  EXPECT_EQ(Value(Distil("")), Parts());
}

TEST(Executable, IgnoresAMarkThatIsNotAlignedOrNotInData) {
  EXPECT_EQ(Value(Distil(Elf({.blob = "12345678" + InlineBlob()}).bytes)), Parts());
  Image elf = Elf({.blob = ""});
  elf.Put(0x2800, InlineBlob());  // not in .go.buildinfo
  EXPECT_EQ(Value(Distil(elf.bytes)), Parts());
}

TEST(Executable, FallsBackToSegmentsWhenSectionsLie) {
  Image elf = Elf();
  elf.Put(40, 0xffffffffffffff00U, 8);
  EXPECT_EQ(Value(Distil(elf.bytes)), kGoParts);
  elf = Elf();
  elf.Put(kTable + 64 + 32, 0x7fffffffffffffffU, 8);  // size of the names
  EXPECT_EQ(Value(Distil(elf.bytes)), kGoParts);
}

TEST(Executable, ReportsBuildInformationThatLies) {
  Image elf = Elf();
  elf.Put(kData + 32, "\xff\xff\xff\x7f");
  ExpectError(Distil(elf.bytes), ErrorKind::kCorrupt, "outside of the file");
  elf = Elf();
  elf.Put(kData + 32, std::string(12, '\xff'));
  ExpectError(Distil(elf.bytes), ErrorKind::kCorrupt, "a length");
  ExpectError(Distil(Elf({.blob = InlineBlob("")}).bytes), ErrorKind::kCorrupt, "without a Go version");
  ExpectError(Distil(Elf().bytes.substr(0, kData + 20)), ErrorKind::kCorrupt);
}

TEST(Executable, KeepsWhatIsGoodBesideWhatIsDamaged) {
  const Parts parts = Value(Distil(Elf({.audit = "no zlib data"}).bytes));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0], kGoParts[0]);
  EXPECT_EQ(parts[1].name, "rust.problem");
}

// An error or fewer parts, never a crash. The table of sections is last: without all of it, segments have to do.
TEST(Executable, SurvivesTruncationAnywhere) {
  const std::string bytes = Elf({.audit = Zlib("{}")}).bytes;
  for (std::size_t size = 0; size < bytes.size(); size += 61) {
    const auto parts = Distil(std::string_view(bytes).substr(0, size));
    EXPECT_LE(parts ? parts->size() : 0U, size < kTable + 4 * std::size_t{64} ? 1U : 2U) << size;
  }
}

Image Pe(bool wide) {
  Image pe;
  pe.Put(0, "MZ");
  pe.Put(60, 0x80, 4);
  pe.Put(0x80, std::string_view("PE\0\0", 4));
  pe.Put(0x86, 2, 2);
  pe.Put(0x94, 0xe0, 2);
  pe.Put(0x98, wide ? 0x20b : 0x10b, 2);
  pe.Put(0x98 + (wide ? 24U : 28U), kBase, wide ? 8 : 4);
  const auto section = [&](std::size_t at, std::string_view name, std::array<std::uint64_t, 5> fields) {
    pe.Put(at, name);
    for (std::size_t i = 0; i < 4; ++i) pe.Put(at + 8 + 4 * i, fields[i], 4);
    pe.Put(at + 36, fields[4], 4);
  };
  const std::string audit = Zlib("{}");
  section(0x178, ".data", {0x1000, 0x5000, 0x1000, kData, 0xc0600040U});
  section(0x1a0, ".dep-v0", {audit.size(), 0x7000, 0x200, kAudit, 0x40000040U});
  pe.Put(kData, InlineBlob());
  pe.Put(kAudit, audit);
  pe.bytes.resize(0x3000);
  return pe;
}

TEST(Executable, ReadsPe) {
  Parts expected = kGoParts;
  expected.push_back({"rust.audit", "{}"});
  for (const bool wide : {false, true}) EXPECT_EQ(Value(Distil(Pe(wide).bytes)), expected);
}

Image MachO(bool wide, bool big_endian) {
  Image file{.big_endian = big_endian};
  const std::size_t word = wide ? 8 : 4, start = wide ? 32 : 28, section = start + (wide ? 72U : 56U);
  file.Put(0, wide ? 0xfeedfacfU : 0xfeedfaceU, 4);
  file.Put(16, 1, 4);
  file.Put(20, wide ? 152 : 124, 4);
  file.Put(start, wide ? 0x19 : 1, 4);
  file.Put(start + 4, wide ? 152 : 124, 4);
  file.Put(start + 8, "__DATA");
  file.Put(start + 24, kBase, word);
  file.Put(start + 24 + word, 0x3000, word);
  file.Put(start + 24 + 3 * word, 0x3000, word);
  file.Put(start + 24 + 4 * word, 3, 4);
  file.Put(start + 28 + 4 * word, 3, 4);
  file.Put(start + 32 + 4 * word, 1, 4);
  const std::string audit = Zlib("{}");
  file.Put(section, ".dep-v0");
  file.Put(section + 32 + word, audit.size(), word);
  file.Put(section + 32 + 2 * word, kAudit, 4);
  file.Put(kData, InlineBlob());
  file.Put(kAudit, audit);
  file.bytes.resize(0x3000);
  return file;
}

TEST(Executable, ReadsMachO) {
  Parts expected = kGoParts;
  expected.push_back({"rust.audit", "{}"});
  for (const bool wide : {false, true})
    for (const bool big : {false, true}) EXPECT_EQ(Value(Distil(MachO(wide, big).bytes)), expected);
}

TEST(Executable, ReadsEachSliceOfAUniversalBinary) {
  for (const bool wide : {false, true}) {
    Image fat{.big_endian = true};
    const std::size_t word = wide ? 8 : 4, entry = wide ? 32 : 20;
    fat.Put(0, wide ? 0xcafebabfU : 0xcafebabeU, 4);
    fat.Put(4, 3, 4);
    for (std::size_t i = 0; i < 3; ++i) {  // the last one points nowhere
      fat.Put(8 + i * entry + 8, i == 2 ? 0x7fffffffU : 0x1000 + i * 0x4000, word);
      fat.Put(8 + i * entry + 8 + word, 0x3000, word);
    }
    fat.Put(0x1000, MachO(true, false).bytes);
    fat.Put(0x5000, MachO(false, true).bytes);
    const Parts parts = Value(Distil(fat.bytes));
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(parts[2], kGoParts[0]);
  }
}

// A large file from a head, zeros, and a tail, without holding it in memory.
class LargeSource final : public io::ByteSource {
 public:
  LargeSource(std::uint64_t size, std::map<std::uint64_t, std::string> blocks)
      : size_(size), blocks_(std::move(blocks)) {}

  Result<Bytes> Next(std::size_t max) override {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>({max, buffer_.size(), size_ - at_}));
    const auto found = blocks_.find(at_ / kMiB);
    std::fill(buffer_.begin(), buffer_.end(), std::uint8_t{0});
    if (found != blocks_.end()) std::copy(found->second.begin(), found->second.end(), buffer_.begin());
    at_ += part;
    return Bytes(buffer_).first(part);
  }

 private:
  std::uint64_t size_, at_ = 0;
  std::map<std::uint64_t, std::string> blocks_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kMiB);
};

constexpr std::uint64_t kLargeBytes = 200 * kMiB;

Result<Parts> DistilLarge(Image elf, std::map<std::uint64_t, std::string> blocks) {
  elf.Put(64 + 32, kLargeBytes, 8);
  elf.Put(64 + 40, kLargeBytes, 8);
  blocks[0] = elf.bytes;
  LargeSource source(kLargeBytes, std::move(blocks));
  KeptContent kept;
  return DistilExecutable(source, kept, Limits{});
}

TEST(Executable, FindsBuildInformationAnywhereInALargeFile) {
  for (const std::uint64_t block : {20U, 100U, 198U})
    EXPECT_EQ(Value(DistilLarge(Elf({.sections = false, .blob = ""}), {{block, InlineBlob()}})), kGoParts) << block;
}

TEST(Executable, SaysSoOnlyWhenSomethingOfInterestWasNotHeld) {
  EXPECT_EQ(Value(DistilLarge(Elf({.blob = ""}), {})), Parts());
  Image elf = Elf({.blob = "", .audit = Zlib("{}")});
  elf.Put(kTable + 3 * 64 + 24, 100 * kMiB, 8);
  ExpectError(DistilLarge(elf, {}), ErrorKind::kLimit, "too large");
}

}  // namespace
}  // namespace holdfast::catalog
