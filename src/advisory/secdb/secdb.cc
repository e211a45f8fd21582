// secfixes maps a fixed version to lines such as "CVE-2017-2620 XSA-209": the ids on one line are one
// vulnerability. Version "0" says that the package never was affected; it is kept as a statement without a
// range. A vulnerability fixed twice (the first fix was incomplete) gives two ranges, of which the later
// reaches further, so a version is safe from the last fix on.

#include "advisory/secdb/secdb.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kIdsInLineMax = 64;
constexpr std::size_t kFixesMax = 100'000;
constexpr std::size_t kPackagesMax = 200'000;
constexpr std::size_t kRangesMax = 1'000;  // of one vulnerability in one package

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == ':' || c == '.';
  });
}

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty() && words.size() < kIdsInLineMax) {
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    if (IsId(word)) words.emplace_back(word);
  }
  return words;
}

struct Publisher {
  std::string_view host;
  std::string_view ecosystem;
  std::string_view prefix;
  bool has_releases = false;
};
constexpr auto kPublishers = std::to_array<Publisher>({
    {"alpinelinux.org", "Alpine", "ALPINE-", true},
    {"packages.cgr.dev", "Chainguard", "CHAINGUARD-"},
    {"packages.mini.dev", "MinimOS", "MINIMOS-"},
    {"packages.wolfi.dev", "Wolfi", "WOLFI-"},
});

// The host of "https://packages.wolfi.dev/os".
std::string_view HostOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

const Publisher* FindPublisher(std::string_view url) {
  const std::string_view host = HostOf(url);
  const auto* found = std::ranges::find_if(kPublishers, [&](const Publisher& row) { return host.ends_with(row.host); });
  return found != kPublishers.end() ? found : nullptr;
}

std::string_view PrefixOf(std::string_view ecosystem) {
  return std::ranges::find(kPublishers, ecosystem, &Publisher::ecosystem)->prefix;
}

}  // namespace

bool LooksLikeSecdb(io::JsonView root) {
  return root.IsObject() && root["packages"].IsArray() && root["urlprefix"].IsString() && root["apkurl"].IsString();
}

Result<void> SecdbCollector::Add(io::JsonView root) {
  const std::string_view url = root["urlprefix"].StringOr("");
  const Publisher* publisher = FindPublisher(url);
  if (publisher == nullptr)
    return Fail(ErrorKind::kUnsupported, Format("secdb document of a publisher at \"{}\"", CleanText(url, 100)));
  const std::string release(publisher->has_releases ? root["distroversion"].StringOr("") : "");
  const io::JsonView packages = root["packages"];
  if (!packages.IsArray()) return Fail(ErrorKind::kCorrupt, "secdb document without packages");
  if (publisher->has_releases && release.empty())
    return Fail(ErrorKind::kCorrupt, "secdb document without distroversion");
  if (packages.Size() > kPackagesMax) return Fail(ErrorKind::kLimit, "secdb document with too many packages");
  for (const io::JsonView package : packages)
    if (!AddPackage(package["pkg"], std::string(publisher->ecosystem), release)) ++broken_packages_;
  return {};
}

Result<void> SecdbCollector::AddPackage(io::JsonView package, const std::string& ecosystem,
                                        const std::string& release) {
  const std::string name(package["name"].StringOr(""));
  const io::JsonView fixes = package["secfixes"];
  if (name.empty()) return Fail(ErrorKind::kCorrupt, "package without a name");
  if (fixes.Size() > kFixesMax) return Fail(ErrorKind::kLimit, "package with too many fixes");
  if (!fixes.IsObject()) return fixes.IsNull() || fixes.Size() == 0 ? Result<void>() : Fail(ErrorKind::kCorrupt, name);
  for (std::size_t i = 0; i < fixes.Size(); ++i) {
    model::Affected affected;
    affected.ecosystem = ecosystem;
    affected.release = release;
    affected.package = name;
    affected.version_scheme = "apk";
    const std::string fixed(fixes.KeyAt(i));
    affected.fix_state = fixed == "0" ? model::FixState::kNotAffected : model::FixState::kFixed;
    if (fixed != "0") affected.ranges.push_back({"0", fixed, std::nullopt});
    const io::JsonView lines = fixes.At(i);
    if (const auto line = lines.String()) AddFix(affected, *line);
    if (lines.Size() > kFixesMax) return Fail(ErrorKind::kLimit, "version with too many fixes");
    for (std::size_t j = 0; lines.IsArray() && j < lines.Size(); ++j) AddFix(affected, lines.At(j).StringOr(""));
  }
  return {};
}

void SecdbCollector::AddFix(model::Affected affected, std::string_view identifiers) {
  const std::vector<std::string> ids = Words(identifiers);
  if (ids.empty()) return;
  const std::string id = Format("{}{}", PrefixOf(affected.ecosystem), ids.front());
  auto& [advisory, rows] = advisories_[id];
  advisory.id = id;
  advisory.source = "secdb";
  for (const std::string& other : ids)
    if (std::ranges::find(advisory.related, other) == advisory.related.end()) advisory.related.push_back(other);
  const auto [row, fresh] = rows.try_emplace({affected.release, affected.package}, advisory.affected.size());
  if (fresh) return advisory.affected.push_back(std::move(affected));
  model::Affected* same = &advisory.affected[row->second];
  // Fixed outweighs "never affected": both are stated when a later release was hit.
  for (auto& range : affected.ranges)
    if (same->ranges.size() < kRangesMax && std::ranges::find(same->ranges, range) == same->ranges.end())
      same->ranges.push_back(std::move(range));
  if (affected.fix_state == model::FixState::kFixed) same->fix_state = model::FixState::kFixed;
}

std::vector<model::Advisory> SecdbCollector::Take() {
  std::vector<model::Advisory> result;
  result.reserve(advisories_.size());
  for (auto& [id, gathered] : std::exchange(advisories_, {})) result.push_back(std::move(gathered.advisory));
  return result;
}

namespace {

class SecdbProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "secdb"; }
  [[nodiscard]] bool Recognises(const Document& document) const override { return LooksLikeSecdb(document.root); }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink&) override {
    return collector_.Add(document.root);
  }
  void Finish(AdvisorySink& sink) override {
    for (const model::Advisory& advisory : collector_.Take()) sink.Add(advisory);
    if (collector_.BrokenPackages() > 0)
      sink.Problem(Error(ErrorKind::kCorrupt, Format("{} broken packages left out", collector_.BrokenPackages())));
  }

 private:
  SecdbCollector collector_;
};

}  // namespace

std::unique_ptr<Provider> MakeSecdbProvider() { return std::make_unique<SecdbProvider>(); }

}  // namespace holdfast::advisory
