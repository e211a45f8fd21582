#include "io/line_logger.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/request_scope.h"
#include "io/json.h"
#include "io/safe_text.h"

namespace holdfast::io {
namespace {

constexpr std::string_view kRequestId = "request_id";

class LineLogger final : public Logger {
 public:
  LineLogger(const LineLoggerOptions& options, const Clock& clock, const Redaction& redaction)
      : options_(options),
        json_(options.form == LogForm::kJson || (options.form == LogForm::kAuto && isatty(options.descriptor) == 0)),
        clock_(clock),
        redaction_(redaction) {}

  void Log(LogLevel level, std::string_view message) override { WriteWith(level, message, {}); }
  void WriteWith(LogLevel level, std::string_view message, LogFields fields) override {
    if (level < options_.least) return;
    std::vector<LogField> all(fields.begin(), fields.end());
    const bool named = std::ranges::find(fields, kRequestId, &LogField::key) != fields.end();
    if (!named && !RequestScope::Current().empty()) all.emplace_back(kRequestId, RequestScope::Current());
    const std::string line = json_ ? JsonLine(level, message, all) : TextLine(level, message, all);
    const std::lock_guard lock(mutex_);
    for (std::string_view rest = line; !rest.empty();) {
      const ssize_t size = write(options_.descriptor, rest.data(), rest.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(size));
    }
  }

 private:
  // Secrets are looked for before anything is cut. Of a text so long that it is cut before that, less is kept than was
  // looked at, for a secret may have been cut in two at its end.
  [[nodiscard]] std::string Clean(std::string_view text) const {
    std::string clean = redaction_.Apply(text.substr(0, 2 * kLogTextBytesMax));
    const bool whole = text.size() <= 2 * kLogTextBytesMax;
    const std::size_t keep = std::min(whole ? clean.size() : clean.size() / 2, kLogTextBytesMax);
    if (whole && keep == clean.size()) return clean;
    clean.resize(keep);
    return clean.append("...");
  }
  // "2026-11-25T02:15:14.123Z"
  [[nodiscard]] std::string Time() const {
    const std::int64_t now = clock_.NowMs();
    std::string time = FormatTime(now);
    time.pop_back();
    return time.append(Format(".{:03}Z", now % 1000));
  }

  [[nodiscard]] std::string JsonLine(LogLevel level, std::string_view message, LogFields fields) const {
    JsonWriter json;
    json.BeginObject().Field("time", Time()).Field("level", LogLevelName(level));
    for (const auto& [key, value] : options_.constants) json.Field(key, value);
    json.Field("message", Clean(message));
    for (const LogField& field : fields) {
      json.Key(field.key);
      if (const auto* number = std::get_if<std::int64_t>(&field.value))
        json.Integer(*number);
      else if (const auto* truth = std::get_if<bool>(&field.value))
        json.Bool(*truth);
      else
        json.String(Clean(std::get<std::string_view>(field.value)));
    }
    json.EndObject();
    return json.Take() + "\n";
  }
  [[nodiscard]] std::string TextLine(LogLevel level, std::string_view message, LogFields fields) const {
    std::string line = Format("{} {:<5} ", Time().substr(11, 12), LogLevelName(level));
    for (const auto& [key, value] : options_.constants) line.append(value).append(": ");
    line.append(Clean(message));
    for (const LogField& field : fields) line.append(" ").append(field.key).append("=").append(Clean(field.Text()));
    return SafeText(line) + "\n";
  }

  const LineLoggerOptions options_;
  const bool json_;
  const Clock& clock_;
  const Redaction& redaction_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Logger> MakeLineLogger(const LineLoggerOptions& options, const Clock& clock,
                                       const Redaction& redaction) {
  return std::make_unique<LineLogger>(options, clock, redaction);
}

}  // namespace holdfast::io
