#include "catalog/content_search.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

std::size_t FindLineEnd(std::string_view text) {
  const void* found = text.empty() ? nullptr : std::memchr(text.data(), '\n', text.size());
  return found == nullptr ? kNowhere : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t FindLastLineEnd(std::string_view text) {
  const void* found = text.empty() ? nullptr : ::memrchr(text.data(), '\n', text.size());
  return found == nullptr ? kNowhere : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Eight bytes a step: a byte of `other` is zero where the text has a line end.
std::uint64_t CountLineEnds(std::string_view text) {
  constexpr std::uint64_t kLineEnds = 0x0a0a0a0a0a0a0a0a, kLow = 0x7f7f7f7f7f7f7f7f;
  std::uint64_t count = 0;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t other = 0;
    std::memcpy(&other, text.data(), 8);
    other ^= kLineEnds;
    count += static_cast<std::uint64_t>(std::popcount(~(((other & kLow) + kLow) | other | kLow)));
  }
  for (const char c : text) count += c == '\n' ? 1 : 0;
  return count;
}

bool LooksForPrivateKeys(std::string_view regex) {
  const std::string lower = LowerCase(regex);
  return lower.find("private key") != std::string::npos || lower.find("private\\skey") != std::string::npos;
}

// Does a PEM block go on like this after its first line (RFC 7468, and the headers of RFC 1421)?
bool ContinuesKey(std::string_view line) {
  constexpr std::size_t kLeast = 16;
  if (line.starts_with("Proc-Type:")) return true;
  if (line.size() < kLeast) return false;
  return std::ranges::all_of(line.substr(0, kLeast), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
  });
}

}  // namespace

SearchPlan::SearchPlan(const SearchConfig& config, regex::PatternSet set)
    : config_(config), id_(config.Id()), set_(std::move(set)) {
  for (const std::string& path : config_.retrieved_paths) paths_.insert(path);
  for (const auto& pattern : config_.Patterns()) for_binaries_.push_back(LooksForPrivateKeys(pattern.regex));
}

Result<std::unique_ptr<const SearchPlan>> SearchPlan::Make(const SearchConfig& config) {
  std::vector<std::string> regexes;
  for (const auto& pattern : config.Patterns()) regexes.push_back(pattern.regex);
  HF_TRY(auto set, regex::PatternSet::Make(regexes));
  return std::unique_ptr<const SearchPlan>(new SearchPlan(config, std::move(set)));
}

bool SearchPlan::Retrieves(std::string_view path) const { return !paths_.empty() && paths_.contains(path); }

std::uint64_t SearchPlan::FileBytesMax(std::uint32_t pattern) const {
  return pattern < config_.secrets.patterns.size() ? config_.secrets.file_bytes_max : config_.contents.file_bytes_max;
}

ContentSearcher::ContentSearcher(const SearchPlan& plan, const Limits& limits)
    : plan_(plan),
      set_(plan.Patterns()),
      limits_(limits),
      lines_left_(limits.search_layer_lines_max),
      active_(set_.Size()),
      found_(set_.Size()) {}

bool ContentSearcher::Begin(std::uint64_t size_bytes) {
  searching_ = false;
  if (size_bytes == 0 || Exhausted()) return false;
  for (std::uint32_t i = 0; i < active_.size(); ++i) active_[i] = size_bytes <= plan_.FileBytesMax(i);
  Refresh();
  decided_ = binary_ = in_long_line_ = false;
  head_.clear();
  carry_.clear();
  unconfirmed_.clear();
  line_ = 0;
  return searching_;
}

void ContentSearcher::Refresh() {
  searching_ = false;
  on_each_line_.clear();
  for (std::uint32_t i = 0; i < active_.size(); ++i) {
    if (!active_[i]) continue;
    searching_ = true;
    if (set_.NeedsEveryLine(i)) on_each_line_.push_back(i);
  }
}

void ContentSearcher::Write(Bytes bytes) {
  if (!searching_) return;
  if (decided_) return Feed(AsText(bytes));
  if (head_.empty() && bytes.size() >= kHeadBytes) {
    Decide(AsText(bytes.first(kHeadBytes)));
    return Feed(AsText(bytes));
  }
  const std::size_t more = std::min(bytes.size(), kHeadBytes - head_.size());
  head_.append(AsText(bytes.first(more)));
  if (head_.size() < kHeadBytes) return;
  Decide(head_);
  Feed(head_);
  Feed(AsText(bytes.subspan(more)));
}

std::vector<PatternLines> ContentSearcher::Finish() {
  if (searching_ && !decided_) {
    Decide(head_);
    Feed(head_);
  }
  if (searching_ && (!carry_.empty() || in_long_line_)) EndLine();
  searching_ = false;
  std::vector<PatternLines> found;
  for (std::uint32_t i = 0; i < found_.size(); ++i) {
    if (found_[i].lines.empty()) continue;
    found_[i].pattern = i;
    found.push_back(std::exchange(found_[i], {}));
  }
  return found;
}

