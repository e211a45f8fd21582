// What the tracker says of vulnerabilities, kept to judge the rows of the lists by.
//
// DSA-1 names CVE-1 and CVE-2 and the version that has fixed both. That CVE-2 was fixed long before, or that the
// release never had it, only the tracker says; the row of the DSA would claim it of every version below its own.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/advisory.h"

namespace holdfast::advisory {

class Statements {
 public:
  // One row of the tracker about `id`.
  void Add(std::string_view id, const model::Affected& row);

  // Takes the rows out of a list's advisory whose vulnerabilities the tracker all knows, one of them as safe in
  // versions that the row calls affected. Nothing is lost: the tracker's rows find what there is.
  void Refine(model::Advisory& advisory) const;

 private:
  [[nodiscard]] bool Replaces(const model::Affected& row, const std::vector<std::string>& ids) const;

  // Vulnerability, package, release → the version from which on it is safe: "0" never affected, "" without a fix.
  std::map<std::string, std::string> safe_from_;
};

}  // namespace holdfast::advisory
