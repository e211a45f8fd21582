// The database is one file, in a folder that has moved over the years:
//
//   var/lib/rpm/            the old place, often a link to one of the others
//   usr/lib/sysimage/rpm/   Fedora 36, SUSE
//   usr/share/rpm/          ostree
//     rpmdb.sqlite  rpmdb.sqlite-wal    SQLite (RPM 4.16, 2020)
//     Packages.db                       NDB (SUSE)
//     Packages                          Berkeley DB
//   var/lib/rpmmanifest/container-manifest-2   one line a package, for images without a database
#include "catalog/rpm/rpm.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "base/format.h"
#include "base/limits.h"
#include "catalog/control_text.h"
#include "catalog/rpm/database.h"
#include "catalog/rpm/header.h"
#include "catalog/rpm/package.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint64_t kDatabaseBytesMax = Limits{}.evidence_database_bytes_max;
constexpr std::uint64_t kManifestBytesMax = 16 * kMiB;
constexpr std::size_t kPackagesMax = 200'000;  // of one database

constexpr std::array kClaims = {
    Claim{"**/var/lib/rpm/rpmdb.sqlite", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/var/lib/rpm/rpmdb.sqlite-wal", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/var/lib/rpm/Packages.db", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/var/lib/rpm/Packages", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/lib/sysimage/rpm/rpmdb.sqlite", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/lib/sysimage/rpm/rpmdb.sqlite-wal", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/lib/sysimage/rpm/Packages.db", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/lib/sysimage/rpm/Packages", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/share/rpm/rpmdb.sqlite", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/share/rpm/rpmdb.sqlite-wal", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/share/rpm/Packages.db", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/usr/share/rpm/Packages", EvidenceForm::kRaw, kDatabaseBytesMax},
    Claim{"**/var/lib/rpmmanifest/container-manifest-2", EvidenceForm::kRaw, kManifestBytesMax},
};
constexpr CatalogerInfo kInfo{.name = "rpm-db", .version = 1, .claims = kClaims, .database = true};

// In the order of preference.
constexpr std::array<std::string_view, 3> kDatabaseNames = {"rpmdb.sqlite", "Packages.db", "Packages"};
constexpr std::string_view kManifestName = "container-manifest-2";

// "mnt/var/lib/rpm" → "mnt"
std::string_view RootOf(std::string_view folder) {
  for (const std::string_view place : {"var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm", "var/lib/rpmmanifest"})
    if (folder.ends_with(place)) {
      folder.remove_suffix(place.size());
      break;
    }
  if (folder.ends_with('/')) folder.remove_suffix(1);
  return folder;
}

// The packages of one image, from wherever its databases are.
class Collector {
 public:
  Collector(const EvidenceTree& tree, PackageSink& sink) : tree_(tree), sink_(sink) {}

  // Has it seen a package there?
  bool ReadDatabase(const EvidenceFile& file);
  void ReadManifest(const EvidenceFile& file);
  void Finish();

 private:
  class Reader;
  void ReadManifestLine(const EvidenceFile& file, std::string_view line);
  void Add(const EvidenceFile& file, std::string_view root, model::Package package);

  const EvidenceTree& tree_;
  PackageSink& sink_;
  std::vector<model::Package> packages_;
  // Root, name, version, architecture: an ostree image has the same database in two places.
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen_;
};

// The headers of one database.
class Collector::Reader final : public RpmHeaderSink {
 public:
  Reader(Collector& collector, const EvidenceFile& file)
      : collector_(collector), file_(file), context_{RootOf(FolderOf(file.path)), collector.tree_.Distro()} {}

  bool Add(Bytes bytes) override {
    if (headers_ == kPackagesMax) {
      Problem(Error(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax)));
      return false;
    }
    ++headers_;
    if (auto added = AddPackage(bytes); !added) Problem(std::move(added).error().In(Format("header {}", headers_)));
    return true;
  }

  void Problem(const Error& error) override { collector_.sink_.Problem(file_.path, error); }

  // Returns whether there was anything.
  bool Finish() {
    if (budget_.cut) Problem(Error(ErrorKind::kLimit, "too many owned files or dependencies; some were left out"));
    return headers_ > 0;
  }

 private:
  Result<void> AddPackage(Bytes bytes) {
    HF_TRY(const RpmHeader header, RpmHeader::Parse(bytes));
    if (header.Text(RpmTag::kName) == "gpg-pubkey") return {};
    HF_TRY(model::Package package, ParseRpmPackage(header, context_, budget_));
    if (header.BadTags() > 0)
      Problem(Error(ErrorKind::kCorrupt, Format("package \"{}\": {} damaged tags", package.name, header.BadTags())));
    collector_.Add(file_, context_.root, std::move(package));
    return {};
  }

  Collector& collector_;
  const EvidenceFile& file_;
  RpmContext context_;
  RpmBudget budget_;
  std::size_t headers_ = 0;
};

void Collector::Add(const EvidenceFile& file, std::string_view root, model::Package package) {
  if (!seen_.emplace(root, package.name, package.version, package.architecture).second) return;
  package.locations.push_back(file.Here());
  packages_.push_back(std::move(package));
}

