#include "crypto/secret.h"

#include <algorithm>
#include <utility>

#include "crypto/internal/sodium.h"
#include "crypto/mac.h"

namespace holdfast::crypto {

Secret::Secret(std::string_view text) : size_(text.size()) {
  if (text.empty()) return;
  bytes_ = std::make_unique_for_overwrite<char[]>(size_);
  std::copy(text.begin(), text.end(), bytes_.get());
}

Secret Secret::Take(std::string& text) {
  Secret secret{std::string_view(text)};
  WipeText(text);
  text.clear();
  return secret;
}

Secret::Secret(const Secret& other) : Secret(other.Reveal()) {}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  Wipe();
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret::~Secret() { Wipe(); }

void Secret::Wipe() noexcept {
  if (bytes_) sodium_memzero(bytes_.get(), size_);
}

bool operator==(const Secret& a, const Secret& b) { return ConstantTimeEquals(a.Reveal(), b.Reveal()); }

void WipeText(std::string& text) noexcept { sodium_memzero(text.data(), text.size()); }

}  // namespace holdfast::crypto
