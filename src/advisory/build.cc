#include "advisory/build.h"

#include "advisory/alpine_secdb.h"
#include "advisory/osv.h"
#include "advisory/snapshot_writer.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "io/json.h"

namespace holdfast::advisory {
namespace {

class Builder {
 public:
  explicit Builder(const BuildOptions& options) : options_(options) {}

  void Take(const SourceDocument& document) {
    const io::JsonLimits limits{.bytes_max = kDocumentBytesMax};
    const bool yaml = document.notation == Notation::kYaml;
    const auto parsed =
        yaml ? io::JsonDocument::ParseYaml(document.text, limits) : io::JsonDocument::Parse(document.text, limits);
    if (!parsed) return Reject(document.name, parsed.error());
    const io::JsonView root = parsed->Root();
    if (LooksLikeOsv(root)) {
      TakeOsv(document, root);
    } else if (LooksLikeSecdb(root)) {
      ++report_.documents;
      secdb_source_ = document.source;
      if (const auto added = secdb_.Add(root); !added) Reject(document.name, added.error());
    } else {
      Skip(yaml ? "other YAML" : "other JSON");
    }
  }

  void Reject(std::string_view name, const Error& error) {
    ++report_.rejected;
    if (report_.problems.size() >= options_.problems_max) {
      ++report_.problems_dropped;
    } else {
      report_.problems.push_back({std::string(name), error.Kind(), error.Message()});
    }
  }

  void Skip(std::string_view kind) { ++report_.skipped[std::string(kind)]; }

  Result<BuildReport> Finish(const std::filesystem::path& out) {
    for (const model::Advisory& advisory : secdb_.Take()) writer_.Add(advisory, secdb_source_);
    if (secdb_.BrokenPackages() > 0)
      Reject(secdb_source_, Error(ErrorKind::kCorrupt, Format("{} broken packages left out", secdb_.BrokenPackages())));
    if (report_.documents == 0) return Fail(ErrorKind::kInvalidInput, "no advisories were found");
    HF_TRY(report_.snapshot, writer_.Write(out, options_.built));
    return std::move(report_);
  }

 private:
  void TakeOsv(const SourceDocument& document, io::JsonView root) {
    const auto advisory = ParseOsv(root);
    if (!advisory) return Reject(document.name, advisory.error());
    ++report_.documents;
    if (!IsVulnerability(*advisory)) {
      ++report_.bug_fixes;
      return;
    }
    writer_.Add(*advisory, document.source);
  }

  const BuildOptions& options_;
  BuildReport report_;
  SnapshotWriter writer_;
  SecdbCollector secdb_;
  std::string secdb_source_;
};

}  // namespace

Result<BuildReport> BuildSnapshot(const std::filesystem::path& folder, const std::filesystem::path& out,
                                  const BuildOptions& options) {
  Builder builder(options);
  SourceVisitor visitor;
  visitor.document = [&builder](const SourceDocument& document) { builder.Take(document); };
  visitor.problem = [&builder](std::string_view name, const Error& error) { builder.Reject(name, error); };
  visitor.other = [&builder](std::string_view name) {
    const std::string extension = std::filesystem::path(name).extension().string();
    builder.Skip(extension.empty() ? "files without extension" : extension);
  };
  HF_CHECK_OK(ReadSources(folder, visitor));
  return builder.Finish(out);
}

}  // namespace holdfast::advisory
