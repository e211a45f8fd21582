// The file list of a header is several arrays side by side: base name, index into the array of folders, mode, state
// and digest of each file. Packages from before 1999 have whole paths instead.
#include "catalog/rpm/package.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/limits.h"
#include "catalog/control_text.h"
#include "catalog/distro.h"
#include "model/source_rpm.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kFoldersMax = 200'000;  // of one package
constexpr std::uint64_t kModeTypeMask = 0170000;
constexpr std::uint64_t kModeFolder = 0040000;

// Tag kFileDigestAlgorithm: numbers of RFC 4880, section 9.4. Absent means MD5.
std::string_view DigestName(std::uint64_t algorithm) {
  constexpr std::array<std::string_view, 12> kNames = {"", "md5", "sha1",   "",       "",       "",
                                                       "", "",    "sha256", "sha384", "sha512", "sha224"};
  return algorithm < kNames.size() ? kNames[algorithm] : std::string_view();
}

std::vector<std::string_view> Folders(const RpmHeader& header) {
  std::vector<std::string_view> folders;
  RpmStrings names = header.Strings(RpmTag::kDirNames);
  while (folders.size() < kFoldersMax) {
    const auto name = names.Next();
    if (!name) break;
    folders.push_back(*name);
  }
  return folders;
}

// Is the file on disk as this package's own? Not when it is a folder (which packages share), when the installation
// left it out (documentation, other architectures' colours) or when another package's file replaced it.
bool IsOwned(const RpmHeader& header, std::size_t index) {
  const std::uint64_t mode = header.Number(RpmTag::kFileModes, index).value_or(0);
  return (mode & kModeTypeMask) != kModeFolder && header.Number(RpmTag::kFileStates, index).value_or(0) == 0;
}

void AddFiles(const RpmHeader& header, std::string_view root, RpmBudget& budget, model::Package& package) {
  const std::uint64_t path_bytes_max = Limits{}.path_bytes_max;
  const std::string_view algorithm = DigestName(header.Number(RpmTag::kFileDigestAlgorithm).value_or(1));
  const std::vector<std::string_view> folders = Folders(header);
  const bool whole_paths = folders.empty();
  RpmStrings names = header.Strings(whole_paths ? RpmTag::kOldFileNames : RpmTag::kBaseNames);
  RpmStrings digests = header.Strings(RpmTag::kFileDigests);
  for (std::size_t index = 0;; ++index) {
    const auto name = names.Next();
    if (!name) return;
    const std::string_view digest = digests.Next().value_or(std::string_view());
    if (!IsOwned(header, index)) continue;
    std::string_view folder;
    if (!whole_paths) {
      const auto number = header.Number(RpmTag::kDirIndexes, index);
      if (!number || *number >= folders.size()) continue;
      folder = folders[*number];
    }
    const std::size_t bytes = root.size() + folder.size() + name->size();
    if (bytes > path_bytes_max || budget.files_left == 0 || bytes > budget.path_bytes_left) {
      budget.cut = true;
      continue;
    }
    model::OwnedFile file{ResolvePath(root, std::string(folder) + std::string(*name)), "", ""};
    if (file.path.empty()) continue;
    if (!algorithm.empty() && !digest.empty() && digest.size() <= 128 && IsHex(digest)) {
      file.algorithm = algorithm;
      file.digest = LowerCase(digest);
    }
    --budget.files_left;
    budget.path_bytes_left -= bytes;
    package.files.push_back(std::move(file));
  }
}

// Names of capabilities, sorted. Left out: what RPM itself offers, and boolean ("rich") needs.
std::vector<std::string> Capabilities(RpmStrings names, RpmBudget& budget) {
  std::vector<std::string> kept;
  std::string_view last;
  while (const auto name = names.Next()) {
    // A name stands once for each version that is asked for, mostly side by side.
    if (name->empty() || *name == last || name->starts_with('(') || name->starts_with("rpmlib(")) continue;
    last = *name;
    if (budget.names_left == 0) {
      budget.cut = true;
      break;
    }
    --budget.names_left;
    kept.push_back(CleanText(*name, 1024));
  }
  std::ranges::sort(kept);
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

void SetPurl(const RpmIdentity& identity, const RpmContext& context, model::Package& package) {
  const std::string& distro = context.distro.id;
  const std::string version = CleanText(identity.version), release = CleanText(identity.release);
  model::Purl purl{.type = "rpm",
                   .name_space = distro == "rhel" ? "redhat" : distro,
                   .name = package.name,
                   .version = release.empty() ? version : version + "-" + release,
                   .qualifiers = {},
                   .subpath = {}};
  const auto add = [&](std::string_view key, std::string value) {
    if (!value.empty()) purl.qualifiers.emplace_back(key, std::move(value));
  };
  add("arch", package.architecture);
  add("distro", DistroQualifier(context.distro));
  if (identity.epoch) add("epoch", Format("{}", *identity.epoch));
  add("rpmmod", package.module_label);
  add("upstream", CleanText(identity.source_rpm));
  package.purl = model::Purl::Make(std::move(purl)).value_or(model::Purl());
}

// Takes an OpenPGP length of the new form (RFC 4880, 4.2.2 and 5.2.3.1) off `bytes`.
std::optional<std::size_t> TakeLength(Bytes& bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t first = bytes[0];
  const std::size_t length_bytes = first < 192 ? 1 : first < 255 ? 2 : 5;
  if (bytes.size() < length_bytes) return std::nullopt;
  std::size_t length = first;
  if (length_bytes == 2) length = ((first - 192) << 8) + bytes[1] + 192;
  if (length_bytes == 5) length = LoadBig<std::uint32_t>(bytes, 1);
  bytes = bytes.subspan(length_bytes);
  return length;
}

// Subpackets of a signature: issuer (16), or the end of the issuer's fingerprint (33).
std::string FindIssuer(Bytes subpackets) {
  while (true) {
    const auto length = TakeLength(subpackets);
    if (!length || *length == 0 || *length > subpackets.size()) return {};
    const Bytes subpacket = subpackets.first(*length);
    const unsigned type = subpacket[0] & 0x7fU;
    if (type == 16 && *length == 9) return ToHex(subpacket.last(8));
    if (type == 33 && *length == 22) return ToHex(subpacket.last(8));
    subpackets = subpackets.subspan(*length);
  }
}

std::string DecimalOrEmpty(std::optional<std::uint64_t> number) { return number ? Format("{}", *number) : ""; }

}  // namespace

