// os-release(5) is a shell fragment of assignments: one a line, '#' comments, values bare or in single or double
// quotes, and in double quotes a backslash before $ " \ ` makes them literal. There is no expansion. Images from before
// about 2013 lack it, and what they have instead is older than any specification: a line for people ("CentOS release
// 6.10 (Final)"), a CPE name, or just a number.
#include "catalog/distro.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "base/limits.h"
#include "catalog/control_text.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kBytesMax = 64 * kKiB;
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kTextBytesMax = 256;
constexpr std::size_t kIdLikeMax = 16;

constexpr std::array kClaims = {
    Claim{"etc/os-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"usr/lib/os-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"usr/lib/os.release.d/*", EvidenceForm::kRaw, kBytesMax},
    Claim{"usr/lib/os-release.d/*", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/system-release-cpe", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/redhat-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/centos-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/system-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/SuSE-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/lsb-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/alpine-release", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/debian_version", EvidenceForm::kRaw, kBytesMax},
    Claim{"etc/apk/repositories", EvidenceForm::kRaw, kBytesMax},
};

// How the older files name a distribution, and what its os-release says since.
struct KnownName {
  std::string_view name;  // start of the release line, or vendor in a CPE name
  std::string_view id;
  std::string_view id_like;
};
constexpr std::array kReleaseLines = {
    KnownName{"Red Hat Enterprise Linux", "rhel", "fedora"},
    KnownName{"CentOS", "centos", "rhel fedora"},
    KnownName{"Fedora", "fedora", ""},
    KnownName{"Rocky Linux", "rocky", "rhel centos fedora"},
    KnownName{"AlmaLinux", "almalinux", "rhel centos fedora"},
    KnownName{"Oracle Linux", "ol", "fedora"},
    KnownName{"Scientific Linux", "scientific", "rhel centos fedora"},
    KnownName{"Amazon Linux", "amzn", "centos rhel fedora"},
};
constexpr std::array kCpeVendors = {
    KnownName{"redhat", "rhel", "fedora"},
    KnownName{"centos", "centos", "rhel fedora"},
    KnownName{"fedoraproject", "fedora", ""},
    KnownName{"rocky", "rocky", "rhel centos fedora"},
    KnownName{"almalinux", "almalinux", "rhel centos fedora"},
    KnownName{"oracle", "ol", "fedora"},
    KnownName{"scientificlinux", "scientific", "rhel centos fedora"},
    KnownName{"amazon", "amzn", "centos rhel fedora"},
};
constexpr std::array kSuseProducts = {
    KnownName{"SUSE Linux Enterprise Server", "sles", "suse"},
    KnownName{"SUSE Linux Enterprise Desktop", "sled", "suse"},
    KnownName{"openSUSE", "opensuse", "suse"},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool StartsWithDigit(std::string_view text) { return !text.empty() && IsDigit(text.front()); }

std::string CleanId(std::string_view text) {
  std::string id;
  for (const char c : LowerCase(text.substr(0, 4 * kIdBytesMax)))
    if ((c >= 'a' && c <= 'z') || IsDigit(c) || c == '.' || c == '_' || c == '-') id += c;
  id.resize(std::min(id.size(), kIdBytesMax));
  return id;
}

std::vector<std::string> CleanIds(std::string_view text) {
  std::vector<std::string> ids;
  while (!text.empty() && ids.size() < kIdLikeMax)
    if (std::string id = CleanId(TakeUntil(text, ' ')); !id.empty()) ids.push_back(std::move(id));
  return ids;
}

std::string CleanLine(std::string_view text) { return CleanText(text, kTextBytesMax); }

std::string Unquote(std::string_view value) {
  value = Trim(value);
  if (value.size() < 2 || (value.front() != '"' && value.front() != '\'') || value.back() != value.front())
    return std::string(value);
  const bool escapes = value.front() == '"';
  value = value.substr(1, value.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (escapes && value[i] == '\\' && i + 1 < value.size() &&
        std::string_view("$\"\\`").find(value[i + 1]) != std::string_view::npos)
      ++i;
    plain += value[i];
  }
  return plain;
}

// Calls `each(key, value)` for every assignment.
template <typename Each>
void ForEachAssignment(std::string_view text, Each each) {
  while (!text.empty()) {
    const std::string_view line = Trim(TakeLine(text));
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    each(Trim(line.substr(0, equals)), Unquote(line.substr(equals + 1)));
  }
}

std::string ReadOr(const EvidenceTree& tree, std::string_view path) {
  const EvidenceFile* file = tree.Find(path);
  if (file == nullptr) return {};
  return tree.Read(*file, kBytesMax).value_or(std::string());
}

std::string FirstLine(const EvidenceTree& tree, std::string_view path) {
  const std::string text = ReadOr(tree, path);
  const std::string_view trimmed = Trim(text);
  return CleanLine(trimmed.substr(0, trimmed.find('\n')));
}

model::Distro Named(const KnownName& name) {
  model::Distro distro;
  distro.id = name.id;
  distro.id_like = CleanIds(name.id_like);
  return distro;
}

// "CentOS release 6.10 (Final)", "Red Hat Enterprise Linux Server release 7.9 (Maipo)"
model::Distro FromReleaseLine(const std::string& line) {
  constexpr std::string_view kRelease = " release ";
  const std::size_t release = line.find(kRelease);
  if (release == std::string::npos) return {};
  const auto known = std::ranges::find_if(kReleaseLines, [&](const auto& name) { return line.starts_with(name.name); });
  model::Distro distro;
  if (known != kReleaseLines.end())
    distro = Named(*known);
  else
    distro.id = CleanId(line.substr(0, line.find(' ')));
  distro.pretty_name = line;
  std::string_view rest = std::string_view(line).substr(release + kRelease.size());
  const std::string_view version = TakeUntil(rest, ' ');
  if (StartsWithDigit(version)) distro.version_id = version;
  if (const std::size_t open = rest.find('('); open != std::string_view::npos)
    distro.version_codename = Trim(rest.substr(open + 1, rest.find(')', open) - open - 1));
  return distro;
}

// "cpe:/o:centos:linux:6:GA", "cpe:2.3:o:amazon:amazon_linux:2"
model::Distro FromCpe(const std::string& line) {
  std::string_view rest = line;
  if (rest.starts_with("cpe:/o:"))
    rest.remove_prefix(std::string_view("cpe:/o:").size());
  else if (rest.starts_with("cpe:2.3:o:"))
    rest.remove_prefix(std::string_view("cpe:2.3:o:").size());
  else
    return {};
  const std::string vendor = CleanId(TakeUntil(rest, ':'));
  std::ignore = TakeUntil(rest, ':');
  const std::string_view version = TakeUntil(rest, ':');
  const auto known = std::ranges::find_if(kCpeVendors, [&](const auto& name) { return vendor == name.name; });
  model::Distro distro;
  if (known != kCpeVendors.end())
    distro = Named(*known);
  else
    distro.id = vendor;
  if (StartsWithDigit(version)) distro.version_id = version;
  distro.cpe_name = line;
  return distro;
}

// "SUSE Linux Enterprise Server 11 (x86_64)", then "VERSION = 11" and "PATCHLEVEL = 4"
model::Distro FromSuseRelease(std::string_view text) {
  std::string_view rest = text;
  const std::string line = CleanLine(TakeLine(rest));
  const auto known = std::ranges::find_if(kSuseProducts, [&](const auto& name) { return line.starts_with(name.name); });
  if (known == kSuseProducts.end()) return {};
  model::Distro distro = Named(*known);
  distro.pretty_name = line;
  std::string patch_level;
  ForEachAssignment(rest, [&](std::string_view key, const std::string& value) {
    if (key == "VERSION") distro.version_id = CleanLine(value);
    if (key == "PATCHLEVEL") patch_level = CleanLine(value);
    if (key == "CODENAME") distro.version_codename = CleanLine(value);
  });
  if (!patch_level.empty() && patch_level != "0") distro.version_id += "." + patch_level;
  return distro;
}

model::Distro FromLsbRelease(std::string_view text) {
  model::Distro distro;
  ForEachAssignment(text, [&](std::string_view key, const std::string& value) {
    if (key == "DISTRIB_ID") distro.id = CleanId(value);
    if (key == "DISTRIB_RELEASE") distro.version_id = CleanLine(value);
    if (key == "DISTRIB_CODENAME") distro.version_codename = CleanLine(value);
    if (key == "DISTRIB_DESCRIPTION") distro.pretty_name = CleanLine(value);
  });
  if (distro.id == "ubuntu") distro.id_like = {"debian"};
  return distro;
}

model::Distro Simple(std::string_view id, std::string_view version, std::string_view title) {
  model::Distro distro;
  distro.id = id;
  distro.version_id = version;
  distro.pretty_name = version.empty() ? std::string(title) : std::string(title) + " " + std::string(version);
  return distro;
}

// The "3.20" of "https://dl-cdn.alpinelinux.org/alpine/v3.20/main"; lines that start with '@' are extra
// repositories for chosen packages (apk-repositories(5)) and say nothing of the whole.
model::Distro FromApkRepositories(std::string_view text) {
  constexpr std::string_view kAlpine = "/alpine/";
  bool edge = false;
  while (!text.empty()) {
    const std::string_view line = Trim(TakeLine(text));
    if (line.starts_with('#') || line.starts_with('@')) continue;
    const std::size_t at = line.find(kAlpine);
    if (at == std::string_view::npos) continue;
    std::string_view rest = line.substr(at + kAlpine.size());
    const std::string branch = CleanLine(TakeUntil(rest, '/'));
    if (branch.starts_with('v') && StartsWithDigit(std::string_view(branch).substr(1)))
      return Simple("alpine", branch.substr(1), "Alpine Linux");
    edge = edge || branch == "edge" || branch == "latest-stable";
  }
  return edge ? Simple("alpine", "", "Alpine Linux") : model::Distro();
}

bool IsOsReleasePart(std::string_view path) {
  return path.starts_with("usr/lib/os.release.d/") || path.starts_with("usr/lib/os-release.d/");
}

model::Distro FromAnyOsRelease(const EvidenceTree& tree) {
  for (const std::string_view path : {"etc/os-release", "usr/lib/os-release"})
    if (model::Distro distro = ParseOsRelease(ReadOr(tree, path)); distro.Known()) return distro;
  for (const EvidenceFile& file : tree.Files()) {
    if (!IsOsReleasePart(file.path)) continue;
    model::Distro distro = ParseOsRelease(tree.Read(file, kBytesMax).value_or(std::string()));
    if (distro.Known()) return distro;
  }
  return {};
}

// Takes `precise` when it says the same as the version and more: "12" and "12.8", or nothing and anything.
void Refine(std::string& version, std::string_view precise) {
  if (StartsWithDigit(precise) && (version.empty() || precise.starts_with(version + "."))) version = precise;
}

// The CPE name of CentOS 6 says "6", the line for people says "6.10".
model::Distro FromRedHatKin(const EvidenceTree& tree) {
  if (model::Distro distro = FromCpe(FirstLine(tree, "etc/system-release-cpe")); distro.Known()) {
    Refine(distro.version_id, FromReleaseLine(FirstLine(tree, "etc/redhat-release")).version_id);
    return distro;
  }
  for (const std::string_view path : {"etc/redhat-release", "etc/centos-release", "etc/system-release"})
    if (model::Distro distro = FromReleaseLine(FirstLine(tree, path)); distro.Known()) return distro;
  return {};
}

// Debian before os-release; testing writes "trixie/sid".
model::Distro FromDebianVersion(const std::string& line) {
  if (StartsWithDigit(line)) return Simple("debian", line, "Debian GNU/Linux");
  const std::size_t slash = line.find("/sid");
  if (slash == std::string::npos) return {};
  model::Distro distro = Simple("debian", "", "Debian GNU/Linux");
  distro.version_codename = line.substr(0, slash);
  return distro;
}

model::Distro FromOlderFiles(const EvidenceTree& tree) {
  if (model::Distro distro = FromRedHatKin(tree); distro.Known()) return distro;
  if (model::Distro distro = FromSuseRelease(ReadOr(tree, "etc/SuSE-release")); distro.Known()) return distro;
  if (model::Distro distro = FromLsbRelease(ReadOr(tree, "etc/lsb-release")); distro.Known()) return distro;
  if (const std::string line = FirstLine(tree, "etc/alpine-release"); StartsWithDigit(line))
    return Simple("alpine", line, "Alpine Linux");
  if (model::Distro distro = FromDebianVersion(FirstLine(tree, "etc/debian_version")); distro.Known()) return distro;
  if (model::Distro distro = FromApkRepositories(ReadOr(tree, "etc/apk/repositories")); distro.Known()) return distro;
  if (tree.Exists("bin/busybox")) return Simple("busybox", "", "BusyBox");
  return {};
}

}  // namespace

std::span<const Claim> DistroClaims() { return kClaims; }

model::Distro ParseOsRelease(std::string_view text) {
  model::Distro distro;
  ForEachAssignment(text, [&](std::string_view key, const std::string& value) {
    if (key == "ID") distro.id = CleanId(value);
    if (key == "ID_LIKE") distro.id_like = CleanIds(value);
    if (key == "VERSION_ID") distro.version_id = CleanLine(value);
    if (key == "VERSION_CODENAME") distro.version_codename = CleanLine(value);
    if (key == "PRETTY_NAME") distro.pretty_name = CleanLine(value);
    if (key == "CPE_NAME") distro.cpe_name = CleanLine(value);
  });
  return distro;
}

std::string DistroQualifier(const model::Distro& distro) {
  if (!distro.Known()) return {};
  std::string_view release = distro.version_id;
  if (distro.id == "debian") release = release.substr(0, release.find('.'));
  if (release.empty()) release = distro.version_codename;
  return release.empty() ? distro.id : distro.id + "-" + std::string(release);
}

model::Distro DetectDistro(const EvidenceTree& tree) {
  model::Distro distro = FromAnyOsRelease(tree);
  if (!distro.Known()) distro = FromOlderFiles(tree);
  if (distro.id == "debian") Refine(distro.version_id, FirstLine(tree, "etc/debian_version"));
  if (distro.id == "alpine") Refine(distro.version_id, FirstLine(tree, "etc/alpine-release"));
  return distro;
}

}  // namespace holdfast::catalog