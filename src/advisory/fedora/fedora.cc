#include "advisory/fedora/fedora.h"

#include <string>
#include <utility>
#include <vector>

#include "advisory/errata.h"
#include "advisory/fedora/release.h"
#include "advisory/updateinfo.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using io::JsonView;

constexpr std::string_view kSender = "updates@fedoraproject.org";
constexpr std::size_t kUpdatesMax = 1'000'000;  // of one document
constexpr std::size_t kBuildsMax = 10'000;      // of one update: a rebuild of a desktop has some hundreds
constexpr std::size_t kBugsMax = 10'000;        // likewise
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kTextBytesMax = 64'000;

enum class Stage : std::uint8_t { kPublished, kTested, kGone };

Stage StageOf(std::string_view status) {
  if (status == "stable") return Stage::kPublished;
  return status == "testing" || status == "pending" ? Stage::kTested : Stage::kGone;
}

// The list of updates in one of the API's forms; the null view in another document.
JsonView UpdatesIn(JsonView root) { return root.IsArray() ? root : root["updates"]; }

bool IsBodhi(JsonView root) {
  const JsonView first = UpdatesIn(root).At(0);
  return UpdatesIn(root).IsArray() && first["alias"].IsString() && first["builds"].IsArray() &&
         first["release"]["id_prefix"].StringOr("").starts_with("FEDORA");
}

model::Severity BodhiSeverity(std::string_view word) {
  return word == "urgent" ? model::Severity::kCritical : ErratumSeverity(word);
}

Result<model::Advisory> HeadOf(JsonView update) {
  model::Advisory head;
  head.id = update["alias"].StringOr("");
  if (!IsRpmName(head.id) || head.id.size() > kIdBytesMax)
    return Fail(ErrorKind::kCorrupt, "an update without a usable alias");
  head.source = "fedora";
  head.summary = CleanText(update["title"].StringOr(""));
  head.details = update["notes"].StringOr("").substr(0, kTextBytesMax);
  head.severity = BodhiSeverity(update["severity"].StringOr(""));
  head.published = ErratumDate(update["date_submitted"].StringOr(""));
  for (const std::string_view date : {"date_submitted", "date_modified", "date_pushed"})
    head.modified = std::max(head.modified, ErratumDate(update[date].StringOr("")));
  if (const std::string_view url = update["url"].StringOr(""); !url.empty())
    head.references.push_back({"ADVISORY", std::string(url)});
  const JsonView bugs = update["bugs"];
  if (bugs.Size() > kBugsMax) return Fail(ErrorKind::kLimit, "too many bugs");
  std::string titles;
  for (const JsonView bug : bugs) {
    titles += Format("{} ", bug["title"].StringOr(""));
    if (const auto id = bug["bug_id"].Integer())
      head.references.push_back({"REPORT", Format("https://bugzilla.redhat.com/show_bug.cgi?id={}", *id)});
  }
  AddCvesOf(titles, head.related);
  return head;
}

Result<std::vector<ErratumBuild>> BuildsOf(JsonView list) {
  if (list.Size() > kBuildsMax) return Fail(ErrorKind::kLimit, "too many builds");
  std::vector<ErratumBuild> builds;
  for (const JsonView view : list) {
    if (view["type"].StringOr("rpm") != "rpm") continue;
    HF_TRY(const RpmName name, SplitNvr(view["nvr"].StringOr("")));
    const auto epoch = view["epoch"].Integer();
    ErratumBuild& build = builds.emplace_back();
    build.name = name.name;
    build.architecture = "src";
    HF_TRY(build.evr, RpmVersionOf(epoch ? Format("{}", *epoch) : "", name.version, name.release));
  }
  return builds;
}

class FedoraProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "fedora"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return IsUpdateinfoFrom(document, kSender) || IsBodhi(document.root);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    if (document.notation == Notation::kXml)
      return ReadUpdateinfo(document.text, sink, [&](Update& update) {
        update.head.source = "fedora";
        return Take(update, sink);
      });
    const JsonView updates = UpdatesIn(document.root);
    if (!updates.IsArray()) return Fail(ErrorKind::kCorrupt, "no list of updates");
    if (updates.Size() > kUpdatesMax) return Fail(ErrorKind::kLimit, "too many updates");
    for (const JsonView update : updates)
      if (const auto taken = TakeBodhi(update, sink); !taken)
        sink.Problem(taken.error().In(CleanText(update["alias"].StringOr(""), 100)));
    return {};
  }
  void Finish(AdvisorySink& sink) override { errata_.Give(sink); }

 private:
  Result<void> TakeBodhi(JsonView view, AdvisorySink& sink) {
    Update update;
    update.status = view["status"].StringOr("");
    update.type = view["type"].StringOr("");
    update.release = view["release"]["long_name"].StringOr("");
    HF_TRY(update.head, HeadOf(view));
    HF_TRY(update.builds, BuildsOf(view["builds"]));
    return Take(update, sink);
  }

  Result<void> Take(Update& update, AdvisorySink& sink) {
    const auto release = ParseFedoraRelease(update.release);
    if (!release && !update.release.starts_with("Fedora "))
      return Fail(ErrorKind::kCorrupt, Format("of the release \"{}\"", CleanText(update.release, 100)));
    const Stage stage = StageOf(update.status);
    if (!release || stage == Stage::kGone || update.type != "security") {
      sink.LeaveOut();
      return {};
    }
    for (ErratumBuild& build : update.builds) {
      build.ecosystem = release->ecosystem;
      build.release = release->release;
      build.evr = FedoraFix(*release, std::move(build.evr));
      build.published = stage == Stage::kPublished;
    }
    if (update.head.related.empty()) AddCvesOf(update.head.details, update.head.related);
    return errata_.Add(std::move(update.head), std::move(update.builds));
  }

  Errata errata_;
};

}  // namespace

std::unique_ptr<Provider> MakeFedoraProvider() { return std::make_unique<FedoraProvider>(); }

}  // namespace holdfast::advisory
