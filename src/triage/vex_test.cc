#include "triage/vex.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"

namespace holdfast::triage {
namespace {

using test::ExpectError;
using test::Value;

constexpr std::string_view kOpenVex = R"({
  "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex-1", "author": "team",
  "timestamp": "2026-01-01T00:00:00Z",
  "statements": [
    {"vulnerability": {"name": "CVE-2024-1", "aliases": ["GHSA-aaaa-bbbb-cccc"]},
     "products": [{"@id": "pkg:oci/app@sha256:11", "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]}],
     "status": "not_affected", "justification": "vulnerable_code_not_present", "impact_statement": "built without it"},
    {"vulnerability": "CVE-2024-2", "products": ["pkg:deb/debian/curl@8"], "status": "fixed",
     "timestamp": "2026-02-01T00:00:00Z"},
    {"vulnerability": {"name": "CVE-2024-3"}, "products": [{"@id": "pkg:a/b"}], "status": "no such status"},
    {"vulnerability": {"name": "CVE-2024-4"}, "status": "affected"}]})";

TEST(ReadVex, OpenVexOldAndNew) {
  const VexDocument document = Value(ReadVex(kOpenVex, "a.json", VexLevel::kSupplier));
  EXPECT_EQ(document.id, "https://example.com/vex-1");
  EXPECT_EQ(document.author, "team");
  ASSERT_EQ(document.statements.size(), 2U);
  const VexStatement& first = document.statements[0];
  EXPECT_EQ(first.vulnerabilities, (std::vector<std::string>{"CVE-2024-1", "GHSA-aaaa-bbbb-cccc"}));
  EXPECT_EQ(first.status, VexStatus::kNotAffected);
  EXPECT_EQ(first.justification, "vulnerable_code_not_present");
  EXPECT_EQ(first.text, "built without it");
  EXPECT_EQ(first.timestamp, "2026-01-01T00:00:00Z");
  ASSERT_EQ(first.products.size(), 1U);
  EXPECT_EQ(first.products[0].ids, std::vector<std::string>{"pkg:oci/app@sha256:11"});
  EXPECT_EQ(first.products[0].subcomponents, std::vector<std::string>{"pkg:deb/debian/openssl"});
  EXPECT_EQ(document.statements[1].status, VexStatus::kFixed);
  EXPECT_EQ(document.statements[1].timestamp, "2026-02-01T00:00:00Z");
  EXPECT_EQ(document.problems,
            (std::vector<std::string>{"a statement about \"CVE-2024-3\" with status \"no such status\"",
                                      "a statement about CVE-2024-4 that names no product"}));
}

constexpr std::string_view kCycloneDx = R"({
  "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:1",
  "metadata": {"timestamp": "2026-01-01T00:00:00Z", "component": {"bom-ref": "app", "purl": "pkg:oci/app"}},
  "components": [{"bom-ref": "a", "purl": "pkg:npm/a@1", "components": [{"bom-ref": "b", "purl": "pkg:npm/b@1"}]}],
  "vulnerabilities": [
    {"id": "CVE-2024-1", "references": [{"id": "GHSA-aaaa-bbbb-cccc"}],
     "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "never called"},
     "affects": [{"ref": "b"}, {"ref": "urn:cdx:1/1#a"}, {"ref": "pkg:npm/c@2"}]},
    {"id": "CVE-2024-2", "analysis": {"state": "exploitable"}, "affects": [{"ref": "app"}]},
    {"id": "CVE-2024-3", "affects": [{"ref": "a"}]},
    {"id": "CVE-2024-4", "analysis": {"state": "odd"}, "affects": [{"ref": "a"}]}]})";

TEST(ReadVex, CycloneDxByComponentLinkAndUrl) {
  const VexDocument document = Value(ReadVex(kCycloneDx, "a.json", VexLevel::kOwn));
  ASSERT_EQ(document.statements.size(), 2U);
  const VexStatement& first = document.statements[0];
  EXPECT_EQ(first.vulnerabilities, (std::vector<std::string>{"CVE-2024-1", "GHSA-aaaa-bbbb-cccc"}));
  ASSERT_EQ(first.products.size(), 3U);
  EXPECT_EQ(first.products[0].ids.front(), "pkg:npm/b@1");
  EXPECT_EQ(first.products[1].ids.front(), "pkg:npm/a@1");
  EXPECT_EQ(first.products[2].ids.front(), "pkg:npm/c@2");
  EXPECT_EQ(first.text, "never called");
  EXPECT_EQ(document.statements[1].status, VexStatus::kAffected);
  EXPECT_EQ(document.problems, std::vector<std::string>{"\"CVE-2024-4\" in state \"odd\""});
}

