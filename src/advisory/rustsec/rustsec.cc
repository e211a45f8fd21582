#include "advisory/rustsec/rustsec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"
#include "io/json.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kFence = "```";
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kVersionParts = 3;

bool IsWord(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

struct Parts {
  std::string_view front;  // the TOML
  std::string_view body;   // Markdown
};

std::optional<Parts> Split(std::string_view text) {
  const std::string_view first = TakeLine(text);
  if (!first.starts_with(kFence) || Trim(first.substr(kFence.size())) != "toml") return std::nullopt;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t before = text.size() - rest.size();
    if (Trim(TakeLine(rest)) == kFence) return Parts{text.substr(0, before), rest};
    if (before > kRustsecFrontBytesMax) break;
  }
  return std::nullopt;
}

// "1.2-rc.1" is 1.2.0-rc.1.
std::string WholeVersion(std::string_view version) {
  const std::size_t core_end = std::min(version.find_first_of("-+"), version.size());
  const std::string_view core = version.substr(0, core_end);
  const std::string_view rest = version.substr(core_end);
  std::string whole(core);
  for (auto parts = static_cast<std::size_t>(std::ranges::count(core, '.')) + 1; parts < kVersionParts; ++parts)
    whole += ".0";
  whole += rest.substr(0, rest.find('+'));
  return whole;
}

// The lowest version above it (SemVer 11): "1.2.4-0" after 1.2.3, "1.2.3-rc.0" after 1.2.3-rc.
std::string SemverSuccessor(std::string_view version) {
  if (version.contains('-')) return Format("{}.0", version);
  const std::size_t dot = version.rfind('.');
  std::uint64_t patch = 0;
  std::from_chars(version.data() + dot + 1, version.data() + version.size(), patch);
  return Format("{}.{}-0", version.substr(0, dot), patch + 1);
}

struct Numbers {
  std::array<std::uint64_t, kVersionParts> values{};
  std::size_t stated = 0;
};

Result<Numbers> ParseNumbers(std::string_view version) {
  Numbers numbers;
  std::string_view core = version.substr(0, version.find_first_of("-+"));
  while (!core.empty()) {
    const std::string_view part = TakeUntil(core, '.');
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (numbers.stated == kVersionParts || error != std::errc() || stop != part.data() + part.size() ||
        value == UINT64_MAX)
      return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no SemVer version", version));
    numbers.values.at(numbers.stated++) = value;
  }
  if (numbers.stated == 0) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no SemVer version", version));
  return numbers;
}

// Which number a compatible version must not raise: in "^" the first that is not 0, in "~" the second.
std::size_t RaisedPlace(const Numbers& numbers, bool tilde) {
  if (tilde) return numbers.stated == 1 ? 0 : 1;
  std::size_t place = 0;
  while (place + 1 < numbers.stated && numbers.values.at(place) == 0) ++place;
  return place;
}

Interval Compatible(std::string_view version, Numbers numbers, bool tilde) {
  const std::size_t place = RaisedPlace(numbers, tilde);
  ++numbers.values.at(place);
  for (std::size_t i = place + 1; i < kVersionParts; ++i) numbers.values.at(i) = 0;
  const auto& [major, minor, patch] = numbers.values;
  return {.from = Bound{WholeVersion(version), true}, .to = Bound{Format("{}.{}.{}-0", major, minor, patch), false}};
}

Result<Interval> ParseCargoComparator(const Comparator& comparator) {
  HF_TRY(const Numbers numbers, ParseNumbers(comparator.version));
  if (comparator.op.empty() || comparator.op == "^") return Compatible(comparator.version, numbers, false);
  if (comparator.op == "~") return Compatible(comparator.version, numbers, true);
  const std::string whole = WholeVersion(comparator.version);
  return FromOperator({comparator.op, whole});
}

Result<std::vector<std::string>> Texts(io::JsonView list, std::string_view what) {
  std::vector<std::string> texts;
  if (list.Size() > kRustsecTextsMax)
    return Fail(ErrorKind::kLimit, Format("advisory with {} {}, limit {}", list.Size(), what, kRustsecTextsMax));
  if (!list.IsArray()) return texts;
  for (const io::JsonView item : list)
    if (const auto text = item.String(); text && !text->empty()) texts.emplace_back(*text);
  return texts;
}

std::string Timestamp(std::string_view date) {
  return date.size() == 10 ? Format("{}T00:00:00Z", date) : std::string();
}

bool IsOfToolchain(std::string_view name, io::JsonView advisory) {
  if (const auto collection = advisory["collection"].String()) return *collection == "rust";
  const std::string_view collection = FileNameOf(FolderOf(FolderOf(name)));
  return collection == "rust" || collection.ends_with(":rust") || !advisory["id"].StringOr("").starts_with("RUSTSEC-");
}

void ReadSeverity(io::JsonView metadata, model::Advisory& advisory) {
  const std::string_view text = metadata["cvss"].StringOr("");
  const auto vector = cvss::Vector::Parse(text);
  if (!vector) return;
  advisory.severity = cvss::SeverityOf(*vector);
  advisory.cvss.push_back({std::string(cvss::VersionName(vector->Version())), std::string(text), "rustsec"});
}

