// The table of keys, bound to one Configuration.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"

namespace holdfast::config::internal {

// Where a value goes.
using Slot = std::variant<bool*, std::int64_t*, std::string*, Secret*, Texts*, std::map<std::string, Secret>*>;

enum class Form : std::uint8_t {
  kPlain,
  kAddress,   // host:port
  kUrl,       // http or https
  kNetworks,  // a list of addresses with or without /bits
};

struct KeySpec {
  std::string_view name;     // below where the table is mounted: "storage_driver.name"
  std::string_view meaning;  // one sentence without a full stop
  std::string_view env = {};
  std::int64_t min = 0, max = std::numeric_limits<std::int64_t>::max();  // of numbers
  std::string_view choices = {};                                         // of texts: "a|b|c"
  Form form = Form::kPlain;
  std::string_view no_effect = {};  // why it does nothing here: it is taken, and whoever sets it is told
};

struct BoundKey {
  std::string path;     // "services.catalog.port"
  std::string display;  // "services.<name>.port"
  const KeySpec* spec = nullptr;
  bool timer = false;  // min and max clamp; 0 disables; a negative value is taken as positive and not clamped
  std::string_view no_effect = {};  // of the spec, or of where its table is mounted
  Slot slot;
};

// Pointers go into `configuration`, which stays where it is.
[[nodiscard]] std::vector<BoundKey> BindKeys(Configuration& configuration);

// "true or false", "number, 1 to 65535", …
[[nodiscard]] std::string DescribeType(const BoundKey& key);
// As YAML; a secret that is set is masked.
[[nodiscard]] std::string DescribeValue(const Slot& slot);

// A key, or a whole block, that Anchore knows and that does nothing here. '*' stands for one segment.
struct IgnoredKey {
  std::string_view path;
  std::string_view why;
};
[[nodiscard]] std::span<const IgnoredKey> IgnoredKeys();

// Another name of a key or block.
struct KeyAlias {
  std::string_view from, to;
};
[[nodiscard]] std::span<const KeyAlias> KeyAliases();

// Variables that are not in the table: read in other ways, or for one key of a table that is mounted several times.
struct OtherVariable {
  std::string_view name, meaning;
  std::string_view key = {};
};
[[nodiscard]] std::span<const OtherVariable> OtherVariables();

}  // namespace holdfast::config::internal
