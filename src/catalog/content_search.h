// Searching in the content of files while it streams by, in memory that does not depend on their size.
//
// A pattern is matched from the start of each line, and a line is listed once. Lines are counted from 0; "\n" ends a
// line and is no part of it. Of a line of more than kPieceBytes, pieces of that length are matched, each beginning
// kPieceOverlap before the last one ended; patterns that do not begin with ".*" see the first piece only.
//
// A file with a zero byte in its first kHeadBytes is binary. Only patterns that look for private keys are tried on it,
// and only what goes on as a key does counts: programs that read keys have the words that begin one in them, and no
// key behind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "catalog/search_config.h"
#include "regex/pattern_set.h"

namespace holdfast::catalog {

// A SearchConfig, ready to be used. Immutable; safe to share.
class SearchPlan {
 public:
  // kInvalidInput or kLimit for an expression that cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<const SearchPlan>> Make(const SearchConfig& config);

  SearchPlan(const SearchPlan&) = delete;
  SearchPlan& operator=(const SearchPlan&) = delete;

  [[nodiscard]] const SearchConfig& Config() const { return config_; }
  [[nodiscard]] const std::string& Id() const { return id_; }
  [[nodiscard]] bool Retrieves(std::string_view path) const;
  [[nodiscard]] const regex::PatternSet& Patterns() const { return set_; }
  [[nodiscard]] std::uint64_t FileBytesMax(std::uint32_t pattern) const;
  [[nodiscard]] bool IsForBinaries(std::uint32_t pattern) const { return for_binaries_[pattern]; }

 private:
  SearchPlan(const SearchConfig& config, regex::PatternSet set);

  SearchConfig config_;
  std::string id_;
  regex::PatternSet set_;
  std::unordered_set<std::string_view> paths_;  // in config_
  std::vector<bool> for_binaries_;
};

// Lines of one file that match one pattern.
struct PatternLines {
  std::uint32_t pattern = 0;
  std::vector<std::uint64_t> lines;
  bool cut = false;  // there are more
};

// The searcher of one walk: for each file Begin, Write…, Finish. One thread.
class ContentSearcher {
 public:
  static constexpr std::size_t kHeadBytes = 8 * 1024;
  static constexpr std::size_t kPieceBytes = 64 * 1024, kPieceOverlap = 4 * 1024;

  // Both outlive the searcher.
  ContentSearcher(const SearchPlan& plan, const Limits& limits);

  // False: a file of this size is not searched, and gets neither Write nor Finish.
  [[nodiscard]] bool Begin(std::uint64_t size_bytes);
  void Write(Bytes bytes);
  // Sorted by pattern.
  [[nodiscard]] std::vector<PatternLines> Finish();
  // Was a budget of the whole layer spent? Then what follows is not searched.
  [[nodiscard]] bool Exhausted() const { return steps_ >= limits_.search_steps_max || lines_left_ == 0; }

 private:
  void Decide(std::string_view head);
  void Feed(std::string_view text);
  void AppendToLine(std::string_view text);
  void EndLine();
  void SearchLines(std::string_view block);
  void SearchLine(std::string_view line);
  void SearchPiece(std::string_view piece, bool is_first);
  void Try(std::uint32_t pattern, std::string_view piece, bool is_first);
  void Record(std::uint32_t pattern, std::uint64_t line);
  void Confirm(std::string_view next_line);
  void Refresh();

  const SearchPlan& plan_;
  const regex::PatternSet& set_;
  const Limits& limits_;
  std::uint64_t steps_ = 0, lines_left_ = 0;

  // Of the present file.
  bool searching_ = false, decided_ = false, binary_ = false;
  std::vector<bool> active_;                 // by pattern
  std::vector<std::uint32_t> on_each_line_;  // those of them that need every line
  std::vector<PatternLines> found_;          // by pattern
  std::string head_;                         // until it is decided what the file is
  std::string carry_;                        // what is known of the present line, or of its present piece
  bool in_long_line_ = false;                // the piece is not its first
  std::uint64_t line_ = 0;                   // its number
  std::vector<std::uint32_t> unconfirmed_;   // patterns that match the line before the present one
  std::vector<int> candidates_;
};

}  // namespace holdfast::catalog
