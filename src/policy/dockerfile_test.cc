#include "policy/dockerfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::policy {
namespace {

using test::ExpectError;
using test::Value;
using ::testing::ElementsAre;

std::vector<std::string> Lines(const Dockerfile& dockerfile) {
  std::vector<std::string> lines;
  for (const DockerfileLine& line : dockerfile.lines) lines.push_back(line.instruction + "|" + line.arguments);
  return lines;
}
std::vector<std::string> Parsed(std::string_view text) { return Lines(Value(ParseDockerfile(text))); }

TEST(Dockerfile, InstructionsInUpperCaseArgumentsAsTheyAre) {
  EXPECT_THAT(Parsed("from  debian:12 AS Base \r\n\n# a comment\n  run echo  'a  b'\nHEALTHCHECK"),
              ElementsAre("FROM|debian:12 AS Base", "RUN|echo  'a  b'", "HEALTHCHECK|"));
  EXPECT_EQ(Value(ParseDockerfile("FROM x")).mode, DockerfileMode::kActual);
  EXPECT_THAT(Parsed(""), ElementsAre());
  EXPECT_THAT(Parsed("\xef\xbb\xbf"
                     "FROM x"),
              ElementsAre("FROM|x"));
}

TEST(Dockerfile, ContinuationLinesAreJoined) {
  EXPECT_THAT(Parsed("RUN a && \\\n    b && \\  \n\n# between\n c\nEXPOSE 22\\\n33"),
              ElementsAre("RUN|a && b && c", "EXPOSE|2233"));
  EXPECT_THAT(Parsed("EXPOSE \\\n22"), ElementsAre("EXPOSE|22"));
  EXPECT_THAT(Parsed("RUN a \\"), ElementsAre("RUN|a"));
  EXPECT_THAT(Parsed("\\\n\\\n"), ElementsAre());
}

TEST(Dockerfile, TheEscapeDirectiveChangesTheContinuation) {
  EXPECT_THAT(Parsed("# syntax=docker/dockerfile:1\n# Escape = `\nRUN dir c:\\\nRUN a `\n b"),
              ElementsAre("RUN|dir c:\\", "RUN|a b"));
  EXPECT_THAT(Parsed("FROM x\n# escape=`\nRUN a \\\n b"), ElementsAre("FROM|x", "RUN|a b"));
}

TEST(Dockerfile, HereDocumentsBelongToTheirInstruction) {
  EXPECT_THAT(Parsed("RUN <<EOF\nEXPOSE 22\nEOF\nCOPY <<-\"A\" <<'B' /x/\na\n\tA\nUSER b\nB\nUSER c"),
              ElementsAre("RUN|<<EOF\nEXPOSE 22\nEOF", "COPY|<<-\"A\" <<'B' /x/\na\n\tA\nUSER b\nB", "USER|c"));
  EXPECT_THAT(Parsed("RUN cat <<< EOF\nUSER a"), ElementsAre("RUN|cat <<< EOF", "USER|a"));
  EXPECT_THAT(Parsed("RUN echo $((1<<3))\nUSER a"), ElementsAre("RUN|echo $((1<<3))", "USER|a"));
  EXPECT_THAT(Parsed("LABEL a=<<EOF\nUSER a"), ElementsAre("LABEL|a=<<EOF", "USER|a"));
  EXPECT_THAT(Parsed("RUN <<EOF\nnever\nended"), ElementsAre("RUN|<<EOF\nnever\nended"));
}

TEST(Dockerfile, TooLongIsAnError) {
  ExpectError(ParseDockerfile("RUN a", {.bytes_max = 4}), ErrorKind::kLimit, "4");
  ExpectError(ParseDockerfile("RUN a\nRUN b\nRUN c", {.lines_max = 2}), ErrorKind::kLimit, "2");
  ExpectError(GuessDockerfile({"a", "b"}, {.bytes_max = 1}), ErrorKind::kLimit);
  ExpectError(GuessDockerfile({"a", "b"}, {.lines_max = 1}), ErrorKind::kLimit);
}

TEST(Dockerfile, GuessedFromBothFormsOfHistory) {
  const auto guessed = Value(
      GuessDockerfile({"/bin/sh -c #(nop) ADD file:89ecb642d662ee7e in / ", "/bin/sh -c #(nop)  CMD [\"bash\"]",
                       "/bin/sh -c apt-get update", "|1 A=b /bin/sh -c make", "RUN /bin/sh -c apk add curl # buildkit",
                       "EXPOSE map[22/tcp:{} 80/tcp:{}]", "USER app", "", "bazel build ...", "ENTRYPOINT [\"/x\"]"}));
  EXPECT_EQ(guessed.mode, DockerfileMode::kGuessed);
  EXPECT_THAT(Lines(guessed), ElementsAre("ADD|file:89ecb642d662ee7e in /", "CMD|[\"bash\"]", "RUN|apt-get update",
                                          "RUN|make", "RUN|apk add curl", "EXPOSE|22/tcp 80/tcp", "USER|app",
                                          "RUN|bazel build ...", "ENTRYPOINT|[\"/x\"]"));
}

}  // namespace
}  // namespace holdfast::policy
