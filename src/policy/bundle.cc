#include "policy/bundle.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

// Image ids are written with and without the algorithm.
constexpr std::string_view kAlgorithm = "sha256:";
std::string_view BareId(std::string_view id) { return id.starts_with(kAlgorithm) ? id.substr(kAlgorithm.size()) : id; }

}  // namespace

std::string_view ProblemSeverityName(ProblemSeverity severity) {
  return severity == ProblemSeverity::kWarn ? "warn" : "error";
}

bool ImageSelector::Matches(const ImageFacts& image, StepBudget& budget) const {
  if (!registry.Matches(image.registry, budget) || !repository.Matches(image.repository, budget)) return false;
  switch (type) {
    case ImageRefType::kTag: return value.Matches(image.tag, budget);
    case ImageRefType::kDigest: return value.Matches(image.image_digest, budget);
    case ImageRefType::kId: {
      const std::string_view bare = BareId(image.image_id);
      return value.Matches(bare, budget) || value.Matches(std::string(kAlgorithm).append(bare), budget);
    }
  }
  return false;
}

bool Bundle::Valid() const {
  return std::ranges::none_of(problems,
                              [](const BundleProblem& problem) { return problem.severity == ProblemSeverity::kError; });
}

void WriteProblems(io::JsonWriter& writer, const std::vector<BundleProblem>& problems) {
  writer.BeginArray();
  for (const BundleProblem& problem : problems) {
    writer.BeginObject().Field("severity", ProblemSeverityName(problem.severity));
    writer.Field("problem_type", problem.type).Field("details", problem.details).EndObject();
  }
  writer.EndArray();
}

}  // namespace holdfast::policy
