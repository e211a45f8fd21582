#include <cstdio>
#include <string>

#include "base/format.h"
#include "cli/analyse.h"
#include "cli/commands.h"
#include "cli/judge.h"
#include "cli/table.h"
#include "match/why.h"
#include "match/why_json.h"

namespace holdfast::cli {
namespace {

using match::WhyAnswer;
using model::ImageAnalysis;

constexpr std::size_t kRowsShown = 20;

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

std::string NameOf(const ImageAnalysis& analysis, std::uint32_t package) {
  return Format("{} {}", analysis.packages[package].name, analysis.packages[package].version);
}

std::string RowsTable(const WhyAnswer& answer, const ImageAnalysis& analysis) {
  Table table({{"PACKAGE", 10},
               {"ADVISORY", 12},
               {"LOOKED UP", 10},
               {"SAYS", 12},
               {"STATE", 6},
               {"SO IT", 8},
               {"BECAUSE", 16}});
  std::size_t shown = 0;
  for (const match::ExaminedRow& row : answer.rows) {
    if (shown++ >= kRowsShown) break;
    table.Add({{NameOf(analysis, row.package), Style::kBold},
               {row.advisory_id},
               {row.looked_up},
               {row.ranges},
               {row.fix_state},
               {std::string(match::RowOutcomeName(row.outcome))},
               {row.explanation}});
  }
  std::string text = table.Empty() ? std::string() : table.Render(0, false);
  if (answer.rows.size() > kRowsShown)
    text += Format("{} more rows, in the json output\n", answer.rows.size() - kRowsShown);
  return text;
}

std::string Text(const WhyAnswer& answer, const ImageAnalysis& analysis) {
  std::string text = answer.conclusion + "\n";
  if (answer.names.size() > 1) text += Format("\nalso called   {}\n", Joined(answer.names));
  for (const match::KnownAdvisory& known : answer.advisories)
    text += Format("advisory      {} ({}){}{}{}\n", known.id, known.source,
                   known.withdrawn.empty() ? "" : ", withdrawn " + known.withdrawn,
                   known.here.empty() ? "" : "; here: " + Joined(known.here),
                   known.elsewhere.empty() ? "" : "; elsewhere: " + Joined(known.elsewhere));
  for (const model::Finding& finding : answer.findings)
    text += Format("evidence      {} in {}\n", NameOf(analysis, finding.package),
                   match::PlaceOf(analysis, finding.package));
  for (const model::Finding& finding : answer.findings)
    if (finding.vex) text += Format("VEX           {} says: {}\n", finding.vex->source, finding.vex->statement);
  for (const model::SilencedFinding& silenced : answer.silenced) {
    text += Format("silenced      {} by {} ({}): {}\n", NameOf(analysis, silenced.finding.package), silenced.source,
                   model::SilencedByName(silenced.by), silenced.statement);
    for (const std::string& other : silenced.overruled) text += Format("overruled     {}\n", other);
  }
  text += Format("examined      {} packages\n", answer.packages_examined);
  const std::string rows = RowsTable(answer, analysis);
  return rows.empty() ? text : text + "\n" + rows;
}

}  // namespace

ExitCode RunWhy(const Options& options, Logger& logger) {
  const auto complain = [&logger](const Error& error, ExitCode code) {
    logger.Log(LogLevel::kError, error.Message());
    return code;
  };
  const Limits limits{.scan_time_ms_max = options.timeout_s * 1000};
  ExitCode code = ExitCode::kInternal;
  const auto judge = Judge::Open(options, logger, code);
  if (!judge) return complain(judge.error(), code);
  auto analysed = Analyse(options, limits, logger);
  if (!analysed) return complain(analysed.error(), ExitCodeForTarget(analysed.error().Kind()));
  const auto matched = judge->Match(analysed->analysis, limits);
  if (!matched) return complain(matched.error(), ExitCode::kDatabase);
  const auto answer = judge->Explain({options.vulnerability, options.package}, analysed->analysis, *matched);
  if (!answer) return complain(answer.error(), ExitCode::kDatabase);
  const std::string text = options.why_output == "json" ? match::WhyJson(*answer, analysed->analysis) + "\n"
                                                        : Text(*answer, analysed->analysis);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return ExitCode::kOk;
}

}  // namespace holdfast::cli
