// Facts of vulnerabilities on their way into a snapshot: what several sources know of one CVE becomes one record.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/vulnerability_facts.h"

namespace holdfast::advisory {

// Of the same source the newest statement is kept, whichever order they come in. Between sources: scores, weaknesses
// and dates are put together, and the description is the first one by name of the source.
class FactsGatherer {
 public:
  void Add(const model::VulnerabilityFacts& facts);

  // Records by CVE, in order; the first error ends the visit. Views live until the visitor returns: all at once would
  // take as much memory again.
  using Visitor = std::function<Result<void>(std::string_view cve, std::string_view record)>;
  [[nodiscard]] Result<void> VisitEpss(const Visitor& visit) const;
  [[nodiscard]] Result<void> VisitFacts(const Visitor& visit) const;
  [[nodiscard]] Result<void> VisitDescriptions(const Visitor& visit) const;
  // The number of different CVEs.
  [[nodiscard]] std::uint64_t Size() const;
  // About what the records take, with their keys.
  [[nodiscard]] std::uint64_t Bytes() const;

 private:
  struct Statement {
    std::string modified, record, description;
    friend auto operator<=>(const Statement&, const Statement&) = default;
  };
  struct Score {
    std::string date, record;
    friend auto operator<=>(const Score&, const Score&) = default;
  };
  // Scores come for every CVE there is, and mostly alone: a map of their own keeps them small.
  std::map<std::string, Score> epss_;
  std::map<std::string, std::map<std::string, Statement>> statements_;  // by CVE, by source
};

}  // namespace holdfast::advisory
