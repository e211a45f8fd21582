// Each type lists its fields once, in Fields; the Encoder and the Decoder below walk that list, so that
// the two cannot drift apart.

#include "model/image_analysis_wire.h"

#include <concepts>
#include <type_traits>

#include "base/wire.h"
#include "model/finding.h"

namespace holdfast::model {
namespace {

template <typename T, typename Of>
concept Is = std::same_as<std::remove_const_t<T>, Of>;

template <typename V>
void Fields(V& visit, Is<Location> auto& v) {
  visit(v.path, v.layer, v.primary);
}
template <typename V>
void Fields(V& visit, Is<OwnedFile> auto& v) {
  visit(v.path, v.algorithm, v.digest);
}
template <typename V>
void Fields(V& visit, Is<License> auto& v) {
  visit(v.value, v.spdx_expression);
}
template <typename V>
void Fields(V& visit, Is<Upstream> auto& v) {
  visit(v.name, v.version);
}
template <typename V>
void Fields(V& visit, Is<Purl> auto& v) {
  visit(v.type, v.name_space, v.name, v.version, v.qualifiers, v.subpath);
}
template <typename V>
void Fields(V& visit, Is<Package> auto& v) {
  visit(v.name, v.version, v.type, v.language, v.version_scheme, v.ecosystem, v.advisory_names, v.purl, v.upstreams,
        v.architecture, v.module_label, v.licenses, v.supplier, v.homepage, v.cataloger, v.locations, v.files,
        v.attributes, v.depends, v.provides);
}
template <typename V>
void Fields(V& visit, Is<Distro> auto& v) {
  visit(v.id, v.id_like, v.version_id, v.version_codename, v.pretty_name, v.cpe_name);
}
template <typename V>
void Fields(V& visit, Is<Relation> auto& v) {
  visit(v.kind, v.from, v.to);
}
template <typename V>
void Fields(V& visit, Is<LayerSummary> auto& v) {
  visit(v.digest, v.diff_id, v.media_type, v.compressed_bytes, v.bytes, v.entries);
}
template <typename V>
void Fields(V& visit, Is<ImageSource> auto& v) {
  visit(v.kind, v.reference, v.name, v.tags, v.manifest_digest, v.image_id, v.architecture, v.os, v.variant, v.created,
        v.labels);
}
template <typename V>
void Fields(V& visit, Is<Problem> auto& v) {
  visit(v.path, v.kind, v.message);
}
template <typename V>
void Fields(V& visit, Is<SearchPattern> auto& v) {
  visit(v.kind, v.name, v.regex);
}
template <typename V>
void Fields(V& visit, Is<SearchHit> auto& v) {
  visit(v.path, v.layer, v.pattern, v.lines);
}
template <typename V>
void Fields(V& visit, Is<RetrievedFile> auto& v) {
  visit(v.path, v.content);
}
template <typename V>
void Fields(V& visit, Is<ImageAnalysis> auto& v) {
  visit(v.source, v.distro, v.layers, v.packages, v.relations, v.files, v.problems, v.problems_dropped, v.search_id,
        v.search_patterns, v.search_hits, v.retrieved_files);
}
template <typename V>
void Fields(V& visit, Is<CvssVector> auto& v) {
  visit(v.version, v.vector, v.source);
}
template <typename V>
void Fields(V& visit, Is<Reference> auto& v) {
  visit(v.type, v.url);
}
template <typename V>
void Fields(V& visit, Is<MatchReason> auto& v) {
  visit(v.matcher, v.looked_up, v.compared_version, v.version_scheme, v.range);
}
template <typename V>
void Fields(V& visit, Is<Finding> auto& v) {
  visit(v.id, v.advisory_id, v.aliases, v.source, v.severity, v.summary, v.fix_state, v.fixed_versions, v.cvss,
        v.references, v.published, v.reason);
}

RelationKind LastOf(RelationKind) { return RelationKind::kContains; }
ErrorKind LastOf(ErrorKind) { return ErrorKind::kInternal; }
SearchKind LastOf(SearchKind) { return SearchKind::kContent; }
Severity LastOf(Severity) { return Severity::kCritical; }
FixState LastOf(FixState) { return FixState::kUnderInvestigation; }

class Encoder {
 public:
  template <typename... Ts>
  void operator()(const Ts&... values) {
    (Put(values), ...);
  }
  std::string Take() { return writer_.Take(); }

