// The instructions an image was built from: its Dockerfile when whoever submitted the image gave it, or what the
// history of the image's configuration suggests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace holdfast::policy {

struct DockerfileLine {
  std::string instruction;  // upper case: "RUN"
  std::string arguments;    // the rest, continuation lines joined, without blanks at the ends

  friend bool operator==(const DockerfileLine&, const DockerfileLine&) = default;
};

enum class DockerfileMode : std::uint8_t { kActual, kGuessed };

struct Dockerfile {
  DockerfileMode mode = DockerfileMode::kGuessed;
  std::vector<DockerfileLine> lines;  // in order

  friend bool operator==(const Dockerfile&, const Dockerfile&) = default;
};

struct DockerfileLimits {
  std::size_t bytes_max = 4 * 1024 * 1024;
  std::size_t lines_max = 100'000;
};

// Dockerfile reference, "Format", "Parser directives", "Here-documents". Comments and blank lines are dropped, also
// between continuation lines; a continuation joins with one blank where there was any. The bodies of here-documents
// of RUN, COPY and ADD belong to their instruction, with their line ends. Words that are no instruction of Docker's
// are kept as they are: whether the image could be built is not the question. kLimit when it is too long.
[[nodiscard]] Result<Dockerfile> ParseDockerfile(std::string_view text, const DockerfileLimits& limits = {});

// From the `created_by` texts of the configuration's history (OCI image specification, "config.md", `history`),
// oldest first: "/bin/sh -c #(nop)  CMD …" and BuildKit's "CMD … # buildkit"; a bare command is a RUN. kLimit.
[[nodiscard]] Result<Dockerfile> GuessDockerfile(const std::vector<std::string>& created_by,
                                                 const DockerfileLimits& limits = {});

}  // namespace holdfast::policy
