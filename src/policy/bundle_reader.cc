// Reads a bundle top down. Whatever is wrong becomes a problem with its JSON path, and reading goes on with what is
// left, so that a user sees all problems at once. A rule that has a problem is not bound; a mapping that has one is
// not used.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "policy/bundle.h"
#include "policy/words.h"

namespace holdfast::policy {
namespace {

// Names that Anchore retired; the gates of today have others.
constexpr std::array<std::string_view, 14> kEndOfLifeGates = {
    "suiddiff",         "imagecheck", "pkgdiff",       "anchoresec",   "pkgcheck", "dockerfilecheck", "filecheck",
    "fileparse_passwd", "gemcheck",   "metadatacheck", "licblacklist", "npmcheck", "pkgblacklist",    "secretcheck"};

// A place in the document, written out only when it is needed. Lives on the stack, below what it is in.
struct Where {
  const Where* parent = nullptr;
  std::string_view name;
  std::optional<std::size_t> index;

  [[nodiscard]] Where operator[](std::string_view member) const { return {this, member, std::nullopt}; }
  [[nodiscard]] Where At(std::size_t element) const { return {this, {}, element}; }
  [[nodiscard]] std::string Text() const {
    const std::string before = parent == nullptr ? "" : parent->Text();
    if (index) return Format("{}[{}]", before, *index);
    return before.empty() ? std::string(name) : Format("{}.{}", before, name);
  }
};

// For messages: what a user wrote, cut.
std::string Quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  return text.size() <= kShown ? Format("'{}'", text) : Format("'{}…'", text.substr(0, kShown));
}

class BundleReader {
 public:
  BundleReader(std::span<const Trigger> triggers, const BundleLimits& limits, Bundle& bundle)
      : triggers_(triggers), limits_(limits), bundle_(bundle) {}

  void Read(const io::JsonView& document);

 private:
  using Ids = std::map<std::string, std::uint32_t, std::less<>>;

  void Problem(ProblemSeverity severity, std::string_view type, const Where& where, std::string_view text);
  void Wrong(std::string_view type, const Where& where, std::string_view text) {
    Problem(ProblemSeverity::kError, type, where, text);
  }

  // Fields.
  bool IsObject(const io::JsonView& view, const Where& where, std::initializer_list<std::string_view> known);
  std::optional<std::string> Text(const io::JsonView& object, std::string_view key, const Where& where, bool required);
  std::string Required(const io::JsonView& object, std::string_view key, const Where& where) {
    return Text(object, key, where, true).value_or("");
  }
  std::string Optional(const io::JsonView& object, std::string_view key, const Where& where) {
    return Text(object, key, where, false).value_or("");
  }
  io::JsonView List(const io::JsonView& object, std::string_view key, const Where& where, bool required);
  void CheckVersion(const io::JsonView& object, const Where& where);
  bool Unique(std::set<std::string, std::less<>>& seen, const std::string& id, ProblemSeverity severity,
              const Where& where);

  void ReadPolicy(const io::JsonView& view, const Where& where);
  void ReadRule(const io::JsonView& view, const Where& where, Policy& policy);
  const Trigger* FindTrigger(const std::string& gate, const std::string& name, const Where& where);
  std::optional<Params> ReadParams(const io::JsonView& rule, const Trigger& trigger, const Where& where);
  bool ReadParam(const io::JsonView& view, const Trigger& trigger, const Where& where,
                 std::map<std::string_view, std::string>& given);
  void ReadAllowlist(const io::JsonView& view, const Where& where);
  void ReadItems(const io::JsonView& view, const Where& where, Allowlist& list);
  std::optional<ImageSelector> ReadSelector(const io::JsonView& view, const Where& where);
  std::optional<Pattern> ReadPattern(const io::JsonView& object, std::string_view key, const Where& where);
  void ReadMapping(const io::JsonView& view, const Where& where);
  bool ReadPolicyIds(const io::JsonView& view, const Where& where, Mapping& mapping);
  bool ReadReferences(const io::JsonView& list, const Ids& ids, const Where& where,
                      std::vector<std::uint32_t>& indexes);
  void ReadImages(const io::JsonView& document, std::string_view key, std::vector<ImageSelector>& images);

