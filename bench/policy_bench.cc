// The default bundle on an image with 1,000 vulnerabilities. Targets: evaluation < 1 ms; with the document written,
// and with allowlists of 10,000 items, of the same order.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/format.h"
#include "policy/default_bundle.h"
#include "policy/evaluate.h"
#include "policy/gates/builtin.h"
#include "policy/result_document.h"

namespace holdfast::policy {
namespace {

ImageFacts FactsWith(int vulnerabilities) {
  ImageFacts facts;
  facts.account = "admin";
  facts.image_id = std::string(64, 'a');
  facts.image_digest = "sha256:" + facts.image_id;
  facts.registry = "docker.io";
  facts.repository = "library/debian";
  facts.tag = "12";
  facts.evaluated_at = 1'700'000'000;
  facts.distro = DistroFact{.name = "debian", .version = "12", .like = {}};
  facts.packages.emplace();
  facts.feed = FeedFact{.data_available = true, .newest_sync = facts.evaluated_at};
  facts.dockerfile = Dockerfile{.mode = DockerfileMode::kGuessed, .lines = {{"EXPOSE", "22/tcp"}, {"RUN", "make"}}};
  facts.vulnerabilities.emplace();
  for (int i = 0; i < vulnerabilities; ++i) {
    VulnerabilityFact fact;
    fact.id = Format("CVE-2024-{}", 1000 + i);
    // Each is of one of the two rules: every one gives a row, the worst case.
    fact.severity = i % 2 == 0 ? model::Severity::kMedium : model::Severity::kHigh;
    fact.package = {
        .name = Format("package-{}", i % 200), .version = "1.2.3-4", .type = "deb", .is_os = true, .path = ""};
    fact.fix_versions = {"1.2.3-5"};
    fact.link = Format("https://security-tracker.debian.org/tracker/{}", fact.id);
    facts.vulnerabilities->push_back(fact);
  }
  return facts;
}

std::unique_ptr<const Bundle> Parsed(std::string_view text) {
  auto bundle = ParseBundle(text, BuiltinTriggers());
  if (!bundle || !(*bundle)->Valid()) {
    std::fprintf(stderr, "the bundle is not valid\n");
    std::exit(1);
  }
  return *std::move(bundle);
}

// The default bundle with a full allowlist: exact items, wildcards before and behind, none of which fits.
std::string BundleWithItems(int count) {
  std::string items;
  for (int i = 0; i < count; ++i) {
    const std::string id = i % 3 == 0   ? Format("CVE-2019-{}+*", i)
                           : i % 3 == 1 ? Format("*+other-{}", i)
                                        : Format("CVE-2018-{}+package-1", i);
    items += Format(R"({}{{"id":"i{}","gate":"vulnerabilities","trigger_id":"{}"}})", i == 0 ? "" : ",", i, id);
  }
  std::string text(DefaultBundleText());
  text.replace(text.find("\"items\": []"), 11, Format("\"items\": [{}]", items));
  return text;
}

void CheckRows(benchmark::State& state, const Evaluation& evaluation) {
  // One for each vulnerability, port 22, HEALTHCHECK.
  if (evaluation.rows.size() != 1002 || evaluation.verdict.action != Action::kStop) {
    std::fprintf(stderr, "wrong result: %zu rows\n", evaluation.rows.size());
    std::exit(1);
  }
  state.counters["rows"] = static_cast<double>(evaluation.rows.size());
}

void EvaluateDefaultBundle(benchmark::State& state) {
  const auto bundle = Parsed(DefaultBundleText());
  const ImageFacts facts = FactsWith(1000);
  CheckRows(state, Evaluate(*bundle, facts));
  for (auto _ : state) benchmark::DoNotOptimize(Evaluate(*bundle, facts));
}
BENCHMARK(EvaluateDefaultBundle)->Unit(benchmark::kMicrosecond);

void EvaluateWithAllowlist(benchmark::State& state) {
  const auto bundle = Parsed(BundleWithItems(static_cast<int>(state.range(0))));
  const ImageFacts facts = FactsWith(1000);
  CheckRows(state, Evaluate(*bundle, facts));
  for (auto _ : state) benchmark::DoNotOptimize(Evaluate(*bundle, facts));
}
BENCHMARK(EvaluateWithAllowlist)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

void EvaluateAndWrite(benchmark::State& state) {
  const auto bundle = Parsed(DefaultBundleText());
  const ImageFacts facts = FactsWith(1000);
  for (auto _ : state) benchmark::DoNotOptimize(WriteResultDocument(*bundle, facts, Evaluate(*bundle, facts)));
}
BENCHMARK(EvaluateAndWrite)->Unit(benchmark::kMicrosecond);

void ParseDefaultBundle(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ParseBundle(DefaultBundleText(), BuiltinTriggers()));
}
BENCHMARK(ParseDefaultBundle)->Unit(benchmark::kMicrosecond);

void ParseWithAllowlist(benchmark::State& state) {
  const std::string text = BundleWithItems(10'000);
  for (auto _ : state) benchmark::DoNotOptimize(ParseBundle(text, BuiltinTriggers()));
}
BENCHMARK(ParseWithAllowlist)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace holdfast::policy

BENCHMARK_MAIN();
