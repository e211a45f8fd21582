#include "support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace holdfast::test {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// False at the end of the stream.
bool Receive(int socket, std::string& data) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  data.assign(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool SendAll(int socket, std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t target_port)
    : target_port_(target_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 64) != 0 || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Work(); });
}

TcpProxy::~TcpProxy() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void TcpProxy::CutWhenClientSays(std::string_view text, Cut cut) {
  const std::lock_guard lock(mutex_);
  trigger_ = text;
  cut_ = cut;
}

void TcpProxy::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  const bool connected = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  pairs_.push_back({.client = client, .server = server, .closed = !connected});
}

void TcpProxy::FromClient(Pair& pair) {
  std::string data;
  if (!Receive(pair.client, data)) {
    pair.closed = true;
    return;
  }
  const std::lock_guard lock(mutex_);
  const bool hit = !trigger_.empty() && data.find(trigger_) != std::string::npos;
  if (hit) trigger_.clear();
  if (hit && cut_ == Cut::kBefore) {
    pair.closed = true;
    return;
  }
  if (hit) (cut_ == Cut::kReply ? pair.drop_reply : pair.silent) = true;
  if (!SendAll(pair.server, data)) pair.closed = true;
}

void TcpProxy::FromServer(Pair& pair) {
  std::string data;
  if (!Receive(pair.server, data) || pair.drop_reply || (!pair.silent && !SendAll(pair.client, data)))
    pair.closed = true;
}

void TcpProxy::Work() {
  while (!stopping_) {
    std::vector<pollfd> sockets = {{.fd = listener_, .events = POLLIN}};
    for (const Pair& pair : pairs_) {
      sockets.push_back({.fd = pair.client, .events = POLLIN});
      sockets.push_back({.fd = pair.server, .events = POLLIN});
    }
    ::poll(sockets.data(), sockets.size(), 20);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      if (sockets[1 + 2 * i].revents != 0) FromClient(pairs_[i]);
      if (!pairs_[i].closed && sockets[2 + 2 * i].revents != 0) FromServer(pairs_[i]);
    }
    if (sockets[0].revents != 0) Accept();
    std::erase_if(pairs_, [](const Pair& pair) {
      if (pair.closed) {
        ::close(pair.client);
        ::close(pair.server);
      }
      return pair.closed;
    });
  }
  for (const Pair& pair : pairs_) {
    ::close(pair.client);
    ::close(pair.server);
  }
}

}  // namespace holdfast::test
