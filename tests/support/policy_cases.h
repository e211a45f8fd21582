// Text cases of policies: facts and rules, and the verdict and rows they must give. A file holds many:
//
//   == a port that is not allowed            a title begins a case; '#' begins a comment
//   dockerfile actual                        facts: what is not stated is not known
//   | EXPOSE 22                              its lines
//   rule STOP dockerfile.exposed_ports ports=22; type=blacklist
//   allow dockerfile exposed_ports+8*        an item of the allowlist, a time of expiry may follow
//   => stop policy_evaluation                the verdict
//   row stop dockerfile.exposed_ports exposed_ports+22       all rows, in order
//   allowed stop dockerfile.exposed_ports exposed_ports+80   a row that the allowlist covers
//   problem warn MissingFactsError           all problems of the evaluation, in order
//
// More facts: `now TIME`, `image REGISTRY REPOSITORY TAG DIGEST ID`, `distro NAME VERSION`, `feed available|missing
// [TIME]`, `packages` and `vulnerabilities` (known, even if none follow), `package NAME VERSION TYPE os|non-os [PATH]`,
// `vuln ID SEVERITY os|non-os TYPE NAME VERSION` and then `fix=`, `observed=`, `detected=`, `path=`, `nvd=b/e/i`,
// `vendor=b/e/i`, `wontfix`. Instead of `rule` and `allow`: lines of a whole bundle, each after '>'.
// `invalid TYPE PATH` instead of a verdict: all errors of the bundle, in order.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/format.h"
#include "policy/evaluate.h"
#include "policy/words.h"
#include "support/test_support.h"

namespace holdfast::test {

struct PolicyCase {
  std::string title;
  policy::ImageFacts facts;
  std::string rules, items, bundle;   // JSON
  std::vector<std::string> expected;  // lines
};

class PolicyCaseReader {
 public:
  std::vector<PolicyCase> Read(const std::string& path) {
    std::istringstream file(ReadFile(path));
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line.starts_with('#')) continue;
      if (line.starts_with("== ")) {
        Begin(line.substr(3));
      } else {
        std::istringstream words(line);
        std::string word;
        words >> word;
        ReadLine(word, line, words);
      }
    }
    return std::move(cases_);
  }

 private:
  void Begin(std::string title) {
    PolicyCase fresh{.title = std::move(title), .facts = {}, .rules = {}, .items = {}, .bundle = {}, .expected = {}};
    fresh.facts.account = "tester";
    fresh.facts.registry = "docker.io";
    fresh.facts.repository = "library/app";
    fresh.facts.tag = "1.0";
    fresh.facts.image_digest = "sha256:aaaa";
    fresh.facts.image_id = "bbbb";
    fresh.facts.evaluated_at = Time("2024-06-30T12:00:00Z");
    cases_.push_back(std::move(fresh));
  }

  static std::int64_t Time(const std::string& text) { return Value(ParseTime(text)) / 1000; }
  static std::string Rest(std::istringstream& words) {
    std::string rest;
    std::getline(words, rest);
    return std::string(policy::Trimmed(rest));
  }

  void ReadLine(const std::string& word, const std::string& line, std::istringstream& words) {
    PolicyCase& now = cases_.back();
    if (word == ">") {
      now.bundle += line.substr(1) + "\n";
    } else if (word == "rule") {
      ReadRule(now, words);
    } else if (word == "allow") {
      ReadItem(now, words);
    } else if (word == "=>" || word == "row" || word == "allowed" || word == "problem" || word == "invalid") {
      now.expected.push_back(line);
    } else {
      ReadFact(now.facts, word, line, words);
    }
  }

  void ReadFact(policy::ImageFacts& facts, const std::string& word, const std::string& line,
                std::istringstream& words) {
    std::string text;
    if (word == "now") {
      facts.evaluated_at = Time(Rest(words));
    } else if (word == "image") {
      words >> facts.registry >> facts.repository >> facts.tag >> facts.image_digest >> facts.image_id;
    } else if (word == "distro") {
      facts.distro.emplace();
      words >> facts.distro->name >> facts.distro->version;
    } else if (word == "feed") {
      words >> text;
      facts.feed = policy::FeedFact{.data_available = text == "available", .newest_sync = {}};
      if (words >> text) facts.feed->newest_sync = Time(text);
    } else if (word == "packages") {
      facts.packages.emplace();
    } else if (word == "package") {
      policy::PackageFact package;
      words >> package.name >> package.version >> package.type >> text >> package.path;
      package.is_os = text == "os";
      facts.packages->push_back(package);
    } else if (word == "vulnerabilities") {
      facts.vulnerabilities.emplace();
    } else if (word == "vuln") {
      ReadVulnerability(facts, words);
    } else if (word == "dockerfile") {
      words >> text;
      facts.dockerfile.emplace();
      facts.dockerfile->mode = text == "actual" ? policy::DockerfileMode::kActual : policy::DockerfileMode::kGuessed;
    } else if (word == "|") {
      const auto parsed = Value(policy::ParseDockerfile(std::string_view(line).substr(1)));
      for (const auto& instruction : parsed.lines) facts.dockerfile->lines.push_back(instruction);
    } else {
      throw std::runtime_error("no such line in a policy case: " + line);
    }
  }

  static policy::CvssScores Scores(const std::string& text) {
    policy::CvssScores scores;
    if (std::sscanf(text.c_str(), "%lf/%lf/%lf", &scores.base, &scores.exploitability, &scores.impact) < 1)
      throw std::runtime_error("no scores: " + text);
    return scores;
  }

  static void ReadVulnerability(policy::ImageFacts& facts, std::istringstream& words) {
    policy::VulnerabilityFact fact;
    std::string severity, where;
    words >> fact.id >> severity >> where >> fact.package.type >> fact.package.name >> fact.package.version;
    fact.severity = model::ParseSeverity(severity).value();
    fact.package.is_os = where == "os";
    for (std::string option; words >> option;) {
      const std::size_t equals = option.find('=');
      const std::string name = option.substr(0, equals);
      const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
      if (name == "fix") fact.fix_versions.push_back(value);
      if (name == "observed") fact.fix_observed_at = Time(value);
      if (name == "detected") fact.detected_at = Time(value);
      if (name == "path") fact.package.path = value;
      if (name == "wontfix") fact.will_not_fix = true;
      if (name == "nvd") fact.nvd = Scores(value);
      if (name == "vendor") fact.vendor = Scores(value);
    }
    if (!facts.vulnerabilities) facts.vulnerabilities.emplace();
    facts.vulnerabilities->push_back(fact);
  }

  static void ReadRule(PolicyCase& now, std::istringstream& words) {
    std::string action, trigger;
    words >> action >> trigger;
    const std::size_t dot = trigger.find('.');
    io::JsonWriter writer;
    writer.BeginObject().Field("action", action).Field("gate", trigger.substr(0, dot));
    writer.Field("trigger", trigger.substr(dot + 1)).Key("params").BeginArray();
    std::istringstream params(Rest(words));
    for (std::string param; std::getline(params, param, ';');) {
      const std::size_t equals = param.find('=');
      writer.BeginObject().Field("name", policy::Trimmed(std::string_view(param).substr(0, equals)));
      writer.Field("value", std::string_view(param).substr(equals + 1)).EndObject();
    }
    writer.EndArray().EndObject();
    now.rules += (now.rules.empty() ? "" : ",") + writer.Take();
  }

  static void ReadItem(PolicyCase& now, std::istringstream& words) {
    std::string gate, id, expires;
    words >> gate >> id >> expires;
    io::JsonWriter writer;
    writer.BeginObject().Field("gate", gate).Field("trigger_id", id).OptionalField("expires_on", expires).EndObject();
    now.items += (now.items.empty() ? "" : ",") + writer.Take();
  }

  std::vector<PolicyCase> cases_;
};

