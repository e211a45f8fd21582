#include "store/postgres/connection.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/format.h"

namespace holdfast::store::postgres {
namespace {

// Statements are constants of the program, so this is only reached by a mistake.
constexpr std::size_t kPreparedMax = 1024;
// Of one statement for a set: what is sent and what comes back stays in memory meanwhile.
constexpr std::size_t kSetRowsMax = 10'000;
constexpr std::size_t kSetBytesMax = std::size_t{4} << 20;
// A message may have 1 GiB.
constexpr std::size_t kParametersBytesMax = std::size_t{512} << 20;

// One state of the database for all that a reader asks; a read-only transaction of this level never fails for it.
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
constexpr const char* kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE";
constexpr std::string_view kCommitName = "commit";
constexpr std::string_view kRollbackName = "rollback";

bool IsSuccess(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

// The rows that a command touched, of "INSERT 0 3", "UPDATE 3"; what a SELECT found is not meant.
std::uint64_t Changed(PGresult* result) {
  const std::string_view tag = PQcmdStatus(result);
  if (!tag.starts_with("INSERT") && !tag.starts_with("UPDATE") && !tag.starts_with("DELETE")) return 0;
  const std::string_view count = PQcmdTuples(result);
  std::uint64_t changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

Result<Rows> ReadRows(std::string_view name, const PGresult* result) {
  Rows rows;
  const int count = PQntuples(result);
  const int columns = PQnfields(result);
  rows.rows.reserve(static_cast<std::size_t>(count));
  for (int r = 0; r < count; ++r) {
    Row& row = rows.rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c) != 0) {
        row.emplace_back();
        continue;
      }
      const std::string_view bytes(PQgetvalue(result, r, c), static_cast<std::size_t>(PQgetlength(result, r, c)));
      HF_TRY_IN(name, row.emplace_back(), DecodeCell(PQftype(result, c), bytes));
    }
  }
  rows.changed = Changed(const_cast<PGresult*>(result));  // libpq forgot a const
  return rows;
}

// The types of all sets together; where one has NULL another one may say. False: two of them contradict each other.
bool Merge(std::vector<Oid>& types, const Parameters& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Oid type = TypeOf(parameters[i]);
    if (type == 0 || type == types[i]) continue;
    if (types[i] != 0) return false;
    types[i] = type;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionSettings& settings) {
  HF_TRY(Link link, Link::Open(settings));
  std::unique_ptr<Connection> connection(new Connection(std::move(link)));
  if (PQenterPipelineMode(connection->link_.Get()) != 1) return connection->Lost("connecting to the database");
  return connection;
}

std::unexpected<Error> Connection::Failed(Failure failure) {
  if (recovery_ == Recovery::kNone) recovery_ = failure.recovery;
  return std::unexpected(std::move(failure.error));
}

std::unexpected<Error> Connection::Lost(std::string_view name) {
  return Failed(MakeFailure(name, {}, access_ == Access::kWrite));
}

void Connection::Begin(Access access) {
  access_ = access;
  begun_ = false;
  patient_ = false;
  recovery_ = Recovery::kNone;
}

std::unexpected<Error> Connection::Mistake(const Statement& statement, ErrorKind kind, std::string_view what) {
  return Failed({Error(kind, Format("{}: {}", statement.name, what)), Recovery::kNone});
}

Result<Connection::Prepared*> Connection::Find(const Statement& statement) {
  const std::string_view key = TextFor(statement, Dialect::kPostgres);
  if (const auto found = prepared_.find(key); found != prepared_.end()) return &found->second;
  if (prepared_.size() >= kPreparedMax)  // the server's side goes with the connection
    return Failed({Error(ErrorKind::kUnavailable, "too many different statements"), Recovery::kReplace});
  Prepared& made = prepared_[std::string(key)];
  made.parameters = CountParameters(statement, Dialect::kPostgres);
  return &made;
}

bool Connection::SendBegin(std::vector<Step>& steps) {
  if (begun_) return true;
  begun_ = true;
  const char* sql = access_ == Access::kRead ? kBeginRead : kBeginWrite;
  steps.push_back({[](const PGresult*) -> Result<void> { return {}; }});
  return PQsendQueryParams(link_.Get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 1) == 1;
}

bool Connection::SendPrepare(const Statement& statement, Prepared& prepared, std::vector<Step>& steps) {
  if (prepared.known) return true;
  prepared.server_name = Format("s{}", ++prepared_count_);
  steps.push_back({[&prepared](const PGresult*) -> Result<void> {
    prepared.known = true;
    return {};
  }});
  return PQsendPrepare(link_.Get(), prepared.server_name.c_str(), ExpandSql(statement, Dialect::kPostgres).c_str(),
                       static_cast<int>(prepared.types.size()), prepared.types.data()) == 1;
}

void Connection::Adopt(Prepared& prepared, std::vector<Oid> types) {
  // Where only NULL is given this time, what was given before says more.
  for (std::size_t i = 0; i < prepared.types.size(); ++i)
    if (types[i] == 0) types[i] = prepared.types[i];
  if (prepared.known && types == prepared.types) return;
  prepared.types = std::move(types);
  prepared.known = false;
}

Result<Rows> Connection::Run(const Statement& statement, const Parameters& parameters) {
  HF_TRY(Prepared* const prepared, Find(statement));
  std::vector<Oid> types(prepared->parameters);
  HF_CHECK_OK(AddTypes(statement, types, parameters));
  return Execute(statement, *prepared, std::move(types), EncodedParameters(parameters));
}

Result<Rows> Connection::RunSet(const Statement& statement, std::span<const Parameters> rows) {
  HF_TRY(Prepared* const prepared, Find(statement));
  Rows together;
  for (std::size_t first = 0; first < rows.size();) {
    std::vector<Oid> types(prepared->parameters);
    std::size_t end = first;
    for (std::size_t bytes = 0; end < rows.size() && end - first < kSetRowsMax && bytes < kSetBytesMax; ++end) {
      HF_CHECK_OK(AddTypes(statement, types, rows[end]));
      bytes += SizeOf(rows[end]);
    }
    const EncodedParameters columns(rows.subspan(first, end - first), types);
    for (Oid& type : types) {
      if (type != 0 && ArrayOf(type) == 0) return Mistake(statement, ErrorKind::kInternal, "a list in a row of a set");
      type = ArrayOf(type);
    }
    HF_TRY(Rows result, Execute(statement, *prepared, std::move(types), columns));
    together.changed += result.changed;
    std::ranges::move(result.rows, std::back_inserter(together.rows));
    first = end;
  }
  return together;
}

Result<void> Connection::AddTypes(const Statement& statement, std::vector<Oid>& types, const Parameters& parameters) {
  if (parameters.size() != types.size())
    return Mistake(statement, ErrorKind::kInternal,
                   Format("{} parameters for a statement with {}", parameters.size(), types.size()));
  if (!Merge(types, parameters)) return Mistake(statement, ErrorKind::kInternal, "a parameter changes its type");
  return {};
}

Result<Rows> Connection::Execute(const Statement& statement, Prepared& prepared, std::vector<Oid> types,
                                 const EncodedParameters& parameters) {
  if (parameters.Bytes() > kParametersBytesMax)
    return Mistake(statement, ErrorKind::kLimit, Format("parameters of more than {} bytes", kParametersBytesMax));
  Adopt(prepared, std::move(types));
  std::vector<Step> steps;
  Rows rows;
  const bool ready = SendBegin(steps) && SendPrepare(statement, prepared, steps);
  steps.push_back({[&](const PGresult* result) -> Result<void> {
    HF_TRY(rows, ReadRows(statement.name, result));
    return {};
  }});
  if (!ready || PQsendQueryPrepared(link_.Get(), prepared.server_name.c_str(), parameters.Count(), parameters.Values(),
                                    parameters.Lengths(), parameters.Formats(), 1) != 1)
    return Lost(statement.name);
  HF_CHECK_OK(Finish(statement.name, steps));
  return rows;
}

Result<void> Connection::Finish(std::string_view name, const std::vector<Step>& steps) {
  if (PQpipelineSync(link_.Get()) != 1) return Lost(name);
  Result<void> outcome;
  for (const Step& step : steps) {
    const ResultHandle result = link_.Next(patient_);
    if (result == nullptr) return outcome ? Result<void>(Lost(name)) : outcome;
    if (outcome && IsSuccess(result.get())) {
      if (auto taken = step.take(result.get()); !taken) outcome = Failed({taken.error(), Recovery::kNone});
    } else if (outcome) {
      outcome = Failed(Link::Explain(name, result.get(), access_ == Access::kWrite));
    }
    if (link_.IsLost()) return outcome ? Result<void>(Lost(name)) : outcome;
    if (link_.Next(patient_) != nullptr) return Lost(name);  // a command has one result
  }
  const ResultHandle sync = link_.Next(patient_);
  if (sync == nullptr || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC)
    return outcome ? Result<void>(Lost(name)) : outcome;
  return outcome;
}

Result<void> Connection::RunScript(std::string_view name, const std::string& sql) {
  std::vector<Step> steps;
  if (!SendBegin(steps)) return Lost(name);
  HF_CHECK_OK(Finish(name, steps));
  patient_ = true;
  PGconn* connection = link_.Get();
  const std::string script = "SET LOCAL statement_timeout = 0; " + sql;
  if (PQexitPipelineMode(connection) != 1 || PQsendQuery(connection, script.c_str()) != 1) return Lost(name);
  Result<void> outcome;
  while (const ResultHandle result = link_.Next(patient_)) {
    if (outcome && !IsSuccess(result.get()))
      outcome = Failed(Link::Explain(name, result.get(), access_ == Access::kWrite));
  }
  if (outcome && link_.IsLost()) return Lost(name);
  if (!link_.IsLost() && PQenterPipelineMode(connection) != 1) return Lost(name);
  return outcome;
}

Result<void> Connection::Commit() {
  if (!begun_) return {};
  std::vector<Step> steps{{[](const PGresult* result) -> Result<void> {
    // What a broken transaction answers to COMMIT.
    const bool committed = std::string_view(PQcmdStatus(const_cast<PGresult*>(result))) == "COMMIT";
    if (!committed) return Fail(ErrorKind::kInternal, "commit: the transaction was rolled back");
    return {};
  }}};
  if (PQsendQueryParams(link_.Get(), "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) return Lost(kCommitName);
  HF_CHECK_OK(Finish(kCommitName, steps));
  begun_ = false;
  return {};
}

bool Connection::Rollback() {
  if (IsLost()) return false;
  if (!begun_) return true;
  begun_ = false;
  const std::vector<Step> steps{{[](const PGresult*) -> Result<void> { return {}; }}};
  if (PQsendQueryParams(link_.Get(), "ROLLBACK", 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) return false;
  return Finish(kRollbackName, steps).has_value() && !IsLost();
}

}  // namespace holdfast::store::postgres
