// What a distribution package has to say of the language packages that it owns: their vendor may have patched them
// without changing their version, and what is wrong with both is told once, of the package that people can update.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "match/merge.h"
#include "model/finding.h"

namespace holdfast::match {

// Borrows nothing.
class OwnerStatements {
 public:
  void Found(const model::Finding& finding);
  void Denies(const Counter& counter);

  // What the owner's statements make of a finding of an owned package, if anything.
  [[nodiscard]] std::optional<model::SilencedFinding> Silence(const model::Finding& finding) const;

 private:
  struct Statement {
    model::SilencedBy by = model::SilencedBy::kFoundInOwner;
    std::string source, text;
  };
  std::map<std::string, Statement, std::less<>> by_name_;  // of a vulnerability
};

}  // namespace holdfast::match
