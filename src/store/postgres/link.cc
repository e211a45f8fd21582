#include "store/postgres/link.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/format.h"

namespace holdfast::store::postgres {
namespace {

constexpr std::int64_t kPollMsMax = 60'000;

// libpq's sentence, on one line and without the password.
std::string Sentence(PGconn* connection, const std::string& password) {
  std::string said = connection != nullptr ? PQerrorMessage(connection) : "out of memory";
  while (!said.empty() && said.back() == '\n') said.pop_back();
  std::ranges::replace(said, '\n', ' ');
  for (std::size_t at = 0; !password.empty() && (at = said.find(password, at)) != std::string::npos; at += 3)
    said.replace(at, password.size(), "***");
  return said;
}

// A refused connection has no result, and so no SQLSTATE that libpq 15 would tell; what its message says decides.
ErrorKind KindOfRefusal(PGconn* connection, std::string_view said) {
  if (PQconnectionNeedsPassword(connection) != 0) return ErrorKind::kDenied;
  constexpr std::string_view kDenied[] = {"authentication failed", "no pg_hba.conf entry", "certificate",
                                          "does not support SSL", "permission denied for database"};
  const auto contains = [&](std::string_view part) { return said.find(part) != std::string_view::npos; };
  if (std::ranges::any_of(kDenied, contains)) return ErrorKind::kDenied;
  if (contains("FATAL:") && contains("does not exist"))
    return contains("role \"") ? ErrorKind::kDenied : ErrorKind::kNotFound;
  if (contains("invalid sslmode") || contains("invalid connection option")) return ErrorKind::kInvalidInput;
  return ErrorKind::kUnavailable;
}

void IgnoreNotice(void*, const PGresult*) {}

}  // namespace

Result<Link> Link::Open(const ConnectionSettings& settings) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : settings.keywords) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Link link(PQconnectdbParams(keywords.data(), values.data(), 0), settings.silence_max_ms);
  PGconn* connection = link.Get();
  if (PQstatus(connection) != CONNECTION_OK) {
    const std::string said = Sentence(connection, settings.password);
    return Fail(KindOfRefusal(connection, said), Format("connecting to the database: {}", said));
  }
  PQsetNoticeReceiver(connection, &IgnoreNotice, nullptr);
  if (PQsetnonblocking(connection, 1) != 0)
    return Fail(ErrorKind::kUnavailable, "connecting to the database: the connection was lost");
  return link;
}

bool Link::Await(std::int64_t silence_max_ms) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(silence_max_ms);
  for (;;) {
    const int unsent = PQflush(Get());
    if (unsent < 0) return true;  // the next PQgetResult says why
    if (PQisBusy(Get()) == 0 && unsent == 0) return true;
    std::int64_t wait_ms = kPollMsMax;
    if (silence_max_ms > 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return false;
      wait_ms = std::min(wait_ms, left);
    }
    pollfd socket{.fd = PQsocket(Get()), .events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN)};
    const int ready = ::poll(&socket, 1, static_cast<int>(wait_ms));
    if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(Get()) == 0) return true;
  }
}

ResultHandle Link::Next(bool patient) {
  if (lost_) return nullptr;
  if (!Await(patient ? 0 : silence_max_ms_)) {
    lost_ = true;
    return nullptr;
  }
  return ResultHandle(PQgetResult(Get()));
}

bool Link::LooksAlive() const {
  if (IsLost()) return false;
  // An idle server says nothing, except that it is going.
  pollfd socket{.fd = PQsocket(Get()), .events = POLLIN};
  return ::poll(&socket, 1, 0) == 0;
}

Failure Link::Explain(std::string_view statement, const PGresult* result, bool writing) {
  const auto field = [&](int code) {
    const char* text = result != nullptr ? PQresultErrorField(result, code) : nullptr;
    return text != nullptr ? std::string_view(text) : std::string_view();
  };
  return MakeFailure(statement,
                     {.sqlstate = field(PG_DIAG_SQLSTATE),
                      .primary = field(PG_DIAG_MESSAGE_PRIMARY),
                      .constraint = field(PG_DIAG_CONSTRAINT_NAME),
                      .function = field(PG_DIAG_SOURCE_FUNCTION)},
                     writing);
}

}  // namespace holdfast::store::postgres