  std::span<const Trigger> triggers_;
  const BundleLimits& limits_;
  Bundle& bundle_;
  std::size_t problems_ = 0, rules_ = 0, items_ = 0, regexes_ = 0;
  bool errors_left_out_ = false;
  Ids policies_, allowlists_;
  std::set<std::string, std::less<>> mapping_ids_;
};

void BundleReader::Problem(ProblemSeverity severity, std::string_view type, const Where& where, std::string_view text) {
  if (problems_++ >= limits_.problems_max) {
    errors_left_out_ = errors_left_out_ || severity == ProblemSeverity::kError;
    return;
  }
  bundle_.problems.push_back({severity, type, Format("{}: {}", where.Text(), text)});
}

// ---- Fields

bool BundleReader::IsObject(const io::JsonView& view, const Where& where,
                            std::initializer_list<std::string_view> known) {
  if (!view.IsObject()) {
    Wrong(problem_type::kSchema, where, "must be an object");
    return false;
  }
  // A field nobody reads is most often a slip of the pen in one that somebody would.
  for (std::size_t i = 0; i < view.Size(); ++i) {
    if (std::ranges::find(known, view.KeyAt(i)) != known.end()) continue;
    Problem(ProblemSeverity::kWarn, problem_type::kUnknownField, where,
            Format("unknown field {}, not used", Quoted(view.KeyAt(i))));
  }
  return true;
}

// Nothing when it is absent or cannot be used; a required one must not be empty.
std::optional<std::string> BundleReader::Text(const io::JsonView& object, std::string_view key, const Where& where,
                                              bool required) {
  const io::JsonView value = object[key];
  if (value.IsNull()) {
    if (required) Wrong(problem_type::kSchema, where[key], "required, but missing");
    return std::nullopt;
  }
  const auto text = value.String();
  if (!text) {
    Wrong(problem_type::kSchema, where[key], "must be a string");
    return std::nullopt;
  }
  if (text->size() > limits_.name_bytes_max && key != "comment" && key != "description") {
    Wrong(problem_type::kLimit, where[key], Format("{} bytes, limit {}", text->size(), limits_.name_bytes_max));
    return std::nullopt;
  }
  if (text->empty() && required) {
    Wrong(problem_type::kSchema, where[key], "required, but empty");
    return std::nullopt;
  }
  return std::string(*text);
}

io::JsonView BundleReader::List(const io::JsonView& object, std::string_view key, const Where& where, bool required) {
  const io::JsonView list = object[key];
  if (list.IsNull()) {
    if (required) Wrong(problem_type::kSchema, where[key], "required, but missing");
    return {};
  }
  if (!list.IsArray()) {
    Wrong(problem_type::kSchema, where[key], "must be an array");
    return {};
  }
  const std::size_t limit = key == "items" ? limits_.items_max : limits_.entries_max;
  if (list.Size() > limit) {
    Wrong(problem_type::kLimit, where[key], Format("{} elements, limit {}", list.Size(), limit));
    return {};
  }
  return list;
}

void BundleReader::CheckVersion(const io::JsonView& object, const Where& where) {
  const auto version = Text(object, "version", where, true);
  if (version && *version != kBundleVersion)
    Wrong(problem_type::kVersion, where["version"],
          Format("{} is not supported, only '{}'", Quoted(*version), kBundleVersion));
}

bool BundleReader::Unique(std::set<std::string, std::less<>>& seen, const std::string& id, ProblemSeverity severity,
                          const Where& where) {
  if (id.empty() || seen.insert(id).second) return true;
  Problem(severity, problem_type::kDuplicate, where["id"], Format("{} is used more than once", Quoted(id)));
  return false;
}

// ---- Policies

void BundleReader::ReadPolicy(const io::JsonView& view, const Where& where) {
  if (!IsObject(view, where, {"id", "name", "comment", "description", "version", "rules"})) return;
  Policy policy;
  policy.id = Required(view, "id", where);
  policy.name = Optional(view, "name", where);
  (void)Optional(view, "comment", where);
  CheckVersion(view, where);
  std::set<std::string, std::less<>> rule_ids;
  const Where rules = where["rules"];
  const io::JsonView list = List(view, "rules", where, false);
  for (std::size_t i = 0; i < list.Size(); ++i) {
    const Where place = rules.At(i);
    if (++rules_ > limits_.rules_max) {
      Wrong(problem_type::kLimit, rules, Format("more than {} rules in all policies", limits_.rules_max));
      break;
    }
    (void)Unique(rule_ids, std::string(list.At(i)["id"].StringOr("")), ProblemSeverity::kWarn, place);
    ReadRule(list.At(i), place, policy);
  }
  if (policy.id.empty()) return;
  if (!policies_.emplace(policy.id, static_cast<std::uint32_t>(bundle_.policies.size())).second) {
    Wrong(problem_type::kDuplicate, where["id"], Format("{} is used more than once", Quoted(policy.id)));
    return;
  }
  bundle_.policies.push_back(std::move(policy));
}

void BundleReader::ReadRule(const io::JsonView& view, const Where& where, Policy& policy) {
  if (!IsObject(view, where, {"id", "gate", "trigger", "action", "params", "recommendation"})) return;
  Rule rule;
  rule.id = Optional(view, "id", where);
  const std::string gate = Required(view, "gate", where);
  const std::string trigger = Required(view, "trigger", where);
  const std::string action_text = Required(view, "action", where);
  const auto action = ParseAction(action_text);
  if (!action && !action_text.empty())
    Wrong(problem_type::kSchema, where["action"], Format("{} is not one of GO, WARN, STOP", Quoted(action_text)));
  if (gate.empty() || trigger.empty()) return;
  rule.trigger = FindTrigger(gate, trigger, where);
  if (rule.trigger == nullptr) return;
  const auto params = ReadParams(view, *rule.trigger, where);
  if (!params || !action) return;
  rule.action = *action;
  auto check = rule.trigger->bind(*params);
  if (!check) {
    Wrong(problem_type::kParameter, where["params"], check.error().Message());
    return;
  }
  rule.check = *std::move(check);
  policy.rules.push_back(std::move(rule));
}

const Trigger* BundleReader::FindTrigger(const std::string& gate, const std::string& name, const Where& where) {
  if (std::ranges::find(kEndOfLifeGates, LowerCase(gate)) != kEndOfLifeGates.end()) {
    Wrong(problem_type::kEndOfLife, where["gate"], Format("gate {} is at its end of life", Quoted(gate)));
    return nullptr;
  }
  bool gate_known = false;
  for (const Trigger& trigger : triggers_) {
    if (!SameIgnoringCase(trigger.info.gate->name, gate)) continue;
    gate_known = true;
    if (!SameIgnoringCase(trigger.info.name, name) &&
        (trigger.info.alias.empty() || !SameIgnoringCase(trigger.info.alias, name)))
      continue;
    if (trigger.info.state != Lifecycle::kEndOfLife) return &trigger;
    Wrong(problem_type::kEndOfLife, where["trigger"],
          Format("trigger {} of gate {} is at its end of life", Quoted(name), Quoted(gate)));
    return nullptr;
  }
  if (gate_known) {
    Wrong(problem_type::kTrigger, where["trigger"], Format("gate {} has no trigger {}", Quoted(gate), Quoted(name)));
  } else {
    Wrong(problem_type::kGate, where["gate"], Format("there is no gate {}", Quoted(gate)));
  }
  return nullptr;
}

std::optional<Params> BundleReader::ReadParams(const io::JsonView& rule, const Trigger& trigger, const Where& where) {
  const io::JsonView list = List(rule, "params", where, false);
  const Where params = where["params"];
  if (list.Size() > limits_.params_max) {
    Wrong(problem_type::kLimit, params, Format("{} parameters, limit {}", list.Size(), limits_.params_max));
    return std::nullopt;
  }
  std::map<std::string_view, std::string> given;
  bool usable = rule["params"].IsNull() || list.IsArray();
  for (std::size_t i = 0; i < list.Size(); ++i) usable = ReadParam(list.At(i), trigger, params.At(i), given) && usable;
  if (!usable) return std::nullopt;  // what is missing may be what was misspelt
  for (const ParamSpec& spec : trigger.info.params) {
    if (!spec.required || given.contains(spec.name)) continue;
    usable = false;
    Wrong(problem_type::kParameter, params,
          Format("'{}' of trigger '{}' is required: {}", spec.name, trigger.info.name, spec.validator.Wanted()));
  }
  if (!usable) return std::nullopt;
  return Params(trigger.info.params, std::move(given));
}

bool BundleReader::ReadParam(const io::JsonView& view, const Trigger& trigger, const Where& where,
                             std::map<std::string_view, std::string>& given) {
  if (!IsObject(view, where, {"name", "value"})) return false;
  const std::string name = Required(view, "name", where);
  const auto value = view["value"].String();
  if (!value) Wrong(problem_type::kSchema, where["value"], "required; must be a string");
  if (name.empty() || !value) return false;
  const auto spec = std::ranges::find_if(trigger.info.params, [&](const ParamSpec& candidate) {
    return SameIgnoringCase(candidate.name, name) ||
           (!candidate.alias.empty() && SameIgnoringCase(candidate.alias, name));
  });
  if (spec == trigger.info.params.end()) {
    Wrong(problem_type::kParameter, where["name"],
          Format("trigger '{}' has no parameter {}", trigger.info.name, Quoted(name)));
    return false;
  }
  if (value->size() > limits_.value_bytes_max) {
    Wrong(problem_type::kLimit, where["value"], Format("{} bytes, limit {}", value->size(), limits_.value_bytes_max));
    return false;
  }
  if (Trimmed(*value).empty()) return true;  // forms send fields left empty; a required one is missing then
  if (!spec->validator.Accepts(*value)) {
    Wrong(problem_type::kParameter, where["value"],
          Format("{} is no value for '{}': {}", Quoted(*value), spec->name, spec->validator.Wanted()));
    return false;
  }
  const auto [place, first] = given.emplace(spec->name, *value);
  if (first || place->second == *value) return true;
  Wrong(problem_type::kParameter, where["name"], Format("'{}' is given twice, with different values", spec->name));
  return false;
}

// ---- Allowlists

void BundleReader::ReadAllowlist(const io::JsonView& view, const Where& where) {
  if (!IsObject(view, where, {"id", "name", "comment", "description", "version", "items"})) return;
  auto list = std::make_unique<Allowlist>();
  list->id = Required(view, "id", where);
  list->name = Optional(view, "name", where);
  (void)Optional(view, "comment", where);
  CheckVersion(view, where);
  ReadItems(List(view, "items", where, false), where["items"], *list);
  list->index = AllowlistIndex(list->items);
  if (list->id.empty()) return;
  if (!allowlists_.emplace(list->id, static_cast<std::uint32_t>(bundle_.allowlists.size())).second) {
    Wrong(problem_type::kDuplicate, where["id"], Format("{} is used more than once", Quoted(list->id)));
    return;
  }
  bundle_.allowlists.push_back(std::move(list));
}

void BundleReader::ReadItems(const io::JsonView& view, const Where& where, Allowlist& list) {
  std::set<std::string, std::less<>> ids;
  for (std::size_t i = 0; i < view.Size(); ++i) {
    if (++items_ > limits_.items_max) {
      Wrong(problem_type::kLimit, where, Format("more than {} items in all allowlists", limits_.items_max));
      return;
    }
    const Where place = where.At(i);
    const io::JsonView element = view.At(i);
    if (!IsObject(element, place,
                  {"id", "gate", "trigger_id", "expires_on", "comment", "description", "created_at", "created_by"}))
      continue;
    AllowlistItem item;
    item.id = Optional(element, "id", place);
    (void)Unique(ids, item.id, ProblemSeverity::kWarn, place);
    item.gate = LowerCase(Required(element, "gate", place));
    item.trigger_id = Required(element, "trigger_id", place);
    const auto expires = Text(element, "expires_on", place, false);
    if (expires && !expires->empty()) {
      const auto time_ms = ParseTime(*expires);
      if (!time_ms) {
        Wrong(problem_type::kSchema, place["expires_on"], Format("{} is not a time of RFC 3339", Quoted(*expires)));
        continue;
      }
      item.expires_at = *time_ms / 1000;
    }
    if (!expires && !element["expires_on"].IsNull()) continue;  // unreadable: it may have expired
    if (!item.gate.empty() && !item.trigger_id.empty()) list.items.push_back(std::move(item));
  }
}

// ---- Mappings and lists of images

std::optional<Pattern> BundleReader::ReadPattern(const io::JsonView& object, std::string_view key, const Where& where) {
  const auto text = Text(object, key, where, true);
  if (!text) return std::nullopt;
  auto pattern = Pattern::Make(*text);
  if (!pattern) {
    Wrong(problem_type::kSchema, where[key], pattern.error().Message());
    return std::nullopt;
  }
  if (pattern->IsRegex() && ++regexes_ > limits_.regexes_max) {
    Wrong(problem_type::kLimit, where[key], Format("more than {} regular expressions", limits_.regexes_max));
    return std::nullopt;
  }
  return *std::move(pattern);
}

// Requires: an object.
std::optional<ImageSelector> BundleReader::ReadSelector(const io::JsonView& view, const Where& where) {
  ImageSelector selector;
  selector.id = Optional(view, "id", where);
  selector.name = Required(view, "name", where);
  auto registry = ReadPattern(view, "registry", where);
  auto repository = ReadPattern(view, "repository", where);
  const Where image = where["image"];
  if (!IsObject(view["image"], image, {"type", "value"})) return std::nullopt;
  auto value = ReadPattern(view["image"], "value", image);
  static constexpr std::array<std::pair<std::string_view, ImageRefType>, 3> kTypes = {
      {{"tag", ImageRefType::kTag}, {"digest", ImageRefType::kDigest}, {"id", ImageRefType::kId}}};
  const auto type_text = Text(view["image"], "type", image, true);
  const auto* type = std::ranges::find_if(
      kTypes, [&](const auto& known) { return type_text && SameIgnoringCase(known.first, *type_text); });
  if (type_text && type == kTypes.end())
    Wrong(problem_type::kSchema, image["type"], Format("{} is not one of tag, digest, id", Quoted(*type_text)));
  if (!registry || !repository || !value || !type_text || type == kTypes.end()) return std::nullopt;
  selector.registry = *std::move(registry);
  selector.repository = *std::move(repository);
  selector.value = *std::move(value);
  selector.type = type->second;
  selector.json = io::JsonWriter().Copy(view).Take();
  return selector;
}

bool BundleReader::ReadReferences(const io::JsonView& list, const Ids& ids, const Where& where,
                                  std::vector<std::uint32_t>& indexes) {
  bool usable = true;
  for (std::size_t i = 0; i < list.Size(); ++i) {
    const auto id = list.At(i).String();
    if (!id) {
      Wrong(problem_type::kSchema, where.At(i), "must be a string");
      usable = false;
    } else if (const auto found = ids.find(*id); found != ids.end()) {
      indexes.push_back(found->second);
    } else {
      Wrong(problem_type::kDangling, where.At(i), Format("{} is not in the bundle", Quoted(*id)));
      usable = false;
    }
  }
  return usable;
}

bool BundleReader::ReadPolicyIds(const io::JsonView& view, const Where& where, Mapping& mapping) {
  const bool one = !view["policy_id"].IsNull();
  const bool many = !view["policy_ids"].IsNull();
  if (one == many) {
    Wrong(problem_type::kSchema, where,
          one ? "has both policy_id and policy_ids" : "needs policy_id or policy_ids, but has neither");
    return false;
  }
  if (many) {
    const io::JsonView list = List(view, "policy_ids", where, true);
    return list.IsArray() && ReadReferences(list, policies_, where["policy_ids"], mapping.policies);
  }
  const auto id = Text(view, "policy_id", where, true);
  if (!id) return false;
  const auto found = policies_.find(*id);
  if (found == policies_.end()) {
    Wrong(problem_type::kDangling, where["policy_id"], Format("{} is not in the bundle", Quoted(*id)));
    return false;
  }
  mapping.policies.push_back(found->second);
  return true;
}

void BundleReader::ReadMapping(const io::JsonView& view, const Where& where) {
  if (!IsObject(view, where,
                {"id", "name", "comment", "description", "registry", "repository", "image", "policy_id", "policy_ids",
                 "whitelist_ids"}))
    return;
  Mapping mapping;
  auto selector = ReadSelector(view, where);
  bool usable = ReadPolicyIds(view, where, mapping);
  const io::JsonView lists = List(view, "whitelist_ids", where, false);
  usable = ReadReferences(lists, allowlists_, where["whitelist_ids"], mapping.allowlists) && usable;
  if (!selector) return;
  usable = Unique(mapping_ids_, selector->id, ProblemSeverity::kError, where) && usable;
  if (!usable) return;
  mapping.selector = *std::move(selector);
  bundle_.mappings.push_back(std::move(mapping));
}

void BundleReader::ReadImages(const io::JsonView& document, std::string_view key, std::vector<ImageSelector>& images) {
  const Where root;
  const Where where = root[key];
  const io::JsonView list = List(document, key, root, false);
  std::set<std::string, std::less<>> ids;
  for (std::size_t i = 0; i < list.Size(); ++i) {
    const Where place = where.At(i);
    if (!IsObject(list.At(i), place, {"id", "name", "comment", "description", "registry", "repository", "image"}))
      continue;
    auto selector = ReadSelector(list.At(i), place);
    if (!selector) continue;
    (void)Unique(ids, selector->id, ProblemSeverity::kError, place);
    images.push_back(*std::move(selector));
  }
}

void BundleReader::Read(const io::JsonView& document) {
  const Where root;
  if (!IsObject(document, Where{.parent = nullptr, .name = "bundle", .index = std::nullopt},
                {"id", "name", "comment", "description", "version", "policies", "whitelists", "mappings",
                 "whitelisted_images", "blacklisted_images", "last_updated", "created_at", "source"}))
    return;
  bundle_.id = Required(document, "id", root);
  bundle_.name = Optional(document, "name", root);
  (void)Optional(document, "comment", root);
  CheckVersion(document, root);
  const Where policies = root["policies"];
  const io::JsonView policy_list = List(document, "policies", root, true);
  for (std::size_t i = 0; i < policy_list.Size(); ++i) ReadPolicy(policy_list.At(i), policies.At(i));
  const Where allowlists = root["whitelists"];
  const io::JsonView allowlist_list = List(document, "whitelists", root, false);
  for (std::size_t i = 0; i < allowlist_list.Size(); ++i) ReadAllowlist(allowlist_list.At(i), allowlists.At(i));
  const Where mappings = root["mappings"];
  const io::JsonView mapping_list = List(document, "mappings", root, true);
  for (std::size_t i = 0; i < mapping_list.Size(); ++i) ReadMapping(mapping_list.At(i), mappings.At(i));
  ReadImages(document, "whitelisted_images", bundle_.allowed_images);
  ReadImages(document, "blacklisted_images", bundle_.denied_images);
  if (problems_ <= limits_.problems_max) return;
  bundle_.problems.push_back({errors_left_out_ ? ProblemSeverity::kError : ProblemSeverity::kWarn, problem_type::kLimit,
                              Format("bundle: {} more problems", problems_ - limits_.problems_max)});
}

}  // namespace

std::unique_ptr<const Bundle> ReadBundle(const io::JsonView& document, std::span<const Trigger> triggers,
                                         const BundleLimits& limits) {
  auto bundle = std::make_unique<Bundle>();
  bundle->json = io::JsonWriter().Copy(document).Take();
  BundleReader(triggers, limits, *bundle).Read(document);
  return bundle;
}

Result<std::unique_ptr<const Bundle>> ParseBundle(std::string_view text, std::span<const Trigger> triggers,
                                                  const BundleLimits& limits) {
  HF_TRY(const io::JsonDocument document,
         io::JsonDocument::Parse(text, {.bytes_max = limits.bytes_max, .depth_max = limits.depth_max}));
  return ReadBundle(document.Root(), triggers, limits);
}

}  // namespace holdfast::policy
