#include "config/load.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/format.h"
#include "config/internal/checks.h"
#include "config/internal/keys.h"
#include "config/internal/lines.h"
#include "config/internal/nearest.h"
#include "config/internal/values.h"
#include "config/internal/variables.h"
#include "io/json.h"

namespace holdfast::config {
namespace {

using internal::BoundKey;

constexpr std::size_t kProblemsMax = 500;
constexpr std::size_t kSuggestionsMax = 100;
constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kListMax = 1000;
constexpr std::size_t kOptionsMax = 200;
constexpr std::size_t kQuotedBytesMax = 120;
constexpr std::string_view kFileSuffix = "_file";
constexpr std::string_view kFilePrefix = "file:";

std::string Join(std::string_view block, std::string_view name) {
  return block.empty() ? std::string(name) : Format("{}.{}", block, name);
}

// '*' in the pattern stands for one segment.
bool MatchesPattern(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = pattern.substr(0, pattern.find('.'));
    const std::string_view given = path.substr(0, path.find('.'));
    if (wanted != "*" && wanted != given) return false;
    pattern.remove_prefix(std::min(pattern.size(), wanted.size() + 1));
    path.remove_prefix(std::min(path.size(), given.size() + 1));
  }
  return pattern.empty() && path.empty();
}

// What a path is written as, and what it is called in the table.
struct Place {
  std::string written, canonical;
};

class Loader {
 public:
  Loader(std::string_view text, const Environment& environment, const ReadFile& read_file)
      : text_(text),
        environment_(environment),
        read_file_(read_file),
        variables_(environment, read_file),
        lines_(internal::FindLines(text.substr(0, kFileBytesMax))),
        keys_(internal::BindKeys(checked_.configuration)) {
    for (const BoundKey& key : keys_) {
      by_path_.emplace(key.path, &key);
      for (std::size_t dot = key.path.find('.'); dot != std::string::npos; dot = key.path.find('.', dot + 1))
        blocks_.insert(key.path.substr(0, dot));
    }
  }

  Checked Run() {
    for (const std::string& problem : variables_.Problems()) Add(Severity::kError, {}, problem);
    ReadText();
    ReadVariables();
    const internal::Complain complain = [this](Severity severity, std::string_view key, std::string message) {
      Add(severity, key, std::move(message));
    };
    internal::CompleteDatabase(checked_.configuration.database, variables_, complain);
    internal::CheckTogether(checked_.configuration, complain);
    TellWhatHasNoEffect();
    CheckOptions("services.catalog.object_store", checked_.configuration.catalog.object_store);
    CheckOptions("services.catalog.analysis_archive", checked_.configuration.catalog.analysis_archive);
    return std::move(checked_);
  }

 private:
  // In the order of lines. When there are too many, an error still takes the place of the last one.
  void Add(Severity severity, std::string_view key, std::string message) {
    std::vector<ConfigProblem>& problems = checked_.problems;
    if (problems.size() >= kProblemsMax && severity != Severity::kError) return;
    if (problems.size() >= kProblemsMax) problems.pop_back();
    ConfigProblem problem{.severity = severity,
                          .key = std::string(key.substr(0, kQuotedBytesMax)),
                          .line = variable_.empty() ? internal::LineOf(lines_, key) : 0,
                          .message = variable_.empty() ? std::move(message) : Format("{}: {}", variable_, message)};
    problems.insert(std::ranges::upper_bound(problems, problem.line, {}, &ConfigProblem::line), std::move(problem));
  }

