#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/internal/chunked.h"
#include "http/internal/request_head.h"

namespace holdfast::http {
namespace {

constexpr const char* kHost = "Host: a\r\n";

int StatusOf(const std::string& head) {
  const auto parsed = ParseRequestHead(head);
  return parsed ? 0 : parsed.error().status;
}
int StatusOfFields(const std::string& fields) { return StatusOf("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"); }

TEST(RequestHead, IsTakenApart) {
  const auto head = ParseRequestHead(
      "\r\nPOST /v1/images?a=b HTTP/1.1\r\nhost: a.example:80\r\nX-Empty:\r\nX-Both: \t a \tb \t\r\nX-Both: c\r\n"
      "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/v1/images?a=b");
  EXPECT_EQ(head->headers.Find("x-empty"), "");
  EXPECT_EQ(head->headers.FindAll("x-both"), (std::vector<std::string_view>{"a \tb", "c"}));
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->HasBody());
  EXPECT_TRUE(head->expects_continue);
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(head->chunked);
}

TEST(RequestHead, KnowsWhichConnectionsStay) {
  const auto stays = [](const std::string& version, const std::string& fields) {
    return ParseRequestHead("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n")->keep_alive;
  };
  EXPECT_TRUE(stays("1.1", ""));
  EXPECT_TRUE(stays("1.1", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(stays("1.1", "Connection: upgrade, Close\r\n"));
  EXPECT_FALSE(stays("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_FALSE(stays("1.0", ""));
  EXPECT_TRUE(stays("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(RequestHead, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  struct Case {
    const char* fields;
    int status;
  };
  const Case cases[] = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: -1\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5 \x0b\r\n", 400},
      {"Content-Length:\r\n", 400},
      {"Content-Length: 18446744073709551616\r\n", 400},
      {"Content-Length : 5\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding: chunked, identity\r\n", 501},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: chunked;a=b\r\n", 501},
      {"Transfer-Encoding: xchunked\r\n", 501},
      {"Transfer-Encoding:\x0b"
       "chunked\r\n",
       400},
      {"Transfer-Encoding:\r\n chunked\r\n", 400},
      {"X-A: b\r\n folded\r\n", 400},
      {"X-A: b\r\n\tfolded\r\n", 400},
      {" X-A: b\r\n", 400},
      {": b\r\n", 400},
      {"X A: b\r\n", 400},
      {"X-A\r\n", 400},
      {"X-A: b\nX-B: c\r\n", 400},
      {"X-A: b\rX-B: c\r\n", 400},
      {"X-A: \x7f\r\n", 400},
      {"Host: b\r\n", 400},
      {"Expect: the-best\r\n", 417},
      {"Connection: close;now\r\n", 400},
      {"Connection: clos\xff\r\n", 400},
  };
  for (const Case& c : cases) EXPECT_EQ(StatusOfFields(c.fields), c.status) << c.fields;
  EXPECT_EQ(StatusOfFields(std::string("X-A: b\0c\r\n", 10)), 400);
  EXPECT_EQ(StatusOfFields("Transfer-Encoding: Chunked\r\n"), 0);
  EXPECT_EQ(StatusOfFields("Content-Length: 18446744073709551615\r\n"), 0);
  EXPECT_EQ(StatusOfFields("X-A: caf\xc3\xa9 \xff\r\n"), 0);
}

TEST(RequestHead, RequestLinesAreReadStrictly) {
  struct Case {
    const char* line;
    int status;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1", 0},
      {"GET / HTTP/1.0", 0},
      {"PURGE-IT / HTTP/1.1", 0},
      {"OPTIONS * HTTP/1.1", 0},
      {"", 400},
      {"GET", 400},
      {"GET /", 400},
      {"GET  HTTP/1.1", 400},
      {" GET / HTTP/1.1", 400},
      {"GET /  HTTP/1.1", 400},
      {"GET /a b HTTP/1.1", 400},
      {"GET\t/ HTTP/1.1", 400},
      {"G(T / HTTP/1.1", 400},
      {"GET / http/1.1", 400},
      {"GET / HTTP/1.1 ", 400},
      {"GET / HTTP/2.0", 505},
      {"GET / HTTP/0.9", 505},
      {"GET / HTTP/1.10", 505},
      {"GET /#a HTTP/1.1", 400},
      {"GET /\x7f HTTP/1.1", 400},
      {"GET /\xc3\xa9 HTTP/1.1", 400},
  };
  for (const Case& c : cases) EXPECT_EQ(StatusOf(std::string(c.line) + "\r\n" + kHost + "\r\n"), c.status) << c.line;
  EXPECT_EQ(StatusOf(std::string(40, 'A') + " / HTTP/1.1\r\n" + kHost + "\r\n"), 400);
}

TEST(RequestHead, HostIsNeededOnceAndPlain) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 0);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: [::1]:8228\r\n\r\n"), 0);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestHead, TheNumberOfFieldsIsBounded) {
  std::string fields;
  for (std::size_t i = 1; i < kHeaderFieldsMax; ++i) fields += "X-A: b\r\n";
  EXPECT_EQ(StatusOfFields(fields), 0);
  EXPECT_EQ(StatusOfFields(fields + "X-A: b\r\n"), 431);
}

TEST(HeadEnd, IsFoundHoweverTheBytesArrive) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t step = 1; step <= head.size() + 3; ++step) {
    const std::string bytes = head + "body\n";
    std::size_t looked = 0;
    HeadEnd end;
    for (std::size_t size = step; end.state == HeadEnd::State::kMore && size < bytes.size() + step; size += step)
      end = FindHeadEnd(std::string_view(bytes).substr(0, size), looked);
    EXPECT_EQ(end.state, HeadEnd::State::kComplete) << step;
    EXPECT_EQ(end.size, head.size()) << step;
  }
}

TEST(HeadEnd, IsGivenUpAtOnceForWhatIsNoText) {
  for (const std::string& bytes : {std::string("\x16\x03\x01"), std::string("GET / HTTP/1.1\n"), std::string("\n"),
                                   std::string("GET /\rX"), std::string("a\0b", 3), std::string("\r\r")}) {
    std::size_t looked = 0;
    EXPECT_EQ(FindHeadEnd(bytes, looked).state, HeadEnd::State::kBad) << bytes;
  }
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Target, IsDecodedSegmentBySegment) {
  const auto target = DecodeTarget(
      "GET", "/v1//images/docker.io%2flibrary%2Falpine:3.19/a+b/%E2%82%AC/?fulltag=a%2Fb&x=a+b%2B&y&&=z&x=2");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->segments,
            (std::vector<std::string>{"v1", "images", "docker.io/library/alpine:3.19", "a+b", "\xE2\x82\xAC"}));
  EXPECT_EQ(target->query, (Pairs{{"fulltag", "a/b"}, {"x", "a b+"}, {"y", ""}, {"", "z"}, {"x", "2"}}));
  EXPECT_TRUE(DecodeTarget("GET", "/")->segments.empty());
  EXPECT_TRUE(DecodeTarget("OPTIONS", "*")->segments.empty());
  EXPECT_EQ(DecodeTarget("GET", "http://host:80/a?b=c")->segments, (std::vector<std::string>{"a"}));
  EXPECT_EQ(DecodeTarget("GET", "https://host?b=c")->query, (Pairs{{"b", "c"}}));
  EXPECT_EQ(DecodeTarget("GET", "/?a=%0a")->query, (Pairs{{"a", "\n"}}));
}

