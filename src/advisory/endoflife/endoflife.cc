#include "advisory/endoflife/endoflife.h"

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <utility>

#include "advisory/cve.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kFence = "---";
constexpr std::string_view kPermalink = "permalink:";
constexpr std::size_t kCycleBytesMax = 32;
constexpr std::size_t kCodenameBytesMax = 64;
constexpr std::size_t kDateBytes = 10;

struct Product {
  std::string_view name;
  std::string_view distro_id;
  int major_from = 0;      // releases before it are another's
  int major_to = INT_MAX;  // likewise after it
};

constexpr auto kProducts = std::to_array<Product>({
    {"almalinux", "almalinux"},
    {"alpine-linux", "alpine"},
    {"amazon-linux", "amzn"},
    {"azure-linux", "azurelinux"},
    {"centos", "centos"},
    {"centos-stream", "centos", 9},
    {"debian", "debian"},
    {"devuan", "devuan"},
    {"eurolinux", "eurolinux"},
    {"fedora", "fedora"},
    {"mageia", "mageia"},
    {"nixos", "nixos"},
    {"opensuse", "opensuse-leap"},
    {"openwrt", "openwrt"},
    {"oracle-linux", "ol"},
    {"photon", "photon"},
    {"rhel", "rhel"},
    {"rocky-linux", "rocky"},
    {"slackware", "slackware"},
    {"sles", "sles"},
    {"suse-linux-micro", "sl-micro", 6},
    {"suse-linux-micro", "sle-micro", 0, 5},
    {"ubuntu", "ubuntu"},
});

bool IsDistribution(std::string_view product) {
  return std::ranges::find(kProducts, product, &Product::name) != kProducts.end();
}

// The YAML between the two fences; nothing where there is none.
std::optional<std::string_view> FrontMatter(std::string_view text) {
  if (Trim(TakeLine(text)) != kFence) return std::nullopt;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t before = text.size() - rest.size();
    if (before > kFrontMatterBytesMax) return std::nullopt;
    if (Trim(TakeLine(rest)) == kFence) return text.substr(0, before);
  }
  return std::nullopt;
}

// "rocky-linux", of a front matter that has the lines of a product.
std::string_view ProductOf(std::string_view front) {
  std::string_view product;
  bool releases = false;
  while (!front.empty()) {
    const std::string_view line = TakeLine(front);
    if (line.starts_with(kPermalink)) product = Trim(line.substr(kPermalink.size()));
    releases = releases || Trim(line) == "releases:";
  }
  if (!releases || !product.starts_with('/')) return {};
  return product.substr(1);
}

