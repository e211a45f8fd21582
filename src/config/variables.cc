#include "config/internal/variables.h"

#include <algorithm>

#include "base/format.h"
#include "io/file.h"

namespace holdfast::config::internal {
namespace {

constexpr std::size_t kVariablesMax = 10'000;
constexpr std::size_t kValueBytesMax = 1024 * 1024;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 200 && !(name[0] >= '0' && name[0] <= '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

std::string_view TrimLineEnd(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::string_view TrimBlanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

Variables::Variables(const Environment& environment, const ReadFile& read_file)
    : environment_(environment), read_file_(read_file) {
  if (const auto files = environment.find("ANCHORE_ENV_FILE"); files != environment.end()) {
    std::string_view rest = files->second;
    while (!rest.empty()) {
      const std::string_view path = TrimBlanks(rest.substr(0, rest.find(',')));
      rest.remove_prefix(
          std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
      if (!path.empty()) ReadEnvironmentFile(std::string(path));
    }
  }
  if (const auto folder = environment.find("HOLDFAST_CREDENTIALS_DIR"); folder != environment.end())
    credentials_dir_ = folder->second;
}

void Variables::ReadEnvironmentFile(const std::string& path) {
  const auto text = read_file_(path);
  if (!text) {
    problems_.push_back(Format("ANCHORE_ENV_FILE: {}", text.error().Message()));
    return;
  }
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    line = TrimBlanks(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("export ")) line = TrimBlanks(line.substr(7));
    const std::size_t equals = line.find('=');
    const std::string_view name = TrimBlanks(line.substr(0, equals));
    if (equals == std::string_view::npos || !IsName(name) || from_files_.size() >= kVariablesMax) {
      problems_.push_back(Format("ANCHORE_ENV_FILE: {}: line {} is not NAME=value", path, number));
      return;
    }
    std::string_view value = TrimBlanks(line.substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    from_files_.insert_or_assign(std::string(name), std::string(value));
  }
}

Result<std::optional<std::string>> Variables::Find(const std::string& name) const {
  if (const auto found = environment_.find(name); found != environment_.end()) return found->second;
  if (const auto file = environment_.find(name + "_FILE"); file != environment_.end()) {
    HF_TRY_IN(name + "_FILE", const std::string text, read_file_(file->second));
    return std::string(TrimLineEnd(text));
  }
  if (const auto found = from_files_.find(name); found != from_files_.end()) return found->second;
  if (credentials_dir_.empty() || !IsName(name)) return std::nullopt;
  const auto text = read_file_(credentials_dir_ + "/" + name);
  if (!text && text.error().Kind() == ErrorKind::kNotFound) return std::nullopt;
  if (!text) return std::unexpected(text.error().In("HOLDFAST_CREDENTIALS_DIR"));
  return std::string(TrimLineEnd(*text));
}

std::string Variables::FindCredentialsFile(std::string_view name) const {
  if (credentials_dir_.empty()) return {};
  std::string path = credentials_dir_ + "/" + std::string(name);
  return read_file_(path) ? path : std::string();
}

Result<std::string> Variables::Expand(std::string_view text) const {
  std::string expanded;
  while (true) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) return expanded += text;
    if (at > 0 && text[at - 1] == '$') {
      expanded += text.substr(0, at - 1);
      expanded += "${";
      text.remove_prefix(at + 2);
      continue;
    }
    expanded += text.substr(0, at);
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return Fail(ErrorKind::kInvalidInput, "a placeholder without its '}'");
    const std::string_view inside = text.substr(at + 2, end - at - 2);
    const std::size_t fallback = inside.find(":-");
    const std::string name(inside.substr(0, fallback));
    if (!IsName(name))
      return Fail(ErrorKind::kInvalidInput,
                  "'${' begins a placeholder, as ${ANCHORE_NAME}; write '$${' for the characters");
    HF_TRY(const auto value, Find(name));
    if (value && (!value->empty() || fallback == std::string_view::npos))
      expanded += *value;
    else if (fallback != std::string_view::npos)
      expanded += inside.substr(fallback + 2);
    else
      return Fail(ErrorKind::kInvalidInput, Format("no value for ${{{}}}: it is not in the environment", name));
    if (expanded.size() > kValueBytesMax)
      return Fail(ErrorKind::kInvalidInput, Format("a value of more than {} bytes", kValueBytesMax));
    text.remove_prefix(end + 1);
  }
}

}  // namespace holdfast::config::internal

namespace holdfast::config {

Result<std::string> ReadSmallFile(const std::string& path) {
  HF_TRY(const auto file, io::OpenFile(path));
  HF_TRY_IN(path, std::string text, file->ReadText(kFileBytesMax));
  return text;
}

}  // namespace holdfast::config
