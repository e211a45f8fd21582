// Webhooks: where notifications go. A notification (a job of kind "notify", see notifications.h) becomes one delivery
// for each webhook that wants it: a job of kind "hook_NAME". So each webhook has a queue, attempts and pauses of its
// own, and one that is slow or gone holds up nobody else; what was delivered to one is not sent again because of
// another.
//
// A delivery is a POST of the notification, with
//   Authorization          Basic, when the webhook has a user
//   X-Holdfast-Timestamp   seconds since 1970
//   X-Request-Id           of the request that it tells the end of, if there was one
//   X-Holdfast-Signature   "sha256=" and the HMAC-SHA256, in hex, of timestamp, "." and body, when there is a signing
//                          secret: a receiver checks it, and that the timestamp is recent
// Any 2xx is success; redirects are not followed. Everything else is tried again for about a week, with pauses that
// grow to an hour. Receivers may get a notification twice, when their answer was lost with the process or the database
// that should have noted it; its queueId tells.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"
#include "http/client.h"
#include "service/platform.h"
#include "store/accounts.h"
#include "store/jobs.h"

namespace holdfast::service {

class Background;

// The webhooks that may be configured: "general" gets all notifications, the others those of their type.
inline constexpr std::array<std::string_view, 7> kWebhookNames = {
    "general", "policy_eval", "tag_update", "vuln_update", "analysis_update", "event_log", "error_event"};

struct WebhookTarget {
  std::string name;  // of kWebhookNames; others are never called
  std::string url;   // "<userId>" and "<notification_type>" in it are filled in; empty: not configured
  std::string username;
  crypto::Secret password;
};

struct WebhookOptions {
  std::vector<WebhookTarget> targets;
  std::string username;  // of targets that have none
  crypto::Secret password;
  bool verify = true;             // certificates
  crypto::Secret signing_secret;  // empty: deliveries are not signed
  http::AddressPolicy addresses = {http::AddressClass::kPublic};
  std::int64_t timeout_ms = 2'000;  // to connect, and for silence afterwards
  std::int64_t period_ms = 10'000;  // between looks for what nobody told of
};

class Webhooks {
 public:
  using MakeClient = std::function<Result<std::unique_ptr<http::Client>>()>;

  Webhooks(const Platform& platform, WebhookOptions options);
  // With clients of its own making, for tests.
  Webhooks(const Platform& platform, WebhookOptions options, MakeClient make_client);

  // One task that distributes, one for each webhook that is configured. This outlives them.
  void Start(Background& background);

  // Turns waiting notifications into deliveries; true: there may be more. Without a webhook that wants it, a
  // notification is done.
  [[nodiscard]] Result<bool> Distribute();
  // Ends deliveries that wait for a webhook which is configured no longer; true: there may be more.
  [[nodiscard]] Result<bool> DropUnwanted();
  // Delivers to one webhook, by one thread at a time; true: there may be more. A delivery that fails is no error here.
  [[nodiscard]] Result<bool> Deliver(std::string_view name);

  // Sends a made-up notification of that type now. kInvalidInput when the webhook is not configured, else the error of
  // the delivery.
  [[nodiscard]] Result<void> SendTestNotification(const store::Account& account, std::string_view name,
                                                  std::string_view type) const;

 private:
  struct Taken {
    std::int64_t token = 0;  // of the lease it was sent under
    std::int64_t until = 0;  // when it is forgotten
  };
  // A webhook and how it goes there.
  struct Line {
    WebhookTarget target;
    std::unique_ptr<http::Client> client;
    std::int64_t failures = 0;  // in a row
    std::int64_t paused_until = 0;
    // What the receiver has taken, and the database does not know yet, by job.
    std::map<std::int64_t, Taken> taken = {};
  };
  // One claimed batch on its way.
  struct Batch {
    std::vector<store::Job> jobs;
    std::size_t at = 0;
    std::int64_t lease_until = 0;
  };
  [[nodiscard]] std::vector<store::NewJob> Deal(const std::vector<store::Job>& notifications) const;
  [[nodiscard]] Line* FindLine(std::string_view name);
  [[nodiscard]] Result<void> Send(http::Client& client, const WebhookTarget& target, std::string_view account,
                                  std::string_view type, std::string body) const;
  [[nodiscard]] Result<void> SettleTaken(Line& line);
  [[nodiscard]] Result<bool> KeepHolding(Batch& batch);
  [[nodiscard]] Result<void> SendJob(Line& line, const store::Job& job);
  [[nodiscard]] Result<void> Settle(Line& line, const store::Job& job, const Result<void>& sent);

  const Platform& platform_;
  WebhookOptions options_;
  MakeClient make_client_;
  std::vector<Line> lines_;
};

}  // namespace holdfast::service
