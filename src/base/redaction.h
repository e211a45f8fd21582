// Redaction: strings that must never be seen in a log, whoever writes them there. Passwords and keys are added when
// they are read; a logger asks for each text that it writes.
#pragma once

#include <cstddef>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

// Safe to use from several threads.
class Redaction {
 public:
  static constexpr std::size_t kSecretBytesMin = 4;
  static constexpr std::size_t kSecretsMax = 10'000;

  // Shorter ones than kSecretBytesMin are not taken: they are parts of ordinary words, and those would tell them.
  // Beyond kSecretsMax, the oldest are forgotten.
  void Add(std::string_view secret);
  // `text` with each secret, and each run of secrets that overlap or touch, replaced by "***".
  [[nodiscard]] std::string Apply(std::string_view text) const;

 private:
  mutable std::shared_mutex mutex_;
  std::vector<std::string> secrets_;  // in order of arrival
};

}  // namespace holdfast
