#include "advisory/build.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "advisory/snapshot_writer.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "io/json.h"

namespace holdfast::advisory {
namespace {

// A parsed document takes several times its length.
constexpr std::uint64_t kTreeBytesMax = 96ULL << 20U;
constexpr std::array<std::string_view, 8> kNotationNames = {"JSON", "YAML", "XML",  "CSV",
                                                            "TOML", "HTML", "text", "SQLite"};

// The folder of what was kept of each source.
class KeptSources {
 public:
  static Result<KeptSources> Open(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return Fail(ErrorKind::kDenied, Format("{}: {}", folder.string(), error.message()));
    return KeptSources(folder);
  }

  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
      if (entry.path().extension() == kEnding) names.push_back(entry.path().stem().string());
    return names;
  }

  // Null when there is nothing of it. kCorrupt for what is damaged, or of another source.
  [[nodiscard]] Result<std::unique_ptr<Snapshot>> Find(const std::string& name) const {
    const std::filesystem::path path = PathOf(name);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return nullptr;
    HF_CHECK_OK(Snapshot::Verify(path));
    HF_TRY(auto snapshot, Snapshot::Open(path));
    const auto& sources = snapshot->Info().sources;
    if (sources.size() != 1 || sources.front().name != name)
      return Fail(ErrorKind::kCorrupt, Format("{} holds something else", path.string()));
    return snapshot;
  }

  [[nodiscard]] Result<void> Keep(const std::string& name, const SnapshotWriter& writer, std::string_view built) const {
    HF_TRY_IN("keeping a source", [[maybe_unused]] const auto info, writer.Write(PathOf(name), built));
    return {};
  }

 private:
  static constexpr std::string_view kEnding = ".hfdb";

  explicit KeptSources(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // A source's name has neither '/' nor '.' in it.
  [[nodiscard]] std::filesystem::path PathOf(const std::string& name) const {
    return folder_ / Format("{}{}", name, kEnding);
  }

  std::filesystem::path folder_;
};

class Builder final : public AdvisorySink {
 public:
  Builder(Providers& providers, const BuildOptions& options) : providers_(providers), options_(options) {}

  void Take(const SourceDocument& source) {
    Document document{.name = source.name,
                      .source = source.source,
                      .notation = source.notation,
                      .text = source.text,
                      .root = {},
                      .path = source.path};
    const bool large = source.notation == Notation::kJson && source.text.size() > kPartsBytesMin;
    if (Provider* reader = large ? Recogniser(document) : nullptr) return Read(*reader, document);
    std::optional<io::JsonDocument> parsed;
    if (source.notation == Notation::kJson || source.notation == Notation::kYaml) {
      auto tree = Parse(source);
      if (!tree) return Reject(source.name, tree.error());
      document.root = parsed.emplace(*std::move(tree)).Root();
    }
    Provider* provider = Recogniser(document);
    if (provider == nullptr)
      return Skip(Format("other {}", kNotationNames.at(static_cast<std::size_t>(source.notation))));
    Read(*provider, document);
  }

  void Add(const model::Advisory& advisory) override { Writer().Add(advisory, source_); }
  void AddFacts(const model::VulnerabilityFacts& facts) override { Writer().AddFacts(facts, source_); }
  void AddReleaseLife(const model::ReleaseLife& life) override { Writer().AddReleaseLife(life, source_); }
  void LeaveOut() override { ++report_.bug_fixes; }
  void Problem(const Error& error) override { Reject(name_, error); }

  // A file or archive cannot be read to its end, or a member of an archive.
  void Cut(std::string_view name, const Error& error) {
    Reject(name, error);
    if (!name.contains(':') && error.Kind() != ErrorKind::kLimit) sources_[SourceOf(name)].cut = true;
  }

  void Reject(std::string_view name, const Error& error) {
    ++report_.rejected;
    Source& source = sources_[SourceOf(name)];
    if (source.problem.empty()) source.problem = Format("{}: {}", name, error.Message());
    if (report_.problems.size() >= options_.problems_max) {
      ++report_.problems_dropped;
    } else {
      report_.problems.push_back({std::string(name), error.Kind(), error.Message()});
    }
  }

  void Skip(std::string_view kind) { ++report_.skipped[std::string(kind)]; }

