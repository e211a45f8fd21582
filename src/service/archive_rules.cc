#include "service/archive_rules.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "crypto/random.h"
#include "policy/pattern.h"
#include "service/archives.h"
#include "service/images.h"
#include "service/watchers.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
// Of matching one pattern.
constexpr std::uint64_t kPatternSteps = 1'000'000;

bool Fits(const std::string& pattern, const std::string& text) {
  policy::StepBudget budget{.left = kPatternSteps};
  return policy::WildcardMatches(pattern, text, budget);
}

bool Selects(const TagSelector& selector, const store::ImageTag& tag) {
  return Fits(selector.registry, tag.registry) && Fits(selector.repository, tag.repository) &&
         Fits(selector.tag, tag.tag);
}

TagSelector ReadSelector(io::JsonView view) {
  const auto part = [&](std::string_view key) {
    const std::string_view text = view[key].StringOr("");
    return text.empty() ? std::string("*") : std::string(text);
  };
  return {part("registry"), part("repository"), part("tag")};
}

bool IsSelector(io::JsonView view) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"registry", "repository", "tag"},
                             [&](std::string_view key) { return !view[key].StringOr("").empty(); });
}

void WriteSelector(io::JsonWriter& writer, const TagSelector& selector) {
  writer.Key("selector")
      .BeginObject()
      .Field("registry", selector.registry)
      .Field("repository", selector.repository)
      .Field("tag", selector.tag)
      .EndObject();
}

// With what the row says.
Result<ArchiveRule> FromStored(const store::ArchiveRule& stored) {
  HF_TRY(const auto document, io::JsonDocument::Parse(stored.document));
  HF_TRY(auto rule, ReadArchiveRule(document.Root()));
  rule.rule_id = stored.rule_id;
  rule.created_at = stored.created_at;
  rule.updated_at = stored.updated_at;
  return rule;
}

// One image or archived image, as rules see it.
struct Subject {
  std::string digest;
  std::int64_t since = 0;    // its age counts from here
  std::int64_t created = 0;  // what excludes count from
  std::vector<store::ImageTag> tags;
};

// How many newer subjects each tag of each subject has, by full tag and digest.
using Ranks = std::map<std::pair<std::string, std::string>, std::int64_t>;

Ranks RankTags(const std::vector<Subject>& subjects) {
  std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> by_tag;
  for (const Subject& subject : subjects)
    for (const store::ImageTag& tag : subject.tags)
      by_tag[tag.FullTag()].emplace_back(-tag.detected_at, subject.digest);
  Ranks ranks;
  for (auto& [full_tag, versions] : by_tag) {
    std::ranges::sort(versions);
    for (std::size_t i = 0; i < versions.size(); ++i)
      ranks.emplace(std::pair(full_tag, versions[i].second), static_cast<std::int64_t>(i));
  }
  return ranks;
}

bool Means(const ArchiveRule& rule, const Subject& subject, const store::ImageTag& tag, const Ranks& ranks,
           std::int64_t now) {
  if (rule.images_max >= 0 || !Selects(rule.selector, tag)) return false;
  if (rule.analysis_age_days >= 0 && now - subject.since <= rule.analysis_age_days * kDayMs) return false;
  if (rule.tag_versions_newer >= 0 && ranks.at({tag.FullTag(), subject.digest}) < rule.tag_versions_newer) return false;
  if (!rule.exclude || !Selects(*rule.exclude, tag)) return true;
  return rule.exclude_days >= 0 && now - subject.created > rule.exclude_days * kDayMs;
}

// The digests of the subjects all of whose tags are meant.
std::vector<std::string> Choose(const std::vector<ArchiveRule>& rules, bool archive,
                                const std::vector<Subject>& subjects, std::int64_t now) {
  const Ranks ranks = RankTags(subjects);
  std::vector<std::string> chosen;
  for (const Subject& subject : subjects) {
    const bool all = std::ranges::all_of(subject.tags, [&](const store::ImageTag& tag) {
      return std::ranges::any_of(rules, [&](const ArchiveRule& rule) {
        return rule.archive == archive && Means(rule, subject, tag, ranks, now);
      });
    });
    if (all && !subject.tags.empty()) chosen.push_back(subject.digest);
  }
  return chosen;
}

