#include "advisory/snapshot_format.h"

#include "base/format.h"
#include "base/wire.h"
#include "io/sha256.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kMagic = "holdfast-advice\n";
constexpr std::size_t kTrailerHeadBytes = kMagic.size() + 4 + 8 + 32;

void PutLittle(std::string& text, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

}  // namespace

std::string EncodeTrailer(const SnapshotTrailer& trailer) {
  std::string page;
  page.append(kMagic);
  PutLittle(page, trailer.format, 4);
  PutLittle(page, trailer.database_bytes, 8);
  page.append(AsText(trailer.database_digest.bytes));
  page.resize(kTrailerBytes);
  return page;
}

Result<SnapshotTrailer> DecodeTrailer(std::string_view bytes) {
  if (bytes.size() != kTrailerBytes || !bytes.starts_with(kMagic))
    return Fail(ErrorKind::kCorrupt, "not an advisory snapshot, or its end is missing");
  if (bytes.find_first_not_of('\0', kTrailerHeadBytes) != std::string_view::npos)
    return Fail(ErrorKind::kCorrupt, "damaged end of advisory snapshot");
  SnapshotTrailer trailer;
  const Bytes raw = AsBytes(bytes);
  trailer.format = LoadLittle<std::uint32_t>(raw, kMagic.size());
  trailer.database_bytes = LoadLittle<std::uint64_t>(raw, kMagic.size() + 4);
  std::memcpy(trailer.database_digest.bytes.data(), raw.data() + kMagic.size() + 12, 32);
  if (trailer.format != kSnapshotFormat)
    return Fail(ErrorKind::kUnsupported,
                Format("advisory snapshot of format {}, this build reads format {}", trailer.format, kSnapshotFormat));
  return trailer;
}

std::string EncodeMeta(const SnapshotInfo& info) {
  WireWriter writer;
  writer.Text(info.built).Text(info.content.Text());
  writer.Unsigned(info.advisories).Unsigned(info.withdrawn).Unsigned(info.packages).Unsigned(info.vulnerabilities);
  writer.Unsigned(info.sources.size());
  for (const auto& source : info.sources)
    writer.Text(source.name)
        .Unsigned(source.advisories)
        .Unsigned(source.facts)
        .Text(source.newest_modified)
        .Text(source.read)
        .Text(source.failure);
  writer.Unsigned(info.coverage.size());
  for (const auto& row : info.coverage)
    writer.Text(row.release.ecosystem).Text(row.release.release).Unsigned(row.packages);
  return writer.Take();
}

Result<SnapshotInfo> DecodeMeta(std::string_view record) {
  WireReader reader(record);
  SnapshotInfo info;
  info.built = reader.Text();
  const std::string_view content = reader.Text();
  info.advisories = reader.Unsigned();
  info.withdrawn = reader.Unsigned();
  info.packages = reader.Unsigned();
  info.vulnerabilities = reader.Unsigned();
  info.sources.resize(reader.Count(6));
  for (auto& source : info.sources) {
    source.name = reader.Text();
    source.advisories = reader.Unsigned();
    source.facts = reader.Unsigned();
    source.newest_modified = reader.Text();
    source.read = reader.Text();
    source.failure = reader.Text();
  }
  info.coverage.resize(reader.Count(3));
  for (auto& row : info.coverage) {
    row.release.ecosystem = reader.Text();
    row.release.release = reader.Text();
    row.packages = reader.Unsigned();
  }
  HF_CHECK_OK(reader.Finish("meta record of the advisory snapshot"));
  HF_TRY(info.content, Digest::Parse(content));
  return info;
}

std::string PackageKey(std::string_view ecosystem, std::string_view release, std::string_view name) {
  std::string key = "p";
  key.append(ecosystem).push_back('\0');
  key.append(release).push_back('\0');
  key.append(name);
  if (key.size() <= kKeyBytesMax) return key;
  const Sha256Value value = io::Sha256Of(key);
  return "q" + std::string(AsText(value.bytes));
}

Result<PackageKeyParts> SplitPackageKey(std::string_view key) {
  const std::size_t first = key.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : key.find('\0', first + 1);
  if (!key.starts_with('p') || second == std::string_view::npos)
    return Fail(ErrorKind::kCorrupt, "damaged key of a package in the advisory snapshot");
  PackageKeyParts parts;
  parts.where.ecosystem = key.substr(1, first - 1);
  parts.where.release = key.substr(first + 1, second - first - 1);
  parts.name = key.substr(second + 1);
  return parts;
}

std::string ReleaseLifeKey(std::string_view distro_id, std::string_view release) {
  std::string key = "l";
  key.append(distro_id).push_back('\0');
  return key.append(release);
}

}  // namespace holdfast::advisory
