// Variables and placeholders: see load.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/load.h"

namespace holdfast::config::internal {

class Variables {
 public:
  // Both outlive it. Reads the files of ANCHORE_ENV_FILE; what is wrong with them is in Problems.
  Variables(const Environment& environment, const ReadFile& read_file);

  // Nothing when it is nowhere; an error when its file cannot be read.
  [[nodiscard]] Result<std::optional<std::string>> Find(const std::string& name) const;
  // The text with its placeholders replaced. kInvalidInput: a variable that is nowhere, a placeholder without an end.
  [[nodiscard]] Result<std::string> Expand(std::string_view text) const;
  // A file of the credentials folder, when there is one by that name: its path.
  [[nodiscard]] std::string FindCredentialsFile(std::string_view name) const;

  [[nodiscard]] const std::vector<std::string>& Problems() const { return problems_; }

 private:
  void ReadEnvironmentFile(const std::string& path);

  const Environment& environment_;
  const ReadFile& read_file_;
  Environment from_files_;
  std::string credentials_dir_;
  std::vector<std::string> problems_;
};

// Without the last line break.
[[nodiscard]] std::string_view TrimLineEnd(std::string_view text);

// Blanks at both ends.
[[nodiscard]] std::string_view TrimBlanks(std::string_view text);

}  // namespace holdfast::config::internal
