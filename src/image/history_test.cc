#include "image/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::ExpectError;
using test::Value;

std::vector<HistoryStep> Parse(std::string_view json) { return Value(ParseHistory(json, {})); }

// The history of alpine:3.9, as Docker's builder wrote it.
constexpr std::string_view kAlpine = R"({"history":[
  {"created":"2019-05-11T00:07:03.358250803Z",
   "created_by":"/bin/sh -c #(nop) ADD file:a86aea1f3a7d68f6ae03397b99ea77f2e9ee901c5c59e59f76f93adbb4035913 in / "},
  {"created":"2019-05-11T00:07:03.510395965Z","created_by":"/bin/sh -c #(nop)  CMD [\"/bin/sh\"]","empty_layer":true}]})";

TEST(History, ReadsSteps) {
  EXPECT_EQ(Parse(kAlpine),
            (std::vector<HistoryStep>{
                {.created = "2019-05-11T00:07:03.358250803Z",
                 .created_by = "/bin/sh -c #(nop) ADD "
                               "file:a86aea1f3a7d68f6ae03397b99ea77f2e9ee901c5c59e59f76f93adbb4035913 in /"},
                {.created = "2019-05-11T00:07:03.510395965Z",
                 .created_by = R"(/bin/sh -c #(nop) CMD ["/bin/sh"])",
                 .empty_layer = true}}));
  EXPECT_TRUE(Parse("{}").empty());
  EXPECT_TRUE(Parse(R"({"history":null})").empty());
}

TEST(History, RefusesWhatIsNoHistory) {
  ExpectError(ParseHistory("{", {}), ErrorKind::kCorrupt, "image configuration");
  ExpectError(ParseHistory(R"({"history":{}})", {}), ErrorKind::kCorrupt, "no list");
  ExpectError(ParseHistory(R"({"history":["RUN x"]})", {}), ErrorKind::kCorrupt, "no object");
  Limits limits;
  limits.layers_max = 1;
  ExpectError(ParseHistory(R"({"history":[{},{},{}]})", limits), ErrorKind::kLimit, "more than 2 steps");
}

TEST(History, AnchoresListHasTheLayersOfTheSteps) {
  model::LayerSummary layer;
  layer.digest = "sha256:aa";
  layer.diff_id = "sha256:bb";
  layer.compressed_bytes = 7;
  EXPECT_EQ(DockerHistoryJson(Parse(kAlpine), {{layer}}),
            R"([{"Created":"2019-05-11T00:07:03.358250803Z","CreatedBy":"/bin/sh -c #(nop) ADD )"
            R"(file:a86aea1f3a7d68f6ae03397b99ea77f2e9ee901c5c59e59f76f93adbb4035913 in /","Comment":"",)"
            R"("Id":"sha256:aa","Size":7,"Tags":[]},{"Created":"2019-05-11T00:07:03.510395965Z",)"
            R"("CreatedBy":"/bin/sh -c #(nop) CMD [\"/bin/sh\"]","Comment":"","Id":"<missing>","Size":0,"Tags":[]}])");
  layer.digest.clear();
  const std::vector<HistoryStep> steps(3);
  EXPECT_EQ(DockerHistoryJson(steps, {{layer}}),
            R"([{"Created":"","CreatedBy":"","Comment":"","Id":"sha256:bb","Size":7,"Tags":[]},)"
            R"({"Created":"","CreatedBy":"","Comment":"","Id":"<missing>","Size":0,"Tags":[]},)"
            R"({"Created":"","CreatedBy":"","Comment":"","Id":"<missing>","Size":0,"Tags":[]}])");
  EXPECT_EQ(DockerHistoryJson({}, {}), "[]");
}

TEST(History, GuessesADockerfile) {
  constexpr std::pair<std::string_view, std::string_view> kLines[] = {
      {R"(/bin/sh -c #(nop)  CMD ["/bin/sh"])", R"(CMD ["/bin/sh"])"},
      {R"(/bin/bash -o pipefail -c #(nop) ENV A=1)", "ENV A=1"},
      {"/bin/sh -c apk add curl", "RUN /bin/sh -c apk add curl"},
      {"|2 A=1 B=2 /bin/sh -c make", "RUN /bin/sh -c make"},
      {"|1 A=1", "RUN |1 A=1"},
      {"RUN /bin/sh -c apk add curl # buildkit", "RUN /bin/sh -c apk add curl"},
      {"COPY . /app # buildkit", "COPY . /app"},
      {"ENTRYPOINT [\"/app\"]", "ENTRYPOINT [\"/app\"]"},
      {"ENTRYPOINT", "RUN ENTRYPOINT"},
      {"bazel build ...", "RUN bazel build ..."},
      {"COPYING things", "RUN COPYING things"},
  };
  for (const auto& [step, line] : kLines) {
    const std::vector<HistoryStep> history = {{.created_by = std::string(step)}};
    EXPECT_EQ(GuessDockerfile(history), "FROM scratch\n" + std::string(line) + "\n");
  }
  EXPECT_EQ(GuessDockerfile({}), "FROM scratch\n");
  EXPECT_EQ(GuessDockerfile(std::vector<HistoryStep>(2)), "FROM scratch\n");
}

TEST(History, AStepIsOneLine) {
  const auto history = Parse(R"({"history":[{"created_by":"RUN a\nUSER root\r\nCMD x"}]})");
  EXPECT_EQ(GuessDockerfile(history), "FROM scratch\nRUN a USER root CMD x\n");
}

// The configurations of the sample images that `docker save` wrote.
TEST(History, ReadsRealConfigurations) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const auto dockerfile = [&](const std::string& name) {
    const std::string archive = (*shared / "images" / name).string();
    const std::string config =
        test::RunCommand(Format("tar xzOf {0} $(tar tzf {0} | grep -E '^[0-9a-f]{{64}}\\.json$')", archive));
    return GuessDockerfile(Parse(config));
  };
  EXPECT_EQ(dockerfile("alpine-39.tar.gz"),
            "FROM scratch\nADD file:a86aea1f3a7d68f6ae03397b99ea77f2e9ee901c5c59e59f76f93adbb4035913 in /\n"
            "CMD [\"/bin/sh\"]\n");
  EXPECT_EQ(dockerfile("distroless-base.tar.gz"), "FROM scratch\nRUN bazel build ...\nRUN bazel build ...\n");
  EXPECT_EQ(dockerfile("centos-8-rpmdb.tar.gz"), "FROM scratch\n");
}

}  // namespace
}  // namespace holdfast::image
