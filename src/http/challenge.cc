#include "http/challenge.h"

#include <optional>

namespace holdfast::http {
namespace {

constexpr std::size_t kChallengesMax = 16;
constexpr std::size_t kParametersMax = 32;

bool IsTokenChar(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool IsToken68Char(char c) { return IsTokenChar(c) || c == '/' || c == '='; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lower;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::vector<Challenge> Run() {
    std::vector<Challenge> challenges;
    while (challenges.size() < kChallengesMax) {
      SkipCommasAndBlanks();
      const std::string scheme = Lower(Token());
      if (scheme.empty()) break;
      Challenge challenge{.scheme = scheme};
      SkipBlanks();
      if (!ReadParameters(challenge)) challenge.token68 = Token68();
      challenges.push_back(std::move(challenge));
    }
    return challenges;
  }

 private:
  void SkipBlanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  void SkipCommasAndBlanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == ','))
      rest_.remove_prefix(1);
  }
  template <typename Predicate>
  std::string_view Take(Predicate predicate) {
    std::size_t size = 0;
    while (size < rest_.size() && predicate(rest_[size])) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view Token() { return Take(IsTokenChar); }
  std::string Token68() { return std::string(Take(IsToken68Char)); }

  // name BWS "=" BWS (token | quoted-string); nothing, and nothing consumed, when it is not there.
  std::optional<std::pair<std::string, std::string>> Parameter() {
    const std::string_view before = rest_;
    const std::string name = Lower(Token());
    SkipBlanks();
    if (name.empty() || !rest_.starts_with('=')) {
      rest_ = before;
      return std::nullopt;
    }
    rest_.remove_prefix(1);
    SkipBlanks();
    if (rest_.starts_with('"')) return std::pair(name, Quoted());
    const std::string_view value = Take([](char c) { return IsTokenChar(c) || c == '/' || c == ':' || c == '?'; });
    // "=" or a blank end after what looked like a name: the padding of a token68.
    if (value.empty() || rest_.starts_with('=')) {
      rest_ = before;
      return std::nullopt;
    }
    return std::pair(name, std::string(value));
  }

  std::string Quoted() {
    std::string text;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return text;
  }

  bool ReadParameters(Challenge& challenge) {
    while (challenge.parameters.size() < kParametersMax) {
      auto parameter = Parameter();
      if (!parameter) break;
      challenge.parameters.insert(std::move(*parameter));  // a repeated name: the first one holds
      SkipCommasAndBlanks();
    }
    return !challenge.parameters.empty();
  }

  std::string_view rest_;
};

}  // namespace

std::string_view Challenge::Parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view{} : std::string_view(found->second);
}

std::vector<Challenge> ParseChallenges(std::string_view value) { return Parser(value).Run(); }

}  // namespace holdfast::http
