// Listener: the one connection of a process by which it hears the notifications of others and sends its own. All
// channels travel as payloads of one PostgreSQL channel. Sending happens here and not in the transaction that
// notifies, since PostgreSQL lets only one transaction with a NOTIFY commit at a time; what is waiting to be sent goes
// out together. A thread of its own, started by the first use; safe to use from several threads.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "store/notification_hub.h"
#include "store/postgres/link.h"
#include "store/postgres/settings.h"

namespace holdfast::store::postgres {

class Listener {
 public:
  // Both outlive the listener.
  Listener(const ConnectionSettings& settings, NotificationHub& hub);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  void Start();
  // To the other processes; soon.
  void Send(const std::set<std::string, std::less<>>& channels);

 private:
  void Work();
  // Waits for the socket (none: -1), for a call of Wake, or for the time.
  void Sleep(int socket, int timeout_ms);
  void Wake();
  [[nodiscard]] bool IsStopping();
  [[nodiscard]] static bool Listen(Link& link);
  [[nodiscard]] bool Serve(Link& link);
  [[nodiscard]] bool SendPending(Link& link);

  const ConnectionSettings& settings_;
  NotificationHub& hub_;
  int wake_;  // an eventfd
  std::mutex mutex_;
  bool started_ = false;
  bool stopping_ = false;
  std::set<std::string, std::less<>> pending_;
  std::thread thread_;
};

}  // namespace holdfast::store::postgres
