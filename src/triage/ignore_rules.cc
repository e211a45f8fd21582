#include "triage/ignore_rules.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "io/json.h"

namespace holdfast::triage {
namespace {

constexpr std::size_t kPatternBytesMax = 1024;
constexpr std::size_t kStarsMax = 4;  // each may cost the length of the text once more

constexpr auto kKeys = std::to_array<std::string_view>({"vulnerability", "package", "image", "severity", "fix-state",
                                                        "epss-below", "reason", "expires", "owner", "ticket"});
constexpr auto kPackageKeys = std::to_array<std::string_view>({"name", "version", "type", "path"});

bool Matches(const std::string& pattern, const std::string& text) {
  return pattern.empty() || fnmatch(pattern.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
}

// Numbers too: an unquoted version 12 is one.
std::string TextOf(io::JsonView view) {
  if (const auto text = view.String()) return std::string(*text);
  if (const auto number = view.Integer()) return Format("{}", *number);
  if (const auto number = view.Double()) return Format("{}", *number);
  return {};
}

// YAML's fractions are texts, so that versions stay as they are written.
std::optional<double> NumberOf(io::JsonView view) {
  if (const auto number = view.Double()) return number;
  const std::string_view text = view.StringOr("");
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

class RuleReader {
 public:
  RuleReader(io::JsonView view, std::string name) : view_(view) { rule_.name = std::move(name); }

  Result<IgnoreRule> Read() {
    if (!view_.IsObject()) return Wrong("is no mapping");
    HF_CHECK_OK(CheckKeys(view_, kKeys, ""));
    HF_CHECK_OK(CheckKeys(view_["package"], kPackageKeys, "package."));
    const io::JsonView package = view_["package"];
    for (const auto& [view, text] :
         {std::pair(view_["vulnerability"], &rule_.vulnerability), std::pair(package["name"], &rule_.package_name),
          std::pair(package["version"], &rule_.package_version), std::pair(package["type"], &rule_.package_type),
          std::pair(package["path"], &rule_.package_path), std::pair(view_["image"], &rule_.image)})
      HF_CHECK_OK(ReadPattern(view, *text));
    HF_CHECK_OK(ReadNumbers());
    HF_CHECK_OK(ReadExpiry());
    rule_.reason = view_["reason"].StringOr("");
    rule_.owner = TextOf(view_["owner"]);
    rule_.ticket = TextOf(view_["ticket"]);
    if (rule_.reason.empty()) return Wrong("has no reason");
    if (!HasCondition()) return Wrong("has no condition: it would ignore everything");
    return std::move(rule_);
  }

 private:
  std::unexpected<Error> Wrong(std::string_view what) const {
    return Fail(ErrorKind::kInvalidInput, Format("{} {}", rule_.name, what));
  }

  template <typename Keys>
  Result<void> CheckKeys(io::JsonView view, const Keys& keys, std::string_view prefix) const {
    if (view.IsNull()) return {};
    if (!view.IsObject()) return Wrong("has a package that is no mapping");
    for (std::size_t i = 0; i < view.Size(); ++i)
      if (std::ranges::find(keys, view.KeyAt(i)) == keys.end())
        return Wrong(Format("has a key that is not known: {}{}", prefix, view.KeyAt(i)));
    return {};
  }

  Result<void> ReadPattern(io::JsonView view, std::string& into) const {
    if (view.IsNull()) return {};
    into = TextOf(view);
    if (into.empty()) return Wrong("has an empty condition");
    if (into.size() > kPatternBytesMax || static_cast<std::size_t>(std::ranges::count(into, '*')) > kStarsMax)
      return Wrong("has a pattern that is too long, or has too many stars");
    return {};
  }

  Result<void> ReadNumbers() {
    if (!view_["severity"].IsNull()) {
      rule_.severity_max = model::ParseSeverity(view_["severity"].StringOr(""));
      if (!rule_.severity_max) return Wrong("has a severity that is none");
    }
    if (!view_["fix-state"].IsNull()) {
      rule_.fix_state = view_["fix-state"].StringOr("");
      using enum model::FixState;
      constexpr std::array kStates = {kUnknown, kFixed, kNotFixed, kWontFix, kUnderInvestigation};
      if (std::ranges::find(kStates, rule_.fix_state, &model::FixStateName) == kStates.end())
        return Wrong("has a fix-state that is none of unknown, fixed, not-fixed, wont-fix, under-investigation");
    }
    if (!view_["epss-below"].IsNull()) {
      rule_.epss_below = NumberOf(view_["epss-below"]);
      if (!rule_.epss_below) return Wrong("has an epss-below that is no number");
    }
    return {};
  }

  Result<void> ReadExpiry() {
    if (view_["expires"].IsNull()) return {};
    rule_.expires = view_["expires"].StringOr("");
    const auto is_day = [](std::string_view text) {
      constexpr std::string_view kForm = "dddd-dd-dd";
      return text.size() == kForm.size() && std::ranges::equal(text, kForm, [](char c, char form) {
               return form == 'd' ? c >= '0' && c <= '9' : c == form;
             });
    };
    return is_day(rule_.expires) ? Result<void>() : Wrong("expires on what is no day such as 2027-01-31");
  }

  [[nodiscard]] bool HasCondition() const {
    const auto stated = [](const std::string* text) { return !text->empty(); };
    return std::ranges::any_of(std::array{&rule_.vulnerability, &rule_.package_name, &rule_.package_version,
                                          &rule_.package_type, &rule_.package_path, &rule_.image, &rule_.fix_state},
                               stated) ||
           rule_.severity_max || rule_.epss_below;
  }

  io::JsonView view_;
  IgnoreRule rule_;
};

}  // namespace

bool IgnoreRule::Covers(const model::Finding& finding, const model::ImageAnalysis& analysis) const {
  const model::Package& package = analysis.packages[finding.package];
  if (severity_max && finding.severity > *severity_max) return false;
  if (!fix_state.empty() && fix_state != model::FixStateName(finding.fix_state)) return false;
  if (epss_below && !(finding.facts.epss && finding.facts.epss->probability < *epss_below)) return false;
  if (!Matches(package_name, package.name) || !Matches(package_version, package.version) ||
      !Matches(package_type, package.type) || !Matches(image, analysis.source.reference))
    return false;
  const auto at_path = [this](const model::Location& location) {
    return Matches(package_path, location.path) || Matches(package_path, "/" + location.path);
  };
  if (!package_path.empty() && std::ranges::none_of(package.locations, at_path)) return false;
  return Matches(vulnerability, finding.id) || std::ranges::any_of(finding.aliases, [this](const std::string& alias) {
           return Matches(vulnerability, alias);
         });
}

std::string IgnoreRule::Text() const {
  std::string text = reason;
  if (!owner.empty()) text += Format("; owner {}", owner);
  if (!ticket.empty()) text += Format("; ticket {}", ticket);
  return text;
}

Result<std::vector<IgnoreRule>> ReadIgnoreRules(std::string_view text, std::string_view name) {
  HF_TRY(const auto tree, io::JsonDocument::ParseYaml(text, {.bytes_max = kIgnoreBytesMax}));
  const io::JsonView list = tree.Root()["ignore"];
  if (!list.IsArray()) return Fail(ErrorKind::kInvalidInput, Format("{} has no list called ignore", name));
  if (list.Size() > kIgnoreRulesMax) return Fail(ErrorKind::kLimit, Format("{} has too many rules", name));
  std::vector<IgnoreRule> rules;
  rules.reserve(list.Size());
  for (const io::JsonView view : list) {
    HF_TRY(IgnoreRule rule, RuleReader(view, Format("{}, rule {}", name, rules.size() + 1)).Read());
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace holdfast::triage
