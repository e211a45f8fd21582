// What Ubuntu's documents say, gathered by vulnerability and by notice, and the rows that it comes to.
//
// An image has no subscription that one could see, so all rows are of the base release. Of what is said of a package
// for everybody, and for subscribers of Ubuntu Pro:
//
//   everybody's fix            → fixed below it
//   not affected, either       → not affected (the subscribers' package is made from everybody's)
//   a fix for subscribers only → below it, will not be fixed: the finding names the version, and a machine that has it
//                                is not affected
//   no fix                     → what is said for everybody, or where nothing is, for subscribers
//
// Of several statements for the same, the one that is worth most counts: fixed, not affected, will not be fixed, not
// fixed, under investigation.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/provider.h"
#include "advisory/words.h"
#include "base/result.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kUbuntuStatementsMax = 100'000'000;  // of all documents: some 3 GB
inline constexpr std::size_t kUbuntuRowsMax = 200'000;            // of one advisory
inline constexpr std::size_t kUbuntuReferencesMax = 20'000;       // likewise, and vulnerabilities, from all documents
inline constexpr std::size_t kUbuntuVersionsMax = 64;  // of one package of one release in a notice that may give way

struct UbuntuStatement {
  std::string_view release, package;
  bool pro = false;
  model::FixState state = model::FixState::kUnknown;
  std::string_view version;  // as UbuntuState's
  model::Severity severity = model::Severity::kUnknown;
  // The version is what the archive had when the statement was made: fixed, but maybe not the first that is. It counts
  // where no statement names that one.
  bool of_archive = false;
};

class UbuntuStatements {
 public:
  // Adds to the advisory of about.id, "UBUNTU-CVE-2024-1" or "USN-1-1", which takes from `about` what it does not know
  // yet. kLimit.
  [[nodiscard]] Result<void> Add(model::Advisory about, std::span<const UbuntuStatement> statements);

  // Each advisory, by id, and forgets them. A notice names all vulnerabilities of an update at once: where one of them
  // is known to have another state in a package, the vulnerabilities' own rows are taken instead of the notice's.
  // Whoever says nothing of any package is left out; too many rows or references are a problem of the advisory.
  void Give(AdvisorySink& sink);

 private:
  struct Statement {
    Word release = 0, package = 0, version = 0;
    bool pro = false, of_archive = false;
    model::FixState state = model::FixState::kUnknown;
    model::Severity severity = model::Severity::kUnknown;

    friend auto operator<=>(const Statement&, const Statement&) = default;
  };
  struct Subject {
    model::Advisory about;
    std::vector<Statement> statements;
    bool cut = false;  // there were more references
  };
  using Statements = std::span<const Statement>;

  void Settle(Subject& subject);
  void Rows(Subject& subject) const;
  [[nodiscard]] bool Replaced(Statements alike, const std::vector<std::string>& cves) const;
  [[nodiscard]] static bool SaysSame(const std::vector<Statement>& known, const Statement& statement);
  void AddRows(Statements alike, model::Advisory& advisory) const;
  [[nodiscard]] model::Affected Row(const Statement& statement, model::FixState state) const;

  Words words_;
  std::map<std::string, Subject> subjects_;
  std::size_t kept_ = 0;
};

}  // namespace holdfast::advisory
