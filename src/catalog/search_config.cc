#include "catalog/search_config.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "base/wire.h"
#include "io/json.h"
#include "io/sha256.h"
#include "regex/pattern_set.h"

namespace holdfast::catalog {
namespace {

void PutSearch(WireWriter& writer, const Search& search) {
  writer.Unsigned(search.file_bytes_max).Unsigned(search.patterns.size());
  for (const NamedRegex& pattern : search.patterns) writer.Text(pattern.name).Text(pattern.regex);
}

Search GetSearch(WireReader& reader) {
  Search search{.file_bytes_max = reader.Unsigned()};
  for (std::uint64_t left = reader.Count(2); left > 0 && reader.Ok(); --left) {
    NamedRegex pattern{.name = std::string(reader.Text())};
    pattern.regex = reader.Text();
    search.patterns.push_back(std::move(pattern));
  }
  return search;
}

// "NAME=value"; nothing when there is no '=' or no name.
std::optional<std::pair<std::string_view, std::string_view>> SplitPair(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return std::pair(Trim(text.substr(0, equals)), text.substr(equals + 1));
}

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::stoull(std::string(text));
}

// All expressions compile, and there are not too many.
Result<void> CheckPatterns(const Search& search) {
  if (search.patterns.size() > SearchConfig::kPatternsMax)
    return Fail(ErrorKind::kLimit, Format("{} patterns, limit {}", search.patterns.size(), SearchConfig::kPatternsMax));
  std::vector<std::string> regexes;
  for (const NamedRegex& pattern : search.patterns) {
    if (pattern.name.size() > SearchConfig::kNameBytesMax)
      return Fail(ErrorKind::kLimit,
                  Format("a name of {} bytes, limit {}", pattern.name.size(), SearchConfig::kNameBytesMax));
    regexes.push_back(pattern.regex);
  }
  HF_CHECK_OK(regex::PatternSet::Make(regexes));
  return {};
}

class ConfigReader {
 public:
  Result<ParsedSearchConfig> Read(const io::JsonView& root) {
    parsed_.config = DefaultSearchConfig();
    if (!root.IsNull() && !root.IsObject()) return Fail(ErrorKind::kInvalidInput, "not a mapping of sections");
    for (const std::string_view name : {"retrieve_files", "file_contents"})
      HF_CHECK_OK(In(name, ReadRetrieval(root[name])));
    HF_CHECK_OK(In("secret_search", ReadSearch(root["secret_search"], "secret_search", parsed_.config.secrets)));
    HF_CHECK_OK(In("content_search", ReadSearch(root["content_search"], "content_search", parsed_.config.contents)));
    NoteOthers(root);
    const std::size_t count = parsed_.config.secrets.patterns.size() + parsed_.config.contents.patterns.size();
    if (count > SearchConfig::kPatternsMax)
      return Fail(ErrorKind::kLimit, Format("{} patterns, limit {}", count, SearchConfig::kPatternsMax));
    if (parsed_.config.Encode().size() > SearchConfig::kEncodedBytesMax)
      return Fail(ErrorKind::kLimit,
                  Format("more than {} bytes of patterns and paths", SearchConfig::kEncodedBytesMax));
    return std::move(parsed_);
  }

 private:
  // What is asked for and not done is not passed over in silence.
  void NoteOthers(const io::JsonView& root) {
    constexpr std::array<std::string_view, 5> kKnown = {"retrieve_files", "file_contents", "secret_search",
                                                        "content_search", "malware"};
    if (root["malware"]["clamav"]["enabled"].Bool().value_or(false))
      parsed_.notes.emplace_back("malware: clamav: has no effect: images are not searched for malware");
    for (std::size_t i = 0; i < root.Size(); ++i)
      if (std::ranges::find(kKnown, root.KeyAt(i)) == kKnown.end())
        parsed_.notes.push_back(Format("nothing is known of section {}", CleanText(root.KeyAt(i), 100)));
  }

  static Result<void> In(std::string_view section, Result<void> read) {
    if (read) return read;
    return std::unexpected(std::move(read).error().In(std::string(section)));
  }

  static Result<bool> IsOff(const io::JsonView& section) {
    if (!section.IsObject()) return Fail(ErrorKind::kInvalidInput, "not a mapping");
    const io::JsonView enabled = section["enabled"];
    if (enabled.IsNull()) return false;
    if (!enabled.Bool()) return Fail(ErrorKind::kInvalidInput, "'enabled' is neither true nor false");
    return !*enabled.Bool();
  }

  Result<void> ReadRetrieval(const io::JsonView& section) {
    if (section.IsNull()) return {};
    parsed_.config.retrieved_paths.clear();
    HF_TRY(const bool off, IsOff(section));
    if (off) return {};
    const io::JsonView size = section["max_file_size_kb"];
    const std::int64_t kilobytes = size.Integer().value_or(-1);
    if (!size.IsNull() &&
        (kilobytes < 0 || static_cast<std::uint64_t>(kilobytes) > SearchConfig::kRetrievedFileBytesMax / kKiB))
      return Fail(ErrorKind::kInvalidInput,
                  Format("'max_file_size_kb' is no number from 0 to {}", SearchConfig::kRetrievedFileBytesMax / kKiB));
    if (!size.IsNull()) parsed_.config.retrieved_file_bytes_max = static_cast<std::uint64_t>(kilobytes) * kKiB;
    const io::JsonView list = section["file_list"];
    if (!list.IsNull() && !list.IsArray()) return Fail(ErrorKind::kInvalidInput, "'file_list' is no list");
    if (list.Size() > SearchConfig::kPathsMax)
      return Fail(ErrorKind::kLimit, Format("{} paths, limit {}", list.Size(), SearchConfig::kPathsMax));
    for (const io::JsonView item : list) {
      const std::string path = ResolvePath("", item.StringOr(""));
      if (path.empty() || path.size() > Limits{}.path_bytes_max)
        return Fail(ErrorKind::kInvalidInput, "an item of 'file_list' is no path of a file");
      parsed_.config.retrieved_paths.push_back(path);
    }
    return {};
  }