  void ReadText() {
    const io::JsonLimits limits{.bytes_max = kFileBytesMax, .depth_max = kDepthMax, .nodes_max = 100'000};
    const auto document = io::JsonDocument::ParseYaml(text_, limits);
    if (!document) return Add(Severity::kError, {}, document.error().Message());
    const io::JsonView root = document->Root();
    if (root.IsNull()) return;
    if (!root.IsObject()) return Add(Severity::kError, {}, "wants keys and values");
    ReadBlock(root, {});
  }

  // Depth is bounded by the document's.
  void ReadBlock(io::JsonView block, const Place& at) {
    for (std::size_t i = 0; i < block.Size(); ++i) {
      Place place{Join(at.written, block.KeyAt(i)), Join(at.canonical, block.KeyAt(i))};
      for (const internal::KeyAlias& alias : internal::KeyAliases())
        if (place.canonical == alias.from) place.canonical = alias.to;
      ReadMember(block.At(i), place, at);
    }
  }

  void ReadMember(io::JsonView value, const Place& place, const Place& block) {
    if (const auto found = by_path_.find(place.canonical); found != by_path_.end())
      return Assign(*found->second, value, place);
    if (blocks_.contains(place.canonical)) {
      MarkConfigured(place.canonical);
      if (value.IsObject()) return ReadBlock(value, place);
      if (!value.IsNull()) Add(Severity::kError, place.written, "wants a block of keys");
      return;
    }
    for (const internal::IgnoredKey& ignored : internal::IgnoredKeys())
      if (MatchesPattern(ignored.path, place.canonical))
        return Add(Severity::kNote, place.written, Format("has no effect: {}", ignored.why));
    if (place.canonical.ends_with(kFileSuffix)) {
      const auto secret = by_path_.find(place.canonical.substr(0, place.canonical.size() - kFileSuffix.size()));
      if (secret != by_path_.end() && std::holds_alternative<Secret*>(secret->second->slot))
        return AssignFromFile(*secret->second, value, place);
    }
    if (const auto options = by_path_.find(block.canonical + ".*"); options != by_path_.end())
      return ReadOption(*std::get<std::map<std::string, Secret>*>(options->second->slot), value, place,
                        place.canonical.substr(block.canonical.size() + 1));
    AddUnknown(place.written);
  }

  void MarkConfigured(std::string_view block) {
    Catalog& catalog = checked_.configuration.catalog;
    if (block == "services.catalog.object_store") catalog.object_store.configured = true;
    if (block == "services.catalog.analysis_archive") catalog.analysis_archive.configured = true;
  }

  void AddUnknown(const std::string& written) {
    std::string nearest;
    if (++suggestions_ <= kSuggestionsMax) {
      std::vector<std::string> names(blocks_.begin(), blocks_.end());
      for (const BoundKey& key : keys_) names.push_back(key.path);
      for (const internal::KeyAlias& alias : internal::KeyAliases()) names.emplace_back(alias.from);
      nearest = NearestSibling(written, names);
    }
    Add(Severity::kWarning, written,
        nearest.empty() ? "is not a known key" : Format("is not a known key; did you mean {}?", nearest));
  }

  // A slip in the last segment is likelier than one anywhere, so that is looked at by itself first.
  static std::string NearestSibling(std::string_view written, const std::vector<std::string>& names) {
    const std::size_t dot = written.rfind('.');
    const std::string block(dot == std::string_view::npos ? "" : written.substr(0, dot + 1));
    std::vector<std::string> siblings;
    for (const std::string& name : names)
      if (name.starts_with(block) && name.find('.', block.size()) == std::string::npos)
        siblings.push_back(name.substr(block.size()));
    const std::string sibling = internal::Nearest(written.substr(block.size()), siblings);
    if (!sibling.empty()) return block + sibling;
    // The same name somewhere else: a key in the wrong block.
    for (const std::string& name : names)
      if (name.ends_with(Join("", written.substr(block.size()))) && name.size() > written.size() - block.size() &&
          name[name.size() - (written.size() - block.size()) - 1] == '.')
        return name;
    return internal::Nearest(written, names);
  }

  // The text of a scalar with its placeholders replaced. Nothing: it is not set, or there was a problem.
  std::optional<std::string> ScalarText(io::JsonView value, const Place& place) {
    if (value.IsNull()) return std::nullopt;
    if (const auto flag = value.Bool()) return *flag ? "true" : "false";
    if (const auto number = value.Integer()) return Format("{}", *number);
    const auto string = value.String();
    if (!string) {
      Add(Severity::kError, place.written, "wants one value, not a list or block");
      return std::nullopt;
    }
    auto text = variables_.Expand(*string);
    if (!text) {
      Add(Severity::kError, place.written, text.error().Message());
      return std::nullopt;
    }
    if ((text->empty() && !string->empty()) || *text == "null") return std::nullopt;
    return *std::move(text);
  }

  // False: the key has a value already.
  bool Claim(const BoundKey& key, std::string_view written, std::string origin) {
    if (checked_.origins.try_emplace(key.path, std::move(origin)).second) return true;
    Add(Severity::kError, written, Format("{} is set twice", key.path));
    return false;
  }

  void Assign(const BoundKey& key, io::JsonView value, const Place& place) {
    if (value.IsArray() && std::holds_alternative<Texts*>(key.slot)) return AssignList(key, value, place);
    const bool secret = std::holds_alternative<Secret*>(key.slot);
    if (secret && (value.Integer() || value.Bool()))
      Add(Severity::kWarning, place.written, "is not a text in YAML and may lose zeros in front; put quotes around it");
    auto text = ScalarText(value, place);
    if (!text || !Claim(key, place.written, "file")) return;
    if (secret && text->starts_with(kFilePrefix))
      return StoreFromFile(key, text->substr(kFilePrefix.size()), place.written);
    Store(key, *text, place.written);
  }

  void AssignList(const BoundKey& key, io::JsonView value, const Place& place) {
    if (value.Size() > kListMax)
      return Add(Severity::kError, place.written, Format("wants at most {} values", kListMax));
    Texts values;
    for (const io::JsonView item : value)
      if (auto text = ScalarText(item, place)) values.push_back(*std::move(text));
    if (!Claim(key, place.written, "file")) return;
    if (const auto done = internal::StoreList(key, std::move(values)); !done)
      Add(Severity::kError, place.written, done.error().Message());
  }

  void AssignFromFile(const BoundKey& key, io::JsonView value, const Place& place) {
    const auto path = ScalarText(value, place);
    if (path && Claim(key, place.written, "file")) StoreFromFile(key, *path, place.written);
  }

  void StoreFromFile(const BoundKey& key, const std::string& path, std::string_view written) {
    auto content = read_file_(path);
    if (!content) return Add(Severity::kError, written, content.error().Message());
    Store(key, internal::TrimLineEnd(*content), written);
    crypto::WipeText(*content);
  }

  void Store(const BoundKey& key, std::string_view text, std::string_view written) {
    if (key.timer) {
      const auto seconds = internal::ParseInteger(text);
      if (!seconds) return Add(Severity::kError, written, "wants a whole number of seconds");
      std::string note;
      *std::get<std::int64_t*>(key.slot) = internal::ClampTimer(*key.spec, *seconds, note);
      if (!note.empty()) Add(Severity::kNote, written, std::move(note));
      return;
    }
    if (const auto done = internal::StoreText(key, text); !done) Add(Severity::kError, written, done.error().Message());
  }

  // Free options of a storage driver; one level of nesting becomes "os_options.region_name".
  void ReadOption(std::map<std::string, Secret>& options, io::JsonView value, const Place& place,
                  const std::string& name) {
    if (value.IsObject() && name.find('.') == std::string::npos) {
      for (std::size_t i = 0; i < value.Size(); ++i) {
        const std::string inner(value.KeyAt(i));
        ReadOption(options, value.At(i), {Join(place.written, inner), Join(place.canonical, inner)}, Join(name, inner));
      }
      return;
    }
    auto text = ScalarText(value, place);
    if (!text) return;
    if (options.size() >= kOptionsMax)
      return Add(Severity::kError, place.written, Format("more than {} options", kOptionsMax));
    options.insert_or_assign(name, Secret::Take(*text));
  }

  // Only swift has options of its own; elsewhere they are slips of the pen.
  void CheckOptions(const std::string& at, const ObjectStore& store) {
    if (store.storage_driver.name == "swift") return;
    for (const auto& [name, value] : store.storage_driver.options)
      AddUnknown(Format("{}.storage_driver.config.{}", at, name));
  }

  // Of truth values only those that are not as the default, which is what happens anyway.
  void TellWhatHasNoEffect() {
    Configuration defaults;
    const std::vector<BoundKey> unset = internal::BindKeys(defaults);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const BoundKey& key = keys_[i];
      if (key.no_effect.empty() || !checked_.origins.contains(key.path)) continue;
      const bool* const* flag = std::get_if<bool*>(&key.slot);
      if (flag != nullptr && **flag == *std::get<bool*>(unset[i].slot)) continue;
      Add(Severity::kNote, key.path, Format("has no effect: {}", key.no_effect));
    }
  }

