#include "http/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include "http/client.h"
#include "http/proxy.h"
#include "http/url.h"
#include "support/test_support.h"

namespace holdfast::http {
namespace {

using test::ExpectError;
using test::Value;
using enum AddressClass;

struct Case {
  const char* address;
  AddressClass address_class;
};

// The first and the last of each range, and their neighbours.
constexpr Case kIpv4[] = {
    {"0.0.0.0", kLoopback},         {"0.0.0.1", kNever},
    {"0.255.255.255", kNever},      {"1.0.0.0", kPublic},
    {"9.255.255.255", kPublic},     {"10.0.0.0", kPrivate},
    {"10.255.255.255", kPrivate},   {"11.0.0.0", kPublic},
    {"100.63.255.255", kPublic},    {"100.64.0.0", kPrivate},
    {"100.127.255.255", kPrivate},  {"100.128.0.0", kPublic},
    {"100.100.100.199", kPrivate},  {"100.100.100.200", kNever},
    {"126.255.255.255", kPublic},   {"127.0.0.0", kLoopback},
    {"127.255.255.255", kLoopback}, {"128.0.0.0", kPublic},
    {"168.63.129.16", kNever},      {"168.63.129.17", kPublic},
    {"169.253.255.255", kPublic},   {"169.254.0.0", kNever},
    {"169.254.169.254", kNever},    {"169.254.255.255", kNever},
    {"169.255.0.0", kPublic},       {"172.15.255.255", kPublic},
    {"172.16.0.0", kPrivate},       {"172.31.255.255", kPrivate},
    {"172.32.0.0", kPublic},        {"192.0.0.1", kPrivate},
    {"192.0.0.192", kNever},        {"192.0.1.0", kPublic},
    {"192.167.255.255", kPublic},   {"192.168.0.0", kPrivate},
    {"192.168.255.255", kPrivate},  {"192.169.0.0", kPublic},
    {"198.17.255.255", kPublic},    {"198.18.0.0", kPrivate},
    {"198.19.255.255", kPrivate},   {"198.20.0.0", kPublic},
    {"223.255.255.255", kPublic},   {"224.0.0.0", kNever},
    {"239.255.255.255", kNever},    {"240.0.0.0", kNever},
    {"255.255.255.255", kNever},
};

constexpr Case kIpv6[] = {
    {"::", kLoopback},
    {"::1", kLoopback},
    {"::2", kNever},
    {"fbff::1", kNever},
    {"fc00::", kPrivate},
    {"fdff:ffff::1", kPrivate},
    {"fd00:ec2::254", kNever},
    {"fd00:ec3::254", kPrivate},
    {"fd20:ce::254", kNever},
    {"fd00:c1::a9fe:a9fe", kNever},
    {"fd00:42::42", kNever},
    {"fe7f::1", kNever},
    {"fe80::1", kNever},
    {"febf:ffff::1", kNever},
    {"fec0::1", kPrivate},
    {"ff02::1", kNever},
    {"2000::1", kPublic},
    {"2606:4700::1111", kPublic},
    {"3fff:ffff::1", kPublic},
    {"4000::1", kNever},
    // NAT64 of a site is inside the site, whatever it carries.
    {"64:ff9b:1::8.8.8.8", kPrivate},
    {"64:ff9b:1::127.0.0.1", kLoopback},
    {"64:ff9b:1::169.254.169.254", kNever},
    // 6to4 carries the address in the front, Teredo turned round at the end.
    {"2002:0808:0808::1", kPublic},
    {"2002:0a00:0001::1", kPrivate},
    {"2002:7f00:0001::1", kLoopback},
    {"2002:a9fe:a9fe::1", kNever},
    {"2001:0:1:2:3:4:f7f7:f7f7", kPublic},
    {"2001:0:1:2:3:4:80ff:fffe", kLoopback},
    {"2001:0:1:2:3:4:5601:5601", kNever},
};

TEST(Address, Ipv4HasItsClassInEveryWrapping) {
  for (const Case& c : kIpv4) {
    for (const char* wrapping : {"", "::ffff:", "64:ff9b::", "::ffff:0:"}) {
      const auto address = IpAddress::Parse(std::string(wrapping) + c.address);
      ASSERT_TRUE(address) << wrapping << c.address;
      EXPECT_EQ(ClassOf(*address), c.address_class) << wrapping << c.address;
    }
  }
  EXPECT_EQ(ClassOfHost("::10.0.0.1"), kPrivate);
  EXPECT_EQ(ClassOfHost("::169.254.169.254"), kNever);
}

TEST(Address, Ipv6HasItsClass) {
  for (const Case& c : kIpv6) EXPECT_EQ(ClassOfHost(c.address), c.address_class) << c.address;
}

TEST(Address, IsReadInEveryNotationThatResolversTake) {
  for (const char* host : {"169.254.169.254", "[::ffff:169.254.169.254]", "2852039166", "0xa9fea9fe", "0xa9.0376.43518",
                           "[fe80::1%25eth0]", "[fe80::1]", "169.254.169.254."})
    EXPECT_EQ(ClassOfHost(host), kNever) << host;
  for (const char* host : {"127.1", "0x7f000001", "017700000001", "[::1]", "localhost", "LOCALHOST.", "0"})
    EXPECT_EQ(ClassOfHost(host), kLoopback) << host;
  for (const char* host : {"metadata.google.internal", "Metadata.Google.Internal.", "metadata", "instance-data"})
    EXPECT_EQ(ClassOfHost(host), kNever) << host;
  for (const char* host : {"example.com", "localhost.example.com", "127.example.com", "", "metadata.example.com", "[]"})
    EXPECT_EQ(ClassOfHost(host), std::nullopt) << host;
  EXPECT_FALSE(IpAddress::Parse(std::string_view("127.0.0.1\0x", 11)));
}

TEST(Address, IsWritten) {
  EXPECT_EQ(IpAddress::Parse("127.1")->Text(), "127.0.0.1");
  EXPECT_EQ(IpAddress::Parse("[::ffff:10.0.0.1]")->Text(), "10.0.0.1");
  EXPECT_EQ(IpAddress::Parse("FE80:0:0::1")->Text(), "fe80::1");
  EXPECT_FALSE(IpAddress::FromBytes(AsBytes("12345")));
  EXPECT_EQ(IpAddress::FromBytes(AsBytes("1234"))->Text(), "49.50.51.52");
}

TEST(AddressPolicy, AllowsNothingMorePrivate) {
  constexpr AddressClass kAll[] = {kPublic, kPrivate, kLoopback, kNever};
  for (const AddressClass most : kAll)
    for (const AddressClass asked : kAll)
      EXPECT_EQ(AddressPolicy{most}.Allows(asked), asked <= most && asked != kNever) << NameOf(most) << NameOf(asked);
  EXPECT_TRUE(AddressPolicy().Allows(kLoopback));
  EXPECT_EQ(AddressPolicy{kPrivate}.AtMost(kLoopback).most_private, kPrivate);
  EXPECT_EQ(AddressPolicy{kPrivate}.AtMost(kPublic).most_private, kPublic);
}

TEST(AddressRange, IsReadStrictly) {
  const auto ten = test::Value(AddressRange::Parse("10.0.0.0/8"));
  EXPECT_TRUE(ten.Holds(*IpAddress::Parse("10.255.1.2")));
  EXPECT_TRUE(ten.Holds(*IpAddress::Parse("::ffff:10.1.2.3")));
  EXPECT_FALSE(ten.Holds(*IpAddress::Parse("11.0.0.1")));
  EXPECT_TRUE(test::Value(AddressRange::Parse("fd00::/8")).Holds(*IpAddress::Parse("fd12::1")));
  EXPECT_TRUE(test::Value(AddressRange::Parse("192.168.1.5")).Holds(*IpAddress::Parse("192.168.1.5")));
  EXPECT_FALSE(test::Value(AddressRange::Parse("192.168.1.5")).Holds(*IpAddress::Parse("192.168.1.4")));
  EXPECT_TRUE(test::Value(AddressRange::Parse("0.0.0.0/0")).Holds(*IpAddress::Parse("8.8.8.8")));
  for (const char* bad : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "fd00::/129", "example.com/8"})
    ExpectError(AddressRange::Parse(bad), ErrorKind::kInvalidInput, "is no range of addresses");
}

TEST(AddressPolicy, ExceptionsOpenWhatIsPrivateButNotWhatIsNeverConnectedTo) {
  const AddressPolicy policy{kPublic, {*AddressRange::Parse("10.1.0.0/16"), *AddressRange::Parse("169.254.0.0/16")}};
  EXPECT_TRUE(CheckHost("10.1.2.3", policy));
  EXPECT_TRUE(policy.Allows(*IpAddress::Parse("8.8.8.8")));
  ExpectError(CheckHost("10.2.0.1", policy), ErrorKind::kDenied, "private");
  ExpectError(CheckHost("169.254.169.254", policy), ErrorKind::kDenied, "link-local");
  ExpectError(CheckHost("127.0.0.1", policy), ErrorKind::kDenied, "loopback");
  EXPECT_TRUE(policy.AtMost(kLoopback).exceptions.empty());
}

TEST(AddressPolicy, SaysWhyAHostIsRefused) {
  EXPECT_TRUE(CheckHost("10.0.0.1", {kPrivate}));
  EXPECT_TRUE(CheckHost("example.com", {kPublic}));
  ExpectError(CheckHost("10.0.0.1", {kPublic}), ErrorKind::kDenied, "10.0.0.1 is a private address: refused");
  ExpectError(CheckHost("[fe80::1]", {}), ErrorKind::kDenied, "link-local, metadata or reserved");
  EXPECT_EQ(RefusedAddress("a.example", "127.0.0.1", kLoopback).Message(),
            "a.example leads to 127.0.0.1, which is a loopback address: refused");
}

std::string Proxy(const char* url, const ProxyVariables& variables) {
  return ProxyFor(Value(Url::Parse(url)), variables);
}

TEST(Proxy, IsTheOneOfTheScheme) {
  const ProxyVariables all{.http = "h:1", .https = "s:2", .all = "a:3"};
  EXPECT_EQ(Proxy("http://a.example/", all), "h:1");
  EXPECT_EQ(Proxy("https://a.example/", all), "s:2");
  EXPECT_EQ(Proxy("https://a.example/", {.http = "h:1", .all = "a:3"}), "a:3");
  EXPECT_EQ(Proxy("https://a.example/", {.http = "h:1"}), "");
  for (const char* local : {"http://localhost/", "http://127.1.2.3/", "http://[::1]/"})
    EXPECT_EQ(Proxy(local, all), "");
}

TEST(Proxy, HasExceptions) {
  const auto exempt = [](const char* url, const char* list) {
    return Proxy(url, {.all = "a:3", .none = list}).empty();
  };
  EXPECT_TRUE(exempt("http://a.example/", "*"));
  for (const char* list : {"a.example", ".example", "example", "x,A.Example y", "x, a.example.", "b,,a.example"})
    EXPECT_TRUE(exempt("http://a.example/", list)) << list;
  for (const char* list : {"", "b.example", "ple", "xa.example", ".", "10.0.0.0/8", "a.example:80", "*.example"})
    EXPECT_FALSE(exempt("http://a.example/", list)) << list;
  for (const char* list : {"10.1.2.3", "10.0.0.0/8", "0.0.0.0/0", "10.1.2.2/31"})
    EXPECT_TRUE(exempt("http://10.1.2.3/", list)) << list;
  for (const char* list :
       {"10.1.2.4", "11.0.0.0/8", "10.1.2.3/33", "10.0.0.0/", "10.0.0.0/x", "::/0", "3", "10.1.2.0/32"})
    EXPECT_FALSE(exempt("http://10.1.2.3/", list)) << list;
  EXPECT_TRUE(exempt("http://[fd00::1]/", "fd00::/8"));
  EXPECT_FALSE(exempt("http://[fd00::1]/", "fe00::/8"));
}

// Listens on a loopback port and answers each request with what it is given.
class LoopbackServer {
 public:
  explicit LoopbackServer(std::string answer) : answer_(std::move(answer)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~LoopbackServer() {
    shutdown(socket_, SHUT_RDWR);
    if (client_ >= 0) shutdown(client_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  [[nodiscard]] std::string Url(const std::string& host) const {
    return "http://" + host + ":" + std::to_string(port_);
  }
  [[nodiscard]] int Connections() const { return connections_; }
  [[nodiscard]] int Requests() const { return requests_; }

 private:
  void Serve() {
    while (true) {
      const int client = accept(socket_, nullptr, nullptr);
      if (client < 0) return;
      client_ = client;
      ++connections_;
      std::string seen;
      char buffer[4096];
      for (ssize_t size = 0; (size = read(client, buffer, sizeof(buffer))) > 0;) {
        seen.append(buffer, static_cast<std::size_t>(size));
        for (std::size_t end = 0; (end = seen.find("\r\n\r\n")) != std::string::npos; seen.erase(0, end + 4)) {
          ++requests_;
          EXPECT_EQ(write(client, answer_.data(), answer_.size()), static_cast<ssize_t>(answer_.size()));
        }
      }
      client_ = -1;
      close(client);
    }
  }
  std::string answer_;
  int socket_;
  int port_ = 0;
  std::atomic<int> client_ = -1, connections_ = 0, requests_ = 0;
  std::thread thread_;
};

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(CurlClientAddresses, ThePeerIsTold) {
  const LoopbackServer server(kOk);
  const auto client = Value(MakeCurlClient());
  auto response = Value(client->Send({.url = server.Url("localhost")}));
  EXPECT_EQ(response.peer, kLoopback);
  EXPECT_EQ(Value(response.body->ReadText(10)), "ok");
}

// Passes every check of names, and curl itself resolves it to loopback (RFC 6761 section 6.3).
constexpr const char* kInsideName = "inside.localhost";

TEST(CurlClientAddresses, ANameThatLeadsInsideIsRefusedBeforeItIsConnectedTo) {
  const LoopbackServer server(kOk);
  const auto client = Value(MakeCurlClient());
  for (const AddressClass most : {kPublic, kPrivate})
    ExpectError(client->Send({.url = server.Url(kInsideName), .addresses = {most}}), ErrorKind::kDenied,
                "which is a loopback address: refused");
  // Connections are taken in turn: once this one is answered, an earlier one would have been counted.
  EXPECT_EQ(Value(Value(MakeCurlClient())->Send({.url = server.Url(kInsideName)})).peer, kLoopback);
  EXPECT_EQ(server.Connections(), 1);
}

TEST(CurlClientAddresses, AConnectionThatIsUsedAgainIsJudgedAgain) {
  const LoopbackServer server(kOk);
  const auto client = Value(MakeCurlClient());
  auto first = Value(client->Send({.url = server.Url(kInsideName)}));
  EXPECT_EQ(Value(first.body->ReadText(10)), "ok");
  first.body.reset();
  ExpectError(client->Send({.url = server.Url(kInsideName), .addresses = {kPublic}}), ErrorKind::kDenied,
              "inside.localhost leads to 127.0.0.1");
  EXPECT_EQ(server.Requests(), 1);
  auto again = Value(client->Send({.url = server.Url(kInsideName)}));
  EXPECT_EQ(Value(again.body->ReadText(10)), "ok");
}

// An interface-local address without an interface: connecting fails at once, so nothing leaves even if it were tried.
TEST(CurlClientAddresses, LinkLocalIsAlwaysRefused) {
  const auto client = Value(MakeCurlClient());
  ExpectError(client->Send({.url = "http://[fe80::1]:80/", .addresses = {kNever}}), ErrorKind::kDenied, "link-local");
}

TEST(CurlClientAddresses, AProxyIsTheUsersChoiceButNotATunnelInside) {
  const LoopbackServer proxy(kOk);
  const auto client = Value(MakeCurlClient());
  setenv("http_proxy", proxy.Url("127.0.0.1").c_str(), 1);
  auto outside = client->Send({.url = "http://registry.example/", .addresses = {kPublic}});
  const auto inside = client->Send({.url = "http://10.0.0.1/", .addresses = {kPublic}});
  unsetenv("http_proxy");
  EXPECT_EQ(Value(std::move(outside)).peer, kPublic);
  ExpectError(inside, ErrorKind::kDenied, "10.0.0.1 is a private address");
  EXPECT_EQ(proxy.Requests(), 1);
}

}  // namespace
}  // namespace holdfast::http
