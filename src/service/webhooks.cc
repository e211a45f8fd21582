#include "service/webhooks.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/format.h"
#include "base/request_scope.h"
#include "crypto/mac.h"
#include "crypto/random.h"
#include "http/url.h"
#include "io/json.h"
#include "service/background.h"
#include "service/notifications.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kDropUnwantedMs = 60'000;
constexpr std::int64_t kDistributeBatch = 100;
constexpr std::int64_t kDeliverBatch = 16;
// A delivery ends within its timeouts; leases are prolonged while a batch goes on, so what a lost process was at is
// taken over soon.
constexpr std::int64_t kLeaseMs = 30'000;
constexpr std::int64_t kLeaseLeftMs = 20'000;
constexpr std::int64_t kTakenMs = 600'000;
constexpr std::int64_t kAttemptsMax = 200;
constexpr std::int64_t kRetryFirstMs = 5'000;
constexpr std::int64_t kRetryMaxMs = 3'600'000;
// A webhook that fails is left alone for a while, whatever waits for it.
constexpr std::int64_t kPauseFirstMs = 1'000;
constexpr std::int64_t kPauseMaxMs = 60'000;
// A receiver has nothing to say but a status.
constexpr std::uint64_t kHeaderBytesMax = 16 * 1024;
constexpr std::int64_t kStallBytesPerSecond = 1'024;

std::int64_t Growing(std::int64_t first, std::int64_t max, std::int64_t failures) {
  return std::min(max, first << std::clamp<std::int64_t>(failures - 1, 0, 20));
}

std::string Replace(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// "TYPE:ID"
std::string_view TypeOf(const store::Job& job) { return std::string_view(job.key).substr(0, job.key.find(':')); }

// Of the request that it tells the end of; empty: none.
std::string RequestIdOf(const store::Job& job) {
  const auto document = io::JsonDocument::Parse(job.payload);
  return document ? std::string(document->Root()["request_id"].StringOr("")) : std::string();
}

std::string KindOf(std::string_view name) { return Format("hook_{}", name); }

Webhooks::MakeClient CurlClients(const WebhookOptions& options) {
  const http::ClientOptions client{.connect_timeout_ms = options.timeout_ms,
                                   .stall_timeout_s = std::max<std::int64_t>(1, options.timeout_ms / 1000),
                                   .stall_bytes_per_s = kStallBytesPerSecond,
                                   .header_bytes_max = kHeaderBytesMax};
  return [client] { return http::MakeCurlClient(client); };
}

std::string TestPayload(std::string_view type) {
  if (type == "vuln_update")
    return R"("diff_vulnerability_result":{"added":[],"updated":[],"removed":[]},"imageDigest":"test","test":true)";
  return R"("curr_eval":{},"last_eval":{},"annotations":{},"test":true)";
}

std::vector<store::JobLease> LeasesOf(std::span<const store::Job> jobs) {
  std::vector<store::JobLease> leases;
  for (const store::Job& job : jobs) leases.push_back({job.id, job.token});
  return leases;
}

}  // namespace

Webhooks::Webhooks(const Platform& platform, WebhookOptions options)
    : Webhooks(platform, options, CurlClients(options)) {}

Webhooks::Webhooks(const Platform& platform, WebhookOptions options, MakeClient make_client)
    : platform_(platform), options_(std::move(options)), make_client_(std::move(make_client)) {
  for (WebhookTarget target : options_.targets) {
    if (target.url.empty() || std::ranges::find(kWebhookNames, target.name) == kWebhookNames.end()) continue;
    if (target.username.empty()) {
      target.username = options_.username;
      target.password = options_.password;
    }
    lines_.push_back({.target = std::move(target)});
  }
}

void Webhooks::Start(Background& background) {
  background.Start({.name = "notifications", .channel = "jobs_notify", .period_ms = options_.period_ms, .step = [this] {
                      return Distribute();
                    }});
  background.Start(
      {.name = "notifications for nobody", .period_ms = kDropUnwantedMs, .step = [this] { return DropUnwanted(); }});
  for (const Line& line : lines_) {
    const std::string name = line.target.name;
    background.Start({.name = Format("webhook {}", name),
                      .channel = Format("jobs_{}", KindOf(name)),
                      .period_ms = options_.period_ms,
                      .step = [this, name] { return Deliver(name); }});
  }
}

