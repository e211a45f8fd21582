// Evidence: what is kept of a file because packages are read from it, and the view of it that
// catalogers get.
//
// While a layer streams by, each file that some cataloger claims is turned into evidence: its raw
// bytes, or what a distiller made of it (the build information of an executable, the manifests inside
// an archive). Later, catalogers read the evidence of the squashed image; they never see the layer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/byte_source.h"
#include "model/package.h"

namespace holdfast::catalog {

// How a claimed file becomes evidence. Values are written into layer records: never renumber.
enum class EvidenceForm : std::uint8_t {
  kRaw = 0,         // all its bytes
  kExecutable = 1,  // parts of an ELF, PE or Mach-O file: see catalog/executable.h
  kArchive = 2,     // chosen members of a zip and of the zips inside it: see catalog/archive.h
};

// Named byte strings, in the order they were found: the result of a distiller.
struct Part {
  std::string name;
  std::string bytes;
  friend bool operator==(const Part&, const Part&) = default;
};
using Parts = std::vector<Part>;

[[nodiscard]] std::string EncodeParts(const Parts& parts);
[[nodiscard]] Result<Parts> DecodeParts(std::string_view bytes);

// One visible file with evidence.
struct EvidenceFile {
  std::string path;  // without leading '/'
  std::uint32_t layer = 0;
  EvidenceForm form = EvidenceForm::kRaw;
  std::uint64_t size_bytes = 0;  // of the file in the image
  std::size_t id = 0;            // for the tree that made it

  // This file (or its member) as a package's location.
  [[nodiscard]] model::Location Here(std::string_view member = {}) const {
    return {member.empty() ? path : path + ":" + std::string(member), layer, true};
  }
};

// What a cataloger may look at. Immutable; lives as long as the call to Catalog.
class EvidenceTree {
 public:
  virtual ~EvidenceTree() = default;

  // The visible files that the asking cataloger's claims cover, sorted by path.
  [[nodiscard]] virtual const std::vector<EvidenceFile>& Files() const = 0;
  // The evidence of one of them: file content for kRaw, encoded parts otherwise. kLimit when the
  // content is larger than `bytes_max`.
  [[nodiscard]] virtual Result<std::string> Read(const EvidenceFile& file, std::uint64_t bytes_max) const = 0;
  // Random access to raw evidence without holding all of it in memory.
  [[nodiscard]] virtual Result<std::unique_ptr<io::RandomSource>> Open(const EvidenceFile& file) const = 0;
  // One of Files() by exact path.
  [[nodiscard]] virtual const EvidenceFile* Find(std::string_view path) const = 0;
  // Is there any visible entry (file, link or folder) at this path of the image?
  [[nodiscard]] virtual bool Exists(std::string_view path) const = 0;
  // The distribution, as found from the image's os-release and kin.
  [[nodiscard]] virtual const model::Distro& Distro() const = 0;

  [[nodiscard]] Result<Parts> ReadParts(const EvidenceFile& file, std::uint64_t bytes_max) const;
};

}  // namespace holdfast::catalog
