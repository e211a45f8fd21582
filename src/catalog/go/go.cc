// The module info that Go's linker leaves in an executable:
//
//   path   example.com/cmd/tool                       the main package
//   mod    example.com/cmd  v1.2.3  h1:…              its module; "(devel)" or empty when built from a checkout
//   dep    golang.org/x/text  v0.3.0  h1:…
//   =>     golang.org/x/text  v0.3.8  h1:…            what was linked instead of the line before; a folder has no
//   version build  -ldflags="-s -w -X main.version=1.2.3"     since Go 1.18; key or value are quoted when they need it
#include "catalog/go/go.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/format.h"
#include "catalog/control_text.h"
#include "catalog/executable.h"

namespace holdfast::catalog {
namespace {

constexpr std::array kClaims = {Claim{"", EvidenceForm::kExecutable, 0}};
constexpr CatalogerInfo kInfo{.name = "go-binary", .version = 1, .claims = kClaims};

// The largest programs link some 2000 modules.
constexpr std::size_t kLinesMax = 100'000;
constexpr std::string_view kDevel = "(devel)";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Go string literal, as strconv.Quote and Go's back quotes write it; other text as it is.
std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back() || (text.front() != '"' && text.front() != '`'))
    return std::string(text);
  const bool raw = text.front() == '`';
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (raw || text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    switch (const char escaped = text[++i]) {
      case 'n': plain += '\n'; break;
      case 't': plain += '\t'; break;
      case 'r': plain += '\r'; break;
      case '\\':
      case '"':
      case '\'': plain += escaped; break;
      default: plain.append({'\\', escaped});
    }
  }
  return plain;
}

// The end of a quoted key or value at the start of `text`; npos when it is not quoted, or never closed.
std::size_t QuotedEnd(std::string_view text) {
  if (text.empty() || (text[0] != '"' && text[0] != '`')) return std::string_view::npos;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[0] == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == text[0])
      return i + 1;
  }
  return std::string_view::npos;
}

Result<std::pair<std::string, std::string>> ParseSetting(std::string_view text) {
  const std::size_t quoted = QuotedEnd(text);
  const std::size_t equals = text.find('=', quoted == std::string_view::npos ? 0 : quoted);
  if (equals == std::string_view::npos || equals == 0) return Fail(ErrorKind::kCorrupt, "a build line without key");
  return std::pair(Unquote(text.substr(0, equals)), Unquote(text.substr(equals + 1)));
}

// PATH \t VERSION [\t SUM]
Result<GoModule> ParseModule(std::string_view text) {
  GoModule module;
  module.path = TakeUntil(text, '\t');
  module.version = TakeUntil(text, '\t');
  module.sum = TakeUntil(text, '\t');
  if (module.path.empty() || !text.empty()) return Fail(ErrorKind::kCorrupt, "a module line of the wrong form");
  return module;
}

Result<void> Replace(GoModule& module, std::string_view text) {
  HF_TRY(GoModule by, ParseModule(text));
  if (by.path.starts_with('.') || by.path.starts_with('/') || by.path.find('\\') != std::string::npos ||
      by.version.empty()) {
    module.replaced_by_folder = std::move(by.path);
    return {};
  }
  by.replaced_path = std::move(module.path);
  by.replaced_version = std::move(module.version);
  module = std::move(by);
  return {};
}

Result<void> ParseLine(std::string_view line, GoBuildInfo& info, bool& replaceable) {
  const std::string_view kind = TakeUntil(line, '\t');
  const bool may_replace = std::exchange(replaceable, false);
  if (kind == "path") {
    info.path = line;
  } else if (kind == "mod" || kind == "dep") {
    HF_TRY(GoModule module, ParseModule(line));
    const bool main = kind == "mod" && !info.has_main;
    info.modules.insert(main ? info.modules.begin() : info.modules.end(), std::move(module));
    info.has_main = info.has_main || main;
    replaceable = true;
  } else if (kind == "=>") {
    if (!may_replace) return Fail(ErrorKind::kCorrupt, "a replacement of nothing");
    HF_CHECK_OK(Replace(info.modules.back(), line));
  } else if (kind == "build") {
    HF_TRY(auto setting, ParseSetting(line));
    info.settings.push_back(std::move(setting));
  }
  // Other kinds are of a later Go: they were added before without harm.
  return {};
}

