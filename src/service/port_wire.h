// What an analyzer and the queue role say to each other, as bodies of HTTP requests: one operation a path below
// /internal/v1/, POST, the shared internal token as bearer. Both sides are of one release of the program; another
// release is refused by its version (kPortVersion). Bodies are in the project's wire form and decoded as untrusted.
//
//   claim      analyzer, count, wait_ms   → tasks
//   extend     leases                     → ids that are lost
//   return     leases                     →
//   load       key                        → record
//   store      key, bytes, record         →
//   complete   (task, analysis)…          → an error or none for each
//   fail       task, error                →
//   postpone   task, error, ms            →
//   heartbeat  analyzer, base_url         →
//
// A call that is made for somebody's request has its id in the header X-Request-Id. An error is answered with a status
// other than 200 and an encoded error (worker_protocol.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/wire.h"
#include "service/work.h"

namespace holdfast::service {

inline constexpr std::uint64_t kPortVersion = 3;
inline constexpr std::string_view kPortPath = "/internal/v1/";

void PutTask(WireWriter& writer, const AnalyzeTask& task);
[[nodiscard]] AnalyzeTask GetTask(WireReader& reader);
void PutLeases(WireWriter& writer, std::span<const store::JobLease> leases);
[[nodiscard]] std::vector<store::JobLease> GetLeases(WireReader& reader);
void PutOutcomes(WireWriter& writer, std::span<const Result<void>> outcomes);
[[nodiscard]] std::vector<Result<void>> GetOutcomes(WireReader& reader);
void PutDigest(WireWriter& writer, const Digest& digest);
[[nodiscard]] Digest GetDigest(WireReader& reader);
void PutRecordKey(WireWriter& writer, const RecordKey& key);
[[nodiscard]] RecordKey GetRecordKey(WireReader& reader);

// The server's side: the operation of that name, through a port.
[[nodiscard]] Result<std::string> ServePortCall(AnalyzerPort& port, std::string_view operation, std::string_view body);

}  // namespace holdfast::service
