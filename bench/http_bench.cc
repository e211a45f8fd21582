// The server in a process of its own, asked by one thread over many connections that stay open: requests per second,
// the 99th percentile of their times, and the server's memory, idle and with that many connections.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "http/server.h"

namespace holdfast {
namespace {

constexpr std::string_view kRequest = "GET /v1/images/sha256:0?a=b HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
constexpr std::string_view kBody = R"({"status":"analyzed"})";

class SmallHandler final : public http::Handler {
 public:
  std::uint64_t BodyBytesMax(const http::ServerRequest&) override { return 0; }
  http::ServerResponse Handle(const http::ServerRequest&) override {
    return {.headers = {{"Content-Type", "application/json"}}, .body = std::string(kBody)};
  }
};

void Require(bool fine, const char* what) {
  if (fine) return;
  std::perror(what);
  std::exit(1);
}

class ServerProcess {
 public:
  ServerProcess() {
    std::array<int, 2> ends{};
    Require(pipe(ends.data()) == 0, "pipe");
    child_ = fork();
    Require(child_ >= 0, "fork");
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      Serve(ends[1]);
    }
    close(ends[1]);
    Require(read(ends[0], &port_, sizeof(port_)) == sizeof(port_), "server");
    close(ends[0]);
  }
  ~ServerProcess() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] std::uint16_t Port() const { return port_; }
  [[nodiscard]] double ResidentMiB() const {
    std::ifstream status("/proc/" + std::to_string(child_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
    return 0;
  }

 private:
  [[noreturn]] static void Serve(int tell) {
    SmallHandler handler;
    NullLogger logger;
    auto server = http::StartServer({.waiting_max = 10'000}, handler, nullptr, logger);
    Require(server.has_value(), "start");
    const std::uint16_t port = (*server)->Port();
    Require(write(tell, &port, sizeof(port)) == sizeof(port), "tell");
    while (true) pause();
  }

  pid_t child_ = 0;
  std::uint16_t port_ = 0;
};

// Each connection has one request on its way at any time.
class Load {
 public:
  Load(std::uint16_t port, std::size_t connections) : poll_(epoll_create1(EPOLL_CLOEXEC)), connections_(connections) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (std::size_t i = 0; i < connections; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      Require(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0, "connect");
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      Require(epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll");
      connections_[i].socket = fd;
    }
  }
  ~Load() {
    for (const Connection& connection : connections_) close(connection.socket);
    close(poll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void Run(std::size_t requests) {
    std::size_t sent = 0, answered = 0;
    for (Connection& connection : connections_)
      if (sent < requests) sent += Send(connection);
    std::array<epoll_event, 256> events{};
    while (answered < requests) {
      const int count = epoll_wait(poll_, events.data(), events.size(), 10'000);
      Require(count > 0, "no answer");
      for (int i = 0; i < count; ++i) {
        Connection& connection = connections_[events[static_cast<std::size_t>(i)].data.u64];
        if (!Receive(connection)) continue;
        ++answered;
        if (sent < requests) sent += Send(connection);
      }
    }
  }
  // Microseconds that a share of the requests stayed below.
  [[nodiscard]] double Percentile(double share) {
    const auto at = times_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(times_.size() - 1));
    std::nth_element(times_.begin(), at, times_.end());
    return *at;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    int socket = -1;
    Clock::time_point started;
    std::string answer;
  };
  std::size_t Send(Connection& connection) {
    connection.started = Clock::now();
    Require(send(connection.socket, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == ssize_t(kRequest.size()),
            "send");
    return 1;
  }
  // True when the answer is whole; anything but the right answer ends the program.
  bool Receive(Connection& connection) {
    std::array<char, 4096> piece;
    const ssize_t size = recv(connection.socket, piece.data(), piece.size(), 0);
    Require(size > 0, "receive");
    connection.answer.append(piece.data(), static_cast<std::size_t>(size));
    if (!connection.answer.ends_with(kBody)) return false;
    Require(connection.answer.starts_with("HTTP/1.1 200 OK\r\n"), "answer");
    connection.answer.clear();
    times_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - connection.started).count());
    return true;
  }

  int poll_;
  std::vector<Connection> connections_;
  std::vector<double> times_;
};

void KeptConnections(benchmark::State& state) {
  constexpr std::size_t kRequests = 20'000;
  const ServerProcess server;
  const double idle_mib = server.ResidentMiB();
  Load load(server.Port(), static_cast<std::size_t>(state.range(0)));
  load.Run(kRequests);  // to warm up, and so that each connection is known to the server
  for (auto _ : state) load.Run(kRequests);
  state.counters["requests"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kRequests, benchmark::Counter::kIsRate);
  state.counters["p50_us"] = load.Percentile(0.5);
  state.counters["p99_us"] = load.Percentile(0.99);
  state.counters["idle_MiB"] = idle_mib;
  state.counters["MiB"] = server.ResidentMiB();
}
BENCHMARK(KeptConnections)->Arg(1)->Arg(200)->Arg(2000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
