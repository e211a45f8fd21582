// Files of keys: small texts that are their owner's alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::crypto::internal {

// The text, which the caller wipes; nothing when there is no file. kDenied unless it is a regular file that belongs to
// this user or to root and that nobody else may read or write; kCorrupt when it is too long for keys.
[[nodiscard]] Result<std::optional<std::string>> ReadPrivateFile(const std::filesystem::path& path);

// Writes `text` under a temporary name, for its owner alone, and gives it its own: replacing what is there, or only
// when nothing is (and then succeeds too when something is).
[[nodiscard]] Result<void> InstallPrivateFile(const std::filesystem::path& path, std::string_view text, bool replace);

}  // namespace holdfast::crypto::internal
