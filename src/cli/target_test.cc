#include "cli/target.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <thread>

#include "support/test_support.h"

namespace holdfast::cli {
namespace {

using test::ExpectError;
using test::Value;

class TargetTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, std::string_view content) const {
    test::WriteFile(folder_.Path() / name, content);
    return (folder_.Path() / name).string();
  }
  test::TemporaryFolder folder_;
};

TEST_F(TargetTest, PackageUrlsAreNoImages) {
  EXPECT_EQ(Value(LookAtTarget("pkg:npm/a@1", {})).document, "pkg:npm/a@1");
  for (const std::string_view image : {"pkg:1.2", "pkg:5000/app", "pkg", "debian:12", "registry.example/pkg:npm"})
    EXPECT_FALSE(Value(LookAtTarget(image, {})).document) << image;
}

TEST_F(TargetTest, ContentTellsNeverTheName) {
  const std::string document = R"({"bomFormat":"CycloneDX"})";
  EXPECT_EQ(Value(LookAtTarget(Write("image.tar", document), {})).document, document);
  const Target foreign = Value(LookAtTarget(Write("app.cdx.json", R"({"a":1})"), {}));
  EXPECT_FALSE(foreign.document);
  EXPECT_TRUE(foreign.like_document);
  EXPECT_EQ(foreign.stream, nullptr);
  const Target archive = Value(LookAtTarget(Write("sbom.json", std::string("etc/passwd\0\0", 12)), {}));
  EXPECT_FALSE(archive.document || archive.like_document);
  EXPECT_FALSE(Value(LookAtTarget(Write("script", "#!/bin/sh\n"), {})).like_document);
  EXPECT_FALSE(Value(LookAtTarget(folder_.Path().string(), {})).document);
}

TEST_F(TargetTest, SchemesTakeAnyContent) {
  EXPECT_EQ(Value(LookAtTarget("sbom:" + Write("a", "anything"), {})).document, "anything");
  EXPECT_EQ(Value(LookAtTarget("purl:" + Write("a", ""), {})).document, "");
  ExpectError(LookAtTarget("sbom:" + folder_.Path().string(), {}), ErrorKind::kInvalidInput, "a folder");
  ExpectError(LookAtTarget("sbom:" + (folder_.Path() / "none").string(), {}), ErrorKind::kNotFound);
  ExpectError(LookAtTarget("sbom:", {}), ErrorKind::kInvalidInput);
}

// A pipe may be read once only: what was looked at is not lost to whoever reads an archive from it.
TEST_F(TargetTest, PipesThatAreNoDocumentsGoOnFromTheirBeginning) {
  const std::string archive = std::string(5000, 'x') + std::string(5000, 'y');
  const std::string pipe = (folder_.Path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { test::WriteFile(pipe, archive); });
  Target target = Value(LookAtTarget(pipe, {}));
  if (target.stream == nullptr) writer.detach();
  ASSERT_NE(target.stream, nullptr);
  EXPECT_EQ(Value(target.stream->ReadText(100'000)), archive);
  writer.join();
}

}  // namespace
}  // namespace holdfast::cli
