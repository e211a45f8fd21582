// How an image came to be: the "history" of its configuration (OCI image-spec, config.md), which builders fill with the
// instruction behind each step.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/image_analysis.h"

namespace holdfast::image {

struct HistoryStep {
  std::string created;     // RFC 3339; empty: not stated
  std::string created_by;  // the instruction in the builder's words
  std::string comment;
  std::string author;
  bool empty_layer = false;  // it changed the configuration only

  friend bool operator==(const HistoryStep&, const HistoryStep&) = default;
};

// Base first; nothing when the configuration has none, as builders may leave it out. kCorrupt when it is no JSON or
// no list of steps, kLimit for more than twice Limits::layers_max steps.
[[nodiscard]] Result<std::vector<HistoryStep>> ParseHistory(std::string_view config_json, const Limits& limits);

// The list that Anchore calls docker_history: [{"Created", "CreatedBy", "Comment", "Id", "Size", "Tags"}], base first.
// Id and Size are digest and compressed size of the step's layer, "<missing>" and 0 for a step without one, and for
// those that are left over when the history does not fit the layers.
[[nodiscard]] std::string DockerHistoryJson(std::span<const HistoryStep> history,
                                            std::span<const model::LayerSummary> layers);

// A Dockerfile that would have given this history, as far as it tells: "FROM scratch", then one line a step. What the
// base image was, and the names of copied files, are not known. One step never becomes two lines.
[[nodiscard]] std::string GuessDockerfile(std::span<const HistoryStep> history);

}  // namespace holdfast::image