  Result<void> ReadSearch(const io::JsonView& section, std::string_view name, Search& search) {
    if (section.IsNull()) return {};
    search.patterns.clear();
    HF_TRY(const bool off, IsOff(section));
    if (off) return {};
    for (const std::string_view key : {"match_params", "regexp_match"})
      if (!section[key].IsNull() && !section[key].IsArray())
        return Fail(ErrorKind::kInvalidInput, Format("'{}' is no list", key));
    for (const io::JsonView item : section["match_params"]) HF_CHECK_OK(ReadParameter(item, name, search));
    const io::JsonView patterns = section["regexp_match"];
    if (patterns.Size() > SearchConfig::kPatternsMax)
      return Fail(ErrorKind::kLimit, Format("{} patterns, limit {}", patterns.Size(), SearchConfig::kPatternsMax));
    for (const io::JsonView item : patterns) {
      const auto pair = SplitPair(item.StringOr(""));
      if (!pair || pair->second.empty())
        return Fail(ErrorKind::kInvalidInput, "an item of 'regexp_match' is not NAME=regex");
      search.patterns.push_back({std::string(pair->first), std::string(pair->second)});
    }
    HF_CHECK_OK(CheckPatterns(search));
    return {};
  }

  Result<void> ReadParameter(const io::JsonView& item, std::string_view name, Search& search) {
    const auto pair = SplitPair(item.StringOr(""));
    if (!pair) return Fail(ErrorKind::kInvalidInput, "an item of 'match_params' is not KEY=value");
    if (pair->first == "MAXFILESIZE") {
      const auto size = ParseSize(Trim(pair->second));
      if (!size || *size > SearchConfig::kFileBytesMax)
        return Fail(ErrorKind::kInvalidInput, "MAXFILESIZE is no usable number of bytes");
      search.file_bytes_max = *size;
    } else if (pair->first == "STOREONMATCH") {
      if (LowerCase(Trim(pair->second)) == "y")
        parsed_.notes.push_back(Format("{}: STOREONMATCH has no effect: what matched is never stored", name));
    } else {
      parsed_.notes.push_back(Format("{}: nothing is known of parameter {}", name, CleanText(pair->first, 100)));
    }
    return {};
  }

  ParsedSearchConfig parsed_;
};

}  // namespace

std::string SearchConfig::Id() const {
  if (IsEmpty()) return {};
  return io::Sha256Of(Encode()).Hex().substr(0, 32);
}

std::vector<model::SearchPattern> SearchConfig::Patterns() const {
  std::vector<model::SearchPattern> patterns;
  patterns.reserve(secrets.patterns.size() + contents.patterns.size());
  for (const NamedRegex& pattern : secrets.patterns)
    patterns.push_back({model::SearchKind::kSecret, pattern.name, pattern.regex});
  for (const NamedRegex& pattern : contents.patterns)
    patterns.push_back({model::SearchKind::kContent, pattern.name, pattern.regex});
  return patterns;
}

std::string SearchConfig::Encode() const {
  WireWriter writer;
  writer.Unsigned(retrieved_file_bytes_max).Unsigned(retrieved_paths.size());
  for (const std::string& path : retrieved_paths) writer.Text(path);
  PutSearch(writer, secrets);
  PutSearch(writer, contents);
  return writer.Take();
}

Result<SearchConfig> SearchConfig::Decode(std::string_view bytes) {
  WireReader reader(bytes);
  SearchConfig config;
  config.retrieved_file_bytes_max = reader.Unsigned();
  for (std::uint64_t left = reader.Count(1); left > 0 && reader.Ok(); --left)
    config.retrieved_paths.emplace_back(reader.Text());
  config.secrets = GetSearch(reader);
  config.contents = GetSearch(reader);
  HF_CHECK_OK(reader.Finish("search configuration"));
  return config;
}

SearchConfig DefaultSearchConfig() {
  SearchConfig config;
  config.retrieved_paths = {"etc/passwd"};
  config.secrets.patterns = {
      // Key ids as AWS makes them, wherever they stand.
      {"AWS_ACCESS_KEY", R"((?:.*[^A-Za-z0-9])?(?:AKIA|ASIA)[A-Z2-7]{16}(?:[^A-Za-z0-9]|$))"},
      // Forty characters behind a name that says what they are.
      {"AWS_SECRET_KEY",
       R"((?i).*aws.?secret.?(?:access.?)?key["']?\s*(?:=>|[:=])?[\s"']*[a-z0-9/+]{40}(?:[^a-z0-9/+=]|$))"},
      {"PRIV_KEY", R"(.*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)"},
      {"DOCKER_AUTH", R"re(.*"(?:auth|identitytoken)"\s*:\s*"[A-Za-z0-9+/=._-]{8,})re"},
      {"API_KEY", R"((?i).*api[-_]?key["']?\s*(?:=>|[:=])[\s"']*[a-z0-9_-]{20,60}(?:[^a-z0-9_-]|$))"},
  };
  return config;
}

Result<ParsedSearchConfig> ParseSearchConfig(std::string_view yaml) {
  HF_TRY(const auto document, io::JsonDocument::ParseYaml(yaml, {.bytes_max = 1 * kMiB, .nodes_max = 100'000}));
  return ConfigReader().Read(document.Root());
}

}  // namespace holdfast::catalog
