#include "catalog/claim_index.h"

#include <algorithm>

#include "catalog/glob.h"

namespace holdfast::catalog {
namespace {

std::string_view LastSegment(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// What follows the last '.', or nothing.
std::string_view Extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

}  // namespace

ClaimIndex::ClaimIndex(std::span<const std::unique_ptr<Cataloger>> catalogers, std::span<const Claim> extra,
                       const Limits& limits)
    : bytes_max_default_(limits.evidence_file_bytes_max) {
  for (const auto& cataloger : catalogers)
    for (const Claim& claim : cataloger->Info().claims) Add(claim);
  for (const Claim& claim : extra) Add(claim);
}

void ClaimIndex::Add(const Claim& claim) {
  if (claim.form == EvidenceForm::kExecutable) {
    wants_executables_ = true;
    return;
  }
  const std::string_view last = LastSegment(claim.glob);
  const std::string_view extension = Extension(last);
  if (last.find('*') == std::string_view::npos)
    by_name_[last].push_back(&claim);
  else if (!extension.empty() && extension.find('*') == std::string_view::npos)
    by_extension_[extension].push_back(&claim);
  else
    others_.push_back(&claim);
}

Wanted ClaimIndex::Match(std::string_view path) const {
  Wanted wanted;
  const auto try_claims = [&](const std::vector<const Claim*>& claims) {
    for (const Claim* claim : claims) {
      if (!GlobMatches(claim->glob, path)) continue;
      if (claim->form == EvidenceForm::kArchive) {
        wanted.archive = true;
        continue;
      }
      wanted.raw = true;
      wanted.raw_bytes_max =
          std::max(wanted.raw_bytes_max, claim->bytes_max == 0 ? bytes_max_default_ : claim->bytes_max);
    }
  };
  const std::string_view name = LastSegment(path);
  if (const auto found = by_name_.find(name); found != by_name_.end()) try_claims(found->second);
  if (const std::string_view extension = Extension(name); !extension.empty())
    if (const auto found = by_extension_.find(extension); found != by_extension_.end()) try_claims(found->second);
  try_claims(others_);
  return wanted;
}

}  // namespace holdfast::catalog
