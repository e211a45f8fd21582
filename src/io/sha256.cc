#include "io/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "base/result.h"

namespace holdfast::io {
namespace {

const char* NameOf(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kMd5: return "MD5";
    case HashAlgorithm::kSha1: return "SHA1";
    case HashAlgorithm::kSha256: return "SHA256";
  }
  return "SHA256";
}

}  // namespace

struct Hasher::State {
  // Fetched once: EVP_sha256() would be looked up in the providers again for each file.
  EVP_MD* algorithm = nullptr;
  EVP_MD_CTX* context = nullptr;
  ~State() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
};

Hasher::Hasher(HashAlgorithm algorithm) : state_(std::make_unique<State>()) {
  state_->algorithm = EVP_MD_fetch(nullptr, NameOf(algorithm), nullptr);
  state_->context = EVP_MD_CTX_new();
  HF_ASSERT(state_->algorithm != nullptr && state_->context != nullptr);
  HF_ASSERT(EVP_DigestInit_ex2(state_->context, state_->algorithm, nullptr) == 1);
}

Hasher::~Hasher() = default;

void Hasher::Update(Bytes bytes) {
  if (!bytes.empty()) EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

void Hasher::Finish(std::uint8_t* digest) {
  EVP_DigestFinal_ex(state_->context, digest, nullptr);
  EVP_DigestInit_ex2(state_->context, nullptr, nullptr);
}

std::string Hasher::FinishHex() {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  Finish(digest.data());
  return ToHex(Bytes(digest).first(static_cast<std::size_t>(EVP_MD_get_size(state_->algorithm))));
}

}  // namespace holdfast::io