  Result<BuildReport> Finish(const std::filesystem::path& out) {
    for (const auto& provider : providers_) {
      name_ = source_ = last_source_[provider.get()];
      provider->Finish(*this);
    }
    SnapshotWriter all;
    if (options_.sources_folder.empty() || TooManySources()) {
      for (auto& [name, source] : sources_) all.Merge(std::move(source.writer));
    } else {
      HF_CHECK_OK(MergeGood(all));
    }
    if (report_.documents == 0 && report_.kept.empty())
      return Fail(ErrorKind::kInvalidInput, "no advisories were found");
    HF_TRY(report_.snapshot, all.Write(out, options_.built));
    return std::move(report_);
  }

 private:
  // The first that says that it is its own; null: nobody does.
  [[nodiscard]] Provider* Recogniser(const Document& document) const {
    const auto provider =
        std::ranges::find_if(providers_, [&](const auto& candidate) { return candidate->Recognises(document); });
    return provider == providers_.end() ? nullptr : provider->get();
  }

  void Read(Provider& provider, const Document& document) {
    name_ = document.name;
    last_source_[&provider] = source_ = document.source;
    const auto read = provider.Read(document, *this);
    if (!read) return Reject(document.name, read.error());
    ++report_.documents;
  }

  struct Source {
    SnapshotWriter writer;
    std::string problem;  // the first one, with its document
    bool cut = false;     // a file of it could not be read to its end
  };

  SnapshotWriter& Writer() { return sources_[source_].writer; }

  // A folder of a hundred thousand documents of one publisher is as many sources.
  bool TooManySources() {
    if (sources_.size() <= kSourcesKeptMax) return false;
    Reject("", Error(ErrorKind::kLimit, Format("nothing is kept of more than {} sources: give each a folder of its own",
                                               kSourcesKeptMax)));
    return true;
  }

  // Of each source what it gives now, or what was kept of it.
  Result<void> MergeGood(SnapshotWriter& all) {
    HF_TRY(const KeptSources kept, KeptSources::Open(options_.sources_folder));
    for (const std::string& name : kept.Names()) sources_.try_emplace(name);
    for (auto& [name, source] : sources_) {
      const auto before = kept.Find(name);
      if (!before) Reject(name, before.error());
      const Snapshot* old = before && *before != nullptr ? before->get() : nullptr;
      const std::string failure = old == nullptr ? std::string() : FailureOf(source, *old);
      if (failure.empty()) {
        if (source.writer.Size() > 0) HF_CHECK_OK(kept.Keep(name, source.writer, options_.built));
        all.Merge(std::move(source.writer));
        continue;
      }
      HF_CHECK_OK(all.AddSnapshot(*old));
      all.SetFailure(name, failure);
      report_.kept.push_back({name, old->Info().sources.front().read, failure});
    }
    return {};
  }

  // Why what a source gives now is not to be believed; empty when it is.
  [[nodiscard]] std::string FailureOf(const Source& source, const Snapshot& before) const {
    const std::uint64_t now = source.writer.Size();
    const SnapshotSource& old = before.Info().sources.front();
    const std::uint64_t then = old.advisories + old.facts;
    if (static_cast<double>(now) >= static_cast<double>(then) * options_.share_min && !(source.cut && now < then))
      return {};
    const std::string why = Format("it gives {} of the {} advisories and facts that it gave before", now, then);
    return source.problem.empty() ? why : Format("{}; {}", why, source.problem);
  }

  static Result<io::JsonDocument> Parse(const SourceDocument& source) {
    const io::JsonLimits limits{.bytes_max = kTreeBytesMax};
    if (source.notation == Notation::kYaml) return io::JsonDocument::ParseYaml(source.text, limits);
    return io::JsonDocument::Parse(source.text, limits);
  }

  Providers& providers_;
  const BuildOptions& options_;
  BuildReport report_;
  std::map<std::string, Source> sources_;
  std::string name_, source_;                           // of what is being read
  std::map<const Provider*, std::string> last_source_;  // of the last document of each
};

}  // namespace

Result<BuildReport> BuildSnapshot(Providers providers, const std::filesystem::path& folder,
                                  const std::filesystem::path& out, const BuildOptions& options) {
  Builder builder(providers, options);
  SourceVisitor visitor;
  visitor.document = [&builder](const SourceDocument& document) { builder.Take(document); };
  visitor.problem = [&builder](std::string_view name, const Error& error) { builder.Cut(name, error); };
  visitor.other = [&builder](std::string_view name) { builder.Skip(std::filesystem::path(name).extension().string()); };
  HF_CHECK_OK(ReadSources(folder, visitor));
  return builder.Finish(out);
}

}  // namespace holdfast::advisory
