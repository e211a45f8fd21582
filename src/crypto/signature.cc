#include "crypto/signature.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include "base/bytes.h"
#include "base/format.h"
#include "base/text.h"
#include "crypto/internal/private_file.h"
#include "crypto/internal/sodium.h"
#include "crypto/random.h"

namespace holdfast::crypto {
namespace {

constexpr std::string_view kSecretWord = "ed25519-secret";
constexpr std::string_view kWord = "ed25519";
constexpr std::size_t kSeedBytes = crypto_sign_SEEDBYTES;
constexpr std::size_t kPublicBytes = crypto_sign_PUBLICKEYBYTES;
constexpr std::size_t kSignatureBytes = crypto_sign_BYTES;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kPublicFileBytesMax = 64 * 1024;
constexpr std::string_view kSecretComment =
    "# Signs advisory snapshots. Keep it to yourself; give the file beside it (.pub) to those who follow you.\n";

std::string IdOf(Bytes public_key) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), public_key.data(), public_key.size());
  return ToHex(Bytes(hash).first(kIdBytes));
}

// Takes the next line that is no comment; nothing at the end.
std::optional<std::string_view> NextItem(std::string_view& text, std::size_t& line) {
  while (!text.empty()) {
    ++line;
    const std::string_view item = Trim(TakeLine(text));
    if (!item.empty() && !item.starts_with('#')) return item;
  }
  return std::nullopt;
}

// "ed25519 <id> <bytes>": the parts, when it is that and the bytes are as many.
struct Item {
  std::string_view id;
  std::string bytes;
};
std::optional<Item> ParseItem(std::string_view line, std::size_t bytes) {
  if (TakeUntil(line, ' ') != kWord) return std::nullopt;
  Item item;
  item.id = TakeUntil(line, ' ');
  if (!internal::DecodeUrlBase64(Trim(line), item.bytes) || item.bytes.size() != bytes) return std::nullopt;
  return item;
}

Result<std::string> ReadPublicFile(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return Fail(ErrorKind::kNotFound, Format("key file {}: not there", path.string()));
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorKind::kDenied, Format("key file {}: cannot be read", path.string()));
  std::string text(kPublicFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kPublicFileBytesMax)
    return Fail(ErrorKind::kCorrupt, Format("key file {}: too long", path.string()));
  return text;
}

}  // namespace

