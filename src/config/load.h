// From the text of config.yaml and the environment to a Configuration, with everything that is wrong with them.
//
// A key's value comes from the file, else from its environment variable, else it is the default.
//
// Placeholders. "${NAME}" and "${NAME:-default}" in a value stand for a variable; "$${" is a literal "${". They are
// replaced in parsed values, not in the text: whatever a password is made of, it stays one value. A variable is looked
// for in the environment, in the file that NAME_FILE of the environment names, in the files of ANCHORE_ENV_FILE
// (comma-separated; lines NAME=value), and as file NAME in the folder HOLDFAST_CREDENTIALS_DIR (a mounted Kubernetes
// secret). One that is nowhere is an error. A value that is altogether "null" or empty after that is not set, as
// Anchore's images have it.
//
// Secrets. Each secret key takes "file:/path" as its value, and has a sibling <key>_file; the file's content without
// the last line break is the secret. root.crt, postgresql.crt and postgresql.key in HOLDFAST_CREDENTIALS_DIR are taken
// for sslrootcert, sslcert and sslkey of the database when those are not set.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace holdfast::config {

using Environment = std::map<std::string, std::string, std::less<>>;
// The content of a small file; kNotFound, kDenied, ….
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

inline constexpr std::uint64_t kFileBytesMax = 1024 * 1024;

// Reads real files up to kFileBytesMax.
[[nodiscard]] Result<std::string> ReadSmallFile(const std::string& path);

enum class Severity : std::uint8_t {
  kError,    // the configuration cannot be used
  kWarning,  // a key that nobody knows
  kNote,     // understood, and without effect or adjusted
};

struct ConfigProblem {
  Severity severity = Severity::kError;
  std::string key;       // "services.catalog.port"; empty: the whole file
  std::size_t line = 0;  // from 1, of the key or the nearest block around it; 0: not known
  std::string message;

  // "error: services.catalog.port (line 12): …"
  [[nodiscard]] std::string Text() const;
  friend bool operator==(const ConfigProblem&, const ConfigProblem&) = default;
};

struct Checked {
  Configuration configuration;
  std::vector<ConfigProblem> problems;         // all of them, in the order of the file; at most 500
  std::map<std::string, std::string> origins;  // of each key that is not at its default: "file", "environment NAME"

  [[nodiscard]] bool Usable() const;  // no errors
};

// Never fails: what cannot be read is a problem. An empty text is a valid file.
[[nodiscard]] Checked Check(std::string_view text, const Environment& environment, const ReadFile& read_file);

// kInvalidInput with every error, one a line.
[[nodiscard]] Result<Configuration> Load(std::string_view text, const Environment& environment,
                                         const ReadFile& read_file);

// The whole configuration as YAML that could be loaded again, but for secrets, which are "********". A comment says
// where a value is from when it is not the default.
[[nodiscard]] std::string Show(const Checked& checked);

// docs/configuration.md: every key with type, default, environment variable and meaning.
[[nodiscard]] std::string DescribeKeys();

}  // namespace holdfast::config