  void ReadVariables() {
    for (const BoundKey& key : keys_)
      if (!key.spec->env.empty()) ReadVariable(key, std::string(key.spec->env));
    for (const internal::OtherVariable& variable : internal::OtherVariables())
      if (!variable.key.empty()) ReadVariable(*by_path_.at(std::string(variable.key)), std::string(variable.name));
    const auto hostname = environment_.find("HOSTNAME");
    const auto use_hostname = environment_.find("SET_HOSTID_TO_HOSTNAME");
    if (hostname != environment_.end() && use_hostname != environment_.end() &&
        internal::ParseBool(use_hostname->second).value_or(false)) {
      checked_.configuration.host_id = hostname->second;
      checked_.origins.insert_or_assign("host_id", "environment HOSTNAME");
    }
    CheckOwnVariables();
  }

  void ReadVariable(const BoundKey& key, const std::string& name) {
    if (checked_.origins.contains(key.path)) return;
    const auto value = variables_.Find(name);
    if (!value) return Add(Severity::kError, key.path, value.error().Message());
    if (!*value || (*value)->empty() || **value == "null") return;
    checked_.origins.emplace(key.path, "environment " + name);
    variable_ = name;
    Store(key, **value, key.path);
    variable_.clear();
  }

  // A variable that begins with our own name and is none is a slip of the pen.
  void CheckOwnVariables() {
    std::vector<std::string> names;
    for (const BoundKey& key : keys_)
      if (!key.spec->env.empty()) names.emplace_back(key.spec->env);
    for (const internal::OtherVariable& variable : internal::OtherVariables()) names.emplace_back(variable.name);
    for (const auto& [name, value] : environment_) {
      if (!name.starts_with("HOLDFAST_")) continue;
      const std::string plain = name.ends_with("_FILE") && std::ranges::find(names, name) == names.end()
                                    ? name.substr(0, name.size() - 5)
                                    : name;
      if (std::ranges::find(names, plain) != names.end() || text_.find("${" + plain) != std::string_view::npos)
        continue;
      const std::string nearest = ++suggestions_ <= kSuggestionsMax ? internal::Nearest(plain, names) : "";
      Add(Severity::kWarning, {},
          Format("the variable {} is not known{}", name.substr(0, kQuotedBytesMax),
                 nearest.empty() ? "" : Format("; did you mean {}?", nearest)));
    }
  }

