#include "advisory/epss/epss.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "advisory/cve.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kModelMark = "#model_version:";
constexpr std::string_view kDayMark = "score_date:";
constexpr std::string_view kFileMark = "epss_scores-";
constexpr std::string_view kColumns = "cve,epss";
constexpr std::string_view kColumnsWithPercentile = "cve,epss,percentile";
constexpr std::size_t kDayBytes = 10;

struct Head {
  std::string day;  // RFC 3339; empty: not stated
  bool percentiles = false;
};

// Takes comment and names of the columns off `text`; nothing when they are not those of EPSS.
std::optional<Head> TakeHead(std::string_view& text) {
  Head head;
  if (text.starts_with(kModelMark)) {
    const std::string_view comment = TakeLine(text);
    const std::size_t mark = comment.find(kDayMark);
    if (mark == std::string_view::npos) return std::nullopt;
    std::string_view day = comment.substr(mark + kDayMark.size());
    head.day = UtcTime(TakeUntil(day, ','));
  }
  const std::string_view columns = TakeLine(text);
  if (columns != kColumns && columns != kColumnsWithPercentile) return std::nullopt;
  head.percentiles = columns == kColumnsWithPercentile;
  return head;
}

// "epss_scores-2021-04-14.csv.gz", wherever it lies.
std::string DayOfName(std::string_view name) {
  const std::size_t mark = name.rfind(kFileMark);
  return mark == std::string_view::npos ? std::string() : UtcTime(name.substr(mark + kFileMark.size(), kDayBytes));
}

Result<double> ParseShare(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Said so that a NaN is refused.
  if (error != std::errc() || stop != text.data() + text.size() || !(value >= 0 && value <= 1))
    return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no number from 0 to 1", text.substr(0, kDayBytes)));
  return value;
}

struct Row {
  std::string_view cve;
  model::Epss score;
};

Result<Row> ParseRow(std::string_view line, bool percentile) {
  Row row;
  row.cve = TakeUntil(line, ',');
  if (!IsCveId(row.cve)) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no CVE identifier", row.cve.substr(0, 64)));
  HF_TRY(row.score.probability, ParseShare(TakeUntil(line, ',')));
  if (percentile) {
    HF_TRY(row.score.percentile, ParseShare(TakeUntil(line, ',')));
  }
  if (!line.empty()) return Fail(ErrorKind::kCorrupt, Format("the line of {} has too many columns", row.cve));
  return row;
}

void CountPercentiles(std::vector<Row>& rows) {
  std::vector<double> scores;
  scores.reserve(rows.size());
  for (const Row& row : rows) scores.push_back(row.score.probability);
  std::ranges::sort(scores);
  for (Row& row : rows) {
    const auto above = std::ranges::upper_bound(scores, row.score.probability);
    row.score.percentile = static_cast<double>(above - scores.begin()) / static_cast<double>(scores.size());
  }
}

Result<std::vector<Row>> ParseRows(std::string_view text, bool percentiles, AdvisorySink& sink) {
  std::vector<Row> rows;
  std::size_t number = 0, bad = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view line = TakeLine(text);
    if (line.empty()) continue;
    if (rows.size() == kEpssRowsMax)
      return Fail(ErrorKind::kLimit, Format("file with more than {} scores", kEpssRowsMax));
    if (auto row = ParseRow(line, percentiles)) {
      rows.push_back(*row);
      continue;
    } else if (++bad > kEpssBadRowsMax) {
      return Fail(ErrorKind::kCorrupt, Format("file with more than {} lines that are no scores", kEpssBadRowsMax));
    } else {
      sink.Problem(Error(row.error().Kind(), Format("score {}: {}", number, row.error().Message())));
    }
  }
  return rows;
}

class EpssProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "epss"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    std::string_view text = document.text;
    return document.notation == Notation::kCsv && TakeHead(text).has_value();
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    std::string_view text = document.text;
    auto head = TakeHead(text);
    if (!head) return Fail(ErrorKind::kCorrupt, "the columns are not those of EPSS");
    if (head->day.empty()) head->day = DayOfName(document.name);
    HF_TRY(auto rows, ParseRows(text, head->percentiles, sink));
    if (!head->percentiles) CountPercentiles(rows);
    model::VulnerabilityFacts facts;
    facts.source = Id();
    facts.modified = head->day;
    for (const Row& row : rows) {
      facts.id = row.cve;
      facts.epss = row.score;
      sink.AddFacts(facts);
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeEpssProvider() { return std::make_unique<EpssProvider>(); }

}  // namespace holdfast::advisory
