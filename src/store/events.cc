#include "store/events.h"

#include <algorithm>

#include "store/codec.h"
#include "store/storable_text.h"

namespace holdfast::store {
namespace {

Event ToEvent(const Row& row) {
  return {.id = row[0].Integer(),
          .account_id = row[1].Integer(),
          .uuid = row[2].Text(),
          .created_at = row[3].Integer(),
          .type = row[4].Text(),
          .level = row[5].Text(),
          .source_service = row[6].Text(),
          .source_host = row[7].Text(),
          .source_url = row[8].Text(),
          .request_id = row[9].Text(),
          .resource_type = row[10].Text(),
          .resource_id = row[11].Text(),
          .message = row[12].Text(),
          .details = row[13].Text()};
}

// The pattern of SQLite's GLOB and PostgreSQL's LIKE, whichever heeds case there. LIKE has '!' as its escape character.
std::string Pattern(std::string_view wildcard, Dialect dialect) {
  const bool glob = dialect == Dialect::kSqlite;
  if (wildcard.empty()) return glob ? "*" : "%";
  std::string pattern;
  for (const char c : wildcard) {
    if (glob && (c == '?' || c == '['))
      pattern.append({'[', c, ']'});
    else if (glob)
      pattern += c;
    else if (c == '%' || c == '_' || c == '!')
      pattern.append({'!', c});
    else
      pattern += c == '*' ? '%' : c;
  }
  return pattern;
}

}  // namespace

Result<void> InsertEvents(Session& session, std::span<const Event> events) {
  static constexpr SetStatement kInsert{
      "event.insert",
      "INSERT INTO events (account_id, uuid, created_at, type, level, source_service, source_host, source_url, "
      "request_id, resource_type, resource_id, message, details) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      "INSERT INTO events (account_id, uuid, created_at, type, level, source_service, source_host, source_url, "
      "request_id, resource_type, resource_id, message, details) "
      "SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], "
      "$8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])"};
  std::vector<Parameters> rows;
  rows.reserve(events.size());
  for (const Event& event : events)
    rows.push_back({event.account_id, event.uuid, event.created_at, event.type, event.level, event.source_service,
                    event.source_host, event.source_url, event.request_id, event.resource_type,
                    IndexedText(event.resource_id), event.message, event.details});
  HF_CHECK_OK(session.RunSet(kInsert, rows));
  return {};
}

Result<EventPage> ListEvents(Session& session, std::int64_t account_id, const EventFilter& filter, std::int64_t page,
                             std::int64_t limit) {
  static constexpr Statement kList{
      "event.list",
      "SELECT id, account_id, uuid, created_at, type, level, source_service, source_host, source_url, request_id, "
      "resource_type, resource_id, message, details FROM events WHERE account_id = $1 "
      "AND ($2 = '' OR source_service = $2) AND ($3 = '' OR source_host = $3) AND ($4 = '' OR resource_type = $4) "
      "AND ($5 = '' OR resource_id = $5) AND ($6 = '' OR level = $6) AND type GLOB $7 "
      "AND created_at >= $8 AND created_at < $9 ORDER BY id DESC LIMIT $10 OFFSET $11",
      "SELECT id, account_id, uuid, created_at, type, level, source_service, source_host, source_url, request_id, "
      "resource_type, resource_id, message, details FROM events WHERE account_id = $1 "
      "AND ($2 = '' OR source_service = $2) AND ($3 = '' OR source_host = $3) AND ($4 = '' OR resource_type = $4) "
      "AND ($5 = '' OR resource_id = $5) AND ($6 = '' OR level = $6) AND type LIKE $7 ESCAPE '!' "
      "AND created_at >= $8 AND created_at < $9 ORDER BY id DESC LIMIT $10 OFFSET $11"};
  constexpr std::int64_t kForEver = INT64_MAX;
  HF_TRY(auto rows,
         session.Run(kList, {account_id, filter.source_service, filter.source_host, filter.resource_type,
                             IndexedText(filter.resource_id), filter.level, Pattern(filter.type, session.Kind()),
                             filter.since.value_or(0), filter.before.value_or(kForEver), limit + 1,
                             (std::max<std::int64_t>(page, 1) - 1) * limit}));
  EventPage answer;
  answer.more = static_cast<std::int64_t>(rows.Size()) > limit;
  if (answer.more) rows.rows.pop_back();
  for (const Row& row : rows) answer.events.push_back(ToEvent(row));
  return answer;
}

Result<std::optional<Event>> FindEvent(Session& session, std::int64_t account_id, std::string_view uuid) {
  static constexpr Statement kFind{
      "event.find",
      "SELECT id, account_id, uuid, created_at, type, level, source_service, source_host, source_url, request_id, "
      "resource_type, resource_id, message, details FROM events WHERE account_id = $1 AND uuid = $2"};
  HF_TRY(const auto rows, session.Run(kFind, {account_id, std::string(uuid)}));
  if (rows.Empty()) return std::nullopt;
  return ToEvent(rows.rows.front());
}

Result<std::vector<std::string>> DeleteEvents(Session& session, std::int64_t account_id, const EventFilter& filter) {
  static constexpr Statement kDelete{
      "event.delete_range",
      "DELETE FROM events WHERE account_id = $1 AND created_at >= $2 AND created_at < $3 AND ($4 = '' OR level = $4) "
      "RETURNING uuid"};
  HF_TRY(const auto rows,
         session.Run(kDelete, {account_id, filter.since.value_or(0), filter.before.value_or(INT64_MAX), filter.level}));
  std::vector<std::string> uuids;
  for (const Row& row : rows) uuids.push_back(row[0].Text());
  return uuids;
}

Result<bool> DeleteEvent(Session& session, std::int64_t account_id, std::string_view uuid) {
  static constexpr Statement kDelete{"event.delete", "DELETE FROM events WHERE account_id = $1 AND uuid = $2"};
  HF_TRY(const auto rows, session.Run(kDelete, {account_id, std::string(uuid)}));
  return rows.changed == 1;
}

Result<std::int64_t> TrimEvents(Session& session, std::int64_t account_id, std::int64_t before, std::int64_t count) {
  static constexpr Statement kTrim{
      "event.trim",
      "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE account_id = $1 AND created_at < $2 "
      "ORDER BY created_at LIMIT $3)"};
  HF_TRY(const auto rows, session.Run(kTrim, {account_id, before, count}));
  return static_cast<std::int64_t>(rows.changed);
}

Result<void> DeleteEventsOf(Session& session, std::int64_t account_id) {
  static constexpr Statement kDelete{"event.delete_of_account", "DELETE FROM events WHERE account_id = $1"};
  HF_CHECK_OK(session.Run(kDelete, {account_id}));
  return {};
}

}  // namespace holdfast::store
