#include "store/services.h"

#include <utility>

#include "store/codec.h"

namespace holdfast::store {
namespace {

Service ToService(const Row& row) {
  return {.name = row[0].Text(),
          .host_id = row[1].Text(),
          .base_url = row[2].Text(),
          .version = row[3].Text(),
          .up = row[4].Bool(),
          .state = row[5].Text(),
          .detail = row[6].Text(),
          .heartbeat_at = row[7].Integer()};
}

SnapshotEntry ToSnapshot(const Row& row) {
  return {.generation = row[0].Integer(),
          .digest = ToDigest(row[1]).value_or(Digest()).Value(),
          .object_key = row[2].Text(),
          .info = row[3].Text(),
          .created_at = row[4].Integer()};
}

std::vector<Service> ToServices(const Rows& rows) {
  std::vector<Service> services;
  for (const Row& row : rows) services.push_back(ToService(row));
  return services;
}

}  // namespace

Result<void> PutService(Session& session, const Service& service) {
  static constexpr Statement kPut{
      "service.put",
      "INSERT INTO services (name, host_id, base_url, version, up, state, detail, heartbeat_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name, host_id) DO UPDATE SET base_url = $3, version = $4, "
      "up = $5, state = $6, detail = $7, heartbeat_at = $8"};
  HF_CHECK_OK(session.Run(kPut, {service.name, service.host_id, service.base_url, service.version, FromBool(service.up),
                                 service.state, service.detail, service.heartbeat_at}));
  return {};
}

Result<std::vector<Service>> ListServices(Session& session, std::string_view name, std::string_view host_id) {
  static constexpr Statement kList{
      "service.list",
      "SELECT name, host_id, base_url, version, up, state, detail, heartbeat_at FROM services "
      "WHERE ($1 = '' OR name = $1) AND ($2 = '' OR host_id = $2) ORDER BY name, host_id"};
  HF_TRY(const auto rows, session.Run(kList, {std::string(name), std::string(host_id)}));
  return ToServices(rows);
}

Result<std::vector<Service>> MoveSilentServices(Session& session, std::string_view state, std::string_view next,
                                                std::int64_t before) {
  static constexpr Statement kMove{"service.move_silent",
                                   "UPDATE services SET state = $2, up = 0 WHERE state = $1 AND heartbeat_at < $3 "
                                   "RETURNING name, host_id, base_url, version, up, state, detail, heartbeat_at"};
  HF_TRY(const auto rows, session.Run(kMove, {std::string(state), std::string(next), before}));
  return ToServices(rows);
}

Result<bool> DeleteService(Session& session, std::string_view name, std::string_view host_id) {
  static constexpr Statement kDelete{"service.delete", "DELETE FROM services WHERE name = $1 AND host_id = $2"};
  HF_TRY(const auto rows, session.Run(kDelete, {std::string(name), std::string(host_id)}));
  return rows.changed == 1;
}

Result<SnapshotEntry> InsertSnapshot(Session& session, SnapshotEntry entry) {
  static constexpr Statement kInsert{
      "snapshot.insert",
      "INSERT INTO snapshots (digest, object_key, info, created_at) VALUES ($1, $2, $3, $4) RETURNING generation"};
  HF_TRY(const auto rows,
         session.Run(kInsert, {FromDigest(Digest(entry.digest)), entry.object_key, entry.info, entry.created_at}));
  entry.generation = rows.rows.front()[0].Integer();
  HF_CHECK_OK(session.Notify("snapshots"));
  return entry;
}

Result<std::optional<SnapshotEntry>> FindNewestSnapshot(Session& session) {
  static constexpr Statement kFind{
      "snapshot.find_newest",
      "SELECT generation, digest, object_key, info, created_at FROM snapshots ORDER BY generation DESC LIMIT 1"};
  HF_TRY(const auto rows, session.Run(kFind));
  if (rows.Empty()) return std::nullopt;
  return ToSnapshot(rows.rows.front());
}

Result<std::optional<SnapshotEntry>> FindSnapshot(Session& session, std::int64_t generation) {
  static constexpr Statement kFind{
      "snapshot.find", "SELECT generation, digest, object_key, info, created_at FROM snapshots WHERE generation = $1"};
  HF_TRY(const auto rows, session.Run(kFind, {generation}));
  if (rows.Empty()) return std::nullopt;
  return ToSnapshot(rows.rows.front());
}

Result<std::vector<SnapshotEntry>> ListOldSnapshots(Session& session, std::int64_t keep) {
  static constexpr Statement kList{
      "snapshot.list_old",
      "SELECT generation, digest, object_key, info, created_at FROM snapshots WHERE generation NOT IN "
      "(SELECT generation FROM snapshots ORDER BY generation DESC LIMIT $1) AND ($1 = 0 OR generation NOT IN "
      "(SELECT generation FROM matching_epoch)) ORDER BY generation"};
  HF_TRY(const auto rows, session.Run(kList, {keep}));
  std::vector<SnapshotEntry> entries;
  for (const Row& row : rows) entries.push_back(ToSnapshot(row));
  return entries;
}

Result<void> DeleteSnapshot(Session& session, std::int64_t generation) {
  static constexpr Statement kDelete{"snapshot.delete", "DELETE FROM snapshots WHERE generation = $1"};
  HF_CHECK_OK(session.Run(kDelete, {generation}));
  return {};
}

Result<std::optional<Feed>> FindFeed(Session& session, std::string_view name) {
  static constexpr Statement kFind{
      "feed.find", "SELECT name, enabled, created_at, updated_at, synced_at FROM feeds WHERE name = $1"};
  HF_TRY(const auto rows, session.Run(kFind, {std::string(name)}));
  if (rows.Empty()) return std::nullopt;
  const Row& row = rows.rows.front();
  return Feed{.name = row[0].Text(),
              .enabled = row[1].Bool(),
              .created_at = row[2].Integer(),
              .updated_at = row[3].Integer(),
              .synced_at = row[4].OptionalInteger()};
}

Result<Feed> GetFeed(Session& session, std::string_view name, std::int64_t now) {
  static constexpr Statement kMake{
      "feed.make",
      "INSERT INTO feeds (name, enabled, created_at, updated_at) VALUES ($1, 1, $2, $2) ON CONFLICT DO NOTHING"};
  HF_CHECK_OK(session.Run(kMake, {std::string(name), now}));
  HF_TRY(auto feed, FindFeed(session, name));
  if (!feed) return Fail(ErrorKind::kUnavailable, "a feed vanished while it was read");
  return *std::move(feed);
}

Result<void> SetFeedEnabled(Session& session, std::string_view name, bool enabled, std::int64_t now) {
  static constexpr Statement kSet{"feed.set_enabled", "UPDATE feeds SET enabled = $2, updated_at = $3 WHERE name = $1"};
  HF_CHECK_OK(session.Run(kSet, {std::string(name), FromBool(enabled), now}));
  return {};
}

Result<void> SetFeedSynced(Session& session, std::string_view name, const std::optional<std::int64_t>& synced_at,
                           std::int64_t now) {
  static constexpr Statement kSet{"feed.set_synced",
                                  "UPDATE feeds SET synced_at = $2, updated_at = $3 WHERE name = $1"};
  HF_CHECK_OK(session.Run(kSet, {std::string(name), FromOptional(synced_at), now}));
  return {};
}

}  // namespace holdfast::store
