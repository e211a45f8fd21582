// RPM header: the description of one package, as databases hold it: a list of tags with typed values.
//
// Format: RPM Packaging, "V4 Package File Format", section Header (without the 8 bytes of magic in front); tags and
// types: rpm 4.18, rpmtag.h. All numbers are big endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::catalog {

enum class RpmTag : std::uint32_t {
  kDsaHeader = 267,
  kRsaHeader = 268,
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kEpoch = 1003,
  kSummary = 1004,
  kBuildTime = 1006,
  kSize = 1009,
  kVendor = 1011,
  kLicense = 1014,
  kPackager = 1015,
  kGroup = 1016,
  kUrl = 1020,
  kArch = 1022,
  kOldFileNames = 1027,
  kFileStates = 1029,
  kFileModes = 1030,
  kFileDigests = 1035,
  kSourceRpm = 1044,
  kProvideName = 1047,
  kRequireName = 1049,
  kDirIndexes = 1116,
  kBaseNames = 1117,
  kDirNames = 1118,
  kLongSize = 5009,
  kFileDigestAlgorithm = 5011,
  kModularityLabel = 5096,
};

// The strings of an array, in order.
class RpmStrings {
 public:
  RpmStrings() = default;
  // `data` has `count` strings that end with NUL, or fewer: then the array ends early.
  RpmStrings(Bytes data, std::size_t count) : rest_(AsText(data)), left_(count) {}

  // The next one; nothing at the end.
  [[nodiscard]] std::optional<std::string_view> Next();

 private:
  std::string_view rest_;
  std::size_t left_ = 0;
};

// Views into the bytes that were parsed, which must outlive it. A tag that is absent or of another type than asked for
// reads as empty.
class RpmHeader {
 public:
  // kCorrupt when there is no list of tags. Tags whose values are not inside the header are left out and counted.
  [[nodiscard]] static Result<RpmHeader> Parse(Bytes bytes);

  [[nodiscard]] std::size_t BadTags() const { return bad_tags_; }
  // A string, or the first of several (translations, an array).
  [[nodiscard]] std::string_view Text(RpmTag tag) const;
  [[nodiscard]] RpmStrings Strings(RpmTag tag) const;
  // Unsigned numbers of 1, 2, 4 or 8 bytes: the one at `index`.
  [[nodiscard]] std::optional<std::uint64_t> Number(RpmTag tag, std::size_t index = 0) const;
  [[nodiscard]] Bytes Binary(RpmTag tag) const;

 private:
  struct Entry {
    std::uint32_t tag = 0;
    std::uint32_t type = 0;
    std::uint32_t offset = 0;
    std::uint32_t count = 0;
    std::uint32_t order = 0;  // among the entries of the header
  };
  [[nodiscard]] static bool IsInside(const Entry& entry, std::size_t data_bytes);
  [[nodiscard]] const Entry* Find(RpmTag tag) const;

  Bytes data_;
  std::vector<Entry> entries_;  // sorted by tag
  std::size_t bad_tags_ = 0;
};

}  // namespace holdfast::catalog