TEST(Target, NonsenseIsRefused) {
  for (const char* text :
       {"",        "*",       "a",           "host:80", "ftp://a/b", "?a",      "/%",         "/%4",        "/%zz",
        "/%+1",    "/a%00b",  "/?a=%00",     "/?%00=a", "/%c0%af",   "/%C1%9C", "/%e0%80%af", "/%ed%a0%80", "/%ff",
        "/?a=%ff", "/a/../b", "/a/%2e%2E/b", "/./a",    "/%0a",      "/%7f",    "/%1b[2J",    "/?a=%",      "/?%"})
    EXPECT_FALSE(DecodeTarget("GET", text)) << text;
  std::string deep, wide = "/?";
  for (int i = 0; i < 65; ++i) deep += "/a";
  for (int i = 0; i < 513; ++i) wide += "a=b&";
  EXPECT_FALSE(DecodeTarget("GET", deep));
  EXPECT_FALSE(DecodeTarget("GET", wide));
}

TEST(RequestId, IsWhatLogsCanHold) {
  EXPECT_TRUE(IsRequestId("a.B-9_"));
  EXPECT_TRUE(IsRequestId(std::string(128, 'a')));
  EXPECT_FALSE(IsRequestId(std::string(129, 'a')));
  for (const char* text : {"", "a b", "a\"", "a/b", "\xc3\xa9"}) EXPECT_FALSE(IsRequestId(text)) << text;
}

