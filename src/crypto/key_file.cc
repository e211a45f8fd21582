// The key file of a Sealer. It appears by link(2), which does not replace: of several processes that start at once one
// makes the file, and the others load what it made.

#include "base/format.h"
#include "crypto/internal/private_file.h"
#include "crypto/internal/sodium.h"
#include "crypto/random.h"
#include "crypto/seal.h"

namespace holdfast::crypto {
namespace {

constexpr std::string_view kComment =
    "# Keys that seal stored secrets; the last one seals, all of them open. Keep a copy: without it they are lost.\n";

Result<Sealer> ParseKeyFile(const std::filesystem::path& path, std::string_view text) {
  std::vector<Secret> keys;
  for (std::size_t line = 1; !text.empty(); ++line) {
    std::string_view rest = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), rest.size() + 1));
    while (rest.ends_with('\r') || rest.ends_with(' ')) rest.remove_suffix(1);
    if (rest.empty() || rest.starts_with('#')) continue;
    std::string bytes;
    if (!internal::DecodeUrlBase64(rest, bytes) || bytes.size() != Sealer::kKeyBytes) {
      WipeText(bytes);
      return Fail(ErrorKind::kCorrupt, Format("key file {}: line {} is not a key", path.string(), line));
    }
    keys.push_back(Secret::Take(bytes));
  }
  auto sealer = Sealer::FromKeys(keys);
  if (!sealer) return Fail(ErrorKind::kCorrupt, Format("key file {}: {}", path.string(), sealer.error().Message()));
  return sealer;
}

}  // namespace

Result<Sealer> LoadOrCreateKeyFile(const std::filesystem::path& path) {
  HF_TRY(auto text, internal::ReadPrivateFile(path));
  if (!text) {
    std::string fresh(kComment);
    fresh += RandomToken(Sealer::kKeyBytes).Reveal();
    fresh += '\n';
    const auto done = internal::InstallPrivateFile(path, fresh, false);
    WipeText(fresh);
    if (!done) return std::unexpected(done.error());
    HF_TRY(text, internal::ReadPrivateFile(path));
    if (!text) return Fail(ErrorKind::kUnavailable, Format("key file {}: gone again", path.string()));
  }
  auto sealer = ParseKeyFile(path, *text);
  WipeText(*text);
  return sealer;
}

Result<void> AddKeyToFile(const std::filesystem::path& path) {
  HF_TRY(auto text, internal::ReadPrivateFile(path));
  if (!text) return Fail(ErrorKind::kNotFound, Format("key file {}: not there", path.string()));
  const Secret before = Secret::Take(*text);
  HF_TRY([[maybe_unused]] const Sealer checked, ParseKeyFile(path, before.Reveal()));
  std::string after(before.Reveal());
  if (!after.ends_with('\n')) after += '\n';
  after += RandomToken(Sealer::kKeyBytes).Reveal();
  after += '\n';
  auto done = internal::InstallPrivateFile(path, after, true);
  WipeText(after);
  return done;
}

}  // namespace holdfast::crypto
