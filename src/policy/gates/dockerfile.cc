#include "policy/gates/dockerfile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/format.h"
#include "policy/words.h"
#include "regex/regex.h"

namespace holdfast::policy {
namespace {

constexpr GateInfo kGate{.name = "dockerfile",
                         .help =
                             "Looks at the image's Dockerfile; where none was submitted, at one that is guessed from "
                             "the history in the image's configuration."};

constexpr ParamSpec kActualOnly{.name = "actual_dockerfile_only",
                                .description = "Fire only when the Dockerfile was submitted, not when it is guessed.",
                                .example = "true",
                                .validator = kBoolText,
                                .fallback = "false"};
constexpr std::string_view kListTypes[] = {"whitelist", "blacklist"};

bool Applies(const Dockerfile& dockerfile, bool actual_only) {
  return !actual_only || dockerfile.mode == DockerfileMode::kActual;
}

// ---- instruction

constexpr std::string_view kInstructions[] = {"ADD",    "ARG",  "COPY",        "CMD",        "ENTRYPOINT", "ENV",
                                              "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",      "MAINTAINER", "ONBUILD",
                                              "USER",   "RUN",  "SHELL",       "STOPSIGNAL", "VOLUME",     "WORKDIR"};
constexpr std::string_view kChecks[] = {"=", "!=", "exists", "not_exists", "like", "not_like", "in", "not_in"};

constexpr std::array kInstructionParams = {
    ParamSpec{.name = "instruction",
              .description = "The instruction to look at.",
              .example = "HEALTHCHECK",
              .required = true,
              .validator = OneOf(kInstructions)},
    ParamSpec{.name = "check",
              .description =
                  "How its arguments are compared with the value. 'like' takes a regular expression that must fit "
                  "from the beginning, 'in' a list separated by commas.",
              .example = "not_exists",
              .required = true,
              .validator = OneOf(kChecks)},
    ParamSpec{.name = "value",
              .description = "What the arguments are compared with. All checks but 'exists' and 'not_exists' need it.",
              .example = "."},
    kActualOnly};

constexpr TriggerInfo kInstruction{.gate = &kGate,
                                   .name = "instruction",
                                   .help =
                                       "Fires for each line of an instruction whose arguments satisfy the check, or "
                                       "once when the instruction must exist and does not.",
                                   .params = kInstructionParams,
                                   .needs = {Fact::kDockerfile}};

class InstructionCheck final : public Check {
 public:
  explicit InstructionCheck(const Params& params)
      : check_(params.Word("check")),
        value_(params.Text("value")),
        list_(params.List("value")),
        actual_only_(params.Flag("actual_dockerfile_only")) {
    const std::string instruction = params.Word("instruction");
    for (const std::string_view word : kInstructions)
      if (SameIgnoringCase(word, instruction)) instruction_ = word;
  }
  void Use(regex::Regex expression) { regex_ = std::move(expression); }
  [[nodiscard]] bool IsLike() const { return check_ == "like" || check_ == "not_like"; }
  [[nodiscard]] const std::string& Value() const { return value_; }

  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    if (!Applies(*facts.dockerfile, actual_only_)) return;
    bool exists = false;
    for (const DockerfileLine& line : facts.dockerfile->lines) {
      if (line.instruction != instruction_) continue;
      exists = true;
      if (Holds(line.arguments)) sink.Add(FindingFor(line.arguments));
    }
    if (exists || check_ != "not_exists") return;
    std::string message =
        Format("Dockerfile directive '{}' not found, matching condition '{}' check", instruction_, check_);
    sink.Add({.key = FactKey({"instruction", instruction_, check_}),
              .message = Format("There is no {} in the Dockerfile", instruction_),
              .anchore_messages = {std::move(message)}});
  }

 private:
  [[nodiscard]] bool Holds(const std::string& arguments) const {
    if (check_ == "exists") return true;
    if (check_ == "not_exists" || value_.empty()) return false;
    if (IsLike()) return regex_ && regex_->MatchesStart(arguments) == (check_ == "like");
    if (check_ == "=" || check_ == "!=") return (arguments == value_) == (check_ == "=");
    return (std::ranges::find(list_, arguments) != list_.end()) == (check_ == "in");
  }
  [[nodiscard]] Finding FindingFor(const std::string& arguments) const {
    const bool exists = check_ == "exists";
    return {.key = exists ? FactKey({"instruction", instruction_, check_, arguments})
                          : FactKey({"instruction", instruction_, check_, value_, arguments}),
            .message = exists ? Format("The Dockerfile has {} {}", instruction_, arguments)
                              : Format("{} {} in the Dockerfile satisfies the check {} '{}'", instruction_, arguments,
                                       check_, value_),
            .anchore_messages = {Format("Dockerfile directive '{}' check '{}' matched against '{}' for line '{}'",
                                        instruction_, check_, value_, arguments)}};
  }

