// Alpine's security database (secdb.alpinelinux.org, vX.Y/{main,community}.{yaml,json}), and the same form as
// Wolfi, Chainguard and MinimOS publish it (security.json, whose distributions have no releases): for each source
// package, which version fixed which vulnerabilities.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeSecdbProvider();

[[nodiscard]] bool LooksLikeSecdb(io::JsonView root);

// Gathers the statements of many secdb documents into one advisory for each vulnerability, named as OSV.dev
// names them ("ALPINE-CVE-2024-1"; "WOLFI-…", "CHAINGUARD-…",
// "MINIMOS-…" likewise), since the documents are cut by release and
// repository and not by vulnerability.
class SecdbCollector {
 public:
  // kUnsupported for a publisher that is none of those; kCorrupt for a document without release or packages; a broken
  // package is left out and counted.
  [[nodiscard]] Result<void> Add(io::JsonView root);
  // What was gathered, sorted by id; the collector is empty afterwards.
  [[nodiscard]] std::vector<model::Advisory> Take();
  [[nodiscard]] std::uint64_t BrokenPackages() const { return broken_packages_; }

 private:
  Result<void> AddPackage(io::JsonView package, const std::string& ecosystem, const std::string& release);
  void AddFix(model::Affected affected, std::string_view identifiers);

  struct Gathered {
    model::Advisory advisory;
    std::map<std::pair<std::string, std::string>, std::size_t> rows;  // by release and package
  };
  std::map<std::string, Gathered> advisories_;
  std::uint64_t broken_packages_ = 0;
};

}  // namespace holdfast::advisory
