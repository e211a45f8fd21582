// Parsing goes from the right, as the specification tells ("How to parse a purl string"): subpath,
// qualifiers, scheme, type, version, name, namespace. Names of some types have rules of their own, in
// kTypeRules. Tested by the specification's own suite.

#include "model/purl.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/format.h"

namespace holdfast::model {
namespace {

enum Rule : std::uint16_t {
  kLowerNamespace = 1,
  kLowerName = 2,
  kLowerVersion = 4,
  kDashName = 8,         // '_' is '-'
  kUnderscoreName = 16,  // '-' is '_'
  kNeedsNamespace = 32,
  kNoNamespace = 64,
  kNeedsVersion = 128,
};

struct TypeRule {
  std::string_view type;
  unsigned rules;
};
constexpr std::array kTypeRules = {
    TypeRule{"alpm", kLowerNamespace | kLowerName},
    TypeRule{"apk", kLowerNamespace | kLowerName},
    TypeRule{"bitbucket", kLowerNamespace | kLowerName},
    TypeRule{"bitnami", kLowerName},
    TypeRule{"brew", kLowerNamespace | kLowerName},
    TypeRule{"cargo", kNoNamespace},
    TypeRule{"chrome-extension", kNoNamespace},
    TypeRule{"cocoapods", kNoNamespace},
    TypeRule{"composer", kLowerNamespace | kLowerName | kNeedsNamespace},
    TypeRule{"conda", kNoNamespace},
    TypeRule{"cran", kNoNamespace},
    TypeRule{"deb", kLowerNamespace | kLowerName},
    TypeRule{"gem", kNoNamespace},
    TypeRule{"github", kLowerNamespace | kLowerName},
    TypeRule{"golang", kLowerNamespace | kLowerName},
    TypeRule{"hackage", kNoNamespace},
    TypeRule{"hex", kLowerNamespace | kLowerName},
    TypeRule{"huggingface", kLowerVersion},
    TypeRule{"julia", kNoNamespace},
    TypeRule{"luarocks", kLowerNamespace | kLowerName | kLowerVersion},
    TypeRule{"mlflow", kNoNamespace},
    TypeRule{"npm", kLowerNamespace | kLowerName},
    TypeRule{"nuget", kNoNamespace},
    TypeRule{"oci", kLowerName | kNoNamespace},
    TypeRule{"opam", kNoNamespace},
    TypeRule{"otp", kLowerName | kNoNamespace},
    TypeRule{"pub", kLowerName | kUnderscoreName | kNoNamespace},
    TypeRule{"pypi", kLowerName | kDashName | kNoNamespace},
    TypeRule{"qpkg", kLowerNamespace},
    TypeRule{"rpm", kLowerNamespace},
    TypeRule{"swift", kNeedsNamespace | kNeedsVersion},
    TypeRule{"vcpkg", kNoNamespace},
    TypeRule{"vscode-extension", kLowerNamespace | kLowerName | kLowerVersion | kNeedsNamespace},
};

unsigned RulesOf(std::string_view type) {
  const auto found =
      std::find_if(kTypeRules.begin(), kTypeRules.end(), [&](const TypeRule& rule) { return rule.type == type; });
  return found == kTypeRules.end() ? 0 : found->rules;
}

char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

void Lower(std::string& text) { std::transform(text.begin(), text.end(), text.begin(), LowerChar); }

std::optional<int> HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (LowerChar(c) >= 'a' && LowerChar(c) <= 'f') return LowerChar(c) - 'a' + 10;
  return std::nullopt;
}

std::string Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) && HexValue(text[i + 2])) {
      decoded.push_back(static_cast<char>(*HexValue(text[i + 1]) << 4 | *HexValue(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

// Everything but letters, digits, ".-_~" and ':' (purl-spec, "Rules for each purl component").
void Encode(std::string_view text, std::string& out) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsAlnum(c) || c == '.' || c == '-' || c == '_' || c == '~' || c == ':') {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

template <typename Visit>
void ForEachSegment(std::string_view path, char separator, Visit visit) {
  while (!path.empty()) {
    const std::size_t end = path.find(separator);
    if (const auto segment = path.substr(0, end); !segment.empty()) visit(segment);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
}

// Segments joined again by single slashes; `dots`: "." and ".." are left out, as in subpaths.
std::string JoinSegments(std::string_view path, bool decode, bool dots) {
  std::string joined;
  ForEachSegment(path, '/', [&](std::string_view raw) {
    const std::string segment = decode ? Decode(raw) : std::string(raw);
    if (segment.empty() || (dots && (segment == "." || segment == ".."))) return;
    if (!joined.empty()) joined.push_back('/');
    joined.append(segment);
  });
  return joined;
}

void EncodeSegments(std::string_view path, std::string& out) {
  bool first = true;
  ForEachSegment(path, '/', [&](std::string_view segment) {
    if (!first) out.push_back('/');
    first = false;
    Encode(segment, out);
  });
}

bool IsType(std::string_view type) {
  if (type.empty() || (type.front() >= '0' && type.front() <= '9')) return false;
  return std::all_of(type.begin(), type.end(), [](char c) { return IsAlnum(c) || c == '.' || c == '+' || c == '-'; });
}

bool IsQualifierKey(std::string_view key) {
  if (key.empty() || !(LowerChar(key.front()) >= 'a' && LowerChar(key.front()) <= 'z')) return false;
  return std::all_of(key.begin(), key.end(), [](char c) { return IsAlnum(c) || c == '.' || c == '-' || c == '_'; });
}

std::unexpected<Error> Invalid(std::string_view what) {
  return Fail(ErrorKind::kInvalidInput, Format("not a package URL: {}", what));
}

void ApplyRules(Purl& purl, unsigned rules) {
  if ((rules & kLowerNamespace) != 0) Lower(purl.name_space);
  if ((rules & kLowerName) != 0) Lower(purl.name);
  if ((rules & kLowerVersion) != 0) Lower(purl.version);
  if ((rules & kDashName) != 0) std::replace(purl.name.begin(), purl.name.end(), '_', '-');
  if ((rules & kUnderscoreName) != 0) std::replace(purl.name.begin(), purl.name.end(), '-', '_');
  // Databricks' model registry is case-insensitive, the other MLflow registries are not.
  if (purl.type == "mlflow" && purl.Qualifier("repository_url").find("azuredatabricks") != std::string_view::npos)
    Lower(purl.name);
}

Result<void> CheckRules(const Purl& purl, unsigned rules) {
  if ((rules & kNeedsNamespace) != 0 && purl.name_space.empty()) return Invalid("this type needs a namespace");
  if ((rules & kNoNamespace) != 0 && !purl.name_space.empty()) return Invalid("this type has no namespace");
  if ((rules & kNeedsVersion) != 0 && purl.version.empty()) return Invalid("this type needs a version");
  if (purl.type == "cpan" && purl.name.find("::") != std::string::npos) return Invalid("a module, not a distribution");
  return {};
}

Result<void> ParseQualifiers(std::string_view text, Purl& purl) {
  bool valid = true;
  ForEachSegment(text, '&', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      valid = false;
      return;
    }
    purl.qualifiers.emplace_back(pair.substr(0, equals), Decode(pair.substr(equals + 1)));
  });
  if (!valid) return Invalid("a qualifier without a key or a value");
  return {};
}

}  // namespace

Result<Purl> Purl::Make(Purl purl) {
  Lower(purl.type);
  if (!IsType(purl.type)) return Invalid("no valid type");
  purl.name_space = JoinSegments(purl.name_space, false, false);
  purl.subpath = JoinSegments(purl.subpath, false, true);
  while (purl.name.starts_with('/')) purl.name.erase(0, 1);
  while (purl.name.ends_with('/')) purl.name.pop_back();
  if (purl.name.empty()) return Invalid("no name");
  for (auto& [key, value] : purl.qualifiers) {
    if (!IsQualifierKey(key)) return Invalid("an invalid qualifier key");
    Lower(key);
  }
  std::erase_if(purl.qualifiers, [](const auto& pair) { return pair.second.empty(); });
  std::sort(purl.qualifiers.begin(), purl.qualifiers.end());
  for (std::size_t i = 1; i < purl.qualifiers.size(); ++i)
    if (purl.qualifiers[i].first == purl.qualifiers[i - 1].first) return Invalid("a qualifier twice");
  const unsigned rules = RulesOf(purl.type);
  ApplyRules(purl, rules);
  HF_CHECK_OK(CheckRules(purl, rules));
  return purl;
}

Result<Purl> Purl::Parse(std::string_view text) {
  Purl purl;
  if (const std::size_t hash = text.rfind('#'); hash != std::string_view::npos) {
    purl.subpath = JoinSegments(text.substr(hash + 1), true, true);
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.rfind('?'); mark != std::string_view::npos) {
    HF_CHECK_OK(ParseQualifiers(text.substr(mark + 1), purl));
    text = text.substr(0, mark);
  }
  static constexpr std::string_view kScheme = "pkg:";
  if (text.size() < kScheme.size() ||
      !std::equal(kScheme.begin(), kScheme.end(), text.begin(), [](char a, char b) { return a == LowerChar(b); }))
    return Invalid("it does not start with pkg:");
  text.remove_prefix(kScheme.size());
  while (text.starts_with('/')) text.remove_prefix(1);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return Invalid("no type");
  purl.type = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  // An '@' before the last '/' belongs to the namespace: npm scopes are often written unencoded.
  if (const std::size_t at = text.rfind('@');
      at != std::string_view::npos && text.find('/', at) == std::string_view::npos) {
    purl.version = Decode(text.substr(at + 1));
    text = text.substr(0, at);
  }
  const std::size_t last = text.rfind('/');
  purl.name = Decode(text.substr(last == std::string_view::npos ? 0 : last + 1));
  if (last != std::string_view::npos) purl.name_space = JoinSegments(text.substr(0, last), true, false);
  return Make(std::move(purl));
}

std::string Purl::Text() const {
  std::string text = "pkg:" + type + "/";
  if (!name_space.empty()) {
    EncodeSegments(name_space, text);
    text.push_back('/');
  }
  Encode(name, text);
  if (!version.empty()) {
    text.push_back('@');
    Encode(version, text);
  }
  char separator = '?';
  for (const auto& [key, value] : qualifiers) {
    text.push_back(separator);
    separator = '&';
    text.append(key).push_back('=');
    Encode(value, text);
  }
  if (!subpath.empty()) {
    text.push_back('#');
    EncodeSegments(subpath, text);
  }
  return text;
}

std::string_view Purl::Qualifier(std::string_view key) const {
  for (const auto& [own_key, value] : qualifiers)
    if (own_key == key) return value;
  return {};
}

}  // namespace holdfast::model