// One delivery of each notification for each webhook that wants it.
std::vector<store::NewJob> Webhooks::Deal(const std::vector<store::Job>& notifications) const {
  std::vector<store::NewJob> deliveries;
  for (const store::Job& job : notifications)
    for (const Line& line : lines_) {
      if (line.target.name != "general" && line.target.name != TypeOf(job)) continue;
      deliveries.push_back({.kind = KindOf(line.target.name),
                            .account_id = job.account_id,
                            .key = job.key,
                            .payload = job.payload,
                            .attempts_max = kAttemptsMax});
    }
  return deliveries;
}

Result<bool> Webhooks::Distribute() {
  HF_TRY(const auto jobs, platform_.database.Write([&](store::Session& session) -> Result<std::size_t> {
    const std::int64_t now = platform_.Now();
    HF_TRY(const auto claimed,
           store::ClaimJobs(session, "notify", kDistributeBatch, platform_.host_id, now, now + kLeaseMs));
    HF_CHECK_OK(store::EnqueueJobs(session, Deal(claimed), now));
    HF_CHECK_OK(store::CompleteJobs(session, LeasesOf(claimed)));
    return claimed.size();
  }));
  return jobs == kDistributeBatch;
}

Result<bool> Webhooks::DropUnwanted() {
  return platform_.database.Write([&](store::Session& session) -> Result<bool> {
    const std::int64_t now = platform_.Now();
    bool more = false;
    for (const std::string_view name : kWebhookNames) {
      if (FindLine(name) != nullptr) continue;
      HF_TRY(const auto jobs, store::ClaimJobs(session, KindOf(name), kDistributeBatch, platform_.host_id, now, now));
      HF_CHECK_OK(store::CompleteJobs(session, LeasesOf(jobs)));
      more = more || jobs.size() == kDistributeBatch;
    }
    return more;
  });
}

Webhooks::Line* Webhooks::FindLine(std::string_view name) {
  const auto found = std::ranges::find(lines_, name, [](const Line& line) { return line.target.name; });
  return found == lines_.end() ? nullptr : &*found;
}

Result<bool> Webhooks::Deliver(std::string_view name) {
  Line* line = FindLine(name);
  const std::int64_t now = platform_.Now();
  if (line == nullptr || now < line->paused_until) return false;
  HF_CHECK_OK(SettleTaken(*line));
  Batch batch{.lease_until = now + kLeaseMs};
  HF_TRY(batch.jobs, platform_.database.Write([&](store::Session& session) {
    return store::ClaimJobs(session, KindOf(name), kDeliverBatch, platform_.host_id, now, batch.lease_until);
  }));
  const std::vector<store::Job>& jobs = batch.jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    batch.at = i;
    HF_TRY(const bool held, KeepHolding(batch));
    if (!held) continue;
    const RequestScope scope(RequestIdOf(jobs[i]));
    const auto sent = line->taken.contains(jobs[i].id) ? Result<void>{} : SendJob(*line, jobs[i]);
    HF_CHECK_OK(Settle(*line, jobs[i], sent));
    if (sent) continue;
    // The others would not fare better now; their attempts are not used up by this.
    const auto rest = LeasesOf(std::span(jobs).subspan(i + 1));
    HF_CHECK_OK(platform_.database.Write(
        [&](store::Session& session) { return store::ReturnJobs(session, rest, platform_.Now()); }));
    return false;
  }
  return static_cast<std::int64_t>(jobs.size()) == kDeliverBatch;
}

// Tells the database what it did not hear. What was reaped meanwhile is recognised when it is claimed again.
Result<void> Webhooks::SettleTaken(Line& line) {
  if (line.taken.empty()) return {};
  HF_TRY(const auto settled,
         platform_.database.Write([&](store::Session& session) -> Result<std::vector<std::int64_t>> {
           std::vector<std::int64_t> done;
           for (const auto& [id, taken] : line.taken) {
             HF_TRY(const bool held, store::CompleteJob(session, {id, taken.token}));
             if (held) done.push_back(id);
           }
           return done;
         }));
  for (const std::int64_t id : settled) line.taken.erase(id);
  std::erase_if(line.taken, [now = platform_.Now()](const auto& entry) { return entry.second.until < now; });
  return {};
}

