// An example of a record; 'F' starts a folder, 'R' a file in it, 'a' and 'Z' say more of that file:
//
//   C:Q1…                       checksum of the package
//   P:musl
//   V:1.2.5-r0
//   o:musl                      origin: the package whose recipe made this one
//   p:so:libc.musl-x86_64.so.1=1
//   F:lib
//   R:ld-musl-x86_64.so.1
//   a:0:0:755
//   Z:Q1SUVkl0k5wEdB2xvG+dt+CPp3wC4=
//
// Digests are a letter for the writing ('Q' Base64, 'X' hexadecimal), one for the algorithm ('1' SHA-1, '2' SHA-256),
// and the value; before apk 2, MD5 in bare hexadecimal.
#include "catalog/apk/apk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.h"
#include "base/format.h"
#include "base/limits.h"
#include "catalog/control_text.h"
#include "catalog/distro.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kBytesMax = 128 * kMiB;
// Of one database; Alpine has some 25,000 packages in all.
constexpr std::size_t kPackagesMax = 200'000;
constexpr std::size_t kFilesMax = 2'000'000;

constexpr std::array kClaims = {Claim{"**/lib/apk/db/installed", EvidenceForm::kRaw, kBytesMax}};
constexpr CatalogerInfo kInfo{.name = "apk-db", .version = 1, .claims = kClaims, .database = true};

void SetDigest(std::string_view text, model::OwnedFile& file) {
  constexpr std::size_t kSha1Bytes = 20, kSha256Bytes = 32;
  if (text.size() < 2) return;
  const std::string_view kind = text.substr(0, 2);
  std::string hex;
  if (kind == "Q1" || kind == "Q2") {
    const auto bytes = DecodeBase64(text.substr(2));
    if (!bytes) return;
    hex = ToHex(*bytes);
  } else if (kind == "X1" || kind == "X2") {
    hex = LowerCase(text.substr(2));
  } else {
    return;
  }
  const bool sha1 = kind[1] == '1';
  if (hex.size() != 2 * (sha1 ? kSha1Bytes : kSha256Bytes) || !IsHex(hex)) return;
  file.algorithm = sha1 ? "sha1" : "sha256";
  file.digest = std::move(hex);
}

// "so:libz.so.1=1.3.1 !conflict musl>=1.2" → their names.
void AppendNames(std::string_view tokens, std::vector<std::string>& names) {
  while (!tokens.empty()) {
    const std::string_view token = TakeUntil(tokens, ' ');
    const std::string_view name = token.substr(0, token.find_first_of("=<>~@"));
    if (!name.empty() && !name.starts_with('!')) names.push_back(CleanText(name));
  }
}

class Database {
 public:
  Database(const EvidenceTree& tree, const EvidenceFile& file, PackageSink& sink)
      : tree_(tree), file_(file), sink_(sink), root_(file.path) {
    for (int level = 0; level < 4; ++level) root_ = FolderOf(root_);  // "lib/apk/db/installed"
    if (FileNameOf(root_) == "usr") root_ = FolderOf(root_);          // where apk 3 has it
  }

  Result<void> Read(std::string_view text) {
    while (!text.empty()) {
      const std::string_view line = TakeLine(text);
      if (line.empty()) {
        EndRecord();
        continue;
      }
      if (packages_ >= kPackagesMax) return Fail(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax));
      started_ = true;
      if (line.size() < 2 || line[1] != ':') {
        if (bad_line_.empty()) bad_line_ = CleanText(line, 80);
        damaged_ = true;
        continue;
      }
      TakeField(line[0], line.substr(2));
    }
    EndRecord();
    if (files_left_ == 0) return Fail(ErrorKind::kLimit, Format("{} owned files or more", kFilesMax));
    return {};
  }

 private:
  void TakeField(char letter, std::string_view value);
  void TakeFileField(char letter, std::string_view value);
  void EndRecord();

  const EvidenceTree& tree_;
  const EvidenceFile& file_;
  PackageSink& sink_;
  std::string_view root_;  // of the paths it records
  std::size_t packages_ = 0;
  std::size_t files_left_ = kFilesMax;

  // Of the record being read.
  model::Package package_;
  std::string folder_;
  std::string origin_;
  std::string bad_line_;
  bool started_ = false, damaged_ = false;
  bool in_file_ = false;  // the last path taken was a file that is kept
};

