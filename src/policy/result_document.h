// The document of an evaluation as Anchore's clients read it: `detail.result` of a check, and what is stored.
#pragma once

#include <string>

#include "policy/evaluate.h"

namespace holdfast::policy {

// Compact JSON. Both times are facts.evaluated_at, in epoch seconds. Requires: `evaluation` is that of `bundle` and
// `facts`.
[[nodiscard]] std::string WriteResultDocument(const Bundle& bundle, const ImageFacts& facts,
                                              const Evaluation& evaluation);

}  // namespace holdfast::policy