bool IsCycle(std::string_view text) {
  return !text.empty() && text.size() <= kCycleBytesMax && text.front() >= '0' && text.front() <= '9' &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

int MajorOf(std::string_view cycle) {
  int major = 0;
  for (const char c : TakeUntil(cycle, '.')) major = major > 1'000'000 ? major : major * 10 + (c - '0');
  return major;
}

// Which words the two forms have for the same things.
struct Words {
  std::string_view cycle, active_end, security_end, extended_end;
};
constexpr Words kMarkdownWords = {"releaseCycle", "eoas", "eol", "eoes"};
constexpr Words kApiWords = {"name", "eoasFrom", "eolFrom", "eoesFrom"};

Result<std::string> DateOf(io::JsonView release, std::string_view key) {
  const io::JsonView value = release[key];
  if (value.IsNull() || value.Bool()) return std::string();
  const std::string_view text = value.StringOr("");
  if (text.size() == kDateBytes && !UtcTime(text).empty()) return std::string(text);
  return Fail(ErrorKind::kCorrupt, Format("{} is neither a date nor true or false", key));
}

// As VERSION_CODENAME has it: "noble" of "Noble Numbat".
std::string CodenameOf(io::JsonView release) {
  std::string_view name = release["codename"].StringOr("");
  name = TakeUntil(name, ' ');
  return name.size() > kCodenameBytesMax ? std::string() : LowerCase(name);
}

Result<model::ReleaseLife> ParseRelease(std::string_view product, io::JsonView release, const Words& words) {
  model::ReleaseLife life;
  life.release = release[words.cycle].StringOr("");
  if (!IsCycle(life.release))
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no release", life.release.substr(0, kCycleBytesMax)));
  const int major = MajorOf(life.release);
  const auto* row = std::ranges::find_if(kProducts, [&](const Product& candidate) {
    return candidate.name == product && candidate.major_from <= major && major <= candidate.major_to;
  });
  if (row == kProducts.end()) return life;
  life.distro_id = row->distro_id;
  life.codename = CodenameOf(release);
  HF_TRY(life.active_end, DateOf(release, words.active_end));
  HF_TRY(life.security_end, DateOf(release, words.security_end));
  HF_TRY(life.extended_end, DateOf(release, words.extended_end));
  return life;
}

Result<void> ReadProduct(std::string_view product, io::JsonView releases, const Words& words, AdvisorySink& sink) {
  if (!releases.IsArray()) return Fail(ErrorKind::kCorrupt, Format("{} without releases", product));
  if (releases.Size() > kReleasesMax)
    return Fail(ErrorKind::kLimit, Format("{} with {} releases, limit {}", product, releases.Size(), kReleasesMax));
  for (const io::JsonView release : releases) {
    const auto life = ParseRelease(product, release, words);
    if (!life)
      sink.Problem(Error(life.error().Kind(), Format("{}: {}", product, life.error().Message())));
    else if (!life->distro_id.empty())
      sink.AddReleaseLife(*life);
  }
  return {};
}

Result<void> ReadMarkdown(std::string_view text, AdvisorySink& sink) {
  const auto front = FrontMatter(text);
  if (!front) return Fail(ErrorKind::kCorrupt, "product whose front matter has no end");
  const std::string_view product = ProductOf(*front);
  if (!IsDistribution(product)) return {};
  HF_TRY(const auto document, io::JsonDocument::ParseYaml(*front, {.bytes_max = kFrontMatterBytesMax}));
  return ReadProduct(product, document.Root()["releases"], kMarkdownWords, sink);
}

Result<void> ReadApi(io::JsonView root, AdvisorySink& sink) {
  const io::JsonView result = root["result"];
  if (result.IsObject()) {
    const std::string_view product = result["name"].StringOr("");
    return IsDistribution(product) ? ReadProduct(product, result["releases"], kApiWords, sink) : Result<void>();
  }
  if (result.Size() > kProductsMax)
    return Fail(ErrorKind::kLimit, Format("{} products, limit {}", result.Size(), kProductsMax));
  const auto total = root["total"].Integer();
  if (total && std::cmp_not_equal(*total, result.Size()))
    return Fail(ErrorKind::kCorrupt, Format("{} of {} products", result.Size(), *total));
  for (const io::JsonView one : result) {
    const std::string_view product = one["name"].StringOr("");
    if (!IsDistribution(product)) continue;
    if (const auto read = ReadProduct(product, one["releases"], kApiWords, sink); !read) sink.Problem(read.error());
  }
  return {};
}

// The list of products without their releases has the same head.
bool LooksLikeApi(io::JsonView root) {
  if (!root["schema_version"].IsString() || !root["generated_at"].IsString()) return false;
  const io::JsonView result = root["result"];
  const io::JsonView product = result.IsArray() ? result.At(0) : result;
  return product["name"].IsString() && product["releases"].IsArray();
}

class EndOfLifeProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "endoflife"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    if (document.notation == Notation::kJson) return LooksLikeApi(document.root);
    if (document.notation != Notation::kText || !document.text.starts_with(kFence)) return false;
    const auto front = FrontMatter(document.text);
    return front && !ProductOf(*front).empty();
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    return document.notation == Notation::kJson ? ReadApi(document.root, sink) : ReadMarkdown(document.text, sink);
  }
};

}  // namespace

std::unique_ptr<Provider> MakeEndOfLifeProvider() { return std::make_unique<EndOfLifeProvider>(); }

}  // namespace holdfast::advisory
