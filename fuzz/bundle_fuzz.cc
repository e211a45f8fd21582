// A policy bundle: read, checked, evaluated against an image that offers every fact. The document of the result must be
// JSON that holds the bundle; a valid bundle must read back as valid from there.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "io/json.h"
#include "policy/evaluate.h"
#include "policy/gates/builtin.h"
#include "policy/result_document.h"

namespace io = holdfast::io;
namespace policy = holdfast::policy;

namespace {

policy::ImageFacts Facts() {
  policy::ImageFacts facts;
  facts.image_id = "0123";
  facts.image_digest = "sha256:dd";
  facts.registry = "docker.io";
  facts.repository = "library/debian";
  facts.tag = "12";
  facts.evaluated_at = 1'700'000'000;
  facts.distro = policy::DistroFact{.name = "debian", .version = "12", .like = {}};
  facts.packages.emplace();
  facts.feed.emplace();
  facts.dockerfile = policy::Dockerfile{
      .mode = policy::DockerfileMode::kActual,
      .lines = {{"FROM", "debian:12"}, {"EXPOSE", "22/tcp 80-90"}, {"USER", "app"}, {"RUN", "a\xff"}}};
  facts.vulnerabilities.emplace();
  for (const bool is_os : {true, false})
    facts.vulnerabilities->push_back({.id = "CVE-2024-1",
                                      .severity = holdfast::model::Severity::kHigh,
                                      .package = {.name = "curl",
                                                  .version = "1",
                                                  .type = is_os ? "deb" : "npm",
                                                  .is_os = is_os,
                                                  .path = is_os ? "" : "/a/curl/package.json"},
                                      .fix_versions = {"2"},
                                      .detected_at = 1'600'000'000});
  return facts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const policy::BundleLimits limits{.bytes_max = 1 << 16, .regexes_max = 20};
  const auto bundle = policy::ParseBundle(text, policy::BuiltinTriggers(), limits);
  if (!bundle) return 0;
  static const policy::ImageFacts facts = Facts();
  const policy::Evaluation evaluation = policy::Evaluate(**bundle, facts, {.match_steps_max = 1'000'000});
  if (!(*bundle)->Valid() && evaluation.verdict.action == policy::Action::kStop) return 0;
  const std::string document = policy::WriteResultDocument(**bundle, facts, evaluation);
  const auto again = io::JsonDocument::Parse(document);
  if (!again || again->Root()["result"]["0123"]["result"]["rows"].Size() != evaluation.rows.size()) std::abort();
  if (!(*bundle)->Valid()) return 0;
  const auto second = policy::ReadBundle(again->Root()["bundle"], policy::BuiltinTriggers());
  if (!second->Valid() || second->json != (*bundle)->json) std::abort();
  return 0;
}
