#include "api/event_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "service/events.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::ExpectApiError;
using test::ExpectRefusedBySchema;
using test::Value;

class EventHandlersTest : public test::ApiFixture {
 protected:
  EventHandlersTest() : account_(AddAccount("team-a")) {}

  // One minute after the one before it.
  void Raise(std::string_view type, std::string_view resource, std::string_view level = "info") {
    clock_.Advance(60'000);
    Value(database_->Write([&](store::Session& session) {
      return service::RaiseEvent(platform_, session,
                                 {.account_id = account_.id,
                                  .type = std::string(type),
                                  .level = std::string(level),
                                  .source = "catalog",
                                  .resource_type = "image_digest",
                                  .resource_id = std::string(resource),
                                  .message = "something happened",
                                  .details = R"({"why":"because"})"});
    }));
  }
  std::vector<std::string> Resources(std::string_view query) {
    const Answer answer = Get("team-a", Format("/events?{}", query));
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> resources;
    const auto document = answer.Json();
    for (const io::JsonView item : document.Root()["results"])
      resources.emplace_back(item["event"]["resource"]["id"].StringOr(""));
    return resources;
  }
  std::string NewestId() {
    return std::string(Get("team-a", "/events").Json().Root()["results"].At(0)["generated_uuid"].StringOr(""));
  }

  store::Account account_;
};

TEST_F(EventHandlersTest, WritesRecordsAsClientsReadThem) {
  Raise("user.image.analysis.completed", "sha256:1");
  const std::string id = NewestId();
  const std::string wanted = Format(
      R"({{"generated_uuid":"{}","created_at":"2025-11-25T02:01:00Z","event":{{"source":{{"servicename":"catalog",)"
      R"("hostid":"host-1","base_url":"http://host-1:8228","request_id":""}},"resource":{{"user_id":"team-a",)"
      R"("id":"sha256:1","type":"image_digest"}},"type":"user.image.analysis.completed","level":"info",)"
      R"("message":"something happened","details":{{"why":"because"}},"timestamp":"2025-11-25T02:01:00Z"}}}})",
      id);
  EXPECT_EQ(Get("team-a", "/events/" + id).body, wanted);
  EXPECT_EQ(Get("team-a", "/events").body,
            Format(R"({{"results":[{}],"item_count":1,"page":1,"next_page":false}})", wanted));
}

TEST_F(EventHandlersTest, FiltersAndPages) {
  Raise("user.image.analysis.completed", "a");
  Raise("user.image.analysis.failed", "b", "error");
  Raise("user.policy.active.updated", "c");
  EXPECT_THAT(Resources(""), testing::ElementsAre("c", "b", "a"));
  EXPECT_THAT(Resources("event_type=user.image.analysis.completed"), testing::ElementsAre("a"));
  EXPECT_THAT(Resources("event_type=USER.image.*"), testing::ElementsAre("b", "a"));
  EXPECT_THAT(Resources("level=error"), testing::ElementsAre("b"));
  EXPECT_THAT(Resources("resource_id=c"), testing::ElementsAre("c"));
  EXPECT_THAT(Resources("resource_type=image_tag"), testing::IsEmpty());
  EXPECT_THAT(Resources("source_servicename=catalog&source_hostid=host-1"), testing::ElementsAre("c", "b", "a"));
  EXPECT_THAT(Resources("source_hostid=host-2"), testing::IsEmpty());
  EXPECT_THAT(Resources("since=2025-11-25T02:02:00Z"), testing::ElementsAre("c", "b"));
  EXPECT_THAT(Resources("before=2025-11-25T02:02:00Z"), testing::ElementsAre("a"));
  EXPECT_THAT(Resources("limit=2"), testing::ElementsAre("c", "b"));
  EXPECT_THAT(Resources("limit=2&page=2"), testing::ElementsAre("a"));
  EXPECT_EQ(Get("team-a", "/events?limit=2").Json().Root()["next_page"].Bool(), true);
  EXPECT_EQ(Get("team-a", "/events?limit=2&page=2").Json().Root()["next_page"].Bool(), false);
  EXPECT_EQ(Get("team-a", "/events?limit=2&page=2").Json().Root()["page"].Integer(), 2);
}

TEST_F(EventHandlersTest, RefusesFiltersThatMakeNoSense) {
  for (const char* query : {"limit=0", "limit=1001", "page=0", "page=x", "since=yesterday", "level=loud"})
    ExpectRefusedBySchema(Get("team-a", Format("/events?{}", query)));
}

TEST_F(EventHandlersTest, DeletesOne) {
  Raise("user.image.analysis.completed", "a");
  const std::string id = NewestId();
  EXPECT_EQ(Delete("team-a", "/events/" + id).status, 200);
  ExpectApiError(Delete("team-a", "/events/" + id), 404);
  ExpectApiError(Get("team-a", "/events/" + id), 404);
}

TEST_F(EventHandlersTest, DeletesManyAndNamesThem) {
  Raise("user.image.analysis.completed", "a");
  const std::string first = NewestId();
  Raise("user.image.analysis.failed", "b", "error");
  Raise("user.image.analysis.completed", "c");
  EXPECT_EQ(Delete("team-a", "/events?level=info&before=2025-11-25T02:02:00Z").body, Format(R"(["{}"])", first));
  EXPECT_THAT(Resources(""), testing::ElementsAre("c", "b"));
  EXPECT_EQ(Delete("team-a", "/events?since=2030-01-01").body, "[]");
  EXPECT_EQ(Delete("team-a", "/events").Json().Root().Size(), 2U);
  EXPECT_EQ(Get("team-a", "/events").body, R"({"results":[],"item_count":0,"page":1,"next_page":false})");
  ExpectRefusedBySchema(Delete("team-a", "/events?before=never"));
}

}  // namespace
}  // namespace holdfast::api
