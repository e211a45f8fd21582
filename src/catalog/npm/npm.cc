// npm writes an installed package's own package.json where require() looks for it. But a package may hold more of these
// files than its own: "esm/package.json" with nothing but {"type": "module"}, packages it was bundled with, and
// fixtures of its tests, which name packages that are not there. The place decides.
#include "catalog/npm/npm.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "base/limits.h"
#include "catalog/control_text.h"
#include "io/json.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kBytesMax = 4 * kMiB;
constexpr std::size_t kDependsMax = 10'000;  // of one package
constexpr std::size_t kLicensesMax = 100;

constexpr std::array kClaims = {Claim{"**/package.json", EvidenceForm::kRaw, kBytesMax}};
constexpr CatalogerInfo kInfo{.name = "npm-installed", .version = 1, .claims = kClaims};

constexpr std::array<std::string_view, 2> kDebianFolders = {"usr/share/nodejs/", "usr/lib/nodejs/"};
constexpr std::array<std::string_view, 9> kTestFolders = {
    "test", "tests", "__tests__", "fixture", "fixtures", "__fixtures__", "example", "examples", "benchmark"};

// `path` after the innermost folder of installed packages; nothing when it is in none.
std::optional<std::string_view> InsideModules(std::string_view path) {
  constexpr std::string_view kModules = "node_modules/";
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = path.rfind(kModules); at != std::string_view::npos && begin == std::string_view::npos;
       at = at == 0 ? std::string_view::npos : path.rfind(kModules, at - 1))
    if (at == 0 || path[at - 1] == '/') begin = at + kModules.size();
  if (begin != std::string_view::npos) return path.substr(begin);
  for (const std::string_view folder : kDebianFolders)
    if (path.starts_with(folder)) return path.substr(folder.size());
  return std::nullopt;
}

bool HasTestFolder(std::string_view path) {
  while (path.find('/') != std::string_view::npos)
    if (std::ranges::find(kTestFolders, TakeUntil(path, '/')) != kTestFolders.end()) return true;
  return false;
}

std::string Clean(io::JsonView value) { return CleanText(value.StringOr("")); }

void AddLicense(std::string license, model::Package& package) {
  const bool known = std::ranges::find(package.licenses, license, &model::License::value) != package.licenses.end();
  if (!license.empty() && !known && package.licenses.size() < kLicensesMax) package.licenses.push_back({license, ""});
}

// "MIT"; {"type": "MIT", "url": …}; an array of either.
void AddLicenses(io::JsonView value, model::Package& package) {
  const auto add_one = [&](io::JsonView one) {
    std::string license = Clean(one);
    for (const auto* key : {"type", "name", "url"})
      if (license.empty() && one.IsObject()) license = Clean(one[key]);
    AddLicense(std::move(license), package);
  };
  if (!value.IsArray()) return add_one(value);
  for (const io::JsonView one : value) add_one(one);
}

// "Name <mail> (url)"; {"name": …, "email": …}; an array of either, of which the first counts.
std::string Person(io::JsonView value) {
  if (value.IsArray()) value = value.At(0);
  if (!value.IsObject()) return Clean(value);
  std::string name = Clean(value["name"]);
  const std::string email = Clean(value["email"]);
  if (name.empty()) return email;
  return email.empty() ? name : name + " <" + email + ">";
}

std::string Homepage(io::JsonView value) {
  if (value.IsArray()) value = value.At(0);
  return Clean(value.IsObject() ? value["url"] : value);
}

// The name that a dependency has once installed: "npm:string-width@^4.2.0" under another name is string-width.
std::string RealName(std::string_view key, std::string_view range) {
  constexpr std::string_view kAlias = "npm:";
  if (!range.starts_with(kAlias)) return CleanText(key);
  range.remove_prefix(kAlias.size());
  return CleanText(range.substr(0, range.find('@', 1)));
}

void AddDepends(io::JsonView dependencies, model::Package& package) {
  if (!dependencies.IsObject()) return;
  const std::size_t count = std::min(dependencies.Size(), kDependsMax);
  for (std::size_t i = 0; i < count; ++i)
    if (std::string name = RealName(dependencies.KeyAt(i), dependencies.At(i).StringOr("")); !name.empty())
      package.depends.push_back(std::move(name));
}

model::Purl MakePurl(const model::Package& package) {
  model::Purl purl{.type = "npm", .name = package.name, .version = package.version};
  const std::size_t slash = package.name.find('/');
  if (package.name.starts_with('@') && slash != std::string::npos) {
    purl.name_space = package.name.substr(0, slash);
    purl.name = package.name.substr(slash + 1);
  }
  return model::Purl::Make(std::move(purl)).value_or(model::Purl());
}

bool HasDigit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<void> ParsePackageJson(const EvidenceFile& file, std::string_view text, PackageSink& sink) {
  const Place place = PlaceOf(file.path);
  if (place == Place::kIgnored) return {};
  if (constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf"; text.starts_with(kByteOrderMark))
    text.remove_prefix(kByteOrderMark.size());
  HF_TRY(const auto document, io::JsonDocument::Parse(text, {.bytes_max = kBytesMax}));
  const io::JsonView root = document.Root();
  model::Package package;
  package.name = Clean(root["name"]);
  package.version = Clean(root["version"]);
  // Templates have versions such as "VERSION"; a file without name or version names no package.
  if (package.name.empty() || !HasDigit(package.version)) return {};
  if (place == Place::kOther && root["private"].Bool().value_or(false)) return {};
  package.type = "npm";
  package.language = "javascript";
  package.version_scheme = "npm";
  package.ecosystem = "npm";
  package.purl = MakePurl(package);
  package.locations.push_back(file.Here());
  AddLicenses(root["license"], package);
  AddLicenses(root["licenses"], package);
  package.supplier = Person(root["author"]);
  if (package.supplier.empty()) package.supplier = Person(root["maintainers"]);
  package.homepage = Homepage(root["homepage"]);
  if (std::string description = Clean(root["description"]); !description.empty())
    package.attributes.emplace_back("npm:description", std::move(description));
  AddDepends(root["dependencies"], package);
  AddDepends(root["optionalDependencies"], package);
  sink.Add(std::move(package));
  return {};
}

}  // namespace

Place PlaceOf(std::string_view path) {
  if (path.starts_with("usr/share/doc/")) return Place::kIgnored;
  const auto inside = InsideModules(path);
  if (!inside) return Place::kOther;
  std::string_view rest = *inside;
  if (rest.starts_with('@')) std::ignore = TakeUntil(rest, '/');
  std::ignore = TakeUntil(rest, '/');  // NAME
  if (rest == "package.json") return Place::kInstalled;
  return HasTestFolder(rest) ? Place::kIgnored : Place::kOther;
}

std::unique_ptr<Cataloger> MakeNpmCataloger() { return FromParser(kInfo, ParsePackageJson); }

}  // namespace holdfast::catalog
