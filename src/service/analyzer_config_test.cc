#include "service/analyzer_config.h"

#include <gtest/gtest.h>

#include "service/port_wire.h"
#include "service/worker_protocol.h"
#include "support/test_support.h"

namespace holdfast::service {
namespace {

using test::ExpectError;
using test::Value;

class LastWarning final : public Logger {
 public:
  void Log(LogLevel, std::string_view message) override { text = message; }
  std::string text;
};

TEST(AnalyzerConfig, IsReadFromWhereItIsNamedOrBesideTheConfiguration) {
  const test::TemporaryFolder folder;
  LastWarning logger;
  EXPECT_EQ(Value(ReadAnalyzerConfig("", folder.Path(), logger)), catalog::DefaultSearchConfig());
  ExpectError(ReadAnalyzerConfig("own.yaml", folder.Path(), logger), ErrorKind::kNotFound, "own.yaml");
  test::WriteFile(folder.Path() / "analyzer_config.yaml", "retrieve_files: {file_list: [/a]}");
  EXPECT_EQ(Value(ReadAnalyzerConfig("", folder.Path(), logger)).retrieved_paths, std::vector<std::string>{"a"});
  test::WriteFile(folder.Path() / "own.yaml", "secret_search: {match_params: [STOREONMATCH=y]}");
  EXPECT_TRUE(Value(ReadAnalyzerConfig("own.yaml", folder.Path(), logger)).secrets.patterns.empty());
  EXPECT_TRUE(Value(ReadAnalyzerConfig((folder.Path() / "own.yaml").string(), "/", logger)).secrets.patterns.empty());
  EXPECT_NE(logger.text.find("own.yaml: secret_search: STOREONMATCH"), std::string::npos) << logger.text;
  test::WriteFile(folder.Path() / "own.yaml", "secret_search: {regexp_match: ['A=(']}");
  ExpectError(ReadAnalyzerConfig("own.yaml", folder.Path(), logger), ErrorKind::kInvalidInput, "own.yaml");
}

TEST(WorkerProtocol, HelloCarriesTheSearches) {
  Hello hello{.searches = catalog::DefaultSearchConfig()};
  hello.limits.problems_max = 7;
  const std::string bytes = EncodeHello(hello);
  const Hello read = Value(DecodeHello(bytes));
  EXPECT_EQ(read.limits.problems_max, 7U);
  EXPECT_EQ(read.searches, hello.searches);
  EXPECT_FALSE(DecodeHello(bytes.substr(0, bytes.size() - 1)));
  EXPECT_FALSE(DecodeHello(bytes.substr(0, 10)));
  EXPECT_FALSE(DecodeHello(bytes + "x"));
}

TEST(PortWire, RecordKeysRoundTrip) {
  WireWriter writer;
  Sha256Value value;
  value.bytes.fill(3);
  PutRecordKey(writer, {.layer = Digest(value), .search_id = "0a"});
  const std::string bytes = writer.Take();
  WireReader reader(bytes);
  const RecordKey key = GetRecordKey(reader);
  EXPECT_TRUE(reader.Finish("key"));
  EXPECT_EQ(key.layer, Digest(value));
  EXPECT_EQ(key.search_id, "0a");
}

}  // namespace
}  // namespace holdfast::service
