#include "policy/facts.h"

namespace holdfast::policy {

std::string_view FactName(Fact fact) {
  switch (fact) {
    case Fact::kDistro: return "distro";
    case Fact::kPackages: return "packages";
    case Fact::kVulnerabilities: return "vulnerabilities";
    case Fact::kFeed: return "feed";
    case Fact::kDockerfile: return "dockerfile";
  }
  return "";
}

std::string ImageFacts::FullTag() const {
  std::string full = registry;
  if (!full.empty() && !repository.empty()) full.push_back('/');
  full.append(repository);
  if (!tag.empty()) full.append(":").append(tag);
  return full;
}

FactSet OfferedFacts(const ImageFacts& facts) {
  FactSet offered;
  if (facts.distro) offered.Add(Fact::kDistro);
  if (facts.packages) offered.Add(Fact::kPackages);
  if (facts.vulnerabilities) offered.Add(Fact::kVulnerabilities);
  if (facts.feed) offered.Add(Fact::kFeed);
  if (facts.dockerfile) offered.Add(Fact::kDockerfile);
  return offered;
}

std::uint64_t SizeOf(const ImageFacts& facts) {
  std::uint64_t size = 1;
  if (facts.packages) size += facts.packages->size();
  if (facts.vulnerabilities) size += facts.vulnerabilities->size();
  if (facts.dockerfile) size += facts.dockerfile->lines.size();
  return size;
}

}  // namespace holdfast::policy