  std::string_view text_;
  const Environment& environment_;
  const ReadFile& read_file_;
  internal::Variables variables_;
  internal::LineMap lines_;
  Checked checked_;
  std::vector<BoundKey> keys_;  // point into checked_
  std::map<std::string, const BoundKey*, std::less<>> by_path_;
  std::set<std::string, std::less<>> blocks_;
  std::size_t suggestions_ = 0;
  std::string variable_;  // whose value is read right now; empty: the file's
};

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "error";
}

}  // namespace

std::string ConfigProblem::Text() const {
  std::string where = key.empty() ? "configuration" : key;
  if (line != 0) where += Format(" (line {})", line);
  return Format("{}: {}: {}", SeverityName(severity), where, message);
}

bool Checked::Usable() const {
  return std::ranges::none_of(problems, [](const ConfigProblem& p) { return p.severity == Severity::kError; });
}

Checked Check(std::string_view text, const Environment& environment, const ReadFile& read_file) {
  return Loader(text, environment, read_file).Run();
}

Result<Configuration> Load(std::string_view text, const Environment& environment, const ReadFile& read_file) {
  Checked checked = Check(text, environment, read_file);
  if (checked.Usable()) return std::move(checked.configuration);
  std::string errors;
  for (const ConfigProblem& problem : checked.problems)
    if (problem.severity == Severity::kError) errors += Format("{}{}", errors.empty() ? "" : "\n", problem.Text());
  return Fail(ErrorKind::kInvalidInput, std::move(errors));
}

}  // namespace holdfast::config