// Prolongs the leases of what is left of a batch, when they run short; false: somebody else has the next job now.
Result<bool> Webhooks::KeepHolding(Batch& batch) {
  const std::int64_t now = platform_.Now();
  if (batch.lease_until - now > kLeaseLeftMs) return true;
  std::vector<store::JobLease> left;
  for (std::size_t i = batch.at; i < batch.jobs.size(); ++i) left.push_back({batch.jobs[i].id, batch.jobs[i].token});
  HF_TRY(const auto lost, platform_.database.Write([&](store::Session& session) {
    return store::ExtendJobs(session, left, now + kLeaseMs);
  }));
  // Leases that are lost stay so: each of the others is looked at again in its turn.
  if (lost.empty()) batch.lease_until = now + kLeaseMs;
  return std::ranges::find(lost, batch.jobs[batch.at].id) == lost.end();
}

Result<void> Webhooks::SendJob(Line& line, const store::Job& job) {
  HF_TRY(const auto account, platform_.database.Read([&](store::Session& session) {
    return store::FindAccountById(session, job.account_id);
  }));
  if (!account) return {};
  if (line.client == nullptr) {
    HF_TRY(line.client, make_client_());
  }
  return Send(*line.client, line.target, account->name, TypeOf(job), job.payload);
}

Result<void> Webhooks::Settle(Line& line, const store::Job& job, const Result<void>& sent) {
  const store::JobLease lease{job.id, job.token};
  if (sent) {
    line.failures = 0;
    platform_.logger.LogWith(LogLevel::kInfo, "notification delivered",
                             {{"webhook", line.target.name}, {"notification", job.key}});
    line.taken[job.id] = {job.token, platform_.Now() + kTakenMs};
    HF_TRY(const bool held,
           platform_.database.Write([&](store::Session& session) { return store::CompleteJob(session, lease); }));
    if (held) line.taken.erase(job.id);
    return {};
  }
  const std::int64_t now = platform_.Now();
  line.paused_until = now + Growing(kPauseFirstMs, kPauseMaxMs, ++line.failures);
  platform_.logger.Warning(Format("webhook {}: {}", line.target.name, sent.error().Message()));
  HF_CHECK_OK(platform_.database.Write([&](store::Session& session) {
    return store::FailJob(session, lease, sent.error().Message(), sent.error().Kind() != ErrorKind::kInvalidInput,
                          now + Growing(kRetryFirstMs, kRetryMaxMs, job.attempts), now);
  }));
  return {};
}

Result<void> Webhooks::Send(http::Client& client, const WebhookTarget& target, std::string_view account,
                            std::string_view type, std::string body) const {
  std::string url = Replace(target.url, "<userId>", http::EncodeQueryValue(account));
  url = Replace(std::move(url), "<notification_type>", http::EncodeQueryValue(type));
  const std::string timestamp = std::to_string(platform_.Now() / 1000);
  http::Headers headers = {{"Content-Type", "application/json"}, {"X-Holdfast-Timestamp", timestamp}};
  if (const auto id = RequestScope::Current(); !id.empty()) headers.Add("X-Request-Id", std::string(id));
  if (!target.username.empty())
    headers.Add("Authorization", "Basic " + EncodeBase64(Format("{}:{}", target.username, target.password.Reveal())));
  if (!options_.signing_secret.Empty())
    headers.Add("X-Holdfast-Signature",
                "sha256=" + crypto::HmacSha256(options_.signing_secret, Format("{}.{}", timestamp, body)).Hex());
  HF_TRY(const auto response, client.Send({.method = "POST",
                                           .url = std::move(url),
                                           .headers = std::move(headers),
                                           .body = std::move(body),
                                           .tls = {.verify = options_.verify},
                                           .addresses = options_.addresses}));
  if (response.status >= 200 && response.status < 300) return {};
  return Fail(ErrorKind::kUnavailable, Format("the webhook answers with status {}", response.status));
}

Result<void> Webhooks::SendTestNotification(const store::Account& account, std::string_view name,
                                            std::string_view type) const {
  const auto line = std::ranges::find(lines_, name, [](const Line& one) { return one.target.name; });
  if (line == lines_.end()) return Fail(ErrorKind::kInvalidInput, Format("webhook '{}' is not configured", name));
  HF_TRY(const auto client, make_client_());
  const NewNotification test{.type = std::string(type), .subject = "test", .payload = TestPayload(type)};
  return Send(*client, line->target, account.name, type,
              NotificationJson(account, test, crypto::Uuid4(), platform_.Now()));
}

}  // namespace holdfast::service
