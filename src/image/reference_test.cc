// The vectors are facts of the grammar as distribution/reference tests it (reference_test.go,
// normalize_test.go of version 0.6).
#include "image/reference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::ExpectError;
using test::Value;

std::string Repeat(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append(text);
  return all;
}

const std::string kDigest = "sha256:" + std::string(64, 'f');

TEST(Reference, AcceptsWhatDockerAccepts) {
  const std::vector<std::string> valid = {"docker/docker",
                                          "library/debian",
                                          "debian",
                                          "docker.io/docker/docker",
                                          "docker.io/library/debian",
                                          "docker.io/debian",
                                          "index.docker.io/docker/docker",
                                          "index.docker.io/library/debian",
                                          "index.docker.io/debian",
                                          "127.0.0.1:5000/docker/docker",
                                          "127.0.0.1:5000/library/debian",
                                          "127.0.0.1:5000/debian",
                                          "192.168.0.1",
                                          "192.168.0.1:80",
                                          "192.168.0.1:8/debian",
                                          "192.168.0.2:25000/debian",
                                          "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
                                          "[fc00::1]:5000/docker",
                                          "[fc00::1]:5000/docker/docker",
                                          "[fc00:1:2:3:4:5:6:7]:5000/library/debian",
                                          "docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
                                          "Docker/docker",
                                          "DOCKER/docker",
                                          "docker-rules/docker",
                                          "docker---rules/docker",
                                          "doc/docker",
                                          "d/docker",
                                          "jess/t",
                                          "dock__er/docker",
                                          "[2001:db8::1]/repo",
                                          "[2001:db8::1]:5000/repo:tag@" + kDigest,
                                          "[::1]:5000/repo",
                                          "lowercase:Uppercase",
                                          Repeat("a/", 127) + "a:tag-puts-this-over-max"};
  for (const std::string& text : valid) EXPECT_TRUE(Reference::Parse(text)) << text;
}

TEST(Reference, RefusesWhatDockerRefuses) {
  const std::vector<std::string> invalid = {"",
                                            "https://github.com/docker/docker",
                                            "docker/Docker",
                                            "-docker",
                                            "-docker/docker",
                                            "-docker.io/docker/docker",
                                            "docker///docker",
                                            "docker.io/docker/Docker",
                                            "docker.io/docker///docker",
                                            "[fc00::1]",
                                            "[fc00::1]:5000",
                                            "fc00::1:5000/debian",
                                            "[fe80::1%eth0]:5000/debian",
                                            "[2001:db8:3:4::192.0.2.33]:5000/debian",
                                            "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
                                            "docker-/docker",
                                            "-docker-/docker",
                                            "____/____",
                                            "_docker/_docker",
                                            "dock..er/docker",
                                            "dock_.er/docker",
                                            "dock-.er/docker",
                                            "docker/",
                                            Repeat("a", 256) + "/docker",
                                            ":justtag",
                                            "@" + kDigest,
                                            "repo@sha256:" + std::string(34, 'f'),
                                            "validname@invaliddigest:" + std::string(64, 'f'),
                                            "Uppercase:tag",
                                            "test:5000/Uppercase/lowercase:tag",
                                            "a/" + Repeat("a/", 128) + "a:tag",
                                            "aa/asdf$$^/aa",
                                            "[2001:db8::1]:tag",
                                            "[fe80::1%@invalidzone]:5000/repo",
                                            "foo:-foo",
                                            "foo:" + std::string(129, 'a'),
                                            "foo:",
                                            "foo@",
                                            "a/b:c/d",
                                            "localhost:/x",
                                            "dock___er/docker"};
  for (const std::string& text : invalid) EXPECT_FALSE(Reference::Parse(text)) << text;
}

