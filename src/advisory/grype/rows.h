// From what Grype's database says of one vulnerability to rows of an advisory.
//
// - Red Hat's statements for a major release are repeated there for each of its minor ones: the one for the whole
//   release is kept or, where there is none, those of the highest minor release.
// - Ubuntu's fixes for subscribers (channel "esm") count where the release itself has none, and then say that there
//   will be none: an image has no subscription that one could see.
// - What is not affected becomes rows of kNotAffected, whose ranges are the versions of which that holds; but for
//   AlmaLinux, whose errata are stored there as "from the fix on, not affected": they become what they were, affected
//   below the fix.
// - An Alpine package that is affected below version 0 never is.
// - A row without an architecture speaks of source and binary packages alike.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "advisory/grype/blob.h"
#include "advisory/grype/places.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kGrypeAdvisoryRowsMax = 200'000;
inline constexpr std::size_t kGrypeAdvisoryBytesMax = 64U << 20U;  // of GrypePackage::bytes, of all rows

class GrypeRows {
 public:
  struct Statement {
    GrypePlace place;  // of a language's package, and of a CPE name: the ecosystem alone
    std::string name, target_software;
    std::shared_ptr<const GrypePackage> package;
    std::uint32_t blob = 0;  // which it came from: the same one is the same statement
    bool unaffected = false;
    bool from_fix_on = false;  // AlmaLinux's, see above
  };
  // False beyond the bounds above: the statement is not taken.
  [[nodiscard]] bool Add(const Statement& statement);
  // By ecosystem, release and name; the object is empty afterwards.
  [[nodiscard]] std::vector<model::Affected> Take();

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string>;  // with target software at the end
  using Statements = std::vector<Statement>;

  std::map<Key, Statements> statements_;
  std::size_t size_ = 0, bytes_ = 0;
};

}  // namespace holdfast::advisory