void Database::TakeFileField(char letter, std::string_view value) {
  switch (letter) {
    case 'F':
      folder_ = ResolvePath(root_, value);
      in_file_ = false;
      break;
    case 'R': {
      std::string path = ResolvePath(folder_.empty() ? root_ : folder_, value);
      in_file_ = files_left_ > 0 && path.size() > root_.size();
      if (!in_file_) break;
      --files_left_;
      package_.files.push_back({std::move(path), "", ""});
      break;
    }
    case 'Z':
      if (in_file_) SetDigest(value, package_.files.back());
      break;
    default: break;
  }
}

void Database::TakeField(char letter, std::string_view value) {
  const auto attribute = [&](std::string_view key) {
    if (std::string text = CleanText(value); !text.empty()) package_.attributes.emplace_back(key, std::move(text));
  };
  switch (letter) {
    case 'P':
      if (!package_.name.empty()) {
        // The blank line between two records is damaged: each is a package all the same.
        if (bad_line_.empty()) bad_line_ = CleanText(Format("P:{} in it", value), 80);
        damaged_ = true;
        EndRecord();
        started_ = true;
      }
      package_.name = CleanText(value);
      break;
    case 'V': package_.version = CleanText(value); break;
    case 'A': package_.architecture = CleanText(value); break;
    case 'U': package_.homepage = CleanText(value); break;
    case 'm': package_.supplier = CleanText(value); break;
    case 'o': origin_ = CleanText(value); break;
    case 'L':
      if (std::string license = CleanText(value); !license.empty()) package_.licenses.push_back({license, ""});
      break;
    case 'D': AppendNames(value, package_.depends); break;
    case 'p': AppendNames(value, package_.provides); break;
    case 'C': attribute("apk:checksum"); break;
    case 'I': attribute("apk:installed-size"); break;
    case 'T': attribute("apk:description"); break;
    case 'c': attribute("apk:commit"); break;
    case 't': attribute("apk:build-time"); break;
    default: TakeFileField(letter, value);
  }
}

void Database::EndRecord() {
  if (!started_) return;
  model::Package package = std::exchange(package_, {});
  const std::string origin = std::exchange(origin_, {});
  const std::string bad_line = std::exchange(bad_line_, {});
  const bool damaged = std::exchange(damaged_, false);
  started_ = in_file_ = false;
  folder_.clear();
  const bool usable = !package.name.empty() && !package.version.empty();
  if (!usable || damaged)
    sink_.Problem(file_.path,
                  Error(ErrorKind::kCorrupt, Format("{} record of package \"{}\"{}{}", usable ? "damaged" : "unusable",
                                                    package.name, bad_line.empty() ? "" : ": ", bad_line)));
  if (!usable) return;

  ++packages_;
  package.type = "apk";
  package.version_scheme = "apk";
  package.locations.push_back(file_.Here());
  std::ranges::sort(package.attributes);
  const model::Distro& distro = tree_.Distro();
  model::Purl purl{.type = "apk",
                   .name_space = distro.Known() ? distro.id : "alpine",
                   .name = package.name,
                   .version = package.version,
                   .qualifiers = {},
                   .subpath = {}};
  if (!package.architecture.empty()) purl.qualifiers.emplace_back("arch", package.architecture);
  if (std::string release = DistroQualifier(distro); !release.empty())
    purl.qualifiers.emplace_back("distro", std::move(release));
  if (!origin.empty() && origin != package.name) {
    package.upstreams.push_back({origin, ""});
    purl.qualifiers.emplace_back("upstream", origin);
  }
  package.purl = model::Purl::Make(std::move(purl)).value_or(model::Purl());
  sink_.Add(std::move(package));
}

class ApkCataloger final : public Cataloger {
 public:
  const CatalogerInfo& Info() const override { return kInfo; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    for (const EvidenceFile& file : tree.Files()) {
      const auto text = tree.Read(file, kBytesMax);
      const auto read = text ? Database(tree, file, sink).Read(*text) : Result<void>(std::unexpected(text.error()));
      if (!read) sink.Problem(file.path, read.error());
    }
  }
};

}  // namespace

std::unique_ptr<Cataloger> MakeApkCataloger() { return std::make_unique<ApkCataloger>(); }

}  // namespace holdfast::catalog
