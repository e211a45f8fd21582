#include "api/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/contract.h"

namespace holdfast::api {
namespace {

class RouterTest : public testing::Test {
 protected:
  // "get_image(sha256:1)", or the methods that the path allows.
  std::string Found(std::string_view method, const std::vector<std::string>& segments) {
    const Route route = router_.Find(method, segments);
    if (route.operation == nullptr) return route.allow.empty() ? "nothing" : "allow " + route.allow;
    std::string text = route.operation->id;
    for (const std::string_view value : route.values) text.append("(").append(value).append(")");
    return text;
  }

  std::unique_ptr<Contract> contract_ = *Contract::Load();
  Router router_{contract_->Operations()};
};

TEST_F(RouterTest, FindsEachOperationByItsOwnPath) {
  for (const Operation& operation : contract_->Operations()) {
    std::vector<std::string> segments;
    for (const std::string& segment : operation.segments)
      segments.push_back(segment.starts_with('{') ? "some value" : segment);
    EXPECT_EQ(router_.Find(operation.method, segments).operation, &operation) << operation.id;
    segments.insert(segments.begin(), "v1");
    EXPECT_EQ(router_.Find(operation.method, segments).operation, &operation) << operation.id;
  }
}

TEST_F(RouterTest, TheVersionMayBeMissing) {
  EXPECT_EQ(Found("GET", {}), "ping");
  EXPECT_EQ(Found("GET", {"v1"}), "ping");
  EXPECT_EQ(Found("GET", {"images"}), "list_images");
  EXPECT_EQ(Found("GET", {"v1", "images"}), "list_images");
  EXPECT_EQ(Found("GET", {"v2", "images"}), "nothing");
  EXPECT_EQ(Found("GET", {"v1", "v1", "images"}), "nothing");
}

TEST_F(RouterTest, AWordWinsOverAParameter) {
  EXPECT_EQ(Found("GET", {"images", "sha256:1", "content", "files"}), "get_image_files(sha256:1)");
  EXPECT_EQ(Found("GET", {"images", "sha256:1", "content", "npm"}), "get_image_content(sha256:1)(npm)");
  EXPECT_EQ(Found("GET", {"images", "by_id", "check"}), "get_image_by_id(check)");
  EXPECT_EQ(Found("GET", {"images", "by_id", "1", "check"}), "check_image_by_id(1)");
  // Nothing by id has metadata, so these are the types of an image whose digest is "by_id".
  EXPECT_EQ(Found("GET", {"images", "by_id", "metadata", "manifest"}), "get_image_metadata(by_id)(manifest)");
  EXPECT_EQ(Found("GET", {"images", "by_id"}), "get_image(by_id)");
}

TEST_F(RouterTest, ValuesMayHaveSlashes) {
  EXPECT_EQ(Found("GET", {"registries", "host.example:5000/team/*"}), "get_registry(host.example:5000/team/*)");
}

TEST_F(RouterTest, TellsWhichMethodsAPathKnows) {
  EXPECT_EQ(Found("PATCH", {"images"}), "allow POST, GET, HEAD, DELETE");
  EXPECT_EQ(Found("OPTIONS", {"v1", "policies", "p"}), "allow GET, HEAD, PUT, DELETE");
  EXPECT_EQ(Found("POST", {"user"}), "allow GET, HEAD");
  EXPECT_EQ(Found("get", {"images"}), "allow POST, GET, HEAD, DELETE");
  EXPECT_EQ(Found("HEAD", {"images"}), "list_images");
}

TEST_F(RouterTest, UnknownPathsAreNothing) {
  EXPECT_EQ(Found("GET", {"imagez"}), "nothing");
  EXPECT_EQ(Found("GET", {"imports"}), "nothing");  // a word on the way, no path
  EXPECT_EQ(Found("GET", std::vector<std::string>(100'000, "images")), "nothing");
}

}  // namespace
}  // namespace holdfast::api
