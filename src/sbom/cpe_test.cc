#include "sbom/cpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sbom/syft_json.h"

namespace holdfast::sbom {
namespace {

using testing::ElementsAre;

TEST(Cpe, EscapesWhatIsNoPartOfAName) {
  EXPECT_EQ(MakeCpe("OpenSSL", "openssl", "1.1.1k-1+deb11u1"),
            "cpe:2.3:a:openssl:openssl:1.1.1k-1\\+deb11u1:*:*:*:*:*:*:*");
  EXPECT_EQ(MakeCpe("a:b", "c d", ""), "cpe:2.3:a:a\\:b:c_d:*:*:*:*:*:*:*:*");
}

TEST(Cpe, OneCandidateFromTheName) {
  model::Package package;
  package.name = "github.com/owner/tool";
  package.version = "v1.2.3";
  package.ecosystem = "Go";
  EXPECT_THAT(CpesOf(package), ElementsAre("cpe:2.3:a:tool:tool:v1.2.3:*:*:*:*:*:*:*"));
  package = {};
  package.name = "bash";
  package.version = "2:5.1-2";
  EXPECT_THAT(CpesOf(package), ElementsAre("cpe:2.3:a:bash:bash:5.1-2:*:*:*:*:*:*:*"));
}

TEST(Cpe, WhatADocumentStatedGoesBefore) {
  model::Package package;
  package.name = "x";
  package.attributes = {{std::string(kCpesAttribute), "cpe:2.3:a:a:b:1:*:*:*:*:*:*:* cpe:2.3:a:c:d:1:*:*:*:*:*:*:*"}};
  EXPECT_THAT(CpesOf(package), ElementsAre("cpe:2.3:a:a:b:1:*:*:*:*:*:*:*", "cpe:2.3:a:c:d:1:*:*:*:*:*:*:*"));
}

}  // namespace
}  // namespace holdfast::sbom
