#include "policy/evaluate.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace holdfast::policy {
namespace {

class Evaluator {
 public:
  Evaluator(const Bundle& bundle, const ImageFacts& facts, const EvaluateLimits& limits)
      : bundle_(bundle), facts_(facts), limits_(limits), budget_{.left = limits.match_steps_max} {}

  Evaluation Run();

 private:
  class RuleSink;

  [[nodiscard]] const ImageSelector* FindImage(const std::vector<ImageSelector>& images);
  void TakeBundleProblems();
  void RunPolicy(const Policy& policy);
  void RunRule(const Policy& policy, const Rule& rule);
  void Add(const Policy& policy, const Rule& rule, Finding finding);
  [[nodiscard]] std::optional<AllowlistMatch> FindAllowed(const Rule& rule, const Finding& finding);
  void Problem(ProblemSeverity severity, std::string_view type, std::string details) {
    evaluation_.problems.push_back({severity, type, std::move(details)});
  }
  void Decide();

  const Bundle& bundle_;
  const ImageFacts& facts_;
  const EvaluateLimits& limits_;
  StepBudget budget_;
  std::uint64_t visits_ = 0, rows_left_out_ = 0, rules_left_out_ = 0;
  Evaluation evaluation_;
  std::vector<std::string> trigger_ids_;  // of the finding in hand; here for its memory
};

class Evaluator::RuleSink final : public FindingSink {
 public:
  RuleSink(Evaluator& evaluator, const Policy& policy, const Rule& rule)
      : evaluator_(evaluator), policy_(policy), rule_(rule) {}
  void Add(Finding finding) override { evaluator_.Add(policy_, rule_, std::move(finding)); }

 private:
  Evaluator& evaluator_;
  const Policy& policy_;
  const Rule& rule_;
};

const ImageSelector* Evaluator::FindImage(const std::vector<ImageSelector>& images) {
  const auto found =
      std::ranges::find_if(images, [&](const ImageSelector& image) { return image.Matches(facts_, budget_); });
  return found == images.end() ? nullptr : &*found;
}

// Warnings were for the author. Gates at their end of life are skipped, with a word.
void Evaluator::TakeBundleProblems() {
  for (const BundleProblem& problem : bundle_.problems) {
    if (problem.severity != ProblemSeverity::kError) continue;
    const bool skipped = problem.type == problem_type::kEndOfLife;
    Problem(skipped ? ProblemSeverity::kWarn : ProblemSeverity::kError, problem.type, problem.details);
  }
}

std::optional<AllowlistMatch> Evaluator::FindAllowed(const Rule& rule, const Finding& finding) {
  const std::string_view gate = rule.trigger->info.gate->name;
  for (const std::uint32_t index : evaluation_.mapping->allowlists) {
    const Allowlist& list = *bundle_.allowlists[index];
    trigger_ids_.assign(1, finding.key);
    if (list.index.NamesMessageIds(gate))
      for (const std::string& message : finding.anchore_messages)
        trigger_ids_.push_back(AnchoreMessageId(gate, rule.trigger->info.name, message));
    if (const AllowlistItem* item = list.index.Find(gate, trigger_ids_, facts_.evaluated_at, budget_))
      return AllowlistMatch{&list, item};
  }
  return std::nullopt;
}

void Evaluator::Add(const Policy& policy, const Rule& rule, Finding finding) {
  if (evaluation_.rows.size() >= limits_.rows_max) {
    ++rows_left_out_;
    return;
  }
  Row row;
  row.allowed = FindAllowed(rule, finding);
  row.trigger_id = std::move(finding.key);
  row.message = std::move(finding.message);
  if (row.message.size() > limits_.message_bytes_max) row.message.resize(limits_.message_bytes_max);
  row.policy = &policy;
  row.rule = &rule;
  evaluation_.rows.push_back(std::move(row));
}

void Evaluator::RunRule(const Policy& policy, const Rule& rule) {
  const TriggerInfo& trigger = rule.trigger->info;
  const FactSet missing = trigger.needs.Without(OfferedFacts(facts_));
  if (missing.Empty()) {
    RuleSink sink(*this, policy, rule);
    rule.check->Evaluate(facts_, sink);
    return;
  }
  for (std::uint8_t i = 0; i < kFactCount; ++i) {
    const auto fact = static_cast<Fact>(i);
    if (!missing.Has(fact)) continue;
    const std::string text = Format("{}.{} cannot be evaluated: nothing is known of the image's {}", trigger.gate->name,
                                    trigger.name, FactName(fact));
    Problem(ProblemSeverity::kWarn, problem_type::kMissingFacts,
            Format("policy '{}', rule '{}': {}", policy.id, rule.id, text));
    Add(policy, rule, {.key = FactKey({"missing", FactName(fact)}), .message = text, .anchore_messages = {}});
  }
}

void Evaluator::RunPolicy(const Policy& policy) {
  const std::uint64_t size = SizeOf(facts_);
  for (const Rule& rule : policy.rules) {
    visits_ += size;
    // When rows are left out already the verdict is certain, and so is that the report is not complete.
    if (visits_ > limits_.visits_max || rows_left_out_ > 0) {
      ++rules_left_out_;
    } else {
      RunRule(policy, rule);
    }
  }
}

void Evaluator::Decide() {
  if (rows_left_out_ > 0)
    Problem(ProblemSeverity::kError, problem_type::kLimit, Format("more than {} findings", limits_.rows_max));
  if (rules_left_out_ > 0)
    Problem(ProblemSeverity::kError, problem_type::kLimit,
            Format("{} rules were not evaluated: too many facts or findings", rules_left_out_));
  if (budget_.spent)
    Problem(ProblemSeverity::kError, problem_type::kLimit,
            Format("matching of mappings and allowlists took more than {} steps", limits_.match_steps_max));
  Verdict& verdict = evaluation_.verdict;
  for (const Row& row : evaluation_.rows)
    if (!row.allowed) verdict.action = std::max(verdict.action, row.rule->action);
  if (evaluation_.denied != nullptr) {
    verdict = {Action::kStop, Reason::kDeniedImage};
  } else if (evaluation_.allowed != nullptr) {
    verdict = {Action::kGo, Reason::kAllowedImage};
  }
  const bool failed = std::ranges::any_of(
      evaluation_.problems, [](const BundleProblem& problem) { return problem.severity == ProblemSeverity::kError; });
  if (!failed) return;
  verdict.action = Action::kStop;
  if (verdict.reason == Reason::kAllowedImage) verdict.reason = Reason::kPolicyEvaluation;
}

Evaluation Evaluator::Run() {
  TakeBundleProblems();
  evaluation_.denied = FindImage(bundle_.denied_images);
  evaluation_.allowed = FindImage(bundle_.allowed_images);
  const auto mapping = std::ranges::find_if(
      bundle_.mappings, [&](const Mapping& candidate) { return candidate.selector.Matches(facts_, budget_); });
  if (mapping != bundle_.mappings.end()) {
    evaluation_.mapping = &*mapping;
    for (const std::uint32_t index : mapping->policies) RunPolicy(bundle_.policies[index]);
  }
  Decide();
  return std::move(evaluation_);
}

}  // namespace

std::string_view ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kPolicyEvaluation: return "policy_evaluation";
    case Reason::kAllowedImage: return "whitelisted";
    case Reason::kDeniedImage: return "blacklisted";
  }
  return "";
}

Evaluation Evaluate(const Bundle& bundle, const ImageFacts& facts, const EvaluateLimits& limits) {
  return Evaluator(bundle, facts, limits).Run();
}

}  // namespace holdfast::policy
