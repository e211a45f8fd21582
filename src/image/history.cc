// Builders write steps in three ways:
//
//   /bin/sh -c #(nop)  CMD ["/bin/sh"]          Docker's builder until 2023; "#(nop)" marks what runs nothing
//   |1 VERSION=1 /bin/sh -c apk add x           the same, with build arguments in front
//   RUN /bin/sh -c apk add x # buildkit         BuildKit: the instruction itself
#include "image/history.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "io/json.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kTextBytesMax = 64 * kKiB;  // of one field

// Dockerfile reference, "Overview"; FROM stands in no history.
constexpr std::array<std::string_view, 17> kInstructions = {
    "ADD",        "ARG",     "CMD", "COPY",  "ENTRYPOINT", "ENV",  "EXPOSE", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};

std::string Text(io::JsonView value) { return CleanText(value.StringOr(""), kTextBytesMax); }

bool IsInstruction(std::string_view step) {
  const std::string_view word = step.substr(0, step.find(' '));
  return word.size() < step.size() && std::ranges::find(kInstructions, word) != kInstructions.end();
}

// What follows "#(nop)" in "/bin/sh -c #(nop) CMD …", whatever the shell.
std::optional<std::string_view> WithoutNop(std::string_view step) {
  constexpr std::string_view kNop = " #(nop) ";
  const std::size_t at = step.find(kNop);
  if (at == std::string_view::npos) return std::nullopt;
  return Trim(step.substr(at + kNop.size()));
}

// "|2 A=1 B=2 /bin/sh -c make": the shell is where an absolute path begins a word.
std::string_view WithoutArguments(std::string_view step) {
  if (!step.starts_with('|')) return step;
  const std::size_t shell = step.find(" /");
  return shell == std::string_view::npos ? step : step.substr(shell + 1);
}

std::string LineOf(std::string_view step) {
  constexpr std::string_view kBuildkit = " # buildkit";
  if (const auto instruction = WithoutNop(step)) return std::string(*instruction);
  if (step.ends_with(kBuildkit)) step.remove_suffix(kBuildkit.size());
  if (IsInstruction(step)) return std::string(step);
  return "RUN " + std::string(WithoutArguments(step));
}

}  // namespace

Result<std::vector<HistoryStep>> ParseHistory(std::string_view config_json, const Limits& limits) {
  HF_TRY_IN("image configuration", const auto document,
            io::JsonDocument::Parse(config_json,
                                    {.bytes_max = limits.document_bytes_max, .depth_max = limits.document_depth_max}));
  const io::JsonView list = document.Root()["history"];
  std::vector<HistoryStep> history;
  if (list.IsNull()) return history;
  if (!list.IsArray()) return Fail(ErrorKind::kCorrupt, "the history of an image configuration is no list");
  if (list.Size() > 2 * limits.layers_max)
    return Fail(ErrorKind::kLimit, Format("more than {} steps in the history of an image", 2 * limits.layers_max));
  history.reserve(list.Size());
  for (const io::JsonView step : list) {
    if (!step.IsObject()) return Fail(ErrorKind::kCorrupt, "a step in the history of an image is no object");
    history.push_back({.created = Text(step["created"]),
                       .created_by = Text(step["created_by"]),
                       .comment = Text(step["comment"]),
                       .author = Text(step["author"]),
                       .empty_layer = step["empty_layer"].Bool().value_or(false)});
  }
  return history;
}

std::string DockerHistoryJson(std::span<const HistoryStep> history, std::span<const model::LayerSummary> layers) {
  io::JsonWriter writer;
  writer.BeginArray();
  std::size_t next = 0;
  for (const HistoryStep& step : history) {
    const model::LayerSummary* layer = !step.empty_layer && next < layers.size() ? &layers[next++] : nullptr;
    std::string_view id = "<missing>";
    if (layer != nullptr) id = layer->digest.empty() ? layer->diff_id : layer->digest;
    writer.BeginObject();
    writer.Field("Created", step.created).Field("CreatedBy", step.created_by).Field("Comment", step.comment);
    writer.Field("Id", id).Key("Size").Unsigned(layer == nullptr ? 0 : layer->compressed_bytes);
    writer.Key("Tags").BeginArray().EndArray().EndObject();
  }
  writer.EndArray();
  return writer.Take();
}

std::string GuessDockerfile(std::span<const HistoryStep> history) {
  std::string dockerfile = "FROM scratch\n";
  for (const HistoryStep& step : history)
    if (!step.created_by.empty()) dockerfile.append(LineOf(step.created_by)).append("\n");
  return dockerfile;
}

}  // namespace holdfast::image
