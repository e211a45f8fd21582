#include "sbom/completeness.h"

#include "base/format.h"
#include "io/safe_text.h"

namespace holdfast::sbom {

std::string_view GradeName(Grade grade) {
  switch (grade) {
    case Grade::kA: return "A";
    case Grade::kB: return "B";
    case Grade::kC: return "C";
    case Grade::kD: return "D";
    case Grade::kF: return "F";
  }
  return "F";
}

std::string DescribeCompleteness(const Completeness& completeness) {
  std::string text =
      Format("{}{}{}, completeness {}\n", io::SafeText(completeness.format), completeness.tool.empty() ? "" : " by ",
             io::SafeText(completeness.tool), GradeName(completeness.grade));
  for (const Gap& gap : completeness.gaps) text += Format("  {}\n", io::SafeText(gap.message));
  return text;
}

}  // namespace holdfast::sbom
