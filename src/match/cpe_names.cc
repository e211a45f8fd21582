#include "match/cpe_names.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::match {
namespace {

using Names = std::set<CpeName>;

constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kGroupPartsMax = 8;

// Products of distributions' packages whose vendor is not called like them, in NVD's dictionary. By package.
constexpr auto kKnownProducts = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"apache2", "apache:http_server"},
    {"bash", "gnu:bash"},
    {"bind", "isc:bind"},
    {"bind9", "isc:bind"},
    {"binutils", "gnu:binutils"},
    {"cups", "openprinting:cups"},
    {"curl", "haxx:curl"},
    {"dnsmasq", "thekelleys:dnsmasq"},
    {"expat", "libexpat_project:libexpat"},
    {"ghostscript", "artifex:ghostscript"},
    {"git", "git-scm:git"},
    {"glib2.0", "gnome:glib"},
    {"glibc", "gnu:glibc"},
    {"gnutls", "gnu:gnutls"},
    {"gnutls28", "gnu:gnutls"},
    {"go", "golang:go"},
    {"golang", "golang:go"},
    {"httpd", "apache:http_server"},
    {"krb5", "mit:kerberos_5"},
    {"libpng1.6", "libpng:libpng"},
    {"libxml2", "xmlsoft:libxml2"},
    {"mosquitto", "eclipse:mosquitto"},
    {"nginx", "f5:nginx"},
    {"nodejs", "nodejs:node.js"},
    {"openssh", "openbsd:openssh"},
    {"pcre2", "pcre:pcre2"},
    {"python3", "python:python"},
    {"rsync", "samba:rsync"},
    {"ruby", "ruby-lang:ruby"},
    {"sqlite3", "sqlite:sqlite"},
    {"systemd", "systemd_project:systemd"},
    {"tar", "gnu:tar"},
    {"tiff", "libtiff:libtiff"},
    {"unbound", "nlnetlabs:unbound"},
    {"util-linux", "kernel:util-linux"},
    {"wget", "gnu:wget"},
    {"xz", "tukaani:xz"},
    {"xz-utils", "tukaani:xz"},
});
static_assert(std::ranges::is_sorted(kKnownProducts));

// Words of Java's groups that name nobody.
constexpr std::array<std::string_view, 7> kDomains = {"com", "org", "net", "io", "de", "dev", "github"};

class Guesser {
 public:
  explicit Guesser(std::string version) : version_(std::move(version)) {}

  void Add(std::string_view vendor, std::string_view product) {
    const bool fits = !vendor.empty() && !product.empty() && vendor.size() + product.size() <= kNameBytesMax;
    if (fits && names_.size() < kCpeNamesMax)
      names_.insert({LowerCase(Format("{}:{}", vendor, product)), version_, {}});
  }
  // As vendors of a single product are called.
  void AddOwn(std::string_view name) {
    for (const std::string& product : Spellings(name)) {
      Add(product, product);
      Add(Format("{}_project", product), product);
    }
  }
  // The name itself, and with the other of '-' and '_'.
  static std::set<std::string> Spellings(std::string_view name) {
    std::set<std::string> spellings = {std::string(name)};
    std::string other(name);
    std::ranges::replace(other, '-', '_');
    spellings.insert(other);
    std::ranges::replace(other, '_', '-');
    spellings.insert(std::move(other));
    return spellings;
  }

  [[nodiscard]] Names Take() { return std::move(names_); }

 private:
  std::string version_;
  Names names_;
};

void GuessPython(std::string_view name, Guesser& guess) {
  guess.AddOwn(name);
  for (const std::string& product : Guesser::Spellings(name)) {
    guess.Add("python", product);
    guess.Add(Format("python-{}", product), product);
    guess.Add(product, Format("python-{}", product));
  }
  if (name == "pip" || name == "setuptools" || name == "virtualenv") guess.Add("pypa", name);
}

// "@scope/name": NVD has the name alone, or with its scope.
void GuessNpm(std::string_view name, Guesser& guess) {
  if (!name.starts_with('@')) return guess.AddOwn(name);
  std::string_view rest = name;
  const std::string_view scope = TakeUntil(rest, '/').substr(1);
  guess.AddOwn(rest);
  for (const std::string_view product : {rest, name}) {
    guess.Add(scope, product);
    guess.Add(Format("{}_project", rest), product);
  }
}

// "group:artifact". Groups are domains turned round: their parts name the vendor.
void GuessMaven(std::string_view name, Guesser& guess) {
  const std::string_view group = name.contains(':') ? name.substr(0, name.find(':')) : std::string_view();
  const std::string_view artifact = name.substr(name.rfind(':') + 1);
  guess.AddOwn(artifact);
  guess.Add(group, artifact);
  std::string_view rest = group;
  for (std::size_t i = 0; !rest.empty() && i < kGroupPartsMax; ++i) {
    const std::string_view part = TakeUntil(rest, '.');
    if (std::ranges::find(kDomains, part) == kDomains.end()) guess.Add(part, artifact);
  }
}

