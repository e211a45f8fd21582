// Provider: reads one publisher's form of advisories: documents in, values out.
//
// A provider is a recognition (is this document mine?) and a reader. It knows nothing of files, servers, snapshots and
// matching. The builder gives it documents one after another, keeps all limits on their sizes, and collects problems: a
// provider has no such code. It must survive any input: a bad record is reported to the sink and skipped, a document
// that makes no sense is an error of that document.
//
// A provider whose documents are cut by something else than vulnerabilities (a file for each release) gathers, and
// gives what it gathered at the end.
//
// To add one: see CONTRIBUTING.md. Price: one folder, one line in builtin.cc, one line in CMake.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "advisory/source_reader.h"
#include "base/error.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"
#include "model/vulnerability_facts.h"

namespace holdfast::advisory {

// A parsed document takes several times its length: of JSON beyond this, providers are asked first without a tree.
inline constexpr std::uint64_t kPartsBytesMin = 4ULL << 20U;

// Borrows everything.
struct Document {
  std::string_view name;  // as SourceDocument's
  std::string_view source;
  Notation notation = Notation::kJson;
  std::string_view text;
  io::JsonView root;                // of JSON and YAML; else, and where a provider is asked without, the null view
  std::filesystem::path path = {};  // as SourceDocument's
};

class AdvisorySink {
 public:
  virtual ~AdvisorySink() = default;
  // The document that Document::source names is its source.
  virtual void Add(const model::Advisory& advisory) = 0;
  // What the provider knows of a vulnerability; others may know more.
  virtual void AddFacts(const model::VulnerabilityFacts& facts) = 0;
  virtual void AddReleaseLife(const model::ReleaseLife& life) = 0;
  // Understood, and about no vulnerability: a distribution's bug-fix notice.
  virtual void LeaveOut() = 0;
  // "this record was bad, I go on".
  virtual void Problem(const Error& error) = 0;
};

class Provider {
 public:
  virtual ~Provider() = default;
  // Stable: "osv", "debian-tracker". Becomes Advisory::source where the advisory names none.
  [[nodiscard]] virtual std::string_view Id() const = 0;
  // A cheap look; providers are asked in the order of the builtin list, and the first that says yes reads it.
  [[nodiscard]] virtual bool Recognises(const Document& document) const = 0;
  // kCorrupt, kUnsupported, kLimit: nothing of the document was given to the sink, or what was is good.
  [[nodiscard]] virtual Result<void> Read(const Document& document, AdvisorySink& sink) = 0;
  // After the last document: what was gathered.
  virtual void Finish(AdvisorySink&) {}
};

using Providers = std::vector<std::unique_ptr<Provider>>;

}  // namespace holdfast::advisory
