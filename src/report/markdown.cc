#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/format.h"
#include "report/groups.h"
#include "report/quote.h"
#include "report/report.h"
#include "sbom/finding_text.h"

namespace holdfast::report {
namespace {

using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::size_t kProblemsShown = 100;

class MarkdownReport {
 public:
  MarkdownReport(const Report& report, io::ByteSink& sink)
      : report_(report), sink_(sink), groups_(GroupByPackage(report.analysis, report.findings)) {}

  [[nodiscard]] Result<void> Write() {
    Head();
    HF_CHECK_OK(Upgrades());
    for (const PackageFindings& group : groups_) {
      PackageSection(group);
      HF_CHECK_OK(Flush(kFlushBytes));
    }
    Problems();
    return Flush(0);
  }

 private:
  Result<void> Flush(std::size_t least) {
    if (text_.size() < least) return {};
    HF_CHECK_OK(sink_.WriteText(text_));
    text_.clear();
    return {};
  }

  void Head() {
    text_ += "# Vulnerability report\n\n| | |\n|---|---|\n";
    for (const auto& [title, text] : TargetFacts(report_.analysis, report_.options.database))
      text_ += Format("| {} | {} |\n", title, MarkdownCellCode(text));
    text_ += Format("| Scanned | {} by {} {} |\n\n", report_.options.timestamp, report_.options.tool_name,
                    report_.options.tool_version);
    if (!sbom::IsComplete(report_.analysis))
      text_ +=
          "> **This report is incomplete:** part of the target could not be read, so that findings may be missing. "
          "See [problems](#problems).\n\n";
    const std::string counts = CountsText(CountBySeverity(report_.findings));
    text_ += report_.findings.empty() ? std::string("**No vulnerabilities were found.**\n")
                                      : Format("**{} vulnerabilities in {} packages:** {}.\n", report_.findings.size(),
                                               groups_.size(), counts);
    if (report_.silenced > 0) text_ += Format("\n{} findings are silenced and not listed.\n", report_.silenced);
  }

  Result<void> Upgrades() {
    if (groups_.empty()) return {};
    text_ +=
        "\n## What to upgrade\n\n| Package | Installed | Upgrade to | Vulnerabilities | Without a fix |\n"
        "|---|---|---|---|---|\n";
    for (const PackageFindings& group : groups_) {
      const Package& package = report_.analysis.packages[group.package];
      text_ += Format("| {} | {} | {} | {} | {} |\n", MarkdownCellCode(package.name), MarkdownCellCode(package.version),
                      MarkdownCellCode(group.upgrade_to), CountsText(group.counts), group.unfixed);
      HF_CHECK_OK(Flush(kFlushBytes));
    }
    text_ += "\n## Vulnerabilities\n";
    return {};
  }

  void PackageSection(const PackageFindings& group) {
    const Package& package = report_.analysis.packages[group.package];
    text_ += Format("\n### {} {}\n\n", MarkdownCode(package.name), MarkdownCode(package.version));
    text_ += Format("{}, found in {}", QuoteMarkdown(package.type), MarkdownCode(sbom::PathOf(package)));
    if (const std::string_view layer = sbom::LayerOf(report_.analysis, package); !layer.empty())
      text_ += Format(" of layer {}", MarkdownCode(layer));
    text_ += "\n\n";
    std::string rule = "|";
    text_ += "|";
    for (const FindingColumn& column : FindingColumns()) {
      text_ += Format(" {} |", column.title);
      rule += "---|";
    }
    text_ += "\n" + rule + "\n";
    for (const model::Finding* finding : group.findings) {
      text_ += "|";
      for (const FindingColumn& column : FindingColumns()) {
        const FindingCell cell = column.cell(*finding);
        const std::string quoted = QuoteMarkdown(cell.text);
        text_ += cell.url.empty() ? Format(" {} |", quoted) : Format(" [{}]({}) |", quoted, cell.url);
      }
      text_ += "\n";
    }
  }

  void Problems() {
    const std::vector<const Problem*> problems = ProblemsWorstFirst(report_.analysis);
    if (problems.empty() && report_.analysis.problems_dropped == 0) return;
    text_ += "\n## Problems\n\n";
    const std::size_t shown = std::min(problems.size(), kProblemsShown);
    for (const Problem* problem : std::span(problems).first(shown))
      text_ += Format("- {}{}\n", MakesPartial(*problem) ? "**not read:** " : "",
                      QuoteMarkdown(sbom::ProblemText(*problem)));
    if (const std::size_t rest = problems.size() - shown + report_.analysis.problems_dropped; rest > 0)
      text_ += Format("- and {} more\n", rest);
  }

  const Report& report_;
  io::ByteSink& sink_;
  std::vector<PackageFindings> groups_;
  std::string text_;
};

}  // namespace

Result<void> WriteMarkdown(const Report& report, io::ByteSink& sink) { return MarkdownReport(report, sink).Write(); }

}  // namespace holdfast::report