// "v1.2.3", "1.2.3-rc1": three numbers. The 'v' that Go wants is added.
std::string ReleaseVersion(std::string_view value) {
  if (value.starts_with('v')) value.remove_prefix(1);
  std::string_view rest = value;
  for (int number = 0; number < 3; ++number) {
    const std::size_t digits =
        static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), IsDigit) - rest.begin());
    if (digits == 0) return {};
    rest.remove_prefix(digits);
    if (number < 2 && !rest.starts_with('.')) return {};
    if (number < 2) rest.remove_prefix(1);
  }
  const bool clean = value.find_first_of(" \t\n'\"") == std::string_view::npos;
  return clean && (rest.empty() || rest[0] == '-' || rest[0] == '+') ? "v" + std::string(value) : "";
}

// Words of a command line: blanks separate, single and double quotes keep together.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? '\0' : c;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool NamesVersion(std::string_view variable) {
  std::string lower(variable);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  constexpr std::array<std::string_view, 8> kNames = {"version",    "ver", "gitversion", "buildversion",
                                                      "appversion", "tag", "gittag",     "gitver"};
  return std::find(kNames.begin(), kNames.end(), lower) != kNames.end();
}

// From -X PACKAGE.VARIABLE=VALUE. A variable of the main module is preferred to one of a module it uses.
std::string LinkerVersion(std::string_view flags, std::string_view main_module) {
  const std::vector<std::string> words = Words(flags);
  std::string other;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word.starts_with("--")) word.remove_prefix(1);
    if (word == "-X" && i + 1 < words.size())
      word = words[++i];
    else if (word.starts_with("-X="))
      word.remove_prefix(3);
    else
      continue;
    const std::string_view name = TakeUntil(word, '=');
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !NamesVersion(name.substr(dot + 1))) continue;
    std::string version = ReleaseVersion(word);
    if (version.empty()) continue;
    const std::string_view package = name.substr(0, dot);
    const bool own = package == "main" || package == main_module ||
                     (package.starts_with(main_module) && package.substr(main_module.size()).starts_with('/'));
    if (own) return version;
    if (other.empty()) other = std::move(version);
  }
  return other;
}

// "2024-01-02T03:04:05Z" and a revision of at least 12 hex digits (Go modules reference, "Pseudo-versions").
std::string PseudoVersion(std::string_view time, std::string_view revision) {
  std::string digits;
  for (const char c : time)
    if (IsDigit(c)) digits += c;
  const bool utc = time.size() == 20 && time.ends_with('Z') && digits.size() == 14;
  const bool hex = revision.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!utc || !hex || revision.size() < 12) return {};
  return Format("v0.0.0-{}-{}", digits, revision.substr(0, 12));
}

model::Package MakePackage(const EvidenceFile& file, std::string_view path, std::string_view version) {
  model::Package package;
  package.name = path;
  package.version = version;
  package.type = "go-module";
  package.language = "go";
  package.version_scheme = "go";
  package.ecosystem = "Go";
  const std::size_t slash = path.rfind('/');
  model::Purl purl{.type = "golang", .version = std::string(version)};
  if (slash != std::string_view::npos) purl.name_space = path.substr(0, slash);
  purl.name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  package.purl = model::Purl::Make(std::move(purl)).value_or(model::Purl());
  package.locations.push_back(file.Here());
  return package;
}

void Annotate(model::Package& package, std::string_view key, std::string_view value) {
  if (!value.empty()) package.attributes.emplace_back(key, value);
}

model::Package ModulePackage(const EvidenceFile& file, const GoModule& module) {
  model::Package package =
      MakePackage(file, module.path, module.version == kDevel ? std::string_view() : module.version);
  Annotate(package, "go:h1", module.sum);
  Annotate(package, "go:replaced-by", module.replaced_by_folder);
  if (!module.replaced_path.empty())
    Annotate(package, "go:replaces",
             module.replaced_path + (module.replaced_version.empty() ? "" : "@" + module.replaced_version));
  return package;
}