// "github.com/owner/repository/v2": owner and repository.
void GuessGo(std::string_view name, Guesser& guess) {
  if (name == "stdlib") return guess.Add("golang", "go");
  std::string_view rest = name;
  const std::string_view host = TakeUntil(rest, '/'), owner = TakeUntil(rest, '/'), repository = TakeUntil(rest, '/');
  if (repository.empty()) return guess.AddOwn(owner.empty() ? host : owner);
  for (const std::string& product : Guesser::Spellings(repository)) guess.Add(owner, product);
  guess.AddOwn(repository);
  if (host == "golang.org" && owner == "x") guess.Add("golang", repository);
}

// "vendor/name" of Packagist; of NuGet "Vendor.Name".
void GuessByVendor(std::string_view name, char separator, Guesser& guess) {
  const std::size_t place = name.find(separator);
  const std::string_view product = separator == '/' ? name.substr(place + 1) : name;
  guess.AddOwn(product);
  if (place != std::string_view::npos) guess.Add(name.substr(0, place), product);
}

void GuessDistro(std::string_view name, Guesser& guess) {
  guess.AddOwn(name);
  const auto* known =
      std::ranges::lower_bound(kKnownProducts, name, {}, &std::pair<std::string_view, std::string_view>::first);
  if (known == kKnownProducts.end() || known->first != name) return;
  guess.Add(known->second.substr(0, known->second.find(':')), known->second.substr(known->second.find(':') + 1));
}

void GuessNames(const model::Package& package, std::string_view name, Guesser& guess) {
  const std::string_view ecosystem = package.ecosystem;
  if (ecosystem == "PyPI") return GuessPython(name, guess);
  if (ecosystem == "npm") return GuessNpm(name, guess);
  if (ecosystem == "Maven") return GuessMaven(name, guess);
  if (ecosystem == "Go") return GuessGo(name, guess);
  if (ecosystem == "Packagist") return GuessByVendor(name, '/', guess);
  if (ecosystem == "NuGet") return GuessByVendor(name, '.', guess);
  if (ecosystem.empty()) return GuessDistro(name, guess);
  guess.AddOwn(name);
}

Names Guesses(const model::Package& package) {
  Guesser own(UpstreamVersion(package.version, package.version_scheme));
  GuessNames(package, package.name, own);
  for (std::size_t i = 0; i < std::min(package.advisory_names.size(), kCpeNamesMax); ++i)
    GuessNames(package, package.advisory_names[i], own);
  Names names = own.Take();
  for (std::size_t i = 0; i < std::min(package.upstreams.size(), kCpeNamesMax); ++i) {
    const model::Upstream& upstream = package.upstreams[i];
    Guesser source(
        UpstreamVersion(upstream.version.empty() ? package.version : upstream.version, package.version_scheme));
    GuessNames(package, upstream.name, source);
    names.merge(source.Take());
  }
  return names;
}

Names Stated(std::string_view texts, const model::Package& package) {
  Names names;
  for (std::string_view rest = texts; !rest.empty() && names.size() < kCpeNamesMax;) {
    const auto cpe = model::ParseCpe(TakeUntil(rest, ' '));
    if (!cpe || cpe->part == "h" || !model::IsStated(cpe->vendor) || !model::IsStated(cpe->product)) continue;
    CpeName name;
    name.product = model::ProductName(*cpe);
    name.version = UpstreamVersion(model::IsStated(cpe->version) ? model::VersionWithUpdate(*cpe) : package.version,
                                   package.version_scheme);
    if (model::IsStated(cpe->target_software)) name.target_software = cpe->target_software;
    names.insert(std::move(name));
  }
  return names;
}

}  // namespace

std::string UpstreamVersion(std::string_view version, std::string_view scheme) {
  if (scheme != "dpkg" && scheme != "rpm" && scheme != "apk") return std::string(version);
  if (scheme != "apk" && version.contains(':')) version.remove_prefix(version.find(':') + 1);
  if (const std::size_t dash = version.rfind('-'); dash != std::string_view::npos) version = version.substr(0, dash);
  for (const std::string_view added : {"+dfsg", "~dfsg", ".dfsg", "+ds", "~ds", "+repack", "+really"})
    version = version.substr(0, version.find(added));
  std::string upstream(version);
  std::ranges::replace(upstream, '~', '-');
  return upstream;
}

std::vector<CpeName> CpeNamesOf(const model::Package& package) {
  const auto stated =
      std::ranges::find(package.attributes, model::kCpesAttribute, &std::pair<std::string, std::string>::first);
  const Names names = stated != package.attributes.end() ? Stated(stated->second, package) : Guesses(package);
  std::vector<CpeName> list(names.begin(), names.end());
  if (list.size() > kCpeNamesMax) list.resize(kCpeNamesMax);
  return list;
}

}  // namespace holdfast::match