// Functions are information only; their own requirements repeat the advisory's.
Result<std::vector<std::string>> ReadFunctions(io::JsonView functions) {
  std::vector<std::string> names;
  if (functions.Size() > kRustsecTextsMax)
    return Fail(ErrorKind::kLimit, Format("advisory with {} functions, limit {}", functions.Size(), kRustsecTextsMax));
  for (std::size_t i = 0; functions.IsObject() && i < functions.Size(); ++i) names.emplace_back(functions.KeyAt(i));
  return names;
}

Result<void> ReadReferences(io::JsonView metadata, model::Advisory& advisory) {
  if (advisory.id.starts_with("RUSTSEC-"))
    advisory.references.push_back({"ADVISORY", Format("https://rustsec.org/advisories/{}.html", advisory.id)});
  if (const auto url = metadata["url"].String(); url && !url->empty())
    advisory.references.push_back({"WEB", std::string(*url)});
  HF_TRY(const auto references, Texts(metadata["references"], "references"));
  for (const std::string& url : references) advisory.references.push_back({"WEB", url});
  return {};
}

Result<void> ReadAffected(io::JsonView root, model::Affected package, model::Advisory& advisory) {
  std::vector<Interval> safe;
  HF_CHECK_OK(ReadRequirements(root["versions"]["patched"], ParseCargoRequirement, safe));
  HF_CHECK_OK(ReadRequirements(root["versions"]["unaffected"], ParseCargoRequirement, safe));
  HF_TRY(package.symbols, ReadFunctions(root["affected"]["functions"]));
  HF_TRY(auto architectures, Texts(root["affected"]["arch"], "architectures"));
  if (architectures.empty()) architectures.emplace_back();
  for (std::string& architecture : architectures) {
    package.architecture = std::move(architecture);
    HF_TRY(auto rows, AffectedBesides(safe, package, SemverSuccessor));
    std::ranges::move(rows, std::back_inserter(advisory.affected));
  }
  return {};
}

void ReadTexts(std::string_view body, model::Advisory& advisory) {
  body = Trim(body);
  std::string_view rest = body;
  const std::string_view title = TakeLine(rest);
  if (title.starts_with("# ")) {
    advisory.summary = Trim(title.substr(2));
    body = Trim(rest);
  }
  advisory.details = body;
}

class RustsecProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "rustsec"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return document.notation == Notation::kText && LooksLikeRustsec(document.text);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const auto advisory, ParseRustsec(document.name, document.text));
    sink.Add(advisory);
    return {};
  }
};

}  // namespace

bool LooksLikeRustsec(std::string_view text) {
  constexpr std::size_t kLinesMax = 64;
  const std::string_view first = TakeLine(text);
  if (!first.starts_with(kFence) || Trim(first.substr(kFence.size())) != "toml") return false;
  for (std::size_t i = 0; i < kLinesMax && !text.empty(); ++i) {
    const std::string_view line = Trim(TakeLine(text));
    if (!line.empty() && !line.starts_with('#')) return line.starts_with("[advisory]");
  }
  return false;
}

Result<Interval> ParseCargoRequirement(std::string_view text) {
  HF_TRY(const auto comparators, SplitRequirement(text));
  const version::Scheme& semver = *version::FindScheme("semver");
  Interval interval;
  for (const Comparator& comparator : comparators) {
    HF_TRY(const Interval one, ParseCargoComparator(comparator));
    HF_CHECK_OK(Narrow(interval, one, semver));
  }
  return interval;
}

Result<model::Advisory> ParseRustsec(std::string_view name, std::string_view text) {
  const auto parts = Split(text);
  if (!parts) return Fail(ErrorKind::kCorrupt, "RustSec advisory whose TOML has no end");
  HF_TRY(const auto document, io::JsonDocument::ParseToml(parts->front, {.bytes_max = kRustsecFrontBytesMax}));
  const io::JsonView root = document.Root(), metadata = root["advisory"];
  model::Advisory advisory;
  advisory.id = metadata["id"].StringOr("");
  if (!IsWord(advisory.id, kIdBytesMax)) return Fail(ErrorKind::kCorrupt, "RustSec advisory without a usable id");
  model::Affected package;
  package.package = metadata["package"].StringOr("");
  if (!IsWord(package.package, kNameBytesMax)) return Fail(ErrorKind::kCorrupt, "RustSec advisory without a package");
  advisory.source = "rustsec";
  advisory.published = Timestamp(metadata["date"].StringOr(""));
  advisory.withdrawn = Timestamp(metadata["withdrawn"].StringOr(""));
  HF_TRY(advisory.aliases, Texts(metadata["aliases"], "aliases"));
  HF_CHECK_OK(ReadReferences(metadata, advisory));
  ReadSeverity(metadata, advisory);
  ReadTexts(parts->body, advisory);
  package.version_scheme = "semver";
  package.ecosystem = "crates.io";
  const std::string_view kind = metadata["informational"].StringOr("");
  if (kind == "unmaintained" || kind == "notice") package.release = kind;
  if (IsOfToolchain(name, metadata)) {
    package.ecosystem = "Rust";
    advisory.aliases.insert(advisory.aliases.begin(), advisory.id);
    advisory.id = Format("rustsec/rust/{}/{}", package.package, advisory.id);
  }
  HF_CHECK_OK(ReadAffected(root, std::move(package), advisory));
  return advisory;
}

std::unique_ptr<Provider> MakeRustsecProvider() { return std::make_unique<RustsecProvider>(); }

}  // namespace holdfast::advisory
