#include "service/port_wire.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "model/image_analysis_wire.h"
#include "service/worker_protocol.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kWaitMsMax = 20'000;
constexpr std::int64_t kClaimMax = 100;

Result<std::string> ServeClaim(AnalyzerPort& port, WireReader& reader) {
  const std::string analyzer(reader.Text());
  const std::int64_t count = std::clamp<std::int64_t>(reader.Signed(), 0, kClaimMax);
  const std::int64_t wait_ms = std::clamp<std::int64_t>(reader.Signed(), 0, kWaitMsMax);
  HF_CHECK_OK(reader.Finish("claim"));
  HF_TRY(auto tasks, port.Claim(analyzer, count));
  if (tasks.empty() && wait_ms > 0) {
    port.WaitForWork(wait_ms);
    HF_TRY(tasks, port.Claim(analyzer, count));
  }
  WireWriter writer;
  writer.Unsigned(tasks.size());
  for (const AnalyzeTask& task : tasks) PutTask(writer, task);
  return writer.Take();
}

Result<std::string> ServeExtend(AnalyzerPort& port, WireReader& reader) {
  const auto leases = GetLeases(reader);
  HF_CHECK_OK(reader.Finish("leases"));
  HF_TRY(const auto lost, port.Extend(leases));
  WireWriter writer;
  writer.Unsigned(lost.size());
  for (const std::int64_t id : lost) writer.Signed(id);
  return writer.Take();
}

Result<std::string> ServeReturn(AnalyzerPort& port, WireReader& reader) {
  const auto leases = GetLeases(reader);
  HF_CHECK_OK(reader.Finish("leases"));
  HF_CHECK_OK(port.Return(leases));
  return std::string();
}

Result<std::string> ServeLoad(AnalyzerPort& port, WireReader& reader) {
  const RecordKey key = GetRecordKey(reader);
  HF_CHECK_OK(reader.Finish("record key"));
  return port.LoadRecord(key);
}

Result<std::string> ServeStore(AnalyzerPort& port, WireReader& reader) {
  const RecordKey key = GetRecordKey(reader);
  const std::uint64_t layer_bytes = reader.Unsigned();
  const std::string_view record = reader.Text();
  HF_CHECK_OK(reader.Finish("layer record"));
  HF_CHECK_OK(port.StoreRecord(key, record, layer_bytes));
  return std::string();
}

Result<std::string> ServeComplete(AnalyzerPort& port, WireReader& reader) {
  std::vector<Completion> done;
  for (std::uint64_t left = reader.Count(40); left > 0 && reader.Ok(); --left) {
    Completion& one = done.emplace_back(Completion{.task = GetTask(reader)});
    const std::string_view bytes = reader.Text();
    if (!reader.Ok()) break;
    HF_TRY(one.analysis, model::DecodeImageAnalysis(bytes));
  }
  HF_CHECK_OK(reader.Finish("results"));
  HF_TRY(const auto outcomes, port.CompleteAll(done));
  WireWriter writer;
  PutOutcomes(writer, outcomes);
  return writer.Take();
}

Result<std::string> ServeFail(AnalyzerPort& port, WireReader& reader) {
  const AnalyzeTask task = GetTask(reader);
  const std::string error(reader.Text());
  HF_CHECK_OK(reader.Finish("failure"));
  HF_CHECK_OK(port.Fail(task, DecodeError(error)));
  return std::string();
}

Result<std::string> ServePostpone(AnalyzerPort& port, WireReader& reader) {
  const AnalyzeTask task = GetTask(reader);
  const std::string error(reader.Text());
  const std::int64_t ms = reader.Signed();
  HF_CHECK_OK(reader.Finish("postponement"));
  HF_CHECK_OK(port.Postpone(task, DecodeError(error), ms));
  return std::string();
}

Result<std::string> ServeHeartbeat(AnalyzerPort& port, WireReader& reader) {
  const std::string analyzer(reader.Text());
  const std::string base_url(reader.Text());
  HF_CHECK_OK(reader.Finish("heartbeat"));
  HF_CHECK_OK(port.Heartbeat(analyzer, base_url));
  return std::string();
}

