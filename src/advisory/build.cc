#include "advisory/build.h"

#include <algorithm>
#include <array>
#include <optional>

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

  void Add(const model::Advisory& advisory) override { writer_.Add(advisory, source_); }
  void AddFacts(const model::VulnerabilityFacts& facts) override { writer_.AddFacts(facts, source_); }
  void AddReleaseLife(const model::ReleaseLife& life) override { writer_.AddReleaseLife(life, source_); }
  void LeaveOut() override { ++report_.bug_fixes; }
  void Problem(const Error& error) override { Reject(name_, error); }

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
    for (const auto& provider : providers_) {
      name_ = source_ = sources_[provider.get()];
      provider->Finish(*this);
    }
    if (report_.documents == 0) return Fail(ErrorKind::kInvalidInput, "no advisories were found");
    HF_TRY(report_.snapshot, writer_.Write(out, options_.built));
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
    sources_[&provider] = source_ = document.source;
    const auto read = provider.Read(document, *this);
    if (!read) return Reject(document.name, read.error());
    ++report_.documents;
  }

  static Result<io::JsonDocument> Parse(const SourceDocument& source) {
    const io::JsonLimits limits{.bytes_max = kTreeBytesMax};
    if (source.notation == Notation::kYaml) return io::JsonDocument::ParseYaml(source.text, limits);
    return io::JsonDocument::Parse(source.text, limits);
  }

  Providers& providers_;
  const BuildOptions& options_;
  BuildReport report_;
  SnapshotWriter writer_;
  std::string name_, source_;                       // of what is being read
  std::map<const Provider*, std::string> sources_;  // of the last document of each
};

}  // namespace

Result<BuildReport> BuildSnapshot(Providers providers, const std::filesystem::path& folder,
                                  const std::filesystem::path& out, const BuildOptions& options) {
  Builder builder(providers, options);
  SourceVisitor visitor;
  visitor.document = [&builder](const SourceDocument& document) { builder.Take(document); };
  visitor.problem = [&builder](std::string_view name, const Error& error) { builder.Reject(name, error); };
  visitor.other = [&builder](std::string_view name) { builder.Skip(std::filesystem::path(name).extension().string()); };
  HF_CHECK_OK(ReadSources(folder, visitor));
  return builder.Finish(out);
}

}  // namespace holdfast::advisory