TEST(Reference, SplitsDomainPathTagAndDigest) {
  struct Case {
    std::string text, domain, path, tag;
    bool digest;
  };
  const std::vector<Case> cases = {
      {"test.com/foo", "test.com", "foo", "", false},
      {"test_com/foo", "docker.io", "test_com/foo", "", false},
      {"docker/migrator", "docker.io", "docker/migrator", "", false},
      {"test.com:8080/foo", "test.com:8080", "foo", "", false},
      {"test-com:8080/foo", "test-com:8080", "foo", "", false},
      {"foo", "docker.io", "library/foo", "", false},
      {"xn--n3h.com:18080/foo", "xn--n3h.com:18080", "foo", "", false},
      {"docker.io/library/foo/bar", "docker.io", "library/foo/bar", "", false},
      {"localhost/a", "localhost", "a", "", false},
      {"local/a", "docker.io", "local/a", "", false},
      {"test.com:tag", "docker.io", "library/test.com", "tag", false},
      {"192.168.1.1:5000/repo:5050", "192.168.1.1:5000", "repo", "5050", false},
      {"Foo/bar", "Foo", "bar", "", false},
      {"busybox:latest@" + kDigest, "docker.io", "library/busybox", "latest", true},
      {"test:5000/repo@" + kDigest, "test:5000", "repo", "", true},
  };
  for (const Case& c : cases) {
    const Reference reference = Value(Reference::Parse(c.text));
    EXPECT_EQ(reference.domain, c.domain) << c.text;
    EXPECT_EQ(reference.path, c.path) << c.text;
    EXPECT_EQ(reference.tag, c.tag) << c.text;
    EXPECT_EQ(reference.digest.has_value(), c.digest) << c.text;
  }
}

TEST(Reference, HasAFamiliarAndACanonicalForm) {
  struct Case {
    std::string text, familiar, canonical;
  };
  const std::vector<Case> cases = {
      {"index.docker.io/fooo/bar", "fooo/bar", "docker.io/fooo/bar"},
      {"library/ubuntu", "ubuntu", "docker.io/library/ubuntu"},
      {"docker.io/foo", "foo", "docker.io/library/foo"},
      {"library/foo/bar", "library/foo/bar", "docker.io/library/foo/bar"},
      {"127.0.0.1:8000/privatebase", "127.0.0.1:8000/privatebase", "127.0.0.1:8000/privatebase"},
      {"index.docker.io/library/ubuntu-12.04-base", "ubuntu-12.04-base", "docker.io/library/ubuntu-12.04-base"},
      {"FOO/bar", "FOO/bar", "FOO/bar"},
      {"busybox:1@" + kDigest, "busybox:1@" + kDigest, "docker.io/library/busybox:1@" + kDigest},
  };
  for (const Case& c : cases) {
    const Reference reference = Value(Reference::Parse(c.text));
    EXPECT_EQ(reference.FamiliarText(), c.familiar) << c.text;
    EXPECT_EQ(reference.Text(), c.canonical) << c.text;
    EXPECT_EQ(Value(Reference::Parse(reference.FamiliarText())), reference) << c.text;
  }
}

TEST(Reference, AsksForTheDigestBeforeTheTag) {
  EXPECT_EQ(Value(Reference::Parse("a")).ManifestKey(), "latest");
  EXPECT_EQ(Value(Reference::Parse("a:1")).ManifestKey(), "1");
  EXPECT_EQ(Value(Reference::Parse("a:1@" + kDigest)).ManifestKey(), kDigest);
  EXPECT_EQ(Value(Reference::Parse("a@" + kDigest)).TagOrLatest(), "");
}

TEST(Reference, SaysWhichRuleIsBroken) {
  ExpectError(Reference::Parse("docker/Docker"), ErrorKind::kInvalidInput, "lower case");
  ExpectError(Reference::Parse(std::string(64, 'a')), ErrorKind::kInvalidInput, "image id");
  ExpectError(Reference::Parse("a@sha512:" + std::string(128, 'f')), ErrorKind::kUnsupported, "sha512");
  ExpectError(Reference::Parse("a:b!"), ErrorKind::kInvalidInput, "tag");
}

}  // namespace
}  // namespace holdfast::image
