#include "service/published_snapshot.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "advisory/snapshot.h"
#include "base/format.h"
#include "io/file.h"
#include "io/json.h"
#include "io/sha256.h"
#include "match/distro.h"

namespace holdfast::service {
namespace {

// Names of local files: digits of the generation, then this. One that is still being written has more behind it.
constexpr std::size_t kNameDigits = 16;
std::string EndOfName(const Platform& platform) { return Format("-{}.hfdb", platform.host_id); }

// Removes the file when the last holder is gone.
void Release(const LocalSnapshot::Held* held) {
  std::error_code ignored;
  std::filesystem::remove(held->file, ignored);
  delete held;
}

std::string DescribeInfo(const advisory::SnapshotInfo& info) {
  io::JsonWriter writer;
  writer.BeginObject()
      .Field("built", info.built)
      .Field("content", info.content.Text())
      .Key("advisories")
      .Unsigned(info.advisories)
      .Key("groups")
      .BeginArray();
  for (const advisory::SnapshotCoverage& coverage : info.coverage)
    writer.BeginObject()
        .Field("ecosystem", coverage.release.ecosystem)
        .Field("release", coverage.release.release)
        .Key("packages")
        .Unsigned(coverage.packages)
        .EndObject();
  writer.EndArray().EndObject();
  return writer.Take();
}

Result<Sha256Value> HashFile(const std::filesystem::path& file) {
  HF_TRY(const auto source, io::OpenFile(file));
  io::Sha256 sha256;
  while (true) {
    HF_TRY(const Bytes view, source->Next());
    if (view.empty()) return sha256.Finish();
    sha256.Update(view);
  }
}

PublishedInfo ReadInfo(const store::SnapshotEntry& entry) {
  PublishedInfo info{.generation = entry.generation, .published_at = entry.created_at};
  const auto document = io::JsonDocument::Parse(entry.info);
  if (!document) return info;
  const io::JsonView root = document->Root();
  info.built_at = ParseTime(root["built"].StringOr("")).value_or(entry.created_at);
  info.advisories = root["advisories"].Integer().value_or(0);
  for (const io::JsonView group : root["groups"])
    info.groups.push_back({std::string(group["ecosystem"].StringOr("")), std::string(group["release"].StringOr("")),
                           group["packages"].Integer().value_or(0)});
  return info;
}

}  // namespace

Result<store::SnapshotEntry> PublishSnapshot(const Platform& platform, const std::filesystem::path& file) {
  HF_CHECK_OK(advisory::Snapshot::Verify(file));
  HF_TRY(const auto snapshot, advisory::Snapshot::Open(file));
  HF_TRY(const Sha256Value digest, HashFile(file));
  HF_TRY(const auto before,
         platform.database.Read([](store::Session& session) { return store::FindNewestSnapshot(session); }));
  if (before && before->digest == digest) return *before;
  store::SnapshotEntry entry{.digest = digest,
                             .object_key = std::string(kSnapshotPrefix) + digest.Hex(),
                             .info = DescribeInfo(snapshot->Info()),
                             .created_at = platform.Now()};
  HF_TRY(const auto source, io::OpenFile(file));
  HF_CHECK_OK(platform.objects.Put(entry.object_key, *source));
  return platform.database.Write([&](store::Session& session) { return store::InsertSnapshot(session, entry); });
}

bool PublishedInfo::Covers(const model::Distro& distro) const {
  const auto wanted = match::OwnEcosystemsOf(distro);
  return std::ranges::any_of(groups, [&](const PublishedGroup& group) {
    return std::ranges::find(wanted, model::EcosystemRelease{group.ecosystem, group.release}) != wanted.end();
  });
}

Result<std::optional<PublishedInfo>> FindPublished(store::Session& session) {
  HF_TRY(const auto entry, store::FindNewestSnapshot(session));
  if (!entry) return std::nullopt;
  return ReadInfo(*entry);
}

LocalSnapshot::LocalSnapshot(const Platform& platform, std::filesystem::path folder)
    : platform_(platform), folder_(std::move(folder)) {}
LocalSnapshot::~LocalSnapshot() = default;

std::shared_ptr<const LocalSnapshot::Held> LocalSnapshot::Current() const {
  const std::scoped_lock lock(mutex_);
  return held_;
}

void LocalSnapshot::RemoveLeft() {
  if (std::exchange(tidied_, true)) return;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > kNameDigits && std::string_view(name).substr(kNameDigits).starts_with(EndOfName(platform_)))
      std::filesystem::remove(entry.path(), ignored);
  }
}

Result<std::shared_ptr<const LocalSnapshot::Held>> LocalSnapshot::Refresh() {
  const std::scoped_lock one_at_a_time(refresh_mutex_);
  HF_TRY(const auto entry,
         platform_.database.Read([](store::Session& session) { return store::FindNewestSnapshot(session); }));
  const auto current = Current();
  if (!entry) {
    const std::scoped_lock lock(mutex_);
    held_ = nullptr;
    return nullptr;
  }
  if (current != nullptr && current->generation == entry->generation) return current;
  HF_TRY(auto held, Fetch(*entry));
  const std::scoped_lock lock(mutex_);
  held_ = held;
  return held;
}

Result<std::shared_ptr<const LocalSnapshot::Held>> LocalSnapshot::Find(std::int64_t generation) {
  const std::scoped_lock one_at_a_time(refresh_mutex_);
  if (auto current = Current(); current != nullptr && current->generation == generation) return current;
  HF_TRY(const auto entry,
         platform_.database.Read([&](store::Session& session) { return store::FindSnapshot(session, generation); }));
  if (!entry) return nullptr;
  auto held = Fetch(*entry);
  if (!held && held.error().Kind() == ErrorKind::kNotFound) return nullptr;
  return held;
}

Result<std::shared_ptr<const LocalSnapshot::Held>> LocalSnapshot::Fetch(const store::SnapshotEntry& entry) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  RemoveLeft();
  const auto file = folder_ / Format("{:0{}}{}", entry.generation, kNameDigits, EndOfName(platform_));
  HF_TRY(const auto source, platform_.objects.Get(entry.object_key));
  HF_TRY(const auto writer, io::FileWriter::Create(file));
  while (true) {
    HF_TRY(const Bytes view, source->Next());
    if (view.empty()) break;
    HF_CHECK_OK(writer->Write(view));
  }
  HF_CHECK_OK(writer->Commit());
  HF_TRY(const Sha256Value digest, HashFile(file));
  if (digest != entry.digest)
    return Fail(ErrorKind::kCorrupt, "the advisory snapshot that was fetched is not the one that was published");
  HF_CHECK_OK(advisory::Snapshot::Verify(file));
  return std::shared_ptr<const Held>(new Held{entry.generation, file}, &Release);
}

}  // namespace holdfast::service
