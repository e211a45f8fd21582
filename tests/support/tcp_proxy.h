// A proxy on 127.0.0.1 that loses what it is told to lose, for tests of broken connections. One thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace holdfast::test {

enum class Cut : std::uint8_t {
  kBefore,  // the connection breaks before the server has what the client said
  kReply,   // the server has it and answers; the answer is lost with the connection
  kSilence  // the server has it; nothing comes back, and the connection stands
};

class TcpProxy {
 public:
  // To a port of 127.0.0.1.
  explicit TcpProxy(std::uint16_t target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] std::uint16_t Port() const { return port_; }
  // Once, when a client says something that contains `text`.
  void CutWhenClientSays(std::string_view text, Cut cut);

 private:
  struct Pair {
    int client = -1;
    int server = -1;
    bool drop_reply = false;
    bool silent = false;
    bool closed = false;
  };

  void Work();
  void Accept();
  void FromClient(Pair& pair);
  static void FromServer(Pair& pair);

  std::uint16_t target_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::string trigger_;
  Cut cut_ = Cut::kBefore;
  std::vector<Pair> pairs_;  // of the thread
  std::thread thread_;
};

}  // namespace holdfast::test
