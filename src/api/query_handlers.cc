#include "api/query_handlers.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "advisory/snapshot.h"
#include "api/call_account.h"
#include "api/error_response.h"
#include "base/clock.h"
#include "model/package.h"
#include "model/severity.h"
#include "sbom/anchore_types.h"
#include "sbom/anchore_vulnerabilities.h"
#include "service/image_report.h"
#include "service/published_snapshot.h"
#include "service/vulnerability_query.h"
#include "store/analyses.h"
#include "store/images.h"

namespace holdfast::api {
namespace {

using io::JsonWriter;

// The part of a result that is answered.
struct Page {
  std::int64_t number = 1;
  std::size_t first = 0, last = 0, total = 0;

  [[nodiscard]] static Page Of(const Call& call, std::size_t total) {
    Page page{.number = call.params.Integer("page", 1), .total = total};
    const std::int64_t limit = call.params.Integer("limit", 0);
    if (limit <= 0) {
      page.last = page.number == 1 ? total : 0;
      return page;
    }
    // Both are below 2^30.
    page.first = std::min(total, static_cast<std::size_t>((page.number - 1) * limit));
    page.last = std::min(total, page.first + static_cast<std::size_t>(limit));
    return page;
  }

  void WriteHead(JsonWriter& writer) const {
    writer.BeginObject().Field("page", std::to_string(number)).Key("next_page");
    if (last < total && last > first)
      writer.String(std::to_string(number + 1));
    else
      writer.Bool(false);
    writer.Key("returned_count").Unsigned(last - first).Key("total_count").Unsigned(total);
  }
};

void WriteImageReference(JsonWriter& writer, const store::Image& image) {
  writer.Key("image")
      .BeginObject()
      .Field("imageDigest", image.digest.Text())
      .Field("imageId", image.image_id ? image.image_id->Hex() : std::string())
      .Key("analyzed_at");
  if (image.analyzed_at)
    writer.String(FormatTime(*image.analyzed_at));
  else
    writer.Null();
  writer.Key("tag_history").BeginArray();
  for (const store::ImageTag& tag : image.tags)
    writer.BeginObject()
        .Field("registry", tag.registry)
        .Field("repo", tag.repository)
        .Field("tag", tag.tag)
        .Field("fulltag", tag.FullTag())
        .Field("tag_detected_at", FormatTime(tag.detected_at))
        .EndObject();
  writer.EndArray().EndObject();
}

// Our word for a kind of package in Anchore's words.
std::string TypeName(const std::string& type) { return std::string(sbom::AnchorePackageType({.type = type})); }

// Hits by image, in the order of images.
template <typename Hit>
using ByImage = std::map<std::int64_t, std::vector<Hit>>;

// One page of images, each with its hits under `key`.
template <typename Hit>
Result<http::ServerResponse> ImagesResponse(Context& context, const Call& call, const ByImage<Hit>& hits,
                                            std::string_view key, void (*write)(JsonWriter&, const Hit&)) {
  const Page page = Page::Of(call, hits.size());
  std::vector<std::int64_t> rows;
  std::size_t index = 0;
  for (const auto& [row, unused] : hits) {
    if (index >= page.first && index < page.last) rows.push_back(row);
    ++index;
  }
  HF_TRY(const auto images, context.Use().platform.database.Read(
                                [&](store::Session& session) { return store::ListImagesByRow(session, rows); }));
  JsonWriter writer;
  page.WriteHead(writer);
  writer.Key("images").BeginArray();
  for (const store::Image& image : images) {
    writer.BeginObject();
    WriteImageReference(writer, image);
    writer.Key(key).BeginArray();
    for (const Hit& hit : hits.at(image.row)) write(writer, hit);
    writer.EndArray().EndObject();
  }
  writer.EndArray().EndObject();
  return JsonResponse(writer.Take());
}

void WriteAffected(JsonWriter& writer, const store::AffectedImage& hit) {
  writer.BeginObject()
      .Field("name", hit.package)
      .Field("version", hit.version)
      .Field("type", TypeName(hit.type))
      .Field("namespace", hit.name_space)
      .Field("severity", model::SeverityName(static_cast<model::Severity>(hit.severity)))
      .EndObject();
}

void WritePackage(JsonWriter& writer, const store::ImagePackage& hit) {
  writer.BeginObject()
      .Field("name", hit.name)
      .Field("version", hit.version)
      .Field("type", TypeName(hit.type))
      .EndObject();
}

void WriteVulnerability(JsonWriter& writer, const service::KnownVulnerability& known, std::string_view base_url) {
  const model::Finding& finding = known.finding;
  const auto link = std::ranges::find(finding.references, "ADVISORY", &model::Reference::type);
  writer.BeginObject().Field("id", finding.id).Field("namespace", known.name_space);
  writer.Field("severity", model::SeverityName(finding.severity));
  writer.Field("link", link != finding.references.end() ? link->url
                       : finding.references.empty()
                           ? std::string(base_url) + "/v1/query/vulnerabilities?id=" + finding.id
                           : finding.references.front().url);
  writer.Field("description", known.description).Key("affected_packages").BeginArray();
  for (const service::VulnerablePackage& package : known.packages)
    writer.BeginObject()
        .Field("name", package.name)
        .Field("version", package.version)
        .Field("type", package.type)
        .Key("will_not_fix")
        .Bool(package.will_not_fix)
        .EndObject();
  writer.EndArray();
  sbom::WriteAnchoreScores(finding, writer);
  writer.Key("references").BeginArray();
  for (const model::Reference& reference : finding.references)
    writer.BeginObject()
        .Field("source", finding.source)
        .Key("tags")
        .BeginArray()
        .String(reference.type)
        .EndArray()
        .Field("url", reference.url)
        .EndObject();
  writer.EndArray().EndObject();
}

Result<std::vector<store::AffectedImage>> AffectedImages(Context& context, const Call& call,
                                                         const store::Account& account) {
  const service::Platform& platform = context.Use().platform;
  const std::string_view id = call.params.Text("vulnerability_id");
  HF_TRY(const auto as_of, TimeOf(call, "as_of"));
  if (as_of) HF_CHECK_OK(service::CheckAsOf(platform, *as_of));
  return platform.database.Read([&](store::Session& session) {
    return as_of ? store::FindImagesByVulnerabilityAsOf(session, account.id, id, *as_of)
                 : store::FindImagesByVulnerability(session, account.id, id);
  });
}

// What was asked for, with everything that the snapshot in force knows of it.
Result<std::vector<service::KnownVulnerability>> Known(Context& context, const Call& call) {
  service::LocalSnapshot* local = context.Use().snapshot;
  const auto held = local == nullptr ? nullptr : local->Current();
  if (held == nullptr) return std::vector<service::KnownVulnerability>();
  HF_TRY(const auto snapshot, advisory::Snapshot::Open(held->file));
  return service::FindVulnerabilities(*snapshot, {.ids = call.params.List("id"),
                                                  .package = std::string(call.params.Text("affected_package")),
                                                  .version = std::string(call.params.Text("affected_package_version")),
                                                  .name_spaces = call.params.List("namespace")});
}

}  // namespace

Result<http::ServerResponse> QueryImagesByVulnerability(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto affected, AffectedImages(context, call, account));
  const std::string_view name_space = call.params.Text("namespace");
  const std::string_view package = call.params.Text("affected_package");
  const auto severity = model::ParseSeverity(call.params.Text("severity"));
  const bool by_severity = call.params.Has("severity");
  const bool vendor_only = call.params.Bool("vendor_only", true);
  ByImage<store::AffectedImage> hits;
  for (const store::AffectedImage& hit : affected) {
    if (!name_space.empty() && hit.name_space != name_space) continue;
    if (!package.empty() && hit.package != package) continue;
    if (by_severity && (!severity || hit.severity != static_cast<std::int64_t>(*severity))) continue;
    if (vendor_only && hit.will_not_fix) continue;
    hits[hit.image_row].push_back(hit);
  }
  return ImagesResponse(context, call, hits, "vulnerable_packages", &WriteAffected);
}

Result<http::ServerResponse> QueryImagesByPackage(Context& context, const Call& call) {
  HF_TRY(const auto account, AccountOf(context, call));
  HF_TRY(const auto found, context.Use().platform.database.Read([&](store::Session& session) {
    return store::FindImagesByPackage(session, account.id, call.params.Text("name"), call.params.Text("version"), "");
  }));
  const std::string_view type = call.params.Text("package_type");
  ByImage<store::ImagePackage> hits;
  for (const store::ImagePackage& hit : found)
    if (type.empty() || hit.type == type || TypeName(hit.type) == type) hits[hit.image_row].push_back(hit);
  return ImagesResponse(context, call, hits, "packages", &WritePackage);
}

Result<http::ServerResponse> QueryVulnerabilities(Context& context, const Call& call) {
  HF_TRY(const auto known, Known(context, call));
  const Page page = Page::Of(call, known.size());
  JsonWriter writer;
  page.WriteHead(writer);
  writer.Key("vulnerabilities").BeginArray();
  for (std::size_t i = page.first; i < page.last; ++i)
    WriteVulnerability(writer, known[i], context.Use().platform.api_url);
  writer.EndArray().EndObject();
  return JsonResponse(writer.Take());
}

}  // namespace holdfast::api
