#include "catalog/ruby/ruby.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/limits.h"
#include "catalog/control_text.h"
#include "catalog/ruby/gemspec.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kBytesMax = 4 * kMiB;
constexpr std::string_view kExtension = ".gemspec";

constexpr std::array kClaims = {Claim{"**/specifications/**/*.gemspec", EvidenceForm::kRaw, kBytesMax}};
constexpr CatalogerInfo kInfo{.name = "ruby-installed", .version = 1, .claims = kClaims};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "net-http-0.3.2.gemspec", "nokogiri-1.13.10-x86_64-linux.gemspec": the version is the first part that starts with
// a digit.
void TakeFromFileName(std::string_view path, Gemspec& gem) {
  std::string_view stem = FileNameOf(path);
  stem.remove_suffix(kExtension.size());
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos; dash = stem.find('-', dash + 1)) {
    if (dash + 1 >= stem.size() || !IsDigit(stem[dash + 1])) continue;
    std::string_view rest = stem.substr(dash + 1);
    if (gem.name.empty()) gem.name = CleanText(stem.substr(0, dash));
    if (gem.version.empty()) gem.version = CleanText(TakeUntil(rest, '-'));
    return;
  }
}

// The folder that holds "specifications", or nothing for the default gems, whose files lie in Ruby's own folders.
std::string_view HomeOf(std::string_view path, bool& is_default) {
  std::string_view folder = FolderOf(path);
  is_default = FileNameOf(folder) == "default";
  if (is_default) folder = FolderOf(folder);
  return FolderOf(folder);
}

void AddFiles(const EvidenceTree& tree, std::string_view home, const Gemspec& gem, model::Package& package) {
  const std::string folder = Format("{}gems/{}-{}{}{}", home.empty() ? "" : std::string(home) + "/", gem.name,
                                    gem.version, gem.platform.empty() ? "" : "-", gem.platform);
  for (const std::string& file : gem.files)
    if (std::string path = ResolvePath(folder, file); tree.Exists(path)) package.files.push_back({path, "", ""});
}

Result<model::Package> ReadGem(const EvidenceTree& tree, const EvidenceFile& file) {
  HF_TRY(const std::string text, tree.Read(file, kBytesMax));
  Gemspec gem = ParseGemspec(text);
  if (text.find("Gem::Specification") != std::string::npos) TakeFromFileName(file.path, gem);
  if (gem.name.empty() || gem.version.empty())
    return Fail(ErrorKind::kCorrupt, "gem specification without name or version");

  model::Package package;
  package.name = gem.name;
  package.version = gem.version;
  package.type = "gem";
  package.language = "ruby";
  package.version_scheme = "gem";
  package.ecosystem = "RubyGems";
  package.homepage = gem.homepage;
  package.depends = gem.depends;
  package.locations.push_back(file.Here());
  for (const std::string& author : gem.authors) package.supplier += (package.supplier.empty() ? "" : ", ") + author;
  for (const std::string& license : gem.licenses) package.licenses.push_back({license, ""});
  model::Purl purl{.type = "gem", .name = gem.name, .version = gem.version};
  if (!gem.platform.empty()) purl.qualifiers.emplace_back("platform", gem.platform);
  package.purl = model::Purl::Make(std::move(purl)).value_or(model::Purl());

  bool is_default = false;
  const std::string_view home = HomeOf(file.path, is_default);
  if (is_default)
    package.attributes.emplace_back("gem:default", "true");
  else
    AddFiles(tree, home, gem, package);
  if (!gem.platform.empty()) package.attributes.emplace_back("gem:platform", gem.platform);
  if (!gem.summary.empty()) package.attributes.emplace_back("gem:summary", gem.summary);
  return package;
}

class RubyCataloger final : public Cataloger {
 public:
  const CatalogerInfo& Info() const override { return kInfo; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    for (const EvidenceFile& file : tree.Files()) {
      auto package = ReadGem(tree, file);
      if (package)
        sink.Add(*std::move(package));
      else
        sink.Problem(file.path, package.error());
    }
  }
};

}  // namespace

std::unique_ptr<Cataloger> MakeRubyCataloger() { return std::make_unique<RubyCataloger>(); }

}  // namespace holdfast::catalog
