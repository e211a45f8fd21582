#include "http/internal/response_head.h"

#include <gtest/gtest.h>

#include <string>

#include "io/byte_source.h"
#include "io/decompress.h"
#include "io/json.h"
#include "support/test_support.h"

namespace holdfast::http {
namespace {

TEST(ResponseHead, HasWhatIsTheServersOnlyOnce) {
  const ServerResponse response{.status = 201,
                                .headers = {{"Content-Type", "text/plain"},
                                            {"content-length", "7"},
                                            {"Transfer-Encoding", "chunked"},
                                            {"connection", "close"},
                                            {"X-Request-ID", "other"},
                                            {"Location", "/v1/a"}},
                                .body = "hello"};
  EXPECT_EQ(ResponseHead(response, {.server_name = "holdfast", .date = HttpDate(784111777), .request_id = "r1"}),
            "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: holdfast\r\nX-Request-Id: r1\r\n"
            "Content-Type: text/plain\r\nLocation: /v1/a\r\nContent-Length: 5\r\n\r\n");
}

TEST(ResponseHead, SaysWhetherTheConnectionStays) {
  const auto head = [](bool version_1_1, bool keep_alive) {
    return ResponseHead({.status = 204}, {.version_1_1 = version_1_1, .keep_alive = keep_alive});
  };
  EXPECT_EQ(head(true, true).find("Connection"), std::string::npos);
  EXPECT_NE(head(false, true).find("Connection: keep-alive\r\n"), std::string::npos);
  EXPECT_NE(head(true, false).find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(head(true, true).find("Content-Length"), std::string::npos);  // RFC 9110 section 8.6
}

TEST(RefusalResponse, HasTheShapeThatClientsRead) {
  const ServerResponse response = RefusalResponse({.status = 503, .message = "later \"please\""});
  EXPECT_EQ(response.body, R"({"message":"later \"please\"","httpcode":503,"detail":{"error_codes":[]}})");
  EXPECT_EQ(response.headers.Find("Content-Type"), "application/json");
  EXPECT_TRUE(response.headers.Find("Retry-After"));
  EXPECT_FALSE(RefusalResponse({.status = 400}).headers.Find("Retry-After"));
}

TEST(IsSendable, RefusesWhatWouldBreakTheProtocol) {
  EXPECT_TRUE(IsSendable({.status = 200, .headers = {{"X-A", "b\tc"}}}));
  EXPECT_FALSE(IsSendable({.status = 200, .headers = {{"X-A", "b\r\nSet-Cookie: c"}}}));
  EXPECT_FALSE(IsSendable({.status = 200, .headers = {{"X A", "b"}}}));
  EXPECT_FALSE(IsSendable({.status = 100}));
  EXPECT_FALSE(IsSendable({.status = 0}));
  EXPECT_FALSE(IsSendable({.status = 600}));
}

TEST(Compression, IsForLongTextsAndThoseWhoTakeIt) {
  const std::string text(5000, 'a');
  const auto encoding = [](const ServerRequest& request, ServerResponse response) {
    const std::string plain = response.body;
    CompressFor(request, response);
    if (!response.headers.Find("Content-Encoding")) {
      EXPECT_EQ(response.body, plain);
      return std::string();
    }
    EXPECT_LT(response.body.size(), plain.size());
    io::MemorySource packed(response.body);
    const auto decompressor = test::Value(io::OpenDecompressor(packed, {}));
    EXPECT_EQ(test::Value(decompressor->ReadText(kMiB)), plain);
    return std::string(*response.headers.Find("Content-Encoding"));
  };
  const Headers json = {{"Content-Type", "application/json; charset=utf-8"}};
  const ServerRequest takes{.method = "GET", .headers = {{"Accept-Encoding", "br, gzip"}}};
  EXPECT_EQ(encoding(takes, {.headers = json, .body = text}), "gzip");
  EXPECT_EQ(encoding(takes, {.headers = json, .body = "short"}), "");
  EXPECT_EQ(encoding(takes, {.headers = {{"Content-Type", "application/gzip"}}, .body = text}), "");
  EXPECT_EQ(encoding({.method = "GET"}, {.headers = json, .body = text}), "");
  EXPECT_EQ(encoding({.method = "HEAD", .headers = takes.headers}, {.headers = json, .body = text}), "");
}

}  // namespace
}  // namespace holdfast::http
