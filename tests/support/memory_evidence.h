// A fake EvidenceTree from a list of files, and a sink that keeps what a cataloger says: for unit
// tests of catalogers. The tree holds only what the cataloger's own claims cover, like the real one.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "catalog/cataloger.h"
#include "catalog/glob.h"

namespace holdfast::test {

class MemoryEvidence final : public catalog::EvidenceTree {
 public:
  // Path → content. For kExecutable and kArchive claims, the content is catalog::EncodeParts(…).
  explicit MemoryEvidence(std::map<std::string, std::string> files, model::Distro distro = {})
      : content_(std::move(files)), distro_(std::move(distro)) {}

  // Restricts Files() to what `info` claims; each file gets the form of the first claim that covers it.
  MemoryEvidence& For(const catalog::CatalogerInfo& info) {
    files_.clear();
    for (const auto& [path, bytes] : content_)
      for (const catalog::Claim& claim : info.claims)
        if (claim.form == catalog::EvidenceForm::kExecutable || catalog::GlobMatches(claim.glob, path)) {
          files_.push_back({path, 0, claim.form, bytes.size(), files_.size()});
          break;
        }
    return *this;
  }

  const std::vector<catalog::EvidenceFile>& Files() const override { return files_; }
  Result<std::string> Read(const catalog::EvidenceFile& file, std::uint64_t bytes_max) const override {
    const std::string& bytes = content_.at(file.path);
    if (bytes.size() > bytes_max) return Fail(ErrorKind::kLimit, "too large");
    return bytes;
  }
  Result<std::unique_ptr<io::RandomSource>> Open(const catalog::EvidenceFile& file) const override {
    return std::make_unique<io::MemoryRandomSource>(AsBytes(content_.at(file.path)));
  }
  const catalog::EvidenceFile* Find(std::string_view path) const override {
    const auto found = std::find_if(files_.begin(), files_.end(), [&](const auto& file) { return file.path == path; });
    return found == files_.end() ? nullptr : &*found;
  }
  bool Exists(std::string_view path) const override { return content_.contains(std::string(path)); }
  const model::Distro& Distro() const override { return distro_; }

 private:
  std::map<std::string, std::string> content_;
  std::vector<catalog::EvidenceFile> files_;
  model::Distro distro_;
};

class CollectingSink final : public catalog::PackageSink {
 public:
  void Add(model::Package package) override { packages.push_back(std::move(package)); }
  void Problem(std::string_view path, const Error& error) override {
    problems.push_back({std::string(path), error.Kind(), error.Message()});
  }

  // The package of that name; fails the test when there is not exactly one.
  const model::Package& Only(std::string_view name) const;
  // "name version" of all, sorted: what most tests compare.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& package : packages) names.push_back(package.name + " " + package.version);
    std::sort(names.begin(), names.end());
    return names;
  }

  std::vector<model::Package> packages;
  std::vector<holdfast::Problem> problems;
};

inline const model::Package& CollectingSink::Only(std::string_view name) const {
  const model::Package* found = nullptr;
  for (const auto& package : packages) {
    if (package.name != name) continue;
    if (found != nullptr) throw std::runtime_error("two packages named " + std::string(name));
    found = &package;
  }
  if (found == nullptr) throw std::runtime_error("no package named " + std::string(name));
  return *found;
}

// Runs a cataloger over these files.
inline CollectingSink RunCataloger(const catalog::Cataloger& cataloger, std::map<std::string, std::string> files,
                                   model::Distro distro = {}) {
  MemoryEvidence tree(std::move(files), std::move(distro));
  tree.For(cataloger.Info());
  CollectingSink sink;
  cataloger.Catalog(tree, sink);
  return sink;
}

}  // namespace holdfast::test