std::string SignatureKeyId(Bytes packet) {
  if (packet.size() < 2 || (packet[0] & 0x80U) == 0) return {};
  const unsigned first = packet[0];
  unsigned tag = first & 0x3fU;
  packet = packet.subspan(1);
  if ((first & 0x40U) != 0) {
    if (!TakeLength(packet)) return {};
  } else {
    tag >>= 2U;
    constexpr std::array<std::size_t, 4> kLengthBytes = {1, 2, 4, 0};
    const std::size_t length_bytes = kLengthBytes[first & 3U];
    if (packet.size() < length_bytes) return {};
    packet = packet.subspan(length_bytes);
  }
  constexpr unsigned kSignature = 2;
  if (tag != kSignature || packet.size() < 15) return {};
  if (packet[0] == 3) return ToHex(packet.subspan(7, 8));
  if (packet[0] != 4) return {};
  packet = packet.subspan(4);
  for (int area = 0; area < 2; ++area) {  // signed subpackets, then the others
    if (packet.size() < 2) return {};
    const std::size_t size = LoadBig<std::uint16_t>(packet);
    if (packet.size() - 2 < size) return {};
    if (std::string issuer = FindIssuer(packet.subspan(2, size)); !issuer.empty()) return issuer;
    packet = packet.subspan(2 + size);
  }
  return {};
}

Result<model::Package> MakeRpmPackage(const RpmIdentity& identity, const RpmContext& context) {
  model::Package package;
  package.name = CleanText(identity.name);
  const std::string version = CleanText(identity.version), release = CleanText(identity.release);
  if (package.name.empty() || version.empty())
    return Fail(ErrorKind::kCorrupt,
                Format("package \"{}\" without a {}", package.name, package.name.empty() ? "name" : "version"));
  const std::string version_release = release.empty() ? version : version + "-" + release;
  package.version = identity.epoch ? Format("{}:{}", *identity.epoch, version_release) : version_release;
  package.type = "rpm";
  package.version_scheme = "rpm";
  package.architecture = CleanText(identity.architecture);
  package.module_label = CleanText(identity.module_label);
  if (auto upstream = model::ParseSourceRpm(CleanText(identity.source_rpm))) {
    // The name of a source package has no epoch: where the rest is the same, the package's own version says more.
    if (upstream->version == version_release) upstream->version.clear();
    package.upstreams.push_back(*std::move(upstream));
  }
  SetPurl(identity, context, package);
  return package;
}

Result<model::Package> ParseRpmPackage(const RpmHeader& header, const RpmContext& context, RpmBudget& budget) {
  HF_TRY(model::Package package, MakeRpmPackage({.name = header.Text(RpmTag::kName),
                                                 .version = header.Text(RpmTag::kVersion),
                                                 .release = header.Text(RpmTag::kRelease),
                                                 .architecture = header.Text(RpmTag::kArch),
                                                 .source_rpm = header.Text(RpmTag::kSourceRpm),
                                                 .module_label = header.Text(RpmTag::kModularityLabel),
                                                 .epoch = header.Number(RpmTag::kEpoch)},
                                                context));
  package.supplier = CleanText(header.Text(RpmTag::kVendor));
  package.homepage = CleanText(header.Text(RpmTag::kUrl));
  if (std::string license = CleanText(header.Text(RpmTag::kLicense)); !license.empty())
    package.licenses.push_back({std::move(license), ""});
  package.depends = Capabilities(header.Strings(RpmTag::kRequireName), budget);
  package.provides = Capabilities(header.Strings(RpmTag::kProvideName), budget);
  AddFiles(header, context.root, budget, package);

  const auto add = [&](std::string_view key, std::string value) {
    if (!value.empty()) package.attributes.emplace_back(key, std::move(value));
  };
  std::string key_id = SignatureKeyId(header.Binary(RpmTag::kRsaHeader));
  if (key_id.empty()) key_id = SignatureKeyId(header.Binary(RpmTag::kDsaHeader));
  const auto size = header.Number(RpmTag::kSize);
  add("rpm:build-time", DecimalOrEmpty(header.Number(RpmTag::kBuildTime)));
  add("rpm:group", CleanText(header.Text(RpmTag::kGroup)));
  add("rpm:packager", CleanText(header.Text(RpmTag::kPackager)));
  add("rpm:signature-key", std::move(key_id));
  add("rpm:size", DecimalOrEmpty(size ? size : header.Number(RpmTag::kLongSize)));
  add("rpm:source-rpm", CleanText(header.Text(RpmTag::kSourceRpm)));
  add("rpm:summary", CleanText(header.Text(RpmTag::kSummary)));
  return package;
}

}  // namespace holdfast::catalog
