#include "regex/literal_scan.h"

#include <algorithm>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace holdfast::regex {
namespace {

unsigned char Lower(unsigned char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte + 32) : byte;
}
unsigned char Upper(unsigned char byte) {
  return byte >= 'a' && byte <= 'z' ? static_cast<unsigned char>(byte - 32) : byte;
}

// How often a byte is met in texts and programs, roughly: the letters of English, then digits, then the rest.
unsigned Commonness(unsigned char byte) {
  constexpr std::string_view kLetters = "zqxjkvbywgpfmucdlhrsnioate";
  if (const std::size_t at = kLetters.find(static_cast<char>(byte)); at != std::string_view::npos)
    return 6 + static_cast<unsigned>(at);
  if (byte == ' ') return 40;
  if (byte == '-' || byte == '_' || byte == '.' || byte == '/' || byte == '"' || byte == '=') return 18;
  return byte >= '0' && byte <= '9' ? 14 : 8;
}

#if defined(__x86_64__)

constexpr std::size_t kVectorStep = 16, kVectorReach = kVectorStep + 2;

#define HF_SCAN_TARGET __attribute__((target("ssse3")))

struct HalfTables {
  __m128i low, high;
};

HF_SCAN_TARGET inline __m128i BucketsOf(const HalfTables& tables, const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i half = _mm_set1_epi8(0x0f);
  const __m128i low = _mm_shuffle_epi8(tables.low, _mm_and_si128(bytes, half));
  const __m128i high = _mm_shuffle_epi8(tables.high, _mm_and_si128(_mm_srli_epi16(bytes, 4), half));
  return _mm_and_si128(low, high);
}

HF_SCAN_TARGET inline HalfTables Load(const std::array<std::uint8_t, 16>& low,
                                      const std::array<std::uint8_t, 16>& high) {
  return {_mm_load_si128(reinterpret_cast<const __m128i*>(low.data())),
          _mm_load_si128(reinterpret_cast<const __m128i*>(high.data()))};
}

// The first candidate at or after `from`, or the first place that must be looked at one by one.
HF_SCAN_TARGET std::size_t ScanVectors(std::string_view text, std::size_t from,
                                       const std::array<std::array<std::uint8_t, 16>, 3>& low,
                                       const std::array<std::array<std::uint8_t, 16>, 3>& high) {
  const HalfTables first = Load(low[0], high[0]), second = Load(low[1], high[1]), third = Load(low[2], high[2]);
  while (from + kVectorReach <= text.size()) {
    const char* at = text.data() + from;
    const __m128i buckets =
        _mm_and_si128(_mm_and_si128(BucketsOf(first, at), BucketsOf(second, at + 1)), BucketsOf(third, at + 2));
    const auto none = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(buckets, _mm_setzero_si128())));
    if (none != 0xffffU) return from + static_cast<std::size_t>(__builtin_ctz(~none));
    from += kVectorStep;
  }
  return from;
}

#endif

}  // namespace

LiteralScanner::LiteralScanner(std::vector<std::string> literals) : literals_(std::move(literals)) {
#if defined(__x86_64__)
  vectors_ = __builtin_cpu_supports("ssse3") != 0;
#endif
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    const std::string& literal = literals_[i];
    if (literal.size() < kWindow) continue;
    Member member{.literal = i};
    unsigned best = std::numeric_limits<unsigned>::max();
    for (std::uint32_t at = 0; at + kWindow <= literal.size(); ++at) {
      unsigned cost = 1;
      for (std::size_t place = 0; place < kWindow; ++place)
        cost *= Commonness(static_cast<unsigned char>(literal[at + place]));
      if (cost < best) {
        best = cost;
        member.window_at = at;
      }
    }
    const unsigned bucket = i % kBuckets;
    buckets_[bucket].push_back(member);
    for (std::size_t place = 0; place < kWindow; ++place) {
      const auto byte = static_cast<unsigned char>(literal[member.window_at + place]);
      Put(bucket, place, byte);
      Put(bucket, place, Upper(byte));
    }
  }
}

void LiteralScanner::Put(unsigned bucket, std::size_t place, unsigned char byte) {
  const auto bit = static_cast<std::uint8_t>(1U << bucket);
  byte_[place][byte] |= bit;
  low_[place][byte & 0x0fU] |= bit;
  high_[place][byte >> 4U] |= bit;
}

unsigned LiteralScanner::BucketsAt(const char* at) const {
  return unsigned{byte_[0][static_cast<unsigned char>(at[0])]} & byte_[1][static_cast<unsigned char>(at[1])] &
         byte_[2][static_cast<unsigned char>(at[2])];
}

std::size_t LiteralScanner::NextCandidate(std::string_view text, std::size_t from, bool vectors) const {
#if defined(__x86_64__)
  // Half tables let more through than whole bytes do.
  while (vectors && from + kVectorReach <= text.size()) {
    from = ScanVectors(text, from, low_, high_);
    if (from + kWindow > text.size() || BucketsAt(text.data() + from) != 0) break;
    ++from;
  }
#else
  (void)vectors;
#endif
  for (; from + kWindow <= text.size(); ++from)
    if (BucketsAt(text.data() + from) != 0) return from;
  return std::string_view::npos;
}

bool LiteralScanner::StandsAt(const Member& member, std::string_view text, std::size_t at) const {
  const std::string& literal = literals_[member.literal];
  if (at < member.window_at) return false;
  const std::size_t start = at - member.window_at;
  if (literal.size() > text.size() - start) return false;
  for (std::size_t i = 0; i < literal.size(); ++i)
    if (Lower(static_cast<unsigned char>(text[start + i])) != static_cast<unsigned char>(literal[i])) return false;
  return true;
}

bool LiteralScanner::AnyStandsAt(std::string_view text, std::size_t at) const {
  for (unsigned left = BucketsAt(text.data() + at); left != 0; left &= left - 1)
    for (const Member& member : buckets_[static_cast<std::size_t>(__builtin_ctz(left))])
      if (StandsAt(member, text, at)) return true;
  return false;
}

std::size_t LiteralScanner::FindFirst(std::string_view text) const {
  for (std::size_t at = 0; (at = NextCandidate(text, at, vectors_)) != std::string_view::npos; ++at)
    if (AnyStandsAt(text, at)) return at;
  return std::string_view::npos;
}

std::size_t LiteralScanner::FindFirstPortably(std::string_view text) const {
  for (std::size_t at = 0; (at = NextCandidate(text, at, false)) != std::string_view::npos; ++at)
    if (AnyStandsAt(text, at)) return at;
  return std::string_view::npos;
}

void LiteralScanner::FindAll(std::string_view text, std::vector<int>& found) const {
  found.clear();
  std::vector<bool> seen(literals_.size());
  for (std::size_t at = 0; (at = NextCandidate(text, at, vectors_)) != std::string_view::npos; ++at)
    for (unsigned left = BucketsAt(text.data() + at); left != 0; left &= left - 1)
      for (const Member& member : buckets_[static_cast<std::size_t>(__builtin_ctz(left))])
        if (!seen[member.literal] && StandsAt(member, text, at)) {
          seen[member.literal] = true;
          found.push_back(static_cast<int>(member.literal));
        }
  std::ranges::sort(found);
}

}  // namespace holdfast::regex
