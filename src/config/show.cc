// The table of keys as text: what is in force, and the reference.

#include <algorithm>
#include <map>

#include "base/format.h"
#include "config/internal/keys.h"
#include "config/load.h"
#include "io/json.h"

namespace holdfast::config {
namespace internal {
namespace {

constexpr std::string_view kMask = "\"********\"";

std::string Quote(std::string_view text) { return io::JsonWriter().String(text).Take(); }

std::string ReplaceAll(std::string_view text, char what, std::string_view with) {
  std::string replaced;
  for (const char c : text) {
    if (c == what)
      replaced += with;
    else
      replaced += c;
  }
  return replaced;
}

struct ValueText {
  std::string operator()(const bool* flag) const { return *flag ? "true" : "false"; }
  std::string operator()(const std::int64_t* number) const { return Format("{}", *number); }
  // '$' of a value must not become a placeholder.
  std::string operator()(const std::string* text) const { return text->empty() ? "null" : Quote(Escaped(*text)); }
  std::string operator()(const Secret* secret) const { return secret->Empty() ? "null" : std::string(kMask); }
  std::string operator()(const Texts* texts) const {
    std::string list;
    for (const std::string& text : *texts) list += (list.empty() ? "" : ", ") + Quote(Escaped(text));
    return "[" + list + "]";
  }
  std::string operator()(const std::map<std::string, Secret>*) const { return "{}"; }

  static std::string Escaped(std::string_view text) {
    std::string escaped;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with("${")) escaped += '$';
      escaped += text[i];
    }
    return escaped;
  }
};

}  // namespace

std::string DescribeValue(const Slot& slot) { return std::visit(ValueText{}, slot); }

std::string DescribeType(const BoundKey& key) {
  const KeySpec& spec = *key.spec;
  if (key.timer) return Format("seconds, {} to {}; 0: never", spec.min, spec.max);
  if (std::holds_alternative<bool*>(key.slot)) return "true or false";
  if (std::holds_alternative<Secret*>(key.slot)) return "secret";
  if (std::holds_alternative<Texts*>(key.slot)) return spec.form == Form::kNetworks ? "list of networks" : "list";
  if (std::holds_alternative<std::map<std::string, Secret>*>(key.slot)) return "secret";
  if (std::holds_alternative<std::int64_t*>(key.slot))
    return spec.max == std::numeric_limits<std::int64_t>::max() ? Format("number, from {}", spec.min)
                                                                : Format("number, {} to {}", spec.min, spec.max);
  if (!spec.choices.empty()) return ReplaceAll(spec.choices, '|', ", ");
  return spec.form == Form::kAddress ? "host:port" : spec.form == Form::kUrl ? "URL" : "text";
}

}  // namespace internal

std::string Show(const Checked& checked) {
  Configuration copy = checked.configuration;
  std::map<std::string, const internal::BoundKey*> sorted;  // keys of a block stand together: '.' sorts first
  const auto keys = internal::BindKeys(copy);
  for (const internal::BoundKey& key : keys) sorted.emplace(key.path, &key);
  std::string text;
  std::string block;  // of the line before, with a '.' at its end
  for (const auto& [path, key] : sorted) {
    if (path.ends_with(".*")) continue;
    std::size_t begin = 0, depth = 0;
    for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin), ++depth) {
      if (!block.starts_with(std::string_view(path).substr(0, dot + 1)))
        text += Format("{:{}}{}:\n", "", depth * 2, path.substr(begin, dot - begin));
      begin = dot + 1;
    }
    block = path.substr(0, begin);
    const auto origin = checked.origins.find(path);
    text += Format("{:{}}{}: {}{}\n", "", depth * 2, path.substr(begin), internal::DescribeValue(key->slot),
                   origin == checked.origins.end() ? "" : "  # " + origin->second);
  }
  return text;
}

std::string DescribeKeys() {
  std::string text =
      "# Configuration\n\n"
      "One file, `config.yaml`, in the shape of Anchore Engine's; the same for all services. A key's value comes from "
      "the\n"
      "file, else from its environment variable, else it is the default. `holdfast config check` tells everything that "
      "is\n"
      "wrong with a file, `holdfast config show` what is in force. This page is made from the table of keys.\n\n"
      "`${NAME}` and `${NAME:-default}` in a value stand for a variable; `$${` is a literal `${`. A variable is looked "
      "for\n"
      "in the environment, in the file that `NAME_FILE` names, in the files of `ANCHORE_ENV_FILE`, and as file `NAME` "
      "in\n"
      "the folder `HOLDFAST_CREDENTIALS_DIR`. A secret can be read from a file: `key: file:/path` or `key_file: "
      "/path`.\n\n"
      "## Keys\n\n"
      "| key | type | default | variable | meaning |\n|---|---|---|---|---|\n";
  Configuration defaults;
  std::map<std::string, std::string_view> blocks_without_effect;  // all keys of a block that has effect elsewhere
  std::map<std::string, bool> seen;
  for (const internal::BoundKey& key : internal::BindKeys(defaults)) {
    if (key.no_effect != key.spec->no_effect)
      blocks_without_effect.emplace(key.path.substr(0, key.path.size() - key.spec->name.size() - 1), key.no_effect);
    if (!seen.emplace(key.display, true).second) continue;
    const std::string value = internal::DescribeValue(key.slot);
    const std::string meaning = key.spec->no_effect.empty()
                                    ? std::string(key.spec->meaning)
                                    : Format("{}. No effect: {}", key.spec->meaning, key.spec->no_effect);
    const bool unset = value == "null" || value == "[]" || value == "{}";
    text += Format("| `{}` | {} | {} | {} | {} |\n", key.display, internal::DescribeType(key),
                   unset ? "" : "`" + value + "`", key.spec->env.empty() ? "" : Format("`{}`", key.spec->env), meaning);
  }
  text +=
      "\n`<name>` of a service: apiext, catalog, simplequeue, policy_engine, analyzer, feeds. `<type>` of a webhook:";
  for (const auto& [name, target] : defaults.webhooks.targets) text += " " + name;
  text += ".\n\n## Other variables\n\n| variable | meaning |\n|---|---|\n";
  for (const internal::OtherVariable& variable : internal::OtherVariables())
    text += Format("| `{}` | {} |\n", variable.name,
                   variable.key.empty() ? std::string(variable.meaning) : Format("Value of `{}`", variable.key));
  text += "\n## Other names\n\n| name | is read as |\n|---|---|\n";
  for (const internal::KeyAlias& alias : internal::KeyAliases())
    text += Format("| `{}` | `{}` |\n", alias.from, alias.to);
  text +=
      "\n## Keys of Anchore without effect\n\nThey are taken, and `holdfast config check` names those that are "
      "set.\n\n";
  text += "| key | why |\n|---|---|\n";
  for (const auto& [block, why] : blocks_without_effect) text += Format("| `{}` | {} |\n", block, why);
  for (const internal::IgnoredKey& ignored : internal::IgnoredKeys())
    text += Format("| `{}` | {} |\n", ignored.path, ignored.why);
  return text;
}

}  // namespace holdfast::config