  std::string instruction_;
  std::string check_, value_;
  std::vector<std::string> list_;
  std::optional<regex::Regex> regex_;
  bool actual_only_;
};

Result<std::unique_ptr<const Check>> BindInstruction(const Params& params) {
  auto check = std::make_unique<InstructionCheck>(params);
  if (check->IsLike() && !check->Value().empty()) {
    HF_TRY_IN("'value'", auto expression, regex::Regex::Make(check->Value()));
    check->Use(std::move(expression));
  }
  return check;
}

// ---- effective_user

constexpr std::array kUserParams = {
    ParamSpec{.name = "users",
              .description = "User names, or names with a group, separated by commas.",
              .example = "root,docker",
              .required = true,
              .validator = kTextList},
    ParamSpec{.name = "type",
              .description = "Whether these users are the only ones allowed (whitelist) or not allowed (blacklist).",
              .example = "blacklist",
              .required = true,
              .validator = OneOf(kListTypes)}};

constexpr TriggerInfo kEffectiveUser{.gate = &kGate,
                                     .name = "effective_user",
                                     .help = "Fires when the user that the image runs as is not allowed.",
                                     .params = kUserParams,
                                     .needs = {Fact::kDockerfile}};

// The name without the group; 0 is root's other name.
std::string_view NameOf(std::string_view user) {
  const std::string_view name = user.substr(0, user.find(':'));
  return name == "0" ? "root" : name;
}

class EffectiveUserCheck final : public Check {
 public:
  explicit EffectiveUserCheck(const Params& params)
      : users_(params.List("users")), allowed_(params.Word("type") == "whitelist") {}

  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    const std::string user = EffectiveUser(*facts.dockerfile);
    const bool listed = std::ranges::any_of(users_, [&](const std::string& entry) {
      return entry == user || (entry.find(':') == std::string::npos && NameOf(entry) == NameOf(user));
    });
    if (listed == allowed_) return;
    constexpr std::string_view kNotAllowed = "User {} found as effective user, which is not on the allowed list";
    Finding finding{.key = FactKey({"effective_user", user}), .message = {}, .anchore_messages = {}};
    finding.message = Format("The image runs as user {}, who is {}", user,
                             allowed_ ? "not among those allowed" : "among those not allowed");
    finding.anchore_messages.push_back(
        allowed_ ? Format(kNotAllowed, user)
                 : Format("User {} found as effective user, which is explicity not allowed list", user));
    sink.Add(std::move(finding));
  }

 private:
  std::vector<std::string> users_;
  bool allowed_;
};

Result<std::unique_ptr<const Check>> BindEffectiveUser(const Params& params) {
  return std::make_unique<const EffectiveUserCheck>(params);
}

// ---- exposed_ports

constexpr std::array kPortParams = {
    ParamSpec{.name = "ports",
              .description = "Port numbers, separated by commas.",
              .example = "22,2222",
              .required = true,
              .validator = kIntegerList},
    ParamSpec{.name = "type",
              .description = "Whether these ports are the only ones allowed (whitelist) or not allowed (blacklist).",
              .example = "blacklist",
              .required = true,
              .validator = OneOf(kListTypes)},
    kActualOnly};

constexpr TriggerInfo kExposedPorts{.gate = &kGate,
                                    .name = "exposed_ports",
                                    .help = "Fires for each exposed port that is not allowed.",
                                    .params = kPortParams,
                                    .needs = {Fact::kDockerfile}};

struct PortRange {
  std::int64_t first = 0, last = 0;
};

// "22", "22/tcp", "8000-8010/udp". Nothing for what is no number, such as a variable.
std::optional<PortRange> ParsePorts(std::string_view entry) {
  PortRange range;
  const char* end = entry.data() + entry.size();
  auto [at, error] = std::from_chars(entry.data(), end, range.first);
  if (error != std::errc() || range.first < 0) return std::nullopt;
  range.last = range.first;
  if (at != end && *at == '-') {
    const auto second = std::from_chars(at + 1, end, range.last);
    if (second.ec != std::errc() || range.last < range.first) return std::nullopt;
    at = second.ptr;
  }
  if (at != end && *at != '/') return std::nullopt;
  return range;
}