inline std::string BundleOf(const PolicyCase& one) {
  if (!one.bundle.empty()) return one.bundle;
  return R"({"id":"b","version":"1_0","policies":[{"id":"p","version":"1_0","rules":[)" + one.rules +
         R"(]}],"whitelists":[{"id":"w","name":"list","version":"1_0","items":[)" + one.items +
         R"(]}],"mappings":[{"name":"all","registry":"*","repository":"*","image":{"type":"tag","value":"*"},)" +
         R"("policy_ids":["p"],"whitelist_ids":["w"]}]})";
}

inline std::vector<std::string> LinesOf(const policy::Bundle& bundle, const policy::Evaluation& evaluation,
                                        bool invalid_expected) {
  std::vector<std::string> lines;
  if (!bundle.Valid() && invalid_expected) {
    for (const auto& problem : bundle.problems)
      if (problem.severity == policy::ProblemSeverity::kError)
        lines.push_back(Format("invalid {} {}", problem.type, problem.details.substr(0, problem.details.find(':'))));
    return lines;
  }
  lines.push_back(
      Format("=> {} {}", policy::ActionName(evaluation.verdict.action), policy::ReasonName(evaluation.verdict.reason)));
  for (const policy::Row& row : evaluation.rows) {
    const policy::TriggerInfo& trigger = row.rule->trigger->info;
    lines.push_back(Format("{} {} {}.{} {}", row.allowed ? "allowed" : "row", policy::ActionName(row.rule->action),
                           trigger.gate->name, trigger.name, row.trigger_id));
  }
  for (const auto& problem : evaluation.problems)
    lines.push_back(Format("problem {} {}", policy::ProblemSeverityName(problem.severity), problem.type));
  return lines;
}

// Runs all cases of a file; fails when there are fewer than `at_least`.
inline void RunPolicyCases(const std::string& path, std::span<const policy::Trigger> triggers, std::size_t at_least) {
  const std::vector<PolicyCase> cases = PolicyCaseReader().Read(path);
  EXPECT_GE(cases.size(), at_least);
  for (const PolicyCase& one : cases) {
    const auto bundle = Value(policy::ParseBundle(BundleOf(one), triggers));
    const bool invalid = !one.expected.empty() && one.expected[0].starts_with("invalid ");
    std::string problems;
    for (const auto& problem : bundle->problems) problems += problem.details + "\n";
    EXPECT_EQ(LinesOf(*bundle, policy::Evaluate(*bundle, one.facts), invalid), one.expected)
        << path << ": " << one.title << "\n"
        << problems;
  }
}

}  // namespace holdfast::test
