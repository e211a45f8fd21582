#include "advisory/rubysec/rubysec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "cvss/score.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 128;
constexpr std::size_t kNameBytesMax = 256;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWord(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
}

// Gem::Version#bump: the numbers before any letters, the last but one raised; a single one is raised itself. "A" after
// it is before every pre-release, since letters come before numbers, and capitals before small ones.
Result<std::string> BoundOfPessimistic(std::string_view version) {
  std::vector<std::uint64_t> numbers;
  std::string_view rest = version;
  while (!rest.empty() && IsDigit(rest.front())) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || value == UINT64_MAX)
      return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no version of a gem", version));
    numbers.push_back(value);
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    if (rest.starts_with('.')) rest.remove_prefix(1);
  }
  if (numbers.empty()) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no version of a gem", version));
  if (numbers.size() > 1) numbers.pop_back();
  ++numbers.back();
  std::string bound;
  for (const std::uint64_t number : numbers) bound += Format("{}.", number);
  return bound + "A";
}

Result<Interval> ParseGemComparator(const Comparator& comparator) {
  if (comparator.op.empty()) return FromOperator({"=", comparator.version});
  if (comparator.op != "~>") return FromOperator(comparator);
  HF_TRY(std::string end, BoundOfPessimistic(comparator.version));
  return Interval{.from = Bound{std::string(comparator.version), true}, .to = Bound{std::move(end), false}};
}

// Gems have no first version above another; none is published between these two.
std::string GemSuccessor(std::string_view version) { return Format("{}.0.0.1", version); }

std::string TextOf(io::JsonView scalar) {
  if (const auto number = scalar.Integer()) return Format("{}", *number);
  return std::string(scalar.StringOr(""));
}

struct IdKind {
  std::string_view key;
  std::string_view prefix;
};
constexpr std::array kIdKinds = {IdKind{"cve", "CVE-"}, IdKind{"ghsa", "GHSA-"}, IdKind{"osvdb", "OSVDB-"}};

// The file states what follows the prefix; one that states all of it is understood.
std::optional<std::string> IdOf(const IdKind& kind, io::JsonView scalar) {
  const std::string text = TextOf(scalar);
  if (!IsWord(text, kIdBytesMax)) return std::nullopt;
  return text.starts_with(kind.prefix) ? text : Format("{}{}", kind.prefix, text);
}

Result<void> ReadRelated(io::JsonView related, model::Advisory& advisory) {
  for (const IdKind& kind : kIdKinds) {
    const io::JsonView list = related[kind.key];
    if (list.Size() > kRubysecTextsMax) return Fail(ErrorKind::kLimit, "advisory with too many related ids");
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i)
      if (auto id = IdOf(kind, list.At(i))) advisory.related.push_back(*std::move(id));
  }
  const io::JsonView urls = related["url"];
  if (urls.Size() > kRubysecTextsMax) return Fail(ErrorKind::kLimit, "advisory with too many references");
  for (std::size_t i = 0; urls.IsArray() && i < urls.Size(); ++i)
    if (const auto url = urls.At(i).String(); url && !url->empty() && *url != advisory.references.front().url)
      advisory.references.push_back({"WEB", std::string(*url)});
  return {};
}

std::optional<double> ScoreOf(io::JsonView scalar) {
  std::optional<double> score = scalar.Double();
  if (const auto text = scalar.String()) {
    double value = 0;
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && stop == text->data() + text->size()) score = value;
  }
  return score && *score >= 0 && *score <= 10 ? score : std::nullopt;
}

model::Severity SeverityOf(io::JsonView root) {
  struct Kind {
    std::string_view key;
    cvss::Version version;
  };
  constexpr std::array kKinds = {Kind{"cvss_v4", cvss::Version::k40}, Kind{"cvss_v3", cvss::Version::k31},
                                 Kind{"cvss_v2", cvss::Version::k20}};
  for (const Kind& kind : kKinds)
    if (const auto score = ScoreOf(root[kind.key])) return cvss::SeverityOf(cvss::RatingOf(kind.version, *score));
  return model::Severity::kUnknown;
}

std::string_view StemOf(std::string_view name) {
  const std::string_view file = FileNameOf(name);
  return file.substr(0, file.find(".y"));
}

class RubysecProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "rubysec"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return document.notation == Notation::kYaml && LooksLikeRubysec(document.root);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const auto advisory, ParseRubysec(document.name, document.root));
    sink.Add(advisory);
    return {};
  }
};

}  // namespace

bool LooksLikeRubysec(io::JsonView root) {
  const auto is_text = [&](std::string_view key) { return root[key].IsString(); };
  const bool names_flaw =
      std::ranges::any_of(kIdKinds, [&](const IdKind& kind) { return IdOf(kind, root[kind.key]).has_value(); });
  return root.IsObject() && (is_text("gem") || is_text("engine")) && is_text("title") && is_text("url") &&
         is_text("date") && names_flaw && root["id"].IsNull();
}

Result<Interval> ParseGemRequirement(std::string_view text) {
  HF_TRY(const auto comparators, SplitRequirement(text));
  const version::Scheme& gem = *version::FindScheme("gem");
  Interval interval;
  for (const Comparator& comparator : comparators) {
    HF_TRY(const Interval one, ParseGemComparator(comparator));
    HF_CHECK_OK(Narrow(interval, one, gem));
  }
  return interval;
}

Result<model::Advisory> ParseRubysec(std::string_view name, io::JsonView root) {
  const bool interpreter = !root["gem"].IsString();
  model::Affected package;
  package.ecosystem = interpreter ? "Ruby" : "RubyGems";
  package.package = root[interpreter ? "engine" : "gem"].StringOr("");
  package.version_scheme = "gem";
  if (!IsWord(package.package, kNameBytesMax)) return Fail(ErrorKind::kCorrupt, "Ruby advisory without a gem");
  if (!IsWord(StemOf(name), kIdBytesMax)) return Fail(ErrorKind::kCorrupt, "Ruby advisory without a usable name");
  model::Advisory advisory;
  advisory.id = Format("rubysec/{}/{}/{}", interpreter ? "rubies" : "gems", package.package, StemOf(name));
  advisory.source = "rubysec";
  for (const IdKind& kind : kIdKinds)
    if (auto id = IdOf(kind, root[kind.key])) advisory.aliases.push_back(*std::move(id));
  if (advisory.aliases.empty()) return Fail(ErrorKind::kCorrupt, "Ruby advisory without cve, ghsa or osvdb");
  advisory.summary = Trim(root["title"].StringOr(""));
  advisory.details = Trim(root["description"].StringOr(""));
  if (const std::string_view date = root["date"].StringOr(""); date.size() == 10)
    advisory.published = Format("{}T00:00:00Z", date);
  advisory.references.push_back({"ADVISORY", std::string(root["url"].StringOr(""))});
  HF_CHECK_OK(ReadRelated(root["related"], advisory));
  advisory.severity = SeverityOf(root);
  std::vector<Interval> safe;
  HF_CHECK_OK(ReadRequirements(root["patched_versions"], ParseGemRequirement, safe));
  HF_CHECK_OK(ReadRequirements(root["unaffected_versions"], ParseGemRequirement, safe));
  HF_TRY(advisory.affected, AffectedBesides(std::move(safe), package, GemSuccessor));
  return advisory;
}

std::unique_ptr<Provider> MakeRubysecProvider() { return std::make_unique<RubysecProvider>(); }

}  // namespace holdfast::advisory
