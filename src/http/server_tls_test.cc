// Servers that speak TLS, asked by our own client and by openssl's.

#include <gtest/gtest.h>

#include <string>

#include "http/client.h"
#include "http/server.h"
#include "support/test_support.h"

namespace holdfast::http {
namespace {

using test::ExpectError;
using test::Value;

class EchoHandler final : public Handler {
 public:
  std::uint64_t BodyBytesMax(const ServerRequest&) override { return 10'000'000; }
  ServerResponse Handle(const ServerRequest& request) override {
    return {.headers = {{"Content-Type", "application/octet-stream"}}, .body = request.target + request.body};
  }
};

class ServerTlsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Path(const std::string& name) const { return (folder_.Path() / name).string(); }
  // A certificate for 127.0.0.1, signed by itself or by `issuer`.
  void MakeCertificate(const std::string& name, const std::string& subject, const std::string& issuer = "",
                       const std::string& extension = "subjectAltName=IP:127.0.0.1") const {
    const std::string by = issuer.empty() ? "" : " -CA " + Path(issuer + ".pem") + " -CAkey " + Path(issuer + ".key");
    test::RunCommand("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
                     subject + " -addext " + extension + by + " -keyout " + Path(name + ".key") + " -out " +
                     Path(name + ".pem") + " 2>/dev/null");
  }
  Result<std::unique_ptr<Server>> Start(const ServerTls& tls) {
    return StartServer({.tls = tls, .handler_threads = 2}, handler_, nullptr, logger_);
  }
  static Result<std::string> Ask(const Server& server, const std::string& ca_file, const std::string& body = "") {
    HF_TRY(const auto client, MakeCurlClient());
    HF_TRY(const Response response,
           client->Send({.method = body.empty() ? "GET" : "POST",
                         .url = "https://127.0.0.1:" + std::to_string(server.Port()) + "/a?b=c",
                         .body = body,
                         .tls = {.ca_file = ca_file}}));
    return response.body->ReadText(20'000'000);
  }

  test::TemporaryFolder folder_;
  EchoHandler handler_;
  NullLogger logger_;
};

TEST_F(ServerTlsTest, AnswersWhoTrustsItsCertificate) {
  MakeCertificate("own", "own");
  const auto server = Value(Start({.certificate_file = Path("own.pem"), .key_file = Path("own.key")}));
  EXPECT_EQ(Value(Ask(*server, Path("own.pem"))), "/a?b=c");
  const std::string large(5'000'000, 'x');
  EXPECT_EQ(Value(Ask(*server, Path("own.pem"), large)), "/a?b=c" + large);
  MakeCertificate("other", "other");
  ExpectError(Ask(*server, Path("other.pem")), ErrorKind::kDenied);
}

TEST_F(ServerTlsTest, SendsTheChainThatLeadsToTheRoot) {
  MakeCertificate("root", "root", "", "keyUsage=keyCertSign");
  MakeCertificate("middle", "middle", "root", "keyUsage=keyCertSign");
  MakeCertificate("leaf", "leaf", "middle");
  const auto without = Value(Start({.certificate_file = Path("leaf.pem"), .key_file = Path("leaf.key")}));
  ExpectError(Ask(*without, Path("root.pem")), ErrorKind::kDenied);
  const auto with = Value(
      Start({.certificate_file = Path("leaf.pem"), .key_file = Path("leaf.key"), .chain_file = Path("middle.pem")}));
  EXPECT_EQ(Value(Ask(*with, Path("root.pem"))), "/a?b=c");
}

TEST_F(ServerTlsTest, OldVersionsAndWeakCiphersAreRefused) {
  MakeCertificate("own", "own");
  const auto server = Value(Start({.certificate_file = Path("own.pem"), .key_file = Path("own.key")}));
  const auto connects = [&](const std::string& how) {
    const std::string out = test::RunCommand("openssl s_client -connect 127.0.0.1:" + std::to_string(server->Port()) +
                                             " " + how + " < /dev/null 2>&1; true");
    return out.find("Cipher is (NONE)") == std::string::npos && out.find("Cipher is ") != std::string::npos;
  };
  EXPECT_TRUE(connects("-tls1_3"));
  EXPECT_TRUE(connects("-tls1_2"));
  EXPECT_FALSE(connects("-tls1_1 -cipher ALL:@SECLEVEL=0"));
  EXPECT_FALSE(connects("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256"));
  EXPECT_NE(test::RunCommand("openssl s_client -alpn h2,http/1.1 -connect 127.0.0.1:" + std::to_string(server->Port()) +
                             " < /dev/null 2>&1; true")
                .find("ALPN protocol: http/1.1"),
            std::string::npos);
}

TEST_F(ServerTlsTest, FilesThatDoNotServeAreNamed) {
  MakeCertificate("own", "own");
  MakeCertificate("other", "other");
  test::WriteFile(folder_.Path() / "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  test::RunCommand("openssl ec -aes128 -passout pass:x -in " + Path("own.key") + " -out " + Path("locked.key") +
                   " 2>/dev/null");
  const std::string good = Path("own.pem"), key = Path("own.key");
  ExpectError(Start({.certificate_file = Path("none.pem"), .key_file = key}), ErrorKind::kInvalidInput, "none.pem");
  ExpectError(Start({.certificate_file = Path("broken.pem"), .key_file = key}), ErrorKind::kInvalidInput, "broken.pem");
  ExpectError(Start({.certificate_file = good, .key_file = Path("other.key")}), ErrorKind::kInvalidInput, "other.key");
  ExpectError(Start({.certificate_file = good, .key_file = Path("locked.key")}), ErrorKind::kInvalidInput,
              "locked.key");
  ExpectError(Start({.certificate_file = good, .key_file = key, .chain_file = Path("broken.pem")}),
              ErrorKind::kInvalidInput, "broken.pem");
  ExpectError(Start({.certificate_file = good}), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace holdfast::http