std::vector<std::string_view> SplitBlanks(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text = Trimmed(text);
    if (text.empty()) return words;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

class ExposedPortsCheck final : public Check {
 public:
  explicit ExposedPortsCheck(const Params& params)
      : ports_(params.WholeList("ports")),
        allowed_(params.Word("type") == "whitelist"),
        actual_only_(params.Flag("actual_dockerfile_only")) {
    std::ranges::sort(ports_);
    ports_.erase(std::ranges::unique(ports_).begin(), ports_.end());
  }

  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    if (!Applies(*facts.dockerfile, actual_only_)) return;
    for (const DockerfileLine& line : facts.dockerfile->lines) {
      if (line.instruction != "EXPOSE") continue;
      for (const std::string_view entry : SplitBlanks(line.arguments)) EvaluateEntry(entry, sink);
    }
  }

 private:
  void EvaluateEntry(std::string_view entry, FindingSink& sink) const {
    const auto range = ParsePorts(entry);
    // A port that cannot be read is none that was allowed.
    if (!range && !allowed_) return;
    std::size_t listed = 0;
    if (range) {
      const auto begin = std::ranges::lower_bound(ports_, range->first);
      listed = static_cast<std::size_t>(std::ranges::upper_bound(begin, ports_.end(), range->last) - begin);
    }
    const bool all_listed = range && listed == static_cast<std::size_t>(range->last - range->first) + 1;
    if (allowed_ ? all_listed : listed == 0) return;
    Finding finding{.key = FactKey({"exposed_ports", entry}), .message = {}, .anchore_messages = {}};
    finding.message = Format("The Dockerfile exposes port {}, which is {}", entry,
                             allowed_ ? "not among those allowed" : "among those not allowed");
    // Anchore named the listed number when it denied, and the entry when it allowed.
    finding.anchore_messages.push_back(
        allowed_ ? Format("Dockerfile exposes port ({}) which is not in policy file ALLOWEDPORTS list", entry)
                 : Format("Dockerfile exposes port ({}) which is in policy file DENIEDPORTS list",
                          range->first == range->last ? Format("{}", range->first) : std::string(entry)));
    sink.Add(std::move(finding));
  }

  std::vector<std::int64_t> ports_;  // ascending, each once
  bool allowed_, actual_only_;
};

Result<std::unique_ptr<const Check>> BindExposedPorts(const Params& params) {
  return std::make_unique<const ExposedPortsCheck>(params);
}

// ---- no_dockerfile_provided

// Needs nothing: that there is no Dockerfile is what it is about.
constexpr TriggerInfo kNoDockerfile{.gate = &kGate,
                                    .name = "no_dockerfile_provided",
                                    .help = "Fires when the image was submitted without its Dockerfile.",
                                    .params = {}};

class NoDockerfileCheck final : public Check {
 public:
  void Evaluate(const ImageFacts& facts, FindingSink& sink) const override {
    if (facts.dockerfile && facts.dockerfile->mode == DockerfileMode::kActual) return;
    sink.Add({.key = "no_dockerfile_provided",
              .message = "The image was submitted without its Dockerfile",
              .anchore_messages = {"Image was not analyzed with an actual Dockerfile"}});
  }
};

Result<std::unique_ptr<const Check>> BindNoDockerfile(const Params&) {
  return std::make_unique<const NoDockerfileCheck>();
}

constexpr std::array kTriggers = {Trigger{kInstruction, &BindInstruction}, Trigger{kEffectiveUser, &BindEffectiveUser},
                                  Trigger{kExposedPorts, &BindExposedPorts}, Trigger{kNoDockerfile, &BindNoDockerfile}};

struct Stage {
  std::string_view base, name;
  std::optional<std::string_view> user;
};

// "--platform=linux/amd64 debian:12 AS build"
Stage ReadFrom(std::string_view arguments) {
  Stage stage;
  std::vector<std::string_view> words = SplitBlanks(arguments);
  std::erase_if(words, [](std::string_view word) { return word.starts_with("--"); });
  if (!words.empty()) stage.base = words[0];
  if (words.size() >= 3 && SameIgnoringCase(words[1], "AS")) stage.name = words[2];
  return stage;
}

}  // namespace

std::string EffectiveUser(const Dockerfile& dockerfile) {
  std::vector<Stage> stages(1);
  for (const DockerfileLine& line : dockerfile.lines) {
    if (line.instruction == "FROM") {
      stages.push_back(ReadFrom(line.arguments));
    } else if (line.instruction == "USER" && !line.arguments.empty()) {
      stages.back().user = line.arguments;
    }
  }
  // Towards the first stage, so it ends.
  for (std::size_t at = stages.size(); at-- > 0;) {
    if (stages[at].user) return std::string(*stages[at].user);
    const std::string_view base = stages[at].base;
    std::size_t next = at;
    while (next > 0 && (stages[next - 1].name.empty() || !SameIgnoringCase(stages[next - 1].name, base))) --next;
    at = next;
  }
  return "root";
}

std::span<const Trigger> DockerfileTriggers() { return kTriggers; }

}  // namespace holdfast::policy
