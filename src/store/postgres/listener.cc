#include "store/postgres/listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "store/postgres/values.h"

namespace holdfast::store::postgres {
namespace {

constexpr const char* kListen = "LISTEN holdfast";
constexpr const char* kSend = "SELECT pg_notify('holdfast', channel) FROM unnest($1) AS sent(channel)";
constexpr int kReconnectMsMin = 100;
constexpr int kReconnectMsMax = 5'000;
constexpr int kIdleMs = 60'000;

struct FreeNotification {
  void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

// All results of one command; false when it failed.
bool Succeeds(Link& link) {
  bool ok = true;
  bool any = false;
  while (const ResultHandle result = link.Next()) {
    const ExecStatusType status = PQresultStatus(result.get());
    ok = ok && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    any = true;
  }
  return any && ok && !link.IsLost();
}

}  // namespace

Listener::Listener(const ConnectionSettings& settings, NotificationHub& hub)
    : settings_(settings), hub_(hub), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Listener::~Listener() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  if (wake_ >= 0) ::close(wake_);
}

void Listener::Start() {
  const std::lock_guard lock(mutex_);
  if (started_) return;
  started_ = true;
  thread_ = std::thread([this] { Work(); });
}

void Listener::Send(const std::set<std::string, std::less<>>& channels) {
  {
    const std::lock_guard lock(mutex_);
    pending_.insert(channels.begin(), channels.end());
  }
  Start();
  Wake();
}

void Listener::Wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof(one));  // full: it is awake
}

bool Listener::IsStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Listener::Sleep(int socket, int timeout_ms) {
  std::array<pollfd, 2> waiting = {pollfd{.fd = wake_, .events = POLLIN}, pollfd{.fd = socket, .events = POLLIN}};
  ::poll(waiting.data(), waiting.size(), timeout_ms);
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(wake_, &count, sizeof(count));
}

void Listener::Work() {
  int pause_ms = kReconnectMsMin;
  while (!IsStopping()) {
    auto link = Link::Open(settings_);
    if (link && Listen(*link)) {
      pause_ms = kReconnectMsMin;
      // What was sent while nobody listened is lost, so everybody looks for themselves.
      hub_.PublishAll();
      while (!IsStopping() && Serve(*link)) {
      }
    }
    if (!IsStopping()) Sleep(-1, pause_ms);
    pause_ms = std::min(pause_ms * 2, kReconnectMsMax);
  }
}

bool Listener::Listen(Link& link) { return PQsendQuery(link.Get(), kListen) == 1 && Succeeds(link); }

bool Listener::Serve(Link& link) {
  if (!SendPending(link)) return false;
  const int own_process = PQbackendPID(link.Get());
  while (const std::unique_ptr<PGnotify, FreeNotification> heard{PQnotifies(link.Get())}) {
    // This process told its own threads at once.
    if (heard->be_pid != own_process) hub_.Publish(heard->extra);
  }
  Sleep(PQsocket(link.Get()), kIdleMs);
  return PQconsumeInput(link.Get()) == 1 && !link.IsLost();
}

bool Listener::SendPending(Link& link) {
  std::set<std::string, std::less<>> sending;
  {
    const std::lock_guard lock(mutex_);
    sending.swap(pending_);
  }
  if (sending.empty()) return true;
  const Parameters channels = {std::vector<std::string>(sending.begin(), sending.end())};
  const EncodedParameters encoded(channels);
  const Oid type = TypeOf(channels[0]);
  if (PQsendQueryParams(link.Get(), kSend, 1, &type, encoded.Values(), encoded.Lengths(), encoded.Formats(), 0) == 1 &&
      Succeeds(link))
    return true;
  const std::lock_guard lock(mutex_);
  pending_.merge(sending);  // by the next link
  return false;
}

}  // namespace holdfast::store::postgres
