// Cataloger: reads the packages of one ecosystem and kind from evidence.
//
// A cataloger is data (its claims) and one pure function. The engine walks the layers once, keeps what
// the claims ask for, enforces all limits, resolves layers, and collects problems: a cataloger has no
// such code. It must survive any input: a bad record is reported to the sink and skipped.
//
// To add one: see CONTRIBUTING.md. Price: one folder, one line in builtin.cc, one line in CMake.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "catalog/evidence.h"
#include "model/package.h"

namespace holdfast::catalog {

// Which files a cataloger wants, and in which form.
struct Claim {
  // A glob over the whole path (no leading '/'): '*' is any run of characters but '/', "**/" at the
  // start or in the middle is any number of folders, everything else is literal. Empty for
  // kExecutable: those files are recognised by their content, wherever they are.
  std::string_view glob;
  EvidenceForm form = EvidenceForm::kRaw;
  // Larger files are not kept whole; the cut is reported. 0: Limits::evidence_file_bytes_max.
  std::uint64_t bytes_max = 0;
};

struct CatalogerInfo {
  std::string_view name;  // stable id: "dpkg-db"
  int version = 1;        // +1 whenever the same bytes would give other packages
  std::span<const Claim> claims;
  // The files are a database that is rewritten whole when one package changes, so the layer of a
  // package is the first one in whose database it stands, not the last one that wrote the file.
  bool database = false;
};

class PackageSink {
 public:
  virtual ~PackageSink() = default;
  // The engine sets Package::cataloger and drops packages without a name, with a problem.
  virtual void Add(model::Package package) = 0;
  // "this record was bad, I go on"; `path` as in model::Location.
  virtual void Problem(std::string_view path, const Error& error) = 0;
};

class Cataloger {
 public:
  virtual ~Cataloger() = default;
  [[nodiscard]] virtual const CatalogerInfo& Info() const = 0;
  virtual void Catalog(const EvidenceTree& tree, PackageSink& sink) const = 0;
};

// The usual case: packages of each claimed file are a function of that file alone. An error from
// `parse` becomes a problem of that file.
using ParseFn = Result<void> (*)(const EvidenceFile& file, std::string_view content, PackageSink& sink);
[[nodiscard]] std::unique_ptr<Cataloger> FromParser(const CatalogerInfo& info, ParseFn parse);

// The same for files with distilled evidence (kExecutable, kArchive).
using ParsePartsFn = Result<void> (*)(const EvidenceFile& file, const Parts& parts, PackageSink& sink);
[[nodiscard]] std::unique_ptr<Cataloger> FromPartsParser(const CatalogerInfo& info, ParsePartsFn parse);

}  // namespace holdfast::catalog
