#include "crypto/seal.h"

#include <algorithm>

#include "base/format.h"
#include "crypto/internal/sodium.h"
#include "crypto/random.h"

namespace holdfast::crypto {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kFrontBytes = 1 + kIdBytes;
static_assert(Sealer::kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

unsigned char* Raw(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* Raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// What is authenticated beside the value. The front has a fixed length, so the two cannot be confused.
std::string AssociatedData(std::string_view front, std::string_view context) {
  std::string data(front);
  data += context;
  return data;
}

}  // namespace

Result<Sealer> Sealer::FromKeys(const std::vector<Secret>& keys) {
  internal::UseSodium();
  if (keys.empty()) return Fail(ErrorKind::kInvalidInput, "no key to seal with");
  if (keys.size() > kKeysMax) return Fail(ErrorKind::kInvalidInput, Format("more than {} keys", kKeysMax));
  std::vector<Key> known;
  known.reserve(keys.size());
  for (const Secret& bytes : keys) {
    if (bytes.Size() != kKeyBytes) return Fail(ErrorKind::kInvalidInput, Format("a key is not {} bytes", kKeyBytes));
    std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
    constexpr std::string_view kPurpose = "holdfast key id";
    crypto_generichash(hash.data(), hash.size(), Raw(kPurpose), kPurpose.size(), Raw(bytes.Reveal()), bytes.Size());
    Key key{.id = {}, .bytes = bytes};
    std::copy_n(hash.begin(), key.id.size(), key.id.begin());
    known.push_back(std::move(key));
  }
  return Sealer(std::move(known));
}

const Sealer::Key* Sealer::FindKey(std::string_view sealed) const {
  const Bytes id = AsBytes(sealed.substr(1, kIdBytes));
  const auto found = std::ranges::find_if(keys_, [&](const Key& key) { return std::ranges::equal(key.id, id); });
  return found == keys_.end() ? nullptr : &*found;
}

std::string Sealer::Seal(const Secret& value, std::string_view context) const {
  const Key& key = keys_.back();
  std::string sealed(1, kVersion);
  sealed += AsText(key.id);
  const std::string data = AssociatedData(sealed, context);
  sealed.resize(kFrontBytes + kNonceBytes + value.Size() + kTagBytes);
  unsigned char* nonce = Raw(sealed.data()) + kFrontBytes;
  FillRandom({nonce, kNonceBytes});
  const std::string_view text = value.Reveal();
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, nullptr, Raw(text), text.size(), Raw(data),
                                             data.size(), nullptr, nonce, Raw(key.bytes.Reveal()));
  return sealed;
}

Result<Secret> Sealer::Open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kFrontBytes + kNonceBytes + kTagBytes || sealed[0] != kVersion)
    return Fail(ErrorKind::kCorrupt, "not a sealed value");
  const Key* key = FindKey(sealed);
  if (key == nullptr)
    return Fail(ErrorKind::kDenied, Format("sealed under key {}, which is not in the key file",
                                           ToHex(AsBytes(sealed.substr(1, kIdBytes)))));
  const std::string data = AssociatedData(sealed.substr(0, kFrontBytes), context);
  const std::string_view nonce = sealed.substr(kFrontBytes, kNonceBytes);
  const std::string_view content = sealed.substr(kFrontBytes + kNonceBytes);
  std::string text(content.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Raw(text.data()), nullptr, nullptr, Raw(content), content.size(),
                                                 Raw(data), data.size(), Raw(nonce), Raw(key->bytes.Reveal())) != 0)
    return Fail(ErrorKind::kCorrupt, "a sealed value is damaged, or belongs somewhere else");
  return Secret::Take(text);
}

bool Sealer::NeedsReseal(std::string_view sealed) const {
  return sealed.size() < kFrontBytes || sealed[0] != kVersion || FindKey(sealed) != &keys_.back();
}

}  // namespace holdfast::crypto
