// secfixes maps a fixed version to lines such as "CVE-2017-2620 XSA-209": the ids on one line are one
// vulnerability. Version "0" says that the package never was affected; it is kept as a statement without a
// range. A vulnerability fixed twice (the first fix was incomplete) gives two ranges, of which the later
// reaches further, so a version is safe from the last fix on.

#include "advisory/secdb/secdb.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kIdsInLineMax = 64;
constexpr std::size_t kFixesMax = 100'000;
constexpr std::size_t kPackagesMax = 200'000;
constexpr std::size_t kAffectedMax = 10'000;  // of one vulnerability

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
  std::string_view url_part;
  std::string_view ecosystem;
  std::string_view prefix;
};
constexpr Publisher kPublishers[] = {
    {"wolfi", "Wolfi", "WOLFI-"},
    {"cgr.dev/chainguard", "Chainguard", "CHAINGUARD-"},
    {"", "Alpine", "ALPINE-"},
};

const Publisher& PublisherOf(std::string_view url) {
  return *std::ranges::find_if(kPublishers, [&](const auto& row) { return url.contains(row.url_part); });
}

std::string_view PrefixOf(std::string_view ecosystem) {
  return std::ranges::find(kPublishers, ecosystem, &Publisher::ecosystem)->prefix;
}

}  // namespace

bool LooksLikeSecdb(io::JsonView root) {
  return root.IsObject() && root["packages"].IsArray() && root["urlprefix"].IsString() && root["apkurl"].IsString();
}

Result<void> SecdbCollector::Add(io::JsonView root) {
  const Publisher& publisher = PublisherOf(root["urlprefix"].StringOr(""));
  const std::string release(root["distroversion"].StringOr(""));
  const io::JsonView packages = root["packages"];
  if (!packages.IsArray()) return Fail(ErrorKind::kCorrupt, "secdb document without packages");
  if (publisher.ecosystem == "Alpine" && release.empty())
    return Fail(ErrorKind::kCorrupt, "secdb document without distroversion");
  if (packages.Size() > kPackagesMax) return Fail(ErrorKind::kLimit, "secdb document with too many packages");
  for (const io::JsonView package : packages)
    if (!AddPackage(package["pkg"], std::string(publisher.ecosystem), release)) ++broken_packages_;
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
    affected.release = ecosystem == "Alpine" ? release : "";
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
  model::Advisory& advisory = advisories_[id];
  advisory.id = id;
  advisory.source = "secdb";
  for (const std::string& other : ids)
    if (std::ranges::find(advisory.related, other) == advisory.related.end()) advisory.related.push_back(other);
  const auto same = std::ranges::find_if(advisory.affected, [&](const model::Affected& known) {
    return known.package == affected.package && known.release == affected.release;
  });
  if (same == advisory.affected.end()) {
    if (advisory.affected.size() < kAffectedMax) advisory.affected.push_back(std::move(affected));
    return;
  }
  // Fixed outweighs "never affected": both are stated when a later release was hit.
  for (auto& range : affected.ranges)
    if (std::ranges::find(same->ranges, range) == same->ranges.end()) same->ranges.push_back(std::move(range));
  if (affected.fix_state == model::FixState::kFixed) same->fix_state = model::FixState::kFixed;
}

std::vector<model::Advisory> SecdbCollector::Take() {
  std::vector<model::Advisory> result;
  result.reserve(advisories_.size());
  for (auto& [id, advisory] : std::exchange(advisories_, {})) result.push_back(std::move(advisory));
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