struct PortCall {
  std::string_view operation;
  Result<std::string> (*serve)(AnalyzerPort& port, WireReader& reader);
};
constexpr std::array kCalls = {
    PortCall{"claim", &ServeClaim}, PortCall{"extend", &ServeExtend},     PortCall{"return", &ServeReturn},
    PortCall{"load", &ServeLoad},   PortCall{"store", &ServeStore},       PortCall{"complete", &ServeComplete},
    PortCall{"fail", &ServeFail},   PortCall{"postpone", &ServePostpone}, PortCall{"heartbeat", &ServeHeartbeat},
};

}  // namespace

void PutDigest(WireWriter& writer, const Digest& digest) { writer.Raw(digest.Value().bytes); }

Digest GetDigest(WireReader& reader) {
  Sha256Value value;
  const Bytes bytes = reader.Raw(value.bytes.size());
  if (bytes.size() == value.bytes.size()) std::ranges::copy(bytes, value.bytes.begin());
  return Digest(value);
}

void PutRecordKey(WireWriter& writer, const RecordKey& key) {
  PutDigest(writer, key.layer);
  writer.Text(key.search_id);
}

RecordKey GetRecordKey(WireReader& reader) {
  RecordKey key{.layer = GetDigest(reader)};
  key.search_id = reader.Text();
  return key;
}

void PutTask(WireWriter& writer, const AnalyzeTask& task) {
  writer.Signed(task.lease.id).Signed(task.lease.token).Signed(task.image_row).Text(task.reference);
  PutDigest(writer, task.digest);
  writer.Text(task.login.credential.username).Text(task.login.credential.password);
  writer.Text(task.login.credential.identity_token).Bool(task.login.verify).Text(task.request_id);
}

AnalyzeTask GetTask(WireReader& reader) {
  AnalyzeTask task;
  task.lease.id = reader.Signed();
  task.lease.token = reader.Signed();
  task.image_row = reader.Signed();
  task.reference = reader.Text();
  task.digest = GetDigest(reader);
  task.login.credential.username = reader.Text();
  task.login.credential.password = reader.Text();
  task.login.credential.identity_token = reader.Text();
  task.login.verify = reader.Bool();
  task.request_id = reader.Text();
  return task;
}

void PutLeases(WireWriter& writer, std::span<const store::JobLease> leases) {
  writer.Unsigned(leases.size());
  for (const store::JobLease& lease : leases) writer.Signed(lease.id).Signed(lease.token);
}

std::vector<store::JobLease> GetLeases(WireReader& reader) {
  std::vector<store::JobLease> leases;
  for (std::uint64_t left = reader.Count(2); left > 0 && reader.Ok(); --left) {
    const std::int64_t id = reader.Signed();
    leases.push_back({id, reader.Signed()});
  }
  return leases;
}

void PutOutcomes(WireWriter& writer, std::span<const Result<void>> outcomes) {
  writer.Unsigned(outcomes.size());
  for (const Result<void>& outcome : outcomes) writer.Text(outcome ? "" : EncodeError(outcome.error()));
}

std::vector<Result<void>> GetOutcomes(WireReader& reader) {
  std::vector<Result<void>> outcomes;
  for (std::uint64_t left = reader.Count(1); left > 0 && reader.Ok(); --left) {
    const std::string_view error = reader.Text();
    if (error.empty())
      outcomes.emplace_back();
    else
      outcomes.push_back(std::unexpected(DecodeError(error)));
  }
  return outcomes;
}

Result<std::string> ServePortCall(AnalyzerPort& port, std::string_view operation, std::string_view body) {
  const auto call = std::ranges::find(kCalls, operation, &PortCall::operation);
  if (call == kCalls.end()) return Fail(ErrorKind::kNotFound, Format("no operation '{}'", operation));
  WireReader reader(body);
  if (reader.Unsigned() != kPortVersion)
    return Fail(ErrorKind::kUnsupported, "analyzer and queue are of different releases");
  return call->serve(port, reader);
}

}  // namespace holdfast::service
