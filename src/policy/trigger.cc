#include "policy/trigger.h"

#include "io/sha256.h"

namespace holdfast::policy {
namespace {

constexpr std::size_t kFactBytesMax = 160;
constexpr std::size_t kDigestDigits = 16;

}  // namespace

std::string_view LifecycleName(Lifecycle state) {
  switch (state) {
    case Lifecycle::kActive: return "active";
    case Lifecycle::kDeprecated: return "deprecated";
    case Lifecycle::kEndOfLife: return "eol";
  }
  return "eol";
}

std::string FactKey(std::initializer_list<std::string_view> facts) {
  std::string key;
  for (const std::string_view& fact : facts) {
    if (&fact != facts.begin()) key.push_back('+');
    key.append(fact.substr(0, kFactBytesMax));
    if (fact.size() <= kFactBytesMax) continue;
    io::Hasher hasher(io::HashAlgorithm::kSha256);
    hasher.Update(AsBytes(fact));
    key.append("+sha256:").append(hasher.FinishHex(), 0, kDigestDigits);
  }
  for (char& c : key)
    if (c == '\n' || c == '\r') c = ' ';
  return key;
}

std::string AnchoreMessageId(std::string_view gate, std::string_view trigger, std::string_view message) {
  io::Hasher hasher(io::HashAlgorithm::kMd5);
  for (const std::string_view part : {gate, trigger, message}) hasher.Update(AsBytes(part));
  return hasher.FinishHex();
}

}  // namespace holdfast::policy