Result<std::vector<Subject>> WorkingSet(const Platform& platform, const store::Account& account) {
  HF_TRY(const auto images, platform.database.Read([&](store::Session& session) {
    return store::ListImages(
        session, account.id,
        {.image_status = store::ImageStatus::kActive, .analysis_status = store::AnalysisStatus::kAnalyzed});
  }));
  std::vector<Subject> subjects;
  subjects.reserve(images.size());
  for (const store::Image& image : images)
    subjects.push_back(
        {image.digest.Text(), image.analyzed_at.value_or(image.created_at), image.created_at, image.tags});
  return subjects;
}

// The oldest beyond the smallest images_max.
void AddSurplus(const std::vector<ArchiveRule>& rules, std::vector<Subject> subjects,
                std::vector<std::string>& chosen) {
  std::int64_t images_max = -1;
  for (const ArchiveRule& rule : rules)
    if (rule.archive && rule.images_max >= 0)
      images_max = images_max < 0 ? rule.images_max : std::min(images_max, rule.images_max);
  if (images_max < 0) return;
  std::ranges::sort(subjects, [](const Subject& a, const Subject& b) {
    return std::tie(b.created, b.digest) < std::tie(a.created, a.digest);
  });
  for (std::size_t i = static_cast<std::size_t>(images_max); i < subjects.size(); ++i)
    if (std::ranges::find(chosen, subjects[i].digest) == chosen.end()) chosen.push_back(subjects[i].digest);
}

Result<void> MoveToArchive(const Platform& platform, const store::Account& account, const std::string& digest,
                           RuleRun& run) {
  HF_TRY(const auto archived, ArchiveImage(platform, account, digest));
  if (archived.status != "archived") {
    platform.logger.Warning(Format("archive rules, account {}, {}: {}", account.name, digest, archived.detail));
    ++run.failed;
    return {};
  }
  HF_CHECK_OK(StartImageDeletion(platform, account, digest, true));
  ++run.archived;
  return {};
}

Result<void> DeleteByRules(const Platform& platform, const store::Account& account,
                           const std::vector<ArchiveRule>& rules, RuleRun& run) {
  HF_TRY(const auto archived, ListArchived(platform, account));
  std::vector<Subject> subjects;
  for (const store::ArchivedImage& image : archived)
    if (image.status == "archived")
      subjects.push_back({image.digest.Text(), image.created_at, image.created_at, TagsOf(image)});
  for (const std::string& digest : Choose(rules, false, subjects, platform.Now())) {
    const auto deleted = DeleteArchived(platform, account, digest, false);
    ++(deleted ? run.deleted : run.failed);
  }
  return {};
}

}  // namespace

void ArchiveRule::Write(io::JsonWriter& writer) const {
  writer.BeginObject().Field("rule_id", rule_id).Field("transition", archive ? "archive" : "delete");
  WriteSelector(writer, selector);
  const auto number = [&](std::string_view key, std::int64_t value) { writer.Key(key).Integer(value); };
  number("tag_versions_newer", tag_versions_newer);
  number("analysis_age_days", analysis_age_days);
  writer.Key("system_global").Bool(system_global);
  writer.Key("exclude").BeginObject();
  WriteSelector(writer, exclude.value_or(TagSelector{"", "", ""}));
  number("expiration_days", exclude_days);
  writer.EndObject();
  if (images_max >= 0)
    number("max_images_per_account", images_max);
  else
    writer.Key("max_images_per_account").Null();  // clients ask for the key without looking whether it is there
  writer.Field("created_at", FormatTime(created_at)).Field("last_updated", FormatTime(updated_at)).EndObject();
}

Result<ArchiveRule> ReadArchiveRule(io::JsonView document) {
  const auto number = [&](io::JsonView view) { return std::max<std::int64_t>(view.Integer().value_or(-1), -1); };
  ArchiveRule rule{.archive = document["transition"].StringOr("") == "archive",
                   .selector = ReadSelector(document["selector"]),
                   .tag_versions_newer = number(document["tag_versions_newer"]),
                   .analysis_age_days = number(document["analysis_age_days"]),
                   .system_global = document["system_global"].Bool().value_or(false),
                   .exclude_days = number(document["exclude"]["expiration_days"]),
                   .images_max = number(document["max_images_per_account"])};
  if (IsSelector(document["exclude"]["selector"])) rule.exclude = ReadSelector(document["exclude"]["selector"]);
  if (rule.images_max < 0) return rule;
  if (!rule.system_global)
    return Fail(ErrorKind::kInvalidInput, "max_images_per_account is for rules with system_global only");
  const TagSelector& selector = rule.selector;
  const bool any = selector.registry == "*" && selector.repository == "*" && selector.tag == "*";
  if (!any || rule.exclude || !rule.archive)
    return Fail(ErrorKind::kInvalidInput,
                "max_images_per_account excludes selector, exclude, and the transition delete");
  // Clients cannot leave these out: beside max_images_per_account they mean nothing.
  rule.tag_versions_newer = rule.analysis_age_days = -1;
  return rule;
}

