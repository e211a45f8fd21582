#include "catalog/cataloger.h"

#include "base/limits.h"

namespace holdfast::catalog {
namespace {

// A file cataloger holds one file at a time; databases that may be larger read through Open.
constexpr std::uint64_t kFileBytesMax = 256 * kMiB;

class FileCataloger final : public Cataloger {
 public:
  FileCataloger(const CatalogerInfo& info, ParseFn parse) : info_(info), parse_(parse) {}
  const CatalogerInfo& Info() const override { return info_; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    for (const EvidenceFile& file : tree.Files()) {
      const auto content = tree.Read(file, kFileBytesMax);
      const auto parsed = content ? parse_(file, *content, sink) : Result<void>(std::unexpected(content.error()));
      if (!parsed) sink.Problem(file.path, parsed.error());
    }
  }

 private:
  const CatalogerInfo& info_;
  ParseFn parse_;
};

class PartsCataloger final : public Cataloger {
 public:
  PartsCataloger(const CatalogerInfo& info, ParsePartsFn parse) : info_(info), parse_(parse) {}
  const CatalogerInfo& Info() const override { return info_; }

  void Catalog(const EvidenceTree& tree, PackageSink& sink) const override {
    for (const EvidenceFile& file : tree.Files()) {
      const auto parts = tree.ReadParts(file, kFileBytesMax);
      const auto parsed = parts ? parse_(file, *parts, sink) : Result<void>(std::unexpected(parts.error()));
      if (!parsed) sink.Problem(file.path, parsed.error());
    }
  }

 private:
  const CatalogerInfo& info_;
  ParsePartsFn parse_;
};

}  // namespace

std::unique_ptr<Cataloger> FromParser(const CatalogerInfo& info, ParseFn parse) {
  return std::make_unique<FileCataloger>(info, parse);
}

std::unique_ptr<Cataloger> FromPartsParser(const CatalogerInfo& info, ParsePartsFn parse) {
  return std::make_unique<PartsCataloger>(info, parse);
}

}  // namespace holdfast::catalog
