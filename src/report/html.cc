#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/format.h"
#include "report/groups.h"
#include "report/quote.h"
#include "report/report.h"
#include "sbom/finding_text.h"
#include "sbom/identity.h"

namespace holdfast::report {
namespace {

using model::Package;

constexpr std::size_t kFlushBytes = 256 * 1024;
constexpr std::size_t kProblemsShown = 100;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.25em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; margin: .5em 0 1em; }
th, td { text-align: left; vertical-align: top; padding: .3em .6em; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
table.facts { width: auto; } table.facts th { font-weight: 600; white-space: nowrap; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .3em 0; } .where { opacity: .75; }
.badge { display: inline-block; border-radius: .3em; padding: 0 .5em; margin-right: .3em; color: #fff; background: #6b7280; white-space: nowrap; }
.Critical { background: #86198f; } .High { background: #b91c1c; } .Medium { background: #b45309; } .Low { background: #0e7490; }
.warning { border-left: .4em solid #b91c1c; padding: .5em 1em; background: #b91c1c1a; }
</style>
)";

std::string Code(std::string_view text) {
  return text.empty() ? std::string() : "<code>" + QuoteMarkup(text) + "</code>";
}

std::string Badges(const SeverityCounts& counts) {
  std::string text;
  for (const model::Severity severity : kSeverities)
    if (const std::size_t count = counts.Of(severity); count > 0)
      text += Format("<span class=\"badge {0}\">{1} {0}</span>", model::SeverityName(severity), count);
  return text;
}

std::string CellText(const FindingCell& cell) {
  const std::string quoted = QuoteMarkup(cell.text);
  if (cell.url.empty()) return quoted;
  return Format("<a rel=\"noopener noreferrer\" href=\"{}\">{}</a>", QuoteMarkup(cell.url), quoted);
}

class HtmlReport {
 public:
  HtmlReport(const Report& report, io::ByteSink& sink)
      : report_(report), sink_(sink), groups_(GroupByPackage(report.analysis, report.findings)) {}

  [[nodiscard]] Result<void> Write() {
    Head();
    HF_CHECK_OK(Upgrades());
    for (const PackageFindings& group : groups_) {
      PackageSection(group);
      HF_CHECK_OK(Flush(kFlushBytes));
    }
    Problems();
    text_ += "</body>\n</html>\n";
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
    text_ += kHead;
    text_ += Format(
        "<title>Vulnerabilities of {}</title>\n</head>\n<body>\n<h1>Vulnerability report</h1>\n<table "
        "class=\"facts\">\n",
        QuoteMarkup(sbom::TargetName(report_.analysis.source)));
    for (const auto& [title, text] : TargetFacts(report_.analysis, report_.options.database))
      text_ += Format("<tr><th>{}</th><td>{}</td></tr>\n", title, Code(text));
    text_ += Format("<tr><th>Scanned</th><td>{} by {} {}</td></tr>\n</table>\n", QuoteMarkup(report_.options.timestamp),
                    QuoteMarkup(report_.options.tool_name), QuoteMarkup(report_.options.tool_version));
    if (!sbom::IsComplete(report_.analysis))
      text_ +=
          "<p class=\"warning\"><strong>This report is incomplete:</strong> part of the target could not be read, so "
          "that findings may be missing. See <a href=\"#problems\">problems</a>.</p>\n";
    if (report_.findings.empty())
      text_ += "<p><strong>No vulnerabilities were found.</strong></p>\n";
    else
      text_ += Format("<p><strong>{} vulnerabilities in {} packages:</strong> {}</p>\n", report_.findings.size(),
                      groups_.size(), Badges(CountBySeverity(report_.findings)));
    if (report_.silenced > 0) text_ += Format("<p>{} findings are silenced and not listed.</p>\n", report_.silenced);
  }

  Result<void> Upgrades() {
    if (groups_.empty()) return {};
    text_ +=
        "<h2>What to upgrade</h2>\n<table>\n<tr><th>Package</th><th>Installed</th><th>Upgrade to</th>"
        "<th>Vulnerabilities</th><th>Without a fix</th></tr>\n";
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const Package& package = report_.analysis.packages[groups_[i].package];
      text_ += Format("<tr><td><a href=\"#p{}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", i,
                      Code(package.name), Code(package.version), Code(groups_[i].upgrade_to), Badges(groups_[i].counts),
                      groups_[i].unfixed);
      HF_CHECK_OK(Flush(kFlushBytes));
    }
    text_ += "</table>\n<h2>Vulnerabilities</h2>\n";
    return {};
  }

  void PackageSection(const PackageFindings& group) {
    const Package& package = report_.analysis.packages[group.package];
    text_ += Format("<details open id=\"p{}\">\n<summary>{} {} {}</summary>\n", section_++, Code(package.name),
                    Code(package.version), Badges(group.counts));
    text_ += Format("<p class=\"where\">{}, found in {}", QuoteMarkup(package.type), Code(sbom::PathOf(package)));
    if (const std::string_view layer = sbom::LayerOf(report_.analysis, package); !layer.empty())
      text_ += " of layer " + Code(layer);
    text_ += "</p>\n<table>\n<tr>";
    for (const FindingColumn& column : FindingColumns()) text_ += Format("<th>{}</th>", column.title);
    text_ += "</tr>\n";
    for (const model::Finding* finding : group.findings) {
      text_ += "<tr>";
      for (const FindingColumn& column : FindingColumns()) text_ += "<td>" + CellText(column.cell(*finding)) + "</td>";
      text_ += "</tr>\n";
    }
    text_ += "</table>\n</details>\n";
  }

  void Problems() {
    const std::vector<const Problem*> problems = ProblemsWorstFirst(report_.analysis);
    if (problems.empty() && report_.analysis.problems_dropped == 0) return;
    text_ += "<h2 id=\"problems\">Problems</h2>\n<ul>\n";
    const std::size_t shown = std::min(problems.size(), kProblemsShown);
    for (const Problem* problem : std::span(problems).first(shown))
      text_ += Format("<li>{}{}</li>\n", MakesPartial(*problem) ? "<strong>not read:</strong> " : "",
                      QuoteMarkup(sbom::ProblemText(*problem)));
    if (const std::size_t rest = problems.size() - shown + report_.analysis.problems_dropped; rest > 0)
      text_ += Format("<li>and {} more</li>\n", rest);
    text_ += "</ul>\n";
  }

  const Report& report_;
  io::ByteSink& sink_;
  std::vector<PackageFindings> groups_;
  std::size_t section_ = 0;
  std::string text_;
};

}  // namespace

Result<void> WriteHtml(const Report& report, io::ByteSink& sink) { return HtmlReport(report, sink).Write(); }

}  // namespace holdfast::report
