#include "advisory/updateinfo.h"

#include <algorithm>
#include <utility>

#include "advisory/source_reader.h"
#include "base/format.h"
#include "base/text.h"
#include "io/xml.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kTextBytesMax = 64'000;  // of one description

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

Result<void> AddReferences(io::XmlView list, model::Advisory& advisory) {
  std::string named;  // all in which CVEs may stand, so that they are looked for once
  std::size_t count = 0;
  for (const io::XmlView reference : list.Named("reference")) {
    if (++count > kUpdateinfoReferencesMax) return Fail(ErrorKind::kLimit, "too many references");
    named += Format("{} {} ", reference.Attribute("id"), reference.Attribute("title"));
    const std::string_view type = reference.Attribute("type");
    if (const std::string_view url = reference.Attribute("href"); !url.empty())
      advisory.references.push_back({type == "self"       ? "ADVISORY"
                                     : type == "bugzilla" ? "REPORT"
                                                          : "WEB",
                                     std::string(url)});
  }
  AddCvesOf(named, advisory.related);
  return {};
}

Result<ErratumBuild> BuildOf(io::XmlView package, const std::string& module_label) {
  ErratumBuild build;
  build.name = package.Attribute("name");
  build.architecture = package.Attribute("arch");
  build.module_label = module_label;
  HF_TRY(build.evr,
         RpmVersionOf(package.Attribute("epoch"), package.Attribute("version"), package.Attribute("release")));
  if (!IsRpmName(build.name)) return Fail(ErrorKind::kCorrupt, Format("{} of no package", build.evr));
  if (!IsId(build.architecture)) return Fail(ErrorKind::kCorrupt, Format("{} without an architecture", build.name));
  return build;
}

std::string ModuleOf(io::XmlView collection) {
  const io::XmlView module = collection["module"];
  const std::string_view name = module.Attribute("name"), stream = module.Attribute("stream");
  return name.empty() || stream.empty() ? std::string() : Format("{}:{}", CleanText(name, 100), CleanText(stream, 100));
}

Result<void> AddBuilds(io::XmlView list, Update& update) {
  for (const io::XmlView collection : list.Named("collection")) {
    if (update.collection.empty()) update.collection = collection.Attribute("short");
    const std::string module_label = ModuleOf(collection);
    for (const io::XmlView package : collection.Named("package")) {
      if (update.builds.size() >= kUpdateinfoPackagesMax) return Fail(ErrorKind::kLimit, "too many packages");
      HF_TRY(ErratumBuild build, BuildOf(package, module_label));
      update.builds.push_back(std::move(build));
    }
  }
  return {};
}

Result<Update> UpdateOf(io::XmlView view) {
  Update update;
  update.from = view.Attribute("from");
  update.status = view.Attribute("status");
  update.type = view.Attribute("type");
  update.release = view["release"].Text();
  model::Advisory& head = update.head;
  head.id = view["id"].Text();
  if (!IsId(head.id)) return Fail(ErrorKind::kCorrupt, "an erratum without a usable id");
  head.summary = CleanText(view["title"].Text());
  head.details = view["description"].Text().substr(0, kTextBytesMax);
  head.severity = ErratumSeverity(view["severity"].Text());
  head.published = ErratumDate(view["issued"].Attribute("date"));
  head.modified = ErratumDate(view["updated"].Attribute("date"));
  HF_CHECK_OK(AddReferences(view["references"], head));
  HF_CHECK_OK(AddBuilds(view["pkglist"], update));
  return update;
}

}  // namespace

bool IsUpdateinfoFrom(const Document& document, std::string_view sender) {
  if (document.notation != Notation::kXml) return false;
  const std::string_view head = document.text.substr(0, kUpdateinfoRecognitionBytes);
  const std::size_t root = head.find("<updates");
  const std::size_t first = root == std::string_view::npos ? root : head.find("<update ", root);
  if (first == std::string_view::npos) return false;
  const std::string_view tag = head.substr(first, head.find('>', first) - first);
  return tag.contains(Format(" from=\"{}\"", sender)) || tag.contains(Format(" from='{}'", sender));
}

Result<void> ReadUpdateinfo(std::string_view text, AdvisorySink& sink,
                            const std::function<Result<void>(Update&)>& read) {
  HF_TRY(const io::XmlDocument document,
         io::XmlDocument::Parse(text, {.bytes_max = kDocumentBytesMax, .nodes_max = kUpdateinfoNodesMax}));
  if (document.Root().Name() != "updates") return Fail(ErrorKind::kCorrupt, "no list of updates");
  std::size_t count = 0;
  for (const io::XmlView view : document.Root().Named("update")) {
    if (++count > kUpdateinfoUpdatesMax) return Fail(ErrorKind::kLimit, "too many updates");
    auto update = UpdateOf(view);
    const Result<void> result = update ? read(*update) : Result<void>(std::unexpected(update.error()));
    if (!result) sink.Problem(result.error().In(CleanText(view["id"].Text(), 100)));
  }
  if (count == 0) return Fail(ErrorKind::kCorrupt, "no updates");
  return {};
}

}  // namespace holdfast::advisory