model::Package MainPackage(const EvidenceFile& file, const GoBuildInfo& info) {
  GoModule module = info.modules.front();
  const std::string stated = std::exchange(module.version, GoMainVersion(info));
  model::Package package = ModulePackage(file, module);
  if (stated != module.version) Annotate(package, "go:stated-version", stated);
  Annotate(package, "go:main-package", info.path);
  for (const auto& [key, value] : info.settings) Annotate(package, "go:build:" + key, value);
  for (std::size_t i = 1; i < info.modules.size(); ++i) package.depends.push_back(info.modules[i].path);
  package.depends.emplace_back("stdlib");
  return package;
}

Result<void> AddBuild(const EvidenceFile& file, std::string_view text, PackageSink& sink,
                      std::set<std::pair<std::string, std::string>>& seen) {
  std::vector<Error> problems;
  HF_TRY(const GoBuildInfo info, ParseGoBuildInfo(text, problems));
  for (const Error& problem : problems) sink.Problem(file.path, problem);
  const auto add = [&](model::Package package) {
    if (!seen.emplace(package.name, package.version).second) return;
    std::sort(package.attributes.begin(), package.attributes.end());
    sink.Add(std::move(package));
  };
  for (std::size_t i = 0; i < info.modules.size(); ++i)
    add(i == 0 && info.has_main ? MainPackage(file, info) : ModulePackage(file, info.modules[i]));
  model::Package library = MakePackage(file, "stdlib", GoReleaseOf(info.go_version));
  Annotate(library, "go:version", info.go_version);
  add(std::move(library));
  return {};
}

Result<void> Parse(const EvidenceFile& file, const Parts& parts, PackageSink& sink) {
  std::set<std::pair<std::string, std::string>> seen;  // a universal binary has the same modules in each slice
  for (const Part& part : parts) {
    if (part.name == "go.problem") sink.Problem(file.path, ErrorOfPart(part.bytes));
    if (part.name == "go.buildinfo") HF_CHECK_OK(AddBuild(file, part.bytes, sink, seen));
  }
  return {};
}

}  // namespace

std::string_view GoBuildInfo::Setting(std::string_view key) const {
  for (const auto& [name, value] : settings)
    if (name == key) return value;
  return {};
}

Result<GoBuildInfo> ParseGoBuildInfo(std::string_view text, std::vector<Error>& problems) {
  GoBuildInfo info;
  info.go_version = TakeUntil(text, '\n');
  bool replaceable = false;
  for (std::size_t count = 1; !text.empty(); ++count) {
    if (count > kLinesMax) return Fail(ErrorKind::kLimit, Format("more than {} lines of Go modules", kLinesMax));
    const std::string_view line = TakeUntil(text, '\n');
    if (line.empty()) continue;
    if (const auto parsed = ParseLine(line, info, replaceable); !parsed)
      problems.push_back(parsed.error().In(Format("Go build information, line {}", count)));
  }
  return info;
}

std::string GoReleaseOf(std::string_view go_version) {
  std::string_view rest = go_version;
  while (!rest.empty()) {
    const std::string_view word = TakeUntil(rest, ' ');
    if (word.size() > 2 && word.starts_with("go") && IsDigit(word[2])) return std::string(word.substr(2));
  }
  return std::string(go_version);
}

std::string GoMainVersion(const GoBuildInfo& info) {
  if (!info.has_main) return {};
  const GoModule& main = info.modules.front();
  if (!main.version.empty() && main.version != kDevel) return main.version;
  std::string version = LinkerVersion(info.Setting("-ldflags"), main.path);
  if (version.empty()) version = PseudoVersion(info.Setting("vcs.time"), info.Setting("vcs.revision"));
  return version;
}

std::unique_ptr<Cataloger> MakeGoBinaryCataloger() { return FromPartsParser(kInfo, Parse); }

}  // namespace holdfast::catalog
