// Where does any of many short texts begin to look like standing, whatever the case of its ASCII letters? The way to
// skip most of what an expression cannot match, at several bytes a cycle.
//
// Of each text three bytes in a row are chosen, rare ones where possible. Texts share eight buckets; for each of the
// three places two tables say, by the low and the high half of a byte, which buckets may go on. Sixteen places are
// looked at in six shuffles ("Teddy", as in Hyperscan's fdr and Rust's aho-corasick); without the instructions, or at
// the end, one place takes three look-ups. Candidates are then compared as a whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::regex {

// Immutable; safe to share.
class LiteralScanner {
 public:
  static constexpr std::size_t kLiteralBytesMin = 3;

  LiteralScanner() = default;
  // `literals` are lower-case, each of at least kLiteralBytesMin bytes; shorter ones are never found.
  explicit LiteralScanner(std::vector<std::string> literals);

  [[nodiscard]] bool Empty() const { return literals_.empty(); }
  // Where the first literal that stands in `text` was seen (a place inside it), or npos.
  [[nodiscard]] std::size_t FindFirst(std::string_view text) const;
  // The literals that stand in `text`, as indexes, sorted, each once.
  void FindAll(std::string_view text, std::vector<int>& found) const;

  // The same without vector instructions; for the test that compares them.
  [[nodiscard]] std::size_t FindFirstPortably(std::string_view text) const;

 private:
  static constexpr std::size_t kWindow = 3, kBuckets = 8;
  struct Member {
    std::uint32_t literal = 0, window_at = 0;
  };

  [[nodiscard]] std::size_t NextCandidate(std::string_view text, std::size_t from, bool vectors) const;
  [[nodiscard]] unsigned BucketsAt(const char* at) const;
  [[nodiscard]] bool StandsAt(const Member& member, std::string_view text, std::size_t at) const;
  [[nodiscard]] bool AnyStandsAt(std::string_view text, std::size_t at) const;
  void Put(unsigned bucket, std::size_t place, unsigned char byte);

  std::vector<std::string> literals_;
  std::array<std::vector<Member>, kBuckets> buckets_;
  // By place in the window: masks of buckets, by byte and by its halves.
  alignas(16) std::array<std::array<std::uint8_t, 16>, kWindow> low_{}, high_{};
  std::array<std::array<std::uint8_t, 256>, kWindow> byte_{};
  bool vectors_ = false;
};

}  // namespace holdfast::regex
