#include "image/reference.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::image {
namespace {

constexpr std::string_view kDockerHub = "docker.io";
constexpr std::string_view kDockerHubAlias = "index.docker.io";
constexpr std::string_view kOfficialPrefix = "library/";
constexpr std::size_t kReferenceBytesMax = 1024;

constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool IsLowerAlnum(char c) { return IsLower(c) || IsDigit(c); }
constexpr bool IsAlnum(char c) { return IsLowerAlnum(c) || IsUpper(c); }

std::unexpected<Error> Invalid(std::string_view text, std::string_view why) {
  return Fail(ErrorKind::kInvalidInput, Format("'{}' is not an image reference: {}", text, why));
}

bool IsPort(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }

// Letters, digits and inner hyphens, in parts divided by dots.
bool IsDomainName(std::string_view text) {
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    if (part.empty() || part.front() == '-' || part.back() == '-') return false;
    if (!std::ranges::all_of(part, [](char c) { return IsAlnum(c) || c == '-'; })) return false;
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
  }
}

bool IsDomain(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    const std::string_view address = text.substr(1, close - 1);
    if (!std::ranges::all_of(address, [](char c) { return IsHex(c) || c == ':'; })) return false;
    const std::string_view rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return IsDomainName(text);
  return IsDomainName(text.substr(0, colon)) && IsPort(text.substr(colon + 1));
}

// Runs of [a-z0-9] divided by one of ".", "_", "__" or any number of "-".
bool IsPathComponent(std::string_view text) {
  std::size_t at = 0;
  const auto run = [&](auto&& predicate) {
    const std::size_t start = at;
    while (at < text.size() && predicate(text[at])) ++at;
    return at - start;
  };
  while (true) {
    if (run(IsLowerAlnum) == 0) return false;
    if (at == text.size()) return true;
    if (run([](char c) { return c == '-'; }) > 0) continue;
    const std::size_t underscores = run([](char c) { return c == '_'; });
    if (underscores > 2) return false;
    if (underscores > 0) continue;
    if (run([](char c) { return c == '.'; }) != 1) return false;
  }
}

bool IsPath(std::string_view text) {
  while (true) {
    const std::string_view part = text.substr(0, text.find('/'));
    if (!IsPathComponent(part)) return false;
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
  }
}

bool LooksLikeDomain(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos ||
         std::ranges::any_of(text, IsUpper);
}

bool IsImageId(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return IsHex(c) && !IsUpper(c); });
}

}  // namespace

bool IsTag(std::string_view text) {
  const auto word = [](char c) { return IsAlnum(c) || c == '_'; };
  if (text.empty() || text.size() > kTagBytesMax || !word(text.front())) return false;
  return std::ranges::all_of(text, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

Result<Reference> Reference::Parse(std::string_view text) {
  if (text.empty()) return Fail(ErrorKind::kInvalidInput, "an empty image reference");
  if (text.size() > kReferenceBytesMax) return Fail(ErrorKind::kInvalidInput, "the image reference is too long");
  if (IsImageId(text)) return Invalid(text, "64 hexadecimal digits are an image id, not a name");

  Reference reference;
  std::string_view rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    HF_TRY_IN(Format("reading '{}'", text), reference.digest, Digest::Parse(rest.substr(at + 1)));
    rest = rest.substr(0, at);
  }
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos && LooksLikeDomain(rest.substr(0, slash))) {
    reference.domain = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  } else {
    reference.domain = kDockerHub;
  }
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!IsTag(reference.tag)) return Invalid(text, "the tag is malformed");
  }
  if (reference.domain == kDockerHubAlias) reference.domain = kDockerHub;
  reference.path = rest;
  if (reference.domain == kDockerHub && rest.find('/') == std::string_view::npos)
    reference.path.insert(0, kOfficialPrefix);

  if (!IsDomain(reference.domain)) return Invalid(text, "the registry's name is malformed");
  if (rest.empty()) return Invalid(text, "the repository's name is missing");
  if (std::ranges::any_of(rest, IsUpper)) return Invalid(text, "the repository's name must be lower case");
  if (!IsPath(reference.path)) return Invalid(text, "the repository's name is malformed");
  if (reference.path.size() > kRepositoryPathBytesMax)
    return Invalid(text, Format("the repository's name is longer than {} characters", kRepositoryPathBytesMax));
  return reference;
}

std::string Reference::Text() const {
  std::string text = Name();
  if (!tag.empty()) text.append(":").append(tag);
  if (digest) text.append("@").append(digest->Text());
  return text;
}

std::string Reference::FamiliarName() const {
  if (domain != kDockerHub) return Name();
  // "library/foo/bar" keeps its prefix: without it, it would be read as another name.
  if (path.starts_with(kOfficialPrefix) && path.find('/', kOfficialPrefix.size()) == std::string::npos) {
    std::string name = path.substr(kOfficialPrefix.size());
    return IsImageId(name) ? Name() : name;
  }
  // "docker.io/localhost/a" shortened would name another registry.
  return LooksLikeDomain(path.substr(0, path.find('/'))) ? Name() : path;
}

std::string Reference::FamiliarText() const { return FamiliarName() + Text().substr(Name().size()); }

std::string Reference::ManifestKey() const { return digest ? digest->Text() : TagOrLatest(); }

std::string Reference::TagOrLatest() const { return tag.empty() && !digest ? "latest" : tag; }

}  // namespace holdfast::image