TEST(ListNames, KnowsElementsAndQuality) {
  const auto takes = [](const char* value) {
    return ListNames({{"Accept-Encoding", value}}, "accept-encoding", "gzip");
  };
  for (const char* value : {"gzip", "br, GZIP;q=0.5", "deflate,gzip", " gzip ; q=1"})
    EXPECT_TRUE(takes(value)) << value;
  for (const char* value : {"", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", ",,"}) EXPECT_FALSE(takes(value)) << value;
}

// The status of a refusal, or the body.
std::string Dechunk(const std::string& coded, std::size_t step, std::uint64_t bytes_max = 100) {
  ChunkedDecoder decoder(bytes_max);
  std::string body;
  for (std::size_t at = 0; at < coded.size() && !decoder.Done(); at += step) {
    const std::string_view piece = std::string_view(coded).substr(at, step);
    const auto taken = decoder.Feed(piece, body);
    if (!taken) return std::to_string(taken.error().status);
    if (*taken != piece.size() && !decoder.Done()) return "stuck";
  }
  return decoder.Done() ? body : "unfinished";
}

TEST(Chunked, IsDecodedHoweverItIsCut) {
  for (std::size_t step = 1; step < 60; ++step) {
    EXPECT_EQ(Dechunk("5\r\nhello\r\n00000a;a=b;c=\"d e\"\r\n, chunks!!\r\n0\r\n\r\n", step), "hello, chunks!!")
        << step;
    EXPECT_EQ(Dechunk("0\r\nX-Checksum: abc\r\nX-B: c\r\n\r\n", step), "") << step;
  }
}

TEST(Chunked, LeavesWhatFollows) {
  ChunkedDecoder decoder(10);
  std::string body;
  const auto taken = decoder.Feed("1\r\na\r\n0\r\n\r\nGET /", body);
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, 11U);
  EXPECT_TRUE(decoder.Done());
}

TEST(Chunked, BadFramingIsRefused) {
  for (const char* coded :
       {"\r\n", "g\r\n", "-1\r\n", "+1\r\na", " 1\r\na", "1 \r\na", "0x1\r\na", "1\na\r\n", "1\rXa", "1\r\nab\r\n",
        "1\r\na\n0\r\n\r\n", "1\r\na\rX", "0\r\n\rX", "0\r\n X: folded\r\n\r\n", "0\r\nX: a\nb\r\n\r\n",
        "1;a=\"\n\"\r\na\r\n", "0000000000000001\r\na", "0\r\nX: \x01\r\n\r\n"})
    EXPECT_EQ(Dechunk(coded, 1), "400") << coded;
  EXPECT_EQ(Dechunk("0;" + std::string(17 * 1024, 'a'), 100), "400");
  EXPECT_EQ(Dechunk("0\r\n" + std::string(17 * 1024, 'a'), 100), "400");
}

TEST(Chunked, LengthsAreBoundedBeforeTheyAreSent) {
  EXPECT_EQ(Dechunk("65\r\n", 1), "413");
  EXPECT_EQ(Dechunk("fffffffffffffff\r\n", 1), "413");
  EXPECT_EQ(Dechunk("5\r\nhello\r\n1\r\n", 1, 5), "413");
  EXPECT_EQ(Dechunk("5\r\nhello\r\n0\r\n\r\n", 1, 5), "hello");
}

}  // namespace
}  // namespace holdfast::http
