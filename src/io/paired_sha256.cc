// The round function follows FIPS 180-4 section 6.2.2 in the order that the instructions want: the state
// as the words (A,B,E,F) and (C,D,G,H), four message words at a time (Intel SDM, "SHA256RNDS2").
// Tested against OpenSSL in paired_sha256_test.cc.

#include "io/paired_sha256.h"

#include <algorithm>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace holdfast::io {
namespace {

using State = std::array<std::uint32_t, 8>;
constexpr std::size_t kBlock = 64;
constexpr State kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

#if defined(__x86_64__)

alignas(16) constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

bool HasShaInstructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & (1U << 29)) == 0) return false;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & (1U << 19)) != 0;  // SSE4.1, which implies SSSE3
}

#define HF_SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

// Whoever used wide vectors before may have left their upper halves full: then each narrow instruction here must keep
// them, and on Zen 4 the rounds take nearly twice the time. The compiler sees no wide vector, so it clears nothing.
inline void ClearUpperHalves() {
  static const bool kHasAvx = __builtin_cpu_supports("avx");
  if (kHasAvx) asm volatile("vzeroupper" ::: "memory");
}

struct Halves {
  __m128i abef, cdgh;
};

HF_SHA_TARGET inline __m128i* Lanes(std::uint32_t* words) { return reinterpret_cast<__m128i*>(words); }

HF_SHA_TARGET Halves Load(State& state) {
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(Lanes(state.data())), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(Lanes(state.data() + 4)), 0x1b);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

HF_SHA_TARGET void Store(const Halves& halves, State& state) {
  const __m128i feba = _mm_shuffle_epi32(halves.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(halves.cdgh, 0xb1);
  _mm_storeu_si128(Lanes(state.data()), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(Lanes(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

HF_SHA_TARGET inline void FourRounds(Halves& halves, __m128i scheduled) {
  halves.cdgh = _mm_sha256rnds2_epu32(halves.cdgh, halves.abef, scheduled);
  halves.abef = _mm_sha256rnds2_epu32(halves.abef, halves.cdgh, _mm_shuffle_epi32(scheduled, 0x0e));
}

// Runs whole blocks through one state, or through two at once.
template <bool kTwo>
HF_SHA_TARGET void Compress(State& first, State& second, const std::uint8_t* data, std::size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  ClearUpperHalves();
  Halves a = Load(first);
  Halves b = Load(second);
  for (; blocks > 0; --blocks, data += kBlock) {
    const Halves a_before = a, b_before = b;
    __m128i words[4];
    for (int i = 0; i < 4; ++i)
      words[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + i), swap);
#pragma GCC unroll 16
    for (int group = 0; group < 16; ++group) {
      __m128i& oldest = words[group % 4];
      const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(kRoundConstants.data()) + group);
      const __m128i scheduled = _mm_add_epi32(oldest, constants);
      FourRounds(a, scheduled);
      if constexpr (kTwo) FourRounds(b, scheduled);
      if (group >= 12) continue;
      const __m128i newest = words[(group + 3) % 4];
      const __m128i w7 = _mm_alignr_epi8(newest, words[(group + 2) % 4], 4);
      oldest = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(oldest, words[(group + 1) % 4]), w7), newest);
    }
    a = {_mm_add_epi32(a.abef, a_before.abef), _mm_add_epi32(a.cdgh, a_before.cdgh)};
    if constexpr (kTwo) b = {_mm_add_epi32(b.abef, b_before.abef), _mm_add_epi32(b.cdgh, b_before.cdgh)};
  }
  Store(a, first);
  if constexpr (kTwo) Store(b, second);
}

#else

bool HasShaInstructions() { return false; }
template <bool kTwo>
void Compress(State&, State&, const std::uint8_t*, std::size_t) {}

#endif

void CompressOne(State& state, const std::uint8_t* data, std::size_t blocks) {
  Compress<false>(state, state, data, blocks);
}

}  // namespace

BlockSha256::BlockSha256() {
  if (!HasShaInstructions()) fallback_ = std::make_unique<Sha256>();
  Reset();
}
BlockSha256::~BlockSha256() = default;

void BlockSha256::Reset() {
  state_ = kInitial;
  filled_ = 0;
  length_ = 0;
}

void BlockSha256::Update(Bytes bytes) {
  if (fallback_ != nullptr) return fallback_->Update(bytes);
  length_ += bytes.size();
  if (filled_ > 0) {
    const std::size_t part = std::min(bytes.size(), kBlock - filled_);
    std::copy_n(bytes.begin(), part, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += part;
    bytes = bytes.subspan(part);
    if (filled_ < kBlock) return;
    CompressOne(state_, block_.data(), 1);
    filled_ = 0;
  }
  const std::size_t whole = bytes.size() / kBlock;
  if (whole > 0) CompressOne(state_, bytes.data(), whole);
  const Bytes rest = bytes.subspan(whole * kBlock);
  std::copy(rest.begin(), rest.end(), block_.begin());
  filled_ = rest.size();
}

void BlockSha256::UpdateBoth(BlockSha256& a, BlockSha256& b, Bytes bytes) {
  if (a.fallback_ == nullptr && a.filled_ == 0 && b.filled_ == 0) {
    const std::size_t whole = bytes.size() / kBlock;
    if (whole > 0) Compress<true>(a.state_, b.state_, bytes.data(), whole);
    a.length_ += whole * kBlock;
    b.length_ += whole * kBlock;
    bytes = bytes.subspan(whole * kBlock);
  }
  a.Update(bytes);
  b.Update(bytes);
}

Sha256Value BlockSha256::Finish() {
  if (fallback_ != nullptr) return fallback_->Finish();
  // FIPS 180-4 section 5.1.1: a one bit, zeros, and the length in bits as the last 64 bits of a block.
  const std::uint64_t bits = length_ * 8;
  std::array<std::uint8_t, 2 * kBlock> tail{};
  std::copy_n(block_.begin(), filled_, tail.begin());
  tail[filled_] = 0x80;
  const std::size_t blocks = filled_ < kBlock - 8 ? 1 : 2;
  for (std::size_t i = 0; i < 8; ++i) tail[blocks * kBlock - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  CompressOne(state_, tail.data(), blocks);
  Sha256Value value;
  for (std::size_t i = 0; i < value.bytes.size(); ++i)
    value.bytes[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  Reset();
  return value;
}

Result<Bytes> PairingSource::Next(std::size_t max) {
  hash_.Update(std::exchange(pending_, {}));
  HF_TRY(pending_, inner_.Next(max));
  return pending_;
}

void PairingSource::HashInto(BlockSha256& other, Bytes view) {
  if (view.data() == pending_.data() && view.size() == pending_.size()) {
    BlockSha256::UpdateBoth(hash_, other, std::exchange(pending_, {}));
  } else {
    other.Update(view);
  }
}

Sha256Value PairingSource::Finish() {
  hash_.Update(std::exchange(pending_, {}));
  return hash_.Finish();
}

}  // namespace holdfast::io