void ContentSearcher::Decide(std::string_view head) {
  decided_ = true;
  binary_ = head.find('\0') != kNowhere;
  if (!binary_) return;
  for (std::uint32_t i = 0; i < active_.size(); ++i) active_[i] = active_[i] && plan_.IsForBinaries(i);
  Refresh();
}

void ContentSearcher::Feed(std::string_view text) {
  if (!searching_) return;
  if (!carry_.empty() || in_long_line_) {
    const std::size_t end = FindLineEnd(text);
    AppendToLine(text.substr(0, end));
    if (end == kNowhere) return;
    EndLine();
    text.remove_prefix(end + 1);
  }
  if (const std::size_t last = FindLastLineEnd(text); last != kNowhere) {
    SearchLines(text.substr(0, last + 1));
    text.remove_prefix(last + 1);
  }
  AppendToLine(text);
}

void ContentSearcher::AppendToLine(std::string_view text) {
  while (!text.empty() && searching_) {
    // One byte more than a piece says that the line goes on.
    const std::size_t more = std::min(text.size(), kPieceBytes + 1 - carry_.size());
    carry_.append(text.substr(0, more));
    text.remove_prefix(more);
    if (carry_.size() <= kPieceBytes) continue;
    SearchPiece(std::string_view(carry_).substr(0, kPieceBytes), !in_long_line_);
    carry_.erase(0, kPieceBytes - kPieceOverlap);
    in_long_line_ = true;
  }
}

void ContentSearcher::EndLine() {
  SearchPiece(carry_, !in_long_line_);
  carry_.clear();
  in_long_line_ = false;
  ++line_;
}

// `block` is whole lines, each with its end.
void ContentSearcher::SearchLines(std::string_view block) {
  while (!block.empty() && searching_) {
    if (!unconfirmed_.empty()) Confirm(block.substr(0, FindLineEnd(block)));
    std::size_t start = 0;
    if (on_each_line_.empty()) {
      const std::size_t hint = set_.FindHint(block);
      if (hint == kNowhere) {
        line_ += CountLineEnds(block);
        return;
      }
      start = FindLastLineEnd(block.substr(0, hint)) + 1;  // npos + 1 is 0
      line_ += CountLineEnds(block.substr(0, start));
    }
    const std::size_t end = start + FindLineEnd(block.substr(start));
    SearchLine(block.substr(start, end - start));
    ++line_;
    block.remove_prefix(end + 1);
  }
}

void ContentSearcher::SearchLine(std::string_view line) {
  bool is_first = true;
  while (line.size() > kPieceBytes) {
    SearchPiece(line.substr(0, kPieceBytes), is_first);
    line.remove_prefix(kPieceBytes - kPieceOverlap);
    is_first = false;
  }
  SearchPiece(line, is_first);
}

void ContentSearcher::SearchPiece(std::string_view piece, bool is_first) {
  if (is_first && !unconfirmed_.empty()) Confirm(piece);
  if (!searching_) return;
  if (set_.FindHint(piece) != kNowhere) {
    set_.FindCandidates(piece, candidates_);
    for (const int candidate : candidates_) Try(static_cast<std::uint32_t>(candidate), piece, is_first);
  }
  // Try may change the list.
  for (std::size_t i = 0; i < on_each_line_.size();) {
    const std::uint32_t pattern = on_each_line_[i];
    Try(pattern, piece, is_first);
    i += i < on_each_line_.size() && on_each_line_[i] == pattern ? std::size_t{1} : 0;
  }
}

void ContentSearcher::Try(std::uint32_t pattern, std::string_view piece, bool is_first) {
  if (!active_[pattern] || (!is_first && !set_.StartsFreely(pattern))) return;
  const std::vector<std::uint64_t>& lines = found_[pattern].lines;
  if (!lines.empty() && lines.back() == line_) return;  // an earlier piece of this line
  steps_ += (piece.size() + 1) * set_.StepsPerByte(pattern);
  if (steps_ >= limits_.search_steps_max) {
    active_.assign(active_.size(), false);
    return Refresh();
  }
  if (!set_.Matches(pattern, piece)) return;
  if (!binary_) return Record(pattern, line_);
  if (std::ranges::find(unconfirmed_, pattern) == unconfirmed_.end()) unconfirmed_.push_back(pattern);
}

void ContentSearcher::Record(std::uint32_t pattern, std::uint64_t line) {
  PatternLines& found = found_[pattern];
  if (found.lines.size() < limits_.search_lines_max && lines_left_ > 0) {
    found.lines.push_back(line);
    --lines_left_;
    return;
  }
  found.cut = true;
  active_[pattern] = false;
  Refresh();
}

void ContentSearcher::Confirm(std::string_view next_line) {
  const std::vector<std::uint32_t> waiting = std::exchange(unconfirmed_, {});
  if (!ContinuesKey(next_line)) return;
  for (const std::uint32_t pattern : waiting) Record(pattern, line_ - 1);
}

}  // namespace holdfast::catalog
