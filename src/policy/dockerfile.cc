#include "policy/dockerfile.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/format.h"
#include "policy/words.h"

namespace holdfast::policy {
namespace {

constexpr std::string_view kBlanks = " \t";

// Physical lines, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> Next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view rest_;
};

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return upper;
}

DockerfileLine SplitLine(std::string_view text) {
  text = Trimmed(text);
  const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
  return {UpperCase(text.substr(0, end)), std::string(Trimmed(text.substr(end)))};
}

// "# escape=`" and "# syntax=…" count only before anything else.
char EscapeOf(std::string_view text) {
  Lines lines(text);
  while (const auto line = lines.Next()) {
    std::string_view directive = Trimmed(*line);
    if (!directive.starts_with('#')) break;
    directive = Trimmed(directive.substr(1));
    const std::size_t equals = directive.find('=');
    if (equals == std::string_view::npos) break;
    if (!SameIgnoringCase(Trimmed(directive.substr(0, equals)), "escape")) continue;
    return Trimmed(directive.substr(equals + 1)) == "`" ? '`' : '\\';
  }
  return '\\';
}

// The end marks of the here-documents that the arguments begin, in order: "<<EOF", "<<-'EOF'". At most 16.
std::vector<std::string_view> HereDocumentMarks(const DockerfileLine& line) {
  std::vector<std::string_view> marks;
  if (line.instruction != "RUN" && line.instruction != "COPY" && line.instruction != "ADD") return marks;
  std::string_view rest = line.arguments;
  for (std::size_t at = rest.find("<<"); at != std::string_view::npos && marks.size() < 16; at = rest.find("<<")) {
    rest.remove_prefix(at + 2);
    if (rest.starts_with('<')) {  // "<<<" is the shell's own
      rest.remove_prefix(std::min(rest.find_first_not_of('<'), rest.size()));
      continue;
    }
    if (rest.starts_with('-')) rest.remove_prefix(1);
    if (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
    const auto is_mark = [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const auto end = std::ranges::find_if_not(rest, is_mark);
    const auto length = static_cast<std::size_t>(end - rest.begin());
    if (length > 0 && (rest[0] < '0' || rest[0] > '9')) marks.push_back(rest.substr(0, length));
  }
  return marks;
}

// Appends the bodies, marks included. A mark that never comes takes all that is left, as for Docker.
void TakeHereDocuments(Lines& lines, DockerfileLine& instruction) {
  std::vector<std::string> marks;
  for (const std::string_view mark : HereDocumentMarks(instruction)) marks.emplace_back(mark);
  for (const std::string& mark : marks) {
    while (const auto line = lines.Next()) {
      instruction.arguments.append("\n").append(*line);
      if (Trimmed(*line) == mark) break;
    }
  }
}

// Appends `line` to the instruction so far; true when the next line belongs to it too.
bool Join(std::string& instruction, std::string_view line, char escape) {
  const bool blank_before = !instruction.empty() && kBlanks.find(instruction.back()) != std::string_view::npos;
  const std::size_t end = line.find_last_not_of(kBlanks);
  const bool goes_on = end != std::string_view::npos && line[end] == escape;
  if (goes_on) line = line.substr(0, end);
  const std::size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
  while (!instruction.empty() && kBlanks.find(instruction.back()) != std::string_view::npos) instruction.pop_back();
  if (!instruction.empty() && (blank_before || begin > 0)) instruction.push_back(' ');
  instruction.append(line.substr(begin));
  return goes_on;
}

bool IsInstruction(std::string_view word) {
  static constexpr std::array<std::string_view, 18> kInstructions = {
      "ADD",   "ARG",        "COPY",    "CMD",  "ENTRYPOINT", "ENV",   "EXPOSE",     "FROM",   "HEALTHCHECK",
      "LABEL", "MAINTAINER", "ONBUILD", "USER", "RUN",        "SHELL", "STOPSIGNAL", "VOLUME", "WORKDIR"};
  return std::ranges::find(kInstructions, word) != kInstructions.end();
}

// BuildKit's history prints a Go map: "map[22/tcp:{} 80/tcp:{}]" for "22/tcp 80/tcp".
std::string ReadPortMap(std::string_view arguments) {
  constexpr std::string_view kBegin = "map[";
  constexpr std::string_view kEmpty = ":{}";
  if (!arguments.starts_with(kBegin) || !arguments.ends_with(']')) return std::string(arguments);
  arguments = arguments.substr(kBegin.size(), arguments.size() - kBegin.size() - 1);
  std::string ports;
  for (std::size_t at = 0; at < arguments.size();) {
    const bool empty = arguments.substr(at).starts_with(kEmpty);
    if (!empty) ports.push_back(arguments[at]);
    at += empty ? kEmpty.size() : 1;
  }
  return ports;
}

DockerfileLine GuessLine(std::string_view created_by) {
  constexpr std::string_view kNoOperation = "#(nop)";
  constexpr std::string_view kBuildKit = "# buildkit";
  constexpr std::string_view kShell = "/bin/sh -c ";
  std::string_view text = Trimmed(created_by);
  if (text.ends_with(kBuildKit)) text = Trimmed(text.substr(0, text.size() - kBuildKit.size()));
  if (const std::size_t at = text.find(kNoOperation); at <= kShell.size()) text = text.substr(at + kNoOperation.size());
  DockerfileLine line = SplitLine(text);
  if (IsInstruction(line.instruction)) {
    if (line.instruction == "RUN" && line.arguments.starts_with(kShell)) line.arguments.erase(0, kShell.size());
    if (line.instruction == "EXPOSE") line.arguments = ReadPortMap(line.arguments);
    return line;
  }
  if (text.starts_with('|')) {  // "|1 NAME=value /bin/sh -c …": a RUN with build arguments
    if (const std::size_t at = text.find(kShell); at != std::string_view::npos) text = text.substr(at);
  }
  if (text.starts_with(kShell)) text.remove_prefix(kShell.size());
  return {"RUN", std::string(Trimmed(text))};
}

Error TooLong(std::string_view what, std::size_t limit) {
  return {ErrorKind::kLimit, Format("a Dockerfile of too many {}, limit {}", what, limit)};
}

}  // namespace

Result<Dockerfile> ParseDockerfile(std::string_view text, const DockerfileLimits& limits) {
  if (text.size() > limits.bytes_max) return std::unexpected(TooLong("bytes", limits.bytes_max));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const char escape = EscapeOf(text);
  Dockerfile dockerfile{.mode = DockerfileMode::kActual, .lines = {}};
  Lines lines(text);
  std::string instruction;
  const auto finish = [&] {
    if (Trimmed(instruction).empty()) return;
    dockerfile.lines.push_back(SplitLine(instruction));
    TakeHereDocuments(lines, dockerfile.lines.back());
    instruction.clear();
  };
  while (const auto line = lines.Next()) {
    const std::string_view content = Trimmed(*line);
    if (content.empty() || content.starts_with('#')) continue;
    if (Join(instruction, *line, escape)) continue;
    finish();
    if (dockerfile.lines.size() > limits.lines_max) return std::unexpected(TooLong("lines", limits.lines_max));
  }
  finish();
  return dockerfile;
}

Result<Dockerfile> GuessDockerfile(const std::vector<std::string>& created_by, const DockerfileLimits& limits) {
  if (created_by.size() > limits.lines_max) return std::unexpected(TooLong("lines", limits.lines_max));
  Dockerfile dockerfile{.mode = DockerfileMode::kGuessed, .lines = {}};
  std::size_t bytes = 0;
  for (const std::string& text : created_by) {
    bytes += text.size();
    if (bytes > limits.bytes_max) return std::unexpected(TooLong("bytes", limits.bytes_max));
    if (!Trimmed(text).empty()) dockerfile.lines.push_back(GuessLine(text));
  }
  return dockerfile;
}

}  // namespace holdfast::policy
