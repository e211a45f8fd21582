#include "catalog/archive.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/format.h"
#include "io/sha256.h"
#include "io/zip.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kMemberBytesMax = kMiB;
constexpr std::size_t kPartsMax = 200'000;
constexpr std::size_t kNameBytesMax = 4096;

constexpr std::array<std::string_view, 12> kNested = {".jar", ".war", ".ear", ".par", ".sar",  ".nar",
                                                      ".jpi", ".hpi", ".kar", ".far", ".lpkg", ".rar"};

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

bool IsNestedArchive(std::string_view lower) {
  return std::any_of(kNested.begin(), kNested.end(), [&](std::string_view ending) { return lower.ends_with(ending); });
}

bool IsWantedMember(std::string_view lower) {
  if (lower == "meta-inf/manifest.mf") return true;
  // Also deeper: archives unpacked into a folder of this one.
  const bool maven = lower.starts_with("meta-inf/maven/") || lower.find("/meta-inf/maven/") != std::string_view::npos;
  return maven && lower.ends_with("/pom.properties");
}

// Hashes what passes.
class HashingView final : public io::ByteSource {
 public:
  HashingView(io::ByteSource& inner, io::Hasher& hasher) : inner_(inner), hasher_(hasher) {}
  Result<Bytes> Next(std::size_t max) override {
    auto view = inner_.Next(max);
    if (view) hasher_.Update(*view);
    return view;
  }

 private:
  io::ByteSource& inner_;
  io::Hasher& hasher_;
};

class Distiller {
 public:
  explicit Distiller(const Limits& limits) : limits_(limits) {}

  // One archive, with all inside it. `prefix` names it in its parts. An error means that `content` itself
  // broke; damage of the archive becomes a part.
  Result<void> Run(io::ByteSource& content, const std::string& prefix, std::uint64_t depth) {
    io::Hasher sha1(io::HashAlgorithm::kSha1);
    HashingView hashed(content, sha1);
    const std::size_t digest_at = parts_.size();
    parts_.push_back({prefix + "#sha1", {}});
    io::ZipReader reader(hashed, budget_, depth == 0, limits_);
    if (const auto read = ReadEntries(reader, prefix, depth); !read) {
      AddProblem(prefix, read.error());
      stop_ = stop_ || read.error().Kind() == ErrorKind::kLimit;
    }
    HF_CHECK_OK(hashed.Drain());
    parts_[digest_at].bytes = sha1.FinishHex();
    return {};
  }

  Parts Take() { return std::move(parts_); }

 private:
  Result<void> ReadEntries(io::ZipReader& reader, const std::string& prefix, std::uint64_t depth) {
    struct Origin {
      std::size_t begin, end;
      std::uint32_t entry;
    };
    std::vector<Origin> origins;
    while (true) {
      HF_TRY(const io::ZipEntry* entry, reader.Next());
      if (entry == nullptr) break;
      const std::size_t begin = parts_.size();
      const std::uint32_t index = entry->index;
      ReadEntry(*entry, reader, prefix, depth);
      if (parts_.size() > begin) origins.push_back({begin, parts_.size(), index});
      if (stop_) return {};
      if (parts_.size() > kPartsMax)
        return Fail(ErrorKind::kLimit, Format("more than {} members of interest", kPartsMax));
    }
    HF_TRY(const auto directory, reader.ReadDirectory());
    for (const std::string& complaint : directory.complaints)
      AddProblem(prefix, Error(ErrorKind::kCorrupt, "zip: " + complaint));
    // What the central directory does not list is no part of the archive. Last first, so that positions hold.
    for (auto origin = origins.rbegin(); origin != origins.rend(); ++origin)
      if (!directory.listed[origin->entry])
        parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(origin->begin),
                     parts_.begin() + static_cast<std::ptrdiff_t>(origin->end));
    return {};
  }

  void ReadEntry(const io::ZipEntry& entry, io::ZipReader& reader, const std::string& prefix, std::uint64_t depth) {
    const std::string name = entry.name;
    if (name.size() > kNameBytesMax) return;
    const std::string lower = LowerCase(name);
    if (IsWantedMember(lower)) {
      auto bytes = reader.Content().ReadText(kMemberBytesMax);
      if (bytes)
        parts_.push_back({prefix + name, *std::move(bytes)});
      else
        AddProblem(prefix, bytes.error().In(name));
    } else if (IsNestedArchive(lower)) {
      if (depth + 1 >= limits_.archive_depth_max) {
        AddProblem(prefix + name + ":",
                   Error(ErrorKind::kLimit, Format("archives nested deeper than {}", limits_.archive_depth_max)));
        return;
      }
      if (const auto read = Run(reader.Content(), prefix + name + ":", depth + 1); !read) {
        AddProblem(prefix, read.error().In(name));
        stop_ = stop_ || read.error().Kind() == ErrorKind::kLimit;
      }
    }
  }

  void AddProblem(const std::string& prefix, const Error& error) {
    parts_.push_back({prefix + "#problem", std::string(ErrorKindName(error.Kind())) + ": " + error.Message()});
  }

  const Limits& limits_;
  io::ZipBudget budget_;
  Parts parts_;
  bool stop_ = false;  // a limit on everything was hit
};

}  // namespace

Result<Parts> DistilArchive(io::ByteSource& content, std::uint64_t, const Limits& limits) {
  Distiller distiller(limits);
  HF_CHECK_OK(distiller.Run(content, "", 0));
  return distiller.Take();
}

}  // namespace holdfast::catalog
