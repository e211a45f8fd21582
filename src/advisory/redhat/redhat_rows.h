// What a document states of builds, gathered by release and package, and the rows that follow from it.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "advisory/csaf.h"
#include "advisory/redhat/redhat_build.h"
#include "model/advisory.h"

namespace holdfast::advisory {

class RedHatRows {
 public:
  void Add(const RedHatBuild& build, const CsafStatement& statement);
  // What is stated of extended life cycle support, for main releases of which nothing is stated. Only where a document
  // speaks of all releases. Call it after the last Add.
  void InheritFromLifeCycleSupport();
  // Sorted by release and name. A row whose severity is not `severity` states its own.
  [[nodiscard]] std::vector<model::Affected> Take(model::Severity severity) const;
  [[nodiscard]] std::size_t Size() const { return packages_.size(); }

 private:
  using Evrs = std::set<std::string>;
  struct Key {
    std::string release, name, module_label;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // Of binary packages, or of source packages, of one name.
  struct Said {
    std::optional<CsafStatus> status;   // the weightiest
    std::map<std::string, Evrs> fixes;  // by architecture
    bool may_be_fixed = false;          // kAffected: at least one statement leaves hope
  };
  struct Package {
    Said binary, source;
    model::Severity severity = model::Severity::kUnknown;
    bool beyond_support = false;  // inherited: whoever has the main release gets no fix
  };

  static void Merge(Said& said, const RedHatBuild& build, const CsafStatement& statement);
  // Fixes of streams for packages of main releases.
  struct Backports {
    Evrs binary, source;
  };
  [[nodiscard]] std::map<Key, Backports> GatherBackports() const;
  static std::vector<model::Affected> RowsOf(const Said& said, bool beyond_support, const Evrs& backports);

  std::map<Key, Package> packages_;
  std::set<std::string> lists_binaries_;  // releases for which fixed binary packages are listed
};

}  // namespace holdfast::advisory
