#include "advisory/source_reader.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/test_support.h"
#include "support/zip_builder.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;
using test::WriteFile;

std::vector<std::string> Read(const std::filesystem::path& folder) {
  std::vector<std::string> lines;
  SourceVisitor visitor;
  constexpr std::array kNotations = {"json", "yaml", "xml", "csv", "toml", "html", "text", "sqlite"};
  visitor.document = [&](const SourceDocument& document) {
    lines.push_back(Format("{} [{}] {} {}", document.name, document.source,
                           kNotations.at(static_cast<std::size_t>(document.notation)), document.text));
  };
  visitor.problem = [&](std::string_view name, const Error& error) {
    lines.push_back(Format("{}: {}", name, ErrorKindName(error.Kind())));
  };
  visitor.other = [&](std::string_view name) { lines.push_back(Format("{}: other", name)); };
  Value(ReadSources(folder, visitor));
  return lines;
}

TEST(SourceReader, ReadsFoldersArchivesAndCompressedFiles) {
  const TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  WriteFile(data / "b/x/1.json", "{1}");
  WriteFile(data / "b/2.yml", "y");
  WriteFile(data / "b/README", "r");
  WriteFile(data / "b/logo.png", "");
  WriteFile(data / "h.xml", "<x/>");
  WriteFile(data / "i.csv", "a,b");
  WriteFile(data / "j.toml", "t");
  WriteFile(data / "k.html", "<p>");
  WriteFile(data / "DSA/list", "l");
  WriteFile(folder.Path() / "in/m/3.json", "{3}");
  WriteFile(folder.Path() / "in/m/4.txt", "4");
  for (const std::string_view command :
       {"tar -C in -cf data/a.tar m/3.json m/4.txt", "tar -C in --zstd -cf data/c.tar.zst m/3.json",
        "tar -C in -czf data/d.tgz m/3.json", "gzip -c in/m/3.json > data/e.json.gz"})
    test::RunCommand(Format("cd {} && {}", folder.Path().string(), command));
  WriteFile(data / "f.tar.gz", "not an archive at all");
  const std::string whole = ReadFile(data / "c.tar.zst");
  WriteFile(data / "g.tar.zst", whole.substr(0, whole.size() / 2));
  WriteFile(data / "l.zip", test::ZipBuilder().Add("x/", "").Add("x/5.json", "{5}").Add("y.png", "").Finish());
  WriteFile(data / "m.zip",
            test::ZipBuilder().Add("6.json", "{6}", {.crc_xor = 1}).Add("7.json", "{7}").Lie("8.json").Finish());
  WriteFile(data / "n.zip", test::ZipBuilder().Add("9.json", "{9}").Finish().substr(0, 20));
  EXPECT_EQ(Read(data), (std::vector<std::string>{
                            "DSA/list [DSA] text l",
                            "a.tar:m/3.json [a] json {3}",
                            "a.tar:m/4.txt [a] text 4",
                            "b/2.yml [b] yaml y",
                            "b/README [b] text r",
                            "b/logo.png: other",
                            "b/x/1.json [b] json {1}",
                            "c.tar.zst:m/3.json [c] json {3}",
                            "d.tgz:m/3.json [d] json {3}",
                            "e.json.gz [e] json {3}",
                            "f.tar.gz: corrupt",
                            "g.tar.zst: corrupt",
                            "h.xml [h] xml <x/>",
                            "i.csv [i] csv a,b",
                            "j.toml [j] toml t",
                            "k.html [k] html <p>",
                            "l.zip:x/5.json [l] json {5}",
                            "l.zip:y.png: other",
                            "m.zip:6.json: corrupt",
                            "m.zip:7.json [m] json {7}",
                            "m.zip: corrupt",
                            "m.zip: corrupt",
                            "n.zip: corrupt",
                        }));
}

TEST(SourceReader, ReportsALargeDocumentAndGoesOn) {
  const TemporaryFolder folder;
  const auto data = folder.Path();
  test::RunCommand(Format("head -c {} /dev/zero | gzip > {}", kDocumentBytesMax + 1, (data / "a.json.gz").string()));
  WriteFile(data / "b.json", "{}");
  EXPECT_EQ(Read(data), (std::vector<std::string>{"a.json.gz: limit", "b.json [b] json {}"}));
}

// Unpacked or not, a database is a file; what only has the name of one is something else.
TEST(SourceReader, GivesDatabasesAsFiles) {
  const TemporaryFolder folder;
  const auto data = folder.Path();
  const std::string content = std::string("SQLite format 3\0", 16) + std::string(100'000, 'x');
  WriteFile(data / "a/plain.db", content);
  WriteFile(data / "a/other.db", "Berkeley");
  WriteFile(data / "a/empty.sqlite", "");
  test::RunCommand(
      Format("cd {} && gzip -k plain.db && tar --zstd -cf ../v6.tar.zst plain.db other.db && xz -k other.db",
             (data / "a").string()));
  std::vector<std::string> lines;
  std::vector<std::filesystem::path> paths;
  SourceVisitor visitor;
  visitor.document = [&](const SourceDocument& document) {
    EXPECT_EQ(document.notation, Notation::kSqlite);
    EXPECT_EQ(document.text, "");
    EXPECT_EQ(ReadFile(document.path), content) << document.name;
    lines.push_back(Format("{} [{}]", document.name, document.source));
    paths.push_back(document.path);
  };
  visitor.problem = [&](std::string_view name, const Error& error) {
    lines.push_back(Format("{}: {}", name, error.Message()));
  };
  visitor.other = [&](std::string_view name) { lines.push_back(Format("{}: other", name)); };
  Value(ReadSources(data, visitor));
  EXPECT_EQ(lines, (std::vector<std::string>{"a/empty.sqlite: other", "a/other.db: other", "a/other.db.xz: other",
                                             "a/plain.db [a]", "a/plain.db.gz [a]", "v6.tar.zst:plain.db [v6]",
                                             "v6.tar.zst:other.db: other"}));
  ASSERT_EQ(paths.size(), 3U);
  EXPECT_EQ(paths[0], data / "a/plain.db");
  EXPECT_FALSE(std::filesystem::exists(paths[1]));
  EXPECT_FALSE(std::filesystem::exists(paths[2]));
}

TEST(SourceReader, ADatabaseThatIsCutIsAProblem) {
  const TemporaryFolder folder;
  const auto data = folder.Path();
  WriteFile(folder.Path() / "x.db", std::string("SQLite format 3\0", 16) + std::string(100'000, 'x'));
  test::RunCommand(Format("cd {} && zstd -q --rm x.db && truncate -s -5 x.db.zst", data.string()));
  EXPECT_EQ(Read(data), (std::vector<std::string>{"x.db.zst: corrupt"}));
}

TEST(SourceReader, NeedsAFolder) { ExpectError(ReadSources("/nonexistent/folder", {}), ErrorKind::kNotFound); }

}  // namespace
}  // namespace holdfast::advisory
