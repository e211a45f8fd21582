#include "service/owned_packages.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::service {
namespace {

using model::RelationKind;

model::ImageAnalysis Analysis(std::vector<std::string> names, std::vector<model::Relation> relations) {
  model::ImageAnalysis analysis;
  for (std::string& name : names) {
    model::Package package;
    package.name = std::move(name);
    analysis.packages.push_back(std::move(package));
  }
  analysis.relations = std::move(relations);
  return analysis;
}

std::string Names(const model::ImageAnalysis& analysis) {
  std::string names;
  for (const model::Package& package : analysis.packages) names += package.name + " ";
  return names;
}

TEST(DropOwnedPackages, DropsWhatIsOwnedAndKeepsTheRestRelated) {
  auto analysis =
      Analysis({"libc6", "python3-requests", "flask", "requests", "urllib3"}, {{RelationKind::kDependsOn, 1, 0},
                                                                               {RelationKind::kDependsOn, 2, 3},
                                                                               {RelationKind::kDependsOn, 2, 4},
                                                                               {RelationKind::kOwns, 1, 3}});
  DropOwnedPackages(analysis);
  EXPECT_EQ(Names(analysis), "libc6 python3-requests flask urllib3 ");
  EXPECT_EQ(analysis.relations,
            (std::vector<model::Relation>{{RelationKind::kDependsOn, 1, 0}, {RelationKind::kDependsOn, 2, 3}}));
}

TEST(DropOwnedPackages, LeavesAnImageWithoutSuchPackagesAlone) {
  auto analysis = Analysis({"a", "b"}, {{RelationKind::kContains, 0, 1}});
  const auto before = analysis;
  DropOwnedPackages(analysis);
  EXPECT_EQ(analysis, before);
}

}  // namespace
}  // namespace holdfast::service