SigningKey SigningKey::FromSeed(const Secret& seed) {
  internal::UseSodium();
  std::array<std::uint8_t, kPublicBytes> public_key{};
  std::string secret(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_seed_keypair(public_key.data(), reinterpret_cast<unsigned char*>(secret.data()),
                           AsBytes(seed.Reveal()).data());
  SigningKey key;
  key.secret_ = Secret::Take(secret);
  key.id_ = IdOf(public_key);
  key.public_text_ = Format("{} {} {}\n", kWord, key.id_, internal::EncodeUrlBase64(public_key));
  return key;
}

Result<SigningKey> SigningKey::CreateFile(const std::filesystem::path& path) {
  const std::filesystem::path public_path = path.string() + ".pub";
  std::error_code error;
  for (const auto& there : {path, public_path})
    if (std::filesystem::exists(std::filesystem::symlink_status(there, error)))
      return Fail(ErrorKind::kConflict, Format("{} is there already: a key is not replaced", there.string()));
  auto bytes = RandomBytes(kSeedBytes);
  const Secret seed(AsText(bytes));
  std::string text(kSecretComment);
  text += Format("{} {}\n", kSecretWord, internal::EncodeUrlBase64(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  const auto installed = internal::InstallPrivateFile(path, text, false);
  WipeText(text);
  if (!installed) return std::unexpected(installed.error());
  // Somebody else may have made one at the same time; then that one is the file's.
  HF_TRY(SigningKey key, Load(path));
  if (key.id_ != FromSeed(seed).id_)
    return Fail(ErrorKind::kConflict, Format("{} was made by somebody else just now", path.string()));
  std::ofstream file(public_path, std::ios::binary);
  file << key.public_text_;
  file.close();
  if (!file) return Fail(ErrorKind::kUnavailable, Format("key file {}: cannot be written", public_path.string()));
  return key;
}

Result<SigningKey> SigningKey::Load(const std::filesystem::path& path) {
  internal::UseSodium();
  HF_TRY(auto text, internal::ReadPrivateFile(path));
  if (!text) return Fail(ErrorKind::kNotFound, Format("key file {}: not there", path.string()));
  const Secret whole = Secret::Take(*text);
  std::string_view rest = whole.Reveal();
  std::size_t line = 0;
  auto item = NextItem(rest, line);
  std::string seed;
  const bool good = item && TakeUntil(*item, ' ') == kSecretWord && internal::DecodeUrlBase64(Trim(*item), seed) &&
                    seed.size() == kSeedBytes;
  const Secret kept = Secret::Take(seed);
  if (!good || NextItem(rest, line))
    return Fail(ErrorKind::kCorrupt, Format("key file {}: it does not hold one signing key", path.string()));
  return FromSeed(kept);
}

std::string SigningKey::Sign(std::string_view document) const {
  std::array<std::uint8_t, kSignatureBytes> signature{};
  crypto_sign_detached(signature.data(), nullptr, AsBytes(document).data(), document.size(),
                       AsBytes(secret_.Reveal()).data());
  return Format("{} {} {}\n", kWord, id_, internal::EncodeUrlBase64(signature));
}

Result<TrustedKeys> TrustedKeys::Parse(std::string_view text) {
  internal::UseSodium();
  TrustedKeys keys;
  std::size_t line = 0;
  while (const auto item = NextItem(text, line)) {
    const auto parsed = ParseItem(*item, kPublicBytes);
    if (!parsed || IdOf(AsBytes(parsed->bytes)) != parsed->id)
      return Fail(ErrorKind::kCorrupt, Format("line {} is not a public key", line));
    if (keys.keys_.size() >= kKeysMax) return Fail(ErrorKind::kLimit, Format("more than {} keys", kKeysMax));
    Key key{.id = std::string(parsed->id)};
    std::ranges::copy(AsBytes(parsed->bytes), key.bytes.begin());
    keys.keys_.push_back(std::move(key));
  }
  return keys;
}

Result<TrustedKeys> TrustedKeys::Load(const std::vector<std::filesystem::path>& paths) {
  TrustedKeys all;
  for (const auto& path : paths) {
    HF_TRY(const std::string text, ReadPublicFile(path));
    auto keys = Parse(text);
    if (!keys) return std::unexpected(std::move(keys).error().In(Format("key file {}", path.string())));
    if (keys->Empty()) return Fail(ErrorKind::kCorrupt, Format("key file {}: there is no key in it", path.string()));
    for (Key& key : keys->keys_) all.keys_.push_back(std::move(key));
    if (all.keys_.size() > kKeysMax) return Fail(ErrorKind::kLimit, Format("more than {} keys", kKeysMax));
  }
  return all;
}

Result<std::string> TrustedKeys::Verify(std::string_view document, std::string_view signatures) const {
  internal::UseSodium();
  std::string signers;
  std::size_t line = 0;
  for (std::size_t count = 0; count < kSignaturesMax; ++count) {
    const auto item = NextItem(signatures, line);
    if (!item) break;
    const auto parsed = ParseItem(*item, kSignatureBytes);
    if (!parsed) continue;
    for (const Key& key : keys_)
      if (key.id == parsed->id && crypto_sign_verify_detached(AsBytes(parsed->bytes).data(), AsBytes(document).data(),
                                                              document.size(), key.bytes.data()) == 0)
        return key.id;
    signers += Format("{}{}", signers.empty() ? "" : ", ", CleanText(parsed->id, 2 * kIdBytes));
  }
  if (signers.empty()) return Fail(ErrorKind::kDenied, "it is not signed");
  return Fail(ErrorKind::kDenied, Format("none of its signatures ({}) is good and by a trusted key", signers));
}

}  // namespace holdfast::crypto
