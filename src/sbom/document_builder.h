// From the records of a document to an analysis: what the readers of all formats share. For sbom's readers only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/image_analysis.h"
#include "sbom/document.h"
#include "sbom/gaps.h"

namespace holdfast::sbom {

// A package as a document states it; what it does not state is empty. Texts are as they stand there.
struct StatedPackage {
  std::string id;  // by which relations name it
  std::string group, name, version;
  std::string purl;
  std::string type;  // Syft's word, where the document has it
  std::string cataloger, architecture, module_label, supplier, homepage, epoch;
  std::string source_name, source_version, source_release, source_epoch;
  std::string source_rpm;  // file name
  std::vector<model::Upstream> upstreams;
  std::vector<std::string> advisory_names, cpes, licenses;
  std::vector<model::Location> locations;
  std::string layer;  // diff id, of all locations that have none of their own
  std::string owner;  // id of the package that owns its files
  std::vector<std::pair<std::string, std::string>> attributes;
};

class DocumentBuilder {
 public:
  // `format` in words. `limits` outlives the builder.
  DocumentBuilder(std::string format, const Limits& limits);

  model::ImageAnalysis& Analysis() { return analysis_; }
  void SetTool(std::string_view name);
  // What the document says of the whole; packages only complete it.
  void SetDistro(model::Distro distro);
  // Index of the layer with this diff id; 0 for an empty one.
  [[nodiscard]] std::uint32_t LayerOf(std::string_view diff_id);

  void Report(ErrorKind kind, std::string message);
  // A record that cannot be read; `which` names it.
  void BadRecord(const std::string& which, const Error& why);
  // The document says that it does not list all there is.
  void SaysIncomplete() { assessed_.says_incomplete = true; }

  // A record without a name becomes a bad one, under `which`. kLimit beyond Limits::packages_max.
  [[nodiscard]] Result<void> Add(StatedPackage stated, const std::string& which);
  // A package that is ready. `source_stated`: that it has no upstream is a statement.
  [[nodiscard]] Result<void> Add(std::string id, model::Package package, bool source_stated);
  // Between packages; others are left out at the end. May come before its packages.
  void Relate(model::RelationKind kind, std::string from, std::string to);

  [[nodiscard]] Document Finish();

 private:
  struct Item {
    std::string id;
    model::Package package;
    bool source_stated = false;
    std::size_t distro = 0;  // in distros_
  };
  struct StatedRelation {
    model::RelationKind kind;
    std::string from, to;
  };
  using DistroKey = std::tuple<std::string, std::string, std::string>;

  [[nodiscard]] std::size_t InternDistro(const model::Distro& distro);
  void ChooseDistro();
  [[nodiscard]] bool IsOfOtherDistro(const Item& item) const;
  void TakePackages();
  void ResolveRelations();

  const Limits& limits_;
  model::ImageAnalysis analysis_;
  Assessed assessed_;
  bool distro_stated_ = false;
  std::vector<Item> items_;
  std::vector<StatedRelation> relations_;
  std::vector<std::pair<model::Distro, std::uint64_t>> distros_;  // with the number of packages; the first is unknown
  std::map<DistroKey, std::size_t> distro_index_;
  std::unordered_map<std::string, std::uint32_t> layers_;
};

}  // namespace holdfast::sbom