// An account has one rule that counts images.
Result<void> CheckNoneCounts(store::Session& session, const store::Account& account) {
  HF_TRY(const auto rules, store::ListArchiveRules(session, account.id, true));
  for (const store::ArchiveRule& other : rules) {
    HF_TRY(const auto read, FromStored(other));
    if (read.images_max >= 0)
      return Fail(ErrorKind::kInvalidInput, "there is a rule with max_images_per_account already");
  }
  return {};
}

Result<ArchiveRule> AddArchiveRule(const Platform& platform, const store::Account& account, ArchiveRule rule) {
  rule.rule_id = crypto::Uuid4();
  rule.created_at = rule.updated_at = platform.Now();
  io::JsonWriter writer;
  rule.Write(writer);
  const std::string document = writer.Take();
  HF_CHECK_OK(platform.database.Write([&](store::Session& session) -> Result<void> {
    if (rule.images_max >= 0) HF_CHECK_OK(CheckNoneCounts(session, account));
    return store::InsertArchiveRule(session, {.rule_id = rule.rule_id,
                                              .account_id = account.id,
                                              .system_global = rule.system_global,
                                              .document = document,
                                              .created_at = rule.created_at,
                                              .updated_at = rule.updated_at});
  }));
  return rule;
}

Result<std::vector<ArchiveRule>> ListArchiveRules(const Platform& platform, const store::Account& account,
                                                  bool with_global) {
  HF_TRY(const auto stored, platform.database.Read([&](store::Session& session) {
    return store::ListArchiveRules(session, account.id, with_global);
  }));
  std::vector<ArchiveRule> rules;
  for (const store::ArchiveRule& one : stored) {
    HF_TRY(auto rule, FromStored(one));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<ArchiveRule> GetArchiveRule(const Platform& platform, const store::Account& account, std::string_view rule_id) {
  HF_TRY(const auto stored,
         platform.database.Read([&](store::Session& session) { return store::FindArchiveRule(session, rule_id); }));
  if (!stored || (stored->account_id != account.id && !stored->system_global))
    return Fail(ErrorKind::kNotFound, Format("archive rule '{}' is not known to this account", rule_id.substr(0, 64)));
  return FromStored(*stored);
}

Result<void> RemoveArchiveRule(const Platform& platform, const store::Account& account, std::string_view rule_id,
                               bool admin) {
  HF_TRY(const auto rule, GetArchiveRule(platform, account, rule_id));
  if (rule.system_global && !admin)
    return Fail(ErrorKind::kDenied, "a rule for all accounts is removed by an administrator only");
  return platform.database.Write(
      [&](store::Session& session) { return store::DeleteArchiveRule(session, rule.rule_id); });
}

Result<RuleRun> RunArchiveRules(const Platform& platform, const store::Account& account) {
  RuleRun run;
  HF_TRY(const auto rules, ListArchiveRules(platform, account, true));
  if (rules.empty()) return run;
  HF_TRY(const auto subjects, WorkingSet(platform, account));
  std::vector<std::string> chosen = Choose(rules, true, subjects, platform.Now());
  AddSurplus(rules, subjects, chosen);
  for (const std::string& digest : chosen) HF_CHECK_OK(MoveToArchive(platform, account, digest, run));
  HF_CHECK_OK(DeleteByRules(platform, account, rules, run));
  return run;
}

Result<bool> RunArchiveTasks(const Platform& platform) {
  HF_TRY(const auto accounts,
         platform.database.Read([](store::Session& session) { return store::ListAccounts(session, "enabled"); }));
  for (const store::Account& account : accounts) {
    const auto run = RunArchiveRules(platform, account);
    if (!run)
      platform.logger.Warning(Format("archive rules, account {}: {}", account.name, run.error().Message()));
    else if (run->archived + run->deleted + run->failed > 0)
      platform.logger.Info(Format("archive rules, account {}: {} archived, {} deleted, {} failed", account.name,
                                  run->archived, run->deleted, run->failed));
  }
  return false;
}

}  // namespace holdfast::service
