#include "service/package_sets.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/wire.h"
#include "io/sha256.h"
#include "model/image_analysis_wire.h"
#include "store/storable_text.h"

namespace holdfast::service {
namespace {

constexpr std::uint64_t kMembersFormat = 1;

std::string Identity(const model::Package& package, const model::Distro& distro) {
  model::ImageAnalysis one;
  // The findings of a language package are the same whatever distribution it lies in.
  if (package.ecosystem.empty()) one.distro = distro;
  one.packages.push_back({.name = package.name,
                          .version = package.version,
                          .type = package.type,
                          .language = package.language,
                          .version_scheme = package.version_scheme,
                          .ecosystem = package.ecosystem,
                          .advisory_names = package.advisory_names,
                          .upstreams = package.upstreams,
                          .architecture = package.architecture,
                          .module_label = package.module_label});
  return model::EncodeImageAnalysis(one);
}

std::string SetKey(const PackageSet& set, const std::vector<store::NewContext>& contexts) {
  WireWriter writer;
  for (const PackageSet::Member& member : set.members)
    writer.Text(contexts[member.context].key).Text(member.path).Bool(member.owned);
  return store::ContentKey(io::Sha256Of(writer.Take()));
}

}  // namespace

PackageSets GroupPackages(const model::ImageAnalysis& analysis) {
  std::set<std::uint32_t> owned;
  for (const model::Relation& relation : analysis.relations)
    if (relation.kind == model::RelationKind::kOwns) owned.insert(relation.to);
  PackageSets answer;
  std::map<std::string, std::size_t> by_key;
  std::map<std::uint32_t, PackageSet> by_layer;
  for (std::uint32_t i = 0; i < analysis.packages.size(); ++i) {
    const model::Package& package = analysis.packages[i];
    std::string identity = Identity(package, analysis.distro);
    std::string key = store::ContentKey(io::Sha256Of(identity));
    const auto [known, is_new] = by_key.emplace(key, answer.contexts.size());
    if (is_new)
      answer.contexts.push_back({std::move(key), store::StorableText(package.name),
                                 store::StorableText(package.version), store::StorableText(package.type),
                                 std::move(identity)});
    const bool located = !package.locations.empty();
    by_layer[located ? package.locations.front().layer : 0].members.push_back(
        {known->second, located ? package.locations.front().path : std::string(), owned.contains(i)});
  }
  for (auto& [layer, set] : by_layer) {
    std::ranges::sort(set.members, {}, [&](const PackageSet::Member& member) {
      return std::tie(answer.contexts[member.context].key, member.path, member.owned);
    });
    set.key = SetKey(set, answer.contexts);
    answer.sets.push_back(std::move(set));
  }
  return answer;
}

Result<model::ImageAnalysis> DecodeIdentity(std::string_view identity) {
  HF_TRY(auto analysis, model::DecodeImageAnalysis(identity));
  if (analysis.packages.size() != 1) return Fail(ErrorKind::kCorrupt, "a package context without its package");
  return analysis;
}

std::string EncodeMembers(const std::vector<StoredMember>& members) {
  WireWriter writer;
  writer.Unsigned(kMembersFormat).Unsigned(members.size());
  std::string_view previous;
  for (const StoredMember& member : members) {
    // Most packages of a layer come from one database: its path is written once.
    const bool same = member.path == previous;
    writer.Unsigned(static_cast<std::uint64_t>(member.context_id));
    writer.Unsigned((same ? 1U : 0U) | (member.owned ? 2U : 0U));
    if (!same) writer.Text(member.path);
    previous = member.path;
  }
  return writer.Take();
}

Result<std::vector<StoredMember>> DecodeMembers(std::string_view bytes) {
  WireReader reader(bytes);
  if (reader.Unsigned() != kMembersFormat) return Fail(ErrorKind::kCorrupt, "a package set of an unknown format");
  std::vector<StoredMember> members;
  for (std::uint64_t left = reader.Count(2); left > 0 && reader.Ok(); --left) {
    StoredMember member{.context_id = static_cast<std::int64_t>(reader.Unsigned())};
    const std::uint64_t flags = reader.Unsigned();
    member.owned = (flags & 2U) != 0;
    if ((flags & 1U) == 0)
      member.path = reader.Text();
    else if (!members.empty())
      member.path = members.back().path;
    members.push_back(std::move(member));
  }
  HF_CHECK_OK(reader.Finish("package set"));
  return members;
}

}  // namespace holdfast::service