constexpr std::string_view kCsaf = R"({
  "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
    "publisher": {"category": "vendor", "name": "n", "namespace": "https://example.com"},
    "tracking": {"id": "EX-1", "status": "final", "version": "1", "current_release_date": "2026-01-01T00:00:00Z",
                 "initial_release_date": "2026-01-01T00:00:00Z", "revision_history": []}},
  "product_tree": {
    "full_product_names": [
      {"product_id": "os", "name": "os", "product_identification_helper": {"cpe": "cpe:/o:example:os:9"}},
      {"product_id": "image", "name": "i", "product_identification_helper": {"purl": "pkg:oci/app"}},
      {"product_id": "lib", "name": "l", "product_identification_helper": {"purl": "pkg:rpm/example/lib"}},
      {"product_id": "nameless", "name": "x"}],
    "relationships": [
      {"category": "default_component_of", "product_reference": "lib", "relates_to_product_reference": "os",
       "full_product_name": {"product_id": "os:lib", "name": "l"}},
      {"category": "default_component_of", "product_reference": "lib", "relates_to_product_reference": "image",
       "full_product_name": {"product_id": "image:lib", "name": "l"}}]},
  "vulnerabilities": [
    {"cve": "CVE-2024-1", "product_status": {"known_not_affected": ["os:lib"], "known_affected": ["image:lib"]}},
    {"cve": "CVE-2024-2", "product_status": {"known_not_affected": ["nameless"]}}]})";

TEST(ReadVex, CsafByComponentAndPlatform) {
  const VexDocument document = Value(ReadVex(kCsaf, "a.json", VexLevel::kDistro));
  EXPECT_EQ(document.id, "EX-1");
  ASSERT_EQ(document.statements.size(), 2U);
  const VexProduct& on_os = document.statements[0].products.at(0);
  EXPECT_EQ(document.statements[0].status, VexStatus::kNotAffected);
  EXPECT_EQ(on_os.ids, std::vector<std::string>{"pkg:rpm/example/lib"});
  EXPECT_EQ(on_os.platform_cpe, "cpe:/o:example:os:9");
  const VexProduct& in_image = document.statements[1].products.at(0);
  EXPECT_EQ(in_image.ids, std::vector<std::string>{"pkg:oci/app"});
  EXPECT_EQ(in_image.subcomponents, std::vector<std::string>{"pkg:rpm/example/lib"});
  EXPECT_EQ(document.problems, std::vector<std::string>{"CVE-2024-2: no product has a package URL"});
}

TEST(ReadVex, OtherAndBrokenDocumentsAreErrors) {
  ExpectError(ReadVex(R"({"spdxVersion": "SPDX-2.3"})", "a.json", VexLevel::kOwn), ErrorKind::kUnsupported, "a.json");
  ExpectError(ReadVex("{", "a.json", VexLevel::kOwn), ErrorKind::kCorrupt);
  ExpectError(ReadVex(R"({"@context": "https://openvex.dev/ns", "statements": 1})", "a.json", VexLevel::kOwn),
              ErrorKind::kCorrupt, "without statements");
  ExpectError(ReadVex(R"({"bomFormat": "CycloneDX"})", "a.json", VexLevel::kOwn), ErrorKind::kCorrupt,
              "without vulnerabilities");
}

TEST(ReadVex, CutTextsAreErrorsOrLess) {
  for (const std::string_view whole : {kOpenVex, kCycloneDx, kCsaf})
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
      ExpectError(ReadVex(whole.substr(0, bytes), "a.json", VexLevel::kOwn), ErrorKind::kCorrupt);
}

TEST(ReadVex, NestedComponentsAreBounded) {
  std::string text = R"({"bomFormat": "CycloneDX", "vulnerabilities": [], "components": [)";
  for (int i = 0; i < 25; ++i) text += R"({"components": [)";
  for (int i = 0; i < 25; ++i) text += "]}";
  text += "]}";
  EXPECT_TRUE(ReadVex(text, "a.json", VexLevel::kOwn));
}

}  // namespace
}  // namespace holdfast::triage
