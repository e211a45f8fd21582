#include "image/platform.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/format.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kPlatformBytesMax = 128;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

bool IsPart(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

// The number of "v7", "7"; 0 for anything else.
int VariantNumber(std::string_view variant) {
  if (variant.starts_with('v')) variant.remove_prefix(1);
  return variant.size() == 1 && variant[0] >= '1' && variant[0] <= '9' ? variant[0] - '0' : 0;
}

// "10.0.17763.1" → "10.0.17763"
std::string_view WindowsBuild(std::string_view version) {
  std::size_t end = 0;
  for (int part = 0; part < 3 && end != std::string_view::npos; ++part) end = version.find('.', end == 0 ? 0 : end + 1);
  return version.substr(0, end);
}

}  // namespace

Platform Platform::Normalised() const {
  Platform platform{Lower(os), Lower(architecture), Lower(variant), os_version};
  if (platform.os == "macos") platform.os = "darwin";
  std::string& arch = platform.architecture;
  std::string& kind = platform.variant;
  if (arch == "i386" || arch == "i486" || arch == "i586" || arch == "i686") {
    arch = "386";
    kind.clear();
  } else if (arch == "x86_64" || arch == "x86-64" || arch == "amd64") {
    arch = "amd64";
    if (kind == "v1") kind.clear();
  } else if (arch == "aarch64" || arch == "arm64") {
    arch = "arm64";
    if (kind == "8" || kind == "v8") kind.clear();
  } else if (arch == "armhf" || arch == "armel") {
    kind = arch == "armhf" ? "v7" : "v6";
    arch = "arm";
  } else if (arch == "arm") {
    if (kind.empty()) kind = "v7";
    if (kind.size() == 1) kind.insert(0, "v");
  }
  return platform;
}

Result<Platform> Platform::Parse(std::string_view text) {
  const auto invalid = [&] {
    return Fail(ErrorKind::kInvalidInput, Format("'{}' is not a platform; expected os/arch[/variant]", text));
  };
  if (text.size() > kPlatformBytesMax) return Fail(ErrorKind::kInvalidInput, "the platform is too long");
  Platform platform;
  std::string_view rest = text;
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    platform.os_version = rest.substr(colon + 1);
    if (!IsPart(platform.os_version)) return invalid();
    rest = rest.substr(0, colon);
  }
  std::vector<std::string> parts;
  while (true) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    parts.push_back(Lower(part));
    if (!IsPart(parts.back()) || parts.size() > 3) return invalid();
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
  }
  // A lone word is an architecture, unless it is an operating system.
  const bool lone_os = parts[0] == "linux" || parts[0] == "windows" || parts[0] == "darwin";
  if (parts.size() == 1 && !lone_os) parts.insert(parts.begin(), "linux");
  platform.os = parts[0];
  platform.architecture = parts.size() > 1 ? parts[1] : Host().architecture;
  if (parts.size() > 2) platform.variant = parts[2];
  return platform.Normalised();
}

Platform Platform::Host() {
#if defined(__x86_64__)
  constexpr std::string_view kArchitecture = "amd64";
#elif defined(__aarch64__)
  constexpr std::string_view kArchitecture = "arm64";
#elif defined(__arm__)
  constexpr std::string_view kArchitecture = "arm";
#elif defined(__i386__)
  constexpr std::string_view kArchitecture = "386";
#elif defined(__riscv)
  constexpr std::string_view kArchitecture = "riscv64";
#elif defined(__s390x__)
  constexpr std::string_view kArchitecture = "s390x";
#elif defined(__powerpc64__)
  constexpr std::string_view kArchitecture = "ppc64le";
#else
#error "name this processor as the Go tool chain does"
#endif
  return Platform{.os = "linux", .architecture = std::string(kArchitecture)}.Normalised();
}

std::string Platform::Text() const {
  std::string text = (os.empty() ? "unknown" : os) + "/" + (architecture.empty() ? "unknown" : architecture);
  if (!variant.empty()) text += "/" + variant;
  if (!os_version.empty()) text += ":" + os_version;
  return text;
}

std::optional<int> MatchPlatform(const Platform& wanted_raw, const Platform& offered_raw) {
  const Platform wanted = wanted_raw.Normalised();
  const Platform offered = offered_raw.Normalised();
  if (wanted.os != offered.os || wanted.architecture != offered.architecture) return std::nullopt;
  if (!wanted.os_version.empty() && WindowsBuild(wanted.os_version) != WindowsBuild(offered.os_version))
    return std::nullopt;
  if (wanted.variant == offered.variant) return 0;
  // arm64 without variant is v8, amd64 without is v1.
  const int base = wanted.architecture == "arm64" ? 8 : wanted.architecture == "amd64" ? 1 : 0;
  const int want = wanted.variant.empty() ? base : VariantNumber(wanted.variant);
  const int have = offered.variant.empty() ? base : VariantNumber(offered.variant);
  if (want == 0 || have == 0 || have > want) return std::nullopt;
  return want - have;
}

}  // namespace holdfast::image