bool Collector::ReadDatabase(const EvidenceFile& file) {
  const auto source = tree_.Open(file);
  if (!source) {
    sink_.Problem(file.path, source.error());
    return false;
  }
  std::unique_ptr<io::RandomSource> log;
  if (const EvidenceFile* log_file = tree_.Find(file.path + "-wal"); log_file != nullptr) {
    auto opened = tree_.Open(*log_file);
    if (opened)
      log = *std::move(opened);
    else
      sink_.Problem(log_file->path, opened.error());
  }
  Reader reader(*this, file);
  const auto read = [&]() -> Result<void> {
    switch (DetectRpmDatabase(**source)) {
      case RpmDatabaseFormat::kSqlite: return ReadRpmSqlite(**source, log.get(), reader);
      case RpmDatabaseFormat::kNdb: return ReadRpmNdb(**source, reader);
      case RpmDatabaseFormat::kBerkeley: return ReadRpmBerkeley(**source, reader);
      case RpmDatabaseFormat::kUnknown: break;
    }
    // A database whose first transaction has not left its log yet.
    if (log != nullptr && log->Size() > 0) return ReadRpmSqlite(**source, log.get(), reader);
    return Fail(ErrorKind::kCorrupt, "not a database of RPM");
  }();
  if (!read) sink_.Problem(file.path, read.error());
  return reader.Finish();
}

void Collector::ReadManifest(const EvidenceFile& file) {
  const auto text = tree_.Read(file, kManifestBytesMax);
  if (!text) return sink_.Problem(file.path, text.error());
  std::string_view rest = *text;
  for (std::size_t lines = 0; !rest.empty(); ++lines) {
    if (lines == kPackagesMax)
      return sink_.Problem(file.path, Error(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax)));
    const std::string_view line = TakeLine(rest);
    if (!Trim(line).empty()) ReadManifestLine(file, line);
  }
}

// Name, version-release, times of installation and build, vendor, epoch or "(none)", size, architecture, epoch or 0,
// source package.
void Collector::ReadManifestLine(const EvidenceFile& file, std::string_view line) {
  enum { kName, kVersion, kInstallTime, kBuildTime, kVendor, kEpoch, kSize, kArch, kEpochNumber, kSourceRpm, kFields };
  std::array<std::string_view, kFields> fields;
  std::size_t count = 0;
  for (std::string_view rest = line; !rest.empty() && count < kFields; ++count)
    fields[count] = Trim(TakeUntil(rest, '\t'));
  if (count < kFields)
    return sink_.Problem(file.path, Error(ErrorKind::kCorrupt, Format("no package: {}", CleanText(line, 80))));
  for (std::string_view& field : fields)
    if (field == "(none)") field = {};

  const std::size_t dash = fields[kVersion].rfind('-');
  RpmIdentity identity{.name = fields[kName],
                       .version = fields[kVersion].substr(0, dash),
                       .architecture = fields[kArch],
                       .source_rpm = fields[kSourceRpm]};
  if (dash != std::string_view::npos) identity.release = fields[kVersion].substr(dash + 1);
  std::uint32_t epoch = 0;
  const std::string_view digits = fields[kEpoch];
  if (const auto end = digits.data() + digits.size();
      !digits.empty() && std::from_chars(digits.data(), end, epoch).ptr == end)
    identity.epoch = epoch;
  const std::string_view root = RootOf(FolderOf(file.path));
  auto package = MakeRpmPackage(identity, {root, tree_.Distro()});
  if (!package) return sink_.Problem(file.path, package.error());
  package->supplier = CleanText(fields[kVendor]);
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) package->attributes.emplace_back(key, CleanText(value));
  };
  add("rpm:build-time", fields[kBuildTime]);
  add("rpm:size", fields[kSize]);
  add("rpm:source-rpm", fields[kSourceRpm]);
  Add(file, root, *std::move(package));
}

// Needs may name a file: "/usr/bin/sh". Its package offers it, though it does not say so.
void Collector::Finish() {
  std::unordered_set<std::string_view> needed;
  for (const model::Package& package : packages_)
    for (const std::string& need : package.depends)
      if (need.starts_with('/')) needed.insert(std::string_view(need).substr(1));
  for (model::Package& package : packages_) {
    const std::size_t said = package.provides.size();
    if (!needed.empty())
      for (const model::OwnedFile& file : package.files)
        if (needed.contains(file.path)) package.provides.push_back("/" + file.path);
    if (package.provides.size() == said) continue;
    std::ranges::sort(package.provides);
    package.provides.erase(std::unique(package.provides.begin(), package.provides.end()), package.provides.end());
  }
  for (model::Package& package : packages_) sink_.Add(std::move(package));
}

class RpmCataloger final : public Cataloger {
 public:
  const CatalogerInfo& Info() const override { return kInfo; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    std::map<std::string_view, std::array<const EvidenceFile*, kDatabaseNames.size()>> databases;  // by folder
    Collector collector(tree, sink);
    for (const EvidenceFile& file : tree.Files()) {
      const std::string_view name = FileNameOf(file.path);
      const auto format = std::ranges::find(kDatabaseNames, name);
      if (format != kDatabaseNames.end())
        databases[FolderOf(file.path)][static_cast<std::size_t>(format - kDatabaseNames.begin())] = &file;
      else if (name == kManifestName)
        collector.ReadManifest(file);
    }
    for (const auto& [folder, files] : databases)
      for (const EvidenceFile* file : files)
        if (file != nullptr && collector.ReadDatabase(*file)) break;
    collector.Finish();
  }
};

}  // namespace

std::unique_ptr<Cataloger> MakeRpmCataloger() { return std::make_unique<RpmCataloger>(); }

}  // namespace holdfast::catalog
