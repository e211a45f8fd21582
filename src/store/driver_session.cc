#include "store/driver_session.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "io/json.h"

namespace holdfast::store {
namespace {

constexpr std::size_t kChannelBytesMax = 63;

bool TextFits(std::string_view text) { return text.find('\0') == std::string_view::npos && io::IsUtf8(text); }

bool Fits(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return TextFits(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return std::ranges::all_of(*texts, TextFits);
  return true;
}

}  // namespace

Result<void> CheckTexts(const Statement& statement, const Parameters& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (Fits(parameters[i])) continue;
    return Fail(ErrorKind::kInvalidInput,
                Format("{}: parameter {} is not UTF-8 or has a zero byte", statement.name, i + 1));
  }
  return {};
}

template <typename Call>
auto DriverSession::Guarded(const Statement& statement, Call&& call) -> decltype(call()) {
  if (failure_) return std::unexpected(*failure_);
  auto result = Observe(observer_, statement.name, access_, std::forward<Call>(call));
  if (!result) failure_ = result.error();
  return result;
}

Result<Rows> DriverSession::Run(const Statement& statement, const Parameters& parameters) {
  return Guarded(statement, [&]() -> Result<Rows> {
    HF_CHECK_OK(CheckTexts(statement, parameters));
    return RunOne(statement, parameters);
  });
}

Result<Rows> DriverSession::RunSet(const SetStatement& statement, std::span<const Parameters> rows) {
  if (rows.empty() && !failure_) return Rows();
  const Statement each{statement.name, statement.each};
  return Guarded(each, [&]() -> Result<Rows> {
    for (const Parameters& parameters : rows) HF_CHECK_OK(CheckTexts(each, parameters));
    return RunAll(statement, rows);
  });
}

Result<void> DriverSession::RunScript(const Statement& script) {
  return Guarded(script, [&] { return RunText(script); });
}

Result<void> DriverSession::Notify(std::string_view channel) {
  if (failure_) return std::unexpected(*failure_);
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (channel.empty() || channel.size() > kChannelBytesMax || !std::ranges::all_of(channel, allowed)) {
    failure_ = Error(ErrorKind::kInternal, Format("'{}' is no name of a channel", channel));
    return std::unexpected(*failure_);
  }
  channels_.emplace(channel);
  return {};
}

}  // namespace holdfast::store
