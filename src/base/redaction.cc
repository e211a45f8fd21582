#include "base/redaction.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace holdfast {
namespace {

constexpr std::string_view kMark = "***";

struct Hit {
  std::size_t at, size;
};

}  // namespace

void Redaction::Add(std::string_view secret) {
  if (secret.size() < kSecretBytesMin) return;
  const std::unique_lock lock(mutex_);
  if (std::ranges::find(secrets_, secret) != secrets_.end()) return;
  if (secrets_.size() >= kSecretsMax) secrets_.erase(secrets_.begin());
  secrets_.emplace_back(secret);
}

// All hits are found in the text as it was, and those that touch become one mark: so neither does the order of secrets
// matter, nor can a part of one remain beside another.
std::string Redaction::Apply(std::string_view text) const {
  std::vector<Hit> hits;
  {
    const std::shared_lock lock(mutex_);
    for (const std::string& secret : secrets_)
      for (std::size_t at = text.find(secret); at != std::string_view::npos; at = text.find(secret, at + 1))
        hits.push_back({.at = at, .size = secret.size()});
  }
  if (hits.empty()) return std::string(text);
  std::ranges::sort(hits, {}, &Hit::at);
  std::string redacted;
  std::size_t done = 0;  // of text
  for (const Hit& hit : hits) {
    if (hit.at > done || done == 0) redacted.append(text.substr(done, hit.at - done)).append(kMark);
    done = std::max(done, hit.at + hit.size);
  }
  return redacted.append(text.substr(done));
}

}  // namespace holdfast