 private:
  void Put(const std::string& text) { writer_.Text(text); }
  template <typename T>
    requires std::unsigned_integral<T>
  void Put(T value) {
    writer_.Unsigned(value);
  }
  template <typename T>
    requires std::is_enum_v<T>
  void Put(T value) {
    writer_.Unsigned(static_cast<std::uint64_t>(value));
  }
  template <typename A, typename B>
  void Put(const std::pair<A, B>& pair) {
    Put(pair.first);
    Put(pair.second);
  }
  template <typename T>
  void Put(const std::vector<T>& items) {
    writer_.Unsigned(items.size());
    for (const T& item : items) Put(item);
  }
  template <typename T>
    requires std::is_class_v<T>
  void Put(const T& value) {
    Fields(*this, value);
  }

  WireWriter writer_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes) {}
  template <typename... Ts>
  void operator()(Ts&... values) {
    (Get(values), ...);
  }
  Result<void> Finish() { return reader_.Finish("image analysis or finding"); }

 private:
  void Get(std::string& text) { text = reader_.Text(); }
  void Get(bool& value) { value = reader_.Bool(); }
  template <typename T>
    requires std::unsigned_integral<T>
  void Get(T& value) {
    value = static_cast<T>(reader_.Unsigned());
  }
  template <typename T>
    requires std::is_enum_v<T>
  void Get(T& value) {
    value = reader_.Enumerator(LastOf(T{}));
  }
  template <typename A, typename B>
  void Get(std::pair<A, B>& pair) {
    Get(pair.first);
    Get(pair.second);
  }
  template <typename T>
  void Get(std::vector<T>& items) {
    // An item takes at least one byte; growing as they come bounds the memory by the input's size.
    for (std::uint64_t left = reader_.Count(1); left > 0 && reader_.Ok(); --left) Get(items.emplace_back());
  }
  template <typename T>
    requires std::is_class_v<T>
  void Get(T& value) {
    Fields(*this, value);
  }

  WireReader reader_;
};

template <typename T>
std::string Encode(const T& value) {
  Encoder encoder;
  Fields(encoder, value);
  return encoder.Take();
}

template <typename T>
Result<T> Decode(std::string_view bytes) {
  T value;
  Decoder decoder(bytes);
  Fields(decoder, value);
  HF_CHECK_OK(decoder.Finish());
  return value;
}

}  // namespace

std::string EncodeImageAnalysis(const ImageAnalysis& analysis) { return Encode(analysis); }
std::string EncodeImageSource(const ImageSource& source) { return Encode(source); }
Result<ImageSource> DecodeImageSource(std::string_view bytes) { return Decode<ImageSource>(bytes); }

Result<ImageAnalysis> DecodeImageAnalysis(std::string_view bytes) {
  HF_TRY(auto analysis, Decode<ImageAnalysis>(bytes));
  for (const Relation& relation : analysis.relations)
    if (relation.from >= analysis.packages.size() || relation.to >= analysis.packages.size())
      return Fail(ErrorKind::kCorrupt, "damaged image analysis: a relation to no package");
  for (const SearchHit& hit : analysis.search_hits)
    if (hit.pattern >= analysis.search_patterns.size())
      return Fail(ErrorKind::kCorrupt, "damaged image analysis: a hit of no pattern");
  return analysis;
}

std::string EncodeFinding(const Finding& finding) { return Encode(finding); }
Result<Finding> DecodeFinding(std::string_view bytes) { return Decode<Finding>(bytes); }

}  // namespace holdfast::model
